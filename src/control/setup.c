#include "control/setup.h"

#include "base/names.h"
#include "control/algorithms.h"
#include "control/banner.h"
#include "control/keys.h"

#define SOFTWARE      "vtyd_" VTYD_VERSION
#define BANNER_MAX    20000 /* bytes of an expanded banner */
#define HOST_KEYS_MAX (SSH_HOST_KEYS_MAX * (4 + KEY_BLOB_MAX))

/* The lists of one SETUP, each kept until the message is sent. */
struct setup_lists {
    struct buf kex, host_key, ciphers, macs, user_key, blobs, banner;
};

/* Signature algorithms of the list in use for which there is a key. */
static void
put_host_key_algorithms(const struct config *config,
                        const struct ssh_host_keys *keys, struct buf *to)
{
    struct buf configured;
    struct span rest, name;

    buf_init(&configured, NAMES_MAX_BYTES);
    algorithms_put(&configured, algorithms_hostkey(), config->ssh.hostkey);
    rest = buf_span(&configured);
    while (names_next(&rest, &name)) {
        const struct signature_method *method = signature_find(name);
        bool usable = false;

        for (size_t i = 0; method != NULL && i < keys->count; i++)
            usable = usable || keys->keys[i]->type == method->type;
        if (usable)
            buf_printf(to, "%s%s", buf_len(to) > 0 ? "," : "", method->name);
    }
    buf_clear(&configured);
}

static void
put_host_keys(struct session *s, const struct ssh_host_keys *keys,
              struct buf *to)
{
    s->host_key_count = 0;
    for (size_t i = 0; i < keys->count && i < SSH_HOST_KEYS_MAX; i++) {
        s->host_keys[s->host_key_count++] = keys->keys[i]->number;
        buf_put_string(to, keys->keys[i]->blob);
    }
}

static void
lists_fill(struct setup_lists *l, struct session *s)
{
    const struct config *config = &s->router->config;
    struct ssh_host_keys keys;

    buf_init(&l->kex, NAMES_MAX_BYTES);
    buf_init(&l->host_key, NAMES_MAX_BYTES);
    buf_init(&l->ciphers, NAMES_MAX_BYTES);
    buf_init(&l->macs, NAMES_MAX_BYTES);
    buf_init(&l->user_key, NAMES_MAX_BYTES);
    buf_init(&l->blobs, HOST_KEYS_MAX);
    buf_init(&l->banner, BANNER_MAX);
    algorithms_put(&l->kex, algorithms_kex(), config->ssh.kex);
    algorithms_put(&l->ciphers, algorithms_encryption(),
                   config->ssh.encryption);
    algorithms_put(&l->macs, algorithms_mac(), config->ssh.mac);
    algorithms_put(&l->user_key, algorithms_publickey(), config->ssh.publickey);
    keys_for_ssh(s->router, &keys);
    put_host_key_algorithms(config, &keys, &l->host_key);
    put_host_keys(s, &keys, &l->blobs);
    if (config->banners.login != NULL)
        banner_put(&l->banner, s, config->banners.login);
}

static void
lists_clear(struct setup_lists *l)
{
    buf_clear(&l->kex);
    buf_clear(&l->host_key);
    buf_clear(&l->ciphers);
    buf_clear(&l->macs);
    buf_clear(&l->user_key);
    buf_clear(&l->blobs);
    buf_clear(&l->banner);
}

void
setup_send_server(struct session *s)
{
    const struct config *config = &s->router->config;
    struct message m = {.type = MSG_SETUP};
    struct setup_lists lists;

    lists_fill(&lists, s);
    m.setup.software = span_text(SOFTWARE);
    m.setup.kex = buf_span(&lists.kex);
    m.setup.host_key_algorithms = buf_span(&lists.host_key);
    m.setup.ciphers = buf_span(&lists.ciphers);
    m.setup.macs = buf_span(&lists.macs);
    m.setup.user_key_algorithms = buf_span(&lists.user_key);
    m.setup.host_keys = buf_span(&lists.blobs);
    m.setup.rekey_bytes = 1024ULL * config->ssh.rekey_kilobytes;
    m.setup.rekey_ms = 60000ULL * config->ssh.rekey_minutes;
    m.setup.banner = buf_span(&lists.banner);
    session_send(s, &m);
    lists_clear(&lists);
}

void
setup_send_console(struct session *s, const struct worker_terminal *terminal)
{
    struct message m = {.type = MSG_SETUP};

    m.setup.software = span_text(SOFTWARE);
    m.setup.interactive = terminal->interactive;
    m.setup.columns = terminal->columns;
    m.setup.rows = terminal->rows;
    session_send(s, &m);
}
