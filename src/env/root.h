/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of the machine, or of a tree that stands in for one, below one descriptor. No path and no link leads out of it.
 * Nothing is written, and nothing is waited for. Every call returns 0 or an errno: that a file could not be read, and why, is
 * an answer like another.
 *
 * Paths have no slash in front. */
#ifndef ENV_ROOT_H
#define ENV_ROOT_H

#include <sys/stat.h>

#include "base/buf.h"

#define ROOT_FILE  1048576 /* bytes of a file, unless a caller says more */
#define ROOT_NAMES 4096    /* of a folder */
#define ROOT_PATH  1024

struct root {
	int  fd;
	bool live; /* it is "/": what the kernel says of itself is of this machine */
	bool walk; /* the kernel has no openat2(): each step is taken by hand */
};

/* dir NULL: "/". INPUT_FILE. */
enum assay_code root_open(const char *dir, struct root *out, struct assay_err *e);
void            root_done(struct root *r);

/* A descriptor, read only; what is there, folders too. */
int root_fd(const struct root *r, const char *path, int flags, int *fd);

/* A regular file, appended; EFBIG over the limit, EINVAL for what is none. */
int root_read(const struct root *r, const char *path, size_t limit, struct buf *out);

/* The same of a file that is open, from where it stands. */
int root_read_fd(int fd, size_t limit, struct buf *out);

/* One line of a small file, its newline gone; the text ends in NUL. EFBIG when it does not fit. */
int root_line(const struct root *r, const char *path, char *out, size_t size);

int root_stat(const struct root *r, const char *path, struct stat *out);
/* The link's own text. */
int root_link(const struct root *r, const char *path, char *out, size_t size);
/* The link at that path, and its text; at becomes what it leads to. */
#define ROOT_LINKS 4 /* one behind the other, for who follows them */
int root_follow(const struct root *r, char at[ROOT_PATH], char *link, size_t size);

static inline bool root_there(const struct root *r, const char *path)
{
	struct stat s;

	return root_stat(r, path, &s) == 0;
}

struct names { /* sorted as bytes; without "." and ".." */
	char **name;
	size_t n;
};

int  root_list(const struct root *r, const char *path, struct names *out);
void names_done(struct names *n);

/* The kernel's ring of messages: /dev/kmsg, or a file in its place. */
int root_kmsg(const struct root *r, size_t limit, struct buf *out);

/* An errno in words: "permission denied". */
const char *root_why(int no);

#endif
