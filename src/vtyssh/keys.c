#include "vtyssh/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/reader.h"
#include "base/text.h"
#include "crypto/user_key.h"
#include "os/file.h"
#include "vtyssh/say.h"

#define PASSPHRASES  3 /* that are asked for, for one key */
#define PATH_MAX_LEN 512

static const char *const usual_files[] = {"id_ed25519", "id_ecdsa", "id_rsa"};

static void
key_clear(struct key *key)
{
    free(key->name);
    buf_clear(&key->blob);
    buf_clear(&key->text);
    private_key_free(key->private);
    *key = (struct key){0};
}

/* A name of a stranger's file or comment, fit to be shown; owned. */
static char *
fit_name(struct span name)
{
    char fit[256];

    text_escape(fit, sizeof(fit), name);
    return text_dup(fit);
}

/* --- a key's private half ----------------------------------------------- */

/* Ask for its passphrase until it fits; false: it never did. */
static bool
unlock(struct key *key, struct terminal *terminal)
{
    char prompt[320];
    struct secret passphrase;
    enum err err = ERR_REFUSED;

    (void)snprintf(prompt, sizeof(prompt),
                   "Passphrase for key %s: ", key->name);
    for (int i = 0; i < PASSPHRASES && err == ERR_REFUSED; i++) {
        if (terminal_ask(terminal, prompt, false, &passphrase) != OK)
            break;
        err = passphrase.len == 0
                  ? ERR_REFUSED
                  : user_key_decode(buf_span(&key->text),
                                    secret_span(&passphrase), &key->private);
        /* Nothing typed: the user would rather go on without this key. */
        if (passphrase.len == 0)
            i = PASSPHRASES;
        secret_clear(&passphrase);
    }
    return err == OK;
}

/* Have the private key in the open. */
static bool
open_private(struct key *key, struct terminal *terminal)
{
    enum err err;

    if (key->private != NULL)
        return true;
    if (key->is_lost)
        return false;
    err = user_key_decode(buf_span(&key->text), SPAN_EMPTY, &key->private);
    if (err == OK || (err == ERR_REFUSED && unlock(key, terminal))) {
        buf_clear(&key->text);
        return true;
    }
    key->is_lost = true;
    if (err == ERR_NO_MATCH)
        say("%s: its type or its cipher is not supported; ssh-add gives it to "
            "an agent",
            key->name);
    else if (err == ERR_CRYPTO)
        say("%s: a key of a size that is not used, or whose halves differ",
            key->name);
    else if (err != ERR_REFUSED)
        say("%s: not a private key", key->name);
    return false;
}

/* --- collecting --------------------------------------------------------- */

static bool
is_ours(struct span blob)
{
    struct reader r = reader_over(blob);
    struct span type = read_string(&r);

    if (blob.len > KEY_BLOB_MAX || !read_ok(&r))
        return false;
    for (const struct signature_method *m = signature_methods; m->name != NULL;
         m++)
        if (span_is(type, m->key_name))
            return true;
    return false;
}

static struct key *
find(struct keys *k, struct span blob)
{
    for (size_t i = 0; i < k->count; i++)
        if (span_equal(buf_span(&k->keys[i].blob), blob))
            return &k->keys[i];
    return NULL;
}

/* Read "FILE.pub": a type and base64, as ssh-keygen leaves it beside a key. */
static bool
read_public_file(const char *path, struct buf *blob)
{
    uint8_t text[TEXT_BASE64_ROOM(KEY_BLOB_MAX) + 512];
    uint8_t bytes[KEY_BLOB_MAX];
    char name[PATH_MAX_LEN + 4];
    size_t len = 0, room = sizeof(bytes);
    struct span rest;
    const uint8_t *blank;
    bool ok;
    int fd;

    (void)snprintf(name, sizeof(name), "%s.pub", path);
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return false;
    ok = file_read_all(fd, text, sizeof(text), &len) == OK;
    close(fd);
    blank = ok ? memchr(text, ' ', len) : NULL;
    if (blank == NULL)
        return false;
    rest = span_of(blank + 1, len - (size_t)(blank + 1 - text));
    for (size_t i = 0; i < rest.len; i++)
        if (rest.ptr[i] == ' ' || rest.ptr[i] == '\n' || rest.ptr[i] == '\r')
            rest.len = i;
    if (text_base64_decode(rest, bytes, &room) != OK)
        return false;
    buf_put(blob, bytes, room);
    return buf_ok(blob);
}

/* The public half: as it stands in the file, beside it, or from the key. */
static bool
find_public(struct key *key, const char *path, struct terminal *terminal)
{
    if (user_key_public(buf_span(&key->text), &key->blob) == OK)
        return true;
    buf_reset(&key->blob);
    if (user_key_is_protected(buf_span(&key->text)) &&
        read_public_file(path, &key->blob))
        return true;
    buf_reset(&key->blob);
    if (!open_private(key, terminal))
        return false;
    private_key_put_public(key->private, &key->blob);
    return true;
}

/* ERR_REFUSED: others may read it, which was said. */
static enum err
read_key_file(const char *path, struct buf *text)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    uint8_t *place;
    size_t len = 0;
    enum err err;

    if (fd < 0)
        return ERR_NOT_FOUND;
    err = file_check_private(fd, &len);
    if (err == ERR_REFUSED) {
        say("%s: not used: it is no file for its owner alone (mode 0600)",
            path);
    } else if (err == OK) {
        place = buf_reserve(text, USER_KEY_TEXT_MAX);
        err = file_read_all(fd, place, USER_KEY_TEXT_MAX, &len);
        if (err == OK)
            buf_commit(text, len);
    }
    close(fd);
    return err;
}

static void
add_file(struct keys *k, const char *path, bool is_wished,
         struct terminal *terminal)
{
    struct key *key = &k->keys[k->count];
    enum err err;

    if (k->count == CLIENT_LOGIN_KEYS_MAX || strlen(path) >= PATH_MAX_LEN)
        return;
    buf_init(&key->blob, KEY_BLOB_MAX);
    buf_init_secret(&key->text, USER_KEY_TEXT_MAX);
    key->name = fit_name(span_text(path));
    err = read_key_file(path, &key->text);
    if (err != OK && err != ERR_REFUSED && is_wished)
        say("%s: %s", key->name,
            err == ERR_LENGTH ? "too long" : strerror(errno));
    if (err == OK && find_public(key, path, terminal) &&
        is_ours(buf_span(&key->blob)) &&
        find(k, buf_span(&key->blob)) == NULL) {
        k->count++;
        return;
    }
    key_clear(key);
}

static void
add_usual_files(struct keys *k, const char *home, struct terminal *terminal)
{
    for (size_t i = 0; i < sizeof(usual_files) / sizeof(usual_files[0]); i++) {
        char path[PATH_MAX_LEN];
        int len =
            snprintf(path, sizeof(path), "%s/.ssh/%s", home, usual_files[i]);

        if (len > 0 && (size_t)len < sizeof(path))
            add_file(k, path, false, terminal);
    }
}

static void
add_of_agent(struct keys *k, struct span blob, struct span comment)
{
    struct key *key = find(k, blob);

    if (key == NULL && k->count < CLIENT_LOGIN_KEYS_MAX && is_ours(blob)) {
        key = &k->keys[k->count++];
        buf_init(&key->blob, KEY_BLOB_MAX);
        buf_init_secret(&key->text, USER_KEY_TEXT_MAX);
        buf_put_span(&key->blob, blob);
        key->name = fit_name(comment);
    }
    if (key != NULL)
        key->is_of_agent = true;
}

static void
add_agent(struct keys *k)
{
    uint32_t count = 0;
    struct buf answer;
    struct reader r;

    if (k->agent.fd < 0)
        return;
    buf_init(&answer, AGENT_ANSWER_MAX);
    if (agent_keys(&k->agent, &answer, &count) != OK)
        say("the agent behind SSH_AUTH_SOCK does not answer as one");
    r = reader_over(buf_span(&answer));
    for (uint32_t i = 0; i < count && read_ok(&r); i++) {
        struct span blob = read_string(&r);
        struct span comment = read_string(&r);

        if (read_ok(&r))
            add_of_agent(k, blob, comment);
    }
    buf_clear(&answer);
}

void
keys_open(struct keys *k, const struct options *o, const char *home,
          const char *agent_path, struct terminal *terminal)
{
    *k = (struct keys){.count = 0};
    agent_open(&k->agent, agent_path, terminal->signals_fd);
    for (size_t i = 0; i < o->key_file_count; i++)
        add_file(k, o->key_files[i], true, terminal);
    /* The agent's own before the usual files: those may want a passphrase. */
    add_agent(k);
    if (o->key_file_count == 0 && home != NULL)
        add_usual_files(k, home, terminal);
}

void
keys_close(struct keys *k)
{
    for (size_t i = 0; i < k->count; i++)
        key_clear(&k->keys[i]);
    k->count = 0;
    agent_close(&k->agent);
}

/* --- signing ------------------------------------------------------------ */

bool
keys_sign(struct keys *k, size_t number, const char *algorithm,
          struct span data, struct terminal *terminal, struct buf *signature)
{
    const struct signature_method *method =
        signature_find(span_text(algorithm));
    struct key *key = &k->keys[number];
    enum err err;

    if (key->is_of_agent) {
        err = agent_sign(&k->agent, buf_span(&key->blob), data, algorithm,
                         signature);
        if (err == OK)
            return true;
        say("the agent did not sign with %s", key->name);
        if (buf_len(&key->text) == 0)
            return false;
    }
    if (method == NULL || !open_private(key, terminal))
        return false;
    err = private_key_sign(key->private, method, data, signature);
    if (err != OK)
        say("%s: no signature could be made: %s", key->name, err_text(err));
    return err == OK;
}
