#include "config/address.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "base/text.h"

static size_t
family_bytes(const struct config_address *address)
{
    switch (address->family) {
    case CONFIG_FAMILY_IPV4:
        return 4;
    case CONFIG_FAMILY_IPV6:
        return 16;
    default:
        return 0;
    }
}

/* inet_pton() is strict: no octal, no missing parts, no zone. */
static enum err
parse(int family, enum config_family kind, struct span text,
      struct config_address *address)
{
    char copy[CONFIG_ADDRESS_TEXT];
    struct config_address parsed = {.family = (uint8_t)kind};

    if (text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len) != NULL)
        return ERR_FORMAT;
    text_copy_span(copy, sizeof(copy), text);
    if (inet_pton(family, copy, parsed.bytes) != 1)
        return ERR_FORMAT;
    *address = parsed;
    return OK;
}

enum err
config_address_parse_ipv4(struct span text, struct config_address *address)
{
    return parse(AF_INET, CONFIG_FAMILY_IPV4, text, address);
}

enum err
config_address_parse_ipv6(struct span text, struct config_address *address)
{
    return parse(AF_INET6, CONFIG_FAMILY_IPV6, text, address);
}

void
config_address_text(const struct config_address *address,
                    char text[CONFIG_ADDRESS_TEXT])
{
    int family = address->family == CONFIG_FAMILY_IPV4 ? AF_INET : AF_INET6;

    text[0] = '\0';
    if (address->family != CONFIG_FAMILY_NONE)
        inet_ntop(family, address->bytes, text, CONFIG_ADDRESS_TEXT);
}

enum err
config_prefix_parse(struct span text, struct config_address *address,
                    unsigned *length)
{
    const uint8_t *slash =
        text.len == 0 ? NULL : memchr(text.ptr, '/', text.len);
    struct span digits;
    uint64_t bits;
    size_t at;

    if (slash == NULL)
        return ERR_FORMAT;
    at = (size_t)(slash - text.ptr);
    digits = span_of(slash + 1, text.len - at - 1);
    /* One text for one prefix: no leading zeros. */
    if (digits.len == 0 || (digits.len > 1 && digits.ptr[0] == '0') ||
        text_number(digits, 128, &bits) != OK ||
        config_address_parse_ipv6(span_of(text.ptr, at), address) != OK)
        return ERR_FORMAT;
    *length = (unsigned)bits;
    return OK;
}

void
config_prefix_text(const struct config_address *address, unsigned length,
                   char text[CONFIG_PREFIX_TEXT])
{
    char host[CONFIG_ADDRESS_TEXT];

    config_address_text(address, host);
    snprintf(text, CONFIG_PREFIX_TEXT, "%s/%u", host, length);
}

bool
config_address_equal(const struct config_address *a,
                     const struct config_address *b)
{
    return a->family == b->family &&
           memcmp(a->bytes, b->bytes, family_bytes(a)) == 0;
}
