/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void test_must(enum assay_code code, const struct assay_err *e)
{
	if (code != ASSAY_OK)
		fail_msg("%s: %s", assay_code_name(code), assay_err_text(e));
}

void test_edit(struct buf *text, const char *find, const char *replace)
{
	struct buf     out  = { 0 };
	const uint8_t *at   = memmem(text->p, text->n, find, strlen(find));
	size_t         upto = (size_t)(at - text->p);

	if (at == NULL)
		fail_msg("no \"%s\" to edit", find);
	buf_put(&out, text->p, upto);
	buf_text(&out, replace);
	buf_put(&out, at + strlen(find), text->n - upto - strlen(find));
	assert_false(out.failed);
	buf_done(text);
	*text = out;
}

void test_read(const char *path, struct buf *out)
{
	FILE  *f = fopen(path, "rb");
	char   chunk[4096];
	size_t n;

	if (f == NULL)
		fail_msg("cannot read %s", path);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(out, chunk, n);
	fclose(f);
	assert_false(out->failed);
}

bool test_interop_there(void)
{
	const char *folder = getenv("ASSAY_INTEROP");

	return folder != NULL && access(folder, R_OK | X_OK) == 0;
}

void test_interop(const char *path, struct buf *out)
{
	char name[1024];

	if (!test_interop_there()) {
		print_message("skipped: ASSAY_INTEROP names no folder with real evidence\n");
		skip();
	}
	snprintf(name, sizeof(name), "%s/%s", getenv("ASSAY_INTEROP"), path);
	test_read(name, out);
}
