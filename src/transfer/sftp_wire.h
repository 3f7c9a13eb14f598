/*
 * SFTP version 3 on the wire, for both ends: numbers, attributes and the
 * cutting of a stream into packets (draft-ietf-secsh-filexfer-02).
 *
 * A packet is collected whole, but for the one type that carries a file's
 * bytes: of that only what stands in front of them is, and they are taken
 * where they came in, as they come.
 */
#ifndef TRANSFER_SFTP_WIRE_H
#define TRANSFER_SFTP_WIRE_H

#include "base/buf.h"
#include "base/reader.h"

#define SFTP_VERSION    3
#define SFTP_PACKET_MAX 34000 /* bytes behind the length (hardening 9.6) */
#define SFTP_DATA_MAX   32768 /* of a file, in one READ or WRITE */
#define SFTP_PATH_MAX   4096
#define SFTP_HANDLE_MAX 256 /* bytes */
#define SFTP_PAIRS_MAX  64  /* extensions of one VERSION or one ATTRS */

/* In front of the bytes in DATA: length, type, id, count. */
#define SFTP_DATA_HEAD 13

enum sftp_type {
    SFTP_INIT = 1,
    SFTP_VERSION_REPLY = 2,
    SFTP_OPEN = 3,
    SFTP_CLOSE = 4,
    SFTP_READ = 5,
    SFTP_WRITE = 6,
    SFTP_LSTAT = 7,
    SFTP_FSTAT = 8,
    SFTP_SETSTAT = 9,
    SFTP_FSETSTAT = 10,
    SFTP_OPENDIR = 11,
    SFTP_READDIR = 12,
    SFTP_REMOVE = 13,
    SFTP_MKDIR = 14,
    SFTP_RMDIR = 15,
    SFTP_REALPATH = 16,
    SFTP_STAT = 17,
    SFTP_RENAME = 18,
    SFTP_READLINK = 19,
    SFTP_SYMLINK = 20,
    SFTP_STATUS = 101,
    SFTP_HANDLE = 102,
    SFTP_DATA = 103,
    SFTP_NAME = 104,
    SFTP_ATTRS = 105,
    SFTP_EXTENDED = 200,
    SFTP_EXTENDED_REPLY = 201,
};

enum sftp_status {
    SFTP_OK = 0,
    SFTP_EOF = 1,
    SFTP_NO_SUCH_FILE = 2,
    SFTP_PERMISSION_DENIED = 3,
    SFTP_FAILURE = 4,
    SFTP_BAD_MESSAGE = 5,
    SFTP_NO_CONNECTION = 6,
    SFTP_CONNECTION_LOST = 7,
    SFTP_OP_UNSUPPORTED = 8,
};

/* Of OPEN. */
#define SFTP_OPEN_READ     0x01u
#define SFTP_OPEN_WRITE    0x02u
#define SFTP_OPEN_APPEND   0x04u
#define SFTP_OPEN_CREATE   0x08u
#define SFTP_OPEN_TRUNCATE 0x10u
#define SFTP_OPEN_NEW      0x20u /* fails when it is there ("EXCL") */

/* Which fields of ATTRS are there. */
#define SFTP_HAS_SIZE     0x01u
#define SFTP_HAS_OWNER    0x02u
#define SFTP_HAS_MODE     0x04u
#define SFTP_HAS_TIMES    0x08u
#define SFTP_HAS_EXTENDED 0x80000000u

/* Kinds of file in a mode, as POSIX has them. */
#define SFTP_MODE_KIND      0170000u
#define SFTP_MODE_FILE      0100000u
#define SFTP_MODE_DIRECTORY 0040000u
#define SFTP_MODE_LINK      0120000u

/* Extensions, and the versions in which they are spoken here. */
#define SFTP_POSIX_RENAME    "posix-rename@openssh.com" /* 1 */
#define SFTP_FSYNC           "fsync@openssh.com"        /* 1 */
#define SFTP_STATVFS         "statvfs@openssh.com"      /* 2 */
#define SFTP_FSTATVFS        "fstatvfs@openssh.com"     /* 2 */
#define SFTP_LIMITS          "limits@openssh.com"       /* 1 */
#define SFTP_SPACE_NO_SETUID 2 /* flag of a statvfs reply */

struct sftp_attributes {
    uint32_t has; /* SFTP_HAS_...; the other fields only where it says so */
    uint64_t size;
    uint32_t user, group;
    uint32_t mode;              /* kind and rights, as POSIX has them */
    uint32_t read_s, changed_s; /* seconds since 1970 */
};

/* SFTP_HAS_EXTENDED is never written. */
void sftp_put_attributes(struct buf *to, const struct sftp_attributes *a);
/*
 * Extended pairs are read past, at most SFTP_PAIRS_MAX. Unknown flags make
 * the reader fail: nobody knows what stands behind them.
 */
void sftp_read_attributes(struct reader *r, struct sftp_attributes *a);

/* "No such file"; the draft's meaning of a number, never NULL. */
const char *sftp_status_text(uint32_t status);

/* A packet of this type and number; sftp_end() fills its length in. */
size_t sftp_begin(struct buf *to, enum sftp_type type, uint32_t id);
void sftp_end(struct buf *to, size_t mark);

/* The stream of one direction, cut into packets. */
struct sftp_receiver {
    enum sftp_type bulk; /* SFTP_WRITE or SFTP_DATA: whose bytes pass by */
    struct buf head;     /* length and what came of the packet */
    size_t need;         /* bytes of it that are to be collected */
    bool sized;          /* the length was read */
    bool is_bulk;        /* this packet is of that type, */
    bool is_counted;     /* and it is known how much is to be collected */
    uint32_t data_left;  /* of its bytes, not yet taken */
};

void sftp_receiver_init(struct sftp_receiver *rx, enum sftp_type bulk);
void sftp_receiver_clear(struct sftp_receiver *rx);

/*
 * Take from the front of `bytes` (which moves on) what the packet needs. OK:
 * it is there, `packet` from its type on and borrowed until the next call;
 * the bulk type's ends with the count of its bytes, of which rx->data_left
 * follow: see sftp_receive_data(). ERR_MORE: all was taken and more is needed.
 * ERR_LENGTH: a length of 0, or more than SFTP_PACKET_MAX; ERR_FORMAT: a count
 * or a handle that cannot be. The stream is of no more use then.
 */
MUST_CHECK enum err sftp_receive(struct sftp_receiver *rx, struct span *bytes,
                                 struct span *packet);
/* The next of the bulk bytes, from the front of `bytes`; perhaps none. */
struct span sftp_receive_data(struct sftp_receiver *rx, struct span *bytes);
/* Nothing of a packet has come that was not taken whole. */
bool sftp_receiver_is_between(const struct sftp_receiver *rx);

#endif
