/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/out.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"

enum assay_code out_folder(const char *path, struct assay_err *e)
{
	if (mkdir(path, 0777) != 0 && errno != EEXIST)
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s", path, strerror(errno));
	return ASSAY_OK;
}

enum assay_code out_file(
	const char *dir, const char *name, struct bytes content, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf path = { 0 };
	FILE                        *file = NULL;
	bool                         ok;

	buf_printf(&path, "%s/%s", dir, name);
	TRY(buf_ok(&path, e));
	file = fopen(buf_cstr(&path), "we");
	if (file == NULL)
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s", buf_cstr(&path), strerror(errno));
	ok = fwrite(content.p, 1, content.n, file) == content.n;
	if (fclose(file) != 0 || !ok)
		return err_set(e, ASSAY_INPUT_FILE, "%s: %s", buf_cstr(&path), strerror(errno));
	return ASSAY_OK;
}

static enum assay_code write_json(
	const char *dir, const char *name, const json_t *value, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf text = { 0 };

	TRY(json_write(value, &text, e));
	return out_file(dir, name, buf_bytes(&text), e);
}

static enum assay_code write_anchors(struct forge *f, const char *dir, struct assay_err *e)
{
	static const char *const names[] = {
		[FORGE_ANCHOR_DEVICE] = "anchors/nvidia-device.pem",
		[FORGE_ANCHOR_RIM]    = "anchors/nvidia-rim.pem",
		[FORGE_ANCHOR_SGX]    = "anchors/intel-sgx.pem"
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(buf_done) struct buf pem = { 0 };

		TRY(forge_anchor(f, (enum forge_anchor)i, &pem, e));
		TRY(out_file(dir, names[i], buf_bytes(&pem), e));
	}
	return ASSAY_OK;
}

static enum assay_code write_evidence(
	const struct forge_bundle *b, const char *dir, struct assay_err *e)
{
	static const struct {
		const char *name;
		bool        gpus, switches;
	} files[] = {
		{ "evidence.json", true, true },
		{ "gpu_evidence.json", true, false },
		{ "switch_evidence.json", false, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		AUTO(json_t) *root = NULL;

		TRY(forge_evidence_json(b, files[i].gpus, files[i].switches, &root, e));
		if (json_array_size(root) > 0)
			TRY(write_json(dir, files[i].name, root, e));
	}
	for (size_t i = 0; i < b->evidences; i++) {
		const struct forge_evidence *ev = &b->evidence[i];
		char                         name[64];

		snprintf(name, sizeof(name), "%s.report.bin", ev->name);
		TRY(out_file(dir, name, buf_bytes(&ev->report), e));
		snprintf(name, sizeof(name), "%s.chain.pem", ev->name);
		TRY(out_file(dir, name, buf_bytes(&ev->chain), e));
	}
	return ASSAY_OK;
}

static enum assay_code write_collateral(
	const struct forge_bundle *b, const char *dir, struct assay_err *e)
{
	size_t answers = 0;

	for (size_t i = 0; i < b->collaterals; i++) {
		const struct forge_collateral *c = &b->collateral[i];
		char                           name[256];

		if (c->want.n > 4 && memcmp(c->want.p, "rim:", 4) == 0)
			snprintf(name, sizeof(name), "rims/%.*s.xml", (int)(c->want.n - 4),
				(const char *)c->want.p + 4);
		else
			snprintf(name, sizeof(name), "ocsp/%zu.der", answers++);
		TRY(out_file(dir, name, buf_bytes(&c->body), e));
	}
	return ASSAY_OK;
}

enum assay_code out_write(
	struct forge *f, const struct forge_bundle *b, const char *dir, struct assay_err *e)
{
	static const char *const folders[] = { "", "/anchors", "/rims", "/ocsp" };
	AUTO(json_t)            *root      = NULL;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(buf_done) struct buf path = { 0 };

		buf_printf(&path, "%s%s", dir, folders[i]);
		TRY(out_folder(buf_cstr(&path), e));
	}
	TRY(write_anchors(f, dir, e));
	TRY(write_evidence(b, dir, e));
	TRY(write_collateral(b, dir, e));
	TRY(forge_bundle_json(b, &root, e));
	return write_json(dir, "bundle.json", root, e);
}
