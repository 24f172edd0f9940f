/* SPDX-License-Identifier: Apache-2.0
 *
 * The items of environment 5 as one table: which row of the catalogue, for which profiles, judged by which function. Title, why,
 * meaning and remedy are the catalogue's; what is wanted and what was seen are the function's to say. */
#ifndef ENV_ITEMS_H
#define ENV_ITEMS_H

#include "base/finding.h"
#include "env/machine.h"

#define RESULT_TEXT 400

struct result { /* of one row; zero is skipped, which never passes */
	enum assay_outcome outcome;
	enum assay_code    code;
	enum check         because; /* skipped */
	char               message[RESULT_TEXT], wanted[RESULT_TEXT], seen[RESULT_TEXT];
	char               path[200];           /* where it was seen */
	char               remedy[RESULT_TEXT]; /* "": the catalogue's */
};

#define PRINTS(n) __attribute__((format(printf, n, n + 1)))
PRINTS(2) void r_pass(struct result *r, const char *fmt, ...);
PRINTS(3) void r_fail(struct result *r, enum assay_code code, const char *fmt, ...);
PRINTS(2) void r_warn(struct result *r, const char *fmt, ...);
PRINTS(2) void r_none(struct result *r, const char *fmt, ...);   /* not-applicable */
PRINTS(2) void r_reboot(struct result *r, const char *fmt, ...); /* pending-reboot */
PRINTS(2) void r_busy(struct result *r, const char *fmt, ...);   /* in-progress */
PRINTS(2) void r_unknown(struct result *r, const char *fmt, ...);
PRINTS(2) void r_wanted(struct result *r, const char *fmt, ...);
PRINTS(2) void r_seen(struct result *r, const char *fmt, ...);
PRINTS(2) void r_path(struct result *r, const char *fmt, ...);
PRINTS(2) void r_remedy(struct result *r, const char *fmt, ...);
void r_unread(
	struct result *r, const char *path, int no); /* unknown: could not be read, and why */
void r_wait(struct result *r, enum check because);   /* skipped */

/* Profiles for which a row is asked. */
#define FOR_SINGLE (1U << PROFILE_SINGLE)
#define FOR_PPCIE  (1U << PROFILE_PPCIE)
#define FOR_BOTH   (FOR_SINGLE | FOR_PPCIE)
#define FOR_ALL    (FOR_BOTH | 1U << PROFILE_NONE | 1U << PROFILE_OTHER)

struct item {
	enum check check;
	unsigned   profiles;
	void (*judge)(const struct machine *m, struct result *r);
};

extern const struct item items[];
extern const size_t      items_n;

/* Judge all of them: a finding each, of the host, in the order of the table. */
enum assay_code items_judge(const struct machine *m, struct findings *out, struct assay_err *e);

/* The worst class of findings: the verdict. */
enum assay_class items_verdict(const struct findings *f);

/* What adjtimex() said, and the time: PLAT-05. */
struct timex;
void judge_time(int state, const struct timex *t, int64_t now, struct result *r);

/* The functions, by file. */
#define ITEM(name) void judge_##name(const struct machine *m, struct result *r)
ITEM(machine);
ITEM(type);
ITEM(os);
ITEM(room);
ITEM(clock);
ITEM(privilege);
ITEM(kernel_version);
ITEM(kernel_default);
ITEM(kernel_features);
ITEM(lockdown);
ITEM(boot_style);
ITEM(swiotlb_configured);
ITEM(swiotlb_effective);
ITEM(conflicts_configured);
ITEM(conflicts_effective);
ITEM(crashkernel);
ITEM(memory);
ITEM(pool);
ITEM(exhaustion);
ITEM(budget);
ITEM(td_guest);
ITEM(td_device);
ITEM(td_quote);
ITEM(td_attributes);
ITEM(td_eventlog);
ITEM(topology);
ITEM(pci_driver);
ITEM(bars);
ITEM(registers);
ITEM(driver_configured);
ITEM(driver_effective);
ITEM(driver_module);
ITEM(driver_open);
ITEM(nouveau_configured);
ITEM(nouveau_effective);
ITEM(build);
ITEM(install);
ITEM(sources);
ITEM(trap);
ITEM(firmware);
ITEM(nodes);
ITEM(holds);
ITEM(algorithms);
ITEM(rule);
ITEM(stubs);
ITEM(key_configured);
ITEM(key_effective);
ITEM(nvlink);
ITEM(initramfs);
ITEM(persistenced_configured);
ITEM(persistenced_effective);
ITEM(unit_type);
ITEM(timeout_configured);
ITEM(timeout_effective);
ITEM(enabled);
ITEM(ready_rule);
ITEM(restart);
ITEM(order);
ITEM(consumers);
ITEM(cloudmonitor);
ITEM(fabric_configured);
ITEM(fabric_effective);
ITEM(autoload);
ITEM(cc_feature);
ITEM(cc_multigpu);
ITEM(cc_devtools);
ITEM(cc_environment);
ITEM(cc_ready);
ITEM(cc_memory);
ITEM(cc_errors);
ITEM(cc_set);
ITEM(toolkit);
ITEM(cublas);
ITEM(openssl);
ITEM(limits);
ITEM(container);
ITEM(evidence_gpu);
ITEM(evidence_switch);
ITEM(evidence_topology);
ITEM(egress);
ITEM(manifests);
ITEM(python);
ITEM(routes);
#undef ITEM

/* What several of them ask. */
/* Did systemd tell of that unit? Else the result says why not. */
bool        unit_told(const struct machine *m, const struct unit_facts *f, struct result *r);
bool        log_there(const struct machine *m, struct result *r); /* else r is unknown */
bool        log_has(const struct machine *m, const char *needle, char line[RESULT_TEXT]);
const char *machine_wants_driver(const struct machine *m, char text[64]);
/* "libnvidia-ml.so.1" -> "libnvidia-ml.so.570.148.08": the version behind ".so.", and where the link is. */
bool machine_library(
	const struct machine *m, const char *name, char *out, size_t size, char path[256]);
bool image_only(const struct machine *m, struct result *r);
#endif
