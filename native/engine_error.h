// The one exception type of the engine. It is thrown on the engine's own threads and in synchronous
// calls, caught at every thread's and callback's edge, and reaches JavaScript only as { code, message }.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

namespace framewell {

class EngineError : public std::runtime_error {
 public:
  // `code` is one of the stable codes in services/errors.ts; `message` says what was expected and what came.
  EngineError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}

  const std::string& code() const noexcept { return code_; }

 private:
  std::string code_;
};

}  // namespace framewell
