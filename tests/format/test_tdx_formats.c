/* SPDX-License-Identifier: Apache-2.0
 *
 * What quotes, PCK extensions, Intel's documents and event logs may look like, and what not: forged ones, with one thing
 * changed each. */
#include "base/hex.h"
#include "format/ccel.h"
#include "format/dcap.h"
#include "format/pck.h"
#include "format/qe_identity.h"
#include "format/tcb_info.h"
#include "format/tdx_quote.h"
#include "verify/court.h"

static struct buf quote4, quote5, tcb, identity, events, extension;

static struct bytes piece(const char *want)
{
	for (size_t i = 0; i < court.ev.collaterals; i++)
		if (bytes_begin(court.ev.collateral[i].want, bytes_text(want)) &&
			!bytes_begin(court.ev.collateral[i].want, BYTES("pcs:tcbinfo.")) &&
			!bytes_begin(court.ev.collateral[i].want, BYTES("pcs:qeidentity.")))
			return court.ev.collateral[i].body;
	fail_msg("no %s", want);
	return (struct bytes){ 0 };
}

static void keep(struct buf *out, struct bytes in)
{
	buf_put(out, in.p, in.n);
}

static int set_up(void **state)
{
	CLEANUP(chain_ders_done) struct buf der[CHAIN_MAX] = { 0 };
	AUTO(X509)                         *leaf           = NULL;
	struct tdx_quote                    q;
	struct assay_err                    e = { 0 };
	size_t                              times;

	court_set_up(state);
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true, .quote = 5 });
	keep(&quote5, court.ev.device[0].report);
	court_forge(&court, &(struct forged_ask){ .tdx = true, .alone = true });
	keep(&quote4, court.ev.device[0].report);
	keep(&tcb, piece("pcs:tcbinfo:"));
	keep(&identity, piece("pcs:qeidentity"));
	keep(&events, court.ev.events);
	test_must(tdx_quote_parse(buf_bytes(&quote4), &q, &e), &e);
	test_must(chain_split(q.pem, 3, der, &e), &e);
	test_must(cert_parse(&court.crypto, buf_bytes(&der[0]), &leaf, &e), &e);
	keep(&extension, cert_extension(leaf, PCK_OID, &times));
	return 0;
}

static int tear_down(void **state)
{
	buf_done(&quote4);
	buf_done(&quote5);
	buf_done(&tcb);
	buf_done(&identity);
	buf_done(&events);
	buf_done(&extension);
	return court_tear_down(state);
}

/* --- quotes: offsets of version 4 --- */

static const struct {
	const char     *name;
	struct buf     *of;
	size_t          at;
	uint8_t         value;
	enum assay_code code;
} quotes[] = {
	{ "version 3", &quote4, 0, 3, ASSAY_QUOTE_VERSION },
	{ "version 256 and more", &quote4, 1, 1, ASSAY_QUOTE_VERSION },
	{ "P-384", &quote4, 2, 3, ASSAY_QUOTE_KEYTYPE },
	{ "SGX", &quote4, 4, 0, ASSAY_QUOTE_TEE },
	{ "another TEE", &quote4, 7, 1, ASSAY_QUOTE_TEE },
	{ "another vendor", &quote4, 27, 0, ASSAY_QUOTE_VENDOR },
	{ "an SGX body", &quote5, 48, 1, ASSAY_QUOTE_BODY },
	{ "a newer body", &quote5, 48, 4, ASSAY_QUOTE_BODY },
	{ "TD 1.0 of TD 1.5's size", &quote5, 48, 2, ASSAY_QUOTE_BODY },
	{ "a body of another size", &quote5, 50, 0x87, ASSAY_QUOTE_BODY },
	{ "a section longer than the rest", &quote4, 634, 1, ASSAY_QUOTE_SIGLEN },
	{ "a section shorter than any", &quote4, 633, 0, ASSAY_QUOTE_SIGLEN },
	{ "outer type 5", &quote4, 764, 5, ASSAY_QUOTE_CERTTYPE },
	{ "outer type 6 and more", &quote4, 765, 1, ASSAY_QUOTE_CERTTYPE },
	{ "outer size", &quote4, 766, 0, ASSAY_QUOTE_CERTLEN },
	{ "auth data of 1056", &quote4, 1219, 4, ASSAY_QUOTE_QEAUTH },
	{ "auth data of 33", &quote4, 1218, 33, ASSAY_QUOTE_CERTTYPE },
	{ "inner type 6", &quote4, 1252, 6, ASSAY_QUOTE_CERTTYPE },
	{ "inner size", &quote4, 1254, 0xff, ASSAY_QUOTE_CERTLEN },
	{ "inner size over 16 MiB", &quote4, 1257, 1, ASSAY_QUOTE_CERTLEN },
};

static void quote_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(quotes); i++) {
		CLEANUP(buf_done) struct buf m = { 0 };
		struct tdx_quote             q;
		struct assay_err             e = { 0 };

		keep(&m, buf_bytes(quotes[i].of));
		assert_int_not_equal(m.p[quotes[i].at], quotes[i].value);
		m.p[quotes[i].at] = quotes[i].value;
		print_message("%s\n", quotes[i].name);
		assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e), quotes[i].code);
	}
}

static void put_u32(uint8_t *at, size_t v)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

/* Certificates of just as many bytes as there may be, and of one more: the three sizes around them add up. */
static void quote_certificates(void **state)
{
	const size_t pem = 1258, section = 632 + 4;

	(void)state;
	for (size_t n = TDX_QUOTE_PEM; n <= TDX_QUOTE_PEM + 1; n++) {
		CLEANUP(buf_done) struct buf m = { 0 };
		struct tdx_quote             q;
		struct assay_err             e = { 0 };

		buf_put(&m, quote4.p, pem);
		memset(buf_room(&m, n), ' ', n);
		put_u32(m.p + 632, pem + n - section);
		put_u32(m.p + 766, pem + n - section - 134);
		put_u32(m.p + 1254, n);
		assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e),
			n == TDX_QUOTE_PEM ? ASSAY_OK : ASSAY_QUOTE_CERTLEN);
	}
}

static void quote_edges(void **state)
{
	CLEANUP(buf_done) struct buf m = { 0 };
	struct tdx_quote             q;
	struct assay_err             e = { 0 };
	uint8_t                      ones[32];

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	keep(&m, buf_bytes(&quote4));
	memset(buf_room(&m, TDX_QUOTE_TRAILING), 0, TDX_QUOTE_TRAILING);
	test_must(tdx_quote_parse(buf_bytes(&m), &q, &e), &e);
	assert_int_equal(q.whole.n, quote4.n);
	buf_byte(&m, 0);
	assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e), ASSAY_QUOTE_TRAILING);
	m.n = quote4.n;
	buf_byte(&m, 1);
	assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e), ASSAY_QUOTE_TRAILING);
	memset(buf_room(&m, TDX_QUOTE_MAX), 0, TDX_QUOTE_MAX);
	assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e), ASSAY_QUOTE_SIZE);
	assert_int_equal(tdx_quote_parse((struct bytes){ quote4.p, TDX_QUOTE_MIN - 1 }, &q, &e),
		ASSAY_QUOTE_SIZE);

	/* r and s: zero, n, n - 1 */
	for (size_t k = 0; k < 4; k++) {
		static const size_t at[] = { 636, 668, 1154, 1186 };

		m.n = 0;
		keep(&m, buf_bytes(&quote4));
		memset(m.p + at[k], 0, 32);
		assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e), ASSAY_QUOTE_SIGRANGE);
		memcpy(m.p + at[k], ones, 32);
		assert_int_equal(tdx_quote_parse(buf_bytes(&m), &q, &e), ASSAY_QUOTE_SIGRANGE);
		test_must(
			hex_fixed(
				BYTES("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"),
				m.p + at[k], 32, &e),
			&e);
		test_must(tdx_quote_parse(buf_bytes(&m), &q, &e), &e);
	}
	assert_true(tdx_quote_like(buf_bytes(&quote5)));
	assert_false(tdx_quote_like(BYTES("\4\0\2\0\x81\0\0")));
}

/* --- the SGX extension --- */

static void pck_good(void **state)
{
	struct pck       p;
	struct assay_err e = { 0 };

	(void)state;
	test_must(pck_parse(buf_bytes(&extension), true, &p, &e), &e);
	assert_memory_equal(p.fmspc, "\x90\xc0\x6f\0\0\0", 6);
	assert_memory_equal(p.component, "\4\4\2\2\4\1\0\5", 8);
	assert_int_equal(p.pcesvn, 13);
	assert_true(p.platform && p.dynamic && p.cached_keys && p.smt);
	assert_int_equal(p.type, 1);
}

/* Every bit: never read as the same platform with other content and no complaint, but where it is content. */
static void pck_bits(void **state)
{
	CLEANUP(buf_done) struct buf m = { 0 };
	struct pck                   good, p;
	struct assay_err             e       = { 0 };
	size_t                       refused = 0;

	(void)state;
	test_must(pck_parse(buf_bytes(&extension), true, &good, &e), &e);
	keep(&m, buf_bytes(&extension));
	for (size_t bit = 0; bit < 8 * m.n; bit++) {
		m.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (pck_parse(buf_bytes(&m), true, &p, &e) != ASSAY_OK) {
			assert_int_equal(e.code, ASSAY_CERT_SGX);
			refused++;
		} else {
			assert_memory_not_equal(&p, &good, sizeof(p));
		}
		m.p[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_true(refused > 4 * m.n);
	for (size_t n = 0; n < m.n; n++)
		assert_int_equal(
			pck_parse((struct bytes){ m.p, n }, true, &p, &e), ASSAY_CERT_SGX);
}

#define O(arcs) "\x06\x0a\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01" arcs

static const struct {
	const char  *name;
	struct bytes in;
} extensions[] = {
	{ "nothing", BYTES("\x30\0") },
	{ "another name", BYTES("\x30\x0e\x30\x0c\x06\x03\x2a\x03\x04\x04\x05\1\2\3\4\5") },
	{ "member 8", BYTES("\x30\x11\x30\x0f" O("\x08") "\x04\1\0") },
	{ "member 0", BYTES("\x30\x11\x30\x0f" O("\0") "\x04\1\0") },
	{ "PPID of one byte", BYTES("\x30\x11\x30\x0f" O("\x01") "\x04\1\0") },
	{ "a type of two bytes", BYTES("\x30\x12\x30\x10" O("\x05") "\x0a\2\0\1") },
	{ "type 3", BYTES("\x30\x11\x30\x0f" O("\x05") "\x0a\1\3") },
	{ "an empty TCB", BYTES("\x30\x10\x30\x0e" O("\x02") "\x30\0") },
	{ "a configuration of no name",
		BYTES("\x30\x20\x30\x1e" O(
			"\x07") "\x30\x10\x30\x0e\x06\x0b\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01\x07\x04") },
};

static void pck_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
		struct pck       p;
		struct assay_err e = { 0 };

		print_message("%s\n", extensions[i].name);
		assert_int_equal(pck_parse(extensions[i].in, false, &p, &e), ASSAY_CERT_SGX);
	}
}

/* --- Intel's documents --- */

static const struct {
	const char     *name;
	struct buf     *of;
	const char     *find, *put;
	enum assay_code code;
} documents[] = {
	{ "good TCB info", &tcb, "\"id\"", "\"id\"", ASSAY_OK },
	{ "good identity", &identity, "\"id\"", "\"id\"", ASSAY_OK },
	{ "blanks around", &tcb, "{\"tcbInfo\":", " {\t\"tcbInfo\"\r\n: ", ASSAY_OK },
	{ "another member", &tcb, ",\"signature\"", ",\"more\":{},\"signature\"",
		ASSAY_JSON_FIELD },
	{ "a third member", &tcb, ",\"signature\":\"", ",\"signature\":\"00\",\"signature\":\"",
		ASSAY_JSON_FIELD },
	{ "in other letters", &tcb, "\"tcbInfo\"", "\"tcbinfo\"", ASSAY_JSON_FIELD },
	{ "an escape in its name", &tcb, "\"tcbInfo\"", "\"tcb\\u0049nfo\"", ASSAY_JSON_PARSE },
	{ "no object", &tcb, "{\"tcbInfo\":{", "{\"tcbInfo\":[{", ASSAY_JSON_PARSE },
	{ "id twice", &tcb, "\"id\":\"TDX\",", "\"id\":\"TDX\",\"id\":\"TDX\",",
		ASSAY_JSON_PARSE },
	{ "id of SGX", &tcb, "\"id\":\"TDX\"", "\"id\":\"SGX\"", ASSAY_JSON_ID },
	{ "version 2", &tcb, "\"version\":3", "\"version\":2", ASSAY_JSON_ID },
	{ "version 3.0", &tcb, "\"version\":3", "\"version\":3.0", ASSAY_JSON_FIELD },
	{ "version 3e0", &tcb, "\"version\":3", "\"version\":3e0", ASSAY_JSON_FIELD },
	{ "version as text", &tcb, "\"version\":3", "\"version\":\"3\"", ASSAY_JSON_FIELD },
	{ "a fraction nobody reads", &tcb, "\"version\":3", "\"version\":3,\"x\":[{\"y\":0.5}]",
		ASSAY_JSON_FIELD },
	{ "a member nobody reads", &tcb, "\"version\":3", "\"version\":3,\"x\":[{\"y\":5}]",
		ASSAY_OK },
	{ "type 1", &tcb, "\"tcbType\":0", "\"tcbType\":1", ASSAY_JSON_ID },
	{ "a date without time", &tcb, "\"issueDate\":\"2026-06-01T00:00:00Z\"",
		"\"issueDate\":\"2026-06-01\"", ASSAY_JSON_DATE },
	{ "no such day", &tcb, "\"issueDate\":\"2026-06-01T", "\"issueDate\":\"2026-02-30T",
		ASSAY_JSON_DATE },
	{ "the year 2014", &tcb, "\"tcbDate\":\"2018", "\"tcbDate\":\"2014", ASSAY_JSON_DATE },
	{ "the year 2100", &tcb, "\"nextUpdate\":\"2026", "\"nextUpdate\":\"2100",
		ASSAY_JSON_DATE },
	{ "next before issue", &tcb, "\"nextUpdate\":\"2026", "\"nextUpdate\":\"2025",
		ASSAY_JSON_DATE },
	{ "FMSPC of 10 digits", &tcb, "\"fmspc\":\"90C06F0000", "\"fmspc\":\"90C06F",
		ASSAY_JSON_FIELD },
	{ "FMSPC, no digits", &tcb, "\"fmspc\":\"90C0", "\"fmspc\":\"9xC0", ASSAY_JSON_FIELD },
	{ "component 256", &tcb, "{\"svn\":5,", "{\"svn\":256,", ASSAY_JSON_FIELD },
	{ "component -1", &tcb, "{\"svn\":5,", "{\"svn\":-1,", ASSAY_JSON_FIELD },
	{ "15 components", &tcb, ",{\"svn\":0}]", "]", ASSAY_JSON_FIELD },
	{ "PCESVN 65536", &tcb, "\"pcesvn\":13", "\"pcesvn\":65536", ASSAY_JSON_FIELD },
	{ "no levels", &tcb, "\"tcbLevels\":[{\"tcb\":{\"sgx", "\"more\":[{\"tcb\":{\"sgx",
		ASSAY_JSON_FIELD },
	{ "two levels alike", &tcb, "\"pcesvn\":5,", "\"pcesvn\":13,", ASSAY_JSON_FIELD },
	{ "a module of no name", &tcb, "\"TDX_03\"", "\"TDX_X3\"", ASSAY_JSON_FIELD },
	{ "a module twice", &tcb, "\"TDX_03\"", "\"tdx_01\"", ASSAY_JSON_FIELD },
	{ "a module in small letters", &tcb, "\"TDX_03\"", "\"tdx_0a\"", ASSAY_OK },
	{ "two of one isvsvn", &tcb, "\"isvsvn\":4}", "\"isvsvn\":2}", ASSAY_JSON_FIELD },
	{ "an advisory of 65", &tcb, "INTEL-SA-01036",
		"INTEL-SA-0123456789012345678901234567890123456789012345678901234X",
		ASSAY_JSON_FIELD },
	{ "an advisory that is none", &tcb, "\"INTEL-SA-01036\"", "7", ASSAY_JSON_FIELD },
	{ "an unknown status", &tcb, "\"OutOfDate\"", "\"Fine\"", ASSAY_OK },
	{ "no digit in the signature", &tcb, "\"signature\":\"", "\"signature\":\"x",
		ASSAY_INPUT_HEX },
	{ "QE of SGX", &identity, "\"TD_QE\"", "\"QE\"", ASSAY_JSON_ID },
	{ "version 3 of it", &identity, "\"version\":2", "\"version\":3", ASSAY_JSON_ID },
	{ "its next before its issue", &identity, "\"nextUpdate\":\"2026",
		"\"nextUpdate\":\"2025", ASSAY_JSON_DATE },
	{ "a mask of 6 digits", &identity, "\"miscselectMask\":\"FF", "\"miscselectMask\":\"",
		ASSAY_JSON_FIELD },
	{ "ISVPRODID 65536", &identity, "\"isvprodid\":2", "\"isvprodid\":65536",
		ASSAY_JSON_FIELD },
	{ "without levels", &identity, "\"tcbLevels\":[", "\"tcbLevels\":[],\"x\":[",
		ASSAY_JSON_FIELD },
};

static void document_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		CLEANUP(buf_done) struct buf                 m    = { 0 };
		CLEANUP(tcb_info_done) struct tcb_info       t    = { 0 };
		CLEANUP(qe_identity_done) struct qe_identity q    = { 0 };
		bool                                         info = documents[i].of == &tcb;
		struct tcb_envelope                          v;
		struct assay_err                             e = { 0 };
		enum assay_code                              code;

		keep(&m, buf_bytes(documents[i].of));
		test_edit(&m, documents[i].find, documents[i].put);
		print_message("%s\n", documents[i].name);
		code = tcb_envelope(
			buf_bytes(&m), info ? TCB_INFO_NAME : QE_IDENTITY_NAME, &v, &e);
		if (code == ASSAY_OK)
			code = info ? tcb_info_parse(v.signed_text, &t, &e)
				    : qe_identity_parse(v.signed_text, &q, &e);
		assert_int_equal(code, documents[i].code);
	}
}

/* What is signed is the run of bytes, to the byte; every cut is refused. */
static void envelopes(void **state)
{
	CLEANUP(buf_done) struct buf more = { 0 };
	struct tcb_envelope          v, w;
	struct assay_err             e = { 0 };

	(void)state;
	test_must(tcb_envelope(buf_bytes(&tcb), TCB_INFO_NAME, &v, &e), &e);
	assert_ptr_equal(v.signed_text.p, tcb.p + 11);
	assert_int_equal(v.signed_text.n, tcb.n - 11 - 15 - 128 - 1);
	for (size_t n = 0; n < tcb.n; n++)
		assert_int_not_equal(
			tcb_envelope((struct bytes){ tcb.p, n }, TCB_INFO_NAME, &w, &e),
			ASSAY_OK);
	keep(&more, buf_bytes(&tcb));
	buf_text(&more, "\n ");
	test_must(tcb_envelope(buf_bytes(&more), TCB_INFO_NAME, &w, &e), &e);
	buf_text(&more, "x");
	assert_int_equal(
		tcb_envelope(buf_bytes(&more), TCB_INFO_NAME, &w, &e), ASSAY_JSON_PARSE);
	assert_int_equal(tcb_envelope((struct bytes){ tcb.p, TCB_FILE_MAX + 1 }, "x", &w, &e),
		ASSAY_INPUT_SIZE);
	assert_int_equal(tcb_status_find(BYTES("Revoked")), TCB_REVOKED);
	assert_int_equal(tcb_status_find(BYTES("revoked")), TCB_UNRECOGNIZED);
	assert_int_equal(tcb_status_find(BYTES("")), TCB_UNRECOGNIZED);
	assert_string_equal(tcb_status_name(TCB_RELAUNCH), "TDRelaunchAdvised");
	assert_string_equal(tcb_status_name(TCB_STATUS_COUNT), "");
}

/* More of each than there may be. */
static void document_limits(void **state)
{
	static const struct {
		const char *find, *one;
		size_t      most;
		struct buf *of;
	} rows[] = {
		{ "\"advisoryIDs\":[", "\"x\",", TCB_ADVISORIES, &tcb },
		{ "\"tdxModuleIdentities\":[", "{},", TCB_MODULES, &tcb },
		{ "\"tcbLevels\":[{\"tcb\":{\"sgx", "{},", TCB_LEVELS, &tcb },
		{ "\"tcbLevels\":[", "{},", TCB_LEVELS, &identity },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf                 m = { 0 }, many = { 0 };
		CLEANUP(tcb_info_done) struct tcb_info       t = { 0 };
		CLEANUP(qe_identity_done) struct qe_identity q = { 0 };
		struct assay_err                             e = { 0 };
		struct tcb_envelope                          v;
		char                                         find[64];

		snprintf(find, sizeof(find), "%s", rows[i].find);
		find[strcspn(find, "[") + 1] = 0;
		buf_text(&many, find);
		for (size_t k = 0; k <= rows[i].most; k++)
			buf_text(&many, rows[i].one);
		buf_text(&many, rows[i].find + strlen(find));
		keep(&m, buf_bytes(rows[i].of));
		test_edit(&m, rows[i].find, buf_cstr(&many));
		test_must(
			tcb_envelope(buf_bytes(&m),
				rows[i].of == &tcb ? TCB_INFO_NAME : QE_IDENTITY_NAME, &v, &e),
			&e);
		assert_int_equal(rows[i].of == &tcb ? tcb_info_parse(v.signed_text, &t, &e)
						    : qe_identity_parse(v.signed_text, &q, &e),
			ASSAY_JSON_FIELD);
	}
}

#define DCAP                                                                                  \
	"{\"tcb_info\":\"{}\",\"tcb_info_signature\":\"00\",\"tcb_info_issuer_chain\":\"a\"," \
	"\"qe_identity\":\"{}\",\"qe_identity_signature\":\"00\","                            \
	"\"qe_identity_issuer_chain\":\"b\",\"pck_crl\":\"3000\",\"root_ca_crl\":\"3001\"}"

static void dcap_cases(void **state)
{
	static const struct {
		const char     *find, *put;
		enum assay_code code;
	} rows[] = {
		{ "3000", "3000", ASSAY_OK },
		{ "3000", "300", ASSAY_INPUT_KIND },
		{ "3000", "", ASSAY_INPUT_KIND },
		{ "3000", "-----BEGIN X509 CRL-----\\nMAA=\\n-----END X509 CRL-----\\n",
			ASSAY_OK },
		{ "\"pck_crl\"", "\"pck_crls\"", ASSAY_JSON_FIELD },
		{ "\"tcb_info_signature\"", "\"x\"", ASSAY_JSON_FIELD },
		{ "{", "{\"pck_certificate_chain\":\"\",", ASSAY_OK },
		{ "}\"", "}", ASSAY_JSON_PARSE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(evidence_done) struct evidence ev = { 0 };
		CLEANUP(buf_done) struct buf           m  = { 0 };
		struct assay_err                       e  = { 0 };

		buf_text(&m, DCAP);
		test_edit(&m, rows[i].find, rows[i].put);
		assert_true(dcap_like(buf_bytes(&m)));
		assert_int_equal(dcap_read(&ev, buf_bytes(&m), &e), rows[i].code);
		assert_int_equal(ev.collaterals, rows[i].code == ASSAY_OK ? 6 : 0);
		if (rows[i].code == ASSAY_OK)
			assert_true(bytes_equal(ev.collateral[0].body,
				BYTES("{\"tcbInfo\":{},\"signature\":\"00\"}")));
	}
	assert_false(dcap_like(BYTES("")));
	assert_false(dcap_like(BYTES("[\"tcb_info_issuer_chain\"]")));
}

/* --- event logs --- */

#define HEAD_SIZE (32 + 33)

static const struct {
	const char     *name;
	size_t          at;
	uint8_t         value;
	enum assay_code code;
} logs[] = {
	{ "Spec ID of register 2", 0, 2, ASSAY_EVENTLOG_PARSE },
	{ "Spec ID of another type", 4, 4, ASSAY_EVENTLOG_PARSE },
	{ "a digest of it", 8, 1, ASSAY_EVENTLOG_PARSE },
	{ "another signature", 32, 's', ASSAY_EVENTLOG_PARSE },
	{ "no algorithm", 56, 0, ASSAY_EVENTLOG_PARSE },
	{ "six algorithms", 56, 6, ASSAY_EVENTLOG_PARSE },
	{ "another algorithm", 60, 0x0b, ASSAY_EVENTLOG_ALGORITHM },
	{ "SHA-384 of 32 bytes", 62, 32, ASSAY_EVENTLOG_ALGORITHM },
	{ "vendor data that is not there", 64, 1, ASSAY_EVENTLOG_PARSE },
	{ "register 5", HEAD_SIZE, 5, ASSAY_EVENTLOG_INDEX },
	{ "MRTD", HEAD_SIZE, 0, ASSAY_EVENTLOG_INDEX },
	{ "no digest", HEAD_SIZE + 8, 0, ASSAY_EVENTLOG_PARSE },
	{ "six digests", HEAD_SIZE + 8, 6, ASSAY_EVENTLOG_PARSE },
	{ "two digests", HEAD_SIZE + 8, 2, ASSAY_EVENTLOG_ALGORITHM },
	{ "an unknown digest", HEAD_SIZE + 12, 0x0b, ASSAY_EVENTLOG_ALGORITHM },
	{ "data over 1 MiB", HEAD_SIZE + 14 + 48 + 2, 0x20, ASSAY_EVENTLOG_PARSE },
	{ "data of more than there is", HEAD_SIZE + 14 + 48 + 2, 0x0f, ASSAY_EVENTLOG_PARSE },
	{ "not the filler", 65535, 0, ASSAY_EVENTLOG_PARSE },
};

static void log_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		CLEANUP(buf_done) struct buf m = { 0 };
		struct ccel                  log;
		struct assay_err             e = { 0 };

		keep(&m, buf_bytes(&events));
		assert_int_equal(m.n, 65536);
		m.p[logs[i].at] = logs[i].value;
		print_message("%s\n", logs[i].name);
		assert_int_equal(ccel_parse(buf_bytes(&m), &log, &e), logs[i].code);
	}
}

static void log_edges(void **state)
{
	CLEANUP(buf_done) struct buf m = { 0 };
	struct ccel                  log, other;
	struct assay_err             e  = { 0 };
	struct ccel_event            ev = { .type = 0x80000002 };
	struct bytes                 name, value;
	char                         text[16];
	size_t                       end;

	(void)state;
	test_must(ccel_parse(buf_bytes(&events), &log, &e), &e);
	assert_true(log.n > 20 && log.own.n == 0);
	end = (size_t)(log.records.p + log.records.n - events.p);
	keep(&m, (struct bytes){ events.p, end }); /* no filler at all */
	test_must(ccel_parse(buf_bytes(&m), &other, &e), &e);
	assert_int_equal(other.n, log.n);
	memset(buf_room(&m, 100), 0, 100); /* zeros, as td-shim leaves them */
	test_must(ccel_parse(buf_bytes(&m), &other, &e), &e);
	assert_int_equal(other.n, log.n);
	buf_byte(&m, 1);
	assert_int_equal(ccel_parse(buf_bytes(&m), &other, &e), ASSAY_EVENTLOG_PARSE);
	m.p[m.n - 1] = '{'; /* where assay's own lines begin */
	test_must(ccel_parse(buf_bytes(&m), &other, &e), &e);
	assert_int_equal(other.own.n, 1);
	test_must(ccel_parse(BYTES("{\n"), &other, &e), &e);
	assert_int_equal(other.own.n, 2);
	assert_int_equal(ccel_parse((struct bytes){ 0 }, &other, &e), ASSAY_EVENTLOG_PARSE);
	assert_int_equal(ccel_parse((struct bytes){ m.p, CCEL_MAX + 1 }, &other, &e),
		ASSAY_EVENTLOG_PARSE);
	for (size_t n = 1; n < HEAD_SIZE; n++)
		assert_int_equal(ccel_parse((struct bytes){ events.p, n }, &other, &e),
			ASSAY_EVENTLOG_PARSE);
	assert_string_equal(ccel_type_name(4, text), "EV_SEPARATOR");
	assert_string_equal(ccel_type_name(0x99, text), "0x00000099");
	assert_false(ccel_variable(BYTES("short"), &name, &value));
	ev.data = BYTES("short"); /* no variable: then the digest is of all of it */
	assert_true(bytes_equal(ccel_measured(&ev), ev.data));
	ev.type = 0x0d;
	assert_null(ccel_measured(&ev).p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quote_cases),
		cmocka_unit_test(quote_edges),
		cmocka_unit_test(quote_certificates),
		cmocka_unit_test(pck_good),
		cmocka_unit_test(pck_bits),
		cmocka_unit_test(pck_cases),
		cmocka_unit_test(document_cases),
		cmocka_unit_test(envelopes),
		cmocka_unit_test(document_limits),
		cmocka_unit_test(dcap_cases),
		cmocka_unit_test(log_cases),
		cmocka_unit_test(log_edges),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
