/* SPDX-License-Identifier: Apache-2.0
 *
 * Replies of a RIM service. What is taken for a document is the base64 of the reply's own member, for the id that was
 * asked; what is taken for an id can stand in an address as it is. */
#include "fuzz.h"

#include "fetch/rim_service.h"

#define ASKED "NV_GPU_DRIVER_GH100_580.159.03"

static void take(void *ctx, const char *id)
{
	CLEANUP(buf_done) struct buf url = { 0 };
	struct assay_err             e   = { 0 };

	(void)ctx;
	HOLDS(rim_service_url("https://rim.example", id, &url, &e) == ASSAY_OK);
	HOLDS(strpbrk(id, "/%?#&\\") == NULL && strstr(id, "..") == NULL);
	for (const char *p = id; *p != 0; p++)
		HOLDS(*p > ' ' && *p <= '~');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(buf_done) struct buf xml     = { 0 };
	struct assay_err             e       = { 0 };
	bool                         differs = false;

	if (rim_service_document((struct bytes){ data, size }, ASKED, &xml, &differs, &e) ==
		ASSAY_OK)
		HOLDS(xml.n > 0 && xml.n < size);
	else
		HOLDS(xml.n == 0 && e.code == ASSAY_SERVICE_REPLY);
	rim_service_list((struct bytes){ data, size }, take, NULL, &e);
	return 0;
}
