/*
 * One connection of version 2, as the files of this folder share it. A packet
 * comes in by receive.c, is looked up in rules.c and handled in the file of
 * its layer: kex*.c, auth_*.c, connection.c with session_*.c. What is sent
 * goes out by transport.c.
 */
#ifndef SSH_V2_SSH2_H
#define SSH_V2_SSH2_H

#include "base/reader.h"
#include "crypto/hash.h"
#include "ssh/channel.h"
#include "ssh/protocol.h"
#include "ssh/v2/kexinit.h"
#include "ssh/v2/messages.h"
#include "ssh/v2/packet.h"

/* Bytes of messages that wait for the end of a key exchange. */
#define HELD_MAX (16 * 1024)
/* UNIMPLEMENTED sent during one key exchange (hardening 2.18). */
#define KEX_UNIMPLEMENTED_MAX 64
/*
 * Peer-started re-keys in a row, each with less than STORM_BYTES of channel
 * data since the one before. One that comes STORM_MS later is none of them:
 * PuTTY changes keys every hour, however idle the session is.
 */
#define STORM_MAX   8
#define STORM_BYTES (32 * 1024)
#define STORM_MS    10000
/* A re-key that we began is answered and done within this time. */
#define KEX_TIME_MS 600000
/* A corrupted CBC packet is read on for no longer than this. */
#define DISCARD_TIME_MS 120000
#define REKEY_PACKETS   (UINT64_C(1) << 31)
#define REKEY_BLOCK64   (UINT64_C(1) << 30)
#define EXTENSIONS_MAX  32   /* entries of one EXT_INFO (hardening 3.15) */
#define BANNER_MAX      8192 /* bytes of our USERAUTH_BANNER */

/* What we wait for; rules.c says which message may come when. */
enum ssh2_state {
    STATE_KEXINIT,     /* the peer's first KEXINIT */
    STATE_KEX_INIT,    /* server: the client's value */
    STATE_GEX_REQUEST, /* server: the group the client wants */
    STATE_GEX_INIT,    /* server: the client's value in that group */
    STATE_KEX_REPLY,   /* client: the server's value and signature */
    STATE_GEX_GROUP,   /* client: the group */
    STATE_GEX_REPLY,   /* client */
    STATE_NEWKEYS,     /* the end of a key exchange */
    STATE_SERVICE,     /* a service request, or its acceptance */
    STATE_AUTH,
    STATE_OPEN, /* authenticated */
};

/* Answers of the owner without which no packet is read. */
enum ssh2_awaiting {
    AWAIT_NOTHING,
    AWAIT_SIGNATURE,
    AWAIT_HOST_KEY,
    AWAIT_VERDICT,
};

struct ssh2 {
    struct ssh_conn *conn;
    enum ssh2_state state;
    enum ssh2_state phase; /* SERVICE, AUTH or OPEN: after a key exchange */
    enum ssh2_awaiting awaiting;

    struct packet_receiver rx;
    struct packet_sender tx;
    uint32_t packet_seq; /* of the packet that is being handled */
    uint8_t *payload;    /* its payload, borrowed while it is handled */
    size_t payload_len;
    size_t needed; /* bytes of the packet that comes in pieces, as known */
    uint64_t preauth_bytes, preauth_packets;

    struct buf *building; /* where the message under construction goes */
    size_t mark;          /* and where it begins there */
    size_t data_mark;     /* and, with connection_reserve(), its data */
    struct buf held;      /* messages that a key exchange holds back */

    struct kex *kex; /* the exchange that is going on; see kex.h */
    unsigned exchanges;
    struct kex_choice choice; /* of the last complete exchange */
    uint8_t session_id[HASH_MAX];
    size_t session_id_len;
    bool strict;
    bool peer_takes_ext_info;
    bool is_first_packet;        /* under the first keys; may be EXT_INFO */
    bool success_must_follow;    /* client: EXT_INFO came before SUCCESS */
    struct span host_key;        /* client: of the first exchange; owned */
    struct span server_sig_algs; /* client; owned */

    unsigned storm;       /* peer-started re-keys with little data between */
    uint64_t storm_bytes; /* traffic when the last of them began */
    uint64_t storm_ms;    /* and the time */
    uint64_t rekey_timer, kex_timer, discard_timer, idle_timer;

    struct auth_server *auth_server; /* until authenticated */
    struct auth_client *auth_client;

    struct channel channels[SSH_CHANNELS_MAX];
    bool no_more_sessions;
    /* Server: a request that depends on the answer to an earlier one of its
       channel. While it is held, no packet is read. */
    struct buf request;
    bool request_held;
    uint32_t request_channel;
    uint64_t traffic_in, traffic_out; /* bytes of channel data */
};

/* A rule's handler: `msg` stands behind the message number. */
typedef enum err (*handler_fn)(struct ssh2 *ssh, struct reader *msg);

/* --- transport.c: send and fail -------------------------------------- */

static inline struct ssh2 *
ssh2_of(const struct ssh_conn *c)
{
    return c->state;
}

/*
 * Begin a message and return where its fields are appended; end it with
 * ssh2_send(). While our side of a key exchange runs, messages that may not
 * be sent then are held back and go out after our NEWKEYS, in order.
 */
struct buf *ssh2_begin(struct ssh2 *ssh, uint8_t message);
/* An error has ended the connection already. */
enum err ssh2_send(struct ssh2 *ssh);
/* Do not send the message that was begun. */
void ssh2_drop(struct ssh2 *ssh);
/* A message without fields. */
enum err ssh2_send_empty(struct ssh2 *ssh, uint8_t message);
/* Send what was held back. */
void ssh2_send_held(struct ssh2 *ssh);

/* Both return `err`. */
enum err ssh2_fail(struct ssh2 *ssh, enum err err, const char *text);
enum err ssh2_end(struct ssh2 *ssh, enum ssh_reason reason, enum err err,
                  const char *text);
/* Begin a key exchange if volume or packets demand it. */
void ssh2_rekey_if_due(struct ssh2 *ssh);
/* A phase begins: what goes on when no keys are exchanged. */
void ssh2_enter_phase(struct ssh2 *ssh, enum ssh2_state phase);

/* --- receive.c ------------------------------------------------------- */

/* Take at most one packet, or a piece of one; see protocol.h. */
size_t ssh2_input(struct ssh_conn *c, uint8_t *in, size_t len);

/* Handlers of the messages that belong to no layer above. */
enum err on_disconnect(struct ssh2 *ssh, struct reader *msg);
enum err on_ignored(struct ssh2 *ssh, struct reader *msg);
enum err on_debug(struct ssh2 *ssh, struct reader *msg);
enum err on_service_request(struct ssh2 *ssh, struct reader *msg);
enum err on_service_accept(struct ssh2 *ssh, struct reader *msg);

#endif
