/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/tdx_out.h"

#include "forge/out.h"
#include "forge/tdx_inside.h"

/* QE identity's chain is TCB info's, unless a fault has changed one of them. */
enum file {
	QUOTE_BIN,
	REPORT_BIN,
	CCEL_BIN,
	TABLE_BIN,
	TCB_JSON,
	SIGNER_PEM,
	IDENTITY_JSON,
	IDENTITY_PEM,
	PCK_CRL,
	CRL_PEM,
	ROOT_CRL,
	PCK_PEM,
	FILES
};

static const char *const names[FILES] = {
	[QUOTE_BIN]     = "quote.bin",
	[REPORT_BIN]    = "report.bin",
	[CCEL_BIN]      = "ccel.bin",
	[TABLE_BIN]     = "ccel_table.bin",
	[TCB_JSON]      = "tcbinfo.json",
	[SIGNER_PEM]    = "tcbinfo.signer.pem",
	[IDENTITY_JSON] = "qe_identity.json",
	[IDENTITY_PEM]  = "qe_identity.signer.pem",
	[PCK_CRL]       = "pck_crl.der",
	[CRL_PEM]       = "pck_crl.signer.pem",
	[ROOT_CRL]      = "root_crl.der",
	[PCK_PEM]       = "pck.pem",
};

static enum assay_code collect(struct tdx *x, int64_t at, struct buf *b, struct assay_err *e)
{
	uint8_t  reportdata[TDX_REPORTDATA] = { 0 };
	uint8_t *report                     = buf_room(&b[REPORT_BIN], TDX_REPORT);
	uint8_t *table                      = buf_room(&b[TABLE_BIN], TDX_CCEL_TABLE);

	if (report == NULL || table == NULL)
		return err_no_memory(e);
	memcpy(reportdata, x->f->nonce, FORGE_NONCE);
	TRY(tdx_report(x, reportdata, report, e));
	TRY(tdx_quote(x, report, &b[QUOTE_BIN], e));
	TRY(tdx_event_log(x, &b[CCEL_BIN], e));
	TRY(tdx_ccel_table(x, table, e));
	TRY(tdx_tcb_info(x, at, &b[TCB_JSON], &b[SIGNER_PEM], e));
	TRY(tdx_qe_identity(x, at, &b[IDENTITY_JSON], &b[IDENTITY_PEM], e));
	TRY(tdx_pck_crl(x, TDX_CA_PLATFORM, at, &b[PCK_CRL], &b[CRL_PEM], e));
	TRY(tdx_root_crl(x, at, &b[ROOT_CRL], e));
	return tdx_pck_certificate(x, &b[PCK_PEM], &b[PCK_PEM], e);
}

static enum assay_code write_files(const struct buf *b, const char *dir, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };

	buf_printf(&path, "%s/tdx", dir);
	TRY(out_folder(buf_cstr(&path), e));
	for (size_t i = 0; i < FILES; i++)
		if (b[i].n > 0)
			TRY(out_file(buf_cstr(&path), names[i], buf_bytes(&b[i]), e));
	return ASSAY_OK;
}

enum assay_code tdx_write(struct forge *f, const struct tdx_spec *spec, int64_t at,
	const char *dir, struct assay_err *e)
{
	struct buf      b[FILES] = { 0 };
	struct tdx_spec s        = *spec;
	struct tdx     *x        = NULL;
	enum assay_code code;

	s.at    = at;
	s.quote = s.quote == 0 ? 4 : s.quote;
	TRY(tdx_new(f, &s, &x, e));
	code = collect(x, at, b, e);
	if (code == ASSAY_OK)
		code = write_files(b, dir, e);
	for (size_t i = 0; i < FILES; i++)
		buf_done(&b[i]);
	tdx_free(x);
	return code;
}
