/* SPDX-License-Identifier: Apache-2.0 */
#include "format/spdm.h"

#define SPDM_VERSION_11  0x11
#define GET_MEASUREMENTS 0xe0
#define MEASUREMENTS     0x60
#define SIGNATURE_WANTED 0x01 /* Param1 of the request, bit 0 */
#define ALL_MEASUREMENTS 0xff
#define DMTF_MEASUREMENT 0x01
#define KIND_RAW         0x80 /* bit 7 of the value type: raw bits, no digest */
#define KIND_FIRMWARE    0x01 /* mutable firmware, the only kind that NVIDIA uses */
#define BLOCKS_AT        41   /* where the number of blocks stands (nvidia-evidence 2.1) */
#define NVSWITCH_BLOCKS  31   /* of all known switches; GPUs have 64 (8.1) */
#define REPORT_MIN       175  /* with no block and no opaque data */

/* A field with the one value that it may have. */
static enum assay_code fixed(const char *what, unsigned got, unsigned want, struct assay_err *e)
{
	if (got != want)
		return err_set(
			e, ASSAY_REPORT_HEADER, "%s is 0x%02x, not 0x%02x", what, got, want);
	return ASSAY_OK;
}

static enum assay_code request_read(
	struct rd *r, struct spdm_report *out, uint8_t *slot, struct assay_err *e)
{
	uint8_t version = rd_u8(r), code = rd_u8(r), attributes = rd_u8(r),
		operation = rd_u8(r);

	out->nonce = rd_take(r, SPDM_NONCE);
	*slot      = rd_u8(r);
	TRY(rd_ok(r, "request", e));
	TRY(fixed("request version", version, SPDM_VERSION_11, e));
	TRY(fixed("request code", code, GET_MEASUREMENTS, e));
	TRY(fixed("request attributes", attributes, SIGNATURE_WANTED, e));
	TRY(fixed("request operation", operation, ALL_MEASUREMENTS, e));
	return fixed("reserved bits of the slot", *slot & 0xf0u, 0, e);
}

/* DSP0274 1.1, "Measurement block format", with a DMTF measurement inside. Blocks are numbered 1..N in order. */
static enum assay_code block_read(
	struct rd *r, size_t i, struct bytes *digest, struct assay_err *e)
{
	uint8_t  index = rd_u8(r), spec = rd_u8(r);
	uint16_t size = rd_u16le(r);
	uint8_t  kind = rd_u8(r);

	*digest = rd_take(r, rd_u16le(r));
	TRY(rd_ok(r, "measurement block", e));
	if (index != i + 1)
		return err_set(e, ASSAY_MEASUREMENT_BLOCK, "block %u where block %zu belongs",
			index, i + 1);
	if (spec != DMTF_MEASUREMENT || size != digest->n + 3)
		return err_set(e, ASSAY_MEASUREMENT_BLOCK,
			"block %u: sizes or specification disagree", index);
	if ((kind & KIND_RAW) != 0 || kind != KIND_FIRMWARE || digest->n != SPDM_DIGEST)
		return err_set(e, ASSAY_MEASUREMENT_KIND,
			"block %u: type 0x%02x with %zu bytes is no SHA-384 digest", index,
			kind, digest->n);
	return ASSAY_OK;
}

static enum assay_code record_read(
	struct bytes record, struct spdm_report *out, struct assay_err *e)
{
	struct rd r = { .in = record };

	for (size_t i = 0; i < out->blocks; i++)
		TRY(block_read(&r, i, &out->block[i], e));
	if (rd_left(&r) != 0)
		return err_set(e, ASSAY_MEASUREMENT_BLOCK,
			"%zu bytes behind the last of %zu blocks", rd_left(&r), out->blocks);
	return ASSAY_OK;
}

/* Where the signature stands depends on the length, so nothing is cut off here (nvidia-evidence 1.4). */
static enum assay_code check_end(struct rd *r, struct assay_err *e)
{
	size_t at = r->at, n = rd_left(r);

	if (n == 0)
		return ASSAY_OK;
	if (bytes_zero(rd_take(r, n)))
		return err_set(e, ASSAY_REPORT_SIZE,
			"%zu zero bytes behind the signature: the report is the first %zu bytes, what is behind them must be cut off",
			n, at);
	return err_set(e, ASSAY_REPORT_SIZE, "%zu bytes behind the signature", n);
}

enum assay_code spdm_parse(struct bytes report, struct spdm_report *out, struct assay_err *e)
{
	struct spdm_report s = { 0 };
	struct rd          r = { .in = report };
	struct bytes       record;
	uint8_t            asked, version, code, reserved, slot;

	if (report.n < REPORT_MIN || report.n > SPDM_REPORT_MAX)
		return err_set(e, ASSAY_REPORT_SIZE, "a report of %zu bytes, outside %d to %d",
			report.n, REPORT_MIN, SPDM_REPORT_MAX);
	TRY(request_read(&r, &s, &asked, e));
	version     = rd_u8(&r);
	code        = rd_u8(&r);
	reserved    = rd_u8(&r);
	slot        = rd_u8(&r);
	s.blocks    = rd_u8(&r);
	record      = rd_take(&r, rd_u24le(&r));
	s.answer    = rd_take(&r, SPDM_NONCE);
	s.opaque    = rd_take(&r, rd_u16le(&r));
	s.message   = (struct bytes){ report.p, r.at };
	s.signature = rd_take(&r, SPDM_SIGNATURE);
	TRY(rd_ok(&r, "response", e));
	TRY(fixed("response version", version, SPDM_VERSION_11, e));
	TRY(fixed("response code", code, MEASUREMENTS, e));
	TRY(fixed("response Param1", reserved, 0, e));
	TRY(fixed("response slot", slot, asked, e));
	TRY(check_end(&r, e));
	if (s.blocks == 0 || s.blocks > SPDM_BLOCKS_MAX)
		return err_set(e, ASSAY_MEASUREMENT_BLOCK, "%zu measurement blocks", s.blocks);
	if (s.opaque.n == 0)
		return err_set(e, ASSAY_REPORT_SIZE, "no opaque data");
	TRY(record_read(record, &s, e));
	*out = s;
	return ASSAY_OK;
}

enum device_kind spdm_guess(struct bytes report)
{
	return report.n > BLOCKS_AT && report.p[BLOCKS_AT] == NVSWITCH_BLOCKS ? DEVICE_NVSWITCH
									      : DEVICE_GPU;
}
