/*
 * A user's sessions on other machines: numbered, at most one of them on his
 * screen, the others suspended. They belong to his command line and go with
 * it. What a suspended one says waits in its stream, which stops the far end
 * when it is full.
 */
#ifndef CONTROL_CONNECTIONS_H
#define CONTROL_CONNECTIONS_H

#include "control/accounting.h"
#include "control/command.h"
#include "control/outgoing.h"

#define CONNECTIONS_MAX     16 /* of one command line */
#define CONNECTION_HOST_MAX 256

struct connection {
    struct list node; /* of the shell's, by number */
    struct shell *shell;
    unsigned number;                /* 1 .. CONNECTIONS_MAX */
    char host[CONNECTION_HOST_MAX]; /* as typed */
    char address[CONFIG_ADDRESS_TEXT];
    struct outgoing *outgoing; /* NULL: at its end, `end` says how */
    struct outgoing_end end;   /* without what `said` points to */
    int stream;                /* the user's end */
    unsigned columns, rows;    /* of the window, as the far end was told */
    struct command *command;   /* shows it; NULL: suspended */
    bool attached;             /* the user's channel is on the stream */
    uint64_t left_ms;          /* it was suspended */
    struct accounting_connection account;
};

bool connections_full(const struct shell *sh);
/*
 * The session that `o` carries, whose shell there has begun, is the user's;
 * NULL: it cannot be kept, errno says why, and is `o`'s owner's as before.
 */
struct connection *connection_adopt(struct shell *sh, const char *host,
                                    struct outgoing *o);
/*
 * Show it until the user leaves it, or it ends: then the command is done. What
 * the command has as its state is freed.
 */
void connection_show(struct command *cmd, struct connection *c);
/* It ends here and now; no command shows it. */
void connection_close(struct connection *c);

/* In order of their numbers; LIST_EACH with LIST_ITEM(..., node). */
struct list *connections_of(struct shell *sh);
/* By number, or name as typed for `ssh`; the one that was on the screen last.
   NULL: there is none. */
struct connection *connection_numbered(struct shell *sh, unsigned number);
struct connection *connection_named(struct shell *sh, const char *host);
struct connection *connection_current(struct shell *sh);

/* The n-th, from 0, of all that a line's users have; NULL: there are no more.
 */
const struct connection *connection_on_line(const struct session *s, size_t n);

/* Bytes that wait for the user; minutes since he left it. */
size_t connection_unread(const struct connection *c);
unsigned connection_idle_min(const struct connection *c);

/* It ended as sessions do, and neither the peer nor the way is at fault. */
bool connection_is_orderly(const struct outgoing_end *end);
/* How it ended, as IOS says it: one line. */
void connection_put_end(struct buf *to, const char *host,
                        const struct outgoing_end *end);

#endif
