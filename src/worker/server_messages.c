/*
 * What control said, as calls of the core and of the shells.
 */
#include <unistd.h>

#include "base/names.h"
#include "base/reader.h"
#include "base/text.h"
#include "worker/server_parts.h"

#define METHODS_MAX 256 /* bytes of a list of methods, NUL included */

static void
on_sign_reply(struct server *s, const struct msg_sign_reply *m)
{
    if (!s->signature_due)
        return;
    s->signature_due = false;
    s->unsigned_by_us = m->signature.len == 0;
    ssh_conn_sign_reply(s->ssh, m->hash, m->signature);
}

static void
on_session_key_reply(struct server *s, const struct msg_session_key_reply *m)
{
    if (!s->signature_due)
        return;
    s->signature_due = false;
    s->unsigned_by_us = m->key.len == 0;
    ssh_conn_session_key_reply(s->ssh, m->session_id, m->key);
}

/* Each prompt: flag echo, string text. */
static bool
read_question(const struct msg_auth_result *m, struct ssh_question *question)
{
    struct reader r = reader_over(m->prompts);

    *question = (struct ssh_question){.instruction = m->instruction};
    while (r.left > 0 && question->count < SSH_PROMPTS_MAX) {
        question->prompts[question->count].echo = read_bool(&r);
        question->prompts[question->count].text = read_string(&r);
        question->count++;
    }
    return read_done(&r);
}

/* Lines of their own, where there is no question that they are a part of. */
static void
add_told(struct server *s, struct span text)
{
    server_add_banner(s, text);
    if (text.len > 0 && text.ptr[text.len - 1] != '\n')
        server_add_banner(s, span_text("\n"));
}

static void
on_auth_result(struct server *s, const struct msg_auth_result *m)
{
    enum ssh_verdict verdict = (enum ssh_verdict)m->verdict;
    struct ssh_question question;
    char methods[METHODS_MAX];

    if (!s->verdict_due)
        return;
    if (!text_copy_span(methods, sizeof(methods), m->methods) ||
        !read_question(m, &question) || m->verdict > SSH_VERDICT_KEY_OK) {
        /* Control does not err; if it does, nobody is let in. */
        s->up->failed = true;
        return;
    }
    s->verdict_due = false;
    s->logged_in = s->logged_in || verdict == SSH_VERDICT_ACCEPT;
    if (verdict != SSH_VERDICT_ASK)
        add_told(s, m->instruction);
    if (buf_len(&s->banner) > 0)
        ssh_conn_banner(s->ssh, buf_span(&s->banner));
    buf_clear(&s->banner);
    ssh_conn_auth_reply(s->ssh, verdict, methods, &question);
}

static void
on_disconnect(struct server *s, const struct msg_disconnect *m)
{
    /* The core keeps the pointer. */
    text_copy_span(s->disconnect_text, sizeof(s->disconnect_text), m->text);
    ssh_conn_disconnect(s->ssh, (enum ssh_reason)m->reason, s->disconnect_text);
}

/* The channel that a message to a worker names first, if it names one. */
static bool
channel_of(const struct message *m, uint32_t *channel)
{
    switch (m->type) {
    case MSG_TERMINAL:
        *channel = m->terminal.channel;
        return true;
    case MSG_FILTER:
        *channel = m->filter.channel;
        return true;
    case MSG_OUTPUT:
        *channel = m->output.channel;
        return true;
    case MSG_OUTPUT_FILE:
        *channel = m->output_file.channel;
        return true;
    case MSG_ASK:
        *channel = m->ask.channel;
        return true;
    case MSG_UNASK:
        *channel = m->unask.channel;
        return true;
    case MSG_PROMPT:
        *channel = m->prompt.channel;
        return true;
    case MSG_HELP:
        *channel = m->help.channel;
        return true;
    case MSG_COMPLETED:
        *channel = m->completed.channel;
        return true;
    case MSG_LOG:
        *channel = m->log.channel;
        return true;
    case MSG_ATTACH:
        *channel = m->attach.channel;
        return true;
    case MSG_DETACH:
        *channel = m->detach.channel;
        return true;
    case MSG_EXIT:
        *channel = m->exit.channel;
        return true;
    case MSG_FILE_RESULT:
        *channel = m->file_result.channel;
        return true;
    default:
        return false;
    }
}

void
server_on_message(struct server *s, const struct message *m,
                  struct span encoded, int fd)
{
    uint32_t channel;

    if (channel_of(m, &channel)) {
        channels_on_message(s, channel, m, encoded, fd);
        return;
    }
    if (fd >= 0)
        close(fd);
    switch (m->type) {
    case MSG_SIGN_REPLY:
        on_sign_reply(s, &m->sign_reply);
        break;
    case MSG_SESSION_KEY_REPLY:
        on_session_key_reply(s, &m->session_key_reply);
        break;
    case MSG_AUTH_RESULT:
        on_auth_result(s, &m->auth_result);
        break;
    case MSG_REQUEST_REPLY:
        channels_on_reply(s, &m->request_reply);
        break;
    case MSG_SERVE_SCP:
        channels_on_serve_scp(s, &m->serve_scp);
        break;
    case MSG_SERVE_SFTP:
        channels_on_serve_sftp(s, &m->serve_sftp);
        break;
    case MSG_DISCONNECT:
        on_disconnect(s, &m->disconnect);
        break;
    case MSG_TRACE:
        trace_set(&s->trace, m->trace.debug);
        break;
    default:
        /* Not for a worker: control is not what it should be. */
        s->up->failed = true;
        break;
    }
}
