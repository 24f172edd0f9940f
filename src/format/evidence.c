/* SPDX-License-Identifier: Apache-2.0
 *
 * What a container is, and adding it to the evidence of one node: all of it or nothing.
 *
 * Source: nvidia-evidence chapter 1; limits from its 8.1. */
#include "format/evidence.h"

#include "base/show.h"
#include "format/container.h"

static enum assay_code read_json(struct container *c, struct bytes text, struct assay_err *e)
{
	AUTO(json_t) *root = NULL;
	json_t       *member;
	struct bytes  schema;
	bool          bundle, ours;

	TRY(json_read(text, BUNDLE_FILE_MAX, &root, e));
	member = json_object_get(root, "schema");
	schema = bytes_text(json_string_value(member));
	bundle = bytes_equal(schema, BYTES(SCHEMA_BUNDLE));
	ours   = bundle || bytes_equal(schema, BYTES(SCHEMA_EVIDENCE)); /* with an event log */
	if (!ours && text.n > EVIDENCE_FILE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE, "%zu bytes, over the limit of %d", text.n,
			EVIDENCE_FILE_MAX);
	if (ours)
		return bundle_read(c, root, bundle, e);
	if (member != NULL)
		return err_set(e, ASSAY_JSON_SCHEMA,
			"the schema \"%s\" is none of " SCHEMA_EVIDENCE ", " SCHEMA_BUNDLE,
			SHOW(schema));
	return nvidia_json_read(c, root, e);
}

static enum assay_code read_any(
	struct container *c, struct bytes text, struct bytes chain, struct assay_err *e)
{
	size_t at = 0;

	if (text.n == 0)
		return err_set(e, ASSAY_INPUT_SIZE, "empty");
	if (text.n > BUNDLE_FILE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE, "%zu bytes, over the limit of %d", text.n,
			BUNDLE_FILE_MAX);
	if (chain.n > EVIDENCE_FILE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE,
			"a chain of %zu bytes, over the limit of %d", chain.n, EVIDENCE_CHAIN);
	/* a request to NVIDIA's service says its arch once, and it becomes each device's */
	TRY(container_open(c, text.n + chain.n + EVIDENCE_DEVICES * EVIDENCE_HINT, e));
	while (at < text.n && byte_blank(text.p[at]))
		at++;
	if (at == text.n)
		return err_set(e, ASSAY_INPUT_SIZE, "nothing but white space");
	if (text.p[at] == '[' || text.p[at] == '{')
		return read_json(c, text, e);
	if (text.n > EVIDENCE_FILE_MAX)
		return err_set(e, ASSAY_INPUT_SIZE, "%zu bytes, over the limit of %d", text.n,
			EVIDENCE_FILE_MAX);
	return raw_read(c, text, chain, e);
}

/* One node has one nonce and one event log. Two that differ would leave open which one --as-recorded means. */
static enum assay_code check_recorded(
	const struct evidence *ev, const struct evidence *more, struct assay_err *e)
{
	if (ev->events.n > 0 && more->events.n > 0 && !bytes_equal(ev->events, more->events))
		return err_set(e, ASSAY_JSON_FIELD,
			"it has another event log than the containers before it");
	if (!ev->recorded || !more->recorded)
		return ASSAY_OK;
	if (ev->nonce_given && more->nonce_given &&
		!bytes_equal(BYTES_OF(ev->nonce), BYTES_OF(more->nonce)))
		return err_set(e, ASSAY_JSON_FIELD,
			"it was recorded for another nonce than the containers before it");
	return ASSAY_OK;
}

static enum assay_code check_limit(
	size_t have, size_t more, size_t limit, const char *what, struct assay_err *e)
{
	if (have > limit || more > limit - have)
		return err_set(e, ASSAY_INPUT_SIZE,
			"with it there are %zu %s, over the limit of %zu", have + more, what,
			limit);
	return ASSAY_OK;
}

/* Room behind the n elements of *array; what is there stays as it is, also when there is no memory. */
static enum assay_code widen(
	void *array, size_t n, size_t more, size_t size, struct assay_err *e)
{
	void *p;

	if (more == 0)
		return ASSAY_OK;
	memcpy(&p, array, sizeof(p)); /* a pointer to a pointer of any type */
	p = mem_resize(p, n + more, size);
	if (p == NULL)
		return err_no_memory(e);
	memcpy(array, &p, sizeof(p));
	return ASSAY_OK;
}

/* The container joins as a whole: nothing fails behind the last TRY. name == NULL: it is no source. */
static enum assay_code join(
	struct evidence *ev, struct container *c, const char *name, struct assay_err *e)
{
	CLEANUP(mem_done) char *source = NULL;
	struct evidence        *more   = &c->got;

	TRY(check_recorded(ev, more, e));
	TRY(check_limit(ev->devices, more->devices, EVIDENCE_DEVICES, "devices", e));
	TRY(check_limit(
		ev->collaterals, more->collaterals, COLLATERAL_MAX, "pieces of collateral", e));
	source = name == NULL ? NULL : mem_text(bytes_text(name));
	if (name != NULL && source == NULL)
		return err_no_memory(e);
	TRY(widen(&ev->device, ev->devices, more->devices, sizeof(*ev->device), e));
	TRY(widen(&ev->collateral, ev->collaterals, more->collaterals, sizeof(*ev->collateral),
		e));
	TRY(widen(&ev->source, ev->sources, 1, sizeof(*ev->source), e));
	TRY(widen(&ev->owned, ev->owneds, 1, sizeof(*ev->owned), e));

	for (size_t i = 0; i < more->devices; i++) {
		ev->device[ev->devices]          = more->device[i];
		ev->device[ev->devices++].source = ev->sources;
	}
	for (size_t i = 0; i < more->collaterals; i++)
		ev->collateral[ev->collaterals++] = more->collateral[i];
	if (more->recorded) {
		/* Collected one after the other: complete when the last was made. */
		ev->made     = ev->recorded && ev->made > more->made ? ev->made : more->made;
		ev->recorded = true;
	}
	if (more->nonce_given) {
		ev->nonce_given = true;
		memcpy(ev->nonce, more->nonce, NONCE_SIZE);
	}
	if (more->events.n > 0)
		ev->events = more->events;
	if (source != NULL)
		ev->source[ev->sources++] = TAKE(source);
	ev->owned[ev->owneds++] = c->memory;
	c->memory               = (struct buf){ 0 };
	return ASSAY_OK;
}

enum assay_code evidence_add(struct evidence *ev, const char *name, struct bytes text,
	struct bytes chain, struct assay_err *e)
{
	CLEANUP(container_done) struct container c = { 0 };

	name = SHOW(bytes_text(name == NULL ? "input" : name));
	if (read_any(&c, text, chain, e) != ASSAY_OK || join(ev, &c, name, e) != ASSAY_OK)
		return err_wrap(e, "%s", name);
	return ASSAY_OK;
}

static enum assay_code copy_views(
	struct container *c, struct bytes *const view[], size_t n, struct assay_err *e)
{
	size_t total = 0;

	for (size_t i = 0; i < n; i++)
		if (__builtin_add_overflow(total, view[i]->n, &total) ||
			total > BUNDLE_FILE_MAX)
			return err_set(
				e, ASSAY_INPUT_SIZE, "more than %d bytes", BUNDLE_FILE_MAX);
	TRY(container_open(c, total, e));
	for (size_t i = 0; i < n; i++)
		if (view[i]->p != NULL)
			TRY(container_copy(c, *view[i], view[i], e));
	return ASSAY_OK;
}

static enum assay_code copy_device(
	struct container *c, const struct evidence_device *from, struct assay_err *e)
{
	struct evidence_device *d;
	struct assay_err        found = { 0 };

	TRY(container_devices(c, 1, e));
	d  = &c->got.device[0];
	*d = *from;
	TRY(copy_views(c,
		(struct bytes *const[]){ &d->report, &d->chain, &d->hints.arch,
			&d->hints.driver_version, &d->hints.vbios_version, &d->hints.uuid,
			&d->hints.version },
		7, e));
	container_settle(d, true, &found);
	if (d->fault.code == ASSAY_OK)
		d->fault = found;
	return ASSAY_OK;
}

enum assay_code evidence_add_device(struct evidence *ev, const char *name,
	const struct evidence_device *d, struct assay_err *e)
{
	CLEANUP(container_done) struct container c = { 0 };
	bool                                     same;

	name = SHOW(bytes_text(name == NULL ? "input" : name));
	same = ev->sources > 0 && strcmp(ev->source[ev->sources - 1], name) == 0;
	if (copy_device(&c, d, e) != ASSAY_OK ||
		join(ev, &c, same ? NULL : name, e) != ASSAY_OK)
		return err_wrap(e, "%s", name);
	ev->device[ev->devices - 1].source = ev->sources - 1;
	return ASSAY_OK;
}

enum assay_code evidence_add_events(
	struct evidence *ev, struct bytes events, struct assay_err *e)
{
	CLEANUP(container_done) struct container c = { 0 };

	if (events.n > EVIDENCE_EVENTS)
		return err_set(e, ASSAY_INPUT_SIZE, "an event log of %zu bytes, over %d",
			events.n, EVIDENCE_EVENTS);
	c.got.events = events;
	TRY(copy_views(&c, (struct bytes *const[]){ &c.got.events }, 1, e));
	return join(ev, &c, NULL, e);
}

static enum assay_code copy_piece(
	struct container *c, const struct collateral *from, struct assay_err *e)
{
	struct collateral *p;

	TRY(container_collateral(c, 1, e));
	p  = &c->got.collateral[0];
	*p = *from;
	if (p->body.n == 0)
		return err_set(e, ASSAY_INPUT_SIZE, "it is empty");
	if (p->body.n > COLLATERAL_BODY || p->request.n > COLLATERAL_ASK ||
		p->want.n > COLLATERAL_TEXT || p->name.n > COLLATERAL_TEXT ||
		p->from.n > COLLATERAL_TEXT)
		return err_set(e, ASSAY_INPUT_SIZE,
			"collateral of %zu bytes, request of %zu: over a limit", p->body.n,
			p->request.n);
	return copy_views(c,
		(struct bytes *const[]){ &p->want, &p->name, &p->request, &p->body, &p->from },
		5, e);
}

enum assay_code evidence_add_piece(
	struct evidence *ev, const struct collateral *piece, struct assay_err *e)
{
	CLEANUP(container_done) struct container c = { 0 };
	const char *name = SHOW(piece->name.n > 0 ? piece->name : piece->want);

	if (copy_piece(&c, piece, e) != ASSAY_OK || join(ev, &c, NULL, e) != ASSAY_OK)
		return err_wrap(e, "%s", name[0] == 0 ? "collateral" : name);
	return ASSAY_OK;
}

enum assay_code evidence_add_collateral(struct evidence *ev, const char *want, const char *name,
	struct bytes request, struct bytes body, struct assay_err *e)
{
	const struct collateral piece = {
		.want    = bytes_text(want),
		.name    = bytes_text(name),
		.request = request,
		.body    = body,
	};

	return evidence_add_piece(ev, &piece, e);
}

void evidence_drop_piece(struct evidence *ev, size_t i)
{
	ev->collaterals--;
	memmove(&ev->collateral[i], &ev->collateral[i + 1],
		(ev->collaterals - i) * sizeof(*ev->collateral));
}

static struct missing *find_missing(const struct evidence *ev, const char *want)
{
	for (size_t i = 0; i < ev->missings; i++)
		if (strcmp(ev->missing[i].want, want) == 0)
			return &ev->missing[i];
	return NULL;
}

const char *evidence_missing(const struct evidence *ev, const char *want)
{
	const struct missing *m = find_missing(ev, want);

	return m == NULL ? NULL : m->why;
}

enum assay_code evidence_note_missing(
	struct evidence *ev, const char *want, const char *why, struct assay_err *e)
{
	CLEANUP(mem_done) char *text = why == NULL ? NULL : mem_text(bytes_text(why));
	CLEANUP(mem_done) char *name = NULL;
	struct missing         *m    = find_missing(ev, want);

	if (why != NULL && text == NULL)
		return err_no_memory(e);
	if (m == NULL && why != NULL) {
		name = mem_text(bytes_text(want));
		if (name == NULL)
			return err_no_memory(e);
		TRY(widen(&ev->missing, ev->missings, 1, sizeof(*ev->missing), e));
		m  = &ev->missing[ev->missings++];
		*m = (struct missing){ .want = TAKE(name) };
	}
	if (m != NULL) {
		mem_free(m->why);
		m->why = TAKE(text);
	}
	return ASSAY_OK;
}

void evidence_done(struct evidence *ev)
{
	for (size_t i = 0; i < ev->sources; i++)
		mem_free(ev->source[i]);
	for (size_t i = 0; i < ev->owneds; i++)
		buf_done(&ev->owned[i]);
	for (size_t i = 0; i < ev->missings; i++) {
		mem_free(ev->missing[i].want);
		mem_free(ev->missing[i].why);
	}
	mem_free(ev->missing);
	mem_free(ev->device);
	mem_free(ev->collateral);
	mem_free(ev->source);
	mem_free(ev->owned);
	*ev = (struct evidence){ 0 };
}
