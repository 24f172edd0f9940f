/* SPDX-License-Identifier: Apache-2.0
 *
 * The quote generation service of the host, asked without the kernel's help: over vsock, or over a UNIX socket that somebody
 * forwards. Only who has a TDREPORT can ask, and the reply is judged like any quote.
 *
 * Source: tdx 1.4. */
#ifndef COLLECT_QGS_H
#define COLLECT_QGS_H

#include "collect/guest.h"

#define QGS_PATH 108 /* as sun_path has room for */

struct qgs_address {
	char     path[QGS_PATH]; /* of a UNIX socket; "": vsock */
	unsigned cid, port;
};

/* "unix:PATH", "vsock:PORT" (of the host), "vsock:CID:PORT". INPUT_OPTION. */
enum assay_code qgs_address(const char *text, struct qgs_address *out, struct assay_err *e);

/* As /etc/tdx-attest.conf says, as Intel's library reads it; *found false without the file or without a port in it.
 * QUOTE_SERVICE when the file cannot be read or its port is none. */
enum assay_code qgs_configured(const struct guest_calls *calls, struct qgs_address *out,
	bool *found, struct assay_err *e);

/* The quote of a TDREPORT, appended. TD_ABSENT: nobody listens there. QUOTE_TIMEOUT, QUOTE_REPLY, QUOTE_SERVICE.
 * timeout_ms: of all of it. */
enum assay_code qgs_quote(const struct qgs_address *to, const uint8_t report[1024],
	int timeout_ms, struct buf *out, struct assay_err *e);

#endif
