/*
 * Bytes of a terminal to keys, however the bytes are cut into packets.
 * Escape sequences become one key each, known or not, so that no part of
 * them is ever taken for typing; broken UTF-8 becomes nothing.
 */
#ifndef TERM_KEY_H
#define TERM_KEY_H

#include "term/utf8.h"

enum key_code {
    KEY_CHARACTER, /* bytes, len: printable, one whole character */
    KEY_CONTROL,   /* bytes[0]: 0x01..0x1f or 0x7f */
    KEY_META,      /* bytes[0]: the printable key behind Esc, lower case */
    KEY_UP,
    KEY_DOWN,
    KEY_RIGHT,
    KEY_LEFT,
    KEY_HOME,
    KEY_END,
    KEY_DELETE,
    KEY_UNKNOWN, /* a sequence without a meaning here */
};

struct key {
    enum key_code code;
    uint8_t len;
    uint8_t bytes[UTF8_MAX];
};

#define CONTROL_KEY(letter) ((letter)&0x1f)
#define KEY_ENTER           CONTROL_KEY('M')

struct key_decoder {
    enum key_state {
        KEYS_PLAIN,
        KEYS_UTF8,
        KEYS_ESCAPE,  /* Esc */
        KEYS_CONTROL, /* Esc [ (ECMA-48 "CSI") */
        KEYS_SINGLE,  /* Esc O (ECMA-48 "SS3") */
    } state;
    uint8_t len;       /* KEYS_UTF8: bytes so far */
    uint8_t need;      /* KEYS_UTF8: bytes in all */
    uint8_t number;    /* first parameter of a sequence; 255: any greater */
    bool more_numbers; /* behind the first */
    uint8_t bytes[UTF8_MAX];
};

/* All zero is the state at the start. */
void key_decoder_init(struct key_decoder *d);
/* True when this byte completes a key. NUL is no key. */
bool key_decode(struct key_decoder *d, uint8_t byte, struct key *key);

static inline bool
key_is_control(const struct key *key, uint8_t byte)
{
    return key->code == KEY_CONTROL && key->bytes[0] == byte;
}

#endif
