/* SPDX-License-Identifier: Apache-2.0
 *
 * How near is verification to the speed of its signatures? One Hopper GPU with its driver and VBIOS RIM, beside raw P-384
 * verifications in the same run, since machines differ: each round measures all of them, and the ratios are medians over
 * the rounds.
 *
 *	cold   nothing is remembered: container, 13 signatures (chain 4, report 1, each RIM 3 + 1), comparison, verdict
 *	warm   upper chain and RIMs are remembered: 3 signatures are left (leaf, identity, report)
 *	node   eight GPUs and four switches with all collateral, nothing remembered */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/evp.h>

#include <assay/assay.h>

#include "base/json.h"
#include "forge/forge.h"

#define ROUNDS      41
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

static double ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* One P-384 key and a message of a report's size, signed once. */
struct raw {
	EVP_PKEY *key;
	uint8_t   message[4096], sig[128];
	size_t    sig_n;
};

static void raw_make(struct raw *r)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	r->key   = EVP_EC_gen("P-384");
	r->sig_n = sizeof(r->sig);
	if (EVP_DigestSignInit(ctx, NULL, EVP_sha384(), NULL, r->key) != 1 ||
		EVP_DigestSign(ctx, r->sig, &r->sig_n, r->message, sizeof(r->message)) != 1)
		exit(1);
	EVP_MD_CTX_free(ctx);
}

static double raw_time(struct raw *r, int n)
{
	double from = ms();

	for (int i = 0; i < n; i++) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		if (EVP_DigestVerifyInit(ctx, NULL, EVP_sha384(), NULL, r->key) != 1 ||
			EVP_DigestVerify(
				ctx, r->sig, r->sig_n, r->message, sizeof(r->message)) != 1)
			exit(1);
		EVP_MD_CTX_free(ctx);
	}
	return (ms() - from) / n;
}

/* A forged node: its anchors, and a bundle as text. */
struct node {
	struct buf anchor[3], bundle;
	uint8_t    nonce[ASSAY_NONCE];
};

static void node_make(bool ppcie, bool ocsp, struct node *out)
{
	CLEANUP(forge_bundle_done) struct forge_bundle b    = { 0 };
	AUTO(json_t)                                  *root = NULL;
	struct forge_spec                              spec;
	struct forge                                  *f = NULL;
	struct assay_err                               e = { 0 };
	size_t                                         i;
	json_t                                        *item;

	forge_spec_default(ppcie, &spec);
	must(forge_new(&spec, &f, &e), &e);
	for (int k = 0; k < 3; k++)
		must(forge_anchor(f, (enum forge_anchor)k, &out->anchor[k], &e), &e);
	must(forge_bundle(f, true, &b, &e), &e);
	must(forge_bundle_json(&b, &root, &e), &e);
	for (i = json_array_size(json_object_get(root, "collateral")); !ocsp && i-- > 0;) {
		item = json_array_get(json_object_get(root, "collateral"), i);
		if (strncmp(json_string_value(json_object_get(item, "want")), "ocsp:", 5) == 0)
			json_array_remove(json_object_get(root, "collateral"), i);
	}
	must(json_write(root, &out->bundle, &e), &e);
	memcpy(out->nonce, b.nonce, sizeof(out->nonce));
	forge_free(f);
}

/* Container to verdict, once. a == NULL: with a context of its own, so that nothing is remembered; its making does not
 * count, since a process makes one. */
static double verify_time(const struct node *n, struct assay *a, enum assay_class want)
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
	from = ms();
	must(assay_evidence_new(&ev, &e), &e);
	must(assay_evidence_add(ev, "bench", n->bundle.p, n->bundle.n, NULL, 0, &e), &e);
	must(assay_verify(a, ev, &o, &r, &e), &e);
	took = ms() - from;
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
	buf_done(&n->bundle);
}

int main(void)
{
	struct raw       raw = { 0 };
	struct node      one = { 0 }, all = { 0 };
	struct assay    *warm = NULL;
	struct assay_err e    = { 0 };
	double           t_raw[ROUNDS], t[3][ROUNDS], x[3][ROUNDS];

	raw_make(&raw);
	node_make(false, false, &one);
	node_make(true, true, &all);
	must(assay_init(&warm, &e), &e);
	must(assay_anchors(warm, one.anchor[0].p, one.anchor[0].n, one.anchor[1].p,
		     one.anchor[1].n, one.anchor[2].p, one.anchor[2].n, &e),
		&e);
	verify_time(
		&one, warm, ASSAY_CLASS_UNDECIDED); /* OCSP answers are left out: undecided */
	for (int i = 0; i < ROUNDS; i++) {
		t_raw[i] = raw_time(&raw, 20);
		t[0][i]  = verify_time(&one, NULL, ASSAY_CLASS_UNDECIDED);
		t[1][i]  = verify_time(&one, warm, ASSAY_CLASS_UNDECIDED);
		t[2][i]  = verify_time(&all, NULL, ASSAY_CLASS_ACCEPTED);
		t_raw[i] = (t_raw[i] + raw_time(&raw, 20)) /
			2; /* before and after: the clock may drift */
		x[0][i] = t[0][i] / (COLD_SIGNED * t_raw[i]);
		x[1][i] = t[1][i] / (WARM_SIGNED * t_raw[i]);
		x[2][i] = t[2][i] / t_raw[i];
	}
	printf("P-384  %8.3f ms a verification; medians of %d rounds, CPU time\n",
		median(t_raw), ROUNDS);
	line("cold", t[0], x[0], COLD_SIGNED, COLD_LIMIT);
	line("warm", t[1], x[1], WARM_SIGNED, WARM_LIMIT);
	line("node", t[2], x[2], 1, 0);
	assay_free(warm);
	free_node(&one);
	free_node(&all);
	EVP_PKEY_free(raw.key);
	return 0;
}
