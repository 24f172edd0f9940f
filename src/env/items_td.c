/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.4 and 5.5: the TD and the bus. What the guest's processor says of itself the hypervisor could fake; only a
 * verified quote proves it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/show.h"
#include "collect/tdx_guest.h"
#include "env/items.h"
#include "env/line.h"

void judge_td_guest(const struct machine *m, struct result *r)
{
	char line[RESULT_TEXT];

	r_path(r, "/proc/cpuinfo");
	r_wanted(r, "the flag tdx_guest");
	if (m->td_flag)
		r_pass(r, "the processor says so; a quote proves it (assay attest)");
	else if (m->td_no != 0 && !image_only(m, r))
		r_unread(r, "proc/cpuinfo", m->td_no);
	else if (m->td_no == 0 && log_has(m, "tdx: Guest detected", line))
		r_warn(r,
			"the kernel's log says \"Guest detected\", and the processor's flags do not");
	else if (m->td_no == 0)
		r_fail(r, ASSAY_HOST_MACHINE,
			"an ordinary virtual machine, or none: no flag tdx_guest");
}

/* What only a TD has is asked for in a TD only. */
static bool no_td(const struct machine *m, struct result *r)
{
	char line[RESULT_TEXT];

	if (m->td_flag || m->td_no != 0 || log_has(m, "tdx: Guest detected", line))
		return false;
	r_wait(r, CHECK_TD_GUEST);
	return true;
}

static const char *const td_nodes[] = { "dev/tdx_guest", "dev/tdx-guest", "dev/tdx-attest" };

void judge_td_device(const struct machine *m, struct result *r)
{
	r_wanted(r, "/dev/tdx_guest");
	for (size_t i = 0; i < ARRAY_LEN(td_nodes); i++) {
		struct stat s;

		if (root_stat(&m->root, td_nodes[i], &s) != 0)
			continue;
		r_path(r, "/%s", td_nodes[i]);
		r_seen(r, "mode %04o, user %u", (unsigned)(s.st_mode & 07777),
			(unsigned)s.st_uid);
		if (m->root.live && !S_ISCHR(s.st_mode))
			r_fail(r, ASSAY_HOST_MISSING, "/%s is no device", td_nodes[i]);
		else if (m->root.live && (s.st_mode & 0006) != 0)
			r_warn(r, "/%s is open to everybody", td_nodes[i]);
		else
			r_pass(r, "/%s", td_nodes[i]);
		return;
	}
	if (image_only(m, r) || no_td(m, r))
		return;
	r_path(r, "/dev");
	r_fail(r, ASSAY_HOST_MISSING, "there is no device of the TDX guest driver");
	if (strcmp(m->os_id, "debian") == 0 && m->kernel.base.part[0] == 6 &&
		m->kernel.base.part[1] < 2)
		r_remedy(r,
			"Install a kernel from backports: Debian's 6.1 has no TDX guest driver.");
}

void judge_td_quote(const struct machine *m, struct result *r)
{
	static const char            tsm[]  = "sys/kernel/config/tsm/report";
	const bool                   there  = root_there(&m->root, tsm);
	CLEANUP(buf_done) struct buf mounts = { 0 };
	const char                  *node   = NULL;

	for (size_t i = 0; i < ARRAY_LEN(td_nodes) && node == NULL; i++)
		if (root_there(&m->root, td_nodes[i]))
			node = td_nodes[i];
	if (node == NULL && (image_only(m, r) || no_td(m, r)))
		return;
	r_path(r, "/%s", there || node == NULL ? tsm : node);
	root_read(&m->root, "proc/mounts", ROOT_FILE, &mounts);
	if (there && node != NULL)
		r_pass(r, "configfs-tsm; that a quote comes is shown by assay collect");
	else if (there) /* the group is tsm's own; who answers in it registers with it */
		r_warn(r,
			"configfs-tsm is there, and no device of the TDX guest driver: perhaps nobody answers in it");
	else if (node == NULL)
		r_fail(r, ASSAY_HOST_MISSING, "no way to a quote");
	else if (m->kernel.vendor == KERNEL_ALINUX)
		r_pass(r,
			"the device's own command; that a quote comes is shown by assay collect");
	else
		r_warn(r,
			"no configfs-tsm%s; this kernel's device may have no command for quotes",
			bytes_has(buf_bytes(&mounts), " configfs ")
				? ""
				: ", and configfs is not mounted");
}

/* ATTRIBUTES in a TDREPORT: 512 into it the TDINFO begins with them. Bit 0 is DEBUG, bit 28 SEPT_VE_DISABLE. */
#define TDINFO 512

void judge_td_attributes(const struct machine *m, struct result *r)
{
	const struct guest_calls calls = guest_calls(&m->root.fd);
	struct tdx_guest         g     = { 0 };
	uint8_t                  report[TDX_GUEST_REPORT];
	static const uint8_t     data[TDX_GUEST_DATA];
	struct assay_err         e    = { 0 };
	uint64_t                 bits = 0;
	const bool               told = root_there(&m->root, td_nodes[0]) ||
		root_there(&m->root, td_nodes[1]);

	if (!told && !root_there(&m->root, td_nodes[2])) {
		r_wait(r, CHECK_TD_DEVICE);
		return;
	}
	if (!m->root.live && !m->how->emulated) {
		r_none(r, "a tree's device answers nothing; assay attest judges the quote");
		return;
	}
	if (!told) {
		r_unknown(r, "/%s alone is there, which tells no attributes", td_nodes[2]);
		return;
	}
	r_path(r, "/dev/tdx_guest, TDX_CMD_GET_REPORT0");
	r_wanted(r, "DEBUG 0, SEPT_VE_DISABLE 1");
	if (tdx_guest_open(&calls, &g, &e) != ASSAY_OK ||
		tdx_guest_report(&g, data, report, &e) != ASSAY_OK) {
		tdx_guest_done(&g);
		r_unknown(r, "%s", assay_err_text(&e));
		if (e.code == ASSAY_DEVICE_PERMISSION)
			r_remedy(r, "Run assay doctor as root.");
		else if (!m->root.live)
			r_none(r,
				"the tree's device answers nothing; assay attest judges the quote");
		return;
	}
	tdx_guest_done(&g);
	for (size_t i = 8; i > 0; i--)
		bits = bits << 8 | report[TDINFO + i - 1];
	r_seen(r, "0x%016llx", (unsigned long long)bits);
	if ((bits & 0xff) != 0)
		r_fail(r, ASSAY_TD_DEBUG, "a debug TD");
	else if ((bits & 1ULL << 28) == 0)
		r_warn(r, "SEPT_VE_DISABLE is not set");
	else
		r_pass(r, "a TD for production");
}

void judge_td_eventlog(const struct machine *m, struct result *r)
{
	static const char table[] = "sys/firmware/acpi/tables/CCEL",
			  data[]  = "sys/firmware/acpi/tables/data/CCEL";
	int fd = -1, no = root_fd(&m->root, data, O_RDONLY, &fd);

	r_path(r, "/%s", data);
	if (no == 0) {
		close(fd);
		r_pass(r, "readable");
	} else if (no == EACCES) {
		r_warn(r, "/%s: permission denied; root can read it", data);
	} else if (!image_only(m, r) && !no_td(m, r)) {
		r_warn(r, "%s",
			root_there(&m->root, table) ? "the table is there, its data are not"
						    : "firmware wrote no CCEL");
	}
}

/* One list of devices that something is wrong with. */
static void append(struct buf *b, const struct pci_function *f, const char *what)
{
	buf_printf(b, "%s%s %s", b->n == 0 ? "" : ", ", SHOW(bytes_text(f->address)), what);
}

void judge_pci_driver(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf wrong = { 0 };
	size_t                       none  = 0;

	r_path(r, "/sys/bus/pci/devices/*/driver");
	r_wanted(r, "nvidia for GPUs, nvidia-nvswitch for switches");
	if (m->functions == 0) {
		r_wait(r, CHECK_PCI_TOPOLOGY);
		return;
	}
	for (size_t i = 0; i < m->functions; i++) {
		const struct pci_function *f    = &m->pci[i];
		const char                *want = f->nvswitch ? "nvidia-nvswitch" : "nvidia";

		none += f->driver[0] == 0;
		if (strcmp(f->driver, want) != 0)
			append(&wrong, f,
				f->driver[0] == 0 ? "no driver" : SHOW(bytes_text(f->driver)));
	}
	if (wrong.n == 0) {
		r_pass(r, "all %zu devices", m->functions);
		return;
	}
	r_seen(r, "%.380s", buf_cstr(&wrong));
	if (none == m->functions) {
		r_seen(r, "%zu device%s without a driver", none, none == 1 ? "" : "s");
		r_fail(r, ASSAY_HOST_MISSING, "no driver holds the devices");
		r_remedy(r, "Install NVIDIA's driver, and reboot.");
	} else
		r_fail(r, ASSAY_HOST_EFFECT, "%.380s", buf_cstr(&wrong));
}

void judge_bars(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf wrong = { 0 };

	r_path(r, "/sys/bus/pci/devices/*/resource");
	if (m->functions == 0) {
		r_wait(r, CHECK_PCI_TOPOLOGY);
		return;
	}
	for (size_t i = 0; i < m->functions; i++)
		if (!m->pci[i].bars)
			append(&wrong, &m->pci[i],
				m->pci[i].bars_read ? "has a region without address"
						    : "does not tell its regions");
	if (wrong.n == 0)
		r_pass(r, "all %zu devices", m->functions);
	else
		r_fail(r, ASSAY_HOST_EFFECT, "%.380s", buf_cstr(&wrong));
}

/* Environment PCI-04: Hopper's bits in BAR0; Blackwell's place is another. */
#define HOPPER_BITS 0x1182ccU
#define BITS_MODE   0x3U
#define BITS_PPCIE  0x20U

static int read_register(const struct machine *m, const char *address, uint32_t *out)
{
	const off_t page = HOPPER_BITS / 4096 * 4096;
	char        path[128];
	uint8_t    *map;
	int         fd, no;

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/resource0", address);
	no = root_fd(&m->root, path, O_RDONLY | O_SYNC, &fd);
	if (no != 0)
		return no;
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, page);
	no  = map == MAP_FAILED ? errno : 0;
	close(fd);
	if (no != 0)
		return no;
	*out = *(volatile const uint32_t *)(const void *)(map + HOPPER_BITS % 4096);
	munmap(map, 4096);
	return 0;
}

void judge_registers(const struct machine *m, struct result *r)
{
	static const char *const modes[] = { "off", "on", "invalid", "developer tools" };
	uint32_t                 v       = 0;
	int                      no;

	if (!m->how->registers) {
		r_none(r, "not asked for; --registers reads them, where no driver is bound");
		return;
	}
	for (size_t i = 0; i < m->functions; i++) {
		const struct pci_function *f = &m->pci[i];

		if (f->nvswitch)
			continue;
		if (f->driver[0] != 0 || !f->known || f->device >= 0x2900 || !m->root.live) {
			r_none(r, "%s is bound to a driver, or is no Hopper: not read",
				f->address);
			return;
		}
		no = read_register(m, f->address, &v);
		r_path(r, "/sys/bus/pci/devices/%s/resource0", f->address);
		if (no != 0) {
			r_warn(r, "%s: %s", f->address, root_why(no));
			return;
		}
		if (v == UINT32_MAX) {
			r_warn(r, "%s does not answer", f->address);
			return;
		}
		r_pass(r, "%s: CC %s, protected PCIe %s", f->address, modes[v & BITS_MODE],
			(v & BITS_PPCIE) != 0 ? "on" : "off");
	}
}
