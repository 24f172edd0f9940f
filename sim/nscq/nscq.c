/* SPDX-License-Identifier: Apache-2.0
 *
 * A stand-in for libnvidia-nscq.so.2 (nvidia-device-access 2): sessions, and paths observed by typed callbacks. What it
 * says comes from the emulated platform; with none there, the driver fails. */
#include "format/nscq.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "link/link.h"

#define SESSIONS 64
#define SWITCHES 64
#define ROW      (4 + sizeof(struct nscq_uuid)) /* of the enumeration */

#pragma GCC visibility     push(default)
extern const uint32_t      nscq_api_version;
struct nscq_session_result nscq_session_create(uint32_t flags);
void                       nscq_session_destroy(struct nscq_session s);
nscq_rc                    nscq_session_set_input(
			   struct nscq_session s, uint32_t flags, void *data, uint32_t size);
nscq_rc nscq_uuid_to_label(
	const struct nscq_uuid *uuid, struct nscq_label *label, uint32_t flags);
nscq_rc nscq_session_path_observe(
	struct nscq_session session, const char *path, nscq_fn fn, void *user, uint32_t flags);
#pragma GCC visibility pop

const uint32_t nscq_api_version = NSCQ_API;

struct session {
	bool    open, mounted, asked; /* asked: a nonce was set */
	uint8_t nonce[NSCQ_NONCE];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct session  sessions[SESSIONS];

static void hold(void)
{
	pthread_mutex_lock(&lock);
}

static void let_go(void)
{
	pthread_mutex_unlock(&lock);
}

/* Else a child may find it held by a thread that it does not have. */
__attribute__((constructor)) static void load(void)
{
	pthread_atfork(hold, let_go, let_go);
}

/* One that create gave and destroy has not taken back; a copy, since others may end it meanwhile. */
static bool get(struct nscq_session s, struct session *out)
{
	bool found = false;

	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SESSIONS; i++)
		if (s.p == &sessions[i] && sessions[i].open) {
			*out  = sessions[i];
			found = true;
		}
	pthread_mutex_unlock(&lock);
	return found;
}

static nscq_rc ask(const char *name, uint32_t object, const void *in, size_t n, void *out,
	size_t most, size_t *out_n)
{
	int32_t rc;

	if (!link_ask(WIRE_NSCQ, name, object, in, n, &rc, out, most, out_n))
		return NSCQ_DRV;
	return rc < INT8_MIN || rc > INT8_MAX ? NSCQ_UNSPECIFIED : (nscq_rc)rc;
}

struct nscq_session_result nscq_session_create(uint32_t flags)
{
	struct nscq_session_result r = { .rc = NSCQ_UNEXPECTED_VALUE };
	size_t                     n = 0;

	if ((flags & ~NSCQ_MOUNT_DEVICES) != 0)
		return r;
	r.rc = ask("nscq_session_create", WIRE_NONE, NULL, 0, NULL, 0, &n);
	if (r.rc < 0)
		return r;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SESSIONS && r.session.p == NULL; i++)
		if (!sessions[i].open) {
			sessions[i] = (struct session){ .open = true, .mounted = flags != 0 };
			r.session.p = &sessions[i];
		}
	pthread_mutex_unlock(&lock);
	if (r.session.p == NULL)
		r.rc = NSCQ_OVERFLOW;
	return r;
}

void nscq_session_destroy(struct nscq_session s)
{
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SESSIONS; i++)
		if (s.p == &sessions[i])
			sessions[i] = (struct session){ 0 };
	pthread_mutex_unlock(&lock);
}

nscq_rc nscq_session_set_input(struct nscq_session s, uint32_t flags, void *data, uint32_t size)
{
	nscq_rc rc = NSCQ_UNEXPECTED_VALUE;

	if (flags != 0 || data == NULL || size != NSCQ_NONCE)
		return rc;
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < SESSIONS; i++)
		if (s.p == &sessions[i] && sessions[i].open) {
			memcpy(sessions[i].nonce, data, size);
			sessions[i].asked = true;
			rc                = NSCQ_OK;
		}
	pthread_mutex_unlock(&lock);
	return rc;
}

nscq_rc nscq_uuid_to_label(
	const struct nscq_uuid *uuid, struct nscq_label *label, uint32_t flags)
{
	static const char dash_before[16] = { [4] = 1, [6] = 1, [8] = 1, [10] = 1 };
	char             *at;

	if (uuid == NULL || label == NULL || flags != 0)
		return uuid == NULL ? NSCQ_INVALID_UUID : NSCQ_UNEXPECTED_VALUE;
	memset(label, 0, sizeof(*label));
	at = stpcpy(label->data, "SWX-");
	for (size_t i = 0; i < sizeof(uuid->bytes); i++)
		at += sprintf(at, "%s%02X", dash_before[i] ? "-" : "", uuid->bytes[i]);
	return NSCQ_OK;
}

/* One switch's value, handed to the caller's function. */
struct sight {
	const struct session *session;
	const char           *rest;
	uint32_t              number;
	struct nscq_uuid      uuid;
	nscq_fn               fn;
	void                 *user;
};

static void see_number(const struct sight *s)
{
	int32_t value = 0;
	size_t  n     = 0;
	nscq_rc rc    = ask(s->rest, s->number, NULL, 0, &value, sizeof(value), &n);

	((nscq_on_number)s->fn)(&s->uuid, rc, (int8_t)value, s->user);
}

static void see_certificate(const struct sight *s)
{
	struct {
		uint32_t size;
		uint8_t  chain[NSCQ_CHAIN];
	} got                      = { 0 };
	struct nscq_certificate c  = { 0 };
	size_t                  n  = 0;
	nscq_rc                 rc = ask(s->rest, s->number, NULL, 0, &got, sizeof(got), &n);

	if (rc >= 0) {
		memcpy(c.chain, got.chain, sizeof(c.chain));
		c.size = got.size;
	}
	((nscq_on_certificate)s->fn)(&s->uuid, rc, c, s->user);
}

static void see_report(const struct sight *s)
{
	struct nscq_report r  = { 0 };
	size_t             n  = 0;
	nscq_rc            rc = ask(s->rest, s->number, s->session->nonce,
                s->session->asked ? NSCQ_NONCE : 0, &r, sizeof(r), &n);

	if (rc < 0)
		memset(&r, 0, sizeof(r));
	((nscq_on_report)s->fn)(&s->uuid, rc, r, s->user);
}

static void see_uuid(const struct sight *s)
{
	((nscq_on_uuid)s->fn)(&s->uuid, NSCQ_OK, &s->uuid, s->user);
}

static const struct {
	const char *rest; /* behind "/SELECTOR" */
	void (*see)(const struct sight *s);
} paths[] = {
	{ NSCQ_REST_ARCH, see_number },
	{ NSCQ_REST_MODE, see_number },
	{ NSCQ_REST_CERTIFICATE, see_certificate },
	{ NSCQ_REST_REPORT, see_report },
};

/* Those that the selector, n bytes, means. */
static nscq_rc each(
	const char *selector, size_t n, struct sight *s, void (*see)(const struct sight *s))
{
	uint8_t list[SWITCHES * ROW];
	size_t  got = 0;
	nscq_rc rc  = ask(NSCQ_PATH_UUID, WIRE_NONE, NULL, 0, list, sizeof(list), &got);
	bool    all = selector == NULL ||
		(n == strlen(NSCQ_ALL) && strncmp(selector, NSCQ_ALL, n) == 0);
	bool any = all;

	for (size_t at = 0; rc >= 0 && at + ROW <= got; at += ROW) {
		struct nscq_label label;

		memcpy(&s->number, list + at, 4);
		memcpy(&s->uuid, list + at + 4, sizeof(s->uuid));
		nscq_uuid_to_label(&s->uuid, &label, 0);
		if (all || (n == strlen(label.data) && strncmp(selector, label.data, n) == 0)) {
			see(s);
			any = true;
		}
	}
	return rc < 0 || any ? rc : NSCQ_INVALID_UUID;
}

nscq_rc nscq_session_path_observe(
	struct nscq_session session, const char *path, nscq_fn fn, void *user, uint32_t flags)
{
	struct session now;
	struct sight   s = { .session = &now, .fn = fn, .user = user };
	const char    *rest;

	if (!get(session, &now) || path == NULL || fn == NULL || flags != 0)
		return NSCQ_UNEXPECTED_VALUE;
	if (!now.mounted)
		return NSCQ_NOT_MOUNTABLE; /* nscq_session_mount() is not emulated */
	if (strcmp(path, NSCQ_PATH_UUID) == 0)
		return each(NULL, 0, &s, see_uuid);
	rest = path[0] == '/' ? strchr(path + 1, '/') : NULL;
	for (size_t i = 0; rest != NULL && i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (strcmp(rest, paths[i].rest) != 0)
			continue;
		s.rest = paths[i].rest;
		return each(path + 1, (size_t)(rest - path - 1), &s, paths[i].see);
	}
	return NSCQ_NOT_IMPLEMENTED;
}
