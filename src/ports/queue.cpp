#include "ports/queue.h"

namespace orderly::ports {

std::string_view name_of(QueueName queue) {
  switch (queue) {
    case QueueName::kPayments: return "payments";
    case QueueName::kRefunds: return "refunds";
    case QueueName::kInvoices: return "invoices";
    case QueueName::kDocuments: return "documents";
    case QueueName::kFulfilment: return "fulfilment";
    case QueueName::kMails: return "mails";
  }
  return "unknown";
}

std::optional<QueueName> parse_queue_name(std::string_view name) {
  for (const QueueName queue : kAllQueues) {
    if (name_of(queue) == name) return queue;
  }
  return std::nullopt;
}

}  // namespace orderly::ports
