/* SPDX-License-Identifier: Apache-2.0
 *
 * TCB levels, row by row of tdx 5.6: matching, modules, merging, relaunch. No public quote shows most of it, so that the
 * documents are made here. */
#include "verify/tdx_tcb.h"

#include "test.h"

#define UP   TCB_UP_TO_DATE
#define HARD TCB_HARDENING
#define CONF TCB_CONFIGURATION
#define BOTH TCB_CONFIGURATION_HARDENING
#define OLD  TCB_OUT_OF_DATE
#define OLDC TCB_OUT_OF_DATE_CONFIGURATION
#define REV  TCB_REVOKED
#define NEW  TCB_RELAUNCH
#define NEWC TCB_RELAUNCH_CONFIGURATION
#define NONE TCB_UNRECOGNIZED

/* T7: rows P, columns M of up to date, out of date, revoked. */
static const struct {
	enum tcb_status p, m[3];
} merges[] = {
	{ UP, { UP, OLD, REV } },
	{ HARD, { HARD, OLD, REV } },
	{ CONF, { CONF, OLDC, REV } },
	{ BOTH, { BOTH, OLDC, REV } },
	{ OLD, { OLD, OLD, REV } },
	{ OLDC, { OLDC, OLDC, REV } },
	{ REV, { REV, REV, REV } },
	{ NEW, { NEW, OLD, REV } },
	{ NEWC, { NEWC, OLDC, REV } },
	{ NONE, { NONE, NONE, NONE } },
};

static void merging(void **state)
{
	static const enum tcb_status m[] = { UP, OLD, REV };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(merges); i++) {
		for (size_t k = 0; k < ARRAY_LEN(m); k++)
			assert_int_equal(tcb_merge(merges[i].p, m[k]), merges[i].m[k]);
		assert_int_equal(tcb_merge(merges[i].p, NONE), NONE);
	}
	assert_int_equal(tcb_merge(UP, HARD), OLD); /* of a QE: anything else is old */
}

/* Levels as K2 has them, the highest first; statuses are the test's. */
static struct tcb_level   level[3];
static struct tcb_module  module[2];
static struct tcb_info    info;
static struct qe_identity identity;
static struct pck         pck;
static uint8_t            svn[16], svn2[16], zero[48];
static struct tdx_td      td;

static void set_level(size_t i, const uint8_t sgx[8], unsigned pcesvn, const uint8_t tdx[3],
	enum tcb_status s, int64_t date)
{
	level[i] = (struct tcb_level){ .pcesvn = (uint16_t)pcesvn };
	memcpy(level[i].sgx, sgx, 8);
	memcpy(level[i].tdx, tdx, 3);
	level[i].verdict = (struct tcb_verdict){ .date = date, .status = s };
}

static int set_up(void **state)
{
	(void)state;
	set_level(
		0, (uint8_t[]){ 3, 3, 2, 2, 4, 1, 0, 5 }, 13, (uint8_t[]){ 5, 0, 3 }, UP, 300);
	set_level(
		1, (uint8_t[]){ 2, 2, 2, 2, 3, 1, 0, 5 }, 13, (uint8_t[]){ 5, 0, 2 }, OLD, 200);
	set_level(
		2, (uint8_t[]){ 2, 2, 2, 2, 3, 1, 0, 5 }, 5, (uint8_t[]){ 5, 0, 2 }, OLD, 100);
	memset(module, 0, sizeof(module));
	module[0].version     = 1;
	module[0].levels      = 2;
	module[0].level[0]    = (struct tcb_isv_level){ 6, { .date = 290, .status = UP } };
	module[0].level[1]    = (struct tcb_isv_level){ 4, { .date = 190, .status = OLD } };
	module[1].version     = 0x0a;
	module[1].levels      = 1;
	module[1].level[0]    = (struct tcb_isv_level){ 3, { .date = 280, .status = UP } };
	module[0].signer.mask = module[1].signer.mask = UINT64_MAX;
	info                                          = (struct tcb_info){ .module = module,
							 .modules                  = 2,
							 .level                    = level,
							 .levels                   = 3,
							 .module0                  = { .mask = 0xff } };
	identity                                      = (struct qe_identity){ .levels = 2 };
	identity.level[0] = (struct tcb_isv_level){ 8, { .date = 310, .status = UP } };
	identity.level[1] = (struct tcb_isv_level){ 4, { .date = 110, .status = OLD } };
	pck = (struct pck){ .component = { 3, 3, 2, 2, 4, 1, 0, 5 }, .pcesvn = 13 };
	memset(svn, 0, sizeof(svn));
	memset(svn2, 0, sizeof(svn2));
	memcpy(svn, (uint8_t[]){ 6, 1, 3 }, 3);
	td = (struct tdx_td){ .svn = BYTES_OF(svn), .mrsignerseam = BYTES_OF(zero) };
	return 0;
}

/* --- T2, T3 --- */

static const struct {
	const char *name;
	uint8_t     component0, component7, pcesvn, svn[4];
	int         sgx, tdx; /* levels; -1: none */
	const char *says;
} matches[] = {
	{ "all there", 3, 5, 13, { 6, 1, 3 }, 0, 0, NULL },
	{ "more than asked", 255, 255, 255, { 6, 1, 255 }, 0, 0, NULL },
	{ "an old microcode", 2, 5, 13, { 6, 1, 3 }, 1, 1, NULL },
	{ "an old PCE", 3, 5, 12, { 6, 1, 3 }, 2, 2, NULL },
	{ "an old TDX part", 3, 5, 13, { 6, 1, 2 }, 0, 1, NULL },
	{ "the module's own parts do not count", 3, 5, 13, { 0, 1, 3 }, 0, 0, NULL },
	{ "but of version 0 they do", 3, 5, 13, { 4, 0, 3 }, 0, -1,
		"TDX component 1 is 4, not 5" },
	{ "no SEAMLDR", 3, 4, 13, { 6, 1, 3 }, -1, -1, "SGX component 8 is 4, not 5" },
	{ "no PCE", 3, 5, 4, { 6, 1, 3 }, -1, -1, "PCESVN is 4, not 5" },
	{ "no TDX part", 3, 5, 13, { 6, 1, 1 }, 0, -1, "TDX component 3 is 1, not 2" },
};

static void matching(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(matches); i++) {
		struct tcb_result r = { 0 };
		struct assay_err  e = { 0 };
		enum assay_code   code;

		set_up(state);
		pck.component[0] = matches[i].component0;
		pck.component[7] = matches[i].component7;
		pck.pcesvn       = matches[i].pcesvn;
		memcpy(svn, matches[i].svn, 4);
		code = tcb_platform(&info, &pck, td.svn, &r, &e);
		print_message("%s: %s\n", matches[i].name, assay_err_text(&e));
		assert_ptr_equal(r.sgx, matches[i].sgx < 0 ? NULL : &level[matches[i].sgx]);
		assert_ptr_equal(r.tdx, matches[i].tdx < 0 ? NULL : &level[matches[i].tdx]);
		assert_int_equal(
			code, matches[i].says == NULL ? ASSAY_OK : ASSAY_TCB_NOT_SUPPORTED);
		if (matches[i].says != NULL)
			assert_non_null(strstr(assay_err_text(&e), matches[i].says));
	}
}

/* T6, T11: what the SGX level says counts, though a lower level fits the TDX parts. */
static void revoked_below(void **state)
{
	struct tcb_result r = { 0 };
	struct assay_err  e = { 0 };

	for (int i = 0; i < 2; i++) {
		set_up(state);
		level[0].verdict.status = i == 0 ? REV : NONE;
		svn[2]                  = 2;
		test_must(tcb_platform(&info, &pck, td.svn, &r, &e), &e);
		assert_ptr_equal(r.tdx, &level[1]);
		assert_int_equal(r.platform, i == 0 ? REV : NONE);
	}
}

/* --- T4, T5 --- */

static const struct {
	const char     *name;
	uint8_t         svn[2], signer;
	uint64_t        attributes;
	enum assay_code code;
	enum tcb_status status;
} modules[] = {
	{ "up to date", { 6, 1 }, 0, 0, ASSAY_OK, UP },
	{ "between", { 5, 1 }, 0, 0, ASSAY_OK, OLD },
	{ "too old", { 3, 1 }, 0, 0, ASSAY_TCB_NOT_SUPPORTED, NONE },
	{ "version 10", { 3, 0x0a }, 0, 0, ASSAY_OK, UP },
	{ "not listed", { 6, 2 }, 0, 0, ASSAY_TCB_MODULE_MISMATCH, NONE },
	{ "version 0", { 0, 0 }, 0, 0, ASSAY_OK, UP },
	{ "of another signer", { 6, 1 }, 1, 0, ASSAY_TCB_MODULE_MISMATCH, NONE },
	{ "version 0 of another signer", { 0, 0 }, 1, 0, ASSAY_TCB_MODULE_MISMATCH, NONE },
	{ "an attribute under the mask", { 6, 1 }, 0, 1, ASSAY_TCB_MODULE_MISMATCH, NONE },
	{ "an attribute outside the mask", { 0, 0 }, 0, 0x100, ASSAY_TCB_MODULE_MISMATCH,
		NONE },
};

static void module_levels(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
		struct tcb_result r          = { 0 };
		struct assay_err  e          = { 0 };
		uint8_t           signer[48] = { modules[i].signer };

		set_up(state);
		print_message("%s\n", modules[i].name);
		memcpy(svn, modules[i].svn, 2);
		td.mrsignerseam    = BYTES_OF(signer);
		td.seam_attributes = modules[i].attributes;
		assert_int_equal(tcb_module(&info, &td, &r, &e), modules[i].code);
		assert_int_equal(r.of_module, modules[i].status);
	}
}

static void enclave_levels(void **state)
{
	struct tcb_result r = { 0 };
	struct assay_err  e = { 0 };

	set_up(state);
	test_must(tcb_qe(&identity, 8, &r, &e), &e);
	assert_int_equal(r.of_qe, UP);
	test_must(tcb_qe(&identity, 7, &r, &e), &e);
	assert_int_equal(r.of_qe, OLD);
	assert_int_equal(tcb_qe(&identity, 3, &r, &e), ASSAY_QE_SVN);
}

/* --- T9, T10 --- */

static const struct {
	const char     *name;
	enum tcb_status sgx, tdx; /* of level 0 */
	uint8_t         module, qe, now[3];
	bool            td15;
	enum assay_code code;
	enum tcb_status merged;
	int64_t         date;
} togethers[] = {
	{ "all is well", UP, UP, 6, 8, { 6, 1, 3 }, true, ASSAY_OK, UP, 290 },
	{ "an old module", UP, UP, 5, 8, { 5, 1, 3 }, true, ASSAY_OK, OLD, 190 },
	{ "replaced since", UP, UP, 5, 8, { 6, 1, 3 }, true, ASSAY_OK, NEW, 190 },
	{ "by one of version 10", UP, UP, 5, 8, { 3, 0x0a, 3 }, true, ASSAY_OK, NEW, 190 },
	{ "by one of version 0", UP, UP, 5, 8, { 5, 0, 3 }, true, ASSAY_OK, NEW, 190 },
	{ "by an old one of version 0", UP, UP, 5, 8, { 4, 0, 3 }, true, ASSAY_OK, OLD, 190 },
	{ "under an old SEAMLDR, by one of version 0", UP, UP, 5, 8, { 5, 0, 2 }, true,
		ASSAY_OK, OLD, 190 },
	{ "replaced, and software to harden", HARD, HARD, 5, 8, { 6, 1, 3 }, true, ASSAY_OK,
		NEW, 190 },
	{ "replaced, and both", BOTH, BOTH, 5, 8, { 6, 1, 3 }, true, ASSAY_OK, NEWC, 190 },
	{ "by one that is not listed", UP, UP, 5, 8, { 6, 2, 3 }, true,
		ASSAY_TCB_MODULE_MISMATCH, NONE, 0 },
	{ "under an old SEAMLDR", UP, UP, 5, 8, { 6, 1, 2 }, true, ASSAY_OK, OLD, 190 },
	{ "replaced, and a configuration to mend", CONF, CONF, 5, 8, { 6, 1, 3 }, true,
		ASSAY_OK, NEWC, 190 },
	{ "a TD 1.0 cannot tell", UP, UP, 5, 8, { 6, 1, 3 }, false, ASSAY_OK, OLD, 190 },
	{ "replaced, but an old enclave", UP, UP, 5, 7, { 6, 1, 3 }, true, ASSAY_OK, OLD, 110 },
	{ "an old enclave alone", UP, UP, 6, 7, { 6, 1, 3 }, true, ASSAY_OK, OLD, 110 },
	{ "an old enclave and a configuration", CONF, CONF, 6, 7, { 6, 1, 3 }, true, ASSAY_OK,
		OLDC, 110 },
	{ "an old platform", OLD, OLD, 5, 8, { 6, 1, 3 }, true, ASSAY_OK, OLD, 190 },
	{ "a revoked platform", REV, REV, 6, 8, { 6, 1, 3 }, true, ASSAY_OK, REV, 290 },
	{ "a status that is not known", NONE, NONE, 6, 8, { 6, 1, 3 }, true, ASSAY_OK, NONE,
		290 },
};

static void all_together(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(togethers); i++) {
		struct tcb_result r = { 0 };
		struct assay_err  e = { 0 };

		set_up(state);
		print_message("%s\n", togethers[i].name);
		level[0].verdict.status = togethers[i].sgx;
		svn[0]                  = togethers[i].module;
		memcpy(svn2, togethers[i].now, 3);
		if (togethers[i].td15)
			td.svn2 = BYTES_OF(svn2);
		test_must(tcb_platform(&info, &pck, td.svn, &r, &e), &e);
		test_must(tcb_module(&info, &td, &r, &e), &e);
		test_must(tcb_qe(&identity, togethers[i].qe, &r, &e), &e);
		assert_int_equal(tcb_together(&info, &td, &r, &e), togethers[i].code);
		if (togethers[i].code != ASSAY_OK)
			continue;
		assert_int_equal(r.merged, togethers[i].merged);
		assert_int_equal(r.date, togethers[i].date);
	}
}

/* The TDX parts of the platform fit a lower level only: a new module mends the module, and nothing below it. */
static void lower_level(void **state)
{
	static const struct {
		enum tcb_status below; /* of level 1 */
		uint8_t         module;
		enum tcb_status merged;
	} rows[] = {
		{ UP, 5, NEW },
		{ OLD, 6, OLD },
		{ OLD, 5, NEW },
		{ CONF, 5, NEWC },
		{ REV, 5, REV },
		{ REV, 6, REV },
		{ NONE, 5, NONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct tcb_result r = { 0 };
		struct assay_err  e = { 0 };

		set_up(state);
		print_message("%zu\n", i);
		level[1].verdict.status = rows[i].below;
		memcpy(svn, (uint8_t[]){ rows[i].module, 1, 2 }, 3);
		memcpy(svn2, (uint8_t[]){ 6, 1, 3 }, 3);
		td.svn2 = BYTES_OF(svn2);
		test_must(tcb_platform(&info, &pck, td.svn, &r, &e), &e);
		assert_ptr_equal(r.sgx, &level[0]);
		assert_ptr_equal(r.tdx, &level[1]);
		test_must(tcb_module(&info, &td, &r, &e), &e);
		test_must(tcb_qe(&identity, 8, &r, &e), &e);
		test_must(tcb_together(&info, &td, &r, &e), &e);
		assert_int_equal(r.merged, rows[i].merged);
	}
}

/* Levels need not stand in one order in all their parts: one that the TDX parts fit does not do without its SGX parts. */
static void crossed(void **state)
{
	struct tcb_result r = { 0 };
	struct assay_err  e = { 0 };

	set_up(state);
	level[1].sgx[6] = 1;
	svn[2]          = 2;
	test_must(tcb_platform(&info, &pck, td.svn, &r, &e), &e);
	assert_ptr_equal(r.sgx, &level[0]);
	assert_ptr_equal(r.tdx, &level[2]);
}

/* A module of version 0 has no levels of its own. */
static void first_module(void **state)
{
	struct tcb_result r = { 0 };
	struct assay_err  e = { 0 };

	set_up(state);
	memcpy(svn, (uint8_t[]){ 5, 0, 3 }, 3);
	test_must(tcb_platform(&info, &pck, td.svn, &r, &e), &e);
	test_must(tcb_module(&info, &td, &r, &e), &e);
	assert_null(r.module_level);
	test_must(tcb_qe(&identity, 8, &r, &e), &e);
	test_must(tcb_together(&info, &td, &r, &e), &e);
	assert_int_equal(r.merged, UP);
	assert_int_equal(r.date, 300);
}

/* --- 5.7 --- */

static void accepting(void **state)
{
	char                  ids[2][TCB_ADVISORY] = { "INTEL-SA-1", "INTEL-SA-2" };
	struct tcb_advisories both = { .id = ids, .n = 2 }, first = { .id = ids, .n = 1 },
			      none = { 0 };
	struct tdx_rules rules     = { 0 };
	struct assay_err e         = { 0 };

	(void)state;
	for (int s = 0; s < TCB_STATUS_COUNT; s++) /* by default one, and no other */
		assert_int_equal(
			tcb_accept(&rules, (enum tcb_status)s, 0, &none, &e) == ASSAY_OK,
			s == UP);
	for (int s = 0; s < TCB_STATUS_COUNT; s++)
		rules.accept[s] = true;
	assert_int_equal(tcb_accept(&rules, REV, 0, &none, &e), ASSAY_TCB_REVOKED);
	assert_int_equal(tcb_accept(&rules, NONE, 0, &none, &e), ASSAY_TCB_UNRECOGNIZED);
	assert_int_equal(tcb_accept(&rules, HARD, 0, &none, &e), ASSAY_OK);
	assert_int_equal(tcb_accept(&rules, HARD, 0, &first, &e), ASSAY_TCB_ADVISORY);
	assert_int_equal(tcb_accept(&rules, BOTH, 0, &first, &e), ASSAY_TCB_ADVISORY);
	assert_int_equal(tcb_accept(&rules, CONF, 0, &first, &e), ASSAY_OK);
	rules.advisories = first;
	assert_int_equal(tcb_accept(&rules, HARD, 0, &first, &e), ASSAY_OK);
	assert_int_equal(tcb_accept(&rules, HARD, 0, &both, &e), ASSAY_TCB_ADVISORY);
	rules.minimum_date = 100;
	assert_int_equal(tcb_accept(&rules, OLD, 100, &none, &e), ASSAY_OK);
	assert_int_equal(tcb_accept(&rules, OLD, 99, &none, &e), ASSAY_TCB_DATE);
	assert_int_equal(tcb_accept(&rules, UP, 99, &none, &e), ASSAY_TCB_DATE);
}

/* T12: each once, in their order. */
static void advisories(void **state)
{
	char                  ids[3][TCB_ADVISORY]            = { "a", "b", "a" };
	struct tcb_advisories from                            = { .id = ids, .n = 3 };
	CLEANUP(tcb_advisories_done) struct tcb_advisories to = { 0 };
	struct tcb_verdict two = { .advisory = 1, .advisories = 2 }, all = { .advisories = 3 };
	struct assay_err   e = { 0 };

	(void)state;
	test_must(tcb_add_advisories(&from, &two, &to, &e), &e);
	test_must(tcb_add_advisories(&from, &all, &to, &e), &e);
	assert_int_equal(to.n, 2);
	assert_string_equal(to.id[0], "b");
	assert_string_equal(to.id[1], "a");
}

/* More than there is room for at first. */
static void many_advisories(void **state)
{
	char                  ids[100][TCB_ADVISORY];
	struct tcb_advisories from = { .id = ids, .n = ARRAY_LEN(ids) };
	CLEANUP(tcb_advisories_done) struct tcb_advisories to = { 0 };
	const struct tcb_verdict all = { .advisories = ARRAY_LEN(ids) };
	struct assay_err         e   = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		snprintf(ids[i], TCB_ADVISORY, "INTEL-SA-%zu", i);
	test_must(tcb_add_advisories(&from, &all, &to, &e), &e);
	assert_int_equal(to.n, from.n);
	assert_true(to.cap >= to.n);
	for (size_t i = 0; i < to.n; i++)
		assert_string_equal(to.id[i], ids[i]);
}

static void low_parts(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	set_up(state);
	tcb_low(&info, &pck, td.svn, &out);
	assert_int_equal(out.n, 0);
	pck.component[0] = 2;
	pck.pcesvn       = 12;
	svn[2]           = 2;
	memcpy(level[0].sgx_part[0], "Early Microcode Update", 23);
	tcb_low(&info, &pck, td.svn, &out);
	assert_string_equal(buf_cstr(&out),
		"SGX component 1 (Early Microcode Update) is 2, not 3, PCESVN is 12, not 13, "
		"TDX component 3 is 2, not 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merging),
		cmocka_unit_test(matching),
		cmocka_unit_test(revoked_below),
		cmocka_unit_test(module_levels),
		cmocka_unit_test(enclave_levels),
		cmocka_unit_test(all_together),
		cmocka_unit_test(lower_level),
		cmocka_unit_test(crossed),
		cmocka_unit_test(first_module),
		cmocka_unit_test(accepting),
		cmocka_unit_test(advisories),
		cmocka_unit_test(many_advisories),
		cmocka_unit_test(low_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
