/* SPDX-License-Identifier: Apache-2.0
 *
 * NVSwitches by libnvidia-nscq (nvidia-device-access 2). All of this runs in a child process but nscq_fault(). */
#ifndef COLLECT_NSCQ_H
#define COLLECT_NSCQ_H

#include "collect/child.h"
#include "collect/collect.h"
#include "format/nscq.h"

struct nscq {
	struct nscq_session_result (*create)(uint32_t flags);
	void (*destroy)(struct nscq_session s);
	nscq_rc (*observe)(struct nscq_session s, const char *path, nscq_fn fn, void *user,
		uint32_t flags);
	nscq_rc (*set_input)(struct nscq_session s, uint32_t flags, void *data, uint32_t size);
	nscq_rc (*label)(
		const struct nscq_uuid *uuid, struct nscq_label *label, uint32_t flags);
};

enum assay_code nscq_open(struct nscq *out, struct assay_err *e);

/* Ask for the switches, in the order of their labels, then each that is not to be passed over, and tell it all. */
void nscq_ask(const struct nscq *lib, const struct collect_request *r,
	const bool pass[EVIDENCE_DEVICES], struct teller *t);

/* What a return code means; what: the function or path that gave it. */
enum assay_code nscq_fault(const char *what, nscq_rc rc, struct assay_err *e);

#endif
