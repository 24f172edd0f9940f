/* SPDX-License-Identifier: Apache-2.0
 *
 * Journals on disk, below var/lib/assay/txn of the root: a folder a run, the journal in it, and the bytes of files as they were
 * and as they became. Every line is on the disk before what it says is done. */
#ifndef ENV_TXN_WRITE_H
#define ENV_TXN_WRITE_H

#include "env/txn.h"

#define TXN_FOLDER "var/lib/assay/txn"

struct txn_writer {
	int    folder, fd;
	size_t steps;
	char   id[TXN_ID];
	bool   spoilt; /* half a line could not be taken back: nothing more is written */
	/* For tests: called before each line is written and after; NULL: nobody is. */
	void (*tap)(void *ctx);
	void *ctx;
};

/* One run at a time; *lock is closed by the caller. HOST_BUSY. */
enum assay_code txn_lock(const struct root *r, int *lock, struct assay_err *e);

enum assay_code txn_new(const struct root *r, const char *profile, const char *boot,
	int64_t now, struct txn_writer *out, struct assay_err *e);
/* To go on with one: what is behind its last whole line goes. */
enum assay_code txn_open(
	const struct root *r, const struct txn *t, struct txn_writer *out, struct assay_err *e);
void txn_close(struct txn_writer *w);

/* The record of a step that is about to be done; row is taken. */
enum assay_code txn_begin(struct txn_writer *w, const char *item, enum txn_do what, json_t *row,
	struct assay_err *e);
/* made: files a command made again, a list of "path" and "sha256"; taken. NULL: none. */
enum assay_code txn_end(struct txn_writer *w, int64_t status, const char *why, json_t *made,
	struct assay_err *e);
enum assay_code txn_undone(
	struct txn_writer *w, size_t step, const char *how, struct assay_err *e);
enum assay_code txn_finish(struct txn_writer *w, struct assay_err *e);

/* Bytes of a step's file: which is "before", "after" or "edited". The next step's, or a step's of one that is read. */
enum assay_code txn_keep(struct txn_writer *w, size_t step, const char *which,
	struct bytes body, struct assay_err *e);
enum assay_code txn_kept(const struct root *r, const char *id, size_t step, const char *which,
	struct buf *out, struct assay_err *e);

/* The ids there are, the oldest first; none without the folder. */
enum assay_code txn_list(const struct root *r, struct names *out, struct assay_err *e);
/* HOST_JOURNAL: it is damaged, and what it says is not believed; HOST_WRITE: it cannot be read. */
enum assay_code txn_read(
	const struct root *r, const char *id, struct txn *out, struct assay_err *e);
/* Of a damaged one what can be read, to be shown: txn_salvage(). ASSAY_OK in why: it is whole. text lends to out. */
void txn_read_damaged(const struct root *r, const char *id, struct buf *text, struct txn *out,
	struct assay_err *why);

/* A damaged journal is put aside under that name: txn_list() passes it over. */
#define TXN_ASIDE "aside-"

#endif
