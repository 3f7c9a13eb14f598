#include "vtyssh/options.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "ssh/conn.h"
#include "vtyssh/algorithms.h"

#define SSH_PORT 22

static const char usage_text[] =
    "usage: vtyssh [-tT] [-v {1|2}] [-c CIPHER] [-m MAC] [-l USER] [-p PORT]\n"
    "              [-o numberofpasswordprompts N] [-i FILE]...\n"
    "              [USER@]HOST [COMMAND...]\n"
    "       vtyssh --help | --version\n";

static const char help_text[] =
    "\n"
    "  -c CIPHER  the only cipher to offer\n"
    "  -i FILE    a private key to log in with, before all others\n"
    "  -l USER    the user to log in as\n"
    "  -m MAC     the only MAC to offer\n"
    "  -o numberofpasswordprompts N\n"
    "             give up after so many wrong passwords (1-5, 3 by default)\n"
    "  -p PORT    the TCP port (22 by default)\n"
    "  -t, -T     with a remote terminal, or without\n"
    "  -v 1|2     the version of the protocol; without it 2, and 1 for a host\n"
    "             that has nothing newer and was never met with 2\n"
    "\n"
    "In a terminal, at the start of a line: ~. ends the connection, ~? lists\n"
    "what else can be typed.\n";

/* The arguments that are still to be read. */
struct arguments {
    int left;
    char **next;
};

static enum err
bad_usage(const char *what, const char *argument)
{
    fprintf(stderr, "vtyssh: %s%s%s\n", what, argument == NULL ? "" : ": ",
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

/* --- host and user ------------------------------------------------------ */

/* RFC 1123 names, underscores too, and addresses (hardening 8.4). */
static bool
is_host(const char *host)
{
    size_t len = strlen(host);

    if (len == 0 || len > OPTIONS_HOST_MAX || host[0] == '-')
        return false;
    return strspn(host, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                        "0123456789.-_:%") == len;
}

static bool
is_user(const char *user)
{
    size_t len = strlen(user);

    if (len == 0 || len > OPTIONS_USER_MAX || user[0] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)user[i] < ' ' || user[i] == 0x7f)
            return false;
    return true;
}

static enum err
set_host(struct options *o, const char *argument)
{
    const char *at = strrchr(argument, '@');

    if (at != NULL) {
        struct span name = span_of(argument, (size_t)(at - argument));

        if (!text_copy_span(o->named_user, sizeof(o->named_user), name) ||
            !is_user(o->named_user))
            return bad_usage("not a user's name", argument);
        if (o->user == NULL)
            o->user = o->named_user;
        argument = at + 1;
    }
    if (!is_host(argument))
        return bad_usage("not a host", argument);
    (void)text_copy(o->host, sizeof(o->host), argument);
    return OK;
}

/* --- options ------------------------------------------------------------ */

static enum err
set_number(const char *value, unsigned min, unsigned max, unsigned *number,
           const char *what)
{
    uint64_t parsed;

    if (text_number(span_text(value), max, &parsed) != OK || parsed < min)
        return bad_usage(what, value);
    *number = (unsigned)parsed;
    return OK;
}

/* "-o numberofpasswordprompts 3", as the router has it, or "name=3". */
static enum err
set_option(struct options *o, struct arguments *a, const char *value)
{
    static const char name[] = "numberofpasswordprompts";
    const char *number = NULL;

    if (text_equal_nocase(value, name))
        number = take(a);
    else if (text_starts_nocase(value, name) && value[strlen(name)] == '=')
        number = value + strlen(name) + 1;
    else
        return bad_usage("unknown option behind -o", value);
    if (number == NULL)
        return bad_usage("a number is missing behind", value);
    return set_number(number, 1, 5, &o->prompts,
                      "not a number of prompts (1-5)");
}

static enum err
set_version(struct options *o, const char *value)
{
    o->version_named = true;
    o->versions = strcmp(value, "1") == 0 ? SSH_VERSION_1 : SSH_VERSION_2;
    return strcmp(value, "1") == 0 || strcmp(value, "2") == 0
               ? OK
               : bad_usage("not a version of the protocol", value);
}

/*
 * Version 1 has two ciphers, and nothing to choose beside them: who asks for
 * anything else means version 2.
 */
static enum err
check_version(struct options *o)
{
    bool des = o->cipher != NULL && strcmp(o->cipher, "des") == 0;
    bool triple = o->cipher != NULL && strcmp(o->cipher, "3des-cbc") == 0;

    if (des && (o->versions & SSH_VERSION_1) == 0)
        return bad_usage("des is a cipher of version 1", NULL);
    if (des)
        o->versions = SSH_VERSION_1;
    if (o->versions == SSH_VERSION_1 && o->mac != NULL)
        return bad_usage("version 1 has no MAC to choose", o->mac);
    if (o->versions == SSH_VERSION_1 && o->cipher != NULL && !des && !triple)
        return bad_usage("not a cipher of version 1", o->cipher);
    if (o->mac != NULL || (o->cipher != NULL && !des && !triple))
        o->versions = SSH_VERSION_2;
    o->v1_cipher = des ? "des" : triple ? "3des" : NULL;
    return OK;
}

static enum err
add_key_file(struct options *o, const char *value)
{
    if (o->key_file_count == OPTIONS_KEY_FILES_MAX)
        return bad_usage("too many key files", value);
    o->key_files[o->key_file_count++] = value;
    return OK;
}

static enum err
set_value(struct options *o, struct arguments *a, char letter,
          const char *value)
{
    switch (letter) {
    case 'c':
        o->cipher = algorithms_cipher(value);
        return o->cipher == NULL ? bad_usage("unknown cipher", value) : OK;
    case 'm':
        o->mac = algorithms_mac(value);
        return o->mac == NULL ? bad_usage("unknown MAC", value) : OK;
    case 'i':
        return add_key_file(o, value);
    case 'l':
        o->user = value;
        return is_user(value) ? OK : bad_usage("not a user's name", value);
    case 'o':
        return set_option(o, a, value);
    case 'p':
        return set_number(value, 1, 65535, &o->port, "not a port");
    default:
        return set_version(o, value);
    }
}

/* One argument that begins with '-': letters, the last with its value. */
static enum err
parse_letters(struct options *o, struct arguments *a, const char *argument)
{
    for (const char *c = argument + 1; *c != '\0'; c++) {
        const char *value;

        if (*c == 't' || *c == 'T') {
            o->terminal = *c == 't' ? TERMINAL_ALWAYS : TERMINAL_NEVER;
            continue;
        }
        if (strchr("cilmopv", *c) == NULL)
            return bad_usage("unknown option", argument);
        value = c[1] != '\0' ? c + 1 : take(a);
        if (value == NULL || *value == '\0')
            return bad_usage("a value is missing behind", argument);
        return set_value(o, a, *c, value);
    }
    return OK;
}

static enum err
take_command(struct options *o, struct arguments *a)
{
    size_t len = 0, room = 0;

    if (a->left == 0)
        return OK;
    for (int i = 0; i < a->left; i++)
        room += strlen(a->next[i]) + 1;
    if (room > OPTIONS_COMMAND_MAX)
        return bad_usage("the command is too long", NULL);
    o->command = alloc_zero(room, 1);
    for (const char *word = take(a); word != NULL; word = take(a)) {
        size_t word_len = strlen(word);

        memcpy(o->command + len, word, word_len);
        len += word_len;
        o->command[len++] = a->left > 0 ? ' ' : '\0';
    }
    return OK;
}

enum err
options_parse(int argc, char **argv, struct options *o)
{
    struct arguments a = {argc - 1, argv + 1};
    const char *argument;
    enum err err = OK;

    *o = (struct options){
        .port = SSH_PORT,
        .prompts = 3,
        .versions = SSH_VERSION_1 | SSH_VERSION_2,
    };
    while ((argument = take(&a)) != NULL && argument[0] == '-' &&
           argument[1] != '\0' && err == OK) {
        if (strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0) {
            o->action = ACTION_HELP;
            return OK;
        }
        if (strcmp(argument, "--version") == 0 || strcmp(argument, "-V") == 0) {
            o->action = ACTION_VERSION;
            return OK;
        }
        if (strcmp(argument, "--") == 0) {
            argument = take(&a);
            break;
        }
        err = parse_letters(o, &a, argument);
    }
    if (err != OK)
        return err;
    if (argument == NULL)
        return bad_usage("a host is missing", NULL);
    err = check_version(o);
    if (err == OK)
        err = set_host(o, argument);
    return err == OK ? take_command(o, &a) : err;
}

void
options_clear(struct options *o)
{
    free(o->command);
    o->command = NULL;
}

void
options_print_help(void)
{
    fputs(usage_text, stdout);
    fputs(help_text, stdout);
}

void
options_print_version(void)
{
    printf("vtyssh %s, %s\n", VTYD_VERSION, crypto_library_version());
}
