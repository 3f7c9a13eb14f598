#include "control/server_key.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/reader.h"
#include "control/helpers.h"
#include "control/journal.h"
#include "control/keys.h"
#include "control/listener.h"

#define RENEW_MS (60 * 60 * 1000)
#define RETRY_MS (10 * 1000) /* after the signer has failed */
#define SUSPECT_MS                                            \
    (60 * 1000) /* between keys that suspicion makes us renew \
                 */

struct server_key {
    struct router *router;
    uv_timer_t renewal;
    uint32_t serial; /* 0: there is none */
    uint32_t host;   /* number of the host key it goes with */
    struct buf blob; /* its public half */
    bool asked;      /* the signer is making one */
    bool failed;     /* the signer could not make the first one */
    bool used;       /* since it was made */
    bool suspect;
    uint64_t made_ms;
};

/* --- making ----------------------------------------------------------------
 */

static void on_renewal(uv_timer_t *timer);

/* The host key of version 1, if that is to be spoken at all. */
static const struct key *
host_key(struct router *r)
{
    return r->keys != NULL && (keys_wanted_versions(r) & SSH_VERSION_1) != 0
               ? keys_for_version_1(r)
               : NULL;
}

static void
forget(struct server_key *k)
{
    k->serial = 0;
    k->used = k->suspect = false;
    buf_reset(&k->blob);
    uv_timer_stop(&k->renewal);
}

static void
ask(struct server_key *k, const struct key *host)
{
    struct message m = {.type = MSG_SERVER_KEY};

    m.server_key.key = host->number;
    k->asked = signer_send(k->router, &m, -1);
    if (!k->asked)
        uv_timer_start(&k->renewal, on_renewal, RETRY_MS, 0);
}

void
server_key_update(struct router *r)
{
    struct server_key *k = r->server_key;
    const struct key *host = host_key(r);

    if (k->serial != 0 && (host == NULL || host->number != k->host))
        forget(k);
    if (host != NULL && k->serial == 0 && !k->asked)
        ask(k, host);
}

static void
renew(struct server_key *k)
{
    const struct key *host = host_key(k->router);

    if (host != NULL && k->serial != 0 && !k->asked)
        ask(k, host);
}

/* One that nobody has used may stay. */
static void
on_renewal(uv_timer_t *timer)
{
    struct server_key *k = timer->data;

    if (k->serial == 0) {
        server_key_update(k->router);
        listener_update(k->router);
    } else if (k->used || k->suspect) {
        renew(k);
    } else {
        uv_timer_start(&k->renewal, on_renewal, RENEW_MS, 0);
    }
}

/* Its modulus is behind the name of its type and the exponent. */
static void
tell_made(struct router *r, struct span blob)
{
    struct reader reader = reader_over(blob);
    struct span modulus;

    read_string(&reader);
    read_string(&reader);
    modulus = read_mpint(&reader, blob.len);
    if (read_ok(&reader))
        journal_message(r, "CRYPTO", LOG_INFORMATIONAL, "AUTOGEN",
                        "Generated new %zu bit key pair", modulus.len * 8);
}

void
server_key_on_made(struct router *r, const struct msg_server_key_made *m)
{
    struct server_key *k = r->server_key;
    const struct key *host = host_key(r);

    k->asked = false;
    if (m->blob.len == 0) {
        log_line(LOG_ERROR, "No server key for version 1 could be made");
        uv_timer_start(&k->renewal, on_renewal, RETRY_MS, 0);
        k->failed = true;
        listener_update(r);
        return;
    }
    /* The host key may be another one meanwhile. */
    if (host == NULL || host->number != m->key) {
        server_key_update(r);
        listener_update(r);
        return;
    }
    /* The first one is a part of whatever made version 1 possible. */
    if (k->serial != 0)
        tell_made(r, m->blob);
    forget(k);
    k->failed = false;
    k->serial = m->serial;
    k->host = m->key;
    buf_put_span(&k->blob, m->blob);
    k->made_ms = router_now_ms(r);
    uv_timer_start(&k->renewal, on_renewal, RENEW_MS, 0);
    listener_update(r);
}

void
server_key_lost(struct router *r)
{
    r->server_key->asked = r->server_key->failed = false;
    forget(r->server_key);
    listener_update(r);
}

void
server_key_suspect(struct router *r)
{
    struct server_key *k = r->server_key;
    uint64_t age_ms = router_now_ms(r) - k->made_ms;

    if (k->serial == 0 || k->suspect)
        return;
    k->suspect = true;
    uv_timer_start(&k->renewal, on_renewal,
                   age_ms < SUSPECT_MS ? SUSPECT_MS - age_ms : 0, 0);
}

/* --- using -----------------------------------------------------------------
 */

bool
server_key_is_ready(const struct router *r)
{
    return r->server_key->serial != 0;
}

bool
server_key_is_awaited(struct router *r)
{
    return r->server_key->serial == 0 && !r->server_key->failed &&
           host_key(r) != NULL;
}

void
server_key_use(struct session *s, struct span *host_blob,
               struct span *server_blob)
{
    struct server_key *k = s->router->server_key;

    k->used = true;
    s->server_key = k->serial;
    s->v1_host_key = k->host;
    *host_blob = keys_for_version_1(s->router)->blob;
    *server_blob = buf_span(&k->blob);
}

/* --- life ------------------------------------------------------------------
 */

struct server_key *
server_key_new(struct router *r)
{
    struct server_key *k = alloc_zero(1, sizeof(*k));

    k->router = r;
    buf_init(&k->blob, KEY_BLOB_MAX);
    uv_timer_init(&r->loop, &k->renewal);
    uv_unref((uv_handle_t *)&k->renewal);
    k->renewal.data = k;
    return k;
}

static void
on_closed(uv_handle_t *handle)
{
    struct server_key *k = handle->data;

    buf_clear(&k->blob);
    free(k);
}

void
server_key_free(struct server_key *key)
{
    if (key != NULL)
        uv_close((uv_handle_t *)&key->renewal, on_closed);
}
