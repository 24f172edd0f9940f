/* SPDX-License-Identifier: Apache-2.0
 *
 * assay cache: what is in it, out of it, into it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "attest/cache.h"
#include "attest/marks.h"
#include "base/json.h"
#include "base/show.h"
#include "base/utc.h"
#include "cmd/app.h"
#include "cmd/node.h"
#include "cmd/online.h"
#include "cmd/out.h"
#include "collect/replay.h"

struct cache_options {
	struct online   online; /* the path alone */
	struct assay   *a;
	const char     *out, *anchors;
	bool            all, silent; /* of a cache that is not there: export says more */
	enum format     format;
	int64_t         now;
	struct buf      text; /* a result */
	json_t         *list;
	struct evidence pieces;
	size_t          past; /* entries that have ended */
};

#define TAKE_FIELD(field, expression) \
	CLI_TAKE(struct cache_options, field, o->field = (expression))

TAKE_FIELD(out, value)
TAKE_FIELD(anchors, value)
TAKE_FIELD(all, true)

static enum assay_code take_format(void *ctx, const char *value, struct assay_err *e)
{
	return app_format(value, &((struct cache_options *)ctx)->format, e);
}

static enum assay_code take_cache(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct cache_options *)ctx)->online.cache = value;
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 0, "cache", "FILE", "the cache, instead of the usual one", take_cache, .once = true },
	{ 0, "anchors", "DIR", "export, import: test roots; entries are kept by their roots",
		take_anchors, .once = true, .with = "export import" },
	{ 'o', "output", "FILE", "export: where it goes; standard output unless said", take_out,
		.once = true, .with = "export" },
	{ 0, "all", NULL, "prune: everything, and a damaged file itself; forget: all marks",
		take_all, .with = "prune forget" },
	{ 'f', "format", "text|json", "list, marks: text (default) or json", take_format,
		.with = "list marks" },
};

/* For those that look and take away: where no cache is, none is made. The store stays NULL then. */
static enum assay_code open_if_there(struct cache_options *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };

	TRY(online_cache_path(&o->online, &path, e));
	if (access(buf_cstr(&path), F_OK) == 0 || errno != ENOENT)
		return online_store(&o->online, e);
	if (!o->silent)
		fprintf(stderr, "assay: %s: no cache yet\n", SHOW(bytes_text(buf_cstr(&path))));
	return ASSAY_OK;
}

static enum assay_code each(struct cache_options *o, const char *space,
	enum assay_code (*take)(
		void *ctx, const struct store_entry *entry, struct assay_err *e),
	struct assay_err *e)
{
	TRY(open_if_there(o, e));
	return o->online.store == NULL ? ASSAY_OK
				       : store_each(o->online.store, space, take, o, e);
}

/* ---- list ---- */

/* "WANT@ANCHORS" */
static size_t want_of(const char *key)
{
	const char *at = strrchr(key, '@');

	return at == NULL ? strlen(key) : (size_t)(at - key);
}

static enum assay_code list_entry(
	void *ctx, const struct store_entry *entry, struct assay_err *e)
{
	struct cache_options *o    = ctx;
	struct bytes          want = { (const uint8_t *)entry->key, want_of(entry->key) };
	const char           *rest = entry->key + want.n + (entry->key[want.n] == '@');
	json_t               *row;

	if (o->format == FORMAT_TEXT) {
		buf_printf(&o->text, "%s  %8zu  until %s%s\n", SHOW(want), entry->value.n,
			UTC(entry->ends), entry->ends <= o->now ? ", over" : "");
		return buf_ok(&o->text, e);
	}
	row = json_object();
	json_object_set_new(row, "want", json_text(want));
	json_object_set_new(row, "anchors", json_text(bytes_text(rest)));
	json_object_set_new(row, "bytes", json_integer((json_int_t)entry->value.n));
	json_object_set_new(row, "put", json_utc(entry->put));
	json_object_set_new(row, "ends", json_utc(entry->ends));
	return json_array_append_new(o->list, row) == 0 ? ASSAY_OK : err_no_memory(e);
}

static enum assay_code do_list(
	struct cache_options *o, char **files, int n, struct assay_err *e)
{
	(void)files;
	(void)n;
	o->list = json_array();
	TRY(each(o, CACHE_SPACE, list_entry, e));
	return o->format == FORMAT_JSON ? json_write(o->list, &o->text, e) : ASSAY_OK;
}

/* ---- prune ---- */

static enum assay_code do_prune(
	struct cache_options *o, char **files, int n, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	size_t                       gone = 0;

	(void)files;
	(void)n;
	TRY(online_cache_path(&o->online, &path, e));
	if (open_if_there(o, e) == ASSAY_OK &&
		(o->online.store == NULL ||
			store_prune(o->online.store, CACHE_SPACE, o->all ? INT64_MAX : o->now,
				&gone, e) == ASSAY_OK)) {
		buf_printf(&o->text, "%zu gone\n", gone);
		return buf_ok(&o->text, e);
	}
	if (!o->all || e->code != ASSAY_HOST_STORE)
		return e->code;
	store_close(TAKE(o->online.store));
	TRY(store_remove(buf_cstr(&path), e));
	buf_printf(&o->text, "%s is gone; what uses it makes a new one\n",
		SHOW(bytes_text(buf_cstr(&path))));
	return buf_ok(&o->text, e);
}

/* ---- export: an ordinary bundle without evidence ---- */

static enum assay_code export_entry(
	void *ctx, const struct store_entry *entry, struct assay_err *e)
{
	CLEANUP(evidence_done) struct evidence one  = { 0 };
	CLEANUP(mem_done) char                *want = NULL;
	struct cache_options                  *o    = ctx;
	struct assay_err                       odd  = { 0 };
	char                                   key[CACHE_KEY];

	if (entry->ends <= o->now || cache_read(entry->value, &one, &odd) != ASSAY_OK)
		return ASSAY_OK;
	want = mem_text(one.collateral[0].want);
	if (want == NULL)
		return err_no_memory(e);
	TRY(cache_key(&o->a->crypto, &o->a->trust, want, key, e));
	if (strcmp(key, entry->key) != 0)
		return ASSAY_OK; /* of other anchors */
	return evidence_add_piece(&o->pieces, &one.collateral[0], e);
}

static enum assay_code do_export(
	struct cache_options *o, char **files, int n, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf bundle = { 0 };

	(void)files;
	(void)n;
	o->silent = true;
	TRY(each(o, CACHE_SPACE, export_entry, e));
	if (o->pieces.collaterals == 0)
		return err_set(
			e, ASSAY_SERVICE_ABSENT, "the cache has nothing for these anchors");
	TRY(evidence_write(&o->pieces, &bundle, e));
	return out_file(o->out == NULL ? "-" : o->out, buf_bytes(&bundle), e);
}

/* ---- import ---- */

/* As if it had been fetched: what is not what its want says is refused; the rest the next verification will see. */
static enum assay_code import_piece(struct cache_options *o, const struct collateral *piece,
	size_t *taken, struct assay_err *e)
{
	int64_t ends;

	if (piece->want.n == 0)
		return err_set(e, ASSAY_INPUT_KIND, "a piece without a want");
	TRY(cache_ends(&o->a->crypto, piece, o->now, &ends, e));
	if (ends <= o->now) {
		o->past++;
		return ASSAY_OK;
	}
	++*taken;
	return cache_put(o->online.store, &o->a->crypto, &o->a->trust, piece, ends, o->now, e);
}

struct imported {
	size_t           taken, refused;
	struct assay_err first; /* why the first was refused */
};

static enum assay_code import_file(
	struct cache_options *o, const char *file, struct imported *so_far, struct assay_err *e)
{
	CLEANUP(evidence_done) struct evidence ev   = { 0 };
	CLEANUP(buf_done) struct buf           text = { 0 };

	TRY(replay_file(file, BUNDLE_FILE_MAX, &text, e));
	TRY(evidence_add(&ev, replay_name(file), buf_bytes(&text), (struct bytes){ 0 }, e));
	for (size_t i = 0; i < ev.collaterals; i++) {
		struct assay_err why = { 0 };

		if (import_piece(o, &ev.collateral[i], &so_far->taken, &why) == ASSAY_OK)
			continue;
		if (why.code == ASSAY_HOST_STORE ||
			assay_class(why.code) == ASSAY_CLASS_INTERNAL) {
			*e = why;
			return e->code;
		}
		if (so_far->refused++ == 0)
			so_far->first = why;
		fprintf(stderr, "assay: %s: %s: %s\n", SHOW(bytes_text(replay_name(file))),
			SHOW(ev.collateral[i].want), assay_err_text(&why));
	}
	return ASSAY_OK;
}

static enum assay_code do_import(
	struct cache_options *o, char **files, int n, struct assay_err *e)
{
	struct imported x = { 0 };

	TRY(online_store(&o->online, e));
	for (int i = 0; i < n; i++)
		TRY(import_file(o, files[i], &x, e));
	printf("%zu taken, %zu out of date, %zu refused\n", x.taken, o->past, x.refused);
	if (x.refused == 0)
		return ASSAY_OK;
	return err_set(e, x.first.code, "%zu of %zu pieces refused", x.refused,
		x.taken + x.refused + o->past);
}

/* ---- marks ---- */

static enum assay_code list_mark(
	void *ctx, const struct store_entry *entry, struct assay_err *e)
{
	struct cache_options *o = ctx;
	struct mark_key       k;
	json_t               *row;

	if (!marks_read(entry->key, &k))
		return ASSAY_OK;
	if (o->format == FORMAT_TEXT) {
		buf_printf(&o->text, "%s  ", SHOW(k.want));
		if (k.evaluation)
			buf_printf(&o->text, "evaluation %lld\n", (long long)k.number);
		else
			buf_printf(&o->text, "of %s\n", UTC(k.number));
		return buf_ok(&o->text, e);
	}
	row = json_object();
	json_object_set_new(row, "want", json_text(k.want));
	json_object_set_new(row, "anchors", json_text(k.anchors));
	if (k.evaluation)
		json_object_set_new(row, "evaluation", json_integer((json_int_t)k.number));
	else
		json_object_set_new(row, "issued", json_utc(k.number));
	json_object_set_new(row, "put", json_utc(entry->put));
	return json_array_append_new(o->list, row) == 0 ? ASSAY_OK : err_no_memory(e);
}

static enum assay_code do_marks(
	struct cache_options *o, char **files, int n, struct assay_err *e)
{
	(void)files;
	(void)n;
	o->list = json_array();
	TRY(each(o, MARKS_SPACE, list_mark, e));
	return o->format == FORMAT_JSON ? json_write(o->list, &o->text, e) : ASSAY_OK;
}

/* By hand alone: nothing else ever lowers a mark. */
static enum assay_code do_forget(
	struct cache_options *o, char **wants, int n, struct assay_err *e)
{
	size_t gone = 0, all = 0;

	if (o->all == (n > 0))
		return err_set(e, ASSAY_INPUT_OPTION,
			"cache forget: which wants, as \"assay cache marks\" has them, or --all?");
	TRY(open_if_there(o, e));
	for (int i = 0; o->online.store != NULL && i < n; i++) {
		TRY(marks_forget(o->online.store, wants[i], &gone, e));
		all += gone;
	}
	if (o->online.store != NULL && o->all)
		TRY(marks_forget(o->online.store, NULL, &all, e));
	buf_printf(&o->text, "%zu forgotten\n", all);
	return buf_ok(&o->text, e);
}

/* ---- which of them ---- */

static const struct {
	const char *name;
	int         least, most; /* files */
	enum assay_code (*act)(
		struct cache_options *o, char **files, int n, struct assay_err *e);
} words[] = {
	{ "list", 0, 0, do_list },
	{ "prune", 0, 0, do_prune },
	{ "export", 0, 0, do_export },
	{ "import", 1, 1024, do_import },
	{ "marks", 0, 0, do_marks },
	{ "forget", 0, 64, do_forget },
};

static void options_done(struct cache_options *o)
{
	online_done(&o->online);
	evidence_done(&o->pieces);
	buf_done(&o->text);
	json_decref(o->list);
	assay_free(o->a);
}

static int run(struct cache_options *o, char **args, int n)
{
	struct assay_err e = { 0 };
	size_t           i = 0;

	while (n > 0 && i < ARRAY_LEN(words) && strcmp(args[0], words[i].name) != 0)
		i++;
	if (n == 0 || i == ARRAY_LEN(words))
		err_set(&e, ASSAY_INPUT_OPTION,
			"cache: list, prune, export, import, marks or forget?");
	else if (n - 1 < words[i].least)
		err_set(&e, ASSAY_INPUT_OPTION, "cache %s: which file?", words[i].name);
	else if (n - 1 > words[i].most)
		err_set(&e, ASSAY_INPUT_OPTION, "cache %s takes no file", words[i].name);
	if (e.code != ASSAY_OK)
		return app_fail(&e);
	o->now = (int64_t)time(NULL);
	if (assay_init(&o->a, &e) != ASSAY_OK ||
		app_anchors(o->a, o->anchors, &e) != ASSAY_OK ||
		words[i].act(o, args + 1, n - 1, &e) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&o->text, 0);
}

int cmd_cache(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf               help  = { 0 };
	CLEANUP(options_done) struct cache_options o     = { 0 };
	struct assay_err                           e     = { 0 };
	int                                        first = 0;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &o, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	return run(&o, argv + first, argc - first);
}
