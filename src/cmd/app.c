/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/app.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/show.h"
#include "collect/replay.h"

#define HELP_LETTER 'h'
#define LONG_FIRST  256 /* of row 0 among the long options; letters are below */
#define ANCHOR_MAX  (64 * 1024)

void app_start(void)
{
	static const int unusable[] = { O_WRONLY, O_RDONLY, O_RDONLY }; /* of 0, 1 and 2 */

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
			open("/dev/null", unusable[fd]) != fd)
			_exit(assay_class_exit(ASSAY_CLASS_INTERNAL));
}

static void put_help(
	const struct command *c, const struct option_row *rows, size_t n, struct buf *out)
{
	buf_printf(out, "assay %s %s\n%s\n\n", c->name, c->args, c->help);
	for (size_t i = 0; i < n; i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s%s%s", rows[i].name,
			rows[i].value == NULL ? "" : " ",
			rows[i].value == NULL ? "" : rows[i].value);
		if (rows[i].letter != 0)
			buf_printf(
				out, "  -%c, --%-20s %s\n", rows[i].letter, left, rows[i].help);
		else
			buf_printf(out, "      --%-20s %s\n", left, rows[i].help);
	}
	buf_printf(out, "  -h, --%-20s %s\n", "help", "this text");
}

/* What getopt_long refused. optopt is a letter (of any sign), or what is behind LONG_FIRST for a long option that is
 * known, or 0 for one that is not: then its argument is the last that was taken. */
static enum assay_code wrong(
	int opt, const struct option *longs, char **argv, struct assay_err *e)
{
	const char *given = optopt == 0 ? argv[optind - 1] : "";
	size_t      n = strcspn(given, "="), fits = 0;

	if (optopt >= LONG_FIRST)
		return err_set(e, ASSAY_INPUT_OPTION, "option --%s %s",
			longs[optopt - LONG_FIRST].name,
			opt == ':' ? "wants a value" : "takes no value");
	if (optopt != 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			opt == ':' ? "option -%s wants a value" : "unknown option -%s",
			SHOW(((struct bytes){ (const uint8_t[]){ (uint8_t)optopt }, 1 })));
	for (; n > 2 && longs->name != NULL; longs++)
		fits += strncmp(given + 2, longs->name, n - 2) == 0;
	return err_set(e, ASSAY_INPUT_OPTION,
		fits > 1 ? "option %s could be one of several" : "unknown option %s",
		SHOW(((struct bytes){ (const uint8_t *)given, n })));
}

enum assay_code app_options(const struct command *c, const struct option_row *rows, size_t n,
	int argc, char **argv, void *ctx, int *first, struct buf *help, struct assay_err *e)
{
	struct option longs[OPTIONS_MAX + 2]      = { 0 };
	char          shorts[2 * OPTIONS_MAX + 3] = ":h";
	bool          seen[OPTIONS_MAX]           = { 0 };
	int           opt;

	assert(n <= OPTIONS_MAX);
	for (size_t i = 0; i < n; i++) {
		longs[i] = (struct option){ rows[i].name, rows[i].value != NULL, NULL,
			LONG_FIRST + (int)i };
		if (rows[i].letter != 0)
			sprintf(shorts + strlen(shorts), "%c%s", rows[i].letter,
				rows[i].value != NULL ? ":" : "");
	}
	longs[n] = (struct option){ "help", no_argument, NULL, LONG_FIRST + (int)n };
	optind   = 0;
	opterr   = 0;
	while ((opt = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		size_t i = (size_t)(opt - LONG_FIRST);

		if (opt == '?' || opt == ':')
			return wrong(opt, longs, argv, e);
		if (opt == HELP_LETTER || i == n) {
			put_help(c, rows, n, help);
			return buf_ok(help, e);
		}
		for (size_t k = 0; opt < LONG_FIRST && k < n; k++)
			if (rows[k].letter == opt)
				i = k;
		if (rows[i].once && seen[i])
			return err_set(
				e, ASSAY_INPUT_OPTION, "option --%s twice", rows[i].name);
		seen[i] = true;
		if (rows[i].take(ctx, optarg, e) != ASSAY_OK)
			return err_wrap(e, "--%s", rows[i].name);
	}
	*first = optind;
	return ASSAY_OK;
}

enum assay_code app_format(const char *value, enum format *out, struct assay_err *e)
{
	if (strcmp(value, "text") == 0)
		*out = FORMAT_TEXT;
	else if (strcmp(value, "json") == 0)
		*out = FORMAT_JSON;
	else
		return err_set(e, ASSAY_INPUT_OPTION, "text or json, not \"%s\"",
			SHOW(bytes_text(value)));
	return ASSAY_OK;
}

int app_fail(const struct assay_err *e)
{
	fprintf(stderr, "assay: %s\n", assay_err_text(e));
	return assay_class_exit(assay_class(e->code));
}

int app_print(const struct buf *text, int status)
{
	if (fwrite(text->p, 1, text->n, stdout) != text->n || fflush(stdout) != 0) {
		fprintf(stderr, "assay: standard output: %s\n", strerror(errno));
		return assay_class_exit(ASSAY_CLASS_INTERNAL);
	}
	return status;
}

bool app_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == 0) && isatty(STDOUT_FILENO) && term != NULL &&
		term[0] != 0 && strcmp(term, "dumb") != 0;
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

/* The folder of this program: siblings stand beside it in build/, and in libexec/assay once installed. */
static bool sibling_path(const char *name, char out[PATH_MAX])
{
	static const char *const folders[] = { "", "../libexec/assay/" };
	char                     self[PATH_MAX];
	ssize_t                  n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char                    *slash;

	if (n <= 0)
		return false;
	self[n] = 0;
	slash   = strrchr(self, '/');
	if (slash == NULL)
		return false;
	slash[1] = 0;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (snprintf(out, PATH_MAX, "%s%sassay-%s", self, folders[i], name) <
				PATH_MAX &&
			access(out, X_OK) == 0)
			return true;
	return false;
}

static bool plain(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz-");

	return n > 0 && n < 32 && name[n] == 0 && name[0] != '-';
}

void app_sibling(const char *name, char **argv)
{
	char path[PATH_MAX];

	if (!plain(name))
		return;
	if (sibling_path(name, path))
		execv(path, argv); /* argv[0] is the command's name */
	else if (sibling_path("node", path))
		execv(path, argv);
}

void app_siblings(struct buf *out)
{
	static const struct {
		const char *name, *help;
	} siblings[] = {
		{ "node", "Collect, gather, attest, doctor, setup: what needs the machine." },
		{ "serve", "The verifier as a service." },
		{ "sim", "An emulated platform." },
		{ "forge", "Make test evidence under test anchors." },
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(siblings); i++)
		if (sibling_path(siblings[i].name, path))
			buf_printf(out, "  %-10s %s\n", siblings[i].name, siblings[i].help);
}
