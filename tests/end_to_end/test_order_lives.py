"""Orders from placing to invoice, shipping, refund and cancellation, in a shop without the demo's pauses."""

import concurrent.futures
import unittest

import shop


class OrderLives(shop.ShopTest):
    def transactions(self, order, kind):
        return [each for each in self.shop.order(order["id"])["transactions"] if each["type"] == kind]

    def paid_order(self, **fields):
        """Confirmed and invoiced."""
        order = self.shop.place(**fields)
        self.shop.order_with_invoice(order["id"])
        return self.shop.order_when(order["id"], status="confirmed")

    def act(self, order, action, body=None):
        return self.shop.post(f"/orders/{order['id']}/{action}", body)

    def act_well(self, order, action, body=None):
        answer = self.act(order, action, body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    # --- Paid, invoiced, delivered --------------------------------------------------------------------------------

    def test_an_order_is_paid_invoiced_shipped_and_delivered(self):
        stock = self.shop.available("5")
        order = self.shop.place(client_id="buyer", items=[{"product_id": "5", "quantity": 3},
                                                          {"product_id": "6", "quantity": 1}])
        self.assertEqual((order["subtotal"], order["shipping"], order["total"]), (3 * 2190 + 1450, 0, 3 * 2190 + 1450))
        self.assertEqual(sum(part["amount"] for part in order["price"]), order["total"])
        order = self.shop.order_with_invoice(order["id"])
        self.assertEqual((order["status"], order["payment_status"]), ("confirmed", "confirmed"))
        self.assertEqual(self.shop.available("5"), stock - 3)

        invoice = self.shop.get(f"/invoices/{order['invoice']}").json
        for field in ("items", "subtotal", "shipping", "tax", "total", "currency", "client_id"):
            self.assertEqual(invoice[field], order[field], field)
        self.assertTrue(self.shop.pdf(order["invoice"]).body.startswith(b"%PDF-"))
        self.assertEqual(self.shop.get(invoice["pdf"]).body, self.shop.pdf(order["invoice"]).body)

        self.assertEqual(self.act_well(order, "ship")["status"], "shipped")
        self.assertEqual(self.act_well(order, "deliver")["status"], "delivered")
        self.assert_history(order, ["order.placed", "payment.processing", "payment.confirmed", "invoice.issued",
                                    "order.shipped", "order.delivered"])

    def assert_history(self, order, types):
        events = self.shop.get(f"/orders/{order['id']}/events").json["data"]
        self.assertEqual([each["type"] for each in events], types)
        self.assertEqual([each["version"] for each in events], list(range(1, len(types) + 1)))
        self.assertEqual([each["previous"] for each in events[1:]], [each["hash"] for each in events[:-1]])

    def test_a_status_may_be_put_instead_of_its_own_route(self):
        order = self.paid_order()
        for status in ("shipped", "delivered"):
            answer = self.shop.put(f"/orders/{order['id']}", {"status": status})
            self.assertEqual((answer.status, answer.json["status"]), (200, status))
        self.assertEqual(self.shop.put(f"/orders/{order['id']}", {"status": "refunded"}).status, 200)
        self.shop.order_when(order["id"], status="refunded")
        unpaid = self.shop.place(pay_later=True)
        answer = self.shop.put(f"/orders/{unpaid['id']}", {"status": "cancelled"})
        self.assertEqual((answer.status, answer.json["status"]), (200, "cancelled"))

    def test_invoice_numbers_have_no_gap(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            orders = list(pool.map(lambda _: self.shop.place(client_id="many"), range(40)))
        numbers = [self.shop.order_with_invoice(order["id"])["invoice"] for order in orders]
        self.assertEqual(len(set(numbers)), 40)
        listed = [each["number"] for each in self.shop.pages("/clients/many/invoices?limit=7")]
        self.assertEqual(listed, sorted(numbers, reverse=True))
        # `orderly check`, at the end, looks for gaps in the whole series.

    # --- Contents -------------------------------------------------------------------------------------------------

    def test_contents_may_change_before_payment(self):
        stock = (self.shop.available("7"), self.shop.available("8"))
        order = self.shop.place(items=[{"product_id": "7", "quantity": 2}], pay_later=True)
        self.assertEqual((order["status"], order["payment_status"], order["transactions"]), ("pending", None, []))
        address = {"name": "Ann", "line1": "1 High St", "city": "Leeds", "postal_code": "LS1", "country": "GB"}
        items = [{"product_id": "7", "quantity": 1}, {"product_id": "8", "quantity": 5}]
        answer = self.shop.put(f"/orders/{order['id']}", {"items": items, "shipping_address": address})
        self.assertEqual((answer.status, answer.json["total"], answer.json["shipping_address"]),
                         (200, 1690 + 5 * 420, address))
        self.assertEqual((self.shop.available("7"), self.shop.available("8")), (stock[0] - 1, stock[1] - 5))
        self.shop.post("/payment", {"order_id": order["id"], "payment_method": "pm_card_visa"})
        paid = self.shop.order_with_invoice(order["id"])
        self.assertEqual(paid["transactions"][0]["amount"], 1690 + 5 * 420)
        self.assert_problem(self.shop.put(f"/orders/{order['id']}", {"items": items}), 409, "illegal-transition")

    def test_more_than_there_is_cannot_be_put_into_an_order(self):
        order = self.shop.place(pay_later=True)
        answer = self.shop.put(f"/orders/{order['id']}", {"items": [{"product_id": "limited", "quantity": 11}]})
        self.assert_problem(answer, 409, "out-of-stock")
        self.assertEqual(self.shop.order(order["id"])["items"], order["items"])
        self.assertEqual(self.shop.available("limited"), 10)

    # --- Cancelling -----------------------------------------------------------------------------------------------

    def test_an_unpaid_order_is_cancelled_and_its_stock_comes_back(self):
        stock = self.shop.available("9")
        order = self.shop.place(items=[{"product_id": "9", "quantity": 4}], pay_later=True)
        self.assertEqual(self.shop.available("9"), stock - 4)
        self.assertEqual(self.act_well(order, "cancel", {"reason": "too dear"})["status"], "cancelled")
        self.assertEqual(self.shop.order(order["id"])["cancel_reason"], "too dear")
        self.assertEqual(self.shop.available("9"), stock)
        self.assert_problem(self.act(order, "cancel"), 409, "illegal-transition")
        pay = {"order_id": order["id"], "payment_method": "pm_card_visa"}
        self.assert_problem(self.shop.post("/payment", pay), 409, "illegal-transition")

    def test_a_paid_order_is_cancelled_and_all_its_money_goes_back_with_a_credit_note(self):
        stock = self.shop.available("10")
        order = self.paid_order(items=[{"product_id": "10", "quantity": 2}])
        self.assertEqual(self.act_well(order, "cancel")["status"], "cancelled")
        self.assertEqual(self.shop.available("10"), stock)

        def noted():
            return [each for each in self.transactions(order, "refund") if each["credit_note"]]
        refund, = shop.wait_until(noted, what="a credit note")
        self.assertEqual((refund["status"], refund["amount"]), ("done", order["total"]))
        note = self.shop.get(f"/invoices/{refund['credit_note']}").json
        self.assertEqual((note["kind"], note["corrects"], abs(note["total"])),
                         ("credit_note", order["invoice"], order["total"]))
        self.assertTrue(self.shop.pdf(refund["credit_note"]).body.startswith(b"%PDF-"))

    # --- Refunds --------------------------------------------------------------------------------------------------

    def test_money_goes_back_in_parts_until_nothing_is_left(self):
        order = self.paid_order()  # 95.00
        self.act_well(order, "refund", {"amount": 2500, "reason": "a scratch"})
        shop.wait_until(lambda: self.transactions(order, "refund")[0]["status"] == "done")
        self.assert_problem(self.act(order, "refund", {"amount": 7001}), 409, "refund-exceeds-payment")
        self.act_well(order, "ship")
        self.act_well(order, "deliver")
        self.act_well(order, "refund")
        done = self.shop.order_when(order["id"], status="refunded")
        refunds = [each for each in done["transactions"] if each["type"] == "refund"]
        self.assertEqual([each["amount"] for each in refunds], [2500, 7000])
        notes = shop.wait_until(lambda: all(each["credit_note"] for each in self.transactions(order, "refund"))
                                and [each["credit_note"] for each in self.transactions(order, "refund")])
        self.assertEqual(len(set(notes)), 2)
        self.assert_problem(self.act(order, "refund"), 409, "illegal-transition")

    def test_two_refunds_at_once_never_return_more_than_was_paid(self):
        for _ in range(5):
            order = self.paid_order()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda _, order=order: self.act(order, "refund", {"amount": 6000}), range(4)))
            self.assertEqual(sorted(each.status for each in answers), [200, 409, 409, 409])
            self.assertEqual(sum(each["amount"] for each in self.transactions(order, "refund")), 6000)

    def test_a_refund_that_failed_may_be_asked_for_again(self):
        order = self.paid_order(payment_method="pm_sim_refund_fails")
        self.act_well(order, "refund", {"amount": 9000})
        shop.wait_until(lambda: self.transactions(order, "refund")[0]["status"] == "failed")
        self.act_well(order, "refund", {"amount": 9000})
        shop.wait_until(lambda: [each["status"] for each in self.transactions(order, "refund")] == ["failed"] * 2)
        self.assertEqual(self.shop.order(order["id"])["status"], "confirmed")

    def test_a_refund_whose_answer_was_lost_is_done_once(self):
        order = self.paid_order(payment_method="pm_sim_refund_lost")
        self.act_well(order, "refund", {"amount": 100})
        shop.wait_until(lambda: [each["status"] for each in self.transactions(order, "refund")] == ["done"])

    # --- What may not follow --------------------------------------------------------------------------------------

    def test_steps_that_the_order_is_not_ready_for_are_refused_and_change_nothing(self):
        states = {
            "pending": (self.shop.place(pay_later=True), ["ship", "deliver", "refund"]),
            "confirmed": (self.paid_order(), ["deliver", "refund"]),
            "shipped": (self.paid_order(), ["ship", "cancel"]),
            "delivered": (self.paid_order(), ["ship", "deliver", "cancel"]),
        }
        self.act_well(states["shipped"][0], "ship")
        self.act_well(states["delivered"][0], "ship")
        self.act_well(states["delivered"][0], "deliver")
        for status, (order, actions) in states.items():
            before = self.shop.order(order["id"])
            self.assertEqual(before["status"], status)
            for action in actions:
                self.assert_problem(self.act(order, action), 409, "illegal-transition")
            for wanted in ("pending", "processing", "declined"):
                answer = self.shop.put(f"/orders/{order['id']}", {"status": wanted})
                self.assert_problem(answer, 409, "illegal-transition")
            self.assertEqual(self.shop.order(order["id"]), before)

    # --- Lists ----------------------------------------------------------------------------------------------------

    def test_orders_are_listed_by_client_status_and_date_newest_first(self):
        # Sorted: orders of the same millisecond come in the order of their ids.
        placed = sorted(self.shop.place(client_id="lister", pay_later=True)["id"] for _ in range(5))
        self.shop.post(f"/orders/{placed[0]}/cancel")
        day = self.shop.order(placed[0])["created_at"][:10]

        def ids(query):
            return [each["id"] for each in self.shop.pages(f"/orders?{query}")]
        self.assertEqual(ids("client_id=lister&limit=2"), placed[::-1])
        self.assertEqual(ids("user_id=lister&status=pending"), placed[:0:-1])
        self.assertEqual(ids("client_id=lister&status=cancelled"), placed[:1])
        self.assertEqual(ids(f"client_id=lister&from={day}&to={day}"), placed[::-1])
        self.assertEqual(ids("client_id=lister&to=2020-01-01"), [])
        self.assertEqual(ids("client_id=lister&from=2099-01-01"), [])
        self.assertLessEqual(set(placed), set(ids("limit=3")))
        self.assertLessEqual(set(placed[1:]), set(ids("status=pending&limit=3")))
        self.assertNotIn(placed[0], ids("status=pending"))

    def test_transactions_are_listed_by_order_client_and_status(self):
        orders = [self.paid_order(client_id="payer") for _ in range(3)]
        self.act_well(orders[0], "refund", {"amount": 1})
        shop.wait_until(lambda: self.transactions(orders[0], "refund")[0]["credit_note"])
        rows = self.shop.pages("/transactions?client_id=payer&limit=2")
        self.assertEqual([(each["type"], each["order_id"]) for each in rows],
                         [("refund", orders[0]["id"])] + [("payment", each["id"]) for each in orders[::-1]])
        self.assertEqual(self.shop.pages(f"/transactions?order_id={orders[0]['id']}"),
                         [row for row in rows if row["order_id"] == orders[0]["id"]])
        self.assertEqual([each["type"] for each in self.shop.pages("/transactions?client_id=payer&status=done")],
                         ["refund"])
        for row in rows:
            self.assertEqual(self.shop.get(f"/transactions/{row['id']}").json, row)
        self.assert_problem(self.shop.get("/transactions/" + rows[0]["id"][:-2] + "77"), 404, "not-found")


if __name__ == "__main__":
    unittest.main()
