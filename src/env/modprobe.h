/* SPDX-License-Identifier: Apache-2.0
 *
 * One file of modprobe.d, line by line, and the NVIDIA driver's registry keys in it. Which files count, and in which
 * order, is the caller's: environment LKCA-02.
 *
 * Source: modprobe.d(5); kmod, libkmod-config.c. */
#ifndef ENV_MODPROBE_H
#define ENV_MODPROBE_H

#include "base/buf.h"

#define MODPROBE_FILE   262144 /* bytes of one file */
#define MODPROBE_LINE   4096   /* characters of a line, continued ones together */
#define MODPROBE_MODULE 64

enum modprobe_verb {
	MODPROBE_OTHER, /* a word that modprobe does not know, or a line that is too long */
	MODPROBE_OPTIONS,
	MODPROBE_INSTALL,
	MODPROBE_BLACKLIST,
	MODPROBE_SOFTDEP,
	MODPROBE_ALIAS,
	MODPROBE_REMOVE,
};

struct modprobe { /* { .in = file } is at its beginning */
	struct bytes in;
	size_t       at;
	char         text[MODPROBE_LINE]; /* the line, joined */
};

struct modprobe_line { /* module and rest live until the next line */
	enum modprobe_verb verb;
	char               module[MODPROBE_MODULE]; /* with "_" for "-" */
	struct bytes       rest;
	struct bytes       raw; /* as it stands in the file, newline included */
};

/* The next line that is neither blank nor a comment; false at the end. */
bool modprobe_next(struct modprobe *m, struct modprobe_line *out);

/* The value of the last "name=value" among the options of a line, without quotes. */
bool modprobe_option(struct bytes rest, const char *name, struct bytes *value);

/* Does a shell command load that module ("modprobe NAME"), with "-" and "_" as one? */
bool modprobe_loads(struct bytes command, const char *module);

/* The same for the module whose install line it is: by "--ignore-install". */
bool modprobe_loads_itself(struct bytes command, const char *module);

/* Is the module among those of "softdep NAME pre: ... post: ..." that come before? */
bool modprobe_before(struct bytes rest, const char *module);

/* A key of "A=0x1;B=2": its number. false: absent, or no number. */
bool registry_get(struct bytes keys, const char *key, uint32_t *out);

/* The value of "RegistryDwords: "..."" in /proc/driver/nvidia/params. */
bool registry_params(struct bytes params, struct bytes *keys);

#define NVLINK_OPTION   "NVreg_NvLinkDisable"
#define REGISTRY_OPTION "NVreg_RegistryDwords"
#define REGISTRY_PPCIE  "RmEnableProtectedPcie"

/* A copy of a modprobe.d file in which the driver's registry has that key with that value (NULL: does not have it): in the
 * last line of options that has the registry, which keeps its other keys, or in a line of its own at the end. A line that
 * would be left without any option goes. All else stays, to the byte. INPUT_KIND: it is written in a way that is not changed
 * here, such as a last line that goes on. */
enum assay_code registry_set(struct bytes file, const char *key, const char *value,
	struct buf *out, struct assay_err *e);

#endif
