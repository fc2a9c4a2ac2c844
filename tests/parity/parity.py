#!/usr/bin/env python3
"""The same commands on two engines: their answers must be identical, ids and times aside, and both shops sound and equal
in the end.

    tests/peers/peers.py --with dynamodb,sqs,s3 -- tests/parity/parity.py --commands 2000 --seed 1

A trace is made of threads, each a client with products, carts and orders of its own, so that they can run side by side
without one's answers depending on another's pace. Within a thread commands come one after the other, and what workers do
is waited for."""

import argparse
import concurrent.futures
import json
import pathlib
import random
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "end_to_end"))
import shop  # noqa: E402

THREADS = 8
OPTIONS = ("--set", "payments.default_method=pm_card_visa", "--set", "pricing.shipping_flat=9.99",
           "--set", "log.requests=false")
CARDS = ["pm_card_visa"] * 6 + ["pm_card_visa_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds",
                                "pm_sim_timeout_before_charge", "pm_sim_timeout_after_charge", "pm_sim_refund_fails"]
SETTLE_TIMEOUT_S = 60

# Every id and number that the program gives out, in the order of their appearance in a thread.
ID = re.compile(r"\b(?:ord|txn|evt|msg|ch|re)_[0-9A-Z]{26}\b|\b(?:INV|CRN)-\d{4}-\d{6,}\b")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
OPAQUE = ("hash", "previous", "sealed", "next_cursor", "end_cursor", "last_event")


def scrub(value):
    if isinstance(value, dict):
        return {name: ("…" if name in OPAQUE and inner else scrub(inner)) for name, inner in value.items()}
    if isinstance(value, list):
        return [scrub(inner) for inner in value]
    return value


class Names:
    """ids → "#1", "#2", … so that two shops' answers can be compared."""

    def __init__(self):
        self._names = {}

    def hide(self, text):
        text = ID.sub(lambda found: self._names.setdefault(found.group(), f"#{len(self._names) + 1}"), text)
        return TIME.sub("…", text)


class Client:
    """One thread of the trace on one shop. The same seed makes the same commands as long as the answers are alike."""

    def __init__(self, a_shop, number, seed):
        self.session = a_shop.session()
        self.number = number
        self.random = random.Random(f"{seed}/{number}")
        self.orders = []  # ids, oldest first
        self.keys = []  # (path, body, key) of what was sent with an idempotency key
        self.names = Names()
        self.log = []  # (command, answer) with ids and times hidden

    # --- Asking ---

    def ask(self, method, path, body=None, headers=None):
        answer = self.session.request(method, path, body, {"Cart-Id": f"cart-of-thread-{self.number}", **(headers or {})})
        return answer

    def record(self, method, path, body=None, headers=None):
        request_id = f"thread-{self.number}-{len(self.log)}"  # events show it
        answer = self.ask(method, path, body, {"X-Request-Id": request_id, **(headers or {})})
        is_json = "json" in answer.headers.get("content-type", "")
        text = json.dumps(scrub(answer.json), sort_keys=True) if is_json else f"{len(answer.body) > 0}"
        replayed = answer.headers.get("idempotent-replayed", "")
        self.log.append((self.names.hide(f"{method} {path} {json.dumps(body)}"),
                         self.names.hide(f"{answer.status} {replayed} {text}")))
        return answer

    def settle(self, order_id):
        """Until no worker has anything left to do for the order."""
        begun = time.monotonic()
        while True:
            order = self.ask("GET", f"/orders/{order_id}").json
            under_way = order["payment_status"] in ("initializing", "processing", "unknown")
            refunds = [each for each in order["transactions"] if each["type"] == "refund"]
            waits_for_refund = any(each["status"] == "requested" for each in refunds)
            waits_for_paper = order["status"] in ("confirmed", "shipped", "delivered") and not order["invoice"]
            waits_for_note = order["invoice"] and any(each["status"] == "done" and not each["credit_note"]
                                                      for each in refunds)
            if not (under_way or waits_for_refund or waits_for_paper or waits_for_note):
                return
            waited_s = time.monotonic() - begun
            if waited_s > SETTLE_TIMEOUT_S:
                raise AssertionError(f"thread {self.number}: nothing happened to {json.dumps(order)}")
            time.sleep(shop.pause_after(waited_s))

    # --- What it does ---

    def product(self):
        return str(1 + self.number * 3 + self.random.randrange(3))

    def items(self):
        chosen = {self.product() for _ in range(self.random.randint(1, 3))}
        return [{"product_id": each, "quantity": self.random.randint(1, 5)} for each in sorted(chosen)]

    def order(self):
        return self.random.choice(self.orders) if self.orders else "ord_00000000000000000000000000"

    def place(self):
        body = {"client_id": f"client-{self.number}", "items": self.items(),
                "payment_method": self.random.choice(CARDS),
                "shipping_address": {"name": "Łukasz Żółć", "line1": "1 Long Street", "postal_code": "10115",
                                     "city": "Berlin", "country": "DE"}}
        if self.random.random() < 0.15:
            del body["payment_method"]
            body["pay_later"] = True
        headers = {}
        if self.random.random() < 0.3:
            headers["Idempotency-Key"] = f"key-{self.number}-{len(self.keys)}"
            self.keys.append(("/orders", body, headers))
        self.let_time_pass()
        answer = self.record("POST", "/orders", body, headers)
        if answer.status == 200:
            self.orders.append(answer.json["id"])
            if "payment_method" in body:
                self.settle(self.orders[-1])

    @staticmethod
    def let_time_pass():
        """Orders of the same millisecond are listed in any order."""
        time.sleep(0.002)

    def place_wrong(self):
        wrong = self.random.choice([
            {"items": [{"product_id": self.product(), "quantity": self.random.choice([0, -1, 1.5, "2", 10 ** 9])}]},
            {"items": [{"product_id": "nothing", "quantity": 1}]},
            {"items": []},
            {"items": self.items(), "total": "0.01"},
            {"items": self.items(), "payment_method": "pm_card_visa", "colour": "red"},
            {"items": [{"product_id": self.product(), "quantity": 900_000_000}]},
            {"user_id": "u", "item": "no such thing", "quantity": 1, "total_price": 1},
        ])
        self.record("POST", "/orders", {"client_id": f"client-{self.number}", **wrong})

    def repeat(self):
        if not self.keys:
            return self.place()
        path, body, headers = self.random.choice(self.keys)
        if self.random.random() < 0.2:
            body = {**body, "pay_later": not body.get("pay_later", False)}
        self.record("POST", path, body, headers)

    def cart(self):
        method = self.random.choice(["POST", "POST", "PUT", "DELETE"])
        body = {"id": self.product()}
        if method != "DELETE":
            body["qty"] = self.random.randint(0 if method == "PUT" else -1, 5)
        self.record(method, "/cart", body)
        self.record("GET", "/cart")

    def checkout(self):
        self.let_time_pass()
        answer = self.record("POST", "/checkout", {"client_id": f"client-{self.number}"})
        if answer.status == 202:
            self.orders.append(answer.json["id"])
            self.settle(self.orders[-1])

    def pay(self):
        order = self.order()
        answer = self.record("POST", "/payment", {"order_id": order, "payment_method": self.random.choice(CARDS)})
        if answer.status < 300:
            self.settle(order)

    def report(self):
        order = self.order()
        answer = self.record("POST", "/payments", {"order_id": order,
                                                   "status": self.random.choice(["confirmed", "declined", "lost"])})
        if answer.status < 300:
            self.settle(order)

    def change(self):
        order = self.order()
        body = self.random.choice([{"items": self.items()}, {"status": "shipped"}, {"status": "cancelled"},
                                   {"status": "pending"}, {"status": "delivered"}])
        answer = self.record("PUT", f"/orders/{order}", body)
        if answer.status < 300:
            self.settle(order)

    def act(self):
        order = self.order()
        action, body = self.random.choice([("cancel", {"reason": "changed my mind"}), ("ship", None), ("deliver", None),
                                           ("refund", {}), ("refund", {"amount": self.random.randint(0, 20_000)})])
        answer = self.record("POST", f"/orders/{order}/{action}", body)
        if answer.status < 300:
            self.settle(order)

    def look(self):
        order = self.order()
        path = self.random.choice([f"/orders/{order}", f"/transactions?order_id={order}", f"/orders/{order}/events",
                                   f"/events?object={order}", f"/orders/status/client-{self.number}/{order}",
                                   f"/products/{self.product()}", "/products/none", "/categories/nothing",
                                   "/orders/none"])
        self.record("GET", path)

    def list(self):
        """Lists come from indexes, which may lag on some engines: only what cannot change any more is compared."""
        time.sleep(0.2)
        self.record("GET", f"/orders?client_id=client-{self.number}&limit={self.random.randint(1, 30)}")

    def run(self, commands):
        choices = [(self.place, 30), (self.place_wrong, 8), (self.repeat, 6), (self.cart, 12), (self.checkout, 4),
                   (self.pay, 10), (self.report, 4), (self.change, 6), (self.act, 16), (self.look, 14), (self.list, 3)]
        actions, weights = zip(*choices)
        while len(self.log) < commands:
            self.random.choices(actions, weights)[0]()
        for order in self.orders:
            self.settle(order)
            self.record("GET", f"/orders/{order}")
            self.record("GET", f"/orders/{order}/events")
        return self.log


def run_trace(a_shop, seed, commands):
    clients = [Client(a_shop, number, seed) for number in range(THREADS)]
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda client: client.run(commands // THREADS), clients))


def stocks(a_shop):
    return {row["id"]: row["available"] for row in a_shop.pages("/products?limit=100")}


def counts(report):
    """What `orderly check` counted, without what depends on time or on the engine."""
    return {name: value for name, value in report["counted"].items()} if "counted" in report else report


def compare(one, other):
    differences = []
    for number, (left, right) in enumerate(zip(one, other)):
        for (command, answer), (other_command, other_answer) in zip(left, right):
            if (command, answer) != (other_command, other_answer):
                differences.append(f"thread {number}\n  {command}\n    {answer}\n  {other_command}\n    {other_answer}")
                break  # what follows in this thread follows from it
        else:
            if len(left) != len(right):
                differences.append(f"thread {number}: {len(left)} and {len(right)} commands")
    return differences


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--commands", type=int, default=2000 if shop.LONG else 800)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--engines", default="embedded,aws")
    arguments = parser.parse_args()
    logs, books, left_over = [], [], []
    for engine in arguments.engines.split(","):
        begin = time.monotonic()
        with shop.Shop(*OPTIONS, engine=engine) as a_shop:
            logs.append(run_trace(a_shop, arguments.seed, arguments.commands))
            left_over.append(stocks(a_shop))
            books.append(a_shop.check())
            a_shop.stop()
        print(f"{engine}: {sum(map(len, logs[-1]))} answers in {time.monotonic() - begin:.1f} s", flush=True)
    differences = compare(logs[0], logs[1])
    for difference in differences:
        print(difference)
    if left_over[0] != left_over[1]:
        differences.append("stock")
        print(f"stock: {left_over[0]} and {left_over[1]}")
    if counts(books[0]) != counts(books[1]):
        differences.append("books")
        print(f"books: {books[0]} and {books[1]}")
    print(f"{len(differences)} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
