/*
 * The calls of conn.h that belong to a version of the protocol: they go to the
 * one that this connection speaks.
 */
#include <assert.h>

#include "ssh/protocol.h"

/* After the end, and before the version is known, calls have no effect; nor
   has one for which the version has nothing. */
static bool
is_usable(const struct ssh_conn *c)
{
    return !c->ended && c->protocol->keys != NULL;
}

static bool
is_usable_by(const struct ssh_conn *c, enum ssh_role role)
{
    assert(c->role == role);
    return is_usable(c);
}

void
ssh_conn_rekey(struct ssh_conn *c)
{
    if (is_usable(c) && c->protocol->rekey != NULL)
        c->protocol->rekey(c);
}

void
ssh_conn_sign_reply(struct ssh_conn *c, struct span hash, struct span signature)
{
    if (is_usable_by(c, SSH_SERVER) && c->protocol->sign_reply != NULL)
        c->protocol->sign_reply(c, hash, signature);
}

void
ssh_conn_session_key_reply(struct ssh_conn *c, struct span session_id,
                           struct span key)
{
    if (is_usable_by(c, SSH_SERVER) && c->protocol->session_key_reply != NULL)
        c->protocol->session_key_reply(c, session_id, key);
}

void
ssh_conn_auth_reply(struct ssh_conn *c, enum ssh_verdict verdict,
                    const char *methods, const struct ssh_question *question)
{
    if (is_usable_by(c, SSH_SERVER))
        c->protocol->auth_reply(c, verdict, methods, question);
}

void
ssh_conn_banner(struct ssh_conn *c, struct span text)
{
    if (is_usable_by(c, SSH_SERVER) && c->protocol->banner != NULL)
        c->protocol->banner(c, text);
}

void
ssh_channel_request_reply(struct ssh_conn *c, uint32_t channel, bool ok)
{
    if (is_usable_by(c, SSH_SERVER))
        c->protocol->request_reply(c, channel, ok);
}

void
ssh_channel_exit_status(struct ssh_conn *c, uint32_t channel, uint32_t status)
{
    if (is_usable_by(c, SSH_SERVER))
        c->protocol->exit_status(c, channel, status);
}

size_t
ssh_channel_write(struct ssh_conn *c, uint32_t channel, struct span bytes)
{
    if (!is_usable(c))
        return 0;
    return c->protocol->write(c, channel, bytes, false);
}

size_t
ssh_channel_write_error(struct ssh_conn *c, uint32_t channel, struct span bytes)
{
    if (!is_usable_by(c, SSH_SERVER))
        return 0;
    return c->protocol->write(c, channel, bytes, true);
}

size_t
ssh_channel_reserve(struct ssh_conn *c, uint32_t channel, size_t wanted,
                    uint8_t **place)
{
    if (!is_usable(c))
        return 0;
    return c->protocol->reserve(c, channel, wanted, place);
}

void
ssh_channel_commit(struct ssh_conn *c, uint32_t channel, size_t len)
{
    if (is_usable(c))
        c->protocol->commit(c, channel, len);
}

void
ssh_channel_consumed(struct ssh_conn *c, uint32_t channel, size_t len)
{
    if (is_usable(c))
        c->protocol->consumed(c, channel, len);
}

void
ssh_channel_eof(struct ssh_conn *c, uint32_t channel)
{
    if (is_usable(c))
        c->protocol->eof(c, channel);
}

void
ssh_channel_close(struct ssh_conn *c, uint32_t channel)
{
    if (is_usable(c))
        c->protocol->close(c, channel);
}

void
ssh_conn_host_key_reply(struct ssh_conn *c, bool trusted)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->host_key_reply(c, trusted);
}

void
ssh_conn_auth_none(struct ssh_conn *c, const char *user)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->auth_none(c, user);
}

void
ssh_conn_auth_password(struct ssh_conn *c, const char *user,
                       struct span password)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->auth_password(c, user, password);
}

void
ssh_conn_auth_interactive(struct ssh_conn *c, const char *user)
{
    if (is_usable_by(c, SSH_CLIENT) && c->protocol->auth_interactive != NULL)
        c->protocol->auth_interactive(c, user);
}

void
ssh_conn_auth_answer(struct ssh_conn *c, size_t count,
                     const struct span *answers)
{
    if (is_usable_by(c, SSH_CLIENT) && c->protocol->auth_answer != NULL)
        c->protocol->auth_answer(c, count, answers);
}

void
ssh_conn_auth_key_query(struct ssh_conn *c, const char *user,
                        struct span algorithm, struct span key)
{
    if (is_usable_by(c, SSH_CLIENT) && c->protocol->auth_key != NULL)
        c->protocol->auth_key(c, user, algorithm, key, NULL);
}

void
ssh_conn_auth_key_data(const struct ssh_conn *c, const char *user,
                       struct span algorithm, struct span key, struct buf *to)
{
    if (is_usable_by(c, SSH_CLIENT) && c->protocol->auth_key_data != NULL)
        c->protocol->auth_key_data(c, user, algorithm, key, to);
}

void
ssh_conn_auth_key(struct ssh_conn *c, const char *user, struct span algorithm,
                  struct span key, struct span signature)
{
    if (is_usable_by(c, SSH_CLIENT) && c->protocol->auth_key != NULL)
        c->protocol->auth_key(c, user, algorithm, key, &signature);
}

uint32_t
ssh_conn_open_session(struct ssh_conn *c)
{
    if (!is_usable_by(c, SSH_CLIENT))
        return UINT32_MAX;
    return c->protocol->open_session(c);
}

void
ssh_channel_pty(struct ssh_conn *c, uint32_t channel, const struct ssh_pty *pty)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->pty(c, channel, pty);
}

void
ssh_channel_shell(struct ssh_conn *c, uint32_t channel)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->start(c, channel, "shell", NULL);
}

void
ssh_channel_exec(struct ssh_conn *c, uint32_t channel, struct span command)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->start(c, channel, "exec", &command);
}

void
ssh_channel_subsystem(struct ssh_conn *c, uint32_t channel, struct span name)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->start(c, channel, "subsystem", &name);
}

void
ssh_channel_window_size(struct ssh_conn *c, uint32_t channel, uint32_t columns,
                        uint32_t rows)
{
    if (is_usable_by(c, SSH_CLIENT))
        c->protocol->window_size(c, channel, columns, rows);
}

void
ssh_channel_break(struct ssh_conn *c, uint32_t channel, uint32_t ms)
{
    if (is_usable_by(c, SSH_CLIENT) && c->protocol->send_break != NULL)
        c->protocol->send_break(c, channel, ms);
}
