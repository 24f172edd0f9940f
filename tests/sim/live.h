/* SPDX-License-Identifier: Apache-2.0
 *
 * A running platform, for tests: build/assay-sim as a process of its own, and a poor man's collector and fetcher that
 * know nothing of it but the doors. */
#ifndef TESTS_LIVE_H
#define TESTS_LIVE_H

#include <sys/types.h>

#include "test.h"

struct forge_bundle;

#define LIVE_NONCE 32
#define LIVE_AT    "2026-06-01T00:00:00Z"

struct live {
	char  state[64]; /* folder */
	pid_t pid;
	char  url[64]; /* http://127.0.0.1:PORT */
	bool  fuse;
	/* Who hangs now and is not waited for: everybody else is, for as long as it takes. */
	enum live_mute { LIVE_NOBODY, LIVE_DEVICES, LIVE_SERVICES } mute;
};

/* Of a fault by its name. */
enum live_mute live_mute(const char *fault);

/* Starts one with these options, "--profile" and the like, and waits until it is up; the test fails otherwise. */
void live_open(struct live *l, const char *const *options);

/* The same by the machine's clock: for programs that have no other. */
void live_open_now(struct live *l, const char *const *options);

/* Ends it by Ctrl-C; it must end well, and leave nothing behind. */
void live_close(struct live *l);

/* Words of assay sim ctl; the test fails unless they are obeyed. */
void live_say(struct live *l, const char *words);

/* A file's path below the state folder. */
const char *live_path(const struct live *l, const char *name, char out[256]);

/* What the libraries said. A child asks them, and is cut off after a while: they may hang or crash. */
struct live_said {
	bool hung, crashed;
	char text[1024]; /* modes and return codes in words, to compare */
};

/* Evidence of all devices that gave some, to a nonce; for forge_bundle_done(). */
void live_collect(struct live *l, const uint8_t nonce[LIVE_NONCE], struct forge_bundle *out,
	struct live_said *said);

/* One HTTP request: its body, and the status, or 0 when there was no whole answer in time. head: the header, or NULL. */
unsigned live_http(struct live *l, const char *method, const char *path, const char *type,
	struct bytes body, struct buf *head, struct buf *out);

#endif
