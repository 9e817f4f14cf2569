// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/http_client.hpp"

#include <string>
#include <string_view>

namespace mapctl::connectors::http {

// HttpClientFactory::sign().
std::string signature(ports::SignatureAlgorithm algorithm, const Secret& key,
                      std::string_view text);

}  // namespace mapctl::connectors::http
