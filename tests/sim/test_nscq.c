/* SPDX-License-Identifier: Apache-2.0
 *
 * The stand-in libnvidia-nscq.so.2, opened as its callers open it: paths and their callbacks, sessions, codes
 * (nvidia-device-access 2), and what becomes of a program when the platform goes, hangs or lies. */
#include "sim/door.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "format/nscq.h"
#include "format/spdm.h"

#define SWITCHES 4

static struct door door;

static uint8_t nonce[NSCQ_NONCE] = "thirty-two bytes, sent as asked";

static struct {
	struct nscq_session_result (*create)(uint32_t flags);
	void (*destroy)(struct nscq_session s);
	nscq_rc (*observe)(struct nscq_session s, const char *path, nscq_fn fn, void *user,
		uint32_t flags);
	nscq_rc (*input)(struct nscq_session s, uint32_t flags, void *data, uint32_t size);
	nscq_rc (*label)(
		const struct nscq_uuid *uuid, struct nscq_label *label, uint32_t flags);
} nscq;

/* What callbacks saw. */
struct seen {
	unsigned                calls;
	nscq_rc                 rc[SWITCHES];
	int8_t                  value[SWITCHES];
	struct nscq_uuid        uuid[SWITCHES];
	struct nscq_label       label[SWITCHES];
	struct nscq_certificate certificate[SWITCHES];
	struct nscq_report      report[SWITCHES];
};

static unsigned note(struct seen *s, const struct nscq_uuid *device, nscq_rc rc)
{
	assert_non_null(device); /* 2.5: the Python callbacks look at it first */
	assert_in_range(s->calls, 0, SWITCHES - 1);
	s->rc[s->calls] = rc;
	assert_int_equal(nscq.label(device, &s->label[s->calls], 0), NSCQ_OK);
	return s->calls++;
}

static void on_uuid(
	const struct nscq_uuid *device, nscq_rc rc, const struct nscq_uuid *uuid, void *user)
{
	struct seen *s = user;

	assert_non_null(uuid);
	assert_memory_equal(device, uuid, sizeof(*uuid));
	s->uuid[note(s, device, rc)] = *uuid;
}

static void on_number(const struct nscq_uuid *device, nscq_rc rc, int8_t value, void *user)
{
	struct seen *s = user;

	s->value[note(s, device, rc)] = value;
}

static void on_certificate(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_certificate c, void *user)
{
	struct seen *s = user;

	s->certificate[note(s, device, rc)] = c;
}

static void on_report(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_report r, void *user)
{
	struct seen *s = user;

	s->report[note(s, device, rc)] = r;
}

static struct nscq_session session(void)
{
	struct nscq_session_result r = nscq.create(NSCQ_MOUNT_DEVICES);

	assert_int_equal(r.rc, NSCQ_OK);
	assert_non_null(r.session.p);
	return r.session;
}

/* The path with that selector, by the callback that is right for it. */
static nscq_rc see(
	struct nscq_session s, const char *selector, const char *rest, struct seen *out)
{
	static const struct {
		const char *rest;
		nscq_fn     fn;
	} callbacks[] = {
		{ NSCQ_REST_ARCH, (nscq_fn)on_number },
		{ NSCQ_REST_MODE, (nscq_fn)on_number },
		{ NSCQ_REST_CERTIFICATE, (nscq_fn)on_certificate },
		{ NSCQ_REST_REPORT, (nscq_fn)on_report },
	};
	char    path[160];
	nscq_fn fn = NULL;

	for (size_t i = 0; i < ARRAY_LEN(callbacks); i++)
		if (strcmp(callbacks[i].rest, rest) == 0)
			fn = callbacks[i].fn;
	snprintf(path, sizeof(path), "/%s%s", selector, rest); /* selector may lie in out */
	memset(out, 0, sizeof(*out));
	return nscq.observe(s, path, fn, out, 0);
}

static nscq_rc list(struct nscq_session s, struct seen *out)
{
	memset(out, 0, sizeof(*out));
	return nscq.observe(s, NSCQ_PATH_UUID, (nscq_fn)on_uuid, out, 0);
}

static struct seen seen, again;

/* ---- names ---- */

static void symbols(void **state)
{
	const uint32_t *version = door_symbol(&door, "nscq_api_version");

	(void)state;
	assert_int_equal(*version, 2 << 24);
	assert_null(dlsym(door.library, "link_ask"));
}

static void labels(void **state)
{
	const struct nscq_uuid uuid = { { 0xf6, 0xe1, 0xd8, 0x6e, 0x20, 0xd5, 0x7b, 0xe5, 0x85,
		0xad, 0xe5, 0xef, 0x52, 0xa8, 0x05, 0x04 } };
	struct nscq_label      label;

	(void)state;
	memset(&label, '#', sizeof(label));
	assert_int_equal(nscq.label(&uuid, &label, 0), NSCQ_OK);
	assert_string_equal(label.data, "SWX-F6E1D86E-20D5-7BE5-85AD-E5EF52A80504"); /* 2.2 */
	assert_int_equal(nscq.label(NULL, &label, 0), NSCQ_INVALID_UUID);
	assert_int_equal(nscq.label(&uuid, NULL, 0), NSCQ_UNEXPECTED_VALUE);
	assert_int_equal(nscq.label(&uuid, &label, 1), NSCQ_UNEXPECTED_VALUE);
}

/* ---- the order of 2.6 ---- */

static void as_the_tools_do(void **state)
{
	struct nscq_session s;
	struct assay_err    e = { 0 };

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, NULL);
	s = session();
	assert_int_equal(list(s, &again), NSCQ_OK);
	assert_int_equal(again.calls, SWITCHES);
	assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_ARCH, &seen), NSCQ_OK);
	assert_int_equal(seen.calls, SWITCHES);
	for (unsigned i = 0; i < SWITCHES; i++)
		assert_int_equal(seen.value[i], NSCQ_LS10);
	assert_int_equal(nscq.input(s, 0, nonce, sizeof(nonce)), NSCQ_OK);
	for (unsigned i = 0; i < SWITCHES; i++) {
		const char        *label = again.label[i].data;
		struct spdm_report parsed;

		print_message("%s\n", label);
		assert_int_equal(see(s, label, NSCQ_REST_MODE, &seen), NSCQ_OK);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.value[0], NSCQ_TNVL_LOCKED);
		assert_string_equal(seen.label[0].data, label);
		assert_int_equal(see(s, label, NSCQ_REST_REPORT, &seen), NSCQ_OK);
		assert_int_equal(seen.calls, 1);
		assert_int_equal(seen.rc[0], NSCQ_OK);
		assert_string_equal(seen.label[0].data, label);
		assert_in_range(seen.report[0].size, 38, NSCQ_REPORT);
		test_must(
			spdm_parse((struct bytes){ seen.report[0].report, seen.report[0].size },
				&parsed, &e),
			&e);
		assert_memory_equal(parsed.nonce.p, nonce, sizeof(nonce));
		assert_int_equal(parsed.blocks, 31);
		assert_int_equal(see(s, label, NSCQ_REST_CERTIFICATE, &seen), NSCQ_OK);
		assert_int_equal(seen.calls, 1);
		assert_in_range(seen.certificate[0].size, 1000, NSCQ_CHAIN - 1);
		assert_memory_equal(seen.certificate[0].chain, "-----BEGIN CERT", 15);
	}
	nscq.destroy(s);
	door_end(&door);
}

/* go-nvtrust asks for all at once; the same, switch by switch. */
static void all_at_once(void **state)
{
	static struct seen  one;
	struct nscq_session s;

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, NULL);
	s = session();
	assert_int_equal(nscq.input(s, 0, nonce, sizeof(nonce)), NSCQ_OK);
	assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen), NSCQ_OK);
	assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_CERTIFICATE, &again), NSCQ_OK);
	assert_int_equal(seen.calls, SWITCHES);
	assert_int_equal(again.calls, SWITCHES);
	for (unsigned i = 0; i < SWITCHES; i++) {
		assert_string_equal(seen.label[i].data, again.label[i].data);
		assert_int_equal(see(s, seen.label[i].data, NSCQ_REST_REPORT, &one), NSCQ_OK);
		assert_memory_equal(&one.report[0], &seen.report[i], sizeof(seen.report[i]));
		assert_true(i == 0 ||
			memcmp(&seen.report[i], &seen.report[0], sizeof(seen.report[i])) != 0);
	}
	nscq.destroy(s);
	door_end(&door);
}

/* ---- sessions, inputs, paths ---- */

static void sessions(void **state)
{
	struct nscq_session s[80];
	size_t              n = 0;

	(void)state;
	assert_int_equal(nscq.create(NSCQ_MOUNT_DEVICES).rc, NSCQ_DRV); /* nobody there */
	door_serve(&door, PLATFORM_SINGLE, NULL);
	assert_int_equal(nscq.create(NSCQ_MOUNT_DEVICES).rc, NSCQ_DRV); /* no switch there */
	door_serve(&door, PLATFORM_PPCIE, NULL);
	assert_int_equal(nscq.create(2).rc, NSCQ_UNEXPECTED_VALUE);
	assert_null(nscq.create(2).session.p);
	s[0] = nscq.create(0).session;
	assert_non_null(s[0].p);
	assert_int_equal(list(s[0], &seen), NSCQ_NOT_MOUNTABLE);
	assert_int_equal(seen.calls, 0);
	nscq.destroy(s[0]);
	assert_int_equal(list(s[0], &seen), NSCQ_UNEXPECTED_VALUE);
	assert_int_equal(nscq.input(s[0], 0, nonce, 32), NSCQ_UNEXPECTED_VALUE);
	nscq.destroy(s[0]);
	nscq.destroy((struct nscq_session){ NULL });
	nscq.destroy((struct nscq_session){ s });
	while (n < ARRAY_LEN(s)) {
		struct nscq_session_result r = nscq.create(NSCQ_MOUNT_DEVICES);

		if (r.rc != NSCQ_OK) {
			assert_int_equal(r.rc, NSCQ_OVERFLOW);
			break;
		}
		s[n++] = r.session;
	}
	assert_in_range(
		n, 32, 79); /* Python leaks one a switch and run: some, but not for ever */
	while (n > 0)
		nscq.destroy(s[--n]);
	nscq.destroy(session());
	door_end(&door);
}

static void inputs(void **state)
{
	struct {
		const char *name;
		uint32_t    flags;
		void       *data;
		uint32_t    size;
		nscq_rc     rc;
	} cases[] = {
		{ "flags", 1, nonce, 32, NSCQ_UNEXPECTED_VALUE },
		{ "no data", 0, NULL, 32, NSCQ_UNEXPECTED_VALUE },
		{ "nothing", 0, nonce, 0, NSCQ_UNEXPECTED_VALUE },
		{ "short", 0, nonce, 31, NSCQ_UNEXPECTED_VALUE },
		{ "long", 0, nonce, 33, NSCQ_UNEXPECTED_VALUE },
		{ "4 GiB", 0, nonce, UINT32_MAX, NSCQ_UNEXPECTED_VALUE },
		{ "right", 0, nonce, 32, NSCQ_OK },
	};
	struct nscq_session s, other;
	uint8_t             changed[NSCQ_NONCE];

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, NULL);
	s     = session();
	other = session();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		assert_int_equal(nscq.input(s, cases[i].flags, cases[i].data, cases[i].size),
			cases[i].rc);
		see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen);
		assert_int_equal(seen.calls, SWITCHES);
		assert_int_equal(
			seen.rc[0], cases[i].rc == NSCQ_OK ? NSCQ_OK : NSCQ_UNEXPECTED_VALUE);
		assert_int_equal(seen.report[0].size > 0, cases[i].rc == NSCQ_OK);
	}
	memcpy(changed, nonce, sizeof(changed));
	assert_int_equal(nscq.input(s, 0, changed, 32), NSCQ_OK);
	changed[0] ^= 1; /* the session has a copy, and it stays */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_REPORT, &again), NSCQ_OK);
		assert_memory_equal(&again.report[0], &seen.report[0], sizeof(seen.report[0]));
	}
	see(other, NSCQ_ALL, NSCQ_REST_REPORT, &seen);
	assert_int_equal(seen.rc[0], NSCQ_UNEXPECTED_VALUE); /* has no nonce of its own */
	nscq.destroy(s);
	nscq.destroy(other);
	door_end(&door);
}

static void paths(void **state)
{
	static const struct {
		const char *path;
		nscq_rc     rc;
		unsigned    calls;
	} cases[] = {
		{ "/{nvswitch}/id/arch", NSCQ_OK, SWITCHES },
		{ "/{nvswitch}/config/pcie_mode", NSCQ_OK, SWITCHES },
		{ "/{nvswitch}/id/none", NSCQ_NOT_IMPLEMENTED, 0 },
		{ "/{nvswitch}/id/arch/", NSCQ_NOT_IMPLEMENTED, 0 },
		{ "/{nvswitch}id/arch", NSCQ_NOT_IMPLEMENTED, 0 },
		{ "{nvswitch}/id/arch", NSCQ_NOT_IMPLEMENTED, 0 },
		{ "/{device}/id/arch", NSCQ_INVALID_UUID, 0 },
		{ "/{nvswitc/id/arch", NSCQ_INVALID_UUID, 0 },
		{ "/SWX-F6E1D86E-20D5-7BE5-85AD-E5EF52A80504/id/arch", NSCQ_INVALID_UUID, 0 },
		{ "//id/arch", NSCQ_INVALID_UUID, 0 },
		{ "/drv/nvswitch/version", NSCQ_NOT_IMPLEMENTED, 0 }, /* 2.5: unpublished */
		{ "", NSCQ_NOT_IMPLEMENTED, 0 },
		{ "/", NSCQ_NOT_IMPLEMENTED, 0 },
	};
	struct nscq_session s;

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, NULL);
	s = session();
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].path);
		memset(&seen, 0, sizeof(seen));
		assert_int_equal(nscq.observe(s, cases[i].path, (nscq_fn)on_number, &seen, 0),
			cases[i].rc);
		assert_int_equal(seen.calls, cases[i].calls);
	}
	memset(&seen, 0, sizeof(seen));
	assert_int_equal(
		nscq.observe(s, NULL, (nscq_fn)on_number, &seen, 0), NSCQ_UNEXPECTED_VALUE);
	assert_int_equal(nscq.observe(s, cases[0].path, NULL, &seen, 0), NSCQ_UNEXPECTED_VALUE);
	assert_int_equal(nscq.observe(s, cases[0].path, (nscq_fn)on_number, &seen, 1),
		NSCQ_UNEXPECTED_VALUE);
	assert_int_equal(nscq.observe((struct nscq_session){ NULL }, cases[0].path,
				 (nscq_fn)on_number, &seen, 0),
		NSCQ_UNEXPECTED_VALUE);
	assert_int_equal(seen.calls, 0);
	nscq.destroy(s);
	door_end(&door);
}

/* ---- modes, lost switches, faults ---- */

static void not_protected(void **state)
{
	struct nscq_session s;

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, "cc-off-ppcie");
	s = session();
	assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_MODE, &seen), NSCQ_OK);
	assert_int_equal(seen.calls, SWITCHES);
	assert_int_equal(seen.value[0], NSCQ_TNVL_OFF);
	assert_int_equal(nscq.input(s, 0, nonce, 32), NSCQ_OK);
	see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen);
	assert_true(seen.rc[0] < 0);
	see(s, NSCQ_ALL, NSCQ_REST_CERTIFICATE, &seen);
	assert_true(seen.rc[0] < 0);
	nscq.destroy(s);
	door_end(&door);
}

static void unplugged(void **state)
{
	struct nscq_session s;

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, NULL);
	s = session();
	assert_int_equal(list(s, &again), NSCQ_OK);
	door_lose(&door, FORGE_SWITCH, 1, true);
	assert_int_equal(list(s, &seen), NSCQ_OK);
	assert_int_equal(seen.calls, SWITCHES - 1);
	for (unsigned i = 0; i < SWITCHES - 1; i++)
		assert_string_equal(seen.label[i].data, again.label[i == 0 ? 0 : i + 1].data);
	assert_int_equal(see(s, again.label[1].data, NSCQ_REST_ARCH, &seen), NSCQ_INVALID_UUID);
	assert_int_equal(seen.calls, 0);
	door_lose(&door, FORGE_SWITCH, 1, false);
	assert_int_equal(see(s, again.label[1].data, NSCQ_REST_ARCH, &seen), NSCQ_OK);
	nscq.destroy(s);
	door_end(&door);
}

static bool ask_report(void *ctx)
{
	struct nscq_session *s = ctx;

	see(*s, NSCQ_ALL, NSCQ_REST_REPORT, &seen);
	return true;
}

static struct nscq_session with_fault(const char *fault)
{
	struct nscq_session s;

	door_serve(&door, PLATFORM_PPCIE, fault);
	s = session();
	assert_int_equal(nscq.input(s, 0, nonce, 32), NSCQ_OK);
	return s;
}

static void faults(void **state)
{
	struct nscq_session s;
	int                 killed_by = 0;

	(void)state;
	door_serve(&door, PLATFORM_PPCIE, "nscq-mismatch");
	assert_int_equal(nscq.create(NSCQ_MOUNT_DEVICES).rc, NSCQ_UNSUPPORTED_DRV);
	assert_null(nscq.create(NSCQ_MOUNT_DEVICES).session.p);
	s = with_fault("nscq-refused");
	see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen);
	assert_int_equal(seen.calls, SWITCHES);
	for (unsigned i = 0; i < SWITCHES; i++) {
		assert_int_equal(seen.rc[i], i == 2 ? NSCQ_DRV : NSCQ_OK);
		assert_int_equal(seen.report[i].size == 0, i == 2);
	}
	nscq.destroy(s);
	s = with_fault("nscq-size-report");
	see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen);
	assert_int_equal(seen.report[0].size, UINT32_MAX);
	assert_false(bytes_zero((struct bytes){ seen.report[0].report, 64 }));
	nscq.destroy(s);
	s = with_fault("nscq-size-certificate");
	see(s, NSCQ_ALL, NSCQ_REST_CERTIFICATE, &seen);
	assert_int_equal(seen.certificate[0].size, UINT32_MAX);
	nscq.destroy(s);
	s = with_fault("switch-mode-open");
	see(s, NSCQ_ALL, NSCQ_REST_MODE, &seen);
	assert_int_equal(seen.value[0], NSCQ_TNVL_ON);
	nscq.destroy(s);
	s = with_fault("nscq-crash");
	assert_false(door_child(ask_report, &s, &killed_by));
	assert_int_equal(killed_by, SIGSEGV);
	nscq.destroy(s);
	door_end(&door);
}

static void *hang(void *ctx)
{
	ask_report(ctx);
	return NULL;
}

static void hangs_until_it_ends(void **state)
{
	struct nscq_session s = with_fault("nscq-hang");
	pthread_t           thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, hang, &s), 0);
	poll(NULL, 0, 1000);
	assert_int_equal(list(s, &again), NSCQ_OK); /* others are answered */
	door_end(&door);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(seen.calls, SWITCHES); /* each of them failed */
	for (unsigned i = 0; i < SWITCHES; i++)
		assert_int_equal(seen.rc[i], NSCQ_DRV);
	nscq.destroy(s);
}

static void lost_connection(void **state)
{
	struct nscq_session s;

	(void)state;
	s = with_fault(NULL);
	door_end(&door);
	assert_int_equal(list(s, &seen), NSCQ_DRV);
	assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen), NSCQ_DRV);
	assert_int_equal(seen.calls, 0);
	door_serve(&door, PLATFORM_PPCIE, NULL); /* another one in its place */
	assert_int_equal(see(s, NSCQ_ALL, NSCQ_REST_REPORT, &seen), NSCQ_OK);
	assert_int_equal(seen.calls, SWITCHES);
	nscq.destroy(s);
	door_end(&door);
}

static void answers_that_lie(void **state)
{
	static uint8_t too_much[9 + 0x3000] = "\x05\x30\0\0";
	static const struct {
		const char  *name;
		struct bytes answer;
		nscq_rc      rc;
	} cases[] = {
		{ "nothing", BYTES(""), NSCQ_DRV },
		{ "less than a code", BYTES("\4\0\0\0\0\0\0\0\0"), NSCQ_DRV },
		{ "4 GiB", BYTES("\xff\xff\xff\xff\0\0\0\0\0"), NSCQ_DRV },
		{ "more than the output", BYTES_OF(too_much), NSCQ_DRV },
		{ "half a row", BYTES("\x0f\0\0\0\0\0\0\0\0\1\2\3\4\5\6\7\x08\x09\x0a"),
			NSCQ_OK },
		{ "a code that is none", BYTES("\5\0\0\0\xff\x03\0\0\0"), NSCQ_UNSPECIFIED },
	};
	struct nscq_session s;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		print_message("%s\n", cases[i].name);
		door_serve(&door, PLATFORM_PPCIE, NULL);
		s = session();
		door_serve_bytes(&door, cases[i].answer);
		assert_int_equal(list(s, &seen), cases[i].rc);
		assert_int_equal(seen.calls, 0);
		nscq.destroy(s);
	}
	door_end(&door);
}

/* ---- threads, children, errno ---- */

static void *work(void *ctx)
{
	unsigned    *bad  = ctx;
	struct seen *mine = calloc(1, sizeof(*mine));

	for (unsigned i = 0; i < 50 && mine != NULL; i++) {
		struct nscq_session_result r = nscq.create(NSCQ_MOUNT_DEVICES);
		uint8_t                    n[NSCQ_NONCE];

		memset(n, (int)i, sizeof(n));
		*bad += r.rc != 0 || list(r.session, mine) != 0 || mine->calls != SWITCHES;
		*bad += nscq.input(r.session, 0, n, sizeof(n)) != 0;
		if (i % 10 == 0) {
			*bad += see(r.session, mine->label[i % SWITCHES].data, NSCQ_REST_REPORT,
					mine) != 0;
			*bad += memcmp(mine->report[0].report + 4, n, sizeof(n)) != 0;
		}
		nscq.destroy(r.session);
	}
	free(mine);
	return NULL;
}

static bool child_asks(void *ctx)
{
	struct nscq_session       *inherited = ctx;
	struct nscq_session_result r         = nscq.create(NSCQ_MOUNT_DEVICES);

	return r.rc == 0 && list(r.session, &seen) == 0 && seen.calls == SWITCHES &&
		see(*inherited, NSCQ_ALL, NSCQ_REST_REPORT, &seen) == 0 &&
		seen.calls == SWITCHES;
}

static void threads_and_children(void **state)
{
	struct nscq_session s = with_fault(NULL);
	pthread_t           thread[8];
	unsigned            bad[8] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, work, &bad[i]), 0);
	for (unsigned i = 0; i < 20; i++)
		assert_true(door_child(child_asks, &s, NULL));
	for (size_t i = 0; i < ARRAY_LEN(thread); i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_int_equal(bad[i], 0);
	}
	nscq.destroy(s);
	door_end(&door);
}

struct hammer {
	struct nscq_session session;
	atomic_bool         stop;
};

static void *strike_on(void *ctx)
{
	struct hammer *h = ctx;

	while (!h->stop)
		nscq.input(h->session, 0, nonce, sizeof(nonce));
	return NULL;
}

static bool child_strikes(void *ctx)
{
	struct hammer *h = ctx;

	return nscq.input(h->session, 0, nonce, sizeof(nonce)) == NSCQ_OK;
}

/* The lock is nearly always held by a thread that the child does not have. */
static void children_of_a_busy_program(void **state)
{
	struct hammer h = { .session = with_fault(NULL) };
	pthread_t     thread[4];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, strike_on, &h), 0);
	for (unsigned i = 0; i < 50; i++)
		assert_true(door_child(child_strikes, &h, NULL));
	h.stop = true;
	for (size_t i = 0; i < ARRAY_LEN(thread); i++)
		assert_int_equal(pthread_join(thread[i], NULL), 0);
	nscq.destroy(h.session);
	door_end(&door);
}

static void errno_stays(void **state)
{
	(void)state;
	errno = 4711;
	assert_int_equal(nscq.create(NSCQ_MOUNT_DEVICES).rc, NSCQ_DRV);
	assert_int_equal(errno, 4711);
}

static int set_up(void **state)
{
	(void)state;
	door_open(&door, NSCQ_LIBRARY);
	nscq.create  = SYMBOL(&door, __typeof__(nscq.create), "nscq_session_create");
	nscq.destroy = SYMBOL(&door, __typeof__(nscq.destroy), "nscq_session_destroy");
	nscq.observe = SYMBOL(&door, __typeof__(nscq.observe), "nscq_session_path_observe");
	nscq.input   = SYMBOL(&door, __typeof__(nscq.input), "nscq_session_set_input");
	nscq.label   = SYMBOL(&door, __typeof__(nscq.label), "nscq_uuid_to_label");
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
		cmocka_unit_test(symbols),
		cmocka_unit_test(labels),
		cmocka_unit_test(as_the_tools_do),
		cmocka_unit_test(all_at_once),
		cmocka_unit_test(sessions),
		cmocka_unit_test(inputs),
		cmocka_unit_test(paths),
		cmocka_unit_test(not_protected),
		cmocka_unit_test(unplugged),
		cmocka_unit_test(faults),
		cmocka_unit_test(hangs_until_it_ends),
		cmocka_unit_test(lost_connection),
		cmocka_unit_test(answers_that_lie),
		cmocka_unit_test(threads_and_children),
		cmocka_unit_test(children_of_a_busy_program),
		cmocka_unit_test(errno_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
