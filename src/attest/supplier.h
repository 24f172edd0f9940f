/* SPDX-License-Identifier: Apache-2.0
 *
 * Who has what is wanted: a row a kind of want, with what is asked and what of a reply may pass on to the verifier. */
#ifndef ATTEST_SUPPLIER_H
#define ATTEST_SUPPLIER_H

#include "attest/gather.h"

/* One want on its way. What is built into url and request lives until the reply is taken. */
struct errand {
	char                   want[WANT_TEXT];
	const struct supplier *supplier;
	unsigned               attempt; /* 0 the first; a supplier may want more than one */
	struct buf             url, request;
	bool                   keep; /* the reply may be cached, once it holds */
	/* A second piece that came with the first, and that it needs to hold: a signer's chain. "": there is none. */
	char       beside[WANT_TEXT];
	struct buf beside_body;
};

/* For whom an errand runs; lent. */
struct errand_case {
	const struct gather_request *r;
	const struct crypto         *crypto;
	const struct facts          *facts;
};

enum taken {
	TAKEN_PIECE,     /* body is filled */
	TAKEN_NOTHING,   /* e says why */
	TAKEN_ONCE_MORE, /* ask again, with another attempt */
};

struct supplier {
	const char        *prefix; /* of the wants: "rim:" */
	const char        *name;   /* "RIM service" */
	int64_t            most_s; /* longest in the cache, whatever is signed */
	size_t             limit;  /* bytes of a reply */
	const char        *type, *accept;
	const char *const *headers; /* as struct http_ask has them */
	bool (*again)(struct bytes body);
	bool key; /* the service key is for it */

	/* Names what comes beside the piece, before anything is asked; NULL: nothing does. */
	void (*name_beside)(struct errand *w);
	/* Fills url and request. ASSAY_NETWORK_ADDRESS, or class INTERNAL. */
	enum assay_code (*build)(
		struct errand *w, const struct errand_case *c, struct assay_err *e);
	/* A reply with status 200 to a body. note: what is odd, but no reason to refuse it; or nothing. *out is
	 * TAKEN_NOTHING with a message in e, else e is not touched. Class INTERNAL. */
	enum assay_code (*take)(struct errand *w, const struct errand_case *c,
		const struct http_got *got, struct buf *body, struct buf *note, enum taken *out,
		struct assay_err *e);
};

/* NULL when nobody has it. */
const struct supplier *supplier_of(const char *want);

/* "rim:ID", or an address as it is used, in words for messages: where the row's base address comes from. */
const char *supplier_base(const struct supplier *s, const struct gather_request *r);

#endif
