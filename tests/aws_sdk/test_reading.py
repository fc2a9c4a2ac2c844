"""What the shop wrote is plain to AWS's clients: an order's record, the indexes, an invoice's file."""

import json

import clients
from sdk_test import ADDRESS, SdkTest


class Reading(SdkTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.invoiced_order(client_id="ada", items=[{"product_id": "1", "quantity": 2},
                                                               {"product_id": "5", "quantity": 1}])
        cls.partition = "ORDER#" + cls.order["id"]

    @staticmethod
    def text_of(item):
        """All that can be read in it, binary values too."""
        return json.dumps(item, default=lambda content: content.decode("latin-1"), ensure_ascii=False).lower()

    def everything(self):
        """All items of the table."""
        items, start = [], {}
        while True:
            page = self.sdk.dynamodb("Scan", TableName=self.prefix, ConsistentRead=True, **start)
            items += page["Items"]
            if "LastEvaluatedKey" not in page:
                return items
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    # --- The order's record ---------------------------------------------------------------------------------------

    def test_an_order_is_read_by_its_key_as_a_person_would_write_it(self):
        item = self.item(self.partition)
        for name in ("id", "client_id", "status", "total", "currency", "invoice"):
            self.assertEqual(item[name], self.order[name], name)
        self.assertEqual((item["status"], item["client_id"]), ("confirmed", "ada"))
        names = [line["name"] for line in item["items"]]
        self.assertEqual(names, [line["name"] for line in self.order["items"]])
        self.assertIn("Keyboard", names[0])
        self.assertEqual([(line["quantity"], line["amount"]) for line in item["items"]],
                         [(line["quantity"], line["amount"]) for line in self.order["items"]])
        self.assertEqual([attempt["status"] for attempt in item["attempts"]], ["confirmed"])
        self.assertEqual(item["_v"], self.order["version"])

    def test_its_history_lies_beside_it_in_order(self):
        page = self.sdk.dynamodb("Query", TableName=self.prefix, ConsistentRead=True,
                                 KeyConditionExpression="pk = :order AND begins_with(sk, :events)",
                                 ExpressionAttributeValues={":order": self.partition, ":events": "EVENT#"})
        self.assertEqual([event["type"] for event in page["Items"]],
                         ["order.placed", "payment.processing", "payment.confirmed", "invoice.issued"])

    def test_stock_is_read_as_numbers(self):
        stock = self.item("STOCK#1")
        self.assertEqual((stock["available"], stock["reserved"]), (self.shop.available("1"), 0))

    def test_the_index_by_client_finds_it(self):
        page = self.sdk.dynamodb("Query", TableName=self.prefix, IndexName="by-client",
                                 KeyConditionExpression="#client = :ada", ExpressionAttributeNames={"#client": "_1p"},
                                 ExpressionAttributeValues={":ada": "CLIENT#ada#ORDERS"})
        self.assertEqual([(entry["pk"], entry["sk"]) for entry in page["Items"]], [(self.partition, "META")])

    def test_the_index_by_status_finds_it_in_one_of_its_parts(self):
        day = self.order["created_at"][:10]
        found = []
        for shard in range(4):
            page = self.sdk.dynamodb("Query", TableName=self.prefix, IndexName="by-status",
                                     KeyConditionExpression="#status = :confirmed",
                                     ExpressionAttributeNames={"#status": "_2p"},
                                     ExpressionAttributeValues={":confirmed": f"ORDER#confirmed#{day}~{shard}"})
            found += [entry["pk"] for entry in page["Items"]]
        self.assertEqual(found, [self.partition])

    def test_the_script_for_a_curious_person_prints_it(self):
        printed = clients.show_orders(self.prefix)
        for words in (f"id: '{self.order['id']}'", "status: 'confirmed'", f"total: {self.order['total']},",
                      f"name: '{self.order['items'][0]['name']}'"):
            self.assertIn(words, printed)

    # --- awscli ---------------------------------------------------------------------------------------------------

    def test_awscli_shows_the_same_order(self):
        values = {":order": {"S": self.partition}, ":meta": {"S": "META"}}
        answer = clients.aws("dynamodb", "query", "--table-name", self.prefix, "--key-condition-expression",
                             "pk = :order AND sk = :meta", "--expression-attribute-values", json.dumps(values))
        item, = answer["Items"]
        self.assertEqual(item["status"], {"S": "confirmed"})
        self.assertEqual(item["total"], {"N": str(self.order["total"])})
        self.assertEqual([line["M"]["name"]["S"] for line in item["items"]["L"]],
                         [line["name"] for line in self.order["items"]])

    def test_awscli_finds_it_by_client(self):
        answer = clients.aws("dynamodb", "query", "--table-name", self.prefix, "--index-name", "by-client",
                             "--key-condition-expression", "#client = :ada",
                             "--expression-attribute-names", json.dumps({"#client": "_1p"}),
                             "--expression-attribute-values", json.dumps({":ada": {"S": "CLIENT#ada#ORDERS"}}))
        self.assertEqual([entry["pk"]["S"] for entry in answer["Items"]], [self.partition])

    # --- What nobody may read -------------------------------------------------------------------------------------

    def test_the_address_is_in_the_clear_nowhere_but_on_the_invoice(self):
        self.assertEqual(self.shop.order(self.order["id"])["shipping_address"], ADDRESS)
        self.assertIsInstance(self.item(self.partition)["sealed"], bytes)
        texts = {f"{item['pk']} {item['sk']}": self.text_of(item) for item in self.everything()}
        invoices = "".join(text for key, text in texts.items() if key.startswith("INVOICE#"))
        others = {key: text for key, text in texts.items() if not key.startswith("INVOICE#")}
        for canary in ("Ada Canary", "Wharfinger", "ada.canary@example.com", "Gullsby", "SE-10115"):
            self.assertIn(canary.lower(), invoices)  # which the law wants readable
            self.assertEqual([key for key, text in others.items() if canary.lower() in text], [], canary)

    # --- The invoice's file ---------------------------------------------------------------------------------------

    def test_the_invoice_is_read_byte_for_byte(self):
        number = self.order["invoice"]
        file = self.sdk.s3("GetObject", Bucket=self.bucket, Key=f"invoices/{number}.pdf")
        self.assertTrue(file["Body"].startswith(b"%PDF-"))
        self.assertEqual(file["Body"], self.shop.get(f"/invoices/{number}.pdf").body)
        self.assertEqual((file["ContentType"], file["ContentLength"]), ("application/pdf", len(file["Body"])))
        self.assertEqual(file["ServerSideEncryption"], "AES256")

    def test_awscli_lists_it(self):
        listed = clients.aws("s3api", "list-objects-v2", "--bucket", self.bucket)
        self.assertEqual([file["Key"] for file in listed["Contents"]], [f"invoices/{self.order['invoice']}.pdf"])
