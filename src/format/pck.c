/* SPDX-License-Identifier: Apache-2.0 */
#include "format/pck.h"

#include "base/der.h"

#define DER_ENUMERATED 0x0a

/* 1.2.840.113741.1.13.1: what every name in the extension begins with. */
static const uint8_t sgx[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

static const char what[] = "SGX extension";

enum member { PPID, TCB, PCEID, FMSPC, TYPE, INSTANCE, CONFIGURATION, MEMBERS };

#define SEEN(m)     (1u << (m))
#define ALWAYS      (SEEN(PPID) | SEEN(TCB) | SEEN(PCEID) | SEEN(FMSPC) | SEEN(TYPE))
#define OF_PLATFORM (SEEN(INSTANCE) | SEEN(CONFIGURATION))

/* Next of SEQUENCE OF SEQUENCE { OID, value }: the last arcs below those that under has, as one number, and a cursor at the
 * value. All arcs here are below 128: one byte each. */
static enum assay_code next_pair(struct rd *list, struct bytes under, uint8_t *arc,
	struct rd *value, struct assay_err *e)
{
	struct bytes oid;

	TRY(der_enter(list, DER_SEQUENCE, what, value, e));
	TRY(der_expect(value, DER_OID, what, &oid, e));
	if (oid.n != under.n + 1 || !bytes_begin(oid, under) || oid.p[under.n] >= 0x80)
		return err_set(e, ASSAY_CERT_SGX, "a name that is not of its place");
	*arc = oid.p[under.n];
	return ASSAY_OK;
}

static enum assay_code read_octets(
	struct rd *r, uint8_t *out, size_t n, const char *name, struct assay_err *e)
{
	struct bytes v;

	TRY(der_expect(r, DER_OCTET_STRING, name, &v, e));
	TRY(der_end(r, name, e));
	if (v.n != n)
		return err_set(e, ASSAY_CERT_SGX, "%s of %zu bytes", name, v.n);
	memcpy(out, v.p, n);
	return ASSAY_OK;
}

static enum assay_code read_number(
	struct rd *r, unsigned max, unsigned *out, const char *name, struct assay_err *e)
{
	struct bytes v;
	unsigned     n = 0;

	TRY(der_unsigned(r, name, &v, e));
	TRY(der_end(r, name, e));
	for (size_t i = 0; i < v.n && v.n <= 2; i++)
		n = n << 8 | v.p[i];
	if (v.n > 2 || n > max)
		return err_set(e, ASSAY_CERT_SGX, "%s is over %u", name, max);
	*out = n;
	return ASSAY_OK;
}

#define TCB_PCESVN 17
#define TCB_CPUSVN 18

static enum assay_code read_tcb(struct rd *r, struct pck *p, struct assay_err *e)
{
	uint8_t   under[sizeof(sgx) + 1];
	struct rd list, value;
	uint32_t  seen = 0;
	unsigned  n;
	uint8_t   arc;

	memcpy(under, sgx, sizeof(sgx));
	under[sizeof(sgx)] = 2;
	TRY(der_enter(r, DER_SEQUENCE, what, &list, e));
	TRY(der_end(r, what, e));
	while (rd_left(&list) > 0) {
		TRY(next_pair(&list, BYTES_OF(under), &arc, &value, e));
		if (arc == 0 || arc > TCB_CPUSVN)
			return err_set(e, ASSAY_CERT_SGX, "TCB part %u is unknown", arc);
		if ((seen & 1u << arc) != 0)
			return err_set(e, ASSAY_CERT_SGX, "TCB part %u is there twice", arc);
		seen |= 1u << arc;
		if (arc == TCB_CPUSVN) {
			TRY(read_octets(&value, p->cpusvn, sizeof(p->cpusvn), "CPUSVN", e));
		} else if (arc == TCB_PCESVN) {
			TRY(read_number(&value, UINT16_MAX, &n, "PCESVN", e));
			p->pcesvn = (uint16_t)n;
		} else {
			TRY(read_number(&value, UINT8_MAX, &n, "a TCB component", e));
			p->component[arc - 1] = (uint8_t)n;
		}
	}
	TRY(der_end(&list, what, e));
	if (seen != (1u << (TCB_CPUSVN + 1)) - 2)
		return err_set(e, ASSAY_CERT_SGX, "a part of the TCB is missing");
	return ASSAY_OK;
}

static enum assay_code read_type(struct rd *r, struct pck *p, struct assay_err *e)
{
	struct bytes v;

	TRY(der_expect(r, DER_ENUMERATED, "SGX type", &v, e));
	TRY(der_end(r, "SGX type", e));
	if (v.n != 1 || v.p[0] > 2)
		return err_set(e, ASSAY_CERT_SGX, "an SGX type that is unknown");
	p->type = v.p[0];
	return ASSAY_OK;
}

static enum assay_code read_configuration(struct rd *r, struct pck *p, struct assay_err *e)
{
	bool *const  flags[] = { &p->dynamic, &p->cached_keys, &p->smt };
	uint8_t      under[sizeof(sgx) + 1];
	struct rd    list, value;
	struct bytes v;
	unsigned     seen = 0;
	uint8_t      arc;

	memcpy(under, sgx, sizeof(sgx));
	under[sizeof(sgx)] = 7;
	TRY(der_enter(r, DER_SEQUENCE, what, &list, e));
	TRY(der_end(r, what, e));
	while (rd_left(&list) > 0) {
		TRY(next_pair(&list, BYTES_OF(under), &arc, &value, e));
		if (arc == 0 || arc > ARRAY_LEN(flags) || (seen & SEEN(arc)) != 0)
			return err_set(e, ASSAY_CERT_SGX,
				"configuration %u is unknown or there twice", arc);
		seen |= SEEN(arc);
		TRY(der_expect(&value, DER_BOOLEAN, what, &v, e));
		TRY(der_end(&value, what, e));
		if (v.n != 1 || (v.p[0] != 0 && v.p[0] != 0xff))
			return err_set(e, ASSAY_CERT_SGX, "a BOOLEAN that DER does not have");
		*flags[arc - 1] = v.p[0] != 0;
	}
	return der_end(&list, what, e);
}

static enum assay_code read_member(
	enum member m, struct rd *value, struct pck *p, struct assay_err *e)
{
	switch (m) {
	case PPID:
		return read_octets(value, p->ppid, sizeof(p->ppid), "PPID", e);
	case TCB:
		return read_tcb(value, p, e);
	case PCEID:
		return read_octets(value, p->pceid, sizeof(p->pceid), "PCEID", e);
	case FMSPC:
		return read_octets(value, p->fmspc, sizeof(p->fmspc), "FMSPC", e);
	case TYPE:
		return read_type(value, p, e);
	case INSTANCE:
		return read_octets(
			value, p->instance, sizeof(p->instance), "platform instance id", e);
	case CONFIGURATION:
		return read_configuration(value, p, e);
	case MEMBERS:
		break;
	}
	return err_set(e, ASSAY_CERT_SGX, "a member that is unknown");
}

static enum assay_code parse(struct bytes in, bool platform, struct pck *p, struct assay_err *e)
{
	struct rd r    = { .in = in }, list, value;
	unsigned  seen = 0;
	uint8_t   arc;

	TRY(der_enter(&r, DER_SEQUENCE, what, &list, e));
	TRY(der_end(&r, what, e));
	while (rd_left(&list) > 0) {
		TRY(next_pair(&list, BYTES_OF(sgx), &arc, &value, e));
		if (arc == 0 || arc > MEMBERS)
			return err_set(e, ASSAY_CERT_SGX, "member %u is unknown", arc);
		if ((seen & SEEN(arc - 1)) != 0)
			return err_set(e, ASSAY_CERT_SGX, "member %u is there twice", arc);
		seen |= SEEN(arc - 1);
		TRY(read_member((enum member)(arc - 1), &value, p, e));
	}
	TRY(der_end(&list, what, e));
	if ((seen & ALWAYS) != ALWAYS || (platform && (seen & OF_PLATFORM) != OF_PLATFORM))
		return err_set(e, ASSAY_CERT_SGX, "a member is missing");
	p->platform = (seen & OF_PLATFORM) == OF_PLATFORM;
	return ASSAY_OK;
}

enum assay_code pck_parse(
	struct bytes value, bool platform, struct pck *out, struct assay_err *e)
{
	struct pck p = { 0 };

	if (parse(value, platform, &p, e) != ASSAY_OK) {
		e->code = ASSAY_CERT_SGX; /* whatever part of DER it was */
		return err_wrap(e, "%s", what);
	}
	*out = p;
	return ASSAY_OK;
}
