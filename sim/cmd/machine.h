/* SPDX-License-Identifier: Apache-2.0
 *
 * A platform with all its doors open: the state folder, the socket of the vendor libraries, the services, the TDX tree
 * and the QGS, in one loop of one thread. */
#ifndef CMD_MACHINE_H
#define CMD_MACHINE_H

#include "cmd/sim.h"
#include "cmd/state.h"

struct machine;

/* fresh: in a new state folder whatever o says. What cannot be had (FUSE) is told in *note, which is empty otherwise. */
enum assay_code machine_open(const struct sim_options *o, bool fresh, struct machine **out,
	struct buf *note, struct assay_err *e);
void            machine_close(struct machine *m);

/* In a child: as if it had never been. */
void machine_leave(struct machine *m);

/* Serve until a signal of those blocked arrives on signals (a signalfd), or ctl says stop: then 0. Else the signal's
 * number; *sent: a process sent it, to this one alone as far as we know, and not a terminal to all before it. */
int machine_serve(struct machine *m, int signals, bool *sent);

/* The variables by which programs find it: for this process' environment, or as lines of sh. */
enum assay_code machine_setenv(struct machine *m, struct assay_err *e);

/* What it is and how to use it, for a person. named: the state folder is not the usual one. */
enum assay_code machine_tell(
	struct machine *m, bool named, struct buf *out, struct assay_err *e);

#endif
