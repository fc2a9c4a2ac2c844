#!/usr/bin/env python3
"""Schemathesis against a running shop: requests made from GET /openapi.json, good and bad ones, single and in the order in
which one gives what the next one takes. Twice: as a demo, and with keys required, as the owner. No answer may be a 5xx, of
another status, type, schema or header than the document says, or refuse what the document allows; nor may anything be
accepted that the document does not allow.

  tests/schemathesis/fuzz_api.py                      the short form
  tests/schemathesis/fuzz_api.py --minutes 10         as long as that; --seed N repeats a run

Run it after tests/peers/setup schemathesis and script/build release orderly. Exit code 77: Schemathesis is not installed;
with CI=true that is 1."""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "peers"), str(HERE.parent / "end_to_end")]
import peers  # noqa: E402
import shop  # noqa: E402

SCHEMATHESIS = peers.INSTALLED / "schemathesis" / "venv" / "bin" / "schemathesis"

SHORT_EXAMPLES = 6  # of each operation
SHORT_SEED = 1
RESIDENT_BYTES_MAX = 512 * 1024 * 1024  # of the server; it has about 60 MB after a start
GRACE_S = 300  # for Schemathesis to end after its time

# One client of the address is all there is here.
NO_LIMITS = ("--set", "keys.requests_per_second=0", "--set", "guests.requests_per_second=0")
# So that no request is refused for want of a card alone.
CARD = ("--set", "payments.default_method=pm_card_visa")


class Watch:
    """Looks how much memory a process has, until it is stopped."""

    def __init__(self, pid):
        self._statm = pathlib.Path(f"/proc/{pid}/statm")
        self._is_over = threading.Event()
        self.most = 0
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._is_over.wait(0.5):
            try:
                pages = int(self._statm.read_text().split()[1])
            except (OSError, IndexError):
                return
            self.most = max(self.most, pages * os.sysconf("SC_PAGE_SIZE"))

    def stop(self):
        self._is_over.set()
        self._thread.join()


def fill(running, headers):
    """Orders in several states, for requests to be about; what there is, by the names of fields and parameters."""
    placed = [running.post("/orders", {"client_id": "u1", "items": [{"product_id": product, "quantity": 2}], **fields},
                           headers).json["id"]
              for product, fields in (("1", {"payment_method": "pm_card_visa"}), ("2", {"pay_later": True}),
                                      ("1", {"payment_method": "pm_card_visa_chargeDeclined"}),
                                      ("3", {"pay_later": True}), ("2", {"payment_method": "pm_card_visa"}))]
    shop.wait_until(
        lambda: running.get("/clients/u1/invoices", headers).json["data"], what="an invoice")
    numbers = [invoice["number"] for invoice in running.get("/clients/u1/invoices", headers).json["data"]]
    products = [product["id"] for product in running.get("/products?limit=100", headers).json["data"]]
    return {"product_id": products, "item": products, "currency": ["USD"], "order_id": placed, "order": placed,
            "client": ["u1"], "client_id": ["u1", "u2"], "number": numbers,
            "payment_method": ["pm_card_visa", "pm_card_visa_chargeDeclined", "pm_sim_http_500"]}


def own_key(running):
    return re.search(r"ok_test_[0-9A-Za-z]{66}", running.output_path.read_text()).group()


def fuzz(name, options, arguments, exclusions, seconds):
    """One run; whether nothing was found."""
    print(f"== {name}", flush=True)
    with shop.Shop(*NO_LIMITS, "--set", "mail.folder=mails", *options) as running:
        is_closed = "--require-keys" in options
        key = own_key(running) if is_closed else "none"
        headers = {"authorization": f"Bearer {key}"} if is_closed else {}
        environment = {**shop.environment(), "PYTHONPATH": str(HERE), "PYTHONDONTWRITEBYTECODE": "1",
                       "ORDERLY_FUZZ_KEY": key, "ORDERLY_FUZZ_KEY_ID": "key_" + key[8:34],
                       "ORDERLY_FUZZ_KNOWN": json.dumps(fill(running, headers))}
        watch = Watch(running.process.pid)
        try:
            found = subprocess.run(
                [SCHEMATHESIS, "--config-file", HERE / "schemathesis.toml", "run", "--no-color", *arguments, *exclusions,
                 f"http://127.0.0.1:{running.port}/openapi.json"],
                cwd=running.folder, env=environment, stdin=subprocess.DEVNULL, check=False,
                timeout=seconds + GRACE_S).returncode != 0
        finally:
            watch.stop()
        return not (found | after(running, headers, watch.most))


def after(running, headers, resident_bytes):
    """Whether something is wrong with the shop now."""
    complaints = []
    if running.process.poll() is not None:
        complaints.append(f"the server ended with {running.process.returncode}")
    elif running.get("/orders", headers).status != 200:
        complaints.append("the shop does not know its caller any more")
    if resident_bytes > RESIDENT_BYTES_MAX:
        complaints.append("the server took too much memory")
    complaints += [f"alarm: {line}" for line in running.log_lines() if line.get("level") in ("error", "critical")]
    if not complaints:
        running.stop()
        running.check()
    counts = {}
    for line in running.log_lines():
        if line.get("event") == "request":
            counts[line["status"]] = counts.get(line["status"], 0) + 1
    print("answers: " + ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())))
    print(f"at most {resident_bytes >> 20} MB of memory")
    print("\n".join(complaints), flush=True)
    return bool(complaints)


def main():
    parser = argparse.ArgumentParser(description="Schemathesis against a running shop.")
    parser.add_argument("--minutes", type=float, help="how long; otherwise a few examples of each operation")
    parser.add_argument("--seed", type=int, help=f"repeats a run (the short form: {SHORT_SEED}, otherwise by chance)")
    options = parser.parse_args()
    if not SCHEMATHESIS.exists():
        return peers.exit_code_of_missing(peers.PeerMissing("Schemathesis; tests/peers/setup schemathesis installs it"))

    seed = options.seed
    if seed is None:
        seed = SHORT_SEED if options.minutes is None else random.SystemRandom().randrange(1 << 31)
    seconds = 0 if options.minutes is None else max(int(options.minutes * 60 / 2), 1)
    arguments = ["--seed", str(seed)]
    arguments += ["--max-examples", str(SHORT_EXAMPLES)] if seconds == 0 else ["--max-time", str(seconds)]
    begun = time.monotonic()
    print(f"seed {seed}", flush=True)
    # The demo asks for no credentials, and is none any more once there is a key.
    demo = fuzz("the demo", CARD, arguments,
                ["--exclude-checks", "ignored_auth", "--exclude-operation-id", "create_api_key"], seconds)
    closed = fuzz("with keys, as the owner", ("--require-keys", *CARD), arguments, [], seconds)
    print(f"{time.monotonic() - begun:.0f} s, seed {seed}")
    return 0 if demo and closed else 1


if __name__ == "__main__":
    sys.exit(main())
