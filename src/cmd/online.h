/* SPDX-License-Identifier: Apache-2.0
 *
 * What the commands that ask services have in common: addresses, service key, cache. */
#ifndef CMD_ONLINE_H
#define CMD_ONLINE_H

#include "attest/gather.h"
#include "cli/cli.h"

struct online { /* { 0 } is the default */
	bool              offline, no_cache;
	const char       *rim_url, *ocsp_url, *pcs_url; /* of options */
	const char       *key_file, *ca, *cache;
	struct buf        key;
	enum gather_nonce nonce;
	int               timeout_s;

	struct http_client *http;
	struct store       *store;
	struct buf          ca_found, ca_text;
	bool    progress, line; /* standard error is a terminal; a line stands there */
	int64_t began_ms;
};

extern const struct option_row online_rows[];
extern const size_t            online_rows_n;

/* Opens client and cache, and fills the request: options, else variables (assay's, NVAT's, nvtrust's), else the public
 * services. anchors: the option's folder or NULL, as for app_anchors(); with test anchors its services-ca.pem, if there
 * is one, is what the services' TLS is verified with. What goes wrong with a cache that nobody named is only said. */
enum assay_code online_open(struct online *o, const struct assay *a, const char *anchors,
	int64_t now, struct gather_request *out, struct assay_err *e);
void            online_done(struct online *o);

/* The store alone. */
enum assay_code online_store(struct online *o, struct assay_err *e);
/* The path of the cache: the option's, or the usual one. */
enum assay_code online_cache_path(const struct online *o, struct buf *out, struct assay_err *e);

/* Removes the line of progress. */
void online_quiet(struct online *o);

#endif
