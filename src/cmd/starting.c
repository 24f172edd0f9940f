/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: nvidia-device-access 1.6, issue of vendors' start-up order: nvidia-persistenced brings the GPUs up. */
#include "cmd/starting.h"

#include <stdio.h>

#include "env/systemd.h"

#define UNIT "nvidia-persistenced.service"

void starting_tell_forgetful(void)
{
	const enum unit_state is = unit_state(UNIT);

	if (is == UNIT_ABSENT || is == UNIT_INACTIVE || is == UNIT_FAILED)
		fputs("assay: warning: " UNIT
		      " does not run: the driver may let go of a GPU that nobody uses, and forget that it was ready\n",
			stderr);
}

enum assay_code starting(struct assay_err *e)
{
	if (unit_state(UNIT) == UNIT_ACTIVATING)
		return err_set(e, ASSAY_DEVICE_STARTING,
			"%s is still activating: the GPUs are being brought up", UNIT);
	return ASSAY_OK;
}
