// Checks and encodings of text and bytes. Bytes travel in std::string. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace orderly {

// Whether `text` is UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_valid_utf8(std::string_view text);
// Code points in a valid text.
std::size_t utf8_length(std::string_view text);
// C0 (below U+0020, line feeds and tabs included), DEL, or C1 (U+0080 to U+009F) somewhere in a valid text.
bool has_control_characters(std::string_view text);

// Whether `text` seems to hold a payment card's number: 14 to 19 digits, bare or in groups with single spaces or
// hyphens between them, that begin as some network's cards do and pass the Luhn test (ISO/IEC 7812-1 annex B). Other
// digit groups beside the number do not hide it. For free text only: one bar code in about ten would match.
bool holds_card_number(std::string_view text);

// Whether the text holds an API key of ours or of a payment provider.
bool holds_secret(std::string_view text);

// Lower case.
std::string to_hex(std::span<const std::uint8_t> bytes);
std::string to_hex(std::string_view bytes);
// Either case. Nothing when the length is odd or a character is no hex digit.
std::optional<std::string> from_hex(std::string_view text);

// RFC 4648 section 4, with padding.
std::string base64_encode(std::span<const std::uint8_t> bytes);
std::string base64_encode(std::string_view bytes);
// RFC 4648 section 5, without padding.
std::string base64url_encode(std::span<const std::uint8_t> bytes);
std::string base64url_encode(std::string_view bytes);
// Strict, so that bytes have one text only: nothing for foreign characters, line feeds, missing or (url) present
// padding, or left-over bits that are not zero.
std::optional<std::string> base64_decode(std::string_view text);
std::optional<std::string> base64url_decode(std::string_view text);

// For finding a thing by its exact name: ASCII letters in lower case, runs of ASCII white space as one space, none at
// the ends. Other letters stay as they are.
std::string fold_name(std::string_view name);

}  // namespace orderly
