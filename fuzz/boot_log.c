/* SPDX-License-Identifier: Apache-2.0
 *
 * A log that was read is written again as lines that read to the same events. */
#include "fuzz.h"

#include "format/boot_log.h"

static void same(const struct boot_event *a, const struct boot_event *b)
{
	HOLDS(a->rtmr == b->rtmr && bytes_equal(a->content, b->content));
	HOLDS(memcmp(a->digest, b->digest, BOOT_LOG_DIGEST) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(boot_log_done) struct boot_log log = { 0 }, again = { 0 };
	CLEANUP(buf_done) struct buf           out = { 0 };
	struct assay_err                       e   = { 0 };

	if (boot_log_parse((struct bytes){ data, size }, &log, &e) != ASSAY_OK) {
		HOLDS(e.code == ASSAY_EVENTLOG_LINE && log.contents.p == NULL);
		return 0;
	}
	for (size_t i = 0; i < log.events; i++)
		HOLDS(boot_log_write(&log.event[i], &out, &e) == ASSAY_OK);
	HOLDS(boot_log_parse(buf_bytes(&out), &again, &e) == ASSAY_OK);
	HOLDS(again.events == log.events);
	for (size_t i = 0; i < log.events; i++)
		same(&log.event[i], &again.event[i]);
	return 0;
}
