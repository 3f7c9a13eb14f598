/*
 * Where a user stands, and what that looks like before the cursor.
 */
#include "cli/cli.h"

#include <stdio.h>

#define PROMPT_NAME_MAX 20 /* characters of the name in configuration modes */
#define PRIVILEGED      2  /* `#` from this level on */

void
cli_context_init(struct cli_context *context, const struct cli_mode *mode,
                 unsigned privilege)
{
    memset(context, 0, sizeof(*context));
    context->mode = mode;
    context->privilege = privilege;
}

void
cli_context_enter(struct cli_context *context, const struct cli_mode *mode)
{
    context->mode = mode;
    context->depth = 0;
}

bool
cli_context_configures(const struct cli_context *context)
{
    return context->mode->parent != NULL;
}

void
cli_prompt(const struct cli_context *context, const char *hostname,
           char *prompt, size_t room)
{
    int most = cli_context_configures(context) ? PROMPT_NAME_MAX : 63;

    snprintf(prompt, room, "%.*s%s%c", most, hostname, context->mode->prompt,
             cli_context_configures(context) || context->privilege >= PRIVILEGED
                 ? '#'
                 : '>');
}
