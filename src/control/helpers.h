/*
 * The helper processes: signer and aaa, which live as long as the router; the
 * aaa that asks servers, while there are some; notify, while somebody is to be
 * told something. Started here, started again with a growing pause when they
 * die; what was asked of a dead one fails (keys_load(), signing_lost(),
 * judge_lost(), aaa_servers_lost(), collectors_lost(), snmp_lost()).
 */
#ifndef CONTROL_HELPERS_H
#define CONTROL_HELPERS_H

#include <sys/types.h>

#include "base/err.h"
#include "control/router.h"
#include "ipc/messages.h"

enum helper_name {
    HELPER_SIGNER,
    HELPER_AAA,
    HELPER_SERVERS, /* aaa's other instance */
    HELPER_NOTIFY,
    HELPER_COUNT
};

/*
 * As root the user they (and the workers) run as is `--user`, else `vtyd`,
 * else `nobody`; ERR_NOT_FOUND when there is no such user. ERR_SYSTEM: a
 * helper cannot be started at all.
 */
MUST_CHECK enum err helpers_start(struct router *r);
/* HELPER_SERVERS runs from now on, or ends. Before helpers_start(): nothing. */
void helpers_want_servers(struct router *r, bool wanted);
/* What notify runs for; it ends when nothing is left. */
enum notify_need {
    NOTIFY_COLLECTORS = 1 << 0, /* of log lines */
    NOTIFY_MANAGERS = 1 << 1,   /* of SNMP */
    NOTIFY_METRICS = 1 << 2,    /* who scrapes the page */
};
/* It runs from now on, for that as well, or is not needed for it any more. */
void helpers_want_notify(struct router *r, enum notify_need need, bool wanted);
/* End all, when no session is left; freed when the loop has let go of it. */
void helpers_stop(struct router *r);

/* 0: it is not there, see signer_send(). */
pid_t helper_pid(const struct router *r, enum helper_name name);

/* The user and group of all sandboxed processes; 0 and 0: our own. */
void helpers_user(const struct router *r, uid_t *uid, gid_t *gid);

/*
 * Send one message; `fd` is -1 or a descriptor that travels with it (the
 * caller still owns and closes its own). What the pipe does not take now
 * waits here, in order, wiped when sent. False: the helper is not there (it
 * died and is not back yet), nothing was sent.
 */
MUST_CHECK bool signer_send(struct router *r, const struct message *m, int fd);
MUST_CHECK bool aaa_send(struct router *r, const struct message *m);
MUST_CHECK bool aaa_servers_send(struct router *r, const struct message *m);
MUST_CHECK bool notify_send(struct router *r, const struct message *m, int fd);
/* It would take a message, if there is room for it. */
bool notify_is_there(const struct router *r);

#endif
