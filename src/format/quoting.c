/* SPDX-License-Identifier: Apache-2.0 */
#include "format/quoting.h"

#include "base/rd.h"

#define MAJOR   1
#define REQUEST 0
#define REPLY   1
#define HEAD    16
#define SIZES   8 /* two sizes behind the head, in request and reply */

/* Of qgs_msg_lib, and of the quoting enclave, which QGS hands on as they are. */
static const struct {
	uint32_t    first, last;
	const char *words;
} errors[] = {
	{ 0x12001, 0x12001, "an unexpected error" },
	{ 0x12002, 0x12002, "out of memory" },
	{ 0x12003, 0x12003, "a parameter is wrong: the report may be another machine's" },
	{ 0x12004, 0x12004, "the version is not known to it" },
	{ 0x12005, 0x12005, "the type of message is not known to it" },
	{ 0x12006, 0x12006, "the size is wrong" },
	{ 0x12007, 0x12007, "the error code of the request is not zero" },
	{ 0xe001, 0xefff, "the quoting enclave or its PCK certificate does not work" },
	{ 0x11001, 0x110ff, "the attestation library of the host fails" },
};

static void put_u16le(struct buf *out, unsigned v)
{
	buf_byte(out, (uint8_t)v);
	buf_byte(out, (uint8_t)(v >> 8));
}

static void put_u32le(struct buf *out, uint32_t v)
{
	put_u16le(out, v & 0xffff);
	put_u16le(out, v >> 16);
}

void quoting_request(const uint8_t report[QUOTING_REPORT], struct buf *out)
{
	const uint32_t size = HEAD + SIZES + QUOTING_REPORT;

	put_u16le(out, 0); /* the high half of a length in big-endian order */
	buf_byte(out, (uint8_t)(size >> 8));
	buf_byte(out, (uint8_t)size);
	put_u16le(out, MAJOR);
	put_u16le(out, 0);
	put_u32le(out, REQUEST);
	put_u32le(out, size);
	put_u32le(out, 0);
	put_u32le(out, QUOTING_REPORT);
	put_u32le(out, 0); /* no list of ids: the one TDQE there is */
	buf_put(out, report, QUOTING_REPORT);
}

enum assay_code quoting_length(
	const uint8_t prefix[QUOTING_PREFIX], size_t *body, struct assay_err *e)
{
	const uint32_t n = (uint32_t)prefix[0] << 24 | (uint32_t)prefix[1] << 16 |
		(uint32_t)prefix[2] << 8 | prefix[3];

	if (n < QUOTING_BODY_MIN || n > QUOTING_BODY_MAX)
		return err_set(e, ASSAY_QUOTE_REPLY,
			"the quoting service announces a reply of %u bytes", n);
	*body = n;
	return ASSAY_OK;
}

static enum assay_code refused(uint32_t error, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (error >= errors[i].first && error <= errors[i].last)
			return err_set(e, ASSAY_QUOTE_SERVICE,
				"the quoting service refuses, error 0x%x: %s", error,
				errors[i].words);
	return err_set(
		e, ASSAY_QUOTE_SERVICE, "the quoting service refuses, error 0x%x", error);
}

enum assay_code quoting_reply(struct bytes body, struct bytes *quote, struct assay_err *e)
{
	struct rd      r     = { .in = body };
	const unsigned major = rd_u16le(&r);
	uint32_t       minor = rd_u16le(&r), type = rd_u32le(&r), size = rd_u32le(&r),
		 error = rd_u32le(&r), id = rd_u32le(&r), n = rd_u32le(&r);
	struct bytes got;

	(void)minor; /* any is compatible */
	if (body.n < QUOTING_BODY_MIN || body.n > QUOTING_BODY_MAX || size != body.n)
		return err_set(e, ASSAY_QUOTE_REPLY,
			"the quoting service's reply of %zu bytes says that it has %u", body.n,
			size);
	if (major != MAJOR || type != REPLY)
		return err_set(e, ASSAY_QUOTE_REPLY,
			"the quoting service's reply is of version %u and type %u, not %d and %d",
			major, type, MAJOR, REPLY);
	if (error != 0)
		return refused(error, e);
	rd_take(&r, id);
	got = rd_take(&r, n);
	if (r.lack != 0 || rd_left(&r) != 0 || n == 0)
		return err_set(e, ASSAY_QUOTE_REPLY,
			"the quoting service's reply of %zu bytes has an id of %u and a quote of %u",
			body.n, id, n);
	*quote = got;
	return ASSAY_OK;
}
