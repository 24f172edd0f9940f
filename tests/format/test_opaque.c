/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 8.2 items 6 to 11 for both kinds of device and both layouts, and the fields of real reports (9.2). */
#include "format/opaque.h"

#include "base/hex.h"
#include "format/spdm.h"
#include "test.h"

#define Z8  "\0\0\0\0\0\0\0\0"
#define Z32 Z8 Z8 Z8 Z8
#define Z64 Z32 Z32
#define C32 "0123456789012345678901234567890a"
#define GPU DEVICE_GPU
#define SW  DEVICE_NVSWITCH

/* One field each, of a size that it may have. */
#define DRIVER         \
	"\x03\0\x03\0" \
	"57\0"
#define VBIOS          \
	"\x06\0\x08\0" \
	"\x00\x74\x00\x96\x20\0\0\0"
#define NVDEC          \
	"\x0b\0\x01\0" \
	"\x55"
#define SKU            \
	"\x0f\0\x04\0" \
	"862\0"
#define PROJECT        \
	"\x11\0\x05\0" \
	"1010\0"
#define PSKU           \
	"\x12\0\x05\0" \
	"0205\0"
#define ALL DRIVER VBIOS NVDEC SKU PROJECT PSKU
#define BIOS           \
	"\x06\0\x0e\0" \
	"96.10.55.00.01"
#define VERSION        \
	"\x22\0\x02\0" \
	"\x01\0"
/* magic, profile, major, minor, patch, padding */
#define NVDAOD "NVDAOD\0\0\x02\0\0\0"
#define VDRIVER              \
	"\x03\0\x86\0\x03\0" \
	"57\0"

/* clang-format off */
static const struct {
	const char      *name;
	enum device_kind kind;
	struct bytes     in;
	enum assay_code  code;
	const char      *says;
	enum assay_code  complete; /* of opaque_complete(), when the parse is good */
} cases[] = {
	{ "all of a GPU",          GPU, BYTES(ALL), ASSAY_OK, "", ASSAY_OK },
	{ "all of a switch",       SW,  BYTES(BIOS), ASSAY_OK, "", ASSAY_OK },
	/* item 1 of the layout: sizes, headers */
	{ "empty",                 GPU, BYTES(""), ASSAY_OPAQUE_SIZE, "0 bytes", ASSAY_OK },
	{ "cut in the type",       GPU, BYTES("\x03"), ASSAY_TRUNCATED, "opaque data", ASSAY_OK },
	{ "cut in the size",       GPU, BYTES("\x03\0\x03"), ASSAY_TRUNCATED, "2 bytes wanted at 2", ASSAY_OK },
	{ "cut in the value",      GPU, BYTES("\x03\0\x09\0" "57"), ASSAY_TRUNCATED, "9 bytes wanted at 4", ASSAY_OK },
	{ "size 65535",            GPU, BYTES("\x03\0\xff\xff" "57"), ASSAY_TRUNCATED, "65535 bytes wanted", ASSAY_OK },
	{ "a byte behind",         GPU, BYTES(ALL "\0"), ASSAY_TRUNCATED, "", ASSAY_OK },
	{ "cut switch",            SW,  BYTES("\x06\0\x0e\0" "96.10.55.00.0"), ASSAY_TRUNCATED, "14 bytes wanted", ASSAY_OK },
	/* item 7: repeated, never valid, of a wrong size */
	{ "driver twice",          GPU, BYTES(ALL DRIVER), ASSAY_OPAQUE_TWICE, "two of driver version", ASSAY_OK },
	{ "unknown twice",         GPU, BYTES("\x50\0\x01\0" "a" "\x50\0\x01\0" "b"), ASSAY_OPAQUE_TWICE, "two of field 80", ASSAY_OK },
	{ "BIOS twice",            SW,  BYTES(BIOS BIOS), ASSAY_OPAQUE_TWICE, "two of BIOS version", ASSAY_OK },
	{ "type 0",                GPU, BYTES("\0\0\x01\0" "a"), ASSAY_OPAQUE_TYPE, "type 0", ASSAY_OK },
	{ "type 255",              GPU, BYTES("\xff\0\x01\0" "a"), ASSAY_OPAQUE_TYPE, "type 255", ASSAY_OK },
	{ "type 0, switch",        SW,  BYTES("\0\0\0\0"), ASSAY_OPAQUE_TYPE, "type 0", ASSAY_OK },
	{ "type 255, switch",      SW,  BYTES("\xff\0\0\0"), ASSAY_OPAQUE_TYPE, "type 255", ASSAY_OK },
	{ "type 256",              GPU, BYTES("\0\x01\x01\0" "a"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "driver of 1",           GPU, BYTES("\x03\0\x01\0" "5"), ASSAY_OPAQUE_SIZE, "driver version of 1", ASSAY_OK },
	{ "driver of 64",          GPU, BYTES("\x03\0\x40\0" C32 C32), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "driver of 65",          GPU, BYTES("\x03\0\x41\0" C32 C32 "\0"), ASSAY_OPAQUE_SIZE, "driver version of 65", ASSAY_OK },
	{ "VBIOS of 7",            GPU, BYTES("\x06\0\x07\0" "\x00\x74\x00\x96\x20\0\0"), ASSAY_OPAQUE_SIZE, "VBIOS version of 7", ASSAY_OK },
	{ "VBIOS of 9",            GPU, BYTES("\x06\0\x09\0" "\x00\x74\x00\x96\x20\0\0\0\0"), ASSAY_OPAQUE_SIZE, "VBIOS version of 9", ASSAY_OK },
	{ "BIOS of 4",             SW,  BYTES("\x06\0\x04\0" "96.1"), ASSAY_OPAQUE_SIZE, "BIOS version of 4", ASSAY_OK },
	{ "BIOS of 5",             SW,  BYTES("\x06\0\x05\0" "96.10"), ASSAY_OK, "", ASSAY_OK },
	{ "BIOS of 32",            SW,  BYTES("\x06\0\x20\0" C32), ASSAY_OK, "", ASSAY_OK },
	{ "BIOS of 33",            SW,  BYTES("\x06\0\x21\0" C32 "1"), ASSAY_OPAQUE_SIZE, "BIOS version of 33", ASSAY_OK },
	{ "NVDEC0 of 0",           GPU, BYTES("\x0b\0\0\0"), ASSAY_OPAQUE_SIZE, "NVDEC0 status of 0", ASSAY_OK },
	{ "NVDEC0 of 2",           GPU, BYTES("\x0b\0\x02\0" "\x55\x55"), ASSAY_OPAQUE_SIZE, "NVDEC0 status of 2", ASSAY_OK },
	{ "PPCIE of 0",            GPU, BYTES("\x15\0\0\0"), ASSAY_OPAQUE_SIZE, "protected PCIe status of 0", ASSAY_OK },
	{ "PPCIE of 2",            GPU, BYTES("\x15\0\x02\0" "\xaa\0"), ASSAY_OPAQUE_SIZE, "protected PCIe status of 2", ASSAY_OK },
	{ "counts of 5",           GPU, BYTES("\x0c\0\x05\0" "abcde"), ASSAY_OPAQUE_SIZE, "measurement counts of 5", ASSAY_OK },
	{ "counts of 0",           GPU, BYTES(ALL "\x0c\0\0\0"), ASSAY_OK, "", ASSAY_OK },
	{ "counts of 0, switch",   SW,  BYTES(BIOS "\x0c\0\0\0"), ASSAY_OK, "", ASSAY_OK },
	{ "fields that nobody reads, empty", GPU, BYTES(ALL "\x04\0\0\0" "\x0d\0\0\0" "\x21\0\0\0" "\x25\0\0\0" "\x26\0\0\0"), ASSAY_OK, "", ASSAY_OK },
	{ "fields that nobody reads, long", GPU, BYTES(ALL "\x04\0\x48\0" Z64 Z8 "\x26\0\x48\0" Z64 Z8), ASSAY_OK, "", ASSAY_OK },
	{ "the same of a switch",  SW,  BYTES(BIOS "\x0d\0\0\0" "\x17\0\x48\0" Z64 Z8), ASSAY_OK, "", ASSAY_OK },
	{ "counts of 6, switch",   SW,  BYTES("\x0c\0\x06\0" "abcdef"), ASSAY_OPAQUE_SIZE, "measurement counts of 6", ASSAY_OK },
	{ "board of 3",            GPU, BYTES("\x0e\0\x03\0" "abc"), ASSAY_OPAQUE_SIZE, "board id of 3", ASSAY_OK },
	{ "board of 5",            GPU, BYTES("\x0e\0\x05\0" "abcde"), ASSAY_OPAQUE_SIZE, "board id of 5", ASSAY_OK },
	{ "FWID of 47",            GPU, BYTES("\x14\0\x2f\0" Z32 Z8 "\0\0\0\0\0\0\0"), ASSAY_OPAQUE_SIZE, "firmware id of 47", ASSAY_OK },
	{ "FWID of 48",            GPU, BYTES("\x14\0\x30\0" Z32 Z8 Z8), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "FWID of 49, switch",    SW,  BYTES("\x14\0\x31\0" Z32 Z8 Z8 "\0"), ASSAY_OPAQUE_SIZE, "firmware id of 49", ASSAY_OK },
	{ "PDIs of 7",             GPU, BYTES("\x16\0\x07\0" "abcdefg"), ASSAY_OPAQUE_SIZE, "switch PDIs of 7", ASSAY_OK },
	{ "PDIs of 0",             GPU, BYTES(ALL "\x16\0\0\0"), ASSAY_OK, "", ASSAY_OK },
	{ "PDI of 0, switch",      SW,  BYTES("\x16\0\0\0"), ASSAY_OPAQUE_SIZE, "PDI of 0", ASSAY_OK },
	{ "PDIs of 512",           GPU, BYTES("\x16\0\0\x02" Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "PDIs of 520",           GPU, BYTES("\x16\0\x08\x02" Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z64 Z8), ASSAY_OPAQUE_SIZE, "switch PDIs of 520", ASSAY_OK },
	{ "PDI of 16, switch",     SW,  BYTES("\x16\0\x10\0" Z8 Z8), ASSAY_OPAQUE_SIZE, "PDI of 16", ASSAY_OK },
	{ "GPU PDIs of 63",        SW,  BYTES("\x1a\0\x3f\0" Z32 Z8 Z8 Z8 "\0\0\0\0\0\0\0"), ASSAY_OPAQUE_SIZE, "GPU PDIs of 63", ASSAY_OK },
	{ "GPU PDIs of 64",        SW,  BYTES("\x1a\0\x40\0" Z64), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "GPU PDIs of 320",       SW,  BYTES("\x1a\0\x40\x01" Z64 Z64 Z64 Z64 Z64), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "GPU PDIs of 321",       SW,  BYTES("\x1a\0\x41\x01" Z64 Z64 Z64 Z64 Z64 "\0"), ASSAY_OPAQUE_SIZE, "GPU PDIs of 321", ASSAY_OK },
	{ "data version of 1",     GPU, BYTES("\x22\0\x01\0" "\x01"), ASSAY_OPAQUE_SIZE, "opaque data version of 1", ASSAY_OK },
	{ "data version of 8",     GPU, BYTES("\x22\0\x08\0" "\x01\0\0\0\0\0\0\0"), ASSAY_OPAQUE_SIZE, "opaque data version of 8", ASSAY_OK },
	{ "feature flag of 8",     GPU, BYTES("\x24\0\x08\0" Z8), ASSAY_OPAQUE_SIZE, "feature flag of 8", ASSAY_OK },
	/* item 8: text */
	{ "slash",                 GPU, BYTES("\x03\0\x04\0" "5/7\0"), ASSAY_OPAQUE_TEXT, "driver version has byte 0x2f", ASSAY_OK },
	{ "per cent",              GPU, BYTES("\x11\0\x04\0" "%2f\0"), ASSAY_OPAQUE_TEXT, "project has byte 0x25", ASSAY_OK },
	{ "parent folder",         GPU, BYTES("\x12\0\x03\0" "..\0"), ASSAY_OPAQUE_TEXT, "project SKU has a dot out of place", ASSAY_OK },
	{ "two dots",              GPU, BYTES("\x03\0\x05\0" "5..7\0"), ASSAY_OPAQUE_TEXT, "dot out of place", ASSAY_OK },
	{ "underscore",            GPU, BYTES("\x0f\0\x04\0" "8_2\0"), ASSAY_OPAQUE_TEXT, "chip SKU has byte 0x5f", ASSAY_OK },
	{ "blank",                 GPU, BYTES("\x03\0\x04\0" "57 \0"), ASSAY_OPAQUE_TEXT, "byte 0x20", ASSAY_OK },
	{ "escape",                GPU, BYTES("\x23\0\x03\0" "\x1b[m"), ASSAY_OPAQUE_TEXT, "chip info has byte 0x1b", ASSAY_OK },
	{ "no ASCII",              GPU, BYTES("\x03\0\x03\0" "\xc3\xa4\0"), ASSAY_OPAQUE_TEXT, "byte 0xc3", ASSAY_OK },
	{ "data behind the NUL",   GPU, BYTES("\x0f\0\x05\0" "86\0" "2\0"), ASSAY_OPAQUE_TEXT, "chip SKU goes on behind its NUL", ASSAY_OK },
	{ "several NULs",          GPU, BYTES("\x0f\0\x09\0" "862\0\0\0\0\0\0"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no NUL",                GPU, BYTES("\x0f\0\x03\0" "862"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "empty driver",          GPU, BYTES("\x03\0\x02\0" "\0\0"), ASSAY_OPAQUE_TEXT, "driver version is empty", ASSAY_OK },
	{ "empty chip info",       GPU, BYTES(ALL "\x23\0\x02\0" "\0\0"), ASSAY_OK, "", ASSAY_OK },
	{ "empty modifier",        GPU, BYTES("\x13\0\x02\0" "\0\0"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "bytes behind the groups", GPU, BYTES("\x06\0\x08\0" "\x00\x74\x00\x96\x20\0\0\x01"), ASSAY_OPAQUE_TEXT, "five groups", ASSAY_OK },
	{ "slash in the BIOS",     SW,  BYTES("\x06\0\x0e\0" "96.10.55.00/01"), ASSAY_OPAQUE_TEXT, "BIOS version has byte 0x2f", ASSAY_OK },
	{ "BIOS behind a NUL",     SW,  BYTES("\x06\0\x08\0" "96.10\0" "1\0"), ASSAY_OPAQUE_TEXT, "goes on", ASSAY_OK },
	/* item 9: the versioned layout */
	{ "versioned",             GPU, BYTES(NVDAOD VDRIVER), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "versioned, nothing in it", GPU, BYTES(NVDAOD), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "profile 1",             GPU, BYTES("NVDAOD\x01\0\x02\0\0\0"), ASSAY_OPAQUE_LAYOUT, "profile 1", ASSAY_OK },
	{ "profile 256",           GPU, BYTES("NVDAOD\0\x01\x02\0\0\0"), ASSAY_OPAQUE_LAYOUT, "profile 256", ASSAY_OK },
	{ "padding 1",             GPU, BYTES("NVDAOD\0\0\x02\0\0\x01"), ASSAY_OPAQUE_LAYOUT, "padding 1", ASSAY_OK },
	{ "major 3",               GPU, BYTES("NVDAOD\0\0\x03\0\0\0"), ASSAY_OPAQUE_NEWER, "layout 3.0.0", ASSAY_OK },
	{ "minor and patch",       GPU, BYTES("NVDAOD\0\0\x02\x09\x63\0" VDRIVER), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "header of 11 bytes",    GPU, BYTES("NVDAOD\0\0\x02\0\0"), ASSAY_TRUNCATED, "16708 bytes wanted", ASSAY_OK },
	{ "cut versioned item",    GPU, BYTES(NVDAOD "\x03\0\x86\0\x09\0" "57"), ASSAY_TRUNCATED, "9 bytes wanted", ASSAY_OK },
	{ "versioned, twice",      GPU, BYTES(NVDAOD VDRIVER VDRIVER), ASSAY_OPAQUE_TWICE, "two of driver version", ASSAY_OK },
	{ "versioned, twice under another ValueType", GPU, BYTES(NVDAOD VDRIVER "\x03\0\x85\0\x03\0" "58\0"), ASSAY_OPAQUE_TWICE, "two of", ASSAY_OK },
	{ "versioned, type 0",     GPU, BYTES(NVDAOD "\0\0\x87\0\x01\0" "\x05"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "versioned, wrong size", GPU, BYTES(NVDAOD "\x0b\0\0\0\x02\0" "\x55\x55"), ASSAY_OPAQUE_SIZE, "NVDEC0", ASSAY_OK },
	{ "versioned, stray type 34", GPU, BYTES(NVDAOD VDRIVER "\x22\0\0\0\x02\0" "\x09\0"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "versioned, stray type 34 of another size", GPU, BYTES(NVDAOD VDRIVER "\x22\0\0\0\x04\0" "\x09\0\0\0"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "the legacy data version 1", GPU, BYTES(ALL VERSION), ASSAY_OK, "", ASSAY_OK },
	{ "the legacy data version 2", GPU, BYTES(ALL "\x22\0\x02\0" "\x02\0"), ASSAY_OPAQUE_NEWER, "version 2", ASSAY_OK },
	{ "the legacy data version 256, first", GPU, BYTES("\x22\0\x02\0" "\0\x01" ALL), ASSAY_OPAQUE_NEWER, "version 256", ASSAY_OK },
	/* item 10 */
	{ "no driver",             GPU, BYTES(VBIOS NVDEC SKU PROJECT PSKU), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no VBIOS",              GPU, BYTES(DRIVER NVDEC SKU PROJECT PSKU), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no NVDEC0",             GPU, BYTES(DRIVER VBIOS SKU PROJECT PSKU), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no chip SKU",           GPU, BYTES(DRIVER VBIOS NVDEC PROJECT PSKU), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no project",            GPU, BYTES(DRIVER VBIOS NVDEC SKU PSKU), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no project SKU",        GPU, BYTES(DRIVER VBIOS NVDEC SKU PROJECT), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	{ "no BIOS",               SW,  BYTES("\x19\0\x02\0" "\x01\0"), ASSAY_OK, "", ASSAY_OPAQUE_MISSING },
	/* item 11 */
	{ "versioned, from a switch", SW, BYTES(NVDAOD), ASSAY_OPAQUE_LAYOUT, "from an NVSwitch", ASSAY_OK },
	/* kinds */
	{ "of a guest",            DEVICE_TDX, BYTES(ALL), ASSAY_INTERNAL, "", ASSAY_OK },
};
/* clang-format on */

static void opaque_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct opaque    got = { 0 };
		struct assay_err e   = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(
			opaque_parse(cases[i].in, cases[i].kind, &got, &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
		if (cases[i].code != ASSAY_OK)
			assert_int_equal(got.items, 0); /* written on success only */
		else
			assert_int_equal(
				opaque_complete(&got, cases[i].kind, &e), cases[i].complete);
	}
}

/* Items beyond the limit, and data beyond the limit. */
static void limits(void **state)
{
	CLEANUP(buf_done) struct buf in  = { 0 };
	struct opaque                got = { 0 };
	struct assay_err             e   = { 0 };

	(void)state;
	for (unsigned i = 0; i < OPAQUE_ITEMS; i++) {
		const uint8_t item[] = { (uint8_t)(100 + i), 1, 0, 0 };

		buf_put(&in, item, sizeof(item));
	}
	assert_int_equal(opaque_parse(buf_bytes(&in), GPU, &got, &e), ASSAY_OK);
	assert_int_equal(got.items, OPAQUE_ITEMS);
	assert_int_equal(got.unknown, OPAQUE_ITEMS);
	buf_put(&in, "\xf0\x01\0\0", 4);
	assert_int_equal(opaque_parse(buf_bytes(&in), GPU, &got, &e), ASSAY_OPAQUE_SIZE);
	assert_non_null(strstr(assay_err_text(&e), "more than 64 items"));

	in.n = 0;
	buf_put(&in, "\x50\0\xfc\x0f", 4); /* 4 + 4092 */
	memset(buf_room(&in, 4092), 0, 4092);
	assert_int_equal(opaque_parse(buf_bytes(&in), GPU, &got, &e), ASSAY_OK);
	buf_byte(&in, 0);
	assert_int_equal(opaque_parse(buf_bytes(&in), GPU, &got, &e), ASSAY_OPAQUE_SIZE);
	assert_non_null(strstr(assay_err_text(&e), "4097 bytes"));
}

/* Every cut of good data is refused, or holds whole items only. */
static void truncations(void **state)
{
	const struct bytes all = BYTES(ALL);

	(void)state;
	for (size_t n = 1; n < all.n; n++) {
		uint8_t         *cut = test_malloc(n);
		struct opaque    got = { 0 };
		struct assay_err e   = { 0 };
		enum assay_code  code;

		memcpy(cut, all.p, n);
		code = opaque_parse((struct bytes){ cut, n }, GPU, &got, &e);
		if (code == ASSAY_OK)
			assert_int_equal(opaque_complete(&got, GPU, &e), ASSAY_OPAQUE_MISSING);
		else
			assert_int_equal(code, ASSAY_TRUNCATED);
		test_free(cut);
	}
}

/* What the getters make of fields: names, byte orders, zero and repeated entries, the header of the versioned layout. */
static void getters(void **state)
{
	struct opaque    o = { 0 };
	struct assay_err e = { 0 };
	char             text[16], version[OPAQUE_VBIOS];
	uint8_t          pdi[OPAQUE_LINKS][8], gpu[OPAQUE_GPUS][8];
	uint64_t         number = 7;

	(void)state;
	assert_int_equal(opaque_parse(BYTES("\x16\0\x20\0"
					    "\x08\x07\x06\x05\x04\x03\x02\x01" Z8
					    "\x08\x07\x06\x05\x04\x03\x02\x01"
					    "\x18\x17\x16\x15\x14\x13\x12\x11"
					    "\x0c\0\x08\0"
					    "\x01\0\0\0\x04\x03\x02\x01" VBIOS "\x24\0\x02\0"
					    "\x02\x01"),
				 GPU, &o, &e),
		ASSAY_OK);
	assert_int_equal(opaque_switches(&o, pdi), 2);
	assert_memory_equal(pdi[0], "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
	assert_memory_equal(pdi[1], "\x11\x12\x13\x14\x15\x16\x17\x18", 8);
	assert_int_equal(opaque_counts(&o), 2);
	assert_int_equal(opaque_count(&o, 0), 1);
	assert_int_equal(opaque_count(&o, 1), 0x01020304);
	assert_string_equal(opaque_vbios(&o, GPU, version), "96.00.74.00.20");
	assert_true(opaque_number(&o, OPAQUE_FEATURE_FLAG, &number));
	assert_int_equal(number, 0x0102);
	assert_false(opaque_number(&o, OPAQUE_DATA_VERSION, &number));
	assert_int_equal(opaque_gpus(&o, gpu), 0);
	assert_null(opaque_text(&o, OPAQUE_DRIVER_VERSION).p);
	assert_string_equal(opaque_name(OPAQUE_PDI, GPU, text), "switch PDIs");
	assert_string_equal(opaque_name(OPAQUE_PDI, SW, text), "PDI");
	assert_string_equal(opaque_name(200, SW, text), "field 200");
	assert_string_equal(opaque_name(65535, GPU, text), "field 65535");
	o = (struct opaque){ 0 };
	assert_string_equal(opaque_vbios(&o, SW, version), "");

	assert_int_equal(
		opaque_parse(BYTES("NVDAOD\0\0\x02\x09\x63\0" VDRIVER "\x25\0\x87\0\x02\0"
				   "\x05\0"),
			GPU, &o, &e),
		ASSAY_OK);
	assert_true(o.versioned);
	assert_int_equal(o.major, 2);
	assert_int_equal(o.minor, 9);
	assert_int_equal(o.patch, 0x63);
	assert_int_equal(o.item[0].kind, 0x86);
	assert_int_equal(o.item[1].kind, 0x87);
	assert_true(opaque_number(&o, OPAQUE_FSP_UCODE_SVN, &number));
	assert_int_equal(number, 5);
	assert_true(bytes_equal(opaque_text(&o, OPAQUE_DRIVER_VERSION), BYTES("57")));
	assert_int_equal(opaque_version(&o), 2);
	assert_int_equal(opaque_parse(BYTES(NVDAOD "\x22\0\0\0\x02\0"
						   "\x01\0"),
				 GPU, &o, &e),
		ASSAY_OK);
	assert_int_equal(o.unknown, 0);
	assert_int_equal(opaque_version(&o), 2); /* not what the stray field says */
	assert_int_equal(opaque_parse(BYTES(VERSION), GPU, &o, &e), ASSAY_OK);
	assert_int_equal(opaque_version(&o), 1);
	assert_int_equal(opaque_parse(BYTES(DRIVER), GPU, &o, &e), ASSAY_OK);
	assert_int_equal(opaque_version(&o), 0);
}

struct row { /* of 9.2 */
	size_t      at;
	uint16_t    type;
	size_t      size;
	const char *hex, *text; /* the one that is not NULL; hex may be a beginning */
};

#define END                         \
	{                           \
		0, 0, 0, NULL, NULL \
	}

static const struct row hopper_580[] = { { 0, 6, 8, "0074009620000000", NULL },
	{ 12, 14, 4, "a1040000", NULL }, { 20, 15, 9, NULL, "862" }, { 33, 16, 5, NULL, "0" },
	{ 42, 17, 5, NULL, "1010" }, { 51, 18, 5, NULL, "0205" }, { 60, 19, 2, NULL, "" },
	{ 66, 3, 11, NULL, "580.159.03" }, { 81, 4, 8, "8001000000000000", NULL },
	{ 93, 12, 256,
		"00000000010000000400000001000000010000000100000001000000010000000000000001000000"
		"0000000082000000"
		"00000000",
		NULL },
	{ 353, 13, 4, "00c00100", NULL }, { 361, 11, 1, "55", NULL },
	{ 366, 20, 48,
		"f1ae7d0093a3f5689cced58045c9744f94eb2aa4ddca88135197fb41a7be45576c2881cf920e2cbc"
		"c090b1cb921f7b2d",
		NULL },
	{ 418, 21, 1, "55", NULL }, { 423, 34, 2, "0100", NULL }, { 429, 36, 2, "0000", NULL },
	END };

static const struct row hopper_535[] = { { 0, 6, 8, "005e009601000000", NULL },
	{ 12, 14, 4, "b1030000", NULL }, { 20, 15, 4, NULL, "882" }, { 28, 16, 2, NULL, "0" },
	{ 34, 17, 5, NULL, "1010" }, { 43, 18, 5, NULL, "0200" }, { 52, 19, 2, NULL, "" },
	{ 58, 3, 10, NULL, "535.86.09" }, { 72, 4, 8, "", NULL }, { 84, 12, 256, "", NULL },
	{ 344, 13, 4, "", NULL }, { 352, 11, 1, "55", NULL }, END };

static const struct row blackwell[] = { { 0, 6, 8, "008800970f000000", NULL },
	{ 12, 14, 4, "6f060000", NULL }, { 20, 15, 9, NULL, "886" }, { 33, 16, 5, NULL, "0" },
	{ 42, 17, 5, NULL, "G525" }, { 51, 18, 5, NULL, "0220" }, { 60, 19, 2, NULL, "0" },
	{ 66, 3, 7, NULL, "575.32" }, { 77, 4, 8, "a001000000000000", NULL },
	{ 89, 12, 256, "", NULL }, { 349, 13, 4, "00000400", NULL }, { 357, 11, 1, "55", NULL },
	{ 362, 20, 48,
		"d090cab1b6e6ffddca83d1781e25b3f040fa1f3c7608230cb5f41b1c1b99f5f748349e59d0ef8eb8"
		"30c9bc79ccf77502",
		NULL },
	{ 414, 33, 2, "0707", NULL }, { 420, 34, 2, "0000", NULL }, END };

static const struct row ls10[] = { { 0, 6, 14, NULL, "96.10.55.00.01" },
	{ 18, 22, 8, "203eb31ad9ed0008", NULL }, { 30, 12, 104, "", NULL },
	{ 138, 26, 128,
		"40b9c6b3d748fd90e2d85b590e713298d0f69d028e150aaa31649cf11c820858fdb529f1473cb225"
		"1043c14e835996636b811687a0a7ee7c6b811687a0a7ee7c"
		"00000101ffff",
		NULL },
	{ 270, 23, 2, "ec00", NULL }, { 276, 24, 2, "0200", NULL },
	{ 282, 25, 2, "0100", NULL }, END };

static const struct {
	const char       *file;
	enum device_kind  kind;
	const struct row *row; /* all of them */
	const char       *version;
	size_t            counts;
	unsigned          absent[5]; /* 0 ends */
} real[] = {
	{ "nvidia/raw/hopper-580.159.03.report.hex", GPU, hopper_580, "96.00.74.00.20", 64,
		{ 35 } },
	{ "nvidia/raw/hopper-535.86.09.report.hex", GPU, hopper_535, "96.00.5E.00.01", 64,
		{ 20, 21, 34, 36 } },
	{ "nvidia/raw/blackwell-575.32.report.hex", GPU, blackwell, "97.00.88.00.0F", 64,
		{ 21, 35, 36 } },
	{ "nvidia/raw/ls10-96.10.55.00.01.report.hex", SW, ls10, "96.10.55.00.01", 26,
		{ 3, 20 } },
};

static void check_row(
	const struct opaque *o, size_t k, const struct row *row, const uint8_t *start)
{
	struct bytes v = o->field[row->type];

	assert_int_equal(v.n, row->size);
	if (row->hex != NULL) {
		CLEANUP(buf_done) struct buf hex = { 0 };

		hex_encode(v, &hex);
		assert_memory_equal(buf_cstr(&hex), row->hex, strlen(row->hex));
	} else {
		assert_true(bytes_equal(
			opaque_text(o, (enum opaque_type)row->type), bytes_text(row->text)));
	}
	assert_int_equal(o->item[k].type, row->type);
	assert_int_equal(v.p - 4 - start, row->at);
}

static void real_reports(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(real); i++) {
		CLEANUP(buf_done) struct buf text = { 0 }, in = { 0 };
		struct spdm_report           r = { 0 };
		struct opaque                o = { 0 };
		struct assay_err             e = { 0 };
		char                         version[OPAQUE_VBIOS];
		size_t                       n = 0;

		test_interop(real[i].file, &text);
		print_message("%s\n", real[i].file);
		assert_int_equal(hex_decode(buf_bytes(&text), true, &in, &e), ASSAY_OK);
		assert_int_equal(spdm_parse(buf_bytes(&in), &r, &e), ASSAY_OK);
		assert_int_equal(opaque_parse(r.opaque, real[i].kind, &o, &e), ASSAY_OK);
		assert_int_equal(opaque_complete(&o, real[i].kind, &e), ASSAY_OK);
		assert_int_equal(o.unknown, 0);
		assert_false(o.versioned);
		for (; real[i].row[n].type != 0; n++)
			check_row(&o, n, &real[i].row[n], r.opaque.p);
		assert_int_equal(o.items, n);
		for (size_t k = 0; real[i].absent[k] != 0; k++)
			assert_null(o.field[real[i].absent[k]].p);
		assert_string_equal(opaque_vbios(&o, real[i].kind, version), real[i].version);
		assert_int_equal(opaque_counts(&o), real[i].counts);
		/* 6.3: a count of zero exactly where the value is */
		for (size_t k = 0; k < opaque_counts(&o) && k < r.blocks; k++)
			assert_int_equal(opaque_count(&o, k) == 0, bytes_zero(r.block[k]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opaque_cases),
		cmocka_unit_test(limits),
		cmocka_unit_test(truncations),
		cmocka_unit_test(getters),
		cmocka_unit_test(real_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
