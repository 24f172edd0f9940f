/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/pcs.h"

#include <strings.h>

void pcs_known_drop(struct pcs_known *k)
{
	if (k == NULL || --k->users > 0)
		return;
	tcb_info_done(&k->tcb);
	qe_identity_done(&k->identity);
	buf_done(&k->der);
	chain_done(&k->signer);
	mem_free(k);
}

static bool has(struct bytes in, const char *text)
{
	return in.n > 0 && memmem(in.p, in.n, text, strlen(text)) != NULL;
}

/* What a loose file is called: "tcbinfo.signer.pem", "qe_identity_issuer_chain", "pck_crl.der". */
static bool called(const struct collateral *col, const char *begin)
{
	size_t n = strlen(begin);

	return col->name.n >= n && strncasecmp((const char *)col->name.p, begin, n) == 0;
}

/* Does the name have the word? "SGX-PCK-CRL-Issuer-Chain.pem" has "pck". */
static bool mentions(const struct collateral *col, const char *word)
{
	const size_t n = strlen(word);

	for (size_t i = 0; i + n <= col->name.n; i++)
		if (strncasecmp((const char *)col->name.p + i, word, n) == 0)
			return true;
	return false;
}

/* id: SGX's documents have the same members, and are issued for the same platforms. */
static const struct {
	const char *member, *id, *named, *also, *chain; /* of loose files */
} items[PCS_ITEMS] = {
	[PCS_TCB_INFO] = { "\"" TCB_INFO_NAME "\"", "\"id\":\"TDX\"", "tcb", "tcb-info",
		PCS_TCB_CHAIN },
	[PCS_IDENTITY] = { "\"" QE_IDENTITY_NAME "\"", "\"id\":\"TD_QE\"", "qe", "identity",
		PCS_IDENTITY_CHAIN },
	[PCS_PCK_CRL]  = { .named = "pck" },
	[PCS_ROOT_CRL] = { .named = "root" },
};

/* RIGHT: by what it says of itself, wherever it came from; what is merely called so comes behind it. */
enum likeness { NO_LIKENESS, BY_NAME, BY_KIND, BY_WANT, RIGHT };

/* TCB info of the platform that the want names? Digits of either case. */
static bool same_fmspc(struct bytes body, const char *want)
{
	static const char name[] = "\"fmspc\":\"";
	const char       *id     = strrchr(want, ':') + 1;
	const uint8_t    *at     = memmem(body.p, body.n, name, sizeof(name) - 1);

	if (at == NULL)
		return false;
	at += sizeof(name) - 1;
	return (size_t)(body.p + body.n - at) > strlen(id) &&
		strncasecmp((const char *)at, id, strlen(id)) == 0;
}

static enum likeness look_json(
	const struct collateral *col, enum pcs_item item, const char *want, bool wanted)
{
	if (col->body.p[0] == '{' && has(col->body, items[item].member))
		return has(col->body, items[item].id) &&
				(item != PCS_TCB_INFO || same_fmspc(col->body, want))
			? RIGHT
			: wanted ? BY_WANT
				 : BY_KIND;
	return wanted ? BY_WANT : NO_LIKENESS;
}

/* How much a piece looks like the document in question, and how new it says it is. Nothing of this is verified. */
static enum likeness look(const struct collateral *col, enum pcs_item item, const char *want,
	const X509 *issuer, int64_t *age)
{
	bool             wanted = bytes_equal(col->want, bytes_text(want));
	struct assay_err why    = { 0 };
	struct crl       crl    = { 0 };

	*age = 0;
	if ((!wanted && col->want.n > 0) || col->body.n == 0)
		return NO_LIKENESS;
	if (items[item].member != NULL)
		return look_json(col, item, want, wanted);
	if (!wanted && col->body.p[0] != 0x30)
		return NO_LIKENESS;
	if (crl_parse(col->body, &crl, &why) == ASSAY_OK) {
		*age = crl.this_update;
		if (crl_names(&crl, issuer))
			return RIGHT;
	}
	return wanted ? BY_WANT : called(col, items[item].named) ? BY_NAME : NO_LIKENESS;
}

/* Of JSON: "issueDate" as text, which sorts as it is. */
static struct bytes issued(const struct collateral *col)
{
	static const char name[] = "\"issueDate\":\"";
	const uint8_t    *at     = memmem(col->body.p, col->body.n, name, sizeof(name) - 1);
	size_t            room;

	if (at == NULL)
		return (struct bytes){ 0 };
	at += sizeof(name) - 1;
	room = (size_t)(col->body.p + col->body.n - at);
	return (struct bytes){ at, room < 20 ? room : 20 };
}

static bool newer(const struct collateral *a, const struct collateral *b)
{
	struct bytes x = issued(a), y = issued(b);

	return x.n == 20 && (y.n != 20 || memcmp(x.p, y.p, 20) > 0);
}

/* The PEM beside a document: under its name, else a loose file called like the document, else one of the other's, which
 * mostly has the same signer. To a loose document belongs a loose one first. */
static const struct collateral *find_chain(
	const struct evidence *ev, enum pcs_item item, const char *want, bool loose)
{
	const struct collateral *best = NULL;
	const char              *id   = strrchr(want, ':');
	struct bytes             name = bytes_text(items[item].chain);
	int                      rank = 0;

	for (size_t i = 0; i < ev->collaterals; i++) {
		const struct collateral *col = &ev->collateral[i];
		struct bytes             own = col->want;
		int                      r   = 0;

		if (item == PCS_TCB_INFO && own.n == name.n + strlen(id + 1) &&
			bytes_begin(own, name) &&
			memcmp(own.p + name.n, id + 1, strlen(id + 1)) == 0)
			r = loose ? 2 : 5;
		else if (item == PCS_IDENTITY && bytes_equal(own, name))
			r = loose ? 2 : 5;
		else if (own.n == 0 && bytes_begin(col->body, BYTES("-----BEGIN")))
			r = called(col, items[item].named) || mentions(col, items[item].also)
				? 4
				: mentions(col, "pck") ? 1
						       : 3;
		if (r > rank) {
			best = col;
			rank = r;
		}
	}
	return best;
}

const struct collateral *pcs_find(const struct evidence *ev, enum pcs_item item,
	const char *want, const X509 *issuer, const struct collateral **chain)
{
	const struct collateral *best      = NULL;
	enum likeness            best_like = NO_LIKENESS, like;
	int64_t                  best_age  = 0, age;

	for (size_t i = 0; i < ev->collaterals; i++) {
		const struct collateral *col = &ev->collateral[i];

		like = look(col, item, want, issuer, &age);
		if (like == NO_LIKENESS || like < best_like)
			continue;
		if (like == best_like &&
			(items[item].member != NULL ? !newer(col, best) : age <= best_age))
			continue;
		best      = col;
		best_like = like;
		best_age  = age;
	}
	if (chain != NULL)
		*chain = best == NULL ? NULL : find_chain(ev, item, want, best->want.n == 0);
	return best;
}
