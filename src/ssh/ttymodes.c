#include "ssh/ttymodes.h"

#include "base/reader.h"

enum err
ttymodes_find(struct span modes, uint8_t opcode, uint32_t *value)
{
    struct reader r = reader_over(modes);
    enum err result = ERR_NOT_FOUND;

    while (r.left > 0) {
        uint8_t op = read_u8(&r);
        uint32_t argument;

        if (op == TTY_OP_END || op >= TTY_OP_UNDEFINED)
            break;
        argument = read_u32(&r);
        if (!read_ok(&r))
            return ERR_FORMAT;
        if (op == opcode) {
            *value = argument;
            result = OK;
        }
    }
    return result;
}

void
ttymodes_put_none(struct buf *to)
{
    uint8_t end = TTY_OP_END;

    buf_put_string(to, span_of(&end, 1));
}

static bool
is_name_char(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '+' ||
           c == '-';
}

static bool
is_name(struct span text)
{
    if (text.len == 0 || text.len > TTY_NAME_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_name_char(text.ptr[i]))
            return false;
    return true;
}

void
ttymodes_set_pty(struct ssh_pty *pty, struct span terminal, uint32_t columns,
                 uint32_t rows)
{
    pty->terminal = is_name(terminal) ? terminal : span_text("unknown");
    pty->columns = columns > TTY_SIZE_MAX ? TTY_SIZE_MAX : columns;
    pty->rows = rows > TTY_SIZE_MAX ? TTY_SIZE_MAX : rows;
}
