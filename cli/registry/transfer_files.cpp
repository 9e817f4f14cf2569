// SPDX-License-Identifier: Apache-2.0
#include "cli/registry/transfer_files.hpp"

#include "cli/registry/parts.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/registry/migrations.hpp"
#include "core/registry/transfer.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <fstream>
#include <iostream>
#include <optional>
#include <vector>

namespace mapctl::cli {
namespace {

void print_counts(CommandContext& context, const registry::TransferCounts& counts,
                  const std::string& path, std::string_view schema) {
  TablePrinter table{{{"tenant", "Tenant", false, true}}};
  for (const TenantName& tenant : counts.tenants) {
    table.add(std::vector<std::string>{tenant.text});
  }
  if (context.format() == Format::table) {
    context.out().line(fmt::format("{}: {} rows of {} tables, {} {}", path, counts.rows,
                                   counts.tables, counts.tenants.size(),
                                   counts.tenants.size() == 1 ? "tenant" : "tenants"));
    return;
  }
  print_rows(
      context, table,
      Json{{"schema", schema}, {"file", path}, {"rows", counts.rows}, {"tables", counts.tables}},
      "tenants");
}

}  // namespace

void write_registry_file(CommandContext& context, const std::string& path, bool all_tenants,
                         bool replace) {
  registry::Registry registry = context.open_registry();
  if (path == "-") {
    registry::export_registry(registry, all_tenants,
                              [&](std::string_view line) { context.out().line(line); });
    return;
  }
  std::error_code ignored;
  if (!replace && std::filesystem::exists(path, ignored)) {
    throw Error{ErrorCode::already_exists, fmt::format("'{}' is there already", path),
                "choose another file, or say --force to overwrite it"};
  }
  AtomicFile file{path};
  std::string block;
  const registry::TransferCounts counts =
      registry::export_registry(registry, all_tenants, [&](std::string_view line) {
        block += line;
        block += '\n';
        if (block.size() > (1U << 20U)) {
          file.write(block);
          block.clear();
        }
      });
  file.write(block);
  file.commit();
  print_counts(context, counts, path, "mapctl.registry-file/1");
}

void read_registry_file(CommandContext& context, const std::string& path, bool create) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) {
      throw_io_error(errno, "read", path);
    }
  }
  std::istream& input = path == "-" ? std::cin : file;
  const auto session = context.open_registry_session(create);
  if (create) {
    registry::migrate(*session, context.clock());
  }
  const registry::ImportResult result = registry::import_registry(
      *session,
      [&](std::string& line) {
        if (context.stop().stop_requested()) {
          throw Error{ErrorCode::cancelled, "the import was stopped", "nothing was imported"};
        }
        const bool more = static_cast<bool>(std::getline(input, line));
        if (input.bad()) {
          throw_io_error(errno, "read", path);
        }
        return more;
      },
      context.signing_key());
  print_counts(context, result.counts, path, "mapctl.registry-file/1");
}

}  // namespace mapctl::cli
