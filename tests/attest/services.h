/* SPDX-License-Identifier: Apache-2.0
 *
 * The emulator's RIM service and OCSP responder for a fake: which fault they have, the struct fake_seen says. */
#ifndef TESTS_SERVICES_H
#define TESTS_SERVICES_H

#include "fetch/fake.h"

#define SERVICES_SEED "services"

/* Of the next fake_open(). */
void services_are(bool ppcie, int64_t at);

/* seen->fault: a row of the gallery, or ""; seen->mode: what no row does, see services.c. */
void services_handle(void *seen, const struct http_request *r, struct http_reply *out);

#endif
