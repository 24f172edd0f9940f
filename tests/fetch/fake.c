/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/fake.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forge/forge.h"
#include "forge/node.h"
#include "platform/platform.h"
#include "service/service.h"

struct side {
	struct fake_seen *seen;
	void (*handle)(void *seen, const struct http_request *r, struct http_reply *out);
};

static void copy(char out[64], const char *in)
{
	snprintf(out, 64, "%s", in == NULL ? "" : in);
}

static void note(void *ctx, const struct http_request *r, struct http_reply *out)
{
	const struct side *s = ctx;

	__atomic_add_fetch(&s->seen->asked, 1, __ATOMIC_SEQ_CST);
	copy(s->seen->bearer, http_header(r, "Authorization"));
	copy(s->seen->agent, http_header(r, "User-Agent"));
	copy(s->seen->cookie, http_header(r, "Cookie"));
	copy(s->seen->type, http_header(r, "Content-Type"));
	s->handle(s->seen, r, out);
}

static _Noreturn void serve(const struct listener_spec *spec, struct fake_seen *seen)
{
	struct assay_err e = { 0 };
	struct listener *l;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (listener_open(spec, &l, &e) != ASSAY_OK)
		_exit(1);
	__atomic_store_n(&seen->port, listener_port(l), __ATOMIC_SEQ_CST);
	for (;;) {
		struct pollfd p = { .fd = listener_fd(l), .events = POLLIN };

		poll(&p, 1, listener_timeout_ms(l));
		listener_run(l);
	}
}

/* Made once a program. */
static struct buf tls_ca, tls_cert, tls_key;

static void make_tls(void)
{
	struct platform_spec spec;
	struct platform     *p = NULL;
	struct assay_err     e = { 0 };

	if (tls_ca.n > 0)
		return;
	platform_spec_default(PLATFORM_NONE, &spec);
	test_must(platform_new(&spec, &p, &e), &e);
	test_must(service_tls(p->forge, &tls_ca, &tls_cert, &tls_key, &e), &e);
	platform_free(p);
}

void fake_open(struct fake *f, const char *address, bool tls,
	void (*handle)(void *seen, const struct http_request *r, struct http_reply *out))
{
	struct side          side;
	struct listener_spec spec = {
		.address          = address == NULL ? "127.0.0.1" : address,
		.body_most        = 65536,
		.connections_most = 128,
		.idle_s           = 30,
		.handle           = note,
		.ctx              = &side,
	};

	*f      = (struct fake){ 0 };
	f->seen = mmap(NULL, sizeof(*f->seen), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(f->seen != MAP_FAILED);
	side = (struct side){ f->seen, handle };
	if (tls) {
		make_tls();
		f->ca     = buf_bytes(&tls_ca);
		spec.cert = buf_cstr(&tls_cert);
		spec.key  = buf_cstr(&tls_key);
	}
	f->pid = fork();
	assert_true(f->pid >= 0);
	if (f->pid == 0)
		serve(&spec, f->seen);
	for (int i = 0; i < TEST_PATIENCE_MS / 5 && f->port == 0; i++) {
		usleep(5000);
		f->port = (uint16_t)__atomic_load_n(&f->seen->port, __ATOMIC_SEQ_CST);
	}
	assert_int_not_equal(f->port, 0);
}

void fake_close(struct fake *f)
{
	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	munmap(f->seen, sizeof(*f->seen));
}
