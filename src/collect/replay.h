/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence and collateral from files. */
#ifndef COLLECT_REPLAY_H
#define COLLECT_REPLAY_H

#include "base/buf.h"

/* A regular file (or a pipe, with path "-": standard input) of at most limit bytes. ASSAY_INPUT_FILE when it is absent,
 * unreadable or a directory, ASSAY_INPUT_SIZE when it is larger; nothing past the limit is read. */
enum assay_code replay_file(
	const char *path, size_t limit, struct buf *out, struct assay_err *e);

/* Call take for each regular file of a folder, in the order of their names, at most limit_files; path may be a file. */
enum assay_code replay_folder(const char *path, size_t limit, size_t limit_files,
	enum assay_code (*take)(
		void *ctx, const char *name, struct bytes body, struct assay_err *e),
	void *ctx, struct assay_err *e);

#endif
