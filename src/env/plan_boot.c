/* SPDX-License-Identifier: Apache-2.0
 *
 * swiotlb= for every entry there is, and in what new kernels inherit from; nothing else of a boot loader is touched.
 *
 * Source: environment BOOT-02. */
#include <stdio.h>

#include "base/show.h"
#include "env/bls.h"
#include "env/line.h"
#include "env/plan.h"

#define ARG     "swiotlb"
#define ITEM    "BOOT-02"
#define DROP_IN "etc/default/grub.d/60-assay.cfg"

const char *plan_swiotlb(const struct machine *m)
{
	const bool any = m->osrelease[0] != 0 ? m->kernel.vendor == KERNEL_ALINUX
					      : m->os == OS_ALINUX;

	return any ? SWIOTLB_VALUE : "4194304";
}

/* Once, of that size or a larger one, and wherever memory is where the kernel knows how. */
static bool satisfied(const struct machine *m, struct bytes options)
{
	struct swiotlb s;

	cmdline_swiotlb(options, &s);
	return s.count == 1 && s.number && s.slabs >= SWIOTLB_WANTED && !s.noforce &&
		(s.any || strchr(plan_swiotlb(m), ',') == NULL);
}

static enum assay_code file(struct planner *w, const char *path, struct bytes body,
	const char *why, struct assay_err *e)
{
	struct step *s = NULL;

	TRY(plan_file(w, PHASE_BOOT, ITEM, path, body, why, &s, e));
	if (s != NULL)
		s->measured = true;
	return ASSAY_OK;
}

typedef enum assay_code editor(struct bytes in, const char *name, const char *value,
	struct buf *out, struct assay_err *e);

/* Change a file by one of the editors. What they will not change is a reason to touch nothing. */
static enum assay_code edit(struct planner *w, const char *path, editor *set, const char *value,
	const char *why, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 }, new = { 0 };
	struct assay_err             odd = { 0 };

	TRY(plan_body(w, path, &body, e));
	if (set(buf_bytes(&body), ARG, value, &new, &odd) != ASSAY_OK) {
		plan_refuse(w, "/%s: %s", SHOW(bytes_text(path)), assay_err_text(&odd));
		return ASSAY_OK;
	}
	return file(w, path, buf_bytes(&new), why, e);
}

static enum assay_code edit_kernelopts(struct bytes in, const char *name, const char *value,
	struct buf *out, struct assay_err *e)
{
	return grubenv_set(in, "kernelopts", name, value, out, e);
}

static enum assay_code entries(struct planner *w, struct assay_err *e)
{
	const struct boot *b = &w->m->boot;

	for (size_t i = 0; i < b->entries; i++)
		if (!satisfied(w->m, buf_bytes(&b->entry[i].options)))
			TRY(edit(w, b->entry[i].path, bls_set, plan_swiotlb(w->m),
				"the argument in this boot entry", e));
	return ASSAY_OK;
}

/* EL8: entries say $kernelopts, which stands in GRUB's environment block. */
static enum assay_code environment_block(struct planner *w, struct assay_err *e)
{
	static const char *const paths[] = { "boot/grub2/grubenv", "boot/grub/grubenv" };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		CLEANUP(buf_done) struct buf body = { 0 };
		struct bytes                 value;

		if (root_read(&w->m->root, paths[i], GRUBENV, &body) != 0)
			continue;
		if (grubenv_get(buf_bytes(&body), "kernelopts", &value) &&
			!satisfied(w->m, value))
			return edit(w, paths[i], edit_kernelopts, plan_swiotlb(w->m),
				"the argument where entries take it from", e);
		return ASSAY_OK;
	}
	return ASSAY_OK;
}

/* What new kernels inherit from. */
static enum assay_code sources(struct planner *w, struct assay_err *e)
{
	const struct boot           *b    = &w->m->boot;
	CLEANUP(buf_done) struct buf args = { 0 };

	buf_put(&args, b->grub.value[GRUB_CMDLINE].p, b->grub.value[GRUB_CMDLINE].n);
	TRY(buf_ok(&args, e));
	if (b->grub_there && b->style != BOOT_SYSTEMD && !satisfied(w->m, buf_bytes(&args)))
		TRY(edit(w, "etc/default/grub", grub_set, plan_swiotlb(w->m),
			"the argument for kernels to come", e));
	if (b->kernel_there && !satisfied(w->m, buf_bytes(&b->kernel_file)))
		TRY(edit(w, "etc/kernel/cmdline", cmdline_set, plan_swiotlb(w->m),
			"the argument for kernels to come", e));
	return ASSAY_OK;
}

/* Other values of the argument in Debian's settings go: the last one would count, and which that is depends on names. */
static enum assay_code others_out(struct planner *w, struct assay_err *e)
{
	CLEANUP(names_done) struct names n = { 0 };
	struct cmdline_arg               a;

	if (cmdline_find(buf_bytes(&w->m->boot.grub.value[GRUB_CMDLINE_DEFAULT]), ARG, &a) > 0)
		plan_refuse(w,
			"GRUB_CMDLINE_LINUX_DEFAULT has swiotlb= already; take it out, then run this again");
	if (cmdline_find(buf_bytes(&w->m->boot.grub.value[GRUB_CMDLINE]), ARG, &a) == 0)
		return ASSAY_OK;
	TRY(edit(w, "etc/default/grub", grub_set, NULL, "another value of the argument goes",
		e));
	root_list(&w->m->root, "etc/default/grub.d", &n);
	for (size_t i = 0; i < n.n; i++) {
		CLEANUP(buf_done) struct buf body = { 0 };
		char                         path[ROOT_PATH];

		snprintf(path, sizeof(path), "etc/default/grub.d/%.200s", n.name[i]);
		if (!bytes_end(bytes_text(n.name[i]), BYTES(".cfg")) ||
			strcmp(path, DROP_IN) == 0 ||
			root_read(&w->m->root, path, GRUB_FILE, &body) != 0 ||
			!bytes_has(buf_bytes(&body), ARG "="))
			continue;
		TRY(edit(w, path, grub_set, NULL, "another value of the argument goes", e));
	}
	return ASSAY_OK;
}

static enum assay_code debian(struct planner *w, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	CLEANUP(buf_done) struct buf args = { 0 };
	struct grub                  g    = w->m->boot.grub;

	TRY(grub_cmdline(&g, &args, e));
	if (satisfied(w->m, buf_bytes(&args)))
		return ASSAY_OK;
	TRY(others_out(w, e));
	buf_printf(&body,
		"# Written by assay setup; assay setup undo takes it back.\n"
		"GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX " ARG "=%s\"\n",
		plan_swiotlb(w->m));
	TRY(buf_ok(&body, e));
	return file(w, DROP_IN, buf_bytes(&body), "the argument, for every kernel", e);
}

/* The menu that the firmware's GRUB reads is the one whose entries were found: on EL8 with UEFI beside GRUB itself. */
void plan_menu_words(
	const struct machine *m, const char *argv[TXN_ARGS + 1], char text[ROOT_PATH])
{
	if (m->os == OS_DEBIAN) {
		argv[0] = "update-grub";
		argv[1] = NULL;
		return;
	}
	snprintf(text, ROOT_PATH, "/%s", m->boot.place);
	argv[0] = "grub2-mkconfig";
	argv[1] = "-o";
	argv[2] = text;
	argv[3] = NULL;
}

static enum assay_code menu(struct planner *w, struct assay_err *e)
{
	const struct boot *b   = &w->m->boot;
	bool               due = w->h->menu_due;
	char               text[ROOT_PATH];
	const char        *argv[TXN_ARGS + 1];
	struct step       *s;

	for (size_t i = 0; i < b->entries; i++)
		due = due || !satisfied(w->m, buf_bytes(&b->entry[i].options));
	if (!due)
		return ASSAY_OK;
	plan_menu_words(w->m, argv, text);
	TRY(plan_command(w, PHASE_BOOT, ITEM, argv,
		"GRUB's menu is made again from its settings", &s, e));
	s->measured = true;
	return ASSAY_OK;
}

/* BOOT-04: optional, and only where kdump has a word for it; Debian's kdump-tools wants the whole line from its user. */
static enum assay_code crash_kernel(struct planner *w, struct assay_err *e)
{
	static const char            kdump[] = "etc/sysconfig/kdump";
	CLEANUP(buf_done) struct buf body = { 0 }, new = { 0 };
	struct assay_err             odd = { 0 };

	if (!machine_crash_kernel(w->m))
		return ASSAY_OK;
	TRY(plan_body(w, kdump, &body, e));
	if (grub_lists(buf_bytes(&body), KDUMP_REMOVE, ARG))
		return ASSAY_OK;
	if (!w->o->kdump || !root_there(&w->m->root, kdump)) {
		plan_note(w,
			"a crash kernel is set up, would inherit swiotlb=, and has no 8 GiB for it: %s",
			root_there(&w->m->root, kdump)
				? "--kdump takes it out of its arguments"
				: "name its arguments without (KDUMP_CMDLINE in /etc/default/kdump-tools), or disable kdump");
		return ASSAY_OK;
	}
	if (grub_set_of(buf_bytes(&body), KDUMP_REMOVE, ARG, "", &new, &odd) != ASSAY_OK) {
		plan_refuse(w, "/%s: %s", kdump, assay_err_text(&odd));
		return ASSAY_OK;
	}
	return plan_file(w, PHASE_BOOT, "BOOT-04", kdump, buf_bytes(&new),
		"the crash kernel does not reserve 8 GiB that it has not got", NULL, e);
}

enum assay_code plan_boot(struct planner *w, struct assay_err *e)
{
	TRY(crash_kernel(w, e));
	if (w->m->boot.style == BOOT_GRUB) {
		if (w->m->os == OS_DEBIAN)
			TRY(debian(w, e));
		else
			TRY(sources(w, e));
		return menu(w, e);
	}
	TRY(entries(w, e));
	if (w->m->boot.style == BOOT_BLS)
		TRY(environment_block(w, e));
	return sources(w, e);
}
