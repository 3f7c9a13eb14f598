/*
 * A connection that is debugged. The core, control, the pipe to it and time
 * are played by the test: what control gets is text, as it would show it.
 */
#ifndef TESTS_WORKER_TRACE_RIG_H
#define TESTS_WORKER_TRACE_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "worker/trace.h"

/* As trace.c has them. */
#define LINES_BURST 1000
#define LINES_A_S   200
#define WAITING_MAX (16 * 1024)
#define LEFT_OUT_MS 1000
#define LINE_BYTES  384
#define SHOWN_MAX   256

#define DEBUG_ALL ((DEBUG_SNMP << 1) - 1)
#define BEGUN_MS  1000000

struct trace_rig {
    struct trace trace;
    struct uplink up;
    char conn; /* its address stands for the connection's */
    unsigned version;
    uint64_t now_ms;
    size_t queued;     /* bytes that control did not take yet */
    ssh_trace_fn tell; /* who listens to the core */
    unsigned messages, lines;
    size_t bytes; /* of lines, in the message that came last */
    struct buf said;
};
extern struct trace_rig play;

/* For cmocka: debugged as DEBUG_SSH, version 2. */
int begin(void **state);
int end(void **state);
/* Another connection, debugged so; nothing of it was told yet. */
void start(unsigned kinds, unsigned version);

/* The core's work, which tells nobody if nobody listens. */
void fact(const struct ssh_trace *f);
#define FACT(type_, ...) \
    fact(&(struct ssh_trace){.type = (type_), ##__VA_ARGS__})
/* The end of a turn. */
void turn(void);

/* Compare what control got, and forget it. */
#define assert_said(text)                                \
    do {                                                 \
        assert_string_equal(buf_text(&play.said), text); \
        buf_reset(&play.said);                           \
        play.messages = play.lines = 0;                  \
    } while (0)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LAW(test)    cmocka_unit_test_setup_teardown(test, begin, end)

#endif
