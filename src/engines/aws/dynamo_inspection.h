// Everything that the table holds, read once into memory: for `orderly check`, exports and tests.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <string>

#include "engines/aws/dynamo_table.h"
#include "ports/inspection.h"

namespace orderly::aws {

// Thread-safe: one reads at a time. What it is given must outlive it, and it its inspections.
//
// It runs the calls on an event loop of its own, on the thread that calls, so connections of the HTTP client may belong
// to that loop: the client must be stopped before this is destroyed.
class DynamoInspectable final : public ports::Inspectable {
 public:
  DynamoInspectable(Service& service, std::string table, ports::Queue& queue, ports::Blobs& blobs)
      : table_(service, std::move(table)), queue_(queue), blobs_(blobs) {}

  // Scans the table, consistently row by row but not as of one moment. The engine's own records are left out. Messages
  // are those that events carry and no commit has acknowledged, in flight ones included; how often they were delivered
  // is only known of the dead. One older than layout::kDoneKept that is not dead counts as handled, since that is how
  // long it is remembered.
  std::unique_ptr<ports::Inspection> inspect() override;

 private:
  friend class DynamoPicture;
  template <class T>
  T wait_for(Task<T> task);

  DynamoTable table_;
  ports::Queue& queue_;
  ports::Blobs& blobs_;
  std::mutex mutex_;
  boost::asio::io_context loop_{1};
};

}  // namespace orderly::aws
