/*
 * What is known of the host keys of servers that the router is a client of:
 * `ip ssh pubkey-chain`, and the file known_hosts of the state directory in
 * OpenSSH's format, which anybody may edit while the router runs.
 *
 * A server of `ip ssh pubkey-chain` that has keys there shows one of them, or
 * is refused. Of all others the key that is in the file is trusted; a host that
 * has none there is remembered, unless `ip ssh stricthostkeycheck` refuses it;
 * one that has another key there is refused (hardening 8.1).
 *
 * The file is read and written on the loop's threads, one piece of work after
 * the other in the order in which it was asked for. Answers always come later,
 * never from within the call.
 */
#ifndef CONTROL_KNOWN_HOSTS_H
#define CONTROL_KNOWN_HOSTS_H

#include "control/router.h"

struct known_hosts;

/* `state` is the state directory's descriptor, borrowed. */
void known_hosts_open(struct router *r, int state);
/* Waits for what is under way; nobody is told. */
void known_hosts_close(struct router *r);

/* One value lets a session go on; every problem is one of the others. */
enum host_key_verdict {
    HOST_KEY_REFUSED, /* revoked, not known, or the file cannot be used */
    HOST_KEY_TRUSTED,
    HOST_KEY_CHANGED, /* another key is known */
};

/* What a server has shown, as the user and the worker say it. Copied. */
struct host_key_shown {
    const char *host; /* name or address as typed */
    unsigned port;
    struct span algorithm; /* the signature's: "rsa-sha2-512"; or "rsa1" */
    struct span blob;
};

/*
 * `text` tells the user why it is not trusted: lines that are safe to show;
 * "" when it is. Borrowed.
 */
typedef void (*host_key_judged_fn)(void *owner, enum host_key_verdict verdict,
                                   const char *text);
/* What is not trusted, and a key that is new, goes to the log as well. */
void known_hosts_judge(struct router *r, const struct host_key_shown *shown,
                       host_key_judged_fn judged, void *owner);

/*
 * Of which types, "ssh-rsa,ssh-ed25519", keys of version 2 of the host are
 * known: it is asked for one of these first, or it could seem changed when it
 * has more keys than one; and version 1 is not for it. Empty: none, or the file
 * cannot be used (and no host's key will be trusted).
 */
typedef void (*known_hosts_types_fn)(void *owner, struct span types);
void known_hosts_ask_types(struct router *r, const char *host, unsigned port,
                           known_hosts_types_fn done, void *owner);

/*
 * The file's text, borrowed. ERR_SYSTEM with the errno, or what
 * durable_read() says.
 */
typedef void (*known_hosts_read_fn)(void *owner, enum err err, int system_error,
                                    struct span text);
void known_hosts_read(struct router *r, known_hosts_read_fn done, void *owner);

/*
 * `count` lines went: those of "name" or "address", at whatever port unless the
 * name is hashed, or those of "[name]:port".
 */
typedef void (*known_hosts_cleared_fn)(void *owner, enum err err,
                                       int system_error, size_t count);
void known_hosts_clear(struct router *r, const char *host,
                       known_hosts_cleared_fn done, void *owner);

/* Whoever asked is gone: it is not told. */
void known_hosts_forget(struct router *r, const void *owner);

#endif
