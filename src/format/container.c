/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 1.3 and 8.1: the members that all containers have, and their limits. */
#include "format/container.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/show.h"
#include "format/spdm.h"

#define SLACK 16 /* base64_decode() asks for up to 3 bytes more than it fills */

enum assay_code container_open(struct container *c, size_t text, struct assay_err *e)
{
	if (buf_room(&c->memory, text + SLACK) == NULL)
		return err_no_memory(e);
	c->memory.n = 0;
	return ASSAY_OK;
}

void container_done(struct container *c)
{
	evidence_done(&c->got);
	buf_done(&c->memory);
}

enum assay_code container_devices(struct container *c, size_t n, struct assay_err *e)
{
	if (n > EVIDENCE_DEVICES)
		return err_set(e, ASSAY_INPUT_SIZE, "%zu devices, over the limit of %d", n,
			EVIDENCE_DEVICES);
	if (n == 0)
		return ASSAY_OK;
	c->got.device = mem_new(n, sizeof(*c->got.device));
	if (c->got.device == NULL)
		return err_no_memory(e);
	c->got.devices = n;
	return ASSAY_OK;
}

enum assay_code container_collateral(struct container *c, size_t n, struct assay_err *e)
{
	if (n > COLLATERAL_MAX)
		return err_set(e, ASSAY_INPUT_SIZE,
			"%zu pieces of collateral, over the limit of %d", n, COLLATERAL_MAX);
	if (n == 0)
		return ASSAY_OK;
	c->got.collateral = mem_new(n, sizeof(*c->got.collateral));
	if (c->got.collateral == NULL)
		return err_no_memory(e);
	c->got.collaterals = n;
	return ASSAY_OK;
}

/* Views point into the memory, so it must not grow: a reader that wants more than the text had is our defect. */
static enum assay_code check_room(const struct container *c, size_t n, struct assay_err *e)
{
	if (n > c->memory.cap - c->memory.n)
		return err_set(e, ASSAY_INTERNAL, "a container decodes to more than it has");
	return ASSAY_OK;
}

enum assay_code container_copy(
	struct container *c, struct bytes in, struct bytes *out, struct assay_err *e)
{
	size_t start = c->memory.n;

	TRY(check_room(c, in.n, e));
	buf_put(&c->memory, in.p, in.n);
	*out = (struct bytes){ c->memory.p + start, in.n };
	return ASSAY_OK;
}

static enum assay_code over(const char *name, size_t limit, struct assay_err *e)
{
	return err_set(e, ASSAY_INPUT_SIZE, "\"%s\" has more than %zu bytes", name, limit);
}

enum assay_code container_text(struct container *c, const json_t *object, const char *name,
	bool must, size_t limit, struct bytes *out, struct assay_err *e)
{
	struct bytes text;

	TRY(json_get_text(object, name, must, &text, e));
	if (text.n > limit)
		return over(name, limit, e);
	if (text.p == NULL)
		return ASSAY_OK;
	return container_copy(c, text, out, e);
}

enum assay_code container_base64(struct container *c, const json_t *object, const char *name,
	bool must, size_t limit, struct bytes *out, struct assay_err *e)
{
	struct bytes text;
	size_t       start = c->memory.n;

	TRY(json_get_text(object, name, must, &text, e));
	if (text.p == NULL)
		return ASSAY_OK;
	if (text.n > (limit + 2) / 3 * 4)
		return over(name, limit, e);
	TRY(check_room(c, text.n / 4 * 3 + 3, e));
	if (base64_decode(text, false, &c->memory, e) != ASSAY_OK)
		return err_wrap(e, "\"%s\"", name);
	if (c->memory.n - start > limit) {
		c->memory.n = start;
		return over(name, limit, e);
	}
	*out = (struct bytes){ c->memory.p + start, c->memory.n - start };
	return ASSAY_OK;
}

enum assay_code container_nonce(
	const json_t *object, bool *given, uint8_t nonce[NONCE_SIZE], struct assay_err *e)
{
	struct bytes text;

	TRY(json_get_text(object, "nonce", JSON_MAY, &text, e));
	if (text.p == NULL)
		return ASSAY_OK;
	if (hex_fixed(text, nonce, NONCE_SIZE, e) != ASSAY_OK)
		return err_wrap(e, "\"nonce\"");
	*given = true;
	return ASSAY_OK;
}

const char *const container_hint_names[6] = { "arch", "driver_version", "vbios_version", "uuid",
	"version", "nonce" };

enum assay_code container_hints(struct container *c, const json_t *object,
	struct evidence_hints *out, struct assay_err *e)
{
	struct bytes *const values[] = { &out->arch, &out->driver_version, &out->vbios_version,
		&out->uuid, &out->version };

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		TRY(container_text(c, object, container_hint_names[i], JSON_MAY, EVIDENCE_HINT,
			values[i], e));
	return container_nonce(object, &out->nonce_given, out->nonce, e);
}

static enum assay_code check_arch(struct evidence_device *d, bool known, struct assay_err *e)
{
	enum device_family family = FAMILY_NONE;

	if (d->hints.arch.p == NULL) {
		if (!known) /* no key says so in nvtrust's remote evidence */
			d->kind = spdm_guess(d->report);
		return ASSAY_OK;
	}
	TRY(device_family_read(d->hints.arch, &family, e));
	if (known && device_family_kind(family) != d->kind)
		return err_set(e, ASSAY_INPUT_ARCH, "the arch %s is no kind of %s",
			device_family_name(family), device_kind_name(d->kind));
	d->kind = device_family_kind(family);
	return ASSAY_OK;
}

static enum assay_code check_report(struct evidence_device *d, struct assay_err *e)
{
	size_t n     = d->report.n,
	       limit = d->kind == DEVICE_TDX ? EVIDENCE_QUOTE : EVIDENCE_REPORT;

	if (n == 0)
		return err_set(e, ASSAY_INPUT_SIZE, "the report is empty");
	if (n <= limit)
		return ASSAY_OK;
	d->report = (struct bytes){ 0 };
	return err_set(
		e, ASSAY_INPUT_SIZE, "a report of %zu bytes, over the limit of %zu", n, limit);
}

static enum assay_code check_chain(struct evidence_device *d, struct assay_err *e)
{
	struct bytes chain = d->chain;

	/* Some collectors write the whole of NVML's buffer. The text is not signed, its certificates are. */
	while (chain.n > 0 && chain.p[chain.n - 1] == 0)
		chain.n--;
	d->chain = (struct bytes){ 0 };
	if (chain.n > EVIDENCE_CHAIN)
		return err_set(e, ASSAY_INPUT_SIZE,
			"a chain of %zu bytes, over the limit of %d", chain.n, EVIDENCE_CHAIN);
	for (size_t i = 0; i < chain.n; i++)
		if (chain.p[i] == 0 || chain.p[i] >= 0x80)
			return err_set(e, ASSAY_INPUT_PEM,
				"byte 0x%02x at %zu of the chain is not PEM text", chain.p[i],
				i);
	d->chain = chain;
	return ASSAY_OK;
}

static enum assay_code check_hints(struct evidence_hints *h, struct assay_err *e)
{
	struct bytes *const values[] = { &h->arch, &h->driver_version, &h->vbios_version,
		&h->uuid, &h->version };

	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		if (values[i]->n > EVIDENCE_HINT) {
			*values[i] = (struct bytes){ 0 };
			return over(container_hint_names[i], EVIDENCE_HINT, e);
		}
	return ASSAY_OK;
}

/* All are asked, since each also drops what may not stay; the first fault counts. */
enum assay_code container_settle(struct evidence_device *d, bool known, struct assay_err *e)
{
	struct assay_err why[4] = { 0 };

	check_hints(&d->hints, &why[0]);
	check_arch(d, known, &why[1]);
	check_report(d, &why[2]);
	check_chain(d, &why[3]);
	for (size_t i = 0; i < ARRAY_LEN(why); i++)
		if (why[i].code != ASSAY_OK) {
			*e = why[i];
			return e->code;
		}
	return ASSAY_OK;
}
