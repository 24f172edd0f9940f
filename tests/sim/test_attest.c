/* SPDX-License-Identifier: Apache-2.0
 *
 * assay attest on a running platform, as a user runs it: healthy, with each fault of the gallery, with two at once, and
 * the ready state that each leaves behind. The argument names one of the profiles, or what else is tested. */
#include "sim/attempt.h"
#include "sim/user.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *profile;

/* Who hangs is not waited for long; everybody else is. */
static void attest(struct live *l, const char *options, struct said *out)
{
	static const char *const limits[] = {
		[LIVE_NOBODY]  = "--call-timeout 60 --device-timeout 120 --timeout 120",
		[LIVE_DEVICES] = "--call-timeout 2 --device-timeout 120 --timeout 120",
		[LIVE_SERVICES] =
			"--call-timeout 60 --device-timeout 120 --timeout 3 --quote-timeout 3",
	};

	user_runs(l, out, "exec $A attest --format json %s %s", limits[l->mute], options);
}

static void open_platform(struct live *l, const char *which)
{
	const char *const options[] = { "--profile", which, "--no-tdx", NULL };

	live_open_now(l, options);
}

static void close_platform(struct live *l)
{
	char line[300];

	snprintf(line, sizeof(line), "rm -rf %s.cache %s.log %s.sock", l->state, l->state,
		l->state);
	live_close(l);
	assert_int_equal(system(line), 0);
}

static bool objected(json_t *report, const char *id)
{
	const char *outcome = user_outcome(report, id, NULL);

	return outcome != NULL &&
		(strcmp(outcome, "fail") == 0 || strcmp(outcome, "unknown") == 0);
}

/* ---- the gallery ---- */

struct walk {
	struct live l;
	unsigned    caught, passed, wrong;
};

/* Where a live machine differs from a file: what a row needs besides, and another status that is due. A machine without
 * any GPU or switch has no driver for them either, and attest says so: that is worse than what the row names. */
static const struct special {
	const char *name, *options;
	int         exit; /* -1: the row's own */
} specials[] = {
	{ "ocsp-nonce-none", "--ocsp-nonce if-present", -1 },
	{ "gpu-none", "", 4 },
	{ "switch-none", "", 4 },
	{ "mode-unsaid", "", 4 },
};

static struct special special_of(const struct gallery_row *f)
{
	for (size_t i = 0; i < ARRAY_LEN(specials); i++)
		if (strcmp(specials[i].name, f->name) == 0)
			return (struct special){ f->name, specials[i].options,
				specials[i].exit < 0 ? f->exit : specials[i].exit };
	return (struct special){ f->name, "", f->exit };
}

static void complain(
	struct walk *w, const struct gallery_row *f, const struct said *s, const char *why)
{
	fprintf(stderr, "WRONG %s (%s): %s; exit %d where %d was due, by %s\n", f->name,
		f->attack, why, s->status, special_of(f).exit, f->finding);
	fprintf(stderr, "%.*s", (int)s->err.n, (const char *)s->err.p);
	w->wrong++;
}

static void print_objections(json_t *report)
{
	size_t  i;
	json_t *f;

	json_array_foreach(json_object_get(report, "findings"), i, f)
	{
		const char *outcome = json_string_value(json_object_get(f, "outcome"));
		const char *message = json_string_value(json_object_get(f, "message"));

		if (strcmp(outcome, "fail") == 0 || strcmp(outcome, "unknown") == 0)
			fprintf(stderr, "  %s %s %s %s: %s\n", outcome,
				json_string_value(json_object_get(f, "id")),
				json_string_value(json_object_get(f, "subject")),
				json_string_value(json_object_get(f, "code")),
				message == NULL ? "" : message);
	}
}

/* A quote that is none of the request's is refused by who collects it, before anybody judges what else is wrong. */
static bool refused_at_the_door(json_t *report, const struct gallery_row *f)
{
	const char *code    = "";
	const char *outcome = user_outcome(report, "tdx.collect", &code);

	return f->elsewhere && outcome != NULL && strcmp(outcome, "unknown") == 0 &&
		strcmp(code, "QUOTE_REPLY") == 0;
}

static void judge_row(struct walk *w, struct live *l, const struct gallery_row *f)
{
	CLEANUP(buf_done) struct buf   options = { 0 };
	CLEANUP(said_done) struct said s;
	AUTO(json_t)                  *report = NULL;
	const unsigned                 wrong  = w->wrong;
	const struct special           due    = special_of(f);

	buf_printf(&options, "--no-cache %s", due.options);
	attest(l, buf_cstr(&options), &s);
	report = user_report(&s);
	if (s.status == 4 && refused_at_the_door(report, f) && !user_ready(l))
		w->caught++;
	else if (s.status != due.exit)
		complain(w, f, &s, "another exit status");
	else if (f->exit != 0 && !objected(report, f->finding))
		complain(w, f, &s, "not noticed");
	else if (user_ready(l) != (f->exit == 0))
		complain(w, f, &s, f->exit == 0 ? "not ready" : "ready");
	else if (f->exit == 0)
		w->passed++;
	else
		w->caught++;
	if (w->wrong > wrong)
		print_objections(report);
}

/* Each is asked on its own, without what another one left in a cache. The machine's files are written when it starts, the
 * event log among them: those rows have a machine of their own. */
static void try_row(struct walk *w, const struct gallery_row *f)
{
	CLEANUP(buf_done) struct buf words     = { 0 };
	const char *const            options[] = { "--fault", f->name, NULL };
	struct live                  own;

	if (strncmp(f->name, "log-", 4) == 0) {
		live_open_now(&own, options);
		judge_row(w, &own, f);
		close_platform(&own);
		return;
	}
	buf_printf(&words, "fault %s", f->name);
	live_say(&w->l, buf_cstr(&words)); /* which leaves the GPUs not ready */
	w->l.mute = live_mute(f->name);
	judge_row(w, &w->l, f);
}

/* The TD's rows want a TD, and that wants FUSE. All others are asked without one: it takes time. */
static unsigned walk_rows(struct walk *w, bool tdx)
{
	const char        *only = getenv("ASSAY_ROW"); /* for whoever looks into one */
	struct gallery_row f;
	unsigned           passed_over = 0;

	for (size_t i = 0; gallery_row(i, &f); i++) {
		if (strcmp(f.profile, profile) != 0 ||
			(only != NULL && strcmp(only, f.name) != 0))
			continue;
		if (f.elsewhere == tdx)
			try_row(w, &f);
		else
			passed_over++;
	}
	return passed_over;
}

static void say_walked(const struct walk *w, const char *what, unsigned await)
{
	fprintf(stderr, "%s%s: %u caught, %u await their check, %u harmless and accepted\n",
		profile, what, w->caught, await, w->passed);
	assert_int_equal(w->wrong, 0);
}

static void gallery(void **state)
{
	struct walk w = { 0 };

	(void)state;
	open_platform(&w.l, profile);
	walk_rows(&w, false);
	close_platform(&w.l);
	say_walked(&w, "", 0);
	assert_true(getenv("ASSAY_ROW") != NULL || w.caught > 20);
}

static void gallery_of_td(void **state)
{
	struct walk       w         = { 0 };
	const char *const options[] = { "--profile", "single", NULL };

	(void)state;
	profile = "single";
	live_open_now(&w.l, options);
	if (w.l.fuse)
		walk_rows(&w, true);
	close_platform(&w.l);
	if (!w.l.fuse) {
		fprintf(stderr, "skipped: the TD's rows: no FUSE\n");
		skip();
	}
	say_walked(&w, ", the TD's", 0);
	assert_true(getenv("ASSAY_ROW") != NULL || w.caught > 50);
}

/* ---- healthy, and two things wrong at once ---- */

static const struct {
	const char *words;      /* of ctl; NULL: none */
	const char *finding[2]; /* that must object */
	int         exit;
	const char *ready; /* "was,is" */
} both[] = {
	{ NULL, { NULL }, 0, "0,1" },
	{ NULL, { NULL }, 0, "1,1" },
	{ "fault gpu-twice switch-unlocked",
		{ "node.devices.distinct", "nvswitch.report.lock" }, 1, "0,0" },
	{ "fault nvml-lost-one switch-unlocked", { "gpu.collect", "nvswitch.report.lock" }, 1,
		"0,0" },
	{ "fault nvml-hang-one nscq-refused", { "gpu.collect", "nvswitch.collect" }, 4, "0,0" },
	{ "fault nscq-crash switch-mode-open", { "nvswitch.collect", "nvswitch.mode" }, 5,
		"0,0" },
	{ "fault none", { NULL }, 0, "0,1" },
	{ "unplug nvswitch2", { "node.topology.complete", NULL }, 3, "1,0" },
	{ "plug nvswitch2", { NULL }, 0, "0,1" },
	{ "revoke gpu3", { "gpu.chain.revocation", NULL }, 1, "1,0" },
	{ "reset", { NULL }, 0, "0,1" },
	{ "unplug gpu0", { "node.topology.complete", NULL }, 3, "1,0" },
};

/* A GPU that signs nothing of its mode asks for no switches: then the driver must not speak of them either. */
static void mode_unsaid(void **state)
{
	static const struct {
		const char *words, *finding;
		int         exit;
	} rows[] = {
		{ "fault mode-none", NULL, 0 },
		{ "fault mode-none mode-driver", "gpu.mode", 1 },
	};
	struct live l;

	(void)state;
	open_platform(&l, "single");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(said_done) struct said s;
		AUTO(json_t)                  *report = NULL;

		live_say(&l, rows[i].words);
		attest(&l, "--no-cache", &s);
		report = user_report(&s);
		if (s.status != rows[i].exit)
			print_objections(report);
		assert_int_equal(s.status, rows[i].exit);
		assert_true(rows[i].finding == NULL || objected(report, rows[i].finding));
		assert_int_equal(user_ready(&l), rows[i].exit == 0);
	}
	close_platform(&l);
}

static void two_at_once(void **state)
{
	struct live l;

	(void)state;
	open_platform(&l, "ppcie");
	for (size_t i = 0; i < ARRAY_LEN(both); i++) {
		CLEANUP(said_done) struct said s;
		AUTO(json_t)                  *report = NULL;

		fprintf(stderr, "%s\n", both[i].words == NULL ? "healthy" : both[i].words);
		if (both[i].words != NULL)
			live_say(&l, both[i].words);
		l.mute = both[i].words != NULL &&
				strstr(both[i].words, "fault nvml-hang") != NULL
			? LIVE_DEVICES
			: LIVE_NOBODY;
		assert_int_equal(user_ready(&l), both[i].ready[0] - '0');
		attest(&l, "--no-cache", &s);
		report = user_report(&s);
		if (s.status != both[i].exit)
			print_objections(report);
		assert_int_equal(s.status, both[i].exit);
		for (size_t k = 0; k < 2 && both[i].finding[k] != NULL; k++)
			assert_true(objected(report, both[i].finding[k]));
		assert_int_equal(user_ready(&l), both[i].ready[2] - '0');
	}
	close_platform(&l);
}

/* What the options say: the profile's counts and mode, no touch of the ready state, a nonce, a bundle that verifies. */
static const struct {
	const char *options;
	int         exit;
	const char *finding, *says; /* of the report's text, or NULL */
	int         ready;
} asked[] = {
	{ "--profile ppcie", 0, NULL, NULL, 1 },
	{ "--no-ready --profile single", 1, "gpu.mode", NULL, 1 },
	{ "--profile single", 1, "node.devices.count", NULL, 0 },
	{ "--expect 8+3", 1, "node.devices.count", NULL, 0 },
	{ "--no-ready", 0, NULL, NULL, 0 },
	{ "--offline --no-cache", 3, "gpu.chain.revocation", NULL, 0 },
	{ "--nonce 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", 0, NULL,
		"0011223344556677", 1 },
};

static void options(void **state)
{
	CLEANUP(said_done) struct said s, v, t;
	struct live                    l;

	(void)state;
	open_platform(&l, "ppcie");
	for (size_t i = 0; i < ARRAY_LEN(asked); i++) {
		CLEANUP(said_done) struct said one;
		AUTO(json_t)                  *report = NULL;

		fprintf(stderr, "%s\n", asked[i].options);
		attest(&l, asked[i].options, &one);
		report = user_report(&one);
		if (one.status != asked[i].exit)
			print_objections(report);
		assert_int_equal(one.status, asked[i].exit);
		if (asked[i].finding != NULL)
			assert_true(objected(report, asked[i].finding));
		if (asked[i].says != NULL)
			assert_non_null(strstr(buf_cstr(&one.out), asked[i].says));
		assert_int_equal(user_ready(&l), asked[i].ready);
	}
	user_runs(&l, &s, "$A attest --no-ready -q --output %s.cache/b.json", l.state);
	assert_int_equal(s.status, 0);
	assert_int_equal(s.out.n + s.err.n, 0);
	user_runs(&l, &v, "$A verify --as-recorded -q %s.cache/b.json", l.state);
	assert_int_equal(v.status, 0);
	user_runs(&l, &t, "$A attest --verbose");
	assert_int_equal(t.status, 0);
	assert_non_null(strstr(buf_cstr(&t.out), "Verifying GPU 7: GPU-"));
	assert_non_null(strstr(buf_cstr(&t.out), "    Switch 3 with UUID SWX-"));
	assert_non_null(strstr(buf_cstr(&t.out), "Topology checks     SUCCESS"));
	assert_non_null(strstr(buf_cstr(&t.out), "Ready state         SUCCESS"));
	assert_non_null(strstr(buf_cstr(&t.out), "GPUs: READY (before: READY)\n"));
	close_platform(&l);
}

/* ---- killed ---- */

/* What a healthy node has in its cache stays usable, and what is refused never becomes ready. */
static void killed(void **state)
{
	CLEANUP(said_done) struct said s;
	const unsigned                 steps = TEST_SANITIZED ? 6 : 24;
	struct live                    l;

	(void)state;
	open_platform(&l, "ppcie");
	user_runs(&l, &s, "$A attest -q --no-ready --no-cache");
	assert_int_equal(s.status, 0);
	for (unsigned i = 0; i < 2 * steps; i++) {
		const bool     bad = i % 2 == 0;
		const unsigned us  = (unsigned)(s.ms * 1200 / steps) * (i / 2 + 1);
		pid_t          pid;

		live_say(&l, bad ? "fault measurement-vbios" : "fault none");
		pid = user_starts(&l, "exec $A attest -q%s", bad ? "" : " --no-ready");
		usleep(us);
		kill(pid, SIGKILL);
		assert_int_equal(waitpid(pid, NULL, 0), pid);
		assert_int_equal(user_ready(&l), 0);
	}
	live_say(&l, "fault none");
	said_done(&s);
	attest(&l, "", &s);
	assert_int_equal(s.status, 0);
	assert_int_equal(user_ready(&l), 1);
	close_platform(&l);
}

/* ---- watched ---- */

/* The service manager's end. */
static int manager_open(const char *path)
{
	struct sockaddr_un a  = { .sun_family = AF_UNIX };
	int                fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_true(strlen(path) < sizeof(a.sun_path));
	strcpy(a.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* All words so far. */
static void manager_hears(int fd, struct buf *out)
{
	char    text[1024];
	ssize_t n;

	while ((n = recv(fd, text, sizeof(text), MSG_DONTWAIT)) > 0) {
		buf_put(out, text, (size_t)n);
		buf_byte(out, '\n');
	}
}

/* Until the ready state is this; false when it takes too long. A manager that does not listen is waited for. */
static bool becomes(struct live *l, int ready, int fd, struct buf *words)
{
	const int64_t end = test_now_ms() + 2 * TEST_PATIENCE_MS;

	do {
		manager_hears(fd, words);
		if (user_ready(l) == ready)
			return true;
		usleep(100 * 1000);
	} while (test_now_ms() < end);
	return false;
}

/* Until the manager has heard this. */
static bool says(int fd, struct buf *words, const char *what)
{
	const int64_t end = test_now_ms() + 2 * TEST_PATIENCE_MS;

	do {
		manager_hears(fd, words);
		if (strstr(buf_cstr(words), what) != NULL)
			return true;
		usleep(20 * 1000);
	} while (test_now_ms() < end);
	return false;
}

/* Until this is in the log; the manager is heard meanwhile. */
static bool logs(struct live *l, int fd, struct buf *words, const char *what)
{
	const int64_t end = test_now_ms() + 2 * TEST_PATIENCE_MS;
	char          path[128];

	snprintf(path, sizeof(path), "%s.log", l->state);
	do {
		CLEANUP(buf_done) struct buf log = { 0 };

		manager_hears(fd, words);
		test_read(path, &log);
		if (strstr(buf_cstr(&log), what) != NULL)
			return true;
		usleep(20 * 1000);
	} while (test_now_ms() < end);
	return false;
}

static void watched(void **state)
{
	CLEANUP(buf_done) struct buf words = { 0 }, log = { 0 };
	struct live                  l;
	char                         path[100];
	pid_t                        pid;
	int                          fd, status;

	(void)state;
	open_platform(&l, "single");
	snprintf(path, sizeof(path), "%s.sock", l.state);
	fd = manager_open(path);
	live_say(&l, "fault measurement-vbios");
	pid = user_starts(&l,
		"export NOTIFY_SOCKET=%s WATCHDOG_USEC=2000000; exec $A attest --no-cache --watch 1s --call-timeout 60",
		path);
	assert_true(says(fd, &words, "STATUS=TEST ANCHORS: rejected: 1 GPUs"));
	assert_null(strstr(buf_cstr(&words), "READY=1"));
	live_say(&l, "fault none");
	assert_true(becomes(&l, 1, fd, &words));
	assert_true(says(fd, &words, "READY=1"));
	kill(pid, SIGSTOP);          /* or it would be asked meanwhile */
	live_say(&l, "revoke gpu0"); /* leaves the ready state as it is */
	assert_int_equal(user_ready(&l), 1);
	kill(pid, SIGCONT);
	assert_true(becomes(&l, 0, fd, &words));
	live_say(&l, "reset");
	assert_true(becomes(&l, 1, fd, &words));
	live_say(&l, "unplug gpu0");
	assert_true(becomes(&l, 0, fd, &words));
	live_say(&l, "plug gpu0");
	assert_true(becomes(&l, 1, fd, &words));
	kill(pid, SIGHUP);
	assert_true(logs(&l, fd, &words, "event=asked by=SIGHUP"));
	kill(pid, SIGTERM);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_int_equal(user_ready(&l), 1);
	manager_hears(fd, &words);
	assert_non_null(strstr(buf_cstr(&words), "WATCHDOG=1"));
	assert_non_null(strstr(buf_cstr(&words), "STOPPING=1"));
	close(fd);
	snprintf(path, sizeof(path), "%s.log", l.state);
	test_read(path, &log);
	assert_non_null(
		strstr(buf_cstr(&log), "event=attested verdict=rejected exit=1 gpus=1"));
	assert_non_null(strstr(buf_cstr(&log),
		"event=finding id=gpu.measurements subject=gpu0 outcome=fail code=MEASUREMENT_MISMATCH message=\""));
	assert_non_null(strstr(buf_cstr(&log), " ready=yes was_ready=no"));
	assert_non_null(strstr(buf_cstr(&log), "event=asked by=SIGHUP"));
	assert_non_null(strstr(buf_cstr(&log), "event=stopped"));
	close_platform(&l);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest walk[] = { cmocka_unit_test(gallery) };
	const struct CMUnitTest td[]   = { cmocka_unit_test(gallery_of_td) };
	const struct CMUnitTest rest[] = {
		cmocka_unit_test(two_at_once),
		cmocka_unit_test(mode_unsaid),
		cmocka_unit_test(options),
		cmocka_unit_test(killed),
		cmocka_unit_test(watched),
	};

	profile = argc > 1 ? argv[1] : "rest";
	if (strcmp(profile, "rest") == 0)
		return cmocka_run_group_tests(rest, NULL, NULL);
	if (strcmp(profile, "td") == 0)
		return cmocka_run_group_tests(td, NULL, NULL);
	return cmocka_run_group_tests(walk, NULL, NULL);
}
