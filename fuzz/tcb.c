/* SPDX-License-Identifier: Apache-2.0
 *
 * TCB info and QE identity: what is signed is a run of the input that is JSON by itself; levels are sorted, bounded and all
 * different; a document is one of the two or neither. */
#include "fuzz.h"

#include "format/dcap.h"
#include "format/qe_identity.h"
#include "format/tcb_info.h"

static void check_isv(const struct tcb_isv_level *l, size_t n, const struct tcb_advisories *ids)
{
	HOLDS(n > 0 && n <= TCB_LEVELS);
	for (size_t i = 0; i < n; i++) {
		HOLDS(i == 0 || l[i].isvsvn < l[i - 1].isvsvn);
		HOLDS(l[i].verdict.advisory + l[i].verdict.advisories <= ids->n);
	}
}

static void check_tcb(struct bytes text)
{
	CLEANUP(tcb_info_done) struct tcb_info t = { 0 };
	struct assay_err                       e = { 0 };

	if (tcb_info_parse(text, &t, &e) != ASSAY_OK)
		return;
	HOLDS(t.levels > 0 && t.levels <= TCB_LEVELS && t.modules <= TCB_MODULES);
	HOLDS(t.next > t.issued);
	for (size_t i = 1; i < t.levels; i++)
		HOLDS(memcmp(t.level[i - 1].sgx, t.level[i].sgx, TCB_PARTS) >= 0);
	for (size_t i = 0; i < t.modules; i++) {
		check_isv(t.module[i].level, t.module[i].levels, &t.advisories);
		HOLDS(tcb_info_module(&t, t.module[i].version) == &t.module[i]);
	}
}

static void check_identity(struct bytes text)
{
	CLEANUP(qe_identity_done) struct qe_identity q = { 0 };
	struct assay_err                             e = { 0 };

	if (qe_identity_parse(text, &q, &e) == ASSAY_OK)
		check_isv(q.level, q.levels, &q.advisories);
}

static void check_envelope(struct bytes in, const char *name, const char *other)
{
	struct tcb_envelope v, w;
	struct assay_err    e = { 0 };

	if (tcb_envelope(in, name, &v, &e) != ASSAY_OK)
		return;
	HOLDS(inside(v.signed_text, in) && v.signed_text.p[0] == '{');
	HOLDS(v.signed_text.p[v.signed_text.n - 1] == '}');
	HOLDS(tcb_envelope(in, other, &w, &e) != ASSAY_OK);
	check_tcb(v.signed_text);
	check_identity(v.signed_text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_done) struct evidence ev = { 0 };
	struct bytes                           in = { data, size };
	struct assay_err                       e  = { 0 };

	json_object_seed(1);
	check_envelope(in, TCB_INFO_NAME, QE_IDENTITY_NAME);
	check_envelope(in, QE_IDENTITY_NAME, TCB_INFO_NAME);
	check_tcb(in);
	check_identity(in);
	if (dcap_like(in) && dcap_read(&ev, in, &e) == ASSAY_OK) {
		HOLDS(ev.collaterals == 6);
		for (size_t i = 0; i < ev.collaterals; i++)
			check_envelope(ev.collateral[i].body, TCB_INFO_NAME, QE_IDENTITY_NAME);
	}
	return 0;
}
