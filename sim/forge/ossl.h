/* SPDX-License-Identifier: Apache-2.0
 *
 * Release of OpenSSL's values at the end of scope, for the forge's own files. */
#ifndef FORGE_OSSL_H
#define FORGE_OSSL_H

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/ocsp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "base/mem.h"
#include "crypto/cert.h" /* AUTO(X509) */

AUTO_PTR(ASN1_GENERALIZEDTIME, ASN1_GENERALIZEDTIME_free)
AUTO_PTR(ASN1_INTEGER, ASN1_INTEGER_free)
AUTO_PTR(ASN1_OBJECT, ASN1_OBJECT_free)
AUTO_PTR(ASN1_OCTET_STRING, ASN1_OCTET_STRING_free)
AUTO_PTR(ASN1_TIME, ASN1_TIME_free)
AUTO_PTR(BIGNUM, BN_clear_free)
AUTO_PTR(BN_CTX, BN_CTX_free)
AUTO_PTR(ECDSA_SIG, ECDSA_SIG_free)
AUTO_PTR(EC_POINT, EC_POINT_free)
AUTO_PTR(EVP_MD_CTX, EVP_MD_CTX_free)
AUTO_PTR(EVP_PKEY, EVP_PKEY_free)
AUTO_PTR(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
AUTO_PTR(OCSP_BASICRESP, OCSP_BASICRESP_free)
AUTO_PTR(OCSP_CERTID, OCSP_CERTID_free)
AUTO_PTR(OCSP_REQUEST, OCSP_REQUEST_free)
AUTO_PTR(OCSP_RESPONSE, OCSP_RESPONSE_free)
AUTO_PTR(OSSL_PARAM, OSSL_PARAM_free)
AUTO_PTR(OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
AUTO_PTR(X509_EXTENSION, X509_EXTENSION_free)

#endif
