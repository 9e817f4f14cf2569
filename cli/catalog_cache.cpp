// SPDX-License-Identifier: Apache-2.0
#include "cli/catalog_cache.hpp"

#include "cli/command.hpp"
#include "cli/kept_catalog.hpp"
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_member.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/ports/change_mark.hpp"
#include "core/registry/registry.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <system_error>
#include <utility>

namespace mapctl::cli {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view cache_schema = "mapctl.kept_catalog/1";

struct CacheNote {
  std::string snapshot{}, settings{};
  std::optional<std::string> mark{};
};

// Nothing for a file that is not there, or that no mapctl wrote.
std::optional<CacheNote> read_note(const fs::path& file) {
  try {
    const Json document = read_json(read_file(file));
    if (text_member(document, "schema") != cache_schema) {
      return std::nullopt;
    }
    CacheNote note{text_member(document, "snapshot"), text_member(document, "settings"), {}};
    if (std::string mark = text_member(document, "mark"); !mark.empty()) {
      note.mark = std::move(mark);
    }
    return note;
  } catch (const Error&) {
    return std::nullopt;
  }
}

// As discovery of structure alone would have found it.
void drop_statistics(catalog::Catalog& catalog) {
  for (catalog::Schema& schema : catalog.schemas) {
    for (catalog::Table& table : schema.tables) {
      for (catalog::Column& column : table.columns) {
        column.statistics.reset();
        column.personal.reset();
      }
    }
  }
}

}  // namespace

class CatalogCache::Watched final : public ports::Connector {
 public:
  Watched(CatalogCache& cache, std::unique_ptr<ports::Connector> system, Terms terms)
      : cache_{cache}, system_{std::move(system)}, terms_{std::move(terms)} {}

  ports::Capabilities capabilities() const override { return system_->capabilities(); }

  catalog::Catalog discover(const ports::DiscoveryScope& scope, std::stop_token stop) override {
    if (scope.statistics || cache_.use() == Use::nothing) {
      return system_->discover(scope, std::move(stop));
    }
    auto found = cache_.find_known(terms_);
    if (!found) {
      std::optional<std::string> mark;
      if (auto* marked = dynamic_cast<ports::ChangeMarked*>(system_.get())) {
        mark = marked->change_mark(stop);  // before discovery: what changes meanwhile is not lost
      }
      found = cache_.find(terms_, mark);
      const bool is_whole = scope.schemas.matches_all() && scope.tables.matches_all();
      if (!found) {
        catalog::Catalog read = system_->discover(scope, std::move(stop));
        if (is_whole) {
          cache_.keep(terms_, mark, read);
        }
        return read;
      }
    }
    keep_scope(*found, scope.schemas, scope.tables);
    return *std::move(found);
  }

  std::unique_ptr<ports::RowReader> open_reader(const catalog::TableRef& table,
                                                std::stop_token stop) override {
    return system_->open_reader(table, std::move(stop));
  }

  ports::ServerInfo test(std::stop_token stop) override { return system_->test(std::move(stop)); }

 private:
  CatalogCache& cache_;
  std::unique_ptr<ports::Connector> system_;
  Terms terms_;
};

void CatalogCache::refresh() {
  const std::lock_guard lock{mutex_};
  use_ = Use::keep;
}

void CatalogCache::switch_off() {
  const std::lock_guard lock{mutex_};
  use_ = Use::nothing;
}

CatalogCache::Use CatalogCache::use() const {
  const std::lock_guard lock{mutex_};
  return use_;
}

std::unique_ptr<ports::Connector> CatalogCache::watch(std::unique_ptr<ports::Connector> system,
                                                      Terms terms) {
  if (!context_.has_registry()) {
    return system;
  }
  return std::make_unique<Watched>(*this, std::move(system), std::move(terms));
}

bool CatalogCache::was_taken(std::string_view profile) const {
  const std::lock_guard lock{mutex_};
  const auto known = known_.find(profile);
  return known != known_.end() && known->second.is_from_before;
}

bool CatalogCache::is_kept(std::string_view profile) const {
  const std::lock_guard lock{mutex_};
  return known_.contains(profile);
}

std::optional<catalog::Catalog> CatalogCache::find_known(const Terms& terms) const {
  const std::lock_guard lock{mutex_};
  const auto known = known_.find(terms.profile);
  return known == known_.end() ? std::nullopt : std::optional{known->second.catalog};
}

std::optional<catalog::Catalog> CatalogCache::find(const Terms& terms,
                                                   const std::optional<std::string>& mark) {
  const std::lock_guard lock{mutex_};
  if (use_ != Use::all) {
    return std::nullopt;
  }
  const auto note = read_note(file_of(terms));
  if (!note || note->settings != terms.settings || note->mark != mark) {
    return std::nullopt;
  }
  registry::Registry registry = context_.open_registry();
  const auto snapshot = registry.latest_snapshot(ProfileName{terms.profile});
  if (!snapshot || snapshot->id.text != note->snapshot) {
    return std::nullopt;  // whoever stored the newer one knows more
  }
  catalog::Catalog found = registry.load_snapshot(snapshot->id);
  const double age = std::chrono::duration<double>(context_.clock().now() - found.taken_at).count();
  if (age < 0 || age >= terms.lifetime) {
    return std::nullopt;
  }
  drop_statistics(found);
  known_.insert_or_assign(terms.profile, Known{found, true});
  context_.reporter().info(
      fmt::format(
          "the catalog of '{}' is {} old: {}", terms.profile, human_duration(age),
          mark ? "the system says that nothing has changed since"
               : fmt::format("its profile lets it serve for {}", human_duration(terms.lifetime))),
      "--refresh reads it anew");
  return found;
}

void CatalogCache::keep(const Terms& terms, const std::optional<std::string>& mark,
                        catalog::Catalog& found) {
  const std::lock_guard lock{mutex_};
  found.taken_at = context_.clock().now();
  try {
    registry::Registry registry = context_.open_registry();
    const auto snapshot = registry.store_snapshot(ProfileName{terms.profile}, found);
    const fs::path file = file_of(terms);
    std::error_code ignored;
    fs::create_directories(file.parent_path(), ignored);
    Json document{{"schema", cache_schema},
                  {"profile", terms.profile},
                  {"snapshot", snapshot.id.text},
                  {"settings", terms.settings}};
    if (mark) {
      document["mark"] = *mark;
    }
    write_file_atomically(file, to_document(document));
  } catch (const Error& problem) {
    context_.reporter().info(
        fmt::format("the catalog of '{}' is not kept: {}", terms.profile, problem.what()),
        problem.facts().hint);
    return;
  }
  known_.insert_or_assign(terms.profile, Known{found, false});
}

fs::path CatalogCache::file_of(const Terms& terms) const {
  Sha256 name;
  name.add_field(context_.tenant().text).add_field(terms.profile);
  return context_.settings().registry().directory / "catalogs" / (name.finish() + ".json");
}

}  // namespace mapctl::cli
