"""What happened, who caused it, from where and by which request: GET /events, orders as they were, and every object made
again from its events. What each filter finds is tested in src/app/events_test.cpp, damage in src/app/rebuild_test.cpp."""

import datetime
import json
import unittest
import urllib.parse

import shop


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class Feed:
    """Follows GET /events as its description says."""

    def __init__(self, a_shop, query="", headers=None):
        self.shop, self.query, self.headers, self.cursor = a_shop, query, headers, None

    def new(self):
        """What has come since the last time."""
        events = []
        while True:
            cursor = f"&cursor={self.cursor}" if self.cursor else ""
            answer = self.shop.get(f"/events?{self.query}{cursor}", self.headers)
            if answer.status != 200:
                raise AssertionError(f"no page of events: {answer}")
            page = answer.json
            events += page["data"]
            self.cursor = page["end_cursor"]
            if page["next_cursor"] is None:
                return events
            if page["next_cursor"] != page["end_cursor"]:
                raise AssertionError("the next page does not begin where this one ends")

    def wait_for(self, condition, what):
        """All that has come when `condition` holds of it."""
        events = []

        def is_there():
            events.extend(self.new())
            return condition(events)
        shop.wait_until(is_there, what=what)
        return events


class Events(shop.ShopTest):
    def test_a_life_is_told_in_its_order_with_who_from_where_and_by_which_request(self):
        feed = Feed(self.shop, "limit=3")
        feed.new()
        placed = self.shop.request("POST", "/orders", {"items": [{"product_id": "1", "quantity": 1}],
                                                       "payment_method": "pm_card_visa"}, {"X-Request-Id": "traced-1"})
        order = self.shop.order_with_invoice(placed.json["id"])
        events = [event for event in feed.wait_for(
            lambda events: any(event["type"] == "invoice.issued" and event["object"] == order["id"]
                               for event in events), "the invoice's event") if event["object"] == order["id"]]
        self.assertEqual([event["type"] for event in events],
                         ["order.placed", "payment.processing", "payment.confirmed", "invoice.issued"])
        self.assertEqual([event["version"] for event in events], [1, 2, 3, 4])
        first = events[0]
        self.assertEqual((first["actor"], first["source"], first["request"]), ("demo", "127.0.0.1", "traced-1"))
        self.assertEqual(placed.headers["x-request-id"], "traced-1")
        self.assertEqual(first["order"]["content"]["total"], order["total"])
        for event, before in zip(events[1:], events):
            self.assertEqual(event["previous"], before["hash"])
            self.assertTrue(event["actor"].startswith("worker:"), event)
            self.assertIsNone(event["source"])
            self.assertTrue(event["request"].startswith("msg_"), event)
        own = self.shop.get(f"/events?object={order['id']}").json
        self.assertEqual(own["data"], events)

    def test_an_id_of_the_servers_own_is_the_answers_and_the_logs(self):
        answer = self.shop.post("/orders", {"items": [{"product_id": "2", "quantity": 1}], "pay_later": True})
        events = self.shop.get(f"/events?object={answer.json['id']}").json["data"]
        self.assertEqual(events[0]["request"], answer.headers["x-request-id"])
        shop.wait_until(lambda: any(line.get("id") == events[0]["request"] for line in self.shop.log_lines()),
                        what="the request's line in the log")

    def test_types_and_times_narrow_what_is_listed(self):
        order = self.shop.place(pay_later=True)
        self.shop.post(f"/orders/{order['id']}/cancel", {"reason": "changed my mind"})
        feed = Feed(self.shop, "type=order.cancelled")
        cancelled = feed.wait_for(lambda events: any(event["object"] == order["id"] for event in events),
                                  "the cancellation's event")
        self.assertEqual({event["type"] for event in cancelled}, {"order.cancelled"})
        at = cancelled[-1]["at"]
        later = (moment(at) + datetime.timedelta(milliseconds=1)).isoformat()
        span = f"from={at}&to={urllib.parse.quote(later)}"
        self.assertIn(order["id"], [event["object"] for event in self.shop.pages(f"/events?{span}&type=order.")])
        self.assertEqual(self.shop.get("/events?from=2999-01-01").json["data"], [])
        self.assertEqual(self.shop.get("/events?to=2001-01-01").json["data"], [])
        self.assert_problem(self.shop.get("/events?object=nonsense"), 400, "invalid-request", ["?object"])
        self.assert_problem(self.shop.get(f"/events?cursor={feed.cursor}"), 400, "invalid-request", ["?cursor"])

    def test_an_order_is_shown_as_it_was(self):
        order = self.shop.place(pay_later=True)
        placed = self.shop.order(order["id"])
        self.shop.post(f"/orders/{order['id']}/cancel", {"reason": "changed my mind"})
        now = self.shop.order(order["id"])
        self.assertEqual(self.shop.get(f"/orders/{order['id']}?at={placed['created_at']}").json, placed)
        self.assertEqual(self.shop.get(f"/orders/{order['id']}?at=2999-01-01T00:00:00Z").json, now)
        before = (moment(placed["created_at"]) - datetime.timedelta(milliseconds=1)).isoformat()
        self.assert_problem(self.shop.get(f"/orders/{order['id']}?at={urllib.parse.quote(before)}"), 404, "not-found")

    def test_every_object_is_what_its_events_say_beside_the_server_and_without_it(self):
        self.shop.order_with_invoice(self.shop.place()["id"])
        for _ in range(2):
            self.assertIn("every object is what its events say", self.shop.command("events", "rebuild", "--check"))
            report = json.loads(self.shop.command("events", "rebuild", "--check", "--json"))
            kinds = {each["kind"]: each for each in report["kinds"]}
            self.assertGreaterEqual(kinds["orders"]["events"], 4)
            self.assertGreaterEqual(kinds["invoices and credit notes"]["objects"], 1)
            self.assertEqual(report["differences"], [])
            if self.shop.process.poll() is None:
                self.shop.stop()
        self.shop.start()
        self.assertEqual(self.shop.run("events", "rebuild").returncode, 2, "it does not write yet")


class Keys(unittest.TestCase):
    """A shop of its own, since it asks for keys for ever."""

    def test_what_becomes_of_keys_is_told_to_the_owner_alone(self):
        with shop.Shop() as a_shop:
            made = json.loads(a_shop.command("key", "create", "--name", "mine", "--role", "owner", "--json"))
            owner = {"authorization": f"Bearer {made['key']}"}
            staff_key = a_shop.post("/keys", {"name": "Till", "role": "staff"}, owner).json
            staff = {"authorization": f"Bearer {staff_key['key']}"}
            a_shop.post(f"/keys/{staff_key['id']}/rotate", {"grace_seconds": 3600}, owner)
            events = Feed(a_shop, "type=key.", owner).wait_for(lambda events: len(events) == 3, "the keys' events")
            self.assertEqual([(event["type"], event["object"]) for event in events],
                             [("key.created", made["id"]), ("key.created", staff_key["id"]),
                              ("key.rotated", staff_key["id"])])
            self.assertEqual((events[0]["actor"], events[0]["source"]), ("operator", "local"))
            self.assertEqual((events[1]["actor"], events[1]["source"]), (f"key:{made['id']}", "127.0.0.1"))
            self.assertEqual(events[1]["api_key"]["content"]["name"], "Till")
            self.assertEqual(Feed(a_shop, "", staff).new(), [])
            self.assertEqual(a_shop.get(f"/events?object={staff_key['id']}", staff).json["data"], [])
            self.assert_clients_learn_no_addresses(a_shop, owner, staff)
            a_shop.check()
            a_shop.command("events", "rebuild", "--check")

    def assert_clients_learn_no_addresses(self, a_shop, owner, staff):
        ann = a_shop.post("/keys", {"name": "Ann", "role": "client", "client_id": "ann"}, owner).json
        client = {"authorization": f"Bearer {ann['key']}"}
        order = a_shop.post("/orders", {"items": [{"product_id": "1", "quantity": 1}], "pay_later": True}, client).json
        a_shop.post(f"/orders/{order['id']}/cancel", {}, staff)
        seen = a_shop.get(f"/orders/{order['id']}/events", client)
        self.assertEqual(len(seen.json["data"]), 2)
        self.assertNotIn(b"127.0.0", seen.body)
        sources = [event["source"] for event in a_shop.get(f"/orders/{order['id']}/events", staff).json["data"]]
        self.assertEqual(sources, ["127.0.0.0/24", "127.0.0.1"])
        self.assertEqual(a_shop.get("/events", client).status, 403)
        self.assertEqual(a_shop.get("/events").status, 401)


if __name__ == "__main__":
    unittest.main()
