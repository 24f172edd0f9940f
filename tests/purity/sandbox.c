/* SPDX-License-Identifier: Apache-2.0 */
#include "purity/sandbox.h"

#include <seccomp.h>
#include <stddef.h>

#include "base/mem.h"

static const int refused[] = {
	SCMP_SYS(open),
	SCMP_SYS(openat),
	SCMP_SYS(openat2),
	SCMP_SYS(creat),
	SCMP_SYS(open_by_handle_at),
	SCMP_SYS(socket),
	SCMP_SYS(socketpair),
	SCMP_SYS(connect),
	SCMP_SYS(execve),
	SCMP_SYS(execveat),
	SCMP_SYS(ptrace),
	SCMP_SYS(io_uring_setup),
};

bool sandbox_enter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool            ok     = filter != NULL;

	for (size_t i = 0; ok && i < ARRAY_LEN(refused); i++)
		ok = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, refused[i], 0) == 0;
	ok = ok && seccomp_load(filter) == 0;
	if (filter != NULL)
		seccomp_release(filter);
	return ok;
}
