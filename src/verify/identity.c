/* SPDX-License-Identifier: Apache-2.0
 *
 * Who the device is: its certificates, and what they are bound to in the report.
 *
 * Source: nvidia-evidence chapter 3. */
#include <openssl/x509v3.h>
#include <strings.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "format/dice.h"
#include "verify/checks.h"
#include "verify/links.h"

enum assay_code ask_evidence(struct inquiry *q, struct assay_err *e)
{
	const struct evidence_device *from = q->d->evidence;

	if (from->fault.code != ASSAY_OK) {
		*e = from->fault;
		return e->code;
	}
	inquiry_say(q, "report of %zu bytes, chain of %zu", from->report.n, from->chain.n);
	return ASSAY_OK;
}

enum assay_code ask_chain_path(struct inquiry *q, struct assay_err *e)
{
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };
	const struct anchor                *anchor         = &q->c->trust->device;
	struct device                      *d              = q->d;
	uint8_t                             key[MEMO_KEY];

	TRY(chain_split(d->evidence->chain, DEVICE_CHAIN, der, e));
	TRY(links_key(q->c, anchor, LINKS_DEVICE, der, key, e));
	if (memo_chain_get(q->c->memo, MEMO_WHOLE, key, q->c->now, &d->chain)) {
		TRY(chain_window(&d->chain, e));
	} else {
		TRY(links_read(q->c, anchor, LINKS_DEVICE, der, &d->chain, &d->known, e));
		TRY(chain_verify(q->c->crypto, &d->chain, anchor, q->c->now, d->known, e));
		TRY(links_keep(q->c, anchor, LINKS_DEVICE, &d->chain, d->known, e));
		TRY(memo_chain_put(q->c->memo, MEMO_WHOLE, key, &d->chain, 0, e));
	}
	inquiry_until(q, d->chain.not_after);
	inquiry_say(q, "%d certificates to %s", DEVICE_CHAIN, anchor->name);
	return ASSAY_OK;
}

/* The chip, as the leaf's subject alternative name ("NVIDIA:GH100:<id>") and the name of the identity certificate ("GH100
 * A01 GSP BROM") have it, to its family. Both must say the same. */
static enum assay_code check_family(struct inquiry *q, struct assay_err *e)
{
	static const struct {
		const char        *chip; /* its beginning */
		enum device_family family;
	} chips[] = {
		{ "GH100", FAMILY_HOPPER },
		{ "GB1", FAMILY_BLACKWELL },
		{ "GB2", FAMILY_BLACKWELL },
		{ "LS_10", FAMILY_LS10 },
	};
	static const char vendor[] = "NVIDIA:";
	const size_t      prefix   = sizeof(vendor) - 1;
	struct bytes      san      = cert_other_name(q->d->chain.cert[0], CERT_DEVICE_INFO);
	struct bytes      model    = cert_subject(q->d->chain.cert[1], NID_commonName);

	for (size_t i = 0; i < ARRAY_LEN(chips); i++) {
		size_t n = strlen(chips[i].chip);

		if (san.n > prefix + n && memcmp(san.p, vendor, prefix) == 0 &&
			memcmp(san.p + prefix, chips[i].chip, n) == 0 && model.n >= n &&
			memcmp(model.p, chips[i].chip, n) == 0)
			q->d->family = chips[i].family;
	}
	if (q->d->family == FAMILY_NONE)
		return err_set(e, ASSAY_CERT_PROFILE,
			"leaf and identity do not name one chip that assay knows: \"%s\", \"%s\"",
			SHOW(san), SHOW(model));
	if ((device_family_kind(q->d->family) == DEVICE_GPU) !=
		(q->d->subject.kind == SUBJECT_GPU))
		return err_set(e, ASSAY_CHAIN_FAMILY, "evidence of a %s under a %s certificate",
			q->d->subject.kind == SUBJECT_GPU ? "GPU" : "switch",
			device_family_name(q->d->family));
	return ASSAY_OK;
}

/* Does this subject serialNumber spell that X.509 serial, in hexadecimal? */
static bool spells(const X509 *cert, size_t bytes)
{
	struct bytes text = cert_subject(cert, NID_serialNumber), serial = cert_serial(cert);
	uint8_t      value[32];
	struct assay_err why = { 0 };

	if (bytes > sizeof(value) || hex_fixed(text, value, bytes, &why) != ASSAY_OK)
		return false;
	while (bytes > 1 && serial.n < bytes && value[0] == 0) /* DER drops leading zeros */
		memmove(value, value + 1, --bytes);
	return bytes_equal((struct bytes){ value, bytes }, serial);
}

/* The identity certificate: a tag byte for the kind of device, then the 8 bytes of its PDI. */
static enum assay_code check_pdi(struct device *d, struct assay_err *e)
{
	struct bytes     text = cert_subject(d->chain.cert[1], NID_serialNumber);
	uint8_t          tag  = d->subject.kind == SUBJECT_GPU ? 0x41 : 0x50;
	uint8_t          value[1 + PDI];
	struct assay_err why = { 0 };

	if (hex_fixed(text, value, sizeof(value), &why) != ASSAY_OK ||
		!spells(d->chain.cert[1], sizeof(value)))
		return err_set(e, ASSAY_CERT_PROFILE,
			"certificate 1: subject serialNumber \"%s\" is not its serial number",
			SHOW(text));
	if (value[0] != tag)
		return err_set(e, ASSAY_CERT_PROFILE,
			"certificate 1: device tag 0x%02x, not 0x%02x", value[0], tag);
	memcpy(d->pdi, value + 1, PDI);
	d->pdi_known = true;
	return ASSAY_OK;
}

static enum assay_code check_usage(const struct chain *chain, struct assay_err *e)
{
	if (!cert_signs_data(chain->cert[0]))
		return err_set(e, ASSAY_CERT_PROFILE,
			"the leaf's key usage is not digitalSignature alone");
	for (size_t i = 1; i < chain->n; i++)
		if ((X509_get_key_usage(chain->cert[i]) & KU_KEY_CERT_SIGN) == 0 ||
			(X509_get_extension_flags(chain->cert[i]) & EXFLAG_CA) == 0)
			return err_set(e, ASSAY_CERT_PROFILE,
				"certificate %zu may not sign certificates", i);
	return ASSAY_OK;
}

/* What reports call the device: the identity certificate's name, the leaf's serial number in decimal. */
static enum assay_code name_device(struct device *d, struct assay_err *e)
{
	BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(d->chain.cert[0]), NULL);
	char   *text   = serial == NULL ? NULL : BN_bn2dec(serial);
	char    shown[SHOW_MAX];

	if (text != NULL)
		snprintf(d->ueid, sizeof(d->ueid), "%s", text);
	snprintf(d->model, sizeof(d->model), "%.*s", DEVICE_TEXT - 1,
		show(cert_subject(d->chain.cert[1], NID_commonName), shown));
	BN_free(serial);
	OPENSSL_free(text);
	return text == NULL ? err_no_memory(e) : ASSAY_OK;
}

enum assay_code ask_chain_profile(struct inquiry *q, struct assay_err *e)
{
	struct device *d = q->d;

	TRY(name_device(d, e));
	TRY(check_family(q, e));
	TRY(check_usage(&d->chain, e));
	if (!spells(d->chain.cert[0], 20))
		return err_set(e, ASSAY_CERT_PROFILE,
			"the leaf's subject serialNumber is not its serial number");
	TRY(check_pdi(d, e));
	inquiry_say(q, "%s, %s", device_family_name(d->family), d->model);
	return ASSAY_OK;
}

static bool same_text(struct bytes a, const char *b)
{
	return a.n == strlen(b) && strncasecmp((const char *)a.p, b, a.n) == 0;
}

static enum assay_code hint(struct inquiry *q, const char *what, struct bytes said,
	const char *is, struct assay_err *e)
{
	if (said.n == 0 || same_text(said, is)) /* absent, or empty: it says nothing */
		return ASSAY_OK;
	buf_text(&q->expected, is);
	buf_text(&q->observed, SHOW(said));
	return err_set(e, ASSAY_REPORT_HINT,
		"the container's %s is \"%s\", the signed one \"%s\"", what, SHOW(said), is);
}

enum assay_code ask_hints(struct inquiry *q, struct assay_err *e)
{
	const struct evidence_hints *h = &q->d->evidence->hints;

	TRY(hint(q, "arch", h->arch, device_family_name(q->d->family), e));
	if (q->d->subject.kind == SUBJECT_GPU)
		TRY(hint(q, "driver version", h->driver_version, q->d->driver, e));
	TRY(hint(q, "VBIOS version", h->vbios_version, q->d->vbios, e));
	if (h->nonce_given && !bytes_equal(BYTES_OF(h->nonce), q->d->report.nonce)) {
		hex_encode(BYTES_OF(h->nonce), &q->observed);
		hex_encode(q->d->report.nonce, &q->expected);
		return err_set(
			e, ASSAY_REPORT_HINT, "the container's nonce is not the signed one");
	}
	return ASSAY_OK;
}

/* The extension of the family's form, p == NULL when there is none: alone, and the other form not beside it. */
static enum assay_code fwid_extension(
	const struct device *d, enum dice_form *form, struct bytes *value, struct assay_err *e)
{
	size_t       composite, tcb_info;
	struct bytes a = cert_extension(d->chain.cert[0], DICE_OID_COMPOSITE, &composite);
	struct bytes b = cert_extension(d->chain.cert[0], DICE_OID_TCB_INFO, &tcb_info);

	*form  = d->family == FAMILY_BLACKWELL ? DICE_TCB_INFO : DICE_COMPOSITE;
	*value = *form == DICE_TCB_INFO ? b : a;
	if (composite + tcb_info > 1 || (composite + tcb_info == 1 && value->p == NULL))
		return err_set(e, ASSAY_REPORT_FWID,
			"the leaf has %zu and %zu firmware id extensions, not the one of %s",
			composite, tcb_info, device_family_name(d->family));
	return ASSAY_OK;
}

enum assay_code ask_fwid(struct inquiry *q, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf spki = { 0 };
	const struct device         *d    = q->d;
	struct bytes                 said = d->opaque.field[OPAQUE_FWID], value;
	enum dice_form               form;
	struct dice                  dice;

	if (said.p == NULL && d->family == FAMILY_BLACKWELL)
		return err_set(e, ASSAY_REPORT_FWID,
			"the report has no firmware id; on Blackwell there always is one");
	TRY(fwid_extension(d, &form, &value, e));
	if (said.p == NULL)
		return inquiry_not_applicable(q, "the signed report has no firmware id field");
	if (value.p == NULL)
		return err_set(e, ASSAY_REPORT_FWID, "the leaf has no firmware id extension");
	if (dice_fwid(value, form, &dice, e) != ASSAY_OK)
		return err_wrap(e, "firmware id extension");
	if (form == DICE_COMPOSITE) {
		TRY(cert_spki(d->chain.cert[1], &spki, e));
		if (!bytes_equal(dice.spki, buf_bytes(&spki)))
			return err_set(e, ASSAY_REPORT_FWID,
				"the firmware id extension names another device key");
	}
	if (said.n != dice.digest.n || CRYPTO_memcmp(said.p, dice.digest.p, said.n) != 0) {
		hex_encode(dice.digest, &q->expected);
		hex_encode(said, &q->observed);
		return err_set(e, ASSAY_REPORT_FWID,
			"the report's firmware id is not the certified one");
	}
	q->d->fwid_there = true;
	inquiry_say(q, "%.16s...", HEX(said));
	return ASSAY_OK;
}

enum assay_code ask_pdi(struct inquiry *q, struct assay_err *e)
{
	struct bytes said = q->d->opaque.field[OPAQUE_PDI];

	if (said.p == NULL)
		return err_set(e, ASSAY_REPORT_PDI, "the report does not name the switch");
	if (!bytes_equal(said, BYTES_OF(q->d->pdi))) {
		hex_encode(BYTES_OF(q->d->pdi), &q->expected);
		hex_encode(said, &q->observed);
		return err_set(e, ASSAY_REPORT_PDI,
			"the report names device %s, the certificate %s", HEX(said),
			HEX(BYTES_OF(q->d->pdi)));
	}
	inquiry_say(q, "%s", HEX(said));
	return ASSAY_OK;
}
