"""Forgetting a client, proved: their texts are looked for in every byte of the data folder after its files were rewritten,
and a backup that is put back must not bring them back. On the embedded engine, whose files one can read."""

import os
import re
import shutil
import subprocess
import unittest
import uuid

import mailbox_of
import shop

SCAN_FOLDER = os.environ.get("ORDERLY_SCAN_FOLDER", str(shop.REPOSITORY / "build/release/scan_folder"))


def scan(folder, texts):
    """[(file, key or "-", text)] wherever one of the texts is."""
    done = subprocess.run([SCAN_FOLDER, str(folder), *texts], capture_output=True, text=True, timeout=120, check=True)
    if not re.search(r"[1-9]\d* files, [1-9]\d* entries", done.stderr):
        raise AssertionError(f"nothing was scanned: {done.stderr}")
    return [tuple(line.split("\t")) for line in done.stdout.splitlines()]


def wrapped_key(folder, client_id):
    """The client's key as it is stored, wrapped under the shop's, in a folder that was compacted: what is still in
    RocksDB's log is not seen. There must be one."""
    done = subprocess.run([SCAN_FOLDER, "--values", str(folder), f"CLIENTKEY#{client_id}"], capture_output=True, text=True,
                          timeout=120, check=True)
    found = set(re.findall(r'"wrapped":"([^"]+)"', done.stdout))
    if len(found) != 1:
        raise AssertionError(f"{client_id} has {len(found)} keys")
    return found.pop()


def canary(what):
    """A text that is nowhere else; letters that no check takes for something else."""
    return f"{what}-{uuid.uuid4().hex[:12].translate(str.maketrans('0123456789', 'ghijklmnop'))}"


class ErasureTest(unittest.TestCase):
    def setUp(self):
        self.shop = shop.Shop("--require-keys", "--set", "fulfilment.deliver_after=1ms")
        self.addCleanup(self.shop.close)
        self.mailbox = mailbox_of.Mailbox(self.shop)
        self.owner = mailbox_of.bearer(mailbox_of.owner_key(self.shop))

    def addresses(self, name):
        return [{"name": name, "line1": canary("line1"), "line2": canary("line2"), "city": canary("city"),
                 "region": canary("region"), "postal_code": "10179", "country": "DE"} for _ in range(2)]

    def live(self):
        """A client's life, with a canary wherever a text of theirs goes; what must be gone, and what an invoice keeps. The
        ids are the client's and that of the guest they were."""
        name, shown_name = canary("Name"), canary("Shown")
        email, password = f"{canary('mail')}@example.com", canary("password")
        session = self.mailbox.open_account(email, password, name)
        client_id, client = session["client_id"], mailbox_of.bearer(session["access_token"])
        phone, tax_number = canary("phone"), canary("tax")
        book, shown = self.addresses(name), self.addresses(shown_name)[0]
        self.assertEqual(self.shop.put(f"/clients/{client_id}", {
            "phone": phone, "tax_number": tax_number, "addresses": book}, client).status, 200)
        self.shop.post("/cart", {"product_id": "1", "quantity": 3}, client)
        self.assertEqual(self.shop.post("/password-resets", {"email": email}).status, 202)
        body = {"items": [{"product_id": "1", "quantity": 1}], "payment_method": "pm_card_visa", "shipping_address": shown}
        key = {"idempotency-key": canary("key")}
        order = self.shop.post("/orders", body, {**client, **key}).json
        guest_order = self.order_as_a_guest_and_claim(client)
        for each in (order["id"], guest_order["id"]):
            self.when_delivered(each)
        gone = [email, password, name, phone, session["refresh_token"], *self.texts_of(book),
                *self.texts_of([guest_order["address"]])]
        kept = [shown_name, tax_number, shown["line1"], shown["city"]]
        return (client_id, guest_order["guest"]), client, order["id"], gone, kept, (body, {**client, **key})

    def order_as_a_guest_and_claim(self, client):
        token = self.shop.get("/cart").headers["cart-id"]
        address = self.addresses(canary("Guest"))[0]
        order = self.shop.post("/orders", {"items": [{"product_id": "2", "quantity": 1}],
                                           "payment_method": "pm_card_visa_chargeDeclined",
                                           "shipping_address": address}, {"cart-id": token}).json
        shop.wait_until(lambda: self.shop.get(f"/orders/{order['id']}", self.owner).json["status"] == "declined")
        claimed = self.shop.post(f"/orders/{order['id']}/claim", None, {**client, "cart-id": token})
        self.assertEqual((claimed.status, claimed.json["shipping_address"]), (200, address))
        self.assertNotEqual(claimed.json["client_id"], order["client_id"])
        self.assertEqual(self.shop.post(f"/orders/{order['id']}/cancel", {}, client).status, 200)
        return {"id": order["id"], "address": address, "guest": order["client_id"]}

    def texts_of(self, addresses):
        return [text for address in addresses for name, text in address.items() if name in
                ("name", "line1", "line2", "city", "region")]

    def when_delivered(self, order_id):
        def is_done():
            order = self.shop.get(f"/orders/{order_id}", self.owner).json
            if order["status"] == "cancelled":
                return True
            has_pdf = order["invoice"] and self.shop.get(f"/invoices/{order['invoice']}.pdf", self.owner).status == 200
            return order["status"] == "delivered" and has_pdf
        shop.wait_until(is_done, what="the end of the order")

    def compact_and_stop(self):
        self.shop.command("compact")
        self.shop.stop()

    def test_nothing_of_a_client_is_left_but_in_their_invoices_and_no_backup_brings_it_back(self):
        ids, client, order_id, gone, kept, (body, headers) = self.live()
        client_id = ids[0]
        replayed = self.shop.post("/orders", body, headers)
        self.assertEqual(replayed.headers.get("idempotent-replayed"), "true")
        self.assertIn(kept[2], replayed.body.decode())

        self.compact_and_stop()
        backup = self.shop.folder / "backup"
        shutil.copytree(self.shop.data, backup, ignore=shutil.ignore_patterns("*.sock"))
        keys = [wrapped_key(backup, each) for each in ids]
        self.assertEqual(len(set(keys)), len(ids))
        for key in keys:
            self.assertTrue(scan(self.shop.data, [key]), "the key is there before the erasure")
        self.shop.start()

        product = self.shop.get("/products/1").json["name"]
        erased = self.shop.request("DELETE", f"/clients/{client_id}", headers=client)
        self.assertEqual(erased.status, 200, erased)
        self.assertEqual({each["what"]: each["count"] for each in erased.json["kept"]}, {"invoices": 1, "orders": 2})
        self.assert_forgotten(client_id, client, order_id, kept)
        self.compact_and_stop()
        self.assertTrue(any(text == product for _, _, text in scan(self.shop.data, [product])), "the scan sees texts")
        self.assertEqual(scan(self.shop.data, gone), [])
        for file, place, text in scan(self.shop.data, kept):
            self.assertIn("INVOICE#", place, (file, place, text))
        self.assertTrue(scan(self.shop.data, kept), "the invoice keeps what the law wants")
        for key in keys:
            self.assertTrue(scan(backup, [key]), "the key that was destroyed is in the backup")
        self.assertEqual(scan(self.shop.data, keys), [])

        shutil.rmtree(self.shop.data)
        shutil.copytree(backup, self.shop.data)
        self.shop.start()
        self.assertTrue(any(line["event"] == "erased-again" for line in self.shop.log_lines()))
        self.assert_forgotten(client_id, client, order_id, kept)
        self.shop.check()
        self.compact_and_stop()
        self.assertEqual(scan(self.shop.data, [*gone, *keys]), [])

    def assert_forgotten(self, client_id, client, order_id, kept):
        self.assertEqual(self.shop.get("/account", client).status, 401)
        shown = self.shop.get(f"/clients/{client_id}", self.owner).json
        self.assertEqual((shown["status"], shown["name"], shown["email"], shown["addresses"]), ("erased", None, None, []))
        order = self.shop.get(f"/orders/{order_id}", self.owner)
        self.assertIsNone(order.json["shipping_address"])
        invoice = self.shop.get(f"/invoices/{order.json['invoice']}", self.owner)
        self.assertEqual(invoice.json["client"]["name"], kept[0])
        self.assertEqual(self.shop.request("DELETE", f"/clients/{client_id}", headers=self.owner).status, 200)

    def test_who_waits_for_a_parcel_is_not_forgotten(self):
        session = self.mailbox.open_account("waits@example.com", "correct horse battery", "Ada")
        client = mailbox_of.bearer(session["access_token"])
        order = self.shop.post("/orders", {"items": [{"product_id": "1", "quantity": 1}], "pay_later": True}, client).json
        path = f"/clients/{session['client_id']}"
        refused = self.shop.request("DELETE", path, headers=client)
        self.assertEqual((refused.status, refused.code), (409, "client-has-open-orders"))
        self.assertEqual(self.shop.post(f"/orders/{order['id']}/cancel", {}, client).status, 200)
        self.assertEqual(self.shop.request("DELETE", path, headers=client).status, 200)


if __name__ == "__main__":
    unittest.main()
