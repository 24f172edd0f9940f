/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine's files below one folder, as a distribution and a state of affairs have them: the fixtures of assay doctor. */
#ifndef TESTS_ENV_TREE_H
#define TESTS_ENV_TREE_H

#include "collect/collect.h"

enum tree_os {
	TREE_ALINUX3,
	TREE_ROCKY8,
	TREE_ROCKY9,
	TREE_UBUNTU2204,
	TREE_UBUNTU2404,
	TREE_DEBIAN12
};

/* What is set up, and what is wrong. */
enum tree_state {
	TREE_BARE        = 0,
	TREE_SET_UP      = 1,   /* all of the guide was done, and it runs */
	TREE_NOUVEAU     = 2,   /* nouveau holds the GPU */
	TREE_STARTING    = 4,   /* nvidia-persistenced is activating */
	TREE_ANY_IGNORED = 8,   /* the pool is 1 GiB, though 8 were asked for */
	TREE_UKI         = 16,  /* booted by a unified kernel image */
	TREE_CC_OFF      = 32,  /* the host has CC mode off */
	TREE_NOT_BOOTED  = 64,  /* set up, and not yet rebooted */
	TREE_OLD_IMAGE   = 128, /* an initramfs older than the module options */
	TREE_FAULTS      = 256, /* a log full of trouble */
	TREE_ORDER       = 512, /* a service that opens the GPU too early, and one in a cycle */
	TREE_EXTRA_CARD  = 1024, /* a second network card and a data disk */
	TREE_STOPPED     = 2048, /* nvidia-persistenced does not run */
	TREE_OLD_FABRIC  = 4096, /* Fabric Manager of another version */
	TREE_HOSTILE     = 8192, /* names that would do something to a terminal */
	TREE_GATE =
		16384, /* assay-attest.service at boot, and nothing that waits for the clock */
	TREE_SYSTEMD_BOOT = 1 << 15, /* entries of systemd-boot, and no GRUB */
	TREE_EFI = 1 << 16, /* EL8 with UEFI: GRUB's files are on the system partition */
	TREE_NO_BLS =
		1 << 17, /* EL8: the menu is generated, and the entries lie about unused */
	TREE_MODPROBE =
		1 << 18, /* options in /usr/lib, /run and /etc that contradict each other */
	TREE_FOREIGN_LIB = 1 << 19, /* libnvidia-ml.so.1 is a link to something else */
	TREE_CRASH       = 1 << 20, /* memory is kept for a crash kernel */
	TREE_ORDINARY    = 1
		<< 21, /* no TD, no loader's files, the driver's library in a place of its own */
	TREE_WAITS      = 1 << 22, /* the one GPU waits for a fabric */
	TREE_NVLINK_OFF = 1 << 23, /* NVreg_NvLinkDisable=1 */
	TREE_NO_LISTS   = 1 << 24, /* apt was never asked for its lists */
};

struct tree {
	enum tree_os os;
	unsigned     gpus, switches, state;
};

/* Into an empty folder; the test fails when it cannot be. */
void tree_make(const char *folder, const struct tree *t);

/* What the GPUs' driver would say there. */
enum assay_code tree_ask(void *tree, struct collected *out, struct assay_err *e);

#endif
