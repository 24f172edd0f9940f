/* SPDX-License-Identifier: Apache-2.0 */
#include "env/instance.h"

#include <stdlib.h>

#include "env/known.h"
#include "env/line.h"
#include "test.h"

#define ONE   "ecs.gn8v-tee.4xlarge"
#define EIGHT "ecs.gn8v-tee-8x.48xlarge"

static const struct {
	const char          *name;
	struct instance_wish wish;
	size_t               faults;
	const char          *says; /* the first fault, a part of it */
} rows[] = {
	{ "one GPU", { .type = ONE }, 0, NULL },
	{ "one GPU, cards and disks", { .type = ONE, .cards = 3, .data_disks = 4 }, 0, NULL },
	{ "eight GPUs", { .type = EIGHT }, 0, NULL },
	{ "eight, a second card", { .type = EIGHT, .cards = 2 }, 1, "2 network cards" },
	{ "eight, a disk", { .type = EIGHT, .data_disks = 1 }, 1, "1 data disks" },
	{ "eight, both", { .type = EIGHT, .cards = 2, .data_disks = 1 }, 2, "2 network cards" },
	{ "eight, both, the pool in effect",
		{ .type = EIGHT, .cards = 2, .data_disks = 1, .pool = true }, 0, NULL },
	{ "another family", { .type = "ecs.g8i.xlarge" }, 1, "no confidential one" },
	{ "too small", { .type = "ecs.gn8v-tee.large" }, 1, "not known" },
	{ "another zone", { .type = ONE, .zone = "cn-beijing-h" }, 1, "zone cn-beijing-l" },
	{ "another region", { .type = ONE, .region = "cn-hangzhou" }, 1, "cn-hangzhou" },
	{ "another image of the cloud's", { .type = ONE, .image = "aliyun_2_x64_20G.vhd" }, 1,
		"is not Alibaba Cloud Linux 3" },
	{ "of one's own, new enough",
		{ .type = ONE, .image = "m-1", .kernel = "5.10.134-18.al8.x86_64" }, 0, NULL },
	{ "of one's own, old",
		{ .type = ONE, .image = "m-1", .kernel = "5.10.134-9.al8.x86_64" }, 1,
		"older" },
	{ "of one's own, old base, high release",
		{ .type = ONE, .image = "m-1", .kernel = "5.10.112-20.al8" }, 1, "older" },
	{ "of one's own, another kind",
		{ .type = ONE, .image = "m-1", .kernel = "6.8.0-64-generic" }, 1,
		"not one of" },
};

static void judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct instance_wish w = rows[i].wish;
		struct instance_plan p = { 0 };
		struct assay_err     e = { 0 };

		print_message("%s\n", rows[i].name);
		test_must(instance_judge(&data, &w, &p, &e), &e);
		assert_int_equal(p.faults, rows[i].faults);
		if (rows[i].says != NULL)
			assert_non_null(strstr(p.fault[0], rows[i].says));
	}
}

static const char *const bad[] = { "", "a b", "a'b", "a\"b", "$(x)", "-x", "a\nb", "a/b" };

/* Nothing that a shell or Terraform would read gets into what is printed. */
static void texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct instance_wish w = { .type = ONE, .vswitch = bad[i] };
		struct instance_plan p = { 0 };
		struct assay_err     e = { 0 };

		assert_int_equal(instance_judge(&data, &w, &p, &e), ASSAY_INPUT_OPTION);
	}
}

/* An image that is older than the guide's may have an older kernel. */
static void dated(void **state)
{
	static const struct {
		const char *image;
		bool        warns;
	} images[] = { { "aliyun_3_x64_20G_alibase_20250117.vhd", false },
		{ "aliyun_3_x64_20G_alibase_20250601.vhd", false },
		{ "aliyun_3_x64_20G_alibase_20230110.vhd", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(images); i++) {
		struct instance_wish w    = { .type = ONE, .image = images[i].image };
		struct instance_plan p    = { 0 };
		struct assay_err     e    = { 0 };
		bool                 told = false;

		test_must(instance_judge(&data, &w, &p, &e), &e);
		assert_int_equal(p.faults, 0);
		for (size_t k = 0; k < p.warnings; k++)
			told = told || strstr(p.warning[k], "older than the guide's") != NULL;
		assert_int_equal(told, images[i].warns);
	}
}

static void printed(void **state)
{
	CLEANUP(buf_done) struct buf call = { 0 }, file = { 0 };
	struct instance_wish         w = { .type = EIGHT,
			.vswitch                 = "vsw-1",
			.security_group          = "sg-1",
			.key_pair                = "me",
			.no_public               = true };
	struct instance_plan         p = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	test_must(instance_judge(&data, &w, &p, &e), &e);
	test_must(instance_call(&w, &call, &e), &e);
	assert_string_equal(buf_cstr(&call),
		"aliyun ecs RunInstances \\\n"
		"  --RegionId cn-beijing \\\n"
		"  --ZoneId cn-beijing-l \\\n"
		"  --SystemDisk.Category cloud_essd \\\n"
		"  --ImageId 'aliyun_3_x64_20G_alibase_20250117.vhd' \\\n"
		"  --InstanceType 'ecs.gn8v-tee-8x.48xlarge' \\\n"
		"  --SecurityGroupId 'sg-1' \\\n"
		"  --VSwitchId 'vsw-1' \\\n"
		"  --KeyPairName 'me'\n");
	test_must(instance_terraform(&w, &file, &e), &e);
	assert_true(bytes_has(
		buf_bytes(&file), "instance_type        = \"ecs.gn8v-tee-8x.48xlarge\""));
	assert_false(bytes_has(buf_bytes(&file), "data_disks"));
	assert_false(bytes_has(buf_bytes(&file), "internet_max_bandwidth_out"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(judged), cmocka_unit_test(texts),
		cmocka_unit_test(dated), cmocka_unit_test(printed) };

	return cmocka_run_group_tests(tests, known_open, known_close);
}
