/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong with a GPU, for those who watch many: error counters, rows of memory replaced, events. Nothing ever
 * does here, but that a GPU is unplugged, which ends a wait for events. */
#include "nvml/nvml.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#define EXPORT    __attribute__((visibility("default")))
#define CALL(...) EXPORT nvml_return __VA_ARGS__

typedef unsigned long long u64;

/* Whatever structure it is: all of it is nought. */
static nvml_return tell_nothing(nvml_device device, void *out, size_t n)
{
	unsigned    unused;
	nvml_return rc = nvml_tell(device, &unused, 0);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		memset(out, 0, n);
	return rc;
}

static nvml_return tell64(nvml_device device, u64 *out, u64 value)
{
	const nvml_return rc = tell_nothing(device, out, sizeof(*out));

	if (rc == NVML_SUCCESS)
		*out = value;
	return rc;
}

/* Nanoseconds. */
static u64 now(clockid_t clock)
{
	struct timespec t = { 0 };

	clock_gettime(clock, &t);
	return (u64)t.tv_sec * 1000000000 + (u64)t.tv_nsec;
}

/* ---- counters ---- */

#define IDLE_WATTS 70

/* Millijoules. */
CALL(nvmlDeviceGetTotalEnergyConsumption(nvml_device device, u64 *out));
nvml_return nvmlDeviceGetTotalEnergyConsumption(nvml_device device, u64 *out)
{
	return tell64(device, out, IDLE_WATTS * (now(CLOCK_MONOTONIC) / 1000000));
}

/* Corrected or not, since the start or ever. */
CALL(nvmlDeviceGetTotalEccErrors(nvml_device device, unsigned type, unsigned since, u64 *out));
nvml_return nvmlDeviceGetTotalEccErrors(
	nvml_device device, unsigned type, unsigned since, u64 *out)
{
	return (type > 1 || since > 1) && nvml_ready() ? NVML_INVALID_ARGUMENT
						       : tell64(device, out, 0);
}

CALL(nvmlDeviceGetMemoryErrorCounter(
	nvml_device device, unsigned type, unsigned since, unsigned where, u64 *out));
nvml_return nvmlDeviceGetMemoryErrorCounter(
	nvml_device device, unsigned type, unsigned since, unsigned where, u64 *out)
{
	return where > 7 && nvml_ready()
		? NVML_INVALID_ARGUMENT
		: nvmlDeviceGetTotalEccErrors(device, type, since, out);
}

/* L1, L2, memory, registers. */
CALL(nvmlDeviceGetDetailedEccErrors(
	nvml_device device, unsigned type, unsigned since, u64 out[4]));
nvml_return nvmlDeviceGetDetailedEccErrors(
	nvml_device device, unsigned type, unsigned since, u64 out[4])
{
	return (type > 1 || since > 1) && nvml_ready()
		? NVML_INVALID_ARGUMENT
		: tell_nothing(device, out, 4 * sizeof(u64));
}

/* For corrected errors, for others; pending, failed. */
CALL(nvmlDeviceGetRemappedRows(
	nvml_device device, unsigned *a, unsigned *b, unsigned *pending, unsigned *failed));
nvml_return nvmlDeviceGetRemappedRows(
	nvml_device device, unsigned *a, unsigned *b, unsigned *pending, unsigned *failed)
{
	unsigned *const out[] = { a, b, pending, failed };
	nvml_return     rc    = NVML_SUCCESS;

	for (size_t i = 0; rc == NVML_SUCCESS && i < 4; i++)
		if (out[i] == NULL)
			rc = nvml_tell(device, NULL, 0);
	for (size_t i = 0; rc == NVML_SUCCESS && i < 4; i++)
		rc = nvml_tell(device, out[i], 0);
	return rc;
}

/* Banks with all of their spare rows, with some, few, one, none. */
CALL(nvmlDeviceGetRowRemapperHistogram(nvml_device device, unsigned out[5]));
nvml_return nvmlDeviceGetRowRemapperHistogram(nvml_device device, unsigned out[5])
{
	nvml_return rc = tell_nothing(device, out, 5 * sizeof(unsigned));

	return rc != NVML_SUCCESS ? rc : nvml_tell(device, &out[0], 2560);
}

/* How long a limit held the clocks down: the moment in microseconds since 1970, the length in nanoseconds. */
CALL(nvmlDeviceGetViolationStatus(nvml_device device, unsigned policy, u64 out[2]));
nvml_return nvmlDeviceGetViolationStatus(nvml_device device, unsigned policy, u64 out[2])
{
	nvml_return rc = policy > 11 && nvml_ready()
		? NVML_INVALID_ARGUMENT
		: tell_nothing(device, out, 2 * sizeof(u64));

	return rc != NVML_SUCCESS ? rc : tell64(device, &out[0], now(CLOCK_REALTIME) / 1000);
}

#define MASKS(X)                                                   \
	X(nvmlDeviceGetCurrentClocksThrottleReasons, 1) /* idle */ \
	X(nvmlDeviceGetCurrentClocksEventReasons, 1)               \
	X(nvmlDeviceGetSupportedClocksThrottleReasons, 0x1ff)      \
	X(nvmlDeviceGetSupportedClocksEventReasons, 0x1ff)         \
	X(nvmlDeviceGetSupportedEventTypes, EVENTS)
#define EVENTS 0x1fULL /* ECC errors, performance state, Xid, clocks */
#define X(name, value)                                 \
	CALL(name(nvml_device device, u64 *out));      \
	nvml_return name(nvml_device device, u64 *out) \
	{                                              \
		return tell64(device, out, value);     \
	}
MASKS(X)
#undef X

/* ---- fields: many values in one call, each with a code of its own ---- */

struct field { /* nvmlFieldValue_t */
	unsigned    id, scope;
	long long   time, took; /* microseconds */
	unsigned    type;
	nvml_return rc;
	union {
		unsigned u32;
		u64      u64;
	} value;
};

_Static_assert(sizeof(struct field) == 40, "a field");

enum { TYPE_U32 = 1, TYPE_U64 = 3, FIELD_ENERGY = 83 };

static const struct {
	unsigned id, type, value;
} fields[] = {
	{ 1, TYPE_U32, 1 }, /* ECC, now and after the next start */
	{ 2, TYPE_U32, 1 },
	{ 3, TYPE_U64, 0 }, /* its errors: corrected or not, since the start or ever */
	{ 4, TYPE_U64, 0 },
	{ 5, TYPE_U64, 0 },
	{ 6, TYPE_U64, 0 },
	{ 82, TYPE_U32, 30 }, /* of the memory, degrees Celsius */
	{ FIELD_ENERGY, TYPE_U64, 0 },
	{ 91, TYPE_U32, NVML_LINKS },
	{ 142, TYPE_U32, 0 }, /* rows replaced, see above */
	{ 143, TYPE_U32, 0 },
	{ 144, TYPE_U32, 0 },
	{ 145, TYPE_U32, 0 },
};

static void fill(nvml_device device, struct field *f)
{
	f->time = (long long)(now(CLOCK_REALTIME) / 1000);
	f->took = 0;
	f->rc   = NVML_NOT_SUPPORTED;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		if (fields[i].id != f->id)
			continue;
		f->rc        = NVML_SUCCESS;
		f->type      = fields[i].type;
		f->value.u64 = 0;
		if (f->type == TYPE_U32)
			f->value.u32 = fields[i].value;
		if (f->id == FIELD_ENERGY)
			f->rc = nvmlDeviceGetTotalEnergyConsumption(device, &f->value.u64);
	}
}

CALL(nvmlDeviceGetFieldValues(nvml_device device, int n, struct field *list));
nvml_return nvmlDeviceGetFieldValues(nvml_device device, int n, struct field *list)
{
	unsigned    unused;
	nvml_return rc = nvml_tell(device, &unused, 0);

	if (rc == NVML_SUCCESS && (n <= 0 || list == NULL))
		rc = NVML_INVALID_ARGUMENT;
	for (int i = 0; rc == NVML_SUCCESS && i < n; i++)
		fill(device, &list[i]);
	return rc;
}

/* ---- events ---- */

#define SETS  64
#define TAKEN (1ULL << 63) /* below: the devices, by number */

/* Places in an array, as handles are; words without a lock, since fork() may come at any time. */
static atomic_ullong sets[SETS];

static atomic_ullong *set_of(void *p)
{
	for (size_t i = 0; i < SETS; i++)
		if (p == &sets[i] && (sets[i] & TAKEN) != 0)
			return &sets[i];
	return NULL;
}

CALL(nvmlEventSetCreate(void **out));
nvml_return nvmlEventSetCreate(void **out)
{
	if (!nvml_ready())
		return NVML_UNINITIALIZED;
	if (out == NULL)
		return NVML_INVALID_ARGUMENT;
	for (size_t i = 0; i < SETS; i++) {
		u64 none = 0;

		if (atomic_compare_exchange_strong(&sets[i], &none, TAKEN)) {
			*out = &sets[i];
			return NVML_SUCCESS;
		}
	}
	return NVML_MEMORY;
}

CALL(nvmlEventSetFree(void *set));
nvml_return nvmlEventSetFree(void *set)
{
	atomic_ullong *s = nvml_ready() ? set_of(set) : NULL;

	if (s == NULL)
		return nvml_ready() ? NVML_INVALID_ARGUMENT : NVML_UNINITIALIZED;
	*s = 0;
	return NVML_SUCCESS;
}

CALL(nvmlDeviceRegisterEvents(nvml_device device, u64 types, void *set));
nvml_return nvmlDeviceRegisterEvents(nvml_device device, u64 types, void *set)
{
	unsigned       number;
	nvml_return    rc = nvmlDeviceGetMinorNumber(device, &number);
	atomic_ullong *s  = set_of(set);

	if (rc == NVML_SUCCESS && (s == NULL || number >= 63))
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS && (types & ~EVENTS) != 0)
		rc = NVML_NOT_SUPPORTED;
	if (rc == NVML_SUCCESS && types != 0)
		atomic_fetch_or(s, 1ULL << number);
	return rc;
}

/* Is every device of the set still there? */
static nvml_return all_there(u64 devices)
{
	nvml_return rc = NVML_SUCCESS;

	for (unsigned i = 0; rc == NVML_SUCCESS && i < 63; i++) {
		unsigned unused;

		if ((devices >> i & 1) != 0)
			rc = nvml_tell(nvml_device_of(i), &unused, 0);
	}
	return rc;
}

#define LOOK_NS 100000000ULL /* a GPU that goes is noticed this soon */

/* Into an event nothing is ever written: none comes. It is never back before the time is over. */
CALL(nvmlEventSetWait_v2(void *set, void *event, unsigned timeout_ms));
nvml_return nvmlEventSetWait_v2(void *set, void *event, unsigned timeout_ms)
{
	atomic_ullong *s     = nvml_ready() ? set_of(set) : NULL;
	const u64      until = now(CLOCK_MONOTONIC) + timeout_ms * 1000000ULL;
	nvml_return    rc    = NVML_SUCCESS;
	u64            t;

	if (s == NULL || event == NULL)
		return nvml_ready() ? NVML_INVALID_ARGUMENT : NVML_UNINITIALIZED;
	while ((rc = all_there(*s & ~TAKEN)) == NVML_SUCCESS &&
		(t = now(CLOCK_MONOTONIC)) < until) {
		struct timespec nap = { 0, (long)(until - t < LOOK_NS ? until - t : LOOK_NS) };
		const int       was = errno;

		nanosleep(&nap, NULL);
		errno = was;
	}
	return rc == NVML_SUCCESS ? NVML_TIMEOUT : rc;
}

CALL(nvmlEventSetWait(void *set, void *event, unsigned timeout_ms));
nvml_return nvmlEventSetWait(void *set, void *event, unsigned timeout_ms)
{
	return nvmlEventSetWait_v2(set, event, timeout_ms);
}
