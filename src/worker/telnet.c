#include "worker/telnet.h"

#include <stdlib.h>

#include "base/alloc.h"

#define IAC  255
#define DONT 254
#define DO   253
#define WONT 252
#define WILL 251
#define SB   250
#define BRK  243
#define SE   240

#define CR 13

/* RFC 2217; what the server says is 100 higher. */
#define SET_BAUDRATE        1
#define SET_DATASIZE        2
#define SET_PARITY          3
#define SET_STOPSIZE        4
#define SET_CONTROL         5
#define SET_LINESTATE_MASK  10
#define SET_MODEMSTATE_MASK 11
#define SERVER_SUSPEND      108
#define SERVER_RESUME       109

#define CONTROL_FLOW_NONE     1
#define CONTROL_FLOW_SOFTWARE 2
#define CONTROL_FLOW_HARDWARE 3
#define CONTROL_BREAK_ON      5
#define CONTROL_BREAK_OFF     6
#define CONTROL_DTR_ON        8
#define CONTROL_DTR_OFF       9

/* Of what the server says in one subnegotiation only this much counts. */
#define SUB_MAX 16
/* So often an option may begin; a peer that goes on has none from then on. */
#define BEGINS_MAX 8

/* The options that we know; all others are refused. */
enum option { BINARY, ECHO_OPTION, SGA, COM_PORT, OPTIONS, UNKNOWN = OPTIONS };

/* RFC 1143, of one side of one option; we never change our mind. */
enum state { OFF, ASKED, ON };

struct side {
    enum state state;
    unsigned begins;
};

enum place { IN_DATA, IN_CR, IN_COMMAND, IN_OPTION, IN_SUB, IN_SUB_COMMAND };

struct telnet {
    struct tty_settings settings;
    struct side us[OPTIONS], him[OPTIONS];
    enum place place;
    uint8_t command; /* IN_OPTION: WILL, ... */
    uint8_t sub[SUB_MAX];
    size_t sub_len;
    bool suspended;
};

/* --- what we say ---------------------------------------------------------- */

static const uint8_t numbers[OPTIONS] = {
    [BINARY] = 0, [ECHO_OPTION] = 1, [SGA] = 3, [COM_PORT] = 44};

static unsigned
option_of(uint8_t number)
{
    for (unsigned i = 0; i < OPTIONS; i++)
        if (numbers[i] == number)
            return i;
    return UNKNOWN;
}

static void
say(struct buf *out, uint8_t command, uint8_t number)
{
    buf_put_u8(out, IAC);
    buf_put_u8(out, command);
    buf_put_u8(out, number);
}

static void
put_escaped(struct buf *out, uint8_t byte)
{
    if (byte == IAC)
        buf_put_u8(out, IAC);
    buf_put_u8(out, byte);
}

static void
say_port(struct buf *out, uint8_t command, const uint8_t *value, size_t len)
{
    say(out, SB, numbers[COM_PORT]);
    buf_put_u8(out, command);
    for (size_t i = 0; i < len; i++)
        put_escaped(out, value[i]);
    buf_put_u8(out, IAC);
    buf_put_u8(out, SE);
}

static void
say_port_byte(struct buf *out, uint8_t command, uint8_t value)
{
    say_port(out, command, &value, 1);
}

static uint8_t
stopsize(const struct tty_settings *s)
{
    if (s->stopbits <= TTY_STOPBITS_1)
        return 1;
    return s->stopbits == 3 ? 3 : 2;
}

static uint8_t
flow_control(const struct tty_settings *s)
{
    if (s->flow == TTY_FLOW_HARDWARE)
        return CONTROL_FLOW_HARDWARE;
    return s->flow == TTY_FLOW_SOFTWARE ? CONTROL_FLOW_SOFTWARE
                                        : CONTROL_FLOW_NONE;
}

static void
say_settings(const struct telnet *t, struct buf *out)
{
    const struct tty_settings *s = &t->settings;
    uint8_t speed[] = {(uint8_t)(s->speed >> 24), (uint8_t)(s->speed >> 16),
                       (uint8_t)(s->speed >> 8), (uint8_t)s->speed};

    say_port(out, SET_BAUDRATE, speed, sizeof(speed));
    say_port_byte(out, SET_DATASIZE, s->databits);
    /* Counted from one there, in the same order. */
    say_port_byte(out, SET_PARITY, (uint8_t)(s->parity + 1));
    say_port_byte(out, SET_STOPSIZE, stopsize(s));
    say_port_byte(out, SET_CONTROL, flow_control(s));
    /* Nobody here would look at what it told. */
    say_port_byte(out, SET_LINESTATE_MASK, 0);
    say_port_byte(out, SET_MODEMSTATE_MASK, 0);
}

static bool
has_port(const struct telnet *t)
{
    return t->us[COM_PORT].state == ON;
}

void
telnet_set(struct telnet *t, const struct tty_settings *settings,
           struct buf *out)
{
    t->settings = *settings;
    if (has_port(t))
        say_settings(t, out);
}

void
telnet_break(const struct telnet *t, bool on, struct buf *out)
{
    if (has_port(t)) {
        say_port_byte(out, SET_CONTROL,
                      on ? CONTROL_BREAK_ON : CONTROL_BREAK_OFF);
    } else if (on) {
        buf_put_u8(out, IAC);
        buf_put_u8(out, BRK);
    }
}

void
telnet_ready(const struct telnet *t, bool on, struct buf *out)
{
    if (has_port(t))
        say_port_byte(out, SET_CONTROL, on ? CONTROL_DTR_ON : CONTROL_DTR_OFF);
}

void
telnet_output(const struct telnet *t, struct span bytes, struct buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        put_escaped(out, bytes.ptr[i]);
        /* RFC 854: alone it is a carriage return only with a NUL. */
        if (bytes.ptr[i] == CR && t->us[BINARY].state != ON)
            buf_put_u8(out, 0);
    }
}

bool
telnet_is_unsettled(const struct telnet *t)
{
    return t->us[BINARY].state == ASKED;
}

bool
telnet_is_suspended(const struct telnet *t)
{
    return t->suspended;
}

/* --- options -------------------------------------------------------------- */

static void
ask(struct side *side, struct buf *out, uint8_t command, enum option option)
{
    side->state = ASKED;
    say(out, command, numbers[option]);
}

void
telnet_begin(struct telnet *t, struct buf *out)
{
    ask(&t->us[COM_PORT], out, WILL, COM_PORT);
    ask(&t->us[BINARY], out, WILL, BINARY);
    ask(&t->him[BINARY], out, DO, BINARY);
    ask(&t->us[SGA], out, WILL, SGA);
    ask(&t->him[SGA], out, DO, SGA);
}

/* Of both sides; ECHO is the line's, a port's settings are told by us. */
static bool
agrees_to(bool us, unsigned option)
{
    if (option == UNKNOWN)
        return false;
    return us ? option != ECHO_OPTION : option != COM_PORT;
}

static void
began(struct telnet *t, bool us, unsigned option, struct buf *out)
{
    if (us && option == COM_PORT) {
        t->suspended = false;
        say_settings(t, out);
    }
}

/* The peer wants an option of one side to be on. */
static void
on_begin(struct telnet *t, bool us, uint8_t number, struct buf *out)
{
    unsigned option = option_of(number);
    struct side *side;

    if (!agrees_to(us, option)) {
        say(out, us ? WONT : DONT, number);
        return;
    }
    side = us ? &t->us[option] : &t->him[option];
    if (side->state == ON)
        return;
    if (side->state == OFF) {
        if (++side->begins > BEGINS_MAX) {
            say(out, us ? WONT : DONT, number);
            return;
        }
        say(out, us ? WILL : DO, number);
    }
    side->state = ON;
    began(t, us, option, out);
}

/* Likewise off, which is never refused. */
static void
on_end(struct telnet *t, bool us, uint8_t number, struct buf *out)
{
    unsigned option = option_of(number);
    struct side *side;

    if (option == UNKNOWN)
        return;
    side = us ? &t->us[option] : &t->him[option];
    if (side->state == ON)
        say(out, us ? WONT : DONT, number);
    side->state = OFF;
    if (us && option == COM_PORT)
        t->suspended = false;
}

static void
on_option(struct telnet *t, uint8_t number, struct buf *out)
{
    switch (t->command) {
    case WILL:
        on_begin(t, false, number, out);
        break;
    case WONT:
        on_end(t, false, number, out);
        break;
    case DO:
        on_begin(t, true, number, out);
        break;
    default:
        on_end(t, true, number, out);
        break;
    }
}

static void
on_sub(struct telnet *t)
{
    if (t->sub_len < 2 || t->sub[0] != numbers[COM_PORT] || !has_port(t))
        return;
    if (t->sub[1] == SERVER_SUSPEND)
        t->suspended = true;
    if (t->sub[1] == SERVER_RESUME)
        t->suspended = false;
}

/* --- what comes ----------------------------------------------------------- */

static enum place
on_command(struct telnet *t, uint8_t byte, struct buf *data)
{
    switch (byte) {
    case IAC:
        buf_put_u8(data, IAC);
        return IN_DATA;
    case SB:
        t->sub_len = 0;
        return IN_SUB;
    case WILL:
    case WONT:
    case DO:
    case DONT:
        t->command = byte;
        return IN_OPTION;
    default: /* are you there, and others for a person */
        return IN_DATA;
    }
}

static void
sub_put(struct telnet *t, uint8_t byte)
{
    if (t->sub_len < SUB_MAX)
        t->sub[t->sub_len++] = byte;
}

static enum place
on_sub_command(struct telnet *t, uint8_t byte, struct buf *data)
{
    if (byte == IAC) {
        sub_put(t, byte);
        return IN_SUB;
    }
    if (byte == SE) {
        on_sub(t);
        return IN_DATA;
    }
    /* Its end got lost: this is a command of its own. */
    return on_command(t, byte, data);
}

static enum place
on_data(const struct telnet *t, uint8_t byte, struct buf *data)
{
    if (byte == IAC)
        return IN_COMMAND;
    buf_put_u8(data, byte);
    return byte == CR && t->him[BINARY].state != ON ? IN_CR : IN_DATA;
}

static void
take_byte(struct telnet *t, uint8_t byte, struct buf *data, struct buf *out)
{
    switch (t->place) {
    case IN_CR:
        t->place = byte == 0 ? IN_DATA : on_data(t, byte, data);
        break;
    case IN_DATA:
        t->place = on_data(t, byte, data);
        break;
    case IN_COMMAND:
        t->place = on_command(t, byte, data);
        break;
    case IN_OPTION:
        t->place = IN_DATA;
        on_option(t, byte, out);
        break;
    case IN_SUB:
        if (byte == IAC)
            t->place = IN_SUB_COMMAND;
        else
            sub_put(t, byte);
        break;
    case IN_SUB_COMMAND:
        t->place = on_sub_command(t, byte, data);
        break;
    }
}

void
telnet_input(struct telnet *t, struct span bytes, struct buf *data,
             struct buf *out)
{
    for (size_t i = 0; i < bytes.len; i++)
        take_byte(t, bytes.ptr[i], data, out);
}

/* --- life ----------------------------------------------------------------- */

struct telnet *
telnet_new(const struct tty_settings *settings)
{
    struct telnet *t = alloc_zero(1, sizeof(*t));

    t->settings = *settings;
    return t;
}

void
telnet_free(struct telnet *t)
{
    free(t);
}
