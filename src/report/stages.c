/* SPDX-License-Identifier: Apache-2.0 */
#include "report/stages.h"

#include <stdio.h>
#include <stdlib.h>

#include <libsmartcols/libsmartcols.h>

/* By the beginning of the id; the first that fits. */
static const struct {
	const char *part;
	enum stage  stage;
} parts[] = {
	{ "gpu.mode", STAGE_GPU_CHECKS },
	{ "gpu.devtools", STAGE_GPU_CHECKS },
	{ "gpu.", STAGE_GPU },
	{ "nvswitch.mode", STAGE_SWITCH_CHECKS },
	{ "nvswitch.", STAGE_SWITCH },
	{ "tdx.", STAGE_TD },
	{ "node.devices.count", STAGE_GPU_CHECKS },
	{ "node.binding.", STAGE_BINDING },
	{ "node.ready", STAGE_READY },
	{ "", STAGE_TOPOLOGY },
};

/* Rows in the order of the work. Some are there only when something was asked: no TD, no row. */
static const struct {
	const char *name;
	bool        always;
} rows[STAGES] = {
	[STAGE_GPU_CHECKS]    = { "GPU pre-checks", true },
	[STAGE_SWITCH_CHECKS] = { "Switch pre-checks", true },
	[STAGE_GPU]           = { "GPU attestation", true },
	[STAGE_SWITCH]        = { "Switch attestation", true },
	[STAGE_TD]            = { "TD attestation", false },
	[STAGE_TOPOLOGY]      = { "Topology checks", true },
	[STAGE_BINDING]       = { "Binding", false },
	[STAGE_READY]         = { "Ready state", true },
};

static const struct {
	const char *name, *colour;
} statuses[] = {
	[STAGE_SKIPPED] = { "SKIPPED", "\033[2m" },
	[STAGE_SUCCESS] = { "SUCCESS", "\033[32m" },
	[STAGE_FAILED]  = { "FAILED", "\033[31m" },
};

enum stage stage_of(enum check check, enum subject_kind subject)
{
	const char *id = check_row(check)->id;
	size_t      i  = 0;

	while (strncmp(id, parts[i].part, strlen(parts[i].part)) != 0)
		i++;
	if (check == CHECK_TOKEN_POLICY &&
		subject != SUBJECT_NODE) /* what a policy asks of a device */
		return subject == SUBJECT_GPU ? STAGE_GPU : STAGE_SWITCH;
	if (subject == SUBJECT_NODE && parts[i].stage == STAGE_GPU)
		return STAGE_GPU_CHECKS;
	if (subject == SUBJECT_NODE && parts[i].stage == STAGE_SWITCH)
		return STAGE_SWITCH_CHECKS;
	return parts[i].stage;
}

const char *stage_name(enum stage s)
{
	return rows[s].name;
}

const char *stage_status_name(enum stage_status s)
{
	return statuses[s].name;
}

bool stage_shown(const struct stages *s, enum stage which)
{
	return rows[which].always || s->status[which] != STAGE_SKIPPED;
}

void stages_judge(const struct findings *f, struct stages *s)
{
	bool held[STAGES] = { false }, waits[STAGES] = { false }, failed[STAGES] = { false };

	for (size_t i = 0; i < f->n; i++) {
		enum stage at = stage_of(f->list[i].check, f->list[i].subject.kind);

		switch (f->list[i].outcome) {
		case ASSAY_OUTCOME_PASS:
		case ASSAY_OUTCOME_WAIVED:
			held[at] = true;
			break;
		case ASSAY_OUTCOME_NOT_APPLICABLE:
		case ASSAY_OUTCOME_WARN:
			break; /* these alone say nothing */
		case ASSAY_OUTCOME_SKIPPED:
			waits[at] = true;
			break;
		default:
			failed[at] = true;
		}
	}
	for (size_t i = 0; i < STAGES; i++)
		s->status[i] = failed[i]       ? STAGE_FAILED
			: held[i] && !waits[i] ? STAGE_SUCCESS
					       : STAGE_SKIPPED;
}

static void unref(struct libscols_table **table)
{
	scols_unref_table(*table);
}

static bool put_row(
	struct libscols_table *table, const struct stages *s, enum stage at, bool colour)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);
	enum stage_status     st   = s->status[at];
	char                  time[32];

	snprintf(time, sizeof(time), s->us[at] == 0 ? "-" : "%.3f s", (double)s->us[at] / 1e6);
	return line != NULL && scols_line_set_data(line, 0, rows[at].name) == 0 &&
		scols_line_set_data(line, 1, statuses[st].name) == 0 &&
		scols_line_set_data(line, 2, time) == 0 &&
		(!colour ||
			scols_cell_set_color(
				scols_line_get_cell(line, 1), statuses[st].colour) == 0);
}

static bool prepare(struct libscols_table *table, bool colour)
{
	return table != NULL && scols_table_new_column(table, "STAGE", 0, 0) != NULL &&
		scols_table_new_column(table, "STATUS", 0, 0) != NULL &&
		scols_table_new_column(table, "TIME", 0, SCOLS_FL_RIGHT) != NULL &&
		scols_table_set_termforce(table, SCOLS_TERMFORCE_ALWAYS) == 0 &&
		scols_table_set_termwidth(table, 80) == 0 &&
		scols_table_enable_nowrap(table, 1) == 0 &&
		scols_table_set_column_separator(table, "  ") == 0 &&
		scols_table_enable_ascii(table, 1) == 0 &&
		scols_table_enable_colors(table, colour) == 0;
}

enum assay_code stages_text(
	const struct stages *s, bool colour, struct buf *out, struct assay_err *e)
{
	CLEANUP(unref) struct libscols_table *table = scols_new_table();
	char                                 *text  = NULL;
	bool                                  ok    = prepare(table, colour);

	for (enum stage i = 0; ok && i < STAGES; i++)
		ok = !stage_shown(s, i) || put_row(table, s, i, colour);
	if (!ok || scols_print_table_to_string(table, &text) != 0)
		return err_no_memory(e);
	buf_text(out, text);
	free(text);
	buf_printf(out, "\n\n%.3f s in all\n", (double)s->total_us / 1e6);
	return buf_ok(out, e);
}
