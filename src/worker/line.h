/*
 * Role line: the one process that reads and writes a serial port, or what
 * stands for one at the end of a TCP connection. It keeps what the device has
 * printed, whoever listens, and writes it to those who do and to a log.
 */
#ifndef WORKER_LINE_H
#define WORKER_LINE_H

#include "worker/uplink.h"

/* LINE_SETUP is awaited first. Returns when control has closed the pipe. */
void line_run(struct uplink *up);

#endif
