#include "cli/value.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/names.h"
#include "base/text.h"

static bool
in_ranges(const struct cli_token *token, int64_t value)
{
    for (unsigned i = 0; i < token->range_count; i++)
        if (value >= token->ranges[i].low && value <= token->ranges[i].high)
            return true;
    return false;
}

bool
value_number(const struct cli_token *token, struct span word, uint32_t *number)
{
    bool negative = word.len > 0 && word.ptr[0] == '-';
    uint64_t value;

    if (negative)
        word = span_of(word.ptr + 1, word.len - 1);
    if (text_number(word, UINT32_MAX, &value) != OK ||
        !in_ranges(token, negative ? -(int64_t)value : (int64_t)value))
        return false;
    *number = negative ? -(uint32_t)value : (uint32_t)value;
    return true;
}

bool
value_number_text(const struct cli_token *token, uint32_t number,
                  char text[VALUE_NUMBER_TEXT])
{
    /* Only a token with numbers below 0 has them meant so. */
    bool is_signed = token->range_count > 0 && token->ranges[0].low < 0;
    int64_t value = is_signed ? (int32_t)number : (int64_t)number;

    snprintf(text, VALUE_NUMBER_TEXT, "%lld", (long long)value);
    return in_ranges(token, value);
}

/* Seconds of "12:30" or "12:30:15": parts of one or two digits each. */
bool
value_time(const struct cli_token *token, struct span word, uint32_t *seconds)
{
    uint64_t most[] = {strncmp(token->text, "hhh", 3) == 0 ? 999 : 23, 59, 59};
    size_t parts = strcmp(token->text, "hh:mm:ss") == 0 ? 3 : 2;
    uint64_t total = 0;

    for (size_t i = 0; i < parts; i++) {
        const uint8_t *colon = memchr(word.ptr, ':', word.len);
        size_t len = colon == NULL ? word.len : (size_t)(colon - word.ptr);
        uint64_t value;

        if ((colon == NULL) != (i + 1 == parts) ||
            text_number(span_of(word.ptr, len), most[i], &value) != OK ||
            len > (most[i] > 99 ? 3 : 2))
            return false;
        total = total * 60 + value;
        len += colon != NULL;
        word = span_of(word.ptr + len, word.len - len);
    }
    *seconds = (uint32_t)(parts == 3 ? total : total * 60);
    return true;
}

bool
value_is_word(struct span word)
{
    return word.len > 0 && word.len <= CLI_WORD_MAX;
}

void
value_add_name(char **names, const char *name)
{
    size_t old = *names == NULL ? 0 : strlen(*names);
    size_t added = strlen(name);

    *names = alloc_resize(*names, old + added + 2, 1);
    if (old > 0)
        (*names)[old++] = ',';
    memcpy(*names + old, name, added + 1);
}

char *
value_without(const char *names, const char *less)
{
    struct span rest = span_text(names);
    struct span name;
    char *left = NULL;

    while (names_next(&rest, &name)) {
        char *one;

        if (names_has(span_text(less), name))
            continue;
        one = text_dup_span(name);
        value_add_name(&left, one);
        free(one);
    }
    return left;
}

char *
value_default_names(const struct cli_word *words)
{
    char *names = NULL;

    for (; words->word != NULL; words++)
        if (!words->opt_in)
            value_add_name(&names, words->word);
    return names;
}

uint32_t
value_load_number(const struct cli_bind *bind, const void *fields)
{
    const void *at = (const char *)fields + bind->offset;

    switch (bind->kind) {
    case CONFIG_NUMBER:
        return *(const uint32_t *)at;
    case CONFIG_FLAG:
        return *(const bool *)at;
    case CONFIG_CHOICE:
        return *(const uint8_t *)at;
    default:
        return 0;
    }
}

const char *
value_load_text(const struct cli_bind *bind, const void *fields)
{
    const void *at = (const char *)fields + bind->offset;

    if (bind->kind == CONFIG_SECRET)
        return ((const struct config_secret *)at)->text;
    return bind->kind == CONFIG_TEXT ? *(char *const *)at : NULL;
}

static bool
is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

/* A text can only be typed again if it is made of what can be typed. */
static bool
text_fits(enum token_kind kind, const char *text)
{
    struct span all = span_text(text);

    for (size_t i = 0; i < all.len; i++) {
        bool control = all.ptr[i] < ' ' || all.ptr[i] == 0x7f;

        if (is_blank(all.ptr[i]) ? kind != TOKEN_LINE : control)
            return false;
    }
    if (kind == TOKEN_LINE)
        return all.len > 0 && !is_blank(all.ptr[0]);
    return kind == TOKEN_CHOICE || value_is_word(all);
}

static bool
write_text(enum token_kind kind, const char *text, struct buf *out)
{
    if (text == NULL || !text_fits(kind, text))
        return false;
    for (; *text != '\0'; text++)
        buf_put_u8(out,
                   kind == TOKEN_CHOICE && *text == ',' ? ' ' : (uint8_t)*text);
    return true;
}

static bool
write_number(const struct cli_token *token, uint32_t number, struct buf *out)
{
    char text[VALUE_NUMBER_TEXT];

    if (!value_number_text(token, number, text))
        return false;
    buf_printf(out, "%s", text);
    return true;
}

static bool
write_address(enum token_kind kind, const struct config_address *address,
              struct buf *out)
{
    enum config_family family =
        kind == TOKEN_IPV4 ? CONFIG_FAMILY_IPV4 : CONFIG_FAMILY_IPV6;
    char text[CONFIG_ADDRESS_TEXT];

    if (address->family != family)
        return false;
    config_address_text(address, text);
    buf_printf(out, "%s", text);
    return true;
}

bool
value_write(const struct cli_pattern *pattern, unsigned token,
            const void *fields, struct buf *out)
{
    const struct cli_token *t = &pattern->tokens[token];
    const struct cli_bind *bind = t->bind;

    if (t->kind == TOKEN_NUMBER && bind == NULL)
        return write_number(t, (uint32_t)t->ranges[0].low, out);
    switch (t->kind) {
    case TOKEN_KEYWORD:
        buf_printf(out, "%s", t->text);
        return true;
    case TOKEN_NUMBER:
        return write_number(t, value_load_number(bind, fields), out);
    case TOKEN_WORD:
    case TOKEN_LINE:
    case TOKEN_CHOICE:
    case TOKEN_PREFIX:
        return write_text(t->kind, value_load_text(bind, fields), out);
    case TOKEN_IPV4:
    case TOKEN_IPV6:
        return write_address(
            t->kind, (const void *)((const char *)fields + bind->offset), out);
    case TOKEN_TIME:
        break; /* of commands only */
    }
    return false;
}

bool
value_is_default(const struct cli_bind *bind, const void *fields)
{
    const char *text = value_load_text(bind, fields);

    switch (bind->kind) {
    case CONFIG_TEXT:
    case CONFIG_SECRET:
        return text == NULL || bind->text == NULL
                   ? text == bind->text
                   : strcmp(text, bind->text) == 0;
    case CONFIG_ADDRESS:
        return ((const struct config_address *)((const char *)fields +
                                                bind->offset))
                   ->family == CONFIG_FAMILY_NONE;
    default:
        return value_load_number(bind, fields) == bind->number;
    }
}

void
value_store_number(const struct cli_bind *bind, uint32_t number, void *fields)
{
    void *at = (char *)fields + bind->offset;

    if (bind->kind == CONFIG_NUMBER)
        *(uint32_t *)at = number;
    if (bind->kind == CONFIG_FLAG)
        *(bool *)at = number != 0;
    if (bind->kind == CONFIG_CHOICE)
        *(uint8_t *)at = (uint8_t)number;
}

static void
store(const struct cli_bind *bind, uint32_t number, const char *text,
      const struct config_address *address, void *fields)
{
    void *at = (char *)fields + bind->offset;

    switch (bind->kind) {
    case CONFIG_TEXT:
        config_text_set(at, text);
        break;
    case CONFIG_SECRET:
        config_secret_set(at, text);
        break;
    case CONFIG_ADDRESS:
        *(struct config_address *)at = *address;
        break;
    default:
        value_store_number(bind, number, fields);
        break;
    }
}

void
value_store(const struct cli_bind *bind, const struct cli_value *value,
            void *fields)
{
    store(bind, value->number, value->text, &value->address, fields);
}

void
value_store_default(const struct cli_bind *bind, void *fields)
{
    store(bind, bind->number, bind->text, &(struct config_address){0}, fields);
}
