"""The commands beside `serve`, with a running server and without one; and the settings, from wherever they come."""

import csv
import json
import pathlib
import tempfile
import unittest

import shop

COMMANDS = (("serve",), ("seed",), ("check",), ("events",), ("events", "rebuild"), ("order",), ("order", "show"),
            ("queue",), ("queue", "list"), ("queue", "show"), ("queue", "redrive"), ("settings",), ("version",))
QUEUES = ["payments", "refunds", "invoices", "documents", "fulfilment", "mails"]


class Help(unittest.TestCase):
    def test_every_command_explains_itself(self):
        overview = shop.run_program("--help")
        self.assertEqual(overview.returncode, 0)
        for command in COMMANDS:
            self.assertIn(command[0], overview.stdout)
            done = shop.run_program(*command, "--help")
            self.assertEqual((done.returncode, done.stderr), (0, ""), command)
            self.assertIn(f"orderly {' '.join(command)}", done.stdout)

    def test_calls_that_make_no_sense_are_refused(self):
        for call in ((), ("dance",), ("queue",), ("order",), ("order", "show"), ("queue", "show"), ("serve", "--fast"),
                     ("check", "extra"), ("seed", "--file"), ("serve", "--set", "no-equals-sign")):
            done = shop.run_program(*call)
            self.assertEqual((done.returncode, done.stdout), (2, ""), call)
            self.assertNotEqual(done.stderr, "", call)


class WithAndWithoutAServer(shop.ShopTest):
    """Each command twice: answered by the server, and then on its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.shop.order_with_invoice(cls.shop.place()["id"])
        cls.shop.pdf(cls.order["invoice"])

    def in_both_ways(self, look):
        look()
        self.shop.stop()
        try:
            look()
        finally:
            self.shop.start()

    def test_order_show(self):
        def look():
            text = self.shop.command("order", "show", self.order["id"])
            for expected in (self.order["id"], "confirmed", "95.00 USD", "pm_card_visa", self.order["invoice"],
                             "order.placed", "payment.confirmed", "invoice.issued"):
                self.assertIn(expected, text)
            shown = json.loads(self.shop.command("order", "show", self.order["id"], "--json"))
            self.assertEqual(shown, self.shop.order(self.order["id"]) if self.shop.process.poll() is None else
                             {**shown, "id": self.order["id"], "total": self.order["total"]})
            for unknown in ("ord_01M7WDZCAKBB1A3PWGP6KXD800", "nonsense"):
                missing = self.shop.run("order", "show", unknown)
                self.assertEqual(missing.returncode, 1)
                self.assertIn("no such order", missing.stdout + missing.stderr)
        self.in_both_ways(look)

    def test_queue(self):
        def counted():
            return [(each["queue"], each["messages"], each["dead"])
                    for each in json.loads(self.shop.command("queue", "list", "--json"))]

        def look():
            shop.wait_until(lambda: counted() == [(queue, 0, 0) for queue in QUEUES], what="empty queues")
            lines = self.shop.command("queue", "list").splitlines()
            self.assertEqual([line.split()[0] for line in lines], ["queue", *QUEUES])
            for queue in QUEUES:
                self.assertIn("No dead letters", self.shop.command("queue", "show", queue))
                self.assertIn("0 messages", self.shop.command("queue", "redrive", queue))
            self.assertEqual(self.shop.run("queue", "redrive", "payments", "msg_unknown").returncode, 1)
            for command in ("show", "redrive"):
                unknown = self.shop.run("queue", command, "nonsense")
                self.assertEqual(unknown.returncode, 2)
                self.assertIn("orderly queue list", unknown.stderr)
        self.in_both_ways(look)

    def test_check(self):
        def look():
            report = self.shop.check()
            self.assertEqual((report["findings_total"], report["findings"]), (0, []))
            self.assertGreaterEqual(report["counts"]["orders"], 1)
            self.assertEqual([sums["debit"] - sums["credit"] for sums in report["counts"]["ledger"]], [0])
            self.assertIn("every invariant holds", self.shop.command("check"))
        self.in_both_ways(look)

    def test_seeding_again_changes_nothing_but_fills_the_shelves(self):
        def look():
            self.assertIn("26 products", self.shop.command("seed"))
        before = self.shop.get("/products/1").json
        self.in_both_ways(look)
        after = self.shop.get("/products/1").json
        self.assertEqual(after["version"], before["version"])
        self.assertEqual(after["available"], 100_000_000)

    def test_products_from_a_file(self):
        product = {"id": "tea-1", "sku": "TEA-1", "name": "Assam, 250 g", "category": "grocery", "price": 1250,
                   "stock": 7}
        path = self.shop.folder / "products.json"

        def seed(**changes):
            path.write_text(json.dumps({"products": [{**product, **changes}]}))
            self.shop.command("seed", "--file", path)
        seed()
        self.assertLessEqual(product.items() - {("stock", 7)}, self.shop.get("/products/tea-1").json.items())
        self.assertEqual(self.shop.available("tea-1"), 7)
        seed(price=1300, stock=None)
        self.assertEqual((self.shop.get("/products/tea-1").json["price"], self.shop.available("tea-1")), (1300, 7))
        sold = self.shop.place(items=[{"product_id": "tea-1", "quantity": 2}])
        self.assertEqual(sold["total"], 2600)

    def test_products_from_a_spreadsheet(self):
        path = self.shop.folder / "products.csv"
        with open(path, "w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file)
            rows.writerow(["\ufeffid", "sku", "name", "description", "category", "price", "currency", "stock"])
            rows.writerow(["mug", "MUG-1", 'Mug, "large"', "For tea", "home", "12.50", "", "3"])
            rows.writerow(["cup", "CUP-1", "Cup", "", "home", "1250", "JPY", "4"])
        self.shop.command("seed", "--file", path)
        mug = self.shop.get("/products/mug").json
        self.assertEqual((mug["name"], mug["price"], mug["available"], mug["description"]),
                         ('Mug, "large"', 1250, 3, "For tea"))
        cup = self.shop.get("/products/cup").json
        self.assertEqual((cup["price"], cup["currency"], cup["available"]), (1250, "JPY", 4))
        refused = self.shop.post("/orders", {"items": [{"id": "mug", "qty": 1}, {"id": "cup", "qty": 1}],
                                             "payment_method": "pm_card_visa"})
        self.assert_problem(refused, 400, "invalid-request", ["/items/1/product_id"])

    def test_files_that_are_wrong_are_refused_as_a_whole(self):
        good = '{"id":"good","sku":"G","name":"Good","category":"home","price":1}'
        for name, text, expected in (
                ("bad.json", "[" + good + ',{"id":"bad"}]', "/1/sku"),
                ("bad.json", "[" + good + "," + good.replace("good", "b/d").replace('"G"', '"B"') + "]", "id"),
                ("bad.json", "[" + good.replace("1}", "-1}") + "]", "/0/price"),
                ("bad.json", "[" + good.replace("1}", '1,"colour":"red"}') + "]", "/0/colour"),
                ("bad.json", "nonsense", "JSON"),
                ("bad.csv", "id,sku,name,category,price\ngood,G,Good,home,1\nx,X,X,home,ten\n", "/2/price"),
                ("bad.csv", "id,sku,name,category,price\ngood,G,Good,home,1\nx,X,X,Home,1\n", "/2/category"),
                ("bad.csv", "id,sku,name,category,price,stock\nx,X,X,home,1,many\n", "/1/stock"),
                ("bad.csv", "id,sku,name,category\nx,X,X,home\n", "/1/price"),
                ("bad.csv", 'id,sku,name,category,price\nx,X,"X,home,1\n', "quote"),
                ("bad.txt", good, "bad.txt"),
                ("absent.json", None, "absent.json")):
            path = self.shop.folder / name
            if text is not None:
                path.write_text(text)
            refused = self.shop.run("seed", "--file", path)
            with self.subTest(name=name, text=text):
                self.assertEqual(refused.returncode, 2, refused)
                self.assertIn(expected, refused.stderr)
        self.assertEqual(self.shop.get("/products/good").status, 404)


class Folders(unittest.TestCase):
    def test_a_folder_that_is_none_of_ours_is_left_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            stranger = pathlib.Path(folder) / "letters.txt"
            stranger.write_text("dear aunt")
            for command in (("check",), ("order", "show", "ord_x"), ("queue", "list"), ("queue", "show", "payments")):
                for where in (folder, f"{folder}/not-there", str(stranger)):
                    done = shop.run_program(*command, "--data", where)
                    self.assertEqual(done.returncode, 3, (command, where))
                    self.assertIn(where, done.stderr)
            self.assertEqual([path.name for path in pathlib.Path(folder).iterdir()], ["letters.txt"])


class Settings(unittest.TestCase):
    def setUp(self):
        self.shop = shop.Shop("--set", "log.requests=false")
        self.addCleanup(self.shop.close)

    def total(self):
        """Of a cart with one piece of product 1, for 95.00."""
        return self.shop.put("/cart", {"id": "1", "qty": 1}).json["total"]

    def test_the_command_line_overrides_variables_and_those_the_file(self):
        self.shop.stop()
        toml = self.shop.folder / "orderly.toml"
        toml.write_text('[payments]\ndefault_method = "pm_card_visa"\n[pricing]\nshipping_flat = "1.00"\n'
                        'tax_basis_points = 1000\n')
        self.shop.start()
        self.assertEqual(self.total(), 9500 + 100 + 950 + 10)
        self.assertEqual(self.shop.post("/checkout").status, 202)
        self.shop.stop()
        self.shop.variables = {"ORDERLY_PRICING_SHIPPING_FLAT": "2.00"}
        self.shop.start()
        self.assertEqual(self.total(), 9500 + 200 + 950 + 20)
        self.shop.stop()
        self.shop.start("--set", "pricing.shipping_flat=3.00")
        self.assertEqual(self.total(), 9500 + 300 + 950 + 30)
        self.shop.stop()
        self.shop.check()

    def test_settings_that_do_not_exist_or_make_no_sense_are_refused_by_name(self):
        self.shop.stop()

        def assert_refused(name, *options, **variables):
            done = self.shop.run("serve", "--listen", "127.0.0.1:0", *options, **variables)
            self.assertEqual(done.returncode, 2, (options, variables))
            self.assertIn(name, done.stderr)
        assert_refused("pricing.shiping", "--set", "pricing.shiping=1")
        assert_refused("ORDERLY_PRICING_SHIPING", ORDERLY_PRICING_SHIPING="1")
        for name, value in (("demo", "perhaps"), ("log.level", "loud"), ("orders.expire_after", "soon"),
                            ("orders.expire_after", "0s"), ("orders.expire_after", "-1s"),
                            ("shop.currency", "XXQ"), ("pricing.shipping_flat", "9.999"),
                            ("pricing.shipping_flat", "-1"), ("pricing.tax_basis_points", "10001"),
                            ("pricing.rounding", "up"), ("server.io_threads", "many"), ("log.format", "xml"),
                            ("payments.simulated.step", "3"), ("fulfilment.deliver_after", "3 s")):
            assert_refused(name, "--set", f"{name}={value}")
            variable = "ORDERLY_" + name.upper().replace(".", "_")
            assert_refused(name, **{variable: value})
        toml = self.shop.folder / "orderly.toml"
        for text, name in (("[pricing]\nshiping = 1\n", "pricing.shiping"), ("colour = 'red'\n", "colour"),
                           ("listen = [1]\n", "listen"), ("demo = 'perhaps'\n", "demo"), ("listen =\n", "toml")):
            toml.write_text(text)
            assert_refused(name)
        toml.unlink()
        assert_refused("absent.toml", "--config", "absent.toml")

    def test_a_topic_for_order_events_that_cannot_be_one_is_refused_by_name(self):
        self.shop.stop()
        topic = "arn:aws:sns:eu-central-1:123456789012:orders"

        def assert_refused(expected, *settings, **variables):
            options = [part for setting in settings for part in ("--set", setting)]
            done = self.shop.run("serve", "--listen", "127.0.0.1:0", *options,
                                 **{"AWS_REGION": "eu-central-1", **variables})
            self.assertEqual(done.returncode, 2, (settings, variables, done))
            for text in expected:
                self.assertIn(text, done.stderr)
        for text in ("customer-topic", "arn:aws:sqs:eu-central-1:123456789012:orders", topic + ":x",
                     "arn:aws:sns::123456789012:orders", "arn:aws:sns:eu-central-1:12345:orders",
                     "arn:aws:sns:eu-central-1:123456789012:"):
            assert_refused(("aws.sns.topic_arn", "arn:aws:sns:"), "engine=aws", f"aws.sns.topic_arn={text}")
        assert_refused(("SNS_TOPIC_ARN", "arn:aws:sns:"), "engine=aws", SNS_TOPIC_ARN="customer-topic")
        assert_refused(("ORDERLY_AWS_SNS_TOPIC_ARN",), ORDERLY_AWS_SNS_TOPIC_ARN="customer-topic")
        assert_refused(("aws.sns.topic_arn", "eu-central-1", "us-east-1"), "engine=aws", f"aws.sns.topic_arn={topic}",
                       AWS_REGION="us-east-1")
        # A variable that other programs know too says nothing to a shop that is not on AWS.
        if shop.ENGINE == "embedded":
            assert_refused(("aws.sns.topic_arn", "engine = aws"), f"aws.sns.topic_arn={topic}")
            self.assertEqual(self.shop.run("check", SNS_TOPIC_ARN="customer-topic").returncode, 0)
        for setting in ("aws.sns.url=nowhere", "aws.ses.url=nowhere", "mail.from=nobody"):
            assert_refused((setting.partition("=")[0],), "engine=aws", setting)
        self.shop.start()

    def test_mail_that_is_set_up_by_halves_is_refused_and_no_password_is_told(self):
        sender, server = "mail.from=Shop <shop@example.com>", "mail.smtp=smtps://mail.example.com"
        signed_in = ("mail.user=shop", "mail.password=hunter2-not-shown")
        for expected, settings in (
                ("mail.from", ("mail.from=nobody",)), ("mail.from", ("mail.from=a@b\r\nBcc: c@d",)),
                ("mail.smtp must be", (sender, "mail.smtp=mail.example.com")),
                ("mail.smtp must be", (sender, "mail.smtp=smtp://shop:hunter2-not-shown@mail.example.com")),
                ("mail.smtp needs mail.from", (server,)),
                ("mail.from needs mail.smtp or mail.folder", (sender,)),
                ("to a server or into a folder", (sender, server, "mail.folder=mails")),
                ("go together", (sender, server, signed_in[0])), ("go together", (sender, server, signed_in[1])),
                ("mail.user", (sender, "mail.folder=mails", *signed_in))):
            options = [part for setting in settings for part in ("--set", setting)]
            done = shop.run_program("check", "--data", self.shop.folder / "none", *options)
            self.assertEqual(done.returncode, 2, (settings, done))
            self.assertIn(expected, done.stderr)
            self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_a_demo_says_where_its_mails_are(self):
        with shop.Shop("--demo", "--set", "mail.folder=the-mails", seed=False, engine="embedded") as demo:
            shop.wait_until(lambda: "The shop is open" in demo.output_path.read_text(), what="the greeting")
            self.assertIn("each becomes a file in the-mails", demo.output_path.read_text())

    def test_every_setting_is_listed_with_its_variable(self):
        listed = shop.run_program("settings").stdout
        for name in ("data", "listen", "demo", "payments.simulated.step", "fulfilment.deliver_after",
                     "orders.expire_after", "pricing.shipping_flat", "aws.sns.topic_arn", "mail.from", "mail.password"):
            self.assertIn(name, listed)
            self.assertIn("ORDERLY_" + name.upper().replace(".", "_"), listed)


if __name__ == "__main__":
    unittest.main()
