#include "commands/all.h"

#include "commands/rows.h"

/* One table a line. */
/* clang-format off */
static const struct cli_row *const exec_tables[] = {
    session_rows,
    connection_rows,
    enable_rows,
    users_rows,
    send_rows,
    line_show_rows,
    login_show_rows,
    terminal_rows,
    logging_exec_rows,
    configure_rows,
    replace_rows,
    revert_rows,
    copy_rows,
    save_rows,
    dir_rows,
    more_rows,
    file_change_rows,
    verify_rows,
    clock_exec_rows,
    reload_rows,
    version_rows,
    processes_rows,
    tech_support_rows,
    archive_exec_rows,
    archive_log_show_rows,
    running_rows,
    difference_rows,
    startup_rows,
    ssh_show_rows,
    snmp_show_rows,
    known_hosts_rows,
    interface_show_rows,
    ip_interface_rows,
    ipv6_interface_rows,
    route_show_rows,
    neighbour_show_rows,
    hosts_show_rows,
    ping_rows,
    traceroute_rows,
    ssh_client_rows,
    crypto_show_rows,
    aaa_show_rows,
    tacacs_show_rows,
    aaa_test_rows,
    alias_show_rows,
    acl_show_rows,
    debug_rows,
    help_rows,
    NULL,
};
/* clang-format on */

/* In the order of show running-config; one table a line. */
/* clang-format off */
static const struct cli_row *const config_tables[] = {
    head_rows,
    service_rows,
    hostname_rows,
    logging_rows,
    security_rows,
    enable_setting_rows,
    aaa_model_rows,
    server_group_rows,
    aaa_rows,
    aaa_session_rows,
    clock_rows,
    ip_domain_rows,
    file_prompt_rows,
    login_rows,
    archive_rows,
    username_rows,
    ssh_rows,
    pubkey_chain_rows,
    scp_rows,
    sftp_rows,
    crypto_rows,
    interface_rows,
    route_rows,
    named_acl_rows,
    radius_source_rows,
    tacacs_source_rows,
    numbered_acl_rows,
    ipv6_acl_rows,
    collector_rows,
    tacacs_rows,
    tacacs_list_rows,
    radius_rows,
    radius_list_rows,
    snmp_user_rows,
    snmp_rows,
    telemetry_rows,
    banner_rows,
    alias_rows,
    privilege_rows,
    line_rows,
    leave_rows,
    help_rows,
    NULL,
};
/* clang-format on */

/* clang-format off */
static const struct cli_row *const console_line_tables[] = {
    location_rows,
    session_timeout_rows,
    access_class_out_rows,
    line_timer_rows,
    login_response_rows,
    any_line_rows,
    transport_output_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const tty_line_tables[] = {
    tty_device_rows,
    location_rows,
    session_timeout_rows,
    tty_timeout_rows,
    tty_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const vty_line_tables[] = {
    location_rows,
    session_timeout_rows,
    access_class_rows,
    line_timer_rows,
    any_line_rows,
    transport_rows,
    leave_rows,
    help_rows,
    NULL,
};
/* clang-format on */

static const struct cli_row *const archive_tables[] = {
    archive_line_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const archive_log_tables[] = {
    archive_log_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const radius_group_tables[] = {
    radius_group_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const radius_server_tables[] = {
    radius_server_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const tacacs_group_tables[] = {
    tacacs_group_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const tacacs_server_tables[] = {
    tacacs_server_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const interface_tables[] = {
    interface_line_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const std_nacl_tables[] = {
    std_nacl_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const ipv6_acl_tables[] = {
    ipv6_ace_rows,
    leave_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const pubkey_tables[] = {
    pubkey_rows,
    leave_pubkey_rows,
    help_rows,
    NULL,
};

static const struct cli_row *const pubkey_owner_tables[] = {
    pubkey_owner_rows,
    leave_pubkey_rows,
    help_rows,
    NULL,
};

/* As IOS has them, for what there is. */
static const struct cli_alias exec_aliases[] = {
    {"h", "help"},     {"lo", "logout"}, {"p", "ping"},
    {"r", "resume"},   {"s", "show"},    {"u", "undebug"},
    {"un", "undebug"}, {"w", "where"},   {NULL, NULL},
};

const struct cli_mode exec_mode = {
    .name = "exec",
    .prompt = "",
    .heading = "Exec commands:",
    .tables = exec_tables,
    .aliases = exec_aliases,
};

const struct cli_mode config_mode = {
    .name = "config",
    .prompt = "(config)",
    .heading = "Configure commands:",
    .parent = &exec_mode,
    .tables = config_tables,
};

const struct cli_mode console_line_mode = {
    .name = "config-line",
    .prompt = "(config-line)",
    .heading = "Line configuration commands:",
    .parent = &config_mode,
    .tables = console_line_tables,
};

const struct cli_mode tty_line_mode = {
    .name = "config-line",
    .prompt = "(config-line)",
    .heading = "Line configuration commands:",
    .parent = &config_mode,
    .tables = tty_line_tables,
};

const struct cli_mode vty_line_mode = {
    .name = "config-line",
    .prompt = "(config-line)",
    .heading = "Line configuration commands:",
    .parent = &config_mode,
    .tables = vty_line_tables,
};

const struct cli_mode archive_mode = {
    .name = "config-archive",
    .prompt = "(config-archive)",
    .heading = "Archive configuration commands:",
    .parent = &config_mode,
    .tables = archive_tables,
};

const struct cli_mode archive_log_mode = {
    .name = "config-archive-log-cfg",
    .prompt = "(config-archive-log-cfg)",
    .heading = "Archive log config commands:",
    .parent = &archive_mode,
    .tables = archive_log_tables,
};

const struct cli_mode radius_group_mode = {
    .name = "config-sg-radius",
    .prompt = "(config-sg-radius)",
    .heading = "RADIUS Server-group commands:",
    .parent = &config_mode,
    .tables = radius_group_tables,
};

const struct cli_mode radius_server_mode = {
    .name = "config-radius-server",
    .prompt = "(config-radius-server)",
    .heading = "RADIUS server sub-mode commands:",
    .parent = &config_mode,
    .tables = radius_server_tables,
};

const struct cli_mode tacacs_group_mode = {
    .name = "config-sg-tacacs+",
    .prompt = "(config-sg-tacacs+)",
    .heading = "TACACS+ Server-group commands:",
    .parent = &config_mode,
    .tables = tacacs_group_tables,
};

const struct cli_mode tacacs_server_mode = {
    .name = "config-server-tacacs",
    .prompt = "(config-server-tacacs)",
    .heading = "TACACS+ server sub-mode commands:",
    .parent = &config_mode,
    .tables = tacacs_server_tables,
};

const struct cli_mode interface_mode = {
    .name = "config-if",
    .prompt = "(config-if)",
    .heading = "Interface configuration commands:",
    .parent = &config_mode,
    .tables = interface_tables,
};

const struct cli_mode std_nacl_mode = {
    .name = "config-std-nacl",
    .prompt = "(config-std-nacl)",
    .heading = "Standard Access List configuration commands:",
    .parent = &config_mode,
    .tables = std_nacl_tables,
};

const struct cli_mode ipv6_acl_mode = {
    .name = "config-ipv6-acl",
    .prompt = "(config-ipv6-acl)",
    .heading = "IPv6 Access List configuration commands:",
    .parent = &config_mode,
    .tables = ipv6_acl_tables,
};

/* These prompts begin with "conf-", not "config-": so IOS has them. */
const struct cli_mode pubkey_mode = {
    .name = "conf-ssh-pubkey",
    .prompt = "(conf-ssh-pubkey)",
    .heading = "SSH public key commands:",
    .parent = &config_mode,
    .tables = pubkey_tables,
};

const struct cli_mode pubkey_user_mode = {
    .name = "conf-ssh-pubkey-user",
    .prompt = "(conf-ssh-pubkey-user)",
    .heading = "SSH public key user commands:",
    .parent = &pubkey_mode,
    .tables = pubkey_owner_tables,
};

const struct cli_mode pubkey_server_mode = {
    .name = "conf-ssh-pubkey-server",
    .prompt = "(conf-ssh-pubkey-server)",
    .heading = "SSH public key server commands:",
    .parent = &pubkey_mode,
    .tables = pubkey_owner_tables,
};

/* clang-format off */
const struct cli_mode *const command_modes[] = {
    &exec_mode,
    &config_mode,
    &console_line_mode,
    &tty_line_mode,
    &vty_line_mode,
    &interface_mode,
    &archive_mode,
    &archive_log_mode,
    &radius_group_mode,
    &radius_server_mode,
    &tacacs_group_mode,
    &tacacs_server_mode,
    &std_nacl_mode,
    &ipv6_acl_mode,
    &pubkey_mode,
    &pubkey_user_mode,
    &pubkey_server_mode,
    NULL,
};
/* clang-format on */
