#include "engines/embedded/inspection.h"

#include <utility>

#include "engines/embedded/encoding.h"

namespace orderly::embedded {
namespace {

ports::Inspection::StoredRecord to_stored_record(ports::Key key, std::string value) {
  const RecordView view = parse_record_value(value);
  ports::Inspection::StoredRecord stored;
  stored.is_counter = view.is_counter;
  for (const IndexEntryView& entry : parse_index_entries(view.index_entries)) {
    stored.indexes.push_back({entry.index, std::string(entry.partition), std::string(entry.sort)});
  }
  stored.record = to_record(std::move(key), std::move(value));
  return stored;
}

ports::OutgoingMessage to_message(const MessageKey& key, std::string_view body) {
  return {key.queue, std::string(key.message_id), std::string(body), key.moment};
}

class Picture : public ports::Inspection {
 public:
  Picture(std::unique_ptr<KeyValueReader> moment, const BlobFolder& folder)
      : moment_(std::move(moment)), folder_(folder) {}

  void records(const std::function<bool(const StoredRecord&)>& visit) override {
    bool goes_on = true;
    for (const Family family : {Family::kTransient, Family::kRecords}) {
      for_each(family, [&](std::string_view key, std::string_view value) {
        return goes_on = goes_on && visit(to_stored_record(parse_record_key(key), std::string(value)));
      });
    }
  }

  void index_entries(const std::function<bool(const StoredIndexEntry&)>& visit) override {
    for_each(Family::kIndexes, [&](std::string_view key, std::string_view) {
      IndexKey parsed = parse_index_key(key);
      return visit({std::move(parsed.entry), std::move(parsed.record)});
    });
  }

  // A dead letter's `due` is the moment when it died.
  void messages(const std::function<bool(const StoredMessage&)>& visit) override {
    bool goes_on = true;
    for_each(Family::kQueue, [&](std::string_view key, std::string_view value) {
      const MessageValue message = parse_message_value(value);
      return goes_on = visit({to_message(parse_message_key(key), message.body), message.attempts, false});
    });
    if (!goes_on) return;
    for_each(Family::kDeadLetters, [&](std::string_view key, std::string_view value) {
      const DeadLetterValue letter = parse_dead_letter_value(value);
      return visit({to_message(parse_message_key(key), letter.body), letter.attempts, true});
    });
  }

  void feed(const std::function<bool(const ports::FeedEvent&)>& visit) override {
    for_each(Family::kFeed, [&](std::string_view key, std::string_view value) {
      ports::FeedEvent event{Reader(key).big_endian(), parse_record_key(value), {}};
      std::string stored;
      if (moment_->get(Family::kRecords, value, stored)) event.document = to_record({}, std::move(stored)).document;
      return visit(event);
    });
  }

  std::optional<StoredRecord> record(const ports::Key& key) override {
    const std::string encoded = record_key(key);
    std::string value;
    if (!moment_->get(family_of(encoded), encoded, value)) return std::nullopt;
    return to_stored_record(key, std::move(value));
  }

  std::optional<ports::Blob> blob(const std::string& name) override {
    std::optional<StoredBlob> stored = read_blob(*moment_, folder_, name);
    if (!stored) return std::nullopt;
    return std::move(stored->blob);
  }

 private:
  template <class Visit>
  void for_each(Family family, Visit visit) {
    const auto walk = moment_->walk(family, {}, {}, Order::kAscending);
    while (walk->valid() && visit(walk->key(), walk->value())) walk->next();
  }

  std::unique_ptr<KeyValueReader> moment_;
  const BlobFolder& folder_;
};

}  // namespace

std::unique_ptr<ports::Inspection> EmbeddedInspectable::inspect() {
  return std::make_unique<Picture>(store_.snapshot(), folder_);
}

}  // namespace orderly::embedded
