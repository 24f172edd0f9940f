/* SPDX-License-Identifier: Apache-2.0
 *
 * What outlives a process: five verbs over one database, by namespace and key. Safe for many processes at once; a
 * process that is killed leaves it usable. Values are bytes with an end: past it they are not given any more. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"

struct store;

/* path: a file, made when absent (with its folder, for its owner alone). HOST_STORE. */
enum assay_code store_open(const char *path, struct store **out, struct assay_err *e);
void            store_close(struct store *s);

/* put_new: *fresh false when the key is there already, and nothing changes. take: get, and gone. ends: seconds since 1970
 * UTC, INT64_MAX for never. get, take: *found false when absent or past its end at now. */
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

#endif
