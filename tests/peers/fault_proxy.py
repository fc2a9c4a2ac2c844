#!/usr/bin/env python3
"""An HTTP/1.1 proxy before DynamoDB Local (whose streams are on the same port) that shows the faults which DynamoDB has and
DynamoDB Local has not. faults.py says which there are.

  fault_proxy.py --listen 127.0.0.1:8001 --upstream http://127.0.0.1:8000 [--seed 7] [--faults '{"conflict": 0.1}']

POST /__faults {"conflict": 0.1, "seed": 7}   replaces the faults' settings
GET /__faults                                 says how many requests there were, and how often each fault was injected
DELETE /__faults                              no faults, counts at zero

Python's standard library only. Not for strangers: it trusts its clients.
"""

import argparse
import asyncio
import json
import re
import signal
import sys
import time
import urllib.parse
import uuid

from faults import Answer, BadSettings, Faults, StaleReads, StreamRecords, refusal

ADMIN_PATH = "/__faults"
HEAD_BYTES_MAX = 64 * 1024
BODY_BYTES_MAX = 32 * 1024 * 1024
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
TARGET = re.compile(rb"\r\nx-amz-target:[ \t]*[\w]+\.(\w+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
REASONS = {200: "OK", 204: "No Content", 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error",
           502: "Bad Gateway"}


class Closed(Exception):
    """The other side ended the connection between two messages."""


class Message:
    """A request or an answer: its head as it came, without the empty line, and its body without framing."""

    def __init__(self, head, body):
        self.head = head
        self.body = body

    @property
    def status(self):
        return int(self.head[9:12])

    @property
    def action(self):
        found = TARGET.search(self.head)
        return found.group(1).decode() if found else ""

    @property
    def request_line(self):
        method, path, _ = self.head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        return method, path


async def read_message(reader):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        raise Closed from error
    head = head[:-4]
    if CHUNKED.search(head):
        return Message(CHUNKED.sub(b"", head), await read_chunks(reader))
    length = CONTENT_LENGTH.search(head)
    return Message(head, await reader.readexactly(int(length.group(1))) if length else b"")


async def read_chunks(reader):
    chunks = []
    while True:
        size = int((await reader.readline()).split(b";")[0], 16)
        chunk = await reader.readexactly(size)
        await reader.readexactly(2)
        if size == 0:
            return b"".join(chunks)
        chunks.append(chunk)


def framed(head, body):
    """With a content length; for what was chunked or changed."""
    if CONTENT_LENGTH.search(head):
        head = CONTENT_LENGTH.sub(b"\r\nContent-Length: %d" % len(body), head)
    else:
        head += b"\r\nContent-Length: %d" % len(body)
    return head + b"\r\n\r\n" + body


def encoded(answer, content_type="application/x-amz-json-1.0"):
    reason = REASONS.get(answer.status, "Unknown")
    head = (f"HTTP/1.1 {answer.status} {reason}\r\nServer: fault-proxy\r\nContent-Type: {content_type}\r\n"
            f"x-amzn-RequestId: {uuid.uuid4()}\r\nx-amz-crc32: {answer.crc32}")
    return framed(head.encode(), answer.body)


class Upstream:
    """One connection to DynamoDB Local for each of a client's; opened anew where it was closed while idle."""

    def __init__(self, host, port):
        self.host, self.port = host, port
        self.reader = self.writer = None

    async def ask(self, request):
        is_new = self.writer is None
        if is_new:
            await self.connect()
        try:
            return await self._ask_once(request)
        except (Closed, ConnectionError):
            self.close()
            if is_new:
                raise
        await self.connect()
        return await self._ask_once(request)

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port, limit=BODY_BYTES_MAX)

    async def _ask_once(self, request):
        self.writer.write(framed(request.head, request.body))
        answer = await read_message(self.reader)
        if CLOSES.search(answer.head):
            self.close()
        return answer

    def close(self):
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


class FaultProxy:
    def __init__(self, upstream_url, seed=1):
        url = urllib.parse.urlsplit(upstream_url)
        self.upstream_host, self.upstream_port = url.hostname, url.port
        self.faults = Faults(seed)
        self.stale = StaleReads()
        self.streams = StreamRecords()

    async def serve_client(self, reader, writer):
        upstream = Upstream(self.upstream_host, self.upstream_port)
        try:
            while True:
                request = await read_message(reader)
                answer = await self.answer(request, upstream)
                if answer is None:
                    return
                writer.write(answer)
                await writer.drain()
                if CLOSES.search(request.head):
                    return
        except (Closed, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            upstream.close()
            writer.close()

    async def answer(self, request, upstream):
        """The bytes of the answer; None: close without one."""
        action = request.action
        if not action and request.request_line[1] == ADMIN_PATH:
            return self.administer(request)

        self.faults.requests += 1
        fault = self.faults.draw(action) if action else None
        if fault == "dropped":
            self.faults.count(fault)
            return None
        answer = refusal(fault, action, request.body, self.faults.random) if fault else None
        if answer is not None and fault != "error_after":
            self.faults.count(fault)
            return encoded(answer)
        return await self.pass_on(request, action, fault, answer, upstream)

    async def pass_on(self, request, action, fault, instead, upstream):
        try:
            answer = await upstream.ask(request)
        except (Closed, OSError, asyncio.IncompleteReadError):
            return encoded(Answer(502, b'{"message": "fault proxy: no answer from upstream"}'))
        if fault in ("lost", "error_after"):
            self.faults.count(fault)
            return encoded(instead) if instead else None
        if answer.status == 200 and action == "Query" and b'"IndexName"' in request.body:
            answer = self.lagging(request, answer)
        elif answer.status == 200 and action == "GetRecords":
            answer = self.unsteady(request, answer)
        return encoded(answer) if isinstance(answer, Answer) else framed(answer.head, answer.body)

    def lagging(self, request, answer):
        now = time.monotonic()
        newest = Answer(200, answer.body)
        older = None
        if self.faults.happens("stale", "Query"):
            older = self.stale.older(request.body, newest, now, self.faults.random)
        self.stale.remember(request.body, newest, now)
        if older is None:
            return answer
        self.faults.count("stale")
        return older

    def unsteady(self, request, answer):
        document = json.loads(answer.body)
        self.streams.change(json.loads(request.body)["ShardIterator"], document, self.faults)
        return Answer(200, json.dumps(document).encode())

    def administer(self, request):
        method, _ = request.request_line
        if method == "POST":
            try:
                self.faults.configure(json.loads(request.body))
            except (BadSettings, ValueError) as error:
                return encoded(Answer(400, json.dumps({"message": str(error)}).encode()), "application/json")
        elif method == "DELETE":
            self.faults.configure({})
            self.faults.clear_counts()
        return encoded(Answer(200, json.dumps(self.faults.report()).encode()), "application/json")


async def serve(arguments):
    proxy = FaultProxy(arguments.upstream, arguments.seed)
    proxy.faults.configure(json.loads(arguments.faults))
    host, port = arguments.listen.rsplit(":", 1)
    server = await asyncio.start_server(proxy.serve_client, host, int(port), limit=BODY_BYTES_MAX, backlog=512)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    print(f"fault proxy on {arguments.listen} before {arguments.upstream}", file=sys.stderr)
    await stopped.wait()
    server.close()


def main():
    parser = argparse.ArgumentParser(description="DynamoDB Local with the faults of DynamoDB.")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT")
    parser.add_argument("--upstream", required=True, metavar="URL", help="of DynamoDB Local")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", default="{}", metavar="JSON", help="settings, as POST /__faults takes them")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
