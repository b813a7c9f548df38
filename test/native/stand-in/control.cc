// Faults on demand, and the account of broken rules.
#include <sys/stat.h>

#include <algorithm>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <mutex>
#include <sstream>
#include <string_view>
#include <thread>
#include <vector>

#include "stand_in.h"

namespace stand_in {
namespace {

struct FaultRule {
  std::string site;
  int code = 0;
  int late_ms = 0;
  int from = 1;
  int to = 1 << 30;
  int calls = 0;
};

struct Control {
  Control() {
    const char* const faults = std::getenv("FRAMEWELL_STAND_IN_FAULTS");
    if (faults) rules = Parse(faults);
    const char* const path = std::getenv("FRAMEWELL_STAND_IN_FAULT_FILE");
    if (path) file = path;
  }

  static int Number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
  }

  static std::vector<FaultRule> Parse(const std::string& text) {
    std::vector<FaultRule> rules;
    std::istringstream words(text);
    for (std::string word; std::getline(words, word, ',');) {
      std::erase_if(word, [](char c) { return c == '\n' || c == ' '; });
      const size_t equals = word.find('=');
      if (equals == std::string::npos) continue;
      const size_t at = std::min(word.find('@'), word.size());
      const std::string code = word.substr(equals + 1, at - equals - 1);
      FaultRule rule;
      rule.site = word.substr(0, equals);
      if (code.starts_with("late:")) {
        rule.late_ms = Number(code.substr(5));
      } else {
        rule.code = Number(code);
      }
      if (at < word.size()) {
        rule.from = Number(std::string_view(word).substr(at + 1));
        if (!word.ends_with('+')) rule.to = rule.from;
      }
      rules.push_back(rule);
    }
    return rules;
  }

  void ReadFileIfChanged() {
    struct stat facts = {};
    if (file.empty() || stat(file.c_str(), &facts) != 0) return;
    const long long written = facts.st_mtim.tv_sec * 1'000'000'000LL + facts.st_mtim.tv_nsec;
    if (written == file_written) return;
    file_written = written;
    std::ifstream in(file);
    rules = Parse({std::istreambuf_iterator<char>(in), {}});
  }

  std::mutex mutex;
  std::vector<FaultRule> rules;
  std::vector<std::string> violations;
  std::string file;
  long long file_written = 0;
};

// Never destroyed: threads of the caller may still run when the process ends.
Control& TheControl() {
  static Control& control = *new Control;
  return control;
}

void ReportAtExit() {
  Control& control = TheControl();
  const std::lock_guard lock(control.mutex);
  for (const std::string& violation : control.violations)
    std::fprintf(stderr, "stand-in driver: %s\n", violation.c_str());
  const char* const path = std::getenv("FRAMEWELL_STAND_IN_REPORT");
  if (!path) return;
  std::ofstream out(path, std::ios::app);
  for (const std::string& violation : control.violations) out << violation << '\n';
}

const int kReportsAtExit = std::atexit(ReportAtExit);

}  // namespace

void SetFaults(const std::string& faults) {
  Control& control = TheControl();
  const std::lock_guard lock(control.mutex);
  control.rules = Control::Parse(faults);
}

int Fault(const char* site) {
  Control& control = TheControl();
  int late_ms = 0;
  int code = 0;
  {
    const std::lock_guard lock(control.mutex);
    control.ReadFileIfChanged();
    for (FaultRule& rule : control.rules) {
      if (rule.site != site) continue;
      ++rule.calls;
      if (rule.calls < rule.from || rule.calls > rule.to) continue;
      if (rule.code) code = rule.code;
      late_ms += rule.late_ms;
    }
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(late_ms));
  return code;
}

void Violation(const std::string& what) {
  Control& control = TheControl();
  const std::lock_guard lock(control.mutex);
  control.violations.push_back(what);
}

}  // namespace stand_in

extern "C" {

void framewell_stand_in() {}

STAND_IN_EXPORT void framewell_stand_in_set_faults(const char* faults) { stand_in::SetFaults(faults); }

// The broken rules so far, a line each; they are forgotten then. Valid until the thread's next call.
STAND_IN_EXPORT const char* framewell_stand_in_take_violations() {
  static thread_local std::string text;
  stand_in::Control& control = stand_in::TheControl();
  const std::lock_guard lock(control.mutex);
  text.clear();
  for (const std::string& violation : control.violations) text += violation + "\n";
  control.violations.clear();
  return text.c_str();
}
}
