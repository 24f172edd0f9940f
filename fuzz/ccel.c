/* SPDX-License-Identifier: Apache-2.0
 *
 * An event log's records lie inside it, are as many as it says, and name registers that exist; its walk ends where they do. */
#include "fuzz.h"

#include "format/ccel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes     in  = { data, size }, name, value;
	struct ccel      log = { 0 };
	struct assay_err e   = { 0 };
	struct rd        at;
	size_t           n = 0;

	if (ccel_parse(in, &log, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_EVENTLOG_PARSE || e.code == ASSAY_EVENTLOG_ALGORITHM ||
			e.code == ASSAY_EVENTLOG_INDEX);
		return 0;
	}
	HOLDS(log.n <= CCEL_RECORDS && inside(log.records, in) && inside(log.own, in));
	HOLDS(log.own.n == 0 || log.own.p + log.own.n == data + size);
	for (at = (struct rd){ .in = log.records }; rd_left(&at) > 0; n++) {
		struct ccel_event ev;
		char              text[16];

		HOLDS(ccel_next(&log, &at, &ev, &e) == ASSAY_OK);
		HOLDS(ev.mr <= CCEL_REGISTERS && inside(ev.digest, in) && inside(ev.data, in));
		HOLDS(ev.type == EV_NO_ACTION || (ev.mr > 0 && ev.digest.n == CCEL_DIGEST));
		HOLDS(ev.data.n == 0 || inside(ccel_measured(&ev), ev.data));
		if (ccel_variable(ev.data, &name, &value))
			HOLDS(inside(name, ev.data) && inside(value, ev.data));
		HOLDS(ccel_type_name(ev.type, text)[0] != 0);
	}
	HOLDS(n == log.n);
	return 0;
}
