#include "vtyssh/terminal_modes.h"

#include <unistd.h>

#define OP_END          0
#define OP_INPUT_SPEED  128
#define OP_OUTPUT_SPEED 129

/* RFC 4254 section 8: characters. A disabled one is 255 there. */
static const struct {
    uint8_t opcode, index;
} characters[] = {
    {1, VINTR},     {2, VQUIT},    {3, VERASE},  {4, VKILL},     {5, VEOF},
    {6, VEOL},      {7, VEOL2},    {8, VSTART},  {9, VSTOP},     {10, VSUSP},
    {12, VREPRINT}, {13, VWERASE}, {14, VLNEXT}, {18, VDISCARD},
};

/* Input, local, output and control flags; opcode 42 is RFC 8160. */
enum word { INPUT, LOCAL, OUTPUT, CONTROL };

static const struct {
    uint8_t opcode;
    enum word word;
    tcflag_t mask, value;
} flags[] = {
    {30, INPUT, IGNPAR, IGNPAR},   {31, INPUT, PARMRK, PARMRK},
    {32, INPUT, INPCK, INPCK},     {33, INPUT, ISTRIP, ISTRIP},
    {34, INPUT, INLCR, INLCR},     {35, INPUT, IGNCR, IGNCR},
    {36, INPUT, ICRNL, ICRNL},     {37, INPUT, IUCLC, IUCLC},
    {38, INPUT, IXON, IXON},       {39, INPUT, IXANY, IXANY},
    {40, INPUT, IXOFF, IXOFF},     {41, INPUT, IMAXBEL, IMAXBEL},
    {42, INPUT, IUTF8, IUTF8},     {50, LOCAL, ISIG, ISIG},
    {51, LOCAL, ICANON, ICANON},   {52, LOCAL, XCASE, XCASE},
    {53, LOCAL, ECHO, ECHO},       {54, LOCAL, ECHOE, ECHOE},
    {55, LOCAL, ECHOK, ECHOK},     {56, LOCAL, ECHONL, ECHONL},
    {57, LOCAL, NOFLSH, NOFLSH},   {58, LOCAL, TOSTOP, TOSTOP},
    {59, LOCAL, IEXTEN, IEXTEN},   {60, LOCAL, ECHOCTL, ECHOCTL},
    {61, LOCAL, ECHOKE, ECHOKE},   {62, LOCAL, PENDIN, PENDIN},
    {70, OUTPUT, OPOST, OPOST},    {71, OUTPUT, OLCUC, OLCUC},
    {72, OUTPUT, ONLCR, ONLCR},    {73, OUTPUT, OCRNL, OCRNL},
    {74, OUTPUT, ONOCR, ONOCR},    {75, OUTPUT, ONLRET, ONLRET},
    {90, CONTROL, CSIZE, CS7},     {91, CONTROL, CSIZE, CS8},
    {92, CONTROL, PARENB, PARENB}, {93, CONTROL, PARODD, PARODD},
};

static const struct {
    speed_t speed;
    uint32_t bits; /* a second */
} speeds[] = {
    {B0, 0},           {B50, 50},         {B75, 75},         {B110, 110},
    {B134, 134},       {B150, 150},       {B200, 200},       {B300, 300},
    {B600, 600},       {B1200, 1200},     {B1800, 1800},     {B2400, 2400},
    {B4800, 4800},     {B9600, 9600},     {B19200, 19200},   {B38400, 38400},
    {B57600, 57600},   {B115200, 115200}, {B230400, 230400}, {B460800, 460800},
    {B921600, 921600},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void
put(struct buf *to, uint8_t opcode, uint32_t value)
{
    buf_put_u8(to, opcode);
    buf_put_u32(to, value);
}

static void
put_speed(struct buf *to, uint8_t opcode, speed_t speed)
{
    uint32_t bits = 38400; /* what a pseudo-terminal says when unsure */

    for (size_t i = 0; i < COUNT(speeds); i++)
        if (speeds[i].speed == speed)
            bits = speeds[i].bits;
    put(to, opcode, bits);
}

void
terminal_modes_put(const struct termios *modes, struct buf *to)
{
    const tcflag_t words[] = {
        [INPUT] = modes->c_iflag,
        [LOCAL] = modes->c_lflag,
        [OUTPUT] = modes->c_oflag,
        [CONTROL] = modes->c_cflag,
    };

    put_speed(to, OP_OUTPUT_SPEED, cfgetospeed(modes));
    put_speed(to, OP_INPUT_SPEED, cfgetispeed(modes));
    for (size_t i = 0; i < COUNT(characters); i++) {
        cc_t c = modes->c_cc[characters[i].index];

        put(to, characters[i].opcode, c == _POSIX_VDISABLE ? 255 : c);
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        put(to, flags[i].opcode,
            (words[flags[i].word] & flags[i].mask) == flags[i].value);
    buf_put_u8(to, OP_END);
}
