#include "commands/answers.h"

#include "base/text.h"

bool
answer_confirms(const char *key)
{
    return key != NULL && strlen(key) <= 1 && strchr("\r\nyY", key[0]) != NULL;
}

enum reply
answer_reply(const char *line)
{
    if (line == NULL)
        return REPLY_NO;
    if (line[0] != '\0' && text_starts_nocase("yes", line))
        return REPLY_YES;
    if (line[0] != '\0' && text_starts_nocase("no", line))
        return REPLY_NO;
    return REPLY_UNCLEAR;
}

void
answer_explain(struct command *cmd)
{
    out(cmd, "%% Please answer 'yes' or 'no'.\n");
}

const char *
answer_or(const char *line, const char *fallback)
{
    return line != NULL && line[0] == '\0' ? fallback : line;
}
