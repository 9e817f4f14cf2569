// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/report.hpp"

#include "connectors/rest/records.hpp"
#include "core/base/error.hpp"
#include "core/base/json_text.hpp"
#include "core/base/pause.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {
namespace {

using ReportClock = std::chrono::steady_clock;

enum class ReportState : std::uint8_t { running, completed, failed, expired, skipped };

void wait_for_report(const Stream& stream, double seconds, const std::stop_token& stop) {
  if (!pause_for(seconds, stop)) {
    throw Error{ErrorCode::cancelled,
                fmt::format("waiting for the report of stream '{}' was cancelled", stream.name)};
  }
}

// With its headers, if the answer has no field of that name.
Json answer_for_templates(Answer answer) {
  if (answer.body.is_null()) {
    answer.body = Json::object();
  }
  if (answer.body.is_object() && !answer.body.contains("headers")) {
    answer.body["headers"] = std::move(answer.headers);
  }
  return std::move(answer.body);
}

ReportState state_of(const Session& session, const Stream& stream, const Json& answer,
                     std::string& word) {
  const Job& job = *stream.job;
  const Json* found = find_at(answer, job.status);
  if (found == nullptr || found->is_structured()) {
    throw Error{ErrorCode::invalid_data,
                fmt::format("stream '{}': the answer about its report has no '{}'", stream.name,
                            join(job.status, ".")),
                "check key 'status' of 'job'"};
  }
  word = to_text(*found);
  for (const auto& [words, state] :
       {std::pair{&job.completed, ReportState::completed},
        std::pair{&job.running, ReportState::running}, std::pair{&job.failed, ReportState::failed},
        std::pair{&job.expired, ReportState::expired},
        std::pair{&job.skipped, ReportState::skipped}}) {
    if (std::find(words->begin(), words->end(), word) != words->end()) {
      return state;
    }
  }
  throw Error{ErrorCode::invalid_data,
              fmt::format("stream '{}': its report is '{}', which the profile does not know",
                          stream.name, ports::shown_text(word, &session.secrets())),
              "add the word to completed, running, failed, expired or skipped of 'job'"};
}

std::deque<Json> targets_of(Session& session, const Stream& stream, const Asked& asked,
                            const Json& polled, const std::stop_token& stop) {
  const Job& job = *stream.job;
  if (!job.has_targets) {
    return {Json(nullptr)};
  }
  const TemplateScope scope = session.scope(asked);
  std::vector<std::string> path;
  for (const Template& key : job.target_path) {
    path.push_back(key.text(scope));
  }
  Json from = job.targets ? session.send(*job.targets, asked, stop).body : polled;
  std::deque<Json> targets;
  for (Json& record : extract_records(std::move(from), path)) {
    // What is no map comes in one.
    const auto value = record.find("value");
    const bool is_wrapped = record.size() == 1 && value != record.end();
    targets.push_back(is_wrapped ? *value : record);
  }
  return targets;
}

}  // namespace

std::deque<Json> make_report(Session& session, const Stream& stream, const Asked& asked,
                             Json& partition, const std::stop_token& stop) {
  const Job& job = *stream.job;
  Asked plain = asked;
  plain.values.clear();
  for (unsigned attempt = 1;; ++attempt) {
    partition.erase("polling_response");
    partition.erase("creation_response");
    partition.erase("download_target");
    Json created = answer_for_templates(session.send(*job.create, asked, stop));
    partition["creation_response"] = std::move(created);
    const auto begin = ReportClock::now();
    std::string word;
    ReportState state = ReportState::running;
    while (true) {
      Json polled = answer_for_templates(session.send(*job.poll, plain, stop));
      state = state_of(session, stream, polled, word);
      if (state != ReportState::running) {
        partition["polling_response"] = std::move(polled);
        break;
      }
      const std::chrono::duration<double> taken = ReportClock::now() - begin;
      if (taken.count() + job.every > job.limit) {
        throw Error{ErrorCode::resource_limit,
                    fmt::format("stream '{}': its report is still '{}' after {:.3g} s", stream.name,
                                ports::shown_text(word, &session.secrets()), taken.count()),
                    "set key 'limit' of 'job' higher, or ask for less at once"};
      }
      wait_for_report(stream, job.every, stop);
    }
    if (state == ReportState::skipped) {
      return {};
    }
    if (state == ReportState::completed) {
      return targets_of(session, stream, plain, partition["polling_response"], stop);
    }
    if (attempt >= job.attempts) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("stream '{}': the system could not make its report: '{}', {} {}",
                              stream.name, ports::shown_text(word, &session.secrets()), attempt,
                              attempt == 1 ? "time" : "times"),
                  "look in the system for the cause, and try again"};
    }
    if (state == ReportState::failed) {
      wait_for_report(stream, job.pause, stop);
    }
  }
}

}  // namespace mapctl::connectors::rest
