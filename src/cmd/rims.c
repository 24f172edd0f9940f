/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: nvidia-evidence 5.1 (ids), 5.2 (service). */
#include "cmd/rims.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "base/json.h"
#include "base/show.h"
#include "fetch/rim_service.h"
#include "format/rim.h"

#define IDS     3 /* asked for: driver, VBIOS; or a switch's BIOS */
#define NEAREST 3

#define TAKE_FIELD(field) CLI_TAKE(struct rims_wish, field, o->field = value)

TAKE_FIELD(driver)
TAKE_FIELD(vbios)
TAKE_FIELD(project)
TAKE_FIELD(sku)
TAKE_FIELD(chip_sku)
TAKE_FIELD(arch)
TAKE_FIELD(chip)

const struct option_row rims_rows[] = {
	{ 0, "driver", "VERSION", "with --check: the driver, as 580.95.05", take_driver,
		.once = true, .with = "--check" },
	{ 0, "vbios", "VERSION", "the VBIOS, as 96.00.9F.00.04; a switch's BIOS", take_vbios,
		.once = true, .with = "--check" },
	{ 0, "project", "TEXT", "the board's project, as G520", take_project, .once = true,
		.with = "--vbios" },
	{ 0, "sku", "TEXT", "its project SKU, as 0201", take_sku, .once = true,
		.with = "--vbios" },
	{ 0, "chip-sku", "TEXT", "its chip SKU, as 895", take_chip_sku, .once = true,
		.with = "--vbios" },
	{ 0, "arch", "hopper|blackwell|ls10", "hopper (default), blackwell or ls10", take_arch,
		.once = true, .with = "--check" },
	{ 0, "chip", "NAME", "with blackwell: the chip, GB100 unless said", take_chip,
		.once = true, .with = "--driver" },
};
const size_t rims_rows_n = ARRAY_LEN(rims_rows);

/* ---- ids ---- */

struct ids {
	char   text[IDS][RIM_SERVICE_ID + 1];
	size_t n;
};

static void put(struct ids *ids, const char *const *parts, size_t n)
{
	char  *out = ids->text[ids->n++];
	size_t at  = 0;

	for (size_t i = 0; i < n; i++)
		for (const char *p = parts[i]; *p != 0 && at < RIM_SERVICE_ID; p++)
			out[at++] = *p;
	out[at] = 0;
}

/* Versions of firmware have no dots in ids, and capital letters. */
static void plain(const char *in, bool dots, char *out, size_t size)
{
	size_t n = 0;

	for (; *in != 0 && n + 1 < size; in++)
		if (dots || *in != '.')
			out[n++] = (char)toupper((unsigned char)*in);
	out[n] = 0;
}

static enum assay_code need(const char *value, const char *option, struct assay_err *e)
{
	return value != NULL ? ASSAY_OK
			     : err_set(e, ASSAY_INPUT_OPTION, "--check wants %s too", option);
}

static enum assay_code vbios_id(const struct rims_wish *w, struct ids *ids, struct assay_err *e)
{
	char project[32], sku[32], chip_sku[32], version[64];

	TRY(need(w->project, "--project", e));
	TRY(need(w->sku, "--sku", e));
	TRY(need(w->chip_sku, "--chip-sku", e));
	plain(w->project, true, project, sizeof(project));
	plain(w->sku, true, sku, sizeof(sku));
	plain(w->chip_sku, true, chip_sku, sizeof(chip_sku));
	plain(w->vbios, false, version, sizeof(version));
	put(ids,
		(const char *const[]){
			RIM_ID_VBIOS, project, "_", sku, "_", chip_sku, "_", version },
		8);
	return ASSAY_OK;
}

static enum assay_code not_empty(const struct rims_wish *w, struct assay_err *e)
{
	const char *const given[] = { w->driver, w->vbios, w->project, w->sku, w->chip_sku,
		w->chip };

	for (size_t i = 0; i < ARRAY_LEN(given); i++)
		if (given[i] != NULL && given[i][0] == 0)
			return err_set(e, ASSAY_INPUT_OPTION,
				"--check: of an empty version or name there is no RIM");
	return ASSAY_OK;
}

static enum assay_code name_ids(const struct rims_wish *w, struct ids *ids, struct assay_err *e)
{
	const char *arch      = w->arch == NULL ? "hopper" : w->arch;
	bool        blackwell = strcasecmp(arch, "blackwell") == 0;
	char        version[64];

	TRY(not_empty(w, e));
	if (strcasecmp(arch, "ls10") == 0) {
		TRY(need(w->vbios, "--vbios", e));
		if (w->driver != NULL || w->project != NULL || w->sku != NULL ||
			w->chip_sku != NULL)
			return err_set(e, ASSAY_INPUT_OPTION,
				"--arch ls10: a switch has a --vbios alone, no driver, project or SKU");
		plain(w->vbios, false, version, sizeof(version));
		put(ids, (const char *const[]){ RIM_ID_LS10, version }, 2);
	} else if (blackwell || strcasecmp(arch, "hopper") == 0) {
		if (w->driver == NULL && w->vbios == NULL)
			return need(NULL, "--driver or --vbios", e);
		if (w->chip != NULL && !blackwell)
			return err_set(e, ASSAY_INPUT_OPTION, "--chip is for --arch blackwell");
		if (w->driver != NULL && blackwell)
			put(ids,
				(const char *const[]){ RIM_ID_BLACKWELL,
					w->chip != NULL ? w->chip : RIM_ID_CHIP, "_",
					w->driver },
				4);
		else if (w->driver != NULL)
			put(ids, (const char *const[]){ RIM_ID_HOPPER, w->driver }, 2);
		if (w->vbios != NULL)
			TRY(vbios_id(w, ids, e));
	} else {
		return err_set(e, ASSAY_INPUT_OPTION, "--arch: hopper, blackwell or ls10");
	}
	for (size_t i = 0; i < ids->n; i++)
		if (!rim_service_id(ids->text[i]))
			return err_set(e, ASSAY_INPUT_OPTION, "\"%s\" is no RIM id",
				SHOW(bytes_text(ids->text[i])));
	return ASSAY_OK;
}

/* ---- the nearest of a list ---- */

struct near {
	const char *id;
	char        text[NEAREST][RIM_SERVICE_ID + 1];
	size_t      like
		[NEAREST]; /* characters in common, of which the last digits of a number are none */
	size_t n;
};

static size_t common(const char *a, const char *b)
{
	size_t n = 0;

	while (a[n] != 0 && a[n] == b[n])
		n++;
	return n;
}

/* Of one kind: the same up to the last underscore. */
static bool same_kind(const char *a, const char *b)
{
	const char *end = strrchr(a, '_');

	return end != NULL && strncmp(a, b, (size_t)(end - a) + 1) == 0;
}

static void consider(void *ctx, const char *id)
{
	struct near *x    = ctx;
	size_t       like = common(x->id, id), at = x->n;

	if (!same_kind(x->id, id))
		return;
	/* the list's order decides between equals: the later ones are newer */
	while (at > 0 && x->like[at - 1] <= like)
		at--;
	if (at == NEAREST)
		return;
	if (x->n < NEAREST)
		x->n++;
	for (size_t i = x->n - 1; i > at; i--) {
		x->like[i] = x->like[i - 1];
		memcpy(x->text[i], x->text[i - 1], sizeof(x->text[i]));
	}
	x->like[at] = like;
	snprintf(x->text[at], sizeof(x->text[at]), "%s", id);
}

/* ---- asking ---- */

enum there { THERE_NO, THERE_YES, THERE_UNKNOWN };

struct answer {
	enum there       there;
	struct assay_err why; /* of what is unknown */
	struct near      near;
};

static void read_answer(const char *id, const struct http_got *got, struct answer *out)
{
	CLEANUP(buf_done) struct buf xml = { 0 };
	bool                         differs;

	out->near.id = id;
	out->why     = got->why;
	if (got->why.code == ASSAY_SERVICE_ABSENT)
		out->there = THERE_NO;
	else if (got->why.code != ASSAY_OK ||
		rim_service_document(buf_bytes(&got->body), id, &xml, &differs, &out->why) !=
			ASSAY_OK)
		out->there = THERE_UNKNOWN;
	else
		out->there = THERE_YES;
}

static int status_of(const struct answer *answers, size_t n)
{
	int status = 0;

	for (size_t i = 0; i < n; i++) {
		if (answers[i].there == THERE_UNKNOWN)
			return assay_class_exit(assay_class(answers[i].why.code));
		if (answers[i].there == THERE_NO)
			status = assay_class_exit(ASSAY_CLASS_UNDECIDED);
	}
	return status;
}

static void put_text(const struct answer *a, struct buf *out)
{
	static const char *const words[] = {
		[THERE_NO] = "not there", [THERE_YES] = "there", [THERE_UNKNOWN] = "not known"
	};

	buf_printf(out, "%-48s %s", a->near.id, words[a->there]);
	if (a->there == THERE_UNKNOWN)
		buf_printf(out, ": %s", assay_err_text(&a->why));
	buf_text(out, "\n");
	for (size_t i = 0; a->there == THERE_NO && i < a->near.n; i++)
		buf_printf(out, "  %s %s\n", i == 0 ? "nearest" : "       ", a->near.text[i]);
}

static json_t *answer_json(const struct answer *a)
{
	json_t *root = json_object(), *near = json_array();

	json_object_set_new(root, "id", json_string(a->near.id));
	json_object_set_new(root, "there",
		a->there == THERE_UNKNOWN ? json_null() : json_boolean(a->there == THERE_YES));
	for (size_t i = 0; a->there == THERE_NO && i < a->near.n; i++)
		json_array_append_new(near, json_string(a->near.text[i]));
	json_object_set_new(root, "nearest", near);
	if (a->there == THERE_UNKNOWN)
		json_object_set_new(root, "why", json_string(assay_err_text(&a->why)));
	return root;
}

static enum assay_code render(const struct answer *answers, size_t n, enum format format,
	struct buf *out, struct assay_err *e)
{
	AUTO(json_t) *list = NULL;

	if (format == FORMAT_TEXT) {
		for (size_t i = 0; i < n; i++)
			put_text(&answers[i], out);
		return buf_ok(out, e);
	}
	list = json_array();
	for (size_t i = 0; i < n; i++)
		if (json_array_append_new(list, answer_json(&answers[i])) != 0)
			return err_no_memory(e);
	return json_write(list, out, e);
}

struct asking {
	struct buf      url[IDS + 1];
	struct http_ask ask[IDS + 1];
	struct http_got got[IDS + 1];
};

static void asking_done(struct asking *a)
{
	for (size_t i = 0; i < ARRAY_LEN(a->url); i++) {
		buf_done(&a->url[i]);
		http_got_done(&a->got[i]);
	}
}

/* Each document, and the list for those that are not there, all at once. */
static enum assay_code ask_all(const struct ids *ids, struct online *o,
	const struct gather_request *r, struct answer *answers, struct assay_err *e)
{
	CLEANUP(asking_done) struct asking a = { 0 };
	const char *base   = r->rim_url != NULL ? r->rim_url : RIM_SERVICE_URL;
	bool        secure = strncmp(base, "https:", 6) == 0;

	for (size_t i = 0; i <= ids->n; i++) {
		TRY(rim_service_url(base, i < ids->n ? ids->text[i] : NULL, &a.url[i], e));
		a.ask[i] = (struct http_ask){
			.url    = buf_cstr(&a.url[i]),
			.accept = "application/json",
			.bearer = secure ? r->service_key : NULL,
			.limit  = i < ids->n ? RIM_SERVICE_REPLY : RIM_SERVICE_IDS,
		};
	}
	TRY(http_fetch(o->http, a.ask, a.got, ids->n + 1, NULL, NULL, e));
	for (size_t i = 0; i < ids->n; i++) {
		struct assay_err odd = { 0 };

		read_answer(ids->text[i], &a.got[i], &answers[i]);
		if (answers[i].there == THERE_NO && a.got[ids->n].why.code == ASSAY_OK)
			rim_service_list(buf_bytes(&a.got[ids->n].body), consider,
				&answers[i].near, &odd);
	}
	return ASSAY_OK;
}

int rims_check(const struct rims_wish *w, struct online *o, const struct gather_request *r,
	enum format format)
{
	CLEANUP(buf_done) struct buf out          = { 0 };
	struct answer                answers[IDS] = { 0 };
	struct ids                   ids          = { 0 };
	struct assay_err             e            = { 0 };

	if (o->http == NULL)
		err_set(&e, ASSAY_INPUT_OPTION, "--check asks the service: not with --offline");
	if (o->http == NULL || name_ids(w, &ids, &e) != ASSAY_OK ||
		ask_all(&ids, o, r, answers, &e) != ASSAY_OK ||
		render(answers, ids.n, format, &out, &e) != ASSAY_OK)
		return app_fail(&e);
	return app_print(&out, status_of(answers, ids.n));
}

enum rim_there rims_one(
	const char *id, struct online *o, const struct gather_request *r, char why[PLAN_TEXT])
{
	CLEANUP(buf_done) struct buf near         = { 0 };
	struct answer                answers[IDS] = { 0 };
	struct ids                   ids          = { .n = 1 };
	struct assay_err             e            = { 0 };

	snprintf(ids.text[0], sizeof(ids.text[0]), "%s", id);
	if (!rim_service_id(id) || ask_all(&ids, o, r, answers, &e) != ASSAY_OK ||
		answers[0].there == THERE_UNKNOWN) {
		snprintf(why, PLAN_TEXT, "%s",
			assay_err_text(e.code != ASSAY_OK ? &e : &answers[0].why));
		return RIM_NOT_KNOWN;
	}
	if (answers[0].there == THERE_YES) {
		snprintf(why, PLAN_TEXT, "the RIM service has it");
		return RIM_THERE;
	}
	for (size_t i = 0; i < answers[0].near.n; i++)
		buf_printf(&near, "%s%s", i == 0 ? "" : ", ", answers[0].near.text[i]);
	snprintf(why, PLAN_TEXT, "the RIM service has not%s%s", near.n > 0 ? "; nearest: " : "",
		buf_cstr(&near));
	return RIM_ABSENT;
}
