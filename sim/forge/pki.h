/* SPDX-License-Identifier: Apache-2.0
 *
 * The test PKI: authorities of the names, key usages, dates and extensions of the real ones (nvidia-evidence 3.1, 5.5),
 * each with an OCSP responder of its own (4.3), all from the seed. Made when first asked for. */
#ifndef FORGE_PKI_H
#define FORGE_PKI_H

#include <openssl/x509.h>

#include "forge/seed.h"

enum ca {
	CA_DEVICE_ROOT,
	CA_GH100,
	CA_GB100,
	CA_GH100_ICA,
	CA_LS10_ICA, /* below the GH100 authority, as the real one */
	CA_GB100_ICA,
	CA_RIM_ROOT,
	CA_RIM_GH100,
	CA_RIM_GB100,
	CA_RIM_LS10,
	CA_RIM_GH100_L3,
	CA_RIM_GB100_L3,
	CA_RIM_LS10_L3,
	CA_SIGNER_GH100, /* signers of RIMs: no authorities, but rows like them */
	CA_SIGNER_GB100,
	CA_SIGNER_LS10,
	CA_SGX_ROOT, /* from here on P-256: Intel's (tdx.md 3, 7, 9.4) */
	CA_SGX_PLATFORM,
	CA_SGX_PROCESSOR,
	CA_SGX_TCB,   /* signer of TCB info and QE identity: no authority */
	CA_SGX_OTHER, /* faults': an authority of another name */
	CA_SGX_WIDE,  /* one that may certify authorities */
	CA_SGX_LISTS, /* a signer of the right name whose key is for certificates */
	CA_SGX_QUIET, /* a signer of another name */
	CA_COUNT
};

struct pki {
	const struct seed *seed;
	const char *label; /* keeps a second PKI of the same names apart from the first */
	int64_t     at;    /* what does not last for ever is valid around this */
	struct {
		X509     *cert;
		EVP_PKEY *key;
		X509     *responder;
		EVP_PKEY *responder_key;
	} ca[CA_COUNT];
	X509 *issued; /* one more that a RIM authority has signed, for a fault */
};

void pki_done(struct pki *p);

/* From now on answers know this certificate, too, and none before it; NULL: none. */
void pki_issued(struct pki *p, X509 *cert);

/* Both borrowed from p. */
enum assay_code pki_ca(
	struct pki *p, enum ca which, X509 **cert, EVP_PKEY **key, struct assay_err *e);
enum assay_code pki_responder(
	struct pki *p, enum ca which, X509 **cert, EVP_PKEY **key, struct assay_err *e);

/* The issuer of an authority; a root is its own. */
enum ca pki_issuer(enum ca which);

/* Has this authority signed a certificate of that number? */
bool pki_knows(const struct pki *p, enum ca issuer, const ASN1_INTEGER *serial);

#define CERT_MORE 4

/* One certificate before it is signed. */
struct cert_plan {
	const char *name;    /* of its stream, unique */
	const char *subject; /* "CN=x|O=y", in the order of the DER */
	EVP_PKEY   *key;
	X509       *issuer; /* NULL: itself */
	EVP_PKEY   *issuer_key;
	uint8_t     serial[20]; /* big-endian magnitude */
	size_t      serial_n;
	int64_t     from, to;
	bool        generalized; /* GeneralizedTime before 2050, as in real RIM authorities */
	const char *extensions;  /* letters of the table in pki.c, in order */
	const char *crl;
	struct {
		const char *oid;
		struct buf  der;
	} more[CERT_MORE]; /* behind the others; pki_plan_done() releases them */
	size_t more_n;
};

void cert_plan_done(struct cert_plan *c);

enum assay_code pki_sign(
	const struct seed *s, const struct cert_plan *c, X509 **out, struct assay_err *e);

/* The DER of a certificate, of its public key alone (the BIT STRING's content), or of its SubjectPublicKeyInfo. */
enum assay_code pki_der(const X509 *cert, struct buf *out, struct assay_err *e);
struct bytes    pki_point(const X509 *cert);
enum assay_code pki_spki(EVP_PKEY *key, struct buf *out, struct assay_err *e);

/* The SHA-1 of a key's point: its key identifier. */
enum assay_code pki_key_id(
	const struct seed *s, EVP_PKEY *key, uint8_t id[20], struct assay_err *e);

#endif
