/* SPDX-License-Identifier: Apache-2.0
 *
 * assay gather and assay cache as they are run, against services of a process of their own, plain and by TLS. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attest/services.h"
#include "cmd/row.h"

#define AT     " --at 2026-06-01 --anchors ev/anchors "
#define URLS   " --rim-url $(cat url) --ocsp-url $(cat url)/ocsp "
#define GATHER "$A gather" AT "--cache c.db "
#define TLS \
	"$A gather --at 2026-06-01 --no-cache --rim-url $(cat tls) --ocsp-url $(cat tls)/ocsp "
#define JUDGE " && $A verify -q --as-recorded --anchors ev/anchors "
#define NOW   "ASSAY_ANCHORS=ev/anchors $A "

static struct fake plain, tls;

static void fault(const char *name)
{
	strcpy(plain.seen->fault, name);
	plain.seen->asked = 0;
}

static void address(const char *name, const char *scheme, const struct fake *f)
{
	char text[64];
	int  n = snprintf(text, sizeof(text), "%s://127.0.0.1:%u", scheme, f->port);

	run_write(name, (struct bytes){ (const uint8_t *)text, (size_t)n });
}

static int set_up(void **state)
{
	struct ran r;

	(void)state;
	run_open();
	services_are(false, 1780272000);
	fake_open(&plain, NULL, false, services_handle);
	fake_open(&tls, NULL, true, services_handle);
	address("url", "http", &plain);
	address("tls", "https", &tls);
	run(&r,
		"$F --seed " SERVICES_SEED
		" --no-collateral -o ev && cp -r ev/anchors tls.anchors && "
		"printf secret >key && : >nokey && echo damaged beyond what a file of that kind can be >bad.db");
	assert_int_equal(r.status, 0);
	ran_done(&r);
	run_write("none.collected", BYTES("{\"schema\":\"assay.evidence/1\",\"evidence\":[]}"));
	run_write("ca.pem", tls.ca);
	run_write("tls.anchors/services-ca.pem", tls.ca);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_close(&plain);
	fake_close(&tls);
	run_close();
	return 0;
}

static const struct row good[] = {
	{ "to a file", GATHER URLS "ev/bundle.json -o b.json" JUDGE "b.json", 0, NULL, NULL,
		0 },
	{ "to standard output", GATHER URLS "ev/bundle.json", 0, NULL, "assay.bundle/1", 0 },
	{ "from standard input", GATHER URLS "- <ev/bundle.json", 0, NULL, "assay.bundle/1",
		0 },
	{ "a bundle again", GATHER URLS "b.json -o b2.json && cmp b.json b2.json", 0, NULL,
		NULL, 0 },
	{ "the cache alone", GATHER "--offline ev/bundle.json -o c.json" JUDGE "c.json", 0,
		NULL, NULL, 0 },
	{ "the cache, and nobody there",
		GATHER
		"--rim-url http://127.0.0.1:1 --ocsp-url http://127.0.0.1:1 ev/bundle.json -o c.json",
		0, NULL, NULL, 0 },
	{ "assay's variables",
		"ASSAY_RIM_URL=$(cat url) ASSAY_OCSP_URL=$(cat url)/ocsp NV_RIM_URL=http://127.0.0.1:1 "
		"$A gather" AT "--no-cache ev/bundle.json",
		0, NULL, "rim:", 0 },
	{ "NVAT's",
		"NVAT_RIM_SERVICE_BASE_URL=$(cat url) NVAT_OCSP_BASE_URL=$(cat url)/ocsp NV_RIM_URL=http://127.0.0.1:1 "
		"$A gather" AT "--no-cache ev/bundle.json",
		0, NULL, "rim:", 0 },
	{ "nvtrust's",
		"NV_RIM_URL=$(cat url)/v1/rim/ NV_OCSP_URL=$(cat url)/ocsp $A gather" AT
		"--no-cache ev/bundle.json",
		0, NULL, "rim:", 0 },
	{ "an option before them",
		"ASSAY_RIM_URL=http://127.0.0.1:1 $A gather" AT URLS
		"--no-cache ev/bundle.json",
		0, NULL, "rim:", 0 },
	{ "no nonce", GATHER URLS "--no-cache --ocsp-nonce=no ev/bundle.json", 2,
		"which of them", NULL, 0 },
	{ "without a nonce", "$A gather" AT URLS "--no-cache --ocsp-nonce=no ev/bundle.json", 0,
		NULL, "ocsp:", 0 },
	{ "as another tool says it",
		"$A gather" AT
		"--no-cache --ocsp_nonce_disabled --rim_service_url $(cat url) --ocsp_url $(cat url)/ocsp ev/bundle.json",
		0, NULL, "ocsp:", 0 },
	{ "by TLS",
		TLS "--anchors ev/anchors --ca ca.pem ev/bundle.json -o t.json" JUDGE "t.json",
		0, NULL, NULL, 0 },
	{ "by TLS, with the anchors' CA", TLS "--anchors tls.anchors ev/bundle.json", 0, NULL,
		"rim:", 0 },
	{ "by TLS, under ASSAY_ANCHORS", "ASSAY_ANCHORS=tls.anchors " TLS "ev/bundle.json", 0,
		NULL, "rim:", 0 },
	{ "a service key",
		"NV_ATTESTATION_SERVICE_KEY=k " TLS
		"--anchors tls.anchors --service-key-file key ev/bundle.json",
		0, NULL, "rim:", 0 },
	{ "a key on the command line",
		TLS "--anchors tls.anchors --service-key secret ev/bundle.json", 0,
		"other users", "rim:", 0 },
	{ "a key, and plain http",
		"NV_ATTESTATION_SERVICE_KEY=k $A gather" AT URLS "--no-cache ev/bundle.json", 0,
		"kept back", "rim:", 0 },
	{ "an old file stays whole",
		"echo old >o.json && ! " GATHER
		"--offline --cache none.d/c.db ev/none.json -o o.json 2>&1 >/dev/null | grep -q . ; cat o.json",
		0, NULL, "old", 0 },
};
ROWS_TEST(good)

static const struct row wrong[] = {
	{ "no file", GATHER, 2, "which evidence?", NULL, 0 },
	{ "a file that is not there", GATHER "none.json", 2, "none.json", NULL, 0 },
	{ "no evidence", GATHER "key", 6, "key", NULL, 0 },
	{ "no device", GATHER "none.collected", 2, "no device", NULL, 0 },
	{ "an address that is none", GATHER "--rim-url nonsense ev/bundle.json", 2, "--rim-url",
		NULL, 0 },
	{ "another protocol", GATHER "--ocsp-url ftp://127.0.0.1/ ev/bundle.json", 2,
		"not https", NULL, 0 },
	{ "plain http by a variable", "NV_RIM_URL=http://rim.example/ " GATHER "ev/bundle.json",
		2, "NV_RIM_URL", NULL, 0 },
	{ "no such word", GATHER "--ocsp-nonce maybe ev/bundle.json", 2, "if-present", NULL,
		0 },
	{ "no time", GATHER "--timeout 0 ev/bundle.json", 2, "--timeout", NULL, 0 },
	{ "no CA", GATHER "--ca none.pem ev/bundle.json", 2, "none.pem", NULL, 0 },
	{ "an empty key", GATHER "--service-key-file nokey ev/bundle.json", 2, "empty", NULL,
		0 },
	{ "no CA that fits",
		"SSL_CERT_FILE=ca.pem CURL_CA_BUNDLE=ca.pem " TLS
		"--anchors ev/anchors --ocsp-url $(cat url)/ocsp ev/bundle.json",
		2, "twice", NULL, 0 },
	{ "nowhere to write", GATHER URLS "ev/bundle.json -o none.d/b.json", 2, "none.d/b.json",
		NULL, 0 },
	{ "a folder to write to", GATHER URLS "ev/bundle.json -o ev", 2, "ev", NULL, 0 },
	{ "a cache that is none", "$A gather" AT "--cache bad.db ev/bundle.json", 4, "damaged",
		NULL, 0 },
	{ "the usual cache damaged",
		"mkdir -p x/assay && cp bad.db x/assay/collateral.db && XDG_CACHE_HOME=$PWD/x $A gather" AT
			URLS "ev/bundle.json",
		0, "without a cache", "rim:", 0 },
	{ "offline, nothing there",
		"$A gather" AT
		"--offline --no-cache ev/bundle.json -o off.json 2>err; s=$?; grep -c offline err; exit $s",
		3, NULL, "2", 0 },
	{ "both", "$A gather --check ev/bundle.json", 2, "takes no file", NULL, 0 },
};
ROWS_TEST(wrong)

static void test_down(void **state)
{
	static const struct row rows[] = {
		{ "OCSP down", "$A gather" AT URLS "--no-cache ev/bundle.json", 3,
			"could not be had: ocsp:", "assay.bundle/1", TWO },
		{ "what was had is in it",
			"$A gather" AT URLS
			"--no-cache ev/bundle.json -o d.json 2>/dev/null; $A verify --as-recorded --anchors ev/anchors d.json",
			3, NULL, "OCSP_MISSING", 0 },
	};

	(void)state;
	fault("ocsp-responder-down");
	rows_try(rows, ARRAY_LEN(rows));
	fault("");
}

#define CHECK "$A gather --check --rim-url $(cat url) "

static const struct row check[] = {
	{ "there", CHECK "--driver 580.159.03", 0, NULL,
		"GH100_580.159.03                   there", 0 },
	{ "a VBIOS", CHECK "--vbios 96.00.a5.00.01 --project g520 --sku 0200 --chip-sku 885", 0,
		NULL, "NV_GPU_VBIOS_G520_0200_885_9600A50001", 0 },
	{ "both",
		CHECK
		"--driver 580.159.03 --vbios 96.00.a5.00.01 --project g520 --sku 0200 --chip-sku 885",
		0, NULL, "NV_GPU_VBIOS_G520_0200_885_9600A50001", 0 },
	{ "without its board", CHECK "--vbios 96.00.a5.00.01", 2, "--project", NULL, 0 },
	{ "of nothing", CHECK, 2, "--driver", NULL, 0 },
	{ "of no family", CHECK "--arch ampere --driver 1", 2, "--arch", NULL, 0 },
	{ "Blackwell", CHECK "--arch blackwell --driver 575.32", 0, NULL,
		"NV_GPU_CC_DRIVER_GB100_575.32", 0 },
	{ "another chip", CHECK "--arch blackwell --chip GB202 --driver 575.32", 3, NULL,
		"NV_GPU_CC_DRIVER_GB202_575.32", 0 },
	{ "a switch", CHECK "--arch ls10 --vbios 96.10.73.00.01", 0, NULL,
		"NV_SWITCH_BIOS_5612_0002_890_9610730001", 0 },
	{ "no version", CHECK "--driver ../../etc", 2, "no RIM id", NULL, 0 },
	{ "nobody there", "$A gather --check --rim-url http://127.0.0.1:1 --driver 1", 4, NULL,
		"not known", 0 },
	{ "offline", CHECK "--offline --driver 1", 2, "--offline", NULL, 0 },
};

static void test_check(void **state)
{
	static const struct row absent[] = {
		{ "not there", CHECK "--driver 580.95.06", 3, NULL,
			"nearest NV_GPU_DRIVER_GH100_580.95.05", 0 },
		{ "as JSON", CHECK "--driver 580.95.06 -f json", 3, NULL, "\"there\": false",
			0 },
	};

	(void)state;
	rows_try(check, ARRAY_LEN(check));
	fault("rim-service-absent");
	rows_try(absent, ARRAY_LEN(absent));
	fault("");
}

static const struct row cache[] = {
	{ "filled",
		"$A gather --anchors ev/anchors" URLS
		"--at 2026-06-01 --cache k.db ev/bundle.json -o k.json",
		0, NULL, NULL, 0 },
	{ "listed", "$A cache list --cache k.db", 0, NULL, "rim:NV_GPU_DRIVER", 0 },
	{ "as JSON", "$A cache list --cache k.db -f json", 0, NULL, "\"want\": \"ocsp:", 0 },
	{ "nothing that is good now", NOW "cache export --cache k.db", 3, "nothing", NULL, 0 },
	{ "pruned", "$A cache prune --cache k.db && $A cache list --cache k.db", 0, NULL,
		" gone", 0 },
	{ "empty", "$A cache list --cache k.db", 0, NULL, NULL, 0 },
	{ "imported: RIMs alone, the answers are of June",
		NOW "cache import --cache k.db k.json", 0, NULL, "2 taken, ", 0 },
	{ "exported",
		NOW "cache export --cache k.db -o x.json && grep -c '\"want\": \"rim:' x.json",
		0, NULL, "2", 0 },
	{ "carried elsewhere",
		NOW "cache import --cache y.db x.json && " NOW
		    "cache export --cache y.db | cmp - x.json",
		0, NULL, "2 taken, 0 out of date, 0 refused", 0 },
	{ "of other anchors", "$A cache export --cache k.db", 3, "these anchors", NULL, 0 },
	{ "refused",
		"sed 's/rim:NV_GPU_D/rum:NV_GPU_D/' x.json >z.json; " NOW
		"cache import --cache y.db z.json",
		6, "refused", "1 taken, 0 out of date, 1 refused", TWO },
	{ "garbage", NOW "cache import --cache y.db key", 6, "key", NULL, 0 },
	{ "damaged", "$A cache list --cache bad.db", 4, "prune --all", NULL, 0 },
	{ "not by prune alone", "$A cache prune --cache bad.db", 4, "damaged", NULL, 0 },
	{ "begun anew", "$A cache prune --all --cache bad.db && $A cache list --cache bad.db",
		0, "no cache yet", "is gone", 0 },
	{ "none is made", "$A cache list --cache no/k.db && test ! -e no", 0,
		"no/k.db: no cache yet", NULL, 0 },
	{ "nothing to prune", "$A cache prune --cache no/k.db && test ! -e no", 0,
		"no/k.db: no cache yet", "0 gone", 0 },
	{ "no marks in none", "$A cache marks --cache no/k.db && test ! -e no", 0,
		"no/k.db: no cache yet", NULL, 0 },
	{ "none to forget", "$A cache forget --all --cache no/k.db && test ! -e no", 0,
		"no/k.db: no cache yet", "0 forgotten", 0 },
	{ "nothing in none", "$A cache export --cache no.db", 3, "nothing for these anchors",
		NULL, 0 },
	{ "no word", "$A cache", 2, "list, prune", NULL, 0 },
	{ "another word", "$A cache dance", 2, "list, prune", NULL, 0 },
	{ "no file", "$A cache import", 2, "which file?", NULL, 0 },
	{ "a file too many", "$A cache list x", 2, "takes no file", NULL, 0 },
	{ "help", "$A cache --help", 0, NULL, "--all", 0 },
	{ "help of gather", "$A gather --help", 0, NULL, "--ocsp-nonce", 0 },
};
ROWS_TEST(cache)

/* The key goes to the services over TLS, and nowhere else. */
static void test_key(void **state)
{
	struct ran r;

	(void)state;
	tls.seen->bearer[0] = plain.seen->bearer[0] = 0;
	run(&r, TLS "--anchors tls.anchors --service-key-file key ev/bundle.json -o t.json");
	assert_int_equal(r.status, 0);
	ran_done(&r);
	assert_string_equal(tls.seen->bearer, "Bearer secret");
	run(&r,
		"$A gather" AT URLS
		"--no-cache --service-key-file key ev/bundle.json -o t.json");
	assert_int_equal(r.status, 0);
	ran_done(&r);
	assert_string_equal(plain.seen->bearer, "");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_key),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests_name("gather", tests, set_up, tear_down);
}
