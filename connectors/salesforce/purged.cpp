// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/purged.hpp"

#include "core/base/error.hpp"
#include "core/base/json_member.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mapctl::connectors::salesforce {
namespace {

using namespace std::chrono_literals;

constexpr auto shortest = 2min;  // Salesforce wants more than one between the two

std::string moment(TimePoint time) {
  std::string text = to_iso8601_seconds(time);
  text.pop_back();  // Z
  return ports::percent_encode(text + "+00:00");
}

struct Asked {
  Session& session;
  const std::string& object;
  std::string_view what;
  const std::stop_token& stop;
};

void ask(const Asked& asked, TimePoint from, TimePoint to, std::vector<std::string>& ids) {
  Json answer;
  try {
    answer =
        asked.session.get(asked.session.api(fmt::format("/sobjects/{}/deleted/?start={}&end={}",
                                                        asked.object, moment(from), moment(to))),
                          asked.what, asked.stop);
  } catch (const Error& problem) {
    // More than 600,000 rows at once.
    if (problem.facts().native_code != "EXCEEDED_ID_LIMIT" || to - from < 2 * shortest) {
      throw;
    }
    const TimePoint middle = from + (to - from) / 2;
    ask(asked, from, middle, ids);
    ask(asked, middle, to, ids);
    return;
  }
  const auto records = answer.is_object() ? answer.find("deletedRecords") : answer.end();
  if (!answer.is_object() || records == answer.end() || !records->is_array()) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("{}: the answer has no list of deleted rows", asked.what),
                "leave option 'deleted_days' out, or check option 'api_version'"};
  }
  for (const Json& record : *records) {
    if (std::string id = text_member(record, "id"); !id.empty()) {
      ids.push_back(std::move(id));
    }
  }
}

}  // namespace

std::vector<std::string> deleted_ids(Session& session, const std::string& object, TimePoint from,
                                     TimePoint to, std::string_view what,
                                     const std::stop_token& stop) {
  std::vector<std::string> ids;
  ask({session, object, what, stop}, from, to, ids);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace mapctl::connectors::salesforce
