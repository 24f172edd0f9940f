/* SPDX-License-Identifier: Apache-2.0
 *
 * How near is verification to the speed of its signatures? One Hopper GPU with its driver and VBIOS RIM, beside raw P-384
 * verifications in the same run, since machines differ: each round measures all of them, and the ratios are medians over
 * the rounds.
 *
 *	cold   nothing is remembered: container, 13 signatures (chain 4, report 1, each RIM 3 + 1), comparison, verdict
 *	warm   another GPU of the kind was verified before: upper chain and RIMs are remembered, 3 signatures are left (leaf,
 *	       identity, report)
 *	again  the same GPU was, and answers another nonce: the report's is left
 *	json   warm, from a JSON file instead of report and chain: what reading JSON costs
 *	node   eight GPUs and four switches with all collateral, nothing remembered */
#include <stdio.h>
#include <stdlib.h>

#include <assay/assay.h>

#include "base/json.h"
#include "bench/raw.h"
#include "forge/forge.h"

#define ROUNDS      41
#define IN_A_ROW    5
#define COLD_SIGNED 13
#define WARM_SIGNED 3
#define ONE_SIGNED  1
#define COLD_LIMIT  1.40
#define WARM_LIMIT  1.25

static void must(enum assay_code code, const struct assay_err *e)
{
	if (code == ASSAY_OK)
		return;
	fprintf(stderr, "bench: %s\n", assay_err_text(e));
	exit(1);
}

/* What is verified, as NVIDIA's tools write it, and one device's by itself. */
struct sample {
	struct buf evidence, report, chain;
	uint8_t    nonce[ASSAY_NONCE];
};

/* A forged node: its anchors, its RIMs as files; or all in a bundle. */
#define FILES 2
struct node {
	struct buf    anchor[3], rim[FILES];
	char          rim_name[FILES][160];
	struct sample first, again, other; /* again: the same device, to another nonce */
};

static void add_rims(const struct forge_bundle *b, struct node *out)
{
	size_t n = 0;

	for (size_t i = 0; i < b->collaterals && n < FILES; i++) {
		struct buf want = b->collateral[i].want;

		if (want.n < 4 || memcmp(want.p, "rim:", 4) != 0)
			continue;
		buf_put(&out->rim[n], b->collateral[i].body.p, b->collateral[i].body.n);
		snprintf(out->rim_name[n++], sizeof(out->rim_name[0]), "%.*s.xml",
			(int)want.n - 4, want.p + 4);
	}
}

static void sample_make(const struct forge_bundle *b, struct sample *out)
{
	AUTO(json_t)    *root = NULL;
	struct assay_err e    = { 0 };

	must(forge_evidence_json(b, true, false, &root, &e), &e);
	must(json_write(root, &out->evidence, &e), &e);
	buf_put(&out->report, b->evidence[0].report.p, b->evidence[0].report.n);
	buf_put(&out->chain, b->evidence[0].chain.p, b->evidence[0].chain.n);
	memcpy(out->nonce, b->nonce, sizeof(out->nonce));
}

/* The bundle's one device answers anew: GPU number to its nonce. */
static void answer(struct forge *f, unsigned number, struct forge_bundle *b)
{
	struct assay_err e = { 0 };

	b->evidence[0].report.n = b->evidence[0].chain.n = 0;
	must(forge_report(f, FORGE_GPU, number, b->nonce, &b->evidence[0].report, &e), &e);
	must(forge_chain(f, FORGE_GPU, number, &b->evidence[0].chain, &e), &e);
}

static void node_make(bool ppcie, struct node *out)
{
	CLEANUP(forge_bundle_done) struct forge_bundle b    = { 0 };
	AUTO(json_t)                                  *root = NULL;
	struct forge_spec                              spec;
	struct forge                                  *f = NULL;
	struct assay_err                               e = { 0 };

	forge_spec_default(ppcie, &spec);
	must(forge_new(&spec, &f, &e), &e);
	for (int k = 0; k < 3; k++)
		must(forge_anchor(f, (enum forge_anchor)k, &out->anchor[k], &e), &e);
	must(forge_bundle(f, true, &b, &e), &e);
	if (ppcie) {
		must(forge_bundle_json(&b, &root, &e), &e);
		must(json_write(root, &out->first.evidence, &e), &e);
		memcpy(out->first.nonce, b.nonce, sizeof(b.nonce));
	} else {
		add_rims(&b, out);
		sample_make(&b, &out->first);
		b.nonce[0] ^= 1;
		answer(f, 0, &b);
		sample_make(&b, &out->again);
		answer(f, 1, &b);
		sample_make(&b, &out->other);
	}
	forge_free(f);
}

static struct assay *context(const struct node *n)
{
	struct assay    *a = NULL;
	struct assay_err e = { 0 };

	must(assay_init(&a, &e), &e);
	must(assay_anchors(a, n->anchor[0].p, n->anchor[0].n, n->anchor[1].p, n->anchor[1].n,
		     n->anchor[2].p, n->anchor[2].n, &e),
		&e);
	return a;
}

/* Container to verdict, once. */
static double verify_time(struct assay *a, const struct node *n, const struct sample *x,
	bool raw, enum assay_class want)
{
	struct assay_options   o    = { .nonce = x->nonce, .now = FORGE_AT, .historic = 1 };
	struct assay_evidence *ev   = NULL;
	struct assay_report   *r    = NULL;
	struct assay_err       e    = { 0 };
	double                 from = raw_ms(), took;

	must(assay_evidence_new(&ev, &e), &e);
	if (raw)
		must(assay_evidence_add(
			     ev, "gpu0", x->report.p, x->report.n, x->chain.p, x->chain.n, &e),
			&e);
	else
		must(assay_evidence_add(ev, "node", x->evidence.p, x->evidence.n, NULL, 0, &e),
			&e);
	for (int i = 0; i < FILES && n->rim[i].n > 0; i++)
		must(assay_evidence_add_collateral(
			     ev, n->rim_name[i], n->rim[i].p, n->rim[i].n, &e),
			&e);
	must(assay_verify(a, ev, &o, &r, &e), &e);
	took = raw_ms() - from;
	if (assay_report_verdict(r) != want) {
		fprintf(stderr, "bench: the verdict is %s\n",
			assay_class_verdict(assay_report_verdict(r)));
		exit(1);
	}
	assay_report_free(r);
	assay_evidence_free(ev);
	return took;
}

/* The mean of a few, each after known (NULL: nothing) in a context of its own, so that no more than that is remembered.
 * Neither counts. OCSP answers are left out: undecided. */
static double verify_mean(
	const struct node *n, const struct sample *known, const struct sample *x, bool raw)
{
	double sum = 0;

	for (int i = 0; i < IN_A_ROW; i++) {
		struct assay *a = context(n);

		if (known != NULL)
			verify_time(a, n, known, raw, ASSAY_CLASS_UNDECIDED);
		sum += verify_time(a, n, x, raw, ASSAY_CLASS_UNDECIDED);
		assay_free(a);
	}
	return sum / IN_A_ROW;
}

static double verify_node(const struct node *n)
{
	struct assay *a    = context(n);
	double        took = verify_time(a, n, &n->first, false, ASSAY_CLASS_ACCEPTED);

	assay_free(a);
	return took;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_size);
	return v[ROUNDS / 2];
}

static void line(const char *what, double *took, double *ratio, int signatures, double limit)
{
	double r = median(ratio);

	printf("%-6s %8.3f ms  %6.3f x its %d signatures", what, median(took), r, signatures);
	if (limit > 0)
		printf("  (%s %.2f)", r <= limit ? "within" : "OVER", limit);
	printf("\n");
}

static void free_sample(struct sample *x)
{
	buf_done(&x->evidence);
	buf_done(&x->report);
	buf_done(&x->chain);
}

static void free_node(struct node *n)
{
	for (int i = 0; i < 3; i++)
		buf_done(&n->anchor[i]);
	for (int i = 0; i < FILES; i++)
		buf_done(&n->rim[i]);
	free_sample(&n->first);
	free_sample(&n->again);
	free_sample(&n->other);
}

enum { COLD, WARM, AGAIN, JSON, NODE, ROWS };

int main(void)
{
	static const struct {
		const char *name;
		int         signatures;
		double      limit;
	} rows[ROWS] = {
		[COLD]  = { "cold", COLD_SIGNED, COLD_LIMIT },
		[WARM]  = { "warm", WARM_SIGNED, WARM_LIMIT },
		[AGAIN] = { "again", ONE_SIGNED, 0 },
		[JSON]  = { "json", WARM_SIGNED, 0 },
		[NODE]  = { "node", 1, 0 },
	};
	static struct raw raw[COLD_SIGNED];
	static double     t_raw[ROUNDS], t[ROWS][ROUNDS], x[ROWS][ROUNDS];
	struct node       one = { 0 }, all = { 0 };

	for (int i = 0; i < COLD_SIGNED; i++) /* as many keys as a verification has */
		raw_make(&raw[i], "P-384", EVP_sha384(), RAW_MESSAGE);
	node_make(false, &one);
	node_make(true, &all);
	for (int i = 0; i < ROUNDS; i++) {
		t_raw[i]    = raw_time(raw, COLD_SIGNED);
		t[COLD][i]  = verify_mean(&one, NULL, &one.first, true);
		t[WARM][i]  = verify_mean(&one, &one.first, &one.other, true);
		t[AGAIN][i] = verify_mean(&one, &one.first, &one.again, true);
		t[JSON][i]  = verify_mean(&one, &one.first, &one.other, false);
		t[NODE][i]  = verify_node(&all);
		/* before and after: the clock may drift */
		t_raw[i] = (t_raw[i] + raw_time(raw, COLD_SIGNED)) / 2;
		for (int k = 0; k < ROWS; k++)
			x[k][i] = t[k][i] / (rows[k].signatures * t_raw[i]);
	}
	printf("P-384  %8.3f ms a verification; medians of %d rounds, CPU time\n",
		median(t_raw), ROUNDS);
	for (int k = 0; k < ROWS; k++)
		line(rows[k].name, t[k], x[k], rows[k].signatures, rows[k].limit);
	free_node(&one);
	free_node(&all);
	raw_done(raw, COLD_SIGNED);
	return 0;
}
