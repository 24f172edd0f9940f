/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 8.2 items 1 to 6 as edits of a small report, and the sizes, positions and measurements of real ones
 * (9.1, 9.3). */
#include "format/spdm.h"

#include "base/hex.h"
#include "test.h"

/* Two blocks and five bytes of opaque data: 175 + 110 + 5 bytes. */
#define BLOCKS 2
#define RECORD (BLOCKS * 55)
#define OPAQUE (79 + RECORD)
#define TOTAL  (175 + RECORD + 5)

struct put {
	uint16_t at;
	uint8_t  byte;
};

static void make(struct buf *out)
{
	static const uint8_t head[] = { 0x11, 0xe0, 0x01, 0xff };
	static const uint8_t mid[]  = { 0x11, 0x60, 0, 0, BLOCKS, RECORD, 0, 0 };

	buf_put(out, head, sizeof(head));
	for (unsigned i = 0; i < 32; i++)
		buf_byte(out, (uint8_t)(0x20 + i));
	buf_byte(out, 0);
	buf_put(out, mid, sizeof(mid));
	for (unsigned i = 0; i < BLOCKS; i++) {
		const uint8_t block[] = { (uint8_t)(i + 1), 1, 51, 0, 1, 48, 0 };

		buf_put(out, block, sizeof(block));
		memset(buf_room(out, 48), (int)(0xa0 + i), 48);
	}
	memset(buf_room(out, 32), 0x5a, 32);
	buf_put(out, "\x05\x00\x0b\x00\x01\x00\x55", 7);
	memset(buf_room(out, 96), 0x77, 96);
	assert_int_equal(out->n, TOTAL);
}

/* clang-format off */
static const struct {
	const char     *name;
	struct put      put[5];
	size_t          puts;
	int             resize; /* bytes more or fewer at the end */
	enum assay_code code;
	const char     *says;
} cases[] = {
	{ "good",                  { { 0 } }, 0, 0, ASSAY_OK, "" },
	{ "slot 3 in both",        { { 36, 3 }, { 40, 3 } }, 2, 0, ASSAY_OK, "" },
	{ "answer nonce of zeros", { { 155, 0 } }, 1, 0, ASSAY_OK, "" },
	/* item 1 */
	{ "empty",                 { { 0 } }, 0, -TOTAL, ASSAY_REPORT_SIZE, "0 bytes" },
	{ "174 bytes",             { { 0 } }, 0, 174 - TOTAL, ASSAY_REPORT_SIZE, "174 bytes" },
	{ "175 bytes",             { { 0 } }, 0, 175 - TOTAL, ASSAY_TRUNCATED, "response" },
	{ "8192 bytes",            { { 0 } }, 0, 8192 - TOTAL, ASSAY_REPORT_SIZE, "zero bytes behind the signature: the report is the first 290 bytes" },
	{ "8193 bytes",            { { 0 } }, 0, 8193 - TOTAL, ASSAY_REPORT_SIZE, "8193 bytes" },
	{ "one byte behind",       { { 0 } }, 0, 1, ASSAY_REPORT_SIZE, "1 zero bytes behind" },
	{ "one byte short",        { { 0 } }, 0, -1, ASSAY_TRUNCATED, "response: 96 bytes wanted at 194" },
	{ "no signature",          { { 0 } }, 0, -96, ASSAY_TRUNCATED, "96 bytes wanted" },
	/* item 2 */
	{ "L1 past the end",       { { 44, 1 } }, 1, 0, ASSAY_TRUNCATED, "response" },
	{ "L1 the largest",        { { 42, 255 }, { 43, 255 }, { 44, 255 } }, 3, 0, ASSAY_TRUNCATED, "16777215 bytes wanted at 45" },
	{ "L2 past the end",       { { 188, 1 } }, 1, 0, ASSAY_TRUNCATED, "response" },
	{ "L2 one more",           { { 187, 6 } }, 1, 0, ASSAY_TRUNCATED, "" },
	{ "L2 one less",           { { 187, 4 } }, 1, 0, ASSAY_REPORT_SIZE, "1 bytes behind" },
	{ "L2 of nothing",         { { 187, 0 } }, 1, -5, ASSAY_REPORT_SIZE, "no opaque data" },
	{ "value past L1",         { { 105, 47 + 2 }, { 102, 52 } }, 2, 0, ASSAY_TRUNCATED, "measurement block" },
	{ "value of 65535 bytes",  { { 50, 255 }, { 51, 255 } }, 2, 0, ASSAY_TRUNCATED, "measurement block: 65535" },
	/* item 3 */
	{ "request version",       { { 0, 0x12 } }, 1, 0, ASSAY_REPORT_HEADER, "request version is 0x12" },
	{ "request code",          { { 1, 0xe1 } }, 1, 0, ASSAY_REPORT_HEADER, "request code" },
	{ "no signature asked",    { { 2, 0 } }, 1, 0, ASSAY_REPORT_HEADER, "request attributes is 0x00" },
	{ "reserved attribute",    { { 2, 3 } }, 1, 0, ASSAY_REPORT_HEADER, "request attributes is 0x03" },
	{ "one measurement",       { { 3, 1 } }, 1, 0, ASSAY_REPORT_HEADER, "request operation is 0x01" },
	{ "number of measurements", { { 3, 0 } }, 1, 0, ASSAY_REPORT_HEADER, "request operation" },
	{ "reserved slot bits",    { { 36, 0x10 }, { 40, 0x10 } }, 2, 0, ASSAY_REPORT_HEADER, "reserved bits" },
	{ "response version",      { { 37, 0x10 } }, 1, 0, ASSAY_REPORT_HEADER, "response version" },
	{ "response code",         { { 38, 0x7f } }, 1, 0, ASSAY_REPORT_HEADER, "response code is 0x7f" },
	{ "response Param1",       { { 39, 1 } }, 1, 0, ASSAY_REPORT_HEADER, "response Param1" },
	{ "other slot answered",   { { 40, 1 } }, 1, 0, ASSAY_REPORT_HEADER, "response slot is 0x01, not 0x00" },
	{ "content changed bits",  { { 40, 0x10 } }, 1, 0, ASSAY_REPORT_HEADER, "response slot" },
	/* item 4 */
	{ "no blocks",             { { 41, 0 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "0 measurement blocks" },
	{ "255 blocks",            { { 41, 255 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "255 measurement blocks" },
	{ "254 blocks",            { { 41, 254 } }, 1, 0, ASSAY_TRUNCATED, "measurement block" },
	{ "a block more",          { { 41, 3 } }, 1, 0, ASSAY_TRUNCATED, "measurement block" },
	{ "index 0",               { { 45, 0 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 0 where block 1" },
	{ "index 255",             { { 100, 255 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 255 where block 2" },
	{ "index twice",           { { 100, 1 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 1 where block 2" },
	{ "a gap",                 { { 100, 3 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 3 where block 2" },
	{ "downward",              { { 45, 2 }, { 100, 1 } }, 2, 0, ASSAY_MEASUREMENT_BLOCK, "block 2 where block 1" },
	/* item 5 */
	{ "specification 2",       { { 46, 2 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 1: sizes or specification" },
	{ "specification 3",       { { 46, 3 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 1" },
	{ "size one more",         { { 47, 52 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 1: sizes" },
	{ "size of 256 more",      { { 48, 1 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "block 1: sizes" },
	{ "raw bits",              { { 49, 0x81 } }, 1, 0, ASSAY_MEASUREMENT_KIND, "type 0x81" },
	{ "ROM",                   { { 49, 0 } }, 1, 0, ASSAY_MEASUREMENT_KIND, "type 0x00" },
	{ "manifest",              { { 49, 4 } }, 1, 0, ASSAY_MEASUREMENT_KIND, "type 0x04" },
	{ "SHA-256",               { { 47, 35 }, { 50, 32 } }, 2, 0, ASSAY_MEASUREMENT_KIND, "32 bytes" },
	{ "47 bytes at the end",   { { 102, 50 }, { 105, 47 }, { 42, RECORD - 1 }, { 186, 5 }, { 187, 0 } }, 5, -1, ASSAY_MEASUREMENT_KIND, "block 2: type 0x01 with 47 bytes" },
	/* item 6 */
	{ "a block fewer",         { { 41, 1 } }, 1, 0, ASSAY_MEASUREMENT_BLOCK, "55 bytes behind the last of 1 blocks" },
	{ "L1 one less",           { { 42, RECORD - 1 } }, 1, 0, ASSAY_TRUNCATED, "" },
};
/* clang-format on */

static void spdm_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(buf_done) struct buf in  = { 0 };
		struct spdm_report           got = { 0 };
		struct assay_err             e   = { 0 };

		print_message("%s\n", cases[i].name);
		make(&in);
		for (size_t k = 0; k < cases[i].puts; k++)
			in.p[cases[i].put[k].at] = cases[i].put[k].byte;
		if (cases[i].resize > 0)
			memset(buf_room(&in, (size_t)cases[i].resize), 0,
				(size_t)cases[i].resize);
		else
			in.n -= (size_t)-cases[i].resize;
		assert_int_equal(spdm_parse(buf_bytes(&in), &got, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		if (cases[i].code != ASSAY_OK) {
			assert_int_equal(got.blocks, 0); /* written on success only */
			continue;
		}
		assert_int_equal(got.blocks, BLOCKS);
		assert_ptr_equal(got.nonce.p, in.p + 4);
		assert_ptr_equal(got.block[1].p, in.p + 45 + 62);
		assert_int_equal(got.block[1].n, 48);
		assert_ptr_equal(got.opaque.p, in.p + OPAQUE);
		assert_int_equal(got.opaque.n, 5);
		assert_int_equal(got.message.n, TOTAL - 96);
		assert_ptr_equal(got.signature.p, in.p + TOTAL - 96);
	}
}

/* Each cut of a good report is refused, in memory of exactly that size. */
static void truncations(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 };

	(void)state;
	make(&in);
	for (size_t n = 0; n < in.n; n++) {
		uint8_t           *cut = test_malloc(n == 0 ? 1 : n);
		struct spdm_report got;
		struct assay_err   e = { 0 };

		memcpy(cut, in.p, n);
		assert_int_not_equal(spdm_parse((struct bytes){ cut, n }, &got, &e), ASSAY_OK);
		test_free(cut);
	}
}

struct prefix {
	size_t      index;
	const char *hex; /* "" of zeros */
};

static const struct {
	const char   *file;
	size_t        bytes, blocks, opaque_at, opaque, signature_at;
	const char   *signature, *nonce, *answer;
	size_t        zeros;
	struct prefix value[6];
	const char   *zero; /* indices of zeros, where all are known */
} real[] = {
	{ "nvidia/raw/hopper-580.159.03.report.hex", 4130, 64, 3599, 435, 4034,
		"08e9e5438d4e63bb",
		"5bb22e377702d4e1e8215a903ba094826b9ac7f731dee1fe8102958bf2840aca",
		"1c877b01400fbe0d8c5530050fc3311098534bf65d0a95f1a21d32b62fe317fb", 37,
		{ { 0, "" }, { 1, "b558fdac9af53b91ff3bdb06" },
			{ 2, "92b271965eb7789567d26de1" }, { 7, "3292ac26b8e5ff3831608275" },
			{ 35, "c0962ed90316ecea959dd0b6" }, { 63, "" } },
		" 0 8 10 12 13 14 15 16 17 18 19 20 23 24 28 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57"
		" 58 59 60 61 62 63" },
	{ "nvidia/raw/hopper-535.86.09.report.hex", 4052, 64, 3599, 357, 3956,
		"eff307b8683863b7",
		"27a328247bf7935c993341cf587be6f05986ccce4fe7ba2c54100bd616a58f66",
		"08f2fd1f8bb769d087f6b0de1b389594e6cd2415c2f92cf4894fd617d8ddd7e6", SIZE_MAX,
		{ { 0, "" }, { 1, "c3f65ef79a19c029868cd7ce" },
			{ 2, "c23e539823255226ef4798b0" }, { 7, "4e55d13fcefc7de8111f2196" },
			{ 35, "c0962ed90316ecea959dd0b6" }, { 0, "" } },
		NULL },
	{ "nvidia/raw/blackwell-575.32.report.hex", 4121, 64, 3599, 426, 4025,
		"6f29e4aadd838303",
		"931d8dd0add203ac3d8b4fbde75e115278eefcdceac5b87671a748f32364dfcb",
		"53f8bcd3ab32ddfaf9b853658e92599b20059e3baf906c986ebb09b19c71c22c", 33,
		{ { 0, "" }, { 1, "" }, { 2, "1a47c965a8a0d117b2dc2afc" }, { 7, "" },
			{ 35, "592373ec99dcd7d156ebba90" }, { 63, "" } },
		" 0 1 5 7 9 10 16 23 24 28 34 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63" },
	{ "nvidia/raw/ls10-96.10.55.00.01.report.hex", 2168, 31, 1784, 288, 2072,
		"3a311db0e30e04f5",
		"931d8dd0add203ac3d8b4fbde75e115278eefcdceac5b87671a748f32364dfcb",
		"f637f42290f5119391c51d861f6257bb1f151b2400dcc4701c23aa0cad6a5567", 7,
		{ { 0, "9083ccee6f98b6e900ea3338" }, { 1, "959fb2f5c353a4b9863e67d7" },
			{ 2, "d5a6b813360a592e3777cc3d" }, { 7, "" }, { 7, "" }, { 7, "" } },
		NULL },
};

static void begins(struct bytes got, const char *hex)
{
	assert_memory_equal(HEX(got), hex, strlen(hex));
}

static void check_values(size_t i, const struct spdm_report *r)
{
	CLEANUP(buf_done) struct buf list  = { 0 };
	size_t                       zeros = 0;

	for (size_t k = 0; k < r->blocks; k++)
		if (bytes_zero(r->block[k])) {
			zeros++;
			buf_printf(&list, " %zu", k);
		}
	if (real[i].zeros != SIZE_MAX)
		assert_int_equal(zeros, real[i].zeros);
	if (real[i].zero != NULL)
		assert_string_equal(buf_cstr(&list), real[i].zero);
	for (size_t k = 0; k < ARRAY_LEN(real[i].value); k++) {
		struct bytes v = r->block[real[i].value[k].index];

		begins(v, real[i].value[k].hex);
		assert_int_equal(bytes_zero(v), real[i].value[k].hex[0] == 0);
	}
}

static void real_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(buf_done) struct buf text = { 0 }, in = { 0 };
		struct spdm_report           r = { 0 };
		struct assay_err             e = { 0 };

		test_interop(real[i].file, &text);
		print_message("%s\n", real[i].file);
		assert_int_equal(hex_decode(buf_bytes(&text), true, &in, &e), ASSAY_OK);
		assert_int_equal(in.n, real[i].bytes);
		assert_int_equal(spdm_parse(buf_bytes(&in), &r, &e), ASSAY_OK);
		assert_int_equal(r.blocks, real[i].blocks);
		assert_int_equal(r.opaque.p - in.p, real[i].opaque_at);
		assert_int_equal(r.opaque.n, real[i].opaque);
		assert_int_equal(r.signature.p - in.p, real[i].signature_at);
		assert_int_equal(r.message.n, real[i].signature_at);
		begins(r.signature, real[i].signature);
		begins(r.nonce, real[i].nonce);
		begins(r.answer, real[i].answer);
		check_values(i, &r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spdm_cases),
		cmocka_unit_test(truncations),
		cmocka_unit_test(real_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
