/*
 * Known hosts of the user and of the machine: read before the sandbox, asked
 * about in it, and appended to by a descriptor.
 */
#ifndef VTYSSH_HOSTS_H
#define VTYSSH_HOSTS_H

#include "base/buf.h"
#include "vtyssh/terminal.h"

#define KNOWN_TYPES_MAX 4096 /* bytes of a list of key types */

struct hosts {
    const char *host; /* as the user gave it; borrowed */
    unsigned port;
    char address[64];       /* what it resolved to; empty: unknown yet */
    char path[512];         /* of the user's file; empty: he has none */
    struct buf text;        /* the user's file, then the machine's */
    size_t user_lines;      /* lines of the user's file in it */
    bool needs_newline;     /* the user's file ends without one */
    bool is_unreadable;     /* a file is there, and was not read */
    bool refuses_version_1; /* known with 2, and nobody asked for 1 */
    int append_fd;          /* -1: nothing can be remembered */
};

/*
 * Read both files. The user's is opened for appending where there is a terminal
 * to ask on, and made when nothing of the host is known. `home` may be NULL.
 */
void hosts_open(struct hosts *h, const char *home, const char *host,
                unsigned port, bool can_ask);
void hosts_close(struct hosts *h);

/* Append the types of the keys that are known, for the order of the offer. */
void hosts_put_key_types(const struct hosts *h, struct buf *to);

/* Has the host been met with version 2? Then it is no host of version 1. */
bool hosts_know_version_2(const struct hosts *h);
/* Why it is not spoken to. */
void hosts_say_downgrade(const struct hosts *h);

/*
 * May the connection to a host with this key go on? Asks, and remembers, where
 * nothing is known; whatever else is wrong is said and refused.
 */
bool hosts_trust(struct hosts *h, struct terminal *terminal, struct span key);

#endif
