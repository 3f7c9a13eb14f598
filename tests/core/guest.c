#include "guest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

void
guest_start(struct guest *guest, struct ssh_setup *setup,
            struct client_login_setup *login)
{
    setup->role = SSH_CLIENT;
    setup->host_key_count = 0;
    guest->conn = ssh_conn_new(setup);
    login->conn = guest->conn;
    login->key_count = 0;
    while (login->key_count < 4 && guest->keys[login->key_count] != NULL) {
        login->keys[login->key_count] =
            buf_span(&guest->keys[login->key_count]->blob);
        login->key_count++;
    }
    guest->login = client_login_new(login);
    buf_init(&guest->log, 4 * 1024 * 1024);
}

void
guest_clear(struct guest *guest)
{
    client_login_free(guest->login);
    ssh_conn_free(guest->conn);
    buf_clear(&guest->log);
    *guest = (struct guest){.conn = NULL};
}

static void
answer(struct guest *guest)
{
    if (guest->is_mute)
        return;
    if (guest->answers == NULL || *guest->answers == NULL)
        client_login_cancel(guest->login);
    else
        client_login_answer(guest->login, span_text(*guest->answers++));
}

static void
sign(struct guest *guest, const struct client_login_step *step)
{
    struct buf signature;

    buf_init(&signature, SIGNATURE_MAX);
    if (!guest->cannot_sign)
        keys_sign(guest->keys[step->key], step->algorithm, step->data,
                  &signature);
    client_login_signed(guest->login, buf_span(&signature));
    buf_clear(&signature);
}

static void
carry_out(struct guest *guest, const struct client_login_step *step)
{
    switch (step->type) {
    case CLIENT_LOGIN_SHOW:
        buf_printf(&guest->log, "show %s", step->text);
        break;
    case CLIENT_LOGIN_ASK:
        buf_printf(&guest->log, "ask%s %s\n", step->echo ? " aloud" : "",
                   step->text);
        answer(guest);
        break;
    case CLIENT_LOGIN_SIGN:
        buf_printf(&guest->log, "sign %u %s\n", (unsigned)step->key,
                   step->algorithm);
        sign(guest, step);
        break;
    case CLIENT_LOGIN_DONE:
        buf_printf(&guest->log, "done\n");
        guest->is_in = true;
        break;
    case CLIENT_LOGIN_FAILED:
        buf_printf(&guest->log, "failed: %s\n", step->text);
        guest->failed = true;
        break;
    }
}

static void
take_steps(struct guest *guest)
{
    struct client_login_step step;

    while (client_login_next(guest->login, &step))
        carry_out(guest, &step);
}

void
guest_turn(void *state)
{
    struct guest *guest = state;
    struct ssh_event event;

    take_steps(guest);
    while (ssh_conn_next_event(guest->conn, &event)) {
        if (client_login_event(guest->login, &event)) {
            take_steps(guest);
            continue;
        }
        take_steps(guest);
        if (event.type == SSH_EVENT_HOST_KEY)
            ssh_conn_host_key_reply(guest->conn, true);
        if (event.type == SSH_EVENT_CLOSED) {
            guest->closed = true;
            guest->end = event;
        }
    }
}

void
guest_expect(struct guest *guest, const char *log)
{
    assert_string_equal(buf_text(&guest->log), log);
}
