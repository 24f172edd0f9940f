/* SPDX-License-Identifier: Apache-2.0
 *
 * In rounds: the verifier names what it wants, the cache and the suppliers bring it, all at once; then it is asked again.
 * Signatures are not verified twice for that, thanks to the memo. What a supplier brought is cached when the next round
 * shows that it held; what the cache brought and did not hold is asked for anew, once. */
#include "attest/gather.h"

#include <stdio.h>

#include "attest/cache.h"
#include "attest/marks.h"
#include "attest/supplier.h"
#include "base/show.h"
#include "verify/wants.h"

#define ROUNDS \
	6 /* three stages, a wrong entry of the cache, a second way to ask; and one to see */
#define JOBS      512 /* 64 devices of 3 + 2 + 6 wants are 704, but share all but two each */
#define SUPPLIERS 8

enum job_state { JOB_OPEN, JOB_BROUGHT, JOB_LOST };

struct job {
	struct errand  errand;
	enum job_state state;
	bool           cached; /* brought by the cache */
	bool           fresh;  /* not by the cache, whatever it has */
	bool           held;
	bool           told; /* to the cache */
};

struct gathering {
	struct assay                *a;
	struct evidence             *ev;
	const struct gather_request *r;
	struct store                *store; /* NULL once it has failed */
	struct verify_case           c;
	struct facts                 facts;
	struct job                  *job;
	size_t                       jobs;
	const struct supplier       *silent[SUPPLIERS]; /* did not answer in a round before */
	size_t                       silents;
	struct buf                   told; /* lines, each once */
};

static void gathering_done(struct gathering *g)
{
	facts_done(&g->facts);
	for (size_t i = 0; i < g->jobs; i++) {
		buf_done(&g->job[i].errand.url);
		buf_done(&g->job[i].errand.request);
		buf_done(&g->job[i].errand.beside_body);
	}
	mem_free(g->job);
	buf_done(&g->told);
}

/* ---- what is said ---- */

static void tell(struct gathering *g, const char *line)
{
	CLEANUP(buf_done) struct buf whole = { 0 };

	buf_printf(&whole, "\n%s\n", line);
	if (g->r->note == NULL || whole.failed ||
		(g->told.n > 0 && strstr(buf_cstr(&g->told), buf_cstr(&whole)) != NULL))
		return;
	buf_put(&g->told, whole.p, whole.n);
	g->r->note(g->r->ctx, line);
}

static enum assay_code lose(
	struct gathering *g, struct job *j, const struct assay_err *why, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	if (assay_class(why->code) == ASSAY_CLASS_INTERNAL) {
		*e = *why;
		return e->code;
	}
	if (j->errand.supplier != NULL)
		buf_printf(&text, "%s ", j->errand.supplier->name);
	buf_text(&text, assay_err_text(why));
	TRY(buf_ok(&text, e));
	tell(g, buf_cstr(&text));
	j->state = JOB_LOST;
	return evidence_note_missing(g->ev, j->errand.want, buf_cstr(&text), e);
}

static enum assay_code lose_for(
	struct gathering *g, struct job *j, const char *why, struct assay_err *e)
{
	struct assay_err text = { 0 };

	err_set(&text, ASSAY_SERVICE_ABSENT, "%s", why);
	return lose(g, j, &text, e);
}

/* A cache that cannot be used is said once, and done without. */
static enum assay_code without_store(struct gathering *g, struct assay_err *e)
{
	if (assay_class(e->code) == ASSAY_CLASS_INTERNAL)
		return e->code;
	tell(g, assay_err_text(e));
	g->store = NULL;
	return ASSAY_OK;
}

/* ---- the cache ---- */

static const struct collateral *piece_named(const struct gathering *g, const char *want)
{
	for (size_t i = g->ev->collaterals; i-- > 0;)
		if (bytes_equal(g->ev->collateral[i].want, bytes_text(want)))
			return &g->ev->collateral[i];
	return NULL;
}

static const struct collateral *piece_of(const struct gathering *g, const struct job *j)
{
	return piece_named(g, j->errand.want);
}

static void drop_piece(struct gathering *g, const char *want)
{
	const struct collateral *piece = piece_named(g, want);

	if (piece != NULL)
		evidence_drop_piece(g->ev, (size_t)(piece - g->ev->collateral));
}

/* Both pieces, or neither. */
static enum assay_code look_up(
	struct gathering *g, const struct errand *w, bool *found, struct assay_err *e)
{
	const struct crypto *c = &g->a->crypto;
	const struct trust  *t = &g->a->trust;

	enum assay_code code;

	TRY(cache_get(g->store, c, t, w->want, g->r->now, g->ev, found, e));
	if (!*found || w->beside[0] == 0)
		return ASSAY_OK;
	code = cache_get(g->store, c, t, w->beside, g->r->now, g->ev, found, e);
	if (code == ASSAY_OK && *found)
		return ASSAY_OK;
	*found = false;
	drop_piece(g, w->want);
	return code;
}

static enum assay_code from_cache(struct gathering *g, struct job *j, struct assay_err *e)
{
	bool found = false;

	if (g->store == NULL || j->fresh)
		return ASSAY_OK;
	if (look_up(g, &j->errand, &found, e) != ASSAY_OK)
		return without_store(g, e);
	j->cached = found;
	if (found)
		j->state = JOB_BROUGHT;
	return ASSAY_OK;
}

static enum assay_code to_cache(
	struct gathering *g, struct job *j, int64_t until, struct assay_err *e)
{
	const char *const names[] = { j->errand.want, j->errand.beside };
	const int64_t     most    = g->r->now + j->errand.supplier->most_s;

	j->told = true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct collateral *piece = piece_named(g, names[i]);

		if (g->store == NULL || !j->errand.keep || names[i][0] == 0 || piece == NULL)
			continue;
		if (cache_put(g->store, &g->a->crypto, &g->a->trust, piece,
			    until < most ? until : most, g->r->now, e) != ASSAY_OK)
			return without_store(g, e);
	}
	return ASSAY_OK;
}

static enum assay_code distrust(struct gathering *g, struct job *j, struct assay_err *e)
{
	const char *const names[] = { j->errand.want, j->errand.beside };

	j->state  = JOB_OPEN;
	j->cached = false;
	j->fresh  = true;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i][0] == 0)
			continue;
		drop_piece(g, names[i]);
		if (g->store != NULL &&
			cache_drop(g->store, &g->a->crypto, &g->a->trust, names[i], e) !=
				ASSAY_OK)
			TRY(without_store(g, e));
	}
	return ASSAY_OK;
}

/* After a round: did what was brought hold? Dropping comes last, since facts point to pieces. */
static enum assay_code review(struct gathering *g, struct assay_err *e)
{
	for (size_t i = 0; i < g->jobs; i++) {
		struct job              *j     = &g->job[i];
		const struct collateral *piece = piece_of(g, j);
		int64_t                  until = 0;

		if (j->state != JOB_BROUGHT)
			continue;
		j->held = piece != NULL && want_held(&g->c, &g->facts, piece, &until);
		if (j->held && !j->cached && !j->told)
			TRY(to_cache(g, j, until, e));
	}
	for (size_t i = 0; i < g->jobs; i++)
		if (g->job[i].state == JOB_BROUGHT && g->job[i].cached && !g->job[i].held)
			TRY(distrust(g, &g->job[i], e));
	return ASSAY_OK;
}

/* ---- wants ---- */

static bool known(const struct gathering *g, const char *want)
{
	for (size_t i = 0; i < g->jobs; i++)
		if (strcmp(g->job[i].errand.want, want) == 0)
			return true;
	return false;
}

static void add_wants(struct gathering *g)
{
	for (size_t i = 0; i < g->facts.wants && g->jobs < JOBS; i++) {
		struct job *j = &g->job[g->jobs];

		if (known(g, g->facts.want[i]))
			continue;
		snprintf(j->errand.want, WANT_TEXT, "%s", g->facts.want[i]);
		j->errand.supplier = supplier_of(j->errand.want);
		j->errand.keep     = true;
		if (j->errand.supplier != NULL && j->errand.supplier->name_beside != NULL)
			j->errand.supplier->name_beside(&j->errand);
		g->jobs++;
	}
}

static size_t count(const struct gathering *g, enum job_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < g->jobs; i++)
		n += g->job[i].state == state;
	return n;
}

/* ---- the network ---- */

struct batch {
	struct gathering *g;
	struct job      **job;
	struct http_ask  *ask;
	struct http_got  *got;
	size_t            n, back;
};

static void batch_done(struct batch *b)
{
	for (size_t i = 0; b->got != NULL && i < b->n; i++)
		http_got_done(&b->got[i]);
	mem_free(b->job);
	mem_free(b->ask);
	mem_free(b->got);
}

static bool is_silent(const struct gathering *g, const struct supplier *s)
{
	for (size_t i = 0; i < g->silents; i++)
		if (g->silent[i] == s)
			return true;
	return false;
}

/* The service key goes over https alone; that a plain address does without is said, not guessed. */
static const char *key_for(struct gathering *g, const struct errand *w)
{
	static const char https[] = "https://";

	if (g->r->service_key == NULL || !w->supplier->key)
		return NULL;
	if (strncmp((const char *)w->url.p, https, strlen(https)) == 0)
		return g->r->service_key;
	tell(g, "the service key is kept back: it goes over https only");
	return NULL;
}

static enum assay_code prepare(struct batch *b, struct job *j, struct assay_err *e)
{
	struct gathering        *g   = b->g;
	struct errand           *w   = &j->errand;
	const struct errand_case c   = { g->r, &g->a->crypto, &g->facts };
	struct assay_err         why = { 0 };

	if (w->supplier == NULL)
		return lose_for(g, j, "nobody here knows who has it", e);
	if (g->r->http == NULL)
		return lose_for(g, j,
			j->fresh ? "was not asked (offline); what the cache had did not hold"
				 : "was not asked (offline), and the cache does not have it",
			e);
	if (is_silent(g, w->supplier))
		return lose_for(g, j, "did not answer before, and was not asked again", e);
	w->url.n = w->request.n = w->beside_body.n = 0;
	if (w->supplier->build(w, &c, &why) != ASSAY_OK)
		return lose(g, j, &why, e);
	b->job[b->n]   = j;
	b->ask[b->n++] = (struct http_ask){
		.url     = buf_cstr(&w->url),
		.body    = buf_bytes(&w->request),
		.type    = w->supplier->type,
		.accept  = w->supplier->accept,
		.bearer  = key_for(g, w),
		.limit   = w->supplier->limit,
		.headers = w->supplier->headers,
		.again   = w->supplier->again,
	};
	return ASSAY_OK;
}

static void came(void *ctx, size_t i)
{
	struct batch                *b = ctx;
	const struct gather_request *r = b->g->r;

	b->back++;
	if (r->progress != NULL)
		r->progress(r->ctx, b->back, b->n, b->job[i]->errand.want);
}

static enum assay_code add_piece(
	struct gathering *g, const struct errand *w, struct bytes body, struct assay_err *e)
{
	struct collateral piece = {
		.want    = bytes_text(w->want),
		.request = buf_bytes(&w->request),
		.body    = body,
		.from    = buf_bytes(&w->url),
		.fetched = g->r->now,
		.asked   = true,
	};

	TRY(evidence_add_piece(g->ev, &piece, e));
	if (w->beside_body.n == 0)
		return ASSAY_OK;
	piece.want = bytes_text(w->beside);
	piece.body = buf_bytes(&w->beside_body);
	return evidence_add_piece(g->ev, &piece, e);
}

static enum assay_code take(
	struct gathering *g, struct job *j, const struct http_got *got, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 }, note = { 0 };
	const struct errand_case     c   = { g->r, &g->a->crypto, &g->facts };
	struct assay_err             why = { 0 };
	enum taken                   taken;

	if (got->why.code != ASSAY_OK)
		return lose(g, j, &got->why, e);
	TRY(j->errand.supplier->take(&j->errand, &c, got, &body, &note, &taken, &why));
	if (note.n > 0)
		tell(g, buf_cstr(&note));
	if (taken == TAKEN_NOTHING)
		return lose(g, j, &why, e);
	if (taken == TAKEN_ONCE_MORE) {
		j->errand.attempt++;
		return ASSAY_OK; /* still open */
	}
	if (add_piece(g, &j->errand, buf_bytes(&body), &why) != ASSAY_OK)
		return lose(g, j, &why, e);
	j->state = JOB_BROUGHT;
	return evidence_note_missing(g->ev, j->errand.want, NULL, e);
}

/* Who answered nothing at all is not waited for a second time. */
static void mark_silent(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct supplier *s   = b->job[i]->errand.supplier;
		bool                   all = !is_silent(b->g, s);

		for (size_t k = 0; k < b->n; k++)
			all = all &&
				(b->job[k]->errand.supplier != s ||
					b->got[k].why.code == ASSAY_NETWORK_CONNECT ||
					b->got[k].why.code == ASSAY_NETWORK_TIMEOUT);
		if (all && b->g->silents < SUPPLIERS)
			b->g->silent[b->g->silents++] = s;
	}
}

static enum assay_code fetch(struct gathering *g, struct assay_err *e)
{
	CLEANUP(batch_done) struct batch b    = { .g = g };
	const size_t                     open = count(g, JOB_OPEN);

	if (open == 0)
		return ASSAY_OK;
	b.job = mem_new(open, sizeof(struct job *));
	b.ask = mem_new(open, sizeof(*b.ask));
	b.got = mem_new(open, sizeof(*b.got));
	if (b.job == NULL || b.ask == NULL || b.got == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < g->jobs; i++)
		if (g->job[i].state == JOB_OPEN)
			TRY(prepare(&b, &g->job[i], e));
	if (b.n == 0)
		return ASSAY_OK;
	TRY(http_fetch(g->r->http, b.ask, b.got, b.n, came, &b, e));
	mark_silent(&b);
	for (size_t i = 0; i < b.n; i++)
		TRY(take(g, b.job[i], &b.got[i], e));
	return ASSAY_OK;
}

/* ---- marks ---- */

static enum assay_code load_marks(struct gathering *g, struct assay_err *e)
{
	struct assay *a = g->a;

	mem_free(a->marks);
	a->marks = NULL;
	if (g->store == NULL || !g->r->marks)
		return ASSAY_OK;
	a->marks = mem_new(1, sizeof(*a->marks));
	if (a->marks == NULL)
		return err_no_memory(e);
	g->c.marks = a->marks;
	return marks_load(g->store, &a->crypto, &a->trust, a->marks, e) == ASSAY_OK
		? ASSAY_OK
		: without_store(g, e);
}

/* Asked for and brought here, and not by the cache: what the evidence came with is its maker's. */
static bool fetched(const struct gathering *g, const char *want)
{
	for (size_t i = 0; i < g->jobs; i++)
		if (strcmp(g->job[i].errand.want, want) == 0)
			return g->job[i].state == JOB_BROUGHT && !g->job[i].cached;
	return false;
}

static enum assay_code raise_marks(struct gathering *g, struct assay_err *e)
{
	const struct guest *guest = g->facts.guest;
	struct pcs_mark     m;

	if (g->store == NULL || !g->r->marks || guest == NULL)
		return ASSAY_OK;
	for (size_t i = 0; i < PCS_ITEMS; i++)
		if (tdx_mark(guest, (enum pcs_item)i, &m) && fetched(g, m.want) &&
			marks_raise(g->store, &g->a->crypto, &g->a->trust, &m, g->r->now, e) !=
				ASSAY_OK)
			return without_store(g, e);
	return ASSAY_OK;
}

/* ---- rounds ---- */

static enum assay_code look(struct gathering *g, struct assay_err *e)
{
	facts_done(&g->facts);
	TRY(verify(&g->c, &g->facts, e));
	TRY(review(g, e));
	add_wants(g);
	return ASSAY_OK;
}

static enum assay_code round_of(struct gathering *g, bool *more, struct assay_err *e)
{
	TRY(look(g, e));
	*more = count(g, JOB_OPEN) > 0;
	for (size_t i = 0; i < g->jobs; i++)
		if (g->job[i].state == JOB_OPEN)
			TRY(from_cache(g, &g->job[i], e));
	return fetch(g, e);
}

enum assay_code gather(struct assay *a, struct assay_evidence *ev,
	const struct gather_request *r, struct assay_err *e)
{
	CLEANUP(gathering_done)
	struct gathering g = {
		.a     = a,
		.ev    = &ev->ev,
		.r     = r,
		.store = r->store,
		.c     = { .crypto        = &a->crypto,
			    .evidence     = &ev->ev,
			    .trust        = &a->trust,
			    .now          = r->now,
			    .ocsp_max_age = r->ocsp_max_age,
			    .memo         = a->memo },
	};
	bool more = true;

	g.job = mem_new(JOBS, sizeof(*g.job));
	if (g.job == NULL)
		return err_no_memory(e);
	TRY(load_marks(&g, e));
	for (int i = 0; i < ROUNDS && more; i++)
		TRY(round_of(&g, &more, e));
	TRY(raise_marks(&g, e));
	for (size_t i = 0; i < g.jobs; i++)
		if (g.job[i].state == JOB_OPEN)
			TRY(lose_for(&g, &g.job[i], "was asked too often", e));
	return ASSAY_OK;
}
