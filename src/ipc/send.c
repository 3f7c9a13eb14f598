#include "ipc/send.h"

enum err
message_send(struct pipe *to, const struct message *m)
{
    struct buf encoded;
    enum err err = ERR_LENGTH;

    buf_init_secret(&encoded, PIPE_MESSAGE_MAX);
    message_encode(&encoded, m);
    if (buf_ok(&encoded))
        err = pipe_send(to, buf_span(&encoded), NULL, 0);
    buf_clear(&encoded);
    return err;
}

struct msg_report
message_report(enum log_level level, const char *line)
{
    return (struct msg_report){.level = (uint8_t)level,
                               .line = span_text(line)};
}
