/* SPDX-License-Identifier: Apache-2.0
 *
 * GPUs by libnvidia-ml (nvidia-device-access 1). All of this runs in a child process but nvml_fault(). */
#ifndef COLLECT_NVML_H
#define COLLECT_NVML_H

#include "collect/child.h"
#include "collect/collect.h"
#include "format/nvml.h"

/* The functions that attestation needs, in the library's own form. Those behind "may" can be NULL. */
struct nvml {
	nvml_return (*init)(void);
	nvml_return (*shutdown)(void);
	nvml_return (*driver_version)(char *text, unsigned size);
	nvml_return (*state)(struct nvml_cc_state *out);
	nvml_return (*count)(unsigned *out);
	nvml_return (*handle)(unsigned index, nvml_device *out);
	nvml_return (*uuid)(nvml_device d, char *text, unsigned size);
	nvml_return (*arch)(nvml_device d, unsigned *out);
	nvml_return (*vbios)(nvml_device d, char *text, unsigned size);
	nvml_return (*certificate)(nvml_device d, struct nvml_cc_certificate *out);
	nvml_return (*report)(nvml_device d, struct nvml_cc_report *io);
	/* may */
	nvml_return (*nvml_version)(char *text, unsigned size);
	nvml_return (*settings)(struct nvml_cc_settings *io);
	nvml_return (*capabilities)(struct nvml_cc_capabilities *out);
	nvml_return (*ready_get)(unsigned *out);
	nvml_return (*ready_set)(unsigned value);
	nvml_return (*name)(nvml_device d, char *text, unsigned size);
	nvml_return (*pci)(nvml_device d, struct nvml_pci *out);
	nvml_return (*pdi)(nvml_device d, struct nvml_pdi *io);
	nvml_return (*fabric)(nvml_device d, struct nvml_fabric_info *io);
	nvml_return (*memory)(nvml_device d, struct nvml_cc_mem_size *out);
};

enum assay_code nvml_open(struct nvml *out, struct assay_err *e);

/* Ask the system, then each device that is not to be passed over, and tell it all. */
void nvml_ask(const struct nvml *lib, const struct collect_request *r,
	const bool pass[EVIDENCE_DEVICES], struct teller *t);

/* The ready state: set it when value is 0 or 1, then say what it is. */
void nvml_ready(const struct nvml *lib, int value, struct teller *t);

/* What a return code means. off: the driver says that the GPUs are in no confidential mode. */
enum assay_code nvml_fault(const char *function, nvml_return rc, bool off, struct assay_err *e);

#endif
