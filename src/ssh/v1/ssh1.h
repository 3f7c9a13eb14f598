/*
 * One connection of version 1.5, as the files of this folder share it. A packet
 * comes in by transport.c, is looked up in rules.c and handled in the file of
 * its phase: login_*.c, auth_*.c, session_*.c. The session is shown to the
 * owner as channel 0.
 *
 * Reference: protocol 1.5 as deployed; where it differs from the 1995 draft,
 * the draft describes 1.3.
 */
#ifndef SSH_V1_SSH1_H
#define SSH_V1_SSH1_H

#include "base/reader.h"
#include "crypto/rsa1.h"
#include "ssh/protocol.h"
#include "ssh/v1/messages.h"
#include "ssh/v1/packet.h"

#define CHANNEL1 0 /* the only one */
/* Bytes that the owner may have in hand: more is not read. */
#define WINDOW1 65536
/* What MAX_PACKET_SIZE may ask for. */
#define PACKET_SIZE_MIN 4096
#define PACKET_SIZE_MAX 1048576
#define MODES1_MAX      1024 /* bytes of a terminal's modes */
/* How long the client's EXIT_CONFIRMATION is waited for. */
#define ENDING_MS 10000

/* What we wait for; rules.c says which message may come when. */
enum ssh1_state {
    STATE1_SESSION_KEY, /* server */
    STATE1_USER,        /* server: the user's name */
    STATE1_PUBLIC_KEY,  /* client */
    STATE1_KEYED,       /* client: that the server has the session key, too */
    STATE1_AUTH,
    STATE1_PREPARE, /* authenticated; requests about the session to be */
    STATE1_SESSION,
    STATE1_ENDING, /* the exit status is under way, or has come */
};

/* Answers of the owner without which no packet is read. */
enum ssh1_awaiting {
    AWAIT1_NOTHING,
    AWAIT1_KEY,
    AWAIT1_HOST_KEY,
    AWAIT1_VERDICT,
    AWAIT1_PTY,
    AWAIT1_START,
};

/* Client: what the server's SUCCESS or FAILURE is about. */
enum ssh1_request {
    REQUEST1_NONE,
    REQUEST1_USER,
    REQUEST1_PASSWORD,
    REQUEST1_PTY,
};

struct ssh1 {
    struct ssh_conn *conn;
    enum ssh1_state state;
    enum ssh1_awaiting awaiting;

    struct packet1_receiver rx;
    struct cipher1 *tx;
    size_t mark;      /* where the message under construction begins */
    size_t data_mark; /* and the string in it */
    uint64_t preauth_bytes, preauth_packets;

    uint8_t cookie[RSA1_COOKIE];
    uint8_t session_id[RSA1_SESSION_ID];
    enum cipher1_number cipher;
    bool keyed;           /* both sides encrypt */
    struct buf host_blob; /* client: as SSH-2 has it */
    struct buf server_blob;
    struct buf shown_blob; /* the host key, as HOST_KEY tells it */

    unsigned tries;      /* server: names and proofs so far */
    struct buf user;     /* the name that was given */
    struct buf password; /* client: held until the name was answered */
    bool password_held;
    enum ssh1_request request;

    uint8_t message;     /* the number of the one that is being handled */
    const char *program; /* server: what was asked to be started */
    bool has_pty;
    struct buf modes; /* server: of it, as PTY tells them */
    bool eof_sent, eof_received;
    uint32_t status;   /* server: what EXITSTATUS will say */
    size_t packet_max; /* bytes of a packet that the peer takes */
    uint64_t ending_timer;

    /* Data that came and was not told yet: no window holds a peer back. */
    struct span pending;
    enum ssh_event_type pending_type;
    size_t unconsumed;
    bool wants_writable;
    uint64_t traffic_in, traffic_out;
};

/* A rule's handler: `msg` stands behind the message number. */
typedef enum err (*handler1_fn)(struct ssh1 *ssh, struct reader *msg);

static inline struct ssh1 *
ssh1_of(const struct ssh_conn *c)
{
    return c->state;
}

/* --- transport.c ------------------------------------------------------- */

/* Begin a message; its fields are appended to what is returned. */
struct buf *ssh1_begin(struct ssh1 *ssh, uint8_t message);
/* An error has ended the connection already. */
enum err ssh1_send(struct ssh1 *ssh);
enum err ssh1_send_empty(struct ssh1 *ssh, uint8_t message);
/* Both directions are encrypted from the next packet on. */
enum err ssh1_set_keys(struct ssh1 *ssh, const uint8_t key[RSA1_KEY]);
/* Both return `err`. */
enum err ssh1_fail(struct ssh1 *ssh, enum err err, const char *text);

enum err on_disconnect1(struct ssh1 *ssh, struct reader *msg);
enum err on_ignored1(struct ssh1 *ssh, struct reader *msg);
enum err on_debug1(struct ssh1 *ssh, struct reader *msg);

/* --- rules.c ------------------------------------------------------------ */

/* NULL: nobody may send that now. */
handler1_fn rules1_find(const struct ssh1 *ssh, uint8_t message);
/* As rules_tell_text() of version 2. */
void rules1_tell_text(const struct ssh1 *ssh, uint8_t message,
                      enum ssh_trace_type type, struct span text);

/* --- login_server.c, login_client.c -------------------------------------- */

void login_server_start(struct ssh1 *ssh);
void login_session_key_reply(struct ssh_conn *c, struct span session_id,
                             struct span key);
void login_host_key_reply(struct ssh_conn *c, bool trusted);
enum err on_session_key(struct ssh1 *ssh, struct reader *msg);
enum err on_public_key(struct ssh1 *ssh, struct reader *msg);
enum err on_keyed(struct ssh1 *ssh, struct reader *msg);

/* --- auth_server.c, auth_client.c ----------------------------------------- */

enum err on_user(struct ssh1 *ssh, struct reader *msg);
enum err on_password1(struct ssh1 *ssh, struct reader *msg);
/* A method that nobody has: it fails as a wrong password does. */
enum err on_other_method(struct ssh1 *ssh, struct reader *msg);
void auth1_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                 const char *methods, const struct ssh_question *question);
void auth1_none(struct ssh_conn *c, const char *user);
void auth1_password(struct ssh_conn *c, const char *user, struct span password);
/* SUCCESS and FAILURE, as a client gets them. */
enum err on_auth_answer(struct ssh1 *ssh, bool ok);

/* --- session.c: bytes, both roles ----------------------------------------- */

/* Bytes for the owner; borrowed while is_blocked1() holds. */
enum err session1_received(struct ssh1 *ssh, enum ssh_event_type type,
                           struct span bytes);
bool session1_is_blocked(const struct ssh1 *ssh);
bool session1_next_event(struct ssh_conn *c, struct ssh_event *event);
size_t session1_write(struct ssh_conn *c, uint32_t channel, struct span bytes,
                      bool to_stderr);
/* As ssh_channel_reserve() and ssh_channel_commit() have it. */
size_t session1_reserve(struct ssh_conn *c, uint32_t channel, size_t wanted,
                        uint8_t **place);
void session1_commit(struct ssh_conn *c, uint32_t channel, size_t len);
void session1_consumed(struct ssh_conn *c, uint32_t channel, size_t len);

/* --- session_server.c ------------------------------------------------------
 */

enum err on_request_pty(struct ssh1 *ssh, struct reader *msg);
enum err on_window_size(struct ssh1 *ssh, struct reader *msg);
enum err on_exec_shell(struct ssh1 *ssh, struct reader *msg);
enum err on_exec_command(struct ssh1 *ssh, struct reader *msg);
enum err on_max_packet_size(struct ssh1 *ssh, struct reader *msg);
enum err on_refused_request(struct ssh1 *ssh, struct reader *msg);
enum err on_port_open(struct ssh1 *ssh, struct reader *msg);
enum err on_stdin_data(struct ssh1 *ssh, struct reader *msg);
enum err on_eof1(struct ssh1 *ssh, struct reader *msg);
enum err on_exit_confirmation(struct ssh1 *ssh, struct reader *msg);
void session1_request_reply(struct ssh_conn *c, uint32_t channel, bool ok);
void session1_exit_status(struct ssh_conn *c, uint32_t channel,
                          uint32_t status);
/* The session has ended, and with it the connection. */
void session1_finish(struct ssh1 *ssh);

/* --- session_client.c ------------------------------------------------------
 */

uint32_t session1_open(struct ssh_conn *c);
void session1_pty(struct ssh_conn *c, uint32_t channel,
                  const struct ssh_pty *pty);
void session1_start(struct ssh_conn *c, uint32_t channel, const char *request,
                    const struct span *argument);
void session1_window_size(struct ssh_conn *c, uint32_t channel,
                          uint32_t columns, uint32_t rows);
enum err on_session_answer(struct ssh1 *ssh, bool ok);
enum err on_stdout_data(struct ssh1 *ssh, struct reader *msg);
enum err on_stderr_data(struct ssh1 *ssh, struct reader *msg);
enum err on_exit_status1(struct ssh1 *ssh, struct reader *msg);
/* Both roles: our end of the data; the end of the session. */
void session1_eof(struct ssh_conn *c, uint32_t channel);
void session1_close(struct ssh_conn *c, uint32_t channel);

#endif
