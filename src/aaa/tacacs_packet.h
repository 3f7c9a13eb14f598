/*
 * Packets of TACACS+ (RFC 8907 sections 4 to 7), made and taken apart. No I/O.
 */
#ifndef AAA_TACACS_PACKET_H
#define AAA_TACACS_PACKET_H

#include "base/buf.h"
#include "base/err.h"
#include "base/reader.h"
#include "ipc/messages.h"

#define TACACS_HEADER_LEN 12
#define TACACS_PACKET_MAX 65536 /* bytes of a packet that is taken */
#define TACACS_FIELD_MAX  255   /* of a user's name, an argument ... */

enum tacacs_version {
    TACACS_VERSION_0 = 0xc0,
    TACACS_VERSION_1 = 0xc1, /* PAP */
};

enum tacacs_type {
    TACACS_AUTHENTICATION = 1,
    TACACS_AUTHORIZATION = 2,
    TACACS_ACCOUNTING = 3,
};

enum tacacs_header_flags { TACACS_UNENCRYPTED = 1, TACACS_SINGLE = 4 };
enum tacacs_reply_flags { TACACS_NO_ECHO = 1 };
enum tacacs_continue_flags { TACACS_ABORT = 1 };
enum tacacs_authen_type { TACACS_ASCII = 1, TACACS_PAP = 2 };

/* Of a reply to authentication, section 5.2. */
enum tacacs_authen_status {
    TACACS_AUTHEN_PASS = 1,
    TACACS_AUTHEN_FAIL = 2,
    TACACS_AUTHEN_GET_DATA = 3,
    TACACS_AUTHEN_GET_USER = 4,
    TACACS_AUTHEN_GET_PASS = 5,
    TACACS_AUTHEN_RESTART = 6,
    TACACS_AUTHEN_ERROR = 7,
};

/* Of a response to authorization, section 6.2. */
enum tacacs_author_status {
    TACACS_AUTHOR_PASS_ADD = 0x01,
    TACACS_AUTHOR_PASS_REPLACE = 0x02,
    TACACS_AUTHOR_FAIL = 0x10,
    TACACS_AUTHOR_ERROR = 0x11,
};

/* Of a reply to accounting, section 7.2. */
enum tacacs_acct_status { TACACS_ACCT_SUCCESS = 1, TACACS_ACCT_ERROR = 2 };

#define TACACS_FOLLOW 0x21 /* of any of them */

struct tacacs_header {
    uint8_t version, type, seq, flags;
    uint32_t session;
};

/* --- making one --------------------------------------------------------- */

/* The header; a body is put behind it, then the packet is sealed. */
void tacacs_begin(struct buf *to, const struct tacacs_header *header);
/* START, section 5.1. ERR_LENGTH: a field is too long for it. */
MUST_CHECK enum err tacacs_put_start(struct buf *to,
                                     const struct msg_aaa_request *request,
                                     enum tacacs_authen_type type,
                                     struct span data);
/* CONTINUE, section 5.3. ERR_LENGTH. */
MUST_CHECK enum err tacacs_put_continue(struct buf *to, struct span message,
                                        enum tacacs_continue_flags flags);
/*
 * REQUEST of authorization (section 6.1) or of accounting (7.1). `arguments`:
 * each a string. ERR_LENGTH: one, or their number, is too much.
 */
MUST_CHECK enum err tacacs_put_request(struct buf *to,
                                       const struct msg_aaa_request *request,
                                       struct span arguments);
/*
 * The last call: the length, and the body hidden under the key (section 4.5).
 * ERR_LENGTH: longer than TACACS_PACKET_MAX. ERR_CRYPTO.
 */
MUST_CHECK enum err tacacs_seal(struct buf *packet, struct span key);

/* --- taking one apart --------------------------------------------------- */

/*
 * The length of the packet that begins there. ERR_MORE: its header is not
 * whole. ERR_LENGTH: longer than TACACS_PACKET_MAX.
 */
MUST_CHECK enum err tacacs_packet_len(struct span bytes, size_t *len);
/* The header of a packet of which there are that many bytes at least. */
void tacacs_header_read(struct span bytes, struct tacacs_header *header);
/* Uncover the body of a whole packet, in its place. ERR_CRYPTO. */
MUST_CHECK enum err tacacs_open(uint8_t *packet, size_t len, struct span key);

/* What a server says; borrowed from the body. */
struct tacacs_reply {
    uint8_t status;
    uint8_t flags;       /* of authentication */
    struct span message; /* for the user */
    struct span lengths; /* of authorization: of each argument */
    struct span arguments;
};

/* ERR_FORMAT: the lengths in the body do not add up to it (hardening 11.4). */
MUST_CHECK enum err tacacs_parse(enum tacacs_type type, struct span body,
                                 struct tacacs_reply *reply);
/* The next argument of a parsed reply; false: there is none. */
bool tacacs_next_argument(struct tacacs_reply *reply, struct span *argument);

#endif
