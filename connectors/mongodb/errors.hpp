// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <cstdint>
#include <string_view>

namespace mapctl::connectors::mongodb {

// An error of libmongoc in our terms; `what` names the database or collection.
Error native_error(std::uint32_t domain, std::uint32_t code, std::string_view message,
                   std::string_view what);

}  // namespace mapctl::connectors::mongodb
