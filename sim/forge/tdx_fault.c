/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/tdx_fault.h"

static const struct tdx_fault_table *const tables[] = {
	&tdx_fault_quote,
	&tdx_fault_pck,
	&tdx_fault_pcs,
	&tdx_fault_log,
};

const struct tdx_fault *tdx_fault_at(size_t i)
{
	for (size_t k = 0; k < ARRAY_LEN(tables); k++) {
		if (i < tables[k]->rows)
			return &tables[k]->row[i];
		i -= tables[k]->rows;
	}
	return NULL;
}

const struct tdx_fault *tdx_fault_named(const char *name)
{
	const struct tdx_fault *t;

	for (size_t i = 0; (t = tdx_fault_at(i)) != NULL; i++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

const char *tdx_fault_stage(const struct tdx_fault *t)
{
	const struct {
		bool        here;
		const char *stage;
	} stages[] = {
		{ t->sealed != NULL, "quote, after signing" },
		{ t->body != NULL, "quote, before signing" },
		{ t->qe != NULL, "QE report, before signing" },
		{ t->td != NULL, "TD, at its start" },
		{ t->chain != NULL, "PCK chain, after signing" },
		{ t->pck != NULL, "PCK certificate, before signing" },
		{ t->answer != NULL, "collateral, after signing" },
		{ t->plan != NULL || t->written != NULL, "collateral, before signing" },
		{ t->list != NULL, "CRL" },
		{ t->log != NULL, "event log" },
	};

	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (stages[i].here)
			return stages[i].stage;
	return "TD, before making";
}
