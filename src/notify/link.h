/*
 * What the parts of the program share: the loop they live in, and the way
 * back to control.
 */
#ifndef NOTIFY_LINK_H
#define NOTIFY_LINK_H

#include <uv.h>

#include "ipc/messages.h"

struct link {
    uv_loop_t *loop;
    /* An answer, or a report; when control is gone the loop ends. */
    void (*send)(const struct message *m);
};

#endif
