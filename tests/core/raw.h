/*
 * A peer that obeys nobody: it speaks the packet layer and the key exchange,
 * and sends any payload in any state. It plays the role that the connection
 * under test does not have. Exchange hash and keys are computed here, not by
 * the code under test.
 */
#ifndef TESTS_CORE_RAW_H
#define TESTS_CORE_RAW_H

#include "base/reader.h"
#include "chance.h"
#include "crypto/kex_method.h"
#include "keys.h"
#include "ssh/v2/messages.h"
#include "ssh/v2/packet.h"

/* What raw_next() gives when there is no packet. */
#define RAW_NOTHING (-1) /* no whole packet */
#define RAW_GARBAGE (-2) /* one that does not open */

/* Which names of strict key exchange are sent. */
enum raw_strict { RAW_STRICT_NONE, RAW_STRICT_V00, RAW_STRICT_DRAFT };

struct raw {
    /* The connection under test, and the one who fetches its events. */
    struct ssh_conn *conn;
    void (*turn)(void *owner);
    void *owner;
    enum ssh_role role; /* ours */

    /* How to behave; set after raw_init(). */
    const char *ident;
    const char *kex, *host_key, *cipher, *mac, *compression;
    enum raw_strict strict;
    bool ext_info;
    bool guesses; /* first_kex_packet_follows */
    /* Server: signs in place of the test key of that type; NULL: none. */
    const struct test_key *host_pair;
    size_t chunk; /* bytes at a time; 0: all */

    struct chance chance;
    struct packet_sender tx;
    struct packet_receiver rx;
    struct buf in;       /* bytes of the connection that were not opened yet */
    struct buf scratch;  /* messages under construction */
    struct buf packet;   /* and sealed */
    size_t opened;       /* bytes at the front of `in` that are used up */
    struct span payload; /* of the last message; borrowed until the next */
    struct span peer_ident;

    /* The exchange that is going on. */
    struct buf own_init, peer_init, after;
    bool is_strict;
    struct kex_client *client;
    const struct kex_group *group; /* group exchange, as server */
    struct secret k;
    uint8_t hash[HASH_MAX];
    size_t hash_len;
    uint8_t session_id[HASH_MAX];
    size_t session_id_len;
    struct packet_keys next_in, next_out;
};

void raw_init(struct raw *raw, struct ssh_conn *conn, enum ssh_role role,
              void (*turn)(void *owner), void *owner);
void raw_clear(struct raw *raw);

/* --- bytes and packets ----------------------------------------------- */

/* Hand bytes to the connection and take what it answers. */
void raw_bytes(struct raw *raw, struct span bytes);
/* Take the output that there is. */
void raw_take(struct raw *raw);
/* Begin a message; raw_end() seals and sends it. */
struct buf *raw_begin(struct raw *raw, uint8_t message);
void raw_end(struct raw *raw);
/* A whole payload at once, and one of a single number. */
void raw_send(struct raw *raw, struct span payload);
void raw_send_number(struct raw *raw, uint8_t message);
/*
 * Encrypt and authenticate a whole plaintext packet as it is, length field and
 * padding included, and send it: so its form can be wrong.
 */
void raw_send_plain(struct raw *raw, struct span packet);
/* Begin a packet whose length field says `length`, and send `len` bytes. */
void raw_send_length(struct raw *raw, uint32_t length, size_t len);
/* The next message of the connection: its number, or RAW_...; `payload`. */
int raw_next(struct raw *raw);
/* As raw_next(), without IGNORE and DEBUG, which we never send: a fault. */
void raw_expect(struct raw *raw, int message);
/* The connection has ended with this code: DISCONNECT came and nothing else,
   or, for SSH_REASON_NONE, nothing at all. */
void raw_expect_end(struct raw *raw, enum ssh_reason reason);
/* Nothing more comes, and the connection lives. */
void raw_expect_quiet(struct raw *raw);
/* Fields of the last message, behind its number. */
struct reader raw_fields(const struct raw *raw);

/* --- the handshake, step by step ------------------------------------- */

void raw_idents(struct raw *raw);
/* Our KEXINIT in `scratch`, not sent. */
void raw_make_kexinit(struct raw *raw);
/* Begin an exchange: our KEXINIT. */
void raw_send_kexinit(struct raw *raw);
/* The connection's KEXINIT comes. */
void raw_expect_kexinit(struct raw *raw);
/* Run the method up to, and without, NEWKEYS. */
void raw_run_method(struct raw *raw);
/* Client: only our first message of the method; its reply, checked. */
void raw_send_init(struct raw *raw);
/* Group exchange: the two halves of that. */
void raw_send_gex_request(struct raw *raw);
void raw_send_gex_init(struct raw *raw);
void raw_expect_reply(struct raw *raw);
/* The last message is that reply: check it and make keys. */
void raw_take_reply(struct raw *raw);
/* Server: the client's wish for a group comes; our group, known or not. */
void raw_expect_gex_request(struct raw *raw);
void raw_send_gex_group(struct raw *raw, struct span p, struct span g);
/* Server: the client's value comes (in group exchange behind a known group of
   2048 bits, unless one was sent already); our reply. */
void raw_expect_init(struct raw *raw);
/* The reply in `scratch`, not sent; keys are made for it. */
void raw_make_reply(struct raw *raw);
void raw_send_reply(struct raw *raw);
void raw_send_newkeys(struct raw *raw);
void raw_expect_newkeys(struct raw *raw);
/* The last message was NEWKEYS. */
void raw_take_newkeys(struct raw *raw);
/* All of it from the identification on; an EXT_INFO that follows is taken. */
void raw_handshake(struct raw *raw);
/* A whole re-key that we begin. */
void raw_rekey(struct raw *raw);

#endif
