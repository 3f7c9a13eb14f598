#include "vtyssh/agent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/reader.h"

/* An agent whose answer is there before it was asked. */
struct fake {
    struct agent agent;
    int far, silent[2]; /* a pipe that brings no signal */
};

static void
start(struct fake *f, struct span answer)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    assert_int_equal(pipe(f->silent), 0);
    f->agent = (struct agent){.fd = ends[0], .signals_fd = f->silent[0]};
    f->far = ends[1];
    if (answer.len > 0)
        assert_int_equal(write(f->far, answer.ptr, answer.len), answer.len);
}

static void
stop(struct fake *f)
{
    agent_close(&f->agent);
    close(f->far);
    close(f->silent[0]);
    close(f->silent[1]);
}

static enum err
ask_keys(struct span sent, struct buf *answer, uint32_t *count)
{
    struct fake f;
    enum err err;

    start(&f, sent);
    /* What is missing never comes. */
    shutdown(f.far, SHUT_WR);
    err = agent_keys(&f.agent, answer, count);
    stop(&f);
    return err;
}

static void
test_keys(void **state)
{
    struct buf sent, answer;
    struct reader r;
    uint32_t count;

    (void)state;
    buf_init(&sent, 1000);
    buf_init(&answer, AGENT_ANSWER_MAX);
    buf_put_u32(&sent, 5 + 4 + 3 + 4 + 7);
    buf_put_u8(&sent, 12);
    buf_put_u32(&sent, 1);
    buf_put_text(&sent, "key");
    buf_put_text(&sent, "comment");
    assert_int_equal(ask_keys(buf_span(&sent), &answer, &count), OK);
    assert_int_equal(count, 1);
    r = reader_over(buf_span(&answer));
    assert_true(span_is(read_string(&r), "key"));
    assert_true(span_is(read_string(&r), "comment"));
    assert_true(read_done(&r));
    buf_clear(&sent);
    buf_clear(&answer);
}

static void
test_answers_that_are_none(void **state)
{
    static const struct {
        struct span sent;
        enum err err;
    } cases[] = {
        {{(const uint8_t *)"", 0}, ERR_NOT_FOUND},
        {{(const uint8_t *)"\0\0\0", 3}, ERR_NOT_FOUND},
        {{(const uint8_t *)"\0\0\0\0", 4}, ERR_FORMAT},
        {{(const uint8_t *)"\xff\xff\xff\xff", 4}, ERR_FORMAT},
        {{(const uint8_t *)"\0\4\0\1", 4}, ERR_FORMAT},
        {{(const uint8_t *)"\0\0\0\5\14", 5}, ERR_NOT_FOUND},
        {{(const uint8_t *)"\0\0\0\1\5", 5}, ERR_FORMAT},
        {{(const uint8_t *)"\0\0\0\1\14", 5}, ERR_FORMAT},
        {{(const uint8_t *)"\0\0\0\5\14\xff\xff\xff\xff", 9}, ERR_FORMAT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct buf answer;
        uint32_t count;

        buf_init(&answer, AGENT_ANSWER_MAX);
        assert_int_equal(ask_keys(cases[i].sent, &answer, &count),
                         cases[i].err);
        buf_clear(&answer);
    }
}

static void
test_a_signature(void **state)
{
    static const uint8_t expected[] = "\0\0\0\x14\15\0\0\0\3key\0\0\0\4data"
                                      "\0\0\0\4";
    struct buf sent, signature;
    uint8_t request[64];
    struct fake f;

    (void)state;
    buf_init(&sent, 1000);
    buf_init(&signature, 100);
    buf_put_u32(&sent, 1 + 4 + 6);
    buf_put_u8(&sent, 14);
    buf_put_text(&sent, "signed");
    start(&f, buf_span(&sent));
    assert_int_equal(agent_sign(&f.agent, span_text("key"), span_text("data"),
                                "rsa-sha2-512", &signature),
                     OK);
    assert_true(span_is(buf_span(&signature), "signed"));
    assert_int_equal(read(f.far, request, sizeof(request)),
                     sizeof(expected) - 1);
    assert_memory_equal(request, expected, sizeof(expected) - 1);
    stop(&f);
    buf_clear(&sent);
    buf_clear(&signature);
}

static void
test_no_signature(void **state)
{
    static const struct {
        struct span sent;
        enum err err;
    } cases[] = {
        {{(const uint8_t *)"\0\0\0\1\5", 5}, ERR_REFUSED},
        {{(const uint8_t *)"\0\0\0\1\16", 5}, ERR_FORMAT},
        {{(const uint8_t *)"\0\0\0\6\16\0\0\0\0x", 10}, ERR_FORMAT},
        {{(const uint8_t *)"\0\0\0\1\14", 5}, ERR_FORMAT},
    };
    struct buf signature;

    (void)state;
    buf_init(&signature, 100);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fake f;

        start(&f, cases[i].sent);
        assert_int_equal(agent_sign(&f.agent, span_text("k"), span_text("d"),
                                    "ssh-ed25519", &signature),
                         cases[i].err);
        assert_int_equal(buf_len(&signature), 0);
        stop(&f);
    }
    buf_clear(&signature);
}

static void
test_without_an_agent(void **state)
{
    struct agent agent;
    struct buf answer;
    uint32_t count;

    (void)state;
    buf_init(&answer, 100);
    agent_open(&agent, NULL, -1);
    assert_int_equal(agent.fd, -1);
    agent_open(&agent, "/nonexistent/agent", -1);
    assert_int_equal(agent.fd, -1);
    assert_int_equal(agent_keys(&agent, &answer, &count), ERR_NOT_FOUND);
    buf_clear(&answer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_answers_that_are_none),
        cmocka_unit_test(test_a_signature),
        cmocka_unit_test(test_no_signature),
        cmocka_unit_test(test_without_an_agent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
