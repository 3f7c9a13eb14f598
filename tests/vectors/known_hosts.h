/*
 * known_hosts files, and what OpenSSH 9.2's ssh-keygen made of them. The keys
 * were made for this.
 */
#ifndef TESTS_VECTORS_KNOWN_HOSTS_H
#define TESTS_VECTORS_KNOWN_HOSTS_H

static const char key_ed25519[] =
    "AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwcAhVTDHA"
    "3F";
static const char fingerprint_ed25519[] =
    "SHA256:Z6F3tkYzTfHDYaqpNlNObnr3HcQpoYRYWIiFYvT1n2U";
static const char key_ecdsa[] =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOPCOkOUoAbqIj"
    "N1vEkWhev6CV87VDs8qQuG9/oqfsK8cbuJ1oRLt9LkTq6yAx49wRMIUKeUI0cIm4ou"
    "CEzBsos=";
static const char fingerprint_ecdsa[] =
    "SHA256:j7gbqOJTZA1tZP2mVoz/G1KuUGsLDQIR1WlrxqrMmP0";
static const char key_rsa[] =
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQDC2KFHrgfoV+nfwn6dZjbj63oU9kRBnn4ItJ"
    "GP6MFKKDF6RZupStm3dRJEflOiau7KLIWDYXIRw29SxAUROwpUeXatZA2u3tU8p7ZW"
    "Uq1gdcXwKoBaxtS9facarG7eRJZ7RgnUZ/4iAJrhMGLupMjYaQmr147DtMZAyGQL5M"
    "QJ2w==";
static const char fingerprint_rsa[] =
    "SHA256:bmLDa2ddYmyeNZtxg7tS4HhHFLuBVqichljG4b4s1j4";
static const char key_other[] =
    "AAAAC3NzaC1lZDI1NTE5AAAAIKPABpbRCAA0N+rLJQo1eDcXsdV7p/4c+EUF55NwKn"
    "3S";
static const char fingerprint_other[] =
    "SHA256:+KZd7zs1lXRm8rqRpsll94hkJLVs06bk/JAp9HzZ2f0";

/* As users write it. */
static const char plain_hosts[] =
    "# a comment, and an empty line\n"
    "\n"
    "alpha.example,192.0.2.1,2001:db8::1 ssh-ed25519 AAAAC3NzaC1lZDI1NT"
    "E5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwcAhVTDHA3F root@alpha\n"
    "alpha.example ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYA"
    "AAAIbmlzdHAyNTYAAABBBOPCOkOUoAbqIjN1vEkWhev6CV87VDs8qQuG9/oqfsK8cb"
    "uJ1oRLt9LkTq6yAx49wRMIUKeUI0cIm4ouCEzBsos=\n"
    "[beta.example]:2222,[2001:db8::2]:2222 ssh-ed25519 AAAAC3NzaC1lZDI"
    "1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwcAhVTDHA3F\n"
    "*.wide.example,!not.wide.example ssh-rsa AAAAB3NzaC1yc2EAAAADAQABA"
    "AAAgQDC2KFHrgfoV+nfwn6dZjbj63oU9kRBnn4ItJGP6MFKKDF6RZupStm3dRJEflO"
    "iau7KLIWDYXIRw29SxAUROwpUeXatZA2u3tU8p7ZWUq1gdcXwKoBaxtS9facarG7eR"
    "JZ7RgnUZ/4iAJrhMGLupMjYaQmr147DtMZAyGQL5MQJ2w== with a comment\n"
    "gamma.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKPABpbRCAA0N+rL"
    "JQo1eDcXsdV7p/4c+EUF55NwKn3S\n"
    "@revoked * ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKPABpbRCAA0N+rLJQo"
    "1eDcXsdV7p/4c+EUF55NwKn3S\n"
    "@cert-authority *.ca.example ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAg"
    "QDC2KFHrgfoV+nfwn6dZjbj63oU9kRBnn4ItJGP6MFKKDF6RZupStm3dRJEflOiau7"
    "KLIWDYXIRw29SxAUROwpUeXatZA2u3tU8p7ZWUq1gdcXwKoBaxtS9facarG7eRJZ7R"
    "gnUZ/4iAJrhMGLupMjYaQmr147DtMZAyGQL5MQJ2w==\n"
    "old.example 1024 35 123456789\n"
    "broken.example ssh-ed25519 AAAA=C3\n"
    "sk.example sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5QG9w"
    "ZW5zc2guY29tAAAAIEr8PL0vzs0TyTRRN2ADQoAHPAdGdkV2QK1VKl7Mkdb0AAAABH"
    "NzaDo=\n";

/* Three hosts of it after ssh-keygen -H. */
static const char hashed_hosts[] =
    "|1|a0g7QY3e1AQrC0ZDLOGI0JUT4lc=|GGhS7KYKCYD7dk7t6o6028+Kx4k= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F root@alpha\n"
    "|1|pEi4o+RuW/rl1RN+I4f/X4fevNA=|MCjW6uBQQPA0gBZpmkSx0WhYsWw= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F root@alpha\n"
    "|1|7wCgGxRLE7uU6fcRX4bz1JvWks8=|uI6FEalMKh8XI/hf/ErFmn8Y4IM= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F root@alpha\n"
    "|1|epkIX89vJwDSTi0wsCoFa9UdMVs=|Rzna03/zdwAf6SNfJRWg2a5TFB8= ecdsa"
    "-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAB"
    "BBOPCOkOUoAbqIjN1vEkWhev6CV87VDs8qQuG9/oqfsK8cbuJ1oRLt9LkTq6yAx49w"
    "RMIUKeUI0cIm4ouCEzBsos=\n"
    "|1|3stqYah48bqJ/T5/IILS9HFDpZ8=|vctrbglWUH29jZKtKKBUPreQFAE= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F\n"
    "|1|yK0IStR+wnc9EKMzROQO/y/oAqs=|6stNfYI/Rcm2Mhg2k2/+QO9NXgs= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F\n"
    "|1|vQ18A/fDynQVwgdPceO+ZyaVpLY=|vH6xnxvOn8lqxfmrZiClxj33xa8= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIKPABpbRCAA0N+rLJQo1eDcXsdV7p/4c+EU"
    "F55NwKn3S\n";

/* That after ssh-keygen -R '[beta.example]:2222'. */
static const char hashed_without_beta[] =
    "|1|a0g7QY3e1AQrC0ZDLOGI0JUT4lc=|GGhS7KYKCYD7dk7t6o6028+Kx4k= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F root@alpha\n"
    "|1|pEi4o+RuW/rl1RN+I4f/X4fevNA=|MCjW6uBQQPA0gBZpmkSx0WhYsWw= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F root@alpha\n"
    "|1|7wCgGxRLE7uU6fcRX4bz1JvWks8=|uI6FEalMKh8XI/hf/ErFmn8Y4IM= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F root@alpha\n"
    "|1|epkIX89vJwDSTi0wsCoFa9UdMVs=|Rzna03/zdwAf6SNfJRWg2a5TFB8= ecdsa"
    "-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAAB"
    "BBOPCOkOUoAbqIjN1vEkWhev6CV87VDs8qQuG9/oqfsK8cbuJ1oRLt9LkTq6yAx49w"
    "RMIUKeUI0cIm4ouCEzBsos=\n"
    "|1|yK0IStR+wnc9EKMzROQO/y/oAqs=|6stNfYI/Rcm2Mhg2k2/+QO9NXgs= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIArwMGgv18ivzPoxPBJ3FSMO3/SKrhB9mwc"
    "AhVTDHA3F\n"
    "|1|vQ18A/fDynQVwgdPceO+ZyaVpLY=|vH6xnxvOn8lqxfmrZiClxj33xa8= ssh-e"
    "d25519 AAAAC3NzaC1lZDI1NTE5AAAAIKPABpbRCAA0N+rLJQo1eDcXsdV7p/4c+EU"
    "F55NwKn3S\n";

#endif
