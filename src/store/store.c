/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite with a write-ahead log: a reader never waits for a writer, and what a killed process had begun is not there. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/show.h"

#define BUSY_MS     5000 /* others write for milliseconds */
#define PAUSE_MS    10
#define APPLICATION 0x41535359 /* "ASSY", in the file's header */
#define VERSION     1          /* of the tables; 0: none yet */
#define STREAM      STORE_BYTES * 4

/* How full a namespace is stands beside it, so that a put need not count. */
#define NUMBERS                                                           \
	"CREATE TABLE fill (space TEXT PRIMARY KEY, n INTEGER NOT NULL, " \
	"bytes INTEGER NOT NULL) WITHOUT ROWID;"
#define COUNT_IN(row, space, sign)                                           \
	"INSERT INTO fill VALUES (" space ", " sign "1, " sign "length(" row \
	".value)) ON CONFLICT (space) DO UPDATE SET n = n + excluded.n, "    \
	"bytes = bytes + excluded.bytes;"

static const char schema[] =
	"CREATE TABLE item (id INTEGER PRIMARY KEY, space TEXT NOT NULL, key TEXT NOT NULL, "
	"put INTEGER NOT NULL, ends INTEGER NOT NULL, value BLOB NOT NULL, "
	"UNIQUE (space, key));"
	"CREATE INDEX item_ends ON item (space, ends);"
	"CREATE TABLE stream (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, "
	"at INTEGER NOT NULL, value BLOB NOT NULL);" NUMBERS
	"CREATE TRIGGER item_in AFTER INSERT ON item BEGIN " COUNT_IN("new", "new.space",
		"") "END;"
		    "CREATE TRIGGER item_out AFTER DELETE ON item BEGIN " COUNT_IN("old",
			    "old.space",
			    "-") "END;"
				 "CREATE TRIGGER stream_in AFTER INSERT ON stream BEGIN " COUNT_IN(
					 "new", "'stream:' || new.name", "") "END;";

enum sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_GET,
	SQL_INSERT,
	SQL_DELETE,
	SQL_DELETE_ENDED,
	SQL_DELETE_FIRST,
	SQL_FILL,
	SQL_APPEND,
	SQL_EACH,
	SQL_COUNT,
};

static const char *const sql[SQL_COUNT] = {
	[SQL_BEGIN]    = "BEGIN IMMEDIATE",
	[SQL_COMMIT]   = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_GET]      = "SELECT value FROM item WHERE space = ?1 AND key = ?2 AND ends > ?3",
	[SQL_INSERT] =
		"INSERT INTO item (space, key, put, ends, value) VALUES (?1, ?2, ?3, ?4, ?5)",
	[SQL_DELETE]       = "DELETE FROM item WHERE space = ?1 AND key = ?2",
	[SQL_DELETE_ENDED] = "DELETE FROM item WHERE space = ?1 AND ends <= ?3",
	[SQL_DELETE_FIRST] =
		("DELETE FROM item WHERE id IN "
		 "(SELECT id FROM item WHERE space = ?1 ORDER BY ends, put, id LIMIT 16)"),
	[SQL_FILL]   = "SELECT n, bytes FROM fill WHERE space = ?1",
	[SQL_APPEND] = "INSERT INTO stream (name, at, value) VALUES (?1, ?3, ?5)",
	[SQL_EACH]   = "SELECT key, put, ends, value FROM item WHERE space = ?1 ORDER BY key",
};

struct store {
	sqlite3      *db;
	char         *path;
	sqlite3_stmt *st[SQL_COUNT];
};

static enum assay_code broken(const struct store *s, int rc, struct assay_err *e)
{
	const char *path = SHOW(bytes_text(s->path));

	if (rc == SQLITE_NOMEM)
		return err_no_memory(e);
	if (rc == SQLITE_CORRUPT || rc == SQLITE_NOTADB || rc == SQLITE_FORMAT)
		return err_set(e, ASSAY_HOST_STORE,
			"%s is damaged; \"assay cache prune --all --cache FILE\" begins a new one",
			path);
	return err_set(e, ASSAY_HOST_STORE, "%s: %s", path, sqlite3_errstr(rc));
}

/* ---- opening ---- */

/* Folders down to the file's, for their owner alone where they are made here. */
static enum assay_code make_folders(const char *path, struct assay_err *e)
{
	char part[PATH_MAX];

	if (strlen(path) >= sizeof(part))
		return err_set(e, ASSAY_HOST_STORE, "the cache's name is too long");
	for (const char *p = strchr(path + 1, '/'); p != NULL; p = strchr(p + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		if (mkdir(part, 0700) != 0 && errno != EEXIST)
			return err_set(e, ASSAY_HOST_STORE, "%s: %s", SHOW(bytes_text(part)),
				strerror(errno));
	}
	return ASSAY_OK;
}

/* SQLite would make it readable for all. */
static enum assay_code make_file(const char *path, struct assay_err *e)
{
	struct stat st;
	int         fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);

	if (fd < 0)
		return err_set(
			e, ASSAY_HOST_STORE, "%s: %s", SHOW(bytes_text(path)), strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		errno = EINVAL;
	else
		errno = 0;
	close(fd);
	return errno == 0
		? ASSAY_OK
		: err_set(e, ASSAY_HOST_STORE, "%s is no file", SHOW(bytes_text(path)));
}

static int number_of(sqlite3 *db, const char *pragma, int *out)
{
	sqlite3_stmt *st = NULL;
	int           rc = sqlite3_prepare_v2(db, pragma, -1, &st, NULL);

	if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		*out = sqlite3_column_int(st, 0);
		rc   = SQLITE_OK;
	}
	sqlite3_finalize(st);
	return rc;
}

static int exec(const struct store *s, const char *text)
{
	return sqlite3_exec(s->db, text, NULL, NULL, NULL);
}

/* Whose file it is, and of which version, at one moment: another process may be making the tables. */
static int identity(const struct store *s, int *application, int *version)
{
	int rc = exec(s, "BEGIN");

	if (rc == SQLITE_OK)
		rc = number_of(s->db, "PRAGMA application_id", application);
	if (rc == SQLITE_OK)
		rc = number_of(s->db, "PRAGMA user_version", version);
	exec(s, rc == SQLITE_OK ? "COMMIT" : "ROLLBACK");
	return rc;
}

/* The first of several processes makes the tables; the others wait for it. */
static int make_tables(const struct store *s, int *application, int *version)
{
	int tables = 0, rc = exec(s, "BEGIN IMMEDIATE");

	if (rc != SQLITE_OK)
		return rc;
	rc = number_of(s->db, "PRAGMA user_version", version);
	if (rc == SQLITE_OK && *version == 0)
		rc = number_of(s->db, "SELECT count(*) FROM sqlite_master", &tables);
	if (rc == SQLITE_OK && *version == 0 && tables == 0) {
		rc = exec(s, schema);
		if (rc == SQLITE_OK)
			rc = exec(s, "PRAGMA application_id = 1095979865");
		if (rc == SQLITE_OK)
			rc = exec(s, "PRAGMA user_version = 1");
	}
	if (rc == SQLITE_OK)
		rc = exec(s, "COMMIT");
	else
		exec(s, "ROLLBACK");
	return rc == SQLITE_OK ? identity(s, application, version) : rc;
}

static int settle(struct store *s, int *application, int *version)
{
	bool empty;
	int  rc = exec(s, "PRAGMA cell_size_check = ON; PRAGMA synchronous = NORMAL");

	if (rc == SQLITE_OK)
		rc = identity(s, application, version);
	empty = rc == SQLITE_OK && *version == 0 && *application == 0;
	if (empty)
		rc = exec(s, "PRAGMA journal_mode = WAL");
	return empty && rc == SQLITE_OK ? make_tables(s, application, version) : rc;
}

static enum assay_code prepare_file(struct store *s, struct assay_err *e)
{
	const struct timespec pause       = { .tv_nsec = PAUSE_MS * 1000000L };
	int                   application = 0, version = 0, rc;

	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_limit(s->db, SQLITE_LIMIT_LENGTH, STORE_VALUE + 4096);
	rc = settle(s, &application, &version);
	/* who changes to the log waits for nobody, and is not waited for */
	for (int i = 0; rc == SQLITE_BUSY && i < BUSY_MS / PAUSE_MS; i++) {
		nanosleep(&pause, NULL);
		rc = settle(s, &application, &version);
	}
	if (rc != SQLITE_OK)
		return broken(s, rc, e);
	if (application != APPLICATION)
		return err_set(e, ASSAY_HOST_STORE, "%s is a database of another program",
			SHOW(bytes_text(s->path)));
	if (version != VERSION)
		return err_set(e, ASSAY_HOST_STORE,
			"%s is of another version of assay (%d, not %d)",
			SHOW(bytes_text(s->path)), version, VERSION);
	return ASSAY_OK;
}

enum assay_code store_open(const char *path, struct store **out, struct assay_err *e)
{
	struct store *s = mem_new(1, sizeof(*s));
	int           rc;

	if (s == NULL)
		return err_no_memory(e);
	s->path = mem_text(bytes_text(path));
	if (s->path == NULL || make_folders(path, e) != ASSAY_OK ||
		make_file(path, e) != ASSAY_OK) {
		if (s->path == NULL)
			err_no_memory(e);
		store_close(s);
		return e->code;
	}
	rc = sqlite3_open_v2(path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc != SQLITE_OK)
		broken(s, rc, e);
	if (rc != SQLITE_OK || prepare_file(s, e) != ASSAY_OK) {
		store_close(s);
		return e->code;
	}
	*out = s;
	return ASSAY_OK;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->st[i]);
	sqlite3_close(s->db);
	mem_free(s->path);
	mem_free(s);
}

/* The database first: SQLite drops a log whose database is empty, never the other way round. */
enum assay_code store_remove(const char *path, struct assay_err *e)
{
	static const char *const tails[] = { "", "-wal", "-shm" };

	for (size_t i = 0; i < ARRAY_LEN(tails); i++) {
		CLEANUP(buf_done) struct buf name = { 0 };

		buf_printf(&name, "%s%s", path, tails[i]);
		TRY(buf_ok(&name, e));
		if (unlink(buf_cstr(&name)) != 0 && errno != ENOENT)
			return err_set(e, ASSAY_HOST_STORE, "%s: %s",
				SHOW(bytes_text(buf_cstr(&name))), strerror(errno));
	}
	return ASSAY_OK;
}

/* ---- statements ---- */

struct args {
	const char  *space, *key;
	int64_t      now, ends;
	struct bytes value;
};

static int bind(sqlite3_stmt *st, const struct args *a)
{
	const int n  = sqlite3_bind_parameter_count(st);
	int       rc = SQLITE_OK;

	if (n >= 1)
		rc = sqlite3_bind_text(st, 1, a->space, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK && n >= 2)
		rc = sqlite3_bind_text(st, 2, a->key, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK && n >= 3)
		rc = sqlite3_bind_int64(st, 3, a->now);
	if (rc == SQLITE_OK && n >= 4)
		rc = sqlite3_bind_int64(st, 4, a->ends);
	if (rc == SQLITE_OK && n >= 5)
		rc = sqlite3_bind_blob64(st, 5, a->value.n > 0 ? (const void *)a->value.p : "",
			a->value.n, SQLITE_STATIC);
	return rc;
}

/* Ready to be stepped; whoever asks resets it. */
static int ready(struct store *s, enum sql which, const struct args *a, sqlite3_stmt **out)
{
	int rc = SQLITE_OK;

	if (s->st[which] == NULL)
		rc = sqlite3_prepare_v3(
			s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, &s->st[which], NULL);
	*out = s->st[which];
	return rc != SQLITE_OK ? rc : bind(*out, a);
}

static void rest(sqlite3_stmt *st)
{
	if (st == NULL)
		return;
	sqlite3_reset(st);
	sqlite3_clear_bindings(st);
}

static int run(struct store *s, enum sql which, const struct args *a)
{
	sqlite3_stmt *st;
	int           rc = ready(s, which, a, &st);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	rest(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int get(struct store *s, const struct args *a, struct buf *value, bool *found)
{
	sqlite3_stmt *st;
	int           rc = ready(s, SQL_GET, a, &st);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	*found = rc == SQLITE_ROW;
	if (*found && value != NULL)
		buf_put(value, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
	rest(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

/* Is there room for one more of that size? */
static int room(
	struct store *s, const struct args *a, int64_t most_n, int64_t most_bytes, bool *fits)
{
	sqlite3_stmt *st;
	int           rc = ready(s, SQL_FILL, a, &st);

	*fits = true;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*fits = sqlite3_column_int64(st, 0) < most_n &&
			sqlite3_column_int64(st, 1) + (int64_t)a->value.n <= most_bytes;
	rest(st);
	return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

static int make_room(struct store *s, const struct args *a, bool give_up, bool *fits)
{
	int rc = room(s, a, STORE_ENTRIES, STORE_BYTES, fits);

	if (rc == SQLITE_OK && !*fits) {
		rc = run(s, SQL_DELETE_ENDED, a);
		if (rc == SQLITE_OK)
			rc = room(s, a, STORE_ENTRIES, STORE_BYTES, fits);
	}
	while (rc == SQLITE_OK && !*fits && give_up) {
		rc = run(s, SQL_DELETE_FIRST, a);
		if (rc == SQLITE_OK && sqlite3_changes(s->db) == 0)
			break;
		if (rc == SQLITE_OK)
			rc = room(s, a, STORE_ENTRIES, STORE_BYTES, fits);
	}
	return rc;
}

static enum assay_code check(const struct store *s, const struct args *a, struct assay_err *e)
{
	if (strlen(a->space) > STORE_NAME || (a->key != NULL && strlen(a->key) > STORE_KEY) ||
		a->value.n > STORE_VALUE)
		return err_set(e, ASSAY_HOST_STORE, "%s: a value of %zu bytes is too large",
			SHOW(bytes_text(s->path)), a->value.n);
	return ASSAY_OK;
}

/* ---- the verbs; what writes is one transaction ---- */

struct deed {
	struct args args;
	bool        fresh; /* out: nothing was there */
	bool        full;  /* out */
	struct buf *value; /* take: out */
};

static int do_put(struct store *s, struct deed *d)
{
	bool fits = true;
	int  rc   = run(s, SQL_DELETE, &d->args);

	if (rc != SQLITE_OK || d->args.ends <= d->args.now)
		return rc;
	rc      = make_room(s, &d->args, true, &fits);
	d->full = !fits;
	return rc == SQLITE_OK && fits ? run(s, SQL_INSERT, &d->args) : rc;
}

static int do_put_new(struct store *s, struct deed *d)
{
	bool found = false, fits = true;
	int  rc = get(s, &d->args, NULL, &found);

	d->fresh = !found;
	if (rc != SQLITE_OK || found)
		return rc;
	rc = run(s, SQL_DELETE, &d->args); /* one that has ended */
	if (rc == SQLITE_OK)
		rc = make_room(s, &d->args, false, &fits);
	d->full = !fits;
	return rc == SQLITE_OK && fits ? run(s, SQL_INSERT, &d->args) : rc;
}

static int do_take(struct store *s, struct deed *d)
{
	bool found = false;
	int  rc    = get(s, &d->args, d->value, &found);

	d->fresh = !found;
	return rc == SQLITE_OK && found ? run(s, SQL_DELETE, &d->args) : rc;
}

static int do_append(struct store *s, struct deed *d)
{
	char        space[sizeof("stream:") + STORE_NAME];
	struct args a    = d->args;
	bool        fits = true;
	int         rc;

	snprintf(space, sizeof(space), "stream:%s", d->args.space);
	a.space = space;
	rc      = room(s, &a, INT64_MAX, STREAM, &fits);
	d->full = !fits;
	return rc == SQLITE_OK && fits ? run(s, SQL_APPEND, &d->args) : rc;
}

static int do_drop(struct store *s, struct deed *d)
{
	return run(s, SQL_DELETE, &d->args);
}

static int do_prune(struct store *s, struct deed *d)
{
	return run(s, SQL_DELETE_ENDED, &d->args);
}

static enum assay_code transact(struct store *s, int (*act)(struct store *s, struct deed *d),
	struct deed *d, struct assay_err *e)
{
	const struct args none = { 0 };
	int               rc;

	TRY(check(s, &d->args, e));
	rc = run(s, SQL_BEGIN, &none);
	if (rc != SQLITE_OK)
		return broken(s, rc, e);
	rc = act(s, d);
	if (rc == SQLITE_OK && !d->full)
		rc = run(s, SQL_COMMIT, &none);
	if (rc != SQLITE_OK || d->full)
		run(s, SQL_ROLLBACK, &none);
	if (rc != SQLITE_OK)
		return broken(s, rc, e);
	if (d->full)
		return err_set(e, ASSAY_HOST_STORE, "%s: \"%s\" is full",
			SHOW(bytes_text(s->path)), SHOW(bytes_text(d->args.space)));
	return ASSAY_OK;
}

enum assay_code store_put_new(struct store *s, const char *space, const char *key,
	struct bytes value, int64_t ends, int64_t now, bool *fresh, struct assay_err *e)
{
	struct deed d = { .args = { space, key, now, ends, value } };

	TRY(transact(s, do_put_new, &d, e));
	*fresh = d.fresh;
	return ASSAY_OK;
}

enum assay_code store_put(struct store *s, const char *space, const char *key,
	struct bytes value, int64_t ends, int64_t now, struct assay_err *e)
{
	struct deed d = { .args = { space, key, now, ends, value } };

	return transact(s, do_put, &d, e);
}

enum assay_code store_get(struct store *s, const char *space, const char *key, int64_t now,
	struct buf *value, bool *found, struct assay_err *e)
{
	const struct args a  = { space, key, now, 0, { 0 } };
	int               rc = get(s, &a, value, found);

	return rc == SQLITE_OK ? buf_ok(value, e) : broken(s, rc, e);
}

enum assay_code store_take(struct store *s, const char *space, const char *key, int64_t now,
	struct buf *value, bool *found, struct assay_err *e)
{
	struct deed d = { .args = { space, key, now, 0, { 0 } }, .value = value };

	TRY(transact(s, do_take, &d, e));
	*found = !d.fresh;
	return buf_ok(value, e);
}

enum assay_code store_append(struct store *s, const char *stream, struct bytes value,
	int64_t now, struct assay_err *e)
{
	struct deed d = { .args = { stream, "", now, 0, value } };

	return transact(s, do_append, &d, e);
}

enum assay_code store_drop(
	struct store *s, const char *space, const char *key, struct assay_err *e)
{
	struct deed d = { .args = { space, key, 0, 0, { 0 } } };

	return transact(s, do_drop, &d, e);
}

enum assay_code store_prune(
	struct store *s, const char *space, int64_t now, size_t *gone, struct assay_err *e)
{
	struct deed         d      = { .args = { space, "", now, 0, { 0 } } };
	const sqlite3_int64 before = sqlite3_total_changes64(s->db);

	TRY(transact(s, do_prune, &d, e));
	/* each entry's trigger changes a row of its own */
	*gone = (size_t)(sqlite3_total_changes64(s->db) - before) / 2;
	return ASSAY_OK;
}

enum assay_code store_each(struct store *s, const char *space,
	enum assay_code (*take)(
		void *ctx, const struct store_entry *entry, struct assay_err *e),
	void *ctx, struct assay_err *e)
{
	const struct args a = { .space = space };
	sqlite3_stmt     *st;
	enum assay_code   code = ASSAY_OK;
	int               rc   = ready(s, SQL_EACH, &a, &st);

	while (rc == SQLITE_OK && code == ASSAY_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const struct store_entry entry = {
			.key   = (const char *)sqlite3_column_text(st, 0),
			.put   = sqlite3_column_int64(st, 1),
			.ends  = sqlite3_column_int64(st, 2),
			.value = { sqlite3_column_blob(st, 3),
				(size_t)sqlite3_column_bytes(st, 3) },
		};

		rc   = SQLITE_OK;
		code = entry.key == NULL ? err_no_memory(e) : take(ctx, &entry, e);
	}
	rest(st);
	if (code != ASSAY_OK)
		return code;
	return rc == SQLITE_OK || rc == SQLITE_DONE ? ASSAY_OK : broken(s, rc, e);
}
