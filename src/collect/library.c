/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/library.h"

#include <dlfcn.h>

#include "base/show.h"

static const char *loader_says(void)
{
	const char *text = dlerror();

	return text != NULL ? text : "no reason given";
}

enum assay_code library_open(const char *name, const struct symbol *symbols, size_t n,
	void *table, struct assay_err *e)
{
	void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return err_set(e, ASSAY_LIBRARY, "%s cannot be loaded: %s", name,
			SHOW(bytes_text(loader_says())));
	for (size_t i = 0; i < n; i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (symbol == NULL && !symbols[i].may)
			return err_set(e, ASSAY_LIBRARY,
				"%s has no %s: this driver is too old to attest", name,
				symbols[i].name);
		memcpy((char *)table + symbols[i].at, &symbol, sizeof(symbol));
	}
	return ASSAY_OK;
}
