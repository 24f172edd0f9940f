/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/node.h"

#include "base/pem.h"
#include "forge/ossl.h"

void forge_spec_default(bool ppcie, struct forge_spec *out)
{
	*out = (struct forge_spec){
		.seed     = "assay",
		.arch     = FORGE_HOPPER,
		.ppcie    = ppcie,
		.gpus     = ppcie ? WIRED_GPUS : 1,
		.switches = ppcie ? WIRED_SWITCHES : 0,
		.at       = FORGE_AT,
	};
}

static enum assay_code check_spec(const struct forge_spec *s, struct assay_err *e)
{
	if (s->arch != FORGE_HOPPER && s->arch != FORGE_BLACKWELL)
		return err_set(e, ASSAY_INPUT_OPTION, "a GPU is hopper or blackwell");
	if (s->ppcie && s->arch != FORGE_HOPPER)
		return err_set(e, ASSAY_INPUT_OPTION, "protected PCIe is Hopper's");
	if (s->gpus >= FORGE_DEVICES || s->switches >= FORGE_DEVICES)
		return err_set(e, ASSAY_INPUT_OPTION, "at most %d devices of a kind",
			FORGE_DEVICES - 1);
	if (s->at < FORGE_AT - INT64_C(3) * 366 * 86400 ||
		s->at > FORGE_AT + INT64_C(20) * 366 * 86400)
		return err_set(e, ASSAY_INPUT_OPTION,
			"the time must be between 2023-06 and 2046, as the roots are");
	return ASSAY_OK;
}

static enum assay_code wire(struct forge *f, struct assay_err *e)
{
	f->wiring.ppcie = f->spec.ppcie;
	for (unsigned i = 0; i < WIRED_GPUS; i++)
		TRY(device_pdi(&f->seed, FORGE_GPU, i, f->wiring.gpu[i], e));
	for (unsigned i = 0; i < WIRED_SWITCHES; i++)
		TRY(device_pdi(&f->seed, FORGE_SWITCH, i, f->wiring.nvswitch[i], e));
	return ASSAY_OK;
}

/* Devices, and what faults made: all that hangs on more than seed and time. */
static void forget(struct forge *f)
{
	for (size_t i = 0; i < FORGE_DEVICES; i++) {
		device_done(&f->device[FORGE_GPU][i]);
		device_done(&f->device[FORGE_SWITCH][i]);
	}
	device_done(&f->impostor);
	for (size_t i = 0; i < f->spares; i++) {
		X509_free(f->spare[i]);
		EVP_PKEY_free(f->spare_key[i]);
	}
	f->spares = 0;
	pki_issued(&f->pki, NULL);
}

static enum assay_code open_authorities(
	struct forge *f, const struct forge_spec *spec, struct assay_err *e)
{
	const int64_t day = spec->at -
		spec->at % 86400; /* same seed and day, same authorities */

	if (bytes_equal(buf_bytes(&f->seed.text), bytes_text(spec->seed)) && f->pki.at == day)
		return ASSAY_OK;
	pki_done(&f->pki);
	pki_done(&f->evil);
	seed_done(&f->seed);
	TRY(seed_open(bytes_text(spec->seed), &f->seed, e));
	f->pki  = (struct pki){ .seed = &f->seed, .label = "", .at = day };
	f->evil = (struct pki){ .seed = &f->seed, .label = "attacker/", .at = day };
	return ASSAY_OK;
}

enum assay_code forge_again(struct forge *f, const struct forge_spec *spec, struct assay_err *e)
{
	forget(f);
	f->spec = *spec;
	for (size_t i = 0; i < f->spec.faults; i++)
		if (f->spec.fault[i]->spec != NULL)
			f->spec.fault[i]->spec(f->spec.fault[i], &f->spec);
	TRY(check_spec(&f->spec, e));
	TRY(open_authorities(f, &f->spec, e));
	f->spec.seed = NULL; /* was lent */
	memcpy(f->nonce, spec->nonce, FORGE_NONCE);
	if (!spec->nonce_given)
		TRY(seed_bytes(&f->seed, "nonce", f->nonce, FORGE_NONCE, e));
	return wire(f, e);
}

enum assay_code forge_new(
	const struct forge_spec *spec, struct forge **out, struct assay_err *e)
{
	struct forge   *f = mem_new(1, sizeof(*f));
	enum assay_code code;

	if (f == NULL)
		return err_no_memory(e);
	code = forge_again(f, spec, e);
	if (code != ASSAY_OK) {
		forge_free(f);
		return code;
	}
	*out = f;
	return ASSAY_OK;
}

void forge_free(struct forge *f)
{
	if (f == NULL)
		return;
	forget(f);
	pki_done(&f->pki);
	pki_done(&f->evil);
	seed_done(&f->seed);
	mem_free(f);
}

unsigned forge_count(const struct forge *f, enum forge_kind kind)
{
	return kind == FORGE_GPU ? f->spec.gpus : f->spec.switches;
}

enum assay_code node_keep(struct forge *f, X509 *cert, EVP_PKEY *key, struct assay_err *e)
{
	if (f->spares == NODE_SPARE) {
		X509_free(cert);
		EVP_PKEY_free(key);
		return err_set(e, ASSAY_INTERNAL, "no place for what a fault made");
	}
	f->spare[f->spares]       = cert;
	f->spare_key[f->spares++] = key;
	return ASSAY_OK;
}

enum assay_code forge_anchor_der(
	struct forge *f, enum forge_anchor which, struct buf *der, struct assay_err *e)
{
	static const enum ca roots[] = { CA_DEVICE_ROOT, CA_RIM_ROOT, CA_SGX_ROOT };
	X509                *cert    = NULL;
	EVP_PKEY            *key     = NULL;

	TRY(pki_ca(&f->pki, roots[which], &cert, &key, e));
	return pki_der(cert, der, e);
}

enum assay_code forge_anchor(
	struct forge *f, enum forge_anchor which, struct buf *pem, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der = { 0 };

	TRY(forge_anchor_der(f, which, &der, e));
	pem_write(buf_bytes(&der), pem);
	return buf_ok(pem, e);
}

/* Is this the device that the fault is for? */
static bool strikes(const struct fault *t, enum forge_kind kind, unsigned number)
{
	return t->kind == kind && t->number == number;
}

struct strike {
	struct forge       *f;
	const struct fault *t;
};

static enum assay_code strike_leaf(
	const void *with, const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	const struct strike *s = with;

	return s->t->leaf(s->f, s->t, d, c, e);
}

enum assay_code forge_device(struct forge *f, enum forge_kind kind, unsigned number,
	const struct device **out, struct assay_err *e)
{
	struct device     *d      = number < FORGE_DEVICES ? &f->device[kind][number] : NULL;
	struct strike      strike = { .f = f };
	struct leaf_change change = { .with = &strike };
	struct model      *m      = NULL;

	if (d == NULL)
		return err_set(e, ASSAY_INTERNAL, "no device %u", number);
	if (d->family == NULL) {
		m  = &f->model[kind][number];
		*m = *model_of(kind, f->spec.arch, f->spec.ppcie);
		for (size_t i = 0; i < f->spec.faults; i++) {
			const struct fault *t = f->spec.fault[i];

			if (!strikes(t, kind, number))
				continue;
			if (t->model != NULL)
				t->model(t, m);
			if (t->leaf != NULL) {
				strike.t      = t;
				change.change = strike_leaf;
			}
		}
		TRY(device_make(&f->pki, kind, number, m, &change, d, e));
	}
	*out = d;
	return ASSAY_OK;
}

enum assay_code node_stranger(
	struct forge *f, enum forge_kind kind, const struct device **out, struct assay_err *e)
{
	return forge_device(f, kind, FORGE_DEVICES - 1, out, e);
}

/* The device itself, unless a fault puts another one in its place. */
static enum assay_code who_answers(struct forge *f, enum forge_kind kind, unsigned number,
	const uint8_t nonce[FORGE_NONCE], struct fault_answer *out, struct assay_err *e)
{
	const struct device *d = NULL;

	TRY(forge_device(f, kind, number, &d, e));
	*out = (struct fault_answer){ .report_of = d, .chain_of = d };
	memcpy(out->nonce, nonce, FORGE_NONCE);
	for (size_t i = 0; i < f->spec.faults; i++)
		if (strikes(f->spec.fault[i], kind, number) && f->spec.fault[i]->answer != NULL)
			TRY(f->spec.fault[i]->answer(f, f->spec.fault[i], out, e));
	return ASSAY_OK;
}

enum assay_code forge_report(struct forge *f, enum forge_kind kind, unsigned number,
	const uint8_t nonce[FORGE_NONCE], struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct fault_answer          who;
	struct report_plan           plan;

	TRY(who_answers(f, kind, number, nonce, &who, e));
	TRY(report_plan(&f->seed, who.report_of, &f->wiring, who.nonce, &plan, e));
	for (size_t i = 0; i < f->spec.faults; i++)
		if (strikes(f->spec.fault[i], kind, number) && f->spec.fault[i]->report != NULL)
			TRY(f->spec.fault[i]->report(f, f->spec.fault[i], &plan, e));
	TRY(report_write(&plan, &text, e));
	for (size_t i = 0; i < f->spec.faults; i++)
		if (strikes(f->spec.fault[i], kind, number) &&
			f->spec.fault[i]->message != NULL)
			f->spec.fault[i]->message(f->spec.fault[i], &text);
	TRY(report_seal(&f->seed, who.report_of, &text, e));
	for (size_t i = 0; i < f->spec.faults; i++)
		if (strikes(f->spec.fault[i], kind, number) && f->spec.fault[i]->sealed != NULL)
			f->spec.fault[i]->sealed(f->spec.fault[i], &text);
	buf_put(out, text.p, text.n);
	return buf_ok(out, e);
}

static enum assay_code write_chain(
	const struct fault_certs *c, struct buf *pem, struct assay_err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		CLEANUP(buf_done) struct buf der = { 0 };

		TRY(pki_der(c->cert[i], &der, e));
		pem_write(buf_bytes(&der), pem);
	}
	return buf_ok(pem, e);
}

static void chain_done(struct fault_certs *c)
{
	for (size_t i = 0; i < ARRAY_LEN(c->cert); i++)
		X509_free(c->cert[i]);
}

enum assay_code forge_chain(struct forge *f, enum forge_kind kind, unsigned number,
	struct buf *pem, struct assay_err *e)
{
	CLEANUP(chain_done) struct fault_certs c = { .n = CHAIN };
	struct fault_answer                    who;

	TRY(who_answers(f, kind, number, f->nonce, &who, e));
	for (size_t i = 0; i < CHAIN; i++) {
		X509_up_ref(who.chain_of->chain[i]);
		c.cert[i] = who.chain_of->chain[i];
	}
	for (size_t i = 0; i < f->spec.faults; i++)
		if (strikes(f->spec.fault[i], kind, number) && f->spec.fault[i]->chain != NULL)
			TRY(f->spec.fault[i]->chain(f, f->spec.fault[i], &c, e));
	TRY(write_chain(&c, pem, e));
	for (size_t i = 0; i < f->spec.faults; i++)
		if (strikes(f->spec.fault[i], kind, number) && f->spec.fault[i]->pem != NULL)
			f->spec.fault[i]->pem(f->spec.fault[i], pem);
	return buf_ok(pem, e);
}

/* A fault's RIM is that of its kind for its device. */
static enum assay_code strikes_rim(struct forge *f, const struct fault *t,
	const struct rim_id *id, bool *out, struct assay_err *e)
{
	const struct device *d = NULL;
	struct rim_id        mine;

	*out = false;
	if ((t->rim == NULL && t->xml == NULL && t->absent != FAULT_RIM_ABSENT) ||
		t->rim_kind != id->kind)
		return ASSAY_OK;
	TRY(forge_device(f, t->kind, t->number, &d, e));
	rim_of(d, t->rim_kind, &mine);
	*out = strcmp(mine.text, id->text) == 0;
	return ASSAY_OK;
}

enum assay_code node_rim(
	struct forge *f, const struct rim_id *id, struct rim_plan *out, struct assay_err *e)
{
	TRY(rim_plan(&f->pki, id, out, e));
	for (size_t i = 0; i < f->spec.faults; i++) {
		const struct fault *t = f->spec.fault[i];
		bool                hit;

		TRY(strikes_rim(f, t, id, &hit, e));
		if (hit && t->rim != NULL)
			TRY(t->rim(f, t, out, e));
	}
	return ASSAY_OK;
}

enum assay_code node_rim_write(
	struct forge *f, const struct rim_plan *r, struct buf *xml, struct assay_err *e)
{
	TRY(rim_write(&f->seed, r, xml, e));
	for (size_t i = 0; i < f->spec.faults; i++) {
		const struct fault *t = f->spec.fault[i];
		bool                hit;

		TRY(strikes_rim(f, t, r->id, &hit, e));
		if (hit && t->absent == FAULT_RIM_ABSENT)
			return err_set(e, ASSAY_RIM_MISSING, "kept back");
		if (hit && t->xml != NULL)
			t->xml(t, xml);
	}
	return ASSAY_OK;
}

enum assay_code forge_rim(struct forge *f, const char *id, struct buf *xml, struct assay_err *e)
{
	CLEANUP(rim_plan_done) struct rim_plan plan = { 0 };
	struct rim_id                          parsed;

	if (!rim_id_parse(id, &parsed))
		return err_set(e, ASSAY_RIM_MISSING, "no such RIM");
	TRY(node_rim(f, &parsed, &plan, e));
	return node_rim_write(f, &plan, xml, e);
}

/* The certificate whose answer a fault changes, by the serial number that is asked for. */
static enum assay_code strikes_ocsp(struct forge *f, const struct fault *t,
	const struct ocsp_plan *o, bool *out, struct assay_err *e)
{
	const struct device *d      = NULL;
	X509                *cert   = NULL;
	EVP_PKEY            *key    = NULL;
	ASN1_INTEGER        *serial = NULL;
	enum ca              ca;

	*out = false;
	if ((t->ocsp == NULL && t->absent != FAULT_OCSP_ABSENT) || o->id == NULL)
		return ASSAY_OK;
	TRY(forge_device(f, t->kind, t->number, &d, e));
	if (t->rim_chain) {
		ca = d->family->signer;
		for (unsigned i = 0; i < t->cert; i++)
			ca = pki_issuer(ca);
		TRY(pki_ca(&f->pki, ca, &cert, &key, e));
	} else {
		cert = d->chain[t->cert];
	}
	OCSP_id_get0_info(NULL, NULL, NULL, &serial, o->id);
	*out = ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) == 0;
	return ASSAY_OK;
}

enum assay_code forge_ocsp(struct forge *f, struct bytes request, int64_t now, struct buf *out,
	struct assay_err *e)
{
	CLEANUP(ocsp_plan_done) struct ocsp_plan plan   = { 0 };
	const unsigned char                     *p      = request.p;
	AUTO(OCSP_REQUEST)                      *parsed = NULL;

	parsed = d2i_OCSP_REQUEST(NULL, &p, (long)request.n);
	if (parsed == NULL || p != request.p + request.n)
		return err_set(e, ASSAY_INPUT_DER, "not one OCSP request");
	TRY(ocsp_plan(&f->pki, parsed, now, &plan, e));
	for (size_t i = 0; i < f->spec.faults; i++) {
		bool hit;

		TRY(strikes_ocsp(f, f->spec.fault[i], &plan, &hit, e));
		if (hit && f->spec.fault[i]->absent == FAULT_OCSP_ABSENT)
			return err_set(e, ASSAY_OCSP_MISSING, "kept back");
		if (hit)
			TRY(f->spec.fault[i]->ocsp(f, f->spec.fault[i], &plan, e));
	}
	return ocsp_write(&f->seed, &plan, out, e);
}
