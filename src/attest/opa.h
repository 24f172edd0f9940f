/* SPDX-License-Identifier: Apache-2.0
 *
 * An Open Policy Agent is asked about a report's claims, over its HTTP API. It can only make the verdict stricter.
 *
 * Source: nvidia-claims-and-services 5.2. */
#ifndef ATTEST_OPA_H
#define ATTEST_OPA_H

#include "attest/session.h"
#include "fetch/http.h"

/* POST url + /v1/data/policy/nv_match. What came of it is a finding of the report, token.policy: pass for exactly true;
 * POLICY_REQUIREMENT for every other answer; what the client says when there is none, NETWORK_ and SERVICE_. Of a report without
 * devices nothing is asked: DEVICE_NONE. Call it before a token is made of the report. http NULL: offline, and the agent does not answer.
 * ASSAY_NETWORK_ADDRESS, or class INTERNAL. */
enum assay_code opa_ask(
	struct http_client *http, const char *url, struct assay_report *r, struct assay_err *e);

#endif
