/*
 * What conn.c and a protocol version know of each other. conn.c owns the
 * bytes, the events and the end of a connection; a version turns packets into
 * events and calls into packets. version.c is the first of them: it reads the
 * identification line and hands over by changing `protocol` and `state`.
 */
#ifndef SSH_PROTOCOL_H
#define SSH_PROTOCOL_H

#include "base/buf.h"
#include "ssh/conn.h"

/* Bytes of output kept free for answers to one packet and its events. */
#define OUTPUT_RESERVE (32 * 1024)
/* Output at which input stops: before and after authentication. */
#define OUTPUT_FULL_PREAUTH (64 * 1024 - OUTPUT_RESERVE)
#define OUTPUT_FULL         (SSH_OUTPUT_MAX - OUTPUT_RESERVE)
/* Channel data leaves room below that: two sides that both wait to write go
   on reading, or they would wait for ever. */
#define OUTPUT_DATA_MAX (OUTPUT_FULL - 32 * 1024)
/* A peer that takes none of our output for this long is gone. */
#define OUTPUT_STALL_MS 120000
/* Events of one packet, at most. */
#define EVENTS_MAX 4
/* Text of a peer's DISCONNECT: bytes that are looked at (hardening 2.19). */
#define PEER_TEXT_MAX 128

/*
 * A deadline that may be set by a call that knows no time: it is new then,
 * and the next tick dates it.
 */
#define TIMER_OFF UINT64_MAX
#define TIMER_NEW (UINT64_MAX - 1)

/* Date a new timer; true when `duration_ms` have passed since it was dated. */
bool timer_is_due(uint64_t *timer, uint64_t now_ms, uint64_t duration_ms);
/* When the next tick is due for it; UINT64_MAX for none. */
uint64_t timer_deadline(uint64_t timer, uint64_t now_ms);

/* A copy of what ssh_setup offers. */
struct ssh_offer {
    char *kex, *host_key_algorithms, *ciphers, *macs;
    char *user_key_algorithms;
    char *v1_ciphers;
    struct span v1_host_key, v1_server_key; /* owned copies */
    size_t host_key_count;
    struct span host_keys[SSH_HOST_KEYS_MAX]; /* owned copies */
};

struct ssh_protocol {
    /* Let go of `state`. */
    void (*free)(struct ssh_conn *c);
    /*
     * Take at most one packet, or a piece of one, and return how many bytes
     * that was; `len` is not 0.
     */
    size_t (*input)(struct ssh_conn *c, uint8_t *in, size_t len);
    /* An answer is due that must come before more input. */
    bool (*is_blocked)(const struct ssh_conn *c);
    /* Authenticated: the larger ceilings hold. */
    bool (*is_open)(const struct ssh_conn *c);
    /* The peer may end its side now without a word. */
    bool (*may_end)(const struct ssh_conn *c);
    /* Events that are kept as state, behind those of the queue. */
    bool (*next_event)(struct ssh_conn *c, struct ssh_event *event);
    void (*tick)(struct ssh_conn *c);
    uint64_t (*deadline)(const struct ssh_conn *c);
    void (*put_disconnect)(struct ssh_conn *c, enum ssh_reason reason,
                           const char *text);
    void (*trim)(struct ssh_conn *c); /* NULL: nothing to give back */

    /* From here on none until the version is known. As in conn.h. */
    unsigned version;
    struct ssh_keys (*keys)(const struct ssh_conn *c);
    struct span (*session_id)(const struct ssh_conn *c);
    void (*traffic)(const struct ssh_conn *c, uint64_t *in, uint64_t *out);

    void (*auth_reply)(struct ssh_conn *c, enum ssh_verdict verdict,
                       const char *methods,
                       const struct ssh_question *question);
    void (*request_reply)(struct ssh_conn *c, uint32_t channel, bool ok);
    void (*exit_status)(struct ssh_conn *c, uint32_t channel, uint32_t status);

    size_t (*write)(struct ssh_conn *c, uint32_t channel, struct span bytes,
                    bool to_stderr);
    size_t (*reserve)(struct ssh_conn *c, uint32_t channel, size_t wanted,
                      uint8_t **place);
    void (*commit)(struct ssh_conn *c, uint32_t channel, size_t len);
    void (*consumed)(struct ssh_conn *c, uint32_t channel, size_t len);
    void (*eof)(struct ssh_conn *c, uint32_t channel);
    void (*close)(struct ssh_conn *c, uint32_t channel);

    void (*host_key_reply)(struct ssh_conn *c, bool trusted);
    void (*auth_none)(struct ssh_conn *c, const char *user);
    void (*auth_password)(struct ssh_conn *c, const char *user,
                          struct span password);
    uint32_t (*open_session)(struct ssh_conn *c);
    void (*pty)(struct ssh_conn *c, uint32_t channel,
                const struct ssh_pty *pty);
    /* shell, exec, subsystem; `argument` NULL for shell. */
    void (*start)(struct ssh_conn *c, uint32_t channel, const char *request,
                  const struct span *argument);
    void (*window_size)(struct ssh_conn *c, uint32_t channel, uint32_t columns,
                        uint32_t rows);

    /* What one of the versions does not have: NULL there. */
    void (*rekey)(struct ssh_conn *c);
    void (*sign_reply)(struct ssh_conn *c, struct span hash,
                       struct span signature);
    void (*session_key_reply)(struct ssh_conn *c, struct span session_id,
                              struct span key);
    void (*banner)(struct ssh_conn *c, struct span text);
    void (*auth_interactive)(struct ssh_conn *c, const char *user);
    void (*auth_answer)(struct ssh_conn *c, size_t count,
                        const struct span *answers);
    /* `signature` NULL: a query. */
    void (*auth_key)(struct ssh_conn *c, const char *user,
                     struct span algorithm, struct span key,
                     const struct span *signature);
    void (*auth_key_data)(const struct ssh_conn *c, const char *user,
                          struct span algorithm, struct span key,
                          struct buf *to);
    struct span (*server_sig_algs)(const struct ssh_conn *c);
    void (*send_break)(struct ssh_conn *c, uint32_t channel, uint32_t ms);
};

struct ssh_conn {
    enum ssh_role role;
    const struct ssh_protocol *protocol;
    void *state; /* the protocol's own; freed by its free() */

    struct ssh_offer offer;
    uint64_t rekey_bytes, rekey_ms;
    uint32_t window, group_min;
    unsigned versions; /* SSH_VERSION_1, SSH_VERSION_2 */
    random_fn random;
    void *random_state;
    uint64_t now_ms;

    ssh_trace_fn trace; /* NULL: nobody debugs it */
    void *trace_owner;
    size_t left_over; /* traced: of the last input, not taken */
    size_t untold;    /* and what came and was not told yet */

    /* Identification lines without their CR LF; owned, NULL before. */
    char *own_ident;
    struct span peer_ident;

    struct buf in;  /* a packet that comes in pieces */
    size_t in_used; /* its bytes, once events may point to them */
    struct buf out;
    uint64_t stall; /* timer: output waits and none of it goes */

    struct ssh_event *events; /* a queue of EVENTS_MAX; NULL while unused */
    size_t event_first, event_count;

    /* The end, once it has begun: nothing is taken from then on. */
    bool ended, end_told;
    enum ssh_reason reason;
    bool by_peer;
    enum err err;
    const char *text;
    char *peer_text; /* owned; what `text` points to when the peer said it */
};

/*
 * End the connection for a fault of the peer, or of ours: the disconnect code
 * and the peer's text follow from `err`, `text` is constant and for the log.
 * Returns `err`. Only the first call has an effect.
 */
enum err ssh_fail(struct ssh_conn *c, enum err err, const char *text);
/* The same with a text of this moment; printable ASCII, copied. */
enum err ssh_fail_saying(struct ssh_conn *c, enum err err, struct span text);
/* The same with a code and a text of its own for the peer. */
enum err ssh_end(struct ssh_conn *c, enum ssh_reason reason, enum err err,
                 const char *text);
/* The peer sent its own disconnect message; `text` is raw. */
void ssh_ended_by_peer(struct ssh_conn *c, uint32_t reason, struct span text);

/*
 * SSH_TELL(c, SSH_TRACE_PADDING, .numbers = {4}): one branch while nobody
 * listens. Text of a packet is for the functions of its version that look
 * into their table first.
 */
#define SSH_TELL(c, type_, ...)                                              \
    do {                                                                     \
        if ((c)->trace != NULL)                                              \
            (c)->trace((c)->trace_owner,                                     \
                       &(struct ssh_trace){.type = (type_), ##__VA_ARGS__}); \
    } while (0)

/* Add an event to the queue and return it to be filled in. */
struct ssh_event *ssh_event_add(struct ssh_conn *c, enum ssh_event_type type);

/* Send our identification line and read the peer's. */
void version_start(struct ssh_conn *c, const char *software);
/* v1/, v2/: take over a connection whose peer speaks that version. */
void ssh1_start(struct ssh_conn *c);
void ssh2_start(struct ssh_conn *c);

#endif
