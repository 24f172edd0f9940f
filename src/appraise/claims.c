/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/claims.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "appraise/policy.h"
#include "base/hex.h"
#include "base/utc.h"

#define V2 1u
#define V3 2u

#define OEM_NVIDIA "5703" /* IANA; every RIM that parses has it */
#define NAME       96     /* characters of a claim's name, with NUL */
#define LINKS      18     /* PDIs in a GPU's field 22 */

enum state { UNSAID, NO, YES };

/* What the findings of one check of one subject come to: one that failed, whatever else there is; else what is open. */
static enum state state_of(const struct claims_ask *a, const struct device *d, enum check check)
{
	bool held = false, open = false;

	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];

		if (f->check != check || f->subject.kind != d->subject.kind ||
			f->subject.index != d->subject.index)
			continue;
		if (f->outcome == ASSAY_OUTCOME_FAIL ||
			(f->outcome == ASSAY_OUTCOME_WAIVED &&
				assay_class(f->code) == ASSAY_CLASS_REJECTED))
			return NO;
		if (f->outcome == ASSAY_OUTCOME_PASS)
			held = true;
		else if (f->outcome != ASSAY_OUTCOME_WARN)
			open = true;
	}
	return held && !open ? YES : UNSAID;
}

/* Does any finding of that check carry this code, whatever became of it? */
static const struct finding *coded(const struct claims_ask *a, const struct device *d,
	enum check check, enum assay_code code)
{
	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];

		if (f->check == check && f->code == code && f->outcome != ASSAY_OUTCOME_WARN &&
			f->subject.kind == d->subject.kind &&
			f->subject.index == d->subject.index)
			return f;
	}
	return NULL;
}

static enum state both(enum state x, enum state y)
{
	return x == NO || y == NO ? NO : x == YES && y == YES ? YES : UNSAID;
}

static json_t *boolean(const struct claims_ask *a, enum state s)
{
	if (s == UNSAID && a->version >= 3)
		return json_null();
	return json_boolean(s == YES);
}

static json_t *text(const struct claims_ask *a, const char *value)
{
	if (value[0] == 0 && a->version >= 3)
		return json_null();
	return json_string(value);
}

static bool is_gpu(const struct device *d)
{
	return d->subject.kind == SUBJECT_GPU;
}

/* x-nvidia-gpu- or x-nvidia-switch-, what it is about, and the rest */
static bool put(
	json_t *o, const struct device *d, const char *part, const char *name, json_t *value)
{
	char full[NAME];

	snprintf(full, sizeof(full), "x-nvidia-%s-%s%s", is_gpu(d) ? "gpu" : "switch", part,
		name);
	return json_put(o, full, value);
}

const char *claims_label(const struct device *d, char label[CLAIMS_LABEL])
{
	snprintf(label, CLAIMS_LABEL, "%s-%u", is_gpu(d) ? "GPU" : "SWITCH", d->subject.index);
	return label;
}

/* Chains ------------------------------------------------------------------------------------------------------ */

struct link {                      /* a chain, and what was asked about it */
	const struct chain *chain; /* NULL: none was read */
	enum check          path, profile, revocation;
	bool                nonce;
};

static const char *chain_status(
	const struct claims_ask *a, const struct device *d, const struct link *l)
{
	if (coded(a, d, l->path, ASSAY_CERT_EXPIRED) != NULL)
		return "expired";
	if (both(state_of(a, d, l->path), state_of(a, d, l->profile)) != YES)
		return "invalid";
	if (coded(a, d, l->revocation, ASSAY_OCSP_REVOKED) != NULL ||
		coded(a, d, l->revocation, ASSAY_OCSP_HOLD) != NULL)
		return "revoked";
	return "valid";
}

struct ocsp_claim {
	const char *status, *reason;
	bool        valid, nonce; /* of the answers */
};

static struct ocsp_claim ocsp_of(
	const struct claims_ask *a, const struct device *d, const struct link *l)
{
	static const struct {
		enum assay_code code;
		const char     *status;
		bool            valid;
	} rows[] = {
		/* the worst first */
		{ ASSAY_OCSP_REVOKED, "revoked", true },
		{ ASSAY_OCSP_HOLD, "revoked", true },
		{ ASSAY_OCSP_UNKNOWN, "unknown", true },
		{ ASSAY_OCSP_MISSING, "undefined", false },
	};

	if (state_of(a, d, l->revocation) == YES)
		return (struct ocsp_claim){ "good", NULL, true, l->nonce };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct finding *f = coded(a, d, l->revocation, rows[i].code);

		if (f != NULL)
			return (struct ocsp_claim){ rows[i].status, f->observed, rows[i].valid,
				false };
	}
	/* Answers that do not count; or none was looked for. */
	return (struct ocsp_claim){ state_of(a, d, l->revocation) == NO ? "unknown"
									: "undefined",
		NULL, false, false };
}

static bool reached(const struct claims_ask *a, const struct device *d, enum check check)
{
	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];

		if (f->check == check && f->subject.kind == d->subject.kind &&
			f->subject.index == d->subject.index)
			return f->outcome != ASSAY_OUTCOME_SKIPPED;
	}
	return false;
}

static json_t *chain_object(
	const struct claims_ask *a, const struct device *d, const struct link *l)
{
	AUTO(json_t)     *o = NULL;
	struct ocsp_claim ocsp;

	if (!reached(a, d, l->path))
		return json_null();
	o    = json_object();
	ocsp = ocsp_of(a, d, l);
	if (!json_put(o, "x-nvidia-cert-status", json_string(chain_status(a, d, l))) ||
		!json_put(o, "x-nvidia-cert-ocsp-status", json_string(ocsp.status)) ||
		!json_put(o, "x-nvidia-cert-expiration-date",
			l->chain == NULL || l->chain->n == 0 ? json_null()
							     : json_utc(l->chain->not_after)) ||
		!json_put(o, "x-nvidia-cert-revocation-reason",
			ocsp.reason == NULL ? json_null() : json_string(ocsp.reason)) ||
		!json_put(o, "x-nvidia-cert-ocsp-nonce-matches", json_boolean(ocsp.nonce)) ||
		!json_put(o, "x-nvidia-cert-ocsp-response-valid", json_boolean(ocsp.valid)))
		return NULL;
	return TAKE(o);
}

static enum state chain_held(
	const struct claims_ask *a, const struct device *d, const struct link *l)
{
	return both(both(state_of(a, d, l->path), state_of(a, d, l->profile)),
		state_of(a, d, l->revocation));
}

/* Version 2.0 has one boolean where 3.0 has the object. */
static bool put_chain(const struct claims_ask *a, json_t *o, const struct device *d,
	const char *part, const char *v2, const struct link *l)
{
	if (a->version < 3)
		return put(o, d, part, v2, boolean(a, chain_held(a, d, l)));
	return put(o, d, part, "cert-chain", chain_object(a, d, l));
}

/* RIMs -------------------------------------------------------------------------------------------------------- */

enum { PRESENT, STRUCTURE, CHAIN, SIGNATURE, IDENTITY, REVOCATION }; /* of RIM_CHECKS */

static enum check rim_check(enum rim_kind kind, int stage)
{
	static const enum check first[RIM_KINDS] = {
		[RIM_DRIVER] = CHECK_GPU_RIM_DRIVER_PRESENT,
		[RIM_VBIOS]  = CHECK_GPU_RIM_VBIOS_PRESENT,
		[RIM_BIOS]   = CHECK_NVSWITCH_RIM_BIOS_PRESENT,
	};

	return (enum check)((int)first[kind] + stage);
}

static const struct rim_fact *rim_of(const struct device *d, enum rim_kind kind)
{
	for (size_t i = 0; i < d->rims; i++)
		if (d->rim[i].kind == kind)
			return &d->rim[i];
	return NULL;
}

static bool put_rim(
	const struct claims_ask *a, json_t *o, const struct device *d, enum rim_kind kind)
{
	static const char *const parts[RIM_KINDS] = {
		[RIM_DRIVER] = "driver-rim-",
		[RIM_VBIOS]  = "vbios-rim-",
		[RIM_BIOS]   = "bios-rim-",
	};
	const struct rim_fact *r    = rim_of(d, kind);
	const char            *part = parts[kind];
	struct link            l    = {
			      .chain   = r == NULL || r->known == NULL ? NULL : &r->known->chain,
			      .path    = rim_check(kind, CHAIN),
			      .profile = rim_check(kind, CHAIN),
			      .revocation = rim_check(kind, REVOCATION),
			      .nonce      = r != NULL && r->ocsp_nonce,
	};
	enum state fetched   = coded(a, d, rim_check(kind, PRESENT), ASSAY_RIM_MISSING) != NULL
		  ? NO
		  : state_of(a, d, rim_check(kind, PRESENT));
	enum state structure = state_of(a, d, rim_check(kind, STRUCTURE));
	enum state held      = state_of(a, d, rim_check(kind, SIGNATURE));
	bool       ok;

	ok = put(o, d, part, "fetched", boolean(a, fetched)) &&
		put(o, d, part, "schema-validated", boolean(a, structure)) &&
		put_chain(a, o, d, part, "cert-validated", &l) &&
		put(o, d, part, "signature-verified", boolean(a, held));
	if (a->version >= 3)
		ok = ok &&
			put(o, d, part, "version-match",
				boolean(a, state_of(a, d, rim_check(kind, IDENTITY))));
	/* values are read from a signed document alone, and an empty set fails its structure */
	return ok &&
		put(o, d, part, "measurements-available", boolean(a, both(held, structure)));
}

/* Measurements ------------------------------------------------------------------------------------------------ */

static const char *measres(const struct claims_ask *a, const struct device *d)
{
	enum check check = device_check(d, CHECK_GPU_MEASUREMENTS);
	enum state s     = state_of(a, d, check);

	if (s == YES)
		return "success";
	if (s == NO || a->version < 3)
		return "fail";
	return reached(a, d, check) ? "absent" : "not-run";
}

static json_t *record(const struct device *d, const struct finding *f)
{
	const struct rim_fact *driver = rim_of(d, RIM_DRIVER);
	bool by_driver = driver != NULL && driver->usable && f->number < RIM_INDICES &&
		driver->known->golden.entry[f->number].alternatives != 0;
	bool   none   = f->observed == NULL || strcmp(f->observed, "none") == 0;
	size_t golden = f->expected == NULL ? 0 : strcspn(f->expected, " ");

	return json_pack("{s:i, s:i, s:s%, s:i, s:s, s:s}", "index", (int)f->number,
		"goldenSize", (int)(golden / 2), "goldenValue",
		f->expected == NULL ? "" : f->expected, (size_t)golden, "runtimeSize",
		none ? 0 : (int)(strlen(f->observed) / 2), "runtimeValue",
		none ? "NA" : f->observed, "measurementSource",
		by_driver ? "Driver" : "Firmware");
}

/* null where nothing differs */
static json_t *mismatches(const struct claims_ask *a, const struct device *d)
{
	AUTO(json_t) *list  = json_array();
	enum check    check = device_check(d, CHECK_GPU_MEASUREMENTS);

	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];

		if (f->check != check || f->subject.index != d->subject.index ||
			f->code != ASSAY_MEASUREMENT_MISMATCH)
			continue;
		if (json_array_append_new(list, record(d, f)) != 0)
			return NULL;
	}
	return json_array_size(list) == 0 ? json_null() : TAKE(list);
}

/* PDIs -------------------------------------------------------------------------------------------------------- */

static int by_text(const void *x, const void *y)
{
	return memcmp(x, y, 2 * PDI);
}

static void pdi_text(const uint8_t *pdi, bool reversed, char out[2 * PDI + 1])
{
	for (size_t i = 0; i < PDI; i++)
		snprintf(out + 2 * i, 3, "%02X", pdi[reversed ? PDI - 1 - i : i]);
}

/* Upper-case, sorted, each once; a link that is off stays as sixteen zeros. */
static json_t *pdis(struct bytes in, size_t most, bool reversed)
{
	AUTO(json_t) *list = json_array();
	char          all[OPAQUE_LINKS][2 * PDI + 1];
	size_t        n = in.n / PDI < most ? in.n / PDI : most;

	for (size_t i = 0; i < n; i++)
		pdi_text(in.p + i * PDI, reversed, all[i]);
	qsort(all, n, sizeof(all[0]), by_text);
	for (size_t i = 0; i < n; i++)
		if ((i == 0 || strcmp(all[i - 1], all[i]) != 0) &&
			json_array_append_new(list, json_string(all[i])) != 0)
			return NULL;
	return TAKE(list);
}

static bool put_pdis(json_t *o, const struct device *d)
{
	struct bytes own = d->opaque.field[OPAQUE_PDI], gpus = d->opaque.field[OPAQUE_GPU_PDIS];
	char         name[2 * PDI + 1];

	if (is_gpu(d))
		return own.p == NULL ||
			json_put(o, "x-nvidia-gpu-switch-pdis", pdis(own, LINKS, true));
	if (own.n == PDI) {
		pdi_text(own.p, false, name);
		if (!json_put(o, "x-nvidia-switch-pdi", json_string(name)))
			return false;
	}
	return gpus.p == NULL ||
		json_put(o, "x-nvidia-switch-gpu-pdis", pdis(gpus, OPAQUE_GPUS, false));
}

/* The device -------------------------------------------------------------------------------------------------- */

/* What the driver says of mode and developer tools, of all GPUs at once: nothing that takes trust away. Who verifies a file
 * has nobody's word. */
static bool undisturbed(const struct claims_ask *a)
{
	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];

		if ((f->check == CHECK_GPU_DEVTOOLS || f->check == CHECK_GPU_MODE) &&
			f->outcome != ASSAY_OUTCOME_PASS)
			return false;
	}
	return true;
}

/* All that is required of the device held, by itself: nothing of it waived. */
static bool plain(const struct claims_ask *a, const struct device *d)
{
	enum check from = is_gpu(d) ? CHECK_GPU_EVIDENCE_PARSE : CHECK_NVSWITCH_EVIDENCE_PARSE;
	enum check to   = is_gpu(d) ? CHECK_GPU_RIM_CONFLICT : CHECK_NVSWITCH_REPORT_LOCK;

	for (size_t i = from; i <= to; i++)
		if (check_row((enum check)i)->required &&
			!findings_hold(&a->facts->findings, (enum check)i, d->subject))
			return false;
	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];

		if (f->outcome == ASSAY_OUTCOME_WAIVED && f->subject.kind == d->subject.kind &&
			f->subject.index == d->subject.index)
			return false;
	}
	return true;
}

/* All waivers that were used, or those of one device. */
static json_t *waivers(const struct claims_ask *a, const struct device *d)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < a->facts->findings.n; i++) {
		const struct finding *f = &a->facts->findings.list[i];
		char                  subject[SUBJECT_TEXT];
		AUTO(json_t)         *o = NULL;

		if (f->outcome != ASSAY_OUTCOME_WAIVED ||
			(d != NULL &&
				(f->subject.kind != d->subject.kind ||
					f->subject.index != d->subject.index)))
			continue;
		o = json_pack("{s:s, s:s, s:s, s:s}", "id", check_row(f->check)->id, "subject",
			subject_text(f->subject, subject), "code", assay_code_name(f->code),
			"waiver", f->waiver);
		if (o != NULL && f->detail != DETAIL_NONE &&
			!json_put(o, "detail",
				json_pack("{s:i}", detail_name(f->detail), (int)f->number)))
			return NULL;
		if (json_array_append_new(list, TAKE(o)) != 0)
			return NULL;
	}
	return TAKE(list);
}

/* What must not be overlooked, where NVIDIA's tools put their own warnings. */
static const char *warning(const struct claims_ask *a, size_t waived)
{
	if (a->test_anchors)
		return CLAIMS_ANCHORS;
	return waived > 0 ? "waived: see x-assay-waivers" : NULL;
}

static json_t *nonce(const struct claims_ask *a)
{
	if (a->nonce == NULL)
		return a->version >= 3 ? json_null() : json_string("");
	return json_hex((struct bytes){ a->nonce, NONCE_SIZE });
}

static bool put_who(const struct claims_ask *a, json_t *o, const struct device *d)
{
	const struct rim_fact *driver = rim_of(d, RIM_DRIVER);
	bool                   known  = d->held[device_check(d, CHECK_GPU_CHAIN_PATH)];
	bool                   clean  = plain(a, d) && (!is_gpu(d) || undisturbed(a));
	bool                   ok;

	ok = json_put(o, "eat_nonce", nonce(a)) &&
		json_put(o, "ueid", text(a, known ? d->ueid : "")) &&
		json_put(o, "hwmodel", text(a, known ? d->model : "")) &&
		json_put(o, "oemid",
			driver != NULL && driver->usable ? json_string(OEM_NVIDIA)
							 : json_null()) &&
		json_put(o, "measres", json_string(measres(a, d)));
	if (clean || a->version >= 3)
		ok = ok && json_put(o, "secboot", clean ? json_true() : json_null()) &&
			json_put(o, "dbgstat", clean ? json_string("disabled") : json_null());
	return ok;
}

static bool put_report(const struct claims_ask *a, json_t *o, const struct device *d)
{
	static const struct {
		const char *name;
		unsigned    versions;
		enum check  check, also; /* of the GPU */
	} rows[] = {
		{ "arch-check", V2 | V3, CHECK_GPU_CHAIN_PROFILE, CHECK_GPU_EVIDENCE_HINTS },
		{ "attestation-report-parsed", V2 | V3, CHECK_GPU_REPORT_PARSE,
			CHECK_GPU_REPORT_PARSE },
		{ "attestation-report-nonce-match", V2 | V3, CHECK_GPU_REPORT_NONCE,
			CHECK_GPU_REPORT_NONCE },
		{ "attestation-report-signature-verified", V2 | V3, CHECK_GPU_REPORT_SIGNATURE,
			CHECK_GPU_REPORT_SIGNATURE },
		{ "attestation-report-cert-chain-fwid-match", V3, CHECK_GPU_REPORT_FWID,
			CHECK_GPU_REPORT_FWID },
	};
	struct link l = {
		.chain      = &d->chain,
		.path       = device_check(d, CHECK_GPU_CHAIN_PATH),
		.profile    = device_check(d, CHECK_GPU_CHAIN_PROFILE),
		.revocation = device_check(d, CHECK_GPU_CHAIN_REVOCATION),
		.nonce      = d->ocsp_nonce,
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if ((rows[i].versions & (a->version >= 3 ? V3 : V2)) != 0 &&
			!put(o, d, "", rows[i].name,
				boolean(a,
					both(state_of(a, d, device_check(d, rows[i].check)),
						state_of(
							a, d, device_check(d, rows[i].also))))))
			return false;
	return put_chain(a, o, d, "attestation-report-", "cert-chain-validated", &l);
}

static bool put_versions(const struct claims_ask *a, json_t *o, const struct device *d)
{
	bool signed_fields = d->held[device_check(d, CHECK_GPU_REPORT_OPAQUE)];
	char vbios[OPAQUE_VBIOS];

	for (size_t i = 0; i < sizeof(vbios); i++)
		vbios[i] = (char)toupper((unsigned char)d->vbios[i]);
	if (!signed_fields)
		vbios[0] = 0;
	if (!is_gpu(d))
		return put(o, d, "", "bios-version", text(a, vbios));
	return put(o, d, "", "driver-version", text(a, signed_fields ? d->driver : "")) &&
		put(o, d, "", "vbios-version", text(a, vbios));
}

static bool put_rims(const struct claims_ask *a, json_t *o, const struct device *d)
{
	if (!is_gpu(d))
		return put_rim(a, o, d, RIM_BIOS);
	return put_rim(a, o, d, RIM_DRIVER) && put_rim(a, o, d, RIM_VBIOS) &&
		put(o, d, "", "vbios-index-no-conflict",
			boolean(a, state_of(a, d, CHECK_GPU_RIM_CONFLICT)));
}

/* NVIDIA's library adds these to version 3.0. */
static bool put_added(const struct claims_ask *a, json_t *o, const struct device *d)
{
	return json_put(o, "x-nvidia-device-type",
		       json_string(is_gpu(d) ? "gpu" : "nvswitch")) &&
		json_put(o, "x-nvidia-gpu-claims-version", json_string("3.0")) &&
		json_put(o, "x-nvidia-version", json_string("3.0")) &&
		json_put(o, "x-nvidia-mismatch-measurement-records", mismatches(a, d)) &&
		(!d->held[device_check(d, CHECK_GPU_REPORT_OPAQUE)] || put_pdis(o, d));
}

static bool put_own(
	const struct claims_ask *a, json_t *o, const struct device *d, bool with_warning)
{
	AUTO(json_t) *list = waivers(a, d);
	size_t        n    = json_array_size(list);
	const char   *warn = warning(a, n);

	if (list == NULL)
		return false;
	if (with_warning &&
		!json_put(o, "x-nvidia-attestation-warning",
			warn == NULL ? json_null() : json_string(warn)))
		return false;
	return json_put(o, "x-assay-anchors",
		       json_string(a->test_anchors ? CLAIMS_ANCHORS : "pinned")) &&
		(n == 0 || json_put(o, "x-assay-waivers", TAKE(list)));
}

enum assay_code claims_device(
	const struct claims_ask *a, const struct device *d, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *o = json_object();

	if (!put_who(a, o, d) || !put_own(a, o, d, true) || !put_versions(a, o, d) ||
		!put_report(a, o, d) || !put_rims(a, o, d) ||
		(a->version >= 3 && !put_added(a, o, d)))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

bool claims_result(const struct claims_ask *a)
{
	for (size_t i = 0; i < a->facts->findings.n; i++)
		if (a->facts->findings.list[i].outcome == ASSAY_OUTCOME_WAIVED)
			return false;
	return a->verdict == ASSAY_CLASS_ACCEPTED && a->facts->devices > 0;
}

enum assay_code claims_overall(const struct claims_ask *a, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *o = json_object();

	if (!json_put(o, "sub", json_string(CLAIMS_SUB)) ||
		!json_put(o, "x-nvidia-ver", json_string(a->version >= 3 ? "3.0" : "2.0")) ||
		!json_put(o, "x-nvidia-overall-att-result", json_boolean(claims_result(a))) ||
		!json_put(o, "eat_nonce", nonce(a)) || !put_own(a, o, NULL, false) ||
		!json_put(o, "x-assay-verdict", json_string(assay_class_verdict(a->verdict))) ||
		!json_put(o, "x-assay-at", json_utc(a->at)) ||
		!json_put(o, "x-assay-historic", json_boolean(a->historic)) ||
		!json_put(o, "x-assay-version", json_string(ASSAY_VERSION)))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}
