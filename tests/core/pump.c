#include "pump.h"

#include <assert.h>
#include <stdlib.h>

#include "crypto/cipher.h"
#include "crypto/crypto.h"
#include "crypto/hostkey.h"
#include "crypto/kex_method.h"
#include "crypto/mac.h"

#define LIST_MAX 2048

/* --- everything there is --------------------------------------------- */

static void
add_name(char *list, const char *name)
{
    size_t len = strlen(list);

    assert(len + strlen(name) + 2 < LIST_MAX);
    if (len > 0)
        list[len++] = ',';
    memcpy(list + len, name, strlen(name) + 1);
}

const char *
pump_all_kex(void)
{
    static char list[LIST_MAX];

    if (list[0] == '\0')
        for (size_t i = 0; kex_methods[i].name != NULL; i++)
            add_name(list, kex_methods[i].name);
    return list;
}

const char *
pump_all_ciphers(void)
{
    static char list[LIST_MAX];

    if (list[0] == '\0')
        for (size_t i = 0; cipher_methods[i].name != NULL; i++)
            add_name(list, cipher_methods[i].name);
    return list;
}

const char *
pump_all_macs(void)
{
    static char list[LIST_MAX];

    if (list[0] == '\0')
        for (size_t i = 0; mac_methods[i].name != NULL; i++)
            add_name(list, mac_methods[i].name);
    return list;
}

const char *
pump_all_host_keys(void)
{
    static char list[LIST_MAX];

    if (list[0] == '\0')
        for (size_t i = 0; signature_methods[i].name != NULL; i++)
            add_name(list, signature_methods[i].name);
    return list;
}

/* --- life ------------------------------------------------------------ */

void
pump_init(struct pump *pump)
{
    enum err err = crypto_warm_up();

    assert(err == OK);
    *pump = (struct pump){.chance = {1}};
    owner_init(&pump->server);
    user_init(&pump->client);
    buf_init(&pump->to_server, 16 * 1024 * 1024);
    buf_init(&pump->to_client, 16 * 1024 * 1024);
    pump->server_setup = (struct ssh_setup){
        .software = "vtyd_test",
        .kex = pump_all_kex(),
        .host_key_algorithms = pump_all_host_keys(),
        .ciphers = pump_all_ciphers(),
        .macs = pump_all_macs(),
        .user_key_algorithms = pump_all_host_keys(),
        .v1_ciphers = "3des,des",
        .random = chance_bytes,
        .random_state = &pump->chance,
    };
    pump->client_setup = pump->server_setup;
    pump->client_setup.user_key_algorithms = NULL;
}

void
pump_start(struct pump *pump)
{
    pump->server_setup.now_ms = pump->client_setup.now_ms = pump->now_ms;
    owner_start(&pump->server, &pump->server_setup);
    user_start(&pump->client, &pump->client_setup);
}

void
pump_clear(struct pump *pump)
{
    owner_clear(&pump->server);
    user_clear(&pump->client);
    buf_clear(&pump->to_server);
    buf_clear(&pump->to_client);
}

/* --- rounds ---------------------------------------------------------- */

/* What the connection wants to send goes on its way, as far as that holds. */
static bool
take_output(const struct pump *pump, struct ssh_conn *c, struct buf *way)
{
    struct span out = ssh_conn_output(c);

    if (pump->pipe > 0 && out.len > pump->pipe - buf_len(way))
        out.len = pump->pipe - buf_len(way);
    if (out.len == 0)
        return false;
    buf_put_span(way, out);
    assert(buf_ok(way));
    ssh_conn_output_sent(c, out.len);
    return true;
}

/*
 * What is on its way arrives, in memory that holds exactly these bytes, so
 * that a sanitizer sees whoever reads on or keeps a pointer to it.
 */
static bool
deliver(struct pump *pump, struct buf *way, bool to_server)
{
    struct ssh_conn *c = to_server ? pump->server.conn : pump->client.conn;
    size_t len = buf_len(way);
    size_t taken;
    uint8_t *bytes;

    if (pump->chunk > 0 && len > pump->chunk)
        len = pump->chunk;
    if (len == 0 || !ssh_conn_wants_input(c))
        return false;
    bytes = malloc(len);
    assert(bytes != NULL);
    memcpy(bytes, buf_bytes(way), len);
    taken = ssh_conn_input(c, bytes, len);
    buf_consume(way, taken);
    if (to_server)
        pump->bytes_to_server += taken;
    else
        pump->bytes_to_client += taken;
    if (to_server)
        owner_turn(&pump->server);
    else
        user_turn(&pump->client);
    memset(bytes, 0xee, len);
    free(bytes);
    return taken > 0;
}

bool
pump_round(struct pump *pump)
{
    size_t waiting;
    bool moved = false;

    ssh_conn_tick(pump->server.conn, pump->now_ms);
    ssh_conn_tick(pump->client.conn, pump->now_ms);
    if (pump->server.delays && owner_answer(&pump->server))
        moved = true;
    owner_turn(&pump->server);
    user_turn(&pump->client);
    waiting = ssh_conn_output(pump->server.conn).len;
    if (waiting > pump->output_peak)
        pump->output_peak = waiting;
    if (!pump->client_stops_reading)
        moved |= take_output(pump, pump->server.conn, &pump->to_client);
    if (!pump->server_stops_reading)
        moved |= take_output(pump, pump->client.conn, &pump->to_server);
    moved |= deliver(pump, &pump->to_server, true);
    moved |= deliver(pump, &pump->to_client, false);
    return moved;
}

void
pump_run(struct pump *pump)
{
    while (pump_round(pump))
        continue;
}
