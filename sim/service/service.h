/* SPDX-License-Identifier: Apache-2.0
 *
 * NVIDIA's RIM service and OCSP responder and Intel's PCS, on one port, by their real paths and wire formats. */
#ifndef SERVICE_SERVICE_H
#define SERVICE_SERVICE_H

#include "http/listener.h"
#include "platform/platform.h"

/* The handler of a listener whose ctx is a struct platform. */
void service_handle(void *platform, const struct http_request *r, struct http_reply *out);

/* A test CA, and a certificate under it for 127.0.0.1, ::1 and localhost; all PEM. */
enum assay_code service_tls(struct forge *f, struct buf *ca, struct buf *cert, struct buf *key,
	struct assay_err *e);

/* The routes; path is what follows the row's prefix. An error becomes a 500 and one line on standard error. */
enum assay_code rim_get(struct platform *p, const char *id, const struct http_request *r,
	struct http_reply *out, struct assay_err *e);
enum assay_code rim_list(struct platform *p, const char *rest, const struct http_request *r,
	struct http_reply *out, struct assay_err *e);
enum assay_code ocsp_post(struct platform *p, const char *rest, const struct http_request *r,
	struct http_reply *out, struct assay_err *e);
enum assay_code ocsp_get(struct platform *p, const char *base64, const struct http_request *r,
	struct http_reply *out, struct assay_err *e);
enum assay_code pcs_get(struct platform *p, const char *path, const struct http_request *r,
	struct http_reply *out, struct assay_err *e);

/* A request's number, 32 hexadecimal digits: the same question has the same one. */
#define SERVICE_NUMBER 33
enum assay_code service_number(struct platform *p, const char *question,
	char out[SERVICE_NUMBER], struct assay_err *e);

/* Ends a reply with a JSON body; takes the value. */
enum assay_code service_json(
	struct http_reply *out, unsigned status, json_t *value, struct assay_err *e);

#endif
