/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's documents about the platform: at hand, its, signed, current, and for this platform.
 *
 * Source: tdx 4.5, 5.2 (C4), 5.3, 5.4, 5.8, 5.9. */
#include <stdio.h>

#include <openssl/x509v3.h>

#include "base/hex.h"
#include "base/show.h"
#include "base/utc.h"
#include "crypto/digest.h"
#include "crypto/sig.h"
#include "verify/tdx.h"

#define SIGNER_CHAIN 2 /* the signer and the root */

static const char *const titles[PCS_ITEMS] = {
	[PCS_TCB_INFO] = "TCB info",
	[PCS_IDENTITY] = "QE identity",
	[PCS_PCK_CRL]  = "PCK CRL",
	[PCS_ROOT_CRL] = "root CRL",
};

static void want_of(const struct guest *g, enum pcs_item item, char out[PCS_WANT])
{
	switch (item) {
	case PCS_TCB_INFO:
		snprintf(out, PCS_WANT, PCS_WANT_TCB_INFO "%s", HEX(BYTES_OF(g->pck.fmspc)));
		break;
	case PCS_PCK_CRL:
		snprintf(out, PCS_WANT, PCS_WANT_PCK_CRL "%s",
			g->platform_ca ? "platform" : "processor");
		break;
	default:
		snprintf(out, PCS_WANT, "%s",
			item == PCS_IDENTITY ? PCS_WANT_IDENTITY : PCS_WANT_ROOT_CRL);
	}
}

/* Who signs a CRL; NULL for JSON, which brings its signer. */
static X509 *issuer_of(const struct guest *g, enum pcs_item item)
{
	return item == PCS_PCK_CRL     ? g->chain.cert[1]
		: item == PCS_ROOT_CRL ? g->chain.cert[2]
				       : NULL;
}

enum assay_code tdx_wants(struct inquiry *q, struct assay_err *e)
{
	const struct guest      *g = q->facts->guest;
	const struct collateral *chain;
	char                     want[PCS_WANT];

	for (size_t i = 0; i < PCS_ITEMS; i++) {
		enum pcs_item item = (enum pcs_item)i;
		X509         *by   = issuer_of(g, item);

		want_of(g, item, want);
		chain = NULL;
		if (pcs_find(q->c->evidence, item, want, by, by == NULL ? &chain : NULL) ==
				NULL ||
			(by == NULL && chain == NULL))
			TRY(inquiry_want(q, want, e));
	}
	return ASSAY_OK;
}

/* What is out of date is wanted anew, as what is not there: whoever gathers brings it, and the newest counts. */
static enum assay_code renew(
	struct inquiry *q, enum pcs_item item, enum assay_code code, struct assay_err *e)
{
	char want[PCS_WANT];

	if (code != ASSAY_CRL_STALE && code != ASSAY_CRL_ROLLBACK && code != ASSAY_JSON_STALE &&
		code != ASSAY_JSON_ROLLBACK)
		return ASSAY_OK;
	want_of(q->facts->guest, item, want);
	return inquiry_want(q, want, e);
}

/* --- what is remembered: a document under every byte that made it good --- */

static void put(struct buf *out, struct bytes in)
{
	buf_put(out, &in.n, sizeof(in.n)); /* or bytes could pass from one to the next */
	buf_put(out, in.p, in.n);
}

static enum assay_code key_of(struct inquiry *q, enum pcs_item item, struct bytes body,
	struct bytes chain, X509 *issuer, uint8_t key[MEMO_KEY], struct assay_err *e)
{
	CLEANUP(buf_done) struct buf all = { 0 };

	buf_byte(&all, (uint8_t)item);
	put(&all, BYTES_OF(q->c->trust->sgx.der));
	put(&all, body);
	put(&all, chain);
	if (issuer != NULL)
		TRY(cert_der(issuer, &all, e));
	TRY(buf_ok(&all, e));
	return digest(q->c->crypto->sha256, buf_bytes(&all), key, e);
}

static void drop(struct pcs_known **k)
{
	pcs_known_drop(*k);
}

static struct pcs_known *make(
	enum pcs_item item, const uint8_t key[MEMO_KEY], struct assay_err *e)
{
	struct pcs_known *k = mem_new(1, sizeof(*k));

	if (k == NULL) {
		err_no_memory(e);
		return NULL;
	}
	k->users = 1;
	k->item  = item;
	memcpy(k->key, key, MEMO_KEY);
	return k;
}

/* --- what held before --- */

static int64_t issue_of(const struct pcs_known *k)
{
	return k->item == PCS_TCB_INFO    ? k->tcb.issued
		: k->item == PCS_IDENTITY ? k->identity.issued
					  : k->crl.this_update;
}

static int64_t evaluation_of(const struct pcs_known *k)
{
	return k->item == PCS_TCB_INFO    ? k->tcb.evaluation
		: k->item == PCS_IDENTITY ? k->identity.evaluation
					  : 0;
}

bool tdx_item_held(const struct guest *g, enum pcs_item item)
{
	static const enum check whole[PCS_ITEMS] = {
		[PCS_TCB_INFO] = CHECK_TDX_COLLATERAL_TCBINFO,
		[PCS_IDENTITY] = CHECK_TDX_COLLATERAL_IDENTITY,
		[PCS_PCK_CRL]  = CHECK_NONE, /* each list by itself */
		[PCS_ROOT_CRL] = CHECK_NONE,
	};

	return g->item[item] != NULL && (whole[item] == CHECK_NONE || g->held[whole[item]]);
}

bool tdx_mark(const struct guest *g, enum pcs_item item, struct pcs_mark *out)
{
	if (!tdx_item_held(g, item))
		return false;
	want_of(g, item, out->want);
	out->issued     = issue_of(g->item[item]);
	out->evaluation = evaluation_of(g->item[item]);
	return true;
}

/* D7: an old document that is still in date says what an attacker would like it to say again. */
static enum assay_code check_mark(const struct inquiry *q, const char *want,
	const struct pcs_known *k, struct assay_err *e)
{
	const struct pcs_mark *m    = NULL;
	const enum assay_code  code = k->item == PCS_TCB_INFO || k->item == PCS_IDENTITY
		 ? ASSAY_JSON_ROLLBACK
		 : ASSAY_CRL_ROLLBACK;

	for (size_t i = 0; q->c->marks != NULL && m == NULL && i < q->c->marks->n; i++)
		if (strcmp(q->c->marks->mark[i].want, want) == 0)
			m = &q->c->marks->mark[i];
	if (m == NULL)
		return ASSAY_OK;
	if (issue_of(k) < m->issued - PCS_TOLERANCE)
		return err_set(e, code, "it is of %s, one of %s held before", UTC(issue_of(k)),
			UTC(m->issued));
	if (evaluation_of(k) < m->evaluation)
		return err_set(e, code, "evaluation number %lld, one of %lld held before",
			(long long)evaluation_of(k), (long long)m->evaluation);
	return ASSAY_OK;
}

/* --- CRLs --- */

static enum assay_code unrevoked(
	const struct crl *list, const X509 *cert, size_t i, struct assay_err *e)
{
	int64_t since;

	if (crl_lists(list, cert_serial(cert), &since))
		return err_set(e, ASSAY_CRL_REVOKED, "certificate %zu, \"%s\": revoked at %s",
			i, SHOW(cert_subject(cert, NID_commonName)), UTC(since));
	return ASSAY_OK;
}

/* A list that is out of date clears nobody, but whom its issuer had revoked by then stays revoked. */
static enum assay_code check_old(
	const struct guest *g, const struct pcs_known *k, struct assay_err *e)
{
	size_t i = k->item == PCS_PCK_CRL ? 0 : 1;

	return unrevoked(&k->crl, g->chain.cert[i], i, e);
}

static enum assay_code read_crl(struct inquiry *q, const struct collateral *col, X509 *issuer,
	struct pcs_known *k, struct assay_err *e)
{
	buf_put(&k->der, col->body.p, col->body.n);
	TRY(buf_ok(&k->der, e));
	TRY(crl_parse(buf_bytes(&k->der), &k->crl, e));
	TRY(crl_verify(q->c->crypto, &k->crl, issuer, e));
	if (crl_current(&k->crl, q->c->now, e) != ASSAY_OK) {
		TRY(check_old(q->facts->guest, k, e));
		return e->code;
	}
	k->valid_from  = k->crl.this_update;
	k->valid_until = k->crl.next_update - 1;
	return ASSAY_OK;
}

static enum assay_code crl(struct inquiry *q, enum pcs_item item, struct assay_err *e)
{
	struct guest                   *g      = q->facts->guest;
	X509                           *issuer = issuer_of(g, item);
	CLEANUP(drop) struct pcs_known *k      = NULL;
	const struct collateral        *col;
	char                            want[PCS_WANT];
	uint8_t                         key[MEMO_KEY];

	want_of(g, item, want);
	col = pcs_find(q->c->evidence, item, want, issuer, NULL);
	if (col == NULL)
		return inquiry_missing(q, want, ASSAY_CRL_MISSING, "it is not at hand", e);
	TRY(key_of(q, item, col->body, (struct bytes){ 0 }, issuer, key, e));
	k = memo_pcs_get(q->c->memo, key, q->c->now);
	if (k == NULL) {
		k = make(item, key, e);
		if (k == NULL)
			return e->code;
		TRY(read_crl(q, col, issuer, k, e));
		memo_pcs_put(q->c->memo, k);
	}
	if (check_mark(q, want, k, e) != ASSAY_OK) {
		TRY(check_old(g, k, e));
		return e->code;
	}
	inquiry_until(q, k->valid_until);
	g->item[item]  = TAKE(k);
	g->piece[item] = col;
	return ASSAY_OK;
}

enum assay_code ask_tdx_crls(struct inquiry *q, struct assay_err *e)
{
	static const enum pcs_item both[] = { PCS_ROOT_CRL, PCS_PCK_CRL };
	const struct guest        *g      = q->facts->guest;

	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		struct assay_err why = { 0 };

		if (crl(q, both[i], &why) == ASSAY_OK)
			continue;
		TRY(renew(q, both[i], why.code, e));
		err_wrap(&why, "%s", titles[both[i]]);
		TRY(inquiry_note(q, CHECK_NONE, &why, false, e));
	}
	if (g->item[PCS_PCK_CRL] != NULL)
		inquiry_say(q, "%zu revoked, until %s", g->item[PCS_PCK_CRL]->crl.entries,
			UTC(g->item[PCS_PCK_CRL]->crl.next_update));
	return ASSAY_OK;
}

/* R5: the leaf against its issuer's list, all above it against the root's. */
enum assay_code ask_pck_revocation(struct inquiry *q, struct assay_err *e)
{
	const struct guest *g = q->facts->guest;

	for (size_t i = 0; i < g->chain.n; i++) {
		struct assay_err why = { 0 };

		if (unrevoked(&g->item[i == 0 ? PCS_PCK_CRL : PCS_ROOT_CRL]->crl,
			    g->chain.cert[i], i, &why) == ASSAY_OK)
			continue;
		q->detail = DETAIL_CERTIFICATE;
		q->number = (unsigned)i;
		TRY(inquiry_note(q, CHECK_NONE, &why, false, e));
	}
	inquiry_say(q, "none of %zu certificates", g->chain.n);
	return ASSAY_OK;
}

/* --- signed JSON --- */

/* C4: not any key that Intel certified, but the one that may say what good platforms are. */
static enum assay_code check_signer(
	struct inquiry *q, struct bytes pem, struct chain *chain, struct assay_err *e)
{
	X509 *signer;

	if (chain_parse(q->c->crypto, pem, SIGNER_CHAIN, chain, e) != ASSAY_OK)
		return err_wrap(e, "its chain");
	signer = chain->cert[0];
	TRY(chain_verify_p256(q->c->crypto, chain, &q->c->trust->sgx, q->c->now, 0, e));
	if (!bytes_equal(cert_subject(signer, NID_commonName), BYTES("Intel SGX TCB Signing")))
		return err_set(e, ASSAY_CERT_PROFILE, "its signer is \"%s\"",
			SHOW(cert_subject(signer, NID_commonName)));
	if (!cert_signs_data(signer))
		return err_set(e, ASSAY_CERT_PROFILE, "its signer may not sign data");
	return ASSAY_OK;
}

static void window(struct pcs_known *k, int64_t issued, int64_t next)
{
	k->valid_from  = issued > k->signer.not_before ? issued : k->signer.not_before;
	k->valid_until = next < k->signer.not_after ? next : k->signer.not_after;
}

static enum assay_code check_dates(
	int64_t issued, int64_t next, int64_t now, struct assay_err *e)
{
	if (now < issued)
		return err_set(e, ASSAY_JSON_FUTURE, "it was issued at %s", UTC(issued));
	if (now > next)
		return err_set(e, ASSAY_JSON_STALE, "it was good until %s", UTC(next));
	return ASSAY_OK;
}

/* Intel's JSON has no white space (tdx 4.5); that of tools that print it anew has, behind each colon or line. */
static bool reprinted(struct bytes text)
{
	return memchr(text.p, '\n', text.n) != NULL ||
		memmem(text.p, text.n, "\": ", 3) != NULL;
}

/* The signature first, over the bytes that arrived; what it says is then read from those bytes alone. */
static enum assay_code read_document(struct inquiry *q, const struct collateral *col,
	const struct collateral *pem, struct pcs_known *k, struct assay_err *e)
{
	bool                tcb = k->item == PCS_TCB_INFO;
	struct tcb_envelope v;

	TRY(tcb_envelope(col->body, tcb ? TCB_INFO_NAME : QE_IDENTITY_NAME, &v, e));
	TRY(check_signer(q, pem->body, &k->signer, e));
	if (sig_p256(q->c->crypto, X509_get0_pubkey(k->signer.cert[0]), v.signed_text,
		    BYTES_OF(v.signature), ASSAY_JSON_SIGNATURE, e) != ASSAY_OK)
		return reprinted(v.signed_text)
			? err_wrap(e,
				  "it was printed anew, with white space that Intel's does not have, and is wanted to the byte as the service sent it")
			: e->code;
	if (tcb) {
		TRY(tcb_info_parse(v.signed_text, &k->tcb, e));
		window(k, k->tcb.issued, k->tcb.next);
		return check_dates(k->tcb.issued, k->tcb.next, q->c->now, e);
	}
	TRY(qe_identity_parse(v.signed_text, &k->identity, e));
	window(k, k->identity.issued, k->identity.next);
	return check_dates(k->identity.issued, k->identity.next, q->c->now, e);
}

static enum assay_code document(struct inquiry *q, enum pcs_item item, struct assay_err *e)
{
	CLEANUP(drop) struct pcs_known *k = NULL;
	struct guest                   *g = q->facts->guest;
	const struct collateral        *col, *pem = NULL;
	char                            want[PCS_WANT];
	uint8_t                         key[MEMO_KEY];

	want_of(g, item, want);
	col = pcs_find(q->c->evidence, item, want, NULL, &pem);
	if (col == NULL || pem == NULL)
		return inquiry_missing(q, want,
			item == PCS_TCB_INFO ? ASSAY_TCB_MISSING : ASSAY_QE_MISSING,
			col == NULL ? "it is not at hand" : "its chain is not at hand", e);
	TRY(key_of(q, item, col->body, pem->body, NULL, key, e));
	k = memo_pcs_get(q->c->memo, key, q->c->now);
	if (k == NULL) {
		k = make(item, key, e);
		if (k == NULL)
			return e->code;
		TRY(read_document(q, col, pem, k, e));
		memo_pcs_put(q->c->memo, k);
	}
	inquiry_until(q, k->valid_until);
	g->item[item]   = TAKE(k);
	g->piece[item]  = col;
	g->signer[item] = pem;
	TRY(check_mark(q, want, g->item[item], e));
	/* without a root CRL this is not asked, and that one's finding keeps the verdict from being "accepted" */
	return g->item[PCS_ROOT_CRL] == NULL
		? ASSAY_OK
		: unrevoked(&g->item[PCS_ROOT_CRL]->crl, g->item[item]->signer.cert[0], 0, e);
}

static enum assay_code current_document(
	struct inquiry *q, enum pcs_item item, struct assay_err *e)
{
	struct assay_err full = { 0 };

	if (document(q, item, e) == ASSAY_OK)
		return ASSAY_OK;
	if (renew(q, item, e->code, &full) != ASSAY_OK)
		*e = full;
	return e->code;
}

static enum assay_code check_evaluation(
	const struct tdx_rules *rules, int64_t number, struct assay_err *e)
{
	if (number < rules->minimum_evaluation)
		return err_set(e, ASSAY_JSON_EVALUATION,
			"evaluation number %lld, the policy asks for %lld", (long long)number,
			(long long)rules->minimum_evaluation);
	return ASSAY_OK;
}

enum assay_code ask_tcb_info(struct inquiry *q, struct assay_err *e)
{
	const struct guest    *g = q->facts->guest;
	const struct tcb_info *t;

	TRY(current_document(q, PCS_TCB_INFO, e));
	t = &g->item[PCS_TCB_INFO]->tcb;
	if (memcmp(t->fmspc, g->pck.fmspc, sizeof(t->fmspc)) != 0) {
		hex_encode(BYTES_OF(g->pck.fmspc), &q->expected);
		hex_encode(BYTES_OF(t->fmspc), &q->observed);
		return err_set(e, ASSAY_JSON_FMSPC, "it is for another FMSPC");
	}
	if (memcmp(t->pceid, g->pck.pceid, sizeof(t->pceid)) != 0) {
		hex_encode(BYTES_OF(g->pck.pceid), &q->expected);
		hex_encode(BYTES_OF(t->pceid), &q->observed);
		return err_set(e, ASSAY_JSON_PCEID, "it is for another PCEID");
	}
	TRY(check_evaluation(tdx_rules_of(q->c), t->evaluation, e));
	inquiry_say(q, "evaluation %lld, until %s", (long long)t->evaluation, UTC(t->next));
	return ASSAY_OK;
}

enum assay_code ask_identity(struct inquiry *q, struct assay_err *e)
{
	const struct guest       *g     = q->facts->guest;
	const struct tdx_rules   *rules = tdx_rules_of(q->c);
	const struct qe_identity *i;

	TRY(current_document(q, PCS_IDENTITY, e));
	i = &g->item[PCS_IDENTITY]->identity;
	TRY(check_evaluation(rules, i->evaluation, e));
	if (g->item[PCS_TCB_INFO] != NULL && !rules->unequal_evaluation &&
		i->evaluation != g->item[PCS_TCB_INFO]->tcb.evaluation)
		return err_set(e, ASSAY_JSON_EVALUATION,
			"evaluation number %lld, that of the TCB info is %lld",
			(long long)i->evaluation,
			(long long)g->item[PCS_TCB_INFO]->tcb.evaluation);
	inquiry_say(q, "evaluation %lld, until %s", (long long)i->evaluation, UTC(i->next));
	return ASSAY_OK;
}
