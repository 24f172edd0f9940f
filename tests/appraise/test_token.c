/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: what is written is read and accepted; and every way in which one can be tampered with is refused, by the check
 * and the code that its row names. */
#include "appraise/mint.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include <stdio.h>
#include <stdlib.h>

/* One edit of [["JWT", overall], {devices}]. */
typedef void tamper(json_t *t);

static void edit(json_t *t, const char *label, const char *name, json_t *value)
{
	json_t *claims = mint_take(t, label);

	if (value == NULL)
		json_object_del(claims, name);
	else
		json_object_set_new(claims, name, value);
	mint_put(t, label, claims);
	if (label != NULL)
		mint_bind(t, label);
	json_decref(claims);
}

/* The same token by another algorithm, and the digest made to fit. */
static void under(json_t *t, enum jws_alg alg, const char *secret, bool all)
{
	json_t *claims = mint_take(t, "GPU-0");

	json_object_set_new(json_array_get(t, 1), "GPU-0", mint_jws(claims, alg, secret));
	json_decref(claims);
	mint_bind(t, "GPU-0");
	if (!all)
		return;
	claims = mint_take(t, NULL);
	json_array_set_new(json_array_get(t, 0), 1, mint_jws(claims, alg, secret));
	json_decref(claims);
}

/* Text of the overall token, edited. */
static void overall_text(json_t *t, const char *before, const char *behind)
{
	char        text[16384];
	const char *old = json_string_value(json_array_get(json_array_get(t, 0), 1));

	snprintf(text, sizeof(text), "%s%s%s", before, old, behind);
	json_array_set_new(json_array_get(t, 0), 1, json_string(text));
}

static void nothing(json_t *t)
{
	(void)t;
}

static void spelled_otherwise(json_t *t)
{
	json_t *all = mint_take(t, NULL);

	json_array_set_new(
		json_array_get(json_object_get(json_object_get(all, "submods"), "GPU-0"), 1), 0,
		json_string("sha256"));
	mint_put(t, NULL, all);
	json_decref(all);
}

static void other_label_kind(json_t *t)
{
	json_t *all = mint_take(t, NULL);

	json_array_set_new(
		json_array_get(json_object_get(json_object_get(all, "submods"), "GPU-0"), 1), 0,
		json_string("SHA-384"));
	mint_put(t, NULL, all);
	json_decref(all);
}

static void other_digest(json_t *t)
{
	json_t *all = mint_take(t, NULL);

	json_array_set_new(
		json_array_get(json_object_get(json_object_get(all, "submods"), "GPU-0"), 1), 1,
		json_string(
			"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
	mint_put(t, NULL, all);
	json_decref(all);
}

/* What stands in the place of a device's digest. */
static void digest_is(json_t *t, json_t *value)
{
	json_t *all = mint_take(t, NULL);

	assert_non_null(value);
	json_object_set_new(json_object_get(all, "submods"), "GPU-0", value);
	mint_put(t, NULL, all);
	json_decref(all);
}

static json_t *digest_of(const json_t *t)
{
	json_t *all = mint_take((json_t *)(uintptr_t)t, NULL);
	json_t *hex = json_incref(json_array_get(
		json_array_get(json_object_get(json_object_get(all, "submods"), "GPU-0"), 1),
		1));

	json_decref(all);
	return hex;
}

static void digest_of_another_type(json_t *t)
{
	digest_is(t, json_pack("[s, [s, o]]", "HASH", "SHA-256", digest_of(t)));
}

static void digest_and_more(json_t *t)
{
	digest_is(t, json_pack("[s, [s, o], s]", "DIGEST", "SHA-256", digest_of(t), "more"));
}

static void digest_more_inside(json_t *t)
{
	digest_is(t, json_pack("[s, [s, o, s]]", "DIGEST", "SHA-256", digest_of(t), "more"));
}

static void digest_without_value(json_t *t)
{
	digest_is(t, json_pack("[s, [s, i]]", "DIGEST", "SHA-256", 1));
}

static void digest_label_longer(json_t *t)
{
	digest_is(t, json_pack("[s, [s, o]]", "DIGEST", "SHA-2560", digest_of(t)));
}

static void digest_cut(json_t *t)
{
	digest_is(t, json_pack("[s, [s, s]]", "DIGEST", "SHA-256", "0011"));
}

static void no_digest(json_t *t)
{
	edit(t, NULL, "submods", json_object());
}

static void label_removed(json_t *t)
{
	json_object_del(json_array_get(t, 1), "GPU-0");
}

static void label_added(json_t *t)
{
	json_object_set(
		json_array_get(t, 1), "GPU-1", json_object_get(json_array_get(t, 1), "GPU-0"));
}

static void device_twice(json_t *t)
{
	label_added(t);
	mint_bind(t, "GPU-1");
}

static void one_left_out(json_t *t)
{
	device_twice(t);
	json_object_del(json_array_get(t, 1), "GPU-1");
}

static void label_of_nobody(json_t *t)
{
	json_object_set(
		json_array_get(t, 1), "GPU-00", json_object_get(json_array_get(t, 1), "GPU-0"));
}

static void no_devices(json_t *t)
{
	label_removed(t);
	no_digest(t);
}

static void none_for_a_device(json_t *t)
{
	under(t, JWS_NONE, NULL, false);
}

static void none_for_all(json_t *t)
{
	under(t, JWS_NONE, NULL, true);
}

static void secret(json_t *t)
{
	under(t, JWS_HS256, "secret", true);
}

static void key_as_secret(json_t *t)
{
	under(t, JWS_HS256, buf_cstr(&mint.pem), true);
}

static void somebody_else(json_t *t)
{
	json_t *all = mint_take(t, NULL);

	mint.who = 1;
	mint_put(t, NULL, all);
	mint.who = 0;
	json_decref(all);
}

static void header_none(json_t *t)
{
	char *text = strdup(json_string_value(json_object_get(json_array_get(t, 1), "GPU-0")));
	char *rest = strchr(text, '.'), *end = strrchr(text, '.');
	char  all[16384];

	end[1] = 0;
	snprintf(all, sizeof(all), "eyJhbGciOiJub25lIn0%s", rest); /* {"alg":"none"} */
	json_object_set_new(json_array_get(t, 1), "GPU-0", json_string(all));
	free(text);
}

static void dot_behind(json_t *t)
{
	overall_text(t, "", ".");
}

static void dot_before(json_t *t)
{
	overall_text(t, ".", "");
}

static void padded(json_t *t)
{
	overall_text(t, "", "==");
}

static void blank_behind(json_t *t)
{
	overall_text(t, "", " ");
}

static void name_twice(json_t *t)
{
	/* {"alg":"ES384"} . {"sub":1,"sub":2} . 96 bytes of zeros */
	json_array_set_new(json_array_get(t, 0), 1,
		json_string(
			"eyJhbGciOiJFUzM4NCJ9.eyJzdWIiOjEsInN1YiI6Mn0."
			"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
}

static void three_elements(json_t *t)
{
	json_array_append_new(t, json_object());
}

static void bare_head(json_t *t)
{
	json_array_set_new(t, 0, json_string("JWT"));
}

static void other_iss(json_t *t)
{
	edit(t, "GPU-0", "iss", json_string("somebody"));
}

static void no_iss(json_t *t)
{
	edit(t, "GPU-0", "iss", NULL);
}

static void no_iss_at_all(json_t *t)
{
	edit(t, "GPU-0", "iss", NULL);
	edit(t, NULL, "iss", NULL);
}

static void device_no_nonce(json_t *t)
{
	edit(t, "GPU-0", "eat_nonce", NULL);
}

static void other_nonce(json_t *t)
{
	edit(t, "GPU-0", "eat_nonce",
		json_string(
			"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
}

static void no_nonce(json_t *t)
{
	edit(t, NULL, "eat_nonce", json_null());
}

static void capitals(json_t *t)
{
	json_t *all  = mint_take(t, NULL);
	char   *text = strdup(json_string_value(json_object_get(all, "eat_nonce")));

	for (char *p = text; *p != 0; p++)
		if (*p >= 'a')
			*p = (char)(*p - 'a' + 'A');
	edit(t, NULL, "eat_nonce", json_string(text));
	free(text);
	json_decref(all);
}

static void expired(json_t *t)
{
	edit(t, "GPU-0", "exp", json_integer(court.now - TOKEN_LEEWAY));
}

static void nearly_expired(json_t *t)
{
	edit(t, "GPU-0", "exp", json_integer(court.now - TOKEN_LEEWAY + 1));
}

static void from_the_future(json_t *t)
{
	edit(t, NULL, "nbf", json_integer(court.now + TOKEN_LEEWAY + 1));
}

static void made_tomorrow(json_t *t)
{
	edit(t, "GPU-0", "iat", json_integer(court.now + TOKEN_LEEWAY + 1));
}

static void no_making(json_t *t)
{
	edit(t, "GPU-0", "iat", NULL);
}

static void made_before_1970(json_t *t)
{
	edit(t, NULL, "iat", json_integer(-1));
}

static void ends_never(json_t *t)
{
	edit(t, NULL, "exp", json_integer(INT64_C(253402300800))); /* the year 10000 */
}

static void no_end(json_t *t)
{
	edit(t, "GPU-0", "exp", NULL);
}

static void end_a_text(json_t *t)
{
	edit(t, NULL, "exp", json_string("2099"));
}

static void without_nbf(json_t *t)
{
	edit(t, "GPU-0", "nbf", NULL);
}

static void measures_fail(json_t *t)
{
	edit(t, "GPU-0", "measres", json_string("fail"));
}

static void claim_false(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-driver-rim-version-match", json_false());
}

static void chain_revoked(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-driver-rim-cert-chain",
		json_pack("{s:s}", "x-nvidia-cert-status", "revoked"));
}

static void error_details(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-error-details",
		json_pack("{s:i, s:s}", "code", 4010, "message", "nonce\033[m"));
}

static void overall_error(json_t *t)
{
	edit(t, NULL, "x-nvidia-error-details", json_pack("{s:i}", "code", 4010));
}

static void chain_unknown(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-vbios-rim-cert-chain",
		json_pack("{s:s, s:s}", "x-nvidia-cert-status", "valid",
			"x-nvidia-cert-ocsp-status", "unknown"));
}

static void chain_unheard(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-vbios-rim-cert-chain",
		json_pack("{s:s, s:s, s:b}", "x-nvidia-cert-status", "valid",
			"x-nvidia-cert-ocsp-status", "good",
			"x-nvidia-cert-ocsp-response-valid", 0));
}

static void debugged(json_t *t)
{
	edit(t, "GPU-0", "dbgstat", json_string("enabled"));
}

static void waived_device(json_t *t)
{
	edit(t, "GPU-0", "x-assay-waivers", json_pack("[{}]"));
}

static void waived_oddly(json_t *t)
{
	edit(t, NULL, "x-assay-waivers", json_pack("{s:i}", "a", 1));
}

static void verdict_null(json_t *t)
{
	edit(t, NULL, "x-assay-verdict", json_null());
}

static void audience(json_t *t)
{
	edit(t, NULL, "aud", json_string("somebody"));
}

static void device_audience(json_t *t)
{
	edit(t, "GPU-0", "aud", json_string("somebody"));
}

static void says_no(json_t *t)
{
	edit(t, NULL, "x-nvidia-overall-att-result", json_false());
}

static void contradicts_itself(json_t *t)
{
	edit(t, NULL, "x-assay-verdict", json_string("rejected"));
}

static void says_yes_in_words(json_t *t)
{
	edit(t, NULL, "x-nvidia-overall-att-result", json_string("true"));
}

static void no_version(json_t *t)
{
	edit(t, NULL, "x-nvidia-ver", json_real(3.0));
}

static void other_sub(json_t *t)
{
	edit(t, NULL, "sub", json_string("NVIDIA-GPU-ATTESTATION"));
}

static void test_anchors(json_t *t)
{
	edit(t, "GPU-0", "x-assay-anchors", json_string(CLAIMS_ANCHORS));
}

static void anchors_one(json_t *t)
{
	edit(t, NULL, "x-assay-anchors", json_integer(1));
}

static void historic(json_t *t)
{
	edit(t, NULL, "x-assay-historic", json_true());
}

static void waived(json_t *t)
{
	json_t *list = json_pack("[{s:s}]", "id", "gpu.chain.revocation");

	edit(t, NULL, "x-assay-waivers", list);
	says_no(t);
}

static void waived_and_rejected(json_t *t)
{
	waived(t);
	contradicts_itself(t);
}

static void waived_unsaid(json_t *t)
{
	waived(t);
	edit(t, NULL, "x-assay-verdict", NULL);
}

static void chain_without_status(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-vbios-rim-cert-chain",
		json_pack("{s:s}", "x-nvidia-cert-ocsp-status", "good"));
}

static void new_claim_false(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-newer-check", json_false());
}

static void new_chain_revoked(json_t *t)
{
	edit(t, "GPU-0", "x-nvidia-gpu-newer-cert-chain",
		json_pack("{s:s}", "x-nvidia-cert-status", "revoked"));
}

#define V(x) ASSAY_CLASS_##x

/* The token of one forged GPU, judged under the key, the nonce and the time that belong to it. */
static const struct {
	const char      *name;
	tamper          *tamper;
	enum assay_class verdict;
	const char      *id, *subject; /* a finding with that code */
	enum assay_code  code;
	const char      *says;
} rows[] = {
	{ "untouched", nothing, V(ACCEPTED), "token.binding", "gpu0", ASSAY_OK, "" },
	{ "digest spelled otherwise", spelled_otherwise, V(ACCEPTED), "token.binding", "gpu0",
		ASSAY_OK, "" },
	{ "another digest", other_digest, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "digest" },
	{ "a digest of another kind", other_label_kind, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "a digest of another type", digest_of_another_type, V(REJECTED), "token.binding",
		"gpu0", ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "a digest and more", digest_and_more, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "a digest with more inside", digest_more_inside, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "a digest without value", digest_without_value, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "a digest of a longer name", digest_label_longer, V(REJECTED), "token.binding",
		"gpu0", ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "a digest cut", digest_cut, V(REJECTED), "token.binding", "gpu0", ASSAY_TOKEN_BINDING,
		"no SHA-256" },
	{ "no digest", no_digest, V(REJECTED), "token.binding", "gpu0", ASSAY_TOKEN_BINDING,
		"no SHA-256" },
	{ "a device left out", label_removed, V(REJECTED), "token.binding", "node",
		ASSAY_TOKEN_BINDING, "no device token" },
	{ "one of two left out", one_left_out, V(REJECTED), "token.binding", "node",
		ASSAY_TOKEN_BINDING, "speaks of GPU-1" },
	{ "a device added", label_added, V(REJECTED), "token.binding", "gpu1",
		ASSAY_TOKEN_BINDING, "no SHA-256" },
	{ "one device twice", device_twice, V(REJECTED), "token.binding", "gpu1",
		ASSAY_TOKEN_BINDING, "the same device as GPU-0" },
	{ "a label of nobody", label_of_nobody, V(MALFORMED), "token.parse", "node",
		ASSAY_TOKEN_PARSE, "GPU-00" },
	{ "no devices at all", no_devices, V(REJECTED), "token.binding", "node",
		ASSAY_TOKEN_BINDING, "no device token" },
	{ "none for a device", none_for_a_device, V(UNDECIDED), "token.signature", "gpu0",
		ASSAY_TOKEN_UNAUTHENTICATED, "not signed" },
	{ "none for all", none_for_all, V(UNDECIDED), "token.signature", "node",
		ASSAY_TOKEN_UNAUTHENTICATED, "not signed" },
	{ "header changed to none", header_none, V(REJECTED), "token.signature", "gpu0",
		ASSAY_TOKEN_UNAUTHENTICATED, "not signed" },
	{ "HS256, the constant", secret, V(UNDECIDED), "token.signature", "node",
		ASSAY_TOKEN_UNAUTHENTICATED, "constant that everybody knows" },
	{ "HS256, our key as the secret", key_as_secret, V(UNDECIDED), "token.signature",
		"node", ASSAY_TOKEN_UNAUTHENTICATED, "HS256" },
	{ "another's signature", somebody_else, V(REJECTED), "token.signature", "node",
		ASSAY_TOKEN_SIGNATURE, "does not hold" },
	{ "a dot behind", dot_behind, V(MALFORMED), "token.parse", "node", ASSAY_TOKEN_PARSE,
		"three parts" },
	{ "a dot before", dot_before, V(MALFORMED), "token.parse", "node", ASSAY_TOKEN_PARSE,
		"three parts" },
	{ "padding", padded, V(MALFORMED), "token.parse", "node", ASSAY_TOKEN_PARSE,
		"base64url" },
	{ "a blank behind", blank_behind, V(MALFORMED), "token.parse", "node",
		ASSAY_TOKEN_PARSE, "0x20" },
	{ "a name twice", name_twice, V(MALFORMED), "token.parse", "node", ASSAY_TOKEN_PARSE,
		"duplicate" },
	{ "three elements", three_elements, V(MALFORMED), "token.parse", "node",
		ASSAY_TOKEN_PARSE, "two elements" },
	{ "a bare head", bare_head, V(MALFORMED), "token.parse", "node", ASSAY_TOKEN_PARSE,
		"begins" },
	{ "another issuer", other_iss, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "issued by \"somebody\"" },
	{ "no issuer", no_iss, V(REJECTED), "token.binding", "gpu0", ASSAY_TOKEN_BINDING,
		"no issuer" },
	{ "no issuer at all", no_iss_at_all, V(REJECTED), "token.binding", "node",
		ASSAY_TOKEN_BINDING, "no issuer" },
	{ "a device's without nonce", device_no_nonce, V(REJECTED), "token.nonce", "node",
		ASSAY_TOKEN_NONCE, "GPU-0 has another nonce" },
	{ "another nonce", other_nonce, V(REJECTED), "token.nonce", "node", ASSAY_TOKEN_NONCE,
		"GPU-0 has another nonce" },
	{ "no nonce", no_nonce, V(REJECTED), "token.nonce", "node", ASSAY_TOKEN_NONCE,
		"no nonce" },
	{ "a nonce in capitals", capitals, V(ACCEPTED), "token.nonce", "node", ASSAY_OK, "" },
	{ "expired", expired, V(REJECTED), "token.time", "gpu0", ASSAY_TOKEN_EXPIRED,
		"valid until" },
	{ "within the leeway", nearly_expired, V(ACCEPTED), "token.time", "gpu0", ASSAY_OK,
		"" },
	{ "from the future", from_the_future, V(REJECTED), "token.time", "node",
		ASSAY_TOKEN_NOT_YET, "valid from" },
	{ "made in the future", made_tomorrow, V(REJECTED), "token.time", "gpu0",
		ASSAY_TOKEN_NOT_YET, "valid from" },
	{ "made at no time", no_making, V(MALFORMED), "token.time", "gpu0", ASSAY_TOKEN_PARSE,
		"iat" },
	{ "made before 1970", made_before_1970, V(MALFORMED), "token.time", "node",
		ASSAY_TOKEN_PARSE, "iat" },
	{ "ends never", ends_never, V(MALFORMED), "token.time", "node", ASSAY_TOKEN_PARSE,
		"exp" },
	{ "no end", no_end, V(MALFORMED), "token.time", "gpu0", ASSAY_TOKEN_PARSE, "exp" },
	{ "an end in words", end_a_text, V(MALFORMED), "token.time", "node", ASSAY_TOKEN_PARSE,
		"exp" },
	{ "no nbf, as NVAT has it", without_nbf, V(ACCEPTED), "token.time", "gpu0", ASSAY_OK,
		"" },
	{ "measres fail under a good result", measures_fail, V(REJECTED), "token.result",
		"gpu0", ASSAY_TOKEN_RESULT, "measres is \"fail\"" },
	{ "a false claim under a good result", claim_false, V(REJECTED), "token.result", "gpu0",
		ASSAY_TOKEN_RESULT, "version-match does not hold" },
	{ "a revoked chain under a good result", chain_revoked, V(REJECTED), "token.result",
		"gpu0", ASSAY_TOKEN_RESULT, "cert-chain does not hold" },
	{ "a chain without its status", chain_without_status, V(REJECTED), "token.result",
		"gpu0", ASSAY_TOKEN_RESULT, "vbios-rim-cert-chain does not hold" },
	{ "a claim that is new, and false", new_claim_false, V(REJECTED), "token.result",
		"gpu0", ASSAY_TOKEN_RESULT, "newer-check does not hold" },
	{ "a chain that is new, and revoked", new_chain_revoked, V(REJECTED), "token.result",
		"gpu0", ASSAY_TOKEN_RESULT, "newer-cert-chain does not hold" },
	{ "an error of NRAS", error_details, V(REJECTED), "token.result", "gpu0",
		ASSAY_TOKEN_RESULT, "error 4010: nonce\\x1b[m" },
	{ "an error of all under a good result", overall_error, V(REJECTED), "token.result",
		"node", ASSAY_TOKEN_RESULT, "error 4010" },
	{ "a chain that nobody knows", chain_unknown, V(REJECTED), "token.result", "gpu0",
		ASSAY_TOKEN_RESULT, "vbios-rim-cert-chain does not hold" },
	{ "a good answer that does not count", chain_unheard, V(REJECTED), "token.result",
		"gpu0", ASSAY_TOKEN_RESULT, "vbios-rim-cert-chain does not hold" },
	{ "debugged under a good result", debugged, V(REJECTED), "token.result", "gpu0",
		ASSAY_TOKEN_RESULT, "dbgstat does not hold" },
	{ "a waiver of a device alone", waived_device, V(UNDECIDED), "token.result", "gpu0",
		ASSAY_TOKEN_WAIVED, "waivers" },
	{ "waivers of another type", waived_oddly, V(UNDECIDED), "token.result", "node",
		ASSAY_TOKEN_WAIVED, "waivers" },
	{ "a verdict that is none", verdict_null, V(REJECTED), "token.result", "node",
		ASSAY_TOKEN_RESULT, "not true" },
	{ "for somebody else", audience, V(REJECTED), "token.binding", "node",
		ASSAY_TOKEN_BINDING, "audience" },
	{ "a device's for somebody else", device_audience, V(REJECTED), "token.binding", "gpu0",
		ASSAY_TOKEN_BINDING, "audience" },
	{ "a bad result", says_no, V(REJECTED), "token.result", "node", ASSAY_TOKEN_RESULT,
		"not true" },
	{ "a good result of a bad verdict", contradicts_itself, V(REJECTED), "token.result",
		"node", ASSAY_TOKEN_RESULT, "not true: rejected" },
	{ "a result in words", says_yes_in_words, V(REJECTED), "token.parse", "node",
		ASSAY_TOKEN_PARSE, "true or false" },
	{ "a version that is a number", no_version, V(MALFORMED), "token.parse", "node",
		ASSAY_TOKEN_PARSE, "x-nvidia-ver" },
	{ "another subject", other_sub, V(MALFORMED), "token.parse", "node", ASSAY_TOKEN_PARSE,
		"sub" },
	{ "test anchors", test_anchors, V(REJECTED), "token.anchors", "node",
		ASSAY_TOKEN_ANCHORS, "TEST ANCHORS" },
	{ "anchors of no name", anchors_one, V(REJECTED), "token.anchors", "node",
		ASSAY_TOKEN_ANCHORS, "" },
	{ "historic", historic, V(UNDECIDED), "token.nonce", "node", ASSAY_TOKEN_FRESHNESS,
		"another time" },
	{ "waived, of a bad verdict", waived_and_rejected, V(REJECTED), "token.result", "node",
		ASSAY_TOKEN_RESULT, "not true" },
	{ "waived, of no verdict", waived_unsaid, V(REJECTED), "token.result", "node",
		ASSAY_TOKEN_RESULT, "not true" },
	{ "waived", waived, V(UNDECIDED), "token.result", "node", ASSAY_TOKEN_WAIVED,
		"waivers" },
};

struct sitting { /* facts and verdict of a token */
	struct facts     facts;
	enum assay_class verdict;
	bool             test;
};

static void sit(const struct token_case *t, struct bytes text, struct sitting *out)
{
	struct assay_err e = { 0 };

	test_must(token_verify(t, text, &out->facts, &out->verdict, &out->test, &e), &e);
}

static struct token_case usual(void)
{
	return (struct token_case){ .crypto = &court.crypto,
		.keys                       = &mint.keys,
		.nonce                      = court.nonce,
		.now                        = court.now };
}

/* The worst finding of that check and subject, by the court's own eyes. */
static const struct finding *found(const struct sitting *s, const char *id, const char *subject)
{
	struct court view = { .facts = s->facts };

	return court_finding(&view, id, subject);
}

static void tell(const struct sitting *s)
{
	struct court view = { .facts = s->facts };

	court_print(&view);
}

/* A forged GPU that pretends to have been judged under the pinned roots. */
static void judge_one(const struct forged_ask *ask, const char *policy)
{
	court_forge(&court, ask);
	court.policy = policy;
	court_judge(&court);
	court.policy     = NULL;
	court.trust.test = false;
}

static void tampers(void **state)
{
	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		AUTO(json_t)                *t    = mint_token(&court, 3, false);
		struct token_case            c    = usual();
		struct sitting               s    = { 0 };
		const struct finding        *f;

		print_message("%s\n", rows[i].name);
		rows[i].tamper(t);
		mint_text(t, &text);
		sit(&c, buf_bytes(&text), &s);
		f = found(&s, rows[i].id, rows[i].subject);
		if (f == NULL || f->code != rows[i].code || s.verdict != rows[i].verdict)
			tell(&s);
		assert_non_null(f);
		assert_int_equal(f->code, rows[i].code);
		assert_non_null(strstr(f->message == NULL ? "" : f->message, rows[i].says));
		assert_int_equal(s.verdict, rows[i].verdict);
		facts_done(&s.facts);
	}
}

/* Each yes that a device's token has: without it, or with null in its place, there is no good result. */
static void each_yes(void **state)
{
	static const char *const optional[] = { /* of 3.0 */
		"x-nvidia-gpu-driver-rim-schema-validated",
		"x-nvidia-gpu-vbios-rim-schema-validated",
		"x-nvidia-gpu-attestation-report-cert-chain-fwid-match"
	};
	static const struct {
		unsigned version;
		size_t   yes;
	} versions[] = { { 3, 19 }, { 2, 19 } };

	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		AUTO(json_t) *whole  = mint_token(&court, versions[i].version, false);
		AUTO(json_t) *claims = mint_take(whole, "GPU-0");
		const char   *name;
		json_t       *v;
		size_t        yes = 0;

		json_object_foreach(claims, name, v)
		{
			bool may = false;

			if (!json_is_true(v) && !json_is_object(v) &&
				strcmp(name, "dbgstat") != 0 && strcmp(name, "measres") != 0)
				continue;
			for (size_t k = 0; k < ARRAY_LEN(optional) && versions[i].version == 3;
				k++)
				may = may || strcmp(optional[k], name) == 0;
			yes += !may;
			for (int null = 0; null < 2; null++) {
				CLEANUP(buf_done) struct buf text = { 0 };
				AUTO(json_t)                *t    = mint_token(
							  &court, versions[i].version, false);
				struct token_case c = usual();
				struct sitting    s = { 0 };

				print_message("%u: %s\n", versions[i].version, name);
				edit(t, "GPU-0", name, null != 0 ? json_null() : NULL);
				mint_text(t, &text);
				sit(&c, buf_bytes(&text), &s);
				assert_int_equal(s.verdict,
					may ? ASSAY_CLASS_ACCEPTED : ASSAY_CLASS_REJECTED);
				facts_done(&s.facts);
			}
		}
		assert_int_equal(yes, versions[i].yes);
	}
}

/* What the reader asks for. */
static void asked(void **state)
{
	static const uint8_t                   other[NONCE_SIZE] = { 1 };
	CLEANUP(buf_done) struct buf           text              = { 0 };
	CLEANUP(jws_keys_done) struct jws_keys set = { 0 }, none = { 0 };
	AUTO(json_t)                          *t = NULL;
	struct assay_err                       e = { 0 };
	struct token_case                      base, c;
	struct sitting                         s;

	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	test_must(jws_keys_set(&court.crypto, buf_bytes(&mint.set), &set, &e), &e);
	mint.kid = "two"; /* which is not the key that signs */
	t        = mint_token(&court, 3, false);
	mint.kid = NULL;
	mint_text(t, &text);
	base = usual();
#define ASK(change, says, id_, code_)                           \
	do {                                                    \
		c = base;                                       \
		change;                                         \
		s = (struct sitting){ 0 };                      \
		print_message("%s\n", #change);                 \
		sit(&c, buf_bytes(&text), &s);                  \
		assert_int_equal(s.verdict, says);              \
		assert_int_equal(found(&s, id_, "node") == NULL \
				? ASSAY_INTERNAL                \
				: found(&s, id_, "node")->code, \
			code_);                                 \
		facts_done(&s.facts);                           \
	} while (0)
	ASK(c.nonce = court.nonce, V(ACCEPTED), "token.nonce", ASSAY_OK);
	ASK(c.nonce = NULL, V(UNDECIDED), "token.nonce", ASSAY_TOKEN_FRESHNESS);
	ASK(c.nonce = other, V(REJECTED), "token.nonce", ASSAY_TOKEN_NONCE);
	ASK(c.keys = &none, V(UNDECIDED), "token.signature", ASSAY_TOKEN_UNAUTHENTICATED);
	ASK(c.keys = &set, V(REJECTED), "token.signature", ASSAY_TOKEN_SIGNATURE);
	ASK(c.iss = TOKEN_ISS, V(ACCEPTED), "token.binding", ASSAY_OK);
	ASK(c.iss = "https://nras.example", V(REJECTED), "token.binding", ASSAY_TOKEN_BINDING);
	ASK((c.expected = true, c.gpus = 1), V(ACCEPTED), "token.binding", ASSAY_OK);
	ASK((c.expected = true, c.gpus = 8), V(REJECTED), "token.binding", ASSAY_TOKEN_BINDING);
	ASK((c.expected = true, c.gpus = 1, c.switches = 4), V(REJECTED), "token.binding",
		ASSAY_TOKEN_BINDING);
	ASK(c.now += TOKEN_LIFETIME + TOKEN_LEEWAY, V(REJECTED), "token.time",
		ASSAY_TOKEN_EXPIRED);
	ASK(c.now -= TOKEN_BACKDATE + TOKEN_LEEWAY + 1, V(REJECTED), "token.time",
		ASSAY_TOKEN_NOT_YET);
}

/* By kid, from a set. */
static void kids(void **state)
{
	static const struct {
		const char      *kid;
		unsigned         who;
		enum assay_class verdict;
	} cases[] = {
		{ "one", 0, V(ACCEPTED) },
		{ "two", 1, V(ACCEPTED) },
		{ "two", 0, V(REJECTED) },
		{ "on", 0, V(REJECTED) },
		{ "three", 0, V(REJECTED) },
		{ NULL, 0, V(REJECTED) },
	};
	CLEANUP(jws_keys_done) struct jws_keys set = { 0 };
	struct assay_err                       e   = { 0 };
	struct token_case                      c;

	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	test_must(jws_keys_set(&court.crypto, buf_bytes(&mint.set), &set, &e), &e);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		AUTO(json_t)                *t    = NULL;
		struct sitting               s    = { 0 };

		mint.kid = cases[i].kid;
		mint.who = cases[i].who;
		t        = mint_token(&court, 3, false);
		mint.kid = NULL;
		mint.who = 0;
		mint_text(t, &text);
		c      = usual();
		c.keys = &set;
		sit(&c, buf_bytes(&text), &s);
		assert_int_equal(s.verdict, cases[i].verdict);
		facts_done(&s.facts);
	}
}

/* Every seventh character of a good token, changed. */
static void flips(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	AUTO(json_t)                *t    = NULL;
	struct token_case            c;

	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	t = mint_token(&court, 3, false);
	mint_text(t, &text);
	c = usual();
	for (size_t i = 0; i < text.n; i += TEST_SANITIZED ? 49 : 7) {
		struct sitting s   = { 0 };
		uint8_t        old = text.p[i];

		text.p[i] = old == 'A' ? 'B' : 'A';
		sit(&c, buf_bytes(&text), &s);
		if (s.verdict == ASSAY_CLASS_ACCEPTED)
			fail_msg("character %zu does not matter", i);
		facts_done(&s.facts);
		text.p[i] = old;
	}
}

/* Eight GPUs and four switches: two arrays, bound by the outer token. */
static void node(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	AUTO(json_t)                *t    = NULL;
	struct token_case            c;
	struct sitting               s = { 0 };

	(void)state;
	judge_one(&(struct forged_ask){ .ppcie = true }, NULL);
	t = mint_token(&court, 3, false);
	mint_text(t, &text);
	c          = usual();
	c.expected = true;
	c.gpus     = 8;
	c.switches = 4;
	sit(&c, buf_bytes(&text), &s);
	assert_int_equal(s.verdict, V(ACCEPTED));
	assert_non_null(found(&s, "token.result", "nvswitch3"));
	facts_done(&s.facts);

	/* in a wrap of somebody's, which binds nothing: the switches could be another node's */
	{
		AUTO(json_t) *outer = json_pack("{s:s, s:i, s:i}", "iss", "NV-Attestation-SDK",
			"iat", (int)court.now, "exp", (int)court.now + 3600);
		AUTO(json_t) *wrap  = json_pack("[[s, o], O]", "JWT",
			 mint_jws(outer, JWS_HS256, "notasecret"), json_array_get(t, 1));

		text.n = 0;
		mint_text(wrap, &text);
		s = (struct sitting){ 0 };
		sit(&c, buf_bytes(&text), &s);
		assert_int_equal(s.verdict, V(REJECTED));
		assert_non_null(
			strstr(found(&s, "token.binding", "node")->message, "binds nothing"));
		facts_done(&s.facts);
	}

	/* the switches left out: the outer token still names them */
	json_object_del(json_array_get(t, 1), "LOCAL_SWITCH_CLAIMS");
	text.n = 0;
	mint_text(t, &text);
	c.expected = false;
	s          = (struct sitting){ 0 };
	sit(&c, buf_bytes(&text), &s);
	assert_int_equal(s.verdict, V(REJECTED));
	assert_non_null(strstr(found(&s, "token.binding", "node")->message, "left out"));
	facts_done(&s.facts);

	/* two GPUs change places */
	{
		json_t *gpus = json_array_get(
			json_object_get(json_array_get(t, 1), "LOCAL_GPU_CLAIMS"), 1);
		json_t *zero = json_incref(json_object_get(gpus, "GPU-0"));

		json_object_set(gpus, "GPU-0", json_object_get(gpus, "GPU-1"));
		json_object_set_new(gpus, "GPU-1", zero);
	}
	text.n = 0;
	mint_text(t, &text);
	s = (struct sitting){ 0 };
	sit(&c, buf_bytes(&text), &s);
	assert_int_equal(found(&s, "token.binding", "gpu0")->code, ASSAY_TOKEN_BINDING);
	assert_int_equal(found(&s, "token.binding", "gpu1")->code, ASSAY_TOKEN_BINDING);
	assert_int_equal(s.verdict, V(REJECTED));
	facts_done(&s.facts);
}

/* The outer token is a token like the others, and binds the arrays. */
static void outer(void **state)
{
	static const struct {
		const char     *id;
		enum assay_code code;
	} tampered[] = {
		{ "token.signature", ASSAY_TOKEN_SIGNATURE },
		{ "token.time", ASSAY_TOKEN_EXPIRED },
		{ "token.anchors", ASSAY_TOKEN_ANCHORS },
		{ "token.binding", ASSAY_TOKEN_BINDING },
	};

	(void)state;
	judge_one(&(struct forged_ask){ .ppcie = true }, NULL);
	for (size_t i = 0; i < ARRAY_LEN(tampered); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		AUTO(json_t)                *t    = mint_token(&court, 3, false);
		AUTO(json_t)                *all  = mint_take(t, NULL);
		struct token_case            c    = usual();
		struct sitting               s    = { 0 };

		print_message("%s\n", tampered[i].id);
		if (i == 0)
			mint.who = 1;
		else if (i == 1)
			json_object_set_new(all, "exp", json_integer(court.now - TOKEN_LEEWAY));
		else if (i == 2)
			json_object_set_new(
				all, "x-assay-anchors", json_string(CLAIMS_ANCHORS));
		else
			json_array_set_new(
				json_array_get(json_object_get(json_object_get(all, "submods"),
						       "LOCAL_GPU_CLAIMS"),
					1),
				1,
				json_string(
					"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"));
		mint_put(t, NULL, all);
		mint.who = 0;
		mint_text(t, &text);
		sit(&c, buf_bytes(&text), &s);
		assert_int_equal(s.verdict, V(REJECTED));
		assert_int_equal(found(&s, tampered[i].id, "node")->code, tampered[i].code);
		assert_int_equal(s.test, i == 2);
		facts_done(&s.facts);
	}
}

/* Header and payload keep to the part of the alphabet that a standard decoder takes. */
static void standard_alphabet(const char *token)
{
	for (const char *p = token; p < strrchr(token, '.'); p++)
		assert_true(*p != '-' && *p != '_');
}

/* A waived node: its token says so, and is no plain yes to others. */
static void waivers(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	AUTO(json_t)                *t = NULL, *all = NULL, *one = NULL;
	struct token_case            c;
	struct sitting               s = { 0 };

	(void)state;
	judge_one(&(struct forged_ask){ .fault = "ocsp-absent" },
		"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":\"gpu.chain.revocation\","
		"\"reason\":\"why > not?~\",\"expires\":\"2027-01-01\"}]}");
	assert_int_equal(court.verdict, V(ACCEPTED));
	t   = mint_token(&court, 3, false);
	all = mint_take(t, NULL);
	one = mint_take(t, "GPU-0");
	assert_true(json_is_false(json_object_get(all, "x-nvidia-overall-att-result")));
	assert_string_equal(
		json_string_value(json_object_get(all, "x-assay-verdict")), "accepted");
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(all, "x-assay-waivers"), 0), "waiver")),
		"why > not?~");
	assert_true(json_is_null(json_object_get(one, "secboot")));
	assert_int_equal(json_array_size(json_object_get(one, "x-assay-waivers")), 1);
	mint_text(t, &text);
	standard_alphabet(json_string_value(json_array_get(json_array_get(t, 0), 1)));
	c = usual();
	sit(&c, buf_bytes(&text), &s);
	assert_int_equal(s.verdict, V(UNDECIDED));
	assert_int_equal(found(&s, "token.result", "node")->code, ASSAY_TOKEN_WAIVED);
	facts_done(&s.facts);
	c.waivers = true;
	s         = (struct sitting){ 0 };
	sit(&c, buf_bytes(&text), &s);
	assert_int_equal(s.verdict, V(ACCEPTED));
	assert_int_equal(found(&s, "token.result", "node")->outcome, ASSAY_OUTCOME_WAIVED);
	facts_done(&s.facts);
}

/* The text over which nvtrust's local verifiers digest: Python's separators and escapes. */
static void nvtrust_text(void **state)
{
	static const struct {
		const char *claims, *text;
	} cases[] = {
		{ "{\"b\":1,\"a\":[true,null],\"iat\":1,\"nbf\":2,\"exp\":3,\"jti\":\"x\"}",
			"{\"b\": 1, \"a\": [true, null]}" },
		{ "{\"iss\":\"LOCAL_GPU_VERIFIER\",\"c\":{\"jti\":1}}",
			"{\"iss\": \"LOCAL_GPU_VERIFIER\", \"c\": {\"jti\": 1}}" },
		{ "{\"k\":\"\\u00EF\\u001B/\\\\uABCD\\n\"}",
			"{\"k\": \"\\u00ef\\u001b/\\\\uABCD\\n\"}" },
		{ "{}", "{}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf out    = { 0 };
		AUTO(json_t)                *claims = json_loads(cases[i].claims, 0, NULL);
		struct assay_err             e      = { 0 };

		test_must(token_nvtrust_text(claims, &out, &e), &e);
		assert_string_equal(buf_cstr(&out), cases[i].text);
	}
}

/* What nvtrust's local verifier makes, in its outer wrap: read, bound by the rebuilt text, and authenticated by nobody. */
static void nvtrust_local(void **state)
{
	static const struct {
		const char      *name;
		bool             error, altered, empty;
		enum assay_class verdict;
		const char      *id;
		enum assay_code  code;
	} cases[] = {
		{ "as it is", false, false, false, V(UNDECIDED), "token.signature",
			ASSAY_TOKEN_UNAUTHENTICATED },
		{ "altered", false, true, false, V(REJECTED), "token.signature",
			ASSAY_TOKEN_UNAUTHENTICATED },
		{ "an error token", true, false, false, V(REJECTED), "token.result",
			ASSAY_TOKEN_RESULT },
		{ "nothing", false, false, true, V(REJECTED), "token.binding",
			ASSAY_TOKEN_BINDING },
	};
	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf text = { 0 }, plain = { 0 };
		AUTO(json_t)                *t = mint_token(&court, 3, false), *arrays = NULL;
		AUTO(json_t) *device = mint_take(t, "GPU-0"), *all = mint_take(t, NULL);
		AUTO(json_t) *wrap  = NULL;
		AUTO(json_t) *outer = json_pack("{s:s, s:i, s:i}", "iss", "NV-Attestation-SDK",
			"iat", (int)court.now, "exp", (int)court.now + 3600);
		uint8_t       sum[SHA256_SIZE];
		struct assay_err  e = { 0 };
		struct token_case c = usual();
		struct sitting    s = { 0 };

		print_message("%s\n", cases[i].name);
		json_object_set_new(device, "iss", json_string("LOCAL_GPU_VERIFIER"));
		json_object_set_new(all, "iss", json_string("LOCAL_GPU_VERIFIER"));
		json_object_del(all, "x-assay-verdict"); /* what assay made has its own wrap */
		test_must(token_nvtrust_text(device, &plain, &e), &e);
		test_must(digest(EVP_sha256(), buf_bytes(&plain), sum, &e), &e);
		json_object_set_new(all, "submods",
			json_pack("{s:[s, [s, o]]}", "GPU-0", "DIGEST", "SHA256",
				json_hex(BYTES_OF(sum))));
		if (cases[i].altered)
			json_object_set_new(device, "hwmodel", json_string("GH101"));
		json_array_set_new(json_array_get(t, 0), 1, mint_jws(all, JWS_HS256, "secret"));
		json_object_set_new(
			json_array_get(t, 1), "GPU-0", mint_jws(device, JWS_HS256, "secret"));
		arrays = json_object();
		if (cases[i].error) {
			AUTO(json_t) *error = json_pack("{s:s, s:i}", "x-nv-err-message",
				"GPU_ATTESTATION_ERR", "x-nv-err-code", 1);

			json_object_set_new(arrays, "LOCAL_GPU_CLAIMS",
				mint_jws(error, JWS_HS256, "secret"));
		} else if (!cases[i].empty) {
			json_object_set(arrays, "LOCAL_GPU_CLAIMS", t);
		}
		wrap = json_pack(
			"[[s, o], O]", "JWT", mint_jws(outer, JWS_HS256, "notasecret"), arrays);
		mint_text(wrap, &text);
		sit(&c, buf_bytes(&text), &s);
		if (s.verdict != cases[i].verdict)
			tell(&s);
		assert_int_equal(s.verdict, cases[i].verdict);
		assert_non_null(found(&s, cases[i].id, "node"));
		assert_int_equal(found(&s, cases[i].id, "node")->code, cases[i].code);
		facts_done(&s.facts);
	}
}

/* Shown is every part, and none as more than it is. */
/* Whichever of its tokens ends first, the verdict is good for no longer. */
static void until(void **state)
{
	static const char *const labels[] = { "GPU-0", NULL };

	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		AUTO(json_t)                *t    = mint_token(&court, 3, false);
		struct token_case            c    = usual();
		struct sitting               s    = { 0 };

		edit(t, labels[i], "exp", json_integer(court.now + 7));
		mint_text(t, &text);
		sit(&c, buf_bytes(&text), &s);
		assert_int_equal(s.verdict, V(ACCEPTED));
		assert_int_equal(s.facts.valid_until, court.now + 7);
		facts_done(&s.facts);
	}
}

static void shown(void **state)
{
	AUTO(json_t)                *t = NULL, *out = NULL;
	CLEANUP(buf_done) struct buf text = { 0 };
	struct assay_err             e    = { 0 };
	const char                  *said;

	(void)state;
	judge_one(&(struct forged_ask){ 0 }, NULL);
	t = mint_token(&court, 2, true);
	mint_text(t, &text);
	assert_true(token_looks(buf_bytes(&text)));
	test_must(token_show(&court.crypto, buf_bytes(&text), &out, &e), &e);
	said = json_string_value(json_object_get(json_object_get(out, "overall"), "signature"));
	assert_string_equal(said, "none: not authenticated");
	json_decref(out);
	out = NULL;
	test_must(
		token_show(&court.crypto,
			bytes_text(json_string_value(json_array_get(json_array_get(t, 0), 1))),
			&out, &e),
		&e);
	assert_non_null(json_object_get(out, "claims"));
	assert_false(token_looks(BYTES("{\"evidences\":[]}")));
	assert_false(token_looks(BYTES("[{\"evidence\":\"\"}]")));
	assert_false(token_looks(BYTES("")));
}

static int set_up(void **state)
{
	court_set_up(state);
	mint_open(&court.crypto);
	return 0;
}

static int tear_down(void **state)
{
	mint_done();
	return court_tear_down(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tampers),
		cmocka_unit_test(each_yes),
		cmocka_unit_test(asked),
		cmocka_unit_test(kids),
		cmocka_unit_test(flips),
		cmocka_unit_test(node),
		cmocka_unit_test(outer),
		cmocka_unit_test(waivers),
		cmocka_unit_test(nvtrust_text),
		cmocka_unit_test(nvtrust_local),
		cmocka_unit_test(until),
		cmocka_unit_test(shown),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
