/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/rim_service.h"

#include <stdio.h>
#include <strings.h>

#include <openssl/evp.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/show.h"
#include "format/rim_reply.h"

#define ROUTE "/v1/rim"

bool rim_service_id(const char *id)
{
	const size_t n = strspn(
		id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

	return n > 0 && n <= RIM_SERVICE_ID && id[n] == 0 && id[0] != '.' &&
		strstr(id, "..") == NULL;
}

enum assay_code rim_service_url(
	const char *base, const char *id, struct buf *out, struct assay_err *e)
{
	const size_t route = strlen(ROUTE);
	size_t       n     = strlen(base);

	if (id != NULL && !rim_service_id(id))
		return err_set(
			e, ASSAY_NETWORK_ADDRESS, "\"%s\" is no RIM id", SHOW(bytes_text(id)));
	while (n > 0 && base[n - 1] == '/')
		n--;
	if (n >= route && memcmp(base + n - route, ROUTE, route) == 0)
		n -= route;
	buf_put(out, base, n);
	buf_printf(out, ROUTE "/%s", id == NULL ? "ids" : id);
	return buf_ok(out, e);
}

/* A reply that is not of its form is one thing, whatever is wrong with it: this is not the RIM service. */
static enum assay_code odd(struct assay_err *e)
{
	CLEANUP(buf_done) struct buf why = { 0 };

	if (assay_class(e->code) == ASSAY_CLASS_INTERNAL)
		return e->code;
	buf_text(&why, assay_err_text(e));
	return err_set(e, ASSAY_SERVICE_REPLY, "no reply of a RIM service: %s", buf_cstr(&why));
}

static enum assay_code compare_sum(
	struct bytes said, struct bytes xml, bool *differs, struct assay_err *e)
{
	uint8_t          is[32], claimed[32];
	struct assay_err none = { 0 };

	*differs = false;
	if (said.p == NULL)
		return ASSAY_OK;
	if (EVP_Digest(xml.p, xml.n, is, NULL, EVP_sha256(), NULL) != 1)
		return err_no_memory(e);
	*differs = hex_fixed(said, claimed, sizeof(claimed), &none) != ASSAY_OK ||
		memcmp(is, claimed, sizeof(is)) != 0;
	return ASSAY_OK;
}

static enum assay_code read_document(
	const json_t *root, const char *id, struct buf *xml, bool *differs, struct assay_err *e)
{
	const size_t     start = xml->n;
	struct rim_reply r;

	TRY(rim_reply_read(root, &r, xml, e));
	if (!bytes_equal(r.id, bytes_text(id)))
		return err_set(e, ASSAY_JSON_FIELD, "it is about \"%s\"", SHOW(r.id));
	return compare_sum(r.sum, (struct bytes){ xml->p + start, xml->n - start }, differs, e);
}

enum assay_code rim_service_document(struct bytes reply, const char *id, struct buf *xml,
	bool *sum_differs, struct assay_err *e)
{
	AUTO(json_t) *root  = NULL;
	const size_t  start = xml->n;

	if (json_read(reply, RIM_SERVICE_REPLY, &root, e) == ASSAY_OK &&
		read_document(root, id, xml, sum_differs, e) == ASSAY_OK)
		return ASSAY_OK;
	xml->n = start;
	return odd(e);
}

enum assay_code rim_service_list(struct bytes reply, void (*take)(void *ctx, const char *id),
	void *ctx, struct assay_err *e)
{
	AUTO(json_t) *root = NULL;
	json_t       *list;

	if (json_read(reply, RIM_SERVICE_IDS, &root, e) != ASSAY_OK)
		return odd(e);
	if (!json_is_object(root)) {
		err_set(e, ASSAY_JSON_FIELD, "it is not an object");
		return odd(e);
	}
	if (json_get_array(root, "ids", JSON_MUST, &list, e) != ASSAY_OK)
		return odd(e);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (id != NULL && rim_service_id(id))
			take(ctx, id);
	}
	return ASSAY_OK;
}
