"""Messages through SQS between the shop and AWS's SDK: sent as the relay sends them, and dead letters both ways."""

import json
import time
import uuid

import shop
from sdk_test import SdkTest


class Queues(SdkTest):
    def url(self, queue):
        return self.sdk.sqs("GetQueueUrl", QueueName=f"{self.prefix}-{queue}")["QueueUrl"]

    def send(self, queue, body, **attributes):
        """A message with the attributes that ours have; its id."""
        message_id = f"msg_{uuid.uuid4().hex}"
        typed = {"id": message_id, "due": time.time_ns() // 1_000_000, **attributes}
        self.sdk.sqs("SendMessage", QueueUrl=self.url(queue), MessageBody=body, MessageAttributes={
            name: {"DataType": "Number" if isinstance(value, int) else "String", "StringValue": str(value)}
            for name, value in typed.items()})
        return message_id

    def receive(self, queue, hidden_for_s=0):
        """One message, which everybody else sees at once as well, or None."""
        answer = self.sdk.sqs("ReceiveMessage", QueueUrl=self.url(queue), WaitTimeSeconds=1,
                              VisibilityTimeout=hidden_for_s, MessageAttributeNames=["All"])
        messages = answer.get("Messages") or [None]  # ElasticMQ says [], SQS nothing
        return messages[0]

    def order_without_file(self):
        """An invoiced order whose PDF was lost: its number, and the bytes that it had."""
        number = self.invoiced_order()["invoice"]
        pdf = self.shop.pdf(number).body
        self.sdk.s3("DeleteObject", Bucket=self.bucket, Key=f"invoices/{number}.pdf")
        self.assertEqual(self.shop.get(f"/invoices/{number}.pdf").status, 404)
        return number, pdf

    def dead(self, queue):
        """How many dead letters `orderly queue list` counts."""
        lines = self.shop.command("queue", "list").splitlines()
        return next(int(line.split()[3]) for line in lines if line.split()[0] == queue)

    def discard_dead_letters(self, queue):
        self.sdk.sqs("PurgeQueue", QueueUrl=self.url(queue + "-dead"))

    # --- Live messages --------------------------------------------------------------------------------------------

    def test_a_message_that_the_sdk_sends_is_worked_on_like_our_own(self):
        number, pdf = self.order_without_file()
        message_id = self.send("documents", json.dumps({"number": number}))
        self.assertEqual(self.shop.pdf(number).body, pdf)
        shop.wait_until(lambda: self.item("~DONE#" + message_id), what="the record that it was handled")

    def test_without_our_attributes_it_is_worked_on_under_an_id_of_sqss(self):
        number, pdf = self.order_without_file()
        sent = self.sdk.sqs("SendMessage", QueueUrl=self.url("documents"), MessageBody=json.dumps({"number": number}))
        self.assertEqual(self.shop.pdf(number).body, pdf)
        shop.wait_until(lambda: self.item("~DONE#sqs_" + sent["MessageId"]), what="the record that it was handled")

    # --- Dead letters ---------------------------------------------------------------------------------------------

    def test_what_the_shop_buried_is_received_with_its_reason_and_can_be_redriven(self):
        body = json.dumps({"number": 7})  # which is no number of an invoice
        message_id = self.send("documents", body)
        shop.wait_until(lambda: self.dead("documents") == 1, what="the dead letter")
        letter = self.receive("documents-dead")
        attributes = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
        self.assertEqual((letter["Body"], attributes["id"], attributes["attempts"]), (body, message_id, "1"))
        self.assertRegex(attributes["reason"], r"^[a-z-]+$")
        self.assertLess(abs(int(attributes["died"]) / 1000 - time.time()), 60)
        shown = self.shop.command("queue", "show", "documents")
        self.assertIn(f"{message_id}  died ", shown)
        self.assertIn(f"after 1 deliveries: {attributes['reason']}\n    {body}\n", shown)

        self.assertEqual(self.shop.command("queue", "redrive", "documents", message_id),
                         "1 messages are in their queue again.\n")
        again = shop.wait_until(lambda: self.receive("documents-dead"), what="the letter, which is no better now")
        self.assertEqual(again["MessageAttributes"]["id"]["StringValue"], message_id)
        self.assertNotEqual(again["MessageId"], letter["MessageId"])
        self.discard_dead_letters("documents")
        self.assertEqual(self.shop.command("queue", "show", "documents"), "No dead letters.\n")

    def test_a_letter_that_the_sdk_left_is_shown_and_redriven(self):
        number, pdf = self.order_without_file()
        message_id = self.send("documents-dead", json.dumps({"number": number}), reason="files-unavailable",
                               attempts=10, died=time.time_ns() // 1_000_000)
        self.assertEqual(self.dead("documents"), 1)
        self.assertIn("after 10 deliveries: files-unavailable", self.shop.command("queue", "show", "documents"))
        refused = self.shop.run("queue", "redrive", "documents", "msg_of_nobody")
        self.assertEqual((refused.returncode, refused.stdout), (1, "0 messages are in their queue again.\n"))
        self.assertEqual(self.shop.command("queue", "redrive", "documents", message_id),
                         "1 messages are in their queue again.\n")
        self.assertEqual(self.shop.pdf(number).body, pdf)
        self.assertEqual(self.dead("documents"), 0)
