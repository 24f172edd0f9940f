/* SPDX-License-Identifier: Apache-2.0
 *
 * Setting and wrapping errors. The core never logs: a message travels up, or does not exist. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdarg.h>

#include <assay/err.h>

#include "base/bytes.h"

/* State the cause, once, where it is known. Returns code. */
__attribute__((format(printf, 3, 4))) enum assay_code err_set(
	struct assay_err *e, enum assay_code code, const char *fmt, ...);

__attribute__((format(printf, 3, 0))) enum assay_code err_vset(
	struct assay_err *e, enum assay_code code, const char *fmt, va_list ap);

/* Put in front what was being done: "GPU 3: " before "firmware id of 47 bytes". Returns the code of e. */
__attribute__((format(printf, 2, 3))) enum assay_code err_wrap(
	struct assay_err *e, const char *fmt, ...);

#ifdef __clang_analyzer__ /* it cannot see into err.c, and would follow paths where err_set returns ASSAY_OK */
#define err_set(e, code, ...) ((void)(err_set)((e), (code), __VA_ARGS__), (code))
#define err_wrap(e, ...)      ((void)(err_wrap)((e), __VA_ARGS__), (e)->code)
#endif

/* The code of that name, "REPORT_NONCE"; ASSAY_OK has none here, and is what an unknown name gives. */
enum assay_code err_code(struct bytes name);

static inline enum assay_code err_no_memory(struct assay_err *e)
{
	return err_set(e, ASSAY_NO_MEMORY, "out of memory");
}

/* Return the code of a failed call as it is. The only macro with a hidden return. */
#define TRY(call)                                   \
	do {                                        \
		enum assay_code try_code_ = (call); \
		if (try_code_ != ASSAY_OK)          \
			return try_code_;           \
	} while (0)

#endif
