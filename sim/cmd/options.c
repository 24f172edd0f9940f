/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/show.h"
#include "base/utc.h"
#include "cmd/sim.h"

static const char *const profiles[] = {
	[PLATFORM_SINGLE] = "single",
	[PLATFORM_PPCIE]  = "ppcie",
	[PLATFORM_NONE]   = "none",
};

static enum assay_code number(
	const char *text, unsigned most, unsigned *out, struct assay_err *e)
{
	char         *end   = NULL;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value > most)
		return err_set(e, ASSAY_INPUT_OPTION, "%s: not a number from 0 to %u",
			SHOW(bytes_text(text)), most);
	*out = (unsigned)value;
	return ASSAY_OK;
}

#define TAKE_TEXT(member)                                          \
	static enum assay_code take_##member(                      \
		void *ctx, const char *value, struct assay_err *e) \
	{                                                          \
		(void)e;                                           \
		((struct sim_options *)ctx)->member = value;       \
		return ASSAY_OK;                                   \
	}
#define TAKE_FLAG(member)                                          \
	static enum assay_code take_##member(                      \
		void *ctx, const char *value, struct assay_err *e) \
	{                                                          \
		(void)value;                                       \
		(void)e;                                           \
		((struct sim_options *)ctx)->member = true;        \
		return ASSAY_OK;                                   \
	}

TAKE_TEXT(profile)
TAKE_TEXT(gpus)
TAKE_TEXT(switches)
TAKE_TEXT(arch)
TAKE_TEXT(at)
TAKE_TEXT(quote)
TAKE_TEXT(state)
TAKE_TEXT(seed)
TAKE_FLAG(no_tdx)
TAKE_FLAG(no_fuse)
TAKE_FLAG(tls)

static enum assay_code take_fault(void *ctx, const char *value, struct assay_err *e)
{
	struct platform_spec *s = &((struct sim_options *)ctx)->spec;

	if (s->faults == FORGE_FAULTS)
		return err_set(
			e, ASSAY_INPUT_OPTION, "more than %d faults at once", FORGE_FAULTS);
	TRY(options_fault(value, &s->fault[s->faults], e));
	s->faults++;
	return ASSAY_OK;
}

static enum assay_code take_port(void *ctx, const char *value, struct assay_err *e)
{
	unsigned port = 0;

	TRY(number(value, UINT16_MAX, &port, e));
	((struct sim_options *)ctx)->port = (uint16_t)port;
	return ASSAY_OK;
}

static enum assay_code take_qgs(void *ctx, const char *value, struct assay_err *e)
{
	if (!bytes_begin(bytes_text(value), BYTES("unix:")) || value[strlen("unix:")] == '\0')
		return err_set(e, ASSAY_INPUT_OPTION, "unix: and a socket's path, not \"%s\"",
			SHOW(bytes_text(value)));
	((struct sim_options *)ctx)->qgs = value + strlen("unix:");
	return ASSAY_OK;
}

static const struct option_row rows[] = {
	{ 0, "profile", "single|ppcie|none",
		"one GPU (default); eight and four switches; one GPU with CC off", take_profile,
		true },
	{ 0, "gpus", "N", "other than that many GPUs", take_gpus, true },
	{ 0, "switches", "M", "other than that many switches", take_switches, true },
	{ 0, "arch", "hopper|blackwell", "the GPUs' family (default: hopper)", take_arch,
		true },
	{ 0, "no-tdx", NULL, "the guest is no TD", take_no_tdx, false },
	{ 0, "quote", "4|5", "version of the TD's quotes (default: 4)", take_quote, true,
		.without = "--no-tdx" },
	{ 0, "seed", "TEXT", "all keys and numbers come from it (default: assay)", take_seed,
		true },
	{ 0, "at", "TIME", "time stands still there (default: this machine's clock)", take_at,
		true },
	{ 0, "fault", "FAULT", "build this one in; may be repeated, see assay sim faults",
		take_fault, false },
	{ 0, "state", "DIR", "where it keeps what programs look for", take_state, true },
	{ 0, "port", "N", "of the RIM, OCSP and PCS services (default: a free one)", take_port,
		true },
	{ 0, "tls", NULL, "these services by HTTPS, under a test CA", take_tls, false },
	{ 0, "qgs", "unix:PATH", "the quoting service's socket (default: in DIR)", take_qgs,
		true, .without = "--no-tdx" },
	{ 0, "no-fuse", NULL, "without configfs-tsm and /dev/tdx_guest", take_no_fuse, false },
};

enum assay_code options_fault(
	const char *name, const struct sim_fault **out, struct assay_err *e)
{
	*out = sim_fault_named(name);
	if (*out == NULL)
		return err_set(e, ASSAY_INPUT_OPTION,
			"no fault of the name \"%s\"; see assay sim faults",
			SHOW(bytes_text(name)));
	return ASSAY_OK;
}

/* Not said, it is that of the faults. */
static enum assay_code choose_profile(
	const struct sim_options *o, enum platform_profile *out, struct assay_err *e)
{
	*out = PLATFORM_SINGLE;
	for (size_t i = 0; i < o->spec.faults && o->profile == NULL; i++)
		if (strcmp(o->spec.fault[i]->profile, profiles[PLATFORM_PPCIE]) == 0)
			*out = PLATFORM_PPCIE;
	if (o->profile == NULL)
		return ASSAY_OK;
	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		if (strcmp(o->profile, profiles[i]) != 0)
			continue;
		*out = (enum platform_profile)i;
		return ASSAY_OK;
	}
	return err_set(e, ASSAY_INPUT_OPTION, "--profile: single, ppcie or none, not \"%s\"",
		SHOW(bytes_text(o->profile)));
}

static bool of_door(const struct sim_fault *f, enum sim_door door)
{
	return f->act > SIM_MODE && f->door == door;
}

/* Of what only a TD has. */
static bool of_td(const struct sim_fault *f)
{
	return f->tdx != NULL || of_door(f, SIM_PCS) || of_door(f, SIM_TSM) ||
		of_door(f, SIM_QGS);
}

enum assay_code options_suits(
	const struct platform_spec *s, const struct sim_fault *f, struct assay_err *e)
{
	if (of_td(f) && !s->tdx)
		return err_set(e, ASSAY_INPUT_OPTION, "fault %s is of a TD, and there is none",
			f->name);
	if (s->profile != PLATFORM_PPCIE && strcmp(f->profile, profiles[PLATFORM_PPCIE]) == 0)
		return err_set(
			e, ASSAY_INPUT_OPTION, "fault %s is for --profile ppcie", f->name);
	return ASSAY_OK;
}

static enum assay_code check_faults(const struct sim_options *o, struct assay_err *e)
{
	for (size_t i = 0; i < o->spec.faults; i++) {
		const struct sim_fault *f = o->spec.fault[i];

		TRY(options_suits(&o->spec, f, e));
		if (of_door(f, SIM_TSM) && o->no_fuse)
			return err_set(e, ASSAY_INPUT_OPTION,
				"fault %s is of configfs-tsm, which --no-fuse leaves out",
				f->name);
	}
	return ASSAY_OK;
}

static enum assay_code read_arch(const char *text, enum forge_arch *out, struct assay_err *e)
{
	if (strcmp(text, "hopper") != 0 && strcmp(text, "blackwell") != 0)
		return err_set(e, ASSAY_INPUT_OPTION, "--arch: hopper or blackwell, not \"%s\"",
			SHOW(bytes_text(text)));
	*out = text[0] == 'h' ? FORGE_HOPPER : FORGE_BLACKWELL;
	return ASSAY_OK;
}

/* The profile gives what the other options leave open, wherever it stands. */
static enum assay_code finish(struct sim_options *o, struct assay_err *e)
{
	const struct platform_spec given = o->spec;
	struct platform_spec      *s     = &o->spec;
	enum platform_profile      profile;

	TRY(choose_profile(o, &profile, e));
	platform_spec_default(profile, s);
	memcpy(s->fault, given.fault, sizeof(s->fault));
	s->faults = given.faults;
	s->tdx    = !o->no_tdx;
	if (o->seed != NULL)
		s->seed = o->seed;
	if (o->arch != NULL)
		TRY(read_arch(o->arch, &s->arch, e));
	if (o->gpus != NULL && number(o->gpus, FORGE_DEVICES - 1, &s->gpus, e) != ASSAY_OK)
		return err_wrap(e, "--gpus");
	if (o->switches != NULL &&
		number(o->switches, FORGE_DEVICES - 1, &s->switches, e) != ASSAY_OK)
		return err_wrap(e, "--switches");
	if (o->at != NULL && utc_parse(bytes_text(o->at), &s->at, e) != ASSAY_OK)
		return err_wrap(e, "--at");
	if (o->quote != NULL && (number(o->quote, 5, &s->quote, e) != ASSAY_OK || s->quote < 4))
		return err_set(e, ASSAY_INPUT_OPTION, "--quote: 4 or 5");
	return check_faults(o, e);
}

enum assay_code options_read(const struct command *c, int argc, char **argv,
	struct sim_options *o, int *first, struct buf *help, struct assay_err *e)
{
	TRY(cli_options(c, rows, ARRAY_LEN(rows), argc, argv, o, first, help, e));
	return help->n > 0 ? ASSAY_OK : finish(o, e);
}
