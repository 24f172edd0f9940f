/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/app.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/show.h"
#include "cmd/out.h"
#include "collect/replay.h"

#define ANCHOR_MAX (64 * 1024)

int app_fail(const struct assay_err *e)
{
	return cli_fail("assay", e);
}

int app_print(const struct buf *text, int status)
{
	return cli_print("assay", text, status);
}

int app_deliver(const char *path, const struct buf *text, int status)
{
	struct assay_err e = { 0 };

	if (path == NULL)
		return app_print(text, status);
	return out_file(path, buf_bytes(text), &e) == ASSAY_OK ? status : app_fail(&e);
}

/* The first n of all formats; list names these. */
static enum assay_code take_format(
	const char *value, size_t n, const char *list, enum format *out, struct assay_err *e)
{
	static const char *const names[] = {
		[FORMAT_TEXT] = "text",
		[FORMAT_JSON] = "json",
		[FORMAT_HTML] = "html",
	};

	for (size_t i = 0; i < n; i++)
		if (strcmp(value, names[i]) == 0) {
			*out = (enum format)i;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION, "%s, not \"%s\"", list, SHOW(bytes_text(value)));
}

enum assay_code app_format(const char *value, enum format *out, struct assay_err *e)
{
	return take_format(value, FORMAT_HTML, "text or json", out, e);
}

enum assay_code app_format_report(const char *value, enum format *out, struct assay_err *e)
{
	return take_format(value, FORMAT_HTML + 1, "text, json or html", out, e);
}

bool app_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == 0) && isatty(STDOUT_FILENO) && term != NULL &&
		term[0] != 0 && strcmp(term, "dumb") != 0;
}

enum assay_code app_evidence(
	struct assay_evidence *ev, char **files, int n, const char *chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf pem  = { 0 };
	bool                         used = chain == NULL;

	if (chain != NULL && replay_file(chain, EVIDENCE_FILE_MAX, &pem, e) != ASSAY_OK)
		return err_wrap(e, "--chain");
	for (int i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf text = { 0 };

		TRY(replay_file(files[i], BUNDLE_FILE_MAX, &text, e));
		used = used || evidence_is_report(buf_bytes(&text));
		TRY(assay_evidence_add(
			ev, replay_name(files[i]), text.p, text.n, pem.p, pem.n, e));
	}
	return used
		? ASSAY_OK
		: err_set(e, ASSAY_INPUT_OPTION,
			  "--chain is for a raw report, and here is none: other evidence has its chains in it");
}

enum assay_code app_events(struct assay_evidence *ev, const char *path, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf log  = { 0 };
	const char                  *name = replay_name(path);

	if (replay_file(path, EVIDENCE_EVENTS, &log, e) != ASSAY_OK)
		return err_wrap(e, "--eventlog");
	if (log.n == 0) /* which would be the same as none */
		return err_set(
			e, ASSAY_INPUT_KIND, "--eventlog: %s: empty", SHOW(bytes_text(name)));
	return assay_evidence_add_events(ev, name, log.p, log.n, e);
}

static enum assay_code anchor(
	const char *dir, const char *name, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };

	buf_printf(&path, "%s/%s", dir, name);
	return replay_file(buf_cstr(&path), ANCHOR_MAX, out, e);
}

enum assay_code app_anchors(struct assay *a, const char *dir, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf device = { 0 }, rim = { 0 }, sgx = { 0 };
	const char                  *option = "--anchors";

	/* The one place where the environment moves trust: the emulator's, and every output says so. */
	if (dir == NULL) {
		dir    = secure_getenv("ASSAY_ANCHORS");
		option = "ASSAY_ANCHORS";
		if (dir == NULL || dir[0] == 0)
			return ASSAY_OK;
	}
	/* Also when they turn out to be none: the pinned ones are not what was asked for. */
	a->trust.test = true;
	if (anchor(dir, "nvidia-device.pem", &device, e) != ASSAY_OK ||
		anchor(dir, "nvidia-rim.pem", &rim, e) != ASSAY_OK ||
		anchor(dir, "intel-sgx.pem", &sgx, e) != ASSAY_OK ||
		assay_anchors(a, device.p, device.n, rim.p, rim.n, sgx.p, sgx.n, e) != ASSAY_OK)
		return err_wrap(e, "%s", option);
	return ASSAY_OK;
}
