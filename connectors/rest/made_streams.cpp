// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/made_streams.hpp"

#include "connectors/rest/source.hpp"
#include "core/base/error.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>

namespace mapctl::connectors::rest {
namespace {

constexpr std::size_t most_made = 20'000;

class Maker {
 public:
  Maker(Session& session, const Stream& of, std::vector<catalog::DiscoveryWarning>& warnings)
      : session_{session}, of_{of}, warnings_{warnings} {
    for (const Stream& stream : session.plan().streams) {
      taken_.insert(stream.name);
    }
  }

  void add(Json values, Json slice) {
    auto component = std::make_shared<Component>(Component{std::move(values), std::move(slice)});
    Asked asked;
    asked.component = component.get();
    std::string name{trim(to_text(of_.each->name.value(session_.scope(asked))))};
    if (name.empty() || !taken_.insert(name).second) {
      const std::string object = fmt::format("stream '{}'", of_.name);
      if (name.empty()) {
        warnings_.push_back({object, "stands for one without a name, which is left out",
                             "check key 'name' of 'each'"});
      } else {
        warnings_.push_back({object, fmt::format("stands for a second '{}', left out", name),
                             "add what tells them apart to key 'name' of 'each'"});
      }
      return;
    }
    if (made.size() >= most_made) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("stream '{}' stands for more than {} streams", of_.name, most_made),
                  "give the stream that 'each' names a filter"};
    }
    auto stream = std::make_shared<Stream>(of_);
    stream->name = std::move(name);
    stream->each.reset();
    stream->component = std::move(component);
    made.push_back(std::move(stream));
  }

  std::vector<std::shared_ptr<const Stream>> made{};

 private:
  Session& session_;
  const Stream& of_;
  std::vector<catalog::DiscoveryWarning>& warnings_;
  std::set<std::string> taken_;
};

// A template may print a list.
Json as_list(Json value) {
  if (value.is_string()) {
    Json parsed = read_json(value.get<std::string>());
    if (parsed.is_array()) {
      return parsed;
    }
  }
  return value.is_array() ? value : value.is_null() ? Json::array() : Json::array({value});
}

}  // namespace

std::vector<std::shared_ptr<const Stream>> make_streams(
    Session& session, const Stream& of, std::vector<catalog::DiscoveryWarning>& warnings,
    std::stop_token stop) {
  Maker maker{session, of, warnings};
  if (of.each->stream.empty()) {
    for (Json& item : as_list(of.each->values.value(session.scope({})))) {
      for (Json& value : as_list(std::move(item))) {
        maker.add(std::move(value), Json::object());
      }
    }
    return std::move(maker.made);
  }
  RecordSource source{session, *session.plan().find(of.each->stream), std::move(stop)};
  Json record;
  while (source.next(record)) {
    maker.add(std::move(record), source.partition());
  }
  return std::move(maker.made);
}

}  // namespace mapctl::connectors::rest
