/* SPDX-License-Identifier: Apache-2.0
 *
 * What outlives a process: five verbs over one database, by namespace and key. Safe for many processes at once; a
 * process that is killed leaves it usable. Values are bytes with an end: past it they are not given any more.
 *
 * Nothing that comes out is trusted for having been here: whoever takes it verifies it again. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"

#define STORE_NAME    64                    /* bytes of a namespace or stream */
#define STORE_KEY     512                   /* of a key */
#define STORE_VALUE   (4 * 1024 * 1024)     /* of a value */
#define STORE_ENTRIES 16384                 /* of a namespace: a fleet's answers of a week */
#define STORE_BYTES   (256LL * 1024 * 1024) /* of a namespace; of a stream, four times that */

struct store;

/* path: a file, made when absent (with its folder, for its owner alone). HOST_STORE: cannot be opened, is of another
 * program or a newer assay, or damaged; it is never replaced here. */
enum assay_code store_open(const char *path, struct store **out, struct assay_err *e);
void            store_close(struct store *s);

/* Removes the file, whatever is in it: for one that is damaged. HOST_STORE. */
enum assay_code store_remove(const char *path, struct assay_err *e);

/* put_new: *fresh false when the key is there already, and nothing changes. take: get, and gone. ends: seconds since 1970
 * UTC, INT64_MAX for never. get, take: *found false when absent or past its end at now; value is appended to. A namespace
 * that is full gives up what ends first for put; for put_new, whose entries mark what was used, only what has ended, and
 * HOST_STORE is returned when that is not enough. All of them: HOST_STORE. */
enum assay_code store_put_new(struct store *s, const char *space, const char *key,
	struct bytes value, int64_t ends, int64_t now, bool *fresh, struct assay_err *e);
enum assay_code store_put(struct store *s, const char *space, const char *key,
	struct bytes value, int64_t ends, int64_t now, struct assay_err *e);
enum assay_code store_get(struct store *s, const char *space, const char *key, int64_t now,
	struct buf *value, bool *found, struct assay_err *e);
enum assay_code store_take(struct store *s, const char *space, const char *key, int64_t now,
	struct buf *value, bool *found, struct assay_err *e);
/* To the end of a stream. */
enum assay_code store_append(struct store *s, const char *stream, struct bytes value,
	int64_t now, struct assay_err *e);

struct store_entry { /* lent for the call */
	const char  *key;
	int64_t      put, ends;
	struct bytes value;
};

/* Calls take for each entry of a namespace, in the order of their keys, until it does not return ASSAY_OK. Those past
 * their end, too: who asks sees what there is. */
enum assay_code store_each(struct store *s, const char *space,
	enum assay_code (*take)(
		void *ctx, const struct store_entry *entry, struct assay_err *e),
	void *ctx, struct assay_err *e);

/* Removes one entry; all past their end at now (INT64_MAX: all there are). *gone counts. */
enum assay_code store_drop(
	struct store *s, const char *space, const char *key, struct assay_err *e);
enum assay_code store_prune(
	struct store *s, const char *space, int64_t now, size_t *gone, struct assay_err *e);

#endif
