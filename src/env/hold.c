/* SPDX-License-Identifier: Apache-2.0 */
#include "env/hold.h"

#include "env/line.h"

#define DNF_LINE "exclude=" HOLD_DNF

/* Debian's and Ubuntu's names begin so. */
static const char *const begins[] = { "linux-image-", "linux-headers-", "linux-modules-",
	"nvidia-", "libnvidia-" };

static bool meant(struct bytes name)
{
	if (name.n == 0 || name.n > HOLD_NAME)
		return false;
	/* it becomes a word of a command */
	for (size_t i = 0; i < name.n; i++)
		if (!(name.p[i] >= 'a' && name.p[i] <= 'z') && !byte_digit(name.p[i]) &&
			memchr("+-.", name.p[i], 3) == NULL)
			return false;
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (bytes_begin(name, bytes_text(begins[i])))
			return true;
	return false;
}

/* "Package" of a line "Package: NAME" */
static struct bytes value_of(struct bytes line, const char *field)
{
	struct bytes left, right;

	return line_cut(line, ':', &left, &right) && bytes_equal(left, bytes_text(field))
		? bytes_trim(right)
		: (struct bytes){ 0 };
}

bool hold_next(struct bytes status, size_t *at, struct bytes *name)
{
	struct bytes line, is = { 0 }, state = { 0 };

	while (line_next(status, at, &line)) {
		struct bytes package = value_of(line, "Package"),
			     words   = value_of(line, "Status");

		if (package.n > 0)
			is = package;
		if (words.n > 0)
			state = words;
		if (line.n > 0 && *at < status.n)
			continue;
		/* an empty line, or the last, ends a package */
		if (meant(is) && bytes_equal(state, bytes_text("install ok installed"))) {
			*name = is;
			return true;
		}
		is = state = (struct bytes){ 0 };
	}
	return false;
}

enum held hold_dnf(struct bytes conf, struct buf *out)
{
	struct bytes line, key, value;
	bool         main = false;

	for (size_t at = 0; line_next(conf, &at, &line);) {
		line = bytes_trim(line);
		if (bytes_equal(line, bytes_text(DNF_LINE)))
			return HELD_ALREADY;
		if (line.n > 0 && line.p[0] == '[')
			main = bytes_equal(line, bytes_text("[main]"));
		line_cut(line, '=', &key, &value);
		key = bytes_trim(key);
		if (bytes_equal(key, bytes_text("exclude")) ||
			bytes_equal(key, bytes_text("excludepkgs")))
			return HELD_OTHERS;
	}
	if (!main)
		return HELD_OTHERS;
	buf_put(out, conf.p, conf.n);
	buf_text(out, conf.p[conf.n - 1] == '\n' ? "" : "\n");
	buf_text(out, DNF_LINE "\n");
	return HELD_NOW;
}
