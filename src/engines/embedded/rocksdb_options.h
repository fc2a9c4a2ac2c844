// How RocksDB is set up. Figures were measured with orders of about ten entries and 2 KB on two cores.
#pragma once

#include <rocksdb/options.h>

#include <vector>

#include "engines/embedded/rocksdb_key_value.h"

namespace orderly::embedded {

rocksdb::DBOptions database_options(rocksdb::Env* env);
// In the order of Family.
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksOptions& options);

}  // namespace orderly::embedded
