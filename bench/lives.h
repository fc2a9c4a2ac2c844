// Whole lives a second: placed, paid by the simulated provider, invoiced, and the invoice's PDF stored.
#pragma once

#include "bench/report.h"
#include "bench/workloads.h"

namespace orderly::bench {

// Places orders on load.connections - 1 connections, at most `under_way_max` ahead of what the workers have finished,
// and counts lives finished between two looks at the metrics, the first one after the warm-up. Then waits until nothing
// is under way, and checks a sample of the orders and their PDFs, and that there are no dead letters: what is missing
// counts as errors. Latencies are those of placing beside the workers.
Figure measure_lives(const LoadOptions& load, const PlaceOrders::Options& orders, std::uint64_t under_way_max);

}  // namespace orderly::bench
