#include "ipc/messages.h"

#include "base/reader.h"

/*
 * A message is its number (one byte) and its fields in the list's order:
 * numbers big-endian, spans as strings (RFC 4251 section 5).
 */

static void
put_flag(struct buf *to, bool value)
{
    buf_put_bool(to, value);
}

static void
put_u8(struct buf *to, uint8_t value)
{
    buf_put_u8(to, value);
}

static void
put_u32(struct buf *to, uint32_t value)
{
    buf_put_u32(to, value);
}

static void
put_u64(struct buf *to, uint64_t value)
{
    buf_put_u64(to, value);
}

static void
put_bytes(struct buf *to, struct span value)
{
    buf_put_string(to, value);
}

static void
put_secret(struct buf *to, struct span value)
{
    buf_put_string(to, value);
}

static bool
holds_nul(struct span text)
{
    return text.len > 0 && memchr(text.ptr, '\0', text.len) != NULL;
}

static void
put_text(struct buf *to, struct span value)
{
    /* The receiver would refuse it: better seen where it was made. */
    if (holds_nul(value))
        to->failed = true;
    buf_put_string(to, value);
}

static bool
take_flag(struct reader *from)
{
    uint8_t value = read_u8(from);

    /* One value has one encoding. */
    if (value > 1)
        read_fail(from);
    return value == 1;
}

static uint8_t
take_u8(struct reader *from)
{
    return read_u8(from);
}

static uint32_t
take_u32(struct reader *from)
{
    return read_u32(from);
}

static uint64_t
take_u64(struct reader *from)
{
    return read_u64(from);
}

static struct span
take_bytes(struct reader *from)
{
    return read_string(from);
}

static struct span
take_secret(struct reader *from)
{
    return read_string(from);
}

static struct span
take_text(struct reader *from)
{
    struct span text = read_string(from);

    if (holds_nul(text))
        read_fail(from);
    return text;
}

/* --- one pair of functions for each message --------------------------- */

#define PUT_FIELD(kind, name)  put_##kind(to, m->name);
#define TAKE_FIELD(kind, name) m->name = take_##kind(from);

#define MESSAGE_CODEC(NAME, name, LIST)                                   \
    static void encode_##name(struct buf *to, const struct msg_##name *m) \
    {                                                                     \
        LIST(PUT_FIELD)                                                   \
    }                                                                     \
                                                                          \
    static void decode_##name(struct reader *from, struct msg_##name *m)  \
    {                                                                     \
        LIST(TAKE_FIELD)                                                  \
    }

MESSAGES(MESSAGE_CODEC)

#define NAME_CASE(NAME, name, LIST) \
    case MSG_##NAME:                \
        return #NAME;
#define ENCODE_CASE(NAME, name, LIST) \
    case MSG_##NAME:                  \
        encode_##name(to, &m->name);  \
        return;
#define DECODE_CASE(NAME, name, LIST)   \
    case MSG_##NAME:                    \
        decode_##name(&from, &m->name); \
        break;

const char *
message_name(enum message_type type)
{
    switch (type) {
        MESSAGES(NAME_CASE)
    case MSG_NONE:
    case MSG_COUNT:
        break;
    }
    return "?";
}

void
message_encode(struct buf *to, const struct message *m)
{
    buf_put_u8(to, (uint8_t)m->type);
    switch (m->type) {
        MESSAGES(ENCODE_CASE)
    case MSG_NONE:
    case MSG_COUNT:
        break;
    }
    to->failed = true;
}

enum err
message_decode(struct span bytes, struct message *m)
{
    struct reader from = reader_over(bytes);

    *m = (struct message){.type = (enum message_type)read_u8(&from)};
    switch (m->type) {
        MESSAGES(DECODE_CASE)
    case MSG_NONE:
    case MSG_COUNT:
    default:
        read_fail(&from);
    }
    return read_done(&from) ? OK : ERR_FORMAT;
}
