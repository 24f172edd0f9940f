/* SPDX-License-Identifier: Apache-2.0
 *
 * What the readers of containers share: one block of memory for a container, and the members that NVIDIA's files and
 * assay's own have in common. For this folder only. */
#ifndef FORMAT_CONTAINER_H
#define FORMAT_CONTAINER_H

#include "base/json.h"
#include "format/evidence.h"

#define SCHEMA_BUNDLE   "assay.bundle/1"
#define SCHEMA_EVIDENCE "assay.evidence/1"

#define CONTAINER_WANTED \
	"evidence JSON, an assay bundle, a TDX quote, or a report (binary or hexadecimal) with its chain"

/* One container while it is read; it joins the evidence as a whole or not at all. */
struct container {
	/* What the views of got point into: reserved once, never moved. Each value is decoded once and is no longer than
	 * its text, so the text's size is enough. */
	struct buf      memory;
	struct evidence got;
};

/* Memory for a container of that many bytes in all. */
enum assay_code container_open(struct container *c, size_t text, struct assay_err *e);
void            container_done(struct container *c);

/* Room for n devices or pieces of collateral, at most the limit; ASSAY_INPUT_SIZE. */
enum assay_code container_devices(struct container *c, size_t n, struct assay_err *e);
enum assay_code container_collateral(struct container *c, size_t n, struct assay_err *e);

/* A copy that lives as long as the container. */
enum assay_code container_copy(
	struct container *c, struct bytes in, struct bytes *out, struct assay_err *e);

/* A string member of at most limit bytes: as it is, or decoded. p == NULL when it is absent, which must forbids. */
enum assay_code container_text(struct container *c, const json_t *object, const char *name,
	bool must, size_t limit, struct bytes *out, struct assay_err *e);
enum assay_code container_base64(struct container *c, const json_t *object, const char *name,
	bool must, size_t limit, struct bytes *out, struct assay_err *e);

/* "nonce" as 64 hexadecimal digits. */
enum assay_code container_nonce(
	const json_t *object, bool *given, uint8_t nonce[NONCE_SIZE], struct assay_err *e);

/* The members that are hints, by their names in both formats. */
extern const char *const container_hint_names[6];
enum assay_code          container_hints(struct container *c, const json_t *object,
		 struct evidence_hints *out, struct assay_err *e);

/* Judge what was decoded: sizes, the chain being text, the arch; what is over its limit is dropped. Where known is false the kind comes
 * from the arch, or is guessed. */
enum assay_code container_settle(struct evidence_device *d, bool known, struct assay_err *e);

/* The readers, by kind. The root of the JSON is lent; that of NVIDIA's loses its nulls. */
enum assay_code nvidia_json_read(struct container *c, json_t *root, struct assay_err *e);
enum assay_code bundle_read(
	struct container *c, const json_t *root, bool bundle, struct assay_err *e);
enum assay_code raw_read(
	struct container *c, struct bytes text, struct bytes chain, struct assay_err *e);

#endif
