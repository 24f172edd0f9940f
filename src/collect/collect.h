/* SPDX-License-Identifier: Apache-2.0
 *
 * Devices to evidence, by the vendors' libraries: GPUs by libnvidia-ml, NVSwitches by libnvidia-nscq, both opened at run
 * time. Such a library may hang or crash, so only a child process calls it: the child is ended when one call takes longer
 * than call_ms, or all of it longer than total_ms. A device whose call did that is passed over, and another child asks the
 * rest: one failing device never loses the others. Sizes that a library returns are bounded before they are used.
 *
 * What a library says of modes and versions is not signed: it is good for a diagnosis before the evidence, and the
 * verdict rests on what the devices sign.
 *
 * Source: nvidia-device-access chapters 1 and 2. */
#ifndef COLLECT_COLLECT_H
#define COLLECT_COLLECT_H

#include <sys/types.h>

#include "format/evidence.h"

#define COLLECT_CALL_MS  5000
#define COLLECT_TOTAL_MS 20000
#define COLLECT_TEXT     96

/* The processes behind the doors, kept from one errand to the next; { 0 } is none. Each does what it is told, and a
 * library's state is made anew for each errand. A process that was late, died or told of a fault is not kept. */
struct collect_kept {
	pid_t pid[DEVICE_KINDS]; /* 0: none */
	int   fd[DEVICE_KINDS];
};

void collect_kept_done(struct collect_kept *k);

struct collect_request {
	bool    kinds[DEVICE_KINDS]; /* which doors to knock at */
	bool    must[DEVICE_KINDS];  /* a door that does not open is a fault in any case */
	bool    evidence;            /* false: modes and names only, no report is asked for */
	bool    survey;              /* without evidence: no more than who is there */
	uint8_t nonce[DEVICE_KINDS][NONCE_SIZE];
	int     call_ms, total_ms;                     /* 0: the limits above */
	void (*progress)(void *ctx, const char *what); /* NULL: nobody listens */
	void                *ctx;
	struct collect_kept *kept; /* NULL: none stays */
};

/* What the GPU driver says of the system. -1: it did not say. */
struct collected_system {
	char driver[COLLECT_TEXT], nvml[COLLECT_TEXT]; /* "" when not said */
	int  environment, cc, devtools,
		multi_gpu; /* enum nvml_environment, 0/1, 0/1, enum nvml_multi_gpu */
	int cpu_caps, gpu_caps;
	int ready; /* 1: the GPUs accept work */
};

struct collected_device {
	enum device_kind kind;
	unsigned         index; /* in the door's order, from 0 */
	char             name[COLLECT_TEXT],
		uuid[COLLECT_TEXT]; /* uuid: a switch's label; "" when not said */
	char     vbios[COLLECT_TEXT], bus[COLLECT_TEXT];
	unsigned arch; /* enum nvml_arch or nscq_arch */
	int      tnvl; /* of a switch: enum nscq_tnvl */
	int      fabric,
		fabric_status; /* of a GPU: enum nvml_fabric, a return code; -1: not said, or evidence was asked for */
	int        unprotected_kib; /* of a GPU: memory outside of protection, likewise */
	bool       pdi_known;
	uint64_t   pdi;
	struct buf report,
		chain; /* PEM text; empty when there is a fault or no evidence was asked for */
	struct assay_err fault; /* why this device gave none; code ASSAY_OK: it did */
};

/* fault: why a door as a whole gave nothing (its library is absent, its driver is not loaded); code ASSAY_OK when it
 * opened. A door that was not asked is no fault, nor is an NVSwitch door that does not open where nobody says that it must
 * and the GPU driver does not speak of protected PCIe: there are no switches. */
struct collected {
	struct collected_system system;
	struct assay_err        fault[DEVICE_KINDS];
	/* from the start until a door's first device was asked, until all was over with it; 0: it did not come to that */
	int64_t                  asked_us[DEVICE_KINDS], done_us[DEVICE_KINDS];
	bool                     opened[DEVICE_KINDS];
	struct collected_device *device; /* GPUs first, each kind in its door's order */
	size_t                   devices;
};

/* ASSAY_OK when the doors were knocked at, whatever came of it. Else class INTERNAL. */
enum assay_code collect(
	const struct collect_request *r, struct collected *out, struct assay_err *e);
void collected_done(struct collected *c);

/* How many devices of a kind there are. */
size_t collected_count(const struct collected *c, enum device_kind kind);

/* Are the same devices there, in name and order? */
bool collected_same(const struct collected *a, const struct collected *b);

/* Each device into ev, also those that gave nothing: these with their fault, so that they are judged and not lost. The
 * nonce and when it was made are recorded with them. */
enum assay_code collected_evidence(const struct collected *c, const uint8_t nonce[NONCE_SIZE],
	int64_t made, struct evidence *ev, struct assay_err *e);

/* By the driver's word: are the GPUs in a mode in which they give evidence, CC or protected PCIe? */
bool collected_confidential(const struct collected *c);

/* The GPUs' ready state: 1 they accept work. By the driver, in a child as above. DEVICE_PERMISSION, DEVICE_TERMINAL,
 * DEVICE_ERROR, DEVICE_TIMEOUT, LIBRARY. call_ms: 0 for the limit above. kept: as in a request. */
enum assay_code collect_ready_get(
	int call_ms, struct collect_kept *kept, int *ready, struct assay_err *e);
enum assay_code collect_ready_set(
	int call_ms, struct collect_kept *kept, int ready, struct assay_err *e);

#endif
