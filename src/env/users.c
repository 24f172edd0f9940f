/* SPDX-License-Identifier: Apache-2.0 */
#include "env/users.h"

#include <errno.h>
#include <stdio.h>

#include "base/show.h"
#include "env/line.h"

/* As the kernel has them: 15 characters. */
static bool own_daemon(const char *name)
{
	return strcmp(name, "nvidia-persiste") == 0 || strcmp(name, "nv-fabricmanage") == 0;
}

static bool opens_gpu(const struct root *r, const char *pid, bool *unread)
{
	CLEANUP(names_done) struct names n = { 0 };
	char                             path[320], link[ROOT_PATH];
	int                              no;

	snprintf(path, sizeof(path), "proc/%.20s/fd", pid);
	no      = root_list(r, path, &n);
	*unread = *unread || no == EACCES || no == EPERM;
	for (size_t i = 0; i < n.n; i++) {
		snprintf(path, sizeof(path), "proc/%.20s/fd/%.20s", pid, n.name[i]);
		if (root_link(r, path, link, sizeof(link)) == 0 &&
			strncmp(link, "/dev/nvidia", 11) == 0)
			return true;
	}
	return false;
}

bool gpu_user(const struct root *r, char *out, size_t size)
{
	CLEANUP(names_done) struct names n = { 0 };
	bool                             unread;

	unread = root_list(r, "proc", &n) != 0;
	for (size_t i = 0; i < n.n; i++) {
		char path[64], name[64] = "?";

		if (!byte_digit((uint8_t)n.name[i][0]))
			continue;
		snprintf(path, sizeof(path), "proc/%.20s/comm", n.name[i]);
		root_line(r, path, name, sizeof(name));
		if (own_daemon(name) || !opens_gpu(r, n.name[i], &unread))
			continue;
		snprintf(out, size, "%s (%.20s)", SHOW(bytes_text(name)), n.name[i]);
		return true;
	}
	if (unread)
		snprintf(out, size, "whether somebody uses the GPUs cannot be read");
	return unread;
}
