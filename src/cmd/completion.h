/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_COMPLETION_H
#define CMD_COMPLETION_H

#include "cli/cli.h"

int cmd_completion(const struct command *c, int argc, char **argv);

#endif
