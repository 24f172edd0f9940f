/* SPDX-License-Identifier: Apache-2.0
 *
 * One loop watches all doors: what arrives is taken record by record, and each has two deadlines. A process that dies or
 * is late is at fault for the device that it was asking; another one asks the rest. */
#include "collect/door.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/show.h"
#include "format/nvml.h"

#define CHUNK 16384 /* bytes read at once */

struct door {
	const struct door_way *way;
	enum device_kind       kind;
	struct child           child;
	bool                   open, done; /* done: it said so */
	bool                   called;     /* the library, or its loading, has begun */
	struct buf             in;         /* what came, and is no whole record yet */
	char                   call[RECORD_CALLED];
	uint32_t               device; /* that is asked */
	int64_t                until;  /* of the call */
	int64_t asked_us, done_us; /* the first device was asked, all was over; 0: not yet */
	struct haul haul;
};

struct watch {
	const struct collect_request *r;
	struct door                   door[DEVICE_KINDS];
	int                           call_ms, total_ms;
	int64_t                       began_us, until;
};

static void watch_done(struct watch *w)
{
	for (size_t i = 0; i < DEVICE_KINDS; i++) {
		int status;

		if (w->door[i].open)
			child_end(&w->door[i].child, true, &status);
		buf_done(&w->door[i].in);
		haul_done(&w->door[i].haul);
	}
}

static void run(void *ctx, struct teller *t)
{
	const struct door *d                      = ctx;
	bool               pass[EVIDENCE_DEVICES] = { false };
	struct errand      next;

	for (size_t i = 0; i < d->haul.devices; i++)
		pass[i] = d->haul.asked[i];
	d->way->ask(d->way->ctx, pass, t);
	tell(t, RECORD_DONE, RECORD_SYSTEM, (struct bytes){ 0 });
	while (d->way->again != NULL && child_hear(t, &next, sizeof(next))) {
		d->way->again(&next, t);
		tell(t, RECORD_DONE, RECORD_SYSTEM, (struct bytes){ 0 });
	}
}

/* One that stayed, sent on this errand; false when there is none that could be. */
static bool send_kept(const struct watch *w, struct door *d)
{
	struct collect_kept *k = w->r->kept;
	struct child         c;
	int                  status;

	if (k == NULL || k->pid[d->kind] == 0)
		return false;
	c               = (struct child){ k->pid[d->kind], k->fd[d->kind] };
	k->pid[d->kind] = 0;
	if (d->way->errand != NULL && child_is_quiet(&c) &&
		child_say(&c, d->way->errand, sizeof(*d->way->errand))) {
		d->child = c;
		return true;
	}
	child_end(&c, true, &status);
	return false;
}

/* All went well, and nothing came after its last word. */
static bool may_stay(const struct watch *w, const struct door *d)
{
	bool fine = w->r->kept != NULL && d->in.n == 0 && d->haul.fault.code == ASSAY_OK;

	for (size_t i = 0; i < d->haul.devices; i++)
		fine = fine && d->haul.device[i].fault.code == ASSAY_OK;
	return fine;
}

/* It has said its last word, and waits for ours. */
static void keep_or_dismiss(const struct watch *w, struct door *d)
{
	if (!may_stay(w, d)) {
		child_dismiss(&d->child);
		return;
	}
	w->r->kept->pid[d->kind] = d->child.pid;
	w->r->kept->fd[d->kind]  = d->child.fd;
	d->child                 = (struct child){ 0, -1 };
	d->open                  = false;
}

void collect_kept_done(struct collect_kept *k)
{
	for (size_t i = 0; i < DEVICE_KINDS; i++) {
		struct child c = { k->pid[i], k->fd[i] };
		int          status;

		if (c.pid != 0)
			child_end(&c, true, &status);
	}
	*k = (struct collect_kept){ 0 };
}

static enum assay_code start(struct watch *w, struct door *d, struct assay_err *e)
{
	d->called = send_kept(w, d); /* what has stayed has called before */
	if (!d->called)
		TRY(child_start(run, d, &d->child, e));
	d->open   = true;
	d->done   = false;
	d->in.n   = 0;
	d->device = RECORD_SYSTEM;
	d->until  = clock_ms() + w->call_ms;
	snprintf(d->call, sizeof(d->call), "its start");
	return ASSAY_OK;
}

static void progress(const struct watch *w, const struct door *d)
{
	char   text[64];
	size_t asked = 0;

	for (size_t i = 0; i < d->haul.devices; i++)
		asked += d->haul.asked[i];
	snprintf(text, sizeof(text), "%s %zu of %zu", d->kind == DEVICE_GPU ? "GPU" : "switch",
		asked, d->haul.devices);
	if (w->r->progress != NULL)
		w->r->progress(w->r->ctx, text);
}

static enum assay_code take(
	struct watch *w, struct door *d, const struct record *r, struct assay_err *e)
{
	TRY(haul_take(&d->haul, d->kind, r, e));
	if (r->key == RECORD_CALL) {
		if (r->device != RECORD_SYSTEM && d->asked_us == 0)
			d->asked_us = clock_us() - w->began_us;
		d->called = true;
		d->device = r->device;
		d->until  = clock_ms() + w->call_ms;
		snprintf(d->call, sizeof(d->call), "%s", SHOW(r->value));
	} else if (r->key == RECORD_DONE) {
		d->done = true;
	} else if (r->key == RECORD_ASKED) {
		progress(w, d);
	}
	return ASSAY_OK;
}

/* All whole records of what came; the rest stays. */
static enum assay_code take_all(struct watch *w, struct door *d, struct assay_err *e)
{
	struct rd     r = { .in = buf_bytes(&d->in) };
	struct record record;
	bool          whole = true;

	while (whole) {
		TRY(record_read(&r, &record, &whole, e));
		if (whole)
			TRY(take(w, d, &record, e));
	}
	d->in.n -= r.at;
	memmove(d->in.p, d->in.p + r.at, d->in.n);
	return ASSAY_OK;
}

/* Another process for what is left, if there is something and time for it. */
static enum assay_code go_on(struct watch *w, struct door *d, struct assay_err *e)
{
	struct assay_err late = { 0 };
	bool             some = false;

	for (size_t i = 0; i < d->haul.devices; i++)
		some |= !d->haul.asked[i];
	if (!some)
		return ASSAY_OK;
	if (clock_ms() < w->until)
		return start(w, d, e);
	err_set(&late, ASSAY_DEVICE_TIMEOUT,
		"not asked: the %d.%d seconds for all devices had passed", w->total_ms / 1000,
		w->total_ms % 1000 / 100);
	haul_blame(&d->haul, RECORD_SYSTEM, &late);
	return ASSAY_OK;
}

/* What it was asking is at fault; a door whose process failed on no device's account is shut. */
static enum assay_code give_up(
	struct watch *w, struct door *d, const struct assay_err *why, struct assay_err *e)
{
	int status;

	if (d->open)
		child_end(&d->child, true, &status);
	d->open = false;
	haul_blame(&d->haul, d->device, why);
	return d->device == RECORD_SYSTEM ? ASSAY_OK : go_on(w, d, e);
}

static enum assay_code late(struct watch *w, struct door *d, struct assay_err *e)
{
	struct assay_err why = { 0 };
	const int        ms  = clock_ms() >= d->until ? w->call_ms : w->total_ms;

	err_set(&why, ASSAY_DEVICE_TIMEOUT, "%s did not come back within %d.%d seconds%s",
		d->call, ms / 1000, ms % 1000 / 100,
		ms == w->call_ms ? "" : " for all devices");
	return give_up(w, d, &why, e);
}

/* The pipe is at its end: all was said, or the process died. */
static enum assay_code ended(struct watch *w, struct door *d, struct assay_err *e)
{
	struct assay_err why = { 0 };
	int              status;

	child_end(&d->child, false, &status);
	d->open = false;
	if (d->done)
		return ASSAY_OK;
	if (!d->called && status != -1 && WIFEXITED(status))
		return err_set(e, ASSAY_INTERNAL,
			"the process for a vendor's library could not be set up: is there a /dev/null?");
	if (status != -1 && WIFSIGNALED(status))
		err_set(&why, ASSAY_DEVICE_CRASHED, "the library crashed in %s: signal %d (%s)",
			d->call, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		err_set(&why, ASSAY_DEVICE_CRASHED,
			"the library ended its process in %s: exit status %d", d->call,
			status == -1 ? -1 : WEXITSTATUS(status));
	return give_up(w, d, &why, e);
}

static enum assay_code arrived(struct watch *w, struct door *d, struct assay_err *e)
{
	struct assay_err why  = { 0 };
	uint8_t         *room = buf_room(&d->in, CHUNK);
	ssize_t          n;

	if (room == NULL)
		return err_no_memory(e);
	n = read(d->child.fd, room, CHUNK);
	d->in.n -= CHUNK - (n > 0 ? (size_t)n : 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return ASSAY_OK;
	if (n <= 0)
		return ended(w, d, e);
	if (take_all(w, d, &why) == ASSAY_OK) {
		if (d->done && d->way->again != NULL)
			keep_or_dismiss(w, d);
		return ASSAY_OK;
	}
	if (assay_class(why.code) == ASSAY_CLASS_INTERNAL) {
		*e = why;
		return e->code;
	}
	return give_up(w, d, &why, e);
}

static enum assay_code turn(struct watch *w, struct door *d, short events, struct assay_err *e)
{
	const int64_t now = clock_ms();

	if (events != 0)
		TRY(arrived(w, d, e));
	if (d->open && (now >= d->until || now >= w->until))
		return late(w, d, e);
	return ASSAY_OK;
}

static int patience(const struct watch *w)
{
	int64_t until = w->until, now = clock_ms();

	for (size_t i = 0; i < DEVICE_KINDS; i++)
		if (w->door[i].open && w->door[i].until < until)
			until = w->door[i].until;
	return until > now ? (int)(until - now) : 0;
}

static enum assay_code watch(struct watch *w, struct assay_err *e)
{
	struct pollfd fds[DEVICE_KINDS];
	bool          any = true;

	while (any) {
		any = false;
		for (size_t i = 0; i < DEVICE_KINDS; i++) {
			fds[i] = (struct pollfd){ w->door[i].open ? w->door[i].child.fd : -1,
				POLLIN, 0 };
			any |= w->door[i].open;
		}
		if (!any)
			break;
		if (poll(fds, DEVICE_KINDS, patience(w)) < 0 && errno != EINTR)
			return err_set(e, ASSAY_INTERNAL, "poll: %s", strerror(errno));
		for (size_t i = 0; i < DEVICE_KINDS; i++) {
			if (!w->door[i].open)
				continue;
			TRY(turn(w, &w->door[i], fds[i].revents, e));
			w->door[i].done_us = clock_us() - w->began_us;
		}
	}
	return ASSAY_OK;
}

/* ---- what came, as a whole ---- */

/* A device without a fault has all that was asked for. */
static void settle(const struct collect_request *r, struct haul *h)
{
	struct assay_err none = { 0 };

	err_set(&none, ASSAY_DEVICE_REPLY, "no fault was told, and no evidence either");
	for (size_t i = 0; i < h->devices; i++) {
		struct collected_device *d = &h->device[i];

		if (d->fault.code == ASSAY_OK &&
			(!h->asked[i] ||
				(r->evidence && (d->report.n == 0 || d->chain.n == 0))))
			d->fault = none;
		if (d->fault.code != ASSAY_OK)
			d->report.n = d->chain.n = 0;
	}
	if (h->fault.code == ASSAY_OK && !h->counted)
		err_set(&h->fault, ASSAY_DEVICE_REPLY, "no devices were told of, and no fault");
}

/* There are none, and nobody says that there must be. */
static bool needless(const struct collect_request *r, const struct collected *c,
	enum device_kind kind, const struct haul *h)
{
	return kind == DEVICE_NVSWITCH && !r->must[kind] && h->devices == 0 &&
		c->system.multi_gpu != NVML_MULTI_PPCIE;
}

static void gather_door(const struct collect_request *r, struct door *d, struct collected *out)
{
	struct haul *h = &d->haul;

	settle(r, h);
	if (d->kind == DEVICE_GPU)
		out->system = h->system;
	out->opened[d->kind]   = h->fault.code == ASSAY_OK;
	out->asked_us[d->kind] = d->asked_us;
	out->done_us[d->kind]  = d->done_us;
	if (!needless(r, out, d->kind, h))
		out->fault[d->kind] = h->fault;
	for (size_t i = 0; i < h->devices; i++) { /* moved */
		out->device[out->devices++] = h->device[i];
		h->device[i]                = (struct collected_device){ 0 };
	}
}

static enum assay_code gather(struct watch *w, struct collected *out, struct assay_err *e)
{
	size_t      n = 0;
	struct haul nothing;

	*out = (struct collected){ 0 };
	haul_open(&nothing);
	out->system = nothing.system;
	for (size_t i = 0; i < DEVICE_KINDS; i++)
		n += w->door[i].haul.devices;
	out->device = mem_new(n == 0 ? 1 : n, sizeof(*out->device));
	if (out->device == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < DEVICE_KINDS; i++)
		if (w->door[i].way->ask != NULL)
			gather_door(w->r, &w->door[i], out);
	return ASSAY_OK;
}

enum assay_code door_collect(const struct collect_request *r,
	const struct door_way way[DEVICE_KINDS], struct collected *out, struct assay_err *e)
{
	CLEANUP(watch_done)
	struct watch w = { .r = r,
		.call_ms      = r->call_ms > 0 ? r->call_ms : COLLECT_CALL_MS,
		.total_ms     = r->total_ms > 0 ? r->total_ms : COLLECT_TOTAL_MS };

	w.began_us = clock_us();
	w.until    = clock_ms() + w.total_ms;
	for (size_t i = 0; i < DEVICE_KINDS; i++) {
		w.door[i].way  = &way[i];
		w.door[i].kind = (enum device_kind)i;
		haul_open(&w.door[i].haul);
	}
	for (size_t i = 0; i < DEVICE_KINDS; i++)
		if (way[i].ask != NULL)
			TRY(start(&w, &w.door[i], e));
	TRY(watch(&w, e));
	return gather(&w, out, e);
}
