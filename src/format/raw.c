/* SPDX-License-Identifier: Apache-2.0
 *
 * A report by itself, as it came or as hexadecimal or base64 text, with its chain beside it; a quote by itself, which holds its
 * chain; and saying no to everything that is no container.
 *
 * Source: nvidia-evidence 1.4. */
#include "base/base64.h"
#include "base/hex.h"
#include "base/show.h"
#include "format/container.h"
#include "format/tdx_quote.h"

/* Things that people give by mistake, by their first bytes. */
static const struct {
	struct bytes begin;
	const char  *what;
} strangers[] = {
	{ BYTES("-----BEGIN"), "PEM without a report" },
	{ BYTES("<"), "XML" },
	{ BYTES("eyJ"), "a token" },
	{ BYTES("\xef\xbb\xbf"), "text with a byte order mark" },
	{ BYTES("\xff\xfe"), "UTF-16 text" },
	{ BYTES("\xfe\xff"), "UTF-16 text" },
	{ BYTES("\x30\x82"), "DER" },
	{ BYTES("\x1f\x8b"), "a gzip file" },
	{ BYTES("PK\x03\x04"), "a ZIP file" },
	{ BYTES("\177ELF"), "a program" },
};

static enum assay_code refuse(struct bytes text, struct assay_err *e)
{
	struct bytes head;

	while (text.n > 1 && byte_blank(text.p[0]))
		text = (struct bytes){ text.p + 1, text.n - 1 };
	head = (struct bytes){ text.p, text.n < 16 ? text.n : 16 };
	for (size_t i = 0; i < ARRAY_LEN(strangers); i++)
		if (bytes_begin(text, strangers[i].begin))
			return err_set(e, ASSAY_INPUT_KIND,
				"this is %s; wanted: " CONTAINER_WANTED, strangers[i].what);
	return err_set(e, ASSAY_INPUT_KIND,
		"a file that begins with \"%s\"; wanted: " CONTAINER_WANTED, SHOW(head));
}

/* Hexadecimal text without blanks and without the prefixes "0x" and "\x", which nvtrust drops wherever they stand. Here
 * they stand before a whole byte only. At most max digits. */
static void scrub(struct bytes text, size_t max, struct buf *out)
{
	for (size_t i = 0; i < text.n && out->n < max; i++) {
		uint8_t c = text.p[i];

		if (out->n % 2 == 0 && (c == '0' || c == '\\') && i + 1 < text.n &&
			text.p[i + 1] == 'x')
			i++;
		else if (!byte_blank(c))
			buf_byte(out, c);
	}
}

static bool is_report(struct bytes b)
{
	return bytes_begin(b, BYTES("\x11\xe0"));
}

#define HEAD 28 /* bytes that tell a quote: up to its vendor's id */

/* Digits of what these are: the head is enough. */
static enum assay_code is_hex(struct bytes digits, bool *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf head = { 0 };
	struct assay_err             why  = { 0 };
	size_t                       n    = 0;

	while (n < digits.n && hex_digit(digits.p[n]) >= 0)
		n++; /* what is none further on is for the decoder to name */
	digits.n = n & ~(size_t)1;
	*out     = hex_decode(digits, false, &head, &why) == ASSAY_OK &&
		(is_report(buf_bytes(&head)) || tdx_quote_like(buf_bytes(&head)));
	if (assay_class(why.code) != ASSAY_CLASS_INTERNAL)
		return ASSAY_OK;
	*e = why; /* no memory is no other kind of file */
	return e->code;
}

/* Base64 of a report, and of a quote of version 4 or 5. */
static bool is_base64(struct bytes text)
{
	static const char *const begin[] = { "EeAB/", "BAACAIEA", "BQACAIEA" };

	for (size_t i = 0; i < ARRAY_LEN(begin); i++)
		if (bytes_begin(text, bytes_text(begin[i])))
			return true;
	return false;
}

enum assay_code raw_bytes(struct bytes text, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf digits = { 0 };
	const struct bytes           plain  = bytes_trim(text);
	bool                         hex    = false;

	if (is_report(text) || tdx_quote_like(text)) {
		buf_put(out, text.p, text.n);
		return buf_ok(out, e);
	}
	if (is_base64(plain))
		return base64_decode(plain, true, out, e);
	scrub(text, 2 * (size_t)HEAD, &digits);
	TRY(buf_ok(&digits, e));
	TRY(is_hex(buf_bytes(&digits), &hex, e));
	if (!hex)
		return ASSAY_OK;
	digits.n = 0;
	scrub(text, text.n, &digits);
	TRY(buf_ok(&digits, e));
	return hex_decode(buf_bytes(&digits), false, out, e);
}

bool evidence_is_report(struct bytes text)
{
	CLEANUP(buf_done) struct buf got  = { 0 };
	struct assay_err             none = { 0 };

	return raw_bytes(text, &got, &none) == ASSAY_OK && is_report(buf_bytes(&got));
}

enum assay_code raw_read(
	struct container *c, struct bytes text, struct bytes chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf got = { 0 };
	struct evidence_device      *d;
	bool                         quote;

	TRY(raw_bytes(text, &got, e));
	if (got.n == 0)
		return refuse(text, e);
	quote = tdx_quote_like(buf_bytes(&got));
	if (!quote && chain.n == 0)
		return err_set(e, ASSAY_INPUT_KIND,
			"a raw report needs its certificate chain (--chain FILE)");
	TRY(container_devices(c, 1, e));
	d = &c->got.device[0];
	TRY(container_copy(c, buf_bytes(&got), &d->report, e));
	if (quote)
		d->kind = DEVICE_TDX;
	else
		TRY(container_copy(c, chain, &d->chain, e));
	container_settle(d, quote, &d->fault);
	return ASSAY_OK;
}
