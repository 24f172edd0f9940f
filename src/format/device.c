/* SPDX-License-Identifier: Apache-2.0
 *
 * nvidia-evidence 1.3 (spelling) and 7.1 (what is supported). */
#include "format/device.h"

#include "base/show.h"

static const char *const kinds[DEVICE_KINDS] = {
	[DEVICE_GPU]      = "gpu",
	[DEVICE_NVSWITCH] = "nvswitch",
	[DEVICE_TDX]      = "tdx",
};

/* Every family by name; FAMILY_NONE: known, but without evidence that can be judged. */
static const struct {
	const char        *name;
	enum device_kind   kind;
	enum device_family family;
} families[] = {
	{ "HOPPER", DEVICE_GPU, FAMILY_HOPPER },
	{ "BLACKWELL", DEVICE_GPU, FAMILY_BLACKWELL },
	{ "LS10", DEVICE_NVSWITCH, FAMILY_LS10 },
	{ "KEPLER", DEVICE_GPU, FAMILY_NONE },
	{ "MAXWELL", DEVICE_GPU, FAMILY_NONE },
	{ "PASCAL", DEVICE_GPU, FAMILY_NONE },
	{ "VOLTA", DEVICE_GPU, FAMILY_NONE },
	{ "TURING", DEVICE_GPU, FAMILY_NONE },
	{ "AMPERE", DEVICE_GPU, FAMILY_NONE },
	{ "ADA", DEVICE_GPU, FAMILY_NONE },
	{ "RUBIN", DEVICE_GPU, FAMILY_NONE },
	{ "SV10", DEVICE_NVSWITCH, FAMILY_NONE },
	{ "LR10", DEVICE_NVSWITCH, FAMILY_NONE },
};

static uint8_t upper(uint8_t c)
{
	return c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
}

static bool same(struct bytes arch, const char *name, bool any_case)
{
	if (arch.n != strlen(name))
		return false;
	for (size_t i = 0; i < arch.n; i++)
		if ((any_case ? upper(arch.p[i]) : arch.p[i]) != (uint8_t)name[i])
			return false;
	return true;
}

/* The row of an arch; ARRAY_LEN(families) when there is none. */
static size_t lookup(struct bytes arch)
{
	size_t i = 0;

	while (i < ARRAY_LEN(families) &&
		!same(arch, families[i].name, families[i].kind == DEVICE_GPU))
		i++;
	return i;
}

const char *device_kind_name(enum device_kind kind)
{
	return (size_t)kind < DEVICE_KINDS ? kinds[kind] : "";
}

bool device_kind_parse(struct bytes name, enum device_kind *out)
{
	for (size_t i = 0; i < DEVICE_KINDS; i++)
		if (same(name, kinds[i], false)) {
			*out = (enum device_kind)i;
			return true;
		}
	return false;
}

const char *device_family_name(enum device_family family)
{
	for (size_t i = 0; family != FAMILY_NONE && i < ARRAY_LEN(families); i++)
		if (families[i].family == family)
			return families[i].name;
	return "";
}

enum device_kind device_family_kind(enum device_family family)
{
	for (size_t i = 0; family != FAMILY_NONE && i < ARRAY_LEN(families); i++)
		if (families[i].family == family)
			return families[i].kind;
	return DEVICE_GPU;
}

enum device_family device_family_parse(struct bytes arch)
{
	size_t row = lookup(arch);

	return row < ARRAY_LEN(families) ? families[row].family : FAMILY_NONE;
}

enum assay_code device_family_read(
	struct bytes arch, enum device_family *out, struct assay_err *e)
{
	size_t row = lookup(arch);

	if (row == ARRAY_LEN(families))
		return err_set(e, ASSAY_INPUT_ARCH, "the arch \"%s\" is unknown", SHOW(arch));
	if (families[row].family == FAMILY_NONE)
		return err_set(e, ASSAY_INPUT_ARCH,
			"the arch %s is recognised but not supported", families[row].name);
	*out = families[row].family;
	return ASSAY_OK;
}
