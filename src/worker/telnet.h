/*
 * Our half of a telnet connection to a serial line somewhere else: options,
 * escapes, and what RFC 2217 has for speeds and breaks. No I/O: bytes of the
 * peer come in, plain bytes and answers go out. RFC 854, 855, 856, 857, 858,
 * 1143, 2217.
 */
#ifndef WORKER_TELNET_H
#define WORKER_TELNET_H

#include "base/buf.h"
#include "os/tty.h"

struct telnet;

/* Answers to `n` bytes of the peer take at most so many. */
#define TELNET_ANSWER_MAX(n) ((n) + 1024)
/* `n` plain bytes become at most so many. */
#define TELNET_ESCAPED_MAX(n) (2 * (n))

/* The settings are asked for as soon as the peer says that it has them. */
struct telnet *telnet_new(const struct tty_settings *settings);
void telnet_free(struct telnet *t); /* NULL is fine */

/* What we want of the peer, first of all. */
void telnet_begin(struct telnet *t, struct buf *out);
/* Bytes of the peer: those of the line to `data`, answers to `out`. */
void telnet_input(struct telnet *t, struct span bytes, struct buf *data,
                  struct buf *out);
/* Bytes for the line. */
void telnet_output(const struct telnet *t, struct span bytes, struct buf *out);
/* The peer has not said yet whether it takes them as they are (BINARY); until
   it has, a carriage return has a NUL behind it, which some keep. */
bool telnet_is_unsettled(const struct telnet *t);
/* The peer takes none now (RFC 2217, FLOWCONTROL-SUSPEND). */
bool telnet_is_suspended(const struct telnet *t);

void telnet_set(struct telnet *t, const struct tty_settings *settings,
                struct buf *out);
/*
 * Begin or end a break. A peer without RFC 2217 gets telnet's own, which has
 * no end, when it begins.
 */
void telnet_break(const struct telnet *t, bool on, struct buf *out);
/* DTR up or down; nothing for a peer without RFC 2217. */
void telnet_ready(const struct telnet *t, bool on, struct buf *out);

#endif
