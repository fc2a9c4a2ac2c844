#!/usr/bin/env python3
"""Order events on a real topic: the program publishes, a queue that has subscribed receives. With the topic out of reach,
too, and with the program killed meanwhile.

  tests/peers/peers.py --with dynamodb,sqs,s3,aws -- \\
      env ORDERLY_PROGRAM=… ORDERLY_TEST_ENGINE=aws .peers/aws/venv/bin/python tests/end_to_end/aws_order_events.py

Needs boto3, which the peer aws brings."""

import collections
import contextlib
import json
import os
import select
import shutil
import socket
import threading
import unittest
import uuid

import boto3

import shop

ADDRESS = {"name": "Zebulon Quixote", "line1": "77 Xylophone Mews", "line2": "Flat Jabberwock", "city": "Vladivostok",
           "region": "Primorsky Zyx", "postal_code": "QJ7 9XZ", "country": "GB"}
PAID_AND_INVOICED = ["order.placed", "payment.processing", "payment.confirmed", "invoice.issued"]
PERSONAL = [text for text in ADDRESS.values() if len(text) > 2]
ARRIVAL_TIMEOUT_S = 60


def client(service, url_variable):
    return boto3.client(service, endpoint_url=os.environ[url_variable])


class Line:
    """A way to the topic that can be cut: a port that hands connections on, or that nobody listens on."""

    def __init__(self, url):
        host, _, port = url.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._open = set()
        self._listener = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def connect(self):
        if self._listener is not None:
            return
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self):
        if self._listener is None:
            return
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._listener = None
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, listener):
        with contextlib.suppress(OSError):  # the line was cut
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._hand_on, args=(near,), daemon=True).start()

    def _hand_on(self, near):
        with near, socket.create_connection(self._target) as far, contextlib.suppress(OSError):
            self._open |= {near, far}
            sinks = {near: far, far: near}
            while True:
                for source in select.select(list(sinks), [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        self._open -= {near, far}
                        return
                    sinks[source].sendall(data)


class Subscription:
    """A queue of a topic of its own: what it has received so far."""

    def __init__(self):
        self.sns = client("sns", "ORDERLY_TEST_AWS_URL")
        self.sqs = client("sqs", "ORDERLY_TEST_AWS_URL")
        self.topic = self.sns.create_topic(Name=f"orders-{uuid.uuid4().hex[:12]}")["TopicArn"]
        self.queue = self._subscribe()
        self.notices = []  # (body, attributes)

    def _subscribe(self, **attributes):
        queue = self.sqs.create_queue(QueueName=f"events-{uuid.uuid4().hex[:12]}")["QueueUrl"]
        arn = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
        return queue

    def queue_filtered_by(self, policy):
        return self._subscribe(FilterPolicy=json.dumps(policy))

    def take(self, queue):
        """What is in the queue now."""
        taken = []
        while messages := self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                envelope = json.loads(message["Body"])
                attributes = {name: each["Value"] for name, each in envelope.get("MessageAttributes", {}).items()}
                taken.append((json.loads(envelope["Message"]), attributes))
                self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return taken

    def receive(self):
        self.notices += self.take(self.queue)
        return self.notices

    def times(self):
        """How often each event has come."""
        return collections.Counter(body["event_id"] for body, _ in self.receive())


class OrderEvents(shop.ShopTest):
    """One shop, whose topic is new to it: an order was placed and paid before."""

    options = ("--set", "log.requests=false")

    @classmethod
    def setUpClass(cls):
        cls.subscription = Subscription()
        cls.line = Line(os.environ["ORDERLY_TEST_AWS_URL"])
        cls.addClassCleanup(cls.line.cut)
        super().setUpClass()
        cls.shop.order_with_invoice(cls.shop.place()["id"])
        shop.wait_until(lambda: cls.shop.run("check").returncode == 0, what="a feed with all of it")
        cls.shop.options = (*cls.options, "--set", f"aws.sns.topic_arn={cls.subscription.topic}",
                            "--set", f"aws.sns.url={cls.line.url}")
        cls.shop.restart()
        prefix = next(each for each in cls.shop.home if each.startswith("aws.prefix="))
        cls.table = prefix.partition("=")[2]
        cls.dynamodb = client("dynamodb", "ORDERLY_TEST_DYNAMODB_URL")
        cls.orders = []  # placed from then on

    def events_of(self, order_id):
        """As the table has them, by version."""
        rows = self.dynamodb.query(
            TableName=self.table, ConsistentRead=True, KeyConditionExpression="pk = :order AND begins_with(sk, :event)",
            ExpressionAttributeValues={":order": {"S": f"ORDER#{order_id}"}, ":event": {"S": "EVENT#"}})["Items"]
        return [(row["id"]["S"], row["type"]["S"]) for row in rows]

    def wait_for_all(self):
        """Until every event of every order has come; nothing else may have come."""
        expected = {event: f"{kind} of {order_id}" for order_id in self.orders
                    for event, kind in self.events_of(order_id)}
        try:
            shop.wait_until(lambda: expected.keys() <= self.subscription.times().keys(), ARRIVAL_TIMEOUT_S)
        except AssertionError:
            missing = [what for event, what in expected.items() if event not in self.subscription.times()]
            raise AssertionError(f"{len(missing)} of {len(expected)} events did not come: {missing}") from None
        self.assertEqual(self.subscription.times().keys(), expected.keys())

    def metric(self, name):
        page = self.shop.get("/metrics").body.decode()
        (line,) = [each for each in page.splitlines() if each.startswith(name + " ")]
        return float(line.split()[1])

    def place(self, by=None, **fields):
        order = (by or self.shop).place(shipping_address=ADDRESS, **fields)
        self.orders.append(order["id"])
        return order

    def invoiced_order(self, **fields):
        return self.shop.order_with_invoice(self.place(**fields)["id"])

    def test_a_paid_and_invoiced_order_is_told_event_by_event(self):
        self.line.connect()
        invoices = self.subscription.queue_filtered_by({"event_type": ["invoice.issued"]})
        order = self.invoiced_order(items=[{"product_id": "1", "quantity": 2}])
        self.wait_for_all()
        events = self.events_of(order["id"])
        self.assertEqual([kind for _, kind in events], PAID_AND_INVOICED)
        notices = {body["event_id"]: (body, attributes) for body, attributes in self.subscription.notices}
        for version, (event_id, kind) in enumerate(events, 1):
            body, attributes = notices[event_id]
            self.assertEqual(attributes, {"event_type": kind, "order_status": body["status"], "actionType": kind})
            expected = {"event_type": kind, "order_id": order["id"], "version": version, "client_id": "u1",
                        "currency": "USD"}
            self.assertEqual({name: body[name] for name in expected}, expected)
        self.assertFalse([text for text in PERSONAL if text in json.dumps(self.subscription.notices)])
        placed, invoiced = notices[events[0][0]][0], notices[events[3][0]][0]
        self.assertEqual([(each["product_id"], each["quantity"], each["amount"]) for each in placed["items"]],
                         [("1", 2, 19000)])
        self.assertEqual((placed["status"], placed["total"]), ("pending", order["total"]))
        self.assertEqual((invoiced["status"], invoiced["invoice"]), ("confirmed", order["invoice"]))
        filtered = shop.wait_until(lambda: self.subscription.take(invoices), what="a notice through the filter")
        self.assertEqual({body["event_id"] for body, _ in filtered}, {invoiced["event_id"]})

        self.assertGreaterEqual(self.metric("orderly_announced_events_total"), 4)
        shop.wait_until(lambda: self.metric("orderly_announcements_behind_seconds") == 0, what="no delay")

    def test_orders_go_on_while_the_topic_is_out_of_reach_and_are_told_later(self):
        self.line.cut()
        before, failures = set(self.subscription.times()), self.metric("orderly_announcement_failures_total")
        for _ in range(2):
            self.invoiced_order()
        shop.wait_until(lambda: self.metric("orderly_announcements_behind_seconds") > 0, what="a delay to be seen")
        shop.wait_until(lambda: self.metric("orderly_announcement_failures_total") > failures + 1, what="a second try")
        self.assertEqual(set(self.subscription.times()), before)
        self.line.connect()
        self.wait_for_all()

        self.line.cut()
        self.invoiced_order()
        self.line.connect()
        self.invoiced_order()
        self.wait_for_all()
        self.assertEqual([line for line in self.shop.log_lines() if line["event"] == "alarm"], [])

    def test_a_process_that_was_killed_is_followed_by_one_that_leaves_nothing_out(self):
        self.line.connect()
        before = len(self.subscription.times())
        placed = [self.place() for _ in range(10)]
        shop.wait_until(lambda: len(self.subscription.times()) > before + 3, ARRIVAL_TIMEOUT_S, "the first notices")
        self.shop.kill()
        self.shop.start()
        for order in [*placed, self.place()]:
            self.shop.order_with_invoice(order["id"])
        self.wait_for_all()

    def test_two_processes_leave_nothing_out_and_one_of_them_stands_by(self):
        self.line.connect()
        other = shop.Shop(seed=False)
        self.addCleanup(other.close)
        other.stop()
        other.home, other.options = self.shop.home, self.shop.options  # those of the first from now on
        shutil.copy(self.shop.data / "master.key", other.data)
        other.start()
        for order in [self.place(by=each) for _ in range(5) for each in (self.shop, other)]:
            self.shop.order_with_invoice(order["id"])
        self.wait_for_all()
        last = self.invoiced_order()
        self.wait_for_all()
        times = self.subscription.times()
        self.assertEqual([times[event] for event, _ in self.events_of(last["id"])], [1] * len(PAID_AND_INVOICED))


if __name__ == "__main__":
    unittest.main()
