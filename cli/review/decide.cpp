// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/review/selection.hpp"
#include "cli/review/subcommands.hpp"
#include "cli/subcommand.hpp"
#include "core/base/text.hpp"
#include "core/registry/registry.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <optional>

// Decisions about whole mappings, one or many at once.
namespace mapctl::cli {
namespace {

using mapping::ReviewColumn;
using mapping::ReviewStatus;

class StatusSubcommand : public Subcommand {
 public:
  struct Words {
    std::string_view name{}, summary{}, example{};
    ReviewStatus status = ReviewStatus::approved;
    bool needs_reason = false;
    std::vector<ReviewStatus> usual{};  // of the mappings that a filter chooses
  };
  explicit StatusSubcommand(Words words) : words_{std::move(words)} {}
  std::string_view name() const noexcept override { return words_.name; }
  std::string_view summary() const noexcept override { return words_.summary; }
  std::string_view example() const noexcept override { return words_.example; }

  void declare(CLI::App& app) override {
    selection_.declare_ids(app);
    selection_.declare_filters(app);
    app.add_option("--reason", reason_, "Why, for the audit trail")
        ->required(words_.needs_reason)
        ->type_name("TEXT");
    app.add_flag("--dry-run", dry_run_, "Show what is chosen, change nothing");
  }

  ExitCode run(CommandContext& context) override {
    if (words_.needs_reason && trim(reason_).empty()) {
      throw Error{ErrorCode::usage, "the reason is empty", "say why in a few words"};
    }
    registry::Registry registry = context.open_registry();
    decide(context, registry, words_.status);
    return ExitCode::done;
  }

 protected:
  void decide(CommandContext& context, registry::Registry& registry, ReviewStatus status) {
    const std::vector<review::Item> items = selection_.items(registry, words_.usual);
    std::vector<registry::ReviewChange> changes;
    for (const review::Item& item : items) {
      changes.push_back(review::status_change(item, status, reason_));
    }
    apply_and_print(context, registry, items, changes, words_.name, dry_run_);
  }

  Words words_;
  ReviewSelection selection_{};
  std::string reason_{};
  bool dry_run_ = false;
};

class NotUsedSubcommand final : public StatusSubcommand {
 public:
  NotUsedSubcommand()
      : StatusSubcommand{
            {"not-used",
             "Decide that source fields feed nothing",
             "mapctl review not-used --connector crm --table Account --field Fax "
             "--reason 'nobody fills it'\n",
             ReviewStatus::not_used,
             true,
             {ReviewStatus::proposed, ReviewStatus::flagged, ReviewStatus::needs_info}}} {}
  void declare(CLI::App& app) override {
    StatusSubcommand::declare(app);
    app.add_option("--field", field_,
                   "A source field that no mapping uses; with --connector and --table")
        ->type_name("NAME");
  }
  ExitCode run(CommandContext& context) override {
    if (field_.empty()) {
      return StatusSubcommand::run(context);
    }
    if (selection_.connector.empty() || selection_.table.empty()) {
      throw Error{ErrorCode::usage, "--field needs the table it is in",
                  "add --connector NAME --table NAME"};
    }
    registry::Registry registry = context.open_registry();
    registry::ReviewChange change;
    change.subject = registry::ReviewChange::Subject::source_field;
    change.key.connector.text = selection_.connector;
    change.key.source_table.text = selection_.table;
    change.key.source_field.text = field_;
    change.set[ReviewColumn::status] = std::string{to_string(ReviewStatus::not_used)};
    change.reason = reason_;
    apply_and_print(context, registry, {}, {change}, words_.name, dry_run_);
    return ExitCode::done;
  }

 private:
  std::string field_{};
};

class FlagSubcommand final : public StatusSubcommand {
 public:
  FlagSubcommand()
      : StatusSubcommand{{"flag",
                          "Put a question to a mapping; it stays undecided",
                          "mapctl review flag 0b7c21 --comment 'net or gross?'\n",
                          ReviewStatus::flagged,
                          false,
                          {ReviewStatus::proposed}}} {}
  void declare(CLI::App& app) override {
    StatusSubcommand::declare(app);
    app.add_flag("--needs-info", needs_info_, "Mark as 'needs info' instead of 'flagged'");
    app.add_option("--comment", comment_, "The question")->type_name("TEXT");
  }
  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    const std::vector<review::Item> items = selection_.items(registry, words_.usual);
    std::vector<registry::ReviewChange> changes;
    for (const review::Item& item : items) {
      changes.push_back(review::status_change(
          item, needs_info_ ? ReviewStatus::needs_info : ReviewStatus::flagged, reason_));
      if (!comment_.empty()) {
        changes.back().set[ReviewColumn::comment] = comment_;
      }
    }
    apply_and_print(context, registry, items, changes, words_.name, dry_run_);
    return ExitCode::done;
  }

 private:
  bool needs_info_ = false;
  std::string comment_{};
};

// Gives mappings to people; several get equal shares, a table's mappings stay together.
class AssignSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "assign"; }
  std::string_view summary() const noexcept override {
    return "Give mappings to reviewers; several get equal shares";
  }
  std::string_view example() const noexcept override {
    return "mapctl review assign --to ada@example.com --to ben@example.com --connector crm\n";
  }
  void declare(CLI::App& app) override {
    selection_.declare_ids(app);
    selection_.declare_filters(app);
    app.add_option("--to", people_, "Reviewers; an empty name takes the mappings away")
        ->required()
        ->delimiter(',')
        ->type_name("NAME");
    app.add_flag("--dry-run", dry_run_, "Show what is chosen, change nothing");
  }
  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    std::vector<review::Item> items = selection_.items(
        registry, {ReviewStatus::proposed, ReviewStatus::flagged, ReviewStatus::needs_info});
    std::vector<registry::ReviewChange> changes;
    for (std::size_t at = 0; at < items.size(); ++at) {
      // By rank: whole stretches of the sorted list, so that tables are hardly torn.
      const std::string& person = people_.at(at * people_.size() / items.size());
      changes.push_back(review::value_change(items[at], ReviewColumn::reviewer, person));
      items[at].assignee = person;
    }
    apply_and_print(context, registry, items, changes, "assign", dry_run_);
    return ExitCode::done;
  }

 private:
  ReviewSelection selection_{};
  std::vector<std::string> people_{};
  bool dry_run_ = false;
};

class EditSubcommand final : public Subcommand {
 public:
  std::string_view name() const noexcept override { return "edit"; }
  std::string_view summary() const noexcept override {
    return "Change a mapping: its source, target, rule, or what is said about it";
  }
  std::string_view example() const noexcept override {
    return "mapctl review edit 0b7c21 --rule trim --reason 'blanks in the source'\n";
  }
  void declare(CLI::App& app) override {
    app.add_option("id", id_, "Mapping, by id or its first six characters")
        ->required()
        ->type_name("ID");
    add(app, "--target", ReviewColumn::target_column, "Another target field");
    add(app, "--source", ReviewColumn::source_column, "Another source field");
    add(app, "--transformation", ReviewColumn::transformation,
        "direct, expression, constant, lookup, default, generated or sequence");
    add(app, "--rule", ReviewColumn::rule, "The rule in words, or the expression");
    add(app, "--default", ReviewColumn::default_value, "Value where there is none");
    add(app, "--equivalence", ReviewColumn::equivalence,
        "equal, equivalent, wider, narrower, inexact or unmatched");
    add(app, "--null-handling", ReviewColumn::null_handling, "What becomes of nulls");
    add(app, "--date-policy", ReviewColumn::date_policy, "Zero dates and time zones");
    add(app, "--quality-rule", ReviewColumn::quality_rule, "What loaded rows must satisfy");
    add(app, "--reason-code", ReviewColumn::reason_code, "Reason from the workbook's list");
    add(app, "--comment", ReviewColumn::comment, "For other reviewers");
    app.add_option("--reason", reason_, "Why, for the audit trail")->type_name("TEXT");
  }
  ExitCode run(CommandContext& context) override {
    registry::Registry registry = context.open_registry();
    review::ItemFilter filter;
    filter.ids = {id_};
    const std::vector<review::Item> items = review::load_items(registry, filter);
    registry::ReviewChange change;
    change.key = items.front().mapping.key;
    change.reason = reason_;
    change.expected_version = items.front().mapping.version;
    for (const auto& [column, option] : options_) {
      if (option->count() > 0) {
        take(change, column, option->as<std::string>());
      }
    }
    if (change.set.empty() && !change.creates) {
      throw Error{ErrorCode::usage, "nothing is to be changed",
                  "give --target, --rule, --comment ...; see mapctl review edit --help"};
    }
    if (change.creates) {
      if (trim(reason_).empty()) {
        throw Error{ErrorCode::usage, "another field than the proposed one needs a reason",
                    "add --reason TEXT"};
      }
      change.replaces = items.front().mapping.id;
    }
    apply_and_print(context, registry, items, {change}, "edit", false);
    return ExitCode::done;
  }

 private:
  void add(CLI::App& app, const char* flag, ReviewColumn column, const char* help) {
    options_.emplace_back(column,
                          app.add_option(flag)->description(help)->expected(1)->type_name("TEXT"));
  }
  static void take(registry::ReviewChange& change, ReviewColumn column, std::string text) {
    const bool is_source = column == ReviewColumn::source_column;
    if (is_source || column == ReviewColumn::target_column) {
      (is_source ? change.key.source_field : change.key.field).text = std::move(text);
      change.creates = true;
      return;
    }
    if (column == ReviewColumn::transformation &&
        !mapping::transformation_from_review(text, {}, {})) {
      throw Error{ErrorCode::usage, fmt::format("'{}' is no transformation", text),
                  "mapctl review edit --help lists them"};
    }
    if (column == ReviewColumn::equivalence && !mapping::equivalence_from(text)) {
      throw Error{ErrorCode::usage, fmt::format("'{}' is no equivalence", text),
                  "mapctl review edit --help lists them"};
    }
    change.set[column] = std::move(text);
  }

  std::string id_{}, reason_{};
  std::vector<std::pair<ReviewColumn, CLI::Option*>> options_{};
};

}  // namespace

std::unique_ptr<Subcommand> make_review_approve() {
  return std::make_unique<StatusSubcommand>(StatusSubcommand::Words{
      "approve",
      "Agree to mappings; they serve look-ups from then on",
      "mapctl review approve 0b7c21\nmapctl review approve --connector crm --min-confidence 0.95\n",
      ReviewStatus::approved,
      false,
      {ReviewStatus::proposed}});
}

std::unique_ptr<Subcommand> make_review_reject() {
  return std::make_unique<StatusSubcommand>(StatusSubcommand::Words{
      "reject",
      "Decide against mappings",
      "mapctl review reject 0b7c21 --reason 'another currency'\n",
      ReviewStatus::rejected,
      true,
      {ReviewStatus::proposed, ReviewStatus::flagged, ReviewStatus::needs_info}});
}

std::unique_ptr<Subcommand> make_review_reopen() {
  return std::make_unique<StatusSubcommand>(StatusSubcommand::Words{
      "reopen",
      "Take a decision or flag back: the mapping is proposed again",
      "mapctl review reopen 0b7c21\n",
      ReviewStatus::proposed,
      false,
      {ReviewStatus::flagged, ReviewStatus::needs_info, ReviewStatus::rejected}});
}

std::unique_ptr<Subcommand> make_review_not_used() {
  return std::make_unique<NotUsedSubcommand>();
}

std::unique_ptr<Subcommand> make_review_flag() {
  return std::make_unique<FlagSubcommand>();
}

std::unique_ptr<Subcommand> make_review_assign() {
  return std::make_unique<AssignSubcommand>();
}

std::unique_ptr<Subcommand> make_review_edit() {
  return std::make_unique<EditSubcommand>();
}

}  // namespace mapctl::cli
