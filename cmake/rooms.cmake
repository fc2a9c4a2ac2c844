# A room is a folder of src/ built as one library: all its .cpp files but the tests. Its tests, *_test.cpp beside
# them, become one program named <room>_test, labelled "rooms"; with THREADS it runs under TSan too. What a room may include is checked
# by tests/layering.

add_library(orderly_flags INTERFACE)
target_compile_options(orderly_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wswitch-enum -Wnon-virtual-dtor -Werror
  -fno-omit-frame-pointer -Xclang -fno-pch-timestamp)
target_compile_definitions(orderly_flags INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_include_directories(orderly_flags INTERFACE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR})
# Four fifths of a sanitized file's compile time are spent on optimizing its checks, which are the same and fewer of which are
# optimized away without.
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
  target_compile_options(orderly_flags INTERFACE -O0 -gline-tables-only)
endif()
if(ORDERLY_ASAN)
  target_compile_options(orderly_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  target_link_options(orderly_flags INTERFACE -fsanitize=address,undefined)
endif()
if(ORDERLY_TSAN)
  target_compile_options(orderly_flags INTERFACE -fsanitize=thread)
  target_link_options(orderly_flags INTERFACE -fsanitize=thread)
endif()

# Asio and Beast compiled once, with the precompiled header that all rooms share.
add_library(orderly_asio STATIC ${CMAKE_SOURCE_DIR}/cmake/pch.cpp)
target_link_libraries(orderly_asio PUBLIC orderly_flags Boost::headers fmt::fmt Threads::Threads)
target_precompile_headers(orderly_asio PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch.h)

# Tests are compiled once for each time they run, so what counts is how long that takes, not how fast they are: the programs and
# libraries that they try are optimized as they are shipped.
add_library(orderly_test_flags INTERFACE)
target_link_libraries(orderly_test_flags INTERFACE orderly_flags Boost::headers fmt::fmt Threads::Threads GTest::gtest)
target_compile_options(orderly_test_flags INTERFACE $<$<CONFIG:Release>:-O0>)
add_library(orderly_test_headers STATIC ${CMAKE_SOURCE_DIR}/cmake/pch_test.cpp)
target_link_libraries(orderly_test_headers PUBLIC orderly_test_flags)
target_precompile_headers(orderly_test_headers PRIVATE ${CMAKE_SOURCE_DIR}/cmake/pch_test.h)

# A program of GoogleTest tests.
function(orderly_test_program name)
  cmake_parse_arguments(TEST "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_precompile_headers(${name} REUSE_FROM orderly_test_headers)
  target_link_libraries(${name} PRIVATE orderly_test_flags ${TEST_DEPENDS} GTest::gtest GTest::gtest_main)
endfunction()

function(orderly_room name)
  cmake_parse_arguments(ROOM "THREADS" "" "DEPENDS;TEST_DEPENDS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*_test.cpp)
  list(REMOVE_ITEM sources ${tests} ${CMAKE_CURRENT_SOURCE_DIR}/main.cpp)
  if(sources)
    add_library(orderly_${name} STATIC ${sources})
    target_precompile_headers(orderly_${name} REUSE_FROM orderly_asio)
    target_link_libraries(orderly_${name} PUBLIC orderly_flags Boost::headers fmt::fmt Threads::Threads ${ROOM_DEPENDS})
  else()
    add_library(orderly_${name} INTERFACE)
    target_link_libraries(orderly_${name} INTERFACE orderly_flags Boost::headers fmt::fmt Threads::Threads
                          ${ROOM_DEPENDS})
  endif()
  if(tests)
    orderly_test(${name}_test SOURCES ${tests} DEPENDS orderly_${name} ${ROOM_TEST_DEPENDS})
    set_target_properties(${name}_test PROPERTIES EXCLUDE_FROM_ALL TRUE)
    set(labels rooms)
    if(ROOM_THREADS)
      list(APPEND labels threads)
    endif()
    set_tests_properties(${name}_test PROPERTIES LABELS "${labels}")
  endif()
endfunction()

# script/test runs four tests a core at once, since most of them wait. This is what one that keeps a core busy counts for,
# as PROCESSORS.
set(ORDERLY_BUSY 3)

# All that orderly_test() makes: what there is to build where nothing but tests is run. CMake's own target `all` is the programs and
# what tries them, without the tests of rooms.
add_custom_target(orderly_tests)

# A program of GoogleTest tests, known to ctest as one test of the same name.
function(orderly_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;DEPENDS;LABELS" ${ARGN})
  orderly_test_program(${name} SOURCES ${TEST_SOURCES} DEPENDS ${TEST_DEPENDS})
  add_dependencies(orderly_tests ${name})
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(TEST_LABELS)
    set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}")
  endif()
endfunction()
