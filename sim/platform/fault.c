/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the doors, and all rows in one order: the forge's, the TD's, the doors'. */
#include "platform/fault.h"

#define ROWS 1024 /* of the forge and the TD together, at most */

/* nvmlReturn_t, nscq_rc_t and errno as the doors' callers meet them (nvidia-device-access 1.3, 2.3). */
#define NVML_NO_PERMISSION 4
#define NVML_NOT_LOADED    9
#define NVML_LOST          15
#define NVML_MISMATCH      18
#define NVML_UNKNOWN       999
#define NSCQ_UNSUPPORTED   (-6)
#define NSCQ_DRIVER        (-7)
#define ERRNO_BUSY         16
#define ERRNO_TIMEOUT      110
#define QGS_UNEXPECTED     0x12001
#define HUGE_SIZE          0xffffffffLL

static void cc_off(struct platform_mode *m)
{
	*m = (struct platform_mode){ 0 };
}

static void devtools(struct platform_mode *m)
{
	m->devtools = true;
}

static void simulation(struct platform_mode *m)
{
	m->environment = 1;
}

static void protected_pcie(struct platform_mode *m)
{
	m->multi_gpu = 1;
}

#define DRIVER "driver"
#define SINGLE .profile = "single"
#define PPCIE  .profile = "ppcie"
#define NVML   SINGLE, .stage = DRIVER, .door = SIM_NVML, .finding = "gpu.collect", .exit = 4
#define NSCQ   PPCIE, .stage = "NSCQ", .door = SIM_NSCQ, .finding = "nvswitch.collect", .exit = 4
#define MODE   .stage = DRIVER, .door = SIM_NVML, .act = SIM_MODE
#define RIM_OUT                                                                               \
	SINGLE, .stage = "RIM service", .door = SIM_RIM, .finding = "gpu.rim.driver.present", \
		.exit = 3
#define OCSP_OUT                                             \
	SINGLE, .stage = "OCSP responder", .door = SIM_OCSP, \
		.finding = "gpu.chain.revocation", .exit = 3
#define PCS_OUT \
	SINGLE, .stage = "PCS", .door = SIM_PCS, .finding = "tdx.collateral.tcbinfo", .exit = 3
#define TSM \
	SINGLE, .stage = "configfs-tsm", .door = SIM_TSM, .finding = "tdx.collect", .exit = 4
#define QGS SINGLE, .stage = "QGS", .door = SIM_QGS, .finding = "tdx.collect", .exit = 4

#define INIT        "nvmlInit*"
#define CERTIFICATE "nvmlDeviceGetConfComputeGpuCertificate"
#define REPORT      "nvmlDeviceGetConfComputeGpuAttestationReport"
#define RIM_DRIVER_ "/v1/rim/NV_GPU_DRIVER_*"

static const struct sim_fault doors[] = {
	{ "nvml-not-loaded", NVML, .act = SIM_RETURN, .at = INIT, .value = NVML_NOT_LOADED,
		.attack = "the kernel module is not loaded" },
	{ "nvml-mismatch", NVML, .act = SIM_RETURN, .at = INIT, .value = NVML_MISMATCH,
		.attack = "library and kernel module are of different releases" },
	{ "nvml-hang-init", NVML, .act = SIM_HANG, .at = INIT,
		.attack = "the driver never comes up" },
	{ "nvml-hang-report", NVML, .act = SIM_HANG, .at = REPORT,
		.attack = "the driver hangs while it asks the device" },
	{ "nvml-hang-one", PPCIE, .stage = DRIVER, .door = SIM_NVML, .finding = "gpu.collect",
		.exit = 4, .only = 6, .act = SIM_HANG, .at = REPORT,
		.attack = "one GPU of eight hangs" },
	{ "nvml-crash-init", NVML, .act = SIM_CRASH, .at = INIT,
		.attack = "the vendor library crashes on loading" },
	{ "nvml-crash-report", NVML, .act = SIM_CRASH, .at = REPORT,
		.attack = "the vendor library crashes in the midst of it" },
	{ "nvml-size-report", NVML, .act = SIM_SIZE, .at = REPORT, .value = HUGE_SIZE,
		.attack = "a report that claims 4 GiB in a buffer of 8 KiB" },
	{ "nvml-size-report-zero", NVML, .act = SIM_SIZE, .at = REPORT, .value = 0,
		.attack = "success, and a report of no bytes" },
	{ "nvml-size-certificate", NVML, .act = SIM_SIZE, .at = CERTIFICATE, .value = HUGE_SIZE,
		.attack = "a chain that claims 4 GiB in a buffer of 5 KiB" },
	{ "nvml-permission", NVML, .act = SIM_RETURN, .at = REPORT, .value = NVML_NO_PERMISSION,
		.attack = "the caller may not open the device" },
	{ "nvml-refused", NVML, .act = SIM_RETURN, .at = REPORT, .value = NVML_UNKNOWN,
		.attack = "confidential computing is on, and there is no report" },
	{ "nvml-lost", NVML, .act = SIM_RETURN, .at = REPORT, .value = NVML_LOST,
		.attack = "the GPU has fallen off the bus" },
	{ "nvml-lost-one", PPCIE, .stage = DRIVER, .door = SIM_NVML, .finding = "gpu.collect",
		.exit = 4, .only = 6, .act = SIM_RETURN, .at = REPORT, .value = NVML_LOST,
		.attack = "one GPU of eight has fallen off the bus" },
	{ "cc-off", SINGLE, MODE, .mode = cc_off, .finding = "gpu.mode", .exit = 5,
		.attack = "confidential computing is off" },
	{ "cc-off-ppcie", PPCIE, MODE, .mode = cc_off, .finding = "gpu.mode", .exit = 5,
		.attack = "protected PCIe is off" },
	{ "cc-devtools", SINGLE, MODE, .mode = devtools, .finding = "gpu.devtools", .exit = 1,
		.attack = "the GPU can be looked into with developers' tools" },
	{ "cc-simulation", SINGLE, MODE, .mode = simulation, .finding = "gpu.mode", .exit = 1,
		.attack = "confidential computing is simulated" },
	{ "mode-driver", SINGLE, MODE, .mode = protected_pcie, .finding = "gpu.mode", .exit = 1,
		.attack = "protected PCIe, says the driver, and the GPU signs that it is off" },
	{ "driver-said-otherwise", SINGLE, .stage = DRIVER, .door = SIM_NVML, .act = SIM_TEXT,
		.at = "nvmlSystemGetDriverVersion", .text = "535.86.09",
		.finding = "gpu.evidence.hints", .exit = 1,
		.attack = "the library names another driver than the device signs" },
	{ "vbios-said-otherwise", SINGLE, .stage = DRIVER, .door = SIM_NVML, .act = SIM_TEXT,
		.at = "nvmlDeviceGetVbiosVersion", .text = "96.00.5E.00.01",
		.finding = "gpu.evidence.hints", .exit = 1,
		.attack = "the library names another VBIOS than the device signs" },

	{ "nscq-mismatch", NSCQ, .act = SIM_RETURN, .at = "nscq_session_create",
		.value  = NSCQ_UNSUPPORTED,
		.attack = "NSCQ and driver are of different releases" },
	{ "nscq-hang", NSCQ, .act = SIM_HANG, .at = "*attestation_report",
		.attack = "NSCQ hangs while it asks the switches" },
	{ "nscq-crash", NSCQ, .act = SIM_CRASH, .at = "*attestation_report",
		.attack = "NSCQ crashes" },
	{ "nscq-refused", NSCQ, .kind = FORGE_SWITCH, .act = SIM_RETURN,
		.at = "*attestation_report", .value = NSCQ_DRIVER, .only = 3,
		.attack = "one switch of four gives no report" },
	{ "nscq-size-report", NSCQ, .act = SIM_SIZE, .at = "*attestation_report",
		.value  = HUGE_SIZE,
		.attack = "a report that claims 4 GiB in a buffer of 8 KiB" },
	{ "nscq-size-certificate", NSCQ, .act = SIM_SIZE, .at = "*certificate",
		.value  = HUGE_SIZE,
		.attack = "a chain that claims 4 GiB in a buffer of 5 KiB" },
	{ "switch-mode-open", PPCIE, .stage = "NSCQ", .door = SIM_NSCQ, .act = SIM_SIZE,
		.at = "*pcie_mode", .value = 1, .finding = "nvswitch.mode", .exit = 5,
		.attack = "a switch in protected mode that is not locked" },

	{ "rim-service-absent", RIM_OUT, .act = SIM_RETURN, .at = RIM_DRIVER_, .value = 404,
		.attack = "the service does not know the driver" },
	{ "rim-service-down", RIM_OUT, .act = SIM_RETURN, .value = 503,
		.attack = "the service is down" },
	{ "rim-service-hang", RIM_OUT, .act = SIM_HANG, .at = RIM_DRIVER_,
		.attack = "the service accepts and never answers" },
	{ "rim-service-short", RIM_OUT, .act = SIM_SHORT, .at = RIM_DRIVER_,
		.attack = "the answer ends before its length" },
	{ "rim-service-garbage", RIM_OUT, .act = SIM_GARBAGE, .at = RIM_DRIVER_,
		.attack = "an error page with status 200" },
	{ "rim-service-redirect", RIM_OUT, .act = SIM_REDIRECT, .at = RIM_DRIVER_,
		.text = "https://example.invalid/", .attack = "sent on to somebody else" },

	{ "ocsp-responder-down", OCSP_OUT, .act = SIM_RETURN, .value = 503,
		.attack = "the responder is down" },
	{ "ocsp-responder-hang", OCSP_OUT, .act = SIM_HANG,
		.attack = "the responder accepts and never answers" },
	{ "ocsp-responder-short", OCSP_OUT, .act = SIM_SHORT,
		.attack = "the answer ends before its length" },
	{ "ocsp-responder-garbage", SINGLE, .stage = "OCSP responder", .door = SIM_OCSP,
		.finding = "gpu.chain.revocation", .exit = 6, .act = SIM_GARBAGE,
		.attack = "an error page with status 200" },
	{ "ocsp-responder-redirect", OCSP_OUT, .act = SIM_REDIRECT,
		.text = "https://example.invalid/", .attack = "sent on to somebody else" },

	{ "pcs-down", PCS_OUT, .act = SIM_RETURN, .value = 503,
		.attack = "Intel's service is down" },
	{ "pcs-hang", PCS_OUT, .act = SIM_HANG,
		.attack = "Intel's service accepts and never answers" },
	{ "pcs-short", PCS_OUT, .act = SIM_SHORT,
		.attack = "the answer ends before its length" },
	{ "pcs-garbage", PCS_OUT, .act = SIM_GARBAGE,
		.attack = "an error page with status 200" },

	{ "tsm-busy", TSM, .act = SIM_RETURN, .at = "outblob", .value = ERRNO_BUSY,
		.attack = "an earlier request is still in flight" },
	{ "tsm-timeout", TSM, .act = SIM_RETURN, .at = "outblob", .value = ERRNO_TIMEOUT,
		.attack = "the host does not make quotes" },
	{ "tsm-hang", TSM, .act = SIM_HANG, .at = "outblob",
		.attack = "the host never comes back with the quote" },
	{ "tsm-garbage", TSM, .act = SIM_GARBAGE, .at = "outblob",
		.attack = "the host hands out something else" },
	{ "tsm-empty", TSM, .act = SIM_SIZE, .at = "outblob", .value = 0,
		.attack = "the host hands out nothing" },

	{ "qgs-error", QGS, .act = SIM_RETURN, .value = QGS_UNEXPECTED,
		.attack = "the quoting service refuses" },
	{ "qgs-hang", QGS, .act = SIM_HANG, .attack = "the quoting service never answers" },
	{ "qgs-short", QGS, .act = SIM_SHORT,
		.attack = "the quoting service ends in the midst of its answer" },
	{ "qgs-size", QGS, .act = SIM_SIZE, .value = HUGE_SIZE,
		.attack = "a message that claims 4 GiB" },
};

/* The forge's and the TD's rows in the shape of this table, made once. */
static struct sim_fault shown[ROWS];
static size_t           shown_n;

/* About the file, which a running platform does not write, or about what does not fit through its doors. */
static bool of_a_file(const struct fault *t)
{
	return t->bundle != NULL || strstr(t->finding, ".evidence.parse") != NULL;
}

static void show_forge(const struct fault *t)
{
	if (of_a_file(t))
		return;
	shown[shown_n++] = (struct sim_fault){
		.name    = t->name,
		.profile = t->profile,
		.stage   = fault_stage(t),
		.attack  = t->attack,
		.finding = t->finding,
		.exit    = t->exit,
		.forge   = t,
	};
}

static void show_td(const struct tdx_fault *t)
{
	shown[shown_n++] = (struct sim_fault){
		.name    = t->name,
		.profile = "single",
		.stage   = tdx_fault_stage(t),
		.attack  = t->attack,
		.finding = t->finding,
		.exit    = t->exit,
		.tdx     = t,
	};
}

static void show_all(void)
{
	const struct fault     *t;
	const struct tdx_fault *d;

	for (size_t i = 0; shown_n < ROWS && (t = fault_at(i)) != NULL; i++)
		show_forge(t);
	for (size_t i = 0; shown_n < ROWS && (d = tdx_fault_at(i)) != NULL; i++)
		show_td(d);
}

const struct sim_fault *sim_fault_at(size_t i)
{
	if (shown_n == 0)
		show_all();
	if (i < shown_n)
		return &shown[i];
	return i - shown_n < ARRAY_LEN(doors) ? &doors[i - shown_n] : NULL;
}

const struct sim_fault *sim_fault_named(const char *name)
{
	const struct sim_fault *f;

	for (size_t i = 0; (f = sim_fault_at(i)) != NULL; i++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}
