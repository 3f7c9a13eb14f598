#include "config/config.h"

#include "base/text.h"
#include "config/vty.h"

/*
 * One entry of a structure's table, made from the same list as the structure
 * itself; TYPE is the structure the list is expanded for.
 */
#define ENTRY_NUMBER(name, arg) \
    {.kind = CONFIG_NUMBER, .offset = offsetof(TYPE, name), .number = arg},
#define ENTRY_FLAG(name, arg) \
    {.kind = CONFIG_FLAG, .offset = offsetof(TYPE, name), .number = arg},
#define ENTRY_CHOICE(name, arg) \
    {.kind = CONFIG_CHOICE, .offset = offsetof(TYPE, name), .number = arg},
#define ENTRY_TEXT(name, arg) \
    {.kind = CONFIG_TEXT, .offset = offsetof(TYPE, name), .text = arg},
#define ENTRY_SECRET(name, arg) \
    {.kind = CONFIG_SECRET, .offset = offsetof(TYPE, name)},
#define ENTRY_ADDRESS(name, arg) \
    {.kind = CONFIG_ADDRESS, .offset = offsetof(TYPE, name)},
#define ENTRY_LIST(name, arg) \
    {.kind = CONFIG_LIST, .offset = offsetof(TYPE, name), .type = &arg##_type},
#define ENTRY_STRUCT(name, arg)      \
    {.kind = CONFIG_STRUCT,          \
     .offset = offsetof(TYPE, name), \
     .type = &arg##_type},
#define ENTRY(kind, name, arg) ENTRY_##kind(name, arg)
#define TABLE(fields)             \
    (const struct config_field[]) \
    {                             \
        fields(ENTRY)             \
        {                         \
            .kind = CONFIG_END    \
        }                         \
    }

#define TYPE struct config_user
const struct config_type config_user_type = {sizeof(TYPE),
                                             TABLE(CONFIG_USER_FIELDS)};
#undef TYPE
#define TYPE struct config_enable
const struct config_type config_enable_type = {sizeof(TYPE),
                                               TABLE(CONFIG_ENABLE_FIELDS)};
#undef TYPE
#define TYPE struct config_key
const struct config_type config_key_type = {sizeof(TYPE),
                                            TABLE(CONFIG_KEY_FIELDS)};
#undef TYPE
#define TYPE struct config_key_owner
const struct config_type config_key_owner_type = {
    sizeof(TYPE), TABLE(CONFIG_KEY_OWNER_FIELDS)};
#undef TYPE
#define TYPE struct config_ssh_port
const struct config_type config_ssh_port_type = {sizeof(TYPE),
                                                 TABLE(CONFIG_SSH_PORT_FIELDS)};
#undef TYPE
#define TYPE struct config_ssh
const struct config_type config_ssh_type = {sizeof(TYPE),
                                            TABLE(CONFIG_SSH_FIELDS)};
#undef TYPE
#define TYPE struct config_interface_address
const struct config_type config_interface_address_type = {
    sizeof(TYPE), TABLE(CONFIG_INTERFACE_ADDRESS_FIELDS)};
#undef TYPE
#define TYPE struct config_interface
const struct config_type config_interface_type = {
    sizeof(TYPE), TABLE(CONFIG_INTERFACE_FIELDS)};
#undef TYPE
#define TYPE struct config_route
const struct config_type config_route_type = {sizeof(TYPE),
                                              TABLE(CONFIG_ROUTE_FIELDS)};
#undef TYPE
#define TYPE struct config_server
const struct config_type config_server_type = {sizeof(TYPE),
                                               TABLE(CONFIG_SERVER_FIELDS)};
#undef TYPE
#define TYPE struct config_host
const struct config_type config_host_type = {sizeof(TYPE),
                                             TABLE(CONFIG_HOST_FIELDS)};
#undef TYPE
#define TYPE struct config_ace
const struct config_type config_ace_type = {sizeof(TYPE),
                                            TABLE(CONFIG_ACE_FIELDS)};
#undef TYPE
#define TYPE struct config_acl
const struct config_type config_acl_type = {sizeof(TYPE),
                                            TABLE(CONFIG_ACL_FIELDS)};
#undef TYPE
#define TYPE struct config_alias
const struct config_type config_alias_type = {sizeof(TYPE),
                                              TABLE(CONFIG_ALIAS_FIELDS)};
#undef TYPE
#define TYPE struct config_level
const struct config_type config_level_type = {sizeof(TYPE),
                                              TABLE(CONFIG_LEVEL_FIELDS)};
#undef TYPE
#define TYPE struct config_banners
const struct config_type config_banners_type = {sizeof(TYPE),
                                                TABLE(CONFIG_BANNERS_FIELDS)};
#undef TYPE
#define TYPE struct config_access_class
const struct config_type config_access_class_type = {
    sizeof(TYPE), TABLE(CONFIG_ACCESS_CLASS_FIELDS)};
#undef TYPE
#define TYPE struct config_line_methods
const struct config_type config_line_methods_type = {
    sizeof(TYPE), TABLE(CONFIG_LINE_METHODS_FIELDS)};
#undef TYPE
#define TYPE struct config_line
const struct config_type config_line_type = {sizeof(TYPE),
                                             TABLE(CONFIG_LINE_FIELDS)};
#undef TYPE
#define TYPE struct config_login_watch
const struct config_type config_login_watch_type = {
    sizeof(TYPE), TABLE(CONFIG_LOGIN_WATCH_FIELDS)};
#undef TYPE
#define TYPE struct config_tty
const struct config_type config_tty_type = {sizeof(TYPE),
                                            TABLE(CONFIG_TTY_FIELDS)};
#undef TYPE
#define TYPE struct config_tty_range
const struct config_type config_tty_range_type = {
    sizeof(TYPE), TABLE(CONFIG_TTY_RANGE_FIELDS)};
#undef TYPE
#define TYPE struct config_vty
const struct config_type config_vty_type = {sizeof(TYPE),
                                            TABLE(CONFIG_VTY_FIELDS)};
#undef TYPE
#define TYPE struct config_logging
const struct config_type config_logging_type = {sizeof(TYPE),
                                                TABLE(CONFIG_LOGGING_FIELDS)};
#undef TYPE
#define TYPE struct config_timestamps
const struct config_type config_timestamps_type = {
    sizeof(TYPE), TABLE(CONFIG_TIMESTAMPS_FIELDS)};
#undef TYPE
#define TYPE struct config_summer_edge
const struct config_type config_summer_edge_type = {
    sizeof(TYPE), TABLE(CONFIG_SUMMER_EDGE_FIELDS)};
#undef TYPE
#define TYPE struct config_summer
const struct config_type config_summer_type = {sizeof(TYPE),
                                               TABLE(CONFIG_SUMMER_FIELDS)};
#undef TYPE
#define TYPE struct config_change_log
const struct config_type config_change_log_type = {
    sizeof(TYPE), TABLE(CONFIG_CHANGE_LOG_FIELDS)};
#undef TYPE
#define TYPE struct config_archive
const struct config_type config_archive_type = {sizeof(TYPE),
                                                TABLE(CONFIG_ARCHIVE_FIELDS)};
#undef TYPE
#define TYPE struct config_zone
const struct config_type config_zone_type = {sizeof(TYPE),
                                             TABLE(CONFIG_ZONE_FIELDS)};
#undef TYPE
#define TYPE struct config_methods
const struct config_type config_methods_type = {sizeof(TYPE),
                                                TABLE(CONFIG_METHODS_FIELDS)};
#undef TYPE
#define TYPE struct config_aaa
const struct config_type config_aaa_type = {sizeof(TYPE),
                                            TABLE(CONFIG_AAA_FIELDS)};
#undef TYPE
#define TYPE struct config_radius_server
const struct config_type config_radius_server_type = {
    sizeof(TYPE), TABLE(CONFIG_RADIUS_SERVER_FIELDS)};
#undef TYPE
#define TYPE struct config_group_member
const struct config_type config_group_member_type = {
    sizeof(TYPE), TABLE(CONFIG_GROUP_MEMBER_FIELDS)};
#undef TYPE
#define TYPE struct config_server_group
const struct config_type config_server_group_type = {
    sizeof(TYPE), TABLE(CONFIG_SERVER_GROUP_FIELDS)};
#undef TYPE
#define TYPE struct config_radius
const struct config_type config_radius_type = {sizeof(TYPE),
                                               TABLE(CONFIG_RADIUS_FIELDS)};
#undef TYPE
#define TYPE struct config_tacacs_server
const struct config_type config_tacacs_server_type = {
    sizeof(TYPE), TABLE(CONFIG_TACACS_SERVER_FIELDS)};
#undef TYPE
#define TYPE struct config_tacacs
const struct config_type config_tacacs_type = {sizeof(TYPE),
                                               TABLE(CONFIG_TACACS_FIELDS)};
#undef TYPE
#define TYPE struct config_log_host
const struct config_type config_log_host_type = {sizeof(TYPE),
                                                 TABLE(CONFIG_LOG_HOST_FIELDS)};
#undef TYPE
#define TYPE struct config_log_remote
const struct config_type config_log_remote_type = {
    sizeof(TYPE), TABLE(CONFIG_LOG_REMOTE_FIELDS)};
#undef TYPE
#define TYPE struct config_snmp_host
const struct config_type config_snmp_host_type = {
    sizeof(TYPE), TABLE(CONFIG_SNMP_HOST_FIELDS)};
#undef TYPE
#define TYPE struct config_snmp_group
const struct config_type config_snmp_group_type = {
    sizeof(TYPE), TABLE(CONFIG_SNMP_GROUP_FIELDS)};
#undef TYPE
#define TYPE struct config_snmp_engine
const struct config_type config_snmp_engine_type = {
    sizeof(TYPE), TABLE(CONFIG_SNMP_ENGINE_FIELDS)};
#undef TYPE
#define TYPE struct config_snmp
const struct config_type config_snmp_type = {sizeof(TYPE),
                                             TABLE(CONFIG_SNMP_FIELDS)};
#undef TYPE
#define TYPE struct config
const struct config_type config_type = {sizeof(TYPE), TABLE(CONFIG_FIELDS)};

void
config_init(struct config *config)
{
    config_type_init(&config_type, config);
    config_range_select(&config_vty_ranges, &config->vtys.list, 0,
                        CONFIG_VTY_PERMANENT - 1);
}

void
config_copy(struct config *to, const struct config *from)
{
    config_type_copy(&config_type, to, from);
}

bool
config_equal(const struct config *a, const struct config *b)
{
    return config_type_equal(&config_type, a, b);
}

void
config_clear(struct config *config)
{
    config_type_clear(&config_type, config);
}

const struct config_user *
config_user_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->users.list.count; i++) {
        const struct config_user *user = config->users.list.items[i];

        if (strcmp(user->name, name) == 0)
            return user;
    }
    return NULL;
}

unsigned
config_password_type(uint32_t type)
{
    return type == CONFIG_PASSWORD_AS_TYPED ? 0 : type;
}

const struct config_enable *
config_enable_find(const struct config_list *list, unsigned level)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct config_enable *entry = list->items[i];

        if (entry->level == level)
            return entry;
    }
    return NULL;
}

const struct config_enable *
config_enable_wanted(const struct config *config, unsigned level)
{
    const struct config_enable *secret =
        config_enable_find(&config->enable_secrets.list, level);

    return secret != NULL
               ? secret
               : config_enable_find(&config->enable_passwords.list, level);
}

const struct config_key_owner *
config_key_user_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->ssh.key_users.list.count; i++) {
        const struct config_key_owner *user =
            config->ssh.key_users.list.items[i];

        if (strcmp(user->name, name) == 0)
            return user;
    }
    return NULL;
}

const struct config_key_owner *
config_key_server_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->ssh.key_servers.list.count; i++) {
        const struct config_key_owner *server =
            config->ssh.key_servers.list.items[i];

        if (text_equal_nocase(server->name, name))
            return server;
    }
    return NULL;
}

const struct config_host *
config_host_find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->hosts.list.count; i++) {
        const struct config_host *host = config->hosts.list.items[i];

        if (text_equal_nocase(host->name, name))
            return host;
    }
    return NULL;
}
