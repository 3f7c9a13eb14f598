/*
 * One file over SFTP, version 3 (draft-ietf-secsh-filexfer-02), from a server
 * or to it. No I/O: bytes go in, actions and bytes come out.
 *
 *     for (;;) {
 *         while (sftp_client_next(c, &action)) carry it out;
 *         send sftp_client_output(), then what SFTP_CLIENT_READ asks for;
 *         give sftp_client_input() more.
 *     }
 *
 * File data is never copied: SFTP_CLIENT_WRITE points into the input,
 * SFTP_CLIENT_READ asks the owner to send it himself. Requests go out without
 * waiting for the answers to those before; answers may come in any order.
 *
 * The server is a stranger: whatever it answers that was not asked, or does
 * not fit what was asked, is the end.
 */
#ifndef TRANSFER_SFTP_CLIENT_H
#define TRANSFER_SFTP_CLIENT_H

#include "base/buf.h"
#include "base/span.h"

#define SFTP_CLIENT_PATH_MAX 1024 /* bytes */
#define SFTP_CLIENT_WINDOW   64   /* of them without an answer */

struct sftp_client_setup {
    bool put;         /* to the server; else from it */
    struct span path; /* over there; copied, cut at the maximum */
    uint64_t bytes;   /* put: of the file; get: at most so many */
};

enum sftp_client_action_type {
    SFTP_CLIENT_SIZE,  /* get: the file will have `bytes`; not always known */
    SFTP_CLIENT_WRITE, /* get: `data` belongs at `offset` */
    SFTP_CLIENT_READ,  /* put: send `bytes` from `offset` on behind all of
                          sftp_client_output(), as many as there is room for:
                          sftp_client_sent() */
    SFTP_CLIENT_END,   /* the last; `end` says how */
};

enum sftp_client_end {
    SFTP_CLIENT_DONE,    /* `bytes` were moved */
    SFTP_CLIENT_REFUSED, /* the server says why: `status`, `data` */
    SFTP_CLIENT_LARGE,   /* more than setup.bytes */
    SFTP_CLIENT_SPECIAL, /* a directory, a device: no file */
    SFTP_CLIENT_SHORT,   /* it became shorter while it was read */
    SFTP_CLIENT_BROKEN,  /* the server breaks the protocol, or ends */
};

struct sftp_client_action {
    enum sftp_client_action_type type;
    uint64_t offset, bytes;
    struct span data; /* borrowed: from the input, or until the next call */
    enum sftp_client_end end;
    uint32_t status; /* SSH_FX_... */
};

struct sftp_client;

struct sftp_client *sftp_client_new(const struct sftp_client_setup *setup);
void sftp_client_free(struct sftp_client *c); /* NULL is fine */

/*
 * Take what can be used now and return how many bytes that was. Less than all:
 * an action is to be fetched, or output to be sent. After SFTP_CLIENT_END
 * everything is taken.
 */
size_t sftp_client_input(struct sftp_client *c, struct span bytes);
/* The server will send no more. */
void sftp_client_input_end(struct sftp_client *c);

/* To be sent; borrowed until the next call. */
struct span sftp_client_output(const struct sftp_client *c);
void sftp_client_output_sent(struct sftp_client *c, size_t len);

/* The next thing to do; false when there is none now. */
bool sftp_client_next(struct sftp_client *c, struct sftp_client_action *action);
/* So many bytes of what SFTP_CLIENT_READ asked for are on their way. */
void sftp_client_sent(struct sftp_client *c, size_t len);

#endif
