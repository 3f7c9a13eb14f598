/*
 * What accounting records say, argument by argument, as TACACS+ has them (RFC
 * 8907 section 8.3).
 */
#ifndef CONTROL_ACCOUNTING_ARGUMENTS_H
#define CONTROL_ACCOUNTING_ARGUMENTS_H

#include "control/session.h"

/* When it began, and in which zone; `began_ms` of router_now_ms(). */
void accounting_put_start(struct buf *to, const struct router *r,
                          uint64_t began_ms);
/* How long it has lasted. */
void accounting_put_elapsed(struct buf *to, const struct router *r,
                            uint64_t began_ms);
/* Bytes that came, and that went. */
void accounting_put_counts(struct buf *to, uint64_t bytes_in,
                           uint64_t bytes_out);
/* Bytes of his connection so far; nothing of line con 0. */
void accounting_put_bytes(struct buf *to, const struct session *s);
/* Bytes in the end, and why it came. */
void accounting_put_end(struct buf *to, const struct session_end *end);

#endif
