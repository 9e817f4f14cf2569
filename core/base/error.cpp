// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"

namespace mapctl {

const char* to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::internal: return "internal";
    case ErrorCode::usage: return "usage";
    case ErrorCode::configuration: return "configuration";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::already_exists: return "already_exists";
    case ErrorCode::invalid_data: return "invalid_data";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::unreachable: return "unreachable";
    case ErrorCode::denied: return "denied";
    case ErrorCode::busy: return "busy";
    case ErrorCode::io: return "io";
    case ErrorCode::resource_limit: return "resource_limit";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::commit_unknown: return "commit_unknown";
    case ErrorCode::cancelled: return "cancelled";
  }
  return "internal";
}

}  // namespace mapctl
