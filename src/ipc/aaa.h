/*
 * What messages about AAA servers carry in their spans: records of servers,
 * arguments ("name=value"), and notes on what became of each server.
 */
#ifndef IPC_AAA_H
#define IPC_AAA_H

#include "base/buf.h"
#include "base/reader.h"
#include "base/span.h"

#define AAA_SERVERS_MAX   32    /* of one request */
#define AAA_KEY_MAX       127   /* bytes of a key shared with a server */
#define AAA_TRIES_MAX     101   /* transmissions to one server */
#define AAA_ARGUMENTS_MAX 16384 /* bytes of all arguments of a request */

/* One server of a request; spans are borrowed. */
struct aaa_server {
    struct span address; /* 4 or 16 bytes */
    uint16_t port;
    struct span key;        /* 1 .. AAA_KEY_MAX bytes */
    uint32_t timeout_ms;    /* for an answer to one transmission */
    uint32_t tries;         /* transmissions, 1 .. AAA_TRIES_MAX */
    bool single_connection; /* TACACS+: one for many requests */
    struct span source;     /* sent from this address; empty: as routed */
};

void aaa_server_put(struct buf *to, const struct aaa_server *server);
/* The reader fails for what cannot be: see read_ok(). */
void aaa_server_read(struct reader *from, struct aaa_server *server);

/* One argument: `name`, '=' and the text. */
void aaa_argument_put(struct buf *to, const char *name, const char *format, ...)
    PRINTF(3, 4);
/*
 * The value of the first argument of that name, behind '=' or '*'; borrowed.
 * "shell:" and the like before the name do not count. False: there is none.
 */
bool aaa_argument_find(struct span arguments, const char *name,
                       struct span *value);

enum aaa_fate {
    AAA_ANSWERED = 1,
    AAA_SILENT = 2,   /* for all the time it had */
    AAA_UNUSABLE = 3, /* nothing could be sent to it */
    AAA_LEFT = 4,     /* the request ended before it had to answer */
};

/* What became of one server of a request. */
struct aaa_note {
    uint32_t server;        /* index in the request */
    uint8_t fate;           /* enum aaa_fate */
    uint32_t opened;        /* connections of the request alone */
    uint32_t sent;          /* transmissions, repeated ones too */
    uint32_t timeouts;      /* that no answer came to in time */
    uint32_t answers;       /* that were good */
    uint32_t challenges;    /* those of them that asked the user */
    uint32_t malformed;     /* what else came: not in the protocol's form */
    uint32_t bad;           /*   not from who knows the key */
    uint32_t unexpected;    /*   no answer to what was asked */
    uint64_t round_trip_us; /* of the last answer */
};

void aaa_note_put(struct buf *to, const struct aaa_note *note);
void aaa_note_read(struct reader *from, struct aaa_note *note);

#endif
