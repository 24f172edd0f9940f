/* SPDX-License-Identifier: Apache-2.0
 *
 * What apt knows of packages, without running it: the lists that its last update brought, below var/lib/apt/lists. */
#ifndef ENV_APT_H
#define ENV_APT_H

#include "env/root.h"

enum apt_knows {
	APT_KNOWS,     /* all of them */
	APT_NO_LISTS,  /* there is no list: nothing can be installed */
	APT_KNOWS_NOT, /* one is in no list */
	APT_UNREAD, /* one is in no list that was read; others are compressed, and were not */
};

#define APT_NAMES 8

/* names: packages, ending in NULL; of more than APT_NAMES the first are looked for. *which: with the last two, that one. */
enum apt_knows apt_look(const struct root *r, const char *const *names, const char **which);

/* Which of the names a piece of a list has, as bits; begins: it begins at a line's beginning. */
unsigned apt_find(struct bytes piece, bool begins, const char *const *names);

#endif
