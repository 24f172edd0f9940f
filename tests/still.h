/* SPDX-License-Identifier: Apache-2.0
 *
 * Time that stands still until a test lets it pass, for this process and all that it forks from then on: what is asked of
 * the monotonic clock, of poll() and of ppoll(). So a limit strikes where it is to strike, and nowhere else, however busy
 * the machine is. */
#ifndef TESTS_STILL_H
#define TESTS_STILL_H

#include <stdint.h>

/* From now on; once in a program. */
void still_begin(void);

/* That much has passed, for all of them at once. */
void still_pass(int64_t ms);

/* Time goes by quickly, and this process does nothing else; does not return. */
_Noreturn void still_hurry(void);

#endif
