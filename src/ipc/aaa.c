#include "ipc/aaa.h"

#include <stdarg.h>
#include <stdio.h>

#define ARGUMENT_MAX 4096 /* bytes of one */

static bool
is_address(struct span bytes)
{
    return bytes.len == 4 || bytes.len == 16;
}

void
aaa_server_put(struct buf *to, const struct aaa_server *server)
{
    buf_put_string(to, server->address);
    buf_put_u16(to, server->port);
    buf_put_string(to, server->key);
    buf_put_u32(to, server->timeout_ms);
    buf_put_u32(to, server->tries);
    buf_put_bool(to, server->single_connection);
    buf_put_string(to, server->source);
}

void
aaa_server_read(struct reader *from, struct aaa_server *server)
{
    server->address = read_string(from);
    server->port = read_u16(from);
    server->key = read_string(from);
    server->timeout_ms = read_u32(from);
    server->tries = read_u32(from);
    server->single_connection = read_bool(from);
    server->source = read_string(from);
    if (!is_address(server->address) || server->port == 0 ||
        server->key.len == 0 || server->key.len > AAA_KEY_MAX ||
        server->timeout_ms == 0 || server->tries == 0 ||
        server->tries > AAA_TRIES_MAX ||
        (server->source.len > 0 && server->source.len != server->address.len))
        read_fail(from);
}

void
aaa_argument_put(struct buf *to, const char *name, const char *format, ...)
{
    char value[ARGUMENT_MAX];
    size_t mark = buf_begin_string(to);
    va_list values;

    va_start(values, format);
    vsnprintf(value, sizeof(value), format, values);
    va_end(values);
    buf_printf(to, "%s=%s", name, value);
    buf_end_string(to, mark);
}

/* "shell:priv-lvl=15": what stands behind the service and its colon. */
static struct span
without_service(struct span argument)
{
    for (size_t i = 0; i < argument.len; i++) {
        if (argument.ptr[i] == '=' || argument.ptr[i] == '*')
            break;
        if (argument.ptr[i] == ':')
            return span_of(argument.ptr + i + 1, argument.len - i - 1);
    }
    return argument;
}

bool
aaa_argument_find(struct span arguments, const char *name, struct span *value)
{
    struct reader r = reader_over(arguments);
    size_t len = strlen(name);

    while (read_ok(&r) && !read_done(&r)) {
        struct span one = without_service(read_string(&r));

        if (one.len <= len || !span_is(span_of(one.ptr, len), name) ||
            (one.ptr[len] != '=' && one.ptr[len] != '*'))
            continue;
        *value = span_of(one.ptr + len + 1, one.len - len - 1);
        return true;
    }
    return false;
}

void
aaa_note_put(struct buf *to, const struct aaa_note *note)
{
    buf_put_u32(to, note->server);
    buf_put_u8(to, note->fate);
    buf_put_u32(to, note->opened);
    buf_put_u32(to, note->sent);
    buf_put_u32(to, note->timeouts);
    buf_put_u32(to, note->answers);
    buf_put_u32(to, note->challenges);
    buf_put_u32(to, note->malformed);
    buf_put_u32(to, note->bad);
    buf_put_u32(to, note->unexpected);
    buf_put_u64(to, note->round_trip_us);
}

void
aaa_note_read(struct reader *from, struct aaa_note *note)
{
    note->server = read_u32(from);
    note->fate = read_u8(from);
    note->opened = read_u32(from);
    note->sent = read_u32(from);
    note->timeouts = read_u32(from);
    note->answers = read_u32(from);
    note->challenges = read_u32(from);
    note->malformed = read_u32(from);
    note->bad = read_u32(from);
    note->unexpected = read_u32(from);
    note->round_trip_us = read_u64(from);
}
