/* SPDX-License-Identifier: Apache-2.0 */
#include "alloc/mem.h"

#include <stdlib.h>

#include "base/mem.h"

static size_t asked, fails;
static long   held;

void alloc_fail(size_t n)
{
	asked = 0;
	fails = n;
}

size_t alloc_asked(void)
{
	return asked;
}

long alloc_held(void)
{
	return held;
}

void *mem_new(size_t count, size_t size)
{
	void *p = ++asked == fails ? NULL : calloc(count, size);

	held += p != NULL;
	return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
	void *grown = ++asked == fails ? NULL : reallocarray(p, count, size);

	held += p == NULL && grown != NULL;
	return grown;
}

void mem_free(void *p)
{
	held -= p != NULL;
	free(p);
}

char *mem_text(struct bytes text)
{
	char *copy = mem_new(text.n + 1, 1);

	if (copy != NULL && text.n > 0)
		memcpy(copy, text.p, text.n);
	return copy;
}

void mem_done(void *pointer_to_pointer)
{
	void *p;

	memcpy(&p, pointer_to_pointer, sizeof(p));
	mem_free(p);
}
