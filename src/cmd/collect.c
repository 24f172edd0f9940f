/* SPDX-License-Identifier: Apache-2.0
 *
 * assay collect: devices to a file. What could be had is written also when a device gave nothing; the exit status is
 * that of the worst fault. */
#include "attest/composite.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "attest/precheck.h"
#include "base/hex.h"
#include "base/show.h"
#include "cmd/app.h"
#include "cmd/guest.h"
#include "cmd/node.h"
#include "cmd/out.h"
#include "cmd/starting.h"

enum container { CONTAINER_ASSAY, CONTAINER_NVATTEST };

struct collect_options {
	struct composite_request r;
	bool                     devices_given, nonce_given, quiet;
	const char              *out; /* NULL: standard output */
	struct guest_options     guest;
	enum container           container;
};

/* What can be asked for by name. */
static const struct {
	const char      *name;
	enum device_kind kind;
} kinds[] = {
	{ "gpu", DEVICE_GPU },
	{ "nvswitch", DEVICE_NVSWITCH },
	{ "tdx", DEVICE_TDX },
};

static enum assay_code take_one(
	struct collect_options *o, struct bytes name, struct assay_err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (bytes_equal(name, bytes_text(kinds[i].name))) {
			o->r.devices.kinds[kinds[i].kind] = true;
			o->r.devices.must[kinds[i].kind]  = true;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION,
		"\"%s\" is no kind of device; there are gpu, nvswitch, tdx", SHOW(name));
}

static enum assay_code take_device(void *ctx, const char *value, struct assay_err *e)
{
	struct collect_options *o = ctx;

	o->devices_given = true;
	for (const char *at = value;; at++) {
		size_t n = strcspn(at, ",");

		TRY(take_one(o, (struct bytes){ (const uint8_t *)at, n }, e));
		at += n;
		if (*at == 0)
			return ASSAY_OK;
	}
}

static enum assay_code take_nonce(void *ctx, const char *value, struct assay_err *e)
{
	struct collect_options *o = ctx;

	o->nonce_given = true;
	if (hex_fixed(bytes_text(value), o->r.nonce, sizeof(o->r.nonce), e) != ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION, "a nonce is 64 hexadecimal digits");
	return ASSAY_OK;
}

static enum assay_code take_output(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct collect_options *)ctx)->out = strcmp(value, "-") == 0 ? NULL : value;
	return ASSAY_OK;
}

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	struct collect_options *o = ctx;

	if (strcmp(value, "assay") == 0)
		o->container = CONTAINER_ASSAY;
	else if (strcmp(value, "nvattest") == 0)
		o->container = CONTAINER_NVATTEST;
	else
		return err_set(e, ASSAY_INPUT_OPTION, "assay or nvattest, not \"%s\"",
			SHOW(bytes_text(value)));
	return ASSAY_OK;
}

static enum assay_code take_quiet(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	((struct collect_options *)ctx)->quiet = true;
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 'd', "device", "gpu|nvswitch|tdx,...",
		"gpu, nvswitch, tdx; default: all that are there", take_device },
	{ 'n', "nonce", "HEX", "the verifier's nonce, 64 digits; default: a random one, told",
		take_nonce, .once = true },
	{ 'o', "output", "FILE", "where to write; default: standard output", take_output,
		.once = true },
	{ 'f', "format", "assay|nvattest", "assay (default), or nvattest: NVIDIA's form",
		take_format },
	{ 'q', "quiet", NULL, "no word about what went well", take_quiet },
};

static enum assay_code draw_nonce(struct collect_options *o, struct assay_err *e)
{
	if (o->nonce_given)
		return ASSAY_OK;
	while (getrandom(o->r.nonce, sizeof(o->r.nonce), 0) != (ssize_t)sizeof(o->r.nonce))
		if (errno != EINTR)
			return err_set(
				e, ASSAY_INTERNAL, "no random numbers: %s", strerror(errno));
	if (!o->quiet)
		fprintf(stderr, "assay: nonce %s\n", HEX(BYTES_OF(o->r.nonce)));
	return ASSAY_OK;
}

/* The worse of two exit statuses' classes. */
static enum assay_class worse(enum assay_class a, enum assay_class b)
{
	return a < b ? a : b; /* the list begins with the worst */
}

/* One line for devices that follow each other and have the same to say: "gpu0 to gpu7: ...". */
struct lines {
	struct subject first, last;
	const char    *id;   /* of the check */
	const char    *text; /* lent; NULL: no line is open */
};

static void line_end(struct lines *l)
{
	char first[SUBJECT_TEXT], last[SUBJECT_TEXT];

	if (l->text == NULL)
		return;
	fputs("assay: ", stderr);
	if (l->last.index != l->first.index)
		fprintf(stderr, "%s to %s: ", subject_text(l->first, first),
			subject_text(l->last, last));
	else if (l->first.kind != SUBJECT_NODE)
		fprintf(stderr, "%s: ", subject_text(l->first, first));
	fprintf(stderr, "%s: %s\n", l->id, l->text);
	l->text = NULL;
}

static void line(struct lines *l, struct subject s, const char *id, const char *text)
{
	if (l->text != NULL && l->first.kind == s.kind && l->last.index + 1 == s.index &&
		l->id == id && strcmp(l->text, text) == 0) {
		l->last = s;
		return;
	}
	line_end(l);
	*l = (struct lines){ s, s, id, text };
}

/* What the pre-checks of attest say, where it is no pass; then each device that gave no evidence. */
static enum assay_code tell_faults(
	const struct collected *c, enum assay_class *worst, struct assay_err *e)
{
	CLEANUP(findings_done) struct findings seen = { 0 };
	struct lines                           l    = { 0 };

	TRY(precheck(c, PRECHECK_ANY, &seen, e));
	for (size_t i = 0; i < seen.n; i++) {
		const struct finding *f = &seen.list[i];

		if (f->outcome == ASSAY_OUTCOME_PASS)
			continue;
		*worst = worse(*worst, assay_class(f->code));
		line(&l, f->subject, check_row(f->check)->id,
			f->message == NULL ? "" : f->message);
	}
	for (size_t i = 0; i < c->devices; i++) {
		const struct collected_device *d = &c->device[i];
		const struct subject           s = {
				  d->kind == DEVICE_GPU ? SUBJECT_GPU : SUBJECT_NVSWITCH, d->index
		};

		if (d->fault.code == ASSAY_OK)
			continue;
		*worst = worse(*worst, assay_class(d->fault.code));
		line(&l, s,
			check_row(d->kind == DEVICE_GPU ? CHECK_GPU_COLLECT
							: CHECK_NVSWITCH_COLLECT)
				->id,
			assay_err_text(&d->fault));
	}
	line_end(&l);
	return ASSAY_OK;
}

static void tell_guest(
	const struct evidence *ev, const struct composite_said *said, enum assay_class *worst)
{
	const char *id = check_row(CHECK_TDX_COLLECT)->id;

	for (size_t i = 0; i < ev->devices; i++) {
		const struct assay_err *fault = &ev->device[i].fault;

		if (ev->device[i].kind != DEVICE_TDX || fault->code == ASSAY_OK)
			continue;
		*worst = worse(*worst, assay_class(fault->code));
		fprintf(stderr, "assay: tdx: %s: %s\n", id, assay_err_text(fault));
	}
	if (said->events.code == ASSAY_OK)
		return;
	*worst = worse(*worst, assay_class(said->events.code));
	fprintf(stderr, "assay: tdx: no event log: %s\n", assay_err_text(&said->events));
}

static void tell_devices(const struct collect_options *o, const struct evidence *ev)
{
	size_t gave = 0;

	for (size_t i = 0; i < ev->devices; i++)
		gave += ev->device[i].fault.code == ASSAY_OK;
	if (ev->devices == 0)
		fputs("assay: no device is known, and nothing was written\n", stderr);
	else if (!o->quiet)
		fprintf(stderr, "assay: evidence of %zu of %zu devices%s%s\n", gave,
			ev->devices, o->out == NULL ? "" : " in ",
			o->out == NULL ? "" : o->out);
}

static enum assay_code write_evidence(const struct collect_options *o,
	const struct evidence *ev, struct buf *out, struct assay_err *e)
{
	TRY(o->container == CONTAINER_NVATTEST ? evidence_write_nvidia(ev, out, e)
					       : evidence_write(ev, out, e));
	return o->out == NULL ? ASSAY_OK : out_file(o->out, buf_bytes(out), e);
}

static void progress(void *ctx, const char *what)
{
	(void)ctx;
	fprintf(stderr, "\r\033[Kassay: %s ", what);
}

static void progress_end(const struct collect_options *o)
{
	if (o->r.devices.progress != NULL)
		fputs("\r\033[K", stderr);
}

/* NVIDIA's form has no place for a quote; what it holds answers the nonce itself. Quotes need no GPU that is up. */
static enum assay_code check_options(const struct collect_options *o, struct assay_err *e)
{
	const bool *must = o->r.devices.must;

	if (o->container == CONTAINER_NVATTEST && must[DEVICE_TDX])
		return err_set(e, ASSAY_INPUT_OPTION,
			"NVIDIA's form has no place for a quote: leave out tdx or --format");
	if (guest_option(&o->guest) != NULL && !o->r.devices.kinds[DEVICE_TDX])
		return err_set(e, ASSAY_INPUT_OPTION, "%s is for a quote, and tdx is not asked",
			guest_option(&o->guest));
	if (o->devices_given && must[DEVICE_TDX] && !must[DEVICE_GPU] && !must[DEVICE_NVSWITCH])
		return ASSAY_OK;
	return starting(e);
}

static int run(struct collect_options *o)
{
	CLEANUP(collected_done) struct collected c      = { 0 };
	CLEANUP(evidence_done) struct evidence   ev     = { 0 };
	CLEANUP(crypto_done) struct crypto       crypto = { 0 };
	CLEANUP(buf_done) struct buf             out    = { 0 };
	struct composite_said                    said   = { 0 };
	enum assay_class                         worst  = ASSAY_CLASS_ACCEPTED;
	struct assay_err                         e      = { 0 };
	int                                      status;

	if (check_options(o, &e) != ASSAY_OK || guest_options_read(&o->guest, &e) != ASSAY_OK ||
		draw_nonce(o, &e) != ASSAY_OK || crypto_open(&crypto, &e) != ASSAY_OK)
		return app_fail(&e);
	o->r.root  = o->guest.root;
	o->r.qgs   = o->guest.qgs;
	o->r.td_ms = o->guest.ms;
	o->r.key   = buf_bytes(&o->guest.spki);
	o->r.made  = (int64_t)time(NULL);
	if (!o->quiet && isatty(STDERR_FILENO))
		o->r.devices.progress = progress;
	if (composite_collect(&crypto, &o->r, &c, &ev, &said, &e) != ASSAY_OK)
		return app_fail(&e);
	progress_end(o);
	if (tell_faults(&c, &worst, &e) != ASSAY_OK)
		return app_fail(&e);
	tell_guest(&ev, &said, &worst);
	if (ev.devices > 0 && write_evidence(o, &ev, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	tell_devices(o, &ev);
	status = assay_class_exit(worst);
	return o->out != NULL ? status : app_print(&out, status);
}

int cmd_collect(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help     = { 0 };
	struct collect_options       o        = { 0 };
	struct assay_err             e        = { 0 };
	int                          first    = 0, status;
	const struct option_group    groups[] = {
		   { rows, ARRAY_LEN(rows), &o },
		   { guest_rows, guest_rows_n, &o.guest },
	};

	if (cli_groups(c, groups, ARRAY_LEN(groups), argc, argv, &first, &help, &e) != ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (first < argc) {
		err_set(&e, ASSAY_INPUT_OPTION, "collect takes no argument, and here is \"%s\"",
			SHOW(bytes_text(argv[first])));
		return app_fail(&e);
	}
	for (size_t i = 0; !o.devices_given && i < ARRAY_LEN(kinds); i++)
		o.r.devices.kinds[kinds[i].kind] = kinds[i].kind != DEVICE_TDX ||
			o.container != CONTAINER_NVATTEST;
	status = run(&o);
	guest_options_done(&o.guest);
	return status;
}
