/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes of good evidence turned over, one at a time: in reports, chains, OCSP answers and their requests, and RIMs, of
 * forged nodes and of real evidence.
 *
 *	flips [PERCENT [SEED]]          or: flips --sample PERCENT --seed N
 *
 * A changed bundle may be judged as good as it was only if everything decodes to the same values as before: the JSON
 * report is the same to the byte, but for a RIM document's SHA-256 (as in white space of PEM, line breaks of base64 in
 * KeyInfo, blanks between attributes). Otherwise the verdict must not be "accepted", and where the unchanged evidence
 * is already short of that (real evidence has no OCSP answers here), must be "rejected" or "malformed".
 *
 * PERCENT of the bytes, chosen by SEED, one bit of each, of the 580 report every bit. Status 1 when a flip passes, 0
 * otherwise; the last line is "N flips, N the same, N failed". */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/show.h"
#include "verify/court.h"

static struct {
	unsigned percent;
	uint64_t random; /* state */
	size_t   flips, same, failed;
} run = { .percent = 100, .random = 1 };

/* splitmix64: which bytes a sample has must be the same everywhere */
static uint64_t draw(void)
{
	uint64_t z = run.random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* A good case, and the region of it that is changed. */
struct area {
	struct court     *court;
	const char       *what;
	struct bytes     *region; /* in the court's evidence */
	bool              all_bits;
	enum assay_class  verdict; /* of the unchanged case */
	const struct buf *report;  /* its JSON, masked */
};

static bool has(struct bytes line, const char *text)
{
	return memmem(line.p, line.n, text, strlen(text)) != NULL;
}

/* The report without the lines that say a RIM document's digest. */
static void masked(const struct court *t, struct buf *out)
{
	CLEANUP(buf_done) struct buf json = { 0 };
	size_t                       at   = 0;

	court_json(t, &json);
	while (at < json.n) {
		const uint8_t *end = memchr(json.p + at, '\n', json.n - at);
		size_t         n = end == NULL ? json.n - at : (size_t)(end - json.p) + 1 - at;
		struct bytes   line = { json.p + at, n };

		if (!has(line, "\"sha256\": ") && !has(line, " bytes, SHA-256 "))
			buf_put(out, line.p, line.n);
		at += n;
	}
}

static bool passes(const struct area *a, const struct buf *report)
{
	enum assay_class v = a->court->verdict;

	if (bytes_equal(buf_bytes(report), buf_bytes(a->report))) {
		run.same++;
		return false;
	}
	if (a->verdict == ASSAY_CLASS_ACCEPTED)
		return v == ASSAY_CLASS_ACCEPTED;
	return v != ASSAY_CLASS_REJECTED && v != ASSAY_CLASS_MALFORMED;
}

static void flip(const struct area *a, uint8_t *copy, size_t at, unsigned bit)
{
	CLEANUP(buf_done) struct buf report = { 0 };
	struct assay_err             e      = { 0 };

	copy[at] ^= (uint8_t)(1u << bit);
	if (court_try(a->court, &e) != ASSAY_OK) {
		printf("flips: %s, byte %zu, bit %u: %s\n", a->what, at, bit,
			assay_err_text(&e));
		run.failed++;
	} else {
		masked(a->court, &report);
		if (passes(a, &report)) {
			printf("flips: %s, byte %zu, bit %u: %s\n", a->what, at, bit,
				assay_class_verdict(a->court->verdict));
			run.failed++;
		}
	}
	copy[at] ^= (uint8_t)(1u << bit);
	run.flips++;
}

static void flip_area(const struct area *a)
{
	struct bytes was    = *a->region;
	uint8_t     *copy   = malloc(was.n + 1);
	size_t       before = run.flips, same = run.same, failed = run.failed;

	memcpy(copy, was.p, was.n);
	*a->region = (struct bytes){ copy, was.n };
	for (size_t i = 0; i < was.n; i++)
		for (unsigned bit = 0; bit < (a->all_bits ? 8 : 1); bit++) {
			uint64_t r = draw();

			if (r % 100 < run.percent)
				flip(a, copy, i, a->all_bits ? bit : (unsigned)(r >> 32) % 8);
		}
	facts_done(&a->court->facts); /* it looks into the copy */
	*a->region = was;
	free(copy);
	printf("%-64s %6zu bytes %7zu flips %5zu the same %3zu failed\n", a->what, was.n,
		run.flips - before, run.same - same, run.failed - failed);
	fflush(stdout);
}

static void flip_case(struct court *t, const char *name, bool all_bits)
{
	CLEANUP(buf_done) struct buf report = { 0 };
	struct area                  a      = { .court = t, .report = &report };
	char                         what[256];
	struct assay_err             e = { 0 };

	memo_free(t->memo);
	t->memo = NULL;
	if (memo_new(&t->memo, &e) != ASSAY_OK || court_try(t, &e) != ASSAY_OK) {
		printf("flips: %s: %s\n", name, assay_err_text(&e));
		exit(1);
	}
	a.verdict = t->verdict;
	a.what    = what;
	masked(t, &report);
	for (size_t i = 0; i < t->ev.devices; i++) {
		a.region   = &t->ev.device[i].report;
		a.all_bits = all_bits;
		snprintf(what, sizeof(what), "%s: report", name);
		flip_area(&a);
		a.region   = &t->ev.device[i].chain;
		a.all_bits = false;
		snprintf(what, sizeof(what), "%s: chain", name);
		flip_area(&a);
	}
	for (size_t i = 0; i < t->ev.collaterals; i++) {
		struct collateral *c  = &t->ev.collateral[i];
		struct bytes       id = c->want.n > 0 ? c->want : c->name;

		id.n = id.n < 40 ? id.n : 40;
		snprintf(what, sizeof(what), "%s: %s", name, SHOW(id));
		a.region = &c->body;
		flip_area(&a);
		snprintf(what, sizeof(what), "%s: request of %s", name, SHOW(id));
		a.region = &c->request;
		if (c->request.n > 0)
			flip_area(&a);
	}
	court_empty(t);
}

static void real_evidence(struct court *t)
{
	static const struct {
		const char *name, *rim, *at;
	} rows[] = {
		{ "hopper-580.159.03", NULL, "2026-06-01" },
		{ "hopper-535.86.09", "NV_GPU_VBIOS_1010_0200_882_96005E0001.xml",
			"2024-06-01" },
		{ "blackwell-575.32", NULL, "2026-06-01" },
		{ "ls10-96.10.55.00.01", "NV_SWITCH_BIOS_5612_0002_890_9610550001.xml",
			"2026-06-01" },
	};

	t->trust       = trust_pinned();
	t->nonce_given = false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char report[128], chain[128], rim[128];

		snprintf(report, sizeof(report), "nvidia/raw/%s.report.hex", rows[i].name);
		snprintf(chain, sizeof(chain), "nvidia/raw/%s.chain.pem", rows[i].name);
		court_interop(t, report, chain);
		if (rows[i].rim != NULL) {
			snprintf(rim, sizeof(rim), "nvidia/rims/%s", rows[i].rim);
			court_collateral(t, rim, NULL);
		}
		court_at(t, rows[i].at);
		flip_case(t, rows[i].name, i == 0);
	}
}

static unsigned long number(const char *text, unsigned long max)
{
	char         *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != 0 || n > max) {
		fprintf(stderr, "flips: \"%s\" is no number up to %lu\n", text, max);
		exit(2);
	}
	return n;
}

static void read_options(int argc, char **argv)
{
	int place = 0;

	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];
		bool sample = strcmp(word, "--sample") == 0, seed = strcmp(word, "--seed") == 0;

		if ((sample || seed) && i + 1 < argc)
			word = argv[++i];
		else
			sample = place++ == 0;
		if (sample)
			run.percent = (unsigned)number(word, 100);
		else
			run.random = number(word, UINT32_MAX);
	}
}

/* Where the tests find real evidence. */
static bool find_interop(void)
{
	const char *source = getenv("ASSAY_SOURCE");
	char        path[1024];

	if (getenv("ASSAY_INTEROP") == NULL) {
		snprintf(path, sizeof(path), "%s/../shared/interop",
			source == NULL ? "." : source);
		setenv("ASSAY_INTEROP", path, 1);
	}
	return test_interop_there();
}

int main(int argc, char **argv)
{
	static const struct {
		const char       *name;
		struct forged_ask ask;
	} nodes[] = {
		{ "forged Hopper", { 0 } },
		{ "forged Blackwell", { .blackwell = true } },
	};
	struct court t;

	read_options(argc, argv);
	court_open(&t);
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		court_forge(&t, &nodes[i].ask);
		flip_case(&t, nodes[i].name, false);
	}
	if (find_interop())
		real_evidence(&t);
	else
		puts("flips: no real evidence at $ASSAY_INTEROP; forged evidence only");
	court_close(&t);
	printf("%zu flips, %zu the same, %zu failed\n", run.flips, run.same, run.failed);
	return run.failed != 0 || run.flips == 0;
}
