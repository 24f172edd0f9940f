/* SPDX-License-Identifier: Apache-2.0 */
#include "env/ours.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool ours_path(const char *path)
{
	char        at[PATH_MAX];
	struct stat s;
	size_t      n = (size_t)snprintf(at, sizeof(at), "%s", path);

	for (; n < sizeof(at); at[n == 0 ? 1 : n] = 0) {
		if (lstat(at, &s) != 0 || (s.st_uid != 0 && s.st_uid != geteuid()))
			return false;
		if (!(S_ISDIR(s.st_mode) && (s.st_mode & S_ISVTX) != 0) &&
			((s.st_mode & S_IWOTH) != 0 ||
				((s.st_mode & S_IWGRP) != 0 && s.st_gid != getegid())))
			return false;
		if (n <= 1)
			return true;
		while (n > 0 && at[--n] != '/')
			;
	}
	return false;
}

const char *ours_tmp(char out[PATH_MAX])
{
	const char *tmp = secure_getenv("TMPDIR");
	struct stat s;

	return tmp != NULL && tmp[0] == '/' && realpath(tmp, out) != NULL &&
			stat(out, &s) == 0 && S_ISDIR(s.st_mode) && ours_path(out)
		? out
		: NULL;
}
