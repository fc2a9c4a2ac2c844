// Asio's TLS parts compiled once, here; the rest of Asio is in cmake/pch.cpp.
#include <boost/asio/ssl/impl/src.hpp>
