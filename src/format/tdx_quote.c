/* SPDX-License-Identifier: Apache-2.0 */
#include "format/tdx_quote.h"

#include "base/hex.h"

#define KEY_P256 2
#define TEE_TDX  0x81

#define BODY_TD10  2 /* types of version 5 */
#define BODY_TD15  3
#define SIZE_TD10  584
#define SIZE_TD15  648
#define CERT_OUTER 6 /* QE report certification data */
#define CERT_INNER 5 /* PEM chain */

#define RAW         64
#define QE_REPORT   384
#define OUTER_HEAD  (RAW + TDX_KEY + 6)       /* sig_len less the outer size */
#define INNER_HEAD  (QE_REPORT + RAW + 2 + 6) /* outer size less auth data and inner size */
#define SECTION_MIN (OUTER_HEAD + INNER_HEAD) /* 590 */

static const uint8_t intel[16] = { 0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a,
	0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

/* n of P-256 (SEC 2, 2.4.2), big-endian. */
static const uint8_t order[RAW / 2] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff,
	0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3,
	0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };

static uint64_t rd_u64le(struct rd *r)
{
	uint64_t low = rd_u32le(r);

	return low | (uint64_t)rd_u32le(r) << 32;
}

static enum assay_code read_header(struct rd *r, struct tdx_quote *q, struct assay_err *e)
{
	uint16_t     key;
	uint32_t     tee;
	struct bytes vendor;

	q->version = rd_u16le(r);
	key        = rd_u16le(r);
	tee        = rd_u32le(r);
	rd_take(r, 4); /* reserved; signed, but without meaning (tdx 2.2) */
	vendor       = rd_take(r, sizeof(intel));
	q->user_data = rd_take(r, 20);
	TRY(rd_ok(r, "quote header", e));
	if (q->version != 4 && q->version != 5)
		return err_set(e, ASSAY_QUOTE_VERSION, "a quote of version %u%s", q->version,
			q->version == 3 ? ", of an SGX enclave" : "");
	if (key != KEY_P256)
		return err_set(e, ASSAY_QUOTE_KEYTYPE, "an attestation key of type %u", key);
	if (tee != TEE_TDX)
		return err_set(e, ASSAY_QUOTE_TEE, "a quote of TEE type 0x%x%s", (unsigned)tee,
			tee == 0 ? ", an SGX enclave" : "");
	if (!bytes_equal(vendor, BYTES_OF(intel)))
		return err_set(
			e, ASSAY_QUOTE_VENDOR, "a quoting enclave of vendor %s", HEX(vendor));
	return ASSAY_OK;
}

/* Version 4 has a TD 1.0 body; version 5 says which it has. */
static enum assay_code read_descriptor(struct rd *r, struct tdx_quote *q, struct assay_err *e)
{
	uint16_t type = BODY_TD10;
	uint32_t size = SIZE_TD10;

	if (q->version == 5) {
		type = rd_u16le(r);
		size = rd_u32le(r);
		TRY(rd_ok(r, "body descriptor", e));
	}
	if (type != BODY_TD10 && type != BODY_TD15)
		return err_set(e, ASSAY_QUOTE_BODY, "a body of type %u%s", type,
			type == 1 ? ", an SGX enclave" : "");
	q->body = type == BODY_TD15 ? TDX_TD15 : TDX_TD10;
	if (size != (q->body == TDX_TD15 ? SIZE_TD15 : SIZE_TD10))
		return err_set(e, ASSAY_QUOTE_BODY, "a body of type %u with %u bytes", type,
			(unsigned)size);
	return ASSAY_OK;
}

static enum assay_code read_td(struct rd *r, struct tdx_quote *q, struct assay_err *e)
{
	struct tdx_td *td = &q->td;

	td->svn             = rd_take(r, TDX_SVN);
	td->mrseam          = rd_take(r, TDX_MR);
	td->mrsignerseam    = rd_take(r, TDX_MR);
	td->seam_attributes = rd_u64le(r);
	td->attributes      = rd_u64le(r);
	td->xfam            = rd_u64le(r);
	td->mrtd            = rd_take(r, TDX_MR);
	td->mrconfigid      = rd_take(r, TDX_MR);
	td->mrowner         = rd_take(r, TDX_MR);
	td->mrownerconfig   = rd_take(r, TDX_MR);
	for (size_t i = 0; i < TDX_RTMR; i++)
		td->rtmr[i] = rd_take(r, TDX_MR);
	td->reportdata = rd_take(r, 64);
	if (q->body == TDX_TD15) {
		td->svn2        = rd_take(r, TDX_SVN);
		td->mrservicetd = rd_take(r, TDX_MR);
	}
	return rd_ok(r, "TD body", e);
}

/* SGX REPORT body, 384 bytes (tdx 2.6). Its CPUSVN is raw, and not what TCB levels are compared with. */
static void read_qe(struct bytes report, struct tdx_qe *out)
{
	struct rd r = { .in = report };

	rd_take(&r, 16);
	out->miscselect = rd_take(&r, 4);
	rd_take(&r, 28);
	out->attributes = rd_take(&r, 16);
	out->mrenclave  = rd_take(&r, 32);
	rd_take(&r, 32);
	out->mrsigner = rd_take(&r, 32);
	rd_take(&r, 96);
	out->isvprodid = rd_u16le(&r);
	out->isvsvn    = rd_u16le(&r);
	rd_take(&r, 60);
	out->reportdata = rd_take(&r, 64);
}

static enum assay_code check_number(struct bytes n, const char *what, struct assay_err *e)
{
	if (bytes_zero(n) || memcmp(n.p, order, sizeof(order)) >= 0)
		return err_set(e, ASSAY_QUOTE_SIGRANGE, "%s is out of its range", what);
	return ASSAY_OK;
}

static enum assay_code check_range(struct bytes rs, const char *what, struct assay_err *e)
{
	TRY(check_number((struct bytes){ rs.p, RAW / 2 }, what, e));
	return check_number((struct bytes){ rs.p + RAW / 2, RAW / 2 }, what, e);
}

/* What a genuine quote may have in the certificates' place (tdx 2.5), and is not judged with. */
static const char *certification(unsigned type)
{
	if (type >= 1 && type <= 3)
		return ", which names the platform: its PCK certificate is wanted in the quote, so let the host's quoting service have a PCCS";
	if (type == 4)
		return ", a PCK certificate without the chain above it";
	return type == 7 ? ", a platform manifest" : "";
}

/* What stands inside the outer certification data, to its last byte. */
static enum assay_code read_certification(
	struct rd *r, size_t outer, struct tdx_quote *q, struct assay_err *e)
{
	uint16_t auth, type;
	uint32_t size;

	q->qe_report    = rd_take(r, QE_REPORT);
	q->qe_signature = rd_take(r, RAW);
	auth            = rd_u16le(r);
	TRY(rd_ok(r, "QE report certification data", e));
	if (auth > TDX_QUOTE_AUTH)
		return err_set(
			e, ASSAY_QUOTE_QEAUTH, "QE authentication data of %u bytes", auth);
	if (outer < INNER_HEAD + (size_t)auth)
		return err_set(e, ASSAY_QUOTE_CERTLEN,
			"certification data of %zu bytes holds %u of authentication data",
			outer, auth);
	q->qe_auth = rd_take(r, auth);
	type       = rd_u16le(r);
	size       = rd_u32le(r);
	TRY(rd_ok(r, "certification data", e));
	if (type != CERT_INNER)
		return err_set(e, ASSAY_QUOTE_CERTTYPE, "inner certification data of type %u%s",
			type, certification(type));
	if (size != outer - INNER_HEAD - auth)
		return err_set(e, ASSAY_QUOTE_CERTLEN,
			"inner certification data of %u bytes where %zu are", (unsigned)size,
			outer - INNER_HEAD - auth);
	if (size > TDX_QUOTE_PEM)
		return err_set(
			e, ASSAY_QUOTE_CERTLEN, "certificates of %u bytes", (unsigned)size);
	q->pem = rd_take(r, size);
	TRY(rd_ok(r, "certificates", e));
	read_qe(q->qe_report, &q->qe);
	return check_range(q->qe_signature, "the QE report's signature", e);
}

static enum assay_code read_section(struct rd *r, struct tdx_quote *q, struct assay_err *e)
{
	uint32_t  n = rd_u32le(r), outer;
	uint16_t  type;
	struct rd in;

	TRY(rd_ok(r, "signature section", e));
	if (n < SECTION_MIN || n > rd_left(r))
		return err_set(e, ASSAY_QUOTE_SIGLEN,
			"a signature section of %u bytes where %zu are left", (unsigned)n,
			rd_left(r));
	in           = (struct rd){ .in = rd_take(r, n) };
	q->signature = rd_take(&in, RAW);
	q->key       = rd_take(&in, TDX_KEY);
	type         = rd_u16le(&in);
	outer        = rd_u32le(&in);
	if (type != CERT_OUTER)
		return err_set(
			e, ASSAY_QUOTE_CERTTYPE, "outer certification data of type %u", type);
	if (outer != n - OUTER_HEAD)
		return err_set(e, ASSAY_QUOTE_CERTLEN,
			"outer certification data of %u bytes where %u are", (unsigned)outer,
			(unsigned)(n - OUTER_HEAD));
	TRY(read_certification(&in, outer, q, e));
	return check_range(q->signature, "the quote's signature", e);
}

/* Producers pad (tdx 2.4). What is not signed may carry nothing. */
static enum assay_code check_trailing(struct rd *r, struct assay_err *e)
{
	size_t       n    = rd_left(r);
	struct bytes rest = rd_take(r, n);

	if (n > TDX_QUOTE_TRAILING)
		return err_set(e, ASSAY_QUOTE_TRAILING, "%zu bytes behind the quote", n);
	if (!bytes_zero(rest))
		return err_set(e, ASSAY_QUOTE_TRAILING,
			"%zu bytes behind the quote are not all zero", n);
	return ASSAY_OK;
}

enum assay_code tdx_quote_parse(struct bytes in, struct tdx_quote *out, struct assay_err *e)
{
	struct tdx_quote q = { 0 };
	struct rd        r = { .in = in };

	if (in.n > TDX_QUOTE_MAX)
		return err_set(e, ASSAY_QUOTE_SIZE, "a quote of %zu bytes", in.n);
	TRY(read_header(&r, &q, e));
	if (in.n < TDX_QUOTE_MIN)
		return err_set(e, ASSAY_QUOTE_SIZE, "a quote of %zu bytes", in.n);
	TRY(read_descriptor(&r, &q, e));
	TRY(read_td(&r, &q, e));
	q.message = (struct bytes){ in.p, r.at };
	TRY(read_section(&r, &q, e));
	q.whole = (struct bytes){ in.p, r.at };
	TRY(check_trailing(&r, e));
	*out = q;
	return ASSAY_OK;
}

bool tdx_quote_like(struct bytes in)
{
	struct rd r       = { .in = in };
	uint16_t  version = rd_u16le(&r);

	rd_u16le(&r);
	if ((version == 4 || version == 5) && rd_u32le(&r) == TEE_TDX && r.lack == 0)
		return true;
	r = (struct rd){ .in = in, .at = 12 };
	/* of an enclave, or of a version to come: it is told what it is */
	return in.n >= 12 + sizeof(intel) && version >= 3 && version <= 9 &&
		bytes_equal(rd_take(&r, sizeof(intel)), BYTES_OF(intel));
}
