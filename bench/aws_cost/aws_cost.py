#!/usr/bin/env python3
"""What an order costs on AWS: whole lives (placed, paid, invoiced, its PDF stored) on real peers of this machine, every
request counted, with the capacity that DynamoDB reports.

    bench/aws_cost/aws_cost.py [--orders 1000] [--clients 16] [--json FILE]

Ends with 1 when a mark is missed: at most 45 write units for place, pay and invoice, at most 45 dollars for a million
orders, fewer than 0.2 reruns a life. Prices and their date are in prices.json."""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests" / "peers"), str(HERE.parents[1] / "tests" / "end_to_end")]
import peers  # noqa: E402
import shop  # noqa: E402
from counting_proxy import CountingProxies  # noqa: E402

OPTIONS = ("--set", "payments.default_method=pm_card_visa", "--set", "pricing.shipping_flat=9.99",
           "--set", "log.requests=false")
WRITE_UNITS_MAX = 45
DOLLARS_MAX = 45
RERUNS_MAX = 0.2
IDLE_S = 20
PRODUCTS = [str(number) for number in range(1, 25)]
CONFLICTS = {"TransactionCanceledException", "TransactionConflictException", "TransactionInProgressException"}


def place(a_shop, number):
    with a_shop.session() as session:
        lines = [{"product_id": PRODUCTS[(number + step) % len(PRODUCTS)], "quantity": 1} for step in (0, 7)]
        answer = session.request("POST", "/orders", {
            "client_id": f"client-{number % 200}", "items": lines,
            "shipping_address": {"name": "Ada Lovelace", "line1": "12 Long Street", "postal_code": "10115",
                                 "city": "Berlin", "country": "DE"}}, {"Idempotency-Key": f"cost-{number}"})
        if answer.status != 200:
            raise AssertionError(f"not placed: {answer}")
        return answer.json["id"]


def count_lives(a_shop, bill, orders, clients):
    """Returns once every order has its invoice and the invoice its PDF."""
    bill.reset()
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        ids = list(pool.map(lambda number: place(a_shop, number), range(orders)))
    shop.wait_until(lambda: bill.calls["commit INVOICE FILE"] >= orders, 600, "all invoices' PDFs")
    time.sleep(2)  # the last feed pages
    print(f"{len(ids)} lives in {time.monotonic() - begin:.1f} s, {clients} clients at once\n")


def dollars(bill, prices):
    """{line: dollars for a million lives, times the number of lives}"""
    price = prices["dollars_per_million"]
    lines = {"dynamodb write unit": sum(bill.write_units.values()), "dynamodb read unit": sum(bill.read_units.values()),
             **bill.requests}
    return {name: (count, count * price[name]) for name, count in lines.items() if count}


def report(bill, prices, orders):
    print(f"{'':<52}{'calls':>9}{'write units':>13}{'read units':>12}   a life")
    for purpose, calls in sorted(bill.calls.items(), key=lambda each: -bill.write_units[each[0]]):
        print(f"{purpose[:51]:<52}{calls / orders:>9.2f}{bill.write_units[purpose] / orders:>13.2f}"
              f"{bill.read_units[purpose] / orders:>12.2f}")
    print(f"\n{'record':<24}{'bytes':>8}{'largest':>9}{'written':>9}")
    for kind, sizes in sorted(bill.item_sizes.items()):
        print(f"{kind:<24}{statistics.mean(sizes):>8.0f}{max(sizes):>9}{len(sizes) / orders:>9.2f}")
    print(f"\n{'':<28}{'a life':>9}   dollars for a million lives ({prices['region']}, {prices['date']})")
    total = 0.0
    for name, (count, cost) in dollars(bill, prices).items():
        total += cost / orders
        print(f"{name:<28}{count / orders:>9.2f}{cost / orders:>10.2f}")
    print(f"{'together':<28}{'':>9}{total:>10.2f}\n")
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--orders", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    orders = arguments.orders
    prices = json.loads((HERE / "prices.json").read_text())

    with peers.Peers("dynamodb", "sqs", "s3") as started, CountingProxies(
            {"dynamodb": started.environment["ORDERLY_TEST_DYNAMODB_URL"],
             "sqs": started.environment["ORDERLY_TEST_SQS_URL"],
             "s3": started.environment["ORDERLY_TEST_S3_URL"]}) as proxies:
        shop.os.environ.update(started.environment)
        for name, url in proxies.urls.items():
            shop.os.environ[f"ORDERLY_TEST_{name.upper()}_URL"] = url
        bill = proxies.bill
        with shop.Shop(*OPTIONS, engine="aws") as a_shop:
            bill.reset()
            time.sleep(IDLE_S)
            idle = sum(cost for _, cost in dollars(bill, prices).values()) / 1e6 / IDLE_S * 3600 * 24 * 30
            count_lives(a_shop, bill, orders, arguments.clients)
            total = report(bill, prices, orders)
            writes = sum(units for purpose, units in bill.write_units.items()) / orders
            paper = bill.write_units["commit INVOICE FILE"] / orders
            reruns = sum(count for error, count in bill.refused.items() if error in CONFLICTS) / orders
            print(f"DynamoDB Local reports {bill.reported_write_units / orders:.2f} write units a life")
            print(f"write units to place, pay and invoice: {writes - paper:.2f} (mark: {WRITE_UNITS_MAX})")
            print(f"dollars for a million orders: {total:.2f} (mark: {DOLLARS_MAX})")
            print(f"reruns a life: {reruns:.3f} (mark: {RERUNS_MAX}); refused: {dict(bill.refused)}, "
                  f"repeated {bill.repeated}")
            print(f"a shop that does nothing: {idle:.2f} dollars a month")
            a_shop.check()
            a_shop.stop()
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(
            {"orders": orders, "write_units": writes - paper, "write_units_with_pdf": writes, "dollars": total,
             "reruns": reruns, "idle_dollars_a_month": idle, "prices": prices["date"]}, indent=1) + "\n")
    is_missed = writes - paper > WRITE_UNITS_MAX or total > DOLLARS_MAX or reruns > RERUNS_MAX
    return 1 if is_missed else 0


if __name__ == "__main__":
    sys.exit(main())
