/*
 * Key exchange: from KEXINIT to NEWKEYS (RFC 4253 section 7), first and
 * again, begun by either side. kex_server.c and kex_client.c run the method,
 * kex.c does what is the same for both.
 */
#ifndef SSH_V2_KEX_H
#define SSH_V2_KEX_H

#include "base/secret.h"
#include "ssh/v2/ssh2.h"

/* Both KEXINIT payloads and both identification lines. */
#define KEX_BEFORE_MAX (2 * SSH_PACKET_MAX_PREAUTH + 2 * SSH_IDENT_MAX + 16)
/* Group exchange's wish and group, the two values and K. */
#define KEX_AFTER_MAX (12 + 2 * KEX_VALUE_MAX + 2 * KEX_VALUE_MAX + SECRET_MAX)

/* One exchange, from our KEXINIT until both NEWKEYS are through. */
struct kex {
    struct buf own_init, peer_init; /* KEXINIT payloads */
    bool newkeys_sent;
    bool skip_guess; /* the next packet of the exchange was guessed wrong */
    unsigned unimplemented;

    struct kex_choice choice;
    size_t host_key;        /* server: which of ours */
    struct span server_key; /* K_S; client: in `key_copy` */
    struct buf key_copy;
    unsigned key_bits; /* client: of K_S */
    struct kex_client *client;
    const struct kex_group *group; /* group exchange; kex_group_free() */

    /* The hashed data before and behind K_S, and the hash. */
    struct buf before, after;
    uint8_t hash[HASH_MAX];
    struct secret k;       /* with its length in front */
    struct packet_keys in; /* taken into use by the peer's NEWKEYS */
};

/* --- kex.c ----------------------------------------------------------- */

/* Begin an exchange by sending KEXINIT; none may be going on. */
void kex_start(struct ssh2 *ssh);
void kex_free(struct kex *kex);
/* Our own messages other than those of the exchange must wait. */
bool kex_holds_output(const struct ssh2 *ssh);
/* Is this packet the one that was sent on a wrong guess? Only once true. */
bool kex_skips(struct ssh2 *ssh, uint8_t message);

/* What the chosen method calls one of its messages, for traces. */
const char *kex_message_name(const struct ssh2 *ssh, uint8_t message);
/* A value of the method with its length in front. */
struct span kex_read_value(struct reader *msg);
/* `before` and `after` are complete: compute the exchange hash. */
MUST_CHECK enum err kex_hash(struct ssh2 *ssh);
/* The exchange is proven: derive keys, send NEWKEYS and what waited. */
enum err kex_finish(struct ssh2 *ssh);

enum err on_kexinit(struct ssh2 *ssh, struct reader *msg);
enum err on_newkeys(struct ssh2 *ssh, struct reader *msg);

/* --- kex_server.c ---------------------------------------------------- */

void kex_server_begin(struct ssh2 *ssh);
enum err on_kex_init(struct ssh2 *ssh, struct reader *msg);
enum err on_gex_request(struct ssh2 *ssh, struct reader *msg);
enum err on_gex_request_old(struct ssh2 *ssh, struct reader *msg);
void kex_sign_reply(struct ssh_conn *c, struct span hash,
                    struct span signature);

/* --- kex_client.c ---------------------------------------------------- */

enum err kex_client_begin(struct ssh2 *ssh);
enum err on_kex_reply(struct ssh2 *ssh, struct reader *msg);
enum err on_gex_group(struct ssh2 *ssh, struct reader *msg);
void kex_host_key_reply(struct ssh_conn *c, bool trusted);

#endif
