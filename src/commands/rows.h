/*
 * The tables of commands/, one or two a feature, and the modes they lead to.
 * all.c puts them in order; nobody else needs this.
 */
#ifndef COMMANDS_ROWS_H
#define COMMANDS_ROWS_H

#include "cli/row.h"

/* EXEC. */
extern const struct cli_row aaa_show_rows[], aaa_test_rows[];
extern const struct cli_row acl_show_rows[];
extern const struct cli_row alias_show_rows[];
extern const struct cli_row archive_exec_rows[], archive_log_show_rows[];
extern const struct cli_row clock_exec_rows[];
extern const struct cli_row configure_rows[];
extern const struct cli_row copy_rows[];
extern const struct cli_row connection_rows[];
extern const struct cli_row crypto_show_rows[];
extern const struct cli_row debug_rows[];
extern const struct cli_row difference_rows[];
extern const struct cli_row dir_rows[];
extern const struct cli_row file_change_rows[];
extern const struct cli_row head_rows[];
extern const struct cli_row help_rows[]; /* and in every other mode */
extern const struct cli_row hosts_show_rows[];
extern const struct cli_row logging_exec_rows[];
extern const struct cli_row more_rows[];
extern const struct cli_row enable_rows[];
extern const struct cli_row processes_rows[];
extern const struct cli_row line_show_rows[], login_show_rows[];
extern const struct cli_row interface_show_rows[];
extern const struct cli_row ip_interface_rows[], ipv6_interface_rows[];
extern const struct cli_row neighbour_show_rows[], route_show_rows[];
extern const struct cli_row ping_rows[];
extern const struct cli_row ssh_client_rows[];
extern const struct cli_row reload_rows[];
extern const struct cli_row replace_rows[], revert_rows[];
extern const struct cli_row running_rows[];
extern const struct cli_row save_rows[];
extern const struct cli_row startup_rows[];
extern const struct cli_row send_rows[];
extern const struct cli_row session_rows[];
extern const struct cli_row snmp_show_rows[];
extern const struct cli_row ssh_show_rows[];
extern const struct cli_row known_hosts_rows[];
extern const struct cli_row tech_support_rows[];
extern const struct cli_row terminal_rows[];
extern const struct cli_row traceroute_rows[];
extern const struct cli_row users_rows[];
extern const struct cli_row verify_rows[];
extern const struct cli_row version_rows[];

/* Global configuration. */
extern const struct cli_row aaa_model_rows[], aaa_rows[], aaa_session_rows[];
extern const struct cli_row ipv6_acl_rows[];
extern const struct cli_row named_acl_rows[];
extern const struct cli_row numbered_acl_rows[];
extern const struct cli_row alias_rows[];
extern const struct cli_row archive_rows[], archive_line_rows[];
extern const struct cli_row telemetry_rows[];
extern const struct cli_row archive_log_rows[];
extern const struct cli_row banner_rows[];
extern const struct cli_row clock_rows[];
extern const struct cli_row crypto_rows[];
extern const struct cli_row file_prompt_rows[];
extern const struct cli_row enable_setting_rows[];
extern const struct cli_row hostname_rows[];
extern const struct cli_row ip_domain_rows[];
extern const struct cli_row interface_rows[], route_rows[];
extern const struct cli_row leave_rows[];
extern const struct cli_row collector_rows[];
extern const struct cli_row logging_rows[];
extern const struct cli_row login_rows[];
extern const struct cli_row line_rows[];
extern const struct cli_row privilege_rows[];
extern const struct cli_row pubkey_chain_rows[];
extern const struct cli_row radius_rows[], radius_list_rows[];
extern const struct cli_row radius_source_rows[];
extern const struct cli_row server_group_rows[];
extern const struct cli_row service_rows[];
extern const struct cli_row security_rows[];
extern const struct cli_row scp_rows[];
extern const struct cli_row sftp_rows[];
extern const struct cli_row snmp_rows[], snmp_user_rows[];
extern const struct cli_row ssh_rows[];
extern const struct cli_row scp_rows[];
extern const struct cli_row tacacs_rows[], tacacs_list_rows[];
extern const struct cli_row tacacs_source_rows[], tacacs_show_rows[];
extern const struct cli_row username_rows[];

/* The modes, and where they are entered. */
extern const struct cli_mode exec_mode, config_mode;
extern const struct cli_mode console_line_mode, vty_line_mode; /* line ... */
extern const struct cli_mode tty_line_mode; /* line N, line aux 0 */
extern const struct cli_mode ipv6_acl_mode, std_nacl_mode;
extern const struct cli_mode interface_mode;     /* interface */
extern const struct cli_mode archive_mode;       /* archive */
extern const struct cli_mode archive_log_mode;   /* log config in it */
extern const struct cli_mode radius_group_mode;  /* aaa group server */
extern const struct cli_mode radius_server_mode; /* radius server */
extern const struct cli_mode tacacs_group_mode;  /* aaa group server */
extern const struct cli_mode tacacs_server_mode; /* tacacs server */
extern const struct cli_mode pubkey_mode, pubkey_user_mode, pubkey_server_mode;

/* Their tables. */
extern const struct cli_row interface_line_rows[];
extern const struct cli_row ipv6_ace_rows[], std_nacl_rows[];
extern const struct cli_row access_class_rows[], access_class_out_rows[];
extern const struct cli_row any_line_rows[], session_timeout_rows[];
extern const struct cli_row line_timer_rows[], location_rows[];
extern const struct cli_row login_response_rows[], transport_rows[];
extern const struct cli_row transport_output_rows[];
extern const struct cli_row tty_device_rows[], tty_timeout_rows[], tty_rows[];
extern const struct cli_row pubkey_rows[], pubkey_owner_rows[];
extern const struct cli_row radius_group_rows[], radius_server_rows[];
extern const struct cli_row tacacs_group_rows[], tacacs_server_rows[];
extern const struct cli_row leave_pubkey_rows[];

#endif
