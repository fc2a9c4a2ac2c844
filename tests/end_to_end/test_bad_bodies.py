"""Bodies that are wrong: each a 400 that names every place by JSON pointer, and nothing written."""

import itertools
import json
import unittest

import shop

LINE = {"product_id": "1", "quantity": 1}
ORDER = {"client_id": "u1", "items": [LINE], "payment_method": "pm_card_visa"}
KEYS = itertools.count()
ADDRESS = {"name": "Ann", "line1": "1 High St", "city": "Leeds", "postal_code": "LS1", "country": "GB"}


def order(**fields):
    return {**ORDER, **fields}


def order_without(*names):
    return {name: value for name, value in ORDER.items() if name not in names}


def quantity(text):
    return b'{"items":[{"product_id":"1","quantity":' + text + b'}],"payment_method":"pm_card_visa"}'


class NothingWritten(shop.ShopTest):
    """What is refused leaves the shop as it was."""

    @classmethod
    def figures(cls):
        counts = cls.shop.check()["counts"]
        return {name: counts[name] for name in ("orders", "events", "carts", "answers", "client_keys", "messages")}

    def setUp(self):
        self.before = self.figures()

    def tearDown(self):
        self.assertEqual(self.figures(), self.before)

    def assert_refused(self, path, body, pointers, method="POST"):
        with self.subTest(path=path, body=body if len(str(body)) < 300 else str(body)[:300]):
            headers = {"Idempotency-Key": f"bad-body-{next(KEYS)}"}  # a kept answer would show in the figures
            self.assert_problem(self.shop.request(method, path, body, headers), 400, "invalid-request", pointers)


class BadSyntax(NothingWritten):
    def test_what_is_no_json_document_is_refused(self):
        good = json.dumps(ORDER).encode()
        for body in (b"{", b"nonsense", b"[", b"{]", b'{"items":[}', good[:-1], good + b"x", good + b"{}", good * 2,
                     b"{'items':[]}", b'{"items":[],}', b'{"client_id":"a\x00b"}', b'{"client_id":"a\nb"}',
                     b"// comment\n" + good, b"\xef\xbb\xbf" + good, b'{"client_id":NaN}', b'{"quantity":01}',
                     b'{"quantity":+1}', b'{"quantity":.5}', b'{"quantity":0x10}', b'{"quantity":Infinity}',
                     b'{"client_id":"\\x41"}', b'{"client_id":"\\u12"}', b"\x00", b" "):
            with self.subTest(body=body):
                answer = self.shop.post("/orders", body)
                self.assert_problem(answer, 400, "invalid-request")
                self.assertIn("", answer.pointers)

    def test_text_that_is_no_unicode_is_refused(self):
        for text in (b'"\\ud800"', b'"\\udc00"', b'"\\ud800x"', b'"\\udc00\\ud800"', b'"\xff"', b'"\xc0\xaf"',
                     b'"\xed\xa0\x80"', b'"\xf4\x90\x80\x80"', b'"\xc3"'):
            body = b'{"client_id":' + text + b',"items":[{"id":"1","qty":1}],"payment_method":"pm_card_visa"}'
            with self.subTest(body=body):
                self.assert_problem(self.shop.post("/orders", body), 400, "invalid-request")

    def test_nesting_deeper_than_32_is_refused(self):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            deep = opening * 33 + b"1" + closing * 33
            answer = self.shop.post("/orders", b'{"items":' + deep + b"}")
            self.assert_problem(answer, 400, "invalid-request")
            self.assertIn("", answer.pointers)
            answer = self.shop.post("/orders", opening * 40_000)
            self.assert_problem(answer, 400, "invalid-request")

    def test_what_is_no_object_is_refused(self):
        for body in (b"[]", b"1", b'"text"', b"null", b"true"):
            self.assert_refused("/orders", body, [""])

    def test_a_field_given_twice_is_refused_also_under_its_other_name(self):
        self.assert_refused("/orders", b'{"client_id":"a","client_id":"b","items":[{"id":"1","qty":1}],'
                            b'"payment_method":"pm_card_visa"}', ["/client_id"])
        self.assert_refused("/orders", b'{"client_id":"a","user_id":"b","items":[{"id":"1","qty":1}],'
                            b'"payment_method":"pm_card_visa"}', ["/user_id"])
        self.assert_refused("/orders", b'{"items":[{"id":"1","qty":1,"quantity":2}],"payment_method":"pm_card_visa"}',
                            ["/items/0/quantity"])


class BadFields(NothingWritten):
    def test_fields_of_an_order(self):
        for body, pointers in (
                (order(colour="red"), ["/colour"]),
                (order(**{"a/b~c": 1}), ["/a~1b~0c"]),
                (order(items="1"), ["/items"]),
                (order(items=None), ["/items"]),
                (order(items={}), ["/items"]),
                (order(items=[]), ["/items"]),
                (order(items=["1"]), ["/items/0"]),
                (order(items=[LINE, {}]), ["/items/1/product_id", "/items/1/quantity"]),
                (order(items=[{**LINE, "price": 1}]), ["/items/0/price"]),
                (order(items=[LINE] * 51), ["/items"]),
                (order_without("items"), ["/items"]),
                (order(item="1"), ["/item"]),
                (order(quantity=1), ["/quantity"]),
                (order_without("payment_method"), ["/payment_method"]),
                (order(pay_later=True), ["/payment_method"]),
                (order(pay_later="yes"), ["/pay_later"]),
                (order(payment_method=""), ["/payment_method"]),
                (order(payment_method="x" * 65), ["/payment_method"]),
                (order(payment_method=7), ["/payment_method"]),
                (order(client_id=""), ["/client_id"]),
                (order(client_id="x" * 65), ["/client_id"]),
                (order(client_id="ann@example.com"), ["/client_id"]),
                (order(client_id="../../etc/passwd"), ["/client_id"]),
                (order(client_id="a\u0000b"), ["/client_id"]),
                (order(client_id=["u1"]), ["/client_id"]),
                (order(currency="usd"), ["/currency"]),
                (order(currency="XXQ"), ["/currency"]),
                (order(currency=840), ["/currency"]),
                (order(total_price=-1), ["/total_price"]),
                (order(total_price=1.5), ["/total_price"]),
                (order(total_price="9500"), ["/total_price"]),
                (order(total="95.00"), ["/total"]),
                (order(total=95.001), ["/total"]),
                (order(total=95, total_price=9500), ["/total"])):
            self.assert_refused("/orders", body, pointers)

    def test_quantities(self):
        for text in (b"0", b"-1", b"-0", b"1.5", b"1.0", b"1e3", b"1000001", b"9223372036854775807",
                     b"9223372036854775808", b"99999999999999999999999999", b"-9223372036854775809", b"1e400",
                     b'"2"', b"true", b"null", b"[1]", b"{}"):
            self.assert_refused("/orders", quantity(text), ["/items/0/quantity"])

    def test_unknown_products_are_all_named(self):
        items = [LINE, {"product_id": "no-such", "quantity": 1}, {"product_id": "a/b", "quantity": 1},
                 {"product_id": "\u2603", "quantity": 1}]
        self.assert_refused("/orders", order(items=items),
                            ["/items/1/product_id", "/items/2/product_id", "/items/3/product_id"])
        self.assert_refused("/orders", {"item": "no such thing", "payment_method": "pm_card_visa"}, ["/item"])
        self.assert_refused("/checkout", order(items=items[:2]), ["/items/1/product_id"])

    def test_another_currency_than_the_products_is_refused(self):
        self.assert_refused("/orders", order(currency="EUR"), ["/items/0/product_id"])
        self.assert_refused("/checkout", order(currency="JPY"), ["/items/0/product_id"])

    def test_addresses(self):
        for change, pointer in (({"name": ""}, "name"), ({"name": "x" * 201}, "name"), ({"city": None}, "city"),
                                ({"country": "gb"}, "country"), ({"country": "GBR"}, "country"),
                                ({"country": "\u00c4\u00d6"}, "country"), ({"postal_code": "1" * 21}, "postal_code"),
                                ({"planet": "Mars"}, "planet"), ({"line1": "a\u0007b"}, "line1")):
            self.assert_refused("/orders", order(shipping_address={**ADDRESS, **change}),
                                [f"/shipping_address/{pointer}"])
        self.assert_refused("/orders", order(shipping_address={}), [
            f"/shipping_address/{name}" for name in ("name", "line1", "city", "postal_code", "country")])

    def test_card_numbers_are_refused_wherever_text_is_free(self):
        for number in ("4242424242424242", "4242 4242 4242 4242", "5555-5555-5555-4444", "my card: 30569309025904."):
            address = {**ADDRESS, "line1": number}
            self.assert_refused("/orders", order(shipping_address=address), ["/shipping_address/line1"])
            self.assert_refused("/orders", order(payment_method=number), ["/payment_method"])
        self.shop.stop()
        self.assertNotIn("4242", self.shop.log_path.read_text())
        self.shop.start()

    def test_everything_wrong_is_named_at_once(self):
        body = {"items": [{"product_id": 1, "quantity": -1}], "colour": "red", "total_price": "much",
                "shipping_address": {**ADDRESS, "country": "Britain"}, "payment_method": "pm_card_visa"}
        self.assert_refused("/orders", body, ["/items/0/product_id", "/items/0/quantity", "/colour", "/total_price",
                                              # too long, and not in capitals
                                              "/shipping_address/country", "/shipping_address/country"])

    def test_a_body_with_endless_problems_gets_an_answer_of_a_few(self):
        body = {**ORDER, **{f"unknown_{number}": 1 for number in range(5000)}}
        answer = self.shop.post("/orders", body)
        self.assert_problem(answer, 400, "invalid-request")
        self.assertLessEqual(len(answer.pointers), 51)
        self.assertLess(len(answer.body), 10_000)

    def test_other_routes(self):
        for path, body, pointers in (
                ("/checkout", {"items": [LINE], "total": "199.99", "payment_method": "pm_card_visa"}, ["/total"]),
                ("/checkout", {"items": [LINE], "total": 1e-9, "payment_method": "pm_card_visa"}, ["/total"]),
                ("/payment", {}, ["/order_id"]),
                ("/payment", {"order_id": 1}, ["/order_id"]),
                ("/payment", {"order_id": "x" * 65, "payment_method": "pm_card_visa"}, ["/order_id"]),
                ("/payments", {}, ["/order_id", "/status"]),
                ("/payments", {"order_id": "x", "status": 1}, ["/status"])):
            self.assert_refused(path, body, pointers)


class BadBodiesForAnOrder(NothingWritten):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.shop.place(pay_later=True)

    def test_changes_that_make_no_sense(self):
        path = f"/orders/{self.order['id']}"
        for body, pointers in (
                ({}, [""]), ({"status": "lost"}, ["/status"]), ({"status": 1}, ["/status"]),
                ({"status": "cancelled", "items": [LINE]}, ["/status"]), ({"items": []}, ["/items"]),
                ({"items": [LINE] * 51}, ["/items"]), ({"items": [{"id": "nope", "qty": 1}]}, ["/items/0/product_id"]),
                ({"total": 1}, ["/total"]), ({"client_id": "me"}, ["/client_id"])):
            self.assert_refused(path, body, pointers, "PUT")
        for action, body, pointers in (
                ("refund", {"amount": 0}, ["/amount"]), ("refund", {"amount": -5}, ["/amount"]),
                ("refund", {"amount": 0.5}, ["/amount"]), ("refund", {"amount": 10 ** 16}, ["/amount"]),
                ("refund", {"reason": "x" * 201}, ["/reason"]), ("cancel", {"reason": 7}, ["/reason"]),
                ("cancel", {"reason": "4242 4242 4242 4242"}, ["/reason"]), ("ship", {"carrier": "x"}, ["/carrier"]),
                ("deliver", {"at": "noon"}, ["/at"])):
            self.assert_refused(f"{path}/{action}", body, pointers)

    def test_the_order_is_still_as_it_was(self):
        self.assertEqual(self.shop.order(self.order["id"]), self.order)


if __name__ == "__main__":
    unittest.main()
