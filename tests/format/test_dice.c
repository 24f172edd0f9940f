/* SPDX-License-Identifier: Apache-2.0
 *
 * Firmware ids: those of real certificates, and what only looks like one. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hex.h"
#include "crypto/chain.h"
#include "format/dice.h"

/* nvidia-evidence 9.4 */
static const struct {
	const char    *file;
	enum dice_form form;
	const char    *digest; /* its first bytes */
	const char    *model;
} real[] = {
	{ "hopper-580.159.03", DICE_COMPOSITE, "f1ae7d0093a3", "" },
	{ "hopper-535.86.09", DICE_COMPOSITE, "faa77bfbd8678d4817df3ce9", "" },
	{ "blackwell-575.32", DICE_TCB_INFO, "d090cab1b6e6", "GB100 A01 GSP" },
	{ "ls10-96.10.55.00.01", DICE_COMPOSITE, "2ea9f30a114c20a12b06520f", "" },
};

static void real_chain(size_t i, const struct crypto *c, struct chain *out)
{
	CLEANUP(buf_done) struct buf pem = { 0 };
	struct assay_err             e   = { 0 };
	char                         name[128];

	snprintf(name, sizeof(name), "nvidia/raw/%s.chain.pem", real[i].file);
	test_interop(name, &pem);
	assert_int_equal(chain_parse(c, buf_bytes(&pem), 5, out, &e), ASSAY_OK);
}

static void real_certificates(void **state)
{
	CLEANUP(crypto_done) struct crypto c = { 0 };
	struct assay_err                   e = { 0 };

	(void)state;
	if (!test_interop_there())
		skip();
	assert_int_equal(crypto_open(&c, &e), ASSAY_OK);
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(chain_done) struct chain chain = { 0 };
		CLEANUP(buf_done) struct buf     spki = { 0 }, want = { 0 };
		struct dice                      d;
		struct bytes                     ext;
		size_t                           times;

		print_message("%s\n", real[i].file);
		real_chain(i, &c, &chain);
		ext = cert_extension(chain.cert[0],
			real[i].form == DICE_COMPOSITE ? DICE_OID_COMPOSITE : DICE_OID_TCB_INFO,
			&times);
		assert_int_equal(times, 1);
		assert_int_equal(dice_fwid(ext, real[i].form, &d, &e), ASSAY_OK);
		assert_int_equal(
			hex_decode(bytes_text(real[i].digest), false, &want, &e), ASSAY_OK);
		assert_int_equal(d.digest.n, DICE_FWID);
		assert_memory_equal(d.digest.p, want.p, want.n);
		assert_true(bytes_equal(d.model, bytes_text(real[i].model)));
		if (real[i].form == DICE_COMPOSITE) {
			assert_int_equal(cert_spki(chain.cert[1], &spki, &e), ASSAY_OK);
			assert_true(bytes_equal(d.spki, buf_bytes(&spki)));
			assert_int_equal(d.vendor.n, 0);
		} else {
			assert_true(bytes_equal(d.vendor, BYTES("NVIDIA")));
			assert_int_equal(d.spki.n, 0);
		}
		/* the other form is refused, and so is every beginning */
		assert_int_not_equal(dice_fwid(ext, !real[i].form, &d, &e), ASSAY_OK);
		for (size_t n = 0; n < ext.n; n++)
			assert_int_not_equal(
				dice_fwid((struct bytes){ ext.p, n }, real[i].form, &d, &e),
				ASSAY_OK);
	}
}

/* "*N;" is N bytes of filling, as a digest or a key. */
#define SHA384_ "0609608648016503040202"
#define D48    \
	"0430" \
	"*48;"
#define FWID_                 \
	"303d" SHA384_ "0430" \
	"*48;"
#define SPKI_  \
	"3076" \
	"*118;"
#define COMPOSITE \
	"3081ba"  \
	"020101" SPKI_ FWID_

static const struct {
	const char     *name;
	enum dice_form  form;
	const char     *in; /* hexadecimal */
	enum assay_code code;
	const char     *says;
} cases[] = {
	{ "composite", DICE_COMPOSITE, COMPOSITE, ASSAY_OK, "" },
	{ "nothing", DICE_COMPOSITE, "", ASSAY_TRUNCATED, "extension" },
	{ "trailing byte", DICE_COMPOSITE, COMPOSITE "00", ASSAY_INPUT_DER,
		"1 bytes too many" },
	{ "trailing inside", DICE_COMPOSITE,
		"3081bc"
		"020101" SPKI_ FWID_ "0500",
		ASSAY_INPUT_DER, "2 bytes too many" },
	{ "long form", DICE_COMPOSITE,
		"308200ba"
		"020101" SPKI_ FWID_,
		ASSAY_INPUT_DER, "longer than it need be" },
	{ "long form inside", DICE_COMPOSITE,
		"3081bb"
		"02810101" SPKI_ FWID_,
		ASSAY_INPUT_DER, "longer than it need be" },
	{ "no length", DICE_COMPOSITE,
		"3080"
		"020101" SPKI_ FWID_ "0000",
		ASSAY_INPUT_DER, "a length that DER does not have" },
	{ "version 2", DICE_COMPOSITE,
		"3081ba"
		"020102" SPKI_ FWID_,
		ASSAY_CERT_PROFILE, "version" },
	{ "padded version", DICE_COMPOSITE,
		"3081bb"
		"02020001" SPKI_ FWID_,
		ASSAY_INPUT_DER, "integer longer" },
	{ "version is no integer", DICE_COMPOSITE,
		"3081ba"
		"040101" SPKI_ FWID_,
		ASSAY_INPUT_DER, "tag 0x04" },
	{ "short key", DICE_COMPOSITE,
		"3081b9"
		"020101"
		"3075"
		"*117;" FWID_,
		ASSAY_CERT_PROFILE, "119 bytes" },
	{ "key is no sequence", DICE_COMPOSITE,
		"3081ba"
		"020101"
		"0476"
		"*118;" FWID_,
		ASSAY_INPUT_DER, "where a key belongs" },
	{ "SHA-256 by name", DICE_COMPOSITE,
		"3081ba"
		"020101" SPKI_ "303d"
		"0609608648016503040201" D48,
		ASSAY_CERT_PROFILE, "another hash" },
	{ "digest of 47", DICE_COMPOSITE,
		"3081b9"
		"020101" SPKI_ "303c" SHA384_ "042f"
		"*47;",
		ASSAY_CERT_PROFILE, "47 bytes" },
	{ "digest of 49", DICE_COMPOSITE,
		"3081bb"
		"020101" SPKI_ "303e" SHA384_ "0431"
		"*49;",
		ASSAY_CERT_PROFILE, "49 bytes" },
	{ "empty digest", DICE_COMPOSITE,
		"30818a"
		"020101" SPKI_ "300d" SHA384_ "0400",
		ASSAY_INPUT_DER, "empty" },
	{ "trailing in the id", DICE_COMPOSITE,
		"3081bc"
		"020101" SPKI_ "303f" SHA384_ D48 "0500",
		ASSAY_INPUT_DER, "2 bytes too many" },
	{ "no id", DICE_COMPOSITE,
		"307b"
		"020101" SPKI_,
		ASSAY_TRUNCATED, "firmware id" },

	{ "only ids", DICE_TCB_INFO,
		"3041"
		"a63f" FWID_,
		ASSAY_OK, "" },
	{ "ids found by tag", DICE_TCB_INFO,
		"3047"
		"80014e"
		"81014d"
		"a63f" FWID_,
		ASSAY_OK, "" },
	{ "two ids", DICE_TCB_INFO,
		"308180"
		"a67e" FWID_ FWID_,
		ASSAY_OK, "" },
	{ "second of another hash", DICE_TCB_INFO,
		"3070"
		"a66e" FWID_ "302d"
		"0609608648016503040201"
		"0420"
		"*32;",
		ASSAY_OK, "" },
	{ "first of another hash", DICE_TCB_INFO,
		"3070"
		"a66e"
		"302d"
		"0609608648016503040201"
		"0420"
		"*32;" FWID_,
		ASSAY_CERT_PROFILE, "another hash" },
	{ "newer field behind", DICE_TCB_INFO,
		"3045"
		"a63f" FWID_ "8a020001",
		ASSAY_OK, "" },
	{ "second cut", DICE_TCB_INFO,
		"3044"
		"a642" FWID_ "303d06",
		ASSAY_TRUNCATED, "firmware id" },
	{ "second without digest", DICE_TCB_INFO,
		"304e"
		"a64c" FWID_ "300b" SHA384_,
		ASSAY_TRUNCATED, "firmware id" },
	{ "second is no sequence", DICE_TCB_INFO,
		"3043"
		"a641" FWID_ "0500",
		ASSAY_INPUT_DER, "tag 0x05" },
	{ "no ids", DICE_TCB_INFO,
		"3006"
		"80014e"
		"81014d",
		ASSAY_CERT_PROFILE, "without firmware ids" },
	{ "empty list", DICE_TCB_INFO,
		"3002"
		"a600",
		ASSAY_TRUNCATED, "firmware id" },
	{ "empty", DICE_TCB_INFO, "3000", ASSAY_CERT_PROFILE, "without firmware ids" },
	{ "field twice", DICE_TCB_INFO,
		"308182"
		"a63f" FWID_ "a63f" FWID_,
		ASSAY_INPUT_DER, "out of order" },
	{ "descending", DICE_TCB_INFO,
		"3044"
		"a63f" FWID_ "80014e",
		ASSAY_INPUT_DER, "out of order" },
	{ "primitive list", DICE_TCB_INFO,
		"3041"
		"863f" FWID_,
		ASSAY_INPUT_DER, "firmware ids of tag 0x86" },
	{ "constructed vendor", DICE_TCB_INFO,
		"3046"
		"a003"
		"0c014e"
		"a63f" FWID_,
		ASSAY_INPUT_DER, "vendor of tag 0xa0" },
	{ "empty vendor", DICE_TCB_INFO,
		"3043"
		"8000"
		"a63f" FWID_,
		ASSAY_INPUT_DER, "vendor" },
	{ "universal tag", DICE_TCB_INFO,
		"3044"
		"0c014e"
		"a63f" FWID_,
		ASSAY_INPUT_DER, "out of order" },
	{ "long tag", DICE_TCB_INFO,
		"3045"
		"a63f" FWID_ "9f1f0100",
		ASSAY_INPUT_DER, "more than one byte" },
	{ "digest of 47", DICE_TCB_INFO,
		"3040"
		"a63e"
		"303c" SHA384_ "042f"
		"*47;",
		ASSAY_CERT_PROFILE, "47 bytes" },
	{ "long form", DICE_TCB_INFO,
		"308141"
		"a63f" FWID_,
		ASSAY_INPUT_DER, "longer than it need be" },
};

static void write_case(const char *in, struct buf *out)
{
	struct assay_err e = { 0 };

	while (*in != 0) {
		if (*in == '*') {
			char *end;

			for (long n = strtol(in + 1, &end, 10); n > 0; n--)
				buf_byte(out, 0x55);
			in = end + 1;
			continue;
		}
		assert_int_equal(
			hex_decode((struct bytes){ (const uint8_t *)in, 2 }, false, out, &e),
			ASSAY_OK);
		in += 2;
	}
	assert_false(out->failed);
}

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf in = { 0 };
		struct dice                  d  = { 0 };
		struct assay_err             e  = { 0 };

		print_message("%s\n", cases[i].name);
		write_case(cases[i].in, &in);
		assert_int_equal(
			dice_fwid(buf_bytes(&in), cases[i].form, &d, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		assert_int_equal(d.digest.n, cases[i].code == ASSAY_OK ? DICE_FWID : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(real_certificates),
		cmocka_unit_test(table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
