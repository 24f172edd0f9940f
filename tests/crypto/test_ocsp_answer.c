/* SPDX-License-Identifier: Apache-2.0
 *
 * The structure of OCSP answers and requests, byte by byte: what DER and RFC 6960 do not allow. Signatures and
 * certificates are filling here. */
#include "test.h"

#include "base/hex.h"
#include "crypto/ocsp_answer.h"

/* Hexadecimal with "{" and "}" around contents: the length is written in its place. 'text' stands for itself. */
static void write_der(const char **at, struct buf *out)
{
	while (**at != 0 && **at != '}') {
		struct assay_err e = { 0 };

		if (**at == '{') {
			CLEANUP(buf_done) struct buf in = { 0 };

			++*at;
			write_der(at, &in);
			assert_int_equal(**at, '}');
			if (in.n >= 256)
				buf_put(out, (uint8_t[]){ 0x82, (uint8_t)(in.n >> 8) }, 2);
			else if (in.n >= 128)
				buf_byte(out, 0x81);
			buf_byte(out, (uint8_t)in.n);
			buf_put(out, in.p, in.n);
			++*at;
		} else if (**at == '\'') {
			for (++*at; **at != '\''; ++*at)
				buf_put(out, *at, 1);
			++*at;
		} else if (**at == ' ') {
			++*at;
		} else {
			assert_int_equal(hex_decode((struct bytes){ (const uint8_t *)*at, 2 },
						 false, out, &e),
				ASSAY_OK);
			*at += 2;
		}
	}
	assert_false(out->failed);
}

#define OID_BASIC     "0609 2b0601050507300101"
#define OID_NONCE     "0609 2b0601050507300102"
#define OID_OTHER     "0609 2b0601050507300103"
#define ANSWER(basic) "30{ 0a0100 a0{ 30{" OID_BASIC "04{" basic "}}}}"
#define SIGNED        "300a06082a8648ce3d040303 03{00 3006 020101 020101}"
#define BASIC(data)   ANSWER("30{ 30{" data "}" SIGNED "}")
#define BY_NAME       "a1{ 30{ 31{ 30{ 0603550403 0c{'R'}}}}}"
#define TIME(text)    "18{'" text "'}"
#define PRODUCED      TIME("20270115080000Z")
#define DATA(singles) BY_NAME PRODUCED "30{" singles "}"
#define SHA1_ALG      "30{ 06052b0e03021a 0500 }"
#define ID_OF(serial) \
	"30{" SHA1_ALG "04{'12345678901234567890'} 04{'abcdefghijabcdefghij'}" serial "}"
#define ID              ID_OF("020107")
#define SINGLE_OF(body) "30{" ID body "}"
#define SINGLE(status)  SINGLE_OF(status TIME("20270115075900Z"))
#define GOOD            SINGLE("8000")
#define EXTS(tag, x)    tag "{ 30{" x "}}"
#define NONCE           "30{" OID_NONCE "04{ 04{'nonce'}}}"

static const struct {
	const char     *name, *in;
	enum assay_code code;
	const char     *says;
} answers[] = {
	{ "good", BASIC(DATA(GOOD)), ASSAY_OK, "" },
	{ "tryLater", "30{ 0a0103 }", ASSAY_OK, "" },
	{ "by key", BASIC("a2{ 04{'12345678901234567890'}}" PRODUCED "30{" GOOD "}"), ASSAY_OK,
		"" },
	{ "no single", BASIC(DATA("")), ASSAY_OK, "" },
	{ "two singles", BASIC(DATA(GOOD GOOD)), ASSAY_OK, "" },
	{ "version 1, said", BASIC("a0{020100}" DATA(GOOD)), ASSAY_OK, "" },
	{ "revoked", BASIC(DATA(SINGLE("a1{" TIME("20260101000000Z") "}"))), ASSAY_OK, "" },
	{ "revoked, with reason",
		BASIC(DATA(SINGLE("a1{" TIME("20260101000000Z") "a0{0a0106}}"))), ASSAY_OK,
		"" },
	{ "unknown", BASIC(DATA(SINGLE("8200"))), ASSAY_OK, "" },
	{ "nonce", BASIC(DATA(GOOD) EXTS("a1", NONCE)), ASSAY_OK, "" },
	{ "critical nonce",
		BASIC(DATA(GOOD) EXTS("a1", "30{" OID_NONCE "0101ff 04{ 0401aa }}")), ASSAY_OK,
		"" },
	{ "other extensions", BASIC(DATA(GOOD) EXTS("a1", "30{" OID_OTHER "0400}" NONCE)),
		ASSAY_OK, "" },
	{ "in the single",
		BASIC(DATA(SINGLE_OF("8000" PRODUCED EXTS("a1", "30{" OID_OTHER "0400}")))),
		ASSAY_OK, "" },
	{ "hash without parameters",
		BASIC(DATA("30{ 30{ 30{ 06052b0e03021a } 0401aa 0401aa 020107 } 8000" PRODUCED
			   "}")),
		ASSAY_OK, "" },
	{ "certificate", ANSWER("30{ 30{" DATA(GOOD) "}" SIGNED "a0{ 30{ 30{'x'} 30{'y'}}}}"),
		ASSAY_OK, "" },

	{ "empty", "", ASSAY_OCSP_PARSE, "response" },
	{ "trailing", BASIC(DATA(GOOD)) "00", ASSAY_OCSP_PARSE, "1 bytes too many" },
	{ "no sequence", "31{ 0a0103 }", ASSAY_OCSP_PARSE, "tag 0x31" },
	{ "indefinite", "3080 0a0103 0000", ASSAY_OCSP_PARSE, "that DER does not have" },
	{ "long form", "308103 0a0103", ASSAY_OCSP_PARSE, "longer than it need be" },
	{ "status of two bytes", "30{ 0a020003 }", ASSAY_OCSP_PARSE, "no status" },
	{ "empty status", "30{ 0a00 }", ASSAY_OCSP_PARSE, "no status" },
	{ "status is an integer", "30{ 020103 }", ASSAY_OCSP_PARSE, "tag 0x02" },
	{ "error with an answer", "30{ 0a0103 a0{ 30{" OID_BASIC "0400}}}", ASSAY_OCSP_PARSE,
		"too many" },
	{ "success without one", "30{ 0a0100 }", ASSAY_OCSP_PARSE, "response" },
	{ "another type", "30{ 0a0100 a0{ 30{" OID_NONCE "04{ 3000 }}}}", ASSAY_OCSP_PARSE,
		"another type" },
	{ "empty basic", ANSWER(""), ASSAY_OCSP_PARSE, "basic response" },
	{ "trailing behind basic", ANSWER("30{ 30{" DATA(GOOD) "}" SIGNED "} 00"),
		ASSAY_OCSP_PARSE, "1 bytes too many" },
	{ "trailing in basic", ANSWER("30{ 30{" DATA(GOOD) "}" SIGNED "a0{3000} 0500}"),
		ASSAY_OCSP_PARSE, "2 bytes too many" },
	{ "trailing in data", BASIC(DATA(GOOD) "0500"), ASSAY_OCSP_PARSE, "2 bytes too many" },
	{ "data is no sequence", ANSWER("30{ 31{" DATA(GOOD) "}" SIGNED "}"), ASSAY_OCSP_PARSE,
		"no sequence" },
	{ "no signature", ANSWER("30{ 30{" DATA(GOOD) "} 3000 030100 }"), ASSAY_OCSP_PARSE,
		"odd bits" },
	{ "unused bits", ANSWER("30{ 30{" DATA(GOOD) "} 3000 03020180 }"), ASSAY_OCSP_PARSE,
		"odd bits" },
	{ "certificates behind", ANSWER("30{ 30{" DATA(GOOD) "}" SIGNED "a1{ 3000 }}"),
		ASSAY_OCSP_PARSE, "tag 0xa1" },
	{ "trailing in certificates",
		ANSWER("30{ 30{" DATA(GOOD) "}" SIGNED "a0{ 3000 3000 }}"), ASSAY_OCSP_PARSE,
		"2 bytes too many" },
	{ "nine certificates",
		ANSWER("30{ 30{" DATA(
			GOOD) "}" SIGNED "a0{ 30{ 300030003000 300030003000 300030003000 }}}"),
		ASSAY_OCSP_PARSE, "more than 8" },

	{ "version 2", BASIC("a0{020101}" DATA(GOOD)), ASSAY_OCSP_PARSE, "another version" },
	{ "version twice", BASIC("a0{020100 020100}" DATA(GOOD)), ASSAY_OCSP_PARSE,
		"too many" },
	{ "long version", BASIC("a0{02020000}" DATA(GOOD)), ASSAY_OCSP_PARSE, "longer" },
	{ "no responder", BASIC(PRODUCED "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"responder: tag 0x18" },
	{ "empty responder", BASIC("a1{}" PRODUCED "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"responder" },
	{ "two names", BASIC("a1{ 3000 3000 }" PRODUCED "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"too many" },
	{ "key hash of 19", BASIC("a2{ 04{'1234567890123456789'}}" PRODUCED "30{" GOOD "}"),
		ASSAY_OCSP_PARSE, "19 bytes" },
	{ "key hash of 32",
		BASIC("a2{ 04{'12345678901234567890123456789012'}}" PRODUCED "30{" GOOD "}"),
		ASSAY_OCSP_PARSE, "32 bytes" },

	{ "UTCTime", BASIC(BY_NAME "17{'270115080000Z'} 30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"tag 0x17" },
	{ "fractions", BASIC(BY_NAME TIME("20270115080000.5Z") "30{" GOOD "}"),
		ASSAY_OCSP_PARSE, "no date" },
	{ "offset", BASIC(BY_NAME TIME("20270115080000+0100") "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"no date" },
	{ "no seconds", BASIC(BY_NAME TIME("202701150800Z") "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"no date" },
	{ "no Z", BASIC(BY_NAME TIME("202701150800000") "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"no date" },
	{ "signs", BASIC(BY_NAME TIME("2027+115080000Z") "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"no date" },
	{ "February 30", BASIC(BY_NAME TIME("20270230080000Z") "30{" GOOD "}"),
		ASSAY_OCSP_PARSE, "producedAt is no date" },
	{ "1970", BASIC(BY_NAME TIME("19700101000000Z") "30{" GOOD "}"), ASSAY_OCSP_PARSE,
		"no date" },
	{ "nextUpdate in 1970",
		BASIC(DATA(SINGLE_OF("8000" PRODUCED "a0{" TIME("19700101000000Z") "}"))),
		ASSAY_OCSP_PARSE, "nextUpdate is no date" },
	{ "two nextUpdates",
		BASIC(DATA(SINGLE_OF("8000" PRODUCED "a0{" PRODUCED PRODUCED "}"))),
		ASSAY_OCSP_PARSE, "too many" },
	{ "revoked before 1970", BASIC(DATA(SINGLE("a1{" TIME("19691231235959Z") "}"))),
		ASSAY_OCSP_PARSE, "no date" },

	{ "second single broken", BASIC(DATA(GOOD "30{" ID "}")), ASSAY_OCSP_PARSE, "status" },
	{ "trailing in single", BASIC(DATA(SINGLE_OF("8000" PRODUCED "0500"))),
		ASSAY_OCSP_PARSE, "too many" },
	{ "negative serial", BASIC(DATA("30{" ID_OF("0201ff") "8000" PRODUCED "}")),
		ASSAY_OCSP_PARSE, "below zero" },
	{ "padded serial", BASIC(DATA("30{" ID_OF("02020007") "8000" PRODUCED "}")),
		ASSAY_OCSP_PARSE, "longer" },
	{ "empty serial", BASIC(DATA("30{" ID_OF("0200") "8000" PRODUCED "}")),
		ASSAY_OCSP_PARSE, "certificate id" },
	{ "trailing in id", BASIC(DATA("30{" ID_OF("020107 0500") "8000" PRODUCED "}")),
		ASSAY_OCSP_PARSE, "too many" },
	{ "hash with parameters",
		BASIC(DATA(
			"30{ 30{ 30{ 06052b0e03021a 0401aa } 0401aa 0401aa 020107 } 8000" PRODUCED
			"}")),
		ASSAY_OCSP_PARSE, "tag 0x04" },
	{ "good with content", BASIC(DATA(SINGLE("800100"))), ASSAY_OCSP_PARSE, "no status" },
	{ "good, constructed", BASIC(DATA(SINGLE("a000"))), ASSAY_OCSP_PARSE, "no status" },
	{ "another status", BASIC(DATA(SINGLE("8300"))), ASSAY_OCSP_PARSE, "no status" },
	{ "revoked, empty", BASIC(DATA(SINGLE("a100"))), ASSAY_OCSP_PARSE, "revocation" },
	{ "revoked, primitive", BASIC(DATA(SINGLE("8100"))), ASSAY_OCSP_PARSE, "no status" },
	{ "reason of two bytes",
		BASIC(DATA(SINGLE("a1{" TIME("20260101000000Z") "a0{0a020006}}"))),
		ASSAY_OCSP_PARSE, "reason of 2 bytes" },
	{ "reason is an integer",
		BASIC(DATA(SINGLE("a1{" TIME("20260101000000Z") "a0{020106}}"))),
		ASSAY_OCSP_PARSE, "tag 0x02" },

	{ "two nonces", BASIC(DATA(GOOD) EXTS("a1", NONCE NONCE)), ASSAY_OCSP_PARSE,
		"two nonces" },
	{ "empty nonce", BASIC(DATA(GOOD) EXTS("a1", "30{" OID_NONCE "0400}")),
		ASSAY_OCSP_PARSE, "empty one" },
	{ "critical", BASIC(DATA(GOOD) EXTS("a1", "30{" OID_OTHER "0101ff 0400}")),
		ASSAY_OCSP_PARSE, "critical" },
	{ "critical 01", BASIC(DATA(GOOD) EXTS("a1", "30{" OID_OTHER "010101 0400}")),
		ASSAY_OCSP_PARSE, "not a boolean" },
	{ "critical, empty", BASIC(DATA(GOOD) EXTS("a1", "30{" OID_OTHER "0100 0400}")),
		ASSAY_OCSP_PARSE, "not a boolean" },
	{ "critical nonce in single",
		BASIC(DATA(SINGLE_OF(
			"8000" PRODUCED EXTS("a1", "30{" OID_NONCE "0101ff 0401aa}")))),
		ASSAY_OCSP_PARSE, "critical" },
	{ "trailing in extension", BASIC(DATA(GOOD) EXTS("a1", "30{" OID_OTHER "0400 0500}")),
		ASSAY_OCSP_PARSE, "too many" },
	{ "extensions twice", BASIC(DATA(GOOD) EXTS("a1", NONCE) EXTS("a1", NONCE)),
		ASSAY_OCSP_PARSE, "too many" },
};

static void write_text(const char *in, struct buf *out)
{
	write_der(&in, out);
	assert_int_equal(*in, 0);
}

static void answer_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		CLEANUP(buf_done) struct buf in = { 0 };
		struct assay_err             e  = { 0 };
		struct ocsp_answer           a  = { .status = 99 };

		print_message("%s\n", answers[i].name);
		write_text(answers[i].in, &in);
		if (ocsp_answer_parse(buf_bytes(&in), &a, &e) != answers[i].code)
			fail_msg("%s: %s", answers[i].name, assay_err_text(&e));
		if (strstr(assay_err_text(&e), answers[i].says) == NULL)
			fail_msg("%s: says %s", answers[i].name, assay_err_text(&e));
		assert_int_equal(a.status == 99, answers[i].code != ASSAY_OK);
	}
}

static void answer_fields(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 };
	struct assay_err             e  = { 0 };
	struct ocsp_answer           a;
	struct ocsp_single           s;
	struct rd                    r;

	(void)state;
	write_text(ANSWER("30{ 30{" DATA(
			   SINGLE_OF("8000" PRODUCED "a0{" TIME("20270116080000Z") "}")
				   SINGLE("a1{" TIME("20260101000000Z") "a0{0a0106}}"))
				   EXTS("a1", NONCE) "}" SIGNED "a0{ 30{ 30{'x'} 30{'y'}}}}"),
		&in);
	assert_int_equal(ocsp_answer_parse(buf_bytes(&in), &a, &e), ASSAY_OK);
	assert_int_equal(a.status, 0);
	assert_int_equal(a.tbs.p[0], DER_SEQUENCE);
	assert_int_equal(a.produced_at, 1800000000);
	assert_int_equal(a.responder_name.n, 14);
	assert_null(a.responder_key.p);
	assert_true(bytes_equal(a.nonce, BYTES("\4\5nonce")));
	assert_int_equal(a.algorithm.n, 12);
	assert_int_equal(a.signature.n, 8);
	assert_int_equal(a.certs, 2);
	assert_true(bytes_equal(a.cert[1], BYTES("\x30\1y")));

	r = (struct rd){ .in = a.singles };
	assert_int_equal(ocsp_single_next(&r, &s, &e), ASSAY_OK);
	assert_int_equal(s.status, OCSP_IS_GOOD);
	assert_int_equal(s.this_update, 1800000000);
	assert_int_equal(s.next_update, 1800000000 + 86400);
	assert_true(bytes_equal(s.id.hash, BYTES("\x2b\x0e\x03\x02\x1a")));
	assert_true(bytes_equal(s.id.name, BYTES("12345678901234567890")));
	assert_true(bytes_equal(s.id.key, BYTES("abcdefghijabcdefghij")));
	assert_true(bytes_equal(s.id.serial, BYTES("\7")));
	assert_int_equal(ocsp_single_next(&r, &s, &e), ASSAY_OK);
	assert_int_equal(s.status, OCSP_IS_REVOKED);
	assert_int_equal(s.reason, 6);
	assert_int_equal(s.revoked_at, 1767225600);
	assert_int_equal(s.next_update, 0);
	assert_int_equal(rd_left(&r), 0);
}

#define REQUEST(tbs) "30{ 30{" tbs "}}"
#define ASK(id)      "30{ 30{" id "}}"

static const struct {
	const char     *name, *in;
	enum assay_code code;
	const char     *says;
} requests[] = {
	{ "good", REQUEST(ASK(ID)), ASSAY_OK, "" },
	{ "nonce", REQUEST(ASK(ID) EXTS("a2", NONCE)), ASSAY_OK, "" },
	{ "version 1, said", REQUEST("a0{020100}" ASK(ID)), ASSAY_OK, "" },
	{ "extension of one", REQUEST(ASK(ID EXTS("a0", "30{" OID_OTHER "0400}"))), ASSAY_OK,
		"" },

	{ "empty", "", ASSAY_OCSP_PARSE, "request" },
	{ "trailing", REQUEST(ASK(ID)) "00", ASSAY_OCSP_PARSE, "too many" },
	{ "no certificate", REQUEST("3000"), ASSAY_OCSP_PARSE, "request" },
	{ "two certificates", REQUEST("30{ 30{" ID "} 30{" ID "}}"), ASSAY_OCSP_PARSE,
		"too many" },
	{ "trailing in one", REQUEST(ASK(ID "0500")), ASSAY_OCSP_PARSE, "too many" },
	{ "trailing in all", REQUEST(ASK(ID) "0500"), ASSAY_OCSP_PARSE, "too many" },
	{ "version 2", REQUEST("a0{020101}" ASK(ID)), ASSAY_OCSP_PARSE, "another version" },
	{ "requestor", REQUEST("a1{ 820161 }" ASK(ID)), ASSAY_OCSP_PARSE, "tag 0xa1" },
	{ "signed", "30{ 30{" ASK(ID) "} a0{ 30{" SIGNED "}}}", ASSAY_OCSP_PARSE, "too many" },
	{ "two nonces", REQUEST(ASK(ID) EXTS("a2", NONCE NONCE)), ASSAY_OCSP_PARSE,
		"two nonces" },
	{ "critical", REQUEST(ASK(ID) EXTS("a2", "30{" OID_OTHER "0101ff 0400}")),
		ASSAY_OCSP_PARSE, "critical" },
};

static void request_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
		CLEANUP(buf_done) struct buf in = { 0 };
		struct assay_err             e  = { 0 };
		struct ocsp_asked            a;

		print_message("%s\n", requests[i].name);
		write_text(requests[i].in, &in);
		if (ocsp_request_parse(buf_bytes(&in), &a, &e) != requests[i].code)
			fail_msg("%s: %s", requests[i].name, assay_err_text(&e));
		if (strstr(assay_err_text(&e), requests[i].says) == NULL)
			fail_msg("%s: says %s", requests[i].name, assay_err_text(&e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_table),
		cmocka_unit_test(answer_fields),
		cmocka_unit_test(request_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
