/*
 * Records of what users do, for servers that keep them: `aaa accounting`. They
 * are sent, again and again if need be, and nobody waits for them: a server
 * that is dead stops no command (10.4).
 */
#ifndef CONTROL_ACCOUNTING_H
#define CONTROL_ACCOUNTING_H

#include "control/session.h"

/* Somebody is past the login of his line. */
void accounting_exec_begin(struct session *s);
/*
 * He has gone. Nothing if it was called before, or nothing had begun. `end`
 * tells of his connection; NULL: it was line con 0.
 */
void accounting_exec_end(struct session *s, const struct session_end *end);

/* A command has ended: its level and canonical text. */
void accounting_command(struct session *s, unsigned level, struct span text);

/*
 * A connection to another machine or a line begins: by "ssh" or the like, to
 * that address or name, by that command. The number is for its end.
 */
struct accounting_connection {
    struct list node; /* of those that go on, while there is a number */
    struct session *session;
    uint32_t task; /* 0: it is not recorded */
    uint32_t line; /* it leads to this one, whose list counts; 0: elsewhere */
    uint64_t began_ms, told_ms;
    char protocol[16], to[NET_TEXT_MAX];
};
void accounting_connection_begin(struct session *s, const char *protocol,
                                 const char *to, uint32_t line,
                                 struct accounting_connection *connection);
/* What that machine has said, and what it was given. */
struct accounting_bytes {
    uint64_t in, out;
};
/*
 * Nothing if it was called before, or nothing had begun. `bytes` NULL: nobody
 * has told, and the record does not either.
 */
void accounting_connection_end(struct session *s,
                               struct accounting_connection *connection,
                               const struct accounting_bytes *bytes);

/*
 * The router ends: `then` is called when all records have been taken, or
 * their servers had their time. At once, if there are none.
 */
void accounting_finish(struct router *r, void (*then)(struct router *r));

/* Records that are left are given up. */
void accounting_stop(struct router *r);

#endif
