/* SPDX-License-Identifier: Apache-2.0
 *
 * One signature, to be verified again and again: machines differ, so all else is told in multiples of it, measured in
 * the same run. */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <openssl/ec.h>
#include <openssl/evp.h>

#define RAW_MESSAGE 4096 /* bytes, at most */

struct raw {
	EVP_PKEY     *key;
	const EVP_MD *md;
	uint8_t       message[RAW_MESSAGE], sig[144];
	size_t        message_n, sig_n;
};

/* CPU time of this process. */
static inline double raw_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline void raw_make(
	struct raw *r, const char *curve, const EVP_MD *md, size_t message_n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	r->key       = EVP_EC_gen(curve);
	r->md        = md;
	r->message_n = message_n;
	r->sig_n     = sizeof(r->sig);
	if (EVP_DigestSignInit(ctx, NULL, md, NULL, r->key) != 1 ||
		EVP_DigestSign(ctx, r->sig, &r->sig_n, r->message, message_n) != 1)
		exit(1);
	EVP_MD_CTX_free(ctx);
}

/* Milliseconds for one, when each of n is verified once. */
static inline double raw_time(const struct raw *r, int n)
{
	const double from = raw_ms();

	for (int i = 0; i < n; i++) {
		EVP_MD_CTX *ctx = EVP_MD_CTX_new();

		if (EVP_DigestVerifyInit(ctx, NULL, r[i].md, NULL, r[i].key) != 1 ||
			EVP_DigestVerify(
				ctx, r[i].sig, r[i].sig_n, r[i].message, r[i].message_n) != 1)
			exit(1);
		EVP_MD_CTX_free(ctx);
	}
	return (raw_ms() - from) / n;
}

static inline void raw_done(struct raw *r, int n)
{
	for (int i = 0; i < n; i++)
		EVP_PKEY_free(r[i].key);
}

#endif
