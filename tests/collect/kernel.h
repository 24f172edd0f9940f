/* SPDX-License-Identifier: Apache-2.0
 *
 * The kernel of a TDX guest as a table of calls that a test scripts: configfs-tsm, the device with its ioctls, files. Time
 * is what was waited. */
#ifndef TESTS_KERNEL_H
#define TESTS_KERNEL_H

#include "test.h"

#include "collect/guest.h"

#define KERNEL_DATA   64
#define KERNEL_QUOTE  1300
#define KERNEL_SCRIPT 64

/* Commands of /dev/tdx_guest, as bits of kernel.known. */
enum kernel_command {
	KERNEL_REPORT   = 1,
	KERNEL_QUOTE_R  = 2,  /* _IOR('T', 4) */
	KERNEL_QUOTE_RW = 4,  /* _IOWR('T', 4) */
	KERNEL_QUOTE_2  = 8,  /* _IOWR('T', 2) */
	KERNEL_EXTEND_R = 16, /* _IOR('T', 3) */
	KERNEL_EXTEND_W = 32  /* _IOW('T', 3) */
};

struct kernel {
	/* configfs-tsm */
	int         make, provider_no, write, generation_no; /* errnos; 0: it works */
	const char *provider;                                /* NULL: "tdx_guest\n" */
	const char *generation_text;                         /* NULL: the number */
	int out[KERNEL_SCRIPT];   /* errno of each read of outblob in turn, 0 behind the last */
	unsigned       interfere; /* so many reads of outblob are raced by another writer */
	const uint8_t *blob;      /* what outblob shows; NULL: a quote of inblob */
	size_t         blob_n;

	/* the device */
	int         open, old_open; /* errnos of tdx_guest and tdx-guest */
	unsigned    known;
	int         report_no, extend_no;
	int         quote[KERNEL_SCRIPT]; /* errno of each GET_QUOTE in turn */
	uint64_t    status;               /* of a framed request; of a bare one bare_status */
	uint64_t    bare_status;
	uint32_t    out_len;      /* 0: what it is */
	bool        other_report; /* TDREPORT of other data */
	bool        garbage;      /* an answer of 0xaa */
	const char *config;       /* /etc/tdx-attest.conf; NULL: none */
	int         config_no;

	/* registers */
	bool sysfs; /* Linux 6.16 */
	bool rtmrs,
		rtmrs_there; /* the patches before it; the register has its folder already */

	/* what came of it */
	unsigned    made, removed, waits, reads, quotes, bare, opened;
	uint64_t    generation;
	bool        asked;
	uint8_t     in[KERNEL_DATA];
	const char *extended_by; /* "sysfs", "configfs", "ioctl"; NULL: nothing was */
	uint8_t     rtmr[4][48]; /* the digest that a register was extended with last */
	int64_t     now;
	uint8_t     made_quote[KERNEL_QUOTE];
};

struct guest_calls kernel_calls(struct kernel *k);

/* A quote in shape alone: version 4, TDX, that REPORTDATA. */
void kernel_quote(const uint8_t data[KERNEL_DATA], uint8_t out[KERNEL_QUOTE]);

#endif
