/* SPDX-License-Identifier: Apache-2.0
 *
 * A library of switches filled by hand: callbacks that do not come, come twice, for others, with errors. */
#include "collect/nscq.h"

#include <stdio.h>

#include "collect/door.h"
#include "still.h"
#include "test.h"

#define SWITCHES 2

/* What the library does; zero is well. The second switch does the things of a device. */
struct play {
	nscq_rc create, uuid, uuid_call, label, set_input, mode, report, report_call,
		certificate;
	bool     no_session, bare_label, slash, one_label, null_uuid, odd;
	bool     never, twice, other, anonymous; /* the report's callback */
	unsigned switches, report_size, chain_size;
	bool     empty_report, empty_chain;
	int8_t   arch, tnvl; /* 0: LS10, locked; else minus one */
};

static const struct play *play;
static uint8_t            nonce[NSCQ_NONCE];
static bool               asked;
static int                session;

static struct nscq_session_result f_create(uint32_t flags)
{
	struct nscq_session_result r = { .rc = play->create };

	if (flags != NSCQ_MOUNT_DEVICES)
		r.rc = NSCQ_UNEXPECTED_VALUE;
	if (r.rc >= 0 && !play->no_session)
		r.session.p = &session;
	return r;
}

static void f_destroy(struct nscq_session s)
{
	(void)s;
}

static nscq_rc f_set_input(struct nscq_session s, uint32_t flags, void *data, uint32_t size)
{
	(void)s;
	(void)flags;
	assert_int_equal(size, NSCQ_NONCE);
	memcpy(nonce, data, size);
	asked = true;
	return play->set_input;
}

/* Higher numbers first: the order of labels is another one. */
static struct nscq_uuid uuid_of(unsigned i)
{
	return (struct nscq_uuid){ { (uint8_t)(0x40 - i) } };
}

static nscq_rc f_label(const struct nscq_uuid *uuid, struct nscq_label *label, uint32_t flags)
{
	(void)flags;
	if (play->bare_label)
		memset(label->data, 'S', sizeof(label->data));
	else
		snprintf(label->data, sizeof(label->data), "%sSWX-%02X", play->slash ? "/" : "",
			play->one_label ? 1 : uuid->bytes[0]);
	return play->label;
}

static bool second(const char *path)
{
	return strstr(path, "SWX-40") != NULL; /* the last by label */
}

static void see_report(const char *path, nscq_fn fn, void *user)
{
	struct nscq_uuid   uuid = uuid_of(second(path) ? 0 : 1), else_ = uuid_of(9);
	struct nscq_report r  = { .size = 100 };
	const bool         is = second(path);
	const unsigned     n  = !is ? 1 : play->never ? 0 : play->twice ? 2 : 1;

	memcpy(r.report, nonce, sizeof(nonce));
	if (is && (play->report_size != 0 || play->empty_report))
		r.size = play->report_size;
	for (unsigned i = 0; i < n; i++)
		((nscq_on_report)fn)(is && play->anonymous ? NULL
				: is && play->other        ? &else_
							   : &uuid,
			is ? play->report_call : 0, r, user);
}

static void see_certificate(const char *path, nscq_fn fn, void *user)
{
	struct nscq_uuid        uuid = uuid_of(second(path) ? 0 : 1);
	struct nscq_certificate c    = { .size = 10 };

	memcpy(c.chain, "-----BEGIN", 10);
	if (second(path) && (play->chain_size != 0 || play->empty_chain))
		c.size = play->chain_size;
	((nscq_on_certificate)fn)(&uuid, second(path) ? play->certificate : 0, c, user);
}

static nscq_rc see_all(nscq_fn fn, void *user)
{
	const unsigned n = play->switches == 0 ? SWITCHES : play->switches;

	for (unsigned i = 0; i < n && !play->odd; i++) {
		struct nscq_uuid uuid = uuid_of(i);

		((nscq_on_uuid)fn)(
			&uuid, play->uuid_call, play->null_uuid ? NULL : &uuid, user);
	}
	return play->uuid;
}

static nscq_rc f_observe(
	struct nscq_session s, const char *path, nscq_fn fn, void *user, uint32_t flags)
{
	struct nscq_uuid uuid = uuid_of(second(path) ? 0 : 1);

	(void)s;
	(void)flags;
	if (strcmp(path, NSCQ_PATH_UUID) == 0)
		return see_all(fn, user);
	if (strcmp(path, NSCQ_PATH_ARCH) == 0) {
		for (unsigned i = 0; i < SWITCHES; i++) {
			uuid = uuid_of(i);
			((nscq_on_number)fn)(&uuid, 0,
				(int8_t)(NSCQ_LS10 + (i == 0 ? play->arch : 0)), user);
		}
		return 0;
	}
	if (strstr(path, NSCQ_REST_MODE) != NULL)
		((nscq_on_number)fn)(&uuid, second(path) ? play->mode : 0,
			(int8_t)(NSCQ_TNVL_LOCKED + (second(path) ? play->tnvl : 0)), user);
	else if (strstr(path, NSCQ_REST_REPORT) != NULL)
		see_report(path, fn, user);
	else if (strstr(path, NSCQ_REST_CERTIFICATE) != NULL)
		see_certificate(path, fn, user);
	return strstr(path, NSCQ_REST_REPORT) != NULL && second(path) ? play->report : 0;
}

static void ask(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	const struct nscq lib = { f_create, f_destroy, f_observe, f_set_input, f_label };

	nscq_ask(&lib, ctx, pass, t);
}

static void go(const struct play *p, struct collected *out)
{
	struct collect_request r                 = { .evidence = true, .must = { true, true } };
	struct door_way        way[DEVICE_KINDS] = { [DEVICE_NVSWITCH] = { ask, &r } };
	struct assay_err       e                 = { 0 };

	memset(r.nonce[DEVICE_NVSWITCH], 0x42, NONCE_SIZE);
	play = p;
	test_must(door_collect(&r, way, out, &e), &e);
}

static const struct {
	const char     *name;
	struct play     play;
	size_t          switches;
	enum assay_code door, second;
	const char     *says;
} rows[] = {
	{ "well", { 0 }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "with a warning", { .create = 1, .uuid = 1, .report = 1 }, 2, ASSAY_OK, ASSAY_OK,
		"" },
	{ "none", { .odd = true }, 0, ASSAY_OK, 0, "" },
	{ "a callback that names no switch", { .anonymous = true }, 2, ASSAY_OK, ASSAY_OK, "" },
	/* the door */
	{ "another release", { .create = -6 }, 0, ASSAY_DEVICE_ERROR, 0,
		"nscq_session_create returned -6 (unsupported driver): NSCQ and the driver" },
	{ "not mountable", { .create = -3 }, 0, ASSAY_DEVICE_PERMISSION, 0,
		"/dev/nvidia-nvswitch" },
	{ "an unheard-of code", { .create = -99 }, 0, ASSAY_DEVICE_ERROR, 0, "returned -99" },
	{ "no session", { .no_session = true }, 0, ASSAY_DEVICE_REPLY, 0, "gave no session" },
	{ "no enumeration", { .uuid = -7 }, 0, ASSAY_DEVICE_ERROR, 0,
		"/drv/nvswitch/{device}/uuid returned -7" },
	{ "an error in it", { .uuid_call = -2 }, 0, ASSAY_DEVICE_ERROR, 0, "returned -2" },
	{ "a null in it", { .null_uuid = true }, 0, ASSAY_DEVICE_ERROR, 0, "returned -128" },
	{ "65 switches", { .switches = 65 }, 0, ASSAY_DEVICE_REPLY, 0, "65 switches" },
	{ "no label", { .label = -2 }, 0, ASSAY_DEVICE_ERROR, 0,
		"nscq_uuid_to_label returned -2" },
	{ "a label that is a path", { .slash = true }, 0, ASSAY_DEVICE_REPLY, 0,
		"labelled \"/SWX" },
	/* a switch */
	{ "mode refused", { .mode = -1 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"config/pcie_mode returned -1" },
	{ "another architecture", { .arch = -1 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"architecture 1 cannot attest" },
	{ "no input", { .set_input = -5 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"nscq_session_set_input returned -5" },
	{ "report refused", { .report = -7 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"config/attestation_report returned -7" },
	{ "in the callback", { .report_call = -8 }, 2, ASSAY_OK, ASSAY_DEVICE_TIMEOUT,
		"config/attestation_report returned -8" },
	{ "outside the mode", { .report = -7, .tnvl = -3 }, 2, ASSAY_OK, ASSAY_DEVICE_MODE_OFF,
		"not in protected PCIe mode" },
	{ "no callback", { .never = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"answered 0 times" },
	{ "two", { .twice = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY, "answered 2 times" },
	{ "for another", { .other = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"by another switch" },
	{ "certificate refused", { .certificate = -7 }, 2, ASSAY_OK, ASSAY_DEVICE_ERROR,
		"config/certificate returned -7" },
	{ "a report of 4 GiB", { .report_size = ~0U }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"of 4294967295 bytes" },
	{ "one byte more", { .report_size = 8193 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"38 to 8192" },
	{ "all there is", { .report_size = 8192 }, 2, ASSAY_OK, ASSAY_OK, "" },
	{ "the request alone", { .report_size = 37 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"of 37 bytes" },
	{ "nothing", { .empty_report = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY, "of 0 bytes" },
	{ "a chain of 4 GiB", { .chain_size = ~0U }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"of 4294967295 bytes" },
	{ "one byte more", { .chain_size = 5121 }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY,
		"1 to 5120" },
	{ "no chain", { .empty_chain = true }, 2, ASSAY_OK, ASSAY_DEVICE_REPLY, "of 0 bytes" },
};

static void plays(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(collected_done) struct collected c;
		const struct assay_err                  *why = &c.fault[DEVICE_NVSWITCH];

		print_message("%s\n", rows[i].name);
		go(&rows[i].play, &c);
		assert_int_equal(c.devices, rows[i].switches);
		assert_int_equal(c.fault[DEVICE_NVSWITCH].code, rows[i].door);
		if (c.devices == 2) {
			if (rows[i].second != ASSAY_OK)
				why = &c.device[1].fault;
			assert_int_equal(c.device[1].fault.code, rows[i].second);
			assert_true(c.device[0].fault.code == ASSAY_OK ||
				rows[i].play.set_input < 0);
		}
		if (strstr(assay_err_text(why), rows[i].says) == NULL)
			fail_msg("%s", assay_err_text(why));
	}
}

/* In the order of labels, each value in its place, the nonce as given. */
static void values(void **state)
{
	static const struct play                 well;
	CLEANUP(collected_done) struct collected c;
	uint8_t                                  sent[NONCE_SIZE];

	(void)state;
	go(&well, &c);
	memset(sent, 0x42, sizeof(sent));
	assert_string_equal(c.device[0].uuid, "SWX-3F");
	assert_string_equal(c.device[1].uuid, "SWX-40");
	for (size_t i = 0; i < SWITCHES; i++) {
		assert_int_equal(c.device[i].kind, DEVICE_NVSWITCH);
		assert_int_equal(c.device[i].index, i);
		assert_int_equal(c.device[i].arch, NSCQ_LS10);
		assert_int_equal(c.device[i].tnvl, NSCQ_TNVL_LOCKED);
		assert_memory_equal(c.device[i].report.p, sent, sizeof(sent));
		assert_int_equal(c.device[i].report.n, 100);
		assert_int_equal(c.device[i].chain.n, 10);
	}
}

/* A label of 64 characters without a NUL is cut, and so is what it becomes part of. */
static void bare(void **state)
{
	static const struct play                 rows_[] = { { .bare_label = true } };
	CLEANUP(collected_done) struct collected c;

	(void)state;
	go(&rows_[0], &c);
	assert_int_equal(c.devices, 2);
	assert_int_equal(strlen(c.device[0].uuid), 63);
}

static void absent(void **state)
{
	struct nscq      lib = { 0 };
	struct assay_err e   = { 0 };

	(void)state;
	if (nscq_open(&lib, &e) == ASSAY_OK)
		skip();
	assert_int_equal(e.code, ASSAY_LIBRARY);
	assert_non_null(strstr(assay_err_text(&e), NSCQ_LIBRARY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plays),
		cmocka_unit_test(values),
		cmocka_unit_test(bare),
		cmocka_unit_test(absent),
	};

	still_begin(); /* nobody is late */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
