"""The peers do what the tests of the AWS engine rely on, asked by Amazon's own client for Python. Needs the peers:

  tests/peers/peers.py --with dynamodb,sqs,s3,aws,faults -- .peers/aws/venv/bin/python tests/peers/test_peers.py
"""

import concurrent.futures
import json
import os
import time
import unittest
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

TABLE = "peers"
ONCE = Config(retries={"total_max_attempts": 1, "mode": "standard"})


def client(service, url_variable, **more):
    return boto3.client(service, endpoint_url=os.environ[url_variable], config=more.pop("config", ONCE), **more)


def fetch(url, method="GET", body=None, headers=None):
    """Status, body and headers of an answer, refusals too."""
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


class PeerTest(unittest.TestCase):
    def assert_error(self, code, call, *arguments, **named):
        with self.assertRaises(ClientError) as raised:
            call(*arguments, **named)
        self.assertEqual(raised.exception.response["Error"]["Code"], code)
        return raised.exception.response


class DynamoDbTest(PeerTest):
    @classmethod
    def setUpClass(cls):
        cls.dynamodb = client("dynamodb", "ORDERLY_TEST_DYNAMODB_URL")
        cls.streams = client("dynamodbstreams", "ORDERLY_TEST_DYNAMODB_URL")
        cls.faulty = client("dynamodb", "ORDERLY_TEST_FAULTS_URL")
        names = ("pk", "sk", "day", "at")
        table = cls.dynamodb.create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=cls.keys("pk", "sk"),
            GlobalSecondaryIndexes=[{"IndexName": "by_day", "KeySchema": cls.keys("day", "at"),
                                     "Projection": {"ProjectionType": "KEYS_ONLY"}}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
        cls.stream = table["TableDescription"]["LatestStreamArn"]

    @classmethod
    def tearDownClass(cls):
        cls.dynamodb.delete_table(TableName=TABLE)

    @staticmethod
    def keys(partition, sort):
        return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]

    @staticmethod
    def put(key, **attributes):
        item = {"pk": {"S": key}, "sk": {"S": "META"}, **attributes}
        return {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": "attribute_not_exists(pk)",
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}

    def transact(self, *items, dynamodb=None, **more):
        return (dynamodb or self.dynamodb).transact_write_items(TransactItems=list(items), **more)

    def get(self, key):
        return self.dynamodb.get_item(TableName=TABLE, Key={"pk": {"S": key}, "sk": {"S": "META"}},
                                      ConsistentRead=True).get("Item")

    def test_a_transaction_is_whole_or_says_why_not(self):
        self.transact(self.put("whole-1", total={"N": "19.9"}))
        response = self.assert_error("TransactionCanceledException", self.transact, self.put("whole-2"),
                                     self.put("whole-1"))
        reasons = response["CancellationReasons"]
        self.assertEqual([reason["Code"] for reason in reasons], ["None", "ConditionalCheckFailed"])
        self.assertEqual(reasons[1]["Item"]["total"], {"N": "19.9"})
        self.assertIsNone(self.get("whole-2"))

    def test_the_same_token_is_applied_once(self):
        for _ in range(2):
            self.transact(self.put("token-1"), ClientRequestToken="token")
        self.assert_error("IdempotentParameterMismatchException", self.transact, self.put("token-2"),
                          ClientRequestToken="token")

    def test_a_floor_is_a_condition(self):
        def take(quantity):
            self.dynamodb.update_item(
                TableName=TABLE, Key={"pk": {"S": "stock"}, "sk": {"S": "META"}}, UpdateExpression="ADD available :by",
                ConditionExpression="available >= :floor",
                ExpressionAttributeValues={":by": {"N": str(-quantity)}, ":floor": {"N": str(quantity)}})

        self.transact(self.put("stock", available={"N": "3"}))
        take(2)
        self.assert_error("ConditionalCheckFailedException", take, 2)
        self.assertEqual(self.get("stock")["available"], {"N": "1"})

    def test_transactions_say_what_they_cost(self):
        indexed = self.put("cost-2", day={"S": "monday"}, at={"S": "1"})
        (cost,) = self.transact(self.put("cost-1"), indexed, ReturnConsumedCapacity="INDEXES")["ConsumedCapacity"]
        self.assertEqual(cost["Table"]["CapacityUnits"], 4)  # two for each started KB of an item
        self.assertGreater(cost["GlobalSecondaryIndexes"]["by_day"]["CapacityUnits"], 0)

    def test_an_index_is_queried(self):
        for at in ("2", "1"):
            self.transact(self.put(f"index-{at}", day={"S": "friday"}, at={"S": at}))
        items = self.dynamodb.query(TableName=TABLE, IndexName="by_day", KeyConditionExpression="#day = :day",
                                    ExpressionAttributeNames={"#day": "day"},
                                    ExpressionAttributeValues={":day": {"S": "friday"}})["Items"]
        self.assertEqual([item["pk"]["S"] for item in items], ["index-1", "index-2"])

    def test_the_stream_shows_writes_in_order(self):
        for number in range(5):
            self.transact(self.put(f"stream-{number}"))
        seen = []
        for shard in self.streams.describe_stream(StreamArn=self.stream)["StreamDescription"]["Shards"]:
            iterator = self.streams.get_shard_iterator(StreamArn=self.stream, ShardId=shard["ShardId"],
                                                       ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            records = self.streams.get_records(ShardIterator=iterator)["Records"]
            seen += [record["dynamodb"]["NewImage"]["pk"]["S"] for record in records
                     if record["eventName"] == "INSERT"]
        self.assertEqual([key for key in seen if key.startswith("stream-")], [f"stream-{n}" for n in range(5)])

    def set_faults(self, **faults):
        url = os.environ["ORDERLY_TEST_FAULTS_URL"] + "/__faults"
        self.assertEqual(fetch(url, "POST", json.dumps(faults).encode())[0], 200)
        self.addCleanup(fetch, url, "DELETE")

    def test_the_client_takes_injected_conflicts_for_real_ones(self):
        self.set_faults(conflict={"times": 1})
        response = self.assert_error("TransactionCanceledException", self.transact, self.put("conflict"),
                                     dynamodb=self.faulty)
        self.assertEqual([reason["Code"] for reason in response["CancellationReasons"]], ["TransactionConflict"])
        self.assertIsNone(self.get("conflict"))

    def test_what_was_lost_is_done_and_its_token_says_so(self):
        patient = client("dynamodb", "ORDERLY_TEST_FAULTS_URL", config=Config(retries={"total_max_attempts": 4}))
        self.set_faults(lost={"times": 2, "actions": ["TransactWriteItems"]})
        self.transact(self.put("lost"), dynamodb=patient, ClientRequestToken="lost")
        self.assertIsNotNone(self.get("lost"))


class SqsTest(PeerTest):
    @classmethod
    def setUpClass(cls):
        cls.sqs = client("sqs", "ORDERLY_TEST_SQS_URL")

    def create(self, name, **attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.addCleanup(self.sqs.delete_queue, QueueUrl=url)
        return url

    def receive(self, url, wait_s=0, **more):
        return self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s,
                                        MessageAttributeNames=["All"], AttributeNames=["All"], **more).get("Messages", [])

    def test_a_message_that_fails_goes_to_the_dead_letters_and_back(self):
        dead = self.create("dead")
        arn = self.sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        url = self.create("work", RedrivePolicy=json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2}))
        self.sqs.send_message(QueueUrl=url, MessageBody="{}",
                              MessageAttributes={"id": {"DataType": "String", "StringValue": "msg_1"}})
        for count in ("1", "2"):
            (message,) = self.receive(url)
            self.assertEqual(message["Attributes"]["ApproximateReceiveCount"], count)
            self.assertEqual(message["MessageAttributes"]["id"]["StringValue"], "msg_1")
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"],
                                               VisibilityTimeout=0)
        self.assertEqual(self.receive(url), [])
        self.assertEqual([m["Body"] for m in self.receive(dead, VisibilityTimeout=0)], ["{}"])

        self.sqs.start_message_move_task(SourceArn=arn)
        (message,) = self.receive(url, wait_s=5)
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    def test_fifo_keeps_order_in_a_group_and_drops_repeats(self):
        url = self.create("order.fifo", FifoQueue="true")
        for body, group in (("a1", "a"), ("a1", "a"), ("a2", "a"), ("b1", "b")):
            self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group, MessageDeduplicationId=body)
        first = self.sqs.receive_message(QueueUrl=url)["Messages"]
        self.assertEqual([m["Body"] for m in first], ["a1"])
        self.assertEqual([m["Body"] for m in self.receive(url)], ["b1"])  # a2 waits for a1
        self.sqs.delete_message(QueueUrl=url, ReceiptHandle=first[0]["ReceiptHandle"])
        self.assertEqual([m["Body"] for m in self.receive(url)], ["a2"])

    def test_receiving_waits_for_the_first_message(self):
        url = self.create("wait")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            started = time.monotonic()
            received = pool.submit(self.receive, url, 10)
            time.sleep(0.5)
            self.sqs.send_message(QueueUrl=url, MessageBody="late")
            self.assertEqual([m["Body"] for m in received.result()], ["late"])
        self.assertTrue(0.4 < time.monotonic() - started < 5)

    def test_delays_end_at_a_quarter_of_an_hour(self):
        url = self.create("delay")
        self.sqs.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=900)
        self.assertEqual(self.receive(url), [])
        self.assert_error("InvalidParameterValue", self.sqs.send_message, QueueUrl=url, MessageBody="x",
                          DelaySeconds=901)


class S3Test(PeerTest):
    BUCKET = "peers-files"

    @classmethod
    def setUpClass(cls):
        cls.s3 = cls.connect()
        cls.s3.create_bucket(Bucket=cls.BUCKET)

    @staticmethod
    def connect(**credentials):
        config = ONCE.merge(Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        return client("s3", "ORDERLY_TEST_S3_URL", config=config, **credentials)

    def put(self, key, body, **more):
        return self.s3.put_object(Bucket=self.BUCKET, Key=key, Body=body, **more)

    def signed(self, operation, valid_s=60, **parameters):
        return self.s3.generate_presigned_url(operation, {"Bucket": self.BUCKET, **parameters}, ExpiresIn=valid_s)

    def test_a_file_is_written_once(self):
        self.put("once", b"first", IfNoneMatch="*", ContentType="application/pdf", ServerSideEncryption="AES256")
        self.assert_error("PreconditionFailed", self.put, "once", b"second", IfNoneMatch="*")
        got = self.s3.get_object(Bucket=self.BUCKET, Key="once")
        self.assertEqual((got["Body"].read(), got["ContentType"], got["ServerSideEncryption"]),
                         (b"first", "application/pdf", "AES256"))

    def test_of_many_writers_one_wins(self):
        def write(number):
            try:
                self.put("race", str(number).encode(), IfNoneMatch="*")
                return number
            except ClientError:
                return None

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            winners = [number for number in pool.map(write, range(24)) if number is not None]
        self.assertEqual(len(winners), 1)
        self.assertEqual(self.s3.get_object(Bucket=self.BUCKET, Key="race")["Body"].read(), str(winners[0]).encode())

    def test_signatures_are_checked(self):
        self.put("secret", b"x")
        for error, forged in (
                ("SignatureDoesNotMatch", self.connect(aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
                                                       aws_secret_access_key="guessed")),
                ("InvalidAccessKeyId", self.connect(aws_access_key_id="SOMEBODY", aws_secret_access_key="x"))):
            self.assert_error(error, forged.get_object, Bucket=self.BUCKET, Key="secret")
        self.assertEqual(fetch(f"{os.environ['ORDERLY_TEST_S3_URL']}/{self.BUCKET}/secret")[0], 403)

    def test_signed_downloads(self):
        self.put("a b/ü+(1).pdf", b"x")
        url = self.signed("get_object", Key="a b/ü+(1).pdf", ResponseContentDisposition="attachment; filename=a.pdf")
        status, body, headers = fetch(url)
        self.assertEqual((status, body, headers["Content-Disposition"]), (200, b"x", "attachment; filename=a.pdf"))
        self.assertEqual(fetch(url.replace("a.pdf", "b.pdf"))[0], 403)
        self.assertEqual(fetch(url)[0], 200)

    def test_signed_urls_expire(self):
        self.put("short", b"x")
        url = self.signed("get_object", valid_s=1, Key="short")
        time.sleep(2.1)
        self.assertEqual(fetch(url)[0], 403)

    def test_signed_uploads(self):
        url = self.signed("put_object", Key="upload", ContentType="image/png")
        self.assertEqual(fetch(url, "PUT", b"png", {"Content-Type": "text/html"})[0], 403)
        self.assertEqual(fetch(url, "PUT", b"png", {"Content-Type": "image/png"})[0], 200)
        self.assertEqual(self.s3.get_object(Bucket=self.BUCKET, Key="upload")["Body"].read(), b"png")


class OtherServicesTest(PeerTest):
    URL = "ORDERLY_TEST_AWS_URL"

    def sent(self, service, kind):
        """What Moto has in its memory."""
        return json.loads(fetch(os.environ[self.URL] + "/moto-api/data.json")[1])[service][kind]

    def test_sns_publishes_to_topics_and_phones(self):
        sns = client("sns", self.URL)
        topic = sns.create_topic(Name="order-events")["TopicArn"]
        sns.publish(TopicArn=topic, Message='{"order":"ord_1"}')
        sns.publish(PhoneNumber="+15550100", Message="Your order is on its way")
        self.assert_error("NotFound", sns.publish, TopicArn=topic + "x", Message="x")
        (sent,) = [t["sent_notifications"] for t in self.sent("sns", "Topic") if t["arn"] == topic]
        self.assertEqual(sent[0][1], '{"order":"ord_1"}')
        self.assertIn("+15550100", [sms["phone_number"] for sms in self.sent("sns", "SMS")])

    def test_ses_sends_mail_from_known_senders(self):
        ses = client("sesv2", self.URL)
        content = {"Simple": {"Subject": {"Data": "Invoice"}, "Body": {"Text": {"Data": "Attached."}}}}

        def send(sender):
            ses.send_email(FromEmailAddress=sender, Destination={"ToAddresses": ["b@example.org"]}, Content=content)

        ses.create_email_identity(EmailIdentity="example.com")
        send("shop@example.com")
        self.assert_error("MessageRejected", send, "shop@example.net")
        self.assertEqual([(m["source"], m["subject"]) for m in self.sent("ses", "Message")],
                         [("shop@example.com", "Invoice")])

    def test_secrets_and_parameters(self):
        secrets, ssm = client("secretsmanager", self.URL), client("ssm", self.URL)
        secrets.create_secret(Name="orderly/master-key", SecretString="s1")
        ssm.put_parameter(Name="/orderly/master-key", Value="s2", Type="SecureString")
        self.assertEqual(secrets.get_secret_value(SecretId="orderly/master-key")["SecretString"], "s1")
        parameter = ssm.get_parameter(Name="/orderly/master-key", WithDecryption=True)["Parameter"]
        self.assertEqual(parameter["Value"], "s2")
        self.assert_error("ResourceNotFoundException", secrets.get_secret_value, SecretId="none")
        self.assert_error("ParameterNotFound", ssm.get_parameter, Name="none")


if __name__ == "__main__":
    unittest.main()
