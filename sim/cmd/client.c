/* SPDX-License-Identifier: Apache-2.0
 *
 * sim env and sim ctl: words to a platform that runs elsewhere. */
#include <errno.h>
#include <unistd.h>

#include "base/show.h"
#include "cmd/sim.h"
#include "cmd/state.h"
#include "door/socket.h"

static enum assay_code take_state(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	*(const char **)ctx = value;
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 0, "state", "DIR", "that of the platform that is meant", take_state, true },
};

/* *status is the platform's own word on it. */
static enum assay_code ask(const char *where, const char *words, struct buf *text,
	int32_t *status, struct assay_err *e)
{
	struct state    s = STATE_NONE;
	enum assay_code code;
	int             fd;

	TRY(state_find(where, &s, e));
	fd = socket_connect(s.folder);
	if (fd < 0)
		code = err_set(e, ASSAY_INPUT_OPTION, "no emulated platform runs in %s",
			SHOW(bytes_text(buf_cstr(&s.path))));
	else
		code = socket_ask(fd, WIRE_CONTROL, words, text, status, e);
	if (fd >= 0)
		close(fd);
	state_leave(&s);
	return code;
}

static int talk(const char *where, const char *words)
{
	CLEANUP(buf_done) struct buf text   = { 0 };
	struct assay_err             e      = { 0 };
	int32_t                      status = 0;

	if (ask(where, words, &text, &status, &e) != ASSAY_OK)
		return cli_fail(WHO, &e);
	if (status == 0)
		return cli_print(WHO, &text, 0);
	err_set(&e, ASSAY_INPUT_OPTION, "%s", SHOW(buf_bytes(&text)));
	cli_fail(WHO, &e);
	return status;
}

int cmd_env(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help  = { 0 };
	const char                  *where = NULL;
	struct assay_err             e     = { 0 };
	int                          first = argc;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &where, &first, &help, &e) !=
		ASSAY_OK)
		return cli_fail(WHO, &e);
	if (help.n > 0)
		return cli_print(WHO, &help, 0);
	if (first < argc) {
		err_set(&e, ASSAY_INPUT_OPTION, "sim env takes no arguments");
		return cli_fail(WHO, &e);
	}
	return talk(where, "env");
}

int cmd_ctl(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help = { 0 }, words = { 0 };
	const char                  *where = NULL;
	struct assay_err             e     = { 0 };
	int                          first = argc;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &where, &first, &help, &e) !=
		ASSAY_OK)
		return cli_fail(WHO, &e);
	if (help.n > 0) {
		control_help(cli_table_asked(argv[1]), &help);
		return cli_print(WHO, &help, 0);
	}
	for (int i = first; i < argc; i++)
		buf_printf(&words, "%s%s", i > first ? " " : "", argv[i]);
	if (first == argc)
		err_set(&e, ASSAY_INPUT_OPTION, "do what? see assay sim ctl --help");
	else if (buf_ok(&words, &e) == ASSAY_OK)
		return talk(where, buf_cstr(&words));
	return cli_fail(WHO, &e);
}
