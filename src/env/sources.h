/* SPDX-License-Identifier: Apache-2.0
 *
 * Installers: what they are called and where they come from (a data file), and the digests that somebody vouches for (lines of
 * sha256sum). Without a digest nothing is run. */
#ifndef ENV_SOURCES_H
#define ENV_SOURCES_H

#include "base/json.h"

#define SOURCES_FILE 65536
#define SOURCES_MOST 32
#define PINS_FILE    262144
#define PIN_HEX      64

struct source {                                            /* lent by the JSON */
	const char *profile, *what, *name, *url, *referer; /* referer NULL: none */
};

struct sources {
	json_t       *json;
	struct source row[SOURCES_MOST];
	size_t        n;
};

/* JSON_... */
enum assay_code      sources_take(struct bytes text, struct sources *out, struct assay_err *e);
void                 sources_done(struct sources *s);
const struct source *sources_find(
	const struct sources *s, const char *profile, const char *what);

/* Is there a line of a digest and a name at all? */
bool pins_any(struct bytes pins);

/* The digest of a file of that name, in lower case; false: none, or two that differ. */
bool pins_find(struct bytes pins, const char *name, char hex[PIN_HEX + 1]);

#endif
