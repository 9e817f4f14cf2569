// SPDX-License-Identifier: Apache-2.0
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/options/choice.hpp"
#include "cli/program.hpp"
#include "core/base/text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace mapctl::cli {
namespace {

// The command line as completion sees it, read from the declared options: nothing is listed twice.
struct CompletionOption {
  std::vector<std::string> names{};  // "--format", "-h"
  std::string description{};
  bool takes_value = false;
  std::vector<std::string> words{};  // of the value, where it is one of a list
};

struct CompletionNode {
  std::string path{};  // "mapctl profile"
  std::string name{};
  std::string description{};
  std::vector<CompletionOption> options{};  // its own, and the global ones
  std::vector<std::string> words{};         // of its positional
  std::vector<std::string> commands{};
};

std::vector<std::string> words_of(const CLI::Option& option) {
  std::vector<std::string> words;
  const std::string type = option.get_type_name();
  if (type.find('|') != std::string::npos) {
    for (const std::string_view word : split(type, '|')) {
      words.emplace_back(word);
    }
  }
  return words;
}

void collect(const CLI::App& app, const std::string& parent,
             const std::vector<CompletionOption>& inherited, std::vector<CompletionNode>& nodes) {
  CompletionNode node;
  node.name = app.get_name();
  node.path = parent.empty() ? node.name : parent + " " + node.name;
  node.description = app.get_description();
  for (const CLI::Option* option : app.get_options()) {
    if (option->nonpositional()) {
      CompletionOption found;
      for (const std::string& name : option->get_lnames()) {
        found.names.push_back("--" + name);
      }
      for (const std::string& name : option->get_snames()) {
        found.names.push_back("-" + name);
      }
      found.description = option->get_description();
      found.takes_value = option->get_type_size() != 0;
      found.words = words_of(*option);
      node.options.push_back(std::move(found));
    } else {
      node.words = words_of(*option);
    }
  }
  // A command's own option hides a global one of that name.
  std::vector<CompletionOption> passed_on = inherited;
  for (const CompletionOption& option : inherited) {
    bool is_own = false;
    for (const CompletionOption& own : node.options) {
      is_own = is_own || own.names == option.names;
    }
    if (!is_own) {
      node.options.push_back(option);
    }
  }
  if (parent.empty()) {
    for (const CompletionOption& option : node.options) {
      if (option.names.front() != "--help" && option.names.front() != "--version") {
        passed_on.push_back(option);
      }
    }
  }
  const std::size_t at = nodes.size();
  nodes.push_back(std::move(node));
  const auto children = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* child : children) {
    nodes[at].commands.push_back(child->get_name());
    const std::string path = nodes[at].path;
    collect(*child, path, passed_on, nodes);
  }
}

std::string single_quoted(std::string_view text) {
  return "'" + replace_all(text, "'", "'\\''") + "'";
}

const CompletionNode& child_of(const std::vector<CompletionNode>& nodes, const CompletionNode& node,
                               const std::string& command) {
  for (const CompletionNode& other : nodes) {
    if (other.path == node.path + " " + command) {
      return other;
    }
  }
  return node;
}

// Patterns of a shell's `case`: bash and zsh write them alike.
std::string command_patterns(const std::vector<CompletionNode>& nodes) {
  std::vector<std::string> patterns;
  for (const CompletionNode& node : nodes) {
    if (node.path != nodes.front().path) {
      patterns.push_back(single_quoted(node.path));
    }
  }
  return join(patterns, "|");
}

std::string option_patterns(const CompletionNode& node, const CompletionOption& option) {
  std::vector<std::string> patterns;
  for (const std::string& name : option.names) {
    patterns.push_back(single_quoted(node.path + " " + name));
  }
  return join(patterns, "|");
}

std::string bash_script(const std::vector<CompletionNode>& nodes) {
  std::string text =
      "# bash completion for mapctl; made by 'mapctl completion bash'\n"
      "_mapctl() {\n"
      "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local place=mapctl words= i\n"
      "  if [[ $current == = ]]; then\n"
      "    current=\n"
      "  elif [[ $previous == = ]]; then\n"
      "    previous=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  fi\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    case \"$place ${COMP_WORDS[i]}\" in\n";
  text +=
      fmt::format("      {}) place=\"$place ${{COMP_WORDS[i]}}\" ;;\n", command_patterns(nodes));
  text +=
      "    esac\n"
      "  done\n"
      "  case \"$place $previous\" in\n";
  for (const CompletionNode& node : nodes) {
    for (const CompletionOption& option : node.options) {
      if (!option.takes_value) {
        continue;
      }
      const std::string patterns = option_patterns(node, option);
      text += option.words.empty()
                  ? fmt::format("    {}) COMPREPLY=(); return ;;\n", patterns)
                  : fmt::format("    {}) COMPREPLY=($(compgen -W {} -- \"$current\")); return ;;\n",
                                patterns, single_quoted(join(option.words, " ")));
    }
  }
  text +=
      "  esac\n"
      "  case \"$place\" in\n";
  for (const CompletionNode& node : nodes) {
    std::vector<std::string> words = node.commands;
    words.insert(words.end(), node.words.begin(), node.words.end());
    for (const CompletionOption& option : node.options) {
      words.insert(words.end(), option.names.begin(), option.names.end());
    }
    text += fmt::format("    {}) words={} ;;\n", single_quoted(node.path),
                        single_quoted(join(words, " ")));
  }
  text +=
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
      "}\n"
      "complete -o bashdefault -o default -F _mapctl mapctl\n";
  return text;
}

std::string zsh_item(const std::string& name, const std::string& description) {
  return single_quoted(replace_all(name, ":", "\\:") + ":" + description);
}

std::string zsh_script(const std::vector<CompletionNode>& nodes) {
  std::string text =
      "#compdef mapctl\n"
      "# zsh completion for mapctl; made by 'mapctl completion zsh'\n"
      "_mapctl() {\n"
      "  local place=mapctl\n"
      "  local -a commands options\n"
      "  integer i\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    case \"$place $words[i]\" in\n";
  text += fmt::format("      ({}) place=\"$place $words[i]\" ;;\n", command_patterns(nodes));
  text +=
      "    esac\n"
      "  done\n"
      "  case \"$place $words[CURRENT-1]\" in\n";
  for (const CompletionNode& node : nodes) {
    for (const CompletionOption& option : node.options) {
      if (!option.takes_value) {
        continue;
      }
      const std::string patterns = option_patterns(node, option);
      text += option.words.empty() ? fmt::format("    ({}) _files; return ;;\n", patterns)
                                   : fmt::format("    ({}) compadd -- {}; return ;;\n", patterns,
                                                 join(option.words, " "));
    }
  }
  text +=
      "  esac\n"
      "  case \"$place\" in\n";
  for (const CompletionNode& node : nodes) {
    text += fmt::format("    ({})\n      commands=(", single_quoted(node.path));
    for (const std::string& command : node.commands) {
      text += " " + zsh_item(command, child_of(nodes, node, command).description);
    }
    for (const std::string& word : node.words) {
      text += " " + zsh_item(word, "");
    }
    text += " )\n      options=(";
    for (const CompletionOption& option : node.options) {
      for (const std::string& name : option.names) {
        text += " " + zsh_item(name, option.description);
      }
    }
    text += " ) ;;\n";
  }
  text +=
      "  esac\n"
      "  if [[ $words[CURRENT] == -* ]]; then\n"
      "    _describe -o option options\n"
      "  elif (( $#commands )); then\n"
      "    _describe command commands\n"
      "  else\n"
      "    _files\n"
      "  fi\n"
      "}\n"
      "if [[ $funcstack[1] == _mapctl ]]; then\n"
      "  _mapctl \"$@\"\n"
      "else\n"
      "  compdef _mapctl mapctl\n"
      "fi\n";
  return text;
}

std::string fish_script(const std::vector<CompletionNode>& nodes) {
  std::string text =
      "# fish completion for mapctl; made by 'mapctl completion fish'\n"
      "function __mapctl_place\n"
      "  set -l place mapctl\n"
      "  for word in (commandline -opc)[2..-1]\n"
      "    switch \"$place $word\"\n"
      "      case";
  for (const CompletionNode& node : nodes) {
    if (node.path != nodes.front().path) {
      text += " " + single_quoted(node.path);
    }
  }
  text +=
      "\n"
      "        set place \"$place $word\"\n"
      "    end\n"
      "  end\n"
      "  echo $place\n"
      "end\n"
      "function __mapctl_at\n"
      "  test (__mapctl_place) = \"$argv[1]\"\n"
      "end\n";
  for (const CompletionNode& node : nodes) {
    const std::string here =
        fmt::format("complete -c mapctl -n {}", single_quoted("__mapctl_at \"" + node.path + "\""));
    for (const std::string& command : node.commands) {
      text += fmt::format("{} -f -a {} -d {}\n", here, command,
                          single_quoted(child_of(nodes, node, command).description));
    }
    if (!node.words.empty()) {
      text += fmt::format("{} -f -a {}\n", here, single_quoted(join(node.words, " ")));
    }
    for (const CompletionOption& option : node.options) {
      text += here;
      for (const std::string& name : option.names) {
        text += name.starts_with("--") ? fmt::format(" -l {}", name.substr(2))
                                       : fmt::format(" -s {}", name.substr(1));
      }
      if (!option.words.empty()) {
        text += fmt::format(" -x -a {}", single_quoted(join(option.words, " ")));
      } else if (option.takes_value) {
        text += " -r";
      }
      text += fmt::format(" -d {}\n", single_quoted(option.description));
    }
  }
  return text;
}

class CompletionCommand final : public Command {
 public:
  std::string_view name() const noexcept override { return "completion"; }
  std::string_view summary() const noexcept override {
    return "Print the completion script of a shell";
  }
  std::string_view example() const noexcept override {
    return "# for this session\n"
           "source <(mapctl completion bash)\n"
           "# for every session of fish\n"
           "mapctl completion fish > ~/.config/fish/completions/mapctl.fish\n";
  }

  void declare(CLI::App& app) override {
    choices(app.add_option("shell", shell_, "Shell that will read it")->required(),
            {"bash", "zsh", "fish"});
  }

  ExitCode run(CommandContext& context) override {
    Program program;
    std::vector<CompletionNode> nodes;
    collect(program.whole(), "", {}, nodes);
    context.out().write(shell_ == "bash"  ? bash_script(nodes)
                        : shell_ == "zsh" ? zsh_script(nodes)
                                          : fish_script(nodes));
    return ExitCode::done;
  }

 private:
  std::string shell_;
};

}  // namespace

std::unique_ptr<Command> make_completion_command() {
  return std::make_unique<CompletionCommand>();
}

}  // namespace mapctl::cli
