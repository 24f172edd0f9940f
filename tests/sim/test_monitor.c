/* SPDX-License-Identifier: Apache-2.0
 *
 * What monitors and inventories ask of libnvidia-ml.so.1, as their bindings ask it: by name, with structures of their
 * own. Parts, clocks, counters, fields, events, links. */
#include "sim/door.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "nvml/nvml.h"

static struct door door;

#define CALL(name) ((__typeof__(name) *)(uintptr_t)door_symbol(&door, #name))

typedef unsigned long long u64;

static nvml_device handle(unsigned index)
{
	nvml_device d = NULL;

	assert_int_equal(CALL(nvmlDeviceGetHandleByIndex_v2)(index, &d), NVML_SUCCESS);
	return d;
}

static void up(enum platform_profile profile)
{
	door_serve(&door, profile, NULL);
	assert_int_equal(CALL(nvmlInit_v2)(), NVML_SUCCESS);
}

static void down(void)
{
	assert_int_equal(CALL(nvmlShutdown)(), NVML_SUCCESS);
	door_end(&door);
}

/* What is behind the handle: numbers, then where the answer goes; wide answers have 64 bits. */
static const struct {
	const char *name;
	unsigned    numbers, number[3];
	bool        wide;
	u64         value;
	unsigned    refused; /* this first number is none of them; 0: there is no such */
} rows[] = {
	{ "nvmlDeviceGetNumGpuCores", 0, { 0 }, false, 16896, 0 },
	{ "nvmlDeviceGetMemoryBusWidth", 0, { 0 }, false, 5120, 0 },
	{ "nvmlDeviceGetBusType", 0, { 0 }, false, 2, 0 },
	{ "nvmlDeviceGetNumFans", 0, { 0 }, false, 0, 0 },
	{ "nvmlDeviceGetPcieReplayCounter", 0, { 0 }, false, 0, 0 },
	{ "nvmlDeviceGetPcieThroughput", 1, { 1 }, false, 0, 2 },
	{ "nvmlDeviceGetTemperature", 1, { 0 }, false, 30, 1 },
	{ "nvmlDeviceGetTemperatureThreshold", 1, { 0 }, false, 92, 8 },
	{ "nvmlDeviceGetClockInfo", 1, { 2 }, false, 2619, 4 },
	{ "nvmlDeviceGetMaxClockInfo", 1, { 1 }, false, 1980, 4 },
	{ "nvmlDeviceGetClock", 2, { 0, 0 }, false, 345, 4 },
	{ "nvmlDeviceGetTotalEccErrors", 2, { 1, 0 }, true, 0, 2 },
	{ "nvmlDeviceGetMemoryErrorCounter", 3, { 0, 1, 2 }, true, 0, 2 },
	{ "nvmlDeviceGetCurrentClocksEventReasons", 0, { 0 }, true, 1, 0 },
	{ "nvmlDeviceGetCurrentClocksThrottleReasons", 0, { 0 }, true, 1, 0 },
	{ "nvmlDeviceGetSupportedEventTypes", 0, { 0 }, true, 0x1f, 0 },
};

static nvml_return ask(size_t i, nvml_device d, unsigned first, u64 *out)
{
	void *f = door_symbol(&door, rows[i].name);

	switch (rows[i].numbers) {
	case 0:
		return ((nvml_return(*)(nvml_device, void *))(uintptr_t)f)(d, out);
	case 1:
		return ((nvml_return(*)(nvml_device, unsigned, void *))(uintptr_t)f)(
			d, first, out);
	case 2:
		return ((nvml_return(*)(nvml_device, unsigned, unsigned, void *))(uintptr_t)f)(
			d, first, rows[i].number[1], out);
	default:
		return ((nvml_return(*)(nvml_device, unsigned, unsigned, unsigned, void *))(
			uintptr_t)f)(d, first, rows[i].number[1], rows[i].number[2], out);
	}
}

static void numbers(void **state)
{
	u64 out;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(ask(i, NULL, rows[i].number[0], &out), NVML_UNINITIALIZED);
	up(PLATFORM_SINGLE);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const u64 above = rows[i].wide ? 0 : 0xabcdef0100000000; /* not the callee's */

		print_message("%s\n", rows[i].name);
		out = above | 7;
		assert_int_equal(ask(i, handle(0), rows[i].number[0], &out), NVML_SUCCESS);
		assert_true(out == (above | rows[i].value));
		assert_int_equal(ask(i, NULL, rows[i].number[0], &out), NVML_INVALID_ARGUMENT);
		assert_int_equal(
			ask(i, handle(0), rows[i].number[0], NULL), NVML_INVALID_ARGUMENT);
		if (rows[i].refused != 0)
			assert_int_equal(ask(i, handle(0), rows[i].refused, &out),
				NVML_INVALID_ARGUMENT);
	}
	down();
}

/* ---- parts ---- */

static void texts(void **state)
{
	typedef nvml_return text(nvml_device, char *, unsigned);
	typedef nvml_return object(nvml_device, unsigned, char *, unsigned);
	char                out[80];
	object             *inforom = SYMBOL(&door, object *, "nvmlDeviceGetInforomVersion");
	static const char *const names[] = { "nvmlDeviceGetBoardPartNumber",
		"nvmlDeviceGetInforomImageVersion" };

	(void)state;
	up(PLATFORM_SINGLE);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		text *f = SYMBOL(&door, text *, names[i]);

		assert_int_equal(f(handle(0), out, sizeof(out)), NVML_SUCCESS);
		assert_in_range(strlen(out), 10, 30);
		assert_int_equal(f(handle(0), out, 10), NVML_INSUFFICIENT_SIZE);
		assert_int_equal(f(handle(0), out, 0), NVML_INSUFFICIENT_SIZE);
		assert_int_equal(f(handle(0), NULL, 80), NVML_INVALID_ARGUMENT);
	}
	assert_int_equal(inforom(handle(0), 0, out, 16), NVML_SUCCESS);
	assert_string_equal(out, "2.1");
	assert_int_equal(inforom(handle(0), 2, out, 16), NVML_NOT_SUPPORTED);
	assert_int_equal(inforom(handle(0), 4, out, 16), NVML_INVALID_ARGUMENT);
	assert_int_equal(SYMBOL(&door, nvml_return(*)(nvml_device, char *),
				 "nvmlDeviceGetGspFirmwareVersion")(handle(0), out),
		NVML_SUCCESS);
	assert_string_equal(out, "580.159.03");
	down();
}

static void address(void **state)
{
	struct {
		unsigned version, domain, bus, device, id, subsystem, base, sub;
		char     bus_id[32];
	} ext                                 = { .version = 0x01000040 };
	nvml_return (*f)(nvml_device, void *) = SYMBOL(
		&door, nvml_return(*)(nvml_device, void *), "nvmlDeviceGetPciInfoExt");
	struct nvml_pci pci;
	u64             bar[3] = { 0 };

	(void)state;
	up(PLATFORM_SINGLE);
	assert_int_equal(CALL(nvmlDeviceGetPciInfo_v3)(handle(0), &pci), NVML_SUCCESS);
	assert_int_equal(f(handle(0), &ext), NVML_SUCCESS);
	assert_string_equal(ext.bus_id, pci.bus_id);
	assert_int_equal(ext.version, 0x01000040);
	assert_int_equal(ext.base << 8 | ext.sub, 0x0302);
	ext.version = 0x01000044;
	assert_int_equal(f(handle(0), &ext), NVML_ARGUMENT_VERSION_MISMATCH);
	assert_int_equal(SYMBOL(&door, nvml_return(*)(nvml_device, void *),
				 "nvmlDeviceGetBAR1MemoryInfo")(handle(0), bar),
		NVML_SUCCESS);
	assert_true(bar[0] == 128ULL << 30 && bar[1] + bar[2] == bar[0]);
	down();
}

static void lists_of_clocks(void **state)
{
	typedef nvml_return memory(nvml_device, unsigned *, unsigned *);
	typedef nvml_return graphics(nvml_device, unsigned, unsigned *, unsigned *);
	memory   *of_memory   = SYMBOL(&door, memory *, "nvmlDeviceGetSupportedMemoryClocks");
	graphics *of_graphics = SYMBOL(
		&door, graphics *, "nvmlDeviceGetSupportedGraphicsClocks");
	unsigned mhz[200] = { 0 }, n = 0;

	(void)state;
	up(PLATFORM_SINGLE);
	assert_int_equal(of_memory(handle(0), &n, NULL), NVML_INSUFFICIENT_SIZE);
	assert_int_equal(n, 1);
	assert_int_equal(of_memory(handle(0), &n, mhz), NVML_SUCCESS);
	n = 3;
	assert_int_equal(of_graphics(handle(0), mhz[0], &n, mhz + 1), NVML_INSUFFICIENT_SIZE);
	assert_int_equal(mhz[1], 0);
	assert_int_equal(of_graphics(handle(0), mhz[0], &n, mhz + 1), NVML_SUCCESS);
	assert_int_equal(mhz[1], 1980);
	assert_int_equal(mhz[n], 345);
	assert_int_equal(of_graphics(handle(0), 1, &n, mhz), NVML_NOT_FOUND);
	assert_int_equal(of_memory(handle(0), NULL, mhz), NVML_INVALID_ARGUMENT);
	down();
}

/* A bit a processor, in as many words as the caller has. */
static void affinity(void **state)
{
	typedef nvml_return set_of(nvml_device, unsigned, unsigned long *);
	set_of             *f       = SYMBOL(&door, set_of *, "nvmlDeviceGetCpuAffinity");
	unsigned long       set[17] = { [16] = 7 };
	long                bits    = 0;

	(void)state;
	up(PLATFORM_SINGLE);
	assert_int_equal(f(handle(0), 16, set), NVML_SUCCESS);
	for (size_t i = 0; i < 16; i++)
		bits += __builtin_popcountl(set[i]);
	assert_int_equal(bits, sysconf(_SC_NPROCESSORS_ONLN));
	assert_int_equal(set[16], 7);
	assert_int_equal(f(handle(0), 0, set), NVML_INVALID_ARGUMENT);
	down();
}

/* ---- fields ---- */

static void fields(void **state)
{
	struct {
		unsigned  id, scope;
		long long time, took;
		unsigned  type;
		int       rc;
		u64       value;
	} f[] = { { .id = 83 }, { .id = 1 }, { .id = 91 }, { .id = 4711, .value = 7 } };
	nvml_return (*get)(nvml_device, int, void *) = SYMBOL(
		&door, nvml_return(*)(nvml_device, int, void *), "nvmlDeviceGetFieldValues");
	struct timespec began, ended;

	(void)state;
	clock_gettime(CLOCK_REALTIME, &began); /* not time(), which may be behind it */
	assert_int_equal(get(NULL, 1, f), NVML_UNINITIALIZED);
	up(PLATFORM_SINGLE);
	assert_int_equal(get(handle(0), ARRAY_LEN(f), f), NVML_SUCCESS);
	assert_int_equal(f[0].rc, 0);
	assert_int_equal(f[0].type, 3);
	assert_true(f[0].value > 0);
	assert_int_equal(f[1].rc, 0);
	assert_int_equal(f[1].value, 1);
	assert_int_equal(f[2].value, 18);
	assert_int_equal(f[3].rc, NVML_NOT_SUPPORTED);
	assert_int_equal(f[3].value, 7);
	clock_gettime(CLOCK_REALTIME, &ended);
	for (size_t i = 0; i < ARRAY_LEN(f); i++) /* microseconds since 1970 */
		assert_in_range(f[i].time / 1000000, began.tv_sec, ended.tv_sec);
	assert_int_equal(get(handle(0), 0, f), NVML_INVALID_ARGUMENT);
	assert_int_equal(get(handle(0), -1, f), NVML_INVALID_ARGUMENT);
	assert_int_equal(get(handle(0), 1, NULL), NVML_INVALID_ARGUMENT);
	down();
}

/* ---- events ---- */

typedef nvml_return of_set(void *);
typedef nvml_return of_wait(void *, void *, unsigned);
typedef nvml_return of_register(nvml_device, u64, void *);

static long ms_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

static void events(void **state)
{
	of_set         *create   = SYMBOL(&door, of_set *, "nvmlEventSetCreate");
	of_set         *drop     = SYMBOL(&door, of_set *, "nvmlEventSetFree");
	of_wait        *wait     = SYMBOL(&door, of_wait *, "nvmlEventSetWait_v2");
	of_register    *add      = SYMBOL(&door, of_register *, "nvmlDeviceRegisterEvents");
	u64             event[4] = { 7, 7, 7, 7 };
	void           *set = NULL, *other = NULL;
	struct timespec start;

	(void)state;
	assert_int_equal(create(&set), NVML_UNINITIALIZED);
	up(PLATFORM_PPCIE);
	assert_int_equal(create(NULL), NVML_INVALID_ARGUMENT);
	assert_int_equal(create(&set), NVML_SUCCESS);
	assert_int_equal(create(&other), NVML_SUCCESS);
	assert_ptr_not_equal(set, other);
	assert_int_equal(add(handle(2), 8, set), NVML_SUCCESS);
	assert_int_equal(add(handle(2), 1ULL << 40, set), NVML_NOT_SUPPORTED);
	assert_int_equal(add(handle(2), 8, &start), NVML_INVALID_ARGUMENT);
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(wait(set, event, 150), NVML_TIMEOUT);
	assert_in_range(ms_since(&start), 150, TEST_PATIENCE_MS);
	assert_int_equal(event[0] + event[3], 14);
	door_lose(&door, FORGE_GPU, 2, true);
	assert_int_equal(wait(set, event, 60000), NVML_GPU_IS_LOST);
	assert_int_equal(wait(other, event, 0), NVML_TIMEOUT); /* it is not of that set */
	assert_int_equal(drop(set), NVML_SUCCESS);
	assert_int_equal(drop(set), NVML_INVALID_ARGUMENT);
	assert_int_equal(wait(set, event, 0), NVML_INVALID_ARGUMENT);
	assert_int_equal(drop(other), NVML_SUCCESS);
	for (size_t i = 0; i < 64; i++)
		assert_int_equal(create(&set), NVML_SUCCESS);
	assert_int_equal(create(&set), NVML_MEMORY);
	down();
}

/* ---- links ---- */

typedef nvml_return of_link(nvml_device, unsigned, void *);

/* Five to two of the switches, four to the others, as the report says; those to a lost one are down. */
static void links(void **state)
{
	of_link *remote     = SYMBOL(&door, of_link *, "nvmlDeviceGetNvLinkRemotePciInfo_v2");
	of_link *is_up      = SYMBOL(&door, of_link *, "nvmlDeviceGetNvLinkState");
	of_link *kind       = SYMBOL(&door, of_link *, "nvmlDeviceGetNvLinkRemoteDeviceType");
	unsigned to_bus[64] = { 0 }, v = 7;

	(void)state;
	up(PLATFORM_PPCIE);
	for (unsigned link = 0; link < 18; link++) {
		struct nvml_pci pci = { 0 };

		assert_int_equal(remote(handle(5), link, &pci), NVML_SUCCESS);
		assert_in_range(pci.bus, 1, 4);
		assert_int_equal(pci.pci_device_id, 0x22a310de);
		to_bus[pci.bus]++;
		assert_int_equal(is_up(handle(5), link, &v), NVML_SUCCESS);
		assert_int_equal(v, 1);
		assert_int_equal(kind(handle(5), link, &v), NVML_SUCCESS);
		assert_int_equal(v, 2);
	}
	for (unsigned bus = 1; bus <= 4; bus++)
		assert_in_range(to_bus[bus], 4, 5);
	assert_int_equal(is_up(handle(5), 18, &v), NVML_INVALID_ARGUMENT);
	assert_int_equal(is_up(handle(5), 0, NULL), NVML_INVALID_ARGUMENT);
	door_lose(&door, FORGE_SWITCH, 1, true); /* (0 + 5) % 4 */
	assert_int_equal(is_up(handle(5), 0, &v), NVML_SUCCESS);
	assert_int_equal(v, 0);
	assert_int_equal(kind(handle(5), 0, &v), NVML_NOT_SUPPORTED);
	down();
}

static void no_links(void **state)
{
	of_link *is_up = SYMBOL(&door, of_link *, "nvmlDeviceGetNvLinkState");
	unsigned v     = 7;

	(void)state;
	up(PLATFORM_SINGLE);
	assert_int_equal(is_up(handle(0), 0, &v), NVML_SUCCESS);
	assert_int_equal(v, 0);
	down();
}

static void pairs(void **state)
{
	typedef nvml_return pair(nvml_device, nvml_device, void *);
	typedef nvml_return p2p(nvml_device, nvml_device, unsigned, unsigned *);
	typedef nvml_return nearest(nvml_device, unsigned, unsigned *, nvml_device *);
	nearest            *near = SYMBOL(&door, nearest *, "nvmlDeviceGetTopologyNearestGpus");
	nvml_device         list[8];
	unsigned            v = 7, n = 0;

	(void)state;
	up(PLATFORM_PPCIE);
	assert_int_equal(SYMBOL(&door, pair *, "nvmlDeviceGetTopologyCommonAncestor")(
				 handle(0), handle(7), &v),
		NVML_SUCCESS);
	assert_int_equal(v, 30);
	assert_int_equal(
		SYMBOL(&door, p2p *, "nvmlDeviceGetP2PStatus")(handle(0), handle(7), 2, &v),
		NVML_SUCCESS);
	assert_int_equal(v, 0);
	assert_int_equal(near(handle(3), 30, &n, NULL), NVML_SUCCESS);
	assert_int_equal(n, 7);
	assert_int_equal(near(handle(3), 30, &n, list), NVML_SUCCESS);
	for (unsigned i = 0; i < n; i++)
		assert_ptr_not_equal(list[i], handle(3));
	n = 6;
	assert_int_equal(near(handle(3), 30, &n, list), NVML_INSUFFICIENT_SIZE);
	assert_int_equal(near(handle(3), 25, &n, list), NVML_INVALID_ARGUMENT);
	down();
}

/* ---- structures of several versions, a mode that can be set ---- */

static void fabric(void **state)
{
	struct nvml_fabric_info_v1 one   = { 0 };
	struct nvml_fabric_info_v3 three = { .v2.version = 0x03000028, .summary = 9 };

	(void)state;
	up(PLATFORM_PPCIE);
	assert_int_equal(CALL(nvmlDeviceGetGpuFabricInfo)(handle(0), &one), NVML_SUCCESS);
	assert_int_equal(one.state, NVML_FABRIC_DONE);
	assert_int_equal(CALL(nvmlDeviceGetGpuFabricInfoV)(handle(0), &three.v2), NVML_SUCCESS);
	assert_int_equal(three.v2.version, 0x03000028);
	assert_int_equal(three.v2.state, NVML_FABRIC_DONE);
	assert_int_equal(three.summary, 0);
	down();
}

static void temperature(void **state)
{
	unsigned t[3]                         = { 0x0100000c, 0, 7 };
	nvml_return (*f)(nvml_device, void *) = SYMBOL(
		&door, nvml_return(*)(nvml_device, void *), "nvmlDeviceGetTemperatureV");

	(void)state;
	up(PLATFORM_SINGLE);
	assert_int_equal(f(handle(0), t), NVML_SUCCESS);
	assert_int_equal(t[2], 30);
	t[0]++;
	assert_int_equal(f(handle(0), t), NVML_ARGUMENT_VERSION_MISMATCH);
	down();
}

static void persistence(void **state)
{
	nvml_return done = geteuid() == 0 ? NVML_SUCCESS : NVML_NO_PERMISSION;
	int         mode = 7;

	(void)state;
	up(PLATFORM_PPCIE);
	assert_int_equal(CALL(nvmlDeviceSetPersistenceMode)(handle(1), 0), done);
	assert_int_equal(CALL(nvmlDeviceGetPersistenceMode)(handle(1), &mode), NVML_SUCCESS);
	assert_int_equal(mode, done != NVML_SUCCESS);
	assert_int_equal(CALL(nvmlDeviceGetPersistenceMode)(handle(2), &mode), NVML_SUCCESS);
	assert_int_equal(mode, 1);
	if (done == NVML_SUCCESS)
		assert_int_equal(CALL(nvmlDeviceSetPersistenceMode)(handle(1), 2),
			NVML_INVALID_ARGUMENT);
	down();
}

static int set_up(void **state)
{
	(void)state;
	door_open(&door, NVML_LIBRARY);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	door_close(&door);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(address),
		cmocka_unit_test(lists_of_clocks),
		cmocka_unit_test(affinity),
		cmocka_unit_test(fields),
		cmocka_unit_test(events),
		cmocka_unit_test(links),
		cmocka_unit_test(no_links),
		cmocka_unit_test(pairs),
		cmocka_unit_test(fabric),
		cmocka_unit_test(temperature),
		cmocka_unit_test(persistence),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
