/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of the platform: its PCK certificate and chain, and what they say of its TCB (tdx.md 3, 5.2, 5.6). */
#include "forge/tdx_inside.h"

/* An older machine, by certificate: component and CPUSVN alike. */
static void component(const struct tdx_fault *t, struct tdx_pck *p)
{
	p->component[t->at] = p->cpusvn[t->at] = (uint8_t)t->value;
}

static void component_only(const struct tdx_fault *t, struct tdx_pck *p)
{
	p->component[t->at] = (uint8_t)t->value;
}

static void other_fmspc(const struct tdx_fault *t, struct tdx_pck *p)
{
	p->fmspc[0] = (uint8_t)t->value;
}

static void twice(const struct tdx_fault *t, struct tdx_pck *p)
{
	(void)t;
	p->twice = true;
}

static void again(const struct tdx_fault *t, struct tdx_pck *p)
{
	(void)t;
	p->again = true;
}

/* Days from the time that the TD is made for: it is 125 days behind the beginning. */
static void dates(const struct tdx_fault *t, struct tdx_pck *p)
{
	int64_t at = p->from + (125 + t->value) * TDX_DAY;

	if (t->value < 0)
		p->to = at;
	else
		p->from = at;
}

static void own_authorities(const struct tdx_fault *t, struct tdx_pck *p)
{
	(void)t;
	p->evil = true;
}

static void other_authority(const struct tdx_fault *t, struct tdx_pck *p)
{
	p->ca = (enum ca)t->value;
}

static void other_name(const struct tdx_fault *t, struct tdx_pck *p)
{
	p->subject = t->text;
}

static void other_extensions(const struct tdx_fault *t, struct tdx_pck *p)
{
	p->extensions = t->text;
}

/* A root of the same name on top of the genuine Platform CA; or none at all. */
static enum assay_code top(
	struct tdx *x, const struct tdx_fault *t, struct buf *pem, struct assay_err *e)
{
	X509     *cert[2] = { 0 };
	EVP_PKEY *key     = NULL;

	TRY(pki_ca(&x->f->pki, CA_SGX_PLATFORM, &cert[0], &key, e));
	TRY(pki_ca(&x->f->evil, CA_SGX_ROOT, &cert[1], &key, e));
	buf_done(pem);
	return tdx_pem(cert, t->at, pem, e);
}

#define TCB_LEVEL .finding = "tdx.tcb", .exit = 1
#define PCK_CHAIN .finding = "tdx.pck.chain", .exit = 1

static const struct tdx_fault rows[] = {
	{ "tcb-out-of-date", "a machine with microcode that has known holes", TCB_LEVEL,
		.pck = component, .at = 0, .value = 2 },
	{ "tcb-unsupported", "a machine older than any level that Intel lists", TCB_LEVEL,
		.pck = component, .at = 7, .value = 3 },
	{ "pck-fmspc", "the certificate of another family of machines",
		.finding = "tdx.collateral.tcbinfo", .exit = 1, .pck = other_fmspc,
		.value = 0xb0 },
	{ "pck-expired", "a PCK certificate that has ended", PCK_CHAIN, .pck = dates,
		.value = -1 },
	{ "pck-not-yet", "a PCK certificate that has not begun", PCK_CHAIN, .pck = dates,
		.value = 2 },
	{ "pck-component", "components that differ from CPUSVN, so that verifiers disagree",
		PCK_CHAIN, .pck = component_only, .at = 0, .value = 5 },
	{ "pck-twice", "FMSPC twice in the SGX extension", .finding = "tdx.pck.chain",
		.exit = 6, .pck = twice },
	{ "pck-extension-twice", "two SGX extensions, of which verifiers take one or the other",
		.finding = "tdx.pck.chain", .exit = 6, .pck = again },
	{ "pck-own-authorities", "a whole PKI of the right names under a root of one's own",
		PCK_CHAIN, .pck = own_authorities },
	{ "pck-authority", "a key that another authority of Intel's certified", PCK_CHAIN,
		.pck = other_authority, .value = CA_SGX_OTHER },
	{ "pck-authority-wide", "an authority that may certify others", PCK_CHAIN,
		.pck = other_authority, .value = CA_SGX_WIDE },
	{ "pck-name", "a certificate that is no platform's", PCK_CHAIN, .pck = other_name,
		.text = "CN=Intel SGX TCB Signing|O=Intel Corporation|L=Santa Clara|ST=CA|C=US" },
	{ "pck-usage", "a key whose use nobody limits", PCK_CHAIN, .pck = other_extensions,
		.text = "ICSN" },
	{ "pck-root-replaced", "a self-made root of the same name on a genuine chain",
		PCK_CHAIN, .chain = top, .at = 2 },
	{ "pck-no-root", "a chain without its root", .finding = "tdx.quote.parse", .exit = 6,
		.chain = top, .at = 1 },
};

const struct tdx_fault_table tdx_fault_pck = { rows, ARRAY_LEN(rows) };
