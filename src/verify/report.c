/* SPDX-License-Identifier: Apache-2.0
 *
 * What the device says, and that it is the device that says it.
 *
 * Source: nvidia-evidence chapters 2, 5.1, 6.3 and 7. */
#include <ctype.h>
#include <stdio.h>

#include <openssl/crypto.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "crypto/sig.h"
#include "verify/checks.h"

#define LOCKED 1

enum assay_code ask_report_parse(struct inquiry *q, struct assay_err *e)
{
	TRY(spdm_parse(q->d->evidence->report, &q->d->report, e));
	q->d->report_parsed = true;
	inquiry_say(q, "SPDM 1.1, %zu measurements", q->d->report.blocks);
	return ASSAY_OK;
}

/* The key that signed, what was signed, and the signature. */
static enum assay_code signature_key(
	struct inquiry *q, uint8_t key[MEMO_KEY], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	const struct spdm_report    *r   = &q->d->report;

	buf_text(&all, "report:");
	TRY(cert_spki(q->d->chain.cert[0], &all, e));
	buf_put(&all, &r->message.n, sizeof(r->message.n));
	buf_put(&all, r->message.p, r->message.n);
	buf_put(&all, r->signature.p, r->signature.n);
	TRY(buf_ok(&all, e));
	return digest(q->c->crypto->sha256, buf_bytes(&all), key, e);
}

enum assay_code ask_report_signature(struct inquiry *q, struct assay_err *e)
{
	const struct spdm_report *r = &q->d->report;
	uint8_t                   key[MEMO_KEY];

	TRY(signature_key(q, key, e));
	if (memo_held(q->c->memo, key, q->c->now))
		return ASSAY_OK;
	TRY(sig_p384(q->c->crypto, X509_get0_pubkey(q->d->chain.cert[0]), r->message,
		r->signature, ASSAY_REPORT_SIGNATURE, e));
	memo_hold(q->c->memo, key, INT64_MIN, INT64_MAX); /* a signature has no end */
	return ASSAY_OK;
}

enum assay_code ask_report_nonce(struct inquiry *q, struct assay_err *e)
{
	struct bytes said = q->d->report.nonce;

	if (!q->c->nonce_given)
		return err_set(e, ASSAY_REPORT_FRESHNESS,
			"no nonce was given; the report answers %s", HEX(said));
	if (CRYPTO_memcmp(said.p, q->c->nonce, NONCE_SIZE) != 0) {
		hex_encode(BYTES_OF(q->c->nonce), &q->expected);
		hex_encode(said, &q->observed);
		return err_set(e, ASSAY_REPORT_NONCE, "the report answers another nonce");
	}
	inquiry_say(q, "%.16s...", HEX(said));
	return ASSAY_OK;
}

enum assay_code ask_opaque(struct inquiry *q, struct assay_err *e)
{
	struct device   *d    = q->d;
	enum device_kind kind = d->subject.kind == SUBJECT_GPU ? DEVICE_GPU : DEVICE_NVSWITCH;
	struct bytes     driver;

	TRY(opaque_parse(d->report.opaque, kind, &d->opaque, e));
	TRY(opaque_complete(&d->opaque, kind, e));
	driver = opaque_text(&d->opaque, OPAQUE_DRIVER_VERSION);
	if (driver.p != NULL && kind == DEVICE_GPU)
		snprintf(d->driver, sizeof(d->driver), "%.*s", (int)driver.n, driver.p);
	opaque_vbios(&d->opaque, kind, d->vbios);
	for (size_t i = 0; i < d->opaque.items; i++) {
		struct assay_err why = { 0 };
		char             text[16];

		if (strncmp(opaque_name(d->opaque.item[i].type, kind, text), "field ", 6) != 0)
			continue;
		err_set(&why, ASSAY_OPAQUE_UNKNOWN, "%s, which this version does not know",
			text);
		TRY(inquiry_note(q, CHECK_NONE, &why, true, e));
	}
	inquiry_say(q, "%zu fields", d->opaque.items);
	return ASSAY_OK;
}

/* Append text to an id, upper case; the character set was checked when it was parsed. */
static void append(char id[RIM_ID], struct bytes text, bool upper)
{
	size_t at = strlen(id);

	for (size_t i = 0; i < text.n && at < RIM_ID - 1; i++)
		id[at++] = (char)(upper ? toupper(text.p[i]) : text.p[i]);
	id[at] = 0;
}

static struct rim_fact *rim_add(struct device *d, enum rim_kind kind, const char *prefix)
{
	struct rim_fact *r = &d->rim[d->rims++];

	r->kind = kind;
	append(r->id, bytes_text(prefix), false);
	return r;
}

static void append_version(char id[RIM_ID], const char *version)
{
	for (; *version != 0; version++)
		if (*version != '.')
			append(id, (struct bytes){ (const uint8_t *)version, 1 }, true);
}

/* NV_GPU_VBIOS_<project>_<project SKU>_<chip SKU>_<version without dots> */
static void vbios_id(struct device *d, char id[RIM_ID])
{
	static const enum opaque_type parts[] = { OPAQUE_PROJECT, OPAQUE_PROJECT_SKU,
		OPAQUE_CHIP_SKU };

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		append(id, opaque_text(&d->opaque, parts[i]), true);
		append(id, BYTES("_"), false);
	}
	append_version(id, d->vbios);
}

static void driver_id(struct device *d, char id[RIM_ID])
{
	struct bytes chip = opaque_version(&d->opaque) >= 1
		? opaque_text(&d->opaque, OPAQUE_CHIP_INFO)
		: (struct bytes){ 0 };

	if (d->family == FAMILY_BLACKWELL) {
		append(id, chip.n == 0 ? BYTES(RIM_ID_CHIP) : chip, false);
		append(id, BYTES("_"), false);
	}
	append(id, bytes_text(d->driver), false);
}

static void name_rims(struct device *d)
{
	if (d->subject.kind == SUBJECT_NVSWITCH) {
		append_version(rim_add(d, RIM_BIOS, RIM_ID_LS10)->id, d->vbios);
		return;
	}
	driver_id(d,
		rim_add(d, RIM_DRIVER,
			d->family == FAMILY_BLACKWELL ? RIM_ID_BLACKWELL : RIM_ID_HOPPER)
			->id);
	vbios_id(d, rim_add(d, RIM_VBIOS, RIM_ID_VBIOS)->id);
}

/* The signed versions, and the RIMs that they name. */
enum assay_code ask_versions(struct inquiry *q, struct assay_err *e)
{
	struct device     *d    = q->d;
	const struct bytes chip = d->opaque.field[OPAQUE_CHIP_INFO];

	/* elsewhere no id has it, and it may be empty */
	if (d->family == FAMILY_BLACKWELL && opaque_version(&d->opaque) >= 1 &&
		chip.p != NULL && opaque_text(&d->opaque, OPAQUE_CHIP_INFO).n == 0)
		return err_set(e, ASSAY_OPAQUE_TEXT,
			"chip info is empty, and names the driver RIM of a Blackwell");
	name_rims(d);
	for (size_t i = 0; i < d->rims; i++)
		/* cut, perhaps; no genuine one is near it */
		if (strlen(d->rim[i].id) == RIM_ID - 1)
			return err_set(e, ASSAY_OPAQUE_TEXT,
				"the RIM id %.40s... is longer than any", d->rim[i].id);
	if (d->subject.kind == SUBJECT_NVSWITCH)
		inquiry_say(q, "BIOS %s", d->vbios);
	else
		inquiry_say(q, "driver %s, VBIOS %s", d->driver, d->vbios);
	return ASSAY_OK;
}

enum assay_code ask_lock(struct inquiry *q, struct assay_err *e)
{
	uint64_t status;

	if (!opaque_number(&q->d->opaque, OPAQUE_LOCK_STATUS, &status))
		return err_set(e, ASSAY_REPORT_LOCK, "the report has no lock status");
	if (status != LOCKED)
		return err_set(e, ASSAY_REPORT_LOCK, "lock status %u, not %d", (unsigned)status,
			LOCKED);
	return ASSAY_OK;
}

/* A count of zero goes with a value of zero, in every genuine report seen. */
enum assay_code ask_counts(struct inquiry *q, struct assay_err *e)
{
	const struct device *d = q->d;
	size_t               n = opaque_counts(&d->opaque);

	for (size_t i = 0; i < n && i < d->report.blocks; i++) {
		bool             zero = bytes_zero(d->report.block[i]);
		struct assay_err why  = { 0 };

		if ((opaque_count(&d->opaque, i) == 0) == zero)
			continue;
		err_set(&why, ASSAY_MEASUREMENT_COUNT,
			"measurement %zu: extended %u times, yet its value is %s", i,
			opaque_count(&d->opaque, i), zero ? "zero" : "not zero");
		q->detail = DETAIL_MEASUREMENT;
		q->number = (unsigned)i;
		TRY(inquiry_note(q, CHECK_NONE, &why, true, e));
		q->noted = true; /* the warnings say it all */
	}
	if (n == 0)
		return inquiry_not_applicable(q, "the signed report has no extend counts");
	return ASSAY_OK;
}
