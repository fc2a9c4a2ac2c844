#include "host/cli/product_file.h"

#include <charconv>
#include <fstream>
#include <sstream>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

namespace orderly::cli {

namespace {

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
      const auto minor = parse_major_units(row[i], currency);
      if (!minor) throw_invalid(where + "/price", "must be an amount of " + std::string(currency.code()));
      json += std::to_string(*minor);
    } else if (names[i] == "stock") {
      json += row[i];
    } else {
      json::write_string(row[i], json);
    }
  }
  return json + "}";
}

}  // namespace

std::vector<app::PutProduct> read_products_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool is_array = first != std::string_view::npos && text[first] == '[';
  const std::string object = is_array ? "{\"products\":" + std::string(text) + "}" : std::string(text);
  return json::read<ProductList>(object).products;
}

std::vector<app::PutProduct> read_products_csv(std::string_view text, Currency currency) {
  if (!is_valid_utf8(text)) throw_invalid("", "the file is not UTF-8");
  const auto rows = parse_csv(text);
  if (rows.empty()) throw_invalid("", "the file has no header line");
  std::vector<app::PutProduct> products;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string where = "/" + std::to_string(i);
    products.push_back(json::read<app::PutProduct>(json_of_row(rows.front(), rows[i], currency, where)));
  }
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
