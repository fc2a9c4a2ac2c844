"""The demo shop in its own pace: what a person following the seeds' documents sees, three seconds a step."""

import concurrent.futures
import subprocess
import time
import unittest

import shop

STEP_S = (2, 5)  # a step takes three seconds; a busy machine may add some
ADDRESS = {"name": "Łukasz Żółć", "line1": "ul. Gęsia 7", "city": "Łódź", "postal_code": "90-001", "country": "PL"}


class Demo(shop.ShopTest):
    options = ("--demo",)

    def place(self, **fields):
        return self.shop.post("/orders", {"client_id": "u1", "items": [{"id": "1", "qty": 2}], **fields}).json

    def status_path(self, order):
        return f"/orders/status/{order['client_id']}/{order['id']}"

    def watch(self, order, until, timeout_s=20):
        """(status, payment_status) of the order and when each was first seen, until its status is `until`."""
        seen = []
        deadline = time.monotonic() + timeout_s
        with self.shop.session() as session:
            while time.monotonic() < deadline:
                view = session.request("GET", self.status_path(order)).json
                state = (view["status"], view["payment_status"])
                if not seen or seen[-1][0] != state:
                    seen.append((state, time.monotonic()))
                if view["status"] == until:
                    return seen
                time.sleep(0.05)
        self.fail(f"the order never was {until}: {seen}")

    def assert_steps(self, seen, states):
        self.assertEqual([state for state, _ in seen], states)
        for (state, begun), (_, ended) in zip(seen, seen[1:]):
            self.assertTrue(STEP_S[0] <= ended - begun <= STEP_S[1], f"{state} took {ended - begun:.1f} s")

    def test_an_order_passes_through_all_states_at_three_second_steps_and_gets_its_invoice(self):
        order = self.place(client_id="lukasz", shipping_address=ADDRESS)
        self.assertEqual((order["status"], order["payment_status"]), ("pending", "initializing"))
        self.assert_steps(self.watch(order, "delivered"), [
            ("pending", "initializing"), ("processing", "processing"), ("confirmed", "confirmed"),
            ("delivered", "confirmed")])
        order = self.shop.order(order["id"])
        self.assertEqual((order["status"], order["shipping_address"], order["expires_at"]),
                         ("delivered", ADDRESS, None))
        self.assert_invoice(order)

    def assert_invoice(self, order):
        invoice = self.shop.get(f"/invoices/{order['invoice']}").json
        self.assertEqual((invoice["order_id"], invoice["total"], invoice["items"]),
                         (order["id"], 19999, order["items"]))
        self.assertEqual(invoice["client"]["name"], "Łukasz Żółć")
        self.assertEqual([each["number"] for each in self.shop.get("/clients/lukasz/invoices").json["data"]],
                         [invoice["number"]])
        pdf = self.shop.pdf(invoice["number"])
        self.assertEqual(pdf.headers["content-type"], "application/pdf")
        self.assertIn("attachment", pdf.headers["content-disposition"])
        self.assertEqual(pdf.headers["x-content-type-options"], "nosniff")
        self.assertTrue(pdf.body.startswith(b"%PDF-"))
        text = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf.body, capture_output=True, timeout=30,
                              check=True).stdout.decode()
        for expected in (invoice["number"], "Łukasz Żółć", "ul. Gęsia 7", "Łódź", "Mechanical Keyboard", "199.99"):
            self.assertIn(expected, text)

    def test_waiting_answers_at_the_first_change_by_either_order_of_the_path_parts(self):
        order = self.place()
        paths = (f"/orders/status/{order['client_id']}/{order['id']}?wait=20",
                 f"/orders/status/{order['id']}/{order['client_id']}?wait=20")
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(self.shop.get, paths))
        self.assertTrue(STEP_S[0] <= time.monotonic() - begun <= STEP_S[1])
        for answer in answers:
            self.assertEqual(answer.status, 200)
            self.assertEqual(set(answer.json), {"order_id", "status", "payment_status", "updated_at"})
            self.assertEqual((answer.json["order_id"], answer.json["payment_status"]), (order["id"], "processing"))

    def test_waiting_ends_without_a_change_when_the_time_is_over(self):
        order = self.shop.place(pay_later=True)
        begun = time.monotonic()
        answer = self.shop.get(self.status_path(order) + "?wait=1")
        self.assertTrue(0.9 <= time.monotonic() - begun <= 3)
        self.assertEqual((answer.status, answer.json["status"]), (200, "pending"))

    def test_another_clients_name_does_not_find_the_order(self):
        order = self.place()
        self.assert_problem(self.shop.get(f"/orders/status/somebody-else/{order['id']}"), 404, "not-found")

    def test_the_cancel_button_before_payment_begins_cancels_at_once(self):
        order = self.place()
        stock = self.shop.available("1")
        cancelled = self.shop.post(f"/orders/{order['id']}/cancel")
        self.assertEqual((cancelled.status, cancelled.json["status"]), (200, "cancelled"))
        self.assertEqual(self.shop.available("1"), stock + 2)
        time.sleep(4)  # the payment's message comes, and must do nothing
        order = self.shop.order(order["id"])
        self.assertEqual((order["status"], order["payment_status"]), ("cancelled", "declined"))

    def test_the_cancel_button_during_payment_is_remembered_and_takes_no_money(self):
        order = self.place()
        self.shop.order_when(order["id"], status="processing")
        requested = self.shop.post(f"/orders/{order['id']}/cancel", {"reason": "changed my mind"})
        self.assertEqual((requested.status, requested.json["status"], requested.json["cancel_requested"]),
                         (200, "processing", True))
        order = self.shop.order_when(order["id"], status="cancelled")
        self.assertEqual(order["cancel_reason"], "changed my mind")
        self.assertEqual([(each["type"], each["status"]) for each in order["transactions"]], [("payment", "declined")])

    def test_a_declined_card_ends_in_declined_after_its_steps(self):
        order = self.place(payment_method="pm_card_visa_chargeDeclined")
        self.assert_steps(self.watch(order, "declined"), [
            ("pending", "initializing"), ("processing", "processing"), ("declined", "declined")])

    def test_the_go_seeds_body_places_an_order_and_reports_its_payment(self):
        body = {"user_id": "u2", "item": "Mechanical Keyboard", "quantity": 2, "total_price": 19999}
        order = self.shop.post("/orders", body).json
        self.assertEqual((order["client_id"], order["total"]), ("u2", 19999))
        self.shop.order_when(order["id"], payment_status="processing")
        report = {"order_id": order["id"], "status": "confirmed"}
        answer = self.shop.post("/payments", report)
        self.assertEqual((answer.status, answer.json["status"]), (200, "confirmed"))
        self.assertEqual(self.shop.post("/payments", report).status, 200)  # the same result again
        self.assert_problem(self.shop.post("/payments", {**report, "status": "failed"}), 409, "illegal-transition")
        order = self.shop.order_when(order["id"], status="delivered")
        self.assertEqual([(each["type"], each["status"], each["amount"]) for each in order["transactions"]],
                         [("payment", "confirmed", 19999)])

    def test_a_result_reported_before_the_payment_begins_wins(self):
        order = self.place()
        answer = self.shop.post("/payments", {"order_id": order["id"], "status": "failed"})
        self.assertEqual((answer.status, answer.json["status"]), (200, "declined"), answer)
        time.sleep(4)  # the payment's own messages come, and must not charge
        order = self.shop.order(order["id"])
        self.assertEqual((order["status"], len(order["transactions"])), ("declined", 1))

    def test_an_item_may_be_named_by_id_sku_or_exact_name(self):
        for item in ("1", "KB-75-BRN", "Mechanical Keyboard"):
            order = self.shop.post("/orders", {"user_id": "u3", "item": item, "quantity": 1}).json
            self.assertEqual([line["product_id"] for line in order["items"]], ["1"], item)
        answer = self.shop.post("/orders", {"user_id": "u3", "item": "Keyboard", "quantity": 1})
        self.assert_problem(answer, 400, "invalid-request", ["/item"])

    def test_a_wrong_total_price_is_refused(self):
        body = {"user_id": "u4", "item": "1", "quantity": 2, "total_price": 19998}
        self.assert_problem(self.shop.post("/orders", body), 409, "price-changed")
        self.assertEqual(self.shop.pages("/orders?client_id=u4"), [])

    def test_pages_of_other_sites_cannot_reach_the_demo(self):
        good = [{}, {"Host": "localhost:8080"}, {"Host": "shop.localhost"}, {"Host": "[::1]:8080"},
                {"Origin": "http://127.0.0.1:3000"}, {"Origin": "http://localhost:5173"}]
        evil = [{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}, {"Host": "localhost.evil.example:80"},
                {"Host": "10.0.0.1"}, {"Origin": "http://evil.example"}, {"Origin": "https://127.evil.example"},
                {"Origin": "null"}, {"Origin": "file://"}, {"Origin": "http://localhost.evil.example"}]
        for headers in good:
            self.assertEqual(self.shop.get("/products", headers).status, 200, headers)
        for headers in evil:
            for method, path, body in (("GET", "/orders", None), ("POST", "/orders", {"item": "1"}),
                                       ("GET", "/no-such-path", None)):
                answer = self.shop.request(method, path, body, headers)
                self.assert_problem(answer, 403, "not-loopback")


if __name__ == "__main__":
    unittest.main()
