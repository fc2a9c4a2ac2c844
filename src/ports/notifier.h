// Telling the world: events to those who subscribed, text messages to telephones, mail to people. Called by workers
// alone, never by a use case that a client waits for.
//
// Nothing here knows whether it was told before: a worker that dies between the call and its commit calls again, so
// that everything arrives at least once. Subscribers drop what they know by the event's id.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ports/task.h"

namespace orderly::ports {

struct EventNotice {
  std::string event_id;  // the same at each repetition
  std::string
      subject_id;    // what happened to: the order's id. Where the provider keeps an order, it is for each subject
  std::string body;  // JSON, valid UTF-8, at most limits::kMessageBytesMax; no personal data, anyone may subscribe
  // What subscribers can filter by, at most ten, neither name nor value empty: {"event_type", "OrderPlaced"}.
  std::vector<std::pair<std::string, std::string>> attributes;
};

struct TextMessage {
  std::string phone;  // E.164: +4915112345678
  std::string text;   // valid UTF-8; 140 bytes are one message, more are paid as several
};

// The sender is the notifier's own setting.
struct Mail {
  std::string to;  // one address
  std::string subject;
  std::string text;
  std::string html;  // empty: text alone
};

class Notifier {
 public:
  virtual ~Notifier() = default;

  // Each returns the provider's id of what it took over; whether it arrives is another matter. Throws
  //   Error(kUnavailable, "notifier-unavailable")  worth a retry later: out of reach, too many, paused, not allowed or
  //   not
  //                                                set up, or no answer; it may have been sent
  //   Error(kRefused, "notice-refused")            this one will never be taken: no such address or number, opted out,
  //                                                rejected content. Nothing was sent; do not retry
  // Details have the provider's error, never an address or a text.
  virtual Task<std::string> publish_event(EventNotice notice) = 0;  // never refused
  virtual Task<std::string> send_sms(TextMessage message) = 0;
  virtual Task<std::string> send_mail(Mail mail) = 0;
};

}  // namespace orderly::ports
