/*
 * A socket to one server: datagrams to and from it alone, each from a port of
 * its own, or one connection. Nothing blocks.
 */
#ifndef AAA_WIRE_H
#define AAA_WIRE_H

#include <uv.h>

#include "base/buf.h"
#include "ipc/aaa.h"
#include "os/net.h"

#define WIRE_QUEUE_MAX  (128 * 1024) /* bytes that wait to be sent */
#define WIRE_PACKET_MAX (64 * 1024)  /* bytes of one packet */

struct wire;

struct wire_events {
    /* There may be something: wire_receive(). */
    void (*on_bytes)(void *owner);
    /* A connection cannot be made, or is over; wire_close() it. */
    void (*on_lost)(void *owner);
};

/*
 * To the server's address, from its source; `local` gets ours. ERR_SYSTEM: it
 * cannot even begin. Events come later, until wire_close().
 */
MUST_CHECK enum err wire_open(uv_loop_t *loop, const struct aaa_server *server,
                              bool stream, const struct wire_events *events,
                              void *owner, struct net_address *local,
                              struct wire **wire);
/*
 * One datagram, or more of the stream. What is lost on the way nobody is told.
 */
void wire_send(struct wire *w, struct span bytes);
/* A stream takes one more packet of any length. */
bool wire_has_room(const struct wire *w);
/*
 * Append one datagram, or what has come of the stream. ERR_MORE: nothing now.
 * ERR_CLOSED: a stream has ended. ERR_LIMIT: no room in `to`.
 */
MUST_CHECK enum err wire_receive(struct wire *w, struct buf *to);
void wire_close(struct wire *w); /* NULL is fine */

#endif
