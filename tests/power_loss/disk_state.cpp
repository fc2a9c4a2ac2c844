#include "tests/power_loss/disk_state.h"

#include <algorithm>
#include <random>
#include <set>

namespace orderly::power_loss {

class DiskState::Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}

  // 0 … bound - 1. The bias of the remainder does not matter here; that it is the same on every machine does.
  std::size_t below(std::size_t bound) { return static_cast<std::size_t>(engine_() % bound); }
  bool coin() { return below(2) == 0; }
  char byte() { return static_cast<char>(below(256)); }

 private:
  std::mt19937_64 engine_;
};

namespace {

std::size_t sector_of(std::size_t offset) { return offset / kSectorBytes; }
std::size_t sectors_for(std::size_t bytes) { return (bytes + kSectorBytes - 1) / kSectorBytes; }

// Takes a sector as it should have become; what lies between the old end and the sector is a hole of zeros.
void take_sector(std::string& content, const std::string& current, std::size_t sector) {
  const std::size_t begin = sector * kSectorBytes;
  const std::size_t end = std::min(begin + kSectorBytes, current.size());
  if (begin >= end) return;
  if (content.size() < end) content.resize(end);
  std::copy(current.begin() + static_cast<std::ptrdiff_t>(begin), current.begin() + static_cast<std::ptrdiff_t>(end),
            content.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace

std::string_view name_of(Survival survival) {
  switch (survival) {
    case Survival::kDropped: return "dropped";
    case Survival::kTorn: return "torn";
    case Survival::kReordered: return "reordered";
  }
  return "unknown";
}

std::string parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash));
}

DiskState::DiskState(DiskRules rules)
    : rules_(std::move(rules)), names_{{"/", kDirectoryId}}, durable_names_{{"/", kDirectoryId}} {}

void DiskState::apply(const Operation& operation) {
  switch (operation.kind) {
    case Operation::Kind::kCreate:
      files_.try_emplace(operation.file);
      return change_name({"", operation.path, operation.file});
    case Operation::Kind::kMakeDirectory: return change_name({"", operation.path, kDirectoryId});
    case Operation::Kind::kRename: return change_name({operation.path, operation.target, operation.file});
    case Operation::Kind::kLink: return change_name({operation.path, operation.target, operation.file, true});
    case Operation::Kind::kRemove: return change_name({operation.path, "", operation.file});
    case Operation::Kind::kRemoveDirectory: return change_name({operation.path, "", kDirectoryId});
    case Operation::Kind::kSyncFile: return sync_file(operation.file);
    case Operation::Kind::kSyncDirectory: return sync_directory(operation.path);
    case Operation::Kind::kFailSyncFile: return fail_sync_file(operation.file);
    case Operation::Kind::kWrite: return write(operation);
    case Operation::Kind::kTruncate: return truncate(operation);
  }
}

void DiskState::write(const Operation& operation) {
  File& file = files_.at(operation.file);
  const std::size_t end = operation.offset + operation.bytes.size();
  // A write behind the end leaves a hole, which is unsynced too.
  const std::size_t begin = std::min<std::size_t>(operation.offset, file.current.size());
  if (file.current.size() < end) file.current.resize(end);
  file.current.replace(operation.offset, operation.bytes.size(), operation.bytes);
  const bool clean = file.dirty_from == file.dirty_to;
  file.dirty_from = clean ? begin : std::min(file.dirty_from, begin);
  file.dirty_to = clean ? end : std::max(file.dirty_to, end);
}

void DiskState::truncate(const Operation& operation) {
  File& file = files_.at(operation.file);
  const std::size_t old_size = file.current.size();
  file.current.resize(operation.offset);
  file.kept_bytes = std::min<std::size_t>(file.kept_bytes, operation.offset);
  file.dirty_to = std::min<std::size_t>(file.dirty_to, operation.offset);
  file.dirty_from = std::min(file.dirty_from, file.dirty_to);
  if (operation.offset > old_size) {
    if (file.dirty_from == file.dirty_to) file.dirty_from = old_size;
    file.dirty_to = operation.offset;
  }
}

void DiskState::apply(const NameChange& change, std::map<std::string, FileId>& names) {
  if (!change.from.empty() && !change.keeps_from) {
    const auto found = names.find(change.from);
    if (found != names.end() && found->second == change.file) names.erase(found);
  }
  if (!change.to.empty()) names[change.to] = change.file;
}

void DiskState::change_name(NameChange change) {
  apply(change, names_);
  pending_.push_back(std::move(change));
}

void DiskState::sync_file(FileId id) {
  File& file = files_.at(id);
  file.durable.resize(std::min(file.durable.size(), file.kept_bytes));
  file.durable.resize(file.current.size());
  std::copy(file.current.begin() + static_cast<std::ptrdiff_t>(file.dirty_from),
            file.current.begin() + static_cast<std::ptrdiff_t>(file.dirty_to),
            file.durable.begin() + static_cast<std::ptrdiff_t>(file.dirty_from));
  file.dirty_from = file.dirty_to = 0;
  file.kept_bytes = file.durable.size();
  if (rules_.names == NameRule::kDirectorySyncOnly) return;

  const auto created = std::find_if(pending_.begin(), pending_.end(),
                                    [&](const NameChange& change) { return change.from.empty() && change.file == id; });
  if (created != pending_.end()) {
    const std::string path = created->to;
    persist_creation(path, id);
    persist_ancestors(path);
  }
}

void DiskState::fail_sync_file(FileId id) {
  File& file = files_.at(id);
  file.durable.resize(std::min(file.durable.size(), file.kept_bytes));
  file.durable.resize(file.current.size());
  file.dirty_from = file.dirty_to = 0;
  file.kept_bytes = file.durable.size();
}

// The creation of `path`, and the changes before it that its name depends on.
void DiskState::persist_creation(const std::string& path, FileId file) {
  const auto is_creation = [&](const NameChange& change) {
    return change.from.empty() && change.to == path && change.file == file;
  };
  const auto created = std::find_if(pending_.begin(), pending_.end(), is_creation);
  if (created == pending_.end()) return;

  std::set<std::string> names = {path};
  std::vector<bool> chosen(static_cast<std::size_t>(created - pending_.begin()) + 1);
  for (std::size_t i = chosen.size(); i-- > 0;) {
    const NameChange& change = pending_[i];
    if (!names.contains(change.from) && !names.contains(change.to)) continue;
    chosen[i] = true;
    if (!change.from.empty()) names.insert(change.from);
    if (!change.to.empty()) names.insert(change.to);
  }
  std::vector<NameChange> left;
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    if (i < chosen.size() && chosen[i]) {
      apply(pending_[i], durable_names_);
    } else {
      left.push_back(std::move(pending_[i]));
    }
  }
  pending_ = std::move(left);
}

void DiskState::persist_ancestors(const std::string& path) {
  for (std::string above = parent_of(path); above != "/"; above = parent_of(above)) {
    persist_creation(above, kDirectoryId);
  }
}

void DiskState::sync_directory(const std::string& path) {
  std::vector<NameChange> left;
  for (NameChange& change : pending_) {
    const std::string& where = change.to.empty() ? change.from : change.to;
    if (parent_of(where) == path) {
      apply(change, durable_names_);
    } else {
      left.push_back(std::move(change));
    }
  }
  pending_ = std::move(left);
  persist_creation(path, kDirectoryId);
  persist_ancestors(path);
}

std::map<std::string, FileId> DiskState::surviving_names(Dice& dice) const {
  std::map<std::string, FileId> names = durable_names_;
  const bool in_order = dice.coin();
  const std::size_t prefix = dice.below(pending_.size() + 1);
  std::set<std::string> frozen;  // names of which a change was lost: later ones build on it and are lost with it
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    const NameChange& change = pending_[i];
    const bool possible = !frozen.contains(change.from) && !frozen.contains(change.to);
    if (in_order ? i < prefix : possible && dice.coin()) {
      apply(change, names);
    } else {
      if (!change.from.empty()) frozen.insert(change.from);
      if (!change.to.empty()) frozen.insert(change.to);
    }
  }
  // A file that survived did so in its directory.
  const std::map<std::string, FileId> found = names;
  for (const auto& [path, file] : found) {
    for (std::string above = parent_of(path); above != "/"; above = parent_of(above)) {
      names.emplace(above, kDirectoryId);
    }
  }
  return names;
}

// Behind the last dirty sector that survives, of those in order.
std::size_t DiskState::cut_sector(const File& file, Dice& dice) {
  const std::size_t first = sector_of(file.dirty_from);
  return first + dice.below(sectors_for(file.dirty_to) - first + 1);
}

std::string DiskState::prefix_of(const File& file, std::string base, std::size_t sector_end) {
  for (std::size_t sector = sector_of(file.dirty_from); sector < sector_end; ++sector) {
    take_sector(base, file.current, sector);
  }
  return base;
}

std::string DiskState::torn(const File& file, std::string base, Dice& dice) {
  const std::size_t synced = base.size();
  const std::size_t cut = cut_sector(file, dice);
  base = prefix_of(file, std::move(base), cut);

  const std::size_t damaged = cut * kSectorBytes;
  const std::size_t kind = dice.below(3);
  if (kind != 0 && damaged >= synced && damaged < file.current.size()) {
    base.resize(std::min(damaged + kSectorBytes, file.current.size()));
    if (kind == 2)
      std::generate(base.begin() + static_cast<std::ptrdiff_t>(damaged), base.end(), [&] { return dice.byte(); });
  }
  return base;
}

std::string DiskState::reordered(const File& file, std::string base, Dice& dice) {
  for (std::size_t sector = sector_of(file.dirty_from); sector < sectors_for(file.dirty_to); ++sector) {
    if (dice.coin()) take_sector(base, file.current, sector);
  }
  if (base.size() < file.current.size() && dice.coin()) base.resize(file.current.size());
  return base;
}

bool DiskState::appends_in_order(const std::string& path) const {
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  return std::any_of(rules_.ordered_appends.begin(), rules_.ordered_appends.end(),
                     [&](const std::string& prefix) { return name.starts_with(prefix); });
}

std::string DiskState::surviving_content(const std::string& path, const File& file, Survival survival,
                                         Dice& dice) const {
  const bool was_cut = file.kept_bytes < file.durable.size();
  if (was_cut && (survival == Survival::kDropped || dice.coin())) return file.durable;  // the cut itself was lost
  std::string base = file.durable.substr(0, file.kept_bytes);
  if (file.dirty_from == file.dirty_to || survival == Survival::kDropped) return base;
  if (appends_in_order(path)) return prefix_of(file, std::move(base), cut_sector(file, dice));
  return survival == Survival::kTorn ? torn(file, std::move(base), dice) : reordered(file, std::move(base), dice);
}

DiskState DiskState::after_power_loss(std::uint64_t seed, Survival survival) const {
  Dice dice(seed);
  DiskState image(rules_);
  image.names_ = surviving_names(dice);
  image.durable_names_ = image.names_;
  for (const auto& [path, id] : image.names_) {
    if (id == kDirectoryId || image.files_.contains(id)) continue;
    File& file = image.files_[id];
    file.current = surviving_content(path, files_.at(id), survival, dice);
    file.durable = file.current;
    file.kept_bytes = file.current.size();
  }
  return image;
}

}  // namespace orderly::power_loss
