/* SPDX-License-Identifier: Apache-2.0
 *
 * Real quotes with Intel's collateral: the reference results of tdx chapter 9, at the times given there, and what becomes
 * of these inputs when somebody changes them. */
#include "base/hex.h"
#include "crypto/digest.h"
#include "format/dcap.h"
#include "format/tdx_quote.h"
#include "verify/court.h"
#include "verify/replay.h"

#define K1 "tdx/tdx_quote_collateral.json"
#define K2 "tdx/tdx_quote_outdated_collateral.json"

/* Quote and log of one machine; K1 and K2 as they are. Skips without the data. */
static struct buf quote, outdated, gcp, ccel, k1, k2;

static void load(void)
{
	if (quote.n > 0)
		return;
	test_interop("tdx/tdx_quote", &quote);
	test_interop("tdx/tdx_quote_outdated", &outdated);
	test_interop("tdx/ccel/cos-113-tdx-quote.dat", &gcp);
	test_interop("tdx/ccel/ccel_data.dat", &ccel);
	test_interop(K1, &k1);
	test_interop(K2, &k2);
}

static uint8_t reportdata[64];

/* That quote, that collateral, asked with the REPORTDATA that it has. */
static void take(struct bytes q, struct bytes collateral)
{
	struct tdx_quote t;
	struct assay_err e = { 0 };

	court_empty(&court);
	test_must(evidence_add(&court.ev, "quote", q, (struct bytes){ 0 }, &e), &e);
	if (collateral.n > 0)
		test_must(dcap_read(&court.ev, collateral, &e), &e);
	if (tdx_quote_parse(q, &t, &e) == ASSAY_OK)
		memcpy(reportdata, t.td.reportdata.p, sizeof(reportdata));
	court.reportdata = BYTES_OF(reportdata);
}

/* tdx 5 alone: no event log is at hand, so that its registers are pinned to what they are. */
static char policy[4096];

static const char *pin(struct bytes q, const char *more)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct tdx_quote             t;
	struct assay_err             e = { 0 };

	test_must(tdx_quote_parse(q, &t, &e), &e);
	buf_printf(&text, "{\"schema\":\"assay.policy/1\",\"require\":{%s", more);
	for (unsigned i = 0; i < 4; i++) {
		buf_printf(&text, "%s\"tdx.rtmr%u\":[\"", i == 0 ? "" : ",", i);
		hex_encode(t.td.rtmr[i], &text);
		buf_text(&text, "\"]");
	}
	buf_text(&text, "}}");
	snprintf(policy, sizeof(policy), "%s", buf_cstr(&text));
	return policy;
}

/* --- chapter 9.5 --- */

static const struct {
	const char      *name;
	struct buf      *quote, *collateral;
	int64_t          at;
	enum assay_class verdict;
	const char      *finding;
	enum assay_code  code;
} results[] = {
	{ "tdx_quote, K1, 2025-07-01", &quote, &k1, 1751328000, ASSAY_CLASS_ACCEPTED, "tdx.tcb",
		ASSAY_OK },
	{ "before the QE identity", &quote, &k1, 1750329146, ASSAY_CLASS_UNDECIDED,
		"tdx.collateral.identity", ASSAY_JSON_FUTURE },
	{ "its first second", &quote, &k1, 1750329147, ASSAY_CLASS_ACCEPTED, "tdx.tcb",
		ASSAY_OK },
	{ "the CRL's last second", &quote, &k1, 1752919234, ASSAY_CLASS_ACCEPTED, "tdx.tcb",
		ASSAY_OK },
	{ "the CRL has expired", &quote, &k1, 1752919235, ASSAY_CLASS_UNDECIDED,
		"tdx.collateral.crl", ASSAY_CRL_STALE },
	{ "the TCB info's last second", &quote, &k1, 1752920163, ASSAY_CLASS_UNDECIDED,
		"tdx.collateral.crl", ASSAY_CRL_STALE },
	{ "the TCB info has expired", &quote, &k1, 1752920164, ASSAY_CLASS_UNDECIDED,
		"tdx.collateral.tcbinfo", ASSAY_JSON_STALE },
	{ "tdx_quote, K2", &quote, &k2, 1771500000, ASSAY_CLASS_REJECTED,
		"tdx.collateral.tcbinfo", ASSAY_JSON_FMSPC },
	{ "tdx_quote_outdated, K2", &outdated, &k2, 1771500000, ASSAY_CLASS_REJECTED, "tdx.tcb",
		ASSAY_TCB_NOT_SUPPORTED },
	{ "before the leaf's time", &outdated, &k2, 1769191000, ASSAY_CLASS_REJECTED,
		"tdx.pck.chain", ASSAY_CERT_NOT_YET },
};

static void reference_results(void **state)
{
	(void)state;
	load();
	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		take(buf_bytes(results[i].quote), buf_bytes(results[i].collateral));
		court.policy = pin(buf_bytes(results[i].quote), "");
		court.now    = results[i].at;
		court_judge(&court);
		print_message("%s: %s\n", results[i].name, assay_class_verdict(court.verdict));
		court_expect(&court, results[i].finding, "tdx",
			results[i].code == ASSAY_OK ? ASSAY_OUTCOME_PASS
				: assay_class(results[i].code) == ASSAY_CLASS_UNDECIDED
				? ASSAY_OUTCOME_UNKNOWN
				: ASSAY_OUTCOME_FAIL,
			results[i].code);
		assert_int_equal(court.verdict, results[i].verdict);
	}
}

/* 9.2 to 9.5 of the first: what was matched, and until when it holds. */
static void reference_facts(void **state)
{
	const struct guest *g;

	(void)state;
	load();
	take(buf_bytes(&quote), buf_bytes(&k1));
	court.policy = pin(buf_bytes(&quote), "");
	court.now    = 1751328000;
	court_judge(&court);
	g = court.facts.guest;
	assert_non_null(g);
	assert_ptr_equal(g->tcb.tdx, &g->item[PCS_TCB_INFO]->tcb.level[0]);
	assert_int_equal(g->tcb.platform, TCB_UP_TO_DATE);
	assert_int_equal(g->tcb.module->version, 1);
	assert_int_equal(g->tcb.module_level->isvsvn, 4);
	assert_int_equal(g->tcb.qe_level->isvsvn, 4);
	assert_int_equal(g->tcb.merged, TCB_UP_TO_DATE);
	assert_int_equal(g->advisories.n, 0);
	assert_int_equal(g->pck.pcesvn, 11);
	assert_int_equal(g->quote.qe.isvsvn, 6);
	assert_int_equal(g->item[PCS_PCK_CRL]->crl.entries, 44);
	assert_int_equal(g->item[PCS_ROOT_CRL]->crl.entries, 0);
	assert_int_equal(court.facts.valid_until, 1752919234);
}

/* 9.1: sizes, versions, bodies. */
static void structures(void **state)
{
	static const struct {
		struct buf   *in;
		unsigned      version;
		enum tdx_body body;
		size_t        whole;
		uint64_t      attributes, xfam;
	} rows[] = {
		{ &quote, 4, TDX_TD10, 5006 - 70, 0x10000000, 0x602e7 },
		{ &outdated, 5, TDX_TD15, 5006, 0x10000000, 0x618e7 },
		{ &gcp, 4, TDX_TD10, 8000 - 3065, 0x10000000, 0x600e7 },
	};

	(void)state;
	load();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tdx_quote t;
		struct assay_err e = { 0 };

		test_must(tdx_quote_parse(buf_bytes(rows[i].in), &t, &e), &e);
		assert_int_equal(t.version, rows[i].version);
		assert_int_equal(t.body, rows[i].body);
		assert_int_equal(t.whole.n, rows[i].whole);
		assert_int_equal(t.td.attributes, rows[i].attributes);
		assert_int_equal(t.td.xfam, rows[i].xfam);
		assert_int_equal(t.qe_auth.n, 32);
		assert_int_equal(t.td.svn2.n, rows[i].body == TDX_TD15 ? 16 : 0);
	}
}

/* 9.6: the COS machine's log leads to its quote's registers, and to no other's. */
static void event_log(void **state)
{
	struct ccel      log = { 0 };
	struct replay    r   = { 0 };
	struct tdx_quote t;
	struct assay_err e = { 0 };

	(void)state;
	load();
	test_must(ccel_parse(buf_bytes(&ccel), &log, &e), &e);
	assert_int_equal(log.n, 43);
	assert_int_equal(log.own.n, 0);
	test_must(replay(&court.crypto, &log, &r, &e), &e);
	assert_int_equal(r.events[0], 16);
	assert_int_equal(r.events[1], 7);
	assert_int_equal(r.events[2], 20);
	assert_int_equal(r.events[3], 0);
	test_must(tdx_quote_parse(buf_bytes(&gcp), &t, &e), &e);
	for (unsigned i = 0; i < 4; i++)
		assert_true(bytes_equal(t.td.rtmr[i], BYTES_OF(r.rtmr[i])));

	for (int own = 1; own >= 0; own--) {
		take(buf_bytes(own ? &gcp : &quote), (struct bytes){ 0 });
		test_must(evidence_add_events(&court.ev, buf_bytes(&ccel), &e), &e);
		court.policy = NULL;
		court.now    = 1751328000;
		court_judge(&court);
		if (own)
			court_holds(&court, "tdx.eventlog.replay", "tdx");
		else
			court_expect(&court, "tdx.eventlog.replay", "tdx", ASSAY_OUTCOME_FAIL,
				ASSAY_EVENTLOG_MISMATCH);
		assert_int_equal(court.facts.wants, 4); /* without collateral, all of it */
	}
}

/* --- the mutations of 9.5 --- */

static const struct {
	const char     *name;
	size_t          at;
	uint8_t         flip;
	const char     *finding;
	enum assay_code code, other;
} mutations[] = {
	{ "reserved", 8, 1, "tdx.quote.signature", ASSAY_QUOTE_SIGNATURE, 0 },
	{ "vendor", 12, 1, "tdx.quote.parse", ASSAY_QUOTE_VENDOR, 0 },
	{ "QE id", 28, 1, "tdx.quote.signature", ASSAY_QUOTE_SIGNATURE, 0 },
	{ "MRTD", 184, 1, "tdx.quote.signature", ASSAY_QUOTE_SIGNATURE, 0 },
	{ "signature", 636, 1, "tdx.quote.signature", ASSAY_QUOTE_SIGNATURE, 0 },
	{ "attestation key", 700, 1, "tdx.quote.parse", ASSAY_QUOTE_POINT, ASSAY_QE_DATA },
	{ "QE report", 770, 1, "tdx.qe.report", ASSAY_QE_SIGNATURE, 0 },
	{ "QE signature", 1154, 1, "tdx.qe.report", ASSAY_QE_SIGNATURE, 0 },
	{ "QE auth data", 1220, 1, "tdx.qe.report", ASSAY_QE_DATA, 0 },
	{ "version 5", 0, 1, "tdx.quote.parse", ASSAY_QUOTE_BODY, 0 },
	{ "TEE type", 4, 0x81, "tdx.quote.parse", ASSAY_QUOTE_TEE, 0 },
	{ "key type 3", 2, 1, "tdx.quote.parse", ASSAY_QUOTE_KEYTYPE, 0 },
	{ "outer type 7", 764, 1, "tdx.quote.parse", ASSAY_QUOTE_CERTTYPE, 0 },
	{ "inner type 4", 1252, 1, "tdx.quote.parse", ASSAY_QUOTE_CERTTYPE, 0 },
	{ "last byte", 5005, 1, "tdx.quote.parse", ASSAY_QUOTE_TRAILING, 0 },
	{ "certificates", 2001, 1, "tdx.quote.parse", ASSAY_INPUT_BASE64, ASSAY_CERT_PARSE },
};

static void mutated(void **state)
{
	CLEANUP(buf_done) struct buf m = { 0 };

	(void)state;
	load();
	for (size_t i = 0; i < ARRAY_LEN(mutations); i++) {

		m.n = 0;
		buf_put(&m, quote.p, quote.n);
		m.p[mutations[i].at] ^= mutations[i].flip;
		print_message("%s\n", mutations[i].name);
		take(buf_bytes(&quote), buf_bytes(&k1));
		court.policy = pin(buf_bytes(&quote), "");
		court.now    = 1751328000;
		court_empty(&court);
		take(buf_bytes(&m), buf_bytes(&k1));
		court_judge(&court);
		assert_int_not_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
		if (mutations[i].other == 0)
			court_expect(&court, mutations[i].finding, "tdx", ASSAY_OUTCOME_FAIL,
				mutations[i].code);
	}
}

static bool same_certificates(struct bytes a, struct bytes b)
{
	CLEANUP(chain_ders_done) struct buf x[CHAIN_MAX] = { 0 };
	CLEANUP(chain_ders_done) struct buf y[CHAIN_MAX] = { 0 };
	struct assay_err                    e            = { 0 };

	test_must(chain_split(a, 3, x, &e), &e);
	test_must(chain_split(b, 3, y, &e), &e);
	for (size_t i = 0; i < 3; i++)
		if (!bytes_equal(buf_bytes(&x[i]), buf_bytes(&y[i])))
			return false;
	return true;
}

/* Every bit of what a signature covers, and of the signatures; a sample of the certificates, whose text has more
 * spellings than one (blanks of base64). */
static void every_bit(void **state)
{
	CLEANUP(buf_done) struct buf m = { 0 };
	struct assay_err             e = { 0 };
	size_t                       end, passed = 0;
	struct tdx_quote             t;

	(void)state;
	load();
	take(buf_bytes(&quote), buf_bytes(&k1));
	test_must(memo_new(&court.memo, &e), &e);
	court.policy = pin(buf_bytes(&quote), "");
	court.now    = 1751328000;
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	test_must(tdx_quote_parse(buf_bytes(&quote), &t, &e), &e);
	end = (size_t)(t.pem.p - quote.p);
	buf_put(&m, quote.p, quote.n);
	for (size_t bit = 0; bit < 8 * end; bit++) {
		bool reportdata_bit = bit / 8 >= 568 && bit / 8 < 632;

		m.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		court_empty(&court);
		if (evidence_add(&court.ev, "m", buf_bytes(&m), (struct bytes){ 0 }, &e) ==
			ASSAY_OK) {
			test_must(dcap_read(&court.ev, buf_bytes(&k1), &e), &e);
			if (reportdata_bit) /* the signature, not the comparison, must notice */
				memcpy(reportdata, m.p + 568, sizeof(reportdata));
			court_judge(&court);
			if (court.verdict == ASSAY_CLASS_ACCEPTED)
				print_message("bit %zu\n", bit);
			passed += court.verdict == ASSAY_CLASS_ACCEPTED;
			memcpy(reportdata, quote.p + 568, sizeof(reportdata));
		}
		m.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(passed, 0);
	print_message("%zu bits\n", 8 * end);
	/* one bit of each byte of the certificates: accepted only where they decode to the same */
	for (size_t i = end; i < end + t.pem.n; i++) {
		m.p[i] ^= (uint8_t)(1u << i % 8);
		take(buf_bytes(&m), buf_bytes(&k1));
		court_judge(&court);
		if (court.verdict == ASSAY_CLASS_ACCEPTED)
			assert_true(
				same_certificates(t.pem, (struct bytes){ m.p + end, t.pem.n }));
		m.p[i] ^= (uint8_t)(1u << i % 8);
	}
	memo_free(court.memo);
	court.memo = NULL;
}

/* All lengths up to the end of the signature section. */
static void every_cut(void **state)
{
	struct buf *const in[] = { &quote, &outdated };

	(void)state;
	load();
	for (size_t k = 0; k < ARRAY_LEN(in); k++) {
		struct tdx_quote t;
		struct assay_err e = { 0 };

		test_must(tdx_quote_parse(buf_bytes(in[k]), &t, &e), &e);
		for (size_t n = 0; n < t.whole.n; n++) {
			/* its own memory, so that a sanitizer sees its end */
			CLEANUP(buf_done) struct buf cut = { 0 };
			struct tdx_quote             other;

			buf_put(&cut, in[k]->p, n);
			assert_int_equal(
				assay_class(tdx_quote_parse(buf_bytes(&cut), &other, &e)),
				ASSAY_CLASS_MALFORMED);
		}
	}
}

/* --- the collateral of 9.5, changed --- */

static const struct {
	const char     *name, *find, *put;
	const char     *finding;
	enum assay_code code;
} edits[] = {
	{ "a space in the TCB info", "\\\"version\\\":3", "\\\"version\\\": 3",
		"tdx.collateral.tcbinfo", ASSAY_JSON_SIGNATURE },
	{ "an old level made good", "\\\"OutOfDate\\\"", "\\\"UpToDate\\\"",
		"tdx.collateral.tcbinfo", ASSAY_JSON_SIGNATURE },
	{ "isvprodid", "\\\"isvprodid\\\":2", "\\\"isvprodid\\\":1", "tdx.collateral.identity",
		ASSAY_JSON_SIGNATURE },
	{ "TCB info for SGX", "\\\"id\\\":\\\"TDX\\\"", "\\\"id\\\":\\\"SGX\\\"",
		"tdx.collateral.tcbinfo", ASSAY_JSON_SIGNATURE },
	{ "a second tcbInfo", "\"tcb_info\": \"{", "\"tcb_info\": \"{},\\\"tcbInfo\\\":{",
		"tdx.collateral.tcbinfo", ASSAY_JSON_FIELD },
};

static void edited_collateral(void **state)
{
	(void)state;
	load();
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(buf_done) struct buf m = { 0 };

		buf_put(&m, k1.p, k1.n);
		test_edit(&m, edits[i].find, edits[i].put);
		print_message("%s\n", edits[i].name);
		take(buf_bytes(&quote), buf_bytes(&m));
		court.policy = pin(buf_bytes(&quote), "");
		court.now    = 1751328000;
		court_judge(&court);
		assert_int_not_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
		court_expect(
			&court, edits[i].finding, "tdx", ASSAY_OUTCOME_FAIL, edits[i].code);
	}
}

static json_t *member(json_t *root, const char *name)
{
	json_t *v = json_object_get(root, name);

	assert_true(json_is_string(v));
	return v;
}

static enum assay_class judge_json(const json_t *root)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct assay_err             e    = { 0 };

	test_must(json_write(root, &text, &e), &e);
	take(buf_bytes(&quote), buf_bytes(&text));
	court.policy = pin(buf_bytes(&quote), "");
	court.now    = 1751328000;
	court_judge(&court);
	return court.verdict;
}

/* CRLs: of another issuer, forged, swapped, edited; and chains of other signers. */
static void foreign_collateral(void **state)
{
	AUTO(json_t)    *root = NULL;
	json_t          *crl, *other, *chain;
	struct assay_err e = { 0 };
	char             flipped[2];

	(void)state;
	load();
	test_must(json_read(buf_bytes(&k1), 1024 * 1024, &root, &e), &e);
	crl   = json_copy(member(root, "pck_crl"));
	other = json_copy(member(root, "root_ca_crl"));
	chain = json_copy(member(root, "tcb_info_issuer_chain"));

	print_message("the root's CRL in both places\n");
	json_object_set(root, "pck_crl", other);
	assert_int_equal(judge_json(root), ASSAY_CLASS_REJECTED);
	court_expect(&court, "tdx.collateral.crl", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_CRL_ISSUER);

	for (int k = 0; k < 2; k++) {
		const char *name = k == 0 ? "pck_crl" : "root_ca_crl";
		const char *hex  = json_string_value(k == 0 ? crl : other);
		size_t      n    = strlen(hex);

		print_message("the last byte of %s\n", name);
		{
			CLEANUP(buf_done) struct buf text = { 0 };

			buf_text(&text, hex);
			flipped[0]    = text.p[n - 1] == '0' ? '1' : '0';
			text.p[n - 1] = (uint8_t)flipped[0];
			json_object_set(root, "pck_crl", crl);
			json_object_set(root, "root_ca_crl", other);
			json_object_set_new(root, name, json_string(buf_cstr(&text)));
		}
		assert_int_equal(judge_json(root), ASSAY_CLASS_REJECTED);
		court_expect(&court, "tdx.collateral.crl", "tdx", ASSAY_OUTCOME_FAIL,
			ASSAY_CRL_SIGNATURE);
	}
	print_message("the two in each other's place: told apart by their issuers\n");
	json_object_set(root, "pck_crl", other);
	json_object_set(root, "root_ca_crl", crl);
	assert_int_equal(judge_json(root), ASSAY_CLASS_ACCEPTED);
	assert_int_equal(court.facts.guest->item[PCS_PCK_CRL]->crl.entries, 44);
	assert_int_equal(court.facts.guest->item[PCS_ROOT_CRL]->crl.entries, 0);
	json_object_set(root, "pck_crl", crl);
	json_object_set(root, "root_ca_crl", other);

	print_message("signed by the Platform CA\n");
	json_object_set(root, "tcb_info_issuer_chain", member(root, "pck_crl_issuer_chain"));
	assert_int_equal(judge_json(root), ASSAY_CLASS_REJECTED);
	court_expect(&court, "tdx.collateral.tcbinfo", "tdx", ASSAY_OUTCOME_FAIL,
		ASSAY_CERT_PROFILE);
	json_object_set(root, "tcb_info_issuer_chain", chain);
	json_decref(crl);
	json_decref(other);
	json_decref(chain);
}

/* The revoked serial of another machine patched to ours, without the issuer's signature: the list does not hold. */
static void patched_crl(void **state)
{
	AUTO(json_t)                *root = NULL;
	CLEANUP(buf_done) struct buf der = { 0 }, hex = { 0 };
	struct crl                   list;
	struct assay_err             e = { 0 };
	struct bytes                 serial;
	size_t                       at;

	(void)state;
	load();
	test_must(json_read(buf_bytes(&k1), 1024 * 1024, &root, &e), &e);
	test_must(hex_decode(bytes_text(json_string_value(member(root, "pck_crl"))), false,
			  &der, &e),
		&e);
	test_must(crl_parse(buf_bytes(&der), &list, &e), &e);
	at     = (size_t)(list.revoked.p - der.p) + 2 + 2; /* SEQUENCE, INTEGER */
	serial = (struct bytes){ der.p + at, der.p[at - 1] };
	der.p[at + serial.n - 1] ^= 1;
	hex_encode(buf_bytes(&der), &hex);
	json_object_set_new(root, "pck_crl", json_string(buf_cstr(&hex)));
	assert_int_equal(judge_json(root), ASSAY_CLASS_REJECTED);
	court_expect(
		&court, "tdx.collateral.crl", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_CRL_SIGNATURE);
}

/* Without collateral nothing is accepted, and what is missing is named. */
static void wants(void **state)
{
	static const char *const names[] = { "pcs:tcbinfo:b0c06f000000", "pcs:qeidentity",
		"pcs:pckcrl:platform", "pcs:rootcrl" };

	(void)state;
	load();
	take(buf_bytes(&quote), (struct bytes){ 0 });
	court.policy = pin(buf_bytes(&quote), "");
	court.now    = 1751328000;
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
	assert_int_equal(court.facts.wants, ARRAY_LEN(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_string_equal(court.facts.want[i], names[i]);
	court_expect(
		&court, "tdx.collateral.crl", "tdx", ASSAY_OUTCOME_UNKNOWN, ASSAY_CRL_MISSING);
	court_expect(&court, "tdx.collateral.tcbinfo", "tdx", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_TCB_MISSING);
	court_expect(&court, "tdx.collateral.identity", "tdx", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_QE_MISSING);
}

/* What was asked: nothing, something else, the nonce itself. */
static void asked(void **state)
{
	struct tdx_quote t;
	struct assay_err e = { 0 };

	(void)state;
	load();
	take(buf_bytes(&quote), buf_bytes(&k1));
	court.policy     = pin(buf_bytes(&quote), "");
	court.now        = 1751328000;
	court.reportdata = (struct bytes){ 0 };
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_UNDECIDED);
	court_expect(
		&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_UNKNOWN, ASSAY_TD_FRESHNESS);
	reportdata[63] ^= 1;
	court.reportdata = BYTES_OF(reportdata);
	court_judge(&court);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
	court.reportdata = (struct bytes){ 0 };

	/* 32 bytes and zeros: this one answers a plain nonce */
	take(buf_bytes(&outdated), buf_bytes(&k2));
	court.reportdata = (struct bytes){ 0 };
	court.policy     = pin(buf_bytes(&outdated), "");
	court.now        = 1771500000;
	test_must(tdx_quote_parse(buf_bytes(&outdated), &t, &e), &e);
	memcpy(court.nonce, t.td.reportdata.p, NONCE_SIZE);
	court.nonce_given = true;
	court_judge(&court);
	court_holds(&court, "tdx.reportdata", "tdx");
	court.channel_key = BYTES("key"); /* to which it is not bound */
	court_judge(&court);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
	court_expect(&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_BINDING_REPORTDATA);
	court.channel_key = (struct bytes){ 0 };
	court.nonce[0] ^= 1;
	court_judge(&court);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
	court.nonce_given = false;
}

/* The same with what is remembered and without, at all the times. */
static void remembered(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	load();
	test_must(memo_new(&court.memo, &e), &e);
	for (unsigned round = 0; round < 2; round++)
		for (size_t i = 0; i < ARRAY_LEN(results); i++) {
			take(buf_bytes(results[i].quote), buf_bytes(results[i].collateral));
			court.policy = pin(buf_bytes(results[i].quote), "");
			court.now    = results[i].at;
			assert_true(court_same_alone(&court));
		}
	memo_free(court.memo);
	court.memo = NULL;
}

static int tear_down(void **state)
{
	buf_done(&quote);
	buf_done(&outdated);
	buf_done(&gcp);
	buf_done(&ccel);
	buf_done(&k1);
	buf_done(&k2);
	return court_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(structures),
		cmocka_unit_test(reference_results),
		cmocka_unit_test(reference_facts),
		cmocka_unit_test(event_log),
		cmocka_unit_test(mutated),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(edited_collateral),
		cmocka_unit_test(foreign_collateral),
		cmocka_unit_test(patched_crl),
		cmocka_unit_test(wants),
		cmocka_unit_test(asked),
		cmocka_unit_test(remembered),
		cmocka_unit_test(every_bit),
	};

	return cmocka_run_group_tests(tests, court_set_up, tear_down);
}
