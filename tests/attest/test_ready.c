/* SPDX-License-Identifier: Apache-2.0
 *
 * The ready gate, on a driver of the test's own: which calls it gets, and how it stands in the end. */
#include "attest/ready.h"

#include <stdio.h>

#include "test.h"

/* What the driver does at each of its calls. */
struct driver {
	int             ready;
	enum assay_code get[4], set; /* by number of the call; set: of each */
	bool            deaf;        /* says yes to a change, and does nothing */
	bool            shut_fails;
	unsigned changes_at; /* from the n-th survey on there are other devices; 0: never */
	enum assay_code survey[3];
	bool            silent;     /* the survey does not tell the ready state */
	bool            door_fails; /* the survey works, and the door is shut */
	unsigned        mode_at;    /* from the n-th survey on in another mode; 0: never */
	unsigned        mode;       /* which part of it */
	bool            lost;       /* the survey names all, and one does not answer */
	unsigned        gets, surveys;
	char            calls[64]; /* "gs1sg" and the like */
};

static struct driver driver;

static void called(char c)
{
	const size_t n = strlen(driver.calls);

	assert_true(n + 1 < sizeof(driver.calls));
	driver.calls[n] = c;
}

static enum assay_code get(void *ctx, int *ready, struct assay_err *e)
{
	enum assay_code code = driver.gets < 4 ? driver.get[driver.gets++] : ASSAY_OK;

	(void)ctx;
	called('g');
	if (code != ASSAY_OK)
		return err_set(e, code, "get");
	*ready = driver.ready;
	return ASSAY_OK;
}

static enum assay_code set(void *ctx, int ready, struct assay_err *e)
{
	(void)ctx;
	called(ready != 0 ? '1' : '0');
	if (driver.set != ASSAY_OK || (driver.shut_fails && ready == 0))
		return err_set(
			e, driver.set == ASSAY_OK ? ASSAY_DEVICE_TERMINAL : driver.set, "set");
	if (!driver.deaf)
		driver.ready = ready;
	return ASSAY_OK;
}

static void devices(struct collected *out, unsigned n, const char *uuid)
{
	*out        = (struct collected){ .devices = n };
	out->device = mem_new(n, sizeof(*out->device));
	assert_non_null(out->device);
	for (unsigned i = 0; i < n; i++) {
		out->device[i].kind  = DEVICE_GPU;
		out->device[i].index = i;
		snprintf(
			out->device[i].uuid, sizeof(out->device[i].uuid), "GPU-%s-%u", uuid, i);
	}
	out->opened[DEVICE_GPU] = true;
}

static enum assay_code survey(void *ctx, struct collected *out, struct assay_err *e)
{
	const unsigned n = driver.surveys++;

	(void)ctx;
	called('s');
	if (n < 3 && driver.survey[n] != ASSAY_OK)
		return err_set(e, driver.survey[n], "survey");
	devices(out, 2, driver.changes_at > 0 && n + 1 >= driver.changes_at ? "new" : "old");
	out->system.ready = driver.silent ? -1 : driver.ready;
	if (driver.mode_at > 0 && n + 1 >= driver.mode_at)
		*(int *[]){ &out->system.devtools, &out->system.environment, &out->system.cc,
			&out->system.multi_gpu }[driver.mode] = 1;
	if (driver.lost)
		err_set(&out->device[1].fault, ASSAY_DEVICE_ERROR, "lost");
	if (driver.door_fails)
		err_set(&out->fault[DEVICE_GPU], ASSAY_DEVICE_TIMEOUT, "door");
	return ASSAY_OK;
}

static const struct ready_door door = { get, set, survey, NULL };

static const struct {
	const char        *name;
	struct driver      driver;
	bool               accepted;
	const char        *calls;
	int                before, after, ready; /* ready: what the driver has in the end */
	enum assay_code    code;
	enum assay_outcome outcome;
	const char        *says;
} cases[] = {
	{ "accepted", { 0 }, true, "s1s", 0, 1, 1, ASSAY_OK, ASSAY_OUTCOME_PASS,
		"the GPUs accept work, from now on" },
	{ "accepted again", { .ready = 1 }, true, "s", 1, 1, 1, ASSAY_OK, ASSAY_OUTCOME_PASS,
		"the GPUs accept work, as before" },
	{ "refused", { 0 }, false, "g", 0, 0, 0, ASSAY_OK, ASSAY_OUTCOME_SKIPPED,
		"the GPUs accept no work, as before" },
	{ "refused, and was ready", { .ready = 1 }, false, "g0g", 1, 0, 0, ASSAY_OK,
		ASSAY_OUTCOME_SKIPPED, "the GPUs accept no work, from now on" },
	{ "refused, and nobody knows", { .ready = 1, .get = { ASSAY_DEVICE_TIMEOUT } }, false,
		"g0g", -1, 0, 0, ASSAY_OK, ASSAY_OUTCOME_SKIPPED, "the GPUs accept no work" },
	{ "devices change before", { .changes_at = 1 }, true, "s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "other devices" },
	{ "devices change before, and was ready", { .changes_at = 1, .ready = 1 }, true, "s0g",
		1, 0, 0, ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "from now on; before" },
	{ "devices change in between", { .changes_at = 2 }, true, "s1s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "other devices" },
	{ "the mode changes before", { .mode_at = 1 }, true, "s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "another mode" },
	{ "the mode changes in between", { .mode_at = 2 }, true, "s1s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "another mode" },
	{ "another environment", { .mode_at = 2, .mode = 1 }, true, "s1s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "another mode" },
	{ "confidential computing changes", { .mode_at = 2, .mode = 2 }, true, "s1s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "another mode" },
	{ "protected PCIe changes", { .mode_at = 2, .mode = 3 }, true, "s1s0g", 0, 0, 0,
		ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "another mode" },
	{ "survey fails before", { .survey = { ASSAY_DEVICE_CRASHED } }, true, "s0g", -1, 0, 0,
		ASSAY_DEVICE_CRASHED, ASSAY_OUTCOME_UNKNOWN, "survey" },
	{ "survey fails after", { .survey = { ASSAY_OK, ASSAY_DEVICE_TIMEOUT } }, true, "s1s0g",
		0, 0, 0, ASSAY_DEVICE_TIMEOUT, ASSAY_OUTCOME_UNKNOWN, "survey" },
	{ "the door is shut", { .door_fails = true }, true, "s0g", 0, 0, 0,
		ASSAY_DEVICE_TIMEOUT, ASSAY_OUTCOME_UNKNOWN, "door" },
	{ "a device does not answer any more", { .lost = true }, true, "s0g", 0, 0, 0,
		ASSAY_DEVICE_ERROR, ASSAY_OUTCOME_UNKNOWN,
		"gpu1 before the GPUs are let in: lost" },
	{ "no permission", { .set = ASSAY_DEVICE_PERMISSION }, true, "s10g", 0, 0, 0,
		ASSAY_DEVICE_PERMISSION, ASSAY_OUTCOME_UNKNOWN, "no work, as before; set" },
	{ "terminal", { .set = ASSAY_DEVICE_TERMINAL }, true, "s10g", 0, 0, 0,
		ASSAY_DEVICE_TERMINAL, ASSAY_OUTCOME_UNKNOWN, "set" },
	{ "the driver does not do it", { .deaf = true }, true, "s1s0g", 0, 0, 0,
		ASSAY_DEVICE_ERROR, ASSAY_OUTCOME_UNKNOWN, "says that they are not" },
	{ "the survey does not tell, the driver does", { .silent = true }, true, "sg1sg", 0, 1,
		1, ASSAY_OK, ASSAY_OUTCOME_PASS, "from now on" },
	{ "nobody knows before", { .silent = true, .get = { ASSAY_LIBRARY } }, true, "sg0g", -1,
		0, 0, ASSAY_LIBRARY, ASSAY_OUTCOME_UNKNOWN, "get" },
	{ "nobody knows after", { .silent = true, .get = { ASSAY_OK, ASSAY_DEVICE_TIMEOUT } },
		true, "sg1sg0g", 0, 0, 0, ASSAY_DEVICE_TIMEOUT, ASSAY_OUTCOME_UNKNOWN, "get" },
	{ "cannot be shut: no permission", { .ready = 1, .set = ASSAY_DEVICE_PERMISSION },
		false, "g0g", 1, 1, 1, ASSAY_DEVICE_PERMISSION, ASSAY_OUTCOME_UNKNOWN,
		"the GPUs accept work, as before; set" },
	{ "cannot be shut: it hangs",
		{ .ready = 1, .get = { ASSAY_DEVICE_TIMEOUT }, .set = ASSAY_DEVICE_TIMEOUT },
		false, "g0", -1, -1, 1, ASSAY_DEVICE_TIMEOUT, ASSAY_OUTCOME_UNKNOWN,
		"nobody can tell whether the GPUs accept work; set" },
	{ "cannot be shut: the driver does not do it", { .ready = 1, .deaf = true }, false,
		"g0g", 1, 1, 1, ASSAY_DEVICE_ERROR, ASSAY_OUTCOME_UNKNOWN,
		"says that they are" },
	{ "cannot be shut again", { .changes_at = 2, .shut_fails = true }, true, "s1s0g", 0, 1,
		1, ASSAY_DEVICE_CHANGED, ASSAY_OUTCOME_FAIL, "the GPUs accept work" },
	{ "shut already, says the driver that refuses",
		{ .get = { ASSAY_DEVICE_ERROR }, .set = ASSAY_DEVICE_PERMISSION }, false, "g0g",
		-1, 0, 0, ASSAY_OK, ASSAY_OUTCOME_SKIPPED, "the GPUs accept no work" },
};

static void gate(void **state)
{
	CLEANUP(collected_done) struct collected judged = { 0 };

	(void)state;
	devices(&judged, 2, "old");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(findings_done) struct findings f = { 0 };
		struct assay_err                       e = { 0 };
		struct ready_said                      said;
		const struct finding                  *x;

		print_message("%s\n", cases[i].name);
		driver = cases[i].driver;
		ready_gate(&door, cases[i].accepted, &judged, &said);
		assert_string_equal(driver.calls, cases[i].calls);
		assert_int_equal(said.before, cases[i].before);
		assert_int_equal(said.after, cases[i].after);
		assert_int_equal(driver.ready, cases[i].ready);
		assert_int_equal(said.why.code, cases[i].code);
		test_must(
			ready_finding(&said, cases[i].accepted, CHECK_GPU_MEASUREMENTS, &f, &e),
			&e);
		assert_int_equal(f.n, 1);
		x = &f.list[0];
		assert_int_equal(x->check, CHECK_NODE_READY);
		assert_int_equal(x->outcome, cases[i].outcome);
		assert_int_equal(x->code, cases[i].code);
		assert_int_equal(x->because,
			x->outcome == ASSAY_OUTCOME_SKIPPED ? CHECK_GPU_MEASUREMENTS
							    : CHECK_NONE);
		if (strstr(x->message, cases[i].says) == NULL)
			fail_msg("\"%s\" says no \"%s\"", x->message, cases[i].says);
	}
}

/* Whatever the driver does at each call: it never ends ready unless the gate says that all was well. */
static void never_by_accident(void **state)
{
	static const enum assay_code             says[] = { ASSAY_OK, ASSAY_DEVICE_TIMEOUT };
	CLEANUP(collected_done) struct collected judged = { 0 };
	unsigned                                 opened = 0;

	(void)state;
	devices(&judged, 2, "old");
	for (unsigned i = 0; i < 2048; i++) {
		struct ready_said said;

		driver = (struct driver){
			.ready  = (int)(i & 1U),
			.get    = { says[i >> 2 & 1U], says[i >> 3 & 1U], says[i >> 4 & 1U] },
			.survey = { says[i >> 5 & 1U], says[i >> 6 & 1U] },
			.changes_at = i >> 7 & 3U,
			.door_fails = (i >> 9 & 1U) != 0,
			.silent     = (i >> 10 & 1U) != 0,
		};
		ready_gate(&door, (i & 2U) != 0, &judged, &said);
		if (driver.ready == 0)
			continue;
		assert_true((i & 2U) != 0);
		assert_int_equal(said.why.code, ASSAY_OK);
		assert_int_equal(said.after, 1);
		opened++;
	}
	assert_true(opened > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gate),
		cmocka_unit_test(never_by_accident),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
