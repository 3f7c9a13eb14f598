#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "control/children.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/key_name.h"
#include "control/key_table.h"

#define MAKINGS_MAX 4 /* each is a child that keeps a processor busy */

/* How far a pair that is being generated has come. */
enum making_stage {
    MAKING_ASKED,     /* KEY_MAKE was sent */
    MAKING_CHILD,     /* a child of the signer computes and writes */
    MAKING_COMMITTED, /* renaming, on a thread */
    MAKING_HANDED,    /* the signer reads the file */
    MAKING_OVER,      /* `result` is to be told */
};

struct making {
    struct list node;
    struct keys *keys;
    enum making_stage stage;
    uint32_t number;
    pid_t pid;
    char file[KEY_FILE_MAX];
    enum err result;
    uv_timer_t later; /* tells a failure after keys_generate() returned */
    key_done_fn done; /* NULL: nobody waits any more */
    void *owner;
};

static struct making *
making_find(struct keys *keys, uint32_t number)
{
    LIST_EACH(node, &keys->makings)
    {
        struct making *making = LIST_ITEM(node, struct making, node);

        if (making->number == number && making->stage != MAKING_OVER)
            return making;
    }
    return NULL;
}

static void
on_later_closed(uv_handle_t *handle)
{
    free(handle->data);
}

/* The end of every path: tell, once, and go. */
static void
making_end(struct making *making, enum err err, struct key *key)
{
    making->stage = MAKING_OVER;
    list_remove(&making->node);
    if (making->done != NULL)
        making->done(making->owner, err, key);
    uv_close((uv_handle_t *)&making->later, on_later_closed);
}

static void
on_later(uv_timer_t *timer)
{
    struct making *making = timer->data;

    making_end(making, making->result, NULL);
}

static void
on_committed(void *owner, enum err err, int system_error)
{
    struct making *making = owner;
    struct keys *keys = making->keys;

    if (err != OK) {
        log_line(LOG_ERROR, "Key file keys/%s cannot be stored: %s",
                 making->file, strerror(system_error));
        making_end(making, ERR_SYSTEM, NULL);
        return;
    }
    making->stage = MAKING_HANDED;
    if (keys_take(keys, making->file, making->number) == NULL)
        making_end(making, ERR_SYSTEM, NULL);
}

/* What was wrong with the text that was to be imported; OK: nothing. */
static enum err
failure_of_import(int status)
{
    if (!WIFEXITED(status))
        return OK;
    switch (WEXITSTATUS(status)) {
    case KEY_MAKER_NOT_PEM:
        return ERR_FORMAT;
    case KEY_MAKER_NO_PASSPHRASE:
        return ERR_REFUSED;
    case KEY_MAKER_NO_PAIR:
        return ERR_CRYPTO;
    default:
        return OK;
    }
}

static void
on_child_ended(void *owner, pid_t pid, int status)
{
    struct making *making = owner;
    struct router *r = making->keys->router;
    char text[64];

    (void)pid;
    if (failure_of_import(status) != OK) {
        /* The user's text was at fault, and only he is told. */
        storage_key_abandon(r->storage, making->file);
        making_end(making, failure_of_import(status), NULL);
        return;
    }
    if (status != 0) {
        child_status_text(status, text, sizeof(text));
        log_line(LOG_ERROR, "Key file keys/%s was not made: %s", making->file,
                 text);
        storage_key_abandon(r->storage, making->file);
        making_end(making, ERR_SYSTEM, NULL);
        return;
    }
    making->stage = MAKING_COMMITTED;
    storage_key_commit(r, making->file, on_committed, making);
}

void
makings_on_started(struct keys *keys, const struct msg_key_started *m)
{
    struct making *making = making_find(keys, m->key);

    if (making == NULL || making->stage != MAKING_ASKED)
        return;
    making->stage = MAKING_CHILD;
    making->pid = (pid_t)m->pid;
    children_watch(keys->router, making->pid, on_child_ended, making);
}

void
makings_on_failed(struct keys *keys, uint32_t number)
{
    struct making *making = making_find(keys, number);

    if (making == NULL)
        return;
    if (making->stage == MAKING_ASKED)
        storage_key_abandon(keys->router->storage, making->file);
    making_end(making, ERR_SYSTEM, NULL);
}

void
makings_on_ready(struct keys *keys, struct key *key)
{
    struct making *making = making_find(keys, key->number);

    if (making == NULL)
        return;
    key_entry_of(&key->node)->is_news = true;
    making_end(making, OK, key);
    keys_announce(keys->router, key);
}

void
makings_on_signer_lost(struct keys *keys)
{
    LIST_EACH(node, &keys->makings)
    {
        struct making *making = LIST_ITEM(node, struct making, node);

        if (making->stage == MAKING_ASKED)
            makings_on_failed(keys, making->number);
    }
}

/*
 * What a child still writes is not completed; the file is swept away by
 * storage_open() if the state directory is closed already.
 */
void
makings_free(struct keys *keys)
{
    struct router *r = keys->router;

    LIST_EACH(node, &keys->makings)
    {
        struct making *making = LIST_ITEM(node, struct making, node);

        if (making->stage == MAKING_CHILD)
            children_forget(r, making->pid);
        if (making->stage == MAKING_COMMITTED && r->storage != NULL)
            storage_forget(r, making);
        if (making->stage < MAKING_COMMITTED && r->storage != NULL)
            storage_key_abandon(r->storage, making->file);
        making->done = NULL;
        making_end(making, ERR_CLOSED, NULL);
    }
}

/* --- beginning --------------------------------------------------------- */

static size_t
list_length(struct list *list)
{
    size_t count = 0;

    LIST_EACH(node, list)
    {
        count++;
    }
    return count;
}

/*
 * When a pair was made decides which is the first one, and the files say it
 * in seconds: so no two are made in the same.
 */
static uint64_t
next_made_at(struct keys *keys)
{
    uint64_t now = (uint64_t)time(NULL);

    if (now <= keys->last_made_at)
        now = keys->last_made_at + 1;
    keys->last_made_at = now;
    return now;
}

/* Ask the signer for a child that makes the pair. */
static enum err
ask_signer(struct making *making, const struct key_wish *wish)
{
    struct keys *keys = making->keys;
    struct router *r = keys->router;
    struct message m = {.type = MSG_KEY_MAKE};
    enum err err;
    bool sent;
    int fd;

    err = storage_key_create(r->storage, making->file, &fd);
    if (err != OK) {
        if (err == ERR_SYSTEM)
            log_line(LOG_ERROR, "Key file keys/%s cannot be made: %s",
                     making->file, strerror(errno));
        return err;
    }
    m.key_make = (struct msg_key_make){
        .key = making->number,
        .name = span_text(wish->name),
        .type = (uint8_t)wish->type,
        .bits = wish->bits,
        .made_at = next_made_at(keys),
        .usage = (uint8_t)wish->usage,
        .exportable = wish->exportable,
        .public_pem = wish->public_pem,
        .private_pem = wish->private_pem,
        .passphrase = wish->passphrase,
    };
    sent = signer_send(r, &m, fd);
    close(fd);
    if (!sent) {
        storage_key_abandon(r->storage, making->file);
        return ERR_SYSTEM;
    }
    return OK;
}

static enum err
begin(struct making *making, const struct key_wish *wish)
{
    struct keys *keys = making->keys;
    size_t coming = list_length(&keys->makings);

    if (strlen(wish->name) >= KEY_NAME_MAX ||
        key_file_name(wish->name, wish->type, wish->usage, making->file) != OK)
        return ERR_LIMIT;
    /* A pair that is replaced counts until the new one is there. */
    if (list_length(&keys->all) + list_length(&keys->retired) + coming >
        KEYS_MAX)
        return ERR_LIMIT;
    if (coming > MAKINGS_MAX)
        return ERR_BUSY;
    return ask_signer(making, wish);
}

void
keys_generate(struct router *r, const struct key_wish *wish, key_done_fn done,
              void *owner)
{
    struct keys *keys = r->keys;
    struct making *making = alloc_zero(1, sizeof(*making));

    making->keys = keys;
    making->stage = MAKING_ASKED;
    making->number = keys->next_number++;
    making->done = done;
    making->owner = owner;
    uv_timer_init(&r->loop, &making->later);
    making->later.data = making;
    list_append(&keys->makings, &making->node);
    making->result = begin(making, wish);
    if (making->result != OK) {
        making->stage = MAKING_OVER;
        uv_timer_start(&making->later, on_later, 0, 0);
    }
}

void
makings_forget_owner(struct keys *keys, const void *owner)
{
    LIST_EACH(node, &keys->makings)
    {
        struct making *making = LIST_ITEM(node, struct making, node);

        if (making->owner == owner)
            making->done = NULL;
    }
}
