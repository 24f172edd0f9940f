/* SPDX-License-Identifier: Apache-2.0
 *
 * What journals say: what is due because of steps that were done and not taken back.
 *
 * Source: environment 7. */
#include <stdio.h>

#include "env/line.h"
#include "env/setup.h"

#define MONITOR "cloudmonitor.service"

unsigned setup_touches(const char *path)
{
	static const struct {
		const char *with;
		unsigned    touch;
	} rows[] = { { "etc/modprobe.d/", TOUCH_INITRAMFS | TOUCH_BOOT },
		{ "etc/modules-load.d/", TOUCH_BOOT },
		{ "etc/default/grub", TOUCH_MENU | TOUCH_BOOT }, { "etc/kernel/", TOUCH_BOOT },
		{ "etc/sysconfig/kdump", TOUCH_BOOT }, { "boot/", TOUCH_BOOT },
		{ "efi/", TOUCH_BOOT }, { "etc/systemd/system/", TOUCH_UNITS } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strncmp(path, rows[i].with, strlen(rows[i].with)) == 0)
			return rows[i].touch;
	return 0;
}

const struct unit_found *setup_unit(const struct machine *m, const char *name)
{
	const struct {
		const char              *name;
		const struct unit_found *found;
	} units[] = { { "nvidia-persistenced.service", &m->persistenced },
		{ "nvidia-fabricmanager.service", &m->fabric }, { MONITOR, &m->cloudmonitor } };

	for (size_t i = 0; i < ARRAY_LEN(units); i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].found;
	return NULL;
}

static bool monitor_wish(const struct txn_step *s)
{
	return s->path != NULL && bytes_end(bytes_text(s->path), BYTES(".wants/" MONITOR));
}

static void kept(const struct txn_step *s, struct history *h)
{
	for (size_t i = 0; i < h->kepts; i++)
		if (strcmp(h->kept[i].path, s->path) == 0)
			return;
	if (h->kepts == TXN_MADE || strlen(s->path) >= IMAGE_PATH ||
		strlen(s->copy) >= IMAGE_PATH)
		return;
	snprintf(h->kept[h->kepts].path, IMAGE_PATH, "%s", s->path);
	snprintf(h->kept[h->kepts++].copy, IMAGE_PATH, "%s", s->copy);
}

static void dropped(const struct txn_step *s, struct history *h)
{
	for (size_t i = 0; i < h->kepts; i++)
		if (strcmp(h->kept[i].path, s->path) == 0) {
			h->kept[i] = h->kept[--h->kepts];
			return;
		}
}

static void account(
	const struct txn *t, const struct txn_step *s, const char *boot, struct history *h)
{
	const bool     done = s->ended && s->status == 0;
	const unsigned t_of = s->what == TXN_DO_FILE ? setup_touches(s->path) : 0;

	h->initramfs_due = h->initramfs_due || (t_of & TOUCH_INITRAMFS) != 0;
	h->menu_due      = h->menu_due || (t_of & TOUCH_MENU) != 0;
	h->reload_due    = h->reload_due || (t_of & TOUCH_UNITS) != 0;
	if ((t_of & TOUCH_BOOT) != 0 && strcmp(t->boot, "-") != 0)
		h->same_boot = strcmp(t->boot, boot) == 0;
	if (monitor_wish(s) && s->after.kind == PLACE_ABSENT) {
		snprintf(h->monitor_link, sizeof(h->monitor_link), "%s", s->before.link);
		snprintf(h->monitor_path, sizeof(h->monitor_path), "%s", s->path);
	} else if (monitor_wish(s) && done) { /* begun alone, it may not be there */
		h->monitor_link[0] = 0;
	}
	if (s->what == TXN_DO_COMMAND && done) {
		h->initramfs_due = h->initramfs_due && strcmp(s->item, "INIT-01") != 0;
		h->menu_due      = h->menu_due && strcmp(s->item, "BOOT-02") != 0;
	}
	if (s->what == TXN_DO_COMMAND && done && strcmp(s->argv[0], "apt-get") == 0 &&
		s->argv[1] != NULL && strcmp(s->argv[1], "update") == 0)
		h->lists_asked = strcmp(t->boot, boot) == 0;
	if (s->what == TXN_DO_KEEP)
		kept(s, h);
	if (s->what == TXN_DO_DROP && done)
		dropped(s, h);
	if (s->what == TXN_DO_UNIT && strcmp(s->unit, MONITOR) == 0)
		h->monitor_stopped = s->verb == VERB_STOP ? s->active
							  : h->monitor_stopped && !done;
	if (s->what == TXN_DO_UNIT && s->verb == VERB_RELOAD && done)
		h->reload_due = false;
}

enum assay_code setup_history(const struct machine *m, struct history *out, struct assay_err *e)
{
	CLEANUP(names_done) struct names ids = { 0 };
	struct history                   h   = { 0 };
	char                             boot[64];

	setup_boot_id(&m->root, boot);
	TRY(txn_list(&m->root, &ids, e));
	for (size_t i = 0; i < ids.n; i++) {
		CLEANUP(txn_done) struct txn t = { 0 };

		TRY(txn_read(&m->root, ids.name[i], &t, e));
		for (size_t k = 0; k < t.steps && !t.closed; k++)
			if (!t.step[k].undone)
				account(&t, &t.step[k], boot, &h);
	}
	*out = h;
	return ASSAY_OK;
}
