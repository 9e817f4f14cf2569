// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/review/selection.hpp"
#include "cli/review/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "cli/terminal/raw_terminal.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <optional>

// The review with the keyboard.
namespace mapctl::cli {
namespace {

using mapping::ReviewColumn;
using mapping::ReviewStatus;
using review::Item;
using Kind = Key::Kind;

constexpr std::size_t least_rows = 8, least_columns = 40;

class Screen {
 public:
  Screen(CommandContext& context, registry::Registry& registry, review::ItemFilter filter)
      : context_{context},
        registry_{registry},
        filter_{std::move(filter)},
        evidence_{registry},
        all_{review::load_items(registry, filter_)} {
    choose();
  }

  void run() {
    RawTerminal terminal;
    for (;;) {
      draw(terminal);
      const std::optional<Key> key = terminal.read(context_.stop());
      if (!key || !take(*key)) {
        return;
      }
    }
  }

  std::size_t decisions() const noexcept { return decisions_; }

 private:
  // One thing that was done, and how to take it back.
  struct Done {
    std::string id{};
    ReviewColumn column = ReviewColumn::status;
    std::string before{};
  };
  // A line that is being typed.
  struct Prompt {
    std::string label{}, text{};
    std::function<void(const std::string&)> then{};
  };

  void choose() {
    shown_.clear();
    for (std::size_t at = 0; at < all_.size(); ++at) {
      if (review::matches(all_[at], search_) && (!only_open_ || is_open(all_[at]))) {
        shown_.push_back(at);
      }
    }
    at_ = std::min(at_, shown_.empty() ? 0 : shown_.size() - 1);
  }

  static bool is_open(const Item& item) {
    return item.status == ReviewStatus::proposed || item.status == ReviewStatus::flagged ||
           item.status == ReviewStatus::needs_info;
  }

  Item* current() { return shown_.empty() ? nullptr : &all_[shown_[at_]]; }

  // False ends.
  bool take(const Key& key) {
    if (key.kind == Kind::interrupt) {
      return false;
    }
    if (key.kind == Kind::resize) {
      return true;
    }
    if (prompt_) {
      type(key);
      return true;
    }
    message_.clear();
    if (shows_help_) {
      shows_help_ = false;
      return true;
    }
    switch (key.kind) {
      case Kind::up: move(-1); return true;
      case Kind::down: move(1); return true;
      case Kind::page_up: move(-static_cast<int>(page_)); return true;
      case Kind::page_down: move(static_cast<int>(page_)); return true;
      case Kind::home: at_ = 0; return true;
      case Kind::end: at_ = shown_.empty() ? 0 : shown_.size() - 1; return true;
      case Kind::tab:
      case Kind::enter: shows_evidence_ = !shows_evidence_; return true;
      case Kind::escape:
        search_.clear();
        choose();
        return true;
      case Kind::text: return command(key.text);
      default: return true;
    }
  }

  bool command(const std::string& text) {
    switch (text.size() == 1 ? text.front() : '\0') {
      case 'q': return false;
      case 'j': move(1); break;
      case 'k': move(-1); break;
      case 'g': at_ = 0; break;
      case 'G': at_ = shown_.empty() ? 0 : shown_.size() - 1; break;
      case 'e': shows_evidence_ = !shows_evidence_; break;
      case 'a': decide(ReviewStatus::approved, {}); break;
      case 'o': decide(ReviewStatus::proposed, {}); break;
      case 'r': ask("reject, because", ReviewStatus::rejected); break;
      case 'n': ask("not used, because", ReviewStatus::not_used); break;
      case 'f': decide(ReviewStatus::flagged, {}); break;
      case 'i': decide(ReviewStatus::needs_info, {}); break;
      case 'c':
        if (const Item* item = current()) {
          prompt_ = Prompt{"comment", item->comment, [this](const std::string& words) {
                             write(ReviewColumn::comment, words);
                           }};
        }
        break;
      case 'm': write(ReviewColumn::reviewer, context_.user().text); break;
      case 'u': undo(); break;
      case 't':
        only_open_ = !only_open_;
        choose();
        break;
      case '/':
        prompt_ = Prompt{"search", search_, [this](const std::string& words) {
                           search_ = words;
                           at_ = 0;
                           choose();
                         }};
        break;
      case '?': shows_help_ = true; break;
      default: message_ = fmt::format("no such key: {}; ? lists them", printable(text));
    }
    return true;
  }

  void type(const Key& key) {
    switch (key.kind) {
      case Kind::escape: prompt_.reset(); return;
      case Kind::enter: {
        const Prompt done = std::move(*prompt_);
        prompt_.reset();
        done.then(std::string{trim(done.text)});
        return;
      }
      case Kind::backspace:
        if (!prompt_->text.empty()) {
          prompt_->text = std::string{utf8_prefix(prompt_->text, utf8_length(prompt_->text) - 1)};
        }
        return;
      case Kind::text: prompt_->text += key.text; return;
      default: return;
    }
  }

  void move(int by) {
    if (shown_.empty()) {
      return;
    }
    const int last = static_cast<int>(shown_.size()) - 1;
    at_ = static_cast<std::size_t>(std::clamp(static_cast<int>(at_) + by, 0, last));
  }

  void ask(const char* label, ReviewStatus status) {
    if (current() == nullptr) {
      return;
    }
    prompt_ = Prompt{label, {}, [this, status](const std::string& reason) {
                       if (reason.empty()) {
                         message_ = "nothing was changed: it needs a reason";
                       } else {
                         decide(status, reason);
                       }
                     }};
  }

  void decide(ReviewStatus status, const std::string& reason) {
    Item* item = current();
    if (item == nullptr) {
      return;
    }
    const ReviewStatus before = item->status;
    if (before == status) {
      message_ = fmt::format("it is {} already", to_string(status));
      return;
    }
    if (apply(*item, review::status_change(*item, status, reason))) {
      done_.push_back(
          {item->mapping.id.text, ReviewColumn::status, std::string{to_string(before)}});
      ++decisions_;
      message_ = fmt::format("{} {}; u takes it back", to_string(status), title(*item));
      advance();
    }
  }

  void write(ReviewColumn column, const std::string& text) {
    Item* item = current();
    if (item == nullptr) {
      return;
    }
    const std::string before = column == ReviewColumn::comment ? item->comment : item->assignee;
    if (before != text && apply(*item, review::value_change(*item, column, text))) {
      done_.push_back({item->mapping.id.text, column, before});
      ++decisions_;
      message_ = "written; u takes it back";
    }
  }

  void undo() {
    if (done_.empty()) {
      message_ = "there is nothing to take back";
      return;
    }
    const Done last = done_.back();
    const auto found = std::find_if(all_.begin(), all_.end(), [&](const Item& item) {
      return item.mapping.id.text == last.id;
    });
    if (found == all_.end()) {
      done_.pop_back();
      return;
    }
    const registry::ReviewChange change =
        last.column == ReviewColumn::status
            ? review::status_change(*found, *mapping::review_status_from(last.before), "taken back")
            : review::value_change(*found, last.column, last.before);
    if (apply(*found, change)) {
      done_.pop_back();
      search_.clear();
      choose();
      const auto place =
          std::find(shown_.begin(), shown_.end(), static_cast<std::size_t>(found - all_.begin()));
      at_ = place == shown_.end() ? at_ : static_cast<std::size_t>(place - shown_.begin());
      message_ = fmt::format("taken back: {} is {} again", title(*found), to_string(found->status));
    }
  }

  // The change, and the item as it is then; false when it was refused, which the message says.
  bool apply(Item& item, const registry::ReviewChange& change) {
    try {
      registry::Reviews{registry_}.apply({change}, origin_of("tui"));
    } catch (const Error& error) {
      message_ = error.what();
      if (error.code() == ErrorCode::conflict || error.code() == ErrorCode::not_found) {
        all_ = review::load_items(registry_, filter_);
        choose();
      }
      return false;
    }
    item = review::load_item(registry_, item.mapping);
    return true;
  }

  // To the next one that is open.
  void advance() {
    if (only_open_) {
      choose();
      return;
    }
    move(1);
  }

  static std::string title(const Item& item) {
    return fmt::format("{} → {}", item.mapping.key.source_field.text, item.mapping.key.field.text);
  }

  Style style_of(const Item& item) const {
    switch (item.status) {
      case ReviewStatus::approved: return Style::green;
      case ReviewStatus::rejected:
      case ReviewStatus::not_used:
      case ReviewStatus::deprecated: return Style::dim;
      case ReviewStatus::flagged:
      case ReviewStatus::needs_info: return Style::blue;
      case ReviewStatus::proposed: break;
    }
    return item.mapping.confidence < 0.7 ? Style::yellow : Style::plain;
  }

  std::string head(std::size_t columns) const {
    review::Progress progress;
    for (const Item& item : all_) {
      progress.add(item);
    }
    std::string words =
        fmt::format(" review: {} of {} decided", progress.decided(), progress.total);
    if (shown_.size() != all_.size()) {
      words += fmt::format(" · {} shown", shown_.size());
    }
    if (only_open_) {
      words += " · open only";
    }
    if (!search_.empty()) {
      words += fmt::format(" · search: {}", search_);
    }
    return "\x1b[7m" + fit(words, columns) + "\x1b[0m";
  }

  std::string row_of(const Item& item, std::size_t columns) const {
    constexpr std::size_t fixed = 4 + 1 + 10 + 1;  // confidence and status
    const std::size_t names = columns > fixed + 12 ? (columns - fixed - 3) / 2 : 4;
    const mapping::MappingKey& key = item.mapping.key;
    return fit(fmt::format("{:.2f} {:<10} {} → {}", item.mapping.confidence, to_string(item.status),
                           fit(fmt::format("{}.{}", key.source_table.text, key.source_field.text),
                               names > 4 ? names - 1 : names),
                           fmt::format("{}.{}", key.entity.text, key.field.text)),
               columns);
  }

  std::vector<std::string> panel(std::size_t rows, std::size_t columns) {
    std::vector<std::string> lines;
    const Item* item = current();
    if (item == nullptr) {
      return lines;
    }
    const auto add = [&](std::string text) {
      if (lines.size() < rows) {
        lines.push_back(fit(text, columns));
      }
    };
    const review::EvidenceSource::Found found = evidence_.find(item->mapping);
    add(fmt::format("{}: {}.{} ({}) → {}.{} ({})", item->mapping.key.connector.text,
                    item->mapping.key.source_table.text, item->mapping.key.source_field.text,
                    item->mapping.source_data_type, item->mapping.key.entity.text,
                    item->mapping.key.field.text, item->mapping.canonical_data_type));
    add(fmt::format("rule: {} · assigned to: {}",
                    item->mapping.transformation.is_direct()
                        ? "as it is"
                        : mapping::describe(item->mapping.transformation),
                    item->assignee.empty() ? "nobody" : item->assignee));
    if (!item->comment.empty()) {
      add("comment: " + item->comment);
    }
    for (const std::string& warning : found.warnings) {
      add("! " + warning);
    }
    for (const mapping::Evidence& evidence : found.evidence) {
      add(fmt::format("{:+6.2f} {}: {}", evidence.weight, evidence.signal, evidence.detail));
    }
    if (found.evidence.empty()) {
      add("no run knows why: a person chose it, or it was migrated");
    }
    std::string others;
    for (const auto& [name, confidence] : found.others) {
      others += fmt::format("{}{} ({:.2f})", others.empty() ? "" : ", ", name, confidence);
    }
    if (!others.empty()) {
      const std::string words = fit("other candidates: " + others, columns);
      if (lines.size() < rows) {
        lines.push_back(words);
      } else if (!lines.empty()) {
        lines.back() = words;
      }
    }
    return lines;
  }

  static std::vector<std::string> help() {
    return {"j k, arrows   next, previous          g G, Home End   first, last",
            "PgUp PgDn     a page up, down         Tab, Enter, e   evidence",
            "a             approve                 r               reject, with a reason",
            "n             not used, with reason   o               propose again",
            "f             flag                    i               needs info",
            "c             comment                 m               assign to me",
            "u             take the last one back  t               open ones only, or all",
            "/             search, Esc ends it     q, Ctrl-C       leave",
            "",
            "Each decision is written at once, under your name."};
  }

  void draw(RawTerminal& terminal) {
    const RawTerminal::Size size = terminal.size();
    std::vector<std::string> rows;
    if (size.rows < least_rows || size.columns < least_columns) {
      rows.push_back(fit("the terminal is too small", size.columns));
      rows.resize(size.rows);
      terminal.draw(rows);
      return;
    }
    rows.push_back(head(size.columns));
    const std::size_t body = size.rows - 3;
    const std::size_t panel_rows = shows_evidence_ ? std::min<std::size_t>(9, body / 2) : 0;
    page_ = body - (panel_rows > 0 ? panel_rows + 1 : 0);
    if (shows_help_) {
      for (const std::string& line : help()) {
        if (rows.size() < body + 1) {
          rows.push_back(fit(line, size.columns));
        }
      }
      rows.resize(body + 1);
    } else {
      draw_list(rows, size.columns);
      if (panel_rows > 0) {
        rows.push_back("\x1b[2m" + std::string(size.columns, '-') + "\x1b[0m");
        std::vector<std::string> lines = panel(panel_rows, size.columns);
        lines.resize(panel_rows);
        rows.insert(rows.end(), lines.begin(), lines.end());
      }
    }
    std::optional<std::pair<std::size_t, std::size_t>> cursor;
    if (prompt_) {
      const std::string words = fmt::format("{}: {}", prompt_->label, prompt_->text);
      // The end of what is typed stays in sight.
      const std::size_t length = utf8_length(words);
      const std::size_t skipped = length + 1 > size.columns ? length + 1 - size.columns : 0;
      const std::string tail = words.substr(utf8_prefix(words, skipped).size());
      rows.push_back(fit(tail, size.columns));
      cursor = {rows.size() - 1, std::min(display_width(tail), size.columns - 1)};
      rows.push_back(fit("Enter: done · Esc: leave it", size.columns));
    } else {
      rows.push_back(fit(message_, size.columns));
      rows.push_back("\x1b[2m" +
                     fit("a approve · r reject · n not used · f flag · c comment · u undo · / "
                         "search · ? keys · q quit",
                         size.columns) +
                     "\x1b[0m");
    }
    terminal.draw(rows, cursor);
  }

  void draw_list(std::vector<std::string>& rows, std::size_t columns) {
    if (at_ < top_) {
      top_ = at_;
    }
    if (at_ >= top_ + page_) {
      top_ = at_ - page_ + 1;
    }
    const std::size_t end = rows.size() + page_;
    if (shown_.empty()) {
      rows.push_back(
          fit(all_.empty() ? "there is no mapping to review" : "nothing matches", columns));
    }
    for (std::size_t at = top_; at < shown_.size() && rows.size() < end; ++at) {
      const Item& item = all_[shown_[at]];
      const std::string text = row_of(item, columns - 2);
      rows.push_back(at == at_ ? "\x1b[1m> " + text + "\x1b[0m"
                               : "  " + styled(text, style_of(item), context_.stdout_terminal()));
    }
    rows.resize(end);
  }

  CommandContext& context_;
  registry::Registry& registry_;
  review::ItemFilter filter_;
  review::EvidenceSource evidence_;
  std::vector<Item> all_;
  std::vector<std::size_t> shown_{};  // of all_, in its order
  std::size_t at_ = 0, top_ = 0, page_ = 1;
  std::string search_{}, message_{};
  bool shows_evidence_ = false, shows_help_ = false, only_open_ = false;
  std::optional<Prompt> prompt_{};
  std::vector<Done> done_{};
  std::size_t decisions_ = 0;
};

class TuiSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "tui"; }
  std::string_view summary() const noexcept override {
    return "Review with the keyboard: keys, search, evidence, undo";
  }
  std::string_view example() const noexcept override {
    return "mapctl review tui --connector crm\n";
  }
  void declare(CLI::App& app) override { selection_.declare_filters(app); }
  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    Screen screen{context, registry, selection_.filter()};
    screen.run();
    context.reporter().info(fmt::format("{} decisions written", screen.decisions()));
    return context.stop().stop_requested() ? context.stopped_as() : ExitCode::done;
  }

 private:
  ReviewSelection selection_{};
};

}  // namespace

std::unique_ptr<Subcommand> make_review_tui() {
  return std::make_unique<TuiSubcommand>();
}

}  // namespace mapctl::cli
