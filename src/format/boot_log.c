/* SPDX-License-Identifier: Apache-2.0 */
#include "format/boot_log.h"

#include "base/hex.h"
#include "base/json.h"

#define LINE (4 * BOOT_LOG_CONTENT) /* the longest has half of it */

static const char *const members[] = { "register", "digest", "content" };

enum assay_code boot_log_write(
	const struct boot_event *event, struct buf *out, struct assay_err *e)
{
	if (event->content.n > BOOT_LOG_CONTENT)
		return err_set(e, ASSAY_INPUT_SIZE, "an event of %zu bytes", event->content.n);
	if (event->rtmr < BOOT_LOG_FIRST || event->rtmr > BOOT_LOG_LAST)
		return err_set(e, ASSAY_INTERNAL, "RTMR%u is not ours", event->rtmr);
	buf_printf(out, "{\"register\":%u,\"digest\":\"", event->rtmr);
	hex_encode(BYTES_OF(event->digest), out);
	buf_text(out, "\",\"content\":\"");
	hex_encode(event->content, out);
	buf_text(out, "\"}\n");
	return buf_ok(out, e);
}

static enum assay_code read_members(
	const json_t *line, struct boot_event *ev, struct buf *contents, struct assay_err *e)
{
	const json_t *number = json_object_get(line, "register");
	struct bytes  digest, content;
	const size_t  before = contents->n;

	TRY(json_only(line, members, ARRAY_LEN(members), e));
	if (!json_is_integer(number) || json_integer_value(number) < BOOT_LOG_FIRST ||
		json_integer_value(number) > BOOT_LOG_LAST)
		return err_set(e, ASSAY_JSON_FIELD, "\"register\" is neither %d nor %d",
			BOOT_LOG_FIRST, BOOT_LOG_LAST);
	ev->rtmr = (unsigned)json_integer_value(number);
	TRY(json_get_text(line, "digest", JSON_MUST, &digest, e));
	TRY(hex_fixed(digest, ev->digest, BOOT_LOG_DIGEST, e));
	TRY(json_get_text(line, "content", JSON_MUST, &content, e));
	if (content.n > 2 * BOOT_LOG_CONTENT)
		return err_set(e, ASSAY_JSON_FIELD, "\"content\" of more than %d bytes",
			BOOT_LOG_CONTENT);
	TRY(hex_decode(content, false, contents, e));
	ev->content.n = contents->n - before;
	return ASSAY_OK;
}

static enum assay_code read_line(
	struct bytes text, struct boot_event *ev, struct buf *contents, struct assay_err *e)
{
	AUTO(json_t) *line = NULL;

	TRY(json_read(text, LINE, &line, e));
	if (!json_is_object(line))
		return err_set(e, ASSAY_JSON_FIELD, "not an object");
	return read_members(line, ev, contents, e);
}

/* The text up to its next newline, which is taken too; false when there is none. */
static bool next_line(struct bytes *text, struct bytes *line)
{
	const uint8_t *end = text->n == 0 ? NULL : memchr(text->p, '\n', text->n);

	if (end == NULL)
		return false;
	*line = (struct bytes){ text->p, (size_t)(end - text->p) };
	*text = (struct bytes){ end + 1, text->n - line->n - 1 };
	return true;
}

/* A fault of a line has one code, and its cause in the message. */
static enum assay_code refuse(size_t line, const struct assay_err *why, struct assay_err *e)
{
	if (assay_class(why->code) == ASSAY_CLASS_INTERNAL) {
		*e = *why;
		return e->code;
	}
	return err_set(e, ASSAY_EVENTLOG_LINE, "line %zu of assay's event log: %s", line,
		assay_err_text(why));
}

static enum assay_code read_lines(struct bytes text, struct boot_log *log, struct assay_err *e)
{
	struct assay_err why = { 0 };
	struct bytes     line;

	while (next_line(&text, &line)) {
		if (log->events == BOOT_LOG_EVENTS)
			return err_set(e, ASSAY_EVENTLOG_LINE,
				"assay's event log has more than %d lines", BOOT_LOG_EVENTS);
		if (read_line(line, &log->event[log->events], &log->contents, &why) != ASSAY_OK)
			return refuse(log->events + 1, &why, e);
		log->events++;
	}
	if (text.n > 0)
		return err_set(e, ASSAY_EVENTLOG_LINE,
			"line %zu of assay's event log has no end", log->events + 1);
	return ASSAY_OK;
}

enum assay_code boot_log_parse(struct bytes text, struct boot_log *out, struct assay_err *e)
{
	CLEANUP(boot_log_done) struct boot_log log = { 0 };
	size_t                                 at  = 0;

	if (text.n > BOOT_LOG_SIZE)
		return err_set(e, ASSAY_EVENTLOG_LINE,
			"assay's event log has %zu bytes, over %d", text.n, BOOT_LOG_SIZE);
	TRY(read_lines(text, &log, e));
	for (size_t i = 0; i < log.events; i++) { /* now that they no longer move */
		if (log.event[i].content.n > 0)
			log.event[i].content.p = log.contents.p + at;
		at += log.event[i].content.n;
	}
	*out         = log;
	log.contents = (struct buf){ 0 };
	return ASSAY_OK;
}

void boot_log_done(struct boot_log *log)
{
	buf_done(&log->contents);
	*log = (struct boot_log){ 0 };
}
