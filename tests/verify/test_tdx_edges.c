/* SPDX-License-Identifier: Apache-2.0
 *
 * What one check alone notices, and no fault of the forge's table needs: each was lost once without a test that failed. */
#include "base/hex.h"
#include "verify/court.h"
#include "verify/inquiry.h"

#define POLICY(require) "{\"schema\":\"assay.policy/1\",\"require\":{" require "}}"
#define DAY             INT64_C(86400)

static void forge(const struct forged_ask *ask)
{
	struct forged_ask a = *ask;

	a.tdx = true;
	court_forge(&court, &a);
	court_judge(&court);
}

static void must_be(enum assay_class verdict)
{
	if (court.verdict != verdict)
		court_print(&court);
	assert_int_equal(court.verdict, verdict);
}

/* Of a good guest with an event in its log: all that a policy may list. */
static struct bytes value_of(size_t list)
{
	const struct guest  *g       = court.facts.guest;
	const struct tdx_td *td      = &g->quote.td;
	const struct bytes   value[] = {
		  [TDX_MRTD]          = td->mrtd,
		  [TDX_RTMR0]         = td->rtmr[0],
		  [TDX_RTMR1]         = td->rtmr[1],
		  [TDX_RTMR2]         = td->rtmr[2],
		  [TDX_RTMR3]         = td->rtmr[3],
		  [TDX_MRSEAM]        = td->mrseam,
		  [TDX_MRCONFIGID]    = td->mrconfigid,
		  [TDX_MROWNER]       = td->mrowner,
		  [TDX_MROWNERCONFIG] = td->mrownerconfig,
		  [TDX_MRSERVICETD]   = td->mrservicetd,
		  [TDX_FMSPC]         = BYTES_OF(g->pck.fmspc),
		  [TDX_PPID]          = BYTES_OF(g->pck.ppid),
		  [TDX_INSTANCE]      = BYTES_OF(g->pck.instance),
	};

	return value[list];
}

/* Its values as a policy lists them, the last byte of one of them turned; skip: a bit for each that is not listed. */
static void list_values(size_t turned, unsigned skip, const char *more, struct buf *out)
{
	buf_printf(out, "{\"schema\":\"assay.policy/1\",\"require\":{\"tdx.required\":true%s",
		more);
	for (size_t i = 0; i < TDX_LIST_COUNT; i++) {
		struct bytes v        = value_of(i);
		uint8_t      copy[48] = { 0 };

		assert_int_equal(v.n, tdx_list_rows[i].size);
		if ((skip >> i & 1) != 0)
			continue;
		memcpy(copy, v.p, v.n);
		copy[v.n - 1] ^= i == turned ? 1 : 0;
		buf_printf(out, ",\"%s\":[\"", tdx_list_rows[i].name);
		hex_encode((struct bytes){ copy, v.n }, out);
		buf_text(out, "\"]");
	}
	buf_text(out, "}}");
}

static void every_list(void **state)
{
	(void)state;
	forge(&(struct forged_ask){
		.alone = true, .quote = 5, .plain = true, .event = FORGED_EVENT_YES });
	for (size_t i = 0; i <= TDX_LIST_COUNT; i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		const struct finding        *x;

		print_message("%s\n", i == TDX_LIST_COUNT ? "none" : tdx_list_rows[i].name);
		list_values(i, 0, ",\"tdx.identity\":true", &text);
		court.policy = buf_cstr(&text);
		court_judge(&court);
		court.policy = NULL;
		if (i == TDX_LIST_COUNT) {
			must_be(ASSAY_CLASS_ACCEPTED);
			court_holds(&court, "tdx.td.measurements", "tdx");
			continue;
		}
		must_be(ASSAY_CLASS_REJECTED);
		court_expect(&court, "tdx.td.measurements", "tdx", ASSAY_OUTCOME_FAIL,
			tdx_list_rows[i].code);
		x = court_finding(&court, "tdx.td.measurements", "tdx");
		/* these two name a machine, and are not shown */
		assert_int_equal(x->observed == NULL, i == TDX_PPID || i == TDX_INSTANCE);
		assert_int_equal(x->expected == NULL, i == TDX_PPID || i == TDX_INSTANCE);
	}
}

/* Any one of the registers says what runs there, and nothing else does. */
static void identified(void **state)
{
	(void)state;
	forge(&(struct forged_ask){ .alone = true, .quote = 5 });
	for (size_t i = 0; i < TDX_LIST_COUNT; i++) {
		CLEANUP(buf_done) struct buf text = { 0 };

		print_message("%s\n", tdx_list_rows[i].name);
		list_values(TDX_LIST_COUNT, ~(1u << i), ",\"tdx.identity\":true", &text);
		court.policy = buf_cstr(&text);
		court_judge(&court);
		court.policy = NULL;
		must_be(i <= TDX_RTMR3 ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_UNDECIDED);
	}
}

/* RTMR3 may be an application's, whose log is not here, where the policy says which value; no other register may, and none
 * of which the log says something else. */
static void application(void **state)
{
	static const struct {
		bool             pinned;
		const char      *line; /* put in place of assay's own */
		enum assay_class verdict;
	} rows[] = {
		{ true, "", ASSAY_CLASS_ACCEPTED },
		{ false, "", ASSAY_CLASS_REJECTED },
		{ true,
			"{\"register\":3,\"digest\":\"38b060a751ac96384cd9327eb1b1e36a21fdb71114be0743"
			"4c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b\",\"content\":\"\"}\n",
			ASSAY_CLASS_REJECTED },
	};
	CLEANUP(buf_done) struct buf all = { 0 };
	size_t                       end;

	(void)state;
	forge(&(struct forged_ask){
		.alone = true, .quote = 5, .plain = true, .event = FORGED_EVENT_YES });
	must_be(ASSAY_CLASS_ACCEPTED);
	buf_put(&all, court.ev.events.p, court.ev.events.n);
	for (end = all.n; all.p[end - 1] != 0xff; end--)
		;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = { 0 }, log = { 0 };

		print_message("%zu\n", i);
		buf_put(&log, all.p, end);
		buf_text(&log, rows[i].line);
		list_values(TDX_LIST_COUNT, rows[i].pinned ? 0 : 1u << TDX_RTMR3, "", &text);
		court.policy    = buf_cstr(&text);
		court.ev.events = buf_bytes(&log);
		court_judge(&court);
		court.policy = NULL;
		must_be(rows[i].verdict);
		court_expect(&court, "tdx.eventlog.replay", "tdx",
			rows[i].verdict == ASSAY_CLASS_ACCEPTED ? ASSAY_OUTCOME_PASS
								: ASSAY_OUTCOME_FAIL,
			rows[i].verdict == ASSAY_CLASS_ACCEPTED ? ASSAY_OK
								: ASSAY_EVENTLOG_MISMATCH);
		/* what pins registers does not take the log's place where one is asked for */
		buf_done(&text);
		list_values(TDX_LIST_COUNT, 0, ",\"tdx.eventlog\":true", &text);
		court.policy    = buf_cstr(&text);
		court.ev.events = (struct bytes){ 0 };
		court_judge(&court);
		court.policy = NULL;
		must_be(ASSAY_CLASS_UNDECIDED);
		court_expect(&court, "tdx.eventlog.replay", "tdx", ASSAY_OUTCOME_UNKNOWN,
			ASSAY_EVENTLOG_MISSING);
	}
}

/* The nonce, and something behind it; a REPORTDATA that was named, cut short. */
static void reportdata(void **state)
{
	struct bytes said;

	(void)state;
	forge(&(struct forged_ask){
		.alone = true, .plain = true, .tdx_fault = "own-reportdata-tail" });
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
	said = court.facts.guest->quote.td.reportdata;
	for (size_t n = said.n - 1; n <= said.n; n++) {
		court.reportdata = (struct bytes){ said.p, n };
		court_judge(&court);
		must_be(n == said.n ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_REJECTED);
	}
	court.reportdata = (struct bytes){ 0 };
}

/* One certificate more than the three. */
static void fourth(void **state)
{
	(void)state;
	forge(&(struct forged_ask){ .alone = true, .tdx_fault = "own-pck-more" });
	must_be(ASSAY_CLASS_MALFORMED);
	court_expect(&court, "tdx.quote.parse", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_CERT_COUNT);
}

/* Whichever ends first, the verdict is good for no longer. */
static void ends(void **state)
{
	static const struct {
		const char *fault;
		int64_t     before; /* of a CRL, nextUpdate itself is too late */
	} rows[] = {
		{ "own-pck-ends", 0 },
		{ "own-tcbinfo-ends", 0 },
		{ "own-identity-ends", 0 },
		{ "own-crl-pck-ends", 1 },
		{ "own-crl-root-ends", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t end;

		print_message("%s\n", rows[i].fault);
		forge(&(struct forged_ask){ .alone = true, .tdx_fault = rows[i].fault });
		must_be(ASSAY_CLASS_ACCEPTED);
		end = (court.now / DAY + 1) * DAY;
		assert_int_equal(court.facts.valid_until, end - rows[i].before);
		court.now = court.facts.valid_until;
		court_judge(&court);
		must_be(ASSAY_CLASS_ACCEPTED);
		court.now++;
		court_judge(&court);
		assert_int_not_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	}
}

/* A signed document without the chain of its signer is as good as not there. */
static void unchained(void **state)
{
	static const struct {
		const char     *chain, *finding, *want;
		enum assay_code code;
	} rows[] = {
		{ "pcs:tcbinfo.chain:", "tdx.collateral.tcbinfo", "pcs:tcbinfo:90c06f000000",
			ASSAY_TCB_MISSING },
		{ "pcs:qeidentity.chain", "tdx.collateral.identity", "pcs:qeidentity",
			ASSAY_QE_MISSING },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
		for (size_t k = 0; k < court.ev.collaterals; k++)
			if (bytes_begin(court.ev.collateral[k].want, bytes_text(rows[i].chain)))
				court.ev.collateral[k].want = BYTES("pcs:nothing");
		court_judge(&court);
		must_be(ASSAY_CLASS_UNDECIDED);
		court_expect(
			&court, rows[i].finding, "tdx", ASSAY_OUTCOME_UNKNOWN, rows[i].code);
		assert_int_equal(court.facts.wants, 1);
		assert_string_equal(court.facts.want[0], rows[i].want);
	}
}

static struct collateral *piece(const char *want)
{
	for (size_t i = 0; i < court.ev.collaterals; i++)
		if (bytes_begin(court.ev.collateral[i].want, bytes_text(want)))
			return &court.ev.collateral[i];
	fail_msg("no %s", want);
	return NULL;
}

/* What is remembered is one document under one chain as one kind: no byte passes from one to the next, and a document does
 * not serve in another one's place. */
static void remembered_as(void **state)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	struct assay_err             e    = { 0 };
	struct collateral           *json, *chain;

	(void)state;
	test_must(memo_new(&court.memo, &e), &e);
	forge(&(struct forged_ask){ .alone = true });
	must_be(ASSAY_CLASS_ACCEPTED);
	json  = piece("pcs:tcbinfo:");
	chain = piece("pcs:tcbinfo.chain:");
	buf_put(&body, json->body.p, json->body.n);
	buf_put(&body, chain->body.p, 1);
	json->body = buf_bytes(&body);
	chain->body.p++;
	chain->body.n--;
	court_judge(&court);
	must_be(ASSAY_CLASS_MALFORMED);

	forge(&(struct forged_ask){ .alone = true });
	must_be(ASSAY_CLASS_ACCEPTED);
	piece("pcs:qeidentity")->body       = piece("pcs:tcbinfo:")->body;
	piece("pcs:qeidentity.chain")->body = piece("pcs:tcbinfo.chain:")->body;
	court_judge(&court);
	must_be(ASSAY_CLASS_MALFORMED);
	court_expect(
		&court, "tdx.collateral.identity", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_JSON_FIELD);
	memo_free(court.memo);
	court.memo = NULL;
}

/* CRLs hold from thisUpdate to the second before nextUpdate, with what is remembered as without. */
static void list_edges(void **state)
{
	struct assay_err e = { 0 };
	int64_t          from, to;

	(void)state;
	test_must(memo_new(&court.memo, &e), &e);
	forge(&(struct forged_ask){ .alone = true });
	from = court.facts.guest->item[PCS_PCK_CRL]->crl.this_update;
	to   = court.facts.guest->item[PCS_PCK_CRL]->crl.next_update;
	for (int64_t k = -1; k <= 0; k++) {
		court.now = from + k;
		court_judge(&court);
		if (k == 0)
			court_holds(&court, "tdx.collateral.crl", "tdx");
		else
			court_expect(&court, "tdx.collateral.crl", "tdx", ASSAY_OUTCOME_UNKNOWN,
				ASSAY_CRL_FUTURE);
		court.now = to + k;
		court_judge(&court);
		if (k == 0)
			court_expect(&court, "tdx.collateral.crl", "tdx", ASSAY_OUTCOME_UNKNOWN,
				ASSAY_CRL_STALE);
		else
			court_holds(&court, "tdx.collateral.crl", "tdx");
	}
	memo_free(court.memo);
	court.memo = NULL;
}

/* What a mark is made from is what the documents say of themselves. */
static void marks_of(void **state)
{
	const struct guest *g;
	struct pcs_mark     m = { 0 };

	(void)state;
	forge(&(struct forged_ask){ .alone = true });
	g = court.facts.guest;
	assert_true(tdx_mark(g, PCS_TCB_INFO, &m));
	assert_int_equal(m.issued, g->item[PCS_TCB_INFO]->tcb.issued);
	assert_int_equal(m.evaluation, 18);
	assert_true(tdx_mark(g, PCS_IDENTITY, &m));
	assert_int_equal(m.issued, g->item[PCS_IDENTITY]->identity.issued);
	assert_int_equal(m.evaluation, 18);
	for (int i = PCS_PCK_CRL; i <= PCS_ROOT_CRL; i++) {
		assert_true(tdx_mark(g, (enum pcs_item)i, &m));
		assert_int_equal(m.issued, g->item[i]->crl.this_update);
		assert_int_equal(m.evaluation, 0);
	}
	/* of what did not hold there is none */
	forge(&(struct forged_ask){ .alone = true, .tdx_fault = "tcbinfo-fmspc" });
	assert_false(tdx_mark(court.facts.guest, PCS_TCB_INFO, &m));
	assert_true(tdx_mark(court.facts.guest, PCS_IDENTITY, &m));
	forge(&(struct forged_ask){ .alone = true, .tdx_fault = "tcbinfo-edited" });
	assert_false(tdx_mark(court.facts.guest, PCS_TCB_INFO, &m));
}

/* Which certificate of the chain it is that was revoked. */
static void which_revoked(void **state)
{
	static const struct {
		const char *fault;
		unsigned    number;
	} rows[] = { { "pck-revoked", 0 }, { "platform-ca-revoked", 1 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct finding *x;

		forge(&(struct forged_ask){ .alone = true, .tdx_fault = rows[i].fault });
		x = court_finding(&court, "tdx.pck.revocation", "tdx");
		assert_int_equal(x->code, ASSAY_CRL_REVOKED);
		assert_int_equal(x->detail, DETAIL_CERTIFICATE);
		assert_int_equal(x->number, rows[i].number);
	}
}

/* Why a guest gave no quote, as it was noted when it was collected. */
static void not_collected(void **state)
{
	static const struct {
		enum assay_code  code;
		enum assay_class verdict;
	} rows[] = {
		{ ASSAY_OK, ASSAY_CLASS_ACCEPTED },
		{ ASSAY_DEVICE_TIMEOUT, ASSAY_CLASS_UNAVAILABLE },
		{ ASSAY_DEVICE_NONE, ASSAY_CLASS_NOT_READY },
	};

	(void)state;
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		court.ev.device[0].fault.code = rows[i].code;
		court_judge(&court);
		must_be(rows[i].verdict);
		if (rows[i].code == ASSAY_OK) {
			assert_null(court_finding(&court, "tdx.collect", "tdx"));
			continue;
		}
		court_expect(&court, "tdx.collect", "tdx", ASSAY_OUTCOME_UNKNOWN, rows[i].code);
		court_expect(&court, "tdx.quote.parse", "tdx", ASSAY_OUTCOME_SKIPPED, ASSAY_OK);
	}
}

/* Minimums are met by what is as high; advisories of all levels count, not only of the platform's. */
static const struct {
	const char      *fault, *also, *policy;
	enum assay_class verdict;
	const char      *finding;
	enum assay_code  code;
} policies[] = {
	{ NULL, NULL, POLICY("\"tdx.evaluation.minimum\":18"), ASSAY_CLASS_ACCEPTED, "tdx.tcb",
		ASSAY_OK },
	{ NULL, NULL, POLICY("\"tdx.pce.minimum\":13"), ASSAY_CLASS_ACCEPTED, "tdx.tcb",
		ASSAY_OK },
	{ NULL, NULL, POLICY("\"tdx.svn.minimum\":\"00010000000000000000000000000000\""),
		ASSAY_CLASS_ACCEPTED, "tdx.tcb", ASSAY_OK },
	{ NULL, NULL, POLICY("\"node.binding.event\":true"), ASSAY_CLASS_UNDECIDED,
		"node.binding.event", ASSAY_BINDING_UNSEEN },
	{ "tcb-hardening", NULL,
		POLICY("\"tdx.tcb.accept\":[\"SWHardeningNeeded\"],\"tdx.tcb.advisories\":[\"INTEL-SA-00615\"]"),
		ASSAY_CLASS_ACCEPTED, "tdx.tcb", ASSAY_OK },
	{ "tcb-hardening", "own-module-advisory",
		POLICY("\"tdx.tcb.accept\":[\"SWHardeningNeeded\"],\"tdx.tcb.advisories\":[\"INTEL-SA-00615\"]"),
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TCB_ADVISORY },
	{ "tcb-hardening", "own-qe-advisory",
		POLICY("\"tdx.tcb.accept\":[\"SWHardeningNeeded\"],\"tdx.tcb.advisories\":[\"INTEL-SA-00615\"]"),
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TCB_ADVISORY },
};

static void by_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		const struct finding *x;
		bool                  node = strncmp(policies[i].finding, "node", 4) == 0;

		print_message("%s\n", policies[i].policy);
		court.policy = policies[i].policy;
		forge(&(struct forged_ask){ .alone = true,
			.tdx_fault                 = policies[i].fault,
			.tdx_also                  = policies[i].also });
		court.policy = NULL;
		must_be(policies[i].verdict);
		x = court_finding(&court, policies[i].finding, node ? "node" : "tdx");
		assert_non_null(x);
		assert_int_equal(x->code, policies[i].code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_list),
		cmocka_unit_test(identified),
		cmocka_unit_test(application),
		cmocka_unit_test(reportdata),
		cmocka_unit_test(fourth),
		cmocka_unit_test(ends),
		cmocka_unit_test(unchained),
		cmocka_unit_test(remembered_as),
		cmocka_unit_test(list_edges),
		cmocka_unit_test(marks_of),
		cmocka_unit_test(which_revoked),
		cmocka_unit_test(not_collected),
		cmocka_unit_test(by_policy),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
