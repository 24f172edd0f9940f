/* SPDX-License-Identifier: Apache-2.0 */
#include "env/world.h"

#include <dirent.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "env/diff.h"
#include "env/line.h"
#include "test.h"

__attribute__((format(printf, 1, 2))) void world_sh(const char *fmt, ...)
{
	char    line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	assert_int_equal(system(line), 0);
}

void world_put(const struct world *w, const char *path, const char *text)
{
	char  full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	f = fopen(full, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

void world_add(const struct world *w, const char *path, const char *text)
{
	char  full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	f = fopen(full, "a");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

bool world_has(const struct world *w, const char *path, const char *text)
{
	CLEANUP(buf_done) struct buf body = { 0 };
	char                         full[512];

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	if (access(full, F_OK) != 0)
		return false;
	test_read(full, &body);
	return bytes_has(buf_bytes(&body), text);
}

bool world_there(const struct world *w, const char *path)
{
	char        full[512];
	struct stat s;

	snprintf(full, sizeof(full), "%s/%s", w->dir, path);
	return lstat(full, &s) == 0;
}

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

void world_picture(const struct world *w, struct buf *out)
{
	int fd = open(w->dir, O_RDONLY | O_DIRECTORY);

	picture_of(fd, "", out);
	close(fd);
}

void world_same(const struct world *w, struct buf *was)
{
	CLEANUP(buf_done) struct buf is = { 0 };
	struct assay_err             e  = { 0 };

	world_picture(w, &is);
	if (!bytes_equal(buf_bytes(&is), buf_bytes(was))) {
		CLEANUP(buf_done) struct buf d = { 0 };

		diff_text(buf_bytes(was), buf_bytes(&is), &d, &e);
		print_error("%s\n", buf_cstr(&d));
	}
	assert_true(bytes_equal(buf_bytes(&is), buf_bytes(was)));
}

static void update_grub(const struct world *w, const char *menu)
{
	const bool pool = world_has(w, "etc/default/grub", "swiotlb=") ||
		world_has(w, "etc/default/grub.d/60-assay.cfg", "swiotlb=");

	world_sh("sed -i 's/ swiotlb=[^ ]*//' %s/%s", w->dir, menu);
	if (pool)
		world_sh("sed -i '/^\\t*linux[a-z]* /s/$/ swiotlb=4194304/' %s/%s", w->dir,
			menu);
}

/* A record that systemd would give: see systemd.h. */
void world_record(const struct world *w, const char *unit, bool active)
{
	char text[256];

	world_sh("mkdir -p %s/run/assay", w->dir);
	snprintf(text, sizeof(text), "Id=%s\nLoadState=loaded\nActiveState=%s\nSubState=%s\n\n",
		unit, active ? "active" : "inactive", active ? "running" : "dead");
	world_sh(
		"touch %s/run/assay/systemd; awk -v RS= -v ORS='\\n\\n' '!/Id=%s/' %s/run/assay/systemd > %s/run/r; mv %s/run/r %s/run/assay/systemd",
		w->dir, unit, w->dir, w->dir, w->dir, w->dir);
	world_add(w, "run/assay/systemd", text);
}

static void install(const struct world *w, const char *what)
{
	if (strstr(what, "openssl3") != NULL)
		world_sh("mkdir -p %s/usr/lib64; touch %s/usr/lib64/libcrypto.so.3", w->dir,
			w->dir);
	if (strstr(what, "fabric-manager") != NULL || strstr(what, "fabricmanager") != NULL)
		world_put(w, "usr/lib/systemd/system/nvidia-fabricmanager.service",
			"[Service]\nExecStart=/usr/bin/nv-fabricmanager\n");
	if (strstr(what, "nscq") != NULL)
		world_sh("mkdir -p %s/usr/lib64; touch %s/usr/lib64/libnvidia-nscq.so.2",
			w->dir, w->dir);
	if (strstr(what, "NVIDIA-Linux") != NULL || strstr(what, "nvidia-driver") != NULL)
		world_sh(
			"for d in %s/lib/modules/*; do echo 'kernel/nvidia.ko:' >> $d/modules.dep; done",
			w->dir);
	if (strstr(what, "kernel-devel") != NULL || strstr(what, "linux-headers") != NULL)
		world_sh("for d in %s/lib/modules/*; do mkdir -p $d/build; done", w->dir);
}

/* What apt-get update brings: all that setup asks for, for every kernel there. */
void world_lists(const struct world *w)
{
	static const char *const names[] = { "build-essential", "nvidia-driver-550-server-open",
		"nvidia-driver-570-server-open", "nvidia-fabricmanager-570",
		"libnvidia-nscq-570", "nvidia-fabricmanager", "libnvidia-nscq" };
	const char *const list = "var/lib/apt/lists/mirror_dists_main_binary-amd64_Packages";

	world_sh("mkdir -p %s/var/lib/apt/lists/partial && for k in $(ls %s/lib/modules); do "
		 "printf 'Package: linux-headers-%%s\nVersion: 1\n\n' $k; done > %s/%s",
		w->dir, w->dir, w->dir, list);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char text[128];

		snprintf(text, sizeof(text), "Package: %s\nVersion: 1\n\n", names[i]);
		world_add(w, list, text);
	}
}

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

void world_images(const struct world *w, const char *mark)
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
		world_sh(
			"rm -f %s/usr/lib64/libcrypto.so.3; rmdir %s/usr/lib64 2>/dev/null || true",
			w->dir, w->dir);
	if (strstr(what, "fabric") != NULL)
		world_sh(
			"rm -f %s/usr/lib/systemd/system/nvidia-fabricmanager.service", w->dir);
	if (strstr(what, "nscq") != NULL)
		world_sh(
			"rm -f %s/usr/lib64/libnvidia-nscq.so.2; rmdir %s/usr/lib64 2>/dev/null || true",
			w->dir, w->dir);
	if (strstr(what, "nvidia-uninstall") != NULL || strstr(what, "nvidia-driver") != NULL)
		world_sh("sed -i '/nvidia.ko:/d' %s/lib/modules/*/modules.dep", w->dir);
}

static void mark(const struct world *w, const char *const *argv)
{
	const bool hold = strcmp(argv[1], "hold") == 0;

	for (size_t i = 2; argv[i] != NULL; i++)
		world_sh(
			"sed -i '/^Package: %s$/,/^$/s/^Status: .*/Status: %s ok installed/' %s/var/lib/dpkg/status",
			argv[i], hold ? "hold" : "install", w->dir);
}

/* How many of the names rpm does not know as installed. */
static int rpm_lacks(const struct world *w, const char *const *names)
{
	int n = 0;

	for (; *names != NULL; names++)
		n += !world_there(w,
			strstr(*names, "openssl3") != NULL ? "usr/lib64/libcrypto.so.3"
				: strstr(*names, "nscq") != NULL
				? "usr/lib64/libnvidia-nscq.so.2"
				: "usr/lib/systemd/system/nvidia-fabricmanager.service");
	return n;
}

/* One that does not end, and is ended; half of what it brings may be there. */
static enum assay_code cut(struct world *w, const char *line, struct ran *out)
{
	if (w->half)
		install(w, line);
	*out = (struct ran){ .status = 143, .late = true, .limit_s = 3600 };
	buf_text(&out->last, "it goes on\nand on\n");
	return ASSAY_OK;
}

static enum assay_code run(
	void *ctx, const char *const *argv, struct ran *out, struct assay_err *e)
{
	struct world                *w    = ctx;
	CLEANUP(buf_done) struct buf line = { 0 };

	(void)e;
	if (w->setup.tap != NULL)
		world_tap(w);
	for (size_t i = 0; argv[i] != NULL; i++)
		buf_printf(&line, "%s%s", i == 0 ? "" : " ", argv[i]);
	buf_printf(&w->ran, "%s\n", buf_cstr(&line));
	if (w->late != NULL && strstr(buf_cstr(&line), w->late) != NULL)
		return cut(w, buf_cstr(&line), out);
	out->status = w->fails != NULL && strstr(buf_cstr(&line), w->fails) != NULL;
	if (strcmp(argv[0], "rpm") == 0 && strcmp(argv[1], "-q") == 0)
		out->status = rpm_lacks(w, argv + 2);
	if (strcmp(argv[0], "rpm") == 0 && strcmp(argv[1], "-e") == 0)
		out->status = rpm_lacks(w, argv + 2) > 0;
	if (out->status != 0) {
		buf_text(&out->last, "it does not like that\n");
		return ASSAY_OK;
	}
	if (strcmp(argv[0], "rpm") == 0 && strcmp(argv[1], "-q") == 0)
		return ASSAY_OK;
	if (strcmp(argv[0], "apt-get") == 0 && strcmp(argv[1], "update") == 0) {
		if (!w->bare)
			world_lists(w);
		return ASSAY_OK;
	}
	if (strcmp(argv[0], "apt-mark") == 0)
		mark(w, argv);
	else if (strcmp(argv[0], "update-grub") == 0)
		update_grub(w, "boot/grub/grub.cfg");
	else if (strcmp(argv[0], "grub2-mkconfig") == 0)
		update_grub(w, argv[2]);
	else if (strcmp(argv[0], "dracut") == 0 || strcmp(argv[0], "update-initramfs") == 0)
		world_images(w, "made-here");
	else if (strcmp(argv[0], "nvidia-uninstall") == 0 || strcmp(argv[1], "-e") == 0 ||
		strcmp(argv[1], "-r") == 0)
		take_away(w, buf_cstr(&line));
	else
		install(w, buf_cstr(&line));
	if (w->setup.tap != NULL)
		world_tap(w);
	return ASSAY_OK;
}

static enum assay_code unit(
	void *ctx, const char *name, enum unit_verb verb, struct assay_err *e)
{
	struct world *w = ctx;

	buf_printf(&w->ran, "%s %s\n", unit_verb_name(verb), name);
	if (verb != VERB_RELOAD)
		world_record(w, name, verb == VERB_START);
	if (w->fails != NULL && strcmp(w->fails, name) == 0)
		return err_set(e, ASSAY_HOST_STEP, "%s did not start", name);
	return ASSAY_OK;
}

/* What the tree says after a reboot. */
void world_reboot(const struct world *w)
{
	world_put(
		w, "proc/sys/kernel/random/boot_id", "22222222-0000-0000-0000-000000000000\n");
	world_sh("sed -i 's/$/ swiotlb=4194304,any/' %s/proc/cmdline", w->dir);
	world_put(w, "dev/kmsg",
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

void world_tap(void *ctx)
{
	struct world *w = ctx;

	if (++w->lines == w->kill_at)
		kill(getpid(), SIGKILL);
}

const char world_pins[] =
	"0000000000000000000000000000000000000000000000000000000000000000  other.run\n";

struct setup world_setup(const char *root)
{
	return (struct setup){ .how = { .root = root },
		.data               = &data,
		.crypto             = &crypto,
		.options            = { .software = true, .sources = &sources },
		.doors              = { .disk = disk, .clock = kept },
		.measured           = true,
		.now                = WORLD_NOW };
}

void world_make(struct world *w, const struct tree *t, bool operated)
{
	static const char *const folders[] = { "var/lib", "proc/sys/kernel/random",
		"usr/lib/systemd/system", "etc/systemd/system/multi-user.target.wants" };

	*w = (struct world){ 0 };
	snprintf(w->dir, sizeof(w->dir), "/tmp/assay-setup-XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	tree_make(w->dir, t);
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		world_sh("mkdir -p %s/%s", w->dir, folders[i]);
	world_put(
		w, "proc/sys/kernel/random/boot_id", "11111111-0000-0000-0000-000000000000\n");
	world_put(w, "usr/lib/systemd/system/assay-attest.service",
		"[Service]\nExecStart=/usr/bin/assay attest\n");
	world_sh(
		"ln -s /usr/lib/systemd/system/cloudmonitor.service %s/etc/systemd/system/multi-user.target.wants/cloudmonitor.service",
		w->dir);
	if (t->os == TREE_ROCKY8) /* grub-editenv's block has 1024 bytes */
		world_sh(
			"cd %s/boot/grub2 && cd \"$(dirname \"$(readlink -f grubenv)\")\" && { cat grubenv; head -c 1024 /dev/zero | tr '\\0' '#'; } | head -c 1024 > g && cat g > grubenv && rm g",
			w->dir);
	if (t->os >= TREE_UBUNTU2204 && (t->state & TREE_NO_LISTS) == 0)
		world_lists(w);
	world_record(w, "cloudmonitor.service", true);
	world_images(w, "original"); /* a tool never makes that again */
	w->op       = (struct operator){ .run = run, .unit = unit, .unpack = unpack, .ctx = w };
	w->setup    = world_setup(w->dir);
	w->setup.op = operated ? &w->op : NULL;
	w->setup.ctx                = w;
	w->setup.options.pins       = bytes_text(world_pins);
	w->setup.options.kdump      = (t->state & TREE_CRASH) != 0;
	w->setup.options.nvlink_off = (t->state & TREE_WAITS) != 0;
}

void world_done(struct world *w)
{
	buf_done(&w->ran);
	world_sh("rm -rf %s", w->dir);
}

/* Installers whose digests are known. */
void world_files(struct world *w, struct buf *lines)
{
	char dir[128];

	snprintf(dir, sizeof(dir), "%s-files", w->dir);
	world_sh("mkdir -p %s", dir);
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

void world_files_done(struct world *w)
{
	world_sh("rm -rf %s-files", w->dir);
	free((void *)(uintptr_t)w->setup.options.files);
}

enum assay_code world_apply(struct world *w, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf out  = { 0 };
	enum assay_code              code = setup_apply(&w->setup, &out, e);

	if (code != ASSAY_OK && code != ASSAY_HOST_REBOOT)
		print_message("%s%s\n", buf_cstr(&out), assay_err_text(e));
	return code;
}

void world_halfway(struct world *w)
{
	struct assay_err e = { 0 };

	assert_int_equal(world_apply(w, &e), ASSAY_HOST_REBOOT);
	world_reboot(w);
}

enum assay_code world_undo(struct world *w, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf mine = { 0 };

	return setup_undo(&w->setup, out == NULL ? &mine : out, e);
}

const struct tree world_trees[WORLD_TREES] = {
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

void world_show(const struct tree *t)
{
	print_message(
		"system %d, %u and %u, state %u\n", t->os, t->gpus, t->switches, t->state);
}
