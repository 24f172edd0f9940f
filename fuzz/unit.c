/* SPDX-License-Identifier: Apache-2.0
 *
 * Settings are not longer than their file; a list that is reset at its end is empty; words are inside their line. */
#include "env/unit.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct unit_reader    r;
	CLEANUP(buf_done) struct buf list = { 0 }, text = { 0 };
	struct bytes                 in = { data, size };
	struct unit_files   u = { .file = { in, BYTES("[Service]\nExecStart=\n") }, .n = 2 };
	struct unit_setting s;
	struct assay_err    e = { 0 };
	char               *words[UNIT_WORDS], *line;
	uint64_t            usec;
	size_t              n = 0;

	r = (struct unit_reader){ .in = in };
	while (unit_next(&r, &s))
		HOLDS(inside(s.section, in) && s.name.n + s.value.n <= size);
	HOLDS(unit_list(&u, "Service", "ExecStart", &list, &e) == ASSAY_OK && list.n == 0);
	if (unit_time(in, &usec))
		HOLDS(size > 0);
	buf_put(&text, data, size);
	buf_byte(&text, 0);
	if (buf_ok(&text, &e) != ASSAY_OK)
		return 0;
	line = (char *)text.p;
	if (unit_words(line, words, &n))
		for (size_t i = 0; i < n; i++)
			HOLDS(words[i] >= line && words[i] + strlen(words[i]) < line + text.n);
	return 0;
}
