/* SPDX-License-Identifier: Apache-2.0
 *
 * From what a machine is to what is to be done to it: small steps in the order of environment 6. A pure function of the machine
 * as it was found, of what earlier runs recorded, and of what the user allows: after each step it is asked again, so a step
 * that took effect is in no plan any more, and a run that was ended goes on where it was. */
#ifndef ENV_PLAN_H
#define ENV_PLAN_H

#include "base/finding.h"
#include "env/image.h"
#include "env/machine.h"
#include "env/sources.h"
#include "env/txn.h"

#define PLAN_STEPS 128
#define PLAN_AHEAD 16 /* rows of preflight.h */
#define PLAN_TEXT  400

/* Environment 6; inspection and preflight have no steps. */
enum phase { PHASE_BOOT, PHASE_SOFTWARE, PHASE_START, PHASES };
const char *phase_name(enum phase p); /* "boot settings" */

enum ready_mode { READY_ATTEST, READY_UNCONDITIONAL };

struct plan_options {
	enum ready_mode ready;
	bool            require;    /* consumers do not start without the gate */
	bool            toolkit;    /* the CUDA toolkit too */
	bool            software;   /* driver and packages too */
	bool            licence;    /* the user accepts NVIDIA's licence */
	bool            kdump;      /* a crash kernel is not to inherit swiotlb= */
	bool            nvlink_off; /* the one GPU is not to wait for a fabric */
	bool            force;
	bool            hold;     /* updates do not move kernel and driver */
	bool            download; /* installers that are not in files may be fetched */
	const char     *files;    /* folder with installers, as an absolute path; NULL: none */
	const struct sources *sources;
	struct bytes          pins; /* lines of sha256sum: digest, blanks, name */
};

/* What earlier runs did and nobody took back, from their journals. */
struct history {
	bool initramfs_due; /* a file that belongs into it was written since it was last made */
	bool menu_due;      /* likewise GRUB's menu */
	bool reload_due;    /* likewise systemd's units */
	bool lists_asked;   /* apt's lists were brought in this very boot */
	bool same_boot;     /* boot settings were written in this very boot */
	char monitor_link[ROOT_PATH],
		monitor_path[ROOT_PATH]; /* CloudMonitor's wish to start, taken away */
	bool monitor_stopped;
	struct {
		char path[IMAGE_PATH], copy[IMAGE_PATH];
	} kept[TXN_MADE]; /* images that were copied before they were made again */
	size_t kepts;
};

struct step {
	enum phase      phase;
	const char     *item; /* of environment 5: "BOOT-02" */
	enum txn_do     what;
	char            path[ROOT_PATH]; /* file, or link */
	char            copy[ROOT_PATH]; /* of a large file that is kept, or dropped */
	struct place    before, want;
	char           *argv[TXN_ARGS + 1]; /* owned */
	const char     *undo[TXN_ARGS + 1];
	const char     *unit;
	enum unit_verb  verb;
	char            why[PLAN_TEXT];
	char            blocked[PLAN_TEXT]; /* "": nothing is in its way */
	enum assay_code code;               /* of blocked */
	bool            measured;           /* values that the TD measures change */
	char            file[128], pin[2 * SHA256_SIZE + 1]; /* an installer, and its digest */
	char            url[256], referer[128];              /* where it comes from */
};

/* What was looked at before: preflight.h. */
struct ahead {
	const char        *item;
	enum assay_outcome outcome;
	char               text[PLAN_TEXT];
};

struct plan {
	enum profile profile;
	struct ahead ahead[PLAN_AHEAD];
	size_t       aheads;
	struct step  step[PLAN_STEPS];
	size_t       steps;
	struct buf   notes;  /* a line each */
	bool         reboot; /* what is written, or to be, takes effect with the next boot */
	struct assay_err refused; /* ASSAY_OK: not */
	char unread[128]; /* a package that may be in those lists of apt's that were not read */
};

/* ASSAY_OK whatever the plan; a machine that is left alone has its reason in out->refused. */
enum assay_code plan_make(const struct machine *m, const struct site *s,
	const struct history *h, const struct plan_options *o, struct plan **out,
	struct assay_err *e);
void            plan_free(struct plan *p);

/* As text. */
enum assay_code plan_show(
	const struct plan *p, const struct machine *m, struct buf *out, struct assay_err *e);
enum assay_code plan_json(const struct plan *p, json_t **out, struct assay_err *e);

/* A word as a shell would want it. */
void shell_word(const char *text, struct buf *out);

/* A step in one line: "write /etc/x", "run dracut -f", "start x.service". */
void step_line(const struct step *s, struct buf *out);
bool step_same(const struct step *a, const struct step *b);

/* ---- for the parts of the planner ---- */

struct planner {
	const struct machine      *m;
	const struct site         *site;
	const struct history      *h;
	const struct plan_options *o;
	struct plan               *p;
};

__attribute__((format(printf, 2, 3))) void plan_note(struct planner *w, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void plan_refuse(struct planner *w, const char *fmt, ...);

/* A file with those bytes, when it is not so already. mode 0: an old file's, or 0644. */
enum assay_code plan_file(struct planner *w, enum phase phase, const char *item,
	const char *path, struct bytes body, const char *why, struct step **out,
	struct assay_err *e);
enum assay_code plan_link(struct planner *w, enum phase phase, const char *item,
	const char *path, const char *text, const char *why, struct assay_err *e);
enum assay_code plan_command(struct planner *w, enum phase phase, const char *item,
	const char *const *argv, const char *why, struct step **out, struct assay_err *e);
enum assay_code plan_unit(struct planner *w, enum phase phase, const char *item,
	const char *unit, enum unit_verb verb, const char *why, struct assay_err *e);

/* The copies of images, before the step that stands there: a run that is ended behind it knows what they were. And away with
 * them after a good boot. */
enum assay_code plan_keep(struct planner *w, size_t before, struct assay_err *e);
enum assay_code plan_drop(struct planner *w, struct assay_err *e);

/* A name that a journal does not take back is not written into one: undo could not read it any more. */
bool plan_odd_name(struct planner *w, const char *path);

/* One more step, to be filled; NULL, and e, when there are too many. */
struct step *plan_add(struct planner *w, enum phase phase, const char *item, enum txn_do what,
	const char *why, struct assay_err *e);

/* A file's bytes as planned so far, or as they are; empty when there is none. */
enum assay_code plan_body(
	struct planner *w, const char *path, struct buf *out, struct assay_err *e);

enum assay_code plan_boot(struct planner *w, struct assay_err *e);
enum assay_code plan_modules(struct planner *w, struct assay_err *e);
enum assay_code plan_software(struct planner *w, struct assay_err *e);
enum assay_code plan_units(struct planner *w, struct assay_err *e);
enum assay_code plan_start(struct planner *w, struct assay_err *e);
enum assay_code plan_hold(struct planner *w, struct assay_err *e);

/* The argument as this machine's kernel takes it. */
const char *plan_swiotlb(const struct machine *m);

/* How an initramfs and GRUB's menu are made here. text: for a path among the words. */
void plan_initramfs_words(const struct machine *m, const char *argv[TXN_ARGS + 1]);
void plan_menu_words(
	const struct machine *m, const char *argv[TXN_ARGS + 1], char text[ROOT_PATH]);

#endif
