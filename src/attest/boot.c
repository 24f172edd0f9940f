/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/show.h"
#include "collect/rtmr.h"
#include "crypto/digest.h"
#include "verify/binding.h"

#define LABEL BYTES("tdx-gpu/v1/boot\0")

/* Devices with a name; *all false when there is one without. */
static enum assay_code name_devices(const struct crypto *c, const struct evidence *ev,
	uint8_t (*id)[BINDING_ID], size_t *n, bool *all, struct assay_err *e)
{
	*n   = 0;
	*all = true;
	for (size_t i = 0; i < ev->devices; i++) {
		struct assay_err why = { 0 };

		if (ev->device[i].kind == DEVICE_TDX)
			continue;
		if (*n == EVIDENCE_DEVICES)
			return err_set(
				e, ASSAY_INPUT_SIZE, "more than %d devices", EVIDENCE_DEVICES);
		if (ev->device[i].fault.code == ASSAY_OK &&
			binding_device_id(c, ev->device[i].chain, id[*n], &why) == ASSAY_OK) {
			++*n;
			continue;
		}
		if (assay_class(why.code) == ASSAY_CLASS_INTERNAL) {
			*e = why;
			return why.code;
		}
		*all = false;
	}
	return ASSAY_OK;
}

enum assay_code boot_extend(const struct crypto *c, const struct guest_calls *calls, int root,
	const struct evidence *ev, bool accepted, struct bytes policy, struct assay_err *e)
{
	CLEANUP(buf_done) struct buf content     = { 0 };
	uint8_t id[EVIDENCE_DEVICES][BINDING_ID] = { 0 }, of_policy[BINDING_DIGEST] = { 0 };
	struct rtmr_event event = { .rtmr = BOOT_RTMR, .once = LABEL };
	size_t            n;
	bool              all;

	TRY(name_devices(c, ev, id, &n, &all, e));
	if (policy.n > 0)
		TRY(digest(c->sha384, policy, of_policy, e));
	TRY(binding_boot_event(c, (const uint8_t(*)[BINDING_ID])id, n, accepted && all,
		of_policy, &content, event.digest, e));
	event.content = buf_bytes(&content);
	return rtmr_extend(calls, root, &event, e);
}

enum assay_code boot_extend_here(const struct crypto *c, const char *root,
	const struct evidence *ev, bool accepted, struct bytes policy, struct assay_err *e)
{
	const char        *path = root == NULL ? "/" : root;
	const int          fd   = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct guest_calls calls;
	enum assay_code    code;

	if (fd < 0)
		return err_set(
			e, ASSAY_INPUT_FILE, "%s: %s", SHOW(bytes_text(path)), strerror(errno));
	calls = guest_calls(&fd);
	code  = boot_extend(c, &calls, fd, ev, accepted, policy, e);
	close(fd);
	return code;
}
