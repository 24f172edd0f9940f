/* SPDX-License-Identifier: Apache-2.0
 *
 * Every option that would do nothing where it stands, by command: it is refused in one line that names it, before anything
 * is read, asked or changed. */
#include "cmd/fixture.h"
#include "cmd/row.h"

/* Of one option, beside what it means nothing. */
#define BESIDE(line, option, what)                                                            \
	{                                                                                     \
		line, line, 2, "option --" option " means nothing beside --" what "\n", NULL, \
			0                                                                     \
	}
/* Of one that is for others. */
#define ONLY(line, option, what)                                                               \
	{                                                                                      \
		line, line, 2,                                                                 \
			"option --" option " means nothing here; it is for: " what "\n", NULL, \
			0                                                                      \
	}
#define SAYS(line, text)                     \
	{                                    \
		line, line, 2, text, NULL, 0 \
	}

static const struct row verify[] = {
	SAYS(ONE "one/bundle.json --chain one/gpu0.chain.pem", "--chain is for a raw report"),
	SAYS(ONE "one/bundle.json -f json --chain one/gpu0.chain.pem",
		"--chain is for a raw report"),
	SAYS(LOOSE "one/tdx/quote.bin --chain one/gpu0.chain.pem",
		"--chain is for a raw report"),
	SAYS("$A verify - --chain one/gpu0.chain.pem <one/evidence.json",
		"--chain is for a raw report"),
	/* where one of several has a use for it */
	{ "a chain for one of two",
		LOOSE "--chain one/gpu0.chain.pem two/evidence.json one/gpu0.report.bin", 1,
		NULL, "gpu1", 0 },
	SAYS(ONE "one/bundle.json --eventlog one/tdx/ccel.bin", "--eventlog is a TDX guest's"),
	SAYS(ONE "one/bundle.json --claims 2", "--claims is for a --token"),
	SAYS(ONE "one/bundle.json --token-iss me", "--token-iss is for a --token"),
	SAYS(ONE "one/bundle.json -f json --claims 3", "--claims is for a --token"),
	SAYS(ONE "one/bundle.json -o f --unsigned --token f", "would write the same file"),
	BESIDE(ONE "one/bundle.json -q -v", "verbose", "quiet"),
	BESIDE("$A token verify -v -q one/bundle.json", "verbose", "quiet"),
};

static const struct row attest[] = {
	BESIDE("$A attest -q --verbose", "verbose", "quiet"),
	BESIDE("$A attest --watch 1h -v", "verbose", "watch"),
	BESIDE("$A attest --offline --rim-url https://x/", "rim-url", "offline"),
	BESIDE("$A attest --ocsp-nonce no --offline", "ocsp-nonce", "offline"),
	SAYS("$A attest -o f --unsigned --token f", "would write the same file"),
	SAYS("$A attest --claims 2", "--claims is for a --token"),
};

static const struct row collect[] = {
	SAYS("$A collect -d gpu --qgs vsock:4050", "--qgs is for a quote"),
	SAYS("$A collect -d gpu,nvswitch --quote-timeout 3", "--quote-timeout is for a quote"),
	SAYS("$A collect -d gpu --root .", "--root is for a quote"),
	SAYS("$A collect -f nvattest -k key.pem", "--channel-key is for a quote"),
};

static const struct row gather[] = {
	SAYS("$A gather one/bundle.json --chain one/gpu0.chain.pem",
		"--chain is for a raw report"),
	BESIDE("$A gather --offline --rim-url https://x/ f", "rim-url", "offline"),
	BESIDE("$A gather --offline --ocsp-url https://x/ f", "ocsp-url", "offline"),
	BESIDE("$A gather --offline --pcs-url https://x/ f", "pcs-url", "offline"),
	BESIDE("$A gather --offline --ocsp-nonce no f", "ocsp-nonce", "offline"),
	BESIDE("$A gather --offline --ocsp_nonce_disabled f", "ocsp_nonce_disabled", "offline"),
	BESIDE("$A gather --offline --rim_service_url https://x/ f", "rim_service_url",
		"offline"),
	BESIDE("$A gather --offline --service-key-file f f", "service-key-file", "offline"),
	BESIDE("$A gather --offline --ca f f", "ca", "offline"),
	BESIDE("$A gather --check --driver 1 -o f", "output", "check"),
	BESIDE("$A gather --check --driver 1 --chain f", "chain", "check"),
	BESIDE("$A gather --check --driver 1 --at 2026-06-01", "at", "check"),
	BESIDE("$A gather --check --driver 1 --ocsp-url https://x/", "ocsp-url", "check"),
	BESIDE("$A gather --check --driver 1 --pcs-url https://x/", "pcs-url", "check"),
	BESIDE("$A gather --check --driver 1 --ocsp-nonce no", "ocsp-nonce", "check"),
	BESIDE("$A gather --check --driver 1 --cache f", "cache", "check"),
	BESIDE("$A gather --check --driver 1 --no-cache", "no-cache", "check"),
	ONLY("$A gather -f json f", "format", "--check"),
	ONLY("$A gather --driver 1 f", "driver", "--check"),
	ONLY("$A gather --vbios 1 f", "vbios", "--check"),
	ONLY("$A gather --arch ls10 f", "arch", "--check"),
	ONLY("$A gather --check --driver 1 --project x", "project", "--vbios"),
	ONLY("$A gather --check --driver 1 --sku x", "sku", "--vbios"),
	ONLY("$A gather --check --driver 1 --chip-sku x", "chip-sku", "--vbios"),
	ONLY("$A gather --check --vbios 1 --chip x", "chip", "--driver"),
	SAYS("$A gather --check --driver 1 --chip x", "--chip is for --arch blackwell"),
	SAYS("$A gather --check --driver ''", "of an empty version"),
	SAYS("$A gather --check --arch ls10 --vbios ''", "of an empty version"),
	SAYS("$A gather --offline --cache '' one/bundle.json", "--cache: an empty name"),
	SAYS("$A gather --check --arch ls10 --vbios 1 --driver 1", "a switch has a --vbios"),
	SAYS("$A gather --check --arch ls10 --vbios 1 --sku 1", "a switch has a --vbios"),
};

static const struct row cache[] = {
	SAYS("$A cache list --cache ''", "--cache: an empty name"),
	ONLY("$A cache list --all", "all", "prune, forget"),
	ONLY("$A cache export --all", "all", "prune, forget"),
	ONLY("$A cache list -o f", "output", "export"),
	ONLY("$A cache import -o f f", "output", "export"),
	ONLY("$A cache list --anchors one/anchors", "anchors", "export, import"),
	ONLY("$A cache forget --all --anchors one/anchors", "anchors", "export, import"),
	ONLY("$A cache prune -f json", "format", "list, marks"),
	ONLY("$A cache -f json", "format", "list, marks"),
};

static const struct row doctor[] = {
	BESIDE("$A doctor -s x -p single", "profile", "symptom"),
	BESIDE("$A doctor -s x --root .", "root", "symptom"),
	BESIDE("$A doctor -s x --type y", "type", "symptom"),
	BESIDE("$A doctor -s x --wait", "wait", "symptom"),
	BESIDE("$A doctor -s x --wait=0", "wait", "symptom"),
	BESIDE("$A doctor -s x --registers", "registers", "symptom"),
	BESIDE("$A doctor -s x -v", "verbose", "symptom"),
	BESIDE("$A doctor --root . --registers", "registers", "root"),
	BESIDE("$A doctor -q -v", "verbose", "quiet"),
	{ "quiet has its meaning", "$A doctor -q -s 'nvidia-smi: No devices were found'", 0,
		NULL, NULL, 0 },
	{ "and of nothing known", "$A doctor -q -f json -s x", 3, NULL, NULL, 0 },
};

#define AHEAD "plan, apply, status"

static const struct row setup[] = {
	ONLY("$A setup --root . undo -p single", "profile", AHEAD),
	ONLY("$A setup --root . undo --ready attest", "ready", AHEAD),
	ONLY("$A setup --root . undo --require", "require", AHEAD),
	ONLY("$A setup --root . undo --files .", "files", AHEAD),
	ONLY("$A setup --root . undo --pins f", "pins", AHEAD),
	ONLY("$A setup --root . undo --download", "download", AHEAD),
	ONLY("$A setup --root . undo --online", "online", AHEAD),
	ONLY("$A setup --root . undo --collateral one/bundle.json", "collateral", AHEAD),
	ONLY("$A setup --root . undo --accept-licence", "accept-licence", AHEAD),
	ONLY("$A setup --root . undo --toolkit", "toolkit", AHEAD),
	ONLY("$A setup --root . undo --no-software", "no-software", AHEAD),
	ONLY("$A setup --root . undo --hold", "hold", AHEAD),
	ONLY("$A setup --root . undo --kdump", "kdump", AHEAD),
	ONLY("$A setup --root . undo --nvlink-off", "nvlink-off", AHEAD),
	ONLY("$A setup --root . undo --type x", "type", AHEAD),
	ONLY("$A setup --root . undo --accept-measurements", "accept-measurements",
		"plan, apply"),
	ONLY("$A setup --root . status --accept-measurements", "accept-measurements",
		"plan, apply"),
	ONLY("$A setup --root . status --force", "force", "plan, apply, undo"),
	ONLY("$A setup --root . status -f json", "format", "plan"),
	ONLY("$A setup --root . apply -f json", "format", "plan"),
};

static const struct row sim[] = {
	BESIDE("$A sim run --no-tdx --quote 5 -- true", "quote", "no-tdx"),
	BESIDE("$A sim run --no-tdx --qgs unix:f -- true", "qgs", "no-tdx"),
	BESIDE("$A sim faults --names --page", "names", "page"),
	BESIDE("$F --faults -o f", "output", "faults"),
	BESIDE("$F --faults --profile ppcie", "profile", "faults"),
	BESIDE("$F --names --gpus 3", "gpus", "names"),
	BESIDE("$F --faults --fault ocsp-absent", "fault", "faults"),
	BESIDE("$F -o f --no-collateral --ocsp-sha1", "ocsp-sha1", "no-collateral"),
};

ROWS_TEST(verify)
ROWS_TEST(attest)
ROWS_TEST(collect)
ROWS_TEST(gather)
ROWS_TEST(cache)
ROWS_TEST(doctor)
ROWS_TEST(setup)
ROWS_TEST(sim)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verify),
		cmocka_unit_test(test_attest),
		cmocka_unit_test(test_collect),
		cmocka_unit_test(test_gather),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_doctor),
		cmocka_unit_test(test_setup),
		cmocka_unit_test(test_sim),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests_name("modes", tests, fixture_open, fixture_close);
}
