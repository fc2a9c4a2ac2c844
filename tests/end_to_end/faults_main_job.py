#!/usr/bin/env python3
"""The shop's main job while DynamoDB shows every fault that it has: orders of many clients, each request sent again as HTTP
says until it is answered. Afterwards every order that was acknowledged is there once, paid once, and nothing besides; the
payment provider's ledger says the same.

  tests/peers/peers.py --with dynamodb,sqs,s3,faults -- \\
      env ORDERLY_PROGRAM=… ORDERLY_CHARGE_LEDGER=… tests/end_to_end/faults_main_job.py

ORDERLY_CHARGE_LEDGER is the program print_charge_ledger of tests/crash. Standard library only."""

import collections
import concurrent.futures
import dataclasses
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))
import faulty  # noqa: E402
import shop  # noqa: E402

ORDERS = 300 if shop.LONG else 150
CLIENTS = 16
ANSWER_TIMEOUT_S = 120  # of one request with all its repetitions
SETTLE_TIMEOUT_S = 180
GOOD_CARD = "pm_card_visa"
BAD_CARD = "pm_card_visa_chargeDeclined"
PARTIAL_REFUND = 100
REPLAYS = 50 if shop.LONG else 20
OPTIONS = ("--set", "payments.default_method=pm_card_visa", "--set", "log.requests=false")
# The same list each time: without an end it would reach until now, and the proxy shows no older answer to another query.
LIST_END = "2100-01-01T00:00:00Z"
# The stream is read a few times a second only: more of its faults, so that each kind is sure to come.
SETTINGS = {**faulty.SETTINGS, "in_progress": 0.03, "iterator_expired": 0.1, "duplicate_records": 0.3,
            "late_records": 0.3}


@dataclasses.dataclass
class Known:
    """What its client was told of an order."""
    id: str
    client_id: str
    key: str
    body: dict
    total: int
    is_cancelled: bool = False
    refunded: int = 0

    @property
    def is_good(self):
        return self.body["payment_method"] == GOOD_CARD


class Client:
    """One after the other; each request is repeated with the same key while HTTP says that it may be."""

    def __init__(self, a_shop, number, count):
        self.shop = a_shop
        self.name = f"client-{number}"
        self.count = count
        self.random = random.Random(f"{faulty.SEED}/{number}")
        self.session = a_shop.session()
        self.known = []
        self.repeated = collections.Counter()

    def ask(self, method, path, body=None, key=None):
        headers = {"Idempotency-Key": key} if key else {}
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while True:
            pause, why = 0.1, "connection"
            try:
                answer = self.session.request(method, path, body, headers)
                if not self.is_passing(answer):
                    return answer
                pause, why = float(answer.headers["retry-after"]), answer.code
            except (OSError, http.client.HTTPException):
                self.session.close()
                self.session = self.shop.session()
            if time.monotonic() > deadline:
                raise AssertionError(f"{method} {path} was never answered: {why}")
            self.repeated[why] += 1
            time.sleep(pause)

    @staticmethod
    def is_passing(answer):
        return answer.status in (429, 503) or (answer.status, answer.code) == (409, "request-in-progress")

    def expect(self, status, answer):
        if answer.status != status:
            raise AssertionError(f"{self.name}: expected {status}: {answer}")
        return answer.json

    def run(self):
        for number in range(self.count):
            order = self.place(number)
            self.look()
            if order.is_good:
                self.change_mind(order)
        return self

    def place(self, number):
        card = BAD_CARD if self.random.random() < 0.1 else GOOD_CARD
        products = self.random.sample(range(1, 21), self.random.randint(1, 3))
        body = {"client_id": self.name, "payment_method": card,
                "items": [{"product_id": str(each), "quantity": self.random.randint(1, 4)} for each in products]}
        key = f"{self.name}-order-{number}"
        placed = self.expect(200, self.ask("POST", "/orders", body, key))
        self.known.append(Known(placed["id"], self.name, key, body, placed["total"]))
        return self.known[-1]

    def look(self):
        """A list may lag, but never shows what is not there or not its client's."""
        listed = self.expect(200, self.ask("GET", f"/orders?client_id={self.name}&limit=100&to={LIST_END}"))["data"]
        ids = [order["id"] for order in listed]
        mine = {order.id for order in self.known}
        if len(set(ids)) != len(ids) or not set(ids) <= mine:
            raise AssertionError(f"{self.name} has {mine}, and is shown {ids}")

    def change_mind(self, order):
        choice = self.random.random()
        if choice < 0.15:
            self.cancel(order)
        elif choice < 0.3:
            self.wait_until_confirmed(order)
            self.refund(order)
        elif choice < 0.4:
            self.wait_until_confirmed(order)
            self.cancel(order)

    def cancel(self, order):
        self.expect(200, self.ask("POST", f"/orders/{order.id}/cancel", {"reason": "changed my mind"},
                                  f"{order.key}-cancel"))
        order.is_cancelled = True

    def refund(self, order):
        self.expect(200, self.ask("POST", f"/orders/{order.id}/refund", {"amount": PARTIAL_REFUND},
                                  f"{order.key}-refund"))
        order.refunded = PARTIAL_REFUND

    def wait_until_confirmed(self, order):
        shop.wait_until(lambda: self.expect(200, self.ask("GET", f"/orders/{order.id}"))["status"] == "confirmed",
                        SETTLE_TIMEOUT_S, f"payment of {order.id}")


def run_clients(a_shop):
    counts = [ORDERS // CLIENTS + (number < ORDERS % CLIENTS) for number in range(CLIENTS)]
    clients = [Client(a_shop, number, count) for number, count in enumerate(counts)]
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        done = [pool.submit(client.run) for client in clients]
        for each in done:
            each.result()
    return clients


# --- Afterwards -------------------------------------------------------------------------------------------------------

def by_type(order, kind):
    return [each for each in order["transactions"] if each["type"] == kind]


def is_settled(order):
    under_way = {"initializing", "processing", "unknown", "requested"}
    if order["status"] in ("pending", "processing") or any(each["status"] in under_way for each in order["transactions"]):
        return False
    has_note = all(each["credit_note"] for each in by_type(order, "refund") if order["invoice"])
    return has_note and (order["status"] != "confirmed" or bool(order["invoice"]))


def settled(a_shop, known):
    """The orders, once nobody has anything left to do for them."""
    orders = {}

    def all_settled():
        for each in known:
            if each.id in orders:
                continue
            order = a_shop.order(each.id)
            if not is_settled(order):
                return False
            orders[each.id] = order
        return True

    try:
        shop.wait_until(all_settled, SETTLE_TIMEOUT_S)
    except AssertionError:
        waiting = next(each.id for each in known if each.id not in orders)
        raise AssertionError(f"it never settles: {a_shop.order(waiting)}") from None
    return orders


def wait_for_empty_queues(a_shop):
    def counted():
        return json.loads(a_shop.command("queue", "list", "--json"))
    shop.wait_until(lambda: all(each["messages"] == 0 for each in counted()), SETTLE_TIMEOUT_S, "empty queues")
    dead = [each for each in counted() if each["dead"] > 0]
    if dead:
        raise AssertionError(f"dead letters: {dead}")


def check_lists(a_shop, clients):
    """Each request made one order: every client has those it was told of, and nobody else has any."""
    listed = a_shop.pages("/orders?limit=100")
    of_client = collections.defaultdict(list)
    for order in listed:
        of_client[order["client_id"]].append(order["id"])
    for client in clients:
        expected = sorted(order.id for order in client.known)
        if sorted(of_client.pop(client.name, [])) != expected:
            raise AssertionError(f"{client.name} should have {expected}")
    if of_client:
        raise AssertionError(f"orders of nobody: {dict(of_client)}")


def check_order(known, order):
    payments, refunds = by_type(order, "payment"), by_type(order, "refund")
    confirmed = [each for each in payments if each["status"] == "confirmed"]
    returned = sum(each["amount"] for each in refunds if each["status"] == "done")
    problems = []
    if order["total"] != known.total or len(payments) > 1:
        problems.append("it is not the order that was placed, or was paid for more than once")
    if any(each["status"] != "done" for each in refunds):
        problems.append("a refund that is not done")
    if known.is_cancelled:
        captured = sum(each["amount"] for each in confirmed)
        if order["status"] != "cancelled" or captured != returned or len(refunds) > 1:
            problems.append("a cancellation that is not whole")
    elif known.is_good:
        if order["status"] != "confirmed" or [each["amount"] for each in confirmed] != [known.total]:
            problems.append("not paid exactly once")
        if returned != known.refunded or len(refunds) != (known.refunded > 0):
            problems.append("not refunded as was acknowledged")
    elif order["status"] != "declined" or confirmed or refunds:
        problems.append("not declined")
    if problems:
        raise AssertionError(f"{problems}: {known}, {order}")


def check_replays(a_shop, known):
    for each in random.Random(faulty.SEED).sample(known, REPLAYS):
        answer = a_shop.post("/orders", each.body, {"Idempotency-Key": each.key})
        if (answer.status, answer.headers.get("idempotent-replayed")) != (200, "true") or answer.json["id"] != each.id:
            raise AssertionError(f"{each.key} was {each.id}, and is now {answer}")


def check_provider(a_shop, orders):
    """What the provider took and gave back is what the orders say, payment by payment and refund by refund."""
    done = subprocess.run([os.environ["ORDERLY_CHARGE_LEDGER"], str(a_shop.data)], text=True, capture_output=True,
                          timeout=60, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    charges, refunds = {}, {}
    for entry in map(json.loads, done.stdout.splitlines()):
        if not entry.get("reference"):
            continue  # declined
        (refunds if entry["kind"] == "refund" else charges)[entry["key"]] = entry["amount_minor"]
    transactions = [each for order in orders.values() for each in order["transactions"]]
    paid = {each["id"]: each["amount"] for each in transactions
            if each["type"] == "payment" and each["status"] == "confirmed"}
    returned = {each["id"]: each["amount"] for each in transactions if each["type"] == "refund"}
    if charges != paid or refunds != returned:
        raise AssertionError(f"the provider's charges differ by {charges.items() ^ paid.items()}, "
                             f"its refunds by {refunds.items() ^ returned.items()}")
    print(f"the provider has {len(charges)} charges and {len(refunds)} refunds, as the orders say")


def summary(clients, orders, seconds):
    repeated = sum((client.repeated for client in clients), collections.Counter())
    statuses = collections.Counter(order["status"] for order in orders.values())
    print(f"{len(orders)} orders in {seconds:.0f} s: {dict(statuses)}; requests sent again: {dict(repeated)}", flush=True)


def run(a_shop, faults):
    begin = time.monotonic()
    clients = run_clients(a_shop)
    seconds = time.monotonic() - begin
    faults.off()
    known = [order for client in clients for order in client.known]
    orders = settled(a_shop, known)
    summary(clients, orders, seconds)
    wait_for_empty_queues(a_shop)
    check_lists(a_shop, clients)
    for each in known:
        check_order(each, orders[each.id])
    check_replays(a_shop, known)
    a_shop.stop()
    print(json.dumps(a_shop.check()["counts"]), flush=True)
    check_provider(a_shop, orders)
    print(f"settled and checked after {time.monotonic() - begin:.0f} s", flush=True)


def main():
    with faulty.renewable_credentials() as credentials:
        os.environ.update(faulty.environment_with(credentials))
        for name in faulty.KEYS:
            os.environ.pop(name, None)
        with faulty.Faults(SETTINGS) as faults, shop.Shop(*OPTIONS, engine="aws") as a_shop:
            try:
                run(a_shop, faults)
            except AssertionError:
                print(f"--- the server's log\n{a_shop.log_tail()}")
                raise
            finally:
                is_proof = faults.prove_something()
    return 0 if is_proof else 1


if __name__ == "__main__":
    sys.exit(main())
