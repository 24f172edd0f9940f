/* SPDX-License-Identifier: Apache-2.0
 *
 * A firmware id lies inside its extension and is 48 bytes; an extension has one form, one end and one encoding. The
 * first byte chooses the form. */
#include "fuzz.h"

#include "format/dice.h"

static bool holds(struct bytes in, enum dice_form form, struct dice *out)
{
	struct assay_err e = { 0 };

	if (dice_fwid(in, form, out, &e) == ASSAY_OK)
		return true;
	HOLDS(e.code == ASSAY_TRUNCATED || e.code == ASSAY_INPUT_DER ||
		e.code == ASSAY_CERT_PROFILE);
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes   in   = { data + 1, size - 1 };
	enum dice_form form = DICE_COMPOSITE;
	struct dice    d    = { 0 }, other;

	if (size == 0)
		return 0;
	if (data[0] & 1)
		form = DICE_TCB_INFO;
	if (!holds(in, form, &d))
		return 0;
	HOLDS(d.digest.n == DICE_FWID && inside(d.digest, in));
	HOLDS(d.spki.n == (form == DICE_COMPOSITE ? DICE_SPKI : 0) && inside(d.spki, in));
	HOLDS(inside(d.vendor, in) && inside(d.model, in));
	HOLDS(!holds(in, form == DICE_COMPOSITE ? DICE_TCB_INFO : DICE_COMPOSITE, &other));
	HOLDS(!holds((struct bytes){ in.p, in.n - 1 }, form, &other));
	return 0;
}
