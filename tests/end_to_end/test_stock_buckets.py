"""A hot product, whose stock is kept in several buckets: nobody who buys it notices."""

import collections
import concurrent.futures
import json
import threading
import unittest

import shop

BUYERS = shop.times(embedded=1000, aws=80, aws_long=200)
GROWING = shop.times(embedded=200, aws=80, aws_long=200)  # pieces
THREADS = 32 if shop.ENGINE == "embedded" else 8  # DynamoDB on this machine does one transaction after the other
TRIES_MAX = 20


class StockBuckets(shop.ShopTest):
    def put(self, product_id, **fields):
        """Seeds the product from a file; what the program said."""
        product = {"id": product_id, "sku": f"SKU-{product_id}", "name": f"Product {product_id}", "category": "hot",
                   "price": 1000, **fields}
        path = self.shop.folder / "hot.json"
        path.write_text(json.dumps([product]))
        return self.shop.run("seed", "--file", path)

    def put_well(self, product_id, **fields):
        done = self.put(product_id, **fields)
        self.assertEqual(done.returncode, 0, done)

    def buy(self, session, product_id, quantity, **fields):
        """The answer, once it is another than "too many at once"."""
        body = {"client_id": "fan", "items": [{"product_id": product_id, "quantity": quantity}],
                "payment_method": "pm_card_visa", **fields}
        for _ in range(TRIES_MAX):
            answer = session.request("POST", "/orders", body)
            if answer.status != 503:
                return answer
        raise AssertionError(f"still contended: {answer}")

    def rush(self, product_id, quantities):
        """All buy at once; their answers."""
        local = threading.local()
        sessions = []

        def run(quantity):
            if not hasattr(local, "session"):
                local.session = self.shop.session()
                sessions.append(local.session)
            return self.buy(local.session, product_id, quantity)

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            answers = list(pool.map(run, quantities))
        for session in sessions:
            session.close()
        return answers

    def test_the_last_ten_pieces_in_eight_buckets_make_ten_orders(self):
        self.put_well("ten", stock=10, stock_buckets=8)
        self.assertEqual(self.shop.available("ten"), 10)
        answers = self.rush("ten", [1] * BUYERS)
        self.assertEqual(collections.Counter((answer.status, answer.code) for answer in answers),
                         {(200, None): 10, (409, "out-of-stock"): BUYERS - 10})
        for answer in answers:
            if answer.status == 200:
                self.shop.order_when(answer.json["id"], status="confirmed")
        self.assertEqual(self.shop.available("ten"), 0)
        self.shop.check()

    def test_quantities_that_no_bucket_has_are_put_together(self):
        self.put_well("pairs", stock=16, stock_buckets=8)
        answers = self.rush("pairs", [3] * 20)
        self.assertEqual(collections.Counter((answer.status, answer.code) for answer in answers),
                         {(200, None): 5, (409, "out-of-stock"): 15})
        self.assertEqual(self.shop.available("pairs"), 1)
        last = self.shop.place(items=[{"product_id": "pairs", "quantity": 1}])
        bought = [answer.json["id"] for answer in answers if answer.status == 200] + [last["id"]]
        for order_id in bought:
            self.shop.order_when(order_id, status="confirmed")
        self.assertEqual(self.shop.available("pairs"), 0)
        for order_id in bought[:3]:
            self.assertEqual(self.shop.post(f"/orders/{order_id}/cancel").status, 200)
        self.assertEqual(self.shop.available("pairs"), 9)
        self.shop.check()

    def test_a_whole_life_of_an_order_that_is_split(self):
        self.put_well("life", stock=6, stock_buckets=3)
        key = {"idempotency-key": "a-split-order"}
        body = {"client_id": "fan", "items": [{"product_id": "life", "quantity": 3}], "pay_later": True}
        placed = self.shop.post("/orders", body, key)
        self.assertEqual(placed.status, 200)
        order_id = placed.json["id"]
        moves = self.shop.get(f"/orders/{order_id}/events").json["data"][0]["stock"]
        self.assertEqual((len(moves), sum(move["reserved"] for move in moves)), (2, 3), moves)
        changed = self.shop.put(f"/orders/{order_id}", {"items": [{"product_id": "life", "quantity": 5}]})
        self.assertEqual((changed.status, self.shop.available("life")), (200, 1))
        refused = self.shop.put(f"/orders/{order_id}", {"items": [{"product_id": "life", "quantity": 7}]})
        self.assert_problem(refused, 409, "out-of-stock")
        self.assertEqual(self.shop.post("/payment", {"order_id": order_id, "payment_method": "pm_card_visa"}).status, 200)
        self.shop.order_with_invoice(order_id)
        self.assertEqual(self.shop.post("/orders", body, key).body, placed.body, "as it was then")
        self.assertEqual(self.shop.post(f"/orders/{order_id}/cancel").status, 200)
        self.assertEqual(self.shop.available("life"), 6)
        self.assertNotIn("bucket", json.dumps(self.shop.order(order_id)))
        self.shop.check()

    def test_more_buckets_while_it_sells(self):
        self.put_well("growing", stock=GROWING)
        self.assertNotIn("stock_buckets", self.shop.get("/products/growing").json)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            selling = pool.submit(self.rush, "growing", [1] * GROWING)
            for buckets in (2, 5, 16):
                self.put_well("growing", stock_buckets=buckets)
            answers = selling.result()
        self.assertEqual({answer.status for answer in answers}, {200}, "nobody is sent away while there is enough")
        self.assertEqual(self.shop.available("growing"), 0)
        self.assertEqual(self.shop.get("/products/growing").json["stock_buckets"], 16)
        report = self.shop.check()
        self.assertGreaterEqual(report["counts"]["stock_counters"], 2)

    def test_numbers_that_make_no_sense_are_refused_by_name(self):
        for wrong in (0, 17, -1, 1.5, "x", "4", [4]):
            refused = self.put("never", stock_buckets=wrong)
            self.assertEqual(refused.returncode, 2, (wrong, refused))
            self.assertIn("/0/stock_buckets", refused.stderr)
        for wrong in ("0", "17", "1.5", "x"):
            path = self.shop.folder / "hot.csv"
            path.write_text(f"id,sku,name,category,price,stock_buckets\nnever,N,Never,hot,1,{wrong}\n")
            refused = self.shop.run("seed", "--file", path)
            self.assertEqual(refused.returncode, 2, (wrong, refused))
            self.assertIn("/1/stock_buckets", refused.stderr)
        self.assertEqual(self.shop.get("/products/never").status, 404)

    def test_they_never_become_fewer(self):
        self.put_well("many", stock=8, stock_buckets=4)
        for fewer in (1, 3):
            refused = self.put("many", stock=8, stock_buckets=fewer)
            self.assertEqual(refused.returncode, 2, refused)
            self.assertIn("/stock_buckets", refused.stderr)
            self.assertIn("many", refused.stderr)
        self.put_well("many", stock=9)
        self.assertEqual((self.shop.available("many"), self.shop.get("/products/many").json["stock_buckets"]), (9, 4))

    def test_a_spreadsheet_names_them_too(self):
        path = self.shop.folder / "hot.csv"
        path.write_text("id,sku,name,category,price,stock,stock_buckets\n"
                        "sheet,S,Sheet,hot,10.00,7,3\nplain,P,Plain,hot,1.00,7,\n")
        self.shop.command("seed", "--file", path)
        self.assertEqual(self.shop.get("/products/sheet").json["stock_buckets"], 3)
        self.assertNotIn("stock_buckets", self.shop.get("/products/plain").json)
        self.assertEqual((self.shop.available("sheet"), self.shop.available("plain")), (7, 7))


if __name__ == "__main__":
    unittest.main()
