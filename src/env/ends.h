/* SPDX-License-Identifier: Apache-2.0
 *
 * Ctrl-C and its like while a machine is changed: they wait until the step that is under way is whole. A second one ends the
 * program that this step runs, for it may hang. */
#ifndef ENV_ENDS_H
#define ENV_ENDS_H

#include <stdbool.h>
#include <sys/types.h>

/* From here on SIGINT, SIGTERM and SIGHUP wait, and SIGPIPE is nothing. */
void ends_hold(void);

/* As they were before, while somebody is asked something. */
void ends_release(void);

/* Has one come since? */
bool ends_asked(void);

/* Wait for a child that called ends_child(); say() after the first signal. 0: it ended, *how is waitpid()'s; else an errno. */
int ends_wait(pid_t child, int *how, void (*say)(void *ctx), void *ctx);

/* In a child: a session of its own, signals and umask as in a new process, and no file but the first three. */
void ends_child(void);

#endif
