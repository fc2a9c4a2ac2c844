"""SIGTERM while clients wait for something to happen: they are answered at once, not when their time is over."""

import concurrent.futures
import json
import signal
import time
import unittest

import shop
from test_event_stream import Stream

ANSWERED_MAX_S = 2
ENDED_MAX_S = 5


class Stopping(shop.ShopTest):
    def timed(self, work):
        """What `work` returns, and how long after the signal it returned."""
        result = work()
        return result, time.monotonic() - self.signalled_at

    def test_long_polls_and_event_streams_end_early(self):
        order = self.shop.place(pay_later=True)
        polls = [f"/orders/status/u1/{order['id']}?wait=20" for _ in range(3)]
        stream = Stream(self.shop.port, order["id"])
        self.addCleanup(stream.close)
        self.assertEqual(stream.next_event()["event"], "order.placed")
        with concurrent.futures.ThreadPoolExecutor(len(polls) + 1) as pool:
            answers = [pool.submit(self.timed, lambda path=path: self.shop.get(path)) for path in polls]
            rest = pool.submit(self.timed, stream.response.read)
            time.sleep(1)  # until they wait
            self.assertFalse(any(each.done() for each in [*answers, rest]))

            self.signalled_at = time.monotonic()
            self.shop.process.send_signal(signal.SIGTERM)
            for each in answers:
                answer, seconds = each.result()
                self.assertEqual((answer.status, json.loads(answer.body)["status"]), (200, "pending"), answer)
                self.assertLess(seconds, ANSWERED_MAX_S)
            text, seconds = rest.result()  # a stream that is cut off would raise
            self.assertNotIn(b"event:", text)
            self.assertLess(seconds, ANSWERED_MAX_S)
            self.assertEqual(self.shop.process.wait(20), 0, self.shop.log_tail())
            self.assertLess(time.monotonic() - self.signalled_at, ENDED_MAX_S)
        events = [line["event"] for line in self.shop.log_lines()]
        self.assertEqual(events[-1], "server-stopped")
        self.assertNotIn("stopped-with-connections-open", events)
        self.shop.start()


if __name__ == "__main__":
    unittest.main()
