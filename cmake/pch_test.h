// The same for tests, and what each of them includes besides.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stop_token>
#include <thread>

#include "cmake/pch.h"
