"""Requests that are sent again: one effect, and the first answer word for word."""

import concurrent.futures
import json
import unittest

import shop

ORDER = json.dumps({"client_id": "repeater", "items": [{"product_id": "1", "quantity": 1}],
                    "payment_method": "pm_card_visa"}).encode()


TURNS = shop.times(embedded=10, aws=4, aws_long=10)


class Idempotency(shop.ShopTest):
    def send(self, key, body=ORDER, path="/orders", method="POST", **headers):
        return self.shop.request(method, path, body, {"Idempotency-Key": key, **headers})

    def orders(self):
        return len(self.shop.pages("/orders?limit=100"))

    def assert_replayed(self, first, again):
        self.assertEqual((again.status, again.body), (first.status, first.body))
        self.assertNotIn("idempotent-replayed", first.headers)
        self.assertEqual(again.headers["idempotent-replayed"], "true")
        self.assertEqual(again.headers["content-type"], first.headers["content-type"])

    def test_the_same_request_again_gets_the_same_bytes_and_no_second_order(self):
        first = self.send("again")
        self.assertEqual(first.status, 200)
        orders = self.orders()
        self.shop.order_when(first.json["id"], status="confirmed")
        for _ in range(3):
            self.assert_replayed(first, self.send("again"))
        self.assertEqual(self.orders(), orders)

    def test_another_body_under_the_same_key_is_refused(self):
        self.send("reused")
        orders = self.orders()
        self.assert_problem(self.send("reused", ORDER + b" "), 422, "idempotency-key-reused")
        self.assertEqual(self.orders(), orders)

    def test_a_key_belongs_to_a_caller_a_method_and_a_path(self):
        first = self.send("scoped").json["id"]
        others = [self.send("scoped", path="/checkout").json["id"],
                  self.send("scoped", **{"Cart-Id": "somebody"}).json["id"],
                  self.send("Scoped").json["id"]]
        self.assertEqual(len({first, *others}), 4)

    def test_answers_are_kept_over_a_restart_and_a_kill(self):
        first = self.send("restart")
        self.shop.restart()
        self.assert_replayed(first, self.send("restart"))
        second = self.send("kill")
        self.shop.kill()
        self.shop.start()
        self.assert_replayed(first, self.send("restart"))
        self.assert_replayed(second, self.send("kill"))
        self.assert_problem(self.send("kill", ORDER + b" "), 422, "idempotency-key-reused")

    def test_what_the_business_refused_stays_refused(self):
        body = json.dumps({**json.loads(ORDER), "total_price": 1}).encode()
        first = self.send("refused", body)
        self.assert_problem(first, 409, "price-changed")
        self.assert_replayed(first, self.send("refused", body))
        self.assert_problem(self.send("refused"), 422, "idempotency-key-reused")

    def test_what_was_wrong_with_the_request_is_not_kept(self):
        self.assert_problem(self.send("corrected", b'{"items": []}'), 400, "invalid-request")
        self.assertEqual(self.send("corrected").status, 200)

    def stock(self, **fields):
        """Sells the product of that id; what is not named stays as it is."""
        path = self.shop.folder / "products.json"
        path.write_text(json.dumps({"products": [{"sku": fields["id"], "name": fields["id"], "category": "rarities",
                                                  **fields}]}))
        self.shop.command("seed", "--file", path)

    def test_what_has_changed_since_changes_no_answer(self):
        self.stock(id="rare", price=1000, stock=3)
        cart = {"Cart-Id": "collector"}
        self.assertEqual(self.shop.post("/cart", {"product_id": "rare", "quantity": 1}, cart).status, 200)
        from_cart = b'{"payment_method": "pm_card_visa"}'
        order = b'{"items": [{"product_id": "rare", "quantity": 1}], "payment_method": "pm_card_visa"}'
        requests = [("rare-order", order, "/orders", {}), ("rare-items", order, "/checkout", {}),
                    ("rare-cart", from_cart, "/checkout", cart)]
        answers = [self.send(key, body, path, **headers) for key, body, path, headers in requests]
        self.assertEqual([each.status for each in answers], [200, 202, 202])
        for answer in answers:
            self.shop.order_when(answer.json["id"], status="confirmed")

        self.stock(id="rare", price=2000, stock=None)
        self.assert_problem(self.shop.post("/orders", order), 409, "out-of-stock")
        self.assert_problem(self.shop.post("/checkout", from_cart, cart), 409, "cart-empty")
        orders = self.orders()

        def ask_again():
            for (key, body, path, headers), first in zip(requests, answers):
                self.assert_replayed(first, self.send(key, body, path, **headers))
                for other in (body + b" ", ORDER, b"nonsense"):
                    self.assert_problem(self.send(key, other, path, **headers), 422, "idempotency-key-reused")
        ask_again()
        self.shop.restart()
        self.stock(id="rare", price=2000, stock=5)
        self.assertEqual(self.shop.post("/cart", {"product_id": "rare", "quantity": 2}, cart).status, 200)
        ask_again()
        self.assertEqual(self.orders(), orders)
        self.assertEqual(self.shop.available("rare"), 5)
        self.assertEqual([each["quantity"] for each in self.shop.get("/cart", cart).json["items"]], [2])

    def test_what_was_refused_stays_refused_when_there_is_stock_again(self):
        self.stock(id="sold-out", price=1000, stock=0)
        body = json.dumps({"items": [{"product_id": "sold-out", "quantity": 1}], "pay_later": True}).encode()
        first = self.send("sold-out", body)
        self.assert_problem(first, 409, "out-of-stock")
        self.stock(id="sold-out", price=1000, stock=5)
        self.assert_replayed(first, self.send("sold-out", body))
        self.assert_problem(self.send("sold-out", ORDER), 422, "idempotency-key-reused")
        self.assertEqual(self.shop.available("sold-out"), 5)
        self.assertEqual(self.send("in-stock", body).status, 200)

    def test_every_change_may_be_repeated(self):
        order = self.shop.order_when(self.shop.place()["id"], status="confirmed")
        path = f"/orders/{order['id']}"
        steps = [("POST", f"{path}/refund", b'{"amount":100}'), ("POST", f"{path}/ship", b""),
                 ("PUT", path, b'{"status":"delivered"}')]
        for number, (method, target, body) in enumerate(steps):
            first = self.send(f"step-{number}", body, target, method)
            self.assertEqual(first.status, 200, first)
            self.assert_replayed(first, self.send(f"step-{number}", body, target, method))
        refunds = [each for each in self.shop.order(order["id"])["transactions"] if each["type"] == "refund"]
        self.assertEqual(len(refunds), 1)
        first = self.send("basket", b'{"id":"1","qty":2}', "/cart", **{"Cart-Id": "repeated"})
        self.assert_replayed(first, self.send("basket", b'{"id":"1","qty":2}', "/cart", **{"Cart-Id": "repeated"}))
        self.assertEqual(self.shop.get("/cart", {"Cart-Id": "repeated"}).json["items"][0]["quantity"], 2)
        unpaid = self.shop.place(pay_later=True)
        body = json.dumps({"order_id": unpaid["id"], "payment_method": "pm_card_visa"}).encode()
        self.assert_replayed(self.send("pay", body, "/payment"), self.send("pay", body, "/payment"))
        self.shop.order_when(unpaid["id"], status="confirmed")

    def test_one_key_sent_many_times_at_once_places_one_order(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            for turn in range(TURNS):
                orders = self.orders()
                answers = list(pool.map(lambda _, turn=turn: self.send(f"at-once-{turn}"), range(16)))
                done = [each for each in answers if each.status == 200]
                others = [each for each in answers if each.status != 200]
                self.assertEqual(len({each.body for each in done}), 1)
                self.assertEqual(sum("idempotent-replayed" not in each.headers for each in done), 1)
                for each in others:
                    self.assert_problem(each, 409, "request-in-progress")
                    self.assertIn("retry-after", each.headers)
                self.assertEqual(self.orders(), orders + 1)

    def test_a_key_is_1_to_255_visible_characters(self):
        self.assertEqual(self.send("k" * 255).status, 200)
        orders = self.orders()
        for key in ("", "k" * 256, "a b", "tab\there", "ü".encode().decode("latin-1")):
            self.assert_problem(self.send(key), 400, "invalid-request")
        self.assertEqual(self.orders(), orders)


if __name__ == "__main__":
    unittest.main()
