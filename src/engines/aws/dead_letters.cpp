#include "engines/aws/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace orderly::aws {
namespace {

using ports::QueueName;

constexpr std::chrono::seconds kWait{1};
constexpr std::chrono::seconds kHiddenFor{60};

// Receipt handles are too long for a FIFO queue's deduplication id.
std::string short_form(std::string_view handle) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : handle) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

ports::DeadLetter to_dead_letter(QueueName queue, const SqsMessage& letter) {
  return {queue, letter.id, letter.body, letter.reason, letter.attempts, letter.died_at};
}

}  // namespace

Task<void> DeadLetters::bury(ports::Message message, std::string reason) {
  const ports::Receipt& receipt = message.receipt;
  const Time now = sqs_.context().clock.now();
  const ports::OutgoingMessage sent{receipt.queue, receipt.message_id, message.body, std::min(receipt.due, now)};
  SqsEntry entry = to_entry(sent, now, "dead." + short_form(receipt.handle));
  add_attribute(entry, "reason", "String", reason.empty() ? "unknown" : std::move(reason));
  add_attribute(entry, "attempts", "Number", std::to_string(message.attempts));
  add_attribute(entry, "died", "Number", std::to_string(now.ms));
  // Each letter a group of its own: a group with a message in flight shows no others.
  if (is_fifo(receipt.queue)) entry.entry["MessageGroupId"] = receipt.message_id;
  std::vector<SqsEntry> entries;
  entries.push_back(std::move(entry));
  co_await sender_.send_entries(receipt.queue, Side::kDead, std::move(entries));
}

// Some letters that were not seen yet, hidden for a while; empty when there are no more.
Task<std::vector<SqsMessage>> DeadLetters::look(QueueName queue) {
  return receive_once(sqs_, queue, Side::kDead, kBatchEntriesMax, kWait, kHiddenFor);
}

Task<std::vector<ports::DeadLetter>> DeadLetters::peek(QueueName queue, std::size_t max) {
  std::vector<ports::DeadLetter> letters;
  std::vector<std::string> handles;
  std::set<std::string> seen;
  while (handles.size() < kLookedAtMax) {
    const std::vector<SqsMessage> some = co_await look(queue);
    if (some.empty()) break;
    for (const SqsMessage& letter : some) {
      handles.push_back(letter.handle);
      if (seen.insert(letter.id).second) letters.push_back(to_dead_letter(queue, letter));
    }
  }
  co_await show_all(sqs_, queue, Side::kDead, std::move(handles));
  std::ranges::sort(letters, [](const ports::DeadLetter& a, const ports::DeadLetter& b) {
    return std::tie(a.died_at, a.message_id) < std::tie(b.died_at, b.message_id);
  });
  if (letters.size() > max) letters.resize(max);
  co_return letters;
}

// A letter whose id was sent again by an earlier look is a copy if it died at the same moment. Otherwise the message
// has been delivered since and has died once more: it stays.
Task<std::size_t> DeadLetters::redrive(QueueName queue, std::optional<std::string> message_id) {
  std::map<std::string, Time> sent;  // by earlier looks, with when the letter had died
  std::vector<std::string> others;
  while (others.size() < kLookedAtMax) {
    const std::vector<SqsMessage> some = co_await look(queue);
    if (some.empty()) break;
    std::vector<SqsMessage> again;
    std::vector<std::string> done;  // copies included
    for (const SqsMessage& letter : some) {
      const auto before = sent.find(letter.id);
      const bool has_died_again = before != sent.end() && before->second != letter.died_at;
      const bool is_asked_for = (!message_id || letter.id == *message_id) && !has_died_again;
      (is_asked_for ? done : others).push_back(letter.handle);
      const bool is_first = before == sent.end() && std::ranges::find(again, letter.id, &SqsMessage::id) == again.end();
      if (is_asked_for && is_first) again.push_back(letter);
    }
    co_await send_again(queue, again);
    co_await delete_all(sqs_, queue, Side::kDead, std::move(done));
    for (const SqsMessage& letter : again) sent.emplace(letter.id, letter.died_at);
  }
  co_await show_all(sqs_, queue, Side::kDead, std::move(others));
  co_return sent.size();
}

Task<void> DeadLetters::send_again(QueueName queue, const std::vector<SqsMessage>& letters) {
  const Time now = sqs_.context().clock.now();
  std::vector<SqsEntry> entries;
  for (const SqsMessage& letter : letters) {
    entries.push_back(to_entry({queue, letter.id, letter.body, now}, now, "again." + letter.sqs_id));
  }
  co_await sender_.send_entries(queue, Side::kLive, std::move(entries));
}

}  // namespace orderly::aws
