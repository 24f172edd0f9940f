/* SPDX-License-Identifier: Apache-2.0
 *
 * Foreign text made printable: what comes from outside goes through here before it enters a message, a report or a
 * terminal. Bytes outside printable ASCII, and the backslash, become \xNN; what is too long ends in "...". */
#ifndef BASE_SHOW_H
#define BASE_SHOW_H

#include "base/bytes.h"

#define SHOW_MAX 160

/* Fills out and returns it. */
const char *show(struct bytes text, char out[SHOW_MAX]);

/* In an expression; lives as long as the block it stands in. */
#define SHOW(text) show((text), (char[SHOW_MAX]){ 0 })

#endif
