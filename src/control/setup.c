#include "control/setup.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "control/algorithms.h"
#include "control/banner.h"
#include "control/debug.h"
#include "control/keys.h"
#include "control/server_key.h"
#include "crypto/cipher.h"

#define SOFTWARE      "vtyd_" VTYD_VERSION
#define V1_CIPHERS    "3des,des"
#define HOST_KEYS_MAX (SSH_HOST_KEYS_MAX * (4 + KEY_BLOB_MAX))

/*
 * The lists of one SETUP, each kept until the message is sent; their memory is
 * kept for the next, since every connection needs them.
 */
struct setup {
    struct buf kex, host_key, ciphers, macs, user_key, blobs, banner;
    struct buf configured;
};

struct setup *
setup_new(void)
{
    struct setup *setup = alloc_zero(1, sizeof(*setup));

    buf_init(&setup->kex, NAMES_MAX_BYTES);
    buf_init(&setup->host_key, NAMES_MAX_BYTES);
    buf_init(&setup->ciphers, NAMES_MAX_BYTES);
    buf_init(&setup->macs, NAMES_MAX_BYTES);
    buf_init(&setup->user_key, NAMES_MAX_BYTES);
    buf_init(&setup->configured, NAMES_MAX_BYTES);
    buf_init(&setup->blobs, HOST_KEYS_MAX);
    buf_init(&setup->banner, BANNER_SHOWN_MAX);
    return setup;
}

void
setup_free(struct setup *setup)
{
    if (setup == NULL)
        return;
    buf_clear(&setup->kex);
    buf_clear(&setup->host_key);
    buf_clear(&setup->ciphers);
    buf_clear(&setup->macs);
    buf_clear(&setup->user_key);
    buf_clear(&setup->configured);
    buf_clear(&setup->blobs);
    buf_clear(&setup->banner);
    free(setup);
}

/* The list in use of one class, in place of what `names` held. */
static void
refill(struct buf *names, const struct cli_word *words, const char *configured)
{
    buf_reset(names);
    algorithms_put(names, words, configured);
}

/* Signature algorithms of the list in use for which there is a key. */
static void
fill_host_key_algorithms(struct setup *setup, const struct config *config,
                         const struct ssh_host_keys *keys)
{
    struct buf *to = &setup->host_key;
    struct span rest, name;

    buf_reset(to);
    refill(&setup->configured, algorithms_hostkey(), config->ssh.hostkey);
    rest = buf_span(&setup->configured);
    while (names_next(&rest, &name)) {
        const struct signature_method *method = signature_find(name);
        bool usable = false;

        for (size_t i = 0; method != NULL && i < keys->count; i++)
            usable = usable || keys->keys[i]->type == method->type;
        if (!usable)
            continue;
        if (buf_len(to) > 0)
            buf_put_u8(to, ',');
        buf_put_span(to, name);
    }
}

static void
fill_blobs(struct setup *setup, const struct ssh_host_keys *keys)
{
    buf_reset(&setup->blobs);
    for (size_t i = 0; i < keys->count; i++)
        buf_put_string(&setup->blobs, keys->keys[i]->blob);
}

static void
fill_host_keys(struct setup *setup, struct session *s,
               const struct ssh_host_keys *keys)
{
    fill_blobs(setup, keys);
    s->host_key_count = keys->count;
    for (size_t i = 0; i < keys->count; i++)
        s->host_keys[i] = keys->keys[i]->number;
}

static void
fill(struct setup *setup, struct session *s)
{
    const struct config *config = &s->router->config;
    struct ssh_host_keys keys;

    buf_reset(&setup->kex);
    algorithms_put_kex(&setup->kex, config->ssh.kex, config->ssh.dh_min);
    refill(&setup->ciphers, algorithms_encryption(), config->ssh.encryption);
    refill(&setup->macs, algorithms_mac(), config->ssh.mac);
    refill(&setup->user_key, algorithms_publickey(), config->ssh.publickey);
    keys_for_ssh(s->router, &keys);
    fill_host_key_algorithms(setup, config, &keys);
    fill_host_keys(setup, s, &keys);
    buf_reset(&setup->banner);
    if (config->banners.login != NULL)
        banner_put(&setup->banner, s, config->banners.login);
}

void
setup_send_server(struct session *s)
{
    const struct config *config = &s->router->config;
    struct setup *setup = s->router->setup;
    struct message m = {.type = MSG_SETUP};

    fill(setup, s);
    m.setup.software = span_text(SOFTWARE);
    m.setup.kex = buf_span(&setup->kex);
    m.setup.host_key_algorithms = buf_span(&setup->host_key);
    m.setup.ciphers = buf_span(&setup->ciphers);
    m.setup.macs = buf_span(&setup->macs);
    m.setup.user_key_algorithms = buf_span(&setup->user_key);
    m.setup.host_keys = buf_span(&setup->blobs);
    m.setup.versions = (uint8_t)keys_ssh_versions(s->router);
    if ((m.setup.versions & SSH_VERSION_1) != 0) {
        m.setup.v1_ciphers = span_text(V1_CIPHERS);
        server_key_use(s, &m.setup.v1_host_key, &m.setup.v1_server_key);
    }
    m.setup.rekey_bytes = 1024ULL * config->ssh.rekey_kilobytes;
    m.setup.rekey_ms = 60000ULL * config->ssh.rekey_minutes;
    m.setup.window = config->ssh.window;
    m.setup.group_min = config->ssh.dh_min;
    m.setup.banner = buf_span(&setup->banner);
    m.setup.debug = debug_begin(s);
    session_send(s, &m);
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

/* Without the ciphers that need no MAC: with them none would be agreed upon. */
static void
drop_aead(struct buf *names)
{
    struct buf left;
    struct span rest = buf_span(names), name;

    buf_init(&left, NAMES_MAX_BYTES);
    while (names_next(&rest, &name)) {
        const struct cipher_method *method = cipher_find(name);

        if (method == NULL || method->tag_len > 0)
            continue;
        if (buf_len(&left) > 0)
            buf_put_u8(&left, ',');
        buf_put_span(&left, name);
    }
    buf_reset(names);
    buf_put_span(names, buf_span(&left));
    buf_clear(&left);
}

/* Groups of 1024 bits are for those who ask for one by its name. */
static bool
names_an_old_group(const char *configured)
{
    return configured != NULL &&
           names_has(span_text(configured),
                     span_text("diffie-hellman-group1-sha1"));
}

/* Algorithms for keys of these types first, then the others. */
static void
prefer(struct buf *algorithms, struct span key_types)
{
    struct span rest, name;
    struct buf ordered;

    buf_init(&ordered, NAMES_MAX_BYTES);
    for (int known = 1; known >= 0; known--) {
        rest = buf_span(algorithms);
        while (names_next(&rest, &name)) {
            const struct signature_method *method = signature_find(name);

            if (method == NULL ||
                names_has(key_types, span_text(method->key_name)) != known)
                continue;
            if (buf_len(&ordered) > 0)
                buf_put_u8(&ordered, ',');
            buf_put_span(&ordered, name);
        }
    }
    buf_reset(algorithms);
    buf_put_span(algorithms, buf_span(&ordered));
    buf_clear(&ordered);
}

void
setup_put_client(struct router *r, const struct outgoing_plan *plan,
                 const struct ssh_host_keys *keys, struct span key_types,
                 struct msg_client_setup *m)
{
    const struct config *config = &r->config;
    struct setup *setup = r->setup;

    refill(&setup->kex, algorithms_kex(), config->ssh.client_kex);
    refill(&setup->host_key, algorithms_client_hostkey(),
           config->ssh.client_hostkey);
    prefer(&setup->host_key, key_types);
    refill(&setup->ciphers, algorithms_encryption(),
           plan->ciphers != NULL ? plan->ciphers
                                 : config->ssh.client_encryption);
    refill(&setup->macs, algorithms_mac(),
           plan->macs != NULL ? plan->macs : config->ssh.client_mac);
    if (plan->macs != NULL && plan->ciphers == NULL)
        drop_aead(&setup->ciphers);
    m->software = span_text(SOFTWARE);
    m->kex = buf_span(&setup->kex);
    m->host_key_algorithms = buf_span(&setup->host_key);
    m->ciphers = buf_span(&setup->ciphers);
    m->macs = buf_span(&setup->macs);
    m->versions = (uint8_t)plan->versions;
    m->v1_ciphers =
        span_text(plan->v1_ciphers != NULL ? plan->v1_ciphers : V1_CIPHERS);
    m->warn_v1 = !plan->version_named;
    m->rekey_bytes = 1024ULL * config->ssh.rekey_kilobytes;
    m->rekey_ms = 60000ULL * config->ssh.rekey_minutes;
    m->keys_ms = 1000ULL * config->ssh.timeout;
    m->silence_ms = plan->path != NULL ? m->keys_ms : 0;
    m->user = span_text(plan->user);
    m->prompts = plan->prompts;
    fill_blobs(setup, keys);
    m->keys = buf_span(&setup->blobs);
    /* What is old enough for the one is for the other. */
    m->sha1 = names_has(m->host_key_algorithms, span_text("ssh-rsa"));
    m->group_min = names_an_old_group(config->ssh.client_kex) ? 1024 : 2048;
    m->purpose = (uint8_t)plan->purpose;
    m->command = plan->command == NULL ? SPAN_EMPTY : span_text(plan->command);
    m->path = plan->path == NULL ? SPAN_EMPTY : span_text(plan->path);
    m->bytes = plan->bytes;
    m->pty = plan->terminal != NULL;
    m->terminal =
        plan->terminal == NULL ? SPAN_EMPTY : span_text(plan->terminal);
    m->modes = plan->modes;
    m->columns = plan->columns;
    m->rows = plan->rows;
    m->cooked = plan->cooked;
    m->debug = debug_of_clients(r);
}
