/* SPDX-License-Identifier: Apache-2.0
 *
 * Is the core a function of its arguments? One bundle is verified again and again, each time in a process of its own
 * and in another world: other clocks, a poisoned OpenSSL configuration, a filter under which nothing can be opened.
 * The report must come out the same to the byte. What makes a world different is tested first: a fake that does not
 * work would prove nothing.
 *
 * The program runs itself: without a word it is the test, with one it is the child that does what the word says. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <assay/assay.h>

#include "purity/sandbox.h"
#include "test.h"

#define YEAR_1999 "930000000"
#define YEAR_2099 "4070000000"

/* Worlds */

struct world {
	const char *name;
	const char *clock;  /* $PURITY_CLOCK, with the shim loaded; NULL: the real one */
	bool        poison; /* OPENSSL_CONF, OPENSSL_MODULES and SSL_CERT_FILE */
	bool        sealed; /* sandbox_enter() before verify() */
};

static const struct world worlds[] = {
	{ .name = "as it is" },
	{ .name = "in 1999", .clock = YEAR_1999 },
	{ .name = "in 2099", .clock = YEAR_2099 },
	{ .name = "poisoned configuration", .poison = true },
	{ .name = "nothing can be opened", .sealed = true },
	{ .name = "all at once", .clock = YEAR_2099, .poison = true, .sealed = true },
};

/* What tests/purity/meson.build says. */
static const char *given(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		fail_msg("%s is not set; run this by meson test", name);
	return value == NULL ? "" : value;
}

static void enter(const struct world *w)
{
	if (w->clock != NULL) {
		setenv("PURITY_CLOCK", w->clock, 1);
		setenv("LD_PRELOAD", given("PURITY_SHIM"), 1);
		/* the sanitizer wants to be first; here it may be second */
		setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
	}
	if (w->poison) {
		setenv("OPENSSL_CONF", given("PURITY_POISON"), 1);
		setenv("OPENSSL_MODULES", "/nonexistent", 1);
		setenv("SSL_CERT_FILE", "/nonexistent", 1);
		setenv("SSL_CERT_DIR", "/nonexistent", 1);
	}
}

/* Run this program with a word in a world; its output goes to *out. Returns its wait status. */
static int child(const struct world *w, const char *word, struct buf *out)
{
	int     pipefd[2], status = -1;
	uint8_t chunk[4096];
	ssize_t n;
	pid_t   pid;

	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		enter(w);
		dup2(pipefd[1], STDOUT_FILENO);
		close(pipefd[0]);
		close(pipefd[1]);
		execl("/proc/self/exe", "test-purity", word, w->sealed ? "sealed" : "", NULL);
		_exit(127);
	}
	close(pipefd[1]);
	while ((n = read(pipefd[0], chunk, sizeof(chunk))) > 0)
		buf_put(out, chunk, (size_t)n);
	close(pipefd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_false(out->failed);
	return status;
}

/* Children */

static void anchor(const char *name, struct buf *out)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/anchors/%s", given("PURITY_NODE"), name);
	test_read(path, out);
}

/* The guest of that node: what is of it in files. */
enum { QUOTE, EVENTS, COLLATERAL, GUEST_FILES = COLLATERAL + 6 };
static const char *const guest_names[GUEST_FILES] = { "quote.bin", "ccel.bin", "tcbinfo.json",
	"tcbinfo.signer.pem", "qe_identity.json", "qe_identity.signer.pem", "pck_crl.der",
	"root_crl.der" };

static void read_guest(struct buf file[GUEST_FILES])
{
	char path[1024];

	for (size_t i = 0; i < GUEST_FILES; i++) {
		snprintf(path, sizeof(path), "%s/tdx/%s", given("PURITY_NODE"), guest_names[i]);
		test_read(path, &file[i]);
	}
}

/* What may open files: the library's start, and what the caller reads for it. */
static enum assay_code prepare(struct assay **a, struct buf *bundle, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf device = { 0 }, rim = { 0 }, sgx = { 0 };
	char                         path[1024];

	anchor("nvidia-device.pem", &device);
	anchor("nvidia-rim.pem", &rim);
	anchor("intel-sgx.pem", &sgx);
	snprintf(path, sizeof(path), "%s/bundle.json", given("PURITY_NODE"));
	test_read(path, bundle);
	TRY(assay_init(a, e));
	return assay_anchors(*a, device.p, device.n, rim.p, rim.n, sgx.p, sgx.n, e);
}

/* What may not: bytes to a report, at the time and with the nonce that the bundle records. */
static enum assay_code verify(
	struct assay *a, const struct buf *bundle, struct buf *out, struct assay_err *e)
{
	struct assay_evidence *ev      = NULL;
	struct assay_report   *report  = NULL;
	struct assay_options   options = { .historic = 1 };
	uint8_t                nonce[ASSAY_NONCE];
	char                  *text        = NULL;
	size_t                 size        = 0;
	int                    nonce_given = 0;

	TRY(assay_evidence_new(&ev, e));
	TRY(assay_evidence_add(ev, "bundle.json", bundle->p, bundle->n, NULL, 0, e));
	if (assay_evidence_recorded(ev, nonce, &nonce_given, &options.now) && nonce_given)
		options.nonce = nonce;
	TRY(assay_verify(a, ev, &options, &report, e));
	TRY(assay_report_json(report, &text, &size, e));
	buf_put(out, text, size);
	if (assay_report_verdict(report) != ASSAY_CLASS_ACCEPTED)
		return err_set(e, ASSAY_INTERNAL, "a good node was not accepted:\n%s", text);
	assay_text_free(text);
	assay_report_free(report);
	assay_evidence_free(ev);
	return ASSAY_OK;
}

/* The same of its guest: the forge asks it with the bundle's nonce as it is. */
static enum assay_code verify_guest(struct assay *a, const struct buf *bundle,
	const struct buf file[GUEST_FILES], struct buf *out, struct assay_err *e)
{
	struct assay_evidence *ev = NULL, *node = NULL;
	struct assay_report   *report  = NULL;
	struct assay_options   options = { .historic = 1 };
	uint8_t                nonce[ASSAY_NONCE];
	char                  *text        = NULL;
	size_t                 size        = 0;
	int                    nonce_given = 0;

	TRY(assay_evidence_new(&node, e));
	TRY(assay_evidence_add(node, "bundle.json", bundle->p, bundle->n, NULL, 0, e));
	assay_evidence_recorded(node, nonce, &nonce_given, &options.now);
	options.nonce = nonce;
	TRY(assay_evidence_new(&ev, e));
	TRY(assay_evidence_add(ev, "quote.bin", file[QUOTE].p, file[QUOTE].n, NULL, 0, e));
	TRY(assay_evidence_add_events(ev, "ccel.bin", file[EVENTS].p, file[EVENTS].n, e));
	for (size_t i = COLLATERAL; i < GUEST_FILES; i++)
		TRY(assay_evidence_add_collateral(ev, guest_names[i], file[i].p, file[i].n, e));
	TRY(assay_verify(a, ev, &options, &report, e));
	TRY(assay_report_json(report, &text, &size, e));
	buf_put(out, text, size);
	if (assay_report_verdict(report) != ASSAY_CLASS_ACCEPTED)
		return err_set(e, ASSAY_INTERNAL, "a good guest was not accepted:\n%s", text);
	assay_text_free(text);
	assay_report_free(report);
	assay_evidence_free(ev);
	assay_evidence_free(node);
	return ASSAY_OK;
}

static int child_verify(bool sealed)
{
	struct assay    *a      = NULL;
	struct buf       bundle = { 0 }, report = { 0 }, guest[GUEST_FILES] = { 0 };
	struct assay_err e = { 0 };

	read_guest(guest);
	if (prepare(&a, &bundle, &e) != ASSAY_OK || (sealed && !sandbox_enter()) ||
		verify(a, &bundle, &report, &e) != ASSAY_OK ||
		verify_guest(a, &bundle, guest, &report, &e) != ASSAY_OK) {
		dprintf(STDERR_FILENO, "%s\n", assay_err_text(&e));
		return 1;
	}
	return write(STDOUT_FILENO, report.p, report.n) == (ssize_t)report.n ? 0 : 2;
}

static int child_clock(void)
{
	struct timespec t = { 0 };

	clock_gettime(CLOCK_REALTIME, &t);
	dprintf(STDOUT_FILENO, "%lld %lld", (long long)time(NULL), (long long)t.tv_sec);
	return 0;
}

static int child_hash(void)
{
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA2-256", NULL);

	dprintf(STDOUT_FILENO, "%s", md == NULL ? "no hash" : "a hash");
	EVP_MD_free(md);
	return 0;
}

static int child_open(bool sealed)
{
	if (sealed && !sandbox_enter())
		return 2;
	return open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 ? 1 : 0;
}

/* Tests */

static void fakes_work(void **state)
{
	static const struct world real = { 0 }, then = { .clock = YEAR_1999 },
				  poisoned = { .poison = true }, sealed = { .sealed = true };
	CLEANUP(buf_done) struct buf clock = { 0 }, hash = { 0 }, none = { 0 }, empty = { 0 };
	int                          status;

	(void)state;
	assert_int_equal(child(&then, "clock", &clock), 0);
	assert_string_equal(buf_cstr(&clock), YEAR_1999 " " YEAR_1999);
	assert_int_equal(child(&real, "hash", &hash), 0);
	assert_string_equal(buf_cstr(&hash), "a hash");
	assert_int_equal(child(&poisoned, "hash", &none), 0);
	assert_string_equal(buf_cstr(&none), "no hash");
	assert_int_equal(child(&real, "open", &empty), 0);
	status = child(&sealed, "open", &empty);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void same_report_in_every_world(void **state)
{
	CLEANUP(buf_done) struct buf first = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
		CLEANUP(buf_done) struct buf report = { 0 };

		print_message("%s\n", worlds[i].name);
		assert_int_equal(child(&worlds[i], "verify", &report), 0);
		assert_true(report.n > 0);
		if (i == 0)
			buf_put(&first, report.p, report.n);
		assert_int_equal(report.n, first.n);
		assert_memory_equal(report.p, first.p, first.n);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fakes_work),
		cmocka_unit_test(same_report_in_every_world),
	};
	const char *word   = argc > 1 ? argv[1] : "";
	bool        sealed = argc > 2 && strcmp(argv[2], "sealed") == 0;

	/* _exit: a leak check would have to open files */
	if (strcmp(word, "verify") == 0)
		_exit(child_verify(sealed));
	if (strcmp(word, "clock") == 0)
		_exit(child_clock());
	if (strcmp(word, "hash") == 0)
		_exit(child_hash());
	if (strcmp(word, "open") == 0)
		_exit(child_open(sealed));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
