// SPDX-License-Identifier: Apache-2.0
#include "cli/kept_catalog.hpp"

#include <utility>

namespace mapctl::cli {
namespace {

bool is_down(const Error& problem) {
  return problem.code() == ErrorCode::unreachable;
}

class FallbackConnector final : public ports::Connector {
 public:
  FallbackConnector(std::unique_ptr<ports::Connector> system, std::optional<Error> problem,
                    KeptCatalogs kept)
      : system_{std::move(system)}, problem_{std::move(problem)}, kept_{std::move(kept)} {}

  ports::Capabilities capabilities() const override {
    return system_ ? system_->capabilities() : ports::Capabilities{};
  }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    if (!problem_) {
      try {
        return system_->discover(scope, stop);
      } catch (const Error& problem) {
        if (!is_down(problem)) {
          throw;
        }
        problem_ = problem;
      }
    }
    auto found = kept_(*problem_);
    if (!found) {
      throw *problem_;
    }
    keep_scope(*found, scope.schemas, scope.tables);
    return *std::move(found);
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    if (!system_) {
      throw *problem_;
    }
    return system_->open_reader(table, std::move(stop));
  }

  ports::ServerInfo test(std::stop_token stop) override {
    if (!system_) {
      throw *problem_;
    }
    return system_->test(std::move(stop));
  }

 private:
  std::unique_ptr<ports::Connector> system_;
  std::optional<Error> problem_;
  KeptCatalogs kept_;
};

}  // namespace

void keep_scope(catalog::Catalog& found, const catalog::NamePattern& schemas,
                const catalog::NamePattern& tables) {
  const bool ignore_case = found.names_ignore_case;
  for (catalog::Schema& schema : found.schemas) {
    std::erase_if(schema.tables, [&](const catalog::Table& table) {
      return !schemas.matches(schema.name.text, ignore_case) ||
             !tables.matches(catalog::TableRef{schema.name, table.name}, ignore_case);
    });
  }
  std::erase_if(found.schemas, [](const catalog::Schema& schema) { return schema.tables.empty(); });
}

std::unique_ptr<ports::Connector> with_kept_catalog(
    const std::function<std::unique_ptr<ports::Connector>()>& open, KeptCatalogs kept) {
  std::unique_ptr<ports::Connector> system;
  std::optional<Error> problem;
  try {
    system = open();
  } catch (const Error& failure) {
    if (!is_down(failure)) {
      throw;
    }
    problem = failure;
  }
  return std::make_unique<FallbackConnector>(std::move(system), std::move(problem),
                                             std::move(kept));
}

}  // namespace mapctl::cli
