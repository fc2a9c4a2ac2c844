"""Clients with accounts, as a new user would try them: sign up, order, see nothing of another's; and how an account is kept
safe. Roles are tested route by route in src/api/access_test.cpp."""

import concurrent.futures
import unittest

import mailbox_of
import shop
from mailbox_of import bearer

PASSWORD = "correct horse battery"
ITEMS = [{"product_id": "1", "quantity": 1}]


class AccountsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop("--require-keys")
        cls.addClassCleanup(cls.shop.close)
        cls.mailbox = mailbox_of.Mailbox(cls.shop)
        cls.owner = bearer(mailbox_of.owner_key(cls.shop))

    @classmethod
    def tearDownClass(cls):
        cls.shop.stop()
        cls.shop.check()
        for path in cls.shop.folder.glob("server-*.log"):
            log = path.read_text()
            for secret in (PASSWORD, "example.com", "ot_", "rt_", "eyJ"):
                if secret in log:
                    raise AssertionError(f"{secret} is in the log")

    def open(self, name):
        session = self.mailbox.open_account(f"{name}@example.com", PASSWORD, name.title())
        return session["client_id"], bearer(session["access_token"]), session

    def sign_in(self, name, password=PASSWORD):
        return self.shop.post("/sessions", {"email": f"{name}@example.com", "password": password})

    def test_a_client_orders_and_sees_nothing_of_another(self):
        ada_id, ada, _ = self.open("ada")
        bob_id, bob, _ = self.open("bob")
        order = self.shop.post("/orders", {"items": ITEMS, "payment_method": "pm_card_visa"}, ada).json
        self.assertEqual(order["client_id"], ada_id)
        invoice = shop.wait_until(lambda: self.shop.get(f"/orders/{order['id']}", ada).json["invoice"])
        self.assertEqual([each["id"] for each in self.shop.get("/orders", ada).json["data"]], [order["id"]])
        self.assertEqual(self.shop.get(f"/invoices/{invoice}", ada).json["client"]["name"], "Ada")
        self.assertEqual(self.shop.get("/orders", bob).json["data"], [])
        missing = self.shop.get("/orders/ord_01ARZ3NDEKTSV4RRFFQ69G5F00", bob)
        self.assertEqual(missing.status, 404)
        for path in (f"/orders/{order['id']}", f"/clients/{ada_id}", f"/invoices/{invoice}", f"/clients/{ada_id}/invoices",
                     f"/transactions/{order['transactions'][0]['id']}"):
            foreign = self.shop.get(path, bob)
            self.assertEqual((foreign.status, foreign.code), (404, missing.code), path)
        self.assertEqual(self.shop.get(f"/orders?client_id={ada_id}", bob).json["data"], [])
        self.assertEqual(self.shop.get(f"/clients/{bob_id}", bob).json["name"], "Bob")
        self.assertEqual(self.shop.get("/clients", bob).status, 403)

    def test_a_guests_order_is_claimed_with_its_token(self):
        client_id, client, _ = self.open("claims")
        token = self.shop.get("/cart").headers["cart-id"]
        guest = {"cart-id": token}
        order = self.shop.post("/orders", {"items": ITEMS, "payment_method": "pm_card_visa"}, guest).json
        invoice = shop.wait_until(lambda: self.shop.get(f"/orders/{order['id']}", guest).json["invoice"])
        path = f"/orders/{order['id']}"
        self.assertEqual(self.shop.get(path, client).status, 404)
        self.assertEqual(self.shop.get(f"/invoices/{invoice}", client).status, 404)
        other = self.shop.get("/cart").headers["cart-id"]
        self.assertEqual(self.shop.post(path + "/claim", None, {**client, "cart-id": other}).status, 404)
        self.assertEqual(self.shop.post(path + "/claim", None, client).status, 400)
        claimed = self.shop.post(path + "/claim", None, {**client, **guest})
        self.assertEqual((claimed.status, claimed.json["client_id"]), (200, client_id))
        self.assertEqual(self.shop.get(path, client).json["id"], order["id"])
        self.assertEqual([each["id"] for each in self.shop.get("/orders", client).json["data"]], [order["id"]])
        self.assertEqual(self.shop.get(f"/invoices/{invoice}", client).json["number"], invoice)
        self.assertEqual(len(self.shop.get(f"/clients/{client_id}/invoices", client).json["data"]), 1)
        self.assertEqual(self.shop.get(path, guest).status, 404)

    def test_a_session_is_refreshed_ended_and_ended_everywhere(self):
        _, client, session = self.open("sessions")
        refresh = {"refresh_token": session["refresh_token"]}
        key = {"idempotency-key": "refresh-1"}
        second = self.shop.post("/sessions/refresh", refresh, key)
        self.assertEqual(second.status, 200)
        again = self.shop.post("/sessions/refresh", refresh, key)
        self.assertEqual(again.body, second.body, "a lost answer can be asked for again")
        stolen = self.shop.post("/sessions/refresh", refresh)
        self.assertEqual((stolen.status, stolen.code), (401, "invalid-refresh-token"))
        ended = self.shop.post("/sessions/refresh", {"refresh_token": second.json["refresh_token"]})
        self.assertEqual(ended.status, 401, "a token that came twice ends its session")
        others = [self.sign_in("sessions").json for _ in range(2)]
        self.assertEqual(self.shop.post("/sessions/end", {"refresh_token": others[0]["refresh_token"]}).status, 200)
        self.assertEqual(self.shop.post("/sessions/refresh", {"refresh_token": others[0]["refresh_token"]}).status, 401)
        other = bearer(others[1]["access_token"])
        self.assertEqual(self.shop.get("/account", other).status, 200)
        self.assertEqual(self.shop.request("DELETE", "/sessions", headers=client).status, 200)
        for each in (client, other):
            self.assertEqual(self.shop.get("/account", each).status, 401)
        self.assertEqual(self.shop.post("/sessions/refresh", {"refresh_token": others[1]["refresh_token"]}).status, 401)
        self.assertEqual(self.sign_in("sessions").status, 200)

    def test_a_password_is_changed_and_reset_and_all_others_are_signed_out(self):
        _, client, _ = self.open("changes")
        body = {"current_password": PASSWORD, "new_password": "another horse battery"}
        self.assertEqual(self.shop.put("/account/password", {**body, "current_password": "wrong horse"}, client).status, 401)
        changed = self.shop.put("/account/password", body, client)
        self.assertEqual(changed.status, 200)
        self.assertEqual(self.shop.get("/account", client).status, 401)
        self.assertEqual(self.shop.get("/account", bearer(changed.json["access_token"])).status, 200)
        self.assertEqual(self.sign_in("changes").status, 401)
        self.assertIn("changed", self.mailbox.wait_for("changes@example.com", 2)["Subject"])
        unknown = self.shop.post("/password-resets", {"email": "nobody@example.com"})
        asked = self.shop.post("/password-resets", {"email": "changes@example.com"})
        self.assertEqual((asked.status, asked.body), (unknown.status, unknown.body))
        reset = {"token": self.mailbox.code("changes@example.com", 3), "new_password": "a third horse battery"}
        self.assertEqual(self.shop.post("/password-resets/confirm", reset).status, 200)
        self.assertEqual(self.shop.post("/password-resets/confirm", reset).status, 401, "a code is good once")
        self.assertEqual(self.sign_in("changes", "a third horse battery").status, 200)
        self.assertEqual(self.mailbox.mails("nobody@example.com"), [])

    def test_signing_up_tells_nobody_who_has_an_account(self):
        self.open("known")
        body = {"password": "some other password", "name": "Eve"}
        known = self.shop.post("/accounts", {"email": "known@example.com", **body})
        fresh = self.shop.post("/accounts", {"email": "fresh@example.com", **body})
        self.assertEqual((known.status, known.body), (fresh.status, fresh.body))
        self.assertIn("already", self.mailbox.wait_for("known@example.com", 2)["Subject"])
        self.assertEqual(self.sign_in("known").status, 200)
        self.assertEqual(self.sign_in("known", "some other password").status, 401)

    def test_an_address_is_confirmed_with_the_password_of_its_sign_up_alone(self):
        """Who signs up with another's address gets nothing by that one's click."""
        self.shop.post("/accounts", {"email": "victim@example.com", "password": "the attackers own", "name": "Eve"})
        code = self.mailbox.code("victim@example.com")
        refused = self.shop.post("/accounts/verify", {"token": code, "password": "the victims own"})
        self.assertEqual((refused.status, refused.code), (401, "invalid-one-time-token"))
        self.assertEqual(self.sign_in("victim", "the attackers own").status, 401)


class GuessingTest(unittest.TestCase):
    def test_more_than_ten_failed_sign_ins_a_minute_are_429(self):
        guessed = shop.Shop("--require-keys")
        self.addCleanup(guessed.close)
        mailbox_of.Mailbox(guessed).open_account("guessed@example.com", PASSWORD, "Ada")

        def guess(number):
            return guessed.post("/sessions", {"email": "guessed@example.com", "password": f"guess number {number}"})

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(guess, range(16)))
        statuses = [answer.status for answer in answers]
        self.assertEqual(sorted(set(statuses)), [401, 429])
        self.assertLessEqual(statuses.count(401), 11)
        refused = next(answer for answer in answers if answer.status == 429)
        self.assertGreaterEqual(int(refused.headers["retry-after"]), 1)


class DemoTest(unittest.TestCase):
    """Accounts work in the demo, too, where callers without credentials are the owner."""

    def test_a_client_of_the_demo_is_that_client(self):
        with shop.Shop() as demo:
            mailbox = mailbox_of.Mailbox(demo)
            session = mailbox.open_account("demo@example.com", PASSWORD, "Demo")
            client = bearer(session["access_token"])
            self.assertEqual(demo.get("/account", client).json["email"], "demo@example.com")
            self.assertEqual(demo.get("/clients", client).status, 403)
            self.assertEqual(len(demo.get("/clients").json["data"]), 1)

    def test_without_a_way_to_mail_nobody_can_sign_up(self):
        with shop.Shop() as demo:
            answer = demo.post("/accounts", {"email": "ada@example.com", "password": PASSWORD, "name": "Ada"})
            self.assertEqual((answer.status, answer.code), (503, "mail-not-set-up"))


if __name__ == "__main__":
    unittest.main()
