// Messages as SQS takes them and gives them back.
#include "engines/aws/sender.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "engines/aws/message_item.h"
#include "engines/aws/sqs_messages.h"
#include "engines/aws/test_cloud.h"

namespace orderly::aws {
namespace {

namespace json = boost::json;
using ports::OutgoingMessage;
using ports::QueueName;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kNow = parse_time("2026-11-21T10:30:00Z").value();

OutgoingMessage message(Duration in, QueueName queue = QueueName::kPayments, std::string body = R"({"ä":"\u00fc"})") {
  return {queue, "msg_1", std::move(body), kNow + in};
}

TEST(RouteOf, DelaysOfUpToFifteenMinutesAreSqss) {
  EXPECT_EQ(route_of(message(Duration{-5}), kNow), Route::kNow);
  EXPECT_EQ(route_of(message(Duration{0}), kNow), Route::kNow);
  EXPECT_EQ(route_of(message(Duration{1}), kNow), Route::kDelayed);
  EXPECT_EQ(route_of(message(minutes(15)), kNow), Route::kDelayed);
  EXPECT_EQ(route_of(message(minutes(15) + Duration{1}), kNow), Route::kDue);
}

TEST(RouteOf, AFifoQueueDelaysNothing) {
  EXPECT_EQ(route_of(message(Duration{0}, QueueName::kInvoices), kNow), Route::kNow);
  EXPECT_EQ(route_of(message(Duration{1}, QueueName::kInvoices), kNow), Route::kDue);
}

TEST(DelayOf, IsRoundedUpSoThatNothingComesEarly) {
  EXPECT_EQ(delay_of(message(Duration{-5}), kNow), seconds{0});
  EXPECT_EQ(delay_of(message(Duration{1}), kNow), seconds{1});
  EXPECT_EQ(delay_of(message(Duration{1'000}), kNow), seconds{1});
  EXPECT_EQ(delay_of(message(Duration{1'001}), kNow), seconds{2});
}

TEST(ToEntry, OfAStandardQueue) {
  const SqsEntry entry = to_entry(message(Duration{1'500}), kNow, "0");
  EXPECT_EQ(entry.entry, json::parse(R"({"MessageBody":"{\"ä\":\"\\u00fc\"}","DelaySeconds":2,"MessageAttributes":{
      "id":{"DataType":"String","StringValue":"msg_1"},
      "due":{"DataType":"Number","StringValue":"1795257001500"}}})"));
}

TEST(ToEntry, OfAFifoQueue) {
  const SqsEntry entry = to_entry(message(Duration{0}, QueueName::kInvoices, "{}"), kNow, "0");
  EXPECT_EQ(entry.entry.at("MessageGroupId").as_string(), "invoices");
  EXPECT_EQ(entry.entry.at("MessageDeduplicationId").as_string(), "msg_1.0");
  EXPECT_FALSE(entry.entry.contains("DelaySeconds"));
}

std::vector<SqsEntry> entries(std::size_t count, std::size_t bytes) {
  std::vector<SqsEntry> made;
  for (std::size_t i = 0; i < count; ++i) {
    made.push_back(to_entry(message(Duration{0}, QueueName::kPayments, std::string(bytes, 'x')), kNow, "0"));
  }
  return made;
}

TEST(ToBatches, TenEntriesEachWithItsOwnId) {
  const auto batches = to_batches(entries(23, 10));
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].size(), 10u);
  EXPECT_EQ(batches[2].size(), 3u);
  EXPECT_EQ(batches[0][9].at("Id").as_string(), "9");
  EXPECT_EQ(batches[2][0].at("Id").as_string(), "0");
}

TEST(ToBatches, NoMoreBytesThanSqsTakes) {
  const auto batches = to_batches(entries(5, 100'000));
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(batches[0].size(), 2u);
  EXPECT_EQ(to_batches(entries(2, 200'000)).size(), 2u);
  EXPECT_TRUE(to_batches({}).empty());
}

// --- Back from SQS
// ---------------------------------------------------------------------------------------------------

TEST(ParseSqsMessage, OurOwn) {
  const auto parsed = parse_sqs_message(json::parse(R"({"MessageId":"m-1","ReceiptHandle":"h","Body":"{}",
      "Attributes":{"ApproximateReceiveCount":"3","SentTimestamp":"1795257000000"},
      "MessageAttributes":{"id":{"DataType":"String","StringValue":"msg_1"},
                           "due":{"DataType":"Number","StringValue":"1795257001500"}}})")
                                            .as_object());
  EXPECT_EQ(parsed.id, "msg_1");
  EXPECT_EQ(parsed.handle, "h");
  EXPECT_EQ(parsed.body, "{}");
  EXPECT_EQ(parsed.receives, 3);
  EXPECT_EQ(parsed.due, (Time{1795257001500}));
}

TEST(ParseSqsMessage, OneThatSomebodyElseSentHasAnIdAllTheSame) {
  const auto parsed = parse_sqs_message(
      json::parse(R"({"MessageId":"m-1","ReceiptHandle":"h","Body":"hello","Attributes":{"SentTimestamp":"5"}})")
          .as_object());
  EXPECT_EQ(parsed.id, "sqs_m-1");
  EXPECT_EQ(parsed.due, (Time{5}));
  EXPECT_EQ(parsed.receives, 1);
  EXPECT_EQ(parse_sqs_message({}).id, "sqs_");
}

TEST(ParseSqsMessage, ADeadLetterOfOursAndOneThatSqsMoved) {
  const auto ours = parse_sqs_message(json::parse(R"({"MessageAttributes":{
      "reason":{"StringValue":"poison"},"attempts":{"StringValue":"4"},"died":{"StringValue":"77"}}})")
                                          .as_object());
  EXPECT_EQ(ours.reason, "poison");
  EXPECT_EQ(ours.attempts, 4);
  EXPECT_EQ(ours.died_at, (Time{77}));
  const auto moved = parse_sqs_message(json::parse(R"({"Attributes":{"SentTimestamp":"5"}})").as_object());
  EXPECT_EQ(moved.reason, "handler-died");
  EXPECT_EQ(moved.died_at, (Time{5}));
}

// --- Messages in the table
// -------------------------------------------------------------------------------------------

TEST(MessageItem, ComesBackAsItWas) {
  const OutgoingMessage one = message(Duration{7}, QueueName::kDocuments);
  const auto parsed = parse_messages(messages_attribute({one, one}));
  ASSERT_EQ(parsed.size(), 2u);
  EXPECT_EQ(parsed[1].queue, one.queue);
  EXPECT_EQ(parsed[1].id, one.id);
  EXPECT_EQ(parsed[1].body, one.body);
  EXPECT_EQ(parsed[1].due, one.due);
  EXPECT_TRUE(parse_messages(messages_attribute({})).empty());
}

TEST(MessageItem, WhatIsNoneIsABrokenInvariant) {
  for (const char* text : {R"({"S":"x"})", R"({"L":[{"S":"x"}]})", R"({"L":[{"M":{}}]})", "5",
                           R"({"L":[{"M":{"queue":{"S":"none"},"id":{"S":"1"},"body":{"S":""},"due":{"N":"1"}}}]})"}) {
    EXPECT_THROW(parse_messages(json::parse(text)), Error) << text;
  }
  EXPECT_FALSE(number_of(json::object{{"n", json::object{{"N", "12x"}}}}, "n"));
}

}  // namespace
}  // namespace orderly::aws
