/*
 * An IPv4 or IPv6 address as a setting: its bytes and its text.
 */
#ifndef CONFIG_ADDRESS_H
#define CONFIG_ADDRESS_H

#include "base/err.h"
#include "base/span.h"

#define CONFIG_ADDRESS_TEXT 46 /* bytes of the longest text, NUL included */
#define CONFIG_PREFIX_TEXT  (CONFIG_ADDRESS_TEXT + 4) /* with "/128" */

enum config_family {
    CONFIG_FAMILY_NONE, /* unset */
    CONFIG_FAMILY_IPV4,
    CONFIG_FAMILY_IPV6,
};

struct config_address {
    uint8_t family;    /* enum config_family */
    uint8_t bytes[16]; /* network order; IPv4 uses the first four */
};

/* Dotted decimal, four parts without leading zeros. ERR_FORMAT. */
MUST_CHECK enum err config_address_parse_ipv4(struct span text,
                                              struct config_address *address);
/* RFC 4291 section 2.2; no zone. ERR_FORMAT. */
MUST_CHECK enum err config_address_parse_ipv6(struct span text,
                                              struct config_address *address);
/* RFC 5952 for IPv6; "" for an unset address. */
void config_address_text(const struct config_address *address,
                         char text[CONFIG_ADDRESS_TEXT]);
/* An IPv6 address and a length of 0 to 128: "2001:db8::1/64". ERR_FORMAT. */
MUST_CHECK enum err config_prefix_parse(struct span text,
                                        struct config_address *address,
                                        unsigned *length);
void config_prefix_text(const struct config_address *address, unsigned length,
                        char text[CONFIG_PREFIX_TEXT]);
bool config_address_equal(const struct config_address *a,
                          const struct config_address *b);

#endif
