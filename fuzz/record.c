/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process with a vendor's library may send: however it is cut into reads, the same comes of it; text is
 * printable, values are within their limits, and no code is taken that a library may not give. The first byte is the size
 * of a read, the second the kind of device. */
#include "fuzz.h"

#include "collect/record.h"

static bool printable(const char *text)
{
	for (; *text != 0; text++)
		if (*text < 0x20 || *text > 0x7e)
			return false;
	return true;
}

/* As collect/door.c does: what is no whole record stays for the next read. */
static enum assay_code take(
	struct bytes in, size_t read, enum device_kind kind, struct haul *h, size_t *records)
{
	CLEANUP(buf_done) struct buf have = { 0 };
	struct assay_err             e    = { 0 };

	for (size_t at = 0; at < in.n;) {
		size_t        n     = read < in.n - at ? read : in.n - at;
		struct rd     r     = { 0 };
		struct record got   = { 0 };
		bool          whole = true;

		buf_put(&have, in.p + at, n);
		at += n;
		r.in = buf_bytes(&have);
		while (whole) {
			TRY(record_read(&r, &got, &whole, &e));
			if (!whole)
				break;
			HOLDS(inside(got.value, r.in));
			HOLDS(got.device == RECORD_SYSTEM || got.device < EVIDENCE_DEVICES);
			TRY(haul_take(h, kind, &got, &e));
			++*records;
		}
		have.n -= r.at;
		memmove(have.p, have.p + r.at, have.n);
		HOLDS(have.n < RECORD_HEAD + EVIDENCE_REPORT);
	}
	return ASSAY_OK;
}

static bool may(const struct assay_err *fault)
{
	enum assay_class cls = assay_class(fault->code);

	return fault->code == ASSAY_OK || cls == ASSAY_CLASS_UNAVAILABLE ||
		cls == ASSAY_CLASS_NOT_READY;
}

static void check(const struct haul *h)
{
	HOLDS(h->devices <= EVIDENCE_DEVICES && may(&h->fault));
	HOLDS(printable(h->system.driver) && printable(h->system.nvml));
	for (size_t i = 0; i < h->devices; i++) {
		const struct collected_device *d = &h->device[i];

		HOLDS(d->index == i && may(&d->fault) && printable(assay_err_text(&d->fault)));
		HOLDS(printable(d->name) && printable(d->uuid) && printable(d->vbios) &&
			printable(d->bus));
		HOLDS(d->report.n <= EVIDENCE_REPORT && d->chain.n <= EVIDENCE_CHAIN);
	}
}

static void same(const struct haul *a, const struct haul *b)
{
	HOLDS(a->devices == b->devices && a->fault.code == b->fault.code);
	HOLDS(memcmp(&a->system, &b->system, sizeof(a->system)) == 0);
	for (size_t i = 0; i < a->devices; i++) {
		const struct collected_device *x = &a->device[i], *y = &b->device[i];

		HOLDS(strcmp(x->uuid, y->uuid) == 0 && x->fault.code == y->fault.code);
		HOLDS(bytes_equal(buf_bytes(&x->report), buf_bytes(&y->report)));
		HOLDS(a->asked[i] == b->asked[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(haul_done) struct haul whole, cut;
	size_t                         records = 0, again = 0;
	enum device_kind               kind;
	struct bytes                   in;
	enum assay_code                code;

	haul_open(&whole);
	haul_open(&cut);
	if (size < 2)
		return 0;
	in   = (struct bytes){ data + 2, size - 2 };
	kind = data[1] % 2 == 0 ? DEVICE_GPU : DEVICE_NVSWITCH;
	code = take(in, in.n, kind, &whole, &records);
	HOLDS(code == ASSAY_OK || code == ASSAY_DEVICE_REPLY);
	HOLDS(take(in, (size_t)data[0] + 1, kind, &cut, &again) == code && again == records);
	check(&whole);
	same(&whole, &cut);
	return 0;
}
