/* SPDX-License-Identifier: Apache-2.0
 *
 * One undo under way, and the kinds of steps that it takes back. how: what came of it, for the journal; NULL: it was left, and
 * that was said. */
#ifndef ENV_UNDO_H
#define ENV_UNDO_H

#include "env/setup.h"

struct back {
	const struct setup   *s;
	const struct machine *m;
	struct site           site;
	struct buf           *out;
	unsigned              touched;
	size_t                left, undone;
	struct buf            lines; /* left for the machine itself */
	struct {
		char    path[IMAGE_PATH];
		uint8_t before[SHA256_SIZE]; /* of an image that was kept */
		uint8_t made[SHA256_SIZE];   /* as the last command left it */
		bool    was_kept, was_made;
	} image[IMAGE_MOST];
	size_t images;
	bool   half; /* a command that makes images was ended in the middle */
};

/* One that does not go back keeps no other from it: it is said, and left. Step n of t. */
enum assay_code undo_file(struct back *b, struct txn_writer *w, const struct txn *t, size_t n,
	const char **how, struct assay_err *e);

/* What a step says of images, whether it is undone or not; the last step is asked first. */
void undo_learn(struct back *b, const struct txn_step *s);
/* The copy takes its place again, unless somebody made the image anew since: then it is made once more in the end. */
enum assay_code undo_keep(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e);
/* Is each image as it was before? */
enum assay_code undo_images(struct back *b, bool *all, struct assay_err *e);

#endif
