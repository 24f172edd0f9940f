/* SPDX-License-Identifier: Apache-2.0
 *
 * The emulated platform: how long a whole one takes to start, how much memory it has then, and how many reports a second
 * its GPUs sign, asked one after the other through the stand-in library.
 *
 *	bench-platform PROGRAM
 *
 * Medians, with their limits; exit status 1 when one is missed. */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "format/nvml.h"

#define RUNS     11
#define START_MS 1000.0
#define RSS_MIB  64.0
#define PER_S    200.0
#define REPORTS  100 /* a turn */
#define READY    "Ctrl-C"

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void give_up(const char *why)
{
	fprintf(stderr, "bench-platform: %s\n", why);
	exit(2);
}

/* Until it has said how to use it. */
static pid_t start(const char *program, const char *state)
{
	char  text[4096] = "";
	int   ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		give_up("no pipe");
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl(program, "sim", "up", "--profile", "ppcie", "--state", state,
			(char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	for (size_t n = 0; strstr(text, READY) == NULL;) {
		ssize_t got = read(ends[0], text + n, sizeof(text) - n - 1);

		if (got <= 0)
			give_up("it does not start");
		n += (size_t)got;
		text[n] = '\0';
	}
	close(ends[0]);
	return pid;
}

static void stop(pid_t pid)
{
	kill(pid, SIGINT);
	waitpid(pid, NULL, 0);
}

/* VmHWM: the most that it ever had. */
static double peak_mib(pid_t pid)
{
	char   path[64], row[256];
	double kib = 0;
	FILE  *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(row, sizeof(row), f) != NULL)
		if (strncmp(row, "VmHWM:", 6) == 0)
			kib = strtod(row + 6, NULL);
	if (f != NULL)
		fclose(f);
	return kib / 1024;
}

#define SYMBOL(library, type, name) ((type)(uintptr_t)dlsym(library, name))

/* Reports of all eight in turn; how many in a second. */
static double rate(const char *state)
{
	static struct nvml_cc_report report;
	char                         path[256];
	void                        *lib;
	nvml_device                  device = NULL;
	double                       begin;

	snprintf(path, sizeof(path), "%s/lib/" NVML_LIBRARY, state);
	lib = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (lib == NULL || SYMBOL(lib, nvml_return(*)(void), "nvmlInit_v2")() != NVML_SUCCESS)
		give_up("the library");
	begin = now_ms();
	for (unsigned i = 0; i < REPORTS; i++) {
		memcpy(report.nonce, &i, sizeof(i));
		if (SYMBOL(lib, nvml_return(*)(unsigned, nvml_device *),
			    "nvmlDeviceGetHandleByIndex_v2")(i % 8, &device) != NVML_SUCCESS ||
			SYMBOL(lib, nvml_return(*)(nvml_device, struct nvml_cc_report *),
				"nvmlDeviceGetConfComputeGpuAttestationReport")(
				device, &report) != NVML_SUCCESS)
			give_up("a report");
	}
	SYMBOL(lib, nvml_return(*)(void), "nvmlShutdown")();
	return REPORTS / ((now_ms() - begin) / 1e3);
}

static int by_value(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

static double median(double *v)
{
	qsort(v, RUNS, sizeof(*v), by_value);
	return v[RUNS / 2];
}

static int tell(const char *what, double value, const char *unit, double limit, int least)
{
	const int good = least ? value >= limit : value <= limit;

	printf("%-34s %8.1f %-4s (%s %.0f)%s\n", what, value, unit,
		least ? "at least" : "at most", limit, good ? "" : "  MISSED");
	return !good;
}

int main(int argc, char **argv)
{
	char   state[] = "/tmp/assay-bench-XXXXXX";
	double ms[RUNS], mib[RUNS], per_s[RUNS];
	int    missed = 0;

	if (argc != 2 || mkdtemp(state) == NULL)
		give_up("PROGRAM");
	for (int i = 0; i < RUNS; i++) {
		double begin = now_ms();
		pid_t  pid   = start(argv[1], state);

		ms[i]    = now_ms() - begin;
		per_s[i] = rate(state);
		mib[i]   = peak_mib(pid);
		stop(pid);
	}
	rmdir(state);
	missed |= tell("8 GPUs, 4 switches, a TD: start", median(ms), "ms", START_MS, 0);
	missed |= tell("memory, after reports", median(mib), "MiB", RSS_MIB, 0);
	missed |= tell("reports through the library", median(per_s), "/s", PER_S, 1);
	return missed;
}
