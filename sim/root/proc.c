/* SPDX-License-Identifier: Apache-2.0
 *
 * procfs, device files and the kernel's log (spec/environment.md 1, 2, 5). */
#include "root/inside.h"

static enum assay_code cpuinfo(const struct platform *p, struct buf *out, struct assay_err *e)
{
	for (unsigned i = 0; i < 16; i++)
		buf_printf(out,
			"processor\t: %u\nvendor_id\t: GenuineIntel\nmodel name\t: Intel(R) Xeon(R) "
			"Processor\nflags\t\t: fpu vme de pse tsc msr pae mce cx8 apic sep mtrr aes avx "
			"avx2 avx512f amx_tile hypervisor%s\n\n",
			i, p->tdx != NULL ? " tdx_guest" : "");
	return buf_ok(out, e);
}

static enum assay_code crypto(const struct platform *p, struct buf *out, struct assay_err *e)
{
	static const char *const names[] = { "ecdsa-nist-p384", "ecdsa-nist-p256",
		"ecdh-nist-p384", "ecdh-nist-p256", "gcm(aes)", "sha384" };

	(void)p;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		buf_printf(out,
			"name         : %s\ndriver       : %s-generic\nselftest     : passed\n\n",
			names[i], names[i]);
	return buf_ok(out, e);
}

static enum assay_code kernel_log(
	const struct platform *p, struct buf *out, struct assay_err *e)
{
	unsigned long long at = 1;

	if (p->tdx != NULL)
		buf_printf(out, "6,%llu,0,-;tdx: Guest detected\n", at++);
	buf_printf(out,
		"6,%llu,210000,-;software IO TLB: mapped [mem "
		"0x0000000100000000-0x0000000300000000] (8192MB)\n",
		at++);
	if (platform_count(p, FORGE_GPU) > 0)
		buf_printf(out,
			"5,%llu,9100000,-;NVRM: loading NVIDIA UNIX Open Kernel Module for x86_64  "
			"%s  Release Build\n",
			at, p->driver);
	return buf_ok(out, e);
}

#define MODULES                                                       \
	"nvidia_uvm 2117632 2 - Live 0x0000000000000000 (O)\n"        \
	"nvidia 15343616 3 nvidia_uvm, Live 0x0000000000000000 (O)\n" \
	"ecdh_generic 16384 1 - Live 0x0000000000000000\n"            \
	"ecdsa_generic 16384 1 - Live 0x0000000000000000\n"           \
	"tdx_guest 16384 0 - Live 0x0000000000000000\n"

static const struct root_row rows[] = {
	{ "proc/cmdline", WHEN_ALWAYS, "{cmdline}\n" },
	{ "proc/cpuinfo", WHEN_ALWAYS, .make = cpuinfo },
	{ "proc/crypto", WHEN_ALWAYS, .make = crypto },
	{ "proc/meminfo", WHEN_ALWAYS,
		"MemTotal:       536870912 kB\nMemFree:        520000000 kB\nMemAvailable:   515000000 kB\n" },
	{ "proc/modules", WHEN_GPU, MODULES },
	{ "proc/version", WHEN_ALWAYS,
		"Linux version {kernel} (mockbuild@localhost) (gcc (GCC) 10.2.1 20200825 (Alibaba "
		"10.2.1-3.8 2.32)) #1 SMP\n" },
	{ "proc/uptime", WHEN_ALWAYS, "3600.00 57000.00\n" },
	{ "proc/mounts", WHEN_ALWAYS,
		"/dev/vda3 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\nsysfs /sys sysfs rw 0 0\n"
		"configfs /sys/kernel/config configfs rw 0 0\n"
		"debugfs /sys/kernel/debug debugfs rw 0 0\n" },
	{ "proc/devices", WHEN_GPU,
		"Character devices:\n 10 misc\n195 nvidia\n195 nvidiactl\n510 nvidia-uvm\n\nBlock devices:\n253 virtblk\n" },
	{ "proc/1/cgroup", WHEN_ALWAYS, "0::/init.scope\n" },
	{ "proc/sys/kernel/osrelease", WHEN_ALWAYS, "{kernel}\n" },
	{ "proc/sys/kernel/tainted", WHEN_ALWAYS, "12288\n" },
	{ "proc/sys/kernel/random/boot_id", WHEN_ALWAYS,
		"6a7e2f8c-5d0b-4b5e-9a51-3f0d7c1e8b42\n" },
	{ "proc/driver/nvidia/version", WHEN_GPU,
		"NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  {driver}  Release Build  "
		"(root@localhost)\nGCC version:  gcc version 10.2.1 20200825 (Alibaba 10.2.1-3.8 2.32) (GCC)\n" },
	{ "proc/driver/nvidia/params", WHEN_GPU | WHEN_PPCIE,
		"ResmanDebugLevel: 4294967295\nRegistryDwords: \"RmEnableProtectedPcie=0x1\"\n" },
	{ "proc/driver/nvidia/params", WHEN_GPU | WHEN_SINGLE,
		"ResmanDebugLevel: 4294967295\nRegistryDwords: \"\"\n" },
	{ "dev/kmsg", WHEN_ALWAYS, .make = kernel_log },
	{ "dev/nvidiactl", WHEN_GPU, "" },
	{ "dev/nvidia-uvm", WHEN_GPU, "" },
	{ "dev/nvidia-uvm-tools", WHEN_GPU, "" },
	{ "dev/nvidia-caps", WHEN_GPU, .folder = true },
	{ "dev/nvidia-nvswitchctl", WHEN_PPCIE, "" },
	{ "dev/tdx_guest", WHEN_TDX, "" },
	{ "dev/vda", WHEN_ALWAYS, "" },
};

const struct root_table root_proc = { rows, ARRAY_LEN(rows) };
