/* SPDX-License-Identifier: Apache-2.0
 *
 * All evidence of a node and all collateral that judging it takes: each RIM and each OCSP answer once. */
#include <stdio.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/utc.h"
#include "forge/node.h"
#include "forge/ossl.h"

#define COLLATERALS 256 /* of 30 devices of two kinds; far fewer in practice */

void forge_bundle_done(struct forge_bundle *b)
{
	for (size_t i = 0; i < b->evidences; i++) {
		buf_done(&b->evidence[i].report);
		buf_done(&b->evidence[i].chain);
	}
	for (size_t i = 0; i < b->collaterals; i++) {
		buf_done(&b->collateral[i].want);
		buf_done(&b->collateral[i].request);
		buf_done(&b->collateral[i].body);
		buf_done(&b->collateral[i].from);
	}
	mem_free(b->evidence);
	mem_free(b->collateral);
	*b = (struct forge_bundle){ 0 };
}

static enum assay_code add_evidence(struct forge *f, enum forge_kind kind, unsigned number,
	struct forge_bundle *b, struct assay_err *e)
{
	struct forge_evidence *ev = &b->evidence[b->evidences++];
	const struct device   *d  = NULL;

	TRY(forge_device(f, kind, number, &d, e));
	ev->kind = kind;
	device_subject(kind, number, ev->name);
	snprintf(ev->arch, sizeof(ev->arch), "%s", d->family->arch);
	snprintf(ev->vbios, sizeof(ev->vbios), "%s", d->model->vbios);
	snprintf(ev->uuid, sizeof(ev->uuid), "%s", d->uuid);
	if (d->model->driver != NULL)
		snprintf(ev->driver, sizeof(ev->driver), "%s", d->model->driver);
	TRY(forge_report(f, kind, number, f->nonce, &ev->report, e));
	return forge_chain(f, kind, number, &ev->chain, e);
}

/* A new entry of that want; NULL when there is one, or no room. */
static struct forge_collateral *add_want(struct forge_bundle *b, const struct buf *want)
{
	struct forge_collateral *c = &b->collateral[b->collaterals];

	for (size_t i = 0; i < b->collaterals; i++)
		if (bytes_equal(buf_bytes(&b->collateral[i].want), buf_bytes(want)))
			return NULL;
	if (b->collaterals == COLLATERALS)
		return NULL;
	b->collaterals++;
	buf_put(&c->want, want->p, want->n);
	return c;
}

static enum assay_code add_ocsp(struct forge *f, const X509 *cert, const X509 *issuer,
	struct forge_bundle *b, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf want = { 0 };
	struct forge_collateral     *c;
	enum assay_code              code;

	TRY(ocsp_name(&f->seed, cert, issuer, &want, e));
	c = add_want(b, &want);
	if (c == NULL)
		return ASSAY_OK;
	buf_text(&c->from, OCSP_URL);
	TRY(ocsp_ask(&f->seed, cert, issuer, f->spec.ocsp_sha1, &c->request, e));
	code = forge_ocsp(f, buf_bytes(&c->request), f->spec.at, &c->body, e);
	if (code != ASSAY_OCSP_MISSING)
		return code;
	fault_drop(b, (size_t)(c - b->collateral));
	return ASSAY_OK;
}

static enum assay_code add_rim(
	struct forge *f, const struct rim_id *id, struct forge_bundle *b, struct assay_err *e)
{
	CLEANUP(rim_plan_done) struct rim_plan plan = { 0 };
	CLEANUP(buf_done) struct buf           want = { 0 };
	struct forge_collateral               *c;
	enum assay_code                        code;

	buf_printf(&want, "rim:%s", id->text);
	c = add_want(b, &want);
	if (c == NULL)
		return buf_ok(&want, e);
	buf_printf(&c->from, "%s%s", RIM_SERVICE, id->text);
	TRY(node_rim(f, id, &plan, e));
	code = node_rim_write(f, &plan, &c->body, e);
	if (code == ASSAY_RIM_MISSING)
		fault_drop(
			b, (size_t)(c - b->collateral)); /* what is said of its chain stays */
	else if (code != ASSAY_OK)
		return code;
	/* all but the root (4.1); a fault may have cut the chain */
	for (size_t i = 0; i + 1 < RIM_CERTS && plan.cert[i + 1] != NULL; i++)
		TRY(add_ocsp(f, plan.cert[i], plan.cert[i + 1], b, e));
	return ASSAY_OK;
}

static enum assay_code add_collateral(
	struct forge *f, const struct device *d, struct forge_bundle *b, struct assay_err *e)
{
	static const enum rim_kind gpu[]      = { RIM_DRIVER, RIM_VBIOS };
	static const enum rim_kind nvswitch[] = { RIM_BIOS };
	bool                       is_gpu     = d->kind == FORGE_GPU;

	for (size_t i = 1; i + 1 < CHAIN; i++) /* neither leaf nor root (4.1) */
		TRY(add_ocsp(f, d->chain[i], d->chain[i + 1], b, e));
	for (size_t i = 0; i < (is_gpu ? ARRAY_LEN(gpu) : ARRAY_LEN(nvswitch)); i++) {
		struct rim_id id;

		rim_of(d, is_gpu ? gpu[i] : nvswitch[i], &id);
		TRY(add_rim(f, &id, b, e));
	}
	return ASSAY_OK;
}

static enum assay_code fill(
	struct forge *f, bool collateral, struct forge_bundle *b, struct assay_err *e)
{
	const unsigned count[] = {
		[FORGE_GPU] = f->spec.gpus, [FORGE_SWITCH] = f->spec.switches
	};

	memcpy(b->nonce, f->nonce, FORGE_NONCE);
	b->made = f->spec.at;
	for (enum forge_kind k = FORGE_GPU; k <= FORGE_SWITCH; k++)
		for (unsigned i = 0; i < count[k]; i++)
			TRY(add_evidence(f, k, i, b, e));
	for (enum forge_kind k = FORGE_GPU; k <= FORGE_SWITCH && collateral; k++)
		for (unsigned i = 0; i < count[k]; i++)
			TRY(add_collateral(f, &f->device[k][i], b, e));
	for (size_t i = 0; i < f->spec.faults; i++)
		if (f->spec.fault[i]->bundle != NULL)
			TRY(f->spec.fault[i]->bundle(f, f->spec.fault[i], b, e));
	return ASSAY_OK;
}

enum assay_code forge_bundle(
	struct forge *f, bool collateral, struct forge_bundle *out, struct assay_err *e)
{
	CLEANUP(forge_bundle_done) struct forge_bundle b = { 0 };

	b.evidence   = mem_new(2 * FORGE_DEVICES, sizeof(*b.evidence));
	b.collateral = mem_new(COLLATERALS, sizeof(*b.collateral));
	if (b.evidence == NULL || b.collateral == NULL)
		return err_no_memory(e);
	TRY(fill(f, collateral, &b, e));
	*out = b;
	b    = (struct forge_bundle){ 0 };
	return ASSAY_OK;
}

/* Takes value, also when it fails; NULL values fail. */
static int put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value);
}

static json_t *evidence_row(const struct forge_evidence *ev)
{
	json_t *hints = json_object();
	json_t *row   = json_object();
	int     bad   = 0;

	bad |= put(hints, "arch", json_string(ev->arch));
	if (ev->driver[0] != '\0')
		bad |= put(hints, "driver_version", json_string(ev->driver));
	if (ev->vbios[0] != 0)
		bad |= put(hints, "vbios_version", json_string(ev->vbios));
	bad |= put(hints, "uuid", json_string(ev->uuid));
	bad |= put(row, "kind", json_string(ev->kind == FORGE_GPU ? "gpu" : "nvswitch"));
	bad |= put(row, "report", json_base64(buf_bytes(&ev->report)));
	bad |= put(row, "chain", json_stringn((const char *)ev->chain.p, ev->chain.n));
	bad |= put(row, "hints", hints);
	if (bad == 0)
		return row;
	json_decref(row);
	return NULL;
}

static json_t *collateral_row(const struct forge_collateral *c, int64_t made)
{
	json_t *row = json_object();
	int     bad = 0;

	bad |= put(row, "want", json_text(buf_bytes(&c->want)));
	if (c->request.n > 0)
		bad |= put(row, "request", json_base64(buf_bytes(&c->request)));
	bad |= put(row, "body", json_base64(buf_bytes(&c->body)));
	bad |= put(row, "from", json_text(buf_bytes(&c->from)));
	bad |= put(row, "fetched", json_utc(made));
	if (bad == 0)
		return row;
	json_decref(row);
	return NULL;
}

enum assay_code forge_bundle_json(
	const struct forge_bundle *b, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *root       = json_object();
	json_t       *evidence   = json_array();
	AUTO(json_t) *collateral = json_array();
	int           bad        = 0;

	bad |= put(root, "schema",
		json_string(b->collaterals > 0 ? "assay.bundle/1" : "assay.evidence/1"));
	bad |= put(root, "made", json_utc(b->made));
	bad |= put(root, "nonce", json_hex(BYTES_OF(b->nonce)));
	for (size_t i = 0; i < b->evidences; i++)
		bad |= json_array_append_new(evidence, evidence_row(&b->evidence[i]));
	for (size_t i = 0; i < b->collaterals; i++)
		bad |= json_array_append_new(
			collateral, collateral_row(&b->collateral[i], b->made));
	bad |= put(root, "evidence", evidence);
	if (b->collaterals > 0)
		bad |= put(root, "collateral", json_incref(collateral));
	if (bad != 0)
		return err_no_memory(e);
	*out = TAKE(root);
	return ASSAY_OK;
}

/* nvidia-evidence 1.3, with the keys of the second version met there. */
static json_t *nvidia_row(const struct forge_bundle *b, const struct forge_evidence *ev)
{
	json_t *row = json_object();
	int     bad = 0;

	bad |= put(row, "version", json_string("1.0"));
	bad |= put(row, "arch", json_string(ev->arch));
	bad |= put(row, "nonce", json_hex(BYTES_OF(b->nonce)));
	if (ev->kind == FORGE_GPU) {
		bad |= put(row, "driver_version", json_string(ev->driver));
		bad |= put(row, "vbios_version", json_string(ev->vbios));
	}
	bad |= put(row, "evidence", json_base64(buf_bytes(&ev->report)));
	bad |= put(row, "certificate", json_base64(buf_bytes(&ev->chain)));
	if (bad == 0)
		return row;
	json_decref(row);
	return NULL;
}

enum assay_code forge_evidence_json(const struct forge_bundle *b, bool gpus, bool switches,
	json_t **out, struct assay_err *e)
{
	AUTO(json_t) *root = json_array();

	for (size_t i = 0; i < b->evidences; i++) {
		const struct forge_evidence *ev = &b->evidence[i];

		if (!(ev->kind == FORGE_GPU ? gpus : switches))
			continue;
		if (json_array_append_new(root, nvidia_row(b, ev)) != 0)
			return err_no_memory(e);
	}
	*out = TAKE(root);
	return ASSAY_OK;
}
