/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: environment 1.7 and 5; the guide of the cloud. */
#include "env/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "format/nvml.h"
#include "test.h"

static const struct {
	const char *id, *version, *name, *kernel, *driver_route;
	bool        debian;
	unsigned    gcc;   /* its major version */
	const char *build; /* what the kernel says of the compiler */
} systems[] = {
	[TREE_ALINUX3] = { "alinux", "3", "Alibaba Cloud Linux 3.2104 U11 (OpenAnolis Edition)",
		"5.10.134-18.al8.x86_64", "run", false, 10,
		"gcc (GCC) 10.2.1 20200825 (Alibaba 10.2.1-3.8 2.32), GNU ld version 2.35" },
	[TREE_ROCKY8]  = { "rocky", "8.10", "Rocky Linux 8.10 (Green Obsidian)",
		 "4.18.0-553.el8_10.x86_64", "rpm", false, 8,
		 "gcc version 8.5.0 20210514 (Red Hat 8.5.0-22) (GCC)" },
	[TREE_ROCKY9]  = { "rocky", "9.6", "Rocky Linux 9.6 (Blue Onyx)",
		 "5.14.0-570.12.1.el9_6.x86_64", "rpm", false, 11,
		 "gcc (GCC) 11.5.0 20240719 (Red Hat 11.5.0-5), GNU ld version 2.35.2" },
	[TREE_UBUNTU2204] = { "ubuntu", "22.04", "Ubuntu 22.04.5 LTS", "5.15.0-143-generic",
		"deb", true, 11, "gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0, GNU ld 2.38" },
	[TREE_UBUNTU2404] = { "ubuntu", "24.04", "Ubuntu 24.04.3 LTS", "6.8.0-64-generic",
		"deb", true, 13,
		"x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0, GNU ld 2.42" },
	[TREE_DEBIAN12] = { "debian", "12", "Debian GNU/Linux 12 (bookworm)", "6.1.0-37-amd64",
		"deb", true, 12, "gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0, GNU ld 2.40" },
};

static int root_fd = -1;

static void folders(const char *path)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *at = copy; (at = strchr(at, '/')) != NULL; at++) {
		*at = 0;
		if (mkdirat(root_fd, copy, 0755) != 0)
			assert_int_equal(errno, EEXIST);
		*at = '/';
	}
}

static void put_bytes(const char *path, const void *bytes, size_t n)
{
	int fd;

	folders(path);
	fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	close(fd);
}

__attribute__((format(printf, 2, 3))) static void put(const char *path, const char *fmt, ...)
{
	va_list ap;
	int     fd;

	folders(path);
	fd = openat(root_fd, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	va_start(ap, fmt);
	assert_true(vdprintf(fd, fmt, ap) >= 0);
	va_end(ap);
	close(fd);
}

static void put_link(const char *path, const char *to)
{
	folders(path);
	assert_int_equal(symlinkat(to, root_fd, path), 0);
}

static void put_folder(const char *path)
{
	char inside[512];

	snprintf(inside, sizeof(inside), "%s/", path);
	folders(inside);
}

static bool is(const struct tree *t, unsigned state)
{
	return (t->state & state) != 0;
}

static const char *driver(const struct tree *t)
{
	return t->switches > 0 ? "570.148.08" : "550.144.03";
}

static bool set_up(const struct tree *t)
{
	return is(t, TREE_SET_UP) && !is(t, TREE_NOUVEAU);
}

/* In effect, not only on disk. */
static bool runs(const struct tree *t)
{
	return set_up(t) && !is(t, TREE_NOT_BOOTED);
}

static void function(const struct tree *t, unsigned n, bool nvswitch)
{
	char address[16], path[128];

	snprintf(address, sizeof(address), "0000:%02x:00.0", (nvswitch ? 0x40 : 0x10) + n);
#define ATTRIBUTE(name, ...)                                                           \
	do {                                                                           \
		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/" name, address); \
		put(path, __VA_ARGS__);                                                \
	} while (0)
	ATTRIBUTE("vendor", "0x10de\n");
	ATTRIBUTE("device", nvswitch ? "0x22a3\n" : "0x2330\n");
	ATTRIBUTE("class", nvswitch ? "0x068000\n" : "0x030200\n");
	ATTRIBUTE("resource",
		"0x0000000080000000 0x0000000080ffffff 0x0000000000040200\n"
		"0x0000200000000000 0x0000201fffffffff 0x000000000014220c\n");
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", address);
	if (is(t, TREE_NOUVEAU) && !nvswitch)
		put_link(path, "../../drivers/nouveau");
	else if (runs(t))
		put_link(path,
			nvswitch ? "../../drivers/nvidia-nvswitch" : "../../drivers/nvidia");
}

/* As Linux 6.16 has them: the class' entry is a link. */
static void registers(void)
{
	static const char *const names[] = { "mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char    path[128];
		uint8_t value[48];

		memset(value, (int)(0xa0 + i), sizeof(value));
		snprintf(path, sizeof(path),
			"sys/devices/virtual/misc/tdx_guest/measurements/%s:sha384", names[i]);
		put_bytes(path, value, sizeof(value));
	}
	put_link("sys/class/misc/tdx_guest", "../../devices/virtual/misc/tdx_guest");
}

static void hardware(const struct tree *t)
{
	/* another vendor's bridge has the class of a switch */
	put("sys/bus/pci/devices/0000:00:01.0/vendor", "0x8086\n");
	put("sys/bus/pci/devices/0000:00:01.0/class", "0x068000\n");
	for (unsigned i = 0; i < t->gpus; i++)
		function(t, i, false);
	for (unsigned i = 0; i < t->switches; i++)
		function(t, i, true);
	put("sys/firmware/efi/fw_platform_size", "64\n");
	put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
	put("sys/class/dmi/id/sys_vendor", "Alibaba Cloud\n");
	put_link("sys/class/net/eth0/device/driver",
		"../../../../bus/virtio/drivers/virtio_net");
	put("sys/block/vda/removable", "0\n");
	if (is(t, TREE_EXTRA_CARD)) {
		put_link("sys/class/net/eth1/device/driver",
			"../../../../bus/virtio/drivers/virtio_net");
		put("sys/block/vdb/removable", "0\n");
	}
	if (is(t, TREE_NOUVEAU))
		put_folder("sys/module/nouveau");
	put("proc/mounts", "/dev/vda3 / ext4 rw 0 0\nproc /proc proc rw 0 0\n");
	put("proc/meminfo", "MemTotal:       260046848 kB\n");
	put("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu hypervisor%s\n",
		is(t, TREE_ORDINARY) ? "" : " tdx_guest");
	if (is(t, TREE_ORDINARY))
		return;
	if (t->os != TREE_DEBIAN12) {
		put("dev/tdx_guest", "%s", "");
		put("sys/firmware/acpi/tables/data/CCEL", "x");
	}
	if (t->os == TREE_UBUNTU2404)
		registers();
	if (t->os == TREE_UBUNTU2404 || t->os == TREE_ROCKY9)
		put_folder("sys/kernel/config/tsm/report");
}

static void kernel_log(const struct tree *t)
{
	const bool pool = runs(t) && !is(t, TREE_ANY_IGNORED);

	put("dev/kmsg",
		"6,0,0,-;Linux version %s\n%s"
		"6,2,210000,-;software IO TLB: mapped [mem %s] (%s)\n",
		systems[t->os].kernel,
		is(t, TREE_ORDINARY) ? "" : "6,1,1000,-;tdx: Guest detected\n",
		pool ? "0x0000000100000000-0x0000000300000000"
		     : "0x000000003b800000-0x000000007b800000",
		pool ? "8192MB" : "1024MB");
	if (runs(t))
		put("dev/kmsg",
			"5,3,9100000,-;NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  %s\n",
			driver(t));
	if (is(t, TREE_FAULTS))
		put("dev/kmsg",
			"4,4,9200000,-;nvme 0000:00:04.0: swiotlb buffer is full (sz: 524288 bytes), "
			"total 524288 (slots), used 1044 (slots)\n"
			"4,5,9300000,-;NVRM: GPU 0000:10:00.0: RmInitAdapter failed! (0x22:0x56:747)\n"
			"4,6,9400000,-;NVRM: libspdm expects LKCA but found stubs\n"
			"4,7,9500000,-;NVRM: Xid (PCI:0000:10:00): 79, GPU has fallen off the bus.\n");
	put("sys/kernel/kexec_crash_size", is(t, TREE_CRASH) ? "268435456\n" : "0\n");
}

/* Debian's is a link, the others' a file; what it compiles with lies in a folder of its version. */
static void compiler(const struct tree *t)
{
	const bool     debian = systems[t->os].debian;
	const unsigned gcc    = systems[t->os].gcc;
	char           path[128];

	snprintf(path, sizeof(path), "usr/bin/gcc");
	if (debian)
		snprintf(path, sizeof(path), "usr/bin/gcc-%u", gcc);
	put(path, "x");
	if (debian)
		put_link("usr/bin/gcc", path + sizeof("usr/bin"));
	snprintf(path, sizeof(path), "usr/lib/gcc/x86_64-%s/%u/cc1",
		debian ? "linux-gnu" : "redhat-linux", gcc);
	put(path, "x");
}

static void running_kernel(const struct tree *t)
{
	const char *kernel = systems[t->os].kernel;
	char        path[256];

	put("proc/sys/kernel/osrelease", "%s\n", kernel);
	put("proc/cmdline",
		"BOOT_IMAGE=(hd0,gpt3)/boot/vmlinuz-%s root=UUID=6a7e ro crashkernel=%s%s\n",
		kernel, is(t, TREE_CRASH) ? "256M" : "0M",
		runs(t) ? " swiotlb=4194304,any" : "");
	put("proc/crypto", "name         : sha384\n\n%s",
		runs(t) ? "name         : ecdsa-nist-p384\n\nname         : ecdh-nist-p384\n"
			: "");
	snprintf(path, sizeof(path), "boot/config-%s", kernel);
	if (t->os == TREE_UBUNTU2404)
		put(path, "# of 24.04\nCONFIG_SWIOTLB_DYNAMIC=y\n");
	put(path,
		"# a configuration\nCONFIG_INTEL_TDX_GUEST=y\n%sCONFIG_CRYPTO_ECDSA=m\nCONFIG_CRYPTO_ECDH=m\n"
		"CONFIG_TSM_REPORTS=y\n",
		t->os == TREE_DEBIAN12 ? "" : "CONFIG_TDX_GUEST_DRIVER=y\n");
	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", kernel);
	put(path, "kernel/crypto/ecdsa_generic.ko.xz:\n%s",
		set_up(t) ? "kernel/drivers/video/nvidia.ko: kernel/crypto/ecc.ko.xz\n" : "");
	snprintf(path, sizeof(path), "lib/modules/%s/modules.builtin", kernel);
	put(path, "kernel/crypto/sha512_generic.ko\n");
	put("proc/version", "Linux version %s (builder@example) (%s) #1 SMP\n", kernel,
		systems[t->os].build);
	compiler(t);
	put("usr/bin/make", "x");
	put("usr/bin/ld", "x");
}

/* EFI variables: four bytes of attributes, then UTF-16. */
static void loader(const char *name)
{
	char   text[256] = { 6 };
	size_t n         = strlen(name);

	for (size_t i = 0; i < n; i++)
		text[4 + 2 * i] = name[i];
	put_bytes("sys/firmware/efi/efivars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
		text, 4 + 2 * (n + 1));
}

static void grub_debian(const struct tree *t, const char *kernel, const char *pool)
{
	put("boot/grub/grub.cfg",
		"menuentry 'Linux' {\n\tlinux /boot/vmlinuz-%s root=UUID=6a7e ro quiet%s\n}\n"
		"submenu 'Advanced options' {\n\tmenuentry 'Linux, recovery' {\n"
		"\t\tlinux /boot/vmlinuz-%s root=UUID=6a7e ro single%s\n\t}\n}\n",
		kernel, pool, kernel, pool);
	put("etc/default/grub",
		"GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\nGRUB_CMDLINE_LINUX=\"\"\n");
	if (t->os != TREE_DEBIAN12)
		put("etc/default/grub.d/50-cloudimg-settings.cfg",
			"GRUB_CMDLINE_LINUX_DEFAULT=\"console=ttyS0\"\n");
	if (set_up(t))
		put("etc/default/grub.d/60-assay.cfg",
			"GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX swiotlb=4194304,any\"\n");
	/* the system partition has a few lines that lead to the menu */
	put("boot/efi/EFI/debian/grub.cfg",
		"search.fs_uuid 6a7e root\nset prefix=($root)'/boot/grub'\nconfigfile $prefix/grub.cfg\n");
}

/* Type 1, as kernel-install writes them: kernel and initramfs beside the entries, by the machine's id. */
static void systemd_boot(const struct tree *t, const char *kernel, const char *pool)
{
	const char *initrd = systems[t->os].debian ? "initrd.img" : "initrd";
	char        path[256];

	loader("systemd-boot 252.39");
	snprintf(path, sizeof(path), "boot/loader/entries/0b1e6a-%s.conf", kernel);
	put(path,
		"title      Linux\nversion    %s\nmachine-id 0b1e6a\nsort-key   linux\n"
		"options    root=UUID=6a7e ro%s\nlinux      /0b1e6a/%s/linux\n"
		"initrd     /0b1e6a/%s/microcode.img\ninitrd     /0b1e6a/%s/%s-%s\n",
		kernel, pool, kernel, kernel, kernel, initrd, kernel);
	put("boot/loader/loader.conf", "timeout 3\n");
	put("etc/kernel/cmdline", "root=UUID=6a7e ro%s\n", pool);
}

/* GRUB of the RHEL family. With EFI its environment block is a link from /boot/grub2 to the system partition. */
static void grub_el(const struct tree *t, const char *kernel, const char *pool)
{
	const bool  efi = is(t, TREE_EFI), bls = !is(t, TREE_NO_BLS);
	const char *menu = efi ? "boot/efi/EFI/rocky/grub.cfg" : "boot/grub2/grub.cfg";
	const bool  opts = t->os == TREE_ROCKY8 && bls;

	if (efi)
		put_link("boot/grub2/grubenv", "../efi/EFI/rocky/grubenv");
	put(efi ? "boot/efi/EFI/rocky/grubenv" : "boot/grub2/grubenv",
		"# GRUB Environment Block\nsaved_entry=%s-%s\n%s%s%s######",
		bls ? "6a7e" : "gnulinux", kernel, opts ? "kernelopts=root=UUID=6a7e ro" : "",
		opts ? pool : "", opts ? "\n" : "");
	if (efi && bls)
		put(menu, "set kernelopts=\"root=UUID=6a7e ro \"\ninsmod blscfg\nblscfg\n");
	else if (!bls)
		put(menu,
			"menuentry 'Rocky Linux (%s) 8.10' --class rocky $menuentry_id_option 'gnulinux-%s' {\n\tlinuxefi /vmlinuz-%s root=UUID=6a7e ro%s\n"
			"\tinitrdefi /initramfs-%s.img\n}\n",
			kernel, kernel, kernel, pool, kernel);
	put("etc/default/grub",
		"GRUB_DEFAULT=saved\nGRUB_ENABLE_BLSCFG=%s\nGRUB_CMDLINE_LINUX=\"crashkernel=0M%s\"\n",
		bls ? "true" : "false", pool);
	if (t->os == TREE_ROCKY9)
		put("etc/kernel/cmdline", "root=UUID=6a7e ro%s\n", pool);
}

static void boot(const struct tree *t)
{
	const char *kernel = systems[t->os].kernel;
	const char *pool   = set_up(t) ? " swiotlb=4194304,any" : "";
	char        path[256];

	if (is(t, TREE_ORDINARY))
		return;
	if (is(t, TREE_UKI)) {
		put("sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f",
			"x");
		return;
	}
	if (is(t, TREE_SYSTEMD_BOOT)) {
		systemd_boot(t, kernel, pool);
		return;
	}
	if (systems[t->os].debian) {
		grub_debian(t, kernel, pool);
		return;
	}
	snprintf(path, sizeof(path), "boot/loader/entries/6a7e-%s.conf", kernel);
	put(path,
		"title Linux (%s)\nversion %s\nlinux /boot/vmlinuz-%s\ninitrd /boot/initramfs-%s.img\n"
		"options %s%s\n",
		kernel, kernel, kernel, kernel,
		t->os == TREE_ROCKY8 ? "$kernelopts" : "root=UUID=6a7e ro crashkernel=0M",
		t->os == TREE_ROCKY8 ? "" : pool);
	if (is(t, TREE_HOSTILE)) {
		put("boot/loader/entries/a\033[31m\302\233\n.conf",
			"linux /boot/vmlinuz-\033]0;x\007\noptions ro\033[2J\n");
		put("etc/modprobe.d/b\033[31m.conf", "install nvidia \033[31m\n");
		put("run/systemd/container", "\033[31mlxc\n");
	}
	grub_el(t, kernel, pool);
}

static void driver_files(const struct tree *t)
{
	const char *v    = driver(t);
	const char *libs = systems[t->os].debian ? "usr/lib/x86_64-linux-gnu" : "usr/lib64";
	char        path[256], to[128];

	if (!set_up(t))
		return;
	snprintf(path, sizeof(path), "%s/libnvidia-ml.so.1", libs);
	snprintf(to, sizeof(to),
		is(t, TREE_FOREIGN_LIB) ? "libnvidia-ml.so.1.foo" : "libnvidia-ml.so.%s", v);
	if (is(t, TREE_ORDINARY)) {
		put_link("usr/local/nvidia/lib64/libnvidia-ml.so.1", to);
		put_link("usr/local/nvidia/lib", "lib64");
		snprintf(to, sizeof(to), "/usr/local/nvidia/lib/libnvidia-ml.so.1");
	}
	put_link(path, to);
	snprintf(path, sizeof(path), "%s/libcrypto.so.3", libs);
	put(path, "x");
	snprintf(path, sizeof(path), "%s/libnvidia-pkcs11-openssl3.so.%s", libs, v);
	put(path, "x");
	snprintf(path, sizeof(path), "lib/firmware/nvidia/%s/gsp_ga10x.bin", v);
	put(path, "x");
	if (!runs(t))
		return;
	put("proc/driver/nvidia/version",
		"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  %s  Release Build\n",
		v);
	put("proc/driver/nvidia/params",
		"ResmanDebugLevel: 4294967295\nRegistryDwords: \"%s\"\n",
		t->switches > 0 ? "RmEnableProtectedPcie=0x1" : "");
	put("dev/nvidiactl", "x");
	put("dev/nvidia-uvm", "x");
	for (unsigned i = 0; i < t->gpus; i++) {
		snprintf(path, sizeof(path), "dev/nvidia%u", i);
		put(path, "x");
	}
	for (unsigned i = 0; i < t->switches; i++) {
		snprintf(path, sizeof(path), "dev/nvidia-nvswitch%u", i);
		put(path, "x");
	}
	if (t->switches > 0)
		put("dev/nvidia-nvswitchctl", "x");
}

#define LKCA                                                                                \
	"install nvidia /sbin/modprobe ecdsa_generic; /sbin/modprobe ecdh; /sbin/modprobe " \
	"--ignore-install nvidia\n"

static void module_options(const struct tree *t)
{
	const char     *kernel = systems[t->os].kernel;
	struct timespec old[2] = { { .tv_sec = 1700000000 }, { .tv_sec = 1700000000 } };
	char            path[256];

	put("etc/modprobe.d/usual.conf", "# nothing\nblacklist floppy\n");
	if (is(t, TREE_CRASH) && !systems[t->os].debian)
		put("etc/sysconfig/kdump",
			"# of kexec-tools\nKDUMP_COMMANDLINE_REMOVE=\"hugepages quiet\"\n");
	if (is(t, TREE_NVLINK_OFF))
		put("etc/modprobe.d/nvlink.conf", "options nvidia NVreg_NvLinkDisable=1\n");
	if (is(t, TREE_MODPROBE)) {
		/* by names, over all folders: a, nvidia-lkca, z; the last wins, and /etc's a hides /usr/lib's */
		put("usr/lib/modprobe.d/a.conf", "install nvidia /bin/false\n");
		put("etc/modprobe.d/a.conf",
			"options nvidia NVreg_RegistryDwords=\"RmEnableProtectedPcie=0x0\"\n");
		put("usr/lib/modprobe.d/z.conf",
			"options nvidia NVreg_RegistryDwords=\"RMOther=1\"\n");
		put("run/modprobe.d/z.conf",
			"options nvidia NVreg_RegistryDwords=\"RmEnableProtectedPcie=0x1;RMOther=2\"\n");
	}
	if (set_up(t)) {
		put("etc/modprobe.d/nvidia-lkca.conf", LKCA "%s",
			t->switches > 0
				? "options nvidia NVreg_RegistryDwords=\"RmEnableProtectedPcie=0x1\"\n"
				: "");
		put("etc/modprobe.d/nvidia-installer-disable-nouveau.conf",
			"blacklist nouveau\noptions nouveau modeset=0\n");
	}
	snprintf(path, sizeof(path),
		systems[t->os].debian ? "boot/initrd.img-%s" : "boot/initramfs-%s.img", kernel);
	put(path, "\x28\xb5\x2f\xfd"); /* zstd */
	if (is(t, TREE_SYSTEMD_BOOT)) {
		snprintf(path, sizeof(path),
			systems[t->os].debian ? "boot/0b1e6a/%s/initrd.img-%s"
					      : "boot/0b1e6a/%s/initrd-%s",
			kernel, kernel);
		put(path, "\x28\xb5\x2f\xfd");
	}
	if (is(t, TREE_OLD_IMAGE))
		assert_int_equal(utimensat(root_fd, path, old, 0), 0);
}

#define UNITS "usr/lib/systemd/system/"
#define WANTS "etc/systemd/system/multi-user.target.wants/"

static void services(const struct tree *t)
{
	const bool starting = is(t, TREE_STARTING);

	if (is(t, TREE_GATE)) {
		put(UNITS "assay-attest.service",
			"[Unit]\nAfter=time-sync.target\n[Service]\nExecStart=/usr/bin/assay attest\n");
		put_link(WANTS "assay-attest.service", "/" UNITS "assay-attest.service");
		put(UNITS "docker.service", "[Service]\nExecStart=/usr/bin/dockerd\n");
		put("etc/systemd/system/docker.service.d/50-assay.conf", /* of setup --require */
			"[Unit]\nAfter=nvidia-persistenced.service assay-attest.service\n"
			"Requires=assay-attest.service\n");
	}
	if (is(t, TREE_OLD_FABRIC))
		put("var/lib/dpkg/status",
			"Package: nvidia-fabricmanager-570\nStatus: install ok installed\n"
			"Version: 570.124.06-1\n\n");
	put(UNITS "cloudmonitor.service",
		"[Unit]\nDescription=CloudMonitor\n\n[Service]\nExecStart=/usr/local/cloudmonitor/agent\n");
	if (is(t, TREE_ORDER)) {
		put(UNITS "docker.service",
			"[Unit]\nAfter=network.target\n[Service]\nExecStart=/usr/bin/dockerd\n");
		put(UNITS "nvidia-cdi-refresh.service",
			"[Unit]\nAfter=multi-user.target nvidia-persistenced.service\n[Service]\n"
			"ExecStart=/usr/bin/nvidia-ctk cdi generate\n[Install]\nWantedBy=multi-user.target\n");
		put("etc/systemd/system/infer.service",
			"[Service]\nExecStart=/opt/infer --cuda\n");
		put_link(WANTS "infer.service", "/etc/systemd/system/infer.service");
	}
	if (!set_up(t))
		return;
	put(UNITS "nvidia-persistenced.service",
		"[Unit]\nDescription=NVIDIA Persistence Daemon\nBefore=cloudmonitor.service\n%s\n"
		"[Service]\nType=forking\nExecStart=/usr/bin/nvidia-persistenced --user root\n"
		"ExecStartPost=/usr/bin/nvidia-smi conf-compute -srs 1\n\n[Install]\nWantedBy=multi-user.target\n",
		t->switches > 0 ? "After=nvidia-fabricmanager.service\n" : "");
	put("etc/systemd/system/nvidia-persistenced.service.d/50-assay.conf",
		"[Service]\nExecStart=\nExecStart=/usr/bin/nvidia-persistenced --user root "
		"--uvm-persistence-mode --verbose\nTimeoutStartSec=900\n");
	put_link(WANTS "nvidia-persistenced.service", "/" UNITS "nvidia-persistenced.service");
	if (t->switches > 0) {
		put(UNITS "nvidia-fabricmanager.service",
			"[Service]\nType=forking\nExecStart=/usr/bin/nv-fabricmanager\n");
		put_link(WANTS "nvidia-fabricmanager.service",
			"/" UNITS "nvidia-fabricmanager.service");
		put("usr/share/nvidia/nvswitch/fabricmanager.cfg", "FABRIC_MODE=0\n");
	}
	if (!runs(t))
		return;
	put("run/assay/systemd",
		"Id=nvidia-persistenced.service\nLoadState=loaded\nActiveState=%s\nSubState=%s\n"
		"UnitFileState=enabled\nType=forking\nTimeoutStartUSec=15min\nNeedDaemonReload=no\n"
		"InactiveExitTimestamp=@1764093600\n"
		"ExecStart={ path=/usr/bin/nvidia-persistenced ; argv[]=/usr/bin/nvidia-persistenced "
		"--user root --uvm-persistence-mode --verbose ; ignore_errors=no }\n\n",
		starting                      ? "activating"
			: is(t, TREE_STOPPED) ? "inactive"
					      : "active",
		starting                      ? "start"
			: is(t, TREE_STOPPED) ? "dead"
					      : "running");
	if (t->switches > 0)
		put("run/assay/systemd",
			"Id=nvidia-fabricmanager.service\nLoadState=loaded\nActiveState=active\n"
			"SubState=running\n");
}

void tree_make(const char *folder, const struct tree *t)
{
	root_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root_fd >= 0);
	put("etc/os-release", "NAME=\"x\"\nID=\"%s\"\nVERSION_ID=\"%s\"\nPRETTY_NAME=\"%s\"\n",
		systems[t->os].id, systems[t->os].version, systems[t->os].name);
	hardware(t);
	running_kernel(t);
	kernel_log(t);
	boot(t);
	driver_files(t);
	module_options(t);
	services(t);
	close(root_fd);
}

enum assay_code tree_ask(void *tree, struct collected *out, struct assay_err *e)
{
	const struct tree *t = tree;
	const size_t       n = t->gpus + t->switches;

	*out = (struct collected){ .system = { .environment = -1,
					   .cc              = -1,
					   .devtools        = -1,
					   .multi_gpu       = -1,
					   .cpu_caps        = -1,
					   .gpu_caps        = -1,
					   .ready           = -1 } };
	if (!runs(t)) {
		for (size_t k = DEVICE_GPU; k <= DEVICE_NVSWITCH; k++)
			err_set(&out->fault[k], ASSAY_LIBRARY,
				"%s: cannot open shared object file",
				k == DEVICE_GPU ? "libnvidia-ml.so.1" : "libnvidia-nscq.so.2");
		return ASSAY_OK;
	}
	out->system = (struct collected_system){ .environment = NVML_PRODUCTION,
		.cc        = t->switches == 0 && !is(t, TREE_CC_OFF),
		.multi_gpu = t->switches > 0 && !is(t, TREE_CC_OFF) ? NVML_MULTI_PPCIE
								    : NVML_MULTI_NONE,
		.cpu_caps  = NVML_CPU_TDX,
		.gpu_caps  = 1,
		.ready     = !is(t, TREE_CC_OFF) };
	snprintf(out->system.driver, sizeof(out->system.driver), "%s", driver(t));
	out->device = mem_new(n, sizeof(*out->device));
	if (out->device == NULL)
		return err_no_memory(e);
	out->devices                 = n;
	out->opened[DEVICE_GPU]      = true;
	out->opened[DEVICE_NVSWITCH] = t->switches > 0;
	for (size_t i = 0; i < n; i++)
		out->device[i] = (struct collected_device){
			.kind   = i < t->gpus ? DEVICE_GPU : DEVICE_NVSWITCH,
			.index  = (unsigned)(i < t->gpus ? i : i - t->gpus),
			.fabric = t->switches > 0   ? NVML_FABRIC_DONE
				: is(t, TREE_WAITS) ? NVML_FABRIC_JOINING
						    : NVML_FABRIC_NONE,
		};
	return ASSAY_OK;
}
