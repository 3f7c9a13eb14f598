/* Laws of the messages between processes: every type in the list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ipc/messages.h"
#include "ipc/pipe.h"

#define ROUNDS   40 /* random messages of each type */
#define SPAN_MAX 50

/* splitmix64: the same messages in every run. */
struct source {
    uint64_t state;
    uint8_t pool[4096]; /* what spans point to; no NUL in it */
    size_t used;
};

static uint64_t
next_number(struct source *s)
{
    uint64_t z = s->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static struct span
random_span(struct source *s, bool text)
{
    size_t len = next_number(s) % (SPAN_MAX + 1);
    uint8_t *at = s->pool + s->used;

    if (len == 0)
        return SPAN_EMPTY;
    assert_true(s->used + len <= sizeof(s->pool));
    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)next_number(s);
        if (text && at[i] == 0)
            at[i] = 'x';
    }
    s->used += len;
    return span_of(at, len);
}

static bool
random_flag(struct source *s)
{
    return next_number(s) & 1;
}

static uint8_t
random_u8(struct source *s)
{
    return (uint8_t)next_number(s);
}

static uint32_t
random_u32(struct source *s)
{
    return (uint32_t)next_number(s);
}

static uint64_t
random_u64(struct source *s)
{
    return next_number(s);
}

static struct span
random_text(struct source *s)
{
    return random_span(s, true);
}

static struct span
random_bytes(struct source *s)
{
    return random_span(s, false);
}

static struct span
random_secret(struct source *s)
{
    return random_span(s, false);
}

static bool
same_number(uint64_t a, uint64_t b)
{
    return a == b;
}

#define same_flag   same_number
#define same_u8     same_number
#define same_u32    same_number
#define same_u64    same_number
#define same_text   span_equal
#define same_bytes  span_equal
#define same_secret span_equal

#define RANDOM_FIELD(kind, name) m->name = random_##kind(s);
#define SAME_FIELD(kind, name)   &&same_##kind(a->name, b->name)

#define MESSAGE_TOOLS(NAME, name, LIST)                             \
    static void fill_##name(struct source *s, struct msg_##name *m) \
    {                                                               \
        LIST(RANDOM_FIELD)                                          \
    }                                                               \
    static bool same_##name(const struct msg_##name *a,             \
                            const struct msg_##name *b)             \
    {                                                               \
        return true LIST(SAME_FIELD);                               \
    }

MESSAGES(MESSAGE_TOOLS)

#define FILL_CASE(NAME, name, LIST) \
    case MSG_##NAME:                \
        fill_##name(s, &m->name);   \
        break;
#define SAME_CASE(NAME, name, LIST) \
    case MSG_##NAME:                \
        return same_##name(&a->name, &b->name);

static void
fill(struct source *s, enum message_type type, struct message *m)
{
    s->used = 0;
    m->type = type;
    switch (type) {
        MESSAGES(FILL_CASE)
    case MSG_NONE:
    case MSG_COUNT:
        break;
    }
}

static bool
same(const struct message *a, const struct message *b)
{
    if (a->type != b->type)
        return false;
    switch (a->type) {
        MESSAGES(SAME_CASE)
    case MSG_NONE:
    case MSG_COUNT:
        break;
    }
    return false;
}

typedef void (*law_fn)(const struct message *m, const struct buf *encoded);

/* Holds `law` against many random messages of every type. */
static void
for_many_messages(law_fn law)
{
    struct source source = {.state = 2024};

    for (int type = MSG_NONE + 1; type < MSG_COUNT; type++)
        for (int round = 0; round < ROUNDS; round++) {
            struct message m;
            struct buf encoded;

            fill(&source, (enum message_type)type, &m);
            buf_init(&encoded, PIPE_MESSAGE_MAX);
            message_encode(&encoded, &m);
            assert_true(buf_ok(&encoded));
            law(&m, &encoded);
            buf_clear(&encoded);
        }
}

static void
decodes_equal(const struct message *m, const struct buf *encoded)
{
    struct message back;

    assert_int_equal(message_decode(buf_span(encoded), &back), OK);
    assert_true(same(m, &back));
}

static void
test_every_message_decodes_to_what_was_encoded(void **state)
{
    (void)state;
    for_many_messages(decodes_equal);
}

static void
truncations_are_refused(const struct message *m, const struct buf *encoded)
{
    struct span whole = buf_span(encoded);
    struct message back;

    (void)m;
    for (size_t len = 0; len < whole.len; len++)
        assert_int_equal(message_decode(span_of(whole.ptr, len), &back),
                         ERR_FORMAT);
}

static void
test_every_truncation_is_refused(void **state)
{
    (void)state;
    for_many_messages(truncations_are_refused);
}

static void
trailing_byte_is_refused(const struct message *m, const struct buf *encoded)
{
    struct message back;
    struct buf longer;

    (void)m;
    buf_init(&longer, PIPE_MESSAGE_MAX);
    buf_put_span(&longer, buf_span(encoded));
    buf_put_u8(&longer, 0);
    assert_int_equal(message_decode(buf_span(&longer), &back), ERR_FORMAT);
    buf_clear(&longer);
}

static void
test_a_trailing_byte_is_refused(void **state)
{
    (void)state;
    for_many_messages(trailing_byte_is_refused);
}

static void
test_unknown_types_are_refused(void **state)
{
    struct message m;

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        uint8_t byte = (uint8_t)type;

        if (type > MSG_NONE && type < MSG_COUNT)
            continue;
        assert_int_equal(message_decode(span_of(&byte, 1), &m), ERR_FORMAT);
    }
}

static void
test_text_with_nul_is_refused_at_both_ends(void **state)
{
    struct message m = {.type = MSG_PROMPT};
    struct buf b;

    (void)state;
    m.prompt.prompt = span_of("R\0#", 3);
    buf_init(&b, PIPE_MESSAGE_MAX);
    message_encode(&b, &m);
    assert_false(buf_ok(&b));
    buf_clear(&b);

    buf_put_u8(&b, MSG_PROMPT);
    buf_put_u32(&b, 1);
    buf_put_string(&b, span_of("R\0#", 3));
    assert_int_equal(message_decode(buf_span(&b), &m), ERR_FORMAT);
    buf_clear(&b);
}

static void
test_a_flag_is_zero_or_one(void **state)
{
    struct message m;
    struct buf b;

    (void)state;
    buf_init(&b, PIPE_MESSAGE_MAX);
    buf_put_u8(&b, MSG_VERDICT);
    buf_put_u64(&b, 7);
    buf_put_u8(&b, 2);
    assert_int_equal(message_decode(buf_span(&b), &m), ERR_FORMAT);
    buf_clear(&b);
}

static void
test_a_type_that_is_none_is_not_encoded(void **state)
{
    struct message m = {.type = MSG_NONE};
    struct buf b;

    (void)state;
    buf_init(&b, PIPE_MESSAGE_MAX);
    message_encode(&b, &m);
    assert_false(buf_ok(&b));
    buf_clear(&b);
}

static void
test_a_message_beyond_the_maximum_is_not_encoded(void **state)
{
    static const uint8_t large[PIPE_MESSAGE_MAX];
    struct message m = {.type = MSG_OUTPUT};
    struct buf b;

    (void)state;
    m.output.text = span_of(large, sizeof(large));
    buf_init(&b, PIPE_MESSAGE_MAX);
    message_encode(&b, &m);
    assert_false(buf_ok(&b));
    buf_clear(&b);
}

static void
test_names_are_those_of_the_list(void **state)
{
    (void)state;
    assert_string_equal(message_name(MSG_AUTH_TRY), "AUTH_TRY");
    assert_string_equal(message_name(MSG_NONE), "?");
    assert_string_equal(message_name(MSG_COUNT), "?");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message_decodes_to_what_was_encoded),
        cmocka_unit_test(test_every_truncation_is_refused),
        cmocka_unit_test(test_a_trailing_byte_is_refused),
        cmocka_unit_test(test_unknown_types_are_refused),
        cmocka_unit_test(test_text_with_nul_is_refused_at_both_ends),
        cmocka_unit_test(test_a_flag_is_zero_or_one),
        cmocka_unit_test(test_a_type_that_is_none_is_not_encoded),
        cmocka_unit_test(test_a_message_beyond_the_maximum_is_not_encoded),
        cmocka_unit_test(test_names_are_those_of_the_list),
    };

    return cmocka_run_group_tests_name("ipc/messages", tests, NULL, NULL);
}
