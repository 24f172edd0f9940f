/* SPDX-License-Identifier: Apache-2.0 */
#include "env/data.h"

#include "test.h"

#define MATRIX                                                                                       \
	"{\"schema\":\"assay.matrix/1\",\"single\":{\"driver\":\"550.144.03\",\"toolkit\":\"12.4\"," \
	"\"start_seconds\":300},\"ppcie\":{\"driver\":\"570.148.08\",\"toolkit\":\"12.8\","          \
	"\"start_seconds\":900},\"kernel\":\"5.10.134-18\",\"vbios\":\"96\",\"cublas\":\"12\","      \
	"\"unsuitable\":[{\"branch\":\"545\",\"why\":\"x\"}]}"
#define PCI(device, kind)                                                                \
	"{\"schema\":\"assay.pci/1\",\"devices\":[{\"device\":" device ",\"kind\":" kind \
	",\"name\":\"x\",\"confidential\":true}]}"
#define TYPES(gpus)                                                                       \
	"{\"schema\":\"assay.instances/1\",\"instances\":[{\"type\":\"a\",\"gpus\":" gpus \
	",\"switches\":0}]}"
#define SYMPTOMS(seen, items)                                                                \
	"{\"schema\":\"assay.symptoms/1\",\"symptoms\":[{\"seen\":" seen ",\"items\":" items \
	",\"advice\":\"do\"}]}"

static const struct {
	const char     *name, *in;
	enum assay_code code;
	const char     *says;
} cases[] = {
	{ "matrix", MATRIX, ASSAY_OK, "" },
	{ "devices", PCI("\"0x2330\"", "\"gpu\""), ASSAY_OK, "" },
	{ "types", TYPES("8"), ASSAY_OK, "" },
	{ "symptoms", SYMPTOMS("[\"a\"]", "[\"BOOT-02\"]"), ASSAY_OK, "" },
	{ "another schema", "{\"schema\":\"assay.pci/2\",\"devices\":[]}", ASSAY_JSON_SCHEMA,
		"assay.pci/2" },
	{ "no schema", "{\"devices\":[]}", ASSAY_JSON_FIELD, "schema" },
	{ "a list", "[]", ASSAY_JSON_FIELD, "" },
	{ "a member more", "{\"schema\":\"assay.pci/1\",\"devices\":[],\"x\":1}",
		ASSAY_JSON_FIELD, "x" },
	{ "no list", "{\"schema\":\"assay.pci/1\"}", ASSAY_JSON_FIELD, "devices" },
	{ "a number as text", PCI("9008", "\"gpu\""), ASSAY_JSON_FIELD, "device" },
	{ "digits that are none", PCI("\"0x23g0\"", "\"gpu\""), ASSAY_JSON_FIELD,
		"four digits" },
	{ "a short number", PCI("\"0x23\"", "\"gpu\""), ASSAY_JSON_FIELD, "four digits" },
	{ "another kind", PCI("\"0x2330\"", "\"cpu\""), ASSAY_JSON_FIELD, "gpu nor nvswitch" },
	{ "too many GPUs", TYPES("65"), ASSAY_JSON_FIELD, "element 0" },
	{ "fewer than none", TYPES("-1"), ASSAY_JSON_FIELD, "gpus" },
	{ "a fraction", TYPES("1.5"), ASSAY_JSON_FIELD, "gpus" },
	{ "nothing is seen", SYMPTOMS("[]", "[\"BOOT-02\"]"), ASSAY_JSON_FIELD, "seen" },
	{ "an empty text is seen", SYMPTOMS("[\"\"]", "[\"BOOT-02\"]"), ASSAY_JSON_FIELD,
		"no text" },
	{ "too much is seen", SYMPTOMS("[\"a\",\"b\",\"c\",\"d\",\"e\"]", "[\"BOOT-02\"]"),
		ASSAY_JSON_FIELD, "1 to 4" },
	{ "no item", SYMPTOMS("[\"a\"]", "[]"), ASSAY_JSON_FIELD, "items" },
	{ "an element that is no object", "{\"schema\":\"assay.pci/1\",\"devices\":[1]}",
		ASSAY_JSON_FIELD, "no object" },
	{ "a name twice",
		"{\"schema\":\"assay.pci/1\",\"schema\":\"assay.pci/1\",\"devices\":[]}",
		ASSAY_JSON_PARSE, "" },
	{ "cut", "{\"schema\":", ASSAY_JSON_PARSE, "" },
	{ "empty", "", ASSAY_INPUT_SIZE, "" },
};

static void take(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(data_done) struct data d = { 0 };
		struct assay_err               e = { 0 };

		print_message("%s\n", cases[i].name);
		assert_int_equal(data_take(&d, bytes_text(cases[i].in), &e), cases[i].code);
		assert_non_null(strstr(assay_err_text(&e), cases[i].says));
	}
}

static void twice(void **state)
{
	CLEANUP(data_done) struct data d = { 0 };
	struct assay_err               e = { 0 };

	(void)state;
	test_must(data_take(&d, BYTES(MATRIX), &e), &e);
	assert_int_equal(data_take(&d, BYTES(MATRIX), &e), ASSAY_JSON_SCHEMA);
	assert_true(bytes_equal(d.ppcie.driver, BYTES("570.148.08")));
	assert_int_equal(d.branches, 1);
}

static void find(void **state)
{
	CLEANUP(data_done) struct data d  = { 0 };
	struct assay_err               e  = { 0 };
	size_t                         at = 0;

	(void)state;
	test_must(data_take(&d, BYTES(PCI("\"0x22a3\"", "\"nvswitch\"")), &e), &e);
	test_must(data_take(&d, BYTES(SYMPTOMS("[\"RmInit\",\"0x56\"]", "[\"DRV-08\"]")), &e),
		&e);
	assert_non_null(data_device_find(&d, 0x22a3));
	assert_null(data_device_find(&d, 0x22a4));
	assert_non_null(data_symptom_find(&d, BYTES("nvrm: rminitadapter (0x22:0x56)"), &at));
	assert_null(data_symptom_find(&d, BYTES("nvrm: rminitadapter (0x22:0x56)"), &at));
	at = 0;
	assert_null(data_symptom_find(&d, BYTES("RmInitAdapter (0x22:0x57)"), &at));
	at = 0;
	assert_null(data_symptom_find(&d, BYTES(""), &at));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(take), cmocka_unit_test(twice),
		cmocka_unit_test(find) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
