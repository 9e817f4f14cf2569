// SPDX-License-Identifier: Apache-2.0
#include "core/batch/journal.hpp"

#include "core/base/file.hpp"
#include "core/base/hash.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace mapctl::batch {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view file_name = "journal.jsonl";

std::string label(const Job& job) {
  return job.source + " -> " + job.target;
}

// The lines of a journal. The last one may be cut off by a kill and is then no line yet.
std::vector<Json> read_lines(const fs::path& path) {
  std::vector<Json> lines;
  const std::string text = read_file(path);
  for (const std::string_view line : split(text, '\n')) {
    Json json = Json::parse(line, nullptr, false);
    if (json.is_object()) {
      lines.push_back(std::move(json));
    }
  }
  return lines;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

}  // namespace

Journal::Journal(fs::path folder, RunId run, std::string plan_hash)
    : folder_{std::move(folder) / run.text} {
  std::error_code problem;
  fs::create_directories(folder_, problem);
  if (!problem) {
    // Statistics that are kept here in full can lead back to people.
    fs::permissions(folder_, fs::perms::owner_all, problem);
  }
  const fs::path path = folder_ / file_name;
  file_ = problem ? -1 : ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) {
    throw_io_error(problem ? problem.value() : errno, "write the journal", path);
  }
  try {
    if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
      throw Error{ErrorCode::busy,
                  fmt::format("run '{}' is being worked on by another process", run.text),
                  "wait for it to end, or start a new run without --resume"};
    }
    std::string known_hash;
    if (const std::string text = read_file(path); !text.empty() && text.back() != '\n') {
      append({});  // behind a line that a kill cut off
    }
    for (const Json& line : read_lines(path)) {
      const std::string event = text_of(line, "event");
      if (event == "begin") {
        known_hash = text_of(line, "plan_hash");
      } else if (event == "job") {
        if (const auto status = job_status_from(text_of(line, "status"))) {
          earlier_[text_of(line, "job")] = *status;
        }
      }
    }
    if (known_hash.empty()) {
      append(to_line(Json{{"event", "begin"}, {"run", run.text}, {"plan_hash", plan_hash}}));
    } else if (known_hash != plan_hash) {
      throw Error{ErrorCode::configuration,
                  fmt::format("the plan has changed since run '{}' was interrupted", run.text),
                  "start a new run without --resume, or take the change back"};
    }
  } catch (...) {
    ::close(file_);
    throw;
  }
}

Journal::~Journal() {
  ::close(file_);
}

std::map<std::string, std::string> Journal::unfinished(const fs::path& folder) {
  std::map<std::string, std::string> runs;
  std::error_code problem;
  for (fs::directory_iterator at{folder, problem}, end; !problem && at != end;
       at.increment(problem)) {
    std::error_code missing;
    if (!fs::exists(at->path() / file_name, missing)) {
      continue;
    }
    for (const Json& line : read_lines(at->path() / file_name)) {
      if (text_of(line, "event") == "begin") {
        runs[text_of(line, "run")] = text_of(line, "plan_hash");
      }
    }
  }
  return runs;
}

fs::path Journal::part_path(std::string_view name) const {
  return folder_ / (sha256(name).substr(0, 32) + ".part");
}

void Journal::keep(std::string_view name, std::string_view bytes) const {
  write_file_atomically(part_path(name), bytes);
}

std::optional<std::string> Journal::find(std::string_view name) const {
  std::error_code problem;
  const fs::path path = part_path(name);
  return fs::exists(path, problem) ? std::optional{read_file(path)} : std::nullopt;
}

void Journal::complete() {
  std::error_code ignored;  // what is left over is swept by hand; the results are safe
  fs::remove_all(folder_, ignored);
}

void Journal::append(std::string line) {
  line += '\n';
  // One write a line: with O_APPEND a line is whole or cut at its end, never mixed.
  std::string_view rest{line};
  while (!rest.empty()) {
    const ssize_t count = ::write(file_, rest.data(), rest.size());
    if (count < 0 && errno != EINTR) {
      throw_io_error(errno, "write the journal", folder_ / file_name);
    }
    rest.remove_prefix(count > 0 ? static_cast<std::size_t>(count) : 0);
  }
}

void Journal::run_started(const Plan&) {}

void Journal::job_started(const Plan&, std::size_t) {}

void Journal::job_retried(const Plan&, std::size_t, const Error::Facts&, double) {}

void Journal::job_finished(const Plan& plan, const JobOutcome& outcome) {
  Json line{{"event", "job"},
            {"job", label(plan.jobs[outcome.job])},
            {"status", to_string(outcome.status)},
            {"input", plan.jobs[outcome.job].input_hash}};
  if (outcome.error) {
    line["error"] = outcome.error->message;
  }
  try {
    append(to_line(line));
  } catch (const Error&) {
    // A full disk must not undo a job that the registry already holds; the registry is the truth.
  }
}

void Journal::run_finished(const Plan&, const std::vector<JobOutcome>&) {}

}  // namespace mapctl::batch
