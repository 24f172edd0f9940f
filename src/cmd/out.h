/* SPDX-License-Identifier: Apache-2.0
 *
 * Results that go to a file: whole, or the old one stays. */
#ifndef CMD_OUT_H
#define CMD_OUT_H

#include "base/buf.h"

/* Under another name beside it, to the disk, then renamed. "-" is standard output; what is no regular file (a pipe, a
 * terminal) is written to as it is. ASSAY_INPUT_FILE. */
enum assay_code out_file(const char *path, struct bytes body, struct assay_err *e);

#endif
