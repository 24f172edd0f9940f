/* SPDX-License-Identifier: Apache-2.0
 *
 * systemd by D-Bus (sd-bus), as a few verbs; nothing runs systemctl. Where there is no system bus, units are not known. */
#ifndef ENV_SYSTEMD_H
#define ENV_SYSTEMD_H

#include "base/err.h"

enum unit_state {
	UNIT_UNKNOWN,
	UNIT_ABSENT,
	UNIT_INACTIVE,
	UNIT_ACTIVATING,
	UNIT_ACTIVE,
	UNIT_FAILED
};

/* The state of a unit, such as "nvidia-persistenced.service"; UNIT_UNKNOWN without systemd. Waits at most two seconds. */
enum unit_state unit_state(const char *unit);

#endif
