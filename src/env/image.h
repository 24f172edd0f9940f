/* SPDX-License-Identifier: Apache-2.0
 *
 * The initramfs of a kernel: where it is, and what of modprobe's configuration it carries. What is compressed is named here, and
 * unpacked by whoever wants to know: all other checks together take less.
 *
 * Source: environment INIT-01, 1.7; The Boot Loader Specification, type #1, for entries' paths. */
#ifndef ENV_IMAGE_H
#define ENV_IMAGE_H

#include "env/machine.h"

#define IMAGE_PATH 256
#define IMAGE_MOST (2 * MACHINE_KERNELS)

struct image {
	bool        nvidia, nouveau;        /* it has the module */
	bool        carries[MACHINE_FILES]; /* that file of modprobe's, to the byte */
	const char *packed; /* "zstd": the rest is compressed; NULL: all of it was read */
	size_t      at;     /* where that rest begins */
	size_t      archives;
};

/* Where the image is that this kernel boots with: by its entry, or else by the distribution's name for it. */
void image_path(const struct machine *m, const char *kernel, char path[IMAGE_PATH]);

struct images {
	char   path[IMAGE_MOST][IMAGE_PATH];
	size_t n;
};

/* Those that are made again when all are: of every kernel that has modules, as far as they are there. */
void image_list(const struct machine *m, struct images *out);

/* What images that are made again want of their file system: a new one is written beside the old, and may be larger; copies stay
 * beside them. Environment PLAT-04. */
struct image_room {
	uint64_t need; /* with less nothing is begun */
	uint64_t want; /* with less it is told: twice the largest for every kernel */
};
/* copied: those that are copied first; NULL: none. */
struct image_room image_room(const struct machine *m, const struct images *copied);

/* Take the members of one piece over what is known: a file, mapped, so that a packed part costs nothing. An errno; EBADMSG: no
 * cpio, or one that is cut. */
int image_take_file(const struct machine *m, int fd, struct stat *s, struct image *out);

/* The same of a kernel's image, from the beginning. */
int image_read(const struct machine *m, const char *path, struct stat *s, struct image *out);

/* Does the file say how nvidia is loaded? Such a file belongs into every image. */
bool image_wants(const struct modprobe_file *f);

/* The first file that it must carry and does not; NULL: none. One that keeps nouveau away, too, where it has nouveau. */
const struct modprobe_file *image_lacks(const struct machine *m, const struct image *i);

#endif
