// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "connectors/rest/records.hpp"
#include "connectors/rest/session.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace mapctl::connectors::rest {

// The records of one stream: over its partitions, their intervals of time and their pages. From the
// second page on the next one is asked for while the records of the present one are used, if that
// takes a while; where pages are counted and the profile allows several connections, as many pages
// as connections. Used by one thread at a time; the session must outlive it.
class RecordSource {
 public:
  RecordSource(Session& session, const Stream& stream, std::stop_token stop);
  RecordSource(const RecordSource&) = delete;
  RecordSource& operator=(const RecordSource&) = delete;
  ~RecordSource();
  // False at the end.
  bool next(Json& record);
  // What the last record belongs to, for children of it.
  const Json& partition() const noexcept { return partition_; }
  std::int64_t pages() const noexcept { return pages_; }
  // Of the first page.
  const std::optional<LostPath>& lost() const noexcept { return lost_; }

 private:
  class Level;
  struct Interval {
    Moment start{}, end{};
  };
  void check_stop() const;
  bool next_partition();
  bool next_interval();
  // The next partition, interval or part of a report.
  bool next_part();
  void add_part_values(Asked& request) const;
  void plan_intervals();
  void begin_pages();
  void read_page();
  Asked page_request(std::int64_t page) const;
  Answer fetch_page();
  void look_ahead();
  void drop_ahead();
  void turn_page(const Answer& answer, std::size_t count, const Json& last);
  void note_token(const Json& token);
  [[noreturn]] void fail_loop(std::string_view how) const;
  std::int64_t page_size() const;
  Asked asked() const;

  Session& session_;
  const Stream& stream_;
  std::stop_token stop_;
  std::vector<std::unique_ptr<Level>> levels_;
  bool started_ = false;
  Json partition_;  // with the interval, as templates see it
  Json interval_;
  std::vector<Interval> intervals_;
  std::size_t interval_index_ = 0;
  std::deque<Json> targets_;  // parts of the present report that are still to be fetched
  bool has_page_ = false;
  bool first_page_ = true;
  std::int64_t page_ = 0;  // page number or offset
  Json token_;
  std::string url_;
  std::set<std::string> seen_;
  std::string last_page_;  // hash
  std::deque<Json> records_;
  std::int64_t pages_ = 0;
  std::optional<LostPath> lost_{};
  std::int64_t pages_of_part_ = 0;  // of the present partition and interval

  struct Ahead {
    std::int64_t page = 0;  // number or offset
    std::future<Answer> answer{};
  };
  struct AheadStop {
    explicit AheadStop(std::stop_token outer)
        : on_stop{std::move(outer), [this] { source.request_stop(); }} {}
    std::stop_source source{};
    std::stop_callback<std::function<void()>> on_stop;
  };
  std::unique_ptr<AheadStop> ahead_stop_;
  std::deque<Ahead> ahead_;
  std::size_t window_ = 0;  // pages to ask ahead for
  double given_at_ = 0;     // when the records of the present page were there, in seconds
  double used_for_ = 0;     // seconds that those of the page before were used for
};

}  // namespace mapctl::connectors::rest
