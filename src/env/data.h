/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of drivers, devices, instance types and symptoms: data files with a schema of their own, so that a new driver
 * is no new program. Strict: a member that is not known, or of another type, is an error.
 *
 * docs/machine-data.md. */
#ifndef ENV_DATA_H
#define ENV_DATA_H

#include <limits.h>

#include "base/json.h"

#define DATA_FILE    262144 /* bytes of one */
#define DATA_ROWS    512
#define DATA_NEEDLES 4
#define DATA_ITEMS   8

enum data_kind { DATA_MATRIX, DATA_PCI, DATA_INSTANCES, DATA_SYMPTOMS, DATA_KINDS };

struct data_profile {
	struct bytes driver, toolkit;
	uint64_t     start_seconds;
};

struct data_device {
	uint16_t     device; /* of vendor 0x10de */
	bool         nvswitch, confidential;
	struct bytes name;
};

struct data_instance {
	struct bytes type;
	uint64_t     gpus, switches;
};

struct data_symptom {
	struct bytes seen[DATA_NEEDLES]; /* all of them, in any order, letters of either case */
	size_t       needles;
	struct bytes item[DATA_ITEMS];
	size_t       items;
	struct bytes advice;
};

struct data_branch {
	struct bytes branch, why;
};

/* Owns the JSON that its bytes lie in. */
struct data {
	json_t               *json[DATA_KINDS];
	struct data_profile   single, ppcie;
	struct bytes          kernel, vbios, cublas;
	struct data_branch   *branch;
	size_t                branches;
	struct data_device   *device;
	size_t                devices;
	struct data_instance *instance;
	size_t                instances;
	struct data_symptom  *symptom;
	size_t                symptoms;
};

/* One file's text into d; the schema that it names says which. JSON_..., INPUT_SIZE. */
enum assay_code data_take(struct data *d, struct bytes text, struct assay_err *e);

/* All four, from the folder dir, or where the program's own are (NULL). INPUT_FILE. */
enum assay_code data_read(const char *dir, struct data *out, struct assay_err *e);
void            data_done(struct data *d);

/* Another file of the same folder. */
enum assay_code data_path(
	const char *dir, const char *name, char out[PATH_MAX], struct assay_err *e);

const struct data_device   *data_device_find(const struct data *d, uint16_t device);
const struct data_instance *data_instance_find(const struct data *d, struct bytes type);

/* The first symptom from *at on that a line shows; *at is behind it then. NULL: none. */
const struct data_symptom *data_symptom_find(
	const struct data *d, struct bytes line, size_t *at);

#endif
