#!/usr/bin/env python3
"""Makes src/engines/crypto/testdata/passwords.json, for crypto_test: passwords and what is kept of them.

The hashes are made by argon2-cffi 25.1.0, which has Argon2's reference implementation inside and shares no code with
ours. Salts follow from the case's name, so that a new run makes the same file. To run it:

    python3 -m venv <folder outside the repository>
    <folder>/bin/pip install argon2-cffi==25.1.0
    <folder>/bin/python tests/passwords/make_passwords.py

A case: its name, the password's bytes and the salt in hex, the hash, whether it is the one that hash_password must make
of the two, and whether it verifies. Passwords are made up and protect nothing.
"""
import hashlib
import json
import pathlib

from argon2.low_level import Type, hash_secret

OUT = pathlib.Path(__file__).resolve().parents[2] / "src/engines/crypto/testdata/passwords.json"
OURS = {"memory_cost": 19 * 1024, "time_cost": 2, "parallelism": 1, "hash_len": 32, "type": Type.ID, "version": 19}


def case(name, password, *, verifies=True, salt_bytes=16, **costs):
    salt = hashlib.sha256(name.encode()).digest()[:salt_bytes]
    text = hash_secret(password, salt, **{**OURS, **costs}).decode()
    ours = verifies and not costs and salt_bytes == 16
    return {"name": name, "password": password.hex(), "salt": salt.hex(), "hash": text, "ours": ours,
            "verifies": verifies}


CASES = [
    case("a sentence", b"correct horse battery staple"),
    case("nothing", b""),
    case("one byte", b"a"),
    case("beyond ASCII", "Grüße an Łukasz ☂".encode()),
    case("a NUL inside", b"before\0after"),
    case("every byte", bytes(range(256))),
    case("argon2-cffi's own costs", b"correct horse battery staple", memory_cost=65536, time_cost=3, parallelism=4),
    case("cheap", b"correct horse battery staple", memory_cost=8, time_cost=1),
    case("a longer salt and hash", b"correct horse battery staple", salt_bytes=32, memory_cost=64, hash_len=64),
    case("more memory than is allowed", b"x", verifies=False, memory_cost=65537, time_cost=1),
    case("more passes than are allowed", b"x", verifies=False, memory_cost=8, time_cost=11),
    case("Argon2i", b"x", verifies=False, memory_cost=64, time_cost=3, type=Type.I),
    case("Argon2d", b"x", verifies=False, memory_cost=64, time_cost=3, type=Type.D),
    case("Argon2's version 1.0", b"x", verifies=False, memory_cost=64, version=16),
]

OUT.write_text(json.dumps({"note": "Made by tests/passwords/make_passwords.py.", "cases": CASES}, indent=1) + "\n")
print(f"{len(CASES)} cases in {OUT.name}")
