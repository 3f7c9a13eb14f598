/*
 * What the files of role server share: server.c (bytes, time, the order of
 * work), server_events.c (what the peer did), server_channels.c (its
 * channels), server_messages.c (what control said).
 */
#ifndef WORKER_SERVER_PARTS_H
#define WORKER_SERVER_PARTS_H

#include "ssh/conn.h"
#include "worker/scp.h"
#include "worker/server.h"
#include "worker/sftp.h"
#include "worker/shell.h"
#include "worker/trace.h"

#define DISCONNECT_TEXT_MAX 128 /* bytes, NUL included */
#define TERMINAL_NAME_MAX   32  /* bytes; see struct ssh_pty */
#define TERMINAL_MODES_MAX  512 /* bytes; OpenSSH sends half of it */

struct server_channel {
    bool open;
    bool asked; /* shell or exec: once for each channel */
    bool pty, eof;
    uint32_t columns, rows;
    char terminal[TERMINAL_NAME_MAX + 1];
    struct buf modes; /* of it, as the client encodes them; empty: too many */
    struct shell *shell;       /* owned; NULL before shell or exec, and after */
    struct scp_channel *scp;   /* owned; in place of a shell, or NULL */
    struct sftp_channel *sftp; /* likewise */
    struct buf early;          /* what came before control's answer */
    uint64_t greeted_ms; /* banner and prompt go in one packet until then */

    /* By number, so they outlive the channel: see messages.h. */
    unsigned replies_due; /* REQUEST_REPLYs on their way */
    unsigned refusals;    /* requests to be refused behind the asked one */
};

struct server {
    struct uplink *up; /* borrowed */
    int fd;
    struct ssh_conn *ssh;
    uint64_t now_ms;

    uint8_t *in; /* owned: bytes read, not yet taken by the core */
    size_t in_room, in_start, in_end;
    bool input_ended;  /* nothing more can be read */
    bool output_ended; /* nothing more can be written */
    bool peer_closed;  /* the peer has sent its end of the stream */

    struct server_channel channels[SSH_CHANNELS_MAX];
    size_t first_channel; /* whose turn it is to fill the output */

    struct trace trace;
    struct buf banner; /* USERAUTH_BANNER, until it was sent */
    bool signature_due, verdict_due;
    bool logged_in;      /* control has accepted a try */
    bool unsigned_by_us; /* the signer had no signature for an exchange */

    bool closed; /* the core's last event has come: */
    enum ssh_reason reason;
    bool by_peer;
    enum err err;
    const char *text;
    char disconnect_text[DISCONNECT_TEXT_MAX];
};

/* --- server.c ---------------------------------------------------------- */

/* More of the banner that is not sent yet; its lines end in CR LF there. */
void server_add_banner(struct server *s, struct span banner);

/* --- server_events.c --------------------------------------------------- */

void server_on_event(struct server *s, const struct ssh_event *event);

/* --- server_messages.c ------------------------------------------------- */

/* `fd` becomes the callee's. */
void server_on_message(struct server *s, const struct message *m,
                       struct span encoded, int fd);

/* --- server_channels.c ------------------------------------------------- */

/* An event that concerns a channel; false: it is none. */
bool channels_on_event(struct server *s, const struct ssh_event *event);
/* REQUEST_REPLY; and what comes in its place. */
void channels_on_reply(struct server *s, const struct msg_request_reply *m);
void channels_on_serve_scp(struct server *s, const struct msg_serve_scp *m);
void channels_on_serve_sftp(struct server *s, const struct msg_serve_sftp *m);
/* Any other message for one channel, or for CHANNEL_ALL. */
void channels_on_message(struct server *s, uint32_t channel,
                         const struct message *m, struct span encoded, int fd);
/* Move output to the core, typed bytes off the window; true: something did. */
bool channels_pump(struct server *s);
/* The oldest deadline of the shells. */
uint64_t channels_deadline(const struct server *s);
/* A user does not take what is held for him: control must wait, too. */
bool channels_hold_control(const struct server *s);
void channels_trim(struct server *s);

#endif
