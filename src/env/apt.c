/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: deb-repository format, "Packages" indices; apt.conf(5), Dir::State::lists. */
#include "env/apt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fd.h"
#include "env/line.h"

#define LISTS     "var/lib/apt/lists"
#define LIST_MOST 1073741824U /* bytes of one list; Ubuntu's largest has 70 MB */
#define PIECE     262144

/* One list, a piece at a time; the last line of a piece goes in front of the next one. */
static unsigned read_list(int fd, const char *const *names)
{
	CLEANUP(mem_done) uint8_t *piece  = mem_new(1, PIECE);
	unsigned                   found  = 0;
	uint64_t                   all    = 0;
	size_t                     kept   = 0;
	bool                       begins = true;
	ssize_t                    n;

	if (piece == NULL)
		return 0;
	while ((n = read(fd, piece + kept, PIECE - kept)) != 0 && all < LIST_MOST) {
		size_t have, whole;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			break;
		all += (uint64_t)n;
		have  = kept + (size_t)n;
		whole = have;
		while (whole > 0 && piece[whole - 1] != '\n')
			whole--;
		if (whole == 0 && have < PIECE) {
			kept = have;
			continue;
		}
		if (whole == 0)
			whole = have; /* a line larger than that is no name; its rest begins no line */
		found |= apt_find((struct bytes){ piece, whole }, begins, names);
		begins = piece[whole - 1] == '\n';
		kept   = have - whole;
		memmove(piece, piece + whole, kept);
	}
	return found | apt_find((struct bytes){ piece, kept }, begins, names);
}

enum apt_knows apt_look(const struct root *r, const char *const *names, const char **which)
{
	static const char *const packings[] = { ".gz", ".lz4", ".xz", ".zst", ".bz2", ".lzma" };
	CLEANUP(names_done) struct names all   = { 0 };
	unsigned                         found = 0, lists = 0;
	bool                             packed = false;

	root_list(r, LISTS, &all);
	for (size_t i = 0; i < all.n; i++) {
		CLEANUP(fd_drop) int fd   = -1;
		struct bytes         name = bytes_text(all.name[i]);
		char                 path[ROOT_PATH];
		struct stat          s;

		for (size_t k = 0; k < ARRAY_LEN(packings); k++)
			if (bytes_end(name, bytes_text(packings[k])) &&
				bytes_has(name, "_Packages."))
				packed = true;
		if (!bytes_end(name, BYTES("_Packages")))
			continue;
		snprintf(path, sizeof(path), LISTS "/%.300s", all.name[i]);
		if (root_fd(r, path, O_RDONLY | O_NONBLOCK, &fd) != 0 || fstat(fd, &s) != 0 ||
			!S_ISREG(s.st_mode))
			continue;
		lists++;
		found |= read_list(fd, names);
	}
	if (lists == 0 && !packed)
		return APT_NO_LISTS;
	for (unsigned i = 0; i < APT_NAMES && names[i] != NULL; i++)
		if ((found & 1U << i) == 0) {
			*which = names[i];
			return packed ? APT_UNREAD : APT_KNOWS_NOT;
		}
	return APT_KNOWS;
}
