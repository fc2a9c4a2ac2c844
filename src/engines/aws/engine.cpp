#include "engines/aws/engine.h"

#include <utility>

#include "base/error.h"
#include "engines/aws/dynamo_inspection.h"
#include "engines/aws/dynamo_schema.h"
#include "engines/aws/dynamo_store.h"
#include "engines/aws/notifier.h"
#include "engines/aws/relay_worker.h"
#include "engines/aws/s3_blobs.h"
#include "engines/aws/s3_erasures.h"
#include "engines/aws/secrets.h"
#include "engines/aws/sqs_queue.h"
#include "engines/aws/sweeper.h"

namespace orderly::aws {
namespace {

// What a new process knows of the feed beyond the time after which the sweeper relays.
constexpr std::chrono::minutes kRememberedBeyond{5};

AwsOptions completed(AwsOptions options) {
  ORDERLY_ASSERT(options.http != nullptr && options.clock != nullptr && options.random != nullptr);
  if (options.bucket.empty()) options.bucket = options.prefix + "-files";
  return options;
}

std::string url_or(const std::string& url, std::string_view service, const std::string& region) {
  return url.empty() ? service_url(service, region) : url;
}

std::string s3_url(const AwsOptions& options) {
  return options.s3_url.empty() ? bucket_url(options.bucket, options.region) : options.s3_url;
}

NotifierOptions notifier_options(const AwsOptions& options) {
  return {options.region, options.topic_arn, options.mail_from, options.sns_url, options.ses_url};
}

// Its members are in the order in which they need each other.
class Engine final : public AwsEngine {
 public:
  explicit Engine(AwsOptions options)
      : options_(completed(std::move(options))),
        credentials_(make_credentials_source(options_.credentials, *options_.http, *options_.clock)),
        context_{*options_.http, *credentials_, *options_.clock, *options_.random},
        dynamodb_(context_, url_or(options_.dynamodb_url, "dynamodb", options_.region), scope("dynamodb")),
        streams_(context_, url_or(options_.streams_url, "streams.dynamodb", options_.region), scope("dynamodb")),
        sqs_service_(context_, url_or(options_.sqs_url, "sqs", options_.region), scope("sqs")),
        s3_(context_, s3_url(options_), {options_.region, "s3", PathRule::kAsItIs}),
        table_(dynamodb_, options_.prefix),
        sqs_(sqs_service_, options_.prefix, std::chrono::ceil<std::chrono::seconds>(options_.visibility_timeout)),
        store_(dynamodb_, options_.prefix, queue_),
        blobs_(s3_, options_.bucket, options_.s3_url.empty() ? BucketPlace::kHost : BucketPlace::kPath),
        inspectable_(dynamodb_, options_.prefix, queue_, blobs_),
        notifier_(make_notifier(notifier_options(options_), context_)),
        pages_(records_, counters_, options_.missed_after + kRememberedBeyond) {}

  ~Engine() override { stop(); }

  ports::Store& store() override { return store_; }
  ports::Queue& queue() override { return queue_; }
  ports::Blobs& blobs() override { return blobs_; }
  ports::Erasures& erasures() override { return erasures_; }
  ports::Notifier& notifier() override { return *notifier_; }
  ports::Inspectable& inspectable() override { return inspectable_; }

  Task<void> create() override {
    co_await create_table(dynamodb_, options_.prefix);
    co_await sqs_.create();
    co_await blobs_.create_bucket(options_.region);
  }

  Task<void> verify() override {
    co_await verify_table(dynamodb_, options_.prefix);
    co_await sqs_.verify();
    co_await blobs_.verify();
  }

  Task<std::string> secret(std::string reference) override {
    return read_secret(context_, options_.region, {options_.secrets_url, options_.secrets_url}, std::move(reference));
  }

  Task<void> run_relay(std::stop_token stop) override {
    StreamReader reader(streams_, table_);
    RelayWorker worker(reader, pages_, relay_, counters_, records_, {options_.relay_pause, options_.lease});
    co_await worker.run(std::move(stop));
  }

  Task<void> run_sweeper(std::stop_token stop) override {
    Sweeper sweeper(due_, sender_, pages_, relay_, counters_, records_,
                    {options_.sweep_interval, options_.missed_after, options_.lease});
    co_await sweeper.run(std::move(stop));
  }

  AwsStats stats() const override {
    const StoreCounters& of_store = store_.counters();
    AwsStats stats;
    stats.commits = of_store.commits;
    stats.conflicts = of_store.conflicts;
    stats.retries = of_store.retries;
    stats.failures = of_store.failures + counters_.failures;
    stats.relayed = counters_.relayed;
    stats.fed = counters_.fed;
    stats.missed = counters_.missed;
    return stats;
  }

  void stop() override {
    queue_.stop();
    store_.stop();
  }

 private:
  Scope scope(std::string service) const { return {options_.region, std::move(service)}; }

  const AwsOptions options_;
  std::unique_ptr<CredentialsSource> credentials_;
  Context context_;
  Service dynamodb_;
  Service streams_;
  Service sqs_service_;
  Service s3_;

  DynamoTable table_;
  OwnRecords records_{table_};
  DueRecords due_{records_};
  Sqs sqs_;
  Sender sender_{sqs_, due_};
  DeadLetters dead_{sqs_, sender_};
  SqsQueue queue_{sqs_, dead_, due_, records_};
  DynamoStore store_;
  S3Blobs blobs_;
  S3Erasures erasures_{blobs_};
  DynamoInspectable inspectable_;
  std::unique_ptr<ports::Notifier> notifier_;

  RelayCounters counters_;
  FeedPages pages_;
  Relay relay_{pages_, sender_, counters_};
};

}  // namespace

std::unique_ptr<AwsEngine> AwsEngine::make(AwsOptions options) { return std::make_unique<Engine>(std::move(options)); }

}  // namespace orderly::aws
