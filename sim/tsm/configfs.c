/* SPDX-License-Identifier: Apache-2.0
 *
 * /sys/kernel/config with tsm/report (spec/tdx.md 1.3; Linux Documentation/ABI/testing/configfs-tsm-report, fs/configfs):
 * mkdir of an entry makes its attributes. What is written to inblob is gathered, in as many pieces as it comes, and
 * taken over when the file is closed: that counts as a generation. A quote is made when outblob is read, and kept until
 * then. An open file is filled by its first read and shows that to its end, whatever is written
 * meanwhile: nobody reads halves of two quotes. */
#include <errno.h>
#include <stdio.h>

#include "tsm/mount.h"

#define ENTRIES   64
#define NAME_MOST 64

/* Inodes: the fixed folders, then a block for each entry that ever was: its folder and its attributes. */
enum { INO_TSM = 2, INO_REPORT = 3, INO_FIRST = 0x100, INO_BLOCK = 0x10 };

#define OPENED 1024 /* files at a time: each may hold a quote */

enum attribute { IN_BLOB, OUT_BLOB, GENERATION, PROVIDER, ATTRIBUTES };

static const struct {
	const char *name;
	mode_t      mode;
} attributes[ATTRIBUTES] = {
	[IN_BLOB]    = { "inblob", S_IFREG | 0200 },
	[OUT_BLOB]   = { "outblob", S_IFREG | 0444 },
	[GENERATION] = { "generation", S_IFREG | 0444 },
	[PROVIDER]   = { "provider", S_IFREG | 0444 },
};

struct entry {
	char       name[NAME_MOST]; /* "": free */
	fuse_ino_t folder; /* never another entry's, as files of one that is gone may be open */
	uint64_t   generation, made; /* made: of which out is; 0: none */
	size_t     in_n;
	uint8_t    in[TDX_REPORTDATA];
	struct buf out;
};

/* An open file. */
struct opened {
	struct opened *next;
	bool           filled, written; /* written: and not taken over yet */
	size_t         in_n;
	uint8_t        in[TDX_REPORTDATA];
	struct buf     content;
};

/* Of the one tree; one thread's. */
static struct entry   entries[ENTRIES];
static fuse_ino_t     next_folder = INO_FIRST;
static struct opened *opened;
static size_t         opened_n;

static struct platform *platform(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* The entry that an inode belongs to, and which of its files it is: ATTRIBUTES for the folder. */
static struct entry *entry_of(fuse_ino_t ino, enum attribute *which)
{
	const fuse_ino_t at = ino % INO_BLOCK;

	if (ino < INO_FIRST || at > ATTRIBUTES)
		return NULL;
	*which = at == 0 ? ATTRIBUTES : (enum attribute)(at - 1);
	for (size_t i = 0; i < ENTRIES; i++)
		if (entries[i].name[0] != '\0' && entries[i].folder == ino - at)
			return &entries[i];
	return NULL;
}

static struct entry_param describe(fuse_ino_t ino)
{
	enum attribute which;

	if (ino == ROOT || ino == INO_TSM || ino == INO_REPORT)
		return (struct entry_param){ ino, S_IFDIR | 0755 };
	if (entry_of(ino, &which) == NULL)
		return (struct entry_param){ 0 };
	return (struct entry_param){ ino,
		which == ATTRIBUTES ? S_IFDIR | 0755 : attributes[which].mode };
}

static fuse_ino_t find(struct platform *p, fuse_ino_t parent, const char *name)
{
	enum attribute which;

	if (parent == ROOT && strcmp(name, "tsm") == 0 && p->configfs)
		return INO_TSM;
	if (parent == INO_TSM && strcmp(name, "report") == 0)
		return INO_REPORT;
	for (size_t i = 0; parent == INO_REPORT && i < ENTRIES; i++)
		if (entries[i].name[0] != '\0' && strcmp(entries[i].name, name) == 0)
			return entries[i].folder;
	if (entry_of(parent, &which) != NULL && which == ATTRIBUTES)
		for (size_t i = 0; i < ATTRIBUTES; i++)
			if (strcmp(attributes[i].name, name) == 0)
				return parent + 1 + i;
	return 0;
}

static void on_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	mount_reply_entry(req, describe(find(platform(req), parent, name)));
}

static void on_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	mount_reply_attr(req, describe(ino));
}

/* Truncation, as of "echo >", does nothing, as in configfs; nothing else can be set. */
static void on_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int set, struct fuse_file_info *fi)
{
	(void)attr;
	(void)fi;
	if ((set &
		    ~(FUSE_SET_ATTR_SIZE | FUSE_SET_ATTR_MTIME | FUSE_SET_ATTR_MTIME_NOW |
			    FUSE_SET_ATTR_CTIME)) != 0)
		fuse_reply_err(req, EPERM);
	else
		mount_reply_attr(req, describe(ino));
}

static void list(struct listing *l, const char *name, fuse_ino_t ino)
{
	mount_list(l, name, describe(ino));
}

static void on_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct listing l = { .req = req };
	enum attribute which;

	(void)fi;
	list(&l, ".", ino);
	list(&l, "..", ROOT);
	if (ino == ROOT && platform(req)->configfs)
		list(&l, "tsm", INO_TSM);
	if (ino == INO_TSM)
		list(&l, "report", INO_REPORT);
	for (size_t i = 0; ino == INO_REPORT && i < ENTRIES; i++)
		if (entries[i].name[0] != '\0')
			list(&l, entries[i].name, entries[i].folder);
	if (entry_of(ino, &which) != NULL && which == ATTRIBUTES)
		for (size_t i = 0; i < ATTRIBUTES; i++)
			list(&l, attributes[i].name, ino + 1 + i);
	mount_reply_list(&l, offset, size);
}

static void on_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)mode;
	if (parent != INO_REPORT)
		fuse_reply_err(req, EPERM);
	else if (strlen(name) >= NAME_MOST)
		fuse_reply_err(req, ENAMETOOLONG);
	else if (find(platform(req), parent, name) != 0)
		fuse_reply_err(req, EEXIST);
	else {
		for (size_t i = 0; i < ENTRIES; i++) {
			if (entries[i].name[0] != '\0')
				continue;
			entries[i] = (struct entry){ .folder = next_folder };
			next_folder += INO_BLOCK;
			memcpy(entries[i].name, name, strlen(name) + 1);
			mount_reply_entry(req, describe(entries[i].folder));
			return;
		}
		fuse_reply_err(req, ENOSPC);
	}
}

static void drop(struct entry *e)
{
	buf_done(&e->out);
	*e = (struct entry){ 0 };
}

static void forget(struct opened *o)
{
	struct opened **at = &opened;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
	opened_n--;
	buf_done(&o->content);
	mem_free(o);
}

void configfs_done(void)
{
	for (size_t i = 0; i < ENTRIES; i++)
		drop(&entries[i]);
	while (opened != NULL)
		forget(opened);
}

static void on_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	enum attribute which;
	struct entry  *e = entry_of(find(platform(req), parent, name), &which);

	if (parent != INO_REPORT || e == NULL) {
		fuse_reply_err(req, e == NULL && parent == INO_REPORT ? ENOENT : EPERM);
		return;
	}
	drop(e);
	fuse_reply_err(req, 0);
}

static void on_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	const mode_t   mode = describe(ino).mode;
	const int      how  = fi->flags & O_ACCMODE;
	struct opened *o;

	if (mode == 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	/* also for root, as configfs has it */
	if ((how != O_WRONLY && (mode & 0444) == 0) ||
		(how != O_RDONLY && (mode & 0222) == 0)) {
		fuse_reply_err(req, EACCES);
		return;
	}
	o = opened_n < OPENED ? mem_new(1, sizeof(*o)) : NULL;
	if (o == NULL) {
		fuse_reply_err(req, opened_n < OPENED ? ENOMEM : ENFILE);
		return;
	}
	o->next = opened;
	opened  = o;
	opened_n++;
	fi->fh        = (uintptr_t)o;
	fi->direct_io = 1; /* sizes are not known beforehand */
	if (fuse_reply_open(req, fi) != 0)
		forget(o); /* interrupted: no release will come */
}

static void on_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)ino;
	forget((struct opened *)(uintptr_t)fi->fh);
	fuse_reply_err(req, 0);
}

static void on_write(fuse_req_t req, fuse_ino_t ino, const char *p, size_t n, off_t offset,
	struct fuse_file_info *fi)
{
	enum attribute which;
	struct opened *o = (struct opened *)(uintptr_t)fi->fh;

	if (entry_of(ino, &which) == NULL || which != IN_BLOB)
		fuse_reply_err(req, ENOENT);
	else if (offset < 0 || (size_t)offset > sizeof(o->in) ||
		n > sizeof(o->in) - (size_t)offset)
		fuse_reply_err(req, EFBIG);
	else {
		memcpy(o->in + offset, p, n);
		if (o->in_n < (size_t)offset + n)
			o->in_n = (size_t)offset + n;
		o->written = true;
		fuse_reply_write(req, n);
	}
}

/* Of a close(): the kernel waits for this one, not for the release. */
static void on_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	enum attribute which;
	struct entry  *e = entry_of(ino, &which);
	struct opened *o = (struct opened *)(uintptr_t)fi->fh;

	if (o->written && e != NULL) { /* else the entry has gone, which nobody is told */
		memcpy(e->in, o->in, sizeof(e->in));
		e->in_n = o->in_n;
		e->generation++;
	}
	o->written = false;
	fuse_reply_err(req, 0);
}

static enum assay_code make_quote(struct platform *p, struct entry *e, struct assay_err *why)
{
	uint8_t report[TDX_REPORT];

	buf_done(&e->out);
	TRY(tdx_report(p->tdx, e->in, report, why));
	TRY(tdx_quote(p->tdx, report, &e->out, why));
	e->made = e->generation;
	return ASSAY_OK;
}

/* True: a fault has answered, or never will. */
static bool strike(fuse_req_t req, struct entry *e, const struct sim_fault *f)
{
	if (f == NULL)
		return false;
	if (f->act == SIM_HANG) {
		mount_hang(req);
		return true;
	}
	if (f->act == SIM_RETURN) {
		fuse_reply_err(req, (int)f->value);
		return true;
	}
	if (f->act == SIM_SIZE && (size_t)f->value < e->out.n)
		e->out.n = (size_t)f->value;
	if (f->act == SIM_SHORT)
		e->out.n /= 2;
	if (f->act == SIM_GARBAGE && e->out.n > 0)
		memset(e->out.p, 0xaa, e->out.n);
	return false;
}

/* False: it was answered, or never will be. */
static bool fill_quote(fuse_req_t req, struct entry *e, struct buf *out)
{
	struct platform *p   = platform(req);
	struct assay_err why = { 0 };

	if (e->in_n != sizeof(e->in)) { /* none, or not what a TDREPORT takes */
		fuse_reply_err(req, EINVAL);
		return false;
	}
	if (e->made != e->generation) {
		const struct sim_fault *f = platform_struck(
			p, SIM_TSM, attributes[OUT_BLOB].name, FORGE_GPU, 0);

		if (make_quote(p, e, &why) != ASSAY_OK) {
			fprintf(stderr, "assay sim: outblob: %s\n", assay_err_text(&why));
			fuse_reply_err(req, EIO);
			return false;
		}
		if (strike(req, e, f)) {
			e->made = 0;
			return false;
		}
	}
	buf_put(out, e->out.p, e->out.n);
	return true;
}

/* What the file shows from now on; false as above. */
static bool fill(fuse_req_t req, fuse_ino_t ino, struct opened *o)
{
	enum attribute which;
	struct entry  *e = entry_of(ino, &which);

	if (e == NULL) {
		fuse_reply_err(req, ENOENT);
		return false;
	}
	if (which == OUT_BLOB && !fill_quote(req, e, &o->content))
		return false;
	if (which == PROVIDER)
		buf_text(&o->content, "tdx_guest\n");
	if (which == GENERATION)
		buf_printf(&o->content, "%llu\n", (unsigned long long)e->generation);
	if (o->content.failed) {
		buf_done(&o->content);
		fuse_reply_err(req, ENOMEM);
		return false;
	}
	o->filled = true;
	return true;
}

static void on_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset, struct fuse_file_info *fi)
{
	struct opened *o = (struct opened *)(uintptr_t)fi->fh;

	if (o->filled || fill(req, ino, o))
		mount_reply_part(req, o->content.n == 0 ? (const void *)"" : o->content.p,
			o->content.n, offset, size);
}

const struct fuse_lowlevel_ops configfs_ops = {
	.lookup  = on_lookup,
	.getattr = on_getattr,
	.setattr = on_setattr,
	.readdir = on_readdir,
	.mkdir   = on_mkdir,
	.rmdir   = on_rmdir,
	.unlink  = refuse_unlink, /* attributes go with their folder */
	.create  = refuse_create,
	.mknod   = refuse_mknod,
	.symlink = refuse_symlink,
	.link    = refuse_link,
	.rename  = refuse_rename,
	.open    = on_open,
	.release = on_release,
	.read    = on_read,
	.write   = on_write,
	.flush   = on_flush,
};
