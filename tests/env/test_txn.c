/* SPDX-License-Identifier: Apache-2.0 */
#include "env/copy.h"
#include "env/txn_write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "env/line.h"
#include "test.h"

struct fixture {
	char          dir[64];
	struct root   root;
	struct crypto crypto;
	struct site   site;
};

static int set_up(void **state)
{
	struct fixture  *f = mem_new(1, sizeof(*f));
	struct assay_err e = { 0 };

	snprintf(f->dir, sizeof(f->dir), "/tmp/assay-txn-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	test_must(root_open(f->dir, &f->root, &e), &e);
	test_must(crypto_open(&f->crypto, &e), &e);
	assert_int_equal(mkdirat(f->root.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(f->root.fd, "var/lib", 0755), 0);
	assert_int_equal(mkdirat(f->root.fd, "etc", 0755), 0);
	f->site = (struct site){ .root = &f->root, .crypto = &f->crypto };
	*state  = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char            line[128];

	snprintf(line, sizeof(line), "rm -rf %s", f->dir);
	root_done(&f->root);
	crypto_done(&f->crypto);
	assert_int_equal(system(line), 0);
	mem_free(f);
	return 0;
}

static void want_file(struct fixture *f, const char *text, uint32_t mode, struct place *p)
{
	struct assay_err e = { 0 };

	*p = (struct place){
		.kind = PLACE_FILE, .mode = mode, .uid = geteuid(), .gid = getegid()
	};
	buf_text(&p->body, text);
	test_must(place_digest(&f->site, p, &e), &e);
}

static void places(void **state)
{
	struct fixture  *f = *state;
	struct assay_err e = { 0 };
	CLEANUP(place_done)
	struct place want = { 0 }, is = { 0 }, link = { .kind = PLACE_LINK }, none = { 0 };
	size_t       folder[PLACE_FOLDERS], n = 0;
	char         real[64];
	struct stat  one, two;

	want_file(f, "one\n", 0640, &want);
	test_must(place_missing(&f->root, "etc/a/b/c.conf", folder, &n, &e), &e);
	assert_int_equal(n, 2);
	assert_int_equal(folder[0], strlen("etc/a"));
	test_must(place_write(&f->site, "etc/a/b/c.conf", &want, &e), &e);
	test_must(place_read(&f->site, "etc/a/b/c.conf", &is, &e), &e);
	assert_true(place_same(&want, &is));
	assert_string_equal(buf_cstr(&is.body), "one\n");
	is.mode = 0644;
	assert_false(place_same(&want, &is));
	snprintf(link.link, sizeof(link.link), "../a/b/c.conf");
	test_must(place_digest(&f->site, &link, &e), &e);
	test_must(place_write(&f->site, "etc/x/l", &link, &e), &e);
	place_done(&is);
	test_must(place_read(&f->site, "etc/x/l", &is, &e), &e);
	assert_true(place_same(&link, &is));
	test_must(place_real(&f->root, "etc/x/l", real, sizeof(real), &e), &e);
	assert_string_equal(real, "etc/a/b/c.conf"); /* journals have plain names */
	/* "y/.." is not where y stands, for y is a link */
	assert_int_equal(symlinkat("a/b", f->root.fd, "etc/y"), 0);
	assert_int_equal(symlinkat("y/../c.conf", f->root.fd, "etc/n"), 0);
	assert_int_equal(
		place_real(&f->root, "etc/n", real, sizeof(real), &e), ASSAY_HOST_WRITE);
	e = (struct assay_err){ 0 };
	assert_int_equal(unlinkat(f->root.fd, "etc/n", 0), 0);
	assert_int_equal(unlinkat(f->root.fd, "etc/y", 0), 0);
	test_must(place_write(&f->site, "etc/x/l", &none, &e), &e);
	assert_false(root_there(&f->root, "etc/x/l"));
	place_rmdir(&f->root, "etc/x");
	assert_false(root_there(&f->root, "etc/x"));
	place_rmdir(&f->root, "etc/a");
	assert_true(root_there(&f->root, "etc/a"));
	assert_int_equal(place_read(&f->site, "etc/a", &is, &e), ASSAY_HOST_WRITE);
	/* a copy is the same in all but its name, and takes no place that is taken */
	test_must(copy_state(&f->site, "etc/a/b/c.conf", &is, &e), &e);
	test_must(copy_file(&f->site, "etc/a/b/c.conf", "etc/a/c.bak", &e), &e);
	test_must(copy_state(&f->site, "etc/a/c.bak", &link, &e), &e);
	assert_true(place_same(&is, &link));
	assert_int_equal(
		copy_file(&f->site, "etc/a/b/c.conf", "etc/a/c.bak", &e), ASSAY_HOST_WRITE);
	e = (struct assay_err){ 0 };
	assert_int_equal(root_stat(&f->root, "etc/a/b/c.conf", &one), 0);
	assert_int_equal(root_stat(&f->root, "etc/a/c.bak", &two), 0);
	assert_int_equal(one.st_mtim.tv_nsec, two.st_mtim.tv_nsec);
	test_must(copy_back(&f->site, "etc/a/c.bak", "etc/a/b/c.conf", &e), &e);
	assert_false(root_there(&f->root, "etc/a/c.bak"));
	/* what a run that was ended left there */
	assert_int_equal(symlinkat("nowhere", f->root.fd, "etc/a/b/.c.conf.assay-new"), 0);
	place_sweep(&f->root, "etc/a/b/c.conf");
	assert_int_equal(
		faccessat(f->root.fd, "etc/a/b/.c.conf.assay-new", F_OK, AT_SYMLINK_NOFOLLOW),
		-1);
}

/* What belongs to the file goes on with its successor; what signs its bytes does not. */
static void attributes(void **state)
{
	struct fixture                  *f    = *state;
	struct assay_err                 e    = { 0 };
	CLEANUP(place_done) struct place want = { 0 }, more = { 0 };
	char                             path[128], got[16] = "";
	ssize_t                          n;

	assert_true(place_of_content("security.ima"));
	assert_true(place_of_content("security.evm"));
	assert_false(place_of_content("security.selinux"));
	assert_false(place_of_content("user.x"));
	want_file(f, "one\n", 0640, &want);
	want_file(f, "two\n", 0640, &more);
	test_must(place_write(&f->site, "etc/a", &want, &e), &e);
	snprintf(path, sizeof(path), "%s/etc/a", f->dir);
	if (setxattr(path, "user.note", "mine", 4, 0) != 0)
		skip();                                  /* not on this file system */
	setxattr(path, "security.ima", "\1wrong", 6, 0); /* where that may be set */
	test_must(place_write(&f->site, "etc/a", &more, &e), &e);
	n = getxattr(path, "user.note", got, sizeof(got));
	assert_int_equal(n, 4);
	assert_memory_equal(got, "mine", 4);
	assert_int_equal(getxattr(path, "security.ima", got, sizeof(got)), -1);
}

static json_t *file_row(const char *path, const struct place *before, const struct place *after)
{
	return json_pack("{s:s,s:[s],s:o,s:o}", "path", path, "folders", "etc/d", "before",
		txn_state(before), "after", txn_state(after));
}

static void written(void **state)
{
	struct fixture                      *f = *state;
	struct assay_err                     e = { 0 };
	CLEANUP(txn_close) struct txn_writer w = { .folder = -1, .fd = -1 }, more = w;
	CLEANUP(txn_done) struct txn         t = { 0 }, on = { 0 };
	CLEANUP(names_done) struct names     ids    = { 0 };
	CLEANUP(place_done) struct place     after  = { 0 };
	CLEANUP(buf_done) struct buf         kept   = { 0 };
	const struct place                   before = { 0 };
	int                                  lock, second = -1;

	test_must(txn_lock(&f->root, &lock, &e), &e);
	assert_int_equal(txn_lock(&f->root, &second, &e), ASSAY_HOST_BUSY);
	want_file(f, "x\n", 0644, &after);
	test_must(txn_new(&f->root, "single", "", 1700000000, &w, &e), &e);
	test_must(txn_keep(&w, w.steps + 1, "after", buf_bytes(&after.body), &e), &e);
	test_must(
		txn_begin(&w, "BOOT-02", TXN_DO_FILE, file_row("etc/d/x", &before, &after), &e),
		&e);
	test_must(txn_end(&w, 0, NULL, NULL, &e), &e);
	test_must(txn_begin(&w, "INIT-01", TXN_DO_COMMAND,
			  json_pack("{s:[s,s],s:[]}", "argv", "dracut", "-f", "undo"), &e),
		&e);
	test_must(txn_end(&w, 3, "it broke", NULL, &e), &e);
	test_must(txn_begin(&w, "SVC-09", TXN_DO_UNIT,
			  json_pack("{s:s,s:s,s:b,s:b}", "unit", "cloudmonitor.service", "verb",
				  "stop", "enabled", 1, "active", 0),
			  &e),
		&e);
	test_must(txn_list(&f->root, &ids, &e), &e);
	assert_int_equal(ids.n, 1);
	assert_string_equal(ids.name[0], w.id);
	assert_int_equal(write(w.fd, "{\"end\":3,", 9), 9); /* the power fails */
	test_must(txn_read(&f->root, w.id, &t, &e), &e);
	assert_int_equal(t.steps, 3);
	assert_string_equal(t.profile, "single");
	assert_int_equal(t.at, 1700000000);
	assert_string_equal(t.step[0].path, "etc/d/x");
	assert_int_equal(t.step[0].folders, 1);
	assert_true(place_same(&t.step[0].after, &after));
	assert_true(t.step[0].ended && t.step[1].ended && !t.step[2].ended);
	assert_int_equal(t.step[1].status, 3);
	assert_string_equal(t.step[1].argv[1], "-f");
	assert_null(t.step[1].argv[2]);
	assert_true(t.step[2].enabled && !t.step[2].active);
	test_must(txn_kept(&f->root, t.id, 1, "after", &kept, &e), &e);
	assert_string_equal(buf_cstr(&kept), "x\n");
	test_must(txn_open(&f->root, &t, &more, &e), &e);
	test_must(txn_undone(&more, 1, "restored", &e), &e);
	test_must(txn_finish(&more, &e), &e);
	test_must(txn_read(&f->root, w.id, &on, &e), &e);
	assert_true(on.closed && on.step[0].undone && !on.step[1].undone);
	close(lock);
	test_must(txn_lock(&f->root, &lock, &e), &e);
	close(lock);
}

/* The disk is full in the middle of a line, and has room again: the line that comes then stands alone. */
static void half_a_line(void **state)
{
	struct fixture                      *f = *state;
	struct assay_err                     e = { 0 };
	CLEANUP(txn_close) struct txn_writer w = { .folder = -1, .fd = -1 };
	CLEANUP(txn_done) struct txn         t = { 0 };
	struct rlimit                        was, most;
	struct stat                          s;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	signal(SIGXFSZ, SIG_IGN);
	test_must(txn_new(&f->root, "single", "", 1700000000, &w, &e), &e);
	assert_int_equal(fstat(w.fd, &s), 0);
	most = (struct rlimit){ (rlim_t)s.st_size + 20, was.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &most), 0);
	assert_int_equal(txn_begin(&w, "INIT-01", TXN_DO_COMMAND,
				 json_pack("{s:[s],s:[]}", "argv", "dracut", "undo"), &e),
		ASSAY_HOST_WRITE);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	e = (struct assay_err){ 0 };
	test_must(txn_begin(&w, "INIT-01", TXN_DO_COMMAND,
			  json_pack("{s:[s],s:[]}", "argv", "dracut", "undo"), &e),
		&e);
	/* nor is anything written that is not read again */
	assert_int_equal(
		txn_begin(&w, "INIT-01", TXN_DO_DROP,
			json_pack("{s:s,s:s}", "path", "boot/i", "copy", "boot/\033"), &e),
		ASSAY_HOST_WRITE);
	e = (struct assay_err){ 0 };
	test_must(txn_read(&f->root, w.id, &t, &e), &e);
	assert_int_equal(t.steps, 1);
}

/* Undo goes by names: a run that comes later is named later, also when the clock was set back a year. */
static void clock_back(void **state)
{
	struct fixture  *f     = *state;
	struct assay_err e     = { 0 };
	const int64_t    now[] = { 1800000000, 1800000000, 1700000000, 1600000000 };
	CLEANUP(names_done) struct names ids = { 0 };
	char                             id[ARRAY_LEN(now)][TXN_ID];

	for (size_t i = 0; i < ARRAY_LEN(now); i++) {
		CLEANUP(txn_close) struct txn_writer w = { .folder = -1, .fd = -1 };

		test_must(txn_new(&f->root, "single", "", now[i], &w, &e), &e);
		memcpy(id[i], w.id, TXN_ID);
	}
	test_must(txn_list(&f->root, &ids, &e), &e);
	assert_int_equal(ids.n, ARRAY_LEN(now));
	for (size_t i = 0; i < ARRAY_LEN(now); i++)
		assert_string_equal(ids.name[i], id[i]);
}

#define HEAD                                                                        \
	"{\"schema\":\"assay.txn/1\",\"id\":\"1\",\"at\":\"2026-11-25T00:00:00Z\"," \
	"\"version\":\"0.1.0\",\"profile\":\"single\",\"boot\":\"-\"}\n"
#define FILE_LINE(path, folders)                                      \
	"{\"step\":1,\"item\":\"X\",\"do\":\"file\",\"path\":\"" path \
	"\",\"folders\":[" folders                                    \
	"],\"before\":{\"kind\":\"absent\"},\"after\":{\"kind\":\"absent\"}}\n"
#define COMMAND "{\"step\":1,\"item\":\"X\",\"do\":\"command\",\"argv\":[\"a\"],\"undo\":[]}\n"

#define UNDO(words)                                                       \
	"{\"step\":1,\"item\":\"X\",\"do\":\"command\",\"argv\":[\"a\"]," \
	"\"undo\":[" words "]}\n"

#define SUM "00000000000000000000000000000000000000000000000000000000000000ff"
#define KEEP(copy, kind)                                                                  \
	"{\"step\":1,\"item\":\"X\",\"do\":\"keep\",\"path\":\"boot/i\",\"copy\":\"" copy \
	"\",\"before\":" kind "}\n"
#define A_FILE                                                                        \
	"{\"kind\":\"file\",\"sha256\":\"" SUM "\",\"mode\":384,\"uid\":0,\"gid\":0," \
	"\"label\":\"x\"}"
#define MADE(what) "{\"end\":1,\"status\":0,\"made\":" what "}\n"

static const struct {
	const char     *name, *text;
	enum assay_code code;
} lines[] = {
	{ "a copy", HEAD KEEP("boot/i.bak", A_FILE), ASSAY_OK },
	{ "a copy of nothing", HEAD KEEP("boot/i.bak", "{\"kind\":\"absent\"}"),
		ASSAY_HOST_JOURNAL },
	{ "a copy outside", HEAD KEEP("../i.bak", A_FILE), ASSAY_HOST_JOURNAL },
	{ "a copy gone",
		HEAD
		"{\"step\":1,\"item\":\"X\",\"do\":\"drop\",\"path\":\"boot/i\",\"copy\":\"boot/i.bak\"}\n",
		ASSAY_OK },
	{ "made", HEAD COMMAND MADE("[{\"path\":\"boot/i\",\"sha256\":\"" SUM "\"}]"),
		ASSAY_OK },
	{ "made, half a digest", HEAD COMMAND MADE("[{\"path\":\"boot/i\",\"sha256\":\"00\"}]"),
		ASSAY_INPUT_HEX },
	{ "made outside", HEAD COMMAND MADE("[{\"path\":\"/i\",\"sha256\":\"" SUM "\"}]"),
		ASSAY_HOST_JOURNAL },
	{ "made, and no objects", HEAD COMMAND MADE("[1]"), ASSAY_HOST_JOURNAL },
	{ "the head alone", HEAD, ASSAY_OK },
	{ "nothing", "", ASSAY_OK },
	{ "a head that was not written", "{\"sche", ASSAY_OK },
	{ "a file", HEAD FILE_LINE("etc/a/b", "\"etc/a\""), ASSAY_OK },
	{ "packages go", HEAD UNDO("\"rpm\",\"-e\",\"x\""), ASSAY_OK },
	{ "packages of Debian go", HEAD UNDO("\"dpkg\",\"-r\",\"x\""), ASSAY_OK },
	{ "holds go", HEAD UNDO("\"apt-mark\",\"unhold\",\"x\""), ASSAY_OK },
	{ "the driver goes", HEAD UNDO("\"nvidia-uninstall\",\"--ui=none\""), ASSAY_OK },
	{ "packages come", HEAD UNDO("\"rpm\",\"-i\",\"x\""), ASSAY_HOST_JOURNAL },
	{ "packages do what", HEAD UNDO("\"rpm\""), ASSAY_HOST_JOURNAL },
	{ "a shell", HEAD UNDO("\"sh\",\"-e\",\"x\""), ASSAY_HOST_JOURNAL },
	{ "a program by its path", HEAD UNDO("\"/tmp/rpm\",\"-e\",\"x\""), ASSAY_HOST_JOURNAL },
	{ "a command and its end", HEAD COMMAND "{\"end\":1,\"status\":0}\n", ASSAY_OK },
	{ "out of the root", HEAD FILE_LINE("etc/../../b", ""), ASSAY_HOST_JOURNAL },
	{ "from the root", HEAD FILE_LINE("/etc/b", ""), ASSAY_HOST_JOURNAL },
	{ "an empty name", HEAD FILE_LINE("etc//b", ""), ASSAY_HOST_JOURNAL },
	{ "a folder that is none of its own", HEAD FILE_LINE("etc/a/b", "\"etc/c\""),
		ASSAY_HOST_JOURNAL },
	{ "half a name", HEAD FILE_LINE("etc/a/b", "\"et\""), ASSAY_HOST_JOURNAL },
	{ "no head", COMMAND, ASSAY_JSON_FIELD },
	{ "another schema",
		"{\"schema\":\"assay.txn/2\",\"id\":\"1\",\"at\":\"2026-11-25T00:00:00Z\","
		"\"version\":\"0\",\"profile\":\"s\",\"boot\":\"-\"}\n",
		ASSAY_HOST_JOURNAL },
	{ "the step again", HEAD COMMAND COMMAND, ASSAY_HOST_JOURNAL },
	{ "an end twice", HEAD COMMAND "{\"end\":1,\"status\":0}\n{\"end\":1,\"status\":0}\n",
		ASSAY_HOST_JOURNAL },
	{ "an end of what did not begin", HEAD "{\"end\":1,\"status\":0}\n",
		ASSAY_HOST_JOURNAL },
	{ "undone before it began", HEAD "{\"undone\":1,\"how\":\"x\"}\n", ASSAY_HOST_JOURNAL },
	{ "no command",
		HEAD "{\"step\":1,\"item\":\"X\",\"do\":\"command\",\"argv\":[],"
		     "\"undo\":[]}\n",
		ASSAY_HOST_JOURNAL },
	{ "a member too many", HEAD "{\"end\":0,\"status\":0,\"x\":1}\n", ASSAY_JSON_FIELD },
	{ "no record", HEAD "{\"x\":1}\n", ASSAY_HOST_JOURNAL },
	{ "no object", HEAD "[]\n", ASSAY_JSON_PARSE },
	{ "broken inside", HEAD "{\"end\":\n" COMMAND, ASSAY_JSON_PARSE },
	{ "broken at its end, without a newline", HEAD COMMAND "{\"end\":", ASSAY_OK },
};

/* Each line with the sum that it would have been written with. */
static void seal(const char *text, struct buf *out)
{
	struct bytes in = bytes_text(text), line;

	for (size_t at = 0; line_next(in, &at, &line);) {
		CLEANUP(buf_done) struct buf one   = { 0 };
		const bool                   whole = line.p + line.n < in.p + in.n;

		buf_put(&one, line.p, line.n);
		if (whole)
			buf_byte(&one, '\n');
		if (whole)
			txn_seal(&one);
		buf_put(out, one.p, one.n);
	}
}

static void strict(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		CLEANUP(txn_done) struct txn t    = { 0 };
		CLEANUP(buf_done) struct buf text = { 0 };
		struct assay_err             e    = { 0 };

		print_message("%s\n", lines[i].name);
		seal(lines[i].text, &text);
		assert_int_equal(txn_parse(buf_bytes(&text), &t, &e), lines[i].code);
	}
}

/* No byte of a line becomes another without being noticed, whatever it would say then. */
static void sums(void **state)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	CLEANUP(txn_done) struct txn t    = { 0 };
	struct assay_err             e    = { 0 };
	size_t                       n    = 0;

	(void)state;
	seal(HEAD KEEP("boot/i.bak", A_FILE), &text);
	test_must(txn_parse(buf_bytes(&text), &t, &e), &e);
	for (size_t i = 0; i < text.n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			CLEANUP(txn_done) struct txn other = { 0 };

			text.p[i] ^= (uint8_t)(1U << bit);
			e = (struct assay_err){ 0 };
			/* but the last newline's: then the line was not written */
			if (txn_parse(buf_bytes(&text), &other, &e) == ASSAY_OK) {
				assert_int_equal(i, text.n - 1);
				assert_int_equal(other.steps, 0);
				n++;
			}
			text.p[i] ^= (uint8_t)(1U << bit);
		}
	}
	assert_int_equal(n, 8);
	e = (struct assay_err){ 0 };
	assert_int_equal(txn_parse(BYTES(HEAD), &t, &e), ASSAY_HOST_JOURNAL); /* none at all */
}

static void crc_value(void **state)
{
	CLEANUP(buf_done) struct buf line = { 0 };

	(void)state;
	buf_text(&line, "123456789}\n"); /* the check value of ISO 3309 */
	txn_seal(&line);
	assert_string_equal(buf_cstr(&line), "123456789, \"sum\": \"cbf43926\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(
						    places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(attributes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(half_a_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clock_back, set_up, tear_down),
		cmocka_unit_test(strict), cmocka_unit_test(sums), cmocka_unit_test(crc_value) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
