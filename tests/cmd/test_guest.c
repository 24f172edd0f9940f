/* SPDX-License-Identifier: Apache-2.0
 *
 * assay collect in an emulated guest: each fault of configfs-tsm and of the quoting service, and one quote over all that the
 * devices said, recomputed here from tdx 10.4 without the code that made it. */
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "cmd/row.h"
#include "format/evidence.h"

#define RUN     "$A sim run --state s "
#define COLLECT "$A collect -q --qgs unix:s/qgs.sock -o e "
#define TDX     COLLECT "--device tdx"
#define LIMITED(fault, limit)                        \
	RUN "--fault " fault " -- sh -c '" TDX limit \
	    "; echo $?; ls $ASSAY_ROOT/sys/kernel/config/tsm/report 2>/dev/null | wc -l'"
#define WITH(fault)  LIMITED(fault, "")
#define HASTY(fault) LIMITED(fault, " --quote-timeout 1") /* a limit that is to strike */

static const struct row faults[] = {
	{ "none", RUN "-- sh -c '" TDX "; echo $?'; grep -c '\"kind\": \"tdx\"' e", 0, NULL,
		"0\n1\n", 0 },
	{ "tsm-busy", HASTY("tsm-busy"), 0,
		"tdx: tdx.collect: configfs-tsm: outblob: Device or resource busy: an earlier "
		"request is still in flight",
		"4\n0\n", 0 },
	{ "tsm-timeout", HASTY("tsm-timeout"), 0,
		"configfs-tsm: outblob: Connection timed out: the host did not answer",
		"4\n0\n", 0 },
	{ "tsm-hang", HASTY("tsm-hang"), 0, "outblob did not come back within 1.0 seconds",
		"4\n0\n", 0 },
	{ "tsm-garbage", WITH("tsm-garbage"), 0, "no quote of this request", "4\n0\n", 0 },
	{ "tsm-empty", WITH("tsm-empty"), 0, "outblob is empty", "4\n0\n", 0 },
	{ "qgs-error", WITH("qgs-error"), 0, "error 0x12001: an unexpected error", "4\n0\n",
		0 },
	{ "qgs-hang", HASTY("qgs-hang"), 0, "no answer in time to the request", "4\n0\n", 0 },
	{ "qgs-short", WITH("qgs-short"), 0, "the quoting service ends after", "4\n0\n", 0 },
	{ "qgs-size", WITH("qgs-size"), 0, "announces a reply of 4294967295 bytes", "4\n0\n",
		0 },
	{ "what failed is in the file",
		RUN "--fault tsm-empty -- sh -c '" TDX "' 2>/dev/null; grep -c QUOTE_REPLY e",
		0, NULL, "1", 0 },
	{ "the quoting service, and no configfs",
		RUN "--no-fuse -- " TDX " 2>&1 | grep -c 'no way\\|/dev/tdx_guest: No such'", 0,
		NULL, "1", 0 },
};

static const struct row kinds[] = {
	{ "no guest, not asked for", RUN "--no-tdx -- " COLLECT "&& grep -c kind e", 0, NULL,
		"1", 0 },
	{ "no guest, asked for",
		"mkdir -p empty && $A collect -q --root empty --device tdx -o e; echo $?; grep -c TD_ABSENT e",
		0, "tdx.collect: configfs-tsm: /sys/kernel/config/tsm/report: No such file",
		"5\n1", 0 },
	{ "GPUs alone", RUN "-- $A collect -q -o e --device gpu && grep -c kind e", 0, NULL,
		"1", 0 },
	{ "all that are there", RUN "-- " COLLECT "&& grep -c kind e", 0, NULL, "2", 0 },
	{ "NVIDIA's form has none",
		RUN "-- $A collect -q -o e --format nvattest && grep -c nonce e", 0, NULL, "1",
		0 },
	{ "nor may it be asked for", "$A collect -o e --format nvattest --device tdx", 2,
		"no place for a quote", NULL, 0 },
	{ "a key without a quote", "$A collect --device gpu -k x", 2, "is for a quote", NULL,
		0 },
	{ "a key that is not there", RUN "-- " COLLECT "-k nokey", 2, "nokey: No such file",
		NULL, 0 },
	{ "a key that is none", "echo hello >bad; " RUN "-- " COLLECT "-k bad", 6, "bad", NULL,
		0 },
	{ "a root that is none", COLLECT "--device tdx --root /nonexistent", 2,
		"--root: /nonexistent: no such folder", NULL, 0 },
	{ "nor does it hide the guest", RUN "-- $A attest --no-cache --root /nonexistent", 2,
		"--root: /nonexistent: no such folder", NULL, 0 },
	{ "an address that is none", "$A collect --qgs tcp:1", 2, "give unix:PATH", NULL, 0 },
	{ "no patience", "$A collect --quote-timeout 0", 2, "seconds, from 1 to 600", NULL, 0 },
	{ "no number", "$A collect --quote-timeout x", 2, "seconds, from 1 to 600", NULL, 0 },
};

ROWS_TEST(kinds)

/* From devices to a verdict: collect with $C, gather with $G, verify with $V; then the exit status, and what was not
 * well, check and code. */
#define NONCE "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
static const char judge[] = "$A collect -q -n " NONCE " $C -o e 2>said\n"
			    "eval \"$B\"\n" /* in between */
			    "$A gather --cache cache $G e -o b 2>>said\n"
			    "$A verify -n " NONCE " ${P--p unseen.json} $V b >v\n"
			    "echo $?\n"
			    "awk '$1 == \"FAIL\" || $1 == \"unknown\" { print $2, $4 }' v\n";
/* Most here are asked without a check at boot. */
#define UNSEEN                                                                           \
	"{\"schema\":\"assay.policy/1\",\"waivers\":[{\"check\":\"node.binding.event\"," \
	"\"reason\":\"a test of other things\",\"expires\":\"2099-01-01\"}]}"
#define JUDGED(options, variables) RUN options " -- env " variables " sh judge; rm -f cache"
#define NO_COLLATERAL                         \
	"3\ntdx.collateral.crl CRL_MISSING\n" \
	"tdx.collateral.tcbinfo TCB_MISSING\ntdx.collateral.identity QE_MISSING\n"

static const struct row verdicts[] = {
	{ "one GPU", JUDGED("", "C= G= V="), 0, NULL, "0\n", 0 },
	{ "eight and four", JUDGED("--profile ppcie", "C= G= V="), 0, NULL, "0\n", 0 },
	{ "nobody checked at boot", JUDGED("", "P= C= G= V="), 0, NULL,
		"3\nnode.binding.event BINDING_UNSEEN\n", 0 },
	{ "a guest alone", JUDGED("", "C='--device tdx' G= V="), 0, NULL, "0\n", 0 },
	{ "bound to a key", JUDGED("", "C='-k key.pem' G= V='--channel-key key.der'"), 0, NULL,
		"0\n", 0 },
	{ "bound to none", JUDGED("", "C= G= V='--channel-key key.der'"), 0, NULL, "1\n", 0 },
	{ "pcs-down", JUDGED("--fault pcs-down", "C= G= V="), 0, NULL, NO_COLLATERAL, 0 },
	/* the other services have answered before, in their own time */
	{ "pcs-hang",
		JUDGED("",
			"C= G='--timeout 2' V= "
			"B='$A gather --cache cache --pcs-url http://127.0.0.1:1 e -o b 2>said; $A sim ctl fault pcs-hang'"),
		0, NULL, NO_COLLATERAL, 0 },
	{ "pcs-short", JUDGED("--fault pcs-short", "C= G= V="), 0, NULL, NO_COLLATERAL, 0 },
	{ "pcs-garbage", JUDGED("--fault pcs-garbage", "C= G= V="), 0, NULL, NO_COLLATERAL, 0 },
	{ "tsm-busy", JUDGED("--fault tsm-busy", "C='--quote-timeout 1' G= V="), 0, NULL,
		"4\ntdx.collect QUOTE_BUSY\n", 0 },
	{ "tsm-hang", JUDGED("--fault tsm-hang", "C='--quote-timeout 1' G= V="), 0, NULL,
		"4\ntdx.collect QUOTE_TIMEOUT\n", 0 },
	{ "qgs-error", JUDGED("--fault qgs-error", "C='--qgs unix:s/qgs.sock' G= V="), 0, NULL,
		"4\ntdx.collect QUOTE_SERVICE\n", 0 },
	{ "not Intel's root", JUDGED("", "C= G='--pcs-url http://127.0.0.1:1' V="), 0, NULL,
		NO_COLLATERAL, 0 },
	{ "a PCCS's address",
		RUN
		"-- sh -c 'C= V= G=\"--pcs-url $ASSAY_PCS_URL/sgx/certification/v4/\"; . ./judge'; rm -f cache",
		0, NULL, "0\n", 0 },
	{ "from the cache",
		RUN
		"-- env C= G= V= sh -c '. ./judge; $A gather --cache cache --offline e -o b2 && "
		"grep -c \"pcs:\" b2; $A verify -p unseen.json -q -n " NONCE
		" b2; echo $?'; rm -f cache",
		0, NULL, "0\n6\n0\n", 0 },
	{ "a bundle fills another cache",
		RUN
		"-- env C= G= V= sh -c '. ./judge; $A cache import --cache other b >said; echo $?; "
		"$A gather --cache other --offline e -o b2; $A verify -p unseen.json -q -n " NONCE
		" b2; echo $?'; rm -f cache other",
		0, NULL, "0\n0\n0\n", 0 },
	{ "and marks kept: four dates, two numbers",
		RUN
		"-- env C= G= V= sh -c '. ./judge; $A cache marks --cache cache | wc -l'; rm -f cache",
		0, NULL, "0\n6\n", 0 },
	{ "chains are cached, too",
		RUN
		"-- env C= G= V= sh -c '. ./judge; $A cache list --cache cache | grep -c pcs:'; rm -f cache",
		0, NULL, "0\n6\n", 0 },
};

/* The event at boot. Its verdict is the byte behind label, length and one device. */
#define ATTEST  "$A attest --no-cache "
#define EVENTS  "$ASSAY_ROOT/run/assay/events.jsonl"
#define VERDICT "sed \"s/.*content...//\" " EVENTS " | cut -c59-60"

static const struct row boots[] = {
	{ "attested", RUN "-- " ATTEST "-q", 0, NULL, NULL, 0 },
	{ "nothing says so at first", RUN "-- " ATTEST "| grep -c BINDING_UNSEEN", 0, NULL,
		"1\n", 0 },
	{ "and then it does",
		RUN "-- sh -c '" ATTEST "-q --extend; echo $?; " ATTEST "-v >v; echo $?; "
		    "grep -c BINDING_UNSEEN v; " VERDICT "'",
		0, NULL, "0\n0\n0\n01\n", 0 },
	{ "eight and four",
		RUN "--profile ppcie -- sh -c '" ATTEST "-q --extend; echo $?; " ATTEST
		    "-v >v; echo $?; grep -c BINDING_UNSEEN v; :'",
		0, NULL, "0\n0\n0\n", 0 },
	{ "once a boot",
		RUN "-- sh -c '" ATTEST "-q --extend; " ATTEST
		    "-q --extend; echo $?; wc -l <" EVENTS "'",
		0, NULL, "0\n1\n", 0 },
	{ "it comes with what is collected",
		RUN "-- env P= C= G= V=-v sh -c '" ATTEST
		    "-q --extend; . ./judge; grep -c BINDING_UNSEEN v'; rm -f cache",
		0, NULL, "0\n0\n", 0 },
	{ "a device less than at boot",
		RUN "-- env C=\"--device tdx\" G= V= sh -c '" ATTEST
		    "-q --extend; . ./judge'; rm -f cache",
		0, NULL, "1\nnode.binding.event BINDING_EVENT\n", 0 },
	{ "the answer is no, and stays",
		RUN "--fault td-debug -- sh -c '" ATTEST "-q --extend; echo $?; " VERDICT
		    "; " ATTEST "-q --extend; echo $?; wc -l <" EVENTS "'",
		0, NULL, "1\n00\n1\n1\n", 0 },
	{ "no answer yet",
		RUN "--fault pcs-down -- sh -c '" ATTEST
		    "-q --extend 2>/dev/null; echo $?; ls " EVENTS " 2>&1 | grep -c No'",
		0, NULL, "3\n1\n", 0 },
	{ "not in a guest: nobody is let in",
		RUN "--no-tdx -- sh -c '" ATTEST
		    "--extend >v; echo $?; grep -c TD_ABSENT v; grep ^GPUs v'",
		0, NULL, "5\n1\nGPUs: NOT READY", 0 },
	{ "with a key", RUN "-- " ATTEST "-q -k key.pem", 0, NULL, NULL, 0 },
	{ "why collateral is missing", RUN "--fault pcs-down -- " ATTEST "2>/dev/null", 3, NULL,
		"root CRL: it is not at hand: PCS http://127.0.0.1:", 0 },
	{ "again and again", ATTEST "--extend --watch 1h", 2, "--extend is for once", NULL, 0 },
	{ "no quote, no verdict",
		RUN "--fault tsm-hang -- " ATTEST
		    "--quote-timeout 2 | grep -c 'tdx.collect.*QUOTE_TIMEOUT'",
		0, NULL, "1\n", 0 },
};

static bool fuse(void)
{
	return access("/dev/fuse", R_OK | W_OK) == 0;
}

static void rows_with_fuse(const struct row *rows, size_t n)
{
	if (!fuse()) {
		print_message("skipped: no FUSE\n");
		skip();
	}
	rows_try(rows, n);
}

static void test_faults(void **state)
{
	(void)state;
	rows_with_fuse(faults, ARRAY_LEN(faults));
}

static void test_verdicts(void **state)
{
	(void)state;
	run_write("judge", bytes_text(judge));
	run_write("unseen.json", BYTES(UNSEEN));
	rows_with_fuse(verdicts, ARRAY_LEN(verdicts));
}

static void test_boots(void **state)
{
	(void)state;
	rows_with_fuse(boots, ARRAY_LEN(boots));
}

/* --- 10.4, by hand --- */

struct sum {
	EVP_MD_CTX *c;
};

static void begin(struct sum *s, const EVP_MD *md, const char *label)
{
	s->c = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestInit_ex(s->c, md, NULL), 1);
	EVP_DigestUpdate(s->c, label, strlen(label) + 1); /* with its zero byte */
}

static void more(struct sum *s, const void *p, size_t n)
{
	EVP_DigestUpdate(s->c, p, n);
}

static void more_u32(struct sum *s, size_t v)
{
	const uint8_t b[] = { (uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8),
		(uint8_t)v };

	more(s, b, sizeof(b));
}

static void more_long(struct sum *s, const void *p, size_t n)
{
	more_u32(s, n);
	more(s, p, n);
}

static void end(struct sum *s, uint8_t *out)
{
	assert_int_equal(EVP_DigestFinal_ex(s->c, out, NULL), 1);
	EVP_MD_CTX_free(s->c);
}

static void id_of(struct bytes pem, uint8_t id[9])
{
	BIO  *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *cert;

	for (int i = 0; i < 2; i++) { /* certificate 1 is the second */
		cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
		assert_non_null(cert);
		if (i == 1) {
			const ASN1_INTEGER *n = X509_get0_serialNumber(cert);

			assert_int_equal(ASN1_STRING_length(n), 9);
			memcpy(id, ASN1_STRING_get0_data(n), 9);
		}
		X509_free(cert);
	}
	BIO_free(bio);
}

struct known {
	uint8_t                       kind, id[9];
	const struct evidence_device *d;
};

static int in_order(const void *a, const void *b)
{
	return memcmp(a, b, 10); /* kind, then id */
}

static void manifest(const struct evidence *ev, size_t due, uint8_t out[48])
{
	struct known list[EVIDENCE_DEVICES];
	size_t       n = 0;
	struct sum   s;

	for (size_t i = 0; i < ev->devices; i++) {
		if (ev->device[i].kind == DEVICE_TDX)
			continue;
		list[n].kind = ev->device[i].kind == DEVICE_GPU ? 1 : 2;
		list[n].d    = &ev->device[i];
		id_of(ev->device[i].chain, list[n++].id);
	}
	assert_int_equal(n, due);
	qsort(list, n, sizeof(list[0]), in_order);
	begin(&s, EVP_sha384(), "tdx-gpu/v1/manifest");
	more_u32(&s, n);
	for (size_t i = 0; i < n; i++) {
		more(&s, &list[i].kind, 1);
		more_long(&s, list[i].id, sizeof(list[i].id));
		more_long(&s, list[i].d->report.p, list[i].d->report.n);
		more_long(&s, list[i].d->chain.p, list[i].d->chain.n);
	}
	end(&s, out);
}

static void reportdata(const struct evidence *ev, const uint8_t key[32], size_t devices,
	uint8_t nonce[32], uint8_t out[64])
{
	uint8_t    over[48], log[48] = { 0 };
	struct sum s;

	begin(&s, EVP_sha256(), "tdx-gpu/v1/gpu-nonce");
	more(&s, ev->nonce, 32);
	more(&s, key, 32);
	end(&s, nonce);
	manifest(ev, devices, over);
	if (ev->events.n > 0)
		EVP_Digest(ev->events.p, ev->events.n, log, NULL, EVP_sha384(), NULL);
	begin(&s, EVP_sha512(), "tdx-gpu/v1/report-data");
	more(&s, ev->nonce, 32);
	more(&s, key, 32);
	more(&s, over, sizeof(over));
	more(&s, log, sizeof(log));
	end(&s, out);
}

/* A key of the test's own, as PEM and as DER, and SHA-256 of the DER. */
static void make_key(uint8_t hash[32])
{
	EVP_PKEY      *key = EVP_EC_gen("P-256");
	BIO           *bio = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	char          *text;
	int            n = i2d_PUBKEY(key, &der);

	assert_true(n > 0);
	run_write("key.der", (struct bytes){ der, (size_t)n });
	EVP_Digest(der, (size_t)n, hash, NULL, EVP_sha256(), NULL);
	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	n = (int)BIO_get_mem_data(bio, &text);
	run_write("key.pem", (struct bytes){ (uint8_t *)text, (size_t)n });
	OPENSSL_free(der);
	BIO_free(bio);
	EVP_PKEY_free(key);
}

static const struct {
	const char *name, *profile, *options;
	size_t      devices;
	bool        key;
	size_t      data_at; /* REPORTDATA in the quote */
} composites[] = {
	{ "a guest alone", "single", "--device tdx", 0, false, 568 },
	{ "one GPU", "single", "", 1, false, 568 },
	{ "one GPU and a key as PEM", "single", "-k key.pem", 1, true, 568 },
	{ "a guest alone and a key as DER", "single", "--device tdx -k key.der", 0, true, 568 },
	{ "eight GPUs and four switches", "ppcie --quote 5", "-k key.pem", 12, true, 574 },
};

static void composite(void **state)
{
	static const uint8_t none[32];
	uint8_t              key[32];

	(void)state;
	if (!fuse()) {
		print_message("skipped: no FUSE\n");
		skip();
	}
	make_key(key);
	for (size_t i = 0; i < ARRAY_LEN(composites); i++) {
		CLEANUP(evidence_done) struct evidence ev   = { 0 };
		CLEANUP(buf_done) struct buf           text = { 0 };
		struct assay_err                       e    = { 0 };
		struct ran                             r    = { 0 };
		uint8_t                                nonce[32], data[64];
		size_t                                 quotes = 0;

		print_message("%s\n", composites[i].name);
		run(&r, RUN "--profile %s -- $A collect -q -n " NONCE " %s -o e",
			composites[i].profile, composites[i].options);
		if (r.status != 0)
			ran_tell(composites[i].name, "it fails", &r);
		assert_int_equal(r.status, 0);
		ran_done(&r);
		test_read("e", &text);
		test_must(
			evidence_add(&ev, "e", buf_bytes(&text), (struct bytes){ 0 }, &e), &e);
		assert_true(ev.events.n > 0);
		reportdata(&ev, composites[i].key ? key : none, composites[i].devices, nonce,
			data);
		for (size_t k = 0; k < ev.devices; k++) {
			const struct evidence_device *d = &ev.device[k];

			if (d->kind != DEVICE_TDX) {
				assert_memory_equal(d->report.p + 4, nonce, 32);
				continue;
			}
			quotes++;
			assert_memory_equal(d->report.p + composites[i].data_at, data, 64);
		}
		assert_int_equal(quotes, 1);
	}
}

static int open_folder(void **state)
{
	(void)state;
	run_open();
	return 0;
}

static int close_folder(void **state)
{
	(void)state;
	run_close();
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(composite),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_boots),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests(tests, open_folder, close_folder);
}
