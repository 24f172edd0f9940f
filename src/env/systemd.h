/* SPDX-License-Identifier: Apache-2.0
 *
 * systemd by D-Bus (sd-bus), as a few verbs; nothing runs systemctl. Where there is no system bus, units are not known. */
#ifndef ENV_SYSTEMD_H
#define ENV_SYSTEMD_H

#include "base/bytes.h"
#include "base/err.h"

enum unit_state {
	UNIT_UNKNOWN,
	UNIT_ABSENT,
	UNIT_INACTIVE,
	UNIT_ACTIVATING,
	UNIT_ACTIVE,
	UNIT_FAILED
};

#define UNIT_WORD 48
#define UNIT_EXEC 2048

struct unit_facts { /* what systemd says of a unit; texts are "" where it said nothing */
	bool            known; /* it was asked, and answered */
	enum unit_state state;
	char            load[UNIT_WORD], active[UNIT_WORD], sub[UNIT_WORD];
	char            file_state[UNIT_WORD], type[UNIT_WORD], result[UNIT_WORD];
	char            exec[UNIT_EXEC]; /* of ExecStart, words separated by blanks */
	uint64_t        start_usec;      /* TimeoutStartUSec; 0: not said */
	uint64_t
		left_usec; /* when it last left "inactive", microseconds since 1970; 0: not said */
	bool    reload;    /* its files changed since systemd read them */
	bool    queued;    /* a job for it waits or runs */
};

/* Ask systemd; false, and all of *out zero, without it. An answer is waited for for two seconds. */
bool unit_ask(const char *unit, struct unit_facts *out);

/* The same from a record: blocks of "NAME=value" as systemctl show prints them, each with its Id. Timestamps are "@SECONDS". */
bool unit_recorded(struct bytes record, const char *unit, struct unit_facts *out);

/* May it still become something else by itself? */
bool unit_settled(const struct unit_facts *f);

/* Follow a unit by the manager's signals until it has settled, or until_usec of CLOCK_MONOTONIC is past. tell is called
 * after each change, and once a second. */
struct unit_watch {
	void (*tell)(void *ctx, const struct unit_facts *f);
	void   *ctx;
	int64_t until_usec;
	bool (*stop)(void *ctx); /* asked as often; NULL: never */
};
enum assay_code unit_follow(const char *unit, const struct unit_watch *w,
	struct unit_facts *out, struct assay_err *e);

/* The state of a unit, such as "nvidia-persistenced.service"; UNIT_UNKNOWN without systemd. An answer is waited for for two seconds. */
enum unit_state unit_state(const char *unit);

#endif
