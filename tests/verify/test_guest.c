/* SPDX-License-Identifier: Apache-2.0
 *
 * Forged guests: alone and beside devices, as they should be and with each of the forge's faults. */
#include "base/hex.h"
#include "base/json.h"
#include "format/tdx_quote.h"
#include "verify/codes.h"
#include "verify/court.h"
#include "verify/inquiry.h"

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

/* --- alone --- */

static void alone(void **state)
{
	(void)state;
	for (unsigned version = 4; version <= 5; version++)
		for (int plain = 0; plain < 2; plain++) {
			forge(&(struct forged_ask){
				.alone = true, .quote = version, .plain = plain == 1 });
			print_message("version %u, %s\n", version, plain ? "nonce" : "bound");
			must_be(ASSAY_CLASS_ACCEPTED);
			court_holds(&court, "tdx.eventlog.replay", "tdx");
			court_expect(&court, "node.binding.reportdata", "node",
				ASSAY_OUTCOME_NOT_APPLICABLE, ASSAY_OK);
		}
}

/* Every row of the forge's table: the check that is meant notices, and the verdict is the one that is due. */
static void faults(void **state)
{
	struct forged_fault f;
	size_t              wrong = 0, n = 0;

	(void)state;
	for (; forged_tdx_fault(n, &f); n++) {
		const struct finding *x;
		int                   exit;

		forge(&(struct forged_ask){ .alone = true, .tdx_fault = f.name });
		x    = court_finding(&court, f.finding, "tdx");
		exit = assay_class_exit(court.verdict);
		if (x != NULL && exit == f.exit &&
			(x->outcome == ASSAY_OUTCOME_FAIL ||
				x->outcome == ASSAY_OUTCOME_UNKNOWN) &&
			x->code == codes_due(f.name))
			continue;
		print_message("%s: %s %s, due %s; exit %d, due %d\n", f.name, f.finding,
			x == NULL ? "-" : assay_code_name(x->code),
			assay_code_name(codes_due(f.name)), exit, f.exit);
		court_print(&court);
		wrong++;
	}
	print_message("%zu faults\n", n);
	assert_int_equal(wrong, 0);
	assert_true(n >= 90);
}

/* Collateral without wants is found by what it is: JSON by its member, CRLs by their issuer, chains by their name, or else
 * the other's; of several the newest. */
static void loose(void **state)
{
	static const char *const names[] = { "tcbinfo.json", "tcb.pem", "qe.json", "qe.pem",
		"pck.crl", "root.crl" };

	(void)state;
	for (size_t chains = 0; chains < 3; chains++) {
		size_t k = 0;

		court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
		for (size_t i = 0; i < court.ev.collaterals; i++) {
			struct collateral *c = &court.ev.collateral[i];

			if (!bytes_begin(c->want, BYTES("pcs:")))
				continue;
			c->want = (struct bytes){ 0 };
			c->name = bytes_text(
				chains == 2 && c->body.p[0] == '-' ? "x" : names[k]);
			if (chains == 1 && k == 3) /* one chain for both */
				c->body = BYTES("nothing that is known");
			k++;
		}
		assert_int_equal(k, ARRAY_LEN(names));
		court_judge(&court);
		print_message("%zu\n", chains);
		must_be(ASSAY_CLASS_ACCEPTED);
	}
}

/* An entry that could not be decoded, and one whose certificates are fewer. */
static void broken(void **state)
{
	(void)state;
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
	court.ev.device[0].fault.code = ASSAY_INPUT_BASE64;
	court_judge(&court);
	must_be(ASSAY_CLASS_MALFORMED);
	court_expect(&court, "tdx.quote.parse", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_INPUT_BASE64);
	court.ev.device[0].fault.code = ASSAY_OK;
	court.ev.device[0].report.n   = 0;
	court_judge(&court);
	must_be(ASSAY_CLASS_MALFORMED);
}

/* Takes a bundle's collateral in, of Intel's alone, as files without wants. */
static void add_loose(const struct forged *from)
{
	CLEANUP(evidence_done) struct evidence other = { 0 };
	struct assay_err                       e     = { 0 };

	test_must(evidence_add(
			  &other, "other", buf_bytes(&from->bundle), (struct bytes){ 0 }, &e),
		&e);
	for (size_t i = 0; i < other.collaterals; i++)
		if (bytes_begin(other.collateral[i].want, BYTES("pcs:")))
			test_must(evidence_add_collateral(&court.ev, NULL, "x",
					  (struct bytes){ 0 }, other.collateral[i].body, &e),
				&e);
}

/* Whoever makes a bundle puts old collateral in, still in date, and the reader has newer: what was revoked or found
 * between the two counts. */
static void replayed(void **state)
{
	static const struct {
		const char     *then, *now; /* faults of the bundle, of the reader's files */
		const char     *finding;
		enum assay_code code;
	} rows[] = {
		{ NULL, NULL, "tdx.pck.revocation", ASSAY_OK },
		{ NULL, "pck-revoked", "tdx.pck.revocation", ASSAY_CRL_REVOKED },
		{ NULL, "platform-ca-revoked", "tdx.pck.revocation", ASSAY_CRL_REVOKED },
		{ NULL, "tcb-revoked", "tdx.tcb", ASSAY_TCB_REVOKED },
		{ NULL, "qe-revoked", "tdx.qe.identity", ASSAY_TCB_REVOKED },
		{ "tcb-revoked", NULL, "tdx.tcb", ASSAY_OK },
		{ NULL, "tcbinfo-fmspc", "tdx.tcb", ASSAY_OK }, /* another platform's */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(forged_done) struct forged a, b;
		struct forged_ask                  ask = {
					 .tdx = true, .alone = true, .tdx_fault = rows[i].now
		};
		int64_t now;

		print_message("%s, then %s\n", rows[i].then == NULL ? "good" : rows[i].then,
			rows[i].now == NULL ? "good" : rows[i].now);
		forged_make(&ask, &b);
		court_forged(&court, &b);
		now           = court.now;
		ask.tdx_fault = rows[i].then;
		ask.at        = now - 10 * INT64_C(86400);
		forged_make(&ask, &a);
		court_forged(&court, &a);
		court.now = now;
		add_loose(&b);
		court_judge(&court);
		if (rows[i].code == ASSAY_OK) {
			court_holds(&court, rows[i].finding, "tdx");
			must_be(ASSAY_CLASS_ACCEPTED);
			continue;
		}
		must_be(ASSAY_CLASS_REJECTED);
		court_expect(&court, rows[i].finding, "tdx", ASSAY_OUTCOME_FAIL, rows[i].code);
	}
}

#define DAY INT64_C(86400)

/* Documents that are in date, and older than one that held before (tdx 5.9). */
static void rolled_back(void **state)
{
	static const struct {
		const char      *want;
		int64_t          newer; /* seconds by which the mark is */
		int64_t          evaluation;
		const char      *fault;
		enum assay_class verdict;
		const char      *finding;
		enum assay_code  code;
	} rows[] = {
		{ "pcs:tcbinfo:90c06f000000", 0, 18, NULL, ASSAY_CLASS_ACCEPTED,
			"tdx.collateral.tcbinfo", ASSAY_OK },
		{ "pcs:tcbinfo:90c06f000000", 3 * DAY, 18, NULL, ASSAY_CLASS_ACCEPTED,
			"tdx.collateral.tcbinfo", ASSAY_OK },
		{ "pcs:tcbinfo:90c06f000000", 3 * DAY + 1, 18, NULL, ASSAY_CLASS_UNDECIDED,
			"tdx.collateral.tcbinfo", ASSAY_JSON_ROLLBACK },
		{ "pcs:tcbinfo:90c06f000000", -DAY, 19, NULL, ASSAY_CLASS_UNDECIDED,
			"tdx.collateral.tcbinfo", ASSAY_JSON_ROLLBACK },
		{ "pcs:tcbinfo:b0c06f000000", 30 * DAY, 19, NULL, ASSAY_CLASS_ACCEPTED,
			"tdx.collateral.tcbinfo", ASSAY_OK },
		{ "pcs:qeidentity", 3 * DAY + 1, 0, NULL, ASSAY_CLASS_UNDECIDED,
			"tdx.collateral.identity", ASSAY_JSON_ROLLBACK },
		{ "pcs:qeidentity", 0, 19, NULL, ASSAY_CLASS_UNDECIDED,
			"tdx.collateral.identity", ASSAY_JSON_ROLLBACK },
		{ "pcs:pckcrl:platform", 3 * DAY, 0, NULL, ASSAY_CLASS_ACCEPTED,
			"tdx.collateral.crl", ASSAY_OK },
		{ "pcs:pckcrl:platform", 3 * DAY + 1, 0, NULL, ASSAY_CLASS_UNDECIDED,
			"tdx.collateral.crl", ASSAY_CRL_ROLLBACK },
		{ "pcs:pckcrl:platform", 30 * DAY, 0, "pck-revoked", ASSAY_CLASS_REJECTED,
			"tdx.collateral.crl", ASSAY_CRL_REVOKED },
		{ "pcs:pckcrl:processor", 30 * DAY, 0, NULL, ASSAY_CLASS_ACCEPTED,
			"tdx.collateral.crl", ASSAY_OK },
		{ "pcs:rootcrl", 3 * DAY + 1, 0, NULL, ASSAY_CLASS_UNDECIDED,
			"tdx.collateral.crl", ASSAY_CRL_ROLLBACK },
	};
	static struct pcs_marks marks;
	struct assay_err        e = { 0 };

	(void)state;
	test_must(memo_new(&court.memo, &e), &e); /* what is remembered is asked, too */
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct pcs_mark m = { 0 };

		forge(&(struct forged_ask){ .alone = true, .tdx_fault = rows[i].fault });
		for (int k = 0; k < PCS_ITEMS; k++)
			if (tdx_mark(court.facts.guest, (enum pcs_item)k, &m) &&
				strncmp(m.want, rows[i].want, 9) == 0)
				break;
		print_message("%s, %lld\n", rows[i].want, (long long)rows[i].newer);
		snprintf(m.want, sizeof(m.want), "%s", rows[i].want);
		m.issued += rows[i].newer;
		m.evaluation  = rows[i].evaluation;
		marks.mark[0] = m;
		marks.n       = 1;
		court.marks   = &marks;
		court_judge(&court);
		must_be(rows[i].verdict);
		assert_int_equal(
			court.facts.wants, rows[i].verdict == ASSAY_CLASS_UNDECIDED ? 1 : 0);
		if (court.facts.wants == 1)
			assert_string_equal(court.facts.want[0], rows[i].want);
		if (rows[i].code == ASSAY_OK)
			court_holds(&court, rows[i].finding, "tdx");
		else
			court_expect(&court, rows[i].finding, "tdx",
				inquiry_outcome(rows[i].code), rows[i].code);
		court.marks = NULL;
	}
	memo_free(court.memo);
	court.memo = NULL;
}

/* A list that is out of date is no reason to accept anything, but whom it names stays revoked. */
static void revoked_before(void **state)
{
	static const struct {
		const char      *fault, *late;
		enum assay_class verdict;
		enum assay_code  code;
	} rows[] = {
		{ NULL, "crl-pck-stale", ASSAY_CLASS_UNDECIDED, ASSAY_CRL_STALE },
		{ "pck-revoked", "crl-pck-stale", ASSAY_CLASS_REJECTED, ASSAY_CRL_REVOKED },
		{ "platform-ca-revoked", "crl-root-stale", ASSAY_CLASS_REJECTED,
			ASSAY_CRL_REVOKED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		forge(&(struct forged_ask){
			.alone = true, .tdx_fault = rows[i].late, .tdx_also = rows[i].fault });
		must_be(rows[i].verdict);
		court_expect(&court, "tdx.collateral.crl", "tdx", inquiry_outcome(rows[i].code),
			rows[i].code);
	}
}

/* Documents hold from the second of issueDate to that of nextUpdate (tdx 5.8), with what is remembered as without. */
static void edges(void **state)
{
	static const struct {
		int                after_end; /* else before the beginning */
		int64_t            seconds;
		enum assay_outcome outcome;
		enum assay_code    code;
	} rows[] = {
		{ 1, 0, ASSAY_OUTCOME_PASS, ASSAY_OK },
		{ 1, 1, ASSAY_OUTCOME_UNKNOWN, ASSAY_JSON_STALE },
		{ 0, 0, ASSAY_OUTCOME_PASS, ASSAY_OK },
		{ 0, -1, ASSAY_OUTCOME_UNKNOWN, ASSAY_JSON_FUTURE },
	};
	struct assay_err e = { 0 };
	int64_t          issued, next;

	(void)state;
	test_must(memo_new(&court.memo, &e), &e);
	forge(&(struct forged_ask){ .alone = true });
	issued = court.facts.guest->item[PCS_TCB_INFO]->tcb.issued;
	next   = court.facts.guest->item[PCS_TCB_INFO]->tcb.next;
	for (size_t i = 0; i < 2 * ARRAY_LEN(rows); i++) {
		size_t k = i % ARRAY_LEN(rows);

		court.now = (rows[k].after_end ? next : issued) + rows[k].seconds;
		court_judge(&court);
		court_expect(
			&court, "tdx.collateral.tcbinfo", "tdx", rows[k].outcome, rows[k].code);
		court_expect(&court, "tdx.collateral.identity", "tdx", rows[k].outcome,
			rows[k].code);
	}
	memo_free(court.memo);
	court.memo = NULL;
}

/* A document is remembered with the chain that made it good: the same one beside another chain is looked at again. */
static void other_chain(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	test_must(memo_new(&court.memo, &e), &e);
	forge(&(struct forged_ask){ .alone = true });
	must_be(ASSAY_CLASS_ACCEPTED);
	for (size_t i = 0; i < court.ev.collaterals; i++)
		if (bytes_begin(court.ev.collateral[i].want, BYTES("pcs:tcbinfo.chain:")))
			court.ev.collateral[i].body = BYTES("-----BEGIN nothing");
	court_judge(&court);
	must_be(ASSAY_CLASS_MALFORMED);
	memo_free(court.memo);
	court.memo = NULL;
}

/* Collateral that is there and out of date is wanted as if it were not: gathering brings it anew. */
static void renewed(void **state)
{
	static const struct {
		const char *fault, *want;
	} rows[] = {
		{ "tcbinfo-stale", "pcs:tcbinfo:90c06f000000" },
		{ "identity-stale", "pcs:qeidentity" },
		{ "crl-pck-stale", "pcs:pckcrl:platform" },
		{ "crl-root-stale", "pcs:rootcrl" },
		{ "tcbinfo-future", NULL },
		{ "identity-edited", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		print_message("%s\n", rows[i].fault);
		forge(&(struct forged_ask){ .alone = true, .tdx_fault = rows[i].fault });
		assert_int_equal(court.facts.wants, rows[i].want != NULL ? 1 : 0);
		if (rows[i].want != NULL)
			assert_string_equal(court.facts.want[0], rows[i].want);
	}
}

static void newest(void **state)
{
	CLEANUP(forged_done) struct forged a, b;
	struct assay_err                   e = { 0 };
	int64_t                            made;

	(void)state;
	forged_make(&(struct forged_ask){ .tdx = true, .alone = true }, &a);
	court_forged(&court, &a);
	made = court.now;
	for (int order = 0; order < 2; order++) {
		/* collateral of 40 days before beside today's, before or behind it */
		forged_make(
			&(struct forged_ask){
				.tdx = true, .alone = true, .at = made - 40 * INT64_C(86400) },
			&b);
		court_forged(&court, order == 0 ? &a : &b);
		test_must(evidence_add(&court.ev, "other",
				  buf_bytes(order == 0 ? &b.bundle : &a.bundle),
				  (struct bytes){ 0 }, &e),
			&e);
		court.ev.devices = 1;
		if (order == 1)
			court.ev.device[0] = court.ev.device[1];
		court.now = made;
		court_judge(&court);
		court_holds(&court, "tdx.collateral.tcbinfo", "tdx");
		court_holds(&court, "tdx.collateral.identity", "tdx");
		court_holds(&court, "tdx.collateral.crl", "tdx");
		forged_done(&b);
	}
	b = (struct forged){ 0 };
}

/* --- with devices --- */

static void composite(void **state)
{
	(void)state;
	forge(&(struct forged_ask){ 0 });
	must_be(ASSAY_CLASS_UNDECIDED);
	court_holds(&court, "node.binding.nonce", "node");
	court_holds(&court, "node.binding.reportdata", "node");
	court_expect(&court, "node.binding.event", "node", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_BINDING_UNSEEN);

	print_message("by the guest itself, before the event\n");
	court.here = true;
	court_judge(&court);
	must_be(ASSAY_CLASS_ACCEPTED);
	court_expect(
		&court, "node.binding.event", "node", ASSAY_OUTCOME_WARN, ASSAY_BINDING_UNSEEN);
	court.here = false;

	print_message("eight GPUs and four switches, with the event of the check at boot\n");
	forge(&(struct forged_ask){ .ppcie = true, .event = FORGED_EVENT_YES });
	must_be(ASSAY_CLASS_ACCEPTED);
	court_holds(&court, "node.binding.event", "node");

	print_message("without a nonce\n");
	court.nonce_given = false;
	court_judge(&court);
	must_be(ASSAY_CLASS_UNDECIDED);
	court_expect(&court, "node.binding.nonce", "node", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_TD_FRESHNESS);
	court_expect(&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_UNKNOWN,
		ASSAY_TD_FRESHNESS);

	print_message("with a quote that is not signed\n");
	forge(&(struct forged_ask){ .tdx_fault = "quote-signature" });
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(
		&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_SKIPPED, ASSAY_OK);
}

#define UNSEEN(expires)                                                                  \
	"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":\"node.binding.event\"," \
	"\"reason\":\"Linux 6.8\",\"expires\":\"" expires "\"}]}"

static const struct {
	const char       *name;
	enum forged_event event;
	const char       *policy;
	enum assay_class  verdict;
	enum assay_code   code;
} events[] = {
	{ "yes", FORGED_EVENT_YES, NULL, ASSAY_CLASS_ACCEPTED, ASSAY_OK },
	{ "yes, asked for", FORGED_EVENT_YES,
		"{\"schema\":\"assay.policy/1\",\"require\":{\"node.binding.event\":true}}",
		ASSAY_CLASS_ACCEPTED, ASSAY_OK },
	{ "none, asked for", FORGED_EVENT_NONE,
		"{\"schema\":\"assay.policy/1\",\"require\":{\"node.binding.event\":true}}",
		ASSAY_CLASS_UNDECIDED, ASSAY_BINDING_UNSEEN },
	{ "none", FORGED_EVENT_NONE, NULL, ASSAY_CLASS_UNDECIDED, ASSAY_BINDING_UNSEEN },
	{ "none, waived", FORGED_EVENT_NONE, UNSEEN("2027-01-01"), ASSAY_CLASS_ACCEPTED,
		ASSAY_BINDING_UNSEEN },
	{ "none, waived once", FORGED_EVENT_NONE, UNSEEN("2025-01-01"), ASSAY_CLASS_UNDECIDED,
		ASSAY_BINDING_UNSEEN },
	{ "it says no, which no waiver forgives", FORGED_EVENT_NO, UNSEEN("2027-01-01"),
		ASSAY_CLASS_REJECTED, ASSAY_BINDING_EVENT },
	{ "it says no", FORGED_EVENT_NO, NULL, ASSAY_CLASS_REJECTED, ASSAY_BINDING_EVENT },
	{ "twice", FORGED_EVENT_TWICE, NULL, ASSAY_CLASS_REJECTED, ASSAY_BINDING_EVENT },
	{ "a device is missing", FORGED_EVENT_FEWER, NULL, ASSAY_CLASS_REJECTED,
		ASSAY_BINDING_EVENT },
	{ "a device that is not here", FORGED_EVENT_MORE, NULL, ASSAY_CLASS_REJECTED,
		ASSAY_BINDING_EVENT },
	{ "another device", FORGED_EVENT_OTHER, NULL, ASSAY_CLASS_REJECTED,
		ASSAY_BINDING_EVENT },
};

static void boot_events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		const struct finding *x;

		print_message("%s\n", events[i].name);
		court.policy = events[i].policy;
		forge(&(struct forged_ask){ .event = events[i].event });
		must_be(events[i].verdict);
		x = court_finding(&court, "node.binding.event", "node");
		assert_int_equal(x->code, events[i].code);
	}
	court.policy = NULL;
}

static void channel_keys(void **state)
{
	(void)state;
	forge(&(struct forged_ask){ .channel_key = "this key", .event = FORGED_EVENT_YES });
	must_be(ASSAY_CLASS_REJECTED); /* it was not named */
	court_expect(
		&court, "node.binding.nonce", "node", ASSAY_OUTCOME_FAIL, ASSAY_BINDING_NONCE);
	court.channel_key = BYTES("this key");
	court_judge(&court);
	must_be(ASSAY_CLASS_ACCEPTED);
	court_holds(&court, "node.binding.key", "node");
	court.channel_key = BYTES("that key");
	court_judge(&court);
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_BINDING_REPORTDATA);

	print_message("a quote that is bound to none\n");
	forge(&(struct forged_ask){ .alone = true });
	court_judge(&court);
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(&court, "node.binding.key", "node", ASSAY_OUTCOME_FAIL, ASSAY_BINDING_KEY);
	court.channel_key = (struct bytes){ 0 };
}

/* The evidence of one machine in the other's bundle, both asked with one nonce; the raw nonce; a plain REPORTDATA. */
static void swapped(void **state)
{
	CLEANUP(forged_done) struct forged a, b;
	AUTO(json_t)                      *x = NULL, *y = NULL;
	CLEANUP(buf_done) struct buf       text = { 0 };
	struct assay_err                   e    = { 0 };

	(void)state;
	forged_make(&(struct forged_ask){ .tdx = true, .ppcie = true }, &a);
	forged_make(&(struct forged_ask){ .tdx = true, .ppcie = true, .seed = "another" }, &b);
	test_must(json_read(buf_bytes(&a.bundle), BUNDLE_FILE_MAX, &x, &e), &e);
	test_must(json_read(buf_bytes(&b.bundle), BUNDLE_FILE_MAX, &y, &e), &e);
	json_array_set(json_object_get(x, "evidence"), 3,
		json_array_get(json_object_get(y, "evidence"), 3));
	test_must(json_write(x, &text, &e), &e);
	buf_done(&a.bundle);
	a.bundle = text;
	text     = (struct buf){ 0 };
	court_forged(&court, &a);
	court_judge(&court);
	must_be(ASSAY_CLASS_REJECTED);
	court_holds(&court, "node.binding.nonce", "node"); /* it was asked for with the same */
	court_expect(&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_BINDING_REPORTDATA);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
}

static void left_out(void **state)
{
	CLEANUP(forged_done) struct forged a;
	AUTO(json_t)                      *x    = NULL;
	CLEANUP(buf_done) struct buf       text = { 0 };
	struct assay_err                   e    = { 0 };

	(void)state;
	print_message("a GPU left out\n");
	forged_make(&(struct forged_ask){ .tdx = true, .gpus = 2 }, &a);
	test_must(json_read(buf_bytes(&a.bundle), BUNDLE_FILE_MAX, &x, &e), &e);
	json_array_remove(json_object_get(x, "evidence"), 1);
	test_must(json_write(x, &text, &e), &e);
	buf_done(&a.bundle);
	a.bundle = text;
	text     = (struct buf){ 0 };
	court_forged(&court, &a);
	court_judge(&court);
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_BINDING_REPORTDATA);

	print_message("REPORTDATA is the nonce alone\n");
	forge(&(struct forged_ask){ .plain = true });
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
	court_expect(&court, "node.binding.reportdata", "node", ASSAY_OUTCOME_FAIL,
		ASSAY_BINDING_REPORTDATA);

	print_message("two quotes\n");
	json_decref(x);
	x = NULL;
	forged_done(&a);
	forged_make(&(struct forged_ask){ .tdx = true, .alone = true }, &a);
	test_must(json_read(buf_bytes(&a.bundle), BUNDLE_FILE_MAX, &x, &e), &e);
	json_array_append(json_object_get(x, "evidence"),
		json_array_get(json_object_get(x, "evidence"), 0));
	test_must(json_write(x, &text, &e), &e);
	buf_done(&a.bundle);
	a.bundle = text;
	text     = (struct buf){ 0 };
	court_forged(&court, &a);
	court_judge(&court);
	must_be(ASSAY_CLASS_REJECTED);
}

/* Whoever takes the quote out of the evidence gains nothing where a guest was asked for. */
static void without_quote(void **state)
{
	static const char *const asks[] = { NULL,
		"{\"schema\":\"assay.policy/1\",\"require\":{\"tdx.required\":true}}",
		"{\"schema\":\"assay.policy/1\",\"require\":{\"tdx.debug\":false}}",
		"{\"schema\":\"assay.policy/1\",\"require\":{\"tdx.svn.minimum\":"
		"\"00000000000000000000000000000000\",\"tdx.required\":false}}" };

	(void)state;
	court_forge(&court, &(struct forged_ask){ 0 });
	court_judge(&court);
	must_be(ASSAY_CLASS_ACCEPTED);
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		court.channel_key = i == 0 ? BYTES("key") : (struct bytes){ 0 };
		court.policy      = asks[i];
		court_judge(&court);
		must_be(ASSAY_CLASS_REJECTED);
		court_expect(&court, "tdx.quote.parse", "tdx", ASSAY_OUTCOME_FAIL,
			ASSAY_QUOTE_MISSING);
	}
	court.policy = "{\"schema\":\"assay.policy/1\",\"require\":{\"tdx.required\":false}}";
	court_judge(&court);
	must_be(ASSAY_CLASS_ACCEPTED);
	court.policy = NULL;
}

/* --- policies --- */

#define POLICY(require) "{\"schema\":\"assay.policy/1\",\"require\":{" require "}}"
#define OLD             "\"tdx.tcb.accept\":[\"OutOfDate\"],\"tdx.tcb.minimum-date\":"
#define ZERO                                                                                 \
	"\"00000000000000000000000000000000000000000000000000000000000000000000000000000000" \
	"0000000000000000\""

static const struct {
	const char      *fault, *policy;
	unsigned         quote;
	enum assay_class verdict;
	const char      *finding;
	enum assay_code  code;
} policies[] = {
	{ NULL, POLICY("\"tdx.identity\":true"), 4, ASSAY_CLASS_UNDECIDED,
		"tdx.td.measurements", ASSAY_TD_UNCONSTRAINED },
	{ NULL, POLICY("\"tdx.mrtd\":[" ZERO "]"), 4, ASSAY_CLASS_REJECTED,
		"tdx.td.measurements", ASSAY_TD_MRTD },
	{ NULL, POLICY("\"tdx.rtmr3\":[" ZERO "]"), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.td.measurements", ASSAY_OK },
	{ NULL, POLICY("\"tdx.rtmr1\":[" ZERO "]"), 4, ASSAY_CLASS_REJECTED,
		"tdx.td.measurements", ASSAY_TD_RTMR },
	{ NULL, POLICY("\"tdx.mrseam\":[" ZERO "]"), 4, ASSAY_CLASS_REJECTED,
		"tdx.td.measurements", ASSAY_TD_MRSEAM },
	{ NULL, POLICY("\"tdx.mrconfigid\":[" ZERO "]"), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.td.measurements", ASSAY_OK },
	{ NULL, POLICY("\"tdx.mrservicetd\":[" ZERO "]"), 4, ASSAY_CLASS_REJECTED,
		"tdx.td.measurements", ASSAY_TD_SERVTD },
	{ NULL, POLICY("\"tdx.mrservicetd\":[" ZERO "]"), 5, ASSAY_CLASS_ACCEPTED,
		"tdx.td.measurements", ASSAY_OK },
	{ NULL, POLICY("\"tdx.fmspc\":[\"90C06F000000\"]"), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.td.measurements", ASSAY_OK },
	{ NULL, POLICY("\"tdx.fmspc\":[\"B0C06F000000\",\"B0C06F000001\"]"), 4,
		ASSAY_CLASS_REJECTED, "tdx.td.measurements", ASSAY_TD_PLATFORM },
	{ NULL, POLICY("\"tdx.ppid\":[\"00000000000000000000000000000000\"]"), 4,
		ASSAY_CLASS_REJECTED, "tdx.td.measurements", ASSAY_TD_PLATFORM },
	{ NULL, POLICY("\"tdx.instance\":[\"00000000000000000000000000000000\"]"), 4,
		ASSAY_CLASS_REJECTED, "tdx.td.measurements", ASSAY_TD_PLATFORM },
	{ NULL, POLICY("\"tdx.svn.minimum\":\"ff000000000000000000000000000000\""), 4,
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TD_SVN },
	{ NULL, POLICY("\"tdx.svn2.minimum\":\"ff000000000000000000000000000000\""), 5,
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TD_SVN },
	{ NULL, POLICY("\"tdx.svn2.minimum\":\"01000000000000000000000000000000\""), 4,
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TD_SVN }, /* a TD 1.0 has none */
	{ NULL, POLICY("\"tdx.svn2.minimum\":\"00000000000000000000000000000000\""), 4,
		ASSAY_CLASS_ACCEPTED, "tdx.tcb", ASSAY_OK },
	{ NULL, POLICY("\"tdx.pce.minimum\":14"), 4, ASSAY_CLASS_REJECTED, "tdx.tcb",
		ASSAY_TD_SVN },
	{ NULL, POLICY("\"tdx.qe.minimum\":8"), 4, ASSAY_CLASS_REJECTED, "tdx.qe.identity",
		ASSAY_TD_SVN },
	{ NULL, POLICY("\"tdx.evaluation.minimum\":19"), 4, ASSAY_CLASS_REJECTED,
		"tdx.collateral.tcbinfo", ASSAY_JSON_EVALUATION },
	{ NULL, POLICY("\"tdx.tcb.minimum-date\":\"2025-01-01\""), 4, ASSAY_CLASS_REJECTED,
		"tdx.tcb", ASSAY_TCB_DATE },
	{ "td-debug", POLICY("\"tdx.debug\":true"), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.td.attributes", ASSAY_OK },
	{ "td-no-sept-ve",
		POLICY("\"tdx.attributes.must\":\"0000000000000000\",\"tdx.attributes.may\":\"0000000058000000\""),
		4, ASSAY_CLASS_ACCEPTED, "tdx.td.attributes", ASSAY_OK },
	{ "td-migratable",
		POLICY("\"tdx.attributes.must\":\"0000000010000000\",\"tdx.attributes.may\":\"0000000078000000\",\"tdx.mrservicetd\":[" ZERO
		       "]"),
		5, ASSAY_CLASS_ACCEPTED, "tdx.td.attributes", ASSAY_OK },
	{ "td-migratable", /* a TD 1.0 does not tell by whom */
		POLICY("\"tdx.attributes.must\":\"0000000010000000\",\"tdx.attributes.may\":\"0000000078000000\",\"tdx.mrservicetd\":[" ZERO
		       "]"),
		4, ASSAY_CLASS_REJECTED, "tdx.td.measurements", ASSAY_TD_SERVTD },
	{ NULL, POLICY("\"tdx.xfam.must\":\"0000000000000100\""), 4, ASSAY_CLASS_REJECTED,
		"tdx.td.attributes", ASSAY_TD_XFAM },
	{ "td-xfam", POLICY("\"tdx.xfam.may\":\"00000000000fffff\""), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.td.attributes", ASSAY_OK },
	{ "tcb-out-of-date", POLICY(OLD "\"2024-01-01\""), 4, ASSAY_CLASS_ACCEPTED, "tdx.tcb",
		ASSAY_OK },
	{ "tcb-out-of-date", POLICY(OLD "\"2024-06-01\""), 4, ASSAY_CLASS_REJECTED, "tdx.tcb",
		ASSAY_TCB_DATE },
	{ "module-out-of-date", POLICY(OLD "\"2024-01-01\""), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.tcb", ASSAY_OK },
	{ "module-relaunch", POLICY("\"tdx.tcb.accept\":[\"TDRelaunchAdvised\"]"), 5,
		ASSAY_CLASS_ACCEPTED, "tdx.tcb", ASSAY_OK },
	{ "module-out-of-date", POLICY("\"tdx.tcb.accept\":[\"TDRelaunchAdvised\"]"), 5,
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TCB_STATUS },
	{ "module-unrecognized",
		POLICY("\"tdx.tcb.accept\":[\"SWHardeningNeeded\",\"OutOfDate\"],\"tdx.tcb.minimum-date\":\"2018-01-01\""),
		4, ASSAY_CLASS_REJECTED, "tdx.tcb.module", ASSAY_TCB_UNRECOGNIZED },
	{ "tcb-configuration", POLICY("\"tdx.tcb.accept\":[\"ConfigurationNeeded\"]"), 4,
		ASSAY_CLASS_ACCEPTED, "tdx.tcb", ASSAY_OK },
	{ "tcb-hardening", POLICY("\"tdx.tcb.accept\":[\"SWHardeningNeeded\"]"), 4,
		ASSAY_CLASS_REJECTED, "tdx.tcb", ASSAY_TCB_ADVISORY },
	{ "tcb-hardening",
		POLICY("\"tdx.tcb.accept\":[\"SWHardeningNeeded\"],\"tdx.tcb.advisories\":[\"INTEL-SA-00615\"]"),
		4, ASSAY_CLASS_ACCEPTED, "tdx.tcb", ASSAY_OK },
	{ "qe-out-of-date", POLICY(OLD "\"2024-01-01\""), 4, ASSAY_CLASS_ACCEPTED,
		"tdx.qe.identity", ASSAY_OK },
	{ "identity-rolled-back", POLICY("\"tdx.evaluation.unequal\":true"), 4,
		ASSAY_CLASS_ACCEPTED, "tdx.collateral.identity", ASSAY_OK },
	{ "identity-rolled-back",
		POLICY("\"tdx.evaluation.unequal\":true,\"tdx.evaluation.minimum\":18"), 4,
		ASSAY_CLASS_REJECTED, "tdx.collateral.identity", ASSAY_JSON_EVALUATION },
	{ "log-missing", POLICY("\"tdx.eventlog\":true"), 4, ASSAY_CLASS_UNDECIDED,
		"tdx.eventlog.replay", ASSAY_EVENTLOG_MISSING },
	{ "td-service", POLICY("\"tdx.mrservicetd\":[" ZERO "]"), 5, ASSAY_CLASS_REJECTED,
		"tdx.td.measurements", ASSAY_TD_SERVTD },
};

static void by_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(policies); i++) {
		const struct finding *x;

		print_message("%s: %s\n", policies[i].fault == NULL ? "" : policies[i].fault,
			policies[i].policy);
		court.policy = policies[i].policy;
		forge(&(struct forged_ask){ .alone = true,
			.quote                     = policies[i].quote,
			.tdx_fault                 = policies[i].fault });
		must_be(policies[i].verdict);
		x = court_finding(&court, policies[i].finding, "tdx");
		assert_non_null(x);
		if (policies[i].code != ASSAY_OK)
			assert_int_equal(x->code, policies[i].code);
	}
	court.policy = NULL;
}

/* A REPORTDATA that was named must be there, also where devices ask for a certain one. */
static void named_reportdata(void **state)
{
	struct tdx_quote q;
	struct assay_err e = { 0 };

	(void)state;
	forge(&(struct forged_ask){ .event = FORGED_EVENT_YES });
	for (size_t i = 0; i < court.ev.devices; i++)
		if (court.ev.device[i].kind == DEVICE_TDX)
			test_must(tdx_quote_parse(court.ev.device[i].report, &q, &e), &e);
	court.reportdata = q.td.reportdata;
	court_judge(&court);
	must_be(ASSAY_CLASS_ACCEPTED);
	court.reportdata = BYTES(
		"0123456789012345678901234567890123456789012345678901234567890123");
	court_judge(&court);
	must_be(ASSAY_CLASS_REJECTED);
	court_expect(&court, "tdx.reportdata", "tdx", ASSAY_OUTCOME_FAIL, ASSAY_TD_REPORTDATA);
	court.reportdata = (struct bytes){ 0 };
}

/* A policy that names only what may be set would not ask for SEPT_VE_DISABLE any more. */
static void half_given(void **state)
{
	static const char *const halves[] = {
		POLICY("\"tdx.attributes.may\":\"8000000058000000\""),
		POLICY("\"tdx.attributes.must\":\"0000000010000000\""),
		POLICY("\"tdx.attributes.must\":\"0000000000000000\""),
	};

	(void)state;
	forge(&(struct forged_ask){ .alone = true, .tdx_fault = "td-no-sept-ve" });
	for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
		struct assay_err e = { 0 };

		court.policy = halves[i];
		assert_int_equal(court_try(&court, &e), ASSAY_POLICY_FIELD);
	}
	court.policy = NULL;
}

/* Without an event log: RTMR0 to RTMR2 pinned, and RTMR3 zero or pinned too; an application's extension of which nobody
 * says anything will not do (tdx 6.3). */
static void unlogged(void **state)
{
	static const struct {
		enum forged_event event;
		unsigned          pinned;
		enum assay_class  verdict;
	} rows[] = {
		{ FORGED_EVENT_NONE, 3, ASSAY_CLASS_ACCEPTED },
		{ FORGED_EVENT_NONE, 2, ASSAY_CLASS_UNDECIDED },
		{ FORGED_EVENT_YES, 4, ASSAY_CLASS_ACCEPTED },
		{ FORGED_EVENT_YES, 3, ASSAY_CLASS_UNDECIDED },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		struct tdx_quote             q;
		struct assay_err             e = { 0 };

		print_message("%u pinned\n", rows[i].pinned);
		forge(&(struct forged_ask){
			.alone = true, .plain = true, .event = rows[i].event });
		test_must(tdx_quote_parse(court.ev.device[0].report, &q, &e), &e);
		buf_text(&text, "{\"schema\":\"assay.policy/1\",\"require\":{");
		for (unsigned k = 0; k < rows[i].pinned; k++) {
			buf_printf(&text, "%s\"tdx.rtmr%u\":[\"", k == 0 ? "" : ",", k);
			hex_encode(q.td.rtmr[k], &text);
			buf_text(&text, "\"]");
		}
		buf_text(&text, "}}");
		court.policy    = buf_cstr(&text);
		court.ev.events = (struct bytes){ 0 };
		court_judge(&court);
		must_be(rows[i].verdict);
		if (rows[i].verdict != ASSAY_CLASS_ACCEPTED)
			court_expect(&court, "tdx.eventlog.replay", "tdx",
				ASSAY_OUTCOME_UNKNOWN, ASSAY_EVENTLOG_MISSING);
		court.policy = NULL;
	}
}

/* What is remembered changes nothing, also across faults. */
static void remembered(void **state)
{
	static const char *const rows[] = { NULL, "tcbinfo-stale", "identity-edited",
		"crl-pck-issuer", "pck-revoked", "tcb-signer-revoked", "tcbinfo-fmspc",
		"pck-own-authorities", "qe-signature", "quote-mrtd", "log-digest", NULL };
	struct assay_err         e      = { 0 };

	(void)state;
	test_must(memo_new(&court.memo, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		court_forge(&court,
			&(struct forged_ask){
				.tdx = true, .alone = true, .tdx_fault = rows[i] });
		print_message("%s\n", rows[i] == NULL ? "good" : rows[i]);
		assert_true(court_same_alone(&court));
		assert_int_equal(court.verdict == ASSAY_CLASS_ACCEPTED, rows[i] == NULL);
	}
	memo_free(court.memo);
	court.memo = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alone),
		cmocka_unit_test(faults),
		cmocka_unit_test(loose),
		cmocka_unit_test(newest),
		cmocka_unit_test(replayed),
		cmocka_unit_test(renewed),
		cmocka_unit_test(edges),
		cmocka_unit_test(other_chain),
		cmocka_unit_test(revoked_before),
		cmocka_unit_test(rolled_back),
		cmocka_unit_test(broken),
		cmocka_unit_test(composite),
		cmocka_unit_test(boot_events),
		cmocka_unit_test(channel_keys),
		cmocka_unit_test(swapped),
		cmocka_unit_test(left_out),
		cmocka_unit_test(without_quote),
		cmocka_unit_test(named_reportdata),
		cmocka_unit_test(half_given),
		cmocka_unit_test(unlogged),
		cmocka_unit_test(by_policy),
		cmocka_unit_test(remembered),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
