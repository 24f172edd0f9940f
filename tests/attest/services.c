/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/services.h"

#include <unistd.h>

#include "platform/platform.h"
#include "service/service.h"

static void replace(struct buf *text, const char *find, const char *with)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	const char                  *all = buf_cstr(text), *at = strstr(all, find);

	if (at == NULL)
		return;
	buf_put(&out, all, (size_t)(at - all));
	buf_text(&out, with);
	buf_text(&out, at + strlen(find));
	text->n = 0;
	buf_put(text, out.p, out.n);
}

/* What no row of the gallery does. */
static void twist(const char *mode, const struct http_request *r, struct http_reply *out)
{
	const bool rim = strncmp(r->path, "/v1/rim/NV_GPU_DRIVER", 21) == 0;

	if (strcmp(mode, "other-id") == 0 && rim)
		replace(&out->body, "NV_GPU_DRIVER", "NV_GPU_OTHERS");
	if (strcmp(mode, "corim") == 0 && rim)
		replace(&out->body, "\"TCG\"", "\"CORIM\"");
	if (strcmp(mode, "wrong-sum") == 0 && rim)
		replace(&out->body, "\"sha256\":\"", "\"sha256\":\"00");
	if (strcmp(mode, "oversized") == 0 && rim)
		for (size_t i = 0; i < 3 << 20; i++)
			buf_byte(&out->body, ' ');
	if (strcmp(mode, "ocsp-big") == 0 && strcmp(r->method, "POST") == 0)
		for (size_t i = 0; i < 65 << 10; i++)
			buf_byte(&out->body, 0);
	if (strcmp(mode, "empty") == 0)
		out->body.n = 0;
}

static struct platform_spec spec;

void services_are(bool ppcie, int64_t at)
{
	platform_spec_default(ppcie ? PLATFORM_PPCIE : PLATFORM_SINGLE, &spec);
	spec.seed = SERVICES_SEED;
	spec.at   = at;
	spec.tdx  = false;
}

void services_handle(void *ctx, const struct http_request *r, struct http_reply *out)
{
	static struct platform *p;
	static char             now[64];
	struct fake_seen       *seen = ctx;
	struct assay_err        e    = { 0 };

	if (p == NULL && platform_new(&spec, &p, &e) != ASSAY_OK)
		_exit(1);
	if (strcmp(now, seen->fault) != 0) {
		const struct sim_fault *f = sim_fault_named(seen->fault);

		if ((f == NULL) != (seen->fault[0] == 0) ||
			platform_faults(p, &f, f != NULL, &e) != ASSAY_OK)
			_exit(2);
		strcpy(now, seen->fault);
	}
	service_handle(p, r, out);
	twist(seen->mode, r, out);
}
