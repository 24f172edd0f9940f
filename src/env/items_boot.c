/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.2 and 5.3: boot arguments, the bounce buffer, and what it must carry. */
#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/items.h"
#include "env/klog.h"
#include "env/line.h"

static const char *const styles[] = {
	[BOOT_DIRECT]  = "direct kernel boot: no loader's files",
	[BOOT_BLS]     = "GRUB with boot loader entries",
	[BOOT_GRUB]    = "GRUB with a generated menu",
	[BOOT_SYSTEMD] = "systemd-boot entries",
	[BOOT_UKI]     = "a unified kernel image",
};

/* A remedy on this machine would be none. */
static void outside(const struct machine *m, struct result *r)
{
	if (m->boot.style == BOOT_DIRECT && m->boot.no == 0)
		r_remedy(r, "Change it where the machine is started from.");
}

void judge_boot_style(const struct machine *m, struct result *r)
{
	r_path(r, "/%s", m->boot.place);
	r_seen(r, "%s", styles[m->boot.style]);
	if (m->boot.unmounted) {
		r_path(r, "/etc/fstab, /proc/mounts");
		r_fail(r, ASSAY_HOST_EFFECT,
			"/boot is to be mounted and is not: what is in that folder is not what boots");
		r_remedy(r, "Run: mount /boot");
		return;
	}
	if (m->boot.no != 0)
		r_unread(r, m->boot.place, m->boot.no);
	else if (m->boot.style == BOOT_UKI)
		r_warn(r,
			"a unified kernel image: its arguments are inside, signed, and cannot be "
			"changed here");
	else if (m->boot.style == BOOT_DIRECT)
		r_warn(r, "no loader's files: arguments come from outside of this machine");
	else
		r_pass(r, "%s", styles[m->boot.style]);
	outside(m, r);
}

/* What a command line says of the pool, in words of its own. */
static const char *pool_text(const struct swiotlb *s, char text[64])
{
	if (s->count == 0)
		return "no swiotlb=";
	snprintf(text, 64, "swiotlb=%llu%s%s", (unsigned long long)s->slabs,
		s->any ? ",any" : "",
		s->noforce         ? ",noforce"
			: s->force ? ",force"
				   : "");
	return text;
}

static bool pool_good(const struct swiotlb *s)
{
	return s->number && s->slabs >= SWIOTLB_WANTED && !s->noforce;
}

/* What is to be set: "any" only where the kernel knows it. */
static const char *pool_value(const struct machine *m)
{
	return m->kernel.vendor == KERNEL_ALINUX ? SWIOTLB_VALUE : "4194304";
}

static void swiotlb_remedy(const struct machine *m, struct result *r)
{
	const char *value = pool_value(m);

	switch (m->boot.style) {
	case BOOT_BLS:
		r_remedy(r,
			"Run: grubby --update-kernel=ALL --args=\"swiotlb=%s\", then reboot.",
			value);
		break;
	case BOOT_GRUB:
		if (m->os != OS_DEBIAN) {
			r_remedy(r,
				"Append swiotlb=%s to GRUB_CMDLINE_LINUX in /etc/default/grub, run "
				"grub2-mkconfig -o /%s, reboot.",
				value, m->boot.place);
			break;
		}
		r_remedy(r,
			"Append swiotlb=%s to GRUB_CMDLINE_LINUX in a file of /etc/default/grub.d, "
			"run update-grub, reboot.",
			value);
		break;
	case BOOT_SYSTEMD:
		r_remedy(r,
			"Add swiotlb=%s to /etc/kernel/cmdline, run kernel-install for each "
			"kernel, reboot.",
			value);
		break;
	case BOOT_UKI:
		r_remedy(r,
			"Build a new image with swiotlb=%s; this one's arguments are signed.",
			value);
		break;
	case BOOT_DIRECT:
		r_remedy(r, "Give swiotlb=%s where the machine is started from.", value);
		break;
	}
}

/* The place that new kernels inherit from; NULL: as it must be, as far as it could be read. */
static const char *inherited_wrong(const struct machine *m)
{
	CLEANUP(buf_done) struct buf all = { 0 };
	struct grub                  g   = m->boot.grub; /* lends */
	struct assay_err             e   = { 0 };
	struct swiotlb               s;

	if (m->boot.kernel_there) {
		cmdline_swiotlb(buf_bytes(&m->boot.kernel_file), &s);
		if (!pool_good(&s))
			return "/etc/kernel/cmdline";
	}
	if (!m->boot.grub_there || m->boot.style == BOOT_SYSTEMD)
		return NULL;
	if (grub_cmdline(&g, &all, &e) != ASSAY_OK)
		return NULL;
	cmdline_swiotlb(buf_bytes(&all), &s);
	return pool_good(&s) ? NULL : "/etc/default/grub";
}

void judge_swiotlb_configured(const struct machine *m, struct result *r)
{
	const char *inherited;
	char        text[64];

	r_wanted(r, "swiotlb=%s, once, in every entry and for new kernels", pool_value(m));
	r_path(r, "/%s", m->boot.place);
	if (m->boot.no != 0) {
		r_unread(r, m->boot.place, m->boot.no);
		return;
	}
	if (m->boot.entries == 0) {
		r_unknown(r, "%s: what the next boot uses is not to be seen",
			styles[m->boot.style]);
		swiotlb_remedy(m, r);
		return;
	}
	r_pass(r, "in all %zu entries", m->boot.entries);
	for (size_t i = 0; i < m->boot.entries; i++) {
		struct swiotlb s;

		cmdline_swiotlb(buf_bytes(&m->boot.entry[i].options), &s);
		r_path(r, "/%s", m->boot.entry[i].path);
		r_seen(r, "%s", pool_text(&s, text));
		if (!pool_good(&s)) {
			r_fail(r, ASSAY_HOST_SETTING, "%s: %s",
				SHOW(bytes_text(m->boot.entry[i].id)), pool_text(&s, text));
			swiotlb_remedy(m, r);
			return;
		}
		if (m->boot.entry[i].several && m->boot.style == BOOT_BLS)
			r_warn(r,
				"%s: several lines of options, and GRUB's of the RHEL family takes the first alone",
				SHOW(bytes_text(m->boot.entry[i].id)));
		else if (s.count > 1)
			r_warn(r, "%s: swiotlb= comes %zu times; the last number wins",
				SHOW(bytes_text(m->boot.entry[i].id)), s.count);
		else if (!s.any && m->kernel.vendor == KERNEL_ALINUX)
			r_warn(r,
				"%s: without \"any\" the pool must fit below 4 GiB, and will not",
				SHOW(bytes_text(m->boot.entry[i].id)));
	}
	inherited = inherited_wrong(m);
	if (inherited != NULL) {
		r_path(r, "%s", inherited);
		r_fail(r, ASSAY_HOST_SETTING,
			"the entries have it, but a kernel installed later inherits from %s, which has "
			"not",
			inherited);
		swiotlb_remedy(m, r);
	} else if (m->boot.source_no != 0) {
		r_unread(r, "etc/default/grub", m->boot.source_no);
	}
}

/* Will the next boot have it? */
static bool next_good(const struct machine *m)
{
	for (size_t i = 0; i < m->boot.entries; i++) {
		struct swiotlb s;

		cmdline_swiotlb(buf_bytes(&m->boot.entry[i].options), &s);
		if (m->boot.entry[i].next)
			return pool_good(&s);
	}
	return false;
}

void judge_swiotlb_effective(const struct machine *m, struct result *r)
{
	const struct swiotlb *s = &m->swiotlb;
	char                  text[64];

	r_wanted(r, "swiotlb=%s", pool_value(m));
	r_path(r, "/proc/cmdline");
	r_seen(r, "%s", pool_text(s, text));
	if (m->cmdline_no != 0) {
		if (!image_only(m, r))
			r_unread(r, "proc/cmdline", m->cmdline_no);
	} else if (!pool_good(s) && next_good(m)) {
		r_reboot(r, "%s now, and the next boot has it", pool_text(s, text));
	} else if (!pool_good(s)) {
		r_fail(r, ASSAY_HOST_EFFECT, "the kernel was started %s%s",
			s->count == 0 ? "without swiotlb=" : "with ",
			s->count == 0 ? "" : pool_text(s, text));
		swiotlb_remedy(m, r);
	} else if (s->count > 1) {
		r_warn(r, "swiotlb= comes %zu times; the last number wins", s->count);
	} else {
		r_pass(r, "%s", pool_text(s, text));
	}
}

static const struct {
	const char *name, *value; /* NULL: any */
	const char *why;
} harmful[] = {
	{ "swiotlb", "noforce", "turns the bounce buffer off" },
	{ "iommu", "off", "turns the IOMMU's code off" },
	{ "pci", "nocrs", "ignores the windows that firmware gives" },
	{ "mem", NULL, "cuts the memory" },
	{ "module_blacklist", NULL, "keeps modules out" },
	{ "modprobe.blacklist", "nvidia", "keeps the driver out" },
	{ "rd.driver.blacklist", "nvidia", "keeps the driver out" },
	{ "nouveau.modeset", "1", "turns nouveau on" },
	{ "mce", "off", "hides memory errors" },
};

/* Is value, or an element of a list separated by commas, that? */
static bool list_has(struct bytes list, const char *value)
{
	struct bytes word, rest = list;

	while (rest.n > 0) {
		line_cut(rest, ',', &word, &rest);
		if (bytes_equal(word, bytes_text(value)))
			return true;
	}
	return false;
}

/* The harmful ones among arguments. */
static void conflicts(struct bytes cmdline, struct buf *out)
{
	struct cmdline_arg a;

	for (size_t at = 0; cmdline_next(cmdline, &at, &a);) {
		if (bytes_begin(a.name, BYTES("nvidia.")))
			buf_printf(out, "%s%s (overrides modprobe.d)", out->n == 0 ? "" : ", ",
				SHOW(a.whole));
		for (size_t i = 0; i < ARRAY_LEN(harmful); i++) {
			if (!bytes_equal(a.name, bytes_text(harmful[i].name)))
				continue;
			if (strcmp(harmful[i].name, "module_blacklist") == 0
					? !list_has(a.value, "nvidia")
					: harmful[i].value != NULL &&
						!list_has(a.value, harmful[i].value))
				continue;
			buf_printf(out, "%s%s (%s)", out->n == 0 ? "" : ", ", SHOW(a.whole),
				harmful[i].why);
		}
	}
}

void judge_conflicts_configured(const struct machine *m, struct result *r)
{
	r_path(r, "/%s", m->boot.place);
	if (m->boot.no != 0) {
		r_unread(r, m->boot.place, m->boot.no);
		return;
	}
	if (m->boot.entries == 0) {
		r_warn(r, "%s: what the next boot uses is not to be seen",
			styles[m->boot.style]);
		outside(m, r);
		return;
	}
	r_pass(r, "none in %zu entries", m->boot.entries);
	for (size_t i = 0; i < m->boot.entries; i++) {
		CLEANUP(buf_done) struct buf found = { 0 };

		conflicts(buf_bytes(&m->boot.entry[i].options), &found);
		if (found.n == 0)
			continue;
		r_fail(r, ASSAY_HOST_SETTING, "%s: %s", SHOW(bytes_text(m->boot.entry[i].id)),
			buf_cstr(&found));
		r_path(r, "/%s", m->boot.entry[i].path);
		return;
	}
}

void judge_conflicts_effective(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf found = { 0 };

	r_path(r, "/proc/cmdline");
	if (m->cmdline_no != 0) {
		if (!image_only(m, r))
			r_unread(r, "proc/cmdline", m->cmdline_no);
		return;
	}
	conflicts(buf_bytes(&m->cmdline), &found);
	if (found.n == 0)
		r_pass(r, "none");
	else
		r_fail(r, ASSAY_HOST_EFFECT, "%s", buf_cstr(&found));
	outside(m, r);
}

void judge_crashkernel(const struct machine *m, struct result *r)
{
	static const char            kdump[] = "etc/sysconfig/kdump";
	CLEANUP(buf_done) struct buf text    = { 0 };

	r_path(r, "/proc/cmdline, /sys/kernel/kexec_crash_size");
	if (!machine_crash_kernel(m)) {
		r_pass(r, "no memory is kept for a crash kernel");
		return;
	}
	if (root_read(&m->root, kdump, GRUB_FILE, &text) == 0 &&
		grub_lists(buf_bytes(&text), KDUMP_REMOVE, "swiotlb"))
		r_pass(r, "kdump takes swiotlb out");
	else if (m->swiotlb.count == 0)
		r_pass(r, "there is no swiotlb= to inherit");
	else
		r_warn(r, "a crash kernel is set up and would inherit swiotlb=");
	if (r->outcome == ASSAY_OUTCOME_WARN && text.n == 0)
		r_remedy(r,
			"Name the crash kernel's arguments without swiotlb= (KDUMP_CMDLINE in "
			"/etc/default/kdump-tools), or disable kdump.");
}

void judge_memory(const struct machine *m, struct result *r)
{
	const uint64_t pool = m->pool * SWIOTLB_SLAB, all = m->memory + pool;

	r_path(r, "/proc/meminfo");
	r_wanted(r, "a pool of at most a quarter");
	r_seen(r, "%llu MiB of %llu MiB", (unsigned long long)(pool >> 20),
		(unsigned long long)(all >> 20));
	if (m->memory == 0) {
		if (!image_only(m, r))
			r_unknown(r, "/proc/meminfo does not say how much memory there is");
	} else if (m->pool == 0) {
		r_wait(r, CHECK_MEMORY_SWIOTLB);
	} else if (pool > all / 4) {
		r_fail(r, ASSAY_HOST_EFFECT,
			"the bounce buffer takes more than a quarter of all memory");
	} else if (pool > all / 8) {
		r_warn(r, "the bounce buffer takes more than an eighth of all memory");
	} else {
		r_pass(r, "%s", r->seen);
	}
}

/* A kernel that lets the pool grow, and that did not run full. */
static bool grows(const struct machine *m)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	char                         path[192], line[RESULT_TEXT];

	snprintf(path, sizeof(path), "boot/config-%s", m->osrelease);
	return m->kernel.vendor != KERNEL_ALINUX && m->log_source != NULL &&
		root_read(&m->root, path, ROOT_FILE, &text) == 0 &&
		bytes_has(buf_bytes(&text), "\nCONFIG_SWIOTLB_DYNAMIC=y") &&
		!log_has(m, "swiotlb buffer is full", line);
}

void judge_pool(const struct machine *m, struct result *r)
{
	const char *why = m->swiotlb.any && !m->pool_high ? ": this kernel did not obey \"any\""
							  : "";

	r_wanted(r, "%u slabs, 8192 MiB", SWIOTLB_WANTED);
	if (m->pool == 0) {
		if (image_only(m, r))
			return;
		r_unknown(r, "neither debugfs nor the kernel's log tells the size%s",
			m->log_source == NULL ? " (the log: permission denied?)" : "");
		r_path(r, "/sys/kernel/debug/swiotlb/io_tlb_nslabs, /dev/kmsg");
		r_remedy(r, "Run assay doctor as root, with debugfs mounted.");
		return;
	}
	r_path(r, "%s", m->pool_source);
	r_seen(r, "%llu slabs, %llu MiB", (unsigned long long)m->pool,
		(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
	if (m->pool >= SWIOTLB_WANTED)
		r_pass(r, "%llu MiB", (unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
	else if (grows(m))
		r_pass(r, "%llu MiB, and this kernel lets the pool grow; it never ran full",
			(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
	else if (pool_good(&m->swiotlb))
		r_fail(r, ASSAY_HOST_EFFECT,
			"the command line asks for 8192 MiB and the pool has %llu%s",
			(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20), why);
	else if (next_good(m))
		r_reboot(r, "%llu MiB now; the next boot asks for 8192",
			(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
	else
		r_fail(r, ASSAY_HOST_EFFECT, "the pool has %llu MiB",
			(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
	if (r->outcome == ASSAY_OUTCOME_FAIL && pool_good(&m->swiotlb))
		r_remedy(r,
			"Boot a kernel that knows \"any\": 5.10.134-18 of Alibaba Cloud Linux 3 "
			"or later.");
}

void judge_exhaustion(const struct machine *m, struct result *r)
{
	struct klog_line  l;
	struct klog_full  f, worst = { 0 };
	enum swiotlb_full is = SWIOTLB_NOT_FULL;
	char              high[32];
	uint64_t          water = 0;

	if (!log_there(m, r))
		return;
	for (size_t at = 0; klog_next(buf_bytes(&m->log), &at, &l);) {
		enum swiotlb_full k = l.foreign ? SWIOTLB_NOT_FULL
						: klog_swiotlb_full(l.text, &f);

		if (k != SWIOTLB_NOT_FULL && (is == SWIOTLB_NOT_FULL || k < is)) {
			is    = k;
			worst = f;
		}
	}
	if (root_line(&m->root, "sys/kernel/debug/swiotlb/io_tlb_used_hiwater", high,
		    sizeof(high)) == 0)
		bytes_number(bytes_text(high), &water);
	r_seen(r, "%llu bytes, %llu of %llu slabs in use", (unsigned long long)worst.bytes,
		(unsigned long long)worst.used, (unsigned long long)worst.total);
	if (is == SWIOTLB_TOO_LARGE) {
		r_fail(r, ASSAY_HOST_FAULT,
			"a mapping of %llu bytes failed: over 262144 none fits, however large the pool",
			(unsigned long long)worst.bytes);
		r_remedy(r,
			"Install the open driver and have CC mode on: that driver is not CC-aware.");
	} else if (is != SWIOTLB_NOT_FULL) {
		r_fail(r, ASSAY_HOST_FAULT, "the bounce buffer ran full%s",
			is == SWIOTLB_FRAGMENTED ? ", in pieces" : "");
	} else if (m->pool > 0 && water > m->pool / 10 * 9) {
		r_warn(r, "%llu of %llu slabs were in use at once", (unsigned long long)water,
			(unsigned long long)m->pool);
	} else {
		r->seen[0] = 0;
		r_pass(r, "never in this boot%s",
			m->log_cut ? ", as far as the log reaches back" : "");
	}
}

void judge_budget(const struct machine *m, struct result *r)
{
	r_path(r, "/sys/class/net, /sys/block");
	r_seen(r, "%u card%s, %u data disk%s", m->net_cards, m->net_cards == 1 ? "" : "s",
		m->data_disks, m->data_disks == 1 ? "" : "s");
	if (m->profile == PROFILE_SINGLE) {
		r_pass(r, "%s; one GPU sets no limit", r->seen);
		return;
	}
	r_wanted(r, "one card and no data disk until the pool has 8192 MiB");
	if (m->net_cards <= 1 && m->data_disks == 0)
		r_pass(r, "%s", r->seen);
	else if (m->pool >= SWIOTLB_WANTED)
		r_pass(r, "%s, and the pool is large enough", r->seen);
	else if (m->pool == 0)
		r_unknown(r,
			"%s, and the pool's size is not known: the next restart may not boot",
			r->seen);
	else
		r_fail(r, ASSAY_HOST_EFFECT,
			"%s with a pool of %llu MiB: the next restart may not boot", r->seen,
			(unsigned long long)(m->pool * SWIOTLB_SLAB >> 20));
}
