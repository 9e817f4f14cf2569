// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.hpp"
#include "core/base/json.hpp"
#include "core/registry/history.hpp"

#include <string>
#include <string_view>

// What several subcommands of registry, tenant and user share.
namespace mapctl::cli {

// The table in the format that was asked for; for json a document with `members` and, under `key`,
// the rows.
void print_rows(CommandContext& context, const TablePrinter& table, Json members,
                std::string_view key);

// Which mapping is meant: its id, or its source field where that is mapped once.
struct MappingChoice {
  std::string id{}, connector{}, table{}, field{};
  void declare(CLI::App& app);
  bool given() const noexcept { return !id.empty() || !field.empty(); }
  // Throws Error::usage when nothing or too little is given, or the field is mapped several times;
  // Error::not_found.
  mapping::MappingId find(registry::Registry& registry) const;
};

// "365d", "12h" or "90m" before now, a day or a moment, as ISO 8601 UTC. Throws Error::usage.
std::string moment_of(const std::string& text, const Clock& clock, std::string_view option);

}  // namespace mapctl::cli
