/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/pcs_service.h"

#include <stdio.h>

#include "base/pem.h"
#include "base/show.h"
#include "format/pcs_text.h"
#include "verify/pcs.h"

#define FMSPC     12 /* digits */
#define CHAIN_PEM 16384
#define CERTS     4   /* signer and root; a few more are the verifier's to refuse */
#define HEAD      256 /* bytes of JSON in which its one member begins */

const char *const pcs_service_headers[PCS_SERVICE_HEADERS + 1] = {
	"TCB-Info-Issuer-Chain",
	"SGX-TCB-Info-Issuer-Chain", /* of older PCCS */
	"SGX-Enclave-Identity-Issuer-Chain",
	NULL,
};

static bool is_fmspc(const char *id)
{
	return strlen(id) == FMSPC && strspn(id, "0123456789abcdef") == FMSPC;
}

static bool is_ca(const char *id)
{
	return strcmp(id, "platform") == 0 || strcmp(id, "processor") == 0;
}

static bool is_nothing(const char *id)
{
	return id[0] == '\0';
}

/* One row a kind of want. path has the id at its end, or in the place of %s. */
static const struct row {
	const char *want;
	bool (*id)(const char *id);
	const char *path;
	const char *member; /* of JSON; NULL: a CRL */
	const char *chain;
	unsigned    first, last; /* headers */
} rows[] = {
	{ PCS_WANT_TCB_INFO, is_fmspc, "/tdx/certification/v4/tcb?fmspc=%s",
		"\"" TCB_INFO_NAME "\"", PCS_TCB_CHAIN, 0, 1 },
	{ PCS_WANT_IDENTITY, is_nothing, "/tdx/certification/v4/qe/identity%s",
		"\"" QE_IDENTITY_NAME "\"", PCS_IDENTITY_CHAIN, 2, 2 },
	{ PCS_WANT_PCK_CRL, is_ca, "/sgx/certification/v4/pckcrl?ca=%s&encoding=der", NULL,
		NULL, 0, 0 },
	{ PCS_WANT_ROOT_CRL, is_nothing, "/sgx/certification/v4/rootcacrl%s", NULL, NULL, 0,
		0 },
};

static const struct row *row_of(const char *want, const char **id)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		*id = want + strlen(rows[i].want);
		if (strncmp(want, rows[i].want, strlen(rows[i].want)) == 0 && rows[i].id(*id))
			return &rows[i];
	}
	return NULL;
}

static enum assay_code unknown(const char *want, struct assay_err *e)
{
	return err_set(e, ASSAY_NETWORK_ADDRESS, "\"%s\" is nothing that PCS has",
		SHOW(bytes_text(want)));
}

/* Without slashes at its end and without the route, whatever its version. */
static struct bytes trim_base(const char *base)
{
	static const char *const routes[] = { "/sgx/certification/v", "/tdx/certification/v" };
	struct bytes             b        = bytes_text(base);

	while (b.n > 0 && b.p[b.n - 1] == '/')
		b.n--;
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		const size_t n = strlen(routes[i]) + 1;

		if (b.n > n && memcmp(b.p + b.n - n, routes[i], n - 1) == 0 &&
			byte_digit(b.p[b.n - 1]))
			b.n -= n;
	}
	return b;
}

enum assay_code pcs_service_url(
	const char *base, const char *want, struct buf *out, struct assay_err *e)
{
	const char        *id;
	const struct row  *row = row_of(want, &id);
	const struct bytes own = trim_base(base), intel = BYTES(PCS_SERVICE_URL);
	char               path[128];

	if (row == NULL)
		return unknown(want, e);
	if (strcmp(row->want, PCS_WANT_ROOT_CRL) == 0 && bytes_equal(own, intel)) {
		buf_text(out, PCS_SERVICE_ROOT);
		return buf_ok(out, e);
	}
	snprintf(path, sizeof(path), "%.*s%s%s", (int)strcspn(row->path, "%"), row->path, id,
		strchr(row->path, '%') + 2);
	buf_put(out, own.p, own.n);
	buf_text(out, path);
	return buf_ok(out, e);
}

/* --- bodies --- */

static enum assay_code odd(const char *why, struct assay_err *e)
{
	return err_set(e, ASSAY_SERVICE_REPLY, "no reply of a PCS: %s", why);
}

/* An error page is no answer. Whether a document is well formed is the verifier's: it would see a forged one as missing
 * otherwise. */
static enum assay_code take_json(
	const struct row *row, struct bytes reply, struct buf *out, struct assay_err *e)
{
	const struct bytes text = bytes_trim(reply);

	if (text.n == 0 || text.p[0] != '{' ||
		memmem(text.p, text.n < HEAD ? text.n : HEAD, row->member,
			strlen(row->member)) == NULL)
		return err_set(e, ASSAY_SERVICE_REPLY,
			"no reply of a PCS: it does not begin as an object with %s",
			row->member);
	buf_put(out, text.p, text.n);
	return buf_ok(out, e);
}

/* What the text forms refuse is, from here, no reply. */
static enum assay_code odd_text(struct assay_err *e)
{
	CLEANUP(buf_done) struct buf why = { 0 };

	if (assay_class(e->code) == ASSAY_CLASS_INTERNAL)
		return e->code;
	buf_text(&why, assay_err_text(e));
	TRY(buf_ok(&why, e));
	return odd(buf_cstr(&why), e);
}

enum assay_code pcs_service_body(
	const char *want, struct bytes reply, struct buf *out, struct assay_err *e)
{
	const char       *id;
	const struct row *row = row_of(want, &id);

	if (row == NULL)
		return unknown(want, e);
	if (row->member != NULL)
		return take_json(row, reply, out, e);
	return pcs_text_crl(reply, out, e) == ASSAY_OK ? ASSAY_OK : odd_text(e);
}

/* --- chains --- */

const char *pcs_service_beside(const char *want, char out[64])
{
	const char       *id;
	const struct row *row = row_of(want, &id);

	if (row == NULL || row->chain == NULL)
		return NULL;
	snprintf(out, 64, "%s%s", row->chain, id);
	return out;
}

static enum assay_code check_pem(struct bytes text, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 };
	struct assay_err             why = { 0 };
	size_t                       n   = 0;

	if (text.n > CHAIN_PEM)
		return odd("a chain over its limit", e);
	for (;;) {
		enum assay_code code = pem_next(&text, &der, &why);

		if (assay_class(code) == ASSAY_CLASS_INTERNAL) {
			*e = why;
			return code;
		}
		if (code != ASSAY_OK || n > CERTS || (der.n == 0 && n == 0))
			return odd("a chain that is not PEM", e);
		if (der.n == 0)
			return ASSAY_OK;
		n++;
	}
}

enum assay_code pcs_service_chain(const char *want,
	const struct bytes header[PCS_SERVICE_HEADERS], struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf pem = { 0 };
	const char                  *id;
	const struct row            *row   = row_of(want, &id);
	struct bytes                 given = { 0 };

	if (row == NULL || row->chain == NULL)
		return unknown(want, e);
	for (unsigned i = row->first; i <= row->last; i++) {
		if (header[i].n > 0 && given.n > 0 && !bytes_equal(header[i], given))
			return odd("two chains that differ", e);
		if (header[i].n > 0)
			given = header[i];
	}
	if (given.n == 0)
		return odd("without the chain of its signer", e);
	if (pcs_text_chain(given, &pem, e) != ASSAY_OK)
		return odd_text(e);
	TRY(check_pem(buf_bytes(&pem), e));
	buf_put(out, pem.p, pem.n);
	return buf_ok(out, e);
}
