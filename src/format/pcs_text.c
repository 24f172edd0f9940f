/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pcs_text.h"

#include "base/base64.h"
#include "base/hex.h"

#define CRL_BEGIN "-----BEGIN X509 CRL-----"
#define CRL_END   "-----END X509 CRL-----"
#define ESCAPED   "-----BEGIN%20"

bool pcs_text_hex(struct bytes in)
{
	const struct bytes text = bytes_trim(in);

	return text.n > 2 && bytes_begin(text, BYTES("30")) && hex_like(text);
}

static enum assay_code undo_pem(struct bytes text, struct buf *der, struct assay_err *e)
{
	const size_t head = strlen(CRL_BEGIN), foot = strlen(CRL_END);

	if (text.n < head + foot || memcmp(text.p + text.n - foot, CRL_END, foot) != 0)
		return err_set(e, ASSAY_INPUT_PEM, "PEM without its end");
	if (base64_decode((struct bytes){ text.p + head, text.n - head - foot }, true, der,
		    e) != ASSAY_OK)
		return assay_class(e->code) == ASSAY_CLASS_INTERNAL
			? e->code
			: err_set(e, ASSAY_INPUT_PEM, "PEM that is no base64");
	return ASSAY_OK;
}

/* NUL, which C programs write behind text, and blanks. */
static struct bytes trim(struct bytes in)
{
	while (in.n > 0 && (in.p[in.n - 1] == 0 || byte_blank(in.p[in.n - 1])))
		in.n--;
	return bytes_trim(in);
}

enum assay_code pcs_text_crl(struct bytes in, struct buf *der, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf got  = { 0 };
	const struct bytes           text = trim(in);

	if (pcs_text_hex(text))
		TRY(hex_decode(text, false, &got, e));
	else if (bytes_begin(text, BYTES(CRL_BEGIN)))
		TRY(undo_pem(text, &got, e));
	else
		buf_put(&got, in.p, in.n);
	TRY(buf_ok(&got, e));
	if (got.n == 0 || got.p[0] != 0x30)
		return err_set(e, ASSAY_INPUT_KIND,
			"neither DER nor PEM nor hexadecimal text of a CRL");
	buf_put(der, got.p, got.n);
	return buf_ok(der, e);
}

enum assay_code pcs_text_chain(struct bytes in, struct buf *pem, struct assay_err *e)
{
	if (in.n > PCS_TEXT_CHAIN)
		return err_set(e, ASSAY_INPUT_SIZE, "a chain over its limit");
	for (size_t i = 0; i < in.n; i++) {
		int high, low;

		if (in.p[i] != '%') {
			buf_byte(pem, in.p[i]);
			continue;
		}
		high = i + 2 < in.n ? hex_digit(in.p[i + 1]) : -1;
		low  = i + 2 < in.n ? hex_digit(in.p[i + 2]) : -1;
		if (high < 0 || low < 0)
			return err_set(
				e, ASSAY_INPUT_PEM, "a chain that is not percent-encoded");
		buf_byte(pem, (uint8_t)(high * 16 + low));
		i += 2;
	}
	return buf_ok(pem, e);
}

enum assay_code pcs_text_file(struct bytes in, struct buf *out, struct assay_err *e)
{
	const struct bytes text = trim(in);

	if (pcs_text_hex(text) || bytes_begin(text, BYTES(CRL_BEGIN)))
		return pcs_text_crl(text, out, e);
	if (bytes_begin(text, BYTES(ESCAPED)))
		return pcs_text_chain(text, out, e);
	if (text.n > 0 && text.p[0] == '{')
		in = text;
	buf_put(out, in.p, in.n);
	return buf_ok(out, e);
}
