#!/usr/bin/env python3
"""GET /docs in a real browser, headless Chromium: it shows every operation, says nothing on the console (where a breach of
its Content-Security-Policy would be), and asks no host but its own for anything. Run it after tests/peers/setup docs and
script/build release orderly; --screenshot FILE keeps a picture. Exit code 77: there is no browser; with CI=true that is 1."""

import argparse
import dataclasses
import http.server
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "end_to_end")]
import peers  # noqa: E402
import shop  # noqa: E402

BROWSER = "chromium"
# Of the page's own clock, which runs ahead whenever nothing is loading.
PAGE_TIME_MS = 20_000
TIMEOUT_S = 120
# Swagger UI's about every address that has a '_' in it, as the operations' own names do.
REMARK = "Deprecated: escaping deep link whitespace with `_` is unsupported"


@dataclasses.dataclass
class Visit:
    text: str  # the page's elements, when its scripts had done their work
    requests: list  # URLs that the page asked for
    console: list


def browse(url, *options):
    """The browser reaches nothing but this machine, whatever it or the page tries."""
    with tempfile.TemporaryDirectory() as folder:
        log = pathlib.Path(folder) / "network.json"
        done = subprocess.run(
            [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
             "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", f"--user-data-dir={folder}/profile",
             f"--virtual-time-budget={PAGE_TIME_MS}", "--enable-logging=stderr", f"--log-net-log={log}", "--dump-dom",
             *options, url],
            env=shop.environment(HOME=folder), stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=TIMEOUT_S, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{BROWSER} ended with {done.returncode}:\n{done.stderr[-3000:]}")
        console = [line for line in done.stderr.splitlines() if ":CONSOLE" in line]
        return Visit(done.stdout, requests_in(json.loads(log.read_text())), console)


def requests_in(log):
    """Those of pages; the browser's own have no origin that began them."""
    begun = log["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    return [event["params"]["url"] for event in log["events"]
            if event["type"] == begun and "url" in event.get("params", {}) and is_of_a_page(event["params"])]


def is_of_a_page(parameters):
    return parameters.get("initiator", "").startswith("http") or parameters["url"].startswith("http://127.0.0.1:")


def is_outside(url, port):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme not in ("data", "blob") and parts.netloc != f"127.0.0.1:{port}"


class DocsTest(unittest.TestCase):
    picture = None

    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop()
        cls.addClassCleanup(cls.shop.close)
        cls.document = cls.shop.get("/openapi.json").json

    def visit(self, path, *options):
        visit = browse(f"http://127.0.0.1:{self.shop.port}{path}", *options)
        self.assertEqual([line for line in visit.console if REMARK not in line], [])
        self.assertEqual([url for url in visit.requests if is_outside(url, self.shop.port)], [])
        asked_for = {urllib.parse.urlsplit(url).path for url in visit.requests}
        self.assertEqual(asked_for, {"/docs", "/docs/reference.js", "/docs/reference.css", "/openapi.json"})
        return visit

    def test_it_shows_every_operation_and_asks_nobody_else_for_anything(self):
        options = (f"--screenshot={self.picture}", "--window-size=1200,1600") if self.picture else ()
        text = self.visit("/docs", *options).text
        operations = [operation for methods in self.document["paths"].values() for operation in methods.values()]
        self.assertGreater(len(operations), 30)
        for operation in operations:
            self.assertIn(operation["operationId"], text)
            self.assertIn(operation["summary"], text)

    def test_an_operation_has_an_address_and_is_shown_with_its_examples(self):
        text = re.sub(r"<[^>]*>", "", self.visit("/docs#/orders/place_order").text)
        for part in ("The order is priced from the catalog", "Idempotency-Key", "pm_card_visa", "out-of-stock",
                     "The order as it was placed."):
            self.assertIn(part, text)


class Page(http.server.BaseHTTPRequestHandler):
    """One that does all that /docs must not."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(b'<img src="http://pictures.example/a.png"><script>fetch("https://numbers.example/");'
                         b'console.log("here I am")</script>')

    def log_message(self, *_):
        pass


class TheTestCanFail(unittest.TestCase):
    def test_requests_to_other_hosts_and_what_a_page_logs_are_seen(self):
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            try:
                visit = browse(f"http://127.0.0.1:{server.server_port}/")
            finally:
                server.shutdown()
                thread.join()
        outside = [url for url in visit.requests if is_outside(url, server.server_port)]
        self.assertEqual(sorted(outside), ["http://pictures.example/a.png", "https://numbers.example/"])
        self.assertTrue(any("here I am" in line for line in visit.console), visit.console)


def main():
    parser = argparse.ArgumentParser(description="GET /docs in a browser.")
    parser.add_argument("--screenshot", metavar="FILE", help="keeps a picture of the page")
    options, others = parser.parse_known_args()
    if shutil.which(BROWSER) is None:
        return peers.exit_code_of_missing(peers.PeerMissing("a browser; tests/peers/setup docs installs it"))
    DocsTest.picture = options.screenshot and pathlib.Path(options.screenshot).resolve()
    return 0 if unittest.main(argv=[sys.argv[0], *others], exit=False).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
