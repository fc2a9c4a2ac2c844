# Everything here is a Debian 12 package (script/setup installs them).
find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json system)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(GTest REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)

# Debian ships no CMake or pkg-config file for these two that works with clang and shared linking.
find_library(ROCKSDB_LIBRARY rocksdb REQUIRED)
find_path(ROCKSDB_INCLUDE_DIR rocksdb/db.h REQUIRED)
add_library(rocksdb INTERFACE)
target_link_libraries(rocksdb INTERFACE ${ROCKSDB_LIBRARY})
target_include_directories(rocksdb SYSTEM INTERFACE ${ROCKSDB_INCLUDE_DIR})

find_library(HARU_LIBRARY hpdf REQUIRED)
find_path(HARU_INCLUDE_DIR hpdf.h REQUIRED)
add_library(haru INTERFACE)
target_link_libraries(haru INTERFACE ${HARU_LIBRARY})
target_include_directories(haru SYSTEM INTERFACE ${HARU_INCLUDE_DIR})

# Found by name, so that a program that must bring all with it can take the archive.
find_library(SODIUM_LIBRARY sodium REQUIRED)
find_path(SODIUM_INCLUDE_DIR sodium.h REQUIRED)
add_library(sodium INTERFACE)
target_link_libraries(sodium INTERFACE ${SODIUM_LIBRARY})
target_include_directories(sodium SYSTEM INTERFACE ${SODIUM_INCLUDE_DIR})
