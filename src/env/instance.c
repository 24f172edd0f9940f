/* SPDX-License-Identifier: Apache-2.0 */
#include "env/instance.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/show.h"
#include "env/line.h"
#include "env/version.h"

#define REGION "cn-beijing"
#define ZONE   "cn-beijing-l"
#define IMAGE  "aliyun_3_x64_20G_alibase_20250117.vhd"
#define DISK   "cloud_essd"
#define NAME   128

__attribute__((format(printf, 2, 3))) static void fault(
	struct instance_plan *p, const char *fmt, ...)
{
	va_list ap;

	if (p->faults == INSTANCE_MOST)
		return;
	va_start(ap, fmt);
	vsnprintf(p->fault[p->faults++], sizeof(p->fault[0]), fmt, ap);
	va_end(ap);
}

__attribute__((format(printf, 2, 3))) static void warn(
	struct instance_plan *p, const char *fmt, ...)
{
	va_list ap;

	if (p->warnings == INSTANCE_MOST)
		return;
	va_start(ap, fmt);
	vsnprintf(p->warning[p->warnings++], sizeof(p->warning[0]), fmt, ap);
	va_end(ap);
}

/* What goes into a command line and a file of others: names, nothing that a shell or Terraform would read. */
static bool plain(const char *text)
{
	static const char bytes[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:-";

	return text[0] != 0 && text[0] != '-' && strlen(text) < NAME &&
		text[strspn(text, bytes)] == 0;
}

static enum assay_code check_texts(const struct instance_wish *w, struct assay_err *e)
{
	const struct {
		const char *name, *text;
	} texts[] = { { "type", w->type }, { "region", w->region }, { "zone", w->zone },
		{ "image", w->image }, { "security-group", w->security_group },
		{ "vswitch", w->vswitch }, { "key-pair", w->key_pair }, { "disk", w->disk } };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].text != NULL && !plain(texts[i].text))
			return err_set(e, ASSAY_INPUT_OPTION,
				"--%s: \"%s\" is no such name: letters, digits and . _ : - alone",
				texts[i].name, SHOW(bytes_text(texts[i].text)));
	return ASSAY_OK;
}

static void defaults(struct instance_wish *w)
{
	w->region = w->region == NULL ? REGION : w->region;
	w->zone   = w->zone == NULL ? ZONE : w->zone;
	w->image  = w->image == NULL ? IMAGE : w->image;
	w->disk   = w->disk == NULL ? DISK : w->disk;
	w->cards  = w->cards == 0 ? 1 : w->cards;
}

static void judge_type(
	const struct data *d, const struct instance_wish *w, struct instance_plan *p)
{
	p->type = data_instance_find(d, bytes_text(w->type));
	if (p->type != NULL)
		return;
	if (strncmp(w->type, "ecs.gn8v-tee", 12) != 0)
		fault(p,
			"type %s is no confidential one with GPUs; they begin with ecs.gn8v-tee",
			w->type);
	else
		fault(p, "type %s is not known; the smallest is ecs.gn8v-tee.4xlarge", w->type);
}

static void judge_place(const struct instance_wish *w, struct instance_plan *p)
{
	if (strcmp(w->region, REGION) != 0 || strcmp(w->zone, ZONE) != 0)
		fault(p, "these types are in " REGION ", zone " ZONE ", not in %s, %s",
			w->region, w->zone);
}

/* An image of the cloud's own tells what it is by its name; of another only its owner knows. */
static void judge_image(
	const struct data *d, const struct instance_wish *w, struct instance_plan *p)
{
	struct kernel least, is;
	const char   *date = strrchr(w->image, '_');

	if (strncmp(w->image, "aliyun_3_x64", 12) == 0 && w->kernel == NULL) {
		/* "..._alibase_20250117.vhd": dates of eight digits are in the order of their text */
		if (date != NULL && strspn(date + 1, "0123456789") == 8 &&
			strncmp(date + 1, strrchr(IMAGE, '_') + 1, 8) < 0)
			warn(p, "image %s is older than the guide's, of %.8s: its kernel may be below 5.10.134-18; --kernel says which it has",
				w->image, strrchr(IMAGE, '_') + 1);
		return;
	}
	if (strncmp(w->image, "aliyun_", 7) == 0 &&
		strncmp(w->image, "aliyun_3_x64", 12) != 0) {
		fault(p, "image %s is not Alibaba Cloud Linux 3.2104 LTS 64-bit", w->image);
		return;
	}
	if (w->kernel == NULL) {
		warn(p, "image %s: only one made from Alibaba Cloud Linux 3 with kernel 5.10.134-18 or newer will do; --kernel says which it has",
			w->image);
		return;
	}
	kernel_parse(d->kernel, &least);
	kernel_parse(bytes_text(w->kernel), &is);
	if (is.vendor != KERNEL_ALINUX)
		fault(p, "kernel %s is not one of Alibaba Cloud Linux 3",
			SHOW(bytes_text(w->kernel)));
	else if (version_compare(&is.base, &least.base) < 0 ||
		(version_compare(&is.base, &least.base) == 0 &&
			version_compare(&is.release, &least.release) < 0))
		fault(p, "kernel %s is older than %s", SHOW(bytes_text(w->kernel)),
			SHOW(d->kernel));
}

/* Environment 2: with the default pool an instance of eight GPUs may not start with more. */
static void judge_budget(const struct instance_wish *w, struct instance_plan *p)
{
	const bool many = p->type != NULL && p->type->gpus > 1;

	if (!many || w->pool)
		return;
	if (w->cards > 1)
		fault(p,
			"%llu network cards: with %llu GPUs one alone until swiotlb= has made a pool of 8 GiB; create it with one, then add them",
			(unsigned long long)w->cards, (unsigned long long)p->type->gpus);
	if (w->data_disks > 0)
		fault(p,
			"%llu data disks: with %llu GPUs none until swiotlb= has made a pool of 8 GiB; create it without, then attach them",
			(unsigned long long)w->data_disks, (unsigned long long)p->type->gpus);
}

enum assay_code instance_judge(const struct data *d, struct instance_wish *w,
	struct instance_plan *out, struct assay_err *e)
{
	struct instance_plan p = { 0 };

	if (w->type == NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "instance plan: --type says which");
	defaults(w);
	TRY(check_texts(w, e));
	judge_type(d, w, &p);
	judge_place(w, &p);
	judge_image(d, w, &p);
	judge_budget(w, &p);
	if (w->security_group == NULL || w->vswitch == NULL || w->key_pair == NULL)
		warn(&p,
			"security group, vSwitch and key pair are yours to name: <...> stands for them");
	if (w->no_public)
		warn(&p,
			"without a public address the installers come in another way: a NAT gateway, or copied files");
	if (strcmp(w->disk, DISK) != 0)
		warn(&p, "disk category %s: the guide has " DISK, w->disk);
	*out = p;
	return ASSAY_OK;
}

static const char *or_mark(const char *text, const char *mark)
{
	return text != NULL ? text : mark;
}

enum assay_code instance_call(
	const struct instance_wish *w, struct buf *out, struct assay_err *e)
{
	buf_printf(out,
		"aliyun ecs RunInstances \\\n"
		"  --RegionId %s \\\n"
		"  --ZoneId %s \\\n"
		"  --SystemDisk.Category %s \\\n"
		"  --ImageId '%s' \\\n"
		"  --InstanceType '%s' \\\n"
		"  --SecurityGroupId '%s' \\\n"
		"  --VSwitchId '%s' \\\n"
		"  --KeyPairName '%s'",
		w->region, w->zone, w->disk, w->image, w->type,
		or_mark(w->security_group, "<SECURITY_GROUP_ID>"),
		or_mark(w->vswitch, "<VSWITCH_ID>"), or_mark(w->key_pair, "<KEY_PAIR_NAME>"));
	if (!w->no_public)
		buf_text(out, " \\\n  --InternetMaxBandwidthOut 100");
	for (uint64_t i = 1; i <= w->data_disks && i <= INSTANCE_MOST; i++)
		buf_printf(out, " \\\n  --DataDisk.%llu.Category %s --DataDisk.%llu.Size 100",
			(unsigned long long)i, w->disk, (unsigned long long)i);
	buf_byte(out, '\n');
	for (uint64_t i = 1; i < w->cards && i < INSTANCE_MOST; i++)
		buf_printf(out,
			"aliyun ecs CreateNetworkInterface --RegionId %s --VSwitchId '%s' --SecurityGroupId '%s'\n"
			"aliyun ecs AttachNetworkInterface --RegionId %s --InstanceId '<INSTANCE_ID>' --NetworkInterfaceId '<NETWORK_INTERFACE_ID>'\n",
			w->region, or_mark(w->vswitch, "<VSWITCH_ID>"),
			or_mark(w->security_group, "<SECURITY_GROUP_ID>"), w->region);
	return buf_ok(out, e);
}

enum assay_code instance_terraform(
	const struct instance_wish *w, struct buf *out, struct assay_err *e)
{
	buf_printf(out,
		"terraform {\n  required_providers {\n    alicloud = {\n      source = \"aliyun/alicloud\"\n    }\n  }\n}\n\n"
		"provider \"alicloud\" {\n  region = \"%s\"\n}\n\n"
		"resource \"alicloud_instance\" \"confidential\" {\n"
		"  instance_name        = \"confidential-gpu\"\n"
		"  availability_zone    = \"%s\"\n"
		"  instance_type        = \"%s\"\n"
		"  image_id             = \"%s\"\n"
		"  system_disk_category = \"%s\"\n"
		"  security_groups      = [\"%s\"]\n"
		"  vswitch_id           = \"%s\"\n"
		"  key_name             = \"%s\"\n",
		w->region, w->zone, w->type, w->image, w->disk,
		or_mark(w->security_group, "<SECURITY_GROUP_ID>"),
		or_mark(w->vswitch, "<VSWITCH_ID>"), or_mark(w->key_pair, "<KEY_PAIR_NAME>"));
	if (!w->no_public)
		buf_text(out, "  internet_max_bandwidth_out = 100\n");
	for (uint64_t i = 0; i < w->data_disks && i < INSTANCE_MOST; i++)
		buf_printf(out,
			"  data_disks {\n    category = \"%s\"\n    size     = 100\n  }\n",
			w->disk);
	buf_text(out, "}\n");
	for (uint64_t i = 1; i < w->cards && i < INSTANCE_MOST; i++)
		buf_printf(out,
			"\nresource \"alicloud_network_interface\" \"extra%llu\" {\n"
			"  vswitch_id         = \"%s\"\n  security_group_ids = [\"%s\"]\n}\n\n"
			"resource \"alicloud_network_interface_attachment\" \"extra%llu\" {\n"
			"  instance_id          = alicloud_instance.confidential.id\n"
			"  network_interface_id = alicloud_network_interface.extra%llu.id\n}\n",
			(unsigned long long)i, or_mark(w->vswitch, "<VSWITCH_ID>"),
			or_mark(w->security_group, "<SECURITY_GROUP_ID>"),
			(unsigned long long)i, (unsigned long long)i);
	return buf_ok(out, e);
}
