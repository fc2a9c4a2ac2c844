// ports::Notifier over SNS (a topic for events, text messages) and SES v2 (mail). Sources: SNS API Reference,
// "Publish"; SES API v2 Reference, "SendEmail".
#pragma once

#include <memory>
#include <string>

#include "engines/aws/service.h"
#include "ports/notifier.h"

namespace orderly::aws {

struct NotifierOptions {
  std::string region = "us-east-1";
  std::string topic_arn;  // SNS_TOPIC_ARN; of a FIFO topic when it ends in .fifo. Empty: publishing is unavailable
  std::string mail_from;  // a verified identity: "Shop <shop@example.com>". Empty: mail is unavailable
  // Empty: AWS's own in the region.
  std::string sns_url;
  std::string ses_url;
};

// Each call is one try (the queue of the worker that calls repeats it). `context` must outlive it. Thread-safe.
std::unique_ptr<ports::Notifier> make_notifier(NotifierOptions options, Context& context);

}  // namespace orderly::aws
