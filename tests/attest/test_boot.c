/* SPDX-License-Identifier: Apache-2.0
 *
 * The event at boot: what it says of which devices, and when it says no. */
#include "attest/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "collect/kernel.h"
#include "collect/rtmr.h"
#include "crypto/digest.h"
#include "format/boot_log.h"
#include "verify/binding.h"
#include "verify/court.h"

struct said {
	uint8_t id[EVIDENCE_DEVICES][BINDING_ID], policy[BINDING_DIGEST];
	size_t  n;
	bool    accepted;
};

static char root_path[] = "/tmp/assay-boot-XXXXXX";
static int  root        = -1;

static void open_root(void)
{
	memcpy(root_path, "/tmp/assay-boot-XXXXXX", sizeof(root_path));
	assert_non_null(mkdtemp(root_path));
	root = open(root_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
}

static void close_root(void)
{
	unlinkat(root, RTMR_LOG, 0);
	unlinkat(root, "run/assay", AT_REMOVEDIR);
	unlinkat(root, "run", AT_REMOVEDIR);
	close(root);
	assert_int_equal(rmdir(root_path), 0);
}

/* The one event of the log; its digest is of its content, and is what the register got. */
static void read_event(const struct kernel *k, struct said *out)
{
	CLEANUP(buf_done) struct buf           text = { 0 };
	CLEANUP(boot_log_done) struct boot_log log  = { 0 };
	struct assay_err                       e    = { 0 };
	uint8_t                                sum[SHA384_SIZE];

	test_must(rtmr_log(root, &text, &e), &e);
	test_must(boot_log_parse(buf_bytes(&text), &log, &e), &e);
	assert_int_equal(log.events, 1);
	assert_int_equal(log.event[0].rtmr, 3);
	test_must(digest(court.crypto.sha384, log.event[0].content, sum, &e), &e);
	assert_memory_equal(sum, log.event[0].digest, sizeof(sum));
	assert_memory_equal(sum, k->rtmr[3], sizeof(sum));
	assert_true(binding_boot_read(
		log.event[0].content, out->id, &out->n, &out->accepted, out->policy));
}

static bool names(const struct said *s, struct bytes chain)
{
	struct assay_err e = { 0 };
	uint8_t          id[BINDING_ID];

	test_must(binding_device_id(&court.crypto, chain, id, &e), &e);
	for (size_t i = 0; i < s->n; i++)
		if (memcmp(s->id[i], id, BINDING_ID) == 0)
			return true;
	return false;
}

static const struct {
	const char *name;
	bool        none, ppcie, lost, broken, accepted; /* lost, broken: device 0 */
	const char *policy;
	size_t      devices;
	bool        says;
} rows[] = {
	{ "no device, yes", .none = true, .accepted = true, .devices = 0, .says = true },
	{ "no device, no", .none = true, .devices = 0 },
	{ "one, yes", .accepted = true, .devices = 1, .says = true },
	{ "one, no", .devices = 1 },
	{ "one and a policy", .accepted = true, .policy = "{}", .devices = 1, .says = true },
	{ "eight and four", .ppcie = true, .accepted = true, .devices = 12, .says = true },
	{ "one that gave nothing is no yes", .ppcie = true, .lost = true, .accepted = true,
		.devices = 11 },
	{ "one without a name is no yes", .ppcie = true, .broken = true, .accepted = true,
		.devices = 11 },
};

static void events(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct forged_ask  ask                    = { .ppcie = rows[i].ppcie };
		struct kernel            k                      = { .sysfs = true };
		const struct guest_calls calls                  = kernel_calls(&k);
		struct said              s                      = { 0 };
		struct assay_err         e                      = { 0 };
		uint8_t                  policy[BINDING_DIGEST] = { 0 };

		print_message("%s\n", rows[i].name);
		open_root();
		court_empty(&court);
		if (!rows[i].none)
			court_forge(&court, &ask);
		if (rows[i].lost)
			err_set(&court.ev.device[0].fault, ASSAY_DEVICE_TIMEOUT, "late");
		if (rows[i].broken)
			court.ev.device[0].chain.n = 100;
		test_must(boot_extend(&court.crypto, &calls, root, &court.ev, rows[i].accepted,
				  bytes_text(rows[i].policy), &e),
			&e);
		read_event(&k, &s);
		assert_int_equal(s.n, rows[i].devices);
		assert_int_equal(s.accepted, rows[i].says);
		if (rows[i].policy != NULL)
			test_must(digest(court.crypto.sha384, bytes_text(rows[i].policy),
					  policy, &e),
				&e);
		assert_memory_equal(s.policy, policy, sizeof(policy));
		for (size_t d = rows[i].lost || rows[i].broken ? 1 : 0; d < court.ev.devices;
			d++)
			assert_true(names(&s, court.ev.device[d].chain));
		/* once a boot, whatever is to be said then */
		assert_int_equal(boot_extend(&court.crypto, &calls, root, &court.ev, false,
					 (struct bytes){ 0 }, &e),
			ASSAY_TD_EXTEND);
		close_root();
	}
}

/* Nothing is said where nothing can be: no register, a device twice. */
static void silent(void **state)
{
	const struct forged_ask      ask   = { 0 };
	struct kernel                k     = { .open = ENOENT, .old_open = ENOENT };
	const struct guest_calls     calls = kernel_calls(&k);
	CLEANUP(buf_done) struct buf log   = { 0 };
	struct evidence_device       twice[2];
	struct evidence              ev;
	struct assay_err             e = { 0 };

	(void)state;
	open_root();
	court_empty(&court);
	court_forge(&court, &ask);
	assert_int_equal(boot_extend(&court.crypto, &calls, root, &court.ev, true,
				 (struct bytes){ 0 }, &e),
		ASSAY_TD_ABSENT);
	twice[0] = twice[1] = court.ev.device[0];
	ev                  = (struct evidence){ .device = twice, .devices = 2 };
	k.sysfs             = true;
	assert_int_equal(
		boot_extend(&court.crypto, &calls, root, &ev, true, (struct bytes){ 0 }, &e),
		ASSAY_DEVICE_TWICE);
	test_must(rtmr_log(root, &log, &e), &e);
	assert_int_equal(log.n, 0);
	assert_null(k.extended_by);
	close_root();
	assert_int_equal(boot_extend_here(&court.crypto, "/nonexistent", &ev, true,
				 (struct bytes){ 0 }, &e),
		ASSAY_INPUT_FILE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events),
		cmocka_unit_test(silent),
	};

	return cmocka_run_group_tests(tests, court_set_up, court_tear_down);
}
