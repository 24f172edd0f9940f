/* SPDX-License-Identifier: Apache-2.0
 *
 * Every view lies inside memory that the evidence owns; devices and collateral are within limits; what fails adds
 * nothing; what was read and written reads the same again, to the same bytes. */
#include "fuzz.h"

#include "format/evidence.h"

static void owned(const struct evidence *ev, struct bytes view)
{
	for (size_t i = 0; i < ev->owneds; i++)
		if (inside(view, buf_bytes(&ev->owned[i])))
			return;
	HOLDS(view.n == 0);
}

static void check_device(const struct evidence *ev, const struct evidence_device *d)
{
	owned(ev, d->report);
	owned(ev, d->chain);
	owned(ev, d->hints.arch);
	owned(ev, d->hints.driver_version);
	owned(ev, d->hints.vbios_version);
	owned(ev, d->hints.uuid);
	owned(ev, d->hints.version);
	HOLDS(d->source < ev->sources && d->kind < DEVICE_KINDS);
	HOLDS(d->report.n <= (d->kind == DEVICE_TDX ? EVIDENCE_QUOTE : EVIDENCE_REPORT));
	HOLDS(d->chain.n <= EVIDENCE_CHAIN);
	HOLDS(d->fault.code != ASSAY_OK || d->report.n > 0);
	HOLDS(assay_class(d->fault.code) != ASSAY_CLASS_INTERNAL);
}

static void check(const struct evidence *ev)
{
	HOLDS(ev->devices <= EVIDENCE_DEVICES && ev->collaterals <= COLLATERAL_MAX);
	for (size_t i = 0; i < ev->devices; i++)
		check_device(ev, &ev->device[i]);
	for (size_t i = 0; i < ev->collaterals; i++) {
		const struct collateral *c = &ev->collateral[i];

		owned(ev, c->want);
		owned(ev, c->name);
		owned(ev, c->request);
		owned(ev, c->body);
		owned(ev, c->from);
		HOLDS(c->body.n > 0 && c->body.n <= COLLATERAL_BODY);
	}
	owned(ev, ev->events);
	HOLDS(!ev->nonce_given || ev->recorded);
}

static void round_trip(const struct evidence *ev)
{
	CLEANUP(buf_done) struct buf           one = { 0 }, two = { 0 };
	CLEANUP(evidence_done) struct evidence back = { 0 };
	struct assay_err                       e    = { 0 };
	enum assay_code                        code = evidence_write(ev, &one, &e);

	if (code == ASSAY_INPUT_SIZE) /* escapes and indents may take it over the limit */
		return;
	HOLDS(code == ASSAY_OK);
	HOLDS(evidence_add(&back, "back", buf_bytes(&one), (struct bytes){ 0 }, &e) ==
		ASSAY_OK);
	check(&back);
	HOLDS(back.devices == ev->devices && back.collaterals == ev->collaterals);
	for (size_t i = 0; i < ev->devices; i++)
		HOLDS(back.device[i].fault.code == ev->device[i].fault.code);
	HOLDS(evidence_write(&back, &two, &e) == ASSAY_OK);
	HOLDS(bytes_equal(buf_bytes(&one), buf_bytes(&two)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(evidence_done) struct evidence ev   = { 0 };
	struct bytes                           text = { data, size };
	struct assay_err                       e    = { 0 };

	if (evidence_add(&ev, "it", text, BYTES("chain"), &e) != ASSAY_OK) {
		HOLDS(assay_class(e.code) == ASSAY_CLASS_MALFORMED &&
			assay_err_text(&e)[0] != 0);
		HOLDS(ev.devices + ev.collaterals + ev.sources + ev.owneds == 0);
		return 0;
	}
	check(&ev);
	round_trip(&ev);
	if (evidence_add(&ev, "again", text, BYTES("chain"), &e) == ASSAY_OK)
		check(&ev); /* views of the first are where they were */
	return 0;
}
