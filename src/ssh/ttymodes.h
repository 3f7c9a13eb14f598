/*
 * What a pseudo-terminal request says: the terminal's name, its size and its
 * modes (RFC 4254 sections 6.2, 6.7 and 8).
 */
#ifndef SSH_TTYMODES_H
#define SSH_TTYMODES_H

#include "base/buf.h"
#include "base/err.h"
#include "base/span.h"
#include "ssh/event.h"

#define TTY_SIZE_MAX 512 /* columns or rows; more is taken for this */
#define TTY_NAME_MAX 32

/* Opcodes of RFC 4254 section 8 that are used here. */
#define TTY_OP_END       0
#define TTY_OP_ISPEED    128
#define TTY_OP_OSPEED    129
#define TTY_OP_UNDEFINED 160 /* from here on arguments are not known */

/*
 * Walk an encoded mode list. OK, and the value written, when `opcode` is in
 * it; ERR_NOT_FOUND when it is not; ERR_FORMAT for a list that ends within an
 * argument. Opcodes from 160 on end the list, as does its end.
 */
MUST_CHECK enum err ttymodes_find(struct span modes, uint8_t opcode,
                                  uint32_t *value);
/* Append the empty list: all modes at their defaults. */
void ttymodes_put_none(struct buf *to);

/*
 * Fill `pty`: a name outside [A-Za-z0-9._+-]{1,32} becomes "unknown", sizes
 * are clamped to TTY_SIZE_MAX. The name is borrowed.
 */
void ttymodes_set_pty(struct ssh_pty *pty, struct span terminal,
                      uint32_t columns, uint32_t rows);

#endif
