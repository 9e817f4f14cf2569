// SPDX-License-Identifier: Apache-2.0
#include "core/base/text.hpp"
#include "core/config/airbyte_converter.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <tuple>
#include <utility>

// Streams whose records are a report that the system makes on request.
namespace mapctl::config {

Json AirbyteConverter::side_request(const AirbyteComponent& retriever, std::string_view key) {
  Json made = Json::object();
  if (retriever.get(key) == nullptr) {
    refuse(retriever.node, retriever.type(), fmt::format("without a {}", key));
    return made;
  }
  request(inner(retriever, key), made);
  return made;
}

Json AirbyteConverter::path_of(const AirbyteComponent& extractor) {
  const std::string type = extractor.type();
  if (!type.empty() && type != "DpathExtractor") {
    refuse(extractor.node, type,
           extractor.node.find("class_name") != nullptr ? "a class of Python"
                                                        : "this way to find a value");
  }
  const YamlNode* keys = extractor.get("field_path");
  return keys == nullptr ? Json::array() : flat_list(*keys);
}

void AirbyteConverter::report(const AirbyteComponent& retriever, Json& made) {
  in_report_ = true;
  Json job = Json::object();
  job["create"] = side_request(retriever, "creation_requester");
  job["poll"] = side_request(retriever, "polling_requester");
  if (retriever.get("download_target_requester") != nullptr) {
    job["urls_from"] = side_request(retriever, "download_target_requester");
  }
  job["status"] = path_of(inner(retriever, "status_extractor"));
  const AirbyteComponent words = inner(retriever, "status_mapping");
  for (const auto& [key, as] : {std::pair{"running", "running"},
                                std::pair{"completed", "completed"}, std::pair{"failed", "failed"},
                                std::pair{"timeout", "expired"}, std::pair{"skipped", "skipped"}}) {
    if (const YamlNode* list = words.get(key); list != nullptr && !list->children.empty()) {
      job[as] = flat_list(*list);
    }
  }
  for (const char* key : {"download_target_extractor", "urls_extractor"}) {
    if (retriever.get(key) != nullptr) {
      job["urls"] = path_of(inner(retriever, key));
    }
  }
  for (const auto& [key, as, unit] :
       {std::tuple{"polling_job_timeout", "limit", "m"},
        std::tuple{"failed_retry_wait_time_in_seconds", "pause", "s"}}) {
    if (const YamlNode* value = retriever.get(key); value != nullptr) {
      if (value->text.find("{{") != std::string::npos) {
        streams_.remarks_.push_back(fmt::format(
            "stream '{}': '{}' is an expression, set '{}' of its job instead", stream_, key, as));
      } else {
        job[as] = fmt::format("{}{}", integer_of(*value, fmt::format("key '{}'", key)), unit);
      }
    }
  }
  for (const char* key : {"abort_requester", "delete_requester"}) {
    if (retriever.get(key) != nullptr) {
      streams_.remarks_.push_back(
          fmt::format("stream '{}': '{}' is left out, the system keeps the report as long as it "
                      "does by itself",
                      stream_, key));
    }
  }
  made = side_request(retriever, "download_requester");
  // The address comes with the report; what it may be is checked against the system's own.
  const std::string base = made.value("base_url", "");
  if (base.empty() || base.find("download_target") != std::string::npos) {
    if (!base.empty()) {
      made["path"] = base + made.value("path", "");
    }
    made["base_url"] = job["create"].value("base_url", "");
  }
  selector(inner(retriever, "record_selector"), made);
  made.erase("records");
  if (retriever.get("download_extractor") != nullptr) {
    const AirbyteComponent extractor = inner(retriever, "download_extractor");
    if (extractor.type() == "ResponseToFileExtractor") {
      made["format"] = "csv";
    } else if (Json path = path_of(extractor); !path.empty()) {
      made["records"] = std::move(path);
    }
  }
  if (retriever.get("download_decoder") != nullptr && !made.contains("format")) {
    decoder(inner(retriever, "download_decoder"), made);
  }
  if (retriever.get("download_paginator") != nullptr) {
    paginator(inner(retriever, "download_paginator"), made);
  }
  made["job"] = std::move(job);
  in_report_ = false;
}

}  // namespace mapctl::config
