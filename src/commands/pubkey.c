/*
 * `ip ssh pubkey-chain`: the keys by which users prove who they are, and those
 * that servers must show. Only their hashes are kept, as IOS does.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/text.h"
#include "commands/rows.h"
#include "commands/ssh.h"
#include "control/command.h"
#include "crypto/hash.h"
#include "crypto/hostkey.h"

#define HASH_DIGITS 32 /* MD5 */

/* --- key-string --------------------------------------------------------- */

struct pasted_key {
    char *base64; /* owned */
    size_t len;
    const char *comment; /* of the last line that has one; "" for none */
    size_t comment_len;
};

static size_t
skip_blanks(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && (text[n] == ' ' || text[n] == '\t' || text[n] == '\r'))
        n++;
    return n;
}

static size_t
word_length(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && text[n] != ' ' && text[n] != '\t' && text[n] != '\r')
        n++;
    return n;
}

/* "exit" or "quit", alone on its line, ends the text. */
static bool
is_end(const char *line, size_t len)
{
    size_t from = skip_blanks(line, len);
    size_t word = word_length(line + from, len - from);

    if (from + word + skip_blanks(line + from + word, len - from - word) != len)
        return false;
    return word == 4 && (strncmp(line + from, "exit", 4) == 0 ||
                         strncmp(line + from, "quit", 4) == 0);
}

static bool
is_key_type(const char *word, size_t len)
{
    for (enum key_type t = KEY_RSA; t <= KEY_ED25519; t++)
        if (span_is(span_of(word, len), key_type_name(t)))
            return true;
    return false;
}

/* One line: [TYPE] BASE64 [COMMENT]. */
static void
take_line(struct pasted_key *key, const char *line, size_t len)
{
    size_t at = skip_blanks(line, len);
    size_t word = word_length(line + at, len - at);

    if (key->len == 0 && is_key_type(line + at, word)) {
        at += word;
        at += skip_blanks(line + at, len - at);
        word = word_length(line + at, len - at);
    }
    memcpy(key->base64 + key->len, line + at, word);
    key->len += word;
    at += word;
    at += skip_blanks(line + at, len - at);
    while (len > at && strchr(" \t\r", line[len - 1]) != NULL)
        len--;
    if (len > at) {
        key->comment = line + at;
        key->comment_len = len - at;
    }
}

/* The lines behind `key-string`; the last one is the end. */
static void
take_lines(struct pasted_key *key, const char *text)
{
    key->base64 = alloc_zero(strlen(text) + 1, 1);
    key->comment = "";
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");

        if (is_end(text, len))
            break;
        take_line(key, text, len);
        text += len;
        text += *text == '\n';
    }
}

static bool
wants_more(const struct cli_match *match, const char *text)
{
    const char *last = strrchr(text, '\n');

    (void)match;
    return last == NULL || !is_end(last + 1, strlen(last + 1));
}

/* The entry of that key: the one there is, or a new one. */
static struct config_key *
entry_for(struct config_key_owner *owner, const char *algorithm,
          const char *hash)
{
    struct config_list *keys = &owner->keys.list;
    struct config_key *key;

    for (size_t i = 0; i < keys->count; i++) {
        key = keys->items[i];
        if (strcmp(key->algorithm, algorithm) == 0 &&
            strcmp(key->hash, hash) == 0)
            return key;
    }
    key = config_list_append(keys, &config_key_type);
    config_text_set(&key->algorithm, algorithm);
    config_text_set(&key->hash, hash);
    return key;
}

static void
upper_case(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'a' && *text <= 'z')
            *text = (char)(*text - 'a' + 'A');
}

/* The type and the MD5 of the key that was pasted. */
static bool
decode(const struct pasted_key *pasted, enum key_type *type,
       char hash[HASH_DIGITS + 1])
{
    uint8_t blob[KEY_BLOB_MAX], digest[HASH_MAX];
    size_t len = sizeof(blob);
    struct public_key *key;
    struct span piece;

    if (text_base64_decode(span_of(pasted->base64, pasted->len), blob, &len) !=
        OK)
        return false;
    piece = span_of(blob, len);
    if (public_key_decode(piece, &key) != OK)
        return false;
    *type = public_key_type(key);
    public_key_free(key);
    if (*type == KEY_DSA)
        return false;
    if (hash_pieces(HASH_MD5, &piece, 1, digest) != OK)
        return false;
    text_hex(hash, HASH_DIGITS + 1, span_of(digest, HASH_DIGITS / 2));
    upper_case(hash);
    return true;
}

static bool
is_printable(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] < ' ' || text[i] > '~')
            return false;
    return true;
}

static const char *
set_key_string(struct cli_change *change)
{
    struct config_key_owner *owner = change->section;
    struct pasted_key pasted = {0};
    char hash[HASH_DIGITS + 1];
    enum key_type type = KEY_RSA;
    struct config_key *key;
    bool sound;
    char *comment;

    if (cli_restores(change->match))
        return "% Use no key-hash to remove a key";
    take_lines(&pasted, cli_lines(change->match));
    sound = decode(&pasted, &type, hash);
    free(pasted.base64);
    if (!sound)
        return "%SSH: Failed to decode the Key Value";
    if (owner->keys.list.count >= CONFIG_LIST_MAX)
        return "% There are too many keys";
    key = entry_for(owner, key_type_name(type), hash);
    if (!is_printable(pasted.comment, pasted.comment_len))
        pasted.comment_len = 0;
    comment = text_dup_span(span_of(pasted.comment, pasted.comment_len));
    config_text_set(&key->comment, comment[0] != '\0' ? comment : NULL);
    free(comment);
    return NULL;
}

/* What key-string sets, key-hash writes. */
static void
write_key_string(struct cli_writer *writer, const void *section, bool all)
{
    (void)writer;
    (void)section;
    (void)all;
}

static void
apply_key(struct command *cmd)
{
    /* The user was told if it was refused. */
    (void)cmd_apply(cmd);
}

static void
collect_key(struct command *cmd)
{
    char prompt[CLI_PROMPT_MAX];

    /* The name is cut as in every configuration mode. */
    snprintf(prompt, sizeof(prompt), "%.20s(conf-ssh-pubkey-data)#",
             cmd->config->hostname);
    cmd_collect(cmd, prompt, apply_key);
}

/* --- key-hash ----------------------------------------------------------- */

static const struct cli_word *
key_types(void)
{
    static const struct cli_word words[] = {
        {"ssh-rsa", "RSA key", false},
        {"ecdsa-sha2-nistp256", "EC key on the NIST curve P-256", false},
        {"ecdsa-sha2-nistp384", "EC key on the NIST curve P-384", false},
        {"ecdsa-sha2-nistp521", "EC key on the NIST curve P-521", false},
        {"ssh-ed25519", "Ed25519 key", false},
        {NULL},
    };

    return words;
}

static const char *
check_hash(struct cli_change *change)
{
    const char *typed = cli_text(change->match, "hash");
    char hash[HASH_DIGITS + 1];

    if (typed == NULL)
        return NULL;
    if (strlen(typed) != HASH_DIGITS ||
        strspn(typed, "0123456789abcdefABCDEF") != HASH_DIGITS)
        return "% A hash has 32 hexadecimal digits";
    text_copy(hash, sizeof(hash), typed);
    upper_case(hash);
    cli_replace_text(change->match, "hash", hash);
    return NULL;
}

/* --- rows --------------------------------------------------------------- */

const struct cli_row pubkey_chain_rows[] = {
    {ROW_SECTION("ip ssh pubkey-chain", &pubkey_mode, "pubkey-chain"),
     .indent = 2, .run = ssh_set},
    ROWS_END,
};

const struct cli_row pubkey_rows[] = {
    {ROW_SECTION_LIST("username WORD:name", ssh.key_users, config_key_owner, 1,
                      BINDS(BIND_TEXT(struct config_key_owner, name, NULL)),
                      &pubkey_user_mode, "Username", "User's name"),
     .closing = "quit"},
    {ROW_SECTION_LIST("server WORD:name", ssh.key_servers, config_key_owner, 1,
                      BINDS(BIND_TEXT(struct config_key_owner, name, NULL)),
                      &pubkey_server_mode, "Server",
                      "Name or address of the server"),
     .closing = "quit"},
    ROWS_END,
};

const struct cli_row leave_pubkey_rows[] = {
    LEAVE("exit", "Exit from this mode"),
    LEAVE("quit", "Exit from this mode"),
    LEAVE_ALL("end", "Exit from configure mode"),
    ROWS_END,
};

#undef CLI_BASE
#define CLI_BASE struct config_key_owner

const struct cli_row pubkey_owner_rows[] = {
    {ROW_SET_BY("key-string", set_key_string, write_key_string,
                "Set RSA, EC or Ed25519 key in SSH format"),
     .run = collect_key, .wants_more = wants_more},
    {ROW_LIST("key-hash CHOICE:algorithm WORD:hash [LINE:comment]", keys,
              config_key, 2,
              BINDS(BIND_TEXT(struct config_key, algorithm, NULL),
                    BIND_TEXT(struct config_key, hash, NULL),
                    BIND_TEXT(struct config_key, comment, NULL)),
              "Set the hash of a key", "Type of the key",
              "MD5 of the key: 32 hexadecimal digits",
              "What the key is known by"),
     .choices = key_types, .check = check_hash},
    ROWS_END,
};
