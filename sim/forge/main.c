/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-forge: a node's evidence, collateral and anchors from a seed into a folder. */
#include <errno.h>
#include <getopt.h>
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

#define EXIT_USAGE 2

struct options {
	struct forge_spec spec;
	const char       *out;
	const char       *arch, *gpus, *switches, *nonce, *at;
	struct tdx_spec   td;
	bool              ppcie, no_collateral, faults, names, tdx;
};

enum choice {
	OPTION_OUT     = 'o', /* a letter alone */
	OPTION_HELP    = 'h',
	OPTION_PROFILE = 256,
	OPTION_GPUS,
	OPTION_SWITCHES,
	OPTION_ARCH,
	OPTION_SEED,
	OPTION_NONCE,
	OPTION_AT,
	OPTION_FAULT,
	OPTION_FAULTS,
	OPTION_NAMES,
	OPTION_NO_COLLATERAL,
	OPTION_SHA1,
	OPTION_TDX,
};

static const struct {
	enum choice value;
	const char *name, *argument, *help;
} table[] = {
	{ OPTION_PROFILE, "profile", "single|ppcie",
		"one GPU (default), or eight and four switches" },
	{ OPTION_GPUS, "gpus", "N", "GPUs in the evidence" },
	{ OPTION_SWITCHES, "switches", "M", "switches in the evidence" },
	{ OPTION_ARCH, "arch", "hopper|blackwell", "the GPUs' family" },
	{ OPTION_SEED, "seed", "TEXT", "all keys and numbers come from it (default: assay)" },
	{ OPTION_NONCE, "nonce", "HEX", "32 bytes (default: of the seed)" },
	{ OPTION_AT, "at", "TIME", "the time it is made for (default: 2026-06-01T00:00:00Z)" },
	{ OPTION_FAULT, "fault", "FAULT", "build this one in; may be repeated, see --faults" },
	{ OPTION_FAULTS, "faults", NULL, "list the faults" },
	{ OPTION_NAMES, "names", NULL, "list them as name and profile only" },
	{ OPTION_NO_COLLATERAL, "no-collateral", NULL, "evidence alone" },
	{ OPTION_SHA1, "ocsp-sha1", NULL,
		"name certificates in OCSP by SHA-1, as NVIDIA's SDK does" },
	{ OPTION_TDX, "tdx", NULL, "a TDX guest too: its quote, event log and collateral" },
	{ OPTION_HELP, "help", NULL, "this text" },
};

/* What could not be written was not said: a full disk is no success. */
static int finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	fprintf(stderr, "assay-forge: standard output: %s\n", strerror(errno));
	return assay_class_exit(ASSAY_CLASS_INTERNAL);
}

static void print_help(void)
{
	puts("assay-forge [OPTION]... -o DIR\nMake evidence of a node that does not exist.\n");
	printf("  %-28s %s\n", "-o DIR", "the folder to write to; made when it is not there");
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		char left[64];

		snprintf(left, sizeof(left), "--%s %s", table[i].name,
			table[i].argument == NULL ? "" : table[i].argument);
		printf("  %-28s %s\n", left, table[i].help);
	}
}

static void print_table(void)
{
	CLEANUP(buf_done) struct buf out = { 0 };

	cli_table_command(
		"forge", "[OPTION]...", "Make test evidence under test anchors.", &out);
	cli_table_option('o', "", "DIR", "the folder to write to", "1", &out);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].value != OPTION_HELP)
			cli_table_option(0, table[i].name, table[i].argument, table[i].help,
				table[i].value == OPTION_FAULT ? "" : "1", &out);
	fwrite(out.p, 1, out.n, stdout);
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

static enum assay_code take(
	struct options *o, int option, const char *value, struct assay_err *e)
{
	switch (option) {
	case OPTION_PROFILE:
		o->ppcie = strcmp(value, "ppcie") == 0;
		if (!o->ppcie && strcmp(value, "single") != 0)
			return err_set(e, ASSAY_INPUT_OPTION, "a profile is single or ppcie");
		return ASSAY_OK;
	case OPTION_OUT:
		o->out = value;
		return ASSAY_OK;
	case OPTION_GPUS:
		o->gpus = value;
		return ASSAY_OK;
	case OPTION_SWITCHES:
		o->switches = value;
		return ASSAY_OK;
	case OPTION_ARCH:
		o->arch = value;
		return ASSAY_OK;
	case OPTION_SEED:
		o->spec.seed = value;
		return ASSAY_OK;
	case OPTION_NONCE:
		o->nonce = value;
		return ASSAY_OK;
	case OPTION_AT:
		o->at = value;
		return ASSAY_OK;
	case OPTION_FAULT:
		return add_fault(o, value, e);
	case OPTION_FAULTS:
		o->faults = true;
		return ASSAY_OK;
	case OPTION_NAMES:
		o->faults = o->names = true;
		return ASSAY_OK;
	case OPTION_NO_COLLATERAL:
		o->no_collateral = true;
		return ASSAY_OK;
	case OPTION_SHA1:
		o->spec.ocsp_sha1 = true;
		return ASSAY_OK;
	case OPTION_TDX:
		o->tdx = true;
		return ASSAY_OK;
	default: /* getopt has said what is wrong */
		return err_set(
			e, ASSAY_INPUT_OPTION, "an unknown option or no value; see --help");
	}
}

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
	if (o->arch != NULL) {
		s->arch = strcmp(o->arch, "blackwell") == 0 ? FORGE_BLACKWELL : FORGE_HOPPER;
		if (s->arch == FORGE_HOPPER && strcmp(o->arch, "hopper") != 0)
			return err_set(e, ASSAY_INPUT_OPTION, "--arch is hopper or blackwell");
	}
	if (o->gpus != NULL)
		TRY(read_count(o->gpus, &s->gpus, e));
	if (o->switches != NULL)
		TRY(read_count(o->switches, &s->switches, e));
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
	int argc, char **argv, struct options *o, bool *help, struct assay_err *e)
{
	struct option rows[ARRAY_LEN(table) + 1] = { 0 };
	int           option;

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		rows[i] = (struct option){ table[i].name,
			table[i].argument != NULL ? required_argument : no_argument, NULL,
			(int)table[i].value };
	opterr = 0;
	while ((option = getopt_long(argc, argv, "ho:", rows, NULL)) != -1) {
		*help = *help || option == OPTION_HELP;
		if (option != OPTION_HELP)
			TRY(take(o, option, optarg, e));
	}
	if (*help)
		return ASSAY_OK;
	if (optind < argc)
		return err_set(e, ASSAY_INPUT_OPTION, "one argument too many: %s",
			SHOW(bytes_text(argv[optind])));
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
	struct options   o    = { 0 };
	struct assay_err e    = { 0 };
	bool             help = false;
	enum assay_code  code = ASSAY_OK;

	if (argc == 2 && cli_table_asked(argv[1])) {
		print_table();
		return finish_output();
	}
	code = read_options(argc, argv, &o, &help, &e);

	if (code == ASSAY_OK && help)
		print_help();
	else if (code == ASSAY_OK && o.faults)
		print_faults(o.names);
	else if (code == ASSAY_OK)
		code = forge(&o, &e);
	if (code != ASSAY_OK)
		fprintf(stderr, "assay-forge: %s\n", assay_err_text(&e));
	return code == ASSAY_OK ? finish_output() : assay_class_exit(assay_class(code));
}
