/* SPDX-License-Identifier: Apache-2.0
 *
 * Strict JSON over jansson: bounded in size and depth, names in an object unique, nothing behind the value. Values
 * stay jansson's (json_t); AUTO(json_t) releases one. Strings are UTF-8 without NUL. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>

#include "base/buf.h"

#define JSON_DEPTH  8     /* nvidia-evidence 8.1 */
#define JSON_VALUES 65536 /* each takes up to 200 bytes of memory; a full bundle has 8000 */

AUTO_PTR(json_t, json_decref)

/* One JSON value, an object or an array, of at most limit bytes, JSON_DEPTH levels and JSON_VALUES values.
 * ASSAY_INPUT_SIZE, ASSAY_JSON_DEPTH, ASSAY_JSON_PARSE. */
enum assay_code json_read(struct bytes text, size_t limit, json_t **out, struct assay_err *e);

/* Members by name; what they lend lives as long as object. An absent optional member gives the empty value; a wrong
 * type is ASSAY_JSON_FIELD. */
#define JSON_MUST true
#define JSON_MAY  false
enum assay_code json_get_text(const json_t *object, const char *name, bool must,
	struct bytes *out, struct assay_err *e);
enum assay_code json_get_array(
	const json_t *object, const char *name, bool must, json_t **out, struct assay_err *e);
enum assay_code json_get_object(
	const json_t *object, const char *name, bool must, json_t **out, struct assay_err *e);
enum assay_code json_get_base64(const json_t *object, const char *name, bool must, size_t limit,
	struct buf *out, struct assay_err *e);

/* Every member of object must be one of names[n]; the first that is not is ASSAY_JSON_FIELD. */
enum assay_code json_only(
	const json_t *object, const char *const *names, size_t n, struct assay_err *e);

/* The value as text, members in the order of insertion, indented by two, with a newline at its end. */
enum assay_code json_write(const json_t *value, struct buf *out, struct assay_err *e);

/* The same, indented by so many. */
enum assay_code json_write_by(
	const json_t *value, size_t indent, struct buf *out, struct assay_err *e);

/* Set a member to a value that is this call's; false when there is no memory, for a value too (NULL). */
static inline bool json_put(json_t *object, const char *name, json_t *value)
{
	return json_object_set_new(object, name, value) == 0;
}

/* A string value of any bytes: what is not printable ASCII, and the backslash, goes through the escapes of show.h. */
json_t *json_text(struct bytes text);
json_t *json_base64(struct bytes in);
json_t *json_hex(struct bytes in);
json_t *json_utc(int64_t at);

#endif
