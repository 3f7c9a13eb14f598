"""wire.py as clients were in 2001: diffie-hellman-group1-sha1, ssh-rsa,
aes128-cbc and hmac-md5, the least padding, and segments of chosen sizes."""
import hashlib
import hmac
import os
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from wire import (KEX_INIT, KEX_REPLY, KEXINIT, NEWKEYS, Wire, mpint, string,
                  u32)

# RFC 2409 section 6.2.
PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF", 16)
MAC_BYTES = 16


class OldWire(Wire):
    IDENT = b"SSH-2.0-OpenSSH_2.5.2p2"
    LINE_END = b"\n"

    # --- packets ----------------------------------------------------------

    def seal(self, payload, **wrong):
        assert not wrong
        block = 16 if self.cipher_out else 8
        padding = block - (5 + len(payload)) % block
        if padding < 4:
            padding += block
        clear = (u32(1 + len(payload) + padding) + bytes([padding]) + payload
                 + b"\0" * padding)
        if self.cipher_out:
            encryptor, mac_key = self.cipher_out
            tag = hmac.digest(mac_key, u32(self.seq_out) + clear, "md5")
            clear = encryptor.update(clear) + tag
        self.seq_out += 1
        return clear

    def receive(self):
        if not self.cipher_in:
            return super().receive()
        decryptor, mac_key = self.cipher_in
        head = decryptor.update(self._take(16))
        length = struct.unpack(">I", head[:4])[0]
        clear = head + decryptor.update(self._take(length + 4 - 16))
        assert self._take(MAC_BYTES) == hmac.digest(
            mac_key, u32(self.seq_in) + clear, "md5")
        self.seq_in += 1
        return clear[5:len(clear) - clear[4]]

    def segment(self, *payloads):
        """Packets that arrive at once."""
        self.raw(b"".join(self.seal(payload) for payload in payloads))

    # --- keys -------------------------------------------------------------

    def identify(self):
        self.raw(self.IDENT + self.LINE_END)
        line = b""
        while not line.endswith(b"\n"):
            line += self._take(1)
        self.server_ident = line.rstrip(b"\r\n")
        return self.server_ident

    def kexinit(self, length):
        """One whose payload is so long: by names that nobody knows."""
        lists = ["diffie-hellman-group1-sha1", "ssh-rsa", "aes128-cbc",
                 "aes128-cbc", "hmac-md5", "hmac-md5", "none", "none", "", ""]
        missing = length - 62 - sum(map(len, lists))
        assert missing >= 2
        # Of any length: names of 40, and the rest in front of them.
        first = missing % 41 or 41
        names = ["x" * (first - 1 if first > 1 else 40)] if first > 1 else []
        rest = missing - sum(len(name) + 1 for name in names)
        while rest > 0:
            names.append("y" * (min(rest, 41) - 1))
            rest -= min(rest, 41)
        lists[2] = ",".join([lists[2], *names])
        return (bytes([KEXINIT]) + os.urandom(16)
                + b"".join(map(string, lists)) + b"\0" + u32(0))

    def kex_init(self):
        """Our value, whose highest bit is set: so it has one byte more."""
        while True:
            self.secret = secrets.randbits(320) | 1
            self.value = pow(2, self.secret, PRIME)
            if self.value >> 1023:
                return bytes([KEX_INIT]) + mpint(self.value)

    def kex_reply(self, ours, theirs):
        """Read the server's; its value, an integer."""
        reply = self.expect(KEX_REPLY)
        self.host_key = reply.string()
        peer = int.from_bytes(reply.string(), "big")
        self.signature = reply.string()
        k = mpint(pow(peer, self.secret, PRIME))
        self.session_id = hashlib.sha1(
            string(self.IDENT) + string(self.server_ident) + string(ours)
            + string(theirs) + string(self.host_key) + mpint(self.value)
            + mpint(peer) + k).digest()
        self.keys = lambda letter, size: hashlib.sha1(
            k + self.session_id + letter + self.session_id).digest()[:size]
        return peer

    def new_keys(self):
        """Both NEWKEYS."""
        self.segment(bytes([NEWKEYS]))
        self._new_keys_out()
        self.expect(NEWKEYS)
        self._new_keys_in()

    def _cipher(self, key, iv):
        return Cipher(algorithms.AES(self.keys(key, 16)),
                      modes.CBC(self.keys(iv, 16)))

    def _new_keys_out(self):
        self.cipher_out = (self._cipher(b"C", b"A").encryptor(),
                           self.keys(b"E", MAC_BYTES))

    def _new_keys_in(self):
        self.cipher_in = (self._cipher(b"D", b"B").decryptor(),
                          self.keys(b"F", MAC_BYTES))
