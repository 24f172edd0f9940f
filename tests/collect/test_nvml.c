/* SPDX-License-Identifier: Apache-2.0
 *
 * A library of GPUs filled by hand: each row makes it answer otherwise, and says what has to come of it. */
#include "collect/nvml.h"

#include <stdio.h>

#include "collect/door.h"
#include "still.h"
#include "test.h"

#define GPUS 2

/* What the library does; zero is well. One GPU, the second, does the things of a device. */
struct play {
	nvml_return init, count, state, handle, uuid, arch, certificate, report, ready_get,
		ready_set;
	nvml_return settings; /* 0: well */
	bool        no_settings, no_optional, off;
	unsigned    gpus, ready;             /* gpus 0: two */
	unsigned    report_size, chain_size; /* 0: possible ones */
	bool        empty_report, empty_chain, full;
};

static const struct play *play;
static uint8_t            nonce_seen[NVML_NONCE];
static char               handles[64];

static nvml_return f_init(void)
{
	return play->init;
}

static nvml_return f_shutdown(void)
{
	return NVML_SUCCESS;
}

/* Full to the last byte, without a NUL. */
static nvml_return text(const char *is, char *out, unsigned n)
{
	if (play->full)
		memset(out, 'x', n);
	else
		snprintf(out, n, "%s", is);
	return NVML_SUCCESS;
}

static nvml_return f_driver(char *out, unsigned n)
{
	return text("580.1", out, n);
}

static nvml_return f_version(char *out, unsigned n)
{
	return text("13.580.1", out, n);
}

static nvml_return f_state(struct nvml_cc_state *out)
{
	*out = (struct nvml_cc_state){ NVML_PRODUCTION, !play->off, 0 };
	return play->state;
}

static nvml_return f_settings(struct nvml_cc_settings *io)
{
	if (io->version != NVML_SETTINGS_V1)
		return NVML_ARGUMENT_VERSION_MISMATCH;
	io->environment    = NVML_PRODUCTION;
	io->cc_feature     = !play->off;
	io->devtools_mode  = 0;
	io->multi_gpu_mode = 0;
	return play->settings;
}

static nvml_return f_caps(struct nvml_cc_capabilities *out)
{
	*out = (struct nvml_cc_capabilities){ NVML_CPU_TDX, 1 };
	return NVML_SUCCESS;
}

static nvml_return f_count(unsigned *out)
{
	*out = play->gpus == 0 ? GPUS : play->gpus;
	return play->count;
}

static bool second(nvml_device d)
{
	return d == &handles[1];
}

static nvml_return f_handle(unsigned i, nvml_device *out)
{
	*out = &handles[i % 64];
	return i == 1 ? play->handle : NVML_SUCCESS;
}

static nvml_return f_uuid(nvml_device d, char *out, unsigned n)
{
	text(second(d) ? "GPU-2" : "GPU-1", out, n);
	return second(d) ? play->uuid : NVML_SUCCESS;
}

static nvml_return f_vbios(nvml_device d, char *out, unsigned n)
{
	(void)d;
	return text("96.00.74.00.20", out, n);
}

static nvml_return f_name(nvml_device d, char *out, unsigned n)
{
	(void)d;
	return text("NVIDIA H100", out, n);
}

static nvml_return f_arch(nvml_device d, unsigned *out)
{
	*out = NVML_ARCH_HOPPER;
	return second(d) ? play->arch : NVML_SUCCESS;
}

static nvml_return f_pci(nvml_device d, struct nvml_pci *out)
{
	(void)d;
	memset(out->bus_id, '0', sizeof(out->bus_id)); /* no NUL */
	return NVML_SUCCESS;
}

static nvml_return f_pdi(nvml_device d, struct nvml_pdi *io)
{
	(void)d;
	io->value = 0x1122334455667788ULL;
	return io->version == NVML_PDI_V1 ? NVML_SUCCESS : NVML_ARGUMENT_VERSION_MISMATCH;
}

static nvml_return f_report(nvml_device d, struct nvml_cc_report *io)
{
	memcpy(nonce_seen, io->nonce, sizeof(nonce_seen));
	memcpy(io->report, io->nonce, NVML_NONCE);
	io->report_size = 100;
	if (play->off)
		return NVML_UNKNOWN;
	if (!second(d))
		return NVML_SUCCESS;
	if (play->report_size != 0 || play->empty_report)
		io->report_size = play->report_size;
	return play->report;
}

static nvml_return f_certificate(nvml_device d, struct nvml_cc_certificate *out)
{
	memcpy(out->attestation, "-----BEGIN", 10);
	out->attestation_size = 10;
	if (!second(d))
		return NVML_SUCCESS;
	if (play->chain_size != 0 || play->empty_chain)
		out->attestation_size = play->chain_size;
	return play->certificate;
}

static nvml_return f_ready_get(unsigned *out)
{
	*out = play->ready;
	return play->ready_get;
}

static nvml_return f_ready_set(unsigned value)
{
	(void)value;
	return play->ready_set;
}

static struct nvml library(void)
{
	struct nvml lib = {
		.init           = f_init,
		.shutdown       = f_shutdown,
		.driver_version = f_driver,
		.state          = f_state,
		.count          = f_count,
		.handle         = f_handle,
		.uuid           = f_uuid,
		.arch           = f_arch,
		.vbios          = f_vbios,
		.certificate    = f_certificate,
		.report         = f_report,
	};

	if (play->no_optional)
		return lib;
	lib.nvml_version = f_version;
	lib.settings     = play->no_settings ? NULL : f_settings;
	lib.capabilities = f_caps;
	lib.ready_get    = f_ready_get;
	lib.ready_set    = f_ready_set;
	lib.name         = f_name;
	lib.pci          = f_pci;
	lib.pdi          = f_pdi;
	return lib;
}

static void ask(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	struct nvml lib = library();

	nvml_ask(&lib, ctx, pass, t);
}

static void go(const struct play *p, struct collected *out)
{
	struct collect_request r                 = { .evidence = true };
	struct door_way        way[DEVICE_KINDS] = { { ask, &r } };
	struct assay_err       e                 = { 0 };

	memset(r.nonce[DEVICE_GPU], 0x42, NONCE_SIZE);
	play = p;
	test_must(door_collect(&r, way, out, &e), &e);
}

static const struct {
	const char     *name;
	struct play     play;
	size_t          devices;
	enum assay_code door, second; /* codes of the door, and of the second GPU */
	const char     *says;
} rows[] = {
	{ "well", { 0 }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "an old library", { .no_optional = true }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "text without NUL", { .full = true }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "no UUID", { .uuid = 999 }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "no architecture", { .arch = 3 }, 2, ASSAY_OK, ASSAY_OK, "" },
	/* the door */
	{ "not loaded", { .init = 9 }, 0, ASSAY_DEVICE_ERROR, 0,
		"nvmlInit_v2 returned 9 (Driver Not Loaded): the kernel module" },
	{ "blocked", { .init = 17 }, 0, ASSAY_DEVICE_PERMISSION, 0, "cgroup" },
	{ "another release", { .init = 18 }, 0, ASSAY_DEVICE_ERROR, 0, "different releases" },
	{ "an unheard-of code", { .init = 1234 }, 0, ASSAY_DEVICE_ERROR, 0,
		"returned 1234 (an unknown code)" },
	{ "no GPUs", { .init = 28 }, 0, ASSAY_OK, 0, "" },
	{ "no GPUs, later", { .count = 28 }, 0, ASSAY_OK, 0, "" },
	{ "no count", { .count = 4 }, 0, ASSAY_DEVICE_PERMISSION, 0,
		"nvmlDeviceGetCount_v2 returned 4" },
	{ "65 GPUs", { .gpus = 65 }, 0, ASSAY_DEVICE_REPLY, 0, "65 devices" },
	{ "4 billion", { .gpus = ~0U }, 0, ASSAY_DEVICE_REPLY, 0, "4294967295 devices" },
	/* a device */
	{ "no handle", { .handle = 15 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"nvmlDeviceGetHandleByIndex_v2 returned 15 (GPU is lost)" },
	{ "no report", { .report = 3 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"(Not Supported): this GPU or driver cannot attest" },
	{ "refused in CC mode", { .report = 999 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"999 (Unknown Error): an error inside the driver" },
	{ "refused outside", { .off = true }, 2, ASSAY_OK, ASSAY_DEVICE_MODE_OFF,
		"confidential computing is off" },
	{ "no permission", { .report = 4 }, 2, ASSAY_OK, ASSAY_DEVICE_PERMISSION,
		"run as root" },
	{ "the driver waited", { .report = 10 }, 2, ASSAY_OK, ASSAY_DEVICE_TIMEOUT,
		"waited for the GPU in vain" },
	{ "no certificate", { .certificate = 21 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"nvmlDeviceGetConfComputeGpuCertificate returned 21 (No data)" },
	{ "a report of 4 GiB", { .report_size = ~0U }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"a report of 4294967295 bytes" },
	{ "of one byte more", { .report_size = 8193 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"38 to 8192" },
	{ "of all there is", { .report_size = 8192 }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "of the request alone", { .report_size = 37 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"a report of 37" },
	{ "of nothing", { .empty_report = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"a report of 0" },
	{ "a chain of 4 GiB", { .chain_size = ~0U }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"chain of 4294967295" },
	{ "of one byte more", { .chain_size = 5121 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"1 to 5120" },
	{ "of all there is", { .chain_size = 5120 }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "of nothing", { .empty_chain = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"chain of 0" },
};

static void plays(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(collected_done) struct collected c;
		const struct assay_err                  *why = &c.fault[DEVICE_GPU];

		print_message("%s\n", rows[i].name);
		go(&rows[i].play, &c);
		assert_int_equal(c.fault[DEVICE_GPU].code, rows[i].door);
		assert_int_equal(c.devices, rows[i].devices);
		if (c.devices == 2) {
			assert_int_equal(c.device[1].fault.code, rows[i].second);
			assert_int_equal(c.device[0].fault.code,
				rows[i].play.off ? ASSAY_DEVICE_MODE_OFF : ASSAY_OK);
			if (rows[i].second != ASSAY_OK)
				why = &c.device[1].fault;
		}
		if (strstr(assay_err_text(why), rows[i].says) == NULL)
			fail_msg("%s", assay_err_text(why));
	}
}

/* Every value to its place. */
static void values(void **state)
{
	static const struct play                 well = { .ready = 1 };
	CLEANUP(collected_done) struct collected c;
	uint8_t                                  nonce[NONCE_SIZE];

	(void)state;
	go(&well, &c);
	memset(nonce, 0x42, sizeof(nonce));
	assert_string_equal(c.system.driver, "580.1");
	assert_string_equal(c.system.nvml, "13.580.1");
	assert_int_equal(c.system.environment, NVML_PRODUCTION);
	assert_int_equal(c.system.cc, 1);
	assert_int_equal(c.system.devtools, 0);
	assert_int_equal(c.system.multi_gpu, 0);
	assert_int_equal(c.system.cpu_caps, NVML_CPU_TDX);
	assert_int_equal(c.system.gpu_caps, 1);
	assert_int_equal(c.system.ready, 1);
	assert_string_equal(c.device[1].uuid, "GPU-2");
	assert_string_equal(c.device[1].name, "NVIDIA H100");
	assert_string_equal(c.device[1].vbios, "96.00.74.00.20");
	assert_string_equal(c.device[1].bus, "00000000000000000000000000000000");
	assert_int_equal(c.device[1].arch, NVML_ARCH_HOPPER);
	assert_true(c.device[1].pdi_known && c.device[1].pdi == 0x1122334455667788ULL);
	assert_int_equal(c.device[1].report.n, 100);
	assert_memory_equal(c.device[1].report.p, nonce, sizeof(nonce));
	assert_int_equal(c.device[1].chain.n, 10);
}

/* Settings tell more than the state; where they do not, the state is asked. */
static void modes(void **state)
{
	static const struct {
		struct play play;
		int         cc, multi_gpu;
	} cases[] = {
		{ { 0 }, 1, 0 },
		{ { .settings = 13 }, 1, -1 },
		{ { .settings = 25 }, 1, -1 },
		{ { .no_settings = true }, 1, -1 },
		{ { .settings = 25, .state = 999 }, -1, -1 },
		{ { .settings = 25, .off = true }, 0, -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(collected_done) struct collected c;

		go(&cases[i].play, &c);
		assert_int_equal(c.system.cc, cases[i].cc);
		assert_int_equal(c.system.multi_gpu, cases[i].multi_gpu);
	}
}

static void ask_ready(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	struct nvml lib = library();

	(void)pass;
	nvml_ready(&lib, *(const int *)ctx, t);
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, 0);
}

static void ready(void **state)
{
	static const struct {
		const char     *name;
		struct play     play;
		int             value, is;
		enum assay_code code;
		const char     *says;
	} cases[] = {
		{ "is not", { 0 }, -1, 0, ASSAY_OK, "" },
		{ "is", { .ready = 1 }, -1, 1, ASSAY_OK, "" },
		{ "set", { .ready = 1 }, 1, 1, ASSAY_OK, "" },
		{ "cleared", { .ready = 0 }, 0, 0, ASSAY_OK, "" },
		{ "neither", { .ready = 2 }, -1, -1, ASSAY_DEVICE_REPLY, "ready state of 2" },
		{ "not root", { .ready_set = 4 }, 1, -1, ASSAY_DEVICE_PERMISSION, "only root" },
		{ "terminal", { .ready_set = 2 }, 1, -1, ASSAY_DEVICE_TERMINAL, "reset" },
		{ "terminal, cleared", { .ready_set = 2 }, 0, -1, ASSAY_DEVICE_TERMINAL,
			"reset" },
		{ "refused", { .ready_set = 29 }, 1, -1, ASSAY_DEVICE_ERROR, "returned 29" },
		{ "an invalid argument to get", { .ready_get = 2 }, -1, -1, ASSAY_DEVICE_ERROR,
			"returned 2" },
		{ "an old library", { .no_optional = true }, 1, -1, ASSAY_LIBRARY,
			"nvmlSystemSetConfComputeGpusReadyState" },
		{ "not loaded", { .init = 9 }, 1, -1, ASSAY_DEVICE_ERROR, "Driver Not Loaded" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(collected_done) struct collected c;
		const struct collect_request             r = { 0 };
		struct door_way  way[DEVICE_KINDS]         = { { ask_ready, &cases[i].value } };
		struct assay_err e                         = { 0 };

		print_message("%s\n", cases[i].name);
		play = &cases[i].play;
		test_must(door_collect(&r, way, &c, &e), &e);
		assert_int_equal(c.fault[DEVICE_GPU].code, cases[i].code);
		assert_int_equal(c.system.ready, cases[i].is);
		assert_non_null(strstr(assay_err_text(&c.fault[DEVICE_GPU]), cases[i].says));
	}
}

/* Every code of the vendor's is said with its number and its own words. */
static void codes(void **state)
{
	static const struct {
		int         rc;
		const char *text;
	} all[] = {
#define X(value, name, text) { value, text },
		NVML_CODES(X)
#undef X
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		struct assay_err e = { 0 };
		char             number[32];

		if (all[i].rc == NVML_SUCCESS)
			continue;
		nvml_fault("f", all[i].rc, false, &e);
		snprintf(number, sizeof(number), "f returned %d (", all[i].rc);
		assert_non_null(strstr(assay_err_text(&e), number));
		assert_non_null(strstr(assay_err_text(&e), all[i].text));
		assert_int_equal(assay_class(e.code), ASSAY_CLASS_UNAVAILABLE);
	}
}

/* The table and the real names: without the library there is one line about it. */
static void absent(void **state)
{
	struct nvml      lib = { 0 };
	struct assay_err e   = { 0 };

	(void)state;
	if (nvml_open(&lib, &e) == ASSAY_OK) {
		assert_non_null(lib.report);
		skip(); /* this machine has one */
	}
	assert_int_equal(e.code, ASSAY_LIBRARY);
	assert_non_null(strstr(assay_err_text(&e), NVML_LIBRARY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays),
		cmocka_unit_test(values),
		cmocka_unit_test(modes),
		cmocka_unit_test(ready),
		cmocka_unit_test(codes),
		cmocka_unit_test(absent),
	};

	still_begin(); /* nobody is late */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
