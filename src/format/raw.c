/* SPDX-License-Identifier: Apache-2.0
 *
 * A report by itself, as it came or as hexadecimal text, with its chain beside it; a quote by itself, which holds its
 * chain; and saying no to everything that is no container.
 *
 * Source: nvidia-evidence 1.4. */
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

static bool is_report_hex(struct bytes b)
{
	return bytes_begin(b, BYTES("11e0")) || bytes_begin(b, BYTES("11E0"));
}

#define QUOTE_HEAD 8 /* bytes that tell a quote */

static bool is_quote_hex(struct bytes digits)
{
	CLEANUP(buf_done) struct buf head = { 0 };
	struct assay_err             why  = { 0 };

	return digits.n == 2 * QUOTE_HEAD &&
		hex_decode(digits, false, &head, &why) == ASSAY_OK &&
		tdx_quote_like(buf_bytes(&head));
}

static enum assay_code read_quote(struct container *c, struct bytes text, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf digits = { 0 };
	struct evidence_device      *d;

	TRY(container_devices(c, 1, e));
	d       = &c->got.device[0];
	d->kind = DEVICE_TDX;
	if (tdx_quote_like(text)) {
		TRY(container_copy(c, text, &d->report, e));
	} else {
		scrub(text, text.n, &digits);
		TRY(buf_ok(&digits, e));
		TRY(hex_decode(buf_bytes(&digits), false, &c->memory, e));
		d->report = buf_bytes(&c->memory);
	}
	container_settle(d, true, &d->fault);
	return ASSAY_OK;
}

bool evidence_is_report(struct bytes text)
{
	CLEANUP(buf_done) struct buf digits = { 0 };

	scrub(text, 2 * QUOTE_HEAD, &digits);
	return is_report(text) || is_report_hex(buf_bytes(&digits));
}

enum assay_code raw_read(
	struct container *c, struct bytes text, struct bytes chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf digits = { 0 };
	struct evidence_device      *d;

	scrub(text, 2 * QUOTE_HEAD, &digits);
	TRY(buf_ok(&digits, e));
	if (tdx_quote_like(text) || is_quote_hex(buf_bytes(&digits)))
		return read_quote(c, text, e);
	if (!is_report(text) && !is_report_hex(buf_bytes(&digits)))
		return refuse(text, e);
	if (chain.n == 0)
		return err_set(e, ASSAY_INPUT_KIND,
			"a raw report needs its certificate chain (--chain FILE)");
	TRY(container_devices(c, 1, e));
	d = &c->got.device[0];
	if (is_report(text)) {
		TRY(container_copy(c, text, &d->report, e));
	} else {
		digits.n = 0;
		scrub(text, text.n, &digits);
		TRY(buf_ok(&digits, e));
		TRY(hex_decode(buf_bytes(&digits), false, &c->memory, e));
		d->report = buf_bytes(&c->memory);
	}
	TRY(container_copy(c, chain, &d->chain, e));
	container_settle(d, false, &d->fault);
	return ASSAY_OK;
}
