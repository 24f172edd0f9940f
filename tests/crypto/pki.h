/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates, OCSP requests and answers for tests and fuzzers, made with OpenSSL from rows: also those that no
 * authority would make. Stops the program when OpenSSL fails. */
#ifndef TESTS_PKI_H
#define TESTS_PKI_H

#include "crypto/chain.h"

struct pki { /* a certificate and its key */
	X509     *cert;
	EVP_PKEY *key;
};

struct pki_ext {
	int         nid;
	const char *value; /* as in openssl.cnf */
};

struct pki_row { /* { 0 } is a P-384 key, SHA-384, valid from 2020 to the end of 9999 */
	const char    *name;   /* CN of the subject */
	const char    *serial; /* hexadecimal; NULL: made from the name */
	const char    *curve;  /* or "RSA", or "explicit": P-384 by its parameters */
	const char    *md;
	int64_t        from, to;
	struct pki_ext ext[6]; /* SKI and AKI come by themselves */
	bool           bare;   /* unless this says no */
};

#define PKI_CA                                                        \
	{                                                             \
		{ NID_basic_constraints, "critical,CA:TRUE" },        \
		{                                                     \
			NID_key_usage, "critical,keyCertSign,cRLSign" \
		}                                                     \
	}

/* issuer NULL: self-signed. key: of that instead of a new one; may be NULL. */
void pki_make(
	const struct pki_row *row, const struct pki *issuer, EVP_PKEY *key, struct pki *out);
void pki_done(struct pki *p);

/* The same certificate as src/crypto reads it. */
X509 *pki_load(const struct crypto *c, const X509 *cert);

void pki_der(const X509 *cert, struct buf *out);
void pki_anchor(const struct crypto *c, const X509 *root, struct anchor *out);

/* Append n certificates to a chain. */
void pki_chain(const struct crypto *c, struct chain *out, const X509 *const certs[], size_t n);

struct pki_id {
	const X509 *cert, *issuer;
	const char *md; /* NULL: SHA1 */
	bool        bad_name, bad_key;
};

struct pki_single {
	struct pki_id id;
	int           status;                            /* V_OCSP_CERTSTATUS_ */
	int           reason;                            /* -1: none */
	int64_t       revoked, this_update, next_update; /* 0: no nextUpdate */
	const char   *critical;                          /* OID of a critical extension */
};

struct pki_answer {
	struct pki_single single[3];
	size_t            singles;
	int64_t           produced;
	const struct pki *signer;
	const char       *md; /* NULL: SHA384 */
	bool              by_key, no_cert;
	const X509       *extra[10]; /* certificates in front of the signer's */
	struct bytes      nonce;
	bool              critical_nonce;
	bool              bare_nonce; /* not in an OCTET STRING of its own */
	const char       *critical;
};

void pki_answer(const struct pki_answer *a, struct buf *out);

/* An answer without status: tryLater and so on. */
void pki_refusal(int status, struct buf *out);

struct pki_request {
	struct pki_id id[2];
	size_t        ids;
	struct bytes  nonce;
};

void pki_request(const struct pki_request *r, struct buf *out);

#endif
