// Who does what only one process at a time should: the record ~LEASE/<name> with a holder and an end. It saves work
// that would be done twice; nothing goes wrong when two hold one for a moment, since clocks differ.
#pragma once

#include <string>

#include "engines/aws/own_records.h"

namespace orderly::aws {

// One caller at a time.
class Lease {
 public:
  // `duration`: after which a holder that does not renew it has lost it.
  Lease(OwnRecords& records, std::string name, Duration duration);

  // Whether it is held now: taken where it is free, renewed when a third of its time is over. While the table cannot be
  // asked, one that is held stays so until its end; otherwise that throws Error(kUnavailable).
  Task<bool> hold();
  // So that another process need not wait for its end. Never throws.
  Task<void> release();

  Duration duration() const { return duration_; }

 private:
  Task<bool> take(Time until);
  ports::Clock& clock() { return records_.context().clock; }

  OwnRecords& records_;
  const std::string name_;
  const Duration duration_;
  const std::string holder_;
  Time renew_at_;
  Time until_;  // in the past: not held
};

// 32 hexadecimal digits.
std::string random_id(ports::Random& random);

}  // namespace orderly::aws
