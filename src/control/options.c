#include "control/options.h"

#include <stdio.h>
#include <string.h>

static const char usage_text[] =
    "usage: vtyd [--state DIR] [--listen ADDR:PORT]... "
    "[--console | --no-console]\n"
    "            [--user NAME]\n"
    "       vtyd attach [--state DIR]\n"
    "       vtyd check FILE\n"
    "       vtyd --version\n";

/* What holds when nothing else is said. */
#define DEFAULT_STATE  "/var/lib/vtyd"
#define DEFAULT_LISTEN ":22"

/* The arguments that are still to be read. */
struct arguments {
    int left;
    char **next;
};

static enum err
bad_usage(const char *what, const char *argument)
{
    fprintf(stderr, "vtyd: %s%s%s\n", what, argument == NULL ? "" : ": ",
            argument == NULL ? "" : argument);
    fputs(usage_text, stderr);
    return ERR_FORMAT;
}

static const char *
take(struct arguments *a)
{
    if (a->left == 0)
        return NULL;
    a->left--;
    return *a->next++;
}

/*
 * Is `argument` the option `name`, which takes a value? "--name VALUE" and
 * "--name=VALUE" are. `*value` is NULL when there is none behind it.
 */
static bool
is_option(struct arguments *a, const char *argument, const char *name,
          const char **value)
{
    size_t len = strlen(name);

    if (strncmp(argument, name, len) != 0)
        return false;
    if (argument[len] == '=')
        *value = argument + len + 1;
    else if (argument[len] == '\0')
        *value = take(a);
    else
        return false;
    if (*value != NULL && **value == '\0')
        *value = NULL;
    return true;
}

static enum err
add_listen(struct options *o, const char *text)
{
    if (o->listen_count == OPTIONS_LISTEN_MAX)
        return bad_usage("too many addresses to listen on", text);
    if (net_parse(text, &o->listen[o->listen_count]) != OK)
        return bad_usage("not an ADDR:PORT", text);
    o->listen_count++;
    return OK;
}

static enum err
set_console(struct options *o, enum console_wish wish)
{
    if (o->console != CONSOLE_DEFAULT && o->console != wish)
        return bad_usage("--console and --no-console exclude each other", NULL);
    o->console = wish;
    return OK;
}

static enum err
router_option(struct arguments *a, const char *argument, struct options *o)
{
    const char *value;

    if (is_option(a, argument, "--state", &value)) {
        o->state = value;
    } else if (is_option(a, argument, "--listen", &value)) {
        if (value != NULL)
            return add_listen(o, value);
    } else if (is_option(a, argument, "--user", &value)) {
        o->user = value;
    } else if (strcmp(argument, "--console") == 0) {
        return set_console(o, CONSOLE_ON);
    } else if (strcmp(argument, "--no-console") == 0) {
        return set_console(o, CONSOLE_OFF);
    } else {
        return bad_usage("unknown argument", argument);
    }
    return value == NULL ? bad_usage("a value is missing behind", argument)
                         : OK;
}

static enum err
parse_router(struct arguments *a, struct options *o)
{
    const char *argument;

    while ((argument = take(a)) != NULL) {
        enum err err = router_option(a, argument, o);

        if (err != OK)
            return err;
    }
    if (o->listen_count == 0)
        return add_listen(o, DEFAULT_LISTEN);
    return OK;
}

static enum err
parse_attach(struct arguments *a, struct options *o)
{
    const char *argument;

    while ((argument = take(a)) != NULL) {
        if (!is_option(a, argument, "--state", &o->state))
            return bad_usage("unknown argument", argument);
        if (o->state == NULL)
            return bad_usage("a value is missing behind", argument);
    }
    return OK;
}

static enum err
parse_check(struct arguments *a, struct options *o)
{
    o->check = take(a);
    if (o->check == NULL)
        return bad_usage("check needs a FILE", NULL);
    if (a->left > 0)
        return bad_usage("unknown argument", take(a));
    return OK;
}

enum err
options_parse(int argc, char **argv, struct options *o)
{
    struct arguments a = {argc > 0 ? argc - 1 : 0, argv + 1};

    *o = (struct options){.mode = PROGRAM_ROUTER, .state = DEFAULT_STATE};
    if (a.left > 0 && strcmp(*a.next, "attach") == 0) {
        take(&a);
        o->mode = PROGRAM_ATTACH;
        return parse_attach(&a, o);
    }
    if (a.left > 0 && strcmp(*a.next, "check") == 0) {
        take(&a);
        o->mode = PROGRAM_CHECK;
        return parse_check(&a, o);
    }
    if (a.left == 1 && strcmp(*a.next, "--version") == 0) {
        o->mode = PROGRAM_VERSION;
        return OK;
    }
    return parse_router(&a, o);
}
