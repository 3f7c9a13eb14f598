#include "ssh/v1/modes.h"

#include "ssh/ttymodes.h"

/* The two speeds, whose arguments have four bytes. */
#define INPUT_SPEED  192
#define OUTPUT_SPEED 193

void
modes1_put(struct buf *to, struct span modes)
{
    struct reader r = reader_over(modes);

    while (r.left > 0) {
        uint8_t opcode = read_u8(&r);
        uint32_t argument = read_u32(&r);

        if (!read_ok(&r) || opcode == TTY_OP_END)
            break;
        if (opcode < TTY_OP_ISPEED) {
            buf_put_u8(to, opcode);
            buf_put_u8(to,
                       argument < UINT8_MAX ? (uint8_t)argument : UINT8_MAX);
        } else if (opcode == TTY_OP_ISPEED || opcode == TTY_OP_OSPEED) {
            buf_put_u8(to,
                       opcode == TTY_OP_ISPEED ? INPUT_SPEED : OUTPUT_SPEED);
            buf_put_u32(to, argument);
        }
    }
    buf_put_u8(to, TTY_OP_END);
}

static void
put(struct buf *to, uint8_t opcode, uint32_t argument)
{
    buf_put_u8(to, opcode);
    buf_put_u32(to, argument);
}

void
modes1_read(struct reader *list, struct buf *to)
{
    while (list->left > 0) {
        uint8_t opcode = read_u8(list);
        bool is_speed = opcode == INPUT_SPEED || opcode == OUTPUT_SPEED;
        uint32_t argument;

        if (opcode == TTY_OP_END || (opcode >= TTY_OP_UNDEFINED && !is_speed))
            break;
        argument = opcode < TTY_OP_ISPEED ? read_u8(list) : read_u32(list);
        if (!read_ok(list))
            break;
        if (opcode == INPUT_SPEED)
            put(to, TTY_OP_ISPEED, argument);
        else if (opcode == OUTPUT_SPEED)
            put(to, TTY_OP_OSPEED, argument);
        else if (opcode < TTY_OP_ISPEED)
            put(to, opcode, argument);
    }
    buf_put_u8(to, TTY_OP_END);
}
