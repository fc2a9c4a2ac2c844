"""The program under test, run for real: `Shop` is an `orderly serve` over a folder of its own, `ShopTest` a test that
has one. Standard library only, since a fresh machine has nothing else.

With ORDERLY_TEST_ENGINE=aws every shop lives in a table, queues and a bucket of its own at the peers that the
environment names (tests/peers/peers.py starts them)."""

import dataclasses
import http.client
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("ORDERLY_PROGRAM", str(REPOSITORY / "build" / "release" / "orderly"))

ENGINE = os.environ.get("ORDERLY_TEST_ENGINE", "embedded")

# `script/test long`: as often as is worth it when nobody waits.
LONG = os.environ.get("ORDERLY_TEST_LONG") == "1"

# Long enough for a machine that is busy with other tests.
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 30
# What workers do is waited for that long. On AWS the next process relays when the lease of one that was killed is over.
PATIENCE_S = 30 if ENGINE == "embedded" else 90
ANSWER_TIMEOUT_S = 40 if ENGINE == "embedded" else 120
LOG_TAIL_LINES = 12


def environment(**more):
    """Ours without ORDERLY_*, since the program refuses variables that are none of its settings, and without a topic."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith("ORDERLY_") and name != "SNS_TOPIC_ARN"}
    return {**kept, **more}


def times(embedded, aws, aws_long):
    """How often this engine does something: DynamoDB on this machine does some hundred commits a second."""
    if ENGINE == "embedded":
        return embedded
    return aws_long if LONG else aws


def engine_options(engine):
    """What makes the program use that engine, with a new and empty home."""
    if engine == "embedded":
        return ()
    settings = {
        "engine": "aws",
        "aws.prefix": f"test-{uuid.uuid4().hex[:16]}",
        "aws.create": "true",
        "aws.dynamodb.url": os.environ.get("ORDERLY_TEST_FAULTS_URL") or os.environ["ORDERLY_TEST_DYNAMODB_URL"],
        "aws.sqs.url": os.environ["ORDERLY_TEST_SQS_URL"],
        "aws.s3.url": os.environ["ORDERLY_TEST_S3_URL"],
    }
    return tuple(part for name, value in settings.items() for part in ("--set", f"{name}={value}"))


def run_program(*arguments, cwd=None, timeout_s=60, **variables):
    """Runs `orderly arguments…` to its end."""
    return subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, env=environment(**variables), text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout_s, check=False)


def pause_after(waited_s):
    """How long to wait before looking again: about a tenth more of what was waited already. Looking costs much on AWS."""
    return min(max(waited_s / 10, 0.02), 0.3 if ENGINE == "embedded" else 2.0)


def wait_until(condition, timeout_s=PATIENCE_S, what="the condition"):
    """What `condition` returns as soon as that is true; fails after a while."""
    begun = time.monotonic()
    while True:
        result = condition()
        if result:
            return result
        waited_s = time.monotonic() - begun
        if waited_s > timeout_s:
            raise AssertionError(f"{what} did not come true within {timeout_s} s")
        time.sleep(pause_after(waited_s))


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The problem's code; None for what is no problem."""
        is_problem = self.headers.get("content-type") == "application/problem+json"
        return self.json["code"] if is_problem else None

    @property
    def pointers(self):
        """The places that the problem names."""
        return [each["pointer"] for each in self.json.get("errors", [])]


class Session:
    """A connection that stays open; for one thread."""

    def __init__(self, port, timeout_s=ANSWER_TIMEOUT_S):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)

    def request(self, method, path, body=None, headers=None):
        """`body`: bytes as they are, anything else as JSON, None for none."""
        all_headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None and "content-type" not in map(str.lower, all_headers):
            all_headers["content-type"] = "application/json"
        # A None takes a header away that would be there otherwise.
        all_headers = {name: value for name, value in all_headers.items() if value is not None}
        self._connection.request(method, path, body, all_headers)
        response = self._connection.getresponse()
        return Answer(response.status, {n.lower(): v for n, v in response.getheaders()}, response.read())

    def close(self):
        self._connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Shop:
    """`orderly serve` over a fresh, seeded folder. Use it in a `with`, or call close()."""

    def __init__(self, *options, seed=True, engine=ENGINE, listen="127.0.0.1:0"):
        self.home = engine_options(engine)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="orderly-test-"))
        self.data = self.folder / "data"
        self.options = options
        self.listen = listen
        self.variables = {}  # ORDERLY_*, for the next start
        self.process = None
        self.port = None
        self.starts = 0
        try:
            if seed:
                self.command("seed")
            self.start()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- The process ----------------------------------------------------------------------------------------------

    @property
    def log_path(self):
        return self.folder / f"server-{self.starts}.log"

    @property
    def output_path(self):
        return self.folder / f"server-{self.starts}.out"

    def start(self, *more_options):
        """Returns when the shop answers that it is ready."""
        self.starts += 1
        command = [PROGRAM, "serve", "--data", str(self.data), "--listen", self.listen, *self.home, *self.options,
                   *more_options]
        with open(self.log_path, "wb") as log, open(self.output_path, "wb") as output:
            self.process = subprocess.Popen(command, cwd=self.folder, env=environment(**self.variables),
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=log)
        self.port = wait_until(self._listening_port, START_TIMEOUT_S, "the server's start")
        wait_until(lambda: self.get("/readyz").status == 200, START_TIMEOUT_S, "/readyz")

    def _listening_port(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log_tail()}")
        for line in self.log_path.read_bytes().splitlines(keepends=True):
            if b'"server-started"' in line and line.endswith(b"\n"):
                return int(json.loads(line)["listen"].rpartition(":")[2])
        return None

    def stop(self):
        """SIGTERM; the server must end by itself, and well."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_TIMEOUT_S)
        if code != 0:
            raise AssertionError(f"the server ended with {code} after SIGTERM:\n{self.log_tail()}")

    def kill(self):
        """SIGKILL: it gets no chance to tidy up."""
        self.process.kill()
        self.process.wait(STOP_TIMEOUT_S)

    def restart(self):
        self.stop()
        self.start()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- The log --------------------------------------------------------------------------------------------------

    def log_lines(self):
        """Of the current process; raises when one is not JSON."""
        return [json.loads(line) for line in self.log_path.read_text().splitlines()]

    def log_tail(self):
        lines = self.log_path.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    # --- Commands -------------------------------------------------------------------------------------------------

    def run(self, *arguments, **variables):
        """`orderly arguments… --data FOLDER`."""
        return run_program(*arguments, "--data", self.data, *self.home, cwd=self.folder, **variables)

    def command(self, *arguments):
        """The same, which must succeed; its output."""
        done = self.run(*arguments)
        if done.returncode != 0:
            raise AssertionError(f"orderly {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def check(self):
        """`orderly check`, which must find nothing; its report."""
        return json.loads(self.command("check", "--json"))

    # --- Requests -------------------------------------------------------------------------------------------------

    def session(self, timeout_s=ANSWER_TIMEOUT_S):
        return Session(self.port, timeout_s)

    def request(self, method, path, body=None, headers=None):
        with self.session() as session:
            return session.request(method, path, body, headers)

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body=None, headers=None):
        return self.request("POST", path, body, headers)

    def put(self, path, body=None, headers=None):
        return self.request("PUT", path, body, headers)

    def place(self, **fields):
        """POST /orders, which must succeed: the order. By default one piece of product 1, paid with a good card."""
        body = {"client_id": "u1", "items": [{"product_id": "1", "quantity": 1}], **fields}
        if "payment_method" not in body and not body.get("pay_later"):
            body["payment_method"] = "pm_card_visa"
        answer = self.post("/orders", body)
        if answer.status != 200:
            raise AssertionError(f"the order was not placed: {answer}")
        return answer.json

    def order(self, order_id):
        answer = self.get(f"/orders/{order_id}")
        if answer.status != 200:
            raise AssertionError(f"no order {order_id}: {answer}")
        return answer.json

    def order_when(self, order_id, timeout_s=PATIENCE_S, **fields):
        """The order once it has all these fields."""
        seen = {}

        def has_them():
            seen.update(self.order(order_id))
            return all(seen[name] == value for name, value in fields.items())

        try:
            wait_until(has_them, timeout_s)
        except AssertionError:
            raise AssertionError(f"the order never had {fields}: {seen}") from None
        return dict(seen)

    def order_with_invoice(self, order_id, timeout_s=PATIENCE_S):
        return wait_until(lambda: (order := self.order(order_id))["invoice"] and order, timeout_s, "an invoice")

    def pdf(self, number, timeout_s=PATIENCE_S):
        """The invoice's PDF, as soon as its worker has made it."""
        def made():
            answer = self.get(f"/invoices/{number}.pdf")
            return answer if answer.status == 200 else None
        return wait_until(made, timeout_s, f"the PDF of {number}")

    def pages(self, path, key="data"):
        """All rows of a list, page by page."""
        rows, cursor = [], None
        while True:
            separator = "&" if "?" in path else "?"
            answer = self.get(path + (f"{separator}cursor={cursor}" if cursor else ""))
            if answer.status != 200:
                raise AssertionError(f"no page of {path}: {answer}")
            rows += answer.json[key]
            cursor = answer.json["next_cursor"]
            if not cursor:
                return rows

    def available(self, product_id):
        return self.get(f"/products/{product_id}").json["available"]


class ShopTest(unittest.TestCase):
    """Tests that share one shop. After the last of them it must stop cleanly, its books must be in order, and its log
    must be lines of JSON."""

    options = ()
    maxDiff = None
    shop = None

    @classmethod
    def setUpClass(cls):
        cls.shop = Shop(*cls.options)
        cls.addClassCleanup(cls.shop.close)

    @classmethod
    def tearDownClass(cls):
        cls.shop.stop()
        cls.shop.log_lines()
        cls.shop.check()

    def run(self, result=None):
        """As usual; a failure comes with the end of the server's log."""
        result = result if result is not None else self.defaultTestResult()
        failed_before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > failed_before:
            print(f"\n--- the server's log, after {self.id()} failed ---\n{self.shop.log_tail()}\n---")
        return result

    def assert_problem(self, answer, status, code, pointers=None):
        """`answer` is that problem, and names exactly these places."""
        self.assertEqual((answer.status, answer.code), (status, code), answer)
        self.assertEqual(answer.json["status"], status)
        for member in ("type", "title", "detail"):
            self.assertIn(member, answer.json)
        if pointers is not None:
            self.assertEqual(sorted(answer.pointers), sorted(pointers), answer)
