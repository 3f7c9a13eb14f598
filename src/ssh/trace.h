/*
 * What the core tells of its work to whoever debugs it: facts, with the
 * numbers that were on the wire, as they happen. Names are constants of ours;
 * what a packet contains is never among them, but where it is said so. While
 * nobody listens a fact costs one branch.
 */
#ifndef SSH_TRACE_H
#define SSH_TRACE_H

#include "base/span.h"

enum ssh_trace_type {
    /* Both versions. */
    SSH_TRACE_IDENT_SENT,     /* text: our identification line */
    SSH_TRACE_IDENT_RECEIVED, /* text: the peer's, as it came */
    SSH_TRACE_PEER_DEBUG,     /* text: of its DEBUG message, as it came */
    SSH_TRACE_LOGGED_IN,      /* text: a server's user, as he named himself */
    SSH_TRACE_TERMINAL, /* numbers: rows and columns asked for, and those set */
    SSH_TRACE_STARTED,  /* name: "shell", "exec", ...: it has begun */
    SSH_TRACE_ENDED,    /* number: enum ssh_reason; other: not in order */

    /* Packets of version 2; lengths are without MAC, with the length field. */
    SSH_TRACE_BYTES,     /* number: came in at once */
    SSH_TRACE_LENGTH,    /* number: the packet's that begins */
    SSH_TRACE_PARTIAL,   /* numbers: bytes first, those behind, MAC's */
    SSH_TRACE_MAC_OK,    /* number: sequence number */
    SSH_TRACE_PADDING,   /* number: bytes */
    SSH_TRACE_RECEIVED,  /* number: of the message */
    SSH_TRACE_SENT,      /* numbers: length, padding */
    SSH_TRACE_MAC_MADE,  /* number: sequence number */
    SSH_TRACE_NEW_KEYS,  /* number: 1 to send with, 0 to receive with */
    SSH_TRACE_SIGNATURE, /* number: bytes of the blob */

    /* What they are for. */
    SSH_TRACE_MESSAGE_SENT,     /* name: of the message */
    SSH_TRACE_MESSAGE_RECEIVED, /* name */
    SSH_TRACE_EXPECTING,        /* name */
    SSH_TRACE_WAITING,          /* name */
    SSH_TRACE_CHOSEN,  /* names: cipher, MAC; number: 0 from the client, 1 to */
    SSH_TRACE_METHOD,  /* name: of the key exchange */
    SSH_TRACE_DERIVED, /* keys are made */
    SSH_TRACE_PROOF,   /* name: the method of a login's request */
    SSH_TRACE_CHANNEL, /* one is to be opened */
    SSH_TRACE_REQUEST, /* name: of a channel's request, "unknown" */
    SSH_TRACE_PROGRAM, /* name: it is to begin */

    /* Version 1. */
    SSH_TRACE_MESSAGE,     /* name: of the one with the public keys */
    SSH_TRACE_SESSION_KEY, /* numbers: bytes of its message, cipher */
    SSH_TRACE_DECRYPTING,  /* the signer is asked */
    SSH_TRACE_DECRYPTED,   /* both layers are open */
    SSH_TRACE_CONFIRMING,
    SSH_TRACE_ENCRYPTED,
    SSH_TRACE_USER,  /* text: the name, as it came */
    SSH_TRACE_WRONG, /* text: the name of whose password it was not */
    SSH_TRACE_TTY_REQUEST,
    SSH_TRACE_INVALID, /* number: of the message that was refused */
};

#define SSH_TRACE_NUMBERS 4

/* Borrowed for the call. */
struct ssh_trace {
    enum ssh_trace_type type;
    uint32_t numbers[SSH_TRACE_NUMBERS];
    const char *name, *other; /* constants */
    struct span text;         /* a stranger's: to be escaped */
};

/* It may not call the connection that tells it. */
typedef void (*ssh_trace_fn)(void *owner, const struct ssh_trace *fact);

#endif
