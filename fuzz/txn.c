/* SPDX-License-Identifier: Apache-2.0
 *
 * What a journal leads to stays below the root: its paths are plain, what is made are their own beginnings. What is behind
 * the last whole line changes nothing. */
#include "env/txn.h"
#include "env/line.h"

#include "fuzz.h"

/* What a damaged one still tells is what its whole lines would tell alone. */
static void salvaged(struct bytes in)
{
	CLEANUP(txn_done) struct txn t = { 0 }, alone = { 0 };
	struct assay_err             why = { 0 }, e = { 0 };

	txn_salvage(in, &t, &why);
	HOLDS(t.whole <= in.n);
	HOLDS(txn_parse((struct bytes){ in.p, t.whole }, &alone, &e) == ASSAY_OK);
	HOLDS(alone.steps == t.steps && alone.whole == t.whole);
}

/* Every whole line gets the sum that it must have; without, no change of a line would come far. */
static void seal(struct bytes in, struct buf *out)
{
	struct bytes line;

	for (size_t at = 0; line_next(in, &at, &line);) {
		CLEANUP(buf_done) struct buf one   = { 0 };
		const bool                   whole = line.p + line.n < in.p + in.n;

		buf_put(&one, line.p, line.n);
		if (whole)
			buf_byte(&one, '\n');
		if (whole && line.n > 0 && line.p[line.n - 1] == '}')
			txn_seal(&one);
		buf_put(out, one.p, one.n);
	}
}

static void parsed(const uint8_t *data, size_t size)
{
	CLEANUP(txn_done) struct txn t = { 0 }, again = { 0 };
	struct assay_err             e = { 0 };

	salvaged((struct bytes){ data, size });
	if (txn_parse((struct bytes){ data, size }, &t, &e) != ASSAY_OK)
		return;
	HOLDS(t.steps <= TXN_STEPS && t.whole <= size);
	for (size_t i = 0; i < t.steps; i++) {
		const struct txn_step *s = &t.step[i];

		const bool large = s->what == TXN_DO_KEEP || s->what == TXN_DO_DROP;

		HOLDS(s->what == TXN_DO_FILE || large ? txn_path(s->path) : s->path == NULL);
		HOLDS(large ? txn_path(s->copy) : s->copy == NULL);
		HOLDS(s->mades <= TXN_MADE);
		for (size_t k = 0; k < s->mades; k++)
			HOLDS(txn_path(s->made[k].path));
		HOLDS(s->what != TXN_DO_COMMAND || s->argv[0] != NULL);
		HOLDS(s->folders <= PLACE_FOLDERS && s->before.body.n == 0);
		for (size_t k = 0; k < s->folders; k++)
			HOLDS(s->path[s->folder[k]] == '/');
	}
	HOLDS(txn_parse((struct bytes){ data, t.whole }, &again, &e) == ASSAY_OK);
	HOLDS(again.steps == t.steps && again.whole == t.whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf sealed = { 0 };

	parsed(data, size);
	seal((struct bytes){ data, size }, &sealed);
	HOLDS(!sealed.failed);
	parsed(sealed.p, sealed.n);
	return 0;
}
