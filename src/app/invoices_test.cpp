#include "app/invoices.h"

#include <gtest/gtest.h>

#include "app/keys.h"
#include "base/text.h"
#include "tests/fakes/world.h"

namespace orderly::app {
namespace {

using fakes::World;

std::string sortable(const std::string& shown) {
  const auto number = domain::parse_shown_number(shown);
  return domain::sortable_number(number->series, number->sequence);
}

// Whoever damages a stored order so that no invoice can be made of it.
void poison(World& world, const OrderId& id) {
  world.store.tamper(keys::order(id), [](std::string& document) { document.back() = '?'; });
}
void heal(World& world, const OrderId& id) {
  world.store.tamper(keys::order(id), [](std::string& document) { document.back() = '}'; });
}

TEST(Invoices, FiveHundredOrdersWithSomeCancelledGetNumbersWithoutAGap) {
  World world;
  for (int i = 0; i < 500; ++i) {
    const OrderId id = world.place_order({{"3", 1}});
    if (i % 7 == 3) world.cancel(id);
    if (i % 50 == 49) world.run_until_idle();
  }
  world.run_until_idle();
  std::int64_t invoices = 0;
  std::string last;
  world.store.inspect()->records([&](const auto& each) {
    const ports::Key& key = each.record.key;
    if (!key.partition.starts_with("INVOICE#") || key.sort != keys::kMeta) return true;
    ++invoices;  // in the order of their numbers
    last = json::read_stored<domain::Invoice>(each.record.document).number;
    return true;
  });
  EXPECT_EQ(invoices, 500 - 71);
  EXPECT_EQ(last, "INV-2026-000429");  // the World checks numbers and hashes one by one
}

TEST(Invoices, TheirPdfIsStoredAndHasTheHashThatIsNoted) {
  World world;
  world.place_paid_order({{"1", 2}});
  const ports::Blob pdf = world.run(get_invoice_pdf(world.app, world.owner(), "INV-2026-000001"));
  EXPECT_EQ(pdf.content_type, "application/pdf");
  EXPECT_TRUE(pdf.bytes.starts_with("%PDF-"));
  const auto record = world.run(world.store.get(keys::invoice_file(sortable("INV-2026-000001"))));
  ASSERT_TRUE(record);
  const auto file = json::read_stored<InvoiceFile>(record->document);
  EXPECT_EQ(file.sha256, to_hex(world.crypto.sha256(pdf.bytes)));
  EXPECT_EQ(file.bytes, static_cast<std::int64_t>(pdf.bytes.size()));
}

TEST(Invoices, HoldTheClientsAddressAndWhatWasBought) {
  World world;
  PlaceOrder command = world.order_of({{"1", 2}});
  command.shipping_address = Address{"Łukasz Żak", "ul. Długa 1", "m. 2", "Kraków", {}, "31-146", "PL"};
  world.run(place_order(world.app, world.owner(), command, {}));
  world.run_until_idle();
  const InvoiceView invoice = world.run(get_invoice(world.app, world.owner(), "INV-2026-000001"));
  EXPECT_EQ(invoice.client.name, "Łukasz Żak");
  EXPECT_EQ(invoice.client.lines, (std::vector<std::string>{"ul. Długa 1", "m. 2", "31-146 Kraków", "PL"}));
  EXPECT_EQ(invoice.total, 19999);
  EXPECT_EQ(invoice.seller.name, "Orderly Demo Shop");
  EXPECT_EQ(invoice.pdf, "/invoices/INV-2026-000001.pdf");
}

TEST(Invoices, ANewYearBeginsANewSeries) {
  World world;
  world.place_paid_order({{"1", 1}});
  world.clock.set(*parse_time("2027-01-01T00:00:01.000Z"));
  const OrderId id = world.place_paid_order({{"1", 1}});
  EXPECT_EQ(world.order(id).invoice, "INV-2027-000001");
}

TEST(Invoices, AnOrderCancelledBeforeItsInvoiceGetsNoneAndLeavesNoGap) {
  World world;
  const OrderId first = world.place_order({{"1", 1}});
  const OrderId second = world.place_order({{"1", 1}});
  world.report(first, "paid");
  world.report(second, "paid");
  world.cancel(first);
  world.run_until_idle();
  EXPECT_EQ(world.order(first).invoice, "");
  EXPECT_EQ(world.order(second).invoice, "INV-2026-000001");
}

TEST(Invoices, APoisonOneStopsTheSeriesRaisesAnAlarmAndIsNeverSkipped) {
  World world;
  const OrderId before = world.place_order({{"1", 1}});
  const OrderId sick = world.place_order({{"1", 1}});
  const OrderId after = world.place_order({{"1", 1}});
  for (const OrderId& id : {before, sick, after}) {
    world.report(id, "paid");
    world.clock.set(world.clock.now() + Duration{10});
  }
  poison(world, sick);
  world.advance(std::chrono::minutes(5));
  EXPECT_EQ(world.order(before).invoice, "INV-2026-000001");
  EXPECT_EQ(world.order(after).invoice, "");
  EXPECT_GE(world.monitor.alarms_of("invoices-stopped"), 1u);
  EXPECT_TRUE(world.run(world.queue.dead_letters(ports::QueueName::kInvoices, 1)).empty());

  heal(world, sick);
  world.run_until_idle();
  EXPECT_EQ(world.order(sick).invoice, "INV-2026-000002");
  EXPECT_EQ(world.order(after).invoice, "INV-2026-000003");
}

TEST(Invoices, AStoreThatFailsForAWhileStopsNothingForGood) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.report(id, "paid");
  for (std::size_t nth = 0; nth < 6; ++nth) world.store.fail_commit(fakes::CommitFault::kRefused, nth);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).invoice, "INV-2026-000001");
  EXPECT_EQ(world.monitor.alarms_of("invoices-stopped"), 0u);
}

TEST(Invoices, MessagesDeliveredTwiceIssueOnce) {
  World world;
  world.queue.set_copies(2);
  for (int i = 0; i < 15; ++i) world.place_order({{"3", 1}});
  world.run_until_idle();
  EXPECT_TRUE(world.run(world.store.get(keys::invoice(sortable("INV-2026-000015")))));
  EXPECT_FALSE(world.run(world.store.get(keys::invoice(sortable("INV-2026-000016")))));
}

TEST(Invoices, ACreditNoteThatFollowsItsInvoiceInTheSameBatchIsIssuedToo) {
  World world;
  const OrderId id = world.place_order({{"1", 1}});
  world.report(id, "paid");
  world.run(ship_order(world.app, world.owner(), id.text, {}));
  world.refund(id, 500);
  world.run_until_idle();
  EXPECT_EQ(world.order(id).refunds.at(0).credit_note, "CRN-2026-000001");
  EXPECT_EQ(world.order(id).invoice, "INV-2026-000001");
}

TEST(Invoices, AChangedByteIsFoundByTheHash) {
  World world;
  world.place_paid_order({{"1", 1}});
  const auto record = world.run(world.store.get(keys::invoice(sortable("INV-2026-000001"))));
  auto invoice = json::read_stored<domain::Invoice>(record->document);
  const auto hash_of = [&] { return base64url_encode(world.crypto.sha256(domain::bytes_for_hash(invoice))); };
  EXPECT_EQ(hash_of(), invoice.hash);
  invoice.total += 1;
  EXPECT_NE(hash_of(), invoice.hash);
}

TEST(Invoices, ClientsSeeTheirOwnNewestFirst) {
  World world;
  for (int i = 0; i < 5; ++i) {
    world.place_paid_order({{"3", 1}});
    world.advance(std::chrono::seconds(1));
  }
  const Caller mine = world.client("u1");
  std::vector<std::string> numbers;
  PageOf page{2, ""};
  do {
    const List<InvoiceView> list = world.run(list_invoices(world.app, mine, "u1", page));
    for (const InvoiceView& invoice : list.data) numbers.push_back(invoice.number);
    page.cursor = list.next_cursor.value_or("");
  } while (!page.cursor.empty());
  EXPECT_EQ(numbers, (std::vector<std::string>{"INV-2026-000005", "INV-2026-000004", "INV-2026-000003",
                                               "INV-2026-000002", "INV-2026-000001"}));
  const Caller other = world.client("u2");
  EXPECT_EQ(world.error_of(get_invoice(world.app, other, "INV-2026-000001")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(get_invoice_pdf(world.app, other, "INV-2026-000001")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(list_invoices(world.app, other, "u1", {})).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(get_invoice(world.app, mine, "INV-2026-000099")).code(), ErrorCode::kNotFound);
  EXPECT_EQ(world.error_of(get_invoice(world.app, mine, "../etc/passwd")).code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace orderly::app
