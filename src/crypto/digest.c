/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/digest.h"

enum assay_code digest(const EVP_MD *md, struct bytes in, uint8_t *out, struct assay_err *e)
{
	if (EVP_Digest(in.n == 0 ? (const void *)"" : in.p, in.n, out, NULL, md, NULL) != 1)
		return err_set(e, ASSAY_INTERNAL, "a digest could not be computed");
	return ASSAY_OK;
}
