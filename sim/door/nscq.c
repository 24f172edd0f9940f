/* SPDX-License-Identifier: Apache-2.0
 *
 * What the driver answers to libnvidia-nscq (nvidia-device-access 2): who is there, and the values of one switch by the
 * path behind its selector. A UUID is the 16 bytes of the device's name; blobs go as in nvml.c. */
#include "format/nscq.h"
#include "base/hex.h"
#include "door/door.h"

struct call {
	struct platform       *p;
	const struct door_ask *ask;
	struct buf            *out;
};

typedef enum assay_code answer(const struct call *c, int32_t *rc, struct assay_err *e);

/* "SWX-f6e1d86e-20d5-...": its hex digits. */
static enum assay_code put_uuid(const struct device *d, struct buf *out, struct assay_err *e)
{
	char    digits[33];
	size_t  n = 0;
	uint8_t uuid[16];

	for (const char *p = strchr(d->uuid, '-'); p != NULL && *p != '\0' && n < 32; p++)
		if (*p != '-')
			digits[n++] = *p;
	digits[n] = '\0';
	TRY(hex_fixed(bytes_text(digits), uuid, sizeof(uuid), e));
	buf_put(out, uuid, sizeof(uuid));
	return ASSAY_OK;
}

/* Number and UUID of each that is there. */
static enum assay_code devices(const struct call *c, int32_t *rc, struct assay_err *e)
{
	*rc = NSCQ_OK;
	for (uint32_t i = 0; i < platform_count(c->p, FORGE_SWITCH); i++) {
		const struct device *d = NULL;

		if (c->p->lost[FORGE_SWITCH][i])
			continue;
		TRY(forge_device(c->p->forge, FORGE_SWITCH, i, &d, e));
		buf_put(c->out, &i, sizeof(i));
		TRY(put_uuid(d, c->out, e));
	}
	return ASSAY_OK;
}

static enum assay_code session(const struct call *c, int32_t *rc, struct assay_err *e)
{
	(void)e;
	*rc = platform_count(c->p, FORGE_SWITCH) == 0 ? NSCQ_DRV : NSCQ_OK;
	return ASSAY_OK;
}

static enum assay_code put_number(const struct call *c, int32_t *rc, uint32_t value)
{
	buf_put(c->out, &value, sizeof(value));
	*rc = NSCQ_OK;
	return ASSAY_OK;
}

static enum assay_code arch(const struct call *c, int32_t *rc, struct assay_err *e)
{
	(void)e;
	return put_number(c, rc, NSCQ_LS10);
}

static bool locked(const struct platform *p)
{
	return p->mode.multi_gpu == 1;
}

static enum assay_code mode(const struct call *c, int32_t *rc, struct assay_err *e)
{
	(void)e;
	return put_number(c, rc, locked(c->p) ? NSCQ_TNVL_LOCKED : NSCQ_TNVL_OFF);
}

static void put_blob(const struct call *c, const struct buf *blob)
{
	const uint32_t n = (uint32_t)blob->n;

	buf_put(c->out, &n, sizeof(n));
	buf_put(c->out, blob->p, blob->n);
}

static enum assay_code certificate(const struct call *c, int32_t *rc, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf pem = { 0 };

	*rc = NSCQ_DRV;
	if (!locked(c->p))
		return ASSAY_OK;
	TRY(forge_chain(c->p->forge, FORGE_SWITCH, c->ask->object, &pem, e));
	put_blob(c, &pem);
	*rc = NSCQ_OK;
	return ASSAY_OK;
}

static enum assay_code report(const struct call *c, int32_t *rc, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf blob = { 0 };

	*rc = NSCQ_DRV;
	if (!locked(c->p))
		return ASSAY_OK;
	*rc = NSCQ_UNEXPECTED_VALUE;
	if (c->ask->payload.n != NSCQ_NONCE)
		return ASSAY_OK;
	TRY(forge_report(
		c->p->forge, FORGE_SWITCH, c->ask->object, c->ask->payload.p, &blob, e));
	put_blob(c, &blob);
	*rc = NSCQ_OK;
	return ASSAY_OK;
}

static const struct {
	const char *name;
	bool        of_device;
	answer     *answer;
} rows[] = {
	{ "nscq_session_create", false, session },
	{ NSCQ_PATH_UUID, false, devices },
	{ NSCQ_REST_ARCH, true, arch },
	{ NSCQ_REST_MODE, true, mode },
	{ NSCQ_REST_CERTIFICATE, true, certificate },
	{ NSCQ_REST_REPORT, true, report },
};

static bool strike(const struct sim_fault *f, struct door_reply *r)
{
	if (f == NULL || f->act == SIM_SIZE)
		return true;
	if (f->act == SIM_RETURN)
		r->rc = (int32_t)f->value;
	else if (f->act == SIM_CRASH)
		r->act = WIRE_CRASH;
	else
		r->hang = true;
	return false;
}

enum assay_code door_nscq(
	struct platform *p, const struct door_ask *a, struct door_reply *r, struct assay_err *e)
{
	const struct sim_fault *f = platform_struck(
		p, SIM_NSCQ, a->name, FORGE_SWITCH, a->object);
	const struct call c = { p, a, &r->payload };

	r->rc = NSCQ_NOT_IMPLEMENTED;
	if (!strike(f, r))
		return ASSAY_OK;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, a->name) != 0)
			continue;
		r->rc = NSCQ_DRV;
		if (!rows[i].of_device ||
			(a->object < platform_count(p, FORGE_SWITCH) &&
				!p->lost[FORGE_SWITCH][a->object]))
			TRY(rows[i].answer(&c, &r->rc, e));
		break;
	}
	/* a size, or a number alone, is the first word */
	if (f != NULL && r->rc == NSCQ_OK && r->payload.n >= sizeof(uint32_t))
		memcpy(r->payload.p, &(uint32_t){ (uint32_t)f->value }, sizeof(uint32_t));
	return buf_ok(&r->payload, e);
}
