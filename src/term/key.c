#include "term/key.h"

#define ESC 0x1b
#define DEL 0x7f

void
key_decoder_init(struct key_decoder *d)
{
    *d = (struct key_decoder){0};
}

static bool
key_of_byte(struct key *key, enum key_code code, uint8_t byte)
{
    *key = (struct key){.code = code, .len = 1, .bytes = {byte}};
    return true;
}

static bool
on_plain(struct key_decoder *d, uint8_t byte, struct key *key)
{
    if (byte == 0)
        return false;
    if (byte == ESC) {
        d->state = KEYS_ESCAPE;
        return false;
    }
    if (byte < 0x20 || byte == DEL)
        return key_of_byte(key, KEY_CONTROL, byte);
    if (byte < 0x80)
        return key_of_byte(key, KEY_CHARACTER, byte);
    d->need = (uint8_t)utf8_length(byte);
    if (d->need == 0)
        return false;
    d->state = KEYS_UTF8;
    d->bytes[0] = byte;
    d->len = 1;
    return false;
}

static bool
on_utf8(struct key_decoder *d, uint8_t byte, struct key *key)
{
    if (!utf8_continues(byte)) {
        d->state = KEYS_PLAIN;
        return on_plain(d, byte, key);
    }
    d->bytes[d->len++] = byte;
    if (d->len < d->need)
        return false;
    d->state = KEYS_PLAIN;
    if (!utf8_is_text(d->bytes, d->len))
        return false;
    *key = (struct key){.code = KEY_CHARACTER, .len = d->len};
    memcpy(key->bytes, d->bytes, d->len);
    return true;
}

static bool
on_escape(struct key_decoder *d, uint8_t byte, struct key *key)
{
    d->number = 0;
    d->more_numbers = false;
    if (byte == '[') {
        d->state = KEYS_CONTROL;
        return false;
    }
    if (byte == 'O') {
        d->state = KEYS_SINGLE;
        return false;
    }
    d->state = KEYS_PLAIN;
    if (byte < 0x20 || byte >= DEL)
        return on_plain(d, byte, key);
    if (byte >= 'A' && byte <= 'Z')
        byte = (uint8_t)(byte - 'A' + 'a');
    return key_of_byte(key, KEY_META, byte);
}

/* What VT220 and xterm send with `~` behind the number. */
static enum key_code
key_of_number(uint8_t number)
{
    switch (number) {
    case 1:
    case 7:
        return KEY_HOME;
    case 3:
        return KEY_DELETE;
    case 4:
    case 8:
        return KEY_END;
    default:
        return KEY_UNKNOWN;
    }
}

static enum key_code
key_of_final(const struct key_decoder *d, uint8_t final)
{
    switch (final) {
    case 'A':
        return KEY_UP;
    case 'B':
        return KEY_DOWN;
    case 'C':
        return KEY_RIGHT;
    case 'D':
        return KEY_LEFT;
    case 'H':
        return KEY_HOME;
    case 'F':
        return KEY_END;
    case '~':
        return key_of_number(d->number);
    default:
        return KEY_UNKNOWN;
    }
}

static void
on_digit(struct key_decoder *d, uint8_t digit)
{
    unsigned number = d->number * 10U + digit;

    if (!d->more_numbers)
        d->number = (uint8_t)(number > UINT8_MAX ? UINT8_MAX : number);
}

/* Parameters, intermediate bytes, one final byte (ECMA-48 section 5.4). */
static bool
on_sequence(struct key_decoder *d, uint8_t byte, struct key *key)
{
    if (byte >= '0' && byte <= '9') {
        on_digit(d, (uint8_t)(byte - '0'));
        return false;
    }
    if (byte >= 0x20 && byte <= 0x3f) {
        d->more_numbers = true;
        return false;
    }
    d->state = KEYS_PLAIN;
    if (byte < 0x40 || byte > 0x7e)
        return on_plain(d, byte, key);
    *key = (struct key){.code = key_of_final(d, byte)};
    return true;
}

bool
key_decode(struct key_decoder *d, uint8_t byte, struct key *key)
{
    switch (d->state) {
    case KEYS_UTF8:
        return on_utf8(d, byte, key);
    case KEYS_ESCAPE:
        return on_escape(d, byte, key);
    case KEYS_CONTROL:
    case KEYS_SINGLE:
        return on_sequence(d, byte, key);
    case KEYS_PLAIN:
    default:
        return on_plain(d, byte, key);
    }
}
