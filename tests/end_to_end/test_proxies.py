"""A shop behind a proxy: whom it counts and logs as the caller, and when a cookie is for https alone. What a header may
look like is tested case by case in src/host/server/trusted_proxies_test.cpp."""

import unittest

import shop

BURST = 4  # of a stranger, at one request a second
LIMIT = ("--set", "guests.requests_per_second=1")


def forwarded(text, **more):
    return {"host": "shop.example", "x-forwarded-for": text, **more}


class ProxiesTest(unittest.TestCase):
    def open(self, *options):
        opened = shop.Shop("--require-keys", *LIMIT, *options)
        self.addCleanup(opened.close)
        return opened

    def passed(self, opened, headers, requests=BURST + 3):
        """How many of so many requests at once were answered."""
        with opened.session() as session:
            return sum(session.request("GET", "/products", headers=headers).status == 200 for _ in range(requests))

    def assert_new(self, opened, headers):
        """Nobody has called under that name, or hardly: the server's start was watched by one request or two."""
        self.assertGreaterEqual(self.passed(opened, headers), BURST - 2)

    def assert_known(self, opened, headers):
        """Somebody has just used up all that this caller may; a second may pass meanwhile."""
        self.assertLess(self.passed(opened, headers), BURST - 2)

    def cookie(self, opened, headers):
        answer = opened.get("/cart", headers)
        self.assertEqual(answer.status, 200, answer)
        return answer.headers["set-cookie"]

    def test_behind_a_trusted_proxy_each_caller_has_a_limit_of_their_own(self):
        opened = self.open("--set", "server.trusted_proxies=127.0.0.1, 10.0.0.0/8")
        self.assert_new(opened, forwarded("192.0.2.1"))
        self.assert_new(opened, forwarded("192.0.2.2, 10.1.1.1"))
        self.assert_known(opened, forwarded("198.51.100.9, 192.0.2.1"))  # nobody gets away by inventing
        self.assert_known(opened, forwarded("nonsense, 192.0.2.1, 10.0.0.7"))
        self.assert_new(opened, forwarded("2001:db8::1"))
        self.assert_known(opened, forwarded("[2001:db8::ffff:2]:443"))
        self.assert_new(opened, forwarded("2001:db8:0:1::1"))
        self.assert_new(opened, forwarded("192.0.2.3, unknown"))  # the proxy's own
        self.assert_known(opened, {"host": "shop.example"})
        opened.stop()
        remotes = {line["remote"] for line in opened.log_lines() if line.get("route") == "/products"}
        self.assertEqual(remotes, {"192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1",
                                   "127.0.0.1"})

    def test_nobody_else_is_believed(self):
        for options in ((), ("--set", "server.trusted_proxies=10.0.0.0/8; ::1")):
            opened = self.open(*options)
            self.assert_new(opened, forwarded("192.0.2.1"))
            self.assert_known(opened, forwarded("192.0.2.2, 10.0.0.1"))
            opened.stop()
            remotes = {line["remote"] for line in opened.log_lines() if line.get("route") == "/products"}
            self.assertEqual(remotes, {"127.0.0.1"})

    def test_a_guests_cookie_is_for_https_alone_when_the_proxy_was_called_so(self):
        opened = self.open("--set", "server.trusted_proxies=127.0.0.1")
        self.assertTrue(self.cookie(opened, forwarded("192.0.2.1", **{"x-forwarded-proto": "https"})).endswith("; Secure"))
        self.assertNotIn("Secure", self.cookie(opened, forwarded("192.0.2.2", **{"x-forwarded-proto": "http"})))
        self.assertNotIn("Secure", self.cookie(opened, forwarded("192.0.2.3")))
        unasked = self.open()
        self.assertNotIn("Secure", self.cookie(unasked, forwarded("192.0.2.1", **{"x-forwarded-proto": "https"})))

    def test_a_proxy_ends_the_demo(self):
        with shop.Shop("--set", "server.trusted_proxies=127.0.0.1") as opened:
            self.assertEqual(opened.get("/orders").status, 401)
            self.assertIn("ok_test_", opened.output_path.read_text())

    def test_the_setting_is_a_list_wherever_it_is_written(self):
        with shop.Shop(seed=False) as opened:
            opened.stop()
            toml = opened.folder / "orderly.toml"
            for text in ('["127.0.0.1", "10.0.0.0/8"]', '"127.0.0.1, 10.0.0.0/8"', '"127.0.0.1; 10.0.0.0/8"', '"127.0.0.1"'):
                toml.write_text(f"[server]\ntrusted_proxies = {text}\n")
                opened.start()
                cookie = self.cookie(opened, forwarded("192.0.2.1", **{"x-forwarded-proto": "https"}))
                self.assertIn("Secure", cookie, text)
                opened.stop()
            for bad in ('["127.0.0.1", "everybody"]', '["0.0.0.0/0"]', '["10.0.0.1/8"]', "[1]", '["127.0.0.1", 1]', "1.5"):
                toml.write_text(f"[server]\ntrusted_proxies = {bad}\n")
                done = opened.run("serve", "--listen", "127.0.0.1:0")
                self.assertEqual(done.returncode, 2, bad)
                self.assertIn("server.trusted_proxies", done.stderr)


if __name__ == "__main__":
    unittest.main()
