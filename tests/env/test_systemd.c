/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit's state from a bus that a child plays: it answers, refuses, says something else, or nothing at all. */
#include "env/systemd.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "still.h"
#include "test.h"

#define UNIT "nvidia-persistenced.service"

/* What the manager says. NULL: an error. */
struct play {
	const char *name, *load, *active;
	bool mute, refuse, rude; /* never answers; knows no such unit; does not even greet */
	enum unit_state state;
};

static const struct play plays[] = {
	{ "active", "loaded", "active", false, false, false, UNIT_ACTIVE },
	{ "reloading", "loaded", "reloading", false, false, false, UNIT_ACTIVE },
	{ "activating", "loaded", "activating", false, false, false, UNIT_ACTIVATING },
	{ "inactive", "loaded", "inactive", false, false, false, UNIT_INACTIVE },
	{ "going", "loaded", "deactivating", false, false, false, UNIT_INACTIVE },
	{ "failed", "loaded", "failed", false, false, false, UNIT_FAILED },
	{ "absent", "not-found", "inactive", false, false, false, UNIT_ABSENT },
	{ "a word that nobody knows", "loaded", "sleeping", false, false, false, UNIT_UNKNOWN },
	{ "no state", "loaded", NULL, false, false, false, UNIT_UNKNOWN },
	{ "refused", "loaded", "active", false, true, false, UNIT_UNKNOWN },
	{ "no answer", "loaded", "active", true, false, false, UNIT_UNKNOWN },
	{ "no greeting", "loaded", "active", true, false, true, UNIT_UNKNOWN },
};

static bool ignored; /* a call, by who is mute */

static int reply_text(sd_bus_message *m, const char *type, const char *text)
{
	return text == NULL ? sd_bus_reply_method_errorf(m, SD_BUS_ERROR_FAILED, "no")
			    : sd_bus_reply_method_return(m, type, text);
}

static int property(sd_bus_message *m, const struct play *p)
{
	const char *interface, *name, *value;

	if (sd_bus_message_read(m, "ss", &interface, &name) < 0)
		return -1;
	value = strcmp(name, "LoadState") == 0 ? p->load : p->active;
	return value == NULL ? reply_text(m, "", NULL)
			     : sd_bus_reply_method_return(m, "v", "s", value);
}

static int answer(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	const struct play *p      = ctx;
	const char        *member = sd_bus_message_get_member(m), *unit = "";

	(void)error;
	if (member == NULL)
		return 0;
	if (strcmp(member, "Hello") == 0 && !p->rude)
		return reply_text(m, "s", ":1.7");
	if (p->mute) {
		ignored = true;
		return 1;
	}
	if (strcmp(member, "Get") == 0)
		return property(m, p);
	if (strcmp(member, "LoadUnit") != 0 || sd_bus_message_read(m, "s", &unit) < 0 ||
		strcmp(unit, UNIT) != 0 || p->refuse)
		return reply_text(m, "", NULL);
	return reply_text(m, "o", "/org/freedesktop/systemd1/unit/x");
}

static void serve(int listener, const struct play *p)
{
	sd_bus    *bus = NULL;
	sd_id128_t id;
	int        fd = accept(listener, NULL, NULL);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (sd_id128_randomize(&id) < 0 || sd_bus_new(&bus) < 0 ||
		sd_bus_set_fd(bus, fd, fd) < 0 || sd_bus_set_server(bus, 1, id) < 0 ||
		sd_bus_set_anonymous(bus, 1) < 0 ||
		sd_bus_add_filter(bus, NULL, answer, (void *)(uintptr_t)p) < 0 ||
		sd_bus_start(bus) < 0)
		_exit(1);
	for (;;) {
		int r = sd_bus_process(bus, NULL);

		if (ignored)
			still_hurry();
		if (r < 0 || (r == 0 && sd_bus_wait(bus, UINT64_MAX) < 0))
			_exit(0);
	}
}

/* A bus of that play, where sd-bus will look for it. */
struct stage {
	struct sockaddr_un at;
	int                listener;
	pid_t              pid;
};

static void stage_open(struct stage *s, const struct play *p)
{
	char address[160];

	*s = (struct stage){ .at.sun_family = AF_UNIX,
		.listener                   = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) };
	snprintf(s->at.sun_path, sizeof(s->at.sun_path), "/tmp/assay-bus-%d", (int)getpid());
	unlink(s->at.sun_path);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&s->at, sizeof(s->at)), 0);
	assert_int_equal(listen(s->listener, 1), 0);
	snprintf(address, sizeof(address), "unix:path=%s", s->at.sun_path);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	s->pid = fork();
	if (s->pid == 0 && p == NULL) { /* nobody takes the connection */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		still_hurry();
	}
	if (s->pid == 0)
		serve(s->listener, p);
}

static void stage_close(struct stage *s)
{
	if (s->pid > 0) {
		kill(s->pid, SIGKILL);
		waitpid(s->pid, NULL, 0);
	}
	close(s->listener);
	unlink(s->at.sun_path);
}

static void states(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(plays); i++) {
		struct stage s;

		print_message("%s\n", plays[i].name);
		stage_open(&s, &plays[i]);
		assert_int_equal(unit_state(UNIT), plays[i].state);
		stage_close(&s);
	}
}

static void nobody(void **state)
{
	struct stage s;

	(void)state;
	stage_open(&s, NULL);
	assert_int_equal(unit_state(UNIT), UNIT_UNKNOWN);
	stage_close(&s);
}

/* While the GPUs are brought up, no command asks them. */
static void commands(void **state)
{
	static const struct {
		size_t      play;
		const char *arguments, *says;
		int         status;
	} rows[] = {
		{ 2, "collect -q -d gpu", UNIT " is still activating", 5 },
		{ 2, "ready get", UNIT " is still activating", 5 },
		{ 2, "ready set", UNIT " is still activating", 5 },
		{ 0, "ready get x", "get, set or clear", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf line = { 0 };
		char                         said[4096];
		size_t                       n;
		struct stage                 s;
		FILE                        *f;

		print_message("%s\n", rows[i].arguments);
		stage_open(&s, &plays[rows[i].play]);
		buf_printf(&line, "LD_LIBRARY_PATH= timeout 60 %s/assay %s 2>&1",
			getenv("ASSAY_BUILD"), rows[i].arguments);
		f       = popen(buf_cstr(&line), "re");
		n       = fread(said, 1, sizeof(said) - 1, f);
		said[n] = 0;
		n       = (size_t)pclose(f);
		stage_close(&s);
		if (strstr(said, rows[i].says) == NULL)
			fail_msg("%s", said);
		assert_int_equal(WEXITSTATUS(n), rows[i].status);
	}
}

static void no_bus(void **state)
{
	(void)state;
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
	assert_int_equal(unit_state(UNIT), UNIT_UNKNOWN);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "nonsense", 1);
	assert_int_equal(unit_state(UNIT), UNIT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states),
		cmocka_unit_test(nobody),
		cmocka_unit_test(no_bus),
		cmocka_unit_test(commands),
	};

	still_begin();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
