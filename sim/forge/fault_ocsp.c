/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of OCSP answers (nvidia-evidence 4, 9.7): of one certificate of a device's chain or of its RIMs' chain. */
#include "forge/node.h"

#define HOUR INT64_C(3600)
#define DAY  (24 * HOUR)

/* The answer for another certificate of the same issuer, which is good. */
static enum assay_code other_serial(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	ASN1_INTEGER *serial = NULL;
	int64_t       other;

	(void)f;
	(void)t;
	OCSP_id_get0_info(NULL, NULL, NULL, &serial, o->id);
	other = ASN1_STRING_get0_data(serial)[0] + INT64_C(4711);
	if (ASN1_INTEGER_set_int64(serial, other) != 1)
		return err_no_memory(e);
	return ASSAY_OK;
}

static enum assay_code other_nonce(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	o->nonce = (struct bytes){ 0 };
	if (t->arg == 0)
		return ASSAY_OK; /* none at all */
	TRY(seed_bytes(&f->seed, "nonce/ocsp/other", o->own_nonce, sizeof(o->own_nonce), e));
	o->nonce = BYTES_OF(o->own_nonce);
	return ASSAY_OK;
}

/* thisUpdate arg hours from the forge's time, nextUpdate arg + value; none when value is 0. */
static enum assay_code dates(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	(void)e;
	o->from = f->spec.at + t->arg * HOUR - HOUR / 6;
	o->made = o->from;
	o->to   = t->value == 0 ? 0 : o->from + t->value * HOUR;
	return ASSAY_OK;
}

static enum assay_code status(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	(void)f;
	(void)e;
	o->status = t->arg;
	o->reason = t->text == NULL ? OCSP_REVOKED_STATUS_KEYCOMPROMISE
				    : OCSP_REVOKED_STATUS_CERTIFICATEHOLD;
	return ASSAY_OK;
}

static enum assay_code no_status(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	(void)f;
	(void)e;
	o->response = t->arg;
	return ASSAY_OK;
}

static enum assay_code spoil(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	(void)f;
	(void)e;
	o->spoil   = t->arg == 0;
	o->garbage = t->arg != 0;
	return ASSAY_OK;
}

/* A responder that the issuer did certify, but for other purposes or other days. */
static enum assay_code own_signer(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	struct cert_plan c = {
		.name       = NAME("responder/%s", t->name),
		.subject    = "CN=NVIDIA OCSP Responder|O=NVIDIA Corporation|C=US",
		.serial_n   = 16,
		.extensions = t->text,
		.from       = f->spec.at - 90 * DAY,
		.to         = f->spec.at + t->arg * DAY,
	};
	X509 *cert = NULL;

	TRY(seed_bytes(&f->seed, NAME("serial/%s", c.name), c.serial, c.serial_n, e));
	c.serial[0] = 0x33;
	TRY(seed_key(&f->seed, c.name, &c.key, e));
	TRY(node_keep(f, NULL, c.key, e));
	TRY(pki_ca(&f->pki, o->issuer, &c.issuer, &c.issuer_key, e));
	TRY(pki_sign(&f->seed, &c, &cert, e));
	TRY(node_keep(f, cert, NULL, e));
	o->signer = cert;
	o->key    = c.key;
	return ASSAY_OK;
}

/* The responder of another authority: of the subject itself, of the root, or the attacker's. */
enum who { WHO_SUBJECT, WHO_ROOT, WHO_ATTACKER };

static enum assay_code other_signer(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	const struct device *d  = NULL;
	enum ca              of = CA_DEVICE_ROOT;

	TRY(forge_device(f, t->kind, t->number, &d, e));
	if (t->arg == WHO_SUBJECT)
		of = d->family->ica; /* cert 2 is struck */
	else if (t->arg == WHO_ATTACKER)
		of = o->issuer;
	return pki_responder(
		t->arg == WHO_ATTACKER ? &f->evil : &f->pki, of, &o->signer, &o->key, e);
}

static enum assay_code issuer_signs(
	struct forge *f, const struct fault *t, struct ocsp_plan *o, struct assay_err *e)
{
	(void)t;
	return pki_ca(&f->pki, o->issuer, &o->signer, &o->key, e);
}

static void sha1(const struct fault *t, struct forge_spec *s)
{
	(void)t;
	s->ocsp_sha1 = true;
}

#define DEVICE_AT(i) .profile = "single", .finding = "gpu.chain.revocation", .cert = (i)
#define DEVICE       DEVICE_AT(1)
#define RIM          .profile = "single", .finding = "gpu.rim.driver.revocation", .rim_chain = true
#define SWITCH                                               \
	.profile = "ppcie", .kind = FORGE_SWITCH, .cert = 1, \
	.finding = "nvswitch.chain.revocation"

static const struct fault rows[] = {
	{ "ocsp-absent", DEVICE, .exit = 3, .absent = FAULT_OCSP_ABSENT,
		.attack = "no answer is at hand" },
	{ "ocsp-other-serial", DEVICE, .exit = 1, .ocsp = other_serial,
		.attack = "a good answer about another certificate" },
	{ "ocsp-nonce", DEVICE, .exit = 1, .ocsp = other_nonce, .arg = 1,
		.attack = "an answer to another request" },
	{ "ocsp-nonce-none", DEVICE, .exit = 0, .ocsp = other_nonce, .arg = 0,
		.attack = "a cache that has no nonce: judged by its window" },
	{ "ocsp-stale", DEVICE, .exit = 3, .ocsp = dates, .arg = -72, .value = 24,
		.attack = "an answer whose nextUpdate is over" },
	{ "ocsp-old", DEVICE, .exit = 3, .ocsp = dates, .arg = -48, .value = 168,
		.attack = "an answer older than a day" },
	{ "ocsp-no-end", DEVICE, .exit = 0, .ocsp = dates, .arg = 0,
		.attack = "nothing wrong: no nextUpdate, but fresh" },
	{ "ocsp-no-end-old", DEVICE, .exit = 3, .ocsp = dates, .arg = -2,
		.attack = "no nextUpdate, and older than an hour" },
	{ "ocsp-future", DEVICE, .exit = 3, .ocsp = dates, .arg = 24, .value = 24,
		.attack = "an answer from the future" },
	{ "ocsp-signer-no-eku", DEVICE, .exit = 1, .ocsp = own_signer, .arg = 90,
		.text = "NDSI", .attack = "the signer may not sign answers" },
	{ "ocsp-signer-expired", DEVICE, .exit = 1, .ocsp = own_signer, .arg = -1,
		.text = "NDEXSI", .attack = "the signer's certificate has ended" },
	{ "ocsp-signer-subject", DEVICE_AT(2), .exit = 1, .ocsp = other_signer,
		.arg = WHO_SUBJECT, .attack = "a revoked authority vouches for itself" },
	{ "ocsp-signer-other", DEVICE, .exit = 1, .ocsp = other_signer, .arg = WHO_ROOT,
		.attack = "a responder of an authority that is not the issuer" },
	{ "ocsp-signer-own", DEVICE, .exit = 1, .ocsp = other_signer, .arg = WHO_ATTACKER,
		.attack = "a responder under a PKI of the right names" },
	{ "ocsp-signer-issuer", DEVICE, .exit = 0, .ocsp = issuer_signs,
		.attack = "nothing wrong: the issuer answers itself" },
	{ "ocsp-signature", DEVICE, .exit = 1, .ocsp = spoil, .arg = 0, .value = 1,
		.attack = "the signature edited" },
	{ "ocsp-garbage", DEVICE, .exit = 6, .ocsp = spoil, .arg = 1, .value = 1,
		.attack = "an error page for an answer" },
	{ "ocsp-revoked", DEVICE, .exit = 1, .ocsp = status, .arg = V_OCSP_CERTSTATUS_REVOKED,
		.attack = "the device's identity is revoked" },
	{ "ocsp-revoked-ca", DEVICE_AT(3), .exit = 1, .ocsp = status,
		.arg = V_OCSP_CERTSTATUS_REVOKED, .attack = "the family authority is revoked" },
	{ "ocsp-hold", DEVICE, .exit = 1, .ocsp = status, .arg = V_OCSP_CERTSTATUS_REVOKED,
		.text = "hold", .attack = "the device's identity is on hold" },
	{ "ocsp-unknown", DEVICE, .exit = 1, .ocsp = status, .arg = V_OCSP_CERTSTATUS_UNKNOWN,
		.attack = "the responder does not know the certificate" },
	{ "ocsp-unauthorized", DEVICE, .exit = 3, .ocsp = no_status,
		.arg    = OCSP_RESPONSE_STATUS_UNAUTHORIZED,
		.attack = "the responder does not know the issuer" },
	{ "ocsp-try-later", DEVICE, .exit = 3, .ocsp = no_status,
		.arg = OCSP_RESPONSE_STATUS_TRYLATER, .attack = "the responder is busy" },
	{ "ocsp-sha1", DEVICE, .exit = 0, .spec = sha1,
		.attack = "nothing wrong: ids of SHA-1, as NVIDIA's SDK asks" },
	{ "ocsp-rim-absent", RIM, .exit = 3, .absent = FAULT_OCSP_ABSENT,
		.attack = "no answer about the RIM's signer" },
	{ "ocsp-rim-revoked", RIM, .exit = 1, .ocsp = status, .arg = V_OCSP_CERTSTATUS_REVOKED,
		.attack = "the RIM's signer is revoked" },
	{ "ocsp-rim-hold", RIM, .exit = 1, .ocsp = status, .arg = V_OCSP_CERTSTATUS_REVOKED,
		.text = "hold", .attack = "the RIM's signer is on hold" },
	{ "ocsp-rim-unknown", RIM, .exit = 1, .ocsp = status, .arg = V_OCSP_CERTSTATUS_UNKNOWN,
		.attack = "a signer that its issuer never made" },
	{ "ocsp-rim-ca-revoked", RIM, .cert = 2, .exit = 1, .ocsp = status,
		.arg = V_OCSP_CERTSTATUS_REVOKED, .attack = "the RIM authority is revoked" },
	{ "ocsp-switch-revoked", SWITCH, .exit = 1, .ocsp = status,
		.arg = V_OCSP_CERTSTATUS_REVOKED, .attack = "a switch's identity is revoked" },
	{ "ocsp-switch-absent", SWITCH, .exit = 3, .absent = FAULT_OCSP_ABSENT,
		.attack = "no answer about a switch's identity" },
};

const struct fault_table fault_ocsp = { rows, ARRAY_LEN(rows) };
