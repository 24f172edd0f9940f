/* SPDX-License-Identifier: Apache-2.0
 *
 * Findings to text, JSON and HTML. Pure: same facts, same bytes. */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include "base/json.h"
#include "report/stages.h"
#include "verify/facts.h"

#define REPORT_SCHEMA "assay.report/1"

struct report_view { /* everything is lent */
	const struct facts *facts;
	enum assay_class    verdict;
	int64_t             at;       /* the time that everything was judged at */
	bool                historic; /* at is not the caller's clock */
	bool                test_anchors;
	bool                nonce_given;
	const char              *
                setup; /* the profile whose set-up was looked at: nothing of it is evidence, no device is judged, and "accepted"
		is never said; NULL: this is a verdict on evidence */
	const struct stages *stages; /* of an attestation on a live machine; NULL: none */
};

struct report_style {
	bool colour;
	bool all; /* every finding, not only those that need a look */
};

struct report_seat { /* a device on the bus, by the machine's own words */
	bool        nvswitch;
	const char *address, *driver; /* driver "": none */
};

struct report_page {                     /* what a page says besides; lent, { 0 } is nothing */
	const struct crypto   *crypto;   /* for digests of the evidence; NULL: none */
	const struct evidence *evidence; /* that was judged */
	const char            *policy;   /* name of its file */
	const struct report_seat
		    *seat; /* of a set-up: what is on the bus, and what belongs there */
	size_t       seats, gpus, switches;
	struct bytes notes; /* lines, printable: what was done besides */
};

#define SETUP_SCHEMA "assay.setup/1"

/* assay.report/1, docs/report.md; of a set-up assay.setup/1, docs/setup.md. */
enum assay_code report_json(const struct report_view *r, struct buf *out, struct assay_err *e);

/* For people: a table of devices, what needs a look and what to do about it, the verdict. */
enum assay_code report_text(const struct report_view *r, const struct report_style *style,
	struct buf *out, struct assay_err *e);

/* One page that needs nothing else: HTML that is well-formed XML, without scripts, that loads nothing. */
enum assay_code report_html(const struct report_view *r, const struct report_page *page,
	struct buf *out, struct assay_err *e);

/* A verdict on a set-up: "ready" where one on evidence says "accepted". */
const char *report_setup_verdict(enum assay_class c);

/* What to do about a finding: the code's remedy, or else the check's. Static. */
const char *report_remedy(const struct finding *f);

#endif
