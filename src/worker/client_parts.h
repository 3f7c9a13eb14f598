/*
 * What the files of role client share: client.c (bytes, time, the order of
 * work), client_dialogue.c (what the peer did and what control said),
 * client_stream.c (the user's side), client_transfer.c (a file that moves).
 */
#ifndef WORKER_CLIENT_PARTS_H
#define WORKER_CLIENT_PARTS_H

#include "base/log.h"
#include "ssh/client_login.h"
#include "ssh/conn.h"
#include "transfer/scp.h"
#include "transfer/sftp_client.h"
#include "worker/client.h"
#include "worker/trace.h"

#define CLIENT_CHANNEL_NONE UINT32_MAX

/* The user's end is another process's; see worker/attach.h for that one. */
struct client_stream {
    int fd;           /* -1: there is none */
    bool cooked;      /* lines for a screen; see CLIENT_SETUP */
    bool after_cr;    /* cooked: the LF that comes has its CR */
    bool ended;       /* he types nothing more */
    bool end_told;    /* and the peer knows */
    bool gone;        /* nobody reads it any more */
    bool interrupted; /* cooked: ^C or ^^ */
    struct buf typed; /* not yet taken by the channel; may hold a password */
    struct buf raw;   /* from the channel, within its window */
    struct buf shown; /* `taken` bytes of raw, as they are sent */
    size_t taken;
};

struct client_transfer {
    int fd;         /* our file */
    bool get;       /* it comes */
    uint64_t bytes; /* as CLIENT_SETUP has them */
    /* The protocol: one of them. */
    struct scp *scp;
    struct sftp_client *sftp;
    struct buf held;      /* of the channel, not yet taken; within its window */
    struct buf complaint; /* the beginning of the peer's stderr */
    uint64_t place;       /* where the descriptor stands */
    uint64_t allowed;     /* bytes until the disk is looked at again */
    uint64_t due_at, due; /* of our file, to be sent: from where, how much */
    uint64_t moved, moved_told, told_ms;
    bool told_file;
    bool complete;    /* SCP: the file has come, or gone */
    bool input_ended; /* the peer says nothing more */
    bool end_given;   /* and the protocol knows */
    bool over;
};

struct client {
    struct uplink *up; /* borrowed */
    int fd;
    struct ssh_conn *ssh;
    struct client_login *login;
    struct trace trace;
    uint64_t now_ms;
    uint64_t keys_by_ms; /* UINT64_MAX once they are there */
    uint64_t silence_ms; /* as CLIENT_SETUP has it */
    uint64_t moved_ms;   /* when bytes came or went last, or control answered */
    unsigned parts;      /* of that silence that control knows of */
    unsigned answers_due; /* of control: till then the peer may be silent */

    uint8_t *in; /* owned: bytes read, not yet taken by the core */
    size_t in_start, in_end;
    bool input_ended, output_ended;

    enum client_purpose purpose;
    struct buf command;
    bool pty;
    char terminal[32 + 1];
    struct buf modes; /* of RFC 4254 section 8; empty: none said */
    uint32_t columns, rows;
    uint32_t channel;                /* CLIENT_CHANNEL_NONE: not open */
    unsigned replies_due;            /* of the channel's requests */
    bool ready;                      /* CLIENT_READY was sent */
    struct client_stream stream;     /* for a shell, or a command's lines */
    struct client_transfer transfer; /* for a file */

    /* What is told at the end. */
    enum client_end end;
    bool end_known;
    bool has_status;
    uint32_t status;
    char signal[32];
    char why[LOG_LINE_MAX];
    bool closed; /* the core's last event has come */
};

/* --- client.c ----------------------------------------------------------- */

/* The first reason counts. `why` is for the log. */
void client_set_end(struct client *c, enum client_end end, const char *why);
/* The peer is there; or it was not its turn so far. */
void client_note_life(struct client *c);

/* --- client_dialogue.c -------------------------------------------------- */

void client_on_event(struct client *c, const struct ssh_event *event);
/* `fd` becomes the callee's. */
void client_on_message(struct client *c, const struct message *m, int fd);
/* Carry out what the login wants next; true: something was done. */
bool client_step(struct client *c);

/* --- client_stream.c ---------------------------------------------------- */

void stream_init(struct client_stream *s, int fd, bool cooked);
/* Bytes of the channel; at most its window is held. */
void stream_take(struct client_stream *s, struct span bytes);
/* Move what can be moved both ways; true: something was. */
bool stream_pump(struct client *c);
/* All that came for the user is on its way to him. */
bool stream_is_empty(const struct client_stream *s);
/* What poll(2) should look for. */
short stream_events(const struct client *c);

/* --- client_transfer.c -------------------------------------------------- */

/* Is the connection for a file? Then there is no stream. */
bool transfer_is_wanted(enum client_purpose purpose);
/* `fd` is the file. */
void transfer_init(struct client_transfer *t, const struct msg_client_setup *m,
                   int fd);
/* Bytes of the channel; at most its window is held. And of its stderr. */
void transfer_take(struct client *c, struct span bytes);
void transfer_complain(struct client *c, struct span bytes);
/* Move what can be moved both ways; true: something was. */
bool transfer_pump(struct client *c);
/* The peer says nothing more; the channel is closed. */
void transfer_input_end(struct client *c);
void transfer_closed(struct client *c);
/* Closed before it had begun; `otherwise`: unless it said why itself. */
void transfer_refused(struct client *c, const char *otherwise);

#endif
