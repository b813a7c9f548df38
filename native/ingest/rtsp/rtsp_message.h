// RTSP messages: RFC 2326 4, 6 and 7, and what of RFC 7826 cameras send. Handshake and keepalive only, so they may
// allocate; the packets between them never come here (rtsp_framer.h).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace framewell {

// Header fields in the order received. Names compare without case; the same name may come several times.
class RtspHeaders {
 public:
  using Field = std::pair<std::string, std::string>;

  void Add(std::string_view name, std::string_view value);
  // Appends a folded line (RFC 2822 2.2.3) to the value of the last field.
  void ContinueLast(std::string_view value);

  // Of the first field with this name. Valid as long as the headers are not changed.
  std::optional<std::string_view> Find(std::string_view name) const;
  std::vector<std::string_view> FindAll(std::string_view name) const;

  const std::vector<Field>& fields() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

struct RtspRequest {
  std::string method;
  std::string uri;
  RtspHeaders headers;
  std::string body;
};

struct RtspResponse {
  int status = 0;
  std::string reason;
  RtspHeaders headers;
  std::string body;
};

using RtspMessage = std::variant<RtspRequest, RtspResponse>;

// Reads one whole message as RtspFramer cuts it: start line, headers, empty line, body. Lines may end in LF alone;
// lines that are no header are left out. Nothing when the start line is neither a request's nor a response's.
std::optional<RtspMessage> ParseRtspMessage(std::span<const uint8_t> bytes);

// The number in CSeq (RFC 2326 12.17).
std::optional<uint32_t> CSeqOf(const RtspHeaders& headers);

// The bytes to send. Content-Length is added when there is a body. Line ends inside a name, value or URI are left out,
// so that nothing a peer sent can add a header.
std::string FormatRtspRequest(const RtspRequest& request);
std::string FormatRtspResponse(const RtspResponse& response);

// RFC 2326 7.1.1: "453 Not Enough Bandwidth"; the number alone when the status is not in the RFCs. These are our words,
// so that nothing a camera wrote gets into a message for people.
std::string DescribeRtspStatus(int status);

}  // namespace framewell
