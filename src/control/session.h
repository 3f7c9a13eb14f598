/*
 * Who is here: one session for each worker (an SSH connection, or the
 * console), from the start of the worker to its end.
 */
#ifndef CONTROL_SESSION_H
#define CONTROL_SESSION_H

#include <sys/types.h>

#include "base/list.h"
#include "base/pace.h"
#include "config/line_number.h"
#include "control/alarms.h"
#include "control/line_target.h"
#include "control/router.h"
#include "ipc/messages.h"
#include "os/net.h"
#include "ssh/conn.h"

struct shell;
struct auth;
struct applicant;   /* admission.c */
struct worker_pipe; /* workers.c */
struct transfer;    /* serving.c */
struct grant;       /* grant.c */
struct file_rights; /* serving.c */

/* Bytes of a command that is run in place of the first prompt. */
#define SESSION_AUTOCOMMAND_MAX 254

enum session_kind { SESSION_SSH, SESSION_CONSOLE };

/* What the worker may ask grows with it; see requests.c. */
enum session_state {
    SESSION_STARTING, /* no key exchange finished */
    SESSION_LOGIN,    /* keys are there; authentication runs */
    SESSION_SHELL,    /* authenticated (the console: at once) */
    SESSION_ENDING,   /* told to go; nothing is accepted any more */
};

struct session {
    struct list node; /* in sessions */
    struct router *router;
    uint32_t connection; /* never used twice */
    enum session_kind kind;
    enum session_state state;
    unsigned vty;  /* relative number: vty 0...; 0 for the console */
    unsigned line; /* absolute number of its line when it began; it stays */
    bool
        off_line; /* its worker is only leaving: the line is not its any more */
    bool attached; /* console session of `vtyd attach`: starts at 15 */
    struct net_address peer, local;
    char peer_text[NET_TEXT_MAX]; /* address; "" on the console */
    char local_text[NET_TEXT_MAX];
    unsigned local_port; /* 0: the console */
    int socket;          /* a copy of the worker's: alarms.c; -1: none */
    uint64_t started_ms, active_ms; /* last key pressed */
    uint64_t accepted_ms; /* TCP accept: the login deadline counts from it */
    uint64_t begun_ms;    /* somebody is past the login; 0: nobody */
    uint64_t ends_ms;     /* absolute-timeout: not longer; 0: none */
    enum session_cause cause;   /* why it ends; alarms.c */
    enum session_cause left_by; /* why its last channel has ended, or NONE */
    bool peer_closed; /* the client has ended its side of the connection */

    struct line_target port_target; /* of the port he came by; listener.c */
    struct line_target target;      /* and of the name he gave; auth.c */

    char user[SSH_USER_MAX + 1]; /* "" before login; printable only */
    unsigned privilege;          /* given at login: 0..15 */
    uint32_t task;               /* of its accounting; 0: none; accounting.c */
    uint64_t told_ms;            /* when it was accounted for last */
    struct grant *grant; /* aaa new-model; NULL: line and user say all */

    /* Filled by KEYS; names escaped and bounded. For show ssh. */
    char kex[48], host_key[32];
    char cipher_in[48], cipher_out[48], mac_in[48], mac_out[48];
    char ident[128];
    struct {
        size_t len;
        uint8_t bytes[64];
    } session_id; /* from the signer's first answer, never the worker's word */

    /* The signer's numbers of the keys in SETUP, in its order; signing.c. */
    uint32_t host_keys[SSH_HOST_KEYS_MAX];
    size_t host_key_count;
    unsigned version;                 /* of the protocol; 0: not known yet */
    uint32_t v1_host_key, server_key; /* of SETUP, as the signer has them */
    bool signing;         /* a SIGN or SESSION_KEY has no answer yet */
    bool exchange_signed; /* KEYS is due before the next SIGN */

    /* debug.c: what its worker was told to tell of; ever anything; how much of
       it is shown; and its channels that are shown the log themselves. */
    unsigned debug;
    bool debugged;
    struct pace debug_pace;
    unsigned monitors;

    struct list by_number;       /* sessions.c */
    struct applicant *applicant; /* listener.c; NULL once logged in */
    struct auth *auth;           /* auth.c; NULL once in SHELL */
    struct shell *shells[SSH_CHANNELS_MAX];       /* shell.c; by channel slot */
    struct transfer *transfers[SSH_CHANNELS_MAX]; /* serving.c */
    struct file_rights *asking[SSH_CHANNELS_MAX]; /* likewise: to begin one */
    bool yields;              /* its worker lets others run first */
    struct worker_pipe *pipe; /* workers.c */
    pid_t pid;
};

/*
 * In order of their line; LIST_EACH over it with LIST_ITEM(..., node). Those
 * that are off_line are among them.
 */
struct list *sessions_all(struct router *r);
/* NULL when there is none. */
struct session *session_on_vty(struct router *r, unsigned vty);
struct session *session_on_console(struct router *r);

/* Which line it is on. */
struct config_line_id session_line_id(const struct session *s);
/* How the line that it is on is configured now. Borrowed, never NULL. */
const struct config_line *session_line(const struct session *s);
/*
 * With which privilege this user begins there (NULL: nobody had to say who he
 * is): his own counts more than the line's.
 */
unsigned session_privilege(const struct session *s,
                           const struct config_user *user);

/*
 * Send one message to the worker. Never blocks. A worker that lets more than
 * PIPE_QUEUE_MAX pile up is ended, so the caller need not look. Returns what is
 * queued now, in bytes: a command that lasts pauses above 64 KiB (see
 * cmd_paused()).
 */
size_t session_send(struct session *s, const struct message *m);
size_t session_send_fd(struct session *s, const struct message *m, int fd);
/* A LOG. False: the worker is behind, or gone; the line is dropped. */
bool session_log(struct session *s, const struct message *m);

/*
 * Tell the worker to end its connection; killed if it has not gone after five
 * seconds. The session ends when the worker has, for this cause.
 */
void session_disconnect(struct session *s, enum session_cause cause,
                        enum ssh_reason reason, const char *text);

#endif
