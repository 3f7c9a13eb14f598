/*
 * The notification that a TCP connection to a line has ended:
 * tcpConnectionClose of CISCO-GENERAL-TRAPS, and how debugging shows it.
 */
#ifndef CONTROL_SNMP_NOTICE_H
#define CONTROL_SNMP_NOTICE_H

#include "control/alarms.h"
#include "ipc/snmp.h"
#include "ssh/conn.h"

#define SNMP_NOTICE_SPECIFIC 1

/* What is kept of an end, for as long as somebody is still to be told. */
struct snmp_end {
    unsigned line, index;
    struct net_address local, peer;
    uint32_t elapsed, uptime; /* hundredths of a second */
    uint32_t bytes_in, bytes_out;
    char user[SSH_USER_MAX + 1];
};

struct snmp_notice {
    size_t count;
    struct snmp_variable variables[SNMP_VARIABLES_MAX];
};

/* `uptime` of the router, hundredths of a second. */
void snmp_end_keep(struct snmp_end *kept, const struct session_end *end,
                   uint32_t uptime);
/*
 * Its variables in their order, which borrow from `end`. Version 1 says uptime
 * and kind before them; in later versions these are the first two (RFC 3584
 * section 3.1).
 */
void snmp_notice_make(struct snmp_notice *notice, const struct snmp_end *end,
                      bool version_1);

/* 1.3.6.1.4.1.9 */
void snmp_notice_enterprise(struct snmp_oid *oid);

/*
 * "local.9.3.1.1.2.1 = 6": by the longest name that is known, the user's
 * printable.
 */
#define SNMP_LINE_MAX 1024
void snmp_notice_line(const struct snmp_variable *variable,
                      char line[SNMP_LINE_MAX]);

#endif
