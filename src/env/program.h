/* SPDX-License-Identifier: Apache-2.0
 *
 * A program of this machine, run for a step of setup: found in the system's own folders, with an environment of its own, for a
 * limited time. What it prints is made printable, and shown line by line as it comes; its last lines are kept. */
#ifndef ENV_PROGRAM_H
#define ENV_PROGRAM_H

#include "env/operate.h"

#define PROGRAM_ABSENT 127
#define PROGRAM_LATE \
	143 /* as a shell says it of one that SIGTERM ended, whatever it says itself */

/* Its path; false: it is not there. */
bool program_find(const char *name, char out[ROOT_PATH]);

/* So long it may run. */
unsigned program_limit(const char *const *argv);

/* argv to its end. HOST_BUSY: it is a package manager, and somebody else is at work. */
enum assay_code program_run(
	const struct operate *o, const char *const *argv, struct ran *out, struct assay_err *e);

/* Waits for a program that was started, as the rest of o wants it. */
int program_wait(const struct operate *o, struct ends_program *p);

/* What is said after the first signal, while it still runs. */
void program_say_waits(const struct operate *o);

#endif
