/*
 * `ip sftp ...`: files over SSH, by the protocol of SFTP.
 */
#include "commands/rows.h"

const struct cli_row sftp_rows[] = {
    GROUP("ip sftp", "SFTP commands"),
    GROUP("ip sftp server", "SFTP server configuration"),
    SET_FLAG("ip sftp server enable", sftp_server, false,
             "Enable the SFTP server"),
    ROWS_END,
};
