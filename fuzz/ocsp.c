/* SPDX-License-Identifier: Apache-2.0
 *
 * The first byte chooses:
 *   0  the rest is an answer. It is never good, revoked or on hold: nobody here signed it. Its views lie inside it.
 *   1  the rest is a request, and an answer that is good without one stays good only with a request for the same.
 *   2  the rest changes bytes of a good answer by its responder, 3 of one by the issuer, 4 of one that says revoked.
 *      The verdict stays only when every byte has stayed.
 * Keys and answers are made anew at each start. */
#include "fuzz.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "crypto/ocsp.h"
#include "crypto/ocsp_answer.h"
#include "pki.h"

#define NOW INT64_C(1800000000)

enum { SUBJECT, ISSUER, RESPONDER, PEOPLE };

static struct crypto         crypto;
static struct chain          chain;
static struct buf            answers[3];
static const uint8_t         nonce[16]  = { 'n' };
static const enum assay_code verdicts[] = { ASSAY_OK, ASSAY_OK, ASSAY_OCSP_REVOKED };

static void start(void)
{
	static const struct pki_row rows[PEOPLE] = {
		{ "subject", .ext = PKI_CA },
		{ "issuer", .ext = PKI_CA },
		{ "responder",
			.ext = { { NID_key_usage, "critical,digitalSignature" },
				{ NID_ext_key_usage, "OCSPSigning" } } },
	};
	struct pki        p[PEOPLE] = { 0 };
	struct assay_err  e         = { 0 };
	struct pki_answer a = { .singles = 1, .produced = NOW, .nonce = BYTES_OF(nonce) };

	HOLDS(crypto_open(&crypto, &e) == ASSAY_OK);
	pki_make(&rows[ISSUER], NULL, NULL, &p[ISSUER]);
	pki_make(&rows[SUBJECT], &p[ISSUER], NULL, &p[SUBJECT]);
	pki_make(&rows[RESPONDER], &p[ISSUER], NULL, &p[RESPONDER]);
	pki_chain(&crypto, &chain, (const X509 *const[]){ p[SUBJECT].cert, p[ISSUER].cert }, 2);
	a.single[0] = (struct pki_single){
		.id          = { p[SUBJECT].cert, p[ISSUER].cert, NULL, 0, 0 },
		.revoked     = NOW - 1,
		.this_update = NOW,
		.next_update = NOW + 60,
	};
	a.signer = &p[RESPONDER];
	pki_answer(&a, &answers[0]);
	a.single[0].status = V_OCSP_CERTSTATUS_REVOKED;
	a.single[0].reason = 1;
	pki_answer(&a, &answers[2]);
	a.single[0].status = V_OCSP_CERTSTATUS_GOOD;
	a.signer           = &p[ISSUER];
	a.no_cert          = true;
	pki_answer(&a, &answers[1]);
	for (size_t i = 0; i < PEOPLE; i++)
		pki_done(&p[i]);
}

static enum assay_code judge(struct bytes request, struct bytes answer, struct ocsp_fact *f)
{
	struct ocsp_question q = { .chain = &chain, .request = request, .now = NOW };
	struct assay_err     e = { 0 };

	return ocsp_judge(&crypto, &q, answer, f, &e);
}

static bool is_for(struct bytes answer)
{
	return ocsp_weight(&crypto, chain.cert[0], chain.cert[1], answer) > 0;
}

static void any_answer(struct bytes in)
{
	struct ocsp_answer a;
	struct ocsp_single s;
	struct ocsp_fact   f;
	struct assay_err   e    = { 0 };
	enum assay_code    code = judge((struct bytes){ 0 }, in, &f);
	struct rd          r;

	HOLDS(code != ASSAY_OK && code != ASSAY_OCSP_REVOKED && code != ASSAY_OCSP_HOLD);
	is_for(in);
	if (ocsp_answer_parse(in, &a, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_OCSP_PARSE && code == ASSAY_OCSP_PARSE);
		return;
	}
	HOLDS(inside(a.tbs, in) && inside(a.signature, in) && inside(a.algorithm, in));
	HOLDS(inside(a.responder_name, a.tbs) && inside(a.responder_key, a.tbs));
	HOLDS(inside(a.singles, a.tbs) && inside(a.nonce, a.tbs));
	HOLDS(a.certs <= OCSP_CERTS && (a.status == 0) == (a.tbs.n != 0));
	for (size_t i = 0; i < a.certs; i++)
		HOLDS(inside(a.cert[i], in));
	for (r = (struct rd){ .in = a.singles }; rd_left(&r) > 0;) {
		HOLDS(ocsp_single_next(&r, &s, &e) == ASSAY_OK);
		HOLDS(inside(s.id.hash, a.tbs) && inside(s.id.name, a.tbs));
		HOLDS(inside(s.id.key, a.tbs) && inside(s.id.serial, a.tbs));
	}
}

static void any_request(struct bytes in)
{
	struct bytes      answer = buf_bytes(&answers[0]);
	struct ocsp_asked asked;
	struct assay_err  e = { 0 };
	struct ocsp_fact  f;
	enum assay_code   code = judge(in, answer, &f);

	if (in.n == 0) {
		HOLDS(code == ASSAY_OK && !f.nonce);
	} else if (ocsp_request_parse(in, &asked, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_OCSP_PARSE && code == ASSAY_OCSP_PARSE);
	} else {
		HOLDS(code == ASSAY_OK || code == ASSAY_OCSP_MATCH ||
			code == ASSAY_OCSP_NONCE || code == ASSAY_OCSP_PARSE);
		HOLDS(code != ASSAY_OK || f.nonce == (asked.nonce.p != NULL));
	}
}

/* Each three bytes: place (two), change. */
static void change(size_t which, struct bytes in)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	const struct buf            *good   = &answers[which];
	struct ocsp_fact             f;
	enum assay_code              code;
	bool                         same;

	buf_put(&answer, good->p, good->n);
	for (; in.n >= 3; in.p += 3, in.n -= 3)
		answer.p[(in.p[0] << 8 | in.p[1]) % (int)answer.n] ^= in.p[2];
	answer.n = in.n == 2 ? in.p[0] * answer.n / 255 : answer.n;
	same     = bytes_equal(buf_bytes(&answer), buf_bytes(good));
	code     = judge((struct bytes){ 0 }, buf_bytes(&answer), &f);
	HOLDS((code == verdicts[which]) == same);
	HOLDS(same || (code != ASSAY_OK && code != ASSAY_OCSP_HOLD));
	HOLDS(is_for(buf_bytes(&answer)) || !same);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool  started;
	struct bytes rest = { data + 1, size - 1 };

	if (!started)
		start();
	started = true;
	if (size == 0)
		return 0;
	switch (data[0] % 5) {
	case 0:
		any_answer(rest);
		break;
	case 1:
		any_request(rest);
		break;
	default:
		change(data[0] % 5 - 2U, rest);
	}
	return 0;
}
