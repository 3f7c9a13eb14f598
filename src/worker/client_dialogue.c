/*
 * The dialogue with the peer, by way of control where its user or control
 * itself has the answer: keys, login, the channel, its end.
 */
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "worker/client_parts.h"

#define SHOW_MAX (16 * 1024) /* bytes of one CLIENT_SHOW */

/* --- the login's steps -------------------------------------------------- */

static void
show(struct client *c, struct span text)
{
    while (text.len > 0) {
        struct message m = {.type = MSG_CLIENT_SHOW};
        size_t len = text.len < SHOW_MAX ? text.len : SHOW_MAX;

        m.client_show.text = span_of(text.ptr, len);
        uplink_send(c->up, &m);
        text = span_of(text.ptr + len, text.len - len);
    }
}

static void
ask(struct client *c, const struct client_login_step *step)
{
    struct message m = {.type = MSG_CLIENT_ASK};

    m.client_ask.prompt = span_text(step->text);
    m.client_ask.echo = step->echo;
    uplink_send(c->up, &m);
    c->answers_due++;
}

/* The signer makes the bytes itself (control/outgoing_worker.c). */
static void
sign(struct client *c, const struct client_login_step *step)
{
    struct message m = {.type = MSG_CLIENT_SIGN};

    m.client_sign.key = (uint32_t)step->key;
    m.client_sign.method = span_text(step->algorithm);
    uplink_send(c->up, &m);
    c->answers_due++;
}

bool
client_step(struct client *c)
{
    struct client_login_step step;

    if (!client_login_next(c->login, &step))
        return false;
    switch (step.type) {
    case CLIENT_LOGIN_SHOW:
        show(c, span_text(step.text));
        break;
    case CLIENT_LOGIN_ASK:
        ask(c, &step);
        break;
    case CLIENT_LOGIN_SIGN:
        sign(c, &step);
        break;
    case CLIENT_LOGIN_DONE:
        c->channel = ssh_conn_open_session(c->ssh);
        break;
    case CLIENT_LOGIN_FAILED:
        client_set_end(c, CLIENT_NOT_ACCEPTED, step.text);
        break;
    }
    return true;
}

/* --- what the peer did -------------------------------------------------- */

static void
on_host_key(struct client *c, const struct ssh_event *event)
{
    struct message m = {.type = MSG_HOST_KEY};

    m.host_key.algorithm = event->auth.algorithm;
    m.host_key.blob = event->bytes;
    m.host_key.hash = (uint8_t)event->sign.hash;
    m.host_key.before = event->sign.before;
    m.host_key.after = event->sign.after;
    uplink_send(c->up, &m);
    c->answers_due++;
}

static void
end_channel(struct client *c, const char *why)
{
    client_set_end(c, CLIENT_NO_CHANNEL, why);
    ssh_conn_disconnect(c->ssh, SSH_REASON_BY_APPLICATION, why);
}

static void
on_opened(struct client *c)
{
    struct ssh_pty pty = {
        .terminal = span_text(c->terminal),
        .columns = c->columns,
        .rows = c->rows,
        .modes = buf_span(&c->modes),
    };

    if (c->pty) {
        ssh_channel_pty(c->ssh, c->channel, &pty);
        c->replies_due++;
    }
    switch (c->purpose) {
    case CLIENT_SHELL:
        ssh_channel_shell(c->ssh, c->channel);
        break;
    case CLIENT_COMMAND:
    case CLIENT_SCP_GET:
    case CLIENT_SCP_PUT:
        ssh_channel_exec(c->ssh, c->channel, buf_span(&c->command));
        break;
    case CLIENT_SFTP_GET:
    case CLIENT_SFTP_PUT:
        ssh_channel_subsystem(c->ssh, c->channel, span_text("sftp"));
        break;
    }
    c->replies_due++;
}

static const char *
refusal_text(enum client_purpose purpose)
{
    switch (purpose) {
    case CLIENT_SHELL:
        return "the peer starts no shell";
    case CLIENT_SFTP_GET:
    case CLIENT_SFTP_PUT:
        return "the peer does not speak SFTP";
    default:
        return "the peer does not carry out the command";
    }
}

static void
send_ready(struct client *c)
{
    struct ssh_keys keys = ssh_conn_keys(c->ssh);
    struct message m = {.type = MSG_CLIENT_READY};

    m.client_ready.kex = span_text(keys.kex);
    m.client_ready.host_key = span_text(keys.host_key);
    m.client_ready.cipher_in = span_text(keys.cipher_in);
    m.client_ready.cipher_out = span_text(keys.cipher_out);
    m.client_ready.mac_in = span_text(keys.mac_in);
    m.client_ready.mac_out = span_text(keys.mac_out);
    m.client_ready.ident = ssh_conn_peer_ident(c->ssh);
    uplink_send(c->up, &m);
    c->ready = true;
}

/* A terminal that is refused is done without; the last reply counts. */
static void
on_reply(struct client *c, bool ok)
{
    if (c->replies_due == 0 || --c->replies_due > 0)
        return;
    if (ok)
        send_ready(c);
    else
        end_channel(c, refusal_text(c->purpose));
}

static void
on_channel_closed(struct client *c)
{
    c->channel = CLIENT_CHANNEL_NONE;
    if (c->ready && transfer_is_wanted(c->purpose))
        transfer_closed(c);
    else if (c->ready)
        client_set_end(c, CLIENT_DONE, "");
    else if (transfer_is_wanted(c->purpose))
        transfer_refused(c, "the peer closed the session");
    else
        client_set_end(c, CLIENT_NO_CHANNEL, "the peer closed the session");
    ssh_conn_disconnect(c->ssh, SSH_REASON_BY_APPLICATION, "done");
}

/* Does the identification line name a version before 2, and not 1.99? */
static bool
is_old(struct span ident)
{
    return ident.len > 6 && memcmp(ident.ptr, "SSH-1.", 6) == 0 &&
           (ident.len < 9 || memcmp(ident.ptr + 6, "99-", 3) != 0);
}

static void
on_closed(struct client *c, const struct ssh_event *event)
{
    const char *text = event->text == NULL ? "" : event->text;

    c->closed = true;
    /* Our own end: the login, if it gave up, says why. */
    while (event->err == OK && !event->by_peer && client_step(c))
        continue;
    if (event->err == ERR_REFUSED && ssh_conn_version(c->ssh) == 0)
        client_set_end(c,
                       is_old(ssh_conn_peer_ident(c->ssh)) ? CLIENT_OLD_VERSION
                                                           : CLIENT_VERSION,
                       text);
    else if (event->err == ERR_NO_MATCH)
        client_set_end(c, CLIENT_NO_ALGORITHM, text);
    else if (event->err == ERR_REFUSED)
        client_set_end(c, CLIENT_HOST_KEY, text);
    else if (event->by_peer || event->err == OK || event->err == ERR_CLOSED)
        client_set_end(c, CLIENT_CLOSED, text);
    else
        client_set_end(c, CLIENT_PROTOCOL, text);
}

static void
on_channel_event(struct client *c, const struct ssh_event *event)
{
    switch (event->type) {
    case SSH_EVENT_OPENED:
        on_opened(c);
        break;
    case SSH_EVENT_OPEN_FAILED:
        c->channel = CLIENT_CHANNEL_NONE;
        end_channel(c, "the peer opens no session");
        break;
    case SSH_EVENT_REQUEST_REPLY:
        on_reply(c, event->number == 1);
        break;
    case SSH_EVENT_DATA:
        if (transfer_is_wanted(c->purpose))
            transfer_take(c, event->bytes);
        else
            stream_take(&c->stream, event->bytes);
        break;
    case SSH_EVENT_EXTENDED_DATA:
        if (transfer_is_wanted(c->purpose))
            transfer_complain(c, event->bytes);
        else
            stream_take(&c->stream, event->bytes);
        break;
    case SSH_EVENT_EXIT_STATUS:
        c->has_status = true;
        c->status = event->number;
        break;
    case SSH_EVENT_EXIT_SIGNAL:
        text_copy_span(c->signal, sizeof(c->signal), event->bytes);
        break;
    case SSH_EVENT_EOF:
        /* The command may still read; its CLOSE ends the session. */
        if (transfer_is_wanted(c->purpose))
            transfer_input_end(c);
        break;
    case SSH_EVENT_CHANNEL_CLOSED:
        on_channel_closed(c);
        break;
    default:
        break;
    }
}

void
client_on_event(struct client *c, const struct ssh_event *event)
{
    if (client_login_event(c->login, event))
        return;
    switch (event->type) {
    case SSH_EVENT_HOST_KEY:
        on_host_key(c, event);
        break;
    case SSH_EVENT_KEYS:
        c->keys_by_ms = UINT64_MAX;
        break;
    case SSH_EVENT_CLOSED:
        on_closed(c, event);
        break;
    default:
        on_channel_event(c, event);
        break;
    }
}

/* --- what control said -------------------------------------------------- */

static void
on_window(struct client *c, const struct msg_client_window *m)
{
    c->columns = m->columns;
    c->rows = m->rows;
    if (c->pty && c->channel != CLIENT_CHANNEL_NONE)
        ssh_channel_window_size(c->ssh, c->channel, c->columns, c->rows);
}

/* One of those that the peer's turn comes behind. */
static void
take_answer(struct client *c)
{
    if (c->answers_due > 0)
        c->answers_due--;
    client_note_life(c);
}

void
client_on_message(struct client *c, const struct message *m, int fd)
{
    if (fd >= 0)
        close(fd);
    switch (m->type) {
    case MSG_HOST_KEY_REPLY:
        take_answer(c);
        ssh_conn_host_key_reply(c->ssh, m->host_key_reply.trusted);
        break;
    case MSG_CLIENT_ANSWER:
        take_answer(c);
        if (m->client_answer.given)
            client_login_answer(c->login, m->client_answer.text);
        else
            client_login_cancel(c->login);
        break;
    case MSG_CLIENT_SIGNED:
        take_answer(c);
        client_login_signed(c->login, m->client_signed.signature);
        break;
    case MSG_CLIENT_WINDOW:
        on_window(c, &m->client_window);
        break;
    case MSG_TRACE:
        trace_set(&c->trace, m->trace.debug);
        break;
    case MSG_CLIENT_BREAK:
        if (c->channel != CLIENT_CHANNEL_NONE)
            ssh_channel_break(c->ssh, c->channel, m->client_break.ms);
        break;
    default:
        /* Not for this role: control is not what it should be. */
        c->up->failed = true;
        break;
    }
}
