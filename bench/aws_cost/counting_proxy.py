"""Proxies before DynamoDB Local, ElasticMQ and the S3 server that count what a bill would count.

DynamoDB is asked to say what each call consumed. For reads that is taken as it is. For writes DynamoDB Local says too
little (12 units for a transaction of 41 items), so they are counted by the rules of DynamoDB's guide ("Read and write
request units", "Global secondary indexes"): a unit for each started KB of an item, two in a transaction, and one for each
entry written to or removed from an index. A transaction that is sent again under its token is only read ("TransactWriteItems"
in the API reference): two read units an item. A read that finds nothing costs its least, half a unit or one."""

import asyncio
import collections
import json
import pathlib
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests" / "peers"))
from fault_proxy import Closed, Message, Upstream, framed, read_message  # noqa: E402

SAYS_CAPACITY = {"GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
                 "TransactWriteItems", "TransactGetItems"}
WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
STREAMS = {"DescribeStream", "GetShardIterator", "GetRecords", "ListStreams"}


def value_bytes(value):
    """The size that DynamoDB bills for ("DynamoDB item sizes and formats" in its guide)."""
    (kind, content), = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "B":
        return len(content) // 4 * 3 - content.count("=")
    if kind == "N":
        return (len(content.strip("-").replace(".", "").strip("0")) + 1) // 2 + 1 + content.startswith("-")
    if kind == "M":
        return 3 + sum(len(name.encode()) + value_bytes(inner) + 1 for name, inner in content.items())
    if kind == "L":
        return 3 + sum(value_bytes(inner) + 1 for inner in content)
    return 1


def item_bytes(item):
    return sum(len(name.encode()) + value_bytes(value) for name, value in item.items())


def kind_of(item):
    """What a record is, from its key: "ORDER EVENT", "STOCK META"."""
    partition = item["pk"]["S"].split("#")[0]
    sort = item["sk"]["S"].split("#")[0]
    return partition if partition.startswith("~") else f"{partition} {sort}"


def purpose_of(action, request):
    """In a word, what a call is for: the event of its commit where there is one."""
    if action != "TransactWriteItems":
        key = request.get("Item") or request.get("Key")
        return f"{action} {kind_of(key)}" if key else action
    puts = [each["Put"]["Item"] for each in request["TransactItems"] if "Put" in each]
    events = [item["type"]["S"] for item in puts if item["sk"]["S"].startswith("EVENT#") and "type" in item]
    if events:
        return "commit " + " + ".join(sorted(set(events)))
    kinds = sorted({kind_of(item) for item in puts} - {"~DONE"})
    return "commit " + " + ".join(kinds)


class IndexEntries:
    """What the indexes hold of each record, to know what a write changes in them."""

    NAMES = [(f"_{number}p", "_s") for number in range(1, 6)] + [("_fp", "_fs")]

    def __init__(self):
        self._of_record = {}

    def put(self, item):
        """How many entries are written or removed."""
        now = {names: tuple(item[name]["S"] for name in names) for names in self.NAMES if names[0] in item}
        key = (item["pk"]["S"], item["sk"]["S"])
        before = self._of_record.get(key, {})
        self._of_record[key] = now
        changed = [names for names in {*now, *before} if now.get(names) != before.get(names)]
        return sum((names in now) + (names in before) for names in changed)

    def remove(self, key):
        return len(self._of_record.pop((key["pk"]["S"], key["sk"]["S"]), {}))


def started_kilobytes(size):
    return max(1, -(-size // 1024))


class Bill:
    """What was consumed since the last reset. Thread-safe enough: only the proxies' thread writes."""

    def __init__(self):
        self._entries = IndexEntries()
        self._tokens = set()  # of transactions that were done
        self.reset()

    def _units(self, action, request):
        """Write units by the rules. Counters are far below a KB, which is all that an Update is used for."""
        if action == "TransactWriteItems":
            return sum(self._units_of(kind, inner, 2) for each in request["TransactItems"]
                       for kind, inner in each.items())
        if action == "BatchWriteItem":
            return sum(self._units_of(kind.removesuffix("Request"), inner, 1)
                       for requests in request["RequestItems"].values() for each in requests
                       for kind, inner in each.items())
        return self._units_of(action.removesuffix("Item"), request, 1)

    def _units_of(self, kind, inner, units):
        if kind == "Put":
            return units * started_kilobytes(item_bytes(inner["Item"])) + self._entries.put(inner["Item"])
        if kind == "Delete":
            return units + self._entries.remove(inner["Key"])
        return units

    def reset(self):
        self.calls = collections.Counter()  # purpose -> calls
        self.write_units = collections.Counter()
        self.reported_write_units = 0.0  # by DynamoDB Local, too few
        self.read_units = collections.Counter()
        self.requests = collections.Counter()  # "sqs standard request" -> number
        self.item_sizes = collections.defaultdict(list)  # kind -> bytes
        self.refused = collections.Counter()  # error -> number
        self.repeated = 0  # transactions sent again after they were done

    def dynamodb(self, action, request, status, answer):
        if action in STREAMS:
            self.requests["dynamodb streams read"] += action == "GetRecords"
            return
        purpose = purpose_of(action, request)
        if status != 200:
            self.refused[answer.get("__type", "").rpartition("#")[2]] += 1
            return
        consumed = answer.get("ConsumedCapacity", [])
        units = sum(each["CapacityUnits"] for each in (consumed if isinstance(consumed, list) else [consumed]))
        if self._is_repeated(request):
            self.repeated += 1
            self.read_units[purpose] += 2 * len(request["TransactItems"])
            return
        self.calls[purpose] += 1
        if action in WRITES:
            self.write_units[purpose] += self._units(action, request)
            self.reported_write_units += units
        else:
            self.read_units[purpose] += max(units, 1 if request.get("ConsistentRead") else 0.5)
        for each in request.get("TransactItems", []):
            if "Put" in each:
                self.item_sizes[kind_of(each["Put"]["Item"])].append(item_bytes(each["Put"]["Item"]))

    def _is_repeated(self, request):
        token = request.get("ClientRequestToken")
        if token is None or token not in self._tokens:
            self._tokens.add(token)
            return False
        return True

    def sqs(self, request):
        fifo = ".fifo" in request.get("QueueUrl", request.get("QueueName", ""))
        self.requests["sqs fifo request" if fifo else "sqs standard request"] += 1

    def s3(self, method):
        self.requests["s3 put" if method in ("PUT", "POST") else "s3 get"] += 1


class CountingProxies:
    """Use it in a `with`; `urls` maps dynamodb, sqs and s3 to where the program is to call."""

    def __init__(self, upstreams):
        self.bill = Bill()
        self.urls = {}
        self._upstreams = upstreams
        self._servers = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        for name, url in self._upstreams.items():
            port = asyncio.run_coroutine_threadsafe(self._listen(name, url), self._loop).result()
            self.urls[name] = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_):
        asyncio.run_coroutine_threadsafe(self._end_connections(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end_connections(self):
        for server in self._servers:
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _listen(self, name, url):
        parts = urllib.parse.urlsplit(url)

        async def serve(reader, writer):
            upstream = Upstream(parts.hostname, parts.port)
            try:
                while True:
                    request = await read_message(reader)
                    answer = await self._pass_on(name, request, upstream)
                    writer.write(framed(answer.head, answer.body) if answer.body or answer.status != 204
                                 else answer.head + b"\r\n\r\n")
                    await writer.drain()
            except (Closed, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                pass
            finally:
                upstream.close()
                writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=32 << 20)
        self._servers.append(server)
        return server.sockets[0].getsockname()[1]

    async def _pass_on(self, name, request, upstream):
        if name == "s3":
            answer = await upstream.ask(request)
            self.bill.s3(request.request_line[0])
            return answer
        document = json.loads(request.body or b"{}")
        if name == "sqs":
            self.bill.sqs(document)
            return await upstream.ask(request)
        action = request.action
        if action in SAYS_CAPACITY:  # DynamoDB Local does not look at the signature's hash of the body
            request = Message(request.head, json.dumps({**document, "ReturnConsumedCapacity": "TOTAL"}).encode())
        answer = await upstream.ask(request)
        self.bill.dynamodb(action, document, answer.status, json.loads(answer.body or b"{}"))
        return answer
