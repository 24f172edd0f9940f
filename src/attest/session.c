/* SPDX-License-Identifier: Apache-2.0
 *
 * The public interface: where the edge meets the core. */
#include "attest/session.h"

#include <errno.h>
#include <sys/random.h>

#include "appraise/nvtrust_policy.h"
#include "appraise/token.h"
#include "base/show.h"
#include "base/utc.h"
#include "format/dcap.h"
#include "format/pcs_text.h"
#include "format/rim_reply.h"

const char *assay_version(void)
{
	return ASSAY_VERSION;
}

/* jansson would draw its hash seed from files and the clock by itself, at the first object. */
static enum assay_code seed_json(struct assay_err *e)
{
	size_t seed = 0;

	while (seed == 0)
		if (getrandom(&seed, sizeof(seed), 0) < 0 && errno != EINTR)
			return err_set(e, ASSAY_INTERNAL, "no random seed");
	json_object_seed(seed);
	return ASSAY_OK;
}

void assay_free(struct assay *a)
{
	if (a == NULL)
		return;
	memo_free(a->memo);
	mem_free(a->marks);
	crypto_done(&a->crypto);
	mem_free(a);
}

enum assay_code assay_init(struct assay **out, struct assay_err *e)
{
	struct assay *a = mem_new(1, sizeof(*a));

	if (a == NULL)
		return err_no_memory(e);
	a->trust = trust_pinned();
	if (seed_json(e) != ASSAY_OK || crypto_open(&a->crypto, e) != ASSAY_OK ||
		memo_new(&a->memo, e) != ASSAY_OK) {
		assay_free(a);
		return e->code;
	}
	*out = a;
	return ASSAY_OK;
}

enum assay_code assay_anchors(struct assay *a, const void *device, size_t device_size,
	const void *rim, size_t rim_size, const void *sgx, size_t sgx_size, struct assay_err *e)
{
	return trust_replace(&a->crypto, (struct bytes){ device, device_size },
		(struct bytes){ rim, rim_size }, (struct bytes){ sgx, sgx_size }, &a->trust, e);
}

enum assay_code assay_evidence_new(struct assay_evidence **out, struct assay_err *e)
{
	struct assay_evidence *ev = mem_new(1, sizeof(*ev));

	if (ev == NULL)
		return err_no_memory(e);
	ev->users = 1;
	*out      = ev;
	return ASSAY_OK;
}

void assay_evidence_free(struct assay_evidence *ev)
{
	if (ev == NULL || --ev->users > 0)
		return;
	evidence_done(&ev->ev);
	mem_free(ev);
}

enum assay_code assay_evidence_add(struct assay_evidence *ev, const char *name,
	const void *bytes, size_t size, const void *chain, size_t chain_size,
	struct assay_err *e)
{
	return evidence_add(&ev->ev, name, (struct bytes){ bytes, size },
		(struct bytes){ chain, chain_size }, e);
}

/* A RIM under the id that the service gave it. */
static enum assay_code add_reply(
	struct evidence *ev, const char *name, struct bytes in, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf id = { 0 }, xml = { 0 };
	AUTO(json_t)                *root = NULL;
	struct rim_reply             r;

	if (json_read(in, RIM_REPLY_FILE, &root, e) != ASSAY_OK ||
		rim_reply_read(root, &r, &xml, e) != ASSAY_OK)
		return err_wrap(e, "%s", SHOW(bytes_text(name)));
	buf_put(&id, r.id.p, r.id.n);
	TRY(buf_ok(&id, e));
	return evidence_add_collateral(
		ev, NULL, buf_cstr(&id), (struct bytes){ 0 }, buf_bytes(&xml), e);
}

enum assay_code assay_evidence_add_collateral(struct assay_evidence *ev, const char *name,
	const void *bytes, size_t size, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf plain = { 0 };

	if (dcap_like((struct bytes){ bytes, size }))
		return dcap_read(&ev->ev, (struct bytes){ bytes, size }, e) == ASSAY_OK
			? ASSAY_OK
			: err_wrap(e, "%s", SHOW(bytes_text(name)));
	if (rim_reply_like((struct bytes){ bytes, size }))
		return add_reply(&ev->ev, name, (struct bytes){ bytes, size }, e);
	if (pcs_text_file((struct bytes){ bytes, size }, &plain, e) != ASSAY_OK)
		return err_wrap(e, "%s", SHOW(bytes_text(name)));
	return evidence_add_collateral(
		&ev->ev, NULL, name, (struct bytes){ 0 }, buf_bytes(&plain), e);
}

enum assay_code assay_evidence_add_events(struct assay_evidence *ev, const char *name,
	const void *bytes, size_t size, struct assay_err *e)
{
	if (evidence_add_events(&ev->ev, (struct bytes){ bytes, size }, e) != ASSAY_OK)
		return err_wrap(e, "%s", SHOW(bytes_text(name)));
	return ASSAY_OK;
}

int assay_evidence_recorded(const struct assay_evidence *ev, uint8_t nonce[ASSAY_NONCE],
	int *nonce_given, int64_t *made)
{
	if (!ev->ev.recorded)
		return 0;
	memcpy(nonce, ev->ev.nonce, ASSAY_NONCE);
	*nonce_given = ev->ev.nonce_given;
	*made        = ev->ev.made;
	return 1;
}

static enum assay_code prepare(const struct assay *a, const struct assay_evidence *ev,
	const struct assay_options *o, const struct policy *p, struct verify_case *c,
	struct assay_err *e)
{
	*c = (struct verify_case){
		.crypto       = &a->crypto,
		.evidence     = &ev->ev,
		.trust        = &a->trust,
		.now          = o->now,
		.memo         = a->memo,
		.marks        = o->historic != 0 ? NULL : a->marks,
		.ocsp_max_age = p->ocsp_max_age,
		.expected     = p->expected,
		.gpus         = p->gpus,
		.switches     = p->switches,
		.nonce_given  = o->nonce != NULL,
		.watch        = a->watch,
		.tdx          = &p->tdx,
		.channel_key  = { o->channel_key, o->channel_key_size },
		.reportdata   = { o->reportdata, o->reportdata == NULL ? 0 : REPORTDATA_SIZE },
	};
	if (o->nonce != NULL)
		memcpy(c->nonce, o->nonce, NONCE_SIZE);
	if (o->expect == NULL)
		return ASSAY_OK;
	c->expected = true;
	return policy_expect(bytes_text(o->expect), &c->gpus, &c->switches, e);
}

/* The view points into the report itself, so it is filled where it will stay. */
static enum assay_code finish(const struct assay *a, const struct assay_options *o,
	struct assay_report *r, enum assay_class verdict, struct assay_err *e)
{
	r->view    = (struct report_view){ .facts = &r->facts,
		   .verdict                       = verdict,
		   .at                            = o->now,
		   .historic                      = o->historic != 0,
		   .test_anchors                  = a->trust.test,
		   .nonce_given                   = o->nonce != NULL };
	r->subject = mem_new(r->facts.findings.n, sizeof(*r->subject));
	if (r->subject == NULL && r->facts.findings.n > 0)
		return err_no_memory(e);
	if (o->nonce != NULL)
		memcpy(r->nonce, o->nonce, NONCE_SIZE);
	for (size_t i = 0; i < r->facts.findings.n; i++)
		subject_text(r->facts.findings.list[i].subject, r->subject[i]);
	return ASSAY_OK;
}

void assay_report_free(struct assay_report *r)
{
	if (r == NULL)
		return;
	facts_done(&r->facts);
	assay_evidence_free(r->evidence);
	mem_free(r->subject);
	mem_free(r);
}

static void report_drop(struct assay_report **r)
{
	assay_report_free(*r);
}

/* assay.policy/1, or one of nvtrust's; the other stays empty, which is the default. */
static enum assay_code read_policy(const struct assay_options *o, struct policy *ours,
	struct nvtrust_policy *theirs, struct assay_err *e)
{
	struct bytes text = { (const uint8_t *)o->policy, o->policy_size };

	if (o->policy == NULL)
		return ASSAY_OK;
	return nvtrust_policy_is(text) ? nvtrust_policy_parse(text, theirs, e)
				       : policy_parse(text, ours, e);
}

enum assay_code session_policy(
	const struct assay_options *options, int64_t *ocsp_max_age, struct assay_err *e)
{
	CLEANUP(policy_done) struct policy                 ours   = { 0 };
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy theirs = { 0 };

	TRY(read_policy(options, &ours, &theirs, e));
	*ocsp_max_age = ours.ocsp_max_age;
	return ASSAY_OK;
}

static enum assay_code apply_theirs(const struct assay *a, const struct assay_options *o,
	const struct nvtrust_policy *theirs, struct facts *facts, enum assay_class *verdict,
	struct assay_err *e)
{
	struct claims_ask ask = {
		.facts        = facts,
		.verdict      = *verdict,
		.at           = o->now,
		.historic     = o->historic != 0,
		.test_anchors = a->trust.test,
		.nonce        = o->nonce,
		.version      = o->claims == 0 ? 3 : (unsigned)o->claims,
	};

	return nvtrust_policy_apply(
		theirs, &ask, o->iss == NULL ? TOKEN_ISS : o->iss, facts, verdict, e);
}

enum assay_code session_verify(struct assay *a, struct assay_evidence *ev,
	const struct assay_options *options, const struct findings *observed,
	struct assay_report **out, struct assay_err *e)
{
	CLEANUP(report_drop) struct assay_report          *r      = mem_new(1, sizeof(*r));
	CLEANUP(policy_done) struct policy                 p      = { 0 };
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy theirs = { 0 };
	struct verify_case                                 c;
	enum assay_class                                   verdict;

	if (r == NULL)
		return err_no_memory(e);
	TRY(read_policy(options, &p, &theirs, e));
	TRY(prepare(a, ev, options, &p, &c, e));
	c.observed  = observed;
	c.here      = observed != NULL;
	r->evidence = ev;
	ev->users++;
	TRY(verify(&c, &r->facts, e));
	TRY(appraise(&p, &r->facts, options->now, &verdict, e));
	if (theirs.root != NULL)
		TRY(apply_theirs(a, options, &theirs, &r->facts, &verdict, e));
	TRY(finish(a, options, r, verdict, e));
	*out = TAKE(r);
	return ASSAY_OK;
}

enum assay_code assay_verify(struct assay *a, struct assay_evidence *ev,
	const struct assay_options *options, struct assay_report **out, struct assay_err *e)
{
	return session_verify(a, ev, options, NULL, out, e);
}

enum assay_code assay_refuse(struct assay *a, const struct assay_options *options,
	const struct assay_err *why, struct assay_report **out, struct assay_err *e)
{
	CLEANUP(report_drop) struct assay_report *r   = mem_new(1, sizeof(*r));
	struct finding                            row = { .check = CHECK_NODE_EVIDENCE_PARSE,
					   .outcome              = ASSAY_OUTCOME_FAIL,
					   .code                 = why->code };

	if (r == NULL)
		return err_no_memory(e);
	r->facts.valid_until = UTC_MAX;
	TRY(findings_add(&r->facts.findings, &row, assay_err_text(why), NULL, NULL, e));
	TRY(finish(a, options, r, assay_class(why->code), e));
	*out = TAKE(r);
	return ASSAY_OK;
}

enum assay_code session_add(
	struct assay_report *r, const struct findings *more, struct assay_err *e)
{
	struct findings *f           = &r->facts.findings;
	const size_t     n           = f->n + more->n;
	char(*subject)[SUBJECT_TEXT] = mem_resize(r->subject, n == 0 ? 1 : n, sizeof(*subject));

	if (subject == NULL)
		return err_no_memory(e);
	r->subject = subject;
	for (size_t i = 0; i < more->n; i++) {
		const struct finding *x   = &more->list[i];
		enum assay_class      cls = assay_class(x->code);

		TRY(findings_add(f, x, x->message, x->expected, x->observed, e));
		subject_text(x->subject, subject[f->n - 1]);
		if ((x->outcome == ASSAY_OUTCOME_FAIL || x->outcome == ASSAY_OUTCOME_UNKNOWN) &&
			cls < r->view.verdict) /* the list of classes begins with the worst */
			r->view.verdict = cls;
	}
	return ASSAY_OK;
}

enum assay_class assay_report_verdict(const struct assay_report *r)
{
	return r->view.verdict;
}

int64_t assay_report_valid_until(const struct assay_report *r)
{
	return r->facts.valid_until;
}

size_t assay_report_findings(const struct assay_report *r)
{
	return r->facts.findings.n;
}

static const char *or_empty(const char *text)
{
	return text == NULL ? "" : text;
}

void assay_report_finding(const struct assay_report *r, size_t i, struct assay_finding *out)
{
	const struct finding *f = &r->facts.findings.list[i];

	*out = (struct assay_finding){
		.id       = check_row(f->check)->id,
		.subject  = r->subject[i],
		.outcome  = f->outcome,
		.code     = f->code,
		.message  = or_empty(f->message),
		.expected = or_empty(f->expected),
		.observed = or_empty(f->observed),
		.source   = check_row(f->check)->section,
		.because  = check_row(f->because)->id,
		.waiver   = or_empty(f->waiver),
		.remedy   = report_remedy(f),
		.detail   = detail_name(f->detail),
		.number   = f->number,
	};
}

enum assay_code assay_report_json(
	const struct assay_report *r, char **text, size_t *size, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	TRY(report_json(&r->view, &out, e));
	*size = out.n;
	*text = mem_text(buf_bytes(&out));
	return *text == NULL ? err_no_memory(e) : ASSAY_OK;
}

void assay_text_free(char *text)
{
	mem_free(text);
}
