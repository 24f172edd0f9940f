/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests of every shape to a listener with a handler of the test's own: what the handler sees, what the client hears,
 * and that nothing is left of it afterwards. */
#include <dirent.h>
#include <errno.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "forge/forge.h"
#include "http/client.h"
#include "service/service.h"

#define BODY_MOST   1000
#define CONNECTIONS 8
#define WAIT_MS     TEST_PATIENCE_MS
#define LONG_BODY   100000

#define GET(path)  BYTES("GET " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
#define POST(more) BYTES("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" more)

static unsigned calls;

static void say_or_none(struct http_reply *out, const char *text)
{
	buf_text(&out->body, text == NULL ? "(none)" : text);
}

static void be_long(struct http_reply *out)
{
	uint8_t *room = buf_room(&out->body, LONG_BODY);

	assert_non_null(room);
	memset(room, 'x', LONG_BODY);
}

static void handle(void *ctx, const struct http_request *r, struct http_reply *out)
{
	const char *path = r->path;

	calls++;
	out->status = 200;
	out->type   = "text/plain";
	if (strcmp(path, "/who") == 0)
		buf_text(&out->body, ctx);
	else if (strcmp(path, "/echo") == 0)
		buf_put(&out->body, r->body.p, r->body.n);
	else if (strcmp(path, "/query") == 0)
		say_or_none(out, http_query(r, "q"));
	else if (strcmp(path, "/header") == 0)
		say_or_none(out, http_header(r, "x-test"));
	else if (strcmp(path, "/long") == 0)
		be_long(out);
	else if (strcmp(path, "/hang") == 0)
		out->way = HTTP_HANG;
	else if (strcmp(path, "/one-header") == 0)
		http_reply_header(out, "X-One", BYTES("a%0Ab"));
	else if (strcmp(path, "/split-header") == 0)
		http_reply_header(out, "X-One", BYTES("a\r\nX-Two: b"));
	else if (strcmp(path, "/many-headers") == 0)
		for (size_t i = 0; i <= HTTP_HEADERS; i++)
			http_reply_header(out, "X-Many", BYTES("m"));
	else if (strcmp(path, "/status-0") == 0)
		out->status = 0;
	else if (strcmp(path, "/status-42") == 0)
		out->status = 42;
	else if (strcmp(path, "/short") == 0 || strcmp(path, "/short-1") == 0) {
		out->way = HTTP_SHORT;
		buf_text(&out->body, strcmp(path, "/short") == 0 ? "0123456789" : "0");
	} else
		buf_printf(&out->body, "%s %s", r->method, path);
	if (strncmp(path, "/status-", 8) == 0)
		buf_text(&out->body, "unseen");
}

static void open_one(unsigned connections, unsigned idle_s, struct listener **l)
{
	const struct listener_spec s = {
		.address          = "127.0.0.1",
		.body_most        = BODY_MOST,
		.connections_most = connections,
		.idle_s           = idle_s,
		.handle           = handle,
		.ctx              = (void *)(uintptr_t) "one",
	};
	struct assay_err e = { 0 };

	test_must(listener_open(&s, l, &e), &e);
	assert_true(listener_port(*l) != 0);
}

static unsigned ask(struct listener *l, struct bytes in, struct buf *heard, struct bytes *body)
{
	const int fd = client_dial(l);

	assert_true(client_talk(l, fd, in, WAIT_MS, heard));
	close(fd);
	return client_answer(heard, body);
}

static const struct {
	const char  *name;
	struct bytes in;
	unsigned     status;      /* 0: closed without an answer */
	const char  *head, *body; /* part of the header, the whole body; NULL: not looked at */
	unsigned     calls;       /* of the handler */
} rows[] = {
	{ "GET", GET("/a"), 200, "Content-Type: text/plain", "GET /a", 1 },
	{ "HEAD is a GET without a body", BYTES("HEAD /a HTTP/1.0\r\n\r\n"), 200,
		"Content-Length: 6", "", 1 },
	{ "POST", POST("Content-Length: 3\r\n\r\nabc"), 200, "Content-Length: 3", "abc", 1 },
	{ "POST with a NUL", POST("Content-Length: 3\r\n\r\na\0c"), 200, "Content-Length: 3",
		NULL, 1 },
	{ "POST of nothing", POST("Content-Length: 0\r\n\r\n"), 200, NULL, "", 1 },
	{ "in chunks", POST("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"),
		200, NULL, "abc", 1 },
	{ "a length that is no number",
		BYTES("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"), 400, NULL,
		NULL, 0 },
	{ "PUT", BYTES("PUT /a HTTP/1.0\r\n\r\n"), 405, "Allow: GET, HEAD, POST", NULL, 0 },
	{ "DELETE", BYTES("DELETE /a HTTP/1.0\r\n\r\n"), 405, NULL, NULL, 0 },
	{ "OPTIONS of no path", BYTES("OPTIONS * HTTP/1.0\r\n\r\n"), 400, NULL, NULL, 0 },
	{ "no slash", BYTES("GET a HTTP/1.0\r\n\r\n"), 400, NULL, NULL, 0 },
	{ "escapes", GET("/%61%2F%2b%25"), 200, NULL, "GET /a/+%", 1 },
	{ "a NUL stays escaped", GET("/a%00b"), 200, NULL, "GET /a%00b", 1 },
	{ "so do line ends", GET("/a%0d%0ab"), 200, NULL, "GET /a%0d%0ab", 1 },
	{ "and what is not ASCII", GET("/%ff"), 200, NULL, "GET /%ff", 1 },
	{ "half an escape", GET("/%4"), 200, NULL, "GET /%4", 1 },
	{ "no escape", GET("/%zz"), 200, NULL, "GET /%zz", 1 },
	{ "a raw byte", GET("/\xff"), 400, NULL, NULL, 0 },
	{ "a query", GET("/query?p=1&q=a%2Bb"), 200, NULL, "a+b", 1 },
	{ "none", GET("/query?p=1"), 200, NULL, "(none)", 1 },
	{ "one with a NUL", GET("/query?q=a%00b"), 200, NULL, "a%00b", 1 },
	{ "a header in another case", BYTES("GET /header HTTP/1.0\r\nX-TEST: v\r\n\r\n"), 200,
		NULL, "v", 1 },
	{ "no header", GET("/header"), 200, NULL, "(none)", 1 },
	{ "one header to send", GET("/one-header"), 200, "X-One: a%0Ab\r\n", "", 1 },
	{ "a header of two lines", GET("/split-header"), 500, "Content-Length: 0", "", 1 },
	{ "too many headers", GET("/many-headers"), 500, NULL, "", 1 },
	{ "no status", GET("/status-0"), 500, NULL, "", 1 },
	{ "no such status", GET("/status-42"), 500, NULL, "", 1 },
	{ "half of it", GET("/short"), 200, "Content-Length: 10", "01234", 1 },
	{ "half of one byte", GET("/short-1"), 200, "Content-Length: 1", "", 1 },
	{ "not HTTP", BYTES("hello\r\n\r\n"), 0, NULL, NULL, 0 },
	{ "a body of the largest size", { NULL, BODY_MOST }, 200, "Content-Length: 1000", NULL,
		1 },
	{ "and of a byte more", { NULL, BODY_MOST + 1 }, 413, NULL, NULL, 0 },
	{ "and of 64 KiB", { NULL, 65536 }, 413, NULL, NULL, 0 },
};

/* A row whose request is its body's size. */
static void put_large(size_t n, struct buf *out)
{
	buf_printf(out,
		"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n",
		n);
	while (n-- > 0)
		buf_byte(out, 'b');
}

static void requests(void **state)
{
	struct listener *l = NULL;

	(void)state;
	open_one(CONNECTIONS, 10, &l);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf heard = { 0 }, large = { 0 };
		struct bytes                 in = rows[i].in, body;
		const char                  *at;

		print_message("%s\n", rows[i].name);
		if (in.p == NULL) {
			put_large(in.n, &large);
			in = buf_bytes(&large);
		}
		calls = 0;
		assert_int_equal(ask(l, in, &heard, &body), rows[i].status);
		assert_int_equal(calls, rows[i].calls);
		at = rows[i].head == NULL ? NULL : strstr(buf_cstr(&heard), rows[i].head);
		assert_true(rows[i].head == NULL || at != NULL);
		assert_true(
			rows[i].body == NULL || bytes_equal(body, bytes_text(rows[i].body)));
	}
	listener_close(l);
}

static void long_answer(void **state)
{
	CLEANUP(buf_done) struct buf heard = { 0 };
	struct listener             *l     = NULL;
	struct bytes                 body;

	(void)state;
	open_one(CONNECTIONS, 10, &l);
	assert_int_equal(ask(l, GET("/long"), &heard, &body), 200);
	assert_int_equal(body.n, LONG_BODY);
	listener_close(l);
}

/* What never ends is cut: a header that grows, a body in chunks. */
static void endless(void **state)
{
	static const struct {
		const char *name, *begin, *part;
		unsigned    status, or ; /* 0: cut without an answer */
	} kinds[] = {
		{ "header", "GET / HTTP/1.1\r\n",
			"X-Long: 0123456789abcdef0123456789abcdef\r\n", 431, 413 },
		{ "line", "GET /", "0123456789abcdef", 414, 431 },
		{ "chunks", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
			"10\r\n0123456789abcdef\r\n", 413, 413 },
	};
	struct listener *l = NULL;

	(void)state;
	open_one(CONNECTIONS, 10, &l);
	calls = 0;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(buf_done) struct buf in = { 0 }, heard = { 0 };
		struct bytes                 body;
		unsigned                     status;

		print_message("%s\n", kinds[i].name);
		buf_text(&in, kinds[i].begin);
		while (in.n < (size_t)4 << 20)
			buf_text(&in, kinds[i].part);
		status = ask(l, buf_bytes(&in), &heard, &body);
		assert_true(status == 0 || status == kinds[i].status || status == kinds[i].or);
	}
	assert_int_equal(calls, 0);
	listener_close(l);
}

/* Those who wait for an answer that never comes fill all places; who goes makes room, the others learn of the end. */
static void hanging(void **state)
{
	CLEANUP(buf_done) struct buf heard = { 0 };
	struct listener             *l     = NULL;
	struct bytes                 body;
	int64_t                      begin;
	int                          fd[CONNECTIONS];

	(void)state;
	open_one(CONNECTIONS, 1, &l);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		fd[i] = client_dial(l);
		calls = 0;
		assert_false(client_talk(l, fd[i], GET("/hang"), 100, &heard));
		while (calls == 0)
			client_turn(l, fd[i], 100);
	}
	/* longer than idle_s, and still nobody was cut */
	begin = client_now_ms();
	while (client_now_ms() < begin + 2500)
		client_turn(l, -1, 100);
	assert_false(client_talk(l, fd[0], (struct bytes){ 0 }, 100, &heard));
	assert_int_equal(heard.n, 0);

	close(fd[3]);
	assert_int_equal(ask(l, GET("/a"), &heard, &body), 200);
	listener_close(l);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		uint8_t byte;
		ssize_t n;

		if (i == 3)
			continue;
		n = read(fd[i], &byte, 1);
		assert_true(n == 0 || (n < 0 && errno == ECONNRESET));
		close(fd[i]);
	}
}

/* A client that says half of its request and then nothing. */
static void slow(void **state)
{
	static const struct bytes halves[] = { BYTES(""), BYTES("GET /a HT"),
		BYTES("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc") };
	struct listener          *l        = NULL;

	(void)state;
	open_one(CONNECTIONS, 1, &l);
	for (size_t i = 0; i < ARRAY_LEN(halves); i++) {
		CLEANUP(buf_done) struct buf heard = { 0 };
		const int                    fd    = client_dial(l);

		calls = 0;
		assert_true(client_talk(l, fd, halves[i], WAIT_MS, &heard));
		assert_int_equal(calls, 0);
		close(fd);
	}
	listener_close(l);
}

/* Far more connections than it takes; some still open when it closes. */
static void crowd(void **state)
{
	CLEANUP(buf_done) struct buf heard = { 0 };
	struct rlimit                files;
	struct listener             *l = NULL;
	struct bytes                 body;
	int                          fd[1000];

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
	files.rlim_cur = files.rlim_max < 2048 ? files.rlim_max : 2048;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &files), 0);
	open_one(CONNECTIONS, 10, &l);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		fd[i] = client_dial(l);
		client_turn(l, -1, 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(fd) - 5; i++)
		close(fd[i]);
	assert_int_equal(ask(l, GET("/a"), &heard, &body), 200);
	listener_close(l);
	for (size_t i = ARRAY_LEN(fd) - 5; i < ARRAY_LEN(fd); i++)
		close(fd[i]);
}

static void several(void **state)
{
	static const char *const names[] = { "first", "second", "third" };
	struct listener         *l[ARRAY_LEN(names)];
	struct assay_err         e = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct listener_spec s = { "127.0.0.1", 0, NULL, NULL, 10, 4, 5, handle,
			(void *)(uintptr_t)names[i] };

		test_must(listener_open(&s, &l[i], &e), &e);
	}
	for (size_t i = ARRAY_LEN(names); i-- > 0;) {
		CLEANUP(buf_done) struct buf heard = { 0 };
		struct bytes                 body;

		assert_int_equal(ask(l[i], GET("/who"), &heard, &body), 200);
		assert_true(bytes_equal(body, bytes_text(names[i])));
	}
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		listener_close(l[i]);
}

static void not_opened(void **state)
{
	struct listener *l = NULL;
	uint16_t         taken;
	char             port[16];

	(void)state;
	open_one(CONNECTIONS, 1, &l);
	taken = listener_port(l);
	snprintf(port, sizeof(port), "port %u", (unsigned)taken);
	const struct {
		const char          *name;
		struct listener_spec s;
		const char          *says;
	} specs[] = {
		{ "port taken", { .address = "127.0.0.1", .port = taken }, port },
		{ "its address is said", { .address = "127.0.0.1", .port = taken },
			"127.0.0.1" },
		{ "a name", { .address = "localhost" }, "localhost: not an IPv4 address" },
		{ "somebody else's address", { .address = "192.0.2.1" }, "192.0.2.1" },
		{ "no certificate", { .address = "127.0.0.1", .cert = "no PEM", .key = "none" },
			"does not start" },
	};

	for (size_t i = 0; i < ARRAY_LEN(specs); i++) {
		struct listener *none = NULL;
		struct assay_err e    = { 0 };

		print_message("%s\n", specs[i].name);
		assert_int_not_equal(listener_open(&specs[i].s, &none, &e), ASSAY_OK);
		assert_null(none);
		assert_non_null(strstr(assay_err_text(&e), specs[i].says));
		assert_null(strchr(assay_err_text(&e), '\n'));
	}
	listener_close(l);
	listener_close(NULL);
}

static const struct {
	const char *name, *host, *ip;
	int         version; /* the highest that the client speaks */
	bool        held;
} clients[] = {
	{ "by name", "localhost", NULL, TLS1_3_VERSION, true },
	{ "by address", NULL, "127.0.0.1", TLS1_3_VERSION, true },
	{ "by the other address", NULL, "::1", TLS1_3_VERSION, true },
	{ "TLS 1.2", "localhost", NULL, TLS1_2_VERSION, true },
	{ "TLS 1.1", "localhost", NULL, TLS1_1_VERSION, false },
	{ "another name", "example.org", NULL, TLS1_3_VERSION, false },
	{ "another address", NULL, "127.0.0.2", TLS1_3_VERSION, false },
};

static SSL *tls_client(SSL_CTX *ctx, size_t row, int fd)
{
	SSL               *ssl = SSL_new(ctx);
	X509_VERIFY_PARAM *p   = SSL_get0_param(ssl);

	X509_VERIFY_PARAM_set_time(p, FORGE_AT);
	if (clients[row].host != NULL)
		assert_int_equal(X509_VERIFY_PARAM_set1_host(p, clients[row].host, 0), 1);
	if (clients[row].ip != NULL)
		assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(p, clients[row].ip), 1);
	SSL_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_set_min_proto_version(ssl, TLS1_VERSION);
	SSL_set_max_proto_version(ssl, clients[row].version);
	SSL_set_fd(ssl, fd);
	return ssl;
}

/* One step of a client that never blocks: > 0 done, 0 again, < 0 over. */
static int step(SSL *ssl, int n)
{
	const int why = SSL_get_error(ssl, n);

	return n > 0 ? n : why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static bool tls_talk(struct listener *l, SSL *ssl, int fd, struct buf *heard)
{
	const struct bytes in  = GET("/who");
	const int64_t      end = client_now_ms() + WAIT_MS;
	int                n   = 0;
	uint8_t            part[4096];

	while ((n = step(ssl, SSL_connect(ssl))) == 0 && client_now_ms() < end)
		client_turn(l, fd, 50);
	if (n <= 0 || SSL_write(ssl, in.p, (int)in.n) != (int)in.n)
		return false;
	while ((n = step(ssl, SSL_read(ssl, part, sizeof(part)))) >= 0 && client_now_ms() < end)
		if (n > 0)
			buf_put(heard, part, (size_t)n);
		else
			client_turn(l, fd, 50);
	return true;
}

static X509 *read_cert(const struct buf *pem)
{
	BIO  *bio  = BIO_new_mem_buf(pem->p, (int)pem->n);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	BIO_free(bio);
	assert_non_null(cert);
	return cert;
}

static void tls(void **state)
{
	CLEANUP(buf_done) struct buf ca = { 0 }, cert = { 0 }, key = { 0 };
	struct forge_spec            fs;
	struct forge                *f   = NULL;
	struct listener             *l   = NULL;
	struct assay_err             e   = { 0 };
	SSL_CTX                     *ctx = SSL_CTX_new(TLS_client_method());
	struct listener_spec s = { "127.0.0.1", 0, NULL, NULL, 10, CONNECTIONS, 5, handle,
		(void *)(uintptr_t) "TLS" };
	X509                *root;
	int                  last;

	(void)state;
	forge_spec_default(false, &fs);
	test_must(forge_new(&fs, &f, &e), &e);
	test_must(service_tls(f, &ca, &cert, &key, &e), &e);
	s.cert = buf_cstr(&cert);
	s.key  = buf_cstr(&key);
	test_must(listener_open(&s, &l, &e), &e);
	root = read_cert(&ca);
	assert_int_equal(X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), root), 1);
	X509_free(root);
	SSL_CTX_set_cipher_list(ctx, "DEFAULT@SECLEVEL=0"); /* so that it does offer TLS 1.1 */
	for (size_t i = 0; i < ARRAY_LEN(clients); i++) {
		CLEANUP(buf_done) struct buf heard = { 0 };
		const int                    fd    = client_dial(l);
		SSL                         *ssl   = tls_client(ctx, i, fd);

		print_message("%s\n", clients[i].name);
		assert_int_equal(tls_talk(l, ssl, fd, &heard), clients[i].held);
		if (clients[i].held)
			assert_non_null(strstr(buf_cstr(&heard), "\r\n\r\nTLS"));
		SSL_free(ssl);
		close(fd);
	}
	/* one that has said nothing yet when it closes */
	last = client_dial(l);
	client_turn(l, -1, 50);
	SSL_CTX_free(ctx);
	listener_close(l);
	close(last);
	forge_free(f);
}

static unsigned open_files(void)
{
	DIR     *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* Each test closes what it opened; what is more was the listener's. */
static int count_before(void **state)
{
	static unsigned before;

	before = open_files();
	*state = &before;
	return 0;
}

static int count_after(void **state)
{
	return open_files() == *(const unsigned *)*state ? 0 : -1;
}

#define COUNTED(test) cmocka_unit_test_setup_teardown(test, count_before, count_after)

int main(void)
{
	const struct CMUnitTest tests[] = {
		COUNTED(requests),
		COUNTED(long_answer),
		COUNTED(endless),
		COUNTED(hanging),
		COUNTED(slow),
		COUNTED(crowd),
		COUNTED(several),
		COUNTED(not_opened),
		COUNTED(tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
