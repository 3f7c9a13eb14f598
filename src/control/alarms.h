/*
 * The end of a session, with its true numbers, for everybody who tells of it:
 * accounting records, log lines, traps, counters.
 */
#ifndef CONTROL_ALARMS_H
#define CONTROL_ALARMS_H

#include "os/net.h"

struct session;

/* Why a session has ended: of several reasons the one that came first. */
enum session_cause {
    CAUSE_NONE,         /* it has not */
    CAUSE_LOGOUT,       /* what the user came for is done, by his own word */
    CAUSE_PEER,         /* the client closed it before that */
    CAUSE_NETWORK,      /* the client does not answer, or takes nothing */
    CAUSE_IDLE,         /* exec-timeout, or no channel for too long */
    CAUSE_TIME,         /* absolute-timeout */
    CAUSE_CLEARED,      /* an administrator has ended it */
    CAUSE_LOGIN_TIME,   /* nobody had logged in in time */
    CAUSE_LOGIN_FAILED, /* too many proofs were wrong */
    CAUSE_REFUSED,      /* the configuration lets nobody in there now */
    CAUSE_CROWDED,      /* its place was given to somebody else */
    CAUSE_KEYS,         /* the first key exchange failed */
    CAUSE_REKEY,        /* a later one did */
    CAUSE_PROTOCOL,     /* the client broke the protocol otherwise */
    CAUSE_WORKER,       /* the process behind it died, or was killed */
    CAUSE_SHUTDOWN,     /* the router ends */
};
#define SESSION_CAUSES (CAUSE_SHUTDOWN + 1)

/* Inbound connections are the first session of their line. */
#define SESSION_END_INDEX 1

/* Everything in it is borrowed, and gone when the call returns. */
struct session_end {
    unsigned line;  /* absolute number of its vty, also if it led to a tty */
    unsigned index; /* of the session on that line */
    const struct net_address *local, *peer; /* with ports */
    const char *local_text, *peer_text;     /* without */
    uint64_t elapsed_ms; /* from accept(2) to the end of the worker */
    /* Octets of the TCP connection, both as the kernel counted them. */
    uint64_t bytes_in, bytes_out;
    const char *user; /* "" when nobody had logged in */
    unsigned version; /* of the protocol: 1 or 2; 0: none was spoken */
    bool reverse;     /* it was for another line than the vty */
    enum session_cause cause;
};

/*
 * It ends, for this cause, unless one is known already. Nothing else happens:
 * whoever says so ends it.
 */
void alarms_cause(struct session *s, enum session_cause cause);

/* Somebody who was past the login has left his line: %SYS-6-LOGOUT. */
void alarms_logout(const struct session *s);

/*
 * The session is over, and so is its worker: tell all who want to know. Called
 * once for each session, from session_end(). The connection is closed here. A
 * connection whose client never logged in had a line, too, and counts.
 */
void alarms_session_end(struct session *s);

#endif
