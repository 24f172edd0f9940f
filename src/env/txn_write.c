/* SPDX-License-Identifier: Apache-2.0 */
#include "env/txn_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/show.h"
#include "base/utc.h"
#include "env/line.h"

static enum assay_code fail(const char *what, int no, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_WRITE, "/" TXN_FOLDER "/%s: %s", SHOW(bytes_text(what)),
		strerror(no));
}

/* What others than root, or who runs this, may write is no journal: undo runs the words that stand there. */
static bool ours(int fd)
{
	struct stat s;

	return fstat(fd, &s) == 0 && (s.st_uid == 0 || s.st_uid == geteuid()) &&
		(s.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static enum assay_code of_others(const char *what, struct assay_err *e)
{
	return err_set(e, ASSAY_HOST_JOURNAL,
		"/" TXN_FOLDER
		"%s%s is of another user, or others may write to it: nothing there is believed",
		what[0] == 0 ? "" : "/", SHOW(bytes_text(what)));
}

/* The folder of all journals, made when it is not there. */
static enum assay_code open_all(const struct root *r, int *out, struct assay_err *e)
{
	static const struct {
		const char *path, *name;
		mode_t      mode;
	} steps[] = { { "var", "lib", 0755 }, { "var/lib", "assay", 0755 },
		{ "var/lib/assay", "txn", 0700 } };
	int no;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		int fd;

		no = root_fd(r, steps[i].path, O_RDONLY | O_DIRECTORY, &fd);
		if (no != 0)
			return fail("", no, e);
		no = mkdirat(fd, steps[i].name, steps[i].mode) != 0 && errno != EEXIST ? errno
			: fsync(fd) != 0                                               ? errno
										       : 0;
		close(fd);
		if (no != 0)
			return fail("", no, e);
	}
	no = root_fd(r, TXN_FOLDER, O_RDONLY | O_DIRECTORY, out);
	if (no != 0)
		return fail("", no, e);
	if (ours(*out))
		return ASSAY_OK;
	close(*out);
	return of_others("", e);
}

enum assay_code txn_lock(const struct root *r, int *lock, struct assay_err *e)
{
	int all, fd;

	TRY(open_all(r, &all, e));
	fd = openat(all, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	close(all);
	if (fd < 0)
		return fail(".lock", errno, e);
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		const int no = errno;

		close(fd);
		return no == EWOULDBLOCK
			? err_set(e, ASSAY_HOST_BUSY, "another assay setup is at work here")
			: fail(".lock", no, e);
	}
	*lock = fd;
	return ASSAY_OK;
}

static int put(int fd, struct bytes body)
{
	int no = fd_write(fd, body);

	return no == 0 && fsync(fd) != 0 ? errno : no;
}

/* A record, on the disk when this returns. */
static enum assay_code line(struct txn_writer *w, json_t *row, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	AUTO(json_t)                *mine = row;
	struct stat                  s;
	int                          no;

	if (mine == NULL)
		return err_no_memory(e);
	TRY(json_write_by(mine, 0, &out, e));
	txn_seal(&out);
	TRY(buf_ok(&out, e));
	if (w->tap != NULL)
		w->tap(w->ctx);
	if (fstat(w->fd, &s) != 0)
		return fail("journal", errno, e);
	no = w->spoilt ? EIO : put(w->fd, buf_bytes(&out));
	if (no != 0) { /* half a line: what would be written next would be one with it */
		w->spoilt = w->spoilt || ftruncate(w->fd, s.st_size) != 0;
		return fail("journal", no, e);
	}
	if (w->tap != NULL)
		w->tap(w->ctx);
	return ASSAY_OK;
}

static enum assay_code open_journal(struct txn_writer *w, int flags, struct assay_err *e)
{
	w->fd = openat(w->folder, "journal",
		flags | O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	return w->fd < 0 ? fail("journal", errno, e) : ASSAY_OK;
}

static bool new_id(int64_t now, char id[TXN_ID])
{
	struct tm t;
	uint32_t  chance;
	time_t    at = (time_t)now;
	size_t    n;

	if (gmtime_r(&at, &t) == NULL ||
		getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
		return false;
	n = strftime(id, TXN_ID, "%Y%m%dT%H%M%SZ", &t);
	snprintf(id + n, TXN_ID - n, "-%08x", chance);
	return true;
}

/* Undo goes by the names of runs: one that comes later is named later, within one second and when the clock was set back. */
static int64_t behind_last(const struct root *r, int64_t now)
{
	CLEANUP(names_done) struct names ids = { 0 };
	struct assay_err                 e   = { 0 };

	if (txn_list(r, &ids, &e) != ASSAY_OK)
		return now;
	for (size_t i = 0; i < ids.n; i++) {
		struct tm t = { 0 };
		int64_t   at;

		if (strptime(ids.name[i], "%Y%m%dT%H%M%SZ-", &t) == NULL)
			continue;
		at  = (int64_t)timegm(&t);
		now = now > at ? now : at + 1;
	}
	return now;
}

enum assay_code txn_new(const struct root *r, const char *profile, const char *boot,
	int64_t now, struct txn_writer *out, struct assay_err *e)
{
	CLEANUP(txn_close) struct txn_writer w   = { .folder = -1, .fd = -1 };
	int                                  all = -1, no;

	TRY(open_all(r, &all, e));
	if (!new_id(behind_last(r, now), w.id)) {
		close(all);
		return err_set(e, ASSAY_INTERNAL, "no name for a journal");
	}
	no = mkdirat(all, w.id, 0700) != 0 || fsync(all) != 0 ? errno : 0;
	if (no == 0)
		w.folder = openat(all, w.id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (no == 0 && w.folder < 0)
		no = errno;
	close(all);
	if (no != 0)
		return fail(w.id, no, e);
	TRY(open_journal(&w, O_CREAT | O_EXCL, e));
	TRY(line(&w,
		json_pack("{s:s,s:s,s:o,s:s,s:s,s:s}", "schema", TXN_SCHEMA, "id", w.id, "at",
			json_utc(now), "version", ASSAY_VERSION, "profile", profile, "boot",
			boot[0] == 0 ? "-" : boot),
		e));
	if (fsync(w.folder) != 0)
		return fail(w.id, errno, e);
	*out = w;
	w    = (struct txn_writer){ .folder = -1, .fd = -1 };
	return ASSAY_OK;
}

enum assay_code txn_open(
	const struct root *r, const struct txn *t, struct txn_writer *out, struct assay_err *e)
{
	CLEANUP(txn_close) struct txn_writer w = { .folder = -1, .fd = -1, .steps = t->steps };
	char                                 path[ROOT_PATH];
	int                                  no;

	memcpy(w.id, t->id, sizeof(w.id));
	snprintf(path, sizeof(path), TXN_FOLDER "/%s", t->id);
	no = root_fd(r, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &w.folder);
	if (no != 0)
		return fail(t->id, no, e);
	TRY(open_journal(&w, 0, e));
	if (ftruncate(w.fd, (off_t)t->whole) != 0)
		return fail(t->id, errno, e);
	*out = w;
	w    = (struct txn_writer){ .folder = -1, .fd = -1 };
	return ASSAY_OK;
}

void txn_close(struct txn_writer *w)
{
	if (w->fd > 0)
		close(w->fd);
	if (w->folder > 0)
		close(w->folder);
	w->fd = w->folder = -1;
}

/* What could not be read again is not begun. */
static bool plain_paths(const json_t *row)
{
	static const char *const names[] = { "path", "copy" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const json_t *v = json_object_get(row, names[i]);

		if (v != NULL && (!json_is_string(v) || !txn_path(json_string_value(v))))
			return false;
	}
	return true;
}

enum assay_code txn_begin(struct txn_writer *w, const char *item, enum txn_do what, json_t *row,
	struct assay_err *e)
{
	json_t *o;

	if (row == NULL || w->steps == TXN_STEPS) {
		json_decref(row);
		return row == NULL
			? err_no_memory(e)
			: err_set(e, ASSAY_INTERNAL, "more than %d steps", TXN_STEPS);
	}
	if (!plain_paths(row)) {
		json_decref(row);
		return err_set(e, ASSAY_HOST_WRITE, "a path that the journal does not take");
	}
	o = json_pack("{s:I,s:s,s:s}", "step", (json_int_t)w->steps + 1, "item", item, "do",
		txn_do_name(what));
	if (o == NULL || json_object_update_new(o, row) != 0) {
		json_decref(o);
		return err_no_memory(e);
	}
	TRY(line(w, o, e));
	w->steps++;
	return ASSAY_OK;
}

enum assay_code txn_end(struct txn_writer *w, int64_t status, const char *why, json_t *made,
	struct assay_err *e)
{
	json_t *o = json_pack(
		"{s:I,s:I}", "end", (json_int_t)w->steps, "status", (json_int_t)status);

	if (o != NULL && why != NULL && why[0] != 0)
		json_object_set_new(o, "why", json_text(bytes_text(why)));
	if (o != NULL && made != NULL)
		json_object_set(o, "made", made);
	json_decref(made);
	return line(w, o, e);
}

enum assay_code txn_undone(
	struct txn_writer *w, size_t step, const char *how, struct assay_err *e)
{
	return line(w, json_pack("{s:I,s:s}", "undone", (json_int_t)step, "how", how), e);
}

enum assay_code txn_finish(struct txn_writer *w, struct assay_err *e)
{
	return line(w, json_pack("{s:b}", "closed", 1), e);
}

enum assay_code txn_keep(struct txn_writer *w, size_t step, const char *which,
	struct bytes body, struct assay_err *e)
{
	char name[64];
	int  fd, no;

	snprintf(name, sizeof(name), "%zu.%s", step, which);
	fd = openat(
		w->folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail(name, errno, e);
	no = put(fd, body);
	close(fd);
	if (no == 0 && fsync(w->folder) != 0)
		no = errno;
	return no != 0 ? fail(name, no, e) : ASSAY_OK;
}

enum assay_code txn_kept(const struct root *r, const char *id, size_t step, const char *which,
	struct buf *out, struct assay_err *e)
{
	char path[ROOT_PATH];
	int  no;

	snprintf(path, sizeof(path), TXN_FOLDER "/%s/%zu.%s", id, step, which);
	no = root_read(r, path, PLACE_FILE_MOST, out);
	return no != 0 ? fail(path + sizeof(TXN_FOLDER), no, e) : ASSAY_OK;
}

enum assay_code txn_list(const struct root *r, struct names *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int fd  = -1;
	struct names         all = { 0 };
	size_t               n   = 0;
	int                  no  = root_fd(r, TXN_FOLDER, O_RDONLY | O_DIRECTORY, &fd);

	if (no == 0 && !ours(fd))
		return of_others("", e);
	if (no == 0)
		no = root_list(r, TXN_FOLDER, &all);
	if (no != 0 && no != ENOENT && no != ENOTDIR)
		return fail("", no, e);
	for (size_t i = 0; i < all.n; i++)
		if (all.name[i][0] >= '0' && all.name[i][0] <= '9' &&
			strlen(all.name[i]) < TXN_ID)
			all.name[n++] = all.name[i];
		else
			mem_free(all.name[i]);
	all.n = n;
	*out  = all;
	return ASSAY_OK;
}

/* Its bytes; none, of a run that was ended before it wrote a line. */
static enum assay_code take_bytes(
	const struct root *r, const char *id, struct buf *out, struct assay_err *e)
{
	CLEANUP(fd_drop) int folder = -1, fd = -1;
	char                 path[ROOT_PATH];
	int                  no;

	snprintf(path, sizeof(path), TXN_FOLDER "/%s", id);
	no = root_fd(r, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, &folder);
	if (no == 0 && !ours(folder))
		return err_set(e, ASSAY_HOST_JOURNAL,
			"its folder is of another user, or others may write to it");
	snprintf(path, sizeof(path), TXN_FOLDER "/%s/journal", id);
	if (no == 0)
		no = root_fd(r, path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, &fd);
	if (no == 0 && !ours(fd))
		return err_set(e, ASSAY_HOST_JOURNAL,
			"it is of another user, or others may write to it");
	if (no == 0)
		no = root_read_fd(fd, TXN_FILE, out);
	if (no == EFBIG || no == EISDIR || no == EINVAL || no == ENOTDIR || no == ELOOP)
		return err_set(e, ASSAY_HOST_JOURNAL, "%s", root_why(no));
	return no != 0 && no != ENOENT ? fail(id, no, e) : ASSAY_OK;
}

/* The number of the last step whose bytes are kept beside the journal. */
static uint64_t last_kept(const struct root *r, const char *id)
{
	CLEANUP(names_done) struct names all = { 0 };
	char                             path[ROOT_PATH];
	uint64_t                         last = 0;

	snprintf(path, sizeof(path), TXN_FOLDER "/%s", id);
	root_list(r, path, &all);
	for (size_t i = 0; i < all.n; i++) {
		struct bytes number, which;
		uint64_t     n;

		if (line_cut(bytes_text(all.name[i]), '.', &number, &which) &&
			bytes_number(number, &n) && n > last)
			last = n;
	}
	return last;
}

void txn_read_damaged(const struct root *r, const char *id, struct buf *text, struct txn *out,
	struct assay_err *why)
{
	*out = (struct txn){ 0 };
	if (take_bytes(r, id, text, why) != ASSAY_OK)
		return;
	txn_salvage(buf_bytes(text), out, why);
	if (why->code != ASSAY_OK)
		return;
	if (out->id[0] != 0 && strcmp(out->id, id) != 0)
		err_set(why, ASSAY_HOST_JOURNAL, "line 1: it is of another run");
	else if (last_kept(r, id) > out->steps + (out->id[0] != 0)) /* one is kept ahead */
		err_set(why, ASSAY_HOST_JOURNAL,
			"lines at its end are gone, for files of later steps are kept");
}

enum assay_code txn_read(
	const struct root *r, const char *id, struct txn *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	CLEANUP(txn_done) struct txn t    = { 0 };
	struct assay_err             why  = { 0 };

	txn_read_damaged(r, id, &text, &t, &why);
	if (assay_class(why.code) != ASSAY_CLASS_ACCEPTED &&
		assay_class(why.code) != ASSAY_CLASS_MALFORMED) {
		*e = why;
		return e->code;
	}
	if (why.code != ASSAY_OK)
		return err_set(e, ASSAY_HOST_JOURNAL,
			"/" TXN_FOLDER
			"/%s/journal is damaged: %s; %zu of its steps stand before that, and nothing is undone by it: assay setup status says what it tells, and how to go on",
			id, assay_err_text(&why), t.steps);
	*out = t;
	t    = (struct txn){ 0 };
	return ASSAY_OK;
}
