"""An order's events as they happen: GET /orders/{id}/events with Accept: text/event-stream."""

import http.client
import json
import threading
import time
import unittest

import shop


class Stream:
    """Reads a stream of events line by line, as a browser's EventSource would."""

    def __init__(self, port, order_id, last_event_id=None):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"accept": "text/event-stream"}
        if last_event_id is not None:
            headers["last-event-id"] = str(last_event_id)
        self.connection.request("GET", f"/orders/{order_id}/events", headers=headers)
        self.response = self.connection.getresponse()

    def next_event(self):
        fields = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if not line and fields:
                return fields
            if line and not line.startswith(":"):
                name, value = line.split(": ", 1)
                fields[name] = value

    def close(self):
        self.connection.close()


class EventStream(shop.ShopTest):
    def test_what_is_there_comes_at_once_and_what_happens_follows(self):
        order = self.shop.place(pay_later=True)
        stream = Stream(self.shop.port, order["id"])
        self.addCleanup(stream.close)
        self.assertEqual(stream.response.status, 200)
        self.assertEqual(stream.response.headers["content-type"], "text/event-stream")
        placed = stream.next_event()
        self.assertEqual((placed["id"], placed["event"]), ("1", "order.placed"))
        self.assertEqual(json.loads(placed["data"])["object"], order["id"])

        threading.Timer(0.5, lambda: self.shop.post(f"/orders/{order['id']}/cancel", {})).start()
        begun = time.monotonic()
        cancelled = stream.next_event()
        self.assertEqual((cancelled["id"], cancelled["event"]), ("2", "order.cancelled"))
        self.assertLess(time.monotonic() - begun, 5)

    def test_a_client_that_comes_again_gets_only_what_it_has_missed(self):
        order = self.shop.place(pay_later=True)
        self.shop.post(f"/orders/{order['id']}/cancel", {})
        stream = Stream(self.shop.port, order["id"], last_event_id=1)
        self.addCleanup(stream.close)
        self.assertEqual(stream.next_event()["event"], "order.cancelled")

    def test_an_unknown_order_is_an_ordinary_problem(self):
        answer = self.shop.get("/orders/ord_00000000000000000000000000/events", {"accept": "text/event-stream"})
        self.assert_problem(answer, 404, "not-found")


if __name__ == "__main__":
    unittest.main()
