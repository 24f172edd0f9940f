/* SPDX-License-Identifier: Apache-2.0
 *
 * A host's driver library, as far as tools/try-portable needs one: linked with the host's older libc, and with the parts
 * that libc has since taken in (libpthread, libdl, libm), each of which it uses. */
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

int nvmlInit_v2(void);
int nvmlSystemGetDriverVersion(char *version, unsigned length);

static volatile double two = 2;

static void *work(void *arg)
{
	*(double *)arg = pow(two, 10);
	return NULL;
}

int nvmlInit_v2(void)
{
	pthread_t thread;
	double    result = 0;

	if (pthread_create(&thread, NULL, work, &result) != 0 ||
		pthread_join(thread, NULL) != 0 || result < 1023.5 || result > 1024.5)
		return 1;
	return dlsym(RTLD_DEFAULT, "malloc") == NULL;
}

int nvmlSystemGetDriverVersion(char *version, unsigned length)
{
	static const char text[] = "of the host";

	if (length < sizeof(text))
		return 1;
	memcpy(version, text, sizeof(text));
	return 0;
}
