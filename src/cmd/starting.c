/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: nvidia-device-access 1.6, issue of vendors' start-up order: nvidia-persistenced brings the GPUs up. */
#include "cmd/starting.h"

#include "env/systemd.h"

#define UNIT "nvidia-persistenced.service"

enum assay_code starting(struct assay_err *e)
{
	if (unit_state(UNIT) == UNIT_ACTIVATING)
		return err_set(e, ASSAY_DEVICE_STARTING,
			"%s is still activating: the GPUs are being brought up", UNIT);
	return ASSAY_OK;
}
