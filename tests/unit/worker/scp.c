/* A channel of scp, between control and a peer. */
#include "worker/scp.h"

#include "file_rig.h"

#define IDLE_S 60
#define NOW_MS 1000000

struct scp_rig {
    struct file_rig files;
    struct scp_channel *c;
    uint64_t now_ms;
};

static void
begin(struct scp_rig *r, struct msg_serve_scp m)
{
    file_rig_init(&r->files);
    m.channel = RIG_CHANNEL;
    m.idle_s = IDLE_S;
    r->now_ms = NOW_MS;
    r->c = scp_channel_new(&r->files.up, NULL, NULL, &m, r->now_ms);
}

static void
begin_sink(struct scp_rig *r)
{
    begin(r,
          (struct msg_serve_scp){.sink = true, .path = span_text("flash:/x")});
}

static void
begin_source(struct scp_rig *r)
{
    begin(r, (struct msg_serve_scp){.path = span_text("flash:/dir/x")});
}

static void
end(struct scp_rig *r)
{
    scp_channel_free(r->c);
    file_rig_clear(&r->files);
}

static void
work(struct scp_rig *r)
{
    while (scp_channel_work(r->c, r->now_ms))
        continue;
}

static void
say(struct scp_rig *r, const void *bytes, size_t len)
{
    scp_channel_data(r->c, span_of(bytes, len), r->now_ms);
    work(r);
}

static void
answer(struct scp_rig *r, const struct message *m, int fd)
{
    scp_channel_message(r->c, m, fd);
    work(r);
}

static void
assert_finished(struct scp_rig *r, uint32_t expected)
{
    uint32_t status = 77;

    assert_true(scp_channel_is_finished(r->c, &status));
    assert_int_equal(status, expected);
}

static void
assert_goes_on(struct scp_rig *r)
{
    uint32_t status;

    assert_false(scp_channel_is_finished(r->c, &status));
}

/* Up to where the file's bytes are wanted. */
static int
accept_upload(struct scp_rig *r, const char *header)
{
    struct message none = result(FILE_STATUS_NOT_FOUND, "not there"),
                   made = result(FILE_STATUS_OK, "");
    int fd = file_of(""), own = dup(fd);

    work(r);
    assert_asked(&r->files, MSG_FILE_STAT);
    assert_true(span_is(r->files.got.file_stat.path, "flash:/x"));
    answer(r, &none, -1);
    say(r, header, strlen(header));
    assert_asked(&r->files, MSG_FILE_OPEN);
    assert_int_equal(r->files.got.file_open.access, FILE_ACCESS_CREATE);
    answer(r, &made, fd);
    return own;
}

static void
test_an_upload(void **state)
{
    struct message done = result(FILE_STATUS_OK, "");
    struct scp_rig r;
    size_t len;
    int own;

    (void)state;
    begin_sink(&r);
    own = accept_upload(&r, "C0640 11 x\n");
    assert_int_equal(r.files.got.file_open.bytes, 11);
    say(&r, "hello ", 6);
    say(&r, "world\0", 6);
    assert_string_equal(text_of(own), "hello world");
    assert_asked(&r.files, MSG_FILE_COMMIT);
    assert_int_equal(r.files.got.file_commit.bytes, 11);
    peer_got(NULL);
    answer(&r, &done, -1);
    peer_got(&len);
    assert_int_equal(len, 1); /* a byte 0: it is there */
    assert_int_equal(peer_consumed(), 11 + 6 + 6);
    assert_goes_on(&r);
    scp_channel_data_end(r.c);
    work(&r);
    assert_finished(&r, 0);
    assert_not_asked(&r.files);
    close(own);
    end(&r);
}

/* Its bytes come before control has opened it: they wait, and are not told as
   used up, so the window bounds them. */
static void
test_bytes_wait_for_the_file(void **state)
{
    struct message none = result(FILE_STATUS_NOT_FOUND, ""),
                   made = result(FILE_STATUS_OK, "");
    struct scp_rig r;
    int fd = file_of(""), own = dup(fd);

    (void)state;
    begin_sink(&r);
    say(&r, "C0640 5 x\nhello", 15);
    assert_asked(&r.files, MSG_FILE_STAT);
    assert_int_equal(peer_consumed(), 0);
    answer(&r, &none, -1);
    assert_asked(&r.files, MSG_FILE_OPEN);
    assert_string_equal(text_of(own), "");
    answer(&r, &made, fd);
    assert_string_equal(text_of(own), "hello");
    assert_int_equal(peer_consumed(), 15);
    close(own);
    end(&r);
}

static void
test_an_upload_that_is_cut_short_leaves_nothing(void **state)
{
    struct scp_rig r;
    int own;

    (void)state;
    begin_sink(&r);
    own = accept_upload(&r, "C0640 11 x\n");
    say(&r, "hello", 5);
    scp_channel_data_end(r.c);
    work(&r);
    assert_asked(&r.files, MSG_FILE_ABANDON);
    assert_finished(&r, 1);
    close(own);
    end(&r);
}

static void
test_a_file_that_control_refuses_is_told(void **state)
{
    struct message none = result(FILE_STATUS_NOT_FOUND, ""),
                   full = result(FILE_STATUS_NO_SPACE, "No space left");
    struct scp_rig r;

    (void)state;
    begin_sink(&r);
    work(&r);
    assert_asked(&r.files, MSG_FILE_STAT);
    answer(&r, &none, -1);
    peer_got(NULL);
    say(&r, "C0640 5 x\n", 10);
    assert_asked(&r.files, MSG_FILE_OPEN);
    answer(&r, &full, -1);
    assert_non_null(strstr(peer_got(NULL), "No space left"));
    scp_channel_data_end(r.c);
    work(&r);
    assert_finished(&r, 1);
    end(&r);
}

static void
test_a_download(void **state)
{
    struct message there = result(FILE_STATUS_OK, "");
    struct scp_rig r;
    const char *got;

    (void)state;
    begin_source(&r);
    say(&r, "", 1); /* a byte 0: begin */
    assert_asked(&r.files, MSG_FILE_OPEN);
    assert_int_equal(r.files.got.file_open.access, FILE_ACCESS_READ);
    there.file_result.bytes = 11;
    there.file_result.mode = 0600;
    answer(&r, &there, file_of("hello world"));
    assert_string_equal(peer_got(NULL), "C0600 11 x\n");
    say(&r, "", 1);
    got = peer_got(NULL);
    assert_string_equal(got, "hello world");
    say(&r, "", 1);
    scp_channel_data_end(r.c);
    work(&r);
    assert_finished(&r, 0);
    assert_not_asked(&r.files);
    end(&r);
}

static void
test_a_download_goes_as_fast_as_it_is_taken(void **state)
{
    struct message there = result(FILE_STATUS_OK, "");
    struct scp_rig r;

    (void)state;
    begin_source(&r);
    say(&r, "", 1);
    assert_asked(&r.files, MSG_FILE_OPEN);
    there.file_result.bytes = 11;
    answer(&r, &there, file_of("hello world"));
    peer_got(NULL);
    peer_takes(4);
    say(&r, "", 1);
    assert_string_equal(peer_got(NULL), "hell");
    work(&r);
    assert_string_equal(peer_got(NULL), "");
    peer_takes(100);
    work(&r);
    assert_string_equal(peer_got(NULL), "o world");
    end(&r);
}

static void
test_a_file_that_became_shorter_ends_the_channel(void **state)
{
    struct message there = result(FILE_STATUS_OK, "");
    struct scp_rig r;

    (void)state;
    begin_source(&r);
    say(&r, "", 1);
    assert_asked(&r.files, MSG_FILE_OPEN);
    there.file_result.bytes = 20;
    answer(&r, &there, file_of("hello world"));
    peer_got(NULL);
    say(&r, "", 1);
    assert_finished(&r, 1);
    end(&r);
}

static void
test_a_refusal_is_all_that_is_said(void **state)
{
    struct scp_rig r;

    (void)state;
    begin(&r, (struct msg_serve_scp){
                  .sink = true,
                  .path = span_text("flash:/x"),
                  .refusal = span_text("Administratively disabled.")});
    work(&r);
    assert_string_equal(peer_got(NULL), "\001Administratively disabled.\n");
    assert_not_asked(&r.files);
    assert_finished(&r, 1);
    end(&r);
}

static void
test_silence_ends_it_but_not_controls(void **state)
{
    struct message none = result(FILE_STATUS_NOT_FOUND, "");
    struct scp_rig r;

    (void)state;
    begin_sink(&r);
    work(&r);
    assert_asked(&r.files, MSG_FILE_STAT);
    assert_true(scp_channel_deadline(r.c) == UINT64_MAX);
    r.now_ms += 10 * IDLE_S * 1000;
    work(&r);
    assert_goes_on(&r);
    answer(&r, &none, -1);
    assert_true(scp_channel_deadline(r.c) == r.now_ms + IDLE_S * 1000);
    r.now_ms += IDLE_S * 1000 - 1;
    work(&r);
    assert_goes_on(&r);
    r.now_ms += 1;
    work(&r);
    assert_finished(&r, 1);
    end(&r);
}

static void
test_an_answer_to_nothing_ends_the_worker(void **state)
{
    struct message m = result(FILE_STATUS_OK, "");
    struct scp_rig r;

    (void)state;
    begin_sink(&r);
    work(&r);
    assert_asked(&r.files, MSG_FILE_STAT);
    answer(&r, &m, -1);
    assert_false(r.files.up.failed);
    answer(&r, &m, -1);
    assert_true(r.files.up.failed);
    end(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_upload),
        cmocka_unit_test(test_bytes_wait_for_the_file),
        cmocka_unit_test(test_an_upload_that_is_cut_short_leaves_nothing),
        cmocka_unit_test(test_a_file_that_control_refuses_is_told),
        cmocka_unit_test(test_a_download),
        cmocka_unit_test(test_a_download_goes_as_fast_as_it_is_taken),
        cmocka_unit_test(test_a_file_that_became_shorter_ends_the_channel),
        cmocka_unit_test(test_a_refusal_is_all_that_is_said),
        cmocka_unit_test(test_silence_ends_it_but_not_controls),
        cmocka_unit_test(test_an_answer_to_nothing_ends_the_worker),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
