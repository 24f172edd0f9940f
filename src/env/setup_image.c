/* SPDX-License-Identifier: Apache-2.0
 *
 * Images by their effect: what a tool made is read, unpacked where it must be, and asked whether it carries what it was made for.
 * What could not be read is said, and counts as nothing.
 *
 * Source: environment INIT-01. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/hex.h"
#include "base/show.h"
#include "env/copy.h"
#include "env/setup.h"

enum examined { EXAMINED, EXAMINED_NOT };

/* The packed rest, by the program for it. Its exit status says little, for images end in padding: an archive that was read to
 * its end was all there. */
static enum assay_code unpack(const struct setup *s, const struct machine *m, const char *path,
	struct image *image, enum examined *how, struct assay_err *e)
{
	CLEANUP(fd_drop) int from = -1, to = -1;
	const char          *packed   = image->packed;
	const size_t         archives = image->archives;
	struct stat          st;

	*how = EXAMINED_NOT;
	if (s->op->unpack == NULL || root_fd(&m->root, path, O_RDONLY | O_NONBLOCK, &from) != 0)
		return ASSAY_OK;
	TRY(s->op->unpack(s->op->ctx, packed, from, image->at, &to, e));
	if (to >= 0 && image_take_file(m, to, &st, image) == 0 && image->packed == NULL &&
		image->archives > archives)
		*how = EXAMINED;
	image->packed = packed;
	return ASSAY_OK;
}

static enum assay_code judge(const struct setup *s, const struct machine *m, const char *path,
	struct buf *out, struct assay_err *e)
{
	enum examined               how   = EXAMINED;
	struct image                image = { 0 };
	struct stat                 st;
	const struct modprobe_file *lacks;
	int                         no = image_read(m, path, &st, &image);

	if (no != 0)
		return err_set(
			e, ASSAY_HOST_STEP, "/%s: %s", SHOW(bytes_text(path)), root_why(no));
	if (image.packed != NULL)
		TRY(unpack(s, m, path, &image, &how, e));
	lacks = image_lacks(m, &image);
	if (how == EXAMINED_NOT)
		setup_say(s, out, "not examined: /%s is compressed (%s), and was not unpacked",
			SHOW(bytes_text(path)), image.packed);
	else if (lacks != NULL && image.nvidia && image_wants(lacks))
		return err_set(e, ASSAY_HOST_STEP,
			"the new /%s has the driver, and not /%s as it is",
			SHOW(bytes_text(path)), SHOW(bytes_text(lacks->path)));
	else if (lacks != NULL && image.nouveau)
		setup_say(s, out,
			"/%s has nouveau, and not /%s: add rd.driver.blacklist=nouveau to the boot arguments if it loads",
			SHOW(bytes_text(path)), SHOW(bytes_text(lacks->path)));
	else if (lacks != NULL)
		setup_say(s, out,
			"/%s has neither the driver nor /%s: they count from the disk",
			SHOW(bytes_text(path)), SHOW(bytes_text(lacks->path)));
	return ASSAY_OK;
}

enum assay_code setup_images(const struct setup *s, const struct machine *m, struct buf *out,
	json_t **made, struct assay_err *e)
{
	const struct site                site = { .root = &m->root, .crypto = s->crypto };
	AUTO(json_t)                    *list = json_array();
	CLEANUP(mem_done) struct images *l    = mem_new(1, sizeof(*l));
	struct assay_err                 why  = { 0 };

	if (l == NULL || list == NULL)
		return err_no_memory(e);
	image_list(m, l);
	for (size_t i = 0; i < l->n; i++) {
		struct place now = { 0 };

		TRY(copy_state(&site, l->path[i], &now, e));
		if (json_array_append_new(list,
			    json_pack("{s:s,s:o}", "path", l->path[i], "sha256",
				    json_hex(BYTES_OF(now.sha256)))) != 0)
			return err_no_memory(e);
		if (why.code == ASSAY_OK)
			judge(s, m, l->path[i], out, &why);
	}
	*made = TAKE(list); /* also when one is not as it must be: undo asks for them */
	if (why.code != ASSAY_OK)
		*e = why;
	return why.code;
}
