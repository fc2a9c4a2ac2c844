#!/usr/bin/env python3
"""The rules of src/ that a compiler does not check, as a test of the sources themselves.

Rooms may include only what docs/architecture.md allows; vendors' headers stay in engines and host; below host nothing
asks the system for time or chance. Every rule has a line that breaks it in RulesCanFail, so that none can rot unseen.
"""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# engines that other engines may use
SHARED_ENGINES = ("engines/https/",)
# room -> rooms that it may include
ALLOWED = {
    "base": {"base"},
    "domain": {"domain", "base"},
    "ports": {"ports", "domain", "base"},
    "app": {"app", "ports", "domain", "base"},
    "api": {"api", "app", "ports", "domain", "base"},
    "engines": {"ports", "domain", "base"},
    "host": {"host", "engines", "api", "app", "ports", "domain", "base"},
}
VENDORS = re.compile(r"^(rocksdb/|openssl/|libpq|boost/beast|hpdf|sodium|CLI/|toml\+\+|spdlog/|prometheus/|sys/socket|curl/)")
ABOVE_DOMAIN = re.compile(r"^boost/(asio|json)")  # from ports up; base has the JSON parser itself
BANNED = [
    (re.compile(r"\bsteady_timer\b"), "a timer: use ports::Clock"),
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)::now\b"), "the system's time: use ports::Clock"),
    (re.compile(r"\brandom_device\b|\b(std::)?s?rand\s*\("), "the system's chance: use ports::Random"),
    (re.compile(r"\bmt19937"), "a generator of its own: use ports::Random"),
    (re.compile(r"\bstd::(this_thread|thread|jthread|async)\b"), "a thread: only host and an engine's committer make them"),
    (re.compile(r"\b(getenv|gettimeofday|clock_gettime|time)\s*\((nullptr|NULL|0|\")"), "the system: only host asks it"),
]
FLOATING = re.compile(r"\b(float|double)\b")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^">]+)[">]')


def sources():
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "src"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return [name for name in listed if name.endswith((".h", ".cpp")) and (ROOT / name).exists()]


def room_of(name):
    return name.split("/")[1]


def engine_of(name):
    """src/engines/embedded/store.cpp -> engines/embedded"""
    return "/".join(name.split("/")[1:3])


def code_of(line):
    return re.sub(r'"(\\.|[^"\\])*"', '""', line.split("//")[0])


def problems_in(name, text):
    room = room_of(name)
    is_test = name.endswith("_test.cpp") or "/test_" in name
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{name}:{number}"
        include = INCLUDE.match(line)
        if include:
            found += include_problems(where, name, room, is_test, include.group(1))
            continue
        code = code_of(line)
        if is_test or room == "host":
            continue
        for pattern, why in BANNED:
            if pattern.search(code) and not is_allowed(name, pattern):
                found.append(f"{where}: {why}: {line.strip()}")
        if room == "domain" and FLOATING.search(code):
            found.append(f"{where}: floating point near money: {line.strip()}")
    return found


def is_allowed(name, pattern):
    # The embedded engine owns its committer thread, and says so in its header.
    return "thread" in pattern.pattern and name in ("src/engines/embedded/commit_thread.h",
                                                    "src/engines/embedded/commit_thread.cpp")


def include_problems(where, name, room, is_test, header):
    found = []
    first = header.split("/")[0]
    if first in ALLOWED:
        own_engine = room == "engines" and header.startswith((engine_of(name) + "/", *SHARED_ENGINES))
        test_support = is_test and first == "engines" and room in ("app", "api")
        if first not in ALLOWED[room] and not own_engine and not test_support:
            found.append(f"{where}: {room} must not include {header}")
    if VENDORS.match(header) and room not in ("engines", "host") and not is_test:
        found.append(f"{where}: a vendor's header outside engines and host: {header}")
    if ABOVE_DOMAIN.match(header) and room == "domain":
        found.append(f"{where}: domain knows no I/O: {header}")
    if header.startswith("boost/asio") and room == "base":
        found.append(f"{where}: base knows no I/O: {header}")
    return found


class Layering(unittest.TestCase):
    def test_every_room_keeps_to_its_rules(self):
        found = []
        names = sources()
        self.assertGreater(len(names), 50)
        for name in names:
            self.assertIn(room_of(name), ALLOWED, name)
            found += problems_in(name, (ROOT / name).read_text())
        self.assertEqual(found, [])

    def test_no_file_is_too_long(self):
        long = []
        for name in sources():
            count = len((ROOT / name).read_text().splitlines())
            if count > 600:
                long.append(f"{name}: {count} lines")
        self.assertEqual(long, [])


class RulesCanFail(unittest.TestCase):
    def assert_caught(self, name, line):
        self.assertNotEqual(problems_in(name, line), [], line)

    def test_forbidden_includes_are_caught(self):
        self.assert_caught("src/base/x.h", '#include "domain/order.h"')
        self.assert_caught("src/domain/x.cpp", '#include "ports/store.h"')
        self.assert_caught("src/domain/x.cpp", "#include <boost/asio/post.hpp>")
        self.assert_caught("src/app/x.cpp", '#include "engines/embedded/engine.h"')
        self.assert_caught("src/app/x.cpp", '#include "api/http.h"')
        self.assert_caught("src/engines/embedded/x.cpp", '#include "app/app.h"')
        self.assert_caught("src/engines/embedded/x.cpp", '#include "engines/crypto/openssl_crypto.h"')
        self.assert_caught("src/api/x.cpp", "#include <boost/beast/http.hpp>")
        self.assert_caught("src/app/x.cpp", "#include <openssl/evp.h>")

    def test_the_system_is_not_asked_below_host(self):
        self.assert_caught("src/app/x.cpp", "boost::asio::steady_timer timer(executor);")
        self.assert_caught("src/engines/crypto/x.cpp", "auto now = std::chrono::system_clock::now();")
        self.assert_caught("src/domain/x.cpp", "int n = std::rand();")
        self.assert_caught("src/app/x.cpp", "std::random_device device{};")
        self.assert_caught("src/app/x.cpp", "std::thread worker(loop);")
        self.assert_caught("src/domain/x.cpp", "double total = 0;")

    def test_what_is_allowed_passes(self):
        self.assertEqual(problems_in("src/host/server/x.cpp", "boost::asio::steady_timer timer;"), [])
        self.assertEqual(problems_in("src/app/x.cpp", '#include "ports/store.h"'), [])
        self.assertEqual(problems_in("src/app/x_test.cpp", '#include "engines/crypto/openssl_crypto.h"'), [])


if __name__ == "__main__":
    unittest.main()
