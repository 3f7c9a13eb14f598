/*
 * What outgoing.c (a connection's life, up to its socket) and
 * outgoing_worker.c (the process behind it) share.
 */
#ifndef CONTROL_OUTGOING_PARTS_H
#define CONTROL_OUTGOING_PARTS_H

#include "base/list.h"
#include "base/pace.h"
#include "control/keys.h"
#include "control/outgoing.h"
#include "control/resolver.h"
#include "crypto/hash.h"
#include "ipc/pipe.h"

#define OUTGOING_SOURCE_MAX 64

/* What the worker may say grows with it; see the rules in outgoing_worker.c. */
enum outgoing_state {
    OUTGOING_RESOLVING,
    OUTGOING_CONNECTING,
    OUTGOING_KEYS,    /* a worker runs; the host key was not judged */
    OUTGOING_LOGIN,   /* the host key is trusted */
    OUTGOING_RUNNING, /* on_ready() was called */
    OUTGOING_OVER,    /* CLIENT_ENDED has come; or nobody wants to know */
};

struct outgoing {
    struct list node; /* in outgoings */
    struct router *router;
    uint32_t number; /* of the connection, never used twice */
    unsigned slot;   /* the lowest that was free: as debugging numbers them */
    bool debugged;   /* its worker was told to tell of what it does */
    struct pace debug_pace;
    enum outgoing_state state;
    const struct outgoing_events *events; /* NULL: nobody waits any more */
    void *owner;

    /* The plan, owned; and what its limited log lines are counted by. */
    struct outgoing_plan plan;
    char source[OUTGOING_SOURCE_MAX];

    struct config_address addresses[RESOLVER_ADDRESSES_MAX];
    size_t address_count, next_address;
    int socket;            /* being connected; -1 */
    uv_poll_t *connecting; /* owned by the loop; NULL: none */
    uv_timer_t *wait;      /* likewise */

    int user_end, worker_end; /* of the stream, or a file for the worker; -1 */

    struct pipe *pipe;  /* NULL: none, or at its end */
    uv_poll_t *reading; /* its watch, owned by the loop; NULL: none */
    pid_t pid;          /* 0: not known, or reaped */
    bool started;       /* no answer of a nursery is awaited */
    bool killed;        /* by us: no crash */
    bool handling;      /* a function of the owner may be on the stack */
    bool abandoned;     /* from there */
    bool asked;         /* a question has no answer yet */
    unsigned questions; /* so far */

    /* Our pairs that its worker was shown, and what they proved. */
    size_t key_count;
    uint32_t keys[SSH_HOST_KEYS_MAX]; /* the signer's numbers */
    bool signing;                     /* a CLIENT_SIGN has no answer yet */
    uint8_t session_id[HASH_MAX];     /* made here, with the host key judged */
    size_t session_id_len;            /* 0: none, and no signature */
    unsigned signatures;              /* so far: one a key, at most */

    size_t shown;        /* bytes of on_show() so far */
    bool file_told;      /* on_file() was called */
    uint64_t moved;      /* bytes, as told last */
    uint64_t stalled_ms; /* when on_stalled() was called last */

    bool judged;         /* a host key was shown: there is no second one */
    bool known_newer;    /* it is known with version 2: not tried with 1 */
    bool offered_only_1; /* and this it offered */

    struct buf said_text, said_signal; /* what `end.said` points to */
    struct outgoing_end end;
};

struct outgoings {
    struct list all;
    unsigned count;
};

/* --- outgoing.c -------------------------------------------------------- */

/* Tell the owner, if there is one, and free what is left. */
void outgoing_settle(struct outgoing *o, enum outgoing_outcome outcome);

/* --- outgoing_worker.c ------------------------------------------------- */

/* The socket stands: a worker for it, and what it is to do. */
void outgoing_begin_worker(struct outgoing *o);
/* End the process, and whatever leads to it; nothing is told. */
void outgoing_end_worker(struct outgoing *o);

#endif
