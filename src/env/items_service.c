/* SPDX-License-Identifier: Apache-2.0
 *
 * Environment 5.8: nvidia-persistenced and what is ordered around it. What the files say is configured; what systemd says is in
 * effect. */
#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/items.h"
#include "env/line.h"

#define UNIT "nvidia-persistenced.service"

static const char *shown(const char *text, char out[SHOW_MAX])
{
	return show(bytes_text(text), out);
}
#define SHOWN(text) shown((text), (char[SHOW_MAX]){ 0 })

/* The command line of a unit's files; *n: how many there are, and systemd refuses a unit of this type with two. */
static bool exec_of(const struct unit_found *u, char out[UNIT_EXEC], size_t *n)
{
	CLEANUP(buf_done) struct buf list = { 0 };
	struct assay_err             e    = { 0 };
	struct bytes                 line;

	*n = 0;
	if (unit_list(&u->files, "Service", "ExecStart", &list, &e) != ASSAY_OK)
		return false;
	for (size_t at = 0; line_next(buf_bytes(&list), &at, &line); (*n)++)
		snprintf(out, UNIT_EXEC, "%.*s", (int)line.n, (const char *)line.p);
	return *n > 0;
}

/* Options as a set, of which the last word counts. What is wrong with a command line that starts persistenced; NULL: nothing. */
static const char *exec_wrong(const struct machine *m, const char *exec, bool *advice)
{
	char   text[UNIT_EXEC];
	char  *word[UNIT_WORDS];
	size_t n    = 0;
	bool   root = false, uvm = false, no_persistence = false;

	*advice = false;
	snprintf(text, sizeof(text), "%s", exec);
	if (!unit_words(text, word, &n) || n == 0 ||
		!bytes_end(bytes_text(word[0]), BYTES("nvidia-persistenced")))
		return "it does not start nvidia-persistenced";
	for (size_t i = 1; i < n; i++) {
		if (strncmp(word[i], "--user=", 7) == 0)
			root = strcmp(word[i] + 7, "root") == 0;
		else if (strcmp(word[i], "--user") == 0 || strcmp(word[i], "-u") == 0)
			root = i + 1 < n && strcmp(word[i + 1], "root") == 0;
		else if (bytes_end(bytes_text(word[i]), BYTES("uvm-persistence-mode")))
			uvm = strcmp(word[i], "--uvm-persistence-mode") == 0;
		else if (bytes_end(bytes_text(word[i]), BYTES("-persistence-mode")))
			no_persistence = strcmp(word[i], "--no-persistence-mode") == 0;
	}
	if (no_persistence)
		return "--no-persistence-mode lets the GPU's session end with each program";
	if (!uvm && m->profile == PROFILE_PPCIE)
		return "--uvm-persistence-mode is missing";
	*advice = !uvm;
	if (!root)
		return "--user root is missing";
	return NULL;
}

static void judge_exec(
	const struct machine *m, const char *exec, enum assay_code code, struct result *r)
{
	bool        advice = false;
	const char *wrong  = exec_wrong(m, exec, &advice);

	r_wanted(r, "nvidia-persistenced --user root --uvm-persistence-mode");
	r_seen(r, "%s", SHOWN(exec));
	if (wrong != NULL)
		r_fail(r, code, "%s", wrong);
	else if (advice)
		r_pass(r, "as the guide has it for one GPU; --uvm-persistence-mode is better");
	else
		r_pass(r, "%s", SHOWN(exec));
}

/* What a drop-in says that could not be read may be the last word. */
static bool drop_in_unread(const struct unit_found *u, struct result *r)
{
	if (u->unread == 0)
		return false;
	r_unknown(r, "a drop-in of it could not be read: %s", root_why(u->unread));
	r_remedy(r, "Run assay doctor as root.");
	return true;
}

void judge_persistenced_configured(const struct machine *m, struct result *r)
{
	const struct unit_found *u = &m->persistenced;
	char                     exec[UNIT_EXEC];
	size_t                   execs;

	r_path(r, "%s", u->path[0] != 0 ? u->path : "/etc/systemd/system");
	if (u->masked)
		r_fail(r, ASSAY_HOST_SETTING, "the unit is masked");
	else if (!u->there)
		r_fail(r, ASSAY_HOST_MISSING, "there is no unit %s", UNIT);
	else if (drop_in_unread(u, r))
		return;
	else if (!exec_of(u, exec, &execs))
		r_fail(r, ASSAY_HOST_SETTING, "the unit has no ExecStart");
	else if (execs > 1)
		r_fail(r, ASSAY_HOST_SETTING,
			"the unit has %zu ExecStart, and systemd refuses it: a drop-in begins with an empty one",
			execs);
	else
		judge_exec(m, exec, ASSAY_HOST_SETTING, r);
}

/* Is there an answer of systemd's? If not, says so. */
bool unit_told(const struct machine *m, const struct unit_facts *f, struct result *r)
{
	if (f->known)
		return true;
	if (!image_only(m, r))
		r_unknown(r,
			"systemd does not answer on the system bus: what is in effect is not known");
	r_path(r, "org.freedesktop.systemd1");
	r_remedy(r, "Run assay doctor on the machine itself, where systemd runs.");
	return false;
}

void judge_persistenced_effective(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->persistenced.live;

	if (!unit_told(m, f, r))
		return;
	r_path(r, "org.freedesktop.systemd1, %s", UNIT);
	r_seen(r, "%s", SHOWN(f->load));
	if (strcmp(f->load, "loaded") != 0)
		r_fail(r, ASSAY_HOST_EFFECT, "the unit is %s for systemd", SHOWN(f->load));
	else if (f->exec[0] == 0)
		r_fail(r, ASSAY_HOST_EFFECT, "the unit has no ExecStart");
	else
		judge_exec(m, f->exec, ASSAY_HOST_EFFECT, r);
}

static bool user_there(const struct machine *m, struct bytes user)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	struct bytes                 line, name, rest;

	if (user.n == 0 || bytes_equal(user, BYTES("root")))
		return true;
	if (root_read(&m->root, "etc/passwd", ROOT_FILE, &text) != 0)
		return false;
	for (size_t at = 0; line_next(buf_bytes(&text), &at, &line);)
		if (line_cut(line, ':', &name, &rest) && bytes_equal(name, user))
			return true;
	return false;
}

void judge_unit_type(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf type = { 0 }, user = { 0 };
	const struct unit_found     *u = &m->persistenced;
	struct assay_err             e = { 0 };

	if (!u->there) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return;
	}
	unit_last(&u->files, "Service", "Type", &type, &e);
	unit_last(&u->files, "Service", "User", &user, &e);
	r_path(r, "%s", u->path);
	r_wanted(r, "Type=forking");
	r_seen(r, "Type=%s", SHOWN(buf_cstr(&type)));
	if (!bytes_equal(buf_bytes(&type), BYTES("forking")))
		r_fail(r, ASSAY_HOST_SETTING, "Type is %s, and the daemon forks",
			type.n == 0 ? "not set" : SHOWN(buf_cstr(&type)));
	else if (!user_there(m, buf_bytes(&user)))
		r_fail(r, ASSAY_HOST_SETTING, "the user %s does not exist",
			SHOWN(buf_cstr(&user)));
	else
		r_pass(r, "forking");
}

static uint64_t least_usec(const struct machine *m)
{
	return 1000000 *
		(m->profile == PROFILE_PPCIE ? m->data->ppcie : m->data->single).start_seconds;
}

static void judge_timeout(const struct machine *m, uint64_t usec, const char *how,
	enum assay_code code, struct result *r)
{
	const uint64_t least = least_usec(m);

	r_wanted(r, "%llu s or more; 900 is best", (unsigned long long)(least / 1000000));
	if (usec == UNIT_FOREVER)
		r_seen(r, "infinity");
	else
		r_seen(r, "%llu s%s", (unsigned long long)(usec / 1000000), how);
	if (usec >= least)
		r_pass(r, "%s", r->seen);
	else
		r_fail(r, code, "the start is given %s", r->seen);
}

void judge_timeout_configured(const struct machine *m, struct result *r)
{
	CLEANUP(buf_done) struct buf text = { 0 };
	const struct unit_found     *u    = &m->persistenced;
	struct assay_err             e    = { 0 };
	uint64_t                     usec = 90000000;
	const char                  *how  = ", systemd's default";

	if (!u->there) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return;
	}
	r_path(r, "%s", u->path);
	if (drop_in_unread(u, r))
		return;
	if (unit_last_of(&u->files, "Service", "TimeoutStartSec", "TimeoutSec", &text, &e)) {
		how = "";
		if (!unit_time(buf_bytes(&text), &usec)) {
			r_fail(r, ASSAY_HOST_SETTING, "TimeoutStartSec=%s is no time",
				SHOWN(buf_cstr(&text)));
			return;
		}
		if (usec == 0) /* systemd.service(5): 0 turns it off */
			usec = UNIT_FOREVER;
	}
	judge_timeout(m, usec, how, ASSAY_HOST_SETTING, r);
}

void judge_timeout_effective(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->persistenced.live;

	if (!f->known) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_EFFECTIVE);
		return;
	}
	r_path(r, "org.freedesktop.systemd1, %s, TimeoutStartUSec", UNIT);
	if (strcmp(f->load, "loaded") != 0)
		r_wait(r, CHECK_SERVICE_PERSISTENCED_EFFECTIVE);
	else
		judge_timeout(m, f->start_usec, "", ASSAY_HOST_EFFECT, r);
}

void judge_enabled(const struct machine *m, struct result *r)
{
	const struct unit_found *u = &m->persistenced;
	const char              *s = u->live.file_state;

	if (!u->there && !u->live.known) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_CONFIGURED);
		return;
	}
	r_path(r, "%s",
		u->live.known ? "org.freedesktop.systemd1, UnitFileState"
			      : "/etc/systemd/system/multi-user.target.wants");
	r_wanted(r, "enabled");
	r_seen(r, "%s", s[0] != 0 ? SHOWN(s) : u->enabled ? "enabled" : "not enabled");
	if (s[0] != 0 ? strcmp(s, "enabled") == 0 : u->enabled)
		r_pass(r, "enabled");
	else if ((strcmp(s, "static") == 0 || strcmp(s, "generated") == 0) &&
		u->live.state == UNIT_ACTIVE)
		r_pass(r, "%s, and it was started", s);
	else
		r_fail(r, ASSAY_HOST_SETTING, "the unit does not start at boot");
}

void judge_ready_rule(const struct machine *m, struct result *r)
{
	const struct unit_facts *f       = &m->persistenced.live;
	const uint64_t           elapsed = f->left_usec / 1000000 < (uint64_t)m->how->now
			  ? (uint64_t)m->how->now - f->left_usec / 1000000
			  : 0;

	if (!unit_told(m, f, r))
		return;
	r_path(r, "org.freedesktop.systemd1, %s, ActiveState", UNIT);
	r_wanted(r, "active, running");
	r_seen(r, "%s, %s", SHOWN(f->active), SHOWN(f->sub));
	if (f->state == UNIT_ACTIVATING) {
		r_busy(r,
			"the GPU stack has been starting for %llu s; the unit is given %llu s",
			(unsigned long long)elapsed,
			(unsigned long long)(f->start_usec / 1000000));
		r_remedy(r, "Wait: assay doctor --wait. Start no nvidia-smi meanwhile.");
	} else if (f->state == UNIT_FAILED) {
		r_fail(r, ASSAY_HOST_EFFECT, "the start failed: %s", SHOWN(f->result));
		if (strcmp(f->result, "timeout") == 0)
			r_remedy(r,
				"Set TimeoutStartSec=900, then stop and start the instance.");
	} else if (f->state != UNIT_ACTIVE || strcmp(f->sub, "running") != 0) {
		r_fail(r, ASSAY_HOST_EFFECT, "the unit is %s, %s", SHOWN(f->active),
			SHOWN(f->sub));
	} else if (m->profile == PROFILE_PPCIE && m->fabric.live.known &&
		m->fabric.live.state != UNIT_ACTIVE) {
		r_fail(r, ASSAY_HOST_EFFECT, "persistenced is active, Fabric Manager is not");
	} else {
		r_pass(r, "active, running");
	}
}

void judge_restart(const struct machine *m, struct result *r)
{
	const struct unit_facts *f = &m->persistenced.live;

	if (!f->known) {
		r_wait(r, CHECK_SERVICE_PERSISTENCED_EFFECTIVE);
		return;
	}
	r_path(r, "org.freedesktop.systemd1, %s, NeedDaemonReload", UNIT);
	if (f->reload)
		r_warn(r, "the unit changed on disk since systemd read it");
	else
		r_pass(r, "what systemd has read is what is on disk");
}
