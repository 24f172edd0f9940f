/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing tokens. */
#include "appraise/token.h"

#include "base/hex.h"
#include "crypto/digest.h"

/* 64 hexadecimal digits: of the seed and what the token is called. */
static json_t *jti(const struct crypto *c, const struct token_spec *s, const char *name,
	struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	uint8_t                      sum[SHA256_SIZE];

	buf_put(&all, s->seed, TOKEN_SEED);
	buf_text(&all, name);
	if (buf_ok(&all, e) != ASSAY_OK ||
		digest(c->sha256, buf_bytes(&all), sum, e) != ASSAY_OK)
		return NULL;
	return json_hex(BYTES_OF(sum));
}

/* A good result ends with the first limit that it rests on; a bad one has nothing to outlive. */
static int64_t ends(const struct claims_ask *a)
{
	int64_t end = a->at + TOKEN_LIFETIME;

	return a->verdict == ASSAY_CLASS_ACCEPTED && a->facts->valid_until < end
		? a->facts->valid_until
		: end;
}

/* Claims and the envelope's members, signed, as a JSON string. */
static enum assay_code seal(const struct crypto *c, const struct token_spec *s,
	const char *name, json_t *claims, json_t **out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const struct claims_ask     *a    = s->claims;
	json_t                      *id   = jti(c, s, name, e);

	if (!json_put(claims, "iss", json_string(s->iss)) ||
		!json_put(claims, "iat", json_integer(a->at - TOKEN_BACKDATE)) ||
		!json_put(claims, "nbf", json_integer(a->at - TOKEN_BACKDATE)) ||
		!json_put(claims, "exp", json_integer(ends(a))) || !json_put(claims, "jti", id))
		return err_no_memory(e);
	TRY(jws_write(claims, s->signer, &text, e));
	*out = json_stringn((const char *)text.p, text.n);
	return *out == NULL ? err_no_memory(e) : ASSAY_OK;
}

static json_t *digest_of(const struct crypto *c, const json_t *compact, struct assay_err *e)
{
	uint8_t sum[SHA256_SIZE];

	if (digest(c->sha256, bytes_text(json_string_value(compact)), sum, e) != ASSAY_OK)
		return NULL;
	return json_pack("[s, [s, o]]", "DIGEST", "SHA-256", json_hex(BYTES_OF(sum)));
}

/* [ ["JWT", token], rest ] */
static enum assay_code pair(json_t *token, json_t *rest, json_t **out, struct assay_err *e)
{
	*out = json_pack("[[s, o], o]", "JWT", token, rest);
	return *out == NULL ? err_no_memory(e) : ASSAY_OK;
}

static enum assay_code put_device(const struct crypto *c, const struct token_spec *s,
	const struct device *d, json_t *devices, json_t *submods, struct assay_err *e)
{
	AUTO(json_t) *claims = NULL;
	json_t       *compact;
	char          label[CLAIMS_LABEL];

	claims_label(d, label);
	TRY(claims_device(s->claims, d, &claims, e));
	TRY(seal(c, s, label, claims, &compact, e));
	if (!json_put(submods, label, digest_of(c, compact, e))) {
		json_decref(compact);
		return err_no_memory(e);
	}
	return json_put(devices, label, compact) ? ASSAY_OK : err_no_memory(e);
}

/* One array, of the devices of one kind; of a node without devices, of none. */
static enum assay_code array(const struct crypto *c, const struct token_spec *s,
	enum subject_kind kind, json_t **out, struct assay_err *e)
{
	AUTO(json_t)       *devices = json_object(), *submods = json_object(), *overall = NULL;
	const struct facts *f = s->claims->facts;
	json_t             *compact;

	for (size_t i = 0; i < f->devices; i++)
		if (f->device[i].subject.kind == kind)
			TRY(put_device(c, s, &f->device[i], devices, submods, e));
	TRY(claims_overall(s->claims, &overall, e));
	if (!json_put(overall, "submods", TAKE(submods)))
		return err_no_memory(e);
	TRY(seal(c, s, kind == SUBJECT_GPU ? "gpu" : "switch", overall, &compact, e));
	return pair(compact, TAKE(devices), out, e);
}

static enum assay_code put_array(const struct crypto *c, const struct token_spec *s,
	enum subject_kind kind, json_t *arrays, json_t *submods, struct assay_err *e)
{
	const char *name = kind == SUBJECT_GPU ? "LOCAL_GPU_CLAIMS" : "LOCAL_SWITCH_CLAIMS";
	json_t     *one;

	TRY(array(c, s, kind, &one, e));
	if (!json_put(arrays, name, one) ||
		!json_put(submods, name,
			digest_of(c, json_array_get(json_array_get(one, 0), 1), e)))
		return err_no_memory(e);
	return ASSAY_OK;
}

static enum assay_code wrap(
	const struct crypto *c, const struct token_spec *s, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *arrays = json_object(), *submods = json_object(), *outer = NULL;
	json_t       *compact;

	TRY(put_array(c, s, SUBJECT_GPU, arrays, submods, e));
	TRY(put_array(c, s, SUBJECT_NVSWITCH, arrays, submods, e));
	outer = json_pack("{s:s, s:O}", "x-assay-anchors",
		s->claims->test_anchors ? CLAIMS_ANCHORS : "pinned", "submods", submods);
	TRY(seal(c, s, "outer", outer, &compact, e));
	return pair(compact, TAKE(arrays), out, e);
}

enum assay_code token_make(
	const struct crypto *c, const struct token_spec *s, json_t **out, struct assay_err *e)
{
	const struct facts *f = s->claims->facts;

	for (const char *p = s->iss; *p != 0; p++)
		if (*p <= ' ' || *p > '~' || p - s->iss >= TOKEN_ISS_MAX)
			return err_set(e, ASSAY_INPUT_OPTION,
				"an issuer is printable ASCII without blanks, at most %d",
				TOKEN_ISS_MAX);
	if (f->gpus > 0 && f->switches > 0)
		return wrap(c, s, out, e);
	return array(c, s, f->switches > 0 ? SUBJECT_NVSWITCH : SUBJECT_GPU, out, e);
}

enum assay_code token_nvtrust_text(const json_t *claims, struct buf *out, struct assay_err *e)
{
	static const char *const left_out[] = { "nbf", "exp", "iat", "jti" };
	AUTO(json_t)            *rest       = json_copy((json_t *)(uintptr_t)claims);
	char                    *text;

	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		json_object_del(rest, left_out[i]);
	text = json_dumps(rest, JSON_ENSURE_ASCII);
	if (text == NULL)
		return err_no_memory(e);
	/* Python's escapes have small letters. */
	for (char *p = text; *p != 0; p++) {
		if (*p != '\\')
			continue;
		p++;
		for (size_t k = 1; *p == 'u' && k <= 4; k++)
			if (p[k] >= 'A' && p[k] <= 'F')
				p[k] = (char)(p[k] - 'A' + 'a');
	}
	buf_text(out, text);
	free(text); /* jansson's own */
	return buf_ok(out, e);
}
