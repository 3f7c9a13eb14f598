/*
 * What a server must do with any word over an alphabet of messages: a model
 * that says for each whether it may come (walk_model.c), and monitors that
 * watch what goes out (walk_watch.c). The properties P1 to P26 are those of
 * section 13 of the list of attacks and faults.
 */
#ifndef TESTS_CORE_WALK_MODEL_H
#define TESTS_CORE_WALK_MODEL_H

#include "fixture.h"

enum symbol {
    SYM_KEXINIT,
    SYM_KEXINIT_GUESS, /* with a wrong guess behind it */
    SYM_KEX_OK,
    SYM_KEX_BAD,
    SYM_NEWKEYS,
    SYM_SR_AUTH,
    SYM_SR_CONN,
    SYM_UA_NONE,
    SYM_UA_PW_OK,
    SYM_UA_PW_NOK,
    SYM_UA_PK_OK,
    SYM_UA_PK_NOK,
    SYM_UA_SUCCESS,
    SYM_CH_OPEN,
    SYM_CH_REQ_PTY,
    SYM_CH_REQ_EXEC,
    SYM_CH_DATA,
    SYM_CH_ADJ,
    SYM_CH_EOF,
    SYM_CH_CLOSE,
    SYM_GLOBAL,
    SYM_IGNORE,
    SYM_DEBUG,
    SYM_UNIMPL,
    SYM_EXT_INFO,
    SYM_DISCONNECT,
    SYM_UNKNOWN, /* 192 */
    SYM_ZERO,
    SYM_REKEY, /* no message: the server begins an exchange itself */
    SYM_COUNT
};

const char *symbol_name(enum symbol symbol);

#define WALK_MAX     64 /* symbols of one word */
#define CHANNEL_OURS 70 /* our channel numbers: this and the symbol's place */

/* A channel by our number, as the server's messages name it. */
struct walk_channel {
    bool answered;              /* its open */
    bool peer_eof, peer_closed; /* what the server sent */
    bool eof_sent, closed;      /* what we sent */
    unsigned statuses;
    unsigned replies_due;
};

struct walk {
    struct fixture f;
    bool alive;
    bool strict;
    /* P-256 signs and verifies fastest, and a walk is mostly that; where two
       walks must give the same bytes it is Ed25519. */
    const char *host_key;

    /* The exchange that is going on. */
    bool own_init, peer_init, value_sent, reply_came;
    bool own_newkeys, peer_newkeys;
    unsigned exchanges, rekeys; /* complete; begun by us in a row */
    bool is_first_packet;
    bool noise_before_kexinit;

    /* SERVICE, AUTH, OPEN. */
    bool has_service, is_open;
    unsigned auth_requests, successes;
    /* Answers that are due, by kind; a ring where their order shows. */
    unsigned services_due, globals_due;
    int auth_due[WALK_MAX];
    unsigned auth_first, auth_count;
    struct {
        uint32_t number;
        int message;
    } opens_due[WALK_MAX];
    unsigned open_first, open_count;

    struct walk_channel channels[WALK_MAX + 1];
    int slots[SSH_CHANNELS_MAX]; /* the server's numbers: ours, or -1 */

    unsigned symbols;
    uint32_t last_seq; /* of the last packet we sent */
    bool unimplemented_due;
    uint64_t bytes_out; /* P26 */
    struct buf output;  /* every payload that came (P25) */
};

void walk_start(struct walk *w, bool strict, size_t chunk);
void walk_clear(struct walk *w);
/* The connection will outlive this symbol. */
bool walk_lives(const struct walk *w, enum symbol symbol);
/* Send one symbol, and nothing else. */
void walk_send(struct walk *w, enum symbol symbol);
/* Send one symbol and check all that comes of it. */
void walk_step(struct walk *w, enum symbol symbol);
/* The monitors: one message of the server (walk_watch.c). */
void walk_watch(struct walk *w, int message);
/* What must hold when nothing more is sent. */
void walk_end(struct walk *w);

#endif
