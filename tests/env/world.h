/* SPDX-License-Identifier: Apache-2.0
 *
 * assay setup on trees. An operator plays the machine's programs: they change what the real ones change, so what they brought
 * about is seen in the tree, and a reboot is what the tree says after it. */
#ifndef TESTS_ENV_WORLD_H
#define TESTS_ENV_WORLD_H

#include "env/known.h"
#include "env/setup.h"
#include "env/tree.h"

#define WORLD_NOW   1790000000
#define WORLD_TREES 13

struct world {
	char         dir[64];
	struct setup setup;
	struct       operator op;
	struct buf   ran;               /* a line a command */
	const char  *fails;             /* the command that ends with status 1 */
	const char  *late;              /* the command that is ended for it took too long */
	bool         half;              /* and brought what it brings all the same */
	const char  *carries, *forgets; /* a module in images; a file that is not */
	bool         bare;              /* apt-get update brings nothing */
	bool         packed, no_tool;   /* images are compressed; nothing unpacks them */
	size_t       lines;             /* of journals, written so far */
	size_t       kill_at;           /* this process ends there */
	unsigned     asked;             /* whether it is to end */
};

/* One of each system, loader and state that setup tells apart. */
extern const struct tree world_trees[WORLD_TREES];
extern const char        world_pins[]; /* of no installer that is asked for */

/* What setup of any tree is given: all software, one large disk, a clock that is kept, the user's consent. */
struct setup world_setup(const char *root);

/* A tree in a folder of its own, and setup on it; operated: its programs are played, else it is a tree alone. */
void world_make(struct world *w, const struct tree *t, bool operated);
void world_done(struct world *w);
void world_show(const struct tree *t);

/* Installers whose digests are known. */
void world_files(struct world *w, struct buf *lines);
void world_files_done(struct world *w);

enum assay_code world_apply(struct world *w, struct assay_err *e);
enum assay_code world_undo(struct world *w, struct buf *out, struct assay_err *e);

/* The first half of setup, up to the reboot that it asks for, and that one. */
void world_halfway(struct world *w);

/* What the tree says after a reboot. */
void world_reboot(const struct world *w);
/* A record that systemd would give: see systemd.h. */
void world_record(const struct world *w, const char *unit, bool active);
/* What apt-get update brings. */
void world_lists(const struct world *w);
/* All images made anew; mark: a name in them. */
void world_images(const struct world *w, const char *mark);

/* Every name, kind, mode, owner and byte, but the journals. */
void world_picture(const struct world *w, struct buf *out);
void world_same(const struct world *w, struct buf *was);

/* A shell, and files of the tree. */
__attribute__((format(printf, 1, 2))) void world_sh(const char *fmt, ...);
void world_put(const struct world *w, const char *path, const char *text);
void world_add(const struct world *w, const char *path, const char *text);
bool world_has(const struct world *w, const char *path, const char *text);
bool world_there(const struct world *w, const char *path);

/* Around each line of the journal, and of each program: the process ends at kill_at. ctx: the world. */
void world_tap(void *ctx);

#endif
