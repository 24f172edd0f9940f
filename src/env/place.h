/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the machine as they are, and as they are to be: read with all that a later undo needs, written whole (another name,
 * fsync, rename, fsync of the folder) or not at all. Paths are below the root, without a slash in front; nothing leads out. */
#ifndef ENV_PLACE_H
#define ENV_PLACE_H

#include "crypto/digest.h"
#include "env/root.h"

#define PLACE_FILE_MOST 4194304 /* bytes of a file that is changed here */
#define PLACE_LABEL     256
#define PLACE_FOLDERS   8 /* that one file may need made */
#define PLACE_NAME      256

enum place_kind { PLACE_ABSENT, PLACE_FILE, PLACE_LINK, PLACE_KINDS };

struct place {
	enum place_kind kind;
	uint32_t        mode, uid, gid;      /* of a file */
	char            label[PLACE_LABEL];  /* SELinux's; "": none */
	char            link[ROOT_PATH];     /* a link's own text */
	uint8_t         sha256[SHA256_SIZE]; /* of a file's bytes, of a link's text */
	struct buf      body;                /* a file's bytes */
};

struct site {
	const struct root   *root;
	const struct crypto *crypto;
	/* For tests: called where a run may be ended; NULL: nobody is. */
	void (*tap)(void *ctx);
	void *ctx;
};

void place_done(struct place *p);

/* The same kind, mode, owner, and bytes or link? Labels may differ. */
bool place_same(const struct place *a, const struct place *b);

/* Where the file behind links is; at most size characters. HOST_WRITE. */
enum assay_code place_real(
	const struct root *r, const char *path, char *out, size_t size, struct assay_err *e);

/* What stands there; the last name's own link is not followed. HOST_WRITE: neither file, link nor nothing, or not readable. */
enum assay_code place_read(
	const struct site *s, const char *path, struct place *out, struct assay_err *e);

/* p->sha256 by its kind. */
enum assay_code place_digest(const struct site *s, struct place *p, struct assay_err *e);

/* Folders on the way that are not there, the outermost first; each is path's beginning of so many characters. */
enum assay_code place_missing(const struct root *r, const char *path,
	size_t folder[PLACE_FOLDERS], size_t *n, struct assay_err *e);

/* Make it so. Folders on the way are made (0755). Other attributes of a file that is replaced stay. HOST_WRITE. */
enum assay_code place_write(
	const struct site *s, const char *path, const struct place *want, struct assay_err *e);

/* The half-written file that a run which was ended left behind, if any. */
void place_sweep(const struct root *r, const char *path);

/* The folder of a path, open, and the last name; an errno. */
int place_folder(const struct root *r, const char *path, char name[PLACE_NAME], int *fd);

/* Does the attribute sign the file it is of? On another one it would be wrong, and a kernel that looks would refuse the file. */
bool place_of_content(const char *attribute);

/* Extended attributes of one file, also to the other; but those. */
void place_attributes(int from, int to);

/* The name that a file has until it is whole. */
void place_draft(const char *name, char out[PLACE_NAME + 16]);

/* An empty folder goes; one that is not stays, silently. */
void place_rmdir(const struct root *r, const char *path);

#endif
