/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/pcs_service.h"
#include "format/pcs_text.h"

#include "test.h"

#define INTEL        "https://api.trustedservices.intel.com"
#define TCB          "pcs:tcbinfo:90c06f000000"
#define QE           "pcs:qeidentity"
#define CRL          "pcs:pckcrl:platform"
#define ROOT         "pcs:rootcrl"
#define CERT         "-----BEGIN CERTIFICATE-----\nZm9v\n-----END CERTIFICATE-----\n"
#define CERT_ESCAPED "-----BEGIN%20CERTIFICATE-----%0AZm9v%0a-----END%20CERTIFICATE-----%0A"

static const struct {
	const char *base, *want, *url; /* url == NULL: refused */
} urls[] = {
	{ INTEL, TCB, INTEL "/tdx/certification/v4/tcb?fmspc=90c06f000000" },
	{ INTEL "/", QE, INTEL "/tdx/certification/v4/qe/identity" },
	{ INTEL, CRL, INTEL "/sgx/certification/v4/pckcrl?ca=platform&encoding=der" },
	{ INTEL, "pcs:pckcrl:processor",
		INTEL "/sgx/certification/v4/pckcrl?ca=processor&encoding=der" },
	{ INTEL, ROOT, "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der" },
	{ INTEL "/sgx/certification/v4/", ROOT,
		"https://certificates.trustedservices.intel.com/IntelSGXRootCA.der" },
	{ "https://h:8081/sgx/certification/v4/", ROOT,
		"https://h:8081/sgx/certification/v4/rootcacrl" },
	{ "https://h:8081/tdx/certification/v4", TCB,
		"https://h:8081/tdx/certification/v4/tcb?fmspc=90c06f000000" },
	{ "https://h:8081/sgx/certification/v3", QE,
		"https://h:8081/tdx/certification/v4/qe/identity" },
	{ "https://h/pccs//", QE, "https://h/pccs/tdx/certification/v4/qe/identity" },
	{ "http://127.0.0.1:9", ROOT, "http://127.0.0.1:9/sgx/certification/v4/rootcacrl" },
	{ INTEL, "pcs:tcbinfo:90C06F000000", NULL },
	{ INTEL, "pcs:tcbinfo:90c06f00000", NULL },
	{ INTEL, "pcs:tcbinfo:90c06f0000000", NULL },
	{ INTEL, "pcs:tcbinfo:../../../../x", NULL },
	{ INTEL, "pcs:tcbinfo:", NULL },
	{ INTEL, "pcs:pckcrl:other", NULL },
	{ INTEL, "pcs:pckcrl:platform&x=1", NULL },
	{ INTEL, "pcs:qeidentity2", NULL },
	{ INTEL, "pcs:tcbinfo.chain:90c06f000000", NULL },
	{ INTEL, "rim:x", NULL },
	{ INTEL, "", NULL },
};

static void addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s %s\n", urls[i].base, urls[i].want);
		assert_int_equal(pcs_service_url(urls[i].base, urls[i].want, &out, &e),
			urls[i].url == NULL ? ASSAY_NETWORK_ADDRESS : ASSAY_OK);
		assert_string_equal(buf_cstr(&out), urls[i].url == NULL ? "" : urls[i].url);
	}
}

static const struct {
	const char     *name, *want;
	struct bytes    in;
	enum assay_code code;
	struct bytes    out;
	const char     *says;
} bodies[] = {
	{ "TCB info", TCB, BYTES("{\"tcbInfo\":{},\"signature\":\"00\"}"), ASSAY_OK,
		BYTES("{\"tcbInfo\":{},\"signature\":\"00\"}"), "" },
	{ "white space around it", TCB, BYTES(" {\"tcbInfo\":{}}\r\n"), ASSAY_OK,
		BYTES("{\"tcbInfo\":{}}"), "" },
	{ "forged, which is not for us to see", TCB, BYTES("{\"tcbInfo\":{},\"tcbInfo\":{}}"),
		ASSAY_OK, BYTES("{\"tcbInfo\":{},\"tcbInfo\":{}}"), "" },
	{ "identity for TCB info", TCB, BYTES("{\"enclaveIdentity\":{}}"), ASSAY_SERVICE_REPLY,
		BYTES(""), "\"tcbInfo\"" },
	{ "identity", QE, BYTES("{\"enclaveIdentity\":{}}"), ASSAY_OK,
		BYTES("{\"enclaveIdentity\":{}}"), "" },
	{ "error page", TCB, BYTES("<html>tcbInfo</html>"), ASSAY_SERVICE_REPLY, BYTES(""),
		"does not begin as an object" },
	{ "error as JSON", TCB, BYTES("{\"code\":404}"), ASSAY_SERVICE_REPLY, BYTES(""),
		"does not begin as an object" },
	{ "nothing", TCB, BYTES(""), ASSAY_SERVICE_REPLY, BYTES(""), "no reply" },
	{ "list of it", TCB, BYTES("[{\"tcbInfo\":{}}]"), ASSAY_SERVICE_REPLY, BYTES(""),
		"no reply" },

	{ "DER", CRL, BYTES("\x30\x82\x01\x02"), ASSAY_OK, BYTES("\x30\x82\x01\x02"), "" },
	{ "DER that ends in a blank", CRL, BYTES("\x30\x01\x20"), ASSAY_OK,
		BYTES("\x30\x01\x20"), "" },
	{ "hexadecimal", ROOT, BYTES("3082010A"), ASSAY_OK, BYTES("\x30\x82\x01\x0a"), "" },
	{ "hexadecimal with a newline", ROOT, BYTES("3082010a\n"), ASSAY_OK,
		BYTES("\x30\x82\x01\x0a"), "" },
	{ "PEM", CRL, BYTES("-----BEGIN X509 CRL-----\nMAEA\n-----END X509 CRL-----\n"),
		ASSAY_OK, BYTES("\x30\x01\x00"), "" },
	{ "PEM without its end", CRL, BYTES("-----BEGIN X509 CRL-----\nMAEA\n"),
		ASSAY_SERVICE_REPLY, BYTES(""), "without its end" },
	{ "PEM that is none", CRL,
		BYTES("-----BEGIN X509 CRL-----\n!!\n-----END X509 CRL-----\n"),
		ASSAY_SERVICE_REPLY, BYTES(""), "no base64" },
	{ "PEM of something else", CRL, BYTES(CERT), ASSAY_SERVICE_REPLY, BYTES(""),
		"neither" },
	{ "hexadecimal of something else", CRL, BYTES("abcd"), ASSAY_SERVICE_REPLY, BYTES(""),
		"neither" },
	{ "half a digit", CRL, BYTES("308"), ASSAY_SERVICE_REPLY, BYTES(""), "neither" },
	{ "JSON", CRL, BYTES("{}"), ASSAY_SERVICE_REPLY, BYTES(""), "neither" },
	{ "nothing", ROOT, BYTES(""), ASSAY_SERVICE_REPLY, BYTES(""), "neither" },
	{ "blanks", ROOT, BYTES(" \n"), ASSAY_SERVICE_REPLY, BYTES(""), "neither" },
	{ "what PCS does not have", "rim:x", BYTES("{}"), ASSAY_NETWORK_ADDRESS, BYTES(""),
		"nothing that PCS has" },
};

static void replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s\n", bodies[i].name);
		assert_int_equal(pcs_service_body(bodies[i].want, bodies[i].in, &out, &e),
			bodies[i].code);
		assert_true(bytes_equal(buf_bytes(&out), bodies[i].out));
		assert_non_null(strstr(assay_err_text(&e), bodies[i].says));
	}
}

static const struct {
	const char     *name, *want;
	const char     *header[PCS_SERVICE_HEADERS];
	enum assay_code code;
	const char     *out, *says;
} chains[] = {
	{ "escaped", TCB, { CERT_ESCAPED }, ASSAY_OK, CERT, "" },
	{ "an older PCCS's name", TCB, { NULL, CERT_ESCAPED }, ASSAY_OK, CERT, "" },
	{ "both names, one chain", TCB, { CERT_ESCAPED, CERT_ESCAPED }, ASSAY_OK, CERT, "" },
	{ "both names, two chains", TCB, { CERT_ESCAPED, CERT_ESCAPED CERT_ESCAPED },
		ASSAY_SERVICE_REPLY, "", "differ" },
	{ "signer and root", QE, { NULL, NULL, CERT_ESCAPED CERT_ESCAPED }, ASSAY_OK, CERT CERT,
		"" },
	{ "as it is", TCB, { CERT }, ASSAY_OK, CERT, "" },
	{ "a plus is a plus", TCB,
		{ "-----BEGIN%20CERTIFICATE-----%0A+%2B+/%0A-----END%20CERTIFICATE-----" },
		ASSAY_OK, "-----BEGIN CERTIFICATE-----\n+++/\n-----END CERTIFICATE-----", "" },
	{ "none", TCB, { NULL, NULL, CERT_ESCAPED }, ASSAY_SERVICE_REPLY, "",
		"without the chain" },
	{ "the other's", QE, { CERT_ESCAPED }, ASSAY_SERVICE_REPLY, "", "without the chain" },
	{ "cut escape", TCB, { "-----BEGIN%2" }, ASSAY_SERVICE_REPLY, "", "percent" },
	{ "lone percent", TCB, { "%" }, ASSAY_SERVICE_REPLY, "", "percent" },
	{ "no digits", TCB, { "%zz" }, ASSAY_SERVICE_REPLY, "", "percent" },
	{ "no PEM", TCB, { "hello" }, ASSAY_SERVICE_REPLY, "", "not PEM" },
	{ "blank", TCB, { "%20" }, ASSAY_SERVICE_REPLY, "", "not PEM" },
	{ "five certificates", TCB,
		{ CERT_ESCAPED CERT_ESCAPED CERT_ESCAPED CERT_ESCAPED CERT_ESCAPED },
		ASSAY_SERVICE_REPLY, "", "not PEM" },
	{ "CRLs have none", CRL, { CERT_ESCAPED }, ASSAY_NETWORK_ADDRESS, "", "nothing that" },
};

static void headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
		CLEANUP(buf_done) struct buf out                         = { 0 };
		struct bytes                 header[PCS_SERVICE_HEADERS] = { 0 };
		struct assay_err             e                           = { 0 };

		print_message("%s\n", chains[i].name);
		for (size_t k = 0; k < PCS_SERVICE_HEADERS; k++)
			header[k] = bytes_text(chains[i].header[k]);
		assert_int_equal(
			pcs_service_chain(chains[i].want, header, &out, &e), chains[i].code);
		assert_string_equal(buf_cstr(&out), chains[i].out);
		assert_non_null(strstr(assay_err_text(&e), chains[i].says));
	}
}

static void limits(void **state)
{
	CLEANUP(buf_done) struct buf much = { 0 }, out = { 0 };
	struct bytes                 header[PCS_SERVICE_HEADERS] = { 0 };
	struct assay_err             e                           = { 0 };

	(void)state;
	for (size_t i = 0; i <= PCS_TEXT_CHAIN; i++)
		buf_byte(&much, '\n');
	header[0] = buf_bytes(&much);
	assert_int_equal(pcs_service_chain(TCB, header, &out, &e), ASSAY_SERVICE_REPLY);
	assert_non_null(strstr(assay_err_text(&e), "over its limit"));
	header[0].n = 16385;
	assert_int_equal(pcs_service_chain(TCB, header, &out, &e), ASSAY_SERVICE_REPLY);
	assert_non_null(strstr(assay_err_text(&e), "over its limit"));
	assert_int_equal(out.n, 0);
}

static void beside(void **state)
{
	char name[64];

	(void)state;
	assert_string_equal(pcs_service_beside(TCB, name), "pcs:tcbinfo.chain:90c06f000000");
	assert_string_equal(pcs_service_beside(QE, name), "pcs:qeidentity.chain");
	assert_null(pcs_service_beside(CRL, name));
	assert_null(pcs_service_beside(ROOT, name));
	assert_null(pcs_service_beside("pcs:qeidentity.chain", name));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(replies),
		cmocka_unit_test(headers),
		cmocka_unit_test(limits),
		cmocka_unit_test(beside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
