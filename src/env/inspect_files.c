/* SPDX-License-Identifier: Apache-2.0
 *
 * Module configuration and modules, units and their drop-ins.
 *
 * Source: modprobe.d(5) and systemd.unit(5) for which file hides which; environment DRV-02, LKCA-02, SVC-01. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "env/line.h"
#include "env/machine.h"
#include "env/modprobe.h"

/* The first has precedence: a file of the same name further down is not read. */
static const char *const modprobe_folders[] = { "etc/modprobe.d", "run/modprobe.d",
	"usr/local/lib/modprobe.d", "usr/lib/modprobe.d", "lib/modprobe.d" };

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int by_base_name(const void *a, const void *b)
{
	return strcmp(base_name(((const struct modprobe_file *)a)->path),
		base_name(((const struct modprobe_file *)b)->path));
}

static bool hidden(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->modprobes; i++)
		if (strcmp(base_name(m->modprobe[i].path), name) == 0)
			return true;
	return false;
}

/* A link to /dev/null, whatever its words: the administrator's way to hide a vendor's file. In a tree there may be no such
 * device, and the words decide. */
static bool masked(const struct machine *m, const char *path)
{
	struct stat s;
	char        link[256];

	if (root_link(&m->root, path, link, sizeof(link)) != 0)
		return false;
	return bytes_end(bytes_text(link), BYTES("/dev/null")) ||
		(root_stat(&m->root, path, &s) == 0 && S_ISCHR(s.st_mode));
}

static void modprobe_take(struct machine *m, const char *folder, const char *name)
{
	struct modprobe_file f = { 0 };
	struct stat          s;
	int                  no = 0;

	if (!bytes_end(bytes_text(name), BYTES(".conf")) || name[0] == '.' || hidden(m, name))
		return;
	if (m->modprobes == MACHINE_FILES) {
		m->modprobe_unread = EFBIG;
		return;
	}
	snprintf(f.path, sizeof(f.path), "%s/%s", folder, name);
	if (!masked(m, f.path)) /* it hides others, and says nothing */
		no = root_read(&m->root, f.path, MODPROBE_FILE, &f.text);
	if (no != 0) {
		buf_done(&f.text);
		m->modprobe_unread = no == ENOENT ? m->modprobe_unread : no;
		return;
	}
	if (root_stat(&m->root, f.path, &s) == 0)
		f.changed = s.st_mtime;
	m->modprobe[m->modprobes++] = f;
}

/* modules.dep begins each line with a module's path. */
static void find_nvidia(const struct machine *m, struct kernel_modules *k)
{
	CLEANUP(buf_done) struct buf dep = { 0 };
	char                         path[256];
	struct bytes                 line, name, rest;

	snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", k->kernel);
	if (root_read(&m->root, path, 16777216, &dep) != 0 ||
		!bytes_has(buf_bytes(&dep), "nvidia.ko"))
		return;
	for (size_t at = 0; line_next(buf_bytes(&dep), &at, &line);) {
		if (!line_cut(line, ':', &name, &rest))
			continue;
		if (bytes_begin(name, BYTES("nvidia.ko")) || bytes_has(name, "/nvidia.ko")) {
			snprintf(k->nvidia, sizeof(k->nvidia), "%.*s", (int)name.n,
				(const char *)name.p);
			return;
		}
	}
}

void inspect_modules(struct machine *m)
{
	CLEANUP(names_done) struct names kernels = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(modprobe_folders); i++) {
		CLEANUP(names_done) struct names n = { 0 };
		int no = root_list(&m->root, modprobe_folders[i], &n);

		if (no != 0 && no != ENOENT && no != ENOTDIR)
			m->modprobe_unread = no;
		for (size_t k = 0; k < n.n; k++)
			modprobe_take(m, modprobe_folders[i], n.name[k]);
	}
	qsort(m->modprobe, m->modprobes, sizeof(*m->modprobe), by_base_name);
	root_list(&m->root, "lib/modules", &kernels);
	for (size_t i = 0; i < kernels.n && m->kernels < MACHINE_KERNELS; i++) {
		struct kernel_modules *k = &m->modules[m->kernels];

		if (strlen(kernels.name[i]) >= sizeof(k->kernel))
			continue;
		snprintf(k->kernel, sizeof(k->kernel), "%s", kernels.name[i]);
		find_nvidia(m, k);
		m->kernels++;
	}
}

static const char *const unit_folders[] = { "etc/systemd/system", "run/systemd/system",
	"usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system" };

static int add_text(const struct machine *m, const char *path, struct unit_found *u)
{
	int no = u->files.n == UNIT_FILES
		? EFBIG
		: root_read(&m->root, path, UNIT_FILE, &u->text[u->files.n]);

	if (no != 0)
		return no;
	u->files.file[u->files.n] = buf_bytes(&u->text[u->files.n]);
	u->files.n++;
	return 0;
}

static void fragment(const struct machine *m, const char *name, struct unit_found *u)
{
	for (size_t i = 0; i < ARRAY_LEN(unit_folders) && !u->there && !u->masked; i++) {
		char        path[320];
		struct stat s;

		snprintf(path, sizeof(path), "%s/%s", unit_folders[i], name);
		if (masked(m, path) ||
			(root_stat(&m->root, path, &s) == 0 && S_ISREG(s.st_mode) &&
				s.st_size == 0)) {
			u->masked = true; /* systemd.unit(5): an empty file does too */
		} else if (add_text(m, path, u) == 0) {
			u->there = true;
			snprintf(u->path, sizeof(u->path), "/%.180s", path);
		}
	}
}

struct drop_in {
	char  *name; /* lent */
	size_t folder,
		kind; /* kind: nvidia-persistenced.service.d, nvidia-.service.d, service.d */
};

#define KINDS 4

static int by_drop_in(const void *a, const void *b)
{
	const struct drop_in *x = a, *y = b;
	const int             c = strcmp(x->name, y->name);

	return c != 0                    ? c
		: x->folder != y->folder ? (x->folder > y->folder) - (x->folder < y->folder)
					 : (x->kind > y->kind) - (x->kind < y->kind);
}

/* systemd.unit(5): drop-ins of the unit, of all whose name begins as its does up to a dash, of all of its type. */
static size_t kinds_of(const char *name, char out[KINDS][160])
{
	const char *dot = strrchr(name, '.');
	size_t      n   = 0;

	snprintf(out[n++], sizeof(out[0]), "%.140s.d", name);
	if (dot == NULL)
		return n;
	for (const char *at = dot - (dot > name); at > name && n < KINDS - 1; at--)
		if (at[-1] == '-' && at < dot)
			snprintf(out[n++], sizeof(out[0]), "%.*s%.16s.d",
				(int)(at - name < 120 ? at - name : 120), name, dot);
	snprintf(out[n++], sizeof(out[0]), "%.16s.d", dot + 1);
	return n;
}

/* Drop-ins of all folders by their names; of two of one name the first folder's counts, and there the closest kind's. */
static void drop_ins(const struct machine *m, const char *name, struct unit_found *u)
{
	struct names   n[ARRAY_LEN(unit_folders)][KINDS] = { 0 };
	struct drop_in list[UNIT_FILES];
	char           kind[KINDS][160];
	const size_t   kinds = kinds_of(name, kind);
	size_t         count = 0;
	char           path[640];

	for (size_t i = 0; i < ARRAY_LEN(unit_folders) * kinds; i++) {
		const size_t  f = i / kinds, k = i % kinds;
		struct names *in = &n[f][k];
		int           no;

		snprintf(path, sizeof(path), "%s/%s", unit_folders[f], kind[k]);
		no = root_list(&m->root, path, in);
		if (no != 0 && no != ENOENT && no != ENOTDIR)
			u->unread = no;
		for (size_t j = 0; j < in->n; j++) {
			if (!bytes_end(bytes_text(in->name[j]), BYTES(".conf")))
				continue;
			if (count == UNIT_FILES)
				u->unread = EFBIG;
			else
				list[count++] = (struct drop_in){ in->name[j], f, k };
		}
	}
	if (count > 0)
		qsort(list, count, sizeof(*list), by_drop_in);
	for (size_t i = 0; i < count; i++) {
		int no;

		if (i > 0 && strcmp(list[i].name, list[i - 1].name) == 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", unit_folders[list[i].folder],
			kind[list[i].kind], list[i].name);
		no = masked(m, path) ? 0 : add_text(m, path, u);
		if (no != 0 && no != ENOENT)
			u->unread = no;
	}
	for (size_t i = 0; i < ARRAY_LEN(unit_folders) * kinds; i++)
		names_done(&n[i / kinds][i % kinds]);
}

static bool wanted(const struct machine *m, const char *name)
{
	static const char *const targets[] = { "multi-user.target", "graphical.target",
		"default.target", "basic.target", "sysinit.target" };
	char                     path[320];
	struct stat              s;
	int                      fd;

	for (size_t i = 0; i < ARRAY_LEN(targets); i++)
		for (size_t k = 0; k < 2; k++) {
			snprintf(path, sizeof(path), "etc/systemd/system/%s.%s/%s", targets[i],
				k == 0 ? "wants" : "requires", name);
			if (root_stat(&m->root, path, &s) == 0)
				return true;
			if (root_fd(&m->root, path, O_PATH | O_NOFOLLOW, &fd) == 0) {
				close(fd); /* a link to what is not there is a wish all the same */
				return true;
			}
		}
	return false;
}

void unit_find(const struct machine *m, const char *name, struct unit_found *u)
{
	fragment(m, name, u);
	if (u->there)
		drop_ins(m, name, u);
	u->enabled = !u->masked && wanted(m, name);
}

void unit_found_done(struct unit_found *u)
{
	for (size_t i = 0; i < UNIT_FILES; i++)
		buf_done(&u->text[i]);
}

void inspect_units(struct machine *m)
{
	const struct {
		const char        *name;
		struct unit_found *unit;
	} units[] = {
		{ "nvidia-persistenced.service", &m->persistenced },
		{ "nvidia-fabricmanager.service", &m->fabric },
		{ "cloudmonitor.service", &m->cloudmonitor },
	};
	CLEANUP(buf_done) struct buf record = { 0 };

	if (!m->root.live)
		root_read(&m->root, "run/assay/systemd", ROOT_FILE, &record);
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		unit_find(m, units[i].name, units[i].unit);
		if (m->root.live)
			unit_ask(units[i].name, &units[i].unit->live);
		else
			unit_recorded(buf_bytes(&record), units[i].name, &units[i].unit->live);
		m->units_live = m->units_live || units[i].unit->live.known;
	}
}
