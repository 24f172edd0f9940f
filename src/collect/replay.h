/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence and collateral from files. */
#ifndef COLLECT_REPLAY_H
#define COLLECT_REPLAY_H

#include "base/buf.h"

/* A regular file or a pipe (with path "-": standard input) of at most limit bytes. ASSAY_INPUT_FILE when it is absent,
 * unreadable or a directory, ASSAY_INPUT_SIZE when it is larger; nothing past the limit is read. */
enum assay_code replay_file(
	const char *path, size_t limit, struct buf *out, struct assay_err *e);

/* What a message calls it: the path, but "standard input" for "-". */
const char *replay_name(const char *path);

bool replay_is_folder(const char *path);

/* Call take for each regular file of a folder that has at most limit bytes, in the order of their names. What is hidden,
 * larger or no file is passed over; ASSAY_INPUT_SIZE for a folder of more than limit_files entries. */
enum assay_code replay_folder(const char *path, size_t limit, size_t limit_files,
	enum assay_code (*take)(
		void *ctx, const char *name, struct bytes body, struct assay_err *e),
	void *ctx, struct assay_err *e);

#endif
