/* SPDX-License-Identifier: Apache-2.0
 *
 * Entries of the Boot Loader Specification, and GRUB's environment block, which their options may refer to.
 *
 * Source: The Boot Loader Specification, type #1; GRUB's blscfg command (EL 8, 9); environment BOOT-02. */
#ifndef ENV_BLS_H
#define ENV_BLS_H

#include "base/buf.h"

#define BLS_FILE  65536 /* bytes of an entry */
#define BLS_PARTS 8     /* lines of options, or of initrd */
#define GRUBENV   65536 /* grub-editenv makes 1024 */

struct bls {
	struct bytes title, version, linux_path, sort_key, machine_id;
	struct bytes initrd[BLS_PARTS], options[BLS_PARTS];
	size_t       initrds, option_lines;
	bool         efi; /* a UKI or another EFI program: its arguments are inside */
};

/* INPUT_SIZE, INPUT_KIND: no entry, neither "linux" nor "efi". */
enum assay_code bls_parse(struct bytes in, struct bls *out, struct assay_err *e);

/* A variable of GRUB's environment block; false: none of that name. */
bool grubenv_get(struct bytes env, const char *name, struct bytes *value);

/* All options as one line: $kernelopts and the like replaced by what env says, or by nothing. */
enum assay_code bls_options(
	const struct bls *b, struct bytes env, struct buf *out, struct assay_err *e);

/* Entries by their files' names, without ".conf", in the order of the menu: the newest first. -1: a stands before b. */
int bls_order(struct bytes a, struct bytes b);

/* A copy of the entry, or of the environment block, in which the argument has that value once (NULL: is not there). All else
 * stays. Of an entry whose options are a variable alone nothing changes: the variable is the place. An environment block keeps
 * its size; INPUT_SIZE when there is no room. */
enum assay_code bls_set(struct bytes in, const char *name, const char *value, struct buf *out,
	struct assay_err *e);
enum assay_code grubenv_set(struct bytes env, const char *variable, const char *name,
	const char *value, struct buf *out, struct assay_err *e);

#endif
