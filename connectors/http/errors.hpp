// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"
#include "core/ports/http_client.hpp"

#include <string_view>

namespace mapctl::connectors::http {

// An Error for a code of libcurl; `detail` is its own text, `timeout` the seconds that were given,
// `hints` what can be set.
Error transport_error(int curl_code, std::string_view url, std::string_view detail, double timeout,
                      const ports::HttpHints& hints = {});

}  // namespace mapctl::connectors::http
