/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of Intel's collateral (tdx.md 5.3, 5.4, 5.9): TCB info, QE identity and CRLs that are old, of somebody else,
 * signed by the wrong key or edited. What is absent is the services' business. */
#include "forge/tdx_inside.h"

static enum assay_code shift(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->issued += t->value * TDX_DAY;
	d->next += t->value * TDX_DAY;
	return ASSAY_OK;
}

static enum assay_code other_id(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->id = t->text;
	return ASSAY_OK;
}

static enum assay_code other_fmspc(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->fmspc[0] = (uint8_t)t->value;
	return ASSAY_OK;
}

static enum assay_code evaluation(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)x;
	(void)e;
	d->evaluation = (unsigned)t->value;
	return ASSAY_OK;
}

/* The machine's own key: certified by Intel, but not for this. */
static enum assay_code pck_signs(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)t;
	(void)e;
	d->key      = x->pck_key;
	d->chain[0] = x->pck;
	return ASSAY_OK;
}

static enum assay_code platform_signs(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)t;
	return pki_ca(&x->f->pki, CA_SGX_PLATFORM, &d->chain[0], &d->key, e);
}

static enum assay_code other_signs(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	return pki_ca(&x->f->pki, (enum ca)t->value, &d->chain[0], &d->key, e);
}

static enum assay_code attacker_signs(
	struct tdx *x, const struct tdx_fault *t, struct tdx_document *d, struct assay_err *e)
{
	(void)t;
	return pki_ca(&x->f->evil, CA_SGX_TCB, &d->chain[0], &d->key, e);
}

static enum assay_code edit(const struct tdx_fault *t, struct buf *json, struct assay_err *e)
{
	return tdx_replace(json, t->find, t->text, e);
}

static enum assay_code shift_list(
	struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)x;
	(void)e;
	c->from += t->value * TDX_DAY;
	c->to += t->value * TDX_DAY;
	return ASSAY_OK;
}

static enum assay_code other_issuer(
	struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)x;
	(void)e;
	c->issuer = (enum ca)t->value;
	return ASSAY_OK;
}

static enum assay_code spoil(
	struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)x;
	(void)t;
	(void)e;
	c->spoil = true;
	return ASSAY_OK;
}

static enum assay_code revoke(
	struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c, struct assay_err *e)
{
	EVP_PKEY *key = NULL;

	return pki_ca(&x->f->pki, (enum ca)t->value, &c->revoked[c->revoked_n++], &key, e);
}

static enum assay_code revoke_pck(
	struct tdx *x, const struct tdx_fault *t, struct tdx_crl *c, struct assay_err *e)
{
	(void)t;
	(void)e;
	if (!x->pck_revoked) /* else it is there already */
		c->revoked[c->revoked_n++] = x->pck;
	return ASSAY_OK;
}

#define TCB_INFO .document = TDX_TCB_INFO, .finding = "tdx.collateral.tcbinfo"
#define QE       .document = TDX_QE_IDENTITY, .finding = "tdx.collateral.identity"
#define CRL      .finding = "tdx.collateral.crl"

/* The status of the first level: the only "UpToDate" in front of another platform level. */
#define LEVEL "\"},{\"tcb\":{\"sgx"
#define STATUS(value)                                                               \
	.document = TDX_TCB_INFO, .finding = "tdx.tcb", .exit = 1, .written = edit, \
	.find = "\"UpToDate" LEVEL,                                                 \
	.text = "\"" value "\",\"advisoryIDs\":[\"INTEL-SA-00615\"]},{\"tcb\":{\"sgx"
#define QE_LEVEL(svn, status)       \
	"{\"tcb\":{\"isvsvn\":" svn \
	"},\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"" status "\"}"

static const struct tdx_fault rows[] = {
	{ "tcb-configuration", "a machine whose firmware is set up unsafely",
		STATUS("ConfigurationNeeded") },
	{ "tcb-hardening", "a machine whose holes software must work around",
		STATUS("SWHardeningNeeded") },
	{ "tcb-both", "a machine that needs both",
		STATUS("ConfigurationAndSWHardeningNeeded") },
	{ "tcb-out-of-date-configuration", "firmware that is old, and set up unsafely",
		STATUS("OutOfDateConfigurationNeeded") },
	{ "tcb-revoked", "a level whose keys are known to be lost", STATUS("Revoked") },
	{ "tcb-unrecognized", "a status that nobody knows", STATUS("FineReally") },
	{ "module-missing", "Intel's list has no such TDX module", .document = TDX_TCB_INFO,
		.finding = "tdx.tcb.module", .exit = 1, .written = edit,
		.find = "{\"id\":\"TDX_01\"", .text = "{\"id\":\"TDX_02\"" },
	{ "module-revoked", "a TDX module that Intel has withdrawn", .document = TDX_TCB_INFO,
		.finding = "tdx.tcb.module", .exit = 1, .written = edit,
		.find = QE_LEVEL("6", "UpToDate"), .text = QE_LEVEL("6", "Revoked") },
	{ "module-unrecognized", "a TDX module with a status that no module has",
		.document = TDX_TCB_INFO, .finding = "tdx.tcb.module", .exit = 1,
		.written = edit, .find = QE_LEVEL("6", "UpToDate"),
		.text = QE_LEVEL("6", "SWHardeningNeeded") },
	{ "qe-out-of-date", "a quoting enclave with known holes", .document = TDX_QE_IDENTITY,
		.finding = "tdx.qe.identity", .exit = 1, .written = edit,
		.find = QE_LEVEL("4", "UpToDate"),
		.text = QE_LEVEL("8", "UpToDate") "," QE_LEVEL("4", "OutOfDate") },
	{ "qe-revoked", "a quoting enclave that Intel has withdrawn",
		.document = TDX_QE_IDENTITY, .finding = "tdx.qe.identity", .exit = 1,
		.written = edit, .find = QE_LEVEL("4", "UpToDate"),
		.text = QE_LEVEL("4", "Revoked") },

	{ "tcbinfo-signer-pck", "TCB info signed by a machine's PCK key", TCB_INFO, .exit = 1,
		.plan = pck_signs },
	{ "tcbinfo-signer-ca", "TCB info signed by an authority of Intel's that is not for it",
		TCB_INFO, .exit = 1, .plan = platform_signs },
	{ "tcbinfo-signer-own", "TCB info signed by a self-made certificate of the right name",
		TCB_INFO, .exit = 1, .plan = attacker_signs },
	{ "tcbinfo-signer-usage", "TCB info signed by a key that is for certificates", TCB_INFO,
		.exit = 1, .plan = other_signs, .value = CA_SGX_LISTS },
	{ "tcbinfo-signer-name", "TCB info by a signer of Intel's that signs other things",
		TCB_INFO, .exit = 1, .plan = other_signs, .value = CA_SGX_QUIET },
	{ "tcbinfo-edited", "an old level made good in signed TCB info", TCB_INFO, .exit = 1,
		.answer = edit, .find = "\"OutOfDate\"", .text = "\"UpToDate\"" },
	{ "tcbinfo-space", "white space in signed TCB info", TCB_INFO, .exit = 1,
		.answer = edit, .find = "\"version\":", .text = "\"version\": " },
	{ "tcbinfo-twice", "a second tcbInfo, for parsers that take the last one", TCB_INFO,
		.exit = 6, .answer = edit, .find = ",\"signature\":",
		.text = ",\"tcbInfo\":{\"id\":\"TDX\"},\"signature\":" },
	{ "tcbinfo-other-case", "a second tcbInfo in capitals, for parsers that ignore case",
		TCB_INFO, .exit = 6, .answer = edit, .find = ",\"signature\":",
		.text = ",\"TCBINFO\":{\"id\":\"TDX\"},\"signature\":" },
	{ "tcbinfo-member-twice", "a member of TCB info twice, signed", TCB_INFO, .exit = 6,
		.written = edit, .find = "\"tcbType\":0,",
		.text = "\"tcbType\":0,\"tcbType\":0," },
	{ "tcbinfo-stale", "TCB info that is out of date", TCB_INFO, .exit = 3, .plan = shift,
		.value = -40 },
	{ "tcbinfo-future", "TCB info from the future", TCB_INFO, .exit = 3, .plan = shift,
		.value = 2 },
	{ "tcbinfo-fmspc", "TCB info of another family of machines", TCB_INFO, .exit = 1,
		.plan = other_fmspc, .value = 0xb0 },
	{ "tcbinfo-pceid", "TCB info of another provisioning enclave", TCB_INFO, .exit = 1,
		.written = edit, .find = "\"pceId\":\"0000\"", .text = "\"pceId\":\"0001\"" },
	{ "tcbinfo-sgx", "TCB info for SGX in place of TDX", TCB_INFO, .exit = 1,
		.plan = other_id, .text = "SGX" },
	{ "identity-sgx", "the identity of SGX's quoting enclave", QE, .exit = 1,
		.plan = other_id, .text = "QE" },
	{ "identity-stale", "a QE identity that is out of date", QE, .exit = 3, .plan = shift,
		.value = -40 },
	{ "identity-edited", "signed QE identity edited: its ISVPRODID", QE, .exit = 1,
		.answer = edit, .find = "\"isvprodid\":2", .text = "\"isvprodid\":1" },
	{ "identity-signer-pck", "QE identity signed by a machine's PCK key", QE, .exit = 1,
		.plan = pck_signs },
	{ "identity-rolled-back", "a QE identity older than the TCB info beside it", QE,
		.exit = 1, .plan = evaluation, .value = 17 },

	{ "crl-pck-stale", "a PCK CRL that is out of date", CRL, .exit = 3,
		.crl = TDX_LIST_PLATFORM, .list = shift_list, .value = -40 },
	{ "crl-pck-future", "a PCK CRL from the future", CRL, .exit = 3,
		.crl = TDX_LIST_PLATFORM, .list = shift_list, .value = 2 },
	{ "crl-pck-issuer", "the Processor CA's CRL, which is empty, for the Platform CA's",
		CRL, .exit = 1, .crl = TDX_LIST_PLATFORM, .list = other_issuer,
		.value = CA_SGX_PROCESSOR },
	{ "crl-pck-signature", "a PCK CRL with a signature that does not hold", CRL, .exit = 1,
		.crl = TDX_LIST_PLATFORM, .list = spoil },
	{ "crl-root-stale", "a root CRL that is out of date", CRL, .exit = 3,
		.crl = TDX_LIST_ROOT, .list = shift_list, .value = -400 },
	{ "crl-root-signature", "a root CRL with a signature that does not hold", CRL,
		.exit = 1, .crl = TDX_LIST_ROOT, .list = spoil },
	{ "pck-revoked", "a machine whose key is known to be lost",
		.finding = "tdx.pck.revocation", .exit = 1, .crl = TDX_LIST_PLATFORM,
		.list = revoke_pck },
	{ "platform-ca-revoked", "the authority of the PCK certificate is revoked",
		.finding = "tdx.pck.revocation", .exit = 1, .crl = TDX_LIST_ROOT,
		.list = revoke, .value = CA_SGX_PLATFORM },
	{ "tcb-signer-revoked", "the signer of the collateral is revoked",
		.finding = "tdx.collateral.tcbinfo", .exit = 1, .crl = TDX_LIST_ROOT,
		.list = revoke, .value = CA_SGX_TCB },
};

const struct tdx_fault_table tdx_fault_pcs = { rows, ARRAY_LEN(rows) };
