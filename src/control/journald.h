/*
 * systemd's journal, where standard error is a stream of it: each record is an
 * entry with fields instead, by the journal's own protocol.
 */
#ifndef CONTROL_JOURNALD_H
#define CONTROL_JOURNALD_H

#include "control/log_record.h"

/* A socket to the journal; -1: standard error does not go there. */
int journald_open(void);
/*
 * One entry: MESSAGE, PRIORITY, SYSLOG_FACILITY, SYSLOG_IDENTIFIER, and
 * VTYD_FACILITY, VTYD_MNEMONIC, VTYD_SEQUENCE, VTYD_SESSION, VTYD_USER,
 * VTYD_SOURCE where they are known. Never blocks. False: it was not taken.
 */
bool journald_write(int fd, const struct log_record *record, unsigned facility);

#endif
