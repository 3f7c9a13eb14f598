#include "control/key_name.h"

#include <stdio.h>

static const char *
type_suffix(enum key_type type)
{
    switch (type) {
    case KEY_RSA:
        return ".rsa";
    case KEY_ECDSA_256:
        return ".ec-256";
    case KEY_ECDSA_384:
        return ".ec-384";
    case KEY_ECDSA_521:
        return ".ec-521";
    case KEY_ED25519:
        return ".ed25519";
    case KEY_DSA:
        break; /* no pair of ours */
    }
    return ".key";
}

static const char *
usage_suffix(enum key_usage usage)
{
    switch (usage) {
    case KEY_SIGNATURE:
        return "-signature";
    case KEY_ENCRYPTION:
        return "-encryption";
    case KEY_GENERAL:
        break;
    }
    return "";
}

/* ASCII only, whatever the locale. */
static bool
is_plain(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

enum err
key_file_name(const char *label, enum key_type type, enum key_usage usage,
              char file[KEY_FILE_MAX])
{
    size_t used = 0;
    int tail;

    if (*label == '\0')
        return ERR_LENGTH;
    for (const char *c = label; *c != '\0'; c++) {
        if (used + sizeof("=XX") > KEY_FILE_NAME_MAX)
            return ERR_LENGTH;
        /* A dot in front would hide the file. */
        if (is_plain(*c) && (*c != '.' || c > label))
            file[used++] = *c;
        else
            used += (size_t)snprintf(file + used, KEY_FILE_MAX - used, "=%02X",
                                     (unsigned)(unsigned char)*c);
    }
    tail = snprintf(file + used, KEY_FILE_MAX - used, "%s%s", type_suffix(type),
                    usage_suffix(usage));
    return used + (size_t)tail > KEY_FILE_NAME_MAX ? ERR_LENGTH : OK;
}
