#include "app/check_messages.h"

#include <algorithm>
#include <array>
#include <functional>

#include "app/check_privacy.h"
#include "app/keys.h"
#include "app/mails.h"
#include "app/orders.h"

namespace orderly::app::checks {

namespace {

using ports::QueueName;

std::uint64_t hash_of(QueueName queue, std::string_view subject) {
  return std::hash<std::string_view>{}(std::string(ports::name_of(queue)) + "/" + std::string(subject));
}

// What a message says that it is about.
struct Subject {
  std::string text;         // as in Work; of a mail the client's id
  std::string order_id;     // empty: it is about an invoice or a client
  std::string number;       // of that invoice
  std::string transaction;  // of the order; empty: the order as a whole
};

Subject subject_of(QueueName queue, std::string_view body) {
  switch (queue) {
    case QueueName::kPayments: {
      const auto task = json::read_stored<PaymentTask>(body);
      return {task.attempt_id.text, task.order_id.text, {}, task.attempt_id.text};
    }
    case QueueName::kRefunds: {
      const auto task = json::read_stored<RefundTask>(body);
      return {task.refund_id.text, task.order_id.text, {}, task.refund_id.text};
    }
    case QueueName::kInvoices: {
      const auto task = json::read_stored<InvoiceTask>(body);
      if (!task.refund_id) return {task.order_id.text, task.order_id.text, {}, {}};
      return {credit_note_subject(task.order_id, *task.refund_id), task.order_id.text, {}, task.refund_id->text};
    }
    case QueueName::kDocuments: {
      const auto task = json::read_stored<DocumentTask>(body);
      return {task.number, {}, task.number, {}};
    }
    case QueueName::kFulfilment: {
      const auto task = json::read_stored<FulfilmentTask>(body);
      return {task.order_id.text, task.order_id.text, {}, {}};
    }
    case QueueName::kMails: return {json::read_stored<MailTask>(body).client_id, {}, {}, {}};
  }
  throw_broken("a queue that is not known");
}

bool has_transaction(QueueName queue, const domain::Order& order, const std::string& id) {
  const auto is_it = [&](const auto& transaction) { return transaction.id.text == id; };
  if (queue == QueueName::kPayments) return std::any_of(order.attempts.begin(), order.attempts.end(), is_it);
  return std::any_of(order.refunds.begin(), order.refunds.end(), is_it);
}

// What is missing of what the message is about; empty: nothing.
std::string missing_object(Context& context, QueueName queue, const Subject& subject) {
  if (queue == QueueName::kMails) return "";  // the client may not be there yet, or any more
  if (subject.order_id.empty()) {
    const auto number = domain::parse_shown_number(subject.number);
    if (!number) return "number " + shown(subject.number) + " is none of an invoice";
    const ports::Key key = keys::invoice(domain::sortable_number(number->series, number->sequence));
    return context.picture.record(key) ? "" : "there is no invoice " + subject.number;
  }
  const auto stored = context.picture.record(keys::order(OrderId{subject.order_id}));
  if (!stored) return "there is no order " + subject.order_id;
  if (subject.transaction.empty()) return "";
  try {
    const auto order = json::read_stored<domain::Order>(stored->record.document);
    if (has_transaction(queue, order, subject.transaction)) return "";
  } catch (const Error&) {
    return "";  // the order's own finding says what is wrong with it
  }
  return "order " + subject.order_id + " has no transaction " + subject.transaction;
}

class MessageCheck {
 public:
  MessageCheck(Context& context, Work& work) : context_(context), work_(work) {}

  void add(const ports::Inspection::StoredMessage& stored) {
    const ports::OutgoingMessage& message = stored.message;
    const std::string where = std::string(ports::name_of(message.queue)) + "/" + message.id;
    count(message.queue, stored.dead);
    find_private(context_.findings, where, message.body, Privacy::kSealed);
    if (!MessageId::parse(message.id)) context_.findings.add(9, "message-id", where, "its id is none of a message");
    std::string about = "(unreadable)";
    try {
      const Subject subject = subject_of(message.queue, message.body);
      about = subject.text;
      work_.add(message.queue, subject.text);
      const std::string missing = missing_object(context_, message.queue, subject);
      if (!missing.empty()) context_.findings.add(9, "message-about-nothing", where, missing);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kUnavailable) throw;
      context_.findings.add(9, "unreadable", where, reason_of(error));
    }
    find_stuck(stored, where, about);
  }

 private:
  void count(QueueName queue, bool dead) {
    for (QueueCount& each : context_.counts.messages) {
      if (each.queue == ports::name_of(queue)) ++(dead ? each.dead : each.waiting);
    }
  }

  void find_stuck(const ports::Inspection::StoredMessage& stored, const std::string& where, const std::string& about) {
    if (stored.dead) {
      context_.findings.add(9, "dead-letter", where,
                            "given up after " + std::to_string(stored.attempts) + " attempts, about " + shown(about));
    } else if (stored.message.due + kMessageOverdueAfter < context_.now) {
      context_.findings.add(9, "overdue", where,
                            "due since " +
                                std::to_string((context_.now - stored.message.due) / std::chrono::minutes(1)) +
                                " minutes, about " + shown(about));
    }
  }

  Context& context_;
  Work& work_;
};

}  // namespace

void Work::add(QueueName queue, std::string_view subject) { hashes_.push_back(hash_of(queue, subject)); }

void Work::seal() { std::sort(hashes_.begin(), hashes_.end()); }

bool Work::has(QueueName queue, std::string_view subject) const {
  return std::binary_search(hashes_.begin(), hashes_.end(), hash_of(queue, subject));
}

std::string credit_note_subject(const OrderId& order, const TransactionId& refund) {
  return order.text + "/" + refund.text;
}

void check_messages(Context& context, Work& work) {
  for (const QueueName queue : ports::kAllQueues) {
    context.counts.messages.push_back({std::string(ports::name_of(queue)), 0, 0});
  }
  MessageCheck check(context, work);
  context.picture.messages([&](const ports::Inspection::StoredMessage& stored) {
    check.add(stored);
    return true;
  });
  work.seal();
}

}  // namespace orderly::app::checks
