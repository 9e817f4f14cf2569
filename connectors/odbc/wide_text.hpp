// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mapctl::connectors::odbc {

// UTF-8 to UTF-16 and back. What is ill-formed becomes U+FFFD.
std::u16string to_utf16(std::string_view text);
void append_utf8(std::string& text, std::u16string_view wide);

}  // namespace mapctl::connectors::odbc
