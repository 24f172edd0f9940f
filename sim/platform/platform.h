/* SPDX-License-Identifier: Apache-2.0
 *
 * The emulated machine at a moment: a forge for what is signed, and beside it what nobody signs: which devices answer,
 * in which mode the driver is, whether the GPUs accept work, what time it is. Doors (vendor libraries, TDX, QGS) and
 * services ask here; `assay sim ctl` changes it. One thread's. */
#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H

#include "forge/forge.h"
#include "forge/tdx.h"
#include "platform/fault.h"

enum platform_profile {
	PLATFORM_SINGLE, /* confidential computing on */
	PLATFORM_PPCIE,  /* protected PCIe: eight GPUs, four switches */
	PLATFORM_NONE    /* off */
};

struct platform_spec {
	const char             *seed; /* borrowed until platform_new() returns */
	enum platform_profile   profile;
	enum forge_arch         arch; /* FORGE_HOPPER or FORGE_BLACKWELL */
	unsigned                gpus, switches;
	bool                    tdx;
	unsigned                quote; /* version of the TD's quotes: 4 or 5 */
	int64_t                 at;    /* 0: the machine's clock; else it stands still there */
	const struct sim_fault *fault[FORGE_FAULTS];
	size_t                  faults;
};

void platform_spec_default(enum platform_profile profile, struct platform_spec *out);

struct platform {
	struct platform_spec spec; /* as given; its seed is a copy */
	struct forge        *forge;
	struct tdx          *tdx; /* NULL: no TD */
	struct platform_mode mode;
	bool                 lost[2][FORGE_DEVICES];   /* unplugged; by enum forge_kind */
	bool                 ready;                    /* GPUs accept work */
	bool                 transient[FORGE_DEVICES]; /* persistence mode is off */
	uint64_t             key_rotation;             /* 50 to 65 */
	uint64_t             unprotected_kib[FORGE_DEVICES];
	const char          *driver;   /* "580.95.05"; NSCQ and NVML are of the same release */
	bool                 configfs; /* has configfs-tsm; a fault of the QGS takes it away */
	int64_t              at;       /* where time stands still; 0: it goes on */
	int64_t              started;  /* what the forge signed is around this */
	struct fault         revoked[FORGE_FAULTS]; /* by hand */
	size_t               revocations;
};

enum assay_code platform_new(
	const struct platform_spec *spec, struct platform **out, struct assay_err *e);
void platform_free(struct platform *p);

/* Everything as at the start: unplugged devices back, not ready, nothing revoked by hand; faults stay. */
enum assay_code platform_reset(struct platform *p, struct assay_err *e);

/* These faults instead of those at the start; resets, too. */
enum assay_code platform_faults(struct platform *p, const struct sim_fault *const *fault,
	size_t n, struct assay_err *e);

/* From now on, whatever row like says of its certificate. */
enum assay_code platform_revoke(
	struct platform *p, const struct fault *like, struct assay_err *e);

/* The emulated machine's time in seconds since 1970. */
int64_t platform_now(const struct platform *p);

/* Devices of a kind that the machine has, lost ones included. */
unsigned platform_count(const struct platform *p, enum forge_kind kind);

/* The fault that strikes a call through this door, of this name, on this object; NULL: none. */
const struct sim_fault *platform_struck(const struct platform *p, enum sim_door door,
	const char *name, enum forge_kind kind, unsigned number);

#endif
