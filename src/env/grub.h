/* SPDX-License-Identifier: Apache-2.0
 *
 * GRUB's settings (/etc/default/grub and its drop-ins) and its generated menu (grub.cfg). The settings are shell; what is
 * read are assignments, as shells read them. A line that is none (if, for, a command) makes the answer doubtful: opaque.
 *
 * Source: GRUB manual, "Simple configuration handling"; POSIX shell, quoting. */
#ifndef ENV_GRUB_H
#define ENV_GRUB_H

#include "base/buf.h"

#define GRUB_FILE 1048576 /* bytes; a generated menu of many kernels */

enum grub_name {
	GRUB_CMDLINE,         /* GRUB_CMDLINE_LINUX: every entry */
	GRUB_CMDLINE_DEFAULT, /* GRUB_CMDLINE_LINUX_DEFAULT: all but recovery */
	GRUB_DEFAULT_ENTRY,   /* GRUB_DEFAULT */
	GRUB_BLS,             /* GRUB_ENABLE_BLSCFG */
	KDUMP_REMOVE, /* KDUMP_COMMANDLINE_REMOVE of /etc/sysconfig/kdump: words that the crash kernel does not inherit */
	GRUB_NAMES
};

struct grub {
	struct buf value[GRUB_NAMES];
	bool       set[GRUB_NAMES];
	size_t     opaque; /* lines that are no assignment */
};

/* Take one file's assignments over those before. INPUT_SIZE, NO_MEMORY. */
enum assay_code grub_read(struct bytes in, struct grub *g, struct assay_err *e);
void            grub_done(struct grub *g);

/* The kernel's arguments that a usual entry gets: both lists. */
enum assay_code grub_cmdline(struct grub *g, struct buf *out, struct assay_err *e);

/* A copy of a settings file in which GRUB_CMDLINE_LINUX has the argument with that value once (NULL: not): in the last
 * assignment of it, or else in a new line at the end. All else stays. INPUT_KIND: it is written in a way that is not changed
 * here: pieces of quotes, a variable that brings the argument, a last line that goes on. */
enum assay_code grub_set(struct bytes in, const char *name, const char *value, struct buf *out,
	struct assay_err *e);

/* The same of another variable; value "": a word alone. */
enum assay_code grub_set_of(struct bytes in, enum grub_name variable, const char *name,
	const char *value, struct buf *out, struct assay_err *e);

/* Is that word, or argument, in the variable's value? */
bool grub_lists(struct bytes in, enum grub_name variable, const char *name);

/* One entry of a generated menu that starts Linux. */
struct grub_entry {
	struct bytes title, id, path, options; /* id: empty when it has none */
	unsigned     depth;                    /* 0: in the menu itself; 1: in a submenu */
};

struct grub_menu { /* { .in = file } */
	struct bytes in;
	size_t       at;
	struct bytes title, id;
	unsigned     depth;
};

bool grub_next(struct grub_menu *m, struct grub_entry *out);

#endif
