"""What is not well-formed HTTP, or comes too slowly or too large: refused before anything else sees it, and the
connection closed, so that no proxy in front and the server can disagree on where a request ends."""

import concurrent.futures
import json
import re
import socket
import time
import unittest

import shop

HOST = b"Host: 127.0.0.1\r\n"
JSON = b"Content-Type: application/json\r\n"
ORDER = json.dumps({"client_id": "smuggler", "items": [{"product_id": "1", "quantity": 1}],
                    "payment_method": "pm_card_visa"}).encode()
SMUGGLED = (b"POST /orders HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: " + str(len(ORDER)).encode() +
            b"\r\n\r\n" + ORDER)


def read_to_end(connection):
    received = b""
    try:
        while chunk := connection.recv(65536):
            received += chunk
    except ConnectionResetError:
        pass
    return received


class RawShop(shop.ShopTest):
    def connect(self, timeout_s=20):
        return socket.create_connection(("127.0.0.1", self.shop.port), timeout_s)

    def exchange(self, sent):
        """Everything that the server says until it closes the connection."""
        with self.connect() as connection:
            try:
                connection.sendall(sent)
            except (BrokenPipeError, ConnectionResetError):
                pass
            return read_to_end(connection)

    def assert_refused(self, sent, status, code):
        """One problem, then the connection is closed: nothing behind the bad request is answered."""
        answers = self.exchange(sent)
        head, _, body = answers.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 %d " % status), answers)
        self.assertEqual(len(re.findall(rb"HTTP/1\.1 \d", answers)), 1, answers)
        self.assertIn(b"\r\nconnection: close", head.lower())
        self.assertEqual(json.loads(body)["code"], code)


class Smuggling(RawShop):
    def tearDown(self):
        self.assertEqual(self.shop.pages("/orders?client_id=smuggler"), [])

    def assert_all_malformed(self, heads, body=b""):
        for head in heads:
            with self.subTest(head=head[:200]):
                self.assert_refused(head + b"\r\n" + body + SMUGGLED, 400, "malformed-request")

    def test_bodies_of_doubtful_length(self):
        start = b"POST /orders HTTP/1.1\r\n" + HOST + JSON
        self.assert_all_malformed([
            start + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            start + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            start + b"Content-Length: 5\r\nContent-Length: 5\r\n",
            start + b"Content-Length: 5\r\nContent-Length: 0\r\n",
            start + b"Content-Length: 5, 5\r\n",
            start + b"Content-Length: +5\r\n",
            start + b"Content-Length: -5\r\n",
            start + b"Content-Length: 0x5\r\n",
            start + b"Content-Length: 5 5\r\n",
            start + b"Content-Length:\r\n",
            start + b"Content-Length: 99999999999999999999\r\n",
            start + b"Content-Length: 5\xc2\xa0\r\n",
            start + b"Transfer-Encoding: gzip\r\n",
            start + b"Transfer-Encoding: gzip, chunked\r\n",
            start + b"Transfer-Encoding: chunked, chunked\r\n",
            start + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            start + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
            start + b"Transfer-Encoding: xchunked\r\n",
            start + b"Transfer-Encoding: \"chunked\"\r\n",
            start + b"Transfer-Encoding: \x0bchunked\r\n",
            start + b"Transfer-Encoding : chunked\r\n",
            start + b"Content-Length : 5\r\n",
            start.replace(b"HTTP/1.1", b"HTTP/1.0") + b"Transfer-Encoding: chunked\r\n",
        ], b"0\r\n\r\n")

    def test_lines_that_do_not_end_or_begin_as_they_should(self):
        self.assert_all_malformed([
            b"GET / HTTP/1.1\nHost: 127.0.0.1\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n c\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n\tc\r\n",
            b"GET / HTTP/1.1\r\n Host: 127.0.0.1\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n: b\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA b: c\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\x00c\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\rc\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nA\x00: b\r\n",
            b"\r\nGET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        ])

    def test_hosts_that_are_missing_repeated_or_odd(self):
        self.assert_all_malformed([
            b"GET / HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\n" + HOST + HOST,
            b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n",
            b"GET / HTTP/1.1\r\nHost:\r\n",
            b"GET / HTTP/1.1\r\nHost: a b\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1, evil.example\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1@evil.example\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1/x\r\n",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1:port\r\n",
            b"GET / HTTP/1.1\r\nHost : 127.0.0.1\r\n",
        ])

    def test_request_lines_that_are_none(self):
        self.assert_all_malformed([
            b"GET /\r\n" + HOST,
            b"GET  / HTTP/1.1\r\n" + HOST,
            b"GET /  HTTP/1.1\r\n" + HOST,
            b"GET / HTTP/1.1 \r\n" + HOST,
            b" GET / HTTP/1.1\r\n" + HOST,
            b"GET\t/ HTTP/1.1\r\n" + HOST,
            b"GET / x HTTP/1.1\r\n" + HOST,
            b"GET / HTTP/11\r\n" + HOST,
            b"GET / http/1.1\r\n" + HOST,
            b"GET http://127.0.0.1/ HTTP/1.1\r\n" + HOST,
            b"OPTIONS * HTTP/1.1\r\n" + HOST,
            b"CON(NECT) / HTTP/1.1\r\n" + HOST,
            b"GET /\xff HTTP/1.1\r\n" + HOST,
            b"GET /a\x00b HTTP/1.1\r\n" + HOST,
            b"GET /a%4 HTTP/1.1\r\n" + HOST,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n" + HOST,
        ])
        self.assert_refused(b"GET / HTTP/2.0\r\n" + HOST + b"\r\n", 505, "http-version-not-supported")
        self.assert_refused(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "http-version-not-supported")

    def test_broken_chunks(self):
        start = b"POST /orders HTTP/1.1\r\n" + HOST + JSON + b"Transfer-Encoding: chunked\r\n\r\n"
        for chunks in (b"x\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n",
                       b"5\r\nhelloX\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
                       b" 5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"\r\nhello\r\n0\r\n\r\n",
                       b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n", b"5;\x00\r\nhello\r\n0\r\n\r\n",
                       b"5;" + b"a" * 5000 + b"\r\nhello\r\n0\r\n\r\n", b"0\r\nHost: evil.example\r\n\r\n",
                       b"0\r\nContent-Length: 5\r\n\r\n", b"0\r\nX\r\n"):
            with self.subTest(chunks=chunks[:60]):
                self.assert_refused(start + chunks + SMUGGLED, 400, "malformed-request")


class Sizes(RawShop):
    def test_a_body_that_is_announced_too_large_is_refused_before_it_is_sent(self):
        head = b"POST /orders HTTP/1.1\r\n" + HOST + JSON + b"Content-Length: %d\r\n\r\n"
        for length in (256 * 1024 + 1, 10 ** 9, 10 ** 17):
            begun = time.monotonic()
            self.assert_refused(head % length, 413, "body-too-large")
            self.assertLess(time.monotonic() - begun, 5)
        self.assert_refused((head % (10 ** 9)).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), 413,
                            "body-too-large")

    def test_a_body_of_exactly_256_kib_is_read(self):
        padded = ORDER + b" " * (256 * 1024 - len(ORDER))
        self.assertEqual(self.shop.post("/orders", padded).status, 200)
        self.assert_problem(self.shop.post("/orders", padded + b" "), 413, "body-too-large")

    def test_chunks_that_add_up_to_too_much_are_refused(self):
        start = b"POST /orders HTTP/1.1\r\n" + HOST + JSON + b"Transfer-Encoding: chunked\r\n\r\n"
        self.assert_refused(start + b"40001\r\n", 413, "body-too-large")
        self.assert_refused(start + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 9, 413, "body-too-large")

    def test_long_lines_and_many_headers_are_refused(self):
        self.assert_refused(b"GET /" + b"a" * 8192 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414, "target-too-long")
        self.assert_refused(b"GET /" + b"a" * 100_000, 414, "target-too-long")
        self.assert_refused(b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"b" * 16384 + b"\r\n\r\n", 431,
                            "headers-too-large")
        self.assert_refused(b"GET / HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 100 + b"\r\n", 431, "headers-too-large")
        self.assert_refused(b"GET / HTTP/1.1\r\n" + HOST + b"Expect: miracles\r\n\r\n", 417, "expectation-failed")

    def test_good_requests_one_after_the_other_are_all_answered_in_order(self):
        one = b"GET /products/%d HTTP/1.1\r\n" + HOST + b"\r\n"
        last = b"GET /products/9 HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        answers = self.exchange(b"".join(one % number for number in range(1, 9)) + last)
        self.assertEqual(re.findall(rb'"id":"(\d)"', answers), [b"%d" % number for number in range(1, 10)])

    def test_a_chunked_order_is_placed(self):
        half = len(ORDER) // 2
        chunks = b"".join(b"%x;name=value\r\n%s\r\n" % (len(part), part) for part in (ORDER[:half], ORDER[half:]))
        answer = self.exchange(b"POST /orders HTTP/1.1\r\n" + HOST + JSON + b"Connection: close\r\n"
                               b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 "), answer)

    def test_a_client_that_asks_first_is_told_to_go_on(self):
        with self.connect() as connection:
            connection.sendall(b"POST /orders HTTP/1.1\r\n" + HOST + JSON + b"Connection: close\r\n"
                               b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(ORDER))
            self.assertEqual(connection.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(ORDER)
            self.assertTrue(read_to_end(connection).startswith(b"HTTP/1.1 200 "))

    def test_clients_that_go_away_half_way_leave_nothing_behind(self):
        orders = len(self.shop.pages("/orders?limit=100"))
        for length in (0, 1, 30, len(SMUGGLED) - len(ORDER) - 2, len(SMUGGLED) - 1):
            with self.connect() as connection:
                connection.sendall(SMUGGLED[:length])
        self.assertEqual(len(self.shop.pages("/orders?limit=100")), orders)


class SlowClients(RawShop):
    def drip(self, start, then, pause_s, timeout_s):
        """Sends `start`, and then bit after bit until the server answers: its answer and how long it took."""
        begun = time.monotonic()
        with self.connect() as connection:
            connection.sendall(start)
            connection.settimeout(pause_s)
            while time.monotonic() - begun < timeout_s:
                try:
                    if received := connection.recv(65536):
                        return received + read_to_end(connection), time.monotonic() - begun
                    break
                except TimeoutError:
                    connection.sendall(then)
        return b"", time.monotonic() - begun

    def test_clients_that_dawdle_get_408_while_others_are_served(self):
        head = b"POST /orders HTTP/1.1\r\n" + HOST + JSON
        slow = {"half a request line": (b"GET /prod", b"u"),
                "headers without an end": (b"GET / HTTP/1.1\r\n" + HOST, b"a: b\r\n"),
                "silence after a byte": (b"G", b""),
                "a body by single bytes": (head + b"Content-Length: 2000\r\n\r\n{", b" "),
                "chunks by single bytes": (head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", b"1\r\n \r\n")}
        with concurrent.futures.ThreadPoolExecutor(len(slow) + 1) as pool:
            answers = {name: pool.submit(self.drip, start, then, 0.5, 20) for name, (start, then) in slow.items()}
            while not all(each.done() for each in answers.values()):
                begun = time.monotonic()
                self.assertEqual(self.shop.get("/products/1").status, 200)
                self.assertLess(time.monotonic() - begun, 2)
                time.sleep(0.1)
        for name, each in answers.items():
            answer, seconds = each.result()
            with self.subTest(name):
                self.assertTrue(answer.startswith(b"HTTP/1.1 408 "), answer)
                self.assertIn(b"request-timeout", answer)
                self.assertTrue(3 < seconds < 14, seconds)


if __name__ == "__main__":
    unittest.main()
