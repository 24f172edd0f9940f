/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of the device chain and of the firmware id in its leaf (nvidia-evidence 3, 9.7). What is changed in the leaf is
 * signed by the device's identity key afterwards. */
#include "base/pem.h"
#include "forge/asn.h"
#include "forge/node.h"

#define DAY INT64_C(86400)

static void remove_at(struct fault_certs *c, size_t i)
{
	X509_free(c->cert[i]);
	c->n--;
	memmove(&c->cert[i], &c->cert[i + 1], (c->n - i) * sizeof(c->cert[0]));
	c->cert[c->n] = NULL;
}

static enum assay_code leave_out(
	struct forge *f, const struct fault *t, struct fault_certs *c, struct assay_err *e)
{
	(void)f;
	(void)e;
	remove_at(c, (size_t)t->arg);
	return ASSAY_OK;
}

static enum assay_code swap(
	struct forge *f, const struct fault *t, struct fault_certs *c, struct assay_err *e)
{
	X509 *first = c->cert[t->arg];

	(void)f;
	(void)e;
	c->cert[t->arg]     = c->cert[t->arg + 1];
	c->cert[t->arg + 1] = first;
	return ASSAY_OK;
}

static enum assay_code repeat_last(
	struct forge *f, const struct fault *t, struct fault_certs *c, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)e;
	c->cert[c->n] = c->cert[c->n - 1];
	X509_up_ref(c->cert[c->n++]);
	return ASSAY_OK;
}

/* Another root on top: of the same name with the attacker's key, or the one that RIMs are signed under. */
static enum assay_code other_root(
	struct forge *f, const struct fault *t, struct fault_certs *c, struct assay_err *e)
{
	X509     *root = NULL;
	EVP_PKEY *key  = NULL;

	TRY(pki_ca(t->arg == 0 ? &f->evil : &f->pki, t->arg == 0 ? CA_DEVICE_ROOT : CA_RIM_ROOT,
		&root, &key, e));
	X509_free(c->cert[CHAIN - 1]);
	X509_up_ref(root);
	c->cert[CHAIN - 1] = root;
	return ASSAY_OK;
}

/* The whole device made up: chain and report under authorities of the right names and other keys. */
static enum assay_code make_up(
	struct forge *f, const struct fault *t, struct fault_answer *a, struct assay_err *e)
{
	if (f->impostor.family == NULL)
		TRY(device_make(&f->evil, t->kind, t->number, a->report_of->model, NULL,
			&f->impostor, e));
	a->report_of = a->chain_of = &f->impostor;
	return ASSAY_OK;
}

static void add_text(const struct fault *t, struct buf *m)
{
	buf_text(m, t->text);
}

/* Valid from and to, in days from the forge's time; 0 leaves it. */
static enum assay_code dates(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)d;
	(void)e;
	if (t->arg != 0)
		c->from = f->spec.at + t->arg * DAY;
	if (t->value != 0)
		c->to = f->spec.at + t->value * DAY;
	return ASSAY_OK;
}

static enum assay_code other_extensions(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)d;
	(void)e;
	c->extensions = t->text;
	return ASSAY_OK;
}

static enum assay_code other_serial(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)d;
	(void)e;
	c->serial[19] ^= 1; /* the subject keeps the old one */
	return ASSAY_OK;
}

/* "NVIDIA:GH100:..." becomes another chip's. */
static enum assay_code other_chip(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	struct buf *san = &c->more[0].der;
	uint8_t    *at  = memmem(san->p, san->n, d->family->chip, strlen(d->family->chip));

	(void)f;
	if (at == NULL)
		return err_set(e, ASSAY_INTERNAL, "no chip in the SAN");
	memcpy(at, t->text, strlen(t->text));
	return ASSAY_OK;
}

static enum assay_code no_san(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)d;
	(void)e;
	buf_done(&c->more[0].der);
	c->more[0]     = c->more[1];
	c->more[1].der = (struct buf){ 0 };
	c->more_n      = 1;
	return ASSAY_OK;
}

/* Another firmware's id in the certificate. */
static enum assay_code other_fwid(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	uint8_t other[DIGEST];

	(void)t;
	TRY(seed_bytes(&f->seed, "fwid/other", other, DIGEST, e));
	buf_done(&c->more[1].der);
	return device_fwid(d, BYTES_OF(other), &c->more[1].der, e);
}

static void blackwell(const struct fault *t, struct forge_spec *s)
{
	(void)t;
	s->arch = FORGE_BLACKWELL;
}

static enum assay_code no_fwid(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)d;
	(void)e;
	c->more_n = 1;
	return ASSAY_OK;
}

/* The extension once more, under its own OID or another one. */
static enum assay_code two_fwids(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	c->more[2].oid = t->text == NULL ? c->more[1].oid : t->text;
	c->more_n      = 3;
	return device_fwid(d, BYTES_OF(d->fwid), &c->more[2].der, e);
}

static enum assay_code fwid_oid(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)d;
	(void)e;
	c->more[1].oid = t->text;
	return ASSAY_OK;
}

/* The last arg bytes are cut or, negative, as many zeros put behind: outside the DER. */
static enum assay_code fwid_tail(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	struct buf *der = &c->more[1].der;

	(void)f;
	(void)d;
	if (t->arg > 0)
		der->n -= (size_t)t->arg;
	for (int i = t->arg; i < 0; i++)
		buf_byte(der, 0);
	return buf_ok(der, e);
}

/* One byte of the Hopper form, counted from its end: digest 48, its header 2, the OID's 11, the key 120. */
static enum assay_code fwid_byte(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	struct buf *der = &c->more[1].der;

	(void)f;
	(void)d;
	(void)e;
	der->p[der->n - (size_t)t->arg] ^= (uint8_t)t->value;
	return ASSAY_OK;
}

static enum assay_code short_fwid(struct forge *f, const struct fault *t,
	const struct device *d, struct cert_plan *c, struct assay_err *e)
{
	(void)f;
	(void)t;
	buf_done(&c->more[1].der);
	return device_fwid(d, (struct bytes){ d->fwid, DIGEST - 1 }, &c->more[1].der, e);
}

/* The outer length in three bytes where two are enough. */
static enum assay_code long_form(struct forge *f, const struct fault *t, const struct device *d,
	struct cert_plan *c, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf old = c->more[1].der;

	(void)f;
	(void)t;
	(void)d;
	c->more[1].der = (struct buf){ 0 };
	buf_put(&c->more[1].der, "\x30\x82\x00", 3);
	buf_put(&c->more[1].der, old.p + 2, old.n - 2);
	return buf_ok(&c->more[1].der, e);
}

#define PATH     .profile = "single", .finding = "gpu.chain.path"
#define PROFILE  .profile = "single", .finding = "gpu.chain.profile", .exit = 1
#define FWID     .profile = "single", .finding = "gpu.report.fwid", .exit = 1
#define FWID_DER .profile = "single", .finding = "gpu.report.fwid", .exit = 6

static const struct fault rows[] = {
	{ "chain-no-root", PATH, .exit = 6, .chain = leave_out, .arg = 4,
		.attack = "leaves the root out, so that revocation checks move down" },
	{ "chain-no-ica", PATH, .exit = 6, .chain = leave_out, .arg = 2,
		.attack = "leaves the provisioner out" },
	{ "chain-no-leaf", PATH, .exit = 6, .chain = leave_out, .arg = 0,
		.attack = "leaves the attestation key out" },
	{ "chain-sixth", .profile = "single", .finding = "gpu.evidence.parse", .exit = 6,
		.chain = repeat_last, .attack = "sends one certificate more" },
	{ "chain-swapped", PATH, .exit = 1, .chain = swap, .arg = 1,
		.attack = "sends identity and provisioner in the wrong order" },
	{ "chain-swapped-top", PATH, .exit = 1, .chain = swap, .arg = 3,
		.attack = "sends the root before the family authority" },
	{ "chain-own-root", PATH, .exit = 1, .answer = make_up,
		.attack = "a whole PKI of the right names under a root of one's own" },
	{ "chain-root-replaced", PATH, .exit = 1, .chain = other_root, .arg = 0,
		.attack = "a self-made root of the same name on a genuine chain" },
	{ "chain-rim-root", PATH, .exit = 1, .chain = other_root, .arg = 1,
		.attack = "the RIM root on top of a device chain" },
	{ "chain-expired", PATH, .exit = 1, .leaf = dates, .value = -1,
		.attack = "a leaf that has ended" },
	{ "chain-not-yet", PATH, .exit = 1, .leaf = dates, .arg = 1,
		.attack = "a leaf that has not begun" },
	{ "chain-text", PATH, .exit = 6, .pem = add_text, .text = "hidden\n",
		.attack = "text behind the chain" },
	{ "chain-leaf-signs", PATH, .exit = 1, .leaf = other_extensions, .text = "WSI",
		.attack = "a leaf that may sign certificates" },
	{ "chain-leaf-ca", PROFILE, .leaf = other_extensions, .text = "BKSI",
		.attack = "an authority for a leaf" },
	{ "chain-leaf-serial", PROFILE, .leaf = other_serial,
		.attack = "a leaf whose name has another serial number" },
	{ "chain-leaf-chip", PROFILE, .leaf = other_chip, .text = "GB100",
		.attack = "a leaf of another chip" },
	{ "chain-leaf-unnamed", PROFILE, .leaf = no_san,
		.attack = "a leaf that does not say what chip it is of" },

	{ "fwid-cert", FWID, .leaf = other_fwid,
		.attack = "the certificate is for other firmware" },
	{ "fwid-cert-blackwell", FWID, .spec = blackwell, .leaf = other_fwid,
		.attack = "the same in the form that Blackwell has" },
	{ "fwid-cert-none", FWID, .leaf = no_fwid,
		.attack = "the certificate has no firmware id, the report has" },
	{ "fwid-cert-twice", FWID, .leaf = two_fwids, .attack = "the extension twice" },
	{ "fwid-cert-both", FWID, .leaf = two_fwids, .text = "2.23.133.5.4.1.1",
		.attack = "the extension under both OIDs" },
	{ "fwid-cert-oid", FWID, .leaf = fwid_oid, .text = "2.23.133.5.4.1.1",
		.attack = "the extension under the other family's OID" },
	{ "fwid-cert-hash", FWID, .leaf = fwid_byte, .arg = 51, .value = 3,
		.attack = "the digest said to be SHA-256" },
	{ "fwid-cert-key", FWID, .leaf = fwid_byte, .arg = 64, .value = 1,
		.attack = "the identity key in it is another one" },
	{ "fwid-cert-version", FWID, .leaf = fwid_byte, .arg = 184, .value = 3,
		.attack = "a version that is not 1" },
	{ "fwid-cert-short", FWID, .leaf = short_fwid, .attack = "a digest of 47 bytes" },
	{ "fwid-cert-trailing", FWID_DER, .leaf = fwid_tail, .arg = -1,
		.attack = "a byte behind the extension's DER" },
	{ "fwid-cert-cut", FWID_DER, .leaf = fwid_tail, .arg = 1,
		.attack = "an extension that ends inside the digest" },
	{ "fwid-cert-long-form", FWID_DER, .leaf = long_form,
		.attack = "a length in a longer form than DER allows" },
};

const struct fault_table fault_chain = { rows, ARRAY_LEN(rows) };
