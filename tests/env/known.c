/* SPDX-License-Identifier: Apache-2.0 */
#include "env/known.h"

#include <stdlib.h>

#include "test.h"

struct data    data;
struct sources sources;
struct crypto  crypto;

int known_open(void **state)
{
	CLEANUP(buf_done) struct buf dir = { 0 }, text = { 0 }, path = { 0 };
	struct assay_err             e = { 0 };

	(void)state;
	buf_printf(&dir, "%s/data", getenv("ASSAY_SOURCE"));
	test_must(data_read(buf_cstr(&dir), &data, &e), &e);
	buf_printf(&path, "%s/downloads.json", buf_cstr(&dir));
	test_read(buf_cstr(&path), &text);
	test_must(sources_take(buf_bytes(&text), &sources, &e), &e);
	test_must(crypto_open(&crypto, &e), &e);
	return 0;
}

int known_close(void **state)
{
	(void)state;
	data_done(&data);
	sources_done(&sources);
	crypto_done(&crypto);
	return 0;
}
