// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace mapctl {

std::string base64(std::string_view bytes);
// With '-' and '_' and without padding, as tokens and URLs carry it.
std::string base64_url(std::string_view bytes);

}  // namespace mapctl
