/* SPDX-License-Identifier: Apache-2.0 */
#include "collect/kernel.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#define DATA_AT   568
#define SHARED    16384
#define HEADER    24
#define FRAMED    1052
#define BARE      1024
#define REPORT_AT 28 /* in a framed request: length, head, two sizes */

static void put_le(uint8_t *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

void kernel_quote(const uint8_t data[KERNEL_DATA], uint8_t out[KERNEL_QUOTE])
{
	static const uint8_t head[] = { 4, 0, 2, 0, 0x81, 0, 0, 0, 0, 0, 0, 0, 0x93, 0x9a, 0x72,
		0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07 };

	memset(out, 0, KERNEL_QUOTE);
	memcpy(out, head, sizeof(head));
	memcpy(out + DATA_AT, data, KERNEL_DATA);
	put_le(out + 632, KERNEL_QUOTE - 636, 4); /* the signature section */
	out[636 + 31] = out[636 + 63] = out[1154 + 31] = out[1154 + 63] =
		1; /* r and s of both */
	put_le(out + 764, 6, 2);
	put_le(out + 766, KERNEL_QUOTE - 770, 4);
	put_le(out + 1220, 5, 2); /* behind no authentication data: the certificates */
	put_le(out + 1222, KERNEL_QUOTE - 1226, 4);
	memset(out + 1226, '-', KERNEL_QUOTE - 1226);
}

static bool ends(const char *path, const char *with)
{
	const size_t n = strlen(path), m = strlen(with);

	return n >= m && strcmp(path + n - m, with) == 0;
}

static int on_make(void *ctx, const char *path)
{
	struct kernel *k = ctx;

	if (strcmp(path, "sys/kernel/config/tsm/rtmrs/rtmr3") == 0)
		return !k->rtmrs ? ENOENT : k->rtmrs_there ? EEXIST : 0;
	assert_non_null(strstr(path, "sys/kernel/config/tsm/report/assay."));
	if (k->make != 0)
		return k->make;
	assert_int_equal(k->made, k->removed);
	k->made++;
	k->generation = 0;
	k->asked      = false;
	return 0;
}

static int on_remove(void *ctx, const char *path)
{
	struct kernel *k = ctx;

	assert_non_null(strstr(path, "tsm/report/assay."));
	k->removed++;
	return 0;
}

static int read_blob(struct kernel *k, size_t limit, struct buf *out)
{
	struct bytes b  = { k->blob, k->blob_n };
	const int    no = k->reads < KERNEL_SCRIPT ? k->out[k->reads] : 0;

	k->reads++;
	assert_true(k->asked);
	if (no != 0)
		return no;
	kernel_quote(k->in, k->made_quote);
	if (k->blob == NULL)
		b = BYTES_OF(k->made_quote);
	if (b.n > limit)
		return EFBIG;
	buf_put(out, b.p, b.n);
	if (k->interfere > 0) {
		k->interfere--;
		k->generation++;
	}
	return 0;
}

static int put_text(struct buf *out, const char *text)
{
	buf_text(out, text);
	return 0;
}

static int on_read(void *ctx, const char *path, size_t limit, struct buf *out)
{
	struct kernel *k = ctx;

	if (strcmp(path, "etc/tdx-attest.conf") == 0)
		return k->config == NULL ? (k->config_no == 0 ? ENOENT : k->config_no)
					 : put_text(out, k->config);
	assert_int_equal(k->made, k->removed + 1);
	if (ends(path, "/provider"))
		return k->provider_no != 0
			? k->provider_no
			: put_text(out, k->provider == NULL ? "tdx_guest\n" : k->provider);
	if (ends(path, "/generation") && k->generation_no != 0)
		return k->generation_no;
	if (ends(path, "/generation") && k->generation_text != NULL)
		return put_text(out, k->generation_text);
	if (ends(path, "/generation")) {
		buf_printf(out, "%" PRIu64 "\n", k->generation);
		return 0;
	}
	assert_true(ends(path, "/outblob"));
	return read_blob(k, limit, out);
}

static int extended(struct kernel *k, const char *by, struct bytes digest)
{
	assert_int_equal(digest.n, 48);
	if (k->extend_no != 0)
		return k->extend_no;
	memcpy(k->rtmr[3], digest.p, digest.n);
	k->extended_by = by;
	return 0;
}

static int on_write(void *ctx, const char *path, struct bytes in)
{
	struct kernel *k = ctx;

	if (ends(path, "/measurements/rtmr3:sha384"))
		return k->sysfs ? extended(k, "sysfs", in) : ENOENT;
	if (ends(path, "/rtmrs/rtmr3/index")) {
		assert_false(k->rtmrs_there);
		assert_true(bytes_equal(in, BYTES("3")));
		return 0;
	}
	if (ends(path, "/rtmrs/rtmr3/digest"))
		return extended(k, "configfs", in);

	assert_true(ends(path, "/inblob"));
	assert_int_equal(in.n, KERNEL_DATA);
	if (k->write != 0)
		return k->write;
	memcpy(k->in, in.p, in.n);
	k->asked = true;
	k->generation++;
	return 0;
}

static int on_open(void *ctx, const char *path, int *fd)
{
	struct kernel *k   = ctx;
	const bool     old = strcmp(path, "dev/tdx-guest") == 0;

	assert_true(old || strcmp(path, "dev/tdx_guest") == 0);
	if (old ? k->old_open != 0 : k->open != 0)
		return old ? k->old_open : k->open;
	k->opened++;
	*fd = 1000;
	return 0;
}

static void on_close(void *ctx, int fd)
{
	assert_int_equal(fd, 1000);
	((struct kernel *)ctx)->opened--;
}

static int report(struct kernel *k, uint8_t *arg)
{
	uint8_t *r = arg + KERNEL_DATA;

	if (k->report_no != 0)
		return k->report_no;
	memcpy(k->in, arg, KERNEL_DATA);
	memset(r, 0, 1024);
	r[0] = 0x81;
	memcpy(r + 128, arg, KERNEL_DATA);
	if (k->other_report)
		r[128] ^= 1;
	return 0;
}

/* The host's answer, in the buffer that guest and host share. */
static void answer(struct kernel *k, uint8_t *b, bool framed)
{
	const uint8_t *tdreport = b + HEADER + (framed ? REPORT_AT : 0);
	uint8_t       *out      = b + HEADER;
	const uint32_t n        = KERNEL_QUOTE + (framed ? REPORT_AT : 0);

	assert_int_equal(tdreport[0], 0x81);
	assert_memory_equal(tdreport + 128, k->in, KERNEL_DATA);
	kernel_quote(k->in, k->made_quote);
	put_le(b + 8, framed ? k->status : k->bare_status, 8);
	put_le(b + 20, k->out_len == 0 ? n : k->out_len, 4);
	memset(out, 0, SHARED - HEADER);
	if (framed) {
		out[2] = (uint8_t)((n - 4) >> 8);
		out[3] = (uint8_t)(n - 4);
		put_le(out + 4, 1, 4);
		put_le(out + 8, 1, 4);
		put_le(out + 12, n - 4, 4);
		put_le(out + 24, KERNEL_QUOTE, 4);
	}
	memcpy(out + (framed ? REPORT_AT : 0), k->made_quote, KERNEL_QUOTE);
	if (k->garbage)
		memset(out, 0xaa, n);
}

static int quote(struct kernel *k, const uint64_t *arg)
{
	uint8_t       *b  = (uint8_t *)(uintptr_t)arg[0];
	const unsigned in = b[16] | (unsigned)b[17] << 8;
	const int      no = k->quotes < KERNEL_SCRIPT ? k->quote[k->quotes] : 0;

	assert_int_equal(arg[1], SHARED);
	assert_int_equal(arg[0] % 4096, 0);
	assert_int_equal(b[0], 1); /* version */
	assert_true(in == FRAMED || in == BARE);
	k->quotes++;
	k->bare += in == BARE;
	if (no == 0)
		answer(k, b, in == FRAMED);
	return no;
}

static int extend(struct kernel *k, const uint8_t *arg)
{
	if (k->extend_no != 0)
		return k->extend_no;
	assert_in_range(arg[48], 2, 3);
	memcpy(k->rtmr[arg[48]], arg, 48);
	k->extended_by = "ioctl";
	return 0;
}

static const struct {
	unsigned long       command;
	enum kernel_command bit;
} commands[] = {
	{ 0xc4405401UL, KERNEL_REPORT },
	{ 0x80105404UL, KERNEL_QUOTE_R },
	{ 0xc0105404UL, KERNEL_QUOTE_RW },
	{ 0xc0105402UL, KERNEL_QUOTE_2 },
	{ 0x80315403UL, KERNEL_EXTEND_R },
	{ 0x40315403UL, KERNEL_EXTEND_W },
};

static int on_ioctl(void *ctx, int fd, unsigned long command, void *arg)
{
	struct kernel *k   = ctx;
	unsigned       bit = 0;

	assert_int_equal(fd, 1000);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (commands[i].command == command)
			bit = commands[i].bit & k->known;
	if (bit == 0)
		return ENOTTY;
	if (bit == KERNEL_REPORT)
		return report(k, arg);
	return bit == KERNEL_EXTEND_R || bit == KERNEL_EXTEND_W ? extend(k, arg)
								: quote(k, arg);
}

static int64_t on_now(void *ctx)
{
	return ((struct kernel *)ctx)->now;
}

static void on_wait(void *ctx, int ms)
{
	((struct kernel *)ctx)->now += ms;
	((struct kernel *)ctx)->waits++;
}

struct guest_calls kernel_calls(struct kernel *k)
{
	return (struct guest_calls){
		.ctx    = k,
		.make   = on_make,
		.remove = on_remove,
		.read   = on_read,
		.write  = on_write,
		.open   = on_open,
		.ioctl  = on_ioctl,
		.close  = on_close,
		.now    = on_now,
		.wait   = on_wait,
	};
}
