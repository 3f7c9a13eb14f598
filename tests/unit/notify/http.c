/*
 * HTTP as RFC 9110 and RFC 9112 have it, from clients of any kind.
 */
#include "notify/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define LOCAL "Host: 127.0.0.1:9100\r\n"

/* Read it whole; whatever comes byte by byte must come to the same. */
static struct http_request
read_all(const char *text)
{
    struct http_request whole = {0}, again = {0};
    size_t len = strlen(text), n = 0;

    assert_true(http_read(span_of(text, len), &whole));
    while (!http_read(span_of(text, n), &again))
        n++;
    assert_true(n <= len);
    assert_int_equal(again.status, whole.status);
    assert_int_equal(again.head, whole.head);
    return whole;
}

static void
expect(const char *text, unsigned status)
{
    assert_int_equal(read_all(text).status, status);
}

static void
test_the_page_is_asked_for(void **state)
{
    (void)state;
    expect("GET /metrics HTTP/1.1\r\n" LOCAL "\r\n", 200);
    expect("GET /metrics?x=1&y HTTP/1.1\r\nhost:localhost\r\n\r\n", 200);
    expect("GET /metrics HTTP/1.1\r\nHOST:\t[::1]:9100 \r\nA: b\r\n\r\n", 200);
    expect("GET /metrics HTTP/1.0\r\n\r\n", 200);
    expect("GET HTTP://LocalHost:9100/metrics HTTP/1.1\r\nHost: x\r\n\r\n",
           200);
    expect("\r\n\nGET /metrics HTTP/1.1\n" LOCAL "\n", 200);
    assert_false(read_all("GET /metrics HTTP/1.0\r\n\r\n").head);
    assert_true(read_all("HEAD /metrics HTTP/1.0\r\n\r\n").head);
}

static void
test_what_else_is_asked_for_is_refused(void **state)
{
    (void)state;
    expect("GET / HTTP/1.0\r\n\r\n", 404);
    expect("GET /metrics/ HTTP/1.0\r\n\r\n", 404);
    expect("GET /%6detrics HTTP/1.0\r\n\r\n", 404);
    expect("GET http://127.0.0.1 HTTP/1.0\r\n\r\n", 404);
    expect("POST /metrics HTTP/1.1\r\n" LOCAL "Content-Length: 5\r\n\r\nhello",
           405);
    expect("get /metrics HTTP/1.0\r\n\r\n", 405);
    expect("OPTIONS * HTTP/1.0\r\n\r\n", 404);
    expect("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
}

static void
test_only_names_of_the_loopback_lead_here(void **state)
{
    (void)state;
    expect("GET /metrics HTTP/1.1\r\nHost: rebound.example:9100\r\n\r\n", 421);
    expect("GET /metrics HTTP/1.1\r\nHost: localhost.example\r\n\r\n", 421);
    expect("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:80:80\r\n\r\n", 421);
    expect("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1:\r\n\r\n", 421);
    expect("GET /metrics HTTP/1.1\r\nHost:\r\n\r\n", 421);
    expect("GET /metrics HTTP/1.1\r\nHost: ::1\r\n\r\n", 421);
    expect("GET http://x/metrics HTTP/1.1\r\n" LOCAL "\r\n", 421);
    expect("GET /metrics HTTP/1.1\r\n\r\n", 400);
    expect("GET /metrics HTTP/1.1\r\n" LOCAL LOCAL "\r\n", 400);
}

static void
test_what_is_no_request_is_bad(void **state)
{
    (void)state;
    expect("GET /metrics\r\n", 400);
    expect("GET  /metrics HTTP/1.1\r\n", 400);
    expect("GET /met\x01rics HTTP/1.1\r\n", 400);
    expect("GET /metrics HTTP/1.1 \r\n", 400);
    expect("GET /metrics http/1.1\r\n", 400);
    expect("GET /metrics HTTP/1.x\r\n", 400);
    expect("G@T /metrics HTTP/1.1\r\n", 400);
    expect("SSH-2.0-client\r\n", 400);
    expect("GET /metrics HTTP/1.0\r\nno field\r\n", 400);
    expect("GET /metrics HTTP/1.0\r\nA : b\r\n", 400);
    expect("GET /metrics HTTP/1.0\r\nA: b\r\n folded\r\n", 400);
    expect("GET /metrics HTTP/1.0\r\nA: b\rc\r\n", 400);
}

static void
test_too_long_is_refused_at_the_limit(void **state)
{
    char text[HTTP_REQUEST_MAX];
    struct http_request q;

    (void)state;
    memset(text, 'a', sizeof(text));
    assert_false(http_read(span_of(text, sizeof(text) - 1), &q));
    assert_true(http_read(span_of(text, sizeof(text)), &q));
    assert_int_equal(q.status, 431);
    memset(text, '\n', sizeof(text));
    assert_true(http_read(span_of(text, sizeof(text)), &q));
    assert_int_equal(q.status, 431);
    memset(text, '\0', sizeof(text));
    text[9] = '\n';
    assert_true(http_read(span_of(text, 10), &q));
    assert_int_equal(q.status, 400);
}

static void
expect_answer(unsigned status, bool head, const char *page,
              const char *expected)
{
    struct http_request q = {.status = status, .head = head};
    struct buf to;

    buf_init(&to, HTTP_HEAD_MAX + 100);
    http_answer(&to, &q, span_text(page));
    assert_string_equal(buf_text(&to), expected);
    buf_clear(&to);
}

#define ENDED "Connection: close\r\n\r\n"
#define GOOD                                                   \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain; "            \
    "version=0.0.4; charset=utf-8\r\nX-Content-Type-Options: " \
    "nosniff\r\nCache-Control: no-store\r\nContent-Length: 4\r\n" ENDED

static void
test_answers_end_the_connection(void **state)
{
    (void)state;
    expect_answer(200, false, "x 1\n", GOOD "x 1\n");
    expect_answer(200, true, "x 1\n", GOOD);
    expect_answer(405, false, "x 1\n",
                  "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, HEAD\r\n"
                  "Cache-Control: no-store\r\nContent-Length: 0\r\n" ENDED);
    expect_answer(200, false, "",
                  "HTTP/1.1 500 Internal Server Error\r\n"
                  "Cache-Control: no-store\r\nContent-Length: 0\r\n" ENDED);
    expect_answer(421, false, "",
                  "HTTP/1.1 421 Misdirected Request\r\n"
                  "Cache-Control: no-store\r\nContent-Length: 0\r\n" ENDED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_page_is_asked_for),
        cmocka_unit_test(test_what_else_is_asked_for_is_refused),
        cmocka_unit_test(test_only_names_of_the_loopback_lead_here),
        cmocka_unit_test(test_what_is_no_request_is_bad),
        cmocka_unit_test(test_too_long_is_refused_at_the_limit),
        cmocka_unit_test(test_answers_end_the_connection),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
