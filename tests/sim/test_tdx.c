/* SPDX-License-Identifier: Apache-2.0
 *
 * The forge's TD is judged here by OpenSSL and by the offsets of spec/tdx.md alone: signatures, bindings, chains and
 * hashes hold, the event log replays, and each fault breaks what it says and nothing else. */
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "base/hex.h"
#include "base/json.h"
#include "forge/forge.h"
#include "forge/tdx_fault.h"
#include "test.h"

#define NOW      (FORGE_AT + 5000)
#define LOG_SIZE 65536

/* All that a TD gives, in the order of the way. */
enum part {
	PCK,
	ABOVE,
	REPORT,
	SIGNED,
	QE,
	QUOTE,
	TCB,
	IDENTITY,
	LIST,
	EMPTY,
	ROOT,
	LOG,
	PARTS
};

static const char *const part_names[PARTS] = { "PCK certificate", "chain above", "TDREPORT",
	"header and body", "QE report", "quote", "TCB info", "QE identity", "Platform CRL",
	"Processor CRL", "root CRL", "event log" };

struct given {
	unsigned   version;
	struct buf part[PARTS], tcb_chain, identity_chain, list_chain, anchor;
};

static void given_done(struct given *g)
{
	for (size_t i = 0; i < PARTS; i++)
		buf_done(&g->part[i]);
	buf_done(&g->tcb_chain);
	buf_done(&g->identity_chain);
	buf_done(&g->list_chain);
	buf_done(&g->anchor);
}

static struct forge *make_forge(const char *seed)
{
	struct forge_spec spec;
	struct forge     *f = NULL;
	struct assay_err  e = { 0 };

	forge_spec_default(false, &spec);
	spec.seed = seed;
	test_must(forge_new(&spec, &f, &e), &e);
	return f;
}

static struct tdx *make_td(struct forge *f, unsigned version, const struct tdx_fault *fault)
{
	struct tdx_spec  spec = { .quote = version, .at = FORGE_AT };
	struct tdx      *t    = NULL;
	struct assay_err e    = { 0 };

	if (fault != NULL)
		spec.fault[spec.faults++] = fault;
	test_must(tdx_new(f, &spec, &t, &e), &e);
	return t;
}

static size_t body_of(unsigned version)
{
	return version == 4 ? 48 : 54;
}

static size_t section_of(unsigned version)
{
	return version == 4 ? 632 : 702;
}

static const uint8_t request[TDX_REPORTDATA] = { 0x52, 0x44, 1, 2, 3 };

static void ask(struct forge *f, struct tdx *t, int64_t now, struct given *g)
{
	struct assay_err e    = { 0 };
	struct buf      *p    = g->part;
	size_t           from = section_of(g->version);

	test_must(forge_anchor(f, FORGE_ANCHOR_SGX, &g->anchor, &e), &e);
	test_must(tdx_pck_certificate(t, &p[PCK], &p[ABOVE], &e), &e);
	test_must(tdx_report(t, request, buf_room(&p[REPORT], TDX_REPORT), &e), &e);
	test_must(tdx_quote(t, p[REPORT].p, &p[QUOTE], &e), &e);
	buf_put(&p[SIGNED], p[QUOTE].p, from);
	buf_put(&p[QE], p[QUOTE].p + from + 4 + 134, 384);
	test_must(tdx_tcb_info(t, now, &p[TCB], &g->tcb_chain, &e), &e);
	test_must(tdx_qe_identity(t, now, &p[IDENTITY], &g->identity_chain, &e), &e);
	test_must(tdx_pck_crl(t, TDX_CA_PLATFORM, now, &p[LIST], &g->list_chain, &e), &e);
	buf_done(&g->list_chain);
	test_must(tdx_pck_crl(t, TDX_CA_PROCESSOR, now, &p[EMPTY], &g->list_chain, &e), &e);
	test_must(tdx_root_crl(t, now, &p[ROOT], &e), &e);
	test_must(tdx_event_log(t, &p[LOG], &e), &e);
}

/* The version is the one that is asked for, unless the fault needs another. */
static void make(
	struct forge *f, unsigned version, const struct tdx_fault *fault, struct given *out)
{
	struct tdx     *t    = make_td(f, version, fault);
	struct tdx_spec spec = { .quote = version };

	if (fault != NULL && fault->spec != NULL)
		fault->spec(fault, &spec);
	out->version = spec.quote;
	ask(f, t, NOW, out);
	tdx_free(t);
}

static size_t le(const uint8_t *p, size_t n)
{
	size_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static void hash(const char *name, struct bytes in, uint8_t *out)
{
	assert_int_equal(EVP_Q_digest(NULL, name, NULL, in.p, in.n, out, NULL), 1);
}

/* X and Y as a key. */
static EVP_PKEY *key_of(const uint8_t point[64])
{
	uint8_t    raw[65]  = { 4 };
	char       group[]  = "prime256v1";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, raw, sizeof(raw)),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY     *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

	memcpy(raw + 1, point, 64);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static bool signed_by(EVP_PKEY *key, struct bytes message, const uint8_t raw[64])
{
	ECDSA_SIG     *sig = ECDSA_SIG_new();
	unsigned char *der = NULL;
	EVP_MD_CTX    *ctx = EVP_MD_CTX_new();
	int            n, ok;

	ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
	n  = i2d_ECDSA_SIG(sig, &der);
	ok = EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
		EVP_DigestVerify(ctx, der, (size_t)n, message.p, message.n) == 1;
	EVP_MD_CTX_free(ctx);
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	return ok != 0;
}

static STACK_OF(X509) * read_chain(struct bytes pem)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	BIO  *bio             = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *cert            = NULL;

	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		sk_X509_push(chain, cert);
	BIO_free(bio);
	return chain;
}

static bool named(const X509 *cert, const char *name)
{
	char text[128] = "";

	X509_NAME_get_text_by_NID(
		X509_get_subject_name(cert), NID_commonName, text, sizeof(text));
	return strcmp(text, name) == 0;
}

/* So many certificates, of that leaf, up to the anchor itself, strictly, none revoked. */
static bool chain_holds(
	const struct given *g, struct bytes pem, int count, const char *leaf, int64_t now)
{
	STACK_OF(X509) *chain  = read_chain(pem);
	STACK_OF(X509) *anchor = read_chain(buf_bytes(&g->anchor));
	X509_STORE     *store  = X509_STORE_new();
	X509_STORE_CTX *ctx    = X509_STORE_CTX_new();
	bool            ok     = sk_X509_num(chain) == count;

	for (size_t i = 0; i < 2; i++) {
		const struct buf    *b   = &g->part[i == 0 ? LIST : ROOT];
		const unsigned char *p   = b->p;
		X509_CRL            *crl = d2i_X509_CRL(NULL, &p, (long)b->n);

		assert_non_null(crl);
		X509_STORE_add_crl(store, crl);
		X509_CRL_free(crl);
	}
	X509_STORE_add_cert(store, sk_X509_value(anchor, 0));
	X509_STORE_set_flags(store,
		X509_V_FLAG_X509_STRICT | X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)now);
	ok = ok && named(sk_X509_value(chain, 0), leaf) &&
		X509_cmp(sk_X509_value(chain, count - 1), sk_X509_value(anchor, 0)) == 0;
	ok = ok && X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain) == 1 &&
		X509_verify_cert(ctx) == 1;
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_pop_free(anchor, X509_free);
	sk_X509_pop_free(chain, X509_free);
	return ok;
}

/* The value of the member as it was delivered, signed by the first of the chain. */
static bool document_signed(struct bytes json, const char *member, const struct buf *pem)
{
	CLEANUP(buf_done) struct buf head = { 0 };
	STACK_OF(X509) *chain             = read_chain(buf_bytes(pem));
	uint8_t          raw[64];
	struct assay_err e   = { 0 };
	bool             ok  = json.n > 160 && sk_X509_num(chain) > 0;
	size_t           end = json.n - 144; /* ,"signature":"…128…"} */

	buf_printf(&head, "{\"%s\":", member);
	ok = ok && bytes_begin(json, buf_bytes(&head)) &&
		memcmp(json.p + end, ",\"signature\":\"", 14) == 0 &&
		hex_fixed((struct bytes){ json.p + end + 14, 128 }, raw, 64, &e) == ASSAY_OK &&
		signed_by(X509_get0_pubkey(sk_X509_value(chain, 0)),
			(struct bytes){ json.p + head.n, end - head.n }, raw);
	sk_X509_pop_free(chain, X509_free);
	return ok;
}

/* Does the digest of a type that can be recomputed fit its data (6.3)? */
static bool data_fits(size_t type, const uint8_t *digest, struct bytes data)
{
	uint8_t want[48];

	if (type == 0x80000002) {
		size_t name = le(data.p + 16, 8);

		assert_true(32 + 2 * name + le(data.p + 24, 8) == data.n);
		data = (struct bytes){ data.p + 32 + 2 * name, data.n - 32 - 2 * name };
	} else if (type != 0x80000001 && type != 0x80000007 && type != 4) {
		return true;
	}
	hash("SHA384", data, want);
	return memcmp(want, digest, 48) == 0;
}

enum { REPLAYS = 1, FITS = 2 };

static unsigned replay(struct bytes log, const uint8_t *rtmr, size_t *events)
{
	uint8_t  reg[5][48] = { { 0 } }, both[96];
	unsigned held       = FITS;
	size_t   at         = 65;

	*events = 0;
	if (log.n != LOG_SIZE || memcmp(log.p + 32, "Spec ID Event03", 16) != 0)
		return held;
	for (; le(log.p + at, 4) != 0xffffffff; (*events)++) {
		size_t mr = le(log.p + at, 4), n = le(log.p + at + 62, 4);

		if (mr < 1 || mr > 4 || le(log.p + at + 8, 4) != 1 ||
			le(log.p + at + 12, 2) != 0xc)
			return held;
		memcpy(both, reg[mr], 48);
		memcpy(both + 48, log.p + at + 14, 48);
		hash("SHA384", BYTES_OF(both), reg[mr]);
		if (!data_fits(le(log.p + at + 4, 4), log.p + at + 14,
			    (struct bytes){ log.p + at + 66, n }))
			held &= ~(unsigned)FITS;
		at += 66 + n;
	}
	for (; at < log.n; at++)
		if (log.p[at] != 0xff)
			return held;
	return memcmp(reg[1], rtmr, 3 * (size_t)48) == 0 ? held | REPLAYS : held;
}

/* What holds of all that was given; a name each. */
#define HELD(X)            \
	X(CHAIN)           \
	X(QE_SIGNATURE)    \
	X(BINDING)         \
	X(QUOTE_SIGNATURE) \
	X(TCB_CHAIN)       \
	X(TCB_SIGNATURE)   \
	X(IDENTITY_CHAIN) X(IDENTITY_SIGNATURE) X(REPLAY) X(DATA) X(LENGTHS) X(REPORTDATA)
enum {
#define X(name) HELD_##name,
	HELD(X)
#undef X
		HELD_COUNT
};
#define BIT(name) (1u << HELD_##name)
#define ALL       ((1u << HELD_COUNT) - 1)

static void judge_quote(const struct given *g, unsigned *held)
{
	struct bytes   q    = buf_bytes(&g->part[QUOTE]);
	const uint8_t *s    = q.p + section_of(g->version) + 4; /* the section's content */
	struct bytes   pem  = { s + 622, (size_t)(q.p + q.n - s) - 622 };
	STACK_OF(X509) *pck = read_chain(buf_bytes(&g->part[PCK]));
	EVP_PKEY *ak        = key_of(s + 64);
	uint8_t   bound[96], want[64] = { 0 };

	memcpy(bound, s + 64, 64);
	memcpy(bound + 64, s + 584, 32);
	hash("SHA256", BYTES_OF(bound), want);
	if (chain_holds(g, pem, 3, "Intel SGX PCK Certificate", NOW))
		*held |= BIT(CHAIN);
	if (signed_by(X509_get0_pubkey(sk_X509_value(pck, 0)), (struct bytes){ s + 134, 384 },
		    s + 518))
		*held |= BIT(QE_SIGNATURE);
	if (memcmp(s + 134 + 320, want, 64) == 0)
		*held |= BIT(BINDING);
	if (signed_by(ak, (struct bytes){ q.p, section_of(g->version) }, s))
		*held |= BIT(QUOTE_SIGNATURE);
	if (le(s - 4, 4) == (size_t)(q.p + q.n - s) && le(s + 128, 2) == 6 &&
		le(s + 130, 4) == le(s - 4, 4) - 134 && le(s + 582, 2) == 32 &&
		le(s + 616, 2) == 5 && le(s + 618, 4) == pem.n)
		*held |= BIT(LENGTHS);
	if (memcmp(q.p + body_of(g->version) + 520, request, 64) == 0)
		*held |= BIT(REPORTDATA);
	EVP_PKEY_free(ak);
	sk_X509_pop_free(pck, X509_free);
}

static unsigned judge(const struct given *g)
{
	static const char signer[] = "Intel SGX TCB Signing";
	unsigned          held     = 0, log;
	size_t            events;

	judge_quote(g, &held);
	log = replay(buf_bytes(&g->part[LOG]), g->part[QUOTE].p + body_of(g->version) + 328,
		&events);
	held |= chain_holds(g, buf_bytes(&g->tcb_chain), 2, signer, NOW) ? BIT(TCB_CHAIN) : 0;
	held |= chain_holds(g, buf_bytes(&g->identity_chain), 2, signer, NOW)
		? BIT(IDENTITY_CHAIN)
		: 0;
	held |= document_signed(buf_bytes(&g->part[TCB]), "tcbInfo", &g->tcb_chain)
		? BIT(TCB_SIGNATURE)
		: 0;
	held |= document_signed(
			buf_bytes(&g->part[IDENTITY]), "enclaveIdentity", &g->identity_chain)
		? BIT(IDENTITY_SIGNATURE)
		: 0;
	held |= (log & REPLAYS) != 0 ? BIT(REPLAY) : 0;
	held |= (log & FITS) != 0 ? BIT(DATA) : 0;
	return held;
}

static void print_lost(unsigned held)
{
	static const char *const names[] = {
#define X(name) #name,
		HELD(X)
#undef X
	};

	for (size_t i = 0; i < HELD_COUNT; i++)
		if ((held & 1u << i) == 0)
			print_message("  does not hold: %s\n", names[i]);
}

static void good_holds(void **state)
{
	struct forge *f = make_forge("one");

	(void)state;
	for (unsigned version = 4; version <= 5; version++) {
		CLEANUP(given_done) struct given g = { 0 };
		unsigned                         held;

		print_message("v%u\n", version);
		make(f, version, NULL, &g);
		held = judge(&g);
		print_lost(held);
		assert_int_equal(held, ALL);
	}
	forge_free(f);
}

/* Fields of fixed value: version, offset from the header or the body, bytes. */
static const struct {
	const char  *name;
	unsigned     version; /* 0: both */
	bool         body;
	size_t       at;
	struct bytes want;
} fields[] = {
	{ "version 4", 4, false, 0, BYTES("\4\0") },
	{ "version 5", 5, false, 0, BYTES("\5\0") },
	{ "key and TEE type", 0, false, 2, BYTES("\2\0\x81\0\0\0\0\0\0\0") },
	{ "vendor", 0, false, 12,
		BYTES("\x93\x9a\x72\x33\xf7\x9c\x4c\xa9\x94\x0a\x0d\xb3\x95\x7f\x06\x07") },
	{ "end of user data", 0, false, 44, BYTES("\0\0\0\0") },
	{ "TD 1.5 body of 648", 5, false, 48, BYTES("\3\0\x88\2\0\0") },
	{ "TEE_TCB_SVN", 0, true, 0, BYTES("\x0b\1\4\0") },
	{ "SEAM attributes and TD attributes", 0, true, 112,
		BYTES("\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\0") },
	{ "XFAM", 0, true, 128, BYTES("\xe7\2\6\0\0\0\0\0") },
	{ "RTMR3", 0, true, 472, BYTES("\0\0\0\0\0\0\0\0") },
	{ "TEE_TCB_SVN2", 5, true, 584, BYTES("\x0d\1\4\0") },
	{ "MRSERVICETD", 5, true, 600, BYTES("\0\0\0\0\0\0\0\0") },
};

static void fields_stand_where_they_belong(void **state)
{
	struct forge *f = make_forge("one");

	(void)state;
	for (unsigned version = 4; version <= 5; version++) {
		CLEANUP(given_done) struct given g = { 0 };

		make(f, version, NULL, &g);
		assert_in_range(g.part[QUOTE].n, version == 4 ? 4920 : 4990,
			version == 4 ? 4952 : 5022);
		for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
			size_t at = fields[i].at + (fields[i].body ? body_of(version) : 0);

			if (fields[i].version != 0 && fields[i].version != version)
				continue;
			print_message("v%u %s\n", version, fields[i].name);
			assert_memory_equal(
				g.part[QUOTE].p + at, fields[i].want.p, fields[i].want.n);
		}
	}
	forge_free(f);
}

static void report_hashes(void **state)
{
	struct forge    *f = make_forge("one"), *other = make_forge("two");
	struct tdx      *t = make_td(f, 5, NULL), *stranger = make_td(other, 5, NULL);
	uint8_t          r[TDX_REPORT], want[48];
	struct buf       quote = { 0 };
	struct assay_err e     = { 0 };

	(void)state;
	test_must(tdx_report(t, request, r, &e), &e);
	hash("SHA384", (struct bytes){ r + 256, 239 }, want);
	assert_memory_equal(r + 32, want, 48);
	hash("SHA384", (struct bytes){ r + 512, 512 }, want);
	assert_memory_equal(r + 80, want, 48);
	assert_memory_equal(r + 128, request, 64);
	assert_memory_equal(r + 528, tdx_mrtd(t), 48);
	assert_int_equal(r[0], 0x81);
	assert_int_equal(tdx_quote(stranger, r, &quote, &e), ASSAY_REPORT_SIGNATURE);
	for (size_t at = 0; at < TDX_REPORT; at += 37) {
		bool unused = at >= 495 && at < 512; /* between the two hashed parts */

		r[at] ^= 1;
		if (!unused)
			assert_int_equal(tdx_quote(t, r, &quote, &e), ASSAY_REPORT_SIGNATURE);
		r[at] ^= 1;
	}
	assert_int_equal(quote.n, 0);
	test_must(tdx_quote(t, r, &quote, &e), &e);
	buf_done(&quote);
	tdx_free(t);
	tdx_free(stranger);
	forge_free(f);
	forge_free(other);
}

static void registers_extend(void **state)
{
	struct forge    *f        = make_forge("one");
	struct tdx      *t        = make_td(f, 4, NULL);
	uint8_t          both[96] = { 0 }, want[48], digest[48] = { 7 };
	struct assay_err e = { 0 };

	(void)state;
	memcpy(both + 48, digest, 48);
	hash("SHA384", BYTES_OF(both), want);
	test_must(tdx_extend(t, 3, digest, &e), &e);
	assert_memory_equal(tdx_rtmr(t, 3), want, 48);
	assert_int_equal(tdx_extend(t, 4, digest, &e), ASSAY_INPUT_OPTION);
	assert_null(tdx_rtmr(t, 4));
	tdx_free(t);
	forge_free(f);
}

static void seed_and_day_decide(void **state)
{
	struct forge *f = make_forge("one"), *again = make_forge("one"),
		     *two                  = make_forge("two");
	CLEANUP(given_done) struct given a = { 0 }, b = { 0 }, c = { 0 }, d = { .version = 5 };
	struct tdx                      *t = make_td(f, 5, NULL);

	(void)state;
	make(f, 5, NULL, &a);
	make(again, 5, NULL, &b);
	make(two, 5, NULL, &c);
	ask(f, t, FORGE_AT + 86399, &d);
	for (size_t i = 0; i < PARTS; i++) {
		print_message("%s\n", part_names[i]);
		assert_true(bytes_equal(buf_bytes(&a.part[i]), buf_bytes(&b.part[i])));
		assert_true(bytes_equal(buf_bytes(&a.part[i]), buf_bytes(&d.part[i])));
		assert_false(bytes_equal(buf_bytes(&a.part[i]), buf_bytes(&c.part[i])));
	}
	tdx_free(t);
	forge_free(f);
	forge_free(again);
	forge_free(two);
}

static int revoked_in(const struct buf *der)
{
	const unsigned char *p   = der->p;
	X509_CRL            *crl = d2i_X509_CRL(NULL, &p, (long)der->n);
	int                  n   = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));

	assert_int_equal(X509_CRL_get_version(crl), 1);
	X509_CRL_free(crl);
	return n < 0 ? 0 : n; /* none is no list */
}

static void lists_follow(void **state)
{
	struct forge *f = make_forge("one");
	struct tdx   *t = make_td(f, 4, NULL);
	CLEANUP(given_done)
	struct given a = { .version = 4 }, b = { .version = 4 }, c = { .version = 4 };

	(void)state;
	ask(f, t, NOW, &a);
	tdx_revoke_pck(t, true);
	ask(f, t, NOW, &b);
	tdx_revoke_pck(t, false);
	ask(f, t, NOW, &c);
	assert_int_equal(judge(&b), ALL & ~BIT(CHAIN));
	assert_int_equal(revoked_in(&b.part[LIST]), revoked_in(&a.part[LIST]) + 1);
	assert_int_equal(revoked_in(&a.part[EMPTY]), 0);
	assert_int_equal(revoked_in(&a.part[ROOT]), 0);
	assert_true(bytes_equal(buf_bytes(&a.part[LIST]), buf_bytes(&c.part[LIST])));
	tdx_free(t);
	forge_free(f);
}

static void certificate_is_intels(void **state)
{
	struct forge                    *f = make_forge("one");
	CLEANUP(given_done) struct given g = { 0 };
	STACK_OF(X509) * chain, *anchor;
	ASN1_OBJECT             *oid = OBJ_txt2obj("1.2.840.113741.1.13.1", 1);
	const X509              *leaf;
	const ASN1_OCTET_STRING *value;

	(void)state;
	make(f, 4, NULL, &g);
	chain  = read_chain(buf_bytes(&g.part[PCK]));
	anchor = read_chain(buf_bytes(&g.anchor));
	leaf   = sk_X509_value(chain, 0);
	assert_int_equal(X509_get_ext_count(leaf), 6);
	value = X509_EXTENSION_get_data(X509_get_ext(leaf, X509_get_ext_by_OBJ(leaf, oid, -1)));
	assert_int_equal(ASN1_STRING_length(value), 554);
	assert_true(named(sk_X509_value(anchor, 0), "Intel SGX Root CA"));
	assert_int_equal(X509_get_pathlen(sk_X509_value(anchor, 0)), 1);
	ASN1_OBJECT_free(oid);
	sk_X509_pop_free(chain, X509_free);
	sk_X509_pop_free(anchor, X509_free);
	forge_free(f);
}

static void collateral_is_strict(void **state)
{
	static const char *const         members[] = { "tcbInfo", "enclaveIdentity" };
	struct forge                    *f         = make_forge("one");
	CLEANUP(given_done) struct given g         = { 0 };

	(void)state;
	make(f, 4, NULL, &g);
	for (size_t i = 0; i < 2; i++) {
		const struct buf *b    = &g.part[i == 0 ? TCB : IDENTITY];
		json_t           *root = json_loadb(
				  (const char *)b->p, b->n, JSON_REJECT_DUPLICATES, NULL);
		json_t *in = json_object_get(root, members[i]);

		print_message("%s\n", members[i]);
		assert_non_null(in);
		assert_string_equal(json_string_value(json_object_get(in, "issueDate")),
			"2026-06-01T00:00:00Z");
		assert_string_equal(json_string_value(json_object_get(in, "nextUpdate")),
			"2026-07-01T00:00:00Z");
		assert_int_equal(
			json_integer_value(json_object_get(in, "tcbEvaluationDataNumber")), 18);
		for (size_t k = 0; k < b->n; k++) /* blanks only in names of components */
			assert_true(b->p[k] > ' ' ||
				(b->p[k] == ' ' && b->p[k - 1] != ':' && b->p[k - 1] != ','));
		json_decref(root);
	}
	forge_free(f);
}

static void tables_and_log(void **state)
{
	struct forge                    *f = make_forge("one");
	struct tdx                      *t = make_td(f, 4, NULL);
	CLEANUP(given_done) struct given g = { .version = 4 };
	uint8_t                          table[TDX_CCEL_TABLE], sum = 0;
	size_t                           events = 0;
	struct assay_err                 e      = { 0 };

	(void)state;
	test_must(tdx_ccel_table(t, table, &e), &e);
	for (size_t i = 0; i < sizeof(table); i++)
		sum = (uint8_t)(sum + table[i]);
	assert_int_equal(sum, 0);
	assert_memory_equal(table, "CCEL\x38\0\0\0\1", 9);
	assert_int_equal(table[36], 2);
	assert_int_equal(le(table + 40, 8), LOG_SIZE);
	ask(f, t, NOW, &g);
	assert_int_equal(
		replay(buf_bytes(&g.part[LOG]), tdx_rtmr(t, 0), &events), REPLAYS | FITS);
	assert_in_range(events, 20, 60);
	assert_int_equal(le(g.part[LOG].p + 28, 4), 33);
	tdx_free(t);
	forge_free(f);
}

/* What no longer holds under a fault; a fault that is not here leaves all of it, since only what is said is wrong. */
static const struct {
	const char *name;
	unsigned    lost;
} losses[] = {
	{ "td-other-guest", BIT(REPLAY) },
	{ "quote-reportdata", BIT(REPORTDATA) },
	{ "quote-replayed", BIT(REPORTDATA) },
	{ "qe-unbound", BIT(BINDING) },
	{ "qe-data-tail", BIT(BINDING) },
	{ "pck-name", BIT(CHAIN) },
	{ "tcbinfo-signer-name", BIT(TCB_CHAIN) },
	{ "qe-own-signature", BIT(QE_SIGNATURE) },
	{ "qe-edited", BIT(QE_SIGNATURE) },
	{ "qe-signature", BIT(QE_SIGNATURE) },
	{ "qe-auth-data", BIT(BINDING) },
	{ "quote-version", BIT(QUOTE_SIGNATURE) },
	{ "quote-key-type", BIT(QUOTE_SIGNATURE) },
	{ "quote-tee-type", BIT(QUOTE_SIGNATURE) },
	{ "quote-vendor", BIT(QUOTE_SIGNATURE) },
	{ "quote-outer-type", BIT(LENGTHS) },
	{ "quote-inner-type", BIT(LENGTHS) },
	{ "quote-trailing", BIT(LENGTHS) },
	{ "quote-cut", BIT(LENGTHS) | BIT(CHAIN) },
	{ "quote-qe-id", BIT(QUOTE_SIGNATURE) },
	{ "quote-svn", BIT(QUOTE_SIGNATURE) },
	{ "quote-mrtd", BIT(QUOTE_SIGNATURE) },
	{ "quote-attributes", BIT(QUOTE_SIGNATURE) },
	{ "quote-rtmr3", BIT(QUOTE_SIGNATURE) },
	{ "quote-signature", BIT(QUOTE_SIGNATURE) },
	{ "pck-expired", BIT(CHAIN) },
	{ "pck-not-yet", BIT(CHAIN) },
	{ "pck-own-authorities", BIT(CHAIN) },
	{ "pck-authority", BIT(CHAIN) },
	{ "pck-root-replaced", BIT(CHAIN) },
	{ "pck-no-root", BIT(CHAIN) },
	{ "tcbinfo-signer-pck", BIT(TCB_CHAIN) },
	{ "tcbinfo-signer-ca", BIT(TCB_CHAIN) },
	{ "tcbinfo-signer-own", BIT(TCB_CHAIN) },
	{ "tcbinfo-edited", BIT(TCB_SIGNATURE) },
	{ "tcbinfo-space", BIT(TCB_SIGNATURE) },
	{ "tcbinfo-twice", BIT(TCB_SIGNATURE) },
	{ "tcbinfo-other-case", BIT(TCB_SIGNATURE) },
	{ "identity-edited", BIT(IDENTITY_SIGNATURE) },
	{ "identity-signer-pck", BIT(IDENTITY_CHAIN) },
	{ "crl-pck-stale", BIT(CHAIN) },
	{ "crl-pck-future", BIT(CHAIN) },
	{ "crl-pck-issuer", BIT(CHAIN) },
	{ "crl-pck-signature", BIT(CHAIN) },
	{ "crl-root-stale", BIT(CHAIN) | BIT(TCB_CHAIN) | BIT(IDENTITY_CHAIN) },
	{ "crl-root-signature", BIT(CHAIN) | BIT(TCB_CHAIN) | BIT(IDENTITY_CHAIN) },
	{ "pck-revoked", BIT(CHAIN) },
	{ "platform-ca-revoked", BIT(CHAIN) },
	{ "tcb-signer-revoked", BIT(TCB_CHAIN) | BIT(IDENTITY_CHAIN) },
	{ "log-digest", BIT(REPLAY) },
	{ "log-event-removed", BIT(REPLAY) },
	{ "log-data", BIT(DATA) },
	{ "log-other-machine", BIT(REPLAY) },
	{ "log-index", BIT(REPLAY) },
	{ "log-missing", BIT(REPLAY) },
};

static unsigned lost_under(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(losses); i++)
		if (strcmp(losses[i].name, name) == 0)
			return losses[i].lost;
	return 0;
}

/* Where each stage first shows. */
static const struct {
	const char *stage;
	enum part   first, last; /* the first part that differs lies between them */
} stages[] = {
	{ "PCK certificate, before signing", PCK, ABOVE },
	{ "PCK chain, after signing", ABOVE, ABOVE },
	{ "TD, at its start", REPORT, REPORT },
	{ "quote, before signing", SIGNED, SIGNED },
	{ "QE report, before signing", QE, QUOTE },
	{ "quote, after signing", SIGNED, QUOTE },
	{ "collateral, before signing", TCB, IDENTITY },
	{ "collateral, after signing", TCB, IDENTITY },
	{ "CRL", LIST, ROOT },
	{ "event log", LOG, LOG },
};

static bool part_differs(const struct given *a, const struct given *b, size_t i)
{
	const struct buf *chain[PARTS] = {
		[TCB] = &a->tcb_chain, [IDENTITY] = &a->identity_chain
	};
	const struct buf *other[PARTS] = {
		[TCB] = &b->tcb_chain, [IDENTITY] = &b->identity_chain
	};

	return !bytes_equal(buf_bytes(&a->part[i]), buf_bytes(&b->part[i])) ||
		(chain[i] != NULL && !bytes_equal(buf_bytes(chain[i]), buf_bytes(other[i])));
}

static void strikes_where_it_says(
	const struct tdx_fault *t, const struct given *good, const struct given *bad)
{
	const char *stage = tdx_fault_stage(t);
	size_t      first = 0, i = 0;

	while (first < PARTS && !part_differs(good, bad, first))
		first++;
	while (i < ARRAY_LEN(stages) && strcmp(stages[i].stage, stage) != 0)
		i++;
	assert_true(i < ARRAY_LEN(stages));
	assert_in_range(first, stages[i].first, stages[i].last);
}

static void faults_strike(void **state)
{
	static const char *const         findings[] = { "tdx.quote.parse", "tdx.pck.chain",
			"tdx.pck.revocation", "tdx.qe.report", "tdx.qe.identity", "tdx.quote.signature",
			"tdx.tcb", "tdx.tcb.module", "tdx.td.attributes", "tdx.td.measurements",
			"tdx.reportdata", "tdx.eventlog.replay", "tdx.collateral.tcbinfo",
			"tdx.collateral.identity", "tdx.collateral.crl" };
	CLEANUP(given_done) struct given four = { 0 }, five = { 0 };
	struct forge                    *f = make_forge("one");
	const struct tdx_fault          *t;
	bool                             hit[ARRAY_LEN(findings)] = { 0 };

	(void)state;
	make(f, 4, NULL, &four);
	make(f, 5, NULL, &five);
	for (size_t i = 0; (t = tdx_fault_at(i)) != NULL; i++) {
		size_t known = 0;

		print_message("%s\n", t->name);
		assert_ptr_equal(tdx_fault_named(t->name), t); /* no name twice */
		while (known < ARRAY_LEN(findings) && strcmp(findings[known], t->finding) != 0)
			known++;
		assert_true(known < ARRAY_LEN(findings));
		hit[known] = true;
		assert_true(t->exit == 1 || t->exit == 3 || t->exit == 6);
		for (unsigned version = 4; version <= 5; version++) {
			CLEANUP(given_done) struct given bad = { 0 };
			unsigned                         held;

			make(f, version, t, &bad);
			held = judge(&bad);
			if (held != (ALL & ~lost_under(t->name)))
				print_lost(held);
			assert_int_equal(held, ALL & ~lost_under(t->name));
			strikes_where_it_says(t, bad.version == 4 ? &four : &five, &bad);
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(findings); i++)
		assert_true(hit[i]);
	forge_free(f);
}

/* Two of them, that cannot both strike, are an error and no crash. */
static void faults_together(void **state)
{
	struct forge    *f    = make_forge("one");
	struct tdx_spec  spec = { .quote = 5, .at = FORGE_AT };
	struct tdx      *t    = NULL;
	struct buf       log  = { 0 };
	struct assay_err e    = { 0 };

	(void)state;
	spec.fault[spec.faults++] = tdx_fault_named("log-missing");
	spec.fault[spec.faults++] = tdx_fault_named("log-data");
	test_must(tdx_new(f, &spec, &t, &e), &e);
	assert_int_equal(tdx_event_log(t, &log, &e), ASSAY_INPUT_OPTION);
	assert_int_equal(log.n, 0);
	tdx_free(t);
	spec = (struct tdx_spec){ .quote = 3, .at = FORGE_AT };
	assert_int_equal(tdx_new(f, &spec, &t, &e), ASSAY_INPUT_OPTION);
	assert_null(tdx_fault_named("no-such-fault"));
	forge_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_holds),
		cmocka_unit_test(fields_stand_where_they_belong),
		cmocka_unit_test(report_hashes),
		cmocka_unit_test(registers_extend),
		cmocka_unit_test(seed_and_day_decide),
		cmocka_unit_test(lists_follow),
		cmocka_unit_test(certificate_is_intels),
		cmocka_unit_test(collateral_is_strict),
		cmocka_unit_test(tables_and_log),
		cmocka_unit_test(faults_strike),
		cmocka_unit_test(faults_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
