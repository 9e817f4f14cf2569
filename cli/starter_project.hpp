// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace mapctl::cli {

struct StarterFile {
  std::string_view name{};  // relative to the project's folder
  std::string_view content{};
};

// What `mapctl init` writes: a project that runs as it is.
std::span<const StarterFile> starter_files() noexcept;

}  // namespace mapctl::cli
