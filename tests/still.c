/* SPDX-License-Identifier: Apache-2.0 */
#undef _FORTIFY_SOURCE /* whose poll() would be in the way of this one */
#include "still.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXPORT  __attribute__((visibility("default"))) /* also what libraries call */
#define STEP_MS 2                                      /* of real time, between two looks */

static int64_t *now_ns; /* shared; NULL: time is what it is */

void still_begin(void)
{
	struct timespec t;

	if (syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t) != 0)
		abort();
	now_ns = mmap(NULL, sizeof(*now_ns), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	if (now_ns == MAP_FAILED)
		abort();
	*now_ns = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void still_pass(int64_t ms)
{
	__atomic_add_fetch(now_ns, ms * 1000000, __ATOMIC_SEQ_CST);
}

void still_hurry(void)
{
	for (;;) {
		usleep(1000);
		still_pass(10);
	}
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *out)
{
	int64_t ns;

	if (now_ns == NULL || clock != CLOCK_MONOTONIC)
		return (int)syscall(SYS_clock_gettime, clock, out);
	ns   = __atomic_load_n(now_ns, __ATOMIC_SEQ_CST);
	*out = (struct timespec){ ns / 1000000000, ns % 1000000000 };
	return 0;
}

static int look(
	struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask)
{
	struct timespec left = limit == NULL ? (struct timespec){ 0 } : *limit;

	return (int)syscall(
		SYS_ppoll, fds, n, limit == NULL ? NULL : &left, mask, (size_t)(_NSIG / 8));
}

/* It is late only when the time was over before nothing was seen: what had been sent by then is not missed. */
EXPORT int ppoll(
	struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask)
{
	const struct timespec step = { 0, STEP_MS * 1000000 }, none = { 0 };
	int64_t               end;

	if (now_ns == NULL)
		return look(fds, n, limit, mask);
	end = limit == NULL ? INT64_MAX
			    : __atomic_load_n(now_ns, __ATOMIC_SEQ_CST) +
			(int64_t)limit->tv_sec * 1000000000 + limit->tv_nsec;
	for (;;) {
		const bool over = __atomic_load_n(now_ns, __ATOMIC_SEQ_CST) >= end;
		const int  seen = look(fds, n, over ? &none : &step, mask);

		if (seen != 0 || over)
			return seen;
	}
}

EXPORT int poll(struct pollfd *fds, nfds_t n, int ms)
{
	const struct timespec limit = { ms / 1000, ms % 1000 * 1000000L };

	return ppoll(fds, n, ms < 0 ? NULL : &limit, NULL);
}
