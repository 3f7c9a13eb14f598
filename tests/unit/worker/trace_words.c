/* Laws of the lines that whoever debugs gets: each kind, word for word. */
#include "trace_rig.h"

struct example {
    struct ssh_trace fact;
    const char *said;
};

static void
assert_examples(unsigned kinds, unsigned version, const struct example *all,
                size_t count)
{
    for (size_t i = 0; i < count; i++) {
        start(kinds, version);
        fact(&all[i].fact);
        turn();
        assert_string_equal(buf_text(&play.said), all[i].said);
        assert_int_equal(play.messages, 1);
    }
}

#define EXAMPLES(kinds, version, all) \
    assert_examples(kinds, version, all, COUNT(all))
#define TEXT(literal)                                   \
    {                                                   \
        (const uint8_t *)(literal), sizeof(literal) - 1 \
    }

static const struct example packets_12[] = {
    {{SSH_TRACE_BYTES, {536}}, "SSH2 1: ssh_receive: 536 bytes received\n"},
    {{SSH_TRACE_LENGTH, {632}}, "SSH2 1: input: packet len 632\n"},
    {{SSH_TRACE_PARTIAL, {8, 624, 20}},
     "SSH2 1: partial packet 8, need 624, maclen 20\n"},
    {{SSH_TRACE_MAC_OK, {3}}, "SSH2 1: MAC #3 ok\n"},
    {{SSH_TRACE_PADDING, {11}}, "SSH2 1: input: padlen 11\n"},
    {{SSH_TRACE_RECEIVED, {20}}, "SSH2 1: received packet type 20\n"},
    {{SSH_TRACE_SENT, {280, 4}}, "SSH2 1: send: len 280 (includes padlen 4)\n"},
    {{SSH_TRACE_MAC_MADE, {UINT32_MAX}},
     "SSH2 1: done calc MAC out #4294967295\n"},
    {{SSH_TRACE_NEW_KEYS, {1}}, "SSH2 1: newkeys: mode 1\n"},
    {{SSH_TRACE_NEW_KEYS, {0}}, "SSH2 1: newkeys: mode 0\n"},
    {{SSH_TRACE_SIGNATURE, {143}}, "SSH2 1: signature length 143\n"},
};

static const struct example packets_15[] = {
    {{SSH_TRACE_BYTES, {536}}, "SSH2 1: ssh_receive: 536 bytes received\n"},
    {{SSH_TRACE_LENGTH, {280}},
     "SSH2 1: input: total packet length of 280 bytes\n"},
    {{SSH_TRACE_PARTIAL, {8, 272, 20}},
     "SSH2 1: partial packet length(block size)8 bytes,needed 272 bytes, "
     "maclen 20\n"},
    {{SSH_TRACE_MAC_OK, {3}}, "SSH2 1: MAC compared for #3 :ok\n"},
    {{SSH_TRACE_PADDING, {4}}, "SSH2 1: input: padlength 4 bytes\n"},
    {{SSH_TRACE_SENT, {280, 4}},
     "SSH2 1: send:packet of  length 280 (length also includes padlen of 4)\n"},
    {{SSH_TRACE_MAC_MADE, {3}}, "SSH2 1: done calculated MAC out #3\n"},
    {{SSH_TRACE_NEW_KEYS, {1}}, "SSH2 1: newkeys: mode 1\n"},
    {{SSH_TRACE_SIGNATURE, {111}}, "SSH2 1: signature length 111\n"},
};

static void
test_packets_have_the_words_of_their_command(void **state)
{
    (void)state;
    EXAMPLES(DEBUG_SSH, 2, packets_12);
    EXAMPLES(DEBUG_SSH | DEBUG_SSH_DETAIL, 2, packets_12);
    EXAMPLES(DEBUG_SSH_PACKET, 2, packets_15);
    EXAMPLES(DEBUG_SSH | DEBUG_SSH_PACKET, 2, packets_15);
}

static const struct example events[] = {
    {{SSH_TRACE_IDENT_SENT, .text = TEXT("SSH-2.0-a")},
     "SSH1: sent protocol version id SSH-2.0-a\n"},
    {{SSH_TRACE_IDENT_RECEIVED, .text = TEXT("SSH-2.0-b")},
     "SSH1: protocol version id is - SSH-2.0-b\n"},
    {{SSH_TRACE_PEER_DEBUG, .text = TEXT("hello")},
     "SSH2 1: debug message: hello\n"},
    {{SSH_TRACE_LOGGED_IN, .text = TEXT("lab")},
     "SSH2 1: authentication successful for lab\n"},
    {{SSH_TRACE_LOGGED_IN}, "SSH2 1: authentication successful\n"},
    {{SSH_TRACE_TERMINAL, {24, 80, 25, 81}},
     "SSH2 1: setting TTY - requested: height 24, width 80; set: height 25, "
     "width 81\n"},
    {{SSH_TRACE_STARTED, .name = "shell"}, "SSH2 1: starting shell for vty\n"},
    {{SSH_TRACE_ENDED, {SSH_REASON_NONE, 0}},
     "SSH1: Session terminated normally\n"},
    {{SSH_TRACE_ENDED, {SSH_REASON_BY_APPLICATION, 0}},
     "SSH1: Session terminated normally\n"},
    {{SSH_TRACE_ENDED, {SSH_REASON_MAC_ERROR, 1}},
     "SSH1: Session disconnected - error 0x00\n"},
    {{SSH_TRACE_ENDED, {SSH_REASON_NO_MORE_AUTH_METHODS, 0}},
     "SSH1: Session disconnected - error 0x0A\n"},
    {{SSH_TRACE_ENDED, {SSH_REASON_NO_MORE_AUTH_METHODS, 1}},
     "SSH1: Session disconnected - error 0x0A\n"},
    {{SSH_TRACE_MESSAGE_SENT, .name = "SSH2_MSG_KEXINIT"},
     "SSH2 1: SSH2_MSG_KEXINIT sent\n"},
    {{SSH_TRACE_MESSAGE_RECEIVED, .name = "SSH2_MSG_KEXINIT"},
     "SSH2 1: SSH2_MSG_KEXINIT received\n"},
    {{SSH_TRACE_EXPECTING, .name = "SSH2_MSG_KEXDH_INIT"},
     "SSH2 1: expecting SSH2_MSG_KEXDH_INIT\n"},
    {{SSH_TRACE_WAITING, .name = "SSH2_MSG_NEWKEYS"},
     "SSH2 1: waiting for SSH2_MSG_NEWKEYS\n"},
    {{SSH_TRACE_DERIVED}, "SSH2: kex_derive_keys complete\n"},
    {{SSH_TRACE_CHANNEL}, "SSH2 1: channel open request\n"},
    {{SSH_TRACE_REQUEST, .name = "pty-req"}, "SSH2 1: pty-req request\n"},
    {{SSH_TRACE_PROGRAM, .name = "shell"}, "SSH2 1: shell message received\n"},
};

static const struct example events_12[] = {
    {{SSH_TRACE_CHOSEN, {0}, "aes128-cbc", "hmac-sha1"},
     "SSH2: kex: client->server aes128-cbc hmac-sha1 none\n"},
    {{SSH_TRACE_CHOSEN, {1}, "aes256-ctr", "hmac-md5"},
     "SSH2: kex: server->client aes256-ctr hmac-md5 none\n"},
};

static const struct example events_15[] = {
    {{SSH_TRACE_CHOSEN, {0}, "aes128-cbc", "hmac-sha1"},
     "SSH2:kex: client->server enc:aes128-cbc mac:hmac-sha1\n"},
    {{SSH_TRACE_CHOSEN, {1}, "aes256-ctr", "hmac-md5"},
     "SSH2:kex: server->client enc:aes256-ctr mac:hmac-md5\n"},
    {{SSH_TRACE_METHOD, .name = "curve25519-sha256"},
     "SSH2 1: Using kex_algo = curve25519-sha256\n"},
    {{SSH_TRACE_PROOF, .name = "password"},
     "SSH2 1: Using method = password\n"},
};

static void
test_events_have_the_words_of_their_command(void **state)
{
    (void)state;
    EXAMPLES(DEBUG_SSH, 2, events);
    EXAMPLES(DEBUG_SSH, 2, events_12);
    EXAMPLES(DEBUG_SSH_DETAIL, 2, events);
    EXAMPLES(DEBUG_SSH_DETAIL, 2, events_15);
    EXAMPLES(DEBUG_ALL, 2, events_15);
}

static const struct example events_of_version_1[] = {
    {{SSH_TRACE_MESSAGE, .name = "SSH_SMSG_PUBLIC_KEY"},
     "SSH1: SSH_SMSG_PUBLIC_KEY msg\n"},
    {{SSH_TRACE_SESSION_KEY, {112, 3}},
     "SSH1: SSH_CMSG_SESSION_KEY msg - length 112, type 0x03\n"},
    {{SSH_TRACE_DECRYPTING}, "SSH: RSA decrypt started\n"},
    {{SSH_TRACE_DECRYPTED},
     "SSH: RSA decrypt finished\n"
     "SSH: RSA decrypt started\n"
     "SSH: RSA decrypt finished\n"},
    {{SSH_TRACE_CONFIRMING}, "SSH1: sending encryption confirmation\n"},
    {{SSH_TRACE_ENCRYPTED}, "SSH1: keys exchanged and encryption on\n"},
    {{SSH_TRACE_MESSAGE_RECEIVED, .name = "SSH_CMSG_USER"},
     "SSH1: SSH_CMSG_USER message received\n"},
    {{SSH_TRACE_MESSAGE_SENT, .name = "SSH_SMSG_FAILURE"},
     "SSH1: SSH_SMSG_FAILURE message sent\n"},
    {{SSH_TRACE_USER, .text = TEXT("cisco")},
     "SSH1: authentication request for userid cisco\n"},
    {{SSH_TRACE_WRONG, .text = TEXT("cisco")},
     "SSH1: password authentication failed for cisco\n"},
    {{SSH_TRACE_LOGGED_IN, .text = TEXT("cisco")},
     "SSH1: authentication successful for cisco\n"},
    {{SSH_TRACE_LOGGED_IN}, "SSH1: authentication successful\n"},
    {{SSH_TRACE_PEER_DEBUG, .text = TEXT("hello")},
     "SSH1: debug message: hello\n"},
    {{SSH_TRACE_TTY_REQUEST}, "SSH1: requesting TTY\n"},
    {{SSH_TRACE_TERMINAL, {24, 80, 25, 81}},
     "SSH1: setting TTY - requested: length 24, width 80; set: length 25, "
     "width 81\n"},
    {{SSH_TRACE_INVALID, {0x22}}, "SSH1: invalid request - 0x22\n"},
    {{SSH_TRACE_INVALID, {2}}, "SSH1: invalid request - 0x02\n"},
    {{SSH_TRACE_STARTED, .name = "shell"}, "SSH1: starting shell for vty\n"},
    {{SSH_TRACE_ENDED, {0, 0}}, "SSH1: Session terminated normally\n"},
};

static void
test_version_1_has_its_own(void **state)
{
    (void)state;
    EXAMPLES(DEBUG_SSH, 1, events_of_version_1);
    EXAMPLES(DEBUG_SSH_DETAIL, 1, events_of_version_1);
}

static void
test_a_transfer_is_told_without_the_core(void **state)
{
    (void)state;
    start(DEBUG_SCP, 2);
    assert_null(play.tell);
    trace_scp(&play.trace, true, span_text("<OK>"));
    trace_scp(&play.trace, false, span_text("C0644 20 scptest.cfg"));
    turn();
    assert_said("SCP: -> send <OK>\nSCP: <- recv C0644 20 scptest.cfg\n");
    start(DEBUG_ALL & ~DEBUG_SCP, 2);
    trace_scp(&play.trace, true, span_text("<OK>"));
    turn();
    assert_said("");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LAW(test_packets_have_the_words_of_their_command),
        LAW(test_events_have_the_words_of_their_command),
        LAW(test_version_1_has_its_own),
        LAW(test_a_transfer_is_told_without_the_core),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
