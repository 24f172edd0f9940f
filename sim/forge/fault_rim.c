/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of reference manifests (nvidia-evidence 5, 6, 8.3, 8.4, 9.7). Unless a row is about the signature, what is
 * changed is signed by the genuine signer afterwards. */
#include "forge/node.h"
#include "forge/rim_sign.h"

#define DAY      INT64_C(86400)
#define TOO_MUCH (1024 * 1024) /* 8.1: more than this, decoded, no RIM has */

/* Another body for the RIM, as a broken or hostile service would send it. */
static void other_text(const struct fault *t, struct buf *m)
{
	m->n = 0;
	buf_text(m, t->text);
}

static void cut_half(const struct fault *t, struct buf *m)
{
	(void)t;
	m->n /= 2;
}

static void pad(const struct fault *t, struct buf *m)
{
	(void)t;
	for (size_t i = 0; i < TOO_MUCH; i++)
		buf_byte(m, '\n');
}

/* The first character behind text becomes another one of its kind. */
static void edit(const struct fault *t, struct buf *m)
{
	uint8_t *at = memmem(m->p, m->n, t->text, strlen(t->text));

	if (at != NULL)
		at[strlen(t->text)] = at[strlen(t->text)] == '1' ? '2' : '1';
}

/* Texts that go where the plan has a place for them. */
enum slot {
	AT_PROLOG,
	AT_PAYLOAD,
	AT_TAIL,
	AT_TRANSFORM,
	AT_ACTIVE,
	AT_VERSION,
	AT_EDITION,
	AT_PRODUCT
};

static enum assay_code put_text(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	const char **const slots[] = {
		[AT_PROLOG]    = &r->prolog,
		[AT_PAYLOAD]   = &r->payload,
		[AT_TAIL]      = &r->tail,
		[AT_TRANSFORM] = &r->transform,
		[AT_ACTIVE]    = &r->active,
		[AT_VERSION]   = &r->version,
		[AT_EDITION]   = &r->edition,
		[AT_PRODUCT]   = &r->product,
	};

	(void)f;
	(void)e;
	*slots[t->arg] = t->text;
	return ASSAY_OK;
}

static enum assay_code refer_by_id(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)e;
	r->root = " Id=\"x\"";
	r->uri  = "#x";
	return ASSAY_OK;
}

enum form { FORM_TWICE, FORM_WRAP, FORM_CERTS_IN_META };

static enum assay_code reshape(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	r->twice         = t->arg == FORM_TWICE;
	r->wrap          = t->arg == FORM_WRAP;
	r->certs_in_meta = t->arg == FORM_CERTS_IN_META;
	return ASSAY_OK;
}

static void take_key(struct rim_plan *r, EVP_PKEY *key)
{
	EVP_PKEY_up_ref(key);
	EVP_PKEY_free(r->key);
	r->key = key;
}

/* Signed by the attacker's RSA key under the genuine chain; its KeyValue in front when arg says so (8.3, item 1). */
static enum assay_code sign_rsa(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	EVP_PKEY *key = NULL;

	TRY(seed_rsa(&f->seed, "attacker/rsa", &key, e));
	TRY(node_keep(f, NULL, key, e));
	take_key(r, key);
	r->signature_method = SIGNATURE_RSA;
	r->key_value        = t->arg != 0 ? key : NULL;
	return ASSAY_OK;
}

static enum assay_code sign_other(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	X509     *cert = NULL;
	EVP_PKEY *key  = NULL;

	(void)t;
	TRY(pki_ca(&f->evil, r->id->family->signer, &cert, &key, e));
	take_key(r, key);
	return ASSAY_OK;
}

/* Certificates and key of other authorities: the attacker's of the same names, or NVIDIA's of another family. */
static enum assay_code sign_under(
	struct forge *f, struct pki *p, enum ca signer, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	for (size_t i = 0; i < RIM_CERTS; i++, signer = pki_issuer(signer)) {
		X509     *cert = NULL;
		EVP_PKEY *key  = NULL;

		TRY(pki_ca(p, signer, &cert, &key, e));
		X509_up_ref(cert);
		X509_free(r->cert[i]);
		r->cert[i] = cert;
		if (i == 0)
			take_key(r, key);
	}
	return ASSAY_OK;
}

static enum assay_code sign_own_chain(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)t;
	return sign_under(f, &f->evil, r->id->family->signer, r, e);
}

static enum assay_code sign_other_family(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)t;
	return sign_under(f, &f->pki, CA_SIGNER_LS10, r, e);
}

/* Signed by the responder that the signer's issuer has certified for OCSP answers: a key that is always on line. */
static enum assay_code sign_responder(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	X509     *cert = NULL;
	EVP_PKEY *key  = NULL;

	(void)t;
	TRY(pki_responder(&f->pki, r->id->family->rim_l3, &cert, &key, e));
	pki_issued(&f->pki, cert);
	X509_up_ref(cert);
	X509_free(r->cert[0]);
	r->cert[0] = cert;
	take_key(r, key);
	return ASSAY_OK;
}

/* A signer of the right issuer for other days, from arg to value, or with other extensions. */
static enum assay_code sign_dated(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	struct cert_plan c = {
		.name    = NAME("dated/%d%s", t->arg, t->text == NULL ? "" : t->text),
		.subject = "C=US|ST=CA|L=Santa Clara|O=NVIDIA Corporation|CN=HCC RIM L4 Signer",
		.serial_n   = 20,
		.extensions = t->text == NULL ? "SINDO" : t->text,
		.from       = f->spec.at + t->arg * DAY,
		.to         = f->spec.at + t->value * DAY,
	};
	X509 *cert = NULL;

	TRY(seed_bytes(&f->seed, NAME("serial/%s", c.name), c.serial, c.serial_n, e));
	c.serial[0] = 0x21;
	TRY(seed_key(&f->seed, c.name, &c.key, e));
	EVP_PKEY_free(r->key);
	r->key = c.key;
	TRY(pki_ca(&f->pki, r->id->family->rim_l3, &c.issuer, &c.issuer_key, e));
	TRY(pki_sign(&f->seed, &c, &cert, e));
	pki_issued(&f->pki, cert);
	X509_free(r->cert[0]);
	r->cert[0] = cert;
	return ASSAY_OK;
}

/* The root is left out, or is there twice. */
static enum assay_code other_count(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	if (t->arg < 0) {
		X509_free(r->cert[RIM_CERTS - 1]);
		r->cert[RIM_CERTS - 1] = NULL;
	} else {
		r->cert[RIM_CERTS] = r->cert[RIM_CERTS - 1];
		X509_up_ref(r->cert[RIM_CERTS]);
	}
	return ASSAY_OK;
}

static enum assay_code claim(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	r->row[t->arg].active = true;
	return ASSAY_OK;
}

static enum assay_code all_inactive(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	(void)t;
	(void)e;
	for (size_t i = 0; i < SLOTS; i++)
		r->row[i] = (struct golden){ .alternatives = 1 };
	return ASSAY_OK;
}

/* Three values, said to be arg many. */
static enum assay_code other_alternatives(
	struct forge *f, const struct fault *t, struct rim_plan *r, struct assay_err *e)
{
	(void)f;
	(void)e;
	r->row[36].said = (size_t)t->arg;
	return ASSAY_OK;
}

#define RESOURCE(index, active)                                                            \
	"        <ns0:Resource type=\"Measurement\" index=\"" index "\" active=\"" active  \
	"\" alternatives=\"1\" ns2:Hash0=\"0101010101010101010101010101010101010101010101" \
	"01010101010101010101010101010101010101010101010101\" name=\"Measurement_" index   \
	"\" size=\"48\"/>\n"
#define OPAQUE_FLOOR                                                                   \
	"        <ns0:Resource xmlns:ns3=\"https://docs.nvidia.com/attestation/specs/" \
	"latest/opaque-data.html\" type=\"OpaqueData\" index=\"293\" active=\"True\" " \
	"ns3:MinSvn=\"1\" name=\"FSP_UCODE_MIN_SVN\"/>\n"
#define DRIVER(check) \
	.profile = "single", .rim_kind = RIM_DRIVER, .finding = "gpu.rim.driver." check
#define VBIOS(check) \
	.profile = "single", .rim_kind = RIM_VBIOS, .finding = "gpu.rim.vbios." check
#define BIOS(check)                                                     \
	.profile = "ppcie", .kind = FORGE_SWITCH, .rim_kind = RIM_BIOS, \
	.finding = "nvswitch.rim.bios." check
#define SHAPE DRIVER("structure"), .exit = 6
/* Collateral over its limits is refused with the bundle that holds it. */
#define BUNDLE .profile = "single", .finding = "node.evidence.parse", .exit = 6

static const struct fault rows[] = {
	{ "rim-absent", DRIVER("present"), .exit = 3, .absent = FAULT_RIM_ABSENT,
		.attack = "no driver RIM is at hand" },
	{ "rim-vbios-absent", VBIOS("present"), .exit = 3, .absent = FAULT_RIM_ABSENT,
		.attack = "no VBIOS RIM is at hand" },
	{ "rim-bios-absent", BIOS("present"), .exit = 3, .absent = FAULT_RIM_ABSENT,
		.attack = "no switch RIM is at hand" },

	{ "rim-garbage", SHAPE, .xml = other_text, .text = "<html>502 Bad Gateway",
		.attack = "the service sends an error page" },
	{ "rim-empty-body", BUNDLE, .xml = other_text, .text = "",
		.attack = "the service sends nothing" },
	{ "rim-cut", SHAPE, .xml = cut_half, .attack = "half a document" },
	{ "rim-large", BUNDLE, .xml = pad, .attack = "a document of more than a mebibyte" },
	{ "rim-dtd", SHAPE, .rim = put_text, .arg = AT_PROLOG,
		.text   = "<!DOCTYPE SoftwareIdentity [<!ENTITY e \"x\">]>\n",
		.attack = "a DTD, which could add attributes and entities" },
	{ "rim-pi", SHAPE, .rim = put_text, .arg = AT_PROLOG, .text = "<?x y?>\n",
		.attack = "a processing instruction" },
	{ "rim-key-value", SHAPE, .rim = sign_rsa, .arg = 1,
		.attack = "the attacker's key beside the genuine certificates" },
	{ "rim-rsa", SHAPE, .rim = sign_rsa, .arg = 0,
		.attack = "signed again with RSA under the genuine certificates" },
	{ "rim-signature-twice", SHAPE, .rim = reshape, .arg = FORM_TWICE,
		.attack = "a second Signature" },
	{ "rim-wrapped", SHAPE, .rim = reshape, .arg = FORM_WRAP,
		.attack = "a genuine document inside one with other values" },
	{ "rim-certs-outside", SHAPE, .rim = reshape, .arg = FORM_CERTS_IN_META,
		.attack = "certificates outside KeyInfo" },
	{ "rim-reference", SHAPE, .rim = refer_by_id, .attack = "a Reference to #x" },
	{ "rim-transform", SHAPE, .rim = put_text, .arg = AT_TRANSFORM,
		.text   = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
		.attack = "one transform more" },
	{ "rim-certs-three", DRIVER("chain"), .exit = 6, .rim = other_count, .arg = -1,
		.attack = "a chain without its root" },
	{ "rim-certs-five", DRIVER("chain"), .exit = 6, .rim = other_count, .arg = 1,
		.attack = "a chain with a fifth certificate" },
	{ "rim-resource-twice", SHAPE, .rim = put_text, .arg = AT_PAYLOAD,
		.text = RESOURCE("7", "True"), .attack = "two rows for one measurement" },
	{ "rim-resource-beyond", SHAPE, .rim = put_text, .arg = AT_PAYLOAD,
		.text = RESOURCE("64", "True"), .attack = "a measurement that no device has" },
	{ "rim-index-sign", SHAPE, .rim = put_text, .arg = AT_PAYLOAD,
		.text = RESOURCE("+7", "True"), .attack = "an index with a sign" },
	{ "rim-active-word", SHAPE, .rim = put_text, .arg = AT_ACTIVE, .text = "true",
		.attack = "active=\"true\", which one reference reads as inactive" },
	{ "rim-hash-more", SHAPE, .rim = other_alternatives, .arg = 2,
		.attack = "Hash2 with alternatives=\"2\"" },
	{ "rim-hash-less", SHAPE, .rim = other_alternatives, .arg = 4,
		.attack = "alternatives=\"4\" without Hash3" },
	{ "rim-fifth-child", SHAPE, .rim = put_text, .arg = AT_TAIL,
		.text   = "    <ns0:Link href=\"x\" rel=\"y\"/>\n",
		.attack = "an element that no RIM has" },
	{ "rim-meta-twice", SHAPE, .rim = put_text, .arg = AT_TAIL,
		.text   = "    <ns0:Meta colloquialVersion=\"1\" edition=\"GPU\"/>\n",
		.attack = "two Meta" },
	{ "rim-newer", DRIVER("structure"), .exit = 3, .rim = put_text, .arg = AT_PAYLOAD,
		.text   = OPAQUE_FLOOR,
		.attack = "asks for a floor that this verifier cannot check" },

	{ "rim-signature", DRIVER("signature"), .exit = 1, .xml = edit,
		.text = "<ds:SignatureValue>", .attack = "the signature edited" },
	{ "rim-altered", DRIVER("signature"), .exit = 1, .xml = edit,
		.text   = "index=\"7\" active=\"True\" alternatives=\"1\" ns2:Hash0=\"",
		.attack = "a golden value edited" },
	{ "rim-vbios-altered", VBIOS("signature"), .exit = 1, .xml = edit,
		.text   = "index=\"1\" active=\"True\" alternatives=\"1\" ns2:Hash0=\"",
		.attack = "a golden value of the VBIOS edited" },
	{ "rim-bios-signature", BIOS("signature"), .exit = 1, .xml = edit,
		.text = "<ds:SignatureValue>", .attack = "the switch RIM's signature edited" },
	{ "rim-other-key", DRIVER("signature"), .exit = 1, .rim = sign_other,
		.attack = "signed by the attacker under the genuine certificates" },
	{ "rim-own-chain", DRIVER("chain"), .exit = 1, .rim = sign_own_chain,
		.attack = "signed under a PKI of the right names" },
	{ "rim-signer-expired", DRIVER("chain"), .exit = 1, .rim = sign_dated, .arg = -800,
		.value = -70, .attack = "the signer's certificate has ended" },
	{ "rim-signer-not-yet", DRIVER("chain"), .exit = 1, .rim = sign_dated, .arg = 2,
		.value = 700, .attack = "the signer's certificate has not begun" },
	{ "rim-signer-responder", DRIVER("chain"), .exit = 1, .rim = sign_responder,
		.attack = "signed with the key of an OCSP responder" },
	{ "rim-signer-ca", DRIVER("chain"), .exit = 1, .rim = sign_dated, .arg = -30,
		.value = 700, .text = "SIBKO", .attack = "an authority for a signer" },
	{ "rim-signer-unused", DRIVER("chain"), .exit = 1, .rim = sign_dated, .arg = -30,
		.value = 700, .text = "SINO",
		.attack = "a signer whose certificate does not say what its key is for" },
	{ "rim-signer-family", DRIVER("chain"), .exit = 0, .rim = sign_other_family,
		.attack = "the signer of another family: a warning" },

	{ "rim-version", DRIVER("identity"), .exit = 1, .rim = put_text, .arg = AT_VERSION,
		.text = "550.144.03", .attack = "another driver's RIM" },
	{ "rim-vbios-version", VBIOS("identity"), .exit = 1, .rim = put_text, .arg = AT_VERSION,
		.text = "96.00.5E.00.01", .attack = "another VBIOS's RIM" },
	{ "rim-edition", DRIVER("identity"), .exit = 1, .rim = put_text, .arg = AT_EDITION,
		.text = "SWITCH", .attack = "a switch's RIM" },
	{ "rim-product", DRIVER("identity"), .exit = 1, .rim = put_text, .arg = AT_PRODUCT,
		.text = "GB100", .attack = "another family's RIM" },
	{ "rim-no-values", DRIVER("structure"), .exit = 1, .rim = all_inactive,
		.attack = "no active measurement, so nothing would be compared" },
	{ "rim-conflict", .profile = "single", .rim_kind = RIM_DRIVER,
		.finding = "gpu.rim.conflict", .exit = 1, .rim = claim, .arg = 1,
		.attack = "the driver RIM speaks for a measurement of the VBIOS RIM" },
};

const struct fault_table fault_rim = { rows, ARRAY_LEN(rows) };
