/* SPDX-License-Identifier: Apache-2.0 */
#include "env/journal.h"

#include <errno.h>
#include <systemd/sd-id128.h>
#include <systemd/sd-journal.h>

#define LINES_MOST 200000

static void journal_drop(sd_journal **j)
{
	sd_journal_close(*j);
}

static bool this_boot(sd_journal *j)
{
	sd_id128_t boot;
	char       match[64] = "_BOOT_ID=";

	if (sd_id128_get_boot(&boot) < 0)
		return false;
	sd_id128_to_string(boot, match + 9);
	return sd_journal_add_match(j, match, 0) >= 0 &&
		sd_journal_add_match(j, "_TRANSPORT=kernel", 0) >= 0;
}

int journal_kernel(size_t limit, struct buf *out)
{
	CLEANUP(journal_drop) sd_journal *j = NULL;
	int got = sd_journal_open(&j, SD_JOURNAL_LOCAL_ONLY | SD_JOURNAL_SYSTEM);

	if (got < 0)
		return -got;
	if (!this_boot(j))
		return ENOENT;
	for (size_t i = 0; i < LINES_MOST && sd_journal_next(j) > 0; i++) {
		const void *data = NULL;
		size_t      n    = 0;

		if (sd_journal_get_data(j, "MESSAGE", &data, &n) < 0 || n < 8)
			continue;
		if (n > limit - out->n)
			break;
		buf_put(out, (const char *)data + 8, n - 8); /* behind "MESSAGE=" */
		buf_byte(out, '\n');
	}
	return out->failed ? ENOMEM : 0;
}
