"""Each fault of the proxy fires, looks as DynamoDB's does, is counted, and does what it says to the request: passed on or
not. Against an upstream of our own that counts what reaches it."""

import asyncio
import http.client
import json
import pathlib
import sys
import threading
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from fault_proxy import FaultProxy, encoded, read_message  # noqa: E402
from faults import FAULTS, Answer, Faults  # noqa: E402

TIMEOUT_S = 10
TRANSACTION = {"TransactItems": [{"Put": {}}, {"Put": {}}, {"Put": {}}]}


class Upstream:
    """Answers every request with how many there were; GetRecords with two more records each time."""

    def __init__(self):
        self.requests = []  # (action, body)

    async def serve(self, reader, writer):
        try:
            while True:
                request = await read_message(reader)
                writer.write(encoded(Answer(200, json.dumps(self.answer(request)).encode())))
        except Exception:  # the client is gone: each test opens connections of its own
            writer.close()

    def answer(self, request):
        body = json.loads(request.body)
        self.requests.append((request.action, body))
        if request.action == "GetRecords":
            place = int(body["ShardIterator"])
            return {"Records": [{"n": place}, {"n": place + 1}], "NextShardIterator": str(place + 2)}
        return {"count": len(self.requests), "text": body.get("text", "")}


class Loop:
    """Upstream and proxy on an event loop in a thread of their own."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.servers = []
        self.upstream = Upstream()
        upstream_port = self.listen(self.upstream.serve)
        self.proxy = FaultProxy(f"http://127.0.0.1:{upstream_port}")
        self.port = self.listen(self.proxy.serve_client)

    def listen(self, serve):
        started = asyncio.run_coroutine_threadsafe(asyncio.start_server(serve, "127.0.0.1", 0), self.loop)
        self.servers.append(started.result(TIMEOUT_S))
        return self.servers[-1].sockets[0].getsockname()[1]

    def stop(self):
        async def cancel_all():
            for server in self.servers:
                server.close()
            tasks = asyncio.all_tasks() - {asyncio.current_task()}
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(cancel_all(), self.loop).result(TIMEOUT_S)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


class FaultProxyTest(unittest.TestCase):
    def setUp(self):
        self.loop = Loop()
        self.addCleanup(self.loop.stop)
        self.connection = self.connect()

    def connect(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.loop.port, timeout=TIMEOUT_S)
        self.addCleanup(connection.close)
        return connection

    def request(self, method, path, document=None, headers=None):
        body = None if document is None else json.dumps(document).encode()
        self.connection.request(method, path, body=body, headers=headers or {})
        response = self.connection.getresponse()
        body = response.read()
        self.assertEqual(int(response.headers["x-amz-crc32"]), zlib.crc32(body))
        return response.status, json.loads(body)

    def call(self, action, document=None):
        service = "DynamoDBStreams_20120810" if action == "GetRecords" else "DynamoDB_20120810"
        return self.request("POST", "/", document or {}, {"X-Amz-Target": f"{service}.{action}"})

    def configure(self, **faults):
        status, _ = self.request("POST", "/__faults", faults)
        self.assertEqual(status, 200)

    def injected(self, fault):
        return self.request("GET", "/__faults")[1]["injected"][fault]

    @property
    def passed_on(self):
        return len(self.loop.upstream.requests)

    def assert_refused(self, fault, action, status, exception, document=None):
        self.configure(**{fault: {"times": 1}})
        got, body = self.call(action, document)
        self.assertEqual((got, body["__type"].split("#")[1]), (status, exception))
        self.assertEqual((self.injected(fault), self.passed_on), (1, 0))
        self.assertEqual(self.call(action, document)[0], 200)  # once means once
        return body

    def test_without_faults_everything_is_passed_on(self):
        self.assertEqual(self.call("GetItem", {"text": "é"}), (200, {"count": 1, "text": "é"}))
        self.assertEqual(self.loop.upstream.requests, [("GetItem", {"text": "é"})])
        report = self.request("GET", "/__faults")[1]
        self.assertEqual(report["requests"], 1)
        self.assertEqual(report["injected"], {name: 0 for name in FAULTS})

    def test_large_bodies_pass_both_ways(self):
        text = "x" * 3_000_000
        self.assertEqual(self.call("PutItem", {"text": text})[1]["text"], text)

    def test_expired_token(self):
        self.assert_refused("expired_token", "Query", 400, "ExpiredTokenException")

    def test_error_before_it_is_done(self):
        self.assert_refused("error_before", "PutItem", 500, "InternalServerError")

    def test_in_progress(self):
        self.assert_refused("in_progress", "TransactWriteItems", 400, "TransactionInProgressException", TRANSACTION)

    def test_conflict_of_a_plain_write(self):
        self.assert_refused("conflict", "UpdateItem", 400, "TransactionConflictException")

    def test_iterator_expired(self):
        self.assert_refused("iterator_expired", "GetRecords", 400, "ExpiredIteratorException", {"ShardIterator": "0"})

    def test_conflict_of_a_transaction_names_one_item(self):
        places = set()
        self.configure(conflict=1)
        for _ in range(40):
            status, body = self.call("TransactWriteItems", TRANSACTION)
            codes = [reason["Code"] for reason in body["CancellationReasons"]]
            self.assertEqual((status, body["__type"].split("#")[1]), (400, "TransactionCanceledException"))
            self.assertEqual(sorted(codes), ["None", "None", "TransactionConflict"])
            self.assertIn(f"[{', '.join(codes)}]", body["Message"])
            places.add(codes.index("TransactionConflict"))
        self.assertEqual(places, {0, 1, 2})
        self.assertEqual((self.injected("conflict"), self.passed_on), (40, 0))

    def test_conflicts_do_not_happen_to_reads(self):
        self.configure(conflict=1, in_progress=1)
        self.assertEqual(self.call("GetItem")[0], 200)

    def test_throttling_comes_in_all_its_forms(self):
        self.configure(throttle=1)
        kinds, reasons = set(), set()
        for _ in range(100):
            _, body = self.call("TransactWriteItems", TRANSACTION)
            kinds.add(body["__type"].split("#")[1])
            reasons |= {reason["Code"] for reason in body.get("CancellationReasons", [])}
        self.assertEqual(kinds, {"ProvisionedThroughputExceededException", "ThrottlingException",
                                 "RequestLimitExceeded", "TransactionCanceledException"})
        self.assertEqual(reasons, {"None", "ThrottlingError", "ProvisionedThroughputExceeded"})
        self.assertEqual((self.injected("throttle"), self.passed_on), (100, 0))

    def test_a_read_is_throttled_without_cancellation(self):
        self.configure(throttle=1)
        for _ in range(30):
            self.assertNotIn("CancellationReasons", self.call("GetItem")[1])

    def test_an_answer_is_lost_after_the_request_was_done(self):
        self.configure(lost={"times": 1})
        with self.assertRaises(http.client.RemoteDisconnected):
            self.call("TransactWriteItems", TRANSACTION)
        self.assertEqual((self.injected("lost"), self.passed_on), (1, 1))

    def test_a_request_is_dropped_before_it_is_done(self):
        self.configure(dropped={"times": 1})
        with self.assertRaises(http.client.RemoteDisconnected):
            self.call("TransactWriteItems", TRANSACTION)
        self.assertEqual((self.injected("dropped"), self.passed_on), (1, 0))

    def test_error_after_it_is_done(self):
        self.configure(error_after={"times": 1})
        status, body = self.call("TransactWriteItems", TRANSACTION)
        self.assertEqual((status, body["__type"].split("#")[1]), (500, "InternalServerError"))
        self.assertEqual((self.injected("error_after"), self.passed_on), (1, 1))

    def test_an_index_answers_what_it_answered_before(self):
        query = {"IndexName": "by_day", "text": "monday"}
        self.configure(stale=1)
        first = self.call("Query", query)
        self.assertEqual(self.injected("stale"), 0)  # there is nothing older yet
        self.assertEqual(self.call("Query", query), first)
        self.assertEqual((self.injected("stale"), self.passed_on), (1, 2))

    def test_an_index_answers_nothing_of_another_query(self):
        self.configure(stale=1)
        first = self.call("Query", {"IndexName": "by_day", "text": "monday"})
        self.assertNotEqual(self.call("Query", {"IndexName": "by_day", "text": "tuesday"}), first)
        self.assertEqual(self.injected("stale"), 0)

    def test_the_table_itself_is_never_stale(self):
        self.configure(stale=1)
        first = self.call("Query", {"text": "monday"})
        self.assertNotEqual(self.call("Query", {"text": "monday"}), first)

    def read_stream(self, calls):
        """What a consumer sees that goes from iterator to iterator."""
        seen, iterator = [], "0"
        for _ in range(calls):
            _, body = self.call("GetRecords", {"ShardIterator": iterator})
            seen.append([record["n"] for record in body["Records"]])
            iterator = body["NextShardIterator"]
        return seen

    def test_records_come_again(self):
        self.configure(duplicate_records=1)
        batches = self.read_stream(10)
        seen = [n for batch in batches for n in batch]
        self.assertEqual(set(seen), set(range(20)))
        self.assertGreater(len(seen), 20)
        self.assertEqual(self.injected("duplicate_records"), 9)  # the first call has nothing before it
        for batch in batches:
            self.assertEqual(batch, sorted(batch))

    def test_records_come_late_but_in_order_and_all(self):
        self.configure(late_records={"times": 8})
        batches = self.read_stream(10)
        self.assertEqual([n for batch in batches for n in batch], list(range(20)))
        self.assertTrue(any(len(batch) < 2 for batch in batches))
        self.assertEqual(self.injected("late_records"), 8)

    def test_a_call_repeated_after_a_lost_answer_misses_no_record(self):
        self.configure(late_records=1)
        _, first = self.call("GetRecords", {"ShardIterator": "0"})
        self.configure(lost={"times": 1})
        with self.assertRaises(http.client.RemoteDisconnected):
            self.call("GetRecords", {"ShardIterator": first["NextShardIterator"]})
        _, second = self.call("GetRecords", {"ShardIterator": first["NextShardIterator"]})
        self.assertEqual([record["n"] for record in first["Records"] + second["Records"]], [0, 1, 2, 3])

    def test_actions_limit_a_fault(self):
        self.configure(error_before={"probability": 1, "actions": ["DeleteItem"]})
        self.assertEqual(self.call("PutItem")[0], 200)
        self.assertEqual(self.call("DeleteItem")[0], 500)

    def test_a_fault_stays_away_for_as_many_requests_as_said(self):
        self.configure(error_before={"apart": 3})
        self.assertEqual([self.call("PutItem")[0] for _ in range(7)], [500, 200, 200, 500, 200, 200, 500])

    def test_settings_that_mean_nothing_are_refused_and_change_nothing(self):
        self.configure(error_before=1)
        for settings in ({"conflicts": 1}, {"conflict": 2}, {"conflict": "1"}, {"conflict": {"time": 1}},
                         {"conflict": {"times": 1.5}}, {"conflict": {"apart": -1}},
                         {"conflict": {"actions": "PutItem"}}, [1]):
            with self.subTest(settings=settings):
                self.assertEqual(self.request("POST", "/__faults", settings)[0], 400)
        self.assertEqual(self.call("PutItem")[0], 500)

    def test_delete_ends_faults_and_counts(self):
        self.configure(error_before=1)
        self.call("PutItem")
        self.request("DELETE", "/__faults")
        self.assertEqual(self.call("PutItem")[0], 200)
        self.assertEqual(self.injected("error_before"), 0)

    def test_an_upstream_that_is_gone_is_no_fault_of_ours(self):
        self.loop.proxy.upstream_port = 1
        status, body = self.call("GetItem")
        self.assertEqual(status, 502)
        self.assertIn("upstream", body["message"])


class ChanceTest(unittest.TestCase):
    def drawn(self, seed):
        faults = Faults()
        faults.configure({"seed": seed, "throttle": 0.2, "lost": 0.2, "conflict": 0.2})
        return [faults.draw("TransactWriteItems") for _ in range(1000)]

    def test_the_same_seed_gives_the_same_faults(self):
        self.assertEqual(self.drawn(7), self.drawn(7))
        self.assertNotEqual(self.drawn(7), self.drawn(8))

    def test_faults_happen_about_as_often_as_said(self):
        drawn = self.drawn(7)
        self.assertTrue(150 < drawn.count("throttle") < 250)  # 0.2
        self.assertTrue(110 < drawn.count("conflict") < 210)  # 0.2 of what is left: 0.16
        self.assertTrue(80 < drawn.count("lost") < 180)  # 0.128


if __name__ == "__main__":
    unittest.main()
