/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever a container holds, judged under the pinned anchors it is never accepted: nobody here can sign. Each required
 * check has a finding, each finding is of the form that its outcome asks for, the verdict is the class of the worst, and
 * is never a defect of ours; with what was remembered of all inputs before, the report is the same to the byte. As a page it is
 * well-formed, printable, and has each finding. */
#include "fuzz.h"

#include <libxml/parser.h>

#include "appraise/policy.h"
#include "base/utc.h"
#include "report/report.h"

#define NOW INT64_C(1780272000) /* 2026-06-01: signers of the LS10 RIM and others are valid */

static struct crypto crypto;
static struct trust  trust;
static struct memo  *memo;

static void check_finding(const struct finding *f)
{
	HOLDS(f->check > CHECK_NONE && f->check < CHECK_COUNT);
	switch (f->outcome) {
	case ASSAY_OUTCOME_PASS:
	case ASSAY_OUTCOME_NOT_APPLICABLE:
		HOLDS(f->code == ASSAY_OK && f->because == CHECK_NONE);
		break;
	case ASSAY_OUTCOME_SKIPPED:
		HOLDS(f->code == ASSAY_OK && f->because != CHECK_NONE);
		break;
	case ASSAY_OUTCOME_UNKNOWN:
		HOLDS(assay_class(f->code) == ASSAY_CLASS_UNDECIDED ||
			assay_class(f->code) == ASSAY_CLASS_UNAVAILABLE ||
			assay_class(f->code) == ASSAY_CLASS_NOT_READY);
		break;
	default:
		HOLDS(f->outcome == ASSAY_OUTCOME_FAIL || f->outcome == ASSAY_OUTCOME_WARN);
		HOLDS(f->code != ASSAY_OK && assay_class(f->code) != ASSAY_CLASS_INTERNAL);
	}
	for (const char *c = f->message; c != NULL && *c != 0; c++)
		HOLDS(*c >= ' ' && *c <= '~');
}

static bool there(const struct findings *list, enum check check, struct subject s)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->list[i].check == check && list->list[i].subject.kind == s.kind &&
			list->list[i].subject.index == s.index)
			return true;
	return false;
}

/* What the ids say belongs to whom; a binding needs a guest. */
static void check_complete(const struct facts *f)
{
	static const struct subject node = { SUBJECT_NODE, 0 };

	for (size_t i = CHECK_NONE + 1; i < CHECK_COUNT; i++) {
		const char *id = check_row((enum check)i)->id;

		if (!check_row((enum check)i)->required)
			continue;
		if (strncmp(id, "node.binding.", 13) == 0 && f->guest == NULL)
			continue;
		if (strncmp(id, "node.", 5) == 0)
			HOLDS(there(&f->findings, (enum check)i, node));
		for (size_t k = 0; k < f->devices; k++)
			if (strncmp(id,
				    f->device[k].subject.kind == SUBJECT_GPU ? "gpu."
									     : "nvswitch.",
				    4) == 0)
				HOLDS(there(&f->findings, (enum check)i, f->device[k].subject));
	}
}

static enum assay_class worst(const struct findings *list)
{
	enum assay_class out = ASSAY_CLASS_ACCEPTED;

	for (size_t i = 0; i < list->n; i++) {
		const struct finding *f = &list->list[i];

		if ((f->outcome == ASSAY_OUTCOME_FAIL || f->outcome == ASSAY_OUTCOME_UNKNOWN) &&
			assay_class(f->code) < out)
			out = assay_class(f->code);
	}
	return out;
}

static void check_page(const struct report_view *view, const struct evidence *ev)
{
	const struct report_page page = { .crypto = &crypto, .evidence = ev, .policy = "it" };
	CLEANUP(buf_done) struct buf out  = { 0 };
	struct assay_err             e    = { 0 };
	size_t                       rows = 0;
	xmlDoc                      *doc;

	HOLDS(report_html(view, &page, &out, &e) == ASSAY_OK);
	for (size_t i = 0; i < out.n; i++)
		HOLDS(out.p[i] == '\n' || (out.p[i] >= ' ' && out.p[i] <= '~'));
	for (const char *at = buf_cstr(&out); (at = strstr(at, "<tr class=\"f\">")) != NULL;
		at++)
		rows++;
	HOLDS(rows == view->facts->findings.n);
	doc = xmlReadMemory((const char *)out.p, (int)out.n, "page", NULL,
		XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_HUGE);
	HOLDS(doc != NULL);
	xmlFreeDoc(doc);
}

static void judge(const struct evidence *ev, struct memo *remembered, struct buf *json)
{
	CLEANUP(facts_done) struct facts facts  = { 0 };
	struct policy                    policy = { 0 };
	struct verify_case               c      = { .crypto = &crypto,
				   .evidence                = ev,
				   .trust                   = &trust,
				   .now                     = NOW,
				   .nonce_given             = ev->nonce_given,
				   .memo                    = remembered };
	struct report_view               view   = { .facts = &facts, .at = NOW };
	struct report_style              style  = { .all = true };
	CLEANUP(buf_done) struct buf     text   = { 0 };
	struct assay_err                 e      = { 0 };

	memcpy(c.nonce, ev->nonce, NONCE_SIZE);
	HOLDS(verify(&c, &facts, &e) == ASSAY_OK);
	HOLDS(appraise(&policy, &facts, NOW, &view.verdict, &e) == ASSAY_OK);
	for (size_t i = 0; i < facts.findings.n; i++)
		check_finding(&facts.findings.list[i]);
	check_complete(&facts);
	HOLDS(view.verdict != ASSAY_CLASS_ACCEPTED && view.verdict != ASSAY_CLASS_INTERNAL);
	HOLDS(view.verdict == worst(&facts.findings));
	HOLDS(facts.devices == facts.gpus + facts.switches);
	HOLDS(report_json(&view, json, &e) == ASSAY_OK);
	HOLDS(report_text(&view, &style, &text, &e) == ASSAY_OK);
	if (remembered == NULL)
		check_page(&view, ev);
	for (size_t i = 0; i < text.n; i++)
		HOLDS(text.p[i] == '\n' || (text.p[i] >= ' ' && text.p[i] <= '~'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_done) struct evidence ev    = { 0 };
	CLEANUP(buf_done) struct buf           alone = { 0 }, with = { 0 };
	struct assay_err                       e = { 0 };

	if (memo == NULL) {
		json_object_seed(1);
		HOLDS(crypto_open(&crypto, &e) == ASSAY_OK);
		HOLDS(memo_new(&memo, &e) == ASSAY_OK);
		trust = trust_pinned();
	}
	if (evidence_add(&ev, "it", (struct bytes){ data, size },
		    BYTES("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"),
		    &e) != ASSAY_OK)
		return 0;
	judge(&ev, NULL, &alone);
	judge(&ev, memo, &with);
	HOLDS(bytes_equal(buf_bytes(&alone), buf_bytes(&with)));
	return 0;
}
