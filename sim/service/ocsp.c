/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's OCSP responder: RFC 6960 over HTTP, appendix A.1. One certificate a request; more of them are a malformed
 * request, as many responders have it. */
#include "base/base64.h"
#include "service/service.h"

static const uint8_t malformed[] = { 0x30, 0x03, 0x0a, 0x01,
	0x01 }; /* OCSPResponse, malformedRequest */

static enum assay_code reply(
	struct platform *p, struct bytes request, struct http_reply *out, struct assay_err *e)
{
	enum assay_code code = forge_ocsp(p->forge, request, platform_now(p), &out->body, e);

	out->status = 200;
	out->type   = "application/ocsp-response";
	if (code == ASSAY_OCSP_MISSING) { /* kept back by a fault */
		out->status = 404;
		return ASSAY_OK;
	}
	if (code != ASSAY_INPUT_DER)
		return code;
	buf_put(&out->body, malformed, sizeof(malformed));
	return buf_ok(&out->body, e);
}

enum assay_code ocsp_post(struct platform *p, const char *rest, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	const char *type = http_header(r, "Content-Type");

	(void)rest;
	if (type == NULL || strcmp(type, "application/ocsp-request") != 0) {
		out->status = 415;
		out->type   = "text/plain";
		buf_text(&out->body, "application/ocsp-request\n");
		return buf_ok(&out->body, e);
	}
	return reply(p, r->body, out, e);
}

enum assay_code ocsp_get(struct platform *p, const char *base64, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf request = { 0 };
	struct assay_err             why     = { 0 };

	(void)r;
	if (base64_decode(bytes_text(base64), false, &request, &why) != ASSAY_OK)
		buf_done(&request); /* which is no request */
	return reply(p, buf_bytes(&request), out, e);
}
