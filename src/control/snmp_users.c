#include "control/snmp_users.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/text.h"
#include "control/durable.h"
#include "control/journal.h"
#include "control/snmp.h"
#include "crypto/random.h"
#include "crypto/snmp_key.h"

#define FILE_NAME  "snmp"
#define FILE_OLD   "snmp.old"
#define FILE_MAX   (SNMP_USERS_MAX * 512)
#define LINE_WORDS 8
#define BOOTS_MAX  0x7fffffffu /* RFC 3414 section 2.2.2: it stays there */

struct snmp_users {
    struct router *router;
    int state;
    struct snmp_engine own;
    uint32_t boots;
    bool stored; /* the disk has all of it */
    bool writing, again;
    uv_work_t work;
    struct buf text; /* that is being written */
    enum err err;
    int system_error;
    size_t count;
    struct snmp_user users[SNMP_USERS_MAX];
};

/* --- engines ------------------------------------------------------------ */

/* An even number of hexadecimal digits; false: too long, or something else. */
static bool
read_hex(struct span digits, uint8_t *to, size_t room, size_t *len)
{
    if (digits.len % 2 != 0 || digits.len / 2 > room)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned char c = digits.ptr[i];

        if (!isxdigit(c))
            return false;
        c = (unsigned char)(isdigit(c) ? c - '0' : tolower(c) - 'a' + 10);
        to[i / 2] = (uint8_t)(i % 2 == 0 ? c << 4 : to[i / 2] | c);
    }
    *len = digits.len / 2;
    return true;
}

static bool
read_engine(const char *digits, struct snmp_engine *engine)
{
    return read_hex(span_text(digits), engine->bytes, sizeof(engine->bytes),
                    &engine->len) &&
           engine->len > 0;
}

/*
 * RFC 3411, SnmpEngineID: the enterprise whose trap it is with the first bit
 * set, and octets of the router's choice (5).
 */
static void
make_engine(struct snmp_engine *engine)
{
    static const uint8_t head[] = {0x80, 0, 0, 9, 5};

    engine->len = 13;
    memcpy(engine->bytes, head, sizeof(head));
    random_bytes(NULL, engine->bytes + sizeof(head),
                 engine->len - sizeof(head));
}

void
snmp_local_engine(const struct router *r, const struct config *config,
                  struct snmp_engine *engine)
{
    if (config->snmp.engine != NULL && read_engine(config->snmp.engine, engine))
        return;
    *engine = (struct snmp_engine){.len = 5};
    if (r != NULL && r->snmp_users != NULL)
        *engine = r->snmp_users->own;
}

bool
snmp_remote_engine(const struct config *config,
                   const struct config_address *address, uint32_t port,
                   struct snmp_engine *engine)
{
    const struct config_list *engines = &config->snmp.engines.list;

    for (size_t i = 0; i < engines->count; i++) {
        const struct config_snmp_engine *one = engines->items[i];

        if (config_address_equal(&one->address, address) && one->port == port)
            return read_engine(one->engine, engine);
    }
    return false;
}

void
snmp_engine_text(const struct snmp_engine *engine, char text[SNMP_ENGINE_TEXT])
{
    text_hex(text, SNMP_ENGINE_TEXT, span_of(engine->bytes, engine->len));
    for (char *c = text; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
}

bool
snmp_engine_equal(const struct snmp_engine *a, const struct snmp_engine *b)
{
    return a->len == b->len && memcmp(a->bytes, b->bytes, a->len) == 0;
}

uint32_t
snmp_engine_boots(const struct router *r)
{
    return r->snmp_users == NULL ? 0 : r->snmp_users->boots;
}

/* --- keys --------------------------------------------------------------- */

size_t
snmp_user_auth_length(const struct snmp_user *user)
{
    if (user->auth == SNMP_AUTH_NONE)
        return 0;
    return hash_len(user->auth == SNMP_AUTH_MD5 ? HASH_MD5 : HASH_SHA1);
}

bool
snmp_user_localize(const struct snmp_user *user, const char *password,
                   uint8_t key[SNMP_USER_KEY_MAX])
{
    enum hash_id id = user->auth == SNMP_AUTH_MD5 ? HASH_MD5 : HASH_SHA1;
    uint8_t all[HASH_MAX];
    enum err err =
        snmp_key_localize(id, span_text(password),
                          span_of(user->engine.bytes, user->engine.len), all);

    if (err == OK)
        memcpy(key, all, hash_len(id));
    wipe(all, sizeof(all));
    return err == OK;
}

/* --- the file ----------------------------------------------------------- */

static const char *const auth_words[] = {"none", "md5", "sha"};
static const char *const priv_words[] = {"none", "des", "aes128"};

static void
put_key(struct buf *to, const char *word, const uint8_t *key, size_t len)
{
    char hex[2 * SNMP_USER_KEY_MAX + 1];

    text_hex(hex, sizeof(hex), span_of(key, len));
    buf_printf(to, " %s %s", word, len == 0 ? "-" : hex);
    wipe(hex, sizeof(hex));
}

static void
put_user(struct buf *to, const struct snmp_user *user)
{
    char engine[SNMP_ENGINE_TEXT];

    snmp_engine_text(&user->engine, engine);
    buf_printf(to, "user %s %s %s", user->name, user->group, engine);
    put_key(to, auth_words[user->auth], user->auth_key,
            snmp_user_auth_length(user));
    put_key(to, priv_words[user->priv], user->priv_key,
            user->priv == SNMP_PRIV_NONE ? 0 : SNMP_PRIV_KEY_BYTES);
    buf_printf(to, "\n");
}

static void
put_text(const struct snmp_users *u, struct buf *to)
{
    char engine[SNMP_ENGINE_TEXT];

    snmp_engine_text(&u->own, engine);
    buf_printf(to, "engine %s\nboots %u\n", engine, u->boots);
    for (size_t i = 0; i < u->count; i++)
        put_user(to, &u->users[i]);
}

/* "none", "md5", ... : its place; the number of words: none of them. */
static unsigned
word_at(const char *const *words, unsigned count, struct span word)
{
    unsigned i = 0;

    while (i < count && !span_is(word, words[i]))
        i++;
    return i;
}

/* False: it is no line of put_user()'s. */
static bool
read_user(const struct span words[LINE_WORDS], struct snmp_user *user)
{
    size_t len;

    *user = (struct snmp_user){
        .auth = (enum snmp_auth)word_at(auth_words, 3, words[4]),
        .priv = (enum snmp_priv)word_at(priv_words, 3, words[6]),
    };
    if (user->auth > SNMP_AUTH_SHA || user->priv > SNMP_PRIV_AES128 ||
        !text_copy_span(user->name, sizeof(user->name), words[1]) ||
        !text_copy_span(user->group, sizeof(user->group), words[2]) ||
        !read_hex(words[3], user->engine.bytes, SNMP_ENGINE_MAX,
                  &user->engine.len))
        return false;
    if (user->auth != SNMP_AUTH_NONE &&
        (!read_hex(words[5], user->auth_key, SNMP_USER_KEY_MAX, &len) ||
         len != snmp_user_auth_length(user)))
        return false;
    return user->priv == SNMP_PRIV_NONE ||
           (read_hex(words[7], user->priv_key, SNMP_USER_KEY_MAX, &len) &&
            len == SNMP_PRIV_KEY_BYTES);
}

static bool
read_words(struct snmp_users *u, const struct span words[LINE_WORDS],
           size_t count)
{
    uint64_t boots;
    char engine[SNMP_ENGINE_TEXT];

    if (count == 2 && span_is(words[0], "engine"))
        return text_copy_span(engine, sizeof(engine), words[1]) &&
               read_engine(engine, &u->own);
    if (count == 2 && span_is(words[0], "boots")) {
        if (text_number(words[1], BOOTS_MAX, &boots) != OK)
            return false;
        u->boots = (uint32_t)boots;
        return true;
    }
    return count == LINE_WORDS && span_is(words[0], "user") &&
           u->count < SNMP_USERS_MAX && read_user(words, &u->users[u->count++]);
}

/* Its words; more than LINE_WORDS count, but are not taken. */
static size_t
split(struct span line, struct span words[LINE_WORDS])
{
    size_t count = 0, at = 0;

    while (at < line.len) {
        size_t begin = at;

        while (at < line.len && line.ptr[at] != ' ')
            at++;
        if (count < LINE_WORDS)
            words[count] = span_of(line.ptr + begin, at - begin);
        count++;
        at++;
    }
    return count;
}

/* False: there is a line that is not ours; what is before it was taken. */
static bool
read_text(struct snmp_users *u, struct span text)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.ptr, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);
        struct span words[LINE_WORDS] = {{0}};
        size_t count = split(span_of(text.ptr, len), words);

        if (end == NULL || !read_words(u, words, count))
            return false;
        text = span_of(text.ptr + len + 1, text.len - len - 1);
    }
    return true;
}

static void
read_file(struct snmp_users *u)
{
    struct buf text;
    enum err err;

    buf_init_secret(&text, FILE_MAX);
    err = durable_read(u->state, FILE_NAME, FILE_MAX, &text);
    if (err == OK && !read_text(u, buf_span(&text))) {
        err = ERR_FORMAT;
        /* Half of a key is none; starts that are not known would be counted
           a second time, so it is another engine from now on. */
        u->count = 0;
        u->boots = 0;
        u->own.len = 0;
    }
    if (err != OK && !(err == ERR_SYSTEM && errno == ENOENT))
        journal_message(u->router, "SNMP", LOG_ERROR, "USERS",
                        "The file snmp cannot be read (%s): its users are gone",
                        err == ERR_SYSTEM ? strerror(errno) : err_text(err));
    buf_clear(&text);
}

/* --- storing ------------------------------------------------------------ */

static void
on_work(uv_work_t *work)
{
    struct snmp_users *u = work->data;

    u->err = durable_replace(u->state, FILE_NAME, buf_span(&u->text));
    u->system_error = errno;
    /* Keys of users that were removed are kept nowhere. */
    if (u->err == OK && durable_remove(u->state, FILE_OLD) != OK &&
        errno != ENOENT) {
        u->err = ERR_SYSTEM;
        u->system_error = errno;
    }
}

static void store(struct snmp_users *u);

static void
on_worked(uv_work_t *work, int status)
{
    struct snmp_users *u = work->data;

    (void)status; /* never cancelled */
    u->writing = false;
    buf_clear(&u->text);
    if (u->err != OK)
        journal_message(u->router, "SNMP", LOG_ERROR, "USERS",
                        "The file snmp cannot be written: %s",
                        strerror(u->system_error));
    if (u->again) {
        store(u);
        return;
    }
    u->stored = u->err == OK;
    if (u->stored)
        snmp_users_stored(u->router);
}

/* All of it as it is now; what is under way is followed by another one. */
static void
store(struct snmp_users *u)
{
    int queued;

    u->stored = false;
    u->again = u->writing;
    if (u->writing)
        return;
    u->writing = true;
    buf_init_secret(&u->text, FILE_MAX);
    put_text(u, &u->text);
    u->work.data = u;
    queued = uv_queue_work(&u->router->loop, &u->work, on_work, on_worked);
    assert(queued == 0); /* it fails for a missing callback only */
}

bool
snmp_users_keep(struct router *r)
{
    struct snmp_users *u = r->snmp_users;

    if (u == NULL)
        return false;
    if (!u->stored && !u->writing)
        store(u);
    return u->stored;
}

/* --- life --------------------------------------------------------------- */

void
snmp_users_open(struct router *r, int state)
{
    struct snmp_users *u = alloc_zero(1, sizeof(*u));

    u->router = r;
    u->state = state;
    r->snmp_users = u;
    durable_sweep(state, FILE_NAME);
    read_file(u);
    if (u->boots < BOOTS_MAX)
        u->boots++;
    if (u->own.len == 0)
        make_engine(&u->own);
}

void
snmp_users_close(struct router *r)
{
    struct snmp_users *u = r->snmp_users;

    if (u == NULL)
        return;
    while (u->writing)
        uv_run(&r->loop, UV_RUN_ONCE);
    r->snmp_users = NULL;
    wipe(u->users, sizeof(u->users));
    free(u);
}

/* --- users -------------------------------------------------------------- */

static struct snmp_user *
find(struct snmp_users *u, const char *name, const struct snmp_engine *engine)
{
    for (size_t i = 0; u != NULL && i < u->count; i++)
        if (strcmp(u->users[i].name, name) == 0 &&
            snmp_engine_equal(&u->users[i].engine, engine))
            return &u->users[i];
    return NULL;
}

const struct snmp_user *
snmp_user_find(const struct router *r, const char *name,
               const struct snmp_engine *engine)
{
    return find(r->snmp_users, name, engine);
}

const struct snmp_user *
snmp_user_at(const struct router *r, size_t index)
{
    const struct snmp_users *u = r->snmp_users;

    return u != NULL && index < u->count ? &u->users[index] : NULL;
}

bool
snmp_users_put(struct router *r, const struct snmp_user *user)
{
    struct snmp_users *u = r->snmp_users;
    struct snmp_user *place;

    if (u == NULL)
        return true; /* only looked at */
    place = find(u, user->name, &user->engine);
    if (place == NULL && u->count == SNMP_USERS_MAX)
        return false;
    if (place == NULL)
        place = &u->users[u->count++];
    *place = *user;
    store(u);
    return true;
}

void
snmp_users_remove(struct router *r, const struct snmp_user *user)
{
    struct snmp_users *u = r->snmp_users;
    struct snmp_user *place;

    if (u == NULL)
        return;
    place = find(u, user->name, &user->engine);
    if (place == NULL)
        return;
    u->count--;
    memmove(place, place + 1,
            (size_t)(&u->users[u->count] - place) * sizeof(*place));
    wipe(&u->users[u->count], sizeof(*place));
    store(u);
}
