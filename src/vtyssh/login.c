#include "vtyssh/login.h"

#include <errno.h>
#include <poll.h>

#include "crypto/hostkey.h"
#include "os/clock.h"
#include "ssh/client_login.h"
#include "vtyssh/say.h"
#include "vtyssh/signals.h"

/* For the server to come to its keys; its user may then take longer. */
#define KEYS_MS 60000

struct login {
    const struct login_parts *parts;
    struct client_login *steps;
    bool is_done, has_failed;
    bool is_explained; /* why it failed was said */
    uint64_t deadline; /* ms; UINT64_MAX when the keys are there */
};

/* --- steps -------------------------------------------------------------- */

/* The user's answers are not waited for with bytes still to be sent. */
static void
ask(struct login *l, const struct client_login_step *step)
{
    struct secret answer;
    enum err err;

    link_write(l->parts->link);
    err = terminal_ask(l->parts->terminal, step->text, step->echo, &answer);
    if (err == OK || err == ERR_LENGTH) {
        client_login_answer(l->steps, secret_span(&answer));
        secret_clear(&answer);
        return;
    }
    if (err == ERR_NOT_FOUND)
        say("%s asks for a password, and there is no terminal to ask on",
            l->parts->options->host);
    l->is_explained = true;
    client_login_cancel(l->steps);
}

static void
sign(struct login *l, const struct client_login_step *step)
{
    struct buf signature;

    link_write(l->parts->link);
    buf_init(&signature, SIGNATURE_MAX);
    if (!keys_sign(l->parts->keys, step->key, step->algorithm, step->data,
                   l->parts->terminal, &signature))
        buf_reset(&signature);
    client_login_signed(l->steps, buf_span(&signature));
    buf_clear(&signature);
}

static void
carry_out(struct login *l, const struct client_login_step *step)
{
    switch (step->type) {
    case CLIENT_LOGIN_SHOW:
        say_text(step->text);
        break;
    case CLIENT_LOGIN_ASK:
        ask(l, step);
        break;
    case CLIENT_LOGIN_SIGN:
        sign(l, step);
        break;
    case CLIENT_LOGIN_DONE:
        l->is_done = true;
        break;
    case CLIENT_LOGIN_FAILED:
        if (!l->is_explained)
            say("%s: %s", l->parts->options->host, step->text);
        l->is_explained = true;
        l->has_failed = true;
        break;
    }
}

/* --- events ------------------------------------------------------------- */

static void
on_host_key(struct login *l, const struct ssh_event *event)
{
    bool is_trusted;

    link_write(l->parts->link);
    is_trusted = hosts_trust(l->parts->hosts, l->parts->terminal, event->bytes);
    l->is_explained = l->is_explained || !is_trusted;
    ssh_conn_host_key_reply(l->parts->link->ssh, is_trusted);
    l->deadline = clock_now_ms() + KEYS_MS;
}

/* The host, or somebody on the way, has nothing newer than version 1. */
static bool
is_downgrade(const struct login *l, const struct ssh_event *event)
{
    const struct ssh_conn *ssh = l->parts->link->ssh;
    struct span ident = ssh_conn_peer_ident(ssh);

    return event->err == ERR_REFUSED && ssh_conn_version(ssh) == 0 &&
           l->parts->hosts->refuses_version_1 && ident.len > 6 &&
           memcmp(ident.ptr, "SSH-1.", 6) == 0;
}

static void
on_closed(struct login *l, const struct ssh_event *event)
{
    l->has_failed = true;
    if (l->is_explained)
        return;
    if (is_downgrade(l, event)) {
        hosts_say_downgrade(l->parts->hosts);
        return;
    }
    if (event->text != NULL && event->text[0] != '\0')
        say("%s: %s", l->parts->options->host, event->text);
    else
        say("%s: the connection was closed", l->parts->options->host);
}

static void
on_event(struct login *l, const struct ssh_event *event)
{
    struct client_login_step step;
    bool is_taken = client_login_event(l->steps, event);

    if (event->type == SSH_EVENT_READY)
        l->deadline = UINT64_MAX;
    while (client_login_next(l->steps, &step))
        carry_out(l, &step);
    if (!is_taken && event->type == SSH_EVENT_HOST_KEY)
        on_host_key(l, event);
    else if (!is_taken && event->type == SSH_EVENT_CLOSED)
        on_closed(l, event);
}

/* --- waiting ------------------------------------------------------------ */

static void
on_signal(struct login *l)
{
    switch (signals_next(l->parts->terminal->signals_fd)) {
    case SIGNAL_END:
        l->has_failed = true;
        break;
    case SIGNAL_SUSPEND:
        signals_stop_self();
        break;
    default:
        break;
    }
}

static void
wait_for_more(struct login *l)
{
    struct link *link = l->parts->link;
    struct pollfd fds[2] = {
        {.fd = link->fd, .events = link_poll_events(link)},
        {.fd = l->parts->terminal->signals_fd, .events = POLLIN},
    };

    if (poll(fds, 2, link_poll_timeout(link, l->deadline)) < 0 &&
        errno != EINTR) {
        l->has_failed = true;
        return;
    }
    if (clock_now_ms() >= l->deadline) {
        say("%s: no keys within %d seconds", l->parts->options->host,
            KEYS_MS / 1000);
        l->has_failed = true;
    }
    if (fds[1].revents != 0)
        on_signal(l);
    link_on_poll(link, fds[0].revents);
}

static void
take_events(struct login *l)
{
    struct ssh_event event;

    while (!l->is_done && !l->has_failed &&
           link_next_event(l->parts->link, &event))
        on_event(l, &event);
    link_settle(l->parts->link);
}

enum err
login_run(const struct login_parts *parts)
{
    struct login l = {.parts = parts, .deadline = clock_now_ms() + KEYS_MS};
    struct client_login_setup setup = {
        .conn = parts->link->ssh,
        .user = parts->user,
        .prompts_max = parts->options->prompts,
        .key_count = parts->keys->count,
        .warn_version_1 = !parts->options->version_named,
    };

    for (size_t i = 0; i < parts->keys->count; i++)
        setup.keys[i] = buf_span(&parts->keys->keys[i].blob);
    l.steps = client_login_new(&setup);
    for (;;) {
        take_events(&l);
        link_write(parts->link);
        if (l.is_done || l.has_failed)
            break;
        wait_for_more(&l);
    }
    client_login_free(l.steps);
    return l.is_done ? OK : ERR_REFUSED;
}
