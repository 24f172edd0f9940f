/* SPDX-License-Identifier: Apache-2.0 */
#include "forge/tdx_inside.h"

const struct tdx_fault_table tdx_fault_pcs = { NULL, 0 };
