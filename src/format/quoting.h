/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages of Intel's quote generation service (QGS): one request, one reply. On a stream, and in the buffer of the
 * GET_QUOTE ioctl, each has its length in front.
 *
 * Source: tdx 1.4; DCAP's qgs_msg_lib. */
#ifndef FORMAT_QUOTING_H
#define FORMAT_QUOTING_H

#include "base/buf.h"

#define QUOTING_REPORT   1024 /* a TDREPORT */
#define QUOTING_PREFIX   4    /* the length, big-endian */
#define QUOTING_BODY_MIN 24
#define QUOTING_BODY_MAX 65536

/* Append a request for the quote of that TDREPORT, length in front: 1052 bytes. */
void quoting_request(const uint8_t report[QUOTING_REPORT], struct buf *out);

/* What the length in front of a reply says. ASSAY_QUOTE_REPLY when no reply is that long. */
enum assay_code quoting_length(
	const uint8_t prefix[QUOTING_PREFIX], size_t *body, struct assay_err *e);

/* A reply without its length; the quote lies inside. ASSAY_QUOTE_SERVICE with the service's own error in words,
 * ASSAY_QUOTE_REPLY when it is no such message. */
enum assay_code quoting_reply(struct bytes body, struct bytes *quote, struct assay_err *e);

#endif
