#include "host/server/trusted_proxies.h"

#include <gtest/gtest.h>

namespace orderly::server {
namespace {

TrustedProxies proxies(std::initializer_list<std::string_view> blocks) {
  TrustedProxies trusted;
  for (const std::string_view block : blocks) EXPECT_TRUE(trusted.add(block)) << block;
  return trusted;
}

TEST(TrustedProxies, AreBlocksOfAddresses) {
  struct Case {
    std::string_view block, address;
    bool is_in;
  };
  for (const auto& [block, address, is_in] : std::vector<Case>{
           {"10.0.0.0/8", "10.0.0.0", true},
           {"10.0.0.0/8", "10.255.255.255", true},
           {"10.0.0.0/8", "11.0.0.0", false},
           {"10.0.0.0/8", "9.255.255.255", false},
           {"10.0.0.0/8", "::ffff:10.1.2.3", true},
           {"10.0.0.0/8", "a00::", false},  // the same first byte
           {"172.16.0.0/12", "172.31.255.255", true},
           {"172.16.0.0/12", "172.32.0.0", false},
           {"192.0.2.6/31", "192.0.2.7", true},
           {"192.0.2.6/31", "192.0.2.8", false},
           {"192.0.2.1", "192.0.2.1", true},
           {"192.0.2.1/32", "192.0.2.2", false},
           {"128.0.0.0/1", "255.0.0.1", true},
           {"128.0.0.0/1", "127.0.0.1", false},
           {"fd00::/8", "fdff::1", true},
           {"fd00::/8", "fe00::1", false},
           {"2001:db8::/33", "2001:db8:7fff::", true},
           {"2001:db8::/33", "2001:db8:8000::", false},
           {"::1", "::1", true},
           {"::1", "::2", false},
           {"::1", "127.0.0.1", false},
           {"8000::/1", "ffff::", true},
           {"10.0.0.0/8", "", false},  // a Unix socket
           {"10.0.0.0/8", "10.0.0.1x", false},
       }) {
    EXPECT_EQ(proxies({block}).contains(address), is_in) << block << " " << address;
  }
  EXPECT_FALSE(TrustedProxies().contains("127.0.0.1"));
}

TEST(TrustedProxies, AreNothingElse) {
  TrustedProxies trusted;
  for (const std::string_view bad : {"",
                                     "/",
                                     "/8",
                                     "10.0.0.0/",
                                     "10.0.0.0/33",
                                     "10.0.0.0/-1",
                                     "10.0.0.0/8x",
                                     "10.0.0.0/ 8",
                                     "10.0.0.0/0",
                                     "::/0",
                                     "10.0.0.1/8",
                                     "10.0.0/8",
                                     "10.0.0.0.0/8",
                                     "010.0.0.0/8",
                                     "256.0.0.0",
                                     "localhost",
                                     "10.0.0.0/8/8",
                                     "fd00::1/8",
                                     "fd00::/129",
                                     "::ffff:10.0.0.0/104",
                                     "::ffff:10.0.0.1",
                                     "[::1]",
                                     "fe80::1%eth0",
                                     " 10.0.0.0/8",
                                     "*"}) {
    EXPECT_FALSE(trusted.add(bad)) << bad;
  }
  EXPECT_TRUE(trusted.empty());
}

struct OriginCase {
  std::string peer;
  std::vector<std::string> forwarded_for;
  std::string client;
};

TEST(OriginOf, IsTheRightMostAddressThatIsNoProxys) {
  const TrustedProxies trusted = proxies({"127.0.0.1", "10.0.0.0/8", "fd00::/8"});
  for (const auto& [peer, forwarded_for, client] : std::vector<OriginCase>{
           {"127.0.0.1", {}, "127.0.0.1"},
           {"127.0.0.1", {"192.0.2.1"}, "192.0.2.1"},
           {"127.0.0.1", {"192.0.2.1,198.51.100.2"}, "198.51.100.2"},
           {"127.0.0.1", {"192.0.2.1 , \t10.1.2.3\t, 10.0.0.1"}, "192.0.2.1"},
           {"127.0.0.1", {"spoofed, 192.0.2.1, 10.0.0.1"}, "192.0.2.1"},
           {"127.0.0.1", {"127.0.0.1, 192.0.2.1"}, "192.0.2.1"},
           {"127.0.0.1", {"198.51.100.2", "192.0.2.1, 10.0.0.1", "10.0.0.2"}, "192.0.2.1"},
           {"10.9.9.9", {"192.0.2.1:4711"}, "192.0.2.1"},
           {"fd00::1", {"2001:DB8:0::0001"}, "2001:db8::1"},
           {"fd00::1", {"[2001:db8::1]"}, "2001:db8::1"},
           {"fd00::1", {"[2001:db8::1]:443"}, "2001:db8::1"},
           {"fd00::1", {"2001:db8::1, fd00::2"}, "2001:db8::1"},
           {"127.0.0.1", {"::ffff:192.0.2.1"}, "192.0.2.1"},
           {"127.0.0.1", {"::ffff:10.0.0.1"}, "127.0.0.1"},
           {"127.0.0.1", {"10.0.0.1, 10.0.0.2"}, "127.0.0.1"},  // nobody else is named
       }) {
    EXPECT_EQ(trusted.origin_of(peer, {{"host", "shop"}, {"x-request-id", "1"}}).address, peer);
    TrustedProxies::Headers headers{{"host", "shop"}};
    for (const std::string& value : forwarded_for) headers.emplace_back("x-forwarded-for", value);
    EXPECT_EQ(trusted.origin_of(peer, headers).address, client) << ::testing::PrintToString(forwarded_for);
  }
}

TEST(OriginOf, IsTheProxyWhereItsHeaderCannotBeRead) {
  const TrustedProxies trusted = proxies({"127.0.0.1"});
  for (const std::string& bad : {std::string(""),
                                 std::string(" "),
                                 std::string(","),
                                 std::string("192.0.2.1,"),
                                 std::string("192.0.2.1, ,127.0.0.1"),
                                 std::string("unknown"),
                                 std::string("_hidden"),
                                 std::string("shop.example"),
                                 std::string("192.0.2"),
                                 std::string("192.0.2.256"),
                                 std::string("192.0.2.1 192.0.2.2"),
                                 std::string("192.0.2.1;192.0.2.2"),
                                 std::string("192.0.2.1:"),
                                 std::string("192.0.2.1:x"),
                                 std::string("192.0.2.1:70000"),
                                 std::string("[2001:db8::1"),
                                 std::string("[2001:db8::1]x"),
                                 std::string("[2001:db8::1]:"),
                                 std::string("[192.0.2.1]"),
                                 std::string("[]"),
                                 std::string("2001:db8::1%eth0"),
                                 std::string("2001:db8:::1"),
                                 std::string("\"192.0.2.1\""),
                                 std::string("for=192.0.2.1"),
                                 std::string("192.0.2.1/32"),
                                 std::string("192.0.2.1\0", 10),
                                 std::string("198.51.100.2, unknown, 127.0.0.1"),
                                 std::string(10'000, ',')}) {
    EXPECT_EQ(trusted.origin_of("127.0.0.1", {{"x-forwarded-for", bad}}).address, "127.0.0.1") << bad;
  }
}

TEST(OriginOf, IsThePeerThatIsNoProxyWhateverItSays) {
  const TrustedProxies::Headers headers{{"x-forwarded-for", "10.0.0.1"}, {"x-forwarded-proto", "https"}};
  for (const TrustedProxies& trusted : {TrustedProxies(), proxies({"127.0.0.2", "10.0.0.0/8", "::1"})}) {
    for (const std::string peer : {"127.0.0.1", "192.0.2.1", "2001:db8::1", ""}) {
      const TrustedProxies::Origin origin = trusted.origin_of(peer, headers);
      EXPECT_EQ(origin.address, peer);
      EXPECT_FALSE(origin.is_https);
    }
  }
}

TEST(OriginOf, IsByHttpsWhenTheProxySaysSoOnce) {
  const TrustedProxies trusted = proxies({"127.0.0.1"});
  const auto is_https = [&](std::initializer_list<std::string> values) {
    TrustedProxies::Headers headers;
    for (const std::string& value : values) headers.emplace_back("x-forwarded-proto", value);
    return trusted.origin_of("127.0.0.1", headers).is_https;
  };
  EXPECT_TRUE(is_https({"https"}));
  EXPECT_TRUE(is_https({" HTTPS "}));
  EXPECT_FALSE(is_https({}));
  EXPECT_FALSE(is_https({"http"}));
  EXPECT_FALSE(is_https({""}));
  EXPECT_FALSE(is_https({"httpsx"}));
  EXPECT_FALSE(is_https({"https,http"}));
  EXPECT_FALSE(is_https({"https", "https"}));
}

}  // namespace
}  // namespace orderly::server
