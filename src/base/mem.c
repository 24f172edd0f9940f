/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mem.h"

#include <stdlib.h>

void *mem_new(size_t count, size_t size)
{
	return calloc(count, size);
}

void *mem_resize(void *p, size_t count, size_t size)
{
	return reallocarray(p, count, size);
}

void mem_free(void *p)
{
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

	memcpy(&p, pointer_to_pointer, sizeof(p)); /* a pointer of any type */
	mem_free(p);
}
