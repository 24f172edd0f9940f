/* SPDX-License-Identifier: Apache-2.0
 *
 * A process for code that may hang or crash: it has one line to us, nothing else of ours, and ends with us. */
#ifndef COLLECT_CHILD_H
#define COLLECT_CHILD_H

#include <sys/types.h>

#include "base/err.h"
#include "collect/record.h"

/* The speaking end. What cannot be said ends the process. What a call brought goes out with the name of the next one:
 * half as many messages, and nothing is late that the listener has a use for. */
struct teller {
	int        fd;
	struct buf held; /* said, and not gone out yet */
};

void tell(struct teller *t, enum record_key key, uint32_t device, struct bytes value);
void tell_text(struct teller *t, enum record_key key, uint32_t device, const char *text);
void tell_int(struct teller *t, enum record_key key, uint32_t device, int value);
void tell_fault(struct teller *t, uint32_t device, const struct assay_err *why);

/* The next call, before it is made: the clock of its deadline begins. */
static inline void tell_call(struct teller *t, uint32_t device, const char *name)
{
	tell_text(t, RECORD_CALL, device, name);
}

struct child {
	pid_t pid;
	int   fd; /* to read from */
};

/* In the child: wait for the parent's next word, n bytes. False when there is none to come. */
bool child_hear(const struct teller *t, void *word, size_t n);

/* In the parent. False when the child is gone. */
bool child_say(const struct child *c, const void *word, size_t n);

/* Between two errands a child has nothing to say: an end, or bytes that none asked for, are of one that is not to be used. */
bool child_is_quiet(const struct child *c);

/* No further word. */
void child_dismiss(const struct child *c);

/* Start a process that runs this function, and then ends. HOST... INTERNAL when there is none to be had. */
enum assay_code child_start(void (*run)(void *ctx, struct teller *t), void *ctx,
	struct child *out, struct assay_err *e);

/* End it, by force unless it has gone already, and take it off the list of processes. *status is that of waitpid(); -1
 * when it would not go: a process that hangs in the kernel cannot be ended, and is left to itself. */
void child_end(struct child *c, bool force, int *status);

#endif
