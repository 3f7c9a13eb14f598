/*
 * One file by libssh's own calls for scp:
 *
 *   libssh_scp HOST PORT USER PASSWORD put|get FILE FILE
 *
 * Exit status 0; else a line that says what failed.
 */
#include <fcntl.h>
#include <libssh/libssh.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static ssh_session session;

static void
check(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s: %s\n", what, ssh_get_error(session));
    exit(1);
}

static void
put(const char *from, const char *to)
{
    static char piece[32768];
    struct stat st;
    ssh_scp scp = ssh_scp_new(session, SSH_SCP_WRITE, to);
    int fd = open(from, O_RDONLY);
    ssize_t got;

    check(fd >= 0 && fstat(fd, &st) == 0, from);
    check(ssh_scp_init(scp) == SSH_OK, "init");
    check(ssh_scp_push_file64(scp, to, (uint64_t)st.st_size, 0644) == SSH_OK,
          "push");
    while ((got = read(fd, piece, sizeof(piece))) > 0)
        check(ssh_scp_write(scp, piece, (size_t)got) == SSH_OK, "write");
    check(ssh_scp_close(scp) == SSH_OK, "close");
    ssh_scp_free(scp);
}

static void
get(const char *from, const char *to)
{
    static char piece[32768];
    ssh_scp scp = ssh_scp_new(session, SSH_SCP_READ, from);
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    uint64_t left;

    check(fd >= 0, to);
    check(ssh_scp_init(scp) == SSH_OK, "init");
    check(ssh_scp_pull_request(scp) == SSH_SCP_REQUEST_NEWFILE, "pull");
    left = ssh_scp_request_get_size64(scp);
    check(ssh_scp_accept_request(scp) == SSH_OK, "accept");
    while (left > 0) {
        int got = ssh_scp_read(scp, piece, sizeof(piece));

        check(got > 0 && write(fd, piece, (size_t)got) == got, "read");
        left -= (uint64_t)got;
    }
    /* It has no way to go on behind an empty file. */
    if (lseek(fd, 0, SEEK_CUR) > 0)
        check(ssh_scp_pull_request(scp) == SSH_SCP_REQUEST_EOF, "end");
    ssh_scp_close(scp);
    ssh_scp_free(scp);
}

int
main(int count, char **args)
{
    int no = 0;

    if (count != 8)
        return 2;
    session = ssh_new();
    ssh_options_set(session, SSH_OPTIONS_HOST, args[1]);
    ssh_options_set(session, SSH_OPTIONS_PORT_STR, args[2]);
    ssh_options_set(session, SSH_OPTIONS_USER, args[3]);
    ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no);
    check(ssh_connect(session) == SSH_OK, "connect");
    check(ssh_userauth_password(session, NULL, args[4]) == SSH_AUTH_SUCCESS,
          "password");
    if (strcmp(args[5], "put") == 0)
        put(args[6], args[7]);
    else
        get(args[6], args[7]);
    ssh_disconnect(session);
    ssh_free(session);
    return 0;
}
