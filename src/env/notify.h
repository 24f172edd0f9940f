/* SPDX-License-Identifier: Apache-2.0
 *
 * Words to the service manager that started this process; nothing where none did. */
#ifndef ENV_NOTIFY_H
#define ENV_NOTIFY_H

#include <stdint.h>

/* READY=1: the service does its work. */
void notify_ready(void);

/* One line for people; printable text. */
void notify_status(const char *text);

/* WATCHDOG=1. notify_watchdog_us(): how often it is due; 0: nobody waits for it. */
void    notify_alive(void);
int64_t notify_watchdog_us(void);

/* STOPPING=1 */
void notify_stopping(void);

#endif
