/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates and seconds since 1970-01-01T00:00:00Z, years 1 to 9999, proleptic Gregorian, no leap seconds. Certificates
 * of devices end in 9999, so time is 64 bits everywhere. */
#ifndef BASE_UTC_H
#define BASE_UTC_H

#include "base/bytes.h"
#include "base/err.h"

#define UTC_MAX  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define UTC_TEXT 21                    /* with its NUL */

struct utc_date {
	int year, month, day, hour, minute, second; /* month and day from 1 */
};

/* "2026-11-23T07:15:00Z", or the same without the time of day; ASSAY_INPUT_OPTION otherwise. */
enum assay_code utc_parse(struct bytes text, int64_t *out, struct assay_err *e);

/* False when there is no such date. */
bool utc_from_date(const struct utc_date *d, int64_t *out);

/* "2026-11-23T07:15:00Z"; seconds out of range are held to it. */
const char *utc_format(int64_t at, char out[UTC_TEXT]);
#define UTC(at) utc_format((at), (char[UTC_TEXT]){ 0 })

#endif
