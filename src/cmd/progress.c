/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/show.h"

#define PATIENCE_MS 1000

void progress_start(struct progress *p, bool quiet)
{
	*p = (struct progress){ .wanted = !quiet && isatty(STDERR_FILENO) != 0,
		.since_ms               = clock_ms() };
}

void progress_say(void *ctx, const char *what)
{
	struct progress *p = ctx;

	if (!p->wanted || clock_ms() - p->since_ms < PATIENCE_MS)
		return;
	fprintf(stderr, "\r\033[Kassay: %.60s ", SHOW(bytes_text(what)));
	p->shown = true;
}

void progress_count(void *ctx, size_t done, size_t of, const char *what)
{
	char text[200];

	snprintf(text, sizeof(text), "%zu of %zu: %s", done, of, what);
	progress_say(ctx, text);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
