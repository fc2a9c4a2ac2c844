"""Which faults DynamoDB may show, decided by chance from a seed, and what they look like. Pure: no socket, no clock but
the one that is handed in. fault_proxy.py puts it between a client and DynamoDB Local.

Each fault has a probability for each request that it can happen to; settings are JSON: {"seed": 7, "conflict": 0.1,
"lost": {"probability": 1, "actions": ["TransactWriteItems"], "times": 1}, "expired_token": {"probability": 0.01,
"apart": 500}}. Sources of the answers' form: the DynamoDB API
reference, "Common errors" and TransactWriteItems; the DynamoDB developer guide, "Error handling with DynamoDB".
"""

import collections
import dataclasses
import json
import random
import zlib

MODEL = "com.amazonaws.dynamodb.v20120810#"
TRANSACTIONS = frozenset({"TransactWriteItems", "TransactGetItems"})
ITEM_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem"})

# fault -> the actions that it can happen to; None: all.
# Chance is asked for each in this order, until one happens: before the request is passed on …
FAULTS_OF_REQUESTS = {
    "dropped": None,  # the connection closes before the request is passed on
    "expired_token": None,  # ExpiredTokenException: not done
    "throttle": None,  # ThrottlingException and its like: not done
    "error_before": None,  # 500 InternalServerError: not done
    "conflict": TRANSACTIONS | ITEM_WRITES,  # TransactionConflict, which DynamoDB Local never has: not done
    "in_progress": frozenset({"TransactWriteItems"}),  # TransactionInProgressException: not done
    "iterator_expired": frozenset({"GetRecords"}),  # ExpiredIteratorException
    "error_after": None,  # 500 InternalServerError, but it is done
    "lost": None,  # it is done, and the connection closes before the answer
}
# … and, where none did, as its answer is given.
FAULTS_OF_ANSWERS = {
    "stale": frozenset({"Query"}),  # of an index: an answer to the same query from a while ago
    "duplicate_records": frozenset({"GetRecords"}),  # records of before come again, ahead of the new ones
    "late_records": frozenset({"GetRecords"}),  # the last records come with the next call only
}
FAULTS = {**FAULTS_OF_REQUESTS, **FAULTS_OF_ANSWERS}

STALE_AGE_MAX_S = 3.0  # how far an index may lag
REMEMBERED_MAX = 2_000  # queries, and shard iterators
REMEMBERED_ANSWERS = 4  # of one query
REMEMBERED_BYTES = 64 * 1024  # of one answer; larger ones are not remembered
REMEMBERED_RECORDS = 20  # of one shard


class BadSettings(Exception):
    """Faults that do not exist, or chances that are none."""


@dataclasses.dataclass
class Setting:
    probability: float
    actions: frozenset | None = None  # None: all that the fault can happen to
    times: int | None = None  # None: without end
    apart: int = 0  # requests from one to the next, at least
    last: int | None = None  # at which request it came

    @classmethod
    def parse(cls, name, value):
        if name not in FAULTS:
            raise BadSettings(f"no such fault: {name} ({', '.join(FAULTS)})")
        members = value if isinstance(value, dict) else {"probability": value}
        unknown = set(members) - {"probability", "actions", "times", "apart"}
        if unknown:
            raise BadSettings(f"{name}: no such member: {', '.join(sorted(unknown))}")
        probability = members.get("probability", 1)
        if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
            raise BadSettings(f"{name}: a probability is from 0 to 1")
        times = members.get("times")
        if times is not None and not cls.is_whole(times):
            raise BadSettings(f"{name}: times is a whole number")
        apart = members.get("apart", 0)
        if not cls.is_whole(apart):
            raise BadSettings(f"{name}: apart is a whole number")
        actions = members.get("actions")
        if actions is not None and not (isinstance(actions, list) and all(isinstance(a, str) for a in actions)):
            raise BadSettings(f"{name}: actions is a list of names")
        return cls(probability, frozenset(actions) if actions is not None else None, times, apart)

    @staticmethod
    def is_whole(value):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0

    def can_happen_to(self, fault, action, request):
        possible = FAULTS[fault]
        return (self.times != 0 and (possible is None or action in possible)
                and (self.actions is None or action in self.actions)
                and (self.last is None or request - self.last >= self.apart))


class Faults:
    """The settings, the chance, and the counts of what happened."""

    def __init__(self, seed=1):
        self.random = random.Random(seed)
        self.settings = {}
        self.clear_counts()

    def clear_counts(self):
        self.requests = 0
        self.injected = collections.Counter({name: 0 for name in FAULTS})

    def configure(self, document):
        """Replaces all settings; counts stay. A "seed" starts the chance anew. Throws BadSettings, and changes nothing."""
        if not isinstance(document, dict):
            raise BadSettings("settings are a JSON object")
        members = dict(document)
        seed = members.pop("seed", None)
        settings = {name: Setting.parse(name, value) for name, value in members.items()}
        self.settings = settings
        if seed is not None:
            self.random.seed(seed)

    def draw(self, action):
        """The fault to inject as a request of that action arrives, or None."""
        return next((name for name in FAULTS_OF_REQUESTS if self.happens(name, action)), None)

    def happens(self, name, action):
        """Asks chance. What happens is counted by `count`, once it is sure to show: a stale read needs an older answer."""
        setting = self.settings.get(name)
        return (setting is not None and setting.can_happen_to(name, action, self.requests)
                and self.random.random() < setting.probability)

    def count(self, fault):
        self.injected[fault] += 1
        setting = self.settings.get(fault)
        if setting is None:
            return
        setting.last = self.requests
        if setting.times:
            setting.times -= 1

    def report(self):
        return {"requests": self.requests, "injected": dict(self.injected),
                "faults": {name: {"probability": s.probability, "times": s.times, "apart": s.apart,
                                  "actions": sorted(s.actions) if s.actions is not None else None}
                           for name, s in self.settings.items()}}


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @classmethod
    def error(cls, status, exception, message, **more):
        kind = exception if "#" in exception else MODEL + exception
        return cls(status, json.dumps({"__type": kind, "message": message, **more}).encode())

    @property
    def crc32(self):
        """Official clients check it: x-amz-crc32."""
        return zlib.crc32(self.body)


def refusal(fault, action, body, chance):
    """The answer of a fault that keeps a request from being done; None for the other faults."""
    if fault == "expired_token":
        return Answer.error(400, "com.amazon.coral.service#ExpiredTokenException",
                            "The security token included in the request is expired")
    if fault in ("error_before", "error_after"):
        return Answer.error(500, "InternalServerError", "Internal server error")
    if fault == "in_progress":
        return Answer.error(400, "TransactionInProgressException", "A transaction with this token is in progress")
    if fault == "iterator_expired":
        return Answer.error(400, "ExpiredIteratorException", "The shard iterator has expired")
    if fault == "conflict":
        if action not in TRANSACTIONS:
            return Answer.error(400, "TransactionConflictException", "Transaction is ongoing for the item")
        return cancelled(body, "TransactionConflict", "Transaction is ongoing for the item", chance)
    if fault == "throttle":
        return throttled(action, body, chance)
    return None


def throttled(action, body, chance):
    too_fast = "Throughput exceeds the current capacity of your table or index"
    kinds = ["ProvisionedThroughputExceededException", "com.amazon.coral.availability#ThrottlingException",
             "RequestLimitExceeded"]
    if action in TRANSACTIONS:
        kinds += ["ThrottlingError", "ProvisionedThroughputExceeded"]  # reasons of a cancellation
    kind = chance.choice(kinds)
    if kind in ("ThrottlingError", "ProvisionedThroughputExceeded"):
        return cancelled(body, kind, too_fast, chance)
    return Answer.error(400, kind, too_fast)


def cancelled(body, code, message, chance):
    """TransactionCanceledException with that reason for one item by chance, and none for the others."""
    count = max(1, len(json.loads(body).get("TransactItems", [])))
    which = chance.randrange(count)
    reasons = [{"Code": code, "Message": message} if i == which else {"Code": "None"} for i in range(count)]
    codes = ", ".join(reason["Code"] for reason in reasons)
    document = {"__type": MODEL + "TransactionCanceledException", "CancellationReasons": reasons,
                "Message": f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]"}
    return Answer(400, json.dumps(document).encode())


class Bounded(collections.OrderedDict):
    """Forgets what has not been used for longest."""

    def keep(self, key, value):
        self[key] = value
        self.move_to_end(key)
        if len(self) > REMEMBERED_MAX:
            self.popitem(last=False)


class StaleReads:
    """Answers to queries of indexes, so that one can be given again as if the index lagged."""

    def __init__(self):
        self.answers = Bounded()

    def remember(self, request, answer, now):
        if len(answer.body) > REMEMBERED_BYTES:
            return
        kept = self.answers.get(request) or collections.deque(maxlen=REMEMBERED_ANSWERS)
        kept.append((now, answer))
        self.answers.keep(request, kept)

    def older(self, request, newest, now, chance):
        """An answer of the last seconds that is not what is true now; None when there is none."""
        kept = [answer for at, answer in self.answers.get(request, ())
                if now - at <= STALE_AGE_MAX_S and answer.body != newest.body]
        return chance.choice(kept) if kept else None


class StreamRecords:
    """What GetRecords answered, so that records can come again, or later. Their order in a shard stays as it is, and none
    is lost: what is held back belongs to the iterator that follows."""

    def __init__(self):
        self.delivered = Bounded()  # iterator -> the last records before it
        self.held = Bounded()  # iterator -> records that come with it

    def change(self, iterator, document, faults):
        """Changes GetRecords' answer to a call with that iterator, in place."""
        before = self.delivered.get(iterator, [])
        records = self.held.get(iterator, []) + document["Records"]
        following = document.get("NextShardIterator")
        shown = records

        if records and following is not None and faults.happens("late_records", "GetRecords"):
            shown = records[:faults.random.randrange(len(records))]
            faults.count("late_records")
        if following is not None:
            self.held.keep(following, records[len(shown):])
            self.delivered.keep(following, (before + shown)[-REMEMBERED_RECORDS:])
        if before and faults.happens("duplicate_records", "GetRecords"):
            shown = before[-faults.random.randint(1, len(before)):] + shown
            faults.count("duplicate_records")
        document["Records"] = shown
