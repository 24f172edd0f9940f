/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inspect.h"

#include "report/inspect_tdx.h"

#include "base/hex.h"
#include "base/pem.h"
#include "base/show.h"
#include "base/utc.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "crypto/ocsp_answer.h"
#include "format/dice.h"
#include "format/evidence.h"
#include "format/opaque.h"
#include "format/pcs_text.h"
#include "format/rim.h"
#include "format/rim_reply.h"
#include "format/spdm.h"

#define CERTIFICATES 16

static bool put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

static bool put_text(json_t *object, const char *name, struct bytes text)
{
	return text.p == NULL || put(object, name, json_text(text));
}

/* One certificate ----------------------------------------------------------------------------------------------- */

static json_t *certificate(
	const struct crypto *c, const X509 *cert, struct bytes der, struct assay_err *e)
{
	static const char *const oids[] = {
		[DICE_COMPOSITE] = DICE_OID_COMPOSITE, [DICE_TCB_INFO] = DICE_OID_TCB_INFO
	};
	AUTO(json_t) *o = json_object(), *sgx = NULL;
	uint8_t       sum[SHA256_SIZE];
	int64_t       from, to;
	bool          ok;

	if (digest(c->sha256, der, sum, e) != ASSAY_OK ||
		cert_validity(cert, &from, &to, e) != ASSAY_OK)
		return NULL;
	ok = put_text(o, "subject", cert_subject(cert, NID_commonName)) &&
		put_text(o, "serialNumber", cert_subject(cert, NID_serialNumber)) &&
		put(o, "serial", json_hex(cert_serial(cert))) &&
		put(o, "not_before", json_utc(from)) && put(o, "not_after", json_utc(to)) &&
		put_text(o, "device_info", cert_other_name(cert, CERT_DEVICE_INFO)) &&
		put(o, "bytes", json_integer((json_int_t)der.n)) &&
		put(o, "sha256", json_hex(BYTES_OF(sum)));
	for (size_t form = 0; ok && form < ARRAY_LEN(oids); form++) {
		struct assay_err why = { 0 };
		struct dice      dice;
		size_t           times;
		struct bytes     value = cert_extension(cert, oids[form], &times);

		if (times == 1 &&
			dice_fwid(value, (enum dice_form)form, &dice, &why) == ASSAY_OK)
			ok = put(o, "fwid", json_hex(dice.digest));
	}
	sgx = inspect_pck(cert);
	ok  = ok && (sgx == NULL || put(o, "sgx", TAKE(sgx)));
	if (!ok) {
		err_no_memory(e);
		return NULL;
	}
	return TAKE(o);
}

enum assay_code inspect_chain(
	const struct crypto *c, struct bytes pem, json_t **out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf der  = { 0 };
	AUTO(json_t)                *list = json_array();

	for (;;) {
		AUTO(X509) *cert = NULL;
		json_t     *one;

		TRY(pem_next(&pem, &der, e));
		if (der.n == 0)
			break;
		if (json_array_size(list) == CERTIFICATES)
			return err_set(
				e, ASSAY_CERT_COUNT, "more than %d certificates", CERTIFICATES);
		TRY(cert_parse(c, buf_bytes(&der), &cert, e));
		one = certificate(c, cert, buf_bytes(&der), e);
		if (one == NULL)
			return e->code;
		if (json_array_append_new(list, one) != 0)
			return err_no_memory(e);
	}
	if (json_array_size(list) == 0)
		return err_set(e, ASSAY_INPUT_PEM, "no certificate");
	*out = TAKE(list);
	return ASSAY_OK;
}

/* One report ---------------------------------------------------------------------------------------------------- */

static json_t *opaque_value(
	const struct opaque *o, const struct opaque_item *item, enum device_kind kind)
{
	char text[OPAQUE_VBIOS];

	switch (item->type) {
	case OPAQUE_VBIOS_VERSION:
		return json_text(bytes_text(opaque_vbios(o, kind, text)));
	case OPAQUE_DRIVER_VERSION:
	case OPAQUE_CHIP_SKU:
	case OPAQUE_CHIP_SKU_MOD:
	case OPAQUE_PROJECT:
	case OPAQUE_PROJECT_SKU:
	case OPAQUE_PROJECT_SKU_MOD:
	case OPAQUE_CHIP_INFO:
		return o->field[item->type].p == NULL
			? json_hex(item->value)
			: json_text(opaque_text(o, (enum opaque_type)item->type));
	default:
		return json_hex(item->value);
	}
}

static json_t *opaque_json(const struct opaque *o, enum device_kind kind)
{
	AUTO(json_t) *fields = json_object();
	char          name[16];

	for (size_t i = 0; i < o->items; i++)
		if (!put(fields, opaque_name(o->item[i].type, kind, name),
			    opaque_value(o, &o->item[i], kind)))
			return NULL;
	return TAKE(fields);
}

static json_t *measurements(const struct spdm_report *r)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < r->blocks; i++)
		if (json_array_append_new(list, json_hex(r->block[i])) != 0)
			return NULL;
	return TAKE(list);
}

/* Opaque data that does not parse leaves its reason in place of its fields. */
static enum assay_code report(
	struct bytes in, enum device_kind kind, json_t **out, struct assay_err *e)
{
	AUTO(json_t)      *o   = json_object();
	struct assay_err   why = { 0 };
	struct spdm_report r;
	struct opaque      fields;
	bool               ok;

	TRY(spdm_parse(in, &r, e));
	ok = put(o, "bytes", json_integer((json_int_t)in.n)) &&
		put(o, "nonce", json_hex(r.nonce)) &&
		put(o, "responder_nonce", json_hex(r.answer)) &&
		put(o, "blocks", json_integer((json_int_t)r.blocks));
	if (opaque_parse(r.opaque, kind, &fields, &why) != ASSAY_OK)
		ok = ok && put(o, "opaque_error", json_string(assay_err_text(&why)));
	else
		ok = ok && put(o, "opaque", opaque_json(&fields, kind));
	ok = ok && put(o, "measurements", measurements(&r)) &&
		put(o, "signature", json_hex(r.signature));
	if (!ok)
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

/* One RIM ------------------------------------------------------------------------------------------------------- */

static json_t *golden_json(const struct golden *g)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < RIM_INDICES; i++) {
		AUTO(json_t) *values = json_array();

		if (g->entry[i].alternatives == 0)
			continue;
		for (size_t k = 0; k < g->entry[i].alternatives; k++)
			if (json_array_append_new(values,
				    json_hex(
					    (struct bytes){ g->entry[i].digest + k * RIM_DIGEST,
						    RIM_DIGEST })) != 0)
				return NULL;
		if (json_array_append_new(list,
			    json_pack("{s:i, s:s, s:o}", "index", (int)i, "name",
				    g->entry[i].name, "values", TAKE(values))) != 0)
			return NULL;
	}
	return TAKE(list);
}

static enum assay_code rim_certificates(
	const struct crypto *c, const struct rim *r, json_t *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf pem  = { 0 };
	json_t                      *list = NULL;

	for (size_t i = 0; i < r->certificates; i++)
		pem_write(buf_bytes(&r->certificate[i]), &pem);
	TRY(buf_ok(&pem, e));
	TRY(inspect_chain(c, buf_bytes(&pem), &list, e));
	return put(o, "certificates", list) ? ASSAY_OK : err_no_memory(e);
}

static enum assay_code rim(
	const struct crypto *c, struct bytes in, json_t **out, struct assay_err *e)
{
	CLEANUP(rim_done) struct rim       r   = { 0 };
	CLEANUP(golden_done) struct golden g   = { 0 };
	AUTO(json_t)                      *o   = json_object();
	struct assay_err                   why = { 0 };
	uint8_t                            sum[SHA256_SIZE];
	bool                               ok;

	TRY(rim_parse(in, &r, e));
	TRY(digest(c->sha256, in, sum, e));
	ok = put(o, "rim", json_string(rim_kind_name(rim_kind(&r)))) &&
		put_text(o, "version", r.version) && put_text(o, "product", r.product) &&
		put_text(o, "edition", r.edition) && put_text(o, "tag_id", r.tag_id) &&
		put(o, "sha256", json_hex(BYTES_OF(sum)));
	if (!ok)
		return err_no_memory(e);
	TRY(rim_certificates(c, &r, o, e));
	if (rim_values(&r, &g, &why) != ASSAY_OK)
		ok = put(o, "values_error", json_string(assay_err_text(&why)));
	else
		ok = put(o, "values", golden_json(&g));
	if (!ok || assay_class(why.code) == ASSAY_CLASS_INTERNAL)
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

/* The service's reply with one in it. */
static enum assay_code reply(
	const struct crypto *c, struct bytes in, json_t **out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf xml  = { 0 };
	AUTO(json_t)                *root = NULL;
	struct rim_reply             r;

	TRY(json_read(in, RIM_REPLY_FILE, &root, e));
	TRY(rim_reply_read(root, &r, &xml, e));
	return rim(c, buf_bytes(&xml), out, e);
}

/* One OCSP answer ----------------------------------------------------------------------------------------------- */

static json_t *single(const struct ocsp_single *x)
{
	static const char *const states[] = {
		[OCSP_IS_GOOD]    = "good",
		[OCSP_IS_REVOKED] = "revoked",
		[OCSP_IS_UNKNOWN] = "unknown",
	};
	AUTO(json_t) *o  = json_object();
	bool          ok = put(o, "serial", json_hex(x->id.serial)) &&
		put(o, "issuer_key_hash", json_hex(x->id.key)) &&
		put(o, "status", json_string(states[x->status])) &&
		put(o, "this_update", json_utc(x->this_update));

	if (x->next_update != 0)
		ok = ok && put(o, "next_update", json_utc(x->next_update));
	if (x->status == OCSP_IS_REVOKED)
		ok = ok && put(o, "revoked_at", json_utc(x->revoked_at)) &&
			put(o, "reason", json_integer(x->reason));
	return ok ? TAKE(o) : NULL;
}

static enum assay_code ocsp(struct bytes in, json_t **out, struct assay_err *e)
{
	AUTO(json_t)      *o    = json_object();
	AUTO(json_t)      *list = json_array();
	struct ocsp_answer a;
	struct rd          r;

	TRY(ocsp_answer_parse(in, &a, e));
	if (!put(o, "response_status", json_integer(a.status)))
		return err_no_memory(e);
	if (a.status == 0) {
		r = (struct rd){ .in = a.singles };
		while (rd_left(&r) > 0) {
			struct ocsp_single x;

			TRY(ocsp_single_next(&r, &x, e));
			if (json_array_append_new(list, single(&x)) != 0)
				return err_no_memory(e);
		}
		if (!put(o, "produced_at", json_utc(a.produced_at)) ||
			!put(o, "responses", TAKE(list)) ||
			!put(o, "certificates", json_integer((json_int_t)a.certs)))
			return err_no_memory(e);
	}
	*out = TAKE(o);
	return ASSAY_OK;
}

/* Evidence and bundles ------------------------------------------------------------------------------------------ */

static enum assay_code device(const struct crypto *c, const struct evidence_device *d,
	json_t **out, struct assay_err *e)
{
	AUTO(json_t)    *o = json_object(), *said = NULL, *list = NULL;
	struct assay_err why = { 0 };
	bool             ok  = put(o, "kind", json_string(device_kind_name(d->kind))) &&
		put_text(o, "arch", d->hints.arch) &&
		put_text(o, "driver_version", d->hints.driver_version) &&
		put_text(o, "vbios_version", d->hints.vbios_version) &&
		put_text(o, "uuid", d->hints.uuid);

	if (d->fault.code != ASSAY_OK)
		ok = ok && put(o, "error", json_string(assay_err_text(&d->fault)));
	else if (d->kind == DEVICE_TDX && inspect_quote(c, d->report, &said, &why) == ASSAY_OK)
		ok = ok && put(o, "quote", TAKE(said));
	else if (d->kind == DEVICE_TDX)
		ok = ok && put(o, "quote_error", json_string(assay_err_text(&why)));
	else if (report(d->report, d->kind, &said, &why) == ASSAY_OK)
		ok = ok && put(o, "report", TAKE(said));
	else
		ok = ok && put(o, "report_error", json_string(assay_err_text(&why)));
	if (d->fault.code == ASSAY_OK && d->chain.n > 0) {
		if (assay_class(why.code) != ASSAY_CLASS_INTERNAL &&
			inspect_chain(c, d->chain, &list, &why) == ASSAY_OK)
			ok = ok && put(o, "certificates", TAKE(list));
		else
			ok = ok &&
				put(o, "certificates_error", json_string(assay_err_text(&why)));
	}
	if (!ok || assay_class(why.code) == ASSAY_CLASS_INTERNAL)
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

static json_t *collaterals(const struct evidence *ev)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < ev->collaterals; i++) {
		const struct collateral *col = &ev->collateral[i];
		AUTO(json_t)            *o   = json_object();

		if (!put_text(o, "want", col->want) ||
			!put(o, "bytes", json_integer((json_int_t)col->body.n)) ||
			!put_text(o, "from", col->from) ||
			(col->fetched != 0 && !put(o, "fetched", json_utc(col->fetched))) ||
			json_array_append_new(list, TAKE(o)) != 0)
			return NULL;
	}
	return TAKE(list);
}

/* A log that cannot be read leaves its reason in its place. */
static enum assay_code events(
	const struct crypto *c, struct bytes in, json_t *o, struct assay_err *e)
{
	AUTO(json_t)    *log = NULL;
	struct assay_err why = { 0 };

	if (in.n == 0)
		return ASSAY_OK;
	if (inspect_events(c, in, &log, &why) == ASSAY_OK)
		return put(o, "event_log", TAKE(log)) ? ASSAY_OK : err_no_memory(e);
	if (assay_class(why.code) == ASSAY_CLASS_INTERNAL)
		return err_no_memory(e);
	return put(o, "event_log_error", json_string(assay_err_text(&why))) ? ASSAY_OK
									    : err_no_memory(e);
}

static enum assay_code evidence(const struct crypto *c, const char *name, struct bytes in,
	json_t **out, struct assay_err *e)
{
	CLEANUP(evidence_done) struct evidence ev   = { 0 };
	AUTO(json_t)                          *o    = json_object();
	AUTO(json_t)                          *list = json_array();

	TRY(evidence_add(&ev, name, in, (struct bytes){ 0 }, e));
	for (size_t i = 0; i < ev.devices; i++) {
		json_t *one = NULL;

		TRY(device(c, &ev.device[i], &one, e));
		if (json_array_append_new(list, one) != 0)
			return err_no_memory(e);
	}
	if (ev.recorded && !put(o, "made", json_utc(ev.made)))
		return err_no_memory(e);
	if (ev.nonce_given && !put(o, "nonce", json_hex(BYTES_OF(ev.nonce))))
		return err_no_memory(e);
	TRY(events(c, ev.events, o, e));
	if (!put(o, "devices", TAKE(list)) ||
		(ev.collaterals > 0 && !put(o, "collateral", collaterals(&ev))))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

/* Anything ------------------------------------------------------------------------------------------------------ */

static enum assay_code raw_report(struct bytes in, json_t **out, struct assay_err *e)
{
	if (in.p[0] != 0x11)
		return err_set(e, ASSAY_INPUT_KIND, "nothing that assay can decode");
	return report(in, spdm_guess(in), out, e);
}

enum assay_code inspect(const struct crypto *c, const char *name, struct bytes in, json_t **out,
	struct assay_err *e)
{
	CLEANUP(buf_done) struct buf plain = { 0 };
	AUTO(json_t)                *o = json_object(), *body = NULL;
	const char                  *kind;
	enum assay_code              code;
	size_t                       at = 0;

	if (raw_bytes(in, &plain, e) != ASSAY_OK ||
		(plain.n == 0 && pcs_text_file(in, &plain, e) != ASSAY_OK))
		return err_wrap(e, "%s", SHOW(bytes_text(name)));
	in = buf_bytes(&plain);
	while (at < in.n && byte_blank(in.p[at]))
		at++;
	if (at == in.n)
		return err_set(e, ASSAY_INPUT_SIZE, "%s: empty", SHOW(bytes_text(name)));
	if (rim_reply_like(in)) {
		kind = "rim";
		code = reply(c, in, &body, e);
	} else if (inspect_tdx_like(in, &kind)) {
		code = inspect_tdx(c, kind, in, &body, e);
	} else if (in.p[at] == '[' || in.p[at] == '{') {
		kind = "evidence";
		code = evidence(c, name, in, &body, e);
	} else if (in.p[at] == '<') {
		kind = "rim";
		code = rim(c, in, &body, e);
	} else if (bytes_begin((struct bytes){ in.p + at, in.n - at }, BYTES("-----BEGIN"))) {
		kind = "chain";
		code = inspect_chain(c, in, &body, e);
	} else if (in.p[0] == 0x30 && in.n > 3 && (in.p[1] & 0x80) != 0) {
		kind = "ocsp";
		code = ocsp(in, &body, e);
	} else {
		kind = "report";
		code = raw_report(in, &body, e);
	}
	if (code != ASSAY_OK && strcmp(kind, "evidence") == 0)
		return code; /* named already */
	if (code != ASSAY_OK)
		return err_wrap(e, "%s", SHOW(bytes_text(name)));
	if (!put(o, "file", json_text(bytes_text(name))) || !put(o, "verified", json_false()) ||
		!put(o, kind, TAKE(body)))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

/* Text ---------------------------------------------------------------------------------------------------------- */

static void put_scalar(const json_t *v, struct buf *out)
{
	if (json_is_string(v))
		buf_printf(out, "%s\n", json_string_value(v));
	else if (json_is_integer(v))
		buf_printf(out, "%lld\n", (long long)json_integer_value(v));
	else
		buf_printf(out, "%s\n",
			json_is_true(v)            ? "yes"
				: json_is_false(v) ? "no"
						   : "-");
}

static void put_name(size_t depth, const char *name, const json_t *v, struct buf *out)
{
	bool nested = json_is_object(v) || json_is_array(v);

	buf_printf(out, "%*s%-*s%s", (int)(2 * depth), "", nested ? 0 : 22, name,
		nested ? "\n" : " ");
	if (!nested)
		put_scalar(v, out);
}

static const char *member(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

/* A table of events, a line each. "=" stands before data that the digest is of, "!" before data that contradicts it; all
 * other data is a label. */
static void put_events(size_t depth, const json_t *list, struct buf *out)
{
	json_t *v;
	size_t  i;

	json_array_foreach(list, i, v)
	{
		const json_t *proof = json_object_get(v, "of_data");

		buf_printf(out, "%*s%3zu %s  %-29s %.16s  %s%.120s\n", (int)(2 * depth), "", i,
			member(v, "register"), member(v, "type"), member(v, "digest"),
			json_is_true(proof)            ? "= "
				: json_is_false(proof) ? "! "
						       : "  ",
			member(v, "data"));
	}
}

/* Recursion as deep as what inspect() makes. */
static void put_value(size_t depth, const json_t *value, struct buf *out)
{
	const char *name;
	json_t     *v;
	size_t      i;

	json_object_foreach((json_t *)(uintptr_t)value, name, v)
	{
		put_name(depth, name, v, out);
		if (strcmp(name, "events") == 0 && json_is_array(v))
			put_events(depth + 1, v, out);
		else
			put_value(depth + 1, v, out);
	}
	json_array_foreach(value, i, v)
	{
		char number[24];

		snprintf(number, sizeof(number), "%zu", i);
		put_name(depth, number, v, out);
		put_value(depth + 1, v, out);
	}
}

enum assay_code inspect_text(const json_t *value, struct buf *out, struct assay_err *e)
{
	put_value(0, value, out);
	return buf_ok(out, e);
}
