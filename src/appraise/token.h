/* SPDX-License-Identifier: Apache-2.0
 *
 * Attestation results as tokens: the detached EAT array of NVIDIA's tools, written and read.
 *
 *	[ ["JWT", overall], { "GPU-0": device, ... } ]
 *
 * An array is about one kind of device. A node with GPUs and switches is two of them in the outer wrap of nvtrust:
 * [ ["JWT", outer], { "LOCAL_GPU_CLAIMS": array, "LOCAL_SWITCH_CLAIMS": array } ]; here the outer token is signed like the
 * others, and binds the arrays by the digests of their overall tokens.
 *
 * Source: nvidia-claims-and-services 1 to 4; docs/token.md. */
#ifndef APPRAISE_TOKEN_H
#define APPRAISE_TOKEN_H

#include "appraise/claims.h"
#include "crypto/jws.h"

#define TOKEN_FILE_MAX (4 * 1024 * 1024)
#define TOKEN_LIFETIME 3600 /* seconds, as everybody's; never past valid_until when accepted */
#define TOKEN_BACKDATE 10   /* of iat and nbf: one reader allows clocks no difference */
#define TOKEN_LEEWAY   60   /* that a reader allows here */
#define TOKEN_ISS      "ASSAY-LOCAL-VERIFIER"
#define TOKEN_ISS_MAX  256
#define TOKEN_SEED     32
#define TOKEN_ARRAYS   4 /* local and remote, GPUs and switches */
#define TOKEN_NAME     32

struct token_spec { /* lent */
	const struct claims_ask *claims;
	const char              *iss;              /* printable ASCII */
	uint8_t                  seed[TOKEN_SEED]; /* random, fresh: every jti comes from it */
	const struct jws_signer *signer; /* NULL: "none", which authenticates nothing */
};

/* Pure: same arguments and a signer that answers the same, same bytes. */
enum assay_code token_make(
	const struct crypto *c, const struct token_spec *s, json_t **out, struct assay_err *e);

/* Reading -------------------------------------------------------------------------------------------------------- */

struct token_device {
	char           label[CLAIMS_LABEL];
	struct subject subject;
	struct jws     jws;
};

struct token_array {
	char                 name[TOKEN_NAME]; /* "LOCAL_GPU_CLAIMS"; "" without wrap */
	struct jws           overall;
	struct token_device *device;
	size_t               devices;
	bool                 failed; /* overall is an error token, alone */
};

struct token {
	json_t            *root; /* what the views point into */
	bool               wrapped;
	struct jws         outer; /* of a wrap */
	struct token_array array[TOKEN_ARRAYS];
	size_t             arrays;
};

/* An array, a wrap, or what nvattest prints around them. ASSAY_TOKEN_PARSE, ASSAY_JSON_*, ASSAY_INPUT_SIZE. */
enum assay_code token_parse(struct bytes text, struct token *out, struct assay_err *e);
void            token_done(struct token *t);

/* Does text begin as a token does? For whoever has a file of unknown kind. */
bool token_looks(struct bytes text);

/* Everything in a token, or in one compact JWS, decoded and judged in nothing: says of each part how it is signed and
 * that this was not checked. Text is printable ASCII. As token_parse(). */
enum assay_code token_show(
	const struct crypto *c, struct bytes text, json_t **out, struct assay_err *e);

struct nvtrust_policy;

struct token_case { /* lent */
	const struct crypto   *crypto;
	const struct jws_keys *keys;
	const uint8_t         *nonce; /* NONCE_SIZE; NULL: freshness stays unknown */
	int64_t                now;
	const char            *iss; /* NULL: any, but one in all */
	bool                   expected;
	size_t                 gpus, switches;
	bool                   historic; /* now is not the time of day: a token may be so too */
	bool                   test_anchors, waivers; /* the caller agrees to them */
	const struct nvtrust_policy *policy;          /* NULL: none */
};

/* Judge a token: findings into out, which has no devices, and the verdict. Accepted takes: everything parses, one key or
 * set verifies every part, labels, digests, issuers and nonces agree, all are valid at now, the nonce is the caller's,
 * no device twice and at least one, and every part says yes. ASSAY_OK when it was judged; else class INTERNAL. */
enum assay_code token_verify(const struct token_case *t, struct bytes text, struct facts *out,
	enum assay_class *verdict, bool *test_anchors, struct assay_err *e);

/* The text over which nvtrust's local verifiers take a device's digest: claims without dates and jti, as Python writes
 * them. Appended. */
enum assay_code token_nvtrust_text(const json_t *claims, struct buf *out, struct assay_err *e);

#endif
