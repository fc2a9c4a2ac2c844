"""A shop that asks for API keys: how it comes to that, and how its owner makes keys and takes them away. Who may do what
is tested route by route in src/api/access_test.cpp."""

import json
import re
import unittest

import shop

KEY = re.compile(r"^  (ok_test_[0-9A-Za-z]{66})$", re.MULTILINE)


def bearer(key):
    return {"authorization": f"Bearer {key}"}


def shown_key(text):
    """The one key that the text shows."""
    found = KEY.findall(text)
    if len(found) != 1:
        raise AssertionError(f"{len(found)} keys in: {text}")
    return found[0]


class FirstStartTest(unittest.TestCase):
    def test_on_a_network_address_the_first_start_makes_an_owners_key_and_shows_it_once(self):
        with shop.Shop(listen="0.0.0.0:0") as open_shop:
            key = shown_key(open_shop.output_path.read_text())
            self.assertNotIn(key, open_shop.log_path.read_text())
            self.assertTrue(any(line["event"] == "plain-http" for line in open_shop.log_lines()))
            self.assertEqual(open_shop.get("/products").status, 200)
            self.assertEqual(open_shop.get("/products", {"host": "shop.example"}).status, 200)
            refused = open_shop.get("/orders")
            self.assertEqual((refused.status, refused.code), (401, "guest-token-required"))
            self.assertEqual(refused.headers["www-authenticate"], "Bearer")
            self.assertEqual(open_shop.get("/orders", bearer(key)).status, 200)
            open_shop.restart()
            self.assertEqual(open_shop.output_path.read_text(), "")
            self.assertEqual(open_shop.get("/orders", bearer(key)).status, 200)
            open_shop.stop()
            open_shop.listen = "127.0.0.1:0"
            open_shop.start()
            self.assertEqual(open_shop.get("/orders").status, 401, "it is no demo any more, on loopback either")
            for path in open_shop.data.rglob("*"):
                self.assertFalse(path.is_file() and key.encode() in path.read_bytes(), path)

    def test_keys_can_be_required_on_loopback(self):
        with shop.Shop("--require-keys") as closed_shop:
            key = shown_key(closed_shop.output_path.read_text())
            self.assertEqual(closed_shop.get("/orders").status, 401)
            self.assertEqual(closed_shop.get("/orders", bearer(key)).status, 200)

    def test_a_key_made_before_the_first_start_is_the_first(self):
        with shop.Shop() as demo:
            self.assertEqual(demo.get("/orders").status, 200)
            demo.stop()
            key = shown_key(demo.command("key", "create", "--name", "mine", "--role", "owner"))
            demo.start("--require-keys")
            self.assertEqual(demo.output_path.read_text(), "")
            self.assertEqual(demo.get("/orders", bearer(key)).status, 200)


class KeyCommandsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = shop.Shop("--require-keys")
        cls.addClassCleanup(cls.shop.close)

    def create(self, *options):
        return shown_key(self.shop.command("key", "create", "--name", "a till", *options))

    def listed(self):
        return {key["id"]: key for key in json.loads(self.shop.command("key", "list", "--json"))}

    def test_a_key_is_made_listed_rotated_and_revoked(self):
        before = self.listed()
        key = self.create("--role", "staff")
        (key_id,) = self.listed().keys() - before.keys()
        self.assertEqual(self.shop.get("/orders", bearer(key)).status, 200)
        self.assertEqual(self.shop.get("/keys", bearer(key)).status, 403)
        self.assertNotIn(key, self.shop.command("key", "list"))
        self.assertIn(key_id, self.shop.command("key", "list"))

        newer = shown_key(self.shop.command("key", "rotate", key_id))
        self.assertEqual(self.shop.get("/orders", bearer(key)).status, 401)
        self.assertEqual(self.shop.get("/orders", bearer(newer)).status, 200)

        self.assertIn("revoked", self.shop.command("key", "revoke", key_id))
        self.assertEqual(self.shop.get("/orders", bearer(newer)).status, 401)
        self.assertEqual(self.listed()[key_id]["status"], "revoked")
        self.assertEqual(self.shop.run("key", "rotate", key_id).returncode, 3)
        self.assertEqual(self.shop.run("key", "revoke", "key_00000000000000000000000000").returncode, 1)

    def test_what_a_key_may_do_can_be_narrowed(self):
        client = self.create("--role", "client", "--client-id", "ann")
        reader = self.create("--role", "staff", "--scope", "orders:read", "--expires-after", "720h")
        placed = self.shop.post("/orders", {"items": [{"product_id": "1", "quantity": 1}], "payment_method":
                                            "pm_card_visa"}, bearer(client))
        self.assertEqual((placed.status, placed.json["client_id"]), (200, "ann"))
        self.assertEqual(self.shop.get(f"/orders/{placed.json['id']}", bearer(reader)).status, 200)
        self.assertEqual(self.shop.post(f"/orders/{placed.json['id']}/cancel", {}, bearer(reader)).status, 403)
        events = self.shop.get(f"/orders/{placed.json['id']}/events", bearer(reader)).json["data"]
        self.assertRegex(events[0]["actor"], "^key:key_[0-9A-Z]{26}$")

    def test_what_is_no_key_is_refused(self):
        for options in (("--role", "worker"), ("--role", "client"), ("--role", "staff", "--client-id", "ann"),
                        ("--scope", "orders:rule"), ("--expires-after", "soon")):
            self.assertEqual(self.shop.run("key", "create", "--name", "x", *options).returncode, 2, options)
        self.assertEqual(self.shop.run("key", "create").returncode, 2)

    def test_a_guest_buys_with_the_token_of_their_cart(self):
        token = self.shop.get("/cart").headers["cart-id"]
        guest = {"cart-id": token}
        self.assertEqual(self.shop.post("/cart", {"product_id": "2", "quantity": 1}, guest).status, 200)
        placed = self.shop.post("/checkout", {"payment_method": "pm_card_visa"}, guest)
        self.assertEqual(placed.status, 202, placed)
        path = f"/orders/{placed.json['id']}"
        self.assertEqual(self.shop.get(path, guest).status, 200)
        stranger = {"cart-id": self.shop.get("/cart").headers["cart-id"]}
        foreign, missing = self.shop.get(path, stranger), self.shop.get("/orders/ord_0", stranger)
        self.assertEqual((foreign.status, foreign.body), (404, missing.body))


if __name__ == "__main__":
    unittest.main()
