"""Payments that go wrong, told by the simulated provider's test cards; and orders that nobody pays."""

import time
import unittest

import shop

# A payment must have begun before that; on AWS the relay has to bring it first. It is to last longer.
EXPIRE_AFTER_S, DELAY_S = (1, 0) if shop.ENGINE == "embedded" else (4, 4)


class Payments(shop.ShopTest):
    def pay(self, order, method="pm_card_visa"):
        return self.shop.post("/payment", {"order_id": order["id"], "payment_method": method})

    def payments(self, order):
        return [(each["method"], each["status"], each["reason"]) for each in order["transactions"]
                if each["type"] == "payment"]

    def test_a_declined_card_may_be_followed_by_another(self):
        order = self.shop.place(payment_method="pm_card_visa_chargeDeclined")
        order = self.shop.order_when(order["id"], status="declined")
        self.assertEqual(self.payments(order), [("pm_card_visa_chargeDeclined", "declined", "card_declined")])
        self.assertIsNone(order["invoice"])
        self.assertEqual(self.pay(order, "pm_card_chargeDeclinedInsufficientFunds").status, 200)
        shop.wait_until(lambda: self.shop.order(order["id"])["transactions"][-1]["reason"] == "insufficient_funds")
        self.assertEqual(self.pay(order).status, 200)
        order = self.shop.order_with_invoice(order["id"])
        self.assertEqual([status for _, status, _ in self.payments(order)], ["declined", "declined", "confirmed"])
        self.assert_problem(self.pay(order), 409, "illegal-transition")

    def test_an_unknown_card_is_declined_and_kept_nowhere(self):
        order = self.shop.place(payment_method="pm_nobody_knows")
        order = self.shop.order_when(order["id"], status="declined")
        self.assertEqual(order["transactions"][0]["reason"], "payment_method_unknown")

    def test_without_a_method_and_a_default_an_order_is_to_be_paid_later_or_not_at_all(self):
        items = [{"product_id": "1", "quantity": 1}]
        self.assert_problem(self.shop.post("/orders", {"items": items}), 400, "invalid-request", ["/payment_method"])
        self.assert_problem(self.shop.post("/checkout", {"items": items}), 400, "invalid-request", ["/payment_method"])
        order = self.shop.place(pay_later=True)
        answer = self.shop.post("/payment", {"order_id": order["id"]})
        self.assert_problem(answer, 400, "invalid-request", ["/payment_method"])
        self.assertEqual(self.pay(order).status, 200)
        self.shop.order_when(order["id"], status="confirmed")

    def test_a_charge_that_never_arrived_is_declined_by_the_reconciler(self):
        order = self.shop.place(payment_method="pm_sim_timeout_before_charge")
        self.shop.order_when(order["id"], status="processing", payment_status="unknown")
        self.assert_problem(self.pay(order), 409, "payment-under-way")
        order = self.shop.order_when(order["id"], status="declined")
        self.assertEqual(self.payments(order), [("pm_sim_timeout_before_charge", "declined", "not-charged")])
        self.assertEqual(self.pay(order).status, 200)
        self.shop.order_when(order["id"], status="confirmed")

    def test_a_charge_whose_answer_was_lost_is_found_and_kept_once(self):
        order = self.shop.place(payment_method="pm_sim_timeout_after_charge")
        self.shop.order_when(order["id"], status="processing", payment_status="unknown")
        order = self.shop.order_when(order["id"], status="confirmed")
        self.assertEqual(self.payments(order), [("pm_sim_timeout_after_charge", "confirmed", "")])

    def test_a_provider_that_answers_500_is_asked_what_happened(self):
        orders = [self.shop.place(payment_method="pm_sim_http_500") for _ in range(8)]

        def settled():
            statuses = [self.shop.order(order["id"])["status"] for order in orders]
            return set(statuses) <= {"confirmed", "declined"}
        shop.wait_until(settled, what="an outcome of every payment")

    def test_a_cancel_while_the_charge_is_under_way_returns_the_money(self):
        order = self.shop.place(payment_method="pm_sim_slow")
        self.shop.order_when(order["id"], status="processing")
        requested = self.shop.post(f"/orders/{order['id']}/cancel")
        self.assertEqual((requested.status, requested.json["cancel_requested"]), (200, True))
        self.assertEqual(self.shop.post(f"/orders/{order['id']}/cancel").status, 200)  # again: nothing new
        self.assert_problem(self.pay(order), 409, "payment-under-way")
        self.shop.order_when(order["id"], status="cancelled")
        shop.wait_until(lambda: [(each["type"], each["status"], each["amount"])
                                 for each in self.shop.order(order["id"])["transactions"]] ==
                        [("payment", "confirmed", 9500), ("refund", "done", 9500)], what="the refund")
        self.assertIsNone(self.shop.order(order["id"])["invoice"])

    def test_a_result_is_taken_for_an_order_in_processing_only(self):
        order = self.shop.place(pay_later=True)
        report = {"order_id": order["id"], "status": "paid"}
        self.assert_problem(self.shop.post("/payments", report), 409, "illegal-transition")
        self.assert_problem(self.shop.post("/payments", {**report, "status": "maybe"}), 400, "invalid-request",
                            ["/status"])
        missing = {**report, "order_id": order["id"][:-4] + "0000"}
        self.assert_problem(self.shop.post("/payments", missing), 404, "not-found")

    def test_a_reported_result_does_not_override_what_the_provider_did(self):
        order = self.shop.place()
        self.shop.order_when(order["id"], status="confirmed")
        self.assertEqual(self.shop.post("/payments", {"order_id": order["id"], "status": "succeeded"}).status, 200)
        self.assert_problem(self.shop.post("/payments", {"order_id": order["id"], "status": "declined"}), 409,
                            "illegal-transition")

    def test_a_result_reported_while_the_charge_is_under_way_wins_and_is_final(self):
        orders = {status: self.shop.place(payment_method="pm_sim_slow") for status in ("confirmed", "declined")}
        for status, order in orders.items():
            self.shop.order_when(order["id"], status="processing")
            answer = self.shop.post("/payments", {"order_id": order["id"], "status": status})
            self.assertEqual((answer.status, answer.json["status"]), (200, status), answer)
        time.sleep(4)  # the slow charge comes to its end, and must not be made any more
        for status, order in orders.items():
            order = self.shop.order(order["id"])
            self.assertEqual((order["status"], [each["status"] for each in order["transactions"]]), (status, [status]))
        self.assertEqual(self.pay(orders["declined"]).status, 200)
        self.shop.order_when(orders["declined"]["id"], status="confirmed")


class Outcomes(shop.ShopTest):
    """With a shop of its own: no other test's payment comes to its end in between."""

    def test_metrics_count_payments_by_outcome(self):
        def counts():
            lines = self.shop.get("/metrics").body.decode().splitlines()
            return {outcome: next(float(line.split()[1]) for line in lines
                                  if line.startswith(f'orderly_payments_total{{outcome="{outcome}"}}'))
                    for outcome in ("confirmed", "declined")}
        before = counts()
        self.shop.order_when(self.shop.place()["id"], status="confirmed")
        self.shop.order_when(self.shop.place(payment_method="pm_card_visa_chargeDeclined")["id"], status="declined")
        expected = {outcome: count + 1 for outcome, count in before.items()}
        # Counted right after the commit that the order's reader may see first.
        shop.wait_until(lambda: counts() == expected, 5, f"counts of {expected}")


class Expiry(shop.ShopTest):
    options = ("--set", f"orders.expire_after={EXPIRE_AFTER_S}s", "--set", f"payments.simulated.delay={DELAY_S}s")

    def test_unpaid_orders_are_cancelled_when_their_time_is_over(self):
        stock = self.shop.available("11")
        unpaid = self.shop.place(items=[{"product_id": "11", "quantity": 2}], pay_later=True)
        declined = self.shop.place(items=[{"product_id": "11", "quantity": 3}],
                                   payment_method="pm_card_visa_chargeDeclined")
        paid = self.shop.place(items=[{"product_id": "11", "quantity": 1}])
        self.assertIsNotNone(unpaid["expires_at"])
        for order in (unpaid, declined):
            order = self.shop.order_when(order["id"], status="cancelled")
            self.assertEqual(order["cancel_reason"], "expired")
        self.shop.order_when(paid["id"], status="confirmed")
        self.assertEqual(self.shop.available("11"), stock - 1)

    def test_a_payment_under_way_is_not_cut_off_but_a_late_decline_cancels(self):
        slow = self.shop.place(payment_method="pm_sim_slow")  # 3 s more
        self.shop.order_when(slow["id"], status="processing")
        time.sleep(EXPIRE_AFTER_S + 0.5)
        self.assertEqual(self.shop.order(slow["id"])["status"], "processing")
        self.shop.order_when(slow["id"], status="confirmed")
        lost = self.shop.place(payment_method="pm_sim_timeout_before_charge")  # declined a second or more later
        self.assertEqual(self.shop.order_when(lost["id"], status="cancelled")["cancel_reason"], "expired")


if __name__ == "__main__":
    unittest.main()
