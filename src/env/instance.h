/* SPDX-License-Identifier: Apache-2.0
 *
 * A wished-for instance against the rules of the cloud, before anything is rented: type, zone, image, cards and disks. Pure.
 *
 * Source: environment 1.1 and 2. */
#ifndef ENV_INSTANCE_H
#define ENV_INSTANCE_H

#include "env/data.h"

struct instance_wish { /* NULL: not said */
	const char *type, *region, *zone, *image, *security_group, *vswitch, *key_pair, *disk;
	const char *kernel; /* of an image of one's own */
	uint64_t    cards, data_disks;
	bool        pool; /* the pool has 8 GiB in effect already */
	bool        no_public;
};

#define INSTANCE_MOST 16

struct instance_plan {
	const struct data_instance *type;
	char                        fault[INSTANCE_MOST][320]; /* why it would not work */
	size_t                      faults;
	char                        warning[INSTANCE_MOST][320];
	size_t                      warnings;
};

/* Fills what was not said with what the guide says, and judges. INPUT_OPTION: a text that no such name has. */
enum assay_code instance_judge(const struct data *d, struct instance_wish *w,
	struct instance_plan *out, struct assay_err *e);

/* The call of the cloud's command line, and a file for Terraform. Placeholders where something was not said. */
enum assay_code instance_call(
	const struct instance_wish *w, struct buf *out, struct assay_err *e);
enum assay_code instance_terraform(
	const struct instance_wish *w, struct buf *out, struct assay_err *e);

#endif
