// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/reader.hpp"

#include "connectors/xlsx/sheet_parser.hpp"
#include "core/base/error.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <utility>

namespace mapctl::connectors::xlsx {
namespace {

constexpr std::size_t sheets_at_most = 50'000;
constexpr std::size_t styles_at_most = 200'000;

struct Relation {
  std::string type{}, target{};
};

class RelationReader final : public XmlHandler {
 public:
  void start(Vocabulary vocabulary, std::string_view name, const Attributes& attributes) override {
    // A target outside of the package is a place to go to, never one to read.
    if (vocabulary == Vocabulary::relationships && name == "Relationship" &&
        attributes.get("TargetMode") != "External") {
      relations.emplace(attributes.get("Id"), Relation{std::string{attributes.get("Type")},
                                                       std::string{attributes.get("Target")}});
    }
  }
  void end(Vocabulary, std::string_view) override {}
  void text(std::string_view) override {}

  std::map<std::string, Relation, std::less<>> relations{};
};

class WorkbookReader final : public XmlHandler {
 public:
  struct Sheet {
    ports::SheetInfo info{};
    std::string relation{};
  };
  void start(Vocabulary vocabulary, std::string_view name, const Attributes& attributes) override {
    if (vocabulary != Vocabulary::spreadsheet) {
      return;
    }
    if (name == "sheet") {
      if (sheets.size() == sheets_at_most) {
        throw Error{ErrorCode::resource_limit,
                    fmt::format("the workbook has more than {} sheets", sheets_at_most)};
      }
      const std::string_view state = attributes.get("state");
      sheets.push_back(
          {{unescape(attributes.get("name")), state == "hidden" || state == "veryHidden"},
           std::string{attributes.relation("id")}});
    } else if (name == "workbookPr") {
      const std::string_view value = attributes.get("date1904");
      from_1904 = value == "1" || value == "true";
    }
  }
  void end(Vocabulary, std::string_view) override {}
  void text(std::string_view) override {}

  std::vector<Sheet> sheets{};
  bool from_1904 = false;
};

class StyleReader final : public XmlHandler {
 public:
  void start(Vocabulary vocabulary, std::string_view name, const Attributes& attributes) override {
    if (vocabulary != Vocabulary::spreadsheet) {
      return;
    }
    const auto id = [&] {
      const std::string_view text = attributes.get("numFmtId");
      int value = 0;
      std::from_chars(text.data(), text.data() + text.size(), value);
      return value;
    };
    if (name == "numFmt") {
      custom_[id()] = is_date_format(attributes.get("formatCode"));
    } else if (name == "cellXfs") {
      in_cells_ = true;
    } else if (name == "xf" && in_cells_ && dates.size() < styles_at_most) {
      const auto found = custom_.find(id());
      dates.push_back(found == custom_.end() ? is_date_format(id()) : found->second);
    }
  }
  void end(Vocabulary vocabulary, std::string_view name) override {
    if (vocabulary == Vocabulary::spreadsheet && name == "cellXfs") {
      in_cells_ = false;
    }
  }
  void text(std::string_view) override {}

  std::vector<bool> dates{};

 private:
  std::map<int, bool> custom_{};
  bool in_cells_ = false;
};

class StringReader final : public XmlHandler {
 public:
  explicit StringReader(const Package& package)
      : package_{package}, text_{package.limits().cell_bytes, package.path().native()} {}
  void start(Vocabulary vocabulary, std::string_view name, const Attributes&) override {
    if (vocabulary == Vocabulary::spreadsheet) {
      name == "si" ? text_.clear() : text_.start(name);
    }
  }
  void end(Vocabulary vocabulary, std::string_view name) override {
    if (vocabulary != Vocabulary::spreadsheet) {
      return;
    }
    if (name != "si") {
      text_.end(name);
      return;
    }
    strings.push_back(text_.take());
    bytes_ += strings.back().size() + sizeof(std::string);
    if (bytes_ > package_.limits().string_bytes) {
      throw Error{
          ErrorCode::resource_limit,
          fmt::format("cannot read '{}': its texts take more than {}", package_.path().string(),
                      human_bytes(static_cast<double>(package_.limits().string_bytes)))};
    }
  }
  void text(std::string_view piece) override { text_.text(piece); }

  std::vector<std::string> strings{};

 private:
  const Package& package_;
  TextCollector text_;
  std::uint64_t bytes_ = 0;
};

std::string relations_of(std::string_view part) {
  const std::size_t slash = part.rfind('/');
  const std::size_t name = slash == part.npos ? 0 : slash + 1;
  return fmt::format("{}_rels/{}.rels", part.substr(0, name), part.substr(name));
}

class XlsxSheetSource final : public ports::SheetSource {
 public:
  XlsxSheetSource(const std::filesystem::path& path, const ports::SheetLimits& limits)
      : package_{path, limits} {
    const std::string workbook = find_workbook();
    RelationReader relations;
    if (package_.has(relations_of(workbook))) {
      parse_part(package_, relations_of(workbook), relations);
    }
    WorkbookReader book;
    parse_part(package_, workbook, book);
    for (const auto& [id, relation] : relations.relations) {
      const std::string part = resolve_part(workbook, relation.target);
      if (relation.type.ends_with("/sharedStrings") && package_.has(part)) {
        StringReader strings{package_};
        parse_part(package_, part, strings);
        strings_ = std::move(strings.strings);
      } else if (relation.type.ends_with("/styles") && package_.has(part)) {
        StyleReader styles;
        parse_part(package_, part, styles);
        date_styles_ = std::move(styles.dates);
      }
    }
    for (WorkbookReader::Sheet& sheet : book.sheets) {
      const auto found = relations.relations.find(sheet.relation);
      // Sheets that are nothing but a chart or a dialogue have no rows.
      if (found == relations.relations.end() || !found->second.type.ends_with("/worksheet")) {
        continue;
      }
      parts_.push_back(resolve_part(workbook, found->second.target));
      sheets_.push_back(std::move(sheet.info));
    }
    if (sheets_.empty()) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("cannot read '{}': it has no sheets", path.string()),
                  "open the file in a spreadsheet program and save it again as .xlsx"};
    }
    context_ = {&strings_, &date_styles_, book.from_1904};
  }

  const std::vector<ports::SheetInfo>& sheets() const override { return sheets_; }

  void read(std::size_t sheet, const Visit& visit, std::stop_token stop) override {
    SheetParser parser{package_, sheets_.at(sheet).name, context_, visit};
    parse_part(package_, parts_.at(sheet), parser, std::move(stop));
  }

 private:
  std::string find_workbook() {
    constexpr std::string_view usual = "xl/workbook.xml";
    if (package_.has("mimetype") && package_.has("content.xml")) {
      throw Error{
          ErrorCode::invalid_data,
          fmt::format("cannot read '{}': it is an OpenDocument file", package_.path().string()),
          "save it as .xlsx"};
    }
    if (package_.has("_rels/.rels")) {
      RelationReader relations;
      parse_part(package_, "_rels/.rels", relations);
      for (const auto& [id, relation] : relations.relations) {
        if (relation.type.ends_with("/officeDocument")) {
          const std::string part = resolve_part("", relation.target);
          if (part.ends_with(".bin")) {
            throw Error{ErrorCode::invalid_data,
                        fmt::format("cannot read '{}': it is a binary workbook (.xlsb)",
                                    package_.path().string()),
                        "save it as .xlsx"};
          }
          if (package_.has(part)) {
            return part;
          }
        }
      }
    }
    if (!package_.has(usual)) {
      throw Error{
          ErrorCode::invalid_data,
          fmt::format("cannot read '{}': it is not an .xlsx workbook", package_.path().string()),
          "save it as .xlsx"};
    }
    return std::string{usual};
  }

  Package package_;
  std::vector<ports::SheetInfo> sheets_{};
  std::vector<std::string> parts_{};
  std::vector<std::string> strings_{};
  std::vector<bool> date_styles_{};
  CellContext context_{};
};

}  // namespace

std::unique_ptr<ports::SheetSource> XlsxSheetSourceFactory::open(
    const std::filesystem::path& path, const ports::SheetLimits& limits) const {
  return std::make_unique<XlsxSheetSource>(path, limits);
}

}  // namespace mapctl::connectors::xlsx
