/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/marks.h"

#include <stdio.h>

#include "attest/cache.h"

#define KEY    (CACHE_KEY + 64)
#define DIGITS 12 /* of the last second of the year 9999 */

static const char *const kinds[] = { " issued ", " evaluation " };

/* "WANT@ANCHORS issued 000001771412331": digits enough, so that bytes sort as numbers. */
static void key_of(const char *name, bool evaluation, int64_t number, char out[KEY])
{
	snprintf(out, KEY, "%s%s%0*lld", name, kinds[evaluation], DIGITS, (long long)number);
}

bool marks_read(const char *key, struct mark_key *out)
{
	const char     *at = strrchr(key, '@'), *word;
	struct mark_key k  = { 0 };
	struct bytes    digits;
	uint64_t        number;

	if (at == NULL || (word = strchr(at, ' ')) == NULL)
		return false;
	k.want       = (struct bytes){ (const uint8_t *)key, (size_t)(at - key) };
	k.anchors    = (struct bytes){ (const uint8_t *)at + 1, (size_t)(word - at) - 1 };
	k.evaluation = strncmp(word, kinds[1], strlen(kinds[1])) == 0;
	if (!k.evaluation && strncmp(word, kinds[0], strlen(kinds[0])) != 0)
		return false;
	digits = bytes_text(word + strlen(kinds[k.evaluation]));
	if (digits.n != DIGITS || !bytes_number(digits, &number))
		return false;
	k.number = (int64_t)number;
	*out     = k;
	return true;
}

/* ---- looking ---- */

struct loading {
	struct pcs_marks *marks;
	char              anchors[CACHE_KEY]; /* "@" and digits */
};

static struct pcs_mark *mark_of(struct pcs_marks *m, struct bytes want)
{
	for (size_t i = 0; i < m->n; i++)
		if (bytes_equal(want, bytes_text(m->mark[i].want)))
			return &m->mark[i];
	if (m->n == PCS_MARKS)
		return NULL;
	snprintf(m->mark[m->n].want, PCS_WANT, "%.*s", (int)want.n, (const char *)want.p);
	return &m->mark[m->n++];
}

static enum assay_code load_one(void *ctx, const struct store_entry *entry, struct assay_err *e)
{
	struct loading  *l = ctx;
	struct mark_key  k;
	struct pcs_mark *m;
	int64_t         *at;

	if (!marks_read(entry->key, &k) || k.want.n >= PCS_WANT ||
		!bytes_equal(k.anchors, bytes_text(l->anchors + 1)))
		return ASSAY_OK; /* of other anchors, or of another assay */
	m = mark_of(l->marks, k.want);
	if (m == NULL)
		return err_set(
			e, ASSAY_HOST_STORE, "marks of more than %d documents", PCS_MARKS);
	at = k.evaluation ? &m->evaluation : &m->issued;
	if (k.number > *at)
		*at = k.number;
	return ASSAY_OK;
}

enum assay_code marks_load(struct store *s, const struct crypto *c, const struct trust *t,
	struct pcs_marks *out, struct assay_err *e)
{
	struct loading l = { .marks = out };

	out->n = 0;
	memset(out->mark, 0, sizeof(out->mark));
	TRY(cache_key(c, t, "", l.anchors, e));
	return store_each(s, MARKS_SPACE, load_one, &l, e);
}

/* ---- raising ---- */

#define LOWER 16 /* dropped at once; what is left goes the next time */

struct lower {
	const char     *name;
	struct mark_key than;
	char            key[LOWER][KEY];
	size_t          n;
	bool            there; /* that one, or a higher one */
};

static enum assay_code find_lower(
	void *ctx, const struct store_entry *entry, struct assay_err *e)
{
	struct lower   *x = ctx;
	const size_t    n = strlen(x->name);
	struct mark_key k;

	(void)e;
	if (strncmp(entry->key, x->name, n) != 0 || entry->key[n] != ' ' ||
		!marks_read(entry->key, &k) || k.evaluation != x->than.evaluation)
		return ASSAY_OK;
	if (k.number >= x->than.number)
		x->there = true;
	else if (x->n < LOWER && strlen(entry->key) < KEY)
		snprintf(x->key[x->n++], KEY, "%s", entry->key);
	return ASSAY_OK;
}

static enum assay_code raise_to(struct store *s, const char *name, bool evaluation,
	int64_t number, int64_t now, struct assay_err *e)
{
	struct lower x = { .name = name,
		.than            = { .evaluation = evaluation, .number = number } };
	char         key[KEY];
	bool         fresh;

	TRY(store_each(s, MARKS_SPACE, find_lower, &x, e));
	if (!x.there) {
		key_of(name, evaluation, number, key);
		TRY(store_put_new(s, MARKS_SPACE, key, BYTES(""), INT64_MAX, now, &fresh, e));
	}
	for (size_t i = 0; i < x.n; i++)
		TRY(store_drop(s, MARKS_SPACE, x.key[i], e));
	return ASSAY_OK;
}

enum assay_code marks_raise(struct store *s, const struct crypto *c, const struct trust *t,
	const struct pcs_mark *m, int64_t now, struct assay_err *e)
{
	char name[CACHE_KEY];

	TRY(cache_key(c, t, m->want, name, e));
	TRY(raise_to(s, name, false, m->issued, now, e));
	return m->evaluation > 0 ? raise_to(s, name, true, m->evaluation, now, e) : ASSAY_OK;
}

/* ---- forgetting ---- */

struct forgetting {
	const char *want;
	char        key[LOWER][KEY];
	size_t      n;
};

static enum assay_code find_named(
	void *ctx, const struct store_entry *entry, struct assay_err *e)
{
	struct forgetting *x = ctx;
	struct mark_key    k;

	(void)e;
	if (x->n == LOWER || strlen(entry->key) >= KEY)
		return ASSAY_OK;
	if (x->want != NULL &&
		(!marks_read(entry->key, &k) || !bytes_equal(k.want, bytes_text(x->want))))
		return ASSAY_OK;
	snprintf(x->key[x->n++], KEY, "%s", entry->key);
	return ASSAY_OK;
}

enum assay_code marks_forget(
	struct store *s, const char *want, size_t *gone, struct assay_err *e)
{
	struct forgetting x;

	*gone = 0;
	do {
		x = (struct forgetting){ .want = want };
		TRY(store_each(s, MARKS_SPACE, find_named, &x, e));
		for (size_t i = 0; i < x.n; i++)
			TRY(store_drop(s, MARKS_SPACE, x.key[i], e));
		*gone += x.n;
	} while (x.n == LOWER);
	return ASSAY_OK;
}
