#include "engines/embedded/blobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/limits.h"

namespace orderly::embedded {
namespace {

constexpr std::size_t kNameBytesMax = 512;

std::string in_use_key(std::string_view file) { return "blob-file/" + std::string(file); }

void check_name(std::string_view name) {
  const bool is_ours = !name.empty() && name.size() <= kNameBytesMax && name.find("..") == std::string_view::npos &&
                       std::ranges::all_of(name, [](char c) {
                         return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '.' || c == '_' || c == '/' || c == '-';
                       });
  if (!is_ours) throw Error(ErrorCode::kInternal, "bad-blob-name", "A file has a bad name.");
}

void require_written(const rocksdb::Status& status) {
  if (status.ok()) return;
  if (status.IsNoSpace()) {
    throw Error(ErrorCode::kUnavailable, "store-full", "The disk is full; nothing was changed.", status.ToString());
  }
  throw Error(ErrorCode::kUnavailable, "store-unwritable", "The file cannot be written.", status.ToString());
}

}  // namespace

// --- Files
// ------------------------------------------------------------------------------------------------------------

BlobFolder::BlobFolder(rocksdb::Env& env, std::string path) : env_(env), path_(std::move(path)) {
  if (const rocksdb::Status status = env_.CreateDirIfMissing(path_); !status.ok()) {
    throw Error(ErrorCode::kUnavailable, "data-folder-unusable", "The folder " + path_ + " cannot be made.",
                status.ToString());
  }
}

void BlobFolder::write(const std::string& file, std::string_view bytes) {
  try {
    std::unique_ptr<rocksdb::WritableFile> out;
    require_written(env_.NewWritableFile(path_of(file), &out, rocksdb::EnvOptions()));
    require_written(out->Append(rocksdb::Slice(bytes.data(), bytes.size())));
    require_written(out->Fsync());
    require_written(out->Close());
    std::unique_ptr<rocksdb::Directory> directory;
    require_written(env_.NewDirectory(path_, &directory));
    require_written(directory->Fsync());
  } catch (const Error&) {
    remove(file);
    throw;
  }
}

std::optional<std::string> BlobFolder::read(const std::string& file) const {
  std::string bytes;
  const rocksdb::Status status = rocksdb::ReadFileToString(&env_, path_of(file), &bytes);
  if (status.IsNotFound() || status.IsPathNotFound()) return std::nullopt;
  if (!status.ok()) {
    throw Error(ErrorCode::kUnavailable, "store-unreadable", "The file cannot be read at the moment.",
                status.ToString());
  }
  return bytes;
}

void BlobFolder::remove(const std::string& file) noexcept {
  env_.DeleteFile(path_of(file)).PermitUncheckedError();  // what stays is removed at the next start
}

std::vector<std::string> BlobFolder::files() const {
  std::vector<std::string> names;
  env_.GetChildren(path_, &names).PermitUncheckedError();
  std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
  std::ranges::sort(names);
  return names;
}

// --- Blobs
// ------------------------------------------------------------------------------------------------------------

EmbeddedBlobs::EmbeddedBlobs(const KeyValueReader& store, CommitThread& commits, BlobFolder& folder)
    : store_(store), commits_(commits), folder_(folder) {
  std::string unused;
  for (const std::string& file : folder_.files()) {
    if (!store_.get(Family::kMeta, in_use_key(file), unused)) folder_.remove(file);
  }
}

// Unique also among the files of earlier runs, of which only those of another content are still there under a name
// with these checksums, or the same one: then a number is free.
std::string EmbeddedBlobs::new_file_name(std::string_view name, std::uint64_t bytes_checksum) {
  std::string file;
  std::string unused;
  do {
    file = fmt::format("{:016x}-{:016x}-{}", checksum(name), bytes_checksum,
                       files_made_.fetch_add(1, std::memory_order_relaxed));
  } while (store_.get(Family::kMeta, in_use_key(file), unused));
  return file;
}

Task<bool> EmbeddedBlobs::put_if_absent(std::string name, ports::Blob blob) {
  check_name(name);
  std::string value;
  if (store_.get(Family::kBlobs, name, value)) co_return false;

  BlobValue stored{blob.content_type, checksum(blob.bytes), false, blob.bytes};
  std::string file;
  if (blob.bytes.size() > limits::kBlobInStoreBytesMax) {
    file = new_file_name(name, stored.checksum);
    folder_.write(file, blob.bytes);
    stored.in_file = true;
    stored.content = file;
  }
  value.clear();
  append_blob_value(value, stored);
  const std::string note = stored.in_file ? in_use_key(file) : std::string();
  PreparedCommit change(name.size() + value.size() + note.size());
  change.put_if_absent(Family::kBlobs, name, value);
  if (stored.in_file) change.put(Family::kMeta, note, {});
  std::optional<Error> failure;
  bool is_new = false;
  try {
    is_new = (co_await commits_.run(change)).result.committed();
  } catch (const Error& error) {
    failure = error;
  }
  // With an unknown outcome the process is about to end, and the next start knows better.
  const bool is_unknown = failure && failure->slug() == "outcome-unknown";
  if (stored.in_file && !is_new && !is_unknown) folder_.remove(file);
  if (failure) throw *failure;
  co_return is_new;
}

Task<std::optional<ports::Blob>> EmbeddedBlobs::get(std::string name) {
  check_name(name);
  std::optional<StoredBlob> stored = read_blob(store_, folder_, name);
  if (!stored) co_return std::nullopt;
  if (checksum(stored->blob.bytes) != stored->checksum) throw_broken("the file " + name + " is not as it was written");
  co_return std::move(stored->blob);
}

std::optional<StoredBlob> read_blob(const KeyValueReader& store, const BlobFolder& folder, std::string_view name) {
  std::string value;
  if (!store.get(Family::kBlobs, name, value)) return std::nullopt;
  const BlobValue stored = parse_blob_value(value);
  ports::Blob blob{std::string(stored.content), std::string(stored.content_type)};
  if (stored.in_file) {
    std::optional<std::string> bytes = folder.read(std::string(stored.content));
    if (!bytes) throw_broken("the file of " + std::string(name) + " is missing");
    blob.bytes = *std::move(bytes);
  }
  return StoredBlob{std::move(blob), stored.checksum};
}

}  // namespace orderly::embedded
