/* SPDX-License-Identifier: Apache-2.0 */
#include "format/dice.h"

#include "base/der.h"

#define SHA384_OID BYTES("\x60\x86\x48\x01\x65\x03\x04\x02\x02") /* 2.16.840.1.101.3.4.2.2 */

/* FWID ::= SEQUENCE { hashAlg OBJECT IDENTIFIER, digest OCTET STRING } */
static enum assay_code read_fwid(
	struct rd *r, struct bytes *oid, struct bytes *digest, struct assay_err *e)
{
	static const char what[] = "firmware id";
	struct rd         in;

	TRY(der_enter(r, DER_SEQUENCE, what, &in, e));
	TRY(der_expect(&in, DER_OID, what, oid, e));
	TRY(der_expect(&in, DER_OCTET_STRING, what, digest, e));
	if (oid->n == 0 || digest->n == 0)
		return err_set(e, ASSAY_INPUT_DER, "%s: an empty field", what);
	return der_end(&in, what, e);
}

static enum assay_code check_fwid(struct bytes oid, struct bytes digest, struct assay_err *e)
{
	if (!bytes_equal(oid, SHA384_OID))
		return err_set(
			e, ASSAY_CERT_PROFILE, "firmware id of another hash than SHA-384");
	if (digest.n != DICE_FWID)
		return err_set(e, ASSAY_CERT_PROFILE, "firmware id of %zu bytes", digest.n);
	return ASSAY_OK;
}

/* SEQUENCE { version INTEGER, SubjectPublicKeyInfo, FWID } */
static enum assay_code composite(struct rd *r, struct dice *out, struct assay_err *e)
{
	static const char what[] = "composite device id";
	struct bytes      version, oid;
	struct der        spki;

	TRY(der_unsigned(r, what, &version, e));
	TRY(der_next(r, what, &spki, e));
	if (spki.tag != DER_SEQUENCE)
		return err_set(e, ASSAY_INPUT_DER, "%s: tag 0x%02x where a key belongs", what,
			spki.tag);
	TRY(read_fwid(r, &oid, &out->digest, e));
	TRY(der_end(r, what, e));
	if (!bytes_equal(version, BYTES("\x01")))
		return err_set(e, ASSAY_CERT_PROFILE, "%s of another version than 1", what);
	if (spki.whole.n != DICE_SPKI)
		return err_set(e, ASSAY_CERT_PROFILE, "%s with a key of %zu bytes", what,
			spki.whole.n);
	out->spki = spki.whole;
	return check_fwid(oid, out->digest, e);
}

static enum assay_code first_fwid(struct bytes list, struct bytes *out, struct assay_err *e)
{
	struct rd    r = { .in = list };
	struct bytes first_oid, oid, digest;

	TRY(read_fwid(&r, &first_oid, out, e));
	while (rd_left(&r) > 0)
		TRY(read_fwid(&r, &oid, &digest, e));
	return check_fwid(first_oid, *out, e);
}

enum { TCB_VENDOR, TCB_MODEL, TCB_FWIDS = 6, TCB_FIELDS = 10, TCB_TEXT = 128 };

static const struct {
	const char *name;
	uint8_t     tag;
	size_t      min, max; /* bytes */
} fields[TCB_FIELDS] = {
	[TCB_VENDOR] = { "vendor", DER_CONTEXT(0), 1, TCB_TEXT },
	[TCB_MODEL]  = { "model", DER_CONTEXT(1), 1, TCB_TEXT },
	{ "version", DER_CONTEXT(2), 1, TCB_TEXT },
	{ "security version", DER_CONTEXT(3), 1, 8 },
	{ "layer", DER_CONTEXT(4), 1, 8 },
	{ "index", DER_CONTEXT(5), 1, 8 },
	[TCB_FWIDS] = { "firmware ids", DER_CONTEXT(6) | 0x20, 0, SIZE_MAX },
	{ "flags", DER_CONTEXT(7), 1, 9 },
	{ "vendor info", DER_CONTEXT(8), 0, SIZE_MAX },
	{ "type", DER_CONTEXT(9), 0, SIZE_MAX },
};

/* Later editions of DiceTcbInfo add fields behind type; nothing here depends on them. Their order counts all the same. */
static enum assay_code tcb_info(struct rd *r, struct dice *out, struct assay_err *e)
{
	static const char what[]          = "TCB info";
	struct bytes      got[TCB_FIELDS] = { 0 };
	int               last            = -1;

	while (rd_left(r) > 0) {
		struct der d;
		int        n;

		TRY(der_next(r, what, &d, e));
		n = d.tag & 0x1f;
		if ((d.tag & 0xc0) != 0x80 || n <= last)
			return err_set(
				e, ASSAY_INPUT_DER, "%s: tag 0x%02x out of order", what, d.tag);
		last = n;
		if (n >= TCB_FIELDS)
			continue;
		if (d.tag != fields[n].tag || d.value.n < fields[n].min ||
			d.value.n > fields[n].max)
			return err_set(e, ASSAY_INPUT_DER, "%s: %s of tag 0x%02x and %zu bytes",
				what, fields[n].name, d.tag, d.value.n);
		got[n] = d.value;
	}
	if (got[TCB_FWIDS].p == NULL)
		return err_set(e, ASSAY_CERT_PROFILE, "%s without firmware ids", what);
	out->vendor = got[TCB_VENDOR];
	out->model  = got[TCB_MODEL];
	return first_fwid(got[TCB_FWIDS], &out->digest, e);
}

enum assay_code dice_fwid(
	struct bytes value, enum dice_form form, struct dice *out, struct assay_err *e)
{
	struct rd   r = { .in = value }, in;
	struct dice d = { 0 };

	TRY(der_enter(&r, DER_SEQUENCE, "firmware id extension", &in, e));
	TRY(der_end(&r, "firmware id extension", e));
	TRY(form == DICE_COMPOSITE ? composite(&in, &d, e) : tcb_info(&in, &d, e));
	*out = d;
	return ASSAY_OK;
}
