/*
 * What a client of the load driver does on each event of its connection.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "bench/load.h"

static void
on_opened(struct client *cl)
{
    const struct ssh_pty pty = {
        .terminal = span_text("vt100"), .columns = 80, .rows = 24};

    if (!cl->interactive) {
        ssh_channel_exec(cl->conn, cl->channel,
                         span_text(cl->options->command));
        return;
    }
    cl->stage = CLIENT_SHELL;
    ssh_channel_pty(cl->conn, cl->channel, &pty);
    ssh_channel_shell(cl->conn, cl->channel);
}

/* Type the next character, or rub out the last one. */
static void
type_key(struct client *cl)
{
    static const uint8_t keys[2] = {'x', 0x7f};
    unsigned pause_ms = cl->options->pause_ms;
    struct timespec pause = {pause_ms / 1000, pause_ms % 1000 * 1000000L};

    if (pause_ms > 0)
        (void)nanosleep(&pause, NULL); /* there is no other client */
    cl->typed_ns = now_ns();
    ssh_channel_write(cl->conn, cl->channel,
                      span_of(&keys[cl->erasing ? 1 : 0], 1));
    client_write(cl);
}

static void
on_echo(struct client *cl)
{
    struct load_result *result = cl->result;

    if (!cl->erasing)
        result->samples[result->sample_count++] = now_ns() - cl->typed_ns;
    cl->erasing = !cl->erasing;
    if (result->sample_count < cl->options->count) {
        type_key(cl);
        return;
    }
    cl->good = true;
    ssh_conn_disconnect(cl->conn, SSH_REASON_BY_APPLICATION, "done");
}

static bool
ends_in_prompt(const struct client *cl, struct span bytes)
{
    while (bytes.len > 0 && bytes.ptr[bytes.len - 1] == ' ')
        bytes.len--;
    return bytes.len > 0 && bytes.ptr[bytes.len - 1] != '\0' &&
           strchr(cl->options->prompt, bytes.ptr[bytes.len - 1]) != NULL;
}

static void
on_prompt(struct client *cl)
{
    cl->stage = CLIENT_HELD;
    cl->held = true;
    cl->result->opening--;
    cl->result->held++;
    ssh_conn_trim(cl->conn);
    if (cl->options->mode == LOAD_TYPE)
        type_key(cl);
}

static void
on_data(struct client *cl, struct span bytes)
{
    bool prompt = ends_in_prompt(cl, bytes);

    ssh_channel_consumed(cl->conn, cl->channel, bytes.len);
    if (cl->stage == CLIENT_SHELL && prompt)
        on_prompt(cl);
    else if (cl->stage == CLIENT_HELD && cl->typed_ns != 0)
        on_echo(cl);
}

static void
on_closed(struct client *cl, const struct ssh_event *event)
{
    if (event->err != OK && event->text != NULL && cl->result->failed == 0 &&
        cl->result->lost == 0)
        fprintf(stderr, "load: %s\n", event->text);
    cl->stage = CLIENT_DONE;
}

static void
on_event(struct client *cl, const struct ssh_event *event)
{
    switch (event->type) {
    case SSH_EVENT_HOST_KEY:
        ssh_conn_host_key_reply(cl->conn, true);
        break;
    case SSH_EVENT_READY:
        ssh_conn_auth_password(cl->conn, cl->options->user,
                               span_text(cl->options->password));
        break;
    case SSH_EVENT_AUTH_SUCCESS:
        cl->channel = ssh_conn_open_session(cl->conn);
        break;
    case SSH_EVENT_OPENED:
        on_opened(cl);
        break;
    case SSH_EVENT_DATA:
        on_data(cl, event->bytes);
        break;
    case SSH_EVENT_EXTENDED_DATA:
        ssh_channel_consumed(cl->conn, cl->channel, event->bytes.len);
        break;
    case SSH_EVENT_EXIT_STATUS:
        cl->good = event->number == 0;
        break;
    case SSH_EVENT_AUTH_FAILURE:
    case SSH_EVENT_OPEN_FAILED:
    case SSH_EVENT_CHANNEL_CLOSED:
        ssh_conn_disconnect(cl->conn, SSH_REASON_BY_APPLICATION, "done");
        break;
    case SSH_EVENT_CLOSED:
        on_closed(cl, event);
        break;
    default:
        break;
    }
}

bool
client_act(struct client *cl)
{
    struct ssh_event event;
    bool any = false;

    while (ssh_conn_next_event(cl->conn, &event)) {
        on_event(cl, &event);
        any = true;
    }
    return any;
}
