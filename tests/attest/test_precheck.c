/* SPDX-License-Identifier: Apache-2.0
 *
 * What drivers say to findings, these and faults of devices to a verdict; and all of it through a file. */
#include "attest/precheck.h"

#include <stdio.h>

#include "format/nscq.h"
#include "format/nvml.h"
#include "verify/court.h"

#define NONE ASSAY_CODE_COUNT /* no finding of that check */

static struct collected_device devices_of[12];

/* n GPUs and m switches, healthy, in this mode. */
static struct collected made(size_t n, size_t m, int cc, int multi_gpu)
{
	struct collected c = { .system = { "580.1", "13", NVML_PRODUCTION, cc, 0, multi_gpu, 2,
				       1, 0 },
		.opened                = { true, m > 0 },
		.device                = devices_of };

	memset(devices_of, 0, sizeof(devices_of));
	for (size_t i = 0; i < n + m; i++) {
		struct collected_device *d = &c.device[c.devices++];

		d->kind     = i < n ? DEVICE_GPU : DEVICE_NVSWITCH;
		d->index    = (unsigned)(i < n ? i : i - n);
		d->tnvl     = i < n ? -1 : NSCQ_TNVL_LOCKED;
		d->report.n = 100; /* only that there is one is asked here */
		snprintf(d->uuid, sizeof(d->uuid), "X-%zu", i);
		snprintf(d->vbios, sizeof(d->vbios), "96.00.74.00.20");
	}
	return c;
}

static enum assay_code worst(const struct findings *f, const char *id)
{
	enum assay_code code = NONE;

	for (size_t i = 0; i < f->n; i++)
		if (strcmp(check_row(f->list[i].check)->id, id) == 0 &&
			(code == NONE || code == ASSAY_OK))
			code = f->list[i].code;
	return code;
}

static void nothing(struct collected *c)
{
	(void)c;
}

static void devtools(struct collected *c)
{
	c->system.devtools = 1;
}

static void devtools_unknown(struct collected *c)
{
	c->system.devtools = 2;
}

static void untold(struct collected *c)
{
	c->system.cc = c->system.multi_gpu = c->system.devtools = -1;
}

static void simulated(struct collected *c)
{
	c->system.environment = NVML_SIMULATION;
}

static void unknown_kind(struct collected *c)
{
	c->system.environment = 0;
}

static void no_driver_version(struct collected *c)
{
	c->system.driver[0] = 0;
}

static void no_vbios_version(struct collected *c)
{
	c->device[0].vbios[0] = 0;
}

static void open_switch(struct collected *c)
{
	c->device[c->devices - 1].tnvl = NSCQ_TNVL_ON;
}

static void failed_switch(struct collected *c)
{
	c->device[c->devices - 1].tnvl = NSCQ_TNVL_FAILED;
}

static void mute_switch(struct collected *c)
{
	c->device[c->devices - 1].tnvl = -1;
}

/* It never came to the mode: that is no finding of its own. */
static void hung_switch(struct collected *c)
{
	mute_switch(c);
	err_set(&c->device[c->devices - 1].fault, ASSAY_DEVICE_TIMEOUT, "late");
}

static void no_library(struct collected *c)
{
	c->opened[DEVICE_GPU] = false;
	c->devices            = 0;
	err_set(&c->fault[DEVICE_GPU], ASSAY_LIBRARY, "absent");
}

static void no_nscq(struct collected *c)
{
	c->opened[DEVICE_NVSWITCH] = false;
	err_set(&c->fault[DEVICE_NVSWITCH], ASSAY_LIBRARY, "absent");
}

static const struct {
	const char *name;
	size_t      gpus, switches;
	int         cc, multi_gpu;
	void (*change)(struct collected *c);
	enum precheck_mode expected;
	enum assay_code    gpu_collect, gpu_mode, gpu_devtools, switch_collect, switch_mode;
} rows[] = {
	{ "one GPU", 1, 0, 1, 0, nothing, PRECHECK_ANY, ASSAY_OK, ASSAY_OK, ASSAY_OK, NONE,
		NONE },
	{ "as expected", 1, 0, 1, 0, nothing, PRECHECK_CC, ASSAY_OK, ASSAY_OK, ASSAY_OK, NONE,
		NONE },
	{ "not as expected", 1, 0, 1, 0, nothing, PRECHECK_PPCIE, ASSAY_OK,
		ASSAY_DEVICE_MODE_OFF, ASSAY_OK, NONE, NONE },
	{ "NVLink encryption", 1, 0, 1, 2, nothing, PRECHECK_CC, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		NONE, NONE },
	{ "eight and four", 8, 4, 0, 1, nothing, PRECHECK_PPCIE, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		ASSAY_OK, ASSAY_OK },
	{ "where one was expected", 8, 4, 0, 1, nothing, PRECHECK_CC, ASSAY_OK,
		ASSAY_DEVICE_MODE_OFF, ASSAY_OK, ASSAY_OK, ASSAY_OK },
	{ "off", 1, 0, 0, 0, nothing, PRECHECK_ANY, ASSAY_OK, ASSAY_DEVICE_MODE_OFF, ASSAY_OK,
		NONE, NONE },
	{ "off, an old driver", 1, 0, 0, -1, nothing, PRECHECK_ANY, ASSAY_OK,
		ASSAY_DEVICE_MODE_OFF, ASSAY_OK, NONE, NONE },
	{ "not told", 1, 0, 1, 0, untold, PRECHECK_ANY, ASSAY_OK, ASSAY_DEVICE_ERROR,
		ASSAY_DEVICE_ERROR, NONE, NONE },
	{ "developer tools of an unknown kind", 1, 0, 1, 0, devtools_unknown, PRECHECK_ANY,
		ASSAY_OK, ASSAY_OK, ASSAY_DEVICE_ERROR, NONE, NONE },
	{ "developer tools", 1, 0, 1, 0, devtools, PRECHECK_ANY, ASSAY_OK, ASSAY_OK,
		ASSAY_DEVICE_DEVTOOLS, NONE, NONE },
	{ "simulation", 1, 0, 1, 0, simulated, PRECHECK_ANY, ASSAY_OK, ASSAY_DEVICE_SIMULATED,
		ASSAY_OK, NONE, NONE },
	{ "of no known kind", 1, 0, 1, 0, unknown_kind, PRECHECK_ANY, ASSAY_OK,
		ASSAY_DEVICE_ERROR, ASSAY_OK, NONE, NONE },
	{ "of no known kind, protected PCIe", 8, 4, 0, 1, unknown_kind, PRECHECK_ANY, ASSAY_OK,
		ASSAY_OK, ASSAY_OK, ASSAY_OK, ASSAY_OK },
	{ "no driver version", 1, 0, 1, 0, no_driver_version, PRECHECK_ANY, ASSAY_DEVICE_ERROR,
		ASSAY_OK, ASSAY_OK, NONE, NONE },
	{ "no VBIOS version", 1, 0, 1, 0, no_vbios_version, PRECHECK_ANY, ASSAY_DEVICE_ERROR,
		ASSAY_OK, ASSAY_OK, NONE, NONE },
	{ "an open switch", 8, 4, 0, 1, open_switch, PRECHECK_ANY, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		ASSAY_OK, ASSAY_DEVICE_MODE_OFF },
	{ "a failed one", 8, 4, 0, 1, failed_switch, PRECHECK_ANY, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		ASSAY_OK, ASSAY_DEVICE_MODE_OFF },
	{ "a mute one", 8, 4, 0, 1, mute_switch, PRECHECK_ANY, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		ASSAY_OK, ASSAY_DEVICE_MODE_OFF },
	{ "one that hung", 8, 4, 0, 1, hung_switch, PRECHECK_ANY, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		ASSAY_OK, ASSAY_OK },
	{ "no GPU", 0, 0, -1, -1, nothing, PRECHECK_ANY, ASSAY_DEVICE_NONE, NONE, NONE, NONE,
		NONE },
	{ "no library", 0, 0, -1, -1, no_library, PRECHECK_ANY, ASSAY_LIBRARY, NONE, NONE, NONE,
		NONE },
	{ "no NSCQ", 8, 0, 0, 1, no_nscq, PRECHECK_ANY, ASSAY_OK, ASSAY_OK, ASSAY_OK,
		ASSAY_LIBRARY, NONE },
};

static void prechecks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(findings_done) struct findings f = { 0 };
		struct collected                       c = made(
					      rows[i].gpus, rows[i].switches, rows[i].cc, rows[i].multi_gpu);
		struct assay_err e = { 0 };

		print_message("%s\n", rows[i].name);
		rows[i].change(&c);
		test_must(precheck(&c, rows[i].expected, &f, &e), &e);
		assert_int_equal(worst(&f, "gpu.collect"), rows[i].gpu_collect);
		assert_int_equal(worst(&f, "gpu.mode"), rows[i].gpu_mode);
		assert_int_equal(worst(&f, "gpu.devtools"), rows[i].gpu_devtools);
		assert_int_equal(worst(&f, "nvswitch.collect"), rows[i].switch_collect);
		assert_int_equal(worst(&f, "nvswitch.mode"), rows[i].switch_mode);
		for (size_t k = 0; k < f.n; k++) {
			const enum assay_class cls = assay_class(f.list[k].code);

			assert_int_equal(f.list[k].outcome,
				cls == ASSAY_CLASS_ACCEPTED ? ASSAY_OUTCOME_PASS
					: cls == ASSAY_CLASS_UNAVAILABLE ||
						cls == ASSAY_CLASS_NOT_READY
					? ASSAY_OUTCOME_UNKNOWN
					: ASSAY_OUTCOME_FAIL);
		}
	}
}

/* A forged node with what the edge says about it. */
static void observe(enum check check, struct subject subject, enum assay_outcome outcome,
	enum assay_code code, struct findings *out)
{
	struct assay_err e = { 0 };

	test_must(findings_add(out,
			  &(struct finding){ .check = check,
				  .subject          = subject,
				  .outcome          = outcome,
				  .code             = code },
			  "said", NULL, NULL, &e),
		&e);
}

static void counts(void **state)
{
	static const struct {
		enum check         check;
		enum subject_kind  subject;
		enum assay_outcome outcome;
		enum assay_code    code;
		enum assay_class   verdict;
	} cases[] = {
		{ CHECK_GPU_COLLECT, SUBJECT_GPU, ASSAY_OUTCOME_PASS, ASSAY_OK,
			ASSAY_CLASS_ACCEPTED },
		{ CHECK_GPU_MODE, SUBJECT_NODE, ASSAY_OUTCOME_PASS, ASSAY_OK,
			ASSAY_CLASS_ACCEPTED },
		{ CHECK_GPU_MODE, SUBJECT_NODE, ASSAY_OUTCOME_UNKNOWN, ASSAY_DEVICE_MODE_OFF,
			ASSAY_CLASS_NOT_READY },
		{ CHECK_GPU_MODE, SUBJECT_NODE, ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_SIMULATED,
			ASSAY_CLASS_REJECTED },
		{ CHECK_GPU_DEVTOOLS, SUBJECT_NODE, ASSAY_OUTCOME_FAIL, ASSAY_DEVICE_DEVTOOLS,
			ASSAY_CLASS_REJECTED },
		{ CHECK_NVSWITCH_COLLECT, SUBJECT_NODE, ASSAY_OUTCOME_UNKNOWN, ASSAY_LIBRARY,
			ASSAY_CLASS_UNAVAILABLE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(findings_done) struct findings f = { 0 };

		court_forge(&court, &(struct forged_ask){ 0 });
		observe(cases[i].check, (struct subject){ cases[i].subject, 0 },
			cases[i].outcome, cases[i].code, &f);
		court.observed = &f;
		court_judge(&court);
		court.observed = NULL;
		assert_int_equal(court.verdict, cases[i].verdict);
		assert_int_equal(court.facts.findings.list[0].check, cases[i].check);
		assert_string_equal(court.facts.findings.list[0].message, "said");
	}
}

/* Nothing came through the doors: unavailable, not "no device", and not another number than was expected. */
static void shut(void **state)
{
	CLEANUP(findings_done) struct findings f = { 0 };

	(void)state;
	court_empty(&court);
	court.expect = "8+4";
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_NOT_READY);
	observe(CHECK_GPU_COLLECT, (struct subject){ SUBJECT_NODE, 0 }, ASSAY_OUTCOME_UNKNOWN,
		ASSAY_DEVICE_TIMEOUT, &f);
	court.observed = &f;
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_UNAVAILABLE);
	court_expect(&court, "node.devices.count", "node", ASSAY_OUTCOME_SKIPPED, ASSAY_OK);
	court.observed = NULL;
	court.expect   = NULL;
}

/* A device with a fault keeps its place, here and in a file, and costs nobody else anything. */
static void faults(void **state)
{
	static const struct {
		enum assay_code  code;
		const char      *id; /* the finding that says so */
		enum assay_class verdict;
	} cases[] = {
		{ ASSAY_DEVICE_TIMEOUT, "gpu.collect", ASSAY_CLASS_UNAVAILABLE },
		{ ASSAY_DEVICE_REPLY, "gpu.collect", ASSAY_CLASS_UNAVAILABLE },
		{ ASSAY_DEVICE_MODE_OFF, "gpu.collect", ASSAY_CLASS_NOT_READY },
		{ ASSAY_INPUT_BASE64, "gpu.evidence.parse", ASSAY_CLASS_MALFORMED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		struct evidence_device      *d;
		struct assay_err             e = { 0 };

		print_message("%s\n", assay_code_name(cases[i].code));
		court_forge(&court, &(struct forged_ask){ .ppcie = true });
		d         = &court.ev.device[3];
		d->report = d->chain = (struct bytes){ 0 };
		err_set(&d->fault, cases[i].code, "gave nothing");
		for (int file = 0; file < 2; file++) {
			court_judge(&court);
			court_expect(&court, cases[i].id, "gpu3",
				cases[i].code == ASSAY_INPUT_BASE64 ? ASSAY_OUTCOME_FAIL
								    : ASSAY_OUTCOME_UNKNOWN,
				cases[i].code);
			assert_string_equal(court_finding(&court, cases[i].id, "gpu3")->message,
				"gave nothing");
			court_holds(&court, "gpu.measurements", "gpu2");
			court_holds(&court, "gpu.measurements", "gpu4");
			court_expect(&court, "gpu.report.parse", "gpu3", ASSAY_OUTCOME_SKIPPED,
				ASSAY_OK);
			assert_int_equal(court.verdict, cases[i].verdict);
			if (file == 1)
				break;
			/* the same from a file */
			test_must(evidence_write(&court.ev, &text, &e), &e);
			court_empty(&court);
			test_must(evidence_add(&court.ev, "file", buf_bytes(&text),
					  (struct bytes){ 0 }, &e),
				&e);
		}
	}
}

/* Devices as they were collected, through both forms of file. */
static void files(void **state)
{
	CLEANUP(evidence_done) struct evidence ev = { 0 }, back = { 0 }, nv = { 0 };
	CLEANUP(buf_done) struct buf           own = { 0 }, nvidia = { 0 };
	struct collected                       c                 = made(3, 1, 0, 1);
	const uint8_t                          nonce[NONCE_SIZE] = { 0xab };
	uint8_t                                report[100]       = { 0x11, 0xe0 };
	struct assay_err                       e                 = { 0 };

	(void)state;
	for (size_t i = 0; i < c.devices; i++) {
		c.device[i].report  = (struct buf){ report, sizeof(report), sizeof(report),
			 false };
		c.device[i].chain   = c.device[i].report;
		c.device[i].chain.n = 0;
		c.device[i].arch    = c.device[i].kind == DEVICE_GPU ? NVML_ARCH_HOPPER
								     : NSCQ_LS10;
	}
	c.device[2].vbios[0] = 0;
	c.device[0].chain    = (struct buf){ (uint8_t[]){ 'P', 'E', 'M', 0 }, 4, 4, false };
	c.device[2].chain = c.device[3].chain = c.device[0].chain;
	c.device[1].report.n                  = 0;
	err_set(&c.device[1].fault, ASSAY_DEVICE_CRASHED, "crashed");
	test_must(collected_evidence(&c, nonce, 1780272000, &ev, &e), &e);
	assert_int_equal(ev.devices, 4);
	assert_int_equal(ev.sources, 1);
	assert_true(ev.recorded && ev.nonce_given && ev.made == 1780272000);

	test_must(evidence_write(&ev, &own, &e), &e);
	test_must(evidence_add(&back, "x", buf_bytes(&own), (struct bytes){ 0 }, &e), &e);
	assert_int_equal(back.devices, 4);
	assert_int_equal(back.device[1].fault.code, ASSAY_DEVICE_CRASHED);
	assert_int_equal(back.device[1].kind, DEVICE_GPU);
	assert_int_equal(back.device[3].kind, DEVICE_NVSWITCH);
	assert_true(bytes_equal(back.device[2].hints.uuid, BYTES("X-2")));
	assert_true(bytes_equal(back.device[2].hints.driver_version, BYTES("580.1")));
	assert_null(back.device[3].hints.driver_version.p);
	assert_null(back.device[2].hints.vbios_version.p); /* it was not said */
	assert_true(bytes_equal(back.device[2].chain, BYTES("PEM")));
	assert_memory_equal(back.nonce, nonce, sizeof(nonce));

	test_must(evidence_write_nvidia(&ev, &nvidia, &e), &e);
	assert_true(bytes_begin(buf_bytes(&nvidia),
		BYTES("[\n    {\n        \"arch\": \"HOPPER\",\n        \"certificate\": \"UEVN\",\n"
		      "        \"evidence\": \"EeAA")));
	assert_non_null(strstr(buf_cstr(&nvidia),
		"\",\n        \"nonce\": \"ab00000000000000000000000000000000000000000000000000000000000000\"\n    },\n"));
	assert_int_equal(nvidia.p[nvidia.n - 1], '\n');
	test_must(evidence_add(&nv, "x", buf_bytes(&nvidia), (struct bytes){ 0 }, &e), &e);
	assert_int_equal(nv.devices, 3); /* it has no place for what gave nothing */
	assert_int_equal(nv.device[2].kind, DEVICE_NVSWITCH);
}

/* What is not of a known family cannot be written in that form. */
static void strangers(void **state)
{
	CLEANUP(evidence_done) struct evidence ev  = { 0 };
	CLEANUP(buf_done) struct buf           out = { 0 };
	const struct evidence_device d = { .report = BYTES("x"), .chain = BYTES("PEM") };
	struct assay_err             e = { 0 };

	(void)state;
	test_must(evidence_add_device(&ev, "x", &d, &e), &e);
	assert_int_equal(evidence_write_nvidia(&ev, &out, &e), ASSAY_INPUT_ARCH);
	assert_int_equal(out.n, 0);
}

static void same(void **state)
{
	struct collected_device other[12];
	struct collected        a = made(2, 1, 0, 1), b;

	(void)state;
	memcpy(other, devices_of, sizeof(other));
	b        = a;
	b.device = other;
	assert_true(collected_same(&a, &b));
	assert_int_equal(collected_count(&a, DEVICE_GPU), 2);
	assert_int_equal(collected_count(&a, DEVICE_NVSWITCH), 1);
	b.devices--;
	assert_false(collected_same(&a, &b));
	b.devices++;
	snprintf(other[1].uuid, sizeof(other[1].uuid), "X-9");
	assert_false(collected_same(&a, &b));
	other[1].uuid[0] = devices_of[1].uuid[0] = 0; /* nobody knows whether it is the same */
	assert_false(collected_same(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prechecks),
		cmocka_unit_test(counts),
		cmocka_unit_test(shut),
		cmocka_unit_test(faults),
		cmocka_unit_test(files),
		cmocka_unit_test(strangers),
		cmocka_unit_test(same),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
