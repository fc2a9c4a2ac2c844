"""Carts: kept through restarts, each behind its own token, emptied by the checkout that takes them."""

import concurrent.futures
import unittest

import shop


class Carts(shop.ShopTest):
    options = ("--set", "payments.default_method=pm_card_visa", "--set", "pricing.shipping_flat=9.99")

    def lines(self, token):
        return {line["product_id"]: line["quantity"]
                for line in self.shop.get("/cart", {"Cart-Id": token}).json["items"]}

    def add(self, token, product_id, quantity=1):
        answer = self.shop.post("/cart", {"product_id": product_id, "quantity": quantity}, {"Cart-Id": token})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def test_adding_adds_setting_sets_and_removing_removes(self):
        headers = {"Cart-Id": "arithmetic"}
        self.add("arithmetic", "1", 2)
        cart = self.add("arithmetic", "1", 3)
        self.assertEqual((cart["items"][0]["quantity"], cart["subtotal"], cart["shipping"], cart["total"]),
                         (5, 5 * 9500, 999, 5 * 9500 + 999))
        self.add("arithmetic", "2")
        answer = self.shop.put("/cart", {"id": "1", "qty": 1}, headers)
        self.assertEqual((answer.status, answer.json["total"]), (200, 9500 + 4900 + 999))
        answer = self.shop.request("DELETE", "/cart", {"id": "1"}, headers)
        self.assertEqual((answer.status, self.lines("arithmetic")), (200, {"2": 1}))
        answer = self.shop.request("DELETE", "/cart", headers=headers)
        self.assertEqual((answer.status, answer.json["items"], answer.json["total"]), (200, [], 0))

    def test_setting_a_quantity_of_nothing_takes_the_product_out(self):
        self.add("to-zero", "1", 2)
        answer = self.shop.put("/cart", {"id": "1", "qty": 0}, {"Cart-Id": "to-zero"})
        self.assertEqual((answer.status, self.lines("to-zero")), (200, {}), answer)

    def test_a_cookie_and_the_header_name_the_same_cart_and_others_see_nothing_of_it(self):
        self.add("token-a", "1")
        self.add("token-b", "2", 7)
        cookie = self.shop.get("/cart", {"Cookie": "theme=dark; cart=token-a; x=y"}).json
        self.assertEqual([line["product_id"] for line in cookie["items"]], ["1"])
        self.assertEqual(self.lines("token-b"), {"2": 7})
        self.assertEqual(self.lines("token-c"), {})
        self.assertEqual(self.shop.get("/cart").json["items"], [])

    def test_carts_survive_a_restart_and_a_kill(self):
        self.add("durable", "3", 2)
        self.shop.restart()
        self.assertEqual(self.lines("durable"), {"3": 2})
        self.add("durable", "4")
        self.shop.kill()
        self.shop.start()
        self.assertEqual(self.lines("durable"), {"3": 2, "4": 1})

    def test_checkout_takes_the_cart_and_empties_it(self):
        self.add("buyer", "1", 2)
        refused = self.shop.post("/checkout", {"total": 199.98}, {"Cart-Id": "buyer"})
        self.assert_problem(refused, 409, "price-changed")
        self.assertEqual(self.lines("buyer"), {"1": 2})
        order = self.shop.post("/checkout", {"total": 199.99}, {"Cart-Id": "buyer"})
        self.assertEqual((order.status, order.json["total"]), (202, 19999))
        self.assertEqual(self.lines("buyer"), {})
        self.assert_problem(self.shop.post("/checkout", headers={"Cart-Id": "buyer"}), 409, "cart-empty")

    def test_two_checkouts_at_once_of_one_cart_place_one_order(self):
        for turn in range(10):
            token = f"double-{turn}"
            self.add(token, "1")
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda _, token=token: self.shop.post("/checkout", {"client_id": token},
                                                                              {"Cart-Id": token}), range(4)))
            self.assertEqual(sorted(each.status for each in answers), [202, 409, 409, 409])
            self.assertEqual(len(self.shop.pages(f"/orders?client_id={token}")), 1)

    def test_what_is_added_at_once_is_all_there(self):
        def add(_):
            return self.shop.post("/cart", {"id": "1", "qty": 1}, {"Cart-Id": "busy"}).status
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            statuses = list(pool.map(add, range(40)))
        self.assertEqual(set(statuses) - {503}, {200})  # 503: lost the race too often, and says so
        self.assertEqual(self.lines("busy"), {"1": statuses.count(200)})

    def test_what_cannot_be_in_a_cart_is_refused(self):
        headers = {"Cart-Id": "refused"}
        for body, pointer in (({"id": "no-such", "qty": 1}, "/product_id"), ({"id": "1", "qty": 0}, "/qty"),
                              ({"id": "1", "qty": -1}, "/qty"), ({"id": "1", "qty": 1.5}, "/qty"),
                              ({"id": "1", "qty": 1000001}, "/qty"), ({"qty": 1}, "/product_id"),
                              ({"id": "1"}, "/quantity")):
            self.assert_problem(self.shop.post("/cart", body, headers), 400, "invalid-request", [pointer])
        self.add("refused", "1", 1_000_000)
        self.assert_problem(self.shop.post("/cart", {"id": "1", "qty": 1}, headers), 409, "quantity-out-of-range")
        self.assertEqual(self.lines("refused"), {"1": 1_000_000})

    def test_what_is_no_cart_token_is_refused(self):
        for token in ("", "a b", "x" * 65, "../etc", "a/b", "a%00b", "ü".encode().decode("latin-1")):
            answer = self.shop.get("/cart", {"Cart-Id": token})
            self.assert_problem(answer, 400, "invalid-request")


if __name__ == "__main__":
    unittest.main()
