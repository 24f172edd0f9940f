/* SPDX-License-Identifier: Apache-2.0
 *
 * The guest's evidence by the real system calls: configfs-tsm, device and quoting service of the emulator, each of their
 * faults, and a process that is told to end in the midst of it. Event logs from folders. */
#include "collect/td.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "format/evidence.h"
#include "sim/serve.h"

#define V4_DATA 568 /* REPORTDATA in a quote (tdx 2.3) */
#define V5_DATA 574
#define REPORT  "sys/kernel/config/tsm/report"
#define BUSY_MS \
	5000 /* tries end a second before, and half a second after it nobody is waited for */

static const struct row {
	const char     *name, *fault;
	unsigned        quote;
	bool            no_qgs;
	int             total_ms;
	enum assay_code code;
	const char     *says, * or ; /* or: by whom it is noticed is chance */
} rows[] = {
	{ "version 4", NULL, 4, false, 0, ASSAY_OK, "" },
	{ "version 5", NULL, 5, false, 0, ASSAY_OK, "" },
	{ "busy", "tsm-busy", 4, false, BUSY_MS, ASSAY_QUOTE_BUSY,
		"outblob: Device or resource busy" },
	{ "the host sleeps", "tsm-timeout", 4, false, BUSY_MS, ASSAY_QUOTE_TIMEOUT,
		"outblob: Connection timed out" },
	{ "the host hangs", "tsm-hang", 4, false, 600, ASSAY_QUOTE_TIMEOUT,
		"outblob did not come back within 0.6 seconds" },
	{ "garbage", "tsm-garbage", 4, false, 0, ASSAY_QUOTE_REPLY,
		"no quote of this request" },
	{ "empty", "tsm-empty", 4, false, 0, ASSAY_QUOTE_REPLY, "outblob is empty" },
	{ "the service refuses", "qgs-error", 4, false, 0, ASSAY_QUOTE_SERVICE,
		"error 0x12001: an unexpected error" },
	{ "the service hangs", "qgs-hang", 4, false, 700, ASSAY_QUOTE_TIMEOUT,
		"no answer in time", "did not come back within 0.7 seconds" },
	{ "the service's answer is cut", "qgs-short", 4, false, 0, ASSAY_QUOTE_REPLY,
		"the quoting service ends after" },
	{ "the service claims 4 GiB", "qgs-size", 4, false, 0, ASSAY_QUOTE_REPLY,
		"a reply of 4294967295 bytes" },
	{ "no service either", "qgs-error", 4, true, 0, ASSAY_QUOTE_SERVICE,
		"no quoting service is configured" },
};

/* Nothing of ours stays in configfs. */
static unsigned entries(const struct serve *s)
{
	DIR           *d = opendir(serve_path(s, REPORT));
	struct dirent *x;
	unsigned       n = 0;

	while (d != NULL && (x = readdir(d)) != NULL)
		n += x->d_name[0] != '.';
	if (d != NULL)
		closedir(d);
	return n;
}

static void open_row(struct serve *s, const struct row *r)
{
	serve_open(s,
		&(struct serve_spec){
			.tsm = true, .qgs = true, .quote = r->quote, .fault = r->fault });
	if (s->why[0] == '\0')
		return;
	print_message("skipped: %s\n", s->why);
	serve_close(s);
	skip();
}

static void quotes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row            *r   = &rows[i];
		CLEANUP(buf_done) struct buf out = { 0 };
		char                         qgs[300];
		struct td_request            td = { .qgs = qgs, .total_ms = r->total_ms };
		struct assay_err             e  = { 0 };
		struct serve                 s;

		print_message("%s\n", r->name);
		open_row(&s, r);
		snprintf(qgs, sizeof(qgs), "unix:%s", serve_path(&s, SERVE_SOCKET));
		td.root = s.dir;
		td.qgs  = r->no_qgs ? NULL : qgs;
		memset(td.data, 0x5a + (int)i, sizeof(td.data));
		assert_true(td_there(s.dir));
		assert_int_equal(td_quote(&td, &out, &e), r->code);
		if (strstr(assay_err_text(&e), r->says) == NULL &&
			(r->or == NULL || strstr(assay_err_text(&e), r->or) == NULL))
			fail_msg("%s", assay_err_text(&e));
		assert_int_equal(entries(&s), 0);
		if (r->code == ASSAY_OK)
			assert_memory_equal(out.p + (r->quote == 4 ? V4_DATA : V5_DATA),
				td.data, sizeof(td.data));
		else
			assert_int_equal(out.n, 0);
		serve_close(&s);
	}
}

static void wait_for_entry(const struct serve *s)
{
	for (int i = 0; i < TEST_PATIENCE_MS / 10 && entries(s) == 0; i++)
		usleep(10000);
	assert_int_equal(entries(s), 1);
}

/* The host hangs, and the user loses patience: the process ends by that signal, and the entry is gone. */
static void signals(void **state)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct serve s;
		int          status;
		pid_t        pid;

		serve_tsm(&s, "tsm-hang", 4);
		fflush(NULL);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			struct td_request td  = { .root = s.dir };
			struct buf        out = { 0 };
			struct assay_err  e   = { 0 };

			close(s.stop);
			signal(ends[i], SIG_DFL);
			td_quote(&td, &out, &e);
			_exit(0);
		}
		wait_for_entry(&s);
		assert_int_equal(kill(pid, ends[i]), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), ends[i]);
		assert_int_equal(entries(&s), 0);
		serve_close(&s);
	}
}

/* A process that handles the signal itself goes on, without a quote; its mask is as it was. */
static volatile sig_atomic_t handled;

static void handle(int s)
{
	handled = s;
}

static void handled_signal(void **state)
{
	struct sigaction             act = { .sa_handler = handle }, before;
	CLEANUP(buf_done) struct buf out = { 0 };
	struct td_request            td  = { 0 };
	struct assay_err             e   = { 0 };
	sigset_t                     mask;
	struct serve                 s;
	pid_t                        pid, self = getpid();

	(void)state;
	serve_tsm(&s, "tsm-hang", 4);
	td.root = s.dir;
	sigaction(SIGTERM, &act, &before);
	fflush(NULL);
	pid = fork();
	if (pid == 0) { /* once there is an entry, signals are held */
		for (int i = 0; i < TEST_PATIENCE_MS / 10 && entries(&s) == 0; i++)
			usleep(10000);
		kill(self, SIGTERM);
		_exit(0);
	}
	assert_int_equal(td_quote(&td, &out, &e), ASSAY_QUOTE_TIMEOUT);
	assert_int_equal(handled, SIGTERM);
	assert_non_null(strstr(assay_err_text(&e), "interrupted"));
	sigprocmask(SIG_SETMASK, NULL, &mask);
	assert_false(sigismember(&mask, SIGTERM));
	assert_int_equal(entries(&s), 0);
	sigaction(SIGTERM, &before, NULL);
	waitpid(pid, NULL, 0);
	serve_close(&s);
}

/* --- folders --- */

static void put(const char *root, const char *path, struct bytes b)
{
	char  full[256];
	FILE *f;

	for (const char *slash = path; (slash = strchr(slash, '/')) != NULL; slash++) {
		snprintf(full, sizeof(full), "%s/%.*s", root, (int)(slash - path), path);
		mkdir(full, 0755);
	}
	snprintf(full, sizeof(full), "%s/%s", root, path);
	f = fopen(full, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(b.p, 1, b.n, f), b.n);
	fclose(f);
}

static void remove_all(const char *root)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
}

static const struct {
	const char     *name;
	bool            table_there, log_there;
	uint8_t         type;
	bool            wrong_sum, wrong_name, cut;
	const char     *own;
	enum assay_code code;
	const char     *out, *says;
} logs[] = {
	{ "no log", .code = ASSAY_OK, .out = "" },
	{ "log and table", true, true, 2, .code = ASSAY_OK, .out = "log" },
	{ "log alone", .log_there = true, .code = ASSAY_OK, .out = "log" },
	{ "table alone", .table_there = true, .type = 2, .code = ASSAY_OK, .out = "" },
	{ "own lines behind it", true, true, 2, .own = "{}\n", .code = ASSAY_OK,
		.out = "log{}\n" },
	{ "own lines alone", .own = "{}\n", .code = ASSAY_OK, .out = "{}\n" },
	{ "of SEV", true, true, 1, .code = ASSAY_EVENTLOG_PARSE, .says = "type 1" },
	{ "a sum that is none", true, true, 2, .wrong_sum = true, .code = ASSAY_EVENTLOG_PARSE,
		.says = "no ACPI table" },
	{ "another table", true, true, 2, .wrong_name = true, .code = ASSAY_EVENTLOG_PARSE,
		.says = "no ACPI table" },
	{ "a cut table", true, true, 2, .cut = true, .code = ASSAY_EVENTLOG_PARSE,
		.says = "no ACPI table" },
};

static void make_table(size_t i, const char *root)
{
	uint8_t t[56] = "CCEL", sum = 0;

	t[4]  = sizeof(t);
	t[36] = logs[i].type;
	if (logs[i].wrong_name)
		t[0] = 'X';
	for (size_t k = 0; k < sizeof(t); k++)
		sum = (uint8_t)(sum + t[k]);
	t[9] = (uint8_t)(-sum + (logs[i].wrong_sum ? 1 : 0));
	put(root, "sys/firmware/acpi/tables/CCEL",
		(struct bytes){ t, logs[i].cut ? 36 : sizeof(t) });
}

static void events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(logs); i++) {
		CLEANUP(buf_done) struct buf out    = { 0 };
		char                         root[] = "/tmp/assay-td-XXXXXX";
		struct assay_err             e      = { 0 };

		print_message("%s\n", logs[i].name);
		assert_non_null(mkdtemp(root));
		if (logs[i].table_there)
			make_table(i, root);
		if (logs[i].log_there)
			put(root, "sys/firmware/acpi/tables/data/CCEL", BYTES("log"));
		if (logs[i].own != NULL)
			put(root, "run/assay/events.jsonl", bytes_text(logs[i].own));
		assert_int_equal(td_events(root, &out, &e), logs[i].code);
		assert_string_equal(buf_cstr(&out), logs[i].out == NULL ? "" : logs[i].out);
		assert_non_null(
			strstr(assay_err_text(&e), logs[i].says == NULL ? "" : logs[i].says));
		remove_all(root);
	}
}

static void too_long(void **state)
{
	static uint8_t               much[EVIDENCE_EVENTS + 1];
	CLEANUP(buf_done) struct buf out    = { 0 };
	char                         root[] = "/tmp/assay-td-XXXXXX";
	struct assay_err             e      = { 0 };

	(void)state;
	assert_non_null(mkdtemp(root));
	put(root, "sys/firmware/acpi/tables/data/CCEL", BYTES_OF(much));
	assert_int_equal(td_events(root, &out, &e), ASSAY_INPUT_SIZE);
	assert_int_equal(out.n, 0);
	remove_all(root);
}

static void no_guest(void **state)
{
	struct td_request            td     = { .root = "/nonexistent" };
	CLEANUP(buf_done) struct buf out    = { 0 };
	char                         root[] = "/tmp/assay-td-XXXXXX";
	struct assay_err             e      = { 0 };

	(void)state;
	assert_non_null(mkdtemp(root));
	assert_false(td_there(root));
	assert_false(td_there("/nonexistent"));
	assert_int_equal(td_quote(&td, &out, &e), ASSAY_INPUT_FILE);
	assert_int_equal(td_events("/nonexistent", &out, &e), ASSAY_INPUT_FILE);
	td.root = root;
	assert_int_equal(td_quote(&td, &out, &e), ASSAY_TD_ABSENT);
	assert_non_null(strstr(assay_err_text(&e), "configfs-tsm"));
	assert_non_null(strstr(assay_err_text(&e), "/dev/tdx_guest"));
	remove_all(root);
}

/* A folder of plain files in place of configfs: no entry of it can be one, and none stays. */
static void plain_folder(void **state)
{
	struct td_request            td     = { 0 };
	CLEANUP(buf_done) struct buf out    = { 0 };
	char                         root[] = "/tmp/assay-td-XXXXXX", path[128];
	struct assay_err             e      = { 0 };

	(void)state;
	assert_non_null(mkdtemp(root));
	put(root, REPORT "/x", BYTES(""));
	snprintf(path, sizeof(path), "%s/" REPORT "/x", root);
	assert_int_equal(unlink(path), 0);
	td.root = root;
	assert_int_equal(td_quote(&td, &out, &e), ASSAY_TD_ABSENT);
	assert_non_null(strstr(assay_err_text(&e), "an entry without a provider"));
	snprintf(path, sizeof(path), "%s/" REPORT, root);
	assert_int_equal(rmdir(path), 0); /* empty */
	remove_all(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes),
		cmocka_unit_test(signals),
		cmocka_unit_test(handled_signal),
		cmocka_unit_test(events),
		cmocka_unit_test(too_long),
		cmocka_unit_test(no_guest),
		cmocka_unit_test(plain_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
