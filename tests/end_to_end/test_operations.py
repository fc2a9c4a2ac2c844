"""Running the program: probes, metrics, logs, starting, stopping, and one process at a time on a folder."""

import concurrent.futures
import json
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import shop

ADDRESS = {"name": "Canary Wharfinger", "line1": "7 Canary Wharf", "city": "London", "postal_code": "E14", "country":
           "GB"}
SAMPLE = re.compile(r'^(?P<name>[a-z_]+)(?P<labels>\{[a-z_]+="[^"]*"(,[a-z_]+="[^"]*")*\})? (?P<value>\S+)$')


def parse_metrics(text):
    """Prometheus' text format: {name with labels: value}; fails on anything that is not of that form."""
    values, types = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            types[name] = kind
        elif not line.startswith("# HELP "):
            match = SAMPLE.match(line)
            assert match, line
            family = re.sub("_(bucket|sum|count)$", "", match["name"])
            assert match["name"] in types or types.get(family) == "histogram", line
            values[match["name"] + (match["labels"] or "")] = float(match["value"])
    return values


class Probes(shop.ShopTest):
    def test_probes_answer(self):
        self.assertEqual((self.shop.get("/healthz").status, self.shop.get("/healthz").json), (200, {"status": "ok"}))
        self.assertEqual((self.shop.get("/readyz").status, self.shop.get("/readyz").json), (200, {"status": "ready"}))
        version = self.shop.get("/version").json
        self.assertEqual(version["name"], "orderly")
        self.assertEqual(shop.run_program("version").stdout, f"orderly {version['version']}\n")
        self.assertIn("POST /orders", self.shop.get("/").json["routes"])

    def metrics(self):
        answer = self.shop.get("/metrics")
        self.assertTrue(answer.headers["content-type"].startswith("text/plain; version=0.0.4"))
        return parse_metrics(answer.body.decode())

    def test_metrics_are_well_formed_and_move(self):
        before = self.metrics()
        self.shop.order_when(self.shop.place()["id"], status="confirmed")
        self.shop.get("/products/no-such")
        confirmed = 'orderly_payments_total{outcome="confirmed"}'

        def counted():  # behind the commit that the order shows
            page = self.metrics()
            return page if page.get(confirmed, 0) > before.get(confirmed, 0) else None
        after = shop.wait_until(counted, what=confirmed)

        def moved(name):
            return after.get(name, 0) - before.get(name, 0)
        self.assertEqual(moved('orderly_http_requests_total{route="/orders",method="POST",status="2xx"}'), 1)
        self.assertEqual(moved('orderly_http_requests_total{route="/products/{id}",method="GET",status="4xx"}'), 1)
        self.assertEqual(moved('orderly_http_request_duration_seconds_count{route="/orders",method="POST"}'), 1)
        self.assertEqual(moved(confirmed), 1)
        self.assertGreaterEqual(moved("orderly_commits_total"), 3)
        if shop.ENGINE == "embedded":
            self.assertGreaterEqual(moved("orderly_commit_group_size_count"), 1)
        for queue in ("payments", "refunds", "invoices", "documents", "fulfilment"):
            for name in ("messages", "dead_letters", "oldest_message_age_seconds"):
                self.assertIn(f'orderly_queue_{name}{{queue="{queue}"}}', after)
        self.assert_histograms_add_up(after)

    def assert_histograms_add_up(self, values):
        last = {}
        for name, value in values.items():
            if "_bucket{" not in name:
                continue
            series = re.sub(r',?le="[^"]*"', "", name)
            self.assertGreaterEqual(value, last.get(series, 0), name)
            last[series] = value
        for series, value in last.items():
            self.assertEqual(values[series.replace("_bucket", "_count").replace("{}", "")], value)

    def test_paths_of_users_make_no_metric_of_their_own(self):
        for number in range(50):
            self.shop.get(f"/no-such-path-{number}")
            self.shop.get(f"/products/no-such-{number}")
        self.assertFalse([name for name in self.metrics() if "no-such" in name])


class Log(shop.ShopTest):
    """A shop of its own, since its log is read to the end."""

    def test_lines_are_json_and_hold_nothing_that_a_client_sent(self):
        canaries = {"Idempotency-Key": "canary-key", "Cart-Id": "canary-token", "Authorization": "Bearer canary-secret",
                    "Cookie": "session=canary-cookie", "User-Agent": "canary-agent", "X-Request-Id": "traced-1"}
        order = self.shop.post("/orders", {"client_id": "canary-client", "shipping_address": ADDRESS, "pay_later": True,
                                           "items": [{"product_id": "1", "quantity": 1}]}, canaries).json
        self.shop.post("/orders", b'{"canary": "half a bo', {**canaries, "Idempotency-Key": "canary-too"})
        self.shop.get("/orders?client_id=canary-client", canaries)
        self.shop.get("/products/canary-path?canary=query", canaries)
        self.shop.post(f"/orders/{order['id']}/cancel", {"reason": "canary reason"}, canaries)
        self.shop.stop()
        lines = self.shop.log_lines()
        self.assertNotIn("canary", self.shop.log_path.read_text().lower())
        requests = [line for line in lines if line["event"] == "request" and line["id"] == "traced-1"]
        self.assertEqual(sorted((line["method"], line["route"], line["status"]) for line in requests), [
            ("GET", "/orders", 200), ("GET", "/products/{id}", 404), ("POST", "/orders", 200), ("POST", "/orders", 400),
            ("POST", "/orders/{id}/cancel", 200)])
        for line in requests:
            self.assertLessEqual({"time", "level", "bytes_in", "bytes_out", "ms", "remote"}, set(line))
        self.assertEqual([line["event"] for line in lines if line["event"].startswith("server-")],
                         ["server-started", "server-stopping", "server-stopped"])
        self.assert_sealed("Canary Wharf")
        self.shop.start()

    def assert_sealed(self, text):
        """Nothing in the data folder holds it in the clear (an invoice would: it must name its client)."""
        files = [path for path in self.shop.data.rglob("*") if path.is_file()]
        self.assertGreater(len(files), 3)
        for path in files:
            self.assertNotIn(text.encode(), path.read_bytes(), path)

    def test_files_that_hold_secrets_are_their_owners_alone(self):
        for name in ("master.key", "orderly.sock"):
            self.assertEqual((self.shop.data / name).stat().st_mode & 0o077, 0, name)


class StartAndStop(shop.ShopTest):
    def test_a_second_server_on_the_same_folder_is_refused_clearly(self):
        second = self.shop.run("serve", "--listen", "127.0.0.1:0")
        self.assertEqual(second.returncode, 3)
        line = json.loads(second.stderr.splitlines()[-1])
        self.assertEqual((line["level"], line["event"], line["reason"]),
                         ("error", "server-not-started", "data-folder-in-use"))
        if shop.ENGINE == "embedded":
            self.assertIn("another process", line["message"].lower())
        self.assertEqual(self.shop.get("/readyz").status, 200)

    def test_a_port_that_is_taken_is_refused_clearly(self):
        with tempfile.TemporaryDirectory() as folder:
            taken = shop.run_program("serve", "--data", folder, "--listen", f"127.0.0.1:{self.shop.port}")
        self.assertEqual(taken.returncode, 3)
        self.assertIn("cannot-listen", taken.stderr)
        self.assertIn(str(self.shop.port), taken.stderr)

    def test_addresses_that_are_none_are_refused_clearly(self):
        refused = shop.run_program("serve", "--data", self.shop.folder / "other", "--listen", "192.0.2.1:0")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("cannot-listen", refused.stderr)
        for listen in ("127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:65536"):
            refused = shop.run_program("serve", "--data", self.shop.folder / "other", "--listen", listen)
            self.assertIn(refused.returncode, (2, 3), listen)
            self.assertIn("HOST:PORT", refused.stderr, listen)

    def test_sigterm_lets_requests_under_way_finish_and_ends_idle_connections(self):
        order = self.shop.place(pay_later=True)
        with concurrent.futures.ThreadPoolExecutor(4) as pool, \
                socket.create_connection(("127.0.0.1", self.shop.port), 20) as idle:
            waiting = [pool.submit(self.shop.get, f"/orders/status/u1/{order['id']}?wait=2") for _ in range(4)]
            time.sleep(0.5)
            begun = time.monotonic()
            self.shop.stop()
            self.assertLess(time.monotonic() - begun, 10)
            self.assertEqual([each.result().status for each in waiting], [200] * 4)
            self.assertEqual(idle.recv(100), b"")
        self.assertFalse((self.shop.data / "orderly.sock").exists())
        self.shop.start()

    def test_sigint_ends_it_as_well(self):
        self.shop.process.send_signal(signal.SIGINT)
        self.assertEqual(self.shop.process.wait(20), 0)
        self.shop.start()

    def test_a_payment_under_way_at_the_stop_is_finished_once_after_the_start(self):
        orders = [self.shop.place(payment_method=method) for method in ("pm_sim_slow", "pm_sim_timeout_after_charge")]
        for order in orders:
            shop.wait_until(lambda order=order: self.shop.order(order["id"])["status"] == "processing")
        self.shop.restart()
        for order in orders:
            order = self.shop.order_when(order["id"], timeout_s=60, status="confirmed")
            self.assertEqual([each["status"] for each in order["transactions"]], ["confirmed"])
            self.shop.order_with_invoice(order["id"])

    def test_a_killed_servers_folder_is_at_once_usable(self):
        order = self.shop.place()
        self.shop.kill()
        self.assertIn(order["id"], self.shop.command("order", "show", order["id"]))
        self.shop.check()
        self.shop.start()
        self.shop.order_with_invoice(order["id"], timeout_s=60)

    def test_a_shop_in_a_folder_with_a_long_name_works(self):
        deep = self.shop.folder / ("d" * 60) / ("e" * 60)
        shop.run_program("seed", "--data", deep).check_returncode()
        with subprocess.Popen([shop.PROGRAM, "serve", "--data", deep, "--listen", "127.0.0.1:0"],
                                   env=shop.environment(), stderr=subprocess.PIPE, text=True) as server:
            line = json.loads(server.stderr.readline())
            if line["event"] == "server-started":
                server.send_signal(signal.SIGTERM)
            server.communicate(timeout=20)
        self.assertEqual((line["event"], server.returncode), ("server-started", 0), line)


if __name__ == "__main__":
    unittest.main()
