/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/tdx_guest.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#include "base/rd.h"
#include "format/quoting.h"

#define GET_REPORT0 0xc4405401UL

#define REPORT_TYPE    0x81 /* tdx 2.1 */
#define REPORT_DATA_AT 128

/* The buffer that the host fills: 16 KiB on a page of its own; behind the header what is asked, then what is answered. */
#define SHARED      16384
#define HEADER      24
#define VERSION     1
#define STATUS_AT   8
#define IN_AT       16
#define OUT_AT      20
#define IN_FLIGHT   UINT64_C(0xffffffffffffffff)
#define FAILED      UINT64_C(0x8000000000000000)
#define UNAVAILABLE UINT64_C(0x8000000000000001)
#define PAUSE_MS    1000
#define TRIES       30

static const struct {
	unsigned long command;
	bool          framed; /* a message of the quoting service; else the bare TDREPORT */
} quote_commands[] = {
	{ 0x80105404UL, true },  /* Anolis, Intel's stacks up to 2023 */
	{ 0xc0105404UL, true },  /* Intel's later ones */
	{ 0xc0105402UL, false }, /* patches of early 2022 */
};

static const unsigned long extend_commands[] = { 0x80315403UL, 0x40315403UL };

struct quote_request {
	uint64_t buffer, size;
};

struct extend_request {
	uint8_t digest[TDX_GUEST_DIGEST], index;
};

enum assay_code tdx_guest_open(
	const struct guest_calls *calls, struct tdx_guest *out, struct assay_err *e)
{
	static const char *const names[] = { "/dev/tdx_guest", "/dev/tdx-guest" };
	struct tdx_guest         g       = { .calls = calls };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		int no = calls->open(calls->ctx, names[i] + 1, &g.fd);

		if (no == 0) {
			g.name = names[i];
			*out   = g;
			return ASSAY_OK;
		}
		if (!guest_absent(no))
			return guest_refused(no, names[i], e);
	}
	return err_set(e, ASSAY_TD_ABSENT, "%s: %s", names[0], strerror(ENOENT));
}

void tdx_guest_done(struct tdx_guest *g)
{
	if (g->name != NULL)
		g->calls->close(g->calls->ctx, g->fd);
	g->name = NULL;
}

enum assay_code tdx_guest_report(const struct tdx_guest *g, const uint8_t data[TDX_GUEST_DATA],
	uint8_t out[TDX_GUEST_REPORT], struct assay_err *e)
{
	uint8_t        request[TDX_GUEST_DATA + TDX_GUEST_REPORT] = { 0 };
	const uint8_t *report                                     = request + TDX_GUEST_DATA;
	int            no;

	memcpy(request, data, TDX_GUEST_DATA);
	no = g->calls->ioctl(g->calls->ctx, g->fd, GET_REPORT0, request);
	if (no == ENOTTY)
		return err_set(e, ASSAY_TD_ABSENT, "%s has no TDX_CMD_GET_REPORT0", g->name);
	if (no != 0) {
		guest_refused(no, "TDX_CMD_GET_REPORT0", e);
		return err_wrap(e, "%s", g->name);
	}
	if (report[0] != REPORT_TYPE ||
		memcmp(report + REPORT_DATA_AT, data, TDX_GUEST_DATA) != 0)
		return err_set(e, ASSAY_QUOTE_REPLY, "%s: the TDREPORT is not of this request",
			g->name);
	memcpy(out, report, TDX_GUEST_REPORT);
	return ASSAY_OK;
}

/* --- quotes --- */

static void put_le(uint8_t *to, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = (uint8_t)(v >> (8 * i));
}

static uint64_t get_le(const uint8_t *from, size_t n)
{
	uint64_t v = 0;

	for (size_t i = n; i > 0; i--)
		v = v << 8 | from[i - 1];
	return v;
}

static void prepare(uint8_t *shared, struct bytes payload)
{
	memset(shared, 0, SHARED);
	put_le(shared, VERSION, 8);
	put_le(shared + IN_AT, payload.n, 4);
	memcpy(shared + HEADER, payload.p, payload.n);
}

static enum assay_code check_status(uint64_t status, struct assay_err *e)
{
	if (status == IN_FLIGHT)
		return err_set(
			e, ASSAY_QUOTE_BUSY, "GET_QUOTE: the request is still in flight");
	if (status == UNAVAILABLE)
		return err_set(
			e, ASSAY_QUOTE_SERVICE, "GET_QUOTE: the host has no quoting service");
	if (status == FAILED)
		return err_set(e, ASSAY_QUOTE_SERVICE, "GET_QUOTE: the host refuses");
	if (status != 0)
		return err_set(e, ASSAY_QUOTE_SERVICE, "GET_QUOTE: the host's status is 0x%llx",
			(unsigned long long)status);
	return ASSAY_OK;
}

static enum assay_code unframe(struct bytes in, struct bytes *quote, struct assay_err *e)
{
	size_t n;

	if (in.n < QUOTING_PREFIX)
		return err_set(e, ASSAY_QUOTE_REPLY, "GET_QUOTE: an answer of %zu bytes", in.n);
	TRY(quoting_length(in.p, &n, e));
	if (n != in.n - QUOTING_PREFIX)
		return err_set(e, ASSAY_QUOTE_REPLY,
			"GET_QUOTE: an answer of %zu bytes says that it has %zu", in.n, n);
	return quoting_reply((struct bytes){ in.p + QUOTING_PREFIX, n }, quote, e);
}

static enum assay_code take(
	const uint8_t *shared, bool framed, struct buf *out, struct assay_err *e)
{
	const size_t n     = get_le(shared + OUT_AT, 4);
	struct bytes quote = { shared + HEADER, n };

	TRY(check_status(get_le(shared + STATUS_AT, 8), e));
	if (n == 0 || n > SHARED - HEADER)
		return err_set(e, ASSAY_QUOTE_REPLY, "GET_QUOTE: an answer of %zu bytes", n);
	if (framed)
		TRY(unframe(quote, &quote, e));
	buf_put(out, quote.p, quote.n);
	return buf_ok(out, e);
}

/* One request by one command; *no is what the ioctl gave. */
static enum assay_code request(const struct tdx_guest *g, unsigned long command, bool framed,
	const uint8_t *report, uint8_t *shared, struct buf *out, int *no, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf message = { 0 };
	struct quote_request         ask     = { (uintptr_t)shared, SHARED };

	if (framed)
		quoting_request(report, &message);
	else
		buf_put(&message, report, TDX_GUEST_REPORT);
	TRY(buf_ok(&message, e));
	prepare(shared, buf_bytes(&message));
	*no = g->calls->ioctl(g->calls->ctx, g->fd, command, &ask);
	if (*no != 0)
		return guest_refused(*no, "GET_QUOTE", e);
	return take(shared, framed, out, e);
}

/* A busy driver is asked again while there is time. */
static enum assay_code patiently(const struct tdx_guest *g, unsigned long command, bool framed,
	const uint8_t *report, int64_t until, uint8_t *shared, struct buf *out, int *no,
	struct assay_err *e)
{
	const struct guest_calls *c = g->calls;

	for (unsigned i = 1;; i++) {
		enum assay_code code = request(g, command, framed, report, shared, out, no, e);

		if ((code != ASSAY_QUOTE_BUSY && code != ASSAY_QUOTE_TIMEOUT) || i == TRIES ||
			c->now(c->ctx) + PAUSE_MS >= until)
			return code;
		c->wait(c->ctx, PAUSE_MS);
	}
}

static enum assay_code try_commands(const struct tdx_guest *g, const uint8_t *report,
	int64_t until, uint8_t *shared, struct buf *out, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(quote_commands); i++) {
		const unsigned long command = quote_commands[i].command;
		const bool          framed  = quote_commands[i].framed;
		int                 no      = 0;
		enum assay_code     code    = patiently(
			       g, command, framed, report, until, shared, out, &no, e);

		if (no == ENOTTY)
			continue;
		/* the host, not the kernel, says no: it may not speak the service's messages (tdx 1.2) */
		if (code == ASSAY_QUOTE_SERVICE && framed && no == 0)
			code = patiently(g, command, false, report, until, shared, out, &no, e);
		return code == ASSAY_OK ? code : err_wrap(e, "%s", g->name);
	}
	return err_set(e, ASSAY_TD_ABSENT, "%s has no GET_QUOTE", g->name);
}

enum assay_code tdx_guest_quote(const struct tdx_guest *g,
	const uint8_t report[TDX_GUEST_REPORT], int64_t until, struct buf *out,
	struct assay_err *e)
{
	uint8_t *shared = mmap(
		NULL, SHARED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	enum assay_code code;

	if (shared == MAP_FAILED)
		return err_no_memory(e);
	code = try_commands(g, report, until, shared, out, e);
	munmap(shared, SHARED);
	return code;
}

enum assay_code tdx_guest_extend(const struct tdx_guest *g, unsigned rtmr,
	const uint8_t digest[TDX_GUEST_DIGEST], struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(extend_commands); i++) {
		struct extend_request ask = { .index = (uint8_t)rtmr };
		int                   no;

		memcpy(ask.digest, digest, sizeof(ask.digest));
		no = g->calls->ioctl(g->calls->ctx, g->fd, extend_commands[i], &ask);
		if (no == ENOTTY)
			continue;
		if (no == 0)
			return ASSAY_OK;
		return err_set(e, ASSAY_TD_EXTEND, "%s: EXTEND_RTMR of RTMR%u: %s", g->name,
			rtmr, strerror(no));
	}
	return err_set(e, ASSAY_TD_ABSENT, "%s has no EXTEND_RTMR", g->name);
}
