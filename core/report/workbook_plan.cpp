// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/report/book.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// In which order the target tables are loaded.
namespace mapctl::report {
namespace {

using ports::NumberFormat;

struct Step {
  const TargetEntry* target = nullptr;
  std::size_t level = 0;
  bool in_cycle = false;
};

// A table comes after all tables it refers to; ties by name. What is left over refers to itself in
// a circle and comes last.
std::vector<Step> load_order(const Book& book) {
  std::vector<Step> steps;
  std::set<std::string> loaded;
  for (std::size_t level = 1; steps.size() < book.targets.size(); ++level) {
    std::vector<const TargetEntry*> ready;
    for (const auto& [name, target] : book.targets) {
      const bool is_ready = !loaded.contains(name) &&
                            std::all_of(target.references.begin(), target.references.end(),
                                        [&, &own = name](const std::string& other) {
                                          return other == own || !book.targets.contains(other) ||
                                                 loaded.contains(other);
                                        });
      if (is_ready) {
        ready.push_back(&target);
      }
    }
    if (ready.empty()) {
      for (const auto& [name, target] : book.targets) {
        if (!loaded.contains(name)) {
          steps.push_back({&target, level, true});
        }
      }
      break;
    }
    for (const TargetEntry* target : ready) {
      steps.push_back({target, level, false});
      loaded.insert(target->title);
    }
  }
  return steps;
}

std::string dependency_words(const Book& book, const TargetEntry& target) {
  std::set<std::string> names;
  for (const std::string& reference : target.references) {
    if (reference != target.title) {
      names.insert(book.targets.contains(reference)
                       ? reference
                       : fmt::format("{} (not in this run)", reference));
    }
  }
  return join(std::vector<std::string>(names.begin(), names.end()), ", ");
}

}  // namespace

void write_load_plan(Book& book) {
  if (!book.sheet_of.contains("Load plan")) {
    return;
  }
  constexpr double depends_width = 36, sources_width = 52, settle_width = 40;
  TableSpec spec;
  spec.sheet = book.sheet_of.at("Load plan");
  spec.title = "Load plan";
  spec.subtitle =
      "tables of one step can be loaded at the same time; each step needs the ones before";
  spec.back_link = book.sheet_of.at("Summary");
  spec.columns = {{"Step", 9},
                  {"Target table", 30},
                  {"Kind", 11},
                  {"Domain", 14},
                  {"Role", 12},
                  {"Depends on", depends_width},
                  {"Key", 24},
                  {"Sources", sources_width},
                  {"First pair", 32},
                  {"Load mode", 18, true},
                  {"Frequency", 14, true},
                  {"Filter, join", 30, true},
                  {"Owner", 18, true},
                  {"To be settled first", settle_width}};
  spec.frozen_columns = 2;
  TableWriter table{book, spec};
  Cells cells;
  std::set<std::string> referred;
  for (const auto& [name, target] : book.targets) {
    referred.insert(target.references.begin(), target.references.end());
  }
  for (const Step& step : load_order(book)) {
    const TargetEntry& target = *step.target;
    cells.clear();
    cells.number(static_cast<double>(step.level), style::number(NumberFormat::integer));
    cells.text(target.title, style::cell());
    cells.text(target.kind, style::cell());
    cells.text(target.domain, style::cell());
    cells.text(referred.contains(target.title) ? "dimension"
               : target.references.empty()     ? "stand-alone"
                                               : "fact",
               style::cell());
    const std::string depends = dependency_words(book, target);
    const std::string sources = join(target.sources, ", ");
    cells.own(depends, style::wrapped());
    cells.own(join(target.key, ", "), style::cell());
    cells.own(sources, style::wrapped());
    cells.link(target.sheets.front(), book.link_to_pair(target.sheets.front()), style::link());
    cells.text(target.key.empty() ? "append" : "merge on key", style::editable());
    for (int blank = 0; blank < 3; ++blank) {
      cells.blank(style::editable());
    }
    std::vector<std::string> open;
    if (target.required_open > 0) {
      open.push_back(
          fmt::format("{} without source", counted(target.required_open, "required column")));
    }
    if (target.sources.size() > 1) {
      open.push_back(fmt::format("{} sources feed it: keys may clash", target.sources.size()));
    }
    if (step.in_cycle) {
      open.emplace_back("its foreign keys form a circle: load keys first, references after");
    }
    const std::string to_settle = join(open, "; ");
    cells.own(to_settle, style::wrapped());
    table.write(cells, std::max({wrapped_height(depends, depends_width),
                                 wrapped_height(sources, sources_width),
                                 wrapped_height(to_settle, settle_width)}));
  }
  table.finish();
}

}  // namespace mapctl::report
