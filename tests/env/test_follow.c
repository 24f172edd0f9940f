/* SPDX-License-Identifier: Apache-2.0
 *
 * A start that is followed, on a bus that a child plays: the unit changes its state once that was told, and says so by a
 * signal. No time passes, so that nothing else can wake who follows; but where a start takes too long. */
#include "env/systemd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "still.h"
#include "test.h"

#define UNIT   "nvidia-persistenced.service"
#define OBJECT "/org/freedesktop/systemd1/unit/x"

struct play {
	const char     *name, *first, *then; /* then NULL: it stays so */
	uint32_t        job;
	enum unit_state state;
	bool            late;
};

static const struct play plays[] = {
	{ "active already", "active", NULL, 0, UNIT_ACTIVE, false },
	{ "failed already", "failed", NULL, 0, UNIT_FAILED, false },
	{ "nobody starts it", "inactive", NULL, 0, UNIT_INACTIVE, false },
	{ "it comes up", "activating", "active", 0, UNIT_ACTIVE, false },
	{ "it fails", "activating", "failed", 0, UNIT_FAILED, false },
	{ "it waits for its turn", "inactive", "active", 7, UNIT_ACTIVE, false },
	{ "it takes too long", "activating", NULL, 0, UNIT_ACTIVATING, true },
};

#define WAIT_MS 5000

static const struct play *play;
static bool               changed;
static size_t            *told; /* shared: how often the unit's facts were */

static int property(sd_bus_message *m)
{
	const char *interface, *name;

	if (sd_bus_message_read(m, "ss", &interface, &name) < 0)
		return -1;
	if (strcmp(name, "ActiveState") == 0)
		return sd_bus_reply_method_return(
			m, "v", "s", changed ? play->then : play->first);
	if (strcmp(name, "LoadState") == 0)
		return sd_bus_reply_method_return(m, "v", "s", "loaded");
	if (strcmp(name, "Job") == 0)
		return sd_bus_reply_method_return(
			m, "v", "(uo)", changed ? 0 : play->job, OBJECT);
	if (strcmp(name, "TimeoutStartUSec") == 0)
		return sd_bus_reply_method_return(m, "v", "t", (uint64_t)900000000);
	if (strcmp(name, "SubState") == 0 || strcmp(name, "UnitFileState") == 0)
		return sd_bus_reply_method_return(m, "v", "s", "x");
	return sd_bus_reply_method_errorf(m, SD_BUS_ERROR_UNKNOWN_PROPERTY, "no");
}

static int answer(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	const char *member = sd_bus_message_get_member(m);

	(void)ctx;
	(void)error;
	if (member == NULL)
		return 0;
	if (strcmp(member, "Hello") == 0)
		return sd_bus_reply_method_return(m, "s", ":1.7");
	if (strcmp(member, "Get") == 0)
		return property(m);
	if (strcmp(member, "LoadUnit") == 0)
		return sd_bus_reply_method_return(m, "o", OBJECT);
	return sd_bus_reply_method_return(m, ""); /* AddMatch, Subscribe */
}

/* A bus puts the sender's own name on what it passes on. */
static void tell_change(sd_bus *bus)
{
	sd_bus_message *m = NULL;

	if (sd_bus_message_new_signal(bus, &m, OBJECT, "org.freedesktop.DBus.Properties",
		    "PropertiesChanged") < 0 ||
		sd_bus_message_append(m, "sa{sv}as", "org.freedesktop.systemd1.Unit", 0, 1,
			"ActiveState") < 0 ||
		sd_bus_message_set_sender(m, ":1.1") < 0 || sd_bus_send(bus, m, NULL) < 0)
		_exit(1);
	sd_bus_message_unref(m);
}

static void serve(int listener)
{
	sd_bus    *bus = NULL;
	sd_id128_t id;
	int        fd = accept(listener, NULL, NULL);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sd_id128_randomize(&id) < 0 || sd_bus_new(&bus) < 0 ||
		sd_bus_set_fd(bus, fd, fd) < 0 || sd_bus_set_server(bus, 1, id) < 0 ||
		sd_bus_set_anonymous(bus, 1) < 0 ||
		sd_bus_add_filter(bus, NULL, answer, NULL) < 0 || sd_bus_start(bus) < 0)
		_exit(1);
	for (;;) {
		int r = sd_bus_process(bus, NULL);

		if (r < 0)
			_exit(0);
		if (__atomic_load_n(told, __ATOMIC_SEQ_CST) > 0 && play->late)
			still_hurry();
		if (__atomic_load_n(told, __ATOMIC_SEQ_CST) > 0 && play->then != NULL &&
			!changed) {
			changed = true;
			tell_change(bus);
		}
		if (r == 0)
			usleep(2000);
	}
}

static void count(void *ctx, const struct unit_facts *f)
{
	(void)f;
	__atomic_add_fetch((size_t *)ctx, 1, __ATOMIC_SEQ_CST);
}

static void followed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plays); i++) {
		struct sockaddr_un at       = { .sun_family = AF_UNIX };
		const int          listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		const int64_t      began    = test_now_ms();
		struct unit_facts  f        = { 0 };
		struct assay_err   e        = { 0 };
		char               address[160];
		struct unit_watch  watch = { count, told, (began + WAIT_MS) * 1000 };
		pid_t              pid;

		print_message("%s\n", plays[i].name);
		play    = &plays[i];
		changed = false;
		*told   = 0;
		snprintf(at.sun_path, sizeof(at.sun_path), "/tmp/assay-follow-%d",
			(int)getpid());
		unlink(at.sun_path);
		assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
		assert_int_equal(listen(listener, 1), 0);
		snprintf(address, sizeof(address), "unix:path=%s", at.sun_path);
		setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
		pid = fork();
		if (pid == 0)
			serve(listener);
		test_must(unit_follow(UNIT, &watch, &f, &e), &e);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		close(listener);
		unlink(at.sun_path);
		assert_int_equal(f.state, plays[i].state);
		assert_int_equal(f.start_usec, 900000000);
		/* by signals, not by polling */
		assert_in_range(*told, 1, 11);
		assert_true(plays[i].late ? test_now_ms() - began >= WAIT_MS
					  : test_now_ms() == began);
	}
}

static void no_bus(void **state)
{
	const struct unit_watch w = { count, &(size_t){ 0 }, 0 };
	struct unit_facts       f = { 0 };
	struct assay_err        e = { 0 };

	(void)state;
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/not/there", 1);
	assert_int_equal(unit_follow(UNIT, &w, &f, &e), ASSAY_HOST_UNREAD);
}

static void recorded(void **state)
{
	static const char text[] =
		"Id=a.service\nActiveState=failed\n\nId=" UNIT "\nLoadState=loaded\n"
		"ActiveState=activating\nSubState=start\nTimeoutStartUSec=15min\n"
		"InactiveExitTimestamp=@1764093600\nNeedDaemonReload=yes\n"
		"ExecStart={ path=/a ; argv[]=/a --user root ; flags= }\n\nId=b.service\n"
		"ActiveState=active\n";
	struct unit_facts f = { 0 };

	(void)state;
	assert_true(unit_recorded(BYTES_OF(text), UNIT, &f));
	assert_int_equal(f.state, UNIT_ACTIVATING);
	assert_string_equal(f.exec, "/a --user root");
	assert_true(f.start_usec == 900000000 && f.left_usec == 1764093600000000 && f.reload);
	assert_true(unit_recorded(BYTES_OF(text), "b.service", &f));
	assert_int_equal(f.state, UNIT_ACTIVE);
	assert_int_equal(f.start_usec, 0);
	assert_false(unit_recorded(BYTES_OF(text), "c.service", &f));
	assert_false(unit_recorded(BYTES(""), UNIT, &f));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(followed),
		cmocka_unit_test(no_bus), cmocka_unit_test(recorded) };

	told = mmap(
		NULL, sizeof(*told), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (told == MAP_FAILED)
		return 1;
	still_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
