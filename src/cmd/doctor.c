/* SPDX-License-Identifier: Apache-2.0
 *
 * assay doctor: every item of the machine as a finding. It uses no network, writes nothing, starts nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/show.h"
#include "base/utc.h"
#include "cmd/app.h"
#include "cmd/node.h"
#include "collect/replay.h"
#include "env/items.h"
#include "env/klog.h"

#define UNIT       "nvidia-persistenced.service"
#define WAIT_S     960 /* environment SVC-05: 900 s and a minute */
#define WAIT_MOST  86400
#define SYMPTOM_IN 16777216 /* bytes of a log */

struct doctor {
	struct inspection how;
	const char       *data, *symptom, *output;
	bool              wait, verbose, quiet;
	int64_t           wait_s;
	enum format       format;
};

static enum assay_code take_profile(void *ctx, const char *value, struct assay_err *e)
{
	static const enum profile profiles[] = { PROFILE_AUTO, PROFILE_SINGLE, PROFILE_PPCIE };
	struct doctor            *d          = ctx;

	for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
		if (strcmp(value, profile_name(profiles[i])) == 0) {
			d->how.profile = profiles[i];
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION, "single, ppcie or auto, not \"%s\"",
		SHOW(bytes_text(value)));
}

static enum assay_code take_root(void *ctx, const char *value, struct assay_err *e)
{
	struct doctor *d = ctx;

	(void)e;
	d->how.root     = value;
	d->how.emulated = false;
	return ASSAY_OK;
}

static enum assay_code take_wait(void *ctx, const char *value, struct assay_err *e)
{
	struct doctor *d   = ctx;
	char          *end = NULL;
	long           s;

	d->wait = true;
	if (value == NULL)
		return ASSAY_OK;
	s = strtol(value, &end, 10);
	if (end == value || *end != 0 || s < 0 || s > WAIT_MOST)
		return err_set(e, ASSAY_INPUT_OPTION, "0 to %d seconds, not \"%s\"", WAIT_MOST,
			SHOW(bytes_text(value)));
	d->wait_s = s;
	return ASSAY_OK;
}

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format_report(value, &((struct doctor *)ctx)->format, e);
}

#define TAKE_FIELD(field, expression) CLI_TAKE(struct doctor, field, expression)

TAKE_FIELD(type, o->how.type = value)
TAKE_FIELD(data, o->data = value)
TAKE_FIELD(symptom, o->symptom = value)
TAKE_FIELD(output, o->output = value)
TAKE_FIELD(registers, o->how.registers = true)
TAKE_FIELD(verbose, o->verbose = true)
TAKE_FIELD(quiet, o->quiet = true)

static const struct option_row rows[] = {
	{ 'p', "profile", "single|ppcie|auto",
		"single, ppcie, or auto (default): by the devices", take_profile, .once = true,
		.without = "--symptom" },
	{ 0, "root", "DIR", "a tree or image in the place of this machine", take_root,
		.once = true, .without = "--symptom" },
	{ 0, "type", "NAME", "the instance type that was rented, to compare", take_type,
		.once = true, .without = "--symptom" },
	{ 'w', "wait", "SECONDS", "follow a GPU stack that is starting first; default 960",
		take_wait, .once = true, .optional = true, .without = "--symptom" },
	{ 's', "symptom", "TEXT", "what a line means; -: a kernel log on standard input",
		take_symptom, .once = true },
	{ 0, "registers", NULL, "read mode bits of GPUs that no driver holds", take_registers,
		.without = "--root --symptom" },
	{ 0, "data", "DIR", "the data files, if not the program's own", take_data,
		.once = true },
	{ 'f', "format", "text|json|html", "text (default), json or html", take_format },
	{ 'o', "output", "FILE", "where the report goes; standard output unless said",
		take_output, .once = true },
	{ 'v', "verbose", NULL, "all checks, also what passed", take_verbose,
		.without = "--quiet --symptom" },
	{ 'q', "quiet", NULL, "no report; the exit status tells", take_quiet },
};

/* A symptom that was seen: first in that line, and so many times. */
struct seen {
	const struct data_symptom *symptom;
	char                       line[SHOW_MAX];
	size_t                     lines;
};

struct diagnosis {
	struct seen seen[DATA_ROWS];
	size_t      n;
};

static void diagnose_line(const struct data *data, struct bytes line, struct diagnosis *d)
{
	const struct data_symptom *s;

	for (size_t at = 0; (s = data_symptom_find(data, line, &at)) != NULL;) {
		size_t i = 0;

		while (i < d->n && d->seen[i].symptom != s)
			i++;
		if (i == d->n) {
			d->seen[d->n++] = (struct seen){ .symptom = s };
			show(line, d->seen[i].line);
		}
		d->seen[i].lines++;
	}
}

static void put_text(const struct bytes *list, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%s", i == 0 ? "" : " ", SHOW(list[i]));
}

static void diagnosis_text(const struct diagnosis *d, struct buf *out)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct seen *s = &d->seen[i];

		buf_printf(out, "%s\n", s->line);
		if (s->lines > 1)
			buf_printf(out, "         lines     %zu\n", s->lines);
		buf_text(out, "         items     ");
		put_text(s->symptom->item, s->symptom->items, out);
		buf_printf(out, "\n         do        %.*s\n", (int)s->symptom->advice.n,
			(const char *)s->symptom->advice.p);
	}
	if (d->n == 0)
		buf_text(out,
			"no symptom that is known here; assay doctor checks the machine\n");
}

static enum assay_code diagnosis_json(
	const struct diagnosis *d, struct buf *out, struct assay_err *e)
{
	AUTO(json_t) *list = json_array();
	AUTO(json_t) *root = NULL;

	for (size_t i = 0; i < d->n; i++) {
		const struct seen *s     = &d->seen[i];
		json_t            *names = json_array();

		for (size_t k = 0; k < s->symptom->items; k++)
			json_array_append_new(names, json_text(s->symptom->item[k]));
		if (json_array_append_new(list,
			    json_pack("{s:s, s:i, s:o, s:o}", "seen", s->line, "lines",
				    (int)s->lines, "items", names, "advice",
				    json_text(s->symptom->advice))) != 0)
			return err_no_memory(e);
	}
	root = json_pack("{s:s, s:O}", "schema", "assay.diagnosis/1", "symptoms", list);
	return root == NULL ? err_no_memory(e) : json_write(root, out, e);
}

/* Status 0: something is known of it; else undecided. */
static int diagnose(const struct doctor *d, const struct data *data)
{
	CLEANUP(buf_done) struct buf text = { 0 }, out = { 0 };
	struct assay_err             e     = { 0 };
	struct diagnosis             found = { 0 };
	struct klog_line             l;

	if (strcmp(d->symptom, "-") != 0)
		buf_text(&text, d->symptom);
	else if (replay_file("-", SYMPTOM_IN, &text, &e) != ASSAY_OK)
		return app_fail(&e);
	for (size_t at = 0; klog_next(buf_bytes(&text), &at, &l);)
		diagnose_line(data, l.text, &found);
	if (d->quiet)
		out.n = 0;
	else if (d->format == FORMAT_TEXT)
		diagnosis_text(&found, &out);
	else if (diagnosis_json(&found, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out,
		assay_class_exit(found.n > 0 ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_UNDECIDED));
}

struct follow {
	bool    terminal, told;
	int64_t began;
};

static void tell_state(void *ctx, const struct unit_facts *f)
{
	struct follow *w = ctx;

	if (!w->terminal || unit_settled(f))
		return;
	fprintf(stderr, "\r\033[Kassay: the GPU stack is starting: %lld s of %llu s ",
		(long long)(clock_ms() / 1000 - w->began),
		(unsigned long long)(f->start_usec / 1000000));
	w->told = true;
}

/* SERVICE_START_TIMEOUT when it did not come to an end; nothing is changed, nothing killed. */
static enum assay_code follow(const struct doctor *d, struct assay_err *e)
{
	struct follow     w     = { .terminal = isatty(STDERR_FILENO) && !d->quiet,
			.began                = clock_ms() / 1000 };
	struct unit_watch watch = { tell_state, &w, (w.began + d->wait_s) * 1000000 };
	struct unit_facts f     = { 0 };
	enum assay_code   code  = unit_follow(UNIT, &watch, &f, e);

	if (w.told)
		fputs("\r\033[K", stderr);
	if (code != ASSAY_OK || unit_settled(&f))
		return code;
	return err_set(e, ASSAY_SERVICE_START_TIMEOUT,
		"%s was still activating after %lld s; nothing was changed", UNIT,
		(long long)d->wait_s);
}

/* What is on the bus, and what belongs there: of a number that no profile has, that of the next one. */
static void take_seats(
	const struct machine *m, struct report_seat seat[MACHINE_PCI], struct report_page *page)
{
	const bool one  = m->profile == PROFILE_SINGLE;
	const bool many = m->profile == PROFILE_PPCIE || m->gpus + m->switches > 1;

	for (size_t i = 0; i < m->functions; i++)
		seat[i] = (struct report_seat){ m->pci[i].nvswitch, m->pci[i].address,
			m->pci[i].driver };
	page->seat     = seat;
	page->seats    = m->functions;
	page->gpus     = one ? 1 : many ? 8 : 1;
	page->switches = one ? 0 : many ? 4 : 0;
}

static enum assay_code put_report(const struct doctor *d, const struct machine *m,
	const struct report_view *view, struct buf *out, struct assay_err *e)
{
	struct report_seat        seat[MACHINE_PCI];
	const struct report_style style = { .colour = d->output == NULL && app_colour(),
		.all                                = d->verbose };
	struct report_page        page  = { 0 };

	switch (d->format) {
	case FORMAT_JSON:
		return report_json(view, out, e);
	case FORMAT_HTML:
		take_seats(m, seat, &page);
		return report_html(view, &page, out, e);
	case FORMAT_TEXT:
		break;
	}
	return report_text(view, &style, out, e);
}

static int print(const struct doctor *d, const struct machine *m, struct facts *f)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	struct assay_err             e    = { 0 };
	const struct report_view     view = {
		    .facts   = f,
		    .verdict = items_verdict(&f->findings),
		    .at      = m->how->now,
		    .setup   = profile_name(m->profile),
	};
	const int status = assay_class_exit(view.verdict);

	if (d->quiet)
		return status;
	return put_report(d, m, &view, &out, &e) == ASSAY_OK
		? app_deliver(d->output, &out, status)
		: app_fail(&e);
}

static int examine(struct doctor *d, const struct data *data)
{
	struct facts     f = { .valid_until = UTC_MAX };
	struct machine  *m = NULL;
	struct assay_err e = { 0 };
	int              status;

	if (d->wait && follow(d, &e) != ASSAY_OK)
		return app_fail(&e);
	d->how.now = (int64_t)time(NULL);
	if (inspect(&d->how, data, &m, &e) != ASSAY_OK)
		return app_fail(&e);
	status = items_judge(m, &f.findings, &e) == ASSAY_OK ? print(d, m, &f) : app_fail(&e);
	findings_done(&f.findings);
	machine_free(m);
	return status;
}

/* Is there a report for them? */
static enum assay_code check_output(const struct doctor *d, struct assay_err *e)
{
	if (d->symptom != NULL && d->format == FORMAT_HTML)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--symptom tells in text or json; html is for the report");
	if (d->output != NULL && (d->symptom != NULL || d->quiet))
		return err_set(e, ASSAY_INPUT_OPTION, "--output, with %s and no report?",
			d->quiet ? "--quiet" : "--symptom");
	return ASSAY_OK;
}

int cmd_doctor(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf   help  = { 0 };
	CLEANUP(data_done) struct data data  = { 0 };
	struct doctor                  d     = { .wait_s = WAIT_S };
	struct assay_err               e     = { 0 };
	int                            first = 0;

	d.how.root     = secure_getenv("ASSAY_ROOT");
	d.how.emulated = d.how.root != NULL;
	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &d, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (first < argc) {
		err_set(&e, ASSAY_INPUT_OPTION, "doctor takes no argument, and here is \"%s\"",
			SHOW(bytes_text(argv[first])));
		return app_fail(&e);
	}
	if (check_output(&d, &e) != ASSAY_OK)
		return app_fail(&e);
	if (d.wait && d.how.root != NULL) {
		err_set(&e, ASSAY_INPUT_OPTION,
			"--wait is for a running machine, not for a tree");
		return app_fail(&e);
	}
	if (data_read(d.data, &data, &e) != ASSAY_OK)
		return app_fail(&e);
	return d.symptom != NULL ? diagnose(&d, &data) : examine(&d, &data);
}
