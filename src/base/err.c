/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of codes as tables, and the bounded message that fills backwards. */
#include "base/err.h"

#include <stdio.h>

static const struct {
	const char *name, *meaning, *remedy;
	enum assay_class class;
} codes[ASSAY_CODE_COUNT] = {
#define X(name, class, meaning, remedy) \
	[ASSAY_##name] = { #name, meaning, remedy, ASSAY_CLASS_##class },
	ASSAY_CODES(X)
#undef X
};

static const struct {
	const char *verdict;
	int         exit;
} classes[] = {
#define X(name, verdict, exit) [ASSAY_CLASS_##name] = { verdict, exit },
	ASSAY_CLASSES(X)
#undef X
};

/* An unknown number is a defect of the caller; it reads as one, never as accepted. */
static size_t code_row(enum assay_code code)
{
	return (size_t)code < ASSAY_CODE_COUNT ? (size_t)code : ASSAY_INTERNAL;
}

static size_t class_row(enum assay_class cls)
{
	return (size_t)cls < ARRAY_LEN(classes) ? (size_t)cls : ASSAY_CLASS_INTERNAL;
}

const char *assay_code_name(enum assay_code code)
{
	return codes[code_row(code)].name;
}

const char *assay_code_meaning(enum assay_code code)
{
	return codes[code_row(code)].meaning;
}

const char *assay_code_remedy(enum assay_code code)
{
	return codes[code_row(code)].remedy;
}

enum assay_class assay_class(enum assay_code code)
{
	return codes[code_row(code)].class;
}

const char *assay_class_verdict(enum assay_class cls)
{
	return classes[class_row(cls)].verdict;
}

int assay_class_exit(enum assay_class cls)
{
	return classes[class_row(cls)].exit;
}

enum assay_code err_code(struct bytes name)
{
	for (size_t i = ASSAY_OK + 1; i < ASSAY_CODE_COUNT; i++)
		if (bytes_equal(name, bytes_text(codes[i].name)))
			return (enum assay_code)i;
	return ASSAY_OK;
}

const char *assay_err_text(const struct assay_err *e)
{
	return e->text + sizeof(e->text) - 1 - e->len;
}

/* Put text in front of what stands there; what does not fit is cut at its own front. */
static void push(struct assay_err *e, const char *text)
{
	size_t room = sizeof(e->text) - 1 - e->len;
	size_t n    = strlen(text);
	size_t take = n < room ? n : room;

	e->len += take;
	memcpy(e->text + sizeof(e->text) - 1 - e->len, text + (n - take), take);
}

enum assay_code err_vset(struct assay_err *e, enum assay_code code, const char *fmt, va_list ap)
{
	char line[sizeof(e->text)];

	vsnprintf(line, sizeof(line), fmt, ap);
	*e = (struct assay_err){ .code = code };
	push(e, line);
	return code;
}

enum assay_code(err_set)(struct assay_err *e, enum assay_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	err_vset(e, code, fmt, ap);
	va_end(ap);
	return code;
}

enum assay_code(err_wrap)(struct assay_err *e, const char *fmt, ...)
{
	char    line[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	push(e, ": ");
	push(e, line);
	return e->code;
}
