/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/opa.h"

#include "appraise/nvtrust_policy.h"
#include "attest/issue.h"

/* What the agent says, or why it says nothing, into why. Class INTERNAL. */
static enum assay_code ask(struct http_client *http, const char *url, struct bytes question,
	struct assay_err *why, struct assay_err *e)
{
	CLEANUP(http_got_done) struct http_got got = { 0 };
	struct http_ask                        out = {
				       .url    = url,
				       .body   = question,
				       .type   = "application/json",
				       .accept = "application/json",
				       .limit  = OPA_REPLY,
	};

	TRY(http_fetch(http, &out, &got, 1, NULL, NULL, e));
	if (got.why.code != ASSAY_OK)
		*why = got.why;
	else
		opa_answer(buf_bytes(&got.body), why);
	return ASSAY_OK;
}

/* An address may end in a slash or not. */
static enum assay_code put_url(const char *base, struct buf *out, struct assay_err *e)
{
	size_t n = strlen(base);

	while (n > 0 && base[n - 1] == '/')
		n--;
	buf_put(out, base, n);
	buf_text(out, OPA_PATH);
	return buf_ok(out, e);
}

enum assay_code opa_ask(
	struct http_client *http, const char *url, struct assay_report *r, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf           question = { 0 }, address = { 0 };
	CLEANUP(findings_done) struct findings said   = { 0 };
	struct claims_ask                      claims = issue_claims(r, 3);
	struct assay_err                       why    = { 0 };

	TRY(put_url(url, &address, e));
	if (http == NULL)
		err_set(&why, ASSAY_NETWORK_CONNECT, "%s: offline", buf_cstr(&address));
	else if (opa_question(&claims, &question, &why) == ASSAY_OK)
		TRY(ask(http, buf_cstr(&address), buf_bytes(&question), &why, e));
	if (why.code == ASSAY_NETWORK_ADDRESS) {
		*e = why;
		return e->code;
	}
	TRY(opa_finding(&why, &said, e));
	return session_add(r, &said, e);
}
