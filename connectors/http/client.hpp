// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/http_client.hpp"

namespace mapctl::connectors::http {

// Clients over libcurl. Those of equal settings are one client as long as somebody holds it.
const ports::HttpClientFactory& factory();

}  // namespace mapctl::connectors::http
