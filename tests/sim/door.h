/* SPDX-License-Identifier: Apache-2.0
 *
 * The stand-in libraries as a program meets them: copies in a folder of their own, beside the socket of a platform that
 * a child of the test serves. Without assay-sim, so that the test says what the platform is and when it ends. */
#ifndef TESTS_DOOR_H
#define TESTS_DOOR_H

#include <sys/types.h>

#include "test.h"

#include "platform/platform.h"

struct door {
	char  folder[200];
	pid_t pid; /* of who serves; 0: nobody */
	void *library;
};

/* A folder whose path is longer than a socket's address may be, and the library of that name opened from there. */
void door_open(struct door *d, const char *library);
void door_close(struct door *d);

/* A platform of that profile, with a fault or NULL; all devices of the profile. Listens when it returns. */
void door_serve(struct door *d, enum platform_profile profile, const char *fault);

/* The same to a description. */
void door_serve_as(struct door *d, const struct platform_spec *spec);

/* Somebody at the socket who answers each request with these bytes, whatever they are, and hangs up. */
void door_serve_bytes(struct door *d, struct bytes answer);

/* Whoever serves dies; the socket's file goes too. */
void door_end(struct door *d);

/* Unplugs a device of the platform, or plugs it in again. */
void door_lose(struct door *d, enum forge_kind kind, unsigned number, bool lost);

/* A symbol, which must be there. */
void *door_symbol(const struct door *d, const char *name);
#define SYMBOL(d, type, name) ((type)(uintptr_t)door_symbol(d, name))

/* Does a child of fork() that calls this return it true? A crash, an exit and a hang of ten seconds are false; signal,
 * when not NULL, gets what killed it. */
bool door_child(bool (*call)(void *ctx), void *ctx, int *signal);

#endif
