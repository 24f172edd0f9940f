/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/tsm.h"

#include <errno.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/show.h"
#include "format/evidence.h"

#define REPORT   "sys/kernel/config/tsm/report"
#define PROVIDER "tdx_guest"
#define NAMES    8 /* tries at one that nobody has */
#define TRIES    30
#define PAUSE_MS 1000
#define NUMBER   32 /* characters of an attribute that is a word or a number */

static void path_of(const struct tsm_entry *t, const char *attribute, char out[2 * TSM_PATH])
{
	snprintf(out, (size_t)2 * TSM_PATH, "%s/%s", t->path, attribute);
}

/* A word with the one newline that sysfs and configfs put behind it. */
static int read_word(const struct tsm_entry *t, const char *attribute, struct buf *out)
{
	char path[2 * TSM_PATH];
	int  no;

	path_of(t, attribute, path);
	no = t->calls->read(t->calls->ctx, path, NUMBER, out);
	if (no == 0 && out->n > 0 && out->p[out->n - 1] == '\n')
		out->n--;
	return no;
}

static int make_entry(const struct guest_calls *calls, struct tsm_entry *t)
{
	int no = EEXIST;

	for (unsigned i = 0; i < NAMES && no == EEXIST; i++) {
		uint64_t chance = 0;

		if (getrandom(&chance, sizeof(chance), 0) != sizeof(chance))
			return EAGAIN;
		snprintf(t->path, sizeof(t->path), REPORT "/assay.%d.%016llx", (int)getpid(),
			(unsigned long long)chance);
		no = calls->make(calls->ctx, t->path);
	}
	if (no != 0)
		t->path[0] = '\0';
	return no;
}

static enum assay_code check_provider(const struct tsm_entry *t, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf word = { 0 };
	int                          no   = read_word(t, "provider", &word);

	if (guest_absent(no))
		return err_set(e, ASSAY_TD_ABSENT, "configfs-tsm: an entry without a provider");
	if (no != 0)
		return guest_refused(no, "configfs-tsm: provider", e);
	if (!bytes_equal(buf_bytes(&word), BYTES(PROVIDER)))
		return err_set(e, ASSAY_TD_ABSENT,
			"configfs-tsm: the provider is \"%s\", not " PROVIDER,
			SHOW(buf_bytes(&word)));
	return ASSAY_OK;
}

enum assay_code tsm_enter(
	const struct guest_calls *calls, struct tsm_entry *out, struct assay_err *e)
{
	struct tsm_entry t  = { .calls = calls };
	int              no = make_entry(calls, &t);

	if (guest_absent(no))
		return err_set(
			e, ASSAY_TD_ABSENT, "configfs-tsm: /" REPORT ": %s", strerror(no));
	if (no != 0)
		return guest_refused(no, "configfs-tsm: a new entry in /" REPORT, e);
	if (check_provider(&t, e) != ASSAY_OK) {
		tsm_leave(&t);
		return e->code;
	}
	*out = t;
	return ASSAY_OK;
}

void tsm_leave(struct tsm_entry *t)
{
	if (t->path[0] != '\0')
		t->calls->remove(t->calls->ctx, t->path);
	t->path[0] = '\0';
}

static enum assay_code read_generation(
	const struct tsm_entry *t, uint64_t *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf word = { 0 };
	int                          no   = read_word(t, "generation", &word);
	uint64_t                     v;

	if (no != 0)
		return guest_refused(no, "generation", e);
	if (!bytes_number(buf_bytes(&word), &v) || v == UINT64_MAX) /* one more is due next */
		return err_set(e, ASSAY_QUOTE_REPLY, "the generation is \"%s\"",
			SHOW(buf_bytes(&word)));
	*out = v;
	return ASSAY_OK;
}

static enum assay_code check_generation(
	const struct tsm_entry *t, uint64_t due, struct assay_err *e)
{
	uint64_t now = 0;

	TRY(read_generation(t, &now, e));
	if (now != due)
		return err_set(e, ASSAY_QUOTE_BUSY,
			"another program writes to our entry (generation %llu, not %llu)",
			(unsigned long long)now, (unsigned long long)due);
	return ASSAY_OK;
}

/* tdx 1.3, steps 3 to 5. */
static enum assay_code ask(
	const struct tsm_entry *t, struct bytes data, struct buf *out, struct assay_err *e)
{
	char     path[2 * TSM_PATH];
	uint64_t before = 0;
	int      no;

	TRY(read_generation(t, &before, e));
	path_of(t, "inblob", path);
	no = t->calls->write(t->calls->ctx, path, data);
	if (no != 0)
		return guest_refused(no, "inblob", e);
	TRY(check_generation(t, before + 1, e));
	path_of(t, "outblob", path);
	no = t->calls->read(t->calls->ctx, path, EVIDENCE_QUOTE, out);
	if (no != 0)
		return guest_refused(no, "outblob", e);
	if (out->n == 0)
		return err_set(e, ASSAY_QUOTE_REPLY, "outblob is empty");
	return check_generation(t, before + 1, e);
}

enum assay_code tsm_quote(const struct tsm_entry *t, const uint8_t data[TSM_DATA],
	int64_t until, struct buf *out, struct assay_err *e)
{
	const struct guest_calls *c = t->calls;

	for (unsigned i = 1;; i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		enum assay_code code = ask(t, (struct bytes){ data, TSM_DATA }, &got, e);

		if (code == ASSAY_OK) {
			buf_put(out, got.p, got.n);
			return buf_ok(out, e);
		}
		if ((code != ASSAY_QUOTE_BUSY && code != ASSAY_QUOTE_TIMEOUT) || i == TRIES ||
			c->now(c->ctx) + PAUSE_MS >= until)
			return i == 1 ? err_wrap(e, "configfs-tsm")
				      : err_wrap(e, "configfs-tsm, try %u", i);
		c->wait(c->ctx, PAUSE_MS);
	}
}
