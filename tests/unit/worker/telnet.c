/* Laws of telnet: what is asked, what is agreed to, what passes unchanged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "worker/telnet.h"

#define IAC  "\377"
#define DONT "\376"
#define DO   "\375"
#define WONT "\374"
#define WILL "\373"
#define SB   "\372"
#define SE   "\360"
#define BRK  "\363"

#define BINARY "\0"
#define ECHO   "\1"
#define SGA    "\3"
#define PORT   "\54"

/* RFC 2217: of 9600 bits a second, 8 data bits, none, 1 stop bit, no flow. */
#define PORT_SUB(bytes) IAC SB PORT bytes IAC SE
#define SETTINGS                                                         \
    PORT_SUB("\1\0\0\x25\x80")                                           \
    PORT_SUB("\2\10")                                                    \
    PORT_SUB("\3\1") PORT_SUB("\4\1") PORT_SUB("\5\1") PORT_SUB("\12\0") \
        PORT_SUB("\13\0")

static const struct tty_settings settings = {
    .speed = 9600, .databits = 8, .stopbits = TTY_STOPBITS_1};

struct play {
    struct telnet *telnet;
    struct buf data, out;
};

static int
begin(void **state)
{
    static struct play play;

    play.telnet = telnet_new(&settings);
    buf_init(&play.data, 1 << 20);
    buf_init(&play.out, 1 << 20);
    *state = &play;
    return 0;
}

static int
end(void **state)
{
    struct play *p = *state;

    telnet_free(p->telnet);
    buf_clear(&p->data);
    buf_clear(&p->out);
    return 0;
}

static void
check(struct buf *b, const char *bytes, size_t len)
{
    assert_int_equal(buf_len(b), len);
    if (len > 0)
        assert_memory_equal(buf_span(b).ptr, bytes, len);
    buf_reset(b);
}

#define SAYS(p, text)   check(&(p)->out, text, sizeof(text) - 1)
#define PASSES(p, text) check(&(p)->data, text, sizeof(text) - 1)
#define COMES(p, text)                                                     \
    telnet_input((p)->telnet, span_of(text, sizeof(text) - 1), &(p)->data, \
                 &(p)->out)
#define TYPES(p, text) \
    telnet_output((p)->telnet, span_of(text, sizeof(text) - 1), &(p)->out)

static void
begins(struct play *p)
{
    telnet_begin(p->telnet, &p->out);
    SAYS(p,
         IAC WILL PORT IAC WILL BINARY IAC DO BINARY IAC WILL SGA IAC DO SGA);
}

static void
test_what_was_asked_is_not_agreed_to_again(void **state)
{
    struct play *p = *state;

    begins(p);
    COMES(p, IAC DO BINARY IAC WILL BINARY IAC DO SGA IAC WILL SGA);
    SAYS(p, "");
    COMES(p, IAC DO BINARY IAC WILL BINARY);
    SAYS(p, "");
    PASSES(p, "");
}

static void
test_settings_are_told_when_the_peer_has_a_port(void **state)
{
    struct play *p = *state;
    struct tty_settings other = {.speed = 255,
                                 .databits = 7,
                                 .parity = TTY_PARITY_SPACE,
                                 .stopbits = 4,
                                 .flow = TTY_FLOW_HARDWARE};

    begins(p);
    telnet_set(p->telnet, &settings, &p->out);
    SAYS(p, "");
    COMES(p, IAC DO PORT);
    SAYS(p, SETTINGS);
    telnet_set(p->telnet, &other, &p->out);
    SAYS(p, PORT_SUB("\1\0\0\0\377\377") PORT_SUB("\2\7") PORT_SUB("\3\5")
                PORT_SUB("\4\2") PORT_SUB("\5\3") PORT_SUB("\12\0")
                    PORT_SUB("\13\0"));
    /* Its answers say what it made of them, and are no bytes of the line. */
    COMES(p, PORT_SUB("\145\0\0\x25\x80") "x");
    SAYS(p, "");
    PASSES(p, "x");
}

static void
test_every_parity_and_stop_bit_has_its_number(void **state)
{
    static const uint8_t parities[] = {[TTY_PARITY_NONE] = 1,
                                       [TTY_PARITY_ODD] = 2,
                                       [TTY_PARITY_EVEN] = 3,
                                       [TTY_PARITY_MARK] = 4,
                                       [TTY_PARITY_SPACE] = 5};
    static const uint8_t stops[] = {[2] = 1, [3] = 3, [4] = 2};
    struct play *p = *state;

    begins(p);
    COMES(p, IAC DO PORT);
    for (uint8_t parity = 0; parity < 5; parity++)
        for (uint8_t stop = 2; stop < 5; stop++) {
            struct tty_settings s = settings;
            const uint8_t *said;

            s.parity = parity;
            s.stopbits = stop;
            buf_reset(&p->out);
            telnet_set(p->telnet, &s, &p->out);
            said = buf_span(&p->out).ptr;
            assert_int_equal(said[10 + 7 + 4], parities[parity]);
            assert_int_equal(said[10 + 7 + 7 + 4], stops[stop]);
        }
}

static void
test_a_break_begins_and_ends_at_a_port(void **state)
{
    struct play *p = *state;

    begins(p);
    COMES(p, IAC DO PORT);
    buf_reset(&p->out);
    telnet_break(p->telnet, true, &p->out);
    SAYS(p, PORT_SUB("\5\5"));
    telnet_break(p->telnet, false, &p->out);
    SAYS(p, PORT_SUB("\5\6"));
    telnet_ready(p->telnet, false, &p->out);
    SAYS(p, PORT_SUB("\5\11"));
    telnet_ready(p->telnet, true, &p->out);
    SAYS(p, PORT_SUB("\5\10"));
}

static void
test_without_a_port_a_break_is_telnets(void **state)
{
    struct play *p = *state;

    begins(p);
    COMES(p, IAC DONT PORT);
    SAYS(p, "");
    telnet_break(p->telnet, true, &p->out);
    SAYS(p, IAC BRK);
    telnet_break(p->telnet, false, &p->out);
    telnet_ready(p->telnet, false, &p->out);
    SAYS(p, "");
}

static void
test_options_that_we_lack_are_refused(void **state)
{
    struct play *p = *state;

    COMES(p, IAC DO "\30" IAC DO "\37" IAC WILL "\31" IAC DO ECHO);
    SAYS(p, IAC WONT "\30" IAC WONT "\37" IAC DONT "\31" IAC WONT ECHO);
    COMES(p, IAC WONT "\31" IAC DONT "\30");
    SAYS(p, "");
    /* A port's own settings are no business of ours. */
    COMES(p, IAC WILL PORT);
    SAYS(p, IAC DONT PORT);
    COMES(p, IAC WILL ECHO);
    SAYS(p, IAC DO ECHO);
}

static void
test_what_ends_is_agreed_to_once(void **state)
{
    struct play *p = *state;

    COMES(p, IAC WILL ECHO);
    SAYS(p, IAC DO ECHO);
    COMES(p, IAC WONT ECHO IAC WONT ECHO);
    SAYS(p, IAC DONT ECHO);
}

static void
test_a_peer_that_never_makes_up_its_mind_is_refused(void **state)
{
    struct play *p = *state;
    size_t said;

    begins(p);
    for (unsigned i = 0; i < 10000; i++)
        COMES(p, IAC DO PORT IAC DONT PORT);
    said = buf_len(&p->out);
    assert_true(said <= TELNET_ANSWER_MAX(60000));
    buf_reset(&p->out);
    COMES(p, IAC DO PORT);
    SAYS(p, IAC WONT PORT);
}

static void
test_bytes_are_the_same_in_binary(void **state)
{
    struct play *p = *state;
    uint8_t all[256];

    begins(p);
    COMES(p, IAC DO BINARY IAC WILL BINARY);
    for (unsigned i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    telnet_output(p->telnet, span_of(all, 256), &p->out);
    assert_int_equal(buf_len(&p->out), 257);
    assert_true(buf_len(&p->out) <= TELNET_ESCAPED_MAX(256));
    telnet_input(p->telnet, buf_span(&p->out), &p->data, &p->out);
    check(&p->data, (const char *)all, 256);
}

static void
test_a_carriage_return_has_its_nul_otherwise(void **state)
{
    struct play *p = *state;

    TYPES(p, "a\rb\r\n\377");
    SAYS(p, "a\r\0b\r\0\n\377\377");
    COMES(p, "a\r\0b\r\n\r");
    PASSES(p, "a\rb\r\n\r");
    COMES(p, "\0"
             "c\0");
    PASSES(p, "c\0");
}

static void
test_commands_for_a_person_are_no_bytes(void **state)
{
    struct play *p = *state;

    COMES(p, "a" IAC "\361"
             "b" IAC "\366"
             "c" IAC "\371"
             "d" IAC IAC);
    PASSES(p, "abcd\377");
    SAYS(p, "");
}

static void
test_a_subnegotiation_without_end_is_not_kept(void **state)
{
    struct play *p = *state;

    COMES(p, IAC SB PORT);
    for (unsigned i = 0; i < 100000; i++)
        COMES(p, "y" IAC IAC);
    PASSES(p, "");
    SAYS(p, "");
    COMES(p, IAC SE "z");
    PASSES(p, "z");
    /* Cut off by another command. */
    COMES(p, IAC SB PORT "\145" IAC DO "\30"
                         "z");
    PASSES(p, "z");
    SAYS(p, IAC WONT "\30");
}

static void
test_a_peer_may_suspend_what_is_typed(void **state)
{
    struct play *p = *state;

    begins(p);
    /* Not before it has a port. */
    COMES(p, PORT_SUB("\154"));
    assert_false(telnet_is_suspended(p->telnet));
    COMES(p, IAC DO PORT PORT_SUB("\154"));
    assert_true(telnet_is_suspended(p->telnet));
    COMES(p, PORT_SUB("\155"));
    assert_false(telnet_is_suspended(p->telnet));
    COMES(p, PORT_SUB("\154") IAC DONT PORT);
    assert_false(telnet_is_suspended(p->telnet));
}

static void
test_pieces_of_one_byte_say_the_same(void **state)
{
    static const char bytes[] = "a\r\0" IAC DO PORT "b" PORT_SUB("\145\377\377")
        IAC IAC IAC WILL ECHO "c";
    struct play *p = *state;

    begins(p);
    for (size_t i = 0; i < sizeof(bytes) - 1; i++)
        telnet_input(p->telnet, span_of(bytes + i, 1), &p->data, &p->out);
    PASSES(p, "a\rb\377c");
    SAYS(p, SETTINGS IAC DO ECHO);
}

#define LAW(test) cmocka_unit_test_setup_teardown(test, begin, end)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_what_was_asked_is_not_agreed_to_again),
        LAW(test_settings_are_told_when_the_peer_has_a_port),
        LAW(test_every_parity_and_stop_bit_has_its_number),
        LAW(test_a_break_begins_and_ends_at_a_port),
        LAW(test_without_a_port_a_break_is_telnets),
        LAW(test_options_that_we_lack_are_refused),
        LAW(test_what_ends_is_agreed_to_once),
        LAW(test_a_peer_that_never_makes_up_its_mind_is_refused),
        LAW(test_bytes_are_the_same_in_binary),
        LAW(test_a_carriage_return_has_its_nul_otherwise),
        LAW(test_commands_for_a_person_are_no_bytes),
        LAW(test_a_subnegotiation_without_end_is_not_kept),
        LAW(test_a_peer_may_suspend_what_is_typed),
        LAW(test_pieces_of_one_byte_say_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
