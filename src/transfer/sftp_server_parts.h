/*
 * What the files of the SFTP server share: sftp_server.c (the stream, WRITE,
 * answers) and sftp_requests.c (every other request).
 */
#ifndef TRANSFER_SFTP_SERVER_PARTS_H
#define TRANSFER_SFTP_SERVER_PARTS_H

#include "transfer/sftp_path.h"
#include "transfer/sftp_server.h"

enum sftp_use {
    SFTP_SLOT_FREE,
    SFTP_SLOT_READ,
    SFTP_SLOT_WRITE, /* may be readable as well */
    SFTP_SLOT_LIST,
    SFTP_SLOT_TOP, /* "/", which is no directory of the disk */
};

/* What a handle of the client stands for. */
struct sftp_slot {
    enum sftp_use use;
    uint32_t generation; /* of this use: an old handle names another */
    bool readable, append;
    struct sftp_path path;
    struct sftp_attributes file;   /* as it was opened; `size` is kept up */
    struct sftp_attributes wanted; /* to be set with COMMIT */
    bool told;                     /* TOP: its one name was given */
    /* WRITE: the first failure; it will not be completed. */
    enum sftp_status failure;
    char reason[SFTP_REASON_MAX];
};

struct sftp_server {
    struct sftp_receiver rx;
    struct buf out;
    struct span packet; /* received; held while a run goes first */
    bool held;
    bool greeted; /* INIT has come */
    bool broken;

    struct sftp_action action;
    bool busy;                 /* its answer is due */
    uint32_t id;               /* of the request worked on */
    struct sftp_path path, to; /* of that request */
    bool for_name;             /* STAT: of the one name in "/" */
    struct buf names;          /* the answer to NAMES, so far */
    uint32_t name_count;
    struct sftp_clock clock;
    uint8_t *head;       /* READ: where its answer begins, */
    size_t moved, first; /* behind the output that was moved; bytes
                            of the file that fit there */

    struct sftp_slot slots[SFTP_SLOTS];

    /* The WRITE whose bytes are coming. */
    struct {
        bool coming;
        uint32_t id;
        bool to_slot; /* it names a file that is written */
        unsigned slot;
        uint64_t at;              /* where the next byte goes */
        enum sftp_status refused; /* SFTP_OK: not */
    } write;
    /* Bytes for one place after another, not yet an action. */
    struct {
        unsigned slot;
        uint64_t offset, end;
        struct span pieces[SFTP_PIECES_MAX];
        size_t piece_count;
        uint32_t ids[SFTP_PIECES_MAX]; /* WRITEs that are whole */
        size_t id_count;
    } run;
};

/* --- sftp_server.c ------------------------------------------------------ */

/* STATUS; "" is the status's own text. */
void sftp_put_status(struct sftp_server *s, uint32_t id,
                     enum sftp_status status, const char *reason);
/* The same as the answer to the request worked on. */
void sftp_refuse(struct sftp_server *s, enum sftp_status status,
                 const char *reason);
/* The owner is to do this; all else is set by the caller. */
struct sftp_action *sftp_act(struct sftp_server *s, enum sftp_deed deed);
void sftp_answer_attributes(struct sftp_server *s,
                            const struct sftp_attributes *a);
void sftp_answer_handle(struct sftp_server *s, unsigned slot);
/* The slot that a handle names; NULL: none, or no more. */
struct sftp_slot *sftp_slot_of(struct sftp_server *s, struct span handle);
unsigned sftp_slot_number(const struct sftp_server *s,
                          const struct sftp_slot *slot);

/* --- sftp_requests.c ---------------------------------------------------- */

/* Any request but WRITE. */
void sftp_on_request(struct sftp_server *s, struct span packet);

#endif
