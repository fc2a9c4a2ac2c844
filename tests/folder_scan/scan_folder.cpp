// Where texts are in the files of a data folder, whether or not RocksDB compresses them: its tables are read entry by
// entry, all other files byte by byte. Nothing may have the folder open.
//
//   scan_folder FOLDER TEXT…            a line for each find: file, key of the entry or "-", text; by tabs
//   scan_folder --values FOLDER TEXT…   the values of the entries whose keys hold a text, one a line
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Scan {
  bool shows_values = false;
  std::vector<std::string> texts;
  std::size_t files = 0;
  std::size_t entries = 0;
};

std::string printable(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += c >= 0x20 && c <= 0x7e ? c : '.';
  return text;
}

void report(const std::filesystem::path& file, std::string_view key, std::string_view text) {
  std::printf("%s\t%s\t%s\n", file.filename().c_str(), printable(key).c_str(), std::string(text).c_str());
}

int fail(const std::filesystem::path& file, const std::string& why) {
  std::fprintf(stderr, "scan_folder: %s: %s\n", file.c_str(), why.c_str());
  return 1;
}

int scan_table(Scan& scan, const std::filesystem::path& file) {
  rocksdb::Options options;
  rocksdb::SstFileReader reader(options);
  if (const auto opened = reader.Open(file.string()); !opened.ok()) return fail(file, opened.ToString());
  const std::unique_ptr<rocksdb::Iterator> entries(reader.NewIterator(rocksdb::ReadOptions()));
  for (entries->SeekToFirst(); entries->Valid(); entries->Next()) {
    ++scan.entries;
    const std::string_view key(entries->key().data(), entries->key().size());
    const std::string_view value(entries->value().data(), entries->value().size());
    for (const std::string& text : scan.texts) {
      const bool is_in_key = key.find(text) != std::string_view::npos;
      if (scan.shows_values) {
        if (is_in_key) std::printf("%s\n", printable(value).c_str());
      } else if (is_in_key || value.find(text) != std::string_view::npos) {
        report(file, key, text);
      }
    }
  }
  return entries->status().ok() ? 0 : fail(file, entries->status().ToString());
}

int scan_bytes(Scan& scan, const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail(file, "cannot be read");
  const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  for (const std::string& text : scan.texts) {
    if (!scan.shows_values && bytes.find(text) != std::string::npos) report(file, "-", text);
  }
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  Scan scan;
  std::vector<std::string> words(arguments + 1, arguments + count);
  if (!words.empty() && words.front() == "--values") {
    scan.shows_values = true;
    words.erase(words.begin());
  }
  if (words.size() < 2) {
    std::fprintf(stderr, "usage: scan_folder [--values] FOLDER TEXT…\n");
    return 2;
  }
  scan.texts.assign(words.begin() + 1, words.end());
  int failures = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(words.front())) {
    if (!entry.is_regular_file()) continue;
    ++scan.files;
    const bool is_table = entry.path().extension() == ".sst";
    failures += is_table ? scan_table(scan, entry.path()) : scan_bytes(scan, entry.path());
  }
  std::fprintf(stderr, "scan_folder: %zu files, %zu entries\n", scan.files, scan.entries);
  return failures == 0 ? 0 : 1;
}
