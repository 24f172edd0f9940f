/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel's messages of this boot from systemd's journal, one a line. */
#ifndef ENV_JOURNAL_H
#define ENV_JOURNAL_H

#include "base/buf.h"

/* 0 or an errno; what is over the limit is left out. */
int journal_kernel(size_t limit, struct buf *out);

#endif
