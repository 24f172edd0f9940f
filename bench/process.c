/* SPDX-License-Identifier: Apache-2.0
 *
 * What one call of the program costs, from exec to exit: processor time and peak memory of a command, the median of
 * many calls.
 *
 *	bench-process CPU_MS RSS_MIB PROGRAM ARGUMENT...
 *
 * Says both figures with their limits; exit status 1 when one is over its limit. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS 21

struct cost {
	double cpu_ms, rss_mib;
};

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

/* Its output goes nowhere; how it ends does not matter here, but it has to. */
static struct cost once(char **argv)
{
	struct rusage u   = { 0 };
	pid_t         pid = fork();
	int           status;

	if (pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) != pid || !WIFEXITED(status) ||
		WEXITSTATUS(status) == 127) {
		fprintf(stderr, "bench-process: %s does not run\n", argv[0]);
		exit(2);
	}
	return (struct cost){ ms(u.ru_utime) + ms(u.ru_stime), (double)u.ru_maxrss / 1024 };
}

static int by_value(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double cpu[RUNS], rss[RUNS], most_cpu, most_rss;

	if (argc < 4) {
		fprintf(stderr, "bench-process CPU_MS RSS_MIB PROGRAM ARGUMENT...\n");
		return 2;
	}
	most_cpu = strtod(argv[1], NULL);
	most_rss = strtod(argv[2], NULL);
	once(argv + 3); /* the files are in memory from here on */
	for (size_t i = 0; i < RUNS; i++) {
		struct cost c = once(argv + 3);

		cpu[i] = c.cpu_ms;
		rss[i] = c.rss_mib;
	}
	qsort(cpu, RUNS, sizeof(*cpu), by_value);
	qsort(rss, RUNS, sizeof(*rss), by_value);
	printf("median of %d: %.1f ms CPU (limit %.0f), %.1f MiB peak (limit %.0f)\n", RUNS,
		cpu[RUNS / 2], most_cpu, rss[RUNS / 2], most_rss);
	return cpu[RUNS / 2] > most_cpu || rss[RUNS / 2] > most_rss;
}
