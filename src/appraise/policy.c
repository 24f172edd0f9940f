/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading assay.policy/1. */
#include "appraise/policy.h"

#include <stdio.h>

#include "appraise/policy_tdx.h"
#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"

#define SCHEMA "assay.policy/1"

void policy_done(struct policy *p)
{
	mem_free(p->waiver);
	mem_free(p->pin);
	tdx_rules_done(&p->tdx);
	*p = (struct policy){ 0 };
}

static enum assay_code value(const char *name, const char *what, struct assay_err *e)
{
	return err_set(e, ASSAY_POLICY_FIELD, "\"%s\" is not %s", name, what);
}

enum assay_code policy_expect(
	struct bytes text, size_t *gpus, size_t *switches, struct assay_err *e)
{
	size_t v[2] = { 0 }, k = 0, digits = 0;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '+' && k == 0 && digits > 0) {
			k      = 1;
			digits = 0;
		} else if (byte_digit(text.p[i]) && digits < 3) {
			v[k] = 10 * v[k] + (size_t)(text.p[i] - '0');
			digits++;
		} else {
			digits = 0;
			break;
		}
	}
	if (digits == 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"a number of devices is written 8+4: GPUs, then switches");
	*gpus     = v[0];
	*switches = v[1];
	return ASSAY_OK;
}

/* Groups of these digits between dots. Anything else would compare as nothing, and the minimum be none. */
static enum assay_code read_version(const json_t *v, const char *name, const char *digits,
	char out[POLICY_VERSION], struct assay_err *e)
{
	const char *s = json_string_value(v), *at = s;

	if (s == NULL || strlen(s) >= POLICY_VERSION)
		return value(name, "a version", e);
	for (;; at++) {
		size_t n = strspn(at, digits);

		at += n;
		if (n == 0 || (*at != '.' && *at != 0))
			return value(name, "a version", e);
		if (*at == 0)
			break;
	}
	snprintf(out, POLICY_VERSION, "%s", s);
	return ASSAY_OK;
}

static enum assay_code read_pins(
	const json_t *v, const char *name, struct policy *p, struct assay_err *e)
{
	size_t n = json_array_size(v);

	if (!json_is_array(v) || n == 0 || n > POLICY_PINS)
		return value(name, "a list of 1 to 256 SHA-256 digests", e);
	p->pin = mem_new(n, sizeof(*p->pin));
	if (p->pin == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < n; i++)
		if (hex_fixed(bytes_text(json_string_value(json_array_get(v, i))), p->pin[i],
			    32, e) != ASSAY_OK)
			return value(name, "a list of SHA-256 digests in hexadecimal", e);
	p->pins = n;
	return ASSAY_OK;
}

static enum assay_code read_true(
	const json_t *v, const char *name, bool *out, struct assay_err *e)
{
	if (!json_is_boolean(v))
		return value(name, "true or false", e);
	*out = json_is_true(v);
	return ASSAY_OK;
}

static enum assay_code read_requirement(
	const char *name, const json_t *v, struct policy *p, struct assay_err *e)
{
	bool known = false;

	TRY(policy_tdx(name, v, &p->tdx, &known, e));
	if (known)
		return ASSAY_OK;
	if (strcmp(name, "gpu.driver.minimum") == 0)
		return read_version(v, name, "0123456789", p->driver_minimum, e);
	if (strcmp(name, "gpu.vbios.minimum") == 0)
		return read_version(v, name, "0123456789ABCDEFabcdef", p->vbios_minimum, e);
	if (strcmp(name, "gpu.protected-pcie") == 0)
		return read_true(v, name, &p->protected_pcie, e);
	if (strcmp(name, "report.fwid") == 0)
		return read_true(v, name, &p->fwid, e);
	if (strcmp(name, "report.known-fields") == 0)
		return read_true(v, name, &p->no_unknown_fields, e);
	if (strcmp(name, "rim.family") == 0)
		return read_true(v, name, &p->rim_family, e);
	if (strcmp(name, "rim.sha256") == 0)
		return read_pins(v, name, p, e);
	if (strcmp(name, "ocsp.max-age") == 0) {
		p->ocsp_max_age = json_integer_value(v);
		return p->ocsp_max_age < 1 || p->ocsp_max_age > 366 * 86400
			? value(name, "a number of seconds", e)
			: ASSAY_OK;
	}
	if (strcmp(name, "devices") == 0) {
		p->expected = true;
		return policy_expect(bytes_text(json_string_value(v)), &p->gpus, &p->switches,
			       e) == ASSAY_OK
			? ASSAY_OK
			: value(name, "a number of devices such as \"8+4\"", e);
	}
	return err_set(
		e, ASSAY_POLICY_FIELD, "unknown requirement \"%s\"", SHOW(bytes_text(name)));
}

/* "node", "gpu3", "nvswitch0" */
static bool read_subject(struct bytes text, struct subject *out)
{
	char own[SUBJECT_TEXT];

	for (unsigned kind = SUBJECT_NODE; kind <= SUBJECT_HOST; kind++)
		for (unsigned i = 0; i < EVIDENCE_DEVICES; i++) {
			*out = (struct subject){ (enum subject_kind)kind, i };
			if (bytes_equal(text, bytes_text(subject_text(*out, own))))
				return true;
		}
	return false;
}

static enum assay_code read_detail(const json_t *object, struct waiver *w, struct assay_err *e)
{
	static const char *const names[] = { "measurement", "certificate" };
	json_t                  *detail, *number;

	TRY(json_get_object(object, "detail", JSON_MAY, &detail, e));
	if (detail == NULL)
		return ASSAY_OK;
	TRY(json_only(detail, names, ARRAY_LEN(names), e));
	w->detail = json_object_get(detail, "measurement") != NULL ? DETAIL_MEASUREMENT
								   : DETAIL_CERTIFICATE;
	number    = json_object_get(detail, detail_name(w->detail));
	if (json_object_size(detail) != 1 || !json_is_integer(number) ||
		json_integer_value(number) < 0 || json_integer_value(number) > 255)
		return value("detail", "one measurement or certificate by its number", e);
	w->number = (unsigned)json_integer_value(number);
	return ASSAY_OK;
}

/* Is there any code that this waiver could waive? */
static bool useful(const struct waiver *w)
{
	for (size_t i = ASSAY_OK + 1; i < ASSAY_CODE_COUNT; i++) {
		enum assay_code code = (enum assay_code)i;

		if ((w->code == code ||
			    (w->code == ASSAY_OK &&
				    assay_class(code) == ASSAY_CLASS_UNDECIDED)) &&
			policy_waivable(w->check, code, w->detail, w->number))
			return true;
	}
	return false;
}

static enum assay_code read_waiver(const json_t *object, struct waiver *w, struct assay_err *e)
{
	static const char *const names[] = { "check", "code", "subject", "detail", "reason",
		"expires" };
	struct bytes             check, code, subject, reason, expires;

	if (!json_is_object(object))
		return value("waivers", "a list of objects", e);
	TRY(json_only(object, names, ARRAY_LEN(names), e));
	TRY(json_get_text(object, "check", JSON_MUST, &check, e));
	TRY(json_get_text(object, "code", JSON_MAY, &code, e));
	TRY(json_get_text(object, "subject", JSON_MAY, &subject, e));
	TRY(json_get_text(object, "reason", JSON_MUST, &reason, e));
	TRY(json_get_text(object, "expires", JSON_MUST, &expires, e));
	TRY(read_detail(object, w, e));
	w->check = check_find(check);
	if (w->check == CHECK_NONE)
		return value("check", "the id of a check; see assay explain", e);
	w->code = err_code(code);
	if (code.p != NULL && w->code == ASSAY_OK)
		return value("code", "a code; see assay explain", e);
	w->of_subject = subject.p != NULL;
	if (w->of_subject && !read_subject(subject, &w->subject))
		return value("subject", "a subject such as \"gpu0\"", e);
	if (reason.n == 0)
		return value("reason", "said", e);
	if (utc_parse(expires, &w->expires, e) != ASSAY_OK)
		return value("expires", "a time such as 2026-11-23T07:15:00Z", e);
	snprintf(w->reason, sizeof(w->reason), "%s", SHOW(reason));
	if (!useful(w))
		return err_set(e, ASSAY_POLICY_FIELD, "%s cannot be waived%s%s",
			check_row(w->check)->id, w->code == ASSAY_OK ? "" : " for ",
			w->code == ASSAY_OK ? "" : assay_code_name(w->code));
	return ASSAY_OK;
}

static enum assay_code read_waivers(const json_t *list, struct policy *p, struct assay_err *e)
{
	size_t n = json_array_size(list);

	if (n > POLICY_WAIVERS)
		return err_set(e, ASSAY_POLICY_FIELD, "more than %d waivers", POLICY_WAIVERS);
	p->waiver = mem_new(n + 1, sizeof(*p->waiver));
	if (p->waiver == NULL)
		return err_no_memory(e);
	for (; p->waivers < n; p->waivers++)
		if (read_waiver(json_array_get(list, p->waivers), &p->waiver[p->waivers], e) !=
			ASSAY_OK)
			return err_wrap(e, "waiver %zu", p->waivers);
	return ASSAY_OK;
}

enum assay_code policy_parse(struct bytes json, struct policy *out, struct assay_err *e)
{
	static const char *const names[] = { "schema", "description", "require", "waivers" };
	CLEANUP(policy_done) struct policy p    = { 0 };
	AUTO(json_t)                      *root = NULL;
	json_t                            *require, *waivers, *v;
	struct bytes                       schema, description;
	const char                        *name;

	TRY(json_read(json, POLICY_FILE_MAX, &root, e));
	TRY(json_get_text(root, "schema", JSON_MUST, &schema, e));
	if (!bytes_equal(schema, BYTES(SCHEMA)))
		return err_set(
			e, ASSAY_JSON_SCHEMA, "schema \"%s\" is not %s", SHOW(schema), SCHEMA);
	TRY(json_only(root, names, ARRAY_LEN(names), e));
	TRY(json_get_text(root, "description", JSON_MAY, &description, e));
	TRY(json_get_object(root, "require", JSON_MAY, &require, e));
	TRY(json_get_array(root, "waivers", JSON_MAY, &waivers, e));
	json_object_foreach(require, name, v)
	{
		TRY(read_requirement(name, v, &p, e));
	}
	TRY(policy_tdx_whole(&p.tdx, e));
	if (waivers != NULL)
		TRY(read_waivers(waivers, &p, e));
	*out = p;
	p    = (struct policy){ 0 };
	return ASSAY_OK;
}
