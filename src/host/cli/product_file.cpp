#include "host/cli/product_file.h"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"
#include "domain/product.h"

namespace orderly::cli {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets begin their files with it

struct ProductList {
  std::vector<app::PutProduct> products;
};
BOOST_DESCRIBE_STRUCT(ProductList, (), (products))

// Rows of fields. Quoted fields may hold commas, line ends and doubled quotes.
std::vector<std::vector<std::string>> parse_csv(std::string_view text) {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> row;
  std::string field;
  bool quoted = false;
  const auto end_field = [&] {
    row.push_back(std::move(field));
    field.clear();
  };
  const auto end_row = [&] {
    end_field();
    const bool is_blank = row.size() == 1 && row.front().empty();
    if (!is_blank) rows.push_back(std::move(row));
    row.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c != '"') {
        field += c;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += '"';
        ++i;
      } else {
        quoted = false;
      }
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      end_field();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      field += c;
    }
  }
  if (quoted) throw_invalid("", "the file ends inside a quoted field");
  if (!field.empty() || !row.empty()) end_row();
  return rows;
}

// In which currency the row's price is: its own column, else the shop's.
Currency currency_of_row(const std::vector<std::string>& names, const std::vector<std::string>& row, Currency shops) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == "currency") return Currency::parse(row[i]).value_or(shops);
  }
  return shops;
}

bool is_whole_number(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// One CSV row, written as the JSON that PutProduct reads, so that both forms have the same rules.
std::string json_of_row(const std::vector<std::string>& names, const std::vector<std::string>& row, Currency currency,
                        const std::string& where) {
  if (row.size() != names.size()) throw_invalid(where, "has another number of fields than the header");
  std::string json = "{";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (row[i].empty()) continue;
    if (json.size() > 1) json += ',';
    json::write_string(names[i], json);
    json += ':';
    if (names[i] == "price") {
      const auto minor = parse_major_units(row[i], currency_of_row(names, row, currency));
      if (!minor) throw_invalid(where + "/price", "must be an amount in major units, like 9.50");
      json += std::to_string(*minor);
    } else if (names[i] == "stock" || names[i] == "stock_buckets") {
      if (!is_whole_number(row[i])) throw_invalid(where + "/" + names[i], "must be a whole number");
      json += row[i];
    } else {
      json::write_string(row[i], json);
    }
  }
  return json + "}";
}

// What a row says, with the row's place before each problem's.
app::PutProduct read_row(const std::string& json, const std::string& where) {
  try {
    return json::read<app::PutProduct>(json);
  } catch (const Error& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& each : problems) each.pointer.insert(0, where);
    throw Error(std::move(problems));
  }
}

// What putting a product would refuse only after those before it have been put.
void require_names(const std::vector<app::PutProduct>& products, const std::string& list, std::size_t first) {
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < products.size(); ++i) {
    const std::string where = list + "/" + std::to_string(i + first);
    if (!domain::is_product_id(products[i].id)) {
      problems.push_back({where + "/id", "must be letters, digits, '.', '_' or '-'"});
    }
    if (!domain::is_category_name(products[i].category)) {
      problems.push_back({where + "/category", "must be lower-case letters, digits or '-'"});
    }
  }
  if (!problems.empty()) throw Error(std::move(problems));
}

}  // namespace

std::vector<app::PutProduct> read_products_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_array = first != std::string_view::npos && text[first] == '[';
  const std::string object = is_array ? "{\"products\":" + std::string(text) + "}" : std::string(text);
  auto products = json::read<ProductList>(object).products;
  require_names(products, "/products", 0);
  return products;
}

std::vector<app::PutProduct> read_products_csv(std::string_view text, Currency currency) {
  if (!is_valid_utf8(text)) throw_invalid("", "the file is not UTF-8");
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto rows = parse_csv(text);
  if (rows.empty()) throw_invalid("", "the file has no header line");
  std::vector<app::PutProduct> products;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string where = "/" + std::to_string(i);
    products.push_back(read_row(json_of_row(rows.front(), rows[i], currency, where), where));
  }
  require_names(products, "", 1);
  return products;
}

std::vector<app::PutProduct> read_product_file(const std::filesystem::path& path, Currency currency) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw_invalid("", "cannot read " + path.string());
  std::ostringstream text;
  text << file.rdbuf();
  if (path.extension() == ".csv") return read_products_csv(text.str(), currency);
  if (path.extension() == ".json") return read_products_json(text.str());
  throw_invalid("", path.string() + " is neither .json nor .csv");
}

}  // namespace orderly::cli
