// SPDX-License-Identifier: Apache-2.0
#include "core/eval/document.hpp"

#include "core/base/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace mapctl::eval {
namespace {

constexpr std::string_view schema = "mapctl.eval/1";

Figures read_figures(const Json& json) {
  Figures figures;
  for (const auto& figure : figure_names()) {
    const auto found = json.find(figure.name);
    const bool known = found != json.end() && found->is_number();
    figure.set(figures, known ? std::optional<double>{found->get<double>()} : std::nullopt);
  }
  return figures;
}

SuiteResult read_suite(const Json& json) {
  SuiteResult suite;
  suite.suite = json.at("suite").get<std::string>();
  suite.overall = read_figures(json.at("overall"));
  for (const auto& task : json.at("tasks")) {
    suite.tasks.push_back({task.at("task").get<std::string>(), read_figures(task)});
  }
  return suite;
}

}  // namespace

double rounded(double figure) noexcept {
  constexpr double steps = 10000;
  return std::round(figure * steps) / steps;
}

Json to_json(const Figures& figures) {
  Json json = Json::object();
  for (const auto& figure : figure_names()) {
    const auto value = figure.get(figures);
    json[std::string{figure.name}] = value ? Json(rounded(*value)) : Json(nullptr);
  }
  return json;
}

Json to_json(const SuiteResult& suite) {
  Json json = Json::object();
  json["suite"] = suite.suite;
  json["overall"] = to_json(suite.overall);
  Json tasks = Json::array();
  for (const auto& task : suite.tasks) {
    Json one = Json::object();
    one["task"] = task.task;
    one.update(to_json(task.figures));
    tasks.push_back(std::move(one));
  }
  json["tasks"] = std::move(tasks);
  return json;
}

Json to_json(const std::vector<SuiteResult>& suites, bool many) {
  Json json = Json::object();
  json["schema"] = schema;
  if (!many) {
    json.update(to_json(suites.at(0)));
    return json;
  }
  std::vector<Figures> all;
  Json list = Json::array();
  for (const auto& suite : suites) {
    all.push_back(suite.overall);
    list.push_back(to_json(suite));
  }
  json["overall"] = to_json(mean(all));
  json["suites"] = std::move(list);
  return json;
}

std::vector<SuiteResult> read_document(std::string_view text, std::string_view what) {
  const Json json = parse_json(text, what);
  std::vector<SuiteResult> suites;
  try {
    if (json.at("schema").get<std::string>() != schema) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("'{}' is no document of schema {}", what, schema),
                  "write one with `mapctl eval SUITE --format json`"};
    }
    if (const auto list = json.find("suites"); list != json.end()) {
      for (const auto& suite : *list) {
        suites.push_back(read_suite(suite));
      }
    } else {
      suites.push_back(read_suite(json));
    }
  } catch (const Json::exception&) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("'{}' is no document of schema {}", what, schema),
                "write one with `mapctl eval SUITE --format json`"};
  }
  return suites;
}

}  // namespace mapctl::eval
