/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine that is set up, and one odd thing in it: what looks right and is not must not pass. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "env/items.h"
#include "env/known.h"
#include "env/tree.h"
#include "test.h"

#define NOW 1764093700

/* What the driver says in place of the tree's; -1: as the tree has it. */
struct says {
	int environment, multi_gpu, fabric;
};

struct asked_of {
	const struct tree *tree;
	struct says        says;
};

static enum assay_code ask(void *ctx, struct collected *out, struct assay_err *e)
{
	const struct asked_of *a = ctx;
	struct tree           *t;

	memcpy(&t, &a->tree, sizeof(t)); /* not changed by tree_ask() */
	TRY(tree_ask(t, out, e));
	if (a->says.environment > 0)
		out->system.environment = a->says.environment;
	if (a->says.multi_gpu > 0)
		out->system.multi_gpu = a->says.multi_gpu;
	for (size_t i = 0; a->says.fabric != 0 && i < out->devices; i++)
		out->device[i].fabric = a->says.fabric;
	return ASSAY_OK;
}

static void row_of(const struct asked_of *a, const char *shell, enum check check,
	struct finding *out, char message[RESULT_TEXT])
{
	char              folder[] = "/tmp/odd-XXXXXX", line[2048];
	struct asked_of   of       = *a;
	struct inspection how      = { .root = folder, .ask = ask, .ctx = &of, .now = NOW };
	struct machine   *m        = NULL;
	struct findings   f        = { 0 };
	struct assay_err  e        = { 0 };

	assert_non_null(mkdtemp(folder));
	tree_make(folder, a->tree);
	snprintf(line, sizeof(line), "cd %s && mkdir -p etc/modules-load.d && { %s ; }", folder,
		shell);
	assert_int_equal(system(line), 0);
	test_must(inspect(&how, &data, &m, &e), &e);
	test_must(items_judge(m, &f, &e), &e);
	*out = (struct finding){ 0 };
	for (size_t i = 0; i < f.n; i++)
		if (f.list[i].check == check) {
			*out = f.list[i];
			snprintf(message, RESULT_TEXT, "%s",
				f.list[i].message == NULL ? "" : f.list[i].message);
		}
	findings_done(&f);
	machine_free(m);
	snprintf(line, sizeof(line), "rm -rf %s", folder);
	assert_int_equal(system(line), 0);
}

#define SINGLE                                  \
	{                                       \
		TREE_ALINUX3, 1, 0, TREE_SET_UP \
	}
#define PPCIE                                   \
	{                                       \
		TREE_ALINUX3, 8, 4, TREE_SET_UP \
	}
#define BARE                                  \
	{                                     \
		TREE_ALINUX3, 1, 0, TREE_BARE \
	}
#define UBUNTU                                   \
	{                                        \
		TREE_UBUNTU2404, 1, 0, TREE_BARE \
	}
#define HEADERS "for k in lib/modules/*; do mkdir $k/build; touch $k/build/Makefile; done"
#define LKCA    "etc/modprobe.d/nvidia-lkca.conf"
#define UNIT    "etc/systemd/system/nvidia-persistenced.service"
#define DROP    "mkdir -p " UNIT ".d && printf '[Service]\\n%b' "

enum is { IS_PASS, IS_FAIL, IS_UNKNOWN, IS_WARN, IS_SKIPPED, IS_NONE };

static const enum assay_outcome outcomes[] = { ASSAY_OUTCOME_PASS, ASSAY_OUTCOME_FAIL,
	ASSAY_OUTCOME_UNKNOWN, ASSAY_OUTCOME_WARN, ASSAY_OUTCOME_SKIPPED,
	ASSAY_OUTCOME_NOT_APPLICABLE };

static const struct {
	const char *name;
	struct tree tree;
	const char *shell;
	enum check  check;
	enum is     is;
	const char *part; /* of the message */
	struct says says;
} rows[] = {
	{ "as it is", SINGLE, "true", CHECK_LKCA_RULE, IS_PASS, "", { 0 } },
	/* ---- kernels, and the way to a quote ---- */
	{ "another kernel runs", SINGLE,
		"echo 5.10.134-19.al8.x86_64 > proc/sys/kernel/osrelease", CHECK_KERNEL_DEFAULT,
		IS_WARN, "-18.al8.x86_64 boots next, and another runs", { 0 } },
	{ "only the kernel that runs has a module, and it is not loaded", BARE,
		"echo 5.10.134-19.al8.x86_64 > proc/sys/kernel/osrelease; mkdir lib/modules/5.10.134-19.al8.x86_64; "
		"echo kernel/nvidia.ko: > lib/modules/5.10.134-19.al8.x86_64/modules.dep",
		CHECK_KERNEL_DEFAULT, IS_FAIL, "there is no NVIDIA module for it", { 0 } },
	{ "the next one is below the floor", BARE,
		"echo 5.10.134-19.al8.x86_64 > proc/sys/kernel/osrelease; "
		"sed -i s/134-18/134-17/ boot/loader/entries/*.conf",
		CHECK_KERNEL_DEFAULT, IS_FAIL,
		"-17.al8.x86_64 boots next, and is below the floor", { 0 } },
	{ "an image", SINGLE, "rm proc/sys/kernel/osrelease", CHECK_KERNEL_DEFAULT, IS_UNKNOWN,
		"nothing runs in it", { 0 } },
	{ "configfs-tsm", UBUNTU, "true", CHECK_TD_QUOTE, IS_PASS, "configfs-tsm", { 0 } },
	{ "and nobody of TDX in it", UBUNTU, "rm dev/tdx_guest", CHECK_TD_QUOTE, IS_WARN,
		"perhaps nobody answers", { 0 } },
	{ "another guest's", UBUNTU,
		"rm dev/tdx_guest; sed -i 's/ tdx_guest//' proc/cpuinfo; sed -i /tdx:/d dev/kmsg",
		CHECK_TD_QUOTE, IS_SKIPPED, "", { 0 } },
	{ "a device, and no configfs", UBUNTU, "rm -r sys/kernel/config", CHECK_TD_QUOTE,
		IS_WARN, "configfs is not mounted", { 0 } },
	{ "neither", UBUNTU, "rm -r sys/kernel/config dev/tdx_guest", CHECK_TD_QUOTE, IS_FAIL,
		"no way to a quote", { 0 } },
	{ "Alibaba's device", BARE, "true", CHECK_TD_QUOTE, IS_PASS, "the device's own command",
		{ 0 } },
	/* ---- what builds a module ---- */
	{ "the kernel's compiler", BARE, HEADERS, CHECK_DRIVER_BUILD, IS_PASS,
		"compiler, make and headers", { 0 } },
	{ "the kernel's compiler, by a link", UBUNTU, HEADERS, CHECK_DRIVER_BUILD, IS_PASS,
		"compiler, make and headers", { 0 } },
	{ "a newer one", BARE,
		HEADERS "; mv usr/lib/gcc/*/10 usr/lib/gcc/x86_64-redhat-linux/11",
		CHECK_DRIVER_BUILD, IS_WARN,
		"gcc 10 built the kernel, and gcc 11 would build its module", { 0 } },
	{ "one for other machines beside it", BARE,
		HEADERS "; mkdir -p usr/lib/gcc/aarch64-linux-gnu/12", CHECK_DRIVER_BUILD,
		IS_PASS, "", { 0 } },
	{ "the same twice, and something else", BARE,
		HEADERS
		"; mkdir -p usr/lib/gcc/x86_64-linux-gnu/10 usr/lib/gcc/x86_64-linux-gnu/x",
		CHECK_DRIVER_BUILD, IS_PASS, "", { 0 } },
	{ "two of them, and no link says which", BARE,
		HEADERS "; mkdir usr/lib/gcc/x86_64-redhat-linux/12", CHECK_DRIVER_BUILD,
		IS_UNKNOWN, "its files do not tell", { 0 } },
	{ "two of them, and a link says which", UBUNTU,
		HEADERS "; mkdir usr/lib/gcc/x86_64-linux-gnu/14", CHECK_DRIVER_BUILD, IS_PASS,
		"", { 0 } },
	{ "a link to the other one, by way of alternatives", UBUNTU,
		HEADERS
		"; mkdir -p etc/alternatives; ln -s /usr/bin/x86_64-linux-gnu-gcc-14 etc/alternatives/gcc; "
		"ln -sf /etc/alternatives/gcc usr/bin/gcc; touch usr/bin/x86_64-linux-gnu-gcc-14",
		CHECK_DRIVER_BUILD, IS_WARN, "gcc 14 would build", { 0 } },
	{ "a kernel that clang built", BARE,
		HEADERS
		"; echo 'Linux version 6.6 (x@y) (clang version 17.0.6) #1' > proc/version",
		CHECK_DRIVER_BUILD, IS_WARN, "does not say that gcc", { 0 } },
	{ "a kernel that does not say", BARE, HEADERS "; rm proc/version", CHECK_DRIVER_BUILD,
		IS_UNKNOWN, "/proc/version: ", { 0 } },
	{ "another one, and a driver runs", SINGLE,
		HEADERS "; mv usr/lib/gcc/*/10 usr/lib/gcc/x86_64-redhat-linux/11",
		CHECK_DRIVER_BUILD, IS_PASS, "nothing is to be built now", { 0 } },
	{ "no linker", BARE, HEADERS "; rm usr/bin/ld", CHECK_DRIVER_BUILD, IS_WARN,
		"could not be built: ld", { 0 } },
	/* ---- modprobe.d ---- */
	{ "a softdep behind", SINGLE,
		"echo 'softdep nvidia post: ecdsa_generic ecdh_generic' > " LKCA,
		CHECK_LKCA_RULE, IS_FAIL, "no rule", { 0 } },
	{ "a softdep in front", SINGLE,
		"echo 'softdep nvidia pre: ecdsa_generic ecdh-generic post: x' > " LKCA,
		CHECK_LKCA_RULE, IS_PASS, "", { 0 } },
	{ "an install line that loads all but nvidia", SINGLE,
		"echo 'install nvidia /sbin/modprobe ecdsa_generic; /sbin/modprobe ecdh' > " LKCA,
		CHECK_LKCA_RULE, IS_FAIL, "does not load nvidia", { 0 } },
	{ "an install line of another file that loads nothing", SINGLE,
		"echo 'softdep nvidia pre: ecdsa_generic ecdh_generic' > " LKCA
		"; echo 'install nvidia /bin/true' > etc/modprobe.d/z.conf",
		CHECK_LKCA_RULE, IS_FAIL, "does not load nvidia", { 0 } },
	{ "modules that are taken away", SINGLE,
		"echo 'install nvidia modprobe -r ecdsa_generic; echo modprobe ecdh; modprobe -i nvidia' > " LKCA,
		CHECK_LKCA_RULE, IS_FAIL, "does not load both", { 0 } },
	{ "in a comment of the shell's", SINGLE,
		"echo 'install nvidia modprobe -i nvidia # ; modprobe ecdsa_generic; modprobe ecdh' > " LKCA,
		CHECK_LKCA_RULE, IS_FAIL, "does not load both", { 0 } },
	{ "a vendor's file, hidden by a link", SINGLE,
		"mkdir -p usr/lib/modprobe.d && mv " LKCA
		" usr/lib/modprobe.d/ && ln -s /dev/null " LKCA,
		CHECK_LKCA_RULE, IS_FAIL, "no rule", { 0 } },
	{ "the key in a file that is hidden", PPCIE,
		"mkdir -p usr/lib/modprobe.d && mv " LKCA
		" usr/lib/modprobe.d/ && ln -s ../../dev/null " LKCA,
		CHECK_PPCIE_KEY_CONFIGURED, IS_FAIL, "not set", { 0 } },
	{ "a file that cannot be read", PPCIE, "ln -s /etc etc/modprobe.d/a.conf",
		CHECK_PPCIE_KEY_CONFIGURED, IS_UNKNOWN, "cannot be read", { 0 } },
	{ "a link that leads nowhere", PPCIE, "ln -s nowhere etc/modprobe.d/a.conf",
		CHECK_PPCIE_KEY_CONFIGURED, IS_PASS, "", { 0 } },
	{ "a file of an editor's", SINGLE,
		"echo 'install nvidia /bin/true' > etc/modprobe.d/.z.conf", CHECK_LKCA_RULE,
		IS_PASS, "", { 0 } },
	{ "modules-load.d, in a comment", SINGLE,
		"rm " LKCA "; echo '# ecdsa_generic ecdh_generic' > etc/modules-load.d/x.conf",
		CHECK_LKCA_RULE, IS_FAIL, "no rule", { 0 } },
	{ "modules-load.d, in a file that is not read", SINGLE,
		"rm " LKCA "; printf 'ecdsa_generic\\necdh_generic\\n' > etc/modules-load.d/x",
		CHECK_LKCA_RULE, IS_FAIL, "no rule", { 0 } },
	{ "modules-load.d, hidden", SINGLE,
		"rm " LKCA
		"; mkdir -p usr/lib/modules-load.d; printf 'ecdsa_generic\\necdh_generic\\n'"
		" > usr/lib/modules-load.d/x.conf; ln -s /dev/null etc/modules-load.d/x.conf",
		CHECK_LKCA_RULE, IS_FAIL, "no rule", { 0 } },
	{ "modules-load.d", SINGLE,
		"rm " LKCA
		"; printf ' ecdsa_generic\\necdh_generic\\n' > etc/modules-load.d/x.conf",
		CHECK_LKCA_RULE, IS_PASS, "modules-load.d", { 0 } },
	{ "the image, where no file need be in it", SINGLE,
		"rm etc/modprobe.d/*; printf 'ecdsa_generic\\necdh_generic\\n' > etc/modules-load.d/x.conf",
		CHECK_INITRAMFS_OPTIONS, IS_NONE, "", { 0 } },
	/* ---- units ---- */
	{ "the last user counts", SINGLE,
		DROP
		"'ExecStart=\\nExecStart=/usr/bin/nvidia-persistenced --user root --user nobody\\n' > " UNIT
		".d/a.conf",
		CHECK_SERVICE_PERSISTENCED_CONFIGURED, IS_FAIL, "--user root", { 0 } },
	{ "the last mode counts", SINGLE,
		DROP
		"'ExecStart=\\nExecStart=/usr/bin/nvidia-persistenced --user=root --uvm-persistence-mode --no-uvm-persistence-mode\\n' > " UNIT
		".d/a.conf",
		CHECK_SERVICE_PERSISTENCED_CONFIGURED, IS_PASS, "is better", { 0 } },
	{ "a second command", SINGLE,
		DROP "'ExecStart=/usr/bin/nvidia-persistenced --user root\\n' > " UNIT
		     ".d/a.conf",
		CHECK_SERVICE_PERSISTENCED_CONFIGURED, IS_FAIL, "2 ExecStart", { 0 } },
	{ "a shorter time under another name", SINGLE,
		DROP "'TimeoutSec=30\\n' > " UNIT ".d/a.conf", CHECK_SERVICE_TIMEOUT_CONFIGURED,
		IS_FAIL, "30 s", { 0 } },
	{ "a drop-in that a link hides", SINGLE,
		"mkdir -p usr/lib/systemd/system/nvidia-persistenced.service.d " UNIT
		".d && printf '[Service]\\nTimeoutStartSec=30\\n' > usr/lib/systemd/system/nvidia-persistenced.service.d/a.conf"
		" && ln -s /dev/null " UNIT ".d/a.conf",
		CHECK_SERVICE_TIMEOUT_CONFIGURED, IS_PASS, "", { 0 } },
	{ "masked, by a link in other words", SINGLE, "ln -s ../../../dev/null " UNIT,
		CHECK_SERVICE_PERSISTENCED_CONFIGURED, IS_FAIL, "masked", { 0 } },
	{ "masked, by an empty file", SINGLE, ": > " UNIT,
		CHECK_SERVICE_PERSISTENCED_CONFIGURED, IS_FAIL, "masked", { 0 } },
	{ "a drop-in for all of a family", SINGLE,
		"mkdir -p etc/systemd/system/nvidia-.service.d; printf '[Service]\\nTimeoutStartSec=30\\n' > etc/systemd/system/nvidia-.service.d/a.conf",
		CHECK_SERVICE_TIMEOUT_CONFIGURED, IS_FAIL, "30 s", { 0 } },
	{ "a drop-in for all services", SINGLE,
		"mkdir -p run/systemd/system/service.d; printf '[Service]\\nTimeoutStartSec=30\\n' > run/systemd/system/service.d/a.conf",
		CHECK_SERVICE_TIMEOUT_CONFIGURED, IS_FAIL, "30 s", { 0 } },
	{ "a drop-in for all services, behind one of its own", SINGLE,
		"mkdir -p run/systemd/system/service.d; printf '[Service]\\nTimeoutStartSec=30\\n' > run/systemd/system/service.d/a.conf; " DROP
		"'TimeoutStartSec=800\\n' > " UNIT ".d/b.conf",
		CHECK_SERVICE_TIMEOUT_CONFIGURED, IS_PASS, "800 s", { 0 } },
	{ "a drop-in that cannot be read", SINGLE, "mkdir -p " UNIT ".d/a.conf",
		CHECK_SERVICE_TIMEOUT_CONFIGURED, IS_UNKNOWN, "a drop-in", { 0 } },
	{ "a wish for it, and systemd's word against it", SINGLE,
		"sed -i s/UnitFileState=enabled/UnitFileState=masked-runtime/ run/assay/systemd",
		CHECK_SERVICE_ENABLED, IS_FAIL, "does not start", { 0 } },
	/* ---- boot ---- */
	{ "memory for a crash kernel, by size",
		{ TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_CRASH },
		"sed -i 's/crashkernel=[^ ]*/crashkernel=0M-2G:0M,2G-8G:192M,8G-:256M/' proc/cmdline",
		CHECK_BOOT_CRASHKERNEL, IS_WARN, "inherit", { 0 } },
	{ "the settings cannot be read", SINGLE, "rm etc/default/grub; mkdir etc/default/grub",
		CHECK_BOOT_SWIOTLB_CONFIGURED, IS_UNKNOWN, "etc/default/grub", { 0 } },
	{ "options twice, for GRUB", SINGLE,
		"for f in boot/loader/entries/*.conf; do echo 'options swiotlb=4194304,any' >> $f; done",
		CHECK_BOOT_SWIOTLB_CONFIGURED, IS_WARN, "first alone", { 0 } },
	{ "another kernel once", SINGLE,
		"set -- boot/loader/entries/*.conf; sed 's/^version .*/version 9.9.9-none/' $1 > boot/loader/entries/once.conf;"
		" sed -i 2inext_entry=once boot/grub2/grubenv",
		CHECK_DRIVER_MODULE, IS_FAIL, "9.9.9-none", { 0 } },
	{ "another kernel once, behind a first word", SINGLE,
		"set -- boot/loader/entries/*.conf; sed 's/^version .*/version 9.9.9-none/' $1 > boot/loader/entries/once.conf;"
		" sed -i '2inext_entry=\\nnext_entry=once' boot/grub2/grubenv",
		CHECK_DRIVER_MODULE, IS_FAIL, "9.9.9-none", { 0 } },
	{ "another kernel by GRUB_DEFAULT", SINGLE,
		"set -- boot/loader/entries/*.conf; sed 's/^version .*/version 9.9.9-none/' $1 > boot/loader/entries/once.conf;"
		" echo 'GRUB_DEFAULT=once' >> etc/default/grub",
		CHECK_DRIVER_MODULE, IS_FAIL, "9.9.9-none", { 0 } },
	{ "another kernel by loader.conf",
		{ TREE_ROCKY9, 8, 4, TREE_SET_UP | TREE_SYSTEMD_BOOT },
		"cd */loader 2>/dev/null || cd boot/efi/loader; set -- entries/*.conf;"
		" sed 's/^version .*/version 1.1.1-none/' $1 > entries/0.conf; echo 'default 0.conf' >> loader.conf",
		CHECK_DRIVER_MODULE, IS_FAIL, "1.1.1-none", { 0 } },
	{ "more entries than are read", SINGLE,
		"set -- boot/loader/entries/*.conf; for i in $(seq 70); do cp $1 boot/loader/entries/x$i.conf; done",
		CHECK_BOOT_SWIOTLB_CONFIGURED, IS_UNKNOWN, "", { 0 } },
	{ "a pool of unknown size", SINGLE, "rm -f dev/kmsg; rm -rf sys/kernel/debug",
		CHECK_MEMORY_SIZE, IS_SKIPPED, "", { 0 } },
	/* ---- what drivers say ---- */
	{ "an environment that nobody knows", SINGLE, "true", CHECK_CC_ENVIRONMENT, IS_UNKNOWN,
		"", { .environment = 77 } },
	{ "a mode that nobody knows", PPCIE, "true", CHECK_CC_MULTIGPU, IS_UNKNOWN, "",
		{ .multi_gpu = 77 } },
	{ "a mode of other machines", PPCIE, "true", CHECK_CC_MULTIGPU, IS_UNKNOWN, "Blackwell",
		{ .multi_gpu = 2 } },
	{ "no word of the fabric", PPCIE, "true", CHECK_SERVICE_FABRICMANAGER_EFFECTIVE,
		IS_UNKNOWN, "does not tell", { .fabric = -1 } },
};

static void odd(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct asked_of a = { &rows[i].tree, rows[i].says };
		char                  message[RESULT_TEXT];
		struct finding        f;

		row_of(&a, rows[i].shell, rows[i].check, &f, message);
		print_message("%s: %s\n", rows[i].name, message);
		assert_int_equal(f.outcome, outcomes[rows[i].is]);
		assert_non_null(strstr(message, rows[i].part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(odd) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
