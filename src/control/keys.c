#include "control/keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"
#include "control/helpers.h"
#include "control/key_table.h"
#include "control/service.h"
#include "control/session.h"

#define SPKI_MAX      4096 /* bytes; RSA-4096 takes 550 */
#define LOOK_EVERY_MS 5000

/* --- entries ----------------------------------------------------------- */

struct key_entry *
key_entry_of(struct list *node)
{
    return LIST_ITEM(node, struct key_entry, key.node);
}

struct key_entry *
key_entry_find(struct list *list, uint32_t number)
{
    LIST_EACH(node, list)
    {
        if (key_entry_of(node)->key.number == number)
            return key_entry_of(node);
    }
    return NULL;
}

static struct key_entry *
find_file(struct list *list, const char *file)
{
    LIST_EACH(node, list)
    {
        if (strcmp(key_entry_of(node)->file, file) == 0)
            return key_entry_of(node);
    }
    return NULL;
}

static void
entry_free(struct key_entry *entry)
{
    list_remove(&entry->key.node);
    buf_clear(&entry->memory);
    free(entry);
}

static void
entries_free(struct list *list)
{
    LIST_EACH(node, list)
    {
        entry_free(key_entry_of(node));
    }
}

/* --- handing over ------------------------------------------------------ */

/*
 * Pass the key file to the signer. False, and a log line: it cannot be
 * opened. A signer that is not there now gets it from the next keys_load().
 */
static bool
hand_over(struct keys *keys, struct key_entry *entry)
{
    struct message m = {.type = MSG_KEY_LOAD};
    int fd;

    if (storage_key_open(keys->router->storage, entry->file, &fd) != OK) {
        log_line(LOG_ERROR, "Key file keys/%s cannot be used: %s", entry->file,
                 strerror(errno));
        return false;
    }
    m.key_load.key = entry->key.number;
    if (!signer_send(keys->router, &m, fd))
        log_line(LOG_DEBUGGING, "Key file keys/%s waits for the signer",
                 entry->file);
    close(fd);
    return true;
}

struct key_entry *
keys_take(struct keys *keys, const char *file, uint32_t number)
{
    struct key_entry *entry = alloc_zero(1, sizeof(*entry));

    entry->key.number = number;
    entry->seen = true;
    text_copy(entry->file, sizeof(entry->file), file);
    buf_init(&entry->memory, KEY_BLOB_MAX + SPKI_MAX);
    list_append(&keys->arriving, &entry->key.node);
    if (!hand_over(keys, entry)) {
        entry_free(entry);
        return NULL;
    }
    return entry;
}

static void
on_key_file(void *owner, const char *file)
{
    struct keys *keys = owner;
    struct key_entry *present = find_file(&keys->all, file);
    struct key_entry *entry = find_file(&keys->arriving, file);

    if (present != NULL)
        present->seen = true;
    if (entry == NULL)
        entry = present;
    if (entry == NULL) {
        if (keys_take(keys, file, keys->next_number) != NULL)
            keys->next_number++;
        return;
    }
    entry->seen = hand_over(keys, entry);
}

/* Drop what is not in the directory any more. */
static void
drop_unseen(struct keys *keys, struct list *list)
{
    LIST_EACH(node, list)
    {
        struct key_entry *entry = key_entry_of(node);
        uint32_t number = entry->key.number;

        if (entry->seen)
            continue;
        entry_free(entry);
        makings_on_failed(keys, number);
    }
}

/* Every file of the first keys_load() was answered: now it can be said which
   keys there are. */
static void
look_whether_loaded(struct keys *keys)
{
    if (list_empty(&keys->arriving))
        keys->loaded = true;
    keys_ssh_update(keys->router);
    if (keys->loaded)
        service_loaded(keys->router);
}

bool
keys_are_loaded(const struct router *r)
{
    return r->keys->loaded;
}

void
keys_load(struct router *r)
{
    struct keys *keys = r->keys;

    makings_on_signer_lost(keys);
    exports_on_signer_lost(keys);
    logins_on_signer_lost(keys);
    entries_free(&keys->retired);
    LIST_EACH(node, &keys->all)
    {
        key_entry_of(node)->seen = false;
    }
    LIST_EACH(node, &keys->arriving)
    {
        key_entry_of(node)->seen = false;
    }
    storage_key_each(r->storage, on_key_file, keys);
    drop_unseen(keys, &keys->all);
    drop_unseen(keys, &keys->arriving);
    look_whether_loaded(keys);
}

/* --- what the signer says ---------------------------------------------- */

/* The signer read it from a file: it is believed within these limits. */
static bool
info_is_sound(const struct msg_key_info *m)
{
    if (m->name.len == 0 || m->name.len >= KEY_NAME_MAX || m->blob.len == 0 ||
        m->blob.len > KEY_BLOB_MAX || m->spki.len > SPKI_MAX)
        return false;
    for (size_t i = 0; i < m->name.len; i++)
        if (m->name.ptr[i] <= ' ' || m->name.ptr[i] > '~')
            return false;
    return m->type <= KEY_ED25519 && m->usage >= KEY_GENERAL &&
           m->usage <= KEY_ENCRYPTION;
}

static void
entry_fill(struct key_entry *entry, const struct msg_key_info *m)
{
    struct key *key = &entry->key;
    struct span memory;

    text_copy_span(key->name, sizeof(key->name), m->name);
    key->type = (enum key_type)m->type;
    key->bits = m->bits;
    key->made_at = m->made_at;
    key->usage = (enum key_usage)m->usage;
    key->exportable = m->exportable;
    buf_reset(&entry->memory);
    buf_put_span(&entry->memory, m->blob);
    buf_put_span(&entry->memory, m->spki);
    memory = buf_span(&entry->memory);
    key->blob = span_of(memory.ptr, m->blob.len);
    key->spki = span_of(memory.ptr + m->blob.len, m->spki.len);
}

/* Into `all`, behind those that were generated before. */
static void
insert_by_age(struct keys *keys, struct key_entry *entry)
{
    struct list *before = &keys->all;

    list_remove(&entry->key.node);
    LIST_EACH(node, &keys->all)
    {
        if (key_entry_of(node)->key.made_at > entry->key.made_at) {
            before = node;
            break;
        }
    }
    /* A list's head is a place like any other: this inserts before it. */
    list_append(before, &entry->key.node);
}

static void
on_failed(struct keys *keys, uint32_t number, struct span text)
{
    struct key_entry *entry = key_entry_find(&keys->arriving, number);
    char reason[256];

    text_escape(reason, sizeof(reason), text);
    if (entry == NULL)
        entry = key_entry_find(&keys->all, number);
    if (entry != NULL) {
        log_line(LOG_ERROR, "Key file keys/%s cannot be used: %s", entry->file,
                 reason);
        entry_free(entry);
    } else {
        log_line(LOG_ERROR, "The signer cannot make a key: %s", reason);
    }
    makings_on_failed(keys, number);
    look_whether_loaded(keys);
}

static void
on_info(struct keys *keys, const struct msg_key_info *m)
{
    struct key_entry *entry = key_entry_find(&keys->arriving, m->key);
    bool is_new = entry != NULL;
    struct key_entry *old;

    if (!info_is_sound(m)) {
        on_failed(keys, m->key, span_text("its name or size is out of bounds"));
        return;
    }
    if (entry == NULL)
        entry = key_entry_find(&keys->all, m->key);
    if (entry == NULL)
        return; /* zeroized meanwhile */
    entry_fill(entry, m);
    if (entry->key.made_at > keys->last_made_at)
        keys->last_made_at = entry->key.made_at;
    old = find_file(&keys->all, entry->file);
    if (old != NULL && old != entry)
        keys_retire(keys, old);
    insert_by_age(keys, entry);
    if (is_new)
        makings_on_ready(keys, &entry->key);
    look_whether_loaded(keys);
}

void
keys_on_message(struct router *r, const struct message *m)
{
    switch (m->type) {
    case MSG_KEY_STARTED:
        makings_on_started(r->keys, &m->key_started);
        break;
    case MSG_KEY_INFO:
        on_info(r->keys, &m->key_info);
        break;
    case MSG_KEY_EXPORTED:
        exports_on_exported(r->keys, &m->key_exported);
        break;
    case MSG_USER_SIGNED:
        logins_on_signed(r->keys, &m->user_signed);
        break;
    case MSG_KEY_FAILED:
        on_failed(r->keys, m->key_failed.key, m->key_failed.text);
        break;
    default:
        log_line(LOG_ERROR, "The signer sent a %s out of place",
                 message_name(m->type));
    }
}

/* --- going ------------------------------------------------------------- */

/* Has somebody who came before `since_ms` not left yet? */
static bool
sessions_before(struct router *r, uint64_t since_ms)
{
    LIST_EACH(node, sessions_all(r))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind == SESSION_SSH && s->started_ms <= since_ms)
            return true;
    }
    return false;
}

/* The signer wipes each retired pair that no session can sign with again. */
static void
forget_unused(struct keys *keys)
{
    LIST_EACH(node, &keys->retired)
    {
        struct key_entry *entry = key_entry_of(node);
        struct message m = {.type = MSG_KEY_FORGET};

        if (sessions_before(keys->router, entry->retired_ms))
            continue;
        m.key_forget.key = entry->key.number;
        /* A signer that is not there has forgotten everything. */
        if (!signer_send(keys->router, &m, -1))
            log_line(LOG_DEBUGGING, "No signer to forget keys/%s", entry->file);
        entry_free(entry);
    }
    if (list_empty(&keys->retired))
        uv_timer_stop(&keys->look);
}

static void
on_look(uv_timer_t *timer)
{
    forget_unused(timer->data);
}

void
keys_retire(struct keys *keys, struct key_entry *entry)
{
    list_remove(&entry->key.node);
    list_append(&keys->retired, &entry->key.node);
    entry->retired_ms = router_now_ms(keys->router);
    uv_timer_start(&keys->look, on_look, LOOK_EVERY_MS, LOOK_EVERY_MS);
    forget_unused(keys);
}

void
keys_drop_file(struct keys *keys, const char *file)
{
    struct key_entry *entry = find_file(&keys->all, file);
    uint32_t number;

    if (entry != NULL)
        keys_retire(keys, entry);
    entry = find_file(&keys->arriving, file);
    if (entry == NULL)
        return;
    number = entry->key.number;
    entry_free(entry);
    makings_on_failed(keys, number);
}

/* --- the table --------------------------------------------------------- */

struct keys *
keys_new(struct router *r)
{
    struct keys *keys = alloc_zero(1, sizeof(*keys));

    keys->router = r;
    keys->next_number = 1;
    list_init(&keys->all);
    list_init(&keys->arriving);
    list_init(&keys->retired);
    list_init(&keys->makings);
    list_init(&keys->removals);
    list_init(&keys->exports);
    list_init(&keys->logins);
    uv_timer_init(&r->loop, &keys->look);
    /* Nobody's end is put off for the sake of this timer. */
    uv_unref((uv_handle_t *)&keys->look);
    keys->look.data = keys;
    return keys;
}

static void
on_look_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void
keys_free(struct keys *keys)
{
    if (keys == NULL)
        return;
    makings_free(keys);
    removals_free(keys);
    exports_free(keys);
    logins_free(keys);
    entries_free(&keys->all);
    entries_free(&keys->arriving);
    entries_free(&keys->retired);
    uv_close((uv_handle_t *)&keys->look, on_look_closed);
}

struct list *
keys_all(struct router *r)
{
    return &r->keys->all;
}

struct key *
keys_find(struct router *r, const char *name, enum key_type type,
          enum key_usage usage)
{
    LIST_EACH(node, &r->keys->all)
    {
        struct key *key = &key_entry_of(node)->key;

        if (key->type == type && (usage == 0 || key->usage == usage) &&
            strcmp(key->name, name) == 0)
            return key;
    }
    return NULL;
}

void
keys_forget_owner(struct router *r, void *owner)
{
    makings_forget_owner(r->keys, owner);
    removals_forget_owner(r->keys, owner);
    exports_forget_owner(r->keys, owner);
    logins_forget_owner(r->keys, owner);
}
