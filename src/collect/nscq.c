/* SPDX-License-Identifier: Apache-2.0
 *
 * Values come by callbacks: each is taken only when its own code is no error, from the switch that was asked, and once.
 *
 * Source: nvidia-device-access 2.3 to 2.7. */
#include "collect/nscq.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/show.h"
#include "collect/library.h"

#define REQUEST 37 /* bytes; a report is a request and the answer to it */

/* clang-format off */
#define ROW(symbol, field) { symbol, offsetof(struct nscq, field), false }
static const struct symbol symbols[] = {
	ROW("nscq_session_create", create),
	ROW("nscq_session_destroy", destroy),
	ROW("nscq_session_path_observe", observe),
	ROW("nscq_session_set_input", set_input),
	ROW("nscq_uuid_to_label", label),
};
/* clang-format on */

enum assay_code nscq_open(struct nscq *out, struct assay_err *e)
{
	return library_open(NSCQ_LIBRARY, symbols, ARRAY_LEN(symbols), out, e);
}

/* 2.3 */
static const struct library_word words[] = {
	{ NSCQ_NOT_IMPLEMENTED, ASSAY_DEVICE_ERROR, "not implemented",
		"this driver has no attestation of switches" },
	{ NSCQ_INVALID_UUID, ASSAY_DEVICE_ERROR, "invalid UUID",
		"the switch is not known any more" },
	{ NSCQ_NOT_MOUNTABLE, ASSAY_DEVICE_PERMISSION, "resource not mountable",
		"no access to /dev/nvidia-nvswitch*: run as root, or mount the device files" },
	{ NSCQ_OVERFLOW, ASSAY_DEVICE_ERROR, "overflow", "the library has no room" },
	{ NSCQ_UNEXPECTED_VALUE, ASSAY_DEVICE_ERROR, "unexpected value",
		"the library refuses the call" },
	{ NSCQ_UNSUPPORTED_DRV, ASSAY_DEVICE_ERROR, "unsupported driver",
		"NSCQ and the driver are of different releases: install the driver's own" },
	{ NSCQ_DRV, ASSAY_DEVICE_ERROR, "driver error",
		"the driver failed, or there is no access to /dev/nvidia-nvswitchctl" },
	{ NSCQ_TIMEOUT, ASSAY_DEVICE_TIMEOUT, "timeout",
		"the driver waited for the switch in vain: look at the kernel log" },
	{ NSCQ_EXTERNAL, ASSAY_DEVICE_ERROR, "external error", "look at the kernel log" },
	{ NSCQ_UNSPECIFIED, ASSAY_DEVICE_ERROR, "unspecified error", "look at the kernel log" },
};

enum assay_code nscq_fault(const char *what, nscq_rc rc, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (words[i].rc == rc)
			return err_set(e, words[i].code, "%s returned %d (%s): %s", what, rc,
				words[i].name, words[i].advice);
	return err_set(e, ASSAY_DEVICE_ERROR, "%s returned %d", what, rc);
}

struct found {
	struct nscq_uuid  uuid;
	struct nscq_label label; /* ends with a NUL */
	int               arch;  /* -1: not told */
};

struct asking {
	const struct nscq            *lib;
	const struct collect_request *r;
	struct teller                *t;
	struct nscq_session           session;
	uint32_t                      device;
	struct found                  found[EVIDENCE_DEVICES];
	size_t                        n, beyond; /* beyond: those without room */
	int                           tnvl;      /* of the switch that is asked */
	nscq_rc                       bad;       /* an error that came with the enumeration */
};

static void fail(struct asking *a, const char *what, nscq_rc rc)
{
	struct assay_err why = { 0 };

	nscq_fault(what, rc, &why);
	tell_fault(a->t, a->device, &why);
}

/* A fault of the answer itself. */
__attribute__((format(printf, 2, 3))) static void refuse(struct asking *a, const char *fmt, ...)
{
	struct assay_err why = { 0 };
	va_list          ap;

	va_start(ap, fmt);
	err_vset(&why, ASSAY_DEVICE_REPLY, fmt, ap);
	va_end(ap);
	tell_fault(a->t, a->device, &why);
}

/* ---- which switches there are ---- */

static void on_uuid(
	const struct nscq_uuid *device, nscq_rc rc, const struct nscq_uuid *uuid, void *user)
{
	struct asking *a = user;

	(void)device;
	if (rc < 0 || uuid == NULL)
		a->bad = rc < 0 ? rc : NSCQ_UNSPECIFIED;
	else if (a->n == EVIDENCE_DEVICES)
		a->beyond++;
	else
		a->found[a->n++] = (struct found){ .uuid = *uuid, .arch = -1 };
}

static bool name_them(struct asking *a)
{
	for (size_t i = 0; i < a->n; i++) {
		struct nscq_label *label = &a->found[i].label;
		nscq_rc            rc;

		tell_call(a->t, a->device, "nscq_uuid_to_label");
		rc = a->lib->label(&a->found[i].uuid, label, 0);
		label->data[sizeof(label->data) - 1] = 0;
		if (rc < 0) {
			fail(a, "nscq_uuid_to_label", rc);
			return false;
		}
		/* it becomes part of a path */
		if (label->data[0] == 0 || strpbrk(label->data, "/{}") != NULL) {
			refuse(a, "a switch is labelled \"%s\"", SHOW(bytes_text(label->data)));
			return false;
		}
	}
	return true;
}

static int by_label(const void *x, const void *y)
{
	const struct found *a = x, *b = y;

	return strcmp(a->label.data, b->label.data);
}

static bool find(struct asking *a)
{
	nscq_rc rc;

	tell_call(a->t, a->device, NSCQ_PATH_UUID);
	rc = a->lib->observe(a->session, NSCQ_PATH_UUID, (nscq_fn)on_uuid, a, 0);
	if (rc < 0 || a->bad < 0) {
		fail(a, NSCQ_PATH_UUID, rc < 0 ? rc : a->bad);
		return false;
	}
	if (a->beyond > 0) {
		refuse(a, "%zu switches, over %d", a->n + a->beyond, EVIDENCE_DEVICES);
		return false;
	}
	if (!name_them(a))
		return false;
	qsort(a->found, a->n, sizeof(*a->found), by_label);
	tell_int(a->t, RECORD_COUNT, a->device, (int)a->n);
	return true;
}

/* Negative is "not told", whatever it is. */
static int number(int8_t value)
{
	return value < 0 ? -1 : (int)(uint8_t)value;
}

static void on_arch(const struct nscq_uuid *device, nscq_rc rc, int8_t value, void *user)
{
	struct asking *a = user;

	for (size_t i = 0; rc >= 0 && device != NULL && i < a->n; i++)
		if (memcmp(device, &a->found[i].uuid, sizeof(*device)) == 0)
			a->found[i].arch = number(value);
}

/* ---- one switch ---- */

/* What a callback brought. */
struct answer {
	const struct nscq_uuid *want;
	unsigned                times;
	bool                    other; /* from another switch */
	nscq_rc                 rc;
	int                     number;
	uint32_t                size, most;
	uint8_t                 data[NSCQ_REPORT];
};

_Static_assert(NSCQ_REPORT >= NSCQ_CHAIN, "room for either");

static bool take(struct answer *x, const struct nscq_uuid *device, nscq_rc rc)
{
	x->times++;
	x->rc = rc;
	x->other |= device != NULL && memcmp(device, x->want, sizeof(*device)) != 0;
	return rc >= 0;
}

static void on_number(const struct nscq_uuid *device, nscq_rc rc, int8_t value, void *user)
{
	struct answer *x = user;

	if (take(x, device, rc))
		x->number = number(value);
}

static void on_report(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_report report, void *user)
{
	struct answer *x = user;

	x->most = NSCQ_REPORT;
	if (take(x, device, rc)) {
		x->size = report.size;
		memcpy(x->data, report.report, sizeof(report.report));
	}
}

static void on_certificate(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_certificate cert, void *user)
{
	struct answer *x = user;

	x->most = NSCQ_CHAIN;
	if (take(x, device, rc)) {
		x->size = cert.size;
		memcpy(x->data, cert.chain, sizeof(cert.chain));
	}
}

/* Outside protected PCIe there is no evidence, whatever code says so. */
static void fail_path(struct asking *a, const char *what, nscq_rc rc)
{
	struct assay_err why = { 0 };

	nscq_fault(what, rc, &why);
	if (a->tnvl == NSCQ_TNVL_OFF)
		err_set(&why, ASSAY_DEVICE_MODE_OFF,
			"the switch is not in protected PCIe mode, so the driver refuses evidence: %s returned %d",
			what, rc);
	tell_fault(a->t, a->device, &why);
}

/* False: a fault was told. */
static bool observe(struct asking *a, const char *rest, nscq_fn fn, struct answer *x)
{
	const struct found *f = &a->found[a->device];
	char                path[128];
	nscq_rc             rc;

	x->want = &f->uuid;
	snprintf(path, sizeof(path), "/%s%s", f->label.data, rest);
	tell_call(a->t, a->device, path);
	rc = a->lib->observe(a->session, path, fn, x, 0);
	if (rc < 0 || x->rc < 0)
		fail_path(a, rest + 1, rc < 0 ? rc : x->rc);
	else if (x->times != 1)
		refuse(a, "%s was answered %u times", rest + 1, x->times);
	else if (x->other)
		refuse(a, "%s was answered by another switch", rest + 1);
	else
		return true;
	return false;
}

static bool ask_bytes(
	struct asking *a, const char *rest, nscq_fn fn, uint32_t least, enum record_key key)
{
	static struct answer x;

	x = (struct answer){ 0 };
	if (!observe(a, rest, fn, &x))
		return false;
	if (x.size < least || x.size > x.most) {
		refuse(a, "%s of %u bytes, where %u to %u are possible", rest + 1, x.size,
			least, x.most);
		return false;
	}
	tell(a->t, key, a->device, (struct bytes){ x.data, x.size });
	return true;
}

static bool set_nonce(struct asking *a)
{
	uint8_t nonce[NSCQ_NONCE];
	nscq_rc rc;

	memcpy(nonce, a->r->nonce[DEVICE_NVSWITCH], sizeof(nonce));
	tell_call(a->t, a->device, "nscq_session_set_input");
	rc = a->lib->set_input(a->session, 0, nonce, sizeof(nonce));
	if (rc < 0)
		fail(a, "nscq_session_set_input", rc);
	return rc >= 0;
}

static bool can_attest(struct asking *a)
{
	const int arch = a->found[a->device].arch;

	if (arch < 0 || arch == NSCQ_LS10)
		return true;
	refuse(a, "a switch of architecture %d cannot attest, only LS10 (%d) can", arch,
		NSCQ_LS10);
	return false;
}

static void ask_switch(struct asking *a)
{
	const struct found  *f = &a->found[a->device];
	static struct answer mode;

	mode    = (struct answer){ 0 };
	a->tnvl = NSCQ_TNVL_UNKNOWN;
	tell_text(a->t, RECORD_UUID, a->device, f->label.data);
	if (a->r->survey)
		return;
	if (f->arch >= 0)
		tell_int(a->t, RECORD_ARCH, a->device, f->arch);
	if (!observe(a, NSCQ_REST_MODE, (nscq_fn)on_number, &mode))
		return;
	a->tnvl = mode.number;
	tell_int(a->t, RECORD_TNVL, a->device, a->tnvl);
	if (!a->r->evidence || !can_attest(a) || !set_nonce(a))
		return;
	if (ask_bytes(a, NSCQ_REST_REPORT, (nscq_fn)on_report, REQUEST + 1, RECORD_REPORT))
		ask_bytes(a, NSCQ_REST_CERTIFICATE, (nscq_fn)on_certificate, 1, RECORD_CHAIN);
}

static bool start(struct asking *a)
{
	struct nscq_session_result s;

	tell_call(a->t, a->device, "nscq_session_create");
	s = a->lib->create(NSCQ_MOUNT_DEVICES);
	if (s.rc < 0) {
		fail(a, "nscq_session_create", s.rc);
		return false;
	}
	if (s.session.p == NULL) {
		refuse(a, "nscq_session_create succeeded, and gave no session");
		return false;
	}
	a->session = s.session;
	return true;
}

void nscq_ask(const struct nscq *lib, const struct collect_request *r,
	const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	static struct asking a;

	a = (struct asking){ .lib = lib, .r = r, .t = t, .device = RECORD_SYSTEM };
	if (!start(&a) || !find(&a))
		return;
	if (a.n > 0 && !r->survey) {
		tell_call(t, a.device, NSCQ_PATH_ARCH);
		lib->observe(a.session, NSCQ_PATH_ARCH, (nscq_fn)on_arch, &a, 0);
	}
	for (uint32_t i = 0; i < a.n; i++) {
		a.device = i;
		if (!pass[i]) {
			ask_switch(&a);
			tell(t, RECORD_ASKED, i, (struct bytes){ 0 });
		}
	}
	a.device = RECORD_SYSTEM;
	tell_call(t, a.device, "nscq_session_destroy");
	lib->destroy(a.session);
}
