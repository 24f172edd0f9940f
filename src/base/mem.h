/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory: the one door to the allocator, and release at the end of scope.
 *
 * Everything owned is declared with its release, so each return is safe:
 *
 *	CLEANUP(buf_done) struct buf reply = { 0 };
 *	AUTO(X509) *cert = d2i_X509(...);          (after AUTO_PTR(X509, X509_free))
 *	*out = TAKE(cert);                         (now the caller's)
 *
 * The test of failing allocations links another mem.c in front of this one; nothing here is for tests.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

#include "base/bytes.h"

void *mem_new(size_t count, size_t size);             /* zeroed; NULL on overflow, too */
void *mem_resize(void *p, size_t count, size_t size); /* not zeroed; p stays valid on NULL */
void  mem_free(void *p);                              /* accepts NULL */
char *mem_text(struct bytes text);                    /* a copy with a NUL behind it */

/* mem_free for a pointer declared CLEANUP(mem_done). */
void mem_done(void *pointer_to_pointer);

#define CLEANUP(done) __attribute__((cleanup(done)))

#define AUTO_PTR(type, release)                                          \
	__attribute__((unused)) static inline void type##_auto(type **p) \
	{                                                                \
		release(*p);                                             \
	}

#define AUTO(type) __attribute__((cleanup(type##_auto))) type

#define TAKE(p)                             \
	({                                  \
		__typeof__(p) take_ = (p);  \
		(p)                 = NULL; \
		take_;                      \
	})

#endif
