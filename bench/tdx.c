/* SPDX-License-Identifier: Apache-2.0
 *
 * A real quote beside raw P-256 verifications in the same run, since machines differ: medians over rounds, CPU time.
 *
 *	cold   nothing is remembered: quote, dcap-qvl's collateral JSON, nine signatures (PCK chain 2, signer's chain, TCB info,
 *	       its chain again and QE identity, two CRLs, QE report, quote), TCB levels, verdict
 *	warm   the collateral and the chain's upper part are remembered: three signatures are left (leaf, QE report, quote)
 *
 * The limits are those of a core that verifies 20000 P-256 signatures a second: 0.6 ms and 2 ms, so 12 and 40 of them.
 * Needs ASSAY_INTEROP, and says so when it is not there. With arguments, peer.sh and a folder for it, the same quote is
 * given to another implementation in the same run. */
#include <stdio.h>
#include <stdlib.h>

#include "appraise/policy.h"
#include "bench/raw.h"
#include "collect/replay.h"
#include "format/dcap.h"

#define ROUNDS     41
#define IN_A_ROW   20
#define WARM_LIMIT 12.0
#define RAWS       100
#define SIGNED     632 /* bytes of a quote under its signature */
#define COLD_LIMIT 40.0
#define AT         INT64_C(1751328000) /* 2025-07-01, when the collateral was current */
#define RD_AT      568
#define QUOTE      "tdx_quote"
#define COLLATERAL "tdx_quote_collateral.json"

static struct crypto crypto;
static struct trust  trust;
static struct buf    quote, collateral;

static void must(enum assay_code code, const struct assay_err *e)
{
	if (code == ASSAY_OK)
		return;
	fprintf(stderr, "bench: %s\n", assay_err_text(e));
	exit(1);
}

/* One verification; memo: NULL for everything cold. Time of what counts. */
static double once(struct memo *memo)
{
	struct evidence    ev = { 0 };
	struct facts       f  = { 0 };
	struct policy      p  = { 0 };
	struct assay_err   e  = { 0 };
	enum assay_class   verdict;
	struct verify_case c     = { .crypto = &crypto,
		    .evidence                = &ev,
		    .trust                   = &trust,
		    .now                     = AT,
		    .reportdata              = { quote.p + RD_AT, REPORTDATA_SIZE },
		    .memo                    = memo };
	double             start = raw_ms();

	must(dcap_read(&ev, buf_bytes(&collateral), &e), &e);
	if (memo != NULL)
		start = raw_ms();
	must(evidence_add(&ev, "quote", buf_bytes(&quote), (struct bytes){ 0 }, &e), &e);
	must(verify(&c, &f, &e), &e);
	must(appraise(&p, &f, AT, &verdict, &e), &e);
	start = raw_ms() - start;
	/* there is no event log beside it: that is all that may be open */
	for (size_t i = 0; i < f.findings.n; i++)
		if (f.findings.list[i].outcome == ASSAY_OUTCOME_FAIL ||
			(f.findings.list[i].outcome == ASSAY_OUTCOME_UNKNOWN &&
				f.findings.list[i].code != ASSAY_EVENTLOG_MISSING)) {
			fprintf(stderr, "bench: %s\n", f.findings.list[i].message);
			exit(1);
		}
	facts_done(&f);
	evidence_done(&ev);
	return start;
}

static double mean(struct memo *memo)
{
	double sum = 0;

	for (int i = 0; i < IN_A_ROW; i++)
		sum += once(memo);
	return sum / IN_A_ROW;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double median(double *v)
{
	qsort(v, ROUNDS, sizeof(*v), by_size);
	return v[ROUNDS / 2];
}

static int line(const char *what, double *took, double *ratio, double limit)
{
	double r = median(ratio);

	printf("%-6s %8.3f ms  %6.1f P-256 verifications  (%s %.0f)\n", what, median(took), r,
		r <= limit ? "within" : "OVER", limit);
	return r <= limit ? 0 : 1;
}

static void input_path(const char *name, struct buf *out)
{
	const char *dir = getenv("ASSAY_INTEROP");

	buf_printf(out, "%s/tdx/%s", dir == NULL ? "../shared/interop" : dir, name);
}

static bool read_input(const char *name, struct buf *out)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	struct assay_err             e    = { 0 };

	input_path(name, &path);
	return replay_file(buf_cstr(&path), BUNDLE_FILE_MAX, out, &e) == ASSAY_OK;
}

/* Its time includes what it does outside the processor, which is nothing. */
static void beside_peer(const char *script, const char *folder, double cold)
{
	CLEANUP(buf_done) struct buf command = { 0 };
	char                         name[64], status[32], text[256] = "";
	double                       took = 0;
	FILE                        *out;

	buf_printf(&command, "'%s' '%s' '", script, folder);
	input_path(QUOTE, &command);
	buf_text(&command, "' '");
	input_path(COLLATERAL, &command);
	buf_printf(&command, "' %lld", (long long)AT);
	out = popen(buf_cstr(&command), "r");
	if (out == NULL || fgets(text, sizeof(text), out) == NULL)
		snprintf(text, sizeof(text), "skipped: %s could not be run\n", script);
	if (out != NULL)
		pclose(out);
	if (sscanf(text, "%63s %31s %lf", name, status, &took) == 3 && took > 0)
		printf("%s: %s, %.3f ms; assay, cold, takes 1/%.1f of that\n", name, status,
			took, took / cold);
	else
		printf("peer   %s", text);
}

int main(int argc, char **argv)
{
	static struct raw raw[RAWS];
	struct assay_err  e    = { 0 };
	struct memo      *memo = NULL;
	double base[ROUNDS], cold[ROUNDS], warm[ROUNDS], cold_r[ROUNDS], warm_r[ROUNDS];
	int    over;

	if (!read_input(QUOTE, &quote) || !read_input(COLLATERAL, &collateral)) {
		printf("TDX: ASSAY_INTEROP has no quote; nothing measured\n");
		return 0;
	}
	must(crypto_open(&crypto, &e), &e);
	trust = trust_pinned();
	must(memo_new(&memo, &e), &e);
	for (int i = 0; i < RAWS; i++)
		raw_make(&raw[i], "P-256", EVP_sha256(), SIGNED);
	once(memo);
	for (int i = 0; i < ROUNDS; i++) {
		base[i]   = raw_time(raw, RAWS);
		cold[i]   = mean(NULL);
		warm[i]   = mean(memo);
		cold_r[i] = cold[i] / base[i];
		warm_r[i] = warm[i] / base[i];
	}
	printf("P-256  %8.3f ms a verification; medians of %d rounds, CPU time\n", median(base),
		ROUNDS);
	over = line("cold", cold, cold_r, COLD_LIMIT);
	over |= line("warm", warm, warm_r, WARM_LIMIT);
	if (argc == 3)
		beside_peer(argv[1], argv[2], median(cold));
	memo_free(memo);
	crypto_done(&crypto);
	buf_done(&quote);
	buf_done(&collateral);
	raw_done(raw, RAWS);
	return over;
}
