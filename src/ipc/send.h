/*
 * One message on its way: encoded, sent or queued, forgotten.
 */
#ifndef IPC_SEND_H
#define IPC_SEND_H

#include "base/log.h"
#include "ipc/messages.h"
#include "ipc/pipe.h"

/*
 * Without a descriptor. The encoded bytes are wiped: passwords pass here.
 * ERR_LENGTH: longer than PIPE_MESSAGE_MAX, or a text with NUL; ERR_LIMIT,
 * ERR_CLOSED and ERR_SYSTEM as of pipe_send().
 */
MUST_CHECK enum err message_send(struct pipe *to, const struct message *m);
/* What MSG_REPORT says of a line of the log; it borrows `line`. */
struct msg_report message_report(enum log_level level, const char *line);

#endif
