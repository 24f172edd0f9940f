/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program of the portable archive, and one of the host, gets when it opens the driver's library by name and looks
 * up a host: prints the driver's version, each name that was found, and every file that lies executable in its memory.
 *
 *	probe [NAME...] */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static int driver(void)
{
	char  version[80] = "";
	void *library     = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
	int (*init)(void);
	int (*ask)(char *, unsigned);

	if (library == NULL) {
		fprintf(stderr, "probe: %s\n", dlerror());
		return 1;
	}
	*(void **)&init = dlsym(library, "nvmlInit_v2");
	*(void **)&ask  = dlsym(library, "nvmlSystemGetDriverVersion");
	if (init == NULL || ask == NULL || init() != 0 || ask(version, sizeof(version)) != 0) {
		fprintf(stderr, "probe: the library does not answer\n");
		return 1;
	}
	printf("driver %s\n", version);
	return 0;
}

static int resolve(const char *name)
{
	struct addrinfo *found = NULL;
	int              why   = getaddrinfo(name, "443", NULL, &found);

	if (why != 0) {
		fprintf(stderr, "probe: %s: %s\n", name, gai_strerror(why));
		return 1;
	}
	printf("found %s\n", name);
	freeaddrinfo(found);
	return 0;
}

static int show_maps(void)
{
	char  line[4096];
	FILE *maps = fopen("/proc/self/maps", "r");

	if (maps == NULL)
		return 1;
	while (fgets(line, sizeof(line), maps) != NULL) {
		const char *path = strchr(line, '/');

		if (path != NULL && strstr(line, " r-xp ") != NULL)
			printf("mapped %s", path);
	}
	return fclose(maps);
}

int main(int argc, char **argv)
{
	int status = driver();

	for (int i = 1; i < argc; i++)
		status |= resolve(argv[i]);
	return status | show_maps();
}

#ifdef NO_START_FILES /* those at hand belong to a newer libc than this program will have */
void run(long *stack);
void run(long *stack)
{
	exit(main((int)stack[0], (char **)(stack + 1)));
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall run\n");
#endif
