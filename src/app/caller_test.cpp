// What events keep of where a caller is.
#include "app/caller.h"

#include <gtest/gtest.h>

namespace orderly::app {
namespace {

TEST(Source, OfThoseWhoWorkInTheShopIsTheWholeAddress) {
  for (const Role role : {Role::kOwner, Role::kStaff, Role::kApprover, Role::kProvider}) {
    EXPECT_EQ(source_of(role, "203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(source_of(role, "2001:db8:1:2::3"), "2001:db8:1:2::3");
    EXPECT_EQ(source_of(role, "::ffff:203.0.113.7"), "203.0.113.7");
  }
}

TEST(Source, OfClientsAndGuestsIsTheNetworkThatTheyAreIn) {
  for (const Role role : {Role::kClient, Role::kAnonymous}) {
    EXPECT_EQ(source_of(role, "203.0.113.7"), "203.0.113.0/24");
    EXPECT_EQ(source_of(role, "203.0.113.255"), "203.0.113.0/24");
    EXPECT_EQ(source_of(role, "2001:db8:1:2:3:4:5:6"), "2001:db8:1::/48");
    EXPECT_EQ(source_of(role, "::ffff:203.0.113.7"), "203.0.113.0/24") << "it is an IPv4 address";
    EXPECT_EQ(source_of(role, "fe80::1%lo"), "fe80::/48");
  }
}

TEST(Source, IsNothingWhereThereIsNoAddress) {
  for (const char* text : {"", "local", "203.0.113", "203.0.113.7, 10.0.0.1", "203.0.113.7:80", "ada@example.com"}) {
    EXPECT_EQ(source_of(Role::kOwner, text), "") << text;
    EXPECT_EQ(source_of(Role::kClient, text), "") << text;
  }
}

TEST(Request, KeepsNeitherCardNumbersNorKeys) {
  EXPECT_EQ(request_of("k3v8m2qp7"), "k3v8m2qp7");
  EXPECT_EQ(request_of("0b5a9c1e-6f2d-4e8b-9a37-1c2d3e4f5a6b"), "0b5a9c1e-6f2d-4e8b-9a37-1c2d3e4f5a6b");
  EXPECT_EQ(request_of("4242424242424242"), "");
  EXPECT_EQ(request_of("sk_live_abc"), "");
  EXPECT_EQ(request_of("ok_test_00000000000000000000000000"), "");
}

TEST(Worker, IsNamedAfterItsWorkAndItsMessage) {
  const Caller caller = worker("payments", "msg_1");
  EXPECT_EQ(caller.name, "worker:payments");
  EXPECT_EQ(caller.request, "msg_1");
  EXPECT_EQ(caller.source, "");
  EXPECT_EQ(worker("expiry").request, "");
}

}  // namespace
}  // namespace orderly::app
