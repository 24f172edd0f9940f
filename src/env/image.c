/* SPDX-License-Identifier: Apache-2.0 */
#include "env/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "env/cpio.h"
#include "env/line.h"
#include "env/modprobe.h"

#define ENTRIES "/loader/entries"

static bool there(const struct machine *m, const char *path)
{
	struct stat s;

	return root_stat(&m->root, path, &s) == 0 && S_ISREG(s.st_mode);
}

static void usual(const struct machine *m, const char *kernel, char path[IMAGE_PATH])
{
	snprintf(path, IMAGE_PATH,
		m->os == OS_DEBIAN ? "boot/initrd.img-%.120s" : "boot/initramfs-%.120s.img",
		kernel);
}

/* An entry's path begins at the partition that holds the entries, or, by GRUB on the system's own, at "/". */
static bool of_entry(const struct machine *m, const struct boot_entry *e, char path[IMAGE_PATH])
{
	struct bytes base = bytes_text(m->boot.place);

	if (e->initrd[0] == 0)
		return false;
	if (bytes_end(base, BYTES(ENTRIES))) {
		base.n -= sizeof(ENTRIES) - 1;
		if (snprintf(path, IMAGE_PATH, "%.*s/%s", (int)base.n, (const char *)base.p,
			    e->initrd) < IMAGE_PATH &&
			there(m, path))
			return true;
	}
	return snprintf(path, IMAGE_PATH, "%s", e->initrd) < IMAGE_PATH && there(m, path);
}

void image_path(const struct machine *m, const char *kernel, char path[IMAGE_PATH])
{
	for (size_t i = 0; i < m->boot.entries; i++)
		if (strcmp(m->boot.entry[i].kernel, kernel) == 0 &&
			of_entry(m, &m->boot.entry[i], path))
			return;
	usual(m, kernel, path);
}

static void list_add(const struct machine *m, const char *path, struct images *out)
{
	for (size_t i = 0; i < out->n; i++)
		if (strcmp(out->path[i], path) == 0)
			return;
	if (out->n < IMAGE_MOST && there(m, path))
		snprintf(out->path[out->n++], IMAGE_PATH, "%s", path);
}

void image_list(const struct machine *m, struct images *out)
{
	*out = (struct images){ 0 };
	for (size_t i = 0; i < m->kernels; i++) {
		char path[IMAGE_PATH];

		usual(m, m->modules[i].kernel, path);
		list_add(m, path, out);
		image_path(m, m->modules[i].kernel, path);
		list_add(m, path, out);
	}
}

static bool of_nvidia(const struct modprobe_line *l)
{
	return strcmp(l->module, "nvidia") == 0 &&
		(l->verb == MODPROBE_OPTIONS || l->verb == MODPROBE_INSTALL ||
			l->verb == MODPROBE_SOFTDEP);
}

static bool of_nouveau(const struct modprobe_line *l)
{
	return strcmp(l->module, "nouveau") == 0 && l->verb == MODPROBE_BLACKLIST;
}

static bool has_line(const struct modprobe_file *f, bool (*is)(const struct modprobe_line *l))
{
	struct modprobe      in = { .in = buf_bytes(&f->text) };
	struct modprobe_line l;

	while (modprobe_next(&in, &l))
		if (is(&l))
			return true;
	return false;
}

bool image_wants(const struct modprobe_file *f)
{
	return !modprobe_passing(f->path) && has_line(f, of_nvidia);
}

/* The members of one piece. false: no cpio, or one that is cut. */
static bool take(const struct machine *m, struct bytes piece, struct image *out)
{
	struct cpio        c = { .in = piece };
	struct cpio_member member;
	struct assay_err   e    = { 0 };
	bool               more = true, good;

	while ((good = cpio_next(&c, &member, &more, &e) == ASSAY_OK) && more) {
		out->nvidia  = out->nvidia || bytes_has(member.name, "/nvidia.ko");
		out->nouveau = out->nouveau || bytes_has(member.name, "/nouveau.ko");
		for (size_t i = 0; i < m->modprobes; i++)
			if (bytes_equal(member.name, bytes_text(m->modprobe[i].path)) &&
				bytes_equal(member.content, buf_bytes(&m->modprobe[i].text)))
				out->carries[i] = true;
	}
	out->archives += c.archives;
	out->packed = good ? c.packed : NULL;
	out->at     = c.at;
	return good;
}

int image_take_file(const struct machine *m, int fd, struct stat *s, struct image *out)
{
	uint8_t *map;
	bool     good;

	if (fstat(fd, s) != 0)
		return errno;
	if (!S_ISREG(s->st_mode))
		return EINVAL;
	if (s->st_size <= 0)
		return 0;
	map = mmap(NULL, (size_t)s->st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return errno;
	good = take(m, (struct bytes){ map, (size_t)s->st_size }, out);
	munmap(map, (size_t)s->st_size);
	return good ? 0 : EBADMSG;
}

int image_read(const struct machine *m, const char *path, struct stat *s, struct image *out)
{
	CLEANUP(fd_drop) int fd = -1;
	int                  no = root_fd(&m->root, path, O_RDONLY | O_NONBLOCK, &fd);

	*out = (struct image){ 0 };
	return no != 0 ? no : image_take_file(m, fd, s, out);
}

const struct modprobe_file *image_lacks(const struct machine *m, const struct image *i)
{
	for (size_t k = 0; k < m->modprobes; k++)
		if (!i->carries[k] && image_wants(&m->modprobe[k]))
			return &m->modprobe[k];
	for (size_t k = 0; k < m->modprobes && i->nouveau; k++)
		if (!i->carries[k] && !modprobe_passing(m->modprobe[k].path) &&
			has_line(&m->modprobe[k], of_nouveau))
			return &m->modprobe[k];
	return NULL;
}

/* The largest in /boot; of every kernel, also of those that have no modules any more. */
static uint64_t largest_image(const struct machine *m)
{
	CLEANUP(names_done) struct names n       = { 0 };
	uint64_t                         largest = 0;

	root_list(&m->root, "boot", &n);
	for (size_t i = 0; i < n.n; i++) {
		char        path[320];
		struct stat s;

		if (strncmp(n.name[i], "init", 4) != 0)
			continue;
		snprintf(path, sizeof(path), "boot/%s", n.name[i]);
		if (root_stat(&m->root, path, &s) == 0 && (uint64_t)s.st_size > largest)
			largest = (uint64_t)s.st_size;
	}
	return largest;
}

struct image_room image_room(const struct machine *m, const struct images *copied)
{
	const size_t kernels = m->kernels > 0 ? m->kernels : 1;
	uint64_t     largest = largest_image(m), copies = 0;

	for (size_t i = 0; copied != NULL && i < copied->n; i++) {
		struct stat s;

		if (root_stat(&m->root, copied->path[i], &s) != 0)
			continue; /* it is read when it is copied, and that is told then */
		copies += (uint64_t)s.st_size;
		largest = (uint64_t)s.st_size > largest ? (uint64_t)s.st_size : largest;
	}
	return (struct image_room){ .need = largest + (copies > largest ? copies : largest),
		.want                     = 2 * largest * kernels };
}
