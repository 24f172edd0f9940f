/* SPDX-License-Identifier: Apache-2.0
 *
 * The longest common subsequence of lines, by the table; both texts are configuration, a screen or two. */
#include "env/diff.h"

#include "base/show.h"
#include "env/line.h"

struct side {
	struct bytes *line;
	size_t        n;
};

static void side_done(struct side *s)
{
	mem_free(s->line);
}

static enum assay_code split(struct bytes in, struct side *out, struct assay_err *e)
{
	struct bytes line;
	size_t       n = 0;

	for (size_t at = 0; line_next(in, &at, &line);)
		n++;
	out->line = mem_new(n + 1, sizeof(*out->line));
	if (out->line == NULL)
		return err_no_memory(e);
	for (size_t at = 0; line_next(in, &at, &line);)
		out->line[out->n++] = line;
	return ASSAY_OK;
}

static void put(char sign, struct bytes line, struct buf *out)
{
	buf_printf(out, "    %c %s\n", sign, SHOW(line));
}

static void all(const struct side *a, const struct side *b, struct buf *out)
{
	for (size_t i = 0; i < a->n; i++)
		put('-', a->line[i], out);
	for (size_t i = 0; i < b->n; i++)
		put('+', b->line[i], out);
}

/* t[i][j]: how many lines a from i and b from j have in common. */
static void walk(const struct side *a, const struct side *b, uint16_t *t, struct buf *out)
{
	const size_t w = b->n + 1;
	size_t       i = 0, j = 0;

	for (size_t x = a->n; x-- > 0;)
		for (size_t y = b->n; y-- > 0;) {
			const uint16_t down = t[(x + 1) * w + y], right = t[x * w + y + 1];

			t[x * w + y] = bytes_equal(a->line[x], b->line[y])
				? (uint16_t)(t[(x + 1) * w + y + 1] + 1)
				: down > right ? down
					       : right;
		}
	while (i < a->n || j < b->n) {
		if (i < a->n && j < b->n && bytes_equal(a->line[i], b->line[j])) {
			i++;
			j++;
		} else if (i < a->n && (j == b->n || t[(i + 1) * w + j] >= t[i * w + j + 1])) {
			put('-', a->line[i++], out);
		} else {
			put('+', b->line[j++], out);
		}
	}
}

enum assay_code diff_text(struct bytes a, struct bytes b, struct buf *out, struct assay_err *e)
{
	CLEANUP(side_done) struct side x = { 0 }, y = { 0 };
	struct side                    p, q;
	size_t                         from = 0;

	if (bytes_equal(a, b))
		return ASSAY_OK;
	TRY(split(a, &x, e));
	TRY(split(b, &y, e));
	while (from < x.n && from < y.n && bytes_equal(x.line[from], y.line[from]))
		from++;
	p = (struct side){ x.line + from, x.n - from };
	q = (struct side){ y.line + from, y.n - from };
	while (p.n > 0 && q.n > 0 && bytes_equal(p.line[p.n - 1], q.line[q.n - 1])) {
		p.n--;
		q.n--;
	}
	if (p.n == 0 && q.n == 0)
		buf_text(out, "      (the last newline)\n");
	if (p.n > DIFF_LINES || q.n > DIFF_LINES) {
		all(&p, &q, out);
	} else {
		CLEANUP(mem_done) uint16_t *t = mem_new((p.n + 1) * (q.n + 1), sizeof(*t));

		if (t == NULL)
			return err_no_memory(e);
		walk(&p, &q, t, out);
	}
	return buf_ok(out, e);
}
