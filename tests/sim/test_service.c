/* SPDX-License-Identifier: Apache-2.0
 *
 * The services of a running platform, by HTTP: what is right, what is wrong, what is too much. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "door/socket.h"
#include "sim/live.h"

#define NOBODY 65534

static struct live live;

static const struct {
	const char  *name, *method, *path, *type;
	struct bytes body;
	unsigned     status;
	const char  *head, *says; /* parts of header and body; NULL: not looked at */
} rows[] = {
	{ "a RIM", "GET", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03", NULL, { 0 }, 200,
		"Content-Type: application/json", "\"rim_format\":\"TCG\"" },
	{ "of another release", "GET", "/v1/rim/NV_GPU_DRIVER_GH100_570.172.08", NULL, { 0 },
		200, NULL, "\"id\":\"NV_GPU_DRIVER_GH100_570.172.08\"" },
	{ "its head alone", "HEAD", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03", NULL, { 0 }, 200,
		"Content-Length: ", "" },
	{ "the list", "GET", "/v1/rim/ids", NULL, { 0 }, 200, NULL, "\"NV_GPU_VBIOS_" },
	{ "no such RIM", "GET", "/v1/rim/NV_NOTHING", NULL, { 0 }, 404, NULL, "not found" },
	{ "an empty id", "GET", "/v1/rim/", NULL, { 0 }, 404, NULL, NULL },
	{ "an id with a path", "GET", "/v1/rim/../../etc/passwd", NULL, { 0 }, 404, NULL,
		NULL },
	{ "an id with a NUL", "GET", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03%00x", NULL, { 0 },
		404, NULL, NULL },
	{ "escapes", "GET", "/v1/rim/%69ds", NULL, { 0 }, 200, NULL, "ids" },
	{ "half an escape", "GET", "/v1/rim/%6", NULL, { 0 }, 404, NULL, NULL },

	{ "OCSP without a request", "POST", "/ocsp", "application/ocsp-request", { 0 }, 200,
		"application/ocsp-response", "0\3\n\1\1" },
	{ "OCSP of nonsense", "POST", "/", "application/ocsp-request", BYTES("nonsense"), 200,
		"application/ocsp-response", "0\3\n\1\1" },
	{ "OCSP by GET, nonsense", "GET", "/ocsp/AAAA", NULL, { 0 }, 200, NULL, "0\3\n\1\1" },
	{ "OCSP of another type", "POST", "/ocsp", "text/plain", BYTES("x"), 415, NULL, NULL },

	{ "QE identity", "GET", "/tdx/certification/v4/qe/identity", NULL, { 0 }, 200,
		"SGX-Enclave-Identity-Issuer-Chain: -----BEGIN%20CERTIFICATE-----%0A",
		"{\"enclaveIdentity\":{\"id\":\"TD_QE\"" },
	{ "an early one", "GET", "/tdx/certification/v4/qe/identity?update=early", NULL, { 0 },
		200, "Request-ID: ", NULL },
	{ "neither early nor standard", "GET", "/tdx/certification/v4/qe/identity?update=late",
		NULL, { 0 }, 400, NULL, NULL },
	{ "both kinds of choice", "GET",
		"/tdx/certification/v4/qe/identity?update=early&tcbEvaluationDataNumber=18",
		NULL, { 0 }, 400, NULL, NULL },
	{ "an old edition", "GET",
		"/tdx/certification/v4/qe/identity?tcbEvaluationDataNumber=2", NULL, { 0 }, 410,
		NULL, NULL },
	{ "one to come", "GET", "/tdx/certification/v4/qe/identity?tcbEvaluationDataNumber=99",
		NULL, { 0 }, 404, NULL, NULL },
	{ "which editions there are", "GET", "/tdx/certification/v4/tcbevaluationdatanumbers",
		NULL, { 0 }, 200, "TCB-Evaluation-Data-Numbers-Issuer-Chain: -----BEGIN%20",
		"\"tcbEvalNumbers\":[{\"tcbEvaluationDataNumber\":18," },
	{ "TCB info of nothing", "GET", "/tdx/certification/v4/tcb", NULL, { 0 }, 400, NULL,
		NULL },
	{ "of another platform", "GET", "/tdx/certification/v4/tcb?fmspc=000000000000", NULL,
		{ 0 }, 404, NULL, NULL },
	{ "the PCK CRL", "GET", "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", NULL,
		{ 0 }, 200, "SGX-PCK-CRL-Issuer-Chain: ", "0\202" },
	{ "as PEM", "GET", "/sgx/certification/v4/pckcrl?ca=processor", NULL, { 0 }, 200, NULL,
		"-----BEGIN X509 CRL-----" },
	{ "of no authority", "GET", "/sgx/certification/v4/pckcrl?ca=both", NULL, { 0 }, 400,
		NULL, NULL },
	{ "in no encoding", "GET", "/sgx/certification/v4/pckcrl?ca=platform&encoding=ber",
		NULL, { 0 }, 400, NULL, NULL },
	{ "the root's CRL", "GET", "/IntelSGXRootCA.der", NULL, { 0 }, 200,
		"application/pkix-crl", NULL },
	{ "in hexadecimal", "GET", "/sgx/certification/v4/rootcacrl", NULL, { 0 }, 200, NULL,
		"3082" },
	{ "the PCK certificate", "GET",
		"/sgx/certification/v4/pckcert?encrypted_ppid=00&cpusvn=00&pcesvn=0d00&pceid=0000",
		NULL, { 0 }, 200, "SGX-TCBm: ", "-----BEGIN CERTIFICATE-----" },
	{ "not said of which", "GET", "/sgx/certification/v4/pckcert?cpusvn=00", NULL, { 0 },
		400, NULL, NULL },
	{ "no such thing of Intel's", "GET", "/sgx/certification/v4/nothing", NULL, { 0 }, 404,
		NULL, NULL },

	{ "no such path", "GET", "/", NULL, { 0 }, 404, NULL, NULL },
	{ "another method", "DELETE", "/v1/rim/ids", NULL, { 0 }, 405, NULL, NULL },
	{ "POST where GET belongs", "POST", "/v1/rim/ids", "text/plain", BYTES("x"), 404, NULL,
		NULL },
};

/* Also for bodies with NULs. */
static bool holds(const struct buf *b, const char *part)
{
	return part[0] == '\0' || (b->n > 0 && memmem(b->p, b->n, part, strlen(part)) != NULL);
}

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf head = { 0 }, body = { 0 };

		print_message("%s\n", rows[i].name);
		assert_int_equal(live_http(&live, rows[i].method, rows[i].path, rows[i].type,
					 rows[i].body, &head, &body),
			rows[i].status);
		assert_true(rows[i].head == NULL || holds(&head, rows[i].head));
		assert_true(rows[i].says == NULL || holds(&body, rows[i].says));
	}
}

/* In a child that has become somebody else: the number of what is wrong, 77 when it cannot become one. */
static int be_a_stranger(int folder)
{
	static const struct {
		enum wire_door door;
		const char    *name;
		int32_t        rc;
		const char    *says;
	} asks[] = {
		{ WIRE_NVML, "nvmlSystemGetDriverVersion", 0, "580." },
		{ WIRE_NVML, "nvmlSystemSetConfComputeGpusReadyState", 4, "" },
		{ WIRE_NVML, "nvmlDeviceSetConfComputeUnprotectedMemSize", 4, "" },
		{ WIRE_CONTROL, "stop", 2, "somebody else's" },
		{ WIRE_CONTROL, "env", 2, "somebody else's" },
	};

	if (setresuid(NOBODY, NOBODY, NOBODY) != 0 || prctl(PR_SET_DUMPABLE, 1) != 0)
		return 77; /* /proc/self/fd is the dumpable's alone */
	for (size_t i = 0; i < ARRAY_LEN(asks); i++) {
		CLEANUP(buf_done) struct buf got = { 0 };
		struct assay_err             e   = { 0 };
		int32_t                      rc  = -1;
		int                          fd  = socket_connect(folder);

		if (fd < 0 ||
			socket_ask(fd, asks[i].door, asks[i].name, &got, &rc, &e) != ASSAY_OK ||
			rc != asks[i].rc || strstr(buf_cstr(&got), asks[i].says) == NULL)
			return (int)i + 1;
		close(fd);
	}
	return 0;
}

/* Everybody may ask the devices; nobody else may set them, or end them. */
static void strangers(void **state)
{
	int   folder, status;
	pid_t child;

	(void)state;
	if (geteuid() != 0) {
		print_message("skipped: root alone can be somebody else\n");
		skip();
	}
	assert_int_equal(chmod(live.state, 0755), 0);
	folder = open(live.state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	child  = fork();
	if (child == 0)
		_exit(be_a_stranger(folder));
	assert_int_equal(waitpid(child, &status, 0), child);
	close(folder);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	live_say(&live, "status"); /* goes on */
}

/* Nothing of it may end the platform, which must answer afterwards as before. */
static void too_much(void **state)
{
	CLEANUP(buf_done) struct buf big = { 0 }, path = { 0 }, out = { 0 };
	unsigned                     status;

	(void)state;
	assert_non_null(buf_room(&big, 70 * 1024));
	memset(big.p, 'x', big.n);
	assert_int_equal(live_http(&live, "POST", "/ocsp", "application/ocsp-request",
				 buf_bytes(&big), NULL, &out),
		413);
	buf_text(&path, "/v1/rim/");
	for (size_t i = 0; i < 60000; i++)
		buf_byte(&path, 'x');
	status = live_http(
		&live, "GET", buf_cstr(&path), NULL, (struct bytes){ 0 }, NULL, &out);
	assert_true(status == 414 || status == 431 || status == 0);
	path.n = 400;
	buf_done(&out);
	assert_int_equal(
		live_http(&live, "GET", buf_cstr(&path), NULL, (struct bytes){ 0 }, NULL, &out),
		404);
	buf_done(&out);
	assert_int_equal(
		live_http(&live, "GET", "/v1/rim/ids", NULL, (struct bytes){ 0 }, NULL, &out),
		200);
}

/* More connections than it takes, all silent; then it goes on. */
static void crowd(void **state)
{
	CLEANUP(buf_done) struct buf out = { 0 };
	struct sockaddr_in           to  = { .sin_family = AF_INET,
			   .sin_addr                     = { htonl(INADDR_LOOPBACK) } };
	int                          fd[400];
	unsigned                     port = 0;

	(void)state;
	assert_int_equal(sscanf(strrchr(live.url, ':'), ":%u", &port), 1);
	to.sin_port = htons((uint16_t)port);
	for (size_t i = 0; i < ARRAY_LEN(fd); i++) {
		fd[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_true(fd[i] >= 0);
		connect(fd[i], (const struct sockaddr *)&to, sizeof(to));
	}
	for (size_t i = 0; i < ARRAY_LEN(fd); i++)
		close(fd[i]);
	assert_int_equal(
		live_http(&live, "GET", "/v1/rim/ids", NULL, (struct bytes){ 0 }, NULL, &out),
		200);
}

/* What a fault makes of every answer. */
static void struck(void **state)
{
	static const struct {
		const char *words, *path;
		unsigned    status; /* 0: no whole answer */
	} faults[] = {
		{ "fault rim-service-down", "/v1/rim/ids", 503 },
		{ "fault rim-service-garbage", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03", 200 },
		{ "fault rim-service-redirect", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03", 302 },
		{ "fault rim-service-short", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03", 0 },
		{ "fault rim-service-hang", "/v1/rim/NV_GPU_DRIVER_GH100_580.159.03", 0 },
		{ "fault rim-service-hang", "/v1/rim/ids", 200 },
		{ "fault pcs-short", "/IntelSGXRootCA.der", 0 },
		{ "fault pcs-garbage", "/IntelSGXRootCA.der", 200 },
		{ "fault none", "/IntelSGXRootCA.der", 200 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		CLEANUP(buf_done) struct buf out = { 0 };

		print_message("%s %s\n", faults[i].words, faults[i].path);
		live_say(&live, faults[i].words);
		live.mute = faults[i].status == 0
			? live_mute(faults[i].words + strlen("fault "))
			: LIVE_NOBODY;
		assert_int_equal(live_http(&live, "GET", faults[i].path, NULL,
					 (struct bytes){ 0 }, NULL, &out),
			faults[i].status);
	}
}

static int set_up(void **state)
{
	(void)state;
	live_open(&live, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	live_close(&live);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(strangers),
		cmocka_unit_test(too_much),
		cmocka_unit_test(crowd),
		cmocka_unit_test(struck),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
