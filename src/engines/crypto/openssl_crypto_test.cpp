#include "engines/crypto/openssl_crypto.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "base/text.h"

namespace orderly::crypto {
namespace {

std::string bytes_of(std::string_view hex) { return from_hex(hex).value(); }

template <class Array>
Array array_of(std::string_view hex) {
  const std::string bytes = bytes_of(hex);
  Array array{};
  EXPECT_EQ(bytes.size(), array.size());
  std::ranges::copy(bytes, array.begin());
  return array;
}

// FIPS 180-4's examples, as NIST publishes them with intermediate values.
TEST(Sha256, HasTheVectorsOfFips180) {
  const OpenSslCrypto crypto;
  EXPECT_EQ(to_hex(crypto.sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(crypto.sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(crypto.sha256({})), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(crypto.sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(crypto.sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(HmacSha256, HasTheVectorsOfRfc4231) {
  struct Case {
    std::string key, bytes, digest;
  };
  const OpenSslCrypto crypto;
  for (const auto& [key, bytes, digest] : std::vector<Case>{
           {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
           {"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
           {std::string(20, '\xaa'), std::string(50, '\xdd'),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
           {bytes_of("0102030405060708090a0b0c0d0e0f10111213141516171819"), std::string(50, '\xcd'),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
           {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
           {std::string(131, '\xaa'),
            "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
            "hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
       }) {
    EXPECT_EQ(to_hex(crypto.hmac_sha256(key, bytes)), digest);
  }
}

TEST(HmacSha256, TakesAnEmptyKeyAndText) {
  const OpenSslCrypto crypto;
  const std::string of_nothing = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  static_cast<void>(crypto.hmac_sha256("another key", "another text"));  // must leave nothing behind
  EXPECT_EQ(to_hex(crypto.hmac_sha256("", "")), of_nothing);
  EXPECT_EQ(to_hex(crypto.hmac_sha256({}, {})), of_nothing);
}

struct GcmCase {
  std::string key, nonce, plaintext, context, ciphertext, tag;  // in hex
};

// Test cases 13, 14 and 16 of the GCM specification submitted to NIST (McGrew and Viega, appendix B).
const std::vector<GcmCase>& gcm_cases() {
  static const std::string zero_key(64, '0');
  static const std::string zero_nonce(24, '0');
  static const std::vector<GcmCase> cases = {
      {zero_key, zero_nonce, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
      {zero_key, zero_nonce, "00000000000000000000000000000000", "", "cea7403d4d606b6e074ec5d3baf39d18",
       "d0d1c8a799996bf0265b98b5d48ab919"},
      {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
       "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de65"
       "7"
       "ba637b39",
       "feedfacedeadbeeffeedfacedeadbeefabaddad2",
       "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0"
       "a"
       "bcc9f662",
       "76fc6ece0f4e1768cddf8853bb2d551b"}};
  return cases;
}

TEST(Seal, HasTheVectorsOfTheGcmSpecification) {
  const OpenSslCrypto crypto;
  for (const GcmCase& c : gcm_cases()) {
    const auto key = array_of<ports::SecretKey>(c.key);
    const std::string sealed =
        crypto.seal(key, array_of<ports::Nonce>(c.nonce), bytes_of(c.plaintext), bytes_of(c.context));
    EXPECT_EQ(to_hex(sealed), c.nonce + c.ciphertext + c.tag);
    EXPECT_EQ(crypto.open(key, sealed, bytes_of(c.context)), bytes_of(c.plaintext));
  }
}

class OpenTest : public testing::Test {
 protected:
  OpenSslCrypto crypto_;
  ports::SecretKey key_ = array_of<ports::SecretKey>(gcm_cases()[2].key);
  ports::Nonce nonce_ = array_of<ports::Nonce>(gcm_cases()[2].nonce);
  std::string sealed_ = crypto_.seal(key_, nonce_, "12 Rue de la Paix", "cli_1/address");
};

TEST_F(OpenTest, GivesBackWhatWasSealed) {
  EXPECT_EQ(crypto_.open(key_, sealed_, "cli_1/address"), "12 Rue de la Paix");
  EXPECT_EQ(sealed_.find("Paix"), std::string::npos);
}

TEST_F(OpenTest, GivesNothingWhenAnyBitWasChanged) {
  for (std::size_t bit = 0; bit < sealed_.size() * 8; ++bit) {
    std::string changed = sealed_;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    ASSERT_EQ(crypto_.open(key_, changed, "cli_1/address"), std::nullopt) << "bit " << bit;
  }
}

TEST_F(OpenTest, GivesNothingOfATextCutShortOrMadeLonger) {
  for (std::size_t length = 0; length < sealed_.size(); ++length) {
    ASSERT_EQ(crypto_.open(key_, sealed_.substr(0, length), "cli_1/address"), std::nullopt) << length;
  }
  EXPECT_EQ(crypto_.open(key_, sealed_ + '\0', "cli_1/address"), std::nullopt);
}

TEST_F(OpenTest, GivesNothingUnderAnotherKeyOrContext) {
  EXPECT_EQ(crypto_.open(key_, sealed_, "cli_2/address"), std::nullopt);
  EXPECT_EQ(crypto_.open(key_, sealed_, ""), std::nullopt);
  ports::SecretKey other = key_;
  other[31] ^= 1;
  EXPECT_EQ(crypto_.open(other, sealed_, "cli_1/address"), std::nullopt);
  EXPECT_EQ(crypto_.open(key_, sealed_, "cli_1/address"), "12 Rue de la Paix");  // a failure leaves nothing behind
}

TEST(OpenSslCrypto, ServesManyThreadsAtOnce) {
  std::vector<int> wrong(4, 0);
  for (int round = 0; round < 2; ++round) {
    const OpenSslCrypto crypto;
    std::vector<std::thread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&crypto, &count] {
        for (int i = 0; i < 500; ++i) {
          const std::string text = std::to_string(i);
          const ports::SecretKey key = crypto.sha256(text);
          const std::string sealed = crypto.seal(key, ports::Nonce{}, text, "context");
          if (crypto.open(key, sealed, "context") != text) ++count;
          if (crypto.hmac_sha256(text, text) == key) ++count;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

TEST(OpenSslCrypto, MayBeReplacedByAnotherOnTheSameThread) {
  const ports::Digest first = OpenSslCrypto().sha256("abc");
  EXPECT_EQ(OpenSslCrypto().sha256("abc"), first);
}

}  // namespace
}  // namespace orderly::crypto
