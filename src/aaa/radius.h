/*
 * RADIUS: one request at one server, without I/O. Authentication by PAP with
 * challenges (RFC 2865), accounting (RFC 2866). What is exported is the
 * protocol's row in protocol.h; this is what its two halves share.
 */
#ifndef AAA_RADIUS_H
#define AAA_RADIUS_H

#include "aaa/protocol.h"
#include "aaa/radius_packet.h"

/*
 * What an Access-Accept allows, as arguments: those of Cisco-AVPair as they
 * are, "service-type=6", "session-timeout=SECONDS", "idle-timeout=SECONDS",
 * "class=HEX". ERR_FORMAT: an attribute that is not what its type wants.
 * ERR_REFUSED: a privilege level that there is not (hardening 11.3).
 */
MUST_CHECK enum err radius_take_attributes(const struct radius_packet *packet,
                                           struct buf *attributes);
/* All Reply-Message, one behind the other. */
void radius_take_text(const struct radius_packet *packet, struct buf *text);

/* What is said of the user's line and of the router, in either request. */
void radius_put_line(struct buf *to, const struct aaa_start *start);
/* Of an Accounting-Request. False: no session is named. */
MUST_CHECK bool radius_put_accounting(struct buf *to,
                                      const struct msg_aaa_request *request,
                                      uint64_t waited_ms);

#endif
