#include "engines/aws/item.h"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <set>

#include "engines/aws/message_item.h"

namespace orderly::aws {
namespace {

using ports::Index;

constexpr Time kNow{1'795'257'005'123};  // 2026-11-21T10:30:05.123Z
const ports::Key kKey{"ORDER#1", "META"};

ports::Put order() {
  ports::Put put;
  put.key = kKey;
  put.document = R"({"total":19998})";
  put.version = 3;
  return put;
}

TEST(Item, ARecordIsReadable) {
  EXPECT_EQ(boost::json::serialize(to_item(order())),
            R"({"pk":{"S":"ORDER#1"},"sk":{"S":"META"},"total":{"N":"19998"},"_v":{"N":"3"}})");
}

TEST(Item, ARecordComesBack) {
  ports::Put put = order();
  put.expires_at = kNow;
  put.version = 18'446'744'073'709'551'615U;
  put.indexes = {{Index::kByClient, "CLIENT#ann", "T1"}, {Index::kByStatus, "order#a~b#day", "T1"}};
  for (const std::string document : {R"({"total":19998})", "{}", "1.50", "no JSON"}) {
    put.document = document;
    const Item item = to_item(put);
    const ports::Record record = to_record(item);
    EXPECT_EQ(record.key, kKey);
    EXPECT_EQ(record.document, document);
    EXPECT_EQ(record.version, put.version);
    EXPECT_EQ(record.expires_at, kNow);
    EXPECT_FALSE(is_counter(item));
    EXPECT_EQ(index_entries(item), put.indexes);
  }
}

TEST(Item, AnExpiredRecordIsGoneAtItsMomentAndSweptADayLater) {
  ports::Put put = order();
  EXPECT_FALSE(is_expired(to_item(put), kNow));
  put.expires_at = kNow;
  const Item item = to_item(put);
  EXPECT_FALSE(is_expired(item, kNow - Duration{1}));
  EXPECT_TRUE(is_expired(item, kNow));
  EXPECT_EQ(number_of(item, "ttl"), 1'795'257'006 + 86'400) << "seconds, rounded up";
}

TEST(Item, ACounterRecordIsWhatItsCountersAre) {
  const Item item{{"pk", text_attribute("STOCK#1")},
                  {"sk", text_attribute("META")},
                  {"reserved", number_attribute(2)},
                  {"available", number_attribute(8)}};
  EXPECT_TRUE(is_counter(item));
  EXPECT_EQ(to_record(item).document, R"({"available":8,"reserved":2})");
  EXPECT_EQ(to_record(item).version, 0u);
}

TEST(Item, AnEventCarriesMessagesAndItsPlaceForTheRelay) {
  const std::vector<ports::OutgoingMessage> messages{{ports::QueueName::kPayments, "msg_1", "{}", kNow},
                                                     {ports::QueueName::kInvoices, "msg_2", "[2]", Time{5}}};
  const Item item = to_event_item({kKey, R"({"type":"placed"})"}, messages, kNow, 1);
  EXPECT_EQ(to_record(item).document, R"({"type":"placed"})");
  EXPECT_EQ(to_record(item).version, 1u);
  EXPECT_FALSE(is_counter(item));
  EXPECT_TRUE(text_of(item, "_fp")->starts_with("2026-11-21T10:30#"));
  EXPECT_EQ(text_of(item, "_fs"), "2026-11-21T10:30:05.123Z#01");
  const auto carried = messages_of(item);
  ASSERT_EQ(carried.size(), 2u);
  EXPECT_EQ(carried[1].queue, ports::QueueName::kInvoices);
  EXPECT_EQ(carried[1].id, "msg_2");
  EXPECT_EQ(carried[1].body, "[2]");
  EXPECT_EQ(carried[1].due, Time{5});
  EXPECT_FALSE(to_event_item({kKey, "{}"}, {}, kNow, 0).contains("_m"));
  const Item outbox = to_outbox_item("t", messages, kNow);
  EXPECT_EQ(key_of(outbox), (ports::Key{"~OUT#t", "META"}));
  EXPECT_EQ(messages_of(outbox).size(), 2u);
  EXPECT_FALSE(is_counter(outbox));
}

TEST(Item, AnIndexSortIsTakenApart) {
  const std::string bytes = index_sort("T1", {"P", "S"});
  EXPECT_EQ(bytes.size(), 2u + 9u);
  EXPECT_EQ(sort_of_index_sort(bytes), "T1");
  EXPECT_EQ(sort_of_index_sort("é\x1f"
                               "AAAAAAAA"),
            "é");
  for (const std::string_view bad : {"", "T1", "T1AAAAAAAA",
                                     "\x1f"
                                     "AAAAAAAA",
                                     "T1\x1f"
                                     "AAAAAAA",
                                     "T1\x1f"
                                     "AAAAAAAAA",
                                     "T1\x1f"
                                     "AAAA/AAA",
                                     "T\x1f"
                                     "1\x1f"
                                     "AAAAAAAA"}) {
    EXPECT_FALSE(sort_of_index_sort(bad)) << bad;
  }
}

TEST(Item, RecordsThatShareASortHaveIndexSortsOfTheirOwn) {
  std::set<std::string> sorts;
  for (int i = 0; i < 20'000; ++i) sorts.insert(index_sort("T1", {"ORDER#" + std::to_string(i), "META"}));
  EXPECT_EQ(sorts.size(), 20'000u);
}

TEST(Item, IndexSortsKeepTheOrderOfSorts) {
  const ports::Key first{"A", "A"};
  const ports::Key second{"B", "A"};
  EXPECT_LT(index_sort("T1", second), index_sort("T10", first));
  EXPECT_GT(index_sort("T1", first), "T1") << "from includes it";
  EXPECT_LT(index_sort("T1", second), "T1 ") << "no sort between";
}

}  // namespace
}  // namespace orderly::aws
