/*
 * What a protocol does of one request at one server: bytes in, bytes out, and
 * what they mean. Sockets, time and the order of servers are exchange.c's.
 */
#ifndef AAA_PROTOCOL_H
#define AAA_PROTOCOL_H

#include "base/buf.h"
#include "crypto/random.h"
#include "ipc/aaa.h"
#include "ipc/messages.h"

/* What comes next. */
enum aaa_step {
    AAA_STEP_WAIT, /* for more of the server's bytes */
    AAA_STEP_SEND, /* what .output gives */
    AAA_STEP_ASK,  /* the user, what the reply says; then .answer */
    AAA_STEP_PASS,
    AAA_STEP_FAIL,
    AAA_STEP_NEXT, /* this server is of no use here: the next one */
};

/* What a server has said; for ASK, PASS and FAIL. */
struct aaa_reply {
    struct buf attributes; /* each a string */
    struct buf text;       /* for the user */
    struct buf prompt;     /* ASK: the question */
    bool echo;             /* ASK: the answer may be seen */
};

/* All that a talk with a server begins with; borrowed as long as it lasts. */
struct aaa_start {
    const struct msg_aaa_request *request;
    const struct aaa_server *server;
    struct span given; /* the proof, where the protocol wants it first */
    struct span local; /* the router's address there: 4 or 16 bytes */
    bool single;       /* the server is asked to share the connection */
    random_fn random;
    void *random_state;
};

struct server_protocol {
    bool stream;      /* over a connection; else each packet a datagram */
    bool wants_proof; /* the user is asked for it before a server is */
    /*
     * SEND: `*talk` is what the other functions get, until .end. FAIL: no
     * server would be asked such a thing. NEXT: nor can this one be.
     */
    enum aaa_step (*begin)(const struct aaa_start *start, void **talk);
    void (*end)(void *talk);
    /*
     * The bytes to send: at SEND, and again when the time for an answer is
     * over. `waited_ms`: since the request was made.
     */
    void (*output)(void *talk, uint64_t waited_ms, struct buf *to);
    /*
     * What has come: one datagram, or of a stream all that was not taken yet.
     * What is used is consumed. What is not the answer (WAIT) is counted in
     * the note; so are answers.
     */
    enum aaa_step (*input)(void *talk, struct buf *from, struct aaa_note *note,
                           struct aaa_reply *reply);
    /* The user's, after ASK: SEND or FAIL. */
    enum aaa_step (*answer)(void *talk, bool given, struct span text);
    /* Of a stream that is left: the last bytes to send, or none. Or NULL. */
    void (*leave)(void *talk, struct buf *to);
};

extern const struct server_protocol radius_protocol; /* radius.c */
extern const struct server_protocol tacacs_protocol; /* tacacs.c */

#endif
