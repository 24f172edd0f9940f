/* SPDX-License-Identifier: Apache-2.0
 *
 * What a GPU is made of, for those who keep inventories: part numbers, the infoROM, buses, clocks, the processors
 * beside it. Nobody signs it and nothing in the platform knows of it; the figures are those of the product. */
#include "nvml/nvml.h"

#include <stddef.h>
#include <string.h>
#include <unistd.h>

#define GIB (1ULL << 30)

static const struct part {
	unsigned           arch;
	const char        *board, *image;
	unsigned           cores, bus_width, memory_mhz;
	unsigned long long bar1;
} parts[] = {
	{ NVML_ARCH_HOPPER, "692-2G520-0200-000", "G520.0200.00.05", 16896, 5120, 2619,
		128 * GIB },
	{ NVML_ARCH_BLACKWELL, "692-2G525-0200-000", "G525.0200.00.03", 18944, 8192, 3996,
		256 * GIB },
};

/* The row of that device; the first where the driver says nothing, with its code. */
static nvml_return part_of(nvml_device device, const struct part **out)
{
	unsigned    arch = 0;
	nvml_return rc   = nvmlDeviceGetArchitecture(device, &arch);

	*out = &parts[0];
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].arch == arch)
			*out = &parts[i];
	return rc;
}

static nvml_return put_text(const char *text, char *out, unsigned length)
{
	if (out == NULL)
		return NVML_INVALID_ARGUMENT;
	if (length <= strlen(text))
		return NVML_INSUFFICIENT_SIZE;
	memcpy(out, text, strlen(text) + 1);
	return NVML_SUCCESS;
}

#define EXPORT    __attribute__((visibility("default")))
#define CALL(...) EXPORT nvml_return __VA_ARGS__

#define NUMBER(X)                                \
	X(nvmlDeviceGetNumGpuCores, part->cores) \
	X(nvmlDeviceGetMemoryBusWidth, part->bus_width)
#define X(name, value)                                                          \
	CALL(name(nvml_device device, unsigned *out));                          \
	nvml_return name(nvml_device device, unsigned *out)                     \
	{                                                                       \
		const struct part *part;                                        \
		nvml_return        rc = part_of(device, &part);                 \
                                                                                \
		return rc != NVML_SUCCESS ? rc : nvml_tell(device, out, value); \
	}
NUMBER(X)
#undef X

CALL(nvmlDeviceGetBoardPartNumber(nvml_device device, char *out, unsigned length));
nvml_return nvmlDeviceGetBoardPartNumber(nvml_device device, char *out, unsigned length)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	return rc != NVML_SUCCESS ? rc : put_text(part->board, out, length);
}

CALL(nvmlDeviceGetInforomImageVersion(nvml_device device, char *out, unsigned length));
nvml_return nvmlDeviceGetInforomImageVersion(nvml_device device, char *out, unsigned length)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	return rc != NVML_SUCCESS ? rc : put_text(part->image, out, length);
}

/* Objects: OEM, ECC, power; the last is not on these boards. */
CALL(nvmlDeviceGetInforomVersion(
	nvml_device device, unsigned object, char *out, unsigned length));
nvml_return nvmlDeviceGetInforomVersion(
	nvml_device device, unsigned object, char *out, unsigned length)
{
	static const char *const objects[] = { "2.1", "7.16" };
	const struct part       *part;
	nvml_return              rc = part_of(device, &part);

	if (rc != NVML_SUCCESS)
		return rc;
	if (object > 3)
		return NVML_INVALID_ARGUMENT;
	if (object >= sizeof(objects) / sizeof(objects[0]))
		return NVML_NOT_SUPPORTED;
	return put_text(objects[object], out, length);
}

CALL(nvmlDeviceValidateInforom(nvml_device device));
nvml_return nvmlDeviceValidateInforom(nvml_device device)
{
	const struct part *part;

	return part_of(device, &part);
}

/* Of the driver's release; the caller has room for 80. */
CALL(nvmlDeviceGetGspFirmwareVersion(nvml_device device, char *out));
nvml_return nvmlDeviceGetGspFirmwareVersion(nvml_device device, char *out)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	return rc != NVML_SUCCESS ? rc : nvmlSystemGetDriverVersion(out, 80);
}

struct bar1 {
	unsigned long long total, free, used;
};

CALL(nvmlDeviceGetBAR1MemoryInfo(nvml_device device, struct bar1 *out));
nvml_return nvmlDeviceGetBAR1MemoryInfo(nvml_device device, struct bar1 *out)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS)
		*out = (struct bar1){ part->bar1, part->bar1, 0 };
	return rc;
}

/* ---- where it is ---- */

struct pci_ext { /* nvmlPciInfoExt_v1_t */
	unsigned version, domain, bus, device, pci_device_id, pci_subsystem_id;
	unsigned base_class, sub_class;
	char     bus_id[32];
};

#define PCI_EXT_V1 NVML_VERSION(struct pci_ext, 1U)
_Static_assert(PCI_EXT_V1 == 0x01000040, "PCI info with the class");

CALL(nvmlDeviceGetPciInfoExt(nvml_device device, struct pci_ext *out));
nvml_return nvmlDeviceGetPciInfoExt(nvml_device device, struct pci_ext *out)
{
	struct nvml_pci pci;
	nvml_return     rc = nvmlDeviceGetPciInfo_v3(device, &pci);

	if (rc == NVML_SUCCESS && out == NULL)
		rc = NVML_INVALID_ARGUMENT;
	if (rc == NVML_SUCCESS && out->version != PCI_EXT_V1)
		rc = NVML_ARGUMENT_VERSION_MISMATCH;
	if (rc != NVML_SUCCESS)
		return rc;
	*out = (struct pci_ext){ PCI_EXT_V1, pci.domain, pci.bus, pci.device, pci.pci_device_id,
		pci.pci_subsystem_id, 3, 2, "" }; /* a 3D controller */
	memcpy(out->bus_id, pci.bus_id, sizeof(out->bus_id));
	return NVML_SUCCESS;
}

/* The machine has one node, so its processors are all near. A set is so many words of bits. */
static nvml_return near(nvml_device device, unsigned n, unsigned long *set, long bits)
{
	const unsigned word = 8 * sizeof(*set);
	unsigned       unused;
	nvml_return    rc = nvml_tell(device, &unused, 0);

	if (rc == NVML_SUCCESS && (set == NULL || n == 0))
		rc = NVML_INVALID_ARGUMENT;
	for (unsigned i = 0; rc == NVML_SUCCESS && i < n; i++) {
		long left = bits - (long)i * word;

		set[i] = left >= word ? ~0UL : left > 0 ? (1UL << left) - 1 : 0;
	}
	return rc;
}

CALL(nvmlDeviceGetCpuAffinity(nvml_device device, unsigned n, unsigned long *set));
nvml_return nvmlDeviceGetCpuAffinity(nvml_device device, unsigned n, unsigned long *set)
{
	return near(device, n, set, sysconf(_SC_NPROCESSORS_ONLN));
}

/* Of the node or of the socket. */
CALL(nvmlDeviceGetCpuAffinityWithinScope(
	nvml_device device, unsigned n, unsigned long *set, unsigned scope));
nvml_return nvmlDeviceGetCpuAffinityWithinScope(
	nvml_device device, unsigned n, unsigned long *set, unsigned scope)
{
	return scope > 1 && nvml_ready() ? NVML_INVALID_ARGUMENT
					 : nvmlDeviceGetCpuAffinity(device, n, set);
}

CALL(nvmlDeviceGetMemoryAffinity(
	nvml_device device, unsigned n, unsigned long *set, unsigned scope));
nvml_return nvmlDeviceGetMemoryAffinity(
	nvml_device device, unsigned n, unsigned long *set, unsigned scope)
{
	return scope > 1 && nvml_ready() ? NVML_INVALID_ARGUMENT : near(device, n, set, 1);
}

/* ---- clocks, MHz ---- */

#define GRAPHICS_LEAST 345
#define GRAPHICS_MOST  1980
#define GRAPHICS_STEP  15

/* Graphics, SM, memory, video: idle and at most. */
static nvml_return clock_of(nvml_device device, unsigned kind, bool most, unsigned *out)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	if (rc == NVML_SUCCESS && kind > 3)
		rc = NVML_INVALID_ARGUMENT;
	if (rc != NVML_SUCCESS)
		return rc;
	if (kind == 2)
		return nvml_tell(device, out, part->memory_mhz);
	if (kind == 3)
		return nvml_tell(device, out, most ? 1545 : 765);
	return nvml_tell(device, out, most ? GRAPHICS_MOST : GRAPHICS_LEAST);
}

#define CLOCKS(X)                                      \
	X(nvmlDeviceGetClockInfo, false)               \
	X(nvmlDeviceGetMaxClockInfo, true)             \
	X(nvmlDeviceGetApplicationsClock, true)        \
	X(nvmlDeviceGetDefaultApplicationsClock, true) \
	X(nvmlDeviceGetMaxCustomerBoostClock, true)
#define X(name, most)                                                      \
	CALL(name(nvml_device device, unsigned kind, unsigned *out));      \
	nvml_return name(nvml_device device, unsigned kind, unsigned *out) \
	{                                                                  \
		return clock_of(device, kind, most, out);                  \
	}
CLOCKS(X)
#undef X

/* Now, wished for, by default, at most. */
CALL(nvmlDeviceGetClock(nvml_device device, unsigned kind, unsigned which, unsigned *out));
nvml_return nvmlDeviceGetClock(nvml_device device, unsigned kind, unsigned which, unsigned *out)
{
	return which > 3 && nvml_ready() ? NVML_INVALID_ARGUMENT
					 : clock_of(device, kind, which > 0, out);
}

/* From most down by step; count is the caller's room, then how many there are. */
static nvml_return list_down(
	unsigned most, unsigned n, unsigned step, unsigned *count, unsigned *list)
{
	const unsigned room = count == NULL ? 0 : *count;

	if (count == NULL)
		return NVML_INVALID_ARGUMENT;
	*count = n;
	if (room < n || list == NULL)
		return NVML_INSUFFICIENT_SIZE;
	for (unsigned i = 0; i < n; i++)
		list[i] = most - i * step;
	return NVML_SUCCESS;
}

CALL(nvmlDeviceGetSupportedMemoryClocks(nvml_device device, unsigned *count, unsigned *list));
nvml_return nvmlDeviceGetSupportedMemoryClocks(
	nvml_device device, unsigned *count, unsigned *list)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	return rc != NVML_SUCCESS ? rc : list_down(part->memory_mhz, 1, 0, count, list);
}

CALL(nvmlDeviceGetSupportedGraphicsClocks(
	nvml_device device, unsigned memory, unsigned *count, unsigned *list));
nvml_return nvmlDeviceGetSupportedGraphicsClocks(
	nvml_device device, unsigned memory, unsigned *count, unsigned *list)
{
	const struct part *part;
	nvml_return        rc = part_of(device, &part);

	if (rc == NVML_SUCCESS && memory != part->memory_mhz)
		rc = NVML_NOT_FOUND;
	return rc != NVML_SUCCESS
		? rc
		: list_down(GRAPHICS_MOST, (GRAPHICS_MOST - GRAPHICS_LEAST) / GRAPHICS_STEP + 1,
			  GRAPHICS_STEP, count, list);
}
