/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's RIM service (nvidia-claims-and-services 7): GET /v1/rim/ID and /v1/rim/ids. */
#include "base/json.h"
#include "forge/node.h"
#include "service/service.h"

/* Releases on both sides of the devices' own, as a real list has them. */
static const char *const drivers[] = { "570.172.08", "580.95.05", "590.44.01" };

static void put_id(json_t *list, const char *id, int *bad)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_string_value(json_array_get(list, i)), id) == 0)
			return;
	*bad |= json_array_append_new(list, json_string(id));
}

static enum assay_code put_device(struct platform *p, enum forge_kind kind, unsigned number,
	json_t *list, int *bad, struct assay_err *e)
{
	static const enum rim_kind of_gpu[]    = { RIM_DRIVER, RIM_VBIOS },
				   of_switch[] = { RIM_BIOS };
	const bool           gpu               = kind == FORGE_GPU;
	const struct device *d                 = NULL;

	TRY(forge_device(p->forge, kind, number, &d, e));
	for (size_t i = 0; i < (gpu ? ARRAY_LEN(of_gpu) : ARRAY_LEN(of_switch)); i++) {
		struct rim_id id;

		rim_of(d, gpu ? of_gpu[i] : of_switch[i], &id);
		put_id(list, id.text, bad);
		for (size_t k = 0; id.kind == RIM_DRIVER && k < ARRAY_LEN(drivers); k++) {
			CLEANUP(buf_done) struct buf other = { 0 };

			buf_put(&other, id.text, strlen(id.text) - strlen(id.version));
			buf_text(&other, drivers[k]);
			TRY(buf_ok(&other, e));
			put_id(list, buf_cstr(&other), bad);
		}
	}
	return ASSAY_OK;
}

enum assay_code rim_list(struct platform *p, const char *rest, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	AUTO(json_t) *list = json_array();
	json_t       *root = NULL;
	int           bad  = list == NULL;

	(void)rest;
	(void)r;
	for (enum forge_kind k = FORGE_GPU; k <= FORGE_SWITCH && bad == 0; k++)
		for (unsigned i = 0; i < platform_count(p, k); i++)
			TRY(put_device(p, k, i, list, &bad, e));
	root = bad == 0 ? json_pack("{s:O}", "ids", list) : NULL;
	return service_json(out, 200, root, e);
}

enum assay_code rim_get(struct platform *p, const char *id, const struct http_request *r,
	struct http_reply *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf xml = { 0 };
	uint8_t                      digest[32];
	char                         request[SERVICE_NUMBER];
	json_t                      *root = json_object();
	int                          bad  = 0;
	enum assay_code              code = ASSAY_RIM_MISSING;

	(void)r;
	if (strlen(id) < RIM_ID)
		code = forge_rim(p->forge, id, &xml, e);
	if (code == ASSAY_OK)
		code = seed_digest(&p->forge->seed, "SHA256", buf_bytes(&xml), digest, e);
	if (code == ASSAY_OK)
		code = service_number(p, id, request, e);
	if (code == ASSAY_RIM_MISSING) {
		json_decref(root);
		return service_json(out, 404, json_pack("{s:s}", "detail", "RIM not found"), e);
	}
	if (code != ASSAY_OK) {
		json_decref(root);
		return code;
	}
	bad |= json_object_set_new(root, "id", json_string(id));
	bad |= json_object_set_new(root, "rim", json_base64(buf_bytes(&xml)));
	bad |= json_object_set_new(root, "sha256", json_hex(BYTES_OF(digest)));
	bad |= json_object_set_new(root, "rim_format", json_string("TCG"));
	bad |= json_object_set_new(root, "request_id", json_string(request));
	if (bad != 0) {
		json_decref(root);
		root = NULL;
	}
	return service_json(out, 200, root, e);
}
