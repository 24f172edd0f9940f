/* SPDX-License-Identifier: Apache-2.0 */
#include "door/qgs.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/rd.h"
#include "base/show.h"
#include "door/stream.h"

#define LENGTH    4 /* big-endian, in front of each body */
#define BODY_MOST (64 * 1024)
#define HEAD      16
#define MAJOR     1
#define TDQE_SVN  6
#define PCE_SVN   13
#define CPUSVN_AT 16 /* in a TDREPORT */
#define CPUSVN    16

/* qgs_msg_lib's types and errors. */
enum { GET_QUOTE, QUOTE, GET_COLLATERAL, COLLATERAL, GET_PLATFORM, PLATFORM };
enum {
	QGS_SUCCESS       = 0,
	QGS_ERROR_INVALID = 0x12003, /* a parameter */
	QGS_ERROR_SIZE    = 0x12006,
	QGS_ERROR_CODE    = 0x12007,
};

struct qgs {
	struct platform *platform;
	struct stream   *stream;
	struct buf       path;
};

static void put_u16(struct buf *out, unsigned v)
{
	buf_byte(out, (uint8_t)v);
	buf_byte(out, (uint8_t)(v >> 8));
}

static void put_u32(struct buf *out, uint32_t v)
{
	put_u16(out, v & 0xffff);
	put_u16(out, v >> 16);
}

static void put_head(struct buf *out, unsigned type, size_t rest, uint32_t error)
{
	put_u16(out, MAJOR);
	put_u16(out, 0);
	put_u32(out, type);
	put_u32(out, (uint32_t)(HEAD + rest));
	put_u32(out, error);
}

/* Of each message's answer: what lies behind the head when nothing follows. qgs_msg_lib counts the version of collateral
 * twice, in what it makes as in what it reads, so that four bytes without a meaning end that answer. */
#define REST_QUOTE      (2 * 4)
#define REST_COLLATERAL (2 * 2 + 4 * BLOBS + 2 * 2)
#define REST_PLATFORM   (2 * 2 + 2 * 4)
#define BLOBS           7

/* A request's parts: its rest must be what its sizes add up to. Nothing appended: the request is refused. */
static enum assay_code get_quote(
	struct platform *p, struct rd *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf quote = { 0 };
	const uint32_t               size = rd_u32le(r), ids = rd_u32le(r);
	const struct bytes           report = rd_take(r, size);
	enum assay_code              code;

	rd_take(r, ids);
	if (r->lack != 0 || rd_left(r) != 0 || size != TDX_REPORT)
		return ASSAY_OK;
	code = tdx_quote(p->tdx, report.p, &quote, e);
	if (code == ASSAY_REPORT_SIGNATURE)
		return ASSAY_OK; /* of another machine */
	TRY(code);
	put_head(out, QUOTE, REST_QUOTE + quote.n, QGS_SUCCESS);
	put_u32(out, 0);
	put_u32(out, (uint32_t)quote.n);
	buf_put(out, quote.p, quote.n);
	return ASSAY_OK;
}

static void blobs_done(struct buf (*b)[BLOBS])
{
	for (size_t i = 0; i < BLOBS; i++)
		buf_done(&(*b)[i]);
}

static bool read_ca(struct bytes name, enum tdx_ca *ca)
{
	if (name.n > 0 && name.p[name.n - 1] == '\0')
		name.n--; /* callers may count it */
	*ca = bytes_equal(name, BYTES("processor")) ? TDX_CA_PROCESSOR : TDX_CA_PLATFORM;
	return *ca == TDX_CA_PROCESSOR || bytes_equal(name, BYTES("platform"));
}

static enum assay_code get_collateral(
	struct platform *p, struct rd *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(blobs_done) struct buf blob[BLOBS] = { 0 };
	const uint32_t                 size = rd_u32le(r), ca_size = rd_u32le(r);
	const struct bytes             fmspc = rd_take(r, size), name = rd_take(r, ca_size);
	const struct bytes             ours = { tdx_fmspc(p->tdx), 6 };
	const int64_t                  now  = platform_now(p);
	size_t                         sum  = REST_COLLATERAL;
	enum tdx_ca                    ca;

	if (r->lack != 0 || rd_left(r) != 0 || !bytes_equal(fmspc, ours) || !read_ca(name, &ca))
		return ASSAY_OK;
	TRY(tdx_pck_crl(p->tdx, ca, now, &blob[2], &blob[0], e));
	TRY(tdx_root_crl(p->tdx, now, &blob[1], e));
	TRY(tdx_tcb_info(p->tdx, now, &blob[4], &blob[3], e));
	TRY(tdx_qe_identity(p->tdx, now, &blob[6], &blob[5], e));
	for (size_t i = 0; i < BLOBS; i++)
		sum += blob[i].n;
	put_head(out, COLLATERAL, sum, QGS_SUCCESS);
	put_u16(out, 3); /* of sgx_ql_qve_collateral_t */
	put_u16(out, 1);
	for (size_t i = 0; i < BLOBS; i++)
		put_u32(out, (uint32_t)blob[i].n);
	for (size_t i = 0; i < BLOBS; i++)
		buf_put(out, blob[i].p, blob[i].n);
	put_u32(out, 0); /* see REST_COLLATERAL */
	return ASSAY_OK;
}

static enum assay_code get_platform(
	struct platform *p, struct rd *r, struct buf *out, struct assay_err *e)
{
	static const uint8_t id[16], zeros[TDX_REPORTDATA];
	uint8_t              report[TDX_REPORT];

	if (rd_left(r) != 0)
		return ASSAY_OK;
	TRY(tdx_report(p->tdx, zeros, report, e));
	put_head(out, PLATFORM, REST_PLATFORM + sizeof(id) + CPUSVN, QGS_SUCCESS);
	put_u16(out, TDQE_SVN);
	put_u16(out, PCE_SVN);
	put_u32(out, sizeof(id));
	put_u32(out, CPUSVN);
	buf_put(out, id, sizeof(id));
	buf_put(out, report + CPUSVN_AT, CPUSVN);
	return ASSAY_OK;
}

static const struct row {
	unsigned    type, answers;
	const char *name;
	size_t      rest;
	enum assay_code (*answer)(
		struct platform *p, struct rd *r, struct buf *out, struct assay_err *e);
} rows[] = {
	{ GET_QUOTE, QUOTE, "quote", REST_QUOTE, get_quote },
	{ GET_COLLATERAL, COLLATERAL, "collateral", REST_COLLATERAL, get_collateral },
	{ GET_PLATFORM, PLATFORM, "platform", REST_PLATFORM, get_platform },
};

/* An answer whose sizes are all zero. */
static void put_error(struct buf *out, const struct row *row, uint32_t error)
{
	put_head(out, row->answers, row->rest, error);
	for (size_t i = 0; i < row->rest; i++)
		buf_byte(out, 0);
}

/* The row of a body's type, and what is wrong with its head, in the order in which qgs_msg_lib asks; NULL when it has no
 * type that could be answered. */
static const struct row *read_head(struct rd *r, uint32_t *error)
{
	const unsigned major = rd_u16le(r), minor = rd_u16le(r);
	const uint32_t type = rd_u32le(r), size = rd_u32le(r), code = rd_u32le(r);

	(void)minor; /* deemed compatible */
	*error = size != r->in.n ? QGS_ERROR_SIZE : (code != 0 ? QGS_ERROR_CODE : QGS_SUCCESS);
	for (size_t i = 0; r->lack == 0 && major == MAJOR && i < ARRAY_LEN(rows); i++)
		if (rows[i].type == type)
			return &rows[i];
	return NULL;
}

enum assay_code qgs_answer(
	struct platform *p, struct bytes body, struct buf *out, struct assay_err *e)
{
	struct rd         r = { .in = body };
	uint32_t          error;
	const struct row *row   = read_head(&r, &error);
	const size_t      start = out->n;

	if (row == NULL)
		return ASSAY_OK;
	if (error == QGS_SUCCESS)
		TRY(row->answer(p, &r, out, e));
	if (out->n == start)
		put_error(out, row, error != QGS_SUCCESS ? error : QGS_ERROR_INVALID);
	return buf_ok(out, e);
}

static void put_length(struct buf *out, uint32_t n)
{
	const uint8_t b[] = { (uint8_t)(n >> 24), (uint8_t)(n >> 16), (uint8_t)(n >> 8),
		(uint8_t)n };

	buf_put(out, b, sizeof(b));
}

/* What a fault makes of an answer. */
static enum stream_way hand_over(
	const struct sim_fault *f, const struct buf *answer, struct buf *out)
{
	const size_t n = f != NULL && f->act == SIM_SHORT ? answer->n / 2 : answer->n;

	put_length(out,
		f != NULL && f->act == SIM_SIZE ? (uint32_t)f->value : (uint32_t)answer->n);
	if (f != NULL && f->act == SIM_GARBAGE) {
		for (size_t i = 0; i < n; i++)
			buf_byte(out, 0xaa);
		return STREAM_GO;
	}
	buf_put(out, answer->p, n);
	return f != NULL && f->act == SIM_SHORT ? STREAM_LAST : STREAM_GO;
}

static enum stream_way serve(struct platform *p, struct bytes body, struct buf *out)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	struct rd                    r      = { .in = body };
	uint32_t                     error;
	const struct row            *row = read_head(&r, &error);
	const struct sim_fault      *f;
	struct assay_err             e = { 0 };

	if (row == NULL)
		return STREAM_CLOSE;
	f = platform_struck(p, SIM_QGS, row->name, FORGE_GPU, 0);
	if (f != NULL && f->act == SIM_HANG)
		return STREAM_HANG;
	if (f != NULL && f->act == SIM_RETURN)
		put_error(&answer, row, (uint32_t)f->value);
	else if (qgs_answer(p, body, &answer, &e) != ASSAY_OK) {
		fprintf(stderr, "assay sim: QGS: %s\n", assay_err_text(&e));
		return STREAM_CLOSE;
	}
	return hand_over(f, &answer, out);
}

static enum stream_way take(
	void *ctx, bool stranger, struct bytes in, size_t *used, struct buf *out)
{
	struct qgs *q = ctx;
	uint32_t    n;

	(void)stranger;
	if (in.n < LENGTH)
		return STREAM_GO;
	n = (uint32_t)in.p[0] << 24 | (uint32_t)in.p[1] << 16 | (uint32_t)in.p[2] << 8 |
		in.p[3];
	if (n < HEAD || n > BODY_MOST)
		return STREAM_CLOSE;
	if (in.n - LENGTH < n)
		return STREAM_GO;
	*used = LENGTH + n;
	return serve(q->platform, (struct bytes){ in.p + LENGTH, n }, out);
}

enum assay_code qgs_open(
	struct platform *p, const char *path, struct qgs **out, struct assay_err *e)
{
	struct sockaddr_un to   = { .sun_family = AF_UNIX };
	struct qgs        *q    = mem_new(1, sizeof(*q));
	struct stream_spec spec = { path, 16 * BODY_MOST, take, q, false };

	if (q == NULL)
		return err_no_memory(e);
	q->platform = p;
	buf_text(&q->path, path);
	if (strlen(path) >= sizeof(to.sun_path))
		err_set(e, ASSAY_INPUT_OPTION, "%s: too long for a socket's path; see --qgs",
			SHOW(bytes_text(path)));
	else {
		memcpy(to.sun_path, path, strlen(path) + 1);
		if (stream_open(&spec, &to, &q->stream, e) == ASSAY_OK) {
			*out = q;
			return ASSAY_OK;
		}
	}
	buf_done(&q->path);
	mem_free(q);
	return e->code;
}

void qgs_close(struct qgs *q)
{
	if (q == NULL)
		return;
	stream_close(q->stream);
	unlink(buf_cstr(&q->path));
	buf_done(&q->path);
	mem_free(q);
}

size_t qgs_fds(const struct qgs *q, int fd[QGS_FDS])
{
	fd[0] = stream_fd(q->stream);
	return QGS_FDS;
}

void qgs_run(struct qgs *q, int fd)
{
	(void)fd;
	stream_run(q->stream);
}
