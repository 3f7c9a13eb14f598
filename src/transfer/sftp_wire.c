#include "transfer/sftp_wire.h"

#define LENGTH_BYTES 4u
#define KNOWN_FLAGS                                                    \
    (SFTP_HAS_SIZE | SFTP_HAS_OWNER | SFTP_HAS_MODE | SFTP_HAS_TIMES | \
     SFTP_HAS_EXTENDED)

/* --- fields ------------------------------------------------------------ */

void
sftp_put_attributes(struct buf *to, const struct sftp_attributes *a)
{
    buf_put_u32(to, a->has & ~SFTP_HAS_EXTENDED);
    if (a->has & SFTP_HAS_SIZE)
        buf_put_u64(to, a->size);
    if (a->has & SFTP_HAS_OWNER) {
        buf_put_u32(to, a->user);
        buf_put_u32(to, a->group);
    }
    if (a->has & SFTP_HAS_MODE)
        buf_put_u32(to, a->mode);
    if (a->has & SFTP_HAS_TIMES) {
        buf_put_u32(to, a->read_s);
        buf_put_u32(to, a->changed_s);
    }
}

static void
skip_pairs(struct reader *r)
{
    uint32_t count = read_u32(r);

    if (count > SFTP_PAIRS_MAX)
        read_fail(r);
    for (uint32_t i = 0; i < count && read_ok(r); i++) {
        read_string(r);
        read_string(r);
    }
}

void
sftp_read_attributes(struct reader *r, struct sftp_attributes *a)
{
    *a = (struct sftp_attributes){.has = read_u32(r)};
    if ((a->has & ~KNOWN_FLAGS) != 0)
        read_fail(r);
    if (a->has & SFTP_HAS_SIZE)
        a->size = read_u64(r);
    if (a->has & SFTP_HAS_OWNER) {
        a->user = read_u32(r);
        a->group = read_u32(r);
    }
    if (a->has & SFTP_HAS_MODE)
        a->mode = read_u32(r);
    if (a->has & SFTP_HAS_TIMES) {
        a->read_s = read_u32(r);
        a->changed_s = read_u32(r);
    }
    if (a->has & SFTP_HAS_EXTENDED)
        skip_pairs(r);
    a->has &= ~SFTP_HAS_EXTENDED;
}

const char *
sftp_status_text(uint32_t status)
{
    static const char *const texts[] = {
        [SFTP_OK] = "Success",
        [SFTP_EOF] = "End of file",
        [SFTP_NO_SUCH_FILE] = "No such file or directory",
        [SFTP_PERMISSION_DENIED] = "Permission denied",
        [SFTP_FAILURE] = "Failure",
        [SFTP_BAD_MESSAGE] = "Bad message",
        [SFTP_NO_CONNECTION] = "No connection",
        [SFTP_CONNECTION_LOST] = "Connection lost",
        [SFTP_OP_UNSUPPORTED] = "Operation unsupported",
    };

    return status < sizeof(texts) / sizeof(texts[0]) ? texts[status]
                                                     : "Unknown status";
}

size_t
sftp_begin(struct buf *to, enum sftp_type type, uint32_t id)
{
    size_t mark = buf_begin_string(to);

    buf_put_u8(to, (uint8_t)type);
    buf_put_u32(to, id);
    return mark;
}

void
sftp_end(struct buf *to, size_t mark)
{
    buf_end_string(to, mark);
}

/* --- a stream ---------------------------------------------------------- */

void
sftp_receiver_init(struct sftp_receiver *rx, enum sftp_type bulk)
{
    *rx = (struct sftp_receiver){.bulk = bulk, .need = LENGTH_BYTES + 1};
    buf_init(&rx->head, LENGTH_BYTES + SFTP_PACKET_MAX);
}

void
sftp_receiver_clear(struct sftp_receiver *rx)
{
    buf_clear(&rx->head);
    sftp_receiver_init(rx, rx->bulk);
}

static void
next_packet(struct sftp_receiver *rx)
{
    buf_reset(&rx->head);
    rx->need = LENGTH_BYTES + 1;
    rx->sized = rx->is_bulk = rx->is_counted = false;
    rx->data_left = 0;
}

/* All of the packet was collected, and its bytes were taken, if it has any. */
static bool
is_whole(const struct sftp_receiver *rx)
{
    return rx->sized && buf_len(&rx->head) == rx->need && rx->data_left == 0 &&
           (rx->is_counted || !rx->is_bulk);
}

/* The packet behind its length. */
static struct span
collected(const struct sftp_receiver *rx)
{
    struct span all = buf_span(&rx->head);

    return span_of(all.ptr + LENGTH_BYTES, all.len - LENGTH_BYTES);
}

static uint32_t
packet_length(const struct sftp_receiver *rx)
{
    struct reader r = reader_over(buf_span(&rx->head));

    return read_u32(&r);
}

/* Length and type are there. */
static enum err
read_size(struct sftp_receiver *rx)
{
    uint32_t len = packet_length(rx);

    if (len == 0 || len > SFTP_PACKET_MAX)
        return ERR_LENGTH;
    rx->sized = true;
    rx->is_bulk = collected(rx).ptr[0] == (uint8_t)rx->bulk;
    /* WRITE: up to the length of its handle; DATA: up to its count. */
    rx->need = LENGTH_BYTES + (rx->is_bulk ? 9 : len);
    return rx->is_bulk && len < 9 ? ERR_LENGTH : OK;
}

/* How much of a bulk packet stands in front of its bytes, and how many. */
static enum err
read_counts(struct sftp_receiver *rx)
{
    struct span head = collected(rx);
    uint32_t len = packet_length(rx);
    struct reader r = reader_over(head);

    (void)read_bytes(&r, 5);
    if (rx->bulk == SFTP_WRITE) {
        uint32_t handle = read_u32(&r);
        uint32_t before = 5 + 4 + handle + 8 + 4;

        if (handle > SFTP_HANDLE_MAX || before > len)
            return ERR_FORMAT;
        if (head.len < before) {
            rx->need = LENGTH_BYTES + before;
            return OK;
        }
        (void)read_bytes(&r, handle + 8);
    }
    rx->data_left = read_u32(&r);
    rx->is_counted = true;
    return read_done(&r) && rx->data_left == len - head.len ? OK : ERR_FORMAT;
}

static void
collect(struct sftp_receiver *rx, struct span *bytes)
{
    size_t missing = rx->need - buf_len(&rx->head);
    size_t take = missing < bytes->len ? missing : bytes->len;

    buf_put(&rx->head, bytes->ptr, take);
    *bytes = span_of(bytes->ptr + take, bytes->len - take);
}

enum err
sftp_receive(struct sftp_receiver *rx, struct span *bytes, struct span *packet)
{
    if (is_whole(rx))
        next_packet(rx); /* the one before */
    for (;;) {
        enum err err;

        if (bytes->len > 0)
            collect(rx, bytes);
        if (buf_len(&rx->head) < rx->need)
            return ERR_MORE;
        if (!rx->sized)
            err = read_size(rx);
        else if (rx->is_bulk && !rx->is_counted)
            err = read_counts(rx);
        else
            break;
        if (err != OK)
            return err;
    }
    *packet = collected(rx);
    return OK;
}

struct span
sftp_receive_data(struct sftp_receiver *rx, struct span *bytes)
{
    size_t len = rx->data_left < bytes->len ? rx->data_left : bytes->len;
    struct span taken = span_of(bytes->ptr, len);

    rx->data_left -= (uint32_t)len;
    *bytes = span_of(bytes->ptr + len, bytes->len - len);
    return taken;
}

bool
sftp_receiver_is_between(const struct sftp_receiver *rx)
{
    return buf_len(&rx->head) == 0 || is_whole(rx);
}
