/* SPDX-License-Identifier: Apache-2.0
 *
 * The quote generation service, message by message and over its socket (spec/tdx.md 1.4). */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/rd.h"
#include "door/qgs.h"
#include "serve.h"

#define AT        INT64_C(1780272000) /* 2026-06-01T00:00:00Z */
#define HEAD      16
#define BODY_MOST 65536
#define V4_DATA   568 /* REPORTDATA in a quote (2.3) */

#define INVALID 0x12003
#define SIZE    0x12006
#define CODE    0x12007

static struct platform *platform;

static int make_platform(void **state)
{
	struct platform_spec spec;
	struct assay_err     e = { 0 };

	(void)state;
	platform_spec_default(PLATFORM_SINGLE, &spec);
	spec.at = AT;
	test_must(platform_new(&spec, &platform, &e), &e);
	return 0;
}

static int free_platform(void **state)
{
	(void)state;
	platform_free(platform);
	return 0;
}

static void put(struct buf *out, uint32_t v, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		buf_byte(out, (uint8_t)(v >> 8 * i));
}

/* What to ask for, and what is wrong with it. */
struct ask {
	const char *name;
	unsigned    type, major, minor;
	int         size;          /* off by so much */
	uint32_t    code;          /* in the request's head */
	uint32_t    first, second; /* sizes: of a report and an id list, of FMSPC and CA */
	const char *ca;
	unsigned    extra; /* bytes behind all that */
	unsigned    flip;  /* 1 + number of a byte of the report or FMSPC; 0: none */
	/* the answer */
	unsigned answers; /* its type; 0: none, the connection ends */
	uint32_t error;
	size_t   n; /* of the body, where that is known */
};

#define ASK(in, version, size, out) \
	.type = (in), .major = (version), .first = (size), .answers = (out)
#define QUOTE_IN      ASK(0, 1, TDX_REPORT, 1)
#define COLLATERAL_IN ASK(2, 1, 6, 3)
#define PLATFORM_IN   ASK(4, 1, 0, 5)

static const struct ask asks[] = {
	{ "a quote", QUOTE_IN },
	{ "a quote, minor 1", QUOTE_IN, .minor = 1 },
	{ "a quote, with an id list", QUOTE_IN, .second = 16 },
	{ "id list cut", QUOTE_IN, .second = 16, .extra = (unsigned)-1, .error = INVALID,
		.n = 24 },
	{ "id list too long", QUOTE_IN, .second = 16, .extra = 1, .error = INVALID, .n = 24 },
	{ "another's report", QUOTE_IN, .flip = 231, .error = INVALID, .n = 24 },
	{ "REPORTDATA edited", QUOTE_IN, .flip = 129, .error = INVALID, .n = 24 },
	{ "TDINFO edited", QUOTE_IN, .flip = 601, .error = INVALID, .n = 24 },
	{ "a short report", ASK(0, 1, 1023, 1), .error = INVALID, .n = 24 },
	{ "no report", ASK(0, 1, 0, 1), .error = INVALID, .n = 24 },
	{ "a report of 4 GiB", ASK(0, 1, UINT32_MAX, 1), .error = INVALID, .n = 24 },
	{ "size too large", QUOTE_IN, .size = 1, .error = SIZE, .n = 24 },
	{ "size too small", QUOTE_IN, .size = -1, .error = SIZE, .n = 24 },
	{ "a request with an error", QUOTE_IN, .code = 7, .error = CODE, .n = 24 },
	{ "major 0", ASK(0, 0, TDX_REPORT, 0) },
	{ "major 2", ASK(0, 2, TDX_REPORT, 0) },
	{ "an answer", ASK(1, 1, TDX_REPORT, 0) },
	{ "type 6", ASK(6, 1, TDX_REPORT, 0) },
	{ "type -1", ASK(UINT32_MAX, 1, TDX_REPORT, 0) },
	{ "collateral, platform CA", COLLATERAL_IN, .second = 8, .ca = "platform" },
	{ "collateral, processor CA", COLLATERAL_IN, .second = 9, .ca = "processor" },
	{ "collateral, with a NUL", COLLATERAL_IN, .second = 9, .ca = "platform" },
	{ "collateral, no such CA", COLLATERAL_IN, .second = 8, .ca = "platforn",
		.error = INVALID, .n = 52 },
	{ "collateral, CA cut", COLLATERAL_IN, .second = 7, .ca = "platform", .error = INVALID,
		.n = 52 },
	{ "collateral, no CA", COLLATERAL_IN, .ca = "", .error = INVALID, .n = 52 },
	{ "collateral, another platform", COLLATERAL_IN, .second = 8, .ca = "platform",
		.flip = 1, .error = INVALID, .n = 52 },
	{ "collateral, FMSPC of 5", ASK(2, 1, 5, 3), .second = 8, .ca = "platform",
		.error = INVALID, .n = 52 },
	{ "collateral, and more", COLLATERAL_IN, .second = 8, .ca = "platform", .extra = 1,
		.error = INVALID, .n = 52 },
	{ "platform", PLATFORM_IN, .n = 28 + 32 },
	{ "platform, and more", PLATFORM_IN, .extra = 4, .error = INVALID, .n = 28 },
};

/* The first bytes of the one, as many as the size says or there are. */
static void put_part(struct buf *out, const uint8_t *p, size_t n, uint32_t size)
{
	buf_put(out, p, size < n ? size : n);
}

static void make_rest(const struct ask *a, struct buf *out)
{
	uint8_t          data[TDX_REPORTDATA], report[TDX_REPORT], zeros[64] = { 0 };
	struct assay_err e = { 0 };

	memset(data, 0xd1, sizeof(data));
	test_must(tdx_report(platform->tdx, data, report, &e), &e);
	if (a->ca != NULL)
		memcpy(report, tdx_fmspc(platform->tdx), 6);
	if (a->flip != 0)
		report[a->flip - 1] ^= 1;
	put(out, a->first, 4);
	put(out, a->second, 4);
	put_part(out, report, sizeof(report), a->first);
	if (a->ca != NULL)
		put_part(out, (const uint8_t *)a->ca, strlen(a->ca) + 1, a->second);
	else
		put_part(out, zeros, sizeof(zeros), a->second);
}

static void make_ask(const struct ask *a, struct buf *out)
{
	CLEANUP(buf_done) struct buf rest = { 0 };

	if (a->type != 4)
		make_rest(a, &rest);
	for (unsigned i = 0; i < a->extra && a->extra < 64; i++)
		buf_byte(&rest, 0);
	if (a->extra == (unsigned)-1)
		rest.n--;
	put(out, a->major, 2);
	put(out, a->minor, 2);
	put(out, a->type, 4);
	put(out, (uint32_t)((int)(HEAD + rest.n) + a->size), 4);
	put(out, a->code, 4);
	buf_put(out, rest.p, rest.n);
	assert_false(out->failed);
}

static void check_quote(struct rd *r)
{
	const uint32_t     ids = rd_u32le(r), n = rd_u32le(r);
	const struct bytes quote = rd_take(r, n);

	assert_int_equal(ids, 0);
	assert_true(r->lack == 0 && quote.n > V4_DATA + TDX_REPORTDATA);
	assert_int_equal(quote.p[0], 4);
	assert_int_equal(quote.p[V4_DATA], 0xd1);
	assert_int_equal(quote.p[V4_DATA + TDX_REPORTDATA - 1], 0xd1);
	assert_int_equal(rd_left(r), 0);
}

/* What each blob begins with, in their order. */
static void check_collateral(struct rd *r)
{
	static const char *const begin[] = { "-----BEGIN", "\x30\x82", "\x30\x82", "-----BEGIN",
		"{\"tcbInfo\":", "-----BEGIN", "{\"enclaveIdentity\":" };
	uint32_t                 n[ARRAY_LEN(begin)];

	assert_int_equal(rd_u16le(r), 3);
	assert_int_equal(rd_u16le(r), 1);
	for (size_t i = 0; i < ARRAY_LEN(begin); i++)
		n[i] = rd_u32le(r);
	for (size_t i = 0; i < ARRAY_LEN(begin); i++) {
		struct bytes b = rd_take(r, n[i]);

		print_message("  %zu: %u\n", i, n[i]);
		assert_true(bytes_begin(b, bytes_text(begin[i])));
	}
	assert_int_equal(r->lack, 0);
	assert_int_equal(rd_left(r), 4); /* as qgs_msg_lib counts */
}

static void check_platform(struct rd *r)
{
	uint8_t          report[TDX_REPORT], zeros[TDX_REPORTDATA] = { 0 };
	struct assay_err e = { 0 };

	test_must(tdx_report(platform->tdx, zeros, report, &e), &e);
	assert_int_equal(rd_u16le(r), 6);
	assert_int_equal(rd_u16le(r), 13);
	assert_int_equal(rd_u32le(r), 16);
	assert_int_equal(rd_u32le(r), 16);
	rd_take(r, 16);
	assert_memory_equal(rd_take(r, 16).p, report + 16, 16); /* CPUSVN */
	assert_int_equal(rd_left(r), 0);
}

static void check_answer(const struct ask *a, struct bytes body)
{
	struct rd r = { .in = body };

	if (a->answers == 0) {
		assert_int_equal(body.n, 0);
		return;
	}
	assert_int_equal(rd_u16le(&r), 1);
	assert_int_equal(rd_u16le(&r), 0);
	assert_int_equal(rd_u32le(&r), a->answers);
	assert_int_equal(rd_u32le(&r), body.n);
	assert_int_equal(rd_u32le(&r), a->error);
	if (a->n != 0)
		assert_int_equal(body.n, a->n);
	if (a->error != 0)
		assert_true(bytes_zero(rd_take(&r, rd_left(&r))));
	else if (a->answers == 1)
		check_quote(&r);
	else if (a->answers == 3)
		check_collateral(&r);
	else
		check_platform(&r);
}

static void messages(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		CLEANUP(buf_done) struct buf in = { 0 }, out = { 0 };
		struct assay_err             e = { 0 };

		print_message("%s\n", asks[i].name);
		make_ask(&asks[i], &in);
		test_must(qgs_answer(platform, buf_bytes(&in), &out, &e), &e);
		check_answer(&asks[i], buf_bytes(&out));
	}
}

/* Each cut of a good message; nothing but the whole gets more than an error. */
static void cuts(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 };

	(void)state;
	make_ask(&asks[0], &in);
	for (size_t n = 0; n < in.n; n++) {
		CLEANUP(buf_done) struct buf out = { 0 };
		struct assay_err             e   = { 0 };

		test_must(qgs_answer(platform, (struct bytes){ in.p, n }, &out, &e), &e);
		assert_int_equal(out.n, n < HEAD ? 0 : 24);
	}
}

static int dial(const struct serve *s)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval     t  = { .tv_sec = TEST_PATIENCE_MS / 1000 };
	int                fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", serve_path(s, SERVE_SOCKET));
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
	return fd;
}

/* Who is silent from now on is not waited for long. */
static void lose_patience(int fd)
{
	struct timeval t = { .tv_usec = 700 * 1000 };

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t)), 0);
}

static void frame(const struct ask *a, struct buf *out)
{
	CLEANUP(buf_done) struct buf body = { 0 };

	make_ask(a, &body);
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_byte(out, (uint8_t)(body.n >> shift));
	buf_put(out, body.p, body.n);
	assert_false(out->failed);
}

/* n bytes, or how many there were until the end (0) or the time-out (-1). */
static ssize_t take(int fd, uint8_t *p, size_t n, size_t *got)
{
	ssize_t r = 1;

	for (*got = 0; *got < n && r > 0; *got += r > 0 ? (size_t)r : 0)
		r = recv(fd, p + *got, n - *got, 0);
	return r;
}

/* One whole answer's body. */
static void take_answer(int fd, struct buf *out)
{
	uint8_t head[4];
	size_t  got, n;

	assert_int_equal(take(fd, head, 4, &got), 4);
	n = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
	assert_true(n >= 24 && n <= BODY_MOST);
	take(fd, buf_room(out, n), n, &got);
	assert_int_equal(got, n);
}

static void serve_qgs(struct serve *s, const char *fault)
{
	serve_open(s, &(struct serve_spec){ .qgs = true, .fault = fault });
	assert_string_equal(s->why, "");
}

/* One client after another, one at a time byte by byte, two requests in one piece. */
static void conversation(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 }, out = { 0 }, first = { 0 }, second = { 0 };
	struct serve                 s;
	struct stat                  st;
	int                          fd;

	(void)state;
	serve_qgs(&s, NULL);
	assert_int_equal(stat(serve_path(&s, SERVE_SOCKET), &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
	frame(&asks[0], &in);
	assert_int_equal(in.n, 1052);
	assert_memory_equal(in.p, "\0\0\x04\x18", 4);
	fd = dial(&s);
	for (size_t i = 0; i < in.n; i++)
		assert_int_equal(send(fd, in.p + i, 1, 0), 1);
	take_answer(fd, &out);
	check_answer(&asks[0], buf_bytes(&out));

	frame(&asks[0], &in); /* behind the first */
	assert_int_equal(send(fd, in.p, in.n, 0), in.n);
	take_answer(fd, &first);
	take_answer(fd, &second);
	check_answer(&asks[0], buf_bytes(&first));
	check_answer(&asks[0], buf_bytes(&second));
	close(fd);
	serve_close(&s);
	assert_int_equal(access(serve_path(&s, SERVE_SOCKET), F_OK), -1);
}

static const struct {
	const char *name;
	uint8_t     head[4];
} frames[] = {
	{ "no body", { 0, 0, 0, 0 } },
	{ "less than a head", { 0, 0, 0, 15 } },
	{ "over the limit", { 0, 1, 0, 1 } },
	{ "4 GiB", { 255, 255, 255, 255 } },
	{ "little-endian", { 0x18, 4, 0, 0 } },
};

static void bad_frames(void **state)
{
	struct serve s;

	(void)state;
	serve_qgs(&s, NULL);
	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		uint8_t byte;
		size_t  got;
		int     fd = dial(&s);

		print_message("%s\n", frames[i].name);
		assert_int_equal(send(fd, frames[i].head, 4, 0), 4);
		assert_int_equal(take(fd, &byte, 1, &got), 0); /* closed */
		close(fd);
	}
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		CLEANUP(buf_done) struct buf in = { 0 };
		uint8_t                      byte;
		size_t                       got;
		int                          fd;

		if (asks[i].answers != 0)
			continue;
		print_message("%s\n", asks[i].name);
		frame(&asks[i], &in);
		fd = dial(&s);
		assert_int_equal(send(fd, in.p, in.n, 0), in.n);
		assert_int_equal(take(fd, &byte, 1, &got), 0);
		close(fd);
	}
	serve_close(&s);
}

static long resident_kib(pid_t pid)
{
	char  path[64], line[256];
	long  kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmRSS: %ld", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

/* Clients that stop in the midst of a request, or ask and ask and never read: others are served, and memory stays. */
static void slow_clients(void **state)
{
	CLEANUP(buf_done) struct buf in = { 0 }, out = { 0 };
	struct serve                 s;
	int                          slow[40], fd;
	long                         before;

	(void)state;
	serve_qgs(&s, NULL);
	frame(&asks[0], &in);
	before = resident_kib(s.pid);
	for (size_t i = 0; i < ARRAY_LEN(slow); i++) {
		slow[i] = dial(&s);
		if (i % 2 == 0)
			assert_int_equal(send(slow[i], in.p, 100, 0), 100);
		else
			for (int k = 0; k < 20; k++)
				send(slow[i], in.p, in.n, MSG_DONTWAIT);
	}
	fd = dial(&s);
	assert_int_equal(send(fd, in.p, in.n, 0), in.n);
	take_answer(fd, &out);
	check_answer(&asks[0], buf_bytes(&out));
	print_message("%ld KiB more\n", resident_kib(s.pid) - before);
	if (!TEST_SANITIZED)
		assert_true(resident_kib(s.pid) - before < 16 * 1024);
	close(fd);
	for (size_t i = 0; i < ARRAY_LEN(slow); i++)
		close(slow[i]);
	serve_close(&s);
}

static const struct {
	const char *fault;
	uint32_t    length; /* what the prefix says; 0: nothing comes */
	int         end;    /* after the answer: 0 closed, -1 silence */
	uint32_t    error;
} faults[] = {
	{ "qgs-error", 24, -1, 0x12001 },
	{ "qgs-hang", 0, -1, 0 },
	{ "qgs-short", 1, 0, 0 },
	{ "qgs-size", 0xffffffff, -1, 0 },
};

static void fault_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		CLEANUP(buf_done) struct buf in             = { 0 };
		uint8_t                      got[BODY_MOST] = { 0 };
		struct serve                 s;
		struct rd                    r;
		uint32_t                     length;
		size_t                       n;
		int                          fd;

		print_message("%s\n", faults[i].fault);
		serve_qgs(&s, faults[i].fault);
		frame(&asks[0], &in);
		fd = dial(&s);
		assert_int_equal(send(fd, in.p, in.n, 0), in.n);
		if (faults[i].length > 0)
			assert_int_equal(recv(fd, got, 1, MSG_PEEK), 1);
		if (faults[i].end < 0)
			lose_patience(fd);
		assert_int_equal(take(fd, got, sizeof(got), &n), faults[i].end);
		length = (uint32_t)got[0] << 24 | (uint32_t)got[1] << 16 |
			(uint32_t)got[2] << 8 | got[3];
		if (faults[i].length != 1) /* 1: more than comes */
			assert_int_equal(length, faults[i].length);
		else
			assert_true(n > 4 && length > n - 4);
		assert_true(n == 0 || n > 4);
		r = (struct rd){ .in = { got, n } };
		rd_take(&r, 16);
		assert_int_equal(rd_u32le(&r), faults[i].error);
		close(fd);
		serve_close(&s);
	}
}

/* Where it cannot listen, it says why. */
static void bad_paths(void **state)
{
	char             path[300];
	struct serve     s;
	struct qgs      *q = NULL;
	struct assay_err e = { 0 };

	(void)state;
	serve_qgs(&s, NULL);
	assert_int_equal(
		qgs_open(platform, serve_path(&s, SERVE_SOCKET), &q, &e), ASSAY_INPUT_OPTION);
	assert_non_null(strstr(assay_err_text(&e), "Address already in use"));
	close(dial(&s)); /* and the other is as it was */
	memset(path, 'x', sizeof(path));
	path[0]                = '/';
	path[sizeof(path) - 1] = '\0';
	e                      = (struct assay_err){ 0 };
	assert_int_equal(qgs_open(platform, path, &q, &e), ASSAY_INPUT_OPTION);
	assert_non_null(strstr(assay_err_text(&e), "too long"));
	e = (struct assay_err){ 0 };
	assert_int_equal(qgs_open(platform, "/nowhere/at/all", &q, &e), ASSAY_INPUT_OPTION);
	assert_null(q);
	serve_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(cuts),
		cmocka_unit_test(conversation),
		cmocka_unit_test(bad_frames),
		cmocka_unit_test(slow_clients),
		cmocka_unit_test(fault_cases),
		cmocka_unit_test(bad_paths),
	};

	return cmocka_run_group_tests(tests, make_platform, free_platform);
}
