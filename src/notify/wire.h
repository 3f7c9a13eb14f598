/*
 * The way to one collector. Nothing blocks: datagrams leave at once or not at
 * all, lines for a connection wait in a bounded queue. A lost connection is
 * made again after a pause that grows; lines that the far side's kernel has not
 * acknowledged are sent once more on the next one.
 */
#ifndef NOTIFY_WIRE_H
#define NOTIFY_WIRE_H

#include <uv.h>

#include "base/span.h"
#include "ipc/messages.h"
#include "os/net.h"

#define WIRE_QUEUE_MAX (1024 * 1024) /* bytes that wait for one collector */

/* What became of lines since it was last looked at. */
struct wire_count {
    uint32_t sent;    /* handed to the kernel, for the first time */
    uint32_t dropped; /* never sent: no room, no way there */
    uint32_t refused; /* sent, and answered by "nobody listens here" */
};

struct wire_events {
    /* Counts or state may have changed; also from within a call. */
    void (*on_change)(void *owner);
    /* After wire_end(), later: nothing is left to do, wire_free() it. */
    void (*on_done)(void *owner);
};

struct wire_place {
    struct net_address to, from;
    bool bound; /* sent from `from` */
    bool stream;
};

struct wire;

struct wire *wire_new(uv_loop_t *loop, const struct wire_place *place,
                      const struct wire_events *events, void *owner);
bool wire_goes_to(const struct wire *w, const struct wire_place *place);
/* One line; copied if it has to wait. */
void wire_send(struct wire *w, struct span line);
/* Take what was counted; from then on it is counted anew. */
struct wire_count wire_take_count(struct wire *w);
/* Datagrams: COLLECTOR_UP while nothing speaks against it. */
enum collector_state wire_state(const struct wire *w);
/*
 * Let the queue run dry, if it can without a new connection, for a few seconds
 * at most.
 */
void wire_end(struct wire *w);
void wire_free(struct wire *w);

#endif
