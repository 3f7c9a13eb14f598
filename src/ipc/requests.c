#include "ipc/requests.h"

enum err
request_take(struct pipe *control, request_fn handle, void *owner)
{
    int fds[PIPE_FDS_MAX];
    struct span bytes;
    struct message m;
    enum err err = pipe_receive(control, &bytes, fds);

    if (err != OK)
        return err;
    if (message_decode(bytes, &m) != OK || !handle(owner, &m, bytes, &fds[0]))
        err = ERR_REFUSED;
    pipe_close_fds(fds);
    return err;
}
