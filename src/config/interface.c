#include "config/interface.h"

#include <stdio.h>

#include "base/text.h"

#define LOOPBACK       "Loopback"
#define LOOPBACK_SHORT 2 /* characters of it that must be typed */

struct config_interface *
config_interface_find(const struct config *config, const char *name)
{
    const struct config_list *list = &config->interfaces.list;

    for (size_t i = 0; i < list->count; i++) {
        struct config_interface *entry = list->items[i];

        if (entry->name != NULL && strcmp(entry->name, name) == 0)
            return entry;
    }
    return NULL;
}

bool
config_interface_name_is_valid(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > CONFIG_INTERFACE_NAME_MAX || strcmp(name, ".") == 0 ||
        strcmp(name, "..") == 0)
        return false;
    for (size_t i = 0; i < len; i++)
        if (name[i] <= ' ' || name[i] > '~' || name[i] == '/' || name[i] == ':')
            return false;
    return true;
}

bool
config_interface_loopback(const char *typed,
                          char name[CONFIG_INTERFACE_NAME_MAX + 1])
{
    size_t letters = strcspn(typed, "0123456789");
    char begun[sizeof(LOOPBACK)];
    uint64_t number;
    int len;

    if (letters < LOOPBACK_SHORT || letters >= sizeof(begun) ||
        text_number(span_text(typed + letters), UINT32_MAX, &number) != OK)
        return false;
    text_copy_span(begun, sizeof(begun), span_of(typed, letters));
    if (!text_starts_nocase(LOOPBACK, begun))
        return false;
    len = snprintf(name, CONFIG_INTERFACE_NAME_MAX + 1, LOOPBACK "%u",
                   (unsigned)number);
    return len <= CONFIG_INTERFACE_NAME_MAX;
}

bool
config_mask_length(const struct config_address *mask, unsigned *length)
{
    unsigned bits = 0;

    if (mask->family != CONFIG_FAMILY_IPV4)
        return false;
    while (bits < 32 && (mask->bytes[bits / 8] & (0x80 >> bits % 8)) != 0)
        bits++;
    for (unsigned i = bits; i < 32; i++)
        if ((mask->bytes[i / 8] & (0x80 >> i % 8)) != 0)
            return false;
    *length = bits;
    return true;
}
