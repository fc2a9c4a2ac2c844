"""Many at once: the last ten pieces, and clients who change their minds while the money is moving."""

import collections
import concurrent.futures
import random
import threading
import time
import unittest

import shop

IS_EMBEDDED = shop.ENGINE == "embedded"
BUYERS = shop.times(embedded=1000, aws=250, aws_long=1000)
BUYING_MAX_S = 30 if IS_EMBEDDED else 90
RACES = shop.times(embedded=1000, aws=60, aws_long=150)
SHARED_ORDERS = shop.times(embedded=300, aws=100, aws_long=300)
# What is to run into a payment on AWS has to wait for the relay to bring it.
PAYMENT_S = 0.03 if IS_EMBEDDED else 0.6
# DynamoDB on this machine does one transaction after the other: with more at once they only wait, until they are late.
THREADS = 64 if IS_EMBEDDED else 24


class Crowd(shop.ShopTest):
    def for_each(self, numbers, act):
        """act(session, number) for all numbers, on THREADS connections at once; the results."""
        local = threading.local()
        sessions = []

        def run(number):
            if not hasattr(local, "session"):
                local.session = self.shop.session()
                sessions.append(local.session)
            return act(local.session, number)

        with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
            results = list(pool.map(run, numbers))
        for session in sessions:
            session.close()
        return results

    def test_many_buyers_of_ten_pieces_make_ten_orders(self):
        def buy(session, number):
            answer = session.request("POST", "/orders", {
                "client_id": f"fan{number}", "items": [{"product_id": "limited", "quantity": 1}],
                "payment_method": "pm_card_visa"})
            return answer.status, answer.code, answer.json.get("id")

        begun = time.monotonic()
        answers = self.for_each(range(BUYERS), buy)
        self.assertLess(time.monotonic() - begun, BUYING_MAX_S)
        self.assertEqual(collections.Counter((status, code) for status, code, _ in answers),
                         {(200, None): 10, (409, "out-of-stock"): BUYERS - 10})
        for _, _, order_id in answers:
            if order_id:
                self.shop.order_when(order_id, status="confirmed")
        self.assertEqual(self.shop.available("limited"), 0)
        self.shop.check()

    def test_cancelling_while_payment_runs_keeps_no_money(self):
        chance = random.Random(20261120)  # the same delays in each run
        delays = [chance.choice((0, 0, chance.uniform(0, PAYMENT_S / 10), chance.uniform(0, PAYMENT_S)))
                  for _ in range(RACES)]

        def race(session, number):
            order = session.request("POST", "/orders", {
                "client_id": "undecided", "items": [{"product_id": "20", "quantity": 1}],
                "payment_method": "pm_card_visa"}).json
            time.sleep(delays[number])
            return order["id"], session.request("POST", f"/orders/{order['id']}/cancel").status

        stock = self.shop.available("20")
        answers = self.for_each(range(RACES), race)
        self.assertEqual({status for _, status in answers}, {200})
        ids = [order_id for order_id, _ in answers]
        outcomes = collections.Counter()

        def settle(session, order_id):
            def at_rest():
                order = session.request("GET", f"/orders/{order_id}").json
                waiting = {"initializing", "processing", "unknown", "requested"}
                is_done = order["status"] == "cancelled" and not any(
                    each["status"] in waiting for each in order["transactions"])
                return order if is_done else None
            order = shop.wait_until(at_rest, 2 * shop.PATIENCE_S, f"the end of {order_id}")
            captured = sum(each["amount"] for each in order["transactions"]
                           if (each["type"], each["status"]) == ("payment", "confirmed"))
            returned = sum(each["amount"] for each in order["transactions"]
                           if (each["type"], each["status"]) == ("refund", "done"))
            self.assertIn(captured, (0, order["total"]), order)
            self.assertEqual(captured, returned, order)
            return "returned" if captured else "never taken"

        outcomes.update(self.for_each(ids, settle))
        # Without both kinds it was no race.
        self.assertEqual(set(outcomes), {"returned", "never taken"}, outcomes)
        self.assertEqual(self.shop.available("20"), stock)
        self.shop.check()

    def test_prices_and_stock_are_right_when_orders_share_products(self):
        products = ["2", "3", "4"]
        stock = {product: self.shop.available(product) for product in products}
        chance = random.Random(7)
        wishes = [[(product, chance.randint(1, 5)) for product in chance.sample(products, chance.randint(1, 3))]
                  for _ in range(SHARED_ORDERS)]

        def buy(session, number):
            items = [{"product_id": product, "quantity": count} for product, count in wishes[number]]
            return session.request("POST", "/orders", {"client_id": "crowd", "items": items,
                                                       "payment_method": "pm_card_visa"}).json["id"]

        for order_id in self.for_each(range(len(wishes)), buy):
            self.shop.order_when(order_id, status="confirmed")
        sold = collections.Counter()
        for wish in wishes:
            for product, count in wish:
                sold[product] += count
        self.assertEqual({product: self.shop.available(product) for product in products},
                         {product: stock[product] - sold[product] for product in products})


if __name__ == "__main__":
    unittest.main()
