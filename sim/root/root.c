/* SPDX-License-Identifier: Apache-2.0 */
#include "root/root.h"
enum assay_code root_write(const struct platform *p, int folder, struct assay_err *e)
{
	(void)p; (void)folder; (void)e;
	return ASSAY_OK;
}
