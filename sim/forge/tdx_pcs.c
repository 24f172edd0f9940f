/* SPDX-License-Identifier: Apache-2.0
 *
 * Intel's provisioning service: TCB info of version 3, QE identity of version 2 (tdx.md 4.3 to 4.5), and the list of
 * their editions (4.1). Written as one line without white space, and signed as it stands. */
#include "forge/tdx_inside.h"

#include "base/hex.h"
#include "base/utc.h"

#define EVALUATION 18
#define ZERO_48 \
	"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
#define SIGNER                    \
	"\"mrsigner\":\"" ZERO_48 \
	"\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""

struct status {
	const char *date, *status, *advisories;
};

/* tdx.md 9.4, K2 and K3. */
static const struct {
	uint8_t       sgx[16], pcesvn, tdx[16];
	struct status is;
} levels[] = {
	{ { 3, 3, 2, 2, 4, 1, 0, 5 }, 13, { 5, 0, 3 }, { "2024-11-13", "UpToDate", NULL } },
	{ { 2, 2, 2, 2, 3, 1, 0, 5 }, 13, { 5, 0, 2 },
		{ "2024-03-13", "OutOfDate", "\"INTEL-SA-01036\",\"INTEL-SA-01079\"" } },
	{ { 2, 2, 2, 2, 3, 1, 0, 5 }, 5, { 5, 0, 2 },
		{ "2018-01-04", "OutOfDate", "\"INTEL-SA-00106\",\"INTEL-SA-00115\"" } },
};

static const struct {
	unsigned      module, svn;
	struct status is;
} modules[] = {
	{ 3, 3, { "2024-11-13", "UpToDate", NULL } },
	{ 1, 6, { "2024-11-13", "UpToDate", NULL } },
	{ 1, 4, { "2024-03-13", "OutOfDate", "\"INTEL-SA-01036\",\"INTEL-SA-01099\"" } },
	{ 1, 2, { "2023-08-09", "OutOfDate", "\"INTEL-SA-01036\",\"INTEL-SA-01099\"" } },
};

#define BIOS ",\"category\":\"BIOS\""
#define OS   ",\"category\":\"OS/VMM\""
static const char *const sgx_names[16] = { BIOS ",\"type\":\"Early Microcode Update\"",
	OS ",\"type\":\"SGX Late Microcode Update\"", OS ",\"type\":\"TXT SINIT\"", BIOS, BIOS,
	BIOS, "", OS ",\"type\":\"SEAMLDR ACM\"" };
static const char *const tdx_names[16] = { OS ",\"type\":\"TDX Module\"",
	OS ",\"type\":\"TDX Module\"", OS ",\"type\":\"TDX Late Microcode Update\"" };

static void put_components(
	struct buf *out, const char *name, const uint8_t svn[16], const char *const names[16])
{
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < 16; i++)
		buf_printf(out, "%s{\"svn\":%u%s}", i == 0 ? "" : ",", svn[i],
			names[i] == NULL ? "" : names[i]);
	buf_text(out, "]");
}

/* Behind "tcb": to the end of the level. */
static void put_status(struct buf *out, const struct status *s)
{
	buf_printf(
		out, ",\"tcbDate\":\"%sT00:00:00Z\",\"tcbStatus\":\"%s\"", s->date, s->status);
	if (s->advisories != NULL)
		buf_printf(out, ",\"advisoryIDs\":[%s]", s->advisories);
	buf_text(out, "}");
}

static void put_modules(struct buf *out)
{
	buf_text(out, "\"tdxModule\":{" SIGNER "},\"tdxModuleIdentities\":[");
	for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
		bool first = i == 0 || modules[i].module != modules[i - 1].module;

		if (first)
			buf_printf(out, "%s{\"id\":\"TDX_%02X\"," SIGNER ",\"tcbLevels\":[",
				i == 0 ? "" : "]},", modules[i].module);
		buf_printf(out, "%s{\"tcb\":{\"isvsvn\":%u}", first ? "" : ",", modules[i].svn);
		put_status(out, &modules[i].is);
	}
	buf_text(out, "]}]");
}

static void put_hex(struct buf *out, struct bytes in)
{
	for (size_t i = 0; i < in.n; i++)
		buf_printf(out, "%02X", in.p[i]);
}

static void put_begin(struct buf *out, const struct tdx_document *d)
{
	buf_printf(out,
		"{\"id\":\"%s\",\"version\":%u,\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",",
		d->id, d->version, UTC(d->issued), UTC(d->next));
}

static void put_tcb_info(struct buf *out, const struct tdx_document *d)
{
	put_begin(out, d);
	buf_text(out, "\"fmspc\":\"");
	put_hex(out, BYTES_OF(d->fmspc));
	buf_printf(out, "\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":%u,",
		d->evaluation);
	put_modules(out);
	buf_text(out, ",\"tcbLevels\":[");
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		buf_printf(out, "%s{\"tcb\":{", i == 0 ? "" : ",");
		put_components(out, "sgxtcbcomponents", levels[i].sgx, sgx_names);
		buf_printf(out, ",\"pcesvn\":%u,", levels[i].pcesvn);
		put_components(out, "tdxtcbcomponents", levels[i].tdx, tdx_names);
		buf_text(out, "}");
		put_status(out, &levels[i].is);
	}
	buf_text(out, "]}");
}

static void put_identity(struct buf *out, const struct tdx_document *d)
{
	static const struct status status = { "2024-11-13", "UpToDate", NULL };

	put_begin(out, d);
	buf_printf(out, "\"tcbEvaluationDataNumber\":%u,", d->evaluation);
	buf_text(out,
		"\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
		"\"attributes\":\"11000000000000000000000000000000\","
		"\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\","
		"\"mrsigner\":\"DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5\","
		"\"isvprodid\":2,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4}");
	put_status(out, &status);
	buf_text(out, "]}");
}

/* The editions that are served: the one of all other documents. */
static void put_evaluations(struct buf *out, const struct tdx_document *d)
{
	put_begin(out, d);
	buf_printf(out,
		"\"tcbEvalNumbers\":[{\"tcbEvaluationDataNumber\":%u,"
		"\"tcbRecoveryEventDate\":\"2024-11-12T00:00:00Z\","
		"\"tcbDate\":\"2024-11-13T00:00:00Z\"}]}",
		d->evaluation);
}

static const struct {
	const char *id, *member;
	unsigned    version;
	void (*put)(struct buf *out, const struct tdx_document *d);
} documents[] = {
	[TDX_TCB_INFO]    = { "TDX", "tcbInfo", 3, put_tcb_info },
	[TDX_QE_IDENTITY] = { "TD_QE", "enclaveIdentity", 2, put_identity },
	[TDX_EVALUATIONS] = { "TDX", "tcbEvaluationDataNumbers", 1, put_evaluations },
};

/* Dates lie on midnights, so that a day's answers are the same bytes. The TCB info is the platform's, whatever its
 * certificate says. */
static enum assay_code plan(struct tdx *t, enum tdx_json which, int64_t now,
	struct tdx_document *d, struct assay_err *e)
{
	EVP_PKEY *key = NULL;

	*d = (struct tdx_document){
		.which      = which,
		.id         = documents[which].id,
		.version    = documents[which].version,
		.evaluation = EVALUATION,
		.issued     = now / TDX_DAY * TDX_DAY,
		.next       = (now / TDX_DAY + 30) * TDX_DAY,
		.fmspc      = { 0x90, 0xc0, 0x6f },
		.chain_n    = 2,
	};
	TRY(pki_ca(&t->f->pki, CA_SGX_TCB, &d->chain[0], &d->key, e));
	TRY(pki_ca(&t->f->pki, CA_SGX_ROOT, &d->chain[1], &key, e));
	for (size_t i = 0; i < t->spec.faults; i++) {
		const struct tdx_fault *fault = t->spec.fault[i];

		if (fault->document == which && fault->plan != NULL)
			TRY(fault->plan(t, fault, d, e));
	}
	return ASSAY_OK;
}

static enum assay_code answer(struct tdx *t, enum tdx_json which, int64_t now, struct buf *json,
	struct buf *chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 }, whole = { 0 };
	struct tdx_document          d;
	uint8_t                      raw[TDX_RAW];

	TRY(plan(t, which, now, &d, e));
	documents[which].put(&text, &d);
	TRY(buf_ok(&text, e));
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->document == which && t->spec.fault[i]->written != NULL)
			TRY(t->spec.fault[i]->written(t->spec.fault[i], &text, e));
	TRY(tdx_sign(t, d.key, documents[which].member, buf_bytes(&text), raw, e));
	buf_printf(&whole, "{\"%s\":", documents[which].member);
	buf_put(&whole, text.p, text.n);
	buf_text(&whole, ",\"signature\":\"");
	hex_encode(BYTES_OF(raw), &whole);
	buf_text(&whole, "\"}");
	TRY(buf_ok(&whole, e));
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->document == which && t->spec.fault[i]->answer != NULL)
			TRY(t->spec.fault[i]->answer(t->spec.fault[i], &whole, e));
	buf_put(json, whole.p, whole.n);
	TRY(buf_ok(json, e));
	return tdx_pem(d.chain, d.chain_n, chain, e);
}

enum assay_code tdx_tcb_info(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e)
{
	return answer(t, TDX_TCB_INFO, now, json, chain, e);
}

enum assay_code tdx_qe_identity(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e)
{
	return answer(t, TDX_QE_IDENTITY, now, json, chain, e);
}

enum assay_code tdx_evaluations(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e)
{
	return answer(t, TDX_EVALUATIONS, now, json, chain, e);
}

unsigned tdx_evaluation(const struct tdx *t)
{
	(void)t;
	return EVALUATION;
}
