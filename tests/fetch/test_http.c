/* SPDX-License-Identifier: Apache-2.0
 *
 * The client against a service that does everything wrong: what it believes, how often it asks, when it gives up. */
#include "fetch/http.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fetch/fake.h"
#include "fetch/request.h"

#define BIG 5000

/* For what never answers; for all else. */
static const struct http_spec hasty = {
	.ca_file = "ca.pem", .total_ms = 600, .deadline_ms = TEST_PATIENCE_MS
};
static const struct http_spec patient = {
	.ca_file     = "ca.pem",
	.connect_ms  = TEST_PATIENCE_MS,
	.total_ms    = TEST_PATIENCE_MS,
	.deadline_ms = 3 * TEST_PATIENCE_MS,
};

/* other: TLS at an address that its certificate does not name; mute: for what hangs, and may be heard later */
static struct fake plain, tls, other, mute;

/* "/status/503", "/once/503": that the first time, then 200; "/after/429/1": with Retry-After. */
static void handle(void *ctx, const struct http_request *r, struct http_reply *out)
{
	struct fake_seen *seen = ctx;
	unsigned          status, after;

	out->status = 200;
	out->type   = "text/plain";
	if (sscanf(r->path, "/status/%u", &status) == 1)
		out->status = status;
	if (sscanf(r->path, "/once/%u", &status) == 1 && seen->word++ == 0)
		out->status = status;
	if (sscanf(r->path, "/after/%u/%u", &status, &after) == 2 && seen->word++ == 0) {
		char text[16];

		snprintf(text, sizeof(text), "%u", after);
		out->status = status;
		http_reply_header(out, "Retry-After", bytes_text(text));
	}
	if (out->status / 100 == 3)
		http_reply_header(out, "Location", BYTES("/fine"));
	if (strcmp(r->path, "/hang") == 0)
		out->way = HTTP_HANG;
	if (strcmp(r->path, "/short") == 0)
		out->way = HTTP_SHORT;
	if (strcmp(r->path, "/headers") == 0) {
		http_reply_header(out, "X-Chain", BYTES("one"));
		http_reply_header(out, "X-Other", BYTES("two"));
		http_reply_header(out, "Set-Cookie", BYTES("a=b"));
	}
	if (strcmp(r->path, "/twice") == 0) {
		http_reply_header(out, "X-Chain", BYTES("one"));
		http_reply_header(out, "x-chain", BYTES("two"));
	}
	if (strcmp(r->path, "/wait") == 0)
		buf_text(&out->body, seen->word++ < 2 ? "wait" : "ready");
	else if (strcmp(r->path, "/big") == 0)
		for (int i = 0; i < BIG; i++)
			buf_byte(&out->body, 'x');
	else if (r->body.n > 0)
		buf_put(&out->body, r->body.p, r->body.n);
	else
		buf_text(&out->body, "fine");
}

static void put_file(const char *name, struct bytes body)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(body.p, 1, body.n, f), body.n);
	fclose(f);
}

static int set_up(void **state)
{
	(void)state;
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	fake_open(&plain, NULL, false, handle);
	fake_open(&mute, NULL, false, handle);
	fake_open(&tls, NULL, true, handle);
	fake_open(&other, "127.0.0.2", true, handle);
	put_file("ca.pem", tls.ca);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_close(&plain);
	fake_close(&mute);
	fake_close(&tls);
	fake_close(&other);
	return 0;
}

static struct http_client *client(const struct http_spec *spec)
{
	struct http_client *c = NULL;
	struct assay_err    e = { 0 };

	test_must(http_open(spec, &c, &e), &e);
	return c;
}

static bool wait_for(struct bytes body)
{
	return bytes_equal(body, BYTES("wait"));
}

enum where { PLAIN, MUTE, TLS, TLS_NAME, TLS_OTHER, NOBODY };

static const struct {
	const char     *name;
	enum where      where;
	const char     *path;
	enum assay_code code;
	unsigned        tries, asked;
	const char     *says; /* part of the body, or of the message */
} cases[] = {
	{ "good", PLAIN, "/fine", ASSAY_OK, 1, 1, "fine" },
	{ "another query", PLAIN, "/fine?a=b", ASSAY_OK, 1, 1, "fine" },
	{ "of exactly the limit", PLAIN, "/big", ASSAY_OK, 1, 1, "xxx" },
	{ "over the limit", PLAIN, "/big?", ASSAY_NETWORK_SIZE, 1, 1, "over its limit" },
	{ "not there", PLAIN, "/status/404", ASSAY_SERVICE_ABSENT, 1, 1,
		"/status/404: not found" },
	{ "not allowed", PLAIN, "/status/401", ASSAY_SERVICE_STATUS, 1, 1, "service key" },
	{ "forbidden", PLAIN, "/status/403", ASSAY_SERVICE_STATUS, 1, 1, "service key" },
	{ "no content", PLAIN, "/status/204", ASSAY_SERVICE_STATUS, 1, 1, "204" },
	{ "a redirect", PLAIN, "/status/302", ASSAY_SERVICE_STATUS, 1, 1, "not followed" },
	{ "for good", PLAIN, "/status/308", ASSAY_SERVICE_STATUS, 1, 1, "not followed" },
	{ "not implemented", PLAIN, "/status/501", ASSAY_SERVICE_STATUS, 1, 1, "501" },
	{ "down", PLAIN, "/status/503", ASSAY_SERVICE_STATUS, 3, 3, "503" },
	{ "down once", PLAIN, "/once/503", ASSAY_OK, 2, 2, "fine" },
	{ "500 once", PLAIN, "/once/500", ASSAY_OK, 2, 2, "fine" },
	{ "502 once", PLAIN, "/once/502", ASSAY_OK, 2, 2, "fine" },
	{ "504 once", PLAIN, "/once/504", ASSAY_OK, 2, 2, "fine" },
	{ "408 once", PLAIN, "/once/408", ASSAY_OK, 2, 2, "fine" },
	{ "too many, once", PLAIN, "/once/429", ASSAY_OK, 2, 2, "fine" },
	{ "too many, after a second", PLAIN, "/after/429/1", ASSAY_OK, 2, 2, "fine" },
	{ "too many, after an hour", PLAIN, "/after/429/3600", ASSAY_SERVICE_STATUS, 1, 1,
		"429" },
	{ "cut short", PLAIN, "/short", ASSAY_SERVICE_REPLY, 1, 1, "ends before" },
	{ "no answer", MUTE, "/hang", ASSAY_NETWORK_TIMEOUT, 3, 3, "in time" },
	{ "busy twice", PLAIN, "/wait", ASSAY_OK, 3, 3, "ready" },
	{ "a header twice", PLAIN, "/twice", ASSAY_SERVICE_REPLY, 1, 1, "twice" },
	{ "nobody there", NOBODY, "/fine", ASSAY_NETWORK_CONNECT, 3, 0, "refused" },
	{ "over TLS", TLS, "/fine", ASSAY_OK, 1, 1, "fine" },
	{ "over TLS, by name", TLS_NAME, "/fine", ASSAY_OK, 1, 1, "fine" },
	{ "another's certificate", TLS_OTHER, "/fine", ASSAY_NETWORK_TLS, 1, 0, "" },
};

static const char *url_of(enum where where, const char *path, char out[128])
{
	switch (where) {
	case PLAIN:
		snprintf(out, 128, "http://127.0.0.1:%u%s", plain.port, path);
		break;
	case MUTE:
		snprintf(out, 128, "http://127.0.0.1:%u%s", mute.port, path);
		break;
	case TLS:
		snprintf(out, 128, "https://127.0.0.1:%u%s", tls.port, path);
		break;
	case TLS_NAME:
		snprintf(out, 128, "https://localhost:%u%s", tls.port, path);
		break;
	case TLS_OTHER:
		snprintf(out, 128, "https://127.0.0.2:%u%s", other.port, path);
		break;
	default:
		snprintf(out, 128, "http://127.0.0.1:1%s", path);
	}
	return out;
}

static struct fake *at(enum where where)
{
	static struct fake *const fakes[] = { [PLAIN] = &plain,
		[MUTE]                                = &mute,
		[TLS]                                 = &tls,
		[TLS_NAME]                            = &tls,
		[TLS_OTHER]                           = &other,
		[NOBODY]                              = &plain };

	return fakes[where];
}

static void one_by_one(void **state)
{
	static const char *const headers[] = { "X-Chain", NULL };
	struct http_client      *slow = client(&patient), *quick = client(&hasty);
	struct assay_err         e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const bool      hangs = cases[i].where == MUTE;
		char            url[128];
		struct http_got got   = { 0 };
		struct fake    *f     = at(cases[i].where);
		const int64_t   began = test_now_ms();
		struct http_ask ask   = {
			  .url     = url_of(cases[i].where, cases[i].path, url),
			  .limit   = strchr(cases[i].path, '?') != NULL ? BIG - 1 : BIG,
			  .headers = headers,
			  .again   = wait_for,
		};

		print_message("%s\n", cases[i].name);
		f->seen->asked = f->seen->word = 0;
		test_must(http_fetch(hangs ? quick : slow, &ask, &got, 1, NULL, NULL, &e), &e);
		if (got.why.code != cases[i].code)
			print_message("  %s\n", assay_err_text(&got.why));
		assert_int_equal(got.why.code, cases[i].code);
		assert_int_equal(got.tries, cases[i].tries);
		if (hangs) /* some may come too late to be heard */
			assert_in_range(f->seen->asked, 0, cases[i].asked);
		else if (cases[i].where != NOBODY)
			assert_int_equal(f->seen->asked, cases[i].asked);
		assert_non_null(strstr(got.why.code == ASSAY_OK ? buf_cstr(&got.body)
								: assay_err_text(&got.why),
			cases[i].says));
		if (got.why.code != ASSAY_OK) { /* the address is said, its query is not */
			assert_int_equal(got.body.n, 0);
			assert_ptr_equal(strstr(assay_err_text(&got.why), url),
				strchr(url, '?') == NULL ? assay_err_text(&got.why) : NULL);
		}
		if (strcmp(cases[i].path, "/after/429/1") == 0)
			assert_true(test_now_ms() - began >= 1000);
		http_got_done(&got);
	}
	http_close(slow);
	http_close(quick);
}

/* A random part of 100 ms before the second try, of 200 before the third, and so on up to half a minute. */
static void pauses(void **state)
{
	struct http_got got = { 0 };
	struct request  r   = { .got = &got, .easy = curl_easy_init() };

	(void)state;
	assert_non_null(r.easy);
	for (got.tries = 1; got.tries <= 20; got.tries++) {
		const int64_t most       = got.tries > 9 ? 30000 : 100 << (got.tries - 1);
		int64_t       least_seen = most, most_seen = 0;

		for (int i = 0; i < 200; i++) {
			const int64_t ms = request_pause_ms(&r);

			least_seen = ms < least_seen ? ms : least_seen;
			most_seen  = ms > most_seen ? ms : most_seen;
		}
		assert_in_range(least_seen, 0, most / 2);
		assert_in_range(most_seen, most / 2, most);
	}
	curl_easy_cleanup(r.easy);
}

/* Without the test CA, and against the system's, nobody is believed. SSL_CERT_FILE moves no trust. */
static void wrong_ca(void **state)
{
	static const char *const files[] = { NULL, "other.pem" };
	struct assay_err         e       = { 0 };
	char                     url[128];

	(void)state;
	put_file("other.pem", BYTES(""));
	setenv("SSL_CERT_FILE", "ca.pem", 1);
	setenv("CURL_CA_BUNDLE", "ca.pem", 1);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct http_spec    spec = patient;
		struct http_client *c    = NULL;
		struct http_got     got  = { 0 };
		struct http_ask     ask  = { .url = url_of(TLS, "/fine", url), .limit = BIG };

		spec.ca_file    = files[i];
		c               = client(&spec);
		tls.seen->asked = 0;
		test_must(http_fetch(c, &ask, &got, 1, NULL, NULL, &e), &e);
		assert_int_equal(got.why.code, ASSAY_NETWORK_TLS);
		assert_int_equal(tls.seen->asked, 0);
		http_got_done(&got);
		http_close(c);
	}
	unsetenv("SSL_CERT_FILE");
	unsetenv("CURL_CA_BUNDLE");
	assert_int_equal(http_open(&(struct http_spec){ .ca_file = "none.pem" },
				 &(struct http_client *){ NULL }, &e),
		ASSAY_INPUT_FILE);
}

static const struct {
	const char *url;
	bool        plain, bearer, fine;
} addresses[] = {
	{ "https://rim.attestation.nvidia.com/v1/rim/X", false, true, true },
	{ "https://10.0.0.1:8443/a?b=c", false, true, true },
	{ "http://127.0.0.1:8080/", false, false, true },
	{ "http://127.1.2.3/", false, false, true },
	{ "http://[::1]:8080/", false, false, true },
	{ "http://localhost/", false, false, true },
	{ "http://localhost.example/", false, false, false },
	{ "http://127.0.0.1.example/", false, false, false },
	{ "http://example.com/", false, false, false },
	{ "http://example.com/", true, false, true },
	{ "http://example.com/", true, true, false },
	{ "http://127.0.0.1/", false, true, false },
	{ "ftp://example.com/", true, false, false },
	{ "file:///etc/passwd", true, false, false },
	{ "gopher://127.0.0.1/", true, false, false },
	{ "https://user:pass@example.com/", true, false, false },
	{ "https://user@example.com/", true, false, false },
	{ "https://example.com/#part", true, false, false },
	{ "https://example.com/a b", true, false, false },
	{ "https://example.com/\r\nX: y", true, false, false },
	{ "https://example.com/\xc3\xa4", true, false, false },
	{ "https://", true, false, false },
	{ "example.com", true, false, false },
	{ "", true, false, false },
};

static void which_addresses(void **state)
{
	struct http_client *c;
	struct assay_err    e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		enum assay_code code;

		print_message("%s\n", addresses[i].url);
		code = http_address(
			addresses[i].url, addresses[i].plain, addresses[i].bearer, &e);
		assert_int_equal(code, addresses[i].fine ? ASSAY_OK : ASSAY_NETWORK_ADDRESS);
	}
	/* the client asks the same before it does anything */
	c = client(&(struct http_spec){ 0 });
	{
		char            url[128];
		struct http_got got[3] = { 0 };
		struct http_ask ask[3] = {
			{ .url = "http://example.com/", .limit = 1 },
			{ .url = url_of(PLAIN, "/fine", url), .bearer = "key", .limit = BIG },
			{ .url = "https://127.0.0.1:1/", .bearer = "a\r\nb", .limit = 1 },
		};

		plain.seen->asked = 0;
		test_must(http_fetch(c, ask, got, 3, NULL, NULL, &e), &e);
		assert_int_equal(got[0].why.code, ASSAY_NETWORK_ADDRESS);
		assert_int_equal(got[1].why.code, ASSAY_NETWORK_ADDRESS);
		assert_int_equal(got[2].why.code, ASSAY_INPUT_OPTION);
		assert_int_equal(plain.seen->asked, 0);
		for (size_t i = 0; i < 3; i++)
			http_got_done(&got[i]);
	}
	http_close(c);
}

/* What is sent, and which headers come back: no cookie, though one was set. */
static void what_is_said(void **state)
{
	static const char *const headers[] = { "x-chain", "X-None", NULL };
	struct http_client      *c;
	struct assay_err         e = { 0 };
	char                     url[128];

	(void)state;
	c = client(&patient);
	for (int i = 0; i < 2; i++) {
		struct http_got got = { 0 };
		struct http_ask ask = { .url = url_of(TLS, "/headers", url),
			.body                = BYTES("question"),
			.type                = "application/ocsp-request",
			.bearer              = "secret",
			.limit               = BIG,
			.headers             = headers };

		test_must(http_fetch(c, &ask, &got, 1, NULL, NULL, &e), &e);
		assert_int_equal(got.why.code, ASSAY_OK);
		assert_string_equal(buf_cstr(&got.body), "question");
		assert_string_equal(buf_cstr(&got.header[0]), "one");
		assert_int_equal(got.header[1].n, 0);
		assert_string_equal(tls.seen->bearer, "Bearer secret");
		assert_string_equal(tls.seen->agent, "assay/" ASSAY_VERSION);
		assert_string_equal(tls.seen->cookie, "");
		assert_string_equal(tls.seen->type, "application/ocsp-request");
		http_got_done(&got);
	}
	http_close(c);
}

static void count(void *ctx, size_t i)
{
	(void)i;
	++*(size_t *)ctx;
}

static _Noreturn void sing(int door, int n)
{
	static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine";
	int               line[64];
	char              part[1024];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (int i = 0; i < n; i++) {
		line[i] = accept(door, NULL, NULL);
		if (line[i] < 0 || read(line[i], part, sizeof(part)) <= 0)
			_exit(1);
	}
	for (int i = 0; i < n; i++)
		if (write(line[i], reply, sizeof(reply) - 1) != sizeof(reply) - 1)
			_exit(1);
	pause();
	_exit(0);
}

/* A service that answers nobody before n have asked. */
static pid_t choir(int n, uint16_t *port)
{
	struct sockaddr_in at   = { .sin_family = AF_INET,
		  .sin_addr                     = { htonl(INADDR_LOOPBACK) } };
	socklen_t          size = sizeof(at);
	int                door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t              pid;

	assert_int_equal(bind(door, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(door, n), 0);
	assert_int_equal(getsockname(door, (struct sockaddr *)&at, &size), 0);
	*port = ntohs(at.sin_port);
	pid   = fork();
	if (pid == 0)
		sing(door, n);
	close(door);
	assert_true(pid > 0);
	return pid;
}

/* All under way at once: else none would ever be answered. */
static void at_once(void **state)
{
	enum { N = 40 };
	struct http_client *c      = client(&patient);
	struct http_ask     ask[N] = { 0 };
	struct http_got     got[N] = { 0 };
	struct assay_err    e      = { 0 };
	char                url[64];
	size_t              ended = 0;
	uint16_t            port;
	pid_t               pid = choir(N, &port);

	(void)state;
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/", port);
	for (size_t i = 0; i < N; i++)
		ask[i] = (struct http_ask){ .url = url, .limit = BIG };
	test_must(http_fetch(c, ask, got, N, count, &ended, &e), &e);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(ended, N);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(got[i].why.code, ASSAY_OK);
		http_got_done(&got[i]);
	}
	http_close(c);
}

/* None is answered: each has its own limit, and all of them end. */
static void none_answered(void **state)
{
	enum { N = 40 };
	struct http_spec    spec   = hasty;
	struct http_client *c      = NULL;
	struct http_ask     ask[N] = { 0 };
	struct http_got     got[N] = { 0 };
	struct assay_err    e      = { 0 };
	char                url[128];
	size_t              ended = 0;
	const int64_t       began = test_now_ms();

	(void)state;
	spec.tries = 1;
	c          = client(&spec);
	for (size_t i = 0; i < N; i++)
		ask[i] = (struct http_ask){ .url = url_of(MUTE, "/hang", url), .limit = BIG };
	test_must(http_fetch(c, ask, got, N, count, &ended, &e), &e);
	assert_int_equal(ended, N);
	assert_true(test_now_ms() - began >= spec.total_ms - 50);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(got[i].why.code, ASSAY_NETWORK_TIMEOUT);
		http_got_done(&got[i]);
	}
	http_close(c);
}

/* The deadline is over all tries. */
static void deadline(void **state)
{
	struct http_client *c   = client(&(struct http_spec){
		  .total_ms = TEST_PATIENCE_MS, .tries = 9, .deadline_ms = 600 });
	struct http_got     got = { 0 };
	struct assay_err    e   = { 0 };
	char                url[128];
	struct http_ask     ask   = { .url = url_of(MUTE, "/hang", url), .limit = BIG };
	int64_t             began = test_now_ms();

	(void)state;
	test_must(http_fetch(c, &ask, &got, 1, NULL, NULL, &e), &e);
	assert_int_equal(got.why.code, ASSAY_NETWORK_TIMEOUT);
	assert_in_range(test_now_ms() - began, 550, TEST_PATIENCE_MS - 1);
	http_got_done(&got);
	http_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_by_one),
		cmocka_unit_test(wrong_ca),
		cmocka_unit_test(which_addresses),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(pauses),
		cmocka_unit_test(at_once),
		cmocka_unit_test(none_answered),
		cmocka_unit_test(deadline),
	};
	char folder[] = "/tmp/assay-http-XXXXXX";
	int  failed;

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, set_up, tear_down);
	unlink("ca.pem");
	unlink("other.pem");
	return chdir("/") != 0 || rmdir(folder) != 0 ? 1 : failed;
}
