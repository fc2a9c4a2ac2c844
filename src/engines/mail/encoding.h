// How mail carries what is beyond lines of ASCII. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace orderly::mail {

// From space to tilde.
bool is_printable_ascii(std::string_view text);

// A header's text as encoded-words (RFC 2047, "B"), each short enough to stand on a line after "Subject: ", with
// `between` between two. No character is cut in two. `text` is valid UTF-8.
std::string encoded_words(std::string_view text, std::string_view between);

// A text's lines, however they end, as quoted-printable (RFC 2045, section 6.7): lines of at most 76 characters that
// end in CRLF, the last one too.
std::string quoted_printable(std::string_view text);

}  // namespace orderly::mail
