/* SPDX-License-Identifier: Apache-2.0
 *
 * Boot files and configuration of Alibaba Cloud Linux 3, set up as its guide has it (spec/environment.md 1.7, 5). */
#include <stdio.h>

#include "root/inside.h"

#define LOAD \
	"install nvidia /sbin/modprobe ecdsa_generic; /sbin/modprobe ecdh; /sbin/modprobe --ignore-install nvidia\n"

const char root_lkca[]       = LOAD;
const char root_lkca_ppcie[] = LOAD
	"options nvidia NVreg_RegistryDwords=\"RmEnableProtectedPcie=0x1\"\n";

static const char *lkca(const struct platform *p)
{
	return p->spec.profile == PLATFORM_PPCIE ? root_lkca_ppcie : root_lkca;
}

static enum assay_code modprobe(const struct platform *p, struct buf *out, struct assay_err *e)
{
	buf_text(out, lkca(p));
	return buf_ok(out, e);
}

/* One member of a cpio archive, "newc": a header in hexadecimal, name and content on multiples of four. */
static void put_member(
	struct buf *out, unsigned number, const char *name, unsigned mode, struct bytes content)
{
	const size_t name_n = strlen(name) + 1;

	buf_printf(out, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", number,
		mode, 0U, 0U, 1U, 0U, (unsigned)content.n, 0U, 0U, 0U, 0U, (unsigned)name_n,
		0U);
	buf_put(out, name, name_n);
	while (out->n % 4 != 0)
		buf_byte(out, 0);
	buf_put(out, content.p, content.n);
	while (out->n % 4 != 0)
		buf_byte(out, 0);
}

enum assay_code root_initramfs(const struct platform *p, struct buf *out, struct assay_err *e)
{
	static const char *const folders[] = { "etc", "etc/modprobe.d", "usr", "usr/lib" };
	unsigned                 number    = 1;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		put_member(out, number++, folders[i], 0040755, BYTES(""));
	if (p->spec.profile != PLATFORM_NONE)
		put_member(out, number++, "etc/modprobe.d/nvidia-lkca.conf", 0100644,
			bytes_text(lkca(p)));
	put_member(out, number, "TRAILER!!!", 0, BYTES(""));
	return buf_ok(out, e);
}

#define UNIT "usr/lib/systemd/system/"
#define PERSISTENCED(options)                                                          \
	"[Unit]\nDescription=NVIDIA Persistence Daemon\nWants=syslog.target\n"         \
	"Before=cloudmonitor.service\n\n[Service]\nType=forking\n"                     \
	"ExecStart=/usr/bin/nvidia-persistenced --user root" options "\n"              \
	"ExecStartPost=/usr/bin/nvidia-smi conf-compute -srs 1\n"                      \
	"ExecStopPost=/bin/rm -rf /var/run/nvidia-persistenced\nTimeoutStartSec=900\n" \
	"TimeoutStopSec=60\n\n[Install]\nWantedBy=multi-user.target\n"

/* As systemctl show prints it: there is no systemd to ask in here. */
#define RECORD(options)                                                                        \
	"Id=nvidia-persistenced.service\nLoadState=loaded\nActiveState=active\n"               \
	"SubState=running\nUnitFileState=enabled\nType=forking\nResult=success\n"              \
	"TimeoutStartUSec=15min\nNeedDaemonReload=no\n"                                        \
	"ExecStart={ path=/usr/bin/nvidia-persistenced ; argv[]=/usr/bin/nvidia-persistenced " \
	"--user root" options " ; ignore_errors=no }\n"

static const struct root_row rows[] = {
	{ "etc/os-release", WHEN_ALWAYS,
		"NAME=\"Alibaba Cloud Linux\"\nVERSION=\"3 (OpenAnolis Edition)\"\nID=\"alinux\"\n"
		"ID_LIKE=\"rhel fedora centos anolis\"\nVERSION_ID=\"3\"\nPLATFORM_ID=\"platform:al8\"\n"
		"PRETTY_NAME=\"Alibaba Cloud Linux 3.2104 U11 (OpenAnolis Edition)\"\n" },
	{ "etc/default/grub", WHEN_ALWAYS,
		"GRUB_TIMEOUT=5\nGRUB_DEFAULT=saved\nGRUB_CMDLINE_LINUX=\"crashkernel=0M swiotlb=4194304,any\"\n"
		"GRUB_ENABLE_BLSCFG=true\n" },
	{ "etc/modprobe.d/nvidia-lkca.conf", WHEN_CC, .make = modprobe },
	{ "etc/modprobe.d/nvidia-installer-disable-nouveau.conf", WHEN_GPU,
		"blacklist nouveau\noptions nouveau modeset=0\n" },
	{ "etc/systemd/system/multi-user.target.wants/nvidia-persistenced.service", WHEN_CC,
		.link = "/" UNIT "nvidia-persistenced.service" },
	{ "etc/systemd/system/multi-user.target.wants/nvidia-fabricmanager.service", WHEN_PPCIE,
		.link = "/" UNIT "nvidia-fabricmanager.service" },
	{ UNIT "nvidia-persistenced.service", WHEN_SINGLE, PERSISTENCED("") },
	{ UNIT "nvidia-persistenced.service", WHEN_PPCIE,
		PERSISTENCED(" --uvm-persistence-mode --verbose") },
	{ UNIT "nvidia-fabricmanager.service", WHEN_PPCIE,
		"[Unit]\nDescription=NVIDIA fabric manager service\nAfter=network-online.target\n\n"
		"[Service]\nType=forking\nExecStart=/usr/bin/nv-fabricmanager -c "
		"/usr/share/nvidia/nvswitch/fabricmanager.cfg\n\n[Install]\nWantedBy=multi-user.target\n" },
	{ UNIT "cloudmonitor.service", WHEN_ALWAYS,
		"[Unit]\nDescription=CloudMonitor\nAfter=network.target nvidia-persistenced.service\n\n"
		"[Service]\nType=simple\nExecStart=/usr/local/cloudmonitor/bin/argusagent\n" },
	{ "usr/share/nvidia/nvswitch/fabricmanager.cfg", WHEN_PPCIE, "FABRIC_MODE=0\n" },
	{ "usr/lib/modules/{kernel}/modules.builtin", WHEN_ALWAYS,
		"kernel/crypto/sha512_generic.ko\n" },
	{ "usr/lib/modules/{kernel}/modules.dep", WHEN_GPU,
		"kernel/drivers/video/nvidia.ko:\nkernel/drivers/video/nvidia-uvm.ko: "
		"kernel/drivers/video/nvidia.ko\nkernel/crypto/ecdsa_generic.ko.xz:\n"
		"kernel/crypto/ecdh_generic.ko.xz:\n" },
	{ "lib", WHEN_ALWAYS, .link = "usr/lib" },
	{ "usr/lib/firmware/nvidia/{driver}/gsp_ga10x.bin", WHEN_GPU, "emulated\n" },
	{ "usr/lib64/libcrypto.so.3", WHEN_ALWAYS, "emulated\n" },
	{ "usr/lib64/libnvidia-ml.so.{driver}", WHEN_GPU, "emulated\n" },
	{ "usr/lib64/libnvidia-ml.so.1", WHEN_GPU, .link = "libnvidia-ml.so.{driver}" },
	{ "usr/lib64/libnvidia-pkcs11-openssl3.so.{driver}", WHEN_GPU, "emulated\n" },
	{ "run/assay/systemd", WHEN_SINGLE, RECORD("") },
	{ "run/assay/systemd", WHEN_PPCIE,
		RECORD(" --uvm-persistence-mode --verbose") "\nId=nvidia-fabricmanager.service\n"
							    "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\n" },
	{ "boot/vmlinuz-{kernel}", WHEN_ALWAYS, "emulated\n" },
	{ "boot/initramfs-{kernel}.img", WHEN_ALWAYS, .make = root_initramfs },
	{ "boot/config-{kernel}", WHEN_ALWAYS,
		"CONFIG_INTEL_TDX_GUEST=y\nCONFIG_TDX_GUEST_DRIVER=y\nCONFIG_TSM_REPORTS=y\n"
		"CONFIG_CRYPTO_ECDSA=m\nCONFIG_CRYPTO_ECDH=m\n" },
	{ "boot/grub2/grubenv", WHEN_ALWAYS,
		"# GRUB Environment Block\nsaved_entry=6a7e2f8c5d0b4b5e9a513f0d7c1e8b42-{kernel}\n" },
	{ "boot/loader/entries/6a7e2f8c5d0b4b5e9a513f0d7c1e8b42-{kernel}.conf", WHEN_ALWAYS,
		"title Alibaba Cloud Linux ({kernel})\nversion {kernel}\nlinux /boot/vmlinuz-{kernel}\n"
		"initrd /boot/initramfs-{kernel}.img\noptions {cmdline}\nid alinux-{kernel}\n" },
	{ "run/systemd/system", WHEN_ALWAYS, .folder = true },
	{ "var/run/nvidia-persistenced/socket", WHEN_CC, "" },
};

const struct root_table root_etc = { rows, ARRAY_LEN(rows) };
