#include "fates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum fate {
    FATE_END,    /* DISCONNECT, protocol error */
    FATE_SILENT, /* the end without a word: it said goodbye */
    FATE_U,      /* UNIMPLEMENTED */
    FATE_QUIET,  /* taken, no answer */
    FATE_OTHER,  /* an answer of its own; other tests look at it */
};

static bool
is_in(uint8_t number, const char *list)
{
    for (const char *p = list; *p != '\0';) {
        char *end;
        unsigned long from = strtoul(p, &end, 10);
        unsigned long to = *end == '-' ? strtoul(end + 1, &end, 10) : from;

        if (number >= from && number <= to)
            return true;
        p = *end == ',' ? end + 1 : end;
    }
    return false;
}

static bool
is_closed(const struct fixture *f)
{
    return f->owner.conn != NULL ? f->owner.closed : f->user.closed;
}

static enum fate
expected_fate(const struct fates *fates, uint8_t number)
{
    if (number == SSH2_MSG_DISCONNECT)
        return FATE_SILENT;
    if (is_in(number, fates->quiet))
        return FATE_QUIET;
    if (is_in(number, fates->unimplemented))
        return FATE_U;
    return is_in(number, fates->other) ? FATE_OTHER : FATE_END;
}

static enum fate
observed_fate(struct fixture *f)
{
    int message = raw_next(&f->raw);
    uint32_t seq = f->raw.tx.seq - 1;
    struct reader r;

    if (message == RAW_NOTHING)
        return is_closed(f) ? FATE_SILENT : FATE_QUIET;
    r = raw_fields(&f->raw);
    if (message == SSH2_MSG_UNIMPLEMENTED) {
        assert_int_equal(read_u32(&r), seq);
        return FATE_U;
    }
    if (message != SSH2_MSG_DISCONNECT)
        return FATE_OTHER;
    assert_int_equal(read_u32(&r), SSH_REASON_PROTOCOL_ERROR);
    assert_int_equal(raw_next(&f->raw), RAW_NOTHING);
    return FATE_END;
}

void
fates_expect(const struct fates *fates, void (*begin)(struct fixture *f))
{
    struct fixture f;

    for (unsigned number = 0; number < 256; number++) {
        enum fate expected = expected_fate(fates, (uint8_t)number);
        enum fate observed;

        begin(&f);
        fates->reach(&f);
        send_sample(&f.raw, (uint8_t)number);
        observed = observed_fate(&f);
        if (expected != FATE_OTHER && observed != expected)
            fail_msg("%s, message %u: %d instead of %d", fates->state, number,
                     observed, expected);
        fixture_clear(&f);
    }
}
