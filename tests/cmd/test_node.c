/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-node as a user would run it, on an emulated platform: collect, doctor and ready, well and badly; and each fault of the
 * drivers, with the finding and the status that the gallery names. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cmd/row.h"
#include "sim/attempt.h"

#define N     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SIM   "$A sim run --no-fuse --no-tdx "
#define PPCIE SIM "--profile ppcie -- "
#define ONE_  SIM "-- "
#define TD    "$A sim run --no-fuse "

static const struct row collects[] = {
	{ "help", "$A collect --help", 0, NULL, "assay collect [OPTION]...", 0 },
	{ "in assay's own", "$A --help", 0, NULL, "  collect    Ask the devices for evidence.",
		0 },
	{ "the program by itself", "$(dirname $A)/assay-node collect --help", 0, NULL,
		"--nonce HEX", 0 },
	{ "no command", "$(dirname $A)/assay-node", 2, "which command?", NULL, 0 },
	{ "a command of assay's", "$(dirname $A)/assay-node inspect", 2,
		"no command \"inspect\"", NULL, 0 },
	{ "a name that is none", "$A colect collect", 2, "no command \"colect\"", NULL, 0 },
	{ "an argument", "$A collect x", 2, "takes no argument", NULL, 0 },
	{ "no device", "$A collect --device ''", 2, "\"\" is no kind of device", NULL, 0 },
	{ "half a device", "$A collect --device gpu,", 2, "\"\" is no kind", NULL, 0 },
	{ "another device", "$A collect --device gpu,fpga", 2, "\"fpga\" is no kind", NULL, 0 },
	{ "a short nonce", "$A collect --nonce 0011", 2, "64 hexadecimal", NULL, 0 },
	{ "two nonces", "$A collect -n " N " -n " N, 2, "twice", NULL, 0 },
	{ "another format", "$A collect -f xml", 2, "assay or nvattest", NULL, 0 },
	{ "no library", "$A collect -q", 4, "gpu.collect: libnvidia-ml.so.1 cannot be loaded",
		NULL, TWO },
	{ "no library of switches", "$A collect -q -d nvswitch", 4,
		"nvswitch.collect: libnvidia-nscq.so.2", NULL, TWO },
	{ "one GPU", ONE_ "$A collect -q -n " N, 0, NULL, "\"nonce\": \"" N "\"", 0 },
	{ "the nonce is told", ONE_ "$A collect -o f", 0, "assay: nonce ", NULL, TWO },
	{ "to a file", PPCIE "$A collect -n " N " -o f", 0, "evidence of 12 of 12 devices in f",
		NULL, 0 },
	{ "which is read again", "$A inspect f", 0, NULL, "nvswitch", 0 },
	{ "as any file is", "test $(stat -c %a f) = $(touch g && stat -c %a g)", 0, NULL, NULL,
		0 },
	{ "GPUs alone", PPCIE "sh -c '$A collect -q -d gpu | grep -c report'", 0, NULL, "8\n",
		0 },
	{ "switches alone", PPCIE "sh -c '$A collect -q -d nvswitch | grep -c report'", 0, NULL,
		"4\n", 0 },
	{ "both, twice", PPCIE "sh -c '$A collect -q -d gpu,nvswitch -d gpu | grep -c report'",
		0, NULL, "12\n", 0 },
	{ "nvattest's form",
		ONE_ "sh -c '$A collect -q -f nvattest -n " N " | grep -v \\\"[ce][a-z]*\\\":'",
		0, NULL,
		"[\n    {\n        \"arch\": \"HOPPER\",\n        \"nonce\": \"" N
		"\"\n    }\n]\n",
		0 },
	{ "is read again",
		ONE_ "sh -c '$A collect -q -f nvattest -n " N " -o g; $A verify -n " N " g'", 3,
		NULL, "gpu.", 0 },
	{ "a folder that is not there", ONE_ "$A collect -q -o x/y", 2, "x/y: No such file",
		NULL, 0 },
	{ "a folder", "mkdir -p d; " ONE_ "$A collect -q -o d", 2, "d: Is a directory", NULL,
		0 },
	{ "a file that may not be written",
		"echo old >g; mkdir -p h; " ONE_ "$A collect -q -o /proc/x; cat g", 0,
		"/proc/x: ", "old\n", 0 },
	{ "a device file", ONE_ "$A collect -q -o /dev/stdout", 0, NULL, "assay.evidence/1",
		0 },
	{ "nothing half done is left", "ls | grep -c tmp", 1, NULL, "0\n", 0 },
	{ "the old file stays when there is nothing",
		"echo old >g; " SIM
		"--fault nvml-crash-init -- $A collect -q -o g; echo $?; cat g",
		0, "crashed", "4\nold\n", TWO },
	{ "one of eight is lost, seven are kept",
		SIM
		"--profile ppcie --fault nvml-lost-one -- sh -c '$A collect -q -o f; echo $?; grep -c chain f; grep -c DEVICE_ERROR f'",
		0, "gpu5: gpu.collect: ", "4\n12\n1\n", 0 },
	{ "alike in one line",
		SIM "--profile ppcie --fault cc-off-ppcie -- $A collect -q -d gpu -o f", 5,
		"gpu0 to gpu7: gpu.collect: confidential computing is off, so the driver refuses evidence: "
		"nvmlDeviceGetConfComputeGpuAttestationReport returned 999",
		NULL, TWO },
	{ "no GPUs", SIM "--gpus 0 -- $A collect -q", 4, "Driver Not Loaded", NULL, TWO },
	{ "confidential computing is off", SIM "--profile none -- $A collect -q -o f", 5,
		"gpu.mode: confidential computing is off", NULL, TWO },
};

static const struct row readies[] = {
	{ "help", "$A ready --help", 0, NULL, "get|set|clear", 0 },
	{ "nothing", "$A ready", 2, "get, set or clear", NULL, 0 },
	{ "two", "$A ready get set", 2, "get, set or clear", NULL, 0 },
	{ "another", "$A ready go", 2, "not \"go\"", NULL, 0 },
	{ "no library", "$A ready get", 4, "libnvidia-ml.so.1", NULL, 0 },
	{ "not ready at first", ONE_ "$A ready get", 0, NULL, "not ready\n", 0 },
	{ "set, with a warning", ONE_ "$A ready set", 0, "without attestation", "ready\n", 0 },
	{ "it stays", ONE_ "sh -c '$A ready set && $A ready get -f json'", 0, "warning",
		"{\n  \"ready\": true\n}\n", 0 },
	{ "cleared", ONE_ "sh -c '$A ready set && $A ready clear -f json && $A ready get'", 0,
		"warning", "\"ready\": false\n}\nnot ready\n", 0 },
	{ "the library crashes", SIM "--fault nvml-crash-init -- $A ready set", 4,
		"crashed in nvmlInit_v2", NULL, TWO },
	{ "what has begun and comes to no verdict shuts them",
		ONE_
		"sh -c '$A ready set >w 2>&1; $A attest -q -p absent; echo $?; $A ready get'",
		0, "the GPUs accept no work from now on", "2\nnot ready\n", TWO },
	{ "also by a policy that is none",
		ONE_
		"sh -c '$A ready set >w 2>&1; echo {} >p; $A attest -q -p p; echo $?; $A ready get'",
		0, "the GPUs accept no work from now on", "6\nnot ready\n", TWO },
	{ "not when it is to leave them alone",
		ONE_
		"sh -c '$A ready set >w 2>&1; $A attest -q --no-ready -p absent; echo $?; $A ready get'",
		0, "absent", "2\nready\n", 0 },
	{ "nor by a word that is no option: nothing has begun",
		ONE_
		"sh -c '$A ready set >w 2>&1; $A attest --nonsense; echo $?; $A ready get'",
		0, "nonsense", "2\nready\n", 0 },
	{ "watched: each round has its token, and a full disk ends nothing",
		SIM
		"-- sh -c ': >log; $A attest --no-cache --watch 1s -o /dev/full --token w.token --unsigned 2>>log & p=$!; until test \"$(grep -c event=attested log)\" -gt 1; do sleep 0.1; done; kill -TERM $p; wait $p; echo $?; grep -c JWT w.token; grep -c No.space log | tr 2-9 2'",
		0, NULL, "2\n1\n2\n", 0 },
	{ "as a page, refused",
		SIM "--profile ppcie --fault flip-nonce -- $A attest --no-cache -f html", 1,
		NULL, "<dd>GPUs: NOT READY (before: NOT READY)</dd>", 0 },
	{ "watched, as a page", SIM "-- $A attest --watch 1h -f html", 2, "is one page", NULL,
		0 },
	{ "watched, refused and stopped: no success",
		SIM
		"--fault flip-nonce -- sh -c ': >log; $A attest --no-cache --watch 1h 2>>log & p=$!; until grep -q event=attested log; do sleep 0.1; done; kill -TERM $p; wait $p; echo $?; $A ready get'",
		0, NULL, "1\nnot ready\n", 0 },
};

static const struct row doctors[] = {
	{ "help", "$A doctor --help", 0, NULL, "--wait[=SECONDS]", 0 },
	{ "an argument", "$A doctor x", 2, "takes no argument", NULL, 0 },
	{ "another profile", "$A doctor -p both", 2, "single, ppcie or auto", NULL, 0 },
	{ "a root that is none", "$A doctor --root /not/there", 2, "/not/there", NULL, 0 },
	{ "no data", "$A doctor --data /not/there", 2, "matrix.json", NULL, 0 },
	{ "to wait for how long", "$A doctor --wait=x", 2, "0 to 86400 seconds", NULL, 0 },
	{ "to wait for a tree", "$A doctor --wait --root .", 2, "not for a tree", NULL, 0 },
	{ "one GPU, set up but not ready", ONE_ "$A doctor", 5, NULL,
		"FAIL     cc.ready  CC-05  HOST_EFFECT", 0 },
	{ "and ready", TD "-- sh -c '$A ready set >r 2>&1; $A doctor'", 0, NULL,
		"ready (exit 0): by this machine's own words", 0 },
	{ "eight GPUs", TD "--profile ppcie -- sh -c '$A ready set >r 2>&1; $A doctor -v'", 0,
		NULL, "ok       attestation.switch  ATT-02", 0 },
	{ "as JSON", TD "-- sh -c '$A ready set >r 2>&1; $A doctor -f json'", 0, NULL,
		"\"schema\": \"assay.setup/1\"", 0 },
	{ "as a page", ONE_ "$A doctor -f html", 5, NULL, "<h1>Not ready</h1>", 0 },
	{ "a page in a file",
		ONE_ "sh -c '$A doctor -f html -o page.html; tail -n 1 page.html'", 0, NULL,
		"</html>\n", 0 },
	{ "a page of a symptom", "$A doctor -f html --symptom x", 2, "--symptom tells in text",
		NULL, 0 },
	{ "a file for a symptom", "$A doctor -o f --symptom x", 2, "--output, with --symptom",
		NULL, 0 },
	{ "the wrong profile", ONE_ "$A doctor -p ppcie", 5, NULL,
		"the devices are those of single, not of ppcie", 0 },
	{ "another type", ONE_ "$A doctor --type ecs.gn8v-tee-8x.48xlarge", 5, NULL,
		"promises other devices than there are", 0 },
	{ "CC mode off", SIM "--profile none -- $A doctor", 5, NULL,
		"the GPU is not in CC mode", 0 },
	{ "quiet", ONE_ "$A doctor -q", 5, NULL, NULL, 0 },
	{ "a symptom", "$A doctor -s 'nvidia-smi: No devices were found'", 0, NULL,
		"items     LKCA-01 PPCIE-01 DRV-03 DRV-08 SVC-05", 0 },
	{ "none that is known", "$A doctor -s hello", 3, NULL, "no symptom", 0 },
	{ "a log",
		"printf '[ 1.0] RDT init failure\\n[ 2.0] RDT init failure\\n' | $A doctor -s -",
		0, NULL, "lines     2", 0 },
	{ "an item", "$A explain BOOT-02", 0, NULL, "boot.swiotlb.effective: ", 0 },
	{ "an item that is none", "$A explain BOOT-99", 2, "no check and no code", NULL, 0 },
};

ROWS_TEST(collects)
ROWS_TEST(doctors)
ROWS_TEST(readies)

/* ---- the gallery ---- */

static const char *const prefixes[] = { "nvml-", "nscq-", "cc-", "switch-mode-", "driver-said-",
	"vbios-said-" };

static bool of_drivers(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* What it says and its status; no limit but timeout's, which is the row's failure. */
static int ask(const char *line, struct buf *out)
{
	char  chunk[4096];
	FILE *f = popen(line, "re");
	int   status;

	assert_non_null(f);
	for (size_t n; (n = fread(chunk, 1, sizeof(chunk), f)) > 0;)
		buf_put(out, chunk, n);
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What drivers do shows when it is collected; what they say of a device, when that is compared with what it signs. */
static void gallery(void **state)
{
	struct gallery_row f;
	unsigned           tried = 0, bad = 0;

	(void)state;
	for (size_t i = 0; gallery_row(i, &f); i++) {
		CLEANUP(buf_done) struct buf line = { 0 }, out = { 0 };
		int                          status;

		if (!of_drivers(f.name))
			continue;
		buf_printf(&line,
			"timeout 200 $A sim run --no-fuse --no-tdx --profile %s --fault %s -- sh -c '"
			"$A collect -q -n " N " -o f 2>&1; s=$?; test $s != 0 || "
			"{ $A verify -f json -n " N " f; exit; }; exit $s'",
			f.profile, f.name);
		status = ask(buf_cstr(&line), &out);
		tried++;
		if (status == f.exit && strstr(buf_cstr(&out), f.finding) != NULL)
			continue;
		print_message("%s: exit %d where %d was due, or no %s\n%s\n", f.name, status,
			f.exit, f.finding, buf_cstr(&out));
		bad++;
	}
	assert_int_equal(bad, 0);
	assert_true(tried >= 25);
}

/* What the verdict on the file is: the device that gave nothing is in it, in its place. */
static void from_the_file(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	(void)state;
	assert_int_equal(
		ask(SIM "--profile ppcie --fault nvml-lost-one -- sh -c '"
			"$A collect -q -n " N " -o f 2>/dev/null; $A verify -n " N " f'",
			&out),
		4);
	assert_non_null(strstr(buf_cstr(&out), "gpu5"));
	assert_non_null(strstr(buf_cstr(&out), "gpu.collect"));
	assert_non_null(strstr(buf_cstr(&out), "GPU is lost"));
}

/* Ended in the midst of it: no file, no half of one, and nobody left who asks the driver. */
static void interrupted(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	(void)state;
	ask("rm -f f; timeout 200 " SIM "--fault nvml-hang-report -- sh -c '"
	    "$A collect -q -o f & p=$!; until pgrep -P $p >c; do sleep 0.05; done; wc -l <c; c=$(cat c); kill -9 $p; "
	    "while grep -q \"^State:.[^ZX]\" /proc/$c/status 2>/dev/null; do sleep 0.05; done; ls f* 2>/dev/null; echo end'",
		&out);
	assert_string_equal(buf_cstr(&out), "1\nend\n");
}

static int set_up(void **state)
{
	(void)state;
	run_open();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	run_close();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_collects),
		cmocka_unit_test(test_doctors),
		cmocka_unit_test(test_readies),
		cmocka_unit_test(from_the_file),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(gallery),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
