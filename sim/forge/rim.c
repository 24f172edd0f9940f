/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/rim.h"

#include <ctype.h>
#include <stdio.h>

#include "base/hex.h"
#include "forge/report.h"
#include "forge/rim_sign.h"

#define SWID "http://standards.iso.org/iso/19770/-2/2015/schema.xsd"
#define TCG                                           \
	"https://trustedcomputinggroup.org/resource/" \
	"tcg-reference-integrity-manifest-rim-information-model/"
#define SHA384 "http://www.w3.org/2001/04/xmlenc#sha384"

/* 5.1. The version is what is behind the prefix, or behind its last underscore. */
static const struct {
	const char     *prefix;
	enum rim_kind   kind;
	enum forge_arch arch;
	size_t          parts; /* underscores between prefix and version */
} prefixes[] = {
	{ "NV_GPU_DRIVER_GH100_", RIM_DRIVER, FORGE_HOPPER, 0 },
	{ "NV_GPU_CC_DRIVER_GB100_", RIM_DRIVER, FORGE_BLACKWELL, 0 },
	{ "NV_SWITCH_BIOS_5612_0002_890_", RIM_BIOS, FORGE_LS10, 0 },
	{ "NV_GPU_VBIOS_", RIM_VBIOS, FORGE_HOPPER, 3 },
};

/* "9600740020" to "96.00.74.00.20"; back. */
static bool dotted(const char *digits, char out[VERSION])
{
	if (strlen(digits) != 10 || strspn(digits, "0123456789ABCDEF") != 10)
		return false;
	snprintf(out, VERSION, "%.2s.%.2s.%.2s.%.2s.%.2s", digits, digits + 2, digits + 4,
		digits + 6, digits + 8);
	return true;
}

static const char *undotted(const char *version, char out[VERSION])
{
	size_t n = 0;

	for (const char *c = version; *c != '\0'; c++)
		if (*c != '.')
			out[n++] = (char)toupper((unsigned char)*c);
	out[n] = '\0';
	return out;
}

void rim_of(const struct device *d, enum rim_kind kind, struct rim_id *out)
{
	const struct model *m = d->model;
	char                digits[VERSION];

	*out = (struct rim_id){ .kind = kind, .family = d->family };
	snprintf(out->version, VERSION, "%s", kind == RIM_DRIVER ? m->driver : m->vbios);
	if (kind == RIM_DRIVER)
		snprintf(out->text, RIM_ID, "%s%s",
			m->arch == FORGE_HOPPER ? "NV_GPU_DRIVER_GH100_"
						: "NV_GPU_CC_DRIVER_GB100_",
			m->driver);
	else
		snprintf(out->text, RIM_ID, "%s_%s_%s_%s_%s",
			kind == RIM_BIOS ? "NV_SWITCH_BIOS" : "NV_GPU_VBIOS", m->project,
			m->project_sku, m->chip_sku, undotted(m->vbios, digits));
}

bool rim_id_parse(const char *text, struct rim_id *out)
{
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		const char *at = text + strlen(prefixes[i].prefix);

		if (strncmp(text, prefixes[i].prefix, strlen(prefixes[i].prefix)) != 0)
			continue;
		for (size_t k = 0; k < prefixes[i].parts && at != NULL; k++)
			at = strchr(at, '_') == NULL ? NULL : strchr(at, '_') + 1;
		if (at == NULL || strlen(text) >= RIM_ID || strlen(at) >= VERSION)
			return false;
		*out = (struct rim_id){
			.kind   = prefixes[i].kind,
			.family = family_of(prefixes[i].arch),
		};
		/* A VBIOS id does not name its family; its first digits do. */
		if (out->kind == RIM_VBIOS && strncmp(at, "97", 2) == 0)
			out->family = family_of(FORGE_BLACKWELL);
		snprintf(out->text, RIM_ID, "%s", text);
		snprintf(out->version, VERSION, "%s", at);
		return out->kind == RIM_DRIVER ? strspn(at, "0123456789.") == strlen(at)
					       : dotted(at, out->version);
	}
	return false;
}

bool rim_active(enum rim_kind kind, size_t slot)
{
	switch (kind) {
	case RIM_DRIVER:
		return slot == 7 || (slot >= 21 && slot <= 40);
	case RIM_VBIOS:
		return slot <= 12 && slot != 7;
	default:
		return slot <= 30;
	}
}

enum rim_kind rim_owner(const struct device *d, size_t slot)
{
	if (d->kind == FORGE_SWITCH)
		return RIM_BIOS;
	return slot == 7 || slot >= 21 ? RIM_DRIVER : RIM_VBIOS;
}

enum assay_code rim_plan(
	struct pki *p, const struct rim_id *id, struct rim_plan *out, struct assay_err *e)
{
	enum ca   ca  = id->family->signer;
	EVP_PKEY *key = NULL;

	*out = (struct rim_plan){
		.id      = id,
		.version = id->version,
		.edition = id->kind == RIM_BIOS ? "SWITCH" : "GPU",
		.product = id->family->model,
	};
	for (size_t i = 0; i < SLOTS; i++) {
		struct golden *g = &out->row[i];

		g->active       = rim_active(id->kind, i);
		g->alternatives = 1;
		if (g->active && id->family->alternatives[i] != 0)
			g->alternatives = id->family->alternatives[i];
		for (size_t k = 0; g->active && k < g->alternatives; k++)
			TRY(golden_value(p->seed, id->family, id->text, i, k, g->hash[k], e));
	}
	for (size_t i = 0; i < RIM_CERTS; i++, ca = pki_issuer(ca)) {
		TRY(pki_ca(p, ca, &out->cert[i], &key, e));
		X509_up_ref(out->cert[i]);
		if (i == 0) {
			EVP_PKEY_up_ref(key);
			out->key = key;
		}
	}
	return ASSAY_OK;
}

void rim_plan_done(struct rim_plan *r)
{
	for (size_t i = 0; i < ARRAY_LEN(r->cert); i++)
		X509_free(r->cert[i]);
	EVP_PKEY_free(r->key);
	*r = (struct rim_plan){ 0 };
}

static void write_row(const struct rim_plan *r, size_t i, struct buf *out)
{
	const struct golden *g      = &r->row[i];
	const char          *engine = r->id->kind == RIM_DRIVER ? "GSP" : "FSP";

	buf_printf(out,
		"        <ns0:Resource type=\"Measurement\" index=\"%zu\" active=\"%s\" "
		"alternatives=\"%zu\"",
		i,
		!g->active                  ? "False"
			: r->active != NULL ? r->active
					    : "True",
		g->said != 0 ? g->said : g->alternatives);
	for (size_t k = 0; k < g->alternatives; k++) {
		buf_printf(out, " ns2:Hash%zu=\"", k);
		hex_encode(BYTES_OF(g->hash[k]), out);
		buf_text(out, "\"");
	}
	if (g->active && g->alternatives > 1)
		buf_printf(out, " name=\"MixedMeasurement_%zu\"", i);
	else if (g->active && !bytes_zero(BYTES_OF(g->hash[0])))
		buf_printf(out, " name=\"HashedMeasurement_%zu_%s\"", i, engine);
	else
		buf_printf(out, " name=\"Measurement_%zu\"", i);
	buf_text(out, " size=\"48\"/>\n");
}

static void write_meta(const struct rim_plan *r, struct buf *out)
{
	buf_printf(out,
		"    <ns0:Meta xmlns:ns1=\"%s\" colloquialVersion=\"%s\" edition=\"%s\" "
		"product=\"%s\" revision=\"r1\" PayloadType=\"direct\" ns1:BindingSpec=\"RIMIM\" "
		"ns1:BindingSpecVersion=\"1.01\" ns1:PlatformManufacturerId=\"5703\" "
		"ns1:PlatformManufacturerStr=\"NVIDIA Corporation\" ns1:PlatformModel=\"%s\" "
		"ns1:FirmwareManufacturer=\"NVIDIA Corporation\" "
		"ns1:FirmwareManufacturerId=\"5703\"",
		TCG, r->version, r->edition, r->product, r->product);
	if (!r->certs_in_meta) {
		buf_text(out, "/>\n");
		return;
	}
	buf_text(out, " xmlns:ds=\"" RIM_SIGN_DS "\">");
	rim_certificates(r, out);
	buf_text(out, "</ns0:Meta>\n");
}

static enum assay_code write_body(
	const struct seed *s, const struct rim_plan *r, struct buf *out, struct assay_err *e)
{
	uint8_t tag[DIGEST];

	TRY(seed_bytes(s, NAME("tagId/%s", r->id->text), tag, sizeof(tag), e));
	if (r->prolog != NULL)
		buf_text(out, r->prolog);
	buf_printf(out,
		"<SoftwareIdentity xmlns=\"" SWID "\" xmlns:ns0=\"" SWID
		"\" xmlns:ns2=\"%s\"%s corpus=\"false\" name=\"%s\" patch=\"false\" "
		"supplemental=\"false\" tagId=\"",
		SHA384, r->root == NULL ? "" : r->root, r->product);
	hex_encode(BYTES_OF(tag), out);
	buf_text(out,
		"\" version=\"1.0\" tagVersion=\"0\">\n"
		"    <ns0:Entity name=\"NVIDIA Corporation\" role=\"softwareCreator "
		"tagCreator\"/>\n");
	write_meta(r, out);
	buf_printf(out, "    <ns0:Payload xmlns:SHA384=\"%s\">\n", SHA384);
	for (size_t i = 0; i < SLOTS; i++)
		write_row(r, i, out);
	if (r->payload != NULL)
		buf_text(out, r->payload);
	buf_text(out, "    </ns0:Payload>\n");
	if (r->tail != NULL)
		buf_text(out, r->tail);
	return buf_ok(out, e);
}

#define END "</SoftwareIdentity>"

/* A document that says what the attacker likes, around a genuine one whose signature it takes for its own. */
static enum assay_code wrap(
	const struct seed *s, const struct rim_plan *r, struct buf *doc, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf outer = { 0 };
	struct rim_plan              other = *r;

	for (size_t i = 0; i < SLOTS; i++)
		other.row[i].hash[0][0] ^= 1;
	TRY(write_body(s, &other, &outer, e));
	buf_put(&outer, doc->p, doc->n);
	buf_text(&outer, END "\n");
	buf_done(doc);
	*doc  = outer;
	outer = (struct buf){ 0 };
	return buf_ok(doc, e);
}

enum assay_code rim_write(
	const struct seed *s, const struct rim_plan *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf doc = { 0 }, signature = { 0 };

	TRY(write_body(s, r, &doc, e));
	TRY(rim_signature(s, r, buf_bytes(&doc), bytes_text(END), &signature, e));
	for (int i = 0; i < (r->twice ? 2 : 1); i++)
		buf_put(&doc, signature.p, signature.n);
	buf_text(&doc, END "\n");
	if (r->wrap)
		TRY(wrap(s, r, &doc, e));
	buf_put(out, doc.p, doc.n);
	return buf_ok(out, e);
}
