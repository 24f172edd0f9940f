/* SPDX-License-Identifier: Apache-2.0 */
#include "forged_guest.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "base/hex.h"
#include "base/json.h"
#include "forge/tdx.h"
#include "forge/tdx_fault.h"
#include "forge/tdx_inside.h"
#include "test.h"

static void hash(const char *md, const struct buf *in, uint8_t *out)
{
	assert_false(in->failed);
	assert_int_equal(
		EVP_Digest(in->p, in->n, out, NULL, EVP_get_digestbyname(md), NULL), 1);
}

static void put_u32(struct buf *out, size_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_byte(out, (uint8_t)(v >> shift));
}

static void put_len32(struct buf *out, struct bytes in)
{
	put_u32(out, in.n);
	buf_put(out, in.p, in.n);
}

static void key_hash(const struct forged_ask *ask, uint8_t out[32])
{
	CLEANUP(buf_done) struct buf key = { 0 };

	memset(out, 0, 32);
	if (ask->channel_key == NULL)
		return;
	buf_text(&key, ask->channel_key);
	hash("SHA256", &key, out);
}

void forged_gpu_nonce(const struct forged_ask *ask, const uint8_t nonce[FORGE_NONCE],
	uint8_t out[FORGE_NONCE])
{
	CLEANUP(buf_done) struct buf all = { 0 };
	uint8_t                      key[32];

	key_hash(ask, key);
	buf_put(&all, "tdx-gpu/v1/gpu-nonce", 21);
	buf_put(&all, nonce, FORGE_NONCE);
	buf_put(&all, key, sizeof(key));
	hash("SHA256", &all, out);
}

struct entry {
	uint8_t                      order[10]; /* kind, id */
	const struct forge_evidence *from;
};

static int by_order(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(((struct entry *)0)->order));
}

/* Certificate 1 of the chain: its serial number. */
static void read_id(const struct forge_evidence *ev, uint8_t id[9])
{
	BIO    *bio  = BIO_new_mem_buf(ev->chain.p, (int)ev->chain.n);
	X509   *leaf = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	X509   *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIGNUM *n    = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);

	assert_int_equal(BN_bn2binpad(n, id, 9), 9);
	BN_free(n);
	X509_free(leaf);
	X509_free(cert);
	BIO_free(bio);
}

static void reportdata(const struct forged_ask *ask, const struct forge_bundle *b,
	const uint8_t nonce[FORGE_NONCE], struct bytes events, uint8_t out[64])
{
	CLEANUP(buf_done) struct buf all = { 0 }, data = { 0 }, log = { 0 };
	struct entry                 list[FORGE_DEVICES] = { 0 };
	size_t                       n                   = ask->alone ? 0 : b->evidences;
	uint8_t                      key[32], manifest[48], log_hash[48] = { 0 };

	for (size_t i = 0; i < n; i++) {
		list[i].order[0] = b->evidence[i].kind == FORGE_GPU ? 1 : 2;
		list[i].from     = &b->evidence[i];
		read_id(&b->evidence[i], list[i].order + 1);
	}
	qsort(list, n, sizeof(*list), by_order);
	buf_put(&all, "tdx-gpu/v1/manifest", 20);
	put_u32(&all, n);
	for (size_t i = 0; i < n; i++) {
		buf_byte(&all, list[i].order[0]);
		put_len32(&all, (struct bytes){ list[i].order + 1, 9 });
		put_len32(&all, buf_bytes(&list[i].from->report));
		put_len32(&all, buf_bytes(&list[i].from->chain));
	}
	hash("SHA384", &all, manifest);
	if (events.n > 0) {
		buf_put(&log, events.p, events.n);
		hash("SHA384", &log, log_hash);
	}
	key_hash(ask, key);
	buf_put(&data, "tdx-gpu/v1/report-data", 23);
	buf_put(&data, nonce, FORGE_NONCE);
	buf_put(&data, key, sizeof(key));
	buf_put(&data, manifest, sizeof(manifest));
	buf_put(&data, log_hash, sizeof(log_hash));
	hash("SHA512", &data, out);
}

/* A line of assay's own log, as the ask has it, and its digest into the register. */
static void extend(struct tdx *t, const struct forged_ask *ask, const struct forge_bundle *b,
	struct buf *log)
{
	CLEANUP(buf_done) struct buf content = { 0 };
	uint8_t                      id[FORGE_DEVICES][9], digest[48];
	struct assay_err             e = { 0 };
	size_t                       n = ask->alone ? 0 : b->evidences;

	for (size_t i = 0; i < n; i++)
		read_id(&b->evidence[i], id[i]);
	for (size_t i = 0; i < n; i++) /* sorted */
		for (size_t k = i + 1; k < n; k++)
			if (memcmp(id[k], id[i], 9) < 0) {
				uint8_t x[9];

				memcpy(x, id[i], 9);
				memcpy(id[i], id[k], 9);
				memcpy(id[k], x, 9);
			}
	if (ask->event == FORGED_EVENT_FEWER)
		n--;
	if (ask->event == FORGED_EVENT_MORE || ask->event == FORGED_EVENT_OTHER) {
		assert_in_range(n, 1, FORGE_DEVICES - 1);
		memcpy(id[n], id[n - 1], 9); /* sorted behind the last; in its place */
		for (size_t k = 9; ++id[n][--k] == 0;)
			;
		if (ask->event == FORGED_EVENT_OTHER)
			memcpy(id[n - 1], id[n], 9);
		else
			n++;
	}
	buf_put(&content, "tdx-gpu/v1/boot", 16);
	put_u32(&content, 9 * n);
	buf_put(&content, id, 9 * n);
	buf_byte(&content, ask->event == FORGED_EVENT_NO ? 0 : 1);
	buf_put(&content, (uint8_t[48]){ 0 }, 48);
	hash("SHA384", &content, digest);
	for (unsigned i = 0; i < (ask->event == FORGED_EVENT_TWICE ? 2u : 1u); i++) {
		test_must(tdx_extend(t, 3, digest, &e), &e);
		buf_text(log, "{\"register\":3,\"digest\":\"");
		hex_encode(BYTES_OF(digest), log);
		buf_text(log, "\",\"content\":\"");
		hex_encode(buf_bytes(&content), log);
		buf_text(log, "\"}\n");
	}
}

static void add(json_t *list, const char *want, struct bytes body)
{
	json_array_append_new(
		list, json_pack("{s:s, s:o}", "want", want, "body", json_base64(body)));
}

static void add_collateral(struct tdx *t, int64_t at, json_t *list)
{
	CLEANUP(buf_done) struct buf unused = { 0 };
	struct buf                   b[6]   = { 0 };
	struct assay_err             e      = { 0 };
	char                         fmspc[13], want[64];

	test_must(tdx_tcb_info(t, at, &b[0], &b[1], &e), &e);
	test_must(tdx_qe_identity(t, at, &b[2], &b[3], &e), &e);
	test_must(tdx_pck_crl(t, TDX_CA_PLATFORM, at, &b[4], &unused, &e), &e);
	test_must(tdx_root_crl(t, at, &b[5], &e), &e);
	for (size_t i = 0; i < 6; i++)
		snprintf(fmspc + 2 * i, 3, "%02x", tdx_fmspc(t)[i]);
	snprintf(want, sizeof(want), "pcs:tcbinfo:%s", fmspc);
	add(list, want, buf_bytes(&b[0]));
	snprintf(want, sizeof(want), "pcs:tcbinfo.chain:%s", fmspc);
	add(list, want, buf_bytes(&b[1]));
	add(list, "pcs:qeidentity", buf_bytes(&b[2]));
	add(list, "pcs:qeidentity.chain", buf_bytes(&b[3]));
	add(list, "pcs:pckcrl:platform", buf_bytes(&b[4]));
	add(list, "pcs:rootcrl", buf_bytes(&b[5]));
	for (size_t i = 0; i < 6; i++)
		buf_done(&b[i]);
}

/* Faults that only one test wants. First: what ends with the day that follows. */
static int64_t next_day(int64_t at)
{
	return (at / TDX_DAY + 1) * TDX_DAY;
}

static void end_pck(const struct tdx_fault *t, struct tdx_pck *p)
{
	(void)t;
	p->to = p->from + 126 * TDX_DAY; /* it began 125 days ago */
}

static enum assay_code end_document(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)t;
	(void)e;
	d->next = next_day(x->spec.at);
	return ASSAY_OK;
}

static enum assay_code end_list(
	struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)t;
	(void)e;
	c->to = next_day(x->spec.at);
	return ASSAY_OK;
}

static enum assay_code root_again(
	struct tdx *x, const struct tdx_fault *t, struct buf *pem, struct assay_err *e)
{
	X509     *root = NULL;
	EVP_PKEY *key  = NULL;

	(void)t;
	TRY(pki_ca(&x->f->pki, CA_SGX_ROOT, &root, &key, e));
	return tdx_pem(&root, 1, pem, e);
}

static enum assay_code flip_tail(
	struct tdx *x, const struct tdx_fault *t, struct tdx_text *q, struct assay_err *e)
{
	(void)x;
	(void)t;
	(void)e;
	q->quote->p[q->body + 520 + 63] ^= 1;
	return ASSAY_OK;
}

static enum assay_code edit(const struct tdx_fault *t, struct buf *json, struct assay_err *e)
{
	return tdx_replace(json, t->find, t->text, e);
}

#define LEVEL(svn) \
	"{\"isvsvn\":" svn "},\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\""

static const struct tdx_fault own[] = {
	{ .name = "own-pck-ends", .pck = end_pck },
	{ .name = "own-pck-more", .chain = root_again },
	{ .name = "own-tcbinfo-ends", .document = TDX_TCB_INFO, .plan = end_document },
	{ .name = "own-identity-ends", .document = TDX_QE_IDENTITY, .plan = end_document },
	{ .name = "own-crl-pck-ends", .crl = TDX_LIST_PLATFORM, .list = end_list },
	{ .name = "own-crl-root-ends", .crl = TDX_LIST_ROOT, .list = end_list },
	{ .name = "own-reportdata-tail", .body = flip_tail },
	{ .name           = "own-module-advisory",
		.document = TDX_TCB_INFO,
		.written  = edit,
		.find     = LEVEL("6"),
		.text     = LEVEL("6") ",\"advisoryIDs\":[\"INTEL-SA-01099\"]" },
	{ .name           = "own-qe-advisory",
		.document = TDX_QE_IDENTITY,
		.written  = edit,
		.find     = LEVEL("4"),
		.text     = LEVEL("4") ",\"advisoryIDs\":[\"INTEL-SA-01099\"]" },
};

static const struct tdx_fault *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strcmp(own[i].name, name) == 0)
			return &own[i];
	return tdx_fault_named(name);
}

static void describe(const struct forged_ask *ask, int64_t at, struct tdx_spec *s)
{
	const char *const faults[] = { ask->tdx_fault, ask->tdx_also };
	struct assay_err  e        = { 0 };

	*s = (struct tdx_spec){ .quote = ask->quote == 0 ? 4 : ask->quote, .at = at };
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		const struct tdx_fault *t = faults[i] == NULL ? NULL : find(faults[i]);

		if (faults[i] == NULL)
			continue;
		if (t == NULL)
			test_must(err_set(&e, ASSAY_INTERNAL, "no fault %s", faults[i]), &e);
		if (t->spec != NULL)
			t->spec(t, s);
		s->fault[s->faults++] = t;
	}
}

void forged_guest(struct forge *f, const struct forged_ask *ask, const struct forge_bundle *b,
	const uint8_t nonce[FORGE_NONCE], json_t *root)
{
	CLEANUP(buf_done) struct buf quote = { 0 }, log = { 0 };
	json_t                      *evidence = json_object_get(root, "evidence");
	struct tdx_spec              spec;
	struct tdx                  *t        = NULL;
	struct assay_err             e        = { 0 };
	uint8_t                      data[64] = { 0 }, report[TDX_REPORT];

	describe(ask, f->spec.at, &spec);
	test_must(tdx_new(f, &spec, &t, &e), &e);
	test_must(tdx_event_log(t, &log, &e), &e);
	if (ask->event != FORGED_EVENT_NONE)
		extend(t, ask, b, &log);
	memcpy(data, nonce, FORGE_NONCE);
	if (!ask->plain)
		reportdata(ask, b, nonce, buf_bytes(&log), data);
	test_must(tdx_report(t, data, report, &e), &e);
	test_must(tdx_quote(t, report, &quote, &e), &e);
	if (ask->alone)
		json_array_clear(evidence);
	json_array_append_new(evidence,
		json_pack(
			"{s:s, s:o}", "kind", "tdx", "report", json_base64(buf_bytes(&quote))));
	json_object_set_new(root, "nonce", json_hex((struct bytes){ nonce, FORGE_NONCE }));
	if (log.n > 0)
		json_object_set_new(root, "events", json_base64(buf_bytes(&log)));
	if (!ask->no_collateral)
		add_collateral(t, f->spec.at, json_object_get(root, "collateral"));
	tdx_free(t);
}

bool forged_tdx_fault(size_t i, struct forged_fault *out)
{
	const struct tdx_fault *t = tdx_fault_at(i);

	if (t == NULL)
		return false;
	*out = (struct forged_fault){
		.name = t->name, .attack = t->attack, .finding = t->finding, .exit = t->exit
	};
	return true;
}
