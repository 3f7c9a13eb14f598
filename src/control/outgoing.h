/*
 * Connections that a user makes to other machines: the name becomes an
 * address, the address a socket, and a worker of role client speaks SSH on it.
 * What they carry for a user's screen goes from worker to worker by a stream;
 * control sees only the dialogue of the login and the end.
 */
#ifndef CONTROL_OUTGOING_H
#define CONTROL_OUTGOING_H

#include "base/err.h"
#include "config/address.h"
#include "control/router.h"
#include "ipc/messages.h"

#define OUTGOING_PROMPTS                                                   \
    3                    /* for a password, unless the line says otherwise \
                          */
#define OUTGOING_MAX 512 /* at once, of all users */
#define OUTGOING_WAIT_MS \
    30000 /* for a TCP connection (`ip tcp synwait-time`) */

struct outgoing;

/* Where to, as whom, and what for; copied. */
struct outgoing_plan {
    const char *host; /* as typed: a name or an address */
    uint16_t port;
    const char *user;
    unsigned versions;          /* SSH_VERSION_...: those that may be spoken */
    bool version_named;         /* by the user, who knows what he does */
    const char *ciphers, *macs; /* name lists; NULL: all that there are */
    const char *v1_ciphers;     /* of version 1; NULL: likewise */
    unsigned prompts;           /* for a password, at most */
    enum client_purpose purpose;
    const char *command;    /* CLIENT_COMMAND, CLIENT_SCP_... */
    const char *path;       /* of the file there; NULL: none moves */
    uint64_t bytes;         /* of the file that goes; most of one that comes */
    int file;               /* ours, with `path`: duplicated */
    struct span modes;      /* of the terminal, encoded; empty: none said */
    const char *terminal;   /* ask for a terminal of this type; NULL: none */
    unsigned columns, rows; /* of it; 0: not known */
    bool cooked;            /* the command's lines are for a screen */
};

enum outgoing_outcome {
    OUTGOING_ENDED,       /* its worker says how: `said` */
    OUTGOING_DIED,        /* its worker died, or said what makes no sense */
    OUTGOING_UNKNOWN,     /* the name has no address */
    OUTGOING_DENIED,      /* the owner permits none that it has */
    OUTGOING_REFUSED,     /* nobody listens there */
    OUTGOING_UNREACHABLE, /* no way leads there */
    OUTGOING_TIMED_OUT,   /* no answer */
    OUTGOING_NO_MEANS,    /* no probe, no socket, no process: the log says so */
    OUTGOING_DOWNGRADE,   /* nothing newer than version 1 can be spoken there,
                             and the host is known with version 2 */
};

/* Borrowed for the call. */
struct outgoing_end {
    enum outgoing_outcome outcome;
    bool ready; /* on_ready() had been called */
    struct msg_client_ended said;
};

struct outgoing_events {
    /* A name server is asked; the name has addresses. Each may be NULL. */
    void (*on_server)(void *owner, const struct config_address *server);
    void (*on_found)(void *owner);
    /* Whether he may go there; NULL: anywhere. */
    bool (*permits)(void *owner, const struct config_address *address);
    /* The peer's bytes, as they came; answered by outgoing_answer(). */
    void (*on_ask)(void *owner, struct span prompt, bool echo);
    void (*on_show)(void *owner, struct span text);
    /* Logged in, and begun: the stream counts from here on. */
    void (*on_ready)(void *owner);
    /* The file is open on both sides, once; and how much has moved, which
       never becomes less. NULL where none does. */
    void (*on_file)(void *owner, const struct msg_client_file *m);
    void (*on_moved)(void *owner, uint64_t bytes);
    /* No byte came or went for a tenth of `ip ssh time-out`, once more; after
       ten of them it ends. NULL likewise. */
    void (*on_stalled)(void *owner);
    /* Once, and last: it is gone after the call. */
    void (*on_end)(void *owner, const struct outgoing_end *end);
};

/*
 * `*o` is good until on_end() or outgoing_abandon(). ERR_LIMIT: there are
 * OUTGOING_MAX. ERR_SYSTEM.
 */
MUST_CHECK enum err outgoing_new(struct router *r,
                                 const struct outgoing_plan *plan,
                                 const struct outgoing_events *events,
                                 void *owner, struct outgoing **o);
/* Begin. Any event may come from within this call. */
void outgoing_connect(struct outgoing *o);
/* To the question asked last. NULL: none was given. */
void outgoing_answer(struct outgoing *o, const char *text);
/* The user's window changed; 0: not known. */
void outgoing_window(struct outgoing *o, unsigned columns, unsigned rows);
/* A break of the line's signal, to its shell or command. */
void outgoing_break(struct outgoing *o, unsigned ms);
/* Behind on_ready(): from here on these are told, and on_end() is all there
   is to be told. */
void outgoing_hand_over(struct outgoing *o,
                        const struct outgoing_events *events, void *owner);
/* The address that it is connected to; borrowed. */
const struct config_address *outgoing_address(const struct outgoing *o);
/* The user's end of the stream: borrowed. -1: a file moves instead. */
int outgoing_stream(const struct outgoing *o);
/* End it, whatever it is at; nothing is called any more. */
void outgoing_abandon(struct outgoing *o);

/* The nursery's answer; false: no connection of ours has that number. */
MUST_CHECK bool outgoing_started(struct router *r, uint32_t number, pid_t pid);
/* What is debugged of them has changed: their workers are told. */
void outgoings_debug(struct router *r);
/* The router ends: all of them go. */
void outgoings_stop(struct router *r);

#endif
