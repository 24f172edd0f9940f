/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/binding.h"

#include <stdlib.h>

#include "base/base64.h"
#include "base/der.h"
#include "crypto/chain.h"
#include "crypto/digest.h"

/* What keeps the hashes apart: a label, and a zero byte that no label has. */
#define LABEL_NONCE    BYTES("tdx-gpu/v1/gpu-nonce\0")
#define LABEL_MANIFEST BYTES("tdx-gpu/v1/manifest\0")
#define LABEL_DATA     BYTES("tdx-gpu/v1/report-data\0")
#define LABEL_BOOT     BYTES("tdx-gpu/v1/boot\0")

#define KIND_GPU    1
#define KIND_SWITCH 2
#define IDENTITY    1 /* the certificate that names the device */
#define CHAIN       5 /* certificates of a device */

#define KEY_BEGIN "-----BEGIN PUBLIC KEY-----"
#define KEY_END   "-----END PUBLIC KEY-----"

static void put(struct buf *out, struct bytes in)
{
	buf_put(out, in.p, in.n);
}

static void put_u32(struct buf *out, size_t v)
{
	const uint8_t be[4] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
		(uint8_t)v };

	buf_put(out, be, sizeof(be));
}

static void put_len32(struct buf *out, struct bytes in)
{
	put_u32(out, in.n);
	put(out, in);
}

static enum assay_code finish(
	const EVP_MD *md, const struct buf *in, uint8_t *out, struct assay_err *e)
{
	TRY(buf_ok(in, e));
	return digest(md, buf_bytes(in), out, e);
}

/* RFC 5280 4.1: SEQUENCE { AlgorithmIdentifier, BIT STRING }. What kind of key it is does not matter here. */
static enum assay_code check_spki(struct bytes der, struct assay_err *e)
{
	static const char what[] = "public key";
	struct rd         r      = { .in = der }, inside;
	struct bytes      part;

	TRY(der_enter(&r, DER_SEQUENCE, what, &inside, e));
	TRY(der_end(&r, what, e));
	TRY(der_expect(&inside, DER_SEQUENCE, what, &part, e));
	TRY(der_expect(&inside, DER_BIT_STRING, what, &part, e));
	return der_end(&inside, what, e);
}

enum assay_code binding_key_read(struct bytes in, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der  = { 0 };
	struct bytes                 text = bytes_trim(in);
	const size_t                 head = strlen(KEY_BEGIN), foot = strlen(KEY_END);

	if (in.n > BINDING_KEY_FILE)
		return err_set(e, ASSAY_INPUT_PEM, "a public key of %zu bytes", in.n);
	if (!bytes_begin(text, BYTES("-----BEGIN"))) {
		TRY(check_spki(in, e));
		put(out, in);
		return buf_ok(out, e);
	}
	if (text.n < head + foot || !bytes_begin(text, BYTES(KEY_BEGIN)) ||
		memcmp(text.p + text.n - foot, KEY_END, foot) != 0)
		return err_set(e, ASSAY_INPUT_PEM, "not one PEM public key");
	TRY(base64_decode(
		(struct bytes){ text.p + head, text.n - head - foot }, true, &der, e));
	TRY(check_spki(buf_bytes(&der), e));
	put(out, buf_bytes(&der));
	return buf_ok(out, e);
}

enum assay_code binding_key(const struct crypto *c, struct bytes spki, uint8_t out[BINDING_KEY],
	struct assay_err *e)
{
	memset(out, 0, BINDING_KEY);
	return spki.n == 0 ? ASSAY_OK : digest(c->sha256, spki, out, e);
}

enum assay_code binding_gpu_nonce(const struct crypto *c, const uint8_t nonce[NONCE_SIZE],
	const uint8_t key[BINDING_KEY], uint8_t out[NONCE_SIZE], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };

	put(&all, LABEL_NONCE);
	buf_put(&all, nonce, NONCE_SIZE);
	buf_put(&all, key, BINDING_KEY);
	return finish(c->sha256, &all, out, e);
}

enum assay_code binding_device_id(const struct crypto *c, struct bytes chain,
	uint8_t out[BINDING_ID], struct assay_err *e)
{
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };
	AUTO(X509)                         *cert           = NULL;
	struct bytes                        serial;

	TRY(chain_split(chain, CHAIN, der, e));
	TRY(cert_parse(c, buf_bytes(&der[IDENTITY]), &cert, e));
	serial = cert_serial(cert);
	if (serial.n != BINDING_ID)
		return err_set(e, ASSAY_CERT_PROFILE,
			"certificate %d has a serial number of %zu bytes, not %d", IDENTITY,
			serial.n, BINDING_ID);
	memcpy(out, serial.p, BINDING_ID);
	return ASSAY_OK;
}

/* --- the manifest --- */

struct entry {
	uint8_t      kind, id[BINDING_ID];
	struct bytes report, chain;
};

/* Bytewise by kind and id. */
static int by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1)
				  : memcmp(x->id, y->id, BINDING_ID);
}

static enum assay_code read_entry(const struct crypto *c, const struct evidence_device *d,
	struct entry *out, struct assay_err *e)
{
	if (d->fault.code != ASSAY_OK) {
		*e = d->fault;
		return e->code;
	}
	*out = (struct entry){ .kind = d->kind == DEVICE_GPU ? KIND_GPU : KIND_SWITCH,
		.report              = d->report,
		.chain               = d->chain };
	while (out->chain.n > 0 && out->chain.p[out->chain.n - 1] == 0)
		out->chain.n--;
	return binding_device_id(c, d->chain, out->id, e);
}

static enum assay_code read_entries(const struct crypto *c, const struct evidence *ev,
	struct entry *list, size_t *n, struct assay_err *e)
{
	*n = 0;
	for (size_t i = 0; i < ev->devices; i++) {
		if (ev->device[i].kind == DEVICE_TDX)
			continue;
		if (read_entry(c, &ev->device[i], &list[*n], e) != ASSAY_OK)
			return err_wrap(e, "device %zu", i);
		++*n;
	}
	if (*n > 0)
		qsort(list, *n, sizeof(*list), by_id);
	for (size_t i = 1; i < *n; i++)
		if (by_id(&list[i - 1], &list[i]) == 0)
			return err_set(e, ASSAY_DEVICE_TWICE, "two devices have one id");
	return ASSAY_OK;
}

enum assay_code binding_manifest(const struct crypto *c, const struct evidence *ev,
	uint8_t out[BINDING_MANIFEST], struct assay_err *e)
{
	CLEANUP(mem_done) struct entry *list = mem_new(ev->devices + 1, sizeof(*list));
	CLEANUP(buf_done) struct buf    all  = { 0 };
	size_t                          n    = 0;

	if (list == NULL)
		return err_no_memory(e);
	TRY(read_entries(c, ev, list, &n, e));
	put(&all, LABEL_MANIFEST);
	put_u32(&all, n);
	for (size_t i = 0; i < n; i++) {
		buf_byte(&all, list[i].kind);
		put_len32(&all, BYTES_OF(list[i].id));
		put_len32(&all, list[i].report);
		put_len32(&all, list[i].chain);
	}
	return finish(c->sha384, &all, out, e);
}

enum assay_code binding_reportdata(const struct crypto *c, const uint8_t nonce[NONCE_SIZE],
	const uint8_t key[BINDING_KEY], const uint8_t manifest[BINDING_MANIFEST],
	struct bytes events, uint8_t out[REPORTDATA_SIZE], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all              = { 0 };
	uint8_t                      log[SHA384_SIZE] = { 0 };

	if (events.n > 0)
		TRY(digest(c->sha384, events, log, e));
	put(&all, LABEL_DATA);
	buf_put(&all, nonce, NONCE_SIZE);
	buf_put(&all, key, BINDING_KEY);
	buf_put(&all, manifest, BINDING_MANIFEST);
	buf_put(&all, log, sizeof(log));
	return finish(c->sha512, &all, out, e);
}

/* --- the boot-time event --- */

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, BINDING_ID);
}

enum assay_code binding_boot_event(const struct crypto *c, const uint8_t (*id)[BINDING_ID],
	size_t n, bool accepted, const uint8_t policy[BINDING_DIGEST], struct buf *content,
	uint8_t out[BINDING_DIGEST], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all                                  = { 0 };
	uint8_t                      sorted[EVIDENCE_DEVICES][BINDING_ID] = { 0 };

	if (n > EVIDENCE_DEVICES)
		return err_set(e, ASSAY_INPUT_SIZE, "more than %d devices", EVIDENCE_DEVICES);
	for (size_t i = 0; i < n; i++)
		memcpy(sorted[i], id[i], BINDING_ID);
	qsort(sorted, n, BINDING_ID, by_bytes);
	for (size_t i = 1; i < n; i++)
		if (memcmp(sorted[i - 1], sorted[i], BINDING_ID) == 0)
			return err_set(e, ASSAY_DEVICE_TWICE, "two devices have one id");
	put(&all, LABEL_BOOT);
	put_len32(&all, (struct bytes){ sorted[0], n * BINDING_ID });
	buf_byte(&all, accepted ? 1 : 0);
	buf_put(&all, policy, BINDING_DIGEST);
	TRY(finish(c->sha384, &all, out, e));
	put(content, buf_bytes(&all));
	return buf_ok(content, e);
}

bool binding_boot_read(struct bytes content, uint8_t (*id)[BINDING_ID], size_t *n,
	bool *accepted, uint8_t policy[BINDING_DIGEST])
{
	struct rd    r = { .in = content };
	struct bytes size, ids, digest_of;
	size_t       len;
	uint8_t      verdict;

	if (!bytes_begin(content, LABEL_BOOT))
		return false;
	rd_take(&r, LABEL_BOOT.n);
	size      = rd_take(&r, 4);
	len       = size.n != 4 ? SIZE_MAX
				: (size_t)size.p[0] << 24 | (size_t)size.p[1] << 16 |
                        (size_t)size.p[2] << 8 | size.p[3];
	ids       = rd_take(&r, len);
	verdict   = rd_u8(&r);
	digest_of = rd_take(&r, BINDING_DIGEST);
	if (r.lack != 0 || rd_left(&r) != 0 || len % BINDING_ID != 0 ||
		len / BINDING_ID > EVIDENCE_DEVICES || verdict > 1)
		return false;
	*n        = len / BINDING_ID;
	*accepted = verdict == 1;
	memcpy(policy, digest_of.p, BINDING_DIGEST);
	for (size_t i = 0; i < *n; i++) {
		memcpy(id[i], ids.p + i * BINDING_ID, BINDING_ID);
		if (i > 0 && memcmp(id[i - 1], id[i], BINDING_ID) >= 0)
			return false; /* sorted, and all different */
	}
	return true;
}
