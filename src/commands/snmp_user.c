/*
 * Version 3 of SNMP: engines, groups and users. Users are not part of the
 * configuration's text: control/snmp_users.h keeps them.
 */
#include <ctype.h>
#include <stdio.h>

#include "base/secret.h"
#include "base/text.h"
#include "cli/cli.h"
#include "commands/rows.h"
#include "commands/server_address.h"
#include "commands/snmp_names.h"
#include "control/network.h"
#include "control/snmp.h"
#include "control/snmp_users.h"

#define ENGINE   "engine-id"
#define AUTH_KEY "auth-key"
#define PRIV_KEY "priv-key"

#define ENGINE_SHORT 24 /* digits; fewer are followed by zeros, as on IOS */
#define ENGINE_LONG  64 /* RFC 3411: 32 octets */

const char *
snmp_level_name(unsigned level)
{
    if (level == CONFIG_SNMP_PRIV)
        return "priv";
    return level == CONFIG_SNMP_AUTH ? "auth" : "noauth";
}

const char *
snmp_version_name(const struct config_snmp_host *host)
{
    if (host->version == CONFIG_SNMP_V2C)
        return "2c";
    if (host->version != CONFIG_SNMP_V3)
        return "1";
    if (host->level == CONFIG_SNMP_PRIV)
        return "3 priv";
    return host->level == CONFIG_SNMP_AUTH ? "3 auth" : "3 noauth";
}

static uint32_t
typed_port(const struct cli_match *match)
{
    return cli_number_or(match, "port", CONFIG_SNMP_PORT);
}

/* --- snmp-server engineID ----------------------------------------------- */

/* As it is kept: upper case, an even number of digits. False: it is none. */
static bool
engine_text(const char *typed, char text[ENGINE_LONG + 1])
{
    size_t len = strlen(typed);
    bool zeros = true;

    if (len == 0 || len > ENGINE_LONG || (len > ENGINE_SHORT && len % 2 != 0) ||
        typed[strspn(typed, "0123456789abcdefABCDEF")] != '\0')
        return false;
    for (size_t i = 0; i < len; i++) {
        text[i] = (char)toupper((unsigned char)typed[i]);
        zeros = zeros && text[i] == '0';
    }
    for (; len < ENGINE_SHORT; len++)
        text[len] = '0';
    text[len] = '\0';
    return !zeros && strspn(text, "F") != len;
}

static const char *
set_engine(struct cli_change *change)
{
    char text[ENGINE_LONG + 1];

    if (cli_restores(change->match)) {
        config_text_set(&change->config->snmp.engine, NULL);
        return NULL;
    }
    if (!engine_text(cli_text(change->match, ENGINE), text))
        return "%Invalid engineID: 1 to 64 hexadecimal digits, not all of "
               "them 0 or F";
    config_text_set(&change->config->snmp.engine, text);
    return NULL;
}

static void
write_engine(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;

    (void)all;
    if (config->snmp.engine != NULL)
        cli_write_line(writer, "snmp-server engineID local %s",
                       config->snmp.engine);
}

static const char *
set_remote_engine(struct cli_change *change)
{
    struct config_list *engines = &change->config->snmp.engines.list;
    const struct cli_match *match = change->match;
    struct config_address address = server_address_typed(match);
    struct config_snmp_engine *engine = NULL;
    char text[ENGINE_LONG + 1];
    size_t at = 0;

    if (address.family == CONFIG_FAMILY_NONE)
        return "% Incomplete command.";
    for (; at < engines->count && engine == NULL; at++) {
        struct config_snmp_engine *one = engines->items[at];

        if (config_address_equal(&one->address, &address) &&
            one->port == typed_port(match))
            engine = one;
    }
    if (cli_restores(match)) {
        if (engine != NULL)
            config_list_remove(engines, &config_snmp_engine_type, at - 1);
        return NULL;
    }
    if (!engine_text(cli_text(match, ENGINE), text))
        return "%Invalid engineID: 1 to 64 hexadecimal digits, not all of "
               "them 0 or F";
    if (engine == NULL && engines->count == SNMP_HOSTS_MAX)
        return "% Too many entries";
    if (engine == NULL)
        engine = config_list_append(engines, &config_snmp_engine_type);
    engine->address = address;
    engine->port = typed_port(match);
    config_text_set(&engine->engine, text);
    return NULL;
}

static void
write_remote_engines(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    const struct config_list *engines = &config->snmp.engines.list;

    (void)all;
    for (size_t i = 0; i < engines->count; i++) {
        const struct config_snmp_engine *engine = engines->items[i];
        char address[CONFIG_ADDRESS_TEXT], port[24] = "";

        config_address_text(&engine->address, address);
        if (engine->port != CONFIG_SNMP_PORT)
            snprintf(port, sizeof(port), " udp-port %u", engine->port);
        cli_write_line(writer, "snmp-server engineID remote %s%s %s", address,
                       port, engine->engine);
    }
}

/* --- snmp-server group -------------------------------------------------- */

static uint8_t
typed_level(const struct cli_match *match)
{
    if (cli_given(match, "priv"))
        return CONFIG_SNMP_PRIV;
    return cli_given(match, "auth") ? CONFIG_SNMP_AUTH : CONFIG_SNMP_NOAUTH;
}

/* Where the group of that name and level is; list->count: nowhere. */
static size_t
find_group(const struct config_list *groups, const struct cli_match *match)
{
    size_t i = 0;

    for (; i < groups->count; i++) {
        const struct config_snmp_group *group = groups->items[i];

        if (strcmp(group->name, cli_text(match, "name")) == 0 &&
            group->level == typed_level(match))
            break;
    }
    return i;
}

static const char *
set_group(struct cli_change *change)
{
    struct config_list *groups = &change->config->snmp.groups.list;
    const struct cli_match *match = change->match;
    struct config_snmp_group *group;
    size_t at;

    if (cli_text(match, "name") == NULL || !cli_given(match, "v3"))
        return "% Incomplete command.";
    if (strlen(cli_text(match, "name")) > SNMP_USER_MAX)
        return "%Group name is longer than 32 characters";
    at = find_group(groups, match);
    if (cli_restores(match)) {
        if (at < groups->count)
            config_list_remove(groups, &config_snmp_group_type, at);
        return NULL;
    }
    if (at < groups->count)
        return NULL;
    if (groups->count == SNMP_USERS_MAX)
        return "% Too many entries";
    group = config_list_append(groups, &config_snmp_group_type);
    config_text_set(&group->name, cli_text(match, "name"));
    group->level = typed_level(match);
    return NULL;
}

static void
write_groups(struct cli_writer *writer, const void *section, bool all)
{
    const struct config *config = section;
    const struct config_list *groups = &config->snmp.groups.list;

    (void)all;
    for (size_t i = 0; i < groups->count; i++) {
        const struct config_snmp_group *group = groups->items[i];

        cli_write_line(writer, "snmp-server group %s v3 %s", group->name,
                       snmp_level_name(group->level));
    }
}

/* --- snmp-server user --------------------------------------------------- */

/* Hexadecimal digits, a colon between two bytes or not; their number, or 0. */
static size_t
read_key(const char *typed, uint8_t key[SNMP_USER_KEY_MAX])
{
    size_t digits = 0;

    for (; *typed != '\0'; typed++) {
        unsigned char c = (unsigned char)*typed;

        if (c == ':' && digits % 2 == 0 && digits > 0)
            continue;
        if (!isxdigit(c) || digits == 2 * SNMP_USER_KEY_MAX)
            return 0;
        if (digits % 2 == 0)
            key[digits / 2] = 0;
        key[digits / 2] =
            (uint8_t)(key[digits / 2] << 4 |
                      (isdigit(c) ? c - '0' : tolower(c) - 'a' + 10));
        digits++;
    }
    return digits % 2 == 0 ? digits / 2 : 0;
}

/* A key as it is typed, or made of a password for the user's engine. */
static const char *
take_key(const struct cli_match *match, const char *name,
         const struct snmp_user *user, size_t wanted,
         uint8_t key[SNMP_USER_KEY_MAX])
{
    const char *typed = cli_text(match, name);

    if (cli_given(match, "encrypted"))
        return read_key(typed, key) >= wanted
                   ? NULL
                   : "%Invalid key: hexadecimal digits of a digest are wanted";
    return snmp_user_localize(user, typed, key)
               ? NULL
               : "%Password cannot be used for a key";
}

/* Whom the line is about: name, group and engine. */
static const char *
take_name(const struct cli_change *change, struct snmp_user *user)
{
    const struct cli_match *match = change->match;
    struct config_address address = server_address_typed(match);

    if (!text_copy(user->name, sizeof(user->name), cli_text(match, "name")))
        return "%Username is longer than 32 characters";
    if (!text_copy(user->group, sizeof(user->group), cli_text(match, "group")))
        return "%Group name is longer than 32 characters";
    if (!cli_given(match, "remote")) {
        snmp_local_engine(change->owner, change->config, &user->engine);
        return NULL;
    }
    return snmp_remote_engine(change->config, &address, typed_port(match),
                              &user->engine)
               ? NULL
               : "%The engineID of that host is not configured: snmp-server "
                 "engineID remote";
}

static const char *
take_keys(const struct cli_match *match, struct snmp_user *user)
{
    const char *refusal;

    if (!cli_given(match, "auth"))
        return NULL;
    user->auth = cli_given(match, "md5") ? SNMP_AUTH_MD5 : SNMP_AUTH_SHA;
    refusal = take_key(match, AUTH_KEY, user, snmp_user_auth_length(user),
                       user->auth_key);
    if (refusal != NULL || !cli_given(match, "priv"))
        return refusal;
    user->priv = cli_given(match, "des") ? SNMP_PRIV_DES : SNMP_PRIV_AES128;
    return take_key(match, PRIV_KEY, user, SNMP_PRIV_KEY_BYTES, user->priv_key);
}

static const char *
set_user(struct cli_change *change)
{
    const struct cli_match *match = change->match;
    struct snmp_user user = {.auth = SNMP_AUTH_NONE};
    const char *refusal;

    if (cli_text(match, "name") == NULL || cli_text(match, "group") == NULL)
        return "% Incomplete command.";
    refusal = take_name(change, &user);
    if (refusal == NULL && !cli_restores(match))
        refusal = take_keys(match, &user);
    if (refusal == NULL && network_applies(change)) {
        if (cli_restores(match))
            snmp_users_remove(change->owner, &user);
        else if (!snmp_users_put(change->owner, &user))
            refusal = "% Too many entries";
    }
    wipe(&user, sizeof(user));
    return refusal;
}

/* As on IOS: users stand in no configuration. */
static void
write_no_users(struct cli_writer *writer, const void *section, bool all)
{
    (void)writer;
    (void)section;
    (void)all;
}

#define ENGINE_HELP "engine ID octet string"

const struct cli_row snmp_user_rows[] = {
    GROUP("snmp-server", "Modify SNMP engine parameters"),
    GROUP("snmp-server engineID",
          "Configure a local or remote SNMPv3 engineID"),
    SET_BY("snmp-server engineID local WORD:" ENGINE "", set_engine,
           write_engine, "Local SNMP agent", ENGINE_HELP),
    SET_BY("snmp-server engineID remote {A.B.C.D:a4|X:X::X:a6} "
           "[udp-port <1-65535>:port] WORD:" ENGINE "",
           set_remote_engine, write_remote_engines, "Remote SNMP agent",
           "IP address of remote SNMP notification host",
           "IPv6 address of remote SNMP notification host",
           "UDP port of the remote host", "Port number", ENGINE_HELP),
    SET_BY("snmp-server group WORD:name v3 {auth|noauth|priv}", set_group,
           write_groups, "Define a User Security Model group",
           "Name of the group", "group using the User Security Model (SNMPv3)",
           "group using the authNoPriv Security Level",
           "group using the noAuthNoPriv Security Level",
           "group using SNMPv3 authPriv security level"),
    {ROW_SET_BY(
         "snmp-server user WORD:name WORD:group "
         "[remote {A.B.C.D:a4|X:X::X:a6} [udp-port <1-65535>:port]] v3 "
         "[encrypted] [auth {md5|sha} WORD:" AUTH_KEY
         " [priv {des|aes 128} WORD:" PRIV_KEY "]]",
         set_user, write_no_users,
         "Define a user who can access the SNMP engine", "Name of the user",
         "Group to which the user belongs",
         "Specify a remote SNMP entity to which the user belongs",
         "IP address of remote SNMP entity",
         "IPv6 address of remote SNMP entity", "UDP port of the remote entity",
         "Port number", "user using the v3 security model",
         "specifying passwords as MD5 or SHA digests",
         "authentication parameters for the user",
         "Use HMAC MD5 algorithm for authentication",
         "Use HMAC SHA algorithm for authentication",
         "authentication password for user", "privacy parameters for the user",
         "Use 56 bit DES algorithm", "Use AES algorithm for encryption",
         "Use 128 bit AES algorithm", "privacy password for user"),
     .secrets = AUTH_KEY "," PRIV_KEY},
    ROWS_END,
};
