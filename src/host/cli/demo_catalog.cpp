// The demo shop's catalog. Product 1 costs 95.00 and shipping is 9.99 flat, so that two of them come to 199.99;
// "limited" has ten pieces, the others plenty.
#include "host/cli/product_file.h"

namespace orderly::cli {

namespace {

struct DemoProduct {
  const char* id;
  const char* sku;
  const char* name;
  const char* description;
  const char* category;
  std::int64_t price;
  std::int64_t stock;
};

constexpr DemoProduct kDemoProducts[] = {
    {"1", "KB-75-BRN", "Mechanical Keyboard", "75 % layout, brown switches, hot-swappable.", "electronics", 9500,
     100000000},
    {"2", "MOU-ERG-01", "Ergonomic Mouse", "Vertical grip, six buttons, 4,000 dpi.", "electronics", 4900, 100000000},
    {"3", "MON-27-4K", "27-inch 4K Monitor", "IPS panel, USB-C with 90 W charging.", "electronics", 38900, 100000000},
    {"4", "HUB-USBC-7", "USB-C Hub, 7 Ports", "HDMI, SD, Ethernet and power delivery.", "electronics", 5900, 100000000},
    {"limited", "SPK-LTD-10", "Signature Speaker, Limited Edition", "Ten pieces, numbered by hand.", "electronics",
     24900, 10},
    {"5", "COF-ESP-1K", "Espresso Beans, 1 kg", "Dark roast, fair trade.", "grocery", 2190, 100000000},
    {"6", "TEA-SEN-100", "Sencha Green Tea, 100 g", "First flush, Kagoshima.", "grocery", 1450, 100000000},
    {"7", "OIL-OLV-750", "Olive Oil, 750 ml", "Extra virgin, cold pressed.", "grocery", 1690, 100000000},
    {"8", "CHO-DRK-85", "Dark Chocolate 85 %", "Single origin, 100 g.", "grocery", 420, 100000000},
    {"9", "HON-ACA-500", "Acacia Honey, 500 g", "From one beekeeper.", "grocery", 1120, 100000000},
    {"10", "BK-DDIA-EN", "Data Systems Handbook", "How to store and move data reliably.", "books", 4599, 100000000},
    {"11", "BK-COOK-MED", "Mediterranean Cookbook", "120 recipes for every day.", "books", 2999, 100000000},
    {"12", "BK-ATLAS-25", "World Atlas", "Large format, 400 maps.", "books", 5900, 100000000},
    {"13", "BK-NOTE-A5", "Dotted Notebook A5", "Numbered pages, lies flat.", "books", 1290, 100000000},
    {"14", "LMP-DESK-LED", "LED Desk Lamp", "Dimmable, 2,700 to 6,500 K.", "home", 6490, 100000000},
    {"15", "KTL-GOOSE-1L", "Gooseneck Kettle, 1 l", "Temperature to the degree.", "home", 7990, 100000000},
    {"16", "TWL-LIN-2", "Linen Towels, Set of 2", "Stone-washed, 70 × 140 cm.", "home", 3990, 100000000},
    {"17", "PAN-IRON-28", "Cast-Iron Pan, 28 cm", "Seasoned, for life.", "home", 5490, 100000000},
    {"18", "BTL-STEEL-750", "Steel Bottle, 750 ml", "Keeps cold for 24 hours.", "sports", 2790, 100000000},
    {"19", "MAT-YOGA-6", "Yoga Mat, 6 mm", "Natural rubber, non-slip.", "sports", 4290, 100000000},
    {"20", "BAG-GYM-30", "Gym Bag, 30 l", "Wet compartment, recycled fabric.", "sports", 5490, 100000000},
    {"21", "ROPE-SPD", "Speed Rope", "Ball bearings, adjustable.", "sports", 1590, 100000000},
    {"22", "BLK-WOOD-100", "Wooden Blocks, 100 Pieces", "Beech, water-based paint.", "toys", 3490, 100000000},
    {"23", "PZL-1000-SKY", "Puzzle, 1,000 Pieces", "Night sky over the Alps.", "toys", 1990, 100000000},
    {"24", "GAM-CARD-FAM", "Family Card Game", "Two to six players, 20 minutes.", "toys", 1290, 100000000},
    {"25", "TRN-STARTER", "Train Starter Set", "Oval track, wooden engine.", "toys", 5990, 100000000},
};

}  // namespace

std::vector<app::PutProduct> demo_catalog() {
  std::vector<app::PutProduct> products;
  for (const DemoProduct& each : kDemoProducts) {
    products.push_back({each.id, each.sku, each.name, each.description, each.category, each.price, Currency::of("USD"),
                        "", each.stock});
  }
  return products;
}

}  // namespace orderly::cli
