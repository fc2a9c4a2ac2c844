// Files: written once under a name, small and large ones.
#include "tests/contract/world.h"

namespace orderly::contract {
namespace {

template <class Engine>
class BlobsContract : public Contract<Engine> {
 protected:
  bool put_blob(std::string name, std::string bytes) {
    return this->run(this->engine_.blobs().put_if_absent(std::move(name), {std::move(bytes), "application/pdf"}));
  }
  std::optional<ports::Blob> get_blob(std::string name) {
    return this->run(this->engine_.blobs().get(std::move(name)));
  }
};
TYPED_TEST_SUITE(BlobsContract, Engines);

std::string bytes_of(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
  return bytes;
}

TYPED_TEST(BlobsContract, AFileOfAnySizeIsReadAsItWasWritten) {
  for (const std::size_t size : {0u, 1u, 100u, 5'000u, 262'144u, 262'145u, 300'000u, 3'000'000u}) {
    const std::string name = "invoices/INV-" + std::to_string(size) + ".pdf";
    EXPECT_FALSE(this->get_blob(name));
    EXPECT_TRUE(this->put_blob(name, bytes_of(size)));
    const auto blob = this->get_blob(name);
    ASSERT_TRUE(blob) << size;
    EXPECT_EQ(blob->bytes, bytes_of(size));
    EXPECT_EQ(blob->content_type, "application/pdf");
  }
}

TYPED_TEST(BlobsContract, AFileIsNeverOverwritten) {
  for (const std::size_t size : {10u, 300'000u}) {
    const std::string name = "a" + std::to_string(size);
    EXPECT_TRUE(this->put_blob(name, bytes_of(size)));
    EXPECT_FALSE(this->put_blob(name, "other"));
    EXPECT_FALSE(this->put_blob(name, std::string(400'000, 'x')));
    EXPECT_EQ(this->get_blob(name)->bytes, bytes_of(size));
  }
}

TYPED_TEST(BlobsContract, OneOfManyWritersWins) {
  for (const std::size_t size : {10u, 300'000u}) {
    const std::string name = "b" + std::to_string(size);
    std::atomic<int> winners = 0;
    auto write = [&](char letter) -> Task<void> {
      const bool is_new = co_await this->engine_.blobs().put_if_absent(name, {std::string(size, letter), "text/plain"});
      if (is_new) ++winners;
      const auto blob = co_await this->engine_.blobs().get(name);
      EXPECT_TRUE(blob && blob->bytes.size() == size);
      EXPECT_TRUE(!is_new || blob->bytes.front() == letter);
    };
    std::vector<Task<void>> writers;
    for (char letter = 'a'; letter < 'i'; ++letter) writers.push_back(write(letter));
    this->run_all(std::move(writers));
    EXPECT_EQ(winners, 1);
  }
}

TYPED_TEST(BlobsContract, NamesThatAreNotOursAreRefused) {
  for (const std::string name : {"", "../etc/passwd", "a b", "a\\b", "ä", "a/../b"}) {
    EXPECT_THROW(this->put_blob(name, "x"), Error) << name;
    EXPECT_THROW(this->get_blob(name), Error) << name;
  }
  EXPECT_THROW(this->put_blob(std::string(513, 'a'), "x"), Error);
}

TYPED_TEST(BlobsContract, InspectionSeesTheBytes) {
  ASSERT_TRUE(this->put_blob("small", "abc"));
  ASSERT_TRUE(this->put_blob("large", bytes_of(300'000)));
  const auto inspection = this->engine_.inspectable().inspect();
  EXPECT_EQ(inspection->blob("small")->bytes, "abc");
  EXPECT_EQ(inspection->blob("large")->bytes, bytes_of(300'000));
  EXPECT_FALSE(inspection->blob("none"));
}

}  // namespace
}  // namespace orderly::contract
