/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of the event log (tdx.md 6). The log is ordinary memory of the guest: nothing in it is signed, only what
 * replays to the registers counts. */
#include "forge/tdx_inside.h"

#define HEAD      (32 + 33) /* the Spec ID record */
#define DIGEST_AT 14        /* of an event: behind index, type, count and algorithm */
#define SIZE_AT   62

static size_t read_u32(const uint8_t *p)
{
	return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

static size_t size_of(const struct buf *log, size_t at)
{
	return SIZE_AT + 4 + read_u32(log->p + at + SIZE_AT);
}

/* Where that event begins, by its number in the table; other faults may have taken it. */
static enum assay_code find(
	const struct buf *log, unsigned number, size_t *out, struct assay_err *e)
{
	size_t at = HEAD;

	for (; at < log->n && number > 0; number--)
		at += size_of(log, at);
	if (at >= log->n)
		return err_set(e, ASSAY_INPUT_OPTION, "the event log has no such event left");
	*out = at;
	return ASSAY_OK;
}

static enum assay_code flip_digest(
	const struct tdx_fault *t, struct buf *log, struct assay_err *e)
{
	size_t at = 0;

	TRY(find(log, t->at, &at, e));
	log->p[at + DIGEST_AT] ^= 1;
	return ASSAY_OK;
}

static enum assay_code drop(const struct tdx_fault *t, struct buf *log, struct assay_err *e)
{
	size_t at = 0, n;

	TRY(find(log, t->at, &at, e));
	n = size_of(log, at);
	memmove(log->p + at, log->p + at + n, log->n - at - n);
	log->n -= n;
	return ASSAY_OK;
}

static enum assay_code flip_data(
	const struct tdx_fault *t, struct buf *log, struct assay_err *e)
{
	size_t at = 0;

	TRY(find(log, t->at, &at, e));
	log->p[at + size_of(log, at) - 1] ^= 1;
	return ASSAY_OK;
}

static enum assay_code other_index(
	const struct tdx_fault *t, struct buf *log, struct assay_err *e)
{
	size_t at = 0;

	TRY(find(log, t->at, &at, e));
	log->p[at] = (uint8_t)t->value;
	return ASSAY_OK;
}

/* What data does not tell differs: images, tables, files. */
static enum assay_code other_machine(
	const struct tdx_fault *t, struct buf *log, struct assay_err *e)
{
	static const size_t objects[] = { 0x06, 0x0a, 0x80000003, 0x8000000a, 0x8000000b };

	(void)t;
	(void)e;
	for (size_t at = HEAD; at < log->n; at += size_of(log, at))
		for (size_t i = 0; i < ARRAY_LEN(objects); i++)
			if (read_u32(log->p + at + 4) == objects[i])
				for (size_t k = 0; k < TDX_REGISTER; k++)
					log->p[at + DIGEST_AT + k] ^= 0xa5;
	return ASSAY_OK;
}

static enum assay_code no_log(const struct tdx_fault *t, struct buf *log, struct assay_err *e)
{
	(void)t;
	(void)e;
	buf_done(log);
	return ASSAY_OK;
}

#define REPLAY .finding = "tdx.eventlog.replay"

static const struct tdx_fault rows[] = {
	{ "log-digest", "the kernel's digest in the event log edited", REPLAY, .exit = 1,
		.log = flip_digest, .at = 16 },
	{ "log-event-removed", "the initial file system's event left out", REPLAY, .exit = 1,
		.log = drop, .at = 19 },
	{ "log-data", "an event says that Secure Boot was on, its digest that it was off",
		REPLAY, .exit = 1, .log = flip_data, .at = 2 },
	{ "log-other-machine", "the event log of another machine", REPLAY, .exit = 1,
		.log = other_machine },
	{ "log-index", "an event for a register that does not exist", REPLAY, .exit = 6,
		.log = other_index, .at = 0, .value = 7 },
	{ "log-missing", "no event log", REPLAY, .exit = 3, .log = no_log },
};

const struct tdx_fault_table tdx_fault_log = { rows, ARRAY_LEN(rows) };
