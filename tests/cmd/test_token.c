/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens as a user makes and reads them: options of assay verify, assay token, assay inspect. */
#include "appraise/mint.h"
#include "cmd/fixture.h"
#include "cmd/row.h"

#include <openssl/pem.h>

#define SIGN  ONE "-q --token t.json --token-key key.pem "
#define CHECK "$A token verify --nonce $(cat nonce) --at 2026-06-01 "

static const struct row made[] = {
	{ "signed", SIGN "one/bundle.json", 0, NULL, NULL, 0 },
	{ "with kid and issuer",
		ONE
		"-q --token named.json --token-key key.pem --token-kid one --token-iss https://ras.example one/bundle.json",
		0, NULL, NULL, 0 },
	{ "not signed", ONE "-q --token none.json --unsigned one/bundle.json", 0, NULL, NULL,
		0 },
	{ "claims 2", ONE "-q --token two.json --token-key key.pem --claims 2 one/bundle.json",
		0, NULL, NULL, 0 },
	{ "to standard output", ONE "--token - --unsigned one/bundle.json", 0, NULL,
		"[[\"JWT\",\"ey", 0 },
	{ "with the report", ONE "--token other.json --unsigned one/bundle.json", 0, NULL,
		"accepted (exit 0)", 0 },
	{ "a node", NODE "-q --token node.json --token-key key.pem pp/bundle.json", 0, NULL,
		NULL, 0 },
	{ "as nvattest", ONE "--format nvattest --unsigned one/bundle.json", 0, NULL,
		"    \"result_code\": 0,\n    \"result_message\": \"ok\"\n}", 0 },
	{ "as nvattest, accepted and about no GPU",
		GUEST "--collateral one/tdx --format nvattest --unsigned one/tdx/quote.bin", 3,
		NULL, "\"accepted, but nothing here is about a GPU or a switch\"", 0 },
	{ "as nvattest, the same quietly",
		GUEST "-q --collateral one/tdx --format nvattest --unsigned one/tdx/quote.bin",
		3, NULL, NULL, 0 },
	{ "as nvattest, stopped",
		"$A verify --anchors one/anchors --at 2026-06-01 --nonce $(printf '%064d' 1) --format nvattest --unsigned one/bundle.json",
		1, NULL,
		"{\n    \"claims\": {},\n    \"detached_eat\": {},\n    \"result_code\": 504,",
		0 },
	{ "neither signed nor unsigned", ONE "--token x.json one/bundle.json", 2, "--unsigned",
		NULL, 0 },
	{ "both", ONE "--token x.json --unsigned --token-key key.pem one/bundle.json", 2,
		"--unsigned, with a --token-key", NULL, 0 },
	{ "a key and no token", ONE "--token-key key.pem one/bundle.json", 2, "--token FILE",
		NULL, 0 },
	{ "a public key", ONE "--token x.json --token-key pub.pem one/bundle.json", 6,
		"no private key", NULL, 0 },
	{ "a public key, as JSON",
		ONE "-f json --token x.json --token-key pub.pem one/bundle.json", 6, NULL,
		"TOKEN_KEY", JSON },
	{ "into a pipe, which stays one",
		"mkfifo pipe.token; cat pipe.token >piped & " ONE
		"-q --token pipe.token --unsigned one/bundle.json && wait && test -p pipe.token && grep -q JWT piped",
		0, NULL, NULL, 0 },
	{ "no key there", ONE "--token x.json --token-key absent.pem one/bundle.json", 2,
		"absent.pem", NULL, 0 },
	{ "no folder there", ONE "--token absent/x.json --unsigned one/bundle.json", 2,
		"--token", NULL, 0 },
	{ "nothing is left of it", "ls x.json* absent 2>/dev/null", 2, NULL, NULL, 0 },
	{ "claims 4", ONE "--token x.json --unsigned --claims 4 one/bundle.json", 2, "2 or 3",
		NULL, 0 },
	{ "an issuer with blanks",
		ONE "--token x.json --unsigned --token-iss 'a b' one/bundle.json", 2,
		"without blanks", NULL, 0 },
};

static const struct row judged[] = {
	{ "accepted", CHECK "--key pub.pem --test-anchors t.json", 0, NULL, "TEST ANCHORS", 0 },
	{ "from standard input", CHECK "--key pub.pem --test-anchors - <t.json", 0, NULL,
		"accepted", 0 },
	{ "as JSON", CHECK "--key pub.pem --test-anchors -f json t.json", 0, NULL,
		"\"token.signature\"", JSON },
	{ "by a set",
		CHECK "--jwks set.json --iss https://ras.example --test-anchors named.json", 0,
		NULL, "accepted", 0 },
	{ "claims 2", CHECK "--key pub.pem --test-anchors two.json", 0, NULL, "accepted", 0 },
	{ "a node",
		"$A token verify --at 2026-06-01 --key pub.pem --test-anchors --expect 8+4 node.json",
		3, NULL, "TOKEN_FRESHNESS", 0 },
	{ "test anchors", CHECK "--key pub.pem t.json", 1, NULL, "TOKEN_ANCHORS", 0 },
	{ "no key", CHECK "--test-anchors t.json", 3, NULL, "TOKEN_UNAUTHENTICATED", 0 },
	{ "not signed", CHECK "--key pub.pem --test-anchors none.json", 3, NULL,
		"TOKEN_UNAUTHENTICATED", 0 },
	{ "now", "$A token verify --nonce $(cat nonce) --key pub.pem --test-anchors t.json", 1,
		NULL, "TOKEN_EXPIRED", 0 },
	{ "no kid in it", CHECK "--jwks set.json --test-anchors t.json", 1, NULL,
		"TOKEN_SIGNATURE", 0 },
	{ "two kinds of keys", CHECK "--jwks set.json --key pub.pem t.json", 2, "not both",
		NULL, 0 },
	{ "a private key", CHECK "--key key.pem t.json", 6, "no public key", NULL, 0 },
	{ "a set that is none", CHECK "--jwks t.json t.json", 6, "JWK set", NULL, 0 },
	{ "no token", CHECK "--key pub.pem one/bundle.json", 6, NULL, "TOKEN_PARSE", 0 },
	{ "no JSON", CHECK "--key pub.pem key.pem", 6, NULL, "JSON_PARSE", 0 },
	{ "our own policy", CHECK "--key pub.pem --policy ours.json t.json", 6,
		"no policy of nvtrust", NULL, 0 },
	{ "a policy", CHECK "--key pub.pem --test-anchors --policy theirs.json t.json", 1, NULL,
		"x-nvidia-gpu-driver-version: the policy asks for another value", 0 },
	{ "the same on evidence", ONE "--policy theirs.json one/bundle.json", 1, NULL,
		"x-nvidia-gpu-driver-version: the policy asks for another value", 0 },
	{ "two files", CHECK "--key pub.pem t.json t.json", 2, "which file? one", NULL, 0 },
	{ "show", "$A token show t.json", 0, NULL, "ES384: not checked here", 0 },
	{ "show, not signed", "$A token show none.json", 0, NULL, "none: not authenticated",
		0 },
	{ "show as JSON", "$A token show -f json node.json", 0, NULL, "\"LOCAL_SWITCH_CLAIMS\"",
		0 },
	{ "show what is none", "$A token show nonce", 6, "three parts", NULL, 0 },
	{ "inspect", "$A inspect t.json", 0, NULL, "verified               no", 0 },
	{ "which?", "$A token", 2, "show or verify", NULL, 0 },
	{ "neither", "$A token sign t.json", 2, "show or verify", NULL, 0 },
	{ "help", "$A token --help", 0, NULL, "token verify", 0 },
	{ "help of verify", "$A token verify --help", 0, NULL, "--jwks", 0 },
};

ROWS_TEST(made)
ROWS_TEST(judged)

static void write_private(const char *name)
{
	BIO  *bio = BIO_new(BIO_s_mem());
	char *p;
	long  n;

	assert_int_equal(
		PEM_write_bio_PrivateKey(bio, mint.key[0], NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_get_mem_data(bio, &p);
	run_write(name, (struct bytes){ (const uint8_t *)p, (size_t)n });
	BIO_free(bio);
}

static struct crypto crypto;

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	fixture_open(state);
	test_must(crypto_open(&crypto, &e), &e);
	mint_open(&crypto);
	write_private("key.pem");
	run_write("pub.pem", buf_bytes(&mint.pem));
	run_write("set.json", buf_bytes(&mint.set));
	run_write("ours.json", BYTES("{\"schema\":\"assay.policy/1\"}"));
	run_write("theirs.json",
		BYTES("{\"version\":\"4.0\",\"authorization-rules\":{\"type\":\"JWT\","
		      "\"overall-claims\":{\"x-nvidia-overall-att-result\":true},"
		      "\"detached-claims\":{\"x-nvidia-gpu-driver-version\":\"1\"}}}"));
	return 0;
}

static int tear_down(void **state)
{
	mint_done();
	crypto_done(&crypto);
	return fixture_close(state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_made),
		cmocka_unit_test(test_judged),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
