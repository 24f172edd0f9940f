/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/platform.h"

#include <time.h>

static const struct {
	unsigned             gpus, switches;
	struct platform_mode mode;
} profiles[] = {
	/* nvidia-device-access 1.5 and 1.6: under protected PCIe ccFeature reads 0 */
	[PLATFORM_SINGLE] = { 1, 0, { .cc = true, .environment = 2 } },
	[PLATFORM_PPCIE]  = { 8, 4, { .multi_gpu = 1, .environment = 2 } },
	[PLATFORM_NONE]   = { 1, 0, { 0 } },
};

#define KEY_ROTATION    60                 /* 1.5: the default */
#define UNPROTECTED_KIB UINT64_C(83024896) /* 1.7: outside CC mode all of it */

void platform_spec_default(enum platform_profile profile, struct platform_spec *out)
{
	*out = (struct platform_spec){
		.seed     = "assay",
		.profile  = profile,
		.arch     = FORGE_HOPPER,
		.gpus     = profiles[profile].gpus,
		.switches = profiles[profile].switches,
		.tdx      = true,
		.quote    = 4,
	};
}

int64_t platform_now(const struct platform *p)
{
	return p->at != 0 ? p->at : (int64_t)time(NULL);
}

unsigned platform_count(const struct platform *p, enum forge_kind kind)
{
	return forge_count(p->forge, kind);
}

/* Rows of the forge among the faults, and what was revoked by hand. */
static enum assay_code collect_faults(
	const struct platform *p, struct forge_spec *s, struct assay_err *e)
{
	const struct fault *row[2 * FORGE_FAULTS];
	size_t              n = 0;

	for (size_t i = 0; i < p->spec.faults; i++)
		if (p->spec.fault[i]->forge != NULL)
			row[n++] = p->spec.fault[i]->forge;
	for (size_t i = 0; i < p->revocations; i++)
		row[n++] = &p->revoked[i];
	if (n > FORGE_FAULTS)
		return err_set(e, ASSAY_INPUT_OPTION, "more than %d faults and revocations",
			FORGE_FAULTS);
	memcpy(s->fault, row, n * sizeof(*row));
	s->faults = n;
	return ASSAY_OK;
}

/* The forge as the platform now is. Its time is that of the start: what it signed stays. */
static enum assay_code describe(
	const struct platform *p, struct forge_spec *s, struct assay_err *e)
{
	forge_spec_default(p->spec.profile == PLATFORM_PPCIE, s);
	s->seed     = p->spec.seed;
	s->arch     = p->spec.arch;
	s->gpus     = p->spec.gpus;
	s->switches = p->spec.switches;
	s->at       = p->started;
	return collect_faults(p, s, e);
}

static enum assay_code start_td(struct platform *p, struct assay_err *e)
{
	struct tdx_spec s = { .quote = p->spec.quote, .at = p->started };

	tdx_free(p->tdx);
	p->tdx = NULL;
	if (!p->spec.tdx)
		return ASSAY_OK;
	for (size_t i = 0; i < p->spec.faults; i++)
		if (p->spec.fault[i]->tdx != NULL)
			s.fault[s.faults++] = p->spec.fault[i]->tdx;
	return tdx_new(p->forge, &s, &p->tdx, e);
}

static void set_mode(struct platform *p)
{
	p->mode     = profiles[p->spec.profile].mode;
	p->configfs = true;
	for (size_t i = 0; i < p->spec.faults; i++) {
		const struct sim_fault *f = p->spec.fault[i];

		if (f->act == SIM_MODE)
			f->mode(&p->mode);
		if (f->door == SIM_QGS && f->act != SIM_NOTHING && f->act != SIM_MODE)
			p->configfs = false; /* else nobody would ask the QGS */
	}
}

/* What the driver keeps from call to call. */
static void power_on(struct platform *p)
{
	memset(p->lost, 0, sizeof(p->lost));
	memset(p->transient, 0, sizeof(p->transient));
	p->ready        = false;
	p->key_rotation = KEY_ROTATION;
	for (size_t i = 0; i < FORGE_DEVICES; i++)
		p->unprotected_kib[i] = p->spec.profile == PLATFORM_NONE ? UNPROTECTED_KIB : 0;
}

static enum assay_code start(
	struct platform *p, const struct platform_spec *spec, struct assay_err *e)
{
	struct forge_spec s;
	char             *seed = mem_text(bytes_text(spec->seed));

	if (seed == NULL)
		return err_no_memory(e);
	p->spec      = *spec;
	p->spec.seed = seed;
	p->at        = spec->at;
	p->started   = platform_now(p);
	p->driver    = model_of(FORGE_GPU, spec->arch, spec->profile == PLATFORM_PPCIE)->driver;
	TRY(describe(p, &s, e));
	TRY(forge_new(&s, &p->forge, e));
	TRY(start_td(p, e));
	set_mode(p);
	power_on(p);
	return ASSAY_OK;
}

enum assay_code platform_new(
	const struct platform_spec *spec, struct platform **out, struct assay_err *e)
{
	struct platform *p = mem_new(1, sizeof(*p));

	if (p == NULL)
		return err_no_memory(e);
	if (start(p, spec, e) != ASSAY_OK) {
		platform_free(p);
		return e->code;
	}
	*out = p;
	return ASSAY_OK;
}

void platform_free(struct platform *p)
{
	if (p == NULL)
		return;
	tdx_free(p->tdx);
	forge_free(p->forge);
	mem_done(&p->spec.seed);
	mem_free(p);
}

static enum assay_code forge_anew(struct platform *p, struct assay_err *e)
{
	struct forge_spec s;

	TRY(describe(p, &s, e));
	return forge_again(p->forge, &s, e);
}

enum assay_code platform_reset(struct platform *p, struct assay_err *e)
{
	p->revocations = 0;
	TRY(forge_anew(p, e));
	TRY(start_td(p, e));
	power_on(p);
	return ASSAY_OK;
}

enum assay_code platform_faults(
	struct platform *p, const struct sim_fault *const *fault, size_t n, struct assay_err *e)
{
	const struct platform_spec before = p->spec;

	if (n > FORGE_FAULTS)
		return err_set(
			e, ASSAY_INPUT_OPTION, "more than %d faults at once", FORGE_FAULTS);
	for (size_t i = 0; i < n; i++)
		p->spec.fault[i] = fault[i];
	p->spec.faults = n;
	if (platform_reset(p, e) == ASSAY_OK) {
		set_mode(p);
		return ASSAY_OK;
	}
	p->spec = before;
	platform_reset(p, &(struct assay_err){ 0 }); /* as it was */
	return e->code;
}

enum assay_code platform_revoke(
	struct platform *p, const struct fault *like, struct assay_err *e)
{
	if (p->revocations == FORGE_FAULTS)
		return err_set(e, ASSAY_INPUT_OPTION, "more than %d revocations", FORGE_FAULTS);
	p->revoked[p->revocations++] = *like;
	if (forge_anew(p, e) == ASSAY_OK)
		return ASSAY_OK;
	p->revocations--;
	return e->code;
}

/* "nvml*" is all that begins so, "*report" all that ends so. */
static bool fits(const char *at, const char *name)
{
	size_t n = at == NULL ? 0 : strlen(at), len = strlen(name);

	if (n == 0)
		return true;
	if (at[n - 1] == '*')
		return strncmp(at, name, n - 1) == 0;
	if (at[0] == '*')
		return len >= n - 1 && strcmp(at + 1, name + len - (n - 1)) == 0;
	return strcmp(at, name) == 0;
}

const struct sim_fault *platform_struck(const struct platform *p, enum sim_door door,
	const char *name, enum forge_kind kind, unsigned number)
{
	for (size_t i = 0; i < p->spec.faults; i++) {
		const struct sim_fault *f = p->spec.fault[i];

		if (f->act > SIM_MODE && f->door == door && fits(f->at, name) &&
			(f->only == 0 || (f->kind == kind && f->only == number + 1)))
			return f;
	}
	return NULL;
}
