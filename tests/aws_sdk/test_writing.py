"""What AWS's SDK writes, the shop reads; and each notices when the other was first."""

import concurrent.futures
import time

from gate import Gate
from sdk_test import SdkTest

# As the engine itself asks for a record of a version that has not expired.
AT_VERSION = "#v = :v AND (attribute_not_exists(#x) OR #x > :now)"


class Writing(SdkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gate = Gate()
        cls.addClassCleanup(cls.gate.close)
        cls.shop.stop()
        cls.shop.start("--set", f"aws.dynamodb.url={cls.gate.url}")

    # --- An operator's script -------------------------------------------------------------------------------------

    def test_a_price_changed_in_the_table_is_the_shops_at_once(self):
        before = self.shop.get("/products/3").json
        price = before["price"] + 250
        self.sdk.dynamodb("Update", TableName=self.prefix, Key=self.key("PRODUCT#3"),
                          UpdateExpression="SET price = :price, description = :text, version = version + :one, "
                                           "#v = #v + :one",
                          ConditionExpression="#v = :version", ExpressionAttributeNames={"#v": "_v"},
                          ExpressionAttributeValues={":price": price, ":text": "Grün & »neu«", ":one": 1,
                                                     ":version": before["version"]})
        after = self.shop.get("/products/3").json
        self.assertEqual(after, {**before, "price": price, "description": "Grün & »neu«",
                                 "version": before["version"] + 1})
        self.assertIn(after, self.shop.pages(f"/categories/{before['category']}"))
        order = self.shop.place(items=[{"product_id": "3", "quantity": 2}])
        self.assertEqual(order["items"][0]["amount"], 2 * price)

    def test_pieces_put_on_the_shelf_in_the_table_can_be_bought(self):
        before = self.shop.available("limited")
        self.sdk.dynamodb("Update", TableName=self.prefix, Key=self.key("STOCK#limited"),
                          UpdateExpression="ADD available :more, received :more",
                          ExpressionAttributeValues={":more": 5})
        self.assertEqual(self.shop.available("limited"), before + 5)
        self.shop.place(items=[{"product_id": "limited", "quantity": before + 5}])
        refused = self.shop.post("/orders", {"client_id": "late", "items": [{"product_id": "limited", "quantity": 1}],
                                             "payment_method": "pm_card_visa"})
        self.assert_problem(refused, 409, "out-of-stock")

    # --- Who is first ---------------------------------------------------------------------------------------------

    def add_to_cart(self, token, product_id):
        answer = self.shop.post("/cart", {"product_id": product_id, "quantity": 1}, {"Cart-Id": token})
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def conflicts(self):
        lines = self.shop.get("/metrics").body.decode().splitlines()
        return next(float(line.split()[1]) for line in lines if line.startswith("orderly_commit_conflicts_total "))

    def add_by_transaction(self, token, product_id, version):
        """Adds a line to the cart by the SDK, as the shop does: in a transaction, if it still has that version."""
        line = {"product_id": product_id, "quantity": 7}
        self.sdk.dynamodb("TransactWrite", TransactItems=[
            {"ConditionCheck": {"TableName": self.prefix, "Key": self.key("PRODUCT#" + product_id),
                                "ConditionExpression": "attribute_exists(pk)"}},
            {"Update": {"TableName": self.prefix, "Key": self.key("CART#" + token),
                        "UpdateExpression": "SET #lines = list_append(#lines, :line), version = version + :one, "
                                            "#v = #v + :one",
                        "ConditionExpression": AT_VERSION,
                        "ExpressionAttributeNames": {"#lines": "lines", "#v": "_v", "#x": "_x"},
                        "ExpressionAttributeValues": {":line": [line], ":one": 1, ":v": version,
                                                      ":now": time.time_ns() // 1_000_000}}}])

    def test_a_commit_of_ours_that_comes_second_is_run_again_on_what_the_sdk_wrote(self):
        self.add_to_cart("raced", "1")
        conflicts = self.conflicts()
        with concurrent.futures.ThreadPoolExecutor(1) as pool, self.gate.holding("CART#raced") as held:
            ours = pool.submit(self.add_to_cart, "raced", "2")
            held.wait()  # our request has read the cart, and its commit is on the way
            self.add_by_transaction("raced", "5", version=1)
            held.release()
            cart = ours.result()
        self.assertEqual({line["product_id"]: line["quantity"] for line in cart["items"]}, {"1": 1, "5": 7, "2": 1})
        self.assertEqual(cart["version"], 3)
        self.assertEqual(self.conflicts(), conflicts + 1)
        self.assertEqual(self.item("CART#raced")["_v"], 3)

    def test_a_transaction_of_the_sdk_that_comes_second_is_refused(self):
        self.add_to_cart("kept", "1")
        self.add_to_cart("kept", "2")
        self.assert_refused("TransactionCanceledException", self.add_by_transaction, "kept", "5", version=1)
        self.assertEqual([line["product_id"] for line in self.item("CART#kept")["lines"]], ["1", "2"])
        self.add_by_transaction("kept", "5", version=2)
        cart = self.shop.get("/cart", {"Cart-Id": "kept"}).json
        self.assertEqual([line["product_id"] for line in cart["items"]], ["1", "2", "5"])
