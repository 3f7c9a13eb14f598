/*
 * Seal and open one packet, in place (RFC 4253 section 6). A receiver and a
 * sender are the two directions of a connection; with no cipher they are in
 * clear.
 */
#ifndef SSH_V2_PACKET_H
#define SSH_V2_PACKET_H

#include "base/buf.h"
#include "crypto/cipher.h"
#include "crypto/mac.h"
#include "crypto/random.h"
#include "ssh/conn.h"

#define PACKET_HEADER 5 /* length and padding length, before the payload */
/* Most bytes that sealing adds to a payload: header, padding and MAC. */
#define PACKET_OVERHEAD (PACKET_HEADER + 4 + 16 + MAC_MAX)
/* What a corrupted CBC packet makes us read in all, whatever its fault. */
#define PACKET_DISCARD (SSH_PACKET_MAX + 4 + MAC_MAX)

/* The keys of one direction. NULL, NULL: in clear. */
struct packet_keys {
    struct cipher *cipher;
    struct mac *mac; /* NULL with ciphers that authenticate themselves */
};

struct packet_receiver {
    struct packet_keys keys;
    uint32_t seq;     /* of the next packet */
    bool seq_wrapped; /* it has passed 2^32 - 1 */
    uint64_t packets; /* received under these keys */
    uint64_t bytes;
    uint32_t max;      /* most the length field may say */
    uint32_t length;   /* of the packet that is being received */
    bool length_known; /* and its first block is decrypted */
    bool corrupted;    /* reading on to hide which fault it was */
    size_t discarded;  /* bytes of that packet and behind it so far */
};

struct packet_sender {
    struct packet_keys keys;
    uint32_t seq;
    uint64_t packets;
    uint64_t bytes;
    uint32_t length, padding; /* of the last packet; with its length field */
};

/*
 * Open the packet at the front of bytes[0..len), decrypting in place.
 *
 * OK: it was `*size` bytes long, its payload is `*payload_len` bytes (1 at
 * least) from bytes + PACKET_HEADER on.
 * ERR_MORE: it takes `*size` bytes (more than `len`) as far as is known; what
 * was decrypted stays decrypted, so the same bytes, wherever they are moved,
 * must come again with more behind them. After that `corrupted` may be set:
 * then no byte is wanted again, give further ones to packet_discard().
 * ERR_LENGTH, ERR_MAC, ERR_CRYPTO: the connection is lost.
 */
MUST_CHECK enum err packet_open(struct packet_receiver *rx, uint8_t *bytes,
                                size_t len, size_t *size, size_t *payload_len);
/*
 * Swallow up to `len` bytes after a corrupted CBC packet; the number taken.
 * `*err` is ERR_MORE, and ERR_MAC once PACKET_DISCARD bytes have come in all
 * and a MAC over as many was made (CVE-2008-5161).
 */
size_t packet_discard(struct packet_receiver *rx, size_t len, enum err *err);

/* Bytes that tell a packet's length: of its first block, or of the field. */
size_t packet_first_bytes(const struct packet_keys *keys);
/* Bytes behind a packet: a MAC or the cipher's own tag. */
size_t packet_mac_bytes(const struct packet_keys *keys);

/* Append the header of a packet; its payload is appended by the caller. */
size_t packet_begin(struct buf *out);
/*
 * Seal in place the packet that began at `mark`. ERR_LIMIT: no room, or
 * 2^32 packets under one key.
 */
MUST_CHECK enum err packet_seal(struct packet_sender *tx, struct buf *out,
                                size_t mark, random_fn random,
                                void *random_state);

void packet_keys_clear(struct packet_keys *keys);
/* Take new keys into use; with `reset_seq` numbering starts again at 0. */
void packet_receiver_rekey(struct packet_receiver *rx, struct packet_keys *keys,
                           bool reset_seq);
void packet_sender_rekey(struct packet_sender *tx, struct packet_keys *keys,
                         bool reset_seq);

#endif
