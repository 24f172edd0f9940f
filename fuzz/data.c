/* SPDX-License-Identifier: Apache-2.0
 *
 * What was taken is within its limits, and lies in the JSON that is kept; a symptom that is found is in the line. */
#include "env/data.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(data_done) struct data d    = { 0 };
	struct assay_err               e    = { 0 };
	size_t                         kept = 0, at = 0;

	if (data_take(&d, (struct bytes){ data, size }, &e) != ASSAY_OK) {
		HOLDS(e.code != ASSAY_OK && assay_class(e.code) != ASSAY_CLASS_INTERNAL);
		return 0;
	}
	for (size_t k = 0; k < DATA_KINDS; k++)
		kept += d.json[k] != NULL;
	HOLDS(kept == 1);
	HOLDS(d.devices <= DATA_ROWS && d.instances <= DATA_ROWS && d.symptoms <= DATA_ROWS);
	for (size_t i = 0; i < d.devices; i++)
		HOLDS(data_device_find(&d, d.device[i].device) != NULL);
	for (size_t i = 0; i < d.instances; i++)
		HOLDS(d.instance[i].gpus <= 64 && d.instance[i].type.p != NULL);
	for (size_t i = 0; i < d.symptoms; i++) {
		HOLDS(d.symptom[i].needles >= 1 && d.symptom[i].needles <= DATA_NEEDLES);
		HOLDS(d.symptom[i].items >= 1 && d.symptom[i].items <= DATA_ITEMS);
	}
	while (data_symptom_find(&d, (struct bytes){ data, size }, &at) != NULL)
		HOLDS(at <= d.symptoms);
	return 0;
}
