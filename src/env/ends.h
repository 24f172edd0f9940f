/* SPDX-License-Identifier: Apache-2.0
 *
 * Ctrl-C and its like while a machine is changed: they wait until the step that is under way is whole. A second one ends the
 * program that this step runs, for it may hang; and so does the end of the time that the program has. */
#ifndef ENV_ENDS_H
#define ENV_ENDS_H

#include <sys/types.h>

#include "base/bytes.h"

/* From here on SIGINT, SIGTERM and SIGHUP wait, and SIGPIPE is nothing. */
void ends_hold(void);

/* As they were before, while somebody is asked something. */
void ends_release(void);

/* Has one come since? */
bool ends_asked(void);

/* A program that was started, and called ends_child(). */
struct ends_program {
	pid_t    pid;
	int      from;          /* what it prints, to be read without waiting; -1: nothing */
	unsigned limit_s;       /* so long it may run */
	unsigned grace_s;       /* and so long it may take to end when it is told to */
	void (*say)(void *ctx); /* after the first signal */
	void (*took)(void *ctx, struct bytes printed);
	void *ctx;
	int   how;  /* in the end: waitpid()'s */
	bool  late; /* its time was over */
};

/* Wait for it. One that is told to end is told with all of its group, and what does not end then is ended by force. What it left
 * running in groups of their own, daemons, goes on, and is not waited for. 0, or an errno. */
int ends_wait(struct ends_program *p);

/* In a child: a session of its own, signals and umask as in a new process, and no file but the first three. */
void ends_child(void);

#endif
