#include "signer/keyfile.h"

#include "base/text.h"

#define PEM_BEGIN "-----BEGIN PRIVATE KEY-----\n"
#define PEM_END   "-----END PRIVATE KEY-----\n"

static const char *const usage_texts[] = {
    [KEY_GENERAL] = "general",
    [KEY_SIGNATURE] = "signature",
    [KEY_ENCRYPTION] = "encryption",
};
#define USAGE_COUNT (sizeof(usage_texts) / sizeof(usage_texts[0]))

bool
keyfile_name_is_valid(struct span name)
{
    if (name.len == 0 || name.len > KEYFILE_NAME_MAX || name.ptr[0] == ' ' ||
        name.ptr[name.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] < ' ' || name.ptr[i] > '~')
            return false;
    return true;
}

/* Take "word: value LF" off the front; false if the next line is another. */
static bool
take_line(struct span *rest, const char *word, struct span *value)
{
    size_t len = strlen(word);
    const uint8_t *end;

    if (rest->len < len || memcmp(rest->ptr, word, len) != 0)
        return false;
    *rest = span_of(rest->ptr + len, rest->len - len);
    end = rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
    if (end == NULL)
        return false;
    *value = span_of(rest->ptr, (size_t)(end - rest->ptr));
    *rest = span_of(end + 1, rest->len - value->len - 1);
    return true;
}

static bool
parse_usage(struct span text, enum key_usage *usage)
{
    for (size_t i = KEY_GENERAL; i < USAGE_COUNT; i++)
        if (span_is(text, usage_texts[i])) {
            *usage = (enum key_usage)i;
            return true;
        }
    return false;
}

/* One PEM block from the first byte to the last. */
static bool
is_one_block(struct span pem)
{
    size_t begin = strlen(PEM_BEGIN), end = strlen(PEM_END);

    return pem.len > begin + end && memcmp(pem.ptr, PEM_BEGIN, begin) == 0 &&
           memcmp(pem.ptr + pem.len - end, PEM_END, end) == 0 &&
           memmem(pem.ptr + begin, pem.len - begin - end, "-----", 5) == NULL;
}

enum err
keyfile_parse(struct span text, struct keyfile *file)
{
    struct span rest = text, made, usage, exportable, empty;
    struct keyfile parsed;

    if (text.len > KEYFILE_MAX || !take_line(&rest, "Name: ", &parsed.name) ||
        !take_line(&rest, "Made: ", &made) ||
        !take_line(&rest, "Usage: ", &usage) ||
        !take_line(&rest, "Exportable: ", &exportable) ||
        !take_line(&rest, "", &empty) || empty.len > 0)
        return ERR_FORMAT;
    parsed.exportable = span_is(exportable, "yes");
    parsed.pem = rest;
    if (!keyfile_name_is_valid(parsed.name) ||
        text_number(made, INT64_MAX, &parsed.made_at) != OK ||
        !parse_usage(usage, &parsed.usage) ||
        (!parsed.exportable && !span_is(exportable, "no")) ||
        !is_one_block(rest))
        return ERR_FORMAT;
    *file = parsed;
    return OK;
}

enum err
keyfile_write(const struct keyfile *file, struct buf *to)
{
    if (!keyfile_name_is_valid(file->name) || file->usage < KEY_GENERAL ||
        file->usage >= USAGE_COUNT)
        return ERR_FORMAT;
    buf_printf(to, "Name: %.*s\nMade: %llu\nUsage: %s\nExportable: %s\n\n",
               (int)file->name.len, (const char *)file->name.ptr,
               (unsigned long long)file->made_at, usage_texts[file->usage],
               file->exportable ? "yes" : "no");
    buf_put_span(to, file->pem);
    return buf_ok(to) ? OK : ERR_LENGTH;
}
