/* SPDX-License-Identifier: Apache-2.0 */
#include "report/inspect_tdx.h"

#include <stdio.h>

#include "base/hex.h"
#include "base/utc.h"
#include "crypto/crl.h"
#include "crypto/digest.h"
#include "format/pck.h"
#include "format/qe_identity.h"
#include "format/tcb_info.h"
#include "format/tdx_quote.h"
#include "verify/replay.h"

#define SPEC_ID "Spec ID Event03"

static bool put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

static json_t *number(uint64_t v)
{
	char text[19];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)v);
	return json_string(text);
}

/* --- the quote --- */

static bool put_td(json_t *o, const struct tdx_td *td)
{
	char name[8];
	bool ok = put(o, "tee_tcb_svn", json_hex(td->svn)) &&
		put(o, "mrseam", json_hex(td->mrseam)) &&
		put(o, "mrsignerseam", json_hex(td->mrsignerseam)) &&
		put(o, "seam_attributes", number(td->seam_attributes)) &&
		put(o, "attributes", number(td->attributes)) &&
		put(o, "xfam", number(td->xfam)) && put(o, "mrtd", json_hex(td->mrtd)) &&
		put(o, "mrconfigid", json_hex(td->mrconfigid)) &&
		put(o, "mrowner", json_hex(td->mrowner)) &&
		put(o, "mrownerconfig", json_hex(td->mrownerconfig));

	for (unsigned i = 0; ok && i < TDX_RTMR; i++) {
		snprintf(name, sizeof(name), "rtmr%u", i);
		ok = put(o, name, json_hex(td->rtmr[i]));
	}
	ok = ok && put(o, "reportdata", json_hex(td->reportdata));
	if (td->svn2.n > 0)
		ok = ok && put(o, "tee_tcb_svn2", json_hex(td->svn2)) &&
			put(o, "mrservicetd", json_hex(td->mrservicetd));
	return ok;
}

static json_t *enclave(const struct tdx_qe *qe)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:i, s:i}", "miscselect",
		json_hex(qe->miscselect), "attributes", json_hex(qe->attributes), "mrenclave",
		json_hex(qe->mrenclave), "mrsigner", json_hex(qe->mrsigner), "isvprodid",
		(int)qe->isvprodid, "isvsvn", (int)qe->isvsvn);
}

enum assay_code inspect_quote(
	const struct crypto *c, struct bytes in, json_t **out, struct assay_err *e)
{
	AUTO(json_t)    *o = json_object(), *td = json_object(), *list = NULL;
	struct assay_err why = { 0 };
	struct tdx_quote q;
	bool             ok;

	TRY(tdx_quote_parse(in, &q, e));
	ok = put(o, "version", json_integer(q.version)) &&
		put(o, "bytes", json_integer((json_int_t)q.whole.n)) &&
		put(o, "trailing", json_integer((json_int_t)(in.n - q.whole.n))) &&
		put(o, "user_data", json_hex(q.user_data)) && put_td(td, &q.td) &&
		put(o, q.body == TDX_TD15 ? "td_1.5" : "td_1.0", TAKE(td)) &&
		put(o, "signature", json_hex(q.signature)) &&
		put(o, "attestation_key", json_hex(q.key)) &&
		put(o, "quoting_enclave", enclave(&q.qe));
	if (inspect_chain(c, q.pem, &list, &why) == ASSAY_OK)
		ok = ok && put(o, "certificates", TAKE(list));
	else
		ok = ok && put(o, "certificates_error", json_string(assay_err_text(&why)));
	if (!ok || assay_class(why.code) == ASSAY_CLASS_INTERNAL)
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

json_t *inspect_pck(const X509 *cert)
{
	static const char *const types[] = { "standard", "scalable",
		"scalable with integrity" };
	AUTO(json_t)            *o       = json_object();
	size_t                   times;
	struct bytes             value = cert_extension(cert, PCK_OID, &times);
	struct assay_err         none  = { 0 };
	struct pck               p;

	if (times != 1 || pck_parse(value, false, &p, &none) != ASSAY_OK)
		return NULL;
	if (!put(o, "fmspc", json_hex(BYTES_OF(p.fmspc))) ||
		!put(o, "ppid", json_hex(BYTES_OF(p.ppid))) ||
		!put(o, "components", json_hex(BYTES_OF(p.component))) ||
		!put(o, "cpusvn", json_hex(BYTES_OF(p.cpusvn))) ||
		!put(o, "pcesvn", json_integer(p.pcesvn)) ||
		!put(o, "pceid", json_hex(BYTES_OF(p.pceid))) ||
		!put(o, "type", json_string(types[p.type])))
		return NULL;
	if (p.platform &&
		!(put(o, "instance", json_hex(BYTES_OF(p.instance))) &&
			put(o, "dynamic", json_boolean(p.dynamic)) &&
			put(o, "cached_keys", json_boolean(p.cached_keys)) &&
			put(o, "smt", json_boolean(p.smt))))
		return NULL;
	return TAKE(o);
}

/* --- Intel's documents --- */

static bool put_verdict(
	json_t *o, const struct tcb_verdict *v, const struct tcb_advisories *list)
{
	AUTO(json_t) *ids = json_array();
	bool ok = put(o, "date", json_utc(v->date)) && put(o, "status", json_string(v->named));

	for (size_t i = v->advisory; ok && i < v->advisory + v->advisories; i++)
		ok = json_array_append_new(ids, json_string(list->id[i])) == 0;
	return ok && (v->advisories == 0 || put(o, "advisories", TAKE(ids)));
}

static json_t *isv_levels(
	const struct tcb_isv_level *l, size_t n, const struct tcb_advisories *ids)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < n; i++) {
		AUTO(json_t) *o = json_object();

		if (!put(o, "isvsvn", json_integer(l[i].isvsvn)) ||
			!put_verdict(o, &l[i].verdict, ids) ||
			json_array_append_new(list, TAKE(o)) != 0)
			return NULL;
	}
	return TAKE(list);
}

static json_t *modules(const struct tcb_info *t)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < t->modules; i++) {
		const struct tcb_module *m = &t->module[i];
		AUTO(json_t)            *o = json_object();
		char                     id[8];

		snprintf(id, sizeof(id), "TDX_%02X", m->version);
		if (!put(o, "id", json_string(id)) ||
			!put(o, "mrsigner", json_hex(BYTES_OF(m->signer.mrsigner))) ||
			!put(o, "levels", isv_levels(m->level, m->levels, &t->advisories)) ||
			json_array_append_new(list, TAKE(o)) != 0)
			return NULL;
	}
	return TAKE(list);
}

static json_t *levels(const struct tcb_info *t)
{
	AUTO(json_t) *list = json_array();

	for (size_t i = 0; i < t->levels; i++) {
		const struct tcb_level *l = &t->level[i];
		AUTO(json_t)           *o = json_object();

		if (!put(o, "sgx", json_hex(BYTES_OF(l->sgx))) ||
			!put(o, "pcesvn", json_integer(l->pcesvn)) ||
			!put(o, "tdx", json_hex(BYTES_OF(l->tdx))) ||
			!put_verdict(o, &l->verdict, &t->advisories) ||
			json_array_append_new(list, TAKE(o)) != 0)
			return NULL;
	}
	return TAKE(list);
}

static enum assay_code tcb_info(struct bytes in, json_t **out, struct assay_err *e)
{
	CLEANUP(tcb_info_done) struct tcb_info t = { 0 };
	AUTO(json_t)                          *o = json_object();
	struct tcb_envelope                    v;

	TRY(tcb_envelope(in, TCB_INFO_NAME, &v, e));
	TRY(tcb_info_parse(v.signed_text, &t, e));
	if (!put(o, "fmspc", json_hex(BYTES_OF(t.fmspc))) ||
		!put(o, "pceid", json_hex(BYTES_OF(t.pceid))) ||
		!put(o, "issued", json_utc(t.issued)) ||
		!put(o, "next_update", json_utc(t.next)) ||
		!put(o, "evaluation", json_integer(t.evaluation)) ||
		!put(o, "levels", levels(&t)) || !put(o, "modules", modules(&t)) ||
		!put(o, "signature", json_hex(BYTES_OF(v.signature))))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

static enum assay_code identity(struct bytes in, json_t **out, struct assay_err *e)
{
	CLEANUP(qe_identity_done) struct qe_identity q = { 0 };
	AUTO(json_t)                                *o = json_object();
	struct tcb_envelope                          v;

	TRY(tcb_envelope(in, QE_IDENTITY_NAME, &v, e));
	TRY(qe_identity_parse(v.signed_text, &q, e));
	if (!put(o, "issued", json_utc(q.issued)) || !put(o, "next_update", json_utc(q.next)) ||
		!put(o, "evaluation", json_integer(q.evaluation)) ||
		!put(o, "miscselect", json_hex(BYTES_OF(q.miscselect))) ||
		!put(o, "attributes", json_hex(BYTES_OF(q.attributes))) ||
		!put(o, "mrsigner", json_hex(BYTES_OF(q.mrsigner))) ||
		!put(o, "isvprodid", json_integer(q.isvprodid)) ||
		!put(o, "levels", isv_levels(q.level, q.levels, &q.advisories)) ||
		!put(o, "signature", json_hex(BYTES_OF(v.signature))))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

static enum assay_code revocations(struct bytes in, json_t **out, struct assay_err *e)
{
	AUTO(json_t) *o = json_object();
	struct crl    crl;

	TRY(crl_parse(in, &crl, e));
	if (!put(o, "this_update", json_utc(crl.this_update)) ||
		!put(o, "next_update", json_utc(crl.next_update)) ||
		!put(o, "revoked", json_integer((json_int_t)crl.entries)))
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

/* --- event logs --- */

static bool printable(uint8_t c)
{
	return c >= 0x20 && c < 0x7f;
}

/* UTF-16 of ASCII letters alone, to text. */
static void put_wide(struct bytes in, struct buf *out)
{
	for (size_t i = 0; i + 1 < in.n; i += 2)
		buf_byte(out, in.p[i + 1] == 0 && printable(in.p[i]) ? in.p[i] : '?');
}

/* The longest run of such letters: the file of a device path. */
static struct bytes wide_run(struct bytes in)
{
	struct bytes best = { 0 };

	for (size_t from = 0; from + 1 < in.n; from++) {
		size_t n = 0;

		while (from + n + 1 < in.n && printable(in.p[from + n]) &&
			in.p[from + n + 1] == 0)
			n += 2;
		if (n > best.n)
			best = (struct bytes){ in.p + from, n };
		from += n;
	}
	if (best.n >= 4 && best.p[2] == '\\') /* what stands before it is a length */
		best = (struct bytes){ best.p + 2, best.n - 2 };
	return best.n >= 8 ? best : (struct bytes){ 0 };
}

static struct bytes text_of(struct bytes in)
{
	while (in.n > 0 && in.p[in.n - 1] == 0)
		in.n--;
	for (size_t i = 0; i < in.n; i++)
		if (!printable(in.p[i]) && in.p[i] != '\n' && in.p[i] != '\t')
			return (struct bytes){ 0 };
	return in;
}

/* What the data says, for people: a label, unless the digest is its own. */
static json_t *event_data(const struct ccel_event *ev)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	struct bytes                 data = ev->data, name, value;

	if (ccel_variable(data, &name, &value) && name.n > 0) {
		put_wide(name, &out);
		buf_printf(&out, " = %.*s%s", value.n > 16 ? 32 : (int)(2 * value.n),
			value.n > HEX_MAX ? HEX(((struct bytes){ value.p, 16 })) : HEX(value),
			value.n > 16 ? "..." : "");
		return out.failed ? NULL : json_text(buf_bytes(&out));
	}
	if (ev->type == 6 && data.n > 8) /* EV_EVENT_TAG: id, size, text */
		data = (struct bytes){ data.p + 8, data.n - 8 };
	if (text_of(data).n > 0)
		return json_text(text_of(data));
	if (wide_run(data).n > 0) {
		put_wide(wide_run(data), &out);
		return out.failed ? NULL : json_text(buf_bytes(&out));
	}
	buf_printf(&out, "%s%s", HEX(((struct bytes){ data.p, data.n < 24 ? data.n : 24 })),
		data.n > 24 ? "..." : "");
	return out.failed ? NULL : json_text(buf_bytes(&out));
}

/* Is the digest that of the data? Where it is not of it at all there is nothing to say. */
static json_t *event_proof(const struct crypto *c, const struct ccel_event *ev)
{
	struct bytes     of = ccel_measured(ev);
	uint8_t          sum[SHA384_SIZE];
	struct assay_err none = { 0 };

	if (of.p == NULL)
		return json_null();
	if (digest(c->sha384, of, sum, &none) != ASSAY_OK)
		return NULL;
	return json_boolean(bytes_equal(ev->digest, BYTES_OF(sum)));
}

static json_t *event(const struct crypto *c, const struct ccel_event *ev)
{
	char reg[16], type[16];

	if (ev->mr == 0)
		snprintf(reg, sizeof(reg), "MRTD");
	else
		snprintf(reg, sizeof(reg), "RTMR%u", (unsigned)ev->mr - 1);
	return json_pack("{s:s, s:s, s:o, s:o, s:o}", "register", reg, "type",
		ccel_type_name(ev->type, type), "digest", json_hex(ev->digest), "of_data",
		event_proof(c, ev), "data", event_data(ev));
}

static enum assay_code put_own(struct bytes own, json_t *list, struct assay_err *e)
{
	CLEANUP(boot_log_done) struct boot_log log = { 0 };
	char                                   reg[16];

	TRY(boot_log_parse(own, &log, e));
	for (size_t i = 0; i < log.events; i++) {
		struct bytes label = log.event[i].content;
		size_t       n     = label.n == 0 ? 0 : strnlen((const char *)label.p, label.n);

		snprintf(reg, sizeof(reg), "RTMR%u", log.event[i].rtmr);
		label.n = n;
		if (json_array_append_new(list,
			    json_pack("{s:s, s:s, s:o, s:n, s:o}", "register", reg, "type",
				    "assay", "digest", json_hex(BYTES_OF(log.event[i].digest)),
				    "of_data", "data", json_text(label))) != 0)
			return err_no_memory(e);
	}
	return ASSAY_OK;
}

enum assay_code inspect_events(
	const struct crypto *c, struct bytes in, json_t **out, struct assay_err *e)
{
	AUTO(json_t)    *o = json_object(), *list = json_array(), *reg = json_array();
	struct assay_err why = { 0 };
	struct replay    r   = { 0 };
	struct ccel      log;
	struct rd        at;
	bool             ok = true;

	TRY(ccel_parse(in, &log, e));
	at = (struct rd){ .in = log.records };
	while (rd_left(&at) > 0) {
		struct ccel_event ev;

		TRY(ccel_next(&log, &at, &ev, e));
		if (json_array_append_new(list, event(c, &ev)) != 0)
			return err_no_memory(e);
	}
	TRY(put_own(log.own, list, e));
	ok = put(o, "events", TAKE(list));
	if (replay(c, &log, &r, &why) != ASSAY_OK)
		ok = ok && put(o, "replay_error", json_string(assay_err_text(&why)));
	for (size_t i = 0; ok && why.code == ASSAY_OK && i < CCEL_REGISTERS; i++)
		ok = json_array_append_new(reg, json_hex(BYTES_OF(r.rtmr[i]))) == 0;
	if (why.code == ASSAY_OK)
		ok = ok && put(o, "rtmr", TAKE(reg));
	if (!ok || assay_class(why.code) == ASSAY_CLASS_INTERNAL)
		return err_no_memory(e);
	*out = TAKE(o);
	return ASSAY_OK;
}

/* --- telling them apart --- */

static bool begins_with_member(struct bytes in, const char *name)
{
	size_t n = strlen(name);

	while (in.n > 0 && (byte_blank(in.p[0]) || in.p[0] == '{'))
		in = (struct bytes){ in.p + 1, in.n - 1 };
	return in.n > n + 2 && in.p[0] == '"' && memcmp(in.p + 1, name, n) == 0 &&
		in.p[n + 1] == '"';
}

bool inspect_tdx_like(struct bytes in, const char **kind)
{
	struct assay_err none = { 0 };
	struct crl       crl;

	if (tdx_quote_like(in))
		*kind = "quote";
	else if (in.n > 48 && memcmp(in.p + 32, SPEC_ID, sizeof(SPEC_ID)) == 0)
		*kind = "event_log";
	else if (begins_with_member(in, TCB_INFO_NAME))
		*kind = "tcb_info";
	else if (begins_with_member(in, QE_IDENTITY_NAME))
		*kind = "qe_identity";
	else if (in.n > 0 && in.p[0] == 0x30 && crl_parse(in, &crl, &none) == ASSAY_OK)
		*kind = "crl";
	else
		return false;
	return true;
}

enum assay_code inspect_tdx(const struct crypto *c, const char *kind, struct bytes in,
	json_t **out, struct assay_err *e)
{
	if (strcmp(kind, "quote") == 0)
		return inspect_quote(c, in, out, e);
	if (strcmp(kind, "event_log") == 0)
		return inspect_events(c, in, out, e);
	if (strcmp(kind, "tcb_info") == 0)
		return tcb_info(in, out, e);
	return strcmp(kind, "crl") == 0 ? revocations(in, out, e) : identity(in, out, e);
}
