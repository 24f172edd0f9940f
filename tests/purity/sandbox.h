/* SPDX-License-Identifier: Apache-2.0
 *
 * From here on this process opens nothing. */
#ifndef TESTS_PURITY_SANDBOX_H
#define TESTS_PURITY_SANDBOX_H

#include <stdbool.h>

/* A system call that opens a file, makes a socket or starts a program ends the process with SIGSYS; to refuse it with an
 * error would let a library try, fail and go on unnoticed. False when the filter cannot be had. Not to be undone. */
bool sandbox_enter(void);

#endif
