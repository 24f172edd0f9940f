/* SPDX-License-Identifier: Apache-2.0
 *
 * Source: nvidia-claims-and-services chapter 8 (variables), nvidia-tools-parity chapters 2, 4 and 5 (options). */
#include "cmd/online.h"

#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/show.h"
#include "cmd/app.h"
#include "collect/replay.h"

#define KEY_MAX     4096
#define CA_MAX      (4 * 1024 * 1024) /* a system's bundle has a quarter of a megabyte */
#define TIMEOUT_MAX 3600
#define QUIET_MS    1000 /* what takes less needs no line */
#define SERVICES_CA "services-ca.pem"

#define TAKE_FIELD(field, expression) CLI_TAKE(struct online, field, o->field = (expression))

TAKE_FIELD(offline, true)
TAKE_FIELD(no_cache, true)
TAKE_FIELD(key_file, value)
TAKE_FIELD(cache, value)
TAKE_FIELD(ca, value)

/* An option is written out in full, so it may say http://. */
#define TAKE_URL(field)                                                                        \
	static enum assay_code take_##field(void *ctx, const char *value, struct assay_err *e) \
	{                                                                                      \
		((struct online *)ctx)->field = value;                                         \
		return http_address(value, true, false, e);                                    \
	}

TAKE_URL(rim_url)
TAKE_URL(ocsp_url)
TAKE_URL(pcs_url)

static enum assay_code take_nonce(void *ctx, const char *value, struct assay_err *e)
{
	static const char *const words[] = {
		[GATHER_NONCE_REQUIRED]   = "yes",
		[GATHER_NONCE_IF_PRESENT] = "if-present",
		[GATHER_NONCE_NONE]       = "no",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(value, words[i]) == 0) {
			((struct online *)ctx)->nonce = (enum gather_nonce)i;
			return ASSAY_OK;
		}
	return err_set(e, ASSAY_INPUT_OPTION, "yes, if-present or no, not \"%s\"",
		SHOW(bytes_text(value)));
}

static enum assay_code take_no_nonce(void *ctx, const char *value, struct assay_err *e)
{
	(void)value;
	(void)e;
	((struct online *)ctx)->nonce = GATHER_NONCE_NONE;
	return ASSAY_OK;
}

static enum assay_code take_timeout(void *ctx, const char *value, struct assay_err *e)
{
	char *end;
	long  n = strtol(value, &end, 10);

	if (end == value || *end != 0 || n < 1 || n > TIMEOUT_MAX)
		return err_set(e, ASSAY_INPUT_OPTION, "seconds, from 1 to %d", TIMEOUT_MAX);
	((struct online *)ctx)->timeout_s = (int)n;
	return ASSAY_OK;
}

/* Others see a command line. Ours no longer has it when this returns, but it was there. */
static enum assay_code take_key(void *ctx, const char *value, struct assay_err *e)
{
	struct online *o = ctx;

	fputs("assay: --service-key shows the key to other users; better --service-key-file\n",
		stderr);
	o->key.n = 0;
	buf_text(&o->key, value);
	explicit_bzero((char *)(uintptr_t)value, strlen(value));
	return buf_ok(&o->key, e);
}

const struct option_row online_rows[] = {
	{ 0, "offline", NULL, "ask nobody: what the cache has", take_offline },
	{ 0, "rim-url", "URL", "the RIM service; else NVIDIA's", take_rim_url, .once = true,
		.without = "--offline" },
	{ 0, "ocsp-url", "URL", "the OCSP responder; else NVIDIA's", take_ocsp_url,
		.once = true, .without = "--offline --check" },
	{ 0, "pcs-url", "URL", "Intel's PCS or a PCCS; else Intel's", take_pcs_url,
		.once = true, .without = "--offline --check" },
	{ 0, "ocsp-nonce", "yes|if-present|no",
		"yes (default), if-present, or no for a cache that has none", take_nonce,
		.once = true, .without = "--offline --check" },
	{ 0, "service-key-file", "FILE", "the service key", take_key_file, .once = true,
		.without = "--offline" },
	{ 0, "service-key", "KEY", "the same, for all to see", take_key, .once = true,
		.without = "--offline" },
	{ 0, "ca", "FILE", "CA certificates of the services, instead of the system's", take_ca,
		.once = true, .without = "--offline" },
	{ 0, "timeout", "SECONDS", "for all requests of a round, 30 unless said", take_timeout,
		.once = true },
	{ 0, "cache", "FILE", "the cache, instead of the usual one", take_cache, .once = true,
		.without = "--check" },
	{ 0, "no-cache", NULL, "neither look into a cache nor fill one", take_no_cache,
		.without = "--check" },
	/* as other tools spell them */
	{ 0, "rim_service_url", "URL", NULL, take_rim_url, .once = true,
		.without = "--offline" },
	{ 0, "ocsp_url", "URL", NULL, take_ocsp_url, .once = true,
		.without = "--offline --check" },
	{ 0, "service_key", "KEY", NULL, take_key, .once = true, .without = "--offline" },
	{ 0, "ocsp_nonce_disabled", NULL, NULL, take_no_nonce, .without = "--offline --check" },
	{ 0, "ocsp-nonce-disabled", NULL, NULL, take_no_nonce, .without = "--offline --check" },
};
const size_t online_rows_n = ARRAY_LEN(online_rows);

/* ---- variables ---- */

#define NAMES 3

static const char *variable(const char *const names[NAMES], const char **which)
{
	for (size_t i = 0; i < NAMES && names[i] != NULL; i++) {
		const char *value = getenv(names[i]);

		*which = names[i];
		if (value != NULL && value[0] != 0)
			return value;
	}
	return NULL;
}

/* Where the environment names an address, plain http stays on this machine. */
static enum assay_code address(const char *option, const char *const names[NAMES],
	const char **out, struct assay_err *e)
{
	const char *which = NULL;

	*out = option != NULL ? option : variable(names, &which);
	if (option != NULL || *out == NULL || http_address(*out, false, false, e) == ASSAY_OK)
		return ASSAY_OK;
	return err_wrap(e, "%s", which);
}

static enum assay_code addresses(
	const struct online *o, struct gather_request *r, struct assay_err *e)
{
	static const char *const rim[NAMES]  = { "ASSAY_RIM_URL", "NVAT_RIM_SERVICE_BASE_URL",
		 "NV_RIM_URL" };
	static const char *const ocsp[NAMES] = { "ASSAY_OCSP_URL", "NVAT_OCSP_BASE_URL",
		"NV_OCSP_URL" };
	static const char *const pcs[NAMES]  = { "ASSAY_PCS_URL" };

	TRY(address(o->rim_url, rim, &r->rim_url, e));
	TRY(address(o->ocsp_url, ocsp, &r->ocsp_url, e));
	return address(o->pcs_url, pcs, &r->pcs_url, e);
}

static enum assay_code service_key(
	struct online *o, struct gather_request *r, struct assay_err *e)
{
	static const char *const names[NAMES] = { "NV_ATTESTATION_SERVICE_KEY",
		"NVIDIA_ATTESTATION_SERVICE_KEY" };
	const char              *which        = "--service-key";

	if (o->key_file != NULL && o->key.n > 0)
		return err_set(e, ASSAY_INPUT_OPTION,
			"--service-key and --service-key-file: which of them?");
	if (o->key_file != NULL && replay_file(o->key_file, KEY_MAX, &o->key, e) != ASSAY_OK)
		return err_wrap(e, "--service-key-file");
	while (o->key.n > 0 && byte_blank(o->key.p[o->key.n - 1]))
		o->key.n--;
	if (o->key_file != NULL && o->key.n == 0)
		return err_set(e, ASSAY_INPUT_OPTION, "--service-key-file: an empty file");
	r->service_key = o->key.n > 0 ? buf_cstr(&o->key) : variable(names, &which);
	if (r->service_key != NULL && !http_bearer(r->service_key))
		return err_set(e, ASSAY_INPUT_OPTION,
			"%s: a service key is one word of printable characters",
			o->key_file != NULL ? "--service-key-file" : which);
	if (r->service_key !=
		NULL) /* it is in no core file, and no debugger of the same user's finds it */
		prctl(PR_SET_DUMPABLE, 0);
	return ASSAY_OK;
}

/* ---- the cache ---- */

enum assay_code online_cache_path(const struct online *o, struct buf *out, struct assay_err *e)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (o->cache != NULL && o->cache[0] == 0)
		return err_set(e, ASSAY_INPUT_OPTION, "--cache: an empty name");
	if (o->cache != NULL)
		buf_text(out, o->cache);
	else if (xdg != NULL && xdg[0] == '/')
		buf_printf(out, "%s/assay/collateral.db", xdg);
	else if (geteuid() == 0)
		buf_text(out, "/var/cache/assay/collateral.db");
	else if (home != NULL && home[0] == '/')
		buf_printf(out, "%s/.cache/assay/collateral.db", home);
	else
		return err_set(e, ASSAY_HOST_STORE,
			"no place for a cache: neither XDG_CACHE_HOME nor HOME is set");
	return buf_ok(out, e);
}

enum assay_code online_store(struct online *o, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };

	TRY(online_cache_path(o, &path, e));
	return store_open(buf_cstr(&path), &o->store, e);
}

static enum assay_code open_store(struct online *o, struct assay_err *e)
{
	if (o->no_cache && o->cache != NULL)
		return err_set(e, ASSAY_INPUT_OPTION, "--cache and --no-cache: which of them?");
	if (o->no_cache || online_store(o, e) == ASSAY_OK)
		return ASSAY_OK;
	if (o->cache != NULL || assay_class(e->code) == ASSAY_CLASS_INTERNAL)
		return e->code;
	fprintf(stderr, "assay: without a cache: %s\n", assay_err_text(e));
	return ASSAY_OK;
}

/* ---- the client ---- */

/* The emulator's services have a certificate of its own, and its folder of anchors the CA. */
static enum assay_code find_ca(
	struct online *o, const struct assay *a, const char *anchors, struct assay_err *e)
{
	const char *dir = anchors != NULL ? anchors : secure_getenv("ASSAY_ANCHORS");

	if (o->ca != NULL || !a->trust.test || dir == NULL)
		return ASSAY_OK;
	buf_printf(&o->ca_found, "%s/" SERVICES_CA, dir);
	TRY(buf_ok(&o->ca_found, e));
	if (access(buf_cstr(&o->ca_found), R_OK) == 0)
		o->ca = buf_cstr(&o->ca_found);
	return ASSAY_OK;
}

static bool is_plain(const char *url)
{
	return url != NULL && strncmp(url, "http:", 5) == 0;
}

void online_quiet(struct online *o)
{
	if (o->line)
		fputs("\r\033[K", stderr);
	o->line = false;
}

static void progress(void *ctx, size_t done, size_t of, const char *what)
{
	struct online *o = ctx;

	if (!o->progress || clock_ms() - o->began_ms < QUIET_MS)
		return;
	fprintf(stderr, "\r\033[K%zu of %zu: %.60s", done, of, SHOW(bytes_text(what)));
	fflush(stderr);
	o->line = true;
}

static void note(void *ctx, const char *line)
{
	online_quiet(ctx);
	fprintf(stderr, "assay: %s\n", line);
}

/* Once, and before anybody is asked: also from a pipe, and nothing that does not end. */
static enum assay_code read_ca(struct online *o, struct assay_err *e)
{
	static const char begins[] = "CERTIFICATE-----"; /* plain or TRUSTED */

	if (o->ca == NULL)
		return ASSAY_OK;
	TRY(replay_file(o->ca, CA_MAX, &o->ca_text, e));
	if (o->ca_text.n > 0 &&
		memmem(o->ca_text.p, o->ca_text.n, begins, strlen(begins)) != NULL)
		return ASSAY_OK;
	return err_set(e, ASSAY_INPUT_KIND, "%s: no certificate in PEM",
		SHOW(bytes_text(replay_name(o->ca))));
}

static enum assay_code open_client(struct online *o, struct assay_err *e)
{
	/* addresses of variables were held to the loopback before */
	struct http_spec spec = {
		.plain = is_plain(o->rim_url) || is_plain(o->ocsp_url) || is_plain(o->pcs_url),
		.deadline_ms = o->timeout_s * 1000,
	};

	if (o->offline)
		return ASSAY_OK;
	if (read_ca(o, e) != ASSAY_OK)
		return err_wrap(e, "--ca");
	spec.ca = buf_bytes(&o->ca_text);
	return http_open(&spec, &o->http, e);
}

enum assay_code online_open(struct online *o, const struct assay *a, const char *anchors,
	int64_t now, struct gather_request *out, struct assay_err *e)
{
	struct gather_request r = {
		.now = now, .ocsp_nonce = o->nonce, .progress = progress, .note = note, .ctx = o
	};

	TRY(addresses(o, &r, e));
	TRY(service_key(o, &r, e));
	TRY(find_ca(o, a, anchors, e));
	TRY(open_client(o, e));
	TRY(open_store(o, e));
	o->progress = isatty(STDERR_FILENO) != 0;
	o->began_ms = clock_ms();
	r.http      = o->http;
	r.store     = o->store;
	*out        = r;
	return ASSAY_OK;
}

void online_done(struct online *o)
{
	online_quiet(o);
	http_close(o->http);
	store_close(o->store);
	if (o->key.p != NULL)
		explicit_bzero(o->key.p, o->key.cap);
	buf_done(&o->key);
	buf_done(&o->ca_found);
	buf_done(&o->ca_text);
	*o = (struct online){ 0 };
}
