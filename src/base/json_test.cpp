#include "base/json.h"

#include <gtest/gtest.h>

#include <random>

#include "base/limits.h"

namespace orderly {
namespace {

using namespace std::string_view_literals;

// --- A body like those of the API, with everything that a body can have
// -----------------------------------------------

enum class Colour { kRed, kGreen };
inline const auto& enum_names(Colour) {
  static constexpr std::array<std::pair<Colour, std::string_view>, 2> kNames{
      {{Colour::kRed, "red"}, {Colour::kGreen, "green"}}};
  return kNames;
}

struct Line {
  std::string product_id;
  std::int64_t quantity = 0;

  friend bool operator==(const Line&, const Line&) = default;
};
BOOST_DESCRIBE_STRUCT(Line, (), (product_id, quantity))
std::vector<json::Rule> json_rules(const Line*) {
  return {json::field("product_id").alias("id").text(1, 8), json::field("quantity").alias("qty").range(1, 1000)};
}

struct Body {
  std::string client_id;
  std::vector<Line> items;
  std::optional<json::Decimal> total;
  std::optional<std::string> note;
  std::optional<bool> gift;
  std::optional<Colour> colour;
  std::optional<Time> at;
  std::optional<Currency> currency;
  std::optional<OrderId> order;
  std::optional<std::int64_t> count;
  std::vector<std::int64_t> numbers;
  std::vector<std::optional<std::int64_t>> gaps;

  friend bool operator==(const Body&, const Body&) = default;
};
BOOST_DESCRIBE_STRUCT(Body, (),
                      (client_id, items, total, note, gift, colour, at, currency, order, count, numbers, gaps))
std::vector<json::Rule> json_rules(const Body*) {
  return {json::field("client_id").alias("user_id").alias("userId").text(1, 10), json::field("items").items(1, 3),
          json::field("note").text(0, 20).free_text(), json::field("numbers").optional().items(0, 4),
          json::field("gaps").optional()};
}

// What is wrong with a body, one problem a line: "pointer: message".
std::string problems_of(std::string_view text) {
  try {
    static_cast<void>(json::read<Body>(text));
    return "";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidRequest);
    EXPECT_EQ(error.slug(), "invalid-request");
    std::string lines;
    for (const Problem& problem : error.problems()) {
      lines += (lines.empty() ? "" : "\n") + problem.pointer + ": " + problem.message;
    }
    return lines;
  }
}

// A good body with further fields in it.
std::string with(std::string_view fields) {
  return R"({"client_id":"u1","items":[{"product_id":"1","quantity":2}],)" + std::string(fields) + "}";
}

Body read_with(std::string_view fields) { return json::read<Body>(with(fields)); }

struct Case {
  std::string body;
  std::string expected;
};

void expect_problems(const std::vector<Case>& cases) {
  for (const Case& each : cases) EXPECT_EQ(problems_of(each.body), each.expected) << each.body;
}

// A syntax error is a problem of the whole body and the last one.
void expect_no_json(const std::vector<std::string>& bodies) {
  for (const std::string& body : bodies) {
    const std::string problems = "\n" + problems_of(body);
    EXPECT_TRUE(problems.substr(problems.rfind('\n')).starts_with("\n: is not valid JSON")) << body << problems;
  }
}

// --- Reading
// ------------------------------------------------------------------------------------------------------------

TEST(JsonReader, ReadsWhatIsDescribed) {
  const Body body = json::read<Body>(R"( {
    "client_id": "u1", "items": [{"product_id": "1", "quantity": 2}, {"quantity": 1, "product_id": "2"}],
    "total": 199.99, "note": "Ł\u00f3d\u017a \ud83d\ude00 \"x\" \\ \/", "gift": true, "colour": "green",
    "at": "2026-11-20T09:30:00.000Z", "currency": "KWD", "order": "ord_01JD3XQ8000000000000000000",
    "count": -9223372036854775808, "numbers": [0, -1, 9223372036854775807], "gaps": [1, null, 3]} )");
  EXPECT_EQ(body.client_id, "u1");
  EXPECT_EQ(body.items, (std::vector<Line>{{"1", 2}, {"2", 1}}));
  EXPECT_EQ(body.total->text, "199.99");
  EXPECT_EQ(body.note, "Łódź 😀 \"x\" \\ /");
  EXPECT_EQ(body.gift, true);
  EXPECT_EQ(body.colour, Colour::kGreen);
  EXPECT_EQ(body.at, parse_time("2026-11-20T09:30:00.000Z"));
  EXPECT_EQ(body.currency, Currency::of("KWD"));
  EXPECT_EQ(body.order->text, "ord_01JD3XQ8000000000000000000");
  EXPECT_EQ(body.count, std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(body.numbers, (std::vector<std::int64_t>{0, -1, std::numeric_limits<std::int64_t>::max()}));
  EXPECT_EQ(body.gaps, (std::vector<std::optional<std::int64_t>>{1, std::nullopt, 3}));
}

TEST(JsonReader, KnowsEverySpellingOfAField) {
  for (const std::string_view client : {"client_id", "user_id", "userId"}) {
    const Body body = json::read<Body>("{\"" + std::string(client) + R"(":"u1","items":[{"id":"1","qty":2}]})");
    EXPECT_EQ(body.client_id, "u1");
    EXPECT_EQ(body.items, (std::vector<Line>{{"1", 2}}));
  }
}

TEST(JsonReader, AcceptsNullForWhatIsOptionalAlone) {
  EXPECT_EQ(read_with(R"("note":null,"total":null,"gift":null,"colour":null,"at":null,"order":null)"),
            json::read<Body>(R"({"client_id":"u1","items":[{"product_id":"1","quantity":2}]})"));
  expect_problems({
      {R"({"client_id":null,"items":null})",
       "/client_id: must be a string, not null\n/items: must be an array, not null"},
      {R"({"client_id":"u1","items":[null]})", "/items/0: must be an object, not null"},
      {with(R"("numbers":[1,null])"), "/numbers/1: must be an integer, not null"},
      {"null", ": must be an object, not null"},
  });
}

TEST(JsonReader, ReportsUnknownFieldsWhereverTheyAre) {
  expect_problems({
      {with(R"("colour ":"red")"), "/colour : is not a known field"},
      {with(R"("":1)"), "/: is not a known field"},
      {with(R"("a~b/c":1)"), "/a~0b~1c: is not a known field"},
      {with(R"("deep":{"a":[1,{"a":1,"a":2}],"client_id":5})"), "/deep: is not a known field"},
      {with(R"("Client_id":"u2")"), "/Client_id: is not a known field"},
      {R"({"client_id":"u1","items":[{"product_id":"1","quantity":2,"price":1}]})",
       "/items/0/price: is not a known field"},
  });
}

TEST(JsonReader, ReportsAFieldThatIsGivenTwice) {
  expect_problems({
      {with(R"("client_id":"u2")"), "/client_id: is given twice"},
      {with(R"("user_id":"u2")"), "/user_id: is given twice"},
      {R"({"userId":"u1","client_id":"u1","items":[{"id":"1","product_id":"1","quantity":2}]})",
       "/client_id: is given twice\n/items/0/product_id: is given twice"},
      {with(R"("note":null,"note":"x")"), "/note: is given twice"},
  });
}

TEST(JsonReader, ReportsWhatIsMissing) {
  expect_problems({
      {"{}", "/client_id: is required\n/items: is required"},
      {R"({"client_id":"u1","items":[{},{"quantity":1}]})",
       "/items/0/product_id: is required\n/items/0/quantity: is required\n/items/1/product_id: is required"},
  });
}

TEST(JsonReader, ReportsTheWrongTypeOnceAndReadsOn) {
  expect_problems({
      {"[]", ": must be an object, not an array"},
      {"5", ": must be an object, not a number"},
      {"\"x\"", ": must be an object, not a string"},
      {"true", ": must be an object, not a boolean"},
      {R"({"client_id":1,"items":{"product_id":[1]}})",
       "/client_id: must be a string, not a number\n/items: must be an array, not an object"},
      {R"({"client_id":["u1",{"a":{}}],"items":["1"]})",
       "/client_id: must be a string, not an array\n/items/0: must be an object, not a string"},
      {R"({"client_id":{"client_id":"u1"},"items":[{"product_id":true,"quantity":"2"}]})",
       "/client_id: must be a string, not an object\n/items/0/product_id: must be a string, not a boolean\n"
       "/items/0/quantity: must be an integer, not a string"},
      {with(R"("gift":1,"total":"1.5","count":false)"),
       "/gift: must be true or false, not a number\n/total: must be a number, not a string\n"
       "/count: must be an integer, not a boolean"},
      {with(R"("gift":"true","note":7)"),
       "/gift: must be true or false, not a string\n/note: must be a string, not a number"},
      {with(R"("colour":1,"at":0,"currency":{},"order":[])"),
       "/colour: must be one of red, green, not a number\n/at: must be an RFC 3339 date and time, not a number\n"
       "/currency: must be an ISO 4217 currency code, not an object\n/order: must be an id, not an array"},
  });
}

TEST(JsonReader, ReportsEverythingWrongAtOnce) {
  expect_problems(
      {{R"({"userId":"","items":[{"id":"1","qty":0},{"id":"","qty":2.5},{"id":"3"}],"x":1,"colour":"blue"})",
        "/userId: must not be empty\n"
        "/items/0/qty: must be between 1 and 1000\n"
        "/items/1/id: must not be empty\n"
        "/items/1/qty: must be an integer\n"
        "/items/2/quantity: is required\n"
        "/x: is not a known field\n"
        "/colour: must be one of red, green"}});
}

TEST(JsonReader, TakesIntegersThatAreWrittenAsIntegersOnly) {
  for (const std::string_view number :
       {"2.0", "2e0", "1e3", "1E3", "2.5", "-0.0", "1e-1", "0e0", "99999999999999999999.0"}) {
    EXPECT_EQ(problems_of(with("\"count\":" + std::string(number))), "/count: must be an integer") << number;
  }
  const std::string out_of_range = "/count: must be between -9223372036854775808 and 9223372036854775807";
  for (const std::string& number :
       {std::string("9223372036854775808"), std::string("-9223372036854775809"), std::string("18446744073709551615"),
        std::string("18446744073709551616"), std::string(1000, '9')}) {
    EXPECT_EQ(problems_of(with("\"count\":" + number)), out_of_range) << number;
  }
  EXPECT_EQ(read_with(R"("count":-0)").count, 0);
  EXPECT_EQ(read_with(R"("count":9007199254740993)").count, 9007199254740993);
}

TEST(JsonReader, KeepsIntegersInTheirRange) {
  const auto quantity = [](std::string_view number) {
    return problems_of(R"({"client_id":"u1","items":[{"product_id":"1","quantity":)" + std::string(number) + "}]}");
  };
  EXPECT_EQ(quantity("1"), "");
  EXPECT_EQ(quantity("1000"), "");
  for (const std::string_view number : {"0", "-1", "1001", "99999999999999999999"}) {
    EXPECT_EQ(quantity(number), "/items/0/quantity: must be between 1 and 1000") << number;
  }
}

TEST(JsonReader, KeepsTheTextOfADecimal) {
  for (const std::string& number :
       {std::string("199.99"), std::string("199.990"), std::string("0"), std::string("-0"), std::string("-0.10"),
        std::string("5"), std::string("1e2"), std::string("1.5E+10"), std::string("9223372036854775808"),
        std::string("18446744073709551616.000000000000000000001"), "0." + std::string(300, '3'),
        "1" + std::string(400, '0')}) {
    EXPECT_EQ(read_with("\"total\":" + number).total->text, number);
  }
}

TEST(JsonReader, RefusesWhatIsNoJson) {
  expect_no_json({"",
                  " ",
                  "{",
                  "}",
                  "[",
                  "{\"client_id\"",
                  "{\"client_id\":",
                  "{\"client_id\":\"u1\"",
                  "{\"client_id\":\"u1",
                  "{'client_id':'u1'}",
                  "{client_id:\"u1\"}",
                  "nul",
                  "tru",
                  "+1",
                  "01",
                  "1.",
                  ".5",
                  "-",
                  "1e",
                  "NaN",
                  "Infinity",
                  "\xef\xbb\xbf{}",
                  "/* */{}",
                  "{}//"});
  expect_no_json({with("\"count\":01"), with("\"count\":1,"), with("\"count\":+1"), with("\"count\":0x10"),
                  with("\"note\":\"\\x41\""), with("\"note\":\"\\u12g4\""), with("\"count\":1e99999999999999999999")});
  // A body that is well-formed up to its end has its own problems, too.
  EXPECT_EQ(problems_of(R"({"items":[],"x":1,)").substr(0, 70),
            "/items: must have at least 1 item(s)\n/x: is not a known field\n: is not");
}

TEST(JsonReader, RefusesTrailingBytes) {
  const std::string body = with("\"count\":1");
  EXPECT_EQ(problems_of(body + " \r\n\t"), "");
  expect_no_json({body + "x", body + "{}", body + ",", body + std::string(1, '\0'), body + " null"});
}

TEST(JsonReader, RefusesTextThatIsNoUtf8) {
  for (const std::string_view bytes :
       {"\xff", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc5", "\x80", "\xf0\x9f\x98"}) {
    const std::string text(bytes);
    expect_no_json({with("\"note\":\"" + text + "\""), with("\"" + text + "\":1"), with("\"note\":\"a" + text)});
  }
}

TEST(JsonReader, RefusesLoneSurrogates) {
  for (const std::string_view escape :
       {R"(\ud800)", R"(\udc00)", R"(\ud800x)", R"(\ud800A)", R"(\ud800\ud800)", R"(\udc00\ud800)", R"(\ud83d\n)"}) {
    const std::string text(escape);
    expect_no_json({with("\"note\":\"" + text + "\""), with("\"" + text + "\":1")});
  }
}

TEST(JsonReader, RefusesControlCharacters) {
  for (const std::string_view escape :
       {R"(\u0000)", R"(\n)", R"(\t)", R"(\u001f)", R"(\u007f)", R"(\u0080)", R"(\u009f)"}) {
    EXPECT_EQ(problems_of(with("\"note\":\"a" + std::string(escape) + "b\"")),
              "/note: must not hold control characters")
        << escape;
  }
  // Bare, they are no JSON at all (RFC 8259 section 7).
  expect_no_json({with("\"note\":\"a\nb\""), with("\"note\":\"a\tb\""), with("\"note\":\"a\0b\""sv)});
  EXPECT_EQ(read_with(R"("note":"\u00a0\u2028")").note, "\u00a0\u2028");
}

TEST(JsonReader, NestsNoDeeperThanItsLimit) {
  const auto nested = [](std::size_t depth) {
    return with("\"x\":" + std::string(depth, '[') + std::string(depth, ']'));
  };
  EXPECT_EQ(problems_of(nested(limits::kJsonDepthMax - 1)), "/x: is not a known field");
  EXPECT_TRUE(problems_of(nested(limits::kJsonDepthMax)).starts_with("/x: is not a known field\n: is not valid JSON"));
  EXPECT_TRUE(problems_of(std::string(100'000, '[')).find(": is not valid JSON") != std::string::npos);
}

TEST(JsonReader, CountsCharactersNotBytes) {
  EXPECT_EQ(read_with(R"("note":"żżżżżżżżżżżżżżżżżżżż")").note->size(), 40u);
  EXPECT_EQ(problems_of(with(R"("note":"żżżżżżżżżżżżżżżżżżżżż")")), "/note: must have at most 20 characters");
}

TEST(JsonReader, FindsCardNumbersInFreeTextAlone) {
  EXPECT_EQ(problems_of(with(R"("note":"4242 4242 4242 4242")")), "/note: must not hold a card number");
  EXPECT_EQ(problems_of(with(R"("note":"4242424242424241")")), "");
  EXPECT_EQ(problems_of(R"({"client_id":"4242424242","items":[{"product_id":"42424242","quantity":1}]})"), "");
}

TEST(JsonReader, ReadsEnumsTimesIdsAndCurrencies) {
  expect_problems({
      {with(R"("colour":"Red")"), "/colour: must be one of red, green"},
      {with(R"("colour":"")"), "/colour: must be one of red, green"},
      {with(R"("at":"2026-13-01T00:00:00Z")"), "/at: must be an RFC 3339 date and time"},
      {with(R"("at":"yesterday")"), "/at: must be an RFC 3339 date and time"},
      {with(R"("currency":"usd")"), "/currency: must be an ISO 4217 currency code"},
      {with(R"("currency":"XXX")"), "/currency: must be an ISO 4217 currency code"},
      {with(R"("order":"txn_01JD3XQ8000000000000000000")"), "/order: must be an id"},
      {with(R"("order":"ord_01jd3xq8000000000000000000")"), "/order: must be an id"},
      {with(R"("order":"")"), "/order: must be an id"},
  });
}

TEST(JsonReader, KeepsArraysInTheirLimits) {
  const std::string line = R"({"product_id":"1","quantity":1})";
  const auto body = [&](const std::string& lines) { return R"({"client_id":"u1","items":[)" + lines + "]}"; };
  EXPECT_EQ(problems_of(body("")), "/items: must have at least 1 item(s)");
  EXPECT_EQ(problems_of(body(line + "," + line + "," + line)), "");
  EXPECT_EQ(problems_of(body(line + "," + line + "," + line + "," + line)), "/items: must have at most 3 items");
  // What is beyond the limit is not looked at: a huge array costs no memory and has one problem.
  EXPECT_EQ(problems_of(body(line + "," + line + "," + line + ",1,{\"x\":[]},null")),
            "/items: must have at most 3 items");
  EXPECT_EQ(problems_of(with("\"numbers\":[]")), "");
}

TEST(JsonReader, ListsNoMoreProblemsThanItsLimit) {
  std::string fields = "\"count\":1";
  for (int n = 0; n < 200; ++n) fields += ",\"x" + std::to_string(n) + "\":1";
  try {
    json::read<Body>(with(fields));
    FAIL() << "200 unknown fields were accepted";
  } catch (const Error& error) {
    ASSERT_EQ(error.problems().size(), limits::kProblemsMax + 1);
    EXPECT_EQ(error.problems().front().pointer, "/x0");
    EXPECT_EQ(error.problems().back(), (Problem{"", "There is more; these are the first 50."}));
  }
}

TEST(JsonReader, SurvivesWhateverIsSent) {
  const std::string good = with(R"("note":"Ł\u00f3d\u017a","total":1.5e3,"gift":false,"gaps":[null,1])");
  std::mt19937 random(7);
  const auto draw = [&](std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random); };
  static constexpr std::string_view kPieces = "{}[]\",:\\u0eE+-.\x80\xff nul";
  for (int n = 0; n < 20'000; ++n) {
    std::string body = good.substr(0, 1 + draw(good.size()));
    if (draw(2) == 0) body = good;
    for (std::size_t edits = 1 + draw(3); edits > 0; --edits) body[draw(body.size())] = kPieces[draw(kPieces.size())];
    const std::string problems = problems_of(body);
    if (problems.empty()) {
      EXPECT_NO_THROW(json::read_stored<Body>(json::write(json::read<Body>(body)))) << body;
    }
  }
}

// --- Stored documents
// ---------------------------------------------------------------------------------------------------

TEST(JsonStored, IsNotCheckedAgainForLengthsAndRanges) {
  const Body body = json::read_stored<Body>(
      R"({"client_id":"","items":[],"note":"4242424242424242\n 4242424242424242","numbers":[1,2,3,4,5]})");
  EXPECT_EQ(body.client_id, "");
  EXPECT_EQ(body.numbers.size(), 5u);
}

TEST(JsonStored, ThatDoesNotReadIsABrokenInvariant) {
  for (const std::string_view text : {"", "{", "{}", "[]", R"({"client_id":"u1","items":[],"new":1})",
                                      R"({"client_id":"u1","items":[],"colour":"blue"})"}) {
    try {
      json::read_stored<Body>(text);
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBrokenInvariant) << text;
    }
  }
}

// --- Writing
// ------------------------------------------------------------------------------------------------------------

TEST(JsonWriter, WritesInTheOrderDescribedAndReadsBack) {
  Body body;
  body.client_id = "u1";
  body.items = {{"1", 2}};
  body.total = json::Decimal{"199.90"};
  body.colour = Colour::kGreen;
  body.at = Time{0};
  body.currency = Currency::of("JPY");
  body.count = std::numeric_limits<std::int64_t>::min();
  body.gaps = {1, std::nullopt};
  const std::string text = json::write(body);
  EXPECT_EQ(text,
            R"({"client_id":"u1","items":[{"product_id":"1","quantity":2}],"total":199.90,"note":null,"gift":null,)"
            R"("colour":"green","at":"1970-01-01T00:00:00.000Z","currency":"JPY","order":null,)"
            R"("count":-9223372036854775808,"numbers":[],"gaps":[1,null]})");
  EXPECT_EQ(json::read<Body>(text), body);
}

TEST(JsonWriter, EscapesWhatMustBe) {
  std::string out;
  json::write_string("a\"b\\c/\b\f\n\r\t\x01\x1f\0d\x7f Łódź 😀"sv, out);
  EXPECT_EQ(out, "\"a\\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001f\\u0000d\x7f Łódź 😀\"");
}

TEST(JsonWriter, WritesEveryByteSoThatItReadsBack) {
  Body body;
  body.note.emplace();
  for (char c = 0; c < 127; ++c) *body.note += c;
  EXPECT_EQ(json::read_stored<Body>(json::write(body)), body);
}

struct Brief {
  std::string text;
  std::int64_t number = 0;
  bool flag = false;
  std::vector<std::int64_t> list;
  std::optional<std::string> maybe;
  std::string kept;

  friend bool operator==(const Brief&, const Brief&) = default;
};
BOOST_DESCRIBE_STRUCT(Brief, (), (text, number, flag, list, maybe, kept))
std::vector<json::Rule> json_rules(const Brief*) {
  return {json::field("text").brief(), json::field("number").brief(), json::field("flag").brief(),
          json::field("list").brief(), json::field("maybe").brief()};
}

TEST(JsonWriter, LeavesOutWhatIsEmptyWhereAskedTo) {
  EXPECT_EQ(json::write(Brief{}), R"({"kept":""})");
  EXPECT_EQ(json::read_stored<Brief>(R"({"kept":""})"), Brief{});
  const Brief full{"a", -1, true, {0}, "", "b"};
  EXPECT_EQ(json::write(full), R"({"text":"a","number":-1,"flag":true,"list":[0],"maybe":"","kept":"b"})");
  EXPECT_EQ(json::read_stored<Brief>(json::write(full)), full);
}

// --- A part of what was stored
// ----------------------------------------------------------------------------------------------------------

struct Label {
  std::string client_id;
  std::optional<Time> at;
};
BOOST_DESCRIBE_STRUCT(Label, (), (client_id, at))

TEST(StoredPart, IsReadFromAmongOtherFields) {
  const auto label = json::read_stored_part<Label>(
      R"({"x":{"client_id":"inner","y":[{"at":1}]},"client_id":"u1","z":null,"at":"2026-11-20T09:30:00Z","n":1e9})");
  EXPECT_EQ(label.client_id, "u1");
  EXPECT_EQ(label.at, parse_time("2026-11-20T09:30:00Z"));
}

TEST(StoredPart, MustBeThereOnceAndOfItsType) {
  for (const std::string_view text : {R"({"x":1})", R"({"client_id":1})", R"({"client_id":"a","client_id":"b"})",
                                      R"({"client_id":"a","at":"soon"})", R"({"client_id":"a")", "[]", ""}) {
    EXPECT_THROW(json::read_stored_part<Label>(text), Error) << text;
  }
}

}  // namespace
}  // namespace orderly
