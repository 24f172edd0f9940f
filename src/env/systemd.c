/* SPDX-License-Identifier: Apache-2.0
 *
 * A unit's state by the manager's D-Bus interface: LoadUnit, then LoadState and ActiveState of the object that it names.
 *
 * Source: org.freedesktop.systemd1(5). */
#include "env/systemd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>

#include "base/clock.h"
#include "base/mem.h"
#include "env/line.h"
#include "env/unit.h"

#define MANAGER   "org.freedesktop.systemd1"
#define CALL_USEC 2000000 /* for an answer; systemd may be reloading its units */

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
	const int64_t began = clock_us();

	for (;;) {
		uint64_t spent;
		int      r = sd_bus_process(bus, NULL);

		if (r < 0 || sd_bus_is_ready(bus) > 0)
			return r >= 0;
		if (r > 0)
			continue;
		spent = (uint64_t)(clock_us() - began);
		if (spent >= CALL_USEC || sd_bus_wait(bus, CALL_USEC - spent) < 0)
			return false;
	}
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

/* The texts among a unit's properties. */
static const struct {
	const char *name;
	bool        service; /* of the Service interface, else of Unit */
	size_t      at;
} texts[] = {
	{ "LoadState", false, offsetof(struct unit_facts, load) },
	{ "ActiveState", false, offsetof(struct unit_facts, active) },
	{ "SubState", false, offsetof(struct unit_facts, sub) },
	{ "UnitFileState", false, offsetof(struct unit_facts, file_state) },
	{ "Type", true, offsetof(struct unit_facts, type) },
	{ "Result", true, offsetof(struct unit_facts, result) },
};

static void judge(struct unit_facts *f)
{
	f->known = true;
	f->state = strcmp(f->load, "not-found") == 0 ? UNIT_ABSENT : state_of(f->active);
}

/* ExecStart: an array of commands; the first one's words. */
static void read_exec(sd_bus *bus, const char *path, struct unit_facts *f)
{
	CLEANUP(message_drop) sd_bus_message *m    = NULL;
	const char                           *word = NULL;
	size_t                                n    = 0;

	if (sd_bus_get_property(bus, MANAGER, path, MANAGER ".Service", "ExecStart", NULL, &m,
		    "a(sasbttttuii)") < 0 ||
		sd_bus_message_enter_container(m, 'a', "(sasbttttuii)") <= 0 ||
		sd_bus_message_enter_container(m, 'r', "sasbttttuii") <= 0 ||
		sd_bus_message_read(m, "s", &word) < 0 ||
		sd_bus_message_enter_container(m, 'a', "s") < 0)
		return;
	while (sd_bus_message_read(m, "s", &word) > 0 && n < sizeof(f->exec))
		n += (size_t)snprintf(
			f->exec + n, sizeof(f->exec) - n, "%s%s", n == 0 ? "" : " ", word);
}

/* "Job": a number, 0 for none, and an object. */
static bool read_job(sd_bus *bus, const char *path)
{
	CLEANUP(message_drop) sd_bus_message *m  = NULL;
	const char                           *of = NULL;
	uint32_t                              id = 0;

	return sd_bus_get_property(
		       bus, MANAGER, path, MANAGER ".Unit", "Job", NULL, &m, "(uo)") >= 0 &&
		sd_bus_message_read(m, "(uo)", &id, &of) >= 0 && id != 0;
}

static bool read_facts(sd_bus *bus, const char *path, struct unit_facts *out)
{
	struct unit_facts f      = { 0 };
	int               reload = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		CLEANUP(text_drop) char *value = NULL;
		const bool               got   = sd_bus_get_property_string(bus, MANAGER, path,
                                         texts[i].service ? MANAGER ".Service"
									  : MANAGER ".Unit",
							 texts[i].name, NULL, &value) >= 0;

		if (!got && !texts[i].service)
			return false;
		snprintf((char *)&f + texts[i].at, UNIT_WORD, "%s", got ? value : "");
	}
	sd_bus_get_property_trivial(bus, MANAGER, path, MANAGER ".Service", "TimeoutStartUSec",
		NULL, 't', &f.start_usec);
	sd_bus_get_property_trivial(bus, MANAGER, path, MANAGER ".Unit",
		"InactiveExitTimestamp", NULL, 't', &f.left_usec);
	sd_bus_get_property_trivial(
		bus, MANAGER, path, MANAGER ".Unit", "NeedDaemonReload", NULL, 'b', &reload);
	f.reload = reload != 0;
	f.queued = read_job(bus, path);
	read_exec(bus, path, &f);
	judge(&f);
	*out = f;
	return true;
}

static bool open_bus(sd_bus **bus)
{
	return sd_bus_open_system(bus) >= 0 && connected(*bus) &&
		sd_bus_set_method_call_timeout(*bus, CALL_USEC) >= 0;
}

static bool load(sd_bus *bus, const char *unit, sd_bus_message **reply, const char **path)
{
	return sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1", MANAGER ".Manager",
		       "LoadUnit", NULL, reply, "s", unit) >= 0 &&
		sd_bus_message_read(*reply, "o", path) >= 0;
}

bool unit_ask(const char *unit, struct unit_facts *out)
{
	CLEANUP(bus_drop) sd_bus             *bus   = NULL;
	CLEANUP(message_drop) sd_bus_message *reply = NULL;
	const char                           *path  = NULL;

	return open_bus(&bus) && load(bus, unit, &reply, &path) && read_facts(bus, path, out);
}

static void take_recorded(struct bytes name, struct bytes value, struct unit_facts *f)
{
	uint64_t v = 0;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (bytes_equal(name, bytes_text(texts[i].name)))
			snprintf((char *)f + texts[i].at, UNIT_WORD, "%.*s", (int)value.n,
				(const char *)value.p);
	if (bytes_equal(name, BYTES("TimeoutStartUSec")) && unit_time(value, &v)) {
		f->start_usec = v;
	} else if (bytes_equal(name, BYTES("InactiveExitTimestamp")) && value.n > 1 &&
		value.p[0] == '@' && bytes_number(bytes_behind(value, 1), &v) &&
		v < UINT64_MAX / 1000000) {
		f->left_usec = v * 1000000;
	} else if (bytes_equal(name, BYTES("NeedDaemonReload"))) {
		f->reload = bytes_equal(value, BYTES("yes"));
	} else if (bytes_equal(
			   name, BYTES("ExecStart"))) { /* { path=... ; argv[]=... ; ... } */
		const uint8_t *p     = bytes_find(value, BYTES("argv[]="));
		struct bytes   words = value, rest;

		if (p != NULL)
			line_cut(bytes_behind(value, (size_t)(p - value.p) + 7), ';', &words,
				&rest);
		words = bytes_trim(words);
		snprintf(f->exec, sizeof(f->exec), "%.*s", (int)words.n,
			words.n == 0 ? "" : (const char *)words.p);
	}
}

bool unit_recorded(struct bytes record, const char *unit, struct unit_facts *out)
{
	struct unit_facts f = { 0 };
	bool this           = false;
	struct bytes line, name, value;

	for (size_t at = 0; line_next(record, &at, &line);) {
		line = bytes_trim(line);
		if (line.n == 0) {
			if (this)
				break;
			f = (struct unit_facts){ 0 };
			continue;
		}
		if (!line_cut(line, '=', &name, &value))
			continue;
		this = this ||
			(bytes_equal(name, BYTES("Id")) &&
				bytes_equal(value, bytes_text(unit)));
		take_recorded(name, value, &f);
	}
	if (!this)
		return false;
	judge(&f);
	*out = f;
	return true;
}

bool unit_settled(const struct unit_facts *f)
{
	return f->state != UNIT_ACTIVATING && !(f->state == UNIT_INACTIVE && f->queued);
}

/* A signal only wakes: what changed is asked for. */
static int woken(sd_bus_message *m, void *ctx, sd_bus_error *error)
{
	(void)m;
	(void)error;
	*(bool *)ctx = true;
	return 0;
}

enum assay_code unit_follow(const char *unit, const struct unit_watch *w,
	struct unit_facts *out, struct assay_err *e)
{
	CLEANUP(bus_drop) sd_bus             *bus   = NULL;
	CLEANUP(message_drop) sd_bus_message *reply = NULL;
	const char                           *path  = NULL;
	bool                                  ask   = true;
	struct unit_facts                     f     = { 0 };

	if (!open_bus(&bus) || !load(bus, unit, &reply, &path) ||
		sd_bus_match_signal(bus, NULL, MANAGER, path, "org.freedesktop.DBus.Properties",
			"PropertiesChanged", woken, &ask) < 0 ||
		sd_bus_call_method(bus, MANAGER, "/org/freedesktop/systemd1",
			MANAGER ".Manager", "Subscribe", NULL, NULL, NULL) < 0)
		return err_set(
			e, ASSAY_HOST_UNREAD, "systemd does not answer on the system bus");
	for (;;) {
		const int64_t left = w->until_usec - clock_us();
		int           got;

		if (ask && !read_facts(bus, path, &f))
			return err_set(
				e, ASSAY_HOST_UNREAD, "systemd does not answer any more");
		ask = false;
		w->tell(w->ctx, &f);
		*out = f;
		if (unit_settled(&f) || left <= 0 || (w->stop != NULL && w->stop(w->ctx)))
			return ASSAY_OK;
		do
			got = sd_bus_process(bus, NULL);
		while (got > 0);
		if (got == 0 && !ask)
			got = sd_bus_wait(bus, left < 1000000 ? (uint64_t)left : 1000000);
		if (got < 0 && got != -EINTR)
			return err_set(e, ASSAY_HOST_UNREAD, "the system bus closed");
	}
}

enum unit_state unit_state(const char *unit)
{
	struct unit_facts f;

	return unit_ask(unit, &f) ? f.state : UNIT_UNKNOWN;
}
