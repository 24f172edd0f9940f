/* SPDX-License-Identifier: Apache-2.0 */
#include "forged.h"

#include "base/hex.h"
#include "base/json.h"
#include "base/utc.h"
#include "forge/node.h"
#include "forged_guest.h"
#include "test.h"

/* Faults that only one test wants: names of chips where they do not count. */
static enum assay_code add_chip(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	report_item(r, OPAQUE_DATA_VERSION)->data[0] = (uint8_t)t->value;
	report_add(r, 35, t->text, strlen(t->text) + 1);
	return ASSAY_OK;
}

/* Fields of sizes over which reference B stumbles (8.3 item 16). */
static enum assay_code resize(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	struct item *item = report_item(r, (unsigned)t->arg);

	(void)f;
	(void)e;
	memset(item->data, t->arg == OPAQUE_NVDEC0_STATUS ? 0x55 : 0, sizeof(item->data));
	item->n = (uint16_t)t->value;
	return ASSAY_OK;
}

/* What tells the mode: bits of arg take the status, the feature flag and the switches' names away; text has other values of
 * the first two. */
static enum assay_code tell_mode(
	struct forge *f, const struct fault *t, struct report_plan *r, struct assay_err *e)
{
	static const unsigned types[] = { OPAQUE_PROTECTED_PCIE_STATUS, OPAQUE_FEATURE_FLAG,
		OPAQUE_PDI };

	(void)f;
	(void)e;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct item *item = report_item(r, types[i]);
		size_t       at   = (size_t)(item - r->item);

		if (t->text != NULL && i < 2)
			item->data[0] = (uint8_t)t->text[i];
		if ((t->arg >> i & 1) == 0)
			continue;
		r->items--;
		memmove(item, item + 1, (r->items - at) * sizeof(*item));
	}
	return ASSAY_OK;
}

static void one_gpu(const struct fault *t, struct forge_spec *s)
{
	(void)t;
	s->gpus     = 1;
	s->switches = 0;
}

/* An answer of two hours ago that was produced, or whose signer began, ten minutes ago. */
static enum assay_code late(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	struct cert_plan c    = { .name = NAME("responder/%s", t->name),
		   .subject             = "CN=NVIDIA OCSP Responder|O=NVIDIA Corporation|C=US",
		   .serial              = { 0x33, 1 },
		   .serial_n            = 16,
		   .extensions          = "NDEXSI",
		   .from                = f->spec.at - 600,
		   .to                  = f->spec.at + 90 * INT64_C(86400) };
	X509            *cert = NULL;

	o->from = f->spec.at - 7200;
	if (t->arg == 0) {
		o->made = f->spec.at - 600;
		return ASSAY_OK;
	}
	o->made = o->from;
	TRY(seed_key(&f->seed, c.name, &c.key, e));
	TRY(node_keep(f, NULL, c.key, e));
	TRY(pki_ca(&f->pki, o->issuer, &c.issuer, &c.issuer_key, e));
	TRY(pki_sign(&f->seed, &c, &cert, e));
	TRY(node_keep(f, cert, NULL, e));
	o->signer = cert;
	o->key    = c.key;
	return ASSAY_OK;
}

/* An identity certificate that the same authority signed: of another kind of device, with another serial number than its
 * name says, with a name that says none. What is below it goes with it. */
static enum assay_code other_identity(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *leaf, struct assay_err *e)
{
	struct cert_plan c = { .name = "own/ik",
		.serial_n            = 1 + PDI,
		.key                 = d->ik,
		.to                  = UTC_MAX,
		.extensions          = "BkSI" };
	char             text[32];
	X509            *cert = NULL;

	c.serial[0] = t->value == 0 ? d->family->tag : (uint8_t)t->value;
	memcpy(c.serial + 1, d->pdi, PDI);
	if (t->number > 0) /* that of the first device */
		TRY(device_pdi(&f->seed, d->kind, 0, c.serial + 1, e));
	snprintf(text, sizeof(text), "%s", HEX(((struct bytes){ c.serial, c.serial_n })));
	c.serial[PDI] ^= (uint8_t)t->arg;
	c.subject = NAME("serialNumber=%s|C=US|O=NVIDIA Corporation|CN=%s A01 GSP BROM",
		t->text == NULL ? text : t->text, d->family->chip);
	TRY(pki_ca(&f->pki, d->family->ica, &c.issuer, &c.issuer_key, e));
	TRY(pki_sign(&f->seed, &c, &cert, e));
	TRY(node_keep(f, cert, NULL, e));
	X509_free(d->chain[1]);
	X509_up_ref(cert);
	((struct device *)(uintptr_t)d)->chain[1] = cert; /* which is being made */
	leaf->issuer                              = cert;
	return ASSAY_OK;
}

/* The name in the leaf's SAN. */
static enum assay_code other_vendor(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	uint8_t *at = memmem(c->more[0].der.p, c->more[0].der.n, "NVIDIA:", 7);

	(void)f;
	(void)t;
	(void)d;
	if (at == NULL)
		return err_set(e, ASSAY_INTERNAL, "no vendor in the SAN");
	at[5] = 'B';
	return ASSAY_OK;
}

/* What names the first device, in another one's leaf: its serial number, or its key. */
static enum assay_code twin(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	EVP_PKEY *key = NULL;

	(void)d;
	TRY(seed_key(&f->seed, "ak/gpu0", &key, e));
	TRY(node_keep(f, NULL, key, e));
	if (t->arg != 0) {
		c->key = key;
		return ASSAY_OK;
	}
	TRY(pki_key_id(&f->seed, key, c->serial, e));
	c->serial[0] = (uint8_t)((c->serial[0] & 0x7f) | 0x40);
	return ASSAY_OK;
}

static enum assay_code leaf_text(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)d;
	(void)e;
	c->subject = t->text;
	return ASSAY_OK;
}

static enum assay_code leaf_ends(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)t;
	(void)d;
	(void)e;
	c->to = f->spec.at + 600;
	return ASSAY_OK;
}

static const struct fault own[] = {
	{ .name = "mode-by-flag", .spec = one_gpu, .report = tell_mode, .arg = 1 | 4 },
	{ .name = "mode-by-names", .spec = one_gpu, .report = tell_mode, .arg = 1 | 2 },
	{ .name = "mode-off-both", .report = tell_mode, .text = "\x55\0" },
	{ .name = "mode-odd", .report = tell_mode, .text = "\x33\0" },
	{ .name = "flag-left-out", .report = tell_mode, .number = 1, .arg = 2 },
	{ .name = "flag-other", .report = tell_mode, .number = 1, .text = "\x55\7" },
	{ .name = "identity-tag", .leaf = other_identity, .value = 0x50 },
	{ .name = "identity-serial", .leaf = other_identity, .arg = 1 },
	{ .name = "identity-text", .leaf = other_identity, .text = "none" },
	{ .name = "twin-serial", .leaf = twin, .number = 1 },
	{ .name = "twin-key", .leaf = twin, .number = 1, .arg = 1 },
	{ .name = "twin-identity", .leaf = other_identity, .number = 1 },
	{ .name = "leaf-vendor", .leaf = other_vendor },
	{ .name       = "leaf-text",
		.leaf = leaf_text,
		.text = "serialNumber=none|C=US|O=NVIDIA Corporation|CN=GH100 A01 GSP FMC LF" },
	{ .name = "leaf-ends", .leaf = leaf_ends },
	{ .name = "late-produced", .ocsp = late, .cert = 1, .arg = 0 },
	{ .name = "late-signer", .ocsp = late, .cert = 1, .arg = 1 },
	{ .name = "nvdec-empty", .report = resize, .arg = OPAQUE_NVDEC0_STATUS, .value = 0 },
	{ .name = "feature-flag-9", .report = resize, .arg = OPAQUE_FEATURE_FLAG, .value = 9 },
	{ .name = "chip-info-0", .report = add_chip, .value = 0, .text = "GB202" },
	{ .name = "chip-info-1", .report = add_chip, .value = 1, .text = "GB202" },
	{ .name = "chip-info-empty", .report = add_chip, .value = 1, .text = "" },
	{ .name = "counts-empty", .report = resize, .arg = OPAQUE_MSRSCNT, .value = 0 },
	{ .name = "info-empty", .report = resize, .arg = OPAQUE_GPU_INFO, .value = 0 },
};

static const struct fault *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strcmp(own[i].name, name) == 0)
			return &own[i];
	return fault_named(name);
}

static void add_fault(struct forge_spec *s, const char *name)
{
	struct assay_err e = { 0 };

	if (name == NULL)
		return;
	s->fault[s->faults++] = find(name);
	if (s->fault[s->faults - 1] == NULL)
		test_must(err_set(&e, ASSAY_INTERNAL, "no fault %s", name), &e);
}

static void describe(const struct forged_ask *ask, struct forge_spec *s)
{
	struct assay_err e = { 0 };

	forge_spec_default(ask->ppcie, s);
	if (ask->seed != NULL)
		s->seed = ask->seed;
	if (ask->blackwell)
		s->arch = FORGE_BLACKWELL;
	if (ask->at != 0)
		s->at = ask->at;
	if (ask->gpus != 0)
		s->gpus = ask->gpus;
	if (ask->switches != 0)
		s->switches = ask->switches;
	if (ask->nonce != NULL) {
		s->nonce_given = true;
		test_must(hex_fixed(bytes_text(ask->nonce), s->nonce, FORGE_NONCE, &e), &e);
	}
	add_fault(s, ask->fault);
	add_fault(s, ask->also);
}

/* Kept from one to the next: authorities of one seed take most of the time. */
static struct forge *forge;

bool forged_fault(size_t i, struct forged_fault *out)
{
	const struct fault *t = fault_at(i);

	if (t == NULL)
		return false;
	*out = (struct forged_fault){
		.name    = t->name,
		.ppcie   = strcmp(t->profile, "ppcie") == 0,
		.attack  = t->attack,
		.finding = t->finding,
		.exit    = t->exit,
	};
	return true;
}

void forged_make(const struct forged_ask *ask, struct forged *out)
{
	struct forge_spec   spec;
	struct forge_bundle b    = { 0 };
	json_t             *root = NULL;
	struct assay_err    e    = { 0 };

	uint8_t nonce[FORGE_NONCE];

	*out = (struct forged){ 0 };
	describe(ask, &spec);
	if (ask->tdx) { /* the relying party's; devices are asked with another */
		memset(nonce, 0x5a, sizeof(nonce));
		if (spec.nonce_given)
			memcpy(nonce, spec.nonce, sizeof(nonce));
		spec.nonce_given = true;
		forged_gpu_nonce(ask, nonce, spec.nonce);
	}
	test_must(forge == NULL ? forge_new(&spec, &forge, &e) : forge_again(forge, &spec, &e),
		&e);
	test_must(forge_bundle(forge, !ask->no_collateral, &b, &e), &e);
	test_must(forge_bundle_json(&b, &root, &e), &e);
	if (ask->tdx)
		forged_guest(forge, ask, &b, nonce, root);
	test_must(json_write(root, &out->bundle, &e), &e);
	test_must(
		forge_anchor(forge, FORGE_ANCHOR_DEVICE, &out->anchor[FORGED_DEVICE], &e), &e);
	test_must(forge_anchor(forge, FORGE_ANCHOR_RIM, &out->anchor[FORGED_RIM], &e), &e);
	test_must(forge_anchor(forge, FORGE_ANCHOR_SGX, &out->anchor[FORGED_SGX], &e), &e);
	json_decref(root);
	forge_bundle_done(&b);
}

void forged_done(struct forged *f)
{
	buf_done(&f->bundle);
	for (size_t i = 0; i < FORGED_ANCHORS; i++)
		buf_done(&f->anchor[i]);
}
