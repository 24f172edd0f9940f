/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.9 and 5.11: what the GPUs' driver says of modes and states. None of it is signed. */
#include <stdio.h>

#include "base/show.h"
#include "env/items.h"
#include "env/klog.h"
#include "env/line.h"
#include "format/nvml.h"

/* Did the driver answer? If not, says why. */
static bool said(const struct machine *m, struct result *r)
{
	const struct assay_err *fault = &m->gpu_says.fault[DEVICE_GPU];

	r_path(r, "libnvidia-ml.so.1");
	if (m->asked == ASKED && m->gpu_says.opened[DEVICE_GPU] && fault->code == ASSAY_OK)
		return true;
	r_wait(r, m->asked == ASKED_NOT_UP ? CHECK_SERVICE_READY : CHECK_ATTESTATION_GPU);
	return false;
}

static const char *word(int v, const char *zero, const char *one)
{
	return v == 0 ? zero : v == 1 ? one : "not told";
}

static void seen_modes(const struct machine *m, struct result *r)
{
	static const char *const multi[] = { "none", "protected PCIe", "NVLink encryption" };
	const struct collected_system *s = &m->gpu_says.system;

	r_seen(r, "feature %s, multi-GPU %s, environment %s", word(s->cc, "off", "on"),
		s->multi_gpu >= 0 && (size_t)s->multi_gpu < ARRAY_LEN(multi)
			? multi[s->multi_gpu]
			: "not told",
		s->environment == 2           ? "production"
			: s->environment == 1 ? "simulation"
			: s->environment == 0 ? "unavailable"
					      : "not told");
}

void judge_cc_feature(const struct machine *m, struct result *r)
{
	const struct collected_system *s = &m->gpu_says.system;

	if (!said(m, r))
		return;
	r_path(r, "nvmlSystemGetConfComputeSettings");
	r_wanted(r, "feature on, multi-GPU none");
	seen_modes(m, r);
	if (s->cc == 1)
		r_pass(r, "on");
	else if (s->cc == 0)
		r_fail(r, ASSAY_DEVICE_MODE_OFF, "the GPU is not in CC mode%s",
			s->gpu_caps == 1 ? ", though it is capable of it" : "");
	else
		r_unknown(r,
			"the driver does not tell: it has no support for it, or the call failed");
}

void judge_cc_multigpu(const struct machine *m, struct result *r)
{
	const struct collected_system *s = &m->gpu_says.system;

	if (!said(m, r))
		return;
	r_path(r, "nvmlSystemGetConfComputeSettings");
	r_wanted(r, m->profile == PROFILE_PPCIE ? "protected PCIe" : "none");
	seen_modes(m, r);
	if (s->multi_gpu == NVML_MULTI_PPCIE && m->profile == PROFILE_PPCIE && s->cc != 1)
		r_pass(r, "protected PCIe; that the plain feature says off is normal then");
	else if (s->multi_gpu == NVML_MULTI_PPCIE && m->profile == PROFILE_PPCIE)
		r_warn(r, "protected PCIe, and the plain feature says on too");
	else if (s->multi_gpu < 0)
		r_unknown(r, "the driver does not tell");
	else if (s->multi_gpu > NVML_MULTI_PPCIE)
		r_unknown(r,
			s->multi_gpu == 2 ? "NVLink encryption, of Blackwell: not judged here"
					  : "the driver tells a mode that is not known here");
	else if (m->profile == PROFILE_SINGLE && s->multi_gpu == 0)
		r_pass(r, "none");
	else if (m->profile == PROFILE_SINGLE)
		r_fail(r, ASSAY_DEVICE_MODE_OFF, "protected PCIe on a single GPU");
	else if (s->cc == 1)
		r_fail(r, ASSAY_DEVICE_MODE_OFF,
			"the GPUs were left in the mode of single GPUs");
	else
		r_fail(r, ASSAY_DEVICE_MODE_OFF, "protected PCIe is not on");
}

void judge_cc_devtools(const struct machine *m, struct result *r)
{
	const int v = m->gpu_says.system.devtools;

	if (!said(m, r))
		return;
	r_path(r, "nvmlSystemGetConfComputeSettings");
	r_wanted(r, "off");
	r_seen(r, "%s", word(v, "off", "on"));
	if (v == 0)
		r_pass(r, "off");
	else if (v == 1)
		r_fail(r, ASSAY_DEVICE_DEVTOOLS, "on: the GPU's memory can be looked into");
	else
		r_unknown(r, "the driver does not tell");
}

void judge_cc_environment(const struct machine *m, struct result *r)
{
	const struct collected_system *s = &m->gpu_says.system;

	if (!said(m, r))
		return;
	r_path(r, "nvmlSystemGetConfComputeSettings, ...Capabilities");
	r_wanted(r, "production, on TDX");
	seen_modes(m, r);
	if (s->environment == NVML_SIMULATION)
		r_fail(r, ASSAY_DEVICE_SIMULATED, "a simulation");
	else if (s->environment != 2)
		r_unknown(
			r, "unavailable: a driver without support for it, or the call failed");
	else if (s->cpu_caps >= 0 && s->cpu_caps != 2)
		r_fail(r, ASSAY_HOST_MACHINE, "production, but the driver sees no TDX");
	else
		r_pass(r, "production%s", s->cpu_caps == 2 ? ", on TDX" : "");
}

void judge_cc_ready(const struct machine *m, struct result *r)
{
	const struct collected_system *s = &m->gpu_says.system;

	if (!said(m, r))
		return;
	r_path(r, "nvmlSystemGetConfComputeGpusReadyState");
	r_wanted(r, "1");
	r_seen(r, "%d", s->ready);
	if (!collected_confidential(&m->gpu_says))
		r_wait(r, m->profile == PROFILE_PPCIE ? CHECK_CC_MULTIGPU : CHECK_CC_FEATURE);
	else if (s->ready == 1)
		r_pass(r, "the GPUs accept work; whether they were attested first is not told");
	else if (s->ready == 0)
		r_fail(r, ASSAY_HOST_EFFECT, "the GPUs accept no work");
	else
		r_unknown(r, "the driver does not tell");
}

void judge_cc_memory(const struct machine *m, struct result *r)
{
	size_t told = 0, open = 0;

	if (!said(m, r))
		return;
	r_path(r, "nvmlDeviceGetConfComputeMemSizeInfo");
	r_wanted(r, "nothing unprotected");
	for (size_t i = 0; i < m->gpu_says.devices; i++) {
		const struct collected_device *d = &m->gpu_says.device[i];

		told += d->kind == DEVICE_GPU && d->unprotected_kib >= 0;
		open += d->kind == DEVICE_GPU && d->unprotected_kib > 0;
	}
	if (!collected_confidential(&m->gpu_says))
		r_wait(r, m->profile == PROFILE_PPCIE ? CHECK_CC_MULTIGPU : CHECK_CC_FEATURE);
	else if (told == 0)
		r_warn(r, "the driver does not tell");
	else if (open > 0)
		r_warn(r, "%zu GPU%s unprotected memory", open, open == 1 ? " has" : "s have");
	else
		r_pass(r, "all of it is protected");
}

/* Xids that end a channel only, and noise: not the end of a session (NVIDIA's list of Xid errors). */
static bool xid_mild(struct bytes text)
{
	static const char *const mild[] = { "): 13,", "): 31,", "): 43,", "): 45,", "): 63,",
		"): 68,", "): 94,", "SXid" };

	for (size_t i = 0; i < ARRAY_LEN(mild); i++)
		if (bytes_has(text, mild[i]))
			return true;
	return false;
}

static bool fatal(struct bytes text)
{
	if (bytes_has(text, "SXid"))
		return bytes_has(text, "Fatal") && !bytes_has(text, "Non-fatal") &&
			!bytes_has(text, "22013");
	if (bytes_has(text, "NVRM: Xid"))
		return !xid_mild(text);
	return bytes_has(text, "ConfCompute: Fatal error hit") ||
		bytes_has(text, "GSP-DMA decrypt") ||
		bytes_has(text, "GspMsgQueueSendCommand: Encryption failed");
}

void judge_cc_errors(const struct machine *m, struct result *r)
{
	struct klog_line l;
	size_t           mild = 0;

	if (!log_there(m, r))
		return;
	for (size_t at = 0; klog_next(buf_bytes(&m->log), &at, &l);) {
		if (l.foreign)
			continue;
		if (fatal(l.text)) {
			r_fail(r, ASSAY_HOST_FAULT, "a fatal error since boot");
			r_seen(r, "%s", SHOW(l.text));
			return;
		}
		if (bytes_has(l.text, "NVRM: Xid")) {
			mild++;
			r_seen(r, "%s", SHOW(l.text));
		}
	}
	if (mild > 0)
		r_warn(r, "%zu error%s that end%s a program, not the session", mild,
			mild == 1 ? "" : "s", mild == 1 ? "s" : "");
	else
		r_pass(r, "none in the log%s", m->log_cut ? ", as far as it reaches back" : "");
}

void judge_cc_set(const struct machine *m, struct result *r)
{
	const size_t n = collected_count(&m->gpu_says, DEVICE_GPU);

	if (!said(m, r))
		return;
	r_path(r, "libnvidia-ml.so.1, /sys/bus/pci/devices");
	r_wanted(r, "%zu GPU%s", m->gpus, m->gpus == 1 ? "" : "s");
	r_seen(r, "%zu", n);
	if (n < m->gpus)
		r_fail(r, ASSAY_HOST_EFFECT, "the driver knows %zu of %zu GPUs", n, m->gpus);
	else if (n > m->gpus)
		r_warn(r, "the driver knows %zu GPUs, and the bus %zu", n, m->gpus);
	else
		r_pass(r, "the driver knows those on the bus");
}

/* The first GPU whose VBIOS is too old for CC mode. */
static bool old_vbios(const struct machine *m, char out[COLLECT_TEXT])
{
	for (size_t i = 0; i < m->gpu_says.devices; i++) {
		const struct collected_device *d = &m->gpu_says.device[i];

		if (d->kind == DEVICE_GPU && d->vbios[0] != 0 &&
			version_order_hex(bytes_text(d->vbios), m->data->vbios) < 0) {
			snprintf(out, COLLECT_TEXT, "%s", d->vbios);
			return true;
		}
	}
	return false;
}

void judge_evidence_gpu(const struct machine *m, struct result *r)
{
	char                    vbios[COLLECT_TEXT] = "";
	const struct assay_err *fault               = &m->gpu_says.fault[DEVICE_GPU];
	const size_t            n                   = collected_count(&m->gpu_says, DEVICE_GPU);

	r_path(r, "libnvidia-ml.so.1");
	if (m->asked == ASKED_NOT_UP) {
		r_wait(r, CHECK_SERVICE_READY);
		return;
	}
	if (m->asked == ASKED_NOT_HERE) {
		r_unknown(r, "a tree has no driver that could be asked");
		r_remedy(r, "Run assay doctor on the machine itself.");
		return;
	}
	if (fault->code != ASSAY_OK)
		r_fail(r, fault->code, "%s", assay_err_text(fault));
	else if (n == 0)
		r_fail(r, ASSAY_DEVICE_NONE, "the driver is there, and knows no GPU");
	else if (old_vbios(m, vbios))
		r_warn(r, "VBIOS %s is below %.*s, and only the operator can change it", vbios,
			(int)m->data->vbios.n, (const char *)m->data->vbios.p);
	else
		r_pass(r, "%zu answer%s; evidence itself is asked for by assay collect", n,
			n == 1 ? "s" : "");
}

void judge_evidence_switch(const struct machine *m, struct result *r)
{
	const struct assay_err *fault = &m->gpu_says.fault[DEVICE_NVSWITCH];
	const size_t            n     = collected_count(&m->gpu_says, DEVICE_NVSWITCH);
	char                    version[128], path[256];

	r_path(r, "libnvidia-nscq.so.2");
	r_wanted(r, "%zu switches", m->switches);
	r_seen(r, "%zu", n);
	if (m->asked != ASKED)
		r_wait(r,
			m->asked == ASKED_NOT_UP ? CHECK_SERVICE_READY : CHECK_ATTESTATION_GPU);
	else if (fault->code != ASSAY_OK)
		r_fail(r, fault->code, "%s", assay_err_text(fault));
	else if (machine_library(m, "libnvidia-nscq.so.2", version, sizeof(version), path) &&
		m->driver[0] != 0 && strcmp(version, m->driver) != 0)
		r_fail(r, ASSAY_HOST_VERSION, "libnvidia-nscq is %s and the driver is %s",
			SHOW(bytes_text(version)), SHOW(bytes_text(m->driver)));
	else if (n != m->switches)
		r_fail(r, ASSAY_HOST_EFFECT, "libnvidia-nscq knows %zu of %zu switches", n,
			m->switches);
	else
		r_pass(r, "%zu answer; evidence itself is asked for by assay collect", n);
}

void judge_evidence_topology(const struct machine *m, struct result *r)
{
	(void)m;
	r_none(r,
		"from unsigned words nothing is to be said; assay attest judges it by what is signed");
}
