/* SPDX-License-Identifier: Apache-2.0
 *
 * assay sim as a user would run it, well and badly: what it prints, which status it gives, and that nothing is left
 * behind. */
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "cmd/row.h"

/* What is left: folders of runs and mounts below the working folder. */
#define LEFT                                           \
	"ls -d assay-sim-?????? 2>/dev/null | wc -l; " \
	"awk '$3 == \"fuse.assay-sim\" && index($2, ENVIRON[\"PWD\"]) == 1' /proc/self/mounts | wc -l"

static const struct row help[] = {
	{ "help", "$A sim --help", 0, NULL, "COMMAND --help", 0 },
	{ "of run", "$A sim run --help", 0, NULL, "--no-fuse", 0 },
	{ "of ctl", "$A sim ctl --help", 0, NULL, "unplug DEVICE", 0 },
	{ "in assay's own", "$A --help", 0, NULL, "An emulated platform", 0 },
	{ "the faults", "$A sim faults", 0, NULL, "nvml-hang-report", 0 },
	{ "a name and a profile a line",
		"$A sim faults --names | grep -vcE '^[a-z0-9-]+ (single|ppcie)$'", 1, NULL, "0",
		0 },
	{ "at least forty", "test $($A sim faults --names | wc -l) -ge 40", 0, NULL, NULL, 0 },
	{ "the page is the one in docs", "$A sim faults --page | cmp - $S/docs/faults.md", 0,
		NULL, NULL, 0 },
};

static const struct row runs[] = {
	{ "its status is the command's", "$A sim run -- sh -c 'exit 7'", 7, NULL, NULL, 0 },
	{ "or its signal", "$A sim run -- sh -c 'kill -TERM $$'; echo $?", 0, NULL, "143", 0 },
	{ "no such command", "$A sim run -- /nonexistent", 127, "/nonexistent: No such file",
		NULL, 0 },
	{ "not to be run", "$A sim run -- /etc/passwd", 126, "Permission denied", NULL, 0 },
	{ "its output is the command's", "echo in | $A sim run -- cat", 0, NULL, "in\n", 0 },
	{ "variables",
		"$A sim run -- sh -c 'echo $ASSAY_RIM_URL; test -d $ASSAY_ROOT/proc && test -f $ASSAY_ANCHORS/intel-sgx.pem'",
		0, NULL, "http://127.0.0.1:", 0 },
	{ "libraries to link against",
		"$A sim run -- sh -c 'cd $LD_LIBRARY_PATH && ls -L *.so *.so.?'", 0, NULL,
		"libnvidia-ml.so\nlibnvidia-ml.so.1\nlibnvidia-nscq.so\nlibnvidia-nscq.so.2\n",
		0 },
	{ "libraries come first",
		"LD_LIBRARY_PATH=/x $A sim run -- sh -c 'echo $LD_LIBRARY_PATH'", 0, NULL,
		"/lib:/x", 0 },
	{ "a revocation is told",
		"$A sim run -- sh -c '$A sim ctl revoke pck; $A sim ctl status'", 0, NULL,
		"revoked  1 by hand", 0 },
	{ "ctl finds it", "$A sim run --profile ppcie -- $A sim ctl status", 0, NULL,
		"GPUs     8", 0 },
	{ "env is for sh",
		"$A sim run -- sh -c 'eval \"$($A sim env)\" && test -d $ASSAY_ROOT'", 0, NULL,
		NULL, 0 },
	{ "no GPU, no driver", "$A sim run --gpus 0 -- $A sim ctl status", 0, NULL,
		"GPUs     0", 0 },
	{ "no TD",
		"$A sim run --no-tdx -- sh -c 'test ! -e $ASSAY_ROOT/dev/tdx_guest && $A sim ctl status'",
		0, NULL, "TD       no", 0 },
	{ "a profile by its fault", "$A sim run --fault switch-missing -- $A sim ctl status", 0,
		NULL, "switches 3", 0 },
	{ "over TLS",
		"$A sim run --tls -- sh -c 'echo $ASSAY_RIM_URL; openssl verify -CAfile $SSL_CERT_FILE $SSL_CERT_FILE'",
		0, NULL, "https://127.0.0.1:", 0 },
	{ "over TLS, at another time than the client's",
		"$A sim run --tls --at 2024-06-01 -- sh -c 'openssl verify -CAfile $SSL_CERT_FILE $SSL_CERT_FILE'",
		0, NULL, "ca.pem: OK", 0 },
	{ "a long path",
		"d=$(printf %0100d 0)/$(printf %0100d 1); mkdir -p $d; $A sim run --state $d/s --qgs unix:$PWD/q -- $A sim ctl status",
		0, NULL, "GPUs     1", 0 },
	{ "a path with a quote",
		"$A sim run --state \"it's\" -- sh -c 'eval \"$($A sim env)\" && ls $ASSAY_ANCHORS | wc -l'",
		0, NULL, "3", 0 },
	{ "without FUSE",
		"$A sim run --no-fuse -- sh -c 'ls $ASSAY_ROOT/sys/kernel/config; ls $ASSAY_SIM_STATE'",
		0, NULL, "qgs.sock", 0 },
	{ "at the place of the real ones, where namespaces and FUSE are to be had",
		"unshare --map-root-user --mount true 2>/dev/null || exit 0; "
		"$A sim run -- sh -c 'test -e $ASSAY_ROOT/dev/tdx_guest || exit 0; exec unshare --map-root-user --mount "
		"sh -c \"mount --rbind $ASSAY_ROOT/sys /sys && cd /sys/kernel/config/tsm/report && mkdir e && "
		"head -c 64 /dev/zero >e/inblob && test \\$(wc -c <e/outblob) -gt 4000 && rmdir e\"'",
		0, NULL, NULL, 0 },
	{ "nothing is left", LEFT, 0, NULL, "0\n0\n", 0 },
};

static const struct row same[] = {
	{ "same seed, same bytes",
		"for i in 1 2; do $A sim run --seed x --at 2026-06-01 -- sh -c 'cd $ASSAY_ROOT && find . -type f ! -path \"./sys/kernel/config/*\" ! -name tdx_guest | sort | xargs sha256sum; cd $ASSAY_ANCHORS && sha256sum *' >tree$i; done; cmp tree1 tree2",
		0, NULL, NULL, 0 },
	{ "another seed, other bytes",
		"$A sim run --seed y --at 2026-06-01 -- sh -c 'cd $ASSAY_ANCHORS && sha256sum *' >other; ! grep -qFf other tree1",
		0, NULL, NULL, 0 },
};

static const struct row bad[] = {
	{ "nothing", "$A sim", 2, "which command", NULL, 0 },
	{ "no such command", "$A sim fly", 2, "no command \"fly\"", NULL, 0 },
	{ "run what?", "$A sim run", 2, "which command?", NULL, 0 },
	{ "up with a command", "$A sim up -- ls", 2, "takes no command", NULL, 0 },
	{ "no such fault", "$A sim run --fault nonsense -- true", 2,
		"no fault of the name \"nonsense\"", NULL, 0 },
	{ "a fault of another profile",
		"$A sim run --profile single --fault switch-missing -- true", 2,
		"for --profile ppcie", NULL, 0 },
	{ "a TD's fault without one", "$A sim run --no-tdx --fault td-debug -- true", 2,
		"there is none", NULL, 0 },
	{ "nine faults",
		"$A sim run $(for i in 1 2 3 4 5 6 7 8 9; do echo --fault cut-by-one; done) -- true",
		2, "more than 8", NULL, 0 },
	{ "no such profile", "$A sim run --profile triple -- true", 2, "single, ppcie or none",
		NULL, 0 },
	{ "no such family", "$A sim run --arch ampere -- true", 2, "hopper or blackwell", NULL,
		0 },
	{ "Blackwell in protected PCIe", "$A sim run --profile ppcie --arch blackwell -- true",
		2, "protected PCIe is Hopper's", NULL, 0 },
	{ "too many GPUs", "$A sim run --gpus 16 -- true", 2, "--gpus", NULL, 0 },
	{ "no number", "$A sim run --switches x -- true", 2, "--switches", NULL, 0 },
	{ "no time", "$A sim run --at yesterday -- true", 2, "--at", NULL, 0 },
	{ "a time before the roots", "$A sim run --at 1999-01-01 -- true", 2, "2023-06", NULL,
		0 },
	{ "no such quote", "$A sim run --quote 6 -- true", 2, "--quote", NULL, 0 },
	{ "a port that is taken",
		"$A sim run -- sh -c '$A sim run --port ${ASSAY_RIM_URL##*:} -- true'", 2,
		"Address already in use", NULL, 0 },
	{ "a state folder that is taken",
		"$A sim run --state s -- sh -c '$A sim run --state $ASSAY_SIM_STATE -- true'",
		2, "runs there already", NULL, 0 },
	{ "a folder of somebody else's",
		"mkdir -p full && touch full/file && $A sim run --state full -- true; ls full",
		0, "not empty", "file\n", 0 },
	{ "no folder", "$A sim run --state /nonexistent/s -- true", 2, "No such file", NULL,
		0 },
	{ "no UNIX socket", "$A sim run --qgs tcp:1 -- true", 2, "unix: and a socket's path",
		NULL, 0 },
	{ "a socket without a name", "$A sim run --qgs unix: -- true", 2,
		"unix: and a socket's path", NULL, 0 },
	{ "a socket's place that is a file",
		"echo mine >q.file; $A sim run --qgs unix:q.file -- true; cat q.file", 0,
		"q.file: Address already in use", "mine", 0 },
	{ "a fault at the door of a TD without one",
		"$A sim run --no-tdx --fault qgs-hang -- true", 2, "there is none", NULL, 0 },
	{ "a fault of configfs-tsm without it", "$A sim run --no-fuse --fault tsm-busy -- true",
		2, "--no-fuse leaves out", NULL, 0 },
	{ "a fault that ctl cannot give",
		"$A sim run --no-tdx -- $A sim ctl fault nvml-lost td-debug", 2,
		"there is none", NULL, 0 },
	{ "a socket's path too long", "$A sim run --qgs unix:/tmp/$(printf %0120d 0) -- true",
		2, "too long", NULL, 0 },
	{ "nobody to control", "$A sim ctl --state /nonexistent status", 2,
		"no emulated platform runs", NULL, 0 },
	{ "nobody to ask", "mkdir -p -m 700 empty && $A sim env --state empty", 2,
		"no emulated platform runs", NULL, 0 },
	{ "no word", "$A sim run -- $A sim ctl", 2, "do what?", NULL, 0 },
	{ "no such word", "$A sim run -- $A sim ctl dance", 2, "no word \"dance\"", NULL, 0 },
	{ "no such device", "$A sim run -- $A sim ctl unplug gpu7", 2, "there is no gpu7", NULL,
		0 },
	{ "nothing that could be revoked", "$A sim run -- $A sim ctl revoke root", 2,
		"a device such as gpu0, gpu-authority, driver-rim, vbios-rim or pck", NULL, 0 },
	{ "unplugged twice",
		"$A sim run -- sh -c '$A sim ctl unplug gpu0; $A sim ctl unplug gpu0'", 2,
		"unplugged already", NULL, 0 },
	{ "hostile words", "$A sim run -- $A sim ctl \"$(printf 'x\\033[31m')\"", 2, "gone",
		NULL, 0 },
	{ "nothing is left", LEFT, 0, NULL, "0\n0\n", 0 },
};

/* However it ends. */
static const struct row ends[] = {
	{ "by Ctrl-C",
		"touch out1; $A sim up --state up >out1 & p=$!; until grep -q Ctrl-C out1; do sleep 0.05; done; kill -INT $p; wait $p; echo $?; ls -d up",
		2, "No such file", "0\n", 0 },
	{ "as it says itself",
		"touch out7; $A sim up --state \"o's\" >out7 & p=$!; until grep -q Ctrl-C out7; do sleep 0.05; done; cd /; "
		"assay() { $A \"$@\"; }; "
		"eval \"$(sed -n 's/^In another shell: *//p' $OLDPWD/out7)\" && $A sim ctl status && kill $p; wait $p",
		0, NULL, "GPUs     1", 0 },
	{ "by ctl",
		"touch out2; $A sim up --state up >out2 & p=$!; until grep -q Ctrl-C out2; do sleep 0.05; done; $A sim ctl --state up stop; wait $p; echo $?",
		0, NULL, "0\n", 0 },
	{ "killed while mounted",
		"touch out3; $A sim up --state up >out3 & p=$!; until grep -q Ctrl-C out3; do sleep 0.05; done; kill -KILL $p; wait $p 2>/dev/null; "
		"while [ -d up ]; do sleep 0.05; done; ls -d up; " LEFT,
		0, "No such file", "0\n", 0 },
	{ "killed with its command",
		"$A sim run -- sh -c 'echo $$ >pid; echo $PPID >ppid; exec sleep 60' & until [ -s ppid ]; do sleep 0.05; done; sleep 0.1; "
		"kill -KILL $(cat ppid); wait 2>/dev/null; while grep -q '^State:.[^ZX]' /proc/$(cat pid)/status 2>/dev/null; do sleep 0.05; done",
		0, NULL, NULL, 0 },
	{ "killed with a socket elsewhere",
		"touch out4; $A sim up --state up --qgs unix:q >out4 & p=$!; until grep -q Ctrl-C out4; do sleep 0.05; done; test -S q || echo none; kill -KILL $p; wait $p 2>/dev/null; "
		"while [ -d up ]; do sleep 0.05; done; ls q",
		2, "No such file", NULL, 0 },
	{ "a dead socket in the way", "$A sim run --qgs unix:$PWD/dead -- true; ls dead", 2,
		"No such file", NULL, 0 },
	{ "a live one stays",
		"$A sim run --qgs unix:q -- sh -c '$A sim run --qgs unix:q -- true; test -S q'",
		0, "Address already in use", NULL, 0 },
	{ "Ctrl-C's signal, sent to run alone",
		"env --default-signal=INT $A sim run -- sh -c 'echo >run5; exec sleep 60' & p=$!; until [ -f run5 ]; do sleep 0.05; done; sleep 0.2; kill -INT $p; wait $p; echo $?",
		0, NULL, "130\n", 0 },
	{ "nohup",
		"touch out6; (trap '' HUP; exec $A sim up --state up) >out6 & p=$!; until grep -q Ctrl-C out6; do sleep 0.05; done; kill -HUP $p; sleep 0.2; $A sim ctl --state up stop; wait $p; echo $?",
		0, NULL, "0\n", 0 },
	{ "then the same folder again", "$A sim run --state up -- true", 0, NULL, NULL, 0 },
	{ "nothing is left",
		"while ls -d assay-sim-?????? >/dev/null 2>&1; do sleep 0.05; done; " LEFT, 0,
		NULL, "0\n0\n", 0 },
};

ROWS_TEST(help)
ROWS_TEST(runs)
ROWS_TEST(same)
ROWS_TEST(bad)
ROWS_TEST(ends)

/* As of a platform that was killed together with its guard. */
static void leave_dead_socket(void)
{
	const struct sockaddr_un at = { AF_UNIX, "dead" };
	int                      fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 1), 0);
	close(fd);
}

static int open_folder(void **state)
{
	(void)state;
	run_open();
	leave_dead_socket();
	return setenv("S", getenv("ASSAY_SOURCE"), 1) | setenv("TMPDIR", ".", 1);
}

static int close_folder(void **state)
{
	(void)state;
	run_close();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_ends),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests_name("sim", tests, open_folder, close_folder);
}
