/* SPDX-License-Identifier: Apache-2.0
 *
 * What is in an address, before anybody is asked. */
#ifndef FETCH_ADDRESS_H
#define FETCH_ADDRESS_H

#include "base/err.h"

struct address {
	bool https, loopback; /* http otherwise, and another host */
};

/* Of http or https, without user, password and fragment, or ASSAY_NETWORK_ADDRESS. */
enum assay_code address_read(const char *url, struct address *out, struct assay_err *e);

#endif
