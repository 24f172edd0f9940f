/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pem.h"

#include "base/base64.h"

#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END   "-----END CERTIFICATE-----"
#define LINE  64

/* Where in text the marker begins; text.n when nowhere. */
static size_t find(struct bytes text, const char *marker)
{
	const uint8_t *at = text.n == 0 ? NULL : memmem(text.p, text.n, marker, strlen(marker));

	return at == NULL ? text.n : (size_t)(at - text.p);
}

static struct bytes from(struct bytes text, size_t at)
{
	return (struct bytes){ text.p + at, text.n - at };
}

enum assay_code pem_next(struct bytes *text, struct buf *der, struct assay_err *e)
{
	struct bytes body;
	size_t       at = 0;

	der->n = 0;
	while (at < text->n && byte_blank(text->p[at]))
		at++;
	body = from(*text, at);
	if (find(body, BEGIN) != 0 || body.n == 0) {
		if (at < text->n)
			return err_set(e, ASSAY_INPUT_PEM,
				"byte 0x%02x where a PEM certificate should begin",
				text->p[at]);
		*text = (struct bytes){ 0 };
		return ASSAY_OK;
	}
	body = from(body, strlen(BEGIN));
	at   = find(body, END);
	if (at == body.n)
		return err_set(e, ASSAY_INPUT_PEM, "a PEM certificate without its end");
	TRY(base64_decode((struct bytes){ body.p, at }, true, der, e));
	if (der->n == 0)
		return err_set(e, ASSAY_INPUT_PEM, "an empty PEM certificate");
	at += strlen(END);
	while (at < body.n && (byte_blank(body.p[at]) || body.p[at] == 0))
		at++;
	*text = from(body, at);
	return ASSAY_OK;
}

void pem_write_as(const char *label, struct bytes der, struct buf *out)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	base64_encode(der, &text);
	buf_printf(out, "-----BEGIN %s-----\n", label);
	for (size_t at = 0; at < text.n; at += LINE) {
		buf_put(out, text.p + at, text.n - at < LINE ? text.n - at : LINE);
		buf_byte(out, '\n');
	}
	buf_printf(out, "-----END %s-----\n", label);
	out->failed |= text.failed;
}

void pem_write(struct bytes der, struct buf *out)
{
	pem_write_as("CERTIFICATE", der, out);
}
