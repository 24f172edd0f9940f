/* SPDX-License-Identifier: Apache-2.0
 *
 * Processes behind doors that hang, crash, lie and shout: each costs its own device, never the others, and no more time
 * than there is. */
#include "collect/door.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "still.h"
#include "test.h"

#define DEVICES 3
#define CALL_MS 300
#define HOUR_MS 3600000 /* for all calls, where one of them is to be late */

/* Of all processes. */
static struct {
	int  here; /* how many wait for each other */
	bool met, over;
} * common;

static const uint8_t bytes64[64] = { 1 };

static void give(struct teller *t, uint32_t i)
{
	tell_text(t, RECORD_UUID, i, "GPU-1");
	tell(t, RECORD_REPORT, i, BYTES_OF(bytes64));
	tell(t, RECORD_CHAIN, i, BYTES("-----BEGIN"));
	tell(t, RECORD_ASKED, i, (struct bytes){ 0 });
}

/* Three devices; the one in the middle does this. */
static void three(const bool *pass, struct teller *t, void (*act)(struct teller *t))
{
	tell_call(t, RECORD_SYSTEM, "count");
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, DEVICES);
	for (uint32_t i = 0; i < DEVICES; i++) {
		if (pass[i])
			continue;
		tell_call(t, i, "report");
		if (i == 1)
			act(t);
		give(t, i);
	}
}

static void hang(struct teller *t)
{
	(void)t;
	still_hurry();
}

static void spin(struct teller *t)
{
	(void)t;
	for (volatile unsigned i = 0;; i++)
		if (i % 1000000 == 0)
			still_pass(1);
}

static void segfault(struct teller *t)
{
	(void)t;
	signal(SIGSEGV, SIG_DFL); /* a sanitizer would turn it into an exit */
	raise(SIGSEGV);
}

static void aborts(struct teller *t)
{
	(void)t;
	abort();
}

static void leaves(struct teller *t)
{
	(void)t;
	_exit(3);
}

static void leaves_well(struct teller *t)
{
	(void)t;
	_exit(0);
}

static void garbage(struct teller *t)
{
	if (write(t->fd, "\377\377\377\377\377\377\377\377\377\377\377\377", 12) != 12)
		_exit(1);
	hang(t);
}

static void cut(struct teller *t)
{
	if (write(t->fd, "\0\0\0\0", 4) != 4)
		_exit(1);
	_exit(0);
}

static void other_number(struct teller *t)
{
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, DEVICES + 1);
	hang(t);
}

static void nothing(struct teller *t)
{
	tell(t, RECORD_ASKED, 1, (struct bytes){ 0 });
	tell(t, RECORD_ASKED, 2, (struct bytes){ 0 });
	tell(t, RECORD_DONE, RECORD_SYSTEM, (struct bytes){ 0 });
	_exit(0);
}

static void closes(struct teller *t)
{
	close(t->fd);
	hang(t);
}

/* Somebody else keeps the pipe open: its end is not seen, the deadline is. */
static void inherits(struct teller *t)
{
	if (fork() == 0) {
		for (int i = 0; i < TEST_PATIENCE_MS && !common->over; i++) {
			usleep(1000);
			still_pass(10);
		}
		_exit(0);
	}
	segfault(t);
}

static const struct {
	const char *name;
	void (*act)(struct teller *t);
	enum assay_code code;
	const char     *says;
} acts[] = {
	{ "hangs", hang, ASSAY_DEVICE_TIMEOUT, "report did not come back within 0.3 seconds" },
	{ "loops", spin, ASSAY_DEVICE_TIMEOUT, "report did not come back" },
	{ "crashes", segfault, ASSAY_DEVICE_CRASHED, "crashed in report: signal 11" },
	{ "aborts", aborts, ASSAY_DEVICE_CRASHED, "crashed in report: signal 6" },
	{ "ends the process", leaves, ASSAY_DEVICE_CRASHED, "in report: exit status 3" },
	{ "as if all were well", leaves_well, ASSAY_DEVICE_CRASHED,
		"in report: exit status 0" },
	{ "garbage", garbage, ASSAY_DEVICE_REPLY, "sent what it should not: key" },
	{ "half a record", cut, ASSAY_DEVICE_CRASHED, "in report: exit status 0" },
	{ "one device more", other_number, ASSAY_DEVICE_REPLY, "names 4 devices" },
	{ "closes the pipe", closes, ASSAY_DEVICE_CRASHED, "crashed in report: signal 9" },
	{ "leaves a child behind", inherits, ASSAY_DEVICE_TIMEOUT, "report did not come back" },
};

static void ask_act(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	three(pass, t, acts[*(const size_t *)ctx].act);
}

static void go(const struct door_way *gpu, const struct door_way *other, struct collected *out)
{
	struct door_way        way[DEVICE_KINDS] = { 0 };
	struct collect_request r                 = {
				.evidence = true, .call_ms = CALL_MS, .total_ms = HOUR_MS
	};
	struct assay_err e = { 0 };

	way[DEVICE_GPU] = *gpu;
	if (other != NULL)
		way[DEVICE_NVSWITCH] = *other;
	test_must(door_collect(&r, way, out, &e), &e);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	assert_int_equal(errno, ECHILD);
}

static void one_of_three(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		CLEANUP(collected_done) struct collected c;

		print_message("%s\n", acts[i].name);
		common->over = false;
		go(&(struct door_way){ ask_act, &i }, NULL, &c);
		common->over = true;
		assert_int_equal(c.devices, DEVICES);
		assert_true(c.opened[DEVICE_GPU]);
		for (size_t k = 0; k < DEVICES; k++) {
			assert_int_equal(c.device[k].index, k);
			assert_int_equal(
				c.device[k].fault.code, k == 1 ? acts[i].code : ASSAY_OK);
			assert_int_equal(c.device[k].report.n, k == 1 ? 0 : sizeof(bytes64));
		}
		if (strstr(assay_err_text(&c.device[1].fault), acts[i].says) == NULL)
			fail_msg("%s", assay_err_text(&c.device[1].fault));
	}
}

static void ask_silent(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)ctx;
	three(pass, t, nothing);
}

/* It said that all were asked, and gave nothing. */
static void silent(void **state)
{
	CLEANUP(collected_done) struct collected c;

	(void)state;
	go(&(struct door_way){ ask_silent, NULL }, NULL, &c);
	assert_int_equal(c.device[0].fault.code, ASSAY_OK);
	assert_int_equal(c.device[1].fault.code, ASSAY_DEVICE_REPLY);
	assert_int_equal(c.device[2].fault.code, ASSAY_DEVICE_REPLY);
}

static void say_nothing(struct teller *t)
{
	(void)t;
}

/* Ctrl-C is for all processes of a terminal, and for the caller to obey. */
static void ask_deaf(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)ctx;
	raise(SIGINT);
	raise(SIGTERM);
	raise(SIGHUP);
	three(pass, t, say_nothing);
}

static void deaf(void **state)
{
	CLEANUP(collected_done) struct collected c;

	(void)state;
	go(&(struct door_way){ ask_deaf, NULL }, NULL, &c);
	assert_int_equal(c.fault[DEVICE_GPU].code, ASSAY_OK);
	for (size_t i = 0; i < DEVICES; i++)
		assert_int_equal(c.device[i].fault.code, ASSAY_OK);
}

/* Before any device is known, the door is at fault; and who says nothing at all. */
static void ask_door(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	void (*act)(struct teller * t);

	(void)pass;
	memcpy(&act, ctx, sizeof(act));
	tell_call(t, RECORD_SYSTEM, "init");
	act(t);
}

static void shut(void **state)
{
	static const struct {
		void (*act)(struct teller *t);
		enum assay_code code;
	} rows[] = {
		{ hang, ASSAY_DEVICE_TIMEOUT },
		{ segfault, ASSAY_DEVICE_CRASHED },
		{ garbage, ASSAY_DEVICE_REPLY },
		{ say_nothing, ASSAY_DEVICE_REPLY },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(collected_done) struct collected c;

		go(&(struct door_way){ ask_door, &rows[i].act }, NULL, &c);
		assert_int_equal(c.fault[DEVICE_GPU].code, rows[i].code);
		assert_false(c.opened[DEVICE_GPU]);
		assert_int_equal(c.devices, 0);
	}
}

/* Before anything of the vendor's was touched, as without /dev/null: that is no library's fault. */
static void ask_nothing(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)ctx;
	(void)pass;
	leaves(t);
}

static void not_set_up(void **state)
{
	const struct door_way        way[DEVICE_KINDS] = { { ask_nothing, NULL } };
	const struct collect_request r                 = { .call_ms = CALL_MS };
	struct collected             c;
	struct assay_err             e = { 0 };

	(void)state;
	assert_int_equal(door_collect(&r, way, &c, &e), ASSAY_INTERNAL);
	assert_non_null(strstr(assay_err_text(&e), "could not be set up"));
}

/* Everything hangs: the whole has a limit, and the last are not even asked. */
static void ask_all_hang(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)ctx;
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, 8);
	for (uint32_t i = 0; i < 8; i++)
		if (!pass[i]) {
			tell_call(t, i, "report");
			hang(t);
		}
}

/* Calls without end, each short: the limit of one call never comes. */
static void ask_flood(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)ctx;
	(void)pass;
	for (;;) {
		still_pass(1);
		tell_call(t, RECORD_SYSTEM, "again");
	}
}

static const struct collect_request limited = {
	.evidence = true,
	.must     = { [DEVICE_NVSWITCH] = true },
	.call_ms  = 200,
	.total_ms = 500,
};

static void whole(void **state)
{
	const struct door_way way[DEVICE_KINDS]    = { [DEVICE_GPU] = { ask_all_hang, NULL } };
	CLEANUP(collected_done) struct collected c = { 0 };
	struct assay_err                         e = { 0 };
	const int64_t                            begun = test_now_ms();

	(void)state;
	test_must(door_collect(&limited, way, &c, &e), &e);
	assert_true(test_now_ms() - begun >= 500);
	assert_int_equal(c.devices, 8);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(c.device[i].fault.code, ASSAY_DEVICE_TIMEOUT);
	assert_non_null(strstr(assay_err_text(&c.device[7].fault), "not asked"));
}

static void flood(void **state)
{
	const struct door_way way[DEVICE_KINDS] = { [DEVICE_NVSWITCH] = { ask_flood, NULL } };
	CLEANUP(collected_done) struct collected c = { 0 };
	struct assay_err                         e = { 0 };

	(void)state;
	test_must(door_collect(&limited, way, &c, &e), &e);
	assert_int_equal(c.fault[DEVICE_NVSWITCH].code, ASSAY_DEVICE_TIMEOUT);
	assert_non_null(strstr(assay_err_text(&c.fault[DEVICE_NVSWITCH]), "for all devices"));
}

/* Two that hang do so side by side: each waits for the other before time goes on. */
static void hang_together(struct teller *t)
{
	__atomic_add_fetch(&common->here, 1, __ATOMIC_SEQ_CST);
	for (int i = 0; i < TEST_PATIENCE_MS && !common->met; i++) {
		usleep(1000);
		common->met = __atomic_load_n(&common->here, __ATOMIC_SEQ_CST) == 2;
	}
	hang(t);
}

static void side_by_side(void **state)
{
	CLEANUP(collected_done) struct collected c;
	void (*act)(struct teller * t) = hang_together;
	struct door_way way            = { ask_door, &act };

	(void)state;
	go(&way, &way, &c);
	assert_true(common->met);
	assert_int_equal(c.fault[DEVICE_GPU].code, ASSAY_DEVICE_TIMEOUT);
	assert_int_equal(
		c.fault[DEVICE_NVSWITCH].code, ASSAY_OK); /* nobody says that there are any */
}

/* A switch door that does not open is a fault when somebody says that it must. */
static void ask_mode(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)pass;
	tell_int(t, RECORD_MULTI_GPU, RECORD_SYSTEM, *(const int *)ctx);
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, 0);
}

static void needed(void **state)
{
	void (*act)(struct teller * t) = segfault;

	(void)state;
	for (int mode = 0; mode <= 2; mode++) {
		CLEANUP(collected_done) struct collected c;

		go(&(struct door_way){ ask_mode, &mode }, &(struct door_way){ ask_door, &act },
			&c);
		assert_int_equal(c.fault[DEVICE_NVSWITCH].code,
			mode == 1 ? ASSAY_DEVICE_CRASHED : ASSAY_OK);
		assert_false(c.opened[DEVICE_NVSWITCH]);
	}
}

/* What the process has: /dev/null thrice, its pipe, no core file; and it was told no secret by open files. */
static void ask_inside(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	unsigned    bad = 0;
	struct stat s;
	sigset_t    mask;

	(void)ctx;
	(void)pass;
	for (int fd = 0; fd < 3; fd++)
		bad += fstat(fd, &s) != 0 || !S_ISCHR(s.st_mode) || s.st_rdev != makedev(1, 3);
	for (int fd = 3; fd < 1024; fd++)
		bad += fd != t->fd && fcntl(fd, F_GETFD) >= 0;
	bad += (fcntl(t->fd, F_GETFD) & FD_CLOEXEC) == 0;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	bad += sigismember(&mask, SIGUSR1) != 0 || signal(SIGUSR2, SIG_DFL) != SIG_DFL;
	puts("noise on standard output");
	fflush(stdout);
	tell_int(t, RECORD_READY, RECORD_SYSTEM, (int)bad);
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, 0);
}

static void inside(void **state)
{
	CLEANUP(collected_done) struct collected c;
	int                                      fd = open("/etc/hostname", O_RDONLY);
	sigset_t                                 mask, before;

	(void)state;
	assert_true(fd >= 0);
	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR1);
	sigprocmask(SIG_BLOCK, &mask, &before);
	signal(SIGUSR2, SIG_IGN);
	go(&(struct door_way){ ask_inside, NULL }, NULL, &c);
	signal(SIGUSR2, SIG_DFL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(fd);
	assert_int_equal(c.fault[DEVICE_GPU].code, ASSAY_OK);
	assert_int_equal(c.system.ready, 0);
}

/* It ends with the one that asked, however that ends. */
static void ask_orphan(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)pass;
	(void)t;
	*(volatile pid_t *)*(void *const *)ctx = getpid();
	for (;;)
		pause();
}

static void orphan(void **state)
{
	volatile pid_t *child;
	void           *shared;
	pid_t           middle;

	(void)state;
	shared = mmap(
		NULL, sizeof(pid_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	child  = shared;
	middle = fork();
	if (middle == 0) {
		struct door_way              way[DEVICE_KINDS] = { { ask_orphan, &shared } };
		const struct collect_request r                 = { .call_ms = 20000 };
		struct collected             c;
		struct assay_err             e;

		door_collect(&r, way, &c, &e);
		_exit(0);
	}
	for (int i = 0; i < TEST_PATIENCE_MS && *child == 0; i++)
		usleep(1000);
	assert_true(*child > 0);
	kill(middle, SIGKILL);
	waitpid(middle, NULL, 0);
	for (int i = 0; i < TEST_PATIENCE_MS && kill(*child, 0) == 0; i++) {
		char  path[64], stat = 0;
		FILE *f;

		snprintf(path, sizeof(path), "/proc/%d/stat", (int)*child);
		f = fopen(path, "re");
		if (f == NULL || fscanf(f, "%*d (%*[^)]) %c", &stat) != 1)
			stat = 'Z';
		if (f != NULL)
			fclose(f);
		if (stat == 'Z')
			return; /* dead; whoever is init here may be slow to take note */
		usleep(1000);
	}
	assert_int_equal(kill(*child, 0), -1);
}

/* ---- a process that stays ---- */

static void number_of(struct teller *t, int n)
{
	tell_int(t, RECORD_CPU_CAPS, RECORD_SYSTEM, n);
	tell_int(t, RECORD_COUNT, RECORD_SYSTEM, 0);
}

/* Who it is; the errand's number says what it does then. */
enum { TELL_WHO, HANG, CRASH, LEAVE };

static void who_again(const struct errand *x, struct teller *t)
{
	tell_call(t, RECORD_SYSTEM, x->survey ? "survey" : "ready");
	if (x->ready == HANG)
		hang(t);
	if (x->ready == CRASH)
		segfault(t);
	number_of(t, (int)getpid());
	if (x->ready == LEAVE) {
		tell(t, RECORD_DONE, RECORD_SYSTEM, (struct bytes){ 0 });
		_exit(0);
	}
}

static void ask_who(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	(void)ctx;
	(void)pass;
	number_of(t, (int)getpid());
}

static void ask_who_faulty(const void *ctx, const bool pass[EVIDENCE_DEVICES], struct teller *t)
{
	struct assay_err why = { 0 };

	err_set(&why, ASSAY_DEVICE_ERROR, "no");
	tell_fault(t, RECORD_SYSTEM, &why);
	ask_who(ctx, pass, t);
}

static void errand_of(
	struct collect_kept *kept, const struct door_way *gpu, struct collected *c)
{
	const struct door_way        way[DEVICE_KINDS] = { [DEVICE_GPU] = *gpu };
	const struct collect_request r                 = {
				.call_ms = CALL_MS, .total_ms = HOUR_MS, .kept = kept
	};
	struct assay_err e = { 0 };

	test_must(door_collect(&r, way, c, &e), &e);
}

/* Which process answered, and what was wrong. */
static int who(struct collect_kept *kept, const struct door_way *way, enum assay_code *code)
{
	CLEANUP(collected_done) struct collected c = { 0 };

	errand_of(kept, way, &c);
	*code = c.fault[DEVICE_GPU].code;
	return c.system.cpu_caps;
}

static void nobody_left(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void stays(void **state)
{
	static const struct {
		const char     *name;
		int             errand;
		enum assay_code code;
		bool            same,
			after; /* this errand's process is the first one; so is the next one's */
	} rows[] = {
		{ "tells", TELL_WHO, ASSAY_OK, true, true },
		{ "hangs", HANG, ASSAY_DEVICE_TIMEOUT, false, false },
		{ "crashes", CRASH, ASSAY_DEVICE_CRASHED, false, false },
		{ "tells and leaves", LEAVE, ASSAY_OK, true, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(collect_kept_done) struct collect_kept kept = { 0 };
		const struct errand next = { .ready = rows[i].errand };
		const struct errand last = { .survey = true };
		enum assay_code     code;
		siginfo_t           gone;
		int                 first, then;

		print_message("%s\n", rows[i].name);
		first = who(&kept, &(struct door_way){ ask_who, NULL, who_again, NULL }, &code);
		assert_int_equal(code, ASSAY_OK);
		assert_int_equal(first, kept.pid[DEVICE_GPU]);
		then = who(&kept, &(struct door_way){ ask_who, NULL, who_again, &next }, &code);
		assert_int_equal(code, rows[i].code);
		assert_int_equal(then == first, rows[i].same);
		if (rows[i].errand == LEAVE) /* until it has, and is still to be waited for */
			assert_int_equal(
				waitid(P_PID, (id_t)first, &gone, WEXITED | WNOWAIT), 0);
		then = who(&kept, &(struct door_way){ ask_who, NULL, who_again, &last }, &code);
		assert_int_equal(code, ASSAY_OK);
		assert_int_equal(then == first, rows[i].after);
		collect_kept_done(&kept);
		nobody_left();
	}
}

/* A new errand that a kept process cannot do gets a new process; one that told of a fault does not stay, nor does any
 * where none is to. */
static void goes(void **state)
{
	CLEANUP(collect_kept_done) struct collect_kept kept = { 0 };
	const struct door_way                          way = { ask_who, NULL, who_again, NULL };
	enum assay_code                                code;
	int                                            first;

	(void)state;
	first = who(&kept, &way, &code);
	assert_int_not_equal(who(&kept, &way, &code), first);
	who(&kept, &(struct door_way){ ask_who_faulty, NULL, who_again, NULL }, &code);
	assert_int_equal(code, ASSAY_DEVICE_ERROR);
	assert_int_equal(kept.pid[DEVICE_GPU], 0);
	nobody_left();
	assert_true(who(NULL, &(struct door_way){ ask_who, NULL, NULL, NULL }, &code) > 0);
	assert_true(who(NULL, &way, &code) > 0);
	nobody_left();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_three),
		cmocka_unit_test(silent),
		cmocka_unit_test(shut),
		cmocka_unit_test(not_set_up),
		cmocka_unit_test(deaf),
		cmocka_unit_test(whole),
		cmocka_unit_test(flood),
		cmocka_unit_test(side_by_side),
		cmocka_unit_test(needed),
		cmocka_unit_test(inside),
		cmocka_unit_test(orphan),
		cmocka_unit_test(stays),
		cmocka_unit_test(goes),
	};

	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		-1, 0);
	if (common == MAP_FAILED)
		return 1;
	still_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
