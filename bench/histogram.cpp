#include "bench/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace orderly::bench {

void Histogram::record(std::chrono::nanoseconds duration) {
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0));
  ++counts_[bucket_of(std::min(ns, kValueMax))];
  ++count_;
  max_ns_ = std::max(max_ns_, ns);
}

void Histogram::add(const Histogram& other) {
  for (std::size_t i = 0; i < kBucketCount; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

std::chrono::nanoseconds Histogram::percentile(double percent) const {
  if (count_ == 0) return std::chrono::nanoseconds{0};
  const auto wanted = static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_)));
  std::uint64_t so_far = 0;
  for (std::size_t bucket = 0; bucket < kBucketCount; ++bucket) {
    so_far += counts_[bucket];
    if (so_far >= wanted && so_far > 0) return std::chrono::nanoseconds(std::min(upper_end(bucket), max_ns_));
  }
  return max();
}

// Values below 64 have a bucket each. Above, the seven highest bits of a value choose its bucket.
std::size_t Histogram::bucket_of(std::uint64_t value) {
  if (value < kBucketsADoubling) return value;
  const int shift = static_cast<int>(std::bit_width(value)) - kBitsInBucket - 1;
  return static_cast<std::size_t>(shift) * kBucketsADoubling + (value >> shift);
}

std::uint64_t Histogram::upper_end(std::size_t bucket) {
  if (bucket < kBucketsADoubling) return bucket;
  const auto shift = static_cast<int>(bucket / kBucketsADoubling) - 1;
  const std::uint64_t high_bits = bucket - static_cast<std::size_t>(shift) * kBucketsADoubling;
  return ((high_bits + 1) << shift) - 1;
}

}  // namespace orderly::bench
