/* SPDX-License-Identifier: Apache-2.0
 *
 * How the machine boots: entries, the one that is next, and what new kernels inherit from; and the kernel's log.
 *
 * Source: environment BOOT-01, BOOT-02, KERN-02. */
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "env/bls.h"
#include "env/journal.h"
#include "env/line.h"
#include "env/machine.h"

#define STUB        "sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define LOADER_GUID "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define LOADER      "sys/firmware/efi/efivars/LoaderInfo-" LOADER_GUID
#define EFI_MENU    "boot/efi/EFI/%.60s/grub.cfg"

static void copy(char *out, size_t size, struct bytes b)
{
	snprintf(out, size, "%.*s", (int)b.n, b.n == 0 ? "" : (const char *)b.p);
}

/* "/boot/vmlinuz-5.10.134-18.al8.x86_64": the version. */
static struct bytes kernel_of_path(struct bytes path)
{
	const uint8_t *dash = bytes_find(path, BYTES("vmlinuz-"));

	return dash == NULL ? (struct bytes){ 0 }
			    : bytes_behind(path, (size_t)(dash - path.p) + 8);
}

/* The initramfs of an entry: of several the last, for microcode comes first; GRUB's variables behind a path are none. */
static void entry_initrd(const struct bls *b, struct boot_entry *e)
{
	struct bytes word;
	size_t       at = 0;

	if (b->initrds > 0 && word_next(b->initrd[b->initrds - 1], &at, &word) &&
		word.p[0] == '/')
		copy(e->initrd, sizeof(e->initrd), bytes_behind(word, 1));
}

static void entry_take(
	struct machine *m, const char *folder, const char *name, struct bytes env)
{
	struct boot                 *b    = &m->boot;
	CLEANUP(buf_done) struct buf text = { 0 };
	struct boot_entry new             = { 0 };
	struct assay_err e                = { 0 };
	struct bls       bls;
	int              no;

	if (!bytes_end(bytes_text(name), BYTES(".conf")))
		return;
	if (b->entries ==
		MACHINE_ENTRIES) { /* of those that are not looked at nothing is known */
		b->no = EFBIG;
		snprintf(b->place, sizeof(b->place), "%.120s", folder);
		return;
	}
	snprintf(new.path, sizeof(new.path), "%s/%s", folder, name);
	copy(new.id, sizeof(new.id), (struct bytes){ (const uint8_t *)name, strlen(name) - 5 });
	no = root_read(&m->root, new.path, BLS_FILE, &text);
	if (no != 0) {
		b->no = no;
		snprintf(b->place, sizeof(b->place), "%.120s", folder);
		return;
	}
	if (bls_parse(buf_bytes(&text), &bls, &e) != ASSAY_OK)
		return;
	copy(new.kernel, sizeof(new.kernel),
		bls.version.n > 0 ? bls.version : kernel_of_path(bls.linux_path));
	new.several = bls.option_lines > 1;
	entry_initrd(&bls, &new);
	if (bls_options(&bls, env, &new.options, &e) != ASSAY_OK) {
		buf_done(&new.options);
		return;
	}
	b->entry[b->entries++] = new;
}

static int newest_first(const void *a, const void *b)
{
	return bls_order(bytes_text(((const struct boot_entry *)a)->id),
		bytes_text(((const struct boot_entry *)b)->id));
}

/* Which entry "saved_entry" or GRUB_DEFAULT names: an id, a title, or a place in the menu. plain: the menu has no submenus,
 * which count as one place. */
static void choose(struct boot *b, struct bytes name, bool plain)
{
	const uint8_t *last = name.n == 0 ? NULL : memrchr(name.p, '>', name.n);
	uint64_t       n;

	if (last != NULL) /* submenu>entry */
		name = bytes_behind(name, (size_t)(last - name.p) + 1);
	for (size_t i = 0; i < b->entries && name.n > 0; i++)
		if (bytes_equal(bytes_text(b->entry[i].id), name) ||
			bytes_equal(bytes_text(b->entry[i].menu_id), name)) {
			b->entry[i].next = true;
			return;
		}
	if (name.n == 0)
		n = 0;
	else if (last != NULL || !bytes_number(name, &n) || (n > 0 && !plain))
		return; /* a submenu's entry, or one that is gone: not known */
	if (n < b->entries)
		b->entry[n].next = true;
}

/* What GRUB boots: next_entry once, before all; what is saved, where that is the setting (as it is by default with entries). */
static struct bytes grub_default(const struct boot *b, struct bytes env, bool saved)
{
	const struct bytes setting = buf_bytes(&b->grub.value[GRUB_DEFAULT_ENTRY]);
	struct bytes       name    = { 0 };

	if (grubenv_get(env, "next_entry", &name) && bytes_trim(name).n > 0)
		return bytes_trim(name);
	name = setting;
	if (bytes_equal(setting, BYTES("saved")) || (setting.n == 0 && saved)) {
		name = (struct bytes){ 0 };
		grubenv_get(env, "saved_entry", &name);
	}
	return bytes_trim(name);
}

static void read_env(const struct machine *m, struct buf *env)
{
	static const char *const paths[] = { "boot/grub2/grubenv", "boot/grub/grubenv" };

	for (size_t i = 0; i < ARRAY_LEN(paths) && env->n == 0; i++)
		root_read(&m->root, paths[i], GRUBENV, env);
}

static void bls_entries(struct machine *m)
{
	static const char *const     folders[] = { "boot/loader/entries", "efi/loader/entries",
		    "boot/efi/loader/entries" };
	CLEANUP(buf_done) struct buf env       = { 0 };
	struct bytes                 saved     = { 0 };

	read_env(m, &env);
	for (size_t i = 0; i < ARRAY_LEN(folders) && m->boot.entries == 0; i++) {
		CLEANUP(names_done) struct names n  = { 0 };
		const int                        no = root_list(&m->root, folders[i], &n);

		if (no != 0 && no != ENOENT && no != ENOTDIR) {
			m->boot.no = no;
			snprintf(m->boot.place, sizeof(m->boot.place), "%s", folders[i]);
		}
		for (size_t k = 0; k < n.n; k++)
			entry_take(m, folders[i], n.name[k], buf_bytes(&env));
		if (m->boot.entries > 0)
			snprintf(m->boot.place, sizeof(m->boot.place), "%s", folders[i]);
	}
	qsort(m->boot.entry, m->boot.entries, sizeof(*m->boot.entry), newest_first);
	saved = grub_default(&m->boot, buf_bytes(&env), true);
	choose(&m->boot, saved, true);
}

/* An EFI variable of systemd-boot's: four bytes of attributes, then UTF-16. */
static bool loader_variable(const struct machine *m, const char *name, char *out, size_t size)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	char                         path[160];
	size_t                       n = 0;

	snprintf(path, sizeof(path), "sys/firmware/efi/efivars/%s-" LOADER_GUID, name);
	if (root_read(&m->root, path, 4096, &text) != 0)
		return false;
	for (size_t i = 4; i + 1 < text.n && text.p[i] != 0 && n + 1 < size; i += 2)
		out[n++] = text.p[i + 1] == 0 ? (char)text.p[i] : '?';
	out[n] = 0;
	return n > 0;
}

/* "default" of loader.conf(5): a pattern. */
static bool loader_conf(const struct machine *m, char *out, size_t size)
{
	static const char *const     paths[] = { "boot/loader/loader.conf",
		    "efi/loader/loader.conf", "boot/efi/loader/loader.conf" };
	CLEANUP(buf_done) struct buf text    = { 0 };
	struct bytes                 line, key, value;
	bool                         found = false;

	for (size_t i = 0; i < ARRAY_LEN(paths) && text.n == 0; i++)
		root_read(&m->root, paths[i], 65536, &text);
	for (size_t at = 0; line_next(buf_bytes(&text), &at, &line);) {
		size_t in = 0;

		if (word_next(line, &in, &key) && bytes_equal(key, BYTES("default")) &&
			word_next(line, &in, &value)) {
			copy(out, size, value);
			found = true;
		}
	}
	return found;
}

/* What systemd-boot takes: once, by its variable, by its file; else the first. One that is no entry's is not known. */
static void choose_systemd(struct machine *m)
{
	struct boot *b            = &m->boot;
	char         pattern[160] = "";

	if (!loader_variable(m, "LoaderEntryOneShot", pattern, sizeof(pattern)) &&
		!loader_variable(m, "LoaderEntryDefault", pattern, sizeof(pattern)) &&
		!loader_conf(m, pattern, sizeof(pattern)))
		return;
	for (size_t i = 0; i < b->entries; i++)
		b->entry[i].next = false;
	for (size_t i = 0; i < b->entries; i++) {
		char file[MACHINE_NAME + 8];

		snprintf(file, sizeof(file), "%s.conf", b->entry[i].id);
		if (fnmatch(pattern, file, FNM_CASEFOLD) != 0 &&
			fnmatch(pattern, b->entry[i].id, FNM_CASEFOLD) != 0)
			continue;
		b->entry[i].next = true;
		return;
	}
}

static bool grub_menu(struct machine *m, const char *path)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const int                    no   = root_read(&m->root, path, GRUB_FILE, &text);
	struct grub_menu             menu = { .in = buf_bytes(&text) };
	struct grub_entry            g;
	struct boot                 *b = &m->boot;

	if (no != 0) {
		if (no != ENOENT && no != ENOTDIR) {
			b->no = no;
			snprintf(b->place, sizeof(b->place), "%s", path);
		}
		return false;
	}
	while (grub_next(&menu, &g)) {
		struct boot_entry *new;

		if (b->entries == MACHINE_ENTRIES) {
			b->no = EFBIG;
			break;
		}
		new = &b->entry[b->entries++];
		copy(new->id, sizeof(new->id), g.title);
		copy(new->menu_id, sizeof(new->menu_id), g.id);
		copy(new->kernel, sizeof(new->kernel), kernel_of_path(g.path));
		snprintf(new->path, sizeof(new->path), "%s", path);
		buf_put(&new->options, g.options.p, g.options.n);
	}
	if (b->entries > 0)
		snprintf(b->place, sizeof(b->place), "%s", path);
	return b->entries > 0;
}

/* EL8 with UEFI has its menu on the system partition, by the vendor's name; elsewhere a few lines that lead to the real one. */
static bool efi_menu(struct machine *m)
{
	CLEANUP(names_done) struct names n = { 0 };
	char                             path[128];

	if (!root_there(&m->root, "sys/firmware/efi"))
		return false;
	snprintf(path, sizeof(path), EFI_MENU, m->os_id);
	if (grub_menu(m, path))
		return true;
	root_list(&m->root, "boot/efi/EFI", &n);
	for (size_t i = 0; i < n.n; i++) {
		snprintf(path, sizeof(path), EFI_MENU, n.name[i]);
		if (grub_menu(m, path))
			return true;
	}
	return false;
}

static void grub_entries(struct machine *m)
{
	static const char *const     paths[] = { "boot/grub/grub.cfg", "boot/grub2/grub.cfg" };
	CLEANUP(buf_done) struct buf env     = { 0 };
	bool                         found   = efi_menu(m);

	for (size_t i = 0; i < ARRAY_LEN(paths) && !found; i++)
		found = grub_menu(m, paths[i]);
	read_env(m, &env);
	choose(&m->boot, grub_default(&m->boot, buf_bytes(&env), false), false);
}

static void source_failed(struct boot *b, int no)
{
	if (no != ENOENT && no != ENOTDIR && b->source_no == 0)
		b->source_no = no;
}

static void settings(struct machine *m)
{
	CLEANUP(names_done) struct names n    = { 0 };
	struct assay_err                 e    = { 0 };
	struct boot                     *b    = &m->boot;
	CLEANUP(buf_done) struct buf     main = { 0 };
	int no = root_read(&m->root, "etc/default/grub", GRUB_FILE, &main);

	if (no == 0) {
		b->grub_there = true;
		grub_read(buf_bytes(&main), &b->grub, &e);
	}
	source_failed(b, no);
	source_failed(b, root_list(&m->root, "etc/default/grub.d", &n));
	for (size_t i = 0; i < n.n; i++) {
		CLEANUP(buf_done) struct buf text = { 0 };
		char                         path[320];

		snprintf(path, sizeof(path), "etc/default/grub.d/%s", n.name[i]);
		if (!bytes_end(bytes_text(n.name[i]), BYTES(".cfg")))
			continue;
		no = root_read(&m->root, path, GRUB_FILE, &text);
		source_failed(b, no);
		if (no == 0)
			grub_read(buf_bytes(&text), &b->grub, &e);
	}
	no = root_read(&m->root, "etc/kernel/cmdline", 65536, &b->kernel_file);
	source_failed(b, no);
	b->kernel_there = no == 0;
}

/* By the loader's own word: four bytes of attributes, then its name in UTF-16. GRUB leaves one there too, since 2.12. */
static bool systemd_boot(const struct machine *m)
{
	static const char            name[] = "s\0y\0s\0t\0e\0m\0d\0-\0b\0o\0o\0t";
	CLEANUP(buf_done) struct buf text   = { 0 };

	return root_read(&m->root, LOADER, 4096, &text) == 0 &&
		bytes_begin(bytes_behind(buf_bytes(&text), 4),
			(struct bytes){ (const uint8_t *)name, sizeof(name) });
}

static void entries_drop(struct boot *b)
{
	while (b->entries > 0) {
		buf_done(&b->entry[--b->entries].options);
		b->entry[b->entries] = (struct boot_entry){ 0 };
	}
}

/* Entries that GRUB was told not to read lie about: its menu counts, when it has kernels of its own. */
static bool entries_unused(struct machine *m)
{
	struct boot *b = &m->boot;

	if (!b->grub_there || bytes_equal(buf_bytes(&b->grub.value[GRUB_BLS]), BYTES("true")))
		return false;
	entries_drop(b);
	grub_entries(m);
	if (b->entries > 0)
		return true;
	bls_entries(m);
	return false;
}

/* A mount point among lines of fstab(5) or of /proc/mounts. */
static bool mounts_have(struct bytes text, const char *point, bool by_itself)
{
	struct bytes line, from, on, type, options;

	for (size_t at = 0; line_next(text, &at, &line);) {
		size_t in = 0;

		if (word_next(line, &in, &from) && from.p[0] != '#' &&
			word_next(line, &in, &on) && bytes_equal(on, bytes_text(point)) &&
			word_next(line, &in, &type))
			return !by_itself || !word_next(line, &in, &options) ||
				!bytes_has(options, "noauto");
	}
	return false;
}

static bool unmounted(const struct machine *m)
{
	CLEANUP(buf_done) struct buf table = { 0 }, mounts = { 0 };

	return root_read(&m->root, "etc/fstab", 65536, &table) == 0 &&
		root_read(&m->root, "proc/mounts", ROOT_FILE, &mounts) == 0 &&
		mounts_have(buf_bytes(&table), "/boot", true) &&
		!mounts_have(buf_bytes(&mounts), "/boot", false);
}

void inspect_boot(struct machine *m)
{
	struct boot *b = &m->boot;

	b->unmounted = unmounted(m);
	settings(m);
	if (root_there(&m->root, STUB)) {
		b->style = BOOT_UKI;
		return;
	}
	bls_entries(m);
	if (b->entries > 0) {
		b->style = systemd_boot(m)  ? BOOT_SYSTEMD
			: entries_unused(m) ? BOOT_GRUB
					    : BOOT_BLS;
		if (b->style == BOOT_SYSTEMD)
			choose_systemd(m);
		return;
	}
	if (b->no != 0) {
		b->style = BOOT_BLS;
		return;
	}
	grub_entries(m);
	b->style = b->entries > 0 || b->no != 0 ? BOOT_GRUB : BOOT_DIRECT;
}

/* The kernel's own ring first; the journal where the ring does not reach back to the start. */
void inspect_log(struct machine *m)
{
	struct bytes line, level, rest, sequence;
	size_t       at = 0;

	m->log_no = root_kmsg(&m->root, MACHINE_LOG, &m->log);
	if (m->log_no == 0)
		m->log_source = "/dev/kmsg";
	if (m->log_no == 0 && line_next(buf_bytes(&m->log), &at, &line) &&
		line_cut(line, ',', &level, &rest))
		m->log_cut = line_cut(rest, ',', &sequence, &line) &&
			!bytes_equal(sequence, BYTES("0")) && m->root.live;
	if (m->root.live && (m->log_no != 0 || m->log_cut)) {
		CLEANUP(buf_done) struct buf journal = { 0 };

		if (journal_kernel(MACHINE_LOG, &journal) == 0 && journal.n > 0) {
			buf_done(&m->log);
			m->log        = journal;
			journal       = (struct buf){ 0 };
			m->log_source = "the journal";
			m->log_no     = 0;
			m->log_cut    = false;
		}
	}
	if (m->log_no != 0 && !m->root.live &&
		root_read(&m->root, "var/log/dmesg", MACHINE_LOG, &m->log) == 0) {
		m->log_source = "/var/log/dmesg";
		m->log_no     = 0;
	}
}
