#include "engines/documents/invoice_pdf.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/error.h"

namespace orderly::engines {
namespace {

using ports::InvoicePage;

constexpr std::int64_t kIssuedAtMs = 1'795'167'000'000;  // 2026-11-20T09:30:00Z

InvoicePage invoice() {
  InvoicePage page;
  page.number = "INV-2026-000042";
  page.order_id = "ord_01JD4TQ8W5ZKX3N7V2M9RCYB6H";
  page.issued_at = Time{kIssuedAtMs};
  page.currency = Currency::of("USD");
  page.seller = {"Orderly Demo Store",
                 {"1 Market Street", "94105 San Francisco, CA", "United States", "EIN 12-3456789"}};
  page.client = {"Søren Åström", {"Kungsgatan 12 B", "111 35 Stockholm", "Sweden"}};
  page.lines = {{"Wireless Headphones", "AUD-001", 2, 9500, 19000}, {"USB-C Cable, 2 m", "CBL-204", 3, 1299, 3897}};
  page.sums = {{"Subtotal", 22897}, {"Shipping", 999}, {"Tax (8.5 %)", 1946}};
  page.total_minor = 25842;
  page.note = "Paid by card on 2026-11-20, transaction txn_01JD4TR2M8. Thank you for your order.";
  return page;
}

InvoicePage polish_invoice() {
  InvoicePage page = invoice();
  page.client = {"Łukasz Żółć", {"ul. Świętokrzyska 3/7", "00-021 Warszawa", "Polska"}};
  page.lines[0].description = "Słuchawki bezprzewodowe";
  return page;
}

InvoicePage long_invoice(std::size_t lines) {
  InvoicePage page = invoice();
  page.lines.clear();
  for (std::size_t i = 1; i <= lines; ++i) {
    const std::string rest = i % 7 == 0 ? " with a name that is long enough to need a second line in its column" : "";
    page.lines.push_back({fmt::format("Product number {}{}", i, rest), fmt::format("SKU-{:04}", i), 1, 1000, 1000});
  }
  return page;
}

class TemporaryPdf {
 public:
  explicit TemporaryPdf(const std::string& bytes) {
    const int descriptor = ::mkstemp(path_.data());
    if (descriptor >= 0) ::close(descriptor);
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryPdf() { std::remove(path_.c_str()); }
  TemporaryPdf(const TemporaryPdf&) = delete;
  TemporaryPdf& operator=(const TemporaryPdf&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = ::testing::TempDir() + "orderly-invoice-XXXXXX";
};

// What a program prints about the document; fails the test when it is not installed or complains.
std::string run_on(const std::string& pdf, const std::string& program, const std::string& arguments) {
  const TemporaryPdf file(pdf);
  FILE* pipe = ::popen(fmt::format("{} '{}' {} 2>&1", program, file.path(), arguments).c_str(), "r");
  std::string output;
  char buffer[4096];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, size);
  const int status = ::pclose(pipe);
  EXPECT_EQ(status, 0) << program << " failed or is not installed (Debian: poppler-utils): " << output;
  EXPECT_EQ(output.find("Error"), std::string::npos) << output;
  return output;
}

std::string text_of(const std::string& pdf) { return run_on(pdf, "pdftotext -enc UTF-8 -layout", "-"); }

std::size_t pages_of(const std::string& pdf) {
  const std::string facts = run_on(pdf, "pdfinfo", "");
  const std::size_t at = facts.find("Pages:");
  return at == std::string::npos ? 0 : std::stoul(facts.substr(at + 6));
}

::testing::AssertionResult holds(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << "no \"" << part << "\" in:\n" << text;
}

TEST(InvoicePdf, ShowsEveryFactOfTheInvoice) {
  const std::string text = text_of(InvoicePdf().invoice_pdf(invoice()));
  for (const char* part : {"INVOICE",
                           "INV-2026-000042",
                           "2026-11-20",
                           "ord_01JD4TQ8W5ZKX3N7V2M9RCYB6H",
                           "Orderly Demo Store",
                           "1 Market Street",
                           "EIN 12-3456789",
                           "Søren Åström",
                           "111 35 Stockholm",
                           "Wireless Headphones",
                           "AUD-001",
                           "95.00",
                           "190.00",
                           "USB-C Cable, 2 m",
                           "12.99",
                           "38.97",
                           "Subtotal",
                           "USD 228.97",
                           "Tax (8.5 %)",
                           "USD 19.46",
                           "Total",
                           "USD 258.42",
                           "transaction txn_01JD4TR2M8",
                           "Page 1 of 1"}) {
    EXPECT_TRUE(holds(text, part));
  }
}

TEST(InvoicePdf, ACreditNoteSaysSoAndNamesTheInvoiceThatItCorrects) {
  InvoicePage page = invoice();
  page.credit_note = true;
  page.number = "CRN-2026-000003";
  page.corrects = "INV-2026-000042";
  const std::string text = text_of(InvoicePdf().invoice_pdf(page));
  for (const char* part : {"CREDIT NOTE", "CRN-2026-000003", "Corrects", "INV-2026-000042"}) {
    EXPECT_TRUE(holds(text, part));
  }
}

TEST(InvoicePdf, NamesComeOutAsTheyWentIn) {
  for (const char* name : {"Łukasz Żółć", "Søren Åström", "(brackets) \\ backslash", "((( unbalanced",
                           "Zoë O’Brien – “quoted” €", "Nguyễn Thị Hồng", "Ἀθηνᾶ Παπαδοπούλου", "Юрий Щёголев",
                           "<script>alert('x')</script>", "%PDF >> endstream Tj ET", "/F1 9 Tf <0041> Tj"}) {
    InvoicePage page = invoice();
    page.client.name = name;
    page.lines[0].description = name;
    const std::string text = text_of(InvoicePdf().invoice_pdf(page));
    const std::size_t first = text.find(name);
    ASSERT_NE(first, std::string::npos) << name << " in\n" << text;
    EXPECT_NE(text.find(name, first + 1), std::string::npos) << name << " in\n" << text;
    EXPECT_TRUE(holds(text, "Page 1 of 1")) << name;
  }
}

TEST(InvoicePdf, WhatNoFontHasBecomesAVisibleBox) {
  InvoicePage page = invoice();
  page.client.name = "山田 Łukasz 🙈";
  EXPECT_TRUE(holds(text_of(InvoicePdf().invoice_pdf(page)), "□□ Łukasz □"));
}

TEST(InvoicePdf, ControlCharactersAndBadUtf8NeverReachThePage) {
  InvoicePage page = invoice();
  page.client.name = std::string("One\nTwo\x01\x1B\0Three", 15) + "\u202EFour\u200B";
  page.client.lines = {"bad \xFF byte"};
  const std::string text = text_of(InvoicePdf().invoice_pdf(page));
  EXPECT_TRUE(holds(text, "One TwoThreeFour"));
  EXPECT_TRUE(holds(text, "bad □ byte"));
}

TEST(InvoicePdf, AmountsHaveTheDigitsOfTheirCurrency) {
  const struct {
    const char* currency;
    std::int64_t minor;
    const char* shown;
  } kCases[] = {
      {"JPY", 19999, "JPY 19,999"}, {"USD", 19999, "USD 199.99"},
      {"KWD", 5, "KWD 0.005"},      {"KWD", 1234567, "KWD 1,234.567"},
      {"USD", 0, "USD 0.00"},       {"USD", -123456, "USD -1,234.56"},
      {"JPY", -100, "JPY -100"},    {"USD", 1'000'000'000'000'000, "USD 10,000,000,000,000.00"},
      {"JPY", 999, "JPY 999"},      {"USD", 99999, "USD 999.99"},
  };
  for (const auto& c : kCases) {
    InvoicePage page = invoice();
    page.currency = Currency::of(c.currency);
    page.lines[0].unit_price_minor = page.lines[0].amount_minor = page.total_minor = c.minor;
    const std::string text = text_of(InvoicePdf().invoice_pdf(page));
    EXPECT_TRUE(holds(text, c.shown));
    EXPECT_TRUE(holds(text, std::string("AMOUNT ") + c.currency));
  }
}

TEST(InvoicePdf, TheSameDataGivesTheSameBytes) {
  const InvoicePdf documents;
  for (const InvoicePage& page : {invoice(), polish_invoice(), long_invoice(50)}) {
    const std::string first = documents.invoice_pdf(page);
    EXPECT_EQ(first, documents.invoice_pdf(page));
    EXPECT_EQ(first, InvoicePdf().invoice_pdf(page));
    InvoicePage other = page;
    other.total_minor += 1;
    EXPECT_NE(first, documents.invoice_pdf(other));
  }
}

TEST(InvoicePdf, NothingInItComesFromAClock) {
  for (const InvoicePage& page : {invoice(), polish_invoice()}) {
    const std::string pdf = InvoicePdf().invoice_pdf(page);
    for (const char* key : {"/CreationDate", "/ModDate", "/ID", "(D:"}) {
      EXPECT_EQ(pdf.find(key), std::string::npos) << key;
    }
    EXPECT_TRUE(holds(run_on(pdf, "pdfinfo", ""), "INV-2026-000042"));
  }
}

TEST(InvoicePdf, FiftyLinesContinueOnFurtherPagesWithTheirHeader) {
  const std::string pdf = InvoicePdf().invoice_pdf(long_invoice(50));
  const std::string text = text_of(pdf);
  const std::size_t pages = pages_of(pdf);
  ASSERT_GE(pages, 2u);
  std::size_t headers = 0;
  for (std::size_t at = text.find("DESCRIPTION"); at != std::string::npos; at = text.find("DESCRIPTION", at + 1))
    ++headers;
  EXPECT_EQ(headers, pages);
  for (std::size_t i = 1; i <= 50; ++i) EXPECT_TRUE(holds(text, fmt::format("Product number {}", i)));
  for (std::size_t i = 1; i <= pages; ++i) EXPECT_TRUE(holds(text, fmt::format("Page {} of {}", i, pages)));
  EXPECT_TRUE(holds(text, "Invoice INV-2026-000042, continued"));
}

TEST(InvoicePdf, EveryNumberOfLinesKeepsItsTotal) {
  const InvoicePdf documents;
  for (std::size_t lines = 0; lines <= 24; ++lines) {
    const std::string text = text_of(documents.invoice_pdf(long_invoice(lines)));
    EXPECT_TRUE(holds(text, "USD 258.42")) << lines;
    EXPECT_TRUE(holds(text, "Thank you for your order.")) << lines;
  }
}

TEST(InvoicePdf, ALongUnbrokenNameIsBrokenInsideItsColumn) {
  InvoicePage page = invoice();
  page.lines[1].description = std::string(200, 'W');
  page.lines[1].sku = std::string(64, '#');
  page.lines[1].unit_price_minor = page.lines[1].amount_minor = 1'000'000'000'000'000;
  const std::string pdf = InvoicePdf().invoice_pdf(page);
  const std::string text = text_of(pdf);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'W'), 200 + 2);  // "Wireless", and the order's number
  EXPECT_EQ(std::count(text.begin(), text.end(), '#'), 64);
  EXPECT_EQ(text.find(std::string(60, 'W')), std::string::npos);
  EXPECT_TRUE(holds(text, "10,000,000,000,000.00"));
}

TEST(InvoicePdf, EvenAbsurdPartiesLeaveRoomForTheRest) {
  InvoicePage page = invoice();
  for (InvoicePage::Party* party : {&page.seller, &page.client}) {
    party->name = std::string(200, 'W');
    party->lines.assign(100, "Some line of an address");
  }
  const std::string text = text_of(InvoicePdf().invoice_pdf(page));
  for (const char* part : {"…", "Wireless Headphones", "USD 258.42", "Page 1 of 2", "Page 2 of 2"}) {
    EXPECT_TRUE(holds(text, part));
  }
}

TEST(InvoicePdf, WithoutItsFontOnlyPagesThatNeedItAreRefused) {
  const InvoicePdf documents({"/nonexistent/regular.ttf", "/nonexistent/bold.ttf"});
  EXPECT_TRUE(holds(text_of(documents.invoice_pdf(invoice())), "Søren Åström"));
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      documents.invoice_pdf(polish_invoice());
      ADD_FAILURE() << "printed without a font";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
      EXPECT_EQ(error.slug(), "font-missing");
    }
  }
}

TEST(InvoicePdf, ManyThreadsGetTheSameBytesAsOne) {
  const InvoicePdf documents;
  const std::string western = InvoicePdf().invoice_pdf(invoice());
  const std::string polish = InvoicePdf().invoice_pdf(polish_invoice());
  std::vector<int> wrong(4);
  {
    std::vector<std::jthread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) {
          count += documents.invoice_pdf(invoice()) != western;
          count += documents.invoice_pdf(polish_invoice()) != polish;
        }
      });
    }
  }
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST(InvoicePdf, StaysSmall) {
  const InvoicePdf documents;
  const std::pair<const char*, InvoicePage> kPages[] = {
      {"one page, Helvetica", invoice()}, {"one page, DejaVu", polish_invoice()}, {"50 lines", long_invoice(50)}};
  for (const auto& [name, page] : kPages) {
    constexpr int kRepeats = 50;
    std::size_t bytes = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kRepeats; ++i) bytes = documents.invoice_pdf(page).size();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - begin;
    std::printf("[ measured ] %s: %zu bytes, %.3f ms\n", name, bytes, taken.count() / kRepeats);
    EXPECT_LT(bytes, 40'000u) << name;
  }
}

}  // namespace
}  // namespace orderly::engines
