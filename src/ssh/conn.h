/*
 * The SSH protocol core: bytes in, events and bytes out. One object is a
 * server or a client. It does no I/O, has no globals, knows no clock.
 *
 *     while (events) answer them;  write ssh_conn_output();  read, input.
 *
 * After a failure only output (the disconnect message) is left to send and
 * one last event to fetch, SSH_EVENT_CLOSED.
 */
#ifndef SSH_CONN_H
#define SSH_CONN_H

#include "base/secret.h"
#include "crypto/random.h"
#include "ssh/event.h"
#include "ssh/trace.h"

/* Ceilings (hardening 6.1); each has a test that reaches it. */
#define SSH_IDENT_MAX           255
#define SSH_PACKET_MAX_PREAUTH  35000
#define SSH_PACKET_MAX          (65536 + 1024)
#define SSH_CHANNELS_MAX        8
#define SSH_CHANNEL_PACKET_MAX  32768   /* data bytes of one packet */
#define SSH_CHANNEL_WINDOW      2097152 /* we grant at most this */
#define SSH_PREAUTH_BYTES_MAX   (1024 * 1024)
#define SSH_PREAUTH_PACKETS_MAX 2000
#define SSH_AUTH_REQUESTS_MAX   20
#define SSH_OUTPUT_MAX          (256 * 1024)
#define SSH_IDLE_NO_CHANNEL_MS  120000 /* authenticated, nothing open */
#define SSH_HOST_KEYS_MAX       8
#define SSH_USER_MAX            64
#define SSH_PASSWORD_MAX        256

enum ssh_role { SSH_SERVER, SSH_CLIENT };

/* Protocol versions, as a set. */
#define SSH_VERSION_1 1u /* 1.5 */
#define SSH_VERSION_2 2u

struct ssh_setup {
    enum ssh_role role;
    unsigned versions;    /* that are spoken; 0: version 2 */
    const char *software; /* "vtyd_0.1.0": identification is SSH-2.0-... */
    uint64_t now_ms;      /* CLOCK_MONOTONIC, milliseconds */

    /* What is offered, in order: comma-separated names, borrowed by _new(). */
    const char *kex, *host_key_algorithms, *ciphers, *macs;
    /* Server: algorithms for publickey user authentication, for EXT_INFO. */
    const char *user_key_algorithms;

    /* Server: public key blobs; copied. */
    size_t host_key_count;
    struct span host_keys[SSH_HOST_KEYS_MAX];

    /*
     * Version 1. Its ciphers, "3des,des", in a client's order of preference.
     * Server: the blobs of two RSA keys that differ by RSA1_BITS_APART bits at
     * least; copied.
     */
    const char *v1_ciphers;
    struct span v1_host_key, v1_server_key;

    uint64_t rekey_bytes; /* either direction; 0: 1 GiB */
    uint64_t rekey_ms;    /* 0: one hour */
    uint32_t window;      /* receive window per channel; 0: 64 KiB for
                             interactive use, growing to the maximum */
    uint32_t group_min;   /* bits of an exchanged group, at least; client: 0
                             is 2048, and 1024 the least */

    random_fn random;
    void *random_state;

    /* Who debugs it from the beginning, as ssh_conn_set_trace() has it. */
    ssh_trace_fn trace;
    void *trace_owner;
};

struct ssh_conn;

/* Borrowed strings are copied. Free with ssh_conn_free(), which wipes. */
struct ssh_conn *ssh_conn_new(const struct ssh_setup *setup);
void ssh_conn_free(struct ssh_conn *c);

/*
 * Take what can be used now and return how many bytes that was. Less than
 * `len` (perhaps 0): events are to be fetched (they come packet by packet, and
 * may point into `in`), one waits for its answer, or the output is full; give
 * the rest again later. `in` is decrypted in place.
 */
size_t ssh_conn_input(struct ssh_conn *c, uint8_t *in, size_t len);
/* The peer closed its side (or the socket failed). */
void ssh_conn_input_end(struct ssh_conn *c);
/* Would ssh_conn_input() take anything now? If not, do not read. */
bool ssh_conn_wants_input(const struct ssh_conn *c);

/* Bytes to send, borrowed until the next call; then say how many went. */
struct span ssh_conn_output(const struct ssh_conn *c);
void ssh_conn_output_sent(struct ssh_conn *c, size_t len);

/* False when there is none. */
bool ssh_conn_next_event(struct ssh_conn *c, struct ssh_event *event);

/*
 * Time: call tick at the deadline at the latest (UINT64_MAX: none); better at
 * each turn, for what begins between two ticks begins at the later one.
 */
void ssh_conn_tick(struct ssh_conn *c, uint64_t now_ms);
uint64_t ssh_conn_deadline(const struct ssh_conn *c);

/* End it: disconnect message with this constant text, then CLOSED. */
void ssh_conn_disconnect(struct ssh_conn *c, enum ssh_reason reason,
                         const char *text);
/* Start a key exchange now (no effect while one runs). */
void ssh_conn_rekey(struct ssh_conn *c);

/* What was negotiated last; names are constants, "none" before the first. */
struct ssh_keys {
    const char *kex, *host_key;
    const char *cipher_in, *cipher_out; /* in: from the peer */
    const char *mac_in, *mac_out;       /* "implicit" with AEAD ciphers */
    unsigned exchanges;                 /* completed so far */
    bool exchanging;                    /* another one is under way */
};
struct ssh_keys ssh_conn_keys(const struct ssh_conn *c);
/* The version that is spoken; 0 while that is not known. */
unsigned ssh_conn_version(const struct ssh_conn *c);
/* The peer's identification line, raw bytes; empty before it came. */
struct span ssh_conn_peer_ident(const struct ssh_conn *c);
/* The first exchange hash; empty before it. */
struct span ssh_conn_session_id(const struct ssh_conn *c);
/* Bytes of channel data received and sent so far. */
void ssh_conn_traffic(const struct ssh_conn *c, uint64_t *in, uint64_t *out);
/* Tell `trace` all that happens from now on; NULL: nobody. */
void ssh_conn_set_trace(struct ssh_conn *c, ssh_trace_fn trace, void *owner);
/* Free what is not in use; call it before a long idle. */
void ssh_conn_trim(struct ssh_conn *c);

/* --- server ------------------------------------------------------------ */

/*
 * Answer NEED_SIGNATURE. `hash` is what the signer computed and must equal
 * the core's own. Both empty: no signature could be had; the exchange fails.
 */
void ssh_conn_sign_reply(struct ssh_conn *c, struct span hash,
                         struct span signature);

/*
 * Answer NEED_SESSION_KEY: what the signer computed. `session_id` must equal
 * the core's own. Both empty: there is none, and the connection ends.
 */
void ssh_conn_session_key_reply(struct ssh_conn *c, struct span session_id,
                                struct span key);

enum ssh_verdict {
    SSH_VERDICT_ACCEPT,
    SSH_VERDICT_REJECT, /* methods: what can continue */
    SSH_VERDICT_ASK,    /* question: keyboard-interactive */
    SSH_VERDICT_KEY_OK, /* to PUBLICKEY_QUERY */
};

/*
 * Answer AUTH_REQUEST or AUTH_ANSWER. `methods` (REJECT) is a name list;
 * `question` is for ASK. Input is not processed while an answer is due.
 */
void ssh_conn_auth_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                         const char *methods,
                         const struct ssh_question *question);
/* USERAUTH_BANNER, before authentication has succeeded (RFC 4252 5.4). */
void ssh_conn_banner(struct ssh_conn *c, struct span text);

/* Answer PTY, SHELL, EXEC, SUBSYSTEM, BREAK (sent only if wanted). */
void ssh_channel_request_reply(struct ssh_conn *c, uint32_t channel, bool ok);
/* exit-status; before ssh_channel_close(). */
void ssh_channel_exit_status(struct ssh_conn *c, uint32_t channel,
                             uint32_t status);

/* --- both: channels ---------------------------------------------------- */

/*
 * How many of the bytes were taken: bounded by the peer's window and by the
 * room for output. 0 to len; WRITABLE follows a short count. While keys are
 * exchanged nothing is taken.
 */
size_t ssh_channel_write(struct ssh_conn *c, uint32_t channel,
                         struct span bytes);
/* As above to the peer's stderr (server). */
size_t ssh_channel_write_error(struct ssh_conn *c, uint32_t channel,
                               struct span bytes);
/*
 * The same without a copy: room for up to `wanted` bytes, of one packet, at
 * `*place`, where they will be encrypted. Returns how many there is room for;
 * 0: nothing can be sent now, WRITABLE follows. After any other number the
 * next call on this connection is ssh_channel_commit(), with as many bytes as
 * were put there: 0 sends nothing.
 */
size_t ssh_channel_reserve(struct ssh_conn *c, uint32_t channel, size_t wanted,
                           uint8_t **place);
void ssh_channel_commit(struct ssh_conn *c, uint32_t channel, size_t len);
/* The owner is done with `len` received bytes: the window opens again. */
void ssh_channel_consumed(struct ssh_conn *c, uint32_t channel, size_t len);
/* No more data from us. All that write() took goes out before it. */
void ssh_channel_eof(struct ssh_conn *c, uint32_t channel);
/* Close our side (EOF first, if not yet sent); CHANNEL_CLOSED follows. */
void ssh_channel_close(struct ssh_conn *c, uint32_t channel);

/* --- client ------------------------------------------------------------ */

/* What the server's EXT_INFO said it takes (RFC 8308); empty without one. */
struct span ssh_conn_server_sig_algs(const struct ssh_conn *c);
void ssh_conn_host_key_reply(struct ssh_conn *c, bool trusted);

void ssh_conn_auth_none(struct ssh_conn *c, const char *user);
void ssh_conn_auth_password(struct ssh_conn *c, const char *user,
                            struct span password);
void ssh_conn_auth_interactive(struct ssh_conn *c, const char *user);
void ssh_conn_auth_answer(struct ssh_conn *c, size_t count,
                          const struct span *answers);
void ssh_conn_auth_key_query(struct ssh_conn *c, const char *user,
                             struct span algorithm, struct span key);
/* The bytes to be signed for this request (RFC 4252 section 7). */
struct buf;
void ssh_conn_auth_key_data(const struct ssh_conn *c, const char *user,
                            struct span algorithm, struct span key,
                            struct buf *to);
void ssh_conn_auth_key(struct ssh_conn *c, const char *user,
                       struct span algorithm, struct span key,
                       struct span signature);

/* Open a session channel; our number. OPENED or OPEN_FAILED follows. */
uint32_t ssh_conn_open_session(struct ssh_conn *c);
/* Requests that want a reply: REQUEST_REPLY follows, in order. */
void ssh_channel_pty(struct ssh_conn *c, uint32_t channel,
                     const struct ssh_pty *pty);
void ssh_channel_shell(struct ssh_conn *c, uint32_t channel);
void ssh_channel_exec(struct ssh_conn *c, uint32_t channel,
                      struct span command);
void ssh_channel_subsystem(struct ssh_conn *c, uint32_t channel,
                           struct span name);
/* Without reply. */
void ssh_channel_window_size(struct ssh_conn *c, uint32_t channel,
                             uint32_t columns, uint32_t rows);
void ssh_channel_break(struct ssh_conn *c, uint32_t channel, uint32_t ms);

#endif
