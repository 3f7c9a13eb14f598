/*
 * What known_hosts.c (work on the file, one piece after the other) and
 * known_hosts_judge.c (what a key is worth) share.
 */
#ifndef CONTROL_KNOWN_HOSTS_PARTS_H
#define CONTROL_KNOWN_HOSTS_PARTS_H

#include "base/buf.h"
#include "control/known_hosts.h"
#include "crypto/known_hosts.h"

#define KNOWN_HOSTS_PORT 22 /* of names without one */
#define KEY_TYPE_MAX     64 /* bytes of a name, NUL included */

/* Why a key is not trusted; or that it is. */
enum key_finding {
    FOUND_NO_ANSWER, /* the file cannot be used */
    FOUND_MATCH,
    FOUND_NEW, /* and remembered */
    FOUND_UNKNOWN,
    FOUND_CHANGED, /* `found` has the other one, if it is known whole */
    FOUND_REVOKED,
    FOUND_NOT_CONFIGURED, /* none of those of `ip ssh pubkey-chain` */
    FOUND_BAD_KEY,
};

/* One piece of work. A thread has it, or the loop, never both. */
struct known_job {
    struct list node;
    uv_work_t work;
    struct router *router;
    void (*run)(struct known_job *job);    /* on a thread; sets err */
    void (*tell)(struct known_job *job);   /* on the loop, to the owner */
    void (*finish)(struct known_job *job); /* on the loop, in any case; NULL */
    struct buf text;                       /* the file's */
    enum err err;
    int system_error;

    char host[KNOWN_HOST_NAME_MAX + 1];
    unsigned port; /* 0: at any */

    /* A judgement. */
    char key_type[KEY_TYPE_MAX];
    struct buf blob;
    bool strict;
    enum key_finding finding;
    struct known_host_found found;

    size_t count; /* of lines removed */

    host_key_judged_fn judged;
    known_hosts_types_fn types;
    known_hosts_read_fn read;
    known_hosts_cleared_fn cleared;
    void *owner; /* NULL: nobody waits any more */
};

/* err is ERR_LENGTH when the name is too long. */
struct known_job *known_job_new(struct router *r, const char *host,
                                unsigned port, void *owner);
void known_job_start(struct known_job *job);
/* On a thread: the file to job->text; and its new text. */
MUST_CHECK enum err known_job_read_file(struct known_job *job);
MUST_CHECK enum err known_job_write_file(struct known_job *job,
                                         struct span text);

#endif
