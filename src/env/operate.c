/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: org.freedesktop.systemd1(5); environment SVC-05, SVC-06 and 8. */
#include "env/operate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <systemd/sd-bus.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "base/show.h"
#include "env/program.h"
#include "fetch/download.h"

#define MANAGER   "org.freedesktop.systemd1"
#define OBJECT    "/org/freedesktop/systemd1"
#define START_S   960       /* 900 and a minute: environment SVC-05 */
#define STOP_S    180       /* systemd itself kills after 90, unless the unit says else */
#define CALL_USEC 120000000 /* a reload reads every unit there is */
#define UNPACK_S  900
#define UNPACKED_MOST \
	2147483648U /* bytes of an initramfs; with a driver's firmware a few hundred MiB */

/* ---- programs ---- */

enum assay_code operate_packages_free(struct assay_err *e)
{
	static const char *const locks[] = { "/var/lib/dpkg/lock-frontend",
		"/var/lib/dpkg/lock", "/var/lib/rpm/.rpm.lock",
		"/usr/lib/sysimage/rpm/.rpm.lock" };

	for (size_t i = 0; i < ARRAY_LEN(locks); i++) {
		struct flock l  = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
		int          fd = open(locks[i], O_RDWR | O_CLOEXEC);
		bool         held;

		if (fd < 0)
			continue;
		held = fcntl(fd, F_GETLK, &l) == 0 && l.l_type != F_UNLCK;
		close(fd);
		if (held)
			return err_set(e, ASSAY_HOST_BUSY, "process %ld holds %s",
				(long)l.l_pid, locks[i]);
	}
	return ASSAY_OK;
}

static enum assay_code run(
	void *ctx, const char *const *argv, struct ran *out, struct assay_err *e)
{
	return program_run(ctx, argv, out, e);
}

/* ---- images ---- */

/* From there on to a file without a name, no larger than that; the program's word counts for nothing, what came out does. */
static void child_unpack(const char *path, const char *const *argv, int from, int to)
{
	const struct rlimit most = { UNPACKED_MOST, UNPACKED_MOST };
	int                 null = open("/dev/null", O_RDWR);
	char               *words[4];
	char *const         environment[] = { (char[]){ "PATH=/usr/sbin:/usr/bin:/sbin:/bin" },
			(char[]){ "LC_ALL=C" }, NULL };
	size_t              n             = 0;

	for (; argv[n] != NULL && n < 3; n++)
		words[n] = mem_text(bytes_text(argv[n]));
	words[n] = NULL;
	if (null < 0 || dup2(from, STDIN_FILENO) < 0 || dup2(to, STDOUT_FILENO) < 0 ||
		dup2(null, STDERR_FILENO) < 0 || setrlimit(RLIMIT_FSIZE, &most) != 0)
		_exit(PROGRAM_ABSENT);
	ends_child();
	execve(path, words, environment);
	_exit(PROGRAM_ABSENT);
}

static void say_waits(void *ctx)
{
	program_say_waits(ctx);
}

static enum assay_code unpack(
	void *ctx, const char *packing, int from, size_t at, int *to, struct assay_err *e)
{
	static const struct {
		const char *packing, *argv[4];
	} tools[] = {
		{ "gzip", { "gzip", "-dc" } },
		{ "xz", { "xz", "-dc" } },
		{ "zstd", { "zstd", "-dcq" } },
		{ "lz4", { "lz4", "-dc" } },
		{ "bzip2", { "bzip2", "-dc" } },
		{ "lzop", { "lzop", "-dc" } },
		{ "lzma", { "xz", "--format=lzma", "-dc" } },
	};
	struct ends_program p = {
		.from = -1, .limit_s = UNPACK_S, .say = say_waits, .ctx = ctx
	};
	char   path[ROOT_PATH];
	size_t i  = 0;
	int    fd = -1;

	*to = -1;
	while (i < ARRAY_LEN(tools) && strcmp(tools[i].packing, packing) != 0)
		i++;
	if (i == ARRAY_LEN(tools) || !program_find(tools[i].argv[0], path) ||
		lseek(from, (off_t)at, SEEK_SET) < 0)
		return ASSAY_OK;
	fd = memfd_create("image", MFD_CLOEXEC);
	if (fd < 0)
		return ASSAY_OK;
	p.pid = fork();
	if (p.pid == 0)
		child_unpack(path, tools[i].argv, from, fd);
	if (p.pid < 0) {
		close(fd);
		return err_set(e, ASSAY_INTERNAL, "fork: %s", strerror(errno));
	}
	if (program_wait(ctx, &p) != 0 || p.late) {
		close(fd); /* as if nothing unpacked it: it is not examined */
		return ASSAY_OK;
	}
	*to = fd;
	return ASSAY_OK;
}

/* ---- units ---- */

static void bus_drop(sd_bus **bus)
{
	sd_bus_flush_close_unref(*bus);
}

static void error_drop(sd_bus_error *error)
{
	sd_bus_error_free(error);
}

static enum assay_code call(const char *method, const char *unit, struct assay_err *e)
{
	CLEANUP(bus_drop) sd_bus        *bus   = NULL;
	CLEANUP(error_drop) sd_bus_error error = SD_BUS_ERROR_NULL;
	int                              rc    = sd_bus_open_system(&bus);

	if (rc >= 0)
		rc = sd_bus_set_method_call_timeout(bus, CALL_USEC);
	if (rc >= 0)
		rc = unit == NULL ? sd_bus_call_method(bus, MANAGER, OBJECT, MANAGER ".Manager",
					    method, &error, NULL, "")
				  : sd_bus_call_method(bus, MANAGER, OBJECT, MANAGER ".Manager",
					    method, &error, NULL, "ss", unit, "replace");
	if (rc < 0)
		return err_set(e, ASSAY_HOST_STEP, "systemd: %s %s: %s", method,
			unit == NULL ? "" : SHOW(bytes_text(unit)),
			error.message != NULL ? SHOW(bytes_text(error.message))
					      : strerror(-rc));
	return ASSAY_OK;
}

struct telling {
	const struct operate *o;
	const char           *unit;
	int64_t               since;
};

static void tell(void *ctx, const struct unit_facts *f)
{
	const struct telling *t = ctx;
	char                  line[256];

	if (t->o->tell == NULL)
		return;
	snprintf(line, sizeof(line), "%.100s: %.40s (%.40s), %lld s of at most %d", t->unit,
		f->active, f->sub, (long long)((clock_us() - t->since) / 1000000), START_S);
	t->o->tell(t->o->ctx, line);
}

static bool asked(void *ctx)
{
	(void)ctx;
	return ends_asked();
}

static enum assay_code start(const struct operate *o, const char *unit, struct assay_err *e)
{
	struct telling    t = { o, unit, clock_us() };
	struct unit_watch w = { tell, &t, clock_us() + (int64_t)START_S * 1000000, asked };
	struct unit_facts f = { 0 };

	TRY(call("StartUnit", unit, e));
	TRY(unit_follow(unit, &w, &f, e));
	if (f.state == UNIT_ACTIVE)
		return ASSAY_OK;
	if (f.state == UNIT_ACTIVATING)
		return err_set(e, ASSAY_SERVICE_START_TIMEOUT,
			"%s still starts after %lld s; it is left to it", unit,
			(long long)((clock_us() - t.since) / 1000000));
	return err_set(e, ASSAY_HOST_STEP, "%s did not start (%s); journalctl -u %s says why",
		unit, SHOW(bytes_text(f.result)), unit);
}

static enum assay_code stop(const char *unit, struct assay_err *e)
{
	const int64_t until = clock_us() + (int64_t)STOP_S * 1000000;

	TRY(call("StopUnit", unit, e));
	while (clock_us() < until) {
		const enum unit_state is = unit_state(unit);

		if (is == UNIT_INACTIVE || is == UNIT_FAILED || is == UNIT_ABSENT)
			return ASSAY_OK;
		nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	}
	return err_set(e, ASSAY_HOST_STEP, "%s did not stop in %d s", unit, STOP_S);
}

static enum assay_code unit(
	void *ctx, const char *name, enum unit_verb verb, struct assay_err *e)
{
	switch (verb) {
	case VERB_RELOAD:
		return call("Reload", NULL, e);
	case VERB_START:
		return start(ctx, name, e);
	case VERB_STOP:
		return stop(name, e);
	default:
		return err_set(e, ASSAY_INTERNAL, "no verb");
	}
}

/* ---- installers ---- */

static void tell_bytes(void *ctx, const char *name, uint64_t done, uint64_t all)
{
	const struct operate *o = ctx;
	char                  line[256];

	if (o->tell == NULL)
		return;
	snprintf(line, sizeof(line), "%.150s: %llu of %llu MiB", name,
		(unsigned long long)(done >> 20), (unsigned long long)(all >> 20));
	o->tell(o->ctx, line);
}

static enum assay_code fetch(
	void *ctx, const char *folder, const struct step *s, struct assay_err *e)
{
	struct operate     *o   = ctx;
	struct download_ask ask = { .url = s->url,
		.referer                 = s->referer[0] == 0 ? NULL : s->referer,
		.name                    = s->file,
		.tell                    = tell_bytes,
		.stop                    = asked,
		.ctx                     = o };
	enum assay_code     code;
	int                 fd;

	TRY(hex_fixed(bytes_text(s->pin), ask.sha256, SHA256_SIZE, e));
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(folder)),
			strerror(errno));
	code = download(fd, &ask, o->crypto, e);
	close(fd);
	return code;
}

struct operator operate_machine(struct operate *o)
{
	return (struct operator){ .run = run,
		.unit                  = unit,
		.unpack                = unpack,
		.fetch                 = o->download ? fetch : NULL,
		.ctx                   = o };
}
