/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses, Intel's configuration file, and the conversation: with a service that a child plays, byte by byte. */
#include "collect/qgs.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel.h"

#define HEAD(size, n) "\1\0\1\0\1\0\0\0" size "\0\0\0\0\0\0\0\0\0\0\0" n "\0\0\0"
#define LONG                                                                                  \
	"unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static void addresses(void **state)
{
	static const struct {
		const char *text;
		bool        good;
		const char *path;
		unsigned    cid, port;
	} rows[] = {
		{ "unix:/run/qgs.sock", true, "/run/qgs.sock", 0, 0 },
		{ "vsock:4050", true, "", 2, 4050 },
		{ "vsock:3:4050", true, "", 3, 4050 },
		{ "vsock:4294967295", true, "", 2, 4294967295U },
		{ "vsock:4294967296", false, "", 0, 0 },
		{ "vsock:99999999999999999999", false, "", 0, 0 },
		{ "vsock:", false, "", 0, 0 },
		{ "vsock::1", false, "", 0, 0 },
		{ "vsock:1:", false, "", 0, 0 },
		{ "vsock:1:2:3", false, "", 0, 0 },
		{ "vsock:-1", false, "", 0, 0 },
		{ "vsock: 1", false, "", 0, 0 },
		{ "unix:", false, "", 0, 0 },
		{ LONG, false, "", 0, 0 },
		{ "/run/qgs.sock", false, "", 0, 0 },
		{ "", false, "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct qgs_address a = { 0 };
		struct assay_err   e = { 0 };

		print_message("%s\n", rows[i].text);
		assert_int_equal(qgs_address(rows[i].text, &a, &e),
			rows[i].good ? ASSAY_OK : ASSAY_INPUT_OPTION);
		assert_string_equal(a.path, rows[i].path);
		assert_int_equal(a.cid, rows[i].cid);
		assert_int_equal(a.port, rows[i].port);
	}
}

static void configuration(void **state)
{
	static const struct {
		const char *text;
		bool        good, found;
		unsigned    port;
	} rows[] = {
		{ NULL, true, false, 0 },
		{ "", true, false, 0 },
		{ "port=4050", true, true, 4050 },
		{ "# a comment\n\n port = 4050 \n", true, true, 4050 },
		{ "#port=4050\n", true, false, 0 },
		{ "ports=1\nother\nport=7\r\n", true, true, 7 },
		{ "port=1\nport=2\n", true, true, 2 },
		{ "port=\n", false, false, 0 },
		{ "port=4050 # why\n", false, false, 0 },
		{ "port=0x10\n", false, false, 0 },
		{ "port=4294967296\n", false, false, 0 },
		{ "=5\n", true, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct kernel            k     = { .config = rows[i].text };
		const struct guest_calls calls = kernel_calls(&k);
		struct qgs_address       a     = { 0 };
		struct assay_err         e     = { 0 };
		bool                     found = false;

		print_message("%s\n", rows[i].text == NULL ? "absent" : rows[i].text);
		assert_int_equal(qgs_configured(&calls, &a, &found, &e),
			rows[i].good ? ASSAY_OK : ASSAY_QUOTE_SERVICE);
		if (!rows[i].good)
			continue;
		assert_int_equal(found, rows[i].found);
		assert_int_equal(a.port, rows[i].port);
		assert_int_equal(a.cid, found ? 2 : 0);
	}
}

/* --- a service that says these bytes to whoever comes --- */

struct service {
	char  dir[32], address[64];
	pid_t pid;
};

enum manner { ANSWER, SLOWLY, HANG, UNREAD };

static void read_request(int fd)
{
	uint8_t b[1052];
	size_t  n = 0;

	while (n < sizeof(b)) {
		ssize_t r = recv(fd, b + n, sizeof(b) - n, 0);

		if (r <= 0)
			_exit(1);
		n += (size_t)r;
	}
}

__attribute__((noreturn)) static void play(int at, struct bytes say, enum manner manner)
{
	int fd = accept(at, NULL, NULL);

	alarm(2 * TEST_PATIENCE_MS / 1000);
	if (manner != UNREAD)
		read_request(fd);
	for (size_t i = 0; i < say.n; i++) {
		if (send(fd, say.p + i, 1, MSG_NOSIGNAL) != 1)
			_exit(1);
		if (manner == SLOWLY)
			usleep(1000);
	}
	if (manner == HANG)
		pause();
	_exit(0);
}

static void service_open(struct service *s, struct bytes say, enum manner manner)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int                at = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*s = (struct service){ .dir = "/tmp/assay-qgs-XXXXXX" };
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->address, sizeof(s->address), "unix:%s/s", s->dir);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s/s", s->dir);
	assert_int_equal(bind(at, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(listen(at, 1), 0);
	s->pid = fork();
	assert_true(s->pid >= 0);
	if (s->pid == 0)
		play(at, say, manner);
	close(at);
}

static void service_close(struct service *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	unlink(s->address + strlen("unix:"));
	rmdir(s->dir);
}

static const struct {
	const char     *name;
	struct bytes    say;
	enum manner     manner;
	enum assay_code code;
	const char     *quote, *says;
} talks[] = {
	{ "whole", BYTES("\0\0\0\33" HEAD("\33", "\3") "abc"), ANSWER, ASSAY_OK, "abc", "" },
	{ "byte by byte", BYTES("\0\0\0\33" HEAD("\33", "\3") "abc"), SLOWLY, ASSAY_OK, "abc",
		"" },
	{ "more than a reply", BYTES("\0\0\0\33" HEAD("\33", "\3") "abcdef"), ANSWER, ASSAY_OK,
		"abc", "" },
	{ "closed at once", BYTES(""), ANSWER, ASSAY_QUOTE_REPLY, "", "closes the connection" },
	{ "cut in the length", BYTES("\0\0"), ANSWER, ASSAY_QUOTE_REPLY, "", "after 2 bytes" },
	{ "cut in the body", BYTES("\0\0\0\33" HEAD("\33", "\3")), ANSWER, ASSAY_QUOTE_REPLY,
		"", "ends after 24 of 27 bytes" },
	{ "4 GiB", BYTES("\377\377\377\377"), HANG, ASSAY_QUOTE_REPLY, "",
		"a reply of 4294967295 bytes" },
	{ "never answers", BYTES(""), HANG, ASSAY_QUOTE_TIMEOUT, "", "no answer in time" },
	{ "hangs in the body", BYTES("\0\0\0\33" HEAD("\33", "\3")), HANG, ASSAY_QUOTE_TIMEOUT,
		"", "no answer in time" },
	/* a reset, or a broken pipe where it was quicker than the request */
	{ "hangs up on the request", BYTES(""), UNREAD, ASSAY_QUOTE_SERVICE, "",
		"the request: " },
	{ "garbage",
		BYTES("\0\0\0\33\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"
		      "\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa\xaa"),
		ANSWER, ASSAY_QUOTE_REPLY, "", "says that it has" },
	{ "refuses", BYTES("\0\0\0\30\1\0\1\0\1\0\0\0\30\0\0\0\1\40\1\0\0\0\0\0\0\0\0\0"),
		ANSWER, ASSAY_QUOTE_SERVICE, "", "error 0x12001" },
};

static void conversation(void **state)
{
	static const uint8_t report[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(talks); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };
		struct qgs_address           to;
		struct service               s;

		print_message("%s\n", talks[i].name);
		service_open(&s, talks[i].say, talks[i].manner);
		test_must(qgs_address(s.address, &to, &e), &e);
		assert_int_equal(
			qgs_quote(&to, report,
				talks[i].code == ASSAY_QUOTE_TIMEOUT ? 700 : TEST_PATIENCE_MS,
				&out, &e),
			talks[i].code);
		service_close(&s);
		assert_true(bytes_equal(buf_bytes(&out), bytes_text(talks[i].quote)));
		if (strstr(assay_err_text(&e), talks[i].says) == NULL)
			fail_msg("%s", assay_err_text(&e));
		if (talks[i].code != ASSAY_OK)
			assert_non_null(strstr(assay_err_text(&e), s.address));
	}
}

/* Nobody there: another way may be tried. */
static void nobody(void **state)
{
	static const char *const rows[] = { "unix:/nonexistent/s", "unix:/dev/null",
		"vsock:77:1" };
	static const uint8_t     report[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };
		struct qgs_address           to;
		enum assay_code              code;

		print_message("%s\n", rows[i]);
		test_must(qgs_address(rows[i], &to, &e), &e);
		code = qgs_quote(
			&to, report, rows[i][0] == 'v' ? 300 : TEST_PATIENCE_MS, &out, &e);
		/* a hypervisor's vsock may leave who asks without an answer */
		assert_true(code == ASSAY_TD_ABSENT ||
			(code == ASSAY_QUOTE_TIMEOUT && rows[i][0] == 'v'));
		assert_int_equal(out.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(configuration),
		cmocka_unit_test(conversation),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
