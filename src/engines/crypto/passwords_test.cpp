#include "engines/crypto/passwords.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <vector>

#include "base/error.h"
#include "base/limits.h"
#include "base/text.h"
#include "engines/crypto/openssl_crypto.h"

namespace orderly::crypto {
namespace {

struct Case {
  std::string name, password, hash;
  std::string salt;
  bool is_ours = false;  // what hash_password must make
  bool verifies = false;
};

// What make_passwords.py wrote; the tests run in the repository's root.
std::vector<Case> read_cases() {
  std::ifstream file("src/engines/crypto/testdata/passwords.json", std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  std::vector<Case> cases;
  const boost::json::value whole = boost::json::parse(text);
  for (const boost::json::value& each : whole.at("cases").as_array()) {
    const auto string_at = [&](const char* name) { return std::string(each.at(name).as_string()); };
    cases.push_back({string_at("name"), from_hex(string_at("password")).value(), string_at("hash"),
                     from_hex(string_at("salt")).value(), each.at("ours").as_bool(), each.at("verifies").as_bool()});
  }
  return cases;
}

ports::PasswordSalt salt_of(std::string_view bytes) {
  ports::PasswordSalt salt{};
  EXPECT_EQ(bytes.size(), salt.size());
  std::ranges::copy(bytes, salt.begin());
  return salt;
}

const ports::PasswordSalt kSalt{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

TEST(HashPassword, MakesWhatArgon2sOwnProgramMakes) {
  const OpenSslCrypto crypto;
  int made = 0;
  for (const Case& each : read_cases()) {
    if (!each.is_ours) continue;
    EXPECT_EQ(crypto.hash_password(each.password, salt_of(each.salt)), each.hash) << each.name;
    EXPECT_FALSE(crypto.needs_rehash(each.hash)) << each.name;
    ++made;
  }
  EXPECT_EQ(made, 6);
}

TEST(HashPassword, IsAnotherTextWithAnotherSaltOrPassword) {
  ports::PasswordSalt other = kSalt;
  other[15] ^= 1;
  const std::string hash = hash_password("secret", kSalt, kCheapestPasswords);
  EXPECT_EQ(hash, hash_password("secret", kSalt, kCheapestPasswords));
  EXPECT_NE(hash, hash_password("secret", other, kCheapestPasswords));
  EXPECT_NE(hash, hash_password("Secret", kSalt, kCheapestPasswords));
  EXPECT_EQ(hash.find("secret"), std::string::npos);
}

TEST(HashPassword, RefusesMoreBytesThanTheLimit) {
  const std::string longest(limits::kPasswordBytesMax, 'p');
  EXPECT_TRUE(verify_password(hash_password(longest, kSalt, kCheapestPasswords), longest));
  EXPECT_THROW(hash_password(longest + "p", kSalt, kCheapestPasswords), Error);
  EXPECT_FALSE(verify_password(hash_password(longest, kSalt, kCheapestPasswords), longest + "p"));
}

TEST(VerifyPassword, KnowsThePasswordsOfHashesThatOthersMade) {
  const std::vector<Case> cases = read_cases();
  ASSERT_EQ(cases.size(), 14u);
  const OpenSslCrypto crypto;
  for (const Case& each : cases) {
    EXPECT_EQ(crypto.verify_password(each.hash, each.password), each.verifies) << each.name;
  }
}

TEST(VerifyPassword, KnowsNoOtherPassword) {
  const std::string hash = hash_password("correct horse", kSalt, kCheapestPasswords);
  EXPECT_TRUE(verify_password(hash, "correct horse"));
  for (const std::string_view wrong : {"", "correct hors", "correct horse ", "Correct horse", "battery staple"}) {
    EXPECT_FALSE(verify_password(hash, wrong)) << wrong;
  }
  EXPECT_FALSE(verify_password(hash, std::string("correct horse\0", 14)));
}

TEST(VerifyPassword, AnEmptyPasswordIsOneLikeAnyOther) {
  const std::string hash = hash_password("", kSalt, kCheapestPasswords);
  EXPECT_TRUE(verify_password(hash, ""));
  EXPECT_TRUE(verify_password(hash, {}));
  EXPECT_FALSE(verify_password(hash, " "));
  EXPECT_FALSE(verify_password(hash_password(" ", kSalt, kCheapestPasswords), ""));
}

TEST(VerifyPassword, KnowsNothingOfADamagedHash) {
  const std::string good = hash_password("secret", kSalt, kCheapestPasswords);
  ASSERT_TRUE(verify_password(good, "secret"));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string changed = good;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_password(changed, "secret")) << changed;
    EXPECT_FALSE(verify_password(good.substr(0, i), "secret")) << i;
  }
  for (const std::string& none :
       {std::string(), std::string("secret"), std::string("$argon2id$"), good + "A", good + "$", good + '\0',
        good + std::string("\0A", 2), ' ' + good, std::string(10'000, '$'),
        std::string("$argon2id$v=19$m=99999999999,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA"),
        std::string("$argon2id$v=19$m=-8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA")}) {
    EXPECT_FALSE(verify_password(none, "secret")) << none;
    EXPECT_FALSE(verify_password(none, "")) << none;
  }
}

TEST(NeedsRehash, IsTrueOfOtherCostsAndOfWhatIsNoHash) {
  const OpenSslCrypto crypto;
  const std::string cheap = hash_password("secret", kSalt, kCheapestPasswords);
  EXPECT_TRUE(crypto.needs_rehash(cheap));
  EXPECT_FALSE(OpenSslCrypto(kCheapestPasswords).needs_rehash(cheap));
  EXPECT_TRUE(crypto.needs_rehash(hash_password("secret", kSalt, {19 * 1024, 1})));
  EXPECT_TRUE(crypto.needs_rehash(hash_password("secret", kSalt, {20 * 1024, 2})));
  EXPECT_TRUE(crypto.needs_rehash(""));
  EXPECT_TRUE(crypto.needs_rehash("$2b$12$0123456789012345678901"));
  EXPECT_TRUE(crypto.needs_rehash(cheap.substr(0, 20)));
}

}  // namespace
}  // namespace orderly::crypto
