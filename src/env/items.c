/* SPDX-License-Identifier: Apache-2.0 */
#include "env/items.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/show.h"
#include "env/klog.h"
#include "env/line.h"

const struct item items[] = {
	{ CHECK_PLATFORM_MACHINE, FOR_ALL, judge_machine },
	{ CHECK_PCI_TOPOLOGY, FOR_ALL, judge_topology },
	{ CHECK_PLATFORM_TYPE, FOR_ALL, judge_type },
	{ CHECK_PLATFORM_OS, FOR_ALL, judge_os },
	{ CHECK_PLATFORM_ROOM, FOR_ALL, judge_room },
	{ CHECK_PLATFORM_CLOCK, FOR_ALL, judge_clock },
	{ CHECK_PLATFORM_PRIVILEGE, FOR_ALL, judge_privilege },
	{ CHECK_KERNEL_VERSION, FOR_BOTH, judge_kernel_version },
	{ CHECK_KERNEL_DEFAULT, FOR_BOTH, judge_kernel_default },
	{ CHECK_KERNEL_FEATURES, FOR_BOTH, judge_kernel_features },
	{ CHECK_KERNEL_LOCKDOWN, FOR_BOTH, judge_lockdown },
	{ CHECK_BOOT_STYLE, FOR_ALL, judge_boot_style },
	{ CHECK_BOOT_SWIOTLB_CONFIGURED, FOR_BOTH, judge_swiotlb_configured },
	{ CHECK_BOOT_SWIOTLB_EFFECTIVE, FOR_BOTH, judge_swiotlb_effective },
	{ CHECK_BOOT_CONFLICTS_CONFIGURED, FOR_BOTH, judge_conflicts_configured },
	{ CHECK_BOOT_CONFLICTS_EFFECTIVE, FOR_BOTH, judge_conflicts_effective },
	{ CHECK_BOOT_CRASHKERNEL, FOR_BOTH, judge_crashkernel },
	{ CHECK_MEMORY_SIZE, FOR_BOTH, judge_memory },
	{ CHECK_MEMORY_SWIOTLB, FOR_BOTH, judge_pool },
	{ CHECK_MEMORY_EXHAUSTION, FOR_ALL, judge_exhaustion },
	{ CHECK_IO_BUDGET, FOR_BOTH, judge_budget },
	{ CHECK_TD_GUEST, FOR_BOTH, judge_td_guest },
	{ CHECK_TD_DEVICE, FOR_BOTH, judge_td_device },
	{ CHECK_TD_QUOTE, FOR_BOTH, judge_td_quote },
	{ CHECK_TD_ATTRIBUTES, FOR_BOTH, judge_td_attributes },
	{ CHECK_TD_EVENTLOG, FOR_BOTH, judge_td_eventlog },
	{ CHECK_PCI_DRIVER, FOR_BOTH, judge_pci_driver },
	{ CHECK_PCI_BARS, FOR_BOTH, judge_bars },
	{ CHECK_PCI_REGISTERS, FOR_BOTH, judge_registers },
	{ CHECK_DRIVER_VERSION_CONFIGURED, FOR_BOTH, judge_driver_configured },
	{ CHECK_DRIVER_VERSION_EFFECTIVE, FOR_BOTH, judge_driver_effective },
	{ CHECK_DRIVER_MODULE, FOR_BOTH, judge_driver_module },
	{ CHECK_DRIVER_OPEN, FOR_BOTH, judge_driver_open },
	{ CHECK_DRIVER_NOUVEAU_CONFIGURED, FOR_BOTH, judge_nouveau_configured },
	{ CHECK_DRIVER_NOUVEAU_EFFECTIVE, FOR_ALL, judge_nouveau_effective },
	{ CHECK_DRIVER_BUILD, FOR_BOTH, judge_build },
	{ CHECK_DRIVER_INSTALL, FOR_BOTH, judge_install },
	{ CHECK_DRIVER_SOURCES, FOR_BOTH, judge_sources },
	{ CHECK_DRIVER_TRAP, FOR_BOTH, judge_trap },
	{ CHECK_DRIVER_FIRMWARE, FOR_BOTH, judge_firmware },
	{ CHECK_DRIVER_NODES, FOR_BOTH, judge_nodes },
	{ CHECK_DRIVER_HOLDS, FOR_BOTH, judge_holds },
	{ CHECK_LKCA_ALGORITHMS, FOR_BOTH, judge_algorithms },
	{ CHECK_LKCA_RULE, FOR_BOTH, judge_rule },
	{ CHECK_LKCA_USED, FOR_BOTH, judge_stubs },
	{ CHECK_PPCIE_KEY_CONFIGURED, FOR_BOTH, judge_key_configured },
	{ CHECK_PPCIE_KEY_EFFECTIVE, FOR_BOTH, judge_key_effective },
	{ CHECK_PPCIE_NVLINK, FOR_BOTH, judge_nvlink },
	{ CHECK_INITRAMFS_OPTIONS, FOR_BOTH, judge_initramfs },
	{ CHECK_SERVICE_PERSISTENCED_CONFIGURED, FOR_BOTH, judge_persistenced_configured },
	{ CHECK_SERVICE_PERSISTENCED_EFFECTIVE, FOR_BOTH, judge_persistenced_effective },
	{ CHECK_SERVICE_TYPE, FOR_BOTH, judge_unit_type },
	{ CHECK_SERVICE_TIMEOUT_CONFIGURED, FOR_BOTH, judge_timeout_configured },
	{ CHECK_SERVICE_TIMEOUT_EFFECTIVE, FOR_BOTH, judge_timeout_effective },
	{ CHECK_SERVICE_ENABLED, FOR_BOTH, judge_enabled },
	{ CHECK_SERVICE_READY, FOR_BOTH, judge_ready_rule },
	{ CHECK_SERVICE_RESTART, FOR_BOTH, judge_restart },
	{ CHECK_SERVICE_ORDER, FOR_BOTH, judge_order },
	{ CHECK_SERVICE_CONSUMERS, FOR_BOTH, judge_consumers },
	{ CHECK_SERVICE_CLOUDMONITOR, FOR_BOTH, judge_cloudmonitor },
	{ CHECK_SERVICE_FABRICMANAGER_CONFIGURED, FOR_BOTH, judge_fabric_configured },
	{ CHECK_SERVICE_FABRICMANAGER_EFFECTIVE, FOR_PPCIE, judge_fabric_effective },
	{ CHECK_SERVICE_AUTOLOAD, FOR_BOTH, judge_autoload },
	{ CHECK_CC_FEATURE, FOR_SINGLE, judge_cc_feature },
	{ CHECK_CC_MULTIGPU, FOR_BOTH, judge_cc_multigpu },
	{ CHECK_CC_DEVTOOLS, FOR_BOTH, judge_cc_devtools },
	{ CHECK_CC_ENVIRONMENT, FOR_BOTH, judge_cc_environment },
	{ CHECK_CC_READY, FOR_BOTH, judge_cc_ready },
	{ CHECK_CC_MEMORY, FOR_BOTH, judge_cc_memory },
	{ CHECK_CC_ERRORS, FOR_ALL, judge_cc_errors },
	{ CHECK_CC_SET, FOR_BOTH, judge_cc_set },
	{ CHECK_CUDA_TOOLKIT, FOR_BOTH, judge_toolkit },
	{ CHECK_CUDA_CUBLAS, FOR_SINGLE, judge_cublas },
	{ CHECK_CUDA_OPENSSL, FOR_BOTH, judge_openssl },
	{ CHECK_CUDA_LIMITS, FOR_BOTH, judge_limits },
	{ CHECK_CONTAINER_TOOLKIT, FOR_BOTH, judge_container },
	{ CHECK_ATTESTATION_GPU, FOR_BOTH, judge_evidence_gpu },
	{ CHECK_ATTESTATION_SWITCH, FOR_PPCIE, judge_evidence_switch },
	{ CHECK_ATTESTATION_TOPOLOGY, FOR_PPCIE, judge_evidence_topology },
	{ CHECK_ATTESTATION_EGRESS, FOR_ALL, judge_egress },
	{ CHECK_ATTESTATION_MANIFESTS, FOR_BOTH, judge_manifests },
	{ CHECK_ATTESTATION_PYTHON, FOR_ALL, judge_python },
	{ CHECK_NETWORK_ROUTES, FOR_ALL, judge_routes },
};
const size_t items_n = ARRAY_LEN(items);

#define SAY(to)                                       \
	do {                                          \
		va_list ap;                           \
		va_start(ap, fmt);                    \
		vsnprintf((to), sizeof(to), fmt, ap); \
		va_end(ap);                           \
	} while (0)

#define SAYS(name, is, why)                               \
	void name(struct result *r, const char *fmt, ...) \
	{                                                 \
		r->outcome = ASSAY_OUTCOME_##is;          \
		r->code    = (why);                       \
		SAY(r->message);                          \
	}

SAYS(r_pass, PASS, ASSAY_OK)
SAYS(r_warn, WARN, ASSAY_HOST_ADVICE)
SAYS(r_none, NOT_APPLICABLE, ASSAY_OK)
SAYS(r_busy, IN_PROGRESS, ASSAY_DEVICE_STARTING)
SAYS(r_unknown, UNKNOWN, ASSAY_HOST_UNREAD)

void r_reboot(struct result *r, const char *fmt, ...)
{
	r->outcome = ASSAY_OUTCOME_PENDING_REBOOT;
	r->code    = ASSAY_HOST_REBOOT;
	SAY(r->message);
	r_remedy(r, "Reboot this machine; assay never does.");
}

void r_fail(struct result *r, enum assay_code code, const char *fmt, ...)
{
	r->outcome = ASSAY_OUTCOME_FAIL;
	r->code    = code;
	SAY(r->message);
}

void r_wanted(struct result *r, const char *fmt, ...)
{
	SAY(r->wanted);
}

void r_seen(struct result *r, const char *fmt, ...)
{
	SAY(r->seen);
}

void r_path(struct result *r, const char *fmt, ...)
{
	SAY(r->path);
}

void r_remedy(struct result *r, const char *fmt, ...)
{
	SAY(r->remedy);
}

void r_unread(struct result *r, const char *path, int no)
{
	r_unknown(r, "/%s: %s", path, root_why(no));
	r_path(r, "/%s", path);
	if (no == EACCES || no == EPERM)
		r_remedy(r, "Run assay doctor as root.");
}

void r_wait(struct result *r, enum check because)
{
	r->outcome = ASSAY_OUTCOME_SKIPPED;
	r->code    = ASSAY_OK;
	r->because = because;
}

/* Is the root a tree that stands for no running machine? Then what is in effect is not to be had. */
bool image_only(const struct machine *m, struct result *r)
{
	if (m->osrelease[0] != 0)
		return false;
	r_unknown(r, "the tree is an image, and nothing runs in it");
	return true;
}

bool log_there(const struct machine *m, struct result *r)
{
	if (m->log_source != NULL)
		r_path(r, "%s", m->log_source);
	else if (!image_only(m, r))
		r_unread(r, "dev/kmsg", m->log_no);
	return m->log_source != NULL;
}

bool log_has(const struct machine *m, const char *needle, char line[RESULT_TEXT])
{
	struct klog_line l;

	for (size_t at = 0; klog_next(buf_bytes(&m->log), &at, &l);)
		if (!l.foreign && bytes_has(l.text, needle)) {
			snprintf(line, RESULT_TEXT, "%s", SHOW(l.text));
			return true;
		}
	return false;
}

const char *machine_wants_driver(const struct machine *m, char text[64])
{
	struct bytes v = m->profile == PROFILE_PPCIE ? m->data->ppcie.driver
						     : m->data->single.driver;

	snprintf(text, 64, "%.*s", (int)v.n, (const char *)v.p);
	return text;
}

static void judge(const struct machine *m, const struct item *i, struct result *r)
{
	if ((i->profiles & 1U << m->profile) != 0)
		i->judge(m, r);
	else if (m->profile == PROFILE_SINGLE || m->profile == PROFILE_PPCIE)
		r_none(r, "not for the profile %s", profile_name(m->profile));
	else
		r_wait(r, CHECK_PCI_TOPOLOGY);
}

/* Names of a hostile tree are in messages and paths: whatever a function forgot to show is made printable here. */
static void clean(char *text)
{
	for (; *text != 0; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

static void clean_all(struct result *r)
{
	clean(r->message);
	clean(r->wanted);
	clean(r->seen);
	clean(r->path);
	clean(r->remedy);
}

enum assay_code items_judge(const struct machine *m, struct findings *out, struct assay_err *e)
{
	for (size_t i = 0; i < items_n; i++) {
		struct result  r   = { 0 };
		struct finding row = { .check = items[i].check,
			.subject              = { SUBJECT_HOST, 0 } };

		judge(m, &items[i], &r);
		clean_all(&r);
		row.outcome = r.outcome;
		row.code    = r.code;
		row.because = r.because;
		TRY(findings_add(out, &row, r.message, r.wanted, r.seen, e));
		TRY(findings_place(out, r.path,
			r.remedy[0] != 0
				? r.remedy
				: (r.code == ASSAY_OK ? "" : check_row(row.check)->remedy),
			e));
	}
	return ASSAY_OK;
}

enum assay_class items_verdict(const struct findings *f)
{
	enum assay_class worst = ASSAY_CLASS_ACCEPTED;

	for (size_t i = 0; i < f->n; i++) {
		enum assay_class c = assay_class(f->list[i].code);

		if (f->list[i].outcome == ASSAY_OUTCOME_WARN ||
			f->list[i].outcome == ASSAY_OUTCOME_PASS ||
			f->list[i].outcome == ASSAY_OUTCOME_NOT_APPLICABLE ||
			f->list[i].outcome == ASSAY_OUTCOME_SKIPPED)
			continue;
		worst = c < worst ? c : worst; /* the list begins with the worst */
	}
	return worst;
}
