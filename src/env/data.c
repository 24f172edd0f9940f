/* SPDX-License-Identifier: Apache-2.0 */
#include "env/data.h"

#include "base/hex.h"
#include "base/show.h"
#include "env/line.h"

static const char *const schemas[DATA_KINDS] = {
	[DATA_MATRIX]    = "assay.matrix/1",
	[DATA_PCI]       = "assay.pci/1",
	[DATA_INSTANCES] = "assay.instances/1",
	[DATA_SYMPTOMS]  = "assay.symptoms/1",
};

static enum assay_code get_number(
	const json_t *o, const char *name, uint64_t limit, uint64_t *out, struct assay_err *e)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_integer(v) || json_integer_value(v) < 0 ||
		(uint64_t)json_integer_value(v) > limit)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" is no number up to %llu", name,
			(unsigned long long)limit);
	*out = (uint64_t)json_integer_value(v);
	return ASSAY_OK;
}

static enum assay_code get_flag(
	const json_t *o, const char *name, bool *out, struct assay_err *e)
{
	const json_t *v = json_object_get(o, name);

	if (!json_is_boolean(v))
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" is neither true nor false", name);
	*out = json_is_true(v);
	return ASSAY_OK;
}

static enum assay_code only(
	const json_t *o, const char *const *names, size_t n, struct assay_err *e)
{
	if (!json_is_object(o))
		return err_set(e, ASSAY_JSON_FIELD, "an element of a list is no object");
	return json_only(o, names, n, e);
}

#define ONLY(o, e, ...)                                 \
	only((o), (const char *const[]){ __VA_ARGS__ }, \
		sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *), (e))

/* A list's elements, each by take into a row of an array. */
static enum assay_code rows(const json_t *o, const char *name, size_t size,
	enum assay_code (*take)(const json_t *o, void *row, struct assay_err *e), void **array,
	size_t *n, struct assay_err *e)
{
	json_t  *list = NULL;
	size_t   count;
	uint8_t *made;

	TRY(json_get_array(o, name, JSON_MUST, &list, e));
	count = json_array_size(list);
	if (count > DATA_ROWS)
		return err_set(e, ASSAY_JSON_FIELD, "\"%s\" has more than %d elements", name,
			DATA_ROWS);
	made = mem_new(count + 1, size);
	if (made == NULL)
		return err_no_memory(e);
	for (size_t i = 0; i < count; i++)
		if (take(json_array_get(list, i), made + i * size, e) != ASSAY_OK) {
			mem_free(made);
			return err_wrap(e, "\"%s\", element %zu", name, i);
		}
	*array = made;
	*n     = count;
	return ASSAY_OK;
}

static enum assay_code take_branch(const json_t *o, void *row, struct assay_err *e)
{
	struct data_branch *b = row;

	TRY(ONLY(o, e, "branch", "why"));
	TRY(json_get_text(o, "branch", JSON_MUST, &b->branch, e));
	return json_get_text(o, "why", JSON_MUST, &b->why, e);
}

static enum assay_code take_profile(
	const json_t *o, const char *name, struct data_profile *out, struct assay_err *e)
{
	json_t *p = NULL;

	TRY(json_get_object(o, name, JSON_MUST, &p, e));
	TRY(ONLY(p, e, "driver", "toolkit", "start_seconds"));
	TRY(json_get_text(p, "driver", JSON_MUST, &out->driver, e));
	TRY(json_get_text(p, "toolkit", JSON_MUST, &out->toolkit, e));
	return get_number(p, "start_seconds", 86400, &out->start_seconds, e);
}

static enum assay_code take_matrix(const json_t *o, struct data *d, struct assay_err *e)
{
	TRY(ONLY(o, e, "schema", "single", "ppcie", "kernel", "vbios", "cublas", "unsuitable"));
	TRY(take_profile(o, "single", &d->single, e));
	TRY(take_profile(o, "ppcie", &d->ppcie, e));
	TRY(json_get_text(o, "kernel", JSON_MUST, &d->kernel, e));
	TRY(json_get_text(o, "vbios", JSON_MUST, &d->vbios, e));
	TRY(json_get_text(o, "cublas", JSON_MUST, &d->cublas, e));
	return rows(o, "unsuitable", sizeof(*d->branch), take_branch, (void **)&d->branch,
		&d->branches, e);
}

static enum assay_code take_device(const json_t *o, void *row, struct assay_err *e)
{
	struct data_device *d    = row;
	struct bytes        text = { 0 };
	uint8_t             id[2];

	TRY(ONLY(o, e, "device", "kind", "name", "confidential"));
	TRY(json_get_text(o, "device", JSON_MUST, &text, e));
	if (text.n != 6 || !bytes_begin(text, BYTES("0x")) ||
		hex_fixed(bytes_behind(text, 2), id, sizeof(id), e) != ASSAY_OK)
		return err_set(e, ASSAY_JSON_FIELD, "\"device\" is not 0x and four digits");
	d->device = (uint16_t)(id[0] << 8 | id[1]);
	TRY(json_get_text(o, "kind", JSON_MUST, &text, e));
	d->nvswitch = bytes_equal(text, BYTES("nvswitch"));
	if (!d->nvswitch && !bytes_equal(text, BYTES("gpu")))
		return err_set(e, ASSAY_JSON_FIELD, "\"kind\" is neither gpu nor nvswitch");
	TRY(json_get_text(o, "name", JSON_MUST, &d->name, e));
	return get_flag(o, "confidential", &d->confidential, e);
}

static enum assay_code take_pci(const json_t *o, struct data *d, struct assay_err *e)
{
	TRY(ONLY(o, e, "schema", "devices"));
	return rows(o, "devices", sizeof(*d->device), take_device, (void **)&d->device,
		&d->devices, e);
}

static enum assay_code take_instance(const json_t *o, void *row, struct assay_err *e)
{
	struct data_instance *i = row;

	TRY(ONLY(o, e, "type", "gpus", "switches"));
	TRY(json_get_text(o, "type", JSON_MUST, &i->type, e));
	TRY(get_number(o, "gpus", 64, &i->gpus, e));
	return get_number(o, "switches", 64, &i->switches, e);
}

static enum assay_code take_instances(const json_t *o, struct data *d, struct assay_err *e)
{
	TRY(ONLY(o, e, "schema", "instances"));
	return rows(o, "instances", sizeof(*d->instance), take_instance, (void **)&d->instance,
		&d->instances, e);
}

/* A list of 1 to most texts, none empty. */
static enum assay_code texts(const json_t *o, const char *name, size_t most, struct bytes *out,
	size_t *n, struct assay_err *e)
{
	json_t *list = NULL;

	TRY(json_get_array(o, name, JSON_MUST, &list, e));
	if (json_array_size(list) == 0 || json_array_size(list) > most)
		return err_set(
			e, ASSAY_JSON_FIELD, "\"%s\" has not 1 to %zu elements", name, most);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *t = json_array_get(list, i);

		if (!json_is_string(t) || json_string_length(t) == 0)
			return err_set(
				e, ASSAY_JSON_FIELD, "\"%s\", element %zu: no text", name, i);
		out[i] = (struct bytes){ (const uint8_t *)json_string_value(t),
			json_string_length(t) };
	}
	*n = json_array_size(list);
	return ASSAY_OK;
}

static enum assay_code take_symptom(const json_t *o, void *row, struct assay_err *e)
{
	struct data_symptom *s = row;

	TRY(ONLY(o, e, "seen", "items", "advice"));
	TRY(texts(o, "seen", DATA_NEEDLES, s->seen, &s->needles, e));
	TRY(texts(o, "items", DATA_ITEMS, s->item, &s->items, e));
	return json_get_text(o, "advice", JSON_MUST, &s->advice, e);
}

static enum assay_code take_symptoms(const json_t *o, struct data *d, struct assay_err *e)
{
	TRY(ONLY(o, e, "schema", "symptoms"));
	return rows(o, "symptoms", sizeof(*d->symptom), take_symptom, (void **)&d->symptom,
		&d->symptoms, e);
}

static enum assay_code (*const takers[DATA_KINDS])(
	const json_t *o, struct data *d, struct assay_err *e) = {
	[DATA_MATRIX]    = take_matrix,
	[DATA_PCI]       = take_pci,
	[DATA_INSTANCES] = take_instances,
	[DATA_SYMPTOMS]  = take_symptoms,
};

enum assay_code data_take(struct data *d, struct bytes text, struct assay_err *e)
{
	AUTO(json_t) *o      = NULL;
	struct bytes  schema = { 0 };

	TRY(json_read(text, DATA_FILE, &o, e));
	if (!json_is_object(o))
		return err_set(e, ASSAY_JSON_FIELD, "no object");
	TRY(json_get_text(o, "schema", JSON_MUST, &schema, e));
	for (size_t k = 0; k < DATA_KINDS; k++) {
		if (!bytes_equal(schema, bytes_text(schemas[k])))
			continue;
		if (d->json[k] != NULL)
			return err_set(e, ASSAY_JSON_SCHEMA, "%s comes twice", schemas[k]);
		TRY(takers[k](o, d, e));
		d->json[k] = TAKE(o);
		return ASSAY_OK;
	}
	return err_set(e, ASSAY_JSON_SCHEMA, "the schema %s is not known", SHOW(schema));
}

void data_done(struct data *d)
{
	mem_free(d->branch);
	mem_free(d->device);
	mem_free(d->instance);
	mem_free(d->symptom);
	for (size_t k = 0; k < DATA_KINDS; k++)
		json_decref(d->json[k]);
	*d = (struct data){ 0 };
}

const struct data_device *data_device_find(const struct data *d, uint16_t device)
{
	for (size_t i = 0; i < d->devices; i++)
		if (d->device[i].device == device)
			return &d->device[i];
	return NULL;
}

const struct data_instance *data_instance_find(const struct data *d, struct bytes type)
{
	for (size_t i = 0; i < d->instances; i++)
		if (bytes_equal(d->instance[i].type, type))
			return &d->instance[i];
	return NULL;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
}

static bool has(struct bytes line, struct bytes what)
{
	for (size_t i = 0; i + what.n <= line.n; i++) {
		size_t k = 0;

		while (k < what.n && lower(line.p[i + k]) == lower(what.p[k]))
			k++;
		if (k == what.n)
			return true;
	}
	return false;
}

const struct data_symptom *data_symptom_find(
	const struct data *d, struct bytes line, size_t *at)
{
	for (; *at < d->symptoms; (*at)++) {
		const struct data_symptom *s = &d->symptom[*at];
		size_t                     k = 0;

		while (k < s->needles && has(line, s->seen[k]))
			k++;
		if (k == s->needles) {
			(*at)++;
			return s;
		}
	}
	return NULL;
}
