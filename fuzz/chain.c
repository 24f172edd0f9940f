/* SPDX-License-Identifier: Apache-2.0
 *
 * First byte even: the rest is PEM text of as many certificates as it says. What is parsed is written as the same DER,
 * and what verifies under the pinned root is valid at that time, ends in that root and still verifies when its upper
 * part is known.
 * First byte odd: the rest changes bytes of a good chain, made anew at each start. It verifies only when nothing that
 * counts has changed. */
#include "fuzz.h"

#include <openssl/x509v3.h>

#include "base/hex.h"
#include "crypto/digest.h"
#include "pki.h"

#define NOW INT64_C(1800000000)
#define TOP 2 /* leaf, CA, root */

static struct crypto crypto;
static struct anchor device_root, test_root;
static struct buf    good[TOP + 1];

static void start(void)
{
	static const struct pki_row rows[] = {
		{ "leaf", .ext = { { NID_key_usage, "critical,digitalSignature" } } },
		{ "CA", .ext = PKI_CA },
		{ "root", .ext = PKI_CA },
	};
	struct pki       p[TOP + 1] = { 0 };
	struct assay_err e          = { 0 };

	HOLDS(crypto_open(&crypto, &e) == ASSAY_OK);
	device_root.name = "NVIDIA Device Identity CA";
	HOLDS(hex_fixed(
		      BYTES("102bf659d5419614c9d8e6aecebc80454eb26b1df6a769ac720b9a690b167b48"),
		      device_root.der, 32, &e) == ASSAY_OK);
	HOLDS(hex_fixed(
		      BYTES("a90c4eb5acfd3e3d03a25db6a26b84f720ad0503196c627c21ddd48dd85b06a4"),
		      device_root.spki, 32, &e) == ASSAY_OK);
	for (size_t k = TOP + 1; k-- > 0;)
		pki_make(&rows[k], k == TOP ? NULL : &p[k + 1], NULL, &p[k]);
	for (size_t k = 0; k <= TOP; k++)
		pki_der(p[k].cert, &good[k]);
	pki_anchor(&crypto, p[TOP].cert, &test_root);
	for (size_t k = 0; k <= TOP; k++)
		pki_done(&p[k]);
}

static void check_parsed(const struct chain *chain)
{
	int64_t from, to;

	HOLDS(chain->not_before >= 0);
	for (size_t i = 0; i < chain->n; i++) {
		CLEANUP(buf_done) struct buf der  = { 0 };
		struct assay_err             e    = { 0 };
		X509                        *copy = NULL;

		pki_der(chain->cert[i], &der);
		HOLDS(cert_parse(&crypto, buf_bytes(&der), &copy, &e) == ASSAY_OK);
		HOLDS(X509_cmp(copy, chain->cert[i]) == 0);
		X509_free(copy);
		HOLDS(cert_validity(chain->cert[i], &from, &to, &e) == ASSAY_OK);
		HOLDS(from <= chain->not_before && to >= chain->not_after);
		HOLDS(inside(cert_other_name(chain->cert[i], "1.3.6.1.4.1.412.274.1"),
			cert_extension(chain->cert[i], "2.5.29.17", &(size_t){ 0 })));
	}
}

static void check_verified(const struct chain *chain)
{
	CLEANUP(buf_done) struct buf root = { 0 };
	uint8_t                      sum[SHA256_SIZE];
	struct assay_err             e = { 0 };

	pki_der(chain->cert[chain->n - 1], &root);
	HOLDS(digest(crypto.sha256, buf_bytes(&root), sum, &e) == ASSAY_OK);
	HOLDS(memcmp(sum, device_root.der, sizeof(sum)) == 0);
	HOLDS(chain->not_before <= NOW && NOW <= chain->not_after);
	for (size_t known = 1; known < chain->n; known++)
		HOLDS(chain_verify(&crypto, chain, &device_root, NOW, known, &e) == ASSAY_OK);
}

static void text(struct bytes pem, size_t want)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct assay_err                 e     = { 0 };

	if (chain_parse(&crypto, pem, want, &chain, &e) != ASSAY_OK)
		return;
	HOLDS(chain.n == want);
	check_parsed(&chain);
	if (chain.n > 1 && chain_verify(&crypto, &chain, &device_root, NOW, 0, &e) == ASSAY_OK)
		check_verified(&chain);
}

/* Each four bytes: certificate, place in it (two), change. */
static void change(struct bytes in)
{
	CLEANUP(chain_done) struct chain chain = { 0 };
	struct assay_err                 e     = { 0 };
	bool                             same[TOP + 1], all = true;
	struct buf                       der[TOP + 1] = { 0 };

	for (size_t k = 0; k <= TOP; k++)
		buf_put(&der[k], good[k].p, good[k].n);
	for (; in.n >= 4; in.p += 4, in.n -= 4) {
		struct buf *b = &der[in.p[0] % (TOP + 1)];

		b->p[(in.p[1] << 8 | in.p[2]) % (int)b->n] ^= in.p[3];
	}
	for (size_t k = 0; k <= TOP; k++) {
		same[k] = bytes_equal(buf_bytes(&der[k]), buf_bytes(&good[k]));
		all     = all && same[k];
		if (e.code == ASSAY_OK)
			chain_append(&crypto, buf_bytes(&der[k]), &chain, &e);
		buf_done(&der[k]);
	}
	if (e.code != ASSAY_OK) {
		HOLDS(!all);
		return;
	}
	HOLDS((chain_verify(&crypto, &chain, &test_root, NOW, 0, &e) == ASSAY_OK) == all);
	/* above what is known the caller has looked */
	if (chain_verify(&crypto, &chain, &test_root, NOW, TOP, &e) == ASSAY_OK)
		HOLDS(same[0] && same[1]);
	else
		HOLDS(!all);
	if (chain_verify(&crypto, &chain, &test_root, NOW, 1, &e) == ASSAY_OK)
		HOLDS(same[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static bool started;

	if (!started)
		start();
	started = true;
	if (size < 2)
		return 0;
	if (data[0] & 1)
		change((struct bytes){ data + 1, size - 1 });
	else
		text((struct bytes){ data + 1, size - 1 }, 1 + (data[0] >> 1) % CHAIN_MAX);
	return 0;
}
