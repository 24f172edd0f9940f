/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/supplier.h"

#include <errno.h>
#include <sys/random.h>

#include "fetch/ocsp_responder.h"
#include "fetch/pcs_service.h"
#include "fetch/rim_service.h"
#include "verify/wants.h"

#define HOUR 3600
#define DAY  (24 * HOUR)

static const char *rest_of(const struct errand *w)
{
	return w->want + strlen(w->supplier->prefix);
}

/* ---- RIM service ---- */

static enum assay_code rim_build(
	struct errand *w, const struct errand_case *c, struct assay_err *e)
{
	return rim_service_url(supplier_base(w->supplier, c->r), rest_of(w), &w->url, e);
}

static enum assay_code rim_take(struct errand *w, const struct errand_case *c,
	const struct http_got *got, struct buf *body, struct buf *note, enum taken *out,
	struct assay_err *e)
{
	bool differs = false;

	(void)c;
	*out = TAKEN_NOTHING;
	if (rim_service_document(buf_bytes(&got->body), rest_of(w), body, &differs, e) !=
		ASSAY_OK)
		return assay_class(e->code) == ASSAY_CLASS_INTERNAL ? e->code : ASSAY_OK;
	if (differs) {
		w->keep = false;
		buf_printf(note, "%s: the document is not the one of its SHA-256",
			buf_cstr(&w->url));
	}
	*out = TAKEN_PIECE;
	return ASSAY_OK;
}

/* ---- OCSP responder ---- */

static enum assay_code nonce_make(uint8_t nonce[OCSP_RESPONDER_NONCE], struct assay_err *e)
{
	while (getrandom(nonce, OCSP_RESPONDER_NONCE, 0) != OCSP_RESPONDER_NONCE)
		if (errno != EINTR)
			return err_set(e, ASSAY_INTERNAL, "no random nonce");
	return ASSAY_OK;
}

/* SHA-384 first; SHA-1, as NVIDIA's own SDK asks, where that is not understood (nvidia-evidence 4.2). */
static enum assay_code ocsp_build(
	struct errand *w, const struct errand_case *c, struct assay_err *e)
{
	uint8_t nonce[OCSP_RESPONDER_NONCE];
	bool    with = c->r->ocsp_nonce != GATHER_NONCE_NONE;
	X509   *cert, *issuer;

	if (!want_certificate(c->crypto, c->facts, w->want, &cert, &issuer))
		return err_set(e, ASSAY_NETWORK_ADDRESS, "its certificate is not at hand");
	TRY(nonce_make(nonce, e));
	buf_text(&w->url, supplier_base(w->supplier, c->r));
	TRY(buf_ok(&w->url, e));
	return ocsp_responder_ask(cert, issuer,
		w->attempt == 0 ? c->crypto->sha384 : c->crypto->sha1, with ? nonce : NULL,
		&w->request, e);
}

/* Garbage, errors and answers to another nonce pass on: the verifier names them for what they are. What it could not see
 * is that a nonce was to come back and none did. */
static enum assay_code ocsp_take(struct errand *w, const struct errand_case *c,
	const struct http_got *got, struct buf *body, struct buf *note, enum taken *out,
	struct assay_err *e)
{
	const struct bytes answer = buf_bytes(&got->body);

	(void)note;
	*out = TAKEN_NOTHING;
	if (answer.n == 0)
		err_set(e, ASSAY_SERVICE_REPLY, "%s: an empty reply", buf_cstr(&w->url));
	else if (w->attempt == 0 && ocsp_responder_refuses(answer))
		*out = TAKEN_ONCE_MORE;
	else if (c->r->ocsp_nonce == GATHER_NONCE_REQUIRED && ocsp_responder_no_nonce(answer))
		err_set(e, ASSAY_SERVICE_REPLY,
			"%s: the answer has no nonce; where that is a cache, say --ocsp-nonce=no",
			buf_cstr(&w->url));
	else
		*out = TAKEN_PIECE;
	if (*out == TAKEN_PIECE)
		buf_put(body, answer.p, answer.n);
	return buf_ok(body, e);
}

/* ---- PCS ---- */

static void pcs_name_beside(struct errand *w)
{
	if (pcs_service_beside(w->want, w->beside) == NULL)
		w->beside[0] = 0;
}

static enum assay_code pcs_build(
	struct errand *w, const struct errand_case *c, struct assay_err *e)
{
	return pcs_service_url(supplier_base(w->supplier, c->r), w->want, &w->url, e);
}

static enum assay_code pcs_read(
	struct errand *w, const struct http_got *got, struct buf *body, struct assay_err *e)
{
	struct bytes header[PCS_SERVICE_HEADERS];

	TRY(pcs_service_body(w->want, buf_bytes(&got->body), body, e));
	if (w->beside[0] == 0)
		return ASSAY_OK;
	for (size_t i = 0; i < PCS_SERVICE_HEADERS; i++)
		header[i] = buf_bytes(&got->header[i]);
	return pcs_service_chain(w->want, header, &w->beside_body, e);
}

static enum assay_code pcs_take(struct errand *w, const struct errand_case *c,
	const struct http_got *got, struct buf *body, struct buf *note, enum taken *out,
	struct assay_err *e)
{
	(void)c;
	(void)note;
	*out = TAKEN_NOTHING;
	if (pcs_read(w, got, body, e) == ASSAY_OK)
		*out = TAKEN_PIECE;
	else if (assay_class(e->code) == ASSAY_CLASS_INTERNAL)
		return e->code;
	else
		err_wrap(e, "%s", buf_cstr(&w->url));
	return ASSAY_OK;
}

static const struct supplier suppliers[] = {
	{
		.prefix = "rim:",
		.name   = "RIM service",
		.most_s = 7 * DAY, /* NVIDIA re-signs them in place */
		.limit  = RIM_SERVICE_REPLY,
		.accept = "application/json",
		.key    = true,
		.build  = rim_build,
		.take   = rim_take,
	},
	{
		.prefix = "ocsp:",
		.name   = "OCSP responder",
		.most_s = DAY,
		.limit  = OCSP_BODY,
		.type   = OCSP_RESPONDER_ASK,
		.accept = OCSP_RESPONDER_ANSWER,
		.again  = ocsp_responder_busy,
		.key    = true,
		.build  = ocsp_build,
		.take   = ocsp_take,
	},
	{
		.prefix      = "pcs:",
		.name        = "PCS",
		.most_s      = DAY, /* nextUpdate is a month away, a revocation may not be */
		.limit       = PCS_SERVICE_REPLY,
		.headers     = pcs_service_headers,
		.name_beside = pcs_name_beside,
		.build       = pcs_build,
		.take        = pcs_take,
	},
};

const struct supplier *supplier_of(const char *want)
{
	for (size_t i = 0; i < ARRAY_LEN(suppliers); i++)
		if (strncmp(want, suppliers[i].prefix, strlen(suppliers[i].prefix)) == 0)
			return &suppliers[i];
	return NULL;
}

const char *supplier_base(const struct supplier *s, const struct gather_request *r)
{
	const struct {
		const char *prefix, *given, *public;
	} bases[] = {
		{ "rim:", r->rim_url, RIM_SERVICE_URL },
		{ "ocsp:", r->ocsp_url, OCSP_RESPONDER_URL },
		{ "pcs:", r->pcs_url, PCS_SERVICE_URL },
	};

	for (size_t i = 0; i < ARRAY_LEN(bases); i++)
		if (strcmp(bases[i].prefix, s->prefix) == 0)
			return bases[i].given != NULL ? bases[i].given : bases[i].public;
	return "";
}
