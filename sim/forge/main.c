/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-forge: a node's evidence, collateral and anchors from a seed into a folder. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/show.h"
#include "base/utc.h"
#include "cli/cli.h"
#include "forge/fault.h"
#include "forge/out.h"
#include "forge/tdx_fault.h"
#include "forge/tdx_out.h"

#define WHO "assay-forge"

struct options {
	struct forge_spec spec;
	const char       *out;
	const char       *arch, *gpus, *switches, *nonce, *at;
	struct tdx_spec   td;
	bool              ppcie, no_collateral, faults, names, tdx;
};

/* What could not be written was not said: a full disk is no success. */
static int finish_output(void)
{
	return cli_print(WHO, &(struct buf){ 0 }, 0);
}

static void print_tdx_faults(bool names)
{
	const struct tdx_fault *t;

	for (size_t i = 0; (t = tdx_fault_at(i)) != NULL; i++) {
		if (names)
			printf("%s tdx\n", t->name);
		else
			printf("%-30s %-7s exit %d  %-28s %-24s %s\n", t->name, "tdx", t->exit,
				t->finding, tdx_fault_stage(t), t->attack);
	}
}

static void print_faults(bool names)
{
	const struct fault *t;

	for (size_t i = 0; (t = fault_at(i)) != NULL; i++) {
		if (names)
			printf("%s %s\n", t->name, t->profile);
		else
			printf("%-30s %-7s exit %d  %-28s %-24s %s\n", t->name, t->profile,
				t->exit, t->finding[0] == '\0' ? "-" : t->finding,
				fault_stage(t), t->attack);
	}
	print_tdx_faults(names);
}

static enum assay_code read_count(const char *text, unsigned *out, struct assay_err *e)
{
	char         *end   = NULL;
	unsigned long value = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || value >= FORGE_DEVICES)
		return err_set(e, ASSAY_INPUT_OPTION, "%s: not a number from 0 to %d",
			SHOW(bytes_text(text)), FORGE_DEVICES - 1);
	*out = (unsigned)value;
	return ASSAY_OK;
}

static enum assay_code add_fault(struct options *o, const char *name, struct assay_err *e)
{
	const struct fault     *t  = fault_named(name);
	const struct tdx_fault *td = tdx_fault_named(name);

	if (td != NULL && o->td.faults < TDX_FAULTS) {
		o->td.fault[o->td.faults++] = td;
		o->tdx                      = true;
		return ASSAY_OK;
	}
	if (t == NULL && td == NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "no fault of the name %s; see --faults",
			SHOW(bytes_text(name)));
	if (td != NULL || o->spec.faults == FORGE_FAULTS)
		return err_set(
			e, ASSAY_INPUT_OPTION, "more than %d faults at once", FORGE_FAULTS);
	o->spec.fault[o->spec.faults++] = t;
	return ASSAY_OK;
}

#define FIELD(name, expression) CLI_TAKE(struct options, name, expression)

FIELD(out, o->out = value)
FIELD(ppcie, o->ppcie = strcmp(value, "ppcie") == 0)
FIELD(gpus, o->gpus = value)
FIELD(switches, o->switches = value)
FIELD(arch, o->arch = value)
FIELD(seed, o->spec.seed = value)
FIELD(nonce, o->nonce = value)
FIELD(at, o->at = value)
FIELD(faults, o->faults = true)
FIELD(names, o->faults = o->names = true)
FIELD(no_collateral, o->no_collateral = true)
FIELD(sha1, o->spec.ocsp_sha1 = true)
FIELD(tdx, o->tdx = true)

static enum assay_code take_fault(void *ctx, const char *value, struct assay_err *e)
{
	return add_fault(ctx, value, e);
}

#define LISTS "--faults --names" /* which make nothing */

static const struct option_row rows[] = {
	{ 'o', "output", "DIR", "the folder to write to; made when it is not there", take_out,
		.once = true, .without = LISTS },
	{ 0, "profile", "single|ppcie", "one GPU (default), or eight and four switches",
		take_ppcie, .once = true, .without = LISTS },
	{ 0, "gpus", "N", "GPUs in the evidence", take_gpus, .once = true, .without = LISTS },
	{ 0, "switches", "M", "switches in the evidence", take_switches, .once = true,
		.without = LISTS },
	{ 0, "arch", "hopper|blackwell", "the GPUs' family", take_arch, .once = true,
		.without = LISTS },
	{ 0, "seed", "TEXT", "all keys and numbers come from it (default: assay)", take_seed,
		.once = true, .without = LISTS },
	{ 0, "nonce", "HEX", "32 bytes (default: of the seed)", take_nonce, .once = true,
		.without = LISTS },
	{ 0, "at", "TIME", "the time it is made for (default: 2026-06-01T00:00:00Z)", take_at,
		.once = true, .without = LISTS },
	{ 0, "fault", "FAULT", "build this one in; may be repeated, see --faults", take_fault,
		.without = LISTS },
	{ 0, "faults", NULL, "list the faults", take_faults },
	{ 0, "names", NULL, "list them as name and profile only", take_names },
	{ 0, "no-collateral", NULL, "evidence alone", take_no_collateral, .without = LISTS },
	{ 0, "ocsp-sha1", NULL, "name certificates in OCSP by SHA-1, as NVIDIA's SDK does",
		take_sha1, .without = "--no-collateral " LISTS },
	{ 0, "tdx", NULL, "a TDX guest too: its quote, event log and collateral", take_tdx,
		.without = LISTS },
};

static const struct command self = { .name = "forge",
	.args                              = "[OPTION]... -o DIR",
	.help                              = "Make test evidence under test anchors." };

/* The profile gives what the other options leave open, wherever it stands. */
static enum assay_code finish(struct options *o, struct assay_err *e)
{
	struct forge_spec  base;
	struct forge_spec *s = &o->spec;

	forge_spec_default(o->ppcie, &base);
	s->ppcie    = base.ppcie;
	s->arch     = base.arch;
	s->gpus     = base.gpus;
	s->switches = base.switches;
	s->at       = base.at;
	if (s->seed == NULL)
		s->seed = base.seed;
	if (o->arch != NULL)
		s->arch = strcmp(o->arch, "blackwell") == 0 ? FORGE_BLACKWELL : FORGE_HOPPER;
	if (o->gpus != NULL && read_count(o->gpus, &s->gpus, e) != ASSAY_OK)
		return err_wrap(e, "--gpus");
	if (o->switches != NULL && read_count(o->switches, &s->switches, e) != ASSAY_OK)
		return err_wrap(e, "--switches");
	if (o->at != NULL && utc_parse(bytes_text(o->at), &s->at, e) != ASSAY_OK)
		return err_wrap(e, "--at");
	if (o->nonce != NULL) {
		s->nonce_given = true;
		if (hex_fixed(bytes_text(o->nonce), s->nonce, sizeof(s->nonce), e) != ASSAY_OK)
			return err_set(e, ASSAY_INPUT_OPTION, "--nonce takes 64 hex digits");
	}
	if (o->out == NULL && !o->faults)
		return err_set(e, ASSAY_INPUT_OPTION, "where to? -o DIR");
	return ASSAY_OK;
}

static enum assay_code read_options(
	int argc, char **argv, struct options *o, struct buf *help, struct assay_err *e)
{
	int first = 0;

	TRY(cli_options(&self, rows, ARRAY_LEN(rows), argc, argv, o, &first, help, e));
	if (help->n > 0)
		return ASSAY_OK;
	if (first < argc)
		return err_set(e, ASSAY_INPUT_OPTION, "one argument too many: %s",
			SHOW(bytes_text(argv[first])));
	return finish(o, e);
}

static enum assay_code forge(const struct options *o, struct assay_err *e)
{
	CLEANUP(forge_bundle_done) struct forge_bundle bundle = { 0 };
	struct forge                                  *f      = NULL;
	enum assay_code                                code;

	TRY(forge_new(&o->spec, &f, e));
	code = forge_bundle(f, !o->no_collateral, &bundle, e);
	if (code == ASSAY_OK)
		code = out_write(f, &bundle, o->out, e);
	if (code == ASSAY_OK && o->tdx)
		code = tdx_write(f, &o->td, o->spec.at, o->out, e);
	forge_free(f);
	return code;
}

int main(int argc, char **argv)
{
	CLEANUP(buf_done) struct buf help = { 0 };
	struct options               o    = { 0 };
	struct assay_err             e    = { 0 };

	cli_start();
	if (read_options(argc, argv, &o, &help, &e) != ASSAY_OK)
		return cli_fail(WHO, &e);
	if (help.n > 0)
		return cli_print(WHO, &help, 0);
	if (o.faults)
		print_faults(o.names);
	else if (forge(&o, &e) != ASSAY_OK)
		return cli_fail(WHO, &e);
	return finish_output();
}
