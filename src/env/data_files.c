/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the data files are: beside the program in build/, in share/assay of the same prefix once installed, else where they
 * were installed to. */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "collect/replay.h"
#include "env/data.h"

static const char *const files[DATA_KINDS] = {
	[DATA_MATRIX]    = "matrix.json",
	[DATA_PCI]       = "pci.json",
	[DATA_INSTANCES] = "instances.json",
	[DATA_SYMPTOMS]  = "symptoms.json",
};

static bool there(const char *folder)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", folder, files[0]) < PATH_MAX &&
		access(path, R_OK) == 0;
}

static const char *find(char out[PATH_MAX])
{
	static const char *const beside[] = { "data", "../../share/assay", "../share/assay" };
	char                     self[PATH_MAX];
	ssize_t                  n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	self[n > 0 ? n : 0] = 0;
	if (strrchr(self, '/') != NULL)
		*strrchr(self, '/') = 0;
	for (size_t i = 0; n > 0 && i < ARRAY_LEN(beside); i++)
		if (snprintf(out, PATH_MAX, "%s/%s", self, beside[i]) < PATH_MAX && there(out))
			return out;
	return ASSAY_DATA;
}

enum assay_code data_read(const char *dir, struct data *out, struct assay_err *e)
{
	struct data     d    = { 0 };
	enum assay_code code = ASSAY_OK;
	char            found[PATH_MAX], path[PATH_MAX + 32];

	if (dir == NULL)
		dir = find(found);
	for (size_t k = 0; k < DATA_KINDS && code == ASSAY_OK; k++) {
		CLEANUP(buf_done) struct buf text = { 0 };

		snprintf(path, sizeof(path), "%s/%s", dir, files[k]);
		code = replay_file(path, DATA_FILE, &text, e);
		if (code == ASSAY_OK && data_take(&d, buf_bytes(&text), e) != ASSAY_OK)
			code = err_wrap(e, "%s", path);
		if (code == ASSAY_OK && d.json[k] == NULL)
			code = err_set(e, ASSAY_JSON_SCHEMA, "%s: another schema", path);
	}
	if (code != ASSAY_OK) {
		data_done(&d);
		return code;
	}
	*out = d;
	return ASSAY_OK;
}

enum assay_code data_path(
	const char *dir, const char *name, char out[PATH_MAX], struct assay_err *e)
{
	char found[PATH_MAX];

	if (snprintf(out, PATH_MAX, "%s/%s", dir == NULL ? find(found) : dir, name) >= PATH_MAX)
		return err_set(e, ASSAY_INPUT_FILE, "a path of more than %d bytes", PATH_MAX);
	return ASSAY_OK;
}
