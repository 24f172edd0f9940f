/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/td.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/rd.h"
#include "base/show.h"
#include "collect/child.h"
#include "collect/rtmr.h"
#include "collect/tdx.h"
#include "format/evidence.h"

#define ANSWER   (4 + EVIDENCE_QUOTE) /* u32 code, then the quote or a message */
#define CHUNK    16384
#define GRACE_MS 2000 /* for a child that is at its own deadline, to say so on a busy machine */

#define CCEL_TABLE  "sys/firmware/acpi/tables/CCEL"
#define CCEL_LOG    "sys/firmware/acpi/tables/data/CCEL"
#define TABLE_MOST  4096
#define TABLE_LEAST 56 /* tdx 1.8 */
#define TABLE_TYPE  36
#define TABLE_TDX   2

static const char *root_of(const char *root)
{
	return root == NULL ? "/" : root;
}

static enum assay_code open_root(const char *root, int *fd, struct assay_err *e)
{
	*fd = open(root_of(root), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0)
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(root_of(root))),
			strerror(errno));
	return ASSAY_OK;
}

bool td_there(const char *root)
{
	CLEANUP(fd_drop) int fd  = -1;
	struct assay_err     why = { 0 };
	struct guest_calls   calls;

	if (open_root(root, &fd, &why) != ASSAY_OK)
		return false;
	calls = guest_calls(&fd);
	return tdx_there(&calls);
}

/* --- the child --- */

struct errand {
	const struct td_request *r;
	const struct tsm_entry  *entry; /* NULL: none */
	struct assay_err         absent;
	int64_t                  until;
};

static void put_code(struct buf *out, enum assay_code code)
{
	const uint32_t v     = (uint32_t)code;
	const uint8_t  le[4] = { (uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16),
		 (uint8_t)(v >> 24) };

	buf_put(out, le, sizeof(le));
}

static enum assay_code ask(const struct errand *x, struct buf *quote, struct assay_err *e)
{
	int                fd = -1; /* what the parent had open is closed here */
	struct guest_calls calls;
	struct tsm_entry   entry;
	struct tdx_ask     a = { .calls = &calls, .qgs = x->r->qgs, .until = x->until };

	TRY(open_root(x->r->root, &fd, e));
	calls = guest_calls(&fd);
	memcpy(a.data, x->r->data, sizeof(a.data));
	if (x->entry == NULL)
		return tdx_ask(&a, NULL, &x->absent, quote, e);
	entry       = *x->entry;
	entry.calls = &calls;
	return tdx_ask(&a, &entry, NULL, quote, e);
}

static void run(void *ctx, struct teller *t)
{
	struct buf       quote = { 0 }, out = { 0 };
	struct assay_err e    = { 0 };
	enum assay_code  code = ask(ctx, &quote, &e);
	size_t           at   = 0;

	put_code(&out, code);
	if (code == ASSAY_OK)
		buf_put(&out, quote.p, quote.n);
	else
		buf_text(&out, assay_err_text(&e));
	while (!out.failed && at < out.n) {
		ssize_t n = write(t->fd, out.p + at, out.n - at);

		if (n < 0 && errno != EINTR)
			return;
		at += n > 0 ? (size_t)n : 0;
	}
}

/* --- its parent --- */

/* Signals that would end this process wait until the entry is removed; the descriptor tells of one. */
struct held {
	sigset_t before;
	int      fd;
};

static enum assay_code hold(struct held *h, struct assay_err *e)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &h->before);
	h->fd = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
	if (h->fd >= 0)
		return ASSAY_OK;
	err_set(e, ASSAY_INTERNAL, "signalfd: %s", strerror(errno));
	sigprocmask(SIG_SETMASK, &h->before, NULL);
	return e->code;
}

static void let_go(struct held *h)
{
	close(h->fd);
	sigprocmask(SIG_SETMASK, &h->before, NULL); /* one that has come is delivered here */
}

enum heard { HEARD_ALL, HEARD_SIGNAL, HEARD_LATE, HEARD_TOO_MUCH };

static enum heard hear(
	int from, int signals, const struct guest_calls *clock, int64_t until, struct buf *out)
{
	for (;;) {
		struct pollfd w[]  = { { from, POLLIN, 0 }, { signals, POLLIN, 0 } };
		const int64_t left = until - clock->now(clock->ctx);
		uint8_t       chunk[CHUNK];
		ssize_t       n;

		if (left <= 0)
			return HEARD_LATE;
		if (poll(w, 2, (int)left) < 0 && errno != EINTR)
			return HEARD_LATE;
		if (w[1].revents != 0)
			return HEARD_SIGNAL;
		if (w[0].revents == 0)
			continue;
		n = read(from, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return HEARD_ALL;
		if (out->n + (size_t)n > ANSWER)
			return HEARD_TOO_MUCH;
		buf_put(out, chunk, (size_t)n);
	}
}

/* What the child said: it asks the kernel alone, but all that came is bounded and printable all the same. */
static enum assay_code take(struct bytes said, struct buf *out, struct assay_err *e)
{
	struct rd      r    = { .in = said };
	const uint32_t code = rd_u32le(&r);
	struct bytes   rest = rd_take(&r, rd_left(&r));

	if (said.n < 4 || (code == ASSAY_OK && rest.n == 0) || code >= ASSAY_CODE_COUNT)
		return err_set(e, ASSAY_DEVICE_ERROR,
			"the process that asked for a quote ended without an answer");
	if (code != ASSAY_OK)
		return err_set(
			e, (enum assay_code)code, "%.*s", (int)rest.n, (const char *)rest.p);
	buf_put(out, rest.p, rest.n);
	return buf_ok(out, e);
}

static enum assay_code late(const struct errand *x, int ms, struct assay_err *e)
{
	return err_set(e, ASSAY_QUOTE_TIMEOUT, "%s did not come back within %d.%d seconds",
		x->entry != NULL ? "configfs-tsm: outblob"
				 : "the driver or the quoting service",
		ms / 1000, ms % 1000 / 100);
}

static enum assay_code converse(struct errand *x, int signals, const struct guest_calls *clock,
	struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf said  = { 0 };
	const int                    total = x->r->total_ms == 0 ? TD_TOTAL_MS : x->r->total_ms;
	struct child                 c     = { 0, -1 };
	enum heard                   heard;
	int                          status;

	x->until = clock->now(clock->ctx) + total;
	TRY(child_start(run, x, &c, e));
	heard = hear(c.fd, signals, clock, x->until + GRACE_MS, &said);
	child_end(&c, heard != HEARD_ALL, &status);
	TRY(buf_ok(&said, e));
	if (heard == HEARD_LATE)
		return late(x, total, e);
	if (heard == HEARD_SIGNAL)
		return err_set(e, ASSAY_QUOTE_TIMEOUT, "interrupted");
	if (heard == HEARD_TOO_MUCH)
		return err_set(e, ASSAY_QUOTE_REPLY, "more than a quote came");
	return take(buf_bytes(&said), out, e);
}

static enum assay_code quote(const struct td_request *r, const struct guest_calls *calls,
	int signals, struct buf *out, struct assay_err *e)
{
	CLEANUP(tsm_leave) struct tsm_entry entry = { 0 };
	struct errand                       x     = { .r = r };
	enum assay_code                     code  = tsm_enter(calls, &entry, &x.absent);

	if (code != ASSAY_OK && code != ASSAY_TD_ABSENT) {
		*e = x.absent;
		return code;
	}
	x.entry = code == ASSAY_OK ? &entry : NULL;
	return converse(&x, signals, calls, out, e);
}

enum assay_code td_quote(const struct td_request *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int fd = -1;
	struct guest_calls   calls;
	struct held          h = { 0 };
	enum assay_code      code;

	TRY(open_root(r->root, &fd, e));
	calls = guest_calls(&fd);
	TRY(hold(&h, e));
	code = quote(r, &calls, h.fd, out, e);
	let_go(&h);
	return code;
}

/* --- the event log --- */

/* The table only points to the log; one of another technology points to something else. */
static enum assay_code check_table(const struct guest_calls *c, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf t   = { 0 };
	const int                    no  = c->read(c->ctx, CCEL_TABLE, TABLE_MOST, &t);
	uint8_t                      sum = 0;

	if (guest_absent(no))
		return ASSAY_OK;
	if (no != 0)
		return guest_refused(no, "/" CCEL_TABLE, e);
	for (size_t i = 0; i < t.n; i++)
		sum = (uint8_t)(sum + t.p[i]);
	if (t.n < TABLE_LEAST || sum != 0 || !bytes_begin(buf_bytes(&t), BYTES("CCEL")))
		return err_set(
			e, ASSAY_EVENTLOG_PARSE, "/" CCEL_TABLE " is no ACPI table CCEL");
	if (t.p[TABLE_TYPE] != TABLE_TDX)
		return err_set(e, ASSAY_EVENTLOG_PARSE,
			"/" CCEL_TABLE " is of type %u, not TDX", t.p[TABLE_TYPE]);
	return ASSAY_OK;
}

enum assay_code td_events(const char *root, struct buf *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int         fd  = -1;
	CLEANUP(buf_done) struct buf log = { 0 };
	struct guest_calls           calls;
	int                          no;

	TRY(open_root(root, &fd, e));
	calls = guest_calls(&fd);
	TRY(check_table(&calls, e));
	no = calls.read(calls.ctx, CCEL_LOG, EVIDENCE_EVENTS, &log);
	if (no == EFBIG)
		return err_set(e, ASSAY_INPUT_SIZE, "/" CCEL_LOG " has more than %d bytes",
			EVIDENCE_EVENTS);
	if (no != 0 && !guest_absent(no))
		return guest_refused(no, "/" CCEL_LOG, e);
	TRY(rtmr_log(fd, &log, e));
	buf_put(out, log.p, log.n);
	return buf_ok(out, e);
}
