// The AWS engine: the store on DynamoDB, messages on SQS, files on S3, notices by SNS and SES. The one header that host
// needs.
//
// It makes no thread: everything runs on its callers' executors. Messages leave the store by run_relay, which some
// process has to run (later a Lambda function on the table's stream), and due records and missed events by run_sweeper.
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>

#include "base/limits.h"
#include "engines/aws/credentials.h"
#include "engines/https/client.h"
#include "ports/blobs.h"
#include "ports/clock.h"
#include "ports/erasures.h"
#include "ports/inspection.h"
#include "ports/notifier.h"
#include "ports/queue.h"
#include "ports/store.h"

namespace orderly::aws {

struct AwsOptions {
  std::string region = "us-east-1";
  std::string prefix = "orderly";  // the table; queues are <prefix>-payments …, the bucket <prefix>-files by default
  std::string bucket;

  // Empty: AWS's own in the region.
  std::string dynamodb_url;
  std::string streams_url;
  std::string sqs_url;
  std::string s3_url;
  std::string secrets_url;  // of Secrets Manager and SSM alike, for peers
  std::string sns_url;
  std::string ses_url;

  std::string topic_arn;  // as in notifier.h, both
  std::string mail_from;

  CredentialsSettings credentials;

  // Must outlive the engine.
  https::Http* http = nullptr;
  ports::Clock* clock = nullptr;
  ports::Random* random = nullptr;

  Duration visibility_timeout = limits::kVisibilityTimeout;  // whole seconds
  Duration relay_pause{200};       // between two readings of a stream's shard; AWS allows five a second
  Duration sweep_interval{5'000};  // between two looks at the due records
  Duration missed_after{120'000};  // an event that the relay has not seen by then is relayed by the sweeper
  Duration lease{15'000};          // how long a process that relays or sweeps may be silent before another takes over
};

struct AwsStats {
  std::uint64_t commits = 0;
  std::uint64_t conflicts = 0;  // conditions, floors, acknowledged before
  std::uint64_t retries = 0;    // tries after TransactionConflict, throttling or a lost answer
  std::uint64_t failures = 0;
  std::uint64_t relayed = 0;  // messages that this process sent to SQS, or kept as due records
  std::uint64_t fed = 0;      // events that this process listed in the feed
  std::uint64_t missed = 0;   // events that only the sweeper found
};

// Thread-safe.
class AwsEngine {
 public:
  static std::unique_ptr<AwsEngine> make(AwsOptions options);
  virtual ~AwsEngine() = default;

  virtual ports::Store& store() = 0;
  virtual ports::Queue& queue() = 0;
  virtual ports::Blobs& blobs() = 0;
  virtual ports::Erasures& erasures() = 0;
  // Each call is one try (notifier.h).
  virtual ports::Notifier& notifier() = 0;
  // Reads the whole table, queues' dead letters included, when inspect() is called. Not of one moment on a shop at
  // work.
  virtual ports::Inspectable& inspectable() = 0;

  // Makes the table with its indexes, stream and expiry, the queues with their dead-letter queues, and the bucket,
  // where they are missing, and waits until they can be used. For tests and local peers; on AWS the CDK app does it.
  virtual Task<void> create() = 0;
  // Throws Error(kUnavailable) that names what is missing.
  virtual Task<void> verify() = 0;

  // The text of a secret, by a reference as in secrets.h: "secretsmanager:<name>", "ssm:/path/name". Throws
  // Error(kUnavailable, "secret-unreadable"), Error(kInternal, "malformed-secret-reference").
  virtual Task<std::string> secret(std::string reference) = 0;

  // Sends the messages of events as the table's stream shows them, and writes the feed. Until `stop`; returns soon
  // after. Any number of processes may run it; one at a time works (a lease in the table).
  virtual Task<void> run_relay(std::stop_token stop) = 0;
  // Sends messages whose due record has come, and the messages of events that the stream missed. Likewise.
  virtual Task<void> run_sweeper(std::stop_token stop) = 0;

  virtual AwsStats stats() const = 0;

  // Ends waits for messages with nothing; refuses new commits with Error(kUnavailable, "stopping"). The HTTP client is
  // its owner's to stop.
  virtual void stop() = 0;
};

}  // namespace orderly::aws
