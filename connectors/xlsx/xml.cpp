// SPDX-License-Identifier: Apache-2.0
#include "connectors/xlsx/xml.hpp"

#include "core/base/error.hpp"
#include "core/base/handle.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

namespace mapctl::connectors::xlsx {
namespace {

constexpr char separator = '\n';  // between namespace and name; no namespace holds one

using ParserHandle = Handle<XML_ParserStruct, &XML_ParserFree>;

std::pair<std::string_view, std::string_view> split_name(std::string_view name) noexcept {
  const std::size_t at = name.rfind(separator);
  return at == name.npos ? std::pair{std::string_view{}, name}
                         : std::pair{name.substr(0, at), name.substr(at + 1)};
}

Vocabulary vocabulary_of(std::string_view space) noexcept {
  // Each stands in one of two editions of the standard.
  if (space == "http://schemas.openxmlformats.org/spreadsheetml/2006/main" ||
      space == "http://purl.oclc.org/ooxml/spreadsheetml/main") {
    return Vocabulary::spreadsheet;
  }
  if (space == "http://schemas.openxmlformats.org/package/2006/relationships") {
    return Vocabulary::relationships;
  }
  return Vocabulary::other;
}

class Run {
 public:
  Run(Package& package, std::string_view part, XmlHandler& handler, std::stop_token stop)
      : package_{package},
        part_{part},
        handler_{handler},
        stop_{std::move(stop)},
        parser_{XML_ParserCreateNS(nullptr, separator)} {
    if (parser_ == nullptr) {
      throw Error{ErrorCode::resource_limit, "no memory to read XML"};
    }
    XML_SetUserData(parser_.get(), this);
    XML_SetElementHandler(parser_.get(), &Run::on_start, &Run::on_end);
    XML_SetCharacterDataHandler(parser_.get(), &Run::on_text);
    XML_SetStartDoctypeDeclHandler(parser_.get(), &Run::on_doctype);
  }

  void run() {
    bool wanted = true;
    package_.read(part_, [&](std::string_view bytes) {
      if (stop_.stop_requested()) {
        throw Error{ErrorCode::cancelled, "reading the workbook was stopped"};
      }
      fed_ += bytes.size();
      wanted = feed(bytes, false);
      return wanted;
    });
    if (wanted) {
      feed({}, true);
    }
  }

 private:
  // False when nothing more is wanted.
  bool feed(std::string_view bytes, bool is_last) {
    const auto status = XML_Parse(parser_.get(), bytes.data(), static_cast<int>(bytes.size()),
                                  is_last ? XML_TRUE : XML_FALSE);
    if (problem_) {
      std::rethrow_exception(problem_);
    }
    if (is_ended_) {
      return false;
    }
    if (status != XML_STATUS_OK) {
      throw Error{
          ErrorCode::invalid_data,
          fmt::format("cannot read '{}': '{}' is not valid XML in line {}: {}",
                      package_.path().string(), part_, XML_GetCurrentLineNumber(parser_.get()),
                      XML_ErrorString(XML_GetErrorCode(parser_.get()))),
          "copy the file again"};
    }
    // What is begun and not complete is kept, and read again with every piece.
    const XML_Index done = XML_GetCurrentByteIndex(parser_.get());
    if (!is_last && done >= 0 &&
        fed_ - std::min<std::uint64_t>(fed_, static_cast<std::uint64_t>(done)) >
            package_.limits().token_bytes + (64U << 10U)) {
      throw Error{ErrorCode::resource_limit,
                  fmt::format("cannot read '{}': '{}' has an XML tag of more than {} bytes",
                              package_.path().string(), part_, package_.limits().token_bytes)};
    }
    return true;
  }

  template <class Call>
  static void guard(void* user, Call call) noexcept {
    Run& run = *static_cast<Run*>(user);
    if (run.problem_ || run.is_ended_) {
      return;
    }
    try {
      call(run);
      run.is_ended_ = run.handler_.is_done();
    } catch (...) {
      run.problem_ = std::current_exception();
    }
    if (run.problem_ || run.is_ended_) {
      XML_StopParser(run.parser_.get(), XML_FALSE);
    }
  }

  static void on_start(void* user, const char* name, const char** attributes) {
    guard(user, [&](Run& run) {
      if (++run.depth_ > run.package_.limits().depth) {
        throw Error{ErrorCode::invalid_data,
                    fmt::format("cannot read '{}': the elements of '{}' are nested too deeply",
                                run.package_.path().string(), run.part_)};
      }
      const auto [space, local] = split_name(name);
      run.handler_.start(vocabulary_of(space), local, Attributes{attributes});
    });
  }
  static void on_end(void* user, const char* name) {
    guard(user, [&](Run& run) {
      --run.depth_;
      const auto [space, local] = split_name(name);
      run.handler_.end(vocabulary_of(space), local);
    });
  }
  static void on_text(void* user, const char* text, int length) {
    guard(user, [&](Run& run) { run.handler_.text({text, static_cast<std::size_t>(length)}); });
  }
  static void on_doctype(void* user, const char*, const char*, const char*, int) {
    guard(user, [&](Run& run) {
      throw Error{ErrorCode::invalid_data,
                  fmt::format("cannot read '{}': '{}' declares a document type",
                              run.package_.path().string(), run.part_),
                  "no spreadsheet program writes that; ask where the file comes from"};
    });
  }

  Package& package_;
  std::string_view part_;
  XmlHandler& handler_;
  std::stop_token stop_;
  ParserHandle parser_;
  std::exception_ptr problem_{};
  bool is_ended_ = false;
  std::size_t depth_ = 0;
  std::uint64_t fed_ = 0;
};

}  // namespace

std::string_view Attributes::get(std::string_view name) const noexcept {
  for (const char** at = raw_; *at != nullptr; at += 2) {
    if (at[0] == name) {
      return at[1];
    }
  }
  return {};
}

bool Attributes::has(std::string_view name) const noexcept {
  for (const char** at = raw_; *at != nullptr; at += 2) {
    if (at[0] == name) {
      return true;
    }
  }
  return false;
}

std::string_view Attributes::relation(std::string_view name) const noexcept {
  for (const char** at = raw_; *at != nullptr; at += 2) {
    const auto [space, local] = split_name(at[0]);
    if (local == name && space.ends_with("/relationships")) {
      return at[1];
    }
  }
  return {};
}

void parse_part(Package& package, std::string_view part, XmlHandler& handler,
                std::stop_token stop) {
  Run{package, part, handler, std::move(stop)}.run();
}

}  // namespace mapctl::connectors::xlsx
