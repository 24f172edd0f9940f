/* SPDX-License-Identifier: Apache-2.0
 *
 * What the device should be: its RIMs, stage by stage, and the comparison with what it measured. Golden values are read
 * only from a document whose structure, chain and signature hold.
 *
 * Source: nvidia-evidence chapters 5 and 6. */
#include <stdio.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "base/show.h"
#include "crypto/digest.h"
#include "crypto/xmldsig.h"
#include "verify/checks.h"
#include "verify/collateral.h"
#include "verify/links.h"

#define RIM_CA      2  /* the certificate whose name tells the chip family */
#define NVDEC_INDEX 35 /* not measured where NVDEC0 is disabled; nvidia-evidence 6.3 */

/* The version that the report says for this kind of RIM. */
static const char *version_of(const struct device *d, const struct rim_fact *r)
{
	return r->kind == RIM_DRIVER ? d->driver : d->vbios;
}

enum assay_code ask_rim_present(struct inquiry *q, struct assay_err *e)
{
	struct rim_fact *r = q->rim;
	char             want[sizeof("rim:") + RIM_ID], what[RIM_ID + 32];

	TRY(collateral_rim(&q->facts->shelf, q->c->evidence, r->id, r->kind,
		version_of(q->d, r), &r->document, e));
	if (r->document == NULL) {
		snprintf(want, sizeof(want), "rim:%s", r->id);
		snprintf(what, sizeof(what), "no %s RIM %s", rim_kind_name(r->kind), r->id);
		TRY(inquiry_want(q, want, e));
		return inquiry_missing(q, want, ASSAY_RIM_MISSING, what, e);
	}
	inquiry_say(q, "%s", r->id);
	return ASSAY_OK;
}

static void copy(char out[RIM_TEXT + 1], struct bytes text)
{
	char shown[SHOW_MAX];

	snprintf(out, RIM_TEXT + 1, "%.*s", RIM_TEXT, show(text, shown));
}

/* The parsed document as an entry that may be remembered later: what is kept of it, without its tree. */
static enum assay_code known_new(
	struct rim_fact *r, const uint8_t key[MEMO_KEY], struct assay_err *e)
{
	struct rim_known *k = mem_new(1, sizeof(*k));

	if (k == NULL)
		return err_no_memory(e);
	r->known = k;
	k->users = 1;
	k->kind  = rim_kind(&r->rim);
	memcpy(k->key, key, MEMO_KEY);
	copy(k->version, r->rim.version);
	copy(k->edition, r->rim.edition);
	copy(k->product, r->rim.product);
	copy(k->name, r->rim.name);
	snprintf(k->tag_id, sizeof(k->tag_id), "%.*s", (int)r->rim.tag_id.n,
		(const char *)r->rim.tag_id.p);
	return ASSAY_OK;
}

enum assay_code ask_rim_structure(struct inquiry *q, struct assay_err *e)
{
	struct rim_fact *r = q->rim;
	uint8_t          both[2 * SHA256_SIZE], key[MEMO_KEY];

	TRY(collateral_sum(
		&q->facts->shelf, q->c->crypto, q->c->evidence, r->document, r->sha256, e));
	memcpy(both, q->c->trust->rim.der, SHA256_SIZE);
	memcpy(both + SHA256_SIZE, r->sha256, SHA256_SIZE);
	TRY(digest(q->c->crypto->sha256, BYTES_OF(both), key, e));
	r->known      = memo_rim_get(q->c->memo, key, q->c->now);
	r->remembered = r->known != NULL;
	inquiry_say(q, "%zu bytes, SHA-256 %.16s...", r->document->body.n,
		HEX(BYTES_OF(r->sha256)));
	if (r->remembered)
		return ASSAY_OK;
	if (rim_parse(r->document->body, &r->rim, e) != ASSAY_OK)
		return r->document->name.n == 0 ? e->code
						: err_wrap(e, "%s", SHOW(r->document->name));
	return known_new(r, key, e);
}

/* "NVIDIA Reference Value GH100 CA": an LS10 signer should not sign GPU values. Only a warning, since NVIDIA itself has
 * crossed them (nvidia-evidence 5.5). */
static enum assay_code check_family(struct inquiry *q, struct assay_err *e)
{
	struct bytes     name = cert_subject(q->rim->known->chain.cert[RIM_CA], NID_commonName);
	const char      *chip = q->d->family == FAMILY_HOPPER ? "GH100"
		     : q->d->family == FAMILY_LS10            ? "LS10"
							      : "GB1";
	struct assay_err why  = { 0 };

	if (name.n != 0 && memmem(name.p, name.n, chip, strlen(chip)) != NULL)
		return ASSAY_OK;
	err_set(&why, ASSAY_RIM_FAMILY, "the signer's CA is \"%s\", of another family than %s",
		SHOW(name), chip);
	return inquiry_note(q, CHECK_NONE, &why, true, e);
}

static enum assay_code verify_chain(struct inquiry *q, struct assay_err *e)
{
	struct rim_fact *r = q->rim;

	if (r->rim.certificates != RIM_CERTIFICATES)
		return err_set(e, ASSAY_CERT_COUNT, "%zu certificates where %d belong",
			r->rim.certificates, RIM_CERTIFICATES);
	TRY(links_read(q->c, &q->c->trust->rim, LINKS_RIM, r->rim.certificate, &r->known->chain,
		&r->known_from, e));
	return chain_verify(
		q->c->crypto, &r->known->chain, &q->c->trust->rim, q->c->now, r->known_from, e);
}

/* A path to the root does not say what a key is for: responders, whose keys are always on line, have certificates from
 * the same issuer. Signers of RIMs have digitalSignature alone, and no extended usage (nvidia-evidence 5.5). */
static enum assay_code check_signer(X509 *cert, struct assay_err *e)
{
	if (!cert_signs_data(cert) || (X509_get_extension_flags(cert) & EXFLAG_XKUSAGE) != 0)
		return err_set(e, ASSAY_CERT_PROFILE,
			"certificate 0, \"%s\", is not for signing RIMs",
			SHOW(cert_subject(cert, NID_commonName)));
	return ASSAY_OK;
}

static bool signer_alone(const struct chain *chain, int64_t now)
{
	struct chain     upper = { 0 }; /* lent */
	struct assay_err none  = { 0 };

	for (size_t i = 1; i < chain->n; i++)
		upper.cert[upper.n++] = chain->cert[i];
	return chain_valid_at(&upper, now, &none) == ASSAY_OK;
}

enum assay_code ask_rim_chain(struct inquiry *q, struct assay_err *e)
{
	struct rim_fact    *r     = q->rim;
	const struct chain *chain = &r->known->chain;
	enum assay_code     code  = r->remembered ? ASSAY_OK : verify_chain(q, e);

	if (code == ASSAY_OK || code == ASSAY_CERT_EXPIRED || code == ASSAY_CERT_NOT_YET)
		TRY(check_signer(chain->cert[0], e));
	if (code == ASSAY_CERT_EXPIRED || code == ASSAY_CERT_NOT_YET) {
		/* Did it hold when it was valid? Then the rest can be asked: the reader learns more, and a waiver
		 * may name the one thing that is wrong. The verdict does not change. */
		struct assay_err why  = { 0 };
		enum assay_code  then = chain_verify(
			 q->c->crypto, chain, &q->c->trust->rim, chain->not_before, 0, &why);

		if (assay_class(then) == ASSAY_CLASS_INTERNAL) {
			*e = why;
			return then;
		}
		q->go_on          = then == ASSAY_OK;
		r->expired_signer = code == ASSAY_CERT_EXPIRED &&
			signer_alone(chain, q->c->now);
		return code;
	}
	if (code != ASSAY_OK)
		return code;
	r->current = true;
	if (!r->remembered)
		TRY(links_keep(q->c, &q->c->trust->rim, LINKS_RIM, chain, r->known_from, e));
	inquiry_until(q, chain->not_after);
	inquiry_say(q, "signed by \"%s\"", SHOW(cert_subject(chain->cert[0], NID_commonName)));
	return check_family(q, e);
}

/* Which of a RIM's checks says what rim_values() found: they are about its structure. */
static enum check structure_of(const struct inquiry *q)
{
	switch (q->check) {
	case CHECK_GPU_RIM_DRIVER_SIGNATURE:
		return CHECK_GPU_RIM_DRIVER_STRUCTURE;
	case CHECK_GPU_RIM_VBIOS_SIGNATURE:
		return CHECK_GPU_RIM_VBIOS_STRUCTURE;
	default:
		return CHECK_NVSWITCH_RIM_BIOS_STRUCTURE;
	}
}

enum assay_code ask_rim_signature(struct inquiry *q, struct assay_err *e)
{
	struct rim_fact *r   = q->rim;
	struct assay_err why = { 0 };

	if (r->remembered) {
		inquiry_say(q, "%zu golden values", r->known->golden.active);
		return ASSAY_OK;
	}
	TRY(xmldsig_verify(q->c->crypto, r->rim.doc, r->rim.signature,
		X509_get0_pubkey(r->known->chain.cert[0]), e));
	if (rim_values(&r->rim, &r->known->golden, &why) != ASSAY_OK) {
		q->d->held[structure_of(q)] = false;
		return inquiry_note(q, structure_of(q), &why, false, e);
	}
	rim_done(&r->rim); /* the tree has served */
	if (r->current)
		memo_rim_put(q->c->memo, r->known);
	inquiry_say(q, "%zu golden values", r->known->golden.active);
	return ASSAY_OK;
}

static enum assay_code identity(struct inquiry *q, const char *what, const char *is,
	const char *should, bool same, struct assay_err *e)
{
	if (same)
		return ASSAY_OK;
	buf_text(&q->expected, should);
	buf_text(&q->observed, is);
	return err_set(e, ASSAY_RIM_IDENTITY, "its %s is \"%s\", not \"%s\": %s is wanted",
		what, is, should, q->rim->id);
}

enum assay_code ask_rim_identity(struct inquiry *q, struct assay_err *e)
{
	const struct device    *d       = q->d;
	struct rim_fact        *r       = q->rim;
	const struct rim_known *k       = r->known;
	const char             *version = version_of(d, r);
	bool                    gpu     = d->subject.kind == SUBJECT_GPU;
	const char             *chip    = d->family == FAMILY_HOPPER ? "GH100"
			       : d->family == FAMILY_LS10            ? "LS10"
								     : "GB";
	size_t                  n       = d->family == FAMILY_BLACKWELL ? strlen(chip)
									: SIZE_MAX; /* the beginning, or the whole */

	TRY(identity(q, "edition", k->edition, gpu ? "GPU" : "SWITCH",
		strcmp(k->edition, gpu ? "GPU" : "SWITCH") == 0, e));
	TRY(identity(q, "kind", rim_kind_name(k->kind), rim_kind_name(r->kind),
		k->kind == r->kind, e));
	TRY(identity(q, "product", k->product, chip, strncmp(k->product, chip, n) == 0, e));
	TRY(identity(q, "name", k->name, chip, strncmp(k->name, chip, n) == 0, e));
	TRY(identity(
		q, "version", k->version, version, strcasecmp(k->version, version) == 0, e));
	r->usable = true;
	inquiry_say(q, "%s, %s %s", k->product, rim_kind_name(k->kind), k->version);
	return ASSAY_OK;
}

enum assay_code ask_rim_conflict(struct inquiry *q, struct assay_err *e)
{
	const struct golden *a = &q->d->rim[0].known->golden, *b = &q->d->rim[1].known->golden;

	for (size_t i = 0; i < RIM_INDICES; i++)
		if (a->entry[i].alternatives != 0 && b->entry[i].alternatives != 0)
			return err_set(
				e, ASSAY_RIM_CONFLICT, "measurement %zu is active in both", i);
	return ASSAY_OK;
}

/* The alternative that equals the measured value; -1 when none does. */
static int match(const struct golden_entry *golden, struct bytes measured)
{
	for (int i = 0; i < golden->alternatives; i++)
		if (measured.n == RIM_DIGEST &&
			CRYPTO_memcmp(
				golden->digest + i * RIM_DIGEST, measured.p, RIM_DIGEST) == 0)
			return i;
	return -1;
}

static enum assay_code mismatch(
	struct inquiry *q, size_t i, const struct rim_fact *r, struct assay_err *e)
{
	const struct golden_entry *g    = &r->known->golden.entry[i];
	bool                       none = i >= q->d->report.blocks;
	struct assay_err           why  = { 0 };

	for (size_t k = 0; k < g->alternatives; k++) {
		buf_text(&q->expected, k == 0 ? "" : " ");
		hex_encode(
			(struct bytes){ g->digest + k * RIM_DIGEST, RIM_DIGEST }, &q->expected);
	}
	if (none)
		buf_text(&q->observed, "none");
	else
		hex_encode(q->d->report.block[i], &q->observed);
	q->detail = DETAIL_MEASUREMENT;
	q->number = (unsigned)i;
	err_set(&why, ASSAY_MEASUREMENT_MISMATCH, "measurement %zu (%s, %s RIM) is %s", i,
		g->name, rim_kind_name(r->kind),
		none ? "missing" : "none of the golden values");
	return inquiry_note(q, CHECK_NONE, &why, false, e);
}

/* idx 35 may differ where the signed NVDEC0 status is exactly "disabled". */
static bool excused(const struct device *d, size_t i)
{
	struct bytes status = d->opaque.field[OPAQUE_NVDEC0_STATUS];

	return i == NVDEC_INDEX && d->subject.kind == SUBJECT_GPU && i < d->report.blocks &&
		status.n == 1 && status.p[0] == OPAQUE_OFF;
}

static enum assay_code compare(
	struct inquiry *q, const struct rim_fact *r, bool *skipped, struct assay_err *e)
{
	struct device *d = q->d;

	for (size_t i = 0; i < RIM_INDICES; i++) {
		const struct golden_entry *g = &r->known->golden.entry[i];

		if (g->alternatives == 0)
			continue;
		d->compared++;
		if (i < d->report.blocks)
			d->chosen[i] = (int8_t)match(g, d->report.block[i]);
		if (d->chosen[i] < 0 && !excused(d, i)) {
			TRY(mismatch(q, i, r, e));
			continue;
		}
		*skipped = *skipped || d->chosen[i] < 0;
		d->matched++;
	}
	return ASSAY_OK;
}

/* Compares what is at hand: a mismatch fails whatever else is missing; all equal with a RIM missing is not known. */
enum assay_code ask_measurements(struct inquiry *q, struct assay_err *e)
{
	struct device         *d       = q->d;
	bool                   skipped = false;
	const struct rim_fact *missing = NULL;

	memset(d->chosen, -1, sizeof(d->chosen));
	for (size_t i = 0; i < d->rims; i++) {
		if (d->rim[i].usable)
			TRY(compare(q, &d->rim[i], &skipped, e));
		else
			missing = &d->rim[i];
	}
	if (q->noted)
		return ASSAY_OK;
	if (missing != NULL && d->compared == 0)
		return err_set(e, ASSAY_RIM_MISSING, "nothing to compare with: no RIM holds");
	if (missing != NULL)
		return err_set(e, ASSAY_RIM_MISSING, "%zu of %zu equal, but %s %s", d->matched,
			d->compared, missing->id,
			missing->document == NULL ? "is missing" : "does not hold");
	inquiry_say(q, "%zu of %zu%s", d->matched, d->compared,
		skipped ? "; 35 skipped: NVDEC0 is disabled" : "");
	return ASSAY_OK;
}
