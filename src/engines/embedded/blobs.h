// Files on one machine: small ones are values of the database, written through the committer; larger ones lie in
// DIR/blobs/ under names of the engine's own, and the database says which file a blob is.
//
// A file is written under its final name, synced, and its folder synced, before the commit that refers to it; the
// commit also notes the file as in use. Files without that note are what a crash left, and are removed at the next
// start.
#pragma once

#include <rocksdb/env.h>

#include <atomic>
#include <string>

#include "engines/embedded/commit_thread.h"
#include "engines/embedded/encoding.h"
#include "engines/embedded/key_value.h"
#include "ports/blobs.h"

namespace orderly::embedded {

// The files, without regard to what refers to them. Thread-safe.
class BlobFolder {
 public:
  // Makes the folder. Throws Error(kUnavailable, "data-folder-unusable").
  BlobFolder(rocksdb::Env& env, std::string path);

  // Durable when it returns, and blocking. Throws Error(kUnavailable, "store-full" or "store-unwritable"); a failed
  // sync is noticed by the database's file system too (sync_watch.h), and ends the process at the next commit.
  void write(const std::string& file, std::string_view bytes);
  std::optional<std::string> read(const std::string& file) const;
  void remove(const std::string& file) noexcept;
  std::vector<std::string> files() const;

 private:
  std::string path_of(const std::string& file) const { return path_ + "/" + file; }

  rocksdb::Env& env_;
  std::string path_;
};

// Thread-safe. What it is given must outlive it.
class EmbeddedBlobs : public ports::Blobs {
 public:
  // Removes the files that nothing refers to. Writing a blob larger than limits::kBlobInStoreBytesMax blocks the
  // caller's thread for two syncs.
  EmbeddedBlobs(const KeyValueReader& store, CommitThread& commits, BlobFolder& folder);

  Task<bool> put_if_absent(std::string name, ports::Blob blob) override;
  // Throws Error(kBrokenInvariant) when the bytes are not those that were written.
  Task<std::optional<ports::Blob>> get(std::string name) override;

 private:
  std::string new_file_name(std::string_view name, std::uint64_t bytes_checksum);

  const KeyValueReader& store_;
  CommitThread& commits_;
  BlobFolder& folder_;
  std::atomic<std::uint64_t> files_made_ = 0;
};

struct StoredBlob {
  ports::Blob blob;
  std::uint64_t checksum = 0;  // of the bytes that were written
};
// The bytes as they are now.
std::optional<StoredBlob> read_blob(const KeyValueReader& store, const BlobFolder& folder, std::string_view name);

}  // namespace orderly::embedded
