"""The messages between our processes, read from their one list."""
import pathlib
import re
import struct

HEADER = pathlib.Path(__file__).resolve().parents[2] / "src/ipc/messages.h"


def _read_list():
    text = re.sub(r"/\*.*?\*/", "", HEADER.read_text(), flags=re.S)
    text = text.replace("\\\n", " ")
    bodies = dict(re.findall(r"#define (\w+_FIELDS)\(F\)([^\n]*)", text))
    # Fields that several messages have are a list of their own.
    lists = {name: re.findall(r"F\((\w+), (\w+)\)", re.sub(
                 r"(\w+_FIELDS)\(F\)", lambda m: bodies[m.group(1)], body))
             for name, body in bodies.items()}
    body = re.search(r"#define MESSAGES\(M\)([^\n]*)", text).group(1)
    rows = re.findall(r"M\((\w+),\s*\w+,\s*(\w+)\)", body)
    return {name: (number, lists[fields])
            for number, (name, fields) in enumerate(rows, 1)}


MESSAGES = _read_list()
_NUMBERS = {"flag": ">B", "u8": ">B", "u32": ">I", "u64": ">Q"}


def encode(name, /, **fields):
    """A message; fields that are not given are 0 or empty."""
    number, kinds = MESSAGES[name]
    out = bytes([number])
    for kind, field in kinds:
        value = fields.pop(field, None)
        if kind in _NUMBERS:
            out += struct.pack(_NUMBERS[kind], int(value or 0))
        else:
            value = value or b""
            if isinstance(value, str):
                value = value.encode()
            out += struct.pack(">I", len(value)) + value
    assert not fields, f"{name} has no {fields}"
    return out


def decode(data):
    """The name of a message and its fields."""
    name, kinds = next((name, kinds) for name, (number, kinds)
                       in MESSAGES.items() if number == data[0])
    at, fields = 1, {}
    for kind, field in kinds:
        if kind in _NUMBERS:
            size = struct.calcsize(_NUMBERS[kind])
            fields[field] = struct.unpack_from(_NUMBERS[kind], data, at)[0]
            at += size
        else:
            size = struct.unpack_from(">I", data, at)[0]
            fields[field] = data[at + 4:at + 4 + size]
            at += 4 + size
    assert at == len(data)
    return name, fields
