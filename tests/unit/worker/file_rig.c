#include "file_rig.h"

#include <sys/mman.h>

#include "worker/trace.h"

#define PEER_MAX (1 << 20)

/* Nobody debugs it. */
void
trace_scp(void *owner, bool sent, struct span text)
{
    (void)owner;
    (void)sent;
    (void)text;
}

/* --- the channel ---------------------------------------------------------- */

static struct {
    uint8_t got[PEER_MAX];
    size_t len, room, consumed;
    char shown[PEER_MAX + 1];
} peer;

void
peer_takes(size_t bytes)
{
    peer.room = bytes;
}

const char *
peer_got(size_t *len)
{
    size_t shown = 0;

    for (size_t i = 0; i < peer.len; i++)
        if (peer.got[i] != 0)
            peer.shown[shown++] = (char)peer.got[i];
    peer.shown[shown] = '\0';
    if (len != NULL)
        *len = peer.len;
    peer.len = 0;
    return peer.shown;
}

struct span
peer_bytes(void)
{
    size_t len = peer.len;

    peer.len = 0;
    return span_of(peer.got, len);
}

size_t
peer_consumed(void)
{
    size_t consumed = peer.consumed;

    peer.consumed = 0;
    return consumed;
}

size_t
ssh_channel_write(struct ssh_conn *c, uint32_t channel, struct span bytes)
{
    size_t len = bytes.len < peer.room ? bytes.len : peer.room;

    (void)c;
    assert_int_equal(channel, RIG_CHANNEL);
    assert_true(peer.len + len <= PEER_MAX);
    memcpy(peer.got + peer.len, bytes.ptr, len);
    peer.len += len;
    peer.room -= len;
    return len;
}

size_t
ssh_channel_reserve(struct ssh_conn *c, uint32_t channel, size_t wanted,
                    uint8_t **place)
{
    (void)c;
    assert_int_equal(channel, RIG_CHANNEL);
    *place = peer.got + peer.len;
    return wanted < peer.room ? wanted : peer.room;
}

void
ssh_channel_commit(struct ssh_conn *c, uint32_t channel, size_t len)
{
    (void)c;
    assert_int_equal(channel, RIG_CHANNEL);
    assert_true(len <= peer.room);
    peer.len += len;
    peer.room -= len;
}

void
ssh_channel_consumed(struct ssh_conn *c, uint32_t channel, size_t len)
{
    (void)c;
    assert_int_equal(channel, RIG_CHANNEL);
    peer.consumed += len;
}

/* --- control -------------------------------------------------------------- */

void
file_rig_init(struct file_rig *r)
{
    int ends[2];

    *r = (struct file_rig){.control = NULL};
    assert_int_equal(pipe_pair(ends), OK);
    uplink_init(&r->up, ends[1]);
    r->control = pipe_new(ends[0]);
    peer.len = peer.consumed = 0;
    peer_takes(PEER_MAX);
}

void
file_rig_clear(struct file_rig *r)
{
    uplink_clear(&r->up);
    pipe_free(r->control);
}

enum message_type
asked(struct file_rig *r)
{
    struct span bytes;
    int fds[PIPE_FDS_MAX];

    uplink_flush(&r->up);
    if (pipe_receive(r->control, &bytes, fds) != OK)
        return MSG_NONE;
    assert_int_equal(message_decode(bytes, &r->got), OK);
    return r->got.type;
}

void
assert_asked(struct file_rig *r, enum message_type type)
{
    assert_string_equal(message_name(asked(r)), message_name(type));
}

void
assert_not_asked(struct file_rig *r)
{
    assert_int_equal(asked(r), MSG_NONE);
}

struct message
result(enum file_status status, const char *text)
{
    struct message m = {.type = MSG_FILE_RESULT};

    m.file_result.channel = RIG_CHANNEL;
    m.file_result.status = (uint8_t)status;
    m.file_result.text = span_text(text);
    m.file_result.kind = status == FILE_STATUS_OK ? '-' : 0;
    return m;
}

int
file_of(const char *text)
{
    int fd = memfd_create("file", MFD_CLOEXEC);

    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, text, strlen(text), 0), strlen(text));
    return fd;
}

const char *
text_of(int fd)
{
    static char text[RIG_TEXT];
    ssize_t len = pread(fd, text, sizeof(text) - 1, 0);

    assert_true(len >= 0);
    text[len] = '\0';
    return text;
}
