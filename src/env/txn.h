/* SPDX-License-Identifier: Apache-2.0
 *
 * The journal of one run of assay setup, as bytes to a value: a JSON line a record. A last line without its newline was not
 * written: the run was ended in the middle of it, before it did what the line says. All else is as strict as any input.
 *
 * docs/txn.md. */
#ifndef ENV_TXN_H
#define ENV_TXN_H

#include "base/json.h"
#include "env/place.h"

#define TXN_SCHEMA "assay.txn/1"
#define TXN_FILE   4194304 /* bytes of a journal */
#define TXN_LINE   65536
#define TXN_STEPS  256
#define TXN_ARGS   32
#define TXN_ID     48
#define TXN_MADE   64 /* files that one command made again */

enum txn_do {
	TXN_DO_FILE,
	TXN_DO_COMMAND,
	TXN_DO_UNIT,
	TXN_DO_KEEP, /* a copy of a large file, before a command makes it again */
	TXN_DO_DROP, /* that copy goes */
	TXN_DOS
};

enum unit_verb { VERB_START, VERB_STOP, VERB_RELOAD, UNIT_VERBS };
const char *unit_verb_name(enum unit_verb v); /* "start" */

struct txn_step {
	json_t      *json, *end; /* lend the texts */
	const char  *item, *path, *copy, *unit;
	enum txn_do  what;
	size_t       folder[PLACE_FOLDERS]; /* beginnings of path that were made */
	size_t       folders;
	struct place before,
		after; /* without their bytes, which are files beside the journal */
	const char    *argv[TXN_ARGS + 1], *undo[TXN_ARGS + 1];
	enum unit_verb verb;
	bool           enabled, active; /* the unit, before */
	bool           ended, undone;
	int64_t        status; /* ended: 0, or what the command said */
	struct {
		const char *path;
		uint8_t     sha256[SHA256_SIZE];
	} made[TXN_MADE]; /* as they were behind the command */
	size_t mades;
};

struct txn {
	char             id[TXN_ID], version[32], profile[16], boot[64];
	int64_t          at;
	bool             closed; /* undone, all of it */
	size_t           whole;  /* bytes up to the end of the last whole line */
	struct txn_step *step;   /* step N is step[N - 1] */
	size_t           steps;
};

/* A path as it stands in a journal: below the root, plain names, printable. */
bool txn_path(const char *path);

/* Without one whole line, nothing was done by that run: id is "". INPUT_SIZE, JSON_..., HOST_JOURNAL. */
enum assay_code txn_parse(struct bytes in, struct txn *out, struct assay_err *e);
void            txn_done(struct txn *t);

/* Of what txn_parse() refuses, what stands before the first line that is not as assay writes it. To be shown, and no more:
 * nothing is done or undone by it. why: which line, and what is wrong there; ASSAY_OK: nothing is. */
void txn_salvage(struct bytes in, struct txn *out, struct assay_err *why);

/* A line that was written, "{...}\n", gets its last member: the CRC-32 (ISO 3309) of the bytes before it. It tells a disk's faults and
 * slips of an editor; who writes as root needs no forged sum. */
void txn_seal(struct buf *line);

const char *txn_do_name(enum txn_do d); /* "file" */

/* What a place is, as its member of a line. */
json_t *txn_state(const struct place *p);

#endif
