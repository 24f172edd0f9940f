/* SPDX-License-Identifier: Apache-2.0
 *
 * The door to the allocator, in place of src/base/mem.c: it can be told to fail. */
#ifndef TESTS_ALLOC_MEM_H
#define TESTS_ALLOC_MEM_H

#include <stddef.h>

/* From now on the n-th allocation fails, counted from 1; 0: none does. */
void alloc_fail(size_t n);

/* Allocations asked for since then, the one that failed included; what is still held of all. */
size_t alloc_asked(void);
long   alloc_held(void);

#endif
