/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/memo.h"

#include "crypto/digest.h"

struct memo_chain {
	uint8_t key[MEMO_KEY];
	X509   *cert[CHAIN_MAX];
	uint8_t sum[CHAIN_MAX][SHA256_SIZE];
	size_t  n;
	int64_t not_before, not_after;
};

/* What holds from valid_from to valid_until: of an OCSP answer all of it, of the rest no more than that. */
struct memo_place {
	uint8_t          key[MEMO_KEY];
	uint64_t         put; /* the highest was put last; 0: nothing is here */
	struct ocsp_fact fact;
};

struct memo_table {
	struct memo_place *place; /* NULL until something is put */
	size_t             places;
	uint64_t           puts;
};

struct memo {
	struct memo_chain chain[MEMO_PARTS][MEMO_CHAINS];
	size_t            chains[MEMO_PARTS];
	struct rim_known *rim[MEMO_RIMS];
	size_t            rims;
	struct pcs_known *pcs[MEMO_PCS];
	size_t            pcss;
	struct memo_table ocsp, held;
};

enum assay_code memo_new(struct memo **out, struct assay_err *e)
{
	struct memo *m = mem_new(1, sizeof(*m));

	if (m == NULL)
		return err_no_memory(e);
	m->ocsp.places = MEMO_OCSP;
	m->held.places = MEMO_HELD;
	*out           = m;
	return ASSAY_OK;
}

static void chain_drop(struct memo_chain *x)
{
	for (size_t i = 0; i < x->n; i++)
		X509_free(x->cert[i]);
	*x = (struct memo_chain){ 0 };
}

void memo_free(struct memo *m)
{
	if (m == NULL)
		return;
	for (size_t part = 0; part < MEMO_PARTS; part++)
		for (size_t i = 0; i < MEMO_CHAINS; i++)
			chain_drop(&m->chain[part][i]);
	for (size_t i = 0; i < MEMO_RIMS; i++)
		rim_known_drop(m->rim[i]);
	for (size_t i = 0; i < MEMO_PCS; i++)
		pcs_known_drop(m->pcs[i]);
	mem_free(m->ocsp.place);
	mem_free(m->held.place);
	mem_free(m);
}

bool memo_chain_get(struct memo *m, enum memo_part part, const uint8_t key[MEMO_KEY],
	int64_t now, struct chain *chain)
{
	for (size_t i = 0; i < MEMO_CHAINS; i++) {
		struct memo_chain *x = &m->chain[part][i];

		if (x->n == 0 || memcmp(x->key, key, MEMO_KEY) != 0)
			continue;
		if (now < x->not_before || now > x->not_after || chain->n + x->n > CHAIN_MAX)
			return false;
		for (size_t k = 0; k < x->n; k++) {
			X509_up_ref(x->cert[k]);
			memcpy(chain->sum[chain->n], x->sum[k], SHA256_SIZE);
			chain->cert[chain->n++] = x->cert[k];
		}
		return true;
	}
	return false;
}

enum assay_code memo_chain_put(struct memo *m, enum memo_part part, const uint8_t key[MEMO_KEY],
	const struct chain *chain, size_t from, struct assay_err *e)
{
	struct chain       upper = { 0 }; /* lent */
	struct memo_chain *x;

	for (size_t i = from; i < chain->n && upper.n < CHAIN_MAX; i++) {
		memcpy(upper.sum[upper.n], chain->sum[i], SHA256_SIZE);
		upper.cert[upper.n++] = chain->cert[i];
	}
	TRY(chain_window(&upper, e));
	x = &m->chain[part][m->chains[part]++ % MEMO_CHAINS]; /* the oldest goes */
	chain_drop(x);
	memcpy(x->key, key, MEMO_KEY);
	x->not_before = upper.not_before;
	x->not_after  = upper.not_after;
	memcpy(x->sum, upper.sum, sizeof(x->sum));
	for (; x->n < upper.n; x->n++) {
		X509_up_ref(upper.cert[x->n]);
		x->cert[x->n] = upper.cert[x->n];
	}
	return ASSAY_OK;
}

struct rim_known *memo_rim_get(struct memo *m, const uint8_t key[MEMO_KEY], int64_t now)
{
	for (size_t i = 0; i < MEMO_RIMS; i++) {
		struct rim_known *x = m->rim[i];

		if (x == NULL || memcmp(x->key, key, MEMO_KEY) != 0)
			continue;
		if (now < x->chain.not_before || now > x->chain.not_after)
			return NULL;
		x->users++;
		return x;
	}
	return NULL;
}

void memo_rim_put(struct memo *m, struct rim_known *rim)
{
	struct rim_known **place = &m->rim[m->rims++ % MEMO_RIMS];

	rim_known_drop(*place);
	rim->users++;
	*place = rim;
}

void rim_known_drop(struct rim_known *rim)
{
	if (rim == NULL || --rim->users > 0)
		return;
	chain_done(&rim->chain);
	golden_done(&rim->golden);
	mem_free(rim);
}

/* A key's first bytes name the places that it may have. There are several, so that what one case asks for never drives out
 * what the same case put, as keys with the same first bytes else would now and then. */
static struct memo_place *places_of(const struct memo_table *t, const uint8_t key[MEMO_KEY])
{
	size_t sets = t->places / MEMO_WAYS;

	return t->place + ((size_t)key[0] << 8 | key[1]) % sets * MEMO_WAYS;
}

static const struct ocsp_fact *look(
	const struct memo_table *t, const uint8_t key[MEMO_KEY], int64_t now)
{
	const struct memo_place *x = t->place == NULL ? NULL : places_of(t, key);

	for (size_t i = 0; x != NULL && i < MEMO_WAYS; i++)
		if (x[i].put != 0 && memcmp(x[i].key, key, MEMO_KEY) == 0)
			return now >= x[i].fact.valid_from && now <= x[i].fact.valid_until
				? &x[i].fact
				: NULL;
	return NULL;
}

/* The same again, else where nothing is, else where the oldest is. */
static void keep(
	struct memo_table *t, const uint8_t key[MEMO_KEY], const struct ocsp_fact *fact)
{
	struct memo_place *x, *to;

	if (t->place == NULL)
		t->place = mem_new(t->places, sizeof(*t->place));
	if (t->place == NULL)
		return; /* nothing is remembered; nothing else changes */
	x = to = places_of(t, key);
	for (size_t i = 0; i < MEMO_WAYS; i++) {
		if (x[i].put != 0 && memcmp(x[i].key, key, MEMO_KEY) == 0) {
			to = &x[i];
			break;
		}
		if (x[i].put < to->put)
			to = &x[i];
	}
	*to = (struct memo_place){ .put = ++t->puts, .fact = *fact };
	memcpy(to->key, key, MEMO_KEY);
}

bool memo_ocsp_get(
	struct memo *m, const uint8_t key[MEMO_KEY], int64_t now, struct ocsp_fact *out)
{
	const struct ocsp_fact *fact = look(&m->ocsp, key, now);

	if (fact != NULL)
		*out = *fact;
	return fact != NULL;
}

void memo_ocsp_put(struct memo *m, const uint8_t key[MEMO_KEY], const struct ocsp_fact *fact)
{
	keep(&m->ocsp, key, fact);
}

bool memo_held(const struct memo *m, const uint8_t key[MEMO_KEY], int64_t now)
{
	return look(&m->held, key, now) != NULL;
}

void memo_hold(struct memo *m, const uint8_t key[MEMO_KEY], int64_t from, int64_t until)
{
	keep(&m->held, key, &(struct ocsp_fact){ .valid_from = from, .valid_until = until });
}

struct pcs_known *memo_pcs_get(struct memo *m, const uint8_t key[MEMO_KEY], int64_t now)
{
	for (size_t i = 0; i < MEMO_PCS; i++) {
		struct pcs_known *x = m->pcs[i];

		if (x == NULL || memcmp(x->key, key, MEMO_KEY) != 0)
			continue;
		if (now < x->valid_from || now > x->valid_until)
			return NULL;
		x->users++;
		return x;
	}
	return NULL;
}

void memo_pcs_put(struct memo *m, struct pcs_known *k)
{
	struct pcs_known **place = &m->pcs[m->pcss++ % MEMO_PCS];

	pcs_known_drop(*place);
	k->users++;
	*place = k;
}
