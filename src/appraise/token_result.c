/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token says, whoever says it: yes to everything that NVIDIA's claims of its version have, in the types that they
 * have. A claim that is absent or null is no yes, and a yes beside a no is none.
 *
 * Source: nvidia-claims-and-services 3 and 4. */
#include "appraise/token_result.h"

#include <stdio.h>

#include "base/show.h"

#define NAME 96 /* characters of a claim's name, with NUL */

#define V2   1u
#define V3   2u
#define BOTH (V2 | V3)

struct row {
	const char *name; /* behind x-nvidia-gpu- or x-nvidia-switch- */
	unsigned    versions;
};

/* clang-format off */
#define REPORT \
	{ "arch-check", BOTH }, \
	{ "attestation-report-parsed", BOTH }, \
	{ "attestation-report-nonce-match", BOTH }, \
	{ "attestation-report-signature-verified", BOTH }, \
	{ "attestation-report-cert-chain-validated", V2 }
/* NVIDIA's library leaves the schema out of 3.0. */
#define RIM(r) \
	{ r "-rim-fetched", BOTH }, \
	{ r "-rim-schema-validated", V2 }, \
	{ r "-rim-cert-validated", V2 }, \
	{ r "-rim-signature-verified", BOTH }, \
	{ r "-rim-version-match", V3 }, \
	{ r "-rim-measurements-available", BOTH }

static const struct row of_gpu[] = {
	REPORT, RIM("driver"), RIM("vbios"), { "vbios-index-no-conflict", BOTH },
};
static const struct row of_switch[] = { REPORT, RIM("bios") };
static const char *const gpu_chains[] = {
	"attestation-report-cert-chain", "driver-rim-cert-chain", "vbios-rim-cert-chain", NULL,
};
static const char *const switch_chains[] = {
	"attestation-report-cert-chain", "bios-rim-cert-chain", NULL,
};
/* clang-format on */

static const char *text_of(const json_t *claims, const char *name)
{
	return json_string_value(json_object_get(claims, name));
}

static bool says(const json_t *claims, const char *name, const char *text)
{
	const char *said = text_of(claims, name);

	return said != NULL && strcmp(said, text) == 0;
}

/* A list with something in it, or anything that is no list. */
static bool has_waivers(const json_t *claims)
{
	const json_t *w = json_object_get(claims, "x-assay-waivers");

	return w != NULL && !(json_is_array(w) && json_array_size(w) == 0);
}

/* Without nonce: an answer of a cache has none, and its maker agreed to that. */
static bool chain_good(const json_t *chain)
{
	return says(chain, "x-nvidia-cert-status", "valid") &&
		says(chain, "x-nvidia-cert-ocsp-status", "good") &&
		!json_is_false(json_object_get(chain, "x-nvidia-cert-ocsp-response-valid"));
}

static const char *full(bool gpu, const char *name, char out[NAME])
{
	snprintf(out, NAME, "x-nvidia-%s-%s", gpu ? "gpu" : "switch", name);
	return out;
}

/* The first that must be there and say yes, and does not; NULL when there is none. */
static const char *first_absent(
	const json_t *claims, bool gpu, unsigned version, char out[NAME])
{
	const struct row *rows = gpu ? of_gpu : of_switch;
	size_t            n    = gpu ? ARRAY_LEN(of_gpu) : ARRAY_LEN(of_switch);

	for (size_t i = 0; i < n; i++)
		if ((rows[i].versions & version) != 0 &&
			!json_is_true(json_object_get(claims, full(gpu, rows[i].name, out))))
			return out;
	for (const char *const *chain = gpu ? gpu_chains : switch_chains;
		version == V3 && *chain != NULL; chain++)
		if (!chain_good(json_object_get(claims, full(gpu, *chain, out))))
			return out;
	if (!json_is_true(json_object_get(claims, "secboot")))
		return "secboot";
	return says(claims, "dbgstat", "disabled") ? NULL : "dbgstat";
}

/* The first claim that is false, or a chain that is not valid, whatever it is called; NULL when there is none. */
static const char *first_bad(const json_t *claims)
{
	const char *name;
	json_t     *v;

	json_object_foreach((json_t *)(uintptr_t)claims, name, v)
	{
		const json_t *status = json_object_get(v, "x-nvidia-cert-status");

		if (json_is_false(v) ||
			(status != NULL && !says(v, "x-nvidia-cert-status", "valid")))
			return name;
	}
	return NULL;
}

static enum assay_code no_error(const json_t *claims, struct assay_err *e)
{
	const json_t *error = json_object_get(claims, "x-nvidia-error-details");

	if (error == NULL || json_is_null(error))
		return ASSAY_OK;
	return err_set(e, ASSAY_TOKEN_RESULT, "error %lld: %s",
		(long long)json_integer_value(json_object_get(error, "code")),
		SHOW(bytes_text(text_of(error, "message"))));
}

enum assay_code token_result_device(
	const json_t *claims, bool gpu, const json_t *overall, struct assay_err *e)
{
	const char *measres = text_of(claims, "measres"), *no = first_bad(claims);
	char        name[NAME];

	TRY(no_error(claims, e));
	if (no == NULL)
		no = first_absent(
			claims, gpu, says(overall, "x-nvidia-ver", "2.0") ? V2 : V3, name);
	if (!says(claims, "measres", "success") || no != NULL)
		return err_set(e, has_waivers(claims) ? ASSAY_TOKEN_WAIVED : ASSAY_TOKEN_RESULT,
			"measres is \"%s\"%s%s%s", SHOW(bytes_text(measres)),
			no == NULL ? "" : ", ", no == NULL ? "" : SHOW(bytes_text(no)),
			no == NULL ? "" : " does not hold");
	if (has_waivers(claims))
		return err_set(e, ASSAY_TOKEN_WAIVED, "good by waivers of its maker");
	return ASSAY_OK;
}

/* Our own say more, and must not contradict themselves. */
enum assay_code token_result_overall(const json_t *claims, struct assay_err *e)
{
	const json_t *said    = json_object_get(claims, "x-assay-verdict");
	const char   *verdict = json_string_value(said);
	bool          yes     = said == NULL || says(claims, "x-assay-verdict", "accepted");

	TRY(no_error(claims, e));
	if (json_is_true(json_object_get(claims, "x-nvidia-overall-att-result")) &&
		!has_waivers(claims) && yes)
		return ASSAY_OK;
	if (has_waivers(claims) && said != NULL && yes)
		return err_set(e, ASSAY_TOKEN_WAIVED, "accepted by waivers of its maker");
	return err_set(e, ASSAY_TOKEN_RESULT, "the overall result is not true%s%s",
		verdict == NULL ? "" : ": ", verdict == NULL ? "" : SHOW(bytes_text(verdict)));
}
