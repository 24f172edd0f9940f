/* SPDX-License-Identifier: Apache-2.0
 *
 * Versions: of kernels, drivers, firmware and packages. Never compared as text.
 *
 * Source: environment 3; rpm's rpmvercmp() and deb-version(7) for packages. */
#ifndef ENV_VERSION_H
#define ENV_VERSION_H

#include "base/bytes.h"

#define VERSION_PARTS 8

struct version { /* dotted integers; missing parts are 0 */
	uint32_t part[VERSION_PARTS];
	size_t   parts;
	bool     pre; /* _rc1, ~rc, +: lower than the same without */
};

/* The dotted integers at the beginning, up to the first part that does not start with a digit; *rest is behind them. */
void version_dotted(struct bytes text, struct version *out, struct bytes *rest);

/* -1, 0, 1 */
int version_compare(const struct version *a, const struct version *b);

/* Two texts of dotted integers, all of them: drivers ("550.144.03"). */
int version_order(struct bytes a, struct bytes b);

/* Dotted hexadecimal: VBIOS ("96.00.cf.00.05"). */
int version_order_hex(struct bytes a, struct bytes b);

enum kernel_vendor {
	KERNEL_OTHER,
	KERNEL_ALINUX, /* al8, and an8: Anolis */
	KERNEL_EL,
	KERNEL_UBUNTU,
	KERNEL_DEBIAN,
};

struct kernel { /* "5.10.134-18.al8.x86_64" */
	struct version     base, release;
	struct bytes       tag;  /* "al8", "el9_4", "generic"; may be empty */
	struct bytes       arch; /* "x86_64"; may be empty */
	enum kernel_vendor vendor;
};

/* Any text is a kernel's release to uname(); what is not in it is empty. */
void kernel_parse(struct bytes osrelease, struct kernel *out);

enum kernel_verdict {
	KERNEL_NO_RULE,  /* the rule is of another line of kernels: measure */
	KERNEL_OLD,      /* below the floor */
	KERNEL_GOOD,     /* at or above it */
	KERNEL_UNTESTED, /* above it by its base: another branch, or a pre-release */
};

/* The rule KERN-01 against a floor such as "5.10.134-18". */
enum kernel_verdict kernel_judge(const struct kernel *k, struct bytes floor);

/* The major version of the gcc that built a kernel, by what it says of itself (proc/version): "(gcc-12 (Debian 12.2.0-14) 12.2.0",
 * "(gcc (GCC) 10.2.1", "(gcc version 8.5.0". false: it names none. */
bool version_gcc(struct bytes text, unsigned *major);

/* The number behind a compiler's name: "x86_64-linux-gnu-gcc-12". */
bool version_gcc_name(struct bytes name, unsigned *major);

/* Package managers' own orders. */
int version_rpm(struct bytes a, struct bytes b); /* one of version or release */
int version_deb(struct bytes a, struct bytes b); /* [epoch:]upstream[-revision] */

#endif
