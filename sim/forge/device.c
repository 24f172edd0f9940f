/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/device.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/utc.h"
#include "forge/asn.h"
#include "forge/ossl.h"

#define OID_SHA384      "2.16.840.1.101.3.4.2.2"
#define OID_DEVICE_INFO "1.3.6.1.4.1.412.274.1" /* DMTF DSP0274 */
#define OID_CDI         "2.23.133.5.4.1"
#define OID_TCB_INFO    "2.23.133.5.4.1.1"

/* Counts as in the samples of nvidia-evidence 9.2; alternatives as in 9.5 and 6.3. */
static const struct family families[FORGE_ARCHS] = {
	[FORGE_HOPPER] = {
		.arch = "HOPPER", .chip = "GH100", .model = "GH100", .engine = "GSP", .tag = 0x41,
		.ica = CA_GH100_ICA, .rim_l3 = CA_RIM_GH100_L3, .signer = CA_SIGNER_GH100,
		.from = "2020-10-17T00:00:00Z", .blocks = 64, .counts = 64,
		.extends = {
			0, 1, 4, 1, 1, 1, 1, 1, 0, 1, 0, 130, 0, 0, 0, 0,
			0, 0, 0, 0, 0, 1, 2, 0, 0, 1, 1, 1, 0, 1, 1, 1,
			1, 1, 2, 1, 1, 1, 1, 1, 1, 1,
		},
		.alternatives = { [23] = 2, [24] = 2, [32] = 2, [33] = 2, [34] = 2, [35] = 4,
			[36] = 3 },
		.chosen = { [23] = 1, [24] = 1, [34] = 1, [35] = 3, [36] = 2 },
	},
	[FORGE_BLACKWELL] = {
		.arch = "BLACKWELL", .chip = "GB100", .model = "GB100", .engine = "GSP",
		.tag = 0x41, .ica = CA_GB100_ICA, .rim_l3 = CA_RIM_GB100_L3,
		.signer = CA_SIGNER_GB100, .from = "2023-06-20T00:00:00Z", .dice_tcb = true,
		.blocks = 64, .counts = 64,
		.extends = {
			0, 0, 1, 8, 1, 0, 1, 0, 16, 0, 0, 3, 1, 1, 1, 1,
			0, 1, 118, 2, 7, 1, 1, 0, 0, 1, 1, 1, 0, 1, 1, 1,
			1, 1, 0, 1, 1, 1, 1, 1, 1, 1,
		},
		.alternatives = { [23] = 2, [24] = 2, [32] = 2, [33] = 2, [34] = 2, [35] = 4,
			[36] = 3 },
		.chosen = { [23] = 1, [24] = 1, [35] = 2, [36] = 1 },
	},
	[FORGE_LS10] = {
		.arch = "LS10", .chip = "LS_10", .model = "LS10", .engine = "FSP", .tag = 0x50,
		.ica = CA_LS10_ICA, .rim_l3 = CA_RIM_LS10_L3, .signer = CA_SIGNER_LS10,
		.from = "2020-10-17T00:00:00Z", .blocks = 31, .counts = 27,
		.extends = {
			1, 4, 1, 1, 1, 0, 1, 0, 110, 1, 1, 1, 0, 0, 1, 0,
			0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
		},
		.alternatives = { [9] = 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4 },
		.chosen = { [9] = 1, [10] = 2, [14] = 2, [18] = 2, 2, 2, 2, 2, 2, 2, 2 },
	},
};

/* One of each, and the Hopper of an eight-GPU board: products of nvidia-evidence 9.2 and 9.6. */
static const struct {
	enum forge_kind kind;
	bool            ppcie;
	struct model    model;
} models[] = {
	{ FORGE_GPU, false,
		{ FORGE_HOPPER, "580.159.03", "96.00.74.00.20", "1010", "0205", "862", 0x4a1,
			"\x80\x01", "\x00\xc0\x01\x00" } },
	{ FORGE_GPU, true,
		{ FORGE_HOPPER, "580.159.03", "96.00.A5.00.01", "G520", "0200", "885", 0x437,
			"\x80\x01", "\x00\xc0\x01\x00" } },
	{ FORGE_GPU, false,
		{ FORGE_BLACKWELL, "575.32", "97.00.88.00.0F", "G525", "0220", "886", 0x66f,
			"\xa0\x01", "\x00\x00\x04\x00" } },
	{ FORGE_SWITCH, false,
		{ FORGE_LS10, NULL, "96.10.73.00.01", "5612", "0002", "890", 0, NULL, NULL } },
};

const struct family *family_of(enum forge_arch arch)
{
	return &families[arch];
}

const struct family *family_named(const char *model)
{
	for (size_t i = 0; i < FORGE_ARCHS; i++)
		if (strcmp(families[i].model, model) == 0)
			return &families[i];
	return NULL;
}

const struct model *model_of(enum forge_kind kind, enum forge_arch arch, bool ppcie)
{
	const struct model *found = NULL;

	for (size_t i = 0; i < ARRAY_LEN(models); i++) {
		if (models[i].kind != kind ||
			(kind == FORGE_GPU && models[i].model.arch != arch))
			continue;
		if (found == NULL || models[i].ppcie == ppcie)
			found = &models[i].model;
	}
	return found;
}

const char *device_subject(enum forge_kind kind, unsigned number, char out[16])
{
	snprintf(out, 16, "%s%u", kind == FORGE_GPU ? "gpu" : "nvswitch", number);
	return out;
}

enum assay_code device_pdi(const struct seed *s, enum forge_kind kind, unsigned number,
	uint8_t out[PDI], struct assay_err *e)
{
	return seed_bytes(s, NAME("pdi/%s", SUBJECT(kind, number)), out, PDI, e);
}

const char *device_fwid_oid(const struct device *d)
{
	return d->family->dice_tcb ? OID_TCB_INFO : OID_CDI;
}

/* SEQUENCE { sha384, OCTET STRING digest } */
static void put_fwid(struct buf *out, struct bytes digest)
{
	CLEANUP(buf_done) struct buf inner = { 0 };

	asn_oid(&inner, OID_SHA384);
	asn_put(&inner, DER_OCTET_STRING, digest);
	asn_put(out, DER_SEQUENCE, buf_bytes(&inner));
}

/* Blackwell: DiceTcbInfo of two firmware ids, the second unused. */
static void put_tcb_info(const struct device *d, struct bytes digest, struct buf *out)
{
	CLEANUP(buf_done) struct buf inner = { 0 }, fwids = { 0 };

	put_fwid(&fwids, digest);
	put_fwid(&fwids, BYTES_OF(((const uint8_t[DIGEST]){ 0 })));
	asn_put(&inner, DER_CONTEXT(0), BYTES("NVIDIA"));
	asn_put(&inner, DER_CONTEXT(1), bytes_text(NAME("%s A01 GSP", d->family->chip)));
	asn_put(&inner, DER_CONTEXT(2), BYTES("01"));
	asn_put(&inner, DER_CONTEXT(3), BYTES("\x01"));
	asn_put(&inner, DER_CONTEXT(4), BYTES("\x00"));
	asn_put(&inner, DER_CONTEXT(5), BYTES("\x00"));
	asn_put(&inner, 0x20 | DER_CONTEXT(6), buf_bytes(&fwids));
	asn_put(&inner, DER_CONTEXT(7), BYTES("\x00\x80\x00\x00\x01"));
	asn_put(&inner, DER_CONTEXT(8), BYTES("\xc0"));
	asn_put(&inner, DER_CONTEXT(9), BYTES("\x00"));
	asn_put(out, DER_SEQUENCE, buf_bytes(&inner));
}

enum assay_code device_fwid(
	const struct device *d, struct bytes digest, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf inner = { 0 };

	if (d->family->dice_tcb) {
		put_tcb_info(d, digest, out);
		return buf_ok(out, e);
	}
	asn_put(&inner, DER_INTEGER, BYTES("\x01"));
	TRY(pki_spki(d->ik, &inner, e));
	put_fwid(&inner, digest);
	asn_put(out, DER_SEQUENCE, buf_bytes(&inner));
	return buf_ok(out, e);
}

/* SAN with one otherName: "NVIDIA:GH100:48B02D51C9C1070B". */
static enum assay_code put_san(
	const struct seed *s, const struct device *d, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf a = { 0 }, b = { 0 };
	uint8_t                      id[5];

	TRY(seed_bytes(s, NAME("san/%s", SUBJECT(d->kind, d->number)), id, sizeof(id), e));
	buf_printf(&a, "NVIDIA:%s:48B02D%02X%02X%02X%02X%02X", d->family->chip, id[0], id[1],
		id[2], id[3], id[4]);
	asn_put(&b, DER_UTF8_STRING, buf_bytes(&a));
	buf_done(&a);
	asn_oid(&a, OID_DEVICE_INFO);
	asn_put(&a, 0x20 | DER_CONTEXT(0), buf_bytes(&b));
	buf_done(&b);
	asn_put(&b, 0x20 | DER_CONTEXT(0), buf_bytes(&a));
	asn_put(out, DER_SEQUENCE, buf_bytes(&b));
	return buf_ok(out, e);
}

static const char *upper_hex(struct bytes in, char *out)
{
	for (size_t i = 0; i < in.n; i++)
		sprintf(out + 2 * i, "%02X", in.p[i]);
	return out;
}

/* The device identity: serial and subject serialNumber are the tag and the PDI. */
static enum assay_code make_identity(struct pki *p, struct device *d, struct assay_err *e)
{
	char             hex[2 * 9 + 1];
	struct cert_plan c = { .serial_n = 1 + PDI, .key = d->ik, .to = UTC_MAX };

	c.serial[0] = d->family->tag;
	memcpy(c.serial + 1, d->pdi, PDI);
	c.name       = NAME("%sik/%s", p->label, SUBJECT(d->kind, d->number));
	c.subject    = NAME("serialNumber=%s|C=US|O=NVIDIA Corporation|CN=%s A01 %s BROM",
		   upper_hex((struct bytes){ c.serial, c.serial_n }, hex), d->family->chip,
		   d->family->engine);
	c.extensions = d->family->dice_tcb ? "BkOSI" : "BkSI";
	TRY(utc_parse(bytes_text(d->family->from), &c.from, e));
	TRY(pki_ca(p, d->family->ica, &c.issuer, &c.issuer_key, e));
	return pki_sign(p->seed, &c, &d->chain[1], e);
}

/* The attestation key. Its serial is its key identifier, made positive, of full length. */
static enum assay_code make_leaf(
	struct pki *p, struct device *d, const struct leaf_change *change, struct assay_err *e)
{
	char hex[2 * 20 + 1];
	CLEANUP(cert_plan_done)
	struct cert_plan c = {
		.key        = d->ak,
		.issuer     = d->chain[1],
		.issuer_key = d->ik,
		.serial_n   = 20,
		.to         = UTC_MAX,
		.extensions = "DSI",
		.more_n     = 2,
	};

	TRY(pki_key_id(p->seed, d->ak, c.serial, e));
	c.serial[0] = (uint8_t)((c.serial[0] & 0x7f) | 0x40);
	c.name      = NAME("%sak/%s", p->label, SUBJECT(d->kind, d->number));
	c.subject   = NAME("serialNumber=%s|C=US|O=NVIDIA Corporation|CN=%s A01 %s FMC LF",
		  upper_hex(BYTES_OF(c.serial), hex), d->family->chip, d->family->engine);
	TRY(utc_parse(bytes_text(d->family->from), &c.from, e));
	c.more[0].oid = "2.5.29.17";
	TRY(put_san(p->seed, d, &c.more[0].der, e));
	c.more[1].oid = device_fwid_oid(d);
	TRY(device_fwid(d, BYTES_OF(d->fwid), &c.more[1].der, e));
	if (change != NULL && change->change != NULL)
		TRY(change->change(change->with, d, &c, e));
	return pki_sign(p->seed, &c, &d->chain[0], e);
}

static enum assay_code set_uuid(const struct seed *s, struct device *d, struct assay_err *e)
{
	uint8_t b[16];

	TRY(seed_bytes(s, NAME("uuid/%s", SUBJECT(d->kind, d->number)), b, sizeof(b), e));
	snprintf(d->uuid, sizeof(d->uuid),
		"%s-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		d->kind == FORGE_GPU ? "GPU" : "SWX", b[0], b[1], b[2], b[3], b[4], b[5], b[6],
		b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
	return ASSAY_OK;
}

static enum assay_code make(
	struct pki *p, const struct leaf_change *leaf, struct device *d, struct assay_err *e)
{
	const char *subject = SUBJECT(d->kind, d->number);
	enum ca     ca      = d->family->ica;
	EVP_PKEY   *key     = NULL;

	TRY(device_pdi(p->seed, d->kind, d->number, d->pdi, e));
	TRY(set_uuid(p->seed, d, e));
	TRY(seed_bytes(p->seed, NAME("fwid/%s/%s", d->family->model, d->model->vbios), d->fwid,
		DIGEST, e));
	TRY(seed_key(p->seed, NAME("%sik/%s", p->label, subject), &d->ik, e));
	TRY(seed_key(p->seed, NAME("%sak/%s", p->label, subject), &d->ak, e));
	TRY(make_identity(p, d, e));
	TRY(make_leaf(p, d, leaf, e));
	for (size_t i = 2; i < CHAIN; i++, ca = pki_issuer(ca)) {
		TRY(pki_ca(p, ca, &d->chain[i], &key, e));
		X509_up_ref(d->chain[i]);
	}
	return ASSAY_OK;
}

enum assay_code device_make(struct pki *p, enum forge_kind kind, unsigned number,
	const struct model *model, const struct leaf_change *leaf, struct device *out,
	struct assay_err *e)
{
	struct device d = {
		.kind   = kind,
		.number = number,
		.family = family_of(model->arch),
		.model  = model,
	};
	enum assay_code code = make(p, leaf, &d, e);

	if (code != ASSAY_OK) {
		device_done(&d);
		return err_wrap(e, "%s", SUBJECT(kind, number));
	}
	*out = d;
	return ASSAY_OK;
}

void device_done(struct device *d)
{
	for (size_t i = 0; i < CHAIN; i++)
		X509_free(d->chain[i]);
	EVP_PKEY_free(d->ik);
	EVP_PKEY_free(d->ak);
	*d = (struct device){ 0 };
}
