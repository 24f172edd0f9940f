/* SPDX-License-Identifier: Apache-2.0
 *
 * The ABI of libnvidia-nscq.so.2 as far as attestation needs it (nvidia-device-access 2): types, structures, codes and
 * callbacks restated. Who calls the library and who stands in for it include this alike. */
#ifndef FORMAT_NSCQ_H
#define FORMAT_NSCQ_H

#include <stddef.h>
#include <stdint.h>

#define NSCQ_LIBRARY "libnvidia-nscq.so.2"
#define NSCQ_API     (2U << 24) /* major << 24 | minor << 12 | patch */

typedef int8_t nscq_rc;

/* 2.3: a warning is positive, an error negative. */
enum nscq_code {
	NSCQ_OK               = 0,
	NSCQ_RDT_INIT_FAILURE = 1,
	NSCQ_NOT_IMPLEMENTED  = -1,
	NSCQ_INVALID_UUID     = -2,
	NSCQ_NOT_MOUNTABLE    = -3,
	NSCQ_OVERFLOW         = -4,
	NSCQ_UNEXPECTED_VALUE = -5,
	NSCQ_UNSUPPORTED_DRV  = -6,
	NSCQ_DRV              = -7,
	NSCQ_TIMEOUT          = -8,
	NSCQ_EXTERNAL         = -127,
	NSCQ_UNSPECIFIED      = -128,
};

/* Passed by value, as a bare pointer would be. */
struct nscq_session {
	void *p;
};

struct nscq_session_result {
	nscq_rc             rc;
	struct nscq_session session;
};

struct nscq_uuid {
	uint8_t bytes[16];
};

struct nscq_label {
	char data[64]; /* "SWX-F6E1D86E-20D5-7BE5-85AD-E5EF52A80504" */
};

#define NSCQ_CHAIN  0x1400
#define NSCQ_REPORT 0x2000
#define NSCQ_NONCE  32

/* Size behind the data here, before it there. */
struct nscq_certificate {
	uint8_t  chain[NSCQ_CHAIN];
	uint32_t size;
};

struct nscq_report {
	uint32_t size;
	uint8_t  report[NSCQ_REPORT];
};

enum nscq_arch { NSCQ_SV10, NSCQ_LR10, NSCQ_LS10 };
enum nscq_tnvl {
	NSCQ_TNVL_UNKNOWN = -1,
	NSCQ_TNVL_OFF,
	NSCQ_TNVL_ON,
	NSCQ_TNVL_FAILED,
	NSCQ_TNVL_LOCKED
};

#define NSCQ_MOUNT_DEVICES 1U /* of nscq_session_create() */

typedef void (*nscq_fn)(void);
typedef void (*nscq_on_uuid)(
	const struct nscq_uuid *device, nscq_rc rc, const struct nscq_uuid *uuid, void *user);
typedef void (*nscq_on_number)(/* arch, and tnvl status */
	const struct nscq_uuid *device, nscq_rc rc, int8_t value, void *user);
typedef void (*nscq_on_certificate)(const struct nscq_uuid *device, nscq_rc rc,
	struct nscq_certificate certificate, void *user);
typedef void (*nscq_on_report)(
	const struct nscq_uuid *device, nscq_rc rc, struct nscq_report report, void *user);

#define NSCQ_PATH_UUID        "/drv/nvswitch/{device}/uuid"
#define NSCQ_PATH_ARCH        "/{nvswitch}/id/arch"
#define NSCQ_ALL              "{nvswitch}" /* in the place of a label */
#define NSCQ_REST_ARCH        "/id/arch"   /* behind a selector */
#define NSCQ_REST_MODE        "/config/pcie_mode"
#define NSCQ_REST_CERTIFICATE "/config/certificate"
#define NSCQ_REST_REPORT      "/config/attestation_report"

/* 2.2: sizes and offsets. */
_Static_assert(sizeof(struct nscq_session) == sizeof(void *), "session");
_Static_assert(sizeof(struct nscq_session_result) == 16, "session result");
_Static_assert(sizeof(struct nscq_uuid) == 16, "UUID");
_Static_assert(sizeof(struct nscq_label) == 64, "label");
_Static_assert(sizeof(struct nscq_certificate) == 5124, "certificate");
_Static_assert(offsetof(struct nscq_certificate, size) == 5120, "certificate");
_Static_assert(sizeof(struct nscq_report) == 8196, "report");
_Static_assert(offsetof(struct nscq_report, report) == 4, "report");

#endif
