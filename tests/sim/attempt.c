/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/attempt.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>

#include "base/base64.h"
#include "base/json.h"
#include "forge/node.h"
#include "forge/ossl.h"
#include "platform/fault.h"

AUTO_PTR(BIO, BIO_free_all)

struct attempt {
	struct live        *live;
	struct forge_bundle bundle;
};

static struct seed digests; /* of what has no seed: only its digests are used */

static struct forge_collateral *room(struct forge_bundle *b, const char *want)
{
	struct forge_collateral *c = &b->collateral[b->collaterals];

	for (size_t i = 0; i < b->collaterals; i++)
		if (bytes_equal(buf_bytes(&b->collateral[i].want), bytes_text(want)))
			return NULL;
	assert_true(b->collaterals < 255);
	buf_text(&c->want, want);
	buf_text(&c->from, "test");
	return c;
}

static void forget(struct forge_collateral *c)
{
	buf_done(&c->want);
	buf_done(&c->from);
	buf_done(&c->request);
	buf_done(&c->body);
}

static void fetch_rim(struct live *l, struct forge_bundle *b, const char *want)
{
	CLEANUP(buf_done) struct buf json = { 0 }, path = { 0 };
	struct forge_collateral     *c    = room(b, want);
	struct assay_err             e    = { 0 };
	AUTO(json_t)                *root = NULL;

	if (c == NULL)
		return;
	buf_printf(&path, "/v1/rim/%s", want + strlen("rim:"));
	if (live_http(l, "GET", buf_cstr(&path), NULL, (struct bytes){ 0 }, NULL, &json) ==
			200 &&
		json_read(buf_bytes(&json), 4 << 20, &root, &e) == ASSAY_OK &&
		json_get_base64(root, "rim", JSON_MUST, 4 << 20, &c->body, &e) == ASSAY_OK &&
		c->body.n > 0)
		b->collaterals++;
	else
		c = memset(c, 0,
			(buf_done(&c->want), buf_done(&c->from), buf_done(&c->body),
				sizeof(*c)));
}

/* A certificate and who signed it, if that is what the want names: then its answer. */
static bool fetch_ocsp(
	struct live *l, struct forge_bundle *b, const char *want, X509 *cert, X509 *issuer)
{
	CLEANUP(buf_done) struct buf name = { 0 }, body = { 0 };
	struct forge_collateral     *c;
	struct assay_err             e = { 0 };

	if (ocsp_name(&digests, cert, issuer, &name, &e) != ASSAY_OK ||
		!bytes_equal(buf_bytes(&name), bytes_text(want)))
		return false;
	c = room(b, want);
	if (c == NULL)
		return true;
	test_must(ocsp_ask(&digests, cert, issuer, false, &c->request, &e), &e);
	if (live_http(l, "POST", "/ocsp", "application/ocsp-request", buf_bytes(&c->request),
		    NULL, &body) == 200 &&
		body.n > 0) {
		buf_put(&c->body, body.p, body.n);
		b->collaterals++;
	} else {
		forget(c);
	}
	return true;
}

#define CERTS 8

static void certs_done(X509 *(*c)[CERTS])
{
	for (size_t i = 0; i < CERTS; i++)
		X509_free((*c)[i]);
}

static bool try_pairs(struct live *l, struct forge_bundle *b, const char *want, X509 **cert)
{
	for (size_t i = 0; i + 1 < CERTS && cert[i] != NULL && cert[i + 1] != NULL; i++)
		if (fetch_ocsp(l, b, want, cert[i], cert[i + 1]))
			return true;
	return false;
}

static bool try_chain(
	struct live *l, struct forge_bundle *b, const char *want, const struct buf *pem)
{
	CLEANUP(certs_done) X509 *cert[CERTS] = { NULL };
	AUTO(BIO)                *bio         = BIO_new_mem_buf(pem->p, (int)pem->n);

	for (size_t i = 0; i < CERTS; i++)
		cert[i] = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	return try_pairs(l, b, want, cert);
}

static bool try_rim(struct live *l, struct forge_bundle *b, const char *want, struct buf *xml)
{
	static const char         open[]      = "X509Certificate>";
	CLEANUP(certs_done) X509 *cert[CERTS] = { NULL };
	const char               *at          = buf_cstr(xml);

	for (size_t i = 0; i < CERTS && (at = strstr(at, open)) != NULL; i++) {
		CLEANUP(buf_done) struct buf der = { 0 };
		struct assay_err             e   = { 0 };
		const unsigned char         *p;
		const char                  *end = strchr(at += strlen(open), '<');

		if (end == NULL ||
			base64_decode((struct bytes){ (const uint8_t *)at, (size_t)(end - at) },
				true, &der, &e) != ASSAY_OK)
			break;
		p       = der.p;
		cert[i] = d2i_X509(NULL, &p, (long)der.n);
		at      = strstr(end, open);
		at      = at == NULL ? end : at + strlen(open); /* behind the closing tag */
	}
	return try_pairs(l, b, want, cert);
}

static void fetch(struct live *l, struct forge_bundle *b, const char *want)
{
	if (strncmp(want, "rim:", 4) == 0) {
		fetch_rim(l, b, want);
		return;
	}
	for (size_t i = 0; i < b->evidences; i++)
		if (try_chain(l, b, want, &b->evidence[i].chain))
			return;
	for (size_t i = 0; i < b->collaterals; i++)
		if (bytes_begin(buf_bytes(&b->collateral[i].want), BYTES("rim:")) &&
			try_rim(l, b, want, &b->collateral[i].body))
			return;
}

struct attempt *attempt_new(struct live *l, struct live_said *said)
{
	struct attempt  *a = calloc(1, sizeof(*a));
	struct assay_err e = { 0 };
	uint8_t          nonce[LIVE_NONCE];

	assert_non_null(a);
	if (digests.lib == NULL)
		test_must(seed_open(BYTES("test"), &digests, &e), &e);
	memset(nonce, 0x42, sizeof(nonce));
	a->live = l;
	live_collect(l, nonce, &a->bundle, said);
	return a;
}

void attempt_free(struct attempt *a)
{
	forge_bundle_done(&a->bundle);
	free(a);
}

void attempt_fetch(struct attempt *a, const char *want)
{
	fetch(a->live, &a->bundle, want);
}

size_t attempt_has(const struct attempt *a)
{
	return a->bundle.collaterals;
}

void attempt_bundle(const struct attempt *a, struct forged *out)
{
	static const char *const anchors[] = {
		[FORGED_DEVICE] = "anchors/nvidia-device.pem",
		[FORGED_RIM]    = "anchors/nvidia-rim.pem",
		[FORGED_SGX]    = "anchors/intel-sgx.pem",
	};
	AUTO(json_t)    *root = NULL;
	struct assay_err e    = { 0 };
	char             path[256];

	*out = (struct forged){ 0 };
	test_must(forge_bundle_json(&a->bundle, &root, &e), &e);
	test_must(json_write(root, &out->bundle, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(anchors); i++)
		test_read(live_path(a->live, anchors[i], path), &out->anchor[i]);
}

bool gallery_row(size_t i, struct gallery_row *out)
{
	const struct sim_fault *f = sim_fault_at(i);

	if (f == NULL)
		return false;
	*out = (struct gallery_row){ f->name, f->profile, f->attack, f->finding, f->exit,
		f->tdx != NULL ||
			(f->act != SIM_NOTHING &&
				(f->door == SIM_PCS || f->door == SIM_TSM ||
					f->door == SIM_QGS)) };
	return true;
}
