/* SPDX-License-Identifier: Apache-2.0
 *
 * The programs as a clumsy user would run them: options, commands, streams, environment. What is in the files is for
 * test_input.c. */
#include "cmd/fixture.h"
#include "cmd/row.h"

#define RSS_ONE (14 * 1024) /* for one device without RIMs */

static const struct row good[] = {
	{ "a bundle", ONE "one/bundle.json", 0, NULL, "accepted (exit 0)", 0 },
	{ "a node", NODE "pp/bundle.json", 0, NULL, "nvswitch3", 0 },
	{ "as JSON", ONE "-f json one/bundle.json", 0, NULL, "\"TEST ANCHORS\"", JSON },
	{ "as a page", ONE "-f html one/bundle.json", 0, NULL, "<h1>Accepted</h1>", 0 },
	{ "as a page, refused",
		"$A verify --anchors one/anchors --at 2026-06-01 -f html --nonce "
		"$(printf '%064d' 1) one/bundle.json",
		1, NULL, "<h1>Rejected</h1>", 0 },
	{ "as a page, of no evidence", ONE "-f html words", 6, NULL, "<h1>Malformed</h1>", 0 },
	{ "a page in a file", ONE "-f html -o page.html one/bundle.json", 0, NULL, NULL, 0 },
	{ "which is whole", "tail -n 1 page.html", 0, NULL, "</html>\n", 0 },
	{ "text in a file, with the status that is due",
		ONE "--expect 8+4 -o said one/bundle.json; echo $?; tail -n 1 said", 0, NULL,
		"1\nrejected (exit 1)", 0 },
	{ "from standard input", ONE "- <one/bundle.json", 0, NULL, "accepted", 0 },
	{ "from a pipe", "cat one/bundle.json | " ONE "-", 0, NULL, "accepted", 0 },
	{ "from a named pipe", "cat one/bundle.json >fifo & " ONE "fifo", 0, NULL, "accepted",
		0 },
	{ "from /dev/stdin", ONE "/dev/stdin <one/bundle.json", 0, NULL, "accepted", 0 },
	{ "several files are one node",
		"$A verify --anchors pp/anchors --at 2026-06-01 --expect 8+4 pp/gpu_evidence.json pp/switch_evidence.json",
		3, NULL, "nvswitch3", 0 },
	{ "half of a node",
		"$A verify --anchors pp/anchors --at 2026-06-01 pp/gpu_evidence.json", 3, NULL,
		"DEVICE_MISSING", 0 },
	{ "one file twice", ONE "one/bundle.json one/bundle.json", 1, NULL, "DEVICE_TWICE", 0 },
	{ "two bundles", ONE "one/bundle.json two/bundle.json", 6, "another nonce", NULL, 0 },
	{ "no anchors", "$A verify --as-recorded one/bundle.json", 1, NULL, "CHAIN_ROOT", 0 },
	{ "a quote", GUEST "--collateral one/tdx one/tdx/quote.bin", 0, NULL, "accepted", 0 },
	{ "a quote, as JSON", GUEST "-f json --collateral one/tdx one/tdx/quote.bin", 0, NULL,
		"\"fmspc\"", JSON },
	{ "a quote in digits",
		"od -An -v -tx1 one/tdx/quote.bin >quote.hex; " GUEST
		"--collateral one/tdx quote.hex",
		0, NULL, "accepted", 0 },
	{ "the same, inspected", "$A inspect quote.hex", 0, NULL, "td_1.0", 0 },
	{ "a quote in base64",
		"base64 one/tdx/quote.bin >quote.b64; " GUEST "--collateral one/tdx quote.b64",
		0, NULL, "accepted", 0 },
	{ "the same, inspected", "$A inspect quote.b64", 0, NULL, "td_1.0", 0 },
	{ "a report in base64, inspected", "base64 -w0 one/gpu0.report.bin | $A inspect -", 0,
		NULL, "responder_nonce", 0 },
	{ "a CRL in digits, inspected",
		"od -An -v -tx1 one/tdx/pck_crl.der | tr -d ' \\n' | $A inspect -", 0, NULL,
		"next_update", 0 },
	{ "the quote of an enclave",
		"{ printf '\\003\\000'; tail -c +3 one/tdx/quote.bin; } >sgx.bin; " GUEST
		"sgx.bin",
		6, NULL, "version 3, of an SGX enclave", 0 },
	{ "a quote that names its platform alone",
		"{ head -c 1252 one/tdx/quote.bin; printf '\\003\\000'; tail -c +1255 one/tdx/quote.bin; } >ppid.bin; " GUEST
		"ppid.bin",
		6, NULL, "let the host's quoting service have a PCCS", 0 },
	{ "its files one by one",
		GUEST
		"--collateral one/tdx/tcbinfo.json --collateral one/tdx/tcbinfo.signer.pem "
		"--collateral one/tdx/qe_identity.json --collateral one/tdx/pck_crl.der "
		"--collateral one/tdx/root_crl.der one/tdx/quote.bin",
		0, NULL, "accepted", 0 },
	{ "its files as services and tools spell them",
		"mkdir -p spelt && cd spelt && cp ../one/tdx/qe_identity.json sgx-identity.json && "
		"{ cat ../one/tdx/tcbinfo.json; printf '\\0'; } >tcb && "
		"sed 's/ /%20/g; s/+/%2B/g; s/$/%0A/' ../one/tdx/tcbinfo.signer.pem | tr -d '\\n' >tcb-info-chain && "
		"cp ../one/tdx/pck_crl.signer.pem a-pck-crl-chain.pem && "
		"od -An -v -tx1 ../one/tdx/pck_crl.der | tr -d ' \\n' >pckcrl.hex && "
		"{ echo '-----BEGIN X509 CRL-----'; base64 ../one/tdx/root_crl.der; echo '-----END X509 CRL-----'; } >root.pem && "
		"cd .. && " GUEST "--collateral spelt one/tdx/quote.bin",
		0, NULL, "accepted", 0 },
	{ "one of them that is printed anew",
		"mkdir -p anew && cp one/tdx/* anew && sed 's/\":/\": /g' one/tdx/tcbinfo.json >anew/tcbinfo.json && " GUEST
		"--collateral anew one/tdx/quote.bin",
		1, NULL, "printed anew", 0 },
	{ "one of them without what it is signed in",
		GUEST "--collateral naked one/tdx/quote.bin", 6,
		"naked is no collateral of Intel's: the envelope", NULL, 0 },
	{ "JSON that is none of them", GUEST "--collateral braces one/tdx/quote.bin", 6,
		"none of \"tcbInfo\"", NULL, 0 },
	{ "a RIM as the service answers it",
		"for i in DRIVER_GH100_580.159.03 VBIOS_1010_0205_862_9600740020; do "
		"printf '{\"id\":\"NV_GPU_%s\",\"rim\":\"%s\",\"rim_format\":\"TCG\"}' $i "
		"$(base64 -w0 one/rims/NV_GPU_$i.xml) >$i.json; done; " LOOSE
		"--ocsp one/ocsp --rim DRIVER_GH100_580.159.03.json "
		"--rim VBIOS_1010_0205_862_9600740020.json one/evidence.json",
		0, NULL, "accepted", 0 },
	{ "the same, inspected", "$A inspect DRIVER_GH100_580.159.03.json", 0, NULL, "tag_id",
		0 },
	{ "a driver's version that says nothing",
		"sed 's/\"driver_version\": \"[0-9.]*\"/\"driver_version\": \"\"/' one/bundle.json >mute.json && " ONE
		"mute.json",
		0, NULL, "accepted", 0 },
	{ "from a folder with other JSON in it",
		"mkdir -p with && cp one/rims/* with && echo '{\"id\":1,\"rim\":{}}' >with/x.json && " LOOSE
		"--rim with --ocsp one/ocsp one/evidence.json",
		0, NULL, "accepted", 0 },
	{ "a quote without collateral", GUEST "one/tdx/quote.bin", 3, NULL,
		"tdx.collateral.crl", 0 },
	{ "a quote beside devices, not bound to them",
		LOOSE "--collateral one/tdx one/bundle.json one/tdx/quote.bin", 1, NULL,
		"BINDING_REPORTDATA", 0 },
	{ "a nonce that was put into it otherwise",
		"$A verify --anchors one/anchors --at 2026-06-01 --nonce $(printf '%064d' 1) --eventlog one/tdx/ccel.bin "
		"--collateral one/tdx one/tdx/quote.bin",
		1, NULL, "goes to --reportdata", 0 },
	{ "the table for the log",
		LOOSE
		"--eventlog one/tdx/ccel_table.bin --collateral one/tdx one/tdx/quote.bin",
		6, NULL, "/sys/firmware/acpi/tables/data/CCEL", 0 },
	{ "another REPORTDATA",
		GUEST
		"--collateral one/tdx --reportdata $(printf '%0128d' 1) one/tdx/quote.bin",
		1, NULL, "TD_REPORTDATA", 0 },
	{ "a channel key",
		"openssl ecparam -name prime256v1 -genkey -noout 2>x | openssl ec -pubout 2>x "
		">key.pem; " GUEST
		"--collateral one/tdx --channel-key key.pem one/tdx/quote.bin",
		1, NULL, "BINDING_REPORTDATA", 0 },
	{ "learn, and accept",
		"$A tdx learn one/tdx/quote.bin --eventlog one/tdx/ccel.bin >learnt.json 2>x; " GUEST
		"-p learnt.json --collateral one/tdx one/tdx/quote.bin",
		0, NULL, "accepted", 0 },
	{ "learn", "$A tdx learn one/tdx/quote.bin", 0, "without being judged", "tdx.mrtd", 0 },
	{ "quiet", ONE "-q one/bundle.json", 0, NULL, NULL, 0 },
	{ "verbose", ONE "-v one/bundle.json", 0, NULL, "gpu.report.signature", 0 },
	{ "behind --", ONE "-- one/bundle.json", 0, NULL, "accepted", 0 },
	{ "options behind files", ONE "one/bundle.json --expect 1 -v", 0, NULL, "accepted", 0 },
	{ "JSON with carriage returns",
		"$A verify --anchors one/anchors --at 2026-06-01 crlf.json", 3, NULL,
		"OCSP_MISSING", 0 },
	{ "a binary report", LOOSE "--chain one/gpu0.chain.pem one/gpu0.report.bin", 3, NULL,
		"HOPPER", 0 },
	{ "hexadecimal", LOOSE "--chain one/gpu0.chain.pem plain.hex", 3, NULL, "HOPPER", 0 },
	{ "in capitals", LOOSE "--chain one/gpu0.chain.pem upper.hex", 3, NULL, "HOPPER", 0 },
	{ "with spaces", LOOSE "--chain one/gpu0.chain.pem spaces.hex", 3, NULL, "HOPPER", 0 },
	{ "with a prefix", LOOSE "--chain one/gpu0.chain.pem prefix.hex", 3, NULL, "HOPPER",
		0 },
	{ "a chain with carriage returns", LOOSE "--chain crlf.pem one/gpu0.report.bin", 3,
		NULL, "HOPPER", 0 },
	{ "a chain from a pipe",
		"cat one/gpu0.chain.pem | " LOOSE "--chain - one/gpu0.report.bin", 3, NULL,
		"HOPPER", 0 },
	{ "collateral from folders", LOOSE "--rim one/rims --ocsp one/ocsp one/evidence.json",
		0, NULL, "33 of 33", 0 },
	{ "from one folder of everything", LOOSE "--rim mixed --ocsp mixed one/evidence.json",
		0, NULL, "33 of 33", 0 },
	{ "from files",
		LOOSE "--rim one/rims/*VBIOS* --rim one/rims/*DRIVER* one/evidence.json", 3,
		NULL, "33 of 33", 0 },
	{ "a RIM from standard input",
		LOOSE "--rim - one/evidence.json <one/rims/NV_GPU_DRIVER_GH100_580.159.03.xml",
		3, NULL, "NV_GPU_VBIOS", 0 },
	{ "a RIM from a named pipe",
		"cat one/rims/*VBIOS* >fifo & " LOOSE
		"--rim fifo --rim one/rims/*DRIVER* one/evidence.json",
		3, NULL, "33 of 33", 0 },
	{ "an empty folder", LOOSE "--rim empty.dir one/evidence.json", 3, NULL, "RIM_MISSING",
		0 },
};

static const struct row options[] = {
	{ "nothing", "$A", 2, "which command?", NULL, 0 },
	{ "no file", "$A verify", 2, "which file?", NULL, 0 },
	{ "no file but options", ONE "-v", 2, "which file?", NULL, 0 },
	{ "no file to inspect", "$A inspect", 2, "which file?", NULL, 0 },
	{ "unknown", ONE "--bogus one/bundle.json", 2, "unknown option --bogus", NULL, 0 },
	{ "unknown with a value", ONE "--bogus=3 one/bundle.json", 2, "unknown option --bogus",
		NULL, 0 },
	{ "unknown behind a file", ONE "one/bundle.json --bogus", 2, "unknown option --bogus",
		NULL, 0 },
	{ "an unknown letter", ONE "-x one/bundle.json", 2, "unknown option -x", NULL, 0 },
	{ "the second of two letters", ONE "--verbose -vx one/bundle.json", 2,
		"unknown option -x", NULL, 0 },
	{ "a letter behind an empty word", ONE "'' -xv", 2, "unknown option -x", NULL, 0 },
	{ "a letter that is no ASCII", ONE "\"$(printf -- '-\\303\\251')\" one/bundle.json", 2,
		"unknown option -\\xc3", NULL, 0 },
	{ "a letter that is a control", ONE "\"$(printf -- '-\\033')\" one/bundle.json", 2,
		"unknown option -\\x1b", NULL, 0 },
	{ "escapes in its name", ONE "\"$(printf -- '--\\033[31m\\302\\233')\"", 2,
		"unknown option --\\x1b[31m\\xc2\\x9b", NULL, 0 },
	{ "a long name", ONE "--$(head -c 100000 </dev/zero | tr '\\0' a)", 2,
		"unknown option --aaaa", NULL, 0 },
	{ "an abbreviation of several", ONE "--a x one/bundle.json", 2,
		"option --a could be one of several", NULL, 0 },
	{ "three dashes", ONE "---nonce", 2, "unknown option ---nonce", NULL, 0 },
	{ "no value", ONE "one/bundle.json --nonce", 2, "option --nonce wants a value", NULL,
		0 },
	{ "no value behind a letter", ONE "one/bundle.json -n", 2, "option -n wants a value",
		NULL, 0 },
	{ "no value behind letters", ONE "one/bundle.json -vn", 2, "option -n wants a value",
		NULL, 0 },
	{ "a value too many", ONE "--verbose=yes one/bundle.json", 2,
		"option --verbose takes no value", NULL, 0 },
	{ "a value for --help", "$A verify --help=all", 2, "option --help takes no value", NULL,
		0 },
	{ "a nonce too short", ONE "--nonce 00 one/bundle.json", 2, "--nonce: a nonce is 64",
		NULL, 0 },
	{ "too long", ONE "--nonce 00$(cat nonce) one/bundle.json", 2, "--nonce: a nonce is 64",
		NULL, 0 },
	{ "no hexadecimal", ONE "--nonce $(head -c 64 </dev/zero | tr '\\0' g) one/bundle.json",
		2, "--nonce: a nonce is 64", NULL, 0 },
	{ "an empty one", ONE "--nonce '' one/bundle.json", 2, "--nonce: a nonce is 64", NULL,
		0 },
	{ "another nonce",
		"$A verify --anchors one/anchors --at 2026-06-01 --nonce $(head -c 64 </dev/zero | tr '\\0' 0) one/bundle.json",
		1, NULL, "REPORT_NONCE", 0 },
	{ "the nonce twice", LOOSE "--nonce $(cat nonce) one/bundle.json", 2,
		"option --nonce twice", NULL, 0 },
	{ "the time twice", "$A verify --at 2026-06-01 --at 2026-06-02 one/bundle.json", 2,
		"option --at twice", NULL, 0 },
	{ "the anchors twice", ONE "--anchors one/anchors one/bundle.json", 2,
		"option --anchors twice", NULL, 0 },
	{ "the policy twice", ONE "--policy a -p b one/bundle.json", 2, "option --policy twice",
		NULL, 0 },
	{ "the format twice", ONE "-f json -f text one/bundle.json", 0, NULL,
		"accepted (exit 0)", 0 },
	{ "a time that is none", "$A verify --at yesterday one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "the 30th of February", "$A verify --at 2026-02-30 one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "seconds since 1970", "$A verify --at 1780272000 one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "another zone", "$A verify --at 2026-06-01T00:00:00+01:00 one/bundle.json", 2,
		"--at: a time is written", NULL, 0 },
	{ "an empty time", "$A verify --at '' one/bundle.json", 2, "--at: a time is written",
		NULL, 0 },
	{ "the year 1", "$A verify --anchors one/anchors --at 0001-01-01 one/bundle.json", 1,
		NULL, "CERT_NOT_YET", 0 },
	{ "the year 9999",
		"$A verify --anchors one/anchors --at 9999-12-31T23:59:59Z one/bundle.json", 1,
		NULL, "as of 9999-12-31", 0 },
	{ "nothing recorded", "$A verify --as-recorded one/evidence.json", 2, "--as-recorded",
		NULL, 0 },
	{ "expect words", ONE "--expect all one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect less than none", ONE "--expect -1 one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect no switch", ONE "--expect 8+ one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect three kinds", ONE "--expect 8+4+2 one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect a great many", ONE "--expect 99999999999999999999 one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect nothing", ONE "--expect '' one/bundle.json", 2,
		"--expect: a number of devices", NULL, 0 },
	{ "expect more than there are", ONE "--expect 8+4 one/bundle.json", 1, NULL,
		"DEVICE_COUNT", 0 },
	{ "a format that is none", ONE "--format xml one/bundle.json", 2,
		"--format: text, json, html or nvattest, not \"xml\"", NULL, 0 },
	{ "no format", ONE "--format '' one/bundle.json", 2,
		"--format: text, json, html or nvattest", NULL, 0 },
	{ "a page where there is no report", "$A inspect -f html words", 2,
		"--format: text or json, not \"html\"", NULL, 0 },
	{ "a page of an explanation", "$A explain -f html", 2,
		"--format: text or json, not \"html\"", NULL, 0 },
	{ "a report for nobody", ONE "-q -o said one/bundle.json", 2, "--quiet", NULL, 0 },
	{ "a report in the place of a token",
		ONE "--unsigned --token - -o said one/bundle.json", 2, "--token - takes", NULL,
		0 },
	{ "a report in no folder", ONE "-o no/said one/bundle.json", 2, "no/said: No such file",
		NULL, 0 },
	{ "a format with escapes", "$A inspect -f \"$(printf '\\033[2J')\" words", 2,
		"not \"\\x1b[2J\"", NULL, 0 },
	{ "an option for a file", ONE "-- -v", 2, "-v: No such file", NULL, 0 },
	{ "-- at the end", ONE "one/bundle.json --", 0, NULL, "accepted", 0 },
	{ "a wrong option before a wrong file", "$A verify absent --bogus", 2,
		"unknown option --bogus", NULL, 0 },
	{ "help", "$A --help", 0, NULL, "verify", 0 },
	{ "-h", "$A -h", 0, NULL, "verify", 0 },
	{ "the word help", "$A help", 0, NULL, "verify", 0 },
	{ "help for a command", "$A verify --help", 0, NULL, "--as-recorded", 0 },
	{ "help, asked the other way", "$A help verify", 0, NULL, "--as-recorded", 0 },
	{ "of a command's command", "$A help sim run", 0, NULL, "--fault", 0 },
	{ "and of another", "$A help token verify", 0, NULL, "--jwks", 0 },
	{ "of a word that has none", "$A help cache list", 0, NULL, "--cache", 0 },
	{ "help for what is none", "$A help nope", 2, "no command", NULL, 0 },
	{ "help among others", "$A verify -v -h absent", 0, NULL, "--as-recorded", 0 },
	{ "help for inspect", "$A inspect -h", 0, NULL, "--format", 0 },
	{ "help for explain", "$A explain --help", 0, NULL, "--format", 0 },
	{ "version", "$A --version", 0, NULL, "assay 0", 0 },
	{ "-V", "$A -V", 0, NULL, "assay 0", 0 },
	{ "everything explained", "$A explain", 0, NULL, "gpu.report.nonce", 0 },
	{ "as JSON", "$A explain -f json", 0, NULL, "\"gpu.report.nonce\"", 0 },
	{ "an id", "$A explain gpu.report.nonce", 0, NULL, "waivers", 0 },
	{ "a code", "$A explain REPORT_NONCE", 0, NULL, "exit 1", 0 },
	{ "a code as C spells it", "$A explain ASSAY_REPORT_NONCE", 0, NULL, "exit 1", 0 },
	{ "an unknown id", "$A explain gpu.", 2, "\"gpu.\"", NULL, 0 },
	{ "an empty id", "$A explain ''", 2, "\"\"", NULL, 0 },
	{ "an id with escapes", "$A explain \"$(printf '\\033]0;x\\007')\"", 2,
		"\\x1b]0;x\\x07", NULL, 0 },
	{ "one known, one not", "$A explain gpu.report.nonce bogus", 2, "bogus", NULL, 0 },
};

static const struct row commands[] = {
	{ "unknown", "$A frobnicate", 2, "no command \"frobnicate\"", NULL, 0 },
	{ "empty", "$A ''", 2, "no command \"\"", NULL, 0 },
	{ "an option for a command", "$A --frobnicate", 2, "no command \"--frobnicate\"", NULL,
		0 },
	{ "with escapes", "$A \"$(printf 'a\\033[31m\\302\\233')\"", 2, "a\\x1b[31m\\xc2\\x9b",
		NULL, 0 },
	{ "a path", "$A ../assay", 2, "no command", NULL, 0 },
	{ "a path to a sibling", "bin/assay ./hello", 2, "no command", NULL, 0 },
	{ "a path from the root", "$A /bin/ls", 2, "no command", NULL, 0 },
	{ "in capitals", "bin/assay HELLO", 2, "no command", NULL, 0 },
	{ "a long name", "$A $(head -c 100000 </dev/zero | tr '\\0' a)", 2, "no command \"aaaa",
		NULL, 0 },
	{ "a sibling", "bin/assay hello a -b", 0, NULL, "says a -b", 0 },
	{ "in assay's folder, not in this one", "PATH=$PWD/bin:$PATH; cd path; assay hello", 0,
		NULL, "bin/assay-hello says", 0 },
	{ "by a link", "ln -sf bin/assay link; ./link hello", 0, NULL, "bin/assay-hello says",
		0 },
	{ "in PATH only", "PATH=$PWD/path:$PATH bin/assay evil", 2, "no command \"evil\"", NULL,
		0 },
	{ "in this folder only", "bin/assay here", 2, "no command \"here\"", NULL, 0 },
	{ "PATH that is the folder", "cd path; PATH=. ../bin/assay evil", 2,
		"no command \"evil\"", NULL, 0 },
	{ "no program", "bin/assay limp", 2, "no command \"limp\"", NULL, 0 },
	{ "a folder", "bin/assay dir", 2, "no command \"dir\"", NULL, 0 },
	{ "what assay-node knows", "node/assay whatever x", 0, NULL, "assay-node says x", 0 },
	{ "a program that is not there", "bin/assay verify", 2,
		"verify needs the program assay-core", NULL, 0 },
	{ "by hand", "$(dirname $A)/assay-core explain gpu.mode", 0, NULL, "gpu.mode", 0 },
	{ "the forge", "$A forge --faults", 0, NULL, "exit", 0 },
	{ "no argument at all", "$T argv0", 2, "which command?", NULL, 0 },
	{ "no name of its own", "$T argv0 '' $A --version", 0, NULL, "assay 0", 0 },
	{ "escapes for a name", "$T argv0 \"$(printf '\\033[31m')\" $A verify", 2,
		"assay: verify", NULL, 0 },
	{ "another's name", "$T argv0 /bin/sh bin/assay hello", 0, NULL, "bin/assay-hello says",
		0 },
};

/* What counts coverage writes files, too, and says that it cannot: elsewhere, and to nobody. */
#define LIMIT "export GCOV_PREFIX=$PWD/counts GCOV_ERROR_FILE=/dev/null; ulimit -f 0; "

static const struct row streams[] = {
	{ "no standard output", ONE "one/bundle.json >&-", 70,
		"standard output: Bad file descriptor", NULL, 0 },
	{ "for help", "$A --help >&-", 70, "standard output", NULL, 0 },
	{ "for a command's help", "$A verify --help >&-", 70, "standard output", NULL, 0 },
	{ "for the version", "$A --version >&-", 70, "standard output", NULL, 0 },
	{ "for explain", "$A explain >&-", 70, "standard output", NULL, 0 },
	{ "for inspect", "$A inspect one/bundle.json >&-", 70, "standard output", NULL, 0 },
	{ "when none is needed", ONE "-q one/bundle.json >&-", 0, NULL, NULL, 0 },
	{ "no standard error", "$A verify absent 2>&-", 2, NULL, NULL, 0 },
	{ "no stream at all", "$A verify absent <&- >&- 2>&-", 2, NULL, NULL, 0 },
	{ "no stream, good", ONE "-q one/bundle.json <&- >&- 2>&-", 0, NULL, NULL, 0 },
	{ "a full disk", ONE "one/bundle.json >/dev/full", 70, "standard output: No space left",
		NULL, 0 },
	{ "as JSON", ONE "-f json one/bundle.json >/dev/full", 70, "No space left", NULL, 0 },
	{ "for help", "$A --help >/dev/full", 70, "No space left", NULL, 0 },
	{ "for a command's help", "$A inspect -h >/dev/full", 70, "No space left", NULL, 0 },
	{ "for the version", "$A --version >/dev/full", 70, "No space left", NULL, 0 },
	{ "for explain", "$A explain >/dev/full", 70, "No space left", NULL, 0 },
	{ "for inspect", "$A inspect pp/bundle.json >/dev/full", 70, "No space left", NULL, 0 },
	{ "a reader that leaves", "$A inspect pp/bundle.json | head -c 1 >x; wc -c <x", 0, NULL,
		"1", 0 },
	{ "and its signal ignored",
		"trap '' PIPE; { $A inspect pp/bundle.json; echo $? >x; } | true; cat x", 0,
		"Broken pipe", "70", 0 },
	{ "a reader of JSON that leaves", ONE "-f json one/bundle.json | head -c 1", 0, NULL,
		"{", 0 },
	{ "a file over the limit leaves nothing",
		LIMIT ONE "-o bounded one/bundle.json; s=$?; echo bounded*; exit $s", 2,
		"bounded: File too large", "bounded*", 0 },
	{ "a bundle over the limit",
		LIMIT
		"$A gather --offline --no-cache -o bounded one/bundle.json; s=$?; echo bounded*; exit $s",
		2, "bounded: File too large", "bounded*", 0 },
	{ "a token over the limit",
		LIMIT ONE
		"--unsigned --token bounded one/bundle.json; s=$?; echo bounded*; exit $s",
		2, "--token: bounded: File too large", "bounded*", 0 },
	{ "output over the limit", LIMIT "$A explain >x; s=$?; exit $s", 70,
		"standard output: File too large", NULL, 0 },
	{ "a command of the emulator's has its signals back",
		"$A sim run --no-fuse -- sh -c 'ulimit -f 0; cat one/bundle.json >bounded' 2>x; echo $?",
		0, NULL, "153", 0 },
	{ "a bundle to a full disk",
		"$A gather --offline --no-cache one/bundle.json >/dev/full", 70,
		"standard output: No space left", NULL, 0 },
	{ "a report to it by name", ONE "-o - one/bundle.json >/dev/full", 70,
		"standard output: No space left", NULL, 0 },
	{ "standard output to the input",
		"cp one/bundle.json b; " ONE "b 1<>b; cmp b one/bundle.json >x || echo differs",
		0, NULL, "differs", 0 },
};

static const struct row environment[] = {
	{ "another tool's root",
		"NV_DEVICE_ROOT_CERT=one/anchors/nvidia-device.pem $A verify --at 2026-06-01 one/bundle.json",
		1, "NV_DEVICE_ROOT_CERT is ignored; use --anchors DIR", "CHAIN_ROOT", 0 },
	{ "another tool's holds", "NV_ALLOW_HOLD_CERT=true " ONE "one/bundle.json", 0,
		"NV_ALLOW_HOLD_CERT is ignored; use a waiver", "accepted", 0 },
	{ "both", "NV_ALLOW_HOLD_CERT= NV_DEVICE_ROOT_CERT= " ONE "one/bundle.json", 0,
		"NV_DEVICE_ROOT_CERT is ignored", "accepted", TWO },
	{ "test anchors", "ASSAY_ANCHORS=one/anchors $A verify --as-recorded one/bundle.json",
		0, NULL, "TEST ANCHORS", 0 },
	{ "test anchors, all",
		"ASSAY_ANCHORS=one/anchors $A verify -v --as-recorded one/bundle.json", 0, NULL,
		"TEST ANCHORS", 0 },
	{ "test anchors, as JSON",
		"ASSAY_ANCHORS=one/anchors $A verify -f json --as-recorded one/bundle.json", 0,
		NULL, "\"anchors\": \"TEST ANCHORS\"", JSON },
	{ "test anchors, a broken file", "ASSAY_ANCHORS=one/anchors $A verify -f json open", 6,
		NULL, "\"anchors\": \"TEST ANCHORS\"", BROKEN },
	{ "test anchors, rejected",
		"ASSAY_ANCHORS=two/anchors $A verify --as-recorded one/bundle.json", 1, NULL,
		"TEST ANCHORS", 0 },
	{ "test anchors that are absent",
		"ASSAY_ANCHORS=absent $A verify --as-recorded one/bundle.json", 2,
		"ASSAY_ANCHORS: absent/nvidia-device.pem", NULL, 0 },
	{ "the option before it", "ASSAY_ANCHORS=two/anchors " ONE "one/bundle.json", 0, NULL,
		"TEST ANCHORS", 0 },
	{ "none", "ASSAY_ANCHORS= $A verify --as-recorded one/bundle.json", 1, NULL,
		"CHAIN_ROOT", 0 },
	{ "colour on a terminal", "TERM=xterm script -qec \"" ONE "one/bundle.json\" /dev/null",
		0, NULL, "\033[32maccepted", TERMINAL },
	{ "NO_COLOR", "NO_COLOR=1 TERM=xterm script -qec \"" ONE "one/bundle.json\" /dev/null",
		0, NULL, "\r\naccepted", TERMINAL },
	{ "an empty NO_COLOR",
		"NO_COLOR= TERM=xterm script -qec \"" ONE "one/bundle.json\" /dev/null", 0,
		NULL, "\033[32maccepted", TERMINAL },
	{ "a dumb terminal", "TERM=dumb script -qec \"" ONE "one/bundle.json\" /dev/null", 0,
		NULL, "\r\naccepted", TERMINAL },
	{ "no TERM", "script -qec \"unset TERM; " ONE "one/bundle.json\" /dev/null", 0, NULL,
		"\r\naccepted", TERMINAL },
	{ "JSON on a terminal",
		"TERM=xterm script -qec \"" ONE "-f json one/bundle.json\" /dev/null", 0, NULL,
		"\"verdict\": \"accepted\"", TERMINAL },
	{ "a narrow terminal",
		"TERM=xterm script -qec \"stty cols 1; " ONE "one/bundle.json\" /dev/null", 0,
		NULL, "33 of 33", TERMINAL },
	{ "a node on a narrow terminal",
		"NO_COLOR=1 TERM=xterm script -qec \"stty cols 60; " NODE
		"pp/bundle.json\" /dev/null",
		0, NULL, "ok    33 of 33", TERMINAL },
	{ "a long line in a pipe",
		"$A verify --anchors pp/anchors --at 2030-01-01 --rim pp/rims pp/evidence.json",
		1, NULL, "31 of 31\n", 0 },
};

static const struct row forge[] = {
	{ "help", "$F --help", 0, NULL, "--profile", 0 },
	{ "faults", "$F --faults", 0, NULL, "exit", 0 },
	{ "nothing", "$F", 2, "where to?", NULL, 0 },
	{ "an unknown option", "$F --bogus", 2, "unknown option --bogus", NULL, 0 },
	{ "no value", "$F -o", 2, "-o wants a value", NULL, 0 },
	{ "two folders", "$F -o x --output y", 2, "option --output twice", NULL, 0 },
	{ "an argument", "$F -o x y", 2, "one argument too many", NULL, 0 },
	{ "too many GPUs", "$F --gpus 999 -o x", 2, "--gpus: 999: not a number", NULL, 0 },
	{ "words for GPUs", "$F --gpus all -o x", 2, "not a number", NULL, 0 },
	{ "an unknown fault", "$F --fault \"$(printf '\\033')\" -o x", 2, "\\x1b", NULL, 0 },
	{ "an unknown profile", "$F --profile huge -o x", 2, "single or ppcie", NULL, 0 },
	{ "a nonce", "$F --nonce 00 -o x", 2, "64 hex digits", NULL, 0 },
	{ "a time", "$F --at now -o x", 2, "--at", NULL, 0 },
	{ "a file for a folder", "$F -o empty", 2, "empty", NULL, 0 },
	{ "no folder above", "$F -o absent/x", 2, "absent", NULL, 0 },
	{ "an empty name", "$F -o ''", 2, "assay-forge: ", NULL, 0 },
	{ "a full disk", "$F --faults >/dev/full", 70, "standard output", NULL, 0 },
	{ "a full disk for help", "$F --help >/dev/full", 70, "standard output", NULL, 0 },
	{ "no standard output", "$F --help >&-", 70, "standard output", NULL, 0 },
};

/* Marks, which the program that has the store keeps: old collateral that is in date, once newer one was seen. */
#define QUOTE(dir)                                                             \
	"$A verify --anchors new/anchors --nonce $(cat nonce) --eventlog " dir \
	"/tdx/ccel.bin --collateral " dir "/tdx " dir "/tdx/quote.bin "
#define OLD QUOTE("old")
#define NEW QUOTE("new")

static const struct row marks[] = {
	{ "one of today, one of ten days ago",
		"$A forge --tdx --at $(date -u +%FT%TZ) -o new && "
		"$A forge --tdx --at $(date -u -d '-10 days' +%FT%TZ) -o old",
		0, NULL, "", 0 },
	{ "an old one", OLD "--marks m.db", 0, NULL, "accepted", 0 },
	{ "a new one", NEW "--marks m.db", 0, NULL, "accepted", 0 },
	{ "the old one again", OLD "--marks m.db", 3, NULL, "CRL_ROLLBACK", 0 },
	{ "as JSON", OLD "--marks m.db -f json", 3, NULL, "JSON_ROLLBACK", JSON },
	{ "by standard input",
		"cat old/tdx/quote.bin | $A verify --anchors new/anchors --marks m.db "
		"--collateral old/tdx -",
		3, NULL, "CRL_ROLLBACK", 0 },
	{ "what was not accepted leaves none",
		"$A verify --anchors new/anchors --marks u.db --collateral new/tdx new/tdx/quote.bin >x; "
		"echo $?; $A cache marks --cache u.db | wc -l",
		0, NULL, "3\n0\n", 0 },
	{ "in another file", OLD "--marks other.db", 0, NULL, "accepted", 0 },
	{ "without marks", OLD, 0, NULL, "accepted", 0 },
	{ "of another time", OLD "--marks m.db --at 2026-06-01", 2, "judged now", NULL, 0 },
	{ "as recorded", ONE "--marks m.db one/bundle.json", 2, "judged now", NULL, 0 },
	{ "in no store", "echo no >bad.db; " OLD "--marks bad.db", 4, "bad.db", NULL, 0 },
	{ "listed", "$A cache marks --cache m.db", 0, NULL, "pcs:qeidentity  evaluation 18\n",
		0 },
	{ "listed as JSON",
		"$A cache marks --cache m.db -f json | python3 -m json.tool | grep -c put", 0,
		NULL, "6\n", 0 },
	{ "left alone", "$A cache prune --all --cache m.db; $A cache marks --cache m.db", 0,
		NULL, "pcs:rootcrl  of 20", 0 },
	{ "forget what?", "$A cache forget --cache m.db", 2, "which wants", NULL, 0 },
	{ "forget both?", "$A cache forget --all --cache m.db x", 2, "which wants", NULL, 0 },
	{ "one", "$A cache forget --cache m.db pcs:rootcrl", 0, NULL, "1 forgotten", 0 },
	{ "the others still", OLD "--marks m.db", 3, NULL, "JSON_ROLLBACK", 0 },
	{ "all", "$A cache forget --all --cache m.db", 0, NULL, "forgotten", 0 },
	{ "and it is as at first", OLD "--marks m.db", 0, NULL, "accepted", 0 },
};

ROWS_TEST(good)
ROWS_TEST(marks)
ROWS_TEST(options)
ROWS_TEST(commands)
ROWS_TEST(streams)
ROWS_TEST(environment)
ROWS_TEST(forge)

/* Nothing of the environment changes what is said. */
static const char *const worlds[] = {
	"LC_ALL=tr_TR.UTF-8",
	"LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8",
	"LC_ALL=C.UTF-8",
	"LANG=\"$(printf '\\033[31m')\"",
	"LANGUAGE=de LANG=ja_JP.SJIS",
	"TZ=Pacific/Kiritimati",
	"TZ=:/etc/passwd",
	"HOME=/nonexistent",
	"env -u HOME",
	"env -i",
	"TERM=xterm COLUMNS=10 LINES=1",
	"OPENSSL_CONF=poison.cnf",
	"OPENSSL_CONF=/dev/zero OPENSSL_MODULES=/nonexistent OPENSSL_ENGINES=/nonexistent",
	"SSL_CERT_FILE=/nonexistent SSL_CERT_DIR=/nonexistent",
	"XML_CATALOG_FILES=file:///dev/zero SGML_CATALOG_FILES=/dev/zero XML_DEBUG_CATALOG=1",
	"LIBSMARTCOLS_DEBUG=all LIBSMARTCOLS_DEBUG_PADDING=on",
	"TERMINAL_COLORS_DEBUG=all",
	"POSIXLY_CORRECT=1",
	"MALLOC_PERTURB_=165",
	"FAKETIME=-10y",
};

static void test_worlds(void **state)
{
	struct ran plain, r;
	size_t     bad = 0;

	(void)state;
	run(&plain, "env " ONE "-f json one/bundle.json; " ONE "-v one/bundle.json");
	assert_int_equal(plain.status, 0);
	for (size_t i = 0; i < ARRAY_LEN(worlds); i++) {
		const char *as = strncmp(worlds[i], "env", 3) == 0 ? "" : "env ";

		run(&r, "%s%s " ONE "-f json one/bundle.json; %s%s " ONE "-v one/bundle.json",
			as, worlds[i], as, worlds[i]);
		if (r.status != 0 || r.err.n != 0 ||
			!bytes_equal(buf_bytes(&r.out), buf_bytes(&plain.out))) {
			ran_tell(worlds[i], "not what is said elsewhere", &r);
			bad++;
		}
		ran_done(&r);
	}
	ran_done(&plain);
	assert_int_equal(bad, 0);
}

static void test_memory(void **state)
{
	struct ran r;

	(void)state;
	if (TEST_SANITIZED)
		skip();
	run(&r, "$A verify --anchors one/anchors one/evidence.json");
	print_message("%ld KiB\n", r.rss_kib);
	assert_int_equal(r.status, 3);
	assert_true(r.rss_kib < RSS_ONE);
	ran_done(&r);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_streams),
		cmocka_unit_test(test_environment),
		cmocka_unit_test(test_worlds),
		cmocka_unit_test(test_forge),
	};

	run_helper(argc, argv);
	return cmocka_run_group_tests_name("cmd", tests, fixture_open, fixture_close);
}
