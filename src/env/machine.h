/* SPDX-License-Identifier: Apache-2.0
 *
 * The machine as it was found: what its files, its kernel, systemd and the GPUs' driver say. Read once, then judged by the
 * items; assay setup plans on the same. What could not be read keeps its errno. */
#ifndef ENV_MACHINE_H
#define ENV_MACHINE_H

#include "collect/collect.h"
#include "env/cmdline.h"
#include "env/data.h"
#include "env/grub.h"
#include "env/root.h"
#include "env/systemd.h"
#include "env/unit.h"
#include "env/version.h"

#define MACHINE_PCI     64  /* NVIDIA's functions */
#define MACHINE_ENTRIES 64  /* boot entries */
#define MACHINE_FILES   256 /* of modprobe's configuration */
#define MACHINE_KERNELS 32  /* folders below lib/modules */
#define MACHINE_LOG     4194304
#define MACHINE_NAME    128

enum profile { PROFILE_AUTO, PROFILE_NONE, PROFILE_SINGLE, PROFILE_PPCIE, PROFILE_OTHER };

const char *profile_name(enum profile p); /* "single" */

enum os_family { OS_OTHER, OS_ALINUX, OS_EL, OS_DEBIAN }; /* Debian and its like, Ubuntu too */

struct pci_function {
	char     address[16]; /* 0000:01:00.0 */
	uint16_t device;
	bool     nvswitch, known, confidential;
	char     driver[32]; /* "": none */
	bool     bars;       /* BAR0 and a large prefetchable one have addresses */
	bool     bars_read;
};

enum boot_style { BOOT_DIRECT, BOOT_BLS, BOOT_GRUB, BOOT_SYSTEMD, BOOT_UKI };

struct boot_entry {
	char       id[MACHINE_NAME]; /* the file's name without ".conf", or the menu's title */
	char       menu_id[MACHINE_NAME]; /* of a menu that has both; "": none */
	char       kernel[MACHINE_NAME];  /* its version; "" when not told */
	char       path[256];             /* where it is written */
	char       initrd[256]; /* as the entry has it, from its partition on; "": not told */
	struct buf options;     /* variables replaced */
	bool       next;        /* it boots next */
	bool       several;     /* more than one line of options */
};

struct boot {
	enum boot_style   style;
	int               no; /* errno of the entries' place; 0: read */
	char              place[128];
	struct boot_entry entry[MACHINE_ENTRIES];
	size_t            entries;
	struct grub       grub;        /* settings that new kernels inherit from */
	struct buf        kernel_file; /* /etc/kernel/cmdline */
	bool              grub_there, kernel_there;
	bool unmounted; /* /boot has a file system of its own, and that is not there */
	int  source_no; /* errno of the first of the settings that could not be read */
};

struct modprobe_file {
	char       path[192];
	struct buf text;
	int64_t    changed; /* mtime */
};

/* Is it below /run? Such a file hides one of its name below /usr/lib, until the reboot. */
static inline bool modprobe_passing(const char *path)
{
	return strncmp(path, "run/", 4) == 0;
}

struct kernel_modules { /* of one kernel */
	char kernel[MACHINE_NAME];
	char nvidia[256]; /* path of nvidia.ko below its folder; "": none */
};

/* A unit as its files say it, and as systemd does. */
struct unit_found {
	struct buf        text[UNIT_FILES]; /* its own file first */
	struct unit_files files;
	char              path[192]; /* of its own file; "": none */
	bool              there, masked, enabled;
	int               unread; /* errno of a drop-in that could not be read */
	struct unit_facts live;   /* by D-Bus, or recorded in a tree */
};

enum asked {
	ASKED,
	ASKED_NOT_HERE, /* a tree */
	ASKED_NOT_UP, /* nvidia-persistenced does not run: a program that comes first and goes ends the GPUs' session */
};

struct inspection {       /* what is to be looked at */
	const char *root; /* NULL: "/" */
	bool emulated; /* the root stands for this very machine: its GPUs answer by their library */
	enum profile profile;
	const char  *type; /* the instance type that was rented; NULL: not said */
	bool         registers;
	/* In the place of collect(), for tests. */
	enum assay_code (*ask)(void *ctx, struct collected *out, struct assay_err *e);
	void   *ctx;
	int64_t now;
};

struct machine {
	const struct inspection *how;
	const struct data       *data;
	struct root              root;
	char                     arch[64];

	struct pci_function pci[MACHINE_PCI];
	size_t              functions, gpus, switches;
	int                 pci_no;
	enum profile        found, profile; /* by the bus; as wanted, or found */

	char           os_id[32], os_version[32], os_name[96];
	int            os_no;
	enum os_family os;
	char           osrelease[MACHINE_NAME];
	struct kernel  kernel;
	struct buf     cmdline;
	int            cmdline_no;
	struct swiotlb swiotlb; /* of the command line */
	bool           td_flag; /* the processor says that this is a TD */
	int            td_no;   /* why that is not known */

	uint64_t    pool;        /* effective slabs; 0: not known */
	const char *pool_source; /* where that is from */
	bool        pool_high;   /* it reaches beyond 4 GiB */
	uint64_t    memory;      /* bytes; 0: not known */

	struct buf  log;
	const char *log_source; /* NULL: there is none to read */
	int         log_no;
	bool        log_cut; /* it begins later than the kernel did */

	struct boot           boot;
	struct modprobe_file  modprobe[MACHINE_FILES];
	size_t                modprobes;
	int                   modprobe_unread; /* errno of one that could not be read */
	struct kernel_modules modules[MACHINE_KERNELS];
	size_t                kernels;

	struct unit_found persistenced, fabric, cloudmonitor;
	bool              units_live; /* systemd answered, or a record did */

	char driver[COLLECT_TEXT]; /* loaded; "": none */
	bool driver_open;

	enum asked       asked;
	struct collected gpu_says; /* only ASKED */

	unsigned net_cards, data_disks;
	char     sys_vendor[64], product[64];
};

/* Look at everything. ASSAY_OK whatever was found; INPUT_FILE for the root, INTERNAL. */
enum assay_code inspect(const struct inspection *how, const struct data *data,
	struct machine **out, struct assay_err *e);
void            machine_free(struct machine *m);

/* Parts of it. */
void inspect_pci(struct machine *m);
void inspect_boot(struct machine *m);
void inspect_modules(struct machine *m);
void inspect_log(struct machine *m);
void inspect_memory(struct machine *m);
void inspect_io(struct machine *m);
void inspect_units(struct machine *m);

/* A unit's files, by name; *out is { 0 } before. */
void unit_find(const struct machine *m, const char *name, struct unit_found *out);
void unit_found_done(struct unit_found *u);

/* The modules' row of a kernel; NULL: it has no folder. */
const struct kernel_modules *machine_modules(const struct machine *m, const char *kernel);

/* Does this kernel keep memory for another, which would inherit its arguments? */
bool machine_crash_kernel(const struct machine *m);

/* The kernel that boots next; "" when it is not known. */
const char *machine_next_kernel(const struct machine *m);

#endif
