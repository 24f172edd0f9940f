/* SPDX-License-Identifier: Apache-2.0
 *
 * nvtrust's policies: their one operator as the table of the specification has it, what is refused when it is read, and
 * that none makes a verdict better. The policy agent's question and answers. */
#include "appraise/mint.h"
#include "appraise/nvtrust_policy.h"

/* nvidia-claims-and-services 5.1 */
static const struct {
	const char *name, *rule, *claim; /* values; NULL: no such member */
	bool        pass;
} operator[] = {
	{ "no claim", "1", NULL, false },
	{ "no claim, and null is asked", "null", NULL, false },
	{ "no claim, and {} is asked", "{}", NULL, false },
	{ "part of an object", "{\"a\":1}", "{\"a\":1,\"b\":2}", true },
	{ "another value in an object", "{\"a\":1}", "{\"a\":2,\"b\":2}", false },
	{ "not in the object", "{\"c\":1}", "{\"a\":1}", false },
	{ "nested", "{\"a\":{\"b\":true}}", "{\"a\":{\"b\":true,\"c\":0}}", true },
	{ "nested, another", "{\"a\":{\"b\":true}}", "{\"a\":{\"b\":false,\"c\":0}}", false },
	{ "{} of an object", "{}", "{\"a\":1}", true },
	{ "{} of an empty one", "{}", "{}", true },
	{ "an object of null", "{}", "null", false },
	{ "an object of a text", "{}", "\"\"", false },
	{ "an object of an array", "{}", "[]", false },
	{ "text", "\"valid\"", "\"valid\"", true },
	{ "another text", "\"valid\"", "\"revoked\"", false },
	{ "another case", "\"valid\"", "\"Valid\"", false },
	{ "a trailing Z", "\"2030-01-01T00:00:00\"", "\"2030-01-01T00:00:00Z\"", false },
	{ "true", "true", "true", true },
	{ "false", "true", "false", false },
	{ "true is not 1", "true", "1", false },
	{ "1 is not true", "1", "true", false },
	{ "true is not a word", "true", "\"true\"", false },
	{ "null", "null", "null", true },
	{ "null of false", "null", "false", false },
	{ "null of nothing said", "null", "\"\"", false },
	{ "a number", "5", "5", true },
	{ "1 is not 1.0", "1", "1.0", false },
	{ "arrays", "[1,\"a\",{\"b\":1}]", "[1,\"a\",{\"b\":1}]", true },
	{ "another order", "[1,2]", "[2,1]", false },
	{ "a longer one", "[1]", "[1,2]", false },
	{ "a shorter one", "[1,2]", "[1]", false },
	{ "objects inside in full", "[{\"b\":1}]", "[{\"b\":1,\"c\":2}]", false },
	{ "no membership", "1", "[1]", false },
	{ "an array of a scalar", "[1]", "1", false },
	{ "an array of an object", "[]", "{}", false },
};

static void operators(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(operator); i++) {
		CLEANUP(buf_done)
		struct buf       r = { 0 }, c = { 0 }, expected = { 0 }, got = { 0 };
		AUTO(json_t)    *rules = NULL, *claims = NULL;
		struct assay_err e = { 0 };
		enum assay_code  code;

		print_message("%s\n", operator[i].name);
		buf_printf(&r, "{\"x\":%s}", operator[i].rule);
		if (operator[i].claim != NULL)
			buf_printf(&c, "{\"x\":%s,\"other\":1}", operator[i].claim);
		else
			buf_text(&c, "{\"other\":1}");
		rules  = json_loads(buf_cstr(&r), 0, NULL);
		claims = json_loads(buf_cstr(&c), 0, NULL);
		assert_non_null(rules);
		assert_non_null(claims);
		code = nvtrust_policy_ask(rules, claims, &expected, &got, &e);
		assert_int_equal(code, operator[i].pass ? ASSAY_OK : ASSAY_POLICY_REQUIREMENT);
		if (code != ASSAY_OK)
			assert_memory_equal(assay_err_text(&e), "x:", 2);
	}
}

#define RULES(o, d)                                                                            \
	"{\"version\":\"4.0\",\"authorization-rules\":{\"type\":\"JWT\",\"overall-claims\":" o \
	",\"detached-claims\":" d "}}"

static const struct {
	const char     *name, *text;
	enum assay_code code;
	const char     *says;
} reads[] = {
	{ "empty rules", RULES("{}", "{}"), ASSAY_OK, "" },
	{ "no version",
		"{\"authorization-rules\":{\"type\":\"JWT\",\"overall-claims\":{},\"detached-claims\":{}}}",
		ASSAY_OK, "" },
	{ "of version 1",
		"{\"version\":\"1.0\",\"authorization-rules\":{\"x-nv-gpu-available\":true}}",
		ASSAY_POLICY_FIELD, "version 1" },
	{ "another type",
		"{\"authorization-rules\":{\"type\":\"EAT\",\"overall-claims\":{},\"detached-claims\":{}}}",
		ASSAY_POLICY_FIELD, "EAT" },
	{ "no detached rules",
		"{\"authorization-rules\":{\"type\":\"JWT\",\"overall-claims\":{}}}",
		ASSAY_POLICY_FIELD, "detached-claims" },
	{ "rules of a list", RULES("[]", "{}"), ASSAY_POLICY_FIELD, "overall-claims" },
	{ "a mistyped member",
		"{\"authorization-rules\":{\"type\":\"JWT\",\"overall-claims\":{},\"detached-claims\":{},\"detached-claim\":{}}}",
		ASSAY_JSON_FIELD, "detached-claim" },
	{ "another member", "{\"authorisation\":1,\"authorization-rules\":{}}",
		ASSAY_JSON_FIELD, "authorisation" },
	{ "a rule twice", RULES("{\"a\":1,\"a\":2}", "{}"), ASSAY_JSON_PARSE, "duplicate" },
	{ "cut", "{\"authorization-rules\":", ASSAY_JSON_PARSE, "" },
};

static void read_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
		CLEANUP(nvtrust_policy_done) struct nvtrust_policy p = { 0 };
		struct assay_err                                   e = { 0 };

		print_message("%s\n", reads[i].name);
		assert_int_equal(
			nvtrust_policy_parse(bytes_text(reads[i].text), &p, &e), reads[i].code);
		assert_non_null(strstr(assay_err_text(&e), reads[i].says));
		assert_int_equal(p.root != NULL, reads[i].code == ASSAY_OK);
	}
	assert_true(nvtrust_policy_is(bytes_text(reads[0].text)));
	assert_true(nvtrust_policy_is(bytes_text(reads[2].text)));
	assert_false(nvtrust_policy_is(BYTES("{\"schema\":\"assay.policy/1\"}")));
	assert_false(nvtrust_policy_is(
		BYTES("{\"schema\":\"assay.policy/1\",\"authorization-rules\":{}}")));
}

#define GOOD "{\"x-nvidia-overall-att-result\":true,\"x-nvidia-ver\":\"3.0\"}"
#define DEVICE                                                                                \
	"{\"measres\":\"success\",\"secboot\":true,\"dbgstat\":\"disabled\","                 \
	"\"x-nvidia-gpu-attestation-report-cert-chain\":{\"x-nvidia-cert-status\":\"valid\"," \
	"\"x-nvidia-cert-ocsp-status\":\"good\"}}"

static const struct {
	const char      *name, *fault, *policy;
	enum assay_class verdict;
	const char      *subject; /* whose rules fail; NULL: nobody's */
	const char      *says;
} nodes[] = {
	{ "as shipped", NULL, RULES(GOOD, DEVICE), ASSAY_CLASS_ACCEPTED, NULL, "" },
	{ "an issuer", NULL, RULES("{\"iss\":\"here\"}", "{\"iss\":\"here\"}"),
		ASSAY_CLASS_ACCEPTED, NULL, "" },
	{ "another issuer", NULL, RULES("{\"iss\":\"LOCAL_GPU_VERIFIER\"}", "{}"),
		ASSAY_CLASS_REJECTED, "node", "iss" },
	{ "another driver", NULL,
		RULES("{}", "{\"x-nvidia-gpu-driver-version\":\"550.90.07\"}"),
		ASSAY_CLASS_REJECTED, "gpu0", "x-nvidia-gpu-driver-version" },
	{ "a claim of nobody", NULL, RULES("{}", "{\"x-nvidia-gpu-colour\":null}"),
		ASSAY_CLASS_REJECTED, "gpu0", "no such claim" },
	{ "asks for nothing, and makes nothing better", "measurement-driver", RULES("{}", "{}"),
		ASSAY_CLASS_REJECTED, NULL, "" },
	{ "asks for the failure, and makes nothing better", "measurement-driver",
		RULES("{\"x-nvidia-overall-att-result\":false}", "{\"measres\":\"fail\"}"),
		ASSAY_CLASS_REJECTED, NULL, "" },
	{ "undecided stays so", "ocsp-absent", RULES("{}", "{}"), ASSAY_CLASS_UNDECIDED, NULL,
		"" },
	{ "undecided and not met", "ocsp-absent", RULES(GOOD, "{}"), ASSAY_CLASS_REJECTED,
		"node", "overall-att-result" },
};

/* Rules about each device hold of none. */
static void of_nobody(void **state)
{
	CLEANUP(nvtrust_policy_done) struct nvtrust_policy p = { 0 };
	struct assay_err                                   e = { 0 };
	struct claims_ask                                  ask;

	(void)state;
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
	court_judge(&court);
	assert_int_equal(court.verdict, ASSAY_CLASS_ACCEPTED);
	ask = mint_claims(&court, 3);
	test_must(nvtrust_policy_parse(
			  bytes_text(RULES("{}", "{\"measres\":\"success\"}")), &p, &e),
		&e);
	test_must(nvtrust_policy_apply(&p, &ask, "here", &court.facts, &court.verdict, &e), &e);
	assert_int_equal(court.verdict, ASSAY_CLASS_REJECTED);
	court_expect(
		&court, "token.policy", "node", ASSAY_OUTCOME_FAIL, ASSAY_POLICY_REQUIREMENT);
}

static void applied(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		CLEANUP(nvtrust_policy_done) struct nvtrust_policy p = { 0 };
		struct assay_err                                   e = { 0 };
		struct claims_ask                                  ask;

		print_message("%s\n", nodes[i].name);
		court_forge(&court, &(struct forged_ask){ .fault = nodes[i].fault });
		court_judge(&court);
		ask = mint_claims(&court, 3);
		test_must(nvtrust_policy_parse(bytes_text(nodes[i].policy), &p, &e), &e);
		test_must(nvtrust_policy_apply(
				  &p, &ask, "here", &court.facts, &court.verdict, &e),
			&e);
		assert_int_equal(court.verdict, nodes[i].verdict);
		if (nodes[i].subject == NULL) {
			court_holds(&court, "token.policy", "node");
			court_holds(&court, "token.policy", "gpu0");
			continue;
		}
		court_expect(&court, "token.policy", nodes[i].subject, ASSAY_OUTCOME_FAIL,
			ASSAY_POLICY_REQUIREMENT);
		assert_non_null(
			strstr(court_finding(&court, "token.policy", nodes[i].subject)->message,
				nodes[i].says));
	}
}

static const struct {
	const char *reply;
	bool        yes;
} answers[] = {
	{ "{\"result\":true}", true },
	{ "{\"decision_id\":\"x\",\"result\":true}", true },
	{ "{\"result\":false}", false },
	{ "{}", false },
	{ "{\"result\":null}", false },
	{ "{\"result\":1}", false },
	{ "{\"result\":\"true\"}", false },
	{ "{\"result\":[true]}", false },
	{ "{\"result\":{\"nv_match\":true}}", false },
	{ "{\"result\":true,\"result\":true}", false },
	{ "[true]", false },
	{ "true", false },
	{ "", false },
	{ "<html>", false },
};

static void agent(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	AUTO(json_t)                *ask = NULL;
	struct assay_err             e   = { 0 };
	struct claims_ask            claims;
	struct facts                 none = { 0 };
	json_t                      *first;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		print_message("%s\n", answers[i].reply);
		assert_int_equal(opa_answer(bytes_text(answers[i].reply), &e),
			answers[i].yes ? ASSAY_OK : ASSAY_POLICY_REQUIREMENT);
	}
	court_forge(&court, &(struct forged_ask){ .ppcie = true });
	court_judge(&court);
	claims = mint_claims(&court, 2);
	test_must(opa_question(&claims, &out, &e), &e);
	test_must(json_read(buf_bytes(&out), 1 << 24, &ask, &e), &e);
	assert_int_equal(json_object_size(ask), 1);
	assert_int_equal(json_array_size(json_object_get(ask, "input")), 12);
	first = json_array_get(json_object_get(ask, "input"), 0);
	assert_non_null(json_object_get(first, "x-nvidia-device-type"));
	assert_non_null(json_object_get(first, "x-nvidia-gpu-attestation-report-cert-chain"));
	claims.facts = &none;
	assert_int_equal(opa_question(&claims, &out, &e), ASSAY_DEVICE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators),
		cmocka_unit_test(read_cases),
		cmocka_unit_test(applied),
		cmocka_unit_test(of_nobody),
		cmocka_unit_test(agent),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
