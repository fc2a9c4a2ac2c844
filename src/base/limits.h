// Every limit in one place. Where two homes differ, the stricter one holds everywhere, so that what works on a laptop
// works on AWS. Sources: DynamoDB "Service, account, and table quotas" and TransactWriteItems; SQS quotas.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace orderly::limits {

// A commit (TransactWriteItems: 100 actions, 4 MB, 400 KB an item; keys 2048 and 1024 bytes).
inline constexpr std::size_t kCommitActionsMax = 100;
inline constexpr std::size_t kCommitBytesMax = 4'000'000;
inline constexpr std::size_t kRecordBytesMax = 400'000;
inline constexpr std::size_t kPartitionKeyBytesMax = 2048;
inline constexpr std::size_t kSortKeyBytesMax = 1024;
inline constexpr std::size_t kIndexEntriesMax = 6;
inline constexpr std::size_t kMessageBytesMax = 200'000;  // it travels inside an event record
inline constexpr std::size_t kBlobInStoreBytesMax = 256 * 1024;

// A query.
inline constexpr std::size_t kQueryRowsExaminedMax = 1000;
inline constexpr std::size_t kPageRowsMax = 100;
inline constexpr std::size_t kPageRowsDefault = 20;

// The queue.
inline constexpr int kDeliveriesMax = 10;                      // then it is a dead letter
inline constexpr std::chrono::seconds kVisibilityTimeout{30};  // longer than any handler may take
inline constexpr std::size_t kReceiveMax = 64;

// Orders.
inline constexpr std::size_t kOrderLinesMax = 50;  // 2 counters' worth of actions a line must fit into one commit
inline constexpr std::int64_t kQuantityMax = 1'000'000;
inline constexpr std::int64_t kStockBucketsMax = 16;                    // of one product
inline constexpr std::int64_t kAmountMinorMax = 1'000'000'000'000'000;  // 10^15: sums of 50 lines stay far below 2^63
inline constexpr std::size_t kAttemptsMax = 50;                         // payment attempts of one order
inline constexpr std::size_t kRefundsMax = 50;
inline constexpr std::size_t kTextMax = 200;  // a name, a line of an address
inline constexpr std::size_t kIdMax = 64;

// HTTP (RFC 9112; the figures are ours).
inline constexpr std::size_t kRequestLineBytesMax = 8 * 1024;
inline constexpr std::size_t kHeaderBytesMax = 16 * 1024;
inline constexpr std::size_t kHeaderCountMax = 100;
inline constexpr std::size_t kBodyBytesMax = 256 * 1024;
inline constexpr std::chrono::seconds kHeaderTimeout{10};
inline constexpr std::chrono::seconds kIdleTimeout{75};
inline constexpr std::size_t kBodyBytesPerSecondMin = 500;
inline constexpr std::size_t kIdempotencyKeyMax = 255;
inline constexpr std::chrono::seconds kWaitMax{20};  // ?wait=

// JSON.
inline constexpr std::size_t kJsonDepthMax = 32;
inline constexpr std::size_t kProblemsMax = 50;  // listed at once; a body with more says so

// API keys.
inline constexpr std::size_t kApiKeyScopesMax = 20;
inline constexpr std::chrono::seconds kApiKeyGraceMax{7 * 24 * 3600};  // of a secret that was rotated out

// Clients and their accounts.
inline constexpr std::size_t kClientAddressesMax = 10;
inline constexpr std::size_t kClientGuestsMax = 20;  // whose orders one client claimed
inline constexpr std::size_t kPasswordBytesMax = 256;
inline constexpr std::size_t kPasswordCharactersMin = 10;
inline constexpr std::size_t kPasswordCharactersMax = kPasswordBytesMax / 4;  // four bytes each at most
inline constexpr int kPasswordsUnderWayMax = 8;       // hashed or waiting for it; more are turned away
inline constexpr std::chrono::hours kSignUpKept{24};  // until it must be verified
inline constexpr std::chrono::hours kPasswordResetKept{1};
inline constexpr std::chrono::minutes kAccessTokenKept{15};
inline constexpr std::chrono::hours kSessionKept{24 * 30};  // from its latest refresh

// Keeping.
inline constexpr std::chrono::hours kIdempotencyKept{24 * 30};
inline constexpr std::chrono::hours kCartKept{24 * 30};
inline constexpr std::chrono::hours kExpireAfterMax{24 * 30};  // of an unpaid order

// Repeating.
inline constexpr int kRerunsMax = 5;  // of a use case whose commit lost a race on a version

}  // namespace orderly::limits
