/* SPDX-License-Identifier: Apache-2.0 */
#include "format/dcap.h"

#include "base/json.h"
#include "format/pcs_text.h"
#include "format/qe_identity.h"
#include "format/tcb_info.h"

#define PIECES 6

enum form { AS_TEXT, AS_CRL, SIGNED };

/* A piece is named after its member. SIGNED: the envelope is put together again around the exact string. */
static const struct {
	const char *member, *signature, *inside;
	enum form   form;
} members[PIECES] = {
	{ "tcb_info", "tcb_info_signature", TCB_INFO_NAME, SIGNED },
	{ "tcb_info_issuer_chain", NULL, NULL, AS_TEXT },
	{ "qe_identity", "qe_identity_signature", QE_IDENTITY_NAME, SIGNED },
	{ "qe_identity_issuer_chain", NULL, NULL, AS_TEXT },
	{ "pck_crl", NULL, NULL, AS_CRL },
	{ "root_ca_crl", NULL, NULL, AS_CRL },
};

bool dcap_like(struct bytes in)
{
	static const char name[] = "\"tcb_info_issuer_chain\"";

	while (in.n > 0 && byte_blank(in.p[0]))
		in = (struct bytes){ in.p + 1, in.n - 1 };
	return in.n > 0 && in.p[0] == '{' && memmem(in.p, in.n, name, sizeof(name) - 1) != NULL;
}

static enum assay_code read_member(
	const json_t *root, size_t i, struct buf *out, struct assay_err *e)
{
	struct bytes text, signature;

	TRY(json_get_text(root, members[i].member, JSON_MUST, &text, e));
	switch (members[i].form) {
	case AS_CRL:
		if (pcs_text_crl(text, out, e) != ASSAY_OK)
			return err_wrap(e, "\"%s\"", members[i].member);
		break;
	case AS_TEXT:
		buf_put(out, text.p, text.n);
		break;
	case SIGNED:
		TRY(json_get_text(root, members[i].signature, JSON_MUST, &signature, e));
		buf_printf(out, "{\"%s\":", members[i].inside);
		buf_put(out, text.p, text.n);
		buf_text(out, ",\"signature\":\"");
		buf_put(out, signature.p, signature.n);
		buf_text(out, "\"}");
	}
	return buf_ok(out, e);
}

static enum assay_code read_all(
	const json_t *root, struct buf piece[PIECES], struct assay_err *e)
{
	for (size_t i = 0; i < PIECES; i++) {
		TRY(read_member(root, i, &piece[i], e));
		if (piece[i].n == 0 || piece[i].n > COLLATERAL_BODY)
			return err_set(e, ASSAY_INPUT_SIZE, "\"%s\" has %zu bytes",
				members[i].member, piece[i].n);
	}
	return ASSAY_OK;
}

enum assay_code dcap_read(struct evidence *ev, struct bytes in, struct assay_err *e)
{
	struct buf      piece[PIECES] = { 0 };
	AUTO(json_t)   *root          = NULL;
	enum assay_code code;

	TRY(json_read(in, EVIDENCE_FILE_MAX, &root, e));
	code = read_all(root, piece, e);
	for (size_t i = 0; code == ASSAY_OK && i < PIECES; i++)
		code = evidence_add_collateral(ev, NULL, members[i].member, (struct bytes){ 0 },
			buf_bytes(&piece[i]), e);
	for (size_t i = 0; i < PIECES; i++)
		buf_done(&piece[i]);
	return code;
}
