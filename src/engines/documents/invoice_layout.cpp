#include "engines/documents/invoice_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engines/documents/printable_text.h"

namespace orderly::engines {
namespace {

using ports::InvoicePage;
using Lines = std::vector<std::u32string>;

constexpr double kMargin = 50;
constexpr double kRight = kPageWidth - kMargin;
constexpr double kContentWidth = kRight - kMargin;
constexpr double kBodyBottom = kPageHeight - 72;
constexpr double kFootRule = kPageHeight - 48;
constexpr double kPartyWidth = 245;
constexpr double kFactsLabelWidth = 46;
constexpr double kSumsLeft = kRight - 230;
constexpr double kFactsLeft = kSumsLeft;  // number, date, order
constexpr double kColumnGap = 14;
constexpr double kCellPadding = 8;
constexpr double kHeaderRowHeight = 24;
constexpr double kRowPadding = 6.5;
constexpr double kLeading = 12.5;
constexpr double kSumHeight = 18;
constexpr double kTotalHeight = 30;
constexpr double kPartyHeightMax = 290;  // two of them leave room for a line of the table
constexpr std::size_t kPartyNameLinesMax = 12;
constexpr std::size_t kCellLinesMax = 24;
constexpr std::size_t kNoteLinesMax = 12;

constexpr Colour kInk = {31, 41, 55};
constexpr Colour kMuted = {107, 114, 128};
constexpr Colour kRule = {222, 226, 232};
constexpr Colour kShade = {243, 245, 248};
constexpr Colour kWhite = {255, 255, 255};
constexpr Colour kInvoiceAccent = {30, 64, 110};
constexpr Colour kCreditNoteAccent = {133, 45, 58};

constexpr TextStyle kText = {Weight::kRegular, 9, kInk};
constexpr TextStyle kStrong = {Weight::kBold, 9, kInk};
constexpr TextStyle kQuiet = {Weight::kRegular, 9, kMuted};
constexpr TextStyle kLabel = {Weight::kBold, 7.5, kMuted};
constexpr TextStyle kSmall = {Weight::kRegular, 8, kMuted};

// "-1234567.89" → "-1,234,567.89".
std::u32string grouped(std::string_view number) {
  const std::size_t first_digit = number.starts_with('-') ? 1 : 0;
  const std::size_t point = std::min(number.find('.'), number.size());
  std::u32string text;
  for (std::size_t i = 0; i < number.size(); ++i) {
    if (i > first_digit && i < point && (point - i) % 3 == 0) text += U',';
    text += static_cast<char32_t>(number[i]);
  }
  return text;
}

class InvoiceLayout {
 public:
  InvoiceLayout(PdfFile& file, const InvoicePage& page)
      : file_(file), page_(page), accent_(page.credit_note ? kCreditNoteAccent : kInvoiceAccent) {
    measure_columns();
  }

  void draw() {
    file_.add_page();
    file_.fill_rectangle(0, 0, kPageWidth, 6, accent_);
    draw_heading();
    draw_client_and_facts();
    draw_table();
    draw_sums();
    draw_note();
    draw_feet();
  }

 private:
  struct Columns {  // where each ends, but for the two texts, where they begin
    double description = kMargin + kCellPadding;
    double description_width = 0;
    double sku = 0;
    double sku_width = 0;
    double quantity = 0;
    double unit_price = 0;
    double amount = kRight - kCellPadding;
  };

  std::u32string figure(std::int64_t minor) const { return grouped(format_major_units(minor, page_.currency)); }
  std::u32string money(std::int64_t minor) const { return code() + U" " + figure(minor); }
  std::u32string code() const { return printable_text(page_.currency.code()); }

  // Figures get the room that the longest of them needs, SKUs a little, descriptions the rest.
  void measure_columns() {
    double quantity = file_.text_width(U"QTY", kLabel);
    double unit_price = file_.text_width(U"UNIT PRICE", kLabel);
    double amount = file_.text_width(U"AMOUNT " + code(), kLabel);
    double sku = 30;
    for (const InvoicePage::Line& line : page_.lines) {
      quantity = std::max(quantity, file_.text_width(grouped(std::to_string(line.quantity)), kText));
      unit_price = std::max(unit_price, file_.text_width(figure(line.unit_price_minor), kText));
      amount = std::max(amount, file_.text_width(figure(line.amount_minor), kText));
      sku = std::max(sku, file_.text_width(printable_text(line.sku), kQuiet));
    }
    columns_.unit_price = columns_.amount - amount - kColumnGap;
    columns_.quantity = columns_.unit_price - unit_price - kColumnGap;
    columns_.sku_width = std::min(sku, 84.0) + 0.1;  // a hair for rounding, lest the longest one wraps
    columns_.sku = columns_.quantity - quantity - kColumnGap - columns_.sku_width;
    columns_.description_width = columns_.sku - kColumnGap - columns_.description;
  }

  // Draws lines of text one below the other; gives the baseline that would be next.
  double draw_lines(double x, double baseline, const Lines& lines, const TextStyle& style, double leading = kLeading) {
    for (const std::u32string& line : lines) {
      file_.draw_text(x, baseline, line, style);
      baseline += leading;
    }
    return baseline;
  }

  double draw_party(double baseline, const InvoicePage::Party& party, const TextStyle& name_style) {
    const double lowest = baseline + kPartyHeightMax;
    const double name_leading = name_style.size * 1.25;
    const Lines name = file_.wrap(printable_text(party.name), kPartyWidth, kPartyNameLinesMax, name_style);
    baseline = draw_lines(kMargin, baseline, name, name_style, name_leading) - name_leading + kLeading + 2;
    Lines lines;
    for (const std::string& line : party.lines) {
      for (std::u32string& part : file_.wrap(printable_text(line), kPartyWidth, kCellLinesMax, kQuiet)) {
        lines.push_back(std::move(part));
      }
    }
    if (const auto room = static_cast<std::size_t>((lowest - baseline) / kLeading); lines.size() > room) {
      lines.resize(room);
      lines.back() = U"\u2026";
    }
    return draw_lines(kMargin, baseline, lines, kQuiet);
  }

  void draw_heading() {
    file_.draw_text_right(kRight, 66, page_.credit_note ? U"CREDIT NOTE" : U"INVOICE", {Weight::kBold, 22, accent_});
    y_ = std::max(draw_party(62, page_.seller, {Weight::kBold, 14, kInk}), 100.0);
    file_.fill_rectangle(kMargin, y_, kContentWidth, 0.75, kRule);
    y_ += 24;
  }

  void draw_client_and_facts() {
    file_.draw_text(kMargin, y_, page_.credit_note ? U"CREDIT TO" : U"BILL TO", kLabel);
    const double client_end = draw_party(y_ + 16, page_.client, {Weight::kBold, 10.5, kInk});
    double facts_end = draw_fact(y_, U"Number", page_.number, kStrong);
    facts_end = draw_fact(facts_end, U"Date", format_day(page_.issued_at), kText);
    if (!page_.corrects.empty()) facts_end = draw_fact(facts_end, U"Corrects", page_.corrects, kText);
    if (!page_.order_id.empty()) facts_end = draw_fact(facts_end, U"Order", page_.order_id, kText);
    y_ = std::max(client_end, facts_end) + 18;
  }

  double draw_fact(double baseline, std::u32string_view label, const std::string& value, const TextStyle& style) {
    file_.draw_text(kFactsLeft, baseline, label, kQuiet);
    const double room = kRight - kFactsLeft - kFactsLabelWidth;
    for (const std::u32string& line : file_.wrap(printable_text(value), room, 3, style)) {
      file_.draw_text_right(kRight, baseline, line, style);
      baseline += kLeading + 2;
    }
    return baseline;
  }

  void draw_table() {
    if (y_ + kHeaderRowHeight + 2 * kLeading > kBodyBottom) continue_on_next_page();
    draw_table_header();
    for (const InvoicePage::Line& line : page_.lines) {
      const Lines description =
          file_.wrap(printable_text(line.description), columns_.description_width, kCellLinesMax, kText);
      const Lines sku = file_.wrap(printable_text(line.sku), columns_.sku_width, kCellLinesMax, kQuiet);
      const double text_height = kLeading * static_cast<double>(std::max(description.size(), sku.size()));
      const double height = text_height + 2 * kRowPadding;
      if (y_ + height > kBodyBottom) {
        continue_on_next_page();
        draw_table_header();
      }
      const double baseline = y_ + kRowPadding + 9;
      draw_lines(columns_.description, baseline, description, kText);
      draw_lines(columns_.sku, baseline, sku, kQuiet);
      file_.draw_text_right(columns_.quantity, baseline, grouped(std::to_string(line.quantity)), kText);
      file_.draw_text_right(columns_.unit_price, baseline, figure(line.unit_price_minor), kText);
      file_.draw_text_right(columns_.amount, baseline, figure(line.amount_minor), kText);
      y_ += height;
      file_.fill_rectangle(kMargin, y_, kContentWidth, 0.5, kRule);
    }
    y_ += 12;
  }

  void draw_table_header() {
    file_.fill_rectangle(kMargin, y_, kContentWidth, kHeaderRowHeight, kShade);
    const double baseline = y_ + 15;
    file_.draw_text(columns_.description, baseline, U"DESCRIPTION", kLabel);
    file_.draw_text(columns_.sku, baseline, U"SKU", kLabel);
    file_.draw_text_right(columns_.quantity, baseline, U"QTY", kLabel);
    file_.draw_text_right(columns_.unit_price, baseline, U"UNIT PRICE", kLabel);
    file_.draw_text_right(columns_.amount, baseline, U"AMOUNT " + code(), kLabel);
    y_ += kHeaderRowHeight;
  }

  // The sums and the total stay together if a page can hold them.
  void draw_sums() {
    const double height = kSumHeight * static_cast<double>(page_.sums.size()) + kTotalHeight + 6;
    if (y_ + height > kBodyBottom) continue_on_next_page();
    for (const InvoicePage::Sum& sum : page_.sums) {
      if (y_ + kSumHeight > kBodyBottom) continue_on_next_page();
      const std::u32string amount = money(sum.amount_minor);
      const double room = columns_.amount - kSumsLeft - kCellPadding - file_.text_width(amount, kText) - kColumnGap;
      const Lines label = file_.wrap(printable_text(sum.label), room, 1, kQuiet);
      draw_lines(kSumsLeft + kCellPadding, y_ + 12, label, kQuiet);
      file_.draw_text_right(columns_.amount, y_ + 12, amount, kText);
      y_ += kSumHeight;
    }
    if (y_ + 6 + kTotalHeight > kBodyBottom) continue_on_next_page();
    y_ += 6;
    file_.fill_rectangle(kSumsLeft, y_, kRight - kSumsLeft, kTotalHeight, accent_);
    const TextStyle total = {Weight::kBold, 12, kWhite};
    file_.draw_text(kSumsLeft + kCellPadding, y_ + 19.5, U"Total", total);
    file_.draw_text_right(columns_.amount, y_ + 19.5, money(page_.total_minor), total);
    y_ += kTotalHeight;
  }

  void draw_note() {
    if (page_.note.empty()) return;
    const Lines lines = file_.wrap(printable_text(page_.note), kContentWidth, kNoteLinesMax, kQuiet);
    if (y_ + 30 + kLeading * static_cast<double>(lines.size()) > kBodyBottom) continue_on_next_page();
    y_ = draw_lines(kMargin, y_ + 30, lines, kQuiet);
  }

  void continue_on_next_page() {
    file_.add_page();
    file_.fill_rectangle(0, 0, kPageWidth, 6, accent_);
    const std::u32string kind = page_.credit_note ? U"Credit note " : U"Invoice ";
    file_.draw_text(kMargin, 50, kind + printable_text(page_.number) + U", continued", kStrong);
    y_ = 66;
  }

  void draw_feet() {
    const Lines left = file_.wrap(printable_text(page_.seller.name + " \u00B7 " + page_.number), 380, 1, kSmall);
    for (std::size_t i = 0; i < file_.page_count(); ++i) {
      file_.go_to_page(i);
      file_.fill_rectangle(kMargin, kFootRule, kContentWidth, 0.5, kRule);
      draw_lines(kMargin, kFootRule + 16, left, kSmall);
      const std::string count = fmt::format("Page {} of {}", i + 1, file_.page_count());
      file_.draw_text_right(kRight, kFootRule + 16, printable_text(count), kSmall);
    }
  }

  PdfFile& file_;
  const InvoicePage& page_;
  const Colour accent_;
  Columns columns_;
  double y_ = 0;  // the top of what is still free on the present page
};

}  // namespace

bool fits_windows1252(const InvoicePage& page) {
  std::u32string text;
  const auto add = [&text](std::string_view utf8) { text += printable_text(utf8); };
  for (const auto* party : {&page.seller, &page.client}) {
    add(party->name);
    for (const std::string& line : party->lines) add(line);
  }
  for (const InvoicePage::Line& line : page.lines) {
    add(line.description);
    add(line.sku);
  }
  for (const InvoicePage::Sum& sum : page.sums) add(sum.label);
  for (const std::string* field : {&page.number, &page.corrects, &page.order_id, &page.note}) add(*field);
  return fits_windows1252(text);
}

void draw_invoice(PdfFile& file, const InvoicePage& page) { InvoiceLayout(file, page).draw(); }

}  // namespace orderly::engines
