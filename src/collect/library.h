/* SPDX-License-Identifier: Apache-2.0
 *
 * A vendor's library to a table of functions, and its codes to words. */
#ifndef COLLECT_LIBRARY_H
#define COLLECT_LIBRARY_H

#include <stddef.h>

#include "base/err.h"

struct symbol {
	const char *name;
	size_t      at; /* offset of its pointer in the table */
	bool may; /* it may be absent: older releases do not have it; the pointer is NULL then */
};

/* Opens the library by name and fills the table: all of it, or nothing. LIBRARY, with the loader's words or the name of
 * the symbol that is missing. It is never closed: such libraries start threads. */
enum assay_code library_open(const char *name, const struct symbol *symbols, size_t n,
	void *table, struct assay_err *e);

/* What a code of the vendor's means to somebody with a problem. */
struct library_word {
	int             rc;
	enum assay_code code;
	const char     *name; /* the vendor's text */
	const char     *advice;
};

#endif
