/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/address.h"

#include <strings.h>

#include <curl/curl.h>

#include "base/mem.h"
#include "base/show.h"

#define URL_MOST 2048

AUTO_PTR(CURLU, curl_url_cleanup)

static void text_free(char **text)
{
	curl_free(*text);
}

/* 127.0.0.0/8, ::1, and the name that libcurl itself takes for them. */
static bool is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
		(strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == 0);
}

enum assay_code address_read(const char *url, struct address *out, struct assay_err *e)
{
	CLEANUP(text_free) char *scheme = NULL, *host = NULL, *fragment = NULL;
	AUTO(CURLU)             *u = curl_url();

	if (u == NULL)
		return err_no_memory(e);
	for (const char *p = url; *p != 0; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(e, ASSAY_NETWORK_ADDRESS,
				"\"%s\" is no address: byte 0x%02x", SHOW(bytes_text(url)),
				(unsigned char)*p);
	if (strlen(url) > URL_MOST ||
		curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
		curl_url_get(u, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK)
		return err_set(e, ASSAY_NETWORK_ADDRESS,
			"\"%s\" is no address that can be asked", SHOW(bytes_text(url)));
	out->https    = strcmp(scheme, "https") == 0;
	out->loopback = is_loopback(host);
	if (!out->https && strcmp(scheme, "http") != 0)
		return err_set(
			e, ASSAY_NETWORK_ADDRESS, "\"%s\" is not https", SHOW(bytes_text(url)));
	return ASSAY_OK;
}
