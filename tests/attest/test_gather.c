/* SPDX-License-Identifier: Apache-2.0
 *
 * Evidence, services that are down, slow, wrong or hostile, and a cache: what comes of it, how often they are asked, and
 * that nothing they did stays in the cache. The services are the emulator's, in a process of their own. */
#include "attest/gather.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attest/cache.h"
#include "attest/services.h"
#include "base/hex.h"
#include "fetch/fake.h"
#include "forged.h"

#define AT    INT64_C(1780272000) /* 2026-06-01T00:00:00Z, the forge's time */
#define CACHE "cache.db"

/* ---- one gathering ---- */

struct bench {
	struct fake   fake;
	struct forged forged;
	char          url[64], ocsp[64];
};

static struct bench one, node; /* one GPU; eight and four switches */

struct told {
	struct buf text;
	size_t     lines;
};

static void note(void *ctx, const char *line)
{
	struct told *t = ctx;

	buf_printf(&t->text, "%s\n", line);
	t->lines++;
}

struct outcome {
	enum assay_class verdict;
	struct told      told;
	size_t           pieces, asked; /* asked: in this very gathering */
	struct buf       findings;      /* "id code message" lines of what is not a pass */
	struct buf       bundle;
};

static void outcome_done(struct outcome *o)
{
	buf_done(&o->told.text);
	buf_done(&o->findings);
	buf_done(&o->bundle);
	*o = (struct outcome){ 0 };
}

struct means {
	struct http_spec  http;
	bool              offline, no_cache;
	const char       *rim, *ocsp;
	enum gather_nonce nonce;
	int64_t           later; /* than AT */
	int64_t           max_age;
};

static struct assay *session(const struct bench *b)
{
	const struct buf *n = b->forged.anchor;
	struct assay     *a = NULL;
	struct assay_err  e = { 0 };

	test_must(assay_init(&a, &e), &e);
	test_must(assay_anchors(a, n[FORGED_DEVICE].p, n[FORGED_DEVICE].n, n[FORGED_RIM].p,
			  n[FORGED_RIM].n, n[FORGED_SGX].p, n[FORGED_SGX].n, &e),
		&e);
	return a;
}

static void judge(struct assay *a, struct assay_evidence *ev, int64_t now, struct outcome *out)
{
	struct assay_report *r = NULL;
	struct assay_err     e = { 0 };
	uint8_t              nonce[ASSAY_NONCE];
	int                  given;
	int64_t              made;

	assert_int_equal(assay_evidence_recorded(ev, nonce, &given, &made), 1);
	test_must(assay_verify(
			  a, ev, &(struct assay_options){ .nonce = nonce, .now = now }, &r, &e),
		&e);
	out->verdict = assay_report_verdict(r);
	for (size_t i = 0; i < assay_report_findings(r); i++) {
		struct assay_finding f;

		assay_report_finding(r, i, &f);
		if (f.outcome != ASSAY_OUTCOME_PASS)
			buf_printf(&out->findings, "%s %s %s\n", f.id, assay_code_name(f.code),
				f.message);
	}
	assay_report_free(r);
}

static void attempt(const struct bench *b, const struct means *m, struct outcome *out)
{
	struct assay          *a    = session(b);
	struct assay_evidence *ev   = NULL;
	struct http_client    *http = NULL;
	struct store          *s    = NULL;
	struct assay_err       e    = { 0 };
	struct gather_request  r    = {
		    .rim_url      = m->rim != NULL ? m->rim : b->url,
		    .ocsp_url     = m->ocsp != NULL ? m->ocsp : b->ocsp,
		    .ocsp_nonce   = m->nonce,
		    .now          = AT + m->later,
		    .ocsp_max_age = m->max_age,
		    .note         = note,
		    .ctx          = &out->told,
	};

	*out = (struct outcome){ 0 };
	test_must(assay_evidence_new(&ev, &e), &e);
	test_must(assay_evidence_add(
			  ev, "evidence", b->forged.bundle.p, b->forged.bundle.n, NULL, 0, &e),
		&e);
	if (!m->offline)
		test_must(http_open(&m->http, &http, &e), &e);
	if (!m->no_cache)
		test_must(store_open(CACHE, &s, &e), &e);
	r.http  = http;
	r.store = s;
	test_must(gather(a, ev, &r, &e), &e);
	out->pieces = ev->ev.collaterals;
	for (size_t i = 0; i < ev->ev.collaterals; i++)
		out->asked += ev->ev.collateral[i].asked;
	test_must(evidence_write(&ev->ev, &out->bundle, &e), &e);
	judge(a, ev, r.now, out);
	http_close(http);
	store_close(s);
	assay_evidence_free(ev);
	assay_free(a);
}

static void fault(struct bench *b, const char *name, const char *mode)
{
	strcpy(b->fake.seen->fault, name == NULL ? "" : name);
	strcpy(b->fake.seen->mode, mode == NULL ? "" : mode);
	b->fake.seen->asked = 0;
}

static void no_cache_file(void)
{
	struct assay_err e = { 0 };

	test_must(store_remove(CACHE, &e), &e);
}

static void must_be(const struct outcome *o, enum assay_class verdict)
{
	if (o->verdict != verdict)
		print_message("%.*s", (int)o->findings.n, (const char *)o->findings.p);
	assert_int_equal(o->verdict, verdict);
}

/* ---- the walk ---- */

static const struct {
	const char       *name;
	const char       *fault, *mode;
	enum gather_nonce nonce;
	int               exit;
	const char       *finding; /* part of a line */
	const char       *told;    /* part of what was noted; NULL: nothing was */
} rows[] = {
	{ "nothing wrong", NULL, NULL, 0, 0, "", NULL },
	{ "RIM not there", "rim-service-absent", NULL, 0, 3,
		"gpu.rim.driver.present RIM_MISSING", "RIM service http://127.0.0.1" },
	{ "RIM service down", "rim-service-down", NULL, 0, 3,
		"gpu.rim.vbios.present RIM_MISSING", "status 503" },
	{ "RIM service hangs", "rim-service-hang", NULL, 0, 3,
		"gpu.rim.driver.present RIM_MISSING", "no answer in time" },
	{ "RIM cut short", "rim-service-short", NULL, 0, 3,
		"gpu.rim.driver.present RIM_MISSING", "ends before its length" },
	{ "RIM service garbage", "rim-service-garbage", NULL, 0, 3,
		"gpu.rim.driver.present RIM_MISSING", "no reply of a RIM service" },
	{ "RIM service redirects", "rim-service-redirect", NULL, 0, 3,
		"gpu.rim.driver.present RIM_MISSING", "not followed" },
	{ "RIM of another id", NULL, "other-id", 0, 3, "gpu.rim.driver.present RIM_MISSING",
		"it is about \"NV_GPU_OTHERS" },
	{ "RIM in CBOR", NULL, "corim", 0, 3, "gpu.rim.driver.present RIM_MISSING", "CORIM" },
	{ "RIM of another sum", NULL, "wrong-sum", 0, 0, "", "SHA-256" },
	{ "RIM too large", NULL, "oversized", 0, 3, "gpu.rim.driver.present RIM_MISSING",
		"over its limit" },
	{ "RIM is garbage", "rim-garbage", NULL, 0, 6, "gpu.rim.driver.structure", NULL },
	{ "RIM cut", "rim-cut", NULL, 0, 6, "gpu.rim.driver.structure", NULL },
	{ "RIM signature", "rim-signature", NULL, 0, 1, "gpu.rim.driver.signature", NULL },
	{ "RIM signer expired", "rim-signer-expired", NULL, 0, 1, "gpu.rim.driver.chain",
		NULL },
	{ "OCSP down", "ocsp-responder-down", NULL, 0, 3, "gpu.chain.revocation OCSP_MISSING",
		"OCSP responder http://127.0.0.1" },
	{ "OCSP hangs", "ocsp-responder-hang", NULL, 0, 3, "gpu.chain.revocation OCSP_MISSING",
		"no answer in time" },
	{ "OCSP cut short", "ocsp-responder-short", NULL, 0, 3,
		"gpu.chain.revocation OCSP_MISSING", "ends before" },
	{ "OCSP garbage", "ocsp-responder-garbage", NULL, 0, 6,
		"gpu.chain.revocation OCSP_PARSE", NULL },
	{ "OCSP redirects", "ocsp-responder-redirect", NULL, 0, 3,
		"gpu.chain.revocation OCSP_MISSING", "not followed" },
	{ "OCSP too large", NULL, "ocsp-big", 0, 3, "gpu.chain.revocation OCSP_MISSING",
		"over its limit" },
	{ "both empty", NULL, "empty", 0, 3, "OCSP_MISSING", "empty reply" },
	{ "OCSP absent", "ocsp-absent", NULL, 0, 3, "gpu.chain.revocation OCSP_MISSING",
		"404" },
	{ "another nonce", "ocsp-nonce", NULL, 0, 1, "gpu.chain.revocation OCSP_NONCE", NULL },
	{ "no nonce", "ocsp-nonce-none", NULL, 0, 3, "gpu.chain.revocation OCSP_MISSING",
		"--ocsp-nonce=no" },
	{ "no nonce, and none is needed", "ocsp-nonce-none", NULL, GATHER_NONCE_IF_PRESENT, 0,
		"", NULL },
	{ "another nonce, where none is needed", "ocsp-nonce", NULL, GATHER_NONCE_IF_PRESENT, 1,
		"gpu.chain.revocation OCSP_NONCE", NULL },
	{ "no nonce asked for", NULL, NULL, GATHER_NONCE_NONE, 0, "", NULL },
	{ "OCSP busy", "ocsp-try-later", NULL, 0, 3, "gpu.chain.revocation OCSP_ERROR", NULL },
	{ "OCSP unauthorized", "ocsp-unauthorized", NULL, 0, 3,
		"gpu.chain.revocation OCSP_ERROR", NULL },
	{ "revoked", "ocsp-revoked", NULL, 0, 1, "gpu.chain.revocation OCSP_REVOKED", NULL },
	{ "unknown", "ocsp-unknown", NULL, 0, 1, "gpu.chain.revocation OCSP_UNKNOWN", NULL },
	{ "stale", "ocsp-stale", NULL, 0, 3, "gpu.chain.revocation OCSP_STALE", NULL },
	{ "other serial", "ocsp-other-serial", NULL, 0, 1, "gpu.chain.revocation OCSP_MATCH",
		NULL },
	{ "RIM signer's answer absent", "ocsp-rim-absent", NULL, 0, 3,
		"gpu.rim.driver.revocation OCSP_MISSING", "404" },
	{ "RIM signer revoked", "ocsp-rim-revoked", NULL, 0, 1,
		"gpu.rim.driver.revocation OCSP_REVOKED", NULL },
};

/* For what hangs, and may keep the rest from being asked in time; for all else. */
static const struct http_spec hasty   = { .total_ms = 700, .tries = 2 };
static const struct http_spec patient = {
	.connect_ms  = TEST_PATIENCE_MS,
	.total_ms    = TEST_PATIENCE_MS,
	.deadline_ms = 2 * TEST_PATIENCE_MS,
	.tries       = 2,
};

static bool hangs(const char *fault)
{
	return fault != NULL && strstr(fault, "-hang") != NULL;
}

/* Each fault with an empty cache; then the same cache without the fault: whatever was kept is good. */
static void faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(outcome_done) struct outcome bad = { 0 }, good = { 0 };

		print_message("%s\n", rows[i].name);
		no_cache_file();
		fault(&one, rows[i].fault, rows[i].mode);
		attempt(&one,
			&(struct means){ .http = hangs(rows[i].fault) ? hasty : patient,
				.nonce         = rows[i].nonce },
			&bad);
		if (assay_class_exit(bad.verdict) != rows[i].exit ||
			strstr(buf_cstr(&bad.findings), rows[i].finding) == NULL)
			print_message(
				"%s%s", buf_cstr(&bad.findings), buf_cstr(&bad.told.text));
		assert_int_equal(assay_class_exit(bad.verdict), rows[i].exit);
		assert_non_null(strstr(buf_cstr(&bad.findings), rows[i].finding));
		if (rows[i].told == NULL)
			assert_string_equal(buf_cstr(&bad.told.text), "");
		else
			assert_non_null(strstr(buf_cstr(&bad.told.text), rows[i].told));
		if (rows[i].told != NULL && rows[i].exit == 3) /* the finding says why */
			assert_non_null(strstr(buf_cstr(&bad.findings), rows[i].told));
		fault(&one, NULL, NULL);
		attempt(&one, &(struct means){ .http = patient }, &good);
		must_be(&good, ASSAY_CLASS_ACCEPTED);
		assert_string_equal(buf_cstr(&good.told.text), "");
	}
}

/* ---- nobody there, and nobody asked ---- */

static void nobody(void **state)
{
	CLEANUP(outcome_done) struct outcome o = { 0 };

	(void)state;
	no_cache_file();
	fault(&node, NULL, NULL);
	attempt(&node,
		&(struct means){ .http = patient,
			.rim           = "http://127.0.0.1:1",
			.ocsp          = "http://127.0.0.1:1/ocsp" },
		&o);
	must_be(&o, ASSAY_CLASS_UNDECIDED);
	assert_int_equal(o.pieces, 0);
	/* three RIMs, and one line for all the answers */
	assert_int_equal(o.told.lines, 4);
	assert_non_null(strstr(buf_cstr(&o.findings), "Connection refused"));
	assert_int_equal(node.fake.seen->asked, 0);
}

static void plain_elsewhere(void **state)
{
	CLEANUP(outcome_done) struct outcome o = { 0 };

	(void)state;
	attempt(&one,
		&(struct means){
			.http = patient, .no_cache = true, .rim = "http://example.com" },
		&o);
	must_be(&o, ASSAY_CLASS_UNDECIDED);
	assert_non_null(strstr(buf_cstr(&o.told.text), "plain http to another host"));
}

static void offline(void **state)
{
	CLEANUP(outcome_done)
	struct outcome empty = { 0 }, full = { 0 }, off = { 0 }, late = { 0 };

	(void)state;
	no_cache_file();
	fault(&node, NULL, NULL);
	attempt(&node, &(struct means){ .offline = true }, &empty);
	must_be(&empty, ASSAY_CLASS_UNDECIDED);
	assert_non_null(strstr(buf_cstr(&empty.findings), "offline"));
	attempt(&node, &(struct means){ .http = patient }, &full);
	must_be(&full, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(full.asked, full.pieces);
	node.fake.seen->asked = 0;
	attempt(&node, &(struct means){ .offline = true }, &off);
	must_be(&off, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(off.asked, 0); /* their nonces show nothing any more */
	assert_true(bytes_equal(buf_bytes(&off.bundle), buf_bytes(&full.bundle)));
	outcome_done(&off);
	attempt(&node, &(struct means){ .http = patient }, &off);
	must_be(&off, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(node.fake.seen->asked, 0);
	/* past what is signed nothing comes out; the documents still do */
	attempt(&node, &(struct means){ .offline = true, .later = 86400 }, &late);
	must_be(&late, ASSAY_CLASS_UNDECIDED);
	assert_int_equal(late.pieces, 3);
	outcome_done(&late);
	attempt(&node, &(struct means){ .offline = true, .later = 8 * 86400 }, &late);
	assert_int_equal(late.pieces, 0);
}

/* How often: nine certificates and two RIMs for one GPU, some of them shared; a node shares more. */
static void how_often(void **state)
{
	CLEANUP(outcome_done) struct outcome o = { 0 };

	(void)state;
	fault(&one, NULL, NULL);
	attempt(&one, &(struct means){ .http = patient, .no_cache = true }, &o);
	must_be(&o, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(one.fake.seen->asked, o.pieces);
	assert_in_range(o.pieces, 7, 11);
	outcome_done(&o);
	fault(&node, NULL, NULL);
	attempt(&node, &(struct means){ .http = patient, .no_cache = true }, &o);
	must_be(&o, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(node.fake.seen->asked, o.pieces);
	assert_in_range(o.pieces, 20, 12 + 3 + 12);
}

/* A bundle of two days ago: its answers are out of date, its documents are not. */
static void out_of_date(void **state)
{
	CLEANUP(outcome_done) struct outcome old = { 0 }, off = { 0 };
	struct bench                         b = one;

	(void)state;
	no_cache_file();
	fault(&one, NULL, NULL);
	forged_make(
		&(struct forged_ask){ .seed = SERVICES_SEED, .at = AT - 2 * 86400 }, &b.forged);
	attempt(&b, &(struct means){ .offline = true }, &off);
	must_be(&off, ASSAY_CLASS_UNDECIDED);
	assert_non_null(strstr(buf_cstr(&off.findings), "OCSP_STALE"));
	one.fake.seen->asked = 0;
	attempt(&b, &(struct means){ .http = patient }, &old);
	must_be(&old, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(one.fake.seen->asked, old.pieces - off.pieces); /* no document */
	forged_done(&b.forged);
}

/* Where the verdict will ask for younger answers than the cache has, they are asked for; documents have no such age. */
static void younger(void **state)
{
	static const int64_t ages[] = { 0, 7200, 1800 };

	(void)state;
	no_cache_file();
	fault(&one, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(ages); i++) {
		CLEANUP(outcome_done) struct outcome o = { 0 };

		if (i == 0)
			attempt(&one, &(struct means){ .http = patient }, &o);
		outcome_done(&o);
		one.fake.seen->asked = 0;
		attempt(&one,
			&(struct means){ .http = patient, .later = 3600, .max_age = ages[i] },
			&o);
		if (ages[i] == 1800) /* the responder has none either */
			assert_int_equal(one.fake.seen->asked, o.pieces - 2);
		else
			assert_int_equal(one.fake.seen->asked, 0);
	}
}

/* ---- what is in the cache is not believed ---- */

static void spoil(const struct buf *bundle, const char *prefix, int how)
{
	struct assay            *a    = session(&one);
	struct evidence          ev   = { 0 };
	struct store            *s    = NULL;
	struct assay_err         e    = { 0 };
	const struct collateral *mine = NULL, *other = NULL;

	test_must(evidence_add(&ev, "bundle", buf_bytes(bundle), (struct bytes){ 0 }, &e), &e);
	for (size_t i = 0; i < ev.collaterals; i++) {
		if (!bytes_begin(ev.collateral[i].want, bytes_text(prefix)))
			continue;
		if (mine == NULL)
			mine = &ev.collateral[i];
		else
			other = &ev.collateral[i];
	}
	assert_true(mine != NULL && other != NULL);
	test_must(store_open(CACHE, &s, &e), &e);
	{
		CLEANUP(buf_done) struct buf body  = { 0 };
		struct collateral            piece = *mine;
		CLEANUP(mem_done) char      *want  = mem_text(mine->want);
		char                         key[CACHE_KEY];

		buf_put(&body, mine->body.p, mine->body.n);
		if (how == 0) { /* a byte */
			body.p[body.n / 2] ^= 1;
			piece.body = buf_bytes(&body);
		} else if (how == 1) { /* another's */
			piece.body    = other->body;
			piece.request = other->request;
		} else if (how == 2) { /* garbage */
			piece.body = BYTES("<garbage/>");
		}
		test_must(cache_put(s, &a->crypto, &a->trust, &piece, AT + 3600, AT, &e), &e);
		test_must(cache_key(&a->crypto, &a->trust, want, key, &e), &e);
		if (how == 3)
			test_must(store_put(s, CACHE_SPACE, key, BYTES("no JSON"), AT + 3600,
					  AT, &e),
				&e);
	}
	store_close(s);
	evidence_done(&ev);
	assay_free(a);
}

static void poisoned(void **state)
{
	static const char *const prefixes[] = { "rim:", "ocsp:" };

	(void)state;
	no_cache_file();
	fault(&one, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		for (int how = 0; how < 4; how++) {
			CLEANUP(outcome_done) struct outcome o = { 0 }, good = { 0 };

			print_message("%s %d\n", prefixes[i], how);
			attempt(&one, &(struct means){ .http = patient }, &good);
			must_be(&good, ASSAY_CLASS_ACCEPTED);
			spoil(&good.bundle, prefixes[i], how);
			attempt(&one, &(struct means){ .offline = true }, &o);
			must_be(&o,
				ASSAY_CLASS_UNDECIDED); /* never worse: it was not the device */
			outcome_done(&o);
			spoil(&good.bundle, prefixes[i], how);
			one.fake.seen->asked = 0;
			attempt(&one, &(struct means){ .http = patient }, &o);
			must_be(&o, ASSAY_CLASS_ACCEPTED);
			assert_in_range(one.fake.seen->asked, 1, 8);
			outcome_done(&o);
			one.fake.seen->asked = 0;
			attempt(&one, &(struct means){ .http = patient }, &o);
			must_be(&o, ASSAY_CLASS_ACCEPTED);
			assert_int_equal(one.fake.seen->asked, 0); /* mended */
		}
}

/* ---- several at once ---- */

static void together(void **state)
{
	enum { N = 4 };
	pid_t pid[N];

	(void)state;
	no_cache_file();
	fault(&node, NULL, NULL);
	for (int i = 0; i < N; i++) {
		pid[i] = fork();
		if (pid[i] == 0) {
			CLEANUP(outcome_done) struct outcome o = { 0 };

			attempt(&node, &(struct means){ .http = patient }, &o);
			_exit(o.verdict == ASSAY_CLASS_ACCEPTED && o.told.lines == 0 ? 0 : 1);
		}
	}
	for (int i = 0; i < N; i++) {
		int status = 0;

		waitpid(pid[i], &status, 0);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

/* A gathering that is killed leaves the cache such that the next is accepted. */
static void killed(void **state)
{
	(void)state;
	no_cache_file();
	fault(&one, NULL, NULL);
	srand(11);
	for (int i = 0; i < (TEST_SANITIZED ? 4 : 12); i++) {
		CLEANUP(outcome_done) struct outcome o   = { 0 };
		pid_t                                pid = fork();

		if (pid == 0) {
			attempt(&one, &(struct means){ .http = patient }, &o);
			_exit(0);
		}
		usleep((useconds_t)(rand() % 60000));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		attempt(&one, &(struct means){ .http = patient }, &o);
		must_be(&o, ASSAY_CLASS_ACCEPTED);
		if (i % 3 == 2)
			no_cache_file();
	}
}

/* ---- round trips: no reply comes before all have been asked that can be ---- */

static int dial(uint16_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port                     = htons(port),
		.sin_addr                     = { htonl(INADDR_LOOPBACK) } };
	int                fd = socket(AF_INET, SOCK_STREAM, 0);

	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ? fd : -1;
}

/* Those that need no other's reply, and all of them. */
struct waves {
	size_t          first, all, answered;
	pthread_mutex_t lock;
	pthread_cond_t  more;
};

static void hold_back(struct waves *w)
{
	size_t due;

	pthread_mutex_lock(&w->lock);
	due = ++w->answered <= w->first ? w->first : w->all;
	pthread_cond_broadcast(&w->more);
	while (w->answered < due)
		pthread_cond_wait(&w->more, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

struct line {
	int           client;
	uint16_t      to;
	struct waves *waves;
};

static bool pass(int from, int to)
{
	char    part[16384];
	ssize_t n = read(from, part, sizeof(part));

	return n > 0 && write(to, part, (size_t)n) == n;
}

static void *relay_line(void *ctx)
{
	struct line   l       = *(struct line *)ctx;
	int           server  = dial(l.to);
	bool          waiting = false;
	struct pollfd p[]     = { { .fd = l.client, .events = POLLIN },
		    { .fd = server, .events = POLLIN } };

	free(ctx);
	while (server >= 0 && poll(p, 2, -1) > 0) {
		if (p[0].revents != 0) {
			waiting = true;
			if (!pass(l.client, server))
				break;
		} else if (p[1].revents != 0) {
			if (waiting)
				hold_back(l.waves);
			waiting = false;
			if (!pass(server, l.client))
				break;
		}
	}
	close(l.client);
	close(server);
	return NULL;
}

static pid_t relay_open(uint16_t to, struct waves *waves, uint16_t *port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr                     = { htonl(INADDR_LOOPBACK) } };
	socklen_t          n  = sizeof(at);
	int                fd = socket(AF_INET, SOCK_STREAM, 0);
	pid_t              pid;

	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 128), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*port = ntohs(at.sin_port);
	pid   = fork();
	if (pid != 0) {
		close(fd);
		return pid;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct line *l = malloc(sizeof(*l));
		pthread_t    thread;

		if (l == NULL)
			_exit(1);
		*l = (struct line){ accept(fd, NULL, NULL), to, waves };
		if (l->client < 0 || pthread_create(&thread, NULL, relay_line, l) != 0)
			_exit(1);
		pthread_detach(thread);
	}
}

/* Twenty-four questions about twelve devices take two round trips: RIMs and devices, then the RIMs' signers. */
static void round_trips(void **state)
{
	CLEANUP(outcome_done) struct outcome devices = { 0 }, all = { 0 }, o = { 0 };
	struct waves                         w     = { .lock = PTHREAD_MUTEX_INITIALIZER,
					    .more            = PTHREAD_COND_INITIALIZER };
	struct means                         means = { .http = patient, .no_cache = true };
	char                                 rim[64], ocsp[64];
	uint16_t                             port;
	pid_t                                pid;

	(void)state;
	fault(&node, NULL, NULL);
	means.rim = "http://127.0.0.1:1"; /* nobody: no signer is known */
	attempt(&node, &means, &devices);
	means.rim = NULL;
	attempt(&node, &means, &all);
	w.first = devices.pieces + 3; /* RIMs */
	w.all   = all.pieces;
	print_message("%zu questions, then %zu\n", w.first, w.all - w.first);
	assert_in_range(w.first, 4, w.all - 1);
	pid = relay_open(node.fake.port, &w, &port);
	snprintf(rim, sizeof(rim), "http://127.0.0.1:%u", port);
	snprintf(ocsp, sizeof(ocsp), "http://127.0.0.1:%u/ocsp", port);
	means.rim        = rim;
	means.ocsp       = ocsp;
	means.http.tries = 1; /* each is asked once, or its wave is never whole */
	attempt(&node, &means, &o);
	must_be(&o, ASSAY_CLASS_ACCEPTED);
	assert_int_equal(o.pieces, w.all);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ---- */

static void open_bench(struct bench *b, bool ppcie)
{
	services_are(ppcie, AT);
	fake_open(&b->fake, NULL, false, services_handle);
	forged_make(&(struct forged_ask){ .ppcie = ppcie,
			    .no_collateral       = true,
			    .seed                = SERVICES_SEED,
			    .at                  = AT },
		&b->forged);
	snprintf(b->url, sizeof(b->url), "http://127.0.0.1:%u", b->fake.port);
	snprintf(b->ocsp, sizeof(b->ocsp), "http://127.0.0.1:%u/ocsp", b->fake.port);
}

static int set_up(void **state)
{
	(void)state;
	open_bench(&one, false);
	open_bench(&node, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_close(&one.fake);
	fake_close(&node.fake);
	forged_done(&one.forged);
	forged_done(&node.forged);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults),
		cmocka_unit_test(nobody),
		cmocka_unit_test(plain_elsewhere),
		cmocka_unit_test(offline),
		cmocka_unit_test(how_often),
		cmocka_unit_test(out_of_date),
		cmocka_unit_test(younger),
		cmocka_unit_test(poisoned),
		cmocka_unit_test(together),
		cmocka_unit_test(killed),
		cmocka_unit_test(round_trips),
	};
	char folder[] = "/tmp/assay-gather-XXXXXX";
	int  failed;

	if (mkdtemp(folder) == NULL || chdir(folder) != 0)
		return 1;
	failed = cmocka_run_group_tests(tests, set_up, tear_down);
	no_cache_file();
	return chdir("/") != 0 || rmdir(folder) != 0 ? 1 : failed;
}
