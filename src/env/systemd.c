/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit's state by the manager's D-Bus interface: LoadUnit, then LoadState and ActiveState of the object that it names.
 *
 * Source: org.freedesktop.systemd1(5). */
#include "env/systemd.h"

#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <time.h>

#include "base/mem.h"

#define MANAGER   "org.freedesktop.systemd1"
#define CALL_USEC 500000 /* the greeting and three calls: two seconds in all */

static void bus_drop(sd_bus **bus)
{
	sd_bus_close_unref(*bus);
}

static void message_drop(sd_bus_message **m)
{
	sd_bus_message_unref(*m);
}

static void text_drop(char **text)
{
	free(*text);
}

/* The library itself would wait up to a minute and a half for a bus that takes the connection and says nothing. */
static bool connected(sd_bus *bus)
{
	struct timespec began, now;

	clock_gettime(CLOCK_MONOTONIC, &began);
	for (;;) {
		uint64_t spent;
		int      r = sd_bus_process(bus, NULL);

		if (r < 0 || sd_bus_is_ready(bus) > 0)
			return r >= 0;
		if (r > 0)
			continue;
		clock_gettime(CLOCK_MONOTONIC, &now);
		spent = (uint64_t)((now.tv_sec - began.tv_sec) * 1000000 +
			(now.tv_nsec - began.tv_nsec) / 1000);
		if (spent >= CALL_USEC || sd_bus_wait(bus, CALL_USEC - spent) < 0)
			return false;
	}
}

static bool is(sd_bus *bus, const char *path, const char *name, char **out)
{
	return sd_bus_get_property_string(
		       bus, MANAGER, path, MANAGER ".Unit", name, NULL, out) >= 0;
}

/* ActiveState as systemd spells it. */
static enum unit_state state_of(const char *active)
{
	static const struct {
		const char     *name;
		enum unit_state state;
	} states[] = {
		{ "active", UNIT_ACTIVE },
		{ "reloading", UNIT_ACTIVE },
		{ "inactive", UNIT_INACTIVE },
		{ "deactivating", UNIT_INACTIVE },
		{ "activating", UNIT_ACTIVATING },
		{ "failed", UNIT_FAILED },
	};

	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (strcmp(active, states[i].name) == 0)
			return states[i].state;
	return UNIT_UNKNOWN;
}

enum unit_state unit_state(const char *unit)
{
	CLEANUP(bus_drop) sd_bus             *bus   = NULL;
	CLEANUP(message_drop) sd_bus_message *reply = NULL;
	CLEANUP(text_drop) char              *load = NULL, *active = NULL;
	const char                           *path = NULL;

	if (sd_bus_open_system(&bus) < 0 || !connected(bus) ||
		sd_bus_set_method_call_timeout(bus, CALL_USEC) < 0 ||
		sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1",
			MANAGER ".Manager", "LoadUnit", NULL, &reply, "s", unit) < 0 ||
		sd_bus_message_read(reply, "o", &path) < 0 ||
		!is(bus, path, "LoadState", &load) || !is(bus, path, "ActiveState", &active))
		return UNIT_UNKNOWN;
	return strcmp(load, "not-found") == 0 ? UNIT_ABSENT : state_of(active);
}
