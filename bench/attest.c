/* SPDX-License-Identifier: Apache-2.0
 *
 * assay attest on an emulated node of eight GPUs and four switches: the CPU time of the process and its children, the
 * emulator not counted, with nothing remembered and when chains, RIMs and OCSP answers are; and how long a first one
 * takes, with nothing in the cache.
 *
 *	bench-attest ASSAY ASSAY-SIM
 *
 * Medians beside raw P-384 verifications in the same run, since machines differ; exit status 1 when a limit is missed. The
 * limits are those of a core that verifies 2000 P-384 signatures a second: 75 ms and 25 ms, so 150 and 50 of them. Of the
 * 150, 80 are what there is to verify. The second figure comes from --watch: many rounds less a few. */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/raw.h"

#define RUNS    11
#define RAWS    20
#define FEW     2
#define MANY    8
#define COLD    150.0 /* verifications */
#define WARM    50.0
#define WALL_MS 1000.0

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void give_up(const char *why)
{
	fprintf(stderr, "bench-attest: %s\n", why);
	exit(2);
}

static double cpu_ms(const struct rusage *u)
{
	return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1e3 +
		(double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e3;
}

/* One attestation: its CPU time, and how long it took. */
static double once(const char *assay, double *wall)
{
	const double  began = now_ms();
	struct rusage usage;
	int           status;
	pid_t         pid = fork();

	if (pid == 0) {
		execl(assay, "assay", "attest", "--quiet", "--no-cache", (char *)NULL);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid || status != 0)
		give_up("the platform is not accepted");
	*wall = now_ms() - began;
	return cpu_ms(&usage);
}

/* So many rounds of --watch, with a cache of their own; its CPU time in all. */
static double rounds(const char *assay, int n)
{
	char          cache[] = "/tmp/assay-bench-XXXXXX", path[64], c;
	struct rusage usage;
	int           ends[2], status, seen = 0;
	size_t        at     = 0;
	const char    what[] = "event=attested verdict=accepted";
	pid_t         pid;

	if (mkdtemp(cache) == NULL || pipe(ends) != 0)
		give_up("no folder, no pipe");
	snprintf(path, sizeof(path), "%s/cache.db", cache);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		close(ends[1]);
		execl(assay, "assay", "attest", "--watch", "1s", "--cache", path, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	while (seen < n && read(ends[0], &c, 1) == 1) {
		at = c == what[at] ? at + 1 : c == what[0];
		if (what[at] != 0)
			continue;
		at = 0;
		seen++;
	}
	kill(pid, SIGTERM);
	if (wait4(pid, &status, 0, &usage) != pid || seen < n)
		give_up("the platform is not accepted again and again");
	close(ends[0]);
	snprintf(path, sizeof(path), "rm -rf %s", cache);
	if (system(path) != 0)
		give_up("cannot tidy up");
	return cpu_ms(&usage);
}

static int compare(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double v[RUNS])
{
	qsort(v, RUNS, sizeof(*v), compare);
	return v[RUNS / 2];
}

static bool say(const char *what, double ms, double raw, double limit)
{
	printf("attest 8+4, %-22s %7.1f ms CPU, %6.1f P-384 verifications  (%s %.0f)\n", what,
		ms, ms / raw, ms <= limit * raw ? "within" : "OVER", limit);
	return ms <= limit * raw;
}

/* In the platform's environment. */
static int measure(const char *assay)
{
	static struct raw one[RAWS];
	double            cpu[RUNS], wall[RUNS], raw[RUNS], typical;
	bool              ok;

	for (int i = 0; i < RAWS; i++)
		raw_make(&one[i], "P-384", EVP_sha384(), RAW_MESSAGE);
	once(assay, wall);
	for (int i = 0; i < RUNS; i++) {
		raw[i] = raw_time(one, RAWS);
		cpu[i] = once(assay, &wall[i]);
	}
	typical = median(raw);
	printf("P-384  %8.3f ms a verification; medians of %d runs\n", typical, RUNS);
	ok = say("nothing remembered:", median(cpu), typical, COLD);
	ok &= say("all remembered:", (rounds(assay, MANY) - rounds(assay, FEW)) / (MANY - FEW),
		typical, WARM);
	printf("attest 8+4, nothing in a cache: %.1f ms from start to end (limit %.0f)\n",
		median(wall), WALL_MS);
	raw_done(one, RAWS);
	return ok && median(wall) <= WALL_MS ? 0 : 1;
}

int main(int argc, char **argv)
{
	char self[4096] = "";

	if (argc == 2)
		return measure(argv[1]);
	if (argc != 3)
		give_up("bench-attest ASSAY ASSAY-SIM");
	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		give_up("who am I?");
	execl(argv[2], "sim", "run", "--profile", "ppcie", "--no-tdx", "--", self, argv[1],
		(char *)NULL);
	give_up("no emulator");
}
