/*
 * Terminal modes as version 1 encodes them (protocol 1.5 as deployed, section
 * 10), and as version 2 and our events do (RFC 4254 section 8): there each has
 * an argument of four bytes, here most have one.
 */
#ifndef SSH_V1_MODES_H
#define SSH_V1_MODES_H

#include "base/buf.h"
#include "base/reader.h"

/* Append the modes of version 2, and the end of the list. */
void modes1_put(struct buf *to, struct span modes);
/*
 * The other way round, up to the end of the list or what nobody knows, and the
 * end of the list. A list that is cut short is one up to there.
 */
void modes1_read(struct reader *list, struct buf *to);

#endif
