/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/fault.h"

static const struct fault_table *const tables[] = {
	&fault_report,
	&fault_opaque,
	&fault_chain,
	&fault_rim,
	&fault_ocsp,
	&fault_node,
};

const struct fault *fault_at(size_t i)
{
	for (size_t k = 0; k < ARRAY_LEN(tables); k++) {
		if (i < tables[k]->rows)
			return &tables[k]->row[i];
		i -= tables[k]->rows;
	}
	return NULL;
}

const struct fault *fault_named(const char *name)
{
	const struct fault *t;

	for (size_t i = 0; (t = fault_at(i)) != NULL; i++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

const char *fault_stage(const struct fault *t)
{
	/* Rows about an answer use value for nothing but this. */
	const char *answer = t->value == 0 ? "OCSP, before signing" : "OCSP, after signing";
	const struct {
		bool        here;
		const char *stage;
	} stages[] = {
		{ t->sealed != NULL, "report, after signing" },
		{ t->message != NULL || t->report != NULL, "report, before signing" },
		{ t->leaf != NULL, "leaf, before signing" },
		{ t->answer != NULL, "device, in its place" },
		{ t->chain != NULL || t->pem != NULL, "chain, after signing" },
		{ t->xml != NULL, "RIM, after signing" },
		{ t->rim != NULL, "RIM, before signing" },
		{ t->ocsp != NULL, answer },
		{ t->absent == FAULT_RIM_ABSENT, "RIM service" },
		{ t->absent == FAULT_OCSP_ABSENT, "OCSP responder" },
		{ t->model != NULL, "device, before making" },
		{ t->bundle != NULL, "bundle" },
	};

	for (size_t i = 0; i < ARRAY_LEN(stages); i++)
		if (stages[i].here)
			return stages[i].stage;
	return "node, before making";
}

struct forge_evidence *fault_evidence(const struct fault *t, struct forge_bundle *b)
{
	char name[16];

	device_subject(t->kind, t->number, name);
	for (size_t i = 0; i < b->evidences; i++)
		if (strcmp(b->evidence[i].name, name) == 0)
			return &b->evidence[i];
	return &b->evidence[0];
}

void fault_drop(struct forge_bundle *b, size_t i)
{
	struct forge_collateral *c = &b->collateral[i];

	buf_done(&c->want);
	buf_done(&c->request);
	buf_done(&c->body);
	buf_done(&c->from);
	b->collaterals--;
	memmove(c, c + 1, (b->collaterals - i) * sizeof(*c));
	b->collateral[b->collaterals] = (struct forge_collateral){ 0 };
}
