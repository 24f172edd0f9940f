/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/replay.h"

#include "crypto/digest.h"

static enum assay_code extend(const struct crypto *c, struct replay *r, unsigned rtmr,
	const uint8_t digest_of[CCEL_DIGEST], struct assay_err *e)
{
	uint8_t both[2 * CCEL_DIGEST];

	memcpy(both, r->rtmr[rtmr], CCEL_DIGEST);
	memcpy(both + CCEL_DIGEST, digest_of, CCEL_DIGEST);
	r->events[rtmr]++;
	return digest(c->sha384, BYTES_OF(both), r->rtmr[rtmr], e);
}

/* An event that says one thing and is measured as another is made to mislead its reader. */
static enum assay_code check_data(
	const struct crypto *c, const struct ccel_event *ev, size_t i, struct assay_err *e)
{
	struct bytes of = ccel_measured(ev);
	uint8_t      sum[SHA384_SIZE];
	char         text[16];

	if (of.p == NULL)
		return ASSAY_OK;
	TRY(digest(c->sha384, of, sum, e));
	if (!bytes_equal(ev->digest, BYTES_OF(sum)))
		return err_set(e, ASSAY_EVENTLOG_MISMATCH,
			"event %zu, %s, has other data than its digest", i,
			ccel_type_name(ev->type, text));
	return ASSAY_OK;
}

static enum assay_code replay_lines(
	const struct crypto *c, struct bytes own, struct replay *r, struct assay_err *e)
{
	CLEANUP(boot_log_done) struct boot_log log = { 0 };
	uint8_t                                sum[SHA384_SIZE];

	TRY(boot_log_parse(own, &log, e));
	for (; r->own < log.events; r->own++) {
		const struct boot_event *ev = &log.event[r->own];

		TRY(digest(c->sha384, ev->content, sum, e));
		if (memcmp(sum, ev->digest, sizeof(sum)) != 0)
			return err_set(e, ASSAY_EVENTLOG_MISMATCH,
				"line %zu of assay's event log has other content than its digest",
				r->own + 1);
		TRY(extend(c, r, ev->rtmr, ev->digest, e));
	}
	return ASSAY_OK;
}

enum assay_code replay(
	const struct crypto *c, const struct ccel *log, struct replay *out, struct assay_err *e)
{
	struct replay r  = { 0 };
	struct rd     at = { .in = log->records };

	for (size_t i = 0; rd_left(&at) > 0; i++) {
		struct ccel_event ev;

		TRY(ccel_next(log, &at, &ev, e));
		if (ev.type == EV_NO_ACTION)
			continue;
		TRY(check_data(c, &ev, i, e));
		TRY(extend(c, &r, ev.mr - 1, ev.digest.p, e));
	}
	TRY(replay_lines(c, log->own, &r, e));
	*out = r;
	return ASSAY_OK;
}
