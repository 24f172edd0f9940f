/* SPDX-License-Identifier: Apache-2.0
 *
 * The words of `assay sim ctl`: what can be done to a running platform. */
#include "base/show.h"
#include "base/utc.h"
#include "cmd/sim.h"

#define WORDS 9 /* fault and as many names as fit, or a word and its object */

struct order {
	struct platform *p;
	char             text[256]; /* cut into words */
	const char      *word[WORDS];
	size_t           words;
	struct buf      *out;
	bool            *stop;
};

/* "gpu3", "nvswitch1": one that the machine has. */
static enum assay_code find_device(const struct order *o, const char *name,
	enum forge_kind *kind, unsigned *number, struct assay_err *e)
{
	for (enum forge_kind k = FORGE_GPU; k <= FORGE_SWITCH; k++)
		for (unsigned i = 0; i < platform_count(o->p, k); i++)
			if (strcmp(SUBJECT(k, i), name) == 0) {
				*kind   = k;
				*number = i;
				return ASSAY_OK;
			}
	return err_set(e, ASSAY_INPUT_OPTION,
		"there is no %s; a device is named as in reports: gpu0, nvswitch0",
		SHOW(bytes_text(name)));
}

static enum assay_code plug(const struct order *o, bool lost, struct assay_err *e)
{
	enum forge_kind kind;
	unsigned        number;

	TRY(find_device(o, o->word[1], &kind, &number, e));
	if (o->p->lost[kind][number] == lost)
		return err_set(e, ASSAY_INPUT_OPTION, "%s is %s already", o->word[1],
			lost ? "unplugged" : "plugged in");
	o->p->lost[kind][number] = lost;
	return ASSAY_OK;
}

static enum assay_code do_unplug(const struct order *o, struct assay_err *e)
{
	return plug(o, true, e);
}

static enum assay_code do_plug(const struct order *o, struct assay_err *e)
{
	return plug(o, false, e);
}

/* What can be revoked besides devices: a row of the forge that does it for one. */
static const struct {
	const char   *name, *like;
	enum rim_kind kind;
} revocable[] = {
	{ "driver-rim", "ocsp-rim-revoked", RIM_DRIVER },
	{ "vbios-rim", "ocsp-rim-revoked", RIM_VBIOS },
	{ "gpu-authority", "ocsp-revoked-ca", RIM_DRIVER },
};

static enum assay_code do_revoke(const struct order *o, struct assay_err *e)
{
	struct fault row = *fault_named("ocsp-revoked");

	if (strcmp(o->word[1], "pck") == 0) {
		if (o->p->tdx == NULL)
			return err_set(e, ASSAY_INPUT_OPTION, "the guest is no TD");
		tdx_revoke_pck(o->p->tdx, true);
		return ASSAY_OK;
	}
	for (size_t i = 0; i < ARRAY_LEN(revocable); i++) {
		if (strcmp(o->word[1], revocable[i].name) != 0)
			continue;
		row          = *fault_named(revocable[i].like);
		row.rim_kind = revocable[i].kind;
		return platform_revoke(o->p, &row, e);
	}
	if (find_device(o, o->word[1], &row.kind, &row.number, e) != ASSAY_OK)
		return err_set(e, ASSAY_INPUT_OPTION,
			"there is no %s; revoked are a device such as gpu0, gpu-authority, driver-rim, vbios-rim or pck",
			SHOW(bytes_text(o->word[1])));
	return platform_revoke(o->p, &row, e);
}

static enum assay_code do_reset(const struct order *o, struct assay_err *e)
{
	return platform_reset(o->p, e);
}

static enum assay_code do_time(const struct order *o, struct assay_err *e)
{
	int64_t at = 0;

	if (strcmp(o->word[1], "now") != 0 &&
		utc_parse(bytes_text(o->word[1]), &at, e) != ASSAY_OK)
		return err_wrap(e, "\"now\" or a time");
	o->p->at = at;
	return ASSAY_OK;
}

static enum assay_code do_fault(const struct order *o, struct assay_err *e)
{
	const struct sim_fault *fault[WORDS] = { NULL };
	size_t                  n            = 0;

	if (o->words == 2 && strcmp(o->word[1], "none") == 0)
		return platform_faults(o->p, fault, 0, e);
	for (size_t i = 1; i < o->words; i++) {
		TRY(options_fault(o->word[i], &fault[n], e));
		TRY(options_suits(&o->p->spec, fault[n++], e));
	}
	return platform_faults(o->p, fault, n, e);
}

static void put_devices(const struct order *o, enum forge_kind kind, const char *name)
{
	unsigned n = platform_count(o->p, kind);

	buf_printf(o->out, "%s %u", name, n);
	for (unsigned i = 0; i < n; i++)
		if (o->p->lost[kind][i])
			buf_printf(o->out, ", %s unplugged", SUBJECT(kind, i));
	buf_text(o->out, "\n");
}

static enum assay_code do_status(const struct order *o, struct assay_err *e)
{
	const struct platform *p = o->p;

	put_devices(o, FORGE_GPU, "GPUs    ");
	put_devices(o, FORGE_SWITCH, "switches");
	buf_printf(o->out, "CC       %s%s\n",
		p->mode.multi_gpu != 0 ? "protected PCIe" : (p->mode.cc ? "on" : "off"),
		p->mode.devtools ? ", devtools" : "");
	buf_printf(o->out, "ready    %s\n", p->ready ? "yes" : "no");
	buf_printf(o->out, "TD       %s\n", p->tdx != NULL ? "yes" : "no");
	buf_printf(o->out, "time     %s%s\n", UTC(platform_now(p)),
		p->at != 0 ? ", standing still" : "");
	buf_printf(o->out, "revoked  %zu by hand\n",
		p->revocations + (p->tdx != NULL && tdx_pck_revoked(p->tdx)));
	for (size_t i = 0; i < p->spec.faults; i++)
		buf_printf(o->out, "fault    %s\n", p->spec.fault[i]->name);
	return buf_ok(o->out, e);
}

static enum assay_code do_stop(const struct order *o, struct assay_err *e)
{
	(void)e;
	*o->stop = true;
	return ASSAY_OK;
}

static const struct {
	const char *word, *argument, *help;
	enum assay_code (*run)(const struct order *o, struct assay_err *e);
} orders[] = {
	{ "status", NULL, "what it is and how it stands", do_status },
	{ "unplug", "DEVICE", "take gpu0, nvswitch0, ... away", do_unplug },
	{ "plug", "DEVICE", "put it back", do_plug },
	{ "revoke", "WHAT",
		"a DEVICE's identity, gpu-authority, driver-rim, vbios-rim, or the TD's pck",
		do_revoke },
	{ "time", "TIME|now", "time stands still there, or follows the clock again", do_time },
	{ "fault", "NAME...|none", "these faults instead of the present ones", do_fault },
	{ "reset", NULL, "as at the start; faults stay", do_reset },
	{ "stop", NULL, "end it", do_stop },
};

void control_help(bool table, struct buf *out)
{
	buf_text(out, table ? "" : "\n");
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		char left[32];

		if (table) {
			buf_printf(out, "word\t%s\t%s\n", orders[i].word, orders[i].help);
			continue;
		}
		snprintf(left, sizeof(left), "%s %s", orders[i].word,
			orders[i].argument == NULL ? "" : orders[i].argument);
		buf_printf(out, "  %-26s %s\n", left, orders[i].help);
	}
}

static enum assay_code cut(struct order *o, const char *words, struct assay_err *e)
{
	char *rest = NULL;

	if (strlen(words) >= sizeof(o->text))
		return err_set(e, ASSAY_INPUT_OPTION, "too many words");
	memcpy(o->text, words, strlen(words) + 1);
	for (char *w = strtok_r(o->text, " ", &rest); w != NULL;
		w    = strtok_r(NULL, " ", &rest)) {
		if (o->words == WORDS)
			return err_set(e, ASSAY_INPUT_OPTION, "too many words");
		o->word[o->words++] = w;
	}
	return ASSAY_OK;
}

enum assay_code control_say(struct platform *p, const char *words, struct buf *text, bool *stop,
	struct assay_err *e)
{
	struct order o = { .p = p, .out = text, .stop = stop };

	TRY(cut(&o, words, e));
	for (size_t i = 0; o.words > 0 && i < ARRAY_LEN(orders); i++) {
		const size_t least = orders[i].argument == NULL ? 1 : 2;
		const bool   many  = orders[i].run == do_fault;

		if (strcmp(o.word[0], orders[i].word) != 0)
			continue;
		if (o.words < least || (o.words > least && !many))
			return err_set(e, ASSAY_INPUT_OPTION, "%s takes %s", orders[i].word,
				orders[i].argument == NULL ? "nothing" : orders[i].argument);
		return orders[i].run(&o, e);
	}
	return err_set(e, ASSAY_INPUT_OPTION, "no word \"%s\"; see assay sim ctl --help",
		o.words == 0 ? "" : SHOW(bytes_text(o.word[0])));
}
