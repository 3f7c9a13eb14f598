#include "transfer/sftp_client.h"

#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "transfer/sftp_wire.h"

#define OUTPUT_MAX  (64 * 1024)
#define OUTPUT_HIGH (32 * 1024) /* then no more is taken */
#define NOT_KNOWN   UINT64_MAX

enum state {
    WAIT_VERSION,
    WAIT_HANDLE,
    WAIT_ATTRIBUTES, /* get */
    MOVING,
    WAIT_CLOSED,
    OVER,
};

/* A READ or WRITE without an answer, or with a part of it. */
struct block {
    bool used;
    bool sent; /* put: its data is on the way as well */
    uint32_t id;
    uint32_t length;
    uint64_t offset;
};

struct sftp_client {
    bool put;
    enum state state;
    char path[SFTP_CLIENT_PATH_MAX];
    uint64_t most;     /* bytes that may come */
    uint64_t end;      /* of the file; NOT_KNOWN */
    bool end_promised; /* by the server: it must hold */
    uint64_t highest;  /* get: end of all data so far */
    uint64_t next;     /* offset of the next block */

    uint32_t next_id;
    uint32_t wait_id; /* of the answer that is waited for, but in MOVING */
    size_t handle_len;
    uint8_t handle[SFTP_HANDLE_MAX];

    size_t window, under_way; /* blocks */
    struct block blocks[SFTP_CLIENT_WINDOW];
    struct block *arriving; /* whose data comes */
    struct block *leaving;  /* whose data goes */
    uint32_t leave_left;
    bool read_told; /* the owner knows of it */

    struct sftp_receiver rx;
    struct buf out;
    struct buf reason; /* the server's */
    bool has_action;
    struct sftp_client_action action;
};

/* --- beginning and end -------------------------------------------------- */

static void
act(struct sftp_client *c, struct sftp_client_action action)
{
    c->has_action = true;
    c->action = action;
}

static void
finish(struct sftp_client *c, enum sftp_client_end end)
{
    if (c->state == OVER)
        return;
    c->state = OVER;
    buf_reset(&c->out);
    act(c, (struct sftp_client_action){
               .type = SFTP_CLIENT_END,
               .end = end,
               .bytes = c->put ? c->next : c->highest,
               .data = buf_span(&c->reason),
           });
}

struct sftp_client *
sftp_client_new(const struct sftp_client_setup *setup)
{
    struct sftp_client *c = alloc_zero(1, sizeof(*c));

    c->put = setup->put;
    text_copy_span(c->path, sizeof(c->path), setup->path);
    c->most = setup->bytes;
    c->end = setup->put ? setup->bytes : NOT_KNOWN;
    c->window = setup->put ? SFTP_CLIENT_WINDOW : 1;
    sftp_receiver_init(&c->rx, SFTP_DATA);
    buf_init(&c->out, OUTPUT_MAX);
    buf_init(&c->reason, SFTP_PACKET_MAX);
    sftp_end(&c->out, sftp_begin(&c->out, SFTP_INIT, SFTP_VERSION));
    return c;
}

void
sftp_client_free(struct sftp_client *c)
{
    if (c == NULL)
        return;
    sftp_receiver_clear(&c->rx);
    buf_clear(&c->out);
    buf_clear(&c->reason);
    free(c);
}

/* --- requests ----------------------------------------------------------- */

static size_t
begin_request(struct sftp_client *c, enum sftp_type type, uint32_t *id)
{
    *id = c->next_id++;
    return sftp_begin(&c->out, type, *id);
}

static void
put_handle(struct sftp_client *c)
{
    buf_put_string(&c->out, span_of(c->handle, c->handle_len));
}

static void
send_open(struct sftp_client *c)
{
    /* No attributes: the mode is the server's choice. */
    static const struct sftp_attributes none = {.has = 0};
    size_t mark = begin_request(c, SFTP_OPEN, &c->wait_id);

    buf_put_text(&c->out, c->path);
    buf_put_u32(&c->out,
                c->put ? SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_TRUNCATE
                       : SFTP_OPEN_READ);
    sftp_put_attributes(&c->out, &none);
    sftp_end(&c->out, mark);
    c->state = WAIT_HANDLE;
}

/* FSTAT or CLOSE. */
static void
send_about_handle(struct sftp_client *c, enum sftp_type type, enum state state)
{
    size_t mark = begin_request(c, type, &c->wait_id);

    put_handle(c);
    sftp_end(&c->out, mark);
    c->state = state;
}

static void
send_read(struct sftp_client *c, struct block *block)
{
    size_t mark = begin_request(c, SFTP_READ, &block->id);

    put_handle(c);
    buf_put_u64(&c->out, block->offset);
    buf_put_u32(&c->out, block->length);
    sftp_end(&c->out, mark);
}

/* All but the data, which the owner sends. */
static void
send_write(struct sftp_client *c, struct block *block)
{
    block->id = c->next_id++;
    buf_put_u32(&c->out,
                1 + 4 + 4 + (uint32_t)c->handle_len + 8 + 4 + block->length);
    buf_put_u8(&c->out, SFTP_WRITE);
    buf_put_u32(&c->out, block->id);
    put_handle(c);
    buf_put_u64(&c->out, block->offset);
    buf_put_u32(&c->out, block->length);
    c->leaving = block;
    c->leave_left = block->length;
    c->read_told = false;
}

static struct block *
free_block(struct sftp_client *c)
{
    for (size_t i = 0; i < SFTP_CLIENT_WINDOW; i++)
        if (!c->blocks[i].used)
            return &c->blocks[i];
    return NULL;
}

/* The next block of the file; its length, 0: there is none. */
static uint32_t
next_length(const struct sftp_client *c)
{
    uint64_t left = c->end == NOT_KNOWN ? SFTP_DATA_MAX
                    : c->end <= c->next ? 0
                                        : c->end - c->next;

    return left < SFTP_DATA_MAX ? (uint32_t)left : SFTP_DATA_MAX;
}

/* As many requests as may be without an answer. */
static void
move_on(struct sftp_client *c)
{
    uint32_t length;

    while (c->under_way < c->window && c->leaving == NULL &&
           (length = next_length(c)) > 0) {
        struct block *block = free_block(c);

        assert(block != NULL);
        *block =
            (struct block){.used = true, .length = length, .offset = c->next};
        c->under_way++;
        c->next += length;
        if (c->put)
            send_write(c, block);
        else
            send_read(c, block);
    }
    if (c->under_way == 0 && next_length(c) == 0)
        send_about_handle(c, SFTP_CLOSE, WAIT_CLOSED);
}

/* --- answers ------------------------------------------------------------ */

static struct block *
find_block(struct sftp_client *c, uint32_t id)
{
    for (size_t i = 0; i < SFTP_CLIENT_WINDOW; i++)
        if (c->blocks[i].used && c->blocks[i].id == id)
            return &c->blocks[i];
    return NULL;
}

static void
settle_block(struct sftp_client *c, struct block *block)
{
    block->used = false;
    c->under_way--;
    if (c->window < SFTP_CLIENT_WINDOW)
        c->window++;
    move_on(c);
}

static void
on_version(struct sftp_client *c, struct reader *r)
{
    if (read_u32(r) != SFTP_VERSION || !read_ok(r)) {
        finish(c, SFTP_CLIENT_BROKEN);
        return;
    }
    while (read_ok(r) && r->left > 0) {
        (void)read_string(r); /* an extension's name, and what it says: */
        (void)read_string(r); /* none is used */
    }
    if (read_ok(r))
        send_open(c);
    else
        finish(c, SFTP_CLIENT_BROKEN);
}

/* What the server says when it does not do it. */
static void
refuse(struct sftp_client *c, uint32_t status, struct reader *r)
{
    /* Version 2 has no text, and some servers of version 3 leave it out. */
    struct span text = r->left > 0 ? read_string(r) : SPAN_EMPTY;

    if (!read_ok(r)) {
        finish(c, SFTP_CLIENT_BROKEN);
        return;
    }
    buf_put_span(&c->reason, text);
    finish(c, SFTP_CLIENT_REFUSED);
    c->action.status = status;
}

static void
on_handle(struct sftp_client *c, struct reader *r)
{
    struct span handle = read_string(r);

    if (!read_done(r) || handle.len == 0 || handle.len > SFTP_HANDLE_MAX) {
        finish(c, SFTP_CLIENT_BROKEN);
        return;
    }
    memcpy(c->handle, handle.ptr, handle.len);
    c->handle_len = handle.len;
    if (c->put) {
        c->state = MOVING;
        move_on(c);
    } else {
        send_about_handle(c, SFTP_FSTAT, WAIT_ATTRIBUTES);
    }
}

static void
on_attributes(struct sftp_client *c, struct reader *r)
{
    struct sftp_attributes a;
    uint64_t size;
    uint32_t kind;

    sftp_read_attributes(r, &a);
    size = a.has & SFTP_HAS_SIZE ? a.size : 0;
    kind = a.has & SFTP_HAS_MODE ? a.mode & SFTP_MODE_KIND : 0;
    if (!read_ok(r)) {
        finish(c, SFTP_CLIENT_BROKEN);
    } else if (kind != 0 && kind != SFTP_MODE_FILE) {
        finish(c, SFTP_CLIENT_SPECIAL);
    } else if (size > c->most) {
        finish(c, SFTP_CLIENT_LARGE);
    } else {
        /* Files that are made while they are read say that they have none. */
        c->end_promised = size > 0;
        if (size > 0) {
            c->end = size;
            act(c, (struct sftp_client_action){.type = SFTP_CLIENT_SIZE,
                                               .bytes = size});
        }
        c->state = MOVING;
        move_on(c);
    }
}

/* The end of the file lies where this block still waits for data. */
static void
on_end_of_file(struct sftp_client *c, struct block *block)
{
    if (c->end_promised) {
        finish(c, SFTP_CLIENT_SHORT);
        return;
    }
    if (block->offset < c->end)
        c->end = block->offset;
    if (c->highest > c->end)
        finish(c, SFTP_CLIENT_BROKEN);
    else
        settle_block(c, block);
}

static void
on_block_status(struct sftp_client *c, struct block *block, uint32_t status,
                struct reader *r)
{
    if (c->put && !block->sent)
        finish(c, SFTP_CLIENT_BROKEN);
    else if (c->put && status == SFTP_OK)
        settle_block(c, block);
    else if (!c->put && status == SFTP_EOF)
        on_end_of_file(c, block);
    else if (status == SFTP_OK || status == SFTP_EOF)
        finish(c, SFTP_CLIENT_BROKEN);
    else
        refuse(c, status, r);
}

static void
on_status(struct sftp_client *c, uint32_t id, struct reader *r)
{
    struct block *block = c->state == MOVING ? find_block(c, id) : NULL;
    uint32_t status = read_u32(r);

    if (!read_ok(r) || (c->state == MOVING ? block == NULL : id != c->wait_id))
        finish(c, SFTP_CLIENT_BROKEN);
    else if (block != NULL)
        on_block_status(c, block, status, r);
    else if (c->state == WAIT_CLOSED && (status == SFTP_OK || !c->put))
        finish(c, SFTP_CLIENT_DONE);
    else if (status == SFTP_OK)
        finish(c, SFTP_CLIENT_BROKEN);
    else if (c->state == WAIT_ATTRIBUTES) {
        /* It does not say how long the file is: its end will. */
        c->state = MOVING;
        move_on(c);
    } else
        refuse(c, status, r);
}

/* A whole packet that carries no data. */
static void
on_packet(struct sftp_client *c, struct span packet)
{
    struct reader r = reader_over(packet);
    uint8_t type = read_u8(&r);
    uint32_t id;

    if (c->state == WAIT_VERSION) {
        if (type == SFTP_VERSION_REPLY)
            on_version(c, &r);
        else
            finish(c, SFTP_CLIENT_BROKEN);
        return;
    }
    id = read_u32(&r);
    if (type == SFTP_STATUS)
        on_status(c, id, &r);
    else if (type == SFTP_HANDLE && c->state == WAIT_HANDLE && id == c->wait_id)
        on_handle(c, &r);
    else if (type == SFTP_ATTRS && c->state == WAIT_ATTRIBUTES &&
             id == c->wait_id)
        on_attributes(c, &r);
    else
        finish(c, SFTP_CLIENT_BROKEN);
}

/* A packet with data, which follows: its type, id and the data's length. */
static void
on_data_head(struct sftp_client *c, struct span head)
{
    struct reader r = reader_over(head);
    uint32_t id, data;

    (void)read_u8(&r);
    id = read_u32(&r);
    data = read_u32(&r);
    c->arriving = c->state == MOVING && !c->put ? find_block(c, id) : NULL;
    if (c->arriving == NULL || data == 0 || data > c->arriving->length)
        finish(c, SFTP_CLIENT_BROKEN);
}

/* --- input -------------------------------------------------------------- */

static void
take_packet(struct sftp_client *c, struct span *bytes)
{
    struct span packet;
    enum err err = sftp_receive(&c->rx, bytes, &packet);

    if (err == ERR_MORE)
        return;
    if (err != OK)
        finish(c, SFTP_CLIENT_BROKEN);
    else if (packet.ptr[0] == SFTP_DATA)
        on_data_head(c, packet);
    else
        on_packet(c, packet);
}

/* A piece of the data that was announced. */
static void
take_data(struct sftp_client *c, struct span *bytes)
{
    struct block *block = c->arriving;
    struct span piece = sftp_receive_data(&c->rx, bytes);
    uint64_t end = block->offset + piece.len;

    if (end > c->most) {
        finish(c, SFTP_CLIENT_LARGE);
        return;
    }
    if (end > c->end) {
        finish(c, SFTP_CLIENT_BROKEN);
        return;
    }
    act(c, (struct sftp_client_action){.type = SFTP_CLIENT_WRITE,
                                       .offset = block->offset,
                                       .bytes = piece.len,
                                       .data = piece});
    if (end > c->highest)
        c->highest = end;
    block->offset = end;
    block->length -= (uint32_t)piece.len;
    if (c->rx.data_left > 0)
        return;
    /* Less than was asked for is no end: the rest is asked for again. */
    if (block->length > 0)
        send_read(c, block);
    else
        settle_block(c, block);
}

size_t
sftp_client_input(struct sftp_client *c, struct span bytes)
{
    struct span rest = bytes;

    while (rest.len > 0 && !c->has_action && c->state != OVER &&
           buf_len(&c->out) < OUTPUT_HIGH) {
        if (c->rx.data_left > 0)
            take_data(c, &rest);
        else
            take_packet(c, &rest);
    }
    return c->state == OVER && !c->has_action ? bytes.len
                                              : bytes.len - rest.len;
}

void
sftp_client_input_end(struct sftp_client *c)
{
    finish(c, SFTP_CLIENT_BROKEN);
}

/* --- output and actions ------------------------------------------------- */

struct span
sftp_client_output(const struct sftp_client *c)
{
    return buf_span(&c->out);
}

void
sftp_client_output_sent(struct sftp_client *c, size_t len)
{
    buf_consume(&c->out, len);
}

bool
sftp_client_next(struct sftp_client *c, struct sftp_client_action *action)
{
    if (c->has_action) {
        c->has_action = false;
        *action = c->action;
        return true;
    }
    if (c->state != MOVING || c->leaving == NULL || c->read_told)
        return false;
    c->read_told = true;
    *action = (struct sftp_client_action){
        .type = SFTP_CLIENT_READ,
        .offset = c->leaving->offset + c->leaving->length - c->leave_left,
        .bytes = c->leave_left,
    };
    return true;
}

void
sftp_client_sent(struct sftp_client *c, size_t len)
{
    if (c->leaving == NULL)
        return;
    assert(len <= c->leave_left);
    c->leave_left -= (uint32_t)len;
    if (c->leave_left > 0)
        return;
    c->leaving->sent = true;
    c->leaving = NULL;
    if (c->state == MOVING)
        move_on(c);
}
