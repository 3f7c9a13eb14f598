/*
 * Files for a worker: what it asks about the files of one channel (FILE_...
 * messages), carried out for its user, one answer for each. Everything that
 * may take time is done on the loop's threads.
 */
#ifndef CONTROL_TRANSFER_H
#define CONTROL_TRANSFER_H

#include "control/router.h"
#include "ipc/messages.h"

struct transfer;

struct transfer_setup {
    struct router *router;
    uint32_t channel;
    const char *user, *who; /* as config_file.h has them; copied */
    /* To the worker; `fd` stays the caller's. */
    void (*send)(void *owner, const struct message *m, int fd);
    /* May the user do that now? Asked for each request. */
    bool (*permitted)(void *owner);
    void *owner;
};

struct transfer *transfer_new(const struct transfer_setup *setup);
/* What is not committed yet leaves no trace. NULL is fine. */
void transfer_free(struct transfer *t);
uint32_t transfer_channel(const struct transfer *t);
/* It ends, since nobody has sent anything for too long. */
void transfer_give_up(struct transfer *t);
bool transfer_is_given_up(const struct transfer *t);

/* A FILE_... message for its channel. False: the worker lies. */
MUST_CHECK bool transfer_on_message(struct transfer *t,
                                    const struct message *m);

#endif
