/*
 * The server's end of SFTP version 3, without files: bytes of the client go
 * in, deeds to be done and bytes for the client come out.
 *
 *     while ((action = sftp_server_next(s, &bytes)) != NULL)
 *         do it, and answer by one of the calls below, now or later;
 *     send sftp_server_output();
 *
 * Requests are worked on one at a time, in the order in which they came: what
 * a client sends meanwhile waits where it is, unread. Bytes that it writes to
 * one place after another become one action, so long as they come without a
 * break; these are never copied.
 *
 * draft-ietf-secsh-filexfer-02, hardening 9.1 to 9.6.
 */
#ifndef TRANSFER_SFTP_SERVER_H
#define TRANSFER_SFTP_SERVER_H

#include "transfer/sftp_name.h"

#define SFTP_SLOTS       32    /* files and directories open at once */
#define SFTP_PIECES_MAX  64    /* runs of bytes of one SFTP_DO_WRITE */
#define SFTP_REASON_MAX  80    /* bytes of a reason, NUL included */
#define SFTP_OUTPUT_HIGH 32768 /* bytes unsent: no further request */
/* Output is never more: one answer is of SFTP_PACKET_MAX at most. */
#define SFTP_OUTPUT_MAX (SFTP_OUTPUT_HIGH + SFTP_PACKET_MAX + 4)

enum sftp_deed {
    SFTP_DO_OPEN,     /* slot, path, how, must_exist, must_be_new */
    SFTP_DO_LIST,     /* slot, path: a directory, to be read by DO_NAMES */
    SFTP_DO_NAMES,    /* slot: the next names; none: that was all */
    SFTP_DO_READ,     /* slot, offset, length */
    SFTP_DO_WRITE,    /* slot, offset, pieces */
    SFTP_DO_TRUNCATE, /* slot, offset: to that length */
    SFTP_DO_SYNC,     /* slot: to the disk */
    SFTP_DO_COMMIT,   /* slot, attributes: what was written is complete; the
                         slot is free whatever becomes of it */
    SFTP_DO_FORGET,   /* slot: it is free; what was written never was */
    SFTP_DO_STAT,     /* path */
    SFTP_DO_SETSTAT,  /* path, attributes: size, mode, times */
    SFTP_DO_REMOVE,   /* path */
    SFTP_DO_RENAME,   /* path, to, replace */
    SFTP_DO_MKDIR,    /* path, attributes: mode */
    SFTP_DO_RMDIR,    /* path */
    SFTP_DO_SPACE,
};

enum sftp_how {
    SFTP_TO_READ,
    SFTP_TO_WRITE, /* a new file in its place, empty at first */
    SFTP_TO_EDIT,  /* likewise, with what is there now; read and written */
};

/* Paths are those of flash:, "" is itself. All borrowed until the answer. */
struct sftp_action {
    enum sftp_deed deed;
    unsigned slot; /* < SFTP_SLOTS */
    const char *path, *to;
    enum sftp_how how;
    bool must_exist, must_be_new, replace;
    uint64_t offset;
    uint32_t length;
    const struct span *pieces;
    size_t piece_count;
    struct sftp_attributes attributes;
};

/* Of the device, for statvfs@openssh.com. */
struct sftp_space {
    uint64_t block; /* bytes */
    uint64_t blocks, blocks_free;
    uint64_t files, files_free;
    uint64_t name_max;
};

struct sftp_server;

struct sftp_server *sftp_server_new(void);
void sftp_server_free(struct sftp_server *s); /* NULL is fine */

/*
 * Take from the front of `bytes` (which moves on) up to the next deed. NULL:
 * all was taken, or one is still to be answered, or output is to be sent
 * first, or sftp_server_is_broken(). Bytes that were taken stay where they
 * are until sftp_server_flush() returned NULL.
 */
const struct sftp_action *sftp_server_next(struct sftp_server *s,
                                           struct span *bytes);
/* The last bytes taken are about to go: the deed that is left, or NULL. */
const struct sftp_action *sftp_server_flush(struct sftp_server *s);

/* For names: call it now and then. */
void sftp_server_set_clock(struct sftp_server *s, struct sftp_clock clock);

/* --- the answer to the last action: one of these, once ------------------ */

/*
 * It failed, by this reason ("" for the status's own); or SFTP_OK, where
 * nothing more is to be told: WRITE, TRUNCATE, SYNC, COMMIT, FORGET, SETSTAT,
 * REMOVE, RENAME, MKDIR, RMDIR, LIST.
 */
void sftp_server_done(struct sftp_server *s, enum sftp_status status,
                      const char *reason);
/* OPEN: what the file is now. STAT. */
void sftp_server_attributes(struct sftp_server *s,
                            const struct sftp_attributes *a);
/*
 * READ, into the place where it is sent from. `place` has room for `room`
 * bytes (perhaps 0): what is unsent of the output goes there first, then as
 * much of the file as fits, the rest of it into the output. Put the file's
 * bytes into both rooms, which have `length` bytes in all; then say how many
 * came. 0: `status` is why, SFTP_EOF or a failure. Returns how many bytes of
 * `place` are to be sent, perhaps none.
 */
struct sftp_room {
    uint8_t *bytes;
    size_t len;
};
void sftp_server_data_begin(struct sftp_server *s, uint8_t *place, size_t room,
                            struct sftp_room rooms[2]);
size_t sftp_server_data_end(struct sftp_server *s, size_t came,
                            enum sftp_status status);
/* NAMES: one at a time; false: no room, it goes into the next answer. */
bool sftp_server_name(struct sftp_server *s, struct span name,
                      const struct sftp_attributes *a);
void sftp_server_names_end(struct sftp_server *s);
/* SPACE. */
void sftp_server_space(struct sftp_server *s, const struct sftp_space *space);

/* ------------------------------------------------------------------------ */

/* Bytes to send, borrowed until the next call; then say how many went. */
struct span sftp_server_output(const struct sftp_server *s);
void sftp_server_output_sent(struct sftp_server *s, size_t len);

/* A request was taken and is not worked on yet: call next, if need be without
   bytes. */
bool sftp_server_has_more(const struct sftp_server *s);
/* What the client sends is no SFTP: close the channel. */
bool sftp_server_is_broken(const struct sftp_server *s);
/* The client's end of input would be orderly now: no request is cut. */
bool sftp_server_is_idle(const struct sftp_server *s);

#endif
