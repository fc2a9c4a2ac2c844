"""kill -9 in the middle of everything: what was acknowledged is there, and finished exactly once."""

import concurrent.futures
import http.client
import random
import threading
import time
import unittest

import shop

ROUNDS = shop.times(embedded=4, aws=2, aws_long=4)
CLIENTS = 8
ACKNOWLEDGED_MIN = 15  # in a round, before its kill


class Crash(shop.ShopTest):
    def setUp(self):
        self.acknowledged = {}  # idempotency key → (body, order)
        self.lock = threading.Lock()

    def place_until_dead(self, client, turn):
        number = 0
        try:
            with self.shop.session(timeout_s=10) as session:
                while True:
                    key = f"{turn}-{client}-{number}"
                    body = {"client_id": f"client{client}", "items": [{"product_id": "12", "quantity": 1}],
                            "payment_method": "pm_card_visa"}
                    answer = session.request("POST", "/orders", body, {"Idempotency-Key": key})
                    self.assertEqual(answer.status, 200, answer)
                    with self.lock:
                        self.acknowledged[key] = (body, answer)
                    number += 1
        except (OSError, http.client.HTTPException):
            return

    def test_acknowledged_orders_survive_and_are_finished_once(self):
        stock = self.shop.available("12")
        chance = random.Random(9)
        for turn in range(ROUNDS):
            with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
                clients = [pool.submit(self.place_until_dead, client, turn) for client in range(CLIENTS)]
                try:
                    enough = len(self.acknowledged) + ACKNOWLEDGED_MIN
                    shop.wait_until(lambda: len(self.acknowledged) >= enough, shop.PATIENCE_S, "orders to lose")
                    time.sleep(chance.uniform(0, 0.5))
                finally:
                    self.shop.kill()
                for client in clients:
                    client.result()
            self.shop.start()

        for key, (body, first) in self.acknowledged.items():
            again = self.shop.post("/orders", body, {"Idempotency-Key": key})
            self.assertEqual((again.status, again.body), (200, first.body))
            self.assertEqual(again.headers.get("idempotent-replayed"), "true")

        # Some were placed and not acknowledged any more: those, too, are finished or not there at all.
        placed = self.shop.pages("/orders?limit=100")
        ids = {order["id"] for order in placed}
        self.assertLessEqual({first.json["id"] for _, first in self.acknowledged.values()}, ids)
        self.assertLessEqual(len(ids) - len(self.acknowledged), ROUNDS * CLIENTS)
        # A message that was being handled at a kill comes again when its 30 seconds are over.
        for order_id in ids:
            order = self.shop.order_with_invoice(order_id, timeout_s=60)
            self.assertEqual((order["status"], [each["status"] for each in order["transactions"]]),
                             ("confirmed", ["confirmed"]))
            self.shop.pdf(order["invoice"], timeout_s=60)
        self.assertEqual(len({self.shop.order(order_id)["invoice"] for order_id in ids}), len(ids))
        self.assertEqual(self.shop.available("12"), stock - len(ids))
        shop.wait_until(lambda: all(each["waiting"] == 0 for each in self.shop.check()["counts"]["messages"]), 60,
                        "empty queues")


if __name__ == "__main__":
    unittest.main()
