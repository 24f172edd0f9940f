/* SPDX-License-Identifier: Apache-2.0 */
#include "appraise/learn.h"

#include "base/json.h"
#include "format/tdx_quote.h"
#include "verify/guest.h"
#include "verify/replay.h"

static enum assay_code one_quote(
	const struct evidence *ev, const struct evidence_device **out, struct assay_err *e)
{
	*out = NULL;
	for (size_t i = 0; i < ev->devices; i++) {
		if (ev->device[i].kind != DEVICE_TDX)
			continue;
		if (*out != NULL)
			return err_set(e, ASSAY_QUOTE_TWICE, "there is more than one quote");
		*out = &ev->device[i];
	}
	if (*out == NULL)
		return err_set(e, ASSAY_INPUT_KIND, "there is no quote to learn from");
	if ((*out)->fault.code != ASSAY_OK)
		*e = (*out)->fault;
	return (*out)->fault.code;
}

/* Which registers the log accounts for; all that it has must be those of the quote. */
static enum assay_code account(const struct crypto *c, struct bytes events,
	const struct tdx_td *td, bool *rtmr3, struct assay_err *e)
{
	struct ccel   log = { 0 };
	struct replay r   = { 0 };

	*rtmr3 = bytes_zero(td->rtmr[3]);
	if (events.n == 0)
		return ASSAY_OK;
	TRY(ccel_parse(events, &log, e));
	TRY(replay(c, &log, &r, e));
	for (unsigned i = 0; i < CCEL_REGISTERS; i++) {
		bool same = bytes_equal(td->rtmr[i], BYTES_OF(r.rtmr[i]));

		if (!same && (i < 3 || r.events[i] > 0))
			return err_set(e, ASSAY_EVENTLOG_MISMATCH,
				"the event log does not lead to RTMR%u", i);
		if (i == 3)
			*rtmr3 = same;
	}
	return ASSAY_OK;
}

static bool put(json_t *require, enum tdx_list i, struct bytes value)
{
	return json_object_set_new(
		       require, tdx_list_rows[i].name, json_pack("[o]", json_hex(value))) == 0;
}

static bool put_set(json_t *require, enum tdx_list i, struct bytes value)
{
	return value.n == 0 || bytes_zero(value) || put(require, i, value);
}

enum assay_code learn(const struct crypto *c, const struct evidence *ev,
	const char *description, struct buf *out, struct assay_err *e)
{
	AUTO(json_t)                 *root = json_object(), *require = json_object();
	const struct evidence_device *d;
	struct tdx_quote              q;
	const struct tdx_td          *td    = &q.td;
	bool                          rtmr3 = false;

	TRY(one_quote(ev, &d, e));
	TRY(tdx_quote_parse(d->report, &q, e));
	TRY(account(c, ev->events, td, &rtmr3, e));
	if (!put(require, TDX_MRTD, td->mrtd) || !put(require, TDX_RTMR0, td->rtmr[0]) ||
		!put(require, TDX_RTMR1, td->rtmr[1]) ||
		!put(require, TDX_RTMR2, td->rtmr[2]) ||
		(!rtmr3 && !put(require, TDX_RTMR3, td->rtmr[3])) ||
		!put_set(require, TDX_MRCONFIGID, td->mrconfigid) ||
		!put_set(require, TDX_MROWNER, td->mrowner) ||
		!put_set(require, TDX_MROWNERCONFIG, td->mrownerconfig) ||
		!put_set(require, TDX_MRSERVICETD, td->mrservicetd) ||
		json_object_set_new(root, "schema", json_string("assay.policy/1")) != 0 ||
		json_object_set_new(root, "description", json_text(bytes_text(description))) !=
			0 ||
		json_object_set_new(root, "require", TAKE(require)) != 0)
		return err_no_memory(e);
	return json_write(root, out, e);
}
