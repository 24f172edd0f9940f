/* SPDX-License-Identifier: Apache-2.0
 *
 * assay-sim: the commands, and what they share. */
#ifndef CMD_SIM_H
#define CMD_SIM_H

#include "cli/cli.h"
#include "platform/platform.h"

#define WHO "assay sim"

/* What `up` and `run` were told. */
struct sim_options {
	struct platform_spec spec;
	const char          *profile, *gpus, *switches, *arch, *at, *quote, *seed;
	const char          *state; /* NULL: the usual place, or for `run` a new one */
	const char          *qgs;   /* a socket's path; NULL: in the state folder */
	uint16_t             port;  /* 0: any that is free */
	bool                 no_tdx, no_fuse, tls;
};

/* Options of `up` and `run` into o, filled up with defaults; *first is what follows them. */
enum assay_code options_read(const struct command *c, int argc, char **argv,
	struct sim_options *o, int *first, struct buf *help, struct assay_err *e);

/* The fault of that name. ASSAY_INPUT_OPTION for others. */
enum assay_code options_fault(
	const char *name, const struct sim_fault **out, struct assay_err *e);

/* Can it strike a platform like this? ASSAY_INPUT_OPTION when not. */
enum assay_code options_suits(
	const struct platform_spec *s, const struct sim_fault *f, struct assay_err *e);

int cmd_up(const struct command *c, int argc, char **argv);
int cmd_run(const struct command *c, int argc, char **argv);
int cmd_env(const struct command *c, int argc, char **argv);
int cmd_ctl(const struct command *c, int argc, char **argv);
int cmd_faults(const struct command *c, int argc, char **argv);

/* The words of `ctl`, for its help; and what they do to a platform. *stop is set by the word for it. */
void            control_help(bool table, struct buf *out); /* table: for CLI_TABLE */
enum assay_code control_say(struct platform *p, const char *words, struct buf *text, bool *stop,
	struct assay_err *e);

#endif
