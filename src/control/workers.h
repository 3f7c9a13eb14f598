/*
 * The nursery and the workers: start messages, pipes, exits.
 */
#ifndef CONTROL_WORKERS_H
#define CONTROL_WORKERS_H

#include "control/session.h"

struct workers;

/* Start the first nursery. ERR_SYSTEM: it cannot be started. */
MUST_CHECK enum err workers_start(struct router *r);
/* Of the nursery that forks them now; 0: there is none. */
pid_t workers_nursery_pid(const struct router *r);
/*
 * No worker is left: end the nursery; freed when the loop has let go of it.
 * NULL in router is fine.
 */
void workers_stop(struct router *r);

/*
 * A worker for an accepted connection on a free vty. Takes ownership of `fd`.
 * ERR_SYSTEM, ERR_LIMIT: no session came to be, `fd` is closed.
 */
MUST_CHECK enum err worker_start_server(struct router *r, int fd,
                                        const struct net_address *peer,
                                        unsigned vty, uint64_t accepted_ms,
                                        struct session **out);

/* What a console worker is told of its terminal (SETUP). */
struct worker_terminal {
    bool attached;    /* `vtyd attach`: no login, privilege 15 */
    bool interactive; /* a terminal though the stream is no tty */
    uint32_t columns; /* 0: ask the tty */
    uint32_t rows;
};
/*
 * A worker of role console on `fd`, of which it gets a copy: the caller still
 * owns and closes `fd`. `ended` is called once, when that worker is gone.
 * ERR_BUSY: line con 0 is taken. ERR_SYSTEM.
 */
MUST_CHECK enum err worker_start_console(struct router *r, int fd,
                                         const struct worker_terminal *terminal,
                                         void (*ended)(void *owner),
                                         void *owner, struct session **out);

/*
 * A worker of role client for the socket `fd` and the pipe `end`, which it
 * takes: outgoing_started() is called with this number.
 */
void workers_ask_client(struct router *r, uint32_t number, int fd, int end);
/* The same of role line, without a socket; tty_started() is called. */
void workers_ask_line(struct router *r, uint32_t number, unsigned line,
                      int end);
/* It is not wanted any more, if it was not asked for yet. */
void workers_forget(struct router *r, uint32_t number);
/* A worker died of what it read: the layout of its siblings must change. */
void workers_renew(struct router *r);

/* It moves files, or does so no more: others run first; see os/priority.h. */
void worker_yields(struct session *s, bool yields);
/* It has said its last word: killed, if it is still there after five seconds.
 */
void worker_leaves(struct session *s);
/* Kill at once: the worker broke a rule of ours. `why` goes to the log. */
void worker_kill(struct session *s, const char *why);

#endif
