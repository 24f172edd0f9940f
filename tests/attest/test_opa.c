/* SPDX-License-Identifier: Apache-2.0
 *
 * A policy agent on the loopback, in a child: what it is asked, and what its answers do to a verdict. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "appraise/nvtrust_policy.h"
#include "attest/opa.h"
#include "forged.h"
#include "http/listener.h"
#include "test.h"

static const struct row {
	const char      *name, *fault;
	unsigned         status;
	const char      *reply;
	const char      *slash; /* behind the address */
	enum assay_class verdict;
	enum assay_code  code; /* of token.policy */
} rows[] = {
	{ "yes", NULL, 200, "{\"result\":true}", "", ASSAY_CLASS_ACCEPTED, ASSAY_OK },
	{ "yes, by an address with a slash", NULL, 200, "{\"result\":true}", "/",
		ASSAY_CLASS_ACCEPTED, ASSAY_OK },
	{ "no", NULL, 200, "{\"result\":false}", "", ASSAY_CLASS_REJECTED,
		ASSAY_POLICY_REQUIREMENT },
	{ "undefined", NULL, 200, "{}", "", ASSAY_CLASS_REJECTED, ASSAY_POLICY_REQUIREMENT },
	{ "yes in words", NULL, 200, "{\"result\":\"true\"}", "", ASSAY_CLASS_REJECTED,
		ASSAY_POLICY_REQUIREMENT },
	{ "garbage", NULL, 200, "<html>", "", ASSAY_CLASS_REJECTED, ASSAY_POLICY_REQUIREMENT },
	{ "an error", NULL, 500, "{\"result\":true}", "", ASSAY_CLASS_UNAVAILABLE,
		ASSAY_SERVICE_STATUS },
	{ "elsewhere", NULL, 302, "{\"result\":true}", "", ASSAY_CLASS_UNAVAILABLE,
		ASSAY_SERVICE_STATUS },
	{ "yes to what is refused", "measurement-driver", 200, "{\"result\":true}", "",
		ASSAY_CLASS_REJECTED, ASSAY_OK },
	{ "yes to what is undecided", "ocsp-absent", 200, "{\"result\":true}", "",
		ASSAY_CLASS_UNDECIDED, ASSAY_OK },
};

/* Answers only what should be asked; anything else is a 400, which no row expects. */
static void answer(void *ctx, const struct http_request *r, struct http_reply *out)
{
	const struct row *row = ctx;
	AUTO(json_t)     *ask = NULL;
	struct assay_err  e   = { 0 };

	out->status = 400;
	if (strcmp(r->method, "POST") != 0 || strcmp(r->path, OPA_PATH) != 0 ||
		json_read(r->body, 1 << 20, &ask, &e) != ASSAY_OK ||
		json_array_size(json_object_get(ask, "input")) != 1)
		return;
	out->status = row->status;
	out->type   = "application/json";
	buf_text(&out->body, row->reply);
}

/* The child's port; it serves until it is ended. */
static pid_t serve(const struct row *row, uint16_t *port)
{
	int   pipes[2];
	pid_t child;

	assert_int_equal(pipe(pipes), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct listener_spec spec = { .address = "127.0.0.1",
			.body_most                     = 1 << 20,
			.connections_most              = 8,
			.idle_s                        = 60,
			.handle                        = answer,
			.ctx                           = (void *)(uintptr_t)row };
		struct listener     *l    = NULL;
		struct assay_err     e    = { 0 };
		uint16_t             mine = 0;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (listener_open(&spec, &l, &e) == ASSAY_OK)
			mine = listener_port(l);
		if (write(pipes[1], &mine, sizeof(mine)) != sizeof(mine) || mine == 0)
			_exit(1);
		for (;;) {
			struct pollfd p = { .fd = listener_fd(l), .events = POLLIN };

			poll(&p, 1, listener_timeout_ms(l));
			listener_run(l);
		}
	}
	close(pipes[1]);
	assert_int_equal(read(pipes[0], port, sizeof(*port)), sizeof(*port));
	close(pipes[0]);
	assert_int_not_equal(*port, 0);
	return child;
}

static struct assay *assay;

static void judge(const char *fault, struct assay_report **out)
{
	CLEANUP(forged_done) struct forged f;
	struct assay_evidence             *ev = NULL;
	struct assay_err                   e  = { 0 };
	uint8_t                            nonce[ASSAY_NONCE];
	int                                given   = 0;
	struct assay_options               options = { .nonce = nonce };

	forged_make(&(struct forged_ask){ .fault = fault }, &f);
	test_must(assay_anchors(assay, f.anchor[0].p, f.anchor[0].n, f.anchor[1].p,
			  f.anchor[1].n, f.anchor[2].p, f.anchor[2].n, &e),
		&e);
	test_must(assay_evidence_new(&ev, &e), &e);
	test_must(assay_evidence_add(ev, "forged", f.bundle.p, f.bundle.n, NULL, 0, &e), &e);
	assert_int_equal(assay_evidence_recorded(ev, nonce, &given, &options.now), 1);
	test_must(assay_verify(assay, ev, &options, out, &e), &e);
	assay_evidence_free(ev);
}

static const struct http_spec patient = { .connect_ms = TEST_PATIENCE_MS,
	.total_ms                                     = TEST_PATIENCE_MS,
	.deadline_ms                                  = TEST_PATIENCE_MS,
	.tries                                        = 1 };

static void asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct assay_report *r    = NULL;
		struct http_client  *http = NULL;
		struct assay_err     e    = { 0 };
		struct assay_finding last;
		uint16_t             port;
		char                 url[64];
		pid_t                child = serve(&rows[i], &port);

		print_message("%s\n", rows[i].name);
		snprintf(url, sizeof(url), "http://127.0.0.1:%u%s", port, rows[i].slash);
		judge(rows[i].fault, &r);
		test_must(http_open(&patient, &http, &e), &e);
		test_must(opa_ask(http, url, r, &e), &e);
		assay_report_finding(r, assay_report_findings(r) - 1, &last);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		assert_string_equal(last.id, "token.policy");
		assert_int_equal(last.code, rows[i].code);
		assert_int_equal(assay_report_verdict(r), rows[i].verdict);
		http_close(http);
		assay_report_free(r);
	}
}

/* Nobody there; an address that may not be asked. */
static void nobody(void **state)
{
	struct assay_report *r    = NULL;
	struct http_client  *http = NULL;
	struct assay_err     e    = { 0 };

	(void)state;
	judge(NULL, &r);
	test_must(http_open(&patient, &http, &e), &e);
	test_must(opa_ask(http, "http://127.0.0.1:1", r, &e), &e);
	assert_int_equal(assay_report_verdict(r), ASSAY_CLASS_UNAVAILABLE);
	assert_int_equal(opa_ask(http, "http://opa.example", r, &e), ASSAY_NETWORK_ADDRESS);
	assay_report_free(r);
	judge(NULL, &r);
	e = (struct assay_err){ 0 };
	test_must(opa_ask(NULL, "https://opa.example", r, &e), &e);
	assert_int_equal(assay_report_verdict(r), ASSAY_CLASS_UNAVAILABLE);
	http_close(http);
	assay_report_free(r);
}

static int set_up(void **state)
{
	struct assay_err e = { 0 };

	(void)state;
	test_must(assay_init(&assay, &e), &e);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	assay_free(assay);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked),
		cmocka_unit_test(nobody),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
