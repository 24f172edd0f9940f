/* SPDX-License-Identifier: Apache-2.0
 *
 * Each row is a command line, and what has to come of it. What holds for all of them is asked of all: it ends soon, in
 * bounded memory, by no signal, says at most one line on standard error, and writes nothing but printable ASCII. Where
 * a row names no output there must be none. */
#ifndef TESTS_CMD_ROW_H
#define TESTS_CMD_ROW_H

#include "cmd/run.h"
#include "test.h"

#define ONE   "$A verify --anchors one/anchors --as-recorded "
#define NODE  "$A verify --anchors pp/anchors --as-recorded "
#define LOOSE "$A verify --anchors one/anchors --at 2026-06-01 --nonce $(cat nonce) "

#define GUEST LOOSE "--eventlog one/tdx/ccel.bin "

enum flags {
	JSON     = 1, /* standard output is one report, which tells the exit status */
	TWO      = 2, /* lines on standard error */
	TERMINAL = 4, /* output of a terminal: colours and carriage returns */
	BROKEN   = 8, /* the report has one finding: a container that cannot be parsed */
};

struct row {
	const char *name, *line;
	int         status;
	const char *err; /* part of the one line on standard error; NULL: there is none */
	const char *out; /* part of standard output; NULL: nothing there; "": anything */
	unsigned    flags;
};

/* What of that does not hold; NULL: all does. */
const char *ran_wrong(struct ran *r, unsigned flags);

/* Print it all, for a test that fails. */
void ran_tell(const char *name, const char *why, struct ran *r);

void rows_try(const struct row *rows, size_t n);

/* The test test_TABLE of a table of rows. */
#define ROWS_TEST(table)                           \
	static void test_##table(void **state)     \
	{                                          \
		(void)state;                       \
		rows_try(table, ARRAY_LEN(table)); \
	}

#endif
