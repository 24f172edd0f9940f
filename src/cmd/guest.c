/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/guest.h"

#include <stdlib.h>

#include "base/show.h"
#include "collect/qgs.h"
#include "collect/replay.h"
#include "verify/binding.h"

#define SECONDS_MAX 600

static enum assay_code take_key(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct guest_options *)ctx)->key = value;
	return ASSAY_OK;
}

static enum assay_code take_qgs(void *ctx, const char *value, struct assay_err *e)
{
	struct qgs_address any;

	((struct guest_options *)ctx)->qgs = value;
	return qgs_address(value, &any, e);
}

static enum assay_code take_root(void *ctx, const char *value, struct assay_err *e)
{
	(void)e;
	((struct guest_options *)ctx)->root = value;
	return ASSAY_OK;
}

static enum assay_code take_seconds(void *ctx, const char *value, struct assay_err *e)
{
	char *end;
	long  s = strtol(value, &end, 10);

	if (end == value || *end != 0 || s < 1 || s > SECONDS_MAX)
		return err_set(e, ASSAY_INPUT_OPTION, "seconds, from 1 to %d", SECONDS_MAX);
	((struct guest_options *)ctx)->ms = (int)s * 1000;
	return ASSAY_OK;
}

const struct option_row guest_rows[] = {
	{ 'k', "channel-key", "PUB", "public key of the channel that the quote is to cover",
		take_key, .once = true },
	{ 0, "qgs", "ADDRESS", "the host's quoting service: vsock:PORT or unix:PATH", take_qgs,
		.once = true },
	{ 0, "quote-timeout", "SECONDS", "how long a quote may take; default: 35", take_seconds,
		.once = true },
	{ 0, "root", "DIR", "where sys, dev and run are; default: /", take_root, .once = true },
};
const size_t guest_rows_n = ARRAY_LEN(guest_rows);

const char *guest_option(const struct guest_options *o)
{
	return o->key != NULL     ? "--channel-key"
		: o->qgs != NULL  ? "--qgs"
		: o->ms != 0      ? "--quote-timeout"
		: o->root != NULL ? "--root"
				  : NULL;
}

enum assay_code guest_options_read(struct guest_options *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	if (o->root == NULL)
		o->root = secure_getenv("ASSAY_ROOT");
	if (o->root != NULL && !replay_is_folder(o->root)) /* no guest would be found there */
		return err_set(e, ASSAY_INPUT_FILE, "--root: %s: no such folder",
			SHOW(bytes_text(o->root)));
	if (o->key == NULL)
		return ASSAY_OK;
	TRY(replay_file(o->key, BINDING_KEY_FILE, &text, e));
	if (binding_key_read(buf_bytes(&text), &o->spki, e) != ASSAY_OK)
		return err_wrap(e, "%s", SHOW(bytes_text(replay_name(o->key))));
	return ASSAY_OK;
}

void guest_options_done(struct guest_options *o)
{
	buf_done(&o->spki);
}
