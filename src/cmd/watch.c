/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/show.h"
#include "base/utc.h"
#include "cmd/app.h"
#include "env/notify.h"

#define RETRY_S     10 /* when it may pass by itself */
#define MARGIN_S    30 /* before a signed limit ends what was accepted */
#define UEVENT_MAX  8192
#define KERNEL_ONLY 1 /* the multicast group of the kernel's own words */

enum { FD_SIGNAL, FD_UEVENT, FDS };

struct watching {
	const struct watch_request *r;
	int                         fd[FDS];
	bool                        stop, accepted, told_ready;
	int                         status; /* of the last round */
};

enum assay_code watch_interval(const char *text, int64_t *seconds, struct assay_err *e)
{
	static const struct {
		const char *unit;
		long        seconds;
	} units[] = { { "", 1 }, { "s", 1 }, { "min", 60 }, { "m", 60 }, { "h", 3600 } };
	char *end;
	long  n = strtol(text, &end, 10);

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(end, units[i].unit) == 0 && text[0] >= '0' && text[0] <= '9' &&
			n > 0 && n <= 86400 / units[i].seconds) {
			*seconds = n * units[i].seconds;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION,
		"\"%s\" is no time between 1 s and 24 h, such as 90s, 15min or 2h",
		SHOW(bytes_text(text)));
}

/* ---- the log: one line an event, key=value, on standard error ---- */

/* A value: what is foreign in it was made printable before; quotes would end it. */
static void put_value(struct buf *line, const char *key, const char *value)
{
	buf_printf(line, " %s=\"", key);
	for (; *value != 0; value++)
		buf_byte(line, *value == '"' ? '\'' : (uint8_t)*value);
	buf_byte(line, '"');
}

static void put_line(struct buf *line)
{
	buf_byte(line, '\n');
	if (!line->failed)
		fwrite(line->p, 1, line->n, stderr);
}

static void log_findings(const struct findings *f)
{
	for (size_t i = 0; i < f->n; i++) {
		CLEANUP(buf_done) struct buf line = { 0 };
		const struct finding        *x    = &f->list[i];
		char                         subject[SUBJECT_TEXT];

		if (x->outcome == ASSAY_OUTCOME_PASS ||
			x->outcome == ASSAY_OUTCOME_NOT_APPLICABLE ||
			x->outcome == ASSAY_OUTCOME_SKIPPED)
			continue;
		buf_printf(&line, "event=finding id=%s subject=%s outcome=%s code=%s",
			check_row(x->check)->id, subject_text(x->subject, subject),
			assay_outcome_name(x->outcome), assay_code_name(x->code));
		put_value(&line, "message", x->message == NULL ? "" : x->message);
		put_line(&line);
	}
}

static const char *state_name(int state)
{
	return state < 0 ? "unknown" : state > 0 ? "yes" : "no";
}

static void log_round(const struct attest_result *a, int status)
{
	CLEANUP(buf_done) struct buf line = { 0 };
	const struct facts          *f    = &a->report->facts;

	buf_printf(&line,
		"event=attested verdict=%s exit=%d gpus=%zu switches=%zu milliseconds=%lld",
		assay_class_verdict(assay_report_verdict(a->report)), status, f->gpus,
		f->switches, (long long)(a->stages.total_us / 1000));
	if (a->gate)
		buf_printf(&line, " ready=%s was_ready=%s", state_name(a->ready.after),
			state_name(a->ready.before));
	if (assay_report_valid_until(a->report) != UTC_MAX)
		buf_printf(&line, " valid_until=%s", UTC(assay_report_valid_until(a->report)));
	if (a->report->view.test_anchors)
		buf_text(&line, " anchors=TEST");
	put_line(&line);
	log_findings(&f->findings);
}

/* ---- one round ---- */

static void tell_manager(struct watching *w, const struct attest_result *a)
{
	CLEANUP(buf_done) struct buf status = { 0 };
	const struct facts          *f      = &a->report->facts;

	buf_printf(&status, "%s%s: %zu GPUs, %zu switches, at %s",
		a->report->view.test_anchors ? "TEST ANCHORS: " : "",
		assay_class_verdict(assay_report_verdict(a->report)), f->gpus, f->switches,
		UTC(a->report->view.at));
	notify_status(buf_cstr(&status));
	if (w->accepted && !w->told_ready) {
		notify_ready();
		w->told_ready = true;
	}
}

/* How long what came out holds, in seconds: not past a signed limit; what may pass by itself is asked about again soon. */
static int64_t rest(const struct watching *w, enum assay_class verdict, int64_t valid_until)
{
	int64_t wait = w->r->interval_s, left = valid_until - (int64_t)time(NULL) - MARGIN_S;

	if (verdict == ASSAY_CLASS_ACCEPTED)
		return left >= wait ? wait : left < 1 ? 1 : left;
	if (verdict == ASSAY_CLASS_UNAVAILABLE || verdict == ASSAY_CLASS_NOT_READY ||
		verdict == ASSAY_CLASS_UNDECIDED)
		return wait < RETRY_S ? wait : RETRY_S;
	return wait;
}

/* Seconds until the next one; -1: a fault of ours. */
static int64_t attest_once(struct watching *w)
{
	struct attest_result a    = { 0 };
	struct assay_err     e    = { 0 };
	int64_t              wait = -1;

	notify_alive();
	w->status = w->r->attest(w->r->ctx, &a, &e);
	if (a.report != NULL && e.code == ASSAY_OK) {
		w->accepted = assay_report_verdict(a.report) == ASSAY_CLASS_ACCEPTED;
		log_round(&a, w->status);
		tell_manager(w, &a);
		wait = rest(
			w, assay_report_verdict(a.report), assay_report_valid_until(a.report));
	} else {
		app_fail(&e);
	}
	attest_result_done(&a);
	return wait;
}

/* ---- what cuts the waiting short ---- */

static bool signalled(struct watching *w)
{
	struct signalfd_siginfo s;

	while (read(w->fd[FD_SIGNAL], &s, sizeof(s)) == (ssize_t)sizeof(s)) {
		if (s.ssi_signo != SIGHUP) {
			w->stop = true;
			return true;
		}
		fputs("event=asked by=SIGHUP\n", stderr);
		return true;
	}
	return false;
}

static bool has(const char *text, size_t n, const char *what)
{
	return memmem(text, n, what, strlen(what)) != NULL;
}

/* The kernel tells of each device that comes or goes; the GPUs' are on PCI, and the driver's modules have its name. */
static bool plugged(const struct watching *w)
{
	char    text[UEVENT_MAX];
	ssize_t n;
	bool    ours = false;

	while ((n = recv(w->fd[FD_UEVENT], text, sizeof(text), MSG_DONTWAIT)) > 0) {
		const size_t len    = (size_t)n;
		bool         change = strncmp(text, "add@", 4) == 0 ||
			strncmp(text, "remove@", 7) == 0 || strncmp(text, "bind@", 5) == 0 ||
			strncmp(text, "unbind@", 7) == 0;

		ours |= change &&
			(has(text, len, "SUBSYSTEM=pci") || has(text, len, "/nvidia"));
	}
	ours |= n < 0 && errno == ENOBUFS; /* some were lost, and may have been ours */
	if (ours)
		fputs("event=asked by=device-change\n", stderr);
	return ours;
}

static void wait_for(struct watching *w, int64_t seconds)
{
	const int64_t until = clock_ms() + seconds * 1000;
	const int64_t alive = notify_watchdog_us() / 1000;
	int64_t       left;

	while (!w->stop && (left = until - clock_ms()) > 0) {
		struct pollfd p[FDS] = { { w->fd[FD_SIGNAL], POLLIN, 0 },
			{ w->fd[FD_UEVENT], POLLIN, 0 } };

		if (alive > 0 && alive < left)
			left = alive;
		if (poll(p, FDS, (int)left) < 0 && errno != EINTR)
			return;
		notify_alive();
		if ((p[FD_SIGNAL].revents != 0 && signalled(w)) ||
			(p[FD_UEVENT].revents != 0 && plugged(w)))
			return;
	}
}

/* Without it (a sandbox, a kernel without) the interval alone counts. */
static int uevents(void)
{
	struct sockaddr_nl a  = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_ONLY };
	int                fd = socket(
			       AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static int signals(void)
{
	sigset_t s;

	sigemptyset(&s);
	sigaddset(&s, SIGHUP);
	sigaddset(&s, SIGINT);
	sigaddset(&s, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &s, NULL) != 0)
		return -1;
	return signalfd(-1, &s, SFD_CLOEXEC | SFD_NONBLOCK);
}

int watch(const struct watch_request *r)
{
	struct watching w = { .r = r };
	int64_t         wait;

	w.fd[FD_SIGNAL] = signals();
	w.fd[FD_UEVENT] = uevents();
	if (w.fd[FD_SIGNAL] < 0) {
		struct assay_err e = { 0 };

		err_set(&e, ASSAY_INTERNAL, "signalfd: %s", strerror(errno));
		return app_fail(&e);
	}
	for (wait = 0; wait >= 0 && !w.stop;) {
		wait = attest_once(&w);
		if (wait >= 0)
			wait_for(&w, wait);
	}
	notify_stopping();
	fprintf(stderr, "event=stopped ready_state=\"left as it is\"\n");
	close(w.fd[FD_SIGNAL]);
	if (w.fd[FD_UEVENT] >= 0)
		close(w.fd[FD_UEVENT]);
	return wait < 0 ? assay_class_exit(ASSAY_CLASS_INTERNAL) : w.status;
}
