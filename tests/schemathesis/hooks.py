"""What Schemathesis is told about the shop beside its document: what is there, and for which reasons a request that fits
its schema may be refused. Schemathesis loads it; the variables are fuzz_api.py's."""

import itertools
import json
import os
import re
import zlib

import schemathesis

# What there is, by the name of a field or parameter.
KNOWN = json.loads(os.environ["ORDERLY_FUZZ_KNOWN"])
# The key of the run itself: without it everything would be 401.
OWN_KEY_ID = os.environ["ORDERLY_FUZZ_KEY_ID"]

# Of a 400 to what fits its schema: what no schema can say, because it depends on what is in the shop or on the day, or
# because OpenAPI has no word for it. Everything else is a bug of the document or of the program.
REASONS = [re.compile(reason) for reason in (
    r"is not a cursor of this list",  # they are sealed
    r"is no known product",
    r"is no product's id, SKU or name",
    r"means more than one product; use its id or SKU",
    r"is sold in [A-Z]{3}, not in [A-Z]{3}",
    r"must be an amount of [A-Z]{3} in major units",  # how many decimals that is
    r"must be an ISO 4217 currency code",  # three capitals that ISO has given to no currency
    r"is over",  # an end
    r"The cart token must be letters, digits, '_' or '-', at most 64\.",  # a security scheme has no schema
    r"must be the id of an object that has events: .*",
    r"must not hold a card number",
    r"is given twice",  # a query's parameter, in two spellings
    r"The path holds an encoded slash or a dot segment\.",  # of any path, whatever its parameters
)]

# Of a 401 to what fits its schema: passwords and codes that are guessed.
GUESSED = ("invalid-one-time-token", "invalid-refresh-token", "sign-in-failed")

numbers = itertools.count(1)


def chance(text):
    """Of 100; always the same for the same text, so that a seed repeats a run."""
    return zlib.crc32(str(text).encode(errors="replace")) % 100


def known(name, value):
    """Most texts where something known could be are that: who only guesses ids gets no further than 404."""
    if name in KNOWN and isinstance(value, str) and chance(value) < 75:
        return KNOWN[name][chance(value) % len(KNOWN[name])]
    # 2.0 is an integer for JSON Schema, and none here: docs/api.md.
    return int(value) if isinstance(value, float) and value.is_integer() else value


def with_known(value, name=None):
    if isinstance(value, dict):
        return {key: with_known(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [with_known(item, name) for item in value]
    return known(name, value)


@schemathesis.hook
def map_case(_context, case):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    case.path_parameters = with_known(case.path_parameters)
    case.query = with_known(case.query)
    if isinstance(case.body, (dict, list)):
        case.body = with_known(case.body)
    return case


@schemathesis.hook
def before_call(_context, case, _kwargs):
    """A key that was used before says that the request is the same; so most are made new."""
    key = (case.headers or {}).get("Idempotency-Key")
    if key and len(key) < 200 and chance(key) < 90:
        case.headers["Idempotency-Key"] = f"{key}-{next(numbers)}"
    wait = str((case.query or {}).get("wait"))
    if wait.isdecimal() and 1 < int(wait) <= 20:
        case.query["wait"] = 1  # a longer one does the same, later
    if (case.path_parameters or {}).get("id") == OWN_KEY_ID:
        case.path_parameters["id"] = "key_00000000000000000000000000"


@schemathesis.hook
def filter_failure(_context, failure, case, response):
    """False: it is none."""
    if failure.code == "ST202" and response.status_code in (401, 403, 429):
        code = json.loads(response.content)["code"]
        # Failed sign-ins and mails have limits of their own, which none of the run's settings lifts.
        is_guess = code in GUESSED or code == "rate-limited"
        is_for_others = code == "forbidden" and "owner" not in case.operation.definition.raw["x-roles"]
        if is_guess or is_for_others:
            return False
    # So many wrong credentials came that they are not looked at any more; src/api/access_test.cpp has no such limit.
    if failure.code == "ST401" and "429 Too Many Requests" in failure.message:
        return False
    # A key is never removed, only revoked (docs/adr/0017), and of a client who was erased it is known that there was one
    # (docs/adr/0021): what is deleted goes on being there, and says so.
    if failure.code == "ST301" and any(status in response.content for status in (b'"revoked"', b'"erased"')):
        return False
    if failure.code == "ST202" and response.status_code == 400:
        problem = json.loads(response.content)
        complaints = problem.get("errors") or [problem]
        return not all(any(reason.fullmatch(each["detail"]) for reason in REASONS) for each in complaints)
    return True
