/* SPDX-License-Identifier: Apache-2.0
 *
 * Routes, and the faults of all services in one place. */
#include "service/service.h"

#include <stdio.h>

#include "base/json.h"
#include "base/show.h"
#include "forge/node.h"

static const struct {
	const char   *method, *prefix;
	bool          whole; /* the prefix is the path */
	enum sim_door door;
	enum assay_code (*answer)(struct platform *p, const char *rest,
		const struct http_request *r, struct http_reply *out, struct assay_err *e);
} routes[] = {
	{ "GET", "/v1/rim/ids", true, SIM_RIM, rim_list },
	{ "GET", "/v1/rim/", false, SIM_RIM, rim_get },
	{ "POST", "/", true, SIM_OCSP, ocsp_post },
	{ "POST", "/ocsp", true, SIM_OCSP, ocsp_post },
	{ "POST", "/ocsp/", true, SIM_OCSP, ocsp_post },
	{ "GET", "/ocsp/", false, SIM_OCSP, ocsp_get },
	{ "GET", "/sgx/certification/v4/", false, SIM_PCS, pcs_get },
	{ "GET", "/tdx/certification/v4/", false, SIM_PCS, pcs_get },
	{ "GET", "/IntelSGXRootCA.der", true, SIM_PCS, pcs_get },
	{ "GET", "/Intel_SGX_Provisioning_Certification_RootCA.cer", true, SIM_PCS, pcs_get },
};

enum assay_code service_number(
	struct platform *p, const char *question, char out[SERVICE_NUMBER], struct assay_err *e)
{
	uint8_t b[SERVICE_NUMBER / 2];

	TRY(seed_bytes(&p->forge->seed, NAME("request/%.128s", question), b, sizeof(b), e));
	for (size_t i = 0; i < sizeof(b); i++)
		snprintf(out + 2 * i, 3, "%02x", b[i]);
	return ASSAY_OK;
}

enum assay_code service_json(
	struct http_reply *out, unsigned status, json_t *value, struct assay_err *e)
{
	char *text = value == NULL ? NULL : json_dumps(value, JSON_COMPACT);

	json_decref(value);
	if (text == NULL)
		return err_no_memory(e);
	out->status = status;
	out->type   = "application/json";
	buf_text(&out->body, text);
	free(text);
	return buf_ok(&out->body, e);
}

/* What happens to an answer on its way. False: there was none. */
static bool strike(const struct sim_fault *f, struct http_reply *out)
{
	switch (f->act) {
	case SIM_HANG:
		out->way = HTTP_HANG;
		return false;
	case SIM_RETURN:
		out->status = (unsigned)f->value;
		out->type   = "text/plain";
		buf_text(&out->body, "not now\n");
		return false;
	case SIM_GARBAGE:
		out->status = 200;
		out->type   = "text/html";
		buf_text(&out->body, "<html><title>502 Bad Gateway</title></html>\n");
		return false;
	case SIM_REDIRECT:
		out->status = 302;
		http_reply_header(out, "Location", bytes_text(f->text));
		return false;
	case SIM_SHORT:
		out->way = HTTP_SHORT;
		return true;
	default:
		return true;
	}
}

/* The path's last row is the one that fits: POST only at its own, GET by prefix. */
static size_t find(const struct http_request *r)
{
	for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
		const size_t n = strlen(routes[i].prefix);

		if (strcmp(r->method, routes[i].method) == 0 &&
			strncmp(r->path, routes[i].prefix, n) == 0 &&
			(!routes[i].whole || r->path[n] == '\0'))
			return i;
	}
	return ARRAY_LEN(routes);
}

void service_handle(void *platform, const struct http_request *r, struct http_reply *out)
{
	struct platform        *p = platform;
	const size_t            i = find(r);
	const struct sim_fault *f;
	struct assay_err        e = { 0 };
	const char             *rest;

	if (i == ARRAY_LEN(routes)) {
		out->status = 404;
		out->type   = "text/plain";
		buf_text(&out->body, "no such thing here\n");
		return;
	}
	f = platform_struck(p, routes[i].door, r->path, FORGE_GPU, 0);
	if (f != NULL && !strike(f, out))
		return;
	rest = routes[i].door == SIM_PCS ? r->path : r->path + strlen(routes[i].prefix);
	if (routes[i].answer(p, rest, r, out, &e) == ASSAY_OK)
		return;
	fprintf(stderr, "assay sim: %s: %s\n", SHOW(bytes_text(r->path)), assay_err_text(&e));
	buf_done(&out->body);
	out->status = 500;
}
