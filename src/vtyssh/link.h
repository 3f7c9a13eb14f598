/*
 * The connection's bytes: between its socket and the protocol core.
 */
#ifndef VTYSSH_LINK_H
#define VTYSSH_LINK_H

#include "ssh/conn.h"

struct link {
    struct ssh_conn *ssh; /* owned */
    int fd;               /* owned; does not block */
    uint64_t now_ms;
    uint8_t *in; /* owned; what was read is [start, end) */
    size_t in_start, in_end;
    size_t in_most;                 /* bytes of the longest read, to be wiped */
    size_t low_water;               /* bytes that poll(2) waits for */
    bool input_ended, output_ended; /* the socket is of no more use */
    bool was_told;                  /* the core knows of the end */
};

/* Takes over `fd`. Random bytes and the time are set here. */
void link_open(struct link *l, int fd, struct ssh_setup *setup);
void link_close(struct link *l);

/*
 * The next event of what was read so far; false when there is none without
 * reading or writing. SSH_EVENT_CLOSED is the last.
 */
bool link_next_event(struct link *l, struct ssh_event *event);
/*
 * Do these bytes of an event stay where they are until link_settle()? They do
 * when they lie in what was read.
 */
bool link_keeps(const struct link *l, struct span bytes);
/* There is no event now, and no use for the bytes of those before. */
void link_settle(struct link *l);
/* Write what waits, as far as the socket takes it. */
void link_write(struct link *l);
/* Read once, if all that was read is used and settled. */
void link_read(struct link *l);

/* For poll(2): on which of its events something could be done now. */
short link_poll_events(const struct link *l);
/* How long poll(2) may wait: by the core's timers, and until this time. */
int link_poll_timeout(const struct link *l, uint64_t deadline_ms);
/* What poll(2) said; then take events, and write. */
void link_on_poll(struct link *l, short revents);

#endif
