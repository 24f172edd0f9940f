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

/* qgs_msg_lib's types and errors. */
enum { GET_QUOTE, QUOTE, GET_COLLATERAL, COLLATERAL, GET_PLATFORM, PLATFORM };
enum {
	QGS_SUCCESS          = 0,
	QGS_ERROR_UNEXPECTED = 0x12001,
	QGS_ERROR_INVALID    = 0x12003, /* a size or a parameter */
	QGS_ERROR_TYPE       = 0x12004,
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

/* A request's parts: its rest must be what its sizes add up to. */
static enum assay_code get_quote(
	struct platform *p, struct rd *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf quote = { 0 };
	const uint32_t               size = rd_u32le(r), ids = rd_u32le(r);
	const struct bytes           report = rd_take(r, size);
	enum assay_code              code   = ASSAY_REPORT_SIGNATURE; /* of another machine */

	rd_take(r, ids);
	if (r->lack == 0 && rd_left(r) == 0 && size == TDX_REPORT)
		code = tdx_quote(p->tdx, report.p, &quote, e);
	if (code != ASSAY_OK && code != ASSAY_REPORT_SIGNATURE)
		return code;
	if (code != ASSAY_OK) {
		put_head(out, QUOTE, 8, QGS_ERROR_INVALID);
		put_u32(out, 0);
		put_u32(out, 0);
		return ASSAY_OK;
	}
	put_head(out, QUOTE, 8 + quote.n, QGS_SUCCESS);
	put_u32(out, 0);
	put_u32(out, (uint32_t)quote.n);
	buf_put(out, quote.p, quote.n);
	return ASSAY_OK;
}

#define BLOBS 7

static void blobs_done(struct buf (*b)[BLOBS])
{
	for (size_t i = 0; i < BLOBS; i++)
		buf_done(&(*b)[i]);
}

static enum assay_code get_collateral(
	struct platform *p, struct rd *r, struct buf *out, struct assay_err *e)
{
	CLEANUP(blobs_done) struct buf blob[BLOBS] = { 0 };
	const uint32_t                 size = rd_u32le(r), ca_size = rd_u32le(r);
	const struct bytes             fmspc = rd_take(r, size), ca = rd_take(r, ca_size);
	const bool                     proc = bytes_begin(ca, BYTES("processor"));
	const int64_t                  now  = platform_now(p);
	size_t                         sum  = 4 + 4 * BLOBS;

	if (r->lack != 0 || rd_left(r) != 0 || size != 6 ||
		memcmp(fmspc.p, tdx_fmspc(p->tdx), 6) != 0 ||
		(!proc && !bytes_begin(ca, BYTES("platform")))) {
		put_head(out, COLLATERAL, 0, QGS_ERROR_INVALID);
		return ASSAY_OK;
	}
	TRY(tdx_pck_crl(
		p->tdx, proc ? TDX_CA_PROCESSOR : TDX_CA_PLATFORM, now, &blob[2], &blob[0], e));
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
	return ASSAY_OK;
}

static enum assay_code get_platform(
	struct platform *p, struct rd *r, struct buf *out, struct assay_err *e)
{
	static const uint8_t id[16];
	uint8_t              report[TDX_REPORT];

	(void)r;
	TRY(tdx_report(p->tdx, (const uint8_t[TDX_REPORTDATA]){ 0 }, report, e));
	put_head(out, PLATFORM, 12 + sizeof(id) + 16, QGS_SUCCESS);
	put_u16(out, TDQE_SVN);
	put_u16(out, 13);
	put_u32(out, sizeof(id));
	put_u32(out, 16);
	buf_put(out, id, sizeof(id));
	buf_put(out, report + 16, 16); /* CPUSVN */
	return ASSAY_OK;
}

static const struct {
	unsigned    type;
	const char *name;
	enum assay_code (*answer)(
		struct platform *p, struct rd *r, struct buf *out, struct assay_err *e);
} rows[] = {
	{ GET_QUOTE, "quote", get_quote },
	{ GET_COLLATERAL, "collateral", get_collateral },
	{ GET_PLATFORM, "platform", get_platform },
};

/* The row of a body's type; NULL with an error message in out. */
static size_t find(struct rd *r, size_t n, struct buf *out)
{
	const unsigned major = rd_u16le(r);
	unsigned       type;
	uint32_t       size, error;

	rd_u16le(r);
	type  = rd_u32le(r);
	size  = rd_u32le(r);
	error = rd_u32le(r);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (r->lack == 0 && major == MAJOR && size == n && error == 0 &&
			rows[i].type == type)
			return i;
	put_head(out, type + 1, 0,
		r->lack == 0 && size == n ? QGS_ERROR_TYPE : QGS_ERROR_INVALID);
	return ARRAY_LEN(rows);
}

enum assay_code qgs_answer(
	struct platform *p, struct bytes body, struct buf *out, struct assay_err *e)
{
	struct rd    r = { .in = body };
	const size_t i = find(&r, body.n, out);

	if (i < ARRAY_LEN(rows))
		TRY(rows[i].answer(p, &r, out, e));
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
	const struct sim_fault      *f      = platform_struck(p, SIM_QGS, "", FORGE_GPU, 0);
	struct assay_err             e      = { 0 };

	if (f != NULL && f->act == SIM_HANG)
		return STREAM_HANG;
	if (f != NULL && f->act == SIM_RETURN)
		put_head(&answer, QUOTE, 0, (uint32_t)f->value);
	else if (qgs_answer(p, body, &answer, &e) != ASSAY_OK) {
		fprintf(stderr, "assay sim: QGS: %s\n", assay_err_text(&e));
		return STREAM_CLOSE;
	}
	return hand_over(f, &answer, out);
}

static enum stream_way take(void *ctx, struct bytes in, size_t *used, struct buf *out)
{
	struct qgs *q = ctx;
	uint32_t    n;

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
	struct stream_spec spec = { path, 16 * BODY_MOST, take, q };

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
