/* SPDX-License-Identifier: Apache-2.0
 *
 * sysfs: firmware, modules, memory, network, disks; and every NVIDIA device on the bus (spec/environment.md 1.3, 2, 5). */
#include <stdio.h>

#include "platform/identity.h"
#include "root/inside.h"

static enum assay_code ccel(const struct platform *p, struct buf *out, struct assay_err *e)
{
	uint8_t table[TDX_CCEL_TABLE];

	TRY(tdx_ccel_table(p->tdx, table, e));
	buf_put(out, table, sizeof(table));
	return ASSAY_OK;
}

static enum assay_code event_log(const struct platform *p, struct buf *out, struct assay_err *e)
{
	return tdx_event_log(p->tdx, out, e);
}

static enum assay_code mrtd(const struct platform *p, struct buf *out, struct assay_err *e)
{
	(void)e;
	buf_put(out, tdx_mrtd(p->tdx), TDX_REGISTER);
	return ASSAY_OK;
}

#define RTMR(n)                                                                 \
	static enum assay_code rtmr##n(                                         \
		const struct platform *p, struct buf *out, struct assay_err *e) \
	{                                                                       \
		(void)e;                                                        \
		buf_put(out, tdx_rtmr(p->tdx, n), TDX_REGISTER);                \
		return ASSAY_OK;                                                \
	}
RTMR(0)
RTMR(1)
RTMR(2)
RTMR(3)

#define MEASUREMENTS "sys/class/misc/tdx_guest/measurements/"

static const struct root_row rows[] = {
	{ "sys/firmware/efi/efivars", WHEN_ALWAYS, .folder = true },
	{ "sys/firmware/efi/fw_platform_size", WHEN_ALWAYS, "64\n" },
	{ "sys/firmware/acpi/tables/CCEL", WHEN_TDX, .make = ccel },
	{ "sys/firmware/acpi/tables/data/CCEL", WHEN_TDX, .make = event_log },
	{ "sys/class/dmi/id/sys_vendor", WHEN_ALWAYS, "Alibaba Cloud\n" },
	{ "sys/class/dmi/id/product_name", WHEN_ALWAYS, "Alibaba Cloud ECS\n" },
	{ "sys/class/misc/tdx_guest/dev", WHEN_TDX, "10:123\n" },
	{ MEASUREMENTS "mrtd:sha384", WHEN_TDX, .make = mrtd },
	{ MEASUREMENTS "rtmr0:sha384", WHEN_TDX, .make = rtmr0 },
	{ MEASUREMENTS "rtmr1:sha384", WHEN_TDX, .make = rtmr1 },
	{ MEASUREMENTS "rtmr2:sha384", WHEN_TDX, .make = rtmr2 },
	{ MEASUREMENTS "rtmr3:sha384", WHEN_TDX, .make = rtmr3 },
	{ "sys/kernel/config", WHEN_ALWAYS, .folder = true },
	{ "sys/kernel/security/lockdown", WHEN_ALWAYS, "[none] integrity confidentiality\n" },
	{ "sys/kernel/kexec_crash_size", WHEN_ALWAYS, "0\n" },
	{ "sys/kernel/debug/swiotlb/io_tlb_nslabs", WHEN_ALWAYS, "4194304\n" },
	{ "sys/kernel/debug/swiotlb/io_tlb_used", WHEN_ALWAYS, "20480\n" },
	{ "sys/module/module/parameters/sig_enforce", WHEN_ALWAYS, "N\n" },
	{ "sys/module/nvidia/version", WHEN_GPU, "{driver}\n" },
	{ "sys/module/nvidia_uvm/version", WHEN_GPU, "{driver}\n" },
	{ "sys/module/ecdsa_generic/refcnt", WHEN_ALWAYS, "1\n" },
	{ "sys/module/ecdh_generic/refcnt", WHEN_ALWAYS, "1\n" },
	{ "sys/module/tdx_guest/refcnt", WHEN_TDX, "0\n" },
	{ "sys/bus/pci/drivers/nvidia", WHEN_GPU, .folder = true },
	{ "sys/bus/pci/drivers/nvidia-nvswitch", WHEN_PPCIE, .folder = true },
	{ "sys/bus/virtio/drivers/virtio_net", WHEN_ALWAYS, .folder = true },
	{ "sys/class/net/eth0/address", WHEN_ALWAYS, "00:16:3e:00:00:01\n" },
	{ "sys/class/net/eth0/device/driver", WHEN_ALWAYS,
		.link = "../../../../bus/virtio/drivers/virtio_net" },
	{ "sys/block/vda/size", WHEN_ALWAYS, "209715200\n" },
	{ "sys/block/vda/removable", WHEN_ALWAYS, "0\n" },
};

const struct root_table root_sys = { rows, ARRAY_LEN(rows) };

/* "name value" files of one function on the bus. */
static enum assay_code put_attribute(struct root_writer *w, const char *bdf, const char *name,
	const char *text, struct assay_err *e)
{
	char path[128];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/%s", bdf, name);
	return root_put(w, path, bytes_text(text), e);
}

static enum assay_code put_function(const struct identity *id, enum forge_kind kind,
	const char *bdf, unsigned bus, struct root_writer *w, struct assay_err *e)
{
	const struct {
		const char *name;
		unsigned    value, digits;
	} numbers[] = {
		{ "vendor", id->vendor, 4 },
		{ "device", id->device, 4 },
		{ "subsystem_vendor", id->subsystem_vendor, 4 },
		{ "subsystem_device", id->subsystem, 4 },
		{ "class", id->class, 6 },
	};
	char text[256], path[128];

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		snprintf(text, sizeof(text), "0x%0*x\n", (int)numbers[i].digits,
			numbers[i].value);
		TRY(put_attribute(w, bdf, numbers[i].name, text, e));
	}
	TRY(put_attribute(w, bdf, "numa_node", "0\n", e));
	TRY(put_attribute(w, bdf, "enable", "1\n", e));
	/* BAR0 of 16 MiB, a large prefetchable one, 32 MiB; flags as the kernel shows them */
	snprintf(text, sizeof(text),
		"0x%016llx 0x%016llx 0x0000000000040200\n"
		"0x%016llx 0x%016llx 0x000000000014220c\n"
		"0x%016llx 0x%016llx 0x000000000014220c\n",
		0x80000000ULL + bus * 0x1000000ULL, 0x80ffffffULL + bus * 0x1000000ULL,
		0x200000000000ULL + bus * 0x2000000000ULL,
		0x201fffffffffULL + bus * 0x2000000000ULL,
		0x100000000000ULL + bus * 0x2000000ULL, 0x100001ffffffULL + bus * 0x2000000ULL);
	TRY(put_attribute(w, bdf, "resource", text, e));
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/driver", bdf);
	return root_link(w, path,
		kind == FORGE_GPU ? "../../drivers/nvidia" : "../../drivers/nvidia-nvswitch",
		e);
}

static enum assay_code put_gpu(const struct platform *p, unsigned number, const char *bdf,
	struct root_writer *w, struct assay_err *e)
{
	const struct device *d = NULL;
	char                 path[128], text[512], node[32];

	TRY(forge_device(p->forge, FORGE_GPU, number, &d, e));
	snprintf(path, sizeof(path), "proc/driver/nvidia/gpus/%s/information", bdf);
	snprintf(text, sizeof(text),
		"Model: \t\t %s\nIRQ:   \t\t %u\nGPU UUID: \t %s\nVideo BIOS: \t %s\n"
		"Bus Type: \t PCIe\nBus Location: \t %s\nDevice Minor: \t %u\nGPU Excluded:\t No\n",
		identity_of(p->spec.arch)->name, 64 + number, d->uuid, d->model->vbios, bdf,
		number);
	TRY(root_put(w, path, bytes_text(text), e));
	snprintf(node, sizeof(node), "dev/nvidia%u", number);
	return root_put(w, node, BYTES(""), e);
}

enum assay_code root_devices(
	const struct platform *p, struct root_writer *w, struct assay_err *e)
{
	for (enum forge_kind k = FORGE_GPU; k <= FORGE_SWITCH; k++)
		for (unsigned i = 0; i < platform_count(p, k); i++) {
			const unsigned bus = identity_bus(k, i);
			char           bdf[16], node[32];

			snprintf(bdf, sizeof(bdf), "0000:%02x:00.0", bus);
			TRY(put_function(
				identity_of(k == FORGE_GPU ? p->spec.arch : FORGE_LS10), k, bdf,
				bus, w, e));
			if (k == FORGE_GPU) {
				TRY(put_gpu(p, i, bdf, w, e));
				continue;
			}
			snprintf(node, sizeof(node), "dev/nvidia-nvswitch%u", i);
			TRY(root_put(w, node, BYTES(""), e));
		}
	return ASSAY_OK;
}
