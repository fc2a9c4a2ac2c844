// The bytes that a connection has received and not used yet: one block, small at first, as large as a head may be at
// most. Ten thousand idle connections hold ten thousand of these.
#pragma once

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace orderly::server {

class InputBuffer {
 public:
  std::string_view bytes() const { return {block_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }

  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Room for at least one more byte: more in a new or larger block, if need be.
  boost::asio::mutable_buffer prepare() {
    if (empty() && capacity_ > kKeptBytesMax) block_.reset(), capacity_ = 0;
    if (begin_ > 0 && end_ == capacity_) {
      std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == capacity_) grow();
    return {block_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) { end_ += count; }

 private:
  static constexpr std::size_t kFirstBytes = 1024;
  static constexpr std::size_t kKeptBytesMax = 4096;  // while there is nothing in it

  void grow() {
    const std::size_t larger = std::max(kFirstBytes, capacity_ * 2);
    auto block = std::make_unique_for_overwrite<char[]>(larger);
    if (end_ > 0) std::memcpy(block.get(), block_.get(), end_);
    block_ = std::move(block);
    capacity_ = larger;
  }

  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace orderly::server
