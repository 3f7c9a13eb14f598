/*
 * A request for an SNMP notification as Net-SNMP wants it: a session and a
 * PDU. Only trap.c and trap_packet.c know Net-SNMP. No I/O here.
 */
#ifndef NOTIFY_TRAP_PACKET_H
#define NOTIFY_TRAP_PACKET_H

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include "ipc/messages.h"

/*
 * Make the library ready. It reads no file of configuration and no MIB, logs
 * nothing, and needs nothing to be opened later. Once, before the sandbox.
 */
void trap_packet_begin(void);

#define TRAP_ID_MAX 32 /* octets of a user's name, and of an engine */

/* What a session is made of. */
struct trap_packet {
    netsnmp_session session;
    char user[TRAP_ID_MAX + 1]; /* the library wants a NUL behind it */
};

/*
 * What a session needs to know, borrowed from the message and `packet`; for
 * version 3 the user and the time of the engine are told to the library, until
 * trap_packet_forget_users(). ERR_FORMAT: control says what cannot be.
 */
MUST_CHECK enum err trap_packet_session(const struct msg_notify_trap *m,
                                        struct trap_packet *packet);
/* A new PDU: snmp_free_pdu(), unless it is sent. ERR_FORMAT. */
MUST_CHECK enum err trap_packet_pdu(const struct msg_notify_trap *m,
                                    netsnmp_pdu **pdu);
/* Nothing is on its way that would need their keys. */
void trap_packet_forget_users(void);

#endif
