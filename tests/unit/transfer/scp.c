/*
 * Laws of both ends of scp's protocol. What an engine wants done is written
 * down, one word each, and answered as the test says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "transfer/scp.h"

#define TEXT_MAX 8192

struct stage {
    struct scp *engine;
    struct buf log, out; /* what it wanted; what it sent */
    const char *fails;   /* the action that cannot be done, and why */
    enum scp_kind target;
    const char *names;  /* of any directory, each followed by "|" */
    uint64_t bytes;     /* of any file */
    unsigned depth_max; /* directories below this are files */
};

static void
begin(struct stage *s, enum scp_role role, const char *path, const char *flags)
{
    struct scp_setup setup = {
        .role = role,
        .recursive = strchr(flags, 'r') != NULL,
        .times = strchr(flags, 'p') != NULL,
        .directory = strchr(flags, 'd') != NULL,
        .path = span_text(path),
    };

    *s = (struct stage){.fails = "", .names = "", .depth_max = 1};
    s->engine = scp_new(&setup);
    buf_init(&s->log, TEXT_MAX);
    buf_init(&s->out, TEXT_MAX);
}

static void
end(struct stage *s)
{
    scp_free(s->engine);
    buf_clear(&s->log);
    buf_clear(&s->out);
}

/* --- the owner ----------------------------------------------------------- */

static void
note_attributes(struct stage *s, const struct scp_attributes *a)
{
    if (a->has_mode)
        buf_printf(&s->log, " %o", a->mode);
    if (a->has_times)
        buf_printf(&s->log, " %" PRIu64 "/%" PRIu64, a->changed_s,
                   a->accessed_s);
}

static unsigned
depth_of(const char *path)
{
    unsigned depth = 0;

    for (; *path != '\0'; path++)
        depth += *path == '/';
    return depth;
}

static void
answer_open(struct stage *s, const struct scp_action *a)
{
    static const struct scp_attributes attributes = {
        .has_mode = true,
        .mode = 0640,
        .has_times = true,
        .accessed_s = 5,
        .changed_s = 4,
    };
    bool directory = s->names[0] != '\0' && depth_of(a->path) < s->depth_max;

    scp_opened(s->engine, directory ? SCP_DIRECTORY : SCP_FILE, s->bytes,
               &attributes);
}

/* One name at a time, the first of those that are behind the last. */
static void
answer_list(struct stage *s, const struct scp_action *a)
{
    const char *at = s->names;
    size_t len = strlen(a->after);

    if (len > 0) {
        at = strstr(s->names, a->after);
        at += len + 1;
    }
    if (*at == '\0') {
        scp_listed(s->engine, SPAN_EMPTY, false);
    } else {
        char name[256];

        len = strcspn(at, "|");
        memcpy(name, at, len);
        name[len] = '\0';
        scp_listed(s->engine, span_of(name, len + 1), true);
    }
}

static bool
fails(const struct stage *s, const char *what)
{
    return strncmp(s->fails, what, strlen(what)) == 0;
}

static const char *const names[] = {
    [SCP_STAT] = "stat",       [SCP_CREATE] = "create",
    [SCP_WRITE] = "write",     [SCP_COMMIT] = "commit",
    [SCP_ABANDON] = "abandon", [SCP_MAKE_DIRECTORY] = "make",
    [SCP_SET] = "set",         [SCP_OPEN] = "open",
    [SCP_READ] = "read",       [SCP_CLOSE] = "close",
    [SCP_LIST] = "list",       [SCP_END] = "end",
};

static void
carry_out(struct stage *s, const struct scp_action *a)
{
    const char *name = names[a->type];

    buf_printf(&s->log, "%s%s", buf_len(&s->log) > 0 ? "; " : "", name);
    if (a->type == SCP_WRITE)
        buf_printf(&s->log, " %.*s", (int)a->data.len, a->data.ptr);
    else if (a->type == SCP_END)
        buf_printf(&s->log, " %d", a->ok ? 0 : 1);
    else
        buf_printf(&s->log, " %s", a->path);
    note_attributes(s, &a->attributes);
    if (a->type == SCP_CREATE)
        buf_printf(&s->log, " %" PRIu64, a->bytes);
    if (fails(s, name)) {
        scp_failed(s->engine, "why");
        return;
    }
    switch (a->type) {
    case SCP_STAT:
        scp_found(s->engine, s->target);
        break;
    case SCP_OPEN:
        answer_open(s, a);
        break;
    case SCP_LIST:
        answer_list(s, a);
        break;
    case SCP_READ:
        /* In two pieces, behind everything else. */
        assert_int_equal(scp_output(s->engine).len, 0);
        buf_put(&s->out, "##########", (size_t)(a->bytes + 1) / 2);
        scp_sent(s->engine, (size_t)(a->bytes + 1) / 2);
        break;
    case SCP_MAKE_DIRECTORY:
        if (strstr(a->path, "old") != NULL)
            scp_found(s->engine, SCP_DIRECTORY);
        else if (strstr(a->path, "file") != NULL)
            scp_found(s->engine, SCP_FILE);
        else
            scp_done(s->engine);
        break;
    case SCP_CREATE:
    case SCP_COMMIT:
    case SCP_SET:
        scp_done(s->engine);
        break;
    default:
        break;
    }
}

static void
work(struct stage *s)
{
    struct scp_action action;
    bool more = true;

    while (more) {
        struct span out = scp_output(s->engine);

        buf_put_span(&s->out, out);
        scp_output_sent(s->engine, out.len);
        more = scp_next(s->engine, &action);
        if (more)
            carry_out(s, &action);
        else
            more = scp_output(s->engine).len > 0;
    }
}

/* In pieces of `size` bytes; what is not taken is given again. */
static void
feed(struct stage *s, struct span bytes, size_t size)
{
    unsigned idle = 0;

    work(s);
    while (bytes.len > 0 && idle < 3) {
        size_t len = bytes.len < size ? bytes.len : size;
        size_t used = scp_input(s->engine, span_of(bytes.ptr, len));

        idle = used == 0 ? idle + 1 : 0;
        bytes = span_of(bytes.ptr + used, bytes.len - used);
        work(s);
    }
    assert_int_equal(bytes.len, 0);
}

#define FEED(s, text) feed(s, span_of(text, sizeof(text) - 1), SIZE_MAX)

static void
finish(struct stage *s)
{
    scp_input_end(s->engine);
    work(s);
}

/* What it did since the last look. */
static void
expect(struct stage *s, const char *log)
{
    assert_string_equal(buf_text(&s->log), log);
    buf_reset(&s->log);
}

static void
expect_sent(struct stage *s, const char *bytes, size_t len)
{
    if (buf_len(&s->out) != len) fail_msg("%zu: %s", buf_len(&s->out), buf_text(&s->out));
    assert_memory_equal(buf_span(&s->out).ptr, bytes, len);
    buf_reset(&s->out);
}

#define SENT(s, text) expect_sent(s, text, sizeof(text) - 1)

/* --- the sink ------------------------------------------------------------ */

static void
test_a_file_comes(void **unused)
{
    (void)unused;
    for (size_t size = 1; size < 40; size++) {
        struct stage s;
        static const char sent[] = "C0644 5 x\n12345\0";

        begin(&s, SCP_SINK, "flash:x", "");
        feed(&s, span_of(sent, sizeof(sent) - 1), size);
        finish(&s);
        SENT(&s, "\0\0\0");
        if (size > 20)
            expect(&s, "stat flash:x; create flash:x 644 5; write 12345; "
                       "commit flash:x 644; end 0");
        end(&s);
    }
}

static void
test_times_and_modes_go_with_it(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "x", "p");
    FEED(&s, "T12 0 34 0\nC0777 0 x\n");
    FEED(&s, "\0");
    finish(&s);
    expect(&s, "stat x; create x 777 12/34 0; commit x 777 12/34; end 0");
    SENT(&s, "\0\0\0\0");
    end(&s);

    begin(&s, SCP_SINK, "x", "");
    FEED(&s, "C4777 0 x\n\0C0666 0 x\n\0");
    finish(&s);
    expect(&s, "stat x; create x 755 0; commit x 755; create x 644 0; "
               "commit x 644; end 0");
    end(&s);
}

static void
test_a_directory_gets_names(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "flash:", "");
    s.target = SCP_DIRECTORY;
    FEED(&s, "C0644 0 a\n\0C0644 0 flash:b\n\0");
    finish(&s);
    expect(&s, "stat flash:; create flash:/a 644 0; commit flash:/a 644; "
               "create flash:/b 644 0; commit flash:/b 644; end 0");
    end(&s);

    begin(&s, SCP_SINK, "flash:/d/", "d");
    s.target = SCP_DIRECTORY;
    FEED(&s, "C0644 0 a\n\0");
    finish(&s);
    expect(&s, "stat flash:/d/; create flash:/d/a 644 0; commit flash:/d/a "
               "644; end 0");
    end(&s);

    begin(&s, SCP_SINK, "x", "d");
    s.target = SCP_FILE;
    work(&s);
    expect(&s, "stat x; end 1");
    SENT(&s, "\1%Error opening x (Not a directory)\n");
    end(&s);
}

static void
test_a_tree_comes(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "f", "r");
    s.target = SCP_DIRECTORY;
    FEED(&s, "T7 0 8 0\nD0755 0 d\nC0600 1 x\nx\0D0700 0 old\nE\nE\n"
             "C0644 0 y\n\0");
    finish(&s);
    expect(&s, "stat f; make f/d 755 7/8; create f/d/x 600 1; write x; "
               "commit f/d/x 600; make f/d/old 700; set f/d 755 7/8; "
               "create f/y 644 0; commit f/y 644; end 0");
    SENT(&s, "\0\0\0\0\0\0\0\0\0\0");
    end(&s);

    /* What is not there yet becomes the directory itself. */
    begin(&s, SCP_SINK, "new", "r");
    FEED(&s, "D0755 0 d\nC0644 0 x\n\0E\n");
    finish(&s);
    expect(&s, "stat new; make new 755; create new/x 644 0; commit new/x 644; "
               "set new 755; end 0");
    end(&s);
}

static void
test_what_fails_is_told_and_the_next_file_comes(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "d", "");
    s.target = SCP_DIRECTORY;
    s.fails = "create";
    FEED(&s, "C0644 3 a\n");
    s.fails = "write";
    FEED(&s, "C0644 6 b\nabc");
    s.fails = "";
    FEED(&s, "def\0C0644 0 c\n\0");
    s.fails = "commit";
    FEED(&s, "C0644 0 e\n\0");
    s.fails = "";
    FEED(&s, "C0644 0 f\n\0");
    finish(&s);
    expect(&s, "stat d; create d/a 644 3; create d/b 644 6; write abc; "
               "abandon d/b; create d/c 644 0; commit d/c 644; "
               "create d/e 644 0; commit d/e 644; create d/f 644 0; "
               "commit d/f 644; end 1");
    SENT(&s, "\0\1%Error opening d/a (why)\n\0\1%Error writing d/b (why)\n"
             "\0\0\0\1%Error writing d/e (why)\n\0\0");
    end(&s);
}

static void
test_what_a_source_could_not_read_is_left_out(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "d", "");
    s.target = SCP_DIRECTORY;
    FEED(&s, "\1no such file\nC0644 2 b\nab\1it became shorter\n"
             "C0644 0 c\n\0");
    finish(&s);
    expect(&s, "stat d; create d/b 644 2; write ab; abandon d/b; "
               "create d/c 644 0; commit d/c 644; end 1");
    end(&s);

    begin(&s, SCP_SINK, "d", "");
    FEED(&s, "\2that is all\nC0644 0 c\n\0");
    expect(&s, "stat d; end 1");
    end(&s);
}

static void
test_directories_that_cannot_be(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "d", "r");
    s.target = SCP_DIRECTORY;
    FEED(&s, "D0755 0 file\nC0644 0 c\n\0");
    s.fails = "make";
    FEED(&s, "D0755 0 x\n");
    finish(&s);
    expect(&s, "stat d; make d/file 755; create d/c 644 0; commit d/c 644; "
               "make d/x 755; end 1");
    end(&s);

    /* As deep as can be, and one more. */
    begin(&s, SCP_SINK, "d", "r");
    s.target = SCP_DIRECTORY;
    for (unsigned i = 0; i < SCP_DEPTH_MAX; i++)
        FEED(&s, "D0755 0 x\n");
    buf_reset(&s.out);
    FEED(&s, "D0755 0 x\n");
    assert_int_equal(buf_span(&s.out).ptr[0], 1);
    end(&s);
}

static void
test_the_end_without_a_status_is_that_of_libssh2(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "x", "");
    FEED(&s, "C0644 2 x\nab");
    finish(&s);
    expect(&s, "stat x; create x 644 2; write ab; commit x 644; end 0");
    end(&s);
}

static void
test_hardening_9_5_an_early_end_leaves_nothing(void **unused)
{
    static const char *const pieces[] = {"C0644 2 x\na", "C0644 2 x\nab\1why",
                                         "C0644 2 x\n"};
    struct stage s;

    (void)unused;
    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        begin(&s, SCP_SINK, "x", "");
        feed(&s, span_text(pieces[i]), SIZE_MAX);
        finish(&s);
        assert_non_null(strstr(buf_text(&s.log), "; abandon x; end 1"));
        assert_null(strstr(buf_text(&s.log), "commit"));
        end(&s);
    }
    begin(&s, SCP_SINK, "x", "");
    FEED(&s, "C0644 2");
    finish(&s);
    expect(&s, "stat x; end 1");
    end(&s);
    begin(&s, SCP_SINK, "x", "r");
    FEED(&s, "D0755 0 d\n");
    finish(&s);
    expect(&s, "stat x; make x 755; end 1");
    end(&s);
}

static void
test_hardening_9_5_records_that_are_none(void **unused)
{
    static const struct {
        const char *record, *told;
    } bad[] = {
        {"C0644 -1 x\n", "size out of range"},
        {"C0644 99999999999999999999 x\n", "size out of range"},
        {"C0644 9223372036854775808 x\n", "size out of range"},
        {"C0644 1a x\n", "size out of range"},
        {"C0644  x\n", "size out of range"},
        {"C0644 1\n", "size out of range"},
        {"C06448888 1 x\n", "bad mode"},
        {"C0698 1 x\n", "bad mode"},
        {"C 1 x\n", "bad mode"},
        {"Crwx 1 x\n", "bad mode"},
        {"C0644 1 \n", "unexpected filename"},
        {"C0644 1 a/b\n", "unexpected filename"},
        {"C0644 1 /\n", "unexpected filename"},
        {"C0644 1 ..\n", "unexpected filename"},
        {"C0644 1 .\n", "unexpected filename"},
        {"C0644 1 flash:..\n", "unexpected filename"},
        {"C0644 1 flash:a/b\n", "unexpected filename"},
        {"T1 0 1\n", "times not delimited"},
        {"T-1 0 1 0\n", "times not delimited"},
        {"T99999999999999999999 0 1 0\n", "times not delimited"},
        {"T1 9999999 1 0\n", "times not delimited"},
        {"T1 0 1 0 \n", "times not delimited"},
        {"E\n", "unexpected end of directory"},
        {"X\n", "expected control record"},
        {"\n", "expected control record"},
        {"D0755 0 x\n", "received directory without -r"},
        {"scp: usage\n", "expected control record"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct stage s;
        char told[256];

        begin(&s, SCP_SINK, "d", "");
        s.target = SCP_DIRECTORY;
        feed(&s, span_text(bad[i].record), SIZE_MAX);
        finish(&s);
        expect(&s, "stat d; end 1");
        snprintf(told, sizeof(told), "\1scp: protocol error: %s\n",
                 bad[i].told);
        if (strcmp(buf_text(&s.out) + 1, told) != 0)
            fail_msg("%s: %s", bad[i].record, buf_text(&s.out) + 1);
        end(&s);
    }
}

static void
test_hardening_9_5_a_line_without_end(void **unused)
{
    struct stage s;
    char line[3 * SCP_LINE_MAX];

    (void)unused;
    memset(line, 'C', sizeof(line));
    for (size_t size = 100; size < sizeof(line); size += 1000) {
        begin(&s, SCP_SINK, "d", "");
        feed(&s, span_of(line, sizeof(line)), size);
        expect(&s, "stat d; end 1");
        SENT(&s, "\0\1scp: protocol error: line too long\n");
        end(&s);
    }
    /* A name that fits a line, and no path. */
    begin(&s, SCP_SINK, "d", "");
    s.target = SCP_DIRECTORY;
    memset(line, 'n', sizeof(line));
    memcpy(line, "C0644 1 ", 8);
    line[1500] = '\n';
    feed(&s, span_of(line, 1501), SIZE_MAX);
    finish(&s);
    expect(&s, "stat d; end 1");
    end(&s);
}

static void
test_a_zero_byte_is_in_no_name(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "d", "");
    s.target = SCP_DIRECTORY;
    FEED(&s, "C0644 1 a\0b\n");
    expect(&s, "stat d; end 1");
    end(&s);
}

static void
test_a_refusal_is_one_line(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SINK, "", "");
    scp_free(s.engine);
    s.engine = scp_new_refusal("Privilege denied.");
    FEED(&s, "whatever comes");
    expect(&s, "end 1");
    SENT(&s, "\1Privilege denied.\n");
    end(&s);
}

/* --- the source ---------------------------------------------------------- */

static void
test_a_file_goes(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SOURCE, "flash:/d/x", "");
    s.bytes = 4;
    FEED(&s, "\0");
    SENT(&s, "C0640 4 x\n");
    FEED(&s, "\0");
    SENT(&s, "####\0");
    FEED(&s, "\0");
    expect(&s, "open flash:/d/x; read flash:/d/x; read flash:/d/x; "
               "read flash:/d/x; close flash:/d/x; end 0");
    end(&s);

    begin(&s, SCP_SOURCE, "x", "p");
    FEED(&s, "\0");
    SENT(&s, "T4 0 5 0\n");
    FEED(&s, "\0");
    SENT(&s, "C0640 0 x\n");
    FEED(&s, "\0");
    SENT(&s, "\0");
    FEED(&s, "\0");
    expect(&s, "open x; close x; end 0");
    end(&s);
}

/* OpenSSH compares the name with what it asked for. */
static void
test_the_name_is_what_was_asked_for(void **unused)
{
    static const struct {
        const char *path, *flags, *sent;
    } forms[] = {
        {"flash:x", "", "C0640 0 flash:x\n"},
        {"flash:/x", "", "C0640 0 x\n"},
        {"flash:/d/x", "", "C0640 0 x\n"},
        {"x", "", "C0640 0 x\n"},
        {"flash:x", "r", "C0640 0 x\n"},
        {"running-config", "", "C0640 0 running-config\n"},
    };

    (void)unused;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct stage s;

        begin(&s, SCP_SOURCE, forms[i].path, forms[i].flags);
        FEED(&s, "\0");
        assert_string_equal(buf_text(&s.out), forms[i].sent);
        end(&s);
    }
}

static void
test_a_tree_goes(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SOURCE, "flash:", "r");
    s.names = "a|b|";
    s.depth_max = 1;
    FEED(&s, "\0\0\0\0\0\0\0");
    finish(&s);
    SENT(&s, "D0640 0 flash\nC0640 0 a\n\0C0640 0 b\n\0E\n");
    expect(&s, "open flash:; list flash:; open flash:/a; close flash:/a; "
               "list flash:; open flash:/b; close flash:/b; list flash:; "
               "end 0");
    end(&s);

    /* Directories in directories, and back behind each. */
    begin(&s, SCP_SOURCE, "t", "r");
    s.names = "a|b|";
    s.depth_max = 2;
    for (unsigned i = 0; i < 40; i++)
        if (scp_input(s.engine, span_of("\0", 1)) == 1)
            work(&s);
    SENT(&s, "D0640 0 t\nD0640 0 a\nC0640 0 a\n\0C0640 0 b\n\0E\n"
             "D0640 0 b\nC0640 0 a\n\0C0640 0 b\n\0E\nE\n");
    end(&s);
}

static void
test_a_sink_may_leave_out_what_it_does_not_want(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SOURCE, "t", "r");
    s.names = "a|b|";
    s.bytes = 1;
    FEED(&s, "\0\0\1no room\n\0\0\0");
    finish(&s);
    SENT(&s, "D0640 0 t\nC0640 1 a\nC0640 1 b\n#\0E\n");
    assert_non_null(strstr(buf_text(&s.log), "end 1"));
    end(&s);

    begin(&s, SCP_SOURCE, "t", "r");
    s.names = "a|b|";
    FEED(&s, "\0\1not such a directory\n");
    SENT(&s, "D0640 0 t\n");
    expect(&s, "open t; end 1");
    end(&s);

    begin(&s, SCP_SOURCE, "t", "");
    FEED(&s, "\0\2that is all\n");
    expect(&s, "open t; close t; end 1");
    end(&s);
}

static void
test_what_cannot_be_opened_is_told(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SOURCE, "flash:x\x1b", "");
    s.fails = "open";
    FEED(&s, "\0");
    SENT(&s, "\1%Error opening flash:x\\x1b (why)\n");
    expect(&s, "open flash:x\x1b; end 1");
    end(&s);

    begin(&s, SCP_SOURCE, "d", "");
    s.names = "a|";
    FEED(&s, "\0");
    SENT(&s, "\1%Error opening d (Is a directory)\n");
    end(&s);

    begin(&s, SCP_SOURCE, "d", "r");
    s.names = "a|";
    s.fails = "list";
    FEED(&s, "\0\0");
    SENT(&s, "D0640 0 d\n\1%Error opening d (why)\nE\n");
    end(&s);
}

static void
test_a_file_that_becomes_shorter_ends_all(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SOURCE, "x", "");
    s.bytes = 3;
    s.fails = "read";
    FEED(&s, "\0\0");
    SENT(&s, "C0640 3 x\n");
    expect(&s, "open x; read x; close x; end 1");
    end(&s);
}

static void
test_a_sink_that_does_not_keep_to_it(void **unused)
{
    struct stage s;

    (void)unused;
    begin(&s, SCP_SOURCE, "x", "");
    FEED(&s, "hello");
    expect(&s, "end 1");
    SENT(&s, "\1scp: protocol error: expected status\n");
    end(&s);

    begin(&s, SCP_SOURCE, "x", "");
    FEED(&s, "\0");
    finish(&s);
    expect(&s, "open x; close x; end 1");
    end(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_file_comes),
        cmocka_unit_test(test_times_and_modes_go_with_it),
        cmocka_unit_test(test_a_directory_gets_names),
        cmocka_unit_test(test_a_tree_comes),
        cmocka_unit_test(test_what_fails_is_told_and_the_next_file_comes),
        cmocka_unit_test(test_what_a_source_could_not_read_is_left_out),
        cmocka_unit_test(test_directories_that_cannot_be),
        cmocka_unit_test(test_the_end_without_a_status_is_that_of_libssh2),
        cmocka_unit_test(test_hardening_9_5_an_early_end_leaves_nothing),
        cmocka_unit_test(test_hardening_9_5_records_that_are_none),
        cmocka_unit_test(test_hardening_9_5_a_line_without_end),
        cmocka_unit_test(test_a_zero_byte_is_in_no_name),
        cmocka_unit_test(test_a_refusal_is_one_line),
        cmocka_unit_test(test_a_file_goes),
        cmocka_unit_test(test_the_name_is_what_was_asked_for),
        cmocka_unit_test(test_a_tree_goes),
        cmocka_unit_test(test_a_sink_may_leave_out_what_it_does_not_want),
        cmocka_unit_test(test_what_cannot_be_opened_is_told),
        cmocka_unit_test(test_a_file_that_becomes_shorter_ends_all),
        cmocka_unit_test(test_a_sink_that_does_not_keep_to_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
