/*
 * Laws of the SFTP client, against a server that is played: one that answers
 * well, in any order and any pieces, and many that do not.
 */
#include "transfer/sftp_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/reader.h"

enum { INIT = 1, VERSION, OPEN, CLOSE, READ, WRITE, FSTAT = 8 };
enum { STATUS = 101, HANDLE, DATA, NAME, ATTRS };
enum { FX_OK, FX_EOF, FX_NO_SUCH_FILE, FX_PERMISSION_DENIED, FX_FAILURE };

#define FILE_MAX (5 * 1024 * 1024)

/* The far end, its file and ours. */
static struct play {
    struct sftp_client *c;
    struct buf heard;  /* of the client, not yet understood */
    struct buf answer; /* for it, not yet taken */
    uint8_t *far, *near;
    size_t far_len, near_len;
    uint64_t told; /* by SFTP_CLIENT_SIZE */
    bool ended;
    struct sftp_client_action end;
    char reason[128];

    /* How it behaves. */
    bool silent; /* the test answers itself */
    bool reverse, no_size, no_fstat;
    size_t least;      /* at most so many bytes in one DATA; 0: all */
    size_t piece;      /* at most so many bytes at once, both ways */
    size_t most_reads; /* READs seen at once */
    uint32_t late_id[SFTP_CLIENT_WINDOW];
    uint64_t late_at[SFTP_CLIENT_WINDOW];
    uint32_t late_len[SFTP_CLIENT_WINDOW];
    size_t late;
} p;

static void
begin(bool put, size_t len, uint64_t most)
{
    struct sftp_client_setup setup = {
        .put = put, .path = span_text("d/file"), .bytes = put ? len : most};

    memset(&p, 0, sizeof(p));
    p.c = sftp_client_new(&setup);
    buf_init(&p.heard, 8u << 20);
    buf_init(&p.answer, 16u << 20);
    p.far = calloc(FILE_MAX, 1);
    p.near = calloc(FILE_MAX, 1);
    for (size_t i = 0; i < len; i++)
        (put ? p.near : p.far)[i] = (uint8_t)(i * 31 + i / 251);
    if (put)
        p.near_len = len;
    else
        p.far_len = len;
    p.piece = SIZE_MAX;
}

static void
end(void)
{
    sftp_client_free(p.c);
    buf_clear(&p.heard);
    buf_clear(&p.answer);
    free(p.far);
    free(p.near);
}

/* --- the server --------------------------------------------------------- */

static void
say_status(uint32_t id, uint32_t status, const char *text)
{
    size_t mark = buf_begin_string(&p.answer);

    buf_put_u8(&p.answer, STATUS);
    buf_put_u32(&p.answer, id);
    buf_put_u32(&p.answer, status);
    buf_put_text(&p.answer, text);
    buf_put_text(&p.answer, "en");
    buf_end_string(&p.answer, mark);
}

static void
say_version(uint32_t version)
{
    size_t mark = buf_begin_string(&p.answer);

    buf_put_u8(&p.answer, VERSION);
    buf_put_u32(&p.answer, version);
    buf_put_text(&p.answer, "fsync@openssh.com");
    buf_put_text(&p.answer, "1");
    buf_end_string(&p.answer, mark);
}

static void
say_handle(uint32_t id, size_t len)
{
    uint8_t handle[300];
    size_t mark = buf_begin_string(&p.answer);

    memset(handle, 'h', sizeof(handle));
    buf_put_u8(&p.answer, HANDLE);
    buf_put_u32(&p.answer, id);
    buf_put_string(&p.answer, span_of(handle, len));
    buf_end_string(&p.answer, mark);
}

static void
say_attributes(uint32_t id, uint32_t flags, uint64_t size, uint32_t mode)
{
    size_t mark = buf_begin_string(&p.answer);

    buf_put_u8(&p.answer, ATTRS);
    buf_put_u32(&p.answer, id);
    buf_put_u32(&p.answer, flags);
    if (flags & 1)
        buf_put_u64(&p.answer, size);
    if (flags & 2)
        buf_put_u64(&p.answer, 0);
    if (flags & 4)
        buf_put_u32(&p.answer, mode);
    buf_end_string(&p.answer, mark);
}

static void
say_data(uint32_t id, const void *bytes, size_t len)
{
    size_t mark = buf_begin_string(&p.answer);

    buf_put_u8(&p.answer, DATA);
    buf_put_u32(&p.answer, id);
    buf_put_string(&p.answer, span_of(bytes, len));
    buf_end_string(&p.answer, mark);
}

static void
answer_read(uint32_t id, uint64_t at, uint32_t len)
{
    size_t left = at < p.far_len ? p.far_len - (size_t)at : 0;

    if (left == 0) {
        say_status(id, FX_EOF, "End of file");
        return;
    }
    left = left < len ? left : len;
    if (p.least > 0 && left > p.least)
        left = p.least;
    say_data(id, p.far + at, left);
}

/* Kept back, and answered from the last to the first. */
static void
answer_late(void)
{
    if (p.late > p.most_reads)
        p.most_reads = p.late;
    for (size_t i = p.late; i-- > 0;)
        answer_read(p.late_id[i], p.late_at[i], p.late_len[i]);
    p.late = 0;
}

static void
serve(struct reader *r)
{
    uint8_t type = read_u8(r);
    uint32_t id = read_u32(r), len;
    uint64_t at;
    struct span handle = SPAN_EMPTY, data;

    if (type == INIT) {
        assert_int_equal(id, 3);
        say_version(3);
        return;
    }
    if (type == OPEN) {
        assert_true(span_is(read_string(r), "d/file"));
        (void)read_u32(r);
        say_handle(id, 4);
        return;
    }
    handle = read_string(r);
    assert_true(span_is(handle, "hhhh"));
    switch (type) {
    case FSTAT:
        if (p.no_fstat)
            say_status(id, 8, "Operation unsupported");
        else
            say_attributes(id, p.no_size ? 6 : 7, p.far_len, 0100644);
        break;
    case READ:
        at = read_u64(r);
        len = read_u32(r);
        if (!p.reverse) {
            answer_read(id, at, len);
            break;
        }
        assert_true(p.late < SFTP_CLIENT_WINDOW);
        p.late_id[p.late] = id;
        p.late_at[p.late] = at;
        p.late_len[p.late++] = len;
        break;
    case WRITE:
        at = read_u64(r);
        data = read_string(r);
        assert_true(read_ok(r) && at + data.len <= FILE_MAX);
        memcpy(p.far + at, data.ptr, data.len);
        if (at + data.len > p.far_len)
            p.far_len = (size_t)at + data.len;
        say_status(id, FX_OK, "Success");
        break;
    case CLOSE:
        say_status(id, FX_OK, "Success");
        break;
    default:
        fail_msg("request %u", type);
    }
}

/* --- both ends ---------------------------------------------------------- */

static void
take_actions(void)
{
    struct sftp_client_action a;

    while (!p.ended && sftp_client_next(p.c, &a)) {
        struct span out;

        switch (a.type) {
        case SFTP_CLIENT_SIZE:
            p.told = a.bytes;
            break;
        case SFTP_CLIENT_WRITE:
            assert_true(a.offset + a.data.len <= FILE_MAX);
            memcpy(p.near + a.offset, a.data.ptr, a.data.len);
            if (a.offset + a.data.len > p.near_len)
                p.near_len = (size_t)a.offset + a.data.len;
            break;
        case SFTP_CLIENT_READ:
            out = sftp_client_output(p.c);
            buf_put_span(&p.heard, out);
            sftp_client_output_sent(p.c, out.len);
            assert_true(a.offset + a.bytes <= p.near_len);
            for (size_t at = 0; at < a.bytes;) {
                size_t part = (size_t)a.bytes - at;

                part = part > p.piece ? p.piece : part;
                buf_put(&p.heard, p.near + a.offset + at, part);
                sftp_client_sent(p.c, part);
                at += part;
            }
            break;
        case SFTP_CLIENT_END:
            p.ended = true;
            p.end = a;
            assert_true(a.data.len < sizeof(p.reason));
            memcpy(p.reason,
                   a.data.ptr == NULL ? (const uint8_t *)"" : a.data.ptr,
                   a.data.len);
            break;
        }
    }
}

static bool
listen_once(void)
{
    struct span heard = buf_span(&p.heard);
    struct reader r = reader_over(heard);
    struct span packet = read_string(&r);

    if (!read_ok(&r))
        return false;
    r = reader_over(packet);
    serve(&r);
    assert_true(read_ok(&r));
    buf_consume(&p.heard, 4 + packet.len);
    return true;
}

/* One turn; false: nothing moved. */
static bool
turn(void)
{
    struct span bytes = sftp_client_output(p.c);
    bool moved = bytes.len > 0;
    size_t used;

    if (bytes.len > p.piece)
        bytes.len = p.piece;
    buf_put_span(&p.heard, bytes);
    sftp_client_output_sent(p.c, bytes.len);
    take_actions();
    while (!p.silent && listen_once())
        moved = true;
    answer_late();
    do {
        bytes = buf_span(&p.answer);
        if (bytes.len > p.piece)
            bytes.len = p.piece;
        used = sftp_client_input(p.c, bytes);
        take_actions();
        buf_consume(&p.answer, used);
        moved = moved || used > 0;
    } while (used > 0 && !p.ended);
    return moved && !p.ended;
}

static void
run(void)
{
    while (turn())
        continue;
}

static void
assert_ended(enum sftp_client_end how)
{
    run();
    assert_true(p.ended);
    assert_int_equal(p.end.end, how);
    assert_int_equal(sftp_client_input(p.c, span_text("anything")), 8);
}

static void
assert_whole(size_t len)
{
    assert_ended(SFTP_CLIENT_DONE);
    assert_int_equal(p.end.bytes, len);
    assert_int_equal(p.near_len, len);
    assert_int_equal(p.far_len, len);
    assert_memory_equal(p.near, p.far, len == 0 ? 1 : len);
}

/* --- laws --------------------------------------------------------------- */

static const size_t sizes[] = {0, 1, 32767, 32768, 32769, 1000000, FILE_MAX};

static void
test_files_come_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (int way = 0; way < 5; way++) {
            begin(false, sizes[i], FILE_MAX);
            p.reverse = way == 1;
            p.no_size = way == 2;
            p.no_fstat = way == 3;
            p.least = way == 4 ? 30000 : 0;
            if (way == 2)
                p.reverse = true;
            assert_whole(sizes[i]);
            assert_int_equal(p.told, way == 2 || way == 3 ? 0 : sizes[i]);
            if (way == 1 && sizes[i] == FILE_MAX)
                assert_true(p.most_reads > SFTP_CLIENT_WINDOW / 2);
            end();
        }
}

static void
test_files_go_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        begin(true, sizes[i], 0);
        assert_whole(sizes[i]);
        end();
    }
}

static void
test_bytes_may_come_one_by_one(void **state)
{
    (void)state;
    for (int put = 0; put < 2; put++) {
        begin(put, 40000, FILE_MAX);
        p.piece = 1;
        assert_whole(40000);
        end();
    }
}

/* The client has sent what it sends to a good server up to that request. */
static void
begin_at(bool put, uint8_t wanted, uint32_t *id)
{
    begin(put, 100, 1000);
    for (;;) {
        struct reader r;
        struct span packet;

        p.silent = true;
        run();
        r = reader_over(buf_span(&p.heard));
        packet = read_string(&r);
        assert_true(read_ok(&r));
        r = reader_over(packet);
        if (read_u8(&r) == wanted) {
            *id = read_u32(&r);
            return;
        }
        assert_true(listen_once());
    }
}

static void
test_what_the_server_refuses_is_told(void **state)
{
    uint32_t id;

    (void)state;
    for (int put = 0; put < 2; put++) {
        begin_at(put, OPEN, &id);
        say_status(id, FX_NO_SUCH_FILE, "No such file");
        assert_ended(SFTP_CLIENT_REFUSED);
        assert_int_equal(p.end.status, FX_NO_SUCH_FILE);
        assert_string_equal(p.reason, "No such file");
        end();
        begin_at(put, put ? WRITE : READ, &id);
        say_status(id, FX_FAILURE, "");
        assert_ended(SFTP_CLIENT_REFUSED);
        assert_int_equal(p.end.status, FX_FAILURE);
        end();
    }
    begin_at(true, CLOSE, &id);
    say_status(id, FX_FAILURE, "disk full");
    assert_ended(SFTP_CLIENT_REFUSED);
    end();
    /* The file is here: what the server thinks of its end is its own matter. */
    begin_at(false, CLOSE, &id);
    say_status(id, FX_FAILURE, "");
    assert_ended(SFTP_CLIENT_DONE);
    end();
}

static void
test_what_is_no_file_or_too_large(void **state)
{
    uint32_t id;

    (void)state;
    begin_at(false, FSTAT, &id);
    say_attributes(id, 5, 4096, 0040755);
    assert_ended(SFTP_CLIENT_SPECIAL);
    end();
    begin_at(false, FSTAT, &id);
    say_attributes(id, 4, 0, 0020600);
    assert_ended(SFTP_CLIENT_SPECIAL);
    end();
    begin_at(false, FSTAT, &id);
    say_attributes(id, 1, 1001, 0);
    assert_ended(SFTP_CLIENT_LARGE);
    end();
    begin_at(false, FSTAT, &id);
    say_attributes(id, 1, UINT64_MAX, 0);
    assert_ended(SFTP_CLIENT_LARGE);
    end();
    /* It says nothing, and sends more and more. */
    begin(false, 5000, 1000);
    p.no_size = true;
    assert_ended(SFTP_CLIENT_LARGE);
    assert_true(p.near_len <= 1000);
    end();
    /* It says something, and stops before. */
    begin_at(false, FSTAT, &id);
    say_attributes(id, 1, 101, 0);
    p.silent = false;
    buf_reset(&p.heard);
    assert_ended(SFTP_CLIENT_SHORT);
    end();
}

/* Lies in place of the answer to that request. */
#define assert_breaks(put, wanted, ...)   \
    do {                                  \
        uint32_t id;                      \
        begin_at(put, wanted, &id);       \
        buf_reset(&p.answer);             \
        __VA_ARGS__;                      \
        assert_ended(SFTP_CLIENT_BROKEN); \
        end();                            \
    } while (0)

static void
put_raw(uint32_t length, uint8_t type, uint32_t a, uint32_t b)
{
    buf_put_u32(&p.answer, length);
    buf_put_u8(&p.answer, type);
    buf_put_u32(&p.answer, a);
    buf_put_u32(&p.answer, b);
}

static void
test_lengths_that_lie(void **state)
{
    static const uint32_t lengths[] = {0, 34001, 0x7fffffff, 0xffffffff};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        assert_breaks(false, INIT, put_raw(lengths[i], VERSION, 3, 0);
                      (void)id);
        assert_breaks(false, READ, put_raw(lengths[i], DATA, id, 1));
    }
    /* A string longer than its packet, data longer and shorter. */
    assert_breaks(false, OPEN, put_raw(9, HANDLE, id, 0xffffffff));
    assert_breaks(false, OPEN, put_raw(9, HANDLE, id, 1));
    assert_breaks(false, READ, put_raw(9 + 5, DATA, id, 6));
    assert_breaks(false, READ, put_raw(9 + 6, DATA, id, 5));
    assert_breaks(false, READ, put_raw(9, DATA, id, 0));
    assert_breaks(false, READ, put_raw(8, DATA, id, 0));
    assert_breaks(false, OPEN, put_raw(5, STATUS, id, 0));
    assert_breaks(false, FSTAT, put_raw(9, ATTRS, id, 1));
    assert_breaks(false, INIT, buf_put_u32(&p.answer, 6);
                  buf_put_u8(&p.answer, VERSION); buf_put_u32(&p.answer, 3);
                  buf_put_u8(&p.answer, 0); (void)id);
}

static void
test_answers_to_what_was_not_asked(void **state)
{
    static const uint8_t few[64];

    (void)state;
    assert_breaks(false, INIT, say_version(2); (void)id);
    assert_breaks(false, INIT, say_version(4); (void)id);
    assert_breaks(false, INIT, say_handle(0, 4); (void)id);
    assert_breaks(false, OPEN, say_version(3); (void)id);
    assert_breaks(false, OPEN, say_handle(id + 1, 4));
    assert_breaks(false, OPEN, say_handle(id, 0));
    assert_breaks(false, OPEN, say_handle(id, 257));
    assert_breaks(false, OPEN, say_status(id, FX_OK, ""));
    assert_breaks(false, OPEN, say_status(id + 1, FX_NO_SUCH_FILE, ""));
    assert_breaks(false, OPEN, say_data(id, few, 1));
    assert_breaks(false, OPEN, say_attributes(id, 1, 5, 0));
    assert_breaks(false, FSTAT, say_handle(id, 4));
    assert_breaks(false, FSTAT, say_data(id, few, 1));
    assert_breaks(false, READ, say_data(id + 1, few, 1));
    assert_breaks(false, READ, say_status(id, FX_OK, ""));
    assert_breaks(false, READ, put_raw(9, NAME, id, 0));
    assert_breaks(true, WRITE, say_data(id, few, 1));
    assert_breaks(true, WRITE, say_status(id, FX_EOF, ""));
    assert_breaks(true, WRITE, say_status(id + 1, FX_OK, ""));
    assert_breaks(true, WRITE, say_status(id, FX_OK, "");
                  say_status(id, FX_OK, ""); say_status(id, FX_OK, ""));
    assert_breaks(true, CLOSE, say_status(id + 7, FX_OK, ""));
    /* More than was asked for: the file has 100 bytes. */
    assert_breaks(false, READ, say_data(id, p.near, 101));
}

static void
test_a_hole_is_no_file(void **state)
{
    uint32_t ids[2];

    (void)state;
    begin(false, FILE_MAX, FILE_MAX);
    p.no_size = p.reverse = true;
    /* Two READs are out: the second has data, the first is the end. */
    while (p.late < 2) {
        struct span out = sftp_client_output(p.c);

        buf_put_span(&p.heard, out);
        sftp_client_output_sent(p.c, out.len);
        take_actions();
        while (listen_once())
            continue;
        if (p.late == 1) {
            answer_late();
            p.late = 0;
        }
        while (buf_len(&p.answer) > 0) {
            buf_consume(&p.answer, sftp_client_input(p.c, buf_span(&p.answer)));
            take_actions();
        }
    }
    for (size_t i = 0; i < 2; i++)
        ids[i] = p.late_id[i];
    p.late = 0;
    p.silent = true;
    say_data(ids[1], p.far, 32768);
    say_status(ids[0], FX_EOF, "");
    assert_ended(SFTP_CLIENT_BROKEN);
    end();
}

static void
test_the_servers_end_is_the_end(void **state)
{
    uint32_t id;

    (void)state;
    begin_at(false, READ, &id);
    sftp_client_input_end(p.c);
    take_actions();
    assert_true(p.ended);
    assert_int_equal(p.end.end, SFTP_CLIENT_BROKEN);
    end();
}

/* Answers to requests that were never sent fill no memory. */
static void
test_a_server_that_runs_ahead_is_held(void **state)
{
    uint32_t id;

    (void)state;
    begin_at(false, FSTAT, &id);
    say_attributes(id, 1, 900, 0);
    buf_reset(&p.heard);
    for (uint32_t i = 1; i <= 900; i++)
        say_data(id + i, p.far, 1);
    /* Nothing is sent: its output is not taken. */
    for (;;) {
        size_t used = sftp_client_input(p.c, buf_span(&p.answer));

        take_actions();
        if (used == 0)
            break;
        buf_consume(&p.answer, used);
    }
    assert_true(sftp_client_output(p.c).len < 64 * 1024);
    assert_true(sftp_client_output(p.c).len > 0);
    end();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_come_whole),
        cmocka_unit_test(test_files_go_whole),
        cmocka_unit_test(test_bytes_may_come_one_by_one),
        cmocka_unit_test(test_what_the_server_refuses_is_told),
        cmocka_unit_test(test_what_is_no_file_or_too_large),
        cmocka_unit_test(test_lengths_that_lie),
        cmocka_unit_test(test_answers_to_what_was_not_asked),
        cmocka_unit_test(test_a_hole_is_no_file),
        cmocka_unit_test(test_the_servers_end_is_the_end),
        cmocka_unit_test(test_a_server_that_runs_ahead_is_held),
    };

    return cmocka_run_group_tests_name("transfer/sftp_client", tests, NULL,
                                       NULL);
}
