"""Requests that are well formed as HTTP and wrong all the same: paths, methods, media types, queries."""

import json
import unittest

import shop

ORDER = json.dumps({"items": [{"product_id": "1", "quantity": 1}], "payment_method": "pm_card_visa"}).encode()


class BadRequests(shop.ShopTest):
    def test_paths_that_lead_nowhere(self):
        for path in ("/nothing", "/orders/", "/orders//", "//orders", "/Orders", "/orders/x", "/orders/ord_",
                     "/orders/ord_01M7WDZCAKBB1A3PWGP6KXD800", "/orders/ord_01m7wdzcakbb1a3pwgp6kxd800",
                     "/orders/status/u1", "/products/no-such", "/products/" + "x" * 2000, "/invoices/INV-2026-999999",
                     "/invoices/INV-2026-1", "/invoices/INV-2026-999999.pdf", "/invoices/.pdf",
                     "/invoices/a%2Bb.pdf", "/transactions/txn_x", "/transactions/" + "%41" * 64, "/admin",
                     "/orders/status/u1/ord_01M7WDZCAKBB1A3PWGP6KXD800"):
            with self.subTest(path=path):
                self.assert_problem(self.shop.get(path), 404, "not-found")

    def test_tricks_with_paths(self):
        for path in ("/../etc/passwd", "/products/..", "/products/../orders", "/products/%2e%2e", "/products/%2E%2E",
                     "/products/.", "/products/a%2fb", "/products/a%2Fb", "/products/%2e%2e%2fmaster.key",
                     "/products/a%5cb", "/products/%00", "/products/1%00.pdf", "/products/%c0%ae%c0%ae",
                     "/products/%c0%af", "/products/%e0%80%af", "/products/%ff", "/products/%ed%a0%80",
                     "/products/%", "/products/%4", "/products/%zz", "/invoices/..%2f..%2fmaster.key.pdf",
                     "/invoices/..%5cmaster.key", "/clients/..%2f..%2f/invoices"):
            with self.subTest(path=path):
                answer = self.shop.get(path)
                self.assertIn(answer.status, (400, 404), answer)
                self.assertIsNotNone(answer.code)

    def test_paths_are_decoded_once(self):
        self.assertEqual(self.shop.get("/products/%31").status, 200)
        self.assertEqual(self.shop.get("/%70roducts/1").status, 200)
        self.assertEqual(self.shop.get("/products/%2531").status, 404)
        self.assertIn(self.shop.get("/products/%252e%252e").status, (400, 404))

    def test_a_known_path_with_another_method_names_those_it_has(self):
        for method, path, allowed in (("DELETE", "/orders", {"GET", "HEAD", "POST", "OPTIONS"}),
                                      ("PATCH", "/orders/x", {"GET", "HEAD", "PUT", "OPTIONS"}),
                                      ("GET", "/checkout", {"POST", "OPTIONS"}),
                                      ("GET", "/payment", {"POST", "OPTIONS"}),
                                      ("GET", "/orders/x/cancel", {"POST", "OPTIONS"}),
                                      ("POST", "/products", {"GET", "HEAD", "OPTIONS"}),
                                      ("TRACE", "/orders", {"GET", "HEAD", "POST", "OPTIONS"}),
                                      ("PUT", "/healthz", {"GET", "HEAD", "OPTIONS"}),
                                      ("PATCH", "/cart", {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})):
            with self.subTest(method=method, path=path):
                answer = self.shop.request(method, path, headers={"Content-Length": "0"})
                self.assert_problem(answer, 405, "method-not-allowed")
                self.assertEqual(set(answer.headers["allow"].split(", ")), allowed)

    def test_options_and_head(self):
        options = self.shop.request("OPTIONS", "/orders")
        self.assertEqual((options.status, options.body), (204, b""))
        self.assertEqual(set(options.headers["allow"].split(", ")), {"GET", "HEAD", "POST", "OPTIONS"})
        head = self.shop.request("HEAD", "/products")
        full = self.shop.get("/products")
        self.assertEqual((head.status, head.body, head.headers["content-length"]),
                         (200, b"", full.headers["content-length"]))

    def test_methods_that_nobody_knows(self):
        for method in ("BREW", "PROPFIND", "CONNECT", "get", "Post"):
            answer = self.shop.request(method, "/orders")
            self.assert_problem(answer, 501, "method-not-implemented")

    def test_bodies_that_are_not_declared_as_json(self):
        orders = len(self.shop.pages("/orders"))
        for content_type in ("text/plain", "application/x-www-form-urlencoded", "application/xml", "application/jsonp",
                             "multipart/form-data; boundary=x", "", "json", "application/json2", "*/*", None):
            with self.subTest(content_type=content_type):
                answer = self.shop.post("/orders", ORDER, {"Content-Type": content_type})
                self.assert_problem(answer, 415, "unsupported-media-type")
        self.assertEqual(len(self.shop.pages("/orders")), orders)
        for content_type in ("application/json; charset=utf-8", "Application/JSON", "application/json ;charset=UTF-8"):
            self.assertEqual(self.shop.post("/orders", ORDER, {"Content-Type": content_type}).status, 200)

    def test_cursors_that_are_none_of_this_list(self):
        for _ in range(3):
            self.shop.place(client_id="pages", pay_later=True)
        products = self.shop.get("/products?limit=2").json["next_cursor"]
        orders = self.shop.get("/orders?client_id=pages&limit=2").json["next_cursor"]
        self.assertTrue(products and orders)
        flipped = products[:-1] + ("A" if products[-1] != "A" else "B")
        for path, cursor in (("/products", "made-up"), ("/products", "AAAA"), ("/products", "!"),
                             ("/products", "%7F"), ("/products", flipped), ("/products", products[:-4]),
                             ("/products", products + "AAAA"), ("/products", orders),
                             ("/categories/electronics", products), ("/orders", orders),
                             ("/orders?client_id=somebody", orders), ("/transactions?client_id=pages", orders),
                             ("/products", "x" * 5000)):
            with self.subTest(path=path, cursor=cursor):
                answer = self.shop.get(f"{path}{'&' if '?' in path else '?'}cursor={cursor}")
                self.assert_problem(answer, 400, "invalid-request", ["?cursor"])
        self.assertEqual(self.shop.get(f"/orders?client_id=pages&limit=2&cursor={orders}").status, 200)

    def test_queries_that_make_no_sense(self):
        order = self.shop.place(client_id="u1", pay_later=True)
        status = f"/orders/status/u1/{order['id']}"
        for path, pointer in (("/products?limit=0", "?limit"), ("/products?limit=101", "?limit"),
                              ("/products?limit=-1", "?limit"), ("/products?limit=2.5", "?limit"),
                              ("/products?limit=two", "?limit"), ("/products?limit=", "?limit"),
                              ("/products?limit=99999999999999999999", "?limit"),
                              ("/products?limit=1&limit=2", "?limit"), ("/products?colour=red", "?colour"),
                              ("/orders?status=lost", "?status"), ("/orders?status=", "?status"),
                              ("/orders?from=yesterday", "?from"), ("/orders?to=2026-13-01", "?to"),
                              ("/orders?from=2026-02-30", "?from"), ("/orders?from=2026-01-01T25:00:00Z", "?from"),
                              ("/transactions?status=lost", "?status"), (f"{status}?wait=21", "?wait"),
                              (f"{status}?wait=-1", "?wait"), (f"{status}?wait=soon", "?wait"),
                              (f"{status}?wait=0.5", "?wait")):
            with self.subTest(path=path):
                self.assert_problem(self.shop.get(path), 400, "invalid-request", [pointer])
        for path in ("/products?limit=%ff", "/products?%c0%af=1", "/products?a=%00"):
            with self.subTest(path=path):
                self.assert_problem(self.shop.get(path), 400, "invalid-request")

    def test_a_body_where_none_belongs_changes_nothing(self):
        for method in ("GET", "HEAD"):
            answer = self.shop.request(method, "/products", b"x" * 1000)
            self.assertIn(answer.status, (200, 400))

    def test_pages_of_other_sites_are_kept_out_without_the_demo_as_well(self):
        for headers in ({"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}, {"Origin": "http://evil.example"},
                        {"Origin": "null"}):
            self.assert_problem(self.shop.post("/orders", ORDER, headers), 403, "not-loopback")

    def test_every_answer_can_be_traced_and_is_not_to_be_sniffed(self):
        for path in ("/products", "/nothing", "/metrics"):
            headers = self.shop.get(path, {"X-Request-Id": "trace-me-1"}).headers
            self.assertEqual((headers["x-request-id"], headers["x-content-type-options"]), ("trace-me-1", "nosniff"))
        for bad in ("a b", "x" * 65, "a\tb", '"quoted"'):
            self.assertNotEqual(self.shop.get("/products", {"X-Request-Id": bad}).headers["x-request-id"], bad)


if __name__ == "__main__":
    unittest.main()
