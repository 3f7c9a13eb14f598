/*
 * Packets of RADIUS (RFC 2865 section 3), made and taken apart. No I/O.
 */
#ifndef AAA_RADIUS_PACKET_H
#define AAA_RADIUS_PACKET_H

#include "base/buf.h"
#include "base/err.h"
#include "base/reader.h"

#define RADIUS_PACKET_MAX        4096 /* bytes, RFC 2865 section 3 */
#define RADIUS_HEADER_LEN        20
#define RADIUS_AUTHENTICATOR_LEN 16
#define RADIUS_VALUE_MAX         253 /* bytes of an attribute's value */
#define RADIUS_PASSWORD_MAX      128 /* RFC 2865 section 5.2 */

enum radius_code {
    RADIUS_ACCESS_REQUEST = 1,
    RADIUS_ACCESS_ACCEPT = 2,
    RADIUS_ACCESS_REJECT = 3,
    RADIUS_ACCOUNTING_REQUEST = 4,
    RADIUS_ACCOUNTING_RESPONSE = 5,
    RADIUS_ACCESS_CHALLENGE = 11,
};

/* RFC 2865 section 5, RFC 2866 section 5, RFC 2869 section 5, RFC 3162. */
enum radius_type {
    RADIUS_USER_NAME = 1,
    RADIUS_USER_PASSWORD = 2,
    RADIUS_NAS_IP_ADDRESS = 4,
    RADIUS_NAS_PORT = 5,
    RADIUS_SERVICE_TYPE = 6,
    RADIUS_REPLY_MESSAGE = 18,
    RADIUS_STATE = 24,
    RADIUS_CLASS = 25,
    RADIUS_VENDOR_SPECIFIC = 26,
    RADIUS_SESSION_TIMEOUT = 27,
    RADIUS_IDLE_TIMEOUT = 28,
    RADIUS_CALLING_STATION_ID = 31,
    RADIUS_NAS_IDENTIFIER = 32,
    RADIUS_PROXY_STATE = 33,
    RADIUS_ACCT_STATUS_TYPE = 40,
    RADIUS_ACCT_DELAY_TIME = 41,
    RADIUS_ACCT_INPUT_OCTETS = 42,
    RADIUS_ACCT_OUTPUT_OCTETS = 43,
    RADIUS_ACCT_SESSION_ID = 44,
    RADIUS_ACCT_AUTHENTIC = 45,
    RADIUS_ACCT_SESSION_TIME = 46,
    RADIUS_ACCT_TERMINATE_CAUSE = 49,
    RADIUS_ACCT_INPUT_GIGAWORDS = 52,
    RADIUS_ACCT_OUTPUT_GIGAWORDS = 53,
    RADIUS_NAS_PORT_TYPE = 61,
    RADIUS_PROMPT = 76,
    RADIUS_MESSAGE_AUTHENTICATOR = 80,
    RADIUS_NAS_PORT_ID = 87,
    RADIUS_NAS_IPV6_ADDRESS = 95,
};

/* --- making one --------------------------------------------------------- */

/* The header; its length and, of accounting, its authenticator come last. */
void radius_begin(struct buf *to, enum radius_code code, uint8_t id,
                  const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN]);
/* A value of 1 to RADIUS_VALUE_MAX bytes; an empty one is left out. */
void radius_put(struct buf *to, enum radius_type type, struct span value);
void radius_put_u32(struct buf *to, enum radius_type type, uint32_t value);
/* Room for the signature: the first attribute (CVE-2024-3596). */
void radius_put_signature(struct buf *to);
/*
 * User-Password, hidden under the key and the header's authenticator.
 * ERR_LENGTH: more than RADIUS_PASSWORD_MAX bytes. ERR_CRYPTO.
 */
MUST_CHECK enum err radius_put_password(struct buf *to, struct span key,
                                        struct span password);
/*
 * The last call: length, and the signature (Message-Authenticator, RFC 2869
 * section 5.14) or, of accounting, the authenticator (RFC 2866 section 3).
 * ERR_LENGTH: longer than RADIUS_PACKET_MAX. ERR_CRYPTO.
 */
MUST_CHECK enum err radius_seal(struct buf *packet, struct span key);

/* --- taking one apart --------------------------------------------------- */

/* Borrowed from the datagram. */
struct radius_packet {
    uint8_t code;
    uint8_t id;
    struct span whole; /* as long as its header says */
    struct span attributes;
};

/*
 * ERR_FORMAT: a length that cannot be, of the packet or of an attribute in it
 * (hardening 11.3). What is behind the packet does not count.
 */
MUST_CHECK enum err radius_parse(struct span datagram,
                                 struct radius_packet *packet);
/* The next attribute of a parsed packet; false: there is none. */
bool radius_next(struct reader *attributes, uint8_t *type, struct span *value);
/* The value of the first attribute of that type; false: there is none. */
bool radius_find(const struct radius_packet *packet, enum radius_type type,
                 struct span *value);

/*
 * Its authenticator is that of an answer to the request with `authenticator`,
 * from someone who knows the key (RFC 2865 section 3).
 */
bool radius_is_answer(const struct radius_packet *packet, struct span key,
                      const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN]);

enum radius_signature {
    RADIUS_SIGNED, /* once, and right */
    RADIUS_UNSIGNED,
    RADIUS_FORGED, /* wrong, of another length, or not the only one */
};
/* The Message-Authenticator of an answer to that request. */
enum radius_signature
radius_signature(const struct radius_packet *packet, struct span key,
                 const uint8_t authenticator[RADIUS_AUTHENTICATOR_LEN]);

#endif
