/* SPDX-License-Identifier: Apache-2.0 */
#include "env/program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/show.h"
#include "env/ours.h"

#define LANG_MOST  64
#define LINE_MOST  1024 /* bytes of a line; a longer one is shown as several */
#define LAST_LINES 10   /* that are kept */
#define PIECE      39   /* bytes that show() takes whole, whatever they are */
#define GRACE_S    30

/* A program that does not end must not hold a machine up for ever; one that is slow must not be cut off, for half an image or
 * half a package is worse than waiting. So these are many times what is usual: a slow mirror, ten kernels' images packed by one
 * core of an emulated processor, modules built from source. Whoever watches ends it by a signal. What is not here is an
 * installer's own program. */
static const struct program {
	const char *name, *word; /* NULL: with any first word */
	unsigned    limit_s;
	bool        packages; /* it takes the package manager's lock */
} programs[] = {
	{ "apt-get", "update", 1800, true }, { "apt-get", NULL, 7200, true },
	{ "apt-mark", NULL, 600, true }, { "dpkg", NULL, 7200, true },
	{ "yum", NULL, 7200, true }, { "rpm", "-q", 600, false }, { "rpm", NULL, 7200, true },
	{ "update-grub", NULL, 1800, false }, { "grub2-mkconfig", NULL, 1800, false },
	{ "update-initramfs", NULL, 7200, false }, { "dracut", NULL, 7200, false },
	{ "nvidia-uninstall", NULL, 7200, false },
	{ "bash", NULL, 7200, false }, /* an installer */
};

static const struct program *row_of(const char *const *argv)
{
	static const struct program other = { "", NULL, 7200, false };

	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (strcmp(programs[i].name, argv[0]) == 0 &&
			(programs[i].word == NULL ||
				(argv[1] != NULL && strcmp(programs[i].word, argv[1]) == 0)))
			return &programs[i];
	return &other;
}

unsigned program_limit(const char *const *argv)
{
	return row_of(argv)->limit_s;
}

/* Found here, not by the PATH of whoever calls. */
bool program_find(const char *name, char out[ROOT_PATH])
{
	static const char *const folders[] = { "/usr/sbin", "/usr/bin", "/sbin", "/bin" };

	if (name[0] == '/')
		return snprintf(out, ROOT_PATH, "%s", name) < ROOT_PATH &&
			access(out, X_OK) == 0;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (snprintf(out, ROOT_PATH, "%s/%s", folders[i], name) < ROOT_PATH &&
			access(out, X_OK) == 0)
			return true;
	return false;
}

/* ---- the process ---- */

/* The caller's language, when it is a name: GRUB's menu is made in it, and would become another one without. */
static void language(char out[LANG_MOST])
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_.@-";
	const char       *lang    = secure_getenv("LANG");

	if (lang == NULL || lang[strspn(lang, plain)] != 0 ||
		snprintf(out, LANG_MOST, "LANG=%s", lang) >= LANG_MOST)
		snprintf(out, LANG_MOST, "LANG=C");
}

static void child(int to, const char *path, const char *const *argv)
{
	char        real[PATH_MAX];
	const char *tmp = ours_tmp(real); /* installers want much room there */
	char        unpack[ROOT_PATH], lang[LANG_MOST];
	char *const environment[] = { (char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
		(char[]){ "LC_ALL=C" }, (char[]){ "HOME=/root" },
		(char[]){ "DEBIAN_FRONTEND=noninteractive" }, lang,
		tmp != NULL &&
				snprintf(unpack, sizeof(unpack), "TMPDIR=%s", tmp) <
					(int)sizeof(unpack)
			? unpack
			: NULL,
		NULL };
	int         null          = open("/dev/null", O_RDWR);
	char       *words[TXN_ARGS + 1];
	size_t      n = 0;

	language(lang);
	for (; argv[n] != NULL && n < TXN_ARGS; n++)
		words[n] = mem_text(bytes_text(argv[n]));
	words[n] = NULL;
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(to, STDOUT_FILENO) < 0 ||
		dup2(to, STDERR_FILENO) < 0 || chdir("/") != 0)
		_exit(PROGRAM_ABSENT);
	ends_child();
	execve(path, words, environment);
	_exit(PROGRAM_ABSENT);
}

/* ---- what it prints ---- */

struct printed {
	const struct operate *o;
	struct buf            line, last[LAST_LINES];
	size_t                lines;
	bool                  back; /* a carriage return: the line begins anew, or ends */
};

static void printed_done(struct printed *p)
{
	buf_done(&p->line);
	for (size_t i = 0; i < LAST_LINES; i++)
		buf_done(&p->last[i]);
}

/* As all text from outside: no byte of it reaches a terminal as anything but itself. */
static void end_line(struct printed *p)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	for (size_t at = 0; at < p->line.n; at += PIECE)
		buf_text(&text,
			SHOW(((struct bytes){ p->line.p + at,
				p->line.n - at < PIECE ? p->line.n - at : PIECE })));
	if (!p->o->quiet && p->o->line != NULL)
		p->o->line(p->o->ctx, buf_cstr(&text));
	if (text.n > 0) {
		struct buf *last = &p->last[p->lines++ % LAST_LINES];

		buf_done(last);
		*last = text;
		text  = (struct buf){ 0 };
	}
	p->line.n = 0;
}

static void took(void *ctx, struct bytes piece)
{
	struct printed *p = ctx;

	for (size_t i = 0; i < piece.n; i++) {
		const uint8_t c = piece.p[i];

		if (p->back && c != '\n' && c != '\r')
			p->line.n = 0; /* a bar that goes on: its last state counts */
		p->back = c == '\r';
		if (c == '\n' || p->line.n == LINE_MOST)
			end_line(p);
		if (c != '\n' && c != '\r')
			buf_byte(&p->line, c == '\t' ? ' ' : c);
	}
}

static void last_lines(struct printed *p, struct buf *out)
{
	if (p->line.n > 0)
		end_line(p);
	for (size_t i = p->lines > LAST_LINES ? p->lines - LAST_LINES : 0; i < p->lines; i++)
		buf_printf(out, "%s\n", buf_cstr(&p->last[i % LAST_LINES]));
}

/* ---- the whole ---- */

void program_say_waits(const struct operate *o)
{
	if (o->tell != NULL)
		o->tell(o->ctx, "it ends behind this program; once more ends the program too");
}

static void say_waits(void *ctx)
{
	program_say_waits(((const struct printed *)ctx)->o);
}

int program_wait(const struct operate *o, struct ends_program *p)
{
	if (o->limit_s != 0)
		p->limit_s = o->limit_s;
	p->grace_s = o->grace_s != 0 ? o->grace_s : GRACE_S;
	return ends_wait(p);
}

enum assay_code program_run(
	const struct operate *o, const char *const *argv, struct ran *out, struct assay_err *e)
{
	CLEANUP(printed_done) struct printed printed = { .o = o };
	struct ends_program                  p       = {
				       .limit_s = program_limit(argv), .say = say_waits, .took = took, .ctx = &printed
	};
	char path[ROOT_PATH];
	int  ends[2], no;

	*out = (struct ran){ .status = PROGRAM_ABSENT };
	if (!program_find(argv[0], path))
		return ASSAY_OK;
	if (row_of(argv)->packages)
		TRY(operate_packages_free(e));
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set(e, ASSAY_INTERNAL, "pipe: %s", strerror(errno));
	no = fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0 || (p.pid = fork()) < 0 ? errno : 0;
	if (no == 0 && p.pid == 0)
		child(ends[1], path, argv);
	close(ends[1]);
	p.from = ends[0];
	if (no == 0)
		no = program_wait(o, &p);
	close(ends[0]);
	if (no != 0)
		return err_set(
			e, ASSAY_INTERNAL, "%s: %s", SHOW(bytes_text(argv[0])), strerror(no));
	out->late    = p.late;
	out->limit_s = p.limit_s;
	out->status  = WIFEXITED(p.how) ? WEXITSTATUS(p.how) : 128 + WTERMSIG(p.how);
	if (p.late && out->status < 128)
		out->status = PROGRAM_LATE;
	last_lines(&printed, &out->last);
	return buf_ok(&out->last, e);
}
