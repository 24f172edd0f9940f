/* SPDX-License-Identifier: Apache-2.0
 *
 * OCSP answers: each way in which one may be wrong, a row. nvidia-evidence 4.3, 8.3 item 5 and 9.7. */
#include "test.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "base/hex.h"
#include "crypto/ocsp.h"
#include "crypto/ocsp_answer.h"
#include "pki.h"

#define NOW INT64_C(1800000000) /* 2027-01-15T08:00:00Z */
#define DAY 86400

#define UNTIL_NOW INT64_MIN

enum who {
	DELEGATE,
	ROOT,
	ISSUER,
	SUBJECT,
	SIBLING,
	OTHER,
	NO_EKU,
	ANY_EKU,
	SERVER_EKU,
	NO_USAGE,
	CERT_USAGE,
	BY_SUBJECT,
	BY_ROOT,
	BY_OTHER,
	BY_DELEGATE,
	EXPIRED,
	NOT_YET,
	SOON,
	NAMESAKE,
	BY_NAMESAKE,
	KEY_256,
	KEY_521,
	KEY_RSA,
	CERT_256,
	CERT_SHA1,
	CRITICAL,
	NO_AKI,
	RENEWED, /* the issuer's key and name in another certificate */
	PEOPLE,
};

#define SIGNS                                              \
	{                                                  \
		NID_key_usage, "critical,digitalSignature" \
	}
#define FOR_OCSP                                 \
	{                                        \
		NID_ext_key_usage, "OCSPSigning" \
	}
#define RESPONDER                       \
	{                               \
		{                       \
			SIGNS, FOR_OCSP \
		}                       \
	}

static const struct {
	enum who       above;
	struct pki_row row;
} people[PEOPLE] = {
	[ROOT]        = { ROOT, { "Root", .ext = PKI_CA } },
	[ISSUER]      = { ROOT, { "Issuer", .ext = PKI_CA } },
	[SUBJECT]     = { ISSUER,
		    { "Subject", .serial = "9F00112233",
			    .ext = { { NID_basic_constraints, "critical,CA:TRUE" },
				    { NID_key_usage, "critical,keyCertSign,digitalSignature" },
				    FOR_OCSP } } },
	[SIBLING]     = { ISSUER, { "Sibling", .ext = PKI_CA } },
	[OTHER]       = { ROOT, { "Other", .ext = PKI_CA } },
	[DELEGATE]    = { ISSUER, { "Responder", .ext = { SIGNS, FOR_OCSP } } },
	[NO_EKU]      = { ISSUER, { "No purpose", .ext = { SIGNS } } },
	[ANY_EKU]     = { ISSUER,
		    { "Any purpose",
			    .ext = { SIGNS, { NID_ext_key_usage, "anyExtendedKeyUsage" } } } },
	[SERVER_EKU]  = { ISSUER,
		 { "TLS server", .ext = { SIGNS, { NID_ext_key_usage, "serverAuth" } } } },
	[NO_USAGE]    = { ISSUER, { "No usage", .ext = { FOR_OCSP } } },
	[CERT_USAGE]  = { ISSUER,
		 { "CA usage",
			 .ext = { { NID_basic_constraints, "critical,CA:TRUE" },
				 { NID_key_usage, "critical,keyCertSign" }, FOR_OCSP } } },
	[BY_SUBJECT]  = { SUBJECT, { "By subject", .ext = { SIGNS, FOR_OCSP } } },
	[BY_ROOT]     = { ROOT, { "By root", .ext = { SIGNS, FOR_OCSP } } },
	[BY_OTHER]    = { OTHER, { "By other", .ext = { SIGNS, FOR_OCSP } } },
	[BY_DELEGATE] = { DELEGATE, { "By responder", .ext = { SIGNS, FOR_OCSP } } },
	[EXPIRED]     = { ISSUER, { "Expired", .to = NOW - 1, .ext = { SIGNS, FOR_OCSP } } },
	[NOT_YET]     = { ISSUER, { "Not yet", .from = NOW + 1, .ext = { SIGNS, FOR_OCSP } } },
	[SOON]        = { ISSUER, { "Soon", .to = NOW + 60, .ext = { SIGNS, FOR_OCSP } } },
	[NAMESAKE]    = { NAMESAKE, { "Issuer", .ext = PKI_CA } },
	[BY_NAMESAKE] = { NAMESAKE, { "By namesake", .ext = { SIGNS, FOR_OCSP } } },
	[KEY_256]     = { ISSUER, { "P-256", .curve = "P-256", .ext = { SIGNS, FOR_OCSP } } },
	[KEY_521]     = { ISSUER, { "P-521", .curve = "P-521", .ext = { SIGNS, FOR_OCSP } } },
	[KEY_RSA]     = { ISSUER, { "RSA", .curve = "RSA", .ext = { SIGNS, FOR_OCSP } } },
	[CERT_256]    = { ISSUER, { "SHA-256", .md = "SHA256", .ext = { SIGNS, FOR_OCSP } } },
	[CERT_SHA1]   = { ISSUER, { "SHA-1", .md = "SHA1", .ext = { SIGNS, FOR_OCSP } } },
	[CRITICAL]    = { ISSUER,
		   { "Critical",
			   .ext = { SIGNS, FOR_OCSP,
				   { NID_netscape_comment, "critical,what is this" } } } },
	[NO_AKI]      = { ISSUER, { "No AKI", .bare = true, .ext = { SIGNS, FOR_OCSP } } },
	[RENEWED]     = { ROOT, { "Issuer", .serial = "77", .ext = PKI_CA } },
};

static struct world {
	struct crypto crypto;
	struct pki    who[PEOPLE];
	struct chain  chain; /* SUBJECT, ISSUER, ROOT */
} world;

static void meet(enum who i)
{
	enum who above = people[i].above;

	if (world.who[i].cert != NULL)
		return;
	if (above != i)
		meet(above);
	if (i == RENEWED)
		meet(ISSUER);
	pki_make(&people[i].row, above == i ? NULL : &world.who[above],
		i == RENEWED ? world.who[ISSUER].key : NULL, &world.who[i]);
}

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	if (crypto_open(&world.crypto, &e) != ASSAY_OK)
		return -1;
	for (int i = 0; i < PEOPLE; i++)
		meet((enum who)i);
	pki_chain(&world.crypto, &world.chain,
		(const X509 *const[]){
			world.who[SUBJECT].cert, world.who[ISSUER].cert, world.who[ROOT].cert },
		3);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	chain_done(&world.chain);
	for (int i = 0; i < PEOPLE; i++)
		pki_done(&world.who[i]);
	crypto_done(&world.crypto);
	return 0;
}

enum asked {
	NO_REQUEST,
	PLAIN,
	NONCE,
	ABOUT_SIBLING,
	ABOUT_OTHER, /* same serial number, other issuer */
	SHA256_ID,
	BAD_KEY_ID,
	TWO,
	NONE,
	JUNK,
	TRAILED,
	HUGE_REQUEST,
};

enum twist { /* of the answer */
	BY_KEY        = 1 << 0,
	NO_CERT       = 1 << 1,
	WITH_ISSUER   = 1 << 2,
	EIGHT_CERTS   = 1 << 3,
	NINE_CERTS    = 1 << 4,
	SIBLING_ONLY  = 1 << 5,
	WITH_SIBLING  = 1 << 6,
	TWICE         = 1 << 7,
	TWO_HASHES    = 1 << 8,
	NO_SINGLE     = 1 << 9,
	OTHER_ISSUER  = 1 << 10,
	BAD_NAME      = 1 << 11,
	BAD_KEY       = 1 << 12,
	CRIT_RESPONSE = 1 << 13,
	CRIT_SINGLE   = 1 << 14,
	CRIT_SIBLING  = 1 << 15,
	NO_NEXT       = 1 << 16,
	BAD_SIGNATURE = 1 << 17,
	TRAILING      = 1 << 18,
	HUGE_ANSWER   = 1 << 19,
	EMPTY         = 1 << 20,
	RIGHT_NONCE   = 1 << 21,
	WRONG_NONCE   = 1 << 22,
	SHORT_NONCE   = 1 << 23,
	CRIT_NONCE    = 1 << 24,
	WITH_RENEWED  = 1 << 25,
	NEVER_ISSUED  = 1 << 26,
	WITH_NAMESAKE = 1 << 27,
	BARE_NONCE    = 1 << 28,
};

#define GOOD    V_OCSP_CERTSTATUS_GOOD
#define REVOKED V_OCSP_CERTSTATUS_REVOKED
#define UNKNOWN V_OCSP_CERTSTATUS_UNKNOWN

struct row {
	const char     *name;
	enum assay_code code;
	const char     *says;
	unsigned        twist;
	enum who        signer;
	enum asked      asked;
	const char     *hash, *md;
	int             status, reason;
	int64_t this, next, produced; /* from NOW; 0: -60, 3600, -60 */
	int64_t max_age;
	int64_t until; /* from NOW; 0: as next */
};

static const struct row rows[] = {
	{ "good", ASSAY_OK, "" },
	{ "good, by key", ASSAY_OK, "", BY_KEY },
	{ "good, with issuer", ASSAY_OK, "", WITH_ISSUER },
	{ "good, eight certificates", ASSAY_OK, "", EIGHT_CERTS },
	{ "good, beside a sibling", ASSAY_OK, "", WITH_SIBLING },
	{ "good, no keyUsage", ASSAY_OK, "", .signer = NO_USAGE },
	{ "good, P-256", ASSAY_OK, "", .signer = KEY_256, .md = "SHA256" },
	{ "good, CertID SHA-256", ASSAY_OK, "", .hash = "SHA256" },
	{ "good, CertID SHA-384", ASSAY_OK, "", .hash = "SHA384" },
	{ "good, by the issuer", ASSAY_OK, "", NO_CERT, ISSUER },
	{ "good, by the issuer, by key", ASSAY_OK, "", NO_CERT | BY_KEY, ISSUER },
	{ "good, by the issuer, embedded", ASSAY_OK, "", 0, ISSUER },
	{ "good, by the issuer, renewed", ASSAY_OK, "", NO_CERT | WITH_RENEWED, ISSUER },
	{ "good, signer ends soon", ASSAY_OK, "", 0, SOON, .until = 60 },

	/* structure */
	{ "empty", ASSAY_OCSP_PARSE, "0 bytes", EMPTY },
	{ "trailing byte", ASSAY_OCSP_PARSE, "1 bytes too many", TRAILING },
	{ "over the limit", ASSAY_OCSP_PARSE, "an OCSP answer of 66560 bytes", HUGE_ANSWER },
	{ "nine certificates", ASSAY_OCSP_PARSE, "more than 8", NINE_CERTS },
	{ "critical in the response", ASSAY_OCSP_PARSE, "critical", CRIT_RESPONSE },
	{ "critical in the single", ASSAY_OCSP_PARSE, "critical", CRIT_SINGLE },
	{ "critical beside it", ASSAY_OCSP_PARSE, "critical", WITH_SIBLING | CRIT_SIBLING },

	/* match */
	{ "for another serial", ASSAY_OCSP_MATCH, "0 statuses for serial number 9f00112233",
		SIBLING_ONLY },
	{ "for nothing", ASSAY_OCSP_MATCH, "0 statuses", NO_SINGLE },
	{ "for another issuer", ASSAY_OCSP_MATCH, "0 statuses", OTHER_ISSUER },
	{ "wrong name hash", ASSAY_OCSP_MATCH, "0 statuses", BAD_NAME },
	{ "wrong key hash", ASSAY_OCSP_MATCH, "0 statuses", BAD_KEY },
	{ "two statuses", ASSAY_OCSP_MATCH, "2 statuses", TWICE },
	{ "two statuses, two hashes", ASSAY_OCSP_MATCH, "2 statuses", TWO_HASHES },
	{ "CertID SHA-512", ASSAY_OCSP_MATCH, "0 statuses", .hash = "SHA512" },
	{ "match before signer", ASSAY_OCSP_MATCH, "0 statuses", SIBLING_ONLY, NO_EKU },

	/* the request */
	{ "asked", ASSAY_OK, "", .asked = PLAIN },
	{ "asked, SHA-256", ASSAY_OK, "", .asked = SHA256_ID, .hash = "SHA256" },
	{ "asked, nonce unasked for", ASSAY_OK, "", RIGHT_NONCE, .asked = PLAIN },
	{ "nonce, without request", ASSAY_OK, "", RIGHT_NONCE },
	{ "nonce", ASSAY_OK, "", RIGHT_NONCE, .asked = NONCE },
	{ "nonce, critical", ASSAY_OK, "", CRIT_NONCE, .asked = NONCE },
	{ "nonce, bare", ASSAY_OK, "", RIGHT_NONCE | BARE_NONCE, .asked = NONCE },
	{ "wrong nonce, bare", ASSAY_OCSP_NONCE, "another nonce", WRONG_NONCE | BARE_NONCE,
		.asked = NONCE },
	{ "missing nonce", ASSAY_OK, "", .asked = NONCE },
	{ "wrong nonce", ASSAY_OCSP_NONCE, "another nonce", WRONG_NONCE, .asked = NONCE },
	{ "shorter nonce", ASSAY_OCSP_NONCE, "another nonce", SHORT_NONCE, .asked = NONCE },
	{ "asked with SHA-256", ASSAY_OCSP_MATCH, "otherwise", .asked = SHA256_ID },
	{ "answered with SHA-256", ASSAY_OCSP_MATCH, "otherwise", .asked = PLAIN,
		.hash = "SHA256" },
	{ "asked for sibling", ASSAY_OCSP_MATCH, "another certificate",
		.asked = ABOUT_SIBLING },
	{ "asked for sibling, both answered", ASSAY_OCSP_MATCH, "another certificate",
		WITH_SIBLING, .asked = ABOUT_SIBLING },
	{ "asked for another issuer", ASSAY_OCSP_MATCH, "another certificate",
		.asked = ABOUT_OTHER },
	{ "asked with a wrong hash", ASSAY_OCSP_MATCH, "another certificate",
		.asked = BAD_KEY_ID },
	{ "asked for two", ASSAY_OCSP_PARSE, "OCSP request", .asked = TWO },
	{ "asked for none", ASSAY_OCSP_PARSE, "OCSP request", .asked = NONE },
	{ "request is junk", ASSAY_OCSP_PARSE, "OCSP request", .asked = JUNK },
	{ "request trailed", ASSAY_OCSP_PARSE, "1 bytes too many", .asked = TRAILED },
	{ "request over the limit", ASSAY_OCSP_PARSE, "OCSP request of",
		.asked = HUGE_REQUEST },

	/* signer */
	{ "signer not in it", ASSAY_OCSP_SIGNER, "neither in it nor the issuer", NO_CERT },
	{ "without EKU", ASSAY_OCSP_SIGNER, "not certified for OCSP", 0, NO_EKU },
	{ "any EKU", ASSAY_OCSP_SIGNER, "not certified for OCSP", 0, ANY_EKU },
	{ "another EKU", ASSAY_OCSP_SIGNER, "not certified for OCSP", 0, SERVER_EKU },
	{ "only for certificates", ASSAY_OCSP_SIGNER, "not for signatures", 0, CERT_USAGE },
	{ "issued by the subject", ASSAY_OCSP_SIGNER, "By subject", 0, BY_SUBJECT },
	{ "issued by the root", ASSAY_OCSP_SIGNER, "By root", 0, BY_ROOT },
	{ "issued by another CA", ASSAY_OCSP_SIGNER, "By other", 0, BY_OTHER },
	{ "issued by the responder", ASSAY_OCSP_SIGNER, "By responder", 0, BY_DELEGATE },
	{ "the subject itself", ASSAY_OCSP_SIGNER, "its own", 0, SUBJECT },
	{ "the root", ASSAY_OCSP_SIGNER, "Root", 0, ROOT },
	{ "another CA", ASSAY_OCSP_SIGNER, "Other", 0, OTHER },
	{ "a sibling", ASSAY_OCSP_SIGNER, "Sibling", 0, SIBLING },
	{ "expired", ASSAY_OCSP_SIGNER, "expired", 0, EXPIRED },
	{ "not yet valid", ASSAY_OCSP_SIGNER, "valid from", 0, NOT_YET },
	{ "of the issuer's name", ASSAY_OCSP_SIGNER, "\"Issuer\"", 0, NAMESAKE },
	{ "of the issuer's name, by key", ASSAY_OCSP_SIGNER, "\"Issuer\"", BY_KEY, NAMESAKE },
	{ "of the issuer's name, outside", ASSAY_OCSP_SIGNATURE, "does not hold", NO_CERT,
		NAMESAKE },
	{ "issued by a namesake", ASSAY_OCSP_SIGNER, "By namesake", 0, BY_NAMESAKE },
	{ "issued by a namesake, with it", ASSAY_OCSP_SIGNER, "By namesake", WITH_NAMESAKE,
		BY_NAMESAKE },
	{ "P-521", ASSAY_OCSP_SIGNER, "P-384", 0, KEY_521 },
	{ "RSA", ASSAY_OCSP_SIGNER, "P-384", 0, KEY_RSA },
	{ "certified with SHA-256", ASSAY_OCSP_SIGNER, "ecdsa-with-SHA384", 0, CERT_256 },
	{ "certified with SHA-1", ASSAY_OCSP_SIGNER, "ecdsa-with-SHA384", 0, CERT_SHA1 },
	{ "unknown critical", ASSAY_OCSP_SIGNER, "critical", 0, CRITICAL },
	{ "no AKI", ASSAY_OCSP_SIGNER, "Authority Key Identifier", 0, NO_AKI },
	{ "signer before signature", ASSAY_OCSP_SIGNER, "", BAD_SIGNATURE, NO_EKU },

	/* signature */
	{ "bad signature", ASSAY_OCSP_SIGNATURE, "does not hold", BAD_SIGNATURE },
	{ "bad signature, issuer", ASSAY_OCSP_SIGNATURE, "does not hold",
		BAD_SIGNATURE | NO_CERT, ISSUER },
	{ "SHA-1", ASSAY_OCSP_SIGNATURE, "algorithm", .md = "SHA1" },
	{ "P-384 with SHA-256", ASSAY_OCSP_SIGNATURE, "algorithm", .md = "SHA256" },
	{ "P-384 with SHA-512", ASSAY_OCSP_SIGNATURE, "algorithm", .md = "SHA512" },
	{ "P-256 with SHA-384", ASSAY_OCSP_SIGNATURE, "algorithm", .signer = KEY_256 },
	{ "P-256 with SHA-1", ASSAY_OCSP_SIGNATURE, "algorithm", .signer = KEY_256,
		.md = "SHA1" },
	{ "signature before window", ASSAY_OCSP_SIGNATURE, "", BAD_SIGNATURE,
		.this = -DAY - 1 },
	{ "signature before status", ASSAY_OCSP_SIGNATURE, "", BAD_SIGNATURE,
		.status = REVOKED },

	/* window */
	{ "as old as may be", ASSAY_OK, "", .this = -DAY, .until = UNTIL_NOW },
	{ "too old", ASSAY_OCSP_STALE, "86400 seconds", .this = -DAY - 1 },
	{ "age limit ends it", ASSAY_OK, "", .this = -DAY + 10, .next = 3600, .until = 10 },
	{ "older, allowed", ASSAY_OK, "", .this = -2 * DAY, .max_age = 3 * DAY },
	{ "younger, not allowed", ASSAY_OCSP_STALE, "30 seconds", .max_age = 30 },
	{ "age without end", ASSAY_OK, "", .this = -30 * DAY, .max_age = INT64_MAX },
	{ "past nextUpdate, within skew", ASSAY_OK, "", .next = -300, .this = -1000 },
	{ "past nextUpdate", ASSAY_OCSP_STALE, "good until", .next = -301, .this = -1000 },
	{ "no nextUpdate", ASSAY_OK, "", NO_NEXT, .until = 3540 },
	{ "no nextUpdate, an hour", ASSAY_OK, "", NO_NEXT, .this = -3599, .until = 1 },
	{ "no nextUpdate, over an hour", ASSAY_OCSP_STALE, "3600 seconds", NO_NEXT,
		.this = -3601 },
	{ "no nextUpdate, days allowed", ASSAY_OCSP_STALE, "3600 seconds", NO_NEXT,
		.this = -3601, .max_age = 3 * DAY },
	{ "no nextUpdate, a minute allowed", ASSAY_OCSP_STALE, "50 seconds", NO_NEXT,
		.max_age = 50 },
	{ "future, within skew", ASSAY_OK, "", .this = 300, .produced = 300 },
	{ "thisUpdate in the future", ASSAY_OCSP_FUTURE, "thisUpdate", .this = 301 },
	{ "producedAt in the future", ASSAY_OCSP_FUTURE, "producedAt", .produced = 301 },
	{ "nextUpdate first", ASSAY_OCSP_STALE, "before its thisUpdate", .this = -50,
		.next = -51 },
	{ "old, and was not known", ASSAY_OCSP_UNKNOWN, "does not know", .this = -DAY - 1,
		.until = -1, .status = UNKNOWN },
	{ "old, and was on hold", ASSAY_OCSP_HOLD, "certificateHold", .this = -DAY - 1,
		.until = -1, .status = REVOKED, .reason = 6 },
	{ "past nextUpdate, and was on hold", ASSAY_OCSP_HOLD, "certificateHold", .next = -301,
		.this = -1000, .until = -301, .status = REVOKED, .reason = 6 },
	{ "old, but revoked", ASSAY_OCSP_REVOKED, "", .this = -DAY - 1, .until = -1,
		.status = REVOKED },
	{ "old, bad signature", ASSAY_OCSP_SIGNATURE, "does not hold", BAD_SIGNATURE,
		.this = -DAY - 1 },
	{ "window before status, future", ASSAY_OCSP_FUTURE, "", .this = 301,
		.status = UNKNOWN },

	/* status */
	{ "revoked", ASSAY_OCSP_REVOKED, "reason unspecified", .status = REVOKED,
		.reason = -1 },
	{ "revoked, reason 0", ASSAY_OCSP_REVOKED, "reason unspecified", .status = REVOKED },
	{ "revoked, key", ASSAY_OCSP_REVOKED, "reason keyCompromise", .status = REVOKED,
		.reason = 1 },
	{ "revoked, reason 7", ASSAY_OCSP_REVOKED, "reason reserved", .status = REVOKED,
		.reason = 7 },
	{ "revoked, removeFromCRL", ASSAY_OCSP_REVOKED, "reason removeFromCRL",
		.status = REVOKED, .reason = 8 },
	{ "revoked, AA", ASSAY_OCSP_REVOKED, "reason aACompromise", .status = REVOKED,
		.reason = 10 },
	{ "revoked, reason 11", ASSAY_OCSP_REVOKED, "reason reserved", .status = REVOKED,
		.reason = 11 },
	{ "hold", ASSAY_OCSP_HOLD, "certificateHold", .status = REVOKED, .reason = 6 },
	{ "never issued", ASSAY_OCSP_UNKNOWN, "never issued", NEVER_ISSUED, .status = REVOKED,
		.reason = 6 },
	{ "revoked since 1970", ASSAY_OCSP_REVOKED, "1970", NEVER_ISSUED, .status = REVOKED,
		.reason = 1 },
	{ "unknown", ASSAY_OCSP_UNKNOWN, "does not know", .status = UNKNOWN },
	{ "good for a revoked sibling", ASSAY_OCSP_REVOKED, "", WITH_SIBLING,
		.status = REVOKED },
};

static const uint8_t nonces[2][32] = { { 1, 2, 3 }, { 1, 2, 4 } };

static struct pki_id id_of(enum who cert, enum who issuer, const char *md)
{
	return (struct pki_id){
		.cert = world.who[cert].cert, .issuer = world.who[issuer].cert, .md = md
	};
}

static void write_request(enum asked asked, struct buf *out)
{
	struct pki_request r = { .ids = 1,
		.id = { id_of(SUBJECT, ISSUER, NULL), id_of(SIBLING, ISSUER, NULL) } };

	if (asked == NO_REQUEST)
		return;
	if (asked == NONCE)
		r.nonce = BYTES_OF(nonces[0]);
	if (asked == ABOUT_SIBLING)
		r.id[0] = r.id[1];
	if (asked == ABOUT_OTHER)
		r.id[0].issuer = world.who[OTHER].cert;
	if (asked == SHA256_ID)
		r.id[0].md = "SHA256";
	if (asked == BAD_KEY_ID)
		r.id[0].bad_key = true;
	if (asked == TWO)
		r.ids = 2;
	if (asked == NONE)
		r.ids = 0;
	if (asked == JUNK)
		buf_text(out, "what about this one?");
	else
		pki_request(&r, out);
	if (asked == TRAILED)
		buf_byte(out, 0);
	if (asked == HUGE_REQUEST)
		memset(buf_room(out, OCSP_BODY), 0, OCSP_BODY);
}

static void add_single(struct pki_answer *a, struct pki_id id, const struct row *row, bool good)
{
	a->single[a->singles++] = (struct pki_single){
		.id          = id,
		.status      = good ? GOOD : row->status,
		.reason      = row->reason,
		.revoked     = row->twist & NEVER_ISSUED ? 0 : NOW - DAY,
		.this_update = NOW + (row->this != 0 ? row->this : -60),
		.next_update = row->twist & NO_NEXT ? 0
						    : NOW + (row->next != 0 ? row->next : 3600),
	};
}

static void add_certs(struct pki_answer *a, unsigned twist)
{
	size_t n = twist & NINE_CERTS ? 8 : twist & EIGHT_CERTS ? 7 : 0;

	for (size_t i = 0; i < n; i++)
		a->extra[i] = world.who[SIBLING].cert;
	if (twist & WITH_ISSUER)
		a->extra[0] = world.who[ISSUER].cert;
	if (twist & WITH_RENEWED)
		a->extra[0] = world.who[RENEWED].cert;
	if (twist & WITH_NAMESAKE)
		a->extra[0] = world.who[NAMESAKE].cert;
}

static void spoil(unsigned twist, struct buf *out)
{
	struct ocsp_answer view;
	struct assay_err   e = { 0 };

	if (twist & BAD_SIGNATURE) {
		assert_int_equal(ocsp_answer_parse(buf_bytes(out), &view, &e), ASSAY_OK);
		out->p[view.signature.p + view.signature.n - 1 - out->p] ^= 1;
	}
	if (twist & TRAILING)
		buf_byte(out, 0);
	if (twist & HUGE_ANSWER)
		memset(buf_room(out, 65 * 1024 - out->n), 0, 1);
	if (twist & EMPTY)
		out->n = 0;
}

static void write_answer(const struct row *row, struct buf *out)
{
	unsigned          twist = row->twist;
	struct pki_answer a  = { .produced = NOW + (row->produced != 0 ? row->produced : -60),
		 .signer                   = &world.who[row->signer],
		 .md                       = row->md,
		 .by_key                   = (twist & BY_KEY) != 0,
		 .no_cert                  = (twist & NO_CERT) != 0 };
	struct pki_id     id = id_of(SUBJECT, ISSUER, row->hash);
	struct pki_id     sibling = id_of(SIBLING, ISSUER, row->hash);

	id.bad_name = (twist & BAD_NAME) != 0;
	id.bad_key  = (twist & BAD_KEY) != 0;
	if (twist & OTHER_ISSUER)
		id.issuer = world.who[OTHER].cert;
	if (twist & (SIBLING_ONLY | WITH_SIBLING))
		add_single(&a, sibling, row, true);
	if (twist & CRIT_SIBLING)
		a.single[0].critical = "1.3.6.1.4.1.99999.1";
	if ((twist & (SIBLING_ONLY | NO_SINGLE)) == 0)
		add_single(&a, id, row, false);
	if (twist & TWO_HASHES)
		id.md = "SHA384";
	if (twist & (TWICE | TWO_HASHES))
		add_single(&a, id, row, false);
	if (twist & CRIT_SINGLE)
		a.single[a.singles - 1].critical = "1.3.6.1.4.1.99999.1";
	if (twist & CRIT_RESPONSE)
		a.critical = "1.3.6.1.4.1.99999.1";
	if (twist & (RIGHT_NONCE | CRIT_NONCE))
		a.nonce = BYTES_OF(nonces[0]);
	if (twist & WRONG_NONCE)
		a.nonce = BYTES_OF(nonces[1]);
	if (twist & SHORT_NONCE)
		a.nonce = (struct bytes){ nonces[0], 31 };
	a.bare_nonce     = (twist & BARE_NONCE) != 0;
	a.critical_nonce = (twist & CRIT_NONCE) != 0;
	add_certs(&a, twist);
	pki_answer(&a, out);
	spoil(twist, out);
}

/* What is judged good, OpenSSL reads as well, and writes as the same bytes. */
static void openssl_agrees(struct bytes answer)
{
	const unsigned char *p        = answer.p;
	OCSP_RESPONSE       *response = d2i_OCSP_RESPONSE(NULL, &p, (long)answer.n);
	OCSP_BASICRESP      *basic    = OCSP_response_get1_basic(response);
	struct ocsp_answer   view;
	struct assay_err     e   = { 0 };
	unsigned char       *der = NULL, *whole = NULL;
	int                  n = i2d_OCSP_BASICRESP(basic, &der);

	assert_int_equal(ocsp_answer_parse(answer, &view, &e), ASSAY_OK);
	assert_ptr_equal(p, answer.p + answer.n);
	assert_int_equal(i2d_OCSP_RESPONSE(response, &whole), answer.n);
	assert_memory_equal(whole, answer.p, answer.n);
	assert_true(n > 0 && answer.n > (size_t)n);
	assert_memory_equal(der, answer.p + answer.n - (size_t)n, (size_t)n);
	assert_in_range(view.tbs.p - answer.p, answer.n - (size_t)n, answer.n);
	OPENSSL_free(der);
	OPENSSL_free(whole);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(response);
}

static void check_fact(const struct row *row, const struct ocsp_fact *f)
{
	int64_t next  = row->next != 0 ? row->next : 3600;
	int64_t until = row->until != 0 ? row->until : next;

	assert_int_equal(f->this_update, NOW + (row->this != 0 ? row->this : -60));
	assert_int_equal(f->produced_at, NOW + (row->produced != 0 ? row->produced : -60));
	assert_int_equal(f->next_update, row->twist & NO_NEXT ? 0 : NOW + next);
	assert_int_equal(f->valid_until, NOW + (until == UNTIL_NOW ? 0 : until));
	assert_int_equal(f->nonce,
		row->asked == NONCE && (row->twist & (RIGHT_NONCE | CRIT_NONCE)) != 0);
}

static void table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row            *row     = &rows[i];
		CLEANUP(buf_done) struct buf request = { 0 }, answer = { 0 };
		struct assay_err             e = { 0 };
		struct ocsp_fact             f = { .this_update = 1 };
		struct ocsp_question         q = {
				.chain = &world.chain, .index = 0, .now = NOW, .max_age = row->max_age
		};

		print_message("%s\n", row->name);
		write_request(row->asked, &request);
		write_answer(row, &answer);
		q.request = buf_bytes(&request);
		if (ocsp_judge(&world.crypto, &q, buf_bytes(&answer), &f, &e) != row->code)
			fail_msg("%s: %s: %s", row->name, assay_code_name(e.code),
				assay_err_text(&e));
		if (strstr(assay_err_text(&e), row->says) == NULL)
			fail_msg("%s: says %s", row->name, assay_err_text(&e));
		if (row->code == ASSAY_OK)
			openssl_agrees(buf_bytes(&answer));
		if (row->code == ASSAY_OK || row->code == ASSAY_OCSP_REVOKED ||
			row->code == ASSAY_OCSP_HOLD || row->code == ASSAY_OCSP_UNKNOWN)
			check_fact(row, &f);
		else
			assert_int_equal(f.this_update, 1);
		assert_int_equal(f.reason != NULL,
			row->code == ASSAY_OCSP_REVOKED || row->code == ASSAY_OCSP_HOLD);
	}
}

static const struct {
	int             status;
	enum assay_code code;
	const char     *says;
} refusals[] = {
	{ OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, ASSAY_OCSP_ERROR, "malformedRequest" },
	{ OCSP_RESPONSE_STATUS_INTERNALERROR, ASSAY_OCSP_ERROR, "internalError" },
	{ OCSP_RESPONSE_STATUS_TRYLATER, ASSAY_OCSP_ERROR, "tryLater" },
	{ 4, ASSAY_OCSP_PARSE, "status 4" },
	{ OCSP_RESPONSE_STATUS_SIGREQUIRED, ASSAY_OCSP_ERROR, "sigRequired" },
	{ OCSP_RESPONSE_STATUS_UNAUTHORIZED, ASSAY_OCSP_ERROR, "unauthorized" },
	{ 7, ASSAY_OCSP_PARSE, "status 7" }, { 127, ASSAY_OCSP_PARSE, "status 127" },
	{ 0, ASSAY_OCSP_PARSE, "response" }, /* successful, without an answer */
};

static void without_status(void **state)
{
	struct ocsp_question q = { .chain = &world.chain, .now = NOW };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		CLEANUP(buf_done) struct buf answer = { 0 };
		struct assay_err             e      = { 0 };
		struct ocsp_fact             f;

		pki_refusal(refusals[i].status, &answer);
		assert_int_equal(ocsp_judge(&world.crypto, &q, buf_bytes(&answer), &f, &e),
			refusals[i].code);
		assert_non_null(strstr(assay_err_text(&e), refusals[i].says));
		assert_int_equal(ocsp_weight(&world.crypto, world.chain.cert[0],
					 world.chain.cert[1], buf_bytes(&answer)),
			0);
	}
}

/* Each byte of a good answer counts, and all of them do. */
static void flips(void **state)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	struct ocsp_question         q      = { .chain = &world.chain, .now = NOW };
	struct assay_err             e      = { 0 };
	struct ocsp_fact             f;

	(void)state;
	write_answer(&rows[0], &answer);
	assert_int_equal(ocsp_judge(&world.crypto, &q, buf_bytes(&answer), &f, &e), ASSAY_OK);
	for (size_t i = 0; i < answer.n; i++) {
		answer.p[i] ^= (uint8_t)(1U << i % 8);
		if (ocsp_judge(&world.crypto, &q, buf_bytes(&answer), &f, &e) == ASSAY_OK)
			fail_msg("byte %zu may be another", i);
		ocsp_weight(&world.crypto, world.chain.cert[0], world.chain.cert[1],
			buf_bytes(&answer));
		answer.p[i] ^= (uint8_t)(1U << i % 8);
	}
	for (size_t n = 0; n < answer.n; n++) {
		e = (struct assay_err){ 0 };
		assert_int_equal(
			ocsp_judge(&world.crypto, &q, (struct bytes){ answer.p, n }, &f, &e),
			ASSAY_OCSP_PARSE);
	}
}

static bool is_for(unsigned twist, const char *hash, size_t cert)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	struct row                   row    = { .twist = twist, .hash = hash };

	write_answer(&row, &answer);
	return ocsp_weight(&world.crypto, world.chain.cert[cert], world.chain.cert[cert + 1],
		       buf_bytes(&answer)) > 0;
}

static void loose_files(void **state)
{
	(void)state;
	assert_true(is_for(0, NULL, 0));
	assert_true(is_for(0, "SHA256", 0));
	assert_true(is_for(0, "SHA384", 0));
	assert_true(is_for(WITH_SIBLING, NULL, 0));
	assert_true(is_for(TWICE, NULL, 0)); /* for it, and refused when judged */
	assert_true(is_for(BAD_SIGNATURE, NULL, 0));
	assert_false(is_for(0, NULL, 1));
	assert_false(is_for(0, "SHA512", 0));
	assert_false(is_for(SIBLING_ONLY, NULL, 0));
	assert_false(is_for(OTHER_ISSUER, NULL, 0));
	assert_false(is_for(BAD_NAME, NULL, 0));
	assert_false(is_for(BAD_KEY, NULL, 0));
	assert_false(is_for(TRAILING, NULL, 0));
	assert_false(is_for(EMPTY, NULL, 0));
	assert_false(is_for(HUGE_ANSWER, NULL, 0));
}

/* The certificate in question is that at the index, and no other. */
static void which_index(void **state)
{
	CLEANUP(buf_done) struct buf answer = { 0 };
	struct ocsp_question         q      = { .chain = &world.chain, .index = 1, .now = NOW };
	struct assay_err             e      = { 0 };
	struct ocsp_fact             f;
	struct pki_answer a = { .singles = 1, .produced = NOW, .signer = &world.who[BY_ROOT] };

	(void)state;
	a.single[0] = (struct pki_single){
		.id = id_of(ISSUER, ROOT, NULL), .this_update = NOW, .next_update = NOW + 1
	};
	pki_answer(&a, &answer);
	assert_int_equal(ocsp_judge(&world.crypto, &q, buf_bytes(&answer), &f, &e), ASSAY_OK);
	q.index = 0;
	assert_int_equal(
		ocsp_judge(&world.crypto, &q, buf_bytes(&answer), &f, &e), ASSAY_OCSP_MATCH);
}

static void wants(void **state)
{
	CLEANUP(pki_done) struct pki big = { 0 };
	char                         text[OCSP_WANT], serial[2 * 65 + 1];
	struct assay_err             e = { 0 };
	size_t                       n;

	(void)state;
	assert_int_equal(
		ocsp_want(&world.crypto, world.chain.cert[0], world.chain.cert[1], text, &e),
		ASSAY_OK);
	n = strlen(text);
	assert_int_equal(n, 5 + 64 + 1 + 10);
	assert_memory_equal(text, "ocsp:", 5);
	assert_string_equal(text + n - 11, ":9f00112233");

	memset(serial, '7', sizeof(serial) - 1);
	serial[128] = 0;
	pki_make(&(struct pki_row){ "64", .serial = serial }, NULL, NULL, &big);
	assert_int_equal(ocsp_want(&world.crypto, big.cert, big.cert, text, &e), ASSAY_OK);
	assert_int_equal(strlen(text), 5 + 64 + 1 + 128);
	pki_done(&big);
	serial[128] = '7';
	serial[130] = 0;
	pki_make(&(struct pki_row){ "65", .serial = serial }, NULL, NULL, &big);
	assert_int_equal(
		ocsp_want(&world.crypto, big.cert, big.cert, text, &e), ASSAY_CERT_PROFILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table),
		cmocka_unit_test(without_status),
		cmocka_unit_test(flips),
		cmocka_unit_test(loose_files),
		cmocka_unit_test(which_index),
		cmocka_unit_test(wants),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
