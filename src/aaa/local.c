#include "aaa/local.h"

#include "base/secret.h"
#include "base/text.h"

/* In place of what is no password: work without a meaning. */
#define NOBODYS_PASSWORD "no password is this one"

static bool
holds_nul(struct span bytes)
{
    return bytes.len > 0 && memchr(bytes.ptr, '\0', bytes.len) != NULL;
}

bool
local_judge(const struct msg_judge *request)
{
    char stored[PASSWORD_STORED_MAX];
    struct span given = request->given;
    bool acceptable = !request->decoy;
    bool matches = false;

    /* Never cut: "secret\0x" is not "secret" (hardening 4.8). */
    if (given.len > LOCAL_GIVEN_MAX || holds_nul(given)) {
        given = span_text(NOBODYS_PASSWORD);
        acceptable = false;
    }
    if (holds_nul(request->stored))
        return false;
    if (text_copy_span(stored, sizeof(stored), request->stored))
        matches = password_check(request->type, stored, given);
    wipe(stored, sizeof(stored));
    return matches && acceptable;
}

bool
local_is_quick(unsigned type)
{
    return type != 8 && type != 9;
}

enum err
local_encode(const struct msg_encode *request, char stored[PASSWORD_STORED_MAX])
{
    char clear[PASSWORD_MAX + 1];
    enum err err = ERR_FORMAT;

    if (request->type != 5 && request->type != 8 && request->type != 9)
        return ERR_FORMAT;
    if (!holds_nul(request->clear) &&
        text_copy_span(clear, sizeof(clear), request->clear))
        err = password_make(request->type, clear, stored);
    wipe(clear, sizeof(clear));
    return err;
}
