/* SPDX-License-Identifier: Apache-2.0
 *
 * How near is verification to the speed of its signatures? One Hopper GPU with its driver and VBIOS RIM, beside raw P-384
 * verifications in the same run, since machines differ: each round measures all of them, and the ratios are medians over
 * the rounds.
 *
 *	cold   nothing is remembered: container, 13 signatures (chain 4, report 1, each RIM 3 + 1), comparison, verdict
 *	warm   upper chain and RIMs are remembered: 3 signatures are left (leaf, identity, report)
 *	json   the same from a JSON file instead of report and chain: what reading JSON costs
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
#define COLD_LIMIT  1.40
#define WARM_LIMIT  1.25

static void must(enum assay_code code, const struct assay_err *e)
{
	if (code == ASSAY_OK)
		return;
	fprintf(stderr, "bench: %s\n", assay_err_text(e));
	exit(1);
}

/* A forged node: its anchors, its evidence as NVIDIA's tools write it with the RIMs as files, or all in a bundle. */
#define FILES 2
struct node {
	struct buf anchor[3], evidence, report, chain, rim[FILES];
	char       rim_name[FILES][160];
	uint8_t    nonce[ASSAY_NONCE];
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
	must(ppcie ? forge_bundle_json(&b, &root, &e)
		   : forge_evidence_json(&b, true, false, &root, &e),
		&e);
	must(json_write(root, &out->evidence, &e), &e);
	if (!ppcie) {
		add_rims(&b, out);
		buf_put(&out->report, b.evidence[0].report.p, b.evidence[0].report.n);
		buf_put(&out->chain, b.evidence[0].chain.p, b.evidence[0].chain.n);
	}
	memcpy(out->nonce, b.nonce, sizeof(out->nonce));
	forge_free(f);
}

/* Container to verdict, once. a == NULL: with a context of its own, so that nothing is remembered; its making does not
 * count, since a process makes one. */
static double verify_time(
	const struct node *n, bool raw, struct assay *a, enum assay_class want)
{
	struct assay_options   o   = { .nonce = n->nonce, .now = FORGE_AT, .historic = 1 };
	struct assay          *own = NULL;
	struct assay_evidence *ev  = NULL;
	struct assay_report   *r   = NULL;
	struct assay_err       e   = { 0 };
	double                 from, took;

	if (a == NULL) {
		must(assay_init(&own, &e), &e);
		must(assay_anchors(own, n->anchor[0].p, n->anchor[0].n, n->anchor[1].p,
			     n->anchor[1].n, n->anchor[2].p, n->anchor[2].n, &e),
			&e);
		a = own;
	}
	from = raw_ms();
	must(assay_evidence_new(&ev, &e), &e);
	if (raw)
		must(assay_evidence_add(
			     ev, "gpu0", n->report.p, n->report.n, n->chain.p, n->chain.n, &e),
			&e);
	else
		must(assay_evidence_add(ev, "node", n->evidence.p, n->evidence.n, NULL, 0, &e),
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
	assay_free(own);
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

static void free_node(struct node *n)
{
	for (int i = 0; i < 3; i++)
		buf_done(&n->anchor[i]);
	buf_done(&n->evidence);
	buf_done(&n->report);
	buf_done(&n->chain);
	for (int i = 0; i < FILES; i++)
		buf_done(&n->rim[i]);
}

/* The mean of a few in a row, as in a verifier that is at it. */
static double verify_mean(
	const struct node *n, bool raw, struct assay *a, enum assay_class want)
{
	double sum = 0;

	for (int i = 0; i < IN_A_ROW; i++)
		sum += verify_time(n, raw, a, want);
	return sum / IN_A_ROW;
}

/* For a profiler: the warm case alone, n times. */
static int profile(const struct node *one, struct assay *warm, int n)
{
	while (n-- > 0)
		verify_time(one, true, warm, ASSAY_CLASS_UNDECIDED);
	return 0;
}

int main(int argc, char **argv)
{
	static struct raw raw[COLD_SIGNED];
	struct node       one = { 0 }, all = { 0 };
	struct assay     *warm = NULL;
	struct assay_err  e    = { 0 };
	double            t_raw[ROUNDS], t[4][ROUNDS], x[4][ROUNDS];

	for (int i = 0; i < COLD_SIGNED; i++) /* as many keys as a verification has */
		raw_make(&raw[i], "P-384", EVP_sha384(), RAW_MESSAGE);
	node_make(false, &one);
	node_make(true, &all);
	must(assay_init(&warm, &e), &e);
	must(assay_anchors(warm, one.anchor[0].p, one.anchor[0].n, one.anchor[1].p,
		     one.anchor[1].n, one.anchor[2].p, one.anchor[2].n, &e),
		&e);
	verify_time(&one, true, warm,
		ASSAY_CLASS_UNDECIDED); /* OCSP answers are left out: undecided */
	if (argc == 3 && strcmp(argv[1], "warm") == 0)
		return profile(&one, warm, (int)strtol(argv[2], NULL, 10));
	for (int i = 0; i < ROUNDS; i++) {
		t_raw[i] = raw_time(raw, COLD_SIGNED);
		t[0][i]  = verify_mean(&one, true, NULL, ASSAY_CLASS_UNDECIDED);
		t[1][i]  = verify_mean(&one, true, warm, ASSAY_CLASS_UNDECIDED);
		t[3][i]  = verify_mean(&one, false, warm, ASSAY_CLASS_UNDECIDED);
		t[2][i]  = verify_time(&all, false, NULL, ASSAY_CLASS_ACCEPTED);
		t_raw[i] = (t_raw[i] + raw_time(raw, COLD_SIGNED)) /
			2; /* before and after: the clock may drift */
		x[0][i] = t[0][i] / (COLD_SIGNED * t_raw[i]);
		x[1][i] = t[1][i] / (WARM_SIGNED * t_raw[i]);
		x[3][i] = t[3][i] / (WARM_SIGNED * t_raw[i]);
		x[2][i] = t[2][i] / t_raw[i];
	}
	printf("P-384  %8.3f ms a verification; medians of %d rounds, CPU time\n",
		median(t_raw), ROUNDS);
	line("cold", t[0], x[0], COLD_SIGNED, COLD_LIMIT);
	line("warm", t[1], x[1], WARM_SIGNED, WARM_LIMIT);
	line("json", t[3], x[3], WARM_SIGNED, 0);
	line("node", t[2], x[2], 1, 0);
	assay_free(warm);
	free_node(&one);
	free_node(&all);
	raw_done(raw, COLD_SIGNED);
	return 0;
}
