"""The commands that the design promises "as they stand", run by bash with curl, to the letter."""

import json
import os
import pathlib
import re
import subprocess
import unittest

import shop

# The code block of design/seeds.md; where that document is at hand, it is compared with this copy.
COMMANDS = """\
API=http://127.0.0.1:8080
curl $API/products
curl $API/products/1
curl $API/categories/electronics
curl -X POST $API/cart -H 'content-type: application/json' -d '{"id":"1","qty":2}'
curl $API/cart
curl -X DELETE $API/cart -H 'content-type: application/json' -d '{"id":"1"}'
curl -X POST $API/checkout -H 'content-type: application/json' -d '{"items":[{"id":"1","qty":2}],"total":199.99}'
"""
SEEDS_DOCUMENT = pathlib.Path(
    os.environ.get("SEEDS_DOCUMENT", shop.REPOSITORY.parent / "shared" / "design" / "seeds.md"))


class SeedCommands(shop.ShopTest):
    options = ("--demo",)

    def setUp(self):
        # curl reads its own settings from here, so that its status can be had without touching the command.
        (self.shop.folder / ".curlrc").write_text('silent\nshow-error\nwrite-out = "\\n%{http_code}"\n')

    def curl(self, command):
        """One line of the block; its status and body."""
        script = f"API=http://127.0.0.1:{self.shop.port}\n{command}\n"
        done = subprocess.run(["bash", "-c", script], env=shop.environment(CURL_HOME=str(self.shop.folder)), text=True,
                              capture_output=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), json.loads(body)

    @unittest.skipUnless(SEEDS_DOCUMENT.exists(), "the design is not at hand; the copy here is what counts")
    def test_the_copy_is_what_the_design_says(self):
        blocks = re.findall(r"```bash\n(.*?)```", SEEDS_DOCUMENT.read_text(), re.DOTALL)
        self.assertIn(COMMANDS, blocks)

    def test_the_commands_work_one_after_the_other(self):
        (_, products, product, category, add, cart, remove, checkout) = COMMANDS.splitlines()

        status, body = self.curl(products)
        self.assertEqual(status, 200)
        self.assertEqual(body["data"][0]["id"], "1")

        status, body = self.curl(product)
        self.assertEqual((status, body["price"], body["currency"]), (200, 9500, "USD"))

        status, body = self.curl(category)
        self.assertEqual(status, 200)
        self.assertEqual({each["category"] for each in body["data"]}, {"electronics"})
        self.assertLessEqual({"1", "limited"}, {each["id"] for each in body["data"]})

        two_keyboards = {"product_id": "1", "sku": "KB-75-BRN", "name": "Mechanical Keyboard", "quantity": 2,
                         "unit_price": 9500, "amount": 19000}
        for command in (add, cart):
            status, body = self.curl(command)
            self.assertEqual((status, body["items"], body["total"]), (200, [two_keyboards], 19999), command)

        status, body = self.curl(remove)
        self.assertEqual((status, body["items"], body["total"]), (200, [], 0))
        self.assertEqual(self.curl(cart)[1]["items"], [])

        status, order = self.curl(checkout)
        self.assertEqual((status, order["status"], order["total"]), (202, "pending", 19999))
        self.assertEqual(self.shop.order(order["id"])["items"], [two_keyboards])

    def test_a_total_one_cent_off_is_refused_and_places_nothing(self):
        checkout = COMMANDS.splitlines()[-1]
        self.assertEqual(self.curl(checkout)[0], 202)
        before = len(self.shop.pages("/orders"))
        stock = self.shop.available("1")
        status, body = self.curl(checkout.replace('"total":199.99', '"total":199.98'))
        self.assertEqual((status, body["code"]), (409, "price-changed"))
        self.assertEqual(len(self.shop.pages("/orders")), before)
        self.assertEqual(self.shop.available("1"), stock)

    def test_the_demo_catalog_is_as_promised(self):
        products = self.shop.pages("/products?limit=7")
        self.assertGreaterEqual(len(products), 24)
        self.assertEqual(len({each["id"] for each in products}), len(products))
        self.assertEqual(len({each["category"] for each in products}), 6)
        available = {each["id"]: each["available"] for each in products}
        self.assertEqual(available.pop("limited"), 10)
        self.assertGreater(min(available.values()), 10_000)
        self.assertNotEqual(self.shop.pages("/categories/grocery"), [])


if __name__ == "__main__":
    unittest.main()
