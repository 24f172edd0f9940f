/* SPDX-License-Identifier: Apache-2.0
 *
 * TCB info and QE identity: text without white space, signed over the value as it stands (spec/tdx.md 4.3 to 4.5). */
#include <stdio.h>

#include "base/pem.h"
#include "base/utc.h"
#include "forge/tdx_inside.h"

#define DAY        INT64_C(86400)
#define EVALUATION 19
#define ZEROS_96                                           \
	"000000000000000000000000000000000000000000000000" \
	"000000000000000000000000000000000000000000000000"
#define QE_SIGNER "DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5"

unsigned tdx_evaluation(const struct tdx *t)
{
	(void)t;
	return EVALUATION;
}

/* Newest first; what the platform here has is the newest. */
static const struct {
	uint8_t     sgx[TDX_COMPONENTS], tdx[TDX_COMPONENTS];
	unsigned    pcesvn;
	const char *date, *status, *advisories;
} levels[TDX_LEVELS] = {
	{ { 3, 3, 2, 2, 4, 1, 0, 5 }, { 5, 0, 3 }, 13, "2024-11-13T00:00:00Z", "UpToDate",
		NULL },
	{ { 2, 2, 2, 2, 3, 1, 0, 5 }, { 5, 0, 2 }, 13, "2024-03-13T00:00:00Z", "OutOfDate",
		"\"INTEL-SA-01036\",\"INTEL-SA-01079\",\"INTEL-SA-01099\"" },
	{ { 2, 2, 2, 2, 3, 1, 0, 5 }, { 5, 0, 2 }, 5, "2018-01-04T00:00:00Z", "OutOfDate",
		"\"INTEL-SA-00586\",\"INTEL-SA-01036\",\"INTEL-SA-01079\",\"INTEL-SA-01099\"" },
};

/* What components are, as Intel writes it beside their number. */
static const char *const sgx_kinds[TDX_COMPONENTS] = {
	",\"category\":\"BIOS\",\"type\":\"Early Microcode Update\"",
	",\"category\":\"OS/VMM\",\"type\":\"SGX Late Microcode Update\"",
	",\"category\":\"OS/VMM\",\"type\":\"TXT SINIT\"",
	",\"category\":\"BIOS\"",
	",\"category\":\"BIOS\"",
	",\"category\":\"BIOS\"",
	"",
	",\"category\":\"OS/VMM\",\"type\":\"SEAMLDR ACM\"",
};
static const char *const tdx_kinds[TDX_COMPONENTS] = {
	",\"category\":\"OS/VMM\",\"type\":\"TDX Module\"",
	",\"category\":\"OS/VMM\",\"type\":\"TDX Module\"",
	",\"category\":\"OS/VMM\",\"type\":\"TDX Late Microcode Update\"",
};

static void put_components(struct buf *out, const char *name, const uint8_t svn[TDX_COMPONENTS],
	const char *const kinds[TDX_COMPONENTS])
{
	buf_printf(out, "\"%s\":[", name);
	for (size_t i = 0; i < TDX_COMPONENTS; i++)
		buf_printf(out, "%s{\"svn\":%u%s}", i == 0 ? "" : ",", svn[i],
			kinds[i] == NULL ? "" : kinds[i]);
	buf_text(out, "]");
}

static void put_status(
	struct buf *out, const char *date, const char *status, const char *advisories)
{
	buf_printf(out, "\"tcbDate\":\"%s\",\"tcbStatus\":\"%s\"", date, status);
	if (advisories != NULL)
		buf_printf(out, ",\"advisoryIDs\":[%s]", advisories);
	buf_text(out, "}");
}

static void put_levels(struct buf *out, const struct tdx_json *j)
{
	buf_text(out, "\"tcbLevels\":[");
	for (size_t i = 0; i < TDX_LEVELS; i++) {
		buf_text(out, i == 0 ? "{\"tcb\":{" : ",{\"tcb\":{");
		put_components(out, "sgxtcbcomponents", levels[i].sgx, sgx_kinds);
		buf_printf(out, ",\"pcesvn\":%u,", levels[i].pcesvn);
		put_components(out, "tdxtcbcomponents", levels[i].tdx, tdx_kinds);
		buf_text(out, "},");
		put_status(out, levels[i].date, j->status[i],
			levels[i].advisories != NULL                    ? levels[i].advisories
				: strcmp(j->status[i], "UpToDate") == 0 ? NULL
									: "\"INTEL-SA-01111\"");
	}
	buf_text(out, "]");
}

static void put_module(struct buf *out, const char *id)
{
	buf_printf(out,
		"{%s%s%s\"mrsigner\":\"" ZEROS_96
		"\",\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"",
		id == NULL ? "" : "\"id\":\"", id == NULL ? "" : id, id == NULL ? "" : "\",");
}

static void put_modules(struct buf *out, const struct tdx_json *j)
{
	buf_text(out, "\"tdxModule\":");
	put_module(out, NULL);
	buf_text(out, "},\"tdxModuleIdentities\":[");
	put_module(out, "TDX_03");
	buf_text(out, ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":3},");
	put_status(out, "2024-11-13T00:00:00Z", "UpToDate", NULL);
	buf_text(out, "]},");
	put_module(out, j->module_id);
	buf_printf(out, ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":%u},", j->module_svn);
	put_status(out, "2024-11-13T00:00:00Z", j->module_status, NULL);
	buf_text(out, ",{\"tcb\":{\"isvsvn\":4},");
	put_status(out, "2024-03-13T00:00:00Z", "OutOfDate",
		"\"INTEL-SA-01036\",\"INTEL-SA-01099\"");
	buf_text(out, "]}]");
}

static void put_head(struct buf *out, const struct tdx_json *j, unsigned version)
{
	buf_printf(out, "{\"id\":\"%s\",\"version\":%u,", j->id, version);
	if (j->twice)
		buf_printf(out, "\"id\":\"%s\",", j->id);
	buf_printf(out, "\"issueDate\":\"%s\",\"nextUpdate\":\"%s\",", UTC(j->issued),
		UTC(j->next));
}

static void put_tcb_info(struct buf *out, const struct tdx_json *j)
{
	put_head(out, j, 3);
	buf_text(out, "\"fmspc\":\"");
	for (size_t i = 0; i < sizeof(j->fmspc); i++)
		buf_printf(out, "%02X", j->fmspc[i]);
	buf_printf(out, "\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":%u,",
		j->evaluation);
	put_modules(out, j);
	buf_text(out, ",");
	put_levels(out, j);
	buf_text(out, "}");
}

static void put_identity(struct buf *out, const struct tdx_json *j)
{
	put_head(out, j, 2);
	buf_printf(out,
		"\"tcbEvaluationDataNumber\":%u,\"miscselect\":\"00000000\","
		"\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"11000000000000000000000000000000\","
		"\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"%s\","
		"\"isvprodid\":2,\"tcbLevels\":[{\"tcb\":{\"isvsvn\":%u},",
		j->evaluation, j->mrsigner, j->qe_svn);
	put_status(out, "2024-11-13T00:00:00Z", "UpToDate", NULL);
	buf_text(out, ",{\"tcb\":{\"isvsvn\":4},");
	put_status(out, "2024-03-13T00:00:00Z", "OutOfDate", "\"INTEL-SA-01099\"");
	buf_text(out, "]}");
}

static void plan(const struct tdx *t, const char *id, int64_t now, struct tdx_json *out)
{
	*out = (struct tdx_json){
		.id            = id,
		.issued        = now / DAY * DAY,
		.next          = (now / DAY + 30) * DAY,
		.evaluation    = EVALUATION,
		.module_id     = "TDX_01",
		.module_status = "UpToDate",
		.module_svn    = 6,
		.qe_svn        = 6,
		.mrsigner      = QE_SIGNER,
	};
	memcpy(out->fmspc, t->platform.fmspc, sizeof(out->fmspc));
	for (size_t i = 0; i < TDX_LEVELS; i++)
		out->status[i] = levels[i].status;
}

/* {"name":VALUE,"signature":"HEX"}; the signature is over VALUE's bytes. */
static enum assay_code seal(struct tdx *t, const char *name, const struct tdx_json *j,
	struct buf *value, struct buf *json, struct buf *chain, struct assay_err *e)
{
	const bool pck = j->signer == SIGNER_PCK;
	uint8_t    raw[SEED_RAW_P256];
	X509      *cert = NULL;
	EVP_PKEY  *key  = NULL;
	char      *at;

	TRY(buf_ok(value, e));
	TRY(pki_ca(t->pki, CA_SGX_TCB, &cert, &key, e));
	TRY(tdx_sign(t, pck ? t->pck_key : key, name, buf_bytes(value), raw, e));
	at = j->edit == NULL ? NULL : strstr(buf_cstr(value), j->edit);
	if (at != NULL)
		memcpy(at, j->into, strlen(j->into));
	buf_printf(json, "{\"%s\":", name);
	buf_put(json, value->p, value->n);
	buf_text(json, ",\"signature\":\"");
	for (size_t i = 0; i < sizeof(raw); i++)
		buf_printf(json, "%02x", raw[i]);
	buf_text(json, "\"}");
	TRY(buf_ok(json, e));
	return pck ? tdx_pck_certificate(t, chain, chain, e)
		   : tdx_issuers(t, CA_SGX_TCB, chain, e);
}

static void strike(const struct tdx *t, enum tdx_document d, struct tdx_json *j)
{
	for (size_t i = 0; i < t->spec.faults; i++)
		if (t->spec.fault[i]->json != NULL && t->spec.fault[i]->document == d)
			t->spec.fault[i]->json(t->spec.fault[i], j);
}

enum assay_code tdx_tcb_info(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf value = { 0 };
	struct tdx_json              j;

	plan(t, "TDX", now, &j);
	strike(t, TDX_TCB_INFO, &j);
	put_tcb_info(&value, &j);
	return seal(t, "tcbInfo", &j, &value, json, chain, e);
}

enum assay_code tdx_qe_identity(
	struct tdx *t, int64_t now, struct buf *json, struct buf *chain, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf value = { 0 };
	struct tdx_json              j;

	plan(t, "TD_QE", now, &j);
	strike(t, TDX_QE_IDENTITY, &j);
	put_identity(&value, &j);
	return seal(t, "enclaveIdentity", &j, &value, json, chain, e);
}
