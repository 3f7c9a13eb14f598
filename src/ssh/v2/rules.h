/*
 * Which message may come in which state, and who handles it. What is not in
 * the table is refused before any parser sees it (hardening 1, law 1).
 */
#ifndef SSH_V2_RULES_H
#define SSH_V2_RULES_H

#include "ssh/v2/ssh2.h"

/*
 * The handler for a message from the other role, NULL when there is none in
 * the connection's state. In the first exchange of a strict key exchange only
 * the messages of the exchange have one.
 */
handler_fn rules_find(const struct ssh2 *ssh, uint8_t message);
/*
 * Tell whoever debugs a text of a received message; nothing is told of a
 * message whose fields the table does not call fit for it.
 */
void rules_tell_text(const struct ssh2 *ssh, uint8_t message,
                     enum ssh_trace_type type, struct span text);
/*
 * What to do with a message that has no handler: OK, it is to be answered by
 * UNIMPLEMENTED; ERR_PROTOCOL, the connection ends.
 */
MUST_CHECK enum err rules_refusal(const struct ssh2 *ssh, uint8_t message);

#endif
