/* SPDX-License-Identifier: Apache-2.0 */
#include "env/notify.h"

#include <systemd/sd-daemon.h>

void notify_ready(void)
{
	sd_notify(0, "READY=1");
}

void notify_status(const char *text)
{
	sd_notifyf(0, "STATUS=%s", text);
}

void notify_alive(void)
{
	sd_notify(0, "WATCHDOG=1");
}

int64_t notify_watchdog_us(void)
{
	uint64_t us = 0;

	/* half of it: a word that comes late is none */
	return sd_watchdog_enabled(0, &us) > 0 ? (int64_t)(us / 2) : 0;
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}
