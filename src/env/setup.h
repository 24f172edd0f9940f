/* SPDX-License-Identifier: Apache-2.0
 *
 * assay setup: plan, do, record, go on, go back. What is no file is done by an operator, whom tests play. Nothing here reboots,
 * stops a GPU's daemon or unloads a module.
 *
 * Source: environment 6, 7, 8. */
#ifndef ENV_SETUP_H
#define ENV_SETUP_H

#include "env/preflight.h"
#include "env/txn_write.h"

struct setup;

struct ran {               /* a program */
	int        status; /* what it ended with, 128 and its signal; 127: it is not there */
	bool       late;   /* it was ended, for it did not end itself */
	unsigned   limit_s;
	struct buf last; /* of what it printed, the last lines; printable */
};
void ran_done(struct ran *r);
/* What became of it, in words: "apt-get ended with status 100". */
void ran_words(const struct ran *r, const char *name, char out[PLAN_TEXT]);
/* Its last lines, with a failure. */
void ran_say(const struct setup *s, struct buf *out, const struct ran *r);

struct operator
{ /* of this machine; NULL for a tree: commands and units are left */
	enum assay_code (*run)(
		void *ctx, const char *const *argv, struct ran *out, struct assay_err *e);
	/* Waits until it is so. */
	enum assay_code (*unit)(
		void *ctx, const char *unit, enum unit_verb verb, struct assay_err *e);
	/* The rest of a file from there on, unpacked, in a file without a name; *to -1: no program for that packing. */
	enum assay_code (*unpack)(void *ctx, const char *packing, int from, size_t at, int *to,
		struct assay_err *e);
	/* An installer that is not in the folder, from where it comes; NULL: not allowed. */
	enum assay_code (*fetch)(
		void *ctx, const char *folder, const struct step *s, struct assay_err *e);
	void *ctx;
};

struct setup {
	struct inspection      how;
	const struct data     *data;
	const struct crypto   *crypto;
	struct plan_options    options;
	struct preflight_doors doors;
	const struct           operator* op;
	bool                   measured; /* the user agrees that measurements change */
	int64_t                now;
	void (*say)(void *ctx, const char *line); /* as it goes; NULL: nobody listens */
	/* May measurements change? NULL: nobody to ask. */
	bool (*ask)(void *ctx, const char *what);
	/* Between steps: is it to end here? NULL: never. */
	bool (*stop)(void *ctx);
	void *ctx;
	void (*tap)(void *ctx); /* tests: around each line of the journal */
};

/* Look and plan; nothing is written. */
enum assay_code setup_plan(
	const struct setup *s, struct machine **m, struct plan **p, struct assay_err *e);

void setup_plan_free(struct machine *m, struct plan *p);

/* Up to the next reboot. out: what was done and what is left, as text. HOST_REBOOT: it is the user's turn. HOST_REFUSED,
 * HOST_CONSENT, HOST_STEP, HOST_BUSY, HOST_WRITE. */
enum assay_code setup_apply(const struct setup *s, struct buf *out, struct assay_err *e);

/* All of it back, the last first. HOST_EDITED: files that were changed since were left; the text says which. */
enum assay_code setup_undo(const struct setup *s, struct buf *out, struct assay_err *e);

enum assay_code setup_status(const struct setup *s, struct buf *out, struct assay_err *e);

/* ---- inside ---- */

bool setup_stops(const struct setup *s);

enum assay_code setup_inspect(const struct setup *s, struct machine **m, struct assay_err *e);
/* With what inspect() was told. */
void            setup_machine_drop(struct machine **m);
enum assay_code setup_history(
	const struct machine *m, struct history *out, struct assay_err *e);

/* What a damaged journal still tells, and how to go on without it; nothing of one that is whole. */
void setup_damage(const struct setup *s, const struct root *r, const char *id, struct buf *out);
/* Is every journal whole? Of those that are not that is said. HOST_JOURNAL. */
enum assay_code setup_sound(
	const struct setup *s, const struct root *r, struct buf *out, struct assay_err *e);

__attribute__((format(printf, 3, 4))) void setup_say(
	const struct setup *s, struct buf *out, const char *fmt, ...);
/* What a file of that path has to do with. */
enum touch { TOUCH_INITRAMFS = 1, TOUCH_MENU = 2, TOUCH_UNITS = 4, TOUCH_BOOT = 8 };
unsigned setup_touches(const char *path);

/* A daemon of those that setup starts or stops; NULL: systemd itself. */
const struct unit_found *setup_unit(const struct machine *m, const char *name);

/* What each image carries now, said where it is not as wished; *made: their digests, also with HOST_STEP. */
enum assay_code setup_images(const struct setup *s, const struct machine *m, struct buf *out,
	json_t **made, struct assay_err *e);
void            setup_boot_id(const struct root *r, char id[64]);

#endif
