// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/file.hpp"
#include "tests/support/knowledge.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mapctl::test {

// The weights that are shipped, and no words.
inline matching::Knowledge wordless() {
  const TemporaryDirectory folder;
  const std::vector<std::filesystem::path> folders{folder.path()};
  return {matching::Lexicon::load(folders), shipped_knowledge().combination};
}

// A task of a suite: its three files, of which the rows are given.
inline void write_task(const std::filesystem::path& folder, std::string_view source,
                       std::string_view target, std::string_view truth) {
  std::filesystem::create_directories(folder);
  const auto with = [](std::string_view header, std::string_view rows) {
    return std::string{header} + "\n" + std::string{rows};
  };
  write_file_atomically(folder / "source.csv", with("table,column,type,description", source));
  write_file_atomically(folder / "target.csv", with("table,column,type,description", target));
  write_file_atomically(folder / "truth.csv",
                        with("source_table,source_column,target_table,target_column", truth));
}

}  // namespace mapctl::test
