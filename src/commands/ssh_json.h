/*
 * What ssh_show.c shows, for programs: the functions of its rows behind
 * `| json`.
 */
#ifndef COMMANDS_SSH_JSON_H
#define COMMANDS_SSH_JSON_H

#include "control/command.h"

void ssh_json_server(struct command *cmd);
void ssh_json_sessions(struct command *cmd);

#endif
