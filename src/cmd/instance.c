/* SPDX-License-Identifier: Apache-2.0
 *
 * assay instance plan: a wished-for instance, judged before it is rented. Nothing is asked of any cloud. */
#include <stdio.h>

#include "base/show.h"
#include "cmd/app.h"
#include "cmd/node.h"
#include "env/instance.h"
#include "env/line.h"

struct options {
	struct instance_wish wish;
	const char          *data;
	bool                 terraform;
	struct data          known;
};

#define MOST 15 /* cards or disks of one instance that make sense here */

static enum assay_code count(const char *value, uint64_t *out, struct assay_err *e)
{
	if (!bytes_number(bytes_text(value), out) || *out > MOST)
		return err_set(e, ASSAY_INPUT_OPTION, "a number up to %d, not \"%s\"", MOST,
			SHOW(bytes_text(value)));
	return ASSAY_OK;
}

static enum assay_code take_cards(void *ctx, const char *value, struct assay_err *e)
{
	struct options *o = ctx;

	TRY(count(value, &o->wish.cards, e));
	return o->wish.cards > 0 ? ASSAY_OK
				 : err_set(e, ASSAY_INPUT_OPTION, "one network card at least");
}

static enum assay_code take_disks(void *ctx, const char *value, struct assay_err *e)
{
	return count(value, &((struct options *)ctx)->wish.data_disks, e);
}

#define TAKE_FIELD(name, expression) CLI_TAKE(struct options, name, expression)

TAKE_FIELD(type, o->wish.type = value)
TAKE_FIELD(region, o->wish.region = value)
TAKE_FIELD(zone, o->wish.zone = value)
TAKE_FIELD(image, o->wish.image = value)
TAKE_FIELD(kernel, o->wish.kernel = value)
TAKE_FIELD(group, o->wish.security_group = value)
TAKE_FIELD(vswitch, o->wish.vswitch = value)
TAKE_FIELD(key, o->wish.key_pair = value)
TAKE_FIELD(disk, o->wish.disk = value)
TAKE_FIELD(pool, o->wish.pool = true)
TAKE_FIELD(no_public, o->wish.no_public = true)
TAKE_FIELD(terraform, o->terraform = true)
TAKE_FIELD(data, o->data = value)

static const struct option_row rows[] = {
	{ 't', "type", "NAME", "the instance type, such as ecs.gn8v-tee.4xlarge", take_type,
		.once = true },
	{ 0, "region", "NAME", "default cn-beijing", take_region, .once = true },
	{ 0, "zone", "NAME", "default cn-beijing-l", take_zone, .once = true },
	{ 0, "image", "NAME", "default: the guide's", take_image, .once = true },
	{ 0, "kernel", "RELEASE", "of an image of your own: its kernel", take_kernel,
		.once = true },
	{ 0, "cards", "N", "network cards, the primary one included; default 1", take_cards,
		.once = true },
	{ 0, "data-disks", "N", "disks besides the system's; default 0", take_disks,
		.once = true },
	{ 0, "disk", "NAME", "category of disks; default cloud_essd", take_disk, .once = true },
	{ 0, "security-group", "ID", "yours", take_group, .once = true },
	{ 0, "vswitch", "ID", "yours", take_vswitch, .once = true },
	{ 0, "key-pair", "NAME", "yours", take_key, .once = true },
	{ 0, "pool-in-effect", NULL,
		"the image has swiotlb= set, and its pool was measured to have 8 GiB",
		take_pool },
	{ 0, "no-public-address", NULL, "no public IPv4 address", take_no_public },
	{ 0, "terraform", NULL, "the file for Terraform alone", take_terraform },
	{ 0, "data", "DIR", "the data files, if not the program's own", take_data,
		.once = true },
};

static void options_done(struct options *o)
{
	data_done(&o->known);
}

static enum assay_code print(
	struct options *o, const struct instance_plan *p, struct buf *out, struct assay_err *e)
{
	if (o->terraform)
		return instance_terraform(&o->wish, out, e);
	buf_printf(out, "%s: %llu GPUs, %llu NVSwitches\n", o->wish.type,
		(unsigned long long)p->type->gpus, (unsigned long long)p->type->switches);
	for (size_t i = 0; i < p->warnings; i++)
		buf_printf(out, "Note: %s\n", p->warning[i]);
	buf_byte(out, '\n');
	TRY(instance_call(&o->wish, out, e));
	buf_text(out, "\n# for Terraform; --terraform prints it alone\n");
	TRY(instance_terraform(&o->wish, out, e));
	buf_printf(out,
		"\n# It is up when ssh answers, which takes longer than with other instances. Then: assay setup plan\n");
	return buf_ok(out, e);
}

static enum assay_code do_plan(struct options *o, struct buf *out, struct assay_err *e)
{
	struct instance_plan p = { 0 };

	TRY(data_read(o->data, &o->known, e));
	TRY(instance_judge(&o->known, &o->wish, &p, e));
	for (size_t i = 0; i < p.faults; i++)
		fprintf(stderr, "assay: %s\n", p.fault[i]);
	if (p.faults > 0)
		return err_set(e, ASSAY_HOST_MACHINE,
			"%zu %s in the way; nothing is printed that would not start", p.faults,
			p.faults == 1 ? "thing is" : "things are");
	return print(o, &p, out, e);
}

int cmd_instance(const struct command *c, int argc, char **argv)
{
	CLEANUP(buf_done) struct buf         help = { 0 }, out = { 0 };
	CLEANUP(options_done) struct options o     = { 0 };
	struct assay_err                     e     = { 0 };
	int                                  first = 0;

	if (cli_options(c, rows, ARRAY_LEN(rows), argc, argv, &o, &first, &help, &e) !=
		ASSAY_OK)
		return app_fail(&e);
	if (help.n > 0)
		return app_print(&help, 0);
	if (argc - first != 1 || strcmp(argv[first], "plan") != 0)
		err_set(&e, ASSAY_INPUT_OPTION, "instance: say plan");
	else if (do_plan(&o, &out, &e) == ASSAY_OK)
		return app_print(&out, 0);
	return app_fail(&e);
}
