/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing that a fuzzer can make is accepted, since it cannot sign: not even by a reader who agrees to everything. What
 * is judged at all has findings with an id each, and what is shown is printable ASCII. */
#include "fuzz.h"

#include "appraise/token.h"
#include "base/utc.h"

static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
			  "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEg5doWHI/4nPXp3FmssULlN9MFhNYpi70\n"
			  "Cf6mTVZBK0B/o/nNop2oOj6lws6M2D3wr7/30JOFQZt1RV7MwCqj9ALnELuByhQs\n"
			  "FJbc9OfOU6nye0ErhYpuBm1z6LEpc3Pv\n"
			  "-----END PUBLIC KEY-----\n";

static struct world {
	struct crypto   c;
	struct jws_keys keys;
} world;

static void open_world(void)
{
	struct assay_err e = { 0 };

	if (world.c.lib != NULL)
		return;
	HOLDS(crypto_open(&world.c, &e) == ASSAY_OK);
	HOLDS(jws_keys_pem(&world.c, bytes_text(pem), &world.keys, &e) == ASSAY_OK);
}

static void check_shown(struct bytes text)
{
	AUTO(json_t)                *tree = NULL;
	CLEANUP(buf_done) struct buf out  = { 0 };
	struct assay_err             e    = { 0 };

	if (token_show(&world.c, text, &tree, &e) != ASSAY_OK) {
		HOLDS(tree == NULL && assay_class(e.code) == ASSAY_CLASS_MALFORMED);
		return;
	}
	HOLDS(json_write(tree, &out, &e) == ASSAY_OK);
	for (size_t i = 0; i < out.n; i++)
		HOLDS(out.p[i] == '\n' || (out.p[i] >= 0x20 && out.p[i] < 0x7f));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(facts_done) struct facts facts   = { 0 };
	struct bytes                     text    = { data, size };
	enum assay_class                 verdict = ASSAY_CLASS_ACCEPTED;
	bool                             test;
	struct assay_err                 e = { 0 };
	struct token_case                t = {
			       .historic     = true,
			       .test_anchors = true,
			       .waivers      = true,
			       .now          = 1780272000,
	};

	open_world();
	t.crypto = &world.c;
	t.keys   = &world.keys;
	token_looks(text);
	check_shown(text);
	HOLDS(token_verify(&t, text, &facts, &verdict, &test, &e) == ASSAY_OK);
	HOLDS(verdict != ASSAY_CLASS_ACCEPTED && verdict != ASSAY_CLASS_INTERNAL);
	HOLDS(facts.findings.n > 0 && facts.devices == 0);
	for (size_t i = 0; i < facts.findings.n; i++)
		HOLDS(strncmp(check_row(facts.findings.list[i].check)->id, "token.", 6) == 0);
	return 0;
}
