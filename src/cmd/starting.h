/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_STARTING_H
#define CMD_STARTING_H

#include "base/err.h"

/* DEVICE_STARTING while the GPU stack is not up yet: to ask the driver then disturbs its start. */
enum assay_code starting(struct assay_err *e);

/* Warn when the ready state may not last (nvidia-device-access 1.6, persistence). Without systemd nobody can tell. */
void starting_tell_forgetful(void);

#endif
