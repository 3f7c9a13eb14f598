/*
 * A client of version 1 that obeys nobody, and a server under test that it
 * brings to any phase.
 */
#ifndef TESTS_CORE_RAW1_H
#define TESTS_CORE_RAW1_H

#include "base/reader.h"
#include "crypto/rsa1.h"
#include "owner.h"
#include "pump.h"
#include "ssh/v1/messages.h"
#include "ssh/v1/packet.h"

enum raw1_phase {
    PHASE_SESSION_KEY,
    PHASE_USER,
    PHASE_AUTH,
    PHASE_PREPARE,
    PHASE_SESSION,
    PHASES
};

struct raw1 {
    struct owner owner; /* of the server under test */
    struct chance chance;
    struct ssh_setup setup;
    struct cipher1 *tx;
    struct packet1_receiver rx;
    struct buf in, packet;
    uint8_t cookie[RSA1_COOKIE], key[RSA1_KEY];
    struct span message; /* the last one of the server's */
};

/* A new server, up to its public key. */
void raw1_start(struct raw1 *a);
/* The same, and on. */
void raw1_reach(struct raw1 *a, enum raw1_phase phase);
void raw1_stop(struct raw1 *a);

/* Fetch events and output. */
void raw1_take(struct raw1 *a);
void raw1_bytes(struct raw1 *a, struct span bytes);
/* Begin a message; raw1_end() seals and sends it. */
struct buf *raw1_begin(struct raw1 *a, uint8_t message);
void raw1_end(struct raw1 *a);
/* The number of the server's next message; -1: there is none. */
int raw1_next(struct raw1 *a);

/* A session key, wrapped as it should be; and sent, whatever it is. */
void raw1_wrap(struct raw1 *a, struct buf *wrapped);
void raw1_send_key(struct raw1 *a, unsigned cipher, const uint8_t *cookie,
                   struct span wrapped);
/* From here on both directions are under that key. */
void raw1_use_key(struct raw1 *a);

#endif
