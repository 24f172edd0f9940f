/* SPDX-License-Identifier: Apache-2.0
 *
 * assay setup on trees. An operator plays the machine's programs: they change what the real ones change, so what they brought
 * about is seen in the tree, and a reboot is what the tree says after it. */
#include "env/setup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/hex.h"
#include "env/bls.h"
#include "env/diff.h"
#include "env/known.h"
#include "env/line.h"
#include "env/tree.h"
#include "test.h"

#define NOW 1790000000

struct world {
	char         dir[64];
	struct setup setup;
	struct       operator op;
	struct buf   ran;               /* a line a command */
	const char  *fails;             /* the command that ends with status 1 */
	const char  *carries, *forgets; /* a module in images; a file that is not */
	bool         packed, no_tool;   /* images are compressed; nothing unpacks them */
	size_t       lines;             /* of journals, written so far */
	size_t       kill_at;           /* this process ends there */
	unsigned     asked;             /* whether it is to end */
};

/* ---- small things ---- */

__attribute__((format(printf, 1, 2))) static void sh(const char *fmt, ...)
{
	char    line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	assert_int_equal(system(line), 0);
}

static void put(const struct world *w, const char *path, const char *text)
{
	char  full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void add(const struct world *w, const char *path, const char *text)
{
	char  full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	f = fopen(full, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static bool has(const struct world *w, const char *path, const char *text)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	char                         full[512];

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	if (access(full, F_OK) != 0)
		return false;
	test_read(full, &body);
	return bytes_has(buf_bytes(&body), text);
}

static bool there(const struct world *w, const char *path)
{
	char        full[512];
	struct stat s;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	return lstat(full, &s) == 0;
}

/* ---- every name, kind, mode, owner and byte of a tree ---- */

static void picture_of(int at, const char *path, struct buf *out)
{
	int            n = 0;
	DIR           *d;
	char           names[512][256];
	int            fd = openat(at, path[0] == 0 ? "." : path, O_RDONLY | O_DIRECTORY);
	struct dirent *e;

	assert_true(fd >= 0);
	d = fdopendir(fd);
	while ((e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			snprintf(names[n++], sizeof(names[0]), "%s", e->d_name);
	closedir(d);
	qsort(names, (size_t)n, sizeof(names[0]), (int (*)(const void *, const void *))strcmp);
	for (int i = 0; i < n; i++) {
		char        sub[1024], link[512];
		struct stat s;

		assert_true(snprintf(sub, sizeof(sub), "%s%s%.255s", path,
				    path[0] == 0 ? "" : "/", names[i]) < (int)sizeof(sub));
		/* journals stay; the system's own record of what runs is no file of the user's */
		if (strcmp(sub, "var/lib/assay") == 0 || strcmp(sub, "run") == 0)
			continue;
		assert_int_equal(fstatat(at, sub, &s, AT_SYMLINK_NOFOLLOW), 0);
		buf_printf(out, "%s %o %u %u ", sub, s.st_mode, s.st_uid, s.st_gid);
		if (S_ISLNK(s.st_mode)) {
			ssize_t k = readlinkat(at, sub, link, sizeof(link));

			buf_put(out, link, (size_t)k);
		} else if (S_ISREG(s.st_mode)) {
			uint8_t piece[4096];
			int     f = openat(at, sub, O_RDONLY);
			ssize_t k;

			while ((k = read(f, piece, sizeof(piece))) > 0)
				buf_put(out, piece, (size_t)k);
			close(f);
		}
		buf_byte(out, '\n');
		if (S_ISDIR(s.st_mode))
			picture_of(at, sub, out);
	}
}

static void picture(const struct world *w, struct buf *out)
{
	int fd = open(w->dir, O_RDONLY | O_DIRECTORY);

	picture_of(fd, "", out);
	close(fd);
}

static void same_picture(const struct world *w, struct buf *was)
{
	CLEANUP(buf_done) struct buf is = { 0 };
	struct assay_err             e  = { 0 };

	picture(w, &is);
	if (!bytes_equal(buf_bytes(&is), buf_bytes(was))) {
		CLEANUP(buf_done) struct buf d = { 0 };

		diff_text(buf_bytes(was), buf_bytes(&is), &d, &e);
		print_error("%s\n", buf_cstr(&d));
	}
	assert_true(bytes_equal(buf_bytes(&is), buf_bytes(was)));
}

/* ---- the played programs ---- */

static void update_grub(const struct world *w, const char *menu)
{
	const bool pool = has(w, "etc/default/grub", "swiotlb=") ||
		has(w, "etc/default/grub.d/60-assay.cfg", "swiotlb=");

	sh("sed -i 's/ swiotlb=[^ ]*//' %s/%s", w->dir, menu);
	if (pool)
		sh("sed -i '/^\\t*linux[a-z]* /s/$/ swiotlb=4194304/' %s/%s", w->dir, menu);
}

/* A record that systemd would give: see systemd.h. */
static void record(const struct world *w, const char *unit, bool active)
{
	char text[256];

	sh("mkdir -p %s/run/assay", w->dir);
	snprintf(text, sizeof(text), "Id=%s\nLoadState=loaded\nActiveState=%s\nSubState=%s\n\n",
		unit, active ? "active" : "inactive", active ? "running" : "dead");
	sh("touch %s/run/assay/systemd; awk -v RS= -v ORS='\\n\\n' '!/Id=%s/' %s/run/assay/systemd > %s/run/r; mv %s/run/r %s/run/assay/systemd",
		w->dir, unit, w->dir, w->dir, w->dir, w->dir);
	add(w, "run/assay/systemd", text);
}

static void install(const struct world *w, const char *what)
{
	if (strstr(what, "openssl3") != NULL)
		sh("mkdir -p %s/usr/lib64; touch %s/usr/lib64/libcrypto.so.3", w->dir, w->dir);
	if (strstr(what, "fabric-manager") != NULL || strstr(what, "fabricmanager") != NULL)
		put(w, "usr/lib/systemd/system/nvidia-fabricmanager.service",
			"[Service]\nExecStart=/usr/bin/nv-fabricmanager\n");
	if (strstr(what, "nscq") != NULL)
		sh("mkdir -p %s/usr/lib64; touch %s/usr/lib64/libnvidia-nscq.so.2", w->dir,
			w->dir);
	if (strstr(what, "NVIDIA-Linux") != NULL || strstr(what, "nvidia-driver") != NULL)
		sh("for d in %s/lib/modules/*; do echo 'kernel/nvidia.ko:' >> $d/modules.dep; done",
			w->dir);
	if (strstr(what, "kernel-devel") != NULL || strstr(what, "linux-headers") != NULL)
		sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w->dir);
}

/* ---- the tool that makes images ---- */

static void put_member(struct buf *b, const char *name, struct bytes content)
{
	static const char zeros[4];

	buf_printf(b, "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", 1U,
		0100644U, 0U, 0U, 1U, 0U, (unsigned)content.n, 0U, 0U, 0U, 0U,
		(unsigned)strlen(name) + 1, 0U);
	buf_put(b, name, strlen(name) + 1);
	buf_put(b, zeros, (4 - b->n % 4) % 4);
	buf_put(b, content.p, content.n);
	buf_put(b, zeros, (4 - b->n % 4) % 4);
}

/* Every file of modprobe.d, but those that the world's tool forgets. packed: behind microcode and a magic, as if compressed. */
static void make_image(const struct world *w, const char *path, const char *mark)
{
	CLEANUP(root_done) struct root   root  = { 0 };
	CLEANUP(buf_done) struct buf     image = { 0 };
	CLEANUP(names_done) struct names n     = { 0 };
	struct assay_err                 e     = { 0 };
	char                             full[512];
	FILE                            *f;

	test_must(root_open(w->dir, &root, &e), &e);
	put_member(&image, "kernel/x86/microcode/GenuineIntel.bin", BYTES("abc"));
	put_member(&image, "TRAILER!!!", (struct bytes){ 0 });
	if (w->packed)
		buf_put(&image, "\x28\xb5\x2f\xfd", 4);
	put_member(&image, mark, (struct bytes){ 0 });
	if (w->carries != NULL)
		put_member(&image, w->carries, BYTES("x"));
	root_list(&root, "etc/modprobe.d", &n);
	for (size_t i = 0; i < n.n; i++) {
		CLEANUP(buf_done) struct buf body = { 0 };
		char                         name[320];

		snprintf(name, sizeof(name), "etc/modprobe.d/%s", n.name[i]);
		assert_int_equal(root_read(&root, name, ROOT_FILE, &body), 0);
		if (w->forgets == NULL || strstr(name, w->forgets) == NULL)
			put_member(&image, name, buf_bytes(&body));
	}
	put_member(&image, "TRAILER!!!", (struct bytes){ 0 });
	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	f = fopen(full, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(image.p, 1, image.n, f), image.n);
	fclose(f);
}

static void make_images(const struct world *w, const char *mark)
{
	static const char *const globs[] = { "boot/initramfs-*.img", "boot/initrd.img-*",
		"boot/0b1e6a/*/initrd*" };

	for (size_t i = 0; i < ARRAY_LEN(globs); i++) {
		char   pattern[512];
		glob_t g = { 0 };

		snprintf(pattern, sizeof(pattern), "%s/%s", w->dir, globs[i]);
		if (glob(pattern, 0, NULL, &g) == 0)
			for (size_t k = 0; k < g.gl_pathc; k++)
				if (strstr(g.gl_pathv[k], "bak") == NULL)
					make_image(w, g.gl_pathv[k] + strlen(w->dir) + 1, mark);
		globfree(&g);
	}
}

static enum assay_code unpack(
	void *ctx, const char *packing, int from, size_t at, int *to, struct assay_err *e)
{
	const struct world *w = ctx;
	char                piece[4096];
	ssize_t             n;

	(void)e;
	*to = -1;
	if (strcmp(packing, "zstd") != 0 || w->no_tool)
		return ASSAY_OK;
	*to = memfd_create("image", MFD_CLOEXEC);
	assert_true(*to >= 0);
	assert_true(lseek(from, (off_t)at + 4, SEEK_SET) >= 0);
	while ((n = read(from, piece, sizeof(piece))) > 0)
		assert_int_equal(write(*to, piece, (size_t)n), n);
	return ASSAY_OK;
}

static void take_away(const struct world *w, const char *what)
{
	if (strstr(what, "openssl3") != NULL)
		sh("rm -f %s/usr/lib64/libcrypto.so.3; rmdir %s/usr/lib64 2>/dev/null || true",
			w->dir, w->dir);
	if (strstr(what, "fabric") != NULL)
		sh("rm -f %s/usr/lib/systemd/system/nvidia-fabricmanager.service", w->dir);
	if (strstr(what, "nscq") != NULL)
		sh("rm -f %s/usr/lib64/libnvidia-nscq.so.2; rmdir %s/usr/lib64 2>/dev/null || true",
			w->dir, w->dir);
	if (strstr(what, "nvidia-uninstall") != NULL || strstr(what, "nvidia-driver") != NULL)
		sh("sed -i '/nvidia.ko:/d' %s/lib/modules/*/modules.dep", w->dir);
}

static void mark(const struct world *w, const char *const *argv)
{
	const bool hold = strcmp(argv[1], "hold") == 0;

	for (size_t i = 2; argv[i] != NULL; i++)
		sh("sed -i '/^Package: %s$/,/^$/s/^Status: .*/Status: %s ok installed/' %s/var/lib/dpkg/status",
			argv[i], hold ? "hold" : "install", w->dir);
}

static void tap(void *ctx);

static enum assay_code run(void *ctx, const char *const *argv, int *status, struct assay_err *e)
{
	struct world                *w    = ctx;
	CLEANUP(buf_done) struct buf line = { 0 };

	(void)e;
	if (w->setup.tap != NULL)
		tap(w);
	for (size_t i = 0; argv[i] != NULL; i++)
		buf_printf(&line, "%s%s", i == 0 ? "" : " ", argv[i]);
	buf_printf(&w->ran, "%s\n", buf_cstr(&line));
	*status = w->fails != NULL && strstr(buf_cstr(&line), w->fails) != NULL;
	if (*status != 0)
		return ASSAY_OK;
	if (strcmp(argv[0], "apt-mark") == 0)
		mark(w, argv);
	else if (strcmp(argv[0], "update-grub") == 0)
		update_grub(w, "boot/grub/grub.cfg");
	else if (strcmp(argv[0], "grub2-mkconfig") == 0)
		update_grub(w, argv[2]);
	else if (strcmp(argv[0], "dracut") == 0 || strcmp(argv[0], "update-initramfs") == 0)
		make_images(w, "made-here");
	else if (strcmp(argv[0], "nvidia-uninstall") == 0 || strcmp(argv[1], "-e") == 0 ||
		strcmp(argv[1], "-r") == 0)
		take_away(w, buf_cstr(&line));
	else
		install(w, buf_cstr(&line));
	if (w->setup.tap != NULL)
		tap(w);
	return ASSAY_OK;
}

static enum assay_code unit(
	void *ctx, const char *name, enum unit_verb verb, struct assay_err *e)
{
	struct world *w = ctx;

	buf_printf(&w->ran, "%s %s\n", unit_verb_name(verb), name);
	if (verb != VERB_RELOAD)
		record(w, name, verb == VERB_START);
	if (w->fails != NULL && strcmp(w->fails, name) == 0)
		return err_set(e, ASSAY_HOST_STEP, "%s did not start", name);
	return ASSAY_OK;
}

/* What the tree says after a reboot. */
static void reboot(const struct world *w)
{
	put(w, "proc/sys/kernel/random/boot_id", "22222222-0000-0000-0000-000000000000\n");
	sh("sed -i 's/$/ swiotlb=4194304,any/' %s/proc/cmdline", w->dir);
	put(w, "dev/kmsg",
		"6,0,0,-;Linux\n6,2,210000,-;software IO TLB: mapped [mem "
		"0x0000000100000000-0x0000000300000000] (8192MB)\n");
}

/* One large disk, a clock that is kept; test_preflight.c has the others. */
static int disk(void *ctx, const struct root *r, const char *path, struct disk *out)
{
	(void)ctx;
	(void)r;
	(void)path;
	*out = (struct disk){ 1, 20ULL << 30 };
	return 0;
}

static int kept(void *ctx, struct timex *t)
{
	(void)ctx;
	(void)t;
	return TIME_OK;
}

/* ---- a world ---- */

static void tap(void *ctx)
{
	struct world *w = ctx;

	if (++w->lines == w->kill_at)
		kill(getpid(), SIGKILL);
}

static const char pins[] =
	"0000000000000000000000000000000000000000000000000000000000000000  other.run\n";

static void world(struct world *w, const struct tree *t, bool operated)
{
	static const char *const folders[] = { "var/lib", "proc/sys/kernel/random",
		"usr/lib/systemd/system", "etc/systemd/system/multi-user.target.wants" };

	*w = (struct world){ 0 };
	snprintf(w->dir, sizeof(w->dir), "/tmp/assay-setup-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	tree_make(w->dir, t);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		sh("mkdir -p %s/%s", w->dir, folders[i]);
	put(w, "proc/sys/kernel/random/boot_id", "11111111-0000-0000-0000-000000000000\n");
	put(w, "usr/lib/systemd/system/assay-attest.service",
		"[Service]\nExecStart=/usr/bin/assay attest\n");
	sh("ln -s /usr/lib/systemd/system/cloudmonitor.service %s/etc/systemd/system/multi-user.target.wants/cloudmonitor.service",
		w->dir);
	if (t->os == TREE_ROCKY8) /* grub-editenv's block has 1024 bytes */
		sh("cd %s/boot/grub2 && cd \"$(dirname \"$(readlink -f grubenv)\")\" && { cat grubenv; head -c 1024 /dev/zero | tr '\\0' '#'; } | head -c 1024 > g && cat g > grubenv && rm g",
			w->dir);
	record(w, "cloudmonitor.service", true);
	make_images(w, "original"); /* a tool never makes that again */
	w->op    = (struct operator){ .run = run, .unit = unit, .unpack = unpack, .ctx = w };
	w->setup = (struct setup){ .how = { .root = w->dir },
		.data                   = &data,
		.crypto                 = &crypto,
		.options                = { .software = true, .sources = &sources },
		.doors                  = { .disk = disk, .clock = kept },
		.op                     = operated ? &w->op : NULL,
		.measured               = true,
		.now                    = NOW,
		.ctx                    = w };
	w->setup.options.pins       = bytes_text(pins);
	w->setup.options.kdump      = (t->state & TREE_CRASH) != 0;
	w->setup.options.nvlink_off = (t->state & TREE_WAITS) != 0;
}

static void world_done(struct world *w)
{
	buf_done(&w->ran);
	sh("rm -rf %s", w->dir);
}

/* Installers whose digests are known. */
static void files(struct world *w, struct buf *lines)
{
	char dir[128];

	snprintf(dir, sizeof(dir), "%s-files", w->dir);
	sh("mkdir -p %s", dir);
	for (size_t i = 0; i < sources.n; i++) {
		char             path[512];
		uint8_t          sum[SHA256_SIZE];
		FILE            *f;
		struct assay_err e = { 0 };

		snprintf(path, sizeof(path), "%s/%s", dir, sources.row[i].name);
		f = fopen(path, "w");
		assert_non_null(f);
		fputs(sources.row[i].name, f);
		fclose(f);
		test_must(digest(crypto.sha256, bytes_text(sources.row[i].name), sum, &e), &e);
		hex_encode(BYTES_OF(sum), lines);
		buf_printf(lines, "  %s\n", sources.row[i].name);
	}
	w->setup.options.files   = strdup(dir);
	w->setup.options.pins    = buf_bytes(lines);
	w->setup.options.licence = true;
}

static void files_done(struct world *w)
{
	sh("rm -rf %s-files", w->dir);
	free((void *)(uintptr_t)w->setup.options.files);
}

static enum assay_code apply(struct world *w, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	enum assay_code              code = setup_apply(&w->setup, &out, e);

	if (code != ASSAY_OK && code != ASSAY_HOST_REBOOT)
		print_message("%s%s\n", buf_cstr(&out), assay_err_text(e));
	return code;
}

static enum assay_code undo(struct world *w, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf mine = { 0 };

	return setup_undo(&w->setup, out == NULL ? &mine : out, e);
}

static const struct tree trees[] = {
	{ TREE_ALINUX3, 1, 0, TREE_ORDER },
	{ TREE_ALINUX3, 8, 4, 0 },
	{ TREE_ROCKY8, 1, 0, 0 },
	{ TREE_ROCKY9, 8, 4, 0 },
	{ TREE_UBUNTU2204, 1, 0, 0 },
	{ TREE_UBUNTU2404, 8, 4, 0 },
	{ TREE_DEBIAN12, 1, 0, TREE_ORDER },
	{ TREE_DEBIAN12, 1, 0, TREE_SYSTEMD_BOOT },
	{ TREE_ROCKY9, 8, 4, TREE_SYSTEMD_BOOT },
	{ TREE_ROCKY8, 1, 0, TREE_EFI },
	{ TREE_ROCKY8, 8, 4, TREE_EFI | TREE_NO_BLS },
	{ TREE_ALINUX3, 8, 4, TREE_MODPROBE },
	{ TREE_ALINUX3, 1, 0, TREE_CRASH | TREE_WAITS },
};

static void show_tree(const struct tree *t)
{
	print_message(
		"system %d, %u and %u, state %u\n", t->os, t->gpus, t->switches, t->state);
}

/* ---- tests ---- */

/* The whole way, then nothing is left to do, then all of it back: to the byte. */
static void there_and_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		CLEANUP(world_done) struct world w = { 0 };
		CLEANUP(buf_done)
		struct buf was = { 0 }, half = { 0 }, set = { 0 }, lines = { 0 }, said = { 0 };
		struct assay_err e = { 0 };

		show_tree(&trees[i]);
		world(&w, &trees[i], true);
		files(&w, &lines);
		w.fails = NULL;
		picture(&w, &was);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		picture(&w, &half);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		same_picture(&w, &half);
		assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
		/* back from there, and forth again */
		test_must(undo(&w, NULL, &e), &e);
		same_picture(&w, &was);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		same_picture(&w, &half);
		/* what the reboot itself changes is no part of what is compared */
		buf_done(&was);
		test_must(undo(&w, NULL, &e), &e);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		reboot(&w);
		e = (struct assay_err){ 0 };
		test_must(apply(&w, &e), &e);
		picture(&w, &set);
		w.ran.n = 0;
		test_must(apply(&w, &e), &e);
		same_picture(&w, &set);
		assert_int_equal(w.ran.n, 0);
		test_must(setup_status(&w.setup, &said, &e), &e);
		assert_true(bytes_has(buf_bytes(&said), "start         as it must be"));
		assert_true(there(
			&w, "etc/systemd/system/multi-user.target.wants/assay-attest.service"));
		assert_true(there(
			&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
		test_must(undo(&w, NULL, &e), &e);
		assert_false(there(&w, "etc/modprobe.d/nvidia-lkca.conf"));
		assert_false(there(
			&w, "etc/systemd/system/multi-user.target.wants/assay-attest.service"));
		assert_true(there(
			&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
		assert_true(has(&w, "run/assay/systemd",
			"Id=cloudmonitor.service\nLoadState=loaded\nActiveState=active"));
		/* daemons that did not run before rest again */
		assert_true(has(&w, "run/assay/systemd",
			"Id=nvidia-persistenced.service\nLoadState=loaded\nActiveState=inactive"));
		assert_false(has(&w, "run/assay/systemd",
			"Id=nvidia-fabricmanager.service\nLoadState=loaded\nActiveState=active"));
		/* a second time nothing is undone */
		w.ran.n = 0;
		test_must(undo(&w, NULL, &e), &e);
		assert_int_equal(w.ran.n, 0);
		files_done(&w);
	}
}

/* The tree after the reboot, set up and back, without the reboot's own changes in between. */
static void byte_identical(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, lines = { 0 };
		struct assay_err                 e = { 0 };

		show_tree(&trees[i]);
		world(&w, &trees[i], true);
		files(&w, &lines);
		reboot(&w); /* the pool is there already, by another hand */
		sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		sh("chmod 0600 %s/etc/modprobe.d/usual.conf", w.dir);
		make_images(&w, "made-here"); /* behind a good boot undo makes them again */
		picture(&w, &was);
		apply(&w, &e);
		put(&w, "proc/sys/kernel/random/boot_id",
			"33333333-0000-0000-0000-000000000000\n");
		e = (struct assay_err){ 0 };
		test_must(apply(&w, &e), &e);
		test_must(undo(&w, NULL, &e), &e);
		put(&w, "proc/sys/kernel/random/boot_id",
			"22222222-0000-0000-0000-000000000000\n");
		same_picture(&w, &was);
		files_done(&w);
	}
}

/* Each line that was shown was done; what was done besides is what new packages made possible, and CloudMonitor's return. */
static void both_ways(struct bytes plan, struct bytes said)
{
	struct bytes line;

	for (size_t at = 0; line_next(plan, &at, &line);)
		assert_non_null(bytes_find(said, line));
	for (size_t at = 0; line_next(said, &at, &line);)
		assert_true(bytes_find(plan, line) != NULL ||
			bytes_has(line, "fabricmanager") || bytes_has(line, "cloudmonitor") ||
			bytes_has(line, "steps done"));
}

/* The steps up to the reboot that a plan shows are those that apply then does, in their order. */
static void as_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(trees); i++) {
		CLEANUP(world_done) struct world w    = { 0 };
		CLEANUP(buf_done) struct buf     plan = { 0 }, said = { 0 }, lines = { 0 };
		struct machine                  *m   = NULL;
		struct plan                     *p   = NULL;
		struct assay_err                 e   = { 0 };
		bool                             all = false;

		show_tree(&trees[i / 2]);
		world(&w, &trees[i / 2], true);
		files(&w, &lines);
		w.setup.options.ready = i % 2 == 0 ? READY_ATTEST : READY_UNCONDITIONAL;
		sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		for (unsigned half = 0; half < 2; half++) {
			plan.n = said.n = 0;
			test_must(setup_plan(&w.setup, &m, &p, &e), &e);
			for (size_t k = 0; k < p->aheads; k++)
				if (p->ahead[k].outcome != ASSAY_OUTCOME_PASS)
					buf_printf(&plan, "%s: %s (%s)\n",
						assay_outcome_name(p->ahead[k].outcome),
						p->ahead[k].text, p->ahead[k].item);
			for (size_t k = 0; k < p->steps; k++)
				if (!p->reboot || p->step[k].phase == PHASE_BOOT) {
					step_line(&p->step[k], &plan);
					buf_printf(&plan, " (%s)\n", p->step[k].item);
				}
			setup_plan_free(m, p);
			all = setup_apply(&w.setup, &said, &e) == ASSAY_OK;
			if (half == 0)
				reboot(&w);
			e = (struct assay_err){ 0 };
			if (half == 0)
				assert_string_equal(buf_cstr(&said), buf_cstr(&plan));
			else
				both_ways(buf_bytes(&plan), buf_bytes(&said));
		}
		assert_true(all);
		files_done(&w);
	}
}

/* A tree that is not the running machine: files alone, what else there is to do is told. */
static void tree_alone(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[1], false);
	picture(&w, &was);
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_REBOOT);
	assert_true(bytes_has(buf_bytes(&out), "run dracut --regenerate-all -f"));
	assert_true(has(&w, "etc/modprobe.d/nvidia-lkca.conf", "RmEnableProtectedPcie=0x1"));
	assert_int_equal(w.ran.n, 0);
	test_must(undo(&w, NULL, &e), &e);
	same_picture(&w, &was);
}

static const struct {
	const char *path, *line;
	bool left; /* undo leaves the file, for its own word cannot be told from the user's */
} edits[] = {
	{ "boot/loader/entries/6a7e-5.10.134-18.al8.x86_64.conf", "# mine\n", false },
	{ "etc/default/grub", "GRUB_TIMEOUT=7\n", false },
	{ "etc/modprobe.d/nvidia-lkca.conf", "options nvidia NVreg_X=1\n", true },
	{ "etc/modprobe.d/assay-nouveau.conf", "blacklist lbm-nouveau\n", true },
};

static void edited(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(edits); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", edits[i].path);
		world(&w, &trees[0], true);
		picture(&w, &was);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		add(&w, edits[i].path, edits[i].line);
		e = (struct assay_err){ 0 };
		assert_int_equal(
			undo(&w, &out, &e), edits[i].left ? ASSAY_HOST_EDITED : ASSAY_OK);
		assert_true(has(&w, edits[i].path, edits[i].line));
		if (!edits[i].left) {
			assert_false(has(&w, edits[i].path, "swiotlb="));
			continue;
		}
		assert_true(bytes_has(buf_bytes(&out), "since then:"));
		assert_true(bytes_has(buf_bytes(&out), "+ "));
		w.setup.options.force = true;
		test_must(undo(&w, NULL, &e), &e);
		same_picture(&w, &was);
		sh("grep -rq '%.12s' %s/var/lib/assay/txn/*/*.edited", edits[i].line, w.dir);
	}
}

/* ---- ended in the middle ---- */

static const struct {
	struct tree tree;
	bool        booted;
} short_trees[] = {
	{ { TREE_ALINUX3, 8, 4, 0 }, false },
	{ { TREE_ALINUX3, 8, 4, 0 }, true },
	{ { TREE_UBUNTU2404, 1, 0, TREE_CRASH | TREE_WAITS }, false },
	{ { TREE_ROCKY8, 1, 0, TREE_EFI | TREE_CRASH | TREE_WAITS }, false },
};

/* One run in a process of its own that ends at that point. true: it came to its own end before. */
static bool run_to(struct world *w, size_t at,
	enum assay_code (*act)(const struct setup *, struct buf *, struct assay_err *))
{
	int   how = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };
		enum assay_code              code;

		w->setup.tap = tap;
		w->lines     = 0;
		w->kill_at   = at;
		code         = act(&w->setup, &out, &e);
		_exit(code == ASSAY_OK || code == ASSAY_HOST_REBOOT ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	if (WIFEXITED(how))
		assert_int_equal(WEXITSTATUS(how), 0);
	else
		assert_int_equal(WTERMSIG(how), SIGKILL);
	return WIFEXITED(how);
}

static void reset(struct world *w, const char *from)
{
	sh("rm -rf %s && cp -a %s %s", w->dir, from, w->dir);
}

/* At every point where a line of the journal or a file is about to be written, or was: undo restores, and apply completes. */
static void walk(struct world *w, struct buf *was, struct buf *full, const char *keep)
{
	for (size_t at = 1;; at++) {
		struct assay_err e = { 0 };

		reset(w, keep);
		if (run_to(w, at, setup_apply)) {
			assert_true(at > 15);
			print_message("%zu points\n", at - 1);
			break;
		}
		sh("cp -a %s %s-half", w->dir, w->dir);
		test_must(undo(w, NULL, &e), &e);
		same_picture(w, was);
		sh("rm -rf %s && mv %s-half %s", w->dir, w->dir, w->dir);
		apply(w, &e);
		assert_true(e.code == ASSAY_OK || e.code == ASSAY_HOST_REBOOT);
		same_picture(w, full);
	}
}

/* And undo itself, ended at every point, is gone on with. */
static void walk_back(struct world *w, struct buf *was, const char *full)
{
	for (size_t at = 1;; at++) {
		struct assay_err e = { 0 };

		reset(w, full);
		if (run_to(w, at, setup_undo))
			break;
		test_must(undo(w, NULL, &e), &e);
		same_picture(w, was);
	}
}

static void ended(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(short_trees); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, full = { 0 }, lines = { 0 };
		char                             keep[80], all[80];
		struct assay_err                 e = { 0 };

		show_tree(&short_trees[i].tree);
		world(&w, &short_trees[i].tree, true);
		files(&w, &lines);
		sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w.dir);
		if (short_trees[i]
				.booted) { /* boot settings of another hand: the rest is walked */
			apply(&w, &e);
			reboot(&w);
			sh("rm -rf %s/var/lib/assay", w.dir);
		}
		snprintf(keep, sizeof(keep), "%s-keep", w.dir);
		snprintf(all, sizeof(all), "%s-all", w.dir);
		sh("cp -a %s %s", w.dir, keep);
		picture(&w, &was);
		apply(&w, &e);
		picture(&w, &full);
		sh("cp -a %s %s", w.dir, all);
		walk(&w, &was, &full, keep);
		walk_back(&w, &was, all);
		sh("rm -rf %s %s", keep, all);
		files_done(&w);
	}
}

/* ---- never: environment 8 ---- */

static bool among(const char *text, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcmp(text, *list) == 0)
			return true;
	return false;
}

/* NEVER-02, 10, 13: below /usr/lib nothing is written, modes do not change, and of what boots only the one argument does. */
static void never_file(const struct step *s)
{
	CLEANUP(buf_done) struct buf was = { 0 }, is = { 0 };
	struct assay_err             e = { 0 };

	assert_true(strncmp(s->path, "etc/", 4) == 0 || strncmp(s->path, "boot/", 5) == 0);
	assert_null(strstr(s->path, "selinux"));
	if (s->want.kind == PLACE_FILE && s->before.kind == PLACE_FILE) {
		assert_int_equal(s->want.mode, s->before.mode);
		assert_int_equal(s->want.uid, s->before.uid);
	} else if (s->want.kind == PLACE_FILE) {
		assert_int_equal(s->want.mode, 0644);
	}
	if (strstr(s->path, "loader/entries") != NULL) {
		test_must(bls_set(buf_bytes(&s->before.body), "swiotlb", NULL, &was, &e), &e);
		test_must(bls_set(buf_bytes(&s->want.body), "swiotlb", NULL, &is, &e), &e);
		assert_string_equal(buf_cstr(&was), buf_cstr(&is));
	}
	/* NEVER-12: what starts at boot by setup is the daemons, the gate, and CloudMonitor as before */
	if (s->want.kind == PLACE_LINK)
		assert_true(strstr(s->path, "/nvidia-") != NULL ||
			strstr(s->path, "/assay-attest.service") != NULL ||
			strstr(s->path, "/cloudmonitor.service") != NULL);
	/* NEVER-09 */
	if (strncmp(s->path, "boot/", 5) == 0 || strncmp(s->path, "etc/default/grub", 16) == 0)
		assert_true(s->measured);
}

/* NEVER-01, 03, 04, 05, 06, 10, 11, 14: programs that may be run, and words that they may never get. */
static void never_command(const struct step *s, bool licence)
{
	static const char *const programs[] = { "dracut", "update-initramfs", "update-grub",
		"grub2-mkconfig", "yum", "apt-get", "apt-mark", "rpm", "bash", NULL };
	static const char *const words[] = { "reboot", "poweroff", "halt", "kexec", "shutdown",
		"systemctl", "nvidia-smi", "rmmod", "modprobe", "kill", "setenforce", "mokutil",
		"chmod", "curl", "wget", "pip", "python", "--nogpgcheck",
		"--allow-unauthenticated", "--no-gpg-checks", "remove", "-c", NULL };

	assert_true(among(s->argv[0], programs));
	for (size_t i = 0; s->argv[i] != NULL; i++) {
		assert_false(among(s->argv[i], words));
		assert_null(strstr(s->argv[i], "python"));
		assert_null(strstr(s->argv[i], "gpu-reset"));
	}
	if (strcmp(s->argv[0], "bash") == 0) { /* a file, and its digest */
		assert_true(s->file[0] != 0 && (s->pin[0] != 0 || s->blocked[0] != 0));
		assert_int_equal(strstr(s->argv[1], s->file) != NULL, 1);
	}
	if (s->file[0] != 0 && !licence)
		assert_true(s->blocked[0] != 0);
	if (strcmp(s->item, "INIT-01") == 0 || strcmp(s->item, "BOOT-02") == 0)
		assert_true(s->measured);
}

static void never(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4 * ARRAY_LEN(trees); i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 };
		struct machine                  *m     = NULL;
		struct plan                     *p     = NULL;
		struct assay_err                 e     = { 0 };

		world(&w, &trees[i / 4], true);
		files(&w, &lines);
		w.setup.options.toolkit = true;
		w.setup.options.hold    = true;
		w.setup.options.licence = i % 2 == 0;
		w.setup.options.ready   = i % 4 < 2 ? READY_ATTEST : READY_UNCONDITIONAL;
		test_must(setup_plan(&w.setup, &m, &p, &e), &e);
		assert_true(p->steps > 8);
		for (size_t k = 0; k < p->steps; k++) {
			const struct step *s = &p->step[k];

			if (s->what == TXN_DO_FILE)
				never_file(s);
			else if (s->what == TXN_DO_COMMAND)
				never_command(s, w.setup.options.licence);
			else if (s->what == TXN_DO_UNIT) /* NEVER-05: of the GPUs' none stops */
				assert_true(s->verb == VERB_START || s->verb == VERB_RELOAD ||
					strcmp(s->unit, "cloudmonitor.service") == 0);
		}
		setup_plan_free(m, p);
		files_done(&w);
	}
}

/* NEVER-17: a start that failed is not tried again by the same run. NEVER-15: it says where it stands, and what is next. */
static void never_again(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };
	const uint8_t                   *first;

	(void)state;
	world(&w, &trees[0], true);
	files(&w, &lines);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	w.fails = "nvidia-persistenced.service";
	e       = (struct assay_err){ 0 };
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	first = bytes_find(buf_bytes(&w.ran), BYTES("start nvidia-persistenced"));
	assert_non_null(first);
	assert_false(
		bytes_has((struct bytes){ first + 1, (size_t)(w.ran.p + w.ran.n - first) - 1 },
			"start nvidia-persistenced"));
	assert_true(bytes_has(buf_bytes(&out), "failed: start nvidia-persistenced.service"));
	assert_true(bytes_has(
		buf_bytes(&out), "Go on: assay setup apply. Go back: assay setup undo."));
	files_done(&w);
}

/* The system's own wish for a reboot comes before software. */
static void reboot_due(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world(&w, &trees[5], true);
	files(&w, &lines);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	put(&w, "run/reboot-required", "*** System restart required ***\n");
	w.ran.n = 0;
	e       = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	assert_int_equal(w.ran.n, 0);
	sh("rm %s/run/reboot-required", w.dir);
	e = (struct assay_err){ 0 };
	test_must(apply(&w, &e), &e);
	files_done(&w);
}

/* ---- daemons ---- */

static const struct {
	const char *name;
	bool        used, starting, was_on,
		stuck; /* when undo comes; before setup; it does not stop */
	const char *says;
} rests[] = {
	{ "nobody uses the GPUs", false, false, false, false, "stopped: nvidia-persistenced" },
	{ "somebody does", true, false, false, false, "next boot: python3 (77)" },
	{ "it is starting", false, true, false, false, "next boot: it is just starting" },
	{ "it ran before", false, false, true, false, NULL },
	{ "it does not stop", false, false, false, true,
		"next boot: nvidia-persistenced.service did not" },
};

static void daemons(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rests); i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 }, said = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", rests[i].name);
		world(&w, &trees[1], true);
		files(&w, &lines);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		reboot(&w);
		if (rests[i].was_on)
			record(&w, "nvidia-persistenced.service", true);
		e = (struct assay_err){ 0 };
		test_must(apply(&w, &e), &e);
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "start nvidia-persistenced"),
			!rests[i].was_on);
		sh("mkdir -p %s/proc/77/fd %s/proc/78/fd && echo python3 > %s/proc/77/comm && "
		   "echo nvidia-persistenced | cut -c1-15 > %s/proc/78/comm",
			w.dir, w.dir, w.dir, w.dir);
		sh("ln -s /dev/nvidia0 %s/proc/78/fd/3 && ln -s %s %s/proc/77/fd/4", w.dir,
			rests[i].used ? "/dev/nvidia-uvm" : "/dev/null", w.dir);
		if (rests[i].starting)
			sh("sed -i '/nvidia-persistenced/,/^$/s/=active/=activating/' %s/run/assay/systemd",
				w.dir);
		w.fails = rests[i].stuck ? "nvidia-persistenced.service" : NULL;
		w.ran.n = 0;
		assert_int_equal(
			undo(&w, &said, &e), rests[i].used ? ASSAY_HOST_EDITED : ASSAY_OK);
		/* the driver is not taken from under its user; it goes when that has ended */
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "rpm -e"), !rests[i].used);
		assert_int_equal(
			bytes_has(buf_bytes(&said), "left: run rpm -e"), rests[i].used);
		if (rests[i].used) {
			sh("rm -r %s/proc/77", w.dir);
			test_must(undo(&w, NULL, &e), &e);
			assert_true(bytes_has(buf_bytes(&w.ran), "rpm -e"));
		}
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "stop nvidia-persistenced"),
			i == 0 || rests[i].stuck);
		assert_true(
			rests[i].says == NULL || bytes_has(buf_bytes(&said), rests[i].says));
		/* what it is started by at boot is as before, whatever runs now */
		assert_false(there(&w,
			"etc/systemd/system/multi-user.target.wants/nvidia-persistenced.service"));
		files_done(&w);
	}
}

/* ---- images ---- */

#define IMAGE "boot/initramfs-5.10.134-18.al8.x86_64.img"

static const struct {
	const char     *name, *carries, *forgets;
	bool            packed, no_tool;
	enum assay_code code;
	const char     *says;
} made[] = {
	{ "as wished", "lib/modules/nvidia.ko", NULL, false, false, ASSAY_HOST_REBOOT, NULL },
	{ "as wished, compressed", "lib/modules/nvidia.ko", NULL, true, false,
		ASSAY_HOST_REBOOT, NULL },
	{ "compressed, and nothing unpacks it", "lib/modules/nvidia.ko", "nvidia-lkca", true,
		true, ASSAY_HOST_REBOOT, "not examined: /" IMAGE },
	{ "the driver without its options", "lib/modules/nvidia.ko", "nvidia-lkca", false,
		false, ASSAY_HOST_STEP,
		"has the driver, and not /etc/modprobe.d/nvidia-lkca.conf" },
	{ "the same, compressed", "lib/modules/nvidia.ko.zst", "nvidia-lkca", true, false,
		ASSAY_HOST_STEP, "has the driver, and not /etc/modprobe.d/nvidia-lkca.conf" },
	{ "neither driver nor options", NULL, "nvidia-lkca", true, false, ASSAY_HOST_REBOOT,
		"they count from the disk" },
	{ "nouveau, and what keeps it away is not there", "lib/modules/nouveau.ko.xz",
		"assay-nouveau", true, false, ASSAY_HOST_REBOOT,
		"rd.driver.blacklist=nouveau" },
};

/* An image is believed for what is in it. Before the next boot undo puts the old one back, which no tool would make again. */
static void images(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, said = { 0 };
		struct assay_err                 e = { 0 };

		print_message("%s\n", made[i].name);
		world(&w, &trees[1], true);
		picture(&w, &was);
		w.carries = made[i].carries;
		w.forgets = made[i].forgets;
		w.packed  = made[i].packed;
		w.no_tool = made[i].no_tool;
		assert_int_equal(setup_apply(&w.setup, &said, &e), made[i].code);
		buf_text(&said, assay_err_text(&e));
		assert_true(made[i].says == NULL || bytes_has(buf_bytes(&said), made[i].says));
		assert_int_equal(bytes_has(buf_bytes(&said), "not examined"), made[i].no_tool);
		assert_true(has(&w, IMAGE, "made-here"));
		assert_true(has(&w, IMAGE ".bak", "original"));
		e = (struct assay_err){ 0 };
		if (made[i].code ==
			ASSAY_HOST_STEP) /* it is made again, and not believed again */
			assert_int_equal(apply(&w, &e), ASSAY_HOST_STEP);
		e       = (struct assay_err){ 0 };
		w.ran.n = 0;
		test_must(undo(&w, NULL, &e), &e);
		same_picture(&w, &was);
		assert_false(bytes_has(buf_bytes(&w.ran), "dracut"));
	}
}

/* After a good boot the copy goes; then, or when somebody made the image anew, undo makes it again. */
static void images_later(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(world_done) struct world w     = { 0 };
		CLEANUP(buf_done) struct buf     lines = { 0 };
		struct assay_err                 e     = { 0 };

		world(&w, &trees[1], true);
		files(&w, &lines);
		if (i == 2) /* a copy of the user's is not written over */
			put(&w, IMAGE ".bak", "mine");
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		if (i == 0) {
			reboot(&w);
			e = (struct assay_err){ 0 };
			test_must(apply(&w, &e), &e);
			assert_false(there(&w, IMAGE ".bak"));
		} else if (i == 1) {
			make_images(&w, "a-package-did");
		} else {
			assert_true(has(&w, IMAGE ".assay-bak", "original"));
		}
		w.ran.n = 0;
		e       = (struct assay_err){ 0 };
		test_must(undo(&w, NULL, &e), &e);
		assert_int_equal(bytes_has(buf_bytes(&w.ran), "dracut"), i != 2);
		assert_true(has(&w, IMAGE, i == 2 ? "original" : "made-here"));
		assert_int_equal(there(&w, IMAGE ".bak"), i == 2);
		assert_false(there(&w, IMAGE ".assay-bak"));
		files_done(&w);
	}
}

/* ---- failures, refusals, consent ---- */

static void fails(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[1], true);
	files(&w, &lines);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	w.fails = "NVIDIA-Linux";
	e       = (struct assay_err){ 0 };
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	assert_true(bytes_has(buf_bytes(&out), "Go back: assay setup undo"));
	assert_false(bytes_has(buf_bytes(&w.ran), "start nvidia-persistenced"));
	/* CloudMonitor is as it was, though the installation failed */
	assert_true(
		there(&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
	assert_true(bytes_has(buf_bytes(&w.ran), "start cloudmonitor.service"));
	/* and though the GPUs' daemon does not start */
	w.fails = "nvidia-persistenced.service";
	w.ran.n = out.n = 0;
	e               = (struct assay_err){ 0 };
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	assert_true(bytes_has(buf_bytes(&w.ran), "stop cloudmonitor.service"));
	assert_true(bytes_has(buf_bytes(&w.ran), "start cloudmonitor.service"));
	assert_true(
		there(&w, "etc/systemd/system/multi-user.target.wants/cloudmonitor.service"));
	record(&w, "nvidia-persistenced.service", false);
	w.fails = NULL;
	e       = (struct assay_err){ 0 };
	test_must(apply(&w, &e), &e);
	files_done(&w);
}

/* A file that is not the one whose digest is known is not run. */
static void wrong_file(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	files(&w, &lines);
	sh("echo more >> %s-files/NVIDIA-Linux-x86_64-550.144.03.run", w.dir);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	e = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_STEP);
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	files_done(&w);
}

static enum assay_code fetch(
	void *ctx, const char *folder, const struct step *s, struct assay_err *e)
{
	struct world *w = ctx;

	(void)e;
	buf_printf(&w->ran, "fetch %s\n", s->url);
	sh("printf %%s %s > %s/%s", s->file, folder, s->file);
	return ASSAY_OK;
}

static void fetched(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world(&w, &trees[3], true);
	files(&w, &lines);
	sh("rm %s-files/*", w.dir);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	e = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_INPUT_FILE);
	assert_false(bytes_has(buf_bytes(&w.ran), "rpm -ivh"));
	w.op.fetch = fetch;
	e          = (struct assay_err){ 0 };
	test_must(apply(&w, &e), &e);
	assert_true(bytes_has(buf_bytes(&w.ran),
		"/repos/rhel9/x86_64/nvidia-fabric-manager-570.148.08-1.x86_64.rpm"));
	files_done(&w);
}

static void consents(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 }, was = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	picture(&w, &was);
	w.setup.measured = false; /* nobody agreed that measurements change */
	assert_int_equal(apply(&w, &e), ASSAY_HOST_CONSENT);
	same_picture(&w, &was);
	w.setup.measured = true;
	e                = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	e = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_CONSENT); /* the licence */
	files(&w, &lines);
	w.setup.options.pins = bytes_text(pins);
	e                    = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_CONSENT); /* no digest */
	w.setup.options.pins = buf_bytes(&lines);
	w.setup.measured     = false; /* the driver makes the initramfs again */
	e                    = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_CONSENT);
	assert_false(bytes_has(buf_bytes(&w.ran), "cloudmonitor")); /* not paused for nothing */
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	files_done(&w);
}

/* After the reboot the pool is measured, not believed. */
static void no_effect(void **state)
{
	CLEANUP(world_done) struct world w = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[3], true);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	put(&w, "dev/kmsg",
		"6,2,210000,-;software IO TLB: mapped [mem "
		"0x000000003b800000-0x000000007b800000] (1024MB)\n");
	e = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_STEP);
	assert_non_null(strstr(assay_err_text(&e), "1024 MiB"));
}

static const struct {
	const char  *name;
	struct tree  tree;
	enum profile profile;
	const char  *file, *text; /* written first */
} refusals[] = {
	{ "seven GPUs", { TREE_ALINUX3, 7, 0, 0 }, PROFILE_AUTO, NULL, NULL },
	{ "seven GPUs, told otherwise", { TREE_ALINUX3, 7, 0, 0 }, PROFILE_PPCIE, NULL, NULL },
	{ "three switches", { TREE_ALINUX3, 8, 3, 0 }, PROFILE_AUTO, NULL, NULL },
	{ "no GPU", { TREE_ALINUX3, 0, 0, 0 }, PROFILE_AUTO, NULL, NULL },
	{ "one GPU, told eight", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_PPCIE, NULL, NULL },
	{ "a UKI", { TREE_ALINUX3, 1, 0, TREE_UKI }, PROFILE_AUTO, NULL, NULL },
	{ "another install line", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO,
		"etc/modprobe.d/a.conf", "install nvidia /bin/true\n" },
	{ "too little memory", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO, "proc/meminfo",
		"MemTotal: 16000000 kB\n" },
	{ "another value where it is not changed", { TREE_UBUNTU2204, 1, 0, 0 }, PROFILE_AUTO,
		"etc/default/grub.d/70-x.cfg", "GRUB_CMDLINE_LINUX_DEFAULT=\"swiotlb=1\"\n" },
	{ "NVLink off, and eight GPUs", { TREE_ALINUX3, 8, 4, TREE_NVLINK_OFF }, PROFILE_AUTO,
		NULL, NULL },
	{ "NVLink to be off, and eight GPUs", { TREE_ALINUX3, 8, 4, TREE_WAITS }, PROFILE_AUTO,
		NULL, NULL },
	{ "another system", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO, "etc/os-release",
		"ID=gentoo\n" },
	{ "/boot is not mounted", { TREE_ALINUX3, 1, 0, 0 }, PROFILE_AUTO, "etc/fstab",
		"/dev/vda3 / ext4 defaults 0 0\n/dev/vda2 /boot ext4 defaults 0 0\n" },
};

static void refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct assay_err                 e   = { 0 };

		print_message("%s\n", refusals[i].name);
		world(&w, &refusals[i].tree, true);
		w.setup.how.profile = refusals[i].profile;
		if (refusals[i].file != NULL)
			put(&w, refusals[i].file, refusals[i].text);
		picture(&w, &was);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REFUSED);
		same_picture(&w, &was);
		assert_false(there(&w, "var/lib/assay"));
		assert_int_equal(w.ran.n, 0);
	}
}

/* With more cards and disks than the default pool carries the argument stays. */
static void guarded(void **state)
{
	const struct tree                t   = { TREE_ALINUX3, 8, 4, TREE_EXTRA_CARD };
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 };
	struct assay_err                 e   = { 0 };

	(void)state;
	world(&w, &t, true);
	picture(&w, &was);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	assert_int_equal(undo(&w, NULL, &e), ASSAY_HOST_REFUSED);
	assert_true(has(&w, "etc/default/grub", "swiotlb="));
	w.setup.options.force = true;
	e                     = (struct assay_err){ 0 };
	test_must(undo(&w, NULL, &e), &e);
	same_picture(&w, &was);
}

/* Other keys of the driver, in a file of the user's and in one of a package's, stay. */
static void merged(void **state)
{
	static const char *const places[] = { "etc/modprobe.d/mine.conf",
		"usr/lib/modprobe.d/vendor.conf" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct assay_err                 e   = { 0 };

		world(&w, &trees[1], true);
		sh("mkdir -p %s/usr/lib/modprobe.d", w.dir);
		put(&w, places[i], "options nvidia NVreg_RegistryDwords=\"RMA=1;RMB=2\"\n");
		picture(&w, &was);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		assert_true(has(&w,
			i == 0 ? "etc/modprobe.d/mine.conf" : "etc/modprobe.d/vendor.conf",
			"\"RMA=1;RMB=2;RmEnableProtectedPcie=0x1\""));
		assert_false(has(&w, "etc/modprobe.d/nvidia-lkca.conf", "Registry"));
		if (i == 1)
			assert_false(has(&w, places[i], "ProtectedPcie"));
		e = (struct assay_err){ 0 };
		test_must(undo(&w, NULL, &e), &e);
		same_picture(&w, &was);
	}
}

/* A unit after which the daemon itself starts is not ordered after the daemon. */
static void circles(void **state)
{
	CLEANUP(world_done) struct world w = { 0 };
	struct machine                  *m = NULL;
	struct plan                     *p = NULL;
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	put(&w, "usr/lib/systemd/system/nvidia-persistenced.service",
		"[Unit]\nAfter=a.service\n[Service]\nExecStart=/usr/bin/nvidia-persistenced\n");
	put(&w, "usr/lib/systemd/system/a.service", "[Unit]\nAfter=docker.service\n");
	test_must(setup_plan(&w.setup, &m, &p, &e), &e);
	assert_true(
		bytes_has(buf_bytes(&p->notes),
			"docker.service is left unordered, it would close a circle: "
			"nvidia-persistenced.service after a.service after docker.service") ||
		bytes_has(buf_bytes(&p->notes), "docker.service is left unordered"));
	for (size_t i = 0; i < p->steps; i++)
		assert_null(strstr(p->step[i].path, "docker.service.d"));
	setup_plan_free(m, p);
}

/* Kernel and driver held, each system in its way; and released again, what was held before staying so. */
static void held(void **state)
{
	static const struct {
		struct tree tree;
		const char *path, *text, *done, *ran, *back;
	} ways[] = {
		{ { TREE_UBUNTU2404, 1, 0, 0 }, "var/lib/dpkg/status",
			"Package: linux-image-6.8.0-64-generic\nStatus: install ok installed\n\n"
			"Package: nvidia-old\nStatus: hold ok installed\n\n"
			"Package: bash\nStatus: install ok installed\n\n",
			"Package: linux-image-6.8.0-64-generic\nStatus: hold ok installed\n",
			"apt-mark hold linux-image-6.8.0-64-generic\n",
			"apt-mark unhold linux-image-6.8.0-64-generic\n" },
		{ { TREE_ROCKY9, 1, 0, 0 }, "etc/dnf/dnf.conf", "[main]\ngpgcheck=1\n",
			"exclude=kernel* nvidia-* libnvidia-*\n", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 }, lines = { 0 }, set = { 0 };
		struct assay_err                 e = { 0 };

		world(&w, &ways[i].tree, true);
		files(&w, &lines);
		sh("mkdir -p %s/var/lib/dpkg %s/etc/dnf", w.dir, w.dir);
		put(&w, ways[i].path, ways[i].text);
		picture(&w, &was);
		w.setup.options.hold = true;
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		assert_false(has(&w, ways[i].path, ways[i].done)); /* it is the last */
		reboot(&w);
		assert_int_equal(apply(&w, &e), ASSAY_OK);
		assert_true(has(&w, ways[i].path, ways[i].done));
		assert_true(ways[i].ran == NULL || bytes_has(buf_bytes(&w.ran), ways[i].ran));
		picture(&w, &set);
		assert_int_equal(apply(&w, &e), ASSAY_OK);
		same_picture(&w, &set);
		assert_int_equal(undo(&w, NULL, &e), ASSAY_OK);
		assert_true(ways[i].back == NULL || bytes_has(buf_bytes(&w.ran), ways[i].back));
		assert_false(has(&w, ways[i].path, ways[i].done));
		assert_true(has(&w, ways[i].path, ways[i].text));
		files_done(&w);
	}
}

/* One run at a time. */
static void locked(void **state)
{
	CLEANUP(world_done) struct world w    = { 0 };
	CLEANUP(root_done) struct root   root = { 0 };
	struct assay_err                 e    = { 0 };
	int                              lock = -1;

	(void)state;
	world(&w, &trees[0], true);
	test_must(root_open(w.dir, &root, &e), &e);
	test_must(txn_lock(&root, &lock, &e), &e);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_BUSY);
	close(lock);
}

/* ---- plans as they are printed ---- */

static const struct {
	const char     *name;
	struct tree     tree;
	enum ready_mode ready;
	bool            toolkit;
} plans[] = {
	{ "plan-alinux3-single", { TREE_ALINUX3, 1, 0, TREE_ORDER }, READY_ATTEST, true },
	{ "plan-alinux3-ppcie", { TREE_ALINUX3, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-unconditional", { TREE_ALINUX3, 8, 4, TREE_ORDER }, READY_UNCONDITIONAL,
		true },
	{ "plan-alinux3-set-up", { TREE_ALINUX3, 8, 4, TREE_SET_UP }, READY_UNCONDITIONAL,
		false },
	{ "plan-alinux3-not-booted", { TREE_ALINUX3, 1, 0, TREE_SET_UP | TREE_NOT_BOOTED },
		READY_UNCONDITIONAL, false },
	{ "plan-alinux3-7-gpus", { TREE_ALINUX3, 7, 0, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-uki", { TREE_ALINUX3, 1, 0, TREE_UKI }, READY_ATTEST, false },
	{ "plan-alinux3-8-and-3", { TREE_ALINUX3, 8, 3, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-none", { TREE_ALINUX3, 0, 0, 0 }, READY_ATTEST, false },
	{ "plan-alinux3-nouveau", { TREE_ALINUX3, 1, 0, TREE_NOUVEAU }, READY_ATTEST, false },
	{ "plan-alinux3-starting", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_STARTING },
		READY_UNCONDITIONAL, false },
	{ "plan-alinux3-any-ignored", { TREE_ALINUX3, 8, 4, TREE_SET_UP | TREE_ANY_IGNORED },
		READY_UNCONDITIONAL, false },
	{ "plan-alinux3-crash-waits", { TREE_ALINUX3, 1, 0, TREE_CRASH | TREE_WAITS },
		READY_ATTEST, false },
	{ "plan-debian12-crash", { TREE_DEBIAN12, 1, 0, TREE_CRASH }, READY_ATTEST, false },
	{ "plan-alinux3-modprobe", { TREE_ALINUX3, 8, 4, TREE_MODPROBE }, READY_ATTEST, false },
	{ "plan-rocky8-efi", { TREE_ROCKY8, 1, 0, TREE_EFI }, READY_ATTEST, false },
	{ "plan-rocky8-efi-no-bls", { TREE_ROCKY8, 8, 4, TREE_EFI | TREE_NO_BLS }, READY_ATTEST,
		false },
	{ "plan-rocky9-systemd-boot", { TREE_ROCKY9, 8, 4, TREE_SYSTEMD_BOOT }, READY_ATTEST,
		false },
	{ "plan-debian12-systemd-boot", { TREE_DEBIAN12, 1, 0, TREE_SYSTEMD_BOOT },
		READY_ATTEST, false },
	{ "plan-rocky8-single", { TREE_ROCKY8, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-rocky8-ppcie", { TREE_ROCKY8, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-rocky9-single", { TREE_ROCKY9, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-rocky9-ppcie", { TREE_ROCKY9, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2204-single", { TREE_UBUNTU2204, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2204-ppcie", { TREE_UBUNTU2204, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2404-single", { TREE_UBUNTU2404, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-ubuntu2404-ppcie", { TREE_UBUNTU2404, 8, 4, 0 }, READY_ATTEST, false },
	{ "plan-debian12-single", { TREE_DEBIAN12, 1, 0, 0 }, READY_ATTEST, false },
	{ "plan-debian12-ppcie", { TREE_DEBIAN12, 8, 4, 0 }, READY_ATTEST, false },
};

/* The same as JSON, and the journals of there and back, for the schemas: into the folder ASSAY_PLANS. */
static void written(struct world *w, const char *name, const struct plan *p)
{
	const char                  *dir  = getenv("ASSAY_PLANS");
	AUTO(json_t)                *json = NULL;
	CLEANUP(buf_done) struct buf text = { 0 }, path = { 0 };
	struct assay_err             e = { 0 };
	FILE                        *f;

	if (dir == NULL)
		return;
	test_must(plan_json(p, &json, &e), &e);
	test_must(json_write(json, &text, &e), &e);
	buf_printf(&path, "%s/%s.json", dir, name);
	f = fopen(buf_cstr(&path), "w");
	assert_non_null(f);
	fwrite(text.p, 1, text.n, f);
	fclose(f);
	apply(w, &e);
	reboot(w);
	apply(w, &e);
	undo(w, NULL, &e);
	sh("cat %s/var/lib/assay/txn/*/journal > %s/%s.journal 2>/dev/null || true", w->dir,
		dir, name);
}

/* And a plan writes nothing. */
static void golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     out = { 0 }, was = { 0 };
		struct machine                  *m = NULL;
		struct plan                     *p = NULL;
		struct assay_err                 e = { 0 };

		print_message("%s\n", plans[i].name);
		world(&w, &plans[i].tree, true);
		picture(&w, &was);
		w.setup.options.ready   = plans[i].ready;
		w.setup.options.toolkit = plans[i].toolkit;
		test_must(setup_plan(&w.setup, &m, &p, &e), &e);
		test_must(plan_show(p, m, &out, &e), &e);
		same_picture(&w, &was);
		assert_false(there(&w, "var/lib/assay"));
		written(&w, plans[i].name, p);
		setup_plan_free(m, p);
		test_golden("env", plans[i].name, &out);
	}
}

/* A file with another name is not parted from it. */
static void two_names(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 };
	struct assay_err                 e   = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	sh("ln %s/etc/default/grub %s/etc/grub.mine", w.dir, w.dir);
	picture(&w, &was);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REFUSED);
	assert_non_null(strstr(assay_err_text(&e), "/etc/default/grub has 2 names"));
	same_picture(&w, &was);
}

/* A name that a journal does not take: nothing is changed that undo could not find again. */
static void odd_names(void **state)
{
	static const char *const names[] = { "kernel-\303\251.conf", "a\033[31m.conf" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     was = { 0 };
		struct assay_err                 e   = { 0 };
		char                             path[128];

		world(&w, &trees[0], true);
		snprintf(path, sizeof(path), "boot/loader/entries/%s", names[i]);
		put(&w, path, "title x\nversion 1\nlinux /boot/vmlinuz-1\noptions ro\n");
		picture(&w, &was);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REFUSED);
		assert_non_null(strstr(assay_err_text(&e), "no plain one"));
		same_picture(&w, &was);
	}
}

/* One step that cannot go back is left, and said; the others go. */
static void some_left(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	picture(&w, &was);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	sh("cd %s/etc/modprobe.d && mv nvidia-lkca.conf x && mkdir nvidia-lkca.conf", w.dir);
	sh("cd %s/var/lib/assay/txn/*/ && cp 1.before k && echo more >> 1.before", w.dir);
	e = (struct assay_err){ 0 };
	assert_int_equal(undo(&w, &out, &e), ASSAY_HOST_EDITED);
	assert_true(bytes_has(buf_bytes(&out), "left: /etc/modprobe.d/nvidia-lkca.conf: "));
	assert_true(bytes_has(buf_bytes(&out), "what is kept of /boot/loader/entries/"));
	assert_false(has(&w, "etc/default/grub", "swiotlb="));
	sh("cd %s/etc/modprobe.d && rmdir nvidia-lkca.conf && mv x nvidia-lkca.conf", w.dir);
	sh("cd %s/var/lib/assay/txn/*/ && mv k 1.before", w.dir);
	e = (struct assay_err){ 0 };
	test_must(undo(&w, NULL, &e), &e);
	same_picture(&w, &was);
}

/* What another user may write to could be changed between the look and the run. */
static void open_folder(void **state)
{
	CLEANUP(world_done) struct world w     = { 0 };
	CLEANUP(buf_done) struct buf     lines = { 0 };
	struct assay_err                 e     = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	files(&w, &lines);
	sh("chmod 777 %s-files", w.dir);
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	reboot(&w);
	e = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_STEP);
	assert_non_null(strstr(assay_err_text(&e), "by others than root"));
	assert_false(bytes_has(buf_bytes(&w.ran), "NVIDIA-Linux"));
	sh("chmod 755 %s-files", w.dir);
	e = (struct assay_err){ 0 };
	test_must(apply(&w, &e), &e);
	files_done(&w);
}

static bool after_three(void *ctx)
{
	struct world *w = ctx;

	return ++w->asked > 3;
}

/* A signal between steps: what is whole stays, and both ways go on from there. */
static void interrupted(void **state)
{
	CLEANUP(world_done) struct world w   = { 0 };
	CLEANUP(buf_done) struct buf     was = { 0 }, out = { 0 };
	struct assay_err                 e = { 0 };

	(void)state;
	world(&w, &trees[0], true);
	picture(&w, &was);
	w.setup.stop = after_three;
	assert_int_equal(setup_apply(&w.setup, &out, &e), ASSAY_HOST_STEP);
	assert_true(bytes_has(buf_bytes(&out), "3 steps were done, and no other was begun"));
	assert_non_null(strstr(assay_err_text(&e), "by a signal"));
	w.setup.stop = NULL;
	e            = (struct assay_err){ 0 };
	assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
	w.setup.stop = after_three;
	w.asked      = 0;
	e            = (struct assay_err){ 0 };
	assert_int_equal(undo(&w, NULL, &e), ASSAY_HOST_STEP);
	w.setup.stop = NULL;
	e            = (struct assay_err){ 0 };
	test_must(undo(&w, NULL, &e), &e);
	same_picture(&w, &was);
}

/* Our word with another value is the user's, and stays. */
static void another_value(void **state)
{
	static const struct {
		const char *path, *with;
	} values[] = {
		{ "boot/loader/entries/6a7e-5.10.134-18.al8.x86_64.conf",
			"s/swiotlb=4194304,any/swiotlb=8388608,any/" },
		{ "etc/default/grub", "s/swiotlb=4194304,any/swiotlb=4194304,any,force/" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		CLEANUP(world_done) struct world w   = { 0 };
		CLEANUP(buf_done) struct buf     out = { 0 };
		struct assay_err                 e   = { 0 };

		world(&w, &trees[0], true);
		assert_int_equal(apply(&w, &e), ASSAY_HOST_REBOOT);
		sh("sed -i '%s' %s/%s", values[i].with, w.dir, values[i].path);
		e = (struct assay_err){ 0 };
		assert_int_equal(undo(&w, &out, &e), ASSAY_HOST_EDITED);
		assert_true(has(&w, values[i].path, "swiotlb="));
		assert_true(bytes_has(buf_bytes(&out), "since then:"));
	}
}

/* With an argument: the tests of that name alone. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(golden), cmocka_unit_test(daemons),
		cmocka_unit_test(never), cmocka_unit_test(never_again),
		cmocka_unit_test(reboot_due), cmocka_unit_test(there_and_back),
		cmocka_unit_test(byte_identical), cmocka_unit_test(as_shown),
		cmocka_unit_test(tree_alone), cmocka_unit_test(edited),
		cmocka_unit_test(two_names), cmocka_unit_test(some_left),
		cmocka_unit_test(odd_names), cmocka_unit_test(open_folder),
		cmocka_unit_test(interrupted), cmocka_unit_test(another_value),
		cmocka_unit_test(fails), cmocka_unit_test(wrong_file),
		cmocka_unit_test(consents), cmocka_unit_test(fetched),
		cmocka_unit_test(no_effect), cmocka_unit_test(refused),
		cmocka_unit_test(guarded), cmocka_unit_test(merged), cmocka_unit_test(circles),
		cmocka_unit_test(locked), cmocka_unit_test(held), cmocka_unit_test(images),
		cmocka_unit_test(images_later), cmocka_unit_test(ended) };

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, known_open, known_close);
}
