/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's provisioning certification service, version 4, and what a PCCS has besides (spec/tdx.md 4.1, 4.2). */
#include <ctype.h>
#include <stdio.h>
#include <strings.h>

#include "base/pem.h"
#include "service/service.h"

#define FMSPC_HEX 12

/* A header's PEM: percent-encoded, all but what RFC 3986 calls unreserved. */
static void put_escaped(struct buf *out, struct bytes text)
{
	for (size_t i = 0; i < text.n; i++) {
		const uint8_t c = text.p[i];

		if (isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~')
			buf_byte(out, c);
		else
			buf_printf(out, "%%%02X", c);
	}
}

static enum assay_code put_chain(struct http_reply *out, const char *header,
	const struct buf *chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	put_escaped(&text, buf_bytes(chain));
	TRY(buf_ok(&text, e));
	http_reply_header(out, header, buf_bytes(&text));
	return ASSAY_OK;
}

static enum assay_code refuse(struct http_reply *out, unsigned status)
{
	out->status = status;
	return ASSAY_OK;
}

/* Which edition of a document: the standard one, the early one (the same here), or one by number. 0: fine. */
static unsigned edition(struct platform *p, const struct http_request *r)
{
	const char *update = http_query(r, "update"),
		   *number = http_query(r, "tcbEvaluationDataNumber");
	char current[16];

	snprintf(current, sizeof(current), "%u", tdx_evaluation(p->tdx));
	if (update != NULL && number != NULL)
		return 400;
	if (update != NULL && strcmp(update, "standard") != 0 && strcmp(update, "early") != 0)
		return 400;
	if (number == NULL || strcmp(number, current) == 0)
		return 0;
	if (strspn(number, "0123456789") != strlen(number) || number[0] == '\0')
		return 400;
	/* one that was served once is gone, one to come is unknown */
	return strlen(number) < strlen(current) || strcmp(number, current) < 0 ? 410 : 404;
}

static bool is_fmspc(struct platform *p, const char *hex)
{
	char own[FMSPC_HEX + 1];

	if (hex == NULL || strlen(hex) != FMSPC_HEX)
		return false;
	for (size_t i = 0; i < FMSPC_HEX / 2; i++)
		snprintf(own + 2 * i, 3, "%02x", tdx_fmspc(p->tdx)[i]);
	return strcasecmp(own, hex) == 0;
}

static enum assay_code tcb(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf chain = { 0 };
	const char                  *fmspc = http_query(r, "fmspc");
	const unsigned               no    = edition(p, r);

	if (no != 0)
		return refuse(out, no);
	if (fmspc == NULL || strlen(fmspc) != FMSPC_HEX)
		return refuse(out, 400);
	if (!is_fmspc(p, fmspc))
		return refuse(out, 404);
	TRY(tdx_tcb_info(p->tdx, platform_now(p), &out->body, &chain, e));
	out->type = "application/json";
	return put_chain(out, "TCB-Info-Issuer-Chain", &chain, e);
}

static enum assay_code identity(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf chain = { 0 };
	const unsigned               no    = edition(p, r);

	if (no != 0)
		return refuse(out, no);
	TRY(tdx_qe_identity(p->tdx, platform_now(p), &out->body, &chain, e));
	out->type = "application/json";
	return put_chain(out, "SGX-Enclave-Identity-Issuer-Chain", &chain, e);
}

static enum assay_code evaluations(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf chain = { 0 };

	(void)r;
	TRY(tdx_evaluations(p->tdx, platform_now(p), &out->body, &chain, e));
	out->type = "application/json";
	return put_chain(out, "TCB-Evaluation-Data-Numbers-Issuer-Chain", &chain, e);
}

/* encoding=der, or else PEM as PCS has it by default. */
static enum assay_code put_crl(const struct http_request *r, const struct buf *der,
	struct http_reply *out, struct assay_err *e)
{
	const char *encoding = http_query(r, "encoding");

	if (encoding != NULL && strcmp(encoding, "der") != 0 && strcmp(encoding, "pem") != 0)
		return refuse(out, 400);
	if (encoding != NULL && encoding[0] == 'd') {
		out->type = "application/pkix-crl";
		buf_put(&out->body, der->p, der->n);
	} else {
		out->type = "application/x-pem-file";
		pem_write_as("X509 CRL", buf_bytes(der), &out->body);
	}
	return buf_ok(&out->body, e);
}

static enum assay_code pck_crl(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf chain = { 0 }, der = { 0 };
	const char                  *ca   = http_query(r, "ca");
	const bool                   proc = ca != NULL && strcmp(ca, "processor") == 0;

	if (ca == NULL || (!proc && strcmp(ca, "platform") != 0))
		return refuse(out, 400);
	TRY(tdx_pck_crl(p->tdx, proc ? TDX_CA_PROCESSOR : TDX_CA_PLATFORM, platform_now(p),
		&der, &chain, e));
	TRY(put_crl(r, &der, out, e));
	return put_chain(out, "SGX-PCK-CRL-Issuer-Chain", &chain, e);
}

/* As a PCCS has it: the DER as hexadecimal text. */
static enum assay_code root_crl_hex(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 };

	(void)r;
	TRY(tdx_root_crl(p->tdx, platform_now(p), &der, e));
	for (size_t i = 0; i < der.n; i++)
		buf_printf(&out->body, "%02x", der.p[i]);
	out->type = "application/pkix-crl";
	return buf_ok(&out->body, e);
}

static enum assay_code root_crl(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	(void)r;
	out->type = "application/pkix-crl";
	return tdx_root_crl(p->tdx, platform_now(p), &out->body, e);
}

static enum assay_code root_certificate(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	(void)r;
	out->type = "application/pkix-cert";
	return forge_anchor_der(p->forge, FORGE_ANCHOR_SGX, &out->body, e);
}

/* Which one is asked for is checked in shape alone: there is one platform here. */
static enum assay_code pck_certificate(struct platform *p, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	static const char *const wanted[]  = { "encrypted_ppid", "cpusvn", "pcesvn", "pceid" };
	CLEANUP(buf_done) struct buf chain = { 0 }, tcbm = { 0 }, fmspc = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		if (http_query(r, wanted[i]) == NULL)
			return refuse(out, 400);
	TRY(tdx_pck_certificate(p->tdx, &out->body, &chain, e));
	out->type = "application/x-pem-file";
	tdx_tcbm(p->tdx, &tcbm);
	for (size_t i = 0; i < FMSPC_HEX / 2; i++)
		buf_printf(&fmspc, "%02X", tdx_fmspc(p->tdx)[i]);
	TRY(buf_ok(&tcbm, e));
	TRY(buf_ok(&fmspc, e));
	http_reply_header(out, "SGX-TCBm", buf_bytes(&tcbm));
	http_reply_header(out, "SGX-FMSPC", buf_bytes(&fmspc));
	http_reply_header(out, "SGX-PCK-Certificate-CA-Type", BYTES("platform"));
	return put_chain(out, "SGX-PCK-Certificate-Issuer-Chain", &chain, e);
}

static const struct {
	const char *path;
	enum assay_code (*answer)(struct platform *p, const struct http_request *r,
		struct http_reply *out, struct assay_err *e);
} rows[] = {
	{ "/tdx/certification/v4/tcb", tcb },
	{ "/tdx/certification/v4/qe/identity", identity },
	{ "/tdx/certification/v4/tcbevaluationdatanumbers", evaluations },
	{ "/sgx/certification/v4/pckcrl", pck_crl },
	{ "/sgx/certification/v4/rootcacrl", root_crl_hex },
	{ "/sgx/certification/v4/pckcert", pck_certificate },
	{ "/IntelSGXRootCA.der", root_crl },
	{ "/Intel_SGX_Provisioning_Certification_RootCA.cer", root_certificate },
};

enum assay_code pcs_get(struct platform *p, const char *path, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	char id[SERVICE_NUMBER];

	if (p->tdx == NULL)
		return refuse(out, 404);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].path, path) != 0)
			continue;
		TRY(service_number(p, path, id, e));
		http_reply_header(out, "Request-ID", bytes_text(id));
		out->status = 200;
		return rows[i].answer(p, r, out, e);
	}
	return refuse(out, 404);
}
