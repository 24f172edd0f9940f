/* SPDX-License-Identifier: Apache-2.0
 *
 * The HTML report: whatever is in a report, the page is well-formed, loads nothing, shows every finding, and what came from
 * outside stays text in it. */
#include <libxml/parser.h>
#include <openssl/evp.h>

#include "base/utc.h"
#include "report/html.h"
#include "verify/court.h"

#define SIZE_MOST 300000

static struct report_view view_of_court(void)
{
	return (struct report_view){
		.facts        = &court.facts,
		.verdict      = court.verdict,
		.at           = court.now,
		.test_anchors = court.trust.test,
		.nonce_given  = court.nonce_given,
	};
}

static void page_of(
	const struct report_view *v, const struct report_page *page, struct buf *out)
{
	struct assay_err e = { 0 };

	assert_int_equal(report_html(v, page, out, &e), ASSAY_OK);
}

/* How often a text is in another. */
static size_t times(const char *in, const char *what)
{
	size_t n = 0;

	for (const char *at = in; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	return n;
}

static bool listed(const char *list, const xmlChar *name)
{
	char word[40];

	snprintf(word, sizeof(word), " %s ", (const char *)name);
	return strstr(list, word) != NULL;
}

/* Only elements and attributes that the renderer has: nothing of a finding became markup, nothing loads or runs. */
static void walk(const xmlNode *n)
{
	static const char elements[] =
		" html head meta title style body header main footer section article h1 h2 h3 p b br code span div "
		"dl dt dd ul li details summary table thead tbody tr th td figure figcaption "
		"svg g path rect text tspan desc ";
	static const char attributes[] =
		" lang charset http-equiv content name class id role aria-label aria-labelledby aria-hidden tabindex scope "
		"open width height viewBox x y rx d dx ";

	for (; n != NULL; n = n->next) {
		if (n->type == XML_TEXT_NODE || n->type == XML_DTD_NODE)
			continue;
		if (n->type != XML_ELEMENT_NODE || !listed(elements, n->name))
			fail_msg("a node of type %d, %s", n->type, (const char *)n->name);
		for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
			if (!listed(attributes, a->name))
				fail_msg("an attribute %s", (const char *)a->name);
		walk(n->children);
	}
}

/* What holds for every page. */
static void is_page(struct buf *b, size_t findings)
{
	const char *text = buf_cstr(b);
	xmlDoc     *doc;

	for (size_t i = 0; i < b->n; i++)
		assert_true(b->p[i] == '\n' || (b->p[i] >= ' ' && b->p[i] <= '~'));
	assert_true(b->n < SIZE_MOST);
	doc = xmlReadMemory(text, (int)b->n, "page", NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (doc == NULL)
		fail_msg("not well-formed: %s\n%s", xmlGetLastError()->message, text);
	walk(doc->children);
	xmlFreeDoc(doc);
	assert_non_null(strstr(text,
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-"));
	assert_int_equal(times(text, " class=\"f\""), findings);
	assert_int_equal(times(text, "<h1>"), 1);
	assert_int_equal(
		times(text, "<th scope="), times(text, "<th") - times(text, "<thead>"));
}

/* ---- what a page says ---- */

static const struct {
	const char       *name;
	struct forged_ask ask;
	bool              historic;
	const char       *has[6];
	const char       *has_not[3];
	size_t            whole, half, gone; /* links and boxes of the drawing */
} cases[] = {
	{ "accepted", { 0 },
		.has     = { "<h1>Accepted</h1>", "Every required check held, for 1 GPU.",
			    "TEST ANCHORS", "580.159.03", "33 of 33", "2026-06-01T23:00:00Z" },
		.has_not = { "Objections", "What is missing", "says nothing about now" } },
	{ "of the past", { 0 }, .historic = true,
		.has = { "as of 2026-06-01T00:00:00Z; says nothing about now" } },
	{ "a node", { .ppcie = true },
		.has   = { "8 GPUs and 4 switches; 32 links that both ends name.", "nvswitch3",
			  "31 of 31" },
		.whole = 32 },
	{ "a node with its guest", { .ppcie = true, .tdx = true, .event = FORGED_EVENT_YES },
		.has   = { "for 8 GPUs, 4 switches and the TDX guest.",
			  "the guest's quote covers this evidence", "UpToDate",
			  "What it does not show" },
		.whole = 32 },
	{ "a guest alone", { .tdx = true, .alone = true },
		.has     = { "<h1>Accepted</h1>", "TDX guest", "0 GPUs" },
		.has_not = { "<h2>Devices</h2>", "covers this evidence" } },
	{ "one measurement", { .fault = "measurement-driver" },
		.has     = { "<h1>Rejected</h1>", "one finding objects: gpu0: measurement ",
			    "Objections", "MEASUREMENT_MISMATCH", "FAIL, 32 of 33",
			    "assay explain gpu.measurements" },
		.has_not = { "Valid until" } },
	{ "said once for all eight", { .ppcie = true, .no_collateral = true },
		.has     = { "<h1>Undecided</h1>", "gpu0-7", "nvswitch0-3", "What is missing",
			    "rim:NV_GPU_DRIVER_GH100" },
		.has_not = { "gpu0 gpu1" }, .whole = 32 },
	{ "seven GPUs", { .ppcie = true, .fault = "gpu-missing" },
		.has = { "7 GPUs and 4 switches; 28 links that both ends name, 4 that only one "
			 "end does; 1 device that is named gave no evidence." },
		.whole = 28, .half = 4, .gone = 1 },
	{ "a ninth GPU", { .ppcie = true, .fault = "gpu-ninth" },
		.has = { "ok, not named", "nobody names it", "GPU only" }, .whole = 32,
		.half = 4 },
	{ "a fifth switch", { .ppcie = true, .fault = "switch-fifth" },
		.has = { "ok, not named", "switch only" }, .whole = 32, .half = 8 },
	{ "a foreign switch", { .ppcie = true, .fault = "topology-switch" },
		.has = { "not here" }, .whole = 31, .half = 2, .gone = 1 },
	{ "no switch", { .ppcie = true, .fault = "switch-none" },
		.has = { "0 links that both ends name, 32 that only one end does" }, .half = 32,
		.gone = 4 },
	{ "no field of it is signed", { .ppcie = true, .fault = "flip-opaque" },
		.has = { "gpu0: FAIL; no field of it is signed" }, .whole = 28, .half = 4 },
	{ "malformed", { .fault = "cut-by-one" },
		.has = { "<h1>Malformed</h1>", "TRUNCATED", "6, malformed" } },
};

static void page_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out = { 0 }, again = { 0 };
		struct report_page page = { .crypto = &court.crypto, .evidence = &court.ev };
		struct report_view v;
		const char        *text;

		print_message("%s\n", cases[i].name);
		court_forge(&court, &cases[i].ask);
		court_judge(&court);
		v          = view_of_court();
		v.historic = cases[i].historic;
		page_of(&v, &page, &out);
		page_of(&v, &page, &again);
		assert_true(bytes_equal(buf_bytes(&out), buf_bytes(&again)));
		is_page(&out, court.facts.findings.n);
		text = buf_cstr(&out);
		for (size_t k = 0; k < ARRAY_LEN(cases[i].has) && cases[i].has[k] != NULL; k++)
			if (strstr(text, cases[i].has[k]) == NULL)
				fail_msg("no \"%s\" in\n%s", cases[i].has[k], text);
		for (size_t k = 0;
			k < ARRAY_LEN(cases[i].has_not) && cases[i].has_not[k] != NULL; k++)
			if (strstr(text, cases[i].has_not[k]) != NULL)
				fail_msg("\"%s\" in\n%s", cases[i].has_not[k], text);
		text = strstr(text,
			"<figure>"); /* the key below the drawing has one line of a kind */
		assert_int_equal(times(text, "<path class=\"l\"") - (cases[i].whole > 0),
			cases[i].whole);
		assert_int_equal(
			times(text, "<path class=\"h\"") - (cases[i].half > 0), cases[i].half);
		assert_int_equal(times(text, "<g class=\"gone\""), cases[i].gone);
	}
}

/* ---- text from outside ---- */

static const struct {
	const char *name, *in, *out;
} texts[] = {
	{ "plain", "gpu0: 33 of 33", "gpu0: 33 of 33" },
	{ "nothing", "", "" },
	{ "NULL", NULL, "" },
	{ "markup", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;" },
	{ "quotes", "a\"b'c", "a&quot;b&#39;c" },
	{ "a reference", "&lt;&#60;", "&amp;lt;&amp;#60;" },
	{ "the end of CDATA", "]]>", "]]&gt;" },
	{ "the end of a comment", "-->", "--&gt;" },
	{ "control bytes", "\033[2J\r\n\t\177", "\\x1b[2J\\x0d\\x0a\\x09\\x7f" },
	{ "right to left", "\342\200\256gpj", "\\xe2\\x80\\xaegpj" },
	{ "escaped before", "\\x1b", "\\x1b" },
};

static void escapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };

		print_message("%s\n", texts[i].name);
		html_text(&out, texts[i].in);
		assert_string_equal(buf_cstr(&out), texts[i].out);
	}
}

static const char *const evil[] = {
	"</title></style><script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"' onload='alert(1)",
	"]]><svg onload=alert(1)>",
	"<!--",
	"&#x3c;script&#x3e;",
	"\033]0;owned\007\r\n\302\2332J",
	"\xe2\x80\xae\xe2\x81\xa6gpj.exe",
	"\xff\xfe\xc0\xaf",
	"style='position:fixed' href=javascript:alert(1)",
};

/* In each text of a finding, and in names of files, whether whoever fills them makes them printable or not. */
static void put_evil(const char *text, struct findings *f)
{
	static const enum assay_outcome outcomes[] = { ASSAY_OUTCOME_FAIL,
		ASSAY_OUTCOME_UNKNOWN, ASSAY_OUTCOME_WAIVED, ASSAY_OUTCOME_WARN,
		ASSAY_OUTCOME_PASS, ASSAY_OUTCOME_SKIPPED, ASSAY_OUTCOME_NOT_APPLICABLE,
		ASSAY_OUTCOME_PENDING_REBOOT, ASSAY_OUTCOME_IN_PROGRESS };
	struct assay_err                e          = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		const struct finding row = { .check = CHECK_GPU_EVIDENCE_HINTS,
			.subject                    = { SUBJECT_GPU, (unsigned)i },
			.outcome                    = outcomes[i],
			.code                       = ASSAY_REPORT_HINT,
			.detail                     = DETAIL_CERTIFICATE };

		test_must(findings_add(f, &row, text, text, text, &e), &e);
		test_must(findings_place(f, text, text, &e), &e);
		f->list[f->n - 1].waiver = mem_text(bytes_text(text));
	}
}

static void foreign_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(evil); i++)
		for (size_t setup = 0; setup < 2; setup++) {
			CLEANUP(buf_done) struct buf out   = { 0 };
			struct facts                 facts = { .valid_until = UTC_MAX };
			char                    *names[]   = { mem_text(bytes_text(evil[i])) };
			struct evidence          ev        = { .source = names, .sources = 1 };
			const struct report_seat seats[]   = { { false, evil[i], evil[i] },
				  { true, evil[i], NULL } };
			const struct report_page page      = { .evidence = &ev,
				     .policy                             = evil[i],
				     .notes                              = bytes_text(evil[i]),
				     .seat                               = seats,
				     .seats                              = 2 };
			const struct report_view v         = { .facts = &facts,
					.verdict                      = ASSAY_CLASS_REJECTED,
					.setup                        = setup ? evil[i] : NULL };

			print_message("%zu\n", i);
			put_evil(evil[i], &facts.findings);
			page_of(&v, &page, &out);
			is_page(&out, facts.findings.n);
			findings_done(&facts.findings);
			mem_free(names[0]);
		}
}

/* What containers say of a device, which nobody signs: it comes into findings, and so into the page. */
static void hints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(evil); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct report_page page = { .crypto = &court.crypto, .evidence = &court.ev };
		struct report_view v;
		struct evidence_hints *h;

		court_forge(&court, &(struct forged_ask){ 0 });
		h       = &court.ev.device[0].hints;
		h->arch = h->driver_version = h->vbios_version = h->uuid = bytes_text(evil[i]);
		court_judge(&court);
		v = view_of_court();
		page_of(&v, &page, &out);
		is_page(&out, court.facts.findings.n);
	}
}

/* ---- the catalogue ---- */

/* Each check with each outcome: its rows come into the page, whatever is in them. */
static void every_row(void **state)
{
	(void)state;
	for (size_t o = 0; o <= ASSAY_OUTCOME_IN_PROGRESS; o++)
		for (size_t from = CHECK_NONE + 1; from < CHECK_COUNT; from += 40) {
			CLEANUP(buf_done) struct buf out   = { 0 };
			struct facts                 facts = { .valid_until = UTC_MAX };
			struct report_view           v     = { .facts = &facts,
					      .verdict                = ASSAY_CLASS_UNDECIDED };
			struct assay_err             e     = { 0 };

			for (size_t i = from; i < from + 40 && i < CHECK_COUNT; i++) {
				struct finding row = { .check = (enum check)i,
					.subject              = { SUBJECT_HOST, 0 },
					.outcome              = (enum assay_outcome)o,
					.code = (enum assay_code)(i % ASSAY_CODE_COUNT) };

				test_must(findings_add(
						  &facts.findings, &row, NULL, NULL, NULL, &e),
					&e);
			}
			for (size_t k = 0; k < 2; k++) {
				v.setup = k == 0 ? NULL : "single";
				out.n   = 0;
				page_of(&v, &(struct report_page){ 0 }, &out);
				is_page(&out, facts.findings.n);
				for (size_t i = 0; i < facts.findings.n; i++) {
					const char *id =
						check_row(facts.findings.list[i].check)->id;

					if (strstr(buf_cstr(&out), id) == NULL)
						fail_msg("no %s", id);
				}
			}
			findings_done(&facts.findings);
		}
}

/* ---- a machine ---- */

static void add(struct findings *f, enum check check, enum assay_outcome o,
	enum assay_code code, const char *message)
{
	const struct finding row = {
		.check = check, .subject = { SUBJECT_HOST, 0 }, .outcome = o, .code = code
	};
	struct assay_err e = { 0 };

	test_must(findings_add(f, &row, message, "wanted", "seen", &e), &e);
	test_must(findings_place(f, "/proc/cmdline", NULL, &e), &e);
}

/* What is configured and what is in effect of it stand in one row. */
static void set_up(void **state)
{
	CLEANUP(buf_done) struct buf out   = { 0 };
	struct facts                 facts = { .valid_until = UTC_MAX };
	struct report_view           v     = {
			      .facts = &facts, .verdict = ASSAY_CLASS_NOT_READY, .setup = "ppcie"
	};
	const char *row;

	(void)state;
	add(&facts.findings, CHECK_KERNEL_VERSION, ASSAY_OUTCOME_PASS, ASSAY_OK, "5.10");
	add(&facts.findings, CHECK_BOOT_SWIOTLB_CONFIGURED, ASSAY_OUTCOME_PASS, ASSAY_OK,
		"in it");
	add(&facts.findings, CHECK_BOOT_SWIOTLB_EFFECTIVE, ASSAY_OUTCOME_PENDING_REBOOT,
		ASSAY_HOST_REBOOT, "not yet");
	page_of(&v, &(struct report_page){ 0 }, &out);
	is_page(&out, 3);
	assert_non_null(strstr(buf_cstr(&out), "<h1>Not ready</h1>"));
	assert_non_null(strstr(buf_cstr(&out), "one finding objects: not yet."));
	assert_int_equal(times(buf_cstr(&out), ">BOOT-02</th>"), 1);
	row = strstr(buf_cstr(&out), ">BOOT-02</th>");
	assert_non_null(strstr(row, "<span class=\"sub\">configured</span> in it"));
	assert_non_null(strstr(row, "<span class=\"sub\">in effect</span> not yet"));
	assert_non_null(strstr(row, "<b>Do:</b> reboot"));
	findings_done(&facts.findings);

	out.n     = 0;
	v.verdict = ASSAY_CLASS_ACCEPTED;
	page_of(&v, &(struct report_page){ 0 }, &out);
	is_page(&out, 0);
	assert_non_null(strstr(buf_cstr(&out), "<h1>Ready</h1>"));
	assert_null(strstr(buf_cstr(&out), "ccepted"));
}

/* The bus: what is there with its driver, what belongs there and is not. */
static void bus(void **state)
{
	static const struct report_seat seats[] = { { false, "0000:0a:00.0", "nvidia" },
		{ true, "0000:0b:00.0", "" }, { false, "0000:0c:00.0", "nouveau" } };
	static const struct {
		size_t      seats, gpus, switches, gone;
		const char *says;
	} rows[] = {
		{ 0, 0, 0, 0, NULL },
		{ 1, 1, 0, 0, ">1 GPU and 0 switches on the bus. " },
		{ 0, 1, 0, 1, "0 GPUs and 0 switches on the bus; 1 and 0 belong there. " },
		{ 3, 8, 4, 9, "2 GPUs and 1 switch on the bus; 8 and 4 belong there. " },
		{ 3, 1, 0, 0, "2 GPUs and 1 switch on the bus. " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf out   = { 0 };
		const struct facts           facts = { .valid_until = UTC_MAX };
		const struct report_view     v     = {
				.facts = &facts, .verdict = ASSAY_CLASS_NOT_READY, .setup = "ppcie"
		};
		const struct report_page page = { .seat = seats,
			.seats                          = rows[i].seats,
			.gpus                           = rows[i].gpus,
			.switches                       = rows[i].switches };

		page_of(&v, &page, &out);
		is_page(&out, 0);
		assert_int_equal(times(buf_cstr(&out), "<g class=\"gone\""), rows[i].gone);
		assert_int_equal(times(buf_cstr(&out), "0000:0a"), rows[i].seats > 0);
		if (rows[i].says == NULL)
			assert_null(strstr(buf_cstr(&out), "<h2>The bus"));
		else
			assert_non_null(strstr(buf_cstr(&out), rows[i].says));
	}
}

/* ---- the style ---- */

/* The page lets in no style but this one; who changes it puts the new digest below it. */
static void style(void **state)
{
	uint8_t sum[EVP_MAX_MD_SIZE];
	char    want[80] = { 0 }, digits[64] = { 0 };

	(void)state;
	assert_int_equal(
		EVP_Digest(html_style, strlen(html_style), sum, NULL, EVP_sha256(), NULL), 1);
	EVP_EncodeBlock((uint8_t *)digits, sum, 32);
	snprintf(want, sizeof(want), "'sha256-%s'", digits);
	assert_string_equal(html_style_source, want);
	assert_null(strpbrk(html_style, "<&"));
	assert_null(strstr(html_style, "]]>"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_cases),
		cmocka_unit_test(escapes),
		cmocka_unit_test(foreign_text),
		cmocka_unit_test(hints),
		cmocka_unit_test(every_row),
		cmocka_unit_test(set_up),
		cmocka_unit_test(bus),
		cmocka_unit_test(style),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
