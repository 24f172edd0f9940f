/* SPDX-License-Identifier: Apache-2.0
 *
 * For LD_PRELOAD: a process that believes it is $PURITY_CLOCK, in seconds since 1970. Only the wall clock is faked;
 * monotonic clocks measure how long something takes and say nothing of today. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static time_t today(void)
{
	const char *text = getenv("PURITY_CLOCK");

	return text == NULL ? 0 : (time_t)strtoll(text, NULL, 10);
}

EXPORT time_t time(time_t *out)
{
	time_t t = today();

	if (out != NULL)
		*out = t;
	return t;
}

EXPORT int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
	(void)zone;
	*out = (struct timeval){ .tv_sec = today() };
	return 0;
}

EXPORT int clock_gettime(clockid_t clock, struct timespec *out)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE && clock != CLOCK_TAI)
		return (int)syscall(SYS_clock_gettime, clock, out);
	*out = (struct timespec){ .tv_sec = today() };
	return 0;
}

EXPORT int timespec_get(struct timespec *out, int base)
{
	return clock_gettime(CLOCK_REALTIME, out) == 0 ? base : 0;
}
