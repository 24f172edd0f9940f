/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading tokens: their form, and showing them. Nothing is believed here. */
#include <stdio.h>

#include "appraise/token.h"
#include "base/show.h"

#define DETACHED "detached_eat" /* in what nvattest prints */

void token_done(struct token *t)
{
	for (size_t i = 0; i < t->arrays; i++) {
		for (size_t k = 0; k < t->array[i].devices; k++)
			jws_done(&t->array[i].device[k].jws);
		mem_free(t->array[i].device);
		jws_done(&t->array[i].overall);
	}
	jws_done(&t->outer);
	json_decref(t->root);
	*t = (struct token){ 0 };
}

static struct bytes lent(const json_t *string)
{
	return (struct bytes){ (const uint8_t *)json_string_value(string),
		json_string_length(string) };
}

/* "GPU-0", "SWITCH-3": decimal, without leading zeros, fewer than evidence may have. */
static bool read_label(const char *label, struct subject *out)
{
	for (unsigned kind = SUBJECT_GPU; kind <= SUBJECT_NVSWITCH; kind++)
		for (unsigned i = 0; i < EVIDENCE_DEVICES; i++) {
			const struct device d = { .subject = { (enum subject_kind)kind, i } };
			char                own[CLAIMS_LABEL];

			if (strcmp(label, claims_label(&d, own)) == 0) {
				*out = d.subject;
				return true;
			}
		}
	return false;
}

static enum assay_code read_device(
	struct token_array *a, const char *label, const json_t *value, struct assay_err *e)
{
	struct token_device *d = &a->device[a->devices];

	if (!read_label(label, &d->subject))
		return err_set(e, ASSAY_TOKEN_PARSE, "\"%s\" is no device's label",
			SHOW(bytes_text(label)));
	if (!json_is_string(value))
		return err_set(e, ASSAY_TOKEN_PARSE, "%s has no token", label);
	if (a->devices > 0 && a->device[0].subject.kind != d->subject.kind)
		return err_set(e, ASSAY_TOKEN_PARSE, "GPUs and switches in one array");
	snprintf(d->label, sizeof(d->label), "%s", label);
	if (jws_parse(lent(value), &d->jws, e) != ASSAY_OK)
		return err_wrap(e, "%s", label);
	a->devices++;
	return ASSAY_OK;
}

/* ["JWT", token] at the head of an array of two */
static enum assay_code read_head(
	const json_t *pair, struct jws *out, const json_t **rest, struct assay_err *e)
{
	const json_t *head = json_array_get(pair, 0), *token = json_array_get(head, 1);
	const char   *type = json_string_value(json_array_get(head, 0));

	if (json_array_size(pair) != 2 || json_array_size(head) != 2 || type == NULL ||
		strcmp(type, "JWT") != 0 || !json_is_string(token))
		return err_set(e, ASSAY_TOKEN_PARSE,
			"a token begins [[\"JWT\", overall], ...] and has two elements");
	*rest = json_array_get(pair, 1);
	if (!json_is_object(*rest))
		return err_set(e, ASSAY_TOKEN_PARSE, "the second element is no object");
	return jws_parse(lent(token), out, e);
}

static enum assay_code read_devices(
	struct token_array *a, const json_t *devices, struct assay_err *e)
{
	const char *label;
	json_t     *value;

	if (json_object_size(devices) > EVIDENCE_DEVICES)
		return err_set(e, ASSAY_TOKEN_PARSE, "more than %d devices", EVIDENCE_DEVICES);
	a->device = mem_new(json_object_size(devices) + 1, sizeof(*a->device));
	if (a->device == NULL)
		return err_no_memory(e);
	json_object_foreach((json_t *)(uintptr_t)devices, label, value)
	{
		TRY(read_device(a, label, value, e));
	}
	return ASSAY_OK;
}

/* Whose array is it, by the wrap's name for it? */
static enum assay_code read_name(const char *name, enum subject_kind *out, struct assay_err *e)
{
	static const struct {
		const char       *name;
		enum subject_kind kind;
	} names[] = {
		{ "LOCAL_GPU_CLAIMS", SUBJECT_GPU },
		{ "REMOTE_GPU_CLAIMS", SUBJECT_GPU },
		{ "LOCAL_SWITCH_CLAIMS", SUBJECT_NVSWITCH },
		{ "REMOTE_SWITCH_CLAIMS", SUBJECT_NVSWITCH },
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(name, names[i].name) == 0) {
			*out = names[i].kind;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_TOKEN_PARSE, "\"%s\" is no verifier", SHOW(bytes_text(name)));
}

static enum assay_code read_wrapped(
	struct token *t, const char *name, const json_t *value, struct assay_err *e)
{
	struct token_array *a    = &t->array[t->arrays];
	enum subject_kind   kind = SUBJECT_GPU;
	const json_t       *devices;

	TRY(read_name(name, &kind, e));
	t->arrays++; /* released from here on */
	snprintf(a->name, sizeof(a->name), "%s", name);
	if (json_is_string(value)) { /* a verifier that failed */
		a->failed = true;
		return jws_parse(lent(value), &a->overall, e);
	}
	TRY(read_head(value, &a->overall, &devices, e));
	TRY(read_devices(a, devices, e));
	if (a->devices > 0 && a->device[0].subject.kind != kind)
		return err_set(e, ASSAY_TOKEN_PARSE, "devices of another kind");
	return ASSAY_OK;
}

static bool is_wrap(const json_t *second)
{
	const char *name;
	json_t     *value;

	json_object_foreach((json_t *)(uintptr_t)second, name, value)
	{
		size_t n = strlen(name);

		if (n > 7 && strcmp(name + n - 7, "_CLAIMS") == 0)
			return true;
	}
	return false;
}

static enum assay_code read_wrap(struct token *t, const json_t *value, struct assay_err *e)
{
	const json_t *arrays;
	const char   *name;
	json_t       *one;

	t->wrapped = true;
	if (read_head(value, &t->outer, &arrays, e) != ASSAY_OK)
		return err_wrap(e, "outer token");
	if (json_object_size(arrays) > TOKEN_ARRAYS)
		return err_set(e, ASSAY_TOKEN_PARSE, "more than %d arrays", TOKEN_ARRAYS);
	json_object_foreach((json_t *)(uintptr_t)arrays, name, one)
	{
		if (read_wrapped(t, name, one, e) != ASSAY_OK)
			return err_wrap(e, "%s", SHOW(bytes_text(name)));
	}
	return ASSAY_OK;
}

static enum assay_code read_plain(struct token *t, const json_t *value, struct assay_err *e)
{
	struct token_array *a = &t->array[0];
	const json_t       *devices;

	t->arrays = 1;
	TRY(read_head(value, &a->overall, &devices, e));
	return read_devices(a, devices, e);
}

/* A wrap whose every verifier failed has an empty object, as an array without devices has; it is known by who made it. */
static bool empty_wrap(const json_t *value)
{
	CLEANUP(jws_done) struct jws j   = { 0 };
	struct assay_err             why = { 0 };
	const json_t                *rest;
	const char                  *iss;

	if (json_object_size(json_array_get(value, 1)) != 0 ||
		read_head(value, &j, &rest, &why) != ASSAY_OK)
		return false;
	iss = json_string_value(json_object_get(j.claims, "iss"));
	return iss != NULL && strcmp(iss, "NV-Attestation-SDK") == 0;
}

enum assay_code token_parse(struct bytes text, struct token *out, struct assay_err *e)
{
	CLEANUP(token_done) struct token t = { 0 };
	const json_t                    *value;

	TRY(json_read(text, TOKEN_FILE_MAX, &t.root, e));
	value = json_is_object(t.root) ? json_object_get(t.root, DETACHED) : t.root;
	if (!json_is_array(value))
		return err_set(e, ASSAY_TOKEN_PARSE, "no detached EAT");
	if (is_wrap(json_array_get(value, 1)) || empty_wrap(value))
		TRY(read_wrap(&t, value, e));
	else
		TRY(read_plain(&t, value, e));
	*out = t;
	t    = (struct token){ 0 };
	return ASSAY_OK;
}

/* "eyJ" is how the base64url of {" begins */
bool token_looks(struct bytes text)
{
	AUTO(json_t)    *root = NULL;
	struct assay_err why  = { 0 };

	text = bytes_trim(text);
	if (bytes_begin(text, BYTES("eyJ")))
		return true;
	if (text.n == 0 || text.n > TOKEN_FILE_MAX || (text.p[0] != '[' && text.p[0] != '{') ||
		json_read(text, TOKEN_FILE_MAX, &root, &why) != ASSAY_OK)
		return false;
	return json_is_object(root)
		? json_object_get(root, DETACHED) != NULL
		: json_is_string(json_array_get(json_array_get(root, 0), 0));
}

/* Showing -------------------------------------------------------------------------------------------------------- */

/* Foreign JSON with nothing but printable ASCII in it; as deep as json_read() lets it be. */
static json_t *printable(const json_t *value)
{
	AUTO(json_t) *out = NULL;
	const char   *name;
	json_t       *v;
	size_t        i;

	if (json_is_string(value))
		return json_text(lent(value));
	if (json_is_object(value)) {
		out = json_object();
		json_object_foreach((json_t *)(uintptr_t)value, name, v)
		{
			if (!json_put(out, SHOW(bytes_text(name)), printable(v)))
				return NULL;
		}
		return TAKE(out);
	}
	if (json_is_array(value)) {
		out = json_array();
		json_array_foreach(value, i, v)
		{
			if (json_array_append_new(out, printable(v)) != 0)
				return NULL;
		}
		return TAKE(out);
	}
	return json_deep_copy(value);
}

static const char *how(const struct crypto *c, const struct jws *j)
{
	if (j->alg == JWS_NONE)
		return "none: not authenticated";
	if (j->alg == JWS_HS256)
		return jws_constant(c, j) != NULL
			? "HS256 under a constant that everybody knows: not authenticated"
			: "HS256: not authenticated";
	return "ES384: not checked here; assay token verify does";
}

static json_t *show_jws(const struct crypto *c, const struct jws *j)
{
	AUTO(json_t) *o = json_object();

	if (!json_put(o, "signature", json_string(how(c, j))) ||
		(j->kid[0] != 0 && !json_put(o, "kid", json_text(bytes_text(j->kid)))) ||
		!json_put(o, "claims", printable(j->claims)))
		return NULL;
	return TAKE(o);
}

static json_t *show_array(const struct crypto *c, const struct token_array *a)
{
	AUTO(json_t) *o = json_object(), *devices = json_object();

	for (size_t i = 0; i < a->devices; i++)
		if (!json_put(devices, a->device[i].label, show_jws(c, &a->device[i].jws)))
			return NULL;
	if (!json_put(o, a->failed ? "error" : "overall", show_jws(c, &a->overall)) ||
		(!a->failed && !json_put(o, "devices", TAKE(devices))))
		return NULL;
	return TAKE(o);
}

static json_t *show_token(const struct crypto *c, const struct token *t)
{
	AUTO(json_t) *o = NULL;

	if (!t->wrapped)
		return show_array(c, &t->array[0]);
	o = json_object();
	if (!json_put(o, "outer", show_jws(c, &t->outer)))
		return NULL;
	for (size_t i = 0; i < t->arrays; i++)
		if (!json_put(o, t->array[i].name, show_array(c, &t->array[i])))
			return NULL;
	return TAKE(o);
}

enum assay_code token_show(
	const struct crypto *c, struct bytes text, json_t **out, struct assay_err *e)
{
	CLEANUP(token_done) struct token t = { 0 };
	CLEANUP(jws_done) struct jws     j = { 0 };

	text = bytes_trim(text);
	if (text.n > 0 && text.p[0] != '[' && text.p[0] != '{') {
		TRY(jws_parse(text, &j, e));
		*out = show_jws(c, &j);
	} else {
		TRY(token_parse(text, &t, e));
		*out = show_token(c, &t);
	}
	return *out == NULL ? err_no_memory(e) : ASSAY_OK;
}
