// SPDX-License-Identifier: Apache-2.0
#include "connectors/rest/source.hpp"

#include "connectors/rest/records.hpp"
#include "connectors/rest/report.hpp"
#include "core/base/error.hpp"
#include "core/base/hash.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <system_error>

namespace mapctl::connectors::rest {
namespace {

constexpr std::size_t interval_limit = 100'000;
// Seconds from which on another thread is worth its while: it costs two changes of threads a page.
constexpr double worth_a_thread = 0.001;

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool mentions_interval(const Stream& stream) {
  static constexpr std::string_view names[] = {"interval", "stream_interval", "stream_slice",
                                               "stream_partition", "partition"};
  const auto in = [](const Template& text) {
    return std::any_of(std::begin(names), std::end(names),
                       [&](std::string_view name) { return text.mentions(name); });
  };
  const auto in_values = [&](const NamedTemplates& values) {
    return std::any_of(values.begin(), values.end(),
                       [&](const auto& one) { return in(one.first) || in(one.second); });
  };
  if (stream.job) {
    return mentions_interval(*stream.job->create);
  }
  return in(stream.path) || in_values(stream.parameters) || in_values(stream.headers) ||
         in_values(stream.form) || in(stream.body_text) || !stream.body.is_null();
}

}  // namespace

// One way of cutting a stream into parts: the values of a list, or the records of parents.
class RecordSource::Level {
 public:
  Level(Session& session, const Partition& partition, const Component* component,
        std::stop_token stop)
      : session_{session}, partition_{partition}, stop_{std::move(stop)} {
    asked_.component = component;
  }

  void reset() {
    index_ = 0;
    source_.reset();
    if (partition_.parents.empty()) {
      list_ = partition_.values.value(session_.scope(asked_));
      if (list_.is_string()) {
        // A template may print a list.
        Json parsed = read_json(list_.get<std::string>());
        list_ = parsed.is_array() ? parsed : Json::array({list_});
      }
    }
  }

  bool next() {
    if (partition_.parents.empty()) {
      if (index_ >= list_.size()) {
        return false;
      }
      fields = Json::object();
      fields[partition_.name] = list_[index_++];
      place = &partition_.place;
      value = fields[partition_.name];
      return true;
    }
    for (; index_ < partition_.parents.size(); ++index_) {
      const Partition::Parent& parent = partition_.parents[index_];
      if (!source_) {
        source_ =
            std::make_unique<RecordSource>(session_, *session_.plan().find(parent.stream), stop_);
      }
      Json record;
      while (source_->next(record)) {
        const Json* key = find_at(record, parent.key);
        if (key == nullptr || key->is_null()) {
          continue;
        }
        value = *key;
        place = &parent.place;
        fields = Json::object();
        fields[parent.name] = value;
        fields["parent_slice"] = source_->partition();
        Json extra = Json::object();
        for (const JsonPath& path : parent.fields) {
          if (const Json* found = find_at(record, path)) {
            put_at(extra, path, *found);
          }
        }
        fields["extra_fields"] = std::move(extra);
        return true;
      }
      source_.reset();
    }
    return false;
  }

  Json fields{};
  Json value{};
  const Place* place = nullptr;

 private:
  Session& session_;
  const Partition& partition_;
  Asked asked_;
  std::stop_token stop_;
  std::size_t index_ = 0;
  Json list_;
  std::unique_ptr<RecordSource> source_;
};

RecordSource::RecordSource(Session& session, const Stream& stream, std::stop_token stop)
    : session_{session},
      stream_{stream},
      stop_{std::move(stop)},
      partition_(Json::object()),
      interval_(Json::object()) {
  for (const Partition& partition : stream.partitions) {
    levels_.push_back(std::make_unique<Level>(session, partition, stream.component.get(), stop_));
  }
}

RecordSource::~RecordSource() {
  drop_ahead();
}

void RecordSource::check_stop() const {
  if (stop_.stop_requested()) {
    throw Error{ErrorCode::cancelled,
                fmt::format("reading stream '{}' was cancelled", stream_.name)};
  }
}

bool RecordSource::next(Json& record) {
  while (true) {
    check_stop();
    while (!records_.empty()) {
      record = std::move(records_.front());
      records_.pop_front();
      TemplateScope scope = session_.scope(asked());
      if (!stream_.filter.empty()) {
        scope.names["record"] = &record;
        if (!stream_.filter.is_true(scope)) {
          continue;
        }
      }
      apply_changes(stream_, record, scope);
      return true;
    }
    if (has_page_) {
      read_page();
    } else if (!next_part()) {
      return false;
    }
  }
}

bool RecordSource::next_partition() {
  if (levels_.empty()) {
    return !std::exchange(started_, true);
  }
  std::size_t at = levels_.size() - 1;
  if (!std::exchange(started_, true)) {
    at = 0;
    levels_[0]->reset();
  }
  while (true) {
    if (levels_[at]->next()) {
      if (at + 1 == levels_.size()) {
        return true;
      }
      levels_[++at]->reset();
    } else if (at == 0) {
      return false;
    } else {
      --at;
    }
  }
}

bool RecordSource::next_part() {
  while (true) {
    if (!targets_.empty()) {
      partition_["download_target"] = std::move(targets_.front());
      targets_.pop_front();
      begin_pages();
      return true;
    }
    if (!next_interval()) {
      return false;
    }
    if (!stream_.job) {
      begin_pages();
      return true;
    }
    Asked request = asked();
    add_part_values(request);
    targets_ = make_report(session_, stream_, request, partition_, stop_);
  }
}

bool RecordSource::next_interval() {
  while (interval_index_ >= intervals_.size()) {
    if (!next_partition()) {
      return false;
    }
    partition_ = Json::object();
    for (const auto& level : levels_) {
      partition_.update(level->fields);
    }
    interval_ = Json::object();
    plan_intervals();
    interval_index_ = 0;
  }
  if (stream_.incremental) {
    const Incremental& incremental = *stream_.incremental;
    const Interval& interval = intervals_[interval_index_];
    interval_ = Json::object();
    for (const auto& [name, moment] : {std::pair{incremental.start_name, interval.start},
                                       std::pair{incremental.end_name, interval.end}}) {
      interval_[name] = format_moment(moment, incremental.format);
      partition_[name] = interval_[name];
    }
  }
  ++interval_index_;
  return true;
}

void RecordSource::plan_intervals() {
  intervals_.clear();
  if (!stream_.incremental) {
    intervals_.emplace_back();
    return;
  }
  const Incremental& incremental = *stream_.incremental;
  const TemplateScope scope = session_.scope(asked());
  const auto moment_of = [&](const Template& text) {
    const std::string value = text.text(scope);
    for (const std::string& format : incremental.formats) {
      if (const auto moment = parse_moment(value, format)) {
        return *moment;
      }
    }
    if (const auto moment = parse_moment(value, incremental.format)) {
      return *moment;
    }
    if (const auto moment = parse_moment(value)) {
      return *moment;
    }
    throw Error{ErrorCode::configuration,
                fmt::format("stream '{}': '{}' is no time", stream_.name, value),
                "write times as 2026-01-31 or 2026-01-31T00:00:00Z"};
  };
  Moment start = moment_of(incremental.start);
  const Moment end = incremental.end.empty() ? scope.now : moment_of(incremental.end);
  if (!incremental.lookback.empty()) {
    if (const auto lookback = parse_period(incremental.lookback.text(scope))) {
      start = minus(start, *lookback);
    }
  }
  const bool is_cut = incremental.step &&
                      (incremental.start_in.kind != Place::Kind::none ||
                       incremental.end_in.kind != Place::Kind::none || mentions_interval(stream_));
  if (!is_cut) {
    intervals_.push_back({start, end});
    return;
  }
  const Period granularity = incremental.granularity.value_or(Period{});
  while (start <= end) {
    const Moment next = plus(start, *incremental.step);
    intervals_.push_back({start, std::min(end, minus(next, granularity))});
    if (intervals_.size() > interval_limit) {
      throw Error{ErrorCode::configuration,
                  fmt::format("stream '{}' is cut into more than {} intervals", stream_.name,
                              interval_limit),
                  "choose a later start or a larger step"};
    }
    start = next;
  }
}

void RecordSource::begin_pages() {
  window_ = 0;
  pages_of_part_ = 0;
  has_page_ = first_page_ = true;
  page_ = stream_.paging.start;
  token_ = nullptr;
  url_.clear();
  seen_.clear();
  last_page_.clear();
}

Asked RecordSource::asked() const {
  Asked made;
  made.partition = &partition_;
  made.interval = &interval_;
  made.component = stream_.component.get();
  return made;
}

std::int64_t RecordSource::page_size() const {
  if (stream_.paging.size.is_null()) {
    return 0;
  }
  const std::string text = to_text(stream_.paging.size.value(session_.scope(asked())));
  std::int64_t size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc{} || end != text.data() + text.size() || size < 1) {
    throw Error{ErrorCode::configuration,
                fmt::format("stream '{}': the page size is '{}'", stream_.name, text),
                "give a whole number of at least 1"};
  }
  return size;
}

void RecordSource::add_part_values(Asked& request) const {
  for (const auto& level : levels_) {
    if (level->place != nullptr) {
      request.values.emplace_back(level->place, level->value);
    }
  }
  if (stream_.incremental) {
    const Incremental& incremental = *stream_.incremental;
    request.values.emplace_back(&incremental.start_in, interval_[incremental.start_name]);
    request.values.emplace_back(&incremental.end_in, interval_[incremental.end_name]);
  }
}

// `page` counts where pages are counted; else it is that of url_ and token_.
Asked RecordSource::page_request(std::int64_t page) const {
  const Paging& paging = stream_.paging;
  Asked now = asked();
  now.url = url_;
  if (!stream_.job) {
    add_part_values(now);  // those of a job are in what was asked of it
  }
  if (!paging.size.is_null()) {
    now.values.emplace_back(&paging.size_in, page_size());
  }
  const bool counts = paging.kind == Paging::Kind::page || paging.kind == Paging::Kind::offset;
  if (counts && (!first_page_ || paging.on_first)) {
    now.values.emplace_back(&paging.token, page);
    now.token["next_page_token"] = page;
  } else if (paging.kind == Paging::Kind::cursor && !token_.is_null()) {
    now.values.emplace_back(&paging.token, token_);
    now.token["next_page_token"] = token_;
  }
  return now;
}

Answer RecordSource::fetch_page() {
  if (!ahead_.empty() && ahead_.front().page != page_) {
    drop_ahead();  // a page was shorter than it was taken for
  }
  if (ahead_.empty()) {
    return session_.send(stream_, page_request(page_), stop_);
  }
  Ahead first = std::move(ahead_.front());
  ahead_.pop_front();
  return first.answer.get();
}

void RecordSource::look_ahead() {
  if (!has_page_) {
    drop_ahead();
    return;
  }
  if (pages_of_part_ < 2) {
    return;  // whoever looks at some records only asks for no more than those
  }
  const Paging& paging = stream_.paging;
  const bool is_offset = paging.kind == Paging::Kind::offset;
  const bool can_count = paging.kind == Paging::Kind::page || (is_offset && !paging.size.is_null());
  const std::int64_t step = is_offset && can_count ? page_size() : 1;
  const std::size_t widest = can_count ? session_.width() : 1;
  if (widest == 1 && used_for_ < worth_a_thread) {
    return;
  }
  // One more with each page: short streams are not asked for much beyond their end.
  window_ = std::min(window_ + 1, widest);
  if (!ahead_stop_) {
    ahead_stop_ = std::make_unique<AheadStop>(stop_);
  }
  while (ahead_.size() < window_) {
    const std::int64_t page = ahead_.empty() ? page_ : ahead_.back().page + step;
    try {
      ahead_.push_back(
          {page, std::async(std::launch::async, [this, asked = page_request(page),
                                                 stop = ahead_stop_->source.get_token()] {
             return session_.send(stream_, asked, stop);
           })});
    } catch (const std::system_error&) {
      return;  // no thread is left: the page is asked for when its turn comes
    }
  }
}

void RecordSource::drop_ahead() {
  if (ahead_stop_) {
    ahead_stop_->source.request_stop();
    ahead_.clear();  // waits for them
    ahead_stop_.reset();
  }
}

void RecordSource::read_page() {
  const Paging& paging = stream_.paging;
  used_for_ = seconds_now() - given_at_;
  Answer answer = fetch_page();
  ++pages_;
  ++pages_of_part_;
  first_page_ = false;
  has_page_ = false;
  if (answer.ignored) {
    drop_ahead();
    return;
  }
  std::vector<std::string> path;
  const TemplateScope scope = session_.scope(asked());
  for (const Template& key : stream_.records) {
    if (std::string text = key.text(scope); !text.empty()) {
      path.push_back(std::move(text));
    }
  }
  if (pages_ == 1) {
    lost_ = lost_path(answer.body, path);
  }
  // The cursor is looked for in the whole answer, the records are taken out of it.
  const bool needs_body = paging.kind != Paging::Kind::none;
  std::vector<Json> records = needs_body ? extract_records(answer.body, path)
                                         : extract_records(std::move(answer.body), path);
  if (needs_body) {
    turn_page(answer, records.size(), records.empty() ? Json(nullptr) : records.back());
    look_ahead();
  }
  std::move(records.begin(), records.end(), std::back_inserter(records_));
  given_at_ = seconds_now();
}

void RecordSource::turn_page(const Answer& answer, std::size_t count, const Json& last) {
  const Paging& paging = stream_.paging;
  const auto records = static_cast<std::int64_t>(count);
  const Json size = records;
  Json previous = Json::object();
  previous["next_page_token"] = paging.kind == Paging::Kind::cursor ? token_ : Json(page_);
  TemplateScope scope = session_.scope(asked());
  scope.names["response"] = &answer.body;
  scope.names["headers"] = &answer.headers;
  scope.names["last_record"] = &last;
  scope.names["last_page_size"] = &size;
  scope.names["next_page_token"] = &previous;
  if (!paging.stop.empty() && paging.stop.is_true(scope)) {
    return;
  }
  switch (paging.kind) {
    case Paging::Kind::none: return;
    case Paging::Kind::page:
    case Paging::Kind::offset: {
      if (records == 0 || (!paging.size.is_null() && records < page_size())) {
        return;
      }
      std::string page = sha256(to_line(answer.body));
      if (page == last_page_) {
        fail_loop("two pages are the same");
      }
      last_page_ = std::move(page);
      page_ += paging.kind == Paging::Kind::page ? 1 : records;
      break;
    }
    case Paging::Kind::cursor: {
      Json token = paging.cursor.value(scope);
      if (!is_truthy(token)) {
        return;
      }
      note_token(token);
      if (paging.token.kind == Place::Kind::url) {
        url_ = session_.next_url(stream_, asked(), answer.url, to_text(token));
      }
      token_ = std::move(token);
      break;
    }
    case Paging::Kind::link: {
      const Json* next = find_at(answer.headers, {"link", "next", "url"});
      if (next == nullptr) {
        return;
      }
      note_token(*next);
      url_ = ports::resolve_url(answer.url, next->get<std::string>());
      break;
    }
  }
  has_page_ = true;
}

void RecordSource::note_token(const Json& token) {
  if (!seen_.insert(to_text(token)).second) {
    fail_loop("a cursor came a second time");
  }
}

void RecordSource::fail_loop(std::string_view how) const {
  throw Error{
      ErrorCode::invalid_data,
      fmt::format("the pages of stream '{}' go round in a circle: {}", stream_.name, how),
      "check 'paging' of the stream: whether the system takes the parameter as it is named"};
}

}  // namespace mapctl::connectors::rest
