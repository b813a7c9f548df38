#include <array>

#include "fuzz_support.h"
#include "ingest/rtsp/digest_auth.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view header = Text(data, size);
  Authenticator authenticator({"us\"er", "s3cret"}, "cnonce");
  const bool answerable = authenticator.TakeChallenge(std::array{header});
  Require(answerable == !ParseChallenges(header).empty());
  if (!answerable) return 0;
  const std::string answer = authenticator.Authorize("DESCRIBE", "rtsp://host/live");
  Require(answer.starts_with("Digest ") || answer == "Basic dXMiZXI6czNjcmV0");
  return 0;
}
