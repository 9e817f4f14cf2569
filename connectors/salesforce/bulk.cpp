// SPDX-License-Identifier: Apache-2.0
#include "connectors/salesforce/bulk.hpp"

#include "connectors/salesforce/errors.hpp"
#include "core/base/error.hpp"
#include "core/base/json_member.hpp"
#include "core/base/pause.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>

namespace mapctl::connectors::salesforce {
namespace {

constexpr double first_pause = 0.2, longest_pause = 10;  // seconds

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Codes by which the Bulk API says that it does not do this object or organisation.
bool is_not_offered(std::string_view code) {
  static constexpr std::string_view codes[] = {
      "FEATURENOTENABLED", "INVALIDENTITY", "API_ERROR_NOT_SUPPORTED", "FUNCTIONALITY_NOT_ENABLED"};
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

}  // namespace

std::optional<BulkQuery> BulkQuery::start(Session& session, const std::string& query,
                                          const std::string& what, const std::stop_token& stop) {
  Json body = Json::object();
  body["operation"] =
      session.settings().deleted_rows == DeletedRows::leave_out ? "query" : "queryAll";
  body["query"] = query;
  try {
    const Json job = session.post(session.api("/jobs/query"), body, what, stop);
    const std::string id = text_member(job, "id");
    if (id.empty()) {
      throw Error{ErrorCode::invalid_data, fmt::format("{}: the Bulk API gives no job", what),
                  "set bulk_threshold higher than the object has rows"};
    }
    return BulkQuery{session, id, what};
  } catch (const Error& error) {
    if (is_not_offered(error.facts().native_code)) {
      return std::nullopt;
    }
    throw;
  }
}

std::string BulkQuery::path() const {
  return session_->api("/jobs/query/" + ports::percent_encode(id_));
}

void BulkQuery::wait(const std::stop_token& stop) {
  const double until = now() + session_->settings().bulk_timeout;
  for (double seconds = first_pause;; seconds = std::min(longest_pause, seconds * 1.5)) {
    const Json job = session_->get(path(), what_, stop);
    const std::string state = text_member(job, "state");
    if (state.empty()) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("{}: the Bulk API does not tell the state of its job", what_),
                  "set bulk_threshold higher than the object has rows, to read it without it"};
    }
    if (state == "JobComplete") {
      return;
    }
    if (state == "Failed" || state == "Aborted") {
      std::string text = text_member(job, "errorMessage");
      text = text.empty() ? "no reason given" : text;
      throw Error{ErrorCode::invalid_data,
                  fmt::format("{}: the job of the Bulk API {}: {}", what_,
                              state == "Failed" ? "failed" : "was aborted",
                              ports::shown_text(text, &session_->secrets())),
                  "set bulk_threshold higher than the object has rows, to read it without it"};
    }
    if (now() + seconds > until) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("{}: the job of the Bulk API is still '{}' after {}", what_, state,
                              human_duration(session_->settings().bulk_timeout)),
                  "run the command again later, or set option 'bulk_timeout' higher"};
    }
    if (!pause_for(seconds, stop)) {
      throw Error{ErrorCode::cancelled, fmt::format("{}: reading was cancelled", what_)};
    }
  }
}

bool BulkQuery::next(std::string& csv, const std::stop_token& stop) {
  if (ended_) {
    return false;
  }
  std::string page =
      fmt::format("{}/results?maxRecords={}", path(), session_->settings().bulk_page);
  if (!locator_.empty()) {
    page += "&locator=" + ports::percent_encode(locator_);
  }
  ports::HttpResponse response = session_->send("GET", page, {}, what_, stop);
  const std::string* next = response.header("sforce-locator");
  if (next == nullptr || next->empty() || *next == "null") {
    ended_ = true;
    try {
      session_->send("DELETE", path(), {}, what_, stop);
    } catch (const Error& error) {
      // The rows are here; Salesforce deletes jobs by itself after some days.
      if (error.code() == ErrorCode::cancelled) {
        throw;
      }
    }
  } else if (*next == locator_) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("{}: the Bulk API gives the same rows again and again", what_),
                "run the command again, or set bulk_threshold higher than the object has rows"};
  } else {
    locator_ = *next;
  }
  csv = std::move(response.body);
  return true;
}

}  // namespace mapctl::connectors::salesforce
