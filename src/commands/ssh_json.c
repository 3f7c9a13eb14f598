/*
 * `show ip ssh | json`, `show ssh | json`; docs/telemetry.md says what each
 * member means. Members may be added, none changes its meaning.
 */
#include "commands/ssh_json.h"

#include "base/json.h"
#include "control/keys.h"
#include "control/listener.h"
#include "control/session_words.h"
#include "os/tcp_totals.h"

#define MEMBERS_MAX (64 * 1024) /* bytes of one object */

static void
flush(struct command *cmd, struct buf *text)
{
    out_span(cmd, buf_span(text));
    buf_reset(text);
}

/* What was never learnt is null, as what is absent is. */
static const char *
known(const char *text)
{
    return text[0] == '\0' ? NULL : text;
}

static void
put_endpoint(struct json *j, const char *key, const char *address,
             unsigned port)
{
    json_open_object(j, key);
    json_text(j, "address", known(address));
    json_number(j, "port", port);
    json_close_object(j);
}

void
ssh_json_server(struct command *cmd)
{
    const struct config *config = cmd->config;
    struct buf text;
    struct json j;

    buf_init(&text, MEMBERS_MAX);
    json_begin(&j, &text);
    json_open_object(&j, NULL);
    json_flag(&j, "enabled", keys_ssh_enabled(cmd->router));
    json_text(&j, "version", keys_version_text(cmd->router));
    json_number(&j, "authentication_timeout_seconds", config->ssh.timeout);
    json_number(&j, "authentication_retries", config->ssh.retries);
    json_open_array(&j, "listening");
    for (size_t i = 0; i < listener_count(cmd->router); i++) {
        const struct net_address *a = listener_address(cmd->router, i);
        char host[NET_TEXT_MAX];

        net_host_text(a, host, sizeof(host));
        put_endpoint(&j, NULL, host, net_port(a));
    }
    json_close_array(&j);
    json_close_object(&j);
    json_end(&j);
    flush(cmd, &text);
    buf_clear(&text);
}

static uint64_t
seconds_since(const struct router *r, uint64_t then_ms)
{
    return (router_now_ms(r) - then_ms) / 1000;
}

static void
put_algorithms(struct json *j, const struct session *s)
{
    json_text(j, "kex", known(s->kex));
    json_text(j, "host_key", known(s->host_key));
    json_text(j, "cipher_in", known(s->cipher_in));
    json_text(j, "cipher_out", known(s->cipher_out));
    json_text(j, "mac_in", known(s->mac_in));
    json_text(j, "mac_out", known(s->mac_out));
}

/* What TCP has carried so far. */
static void
put_octets(struct json *j, const struct session *s)
{
    struct tcp_totals totals;

    if (tcp_totals(s->socket, s->peer_closed, &totals) == OK) {
        json_number(j, "bytes_in", totals.bytes_in);
        json_number(j, "bytes_out", totals.bytes_out);
    } else {
        json_null(j, "bytes_in");
        json_null(j, "bytes_out");
    }
}

static void
put_session(struct json *j, const struct session *s)
{
    json_open_object(j, NULL);
    json_number(j, "connection", s->vty);
    json_number(j, "line", s->line);
    json_text(j, "version", session_version_word(s->version));
    json_text(j, "state", session_state_word(s->state));
    json_text(j, "user", known(s->user));
    put_endpoint(j, "peer", s->peer_text, net_port(&s->peer));
    put_endpoint(j, "local", s->local_text, s->local_port);
    json_text(j, "client", known(s->ident));
    put_algorithms(j, s);
    put_octets(j, s);
    json_number(j, "age_seconds", seconds_since(s->router, s->accepted_ms));
    if (s->state == SESSION_SHELL)
        json_number(j, "idle_seconds", seconds_since(s->router, s->active_ms));
    else
        json_null(j, "idle_seconds");
    json_close_object(j);
}

void
ssh_json_sessions(struct command *cmd)
{
    struct buf text;
    struct json j;

    buf_init(&text, MEMBERS_MAX);
    json_begin(&j, &text);
    json_open_object(&j, NULL);
    json_open_array(&j, "connections");
    LIST_EACH(node, sessions_all(cmd->router))
    {
        const struct session *s = LIST_ITEM(node, struct session, node);

        if (s->kind != SESSION_SSH || s->off_line)
            continue;
        put_session(&j, s);
        flush(cmd, &text);
    }
    json_close_array(&j);
    json_close_object(&j);
    json_end(&j);
    flush(cmd, &text);
    buf_clear(&text);
}
