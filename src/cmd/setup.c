/* SPDX-License-Identifier: Apache-2.0
 *
 * assay setup: plan, apply, undo, status. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "attest/cache.h"
#include "base/show.h"
#include "cmd/app.h"
#include "cmd/node.h"
#include "cmd/progress.h"
#include "cmd/rims.h"
#include "collect/replay.h"
#include "env/ends.h"
#include "env/operate.h"
#include "env/setup.h"

struct options {
	struct setup          setup;
	const char           *data, *files, *pins;
	enum format           format;
	struct data           known;
	struct sources        sources;
	struct buf            pin_lines;
	char                  folder[PATH_MAX];
	struct assay         *a;
	struct operate        operate;
	struct                operator machine;
	struct progress       progress;
	struct evidence       collateral; /* of bundles that the user names: RIMs among it */
	size_t                bundles;
	bool                  ask_online;
	struct online         online;
	struct gather_request request; /* once the client is open */
};

static enum assay_code take_profile(void *ctx, const char *value, struct assay_err *e)
{
	static const enum profile profiles[] = { PROFILE_AUTO, PROFILE_SINGLE, PROFILE_PPCIE };
	struct options           *o          = ctx;

	for (size_t i = 0; i < ARRAY_LEN(profiles); i++)
		if (strcmp(value, profile_name(profiles[i])) == 0) {
			o->setup.how.profile = profiles[i];
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION, "single, ppcie or auto, not \"%s\"",
		SHOW(bytes_text(value)));
}

static enum assay_code take_ready(void *ctx, const char *value, struct assay_err *e)
{
	struct options *o = ctx;

	if (strcmp(value, "attest") == 0)
		o->setup.options.ready = READY_ATTEST;
	else if (strcmp(value, "unconditional") == 0)
		o->setup.options.ready = READY_UNCONDITIONAL;
	else
		return err_set(e, ASSAY_INPUT_OPTION, "attest or unconditional, not \"%s\"",
			SHOW(bytes_text(value)));
	return ASSAY_OK;
}

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, &((struct options *)ctx)->format, e);
}

#define TAKE_FIELD(name, expression) CLI_TAKE(struct options, name, expression)

TAKE_FIELD(root, o->setup.how.root = value)
TAKE_FIELD(type, o->setup.how.type = value)
TAKE_FIELD(data, o->data = value)
TAKE_FIELD(files, o->files = value)
TAKE_FIELD(pins, o->pins = value)
TAKE_FIELD(download, o->operate.download = o->setup.options.download = true)
TAKE_FIELD(online, o->ask_online = true)
TAKE_FIELD(toolkit, o->setup.options.toolkit = true)
TAKE_FIELD(no_software, o->setup.options.software = false)
TAKE_FIELD(hold, o->setup.options.hold = true)
TAKE_FIELD(require, o->setup.options.require = true)
TAKE_FIELD(licence, o->setup.options.licence = true)
TAKE_FIELD(measured, o->setup.measured = true)
TAKE_FIELD(kdump, o->setup.options.kdump = true)
TAKE_FIELD(nvlink, o->setup.options.nvlink_off = true)
TAKE_FIELD(force, o->setup.options.force = true)
TAKE_FIELD(quiet, o->operate.quiet = true)

static enum assay_code take_collateral(void *ctx, const char *value, struct assay_err *e)
{
	struct options              *o    = ctx;
	CLEANUP(buf_done) struct buf text = { 0 };

	TRY(replay_file(value, BUNDLE_FILE_MAX, &text, e));
	o->bundles++;
	return evidence_add(
		&o->collateral, replay_name(value), buf_bytes(&text), (struct bytes){ 0 }, e);
}

#define PLANS "plan apply status" /* what looks ahead: undo goes by its journals */

static const struct option_row rows[] = {
	{ 'p', "profile", "single|ppcie|auto",
		"single, ppcie, or auto (default): by the devices", take_profile, .once = true,
		.with = PLANS },
	{ 0, "ready", "attest|unconditional",
		"attest (default): GPUs take work after attestation; unconditional: at once",
		take_ready, .once = true, .with = PLANS },
	{ 0, "require", NULL, "services that use GPUs do not start without that", take_require,
		.with = PLANS },
	{ 0, "files", "DIR", "the folder with NVIDIA's installers", take_files, .once = true,
		.with = PLANS },
	{ 0, "pins", "FILE", "their digests, as sha256sum prints them", take_pins, .once = true,
		.with = PLANS },
	{ 0, "download", NULL, "fetch those that are missing there, if their digests are known",
		take_download, .with = PLANS },
	{ 0, "online", NULL, "ask NVIDIA's service whether the driver's reference values exist",
		take_online, .with = PLANS },
	{ 0, "collateral", "FILE", "or a bundle that has them; may be repeated",
		take_collateral, .with = PLANS },
	{ 0, "accept-licence", NULL, "you accept NVIDIA's licence", take_licence,
		.with = PLANS },
	{ 0, "accept-measurements", NULL, "the TD's measurements may change", take_measured,
		.with = "plan apply" },
	{ 0, "toolkit", NULL, "the CUDA toolkit too, without its driver", take_toolkit,
		.with = PLANS },
	{ 0, "no-software", NULL, "settings alone: no driver, no packages", take_no_software,
		.with = PLANS },
	{ 0, "hold", NULL, "updates of kernel and driver wait until undo", take_hold,
		.with = PLANS },
	{ 0, "kdump", NULL, "a crash kernel does not inherit swiotlb=", take_kdump,
		.with = PLANS },
	{ 0, "nvlink-off", NULL, "one GPU alone does not wait for a fabric", take_nvlink,
		.with = PLANS },
	{ 0, "force", NULL,
		"beyond a limit of memory or disk; undo: over edits, which are kept aside",
		take_force, .with = "plan apply undo" },
	{ 0, "root", "DIR", "a tree or image in the place of this machine: files alone",
		take_root, .once = true },
	{ 0, "type", "NAME", "the instance type that was rented, to compare", take_type,
		.once = true, .with = PLANS },
	{ 0, "data", "DIR", "the data files, if not the program's own", take_data,
		.once = true },
	{ 'f', "format", "text|json", "plan: text (default) or json", take_format,
		.with = "plan" },
	{ 'q', "quiet", NULL, "nothing of what the programs print that are run", take_quiet },
};

static void options_done(struct options *o)
{
	data_done(&o->known);
	sources_done(&o->sources);
	buf_done(&o->pin_lines);
	evidence_done(&o->collateral);
	online_done(&o->online);
	assay_free(o->a);
}

static void say(void *ctx, const char *line)
{
	struct options *o = ctx;

	progress_end(&o->progress);
	printf("%s\n", line);
	fflush(stdout);
}

static void tell(void *ctx, const char *what)
{
	progress_say(&((struct options *)ctx)->progress, what);
}

static void line(void *ctx, const char *text)
{
	progress_end(&((struct options *)ctx)->progress);
	fprintf(stderr, "%s\n", text);
}

/* Only on a terminal: what may change there is shown, and somebody answers. */
static bool ask(void *ctx, const char *what)
{
	char answer[16] = "";
	bool yes;

	(void)ctx;
	fprintf(stderr, "%s\nGo on, and let the measurements change? [y/N] ", what);
	ends_release();
	yes = fgets(answer, sizeof(answer), stdin) != NULL &&
		(answer[0] == 'y' || answer[0] == 'Y');
	ends_hold();
	return yes;
}

static bool stop(void *ctx)
{
	(void)ctx;
	return ends_asked();
}

/* ---- reference values of a driver ---- */

/* In the bundles, if the document there is what its name says. */
static bool in_bundles(struct options *o, const char *id)
{
	char want[WANT_TEXT];

	snprintf(want, sizeof(want), "rim:%s", id);
	for (size_t i = 0; i < o->collateral.collaterals; i++) {
		const struct collateral *piece = &o->collateral.collateral[i];
		struct assay_err         e     = { 0 };
		int64_t                  ends;

		if (bytes_equal(piece->want, bytes_text(want)) &&
			cache_ends(&o->a->crypto, piece, o->setup.now, &ends, &e) == ASSAY_OK)
			return true;
	}
	return false;
}

/* What is in no bundle may exist all the same: the service alone can say that it does not. */
static enum rim_there rim_there(void *ctx, const char *id, char why[PLAN_TEXT])
{
	struct options  *o = ctx;
	struct assay_err e = { 0 };

	if (in_bundles(o, id)) {
		snprintf(why, PLAN_TEXT, "a bundle has it");
		return RIM_THERE;
	}
	if (!o->ask_online && o->bundles == 0)
		return RIM_NOT_ASKED;
	if (!o->ask_online) {
		snprintf(why, PLAN_TEXT,
			"no bundle that was named has it; --online asks NVIDIA's service");
		return RIM_NOT_KNOWN;
	}
	o->online.no_cache = true;
	if (o->online.http == NULL &&
		online_open(&o->online, o->a, NULL, o->setup.now, &o->request, &e) !=
			ASSAY_OK) {
		snprintf(why, PLAN_TEXT, "%s", assay_err_text(&e));
		return RIM_NOT_KNOWN;
	}
	return rims_one(id, &o->online, &o->request, why);
}

/* ---- the four ---- */

static enum assay_code do_plan(struct options *o, struct buf *out, struct assay_err *e)
{
	struct machine *m    = NULL;
	struct plan    *p    = NULL;
	AUTO(json_t)   *json = NULL;
	enum assay_code code;

	TRY(setup_plan(&o->setup, &m, &p, e));
	code = o->format == FORMAT_JSON ? plan_json(p, &json, e) : plan_show(p, m, out, e);
	if (code == ASSAY_OK && json != NULL)
		code = json_write(json, out, e);
	if (code == ASSAY_OK && p->refused.code != ASSAY_OK) {
		*e   = p->refused;
		code = e->code;
	}
	setup_plan_free(m, p);
	return code;
}

static enum assay_code do_apply(struct options *o, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf said = { 0 }; /* it was told already, line by line */

	(void)out;
	return setup_apply(&o->setup, &said, e);
}

static enum assay_code do_undo(struct options *o, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf said = { 0 };

	(void)out;
	return setup_undo(&o->setup, &said, e);
}

static enum assay_code do_status(struct options *o, struct buf *out, struct assay_err *e)
{
	return setup_status(&o->setup, out, e);
}

static const struct {
	const char *name;
	bool        changes;
	enum assay_code (*act)(struct options *o, struct buf *out, struct assay_err *e);
} words[] = {
	{ "plan", false, do_plan },
	{ "apply", true, do_apply },
	{ "undo", true, do_undo },
	{ "status", false, do_status },
};

/* ---- before ---- */

/* NEVER-16: a container's files are not a machine's, unless somebody says so. */
static enum assay_code may_change(struct options *o, struct assay_err *e)
{
	static const char *const marks[] = { "/run/systemd/container", "/run/.containerenv",
		"/.dockerenv" };

	for (size_t i = 0; i < ARRAY_LEN(marks) && o->setup.how.root == NULL; i++)
		if (access(marks[i], F_OK) == 0)
			return err_set(e, ASSAY_HOST_REFUSED,
				"this is a container; --root / says that its files are meant");
	if (o->setup.op != NULL && geteuid() != 0)
		return err_set(e, ASSAY_HOST_WRITE, "only root may change this machine");
	return ASSAY_OK;
}

static enum assay_code read_sources(struct options *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	char                         path[PATH_MAX];

	TRY(data_path(o->data, "downloads.json", path, e));
	TRY(replay_file(path, SOURCES_FILE, &text, e));
	if (sources_take(buf_bytes(&text), &o->sources, e) != ASSAY_OK)
		return err_wrap(e, "%s", path);
	o->setup.options.sources = &o->sources;
	if (o->pins != NULL) {
		if (replay_file(o->pins, PINS_FILE, &o->pin_lines, e) != ASSAY_OK)
			return err_wrap(e, "--pins");
		if (!pins_any(buf_bytes(&o->pin_lines)))
			return err_set(e, ASSAY_INPUT_KIND,
				"--pins: %s: no line with a SHA-256 and a name, as sha256sum prints them",
				SHOW(bytes_text(replay_name(o->pins))));
		o->setup.options.pins = buf_bytes(&o->pin_lines);
	}
	if (o->files != NULL) {
		if (realpath(o->files, o->folder) == NULL ||
			strlen(o->folder) >= ROOT_PATH / 2 || !replay_is_folder(o->folder))
			return err_set(e, ASSAY_INPUT_FILE, "--files: %s: no such folder",
				SHOW(bytes_text(o->files)));
		o->setup.options.files = o->folder;
	}
	return ASSAY_OK;
}

static enum assay_code prepare(struct options *o, struct assay_err *e)
{
	CLEANUP(root_done) struct root root = { 0 };

	TRY(assay_init(&o->a, e));
	TRY(data_read(o->data, &o->known, e));
	TRY(read_sources(o, e));
	TRY(root_open(o->setup.how.root, &root, e));
	progress_start(&o->progress, o->operate.quiet);
	o->operate.tell   = tell;
	o->operate.line   = line;
	o->operate.ctx    = o;
	o->operate.crypto = &o->a->crypto;
	o->machine        = operate_machine(&o->operate);
	if (root.live)
		o->setup.op = &o->machine;
	o->setup.data   = &o->known;
	o->setup.crypto = &o->a->crypto;
	o->setup.now    = (int64_t)time(NULL);
	o->setup.doors  = (struct preflight_doors){ .rim = rim_there, .ctx = o };
	o->setup.say    = say;
	o->setup.stop   = stop;
	o->setup.ctx    = o;
	if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
		o->setup.ask = ask;
	return ASSAY_OK;
}

static int act(struct options *o, char **args, int n)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	struct assay_err             e   = { 0 };
	enum assay_code              code;
	size_t                       i = 0;

	while (n == 1 && i < ARRAY_LEN(words) && strcmp(args[0], words[i].name) != 0)
		i++;
	if (n != 1 || i == ARRAY_LEN(words)) {
		err_set(&e, ASSAY_INPUT_OPTION, "setup: plan, apply, undo or status?");
		return app_fail(&e);
	}
	code = prepare(o, &e);
	if (code == ASSAY_OK && words[i].changes)
		code = may_change(o, &e);
	if (code == ASSAY_OK && words[i].changes)
		ends_hold();
	if (code == ASSAY_OK)
		code = words[i].act(o, &out, &e);
	progress_end(&o->progress);
	if (code == ASSAY_OK)
		return app_print(&out, 0);
	if (out.n > 0 && app_print(&out, 0) != 0)
		return assay_class_exit(ASSAY_CLASS_INTERNAL);
	return app_fail(&e);
}

int cmd_setup(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf         help  = { 0 };
	CLEANUP(options_done) struct options o     = { 0 };
	struct assay_err                     e     = { 0 };
	int                                  first = 0;

	o.setup.options.software = true;
	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &o, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	return act(&o, argv + first, argc - first);
}
