/*
 * A client's bytes, behind a good INIT. The first byte chooses in how large
 * pieces they come, and every few deeds one fails. Whatever they are, the
 * server names no slot that is not there, puts no byte past its room, asks
 * for no path that goes up, and its answers are packets.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "transfer/sftp_server.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 32768

static const uint8_t init[] = {0, 0, 0, 5, SFTP_INIT, 0, 0, 0, 3};

struct owner {
    struct sftp_server *s;
    bool open[SFTP_SLOTS];
    unsigned deeds;
    struct buf out;
    uint8_t *place;
};

static void
check_path(const char *path)
{
    assert(strlen(path) < 1024 && path[0] != '/');
    assert(strcmp(path, "..") != 0 && strncmp(path, "../", 3) != 0);
    assert(strstr(path, "/../") == NULL);
}

static void
do_read(struct owner *o, const struct sftp_action *a)
{
    struct sftp_room rooms[2];
    size_t came = a->offset % (a->length + 1), used;

    assert(o->open[a->slot] && a->length > 0 && a->length <= SFTP_DATA_MAX);
    assert(a->offset <= (uint64_t)INT64_MAX - a->length);
    sftp_server_data_begin(o->s, o->place, o->deeds % 3 ? ROOM : 0, rooms);
    for (int i = 0; i < 2; i++)
        if (rooms[i].len > 0)
            memset(rooms[i].bytes, 'x', rooms[i].len);
    used = sftp_server_data_end(o->s, came, SFTP_EOF);
    assert(used <= ROOM);
    buf_put(&o->out, o->place, used);
}

static void
do_write(struct owner *o, const struct sftp_action *a)
{
    uint64_t len = 0;
    uint8_t sum = 0;

    assert(o->open[a->slot] && a->piece_count <= SFTP_PIECES_MAX);
    for (size_t i = 0; i < a->piece_count; i++) {
        len += a->pieces[i].len;
        for (size_t k = 0; k < a->pieces[i].len; k++)
            sum ^= a->pieces[i].ptr[k];
    }
    assert(len > 0 && a->offset <= (uint64_t)INT64_MAX - len && (sum | 1) != 0);
    sftp_server_done(o->s, SFTP_OK, "");
}

static void
perform(struct owner *o, const struct sftp_action *a)
{
    static const struct sftp_attributes attributes = {
        .has = SFTP_HAS_SIZE | SFTP_HAS_MODE | SFTP_HAS_TIMES, .size = 7};
    bool closes = a->deed == SFTP_DO_COMMIT || a->deed == SFTP_DO_FORGET;

    assert(a->slot < SFTP_SLOTS);
    check_path(a->path);
    check_path(a->to);
    assert(!closes || o->open[a->slot]);
    if (closes)
        o->open[a->slot] = false;
    if (o->deeds++ % 7 == 6 && a->deed != SFTP_DO_READ) {
        sftp_server_done(o->s, SFTP_FAILURE, "for a change");
        return;
    }
    switch (a->deed) {
    case SFTP_DO_OPEN:
    case SFTP_DO_LIST:
        assert(!o->open[a->slot]);
        o->open[a->slot] = true;
        if (a->deed == SFTP_DO_OPEN)
            sftp_server_attributes(o->s, &attributes);
        else
            sftp_server_done(o->s, SFTP_OK, "");
        break;
    case SFTP_DO_STAT:
        sftp_server_attributes(o->s, &attributes);
        break;
    case SFTP_DO_NAMES:
        for (unsigned i = 0; i < o->deeds % 4; i++)
            (void)sftp_server_name(o->s, span_text("name"), &attributes);
        sftp_server_names_end(o->s);
        break;
    case SFTP_DO_READ:
        do_read(o, a);
        break;
    case SFTP_DO_WRITE:
        do_write(o, a);
        break;
    case SFTP_DO_SPACE:
        sftp_server_space(o->s, &(struct sftp_space){.block = 1});
        break;
    default:
        sftp_server_done(o->s, SFTP_OK, "");
        break;
    }
}

/* Answers are whole packets, none too large. */
static void
take_output(struct owner *o)
{
    struct span out = sftp_server_output(o->s);

    assert(out.len <= SFTP_OUTPUT_MAX);
    buf_put_span(&o->out, out);
    sftp_server_output_sent(o->s, out.len);
    while (buf_len(&o->out) > 0) {
        struct reader r = reader_over(buf_span(&o->out));
        struct span packet = read_string(&r);

        assert(read_ok(&r) && packet.len > 0 && packet.len <= SFTP_PACKET_MAX);
        buf_consume(&o->out, packet.len + 4);
    }
}

static void
give(struct owner *o, const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    struct span bytes = span_of(copy, size);
    const struct sftp_action *a;

    memcpy(copy, data, size);
    do {
        while ((a = sftp_server_next(o->s, &bytes)) != NULL)
            perform(o, a);
        take_output(o);
    } while (bytes.len > 0 && !sftp_server_is_broken(o->s));
    while ((a = sftp_server_flush(o->s)) != NULL)
        perform(o, a);
    take_output(o);
    free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct owner o = {.s = sftp_server_new(), .place = malloc(ROOM)};
    size_t piece;

    buf_init(&o.out, 1 << 20);
    give(&o, init, sizeof(init));
    piece = size == 0 || data[0] == 0 ? size + 1 : data[0];
    for (size_t at = 1; at < size; at += piece)
        give(&o, data + at, size - at < piece ? size - at : piece);
    (void)sftp_server_is_idle(o.s);
    sftp_server_free(o.s);
    buf_clear(&o.out);
    free(o.place);
    return 0;
}
