// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::sqlite {

// What SQLite reported, in our terms. `code` is an extended result code, `system_error` the errno
// behind it or 0, `object` what the message names ("database 'x.db'"), `text` SQLite's own words.
Error to_error(int code, int system_error, std::string_view object, std::string_view text);

// "SQLITE_BUSY" or, where the extended code says more, "SQLITE_IOERR/778".
std::string native_code(int code);

}  // namespace mapctl::connectors::sqlite
