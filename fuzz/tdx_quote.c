/* SPDX-License-Identifier: Apache-2.0
 *
 * A quote's views lie inside it, its parts add up to the byte, and what is cut off its end is no quote any more. */
#include "fuzz.h"

#include "format/tdx_quote.h"

static void check_td(const struct tdx_td *td, struct bytes in, enum tdx_body body)
{
	HOLDS(td->svn.n == TDX_SVN && inside(td->svn, in));
	HOLDS(td->mrtd.n == TDX_MR && inside(td->mrtd, in));
	HOLDS(td->reportdata.n == 64 && inside(td->reportdata, in));
	for (size_t i = 0; i < TDX_RTMR; i++)
		HOLDS(td->rtmr[i].n == TDX_MR && inside(td->rtmr[i], in));
	HOLDS(td->svn2.n == (body == TDX_TD15 ? TDX_SVN : 0));
	HOLDS(td->mrservicetd.n == (body == TDX_TD15 ? TDX_MR : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes     in = { data, size };
	struct tdx_quote q, other;
	struct assay_err e = { 0 };

	if (tdx_quote_parse(in, &q, &e) != ASSAY_OK) {
		HOLDS(assay_class(e.code) == ASSAY_CLASS_MALFORMED);
		return 0;
	}
	HOLDS(tdx_quote_like(in));
	HOLDS(inside(q.whole, in) && q.whole.p == data);
	HOLDS(q.message.p == data &&
		q.message.n ==
			(q.version == 4                      ? 632u
					: q.body == TDX_TD10 ? 638u
							     : 702u));
	HOLDS(q.whole.n == q.message.n + 4 + 590 + q.qe_auth.n + q.pem.n);
	check_td(&q.td, in, q.body);
	HOLDS(q.signature.n == 64 && q.key.n == TDX_KEY && q.qe_signature.n == 64);
	HOLDS(q.qe_report.n == 384 && inside(q.qe_report, in));
	HOLDS(inside(q.qe.reportdata, q.qe_report) && q.qe.reportdata.n == 64);
	HOLDS(q.pem.p + q.pem.n == q.whole.p + q.whole.n);
	for (size_t i = q.whole.n; i < size; i++)
		HOLDS(data[i] == 0);
	HOLDS(tdx_quote_parse(q.whole, &other, &e) == ASSAY_OK);
	HOLDS(tdx_quote_parse((struct bytes){ data, q.whole.n - 1 }, &other, &e) != ASSAY_OK);
	return 0;
}
