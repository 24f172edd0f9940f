/* SPDX-License-Identifier: Apache-2.0
 *
 * The way back for images: the copy takes its place again, byte for byte, unless somebody made the image anew.
 *
 * Source: environment INIT-01, 7. */
#include <stdio.h>

#include "base/show.h"
#include "env/copy.h"
#include "env/undo.h"

static size_t image_of(struct back *b, const char *path)
{
	for (size_t i = 0; i < b->images; i++)
		if (strcmp(b->image[i].path, path) == 0)
			return i;
	if (b->images == IMAGE_MOST || strlen(path) >= IMAGE_PATH)
		return IMAGE_MOST;
	snprintf(b->image[b->images].path, IMAGE_PATH, "%s", path);
	return b->images++;
}

/* What a step says of images, whether it is undone or not; the last step is asked first. */
void undo_learn(struct back *b, const struct txn_step *s)
{
	if (s->what == TXN_DO_COMMAND && strcmp(s->item, "INIT-01") == 0 && !s->ended)
		b->half = true;
	for (size_t i = 0; i < s->mades; i++) {
		const size_t k = image_of(b, s->made[i].path);

		if (k == IMAGE_MOST || b->image[k].was_made)
			continue;
		memcpy(b->image[k].made, s->made[i].sha256, SHA256_SIZE);
		b->image[k].was_made = true;
	}
	if (s->what == TXN_DO_KEEP) {
		const size_t k = image_of(b, s->path);

		if (k == IMAGE_MOST)
			return;
		memcpy(b->image[k].before, s->before.sha256, SHA256_SIZE);
		b->image[k].was_kept = true;
	}
}

/* The copy takes its place again, unless somebody made the image anew since: then it is made once more in the end. */
enum assay_code undo_keep(
	struct back *b, const struct txn_step *s, const char **how, struct assay_err *e)
{
	struct place now = { 0 }, copy = { 0 };
	const size_t k = image_of(b, s->path);

	place_sweep(b->site.root, s->copy);
	TRY(copy_state(&b->site, s->copy, &copy, e));
	TRY(copy_state(&b->site, s->path, &now, e));
	*how = place_same(&now, &s->before) ? "as-before" : "nothing";
	if (copy.kind == PLACE_ABSENT)
		return ASSAY_OK;
	if (!place_same(&copy, &s->before)) {
		setup_say(b->s, b->out, "stays: /%s is not the copy that was made",
			SHOW(bytes_text(s->copy)));
		return ASSAY_OK;
	}
	if (!place_same(&now, &s->before) &&
		(now.kind == PLACE_ABSENT || b->half ||
			(k < IMAGE_MOST && b->image[k].was_made &&
				memcmp(b->image[k].made, now.sha256, SHA256_SIZE) == 0))) {
		TRY(copy_back(&b->site, s->copy, s->path, e));
		*how = "restored";
		setup_say(b->s, b->out, "restored: /%s", SHOW(bytes_text(s->path)));
		return ASSAY_OK;
	}
	return place_write(&b->site, s->copy, &(struct place){ 0 }, e);
}

/* Is each image as it was before? */
enum assay_code undo_images(struct back *b, bool *all, struct assay_err *e)
{
	CLEANUP(mem_done) struct images *l = mem_new(1, sizeof(*l));

	if (l == NULL)
		return err_no_memory(e);
	image_list(b->m, l);
	*all = l->n > 0;
	for (size_t i = 0; i < l->n && *all; i++) {
		struct place now = { 0 };
		const size_t k   = image_of(b, l->path[i]);

		TRY(copy_state(&b->site, l->path[i], &now, e));
		*all = k < IMAGE_MOST && b->image[k].was_kept &&
			memcmp(b->image[k].before, now.sha256, SHA256_SIZE) == 0;
	}
	return ASSAY_OK;
}
