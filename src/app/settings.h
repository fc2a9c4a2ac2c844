// What a shop decides. Read once at start; the names are those of orderly.toml.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/money.h"
#include "base/time.h"
#include "domain/invoice.h"
#include "domain/pricing.h"

namespace orderly::app {

struct Settings {
  Currency currency = Currency::of("USD");  // shop.currency: of orders that name none
  domain::Party seller{"Orderly Demo Shop", {"1 Market Square", "10115 Berlin", "Germany"}};  // shop.name, shop.address
  domain::PricingRules pricing;  // pricing.shipping_flat, pricing.tax_basis_points, pricing.rounding
  Duration expire_after = std::chrono::minutes(30);  // orders.expire_after
  Duration payment_step{0};            // payments.simulated.step: how long each state of a simulated payment shows
  Duration deliver_after{0};           // fulfilment.deliver_after; 0: never by itself
  std::string default_payment_method;  // the demo's pm_card_visa; empty: there is none
  std::string public_url;              // shop.url: of its pages, for links in mails; empty: mails show codes
  bool takes_real_money = false;       // keys are ok_live_, and ok_test_ where the provider is simulated
};

}  // namespace orderly::app
