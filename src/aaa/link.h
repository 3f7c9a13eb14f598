/*
 * The way of one request to one server: a socket of its own (wire.h), or a
 * place on a connection of TACACS+ that others use as well (RFC 8907 section
 * 4.3). Such a connection is offered with its first packet and shared once the
 * server has agreed; it stays open until the server closes it, something went
 * wrong on it, or nobody has used it for a while.
 */
#ifndef AAA_LINK_H
#define AAA_LINK_H

#include "aaa/wire.h"
#include "base/list.h"

#define LINK_IDLE_MS (10 * 60 * 1000) /* unused: then it is closed */

struct link;

/* All that are shared. */
struct links {
    uv_loop_t *loop;
    struct list shared;
    void *owner;
    /* One that is to be shared was opened, or is closed. */
    void (*changed)(void *owner, const struct aaa_server *server, bool open);
};

/*
 * As wire_open(). A server with single_connection is reached by a connection
 * that is shared, if there is one that has been agreed to; the first request
 * makes it, and whoever comes before the server has agreed has his own.
 */
MUST_CHECK enum err link_open(struct links *all,
                              const struct aaa_server *server, bool stream,
                              const struct wire_events *events, void *owner,
                              struct net_address *local, struct link **link);
/* Its first packet is to offer that the connection be shared. */
bool link_offers(const struct link *link);
/*
 * Others had the connection before: the server may have closed it just when
 * this one began.
 */
bool link_is_old(const struct link *link);
/* No other had or gets it: the opening is the owner's to count. */
bool link_is_own(const struct link *link);
/* One packet, whole; as wire_send(). */
void link_send(struct link *link, struct span packet);
/* As wire_receive(); of a shared one, the packets to this request. */
MUST_CHECK enum err link_receive(struct link *link, struct buf *to);
/* Nobody else begins anything on it; those who have, go on (section 4.4). */
void link_retire(struct link *link); /* NULL is fine */
void link_close(struct link *link);  /* NULL is fine */

#endif
