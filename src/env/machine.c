/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: environment 0.1, 1.3, 1.7, 2, 4. */
#include "env/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "env/klog.h"
#include "env/line.h"

#define NVIDIA       0x10de
#define CLASS_3D     0x030200
#define CLASS_VGA    0x030000
#define CLASS_SWITCH 0x068000

const char *profile_name(enum profile p)
{
	static const char *const names[] = {
		[PROFILE_AUTO]   = "auto",
		[PROFILE_NONE]   = "none",
		[PROFILE_SINGLE] = "single",
		[PROFILE_PPCIE]  = "ppcie",
		[PROFILE_OTHER]  = "unsupported",
	};

	return names[p];
}

static unsigned long pci_number(const struct machine *m, const char *address, const char *name)
{
	char path[128], text[32];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", address, name);
	return root_line(&m->root, path, text, sizeof(text)) != 0 ? 0 : strtoul(text, NULL, 16);
}

/* Three numbers a line: start, end, flags. BAR0 is the first; a large one has the flag of prefetchable memory. */
static void pci_resources(const struct machine *m, struct pci_function *f)
{
	char                         path[128];
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 line;
	bool                         first = false, large = false;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/resource", f->address);
	f->bars_read = root_read(&m->root, path, 8192, &text) == 0;
	for (size_t at = 0, i = 0; line_next(buf_bytes(&text), &at, &line) && i < 6; i++) {
		unsigned long long start, end, flags;
		char               copy[96], *next = copy;

		snprintf(copy, sizeof(copy), "%.*s", (int)line.n, (const char *)line.p);
		start = strtoull(next, &next, 16);
		end   = strtoull(next, &next, 16);
		flags = strtoull(next, &next, 16);
		if (i == 0)
			first = start != 0 && end > start;
		else if ((flags & 0x2000) != 0 && start != 0 && end > start)
			large = true;
	}
	f->bars = first && (large || f->nvswitch);
}

static void pci_take(struct machine *m, const char *address)
{
	const unsigned long class   = pci_number(m, address, "class");
	struct pci_function       f = { 0 };
	const struct data_device *known;
	char                      path[128], link[256];
	const size_t              n = strlen(address);

	if (n >= sizeof(f.address) || pci_number(m, address, "vendor") != NVIDIA ||
		(class != CLASS_3D && class != CLASS_VGA && class != CLASS_SWITCH) ||
		m->functions == MACHINE_PCI)
		return;
	memcpy(f.address, address, n + 1);
	f.device       = (uint16_t)pci_number(m, address, "device");
	f.nvswitch     = class == CLASS_SWITCH;
	known          = data_device_find(m->data, f.device);
	f.known        = known != NULL && known->nvswitch == f.nvswitch;
	f.confidential = f.known && known->confidential;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", address);
	if (root_link(&m->root, path, link, sizeof(link)) == 0) {
		const char *slash = strrchr(link, '/');

		snprintf(f.driver, sizeof(f.driver), "%.31s", slash == NULL ? link : slash + 1);
	}
	pci_resources(m, &f);
	m->gpus += !f.nvswitch;
	m->switches += f.nvswitch;
	m->pci[m->functions++] = f;
}

void inspect_pci(struct machine *m)
{
	CLEANUP(names_done) struct names n = { 0 };

	m->pci_no = root_list(&m->root, "sys/bus/pci/devices", &n);
	for (size_t i = 0; i < n.n; i++)
		pci_take(m, n.name[i]);
	if (m->gpus == 1 && m->switches == 0)
		m->found = PROFILE_SINGLE;
	else if (m->gpus == 8 && m->switches == 4)
		m->found = PROFILE_PPCIE;
	else
		m->found = m->gpus + m->switches == 0 ? PROFILE_NONE : PROFILE_OTHER;
	m->profile = m->how->profile == PROFILE_AUTO ? m->found : m->how->profile;
}

static void os_value(struct bytes text, const char *name, char *out, size_t size)
{
	struct bytes line, left, right;

	for (size_t at = 0; line_next(text, &at, &line);) {
		if (!line_cut(line, '=', &left, &right) ||
			!bytes_equal(bytes_trim(left), bytes_text(name)))
			continue;
		right = bytes_trim(right);
		if (right.n >= 2 && (right.p[0] == '"' || right.p[0] == '\''))
			right = (struct bytes){ right.p + 1, right.n - 2 };
		snprintf(out, size, "%.*s", (int)right.n, (const char *)right.p);
	}
}

static void inspect_os(struct machine *m)
{
	static const struct {
		const char    *id;
		enum os_family family;
	} ids[] = {
		{ "alinux", OS_ALINUX },
		{ "anolis", OS_ALINUX },
		{ "rhel", OS_EL },
		{ "rocky", OS_EL },
		{ "almalinux", OS_EL },
		{ "centos", OS_EL },
		{ "ubuntu", OS_DEBIAN },
		{ "debian", OS_DEBIAN },
	};
	CLEANUP(buf_done) struct buf text = { 0 };

	m->os_no = root_read(&m->root, "etc/os-release", 65536, &text);
	if (m->os_no != 0)
		m->os_no = root_read(&m->root, "usr/lib/os-release", 65536, &text);
	os_value(buf_bytes(&text), "ID", m->os_id, sizeof(m->os_id));
	os_value(buf_bytes(&text), "VERSION_ID", m->os_version, sizeof(m->os_version));
	os_value(buf_bytes(&text), "PRETTY_NAME", m->os_name, sizeof(m->os_name));
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (strcmp(m->os_id, ids[i].id) == 0)
			m->os = ids[i].family;
}

static void inspect_kernel(struct machine *m)
{
	struct utsname u;

	if (uname(&u) == 0)
		snprintf(m->arch, sizeof(m->arch), "%.63s", u.machine);
	root_line(&m->root, "proc/sys/kernel/osrelease", m->osrelease, sizeof(m->osrelease));
	kernel_parse(bytes_text(m->osrelease), &m->kernel);
	if (!m->root.live && m->kernel.arch.n > 0) /* a tree may be of another machine */
		snprintf(m->arch, sizeof(m->arch), "%.*s", (int)m->kernel.arch.n,
			(const char *)m->kernel.arch.p);
	m->cmdline_no = root_read(&m->root, "proc/cmdline", 65536, &m->cmdline);
	cmdline_swiotlb(buf_bytes(&m->cmdline), &m->swiotlb);
}

static void inspect_td(struct machine *m)
{
	CLEANUP(buf_done) struct buf text  = { 0 };
	struct bytes                 flags = { 0 }, line, name, value;

	m->td_no = root_read(&m->root, "proc/cpuinfo", 8388608, &text);
	for (size_t at = 0; flags.n == 0 && line_next(buf_bytes(&text), &at, &line);)
		if (line_cut(line, ':', &name, &value) &&
			bytes_equal(bytes_trim(name), BYTES("flags")))
			flags = value;
	m->td_flag = word_in(flags, BYTES("tdx_guest"));
}

static uint64_t file_number(const struct machine *m, const char *path, int *no)
{
	char     text[64];
	uint64_t v = 0;

	*no = root_line(&m->root, path, text, sizeof(text));
	if (*no == 0 && !bytes_number(bytes_trim(bytes_text(text)), &v))
		*no = EINVAL;
	return v;
}

/* The pool by debugfs, else by the kernel's log; the last line of the log counts. */
static void inspect_pool(struct machine *m)
{
	struct klog_line l;
	uint64_t         from = 0, to = 0;
	int              no;

	for (size_t at = 0; klog_next(buf_bytes(&m->log), &at, &l);)
		if (!l.foreign && klog_swiotlb_mapped(l.text, &from, &to)) {
			m->pool        = (to - from) / SWIOTLB_SLAB;
			m->pool_source = m->log_source;
			m->pool_high   = to > 1ULL << 32;
		}
	from = file_number(m, "sys/kernel/debug/swiotlb/io_tlb_nslabs", &no);
	if (no == 0) {
		m->pool        = from;
		m->pool_source = "/sys/kernel/debug/swiotlb/io_tlb_nslabs";
	}
}

void inspect_memory(struct machine *m)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 line, word;

	root_read(&m->root, "proc/meminfo", 65536, &text);
	for (size_t at = 0; line_next(buf_bytes(&text), &at, &line);) {
		size_t   in = 0;
		uint64_t kib;

		if (word_next(line, &in, &word) && bytes_equal(word, BYTES("MemTotal:")) &&
			word_next(line, &in, &word) && bytes_number(word, &kib))
			m->memory = kib * 1024;
	}
	inspect_pool(m);
}

/* Is it a network card of the machine, not one that software made? */
static bool net_card(const struct machine *m, const char *name)
{
	char path[128], link[256];

	snprintf(path, sizeof(path), "sys/class/net/%s/device/driver", name);
	return root_link(&m->root, path, link, sizeof(link)) == 0 &&
		strstr(link, "virtio_net") != NULL;
}

/* The disk that holds "/", by the device of a mount: "/dev/vda3" of "vda". */
static bool system_disk(struct bytes mounts, const char *disk)
{
	struct bytes line, from, on;

	for (size_t at = 0; line_next(mounts, &at, &line);) {
		size_t in = 0;

		if (!word_next(line, &in, &from) || !word_next(line, &in, &on) ||
			!bytes_begin(from, BYTES("/dev/")) ||
			!(bytes_equal(on, BYTES("/")) || bytes_begin(on, BYTES("/boot"))))
			continue;
		if (bytes_begin(bytes_behind(from, 5), bytes_text(disk)))
			return true;
	}
	return false;
}

static bool whole_disk(const struct machine *m, const char *name)
{
	char path[128], text[16];

	if (strncmp(name, "vd", 2) != 0 && strncmp(name, "nvme", 4) != 0)
		return false;
	snprintf(path, sizeof(path), "sys/block/%s/removable", name);
	return root_line(&m->root, path, text, sizeof(text)) != 0 || text[0] != '1';
}

void inspect_io(struct machine *m)
{
	CLEANUP(names_done) struct names net = { 0 }, disks = { 0 };
	CLEANUP(buf_done) struct buf     mounts = { 0 };
	unsigned                         all = 0, of_system = 0;

	root_list(&m->root, "sys/class/net", &net);
	for (size_t i = 0; i < net.n; i++)
		m->net_cards += net_card(m, net.name[i]);
	root_list(&m->root, "sys/block", &disks);
	root_read(&m->root, "proc/mounts", ROOT_FILE, &mounts);
	for (size_t i = 0; i < disks.n; i++)
		if (whole_disk(m, disks.name[i])) {
			all++;
			of_system += system_disk(buf_bytes(&mounts), disks.name[i]);
		}
	/* "/" on LVM or the like: one of them holds it all the same */
	m->data_disks = all - (of_system > 0 ? of_system : all > 0);
	root_line(
		&m->root, "sys/class/dmi/id/sys_vendor", m->sys_vendor, sizeof(m->sys_vendor));
	root_line(&m->root, "sys/class/dmi/id/product_name", m->product, sizeof(m->product));
}

static void inspect_driver(struct machine *m)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 line, word;
	size_t                       at = 0;

	if (root_read(&m->root, "proc/driver/nvidia/version", 65536, &text) == 0 &&
		line_next(buf_bytes(&text), &at, &line)) {
		m->driver_open = bytes_has(line, "Open Kernel Module");
		for (at = 0; word_next(line, &at, &word);)
			if (m->driver[0] == 0 && byte_digit(word.p[0]) &&
				memchr(word.p, '.', word.n) != NULL)
				snprintf(m->driver, sizeof(m->driver), "%.*s", (int)word.n,
					(const char *)word.p);
	}
	if (m->driver[0] == 0)
		root_line(&m->root, "sys/module/nvidia/version", m->driver, sizeof(m->driver));
}

/* Environment SVC-01 and SVC-05. Where nobody has a unit for it, there is nothing to wait for. */
static bool stack_up(const struct machine *m)
{
	const enum unit_state s = m->persistenced.live.state;

	return s == UNIT_ACTIVE || s == UNIT_ABSENT || s == UNIT_UNKNOWN ||
		(s != UNIT_ACTIVATING &&
			root_there(&m->root, "run/nvidia-persistenced/socket"));
}

/* The GPUs' driver is asked only where it is this machine's, and not while the stack starts. */
static enum assay_code inspect_gpus(struct machine *m, struct assay_err *e)
{
	struct collect_request r = { .kinds = {
					     [DEVICE_GPU] = true, [DEVICE_NVSWITCH] = true } };

	if (m->how->ask == NULL && !m->root.live && !m->how->emulated) {
		m->asked = ASKED_NOT_HERE;
		return ASSAY_OK;
	}
	if (!stack_up(m)) {
		m->asked = ASKED_NOT_UP;
		return ASSAY_OK;
	}
	m->asked = ASKED;
	if (m->how->ask != NULL)
		return m->how->ask(m->how->ctx, &m->gpu_says, e);
	r.must[DEVICE_NVSWITCH] = m->switches > 0;
	return collect(&r, &m->gpu_says, e);
}

enum assay_code inspect(const struct inspection *how, const struct data *data,
	struct machine **out, struct assay_err *e)
{
	struct machine *m = mem_new(1, sizeof(*m));
	enum assay_code code;

	if (m == NULL)
		return err_no_memory(e);
	m->how  = how;
	m->data = data;
	code    = root_open(how->root, &m->root, e);
	if (code != ASSAY_OK) {
		mem_free(m);
		return code;
	}
	inspect_pci(m);
	inspect_os(m);
	inspect_kernel(m);
	inspect_td(m);
	inspect_log(m);
	inspect_memory(m);
	inspect_boot(m);
	inspect_modules(m);
	inspect_io(m);
	inspect_driver(m);
	inspect_units(m);
	code = inspect_gpus(m, e);
	if (code != ASSAY_OK) {
		machine_free(m);
		return code;
	}
	*out = m;
	return ASSAY_OK;
}

void machine_free(struct machine *m)
{
	if (m == NULL)
		return;
	buf_done(&m->cmdline);
	buf_done(&m->log);
	for (size_t i = 0; i < m->boot.entries; i++)
		buf_done(&m->boot.entry[i].options);
	grub_done(&m->boot.grub);
	buf_done(&m->boot.kernel_file);
	for (size_t i = 0; i < m->modprobes; i++)
		buf_done(&m->modprobe[i].text);
	unit_found_done(&m->persistenced);
	unit_found_done(&m->fabric);
	unit_found_done(&m->cloudmonitor);
	collected_done(&m->gpu_says);
	root_done(&m->root);
	mem_free(m);
}

const struct kernel_modules *machine_modules(const struct machine *m, const char *kernel)
{
	for (size_t i = 0; i < m->kernels; i++)
		if (strcmp(m->modules[i].kernel, kernel) == 0)
			return &m->modules[i];
	return NULL;
}

const char *machine_next_kernel(const struct machine *m)
{
	for (size_t i = 0; i < m->boot.entries; i++)
		if (m->boot.entry[i].next)
			return m->boot.entry[i].kernel;
	return "";
}

bool machine_crash_kernel(const struct machine *m)
{
	struct cmdline_arg a        = { 0 };
	char               size[32] = "";

	/* "0M-2G:0M,2G-8G:192M" is a size by memory, not none; what was kept in the end, the kernel tells */
	root_line(&m->root, "sys/kernel/kexec_crash_size", size, sizeof(size));
	return cmdline_find(buf_bytes(&m->cmdline), "crashkernel", &a) > 0 &&
		!bytes_equal(a.value, BYTES("0")) && !bytes_equal(a.value, BYTES("0M")) &&
		strcmp(size, "0") != 0;
}
