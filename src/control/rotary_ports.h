/*
 * `ip ssh port P rotary G [M]`: sockets beside those of --listen, on the same
 * addresses, each for one group of lines. The listener accepts from them and
 * says when they are open.
 */
#ifndef CONTROL_ROTARY_PORTS_H
#define CONTROL_ROTARY_PORTS_H

#include "control/router.h"

/* Open what is configured and not open, close what is no more. False: not all
   of it could be opened; the log says why. */
bool rotary_ports_update(struct router *r);
/* Whether who connects is looked at. */
void rotary_ports_watch(struct router *r, bool accepting);
/* None is open any more. */
void rotary_ports_close(struct router *r);

#endif
