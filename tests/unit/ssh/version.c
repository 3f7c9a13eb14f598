#include "ssh/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static enum err
parse(const char *line, enum version_kind *kind)
{
    return version_parse(span_text(line), kind);
}

static void
test_what_versions_lines_announce(void **state)
{
    static const struct {
        const char *line;
        enum version_kind kind;
    } lines[] = {
        {"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", VERSION_2},
        {"SSH-1.99-Cisco-1.25", VERSION_BOTH},
        {"SSH-2.0--", VERSION_2},
        {"SSH-2.0-", VERSION_2},
        {"SSH-1.3-old", VERSION_OTHER},
        {"SSH-1.4-old", VERSION_OTHER},
        {"SSH-1.5-1.2.27", VERSION_1},
        {"SSH-1.2-older", VERSION_OTHER},
        {"SSH-1.6-x", VERSION_1},
        {"SSH-1.98-x", VERSION_1},
        {"SSH-2.1-x", VERSION_OTHER},
        {"SSH-3.0-x", VERSION_OTHER},
        {"SSH-999.999-x", VERSION_OTHER},
        {"SSH-0.0-x", VERSION_OTHER},
    };
    enum version_kind kind;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        assert_int_equal(parse(lines[i].line, &kind), OK);
        assert_int_equal(kind, lines[i].kind);
    }
}

static void
test_what_is_no_identification(void **state)
{
    static const char *const lines[] = {
        "",           "SSH",        "SSH-",         "SSH-2",
        "SSH-2.",     "SSH-2.0",    "SSH-2-x",      "SSH-.0-x",
        "SSH-2.x-y",  "ssh-2.0-x",  "SSH-+2.0-x",   "SSH- 2.0-x",
        "SSH--2.0-x", "SSH-2.0 -x", "SSH-1000.0-x", "SSH-2.0000-x",
    };
    enum version_kind kind = VERSION_OTHER;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(parse(lines[i], &kind), ERR_FORMAT);
    assert_int_equal(kind, VERSION_OTHER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_versions_lines_announce),
        cmocka_unit_test(test_what_is_no_identification),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
