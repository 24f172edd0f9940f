/* SPDX-License-Identifier: Apache-2.0 */
#include "format/rim_reply.h"

#include "base/show.h"

/* Parsed, since reports and other JSON speak of RIMs too. */
bool rim_reply_like(struct bytes in)
{
	static const char name[] = "\"rim\"";
	AUTO(json_t)     *root   = NULL;
	struct assay_err  none   = { 0 };
	struct bytes      text   = bytes_trim(in);

	if (text.n == 0 || text.p[0] != '{' ||
		memmem(text.p, text.n, name, sizeof(name) - 1) == NULL ||
		json_read(in, RIM_REPLY_FILE, &root, &none) != ASSAY_OK)
		return false;
	return json_is_string(json_object_get(root, "id")) &&
		json_is_string(json_object_get(root, "rim"));
}

enum assay_code rim_reply_read(
	const json_t *root, struct rim_reply *out, struct buf *xml, struct assay_err *e)
{
	const size_t     start = xml->n;
	struct rim_reply r;
	struct bytes     format;

	if (!json_is_object(root))
		return err_set(e, ASSAY_JSON_FIELD, "it is not an object");
	TRY(json_get_text(root, "id", JSON_MUST, &r.id, e));
	TRY(json_get_text(root, "rim_format", JSON_MAY, &format, e));
	/* the other is CORIM, which is CBOR */
	if (format.p != NULL && !bytes_begin(format, BYTES("TCG")))
		return err_set(e, ASSAY_JSON_FIELD, "its format is \"%s\"", SHOW(format));
	TRY(json_get_text(root, "sha256", JSON_MAY, &r.sum, e));
	TRY(json_get_base64(root, "rim", JSON_MUST, RIM_REPLY_DOCUMENT, xml, e));
	if (xml->n == start)
		return err_set(e, ASSAY_JSON_FIELD, "its document is empty");
	*out = r;
	return ASSAY_OK;
}
