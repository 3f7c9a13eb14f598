/*
 * What `copy` asks about a file of another host.
 */
#include <errno.h>
#include <stdio.h>

#include "base/text.h"
#include "commands/answers.h"
#include "commands/copy_parts.h"

#define PROMPT_MAX (REMOTE_SHOWN_MAX + 64)

/* The side that is not here. */
static struct file_name *
far_side(struct copying *copy)
{
    return copy->way == COPY_GET ? &copy->from : &copy->to;
}

/* As it is known by now. False: it cannot be, and the user was told. */
static bool
took(struct command *cmd, enum err err, int reason)
{
    struct copying *copy = cmd->state;
    struct file_name *side = far_side(copy);

    text_copy(side->shown, sizeof(side->shown), copy->remote.shown);
    if (err == OK)
        return true;
    file_failed(cmd, "opening", side->shown, reason);
    return false;
}

/* "What [fallback]? " */
static void
ask(struct command *cmd, const char *what, const char *fallback,
    cmd_answer_fn on_answer)
{
    char shown[REMOTE_SHOWN_MAX], prompt[PROMPT_MAX];

    text_escape(shown, sizeof(shown), span_text(fallback));
    snprintf(prompt, sizeof(prompt), "%s [%s]? ", what, shown);
    cmd_ask(cmd, prompt, ASK_LINE, 0, on_answer);
}

/*
 * Whether to ask for what was given, or can be guessed; what is missing is
 * asked for however quiet file prompts are: without it there is nothing to do.
 */
static bool
is_noisy(const struct command *cmd)
{
    return file_prompt(cmd) == FILE_PROMPT_NOISY;
}

static bool
is_quiet(const struct command *cmd)
{
    return file_prompt(cmd) == FILE_PROMPT_QUIET;
}

/* --- the file over there ------------------------------------------------ */

/* A name, and not that of a directory. */
static bool
take_path(struct command *cmd, const char *path)
{
    struct copying *copy = cmd->state;
    char given[REMOTE_PATH_MAX]; /* it may be the one that is replaced */
    int reason = ENAMETOOLONG;
    enum err err = ERR_SYSTEM;

    if (text_copy(given, sizeof(given), path))
        err = remote_name_set_path(&copy->remote, given, &reason);
    if (err == OK && remote_name_last(&copy->remote)[0] == '\0') {
        reason = EISDIR;
        err = ERR_SYSTEM;
    }
    return took(cmd, err, reason);
}

static void
on_source(struct command *cmd, const char *text)
{
    const struct copying *copy = cmd->state;
    const char *path = answer_or(text, copy->remote.path);

    if (path != NULL && take_path(cmd, path))
        copy_ask_target(cmd);
}

static void
ask_source(struct command *cmd)
{
    struct copying *copy = cmd->state;

    if (copy->remote.path[0] == '\0' || is_noisy(cmd))
        ask(cmd, "Source filename", copy->remote.path, on_source);
    else if (take_path(cmd, copy->remote.path))
        copy_ask_target(cmd);
}

/*
 * The name over there if nothing else is said: as here, and a configuration as
 * IOS names it: "r1-confg".
 */
static void
default_target(const struct command *cmd, char path[REMOTE_PATH_MAX])
{
    const struct copying *copy = cmd->state;
    const char *given = copy->remote.path;
    size_t at;

    text_copy(path, REMOTE_PATH_MAX, given);
    at = strlen(path);
    if (at > 0 && path[at - 1] != '/')
        return;
    if (copy->from.system == FILE_FLASH) {
        text_copy(path + at, REMOTE_PATH_MAX - at, file_name_last(&copy->from));
        return;
    }
    snprintf(path + at, REMOTE_PATH_MAX - at, "%s-confg",
             cmd->config->hostname);
    for (; path[at] != '\0'; at++)
        if (path[at] >= 'A' && path[at] <= 'Z')
            path[at] = (char)(path[at] - 'A' + 'a');
}

static void
on_target(struct command *cmd, const char *text)
{
    char fallback[REMOTE_PATH_MAX];
    const char *path;

    default_target(cmd, fallback);
    path = answer_or(text, fallback);
    if (path != NULL && take_path(cmd, path))
        copy_look(cmd);
}

static void
ask_target(struct command *cmd)
{
    char fallback[REMOTE_PATH_MAX];

    default_target(cmd, fallback);
    if (is_quiet(cmd))
        on_target(cmd, "");
    else
        ask(cmd, "Destination filename", fallback, on_target);
}

/* --- who, and where ----------------------------------------------------- */

static void
ask_path(struct command *cmd)
{
    const struct copying *copy = cmd->state;

    if (copy->way == COPY_GET)
        ask_source(cmd);
    else
        ask_target(cmd);
}

/* Who he is here, if nothing else is said; nobody on an open console. */
static const char *
default_user(const struct command *cmd)
{
    const struct copying *copy = cmd->state;

    return copy->remote.user[0] != '\0' ? copy->remote.user
                                        : cmd->session->user;
}

static void
on_user(struct command *cmd, const char *text)
{
    struct copying *copy = cmd->state;
    char user[SSH_USER_MAX + 1];
    enum err err;
    int reason;

    text_copy(user, sizeof(user), default_user(cmd));
    text = answer_or(text, user);
    if (text == NULL)
        return;
    if (text[0] == '\0') {
        out_error(cmd, "No user specified nor available for SSH client");
        return;
    }
    err = remote_name_set_user(&copy->remote, text, &reason);
    if (took(cmd, err, reason))
        ask_path(cmd);
}

static void
ask_user(struct command *cmd)
{
    const struct copying *copy = cmd->state;
    const char *fallback = default_user(cmd);
    bool given = copy->remote.user[0] != '\0';

    if (is_noisy(cmd) || fallback[0] == '\0' || (!given && !is_quiet(cmd)))
        ask(cmd,
            copy->way == COPY_GET ? "Source username" : "Destination username",
            fallback, on_user);
    else
        on_user(cmd, "");
}

static void
on_host(struct command *cmd, const char *text)
{
    struct copying *copy = cmd->state;
    const char *host = answer_or(text, copy->remote.host);
    char given[REMOTE_HOST_MAX];
    enum err err;
    int reason;

    if (host == NULL)
        return;
    if (!text_copy(given, sizeof(given), host)) {
        (void)took(cmd, ERR_SYSTEM, ENAMETOOLONG);
        return;
    }
    err = remote_name_set_host(&copy->remote, given, &reason);
    if (took(cmd, err, reason))
        ask_user(cmd);
}

void
copy_ask_remote(struct command *cmd)
{
    const struct copying *copy = cmd->state;

    if (copy->remote.host[0] == '\0' || is_noisy(cmd))
        ask(cmd, "Address or name of remote host", copy->remote.host, on_host);
    else
        ask_user(cmd);
}
